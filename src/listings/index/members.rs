//! The postings of a segment, in the order in which they are shown: newest first and then by id. A
//! posting's number in that order is its *place*.
//!
//! They are stored in chunks of a database page each, so that a page of results reads the few that it
//! shows; four little-endian numbers a posting. The ids stand in lines of their own.

use rusqlite::{Connection, OptionalExtension, params};

use super::Damaged;
use crate::listings::facts::Fact;
use kiosk_base::store::{Steps, StoreError};

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

/// The number of the first chunk of a segment.
fn first_chunk(segment: i64) -> i64 {
    segment.saturating_mul(CHUNKS_MAX)
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
    for (id, chunk) in (first_chunk(segment)..).zip(members.chunks(CHUNK)) {
        steps.step()?;
        let data: Vec<u8> = chunk.iter().flat_map(|member| member.bytes()).collect();
        statement.execute(params![id, data])?;
    }
    Ok(())
}

/// Hands every posting of a segment to `take`, in order.
pub(super) fn each(
    connection: &Connection,
    segment: i64,
    mut take: impl FnMut(usize, Member),
) -> Result<(), StoreError> {
    let sql = "SELECT data FROM segment_chunk WHERE id >= ?1 AND id < ?2 ORDER BY id";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([first_chunk(segment), first_chunk(segment + 1)])?;
    let mut place = 0;
    while let Some(row) = rows.next()? {
        let data = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        for member in data.as_chunks().0 {
            take(place, Member::read(member));
            place += 1;
        }
    }
    Ok(())
}

/// The postings of a segment that has `size` of them.
pub(super) fn all(
    connection: &Connection,
    segment: i64,
    size: usize,
) -> Result<Vec<Member>, StoreError> {
    let mut members = Vec::with_capacity(size);
    each(connection, segment, |_, member| members.push(member))?;
    if members.len() == size { Ok(members) } else { Err(Damaged.into()) }
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
            let id = i64::try_from(chunk).map_err(|_| Damaged)? + first_chunk(self.segment);
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

/// Whether a segment of `size` postings has all its chunks.
pub(super) fn are_whole(
    connection: &Connection,
    segment: i64,
    size: usize,
) -> Result<bool, StoreError> {
    let sql = "SELECT count(*) FROM segment_chunk WHERE id >= ?1 AND id < ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let chunks: i64 =
        statement.query_row([first_chunk(segment), first_chunk(segment + 1)], |row| row.get(0))?;
    Ok(usize::try_from(chunks).is_ok_and(|chunks| chunks == size.div_ceil(CHUNK)))
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
    let bounds = [first_chunk(segment), first_chunk(segment + 1)];
    loop {
        steps.step()?;
        if connection.prepare_cached(sql)?.execute(bounds)? == 0 {
            break;
        }
    }
    connection.prepare_cached("DELETE FROM segment_ids WHERE segment = ?1")?.execute([segment])?;
    Ok(())
}
