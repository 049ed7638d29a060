//! Finding postings and training notices in the cache.
//!
//! A [`Reader`] belongs to one thread. It keeps what filters and order ask of the postings (see
//! [`find`](super::find)), and reads what is new of it when the cache has changed.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use jiff::civil::Date;
use kiosk_base::{
    domain::{DivisionCode, FairId, JobFair, Posting, PostingId, Stop, TrainingId, TrainingNotice},
    store::{self, StoreError},
    wire::{Collection, v1},
};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    CollectionStatus,
    cache::{self, MIGRATIONS},
    facets::{self, Facets},
    facts,
    find::Shown,
    index,
    query::{Facet, Home, Query},
    rows,
};

/// Most rows of one answer.
pub const ROWS_MAX: usize = 200;
/// Memory for a reader's pages, in KiB: the upper levels of the trees. The system remembers the rest.
const PAGE_MEMORY_KIB: i32 = 256;

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
    shown: Shown,
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
        connection.pragma_update(None, "cache_size", -PAGE_MEMORY_KIB)?;
        if !index::is_current(&connection)? {
            return Err(StoreError::new(Stop::StoreBusy, "岗位正在重新编索引"));
        }
        Ok(Self { connection, path: path.to_owned(), shown: Shown::default() })
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
        self.shown.follow(&snapshot)?;
        self.shown.turn_to(&snapshot, today, query.home.as_ref())?;
        let found = self.shown.find(&snapshot, query)?;
        let total = found.total();
        let docs = found.page(&snapshot, query.offset, query.limit.min(ROWS_MAX))?;
        let rows = docs.into_iter().map(|doc| body(&snapshot, doc)).collect::<Result<_, _>>()?;
        let nearest = match total {
            0 => self.shown.nearest(&snapshot, query)?.map(Box::new),
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
        self.shown.follow(&snapshot)?;
        self.shown.turn_to(&snapshot, today, query.home.as_ref())?;
        let holding = self.shown.holding(&snapshot, &query.words)?;
        facets::count(&snapshot, self.shown.segments(), query, &holding)
    }

    /// Reads what searches on `today` need of the postings, if the cache or the day has changed.
    /// Every question does so; this is for a moment when nobody waits for the answer.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub fn follow(&mut self, today: Date, home: Option<&Home>) -> Result<(), StoreError> {
        let snapshot = self.connection.unchecked_transaction()?;
        self.shown.follow(&snapshot)?;
        self.shown.turn_to(&snapshot, today, home)
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
                   ((SELECT own FROM followed),
                    (SELECT shown FROM collection WHERE name = 'postings'))
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
                   AND generation IN ((SELECT own FROM followed),
                    (SELECT shown FROM collection WHERE name = 'trainings'))
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
                   ((SELECT own FROM followed),
                    (SELECT shown FROM collection WHERE name = 'trainings'))
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
                   AND generation IN ((SELECT own FROM followed),
                    (SELECT shown FROM collection WHERE name = 'fairs'))
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
                   AND generation IN ((SELECT own FROM followed),
                    (SELECT shown FROM collection WHERE name = 'fairs'))
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
                   ((SELECT own FROM followed),
                    (SELECT shown FROM collection WHERE name = 'fairs'))
                   ORDER BY generation DESC";
        one(&self.connection, sql, id.as_str())
    }

    /// How many postings and notices are open on `today`.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub fn counts(&mut self, today: Date) -> Result<Counts, StoreError> {
        let snapshot = self.connection.unchecked_transaction()?;
        self.shown.follow(&snapshot)?;
        self.shown.turn_to(&snapshot, today, None)?;
        let postings = self.shown.count();
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
        self.shown.follow(&snapshot)?;
        self.shown.turn_to(&snapshot, today, None)?;
        self.shown.towns(&snapshot)
    }

    /// How each collection is, in the order of [`Collection::ALL`].
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub fn status(&self) -> Result<Vec<CollectionStatus>, StoreError> {
        cache::status(&self.connection)
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
         AND generation IN ((SELECT own FROM followed),
          (SELECT shown FROM collection WHERE name = ?2))"
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

fn body(connection: &Connection, doc: u32) -> Result<Posting, StoreError> {
    let mut statement = connection.prepare_cached("SELECT body FROM posting WHERE doc = ?1")?;
    let mut rows = statement.query([doc])?;
    let row = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    from_json(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)
}

fn one<T: v1::Kept>(connection: &Connection, sql: &str, id: &str) -> Result<Option<T>, StoreError> {
    let body: Option<String> =
        connection.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?;
    body.as_deref().map(from_json).transpose()
}

fn from_json<T: v1::Kept>(body: &str) -> Result<T, StoreError> {
    v1::from_json(body).map_err(|e| StoreError::new(Stop::StoreDamaged, format!("row: {e}")))
}
