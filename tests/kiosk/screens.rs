//! The walk over every page: each page with everything it may have to say, on every screen and in all
//! sizes of text, is laid out and looked at by program, on some screens in all palettes. All that is
//! wrong is gathered before the test fails, so that one run tells everything.
//!
//! `WALK_PICTURES=DIR` writes a picture of every scene that looks like no other. `WALK_SCENES=NAME,NAME` walks only
//! over scenes whose names begin so, and draws all of them.

mod checks;
mod codes;
mod contrast;
mod facts;
mod pressed;
mod reading;
mod reference;
mod scenes;
mod steady;
mod strip;
mod swipes;

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs, panic,
    path::{Path, PathBuf},
    thread,
};

use checks::Fault;
use contrast::Picture;
use renshe_kiosk::{
    screen::{
        Screen,
        headless::{self, Drawn},
    },
    visit::{
        Comfort, Language, Palette, State,
        fit::{BySize, Pages, Room, Size, TextSize},
    },
};
use scenes::{Props, Scene};

const PORTRAIT: Size = Size { width: 1080, height: 1920 };
const LANDSCAPE: Size = Size { width: 1920, height: 1080 };
/// Text of size 大 on the smallest screens that have such pages: everything is a quarter larger.
const LARGE_PORTRAIT: Size = Size { width: 829, height: 1475 };
const LARGE_LANDSCAPE: Size = Size { width: 1475, height: 829 };
/// Text of size 最大 on 21.5 inches, and on smaller ones: pages of large words, drawn larger by a fifth.
const DOUBLE_PORTRAIT: Size = Size { width: 891, height: 1584 };
const DOUBLE_LANDSCAPE: Size = Size { width: 1584, height: 891 };
/// The same on 32 inches.
const BIG_DOUBLE_PORTRAIT: Size = Size { width: 1315, height: 2338 };
const BIG_DOUBLE_LANDSCAPE: Size = Size { width: 2338, height: 1315 };
/// 15.6 inches: the same pixels are smaller, so there are fewer logical ones; but for large words,
/// which have as many as on the first two, smaller.
const SMALL_PORTRAIT: Size = Size { width: 777, height: 1380 };
const SMALL_LANDSCAPE: Size = Size { width: 1380, height: 777 };
/// 32 inches: the same pixels are larger, so there are more logical ones.
const BIG_PORTRAIT: Size = Size { width: 1594, height: 2834 };
const BIG_LANDSCAPE: Size = Size { width: 2834, height: 1594 };

#[test]
fn portrait() {
    walk("portrait", PORTRAIT, TextSize::Standard, true);
}

#[test]
fn portrait_large() {
    walk("portrait-large", LARGE_PORTRAIT, TextSize::Large, false);
}

#[test]
fn portrait_larger() {
    walk("portrait-larger", PORTRAIT, TextSize::Larger, false);
}

#[test]
fn portrait_double() {
    walk("portrait-double", DOUBLE_PORTRAIT, TextSize::Double, false);
}

#[test]
fn landscape() {
    walk("landscape", LANDSCAPE, TextSize::Standard, true);
}

#[test]
fn landscape_large() {
    walk("landscape-large", LARGE_LANDSCAPE, TextSize::Large, false);
}

#[test]
fn landscape_larger() {
    walk("landscape-larger", LANDSCAPE, TextSize::Larger, true);
}

#[test]
fn landscape_double() {
    walk("landscape-double", DOUBLE_LANDSCAPE, TextSize::Double, false);
}

#[test]
fn small_portrait() {
    walk("small-portrait", SMALL_PORTRAIT, TextSize::Standard, false);
}

#[test]
fn small_landscape() {
    walk("small-landscape", SMALL_LANDSCAPE, TextSize::Standard, false);
}

#[test]
fn big_portrait() {
    walk("big-portrait", BIG_PORTRAIT, TextSize::Standard, false);
}

#[test]
fn big_portrait_larger() {
    walk("big-portrait-larger", BIG_PORTRAIT, TextSize::Larger, false);
}

#[test]
fn big_portrait_double() {
    walk("big-portrait-double", BIG_DOUBLE_PORTRAIT, TextSize::Double, false);
}

