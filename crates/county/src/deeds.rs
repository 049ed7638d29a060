//! The county's own audit: what was done at its command line, when, and under which account of the
//! machine; in a chain of hashes like that of the kiosks (`audit` of the kiosk). A deed and its row are
//! one transaction. Nothing about a resident stands in it.
//!
//! A chain does not show that its last rows are gone. So the newest row is signed with the feed key and
//! kept beside the database (`keep_head`), as a kiosk keeps the head that its county has signed.
//!
//! State: the table `deed` of `county.db`, the file `deed-head`.

use std::{fs, io, path::Path};

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;
use kiosk_base::{domain::hex::hex, store::whole};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use serde::{Deserialize, Serialize};

use super::{CountyError, Feed, FeedKey, authority::kiosk_begins, signing, worded::worded};

/// The file with the newest row's head, in the county's directory.
const HEAD: &str = "deed-head";

/// Most characters of what a row says.
const DETAIL_CHARS: usize = 400;

worded! {
    /// What was done.
    pub enum Deed {
        /// The county was made.
        Made = ("made", "建立"),
        /// A kiosk got a certificate.
        Enrolled = ("enrolled", "登记终端"),
        /// A kiosk's certificates were revoked.
        Revoked = ("revoked", "吊销证书"),
        /// A set of listings was published.
        Published = ("published", "发布"),
        /// The set before was put back.
        PutBack = ("put_back", "恢复上一套"),
        /// A kiosk's audit chain may begin anew.
        HeadForgotten = ("head_forgotten", "重新开始终端的审计"),
        /// The next feed key was announced.
        KeyAnnounced = ("key_announced", "预告密钥"),
        /// The announced key was taken back before it signed.
        KeyWithdrawn = ("key_withdrawn", "收回预告的密钥"),
        /// The announced key signs.
        KeySwitched = ("key_switched", "换用密钥"),
        /// The key before signs again.
        KeyTakenBack = ("key_taken_back", "换回密钥"),
        /// The key before is no longer published.
        KeyDropped = ("key_dropped", "去掉密钥"),
        /// A backup was made.
        BackedUp = ("backed_up", "备份"),
        /// A backup was restored.
        Restored = ("restored", "恢复备份"),
        /// The database was found to be another than the one that was published into last.
        FoundPutBack = ("found_put_back", "发现数据库被换过"),
    }
}

/// A row of the county's own audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// From 1 without gaps.
    pub sequence: u64,
    /// When.
    pub at: Timestamp,
    /// The account of the machine.
    pub who: String,
    /// [`Deed::as_str`], or the word of another version.
    pub deed: String,
    /// What exactly.
    pub detail: String,
}

impl Row {
    /// What was done, in words; the word of another version stays as it is.
    pub fn deed_in_words(&self) -> &str {
        Deed::in_words(&self.deed)
    }
}

/// The county's own audit, and the first row at which its chain is broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deeds {
    /// All rows, the oldest first.
    pub rows: Vec<Row>,
    /// The number of the row that is not what was written.
    pub broken_at: Option<u64>,
    /// In words, what speaks for it that the newest rows are gone.
    pub lost: Option<String>,
}

/// The newest row, signed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    sequence: u64,
    hash: String,
    /// 128 hexadecimal digits.
    signature: String,
}

impl Feed {
    /// Does something and leaves the row that says so, both or neither: the row is on the disk when
    /// this returns.
    ///
    /// # Errors
    /// What `act` says, or when the database fails.
    pub fn record<T>(
        &self,
        deed: Deed,
        detail: &str,
        act: impl FnOnce(&Connection) -> Result<T, CountyError>,
    ) -> Result<T, CountyError> {
        let mut connection = self.lock();
        let behavior = rusqlite::TransactionBehavior::Immediate;
        let transaction = connection.transaction_with_behavior(behavior)?;
        let done = act(&transaction)?;
        note(&transaction, deed, detail)?;
        transaction.commit()?;
        keep_head(&connection, self.directory());
        Ok(done)
    }

