//! When two rows are the same listing. Two jobs of one employer may have the same title and place
//! and still be two: other conditions, schooling, openings, duties or wage make another job, and so
//! does another id, where a source numbers its rows. What remains is the same however it is written
//! (letters and figures alone count, in half width and small letters). Within one file rows that differ
//! in anything at all that is shown, a telephone or a last day, are two: else it would be lost. Where
//! neither place nor wage is known, nothing shows that listings of two sources are the same.
//!
//! The first one counts, and the report says which that is. A number that two different listings
//! have is no id: both are kept, the second under an id of its own. What comes without an id gets
//! one made of employer, title and place, so that next week's table replaces this week's. Keeps no
//! state beyond one file.

use std::collections::HashMap;

use aws_lc_rs::digest;
use serde::Serialize;

use super::{
    known::{By, Known, Places},
    report::Place,
    text::half_width,
};
use crate::domain::{JobFair, Posting, PostingId, TrainingNotice, Wage, hex::hex};

/// A digest of what is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key([u8; 16]);

impl Key {
    pub(super) fn of_raw(raw: &str) -> Self {
        Self::of_digest(&digest::digest(&digest::SHA256, raw.as_bytes()))
    }

    fn of_digest(digest: &digest::Digest) -> Self {
        let mut key = [0; 16];
        key.copy_from_slice(&digest.as_ref()[..16]);
        Self(key)
    }

    fn hex(self) -> String {
        hex(&self.0[..12])
    }
}

/// What a listing is, apart from its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sameness {
    /// Who offers what, and where.
    pub name: Key,
    /// That, and what else is said of it: whoever says so in another source means the same.
    pub all: Key,
    /// That, and all that is shown of it but the day of publication: a row of the same file that says no
    /// more than this is told twice.
    pub whole: Key,
    /// Whether enough is said to know it again in another source.
    pub is_telling: bool,
}

impl Sameness {
    /// That of a posting: employer, title, place; wage, openings, schooling, experience, conditions,
    /// duties, form and hours; and whom to ask until when, what it is called, what is offered with it.
    pub fn of_posting(posting: &Posting) -> Self {
        let wage = match posting.wage {
            None => String::new(),
            Some(Wage::Negotiable) => "面议".to_owned(),
            Some(Wage::Code(code)) => format!("{code:?}"),
            Some(Wage::Range { min, max, per }) => format!("{}x{}x{per:?}", min.0, max.0),
        };
        let openings = posting.openings.map(|count| count.to_string()).unwrap_or_default();
        let form = posting.form.as_ref().map(|form| format!("{form:?}")).unwrap_or_default();
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let place = text(&posting.place);
        let name = [posting.employer.as_str(), &posting.title, &place];
        let more = [
            wage,
            openings,
            form,
            text(&posting.education),
            text(&posting.experience),
            text(&posting.conditions),
            text(&posting.duties),
            text(&posting.hours),
        ];
        let rest = [
            text(&posting.occupation),
            text(&posting.contact),
            text(&posting.phone),
            posting.closes.map(|day| day.to_string()).unwrap_or_default(),
            format!("{:?}", [posting.meals, posting.lodging]),
            posting.benefits.join("\n"),
        ];
        let is_telling = posting.place.is_some() || posting.wage.is_some();
        Self { is_telling, ..Self::of(&name, &more, &rest) }
    }