#[test]
fn big_landscape() {
    walk("big-landscape", BIG_LANDSCAPE, TextSize::Standard, false);
}

#[test]
fn big_landscape_larger() {
    walk("big-landscape-larger", BIG_LANDSCAPE, TextSize::Larger, false);
}

#[test]
fn big_landscape_double() {
    walk("big-landscape-double", BIG_DOUBLE_LANDSCAPE, TextSize::Double, false);
}

/// Letters have their lengths: in English every page is laid out anew.
#[test]
fn portrait_english() {
    walk_in(Language::English, "portrait-english", PORTRAIT, TextSize::Standard, false);
}

#[test]
fn portrait_larger_english() {
    walk_in(Language::English, "portrait-larger-english", PORTRAIT, TextSize::Larger, false);
}

#[test]
fn portrait_double_english() {
    let name = "portrait-double-english";
    walk_in(Language::English, name, DOUBLE_PORTRAIT, TextSize::Double, false);
}

#[test]
fn landscape_english() {
    walk_in(Language::English, "landscape-english", LANDSCAPE, TextSize::Standard, false);
}

#[test]
fn landscape_larger_english() {
    walk_in(Language::English, "landscape-larger-english", LANDSCAPE, TextSize::Larger, false);
}

#[test]
fn landscape_double_english() {
    let name = "landscape-double-english";
    walk_in(Language::English, name, DOUBLE_LANDSCAPE, TextSize::Double, false);
}

#[test]
fn small_portrait_english() {
    walk_in(Language::English, "small-portrait-english", SMALL_PORTRAIT, TextSize::Standard, false);
}

#[test]
fn small_landscape_english() {
    walk_in(
        Language::English,
        "small-landscape-english",
        SMALL_LANDSCAPE,
        TextSize::Standard,
        false,
    );
}

/// What the screen says that fits is enough to be worth a page, and not too much to be read.
#[test]
fn pages_hold_as_much_as_one_reads() {
    on_screen(|stage| {
        let fit = |size: Size, text| stage.screen.measure(size.into()).at(text, false);
        for size in [PORTRAIT, LANDSCAPE, SMALL_PORTRAIT, SMALL_LANDSCAPE] {
            assert!((4..=6).contains(&fit(size, TextSize::Standard).jobs.cells()), "{size:?}");
        }
        for (size, text) in [
            (PORTRAIT, TextSize::Larger),
            (LANDSCAPE, TextSize::Larger),
            (DOUBLE_PORTRAIT, TextSize::Double),
            (DOUBLE_LANDSCAPE, TextSize::Double),
        ] {
            assert!(fit(size, text).jobs.cells() >= 2, "{size:?}");
        }
        let least = fit(SMALL_PORTRAIT, TextSize::Larger);
        assert!(least.jobs.cells() >= 1 && least.kinds.cells() >= 1 && least.posting.room > 0.0);
    });
}

/// Screens of 4 to 3 and 5 to 4, as old monitors are: as long as a small screen, but wider; and the
/// largest that count as small, with normal text.
#[test]
fn old_monitors() {
    for (width, height) in [(1_380, 1_035), (1_507, 1_206), (1_747, 1_311)] {
        for size in [Size { width, height }, Size { width: height, height: width }] {
            assert!(size.is_small());
            walk(&format!("old-{}x{}", size.width, size.height), size, TextSize::Standard, false);
        }
    }
}

/// 放低 takes a place at the foot.
#[test]
fn one_aid_more() {
    for (size, text) in [
        (SMALL_PORTRAIT, TextSize::Standard),
        (PORTRAIT, TextSize::Larger),
        (SMALL_LANDSCAPE, TextSize::Standard),
        (LANDSCAPE, TextSize::Larger),
        (DOUBLE_PORTRAIT, TextSize::Double),
        (DOUBLE_LANDSCAPE, TextSize::Double),
    ] {
        for language in [Language::Chinese, Language::English] {
            let name = format!("aids-{language:?}-{}x{}", size.width, size.height);
            walk_with(true, language, &name, size, text, false);
        }
    }
}

