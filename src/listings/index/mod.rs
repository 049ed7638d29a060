//! The index of the postings: which hold a term, and what filters and order ask of each.
//!
//! It lives in `listings.db`, beside the rows and in their transactions, so that a reader's snapshot
//! has both or neither. It is made of *segments*, which never change:
//!
//! | table | what it holds |
//! | --- | --- |
//! | `segment` | a row a segment: its generation, its size |
//! | `segment_chunk` | its postings, in the order in which they are shown, a database page each |
//! | `segment_ids` | their ids, in the same order |
//! | `block` | its terms in order, a database page each: term, packed list of those that hold it anywhere, packed list of those that hold it in the title; the [kind](Kind) and the town of a posting are terms of it |
//! | `gone` | postings that were deleted but stand in a segment still |
//! | `indexed` | by which rules the terms were made |
//!
//! A page of the feed becomes a segment of its own; eight of about the same size become one, so that
//! each posting is written a few times and there are never many; at the end of a refresh that
//! changed much the small ones are packed. What is gone is left out then. Every segment counts its
//! postings from 0, so places stay dense, and since they count in the order of showing, the first
//! twenty of a set are its first twenty bits: nothing is sorted, whatever is found.
//!
//! In memory a reader keeps three bytes of each posting ([`Segment`]), and no term: a key press reads
//! the lists that it asks for, a page of 4,096 bytes each, or an eighth of a byte a posting for the
//! commonest, and the pages of the postings that it shows. What it costs: `benches/budgets`.
//!
//! Tried before: the full-text index of SQLite without positions (FTS5, `detail=none`). It hands over
//! one row number at a time through the query machine, which takes 0.1 µs each: a tenth of a
//! second where half of a million postings hold a letter. `tantivy` needs a directory of its own
//! beside the database, which no transaction spans, and has neither two lists a term nor bit sets.

/// The tables, as a migration makes them.
macro_rules! tables {
    () => {
        "
CREATE TABLE segment (
    -- No number is used twice: readers know segments by it.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    generation INTEGER NOT NULL,
    size INTEGER NOT NULL,
    -- How many rows of `block` it has: what is lost there would be missed by nobody.
    blocks INTEGER NOT NULL
) STRICT;
CREATE TABLE segment_columns (
    segment INTEGER PRIMARY KEY,
    docs BLOB NOT NULL,
    published BLOB NOT NULL,
    closes BLOB NOT NULL,
    towns BLOB NOT NULL,
    wages BLOB NOT NULL,
    kinds BLOB NOT NULL,
    traits TEXT NOT NULL,
    ids TEXT NOT NULL
) STRICT;
CREATE TABLE block (
    id INTEGER PRIMARY KEY,
    segment INTEGER NOT NULL,
    first BLOB NOT NULL,
    data BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX block_first ON block (segment, first);
CREATE TABLE gone (doc INTEGER PRIMARY KEY) STRICT;
CREATE TABLE indexed (rules INTEGER NOT NULL) STRICT;
INSERT INTO indexed VALUES (0);
"
    };
}
pub(super) use tables;

/// What made the columns that a segment had into chunks and terms: the index is made anew.
macro_rules! chunks {
    () => {
        "
DROP TABLE segment_columns;
CREATE TABLE segment_chunk (id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
CREATE TABLE segment_ids (segment INTEGER PRIMARY KEY, ids TEXT NOT NULL) STRICT;
DELETE FROM segment;
DELETE FROM block;
DELETE FROM gone;
UPDATE indexed SET rules = 0;
"
    };
}
pub(super) use chunks;

mod block;
mod build;
mod kind;
mod list;
mod members;
mod merge;
mod segment;
mod set;
mod varint;
mod vocabulary;

use std::{
    collections::{BTreeSet, HashSet},
    mem,
};

use rusqlite::{Connection, params};

pub(super) use build::{Gathered, gather};
pub(super) use kind::Kind;
pub(super) use members::Member;
pub(super) use segment::Segment;
pub(super) use set::Set;

use kiosk_base::{
    domain::{Posting, Stop},
    store::{Steps, StoreError},
    wire::v1,
};

use crate::listings::terms;

/// How many segments of about the same size are made one.
const MERGED_AT: usize = 8;

/// A stored index is not as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Damaged;

impl From<Damaged> for StoreError {
    fn from(_: Damaged) -> Self {
        Self::new(Stop::StoreDamaged, "岗位的索引和写入时不一样")
    }
}

/// Says that the posting in row `doc` was deleted.
pub(super) fn forget(connection: &Connection, doc: i64) -> Result<(), StoreError> {
    connection.prepare_cached("INSERT OR IGNORE INTO gone (doc) VALUES (?1)")?.execute([doc])?;
    Ok(())
}

/// The rows that were deleted but stand in some segment.
pub(super) use merge::docs_gone as gone;

/// Makes segments of about the same size one, where there are many of them.
pub(super) fn settle(
    connection: &Connection,
    generation: i64,
    steps: &mut Steps<'_>,
) -> Result<(), StoreError> {
    loop {
        let mut by_level = std::collections::BTreeMap::<u32, Vec<i64>>::new();
        for (segment, size) in sizes(connection, generation)? {
            let level = (size / build::SEGMENT_POSTINGS).max(1).ilog(MERGED_AT);
            by_level.entry(level).or_default().push(segment);
        }
        let Some(many) = by_level.into_values().find(|segments| segments.len() >= MERGED_AT) else {
            return Ok(());
        };
        merge::merge(connection, generation, &many, steps)?;
    }
}

/// Makes as few segments of those of a generation as is worth the writing, without what is gone:
/// the largest stays as it is while the others are less than an eighth of it and less than a quarter
/// of it is gone.
pub(super) fn pack(
    connection: &Connection,
    generation: i64,
    steps: &mut Steps<'_>,
) -> Result<(), StoreError> {
    let sizes = sizes(connection, generation)?;
    let gone: usize =
        connection.query_row("SELECT count(*) FROM gone", [], |row| row.get::<_, u32>(0))? as usize;
    let Some(((largest, most), others)) = sizes.split_first().map(|(l, o)| (*l, o)) else {
        return Ok(());
    };
    let rest: usize = others.iter().map(|(_, size)| size).sum();
    let stays = rest * MERGED_AT < most && gone * 4 < most;
    let all: Vec<i64> = sizes.iter().map(|(segment, _)| *segment).collect();
    let merged = if stays { &all[1..] } else { &all };
    let needless = merged.len() < 2 && (stays || gone == 0);
    debug_assert_eq!(all.first(), Some(&largest));
    if needless { Ok(()) } else { merge::merge(connection, generation, merged, steps) }
}

/// Which generations have segments.
pub(super) fn generations(connection: &Connection) -> Result<BTreeSet<i64>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT generation FROM segment")?;
    let generations = statement.query_map([], |row| row.get(0))?;
    Ok(generations.collect::<Result<_, _>>()?)
}

/// Deletes all segments of a generation.
pub(super) fn drop_generation(
    connection: &Connection,
    generation: i64,
    steps: &mut Steps<'_>,
) -> Result<(), StoreError> {
    for (segment, size) in sizes(connection, generation)? {
        steps.rest()?;
        let mut docs = HashSet::new();
        members::each(connection, segment, size, |_, member| {
            docs.insert(member.doc);
        })?;
        let gone = merge::docs_gone(connection)?;
        merge::not_gone(connection, gone.intersection(&docs), steps)?;
        merge::delete(connection, segment, steps)?;
    }
    Ok(())
}

/// The segments of a generation with their sizes, the largest first.
pub(super) fn sizes(
    connection: &Connection,
    generation: i64,
) -> Result<Vec<(i64, usize)>, StoreError> {
    let sql = "SELECT id, size FROM segment WHERE generation = ?1 ORDER BY size DESC, id";
    let mut statement = connection.prepare_cached(sql)?;
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, u32>(1)? as usize));
    let sizes = statement.query_map([generation], read)?;
    Ok(sizes.collect::<Result<_, _>>()?)
}

