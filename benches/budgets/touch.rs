//! Touches: how long until the glass shows them, in peace and while the full feed comes in. On the
//! real window with the software renderer and a buffer that is kept, as on a display.

use std::{
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use renshe_kiosk::{
    screen::{headless::Role, surface},
    visit::{Event, Page, Press},
};

use crate::{
    Row,
    kiosk::{self, Hall},
    listings, row, spread,
};

const ROUNDS: usize = 60;
/// A display's own pace.
const FRAME: Duration = Duration::from_micros(16_667);
/// A touch in so many frames while the feed comes in.
const TOUCH_EVERY: usize = 12;
/// Longest wait for the full feed.
const FEED_MAX: Duration = Duration::from_secs(180);

pub(crate) fn rows() -> Vec<Row> {
    // A thread has one kind of window for good.
    let of_its_own = |act: fn() -> Vec<Row>| thread::spawn(act).join().expect("it does not panic");
    let mut rows = of_its_own(in_peace);
    rows.extend(of_its_own(on_four_times_the_pixels));
    rows.extend(of_its_own(during_the_feed));
    rows
}

/// A kiosk on a glass of its own.
pub(crate) struct Glass {
    pub(crate) hall: Hall,
    pub(crate) surface: surface::Surface,
}

impl Glass {
    pub(crate) fn open(content: &Path) -> Self {
        let surface = surface::init().expect("the first platform of this thread");
        Self { hall: Hall::open(content, None), surface }
    }

    /// Begins a visit.
    fn begin(&mut self) {
        self.until(|hall| hall.app.state().machine.summary.postings > 0);
        self.tap((540.0, 960.0));
        self.until(|hall| hall.app.state().page() == Some(&Page::Home));
        self.surface.draw();
    }

    pub(crate) fn until(&mut self, mut condition: impl FnMut(&Hall) -> bool) {
        while !condition(&self.hall) {
            self.hall.app.wait(Duration::from_millis(5));
            self.hall.app.pump();
        }
    }

    fn tap(&mut self, (x, y): (f32, f32)) {
        self.hall.app.screen().press_down(x, y);
        self.hall.app.screen().release(x, y);
        self.hall.app.pump();
    }

    /// The middle of a button.
    fn button(&self, label: &str) -> (f32, f32) {
        self.find(label).unwrap_or_else(|| panic!("no button {label}"))
    }

    /// The middle of a button, if it is there and can be pressed.
    pub(crate) fn find(&self, label: &str) -> Option<(f32, f32)> {
        let elements = self.hall.app.screen().elements();
        let mut buttons = elements.iter().filter(|element| element.role == Role::Button);
        let button = buttons.find(|element| element.label.starts_with(label) && element.enabled)?;
        Some((button.x + button.width / 2.0, button.y + button.height / 2.0))
    }
}

fn in_peace() -> Vec<Row> {
    let mut glass = Glass::open(&kiosk::shipped().join("demo"));
    glass.begin();
    let touched = touches(&mut glass);
    touched.rows("1080 × 1920", "≤ 33 ms p99", "≤ 100 ms p99")
}

/// The largest screens there are: 2160 × 3840 on the same 21.5 inches.
fn on_four_times_the_pixels() -> Vec<Row> {
    let mut glass = Glass::open(&kiosk::shipped().join("demo"));
    let scales = glass.hall.glass.with_pixels(2160, 3840).scales();
    let room = glass.hall.app.screen().show_scaled(2160, 3840, scales).expect("shown");
    glass.hall.app.resize(room);
    glass.begin();
    let touched = touches(&mut glass);
    touched.rows("2160 × 3840", "≤ 200 ms p99", "≤ 200 ms p99")
}

/// How long touches took to be seen.
struct Touched {
    pressed: Vec<Duration>,
    next: Vec<Duration>,
    /// Pixels that each press had drawn anew.
    drawn: Vec<u64>,
}

fn touches(glass: &mut Glass) -> Touched {
    let (mut pressed, mut next) = (Vec::new(), Vec::new());
    let mut drawn = Vec::new();
    for _ in 0..ROUNDS {
        for label in ["就业", "首页"] {
            let (x, y) = glass.button(label);
            let begun = Instant::now();
            glass.hall.app.screen().press_down(x, y);
            drawn.push(glass.surface.draw());
            pressed.push(begun.elapsed());
            let begun = Instant::now();
            glass.hall.app.screen().release(x, y);
            glass.hall.app.pump();
            glass.surface.draw();
            next.push(begun.elapsed());
            glass.hall.app.wait(Duration::from_millis(20));
            glass.hall.app.pump();
            glass.surface.draw();
        }
    }
    assert!(drawn.iter().all(|pixels| *pixels > 0), "every press shows");
    Touched { pressed, next, drawn }
}

impl Touched {
    fn rows(mut self, pixels: &str, press: &str, page: &str) -> Vec<Row> {
        let (least, most) = (self.drawn.iter().min(), self.drawn.iter().max());
        let how = format!(
            "120 touches, software renderer at {pixels} into a kept buffer; a press redraws {} to {} pixels",
            least.unwrap_or(&0),
            most.unwrap_or(&0)
        );
        let name = |what: &str| format!("touch → pixels of {what}, {pixels}");
        let lifted = "the same touches, from the finger's lifting";
        vec![
            row(&name("pressed feedback"), press, spread(&mut self.pressed), &how),
            row(&name("the next page"), page, spread(&mut self.next), lifted),
        ]
    }
}

fn during_the_feed() -> Vec<Row> {
    let home = tempfile::tempdir().expect("a directory");
    let content = home.path().join("content");
    large_content(&content);
    let mut glass = Glass::open(&content);
    glass.hall.app.take(Event::Press(Press::Start));
    glass.hall.app.pump();
    glass.surface.draw();
    let mut frames = Vec::new();
    let mut touched = Vec::new();
    let begun = Instant::now();
    let mut at_home = true;
    for frame in 0.. {
        let machine = &glass.hall.app.state().machine;
        let done = machine.summary.postings == listings::POSTINGS as u64;
        if done {
            break;
        }
        assert!(begun.elapsed() < FEED_MAX, "the feed ends");
        let started = Instant::now();
        let touch = frame % TOUCH_EVERY == 0;
        if touch {
            let (x, y) = glass.button(if at_home { "就业" } else { "首页" });
            at_home = !at_home;
            let touched_at = Instant::now();
            glass.hall.app.screen().press_down(x, y);
            glass.surface.draw();
            touched.push(touched_at.elapsed());
            glass.hall.app.screen().release(x, y);
        }
        let drawing = Instant::now();
        glass.hall.app.pump();
        glass.surface.draw();
        // The frame of a touch is that of the next page, which has a budget of its own.
        if !touch {
            frames.push(drawing.elapsed());
        }
        while let Some(left) = FRAME.checked_sub(started.elapsed()) {
            if !glass.hall.app.wait(left) {
                break;
            }
        }
    }
    let took = begun.elapsed();
    let over = frames.iter().chain(&touched).filter(|t| **t > Duration::from_millis(33)).count();
    let how = format!(
        "{} frames and {} presses in the {:.0} s in which 100,000 postings came over mutual TLS from \
         a county in this process; {over} above 33 ms",
        frames.len(),
        touched.len(),
        took.as_secs_f64()
    );
    vec![
        row("frame while the full feed comes in", "≤ 33 ms", spread(&mut frames), &how),
        row(
            "pressed feedback meanwhile",
            "≤ 33 ms",
            spread(&mut touched),
            "the presses among them",
        ),
    ]
}

/// The demonstration's content with the generated postings.
fn large_content(content: &Path) {
    let shipped = kiosk::shipped().join("demo");
    fs::create_dir_all(content.join("residents")).expect("a directory");
    for entry in fs::read_dir(shipped.join("residents")).expect("readable") {
        let entry = entry.expect("an entry");
        let copy = content.join("residents").join(entry.file_name());
        fs::copy(entry.path(), copy).expect("copied");
    }
    for file in ["trainings.json", "fairs.json"] {
        fs::copy(shipped.join(file), content.join(file)).expect("copied");
    }
    listings::write_content(&content.join("postings.json"));
}
