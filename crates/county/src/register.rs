//! What the county keeps of its kiosks in `county.db`: which certificate counts for which name, the
//! security modules that each has announced, and what about it gave alarm.
//!
//! A certificate is looked up at every request, so that one that was revoked is refused at the next,
//! whoever revoked it and whatever connection is open. The row is read by its key from a table of
//! one page, which the system holds in memory: 10 µs, beside a request's several hundred.
//!
//! State: a connection of its own.

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use kiosk_base::domain::DivisionCode;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use serde::Serialize;

use super::{
    CountyError, Credentials, database,
    deeds::{self, Deed},
    tls,
};

/// The register. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Register {
    connection: Arc<Mutex<Connection>>,
    directory: Arc<Path>,
}

/// What gave alarm at a kiosk on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alarm {
    /// The kiosk's name.
    pub kiosk: String,
    /// The day, `2026-11-20`.
    pub day: String,
    /// What it is, as [`AlarmKind`](super::alarms::AlarmKind) writes it.
    pub kind: String,
    /// When it was first so.
    pub at: String,
    /// One sentence.
    pub detail: String,
}

/// The certificate that counts for a kiosk, or did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolled {
    /// The kiosk's name.
    pub kiosk: String,
    /// When it runs out; `None` where it was never seen.
    pub ends: Option<Timestamp>,
    /// Since when it does not count.
    pub revoked: Option<String>,
    /// For which town or village it was issued.
    pub division: Option<String>,
}

/// Whether a certificate counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    Counts,
    /// It was revoked, or another one of its name counts.
    Refused,
    /// It was issued after the backup from which the register comes, which knows neither it nor
    /// whether it was revoked since.
    Unknown,
}

/// What is known of a name.
struct Known {
    fingerprint: String,
    ends: i64,
    revoked: Option<String>,
}

impl Register {
    /// Opens the register in the `county.db` of `directory`.
    ///
    /// # Errors
    /// When the database cannot be opened or is from a newer version.
    pub fn open(directory: &Path) -> Result<Self, CountyError> {
        // Checked and brought to the newest schema.
        drop(database::open(directory)?);
        Self::open_again(directory)
    }

    /// As [`open`](Self::open), where the database has been opened already.
    pub(super) fn open_again(directory: &Path) -> Result<Self, CountyError> {
        let connection = Arc::new(Mutex::new(database::open_again(directory)?));
        Ok(Self { connection, directory: directory.into() })
    }

    /// Makes the certificate of `kiosk` with `make`, and from then on no other one of this name
    /// counts. Nothing is kept when `make` fails. Nobody waits while it works, on a slow stick say:
    /// so somebody else may take the name meanwhile, and what `make` left behind is the caller's to
    /// remove.
    ///
    /// # Errors
    /// When the name is in use: its certificate has not run out and was not revoked, or a kiosk of
    /// this name has talked to this county. When `make` or the database fails.
    pub fn enrol(
        &self,
        kiosk: &str,
        make: impl FnOnce() -> Result<Credentials, CountyError>,
    ) -> Result<Credentials, CountyError> {
        free(&self.lock(), kiosk)?;
        let credentials = make()?;
        let peer = tls::peer_of(&credentials.certificate)
            .ok_or_else(|| CountyError::Certificate("做出的证书没有名字".into()))?;
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        free(&transaction, kiosk)?;
        transaction.execute(
            "INSERT OR REPLACE INTO kiosk_certificate VALUES (?1, ?2, ?3, NULL, ?4)",
            params![
                kiosk,
                peer.fingerprint,
                peer.ends,
                peer.division.as_ref().map(DivisionCode::as_str)
            ],
        )?;
        let division = peer.division.as_ref().map_or("未写乡镇", |code| code.as_str());
        deeds::note(&transaction, Deed::Enrolled, &format!("{kiosk}，{division}"))?;
        transaction.commit()?;
        deeds::keep_head(&connection, &self.directory);
        Ok(credentials)
    }

