//! Finding work without typing: tiles, a list, filters, the pad, one posting, two side by side.
//!
//! State: each page keeps what was asked, which page of it is shown, and what came back. An answer
//! is taken only by the page that asks for just that. What the filters say belongs to the query of
//! the page that asks: the tiles', the list's, or that of the page of filters until it is left.

use kiosk_base::domain::Posting;

use super::{
    Effect, Page, Press, State, Visit,
    browse::{facts, moved},
    fit::Fit,
    machine::Machine,
};
use crate::listings::{self, Facets, Home, Query};

pub mod choices;
pub mod comparison;

pub use crate::listings::{Facet, Filters, Near, Nearest, Tile};

use choices::Choice;

/// Longest entry on the pad, in characters.
const LONGEST_ENTRY: usize = 8;

/// Tiles of occupations: where job finding begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Find {
    /// What the tiles count.
    pub query: Query,
    /// What was counted, `None` before the first answer.
    pub facets: Option<Facets>,
    /// Page shown, from 0.
    pub page: usize,
}

/// Job postings, page by page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jobs {
    /// What is asked for; `offset` and `limit` say which page.
    pub query: Query,
    /// What was found, `None` while it is looked for.
    pub results: Option<listings::Results>,
    /// How many were found last time, so that paging does not flicker.
    pub total: usize,
}

/// The page of filters above a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Narrow {
    /// What the list will ask for.
    pub query: Query,
    /// What was counted, `None` before the first answer.
    pub facets: Option<Facets>,
}

/// The choices of one filter of the page below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Which filter.
    pub facet: Facet,
    /// Page shown, from 0.
    pub page: usize,
}

/// The pad for pinyin initials and digits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pad {
    /// What was typed.
    pub typed: String,
    /// The query whose answer is awaited or shown.
    pub query: Option<Query>,
    /// What was found.
    pub results: Option<listings::Results>,
}

impl Pad {
    /// Whether no letter more is taken.
    pub fn is_full(&self) -> bool {
        self.typed.len() >= LONGEST_ENTRY
    }
}

/// One posting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The posting.
    pub posting: Box<Posting>,
    /// Page shown, from 0.
    pub page: usize,
}

/// Two postings side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compare {
    /// The one that was kept first.
    pub left: Box<Posting>,
    /// The one beside it.
    pub right: Box<Posting>,
    /// Page shown, from 0.
    pub page: usize,
}

impl Find {
    /// What the tiles offer: everything first, then the tiles that hold something.
    pub fn tiles(&self) -> Vec<(Option<Tile>, usize)> {
        let all = self.facets.as_ref().map_or(0, |facets| facets.total);
        let counted = self.facets.iter().flat_map(|facets| &facets.tiles);
        let tiles = counted.map(|(tile, count)| (Some(*tile), *count));
        std::iter::once((None, all)).chain(tiles).collect()
    }
}

/// The query and the counts of the page whose filters are being chosen.
pub fn narrowed(visit: &Visit) -> Option<(&Query, Option<&Facets>)> {
    visit.trail.iter().rev().find_map(|page| match page {
        Page::Find(find) => Some((&find.query, find.facets.as_ref())),
        Page::Narrow(narrow) => Some((&narrow.query, narrow.facets.as_ref())),
        _ => None,
    })
}

/// Everything, as seen from the kiosk's town.
pub(super) fn everything(machine: &Machine) -> Query {
    let (town, neighbours) = (machine.office.division.clone(), machine.office.neighbours.clone());
    Query { home: Some(Home { town, neighbours }), ..Query::default() }
}

pub(super) fn pressed(state: &mut State, press: Press) -> Vec<Effect> {
    let fit = state.fit();
    let State { machine, visit: Some(visit), .. } = state else { return Vec::new() };
    match press {
        Press::Jobs => return enter(machine, visit),
        Press::OwnTown => {
            if let Page::Find(find) = visit.page_mut() {
                let filters = &mut find.query.filters;
                filters.near = if filters.near.is_none() { Some(Near::Town) } else { None };
                return ask(visit);
            }
        }
        Press::Narrow => {
            if let Page::Jobs(jobs) = visit.page() {
                let query = Query { offset: 0, limit: 0, ..jobs.query.clone() };
                visit.go(Page::Narrow(Narrow { query, facets: None }));
                return ask(visit);
            }
        }
        Press::WageList => {
            if let Page::Find(_) = visit.page() {
                visit.go(Page::Options(Options { facet: Facet::Wage, page: 0 }));
            }
        }
        Press::Search => visit.go(Page::Pad(Pad::default())),
        Press::TakeAway => {
            if let Page::Job(job) = visit.page() {
                let job = job.clone();
                visit.go(Page::TakeAway(job));
            }
        }
        Press::Keep => keep(visit),
        Press::Left | Press::Right => {
            if let Page::Compare(Compare { left, right, .. }) = visit.page() {
                let posting = if press == Press::Left { left } else { right };
                let job = Job { posting: posting.clone(), page: 0 };
                // The posting takes the place of the comparison: one can go round without end.
                visit.back();
                visit.go(Page::Job(job));
            }
        }
        Press::ShowHits => return show_hits(machine, visit, &fit),
        Press::Nearest => {
            if let Page::Jobs(jobs) = visit.page()
                && let Some(nearest) = jobs.results.as_ref().and_then(|r| r.nearest.clone())
            {
                return change_query(visit, |query| {
                    (query.words, query.filters) = (nearest.query.words, nearest.query.filters);
                });
            }
        }
        Press::Key(_) | Press::Erase => return pad(machine, visit, &fit, press),
        Press::Clear => match visit.page_mut() {
            Page::Pad(_) => return pad(machine, visit, &fit, press),
            Page::Jobs(_) => return change_query(visit, |query| query.words.clear()),
            Page::Narrow(narrow) => {
                narrow.query.filters = Filters::default();
                return ask(visit);
            }
            _ => {}
        },
        _ => {}
    }
    Vec::new()
}

