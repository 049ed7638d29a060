//! Finding postings and training notices in the cache.
//!
//! A [`Reader`] belongs to one thread. It keeps the facts of all postings in memory (see
//! `facts`) and the sets of the commonest terms it was asked for, and drops both when the
//! cache has changed.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    CollectionStatus,
    cache::{self, MIGRATIONS, State},
    facets::{self, Facets},
    facts::{self, Facts, Set},
    query::{Facet, Filters, Home, Query},
    rows,
    segment::{self, Ask, Word},
};
use crate::{
    domain::{
        DivisionCode, FairId, JobFair, Posting, PostingId, Stop, TrainingId, TrainingNotice,
        wire::Collection,
    },
    store::{self, StoreError},
};

/// Most rows of one answer.
pub const ROWS_MAX: usize = 200;
/// Memory for the sets of terms, in bytes.
const TERMS_BYTES_MAX: usize = 8 << 20;
/// Rarer terms are asked for anew, since that is as quick.
const TERM_WORTH_KEEPING: usize = 500;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Results {
    /// How many there are in all.
    pub total: usize,
    /// The rows asked for, best first: match in the title's beginning, in the title, elsewhere;
    /// then own town, neighbours, county, city, elsewhere; then newest; then id.
    pub rows: Vec<Posting>,
    /// When nothing was found: the nearest thing that there is.
    pub nearest: Option<Box<Nearest>>,
    /// How long it took.
    pub took: Duration,
}

/// What a query finds that gives up as little as it must.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nearest {
    /// The query.
    pub query: Query,
    /// The filters that were given up.
    pub without: Vec<Facet>,
    /// Whether the words were given up, or shortened.
    pub other_words: bool,
    /// How many it finds.
    pub total: usize,
}

/// A page of training notices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trainings {
    /// How many there are in all.
    pub total: usize,
    /// The rows asked for, those whose enrolment ends first on top.
    pub rows: Vec<TrainingNotice>,
}

/// How many open entries there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Job postings.
    pub postings: usize,
    /// Training notices.
    pub trainings: usize,
    /// Job fairs that are not over.
    pub fairs: usize,
}

/// A reader's end of the cache, for one thread.
#[derive(Debug)]
pub struct Reader {
    connection: Connection,
    path: PathBuf,
    memory: Memory,
}

