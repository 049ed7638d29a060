//! A new segment from postings.

use kiosk_base::{
    domain::Posting,
    store::{Steps, StoreError},
};
use rusqlite::Connection;

use super::{
    block::{Lists, Writer},
    kind, list,
    members::{self, Member},
    vocabulary::Vocabulary,
};
use crate::listings::{
    facts::Fact,
    terms::{self, Sounds},
};

/// Postings of one segment before any are merged: as many as a page of the feed has.
pub(super) const SEGMENT_POSTINGS: usize = 1_000;
/// Postings that are collected before they are written, where more come than a page: what need not be
/// merged afterwards.
const TOGETHER: usize = 4 * SEGMENT_POSTINGS;

/// Collects postings of a generation and writes them as segments.
pub(in crate::listings) struct Builder<'a> {
    connection: &'a Connection,
    generation: i64,
    members: Vec<Member>,
    ids: Vec<String>,
    /// Their terms, by the places of postings in `ids`.
    vocabulary: Vocabulary,
    sounds: Sounds,
}

impl<'a> Builder<'a> {
    pub(in crate::listings) fn new(connection: &'a Connection, generation: i64) -> Self {
        let (members, ids, vocabulary, sounds) = Default::default();
        Self { connection, generation, members, ids, vocabulary, sounds }
    }

    /// Adds a posting that is stored in row `doc`.
    pub(in crate::listings) fn push(&mut self, doc: u32, posting: &Posting) {
        let number = self.ids.len() as u32;
        let fact = Fact::of(posting);
        self.members.push(Member::of(doc, &fact));
        self.ids.push(posting.id.as_str().to_owned());
        let vocabulary = &mut self.vocabulary;
        let take = |term: &str, in_title| vocabulary.take(term, number, in_title);
        terms::each(&mut self.sounds, posting, take);
        kind::terms(&fact).iter().for_each(|term| vocabulary.take(term, number, false));
    }

    /// Whether the segment has as many as it should.
    pub(in crate::listings) fn is_full(&self) -> bool {
        self.ids.len() >= TOGETHER
    }

    /// Writes the segment, if there is any posting.
    pub(in crate::listings) fn flush(&mut self, steps: &mut Steps<'_>) -> Result<(), StoreError> {
        let size = self.ids.len();
        if size == 0 {
            return Ok(());
        }
        steps.rest()?;
        let members = std::mem::take(&mut self.members);
        let mut order: Vec<u32> = (0..size as u32).collect();
        order.sort_unstable_by_key(|&at| {
            let at = at as usize;
            (std::cmp::Reverse(members[at].published), &self.ids[at])
        });
        let mut places = vec![0; size];
        (0..).zip(&order).for_each(|(place, &at)| places[at as usize] = place);
        let ids: Vec<&str> = order.iter().map(|&at| self.ids[at as usize].as_str()).collect();
        let members: Vec<Member> = order.iter().map(|&at| members[at as usize]).collect();

        steps.step()?;
        let segment = super::begin(self.connection, self.generation, size)?;
        members::write(self.connection, segment, &members, &ids.join("\n"), steps)?;
        let mut writer = Writer::new(self.connection, segment)?;
        let (mut anywhere, mut in_title) = (Vec::new(), Vec::new());
        let (mut first, mut second) = (Vec::new(), Vec::new());
        self.vocabulary.drain(|term, held| {
            for entry in &mut *held {
                *entry = places[(*entry >> 1) as usize] << 1 | (*entry & 1);
            }
            held.sort_unstable();
            anywhere.clear();
            in_title.clear();
            anywhere.extend(held.iter().map(|entry| entry >> 1));
            in_title.extend(held.iter().filter(|entry| *entry & 1 == 1).map(|entry| entry >> 1));
            first.clear();
            second.clear();
            list::pack(&anywhere, size, &mut first);
            list::pack(&in_title, size, &mut second);
            steps.step()?;
            writer.push(term.as_bytes(), Lists { anywhere: &first, in_title: &second })
        })?;
        self.ids.clear();
        let blocks = writer.finish()?;
        super::end(self.connection, segment, blocks)?;
        steps.rest()
    }
}
