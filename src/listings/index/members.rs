//! The postings of a segment, in the order in which they are shown: newest first and then by id. A
//! posting's number in that order is its *place*.
//!
//! They are stored in chunks of a database page each, so that a page of results reads the few that it
//! shows; four little-endian numbers a posting. The ids stand in lines of their own.

use kiosk_base::store::{Steps, StoreError};
use std::ops::Range;

use rusqlite::{Connection, OptionalExtension, params};

use super::Damaged;
use crate::listings::facts::Fact;

/// Postings of a chunk: with the row's other columns they fit a page of 4,096 bytes.
const CHUNK: usize = 250;
/// Bytes of a posting.
const BYTES: usize = 16;
/// Chunks that one segment may have; those of the next are numbered from here.
const CHUNKS_MAX: i64 = 1 << 24;

/// What order and days ask of one posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::listings) struct Member {
    /// Row number in the cache.
    pub(in crate::listings) doc: u32,
    /// First day.
    pub(in crate::listings) published: u32,
    /// Last day.
    pub(super) closes: u32,
    /// Least pay in fen a month, 0 when unknown.
    pub(super) wage: u32,
}

impl Member {
    pub(super) fn of(doc: u32, fact: &Fact) -> Self {
        Self { doc, published: fact.published, closes: fact.closes, wage: fact.wage }
    }

    fn bytes(self) -> impl Iterator<Item = u8> {
        [self.doc, self.published, self.closes, self.wage].into_iter().flat_map(u32::to_le_bytes)
    }

    fn read(bytes: &[u8; BYTES]) -> Self {
        let (numbers, _) = bytes.as_chunks::<4>();
        let number = |at: usize| u32::from_le_bytes(numbers[at]);
        Self { doc: number(0), published: number(1), closes: number(2), wage: number(3) }
    }
}

/// The numbers that the chunks of a segment have.
fn chunks_of(segment: i64) -> Result<Range<i64>, Damaged> {
    let first = segment.checked_mul(CHUNKS_MAX).ok_or(Damaged)?;
    Ok(first..first.checked_add(CHUNKS_MAX).ok_or(Damaged)?)
}

/// Writes the postings of a segment, and their ids, a line each.
pub(super) fn write(
    connection: &Connection,
    segment: i64,
    members: &[Member],
    ids: &str,
    steps: &mut Steps<'_>,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO segment_ids (segment, ids) VALUES (?1, ?2)";
    connection.prepare_cached(sql)?.execute(params![segment, ids])?;
    let sql = "INSERT INTO segment_chunk (id, data) VALUES (?1, ?2)";
    let mut statement = connection.prepare_cached(sql)?;
    for (id, chunk) in chunks_of(segment)?.zip(members.chunks(CHUNK)) {
        steps.step()?;
        let data: Vec<u8> = chunk.iter().flat_map(|member| member.bytes()).collect();
        statement.execute(params![id, data])?;
    }
    Ok(())
}

/// Hands every posting of a segment that has `size` of them to `take`, in order.
pub(super) fn each(
    connection: &Connection,
    segment: i64,
    size: usize,
    mut take: impl FnMut(usize, Member),
) -> Result<(), StoreError> {
    let chunks = chunks_of(segment)?;
    let sql = "SELECT data FROM segment_chunk WHERE id >= ?1 AND id < ?2 ORDER BY id";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([chunks.start, chunks.end])?;
    let mut place = 0;
    while let Some(row) = rows.next()? {
        let data = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        // A chunk that is too short would give all that follow another's place.
        if data.len() != CHUNK.min(size - place) * BYTES {
            return Err(Damaged.into());
        }
        for member in data.as_chunks().0 {
            take(place, Member::read(member));
            place += 1;
        }
    }
    if place == size { Ok(()) } else { Err(Damaged.into()) }
}

/// The postings of a segment that has `size` of them.
pub(super) fn all(
    connection: &Connection,
    segment: i64,
    size: usize,
) -> Result<Vec<Member>, StoreError> {
    let mut members = Vec::with_capacity(size);
    each(connection, segment, size, |_, member| members.push(member))?;
    Ok(members)
}

/// Looks postings of a segment up; those beside each other are read together.
#[derive(Debug)]
pub(in crate::listings) struct Members<'a> {
    connection: &'a Connection,
    segment: i64,
    /// The chunk that was read last, and its number in the segment.
    read: Option<(usize, Vec<Member>)>,
}

impl<'a> Members<'a> {
    pub(super) fn of(connection: &'a Connection, segment: i64) -> Self {
        Self { connection, segment, read: None }
    }

    /// The posting at `place`.
    pub(in crate::listings) fn at(&mut self, place: usize) -> Result<Member, StoreError> {
        let chunk = place / CHUNK;
        if self.read.as_ref().is_none_or(|(read, _)| *read != chunk) {
            let id = chunks_of(self.segment)?.nth(chunk).ok_or(Damaged)?;
            let sql = "SELECT data FROM segment_chunk WHERE id = ?1";
            let read = |row: &rusqlite::Row<'_>| {
                Ok(row.get_ref(0)?.as_blob()?.as_chunks().0.iter().map(Member::read).collect())
            };
            let members = self.connection.prepare_cached(sql)?.query_row([id], read).optional()?;
            self.read = Some((chunk, members.ok_or(Damaged)?));
        }
        let members = self.read.as_ref().map(|(_, members)| members);
        Ok(members.and_then(|members| members.get(place % CHUNK)).copied().ok_or(Damaged)?)
    }
}

/// Whether a segment of `size` postings has all its chunks, and their ids.
pub(super) fn are_whole(
    connection: &Connection,
    segment: i64,
    size: usize,
) -> Result<bool, StoreError> {
    let chunks = chunks_of(segment)?;
    let sql = "SELECT count(*), EXISTS (SELECT 1 FROM segment_ids WHERE segment = ?3)
               FROM segment_chunk WHERE id >= ?1 AND id < ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let (chunks, has_ids): (i64, bool) = statement
        .query_row([chunks.start, chunks.end, segment], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(has_ids && usize::try_from(chunks).is_ok_and(|chunks| chunks == size.div_ceil(CHUNK)))
}

/// The ids of a segment's postings: lines in their order.
pub(super) fn ids(connection: &Connection, segment: i64) -> Result<String, StoreError> {
    let sql = "SELECT ids FROM segment_ids WHERE segment = ?1";
    let ids = connection.prepare_cached(sql)?.query_row([segment], |row| row.get(0));
    Ok(ids.optional()?.ok_or(Damaged)?)
}

/// Deletes the postings of a segment.
pub(super) fn delete(
    connection: &Connection,
    segment: i64,
    steps: &mut Steps<'_>,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM segment_chunk WHERE id IN
               (SELECT id FROM segment_chunk WHERE id >= ?1 AND id < ?2 LIMIT 500)";
    let chunks = chunks_of(segment)?;
    let bounds = [chunks.start, chunks.end];
    loop {
        steps.step()?;
        if connection.prepare_cached(sql)?.execute(bounds)? == 0 {
            break;
        }
    }
    connection.prepare_cached("DELETE FROM segment_ids WHERE segment = ?1")?.execute([segment])?;
    Ok(())
}
