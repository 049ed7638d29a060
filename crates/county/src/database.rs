//! `county.db`: where it is and what is in it. Keeps no state itself.

use std::{path::Path, time::Duration};

use kiosk_base::store::{self, Kind, StoreError};
use rusqlite::{Connection, OpenFlags};

use super::CountyError;

/// The file's name in the data directory.
pub(super) const FILE: &str = "county.db";
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
    "
    -- Not empty where invented listings may be published.
    CREATE TABLE demonstration (made_at INTEGER NOT NULL) STRICT;
    -- What the ids that the last publishing touched were before it.
    CREATE TABLE feed_before (
        collection TEXT NOT NULL,
        id TEXT NOT NULL,
        body TEXT,                      -- NULL: it was not published
        target TEXT,
        PRIMARY KEY (collection, id)
    ) STRICT, WITHOUT ROWID;
    -- Drawn anew with each publishing, and kept beside the database as well.
    CREATE TABLE feed_mark (mark TEXT NOT NULL) STRICT;
    -- The county's own audit, a chain of hashes.
    CREATE TABLE deed (
        sequence INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,            -- milliseconds since 1970
        who TEXT NOT NULL,
        deed TEXT NOT NULL,
        detail TEXT NOT NULL,
        previous TEXT NOT NULL,         -- hash of the row before, or random
        hash TEXT NOT NULL
    ) STRICT;
    -- How each kiosk was heard last.
    CREATE TABLE kiosk_heard (
        kiosk TEXT PRIMARY KEY,         -- its name in the certificate
        at INTEGER NOT NULL,            -- seconds since 1970
        division TEXT,
        version TEXT NOT NULL,
        reader_ready INTEGER NOT NULL,
        stops TEXT NOT NULL,            -- codes with blanks between
        feed_keys TEXT NOT NULL,        -- which keys it believes, with blanks between
        feed TEXT NOT NULL              -- up to which number it has each collection, JSON
    ) STRICT;
    -- Kiosks of whose chain only the head in a backup is known, and when that was made.
    CREATE TABLE head_restored (kiosk TEXT PRIMARY KEY, backed_up_at INTEGER NOT NULL) STRICT;
",
    "
    ALTER TABLE kiosk_heard ADD COLUMN rows TEXT NOT NULL DEFAULT '{}';
    ",
    "
    -- Of certificates that hold from then on (seconds since 1970) the register is not complete: it is
    -- that of a backup, and they were issued after it.
    CREATE TABLE register_restored (incomplete_from INTEGER NOT NULL) STRICT;
    -- For which town it was issued; NULL where that was not kept, or not said.
    ALTER TABLE kiosk_certificate ADD COLUMN division TEXT;
    -- SHA-256 of the authority's certificate: another one is another county's.
    CREATE TABLE county_authority (fingerprint TEXT NOT NULL) STRICT;
    ",
    "
    -- The keys that sign the feed, have signed it or are announced: another one is another county's.
    CREATE TABLE county_feed_key (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
    ",
];

/// Opens `county.db` in `directory`, which is created if need be.
///
/// # Errors
/// As [`open_file`].
pub(super) fn open(directory: &Path) -> Result<Connection, CountyError> {
    store::private::make(directory).map_err(CountyError::file(directory))?;
    open_file(&directory.join(FILE))
}

/// Opens the database at `path`, made if there is none. A damaged one is set aside, and no empty one
/// takes its place by itself: that would know nothing of what the county has decided.
///
/// # Errors
/// When it is damaged, from a newer version, or cannot be written.
pub(super) fn open_file(path: &Path) -> Result<Connection, CountyError> {
    let opened = store::open(path, Kind::Ledger, MIGRATIONS)?;
    if let Some(stop) = opened.read_only {
        return Err(StoreError::new(stop, "什么都不能发布").into());
    }
    if let Some(aside) = opened.set_aside {
        drop(opened.connection);
        remove(path)?;
        return Err(CountyError::Site(format!(
            "county.db 已损坏，另存为 {}；请用 `county restore` 恢复备份，\
             或用 `county init` 从空的开始",
            aside.display()
        )));
    }
    Ok(opened.connection)
}

/// Removes a database with what SQLite keeps beside it.
///
/// # Errors
/// When the disk refuses.
pub(super) fn remove(path: &Path) -> Result<(), CountyError> {
    for suffix in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(suffix);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(CountyError::file(file)(error));
            }
            _ => {}
        }
    }
    Ok(())
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
    use kiosk_base::domain::Stop;

    use super::*;

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
    fn a_damaged_database_is_set_aside_and_none_takes_its_place_by_itself() {
        let home = tempfile::tempdir().expect("a directory");
        drop(open(home.path()).expect("opened"));
        std::fs::write(home.path().join(FILE), vec![0x5A; 8192]).expect("written");
        let error = open(home.path()).expect_err("damaged").to_string();
        assert!(error.contains("county restore"), "{error}");
        let files = std::fs::read_dir(home.path()).expect("readable");
        let names = files.map(|file| file.expect("one").file_name().into_string().expect("plain"));
        // Beside it lies what tells whose turn it is to write.
        let names: Vec<_> = names.filter(|name| !name.ends_with("-turn")).collect();
        assert_eq!(names.len(), 1, "only the damaged one is kept: {names:?}");
        assert_ne!(names[0], FILE);
        open(home.path()).expect("a new one, for who makes it");
    }
}