    /// The county's own audit, verified.
    ///
    /// # Errors
    /// When the database fails.
    pub fn deeds(&self) -> Result<Deeds, CountyError> {
        let connection = self.lock();
        Ok(Deeds { lost: lost(&connection, self.directory())?, ..deeds(&connection)? })
    }
}

/// Appends a row, in the caller's transaction, who then [keeps its head](keep_head).
///
/// # Errors
/// When the database fails.
pub(super) fn note(connection: &Connection, deed: Deed, detail: &str) -> Result<(), CountyError> {
    let (sequence, previous) = match newest(connection)? {
        Some((sequence, hash)) => (sequence + 1, hash),
        None => (1, connection.query_row("SELECT lower(hex(randomblob(32)))", [], |r| r.get(0))?),
    };
    let one_line = |c: char| if c.is_control() { ' ' } else { c };
    let row = Row {
        sequence: sequence.unsigned_abs(),
        at: Timestamp::now(),
        who: who(),
        deed: deed.as_str().to_owned(),
        detail: detail.chars().take(DETAIL_CHARS).map(one_line).collect(),
    };
    let hash = hash(&row, &previous);
    let Row { at, who, deed, detail, .. } = row;
    connection.execute(
        "INSERT INTO deed VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![sequence, at.as_millisecond(), who, deed, detail, previous, hash],
    )?;
    Ok(())
}

/// Where the row that was signed last is gone from the database, an older one was laid over it: then of
/// certificates that were issued since nobody knows which were revoked.
///
/// # Errors
/// When the database or a file fails.
pub(super) fn find_put_back(connection: &Connection, directory: &Path) -> Result<(), CountyError> {
    let is_whole = [HEAD, "feed.key"].iter().all(|file| directory.join(file).exists());
    if !is_whole || lost(connection, directory)?.is_none() {
        return Ok(());
    }
    let sql = "SELECT max(at) FROM deed";
    let newest: Option<i64> = connection.query_row(sql, [], |row| row.get(0))?;
    let Some(newest) = newest.and_then(|at| Timestamp::from_millisecond(at).ok()) else {
        return Ok(());
    };
    let from = kiosk_begins(newest).as_second();
    let added = connection.execute(
        "INSERT INTO register_restored
         SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM register_restored WHERE incomplete_from <= ?1)",
        [from],
    )?;
    if added > 0 {
        tracing::error!(
            "county.db is older than what was signed beside it: certificates issued since are refused \
             until their kiosks are enrolled anew (put a backup back with `county restore`)"
        );
    }
    Ok(())
}

/// Signs the newest row and keeps it beside the database. A head whose row is gone stays as it is: it
/// tells. What was done is done when this fails: then the head before stays, and is in the chain.
pub(super) fn keep_head(connection: &Connection, directory: &Path) {
    if let Err(error) = try_keep_head(connection, directory) {
        tracing::error!("the newest row of the county's own audit is not signed: {error}");
    }
}

fn try_keep_head(connection: &Connection, directory: &Path) -> Result<(), CountyError> {
    // Nobody adds a row meanwhile.
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    if directory.join(HEAD).exists()
        && let Some(lost) = lost(&transaction, directory)?
    {
        tracing::error!("the county's own audit: {lost}");
        return Ok(());
    }
    begin_head(&transaction, directory)
}

/// As [`keep_head`], whatever row was signed before: a backup was restored, and a row says so.
///
/// # Errors
/// When the database, the file or the feed key fails.
pub(super) fn begin_head(connection: &Connection, directory: &Path) -> Result<(), CountyError> {
    let Some((sequence, hash)) = newest(connection)? else { return Ok(()) };
    let mut head = Head { sequence: sequence.unsigned_abs(), hash, signature: String::new() };
    let key = FeedKey::open_or_create(directory)?;
    head.signature = hex(&key.sign(&head.signed())?);
    let (path, text) = (directory.join(HEAD), serde_json::to_vec(&head).expect("plain data"));
    whole::replace(&path, &text, whole::PRIVATE).map_err(CountyError::file(path))
}

