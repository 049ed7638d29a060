//! The staff's way in and their page.
//!
//! State: digits typed so far, and what the desk shows. The PIN itself is checked by a worker.

use kiosk_base::domain::{PostingId, Stop};

use super::{Effect, Machine, Page, Press, State, Visit, fit::Fit, jobs, keypad::Digits, stick};

pub use crate::listings::Mark;

/// The page that asks for the PIN.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pin {
    /// What was typed.
    pub typed: Digits,
    /// Whether the answer is awaited.
    pub waiting: bool,
    /// Why it was refused, and for how many seconds one must wait.
    pub refused: Option<(Stop, u32)>,
}

/// The staff's page, and what its further pages show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Desk {
    /// The readiness report, once made.
    pub checks: Vec<CheckRow>,
    /// Whether it is being made.
    pub checking: bool,
}

impl Desk {
    /// How many checks failed.
    pub fn failed(&self) -> usize {
        self.checks.iter().filter(|check| !check.ok).count()
    }
}

/// One row of the readiness report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckRow {
    /// Name of the check, as `kiosk check` prints it.
    pub name: String,
    /// Whether it passed.
    pub ok: bool,
    /// Stop code, empty when there is none.
    pub code: String,
    /// What it found, for the staff.
    pub message: String,
}

/// How far a refresh of the listings is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Whether one is running.
    pub running: bool,
    /// Why the last one failed.
    pub failed: Option<Stop>,
    /// The collections, in the order of the feed.
    pub collections: Vec<CollectionProgress>,
}

/// One collection's state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CollectionProgress {
    /// Its name in the feed.
    pub name: String,
    /// Rows in the cache.
    pub rows: u64,
    /// When it was last brought up to date, in words of the clock: `11月23日 9:40`.
    pub refreshed: Option<jiff::civil::DateTime>,
    /// Changes taken in by the running refresh.
    pub done: u64,
    /// Changes there are to take in.
    pub total: u64,
    /// Why it could not be brought up to date when that was last tried.
    pub failed: Option<Stop>,
}

pub(super) fn ask_pin(state: &mut State) {
    if state.visit.is_none() {
        state.begin();
    }
    let mono = state.machine.mono;
    let Some(visit) = &mut state.visit else { return };
    visit.touched = mono;
    // Staff do not work over a resident's open account.
    if visit.resident.is_some() || visit.staffed() {
        return;
    }
    // The page that read the card of the staff waits for nobody any more.
    visit.trail.retain(|page| !matches!(page, Page::Identify(_)));
    visit.go(Page::Pin(Pin::default()));
}

pub(super) fn pressed(state: &mut State, press: Press) -> Vec<Effect> {
    let fit = state.fit();
    let State { visit: Some(visit), .. } = state else { return Vec::new() };
    let ticket = visit.ticket;
    let last = desk(visit).map_or(0, |desk| pages(desk, &fit) - 1);
    let marks_last = marks_pages(&state.machine, &fit) - 1;
    let staffed = visit.staffed();
    match (visit.page_mut(), press) {
        (Page::Pin(pin), press) => return pin_pressed(pin, ticket, press),
        (Page::Staff(_), Press::Refresh) => return vec![Effect::RefreshListings],
        (Page::Staff(_), Press::Acknowledge) if state.machine.alarm.is_some() => {
            state.machine.alarm = None;
            return vec![Effect::Acknowledge];
        }
        (Page::Staff(_), Press::Checks) => visit.go(Page::Checks(0)),
        (Page::Staff(_), Press::Sticks) => return stick::enter(visit),
        (Page::Staff(_), Press::Marks) => visit.go(Page::Marks(0)),
        (Page::Staff(_), Press::Manage) => return jobs::enter(&state.machine, visit),
        (Page::Marks(page), Press::Next) => *page = (*page + 1).min(marks_last),
        (Page::Marks(page), Press::Previous) => *page = page.saturating_sub(1),
        (Page::Marks(page), Press::Open(index)) => {
            let chosen = *page * fit.list(MARK_ROW).cells() + index;
            if let Some(marked) = state.machine.summary.marks.get(chosen) {
                let (id, title) = (marked.id.clone(), marked.title.clone());
                return vec![Effect::MarkPosting { id, title, mark: None }];
            }
        }
        (Page::Job(job), Press::Pin | Press::Hide) if staffed => {
            let wanted = if press == Press::Pin { Mark::Pinned } else { Mark::Hidden };
            let (id, title) = (job.posting.id.clone(), job.posting.title.clone());
            let present = mark_of(&state.machine, &id);
            let mark = (present != Some(wanted)).then_some(wanted);
            return vec![Effect::MarkPosting { id, title, mark }];
        }
        (Page::Checks(page), Press::Next) => *page = (*page + 1).min(last),
        (Page::Checks(page), Press::Previous) => *page = page.saturating_sub(1),
        (Page::Checks(page), Press::Check) => {
            *page = 0;
            if let Some(desk) = desk_mut(visit) {
                desk.checking = true;
                return vec![Effect::CheckMachine { ticket }];
            }
        }
        _ => {}
    }
    Vec::new()
}

