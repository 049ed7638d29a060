//! Each way to tamper with the chain, on a real ledger whose sound state was verified before.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use kiosk_base::wire::v1::signed_head;

use super::*;

/// A data directory with a chain, and the county that signs for it.
struct Chain {
    home: tempfile::TempDir,
    ledger: Ledger,
    county: Ed25519KeyPair,
}

impl Chain {
    fn new() -> Self {
        let home = tempfile::tempdir().expect("a directory");
        let ledger = Ledger::open(home.path()).expect("a ledger");
        Self { home, ledger, county: Ed25519KeyPair::generate().expect("a key") }
    }

    /// With rows of which the county has countersigned the first eight of ten.
    fn countersigned() -> Self {
        let mut chain = Self::new();
        chain.append(8);
        chain.countersign("hall");
        chain.append(2);
        let sound = Sound { rows: 10, countersigned: Some(8) };
        assert_eq!(chain.verify(), Ok(sound), "sound before it is tampered with");
        chain
    }

    fn append(&mut self, rows: usize) {
        for n in 0..rows {
            let stop = (n % 2 == 0).then_some(Stop::PersonUnknown);
            let at = Timestamp::from_second(1_764_000_000 + n as i64).expect("a time");
            let entry = Entry { at, kind: Kind::Answered, stop };
            append(&mut self.ledger, &entry).expect("appended");
        }
    }

    fn signed(&self, kiosk: &str, head: AuditHead) -> Countersigned {
        let signature = hex(self.county.sign(&signed_head(kiosk, &head)).as_ref());
        Countersigned { kiosk: kiosk.to_owned(), head, signature }
    }

    fn countersign(&mut self, kiosk: &str) {
        let head = head(self.ledger.read()).expect("readable").expect("a row");
        let mark = self.signed(kiosk, head);
        keep(&mut self.ledger, self.home.path(), &mark).expect("kept");
    }

    fn verify(&self) -> Result<Sound, Broken> {
        let public = UnparsedPublicKey::new(&ED25519, self.county.public_key().as_ref());
        let is_signed =
            |message: &[u8], signature: &[u8]| public.verify(message, signature).is_ok();
        verify(self.ledger.read(), self.home.path(), &is_signed)
    }

    fn tamper(&mut self, sql: &str) {
        self.ledger.write().expect("writable").execute_batch(sql).expect("done");
    }
}

#[test]
fn a_chain_that_nobody_touched_is_sound_at_every_length() {
    let mut chain = Chain::new();
    assert_eq!(chain.verify(), Ok(Sound { rows: 0, countersigned: None }));
    for rows in 1..4 {
        chain.append(1);
        assert_eq!(chain.verify(), Ok(Sound { rows, countersigned: None }));
        assert_eq!(head(chain.ledger.read()).expect("readable").expect("a row").sequence, rows);
    }
    chain.countersign("hall");
    // Another process reads it as well, and it goes on after a restart.
    let Chain { home, ledger, county } = chain;
    drop(ledger);
    let ledger = Ledger::open(home.path()).expect("opened");
    let mut chain = Chain { home, ledger, county };
    chain.append(1);
    assert_eq!(chain.verify(), Ok(Sound { rows: 4, countersigned: Some(3) }));
    let reader = Ledger::read_only(chain.home.path()).expect("a reader");
    let sound = verify(&reader, chain.home.path(), &|_, _| true);
    assert_eq!(sound, Ok(Sound { rows: 4, countersigned: Some(3) }));
}

#[test]
fn a_row_that_was_changed_is_found_in_each_of_its_parts() {
    for change in [
        "at = at + 1",
        "kind = 'asked'",
        "person = 'ffffffffffffffffffffffffffffffff'",
        "stop = 'P02'",
        "stop = NULL",
        "previous = zeroblob(32)",
        "hash = zeroblob(32)",
        "hash = zeroblob(31)",
    ] {
        let mut chain = Chain::countersigned();
        chain.tamper(&format!("UPDATE audit SET {change} WHERE sequence = 5"));
        assert_eq!(chain.verify(), Err(Broken::Changed(5)), "{change}");
    }
}

#[test]
fn a_row_that_is_missing_is_found() {
    for row in [1, 5] {
        let mut chain = Chain::countersigned();
        chain.tamper(&format!("DELETE FROM audit WHERE sequence = {row}"));
        assert_eq!(chain.verify(), Err(Broken::Missing(row)));
        // Closing the gap does not help.
        chain.tamper(&format!(
            "UPDATE audit SET sequence = -sequence WHERE sequence > {row};
             UPDATE audit SET sequence = -sequence - 1 WHERE sequence < 0;"
        ));
        assert_eq!(chain.verify(), Err(Broken::Changed(row)));
    }
}