/// What is left of a high screen within the reach of who sits: 32 inches from 600 mm on, 21.5 from 800
/// mm on.
#[test]
fn low_pages() {
    for (width, height, text) in [
        (1_594, 2_079, TextSize::Standard),
        (1_161, 1_380, TextSize::Standard),
        (1_616, 1_920, TextSize::Larger),
        (1_315, 1_715, TextSize::Double),
        (1_332, 1_584, TextSize::Double),
    ] {
        let (name, size) = (format!("low-{width}x{height}"), Size { width, height });
        walk_with(true, Language::Chinese, &name, size, text, false);
    }
}

/// Their larger text.
#[test]
fn old_monitors_large() {
    for (width, height, text) in
        [(1_920, 1_440, TextSize::Larger), (1_584, 1_267, TextSize::Double)]
    {
        for size in [Size { width, height }, Size { width: height, height: width }] {
            walk(&format!("old-large-{}x{}", size.width, size.height), size, text, false);
        }
    }
}

/// Shows every scene and fails with all that is wrong. Only where `coloured` are there all palettes,
/// and pictures drawn: a palette is the same on every size of screen, moves nothing, and drawing takes
/// time. Whoever wants to look at the pictures gets all of them.
fn walk(name: &str, size: Size, text: TextSize, coloured: bool) {
    walk_in(Language::Chinese, name, size, text, coloured);
}

/// As [`walk`], in one of the languages.
fn walk_in(language: Language, name: &str, size: Size, text: TextSize, coloured: bool) {
    walk_with(false, language, name, size, text, coloured);
}

/// As [`walk_in`], where 放低 is offered or not.
fn walk_with(
    lowers: bool,
    language: Language,
    name: &str,
    size: Size,
    text: TextSize,
    coloured: bool,
) {
    let wanted = env::var("WALK_SCENES").unwrap_or_default();
    let wanted: Vec<&str> = wanted.split(',').filter(|name| !name.is_empty()).collect();
    let is_wanted =
        |scene: &Scene| wanted.is_empty() || wanted.iter().any(|name| scene.name.starts_with(name));
    let coloured = coloured || pictures().is_some();
    let mut findings = Findings::default();
    let mut count = 0;
    on_screen(|stage| {
        stage.lowers = lowers;
        let mut scenes = stage.scenes(size, text);
        scenes.retain(is_wanted);
        count = scenes.len();
        for scene in &scenes {
            for &palette in if coloured { &Palette::ALL[..] } else { &Palette::ALL[..1] } {
                let comfort = Comfort { size: text, palette, language, low: false };
                let drawn = stage.show(size, comfort, scene);
                assert!(drawn.words.iter().any(|words| !words.label.is_empty()), "{}", scene.name);
                let frames = stage.screen.frames(within(scene.asks()));
                findings.add(scene, palette, checks::faults(scene, size, &drawn, &frames));
                if coloured && (scene.picture || !wanted.is_empty()) {
                    let look = |picture: &Picture<'_>| {
                        keep(name, scene, palette, picture);
                        contrast::faults(&drawn, picture, palette)
                    };
                    let faults = stage.picture(look);
                    findings.add(scene, palette, faults);
                }
            }
        }
    });
    findings.tell(name, size, text, count);
}

/// A window, and what is shown in it.
struct Stage {
    props: Props,
    screen: Screen,
    state: State,
    /// Whether the screen hangs so high that 放低 is offered.
    lowers: bool,
}

/// Room for pages of `size` with that `text`. Those of other sizes differ from it, so that all are
/// offered; on a small screen two of them look alike.
fn room(size: Size, text: TextSize) -> Room {
    let alike = text == TextSize::Standard && size.is_small();
    Room::full(BySize::from_fn(|other| {
        let as_if = if alike && other == TextSize::Larger { TextSize::Large } else { other };
        let above = (as_if as i32 - text as i32).abs() as f32;
        Pages { size, large: as_if >= TextSize::Larger, above }
    }))
}

/// The widget that can be used: what lies under a warning cannot.
fn within(asks: bool) -> Option<&'static str> {
    asks.then_some("Warning")
}

/// Acts on a thread of its own: a thread has one platform for good, and the test runner may run
/// several tests on one.
fn on_screen(act: impl FnOnce(&mut Stage) + Send) {
    let work = || {
        headless::init().expect("the first platform of this thread");
        let props = Props::load();
        let state = props.kiosk();
        act(&mut Stage { props, screen: Screen::new().expect("a window"), state, lowers: false });
    };
    let ended = thread::scope(|scope| scope.spawn(work).join());
    if let Err(panic) = ended {
        panic::resume_unwind(panic);
    }
}