/// How the town shows the posting `id`, where it is marked.
pub fn mark_of(machine: &Machine, id: &PostingId) -> Option<Mark> {
    machine.summary.marks.iter().find(|marked| marked.id == *id).map(|marked| marked.mark)
}

/// Least height of a marked posting's row.
pub const MARK_ROW: f32 = 132.0;

/// Pages of the list of marks.
pub fn marks_pages(machine: &Machine, fit: &Fit) -> usize {
    fit.list(MARK_ROW).pages(machine.summary.marks.len())
}

/// The desk of the present visit, on whichever page it is.
pub fn desk(visit: &Visit) -> Option<&Desk> {
    visit.trail.iter().find_map(|page| match page {
        Page::Staff(desk) => Some(desk),
        _ => None,
    })
}

fn desk_mut(visit: &mut Visit) -> Option<&mut Desk> {
    visit.trail.iter_mut().find_map(|page| match page {
        Page::Staff(desk) => Some(desk),
        _ => None,
    })
}

fn pin_pressed(pin: &mut Pin, ticket: super::VisitTicket, press: Press) -> Vec<Effect> {
    match press {
        _ if pin.waiting => return Vec::new(),
        Press::Key(key) => {
            pin.refused = None;
            pin.typed.push(key);
        }
        Press::Erase => pin.typed.erase(),
        Press::Enter if !pin.typed.is_empty() => {
            pin.waiting = true;
            return vec![Effect::CheckPin { ticket, pin: pin.typed.take() }];
        }
        _ => {}
    }
    Vec::new()
}

pub(super) fn pin_answered(visit: &mut Visit, answer: Result<(), (Stop, u32)>) -> Vec<Effect> {
    let ticket = visit.ticket;
    // Help may stand above the page that waits.
    let waiting = |page: &&mut Page| matches!(page, Page::Pin(Pin { waiting: true, .. }));
    let Some(page) = visit.trail.iter_mut().find(waiting) else { return Vec::new() };
    match answer {
        Ok(()) => {
            *page = Page::Staff(Desk { checking: true, ..Desk::default() });
            vec![Effect::CheckMachine { ticket }]
        }
        Err(refused) => {
            *page = Page::Pin(Pin { refused: Some(refused), ..Pin::default() });
            Vec::new()
        }
    }
}

pub(super) fn checked(visit: &mut Visit, rows: Vec<CheckRow>) {
    if let Some(desk) = desk_mut(visit) {
        *desk = Desk { checks: rows, checking: false };
    }
}

/// Rows of the report on a page.
pub fn rows_a_page(fit: &Fit) -> usize {
    match (fit.landscape(), fit.large()) {
        (false, false) if fit.small() => 4,
        (true, false) if fit.small() => 3,
        (false, false) => 7,
        (false, true) => 4,
        (true, false) => 6,
        (true, true) => 3,
    }
}

/// Pages of the report.
pub fn pages(desk: &Desk, fit: &Fit) -> usize {
    desk.checks.len().div_ceil(rows_a_page(fit)).max(1)
}

pub(super) fn refit(machine: &Machine, visit: &mut Visit, fit: &Fit) {
    if let Page::Marks(page) = visit.page_mut() {
        *page = (*page).min(marks_pages(machine, fit) - 1);
    }
    let last = desk(visit).map_or(0, |desk| pages(desk, fit) - 1);
    if let Page::Checks(page) = visit.page_mut() {
        *page = (*page).min(last);
    }
}
