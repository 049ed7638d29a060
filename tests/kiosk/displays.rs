//! The kiosk on displays as a town hall has them: the program itself under `cage`, under weston's
//! kiosk shell and on X with and without a window manager, at sizes that `kiosk.toml` does not
//! name, and through changes of size in the middle of a visit. What the screen shows is compared
//! with the picture of the headless window at that very size: then nothing is cut off.
//!
//! Where a display server is not installed its tests say so and pass; with `KIOSK_DISPLAYS=required`
//! they fail. `DISPLAY_PICTURES=DIR` keeps every picture that was right.

pub mod picture;
pub mod servers;

use std::{
    env, fs, panic,
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use kiosk_base::clock::Clock;
use picture::Picture;
use renshe_kiosk::{
    app::App,
    config::Settings,
    screen::{
        Screen,
        headless::{self, Role},
    },
    visit::fit::{BySize, Scale, Scales, TextSize},
};
use servers::{Kiosk, Server, there};
use tempfile::TempDir;

use crate::support::{GUARD, kiosk::shipped};

/// What may differ between screen and headless window: the time of day, a little.
const ALIKE: f64 = 0.004;

const X: [&str; 3] = ["Xvfb", "xdotool", "xwd"];

#[test]
fn cage_gives_its_size_after_the_first_frame() {
    if !there(&["cage", "grim", "Xwayland"]) {
        return;
    }
    // Turned: a picture that is not goes to the screen past what `grim` is shown.
    for (turned, size) in [("-r", (720, 1280)), ("-rr", (1280, 720))] {
        let server = Server::cage(None, &[turned]);
        on_glass(&shipped(), |twin| {
            let kiosk = Kiosk::start(&server, &shipped(), &["run"]);
            // Whatever was seen up to the right picture was empty.
            twin.compare("cage", size, &mut || server.picture(), Before::Empty);
            kiosk.stop();
        });
    }
}

#[test]
fn a_visit_goes_on_through_every_size_of_cage() {
    if !there(&["cage", "Xwayland"]) || !there(&X) {
        return;
    }
    let host = Server::xvfb(2560, 1920);
    let server = Server::cage(Some(&host), &[]);
    through_sizes("cage-x", patient().path(), &host, &server, &|size| {
        host.resize_window(size.0, size.1);
    });
}

#[test]
fn words_stay_as_large_on_a_small_screen() {
    if !there(&["cage", "Xwayland"]) || !there(&X) {
        return;
    }
    // 15.6 inches, built in the other way round than the settings say.
    let config = config_with(&[("diagonal_inch = 21.5", "diagonal_inch = 15.6")]);
    let host = Server::xvfb(2560, 1920);
    let server = Server::cage(Some(&host), &[]);
    through_sizes("small", config.path(), &host, &server, &|size| {
        host.resize_window(size.0, size.1);
    });
}

#[test]
fn westons_kiosk_shell_is_filled() {
    if !there(&["weston"]) || !there(&X) {
        return;
    }
    let config = patient();
    for size in [(1080, 1920), (1920, 1080), (1366, 768)] {
        let host = Server::xvfb(size.0, size.1);
        let server = Server::weston(&host, size.0, size.1);
        on_glass(config.path(), |twin| {
            let kiosk = Kiosk::start(&server, config.path(), &["run"]);
            twin.compare("weston", size, &mut || host.picture(), Before::Anything);
            twin.start(&host);
            twin.compare("weston-home", size, &mut || host.picture(), Before::Anything);
            kiosk.stop();
        });
    }
}

#[test]
fn x_without_a_window_manager_is_filled() {
    if !there(&["Xephyr", "xrandr"]) || !there(&X) {
        return;
    }
    let host = Server::xvfb(1600, 1200);
    let server = Server::xephyr(&host);
    through_sizes("x", patient().path(), &server, &server, &|size| server.xrandr(size.0, size.1));
}

#[test]
fn x_with_a_window_manager_is_filled() {
    if !there(&["Xephyr", "xrandr", "openbox"]) || !there(&X) {
        return;
    }
    let host = Server::xvfb(1600, 1200);
    let server = Server::xephyr(&host);
    let _manager = server.manager("_NET_SUPPORTING_WM_CHECK");
    through_sizes("openbox", patient().path(), &server, &server, &|size| {
        server.xrandr(size.0, size.1);
    });
}

/// It did not hear what the window asked for, and puts a frame around it.
#[test]
fn a_window_manager_that_comes_later_gives_the_whole_screen_too() {
    if !there(&["Xephyr", "xrandr", "openbox"]) || !there(&X) {
        return;
    }
    let host = Server::xvfb(1600, 1200);
    let server = Server::xephyr(&host);
    let config = patient();
    on_glass(config.path(), |twin| {
        let size = (1280, 960);
        server.xrandr(size.0, size.1);
        let mut seen = || server.picture().corner(size.0, size.1);
        let kiosk = Kiosk::start(&server, config.path(), &["run"]);
        twin.compare("alone", size, &mut seen, Before::Anything);
        // And once more, as after a crash of it.
        for name in ["openbox-late", "openbox-anew"] {
            let _manager = server.manager("_NET_CLIENT_LIST");
            twin.compare(name, size, &mut seen, Before::Anything);
        }
        kiosk.stop();
    });
}

/// The demonstration's own window and that of `kiosk run` show the whole page, too.
#[test]
fn a_window_shows_the_whole_page() {
    if !there(&X) {
        return;
    }
    let config = config_with(&[("width_px = 1080", "width_px = 810")]);
    let config_path = config.path().join("kiosk.toml");
    let text = fs::read_to_string(&config_path).expect("readable");
    fs::write(&config_path, text.replace("height_px = 1920", "height_px = 1440")).expect("written");
    let host = Server::xvfb(1600, 1600);
    on_glass(config.path(), |twin| {
        let kiosk = Kiosk::start(&host, config.path(), &["run", "--window"]);
        let mut window = || host.picture().corner(810, 1440);
        twin.compare("window", (810, 1440), &mut window, Before::Anything);
        kiosk.stop();
    });
}

#[test]
fn a_compositor_that_ends_is_no_failure() {
    let kills: [fn(&mut Server); 2] = [Server::end, Server::kill];
    if there(&["cage", "Xwayland"]) {
        for end in kills {
            ends_with(Server::cage(None, &[]), end);
        }
    }
    if there(&["weston"]) && there(&X) {
        for end in kills {
            let host = Server::xvfb(1280, 720);
            ends_with(Server::weston(&host, 1280, 720), end);
        }
    }
}

fn ends_with(mut server: Server, end: fn(&mut Server)) {
    let mut kiosk = Kiosk::start(&server, &shipped(), &["run"]);
    thread::sleep(Duration::from_secs(3));
    end(&mut server);
    let (code, said) = kiosk.ended();
    assert_eq!(code, Some(0), "{said}");
    let about_it = |line: &&str| line.contains("display") || line.contains("event loop");
    assert_eq!(said.lines().filter(about_it).count(), 1, "{said}");
}

/// Changes the size of the screen before and in the middle of a visit, with normal and large words.
/// `screen` is where it can be seen and touched, `server` where the kiosk is shown.
fn through_sizes(
    name: &str,
    config: &Path,
    screen: &Server,
    server: &Server,
    change: &(dyn Fn((u32, u32)) + Sync),
) {
    on_glass(config, |twin| {
        let seen = |size: (u32, u32)| move || screen.picture().corner(size.0, size.1);
        let first = (1280, 960);
        change(first);
        let kiosk = Kiosk::start(server, config, &["run"]);
        twin.compare(&format!("{name}-first"), first, &mut seen(first), Before::Anything);
        twin.start(screen);
        twin.compare(&format!("{name}-home"), first, &mut seen(first), Before::Anything);
        for size in [(800, 600), (1600, 1200)] {
            change(size);
            twin.compare(&format!("{name}-home"), size, &mut seen(size), Before::Anything);
        }
        twin.press(screen, "大");
        for size in [(1600, 1200), (1280, 960)] {
            change(size);
            twin.compare(&format!("{name}-large"), size, &mut seen(size), Before::Anything);
        }
        kiosk.stop();
    });
}

/// The shipped settings, but for a visit that waits longer for a touch than a busy machine may take from one
/// to the next.
fn patient() -> TempDir {
    config_with(&[])
}

/// The same with other lines in `kiosk.toml`.
fn config_with(lines: &[(&str, &str)]) -> TempDir {
    let home = tempfile::tempdir().expect("a directory");
    crate::support::kiosk::copy(&shipped(), home.path());
    let path = home.path().join("kiosk.toml");
    let mut text = fs::read_to_string(&path).expect("readable");
    for (line, other) in [("idle_seconds = 60", "idle_seconds = 600")].iter().chain(lines) {
        assert!(text.contains(line));
        text = text.replace(line, other);
    }
    fs::write(&path, text).expect("written");
    home
}

/// What may be on the screen before the right picture.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    Anything,
    Empty,
}