    /// Whether a certificate of `kiosk` counts, so that it can be revoked.
    ///
    /// # Errors
    /// As those of [`revoke`](Self::revoke).
    pub fn is_revocable(&self, kiosk: &str, may_be_unknown: bool) -> Result<bool, CountyError> {
        is_revocable(&self.lock(), kiosk, may_be_unknown)
    }

    /// From now on no certificate of `kiosk` counts, until it is enrolled anew. Says whether one
    /// did before.
    ///
    /// # Errors
    /// When no kiosk of this name is known, unless it `may_be_unknown`; when the database fails.
    pub fn revoke(&self, kiosk: &str, may_be_unknown: bool) -> Result<bool, CountyError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if !is_revocable(&transaction, kiosk, may_be_unknown)? {
            return Ok(false);
        }
        transaction.execute(
            "INSERT INTO kiosk_certificate VALUES (?1, '', 0, ?2, NULL)
             ON CONFLICT (kiosk) DO UPDATE SET revoked = ?2",
            params![kiosk, Timestamp::now().to_string()],
        )?;
        deeds::note(&transaction, Deed::Revoked, kiosk)?;
        transaction.commit()?;
        deeds::keep_head(&connection, &self.directory);
        Ok(true)
    }

    /// Whether the certificate with this fingerprint, which holds from `begins` on (seconds since
    /// 1970), still counts for `kiosk`.
    ///
    /// # Errors
    /// When the database fails.
    pub fn standing(
        &self,
        kiosk: &str,
        fingerprint: &str,
        begins: i64,
    ) -> Result<Standing, CountyError> {
        let connection = self.lock();
        let is_known = match known(&connection, kiosk)? {
            Some(known) if known.fingerprint == fingerprint => {
                let counts = known.revoked.is_none();
                return Ok(if counts { Standing::Counts } else { Standing::Refused });
            }
            known => known.is_some(),
        };
        Ok(match (is_incomplete(&connection, begins)?, is_known) {
            (true, _) => Standing::Unknown,
            (false, true) => Standing::Refused,
            (false, false) => Standing::Counts,
        })
    }

    /// The certificates of all kiosks, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub fn enrolled(&self) -> Result<Vec<Enrolled>, CountyError> {
        let connection = self.lock();
        let mut rows = connection.prepare_cached(
            "SELECT kiosk, ends, revoked, division FROM kiosk_certificate ORDER BY kiosk",
        )?;
        let read = |row: &rusqlite::Row<'_>| {
            let ends = Some(row.get::<_, i64>(1)?).filter(|ends| *ends > 0);
            let ends = ends.and_then(|ends| Timestamp::from_second(ends).ok());
            let (revoked, division) = (row.get(2)?, row.get(3)?);
            Ok(Enrolled { kiosk: row.get(0)?, ends, revoked, division })
        };
        Ok(rows.query_map([], read)?.collect::<Result<_, _>>()?)
    }

    /// The alarms of the newest `days` days on which there were any, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn alarms(&self, days: u32) -> Result<Vec<Alarm>, CountyError> {
        let connection = self.lock();
        let mut rows = connection.prepare_cached(
            "SELECT kiosk, day, kind, at, detail FROM kiosk_alarm
             WHERE day IN (SELECT DISTINCT day FROM kiosk_alarm ORDER BY day DESC LIMIT ?1)
             ORDER BY day DESC, at DESC, kiosk, kind",
        )?;
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Alarm {
                kiosk: row.get(0)?,
                day: row.get(1)?,
                kind: row.get(2)?,
                at: row.get(3)?,
                detail: row.get(4)?,
            })
        };
        Ok(rows.query_map([days], read)?.collect::<Result<_, _>>()?)
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A transaction that a panic cut short has been rolled back.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_revocable(
    connection: &Connection,
    kiosk: &str,
    may_be_unknown: bool,
) -> Result<bool, CountyError> {
    let known = known(connection, kiosk)?;
    if known.is_none() && !may_be_unknown && !has_talked(connection, kiosk)? {
        return Err(CountyError::Register(format!(
            "没有名为 {kiosk} 的终端；请看看 --data 对不对；写 --unknown 可以照样吊销这个名字"
        )));
    }
    Ok(known.is_none_or(|known| known.revoked.is_none()))
}