/// Opens the page of tiles.
pub(super) fn enter(machine: &Machine, visit: &mut Visit) -> Vec<Effect> {
    let find = Find { query: everything(machine), facets: None, page: 0 };
    visit.go(Page::Find(find));
    ask(visit)
}

/// Opens the n-th row of a page of this flow.
pub(super) fn open(machine: &Machine, visit: &mut Visit, fit: &Fit, index: usize) -> Vec<Effect> {
    match visit.page() {
        Page::Find(find) => {
            let chosen = find.page * fit.tiles(find.tiles().len()).cells() + index;
            let Some((tile, _)) = find.tiles().get(chosen).copied() else { return Vec::new() };
            let mut query = Query { limit: fit.jobs().cells(), ..find.query.clone() };
            query.filters.tile = tile;
            visit.go(Page::Jobs(Jobs { query, results: None, total: 0 }));
            ask(visit)
        }
        Page::Jobs(Jobs { results: Some(results), .. })
        | Page::Pad(Pad { results: Some(results), .. }) => {
            if let Some(posting) = results.rows.get(index) {
                let job = Job { posting: Box::new(posting.clone()), page: 0 };
                visit.go(Page::Job(job));
            }
            Vec::new()
        }
        Page::Narrow(_) => {
            if let Some(facet) = Facet::ALL.get(index) {
                visit.go(Page::Options(Options { facet: *facet, page: 0 }));
            }
            Vec::new()
        }
        Page::Options(options) => {
            let chosen = options.page * fit.options().cells() + index;
            let Some((query, facets)) = narrowed(visit) else { return Vec::new() };
            let offered = choices::offered(machine, options.facet, query, facets);
            match offered.into_iter().nth(chosen) {
                Some(offered) => choose(visit, options.facet, &offered.choice),
                None => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// Takes a choice into the query of the page below.
fn choose(visit: &mut Visit, facet: Facet, choice: &Choice) -> Vec<Effect> {
    visit.back();
    let query = match visit.page_mut() {
        Page::Find(find) => &mut find.query,
        Page::Narrow(narrow) => &mut narrow.query,
        _ => return Vec::new(),
    };
    choice.apply(facet, &mut query.filters);
    ask(visit)
}

/// Keeps the posting to be compared, forgets it, or sets it beside the one that was kept.
fn keep(visit: &mut Visit) {
    let Page::Job(Job { posting, .. }) = visit.page() else { return };
    let posting = posting.clone();
    match visit.kept.take() {
        None => visit.kept = Some(posting),
        Some(kept) if kept.id == posting.id => {}
        Some(kept) => {
            visit.kept = Some(kept.clone());
            visit.go(Page::Compare(Compare { left: kept, right: posting, page: 0 }));
        }
    }
}

/// Asks for what the present page lacks.
pub(super) fn ask(visit: &mut Visit) -> Vec<Effect> {
    let ticket = visit.ticket;
    match visit.page() {
        Page::Find(Find { query, .. }) | Page::Narrow(Narrow { query, .. }) => {
            vec![Effect::CountPostings { ticket, query: query.clone() }]
        }
        Page::Jobs(jobs) => vec![Effect::FindPostings { ticket, query: jobs.query.clone() }],
        _ => Vec::new(),
    }
}

fn change_query(visit: &mut Visit, change: impl FnOnce(&mut Query)) -> Vec<Effect> {
    let Page::Jobs(jobs) = visit.page_mut() else { return Vec::new() };
    change(&mut jobs.query);
    jobs.query.offset = 0;
    jobs.results = None;
    ask(visit)
}

/// Turns the pages of this flow.
pub(super) fn turn(visit: &mut Visit, pages: usize, press: Press) -> Vec<Effect> {
    match visit.page_mut() {
        Page::Jobs(jobs) => {
            let (at, limit) = (jobs.query.offset, jobs.query.limit);
            jobs.query.offset = moved(at / limit, pages, press) * limit;
            if jobs.query.offset != at {
                jobs.results = None;
                return ask(visit);
            }
        }
        Page::Find(Find { page, .. })
        | Page::Options(Options { page, .. })
        | Page::Job(Job { page, .. })
        | Page::Compare(Compare { page, .. }) => *page = moved(*page, pages, press),
        _ => {}
    }
    Vec::new()
}

/// How many pages the content of the present page takes; `None` when it is no page of this flow.
pub(super) fn pages(machine: &Machine, visit: &Visit, fit: &Fit) -> Option<usize> {
    Some(match visit.page() {
        Page::Find(find) => {
            let tiles = find.tiles().len();
            fit.tiles(tiles).pages(tiles)
        }
        Page::Jobs(jobs) => fit.jobs().pages(jobs.total),
        Page::Options(options) => {
            let offered = narrowed(visit)
                .map(|(query, facets)| choices::offered(machine, options.facet, query, facets));
            fit.options().pages(offered.map_or(0, |offered| offered.len()))
        }
        Page::Job(job) => facts::posting_pages(&job.posting, fit).len(),
        Page::Compare(compare) => comparison::pages(compare, fit).len(),
        _ => return None,
    })
}

fn pad(machine: &Machine, visit: &mut Visit, fit: &Fit, press: Press) -> Vec<Effect> {
    let ticket = visit.ticket;
    let below = listed(machine, visit);
    let Page::Pad(pad) = visit.page_mut() else { return Vec::new() };
    match press {
        Press::Key(key) if key.is_ascii_alphanumeric() && !pad.is_full() => {
            pad.typed.push(key.to_ascii_lowercase());
        }
        Press::Erase => {
            pad.typed.pop();
        }
        Press::Clear => pad.typed.clear(),
        _ => return Vec::new(),
    }
    if pad.typed.is_empty() {
        (pad.query, pad.results) = (None, None);
        return Vec::new();
    }
    let query = Query { words: pad.typed.clone(), offset: 0, limit: fit.hits(), ..below };
    pad.query = Some(query.clone());
    vec![Effect::FindPostings { ticket, query }]
}

/// What the page below the pad looks for.
fn listed(machine: &Machine, visit: &Visit) -> Query {
    let below = visit.trail.iter().rev().find_map(|page| match page {
        Page::Find(Find { query, .. }) | Page::Jobs(Jobs { query, .. }) => Some(query.clone()),
        _ => None,
    });
    below.unwrap_or_else(|| everything(machine))
}

/// From the pad or the filters to the list.
fn show_hits(machine: &Machine, visit: &mut Visit, fit: &Fit) -> Vec<Effect> {
    let query = match visit.page() {
        Page::Pad(pad) => {
            let nearest = pad.results.as_ref().and_then(|results| results.nearest.as_ref());
            let typed = || Query { words: pad.typed.clone(), ..listed(machine, visit) };
            nearest.map_or_else(typed, |nearest| nearest.query.clone())
        }
        Page::Narrow(narrow) => narrow.query.clone(),
        _ => return Vec::new(),
    };
    visit.back();
    let query = Query { offset: 0, limit: fit.jobs().cells(), ..query };
    let list = Page::Jobs(Jobs { query, results: None, total: 0 });
    match visit.page_mut() {
        page @ Page::Jobs(_) => *page = list,
        _ => visit.go(list),
    }
    ask(visit)
}

pub(super) fn postings(visit: &mut Visit, query: Query, results: listings::Results) {
    match visit.page_mut() {
        Page::Jobs(jobs) if jobs.query == query => {
            jobs.total = results.total;
            jobs.results = Some(results);
        }
        Page::Pad(pad) if pad.query.as_ref() == Some(&query) => pad.results = Some(results),
        _ => {}
    }
}

/// The counts of a query, for the pages that still ask for them.
pub(super) fn counted(visit: &mut Visit, query: &Query, counted: &Facets) {
    for page in &mut visit.trail {
        match page {
            Page::Find(Find { query: asked, facets, .. })
            | Page::Narrow(Narrow { query: asked, facets })
                if asked == query =>
            {
                *facets = Some(counted.clone());
            }
            _ => {}
        }
    }
}

/// The present page is cut anew for the present size; the first row shown stays on the page.
pub(super) fn refit(visit: &mut Visit, fit: &Fit, last: usize) -> Vec<Effect> {
    let ticket = visit.ticket;
    let staffed = visit.staffed();
    match visit.page_mut() {
        Page::Jobs(jobs) => {
            let limit = fit.jobs().cells();
            // The staff may have hidden what was found.
            if jobs.query.limit == limit && jobs.results.is_some() && !staffed {
                return Vec::new();
            }
            jobs.query.limit = limit;
            jobs.query.offset -= jobs.query.offset % limit;
            jobs.results = None;
            return ask(visit);
        }
        Page::Find(find) => {
            find.page = find.page.min(last);
            if find.facets.is_none() {
                return ask(visit);
            }
        }
        Page::Narrow(Narrow { facets: None, .. }) => return ask(visit),
        Page::Pad(pad) => {
            if let Some(query) = &mut pad.query
                && query.limit != fit.hits()
            {
                query.limit = fit.hits();
                return vec![Effect::FindPostings { ticket, query: query.clone() }];
            }
        }
        Page::Options(Options { page, .. })
        | Page::Job(Job { page, .. })
        | Page::Compare(Compare { page, .. }) => *page = (*page).min(last),
        _ => {}
    }
    Vec::new()
}
