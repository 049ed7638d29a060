//! Several segments into one, without the postings that are gone.

use std::{collections::HashSet, iter::Peekable, str::Lines};

use kiosk_base::store::{Steps, StoreError};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    Damaged,
    block::{Entries, Lists, Writer},
    list,
    members::{self, Member},
};

/// The place of a posting that is gone.
const GONE: u32 = u32::MAX;

/// Writes the postings of `segments` that are still there as one segment of `generation`, and
/// deletes the old ones.
pub(super) fn merge(
    connection: &Connection,
    generation: i64,
    segments: &[i64],
    steps: &mut Steps<'_>,
) -> Result<(), StoreError> {
    steps.rest()?;
    let mut gone = docs_gone(connection)?;
    let old = segments.iter().map(|segment| Old::read(connection, *segment));
    let old = old.collect::<Result<Vec<_>, _>>()?;
    let (merged, ids, places) = together(&old, &mut gone);
    drop(old);
    if !merged.is_empty() {
        let size = merged.len();
        steps.step()?;
        let segment = super::begin(connection, generation, size)?;
        members::write(connection, segment, &merged, &ids, steps)?;
        drop((merged, ids));
        let writer = Writer::new(connection, segment)?;
        let blocks = merge_terms(connection, segments, &places, writer, size, steps)?;
        steps.step()?;
        super::end(connection, segment, blocks)?;
    }
    for segment in segments {
        delete(connection, *segment, steps)?;
    }
    not_gone(connection, &gone, steps)
}

/// Forgets that rows are gone which stand in no segment any more.
pub(super) fn not_gone<'a>(
    connection: &Connection,
    docs: impl IntoIterator<Item = &'a u32>,
    steps: &mut Steps<'_>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached("DELETE FROM gone WHERE doc = ?1")?;
    for doc in docs {
        steps.step()?;
        statement.execute([doc])?;
    }
    Ok(())
}

/// Deletes a segment with its terms.
pub(super) fn delete(
    connection: &Connection,
    segment: i64,
    steps: &mut Steps<'_>,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM block WHERE id IN (SELECT id FROM block WHERE segment = ?1 LIMIT 500)";
    loop {
        steps.step()?;
        if connection.prepare_cached(sql)?.execute([segment])? == 0 {
            break;
        }
    }
    members::delete(connection, segment, steps)?;
    connection.prepare_cached("DELETE FROM segment WHERE id = ?1")?.execute([segment])?;
    Ok(())
}

/// The rows that are gone but stand in some segment.
pub(in crate::listings) fn docs_gone(connection: &Connection) -> Result<HashSet<u32>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT doc FROM gone")?;
    let docs = statement.query_map([], |row| row.get(0))?;
    Ok(docs.collect::<Result<_, _>>()?)
}

/// A segment that is to be merged.
struct Old {
    members: Vec<Member>,
    ids: String,
}

impl Old {
    fn read(connection: &Connection, segment: i64) -> Result<Self, StoreError> {
        let members = members::all(connection, segment, super::size(connection, segment)?)?;
        let ids = members::ids(connection, segment)?;
        match ids.lines().count() == members.len() {
            true => Ok(Self { members, ids }),
            false => Err(Damaged.into()),
        }
    }
}

/// The postings and ids of all segments in one order, and where each posting of each segment stands
/// in it. Leaves in `gone` those that were met.
fn together(old: &[Old], gone: &mut HashSet<u32>) -> (Vec<Member>, String, Vec<Vec<u32>>) {
    struct Head<'a> {
        old: &'a Old,
        ids: Peekable<Lines<'a>>,
        place: usize,
    }
    let mut merged: Vec<Member> = Vec::new();
    let mut ids = String::new();
    let mut met = HashSet::new();
    let mut places: Vec<Vec<u32>> =
        old.iter().map(|o| Vec::with_capacity(o.members.len())).collect();
    let mut heads: Vec<Head<'_>> =
        old.iter().map(|old| Head { old, ids: old.ids.lines().peekable(), place: 0 }).collect();
    loop {
        let first = heads.iter_mut().enumerate().filter_map(|(at, head)| {
            let id = *head.ids.peek()?;
            Some((std::cmp::Reverse(head.old.members[head.place].published), id, at))
        });
        let Some((_, id, at)) = first.min() else { break };
        let head = &mut heads[at];
        let member = head.old.members[head.place];
        if gone.contains(&member.doc) {
            met.insert(member.doc);
            places[at].push(GONE);
        } else {
            places[at].push(merged.len() as u32);
            merged.push(member);
            if !ids.is_empty() {
                ids.push('\n');
            }
            ids.push_str(id);
        }
        head.ids.next();
        head.place += 1;
    }
    *gone = met;
    (merged, ids, places)
}

