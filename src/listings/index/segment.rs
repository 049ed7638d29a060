//! A segment in memory: sets of its postings that every question asks for. What else a question asks
//! for is read with it.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
};

use jiff::civil::Date;
use kiosk_base::{
    domain::{DivisionCode, Fen},
    store::StoreError,
};
use rusqlite::Connection;

use super::{
    Damaged, Kind, Set, block,
    kind::{self, Kinds, wage_step},
    list,
    members::{self, Members},
};
use crate::listings::{
    facts::{self, day, town},
    query::{Facet, Filters, Home, Near},
    terms::Ask,
};

/// A segment, as a reader has it.
#[derive(Debug)]
pub(in crate::listings) struct Segment {
    /// Its number in the cache.
    pub(in crate::listings) id: i64,
    size: usize,
    /// What filters ask of each.
    kinds: Kinds,
    /// Those that are deleted or hidden, if any are.
    not_shown: Option<Set>,
    /// Those that the town shows first, if any.
    pinned: Option<Set>,
    /// On which day those are open that are said to be.
    day: Option<Date>,
    open: Set,
    /// Those in the town of home, in towns beside it, in the rest of the county, and of the city.
    near: Option<(Home, [Set; 4])>,
    /// Whether the question has no home, so that nothing is near.
    homeless: bool,
}

/// The postings of a segment that a question finds.
#[derive(Debug, Clone)]
pub(in crate::listings) struct Hits {
    pub(in crate::listings) anywhere: Set,
    pub(in crate::listings) in_title: Set,
}

impl Hits {
    fn none(size: usize) -> Self {
        Self { anywhere: Set::empty(size), in_title: Set::empty(size) }
    }

    fn keep(&mut self, other: &Self) {
        self.anywhere.keep(&other.anywhere);
        self.in_title.keep(&other.in_title);
    }

    fn add(&mut self, other: &Self) {
        self.anywhere.add(&other.anywhere);
        self.in_title.add(&other.in_title);
    }
}

impl Segment {
    /// Reads a segment.
    pub(in crate::listings) fn read(connection: &Connection, id: i64) -> Result<Self, StoreError> {
        let size = super::size(connection, id)?;
        let whole =
            super::has_its_blocks(connection, id)? && members::are_whole(connection, id, size)?;
        if !whole {
            return Err(Damaged.into());
        }
        Ok(Self {
            id,
            size,
            kinds: Kinds::read(connection, id, size)?,
            not_shown: None,
            pinned: None,
            day: None,
            open: Set::empty(size),
            near: None,
            homeless: true,
        })
    }

    /// How many postings it has, alive or not.
    pub(in crate::listings) fn size(&self) -> usize {
        self.size
    }

    /// Learns which rows are not shown, and which are shown first.
    pub(in crate::listings) fn mark(
        &mut self,
        connection: &Connection,
        hidden: &HashSet<u32>,
        pinned: &HashSet<u32>,
    ) -> Result<(), StoreError> {
        (self.day, self.not_shown, self.pinned) = (None, None, None);
        if hidden.is_empty() && pinned.is_empty() {
            return Ok(());
        }
        let Self { size, not_shown, pinned: first, .. } = self;
        let mark = |set: &mut Option<Set>, place| {
            set.get_or_insert_with(|| Set::empty(*size)).insert(place);
        };
        members::each(connection, self.id, *size, |place, member| {
            if hidden.contains(&member.doc) {
                mark(not_shown, place);
            }
            if pinned.contains(&member.doc) {
                mark(first, place);
            }
        })
    }

    /// Works out what is open on `today` and what is near `home`, unless that is known.
    pub(in crate::listings) fn turn_to(
        &mut self,
        connection: &Connection,
        today: Date,
        home: Option<&Home>,
    ) -> Result<(), StoreError> {
        if self.day != Some(today) {
            self.day = None;
            let today_number = day(today);
            self.open.clear();
            members::each(connection, self.id, self.size, |place, member| {
                if member.published <= today_number && today_number <= member.closes {
                    self.open.insert(place);
                }
            })?;
            if let Some(not_shown) = &self.not_shown {
                self.open.remove(not_shown);
            }
            self.day = Some(today);
        }
        self.homeless = home.is_none();
        match home {
            Some(home) if self.near.as_ref().is_none_or(|(known, _)| known != home) => {
                self.near = Some((home.clone(), self.by_nearness(connection, home)?));
            }
            _ => {}
        }
        Ok(())
    }

