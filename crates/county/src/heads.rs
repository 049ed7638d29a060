//! The heads of the kiosks' audit chains: each is remembered and countersigned if it continues what
//! was known, and refused if not.
//!
//! State: in `county.db` the last head of each kiosk, by the name in its certificate.

use jiff::Timestamp;
use kiosk_base::{
    domain::hex::hex,
    wire::v1::{AuditHead, AuditVerdict, ProblemCode, signed_head},
};
use rusqlite::{Connection, OptionalExtension, params};

use super::{CountyError, Feed, deeds::Deed};

/// What the county knows of one kiosk's chain.
struct Known {
    head: AuditHead,
    /// Hash of the head that was signed before.
    before: String,
    refused: bool,
}

impl Feed {
    /// Countersigns the head of `kiosk`, if it goes on from the one before. A kiosk whose chain did
    /// not go on is refused until its head is [forgotten](Self::forget_head), however long its
    /// chain has become since.
    ///
    /// # Errors
    /// When the database or the signing fails.
    pub fn countersign(&self, kiosk: &str, head: &AuditHead) -> Result<AuditVerdict, CountyError> {
        let connection = self.heads();
        let known = known(&connection, kiosk)?;
        let refused = |code| {
            explain_refusal(&connection, kiosk)?;
            Ok(AuditVerdict::Refused { code })
        };
        // A head that was signed already is signed again: said twice, or come late.
        let signed = |known: &Known| known.head == *head || known.before == head.hash;
        match &known {
            Some(Known { refused: true, .. }) => return refused(ProblemCode::AuditForked),
            Some(known) if !signed(known) && head.sequence <= known.head.sequence => {
                connection
                    .prepare_cached("UPDATE audit_head SET refused = 1 WHERE kiosk = ?1")?
                    .execute([kiosk])?;
                return refused(match head.sequence < known.head.sequence {
                    true => ProblemCode::AuditBackwards,
                    false => ProblemCode::AuditForked,
                });
            }
            _ => {}
        }
        let signature = self.key().sign(&signed_head(kiosk, head))?;
        if !known.as_ref().is_some_and(signed) {
            explain_leap(&connection, kiosk, known.as_ref(), head)?;
            let before = known.map(|known| known.head.hash).unwrap_or_default();
            connection
                .prepare_cached("INSERT OR REPLACE INTO audit_head VALUES (?1, ?2, ?3, ?4, 0)")?
                .execute(params![kiosk, head.sequence.cast_signed(), head.hash, before])?;
        }
        Ok(AuditVerdict::Countersigned { signature: hex(&signature) })
    }

    /// Forgets the head of `kiosk`, whose chain begins anew with the county's knowledge: its disk
    /// was lost. Says whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub fn forget_head(&self, kiosk: &str) -> Result<bool, CountyError> {
        let forget = |connection: &Connection| {
            connection.execute("DELETE FROM head_restored WHERE kiosk = ?1", [kiosk])?;
            let gone = connection.execute("DELETE FROM audit_head WHERE kiosk = ?1", [kiosk])?;
            // Of what was not done there is no row.
            if gone > 0 { Ok(()) } else { Err(CountyError::Site(String::new())) }
        };
        match self.record(Deed::HeadForgotten, kiosk, forget) {
            Ok(()) => Ok(true),
            Err(CountyError::Site(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Of a kiosk whose head is known only from a backup, says what a refusal may mean.
fn explain_refusal(connection: &Connection, kiosk: &str) -> Result<(), CountyError> {
    if let Some(at) = backed_up_at(connection, kiosk)? {
        tracing::error!(
            kiosk,
            "its chain does not go on from the head in the backup of {at:.0}: if it began anew since \
             (`county audit` of then, or the office, knows), let it with `county forget-audit`"
        );
    }
    Ok(())
}

/// Of a kiosk that goes on from a head in a backup, says how much the county missed.
fn explain_leap(
    connection: &Connection,
    kiosk: &str,
    known: Option<&Known>,
    head: &AuditHead,
) -> Result<(), CountyError> {
    if let Some(at) = backed_up_at(connection, kiosk)? {
        let from = known.map_or(0, |known| known.head.sequence);
        tracing::warn!(
            kiosk,
            from,
            to = head.sequence,
            "its chain has grown since the backup of {at:.0}; it is known again"
        );
        connection.execute("DELETE FROM head_restored WHERE kiosk = ?1", [kiosk])?;
    }
    Ok(())
}

/// When the backup was made that alone knows the kiosk's head.
fn backed_up_at(connection: &Connection, kiosk: &str) -> Result<Option<Timestamp>, CountyError> {
    let sql = "SELECT backed_up_at FROM head_restored WHERE kiosk = ?1";
    let at = connection.prepare_cached(sql)?.query_row([kiosk], |row| row.get(0)).optional()?;
    Ok(at.and_then(|at| Timestamp::from_second(at).ok()))
}

fn known(connection: &Connection, kiosk: &str) -> Result<Option<Known>, CountyError> {
    let sql = "SELECT sequence, hash, before, refused FROM audit_head WHERE kiosk = ?1";
    let read = |row: &rusqlite::Row<'_>| {
        let head = AuditHead { sequence: row.get::<_, i64>(0)?.cast_unsigned(), hash: row.get(1)? };
        Ok(Known { head, before: row.get(2)?, refused: row.get(3)? })
    };
    Ok(connection.prepare_cached(sql)?.query_row([kiosk], read).optional()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_goes_forward_or_is_refused_for_each_kiosk_by_itself() {
        let home = tempfile::tempdir().expect("a directory");
        let head = |sequence, digit: &str| AuditHead { sequence, hash: digit.repeat(64) };
        let feed = Feed::open(home.path()).expect("opened");
        let signed = |feed: &Feed, kiosk, head: &AuditHead| match feed
            .countersign(kiosk, head)
            .expect("a verdict")
        {
            AuditVerdict::Countersigned { signature } => Ok(signature),
            AuditVerdict::Refused { code } => Err(code),
            AuditVerdict::Unknown => unreachable!("a county knows its own verdicts"),
        };
        let five = signed(&feed, "one", &head(5, "a")).expect("the first");
        assert_eq!(five.len(), 128);
        assert_eq!(signed(&feed, "one", &head(5, "a")).as_ref(), Ok(&five), "said again");
        assert!(signed(&feed, "one", &head(9, "c")).is_ok());
        assert_eq!(signed(&feed, "one", &head(5, "a")).as_ref(), Ok(&five), "come late");
        assert!(signed(&feed, "two", &head(1, "b")).is_ok(), "another kiosk");
        assert_eq!(signed(&feed, "two", &head(1, "d")), Err(ProblemCode::AuditForked));
        drop(feed);

        let feed = Feed::open(home.path()).expect("opened again");
        assert_eq!(signed(&feed, "one", &head(8, "e")), Err(ProblemCode::AuditBackwards));
        // A chain that was replaced is not sound because it has grown.
        assert_eq!(signed(&feed, "one", &head(10, "e")), Err(ProblemCode::AuditForked));
        assert_eq!(signed(&feed, "two", &head(2, "d")), Err(ProblemCode::AuditForked));
        assert!(feed.forget_head("one").expect("forgotten"));
        assert!(!feed.forget_head("one").expect("gone already"));
        assert!(signed(&feed, "one", &head(1, "d")).is_ok());
    }
}
