//! `listings.db`: what the county publishes, and what a town imported itself, as last seen.
//!
//! One [`Cache`] writes, any number of [`Reader`]s read through connections of their own. Every
//! row belongs to a *generation*: 0 and -1 are in turn what the town imported itself, each life
//! (epoch) of the county's feed is another number. While a new life is being fetched, or the town's
//! own taken over, the generation before it stays on the screen; the change is one row in the table
//! `collection` or `followed`, in the same transaction as the last of what it shows.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use kiosk_base::{
    domain::Stop,
    import::{Known, duplicates::Sameness},
    store::{self, Kind, Steps, StoreError},
    wire::{Collection, FeedPage, v1},
};
use rusqlite::{Connection, Transaction, params};

use super::{
    Reader,
    fingerprint::fingerprint,
    follow, index,
    rows::{self, table},
};

/// Name of the file in the data directory.
pub const FILE: &str = "listings.db";
/// Most bytes the file may take, so that a feed without end cannot fill the disk.
pub const BYTES_MAX: u64 = 4 << 30;

pub(super) const MIGRATIONS: &[&str] = &[
    "
CREATE TABLE collection (
    name TEXT PRIMARY KEY,
    -- The life of the feed that `filling` holds, and the cursor in it. NULL before the first page.
    epoch TEXT,
    next INTEGER NOT NULL DEFAULT 0,
    -- The generation that is shown, and the one that is being fetched: the same, but while a new
    -- life of the feed is fetched.
    shown INTEGER NOT NULL DEFAULT 1,
    filling INTEGER NOT NULL DEFAULT 1,
    -- Rises with every change of rows; readers drop what they remember.
    stamp INTEGER NOT NULL DEFAULT 0,
    -- When the cache last held everything, in Unix seconds.
    refreshed_at INTEGER
) STRICT, WITHOUT ROWID;
INSERT INTO collection (name) VALUES ('postings'), ('trainings');

CREATE TABLE posting (
    doc INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL,
    id TEXT NOT NULL,
    published INTEGER NOT NULL,
    closes INTEGER,
    town INTEGER NOT NULL,
    wage INTEGER,
    body TEXT NOT NULL,
    UNIQUE (generation, id)
) STRICT;
CREATE INDEX posting_facts ON posting (published DESC, id, doc, generation, closes, town, wage);
CREATE VIRTUAL TABLE posting_term USING fts5(
    terms, content='', contentless_delete=1, detail=none, tokenize='ascii');

CREATE TABLE training (
    doc INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL,
    id TEXT NOT NULL,
    published INTEGER NOT NULL,
    enrol_until INTEGER NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (generation, id)
) STRICT;
CREATE INDEX training_order ON training (enrol_until, id, published, generation);
",
    "
-- Filters ask for more than the rows before had, so everything is fetched anew.
DELETE FROM collection;
INSERT INTO collection (name) VALUES ('postings'), ('trainings'), ('fairs');
DELETE FROM posting;
INSERT INTO posting_term (posting_term) VALUES ('delete-all');
DROP INDEX posting_facts;
ALTER TABLE posting ADD COLUMN traits INTEGER NOT NULL DEFAULT 0;
CREATE INDEX posting_facts
    ON posting (published DESC, id, doc, generation, closes, town, wage, traits);
DELETE FROM training;

CREATE TABLE fair (
    doc INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL,
    id TEXT NOT NULL,
    published INTEGER NOT NULL,
    day INTEGER NOT NULL,
    last_day INTEGER NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (generation, id)
) STRICT;
CREATE INDEX fair_order ON fair (day, id, last_day, published, generation);

-- A copy of what the town's ledger says, and which state of it.
CREATE TABLE mark (id TEXT PRIMARY KEY, pinned INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE followed (stamp INTEGER NOT NULL) STRICT;
INSERT INTO followed VALUES (-1);
",
    concat!(
        "
-- The postings have an index of their own, made from their texts when the cache is opened. What
-- filters ask of them stands there, by name.
DROP TABLE posting_term;
DROP INDEX posting_facts;
ALTER TABLE posting RENAME TO posting_before;
CREATE TABLE posting (
    -- No number is used twice: the index knows rows by it.
    doc INTEGER PRIMARY KEY AUTOINCREMENT,
    generation INTEGER NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (generation, id)
) STRICT;
INSERT INTO posting SELECT doc, generation, id, body FROM posting_before;
DROP TABLE posting_before;
UPDATE collection SET stamp = stamp + 1;
",
        index::tables!()
    ),
    "
-- The generation of the town's own that is shown, and which state of its marks was followed.
ALTER TABLE followed ADD COLUMN own INTEGER NOT NULL DEFAULT 0;
ALTER TABLE followed ADD COLUMN marks INTEGER NOT NULL DEFAULT -1;
",
    index::chunks!(),
    "
-- The version of this program that left out items which it did not understand; NULL for none.
ALTER TABLE collection ADD COLUMN left_out_by TEXT;
",
    "
-- What is understood by the program that left out items which it did not understand; NULL for none, 0
-- for another than any. One that understands something else fetches all of the collection once more.
ALTER TABLE collection ADD COLUMN understood INTEGER;
UPDATE collection SET understood = 0 WHERE left_out_by IS NOT NULL;
ALTER TABLE collection DROP COLUMN left_out_by;
",
];

/// What this program understands of a feed: another description of what travels, another number.
const UNDERSTOOD: i64 = fingerprint(include_bytes!("../../docs/openapi.json")).cast_signed();

/// The writer's end of the cache.
#[derive(Debug)]
pub struct Cache {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
    bytes_max: u64,
    set_aside: Option<PathBuf>,
    read_only: Option<Stop>,
}

/// Where the cache stands in a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The feed's life; `None` before the first page.
    pub epoch: Option<String>,
    /// Ask for what comes after this.
    pub next: u64,
}