    /// The postings that may be shown on the day that was [turned to](Self::turn_to).
    pub(in crate::listings) fn open(&self) -> &Set {
        &self.open
    }

    /// The bands around the home that was [turned to](Self::turn_to), but for the last, which is
    /// everywhere else.
    pub(in crate::listings) fn near(&self) -> Option<&[Set; 4]> {
        self.near.as_ref().filter(|_| !self.homeless).map(|(_, bands)| bands)
    }

    /// The postings that the town shows first, if any.
    pub(in crate::listings) fn pinned(&self) -> Option<&Set> {
        self.pinned.as_ref()
    }

    /// What order asks of its postings.
    pub(in crate::listings) fn members<'a>(&self, connection: &'a Connection) -> Members<'a> {
        Members::of(connection, self.id)
    }

    /// The postings with at least this pay, in fen a month.
    fn paid(&self, connection: &Connection, fen: Fen) -> Result<Set, StoreError> {
        let mut paid = Set::empty(self.size);
        members::each(connection, self.id, self.size, |place, member| {
            if i64::from(member.wage) >= facts::capped(fen.0) {
                paid.insert(place);
            }
        })?;
        Ok(paid)
    }

    /// The postings that lie in `division`.
    fn within(&self, connection: &Connection, division: &DivisionCode) -> Result<Set, StoreError> {
        let term = kind::town(town(division));
        let mut within = Set::empty(self.size);
        match division.as_str().len() {
            6 => {
                let county = term.strip_suffix("000").unwrap_or(&term);
                block::begins(connection, self.id, county, |_, lists| {
                    list::add(lists.anywhere, &mut within)
                })?;
            }
            _ => within = self.holding(connection, &term)?,
        }
        Ok(within)
    }

    /// Adds to `counts` how many postings of `set` lie in each town.
    pub(in crate::listings) fn count_towns(
        &self,
        connection: &Connection,
        set: &Set,
        counts: &mut BTreeMap<u32, u64>,
    ) -> Result<(), StoreError> {
        block::begins(connection, self.id, kind::TOWN, |term, lists| {
            let town = kind::town_of(term).ok_or(Damaged)?;
            let count = list::shared(lists.anywhere, set)?;
            if count > 0 {
                *counts.entry(town).or_default() += count as u64;
            }
            Ok(())
        })
    }

    fn by_nearness(&self, connection: &Connection, home: &Home) -> Result<[Set; 4], StoreError> {
        let neighbours: Vec<u32> = home.neighbours.iter().map(town).collect();
        let home = town(&home.town);
        let band = |code: u32| match code {
            town if town == home => Some(0),
            town if neighbours.contains(&town) => Some(1),
            town if town / 1_000 == home / 1_000 => Some(2),
            town if town / 100_000 == home / 100_000 => Some(3),
            _ => None,
        };
        let mut bands = [0; 4].map(|_| Set::empty(self.size));
        block::begins(connection, self.id, kind::TOWN, |term, lists| {
            let town = kind::town_of(term).ok_or(Damaged)?;
            match band(town) {
                Some(band) => list::add(lists.anywhere, &mut bands[band]),
                None => Ok(()),
            }
        })?;
        Ok(bands)
    }

    /// The postings that hold `term`.
    fn holding(&self, connection: &Connection, term: &str) -> Result<Set, StoreError> {
        let mut set = Set::empty(self.size);
        block::find(connection, self.id, term, |lists| list::add(lists.anywhere, &mut set))?;
        Ok(set)
    }

    /// The postings that hold what `ask` asks for.
    pub(in crate::listings) fn answer(
        &self,
        connection: &Connection,
        ask: &Ask,
    ) -> Result<Hits, StoreError> {
        let Ask::All(parts) = ask else {
            let mut hits = Hits::none(self.size());
            self.add_to(&mut hits, connection, ask)?;
            return Ok(hits);
        };
        let Some((first, others)) = parts.split_first() else {
            return Ok(Hits::none(self.size()));
        };
        let mut all = self.answer(connection, first)?;
        for part in others {
            if all.anywhere.is_empty() {
                break;
            }
            all.keep(&self.answer(connection, part)?);
        }
        Ok(all)
    }

    /// The postings whose title begins with `term`.
    pub(in crate::listings) fn starting(
        &self,
        connection: &Connection,
        term: &str,
    ) -> Result<Set, StoreError> {
        self.holding(connection, term)
    }

    fn add_to(
        &self,
        hits: &mut Hits,
        connection: &Connection,
        ask: &Ask,
    ) -> Result<(), StoreError> {
        let mut take = |lists: block::Lists<'_>| {
            list::add(lists.anywhere, &mut hits.anywhere)?;
            list::add(lists.in_title, &mut hits.in_title)
        };
        match ask {
            Ask::Term(term) => block::find(connection, self.id, term, take),
            Ask::Beginning(start) => {
                block::begins(connection, self.id, start, |_, lists| take(lists))
            }
            Ask::Any(parts) => {
                parts.iter().try_for_each(|part| self.add_to(hits, connection, part))
            }
            Ask::All(_) => {
                hits.add(&self.answer(connection, ask)?);
                Ok(())
            }
        }
    }

    /// What the filters let through.
    pub(in crate::listings) fn let_through<'a>(
        &'a self,
        connection: &Connection,
        filters: &'a Filters,
    ) -> Result<LetThrough<'a>, StoreError> {
        let mut sets = Vec::new();
        if let Some(division) = &filters.within {
            sets.push((Facet::Place, self.within(connection, division)?));
        }
        if let (Some(most), Some(bands)) = (filters.near, self.near()) {
            sets.push((Facet::Place, within_reach(bands, most)));
        }
        if let Some(fen) = filters.wage_from.filter(|fen| wage_step(*fen).is_none()) {
            sets.push((Facet::Wage, self.paid(connection, fen)?));
        }
        Ok(LetThrough { kinds: &self.kinds, filters, sets })
    }
}

