//! Backup and restore of a county.
//!
//! A backup is a directory with a copy of `county.db`, made by SQLite itself beside a running
//! service, and the authority and keys without which no kiosk would know the county again. So it is
//! to be kept as safe as the county itself.
//!
//! Restoring brings back what was published, under a new epoch of the feed: kiosks fetch all of it
//! again and show neither what was withdrawn since the backup nor old titles. What the county knows
//! of its kiosks (audit heads, how they were heard, its own audit and all else) is never set back
//! while it can be read: a database that is sound keeps everything but the listings. Only one that
//! is lost is replaced as a whole; then the heads of the kiosks' audits are those of the backup, and
//! that is remembered, so that a kiosk whose chain began anew since can be told from one that was
//! tampered with. Keeps no state of its own.

use std::{fs, path::Path, time::Duration};

use jiff::Timestamp;
use kiosk_base::{clock, store::secret};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, backup::Backup, params};

use super::{
    Authority, CountyError, Feed, Site,
    authority::{kiosk_begins, write_public, write_secret},
    database,
    deeds::{self, Deed},
    feed::mark,
    signing,
    site::KEYS,
};

/// Keys that there are only while one is changed.
const OTHER_KEYS: [&str; 2] = ["feed.next.key", "feed.former.key"];
/// What says of a directory that it is a backup: who worked in it would change what he may need.
pub(super) const MARK: &str = "backup";
/// What stands there, for who looks into it.
const MARKED: &str = "这是一个备份。县级服务不能直接用它：请用 `county restore` 恢复。\n";
/// Pages that are copied at a time; between two others may write.
const PAGES: i32 = 1_000;
/// The database while it is copied.
const COPY: &str = "county.db.copy";

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// When the backup was made.
    pub backed_up_at: Option<Timestamp>,
    /// Whether the database that was there was kept but for the listings.
    pub kept_database: bool,
    /// Keys that were missing and are now those of the backup.
    pub keys: Vec<&'static str>,
}

/// Copies the county of `feed` to `out`, which must not exist: whole or not at all.
///
/// # Errors
/// When it exists, or the disk or the database fails.
pub fn backup(feed: &Feed, out: &Path) -> Result<(), CountyError> {
    if out.exists() {
        let there = format!("{} 已经有了；请写一个新目录", out.display());
        return Err(CountyError::Site(there));
    }
    // What is no county any more is no backup either, and what lies in the county is lost with it.
    pairs(feed.directory())?;
    let whole = std::path::absolute(out).map_err(CountyError::file(out))?;
    let nearest = whole.ancestors().find_map(|there| there.canonicalize().ok());
    let own = feed.directory().canonicalize().map_err(CountyError::file(feed.directory()))?;
    if nearest.is_some_and(|nearest| nearest.starts_with(own)) {
        let there = format!("{} 在县的目录里面，会和它一起丢失；请写别处", out.display());
        return Err(CountyError::Site(there));
    }
    let mut new = out.as_os_str().to_owned();
    new.push(".new");
    let new = Path::new(&new);
    if new.exists() {
        clear(new)?;
    }
    let mut directory = fs::DirBuilder::new();
    #[cfg(unix)]
    // A stick knows no owners, and takes this all the same.
    std::os::unix::fs::DirBuilderExt::mode(&mut directory, 0o700);
    directory.recursive(true).create(new).map_err(CountyError::file(new))?;
    // The backup knows that it is one.
    feed.record(Deed::BackedUp, &out.display().to_string(), |_| Ok(()))?;
    let copy = new.join(database::FILE);
    copy_database(&feed.directory().join(database::FILE), &copy)?;
    let sound = database::open_file(&copy)?;
    // What is counted about persons is of today, and no business of a backup's.
    sound.execute_batch(
        "PRAGMA secure_delete = ON; DELETE FROM person_day; DELETE FROM used_read;",
    )?;
    in_one_file(&sound)?;
    sound.close().map_err(|(_, error)| error)?;
    for key in KEYS.into_iter().chain(OTHER_KEYS) {
        let from = feed.directory().join(key);
        if from.exists() {
            copy_key(&from, &new.join(key))?;
        }
    }
    write_public(&new.join(MARK), MARKED)?;
    let sync = |path: &Path| fs::File::open(path).and_then(|directory| directory.sync_all());
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty());
    let placed = sync(&copy)
        .and_then(|()| sync(new))
        .and_then(|()| fs::rename(new, out))
        .and_then(|()| sync(parent.unwrap_or(Path::new("."))));
    placed.map_err(CountyError::file(out))
}

