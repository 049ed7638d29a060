//! SQLite: open, check, migrate, set aside what is damaged.
//!
//! Two kinds of database live on a kiosk. A *cache* can be fetched again, so it syncs rarely; a
//! *ledger* holds what must never be lost, so every commit reaches the disk. Both are checked when
//! they are opened, and taken away from everybody but their owner ([`private`]). A damaged file is
//! renamed, never repaired in place and never dropped in silence: the caller learns where it went. Keeps no state of its own.

use std::{
    ffi::OsString,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::domain::Stop;

mod ledger;
pub mod private;
pub mod secret;
mod set_aside;
mod steps;
pub mod whole;

pub use ledger::Ledger;
pub use steps::{Steps, Turn};

/// How long a statement waits for another process that is writing.
const BUSY_WAIT: Duration = Duration::from_secs(5);
/// How often it looks. SQLite's own waiting looks ten times a second in the end, and misses the gaps
/// that [`Steps`] leaves.
const POLL: Duration = Duration::from_millis(1);
/// Memory for the writer's pages, in KiB: an index into which rows fall at random wants more than
/// SQLite's 2 MB.
const PAGE_MEMORY_KIB: i32 = 8 << 10;
/// Memory for the pages of a check, which reads each of them once.
const CHECK_MEMORY_KIB: i32 = 256;
/// Pages after which a cache's WAL is copied into it, 64 MB: each copying waits for the disk twice,
/// and a page that a refresh changes again and again is then copied once.
const CACHE_CHECKPOINT_PAGES: i32 = 16_000;
/// The same for a ledger, whose commits are small: SQLite's own figure.
const LEDGER_CHECKPOINT_PAGES: i32 = 1_000;
/// Where the WAL file is cut back to after a checkpoint, in bytes.
const WAL_KEPT_BYTES: u32 = 64 << 20;

/// What a database is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Can be thrown away and fetched again.
    Cache,
    /// Must never lose a committed row.
    Ledger,
}

/// A database that can be used.
#[derive(Debug)]
pub struct Opened {
    /// The connection. The only one that writes, by the caller's promise.
    pub connection: Connection,
    /// Where a damaged file went, when there was one. The database is then a new, empty one.
    pub set_aside: Option<PathBuf>,
    /// Why nothing can be written, when the disk allows only reading.
    pub read_only: Option<Stop>,
}

/// Why a database could not be used: the stop for people, and a detail for the log that holds
/// statement and column names but no values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", .stop.code())]
pub struct StoreError {
    /// What failed.
    pub stop: Stop,
    /// For the log.
    pub detail: String,
}

impl StoreError {
    /// An error that `detail` explains.
    pub fn new(stop: Stop, detail: impl Into<String>) -> Self {
        Self { stop, detail: detail.into() }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        // A full disk shows itself in the shared-memory file as an I/O error.
        const SHARED_MEMORY_TOO_SMALL: i32 = rusqlite::ffi::SQLITE_IOERR_SHMSIZE;
        let stop = match error.sqlite_error() {
            Some(e) if e.extended_code == SHARED_MEMORY_TOO_SMALL => Stop::StoreFull,
            Some(e) => match e.code {
                ErrorCode::DiskFull => Stop::StoreFull,
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Stop::StoreBusy,
                ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied
                | ErrorCode::CannotOpen
                | ErrorCode::SystemIoFailure => Stop::StoreReadOnly,
                // Corruption, and whatever else a sound database would not answer.
                _ => Stop::StoreDamaged,
            },
            // A value of another type than the schema says.
            None => Stop::StoreDamaged,
        };
        Self::new(stop, error.to_string())
    }
}

