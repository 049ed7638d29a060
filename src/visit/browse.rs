//! Looking around without a card: jobs, training, guides, boards.
//!
//! State: each page keeps what was asked, which page of it is shown, and what came back. An answer
//! is taken only by the page that asks for just that.

use super::{Effect, Page, Press, State, Visit, fit::Fit, machine::Machine};
use crate::{
    domain::{DivisionCode, Posting, TrainingNotice, guide::Window},
    listings,
};

/// Longest entry on the pad, in characters.
const LONGEST_ENTRY: usize = 8;

/// Job postings, page by page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jobs {
    /// What is asked for; `offset` and `limit` say which page.
    pub query: listings::Query,
    /// What was found, `None` while it is looked for.
    pub results: Option<listings::Results>,
    /// How many were found last time, so that paging does not flicker.
    pub total: usize,
}

/// The pad for pinyin initials and digits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pad {
    /// What was typed.
    pub typed: String,
    /// The query whose answer is awaited or shown.
    pub query: Option<listings::Query>,
    /// What was found.
    pub results: Option<listings::Results>,
}

/// Towns to choose from; the first entry of the list means all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Towns {
    /// Page shown, from 0.
    pub page: usize,
}

/// One posting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The posting.
    pub posting: Box<Posting>,
    /// Page shown, from 0.
    pub page: usize,
}

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
                Page::Identify(_) => Some(Window::Insurance),
                _ => None,
            };
            visit.go(Page::Guides(Guides { window, page: 0 }));
        }
        Press::Boards => visit.go(Page::Boards(Guides::default())),
        Press::Jobs => {
            let query = listings::Query {
                words: String::new(),
                within: None,
                wage_from: None,
                home: Some(machine.office.division.clone()),
                offset: 0,
                limit: fit.jobs().cells(),
            };
            visit.go(Page::Jobs(Jobs { query, results: None, total: 0 }));
            return ask(visit);
        }
        Press::Trainings => {
            let limit = fit.list(TRAINING_ROW).cells();
            let page = Trainings { offset: 0, limit, results: None, total: 0 };
            visit.go(Page::Trainings(page));
            return ask(visit);
        }
        Press::TownList => visit.go(Page::Towns(Towns::default())),
        Press::Search => visit.go(Page::Pad(Pad::default())),
        Press::TakeAway => {
            if let Page::Job(job) = visit.page() {
                let job = job.clone();
                visit.go(Page::TakeAway(job));
            }
        }
        Press::Next | Press::Previous => return turn(machine, visit, &fit, press),
        Press::Open(index) => return open(machine, visit, &fit, index),
        Press::Key(_) | Press::Erase | Press::ShowHits => return pad(machine, visit, &fit, press),
        Press::Clear => match visit.page() {
            Page::Pad(_) => return pad(machine, visit, &fit, press),
            Page::Jobs(_) => return change_query(visit, |query| query.words.clear()),
            _ => {}
        },
        _ => {}
    }
    Vec::new()
}

/// Asks for what the present page lacks.
fn ask(visit: &mut Visit) -> Vec<Effect> {
    let ticket = visit.ticket;
    match visit.page() {
        Page::Jobs(jobs) => vec![Effect::FindPostings { ticket, query: jobs.query.clone() }],
        Page::Trainings(list) => {
            vec![Effect::FindTrainings { ticket, offset: list.offset, limit: list.limit }]
        }
        _ => Vec::new(),
    }
}

fn change_query(visit: &mut Visit, change: impl FnOnce(&mut listings::Query)) -> Vec<Effect> {
    let Page::Jobs(jobs) = visit.page_mut() else { return Vec::new() };
    change(&mut jobs.query);
    jobs.query.offset = 0;
    jobs.results = None;
    ask(visit)
}

/// `page` moved one on or back within `pages`.
fn moved(page: usize, pages: usize, press: Press) -> usize {
    match press {
        Press::Next => (page + 1).min(pages.saturating_sub(1)),
        _ => page.saturating_sub(1),
    }
}

fn turn(machine: &Machine, visit: &mut Visit, fit: &Fit, press: Press) -> Vec<Effect> {
    let pages = pages(machine, visit.page(), fit);
    match visit.page_mut() {
        Page::Jobs(jobs) => {
            let (at, limit) = (jobs.query.offset, jobs.query.limit);
            jobs.query.offset = moved(at / limit, pages, press) * limit;
            if jobs.query.offset != at {
                jobs.results = None;
                return ask(visit);
            }
        }
        Page::Trainings(list) => {
            let at = list.offset;
            list.offset = moved(at / list.limit, pages, press) * list.limit;
            if list.offset != at {
                list.results = None;
                return ask(visit);
            }
        }
        Page::Towns(Towns { page })
        | Page::Job(Job { page, .. })
        | Page::Training(Training { page, .. })
        | Page::Guides(Guides { page, .. })
        | Page::Boards(Guides { page, .. })
        | Page::Guide(Paged { page, .. })
        | Page::Board(Paged { page, .. }) => *page = moved(*page, pages, press),
        _ => {}
    }
    Vec::new()
}

