//! A segment in memory: the columns of its postings, and for each value that a filter offers the set
//! of those that have it.

use std::collections::{BTreeMap, HashSet};

use jiff::civil::Date;
use rusqlite::Connection;

use super::{Damaged, Set, block, columns::Columns, list};
use crate::{
    domain::{DivisionCode, Education},
    listings::{
        facets::WAGE_STEPS,
        facts::{self, day, town},
        query::{Filters, Home, Near, Tile},
        terms::Ask,
        traits::Form,
    },
    store::StoreError,
};

/// A segment, as a reader has it.
#[derive(Debug)]
pub(in crate::listings) struct Segment {
    /// Its number in the cache.
    pub(in crate::listings) id: i64,
    docs: Vec<u32>,
    published: Vec<u32>,
    closes: Vec<u32>,
    wages: Vec<u32>,
    /// Place in `town_codes`.
    towns: Vec<u16>,
    town_codes: Vec<u32>,
    values: Values,
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

/// The postings that each choice of a filter lets through.
#[derive(Debug)]
pub(in crate::listings) struct Values {
    pub(in crate::listings) tiles: BTreeMap<Tile, Set>,
    /// For somebody with this much schooling, in the order of [`Education::ALL`].
    pub(in crate::listings) schooling: Vec<Set>,
    pub(in crate::listings) forms: BTreeMap<Form, Set>,
    pub(in crate::listings) meals: Set,
    pub(in crate::listings) lodging: Set,
    /// For each of [`WAGE_STEPS`].
    pub(in crate::listings) wages: Vec<Set>,
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
        let columns = Columns::read(connection, id)?;
        if !super::is_whole(connection, id)? {
            return Err(Damaged.into());
        }
        let size = columns.len();
        let values = Values::of(&columns);
        let mut numbers = BTreeMap::new();
        let mut town_codes = Vec::new();
        let number = |code: &u32| {
            *numbers.entry(*code).or_insert_with(|| {
                town_codes.push(*code);
                u16::try_from(town_codes.len() - 1)
            })
        };
        let towns = columns.towns.iter().map(number).collect::<Result<Vec<u16>, _>>();
        Ok(Self {
            id,
            // China has 40,000 towns.
            towns: towns.map_err(|_| Damaged)?,
            town_codes,
            values,
            alive: Set::empty(size),
            pinned: Set::empty(size),
            open: None,
            near: None,
            homeless: true,
            docs: columns.docs,
            published: columns.published,
            closes: columns.closes,
            wages: columns.wages,
        })
    }

    /// How many postings it has, alive or not.
    pub(in crate::listings) fn size(&self) -> usize {
        self.docs.len()
    }

    /// Learns which rows are not shown, and which are shown first.
    pub(in crate::listings) fn mark(&mut self, hidden: &HashSet<u32>, pinned: &HashSet<u32>) {
        let of = |docs: &HashSet<u32>| match docs.is_empty() {
            true => Set::empty(self.docs.len()),
            false => Set::of(self.docs.len(), |place| docs.contains(&self.docs[place])),
        };
        let hidden = of(hidden);
        let mut alive = Set::of(self.docs.len(), |_| true);
        alive.remove(&hidden);
        (self.pinned, self.alive, self.open) = (of(pinned), alive, None);
    }