/// Opens the database at `path` for its one writer, checks it and brings it to the newest schema.
/// The directory must exist. `migrations` are SQL texts; the first leads from an empty database to
/// version 1, and none is ever changed after a release.
///
/// A damaged database is set aside and a new one made. When the disk allows no writing, the
/// database is opened for reading alone and [`Opened::read_only`] says why.
///
/// # Errors
/// [`Stop::StoreNewer`] for a schema that this version does not know; [`Stop::StoreFull`] or
/// [`Stop::StoreReadOnly`] when there is no database and none can be made; [`Stop::StoreBusy`]
/// when another process keeps it locked.
pub fn open(path: &Path, kind: Kind, migrations: &[&str]) -> Result<Opened, StoreError> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory = directory.unwrap_or(Path::new("."));
    private::keep(directory);
    let first = match remains(path) {
        Some(remains) => Err(StoreError::new(Stop::StoreDamaged, remains)),
        None => open_to_write(path, kind, migrations),
    };
    match first {
        Ok(connection) => Ok(Opened { connection, set_aside: None, read_only: None }),
        Err(error) if error.stop == Stop::StoreDamaged => {
            let aside = set_aside(path, kind)?;
            let connection = open_to_write(path, kind, migrations)?;
            Ok(Opened { connection, set_aside: Some(aside), read_only: None })
        }
        Err(error) if matches!(error.stop, Stop::StoreReadOnly | Stop::StoreFull) => {
            let connection = open_to_read(path, migrations.len()).map_err(|_| error.clone())?;
            check(&connection, kind)?;
            Ok(Opened { connection, set_aside: None, read_only: Some(error.stop) })
        }
        Err(error) => Err(error),
    }
}

/// Opens another connection to a database that [`open`] has prepared, for reading alone.
/// `version` is the number of migrations.
///
/// # Errors
/// [`Stop::StoreNewer`] or [`Stop::StoreDamaged`] when the schema is another one;
/// [`Stop::StoreReadOnly`] when there is no such file.
pub fn open_to_read(path: &Path, version: usize) -> Result<Connection, StoreError> {
    if let Some(remains) = remains(path) {
        return Err(StoreError::new(Stop::StoreDamaged, remains));
    }
    let live = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let attempt = |connection: rusqlite::Result<Connection>| -> Result<_, StoreError> {
        let connection = connection?;
        connection.busy_timeout(BUSY_WAIT)?;
        connection.pragma_update(None, "query_only", true)?;
        connection.pragma_update(None, "trusted_schema", false)?;
        expect_version(&connection, version)?;
        Ok(connection)
    };
    match attempt(Connection::open_with_flags(path, live)) {
        // On a disk that allows no shared-memory file the WAL cannot be used. What the last
        // checkpoint left is read instead: older listings, but whole ones.
        Err(error) if matches!(error.stop, Stop::StoreReadOnly | Stop::StoreFull) => {
            let frozen = OpenFlags::SQLITE_OPEN_READ_ONLY
                | OpenFlags::SQLITE_OPEN_URI
                | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            attempt(Connection::open_with_flags(immutable_uri(path), frozen))
        }
        other => other,
    }
}

/// Renames the database at `path` with its companions and says under which name it is now. For a
/// damage that shows itself only in use; [`open`] does this by itself.
///
/// # Errors
/// [`Stop::StoreReadOnly`] when the disk refuses.
pub fn set_aside(path: &Path, kind: Kind) -> Result<PathBuf, StoreError> {
    set_aside::set_aside(path, kind)
        .map_err(|e| StoreError::new(Stop::StoreReadOnly, format!("另存不了：{e}")))
}

/// The file that SQLite keeps beside `path`: its write-ahead log or its shared memory.
fn companion(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// What SQLite would take for a new database although there was one: an empty file, or a log whose
/// database is gone.
fn remains(path: &Path) -> Option<&'static str> {
    let length = |path: &Path| std::fs::metadata(path).map(|m| m.len()).ok();
    match length(path) {
        Some(0) => Some("文件是空的"),
        None if length(&companion(path, "-wal")).is_some_and(|n| n > 0) => {
            Some("文件没了，只剩它的日志")
        }
        _ => None,
    }
}

fn open_to_write(path: &Path, kind: Kind, migrations: &[&str]) -> Result<Connection, StoreError> {
    if !path.exists() {
        make(path, kind, migrations)?;
    }
    let mut connection = connect(path, kind)?;
    connection.pragma_update(None, "cache_size", -CHECK_MEMORY_KIB)?;
    check(&connection, kind)?;
    connection.pragma_update(None, "cache_size", -PAGE_MEMORY_KIB)?;
    migrate(&mut connection, migrations)?;
    Ok(connection)
}