/// How many pages the content of `page` takes.
pub fn pages(machine: &Machine, page: &Page, fit: &Fit) -> usize {
    match page {
        Page::Jobs(jobs) => fit.jobs().pages(jobs.total),
        Page::Trainings(list) => fit.list(TRAINING_ROW).pages(list.total),
        Page::Towns(_) => fit.towns().pages(machine.towns.len() + 1),
        Page::Guides(list) => fit.list(GUIDE_ROW).pages(list.of(machine).count()),
        Page::Boards(_) => fit.list(GUIDE_ROW).pages(machine.boards.len()),
        Page::Job(job) => facts::posting_pages(&job.posting, fit).len(),
        Page::Training(training) => facts::training_pages(&training.notice, fit).len(),
        Page::Guide(guide) => facts::guide_pages(&machine.guides[guide.index], fit).len(),
        Page::Board(board) => facts::board_pages(&machine.boards[board.index], fit).len(),
        _ => 1,
    }
}

fn open(machine: &Machine, visit: &mut Visit, fit: &Fit, index: usize) -> Vec<Effect> {
    let next = match visit.page() {
        Page::Jobs(Jobs { results: Some(results), .. })
        | Page::Pad(Pad { results: Some(results), .. }) => results
            .rows
            .get(index)
            .map(|posting| Page::Job(Job { posting: Box::new(posting.clone()), page: 0 })),
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
        Page::Towns(towns) => {
            let chosen = towns.page * fit.towns().cells() + index;
            return choose_town(machine, visit, chosen);
        }
        _ => None,
    };
    if let Some(page) = next {
        visit.go(page);
    }
    Vec::new()
}

fn choose_town(machine: &Machine, visit: &mut Visit, chosen: usize) -> Vec<Effect> {
    let within: Option<DivisionCode> = match chosen.checked_sub(1) {
        None => None,
        Some(index) => match machine.towns.get(index) {
            Some(town) => Some(town.code.clone()),
            None => return Vec::new(),
        },
    };
    visit.back();
    change_query(visit, |query| query.within = within)
}

fn pad(machine: &Machine, visit: &mut Visit, fit: &Fit, press: Press) -> Vec<Effect> {
    let ticket = visit.ticket;
    let Page::Pad(pad) = visit.page_mut() else { return Vec::new() };
    match press {
        Press::Key(key) if key.is_ascii_alphanumeric() && pad.typed.len() < LONGEST_ENTRY => {
            pad.typed.push(key.to_ascii_lowercase());
        }
        Press::Erase => {
            pad.typed.pop();
        }
        Press::Clear => pad.typed.clear(),
        Press::ShowHits => {
            let typed = pad.typed.clone();
            // The pad was opened from the list: go back to it with what was typed.
            visit.back();
            return change_query(visit, |query| query.words = typed);
        }
        _ => return Vec::new(),
    }
    if pad.typed.is_empty() {
        (pad.query, pad.results) = (None, None);
        return Vec::new();
    }
    let query = listings::Query {
        words: pad.typed.clone(),
        within: None,
        wage_from: None,
        home: Some(machine.office.division.clone()),
        offset: 0,
        limit: fit.hits(),
    };
    pad.query = Some(query.clone());
    vec![Effect::FindPostings { ticket, query }]
}

pub(super) fn postings(visit: &mut Visit, query: listings::Query, results: listings::Results) {
    match visit.page_mut() {
        Page::Jobs(jobs) if jobs.query == query => {
            jobs.total = results.total;
            jobs.results = Some(results);
        }
        Page::Pad(pad) if pad.query.as_ref() == Some(&query) => pad.results = Some(results),
        _ => {}
    }
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
    let empty = match visit.page() {
        Page::Jobs(jobs) => jobs.results.as_ref().is_some_and(|results| results.total == 0),
        Page::Trainings(list) => list.results.as_ref().is_some_and(|results| results.total == 0),
        _ => false,
    };
    if empty { ask(visit) } else { Vec::new() }
}

/// The present page is cut anew for the present size; the first row shown stays on the page.
pub(super) fn refit(state: &mut State) -> Vec<Effect> {
    let fit = state.fit();
    let State { machine, visit: Some(visit), .. } = state else { return Vec::new() };
    let last = pages(machine, visit.page(), &fit).saturating_sub(1);
    let ticket = visit.ticket;
    match visit.page_mut() {
        Page::Jobs(jobs) => {
            let limit = fit.jobs().cells();
            if jobs.query.limit == limit && jobs.results.is_some() {
                return Vec::new();
            }
            jobs.query.limit = limit;
            jobs.query.offset -= jobs.query.offset % limit;
            jobs.results = None;
            return ask(visit);
        }
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
        Page::Pad(pad) => {
            if let Some(query) = &mut pad.query
                && query.limit != fit.hits()
            {
                query.limit = fit.hits();
                return vec![Effect::FindPostings { ticket, query: query.clone() }];
            }
        }
        Page::Towns(Towns { page })
        | Page::Job(Job { page, .. })
        | Page::Training(Training { page, .. })
        | Page::Guides(Guides { page, .. })
        | Page::Boards(Guides { page, .. })
        | Page::Guide(Paged { page, .. })
        | Page::Board(Paged { page, .. }) => *page = (*page).min(last),
        _ => {}
    }
    Vec::new()
}

pub mod facts;