fn merge_terms(
    connection: &Connection,
    segments: &[i64],
    places: &[Vec<u32>],
    mut writer: Writer<'_>,
    size: usize,
    steps: &mut Steps<'_>,
) -> Result<i64, StoreError> {
    let mut cursors = Vec::new();
    for (segment, places) in segments.iter().zip(places) {
        let mut cursor = Cursor::at(connection, *segment, places);
        cursor.step()?;
        cursors.push(cursor);
    }
    let mut term = Vec::new();
    let (mut anywhere, mut in_title) = (Vec::new(), Vec::new());
    let (mut first, mut second) = (Vec::new(), Vec::new());
    loop {
        let least = cursors.iter().filter(|cursor| cursor.there).map(|cursor| &cursor.term).min();
        let Some(least) = least else { break };
        term.clone_from(least);
        anywhere.clear();
        in_title.clear();
        let mut from = 0;
        for cursor in &mut cursors {
            if cursor.there && cursor.term == term {
                cursor.lists(&mut anywhere, &mut in_title)?;
                cursor.step()?;
                from += 1;
            }
        }
        if anywhere.is_empty() {
            continue;
        }
        if from > 1 {
            // Runs that rise: which the stable sort takes as they are.
            anywhere.sort();
            in_title.sort();
        }
        first.clear();
        second.clear();
        list::pack(&anywhere, size, &mut first);
        list::pack(&in_title, size, &mut second);
        steps.step()?;
        writer.push(&term, Lists { anywhere: &first, in_title: &second })?;
    }
    writer.finish()
}

/// Walks through the terms of a segment.
struct Cursor<'a> {
    connection: &'a Connection,
    segment: i64,
    /// Where each of its postings is to stand.
    places: &'a [u32],
    /// The block that is read, its first term, and where its next entry begins.
    block: Option<(Vec<u8>, Vec<u8>)>,
    at: usize,
    /// Whether an entry was read.
    there: bool,
    term: Vec<u8>,
    anywhere: std::ops::Range<usize>,
    in_title: std::ops::Range<usize>,
}

impl<'a> Cursor<'a> {
    fn at(connection: &'a Connection, segment: i64, places: &'a [u32]) -> Self {
        Self {
            connection,
            segment,
            places,
            block: None,
            at: 0,
            there: true,
            term: Vec::new(),
            anywhere: 0..0,
            in_title: 0..0,
        }
    }

    fn lists(&self, anywhere: &mut Vec<u32>, in_title: &mut Vec<u32>) -> Result<(), StoreError> {
        let Some((_, data)) = &self.block else { return Ok(()) };
        for (range, into) in [(&self.anywhere, anywhere), (&self.in_title, in_title)] {
            let mut sound = true;
            list::each(&data[range.clone()], |place| match self.places.get(place as usize) {
                Some(&GONE) => {}
                Some(place) => into.push(*place),
                None => sound = false,
            })?;
            if !sound {
                return Err(Damaged.into());
            }
        }
        Ok(())
    }

    /// Goes on to the next entry.
    fn step(&mut self) -> Result<(), StoreError> {
        loop {
            if let Some((_, data)) = &self.block
                && self.at < data.len()
            {
                let mut entries = Entries::after(&data[self.at..], std::mem::take(&mut self.term));
                let lists = entries.next()?.ok_or(Damaged)?;
                let start =
                    data.len() - entries.left() - lists.anywhere.len() - lists.in_title.len();
                self.anywhere = start..start + lists.anywhere.len();
                self.in_title = self.anywhere.end..self.anywhere.end + lists.in_title.len();
                self.at = self.in_title.end;
                self.term = entries.term;
                return Ok(());
            }
            let after = self.block.as_ref().map(|(first, _)| first.as_slice());
            // Everything sorts after the empty text.
            let sql = "SELECT first, data FROM block WHERE segment = ?1 AND first > ?2
                       ORDER BY first LIMIT 1";
            let next = self
                .connection
                .prepare_cached(sql)?
                .query_row(params![self.segment, after.unwrap_or_default()], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .optional()?;
            self.there = next.is_some();
            if !self.there {
                return Ok(());
            }
            (self.block, self.at) = (next, 0);
            self.term.clear();
        }
    }
}
