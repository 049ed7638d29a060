//! One resident's visit, as a pure function: [`step`] takes the state and an event, changes the
//! state and says what is to be done. No I/O, no clock, no randomness: time arrives as events, and
//! what workers find out comes back as events that carry their ticket, so that an answer
//! meant for the last resident is dropped.
//!
//! Each flow is a file with its own pages, presses and states: [`jobs`], [`trainings`], [`fairs`],
//! [`guides`] (and boards), [`identify`] (from the card to the account; which card, [`places`] says),
//! [`query_pin`] (where the county asks for one), [`account`] (its pages), [`history`] (the rest of
//! its long lists), [`what_if`] (what a pension would come to), [`retirement`] (from when on one may
//! draw it), [`questions`] (instead of dead ends), [`printing`] (slips), [`take_away`] (a QR code, and
//! paper), [`staff`], [`stick`] (importing from a USB stick), [`help`]. [`map`] says where a job is.
//! Who uses keys moves along what the page has: [`focus`].
//! [`step`] only keeps the visit's frame — begin, end, idle, way back, comfort — and hands on: what a
//! page more has to answer, the compiler says.
//!
//! State: everything the kiosk shows. What outlives a visit is in [`Machine`]; what belongs to the
//! resident is in [`Visit`], and all that is personal in its one [`Resident`].

use std::time::Duration;

use jiff::civil::DateTime;
use kiosk_base::domain::{Account, DivisionCode, Posting};
use kiosk_devices::card::ReaderStatus;

pub mod account;
mod comfort;
pub mod facts;
pub mod fairs;
pub mod fit;
pub mod focus;
pub mod guides;
pub mod help;
mod history;
pub mod identify;
pub mod jobs;
pub mod keypad;
pub mod machine;
pub mod map;
mod messages;
mod page;
pub mod places;
pub mod printing;
pub mod query_pin;
pub mod questions;
pub mod retirement;
pub mod staff;
pub mod stick;
pub mod take_away;
mod trail;
pub mod trainings;
pub mod what_if;

use fit::TextSize;
use focus::Focus;
use keypad::Stroke;
use page::Leaf;

pub use comfort::{Comfort, Language, Palette};
pub use identify::Resident;
pub use machine::{LinkStatus, Machine, Summary};
pub use messages::{Effect, Entrance, Event, Press};
pub use page::Page;
pub use places::{Cards, Place};

/// Names a visit. What is found for another than the present one is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct VisitTicket(pub u64);

/// Names a question to the county: in one visit two cards may be laid, one after the other. An answer
/// to another than the last is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct QuestionTicket(pub u64);

/// Names a slip that is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SlipTicket(pub u64);

/// The kiosk as it is now.
#[derive(Debug)]
pub struct State {
    /// What outlives visits.
    pub machine: Machine,
    /// The present visit, if somebody is here.
    pub visit: Option<Visit>,
    /// Where the focus is, once a key was pressed in this visit.
    pub focus: Option<Focus>,
    tickets: u64,
}

/// One visit.
#[derive(Debug)]
pub struct Visit {
    /// Its name.
    pub ticket: VisitTicket,
    /// When the resident last did anything, on the monotonic clock.
    pub touched: Duration,
    /// How the pages are shown to this resident.
    pub comfort: Comfort,
    /// The pages from home to the present one; never empty.
    pub trail: Vec<Page>,
    /// The place whose card has the visit, while it lies there.
    pub place: Option<Place>,
    /// Whether the resident has seen what is asked about them, why, and what is kept: before that
    /// nothing is asked (个人信息保护法 Art 17).
    pub informed: bool,
    /// Who it is, once a card was read. All personal data of the visit.
    pub resident: Option<Resident>,
    /// The slip that is being printed, and of what.
    pub slip: Option<(SlipTicket, printing::Source)>,
    /// How the call for the staff stands, once they were called.
    pub call: Option<help::Call>,
    /// The posting that was kept to be compared with another.
    pub kept: Option<Box<Posting>>,
    /// Which row was pressed last on each page of the trail.
    rows: Vec<Option<usize>>,
}

impl State {
    /// A kiosk that waits for its first resident.
    pub fn new(machine: Machine) -> Self {
        Self { machine, visit: None, focus: None, tickets: 0 }
    }