/// What came of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// Stored; more is to come after [`Cursor::next`].
    More,
    /// Stored; the cache holds everything.
    Complete,
    /// The page does not go on from the cursor, since another life of the feed has begun: ask again
    /// from there. No row was stored.
    AskAgain,
}

/// How a collection is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionStatus {
    /// Which one.
    pub collection: Collection,
    /// Rows that are kept, open or not.
    pub rows: u64,
    /// When it was last known to be complete.
    pub refreshed_at: Option<Timestamp>,
}

impl Cache {
    /// Opens the cache in `directory`, which is made if missing. A damaged file is set aside
    /// ([`Self::set_aside`]) and a new, empty cache made; on a disk that allows only reading the
    /// cache can be read ([`Self::read_only`]).
    ///
    /// Reads the whole file once to check it, so call it on the writer's thread.
    ///
    /// # Errors
    /// As [`store::open`].
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        Self::open_limited(directory, BYTES_MAX)
    }

    /// As [`Self::open`], with another limit on the size of the file. Writing more ends with
    /// [`Stop::StoreFull`].
    ///
    /// # Errors
    /// As [`store::open`].
    pub fn open_limited(directory: &Path, bytes_max: u64) -> Result<Self, StoreError> {
        let path = directory.join(FILE);
        let made = kiosk_base::store::private::make(directory);
        made.map_err(|e| StoreError::new(Stop::StoreReadOnly, format!("数据目录：{e}")))?;
        let opened = store::open(&path, Kind::Cache, MIGRATIONS)?;
        if opened.read_only.is_none() {
            let page: i64 =
                opened.connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
            let pages = i64::try_from(bytes_max).unwrap_or(i64::MAX) / page.max(1);
            // Answers with the new limit, so it is a query to rusqlite.
            let set = |_: &rusqlite::Row<'_>| Ok(());
            opened.connection.pragma_update_and_check(None, "max_page_count", pages, set)?;
        }
        let mut connection = opened.connection;
        if opened.read_only.is_none() && !index::is_current(&connection)? {
            let transaction = connection.transaction()?;
            index::rebuild(&transaction)?;
            changed(&transaction)?;
            transaction.commit()?;
        }
        if opened.read_only.is_none() {
            fetch_what_was_left_out(&mut connection)?;
        }
        Ok(Self {
            connection,
            path,
            bytes_max,
            set_aside: opened.set_aside,
            read_only: opened.read_only,
        })
    }

    /// Where the damaged file went, if this opening or [`Self::rebuild`] found one.
    pub fn set_aside(&self) -> Option<&Path> {
        self.set_aside.as_deref()
    }

    /// Why nothing can be written, if so.
    pub fn read_only(&self) -> Option<Stop> {
        self.read_only
    }

    /// Gives back the memory that writing took, until more is written.
    ///
    /// # Errors
    /// As [`store::give_back`].
    pub fn rest(&self) -> Result<(), StoreError> {
        store::give_back(&self.connection)
    }

    /// A reader with a connection of its own, for another thread.
    ///
    /// # Errors
    /// As [`store::open_to_read`].
    pub fn reader(&self) -> Result<Reader, StoreError> {
        Reader::at(&self.path)
    }

    /// Opens the file again: after the disk was read-only or full.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn reopen(&mut self) -> Result<(), StoreError> {
        let directory = self.path.parent().unwrap_or(Path::new("."));
        *self = Self::open_limited(directory, self.bytes_max)?;
        Ok(())
    }

    /// Sets the file aside and begins an empty one: for a damage that showed itself in use, with
    /// [`Stop::StoreDamaged`]. Readers keep the old file until they are made anew.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn rebuild(&mut self) -> Result<(), StoreError> {
        let aside = store::set_aside(&self.path, Kind::Cache)?;
        self.reopen()?;
        self.set_aside = Some(aside);
        Ok(())
    }

    /// Where to go on in a feed.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub fn cursor(&self, collection: Collection) -> Result<Cursor, StoreError> {
        Ok(State::of(&self.connection, collection)?.cursor)
    }

    /// Begins at 0 in the feed of this epoch, though the cache has come further in it: the county's
    /// database was put back. What is shown stays until all of it is there.
    ///
    /// # Errors
    /// [`Stop::StoreFull`] and the like.
    pub fn begin_anew(&mut self, collection: Collection, epoch: &str) -> Result<(), StoreError> {
        self.writable()?;
        let transaction = self.connection.transaction()?;
        let mut state = State::of(&transaction, collection)?;
        state.begin(&transaction, epoch)?;
        state.save(&transaction)?;
        Ok(transaction.commit()?)
    }

    /// Stores one page of a feed that was asked for from `since`, rows and cursor in one
    /// transaction. The page must be sound: see [`FeedPage::fault`].
    ///
    /// # Errors
    /// [`Stop::StoreFull`] and the like; then nothing of the page is stored.
    pub fn apply(
        &mut self,
        collection: Collection,
        since: u64,
        page: &FeedPage,
        now: Timestamp,
    ) -> Result<Applied, StoreError> {
        self.writable()?;
        let transaction = self.connection.transaction()?;
        let mut state = State::of(&transaction, collection)?;
        if state.cursor.epoch.as_deref() != Some(page.epoch.as_str()) {
            state.begin(&transaction, &page.epoch)?;
        }
        if since != state.cursor.next {
            state.save(&transaction)?;
            transaction.commit()?;
            return Ok(Applied::AskAgain);
        }
        if !page.items.is_empty() {
            rows::write_items(&transaction, collection, state.filling, page)?;
            state.stamp += 1;
            follow::owed(&transaction)?;
        }
        if !page.left_out.is_empty() {
            state.understood = Some(UNDERSTOOD);
        }
        state.cursor.next = page.next;
        let complete = page.next == page.head;
        if complete {
            if state.shown != state.filling {
                state.stamp += 1;
                follow::owed(&transaction)?;
            }
            state.shown = state.filling;
            state.refreshed_at = Some(now.as_second());
        }
        state.save(&transaction)?;
        transaction.commit()?;
        if complete {
            self.sweep(collection, &rows::OWN)?;
        }
        Ok(if complete { Applied::Complete } else { Applied::More })
    }

    /// What the cache shows, for recognising duplicates: the ids that the county publishes, and
    /// what every listing is apart from its id. Reads all of them.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub fn known(&self) -> Result<Known, StoreError> {
        let mut known = Known::default();
        for collection in Collection::ALL {
            let sql = format!(
                "SELECT id, generation, body FROM {} WHERE generation IN
                     ((SELECT own FROM followed), (SELECT shown FROM collection WHERE name = ?1))",
                table(collection)
            );
            let mut statement = self.connection.prepare(&sql)?;
            let mut rows = statement.query([collection.as_str()])?;
            while let Some(row) = rows.next()? {
                let id: String = row.get(0)?;
                let body = row.get_ref(2)?.as_str().unwrap_or_default();
                let sameness = match collection {
                    Collection::Postings => {
                        v1::from_json(body).map(|posting| Sameness::of_posting(&posting))
                    }
                    Collection::Trainings => {
                        v1::from_json(body).map(|notice| Sameness::of_training(&notice))
                    }
                    Collection::Fairs => v1::from_json(body).map(|fair| Sameness::of_fair(&fair)),
                };
                // A row of an older version that cannot be read now is like no other.
                let sameness = sameness.unwrap_or_else(|_| Sameness::of_no_other(&id));
                known.add(&id, sameness, !rows::OWN.contains(&row.get(1)?));
            }
        }
        Ok(known)
    }

    /// Packs the index of the postings, so that later searches look into fewer segments. For the end
    /// of a refresh that changed much.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub fn pack(&mut self) -> Result<(), StoreError> {
        self.writable()?;
        let transaction = self.connection.transaction()?;
        let State { shown, .. } = State::of(&transaction, Collection::Postings)?;
        index::pack(&transaction, shown, &mut Steps::within())?;
        changed(&transaction)?;
        Ok(transaction.commit()?)
    }

    /// How each collection is, in the order of [`Collection::ALL`].
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub fn status(&self) -> Result<Vec<CollectionStatus>, StoreError> {
        status(&self.connection)
    }

    #[cfg(test)]
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(super) fn writable(&self) -> Result<(), StoreError> {
        match self.read_only {
            None => Ok(()),
            Some(stop) => Err(StoreError::new(stop, "缓存只能读")),
        }
    }
}