impl Reader {
    /// Opens the cache in `directory` for reading, while another process may be writing to it.
    ///
    /// # Errors
    /// As [`store::open_to_read`].
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        Self::at(&directory.join(cache::FILE))
    }

    pub(super) fn at(path: &Path) -> Result<Self, StoreError> {
        let connection = store::open_to_read(path, MIGRATIONS.len())?;
        Ok(Self { connection, path: path.to_owned(), memory: Memory::default() })
    }

    /// Opens the file again: after the writer set it aside and made a new one.
    ///
    /// # Errors
    /// As [`store::open_to_read`].
    pub fn reopen(&mut self) -> Result<(), StoreError> {
        *self = Self::at(&self.path)?;
        Ok(())
    }

    /// Looks for postings that are open on `today`.
    ///
    /// # Errors
    /// Any [`StoreError`]; after [`Stop::StoreDamaged`] the writer must rebuild the cache.
    pub fn postings(&mut self, query: &Query, today: Date) -> Result<Results, StoreError> {
        let begun = Instant::now();
        // One transaction: all statements see the same state of the cache.
        let snapshot = self.connection.unchecked_transaction()?;
        self.memory.follow(&snapshot)?;
        let found = self.memory.find(&snapshot, query, today)?;
        let limit = query.limit.min(ROWS_MAX);
        let rows = found
            .page(query.offset, limit)
            .map(|place| body(&snapshot, self.memory.facts.at(place).doc))
            .collect::<Result<_, _>>()?;
        let total = found.total();
        let nearest = match total {
            0 => self.memory.nearest(&snapshot, query, today)?.map(Box::new),
            _ => None,
        };
        Ok(Results { total, rows, nearest, took: begun.elapsed() })
    }

    /// How many postings each choice of each filter would leave.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub fn facets(&mut self, query: &Query, today: Date) -> Result<Facets, StoreError> {
        let snapshot = self.connection.unchecked_transaction()?;
        self.memory.follow(&snapshot)?;
        let candidates = self.memory.holding(&snapshot, &query.words, today)?;
        let bands = query.home.as_ref().map(|home| self.memory.near(home).clone());
        Ok(facets::count(&self.memory.facts, &query.filters, bands.as_ref(), &candidates))
    }

    /// The newest postings that are open on `today`, at most `limit`, whatever they are.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub fn latest(&mut self, limit: usize, today: Date) -> Result<Vec<Posting>, StoreError> {
        Ok(self.postings(&Query { limit, ..Query::default() }, today)?.rows)
    }

    /// The posting with this id, open or not.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub fn posting(&self, id: &PostingId) -> Result<Option<Posting>, StoreError> {
        let sql = "SELECT body FROM posting WHERE id = ?1 AND generation IN
                   (0, (SELECT shown FROM collection WHERE name = 'postings'))
                   ORDER BY generation DESC";
        one(&self.connection, sql, id.as_str())
    }

    /// The training notices that are open on `today`.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub fn trainings(
        &self,
        offset: usize,
        limit: usize,
        today: Date,
    ) -> Result<Trainings, StoreError> {
        let snapshot = self.connection.unchecked_transaction()?;
        let total = open_trainings(&snapshot, today)?;
        let sql = "SELECT body FROM training WHERE enrol_until >= ?1 AND published <= ?1
                   AND generation IN (0, (SELECT shown FROM collection WHERE name = 'trainings'))
                   ORDER BY enrol_until, id LIMIT ?2 OFFSET ?3";
        let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let mut statement = snapshot.prepare_cached(sql)?;
        let mut rows = statement.query(params![
            facts::day(today),
            number(limit.min(ROWS_MAX)),
            number(offset)
        ])?;
        let mut notices = Vec::new();
        while let Some(row) = rows.next()? {
            notices.push(from_json(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?);
        }
        Ok(Trainings { total, rows: notices })
    }

    /// The notice with this id, open or not.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub fn training(&self, id: &TrainingId) -> Result<Option<TrainingNotice>, StoreError> {
        let sql = "SELECT body FROM training WHERE id = ?1 AND generation IN
                   (0, (SELECT shown FROM collection WHERE name = 'trainings'))
                   ORDER BY generation DESC";
        one(&self.connection, sql, id.as_str())
    }

    /// The job fairs from `first` to `last` that are published on `today`, over or not, in the
    /// order of their days; at most [`ROWS_MAX`].
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub fn fairs(&self, first: Date, last: Date, today: Date) -> Result<Vec<JobFair>, StoreError> {
        let sql = "SELECT body FROM fair WHERE day <= ?2 AND last_day >= ?1 AND published <= ?3
                   AND generation IN (0, (SELECT shown FROM collection WHERE name = 'fairs'))
                   ORDER BY day, id LIMIT ?4";
        let mut statement = self.connection.prepare_cached(sql)?;
        let most = i64::try_from(ROWS_MAX).unwrap_or(i64::MAX);
        let bounds = params![facts::day(first), facts::day(last), facts::day(today), most];
        let mut rows = statement.query(bounds)?;
        let mut fairs = Vec::new();
        while let Some(row) = rows.next()? {
            fairs.push(from_json(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?);
        }
        Ok(fairs)
    }

    /// The first day from `today` on, this one among them, on which there is a fair.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub fn next_fair(&self, today: Date) -> Result<Option<Date>, StoreError> {
        let sql = "SELECT body FROM fair WHERE last_day >= ?1 AND published <= ?1
                   AND generation IN (0, (SELECT shown FROM collection WHERE name = 'fairs'))
                   ORDER BY day, id LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([facts::day(today)])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let fair: JobFair = from_json(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?;
        Ok(Some(fair.date.max(today)))
    }

    /// The fair with this id, over or not.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub fn fair(&self, id: &FairId) -> Result<Option<JobFair>, StoreError> {
        let sql = "SELECT body FROM fair WHERE id = ?1 AND generation IN
                   (0, (SELECT shown FROM collection WHERE name = 'fairs'))
                   ORDER BY generation DESC";
        one(&self.connection, sql, id.as_str())
    }

    /// How many postings and notices are open on `today`.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub fn counts(&mut self, today: Date) -> Result<Counts, StoreError> {
        let snapshot = self.connection.unchecked_transaction()?;
        self.memory.follow(&snapshot)?;
        let postings = self.memory.open(today).count();
        let trainings = open_trainings(&snapshot, today)?;
        Ok(Counts { postings, trainings, fairs: open_fairs(&snapshot, today)? })
    }

    /// How many postings are open on `today` in each town that has some. A posting of which only
    /// the county is known counts for the county's code.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub fn town_counts(&mut self, today: Date) -> Result<BTreeMap<DivisionCode, u64>, StoreError> {
        let snapshot = self.connection.unchecked_transaction()?;
        self.memory.follow(&snapshot)?;
        let open = self.memory.open(today);
        Ok(self.memory.facts.towns(&open))
    }

    /// How each collection is, in the order of [`Collection::ALL`].
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub fn status(&self) -> Result<Vec<CollectionStatus>, StoreError> {
        cache::status(&self.connection)
    }

    /// Works out the answers to the first two touches of the pad, which are the largest, so that
    /// the touch need not wait. Takes as long as many searches: for a quiet moment after opening
    /// and after a refresh.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub fn warm(&mut self) -> Result<(), StoreError> {
        let snapshot = self.connection.unchecked_transaction()?;
        self.memory.follow(&snapshot)?;
        for ask in segment::first_keys() {
            // Half of the memory is left for what is typed.
            if self.memory.terms_bytes > TERMS_BYTES_MAX / 2 {
                break;
            }
            self.memory.answer(&snapshot, &ask)?;
        }
        Ok(())
    }
}