/// Makes a database beside its place and puts it there whole, or not at all: a full disk or a power
/// cut leaves nothing that looks like one that was lost.
fn make(path: &Path, kind: Kind, migrations: &[&str]) -> Result<(), StoreError> {
    let _turn = Turn::take(path, BUSY_WAIT)?;
    if path.exists() {
        return Ok(());
    }
    let new = companion(path, "-new");
    let clear = || {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            // What cannot be removed is met again below.
            let _ = fs::remove_file(companion(&new, suffix));
        }
    };
    let put = || -> Result<(), StoreError> {
        let mut connection = connect(&new, kind)?;
        migrate(&mut connection, migrations)?;
        // Beyond this its log is empty and can be left behind.
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        connection.close().map_err(|(_, error)| error)?;
        let place = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let put = fs::rename(&new, path).and_then(|()| fs::File::open(place)?.sync_all());
        put.map_err(|e| StoreError::new(Stop::StoreReadOnly, format!("放不回原处：{e}")))
    };
    clear();
    let made = put();
    if made.is_err() {
        clear();
    }
    made
}

/// Gives back the memory in which long work kept pages ([`PAGE_MEMORY_KIB`]): before a connection is
/// left alone for long.
///
/// # Errors
/// When the connection cannot be used.
pub fn give_back(connection: &Connection) -> Result<(), StoreError> {
    Ok(connection.execute_batch("PRAGMA shrink_memory")?)
}

/// Reads the whole of a database and says whether its structure is sound, indexes and all.
///
/// # Errors
/// [`Stop::StoreDamaged`], with the first thing that is not.
pub fn examine(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "cell_size_check", true)?;
    let found: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if found == "ok" { Ok(()) } else { Err(StoreError::new(Stop::StoreDamaged, found)) }
}

/// Another connection that writes, to a database that [`open`] has prepared: for long work beside
/// its writer.
///
/// # Errors
/// As [`open`]; nothing is set aside.
pub fn open_beside(path: &Path, kind: Kind, version: usize) -> Result<Connection, StoreError> {
    let connection = connect(path, kind)?;
    expect_version(&connection, version)?;
    Ok(connection)
}

fn connect(path: &Path, kind: Kind) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    if connection.is_readonly("main")? {
        return Err(StoreError::new(Stop::StoreReadOnly, "文件是只读的"));
    }
    // SQLite gives its companions the rights of the file, and it is there from here on.
    for file in ["", "-wal", "-shm"].map(|suffix| companion(path, suffix)) {
        if let Err(error) = private::take_from_others(&file) {
            tracing::warn!("{}: others may read it: {error}", file.display());
        }
    }
    // Whoever is going to write says so at once: one that read first and then finds that another has
    // written may not wait, but must begin anew.
    connection.set_transaction_behavior(TransactionBehavior::Immediate);
    wait_patiently(&mut connection)?;
    let (synchronous, checkpoint_pages) = match kind {
        Kind::Cache => ("NORMAL", CACHE_CHECKPOINT_PAGES),
        Kind::Ledger => ("FULL", LEDGER_CHECKPOINT_PAGES),
    };
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "cache_size", -PAGE_MEMORY_KIB)?;
    connection.pragma_update(None, "wal_autocheckpoint", checkpoint_pages)?;
    connection.pragma_update(None, "journal_size_limit", WAL_KEPT_BYTES)?;
    Ok(connection)
}

/// A statement that meets another's lock looks every [`POLL`], for [`BUSY_WAIT`].
fn wait_patiently(connection: &mut Connection) -> Result<(), StoreError> {
    let mut begun = Instant::now();
    let wait = move |times: i32| {
        if times == 0 {
            begun = Instant::now();
        }
        let patient = begun.elapsed() < BUSY_WAIT;
        if patient {
            thread::sleep(POLL);
        }
        patient
    };
    Ok(connection.busy_handler(Some(wait))?)
}

