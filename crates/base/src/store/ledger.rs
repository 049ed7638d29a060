//! `ledger.db`: what this machine must never lose. One [`Ledger`] writes; the rooms whose rows it
//! holds keep functions over it.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::{Kind, Opened, StoreError, Turn};
use crate::domain::Stop;

/// Name of the file in the data directory.
pub const FILE: &str = "ledger.db";

const MIGRATIONS: &[&str] = &[
    "
-- What the town imported itself: one item of a collection, as the feed carries it.
CREATE TABLE own_item (
    collection TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    imported_at INTEGER NOT NULL,
    PRIMARY KEY (collection, id)
) STRICT, WITHOUT ROWID;
-- Postings that the town shows first (1) or not at all (0), the county's as well as its own.
CREATE TABLE posting_mark (
    id TEXT PRIMARY KEY,
    pinned INTEGER NOT NULL,
    title TEXT NOT NULL,
    marked_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Rises with every change of the two tables above; the cache remembers which it has followed.
CREATE TABLE town_stamp (stamp INTEGER NOT NULL) STRICT;
INSERT INTO town_stamp VALUES (0);
",
    "
-- What was asked of this machine, row by row; see the room `audit`.
CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY,   -- from 1, without gaps
    at INTEGER NOT NULL,            -- milliseconds since 1970
    kind TEXT NOT NULL,
    person TEXT,                    -- of former versions: a pseudonym
    stop TEXT,
    previous BLOB NOT NULL,         -- hash of the row before
    hash BLOB NOT NULL
) STRICT;
-- The head that the county countersigned last; one row.
CREATE TABLE audit_countersigned (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    sequence INTEGER NOT NULL,
    hash TEXT NOT NULL,
    kiosk TEXT NOT NULL,
    signature TEXT NOT NULL
) STRICT;
",
    "
-- What the town imported once more, each item under the import that brought it. An import comes in
-- by short transactions and is shown by one, which changes its state.
CREATE TABLE own_import (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    -- A collection of which nothing counts that came with an earlier import.
    forgets TEXT,
    -- 0 while it comes in, 1 when it is shown, 2 when what it replaced is gone.
    state INTEGER NOT NULL
) STRICT;
-- Of an item that several imports brought the last one counts.
CREATE TABLE own_row (
    collection TEXT NOT NULL,
    id TEXT NOT NULL,
    import INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (collection, id, import)
) STRICT, WITHOUT ROWID;
INSERT INTO own_import (at, state)
    SELECT max(imported_at), 2 FROM own_item HAVING count(*) > 0;
INSERT INTO own_row SELECT collection, id, 1, body FROM own_item;
DROP TABLE own_item;
-- Marks change often and are few: they are followed by themselves.
ALTER TABLE town_stamp ADD COLUMN marks INTEGER NOT NULL DEFAULT 0;
",
];

/// The ledger, open for its one writer.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    connection: Connection,
    set_aside: Option<PathBuf>,
    read_only: Option<Stop>,
}

impl Ledger {
    /// Opens the ledger in `directory`, which must exist.
    ///
    /// # Errors
    /// As [`super::open`].
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        let path = directory.join(FILE);
        let opened = super::open(&path, Kind::Ledger, MIGRATIONS)?;
        let Opened { connection, set_aside, read_only } = opened;
        Ok(Self { path, connection, set_aside, read_only })
    }

    /// The same ledger through another connection, for long work during which others go on
    /// writing into it.
    ///
    /// # Errors
    /// As [`super::open_beside`].
    pub fn beside(&self) -> Result<Self, StoreError> {
        let connection = match self.read_only {
            None => super::open_beside(&self.path, Kind::Ledger, MIGRATIONS.len())?,
            Some(_) => super::open_to_read(&self.path, MIGRATIONS.len())?,
        };
        Ok(Self { path: self.path.clone(), connection, set_aside: None, read_only: self.read_only })
    }

    /// The right to long work on it.
    ///
    /// # Errors
    /// As [`Turn::take`].
    pub fn turn(&self, patience: Duration) -> Result<Turn, StoreError> {
        Turn::take(&self.path, patience)
    }

    /// One state of it for several statements, whatever others write meanwhile.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub fn snapshot(&self) -> Result<Transaction<'_>, StoreError> {
        Ok(Transaction::new_unchecked(&self.connection, TransactionBehavior::Deferred)?)
    }

    /// Another connection to the ledger in `directory`, for reading alone.
    ///
    /// # Errors
    /// As [`super::open_to_read`].
    pub fn read_only(directory: &Path) -> Result<Connection, StoreError> {
        super::open_to_read(&directory.join(FILE), MIGRATIONS.len())
    }

    /// Where a damaged file went, if this opening found one.
    pub fn set_aside(&self) -> Option<&Path> {
        self.set_aside.as_deref()
    }

    /// The connection, for reading.
    pub fn read(&self) -> &Connection {
        &self.connection
    }

    /// The connection, for a change.
    ///
    /// # Errors
    /// When the disk allows only reading.
    pub fn write(&mut self) -> Result<&mut Connection, StoreError> {
        match self.read_only {
            None => Ok(&mut self.connection),
            Some(stop) => Err(StoreError::new(stop, "账本只能读")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_town_imported_before_is_there_after_the_migration() {
        let home = tempfile::tempdir().expect("a directory");
        let path = home.path().join(FILE);
        let old = crate::store::open(&path, Kind::Ledger, &MIGRATIONS[..2]).expect("an old one");
        let rows = "INSERT INTO own_item VALUES ('postings', 'a', '1', 7), ('fairs', 'b', '2', 9)";
        old.connection.execute(rows, []).expect("written");
        drop(old);
        let ledger = Ledger::open(home.path()).expect("migrated");
        let one = |sql: &str| -> String {
            ledger.read().query_row(sql, [], |row| row.get(0)).expect("one value")
        };
        let rows = one("SELECT group_concat(collection || id || import || body) FROM own_row");
        assert_eq!(rows, "fairsb12,postingsa11");
        assert_eq!(
            one("SELECT group_concat(number || ' ' || at || ' ' || state) FROM own_import"),
            "1 9 2"
        );
    }
}