/// A second kiosk with the same settings in a headless window, to know what is right.
struct Twin {
    app: App,
    settings: Settings,
    size: (u32, u32),
    scales: Scales,
    pictures: Option<PathBuf>,
    _home: TempDir,
}

/// Acts on a thread of its own: a thread has one platform for good.
fn on_glass(config: &Path, act: impl FnOnce(&mut Twin) + Send) {
    let work = || {
        headless::init().expect("the first platform of this thread");
        let home = tempfile::tempdir().expect("a directory");
        let settings = Settings::load(config, home.path()).expect("good settings");
        let screen = Rc::new(Screen::new().expect("a window"));
        let room = settings.screen.room();
        let app = App::start(&settings, Clock::System, screen, room, Arc::new(|| ()));
        act(&mut Twin {
            app: app.expect("a kiosk"),
            settings,
            size: (0, 0),
            scales: Scales::full(BySize::from_fn(|_| Scale {
                factor: 1.0,
                large: false,
                above: 0,
            })),
            pictures: env::var_os("DISPLAY_PICTURES").map(PathBuf::from),
            _home: home,
        });
    };
    let ended = thread::scope(|scope| scope.spawn(work).join());
    if let Err(panic) = ended {
        panic::resume_unwind(panic);
    }
}

impl Twin {
    /// Waits until the screen shows what the headless window shows at `size`.
    fn compare(
        &mut self,
        name: &str,
        size: (u32, u32),
        screen: &mut dyn FnMut() -> Picture,
        before: Before,
    ) {
        self.stand(size);
        let deadline = Instant::now() + GUARD;
        loop {
            let seen = screen();
            let right = self.picture();
            let unlike = seen.unlike(&right);
            if unlike < ALIKE {
                if let Some(directory) = &self.pictures {
                    seen.write(&directory.join(format!("{name}-{}x{}.png", size.0, size.1)));
                }
                return;
            }
            let wrong = before == Before::Empty && !seen.is_empty();
            if wrong || Instant::now() > deadline {
                let directory = env::temp_dir();
                seen.write(&directory.join("display-seen.png"));
                right.write(&directory.join("display-right.png"));
                let directory = directory.display();
                panic!("{name} {size:?}: {unlike:.3} differs; see {directory}/display-*.png");
            }
            thread::sleep(Duration::from_millis(30));
        }
    }

