//! What filters and order ask of the postings of a segment, column by column, as it is stored.
//!
//! A segment's postings stand in the order in which they are shown, newest first and then by id;
//! a posting's number in that order is its *place*. All columns are arrays of little-endian numbers
//! in that order, but for the ids, which stand in lines. Class, schooling, form, board and lodging
//! are stored by name: each kind of posting once, and its number in that list for each posting.

use rusqlite::{Connection, OptionalExtension, params};

use super::Damaged;
use crate::{
    listings::{facts::Fact, traits::Traits},
    store::StoreError,
};

/// The columns of a segment.
#[derive(Debug, Clone, Default)]
pub(super) struct Columns {
    /// Row number in the cache.
    pub(super) docs: Vec<u32>,
    /// First day.
    pub(super) published: Vec<u32>,
    /// Last day.
    pub(super) closes: Vec<u32>,
    /// Town, 0 when unknown.
    pub(super) towns: Vec<u32>,
    /// Least pay in fen a month, 0 when unknown.
    pub(super) wages: Vec<u32>,
    /// Place in `traits`.
    pub(super) kinds: Vec<u32>,
    /// The kinds of postings that there are.
    pub(super) traits: Vec<Traits>,
}

impl Columns {
    /// How many postings.
    pub(super) fn len(&self) -> usize {
        self.docs.len()
    }

    /// Adds a posting.
    pub(super) fn push(&mut self, doc: u32, fact: &Fact) {
        let known = self.traits.iter().position(|known| *known == fact.traits);
        let kind = known.unwrap_or_else(|| {
            self.traits.push(fact.traits);
            self.traits.len() - 1
        });
        self.docs.push(doc);
        self.published.push(fact.published);
        self.closes.push(fact.closes);
        self.towns.push(fact.town);
        self.wages.push(fact.wage);
        self.kinds.push(kind as u32);
    }

    /// Adds the posting at `place` of others, of which `kinds` says where each kind stands here.
    pub(super) fn push_of(&mut self, other: &Self, place: usize, kinds: &[u32]) {
        self.docs.push(other.docs[place]);
        self.published.push(other.published[place]);
        self.closes.push(other.closes[place]);
        self.towns.push(other.towns[place]);
        self.wages.push(other.wages[place]);
        self.kinds.push(kinds[other.kinds[place] as usize]);
    }

    /// Takes the kinds of others in, and says where each stands.
    pub(super) fn take_kinds(&mut self, other: &Self) -> Vec<u32> {
        let place = |traits: &Traits| {
            let known = self.traits.iter().position(|known| known == traits);
            known.unwrap_or_else(|| {
                self.traits.push(*traits);
                self.traits.len() - 1
            }) as u32
        };
        other.traits.iter().map(place).collect()
    }

    /// The same in another order.
    pub(super) fn ordered(self, order: &[u32]) -> Self {
        let by = |column: &[u32]| order.iter().map(|at| column[*at as usize]).collect();
        Self {
            docs: by(&self.docs),
            published: by(&self.published),
            closes: by(&self.closes),
            towns: by(&self.towns),
            wages: by(&self.wages),
            kinds: by(&self.kinds),
            traits: self.traits,
        }
    }

    /// Writes the columns of a segment, and the ids of its postings, a line each.
    pub(super) fn write(
        &self,
        connection: &Connection,
        segment: i64,
        ids: &str,
    ) -> Result<(), StoreError> {
        let traits = serde_json::to_string(&self.traits).expect("names and booleans");
        let mut statement = connection.prepare_cached(
            "INSERT INTO segment_columns (segment, docs, published, closes, towns, wages, kinds,
                 traits, ids) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?;
        statement.execute(params![
            segment,
            bytes(&self.docs),
            bytes(&self.published),
            bytes(&self.closes),
            bytes(&self.towns),
            bytes(&self.wages),
            bytes(&self.kinds),
            traits,
            ids,
        ])?;
        Ok(())
    }

    /// Reads the columns of a segment.
    pub(super) fn read(connection: &Connection, segment: i64) -> Result<Self, StoreError> {
        // One after the other, so that SQLite holds one at a time beside ours.
        let column = |name: &str| -> Result<Vec<u32>, StoreError> {
            let sql = format!("SELECT {name} FROM segment_columns WHERE segment = ?1");
            let mut statement = connection.prepare(&sql)?;
            let read = |row: &rusqlite::Row<'_>| Ok(numbers(row.get_ref(0)?.as_blob()?));
            Ok(statement.query_row([segment], read).optional()?.ok_or(Damaged)?)
        };
        let sql = "SELECT traits FROM segment_columns WHERE segment = ?1";
        let traits: Option<String> =
            connection.query_row(sql, [segment], |row| row.get(0)).optional()?;
        let traits = serde_json::from_str(&traits.ok_or(Damaged)?).map_err(|_| Damaged)?;
        let columns = Self {
            docs: column("docs")?,
            published: column("published")?,
            closes: column("closes")?,
            towns: column("towns")?,
            wages: column("wages")?,
            kinds: column("kinds")?,
            traits,
        };
        let size = columns.len();
        let Self { published, closes, towns, wages, kinds, traits, .. } = &columns;
        let whole = [published, closes, towns, wages, kinds].iter().all(|c| c.len() == size);
        let known = kinds.iter().all(|kind| (*kind as usize) < traits.len());
        if whole && known { Ok(columns) } else { Err(Damaged.into()) }
    }

    /// Reads the ids of a segment's postings: lines in their order.
    pub(super) fn read_ids(connection: &Connection, segment: i64) -> Result<String, StoreError> {
        let sql = "SELECT ids FROM segment_columns WHERE segment = ?1";
        Ok(connection.prepare_cached(sql)?.query_row([segment], |row| row.get(0))?)
    }
}

fn bytes(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn numbers(bytes: &[u8]) -> Vec<u32> {
    bytes.as_chunks::<4>().0.iter().map(|number| u32::from_le_bytes(*number)).collect()
}
