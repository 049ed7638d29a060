//! `county.db`: where it is and what is in it. Keeps no state itself.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags};

use super::CountyError;
use crate::store::{self, Kind, StoreError};

/// The file's name in the data directory.
const FILE: &str = "county.db";
/// For another connection's writing: a large set is published within this.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// What each version added; never changed, only appended to.
const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE feed_epoch (epoch TEXT NOT NULL) STRICT;
    INSERT INTO feed_epoch VALUES (lower(hex(randomblob(16))));
    CREATE TABLE feed_item (
        collection TEXT NOT NULL,
        id TEXT NOT NULL,
        seq INTEGER NOT NULL,
        body TEXT,                      -- JSON of the item; NULL for a tombstone
        PRIMARY KEY (collection, id)
    ) STRICT;
    CREATE UNIQUE INDEX feed_item_by_seq ON feed_item (collection, seq);
",
    "
    -- Towns as ',510521100,510521101,'; NULL stands for the whole county.
    -- For whom the item is.
    ALTER TABLE feed_item ADD COLUMN target TEXT;
    -- Who may have it, since it was once for them.
    ALTER TABLE feed_item ADD COLUMN reached TEXT;
",
    "
    -- The last head of each kiosk's audit chain.
    CREATE TABLE audit_head (
        kiosk TEXT PRIMARY KEY,         -- its name in the certificate
        sequence INTEGER NOT NULL,
        hash TEXT NOT NULL,
        before TEXT NOT NULL,           -- hash of the head that was signed before
        refused INTEGER NOT NULL        -- since a head did not go on from what was known
    ) STRICT;
",
    "
    -- The one certificate that counts for a name. A name that is missing here was enrolled before
    -- this table was kept, and any certificate of it counts.
    CREATE TABLE kiosk_certificate (
        kiosk TEXT PRIMARY KEY,
        fingerprint TEXT NOT NULL,      -- SHA-256; empty when it was never seen
        ends INTEGER NOT NULL,          -- seconds since 1970
        revoked TEXT                    -- since when no certificate of this name counts
    ) STRICT;
    -- The security modules that a kiosk has announced.
    CREATE TABLE kiosk_module (
        kiosk TEXT NOT NULL,
        module TEXT NOT NULL,
        since TEXT NOT NULL,
        PRIMARY KEY (kiosk, module)
    ) STRICT;
    -- What of a kiosk is not as in a hall, once a day for each kind.
    CREATE TABLE kiosk_alarm (
        kiosk TEXT NOT NULL,
        day TEXT NOT NULL,
        kind TEXT NOT NULL,
        at TEXT NOT NULL,
        detail TEXT NOT NULL,
        PRIMARY KEY (kiosk, day, kind)
    ) STRICT;
    -- Queries for accounts of one day.
    CREATE TABLE kiosk_day (
        kiosk TEXT PRIMARY KEY,
        day TEXT NOT NULL,
        queries INTEGER NOT NULL,
        failures INTEGER NOT NULL,
        outside INTEGER NOT NULL        -- queries while halls are closed
    ) STRICT;
    -- Of persons under pseudonyms, whose key lies elsewhere and lives for that day.
    CREATE TABLE person_day (
        person BLOB NOT NULL,
        kiosk TEXT NOT NULL,
        day TEXT NOT NULL,
        queries INTEGER NOT NULL,
        wrong_pins INTEGER NOT NULL,
        PRIMARY KEY (person, kiosk)
    ) STRICT, WITHOUT ROWID;
    -- Reads that were asked about, each until it is too old to be asked about.
    CREATE TABLE used_read (id TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
",
];

/// Opens `county.db` in `directory`, which is created if need be. A damaged one is set aside: what
/// is published then begins a new epoch, and kiosks fetch all of it again.
pub(super) fn open(directory: &Path) -> Result<Connection, CountyError> {
    store::private::make(directory).map_err(CountyError::file(directory))?;
    let opened = store::open(&directory.join(FILE), Kind::Ledger, MIGRATIONS)?;
    if let Some(stop) = opened.read_only {
        return Err(StoreError::new(stop, "nothing can be published").into());
    }
    if let Some(aside) = opened.set_aside {
        tracing::error!("county.db was damaged; set aside as {}", aside.display());
    }
    Ok(opened.connection)
}

/// Another connection to the `county.db` that [`open`] has opened in `directory`, so that what is
/// done there waits for no page of the feed.
pub(super) fn open_again(directory: &Path) -> Result<Connection, CountyError> {
    let there = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(directory.join(FILE), there)?;
    connection.busy_timeout(BUSY_WAIT)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // What is deleted here may be about residents.
    connection.pragma_update(None, "secure_delete", true)?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Stop;

    #[test]
    fn a_database_from_the_future_is_refused_and_left_alone() {
        let home = tempfile::tempdir().expect("a directory");
        let connection = open(home.path()).expect("opened");
        connection.pragma_update(None, "user_version", 99).expect("written");
        drop(connection);
        let refused = open(home.path());
        assert!(matches!(refused, Err(CountyError::Store(e)) if e.stop == Stop::StoreNewer));
    }

    #[test]
    fn a_damaged_database_is_set_aside_and_a_new_one_begins() {
        let home = tempfile::tempdir().expect("a directory");
        drop(open(home.path()).expect("opened"));
        std::fs::write(home.path().join(FILE), vec![0x5A; 8192]).expect("written");
        let connection = open(home.path()).expect("a new one");
        let items: i64 = connection
            .query_row("SELECT count(*) FROM feed_item", [], |row| row.get(0))
            .expect("a table");
        assert_eq!(items, 0);
        let files = std::fs::read_dir(home.path()).expect("readable").count();
        assert!(files > 1, "the damaged one is kept");
    }
}
