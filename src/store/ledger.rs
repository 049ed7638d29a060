//! `ledger.db`: what this machine must never lose. One [`Ledger`] writes; the rooms whose rows it
//! holds keep functions over it.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::{Kind, Opened, StoreError};
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
];

/// The ledger, open for its one writer.
#[derive(Debug)]
pub struct Ledger {
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
        let opened = super::open(&directory.join(FILE), Kind::Ledger, MIGRATIONS)?;
        let Opened { connection, set_aside, read_only } = opened;
        Ok(Self { connection, set_aside, read_only })
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
            Some(stop) => Err(StoreError::new(stop, "the ledger is open for reading alone")),
        }
    }
}
