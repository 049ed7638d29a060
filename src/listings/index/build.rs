//! A new segment from postings.

use std::{
    mem,
    sync::mpsc::{Receiver, Sender},
};

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

/// Postings that become a segment. They are collected without the database.
#[derive(Default)]
pub(in crate::listings) struct Gathered {
    members: Vec<Member>,
    ids: Vec<String>,
    /// Their terms, by the places of postings in `ids`.
    vocabulary: Vocabulary,
}

impl Gathered {
    /// Adds a posting that is stored in row `doc`.
    pub(in crate::listings) fn push(&mut self, doc: u32, posting: &Posting, sounds: &mut Sounds) {
        let number = self.ids.len() as u32;
        let fact = Fact::of(posting);
        self.members.push(Member::of(doc, &fact));
        self.ids.push(posting.id.as_str().to_owned());
        let vocabulary = &mut self.vocabulary;
        let take = |term: &str, in_title| vocabulary.take(term, number, in_title);
        terms::each(sounds, posting, take);
        kind::terms(&fact).iter().for_each(|term| vocabulary.take(term, number, false));
    }

    /// Whether there are as many as a segment should have.
    pub(in crate::listings) fn is_full(&self) -> bool {
        self.ids.len() >= TOGETHER
    }

    /// Writes them as a segment of `generation`, if there is any.
    pub(in crate::listings) fn write(
        self,
        connection: &Connection,
        generation: i64,
        steps: &mut Steps<'_>,
    ) -> Result<(), StoreError> {
        let Self { members, ids, vocabulary } = self;
        let size = ids.len();
        if size == 0 {
            return Ok(());
        }
        steps.rest()?;
        let mut order: Vec<u32> = (0..size as u32).collect();
        order.sort_unstable_by_key(|&at| {
            let at = at as usize;
            (std::cmp::Reverse(members[at].published), &ids[at])
        });
        let mut places = vec![0; size];
        (0..).zip(&order).for_each(|(place, &at)| places[at as usize] = place);
        let ids: Vec<&str> = order.iter().map(|&at| ids[at as usize].as_str()).collect();
        let members: Vec<Member> = order.iter().map(|&at| members[at as usize]).collect();

        steps.step()?;
        let segment = super::begin(connection, generation, size)?;
        members::write(connection, segment, &members, &ids.join("\n"), steps)?;
        let mut writer = Writer::new(connection, segment)?;
        let (mut anywhere, mut in_title) = (Vec::new(), Vec::new());
        let (mut first, mut second) = (Vec::new(), Vec::new());
        vocabulary.drain(|term, held| {
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
        let blocks = writer.finish()?;
        super::end(connection, segment, blocks)?;
        steps.rest()
    }
}

/// Collects the postings that come, each with the row it is stored in, and hands them on as many
/// together as a segment should have.
pub(in crate::listings) fn gather(coming: Receiver<(u32, Box<Posting>)>, full: &Sender<Gathered>) {
    let (mut gathered, mut sounds) = (Gathered::default(), Sounds::default());
    for (doc, posting) in coming {
        gathered.push(doc, &posting, &mut sounds);
        if gathered.is_full() && full.send(mem::take(&mut gathered)).is_err() {
            // Whoever asked for them has given up.
            return;
        }
    }
    let _ = full.send(gathered);
}