/// What a reader remembers of one state of the cache.
#[derive(Debug, Default)]
struct Memory {
    /// Generation and stamp of the state; `None` before the first load.
    state: Option<(i64, i64)>,
    facts: Facts,
    terms: HashMap<String, Remembered>,
    terms_bytes: usize,
    /// Counts the uses of terms, to find the one that was not used for longest.
    uses: u64,
    open: Option<(Date, Set)>,
    near: Option<(Home, [Set; 5])>,
}

#[derive(Debug)]
struct Remembered {
    set: Set,
    used: u64,
}

impl Memory {
    /// Loads the facts anew if the cache has changed.
    fn follow(&mut self, snapshot: &Connection) -> Result<(), StoreError> {
        let State { shown, stamp, .. } = State::of(snapshot, Collection::Postings)?;
        if self.state != Some((shown, stamp)) {
            *self = Self { facts: Facts::load(snapshot, shown)?, ..Self::default() };
            self.state = Some((shown, stamp));
        }
        Ok(())
    }

    fn find(
        &mut self,
        snapshot: &Connection,
        query: &Query,
        today: Date,
    ) -> Result<Found, StoreError> {
        let bands = query.home.as_ref().map(|home| self.near(home).clone());
        let open = self.open(today);
        let candidates = facets::pass(&self.facts, &query.filters, bands.as_ref(), &open);
        let qualities = match segment::question(&query.words) {
            None => Vec::new(),
            Some(words) if words.is_empty() => vec![candidates],
            Some(words) => self.qualities(snapshot, &words, &candidates)?,
        };
        let bands = bands.map_or_else(|| vec![Set::full(self.facts.len())], Vec::from);
        Ok(Found::new(&qualities, &bands, self.facts.pinned()))
    }

    /// The open postings that hold all `words`.
    fn holding(
        &mut self,
        snapshot: &Connection,
        words: &str,
        today: Date,
    ) -> Result<Set, StoreError> {
        let mut holding = self.open(today);
        let Some(words) = segment::question(words) else {
            return Ok(Set::empty(self.facts.len()));
        };
        for word in words {
            holding.keep(&self.answer(snapshot, &word.anywhere)?);
        }
        Ok(holding)
    }