    /// The page that is shown; `None` is the attract page.
    pub fn page(&self) -> Option<&Page> {
        self.visit.as_ref().and_then(|visit| visit.trail.last())
    }

    /// How pages are shown now.
    pub fn comfort(&self) -> Comfort {
        self.visit.as_ref().map(|visit| visit.comfort).unwrap_or_default()
    }

    /// What fits on the screen now.
    pub fn fit(&self) -> fit::Fit {
        let Comfort { size, low, .. } = self.comfort();
        self.machine.fits.at(size, low)
    }

    /// How many pages the content of the present page takes.
    pub fn pages(&self) -> usize {
        let Some(visit) = &self.visit else { return 1 };
        let (machine, fit) = (&self.machine, self.fit());
        match visit.page() {
            Page::Home | Page::Work | Page::Rights | Page::Help | Page::Question(_) => 1,
            Page::Identify(_) | Page::Estimate(_) | Page::Retirement(_) | Page::Print(_) => 1,
            Page::TakeAway(_) => 1,
            Page::Jobs(page) => jobs::pages(machine, visit, page, &fit),
            Page::Trainings(page) => page.pages(&fit),
            Page::Fairs(page) => page.pages(&fit),
            Page::Guides(page) => page.pages(machine, &fit),
            Page::Account(page) => account::pages(machine, visit, page, &fit),
            Page::Staff(page) => staff::pages(machine, visit, page, &fit),
            Page::Stick(page) => page.pages(&fit),
        }
    }

    /// Whole seconds until the visit ends by itself.
    pub fn seconds_left(&self) -> u64 {
        let limit = self.unhurried() + self.machine.settings.warning;
        self.idle().map_or(0, |idle| limit.saturating_sub(idle).as_millis().div_ceil(1000) as u64)
    }

    /// Whether the resident is being asked if they are still there.
    pub fn warning(&self) -> bool {
        self.idle().is_some_and(|idle| idle >= self.unhurried())
    }

    /// How long nobody may touch anything before it is asked whether somebody is there. Who needs large
    /// words reads for longer, and so does who goes by keys.
    pub fn unhurried(&self) -> Duration {
        let idle = self.machine.settings.idle;
        let slow = self.comfort().size != TextSize::Standard || self.focus.is_some();
        if slow { idle * 2 } else { idle }
    }

    fn idle(&self) -> Option<Duration> {
        self.visit.as_ref().map(|visit| self.machine.mono.saturating_sub(visit.touched))
    }

    /// A number for a ticket, which none had before.
    fn number(&mut self) -> u64 {
        self.tickets += 1;
        self.tickets
    }

    fn begin(&mut self) -> &mut Visit {
        let ticket = VisitTicket(self.number());
        self.visit.insert(Visit {
            ticket,
            touched: self.machine.mono,
            comfort: Comfort::default(),
            trail: vec![Page::Home],
            place: None,
            informed: false,
            resident: None,
            slip: None,
            call: None,
            kept: None,
            rows: Vec::new(),
        })
    }
}

impl Visit {
    /// Whose account is shown, once the county has answered.
    pub fn account(&self) -> Option<(&Resident, &Account)> {
        let resident = self.resident.as_ref()?;
        Some((resident, resident.account.as_deref()?))
    }

    /// Whether the staff are at work, or about to be.
    pub fn staffed(&self) -> bool {
        let at_work =
            |page: &Page| matches!(page, Page::Staff(staff::Page::Pin(_) | staff::Page::Desk(_)));
        self.trail.iter().any(at_work)
    }
}

