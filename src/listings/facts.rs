//! What ranking and filters need to know about every posting, in memory: about 40 bytes a posting.
//!
//! Postings stand in the order in which they are shown, newest first, and sets of them are bit sets
//! over that order. So combining words, filters and nearness, counting, and turning pages cost
//! microseconds, however common a word is.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rusqlite::Connection;

use super::{query::Home, traits::Traits};
use crate::{
    domain::{DivisionCode, Fen, Posting, Wage, posting::WagePeriod},
    store::StoreError,
};

/// Days and hours a month of work has by law when wages are converted (劳社部发〔2008〕3号:
/// 21.75 days of 8 hours), in hundredths.
const DAYS_A_MONTH_HUNDREDTHS: i64 = 2_175;
const HOURS_A_MONTH: i64 = 174;

/// The columns of one posting. Stored beside its text, so that loading reads no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fact {
    /// Row number in the cache, the key of the text index.
    pub(super) doc: i64,
    /// First day, as [`day`] writes it.
    pub(super) published: i32,
    /// Last day, or [`NEVER`].
    pub(super) closes: i32,
    /// Town as [`town`] writes it, 0 when unknown.
    pub(super) town: u32,
    /// Least pay in fen a month, 0 when unknown.
    pub(super) wage: i64,
    /// What else filters ask.
    pub(super) traits: Traits,
}

/// The closing day of a posting that has none.
pub(super) const NEVER: i32 = i32::MAX;

/// A date as a number that sorts: 2026-11-23 is 20261123.
pub(super) fn day(date: Date) -> i32 {
    i32::from(date.year()) * 10_000 + i32::from(date.month()) * 100 + i32::from(date.day())
}

/// A division as the number of its town: the first nine digits, zeros where there are fewer.
pub(super) fn town(division: &DivisionCode) -> u32 {
    let digits = division.as_str().bytes().chain(std::iter::repeat(b'0')).take(9);
    digits.fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))
}

/// Least pay in fen a month. Piece rates cannot be compared.
pub(super) fn monthly_wage(posting: &Posting) -> Option<i64> {
    let Some(Wage::Range { min: Fen(fen), per, .. }) = posting.wage else { return None };
    match per {
        WagePeriod::Month => Some(fen),
        WagePeriod::Day => Some(fen.saturating_mul(DAYS_A_MONTH_HUNDREDTHS) / 100),
        WagePeriod::Hour => Some(fen.saturating_mul(HOURS_A_MONTH)),
        WagePeriod::Piece => None,
    }
}

/// The postings that are shown, in order.
#[derive(Debug, Default)]
pub(super) struct Facts {
    rows: Vec<Fact>,
    /// (doc, place in `rows`), by doc: the order in which the text index answers.
    by_doc: Vec<(i64, u32)>,
    /// Those that the town shows first.
    pinned: Set,
}

impl Facts {
    /// Reads the facts of the town's own postings and of `generation`.
    pub(super) fn load(connection: &Connection, generation: i64) -> Result<Self, StoreError> {
        // The plus keeps SQLite from the index on generations: `posting_facts` has every column
        // and the order, so neither texts are read nor rows sorted.
        let mut statement = connection.prepare_cached(
            "SELECT doc, published, closes, town, wage, traits FROM posting
             WHERE +generation IN (0, ?1) ORDER BY published DESC, id, doc",
        )?;
        let rows = statement.query_map([generation], |row| {
            Ok(Fact {
                doc: row.get(0)?,
                published: row.get(1)?,
                closes: row.get::<_, Option<i32>>(2)?.unwrap_or(NEVER),
                town: row.get(3)?,
                wage: row.get::<_, Option<i64>>(4)?.unwrap_or(0),
                traits: Traits(row.get(5)?),
            })
        })?;
        let hidden = marked(connection, generation, false)?;
        let shown = |row: &rusqlite::Result<Fact>| {
            row.as_ref().map_or(true, |fact| !hidden.contains(&fact.doc))
        };
        let rows = rows.filter(shown).collect::<Result<Vec<_>, _>>()?;
        let mut by_doc: Vec<_> = (0..).zip(&rows).map(|(place, fact)| (fact.doc, place)).collect();
        by_doc.sort_unstable();
        let mut facts = Self { pinned: Set::empty(rows.len()), rows, by_doc };
        let pinned = marked(connection, generation, true)?;
        facts.pinned = facts.set_of(pinned.into_iter().map(Ok::<_, StoreError>))?;
        Ok(facts)
    }

