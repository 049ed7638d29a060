//! Finding, counting and ordering postings, segment by segment. [`Shown`] keeps the segments that a
//! reader has in memory, and which state of the cache they are.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::civil::Date;
use kiosk_base::{domain::DivisionCode, store::StoreError, wire::Collection};
use rusqlite::Connection;

use super::{
    cache::State,
    facets::GIVEN_UP,
    index::{self, Member, Segment, Set},
    query::{Facet, Home, Query},
    search::Nearest,
    terms::{self, Word},
};

/// The postings that are shown, in one state of the cache.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// Generation and stamp of the state; `None` before the first load.
    state: Option<(i64, i64)>,
    segments: Vec<Segment>,
}

impl Shown {
    /// Reads what is new if the cache has changed.
    pub(super) fn follow(&mut self, snapshot: &Connection) -> Result<(), StoreError> {
        let State { shown, own, stamp, .. } = State::of(snapshot, Collection::Postings)?;
        if self.state == Some((shown, stamp)) {
            return Ok(());
        }
        self.state = None;
        let mut known: HashMap<i64, Segment> =
            self.segments.drain(..).map(|segment| (segment.id, segment)).collect();
        let mut segments = Vec::new();
        for generation in [own, shown] {
            for (id, _) in index::sizes(snapshot, generation)? {
                segments.push(match known.remove(&id) {
                    Some(segment) => segment,
                    None => Segment::read(snapshot, id)?,
                });
            }
        }
        drop(known);
        let mut hidden = index::gone(snapshot)?;
        hidden.extend(marked(snapshot, shown, false)?);
        let pinned = marked(snapshot, shown, true)?;
        for segment in &mut segments {
            segment.mark(snapshot, &hidden, &pinned)?;
        }
        self.segments = segments;
        self.state = Some((shown, stamp));
        Ok(())
    }

    /// Works out what is open on `today` and near `home`.
    pub(super) fn turn_to(
        &mut self,
        snapshot: &Connection,
        today: Date,
        home: Option<&Home>,
    ) -> Result<(), StoreError> {
        self.segments.iter_mut().try_for_each(|segment| segment.turn_to(snapshot, today, home))
    }

    /// The segments.
    pub(super) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// How many postings are open.
    pub(super) fn count(&self) -> usize {
        self.segments.iter().map(|segment| segment.open().count()).sum()
    }

    /// How many open postings lie in each town.
    pub(super) fn towns(
        &self,
        snapshot: &Connection,
    ) -> Result<BTreeMap<DivisionCode, u64>, StoreError> {
        let mut counts = BTreeMap::new();
        for segment in &self.segments {
            segment.count_towns(snapshot, segment.open(), &mut counts)?;
        }
        Ok(by_division(&counts))
    }

    /// What the query finds.
    pub(super) fn find(
        &self,
        snapshot: &Connection,
        query: &Query,
    ) -> Result<Found<'_>, StoreError> {
        let mut parts = Vec::new();
        if let Some(words) = terms::question(&query.words) {
            for segment in &self.segments {
                let let_through = segment.let_through(snapshot, &query.filters)?;
                let candidates = let_through.of(segment.open(), &[]).into_owned();
                let found = Part::new(snapshot, segment, &words, candidates)?;
                if !found.all.is_empty() {
                    parts.push(found);
                }
            }
        }
        let total = parts.iter().map(|part| part.all.count()).sum();
        Ok(Found { parts, total })
    }

    /// The open postings that hold all `words`, by segment.
    pub(super) fn holding(
        &self,
        snapshot: &Connection,
        words: &str,
    ) -> Result<Vec<Set>, StoreError> {
        let words = terms::question(words);
        let mut holding = Vec::new();
        for segment in &self.segments {
            let mut set = segment.open().clone();
            match &words {
                None => set = Set::empty(segment.size()),
                Some(words) => {
                    for word in words {
                        set.keep(&segment.answer(snapshot, &word.ask)?.anywhere);
                    }
                }
            }
            holding.push(set);
        }
        Ok(holding)
    }

    /// What is found by giving up one filter, or two and more of them, or the end of the words; at
    /// last everything that is open. `None` when nothing is.
    pub(super) fn nearest(
        &self,
        snapshot: &Connection,
        query: &Query,
    ) -> Result<Option<Nearest>, StoreError> {
        let filters = &query.filters;
        let set = GIVEN_UP.into_iter().filter(|facet| filters.without(*facet) != *filters);
        let set: Vec<Facet> = set.collect();
        let let_through = self.segments.iter().map(|s| s.let_through(snapshot, filters));
        let let_through = let_through.collect::<Result<Vec<_>, _>>()?;
        let mut words = query.words.clone();
        loop {
            let holding = self.holding(snapshot, &words)?;
            let count = |given_up: &[Facet]| -> usize {
                let parts = let_through.iter().zip(&holding);
                parts.map(|(let_through, holding)| let_through.of(holding, given_up).count()).sum()
            };
            if holding.iter().any(|set| !set.is_empty()) {
                let alone = set.iter().find(|facet| count(&[**facet]) > 0);
                let mut without = Vec::new();
                match alone {
                    _ if count(&[]) > 0 => {}
                    Some(facet) => without.push(*facet),
                    None => {
                        for facet in &set {
                            without.push(*facet);
                            if count(&without) > 0 {
                                break;
                            }
                        }
                    }
                }
                let total = count(&without);
                if total > 0 {
                    let other_words = words != query.words;
                    let filters =
                        without.iter().fold(filters.clone(), |filters, f| filters.without(*f));
                    let query = Query { words, filters, offset: 0, ..query.clone() };
                    return Ok(Some(Nearest { query, without, other_words, total }));
                }
            }
            if words.pop().is_none() {
                return Ok(None);
            }
        }
    }
}