/// Takes `event` into `state` and says what is to be done.
pub fn step(state: &mut State, event: Event) -> Vec<Effect> {
    match event {
        Event::Tick { mono, wall } => tick(state, mono, wall),
        Event::Measured(fits) => {
            state.machine.fits = *fits;
            if let Some(visit) = &mut state.visit {
                visit.comfort.low &= state.machine.fits.low.is_some();
                visit.comfort.size = offered(&state.machine, visit.comfort);
            }
            refit(state)
        }
        Event::Touched => {
            touched(state);
            Vec::new()
        }
        Event::Press(press) => pressed(state, press),
        Event::Key(key) => focus::key(state, key),
        Event::KeyHeld(key) => focus::held(state, key),
        Event::Read(stops) => {
            focus::read(state, stops);
            Vec::new()
        }
        Event::Reader(event) => identify::reader(state, Place::Plate, event),
        Event::Slot(event) => identify::reader(state, Place::Slot, event),
        Event::Printer(status) => {
            state.machine.printer = Some(status);
            Vec::new()
        }
        Event::Printed { ticket, outcome } => {
            printing::printed(state, ticket, outcome);
            Vec::new()
        }
        Event::StaffCard(place) => {
            if places::heard(state, place) {
                staff::ask_pin(state);
                places::take(state, place);
            }
            Vec::new()
        }
        Event::Link(status) => {
            state.machine.link = status;
            Vec::new()
        }
        Event::Summary(summary) => {
            state.machine.summary = *summary;
            look_again(state)
        }
        Event::Alarm(at) => {
            state.machine.alarm = Some(at);
            Vec::new()
        }
        Event::DemoLaid(laid) => {
            state.machine.demo.laid = laid;
            Vec::new()
        }
        Event::DemoFault { fault, playing } => {
            let demo = &mut state.machine.demo;
            demo.fault = fault.filter(|fault| *fault < demo.faults.len());
            demo.playing = playing;
            Vec::new()
        }
        Event::Refresh(progress) => {
            state.machine.refresh = progress;
            Vec::new()
        }
        Event::Postings { ticket, query, results } => {
            answered(state, ticket, |visit| jobs::postings(visit, query, results))
        }
        Event::Facets { ticket, query, facets } => {
            answered(state, ticket, |visit| jobs::counted(visit, &query, &facets))
        }
        Event::Trainings { ticket, offset, results } => {
            answered(state, ticket, |visit| trainings::found(visit, offset, results))
        }
        Event::Fairs { ticket, month, fairs } => {
            answered(state, ticket, |visit| fairs::found(visit, month, fairs))
        }
        Event::Sticks { ticket, files } => {
            answered(state, ticket, |visit| stick::found(visit, files))
        }
        Event::Tried { ticket, outcome } => {
            answered(state, ticket, |visit| stick::tried(visit, outcome))
        }
        Event::Kept { ticket, outcome } => {
            answered(state, ticket, |visit| stick::kept(visit, outcome))
        }
        Event::Called { ticket, told } => {
            help::called(state, ticket, told);
            Vec::new()
        }
        Event::Readiness { ticket, rows } => {
            answered(state, ticket, |visit| staff::checked(visit, rows))
        }
        Event::Pin { ticket, answer } => match current(state, ticket) {
            Some(visit) => staff::pin_answered(visit, answer),
            None => Vec::new(),
        },
        Event::Account { ticket, answer } => identify::answered(state, ticket, answer),
        Event::History { ticket, answer } => history::answered(state, ticket, answer),
    }
}

/// A worker's answer is taken only by the visit that asked.
fn answered(state: &mut State, ticket: VisitTicket, take: impl FnOnce(&mut Visit)) -> Vec<Effect> {
    if let Some(visit) = current(state, ticket) {
        take(visit);
    }
    Vec::new()
}

/// The present visit, if `ticket` is its name.
fn current(state: &mut State, ticket: VisitTicket) -> Option<&mut Visit> {
    state.visit.as_mut().filter(|visit| visit.ticket == ticket)
}

fn tick(state: &mut State, mono: Duration, wall: DateTime) -> Vec<Effect> {
    let machine = &mut state.machine;
    machine.mono = machine.mono.max(mono);
    let yesterday = std::mem::replace(&mut machine.wall, wall).date();
    if wall.date() != yesterday {
        // Towns come and go by date; and a clock that was wrong may have been put right.
        machine.towns = machine.towns();
        machine.alarm = machine.alarm.filter(|at| at.date() == wall.date());
    }
    if state.visit.is_some() && state.seconds_left() == 0 {
        return end(state);
    }
    let now = state.machine.mono;
    if let Some(resident) = state.visit.as_mut().and_then(|visit| visit.resident.as_mut()) {
        resident.hide_when_due(now);
    }
    Vec::new()
}

/// Ends the visit: everything of it is dropped here, and with it all that is personal.
fn end(state: &mut State) -> Vec<Effect> {
    state.focus = None;
    match state.visit.take() {
        Some(Visit { slip: Some(_), .. }) => vec![Effect::CancelAccount, Effect::CancelPrint],
        Some(_) => vec![Effect::CancelAccount],
        None => Vec::new(),
    }
}

