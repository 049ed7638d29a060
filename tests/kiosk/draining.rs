//! The real program asked to end at random moments: of its start, of a refresh, of a visit, while it takes
//! over what another process imports. It ends well and in time, and the ledger has each row that was made,
//! once.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use kiosk_base::{clock::Clock, store::Ledger};
use kiosk_stage::simulator::CardImage;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use renshe_kiosk::{audit, link::FeedKeys, listings::town};

use crate::{
    displays::servers::{Server, there},
    support::{
        Dice,
        kiosk::{Hall, config, shipped, wait_until},
    },
};

/// Rounds, unless `KIOSK_ROUNDS` says another number.
const ROUNDS: u64 = 25;
/// Several times what it takes: a limit, not a measurement.
const AT_MOST: Duration = Duration::from_secs(8);
/// Postings that the town imports again and again.
const OWN: usize = 300;
/// Most milliseconds from the start until it is asked to end; the window is there after some 300.
const MOMENTS_MS: u64 = 1_500;

#[test]
fn whenever_it_is_asked_to_end_it_ends_well_and_nothing_is_lost() {
    if !there(&["Xvfb"]) {
        return;
    }
    let rounds = std::env::var("KIOSK_ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    let mut town = Hall::new();
    // The program has the machine's time, and believes no county that is days away from it.
    town.clock = Clock::System;
    town.cut_county();
    town.serve_county();
    let config = config(&shipped(), &town);
    let server = Server::xvfb(1080, 1920);
    let home = tempfile::tempdir().expect("a directory");
    let (data, said) = (home.path().join("data"), home.path().join("said"));
    let card = CardImage::of(&town.document("a")).expect("a card");
    let table = home.path().join("own.csv");
    fs::write(&table, own_postings()).expect("written");
    let mut dice = Dice::new(1_129);
    let mut begun = 0;
    for round in 0..rounds.unwrap_or(ROUNDS) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kiosk"));
        command.arg("--config").arg(config.path()).arg("--data").arg(&data).arg("run");
        server.lend(&mut command);
        let log = fs::File::create(&said).expect("a file");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).env_remove("RUST_LOG");
        // A card may lie there already, come, or go.
        if dice.roll(3) > 0 {
            town.reader.lay(card.clone());
        }
        let mut kiosk = command.spawn().expect("it starts");
        // Before that nobody has asked for its signals.
        wait_until("it has begun", || {
            begun < count(&data, "began") || kiosk.try_wait().expect("a child").is_some()
        });
        begun += 1;
        let import = (round % 3 == 0).then(|| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_kiosk"));
            command.arg("--config").arg(config.path()).arg("--data").arg(&data);
            command.args(["listings", "import"]).arg(&table).stdout(Stdio::null());
            command.spawn().expect("it starts")
        });
        thread::sleep(Duration::from_millis(dice.roll(MOMENTS_MS)));
        if dice.roll(2) == 0 {
            town.reader.lift();
            thread::sleep(Duration::from_millis(dice.roll(300)));
        }
        let id = i32::try_from(kiosk.id()).expect("a number");
        let signal = if dice.roll(2) == 0 { Signal::SIGTERM } else { Signal::SIGINT };
        kill(Pid::from_raw(id), signal).expect("it is there");
        let asked = Instant::now();
        let mut status = None;
        wait_until("it ends", || {
            status = kiosk.try_wait().expect("a child");
            status.is_some()
        });
        let said = fs::read_to_string(&said).expect("text");
        assert_eq!(status.expect("ended").code(), Some(0), "round {round}: {said}");
        assert!(!said.contains("did not end in time"), "round {round}: {said}");
        assert!(asked.elapsed() < AT_MOST, "round {round}: {:?}", asked.elapsed());
        town.reader.lift();
        if let Some(mut import) = import {
            assert!(import.wait().expect("a child").success(), "round {round}: imported");
            assert_eq!(own(&data), OWN, "round {round}: what was acknowledged is there, once");
        }

        assert_eq!(count(&data, "began"), begun, "round {round}");
        let ended = count(&data, "answered") + count(&data, "abandoned");
        assert_eq!(count(&data, "asked"), ended, "round {round}: each question has its end, once");
        assert_eq!(count(&data, "missed"), 0, "round {round}");
    }
    assert!(count(&data, "asked") > 0, "some were in the middle of a visit");

    // What the county has countersigned is there.
    let keys = FeedKeys::read(&town.settings.link.feed_key).expect("the county's");
    let ledger = Ledger::read_only(&data).expect("a ledger");
    let signed = |message: &[u8], signature: &[u8]| keys.signed(message, signature);
    let sound = audit::verify(&ledger, &data, &signed).expect("the chain is whole");
    assert!(sound.countersigned.is_some());
}

/// A clerk's table.
fn own_postings() -> String {
    let row = |number| format!("普工{number},测试{number}号厂,4000元/月,2099-12-31\n");
    let rows: String = (0..OWN).map(row).collect();
    format!("岗位名称,招聘单位,工资,截止日期\n{rows}")
}

/// How many postings of the town's own there are, no two alike.
fn own(data: &Path) -> usize {
    let ledger = Ledger::read_only(data).expect("a ledger");
    let mut own = BTreeSet::new();
    let mut read = 0;
    town::each_own(&ledger, |item| {
        own.insert(format!("{item:?}"));
        read += 1;
        Ok(())
    })
    .expect("readable");
    assert_eq!(own.len(), read, "none twice");
    read
}

/// How many rows of a kind the audit has; none while there is no audit.
fn count(data: &Path, kind: &str) -> i64 {
    let Ok(ledger) = Ledger::read_only(data) else { return 0 };
    let sql = "SELECT count(*) FROM audit WHERE kind = ?1";
    ledger.query_row(sql, [kind], |row| row.get(0)).unwrap_or(0)
}
