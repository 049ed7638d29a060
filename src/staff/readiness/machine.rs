//! What the operating system knows: disk, port, database file.

use std::{fs, io, os::unix::fs::FileTypeExt, path::Path};

use jiff::{Timestamp, civil::Date};
use kiosk_base::domain::Stop;
use nix::{
    sys::statvfs::statvfs,
    unistd::{AccessFlags, access},
};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::Check;

/// A clock before this day is wrong: the software did not exist.
pub(super) const EARLIEST_DAY: Date = jiff::civil::date(2026, 11, 1);

/// Below this, updates of the cache and of the software begin to fail.
const FREE_BYTES_MIN: u64 = 500 * 1024 * 1024;

/// Whether the data directory can be written and has room.
pub(super) fn disk(data: &Path) -> Check {
    if let Err(error) = try_write(data) {
        let stop = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Stop::StoreFull,
            _ => Stop::StoreReadOnly,
        };
        let message = format!("写不进目录 {}（{error}）", data.display());
        return Check::failed("disk", stop, message);
    }
    match statvfs(data) {
        // The types of these counts differ between platforms.
        #[allow(clippy::useless_conversion)]
        Ok(facts) => {
            let fragment = u64::from(facts.fragment_size());
            free_space(u64::from(facts.blocks_available()).saturating_mul(fragment))
        }
        Err(error) => {
            let message = format!("查不到剩余空间（{error}）");
            Check::failed("disk", Stop::StoreReadOnly, message)
        }
    }
}

fn free_space(bytes: u64) -> Check {
    let mebibytes = bytes / (1024 * 1024);
    if bytes < FREE_BYTES_MIN {
        let message = format!("剩余 {mebibytes} MB，少于 500 MB");
        Check::failed("disk", Stop::StoreFull, message)
    } else {
        Check::ok("disk", format!("可以写入，剩余 {mebibytes} MB"))
    }
}

/// Writes a small file and takes it away again; makes the directory as `kiosk run` would.
fn try_write(directory: &Path) -> io::Result<()> {
    kiosk_base::store::private::make(directory)?;
    let path = directory.join(".write-test");
    let written = fs::write(&path, [0; 4096]).and_then(|()| fs::File::open(&path)?.sync_all());
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => written.and(Err(error)),
        _ => written,
    }
}

/// Whether a serial port is there and may be opened.
pub(super) fn port(path: &Path) -> Result<(), Stop> {
    let facts = fs::metadata(path).map_err(|error| match error.kind() {
        io::ErrorKind::PermissionDenied => Stop::ReaderForbidden,
        _ => Stop::ReaderAbsent,
    })?;
    if !facts.file_type().is_char_device() {
        return Err(Stop::ReaderAbsent);
    }
    access(path, AccessFlags::R_OK | AccessFlags::W_OK).map_err(|_| Stop::ReaderForbidden)
}

/// Opens a database for reading only and has SQLite look through it. Says how large it is.
pub(super) fn quick_check(path: &Path) -> Result<String, Stop> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let verdict = Connection::open_with_flags(path, flags)
        .and_then(|database| {
            database.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))
        })
        .map_err(|error| database_stop(&error))?;
    if verdict != "ok" {
        return Err(Stop::StoreDamaged);
    }
    let bytes = fs::metadata(path).map(|facts| facts.len()).unwrap_or_default();
    Ok(format!("信息缓存完好，{} KB", bytes / 1024))
}

/// When a collection of the listings was last known to be complete.
pub(super) fn last_stored(listings: &Path) -> Option<Timestamp> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let sql = "SELECT max(refreshed_at) FROM collection";
    let database = Connection::open_with_flags(listings, flags).ok()?;
    let seconds: Option<i64> = database.query_row(sql, [], |row| row.get(0)).ok()?;
    Timestamp::from_second(seconds?).ok()
}

/// Damage is told apart from a file that merely cannot be opened: only damage is set aside.
fn database_stop(error: &rusqlite::Error) -> Stop {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Stop::StoreDamaged,
        _ => Stop::StoreReadOnly,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_needs_room_and_leave_to_write() {
        assert!(free_space(FREE_BYTES_MIN).ok);
        assert_eq!(free_space(FREE_BYTES_MIN - 1).code, Some(Stop::StoreFull));

        let directory = tempfile::tempdir().expect("a directory");
        assert_ne!(disk(&directory.path().join("new")).code, Some(Stop::StoreReadOnly));
        // A file in the directory's place: nobody can write into it, not even root.
        let file = directory.path().join("file");
        fs::write(&file, "").expect("it can be written");
        assert_eq!(disk(&file).code, Some(Stop::StoreReadOnly));
        assert!(directory.path().join("new").read_dir().expect("it was made").next().is_none());
    }

    #[test]
    fn a_port_is_a_character_device() {
        assert_eq!(port(Path::new("/dev/null")), Ok(()));
        assert_eq!(port(Path::new("/nonexistent")), Err(Stop::ReaderAbsent));
        assert_eq!(port(Path::new("/tmp")), Err(Stop::ReaderAbsent));
    }

    #[test]
    fn a_damaged_database_is_found() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("listings.db");
        let database = Connection::open(&path).expect("it can be made");
        database
            .execute_batch(
                "CREATE TABLE t (a TEXT); CREATE INDEX i ON t (a);
                 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000)
                 INSERT INTO t SELECT hex(randomblob(20)) FROM n;",
            )
            .expect("it can be filled");
        drop(database);
        assert!(quick_check(&path).is_ok());

        let mut bytes = fs::read(&path).expect("it is there");
        let whole = bytes.len();
        bytes[whole / 2..whole / 2 + 4096].fill(0xA5);
        fs::write(&path, &bytes).expect("it can be written");
        assert_eq!(quick_check(&path), Err(Stop::StoreDamaged));
        fs::write(&path, "<html>").expect("it can be written");
        assert_eq!(quick_check(&path), Err(Stop::StoreDamaged));
        fs::remove_file(&path).expect("it is there");
        assert_eq!(quick_check(&path), Err(Stop::StoreReadOnly), "closed is not damaged");
    }
}