/// Begins those collections anew of which another program left something out that it did not
/// understand: this one may. What is shown stays until all is there.
fn fetch_what_was_left_out(connection: &mut Connection) -> Result<(), StoreError> {
    for collection in Collection::ALL {
        let by = State::of(connection, collection)?.understood;
        if by.is_none_or(|understood| understood == UNDERSTOOD) {
            continue;
        }
        let transaction = connection.transaction()?;
        let mut state = State::of(&transaction, collection)?;
        if let Some(epoch) = state.cursor.epoch.clone() {
            state.begin(&transaction, &epoch)?;
            state.save(&transaction)?;
            transaction.commit()?;
        }
    }
    Ok(())
}

/// Tells readers that the postings are indexed otherwise.
fn changed(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let mut state = State::of(transaction, Collection::Postings)?;
    state.stamp += 1;
    state.save(transaction)
}

/// How each collection is, as any connection sees it.
pub(super) fn status(connection: &Connection) -> Result<Vec<CollectionStatus>, StoreError> {
    let one = |collection| -> Result<_, StoreError> {
        let state = State::of(connection, collection)?;
        let table = table(collection);
        let sql = format!("SELECT count(*) FROM {table} WHERE generation IN (?1, ?2)");
        let rows: i64 =
            connection.prepare_cached(&sql)?.query_row([state.own, state.shown], |r| r.get(0))?;
        let refreshed_at = state.refreshed_at.and_then(|s| Timestamp::from_second(s).ok());
        Ok(CollectionStatus { collection, rows: rows.unsigned_abs(), refreshed_at })
    };
    Collection::ALL.into_iter().map(one).collect()
}