/// Removes what a backup that was interrupted has left, and nothing else: what a hand put there stays,
/// and is named.
fn clear(new: &Path) -> Result<(), CountyError> {
    let file = CountyError::file(new);
    let database = ["", "-wal", "-shm", "-journal"].map(|end| format!("{}{end}", database::FILE));
    let is_own = |name: &str| {
        KEYS.into_iter().chain(OTHER_KEYS).chain([MARK]).any(|own| own == name)
            || database.iter().any(|own| own == name)
    };
    let foreign = |what: &str| {
        let new = new.display();
        Err(CountyError::Site(format!("{new} {what}，挡住了备份；请看一看，把它移走")))
    };
    let entries = match fs::symlink_metadata(new) {
        Ok(facts) if !facts.is_dir() => return foreign("不是目录"),
        Ok(_) => fs::read_dir(new).and_then(Iterator::collect::<Result<Vec<_>, _>>),
        Err(error) => Err(error),
    };
    let entries = entries.map_err(CountyError::file(new))?;
    for entry in &entries {
        let name = entry.file_name();
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if !is_file || !name.to_str().is_some_and(is_own) {
            return foreign(&format!("里面有 {}", name.display()));
        }
    }
    let removed = entries.iter().try_for_each(|entry| secret::destroy(&entry.path()).map(drop));
    removed.and_then(|()| fs::remove_dir(new)).map_err(file)
}

/// Checks that `from` is a backup, and that of the county in `directory` if there is one. Changes
/// nothing.
///
/// # Errors
/// When it is not, or a file cannot be read.
pub fn check(from: &Path, directory: &Path) -> Result<(), CountyError> {
    if KEYS.iter().chain([&database::FILE]).any(|part| !from.join(part).exists()) {
        let none = format!("{} 不是备份；备份用 `county backup` 做", from.display());
        return Err(CountyError::Site(none));
    }
    pairs(from)?;
    if ["feed.key", "feed.pub"].iter().all(|key| directory.join(key).exists()) {
        signing::check(directory)?;
    }
    let authority = directory.join(KEYS[0]);
    if authority.exists() {
        let read = |path: &Path| fs::read(path).map_err(CountyError::file(path));
        if read(&authority)? != read(&from.join(KEYS[0]))? {
            return Err(CountyError::Site(format!(
                "{} 里是另一个县，和备份不是一个；请恢复到单独的目录",
                directory.display()
            )));
        }
    }
    Ok(())
}

/// Checks that what belongs together in a county does.
fn pairs(directory: &Path) -> Result<(), CountyError> {
    Authority::open(directory)?;
    signing::check(directory)
}

/// Restores the backup in `from` into `directory`, where nobody may be working.
///
/// # Errors
/// When `from` is no backup, `directory` holds another county, or the disk or a database fails.
/// Then what is published is as before.
pub fn restore(from: &Path, directory: &Path) -> Result<Restored, CountyError> {
    check(from, directory)?;
    let source = from.join(database::FILE);
    let _alone = Site::alone(directory)?;
    let copy = directory.join(COPY);
    database::remove(&copy)?;
    // Checked, and brought to the newest schema.
    let restored = copy_database(&source, &copy).and_then(|()| database::open_file(&copy));
    let restored = match restored {
        Ok(restored) => restored,
        Err(error) => {
            tracing::error!("the database of the backup: {error}");
            database::remove(&copy)?;
            let damaged = format!("{} 读不出来，可能已损坏；请换一份备份", source.display());
            return Err(CountyError::Site(damaged));
        }
    };
    let backed_up_at = backed_up_at(&restored)?;
    let keys = missing_keys(from, directory)?;
    let words = told(from, backed_up_at);
    let present = directory.join(database::FILE);
    let kept_database = present.exists()
        && match database::open_file(&present) {
            Ok(_) => true,
            // Damaged, and set aside.
            Err(CountyError::Site(_)) => false,
            Err(other) => return Err(other),
        };
    if kept_database {
        restored.close().map_err(|(_, error)| error)?;
        take_listings(directory, &copy, &words)?;
        database::remove(&copy)?;
    } else {
        become_whole(restored, directory, &copy, &words, backed_up_at)?;
    }
    Ok(Restored { backed_up_at, kept_database, keys })
}

/// Takes the listings of the copy into the database that is there.
fn take_listings(directory: &Path, copy: &Path, words: &str) -> Result<(), CountyError> {
    let mut connection = database::open(directory)?;
    let path = copy.to_str().ok_or_else(|| {
        CountyError::Site(format!("{}：目录名不是文字，请改名", directory.display()))
    })?;
    connection.execute("ATTACH ?1 AS backup", [path])?;
    {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(
            "DELETE FROM feed_item;
             INSERT INTO feed_item SELECT * FROM backup.feed_item;
             DELETE FROM feed_before;
             INSERT INTO feed_before SELECT * FROM backup.feed_before;",
        )?;
        begin(&transaction, directory, words)?;
        transaction.commit()?;
    }
    connection.execute("DETACH backup", [])?;
    mark::settle(&mut connection, directory)?;
    deeds::begin_head(&connection, directory)
}

