//! The county's own audit: what was done at its command line, when, and under which account of the
//! machine; in a chain of hashes like that of the kiosks ([`crate::audit`]). A deed and its row are
//! one transaction. Nothing about a resident stands in it.
//!
//! State: the table `deed` of `county.db`.

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;

use super::{CountyError, Feed};
use crate::domain::hex::hex;

/// Most characters of what a row says.
const DETAIL_CHARS: usize = 400;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// The county was made.
    Made,
    /// A kiosk got a certificate.
    Enrolled,
    /// A kiosk's certificates were revoked.
    Revoked,
    /// A set of listings was published.
    Published,
    /// The set before was put back.
    PutBack,
    /// A kiosk's audit chain may begin anew.
    HeadForgotten,
    /// The next feed key was announced.
    KeyAnnounced,
    /// The announced key signs.
    KeySwitched,
    /// The key before signs again.
    KeyTakenBack,
    /// The key before is no longer published.
    KeyDropped,
    /// A backup was made.
    BackedUp,
    /// A backup was restored.
    Restored,
    /// The database was found to be another than the one that was published into last.
    FoundPutBack,
}

impl Deed {
    /// The word in the row.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::Enrolled => "enrolled",
            Self::Revoked => "revoked",
            Self::Published => "published",
            Self::PutBack => "put_back",
            Self::HeadForgotten => "head_forgotten",
            Self::KeyAnnounced => "key_announced",
            Self::KeySwitched => "key_switched",
            Self::KeyTakenBack => "key_taken_back",
            Self::KeyDropped => "key_dropped",
            Self::BackedUp => "backed_up",
            Self::Restored => "restored",
            Self::FoundPutBack => "found_put_back",
        }
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

/// The county's own audit, and the first row at which its chain is broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deeds {
    /// All rows, the oldest first.
    pub rows: Vec<Row>,
    /// The number of the row that is not what was written.
    pub broken_at: Option<u64>,
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
        Ok(done)
    }

    /// The county's own audit, verified.
    ///
    /// # Errors
    /// When the database fails.
    pub fn deeds(&self) -> Result<Deeds, CountyError> {
        deeds(&self.lock())
    }
}

/// Appends a row, in the caller's transaction.
///
/// # Errors
/// When the database fails.
pub(super) fn note(connection: &Connection, deed: Deed, detail: &str) -> Result<(), CountyError> {
    let last = "SELECT sequence, hash FROM deed ORDER BY sequence DESC LIMIT 1";
    let last = connection
        .query_row(last, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))
        .optional()?;
    let (sequence, previous) = match last {
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

fn deeds(connection: &Connection) -> Result<Deeds, CountyError> {
    let mut select = connection
        .prepare("SELECT sequence, at, who, deed, detail, previous, hash FROM deed ORDER BY 1")?;
    let mut stored = select.query([])?;
    let mut deeds = Deeds { rows: Vec::new(), broken_at: None };
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
        Some(asked) => format!("{name} for {}", asked.chars().filter(plain).collect::<String>()),
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
}
