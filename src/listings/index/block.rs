//! The terms of a segment with their lists, in order, in blocks of one database page.
//!
//! An entry is: how many bytes its term shares with the one before, how many follow, those bytes, the
//! length of the list of postings that hold it anywhere, the length of the list of those that hold
//! it in the title, the two lists. A block begins with a whole term. Lists longer than a page have a
//! block of their own.

use kiosk_base::store::StoreError;
use rusqlite::{CachedStatement, Connection, OptionalExtension, params};

use super::{Damaged, varint};

/// Most bytes of a block of several terms: with the row's other columns it fits a page of 4,096.
const BLOCK_BYTES: usize = 3_960;

/// What a term has in a segment: the packed lists of the postings that hold it anywhere, and of
/// those that hold it in the title.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lists<'a> {
    pub(super) anywhere: &'a [u8],
    pub(super) in_title: &'a [u8],
}

/// Writes the terms of one segment, which must come in order.
pub(super) struct Writer<'a> {
    insert: CachedStatement<'a>,
    segment: i64,
    blocks: i64,
    first: Vec<u8>,
    last: Vec<u8>,
    data: Vec<u8>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(connection: &'a Connection, segment: i64) -> Result<Self, StoreError> {
        let sql = "INSERT INTO block (segment, first, data) VALUES (?1, ?2, ?3)";
        let insert = connection.prepare_cached(sql)?;
        Ok(Self {
            insert,
            segment,
            blocks: 0,
            first: Vec::new(),
            last: Vec::new(),
            data: Vec::new(),
        })
    }

    pub(super) fn push(&mut self, term: &[u8], lists: Lists<'_>) -> Result<(), StoreError> {
        let Lists { anywhere, in_title } = lists;
        // Four numbers of at most five bytes.
        let most = term.len() + anywhere.len() + in_title.len() + 20;
        if !self.data.is_empty() && self.data.len() + most > BLOCK_BYTES - self.first.len() {
            self.flush()?;
        }
        if self.data.is_empty() {
            self.first = term.to_vec();
            self.last.clear();
        }
        let shared = self.last.iter().zip(term).take_while(|(one, two)| one == two).count();
        for number in [shared, term.len() - shared] {
            varint::put(number as u32, &mut self.data);
        }
        self.data.extend_from_slice(&term[shared..]);
        for list in [anywhere, in_title] {
            varint::put(list.len() as u32, &mut self.data);
        }
        self.data.extend_from_slice(anywhere);
        self.data.extend_from_slice(in_title);
        self.last.clear();
        self.last.extend_from_slice(term);
        Ok(())
    }

    /// Writes what is left; gives the number of blocks.
    pub(super) fn finish(mut self) -> Result<i64, StoreError> {
        self.flush()?;
        Ok(self.blocks)
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        if !self.data.is_empty() {
            self.insert.execute(params![self.segment, self.first, self.data])?;
            self.data.clear();
            self.blocks += 1;
        }
        Ok(())
    }
}

/// Reads the entries of a block in order.
pub(super) struct Entries<'a> {
    rest: &'a [u8],
    /// The term of the entry that was read last.
    pub(super) term: Vec<u8>,
}

impl<'a> Entries<'a> {
    pub(super) fn of(data: &'a [u8]) -> Self {
        Self::after(data, Vec::new())
    }

    /// The entries that follow the one of `term`.
    pub(super) fn after(data: &'a [u8], term: Vec<u8>) -> Self {
        Self { rest: data, term }
    }

    /// How many bytes are left to read.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    /// The next entry; its term stands in [`Self::term`].
    pub(super) fn next(&mut self) -> Result<Option<Lists<'a>>, Damaged> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let shared = varint::take(&mut self.rest)? as usize;
        let added = varint::take_bytes(&mut self.rest)?;
        self.term.truncate(shared);
        self.term.extend_from_slice(added);
        let lengths = (varint::take(&mut self.rest)?, varint::take(&mut self.rest)?);
        let mut list = |length: u32| {
            let (list, rest) = self.rest.split_at_checked(length as usize).ok_or(Damaged)?;
            self.rest = rest;
            Ok(list)
        };
        Ok(Some(Lists { anywhere: list(lengths.0)?, in_title: list(lengths.1)? }))
    }
}

/// Hands the lists of `term` to `take`, if the segment has it.
pub(super) fn find(
    connection: &Connection,
    segment: i64,
    term: &str,
    mut take: impl FnMut(Lists<'_>) -> Result<(), Damaged>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(AT)?;
    let looked = statement.query_row(params![segment, term.as_bytes()], |row| {
        let data = row.get_ref(0)?.as_blob()?;
        let mut entries = Entries::of(data);
        let mut look = || {
            while let Some(lists) = entries.next()? {
                match entries.term.as_slice().cmp(term.as_bytes()) {
                    std::cmp::Ordering::Less => {}
                    std::cmp::Ordering::Equal => return take(lists),
                    std::cmp::Ordering::Greater => break,
                }
            }
            Ok(())
        };
        Ok(look())
    });
    Ok(looked.optional()?.unwrap_or(Ok(()))?)
}

/// Hands every term that begins with `start`, and its lists, to `take`.
pub(super) fn begins(
    connection: &Connection,
    segment: i64,
    start: &str,
    mut take: impl FnMut(&[u8], Lists<'_>) -> Result<(), Damaged>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(FROM)?;
    let mut rows = statement.query(params![segment, start.as_bytes()])?;
    while let Some(row) = rows.next()? {
        let mut entries = Entries::of(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?);
        while let Some(lists) = entries.next()? {
            if entries.term.starts_with(start.as_bytes()) {
                take(&entries.term, lists)?;
            } else if entries.term.as_slice() > start.as_bytes() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The block in which a term stands, if any does.
const AT: &str = "SELECT data FROM block WHERE segment = ?1 AND first <= ?2
                  ORDER BY first DESC LIMIT 1";
/// The blocks from the one in which a term stands.
const FROM: &str = "SELECT data FROM block WHERE segment = ?1 AND first >= coalesce(
                        (SELECT max(first) FROM block WHERE segment = ?1 AND first <= ?2), x'')
                    ORDER BY first";
