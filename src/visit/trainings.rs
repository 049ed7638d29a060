//! Training notices: a list, and one of them.
//!
//! State: each page keeps what was asked, which page of it is shown, and what came back. An answer
//! is taken only by the page that asks for just that.

use kiosk_base::domain::TrainingNotice;

use super::{Effect, Leaf, Visit, facts, fit::Fit};
use crate::{listings, visit};

/// The pages of this flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// Training notices, page by page.
    List(Trainings),
    /// One notice.
    One(Training),
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

impl Page {
    /// The number of the page that is shown, from 0, where all of them are there already.
    pub(super) fn number(&mut self) -> Option<&mut usize> {
        match self {
            Self::One(Training { page, .. }) => Some(page),
            Self::List(_) => None,
        }
    }

    /// How many pages its content takes.
    pub(super) fn pages(&self, fit: &Fit) -> usize {
        match self {
            Self::List(list) => fit.trainings.pages(list.total),
            Self::One(training) => facts::training_pages(&training.notice, fit).len(),
        }
    }
}

/// The list, if it is the present page.
fn list(visit: &mut Visit) -> Option<&mut Trainings> {
    match visit.page_mut() {
        visit::Page::Trainings(Page::List(list)) => Some(list),
        _ => None,
    }
}

pub(super) fn enter(visit: &mut Visit, fit: &Fit) -> Vec<Effect> {
    let limit = fit.trainings.cells();
    let list = Trainings { offset: 0, limit, results: None, total: 0 };
    visit.go(visit::Page::Trainings(Page::List(list)));
    ask(visit)
}

/// Asks for the page of the list that is shown.
fn ask(visit: &mut Visit) -> Vec<Effect> {
    let ticket = visit.ticket;
    let ask = |list: &mut Trainings| Effect::FindTrainings {
        ticket,
        offset: list.offset,
        limit: list.limit,
    };
    list(visit).map(ask).into_iter().collect()
}

/// Turns the pages of the list, which are fetched one by one.
pub(super) fn turn(visit: &mut Visit, pages: usize, leaf: Leaf) -> Vec<Effect> {
    let Some(list) = list(visit) else { return Vec::new() };
    let at = list.offset;
    list.offset = leaf.from(at / list.limit, pages) * list.limit;
    if list.offset == at {
        return Vec::new();
    }
    list.results = None;
    ask(visit)
}

/// Opens the n-th row of the list.
pub(super) fn open(visit: &mut Visit, index: usize) {
    let Some(list) = list(visit) else { return };
    let notice = list.results.as_ref().and_then(|results| results.rows.get(index)).cloned();
    if let Some(notice) = notice {
        let page = Page::One(Training { notice: Box::new(notice), page: 0 });
        visit.go(visit::Page::Trainings(page));
    }
}

pub(super) fn found(visit: &mut Visit, offset: usize, results: listings::Trainings) {
    if let Some(list) = list(visit)
        && list.offset == offset
    {
        list.total = results.total;
        list.results = Some(results);
    }
}

/// The cache holds something else now: a list that was empty is asked for again.
pub(super) fn look_again(visit: &mut Visit) -> Vec<Effect> {
    match list(visit) {
        Some(Trainings { results: Some(found), .. }) if found.total == 0 => ask(visit),
        _ => Vec::new(),
    }
}

/// The list is cut anew for the present size; the first row shown stays on the page.
pub(super) fn refit(visit: &mut Visit, fit: &Fit) -> Vec<Effect> {
    let Some(list) = list(visit) else { return Vec::new() };
    let limit = fit.trainings.cells();
    if list.limit == limit && list.results.is_some() {
        return Vec::new();
    }
    list.limit = limit;
    list.offset -= list.offset % limit;
    list.results = None;
    ask(visit)
}