/// A row for a segment whose blocks are not written yet; gives its number.
fn begin(connection: &Connection, generation: i64, size: usize) -> Result<i64, StoreError> {
    connection
        .prepare_cached("INSERT INTO segment (generation, size, blocks) VALUES (?1, ?2, 0)")?
        .execute(params![generation, size as i64])?;
    Ok(connection.last_insert_rowid())
}

/// Says how many blocks a segment has.
fn end(connection: &Connection, segment: i64, blocks: i64) -> Result<(), StoreError> {
    let sql = "UPDATE segment SET blocks = ?2 WHERE id = ?1";
    connection.prepare_cached(sql)?.execute([segment, blocks])?;
    Ok(())
}

/// How many postings a segment has.
fn size(connection: &Connection, segment: i64) -> Result<usize, StoreError> {
    let sql = "SELECT size FROM segment WHERE id = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([segment], |row| row.get::<_, u32>(0))? as usize)
}

/// Whether a segment has all its blocks.
fn has_its_blocks(connection: &Connection, segment: i64) -> Result<bool, StoreError> {
    let sql = "SELECT blocks = (SELECT count(*) FROM block WHERE segment = ?1)
               FROM segment WHERE id = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([segment], |row| row.get(0))?)
}

/// Whether the index was made by the rules of this software.
pub(super) fn is_current(connection: &Connection) -> Result<bool, StoreError> {
    let rules: i64 = connection.query_row("SELECT rules FROM indexed", [], |row| row.get(0))?;
    Ok(rules == terms::rules())
}

/// Makes the whole index anew, from the rows.
pub(super) fn rebuild(connection: &Connection) -> Result<(), StoreError> {
    connection.execute_batch(
        "DELETE FROM segment; DELETE FROM segment_chunk; DELETE FROM segment_ids;
         DELETE FROM block; DELETE FROM gone;",
    )?;
    let mut generations = connection.prepare("SELECT DISTINCT generation FROM posting")?;
    let generations = generations.query_map([], |row| row.get(0))?;
    for generation in generations.collect::<Result<Vec<i64>, _>>()? {
        let (mut gathered, mut sounds) = (Gathered::default(), terms::Sounds::default());
        let sql = "SELECT doc, body FROM posting WHERE generation = ?1 ORDER BY doc";
        let mut rows = connection.prepare(sql)?;
        let mut rows = rows.query(params![generation])?;
        while let Some(row) = rows.next()? {
            let body = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
            // A row of an older version that cannot be read now is in no segment, so not shown.
            if let Ok(posting) = v1::from_json::<Posting>(body) {
                gathered.push(row.get(0)?, &posting, &mut sounds);
            }
            if gathered.is_full() {
                mem::take(&mut gathered).write(connection, generation, &mut Steps::within())?;
            }
        }
        gathered.write(connection, generation, &mut Steps::within())?;
        settle(connection, generation, &mut Steps::within())?;
    }
    connection.execute("UPDATE indexed SET rules = ?1", [terms::rules()])?;
    Ok(())
}
