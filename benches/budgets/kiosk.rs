//! The kiosk itself: start, memory, idling, and the way from the card to the account.
//!
//! Every figure is taken on the real parts: the window drawn by the software renderer at
//! 1080 × 1920, a simulated reader on a pseudo-terminal at the line rate, a county on loopback
//! behind mutual TLS. Start, memory and idling are taken in a process of their own.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use kiosk_base::clock::Clock;
use kiosk_stage::simulator::{self, CardImage};
use renshe_kiosk::{
    app::{App, hall, play},
    config::{ScreenSettings, Settings},
    screen::{Screen, headless},
    visit::{Page, account, fit::Size, machine::Notice},
};

use crate::{Row, row, spread};

/// The argument that makes this program the child of which start, memory and idling are measured.
pub(crate) const CHILD: &str = "--child";

pub(crate) const SIZE: Size = Size { width: 1080, height: 1920 };
const LAYINGS: usize = 40;
const IDLE: Duration = Duration::from_secs(5);

/// A kiosk with everything around it.
pub(crate) struct Hall {
    pub(crate) app: App,
    pub(crate) hall: hall::Hall,
    /// The screen as it is set.
    pub(crate) glass: ScreenSettings,
    card: CardImage,
    _home: tempfile::TempDir,
}

/// The settings and the content of the repository.
pub(crate) fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../kiosk-config")
}

impl Hall {
    /// With residents and listings from `content`. With a cache that is there already the county is
    /// out of reach, so that the cache stays.
    pub(crate) fn open(content: &Path, kept: Option<&Path>) -> Self {
        Self::open_with(content, kept, simulator::Options::default())
    }

    /// With a reader of its own kind.
    pub(crate) fn open_with(
        content: &Path,
        kept: Option<&Path>,
        reader: simulator::Options,
    ) -> Self {
        let config = shipped();
        let home = tempfile::tempdir().expect("a directory");
        let clock = Clock::System;
        let hall = hall::Hall::open(content, &home.path().join("county"), clock, reader);
        let hall = hall.expect("a county and a reader");
        let mut settings = Settings::load(&config, home.path()).expect("the shipped settings");
        hall.furnish(&mut settings);
        // What is measured from the card to the account waits for nobody's finger.
        settings.visit.notice = Notice::Show;
        if let Some(cache) = kept {
            settings.listings.database = cache.join("listings.db");
            settings.link.url = "https://127.0.0.1:1".into();
        }
        let residents = simulator::residents::load(&content.join("residents"));
        let resident = residents.expect("the shipped residents").remove(0);
        let card = CardImage::of(&resident.card).expect("it fits on a card");
        let screen = Rc::new(Screen::new().expect("a window"));
        screen.show_headless(SIZE.width, SIZE.height).expect("shown");
        let app = App::start(&settings, Clock::System, screen, SIZE, Arc::new(|| ()));
        let app = app.expect("a kiosk");
        Self { app, hall, glass: settings.screen, card, _home: home }
    }

    fn settle(&mut self, see: &str) {
        play::settle(&mut self.app, Some(see)).expect("the page comes");
    }

    pub(crate) fn draw(&self) {
        std::hint::black_box(self.app.screen().picture().expect("it is shown"));
    }
}

pub(crate) fn rows() -> Vec<Row> {
    headless::init().expect("the first platform of this thread");
    let mut hall = Hall::open(&shipped().join("demo"), None);
    hall.settle("按一下屏幕");
    let mut rows = vec![card(&mut hall)];
    drop(hall);
    rows.extend(child());
    rows
}

/// From the card on the reader to the account on the screen.
fn card(hall: &mut Hall) -> Row {
    let mut times = Vec::new();
    for i in 0..LAYINGS {
        // Not in step with the reader's poll.
        let pause = Duration::from_millis(60 + (i as u64 * 7) % 41);
        let end = Instant::now() + pause;
        while Instant::now() < end {
            hall.app.wait(Duration::from_millis(2));
            hall.app.pump();
        }
        let laid = Instant::now();
        hall.hall.reader.lay(hall.card.clone());
        while hall.app.state().page() != Some(&Page::Account(account::Page::Overview)) {
            hall.app.wait(Duration::from_millis(5));
            hall.app.pump();
        }
        hall.draw();
        times.push(laid.elapsed());
        hall.hall.reader.lift();
        hall.settle("按一下屏幕");
    }
    row(
        "card laid → account on the screen",
        "line time 120 ms + ≤ 150 ms p95",
        spread(&mut times),
        "40 layings at 115200 baud, poll 40 ms, county on loopback, picture drawn",
    )
}