    /// Takes a size as the glass of the settings would have it with so many pixels.
    fn stand(&mut self, size: (u32, u32)) {
        let glass = self.settings.screen.with_pixels(size.0, size.1);
        (self.size, self.scales) = (size, glass.scales());
        let room = self.app.screen().show_scaled(size.0, size.1, self.scales).expect("shown");
        assert_eq!(room, glass.room());
        self.app.resize(room);
    }

    fn picture(&mut self) -> Picture {
        self.app.pump();
        let picture = self.app.screen().picture().expect("drawn");
        let pixels = picture.as_slice().iter().map(|pixel| [pixel.r, pixel.g, pixel.b]);
        Picture::new((picture.width(), picture.height()), pixels.collect())
    }

    /// Begins a visit on the screen and here.
    fn start(&mut self, screen: &Server) {
        let (width, height) = self.size;
        screen.click(width / 2, height / 2);
        let scale = self.scales.at(TextSize::Standard, false).factor;
        self.app.screen().touch(width as f32 / 2.0 / scale, height as f32 / 2.0 / scale);
        self.app.pump();
    }

    /// Presses a button on the screen and here.
    fn press(&mut self, screen: &Server, label: &str) {
        let elements = self.app.screen().elements();
        let button = elements.iter().find(|e| e.role == Role::Button && e.label.starts_with(label));
        let button = button.unwrap_or_else(|| panic!("no button {label}"));
        let scale = self.scales.at(self.app.state().comfort().size, false).factor;
        let (x, y) = (button.x + button.width / 2.0, button.y + button.height / 2.0);
        screen.click((x * scale) as u32, (y * scale) as u32);
        assert!(self.app.screen().press(label));
        self.app.pump();
    }
}
