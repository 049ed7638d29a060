//! Looking around without a card: training, guides, boards; the doors to them.
//!
//! State: each page keeps what was asked, which page of it is shown, and what came back. An answer
//! is taken only by the page that asks for just that.

use kiosk_base::domain::{TrainingNotice, guide::Window};

use super::{Effect, Page, Press, State, Visit, fairs, fit::Fit, jobs, machine::Machine};
use crate::listings;

/// Training notices, page by page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trainings {
    /// Index of the first row.
    pub offset: usize,
    /// Rows of a page.
    pub limit: usize,
    /// What was found.
    pub results: Option<listings::Trainings>,
    /// How many there are.
    pub total: usize,
}

/// One notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Training {
    /// The notice.
    pub notice: Box<TrainingNotice>,
    /// Page shown, from 0.
    pub page: usize,
}

/// A list of guides or boards.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Guides {
    /// Only guides of this window.
    pub window: Option<Window>,
    /// Page shown, from 0.
    pub page: usize,
}

/// One guide or board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paged {
    /// Which, as an index into the machine's list.
    pub index: usize,
    /// Page shown, from 0.
    pub page: usize,
}

impl Guides {
    /// The indexes of the guides on this list.
    pub fn of<'a>(&'a self, machine: &'a Machine) -> impl Iterator<Item = usize> + 'a {
        let wanted = move |window: Window| self.window.is_none_or(|only| only == window);
        (0..machine.guides.len()).filter(move |&i| wanted(machine.guides[i].window))
    }
}

/// Least heights of rows at normal size, in logical pixels.
pub const GUIDE_ROW: f32 = 132.0;
/// Least height of a training notice's row.
pub const TRAINING_ROW: f32 = 290.0;

pub(super) fn pressed(state: &mut State, press: Press) -> Vec<Effect> {
    let fit = state.fit();
    let State { machine, visit: Some(visit), .. } = state else { return Vec::new() };
    match press {
        Press::Work => visit.go(Page::Work),
        Press::Rights => visit.go(Page::Rights),
        Press::Guides => {
            let window = match visit.page() {
                Page::Work => Some(Window::Jobs),
                Page::Rights => Some(Window::Rights),
                _ => None,
            };
            visit.go(Page::Guides(Guides { window, page: 0 }));
        }
        Press::Boards => visit.go(Page::Boards(Guides::default())),
        Press::Trainings => {
            let limit = fit.list(TRAINING_ROW).cells();
            let page = Trainings { offset: 0, limit, results: None, total: 0 };
            visit.go(Page::Trainings(page));
            return ask(visit);
        }
        Press::Next | Press::Previous => return turn(machine, visit, &fit, press),
        Press::Open(index) => return open(machine, visit, &fit, index),
        Press::Fairs => return fairs::enter(machine, visit),
        Press::NextMonth => return fairs::other_month(machine, visit, true),
        Press::LastMonth => return fairs::other_month(machine, visit, false),
        Press::Day(number) => return fairs::touch_day(visit, number),
        press => return jobs::pressed(state, press),
    }
    Vec::new()
}

/// Asks for what the present page lacks.
fn ask(visit: &mut Visit) -> Vec<Effect> {
    let ticket = visit.ticket;
    match visit.page() {
        Page::Trainings(list) => {
            vec![Effect::FindTrainings { ticket, offset: list.offset, limit: list.limit }]
        }
        _ => Vec::new(),
    }
}

/// `page` moved one on or back within `pages`.
pub(super) fn moved(page: usize, pages: usize, press: Press) -> usize {
    match press {
        Press::Next => (page + 1).min(pages.saturating_sub(1)),
        _ => page.saturating_sub(1),
    }
}

fn turn(machine: &Machine, visit: &mut Visit, fit: &Fit, press: Press) -> Vec<Effect> {
    let pages = pages(machine, visit, fit);
    match visit.page_mut() {
        Page::Trainings(list) => {
            let at = list.offset;
            list.offset = moved(at / list.limit, pages, press) * list.limit;
            if list.offset != at {
                list.results = None;
                return ask(visit);
            }
        }
        Page::Training(Training { page, .. })
        | Page::Guides(Guides { page, .. })
        | Page::Boards(Guides { page, .. })
        | Page::Guide(Paged { page, .. })
        | Page::Board(Paged { page, .. }) => *page = moved(*page, pages, press),
        Page::Fairs(_) | Page::Fair(_) => return fairs::turn(visit, pages, press),
        _ => return jobs::turn(visit, pages, press),
    }
    Vec::new()
}