/// The row numbers of the postings that the town shows first, or of those it hides.
fn marked(
    connection: &Connection,
    generation: i64,
    pinned: bool,
) -> Result<HashSet<u32>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT doc FROM mark JOIN posting ON posting.id = mark.id
             AND posting.generation IN ((SELECT own FROM followed), ?1) WHERE mark.pinned = ?2",
    )?;
    let docs = statement.query_map(rusqlite::params![generation, pinned], |row| row.get(0))?;
    Ok(docs.collect::<Result<_, _>>()?)
}

/// Counts by town as counts by division; a posting that names only its county counts there.
pub(super) fn by_division(counts: &BTreeMap<u32, u64>) -> BTreeMap<DivisionCode, u64> {
    let code = |town: u32| {
        let digits = format!("{town:09}");
        DivisionCode::parse(digits.strip_suffix("000").unwrap_or(&digits)).ok()
    };
    let known = counts.iter().filter(|(town, _)| **town != 0);
    known.filter_map(|(town, count)| Some((code(*town)?, *count))).collect()
}

/// What was found, by segment.
pub(super) struct Found<'a> {
    parts: Vec<Part<'a>>,
    total: usize,
}

/// What was found in one segment.
struct Part<'a> {
    segment: &'a Segment,
    /// Everything that holds every word.
    all: Set,
    /// What of it matches better: every word stands in the title, and the title begins with the first.
    /// `None` without words, or when nothing is found.
    better: Option<Better>,
}

/// What matches better than by standing anywhere.
struct Better {
    in_title: Set,
    at_start: Set,
}

impl<'a> Part<'a> {
    fn new(
        snapshot: &Connection,
        segment: &'a Segment,
        words: &[Word],
        candidates: Set,
    ) -> Result<Self, StoreError> {
        let mut all = candidates;
        let Some(first) = words.first() else {
            return Ok(Self { segment, all, better: None });
        };
        let mut in_title = all.clone();
        for word in words {
            let hits = segment.answer(snapshot, &word.ask)?;
            all.keep(&hits.anywhere);
            in_title.keep(&hits.in_title);
            if all.is_empty() {
                return Ok(Self { segment, all, better: None });
            }
        }
        let mut at_start = in_title.clone();
        if !at_start.is_empty() {
            at_start.keep(&segment.starting(snapshot, &first.start)?);
        }
        Ok(Self { segment, all, better: Some(Better { in_title, at_start }) })
    }

    /// The postings of one quality.
    fn of(&self, quality: Quality) -> Set {
        let without = |set: &Set, better: &Set| {
            let mut set = set.clone();
            set.remove(better);
            set
        };
        match (quality, &self.better) {
            (Quality::AtStart, Some(better)) => better.at_start.clone(),
            (Quality::InTitle, Some(better)) => without(&better.in_title, &better.at_start),
            (Quality::Anywhere, Some(better)) => without(&self.all, &better.in_title),
            (Quality::Anywhere, None) => self.all.clone(),
            (Quality::AtStart | Quality::InTitle, None) => Set::empty(0),
        }
    }

    /// The postings of one quality in one band, or those that the town shows first.
    fn group(&self, group: Group) -> Set {
        match group {
            Group::Pinned => {
                let Some(pinned) = self.segment.pinned() else { return Set::empty(0) };
                let mut set = self.all.clone();
                set.keep(pinned);
                set
            }
            Group::Of { quality, band } => {
                let mut set = self.of(quality);
                match self.segment.near() {
                    Some(bands) => match bands.get(band) {
                        Some(near) => set.keep(near),
                        None => bands.iter().for_each(|near| set.remove(near)),
                    },
                    None if band > 0 => return Set::empty(0),
                    None => {}
                }
                if let Some(pinned) = self.segment.pinned() {
                    set.remove(pinned);
                }
                set
            }
        }
    }
}