fn touched(state: &mut State) {
    if let Some(visit) = &mut state.visit {
        visit.touched = state.machine.mono;
    }
}

fn pressed(state: &mut State, press: Press) -> Vec<Effect> {
    touched(state);
    let Some(visit) = &mut state.visit else {
        return match press {
            Press::Start => {
                state.begin();
                Vec::new()
            }
            Press::StartAt(entrance) => {
                state.begin();
                enter(state, entrance)
            }
            _ => Vec::new(),
        };
    };
    match press {
        Press::Stay | Press::Start | Press::StartAt(_) => Vec::new(),
        Press::End => end(state),
        Press::Home => {
            visit.trail.truncate(1);
            leave_question(visit)
        }
        Press::Back => {
            visit.back();
            let mut effects = leave_question(visit);
            effects.extend(refit(state));
            effects
        }
        Press::Larger => {
            let offered = state.machine.sizes(visit.comfort.low);
            let at = offered.iter().position(|size| *size == state.comfort().size);
            let next = offered[at.map_or(0, |at| at + 1) % offered.len()];
            resize(state, next)
        }
        Press::Size(size) => resize(state, size),
        Press::Lower => {
            visit.comfort.low = !visit.comfort.low && state.machine.fits.low.is_some();
            visit.comfort.size = offered(&state.machine, visit.comfort);
            refit(state)
        }
        Press::Palette => {
            visit.comfort.palette = visit.comfort.palette.next();
            Vec::new()
        }
        Press::Language => {
            visit.comfort.language = match visit.comfort.language {
                Language::Chinese => Language::English,
                Language::English => Language::Chinese,
            };
            Vec::new()
        }
        Press::Help => {
            visit.go(Page::Help);
            Vec::new()
        }
        Press::Held => {
            staff::ask_pin(state);
            Vec::new()
        }
        Press::To(entrance) => enter(state, entrance),
        Press::Next => turn(state, Leaf::Next),
        Press::Previous => turn(state, Leaf::Previous),
        Press::Open(row) => open(state, row),
        Press::Pad(stroke) => typed(state, stroke),
        Press::Jobs(press) => jobs::pressed(state, press),
        Press::Fairs(press) => fairs::pressed(&state.machine, visit, press),
        Press::Identify(press) => identify::pressed(state, press),
        Press::Account(press) => {
            account::pressed(state, press);
            Vec::new()
        }
        Press::Print => printing::pressed(state),
        Press::Call => help::call(state),
        Press::TakeAway => {
            take_away::enter(visit);
            Vec::new()
        }
        Press::Turn(turn) => {
            what_if::turned(state, turn);
            Vec::new()
        }
        Press::Staff(press) => staff::pressed(state, press),
        Press::Stick(press) => stick::pressed(visit, press),
    }
}

/// Goes into a flow.
fn enter(state: &mut State, entrance: Entrance) -> Vec<Effect> {
    let fit = state.fit();
    let State { machine, visit: Some(visit), .. } = state else { return Vec::new() };
    // These offer no other: it was pressed on the page before.
    let is_apart = matches!(visit.page(), Page::Identify(_) | Page::Staff(_) | Page::Stick(_));
    match entrance {
        Entrance::WithoutCard => questions::without_card(state),
        Entrance::Insurance => identify::enter(visit),
        _ if is_apart => {}
        Entrance::Work => visit.go(Page::Work),
        Entrance::Rights => visit.go(Page::Rights),
        Entrance::Guides => guides::enter(visit),
        Entrance::Boards => guides::enter_boards(visit),
        Entrance::Jobs => return jobs::enter(machine, visit),
        Entrance::Trainings => return trainings::enter(visit, &fit),
        Entrance::Fairs => return fairs::enter(machine, visit),
    }
    Vec::new()
}

/// Turns the present page.
fn turn(state: &mut State, leaf: Leaf) -> Vec<Effect> {
    let pages = state.pages();
    let Some(visit) = &mut state.visit else { return Vec::new() };
    if let Some(number) = visit.page_mut().number() {
        *number = leaf.from(*number, pages);
        return Vec::new();
    }
    match visit.page() {
        Page::Jobs(_) => jobs::turn(visit, pages, leaf),
        Page::Trainings(_) => trainings::turn(visit, pages, leaf),
        _ => Vec::new(),
    }
}