    /// What is found by giving up one filter, or two and more of them, or the end of the words; at
    /// last everything that is open. `None` when nothing is.
    fn nearest(
        &mut self,
        snapshot: &Connection,
        query: &Query,
        today: Date,
    ) -> Result<Option<Nearest>, StoreError> {
        let bands = query.home.as_ref().map(|home| self.near(home).clone());
        let mut words = query.words.clone();
        loop {
            let holding = self.holding(snapshot, &words, today)?;
            let mut filters = query.filters.clone();
            let mut without = Vec::new();
            let count = |filters: &Filters| {
                facets::pass(&self.facts, filters, bands.as_ref(), &holding).count()
            };
            let set = facets::GIVEN_UP.into_iter().filter(|f| filters.without(*f) != filters);
            let set: Vec<Facet> = set.collect();
            let alone = set.iter().find(|facet| count(&filters.without(**facet)) > 0);
            match alone {
                _ if count(&filters) > 0 => {}
                Some(facet) => {
                    filters = filters.without(*facet);
                    without.push(*facet);
                }
                None => {
                    for facet in set {
                        filters = filters.without(facet);
                        without.push(facet);
                        if count(&filters) > 0 {
                            break;
                        }
                    }
                }
            }
            let total = count(&filters);
            if total > 0 {
                let other_words = words != query.words;
                let query = Query { words, filters, offset: 0, ..query.clone() };
                return Ok(Some(Nearest { query, without, other_words, total }));
            }
            if words.pop().is_none() {
                return Ok(None);
            }
        }
    }

    /// The candidates that hold every word: those whose title begins with the first, those with all
    /// in the title, the others.
    fn qualities(
        &mut self,
        snapshot: &Connection,
        words: &[Word],
        candidates: &Set,
    ) -> Result<Vec<Set>, StoreError> {
        let mut anywhere = candidates.clone();
        for word in words {
            anywhere.keep(&self.answer(snapshot, &word.anywhere)?);
        }
        let mut in_title = anywhere.clone();
        for word in words {
            in_title.keep(&self.answer(snapshot, &word.in_title)?);
        }
        let mut at_start = in_title.clone();
        if let Some(first) = words.first() {
            at_start.keep(&self.answer(snapshot, &first.at_start)?);
        }
        anywhere.remove(&in_title);
        in_title.remove(&at_start);
        Ok(vec![at_start, in_title, anywhere])
    }

    fn answer(&mut self, snapshot: &Connection, ask: &Ask) -> Result<Set, StoreError> {
        match ask {
            Ask::Term(term) => self.term(snapshot, term),
            Ask::All(parts) => {
                let mut all = Set::full(self.facts.len());
                for part in parts {
                    all.keep(&self.answer(snapshot, part)?);
                }
                Ok(all)
            }
            Ask::Any(parts) => {
                let mut any = Set::empty(self.facts.len());
                for part in parts {
                    any.add(&self.answer(snapshot, part)?);
                }
                Ok(any)
            }
        }
    }

    fn term(&mut self, snapshot: &Connection, term: &str) -> Result<Set, StoreError> {
        self.uses += 1;
        if let Some(known) = self.terms.get_mut(term) {
            known.used = self.uses;
            return Ok(known.set.clone());
        }
        let mut statement = snapshot.prepare_cached(
            "SELECT rowid FROM posting_term WHERE posting_term MATCH ?1 ORDER BY rowid",
        )?;
        // A term holds letters, digits and our marks only, so quotes make it a plain string.
        let mut rows = statement.query([format!("\"{term}\"")])?;
        let docs = std::iter::from_fn(|| rows.next().map(|row| row.map(|r| r.get(0))).transpose());
        let set = self.facts.set_of(docs.map(|doc| doc.and_then(|doc| doc)))?;
        if set.count() >= TERM_WORTH_KEEPING {
            self.keep(term, set.clone());
        }
        Ok(set)
    }

