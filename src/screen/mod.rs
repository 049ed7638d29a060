//! The only room that names slint. [`Screen::bind`] turns what is pressed into [`Event`]s,
//! [`Screen::render`] makes the window show a [`State`]; a file a page says what that page shows.
//!
//! State: none of its own but the window. `render` sets a property only if it differs from what the
//! window has, and a list only if its rows differ; a page that is not shown has empty properties,
//! so that nothing of a resident stays in the window after the visit.

use std::rc::Rc;

use kiosk_base::domain::Posting;
use kiosk_ui as ui;
use slint::{ComponentHandle, Model, ModelRc, VecModel};

use crate::visit::{
    Event, Page, Press, State, Visit,
    keypad::Stroke,
    printing::{Sheet, Slip},
};

mod account;
mod advice;
mod capacity;
mod chrome;
mod detail;
mod estimate;
mod fairs;
mod glyphs;
mod guides;
pub mod headless;
mod identify;
mod jobs;
pub mod joined;
mod lists;
mod print;
mod questions;
mod reading;
mod retirement;
mod sheet;
mod slip;
pub mod spoken;
mod staff;
mod stick;
pub mod surface;
mod take_away;
mod trainings;
pub mod windowed;
mod words;
mod x;

/// The kiosk's window.
pub struct Screen {
    window: ui::App,
    pending: windowed::Pending,
    display: Rc<windowed::Display>,
    stops: reading::Stops,
}

impl Screen {
    /// Makes the window on whatever platform was chosen; shows nothing yet.
    ///
    /// # Errors
    /// When the platform has no display or no renderer.
    pub fn new() -> Result<Self, slint::PlatformError> {
        let window = ui::App::new()?;
        glyphs::register_typeface();
        let lines = window.global::<ui::Lines<'_>>();
        lines.on_joined(|text| joined::joined(&text).as_str().into());
        Ok(Self {
            window,
            pending: windowed::Pending::default(),
            display: Rc::default(),
            stops: reading::Stops::default(),
        })
    }

    /// Sends every press to `send`, as an event.
    pub fn bind(&self, send: impl Fn(Event) + 'static) {
        let send: Send = Rc::new(send);
        chrome::bind(&self.window, &send);
        trainings::bind(&self.window, &send);
        guides::bind(&self.window, &send);
        jobs::bind(&self.window, &send);
        fairs::bind(&self.window, &send);
        detail::bind(&self.window, &send);
        identify::bind(&self.window, &send);
        account::bind(&self.window, &send);
        advice::bind(&self.window, &send);
        retirement::bind(&self.window, &send);
        print::bind(&self.window, &send);
        questions::bind(&self.window, &send);
        take_away::bind(&self.window, &send);
        sheet::bind(&self.window, &send);
        estimate::bind(&self.window, &send);
        staff::bind(&self.window, &send);
        stick::bind(&self.window, &send);
    }

    /// Calls `lay` with the demonstration's resident whose card is to be laid, or `None` to lift.
    pub fn on_demo_card(&self, lay: impl Fn(Option<usize>) + 'static) {
        let kiosk = self.window.global::<ui::Kiosk<'_>>();
        kiosk.on_demo_card(move |resident| lay(usize::try_from(resident).ok()));
    }

    /// Calls `offer` with the fault that the demonstration is to offer, or `None` for the
    /// residents, and `play` with the one that the reader is to play.
    pub fn on_demo_fault(
        &self,
        offer: impl Fn(Option<usize>) + 'static,
        play: impl Fn(usize) + 'static,
    ) {
        let kiosk = self.window.global::<ui::Kiosk<'_>>();
        kiosk.on_demo_offer(move |fault| offer(usize::try_from(fault).ok()));
        kiosk.on_demo_play(move |fault| usize::try_from(fault).into_iter().for_each(&play));
    }

    /// Puts words to what is to be printed: the same that the page shows.
    pub fn slip(&self, state: &State, sheet: &Sheet) -> Slip {
        print::slip(&self.window, state, sheet)
    }

    /// What the QR code of a posting says: a vCard.
    pub fn card(&self, posting: &Posting) -> String {
        take_away::card(&self.window, posting)
    }

    /// Draws a frame although nothing changed, where there is a display.
    pub fn redraw(&self) {
        self.window.window().request_redraw();
    }

