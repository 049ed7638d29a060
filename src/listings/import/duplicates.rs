//! When two rows are the same posting: the same employer, title, place and wage, however they are
//! written (letters and figures alone count, in half width and small letters), whatever their
//! source. Where neither place nor wage is known, nothing shows that they are the same. A row is
//! also a duplicate when its id stood in the file before, or when the county publishes it. The
//! first one counts. In the project's own form, whose ids somebody gave, rows of one file are told
//! apart by them alone. Keeps no state of its own.

use std::collections::{HashMap, HashSet};

use aws_lc_rs::digest;

use crate::domain::{JobFair, Posting, PostingId, TrainingNotice, Wage, hex::hex};

/// What a listing is, apart from its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key([u8; 16]);

impl Key {
    /// That of a posting.
    pub fn of_posting(posting: &Posting) -> Self {
        let wage = match posting.wage {
            None => String::new(),
            Some(Wage::Negotiable) => "面议".to_owned(),
            Some(Wage::Range { min, max, per }) => format!("{}x{}x{per:?}", min.0, max.0),
        };
        let place = posting.place.as_deref().unwrap_or_default();
        Self::of(&[&posting.employer, &posting.title, place, &wage])
    }

    /// That of a training notice: institution, title, place, the last day of enrolment and the
    /// first of the class. The first of enrolment may be that of the import.
    pub fn of_training(notice: &TrainingNotice) -> Self {
        let day = |day: Option<jiff::civil::Date>| day.map_or_else(String::new, |d| d.to_string());
        let days = format!("{}x{}", day(notice.enrol_until), day(notice.starts));
        Self::of(&[&notice.institution, &notice.title, &notice.place, &days])
    }

    /// That of a job fair: title, place and day.
    pub fn of_fair(fair: &JobFair) -> Self {
        Self::of(&[&fair.title, &fair.place, &fair.date.to_string()])
    }

    fn of(parts: &[&str]) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        for part in parts {
            context.update(plain(part).as_bytes());
            context.update(&[0]);
        }
        let mut key = [0; 16];
        key.copy_from_slice(&context.finish().as_ref()[..16]);
        Self(key)
    }

    /// An id made of it for what came without one: the same whenever the same is imported.
    pub(super) fn id(self, prefix: &str) -> Option<PostingId> {
        let hexadecimal = hex(&self.0[..12]);
        PostingId::parse(&format!("{prefix}:{hexadecimal}")).ok()
    }
}

/// An id of the source as an id here: with the mapping's name before it, so that two sources may
/// count alike. One with characters that no id has becomes a digest of itself.
pub(super) fn source_id(prefix: &str, raw: &str) -> Option<PostingId> {
    PostingId::parse(&format!("{prefix}:{raw}")).ok().or_else(|| Key::of_raw(raw).id(prefix))
}

impl Key {
    fn of_raw(raw: &str) -> Self {
        let digest = digest::digest(&digest::SHA256, raw.as_bytes());
        let mut key = [0; 16];
        key.copy_from_slice(&digest.as_ref()[..16]);
        Self(key)
    }
}

fn plain(text: &str) -> String {
    let half = |c: char| match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        _ => c,
    };
    text.chars().map(half).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What is stored or published already.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Ids that belong to the county: a row of the town's own may not take them.
    pub published: HashSet<String>,
    /// What is there, with its id: the same under another id is a duplicate.
    pub keys: HashMap<Key, String>,
}

/// What came in the file so far.
#[derive(Debug, Default)]
pub(super) struct Seen {
    ids: HashMap<String, Key>,
    keys: HashSet<Key>,
}

/// Whether a row is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fresh {
    New,
    Duplicate,
    /// Its id came before, with other content.
    Differs,
}