#[test]
fn a_chain_that_was_cut_is_held_against_the_countys_signature() {
    let mut chain = Chain::countersigned();
    chain.tamper("DELETE FROM audit WHERE sequence > 8");
    assert_eq!(chain.verify(), Ok(Sound { rows: 8, countersigned: Some(8) }), "not yet signed");
    chain.tamper("DELETE FROM audit WHERE sequence > 7");
    assert_eq!(chain.verify(), Err(Broken::NotCountersigned(8)));
    // The head in the ledger alone can be taken away with the rows; the file remembers.
    chain.tamper("DELETE FROM audit_countersigned");
    assert_eq!(chain.verify(), Err(Broken::NotCountersigned(8)));
}

#[test]
fn rows_written_anew_over_countersigned_ones_are_found() {
    let mut chain = Chain::countersigned();
    chain.tamper("DELETE FROM audit WHERE sequence > 7");
    chain.append(3);
    assert_eq!(chain.verify(), Err(Broken::NotCountersigned(8)), "as long as before, and sound");
}

#[test]
fn a_ledger_that_was_replaced_is_found() {
    let chain = Chain::countersigned();
    let Chain { home, ledger, county } = chain;
    drop(ledger);
    for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
        let _ = std::fs::remove_file(home.path().join(name));
    }
    let ledger = Ledger::open(home.path()).expect("a new one");
    let mut chain = Chain { home, ledger, county };
    assert_eq!(chain.verify(), Err(Broken::NotCountersigned(8)), "an empty one");
    chain.append(12);
    assert_eq!(chain.verify(), Err(Broken::NotCountersigned(8)), "a longer one");
}

#[test]
fn a_signature_of_somebody_else_or_for_another_kiosk_is_none() {
    let mut chain = Chain::countersigned();
    let stranger = Ed25519KeyPair::generate().expect("a key");
    let county = std::mem::replace(&mut chain.county, stranger);
    chain.countersign("hall");
    chain.county = county;
    assert_eq!(chain.verify(), Err(Broken::Signature(10)));

    let mut chain = Chain::countersigned();
    chain.tamper("UPDATE audit_countersigned SET kiosk = 'other'");
    assert_eq!(chain.verify(), Err(Broken::Signature(8)));
}

#[test]
fn the_file_with_the_head_must_be_there_and_be_one() {
    let path = |chain: &Chain| chain.home.path().join(witness::FILE);
    let chain = Chain::countersigned();
    std::fs::remove_file(path(&chain)).expect("removed");
    assert_eq!(chain.verify(), Err(Broken::Witness));
    for text in [
        "",
        "{}",
        "no JSON",
        "{\"kiosk\":\"hall\",\"head\":{\"sequence\":0,\"hash\":\"\"},\"signature\":\"\"}",
    ] {
        std::fs::write(path(&chain), text).expect("written");
        assert_eq!(chain.verify(), Err(Broken::Witness), "{text}");
    }
}

/// As a former version wrote them.
#[test]
fn rows_with_pseudonyms_stay_sound_without_their_key() {
    let mut chain = Chain::new();
    chain.append(1);
    let first = last(chain.ledger.read()).expect("readable").expect("a row");
    let row = Row {
        sequence: 2,
        at_ms: 1_764_000_060_000,
        kind: "asked".to_owned(),
        person: Some("00112233445566778899aabbccddeeff".to_owned()),
        stop: None,
        previous: first.1,
    };
    let (hash, insert) = (row.hash(), "INSERT INTO audit VALUES (2, ?1, ?2, ?3, NULL, ?4, ?5)");
    let values = params![row.at_ms, row.kind, row.person, row.previous, hash];
    chain.ledger.write().expect("writable").execute(insert, values).expect("written");
    chain.countersign("hall");
    chain.append(1);
    assert_eq!(chain.verify(), Ok(Sound { rows: 3, countersigned: Some(2) }));
    chain.tamper("UPDATE audit SET person = NULL WHERE sequence = 2");
    assert_eq!(chain.verify(), Err(Broken::Changed(2)));
}

#[test]
fn an_alarm_stands_until_the_staff_have_taken_note_of_it() {
    let mut chain = Chain::new();
    let mut happens = |kind, second| {
        let at = Timestamp::from_second(second).expect("a time");
        append(&mut chain.ledger, &Entry { at, kind, stop: None }).expect("appended");
        standing_alarm(chain.ledger.read()).expect("readable").map(Timestamp::as_second)
    };
    assert_eq!(happens(Kind::Began, 1), None);
    assert_eq!(happens(Kind::Alarm, 2), Some(2));
    assert_eq!(happens(Kind::Began, 3), Some(2));
    assert_eq!(happens(Kind::Acknowledged, 4), None);
    assert_eq!(happens(Kind::Alarm, 5), Some(5));
}