    /// The postings that the town shows first.
    pub(super) fn pinned(&self) -> &Set {
        &self.pinned
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The posting at `place`.
    pub(super) fn at(&self, place: usize) -> &Fact {
        &self.rows[place]
    }

    /// The postings that `wanted` picks.
    pub(super) fn select(&self, wanted: impl Fn(&Fact) -> bool) -> Set {
        let mut set = Set::empty(self.len());
        for (place, fact) in self.rows.iter().enumerate() {
            if wanted(fact) {
                set.insert(place);
            }
        }
        set
    }

    /// The postings that may be shown on `today`.
    pub(super) fn open(&self, today: Date) -> Set {
        let today = day(today);
        self.select(|fact| fact.published <= today && today <= fact.closes)
    }

    /// The postings that lie in `division`.
    pub(super) fn within(&self, division: &DivisionCode) -> Set {
        let wanted = town(division);
        match division.as_str().len() {
            6 => self.select(|fact| fact.town / 1_000 == wanted / 1_000),
            _ => self.select(|fact| fact.town == wanted),
        }
    }

    /// The postings in the town of `home`, in the towns beside it, in the rest of its county, in
    /// the rest of its city, and elsewhere.
    pub(super) fn by_nearness(&self, home: &Home) -> [Set; 5] {
        let neighbours: Vec<u32> = home.neighbours.iter().map(town).collect();
        let home = town(&home.town);
        let near = |fact: &Fact| match fact.town {
            town if town == home => 0,
            town if neighbours.contains(&town) => 1,
            town if town / 1_000 == home / 1_000 => 2,
            town if town / 100_000 == home / 100_000 => 3,
            _ => 4,
        };
        [0, 1, 2, 3, 4].map(|band| self.select(|fact| near(fact) == band))
    }

    /// How many postings of `set` lie in each town; a posting that names only its county counts
    /// there.
    pub(super) fn towns(&self, set: &Set) -> BTreeMap<DivisionCode, u64> {
        let mut counts = BTreeMap::<u32, u64>::new();
        for place in set.places() {
            *counts.entry(self.rows[place].town).or_default() += 1;
        }
        let code = |town: u32| {
            let digits = format!("{town:09}");
            DivisionCode::parse(digits.strip_suffix("000").unwrap_or(&digits)).ok()
        };
        counts
            .into_iter()
            .filter(|(town, _)| *town != 0)
            .filter_map(|(town, count)| Some((code(town)?, count)))
            .collect()
    }

    /// The set of the postings with these row numbers, which rise. Numbers that are not shown are
    /// left out.
    pub(super) fn set_of<E>(&self, docs: impl Iterator<Item = Result<i64, E>>) -> Result<Set, E> {
        let mut set = Set::empty(self.len());
        let mut rest = self.by_doc.as_slice();
        for doc in docs {
            let doc = doc?;
            // Common words find neighbours, rare ones leap: look near first, in doubling steps.
            let mut reach = 1;
            while rest.get(reach).is_some_and(|(known, _)| *known < doc) {
                reach *= 2;
            }
            let near = &rest[..rest.len().min(reach + 1)];
            rest = &rest[near.partition_point(|(known, _)| *known < doc)..];
            if let Some((known, place)) = rest.first()
                && *known == doc
            {
                set.insert(*place as usize);
            }
        }
        Ok(set)
    }
}

/// The row numbers of the postings that the town shows first, or of those it hides.
fn marked(
    connection: &Connection,
    generation: i64,
    pinned: bool,
) -> Result<BTreeSet<i64>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT doc FROM mark JOIN posting ON posting.id = mark.id
             AND posting.generation IN (0, ?1) WHERE mark.pinned = ?2",
    )?;
    let docs = statement.query_map(rusqlite::params![generation, pinned], |row| row.get(0))?;
    Ok(docs.collect::<Result<_, _>>()?)
}

