//! The heads of the kiosks' audit chains: each is remembered and countersigned if it continues what
//! was known, and refused if not.
//!
//! State: in `county.db` the last head of each kiosk, by the name in its certificate.

use rusqlite::{Connection, OptionalExtension, params};

use super::{CountyError, Feed};
use crate::domain::wire::{AuditHead, AuditVerdict, ProblemCode, signed_head};

impl Feed {
    /// Countersigns the head of `kiosk`, if it goes on from the one before or is the same.
    ///
    /// # Errors
    /// When the database or the signing fails.
    pub fn countersign(&self, kiosk: &str, head: &AuditHead) -> Result<AuditVerdict, CountyError> {
        let connection = self.lock();
        let known = known(&connection, kiosk)?;
        let code = match &known {
            Some(known) if head.sequence < known.sequence => Some(ProblemCode::AuditBackwards),
            Some(known) if head.sequence == known.sequence && head.hash != known.hash => {
                Some(ProblemCode::AuditForked)
            }
            _ => None,
        };
        if let Some(code) = code {
            return Ok(AuditVerdict::Refused { code });
        }
        let signature = self.key().sign(&signed_head(kiosk, head))?;
        if known.as_ref() != Some(head) {
            connection
                .prepare_cached("INSERT OR REPLACE INTO audit_head VALUES (?1, ?2, ?3)")?
                .execute(params![kiosk, head.sequence.cast_signed(), head.hash])?;
        }
        let signature = signature.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(AuditVerdict::Countersigned { signature })
    }

    /// Forgets the head of `kiosk`, whose chain begins anew with the county's knowledge: its disk was
    /// lost. Says whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub fn forget_head(&self, kiosk: &str) -> Result<bool, CountyError> {
        let gone = self.lock().execute("DELETE FROM audit_head WHERE kiosk = ?1", [kiosk])?;
        Ok(gone > 0)
    }
}

fn known(connection: &Connection, kiosk: &str) -> Result<Option<AuditHead>, CountyError> {
    let sql = "SELECT sequence, hash FROM audit_head WHERE kiosk = ?1";
    let read = |row: &rusqlite::Row<'_>| {
        Ok(AuditHead { sequence: row.get::<_, i64>(0)?.cast_unsigned(), hash: row.get(1)? })
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
        };
        let five = signed(&feed, "one", &head(5, "a")).expect("the first");
        assert_eq!(five.len(), 128);
        assert_eq!(signed(&feed, "one", &head(5, "a")).as_ref(), Ok(&five), "said again");
        assert_eq!(signed(&feed, "one", &head(5, "b")), Err(ProblemCode::AuditForked));
        assert_eq!(signed(&feed, "one", &head(4, "a")), Err(ProblemCode::AuditBackwards));
        assert!(signed(&feed, "two", &head(1, "b")).is_ok(), "another kiosk");
        assert!(signed(&feed, "one", &head(9, "c")).is_ok());
        drop(feed);

        let feed = Feed::open(home.path()).expect("opened again");
        assert_eq!(signed(&feed, "one", &head(8, "c")), Err(ProblemCode::AuditBackwards));
        assert!(feed.forget_head("one").expect("forgotten"));
        assert!(!feed.forget_head("one").expect("gone already"));
        assert!(signed(&feed, "one", &head(1, "d")).is_ok());
    }
}