    /// Works out what is open on `today` and what is near `home`, unless that is known.
    pub(in crate::listings) fn turn_to(&mut self, today: Date, home: Option<&Home>) {
        if self.open.as_ref().is_none_or(|(day, _)| *day != today) {
            let today_number = day(today);
            let mut open = Set::of(self.size(), |place| {
                self.published[place] <= today_number && today_number <= self.closes[place]
            });
            open.keep(&self.alive);
            self.open = Some((today, open));
        }
        self.homeless = home.is_none();
        match home {
            Some(home) if self.near.as_ref().is_none_or(|(known, _)| known != home) => {
                self.near = Some((home.clone(), self.by_nearness(home)));
            }
            _ => {}
        }
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

    /// The sets behind the filters.
    pub(in crate::listings) fn values(&self) -> &Values {
        &self.values
    }

    /// The row of the posting at `place`.
    pub(in crate::listings) fn doc(&self, place: usize) -> u32 {
        self.docs[place]
    }

    /// The first day of the posting at `place`.
    pub(in crate::listings) fn published(&self, place: usize) -> u32 {
        self.published[place]
    }

    /// The postings with at least this pay, in fen a month.
    pub(in crate::listings) fn paid(&self, fen: i64) -> Set {
        let step = WAGE_STEPS.iter().position(|step| step * 100 == fen);
        match step {
            Some(step) => self.values.wages[step].clone(),
            None => {
                Set::of(self.size(), |place| i64::from(self.wages[place]) >= facts::capped(fen))
            }
        }
    }

    /// The postings that lie in `division`.
    pub(in crate::listings) fn within(&self, division: &DivisionCode) -> Set {
        let wanted = town(division);
        let inside = |code: &u32| match division.as_str().len() {
            6 => code / 1_000 == wanted / 1_000,
            _ => *code == wanted,
        };
        let inside: Vec<bool> = self.town_codes.iter().map(inside).collect();
        Set::of(self.size(), |place| inside[self.towns[place] as usize])
    }

    /// Adds to `counts` how many postings of `set` lie in each town.
    pub(in crate::listings) fn count_towns(&self, set: &Set, counts: &mut BTreeMap<u32, u64>) {
        let mut mine = vec![0; self.town_codes.len()];
        set.places().for_each(|place| mine[self.towns[place] as usize] += 1);
        for (code, count) in self.town_codes.iter().zip(mine).filter(|(_, count)| *count > 0) {
            *counts.entry(*code).or_default() += count;
        }
    }

    fn by_nearness(&self, home: &Home) -> [Set; 5] {
        let neighbours: Vec<u32> = home.neighbours.iter().map(town).collect();
        let home = town(&home.town);
        let band = |code: &u32| match *code {
            town if town == home => 0,
            town if neighbours.contains(&town) => 1,
            town if town / 1_000 == home / 1_000 => 2,
            town if town / 100_000 == home / 100_000 => 3,
            _ => 4,
        };
        let bands: Vec<u8> = self.town_codes.iter().map(band).collect();
        [0, 1, 2, 3, 4]
            .map(|band| Set::of(self.size(), |place| bands[self.towns[place] as usize] == band))
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
        let mut set = Set::empty(self.size());
        block::find(connection, self.id, term, |lists| list::add(lists.anywhere, &mut set))?;
        Ok(set)
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
            Ask::Beginning(start) => block::begins(connection, self.id, start, &mut take),
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

    /// Those of `candidates` that the filters let through.
    pub(in crate::listings) fn pass(&self, filters: &Filters, candidates: &Set) -> Set {
        let mut left = candidates.clone();
        let Filters { within, near, wage_from, tile, education, form, meals, lodging } = filters;
        let values = &self.values;
        let mut keep = |set: Option<&Set>| match set {
            Some(set) => left.keep(set),
            None => left = Set::empty(self.size()),
        };
        if let Some(division) = within {
            keep(Some(&self.within(division)));
        }
        if let (Some(most), Some(bands)) = (near, self.near()) {
            keep(Some(&within_reach(bands, *most)));
        }
        if let Some(fen) = wage_from {
            keep(Some(&self.paid(fen.0)));
        }
        if let Some(tile) = tile {
            keep(values.tiles.get(tile));
        }
        if let Some(mine) = education {
            keep(values.schooling.get(*mine as usize));
        }
        if let Some(form) = form {
            keep(values.forms.get(form));
        }
        if *meals {
            keep(Some(&values.meals));
        }
        if *lodging {
            keep(Some(&values.lodging));
        }
        left
    }
}

impl Values {
    fn of(columns: &Columns) -> Self {
        let size = columns.len();
        let by_kind = |wanted: &dyn Fn(usize) -> bool| {
            let wanted: Vec<bool> = (0..columns.traits.len()).map(wanted).collect();
            Set::of(size, |place| wanted[columns.kinds[place] as usize])
        };
        let traits = |kind: usize| columns.traits[kind];
        let tiles = Tile::all().map(|tile| (tile, by_kind(&|kind| traits(kind).tile() == tile)));
        let forms = Form::ALL.map(|form| (form, by_kind(&|kind| traits(kind).form == Some(form))));
        let schooling = Education::ALL
            .into_iter()
            .map(|mine| by_kind(&|kind| traits(kind).education.is_none_or(|asked| asked <= mine)));
        let wages = WAGE_STEPS.into_iter().map(|step| {
            Set::of(size, |place| i64::from(columns.wages[place]) >= facts::capped(step * 100))
        });
        Self {
            tiles: tiles.collect(),
            schooling: schooling.collect(),
            forms: forms.into(),
            meals: by_kind(&|kind| traits(kind).meals),
            lodging: by_kind(&|kind| traits(kind).lodging),
            wages: wages.collect(),
        }
    }
}

/// The bands up to `most`.
fn within_reach(bands: &[Set; 5], most: Near) -> Set {
    let mut reach = bands[0].clone();
    bands[1..=most as usize].iter().for_each(|band| reach.add(band));
    reach
}