    /// That of a training notice: institution, title, place; its days, level, hours, seats, for whom
    /// and what it costs; and what it teaches and whom to ask.
    pub fn of_training(notice: &TrainingNotice) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let count = |count: Option<u32>| count.map(|count| count.to_string()).unwrap_or_default();
        let day =
            |day: Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
        let name = [notice.institution.as_str(), &notice.title, &notice.place];
        // The first day of enrolment may be that of the import.
        let more = [
            day(notice.enrol_until),
            day(notice.starts),
            day(notice.ends),
            text(&notice.level),
            count(notice.class_hours),
            count(notice.seats),
            text(&notice.for_whom),
            text(&notice.cost),
        ];
        let rest = [
            notice.occupation.clone(),
            notice.content.clone(),
            text(&notice.contact),
            text(&notice.phone),
        ];
        Self::of(&name, &more, &rest)
    }

    /// That of a job fair: title, place and day; how long it is, who holds it, what is said of it.
    pub fn of_fair(fair: &JobFair) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let day = fair.date.to_string();
        let name = [fair.title.as_str(), &fair.place, &day];
        let ends = fair.ends.map(|day| day.to_string()).unwrap_or_default();
        let more = [ends, text(&fair.hours), text(&fair.organiser), text(&fair.content)];
        Self::of(&name, &more, &[])
    }

    /// That of a listing of which nothing but its id is known.
    pub fn of_no_other(id: &str) -> Self {
        let key = Key::of_raw(id);
        Self { name: key, all: key, whole: key, is_telling: false }
    }

    /// Each key is that of what is said up to there.
    fn of(name: &[&str], more: &[String], rest: &[String]) -> Self {
        let mut said = digest::Context::new(&digest::SHA256);
        let mut words = String::new();
        let mut with = |parts: &mut dyn Iterator<Item = &str>| {
            words.clear();
            for part in parts {
                put_plain(&mut words, part);
                words.push('\0');
            }
            said.update(words.as_bytes());
            Key::of_digest(&said.clone().finish())
        };
        let name = with(&mut name.iter().copied());
        let all = with(&mut more.iter().map(String::as_str));
        let whole = with(&mut rest.iter().map(String::as_str));
        Self { name, all, whole, is_telling: true }
    }

    /// The id of the `number`th listing of this name, for what came without one.
    fn id(self, prefix: &str, number: usize) -> PostingId {
        let key = match number {
            0 => self.name,
            _ => Key::of_raw(&format!("{}{number}", self.name.hex())),
        };
        made(prefix, key)
    }
}

/// An id that no source gave: two colons part it from its source.
fn made(prefix: &str, key: Key) -> PostingId {
    let hex = key.hex();
    PostingId::parse(&format!("{prefix}::{hex}"))
        .or_else(|_| PostingId::parse(&hex))
        .expect("letters and figures are an id")
}

/// An id of the source as an id here: with the mapping's name before it, so that two sources may
/// count alike. One with characters that no id has becomes a digest of itself.
pub(super) fn source_id(prefix: &str, raw: &str) -> PostingId {
    let key = || Key::of_raw(raw).hex();
    PostingId::parse(&format!("{prefix}:{raw}"))
        .or_else(|_| PostingId::parse(&format!("{prefix}:{}", key())))
        .or_else(|_| PostingId::parse(&key()))
        .expect("letters and figures are an id")
}

/// Whether a source gave `id`, and the same one gave `other`.
fn same_source(id: &str, other: &str) -> bool {
    let source = |id: &str| {
        let (source, rest) = id.split_once(':')?;
        (!rest.starts_with(':')).then(|| source.to_owned())
    };
    source(id).is_some_and(|of_one| source(other) == Some(of_one))
}

/// Puts the letters and figures of `text` behind `words`, small and of half width.
fn put_plain(words: &mut String, text: &str) {
    for c in text.chars() {
        match half_width(c) {
            // Most of what there is.
            han @ '\u{4E00}'..='\u{9FFF}' => words.push(han),
            c if c.is_ascii() => {
                words.extend(c.is_ascii_alphanumeric().then_some(c.to_ascii_lowercase()))
            }
            c if c.is_alphanumeric() => words.extend(c.to_lowercase()),
            _ => {}
        }
    }
}

/// The listing that is kept instead of a row that is dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Kept {
    /// A row of the same file.
    Row(Place),
    /// A row of a file before.
    File {
        /// Its name.
        file: String,
        /// Where the row stands.
        #[serde(flatten)]
        place: Place,
    },
    /// The county publishes it.
    County {
        /// Its id there.
        id: String,
    },
    /// The town imported it from another source.
    Town {
        /// Its id.
        id: String,
    },
}

/// What came in the file so far.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// What is said under an id, and where.
    ids: HashMap<Key, (Key, u32)>,
    keys: HashMap<Key, u32>,
    places: Places,
    /// How many of each name have an id that was made.
    numbers: HashMap<Key, u32>,
}