/// Opens the n-th row of the present page.
fn open(state: &mut State, row: usize) -> Vec<Effect> {
    let fit = state.fit();
    let State { machine, visit: Some(visit), .. } = state else { return Vec::new() };
    visit.choose(row);
    match visit.page() {
        Page::Home | Page::Work | Page::Rights | Page::Help => {}
        Page::Question(_) => questions::open(state, row),
        Page::Estimate(_) | Page::Print(_) | Page::TakeAway(_) => {}
        Page::Identify(identify::Step::Lay) if row == 0 => retirement::enter(machine, visit),
        Page::Identify(_) => {}
        Page::Jobs(_) => return jobs::open(machine, visit, &fit, row),
        Page::Trainings(_) => trainings::open(visit, row),
        Page::Fairs(_) => fairs::open(visit, &fit, row),
        Page::Guides(_) => guides::open(machine, visit, &fit, row),
        Page::Account(_) => account::open(state, row),
        Page::Retirement(_) => retirement::open(state, row),
        Page::Staff(_) => return staff::open(machine, visit, &fit, row),
        Page::Stick(_) => return stick::open(visit, &fit, row),
    }
    Vec::new()
}

/// A stroke on the pad of the present page.
fn typed(state: &mut State, stroke: Stroke) -> Vec<Effect> {
    let fit = state.fit();
    let State { machine, visit: Some(visit), .. } = state else { return Vec::new() };
    match visit.page() {
        Page::Jobs(_) => jobs::typed(machine, visit, &fit, stroke),
        Page::Identify(_) => query_pin::typed(state, stroke),
        Page::Staff(_) => staff::typed(visit, stroke),
        Page::Home | Page::Work | Page::Rights | Page::Help => Vec::new(),
        Page::Trainings(_) | Page::Fairs(_) | Page::Guides(_) | Page::Stick(_) => Vec::new(),
        Page::TakeAway(_) | Page::Question(_) => Vec::new(),
        Page::Account(_) | Page::Print(_) | Page::Estimate(_) | Page::Retirement(_) => Vec::new(),
    }
}

/// The cache holds something else now: what is looked for is looked for again.
fn look_again(state: &mut State) -> Vec<Effect> {
    let State { visit: Some(visit), .. } = state else { return Vec::new() };
    match visit.page() {
        Page::Jobs(_) => jobs::look_again(visit),
        Page::Trainings(_) => trainings::look_again(visit),
        Page::Fairs(_) => fairs::ask(visit),
        _ => Vec::new(),
    }
}

/// A question that nobody waits for any more is dropped at once.
fn leave_question(visit: &mut Visit) -> Vec<Effect> {
    let waiting = visit.trail.iter().any(|page| matches!(page, Page::Identify(_)));
    let unanswered = visit.resident.as_ref().is_some_and(|resident| resident.account.is_none());
    if !waiting && unanswered {
        visit.resident = None;
        return vec![Effect::CancelAccount];
    }
    Vec::new()
}

/// The size of the text, or where that is not offered the one that looks like it.
fn offered(machine: &Machine, Comfort { size, low, .. }: Comfort) -> TextSize {
    let same = |other: &TextSize| machine.fits.at(*other, low) == machine.fits.at(size, low);
    machine.sizes(low).into_iter().find(same).unwrap_or_default()
}

/// Shows words of another size.
fn resize(state: &mut State, size: TextSize) -> Vec<Effect> {
    if let Some(visit) = &mut state.visit {
        visit.comfort.size = size;
    }
    refit(state)
}

/// The screen or the text size changed, or an older page came back: it is cut anew. The first row
/// shown stays on the page.
fn refit(state: &mut State) -> Vec<Effect> {
    let (fit, last) = (state.fit(), state.pages().saturating_sub(1));
    let Some(visit) = &mut state.visit else { return Vec::new() };
    if let Some(number) = visit.page_mut().number() {
        *number = (*number).min(last);
    }
    match visit.page() {
        Page::Jobs(_) => jobs::refit(visit, &fit),
        Page::Trainings(_) => trainings::refit(visit, &fit),
        Page::Fairs(_) => fairs::refit(visit),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