/// What the filters let through.
#[derive(Debug)]
pub(in crate::listings) struct LetThrough<'a> {
    kinds: &'a Kinds,
    filters: &'a Filters,
    /// What filters let through that do not go by the kind.
    sets: Vec<(Facet, Set)>,
}

impl LetThrough<'_> {
    /// Those of `candidates` that every filter lets through, but for those on the facets that were
    /// `given_up`.
    pub(in crate::listings) fn of<'s>(
        &self,
        candidates: &'s Set,
        given_up: &[Facet],
    ) -> Cow<'s, Set> {
        let left = self.of_any_kind(candidates, given_up);
        self.kinds.keep(left, |kind| kind.passes(self.filters, given_up))
    }

    /// How many of `candidates` there are of each kind that the filters which do not go by the kind let
    /// through; kinds without any are left out.
    pub(in crate::listings) fn count_kinds(
        &self,
        candidates: &Set,
        given_up: &[Facet],
    ) -> Vec<(Kind, usize)> {
        self.kinds.count(&self.of_any_kind(candidates, given_up))
    }

    /// Whether a filter on `facet` is set that does not go by the kind.
    pub(in crate::listings) fn has_set_of(&self, facet: Facet) -> bool {
        self.sets.iter().any(|(of, _)| *of == facet)
    }

    fn of_any_kind<'s>(&self, candidates: &'s Set, given_up: &[Facet]) -> Cow<'s, Set> {
        let mut left = Cow::Borrowed(candidates);
        for (_, set) in self.sets.iter().filter(|(facet, _)| !given_up.contains(facet)) {
            left.to_mut().keep(set);
        }
        left
    }
}

/// The bands up to `most`.
fn within_reach(bands: &[Set; 4], most: Near) -> Set {
    let mut reach = bands[0].clone();
    bands[1..=most as usize].iter().for_each(|band| reach.add(band));
    reach
}