/// Reads every page of every table once and compares the structure.
///
/// A ledger is checked whole. In a cache each table is checked by itself: that leaves out the full
/// walk through a text index, which takes seconds and whose loss costs one refresh.
fn check(connection: &Connection, kind: Kind) -> Result<(), StoreError> {
    let verdict = |argument: Option<&str>| -> Result<(), StoreError> {
        let mut findings = Vec::<String>::new();
        let collect = |row: &rusqlite::Row<'_>| {
            findings.push(row.get(0)?);
            Ok(())
        };
        match argument {
            None => connection.pragma_query(None, "quick_check", collect)?,
            Some(table) => connection.pragma(None, "quick_check", table, collect)?,
        }
        match findings.as_slice() {
            [only] if only == "ok" => Ok(()),
            findings => Err(StoreError::new(
                Stop::StoreDamaged,
                findings.first().cloned().unwrap_or_else(|| "检查没有结果".into()),
            )),
        }
    };
    match kind {
        Kind::Ledger => verdict(None),
        Kind::Cache => {
            let mut tables = connection
                .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0")?;
            let names = tables.query_map([], |row| row.get(0))?;
            names.collect::<Result<Vec<String>, _>>()?.iter().try_for_each(|n| verdict(Some(n)))
        }
    }
}

fn migrate(connection: &mut Connection, migrations: &[&str]) -> Result<(), StoreError> {
    if version(connection)? == migrations.len() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Asked again, now that no other process can be migrating.
    let version = version(&transaction)?;
    let missing = migrations.get(version..).ok_or_else(|| newer(version, migrations.len()))?;
    for sql in missing {
        transaction.execute_batch(sql)?;
    }
    let version = u32::try_from(migrations.len()).expect("migrations are few");
    transaction.pragma_update(None, "user_version", version)?;
    Ok(transaction.commit()?)
}

fn expect_version(connection: &Connection, expected: usize) -> Result<(), StoreError> {
    match version(connection)? {
        version if version == expected => Ok(()),
        version if version > expected => Err(newer(version, expected)),
        version => Err(StoreError::new(
            Stop::StoreDamaged,
            format!("数据库版本 {version}，应为 {expected}"),
        )),
    }
}

fn version(connection: &Connection) -> Result<usize, StoreError> {
    let version: i32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    usize::try_from(version).map_err(|_| StoreError::new(Stop::StoreDamaged, "数据库版本是负数"))
}

fn newer(version: usize, known: usize) -> StoreError {
    StoreError::new(Stop::StoreNewer, format!("数据库版本 {version}，本软件只认到 {known}"))
}

