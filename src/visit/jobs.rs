//! Finding work without typing: tiles, a list, filters, the pad, one posting, two side by side.
//!
//! State: each page keeps what was asked, which page of it is shown, and what came back. An answer
//! is taken only by the page that asks for just that. What the filters say belongs to the query of
//! the page that asks: the tiles', the list's, or that of the page of filters.

use kiosk_base::domain::Posting;

use super::{Effect, Leaf, State, Visit, facts, fit::Fit, keypad::Stroke, machine::Machine, map};
use crate::{
    listings::{self, Facets, Home, Query},
    visit,
};

pub mod choices;
pub mod comparison;

pub use crate::listings::{Facet, Filters, Near, Nearest, Tile};

use choices::Choice;

/// Longest entry on the pad, in characters.
const LONGEST_ENTRY: usize = 8;

/// The pages of this flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// Tiles of occupations.
    Find(Find),
    /// Job postings, page by page.
    List(Jobs),
    /// The filters of a list.
    Narrow(Narrow),
    /// The choices of one filter.
    Options(Options),
    /// The A–Z pad.
    Pad(Pad),
    /// One posting.
    One(Job),
    /// Two postings side by side.
    Compare(Compare),
    /// Where the place of one posting is.
    Map(Box<Posting>),
}

/// What is pressed on them alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    /// One of the [chips](choices::CHIPS) above the tiles, on and off.
    Chip(usize),
    /// 工资 on the page of tiles.
    WageList,
    /// 筛选 on a list.
    Narrow,
    /// What is nearest to a question that found nothing.
    Nearest,
    /// Search on the pad.
    Search,
    /// 清空: what was typed, or the filters.
    Clear,
    /// 查看 what was found.
    ShowHits,
    /// 比一比: keep this posting, or set it beside the one that was kept.
    Keep,
    /// Look at the first of two postings side by side.
    Left,
    /// Look at the second.
    Right,
    /// 地图: where the place of this posting is.
    Map,
}

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

impl Page {
    /// The number of the page that is shown, from 0, where all of them are there already.
    pub(super) fn number(&mut self) -> Option<&mut usize> {
        match self {
            Self::Find(Find { page, .. })
            | Self::Options(Options { page, .. })
            | Self::One(Job { page, .. })
            | Self::Compare(Compare { page, .. }) => Some(page),
            Self::List(_) | Self::Narrow(_) | Self::Pad(_) | Self::Map(_) => None,
        }
    }
}

/// The pages of this flow on the trail of a visit, from the present one back.
fn trail(visit: &Visit) -> impl Iterator<Item = &Page> {
    visit.trail.iter().rev().filter_map(|page| match page {
        visit::Page::Jobs(page) => Some(page),
        _ => None,
    })
}

/// The present page, if it is one of this flow.
fn present(visit: &mut Visit) -> Option<&mut Page> {
    match visit.page_mut() {
        visit::Page::Jobs(page) => Some(page),
        _ => None,
    }
}

fn go(visit: &mut Visit, page: Page) {
    visit.go(visit::Page::Jobs(page));
}