/// Whether the row that was signed last is in the chain; if not, in words.
fn lost(connection: &Connection, directory: &Path) -> Result<Option<String>, CountyError> {
    let path = directory.join(HEAD);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(newest(connection)?.map(|_| format!("文件 {HEAD} 没有了")));
        }
        Err(error) => return Err(CountyError::file(path)(error)),
    };
    let keys = signing::keys(directory)?;
    // To sign the same with the same key gives the same.
    let is_own = |head: &Head| {
        let signature = |key: &FeedKey| key.sign(&head.signed()).map(|bytes| hex(&bytes));
        keys.iter().any(|key| signature(key).is_ok_and(|own| own == head.signature))
    };
    let Some(head) = serde_json::from_slice(&text).ok().filter(is_own) else {
        return Ok(Some(format!("文件 {HEAD} 不是这个县签过的")));
    };
    let sql = "SELECT EXISTS (SELECT 1 FROM deed WHERE sequence = ?1 AND hash = ?2)";
    let Head { sequence, hash, .. } = head;
    let is_there: bool =
        connection.query_row(sql, params![sequence.cast_signed(), hash], |row| row.get(0))?;
    Ok((!is_there).then(|| format!("第 {sequence} 行写过，现在没有了")))
}

/// Whether the row that was signed last was signed with `key`.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn is_head_signed_with(key: &FeedKey, directory: &Path) -> Result<bool, CountyError> {
    let path = directory.join(HEAD);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(CountyError::file(path)(error)),
    };
    let Ok(head) = serde_json::from_slice::<Head>(&text) else { return Ok(false) };
    // To sign the same with the same key gives the same.
    Ok(hex(&key.sign(&head.signed())?) == head.signature)
}

impl Head {
    fn signed(&self) -> Vec<u8> {
        let Self { sequence, hash, .. } = self;
        format!("renshe-kiosk county audit head 1\n{sequence}\n{hash}\n").into_bytes()
    }
}