/// Whether `kiosk` can be enrolled.
fn free(connection: &Connection, kiosk: &str) -> Result<(), CountyError> {
    let now = Timestamp::now().as_second();
    let in_use = match known(connection, kiosk)? {
        Some(known) => known.revoked.is_none() && known.ends > now,
        None => has_talked(connection, kiosk)?,
    };
    match in_use {
        true => Err(CountyError::Register(format!(
            "终端 {kiosk} 已经登记；请换一个名字；它若已丢失或私钥丢失，\
             请先运行 `county revoke {kiosk}`"
        ))),
        false => Ok(()),
    }
}

/// Whether the register may not know of a certificate that holds from `begins` on.
fn is_incomplete(connection: &Connection, begins: i64) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM register_restored WHERE incomplete_from <= ?1")?
        .exists([begins])
}

fn known(connection: &Connection, kiosk: &str) -> rusqlite::Result<Option<Known>> {
    let sql = "SELECT fingerprint, ends, revoked FROM kiosk_certificate WHERE kiosk = ?1";
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Known { fingerprint: row.get(0)?, ends: row.get(1)?, revoked: row.get(2)? })
    };
    connection.prepare_cached(sql)?.query_row([kiosk], read).optional()
}

/// Whether a kiosk of this name has told its audit head or its reader: so one that was enrolled before
/// names were kept is known as well.
fn has_talked(connection: &Connection, kiosk: &str) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT 1 FROM audit_head WHERE kiosk = ?1
             UNION ALL SELECT 1 FROM kiosk_module WHERE kiosk = ?1",
        )?
        .exists([kiosk])
}

#[cfg(test)]
mod tests {
    use kiosk_base::wire::v1::AuditHead;

    use super::*;
    use crate::{Authority, Feed};

    #[test]
    fn one_certificate_counts_for_a_name_until_it_is_revoked() {
        let home = tempfile::tempdir().expect("a directory");
        let authority = Authority::create(home.path()).expect("made");
        let register = Register::open(home.path()).expect("opened");
        let enrol = |name: &str| register.enrol(name, || authority.issue_kiosk(name, None));
        let print = |one: &Credentials| tls::peer_of(&one.certificate).expect("a peer").fingerprint;
        let counts = |name, one: &Credentials| {
            register.standing(name, &print(one), 1).expect("read") == Standing::Counts
        };

        let first = enrol("hall").expect("a new name");
        assert!(counts("hall", &first));
        assert!(enrol("hall").expect_err("in use").to_string().contains("county revoke hall"));
        assert!(counts("hall", &first), "as before");
        // Another process sees it, and this one what another did.
        let other = Register::open(home.path()).expect("opened again");
        assert!(other.revoke("hall", false).expect("revoked"));
        assert!(!counts("hall", &first));
        assert!(!other.revoke("hall", false).expect("again"), "it was before");
        let second = enrol("hall").expect("the name is free");
        assert!(counts("hall", &second) && !counts("hall", &first), "the old one stays refused");
    }