/// The query and the counts of the page whose filters are being chosen.
pub fn narrowed(visit: &Visit) -> Option<(&Query, Option<&Facets>)> {
    trail(visit).find_map(|page| match page {
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

/// What is pressed on another page than it stands on came late, and is passed over.
pub(super) fn pressed(state: &mut State, press: Press) -> Vec<Effect> {
    let fit = state.fit();
    let State { machine, visit: Some(visit), .. } = state else { return Vec::new() };
    let Some(page) = present(visit) else { return Vec::new() };
    match press {
        Press::Chip(chip) => {
            if let (Page::Find(find), Some((facet, choice))) = (page, choices::CHIPS.get(chip)) {
                let filters = &mut find.query.filters;
                let is_set = choices::chosen(*facet, filters) == *choice;
                let choice = if is_set { &Choice::Any } else { choice };
                choice.apply(*facet, filters);
                return ask(visit);
            }
        }
        Press::WageList => {
            if let Page::Find(_) = page {
                choices_of(machine, visit, &fit, Facet::Wage);
            }
        }
        Press::Narrow => {
            if let Page::List(list) = page {
                let query = Query { offset: 0, limit: 0, ..list.query.clone() };
                go(visit, Page::Narrow(Narrow { query, facets: None }));
                return ask(visit);
            }
        }
        Press::Nearest => {
            if let Page::List(list) = page
                && let Some(nearest) = list.results.as_ref().and_then(|r| r.nearest.clone())
            {
                return ask_anew(visit, |query| {
                    (query.words, query.filters) = (nearest.query.words, nearest.query.filters);
                });
            }
        }
        Press::Search => {
            // What the list was found by stands on the pad, to be changed.
            let typed = match page {
                Page::List(list) if is_typed(&list.query.words) => list.query.words.clone(),
                Page::List(_) | Page::Find(_) => String::new(),
                _ => return Vec::new(),
            };
            go(visit, Page::Pad(Pad { typed, ..Pad::default() }));
            return look(machine, visit, &fit);
        }
        Press::Clear => match page {
            Page::Pad(pad) => {
                pad.typed.clear();
                return look(machine, visit, &fit);
            }
            Page::List(_) => return ask_anew(visit, |query| query.words.clear()),
            Page::Narrow(narrow) => {
                narrow.query.filters = Filters::default();
                return ask(visit);
            }
            _ => {}
        },
        Press::ShowHits => return show_hits(machine, visit, &fit),
        Press::Keep => {
            if let Page::One(job) = page {
                let posting = job.posting.clone();
                keep(visit, posting);
            }
        }
        Press::Map => {
            if let Page::One(job) = page
                && map::is_near(machine, &job.posting)
            {
                let posting = job.posting.clone();
                go(visit, Page::Map(posting));
            }
        }
        Press::Left | Press::Right => {
            if let Page::Compare(Compare { left, right, .. }) = page {
                let posting = if press == Press::Left { left } else { right };
                let job = Job { posting: posting.clone(), page: 0 };
                go(visit, Page::One(job));
            }
        }
    }
    Vec::new()
}

/// Opens the page of tiles.
pub(super) fn enter(machine: &Machine, visit: &mut Visit) -> Vec<Effect> {
    let find = Find { query: everything(machine), facets: None, page: 0 };
    go(visit, Page::Find(find));
    ask(visit)
}

/// Opens the n-th row of a page of this flow.
pub(super) fn open(machine: &Machine, visit: &mut Visit, fit: &Fit, index: usize) -> Vec<Effect> {
    let Some(page) = present(visit) else { return Vec::new() };
    match page {
        Page::Find(find) => {
            let chosen = find.page * fit.tiles(find.tiles().len()).cells() + index;
            let Some((tile, _)) = find.tiles().get(chosen).copied() else { return Vec::new() };
            let mut query = Query { limit: fit.jobs.cells(), ..find.query.clone() };
            query.filters.tile = tile;
            go(visit, Page::List(Jobs { query, results: None, total: 0 }));
            ask(visit)
        }
        Page::List(Jobs { results, .. }) | Page::Pad(Pad { results, .. }) => {
            if let Some(posting) = results.as_ref().and_then(|results| results.rows.get(index)) {
                let job = Job { posting: Box::new(posting.clone()), page: 0 };
                go(visit, Page::One(job));
            }
            Vec::new()
        }
        Page::Narrow(_) => {
            if let Some(facet) = Facet::ALL.get(index) {
                choices_of(machine, visit, fit, *facet);
            }
            Vec::new()
        }
        Page::Options(options) => {
            let Options { facet, page } = *options;
            let chosen = page * fit.options.cells() + index;
            let Some((query, facets)) = narrowed(visit) else { return Vec::new() };
            let offered = choices::offered(machine, facet, query, facets);
            match offered.into_iter().nth(chosen) {
                Some(offered) => choose(visit, facet, &offered.choice),
                None => Vec::new(),
            }
        }
        Page::One(_) | Page::Compare(_) | Page::Map(_) => Vec::new(),
    }
}

/// Whether a pad can have these words on it.
fn is_typed(words: &str) -> bool {
    words.len() <= LONGEST_ENTRY && words.bytes().all(|key| key.is_ascii_alphanumeric())
}

/// Opens the choices of a filter where the present one stands.
fn choices_of(machine: &Machine, visit: &mut Visit, fit: &Fit, facet: Facet) {
    let Some((query, facets)) = narrowed(visit) else { return };
    let offered = choices::offered(machine, facet, query, facets);
    let chosen = offered.iter().position(|offered| offered.chosen).unwrap_or_default();
    go(visit, Page::Options(Options { facet, page: chosen / fit.options.cells() }));
}

/// Takes a choice into the query of the page below.
fn choose(visit: &mut Visit, facet: Facet, choice: &Choice) -> Vec<Effect> {
    visit.back();
    let query = match present(visit) {
        Some(Page::Find(find)) => &mut find.query,
        Some(Page::Narrow(narrow)) => &mut narrow.query,
        _ => return Vec::new(),
    };
    choice.apply(facet, &mut query.filters);
    ask(visit)
}

/// Keeps the posting to be compared, forgets it, or sets it beside the one that was kept.
fn keep(visit: &mut Visit, posting: Box<Posting>) {
    match visit.kept.take() {
        None => visit.kept = Some(posting),
        Some(kept) if kept.id == posting.id => {}
        Some(kept) => {
            visit.kept = Some(kept.clone());
            // From one of the two back to both: nobody goes round without end.
            let both = |one: &Page| match one {
                Page::Compare(Compare { left, right, .. }) => {
                    [&left.id, &right.id].iter().all(|id| [&kept.id, &posting.id].contains(id))
                }
                _ => false,
            };
            let is_it = |page: &visit::Page| matches!(page, visit::Page::Jobs(page) if both(page));
            match visit.trail.iter().rposition(is_it) {
                Some(at) => {
                    visit.trail.truncate(at + 1);
                    // The text may have another size than when it was left.
                    if let Some(Page::Compare(compare)) = present(visit) {
                        compare.page = 0;
                    }
                }
                None => go(visit, Page::Compare(Compare { left: kept, right: posting, page: 0 })),
            }
        }
    }
}

/// Asks for what the present page lacks.
pub(super) fn ask(visit: &mut Visit) -> Vec<Effect> {
    let ticket = visit.ticket;
    match present(visit) {
        Some(Page::Find(Find { query, .. }) | Page::Narrow(Narrow { query, .. })) => {
            vec![Effect::CountPostings { ticket, query: query.clone() }]
        }
        Some(Page::List(list)) => {
            vec![Effect::FindPostings { ticket, query: list.query.clone() }]
        }
        _ => Vec::new(),
    }
}

/// The cache holds something else now: what was counted, or found nothing, is asked for again.
pub(super) fn look_again(visit: &mut Visit) -> Vec<Effect> {
    match present(visit) {
        Some(Page::List(list)) if list.results.as_ref().is_none_or(|found| found.total > 0) => {
            Vec::new()
        }
        _ => ask(visit),
    }
}

/// Lists what a changed query finds; the list as it was lies below.
fn ask_anew(visit: &mut Visit, change: impl FnOnce(&mut Query)) -> Vec<Effect> {
    let Some(Page::List(list)) = present(visit) else { return Vec::new() };
    let mut query = Query { offset: 0, ..list.query.clone() };
    change(&mut query);
    go_to_list(visit, query);
    ask(visit)
}

/// Lists what `query` finds. The list before it stays below, those before that do not: one goes from list
/// to list as often as one likes.
fn go_to_list(visit: &mut Visit, query: Query) {
    let is_list = |page: &visit::Page| matches!(page, visit::Page::Jobs(Page::List(_)));
    let chooses = |page: &visit::Page| {
        matches!(page, visit::Page::Jobs(Page::Narrow(_) | Page::Pad(_))) || is_list(page)
    };
    let first = visit.trail.iter().position(chooses);
    let last = visit.trail.iter().rposition(is_list);
    if let (Some(first), Some(last)) = (first, last)
        && first < last
    {
        visit.forget(first..last);
    }
    go(visit, Page::List(Jobs { query, results: None, total: 0 }));
}

/// Turns the pages of a list, which are fetched one by one.
pub(super) fn turn(visit: &mut Visit, pages: usize, leaf: Leaf) -> Vec<Effect> {
    let Some(Page::List(list)) = present(visit) else { return Vec::new() };
    let (at, limit) = (list.query.offset, list.query.limit);
    list.query.offset = leaf.from(at / limit, pages) * limit;
    if list.query.offset == at {
        return Vec::new();
    }
    list.results = None;
    ask(visit)
}

/// How many pages the content of `page`, the present one, takes.
pub(super) fn pages(machine: &Machine, visit: &Visit, page: &Page, fit: &Fit) -> usize {
    match page {
        Page::Find(find) => {
            let tiles = find.tiles().len();
            fit.tiles(tiles).pages(tiles)
        }
        Page::List(list) => fit.jobs.pages(list.total),
        Page::Options(options) => {
            let offered = narrowed(visit)
                .map(|(query, facets)| choices::offered(machine, options.facet, query, facets));
            fit.options.pages(offered.map_or(0, |offered| offered.len()))
        }
        Page::One(job) => facts::posting_pages(machine, &job.posting, fit).len(),
        Page::Compare(compare) => comparison::pages(compare, fit).len(),
        Page::Narrow(_) | Page::Pad(_) | Page::Map(_) => 1,
    }
}

/// A stroke on the pad.
pub(super) fn typed(
    machine: &Machine,
    visit: &mut Visit,
    fit: &Fit,
    stroke: Stroke,
) -> Vec<Effect> {
    let Some(Page::Pad(pad)) = present(visit) else { return Vec::new() };
    match stroke {
        Stroke::Key(key) if key.is_ascii_alphanumeric() && !pad.is_full() => {
            pad.typed.push(key.to_ascii_lowercase());
        }
        Stroke::Erase => {
            pad.typed.pop();
        }
        Stroke::Key(_) | Stroke::Enter => return Vec::new(),
    }
    look(machine, visit, fit)
}

/// Looks for what was typed on the pad.
fn look(machine: &Machine, visit: &mut Visit, fit: &Fit) -> Vec<Effect> {
    let ticket = visit.ticket;
    let below = listed(machine, visit);
    let Some(Page::Pad(pad)) = present(visit) else { return Vec::new() };
    if pad.typed.is_empty() {
        (pad.query, pad.results) = (None, None);
        return Vec::new();
    }
    let query = Query { words: pad.typed.clone(), offset: 0, limit: fit.hits, ..below };
    pad.query = Some(query.clone());
    vec![Effect::FindPostings { ticket, query }]
}

/// What the page below the pad looks for.
fn listed(machine: &Machine, visit: &Visit) -> Query {
    let below = trail(visit).find_map(|page| match page {
        Page::Find(Find { query, .. }) | Page::List(Jobs { query, .. }) => Some(query.clone()),
        _ => None,
    });
    below.unwrap_or_else(|| everything(machine))
}

/// From the pad or the filters to a list: 返回 leads to them as they are.
fn show_hits(machine: &Machine, visit: &mut Visit, fit: &Fit) -> Vec<Effect> {
    let query = match trail(visit).next() {
        Some(Page::Pad(pad)) => {
            let nearest = pad.results.as_ref().and_then(|results| results.nearest.as_ref());
            let typed = || Query { words: pad.typed.clone(), ..listed(machine, visit) };
            nearest.map_or_else(typed, |nearest| nearest.query.clone())
        }
        Some(Page::Narrow(narrow)) => narrow.query.clone(),
        _ => return Vec::new(),
    };
    go_to_list(visit, Query { offset: 0, limit: fit.jobs.cells(), ..query });
    ask(visit)
}

pub(super) fn postings(visit: &mut Visit, query: Query, results: listings::Results) {
    match present(visit) {
        Some(Page::List(list)) if list.query == query => {
            list.total = results.total;
            list.results = Some(results);
        }
        // 查看 may have been pressed before it was there.
        _ => {
            let pads = visit.trail.iter_mut().rev().filter_map(|page| match page {
                visit::Page::Jobs(Page::Pad(pad)) => Some(pad),
                _ => None,
            });
            let mut asking = pads.filter(|pad| pad.query.as_ref() == Some(&query));
            if let Some(pad) = asking.next() {
                pad.results = Some(results);
            }
        }
    }
}

/// The counts of a query, for the pages that still ask for them.
pub(super) fn counted(visit: &mut Visit, query: &Query, counted: &Facets) {
    for page in &mut visit.trail {
        match page {
            visit::Page::Jobs(
                Page::Find(Find { query: asked, facets, .. })
                | Page::Narrow(Narrow { query: asked, facets }),
            ) if asked == query => *facets = Some(counted.clone()),
            _ => {}
        }
    }
}

/// The present page is cut anew for the present size; the first row shown stays on the page.
pub(super) fn refit(visit: &mut Visit, fit: &Fit) -> Vec<Effect> {
    let ticket = visit.ticket;
    let staffed = visit.staffed();
    match present(visit) {
        Some(Page::List(list)) => {
            let limit = fit.jobs.cells();
            // The staff may have hidden what was found.
            if list.query.limit == limit && list.results.is_some() && !staffed {
                return Vec::new();
            }
            list.query.limit = limit;
            list.query.offset -= list.query.offset % limit;
            list.results = None;
            ask(visit)
        }
        Some(Page::Find(Find { facets: None, .. }) | Page::Narrow(Narrow { facets: None, .. })) => {
            ask(visit)
        }
        Some(Page::Pad(Pad { query: Some(query), .. })) if query.limit != fit.hits => {
            query.limit = fit.hits;
            vec![Effect::FindPostings { ticket, query: query.clone() }]
        }
        _ => Vec::new(),
    }
}