    /// Shows `state`.
    pub fn render(&self, state: &State) {
        self.scale(state.comfort().size, state.comfort().low);
        words::select(state.comfort().language);
        chrome::render(&self.window, state);
        trainings::render(&self.window, state);
        guides::render(&self.window, state);
        detail::render(&self.window, state);
        jobs::render(&self.window, state);
        fairs::render(&self.window, state);
        identify::render(&self.window, state);
        account::render(&self.window, state);
        advice::render(&self.window, state);
        retirement::render(&self.window, state);
        print::render(&self.window, state);
        questions::render(&self.window, state);
        take_away::render(&self.window, state);
        sheet::render(&self.window, state);
        estimate::render(&self.window, state);
        staff::render(&self.window, state);
        stick::render(&self.window, state);
        // Last, so that a page comes up with its content in place.
        chrome::render_page(&self.window, state);
    }
}

/// Where presses go.
type Send = Rc<dyn Fn(Event)>;

/// A callback that sends `press`.
fn press(send: &Send, press: Press) -> impl Fn() + 'static {
    let send = send.clone();
    move || send(Event::Press(press))
}

/// A callback that sends the opening of a row.
fn open(send: &Send) -> impl Fn(i32) + 'static {
    let send = send.clone();
    move |row| {
        if let Ok(row) = usize::try_from(row) {
            send(Event::Press(Press::Open(row)));
        }
    }
}

/// A callback that sends a key of a pad.
fn key(send: &Send) -> impl Fn(slint::SharedString) + 'static {
    let send = send.clone();
    move |text| {
        if let Some(key) = text.chars().next() {
            send(Event::Press(Press::Pad(Stroke::Key(key))));
        }
    }
}

/// Sets a property of a global if it changed.
macro_rules! set {
    ($global:expr, $get:ident, $set:ident, $value:expr) => {{
        let value = $value;
        if $global.$get() != value {
            $global.$set(value);
        }
    }};
}
use set;

/// The rows for a list property: `None` when those it has are the same.
fn changed_rows<T: Clone + PartialEq + 'static>(
    present: &ModelRc<T>,
    rows: Vec<T>,
) -> Option<ModelRc<T>> {
    let same = present.row_count() == rows.len() && present.iter().zip(&rows).all(|(a, b)| a == *b);
    (!same).then(|| ModelRc::from(Rc::new(VecModel::from(rows))))
}

/// Sets a list property of a global if its rows changed.
macro_rules! set_rows {
    ($global:expr, $get:ident, $set:ident, $rows:expr) => {
        if let Some(rows) = crate::screen::changed_rows(&$global.$get(), $rows) {
            $global.$set(rows);
        }
    };
}
use set_rows;

/// The row that was pressed before one came back to the page, for pages that show it; -1 for none.
fn chosen(state: &State) -> i32 {
    state.visit.as_ref().and_then(Visit::chosen).map_or(-1, int)
}

/// The count as Slint has numbers.
fn int(n: impl TryInto<i32>) -> i32 {
    n.try_into().unwrap_or(i32::MAX)
}

/// The kind of the page that is shown.
fn page_kind(state: &State) -> ui::PageKind {
    use ui::PageKind as Kind;
    match state.page() {
        None => Kind::Attract,
        Some(Page::Home) => Kind::Home,
        Some(Page::Work) => Kind::Work,
        Some(Page::Rights) => Kind::Rights,
        Some(Page::Help) => Kind::Help,
        Some(Page::Question(_)) => Kind::Question,
        Some(Page::Jobs(page)) => jobs::kind(page),
        Some(Page::Trainings(page)) => trainings::kind(page),
        Some(Page::Fairs(page)) => fairs::kind(page),
        Some(Page::Guides(page)) => guides::kind(page),
        Some(Page::Identify(_)) => Kind::Identify,
        Some(Page::Account(page)) => account::kind(page),
        Some(Page::Print(_)) => Kind::Print,
        Some(Page::TakeAway(_)) => Kind::TakeAway,
        Some(Page::Estimate(_)) => Kind::Estimate,
        Some(Page::Retirement(_)) => Kind::Retirement,
        Some(Page::Staff(page)) => staff::kind(page),
        Some(Page::Stick(page)) => stick::kind(page),
    }
}