/// Puts the copy in the place of a database that is lost.
fn become_whole(
    mut copy: Connection,
    directory: &Path,
    path: &Path,
    words: &str,
    backed_up_at: Option<Timestamp>,
) -> Result<(), CountyError> {
    let at = backed_up_at.map_or(0, Timestamp::as_second);
    let transaction = copy.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute(
        "INSERT OR REPLACE INTO head_restored SELECT kiosk, ?1 FROM audit_head",
        params![at],
    )?;
    if let Some(at) = backed_up_at {
        // Certificates are issued for whole days, and begin one early.
        let issued_from = kiosk_begins(at).as_second();
        transaction.execute("INSERT INTO register_restored VALUES (?1)", [issued_from])?;
    }
    begin(&transaction, directory, words)?;
    transaction.commit()?;
    in_one_file(&copy)?;
    copy.close().map_err(|(_, error)| error)?;
    let place = directory.join(database::FILE);
    database::remove(&place)?;
    let placed = fs::File::open(path)
        .and_then(|file| file.sync_all())
        .and_then(|()| fs::rename(path, &place))
        .and_then(|()| fs::File::open(directory)?.sync_all());
    placed.map_err(CountyError::file(&place))?;
    let mut connection = database::open(directory)?;
    mark::settle(&mut connection, directory)?;
    deeds::begin_head(&connection, directory)
}

/// Another feed begins, and the county's audit says so.
fn begin(
    transaction: &rusqlite::Transaction<'_>,
    directory: &Path,
    words: &str,
) -> Result<(), CountyError> {
    mark::begin_epoch(transaction)?;
    deeds::note(transaction, Deed::Restored, words)?;
    mark::renew(transaction, directory)
}

fn told(from: &Path, backed_up_at: Option<Timestamp>) -> String {
    match backed_up_at {
        Some(at) => {
            let at = clock::wall(at).strftime("%Y-%m-%d %H:%M");
            format!("{}，备份于 {at}", from.display())
        }
        None => from.display().to_string(),
    }
}

fn backed_up_at(connection: &Connection) -> Result<Option<Timestamp>, CountyError> {
    let sql = "SELECT at FROM deed WHERE deed = ?1 ORDER BY sequence DESC LIMIT 1";
    let at: Option<i64> =
        connection.query_row(sql, [Deed::BackedUp.as_str()], |row| row.get(0)).optional()?;
    Ok(at.and_then(|at| Timestamp::from_millisecond(at).ok()))
}

/// Copies the keys that are not there any more; those that are there may be newer.
fn missing_keys(from: &Path, directory: &Path) -> Result<Vec<&'static str>, CountyError> {
    let is_lost = |key: &&str| !directory.join(key).exists();
    let mut keys: Vec<_> = KEYS.into_iter().filter(is_lost).collect();
    if keys.contains(&"feed.key") {
        // Without the present key those of its change are another story's.
        let there = |key: &&str| from.join(key).exists();
        keys.extend(OTHER_KEYS.into_iter().filter(is_lost).filter(there));
    }
    for key in &keys {
        copy_key(&from.join(key), &directory.join(key))?;
    }
    if keys.contains(&"feed.key") {
        // The public halves of those that are there now.
        signing::publish(directory)?;
    }
    Ok(keys)
}

fn copy_key(from: &Path, to: &Path) -> Result<(), CountyError> {
    let text = fs::read_to_string(from).map(zeroize::Zeroizing::new);
    let text = text.map_err(CountyError::file(from))?;
    match to.extension().is_some_and(|kind| kind == "key") {
        true => write_secret(to, &text),
        false => write_public(to, &text),
    }
}

/// Leaves no log beside the database: it can be read from a disk that allows nothing else.
fn in_one_file(connection: &Connection) -> Result<(), CountyError> {
    Ok(connection.pragma_update(None, "journal_mode", "DELETE")?)
}

/// A copy by SQLite's own means: consistent, whoever writes meanwhile.
fn copy_database(from: &Path, to: &Path) -> Result<(), CountyError> {
    use rusqlite::OpenFlags;

    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(to).map_err(CountyError::file(to))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let source = Connection::open_with_flags(from, flags)?;
    source.busy_timeout(Duration::from_secs(5))?;
    let mut copy = Connection::open(to)?;
    {
        let backup = Backup::new(&source, &mut copy)?;
        backup.run_to_completion(PAGES, Duration::from_millis(1), None)?;
    }
    in_one_file(&copy)?;
    copy.close().map_err(|(_, error)| error)?;
    Ok(())
}