/// The row of a collection.
pub(super) struct State {
    collection: Collection,
    cursor: Cursor,
    pub(super) shown: i64,
    pub(super) filling: i64,
    /// The generation of the town's own that is shown.
    pub(super) own: i64,
    pub(super) stamp: i64,
    refreshed_at: Option<i64>,
    /// What is understood by the program that left something out, if any did.
    understood: Option<i64>,
}

impl State {
    pub(super) fn of(connection: &Connection, collection: Collection) -> Result<Self, StoreError> {
        let sql = "SELECT epoch, next, shown, filling, stamp, refreshed_at,
                       (SELECT own FROM followed), understood
                   FROM collection WHERE name = ?1";
        let read = |row: &rusqlite::Row<'_>| {
            let next: i64 = row.get(1)?;
            Ok(Self {
                collection,
                cursor: Cursor { epoch: row.get(0)?, next: next.unsigned_abs() },
                shown: row.get(2)?,
                filling: row.get(3)?,
                stamp: row.get(4)?,
                refreshed_at: row.get(5)?,
                own: row.get(6)?,
                understood: row.get(7)?,
            })
        };
        Ok(connection.prepare_cached(sql)?.query_row([collection.as_str()], read)?)
    }

    /// Turns to another life of the feed. The very first is shown while it comes in; a later one
    /// when it is complete.
    fn begin(&mut self, transaction: &Transaction<'_>, epoch: &str) -> Result<(), StoreError> {
        if self.cursor.epoch.is_some() {
            let table = table(self.collection);
            let sql = format!("SELECT coalesce(max(generation), 0) FROM {table}");
            let newest: i64 = transaction.query_row(&sql, [], |row| row.get(0))?;
            self.filling = newest.max(self.filling).max(self.shown) + 1;
        }
        self.cursor = Cursor { epoch: Some(epoch.to_owned()), next: 0 };
        self.understood = None;
        Ok(())
    }

    pub(super) fn save(&self, transaction: &Connection) -> Result<(), StoreError> {
        let sql = "UPDATE collection SET epoch = ?2, next = ?3, shown = ?4, filling = ?5,
                   stamp = ?6, refreshed_at = ?7, understood = ?8 WHERE name = ?1";
        let next = i64::try_from(self.cursor.next)
            .map_err(|_| StoreError::new(Stop::LinkNonsense, "游标超出范围"))?;
        transaction.prepare_cached(sql)?.execute(params![
            self.collection.as_str(),
            self.cursor.epoch,
            next,
            self.shown,
            self.filling,
            self.stamp,
            self.refreshed_at,
            self.understood
        ])?;
        Ok(())
    }
}
