//! The audit: what was asked of this machine and when, in a chain of which no row can be changed,
//! taken out or put in unnoticed. It says nothing about whom: the machine asks one question after
//! the other, so the order of the rows tells which answer and which slip belong to which question,
//! and about whom the question of that moment was is known to the core system alone.
//!
//! A row says its number, the time, what happened and with which stop. It holds the hash of the row before it, and its own
//! hash is SHA-256 over this text, UTF-8, each part on a line of its own, `-` for a part that is
//! absent:
//!
//! ```text
//! renshe-kiosk audit row 1
//! {number} {milliseconds since 1970} {kind} {pseudonym} {stop} {hash of the row before, hex}
//! ```
//!
//! (with line ends in place of the spaces, and one at the end). The pseudonym is `-` in every row but
//! those of former versions, whose key is destroyed ([`former_key`]). In place of the row before it the
//! first row names 32 random bytes, so that no two chains are alike. The newest row's hash, the
//! head, goes to the county with every heartbeat; the county countersigns it unless it does not
//! continue what the county knows. The countersigned head is kept in the ledger and in a file
//! beside it ([`witness`]), so that the chain can be checked without a line ([`verify()`]). A chain
//! that does not go on is refused by the county from then on, however long it becomes.
//!
//! What an intruder with all rights on the machine can do: forge what comes after the last
//! countersigned head, a minute as a rule; or put a longer chain in place of the whole with the
//! witness before the county hears of it. That is seen only by who compares the chain with the
//! heads in the county's log.
//!
//! State: the tables `audit` and `audit_countersigned` of `ledger.db`, the file `audit-head` beside
//! it. Nothing is ever cut off: [`ROWS_MAX`] rows, some 300 MB, are 18 years at
//! 300 rows a day.

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;
use kiosk_base::{
    domain::{Stop, hex::hex},
    store::{Ledger, StoreError},
    wire::v1::AuditHead,
};
use rusqlite::{Connection, OptionalExtension, params};

pub mod former_key;
mod verify;
pub mod witness;

pub use verify::{Broken, Sound, verify};
pub use witness::Countersigned;

/// Most rows of the chain. Beyond them nothing is recorded, and that is reported.
pub const ROWS_MAX: u64 = 2_000_000;

/// More rows than a day has.
const RECENT: i64 = 20_000;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The kiosk was started.
    Began,
    /// The county was asked about a person.
    Asked,
    /// The county answered: with the account, or with the row's stop.
    Answered,
    /// The visit ended before an answer came.
    Abandoned,
    /// The answer was not to the question.
    Alarm,
    /// The staff have taken note of the alarm.
    Acknowledged,
    /// The staff came in by their PIN.
    StaffEntered,
    /// Somebody tried to, and was refused with the row's stop.
    StaffRefused,
    /// A file was imported.
    Imported,
    /// A posting was pinned or hidden, or its mark taken away.
    Marked,
    /// A slip about a person was ordered.
    Printed,
    /// The key of the pseudonyms in the rows before was destroyed: they name nobody any more.
    Unkeyed,
    /// What happened before this could not be recorded, once or more often.
    Missed,
}

impl Kind {
    /// The word in the row.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Began => "began",
            Self::Asked => "asked",
            Self::Answered => "answered",
            Self::Abandoned => "abandoned",
            Self::Alarm => "alarm",
            Self::Acknowledged => "acknowledged",
            Self::StaffEntered => "staff_entered",
            Self::StaffRefused => "staff_refused",
            Self::Imported => "imported",
            Self::Marked => "marked",
            Self::Printed => "printed",
            Self::Unkeyed => "unkeyed",
            Self::Missed => "missed",
        }
    }
}

/// What a row is to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: Kind,
    /// With which stop.
    pub stop: Option<Stop>,
}