/// `path` as a URI that tells SQLite the file cannot change.
fn immutable_uri(path: &Path) -> String {
    let mut uri = String::from("file:");
    for &byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            write!(uri, "%{byte:02X}").expect("writing into a String cannot fail");
        }
    }
    uri.push_str("?immutable=1");
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "CREATE TABLE note (text TEXT NOT NULL) STRICT;";
    const TWO: &str = "ALTER TABLE note ADD COLUMN day INTEGER;";

    fn place() -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("notes 100%?.db");
        (directory, path)
    }

    fn notes(connection: &Connection) -> i64 {
        connection
            .query_row("SELECT count(*) FROM note", [], |row| row.get(0))
            .expect("the table is there")
    }

    #[test]
    fn an_older_schema_is_migrated_and_a_newer_one_refused() {
        let (_directory, path) = place();
        let opened = open(&path, Kind::Ledger, &[ONE]).expect("new");
        opened.connection.execute("INSERT INTO note VALUES ('a')", []).expect("insert");
        drop(opened);

        let opened = open(&path, Kind::Ledger, &[ONE, TWO]).expect("migrated");
        assert_eq!(opened.set_aside, None);
        assert_eq!(notes(&opened.connection), 1);
        drop(opened);

        let error = open(&path, Kind::Ledger, &[ONE]).expect_err("newer");
        assert_eq!(error.stop, Stop::StoreNewer);
        assert_eq!(open_to_read(&path, 1).expect_err("newer").stop, Stop::StoreNewer);
        assert_eq!(notes(&open_to_read(&path, 2).expect("readable")), 1);
    }

    #[test]
    fn a_migration_that_fails_leaves_the_old_schema() {
        let (_directory, path) = place();
        drop(open(&path, Kind::Cache, &[ONE]).expect("new"));
        let mut connection = Connection::open(&path).expect("open");
        let error = migrate(&mut connection, &[ONE, TWO, "nonsense"]).expect_err("no SQL");
        assert_eq!(error.stop, Stop::StoreDamaged);
        assert_eq!(version(&connection).expect("version"), 1);
    }

    #[test]
    fn the_ledger_syncs_every_commit_and_the_cache_does_not() {
        let (_directory, path) = place();
        let synchronous = |kind| -> (i64, String) {
            let connection = open(&path, kind, &[ONE]).expect("open").connection;
            let pragma = |name| connection.pragma_query_value(None, name, |row| row.get(0));
            let mode = connection.pragma_query_value(None, "journal_mode", |row| row.get(0));
            (pragma("synchronous").expect("a number"), mode.expect("a word"))
        };
        assert_eq!(synchronous(Kind::Cache), (1, "wal".into()));
        assert_eq!(synchronous(Kind::Ledger), (2, "wal".into()));
    }

    #[test]
    fn damage_of_every_kind_is_set_aside_with_its_companions() {
        let whole = {
            let (_directory, path) = place();
            let connection = open(&path, Kind::Ledger, &[ONE]).expect("new").connection;
            connection
                .execute_batch(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 2000)
                     INSERT INTO note SELECT printf('%080d', i) FROM n",
                )
                .expect("rows");
            drop(connection);
            std::fs::read(&path).expect("the database")
        };
        let mut flipped = whole.clone();
        // The cell pointers of a page in the middle of the table.
        let page = flipped.len() / 4096 / 2 * 4096;
        flipped[page..page + 64].fill(0xFF);
        for damaged in
            [&b"<html>not a database</html>"[..], b"", &whole[..whole.len() / 2], &flipped]
        {
            for kind in [Kind::Cache, Kind::Ledger] {
                let (_directory, path) = place();
                std::fs::write(&path, damaged).expect("write");
                std::fs::write(companion(&path, "-wal"), b"old log").expect("write");
                let opened = open(&path, kind, &[ONE]).expect("a new one");
                let aside = opened.set_aside.expect("the damage is reported");
                assert_eq!(std::fs::read(&aside).expect("kept"), damaged);
                assert_eq!(notes(&opened.connection), 0);
            }
        }
    }

    #[test]
    fn a_log_without_its_database_is_not_lost_in_silence() {
        let (_directory, path) = place();
        std::fs::write(companion(&path, "-wal"), b"rows").expect("write");
        let opened = open(&path, Kind::Ledger, &[ONE]).expect("a new one");
        let aside = opened.set_aside.expect("reported");
        assert_eq!(std::fs::read(companion(&aside, "-wal")).expect("kept"), b"rows");
    }

    #[test]
    fn a_database_is_its_owners_alone_from_the_start_and_again_when_it_was_not() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        for kind in [Kind::Cache, Kind::Ledger] {
            let (directory, path) = place();
            let modes = || {
                let files = ["", "-wal", "-shm"].map(|suffix| companion(&path, suffix));
                let [db, wal, shm] = files.map(|file| file.metadata().expect("there").mode());
                [directory.path().metadata().expect("there").mode(), db, wal, shm]
                    .map(|m| m & 0o777)
            };
            let set = |path: &Path, mode| {
                std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
                    .expect("ours");
            };
            set(directory.path(), 0o755);
            let first = open(&path, kind, &[ONE]).expect("new");
            assert_eq!(modes(), [0o700, 0o600, 0o600, 0o600]);
            for suffix in ["", "-wal", "-shm"] {
                set(&companion(&path, suffix), 0o644);
            }
            set(directory.path(), 0o755);
            drop(open(&path, kind, &[ONE]).expect("again"));
            assert_eq!(modes(), [0o700, 0o600, 0o600, 0o600]);
            drop(first);
        }
    }

    #[test]
    fn a_locked_database_says_so_and_is_not_taken_for_damaged() {
        let (_directory, path) = place();
        let one = open(&path, Kind::Cache, &[ONE]).expect("new").connection;
        let two = open(&path, Kind::Cache, &[ONE]).expect("again").connection;
        one.execute_batch("BEGIN IMMEDIATE").expect("lock");
        two.busy_timeout(Duration::ZERO).expect("no wait");
        let error = two.execute("INSERT INTO note VALUES ('b')", []).expect_err("locked");
        assert_eq!(StoreError::from(error).stop, Stop::StoreBusy);
    }
}
