//! `county.db`: where it is and what is in it. Keeps no state itself.

use std::path::Path;

use rusqlite::Connection;

use super::CountyError;
use crate::store::{self, Kind, StoreError};

/// The file's name in the data directory.
const FILE: &str = "county.db";

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