/// What becomes of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is new, with this id.
    New(PostingId),
    /// It is new, and gets an id when all rows are known.
    WithoutId,
    /// It is new; its own id is that of another listing, and this is its.
    SameId(PostingId),
    /// It is the same as another, which is kept.
    Dropped(Kept),
}

impl Seen {
    /// Notes a row. `id` is what its source gave it; in the project's own form (`is_own`) it was
    /// chosen, and whatever has it is the same.
    pub(super) fn note(
        &mut self,
        known: &Known,
        id: Option<&PostingId>,
        sameness: Sameness,
        is_own: bool,
        place: &Place,
    ) -> Verdict {
        let verdict = match id {
            Some(id) => self.with_id(known, id, sameness, is_own),
            None => self.without_id(known, sameness),
        };
        if matches!(verdict, Verdict::Dropped(_)) {
            return verdict;
        }
        let place = self.places.add(place);
        if let Verdict::New(id) | Verdict::SameId(id) = &verdict {
            self.ids.insert(Key::of_raw(id.as_str()), (sameness.whole, place));
        }
        self.keys.entry(sameness.whole).or_insert(place);
        verdict
    }

    fn with_id(
        &mut self,
        known: &Known,
        id: &PostingId,
        sameness: Sameness,
        is_own: bool,
    ) -> Verdict {
        let Sameness { name, all, whole, is_telling } = sameness;
        if let Some((before, place)) = self.ids.get(&Key::of_raw(id.as_str())) {
            return match *before == whole {
                true => Verdict::Dropped(Kept::Row(self.places.get(*place))),
                false => self.another_id(known, id, whole),
            };
        }
        match known.with_id(id.as_str()) {
            Some(there) if there.all == all => match there.by {
                // The town's own is replaced by itself.
                By::Town => Verdict::New(id.clone()),
                By::County | By::File { .. } => Verdict::Dropped(known.kept(there)),
            },
            // The county's own version counts; the town's is replaced.
            Some(there) if there.by == By::County && (is_own || there.name == name) => {
                Verdict::Dropped(known.kept(there))
            }
            Some(there) if there.by == By::Town && (is_own || there.name == name) => {
                Verdict::New(id.clone())
            }
            Some(there) => {
                let by = if there.name == name { all } else { name };
                self.another_id(known, id, by)
            }
            None => {
                let other = known.saying(&all).filter(|_| is_telling);
                match other.filter(|other| !same_source(id.as_str(), &other.id)) {
                    Some(other) => Verdict::Dropped(known.kept(other)),
                    None => Verdict::New(id.clone()),
                }
            }
        }
    }

    /// An id for a listing whose own is that of another.
    fn another_id(&self, known: &Known, id: &PostingId, key: Key) -> Verdict {
        let ending = &key.hex()[..8];
        let new = match id.as_str().split_once(':') {
            Some((prefix, raw)) => source_id(prefix, &format!("{raw}-{ending}")),
            None => PostingId::parse(&format!("{}-{ending}", id.as_str()))
                .unwrap_or_else(|_| source_id(ending, id.as_str())),
        };
        // The same once more.
        if let Some((_, place)) = self.ids.get(&Key::of_raw(new.as_str())) {
            return Verdict::Dropped(Kept::Row(self.places.get(*place)));
        }
        match known.with_id(new.as_str()) {
            Some(there) if there.by != By::Town => Verdict::Dropped(known.kept(there)),
            _ => Verdict::SameId(new),
        }
    }

    fn without_id(&mut self, known: &Known, sameness: Sameness) -> Verdict {
        if let Some(place) = self.keys.get(&sameness.whole) {
            return Verdict::Dropped(Kept::Row(self.places.get(*place)));
        }
        match known.saying(&sameness.all) {
            Some(there) if there.by == By::Town && there.id.contains("::") => {
                match self.ids.contains_key(&Key::of_raw(&there.id)) {
                    // A row before has replaced it.
                    true => Verdict::WithoutId,
                    false => {
                        Verdict::New(PostingId::parse(&there.id).expect("it is stored as an id"))
                    }
                }
            }
            Some(there) if sameness.is_telling || matches!(there.by, By::File { .. }) => {
                Verdict::Dropped(known.kept(there))
            }
            _ => Verdict::WithoutId,
        }
    }