    #[test]
    fn kiosks_from_before_the_register_count_and_can_be_revoked() {
        let home = tempfile::tempdir().expect("a directory");
        let authority = Authority::create(home.path()).expect("made");
        let register = Register::open(home.path()).expect("opened");
        let standing = |name| register.standing(name, "any", 1).expect("read");
        assert_eq!(standing("old"), Standing::Counts);
        assert!(
            register.revoke("old", false).expect_err("unknown").to_string().contains("--unknown")
        );
        let head = AuditHead { sequence: 1, hash: "a".repeat(64) };
        Feed::open(home.path()).expect("opened").countersign("old", &head).expect("signed");
        let make = || authority.issue_kiosk("old", None);
        assert!(register.enrol("old", make).is_err(), "it has talked to the county");
        assert!(register.revoke("old", false).expect("revoked"));
        assert_eq!(standing("old"), Standing::Refused);
        assert!(register.revoke("never-seen", true).expect("revoked"));
        assert_eq!(standing("never-seen"), Standing::Refused);
    }

    #[test]
    fn a_name_is_free_once_its_certificate_ran_out_or_could_not_be_made() {
        let home = tempfile::tempdir().expect("a directory");
        let authority = Authority::create(home.path()).expect("made");
        let register = Register::open(home.path()).expect("opened");
        let failing = || Err(CountyError::Register("the disk is full".into()));
        register.enrol("hall", failing).expect_err("not made");
        register.enrol("hall", || authority.issue_kiosk("hall", None)).expect("still free");
        register.lock().execute("UPDATE kiosk_certificate SET ends = 1", []).expect("ran out");
        register.enrol("hall", || authority.issue_kiosk("hall", None)).expect("free again");
    }

    #[test]
    fn nobody_waits_while_a_certificate_is_made_and_the_first_gets_the_name() {
        let home = tempfile::tempdir().expect("a directory");
        let authority = Authority::create(home.path()).expect("made");
        let (slow, quick) = (Register::open(home.path()), Register::open(home.path()));
        let (slow, quick) = (slow.expect("opened"), quick.expect("opened"));
        let make = || authority.issue_kiosk("hall", None);
        let mut first = None;
        let late = slow.enrol("hall", || {
            first = Some(quick.enrol("hall", make).expect("free, and nobody holds the database"));
            make()
        });
        assert!(late.expect_err("taken meanwhile").to_string().contains("已经登记"));
        let first = tls::peer_of(&first.expect("made").certificate).expect("a peer");
        let standing = slow.standing("hall", &first.fingerprint, first.begins).expect("read");
        assert_eq!(standing, Standing::Counts);
    }

    /// Who was enrolled and revoked after a backup is not served again because the backup is back.
    #[test]
    fn what_was_issued_after_a_backup_is_not_believed() {
        let home = tempfile::tempdir().expect("a directory");
        let [place, copy, fresh] = ["county", "copy", "fresh"].map(|name| home.path().join(name));
        drop(crate::Site::init(&place).expect("made"));
        let authority = Authority::open(&place).expect("opened");
        let enrol = |register: &Register, name: &str| {
            let made =
                register.enrol(name, || authority.issue_kiosk(name, None)).expect("enrolled");
            tls::peer_of(&made.certificate).expect("a peer")
        };
        let register = Register::open(&place).expect("opened");
        let before = enrol(&register, "before");
        crate::backup::backup(&Feed::open(&place).expect("opened"), &copy).expect("made");
        let after = enrol(&register, "after");
        register.revoke("after", false).expect("revoked");
        register.revoke("before", false).expect("revoked");
        let again = enrol(&register, "before");

        crate::backup::restore(&copy, &fresh).expect("restored");
        let register = Register::open(&fresh).expect("opened");
        let standing = |peer: &tls::Peer| {
            register.standing(&peer.name, &peer.fingerprint, peer.begins).expect("read")
        };
        // Of the one that the backup knows nobody can tell that it was revoked.
        assert_eq!(standing(&before), Standing::Counts);
        assert_eq!(standing(&after), Standing::Unknown);
        assert_eq!(standing(&again), Standing::Unknown);
        assert_eq!(register.standing("older", "any", 1).expect("read"), Standing::Counts);
        let anew = enrol(&register, "after");
        assert_eq!(standing(&anew), Standing::Counts);
        assert_eq!(standing(&after), Standing::Unknown);
    }
}