/// Number and hash of the newest row.
fn newest(connection: &Connection) -> Result<Option<(i64, String)>, CountyError> {
    let sql = "SELECT sequence, hash FROM deed ORDER BY sequence DESC LIMIT 1";
    Ok(connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

fn deeds(connection: &Connection) -> Result<Deeds, CountyError> {
    let mut select = connection
        .prepare("SELECT sequence, at, who, deed, detail, previous, hash FROM deed ORDER BY 1")?;
    let mut stored = select.query([])?;
    let mut deeds = Deeds { rows: Vec::new(), broken_at: None, lost: None };
    let mut before: Option<String> = None;
    while let Some(stored) = stored.next()? {
        let row = Row {
            sequence: stored.get::<_, i64>(0)?.unsigned_abs(),
            at: Timestamp::from_millisecond(stored.get(1)?).unwrap_or(Timestamp::UNIX_EPOCH),
            who: stored.get(2)?,
            deed: stored.get(3)?,
            detail: stored.get(4)?,
        };
        let (previous, own): (String, String) = (stored.get(5)?, stored.get(6)?);
        let follows = before.as_ref().is_none_or(|hash| *hash == previous)
            && row.sequence == deeds.rows.len() as u64 + 1;
        if !follows || own != hash(&row, &previous) {
            deeds.broken_at = deeds.broken_at.or(Some(row.sequence));
        }
        before = Some(own);
        deeds.rows.push(row);
    }
    Ok(deeds)
}

fn hash(row: &Row, previous: &str) -> String {
    let Row { sequence, at, who, deed, detail } = row;
    let at = at.as_millisecond();
    let text = format!(
        "renshe-kiosk county audit row 1\n{sequence}\n{at}\n{who}\n{deed}\n{detail}\n{previous}\n"
    );
    hex(digest(&SHA256, text.as_bytes()).as_ref())
}

/// The account under which the command runs, and behind `sudo` the one that asked.
fn who() -> String {
    let user = nix::unistd::getuid();
    let name = nix::unistd::User::from_uid(user).ok().flatten().map(|user| user.name);
    let name = name.unwrap_or_else(|| format!("uid {user}"));
    let asked = std::env::var("SUDO_USER").ok().filter(|_| user.is_root());
    let plain = |c: &char| !c.is_control();
    match asked {
        Some(asked) => format!("{name}（代 {}）", asked.chars().filter(plain).collect::<String>()),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deed_and_its_row_are_one_and_a_changed_row_is_found() {
        let home = tempfile::tempdir().expect("a directory");
        let feed = Feed::open(home.path()).expect("opened");
        let fail = |_: &Connection| Err::<(), _>(CountyError::Listings("no".into()));
        assert!(feed.record(Deed::Enrolled, "one", fail).is_err());
        assert_eq!(feed.deeds().expect("read").rows, []);
        feed.record(Deed::Enrolled, "one\ntwo", |_| Ok(())).expect("done");
        feed.record(Deed::KeySwitched, "", |_| Ok(())).expect("done");
        feed.record(Deed::Revoked, "one", |_| Ok(())).expect("done");
        let told = feed.deeds().expect("read");
        let words: Vec<_> = told.rows.iter().map(|row| (&*row.deed, &*row.detail)).collect();
        assert_eq!(words, [("enrolled", "one two"), ("key_switched", ""), ("revoked", "one")]);
        assert!(told.broken_at.is_none() && told.rows.iter().all(|row| !row.who.is_empty()));

        for (change, at) in [
            ("UPDATE deed SET detail = 'two' WHERE sequence = 1", 1),
            ("DELETE FROM deed WHERE sequence = 2", 3),
        ] {
            let connection = feed.lock();
            let transaction = connection.unchecked_transaction().expect("begun");
            transaction.execute(change, []).expect("changed");
            assert_eq!(deeds(&transaction).expect("read").broken_at, Some(at), "{change}");
        }
    }

    #[test]
    fn rows_that_are_gone_at_the_end_are_missed() {
        let home = tempfile::tempdir().expect("a directory");
        let feed = Feed::open(home.path()).expect("opened");
        let lost = || feed.deeds().expect("read").lost;
        let record = |deed| feed.record(deed, "", |_| Ok(())).expect("done");
        assert_eq!(lost(), None, "nothing was done");
        record(Deed::Made);
        feed.record(Deed::KeyAnnounced, "", |_| FeedKey::announce(home.path())).expect("done");
        feed.record(Deed::KeySwitched, "", |_| FeedKey::switch(home.path())).expect("done");
        feed.record(Deed::KeyDropped, "", |_| FeedKey::drop_former(home.path())).expect("done");
        record(Deed::Enrolled);
        assert_eq!(lost(), None, "also while the key was changed");

        let delete = || feed.lock().execute("DELETE FROM deed WHERE sequence = 5", []);
        delete().expect("deleted");
        assert_eq!(lost().as_deref(), Some("第 5 行写过，现在没有了"));
        assert_eq!(feed.deeds().expect("read").broken_at, None, "the chain does not show it");
        record(Deed::Revoked);
        assert_eq!(lost().as_deref(), Some("第 5 行写过，现在没有了"), "another stands there");
        begin_head(&feed.lock(), home.path()).expect("written");
        assert_eq!(lost(), None);

        let path = home.path().join(HEAD);
        let text = fs::read_to_string(&path).expect("there");
        fs::write(&path, text.replace("\"sequence\":5", "\"sequence\":4")).expect("written");
        assert!(lost().is_some_and(|why| why.contains("不是这个县签过的")));
        fs::remove_file(&path).expect("gone");
        assert_eq!(lost().as_deref(), Some("文件 deed-head 没有了"));
    }
}