impl Stage {
    /// Every scene there is on a screen of `size` with text of size `text`.
    fn scenes(&self, size: Size, text: TextSize) -> Vec<Scene> {
        self.props.scenes(&self.screen.measure(size.into()).at(text, false))
    }

    /// Shows the scene and gives what can be seen of it.
    fn show(&mut self, size: Size, comfort: Comfort, scene: &Scene) -> Drawn {
        self.screen.show_headless(size.width, size.height).expect("shown");
        self.set(size, comfort, scene);
        self.screen.drawn(within(scene.asks()))
    }

    /// Makes the window show the scene on pages of `size`.
    fn set(&mut self, size: Size, comfort: Comfort, scene: &Scene) {
        let mut room = room(size, comfort.size);
        room.low = self.lowers.then_some(room.full);
        self.state.machine.fits = self.screen.measure(room);
        self.props.set(&mut self.state, scene, comfort);
        self.screen.render(&self.state);
    }

    /// Draws what is shown and gives what `look` makes of the picture.
    fn picture<T>(&self, look: impl FnOnce(&Picture<'_>) -> T) -> T {
        let buffer = self.screen.picture().expect("drawn");
        let (width, height) = (buffer.width() as usize, buffer.height() as usize);
        look(&Picture { width, height, bytes: buffer.as_bytes() })
    }
}

/// Writes the picture where `WALK_PICTURES` says, if it does.
fn keep(name: &str, scene: &Scene, palette: Palette, picture: &Picture<'_>) {
    if let Some(directory) = pictures() {
        let file = format!("{}-{name}-{palette:?}.png", scene.name);
        write(&directory.join(file), picture);
    }
}

fn pictures() -> Option<PathBuf> {
    env::var_os("WALK_PICTURES").filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// What was found: the same fault on many pages is told once.
#[derive(Default)]
struct Findings {
    faults: BTreeMap<(&'static str, String), Vec<Found>>,
}

struct Found {
    scene: String,
    palette: Palette,
    details: String,
}

impl Findings {
    fn add(&mut self, scene: &Scene, palette: Palette, faults: Vec<Fault>) {
        for Fault { what, element, details } in faults {
            let found = Found { scene: scene.name.clone(), palette, details };
            self.faults.entry((what, element)).or_default().push(found);
        }
    }

    /// Fails with a list, one line each, if there is anything to tell.
    fn tell(self, name: &str, size: Size, text: TextSize, scenes: usize) {
        let shape = format!("{}×{}, {text:?} text", size.width, size.height);
        let lines: Vec<String> = self.faults.iter().map(line).collect();
        let count = lines.len();
        let list = format!("{shape}: {count} faults in {scenes} scenes\n{}\n", lines.join("\n"));
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("walk-{name}.txt"));
        fs::write(&file, &list).expect("written");
        assert!(lines.is_empty(), "{list}");
    }
}

/// A fault with the first page on which it was found, and the names of some others.
fn line(((what, element), found): (&(&'static str, String), &Vec<Found>)) -> String {
    const NAMED: usize = 4;
    let first = &found[0];
    let palettes: BTreeSet<_> = found.iter().map(|found| format!("{:?}", found.palette)).collect();
    let seen = palettes.into_iter().collect::<Vec<_>>().join(", ");
    let scenes: BTreeSet<_> = found.iter().map(|found| found.scene.as_str()).collect();
    let others: Vec<_> = scenes.iter().copied().filter(|scene| *scene != first.scene).collect();
    let more = match others.len() {
        0 => String::new(),
        count => format!("; and {count} more: {}", others[..count.min(NAMED)].join(" ")),
    };
    format!("{what}: “{element}” ({seen}) {}: {}{more}", first.scene, first.details)
}

fn write(path: &Path, picture: &Picture<'_>) {
    let file = fs::File::create(path).expect("a file");
    let (width, height) = (picture.width as u32, picture.height as u32);
    let mut encoder = png::Encoder::new(std::io::BufWriter::new(file), width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(picture.bytes).expect("written");
}