/// Appends a row; when this returns, it is on the disk.
///
/// # Errors
/// When the disk refuses, or the chain has [`ROWS_MAX`] rows.
pub fn append(ledger: &mut Ledger, entry: &Entry) -> Result<AuditHead, StoreError> {
    let connection = ledger.write()?;
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let last = last(&transaction)?;
    let (sequence, previous) = match last {
        Some((sequence, hash)) => (sequence + 1, hash),
        None => (1, origin()?),
    };
    if sequence > ROWS_MAX {
        return Err(StoreError::new(Stop::StoreFull, "审计记录已满"));
    }
    let Entry { at, kind, stop } = entry;
    let row = Row {
        sequence,
        at_ms: at.as_millisecond(),
        kind: kind.as_str().to_owned(),
        person: None,
        stop: stop.map(|stop| stop.code().to_owned()),
        previous,
    };
    let hash = row.hash();
    transaction.prepare_cached("INSERT INTO audit VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?.execute(
        params![
            row.sequence.cast_signed(),
            row.at_ms,
            row.kind,
            row.person,
            row.stop,
            row.previous,
            hash
        ],
    )?;
    transaction.commit()?;
    Ok(AuditHead { sequence, hash: hex(&hash) })
}

/// The newest row; `None` in an empty chain.
///
/// # Errors
/// When the ledger cannot be read.
pub fn head(connection: &Connection) -> Result<Option<AuditHead>, StoreError> {
    Ok(last(connection)?.map(|(sequence, hash)| AuditHead { sequence, hash: hex(&hash) }))
}

/// When the last alarm was, if the staff have taken note of none since. Looks at the last
/// [`RECENT`] rows only.
///
/// # Errors
/// When the ledger cannot be read.
pub fn standing_alarm(connection: &Connection) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT kind, at FROM audit
        WHERE sequence > (SELECT max(sequence) FROM audit) - ?1 AND kind IN (?2, ?3)
        ORDER BY sequence DESC LIMIT 1";
    let (alarm, acknowledged) = (Kind::Alarm.as_str(), Kind::Acknowledged.as_str());
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?));
    let last = connection.query_row(sql, params![RECENT, alarm, acknowledged], read).optional()?;
    let standing = last.filter(|(kind, _)| kind == alarm);
    Ok(standing.and_then(|(_, at)| Timestamp::from_millisecond(at).ok()))
}

/// Keeps the county's signature, in the file first: a power cut between the two loses neither.
///
/// # Errors
/// When the disk refuses.
pub fn keep(
    ledger: &mut Ledger,
    directory: &std::path::Path,
    countersigned: &Countersigned,
) -> Result<(), StoreError> {
    witness::write(directory, countersigned)?;
    let Countersigned { kiosk, head, signature } = countersigned;
    ledger
        .write()?
        .prepare_cached("INSERT OR REPLACE INTO audit_countersigned VALUES (1, ?1, ?2, ?3, ?4)")?
        .execute(params![head.sequence.cast_signed(), head.hash, kiosk, signature])?;
    Ok(())
}

/// A row without its hash.
struct Row {
    sequence: u64,
    at_ms: i64,
    kind: String,
    /// Of former versions.
    person: Option<String>,
    stop: Option<String>,
    previous: [u8; 32],
}

impl Row {
    fn hash(&self) -> [u8; 32] {
        let Self { sequence, at_ms, kind, person, stop, previous } = self;
        let (person, stop) = (person.as_deref().unwrap_or("-"), stop.as_deref().unwrap_or("-"));
        let previous = hex(previous);
        let text = format!(
            "renshe-kiosk audit row 1\n{sequence}\n{at_ms}\n{kind}\n{person}\n{stop}\n{previous}\n"
        );
        digest(&SHA256, text.as_bytes()).as_ref().try_into().expect("SHA-256 has 32 bytes")
    }
}

fn last(connection: &Connection) -> Result<Option<(u64, [u8; 32])>, StoreError> {
    let sql = "SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get(1)?));
    let last = connection.prepare_cached(sql)?.query_row([], read).optional()?;
    Ok(last.map(|(sequence, hash)| (sequence.cast_unsigned(), hash)))
}

fn origin() -> Result<[u8; 32], StoreError> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| StoreError::new(Stop::StoreReadOnly, "系统给不出随机数"))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