    /// An id for a listing that came without one, once all rows were noted: the first of its name
    /// that nobody has. So it replaces what the town had of that name and no longer has.
    pub(super) fn make_id(&mut self, known: &Known, prefix: &str, sameness: Sameness) -> PostingId {
        loop {
            let number = self.numbers.entry(sameness.name).or_default();
            let id = sameness.id(prefix, *number as usize);
            *number += 1;
            let is_taken = self.ids.contains_key(&Key::of_raw(id.as_str()))
                || known.with_id(id.as_str()).is_some_and(|there| there.by != By::Town);
            if !is_taken {
                return id;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::domain::Fen;

    fn posting(title: &str, place: Option<&str>) -> Posting {
        let id = PostingId::parse("x").expect("an id");
        let mut posting = Posting::new(id, title, "泸县（测试）机械厂", date(2026, 11, 1), "测试");
        posting.place = place.map(str::to_owned);
        posting
    }

    fn same(posting: &Posting) -> Sameness {
        Sameness::of_posting(posting)
    }

    #[test]
    fn the_same_posting_is_known_however_it_is_written() {
        let one = posting("电焊工 CO2", Some("泸县·福集镇"));
        let mut other = posting("电焊工ＣＯ2", Some("泸县福集镇"));
        other.employer = "泸县(测试)机械厂".to_owned();
        assert_eq!(same(&one), same(&other));
        assert_ne!(same(&one).name, same(&posting("电焊工", Some("泸县福集镇"))).name);
        assert_ne!(same(&one).name, same(&posting("电焊工 CO2", None)).name);
    }

    #[test]
    fn what_makes_another_job_makes_another_posting() {
        let one = posting("教师", Some("泸县"));
        let changes: [fn(&mut Posting); 7] = [
            |p| p.conditions = Some("数学".into()),
            |p| p.education = Some("本科".into()),
            |p| p.experience = Some("1-3年".into()),
            |p| p.openings = Some(2),
            |p| p.duties = Some("教数学".into()),
            |p| p.wage = Some(Wage::Negotiable),
            |p| {
                let wage = Fen::from_yuan(4_000);
                let per = crate::domain::posting::WagePeriod::Month;
                p.wage = Some(Wage::Range { min: wage, max: wage, per });
            },
        ];
        let mut all = vec![same(&one).all];
        for change in changes {
            let mut other = one.clone();
            change(&mut other);
            assert_eq!(same(&other).name, same(&one).name);
            assert!(!all.contains(&same(&other).all));
            all.push(same(&other).all);
        }
        // When it was published, and by whom, makes no other job.
        let mut later = one.clone();
        later.published = date(2026, 12, 1);
        later.source = "别处".to_owned();
        assert_eq!(same(&later), same(&one));
    }

    /// Notes rows of one file: their numbers at the source, and the postings.
    fn verdicts(known: &Known, rows: &[(Option<&str>, Posting)]) -> Vec<Verdict> {
        let mut seen = Seen::default();
        let note = |(row, (raw, posting)): (usize, &(Option<&str>, Posting))| {
            let place = Place { row, ..Place::default() };
            let id = raw.map(|raw| source_id("clerk", raw));
            seen.note(known, id.as_ref(), same(posting), false, &place)
        };
        (1..).zip(rows).map(note).collect()
    }

    fn row(row: usize) -> Verdict {
        Verdict::Dropped(Kept::Row(Place { row, ..Place::default() }))
    }

    fn id(text: &str) -> PostingId {
        PostingId::parse(text).expect("an id")
    }

    #[test]
    fn numbers_of_a_source_keep_rows_apart() {
        let welder = posting("焊工", Some("泸县"));
        let mason = posting("瓦工", Some("泸县"));
        let rows = [
            (Some("1"), welder.clone()),
            (Some("2"), welder.clone()),
            (Some("1"), welder.clone()),
            (Some("1"), mason),
            (None, welder.clone()),
            (None, posting("漆工", None)),
            (None, posting("漆工", None)),
        ];
        let [one, two, again, other, without, new, same_again] =
            verdicts(&Known::default(), &rows).try_into().expect("seven");
        assert_eq!((one, two), (Verdict::New(id("clerk:1")), Verdict::New(id("clerk:2"))));
        assert_eq!((again, without, same_again), (row(1), row(1), row(6)));
        assert!(matches!(other, Verdict::SameId(id) if id.as_str().starts_with("clerk:1-")));
        assert_eq!(new, Verdict::WithoutId);
    }

    #[test]
    fn what_is_there_is_known_again() {
        let welder = posting("焊工", Some("泸县"));
        let mut more = welder.clone();
        more.openings = Some(5);
        let note = |known: &Known, raw: Option<&str>, posting: &Posting| {
            verdicts(known, &[(raw, posting.clone())]).remove(0)
        };
        let county = Verdict::Dropped(Kept::County { id: "cjobs:7".to_owned() });
        let mut known = Known::default();
        known.add("cjobs:7", same(&welder), true);
        assert_eq!(
            (note(&known, None, &welder), note(&known, Some("1"), &welder)),
            (county.clone(), county)
        );
        assert_eq!(note(&known, None, &more), Verdict::WithoutId);
        // The same number, another version: the county's counts. Another job: both are kept.
        let mut known = Known::default();
        known.add("clerk:1", same(&welder), true);
        assert!(matches!(note(&known, Some("1"), &more), Verdict::Dropped(Kept::County { .. })));
        let mason = posting("瓦工", Some("泸县"));
        assert!(matches!(note(&known, Some("1"), &mason), Verdict::SameId(_)));
        assert_eq!(note(&known, Some("2"), &welder), Verdict::New(id("clerk:2")));
        // The town's own is replaced, but not by another job.
        let mut known = Known::default();
        known.add("clerk:1", same(&welder), false);
        assert_eq!(note(&known, Some("1"), &more), Verdict::New(id("clerk:1")));
        assert!(matches!(note(&known, Some("1"), &mason), Verdict::SameId(_)));
        // Two of which nothing but the name is known may be two.
        let bare = posting("漆工", None);
        let mut known = Known::default();
        known.add("cjobs:8", same(&bare), true);
        assert_eq!(note(&known, None, &bare), Verdict::WithoutId);
    }

    #[test]
    fn ids_that_are_made_stay_from_week_to_week() {
        let (one, mut two) = (posting("焊工", Some("泸县")), posting("焊工", Some("泸县")));
        two.openings = Some(2);
        let mut seen = Seen::default();
        let none = Known::default();
        let make = |seen: &mut Seen, known: &Known, posting: &Posting| {
            let place = Place::default();
            match seen.note(known, None, same(posting), false, &place) {
                Verdict::New(id) => id,
                Verdict::WithoutId => seen.make_id(known, "clerk", same(posting)),
                other => panic!("{other:?}"),
            }
        };
        let (first, second) = (make(&mut seen, &none, &one), make(&mut seen, &none, &two));
        assert_ne!(first, second);
        let mut known = Known::default();
        known.add(first.as_str(), same(&one), false);
        known.add(second.as_str(), same(&two), false);
        // The other way round, and with one that changed: nobody takes another's place.
        let mut seen = Seen::default();
        assert_eq!(make(&mut seen, &known, &two), second);
        let mut changed = one.clone();
        changed.openings = Some(9);
        assert_eq!(make(&mut seen, &known, &changed), first);
    }

    #[test]
    fn ids_of_sources_are_kept_where_they_can_be() {
        let id = |raw: &str| source_id("boss", raw).as_str().to_owned();
        assert_eq!(id("51JOB_1579"), "boss:51JOB_1579");
        assert_eq!(id("a~b").len(), "boss:".len() + 24);
        assert_ne!(id("a~b"), id("ab"));
        assert_eq!(id(&"x".repeat(80)).len(), "boss:".len() + 24);
        assert!(same_source("boss:1", "boss:2") && !same_source("boss:1", "cjobs:2"));
        assert!(!same_source("boss:1", "boss::2") && !same_source("1", "2"));
    }
}