    fn keep(&mut self, term: &str, set: Set) {
        self.terms_bytes += set.bytes();
        while self.terms_bytes > TERMS_BYTES_MAX {
            let oldest = self.terms.iter().min_by_key(|(_, known)| known.used);
            let Some(oldest) = oldest.map(|(term, _)| term.clone()) else { break };
            self.terms_bytes -= self.terms.remove(&oldest).map_or(0, |known| known.set.bytes());
        }
        self.terms.insert(term.to_owned(), Remembered { set, used: self.uses });
    }

    fn open(&mut self, today: Date) -> Set {
        match &self.open {
            Some((day, set)) if *day == today => set.clone(),
            _ => {
                let set = self.facts.open(today);
                self.open = Some((today, set.clone()));
                set
            }
        }
    }

    fn near(&mut self, home: &Home) -> &[Set; 5] {
        if self.near.as_ref().is_none_or(|(known, _)| known != home) {
            self.near = None;
        }
        let facts = &self.facts;
        &self.near.get_or_insert_with(|| (home.clone(), facts.by_nearness(home))).1
    }
}

/// Found postings in groups, best group first; within a group in the order of the facts.
struct Found {
    groups: Vec<(usize, Set)>,
}

impl Found {
    /// What the town pins stands first, wherever the words stand in it.
    fn new(qualities: &[Set], bands: &[Set], pinned: &Set) -> Self {
        let mut first = Set::empty(0);
        if let Some((one, others)) = qualities.split_first() {
            first = one.clone();
            others.iter().for_each(|quality| first.add(quality));
            first.keep(pinned);
        }
        let pairs = qualities.iter().flat_map(|q| bands.iter().map(move |band| (q, band)));
        let group = |(quality, band): (&Set, &Set)| {
            let mut group = quality.clone();
            group.keep(band);
            group.remove(pinned);
            group
        };
        let groups = std::iter::once(first).chain(pairs.map(group));
        let counted = groups.map(|group| (group.count(), group));
        Self { groups: counted.filter(|(count, _)| *count > 0).collect() }
    }

    fn total(&self) -> usize {
        self.groups.iter().map(|(count, _)| count).sum()
    }

    fn page(&self, offset: usize, limit: usize) -> impl Iterator<Item = usize> {
        let mut before = 0;
        let reached = self.groups.iter().filter_map(move |(count, group)| {
            let skip = offset.saturating_sub(before);
            before += count;
            (skip < *count).then(|| group.places().skip(skip))
        });
        reached.flatten().take(limit)
    }
}

/// The notices or fairs that may be shown on `today`: those whose last day, in the column `last`,
/// is not over.
fn open(
    connection: &Connection,
    collection: Collection,
    last: &str,
    today: Date,
) -> Result<usize, StoreError> {
    let table = rows::table(collection);
    let sql = format!(
        "SELECT count(*) FROM {table} WHERE {last} >= ?1 AND published <= ?1
         AND generation IN (0, (SELECT shown FROM collection WHERE name = ?2))"
    );
    let count: i64 = connection
        .prepare_cached(&sql)?
        .query_row(params![facts::day(today), collection.as_str()], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or(0))
}

fn open_trainings(connection: &Connection, today: Date) -> Result<usize, StoreError> {
    open(connection, Collection::Trainings, "enrol_until", today)
}

fn open_fairs(connection: &Connection, today: Date) -> Result<usize, StoreError> {
    open(connection, Collection::Fairs, "last_day", today)
}

fn body(connection: &Connection, doc: i64) -> Result<Posting, StoreError> {
    let mut statement = connection.prepare_cached("SELECT body FROM posting WHERE doc = ?1")?;
    let mut rows = statement.query([doc])?;
    let row = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    from_json(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)
}

fn one<T: serde::de::DeserializeOwned>(
    connection: &Connection,
    sql: &str,
    id: &str,
) -> Result<Option<T>, StoreError> {
    let body: Option<String> =
        connection.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?;
    body.as_deref().map(from_json).transpose()
}

fn from_json<T: serde::de::DeserializeOwned>(body: &str) -> Result<T, StoreError> {
    serde_json::from_str(body).map_err(|e| StoreError::new(Stop::StoreDamaged, format!("row: {e}")))
}
