//! The staff's way in and their page.
//!
//! State: digits typed so far, and what the desk shows. The PIN itself is checked by a worker.

use kiosk_base::domain::{PostingId, Stop};

use super::{
    Effect, Machine, State, Visit,
    fit::Fit,
    jobs,
    keypad::{Digits, Stroke},
    stick,
};
use crate::visit;

pub use crate::listings::Mark;

/// The pages of this flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// The staff's PIN.
    Pin(Pin),
    /// The staff's page.
    Desk(Desk),
    /// The readiness report, page by page from 0.
    Checks(usize),
    /// The postings that the town has marked, page by page from 0.
    Marks(usize),
}

/// What the staff alone press.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    /// 立即更新.
    Refresh,
    /// 检查本机.
    Checks,
    /// 重新检查.
    Check,
    /// 知道了: the alarm.
    Acknowledge,
    /// 管理岗位: the list, with ways to pin and hide.
    Manage,
    /// 置顶, on and off.
    Pin,
    /// 隐藏, on and off.
    Hide,
    /// What is pinned and hidden.
    Marks,
    /// 从U盘导入.
    Sticks,
}

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
    /// Pages of the report.
    pub fn pages(&self, fit: &Fit) -> usize {
        self.checks.len().div_ceil(fit.checks).max(1)
    }

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
    visit.trail.retain(|page| !matches!(page, visit::Page::Identify(_)));
    visit.rows.clear();
    visit.go(visit::Page::Staff(Page::Pin(Pin::default())));
}

pub(super) fn pressed(state: &mut State, press: Press) -> Vec<Effect> {
    let State { machine, visit: Some(visit), .. } = state else { return Vec::new() };
    // Without the PIN there is no desk.
    if desk(visit).is_none() {
        return Vec::new();
    }
    let at_desk = matches!(visit.page(), visit::Page::Staff(Page::Desk(_)));
    match press {
        Press::Check => check(visit),
        Press::Pin => mark(machine, visit, Mark::Pinned),
        Press::Hide => mark(machine, visit, Mark::Hidden),
        // All others stand on the desk itself.
        _ if !at_desk => Vec::new(),
        Press::Refresh => vec![Effect::RefreshListings],
        Press::Acknowledge => match machine.alarm.take() {
            Some(_) => vec![Effect::Acknowledge],
            None => Vec::new(),
        },
        Press::Checks => {
            visit.go(visit::Page::Staff(Page::Checks(0)));
            Vec::new()
        }
        Press::Sticks => stick::enter(visit),
        Press::Marks => {
            visit.go(visit::Page::Staff(Page::Marks(0)));
            Vec::new()
        }
        Press::Manage => jobs::enter(machine, visit),
    }
}

/// Makes the report anew.
fn check(visit: &mut Visit) -> Vec<Effect> {
    let ticket = visit.ticket;
    let visit::Page::Staff(Page::Checks(page)) = visit.page_mut() else { return Vec::new() };
    *page = 0;
    match desk_mut(visit) {
        Some(desk) => {
            desk.checking = true;
            vec![Effect::CheckMachine { ticket }]
        }
        None => Vec::new(),
    }
}

/// Marks the posting that is shown, or takes that mark away.
fn mark(machine: &Machine, visit: &Visit, wanted: Mark) -> Vec<Effect> {
    let visit::Page::Jobs(jobs::Page::One(job)) = visit.page() else { return Vec::new() };
    let (id, title) = (job.posting.id.clone(), job.posting.title.clone());
    let mark = (mark_of(machine, &id) != Some(wanted)).then_some(wanted);
    vec![Effect::MarkPosting { id, title, mark }]
}

/// A row was pressed: a mark is taken away.
pub(super) fn open(machine: &Machine, visit: &Visit, fit: &Fit, index: usize) -> Vec<Effect> {
    let visit::Page::Staff(Page::Marks(page)) = visit.page() else { return Vec::new() };
    let chosen = page * fit.marks.cells() + index;
    match machine.summary.marks.get(chosen) {
        Some(marked) => {
            let (id, title) = (marked.id.clone(), marked.title.clone());
            vec![Effect::MarkPosting { id, title, mark: None }]
        }
        None => Vec::new(),
    }
}

/// How the town shows the posting `id`, where it is marked.
pub fn mark_of(machine: &Machine, id: &PostingId) -> Option<Mark> {
    machine.summary.marks.iter().find(|marked| marked.id == *id).map(|marked| marked.mark)
}

impl Page {
    /// The number of the page that is shown, from 0, where there may be several.
    pub(super) fn number(&mut self) -> Option<&mut usize> {
        match self {
            Self::Checks(page) | Self::Marks(page) => Some(page),
            Self::Pin(_) | Self::Desk(_) => None,
        }
    }
}

/// How many pages the content of the present page takes.
pub(super) fn pages(machine: &Machine, visit: &Visit, page: &Page, fit: &Fit) -> usize {
    match page {
        Page::Checks(_) => desk(visit).map_or(1, |desk| desk.pages(fit)),
        Page::Marks(_) => fit.marks.pages(machine.summary.marks.len()),
        Page::Pin(_) | Page::Desk(_) => 1,
    }
}

/// The desk of the present visit, on whichever page it is.
pub fn desk(visit: &Visit) -> Option<&Desk> {
    visit.trail.iter().find_map(|page| match page {
        visit::Page::Staff(Page::Desk(desk)) => Some(desk),
        _ => None,
    })
}

fn desk_mut(visit: &mut Visit) -> Option<&mut Desk> {
    pages_of(visit).find_map(|page| match page {
        Page::Desk(desk) => Some(desk),
        _ => None,
    })
}

/// The pages of the staff on the trail of a visit.
fn pages_of(visit: &mut Visit) -> impl Iterator<Item = &mut Page> {
    visit.trail.iter_mut().filter_map(|page| match page {
        visit::Page::Staff(page) => Some(page),
        _ => None,
    })
}

/// A stroke on the pad of the PIN.
pub(super) fn typed(visit: &mut Visit, stroke: Stroke) -> Vec<Effect> {
    let ticket = visit.ticket;
    let visit::Page::Staff(Page::Pin(pin)) = visit.page_mut() else { return Vec::new() };
    if pin.waiting {
        return Vec::new();
    }
    if matches!(stroke, Stroke::Key(_)) {
        pin.refused = None;
    }
    match pin.typed.typed(stroke) {
        Some(typed) => {
            pin.waiting = true;
            vec![Effect::CheckPin { ticket, pin: typed }]
        }
        None => Vec::new(),
    }
}

pub(super) fn pin_answered(visit: &mut Visit, answer: Result<(), (Stop, u32)>) -> Vec<Effect> {
    let ticket = visit.ticket;
    // Help may stand above the page that waits.
    let mut pages = pages_of(visit);
    let waiting = |page: &&mut Page| matches!(page, Page::Pin(Pin { waiting: true, .. }));
    let Some(page) = pages.find(waiting) else { return Vec::new() };
    match answer {
        Ok(()) => {
            *page = Page::Desk(Desk { checking: true, ..Desk::default() });
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
