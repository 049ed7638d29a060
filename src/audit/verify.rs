//! Whether the chain is whole. Keeps no state.

use std::{fmt, path::Path};

use kiosk_base::{
    domain::hex::{hex, unhex},
    store::StoreError,
    wire::v1::{AuditHead, signed_head},
};
use rusqlite::{Connection, OptionalExtension};

use super::{Countersigned, Row, witness};

/// A chain in which nothing is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sound {
    /// Rows in it.
    pub rows: u64,
    /// The number of the row up to which the county has countersigned it.
    pub countersigned: Option<u64>,
}

/// What is wrong with a chain. `Display` says it to the staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// The row of this number is missing.
    Missing(u64),
    /// The row of this number is not as it was written.
    Changed(u64),
    /// The county has countersigned the row of this number, and the chain has another or none.
    NotCountersigned(u64),
    /// The county's signature under the row of this number is not the county's.
    Signature(u64),
    /// The file with the countersigned head is gone or is none.
    Witness,
    /// The ledger or the file cannot be read.
    Unreadable(StoreError),
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(row) => write!(f, "审计记录缺第 {row} 条"),
            Self::Changed(row) => write!(f, "审计记录第 {row} 条被改动"),
            Self::NotCountersigned(row) => {
                write!(f, "审计记录与县中心签过的第 {row} 条不符，记录被截短或替换")
            }
            Self::Signature(row) => write!(
                f,
                "审计记录第 {row} 条的县中心签名，不是 link.feed_key 里的公钥签的：县中心换过公钥而本机没有旧的，或者记录被改动"
            ),
            Self::Witness => write!(f, "{} 文件丢失或损坏", witness::FILE),
            Self::Unreadable(error) => write!(f, "审计记录读不出来：{error}"),
        }
    }
}

impl From<StoreError> for Broken {
    fn from(error: StoreError) -> Self {
        Self::Unreadable(error)
    }
}

impl From<rusqlite::Error> for Broken {
    fn from(error: rusqlite::Error) -> Self {
        Self::Unreadable(error.into())
    }
}

/// Walks the whole chain in the ledger behind `connection`, and holds it against what the county
/// countersigned, as the ledger and the file in `directory` say. `is_signed` judges a signature
/// (its bytes) over a message.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify(
    connection: &Connection,
    directory: &Path,
    is_signed: &dyn Fn(&[u8], &[u8]) -> bool,
) -> Result<Sound, Broken> {
    // Of one moment, while the kiosk may be writing: the file first, since it is the one that may
    // be behind what follows.
    let mut file = witness::read(directory)?;
    connection.execute_batch("BEGIN")?;
    let walked = stored(connection).and_then(|stored| {
        if file.is_none() && stored.is_some() {
            // The first was written in between: it is on the disk before the ledger speaks of it.
            file = witness::read(directory)?;
        }
        walk(connection, stored, file, is_signed)
    });
    connection.execute_batch("COMMIT")?;
    walked
}

fn walk(
    connection: &Connection,
    stored: Option<Countersigned>,
    file: Option<Option<Countersigned>>,
    is_signed: &dyn Fn(&[u8], &[u8]) -> bool,
) -> Result<Sound, Broken> {
    let file = match (file, &stored) {
        (Some(Some(file)), _) => Some(file),
        (None, None) => None,
        (Some(None), _) | (None, Some(_)) => return Err(Broken::Witness),
    };
    let rows = links(connection)?;
    let mut countersigned = None;
    for mark in [stored, file].into_iter().flatten() {
        let Countersigned { kiosk, head, signature } = mark;
        if hash_of(connection, head.sequence)?.is_none_or(|hash| hash != head.hash) {
            return Err(Broken::NotCountersigned(head.sequence));
        }
        let bytes = unhex(&signature).unwrap_or_default();
        if !is_signed(&signed_head(&kiosk, &head), &bytes) {
            return Err(Broken::Signature(head.sequence));
        }
        countersigned = countersigned.max(Some(head.sequence));
    }
    Ok(Sound { rows, countersigned })
}

/// Holds every row against the one before it and its own hash; says how many there are.
fn links(connection: &Connection) -> Result<u64, Broken> {
    let sql =
        "SELECT sequence, at, kind, person, stop, previous, hash FROM audit ORDER BY sequence";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    let (mut count, mut before) = (0, None);
    while let Some(row) = rows.next()? {
        let expected = count + 1;
        let sequence = row.get::<_, i64>(0)?.cast_unsigned();
        if sequence != expected {
            return Err(Broken::Missing(expected));
        }
        let parsed = (|| {
            let previous: [u8; 32] = row.get(5)?;
            let hash: [u8; 32] = row.get(6)?;
            let (at_ms, kind) = (row.get(1)?, row.get(2)?);
            let (person, stop) = (row.get(3)?, row.get(4)?);
            Ok((Row { sequence, at_ms, kind, person, stop, previous }, hash))
        })();
        let parsed: Result<(Row, [u8; 32]), rusqlite::Error> = parsed;
        let Ok((row, hash)) = parsed else { return Err(Broken::Changed(sequence)) };
        if before.is_some_and(|before| before != row.previous) || row.hash() != hash {
            return Err(Broken::Changed(sequence));
        }
        (count, before) = (sequence, Some(hash));
    }
    Ok(count)
}

fn stored(connection: &Connection) -> Result<Option<Countersigned>, Broken> {
    let sql = "SELECT sequence, hash, kiosk, signature FROM audit_countersigned";
    let read = |row: &rusqlite::Row<'_>| {
        let sequence = row.get::<_, i64>(0)?.cast_unsigned();
        let head = AuditHead { sequence, hash: row.get(1)? };
        Ok(Countersigned { head, kiosk: row.get(2)?, signature: row.get(3)? })
    };
    Ok(connection.query_row(sql, [], read).optional()?)
}

fn hash_of(connection: &Connection, sequence: u64) -> Result<Option<String>, Broken> {
    let sql = "SELECT hash FROM audit WHERE sequence = ?1";
    let read = |row: &rusqlite::Row<'_>| row.get::<_, [u8; 32]>(0);
    let hash = connection.query_row(sql, [sequence.cast_signed()], read).optional()?;
    Ok(hash.map(|hash| hex(&hash)))
}