/// How many pages the content of the present page takes.
pub fn pages(machine: &Machine, visit: &Visit, fit: &Fit) -> usize {
    match visit.page() {
        Page::Trainings(list) => fit.list(TRAINING_ROW).pages(list.total),
        Page::Guides(list) => fit.list(GUIDE_ROW).pages(list.of(machine).count()),
        Page::Boards(_) => fit.list(GUIDE_ROW).pages(machine.boards.len()),
        Page::Training(training) => facts::training_pages(&training.notice, fit).len(),
        Page::Guide(guide) => facts::guide_pages(&machine.guides[guide.index], fit).len(),
        Page::Board(board) => facts::board_pages(&machine.boards[board.index], fit).len(),
        Page::Fairs(_) | Page::Fair(_) => fairs::pages(visit, fit),
        _ => jobs::pages(machine, visit, fit).unwrap_or(1),
    }
}

fn open(machine: &Machine, visit: &mut Visit, fit: &Fit, index: usize) -> Vec<Effect> {
    let next = match visit.page() {
        Page::Trainings(Trainings { results: Some(results), .. }) => results
            .rows
            .get(index)
            .map(|notice| Page::Training(Training { notice: Box::new(notice.clone()), page: 0 })),
        Page::Guides(list) => list
            .of(machine)
            .nth(list.page * fit.list(GUIDE_ROW).cells() + index)
            .map(|index| Page::Guide(Paged { index, page: 0 })),
        Page::Boards(list) => Some(list.page * fit.list(GUIDE_ROW).cells() + index)
            .filter(|&index| index < machine.boards.len())
            .map(|index| Page::Board(Paged { index, page: 0 })),
        Page::Fairs(_) => return fairs::open(visit, fit, index),
        _ => return jobs::open(machine, visit, fit, index),
    };
    if let Some(page) = next {
        visit.go(page);
    }
    Vec::new()
}

pub(super) fn trainings(visit: &mut Visit, offset: usize, results: listings::Trainings) {
    if let Page::Trainings(list) = visit.page_mut()
        && list.offset == offset
    {
        list.total = results.total;
        list.results = Some(results);
    }
}

/// The cache holds something else now: a list that was empty is asked for again.
pub(super) fn look_again(state: &mut State) -> Vec<Effect> {
    let State { visit: Some(visit), .. } = state else { return Vec::new() };
    match visit.page() {
        Page::Jobs(list) if list.results.as_ref().is_some_and(|results| results.total == 0) => {
            jobs::ask(visit)
        }
        Page::Find(_) | Page::Narrow(_) => jobs::ask(visit),
        Page::Trainings(list) if list.results.as_ref().is_some_and(|found| found.total == 0) => {
            ask(visit)
        }
        Page::Fairs(_) => fairs::ask(visit),
        _ => Vec::new(),
    }
}

/// The present page is cut anew for the present size; the first row shown stays on the page.
pub(super) fn refit(state: &mut State) -> Vec<Effect> {
    let fit = state.fit();
    let State { machine, visit: Some(visit), .. } = state else { return Vec::new() };
    let last = pages(machine, visit, &fit).saturating_sub(1);
    match visit.page_mut() {
        Page::Trainings(list) => {
            let limit = fit.list(TRAINING_ROW).cells();
            if list.limit == limit && list.results.is_some() {
                return Vec::new();
            }
            list.limit = limit;
            list.offset -= list.offset % limit;
            list.results = None;
            return ask(visit);
        }
        Page::Training(Training { page, .. })
        | Page::Guides(Guides { page, .. })
        | Page::Boards(Guides { page, .. })
        | Page::Guide(Paged { page, .. })
        | Page::Board(Paged { page, .. }) => *page = (*page).min(last),
        Page::Fairs(_) | Page::Fair(_) => return fairs::refit(visit, last),
        _ => return jobs::refit(visit, &fit, last),
    }
    Vec::new()
}

pub mod facts;