impl Seen {
    /// Notes a row. `compare` says what is compared beside the id.
    pub(super) fn note(
        &mut self,
        known: &Known,
        id: &PostingId,
        key: Key,
        compare: Compare,
    ) -> Fresh {
        if known.published.contains(id.as_str()) {
            return Fresh::Duplicate;
        }
        let stored = known.keys.get(&key).is_some_and(|other| other != id.as_str());
        if stored && compare != Compare::Ids {
            return Fresh::Duplicate;
        }
        if let Some(before) = self.ids.get(id.as_str()) {
            return if *before == key { Fresh::Duplicate } else { Fresh::Differs };
        }
        if !self.keys.insert(key) && compare == Compare::All {
            return Fresh::Duplicate;
        }
        self.ids.insert(id.as_str().to_owned(), key);
        Fresh::New
    }
}

/// What is compared beside the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compare {
    /// Nothing: too little is known of the row.
    Ids,
    /// What is stored already.
    Stored,
    /// That, and the rows before in the file.
    All,
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn posting(id: &str, title: &str, place: Option<&str>) -> Posting {
        let id = PostingId::parse(id).expect("an id");
        let mut posting = Posting::new(id, title, "泸县（测试）机械厂", date(2026, 11, 1), "测试");
        posting.place = place.map(str::to_owned);
        posting
    }

    #[test]
    fn the_same_posting_is_known_however_it_is_written() {
        let key = |posting: &Posting| Key::of_posting(posting);
        let one = posting("a", "电焊工 CO2", Some("泸县·福集镇"));
        let mut other = posting("b", "电焊工ＣＯ2", Some("泸县福集镇"));
        other.employer = "泸县(测试)机械厂".to_owned();
        assert_eq!(key(&one), key(&other));
        assert_ne!(key(&one), key(&posting("a", "电焊工", Some("泸县福集镇"))));
        assert_ne!(key(&one), key(&posting("a", "电焊工 CO2", None)));
        other.wage = Some(Wage::Negotiable);
        assert_ne!(key(&one), key(&other));
    }

    #[test]
    fn a_row_is_new_once() {
        let (one, other) = (posting("a", "焊工", None), posting("b", "瓦工", None));
        let mut seen = Seen::default();
        let mut known = Known::default();
        let mut note = |known: &Known, posting: &Posting| {
            seen.note(known, &posting.id, Key::of_posting(posting), Compare::All)
        };
        assert_eq!(note(&known, &one), Fresh::New);
        assert_eq!(note(&known, &one), Fresh::Duplicate);
        assert_eq!(note(&known, &posting("c", "焊工", None)), Fresh::Duplicate);
        assert_eq!(note(&known, &posting("a", "车工", None)), Fresh::Differs);
        known.keys.insert(Key::of_posting(&other), "b".to_owned());
        // Its own earlier import is no duplicate: it is replaced.
        assert_eq!(note(&known, &other), Fresh::New);
        assert_eq!(note(&known, &posting("d", "瓦工", None)), Fresh::Duplicate);
        let key = Key::of_posting(&other);
        let id = PostingId::parse("d").expect("an id");
        assert_eq!(Seen::default().note(&known, &id, key, Compare::Ids), Fresh::New);
        let note = |known: &Known, posting: &Posting| {
            Seen::default().note(known, &posting.id, Key::of_posting(posting), Compare::Stored)
        };
        assert_eq!(note(&known, &posting("d", "瓦工", None)), Fresh::Duplicate);
        known.published.insert("e".to_owned());
        assert_eq!(note(&known, &posting("e", "漆工", None)), Fresh::Duplicate);
    }

    #[test]
    fn ids_of_sources_are_kept_where_they_can_be() {
        let id = |raw: &str| source_id("boss", raw).expect("an id").as_str().to_owned();
        assert_eq!(id("51JOB_1579"), "boss:51JOB_1579");
        assert_eq!(id("a~b").len(), "boss:".len() + 24);
        assert_ne!(id("a~b"), id("ab"));
        assert_eq!(id(&"x".repeat(80)).len(), "boss:".len() + 24);
    }
}