/// Postings that stand beside each other whatever their age.
#[derive(Clone, Copy)]
enum Group {
    /// What the town shows first, wherever the words stand in it.
    Pinned,
    Of {
        quality: Quality,
        band: usize,
    },
}

/// How well a posting matches.
#[derive(Debug, Clone, Copy)]
enum Quality {
    /// Its title begins with the first word, and every word stands in it.
    AtStart,
    /// Every word stands in its title.
    InTitle,
    /// The words stand anywhere in it, or there are none.
    Anywhere,
}

impl Group {
    /// All groups, the best first.
    fn all() -> impl Iterator<Item = Self> {
        let of = |quality| (0..5).map(move |band| Self::Of { quality, band });
        let qualities = [Quality::AtStart, Quality::InTitle, Quality::Anywhere];
        std::iter::once(Self::Pinned).chain(qualities.into_iter().flat_map(of))
    }
}

impl Found<'_> {
    /// How many there are in all.
    pub(super) fn total(&self) -> usize {
        self.total
    }

    /// The rows of `limit` postings after the first `offset`, best first; within a group the newest
    /// first, then by id.
    pub(super) fn page(
        &self,
        snapshot: &Connection,
        offset: usize,
        limit: usize,
    ) -> Result<Vec<u32>, StoreError> {
        let (mut skip, mut docs) = (offset, Vec::new());
        let limit = limit.min(self.total.saturating_sub(offset));
        for group in Group::all() {
            if docs.len() == limit {
                break;
            }
            let sets: Vec<(&Segment, Set)> = self
                .parts
                .iter()
                .map(|part| (part.segment, part.group(group)))
                .filter(|(_, set)| !set.is_empty())
                .collect();
            let count: usize = match skip {
                0 => usize::MAX,
                _ => sets.iter().map(|(_, set)| set.count()).sum(),
            };
            if skip >= count {
                skip -= count;
                continue;
            }
            match sets.as_slice() {
                [] => {}
                [(segment, set)] => {
                    let mut members = segment.members(snapshot);
                    for place in set.places().skip(skip).take(limit - docs.len()) {
                        docs.push(members.at(place)?.doc);
                    }
                }
                _ => merged(snapshot, &sets, skip, limit, &mut docs)?,
            }
            skip = 0;
        }
        Ok(docs)
    }
}

/// Adds the rows of what is found in several segments, the newest first and then by id, without the
/// first `skip`, until there are `limit`.
fn merged(
    snapshot: &Connection,
    sets: &[(&Segment, Set)],
    mut skip: usize,
    limit: usize,
    docs: &mut Vec<u32>,
) -> Result<(), StoreError> {
    struct Head {
        doc: u32,
        published: u32,
        id: Option<String>,
    }
    let mut rest: Vec<_> = sets
        .iter()
        .map(|(segment, set)| {
            let mut members = segment.members(snapshot);
            set.places().map(move |place| {
                let Member { doc, published, .. } = members.at(place)?;
                Ok(Head { doc, published, id: None })
            })
        })
        .collect();
    let heads = rest.iter_mut().map(|rest| rest.next().transpose());
    let mut heads: Vec<Option<Head>> = heads.collect::<Result<_, StoreError>>()?;
    while docs.len() < limit {
        let Some(newest) = heads.iter().flatten().map(|head| head.published).max() else { break };
        let alike = heads.iter().flatten().filter(|head| head.published == newest).count();
        if alike > 1 {
            for head in heads.iter_mut().flatten().filter(|head| head.published == newest) {
                if head.id.is_none() {
                    head.id = Some(id_of(snapshot, head.doc)?);
                }
            }
        }
        let newest_of = heads.iter().enumerate().filter_map(|(at, head)| {
            let head = head.as_ref().filter(|head| head.published == newest)?;
            Some((head.id.as_deref(), at))
        });
        let Some((_, at)) = newest_of.min() else { break };
        let head = std::mem::replace(&mut heads[at], rest[at].next().transpose()?);
        match skip {
            0 => docs.extend(head.map(|head| head.doc)),
            _ => skip -= 1,
        }
    }
    Ok(())
}

fn id_of(snapshot: &Connection, doc: u32) -> Result<String, StoreError> {
    let sql = "SELECT id FROM posting WHERE doc = ?1";
    Ok(snapshot.prepare_cached(sql)?.query_row([doc], |row| row.get(0))?)
}