/// Start, memory and idling of a process of its own.
fn child() -> Vec<Row> {
    let kept = tempfile::tempdir().expect("a directory");
    crate::listings::fill(kept.path());
    let mut starts = Vec::new();
    let mut last = String::new();
    for _ in 0..7 {
        let begun = Instant::now();
        let mut child = Command::new(env::current_exe().expect("this program"))
            .arg(CHILD)
            .arg(kept.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let mut lines = std::io::BufRead::lines(std::io::BufReader::new(
            child.stdout.take().expect("it is piped"),
        ));
        lines.next().expect("a line").expect("text");
        starts.push(begun.elapsed());
        if starts.len() == 7 {
            last = lines.next().expect("a line").expect("text");
        }
        drop(lines);
        let _ = child.kill();
        let _ = child.wait();
    }
    let (memory, idle) = last.split_once(' ').expect("two figures");
    vec![
        row(
            "executed → first page drawn",
            "≤ 300 ms",
            spread(&mut starts),
            "7 processes, from spawn to the picture, 100,000 postings cached, county and reader made in them",
        ),
        row(
            "memory of the running kiosk, 100,000 postings cached",
            "≤ 96 MB RSS",
            format!("{memory} MB"),
            "VmRSS of that process, an idle county inside it, after a visit to the job list and a search",
        ),
        row(
            "CPU when idle",
            "≤ 1 % of a core",
            format!("{idle} %"),
            "user and system time of that process over 5 s on the attract page, poll 40 ms",
        ),
    ]
}

/// What the child does with the cache named after [`CHILD`]: shows the first page and says so, then
/// says memory and idling.
pub(crate) fn be_child() {
    use std::io::Write;
    let mut out = std::io::stdout();
    let kept = env::args().skip_while(|argument| argument != CHILD).nth(1);
    let kept = kept.expect("the parent names a cache");
    headless::init().expect("the first platform of this process");
    let mut hall = Hall::open(&shipped().join("demo"), Some(Path::new(&kept)));
    hall.draw();
    writeln!(out, "drawn").expect("the parent reads");
    hall.settle("按一下屏幕");
    hall.app.screen().press("按一下屏幕");
    hall.settle("您想办什么事");
    hall.app.screen().press("就业");
    hall.settle("学技术");
    hall.app.screen().press("找工作");
    hall.settle("全部岗位");
    for key in ["按拼音找", "D", "H", "G"] {
        hall.app.screen().press(key);
        play::settle(&mut hall.app, None).expect("it comes to rest");
    }
    hall.draw();
    hall.app.end_visit();
    hall.settle("按一下屏幕");
    let begun = (Instant::now(), cpu());
    while begun.0.elapsed() < IDLE {
        // As the window does: a turn a second, and one for every event.
        hall.app.wait(Duration::from_secs(1));
        hall.app.pump();
    }
    let used = (cpu() - begun.1).as_secs_f64() / begun.0.elapsed().as_secs_f64();
    writeln!(out, "{} {:.2}", memory(), used * 100.0).expect("the parent reads");
}

/// VmRSS in whole MB.
fn memory() -> u64 {
    memory_kib() / 1024
}

/// VmRSS in KiB.
pub(crate) fn memory_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("it is there");
    let digits: String = line.chars().filter(char::is_ascii_digit).collect();
    digits.parse::<u64>().expect("a number")
}

/// User and system time of this process.
fn cpu() -> Duration {
    let usage = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_SELF);
    let usage = usage.expect("it is always there");
    let micros = |t: nix::sys::time::TimeVal| (t.tv_sec() * 1_000_000 + t.tv_usec()) as u64;
    Duration::from_micros(micros(usage.user_time()) + micros(usage.system_time()))
}