/// A set of places in [`Facts`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Set {
    bits: Vec<u64>,
}

impl Set {
    /// No place of `size`.
    pub(super) fn empty(size: usize) -> Self {
        Self { bits: vec![0; size.div_ceil(64)] }
    }

    /// Every place of `size`.
    pub(super) fn full(size: usize) -> Self {
        let mut bits = vec![u64::MAX; size.div_ceil(64)];
        if let Some(last) = bits.last_mut()
            && !size.is_multiple_of(64)
        {
            *last = (1 << (size % 64)) - 1;
        }
        Self { bits }
    }

    fn insert(&mut self, place: usize) {
        self.bits[place / 64] |= 1 << (place % 64);
    }

    /// Keeps what is in `other` too.
    pub(super) fn keep(&mut self, other: &Self) {
        self.bits.iter_mut().zip(&other.bits).for_each(|(mine, other)| *mine &= other);
    }

    /// Takes out what is in `other`.
    pub(super) fn remove(&mut self, other: &Self) {
        self.bits.iter_mut().zip(&other.bits).for_each(|(mine, other)| *mine &= !other);
    }

    /// Adds what is in `other`.
    pub(super) fn add(&mut self, other: &Self) {
        self.bits.iter_mut().zip(&other.bits).for_each(|(mine, other)| *mine |= other);
    }

    /// How many places it holds.
    pub(super) fn count(&self) -> usize {
        self.bits.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Bytes of memory.
    pub(super) fn bytes(&self) -> usize {
        self.bits.len() * size_of::<u64>()
    }

    /// The places in order.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        self.bits.iter().enumerate().flat_map(|(index, &word)| {
            let mut word = word;
            std::iter::from_fn(move || {
                let bit = word.trailing_zeros() as usize;
                (word != 0).then(|| {
                    word &= word - 1;
                    index * 64 + bit
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn facts(docs: &[i64]) -> Facts {
        let fact = |&doc| Fact {
            doc,
            published: 20_260_101,
            closes: NEVER,
            town: 510_521_100,
            wage: 0,
            traits: Traits::default(),
        };
        let rows: Vec<_> = docs.iter().map(fact).collect();
        let mut by_doc: Vec<_> = (0..).zip(docs).map(|(place, doc)| (*doc, place)).collect();
        by_doc.sort_unstable();
        Facts { pinned: Set::empty(rows.len()), rows, by_doc }
    }

    proptest! {
        #[test]
        fn row_numbers_find_their_places(
            shown in proptest::collection::hash_set(0i64..400, 0..200),
            asked in proptest::collection::btree_set(0i64..400, 0..200),
        ) {
            let docs: Vec<i64> = shown.iter().copied().collect();
            let set = facts(&docs).set_of(asked.iter().map(|doc| Ok::<_, ()>(*doc))).expect("no error");
            let mut found: Vec<i64> = set.places().map(|place| docs[place]).collect();
            found.sort_unstable();
            let expected: Vec<i64> = asked.into_iter().filter(|doc| shown.contains(doc)).collect();
            prop_assert_eq!(set.count(), expected.len());
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_full_set_holds_each_place_once() {
        for size in [0, 1, 63, 64, 65, 130] {
            assert_eq!(Set::full(size).places().collect::<Vec<_>>(), (0..size).collect::<Vec<_>>());
        }
    }

    #[test]
    fn days_and_towns_become_numbers_that_compare() {
        assert_eq!(day(date(2026, 11, 23)), 20_261_123);
        let town = |digits| town(&DivisionCode::parse(digits).expect("digits"));
        assert_eq!(town("510521100017"), 510_521_100);
        assert_eq!(town("510521"), 510_521_000);
    }
}
