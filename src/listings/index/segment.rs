//! A segment in memory: sets of its postings that every question asks for. What else a question asks
//! for is read with it.

use std::collections::{BTreeMap, HashSet};

use jiff::civil::Date;
use kiosk_base::{
    domain::{DivisionCode, Fen},
    store::StoreError,
};
use rusqlite::Connection;

use super::{
    Damaged, Kind, Set, block,
    kind::{self, Kinds},
    list,
    members::{self, Members},
};
use crate::listings::{
    facets::WAGE_STEPS,
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
    /// Those that are neither deleted nor hidden.
    alive: Set,
    /// Those that the town shows first.
    pinned: Set,
    /// Those that are open on this day.
    open: Option<(Date, Set)>,
    /// Those in the town of home, in towns beside it, in the rest of the county, of the city, and
    /// elsewhere.
    near: Option<(Home, [Set; 5])>,
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
        let none = Set::empty(size);
        let (alive, pinned) = (none.clone(), none);
        let kinds = Kinds::read(connection, id, size)?;
        Ok(Self { id, size, kinds, alive, pinned, open: None, near: None, homeless: true })
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
        self.open = None;
        self.alive = Set::of(self.size, |_| true);
        self.pinned = Set::empty(self.size);
        if hidden.is_empty() && pinned.is_empty() {
            return Ok(());
        }
        let mut not_shown = Set::empty(self.size);
        members::each(connection, self.id, self.size, |place, member| {
            if hidden.contains(&member.doc) {
                not_shown.insert(place);
            }
            if pinned.contains(&member.doc) {
                self.pinned.insert(place);
            }
        })?;
        self.alive.remove(&not_shown);
        Ok(())
    }

    /// Works out what is open on `today` and what is near `home`, unless that is known.
    pub(in crate::listings) fn turn_to(
        &mut self,
        connection: &Connection,
        today: Date,
        home: Option<&Home>,
    ) -> Result<(), StoreError> {
        if self.open.as_ref().is_none_or(|(day, _)| *day != today) {
            let today_number = day(today);
            let mut open = Set::empty(self.size);
            members::each(connection, self.id, self.size, |place, member| {
                if member.published <= today_number && today_number <= member.closes {
                    open.insert(place);
                }
            })?;
            open.keep(&self.alive);
            self.open = Some((today, open));
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
        self.open.as_ref().map_or(&self.alive, |(_, open)| open)
    }

    /// The bands around the home that was [turned to](Self::turn_to).
    pub(in crate::listings) fn near(&self) -> Option<&[Set; 5]> {
        self.near.as_ref().filter(|_| !self.homeless).map(|(_, bands)| bands)
    }

    /// The postings that the town shows first.
    pub(in crate::listings) fn pinned(&self) -> &Set {
        &self.pinned
    }

    /// What order asks of its postings.
    pub(in crate::listings) fn members<'a>(&self, connection: &'a Connection) -> Members<'a> {
        Members::of(connection, self.id)
    }

    /// How many postings of `set` each kind has; kinds without any are left out.
    pub(in crate::listings) fn count_kinds(&self, set: &Set) -> Vec<(Kind, usize)> {
        self.kinds.count(set)
    }

    /// The postings with at least this pay, in fen a month.
    fn paid(&self, connection: &Connection, fen: Fen) -> Result<Set, StoreError> {
        if let Some(step) = WAGE_STEPS.into_iter().find(|step| Fen::from_yuan(*step) == fen) {
            return Ok(self.kinds.set(|kind| kind.pays(step)));
        }
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

    fn by_nearness(&self, connection: &Connection, home: &Home) -> Result<[Set; 5], StoreError> {
        let neighbours: Vec<u32> = home.neighbours.iter().map(town).collect();
        let home = town(&home.town);
        let band = |code: u32| match code {
            town if town == home => 0,
            town if neighbours.contains(&town) => 1,
            town if town / 1_000 == home / 1_000 => 2,
            town if town / 100_000 == home / 100_000 => 3,
            _ => 4,
        };
        let mut bands = [0; 5].map(|_| Set::empty(self.size));
        block::begins(connection, self.id, kind::TOWN, |term, lists| {
            let town = kind::town_of(term).ok_or(Damaged)?;
            list::add(lists.anywhere, &mut bands[band(town)])
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
        let mut hits = Hits::none(self.size());
        self.add_to(&mut hits, connection, ask)?;
        Ok(hits)
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
            Ask::All(parts) => {
                let Some((first, others)) = parts.split_first() else { return Ok(()) };
                let mut all = self.answer(connection, first)?;
                for part in others {
                    if all.anywhere.is_empty() {
                        return Ok(());
                    }
                    all.keep(&self.answer(connection, part)?);
                }
                hits.add(&all);
                Ok(())
            }
        }
    }

    /// What each filter that is set lets through, whatever the others are.
    pub(in crate::listings) fn let_through(
        &self,
        connection: &Connection,
        filters: &Filters,
    ) -> Result<LetThrough, StoreError> {
        let Filters { within, near, wage_from, tile, education, form, meals, lodging } = filters;
        let mut sets = Vec::new();
        if let Some(division) = within {
            sets.push((Facet::Place, self.within(connection, division)?));
        }
        if let (Some(most), Some(bands)) = (near, self.near()) {
            sets.push((Facet::Place, within_reach(bands, *most)));
        }
        if let Some(fen) = wage_from {
            sets.push((Facet::Wage, self.paid(connection, *fen)?));
        }
        let mut of_kind = |facet, wanted: &dyn Fn(&Kind) -> bool| {
            sets.push((facet, self.kinds.set(wanted)));
        };
        if let Some(tile) = tile {
            of_kind(Facet::Tile, &|kind| kind.tile == *tile);
        }
        if let Some(mine) = education {
            of_kind(Facet::Education, &|kind| kind.is_open_to(*mine));
        }
        if form.is_some() {
            of_kind(Facet::Form, &|kind| kind.form == *form);
        }
        if *meals || *lodging {
            let (meals, lodging) = (*meals, *lodging);
            of_kind(Facet::Board, &|kind| (kind.meals || !meals) && (kind.lodging || !lodging));
        }
        Ok(LetThrough { sets })
    }
}

/// What the filters let through, each by itself.
#[derive(Debug)]
pub(in crate::listings) struct LetThrough {
    sets: Vec<(Facet, Set)>,
}

impl LetThrough {
    /// Those of `candidates` that every filter lets through, but for those on the facets that were
    /// `given_up`.
    pub(in crate::listings) fn of(&self, candidates: &Set, given_up: &[Facet]) -> Set {
        let mut left = candidates.clone();
        for (_, set) in self.sets.iter().filter(|(facet, _)| !given_up.contains(facet)) {
            left.keep(set);
        }
        left
    }

    /// Whether a filter on `facet` is set.
    pub(in crate::listings) fn asks_for(&self, facet: Facet) -> bool {
        self.sets.iter().any(|(of, _)| *of == facet)
    }
}

/// The bands up to `most`.
fn within_reach(bands: &[Set; 5], most: Near) -> Set {
    let mut reach = bands[0].clone();
    bands[1..=most as usize].iter().for_each(|band| reach.add(band));
    reach
}
