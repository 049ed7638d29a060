//! A few pages as they should look, against pictures that somebody has looked at.
//!
//! The pictures are half the size of the screen, so that they stay small and an edge that moved by
//! a fraction of a pixel is no difference. `BLESS=1` rewrites them, and that run still fails: look
//! at what changed before it is committed.

use std::{
    env, fs,
    io::{BufReader, BufWriter},
    path::{Path, PathBuf},
};

use renshe_kiosk::visit::{
    Comfort, Language, Palette,
    fit::{Size, TextSize},
};

use super::{LANDSCAPE, PORTRAIT, contrast::Picture, on_screen};

/// Colours are kept in steps of this, which makes the files small.
const STEP: u8 = 17;
/// By how much a channel may differ: rounding to two neighbouring steps is no difference.
const SAME: u8 = 2 * STEP;
/// How many pixels in a million may differ all the same.
const STRAY: usize = 200;

const NORMAL: Comfort = Comfort {
    size: TextSize::Standard,
    palette: Palette::Standard,
    language: Language::Chinese,
    low: false,
};
const LARGE: Comfort = Comfort { size: TextSize::Larger, ..NORMAL };
const CONTRAST: Comfort = Comfort { palette: Palette::ContrastDark, ..NORMAL };

/// File, screen, comfort, scene.
const PAGES: &[(&str, Size, Comfort, &str)] = &[
    ("attract", PORTRAIT, NORMAL, "attract-1"),
    ("home", PORTRAIT, NORMAL, "home"),
    ("jobs", PORTRAIT, NORMAL, "jobs-0"),
    ("job", PORTRAIT, NORMAL, "job-long-0"),
    ("pad", PORTRAIT, NORMAL, "pad-found"),
    ("identify", PORTRAIT, NORMAL, "identify-lay"),
    ("overview", PORTRAIT, NORMAL, "overview-a"),
    ("years", PORTRAIT, NORMAL, "years-a-0-0"),
    ("guide", PORTRAIT, NORMAL, "guide-certification-0"),
    ("home-landscape", LANDSCAPE, NORMAL, "home"),
    ("overview-large", PORTRAIT, LARGE, "overview-a"),
    ("jobs-contrast", PORTRAIT, CONTRAST, "jobs-0"),
];

#[test]
fn pages_look_as_they_should() {
    let bless = env::var_os("BLESS").is_some_and(|value| value == "1");
    let mut wrong = Vec::new();
    on_screen(|stage| {
        for (name, size, comfort, scene) in PAGES {
            let scenes = stage.scenes(*size, comfort.size);
            let scene = scenes.iter().find(|known| known.name == *scene).expect("a scene");
            stage.show(*size, *comfort, scene);
            let seen = stage.picture(Small::of);
            let path = directory().join(format!("{name}.png"));
            if bless {
                seen.write(&path);
            }
            let differing = match Small::read(&path) {
                Some(expected) => expected.differing(&seen),
                None => seen.colours.len(),
            };
            if bless || differing * 1_000_000 > STRAY * seen.colours.len() {
                let shown = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("seen-{name}.png"));
                seen.write(&shown);
                wrong.push(format!("{name}: {differing} pixels differ; see {}", shown.display()));
            }
        }
    });
    assert!(!bless, "the reference pictures were rewritten: look at them, then run without BLESS");
    assert!(
        wrong.is_empty(),
        "pages look different (BLESS=1 takes them as they are):\n{}",
        wrong.join("\n")
    );
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kiosk/screens/reference")
}

/// A picture at half size, its colours in steps.
struct Small {
    width: usize,
    colours: Vec<[u8; 3]>,
}

impl Small {
    /// The picture with each square of four pixels averaged.
    fn of(picture: &Picture<'_>) -> Self {
        let (width, height) = (picture.width / 2, picture.height / 2);
        let channel = |x: usize, y: usize, c: usize| {
            u16::from(picture.bytes[(y * picture.width + x) * 4 + c])
        };
        let mut colours = Vec::with_capacity(width * height);
        for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (2 * y, 2 * x))) {
            colours.push([0, 1, 2].map(|c| {
                let row = |y| channel(x, y, c) + channel(x + 1, y, c);
                let mean = (row(y) + row(y + 1)) / 4;
                ((mean + u16::from(STEP) / 2) / u16::from(STEP) * u16::from(STEP)) as u8
            }));
        }
        Self { width, colours }
    }

    /// How many pixels are of another colour in `other`; all, if it has another size.
    fn differing(&self, other: &Self) -> usize {
        if (self.width, self.colours.len()) != (other.width, other.colours.len()) {
            return self.colours.len().max(other.colours.len());
        }
        let same = |(a, b): &(u8, u8)| a.abs_diff(*b) <= SAME;
        let differ = |(a, b): &(&[u8; 3], &[u8; 3])| !a.iter().copied().zip(**b).all(|c| same(&c));
        self.colours.iter().zip(&other.colours).filter(differ).count()
    }

    fn read(path: &Path) -> Option<Self> {
        let decoder = png::Decoder::new(BufReader::new(fs::File::open(path).ok()?));
        let mut reader = decoder.read_info().ok()?;
        let mut bytes = vec![0; reader.output_buffer_size()?];
        let info = reader.next_frame(&mut bytes).ok()?;
        if info.color_type != png::ColorType::Rgb {
            return None;
        }
        let colours = bytes.chunks_exact(3).map(|c| [c[0], c[1], c[2]]).collect();
        Some(Self { width: info.width as usize, colours })
    }

    fn write(&self, path: &Path) {
        fs::create_dir_all(path.parent().expect("in a directory")).expect("a directory");
        let file = BufWriter::new(fs::File::create(path).expect("a file"));
        let height = self.colours.len() / self.width;
        let mut encoder = png::Encoder::new(file, self.width as u32, height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::High);
        let mut writer = encoder.write_header().expect("a header");
        writer.write_image_data(self.colours.as_flattened()).expect("written");
    }
}

#[test]
fn a_word_that_moved_is_a_difference() {
    let blank = || vec![255; 200 * 100 * 4];
    let with_block = |at: usize| {
        let mut bytes = blank();
        for y in 40..60 {
            bytes[(y * 200 + at) * 4..(y * 200 + at + 20) * 4].fill(20);
        }
        bytes
    };
    let small = |bytes: &[u8]| Small::of(&Picture { width: 200, height: 100, bytes });
    let page = small(&with_block(30));
    assert_eq!(page.differing(&small(&with_block(30))), 0);
    assert_eq!(page.differing(&small(&blank())), 100);
    assert_eq!(page.differing(&small(&with_block(34))), 40);
}
