//! What a kiosk records of itself, what the county says to it, and what the staff see of it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::Ordering,
    time::Duration,
};

use kiosk_base::{domain::Stop, store::Ledger};
use renshe_kiosk::{
    audit::{self, Sound},
    link::FeedKeys,
    staff::{Pin, pin},
    visit::{Page, identify::Step},
};

use crate::support::{
    audited,
    kiosk::{Hall, Kiosk, copy, shipped},
};

const PIN: &str = "204816";

fn kiosk() -> Kiosk {
    let hall = Hall::new();
    pin::set(&hall.settings.staff, &Pin::parse(PIN).expect("a good PIN")).expect("set");
    Kiosk::open(hall)
}

fn data(kiosk: &Kiosk) -> PathBuf {
    kiosk.hall.data().join("kiosk")
}

/// The kinds of the rows with their stops, as `answered P02`.
fn kinds(directory: &Path) -> Vec<String> {
    let words = |(kind, _, stop): (String, _, Option<String>)| match stop {
        Some(stop) => format!("{kind} {stop}"),
        None => kind,
    };
    audited(directory).into_iter().map(words).collect()
}

/// Waits until the last rows are these.
fn recorded(kiosk: &mut Kiosk, expected: &[&str]) {
    let directory = data(kiosk);
    kiosk.until(&format!("the audit ends with {expected:?}"), |_| {
        kinds(&directory).ends_with(&expected.iter().map(ToString::to_string).collect::<Vec<_>>())
    });
}

/// What a look at the chain finds.
fn verified(kiosk: &Kiosk) -> Result<Sound, audit::Broken> {
    let keys = FeedKeys::read(&kiosk.hall.settings.link.feed_key).expect("the county's keys");
    let ledger = Ledger::read_only(&data(kiosk)).expect("a ledger");
    audit::verify(&ledger, &data(kiosk), &|message, signature| keys.signed(message, signature))
}

/// Waits until the county has countersigned something.
fn countersigned(kiosk: &mut Kiosk) -> Sound {
    kiosk.until("the county has countersigned", |kiosk| {
        verified(kiosk).is_ok_and(|sound| sound.countersigned.is_some())
    });
    verified(kiosk).expect("sound")
}

fn enter(kiosk: &mut Kiosk) {
    let name = kiosk.element("泸县福集镇");
    let (x, y) = (name.x + 40.0, name.y + name.height / 2.0);
    kiosk.app.screen().touch_for(x, y, Duration::from_millis(3_200));
    kiosk.app.pump();
    kiosk.see("请输入管理密码");
    for digit in PIN.chars() {
        kiosk.press(&digit.to_string());
    }
    kiosk.press("确定");
    kiosk.see("立即更新");
}

#[test]
fn every_query_is_in_the_audit_with_its_outcome() {
    let mut kiosk = kiosk();
    recorded(&mut kiosk, &["began"]);
    kiosk.lay("a");
    kiosk.see("每月养老金");
    recorded(&mut kiosk, &["began", "asked", "answered"]);
    kiosk.lift();
    // Somebody whom the core system does not know.
    let stranger =
        crate::support::kiosk::card_of(kiosk.hall.document("a"), "测试无", "510599198507150012");
    kiosk.lay_card(&stranger);
    kiosk.see("P01");
    recorded(&mut kiosk, &["asked", "answered P01"]);
    kiosk.lift();
    let rows = audited(&data(&kiosk));
    assert!(rows.iter().all(|row| row.1.is_none()), "rows name nobody: {rows:?}");

    kiosk.begin();
    enter(&mut kiosk);
    recorded(&mut kiosk, &["staff_entered"]);
    let sound = countersigned(&mut kiosk);
    assert_eq!(sound.rows, 6);
}

#[test]
fn an_answer_that_comes_after_the_visit_is_nobodys_and_the_audit_says_so() {
    let mut kiosk = kiosk();
    kiosk.hall.gate.shut();
    kiosk.lay("a");
    kiosk.until("the county is asked", |kiosk| {
        kiosk.app.state().page() == Some(&Page::Identify(Step::Asking))
    });
    kiosk.lift();
    recorded(&mut kiosk, &["asked", "abandoned"]);
    kiosk.hall.gate.open();
    kiosk.lay("b");
    kiosk.see("个人账户");
    recorded(&mut kiosk, &["asked", "abandoned", "asked", "answered"]);
}

#[test]
fn an_answer_about_another_is_not_shown_and_the_staff_are_alarmed() {
    let mut kiosk = kiosk();
    kiosk.hall.renames.store(true, Ordering::SeqCst);
    kiosk.lay("a");
    kiosk.see("P02");
    assert!(!kiosk.says("243.00") && !kiosk.says("测试旁人"), "{:?}", kiosk.labels());
    recorded(&mut kiosk, &["asked", "answered P02", "alarm P02"]);
    kiosk.lift();
    kiosk.hall.renames.store(false, Ordering::SeqCst);

    kiosk.begin();
    enter(&mut kiosk);
    assert!(kiosk.says("11月23日 9:10 县里返回的结果和所查的人不符"), "{:?}", kiosk.labels());
    kiosk.press("结束");
    let Kiosk { app, hall } = kiosk;
    drop(app);
    let mut kiosk = Kiosk::open(hall);
    kiosk.begin();
    enter(&mut kiosk);
    kiosk.see("县里返回的结果和所查的人不符");
    kiosk.press("知道了");
    kiosk.until("the alarm is gone", |kiosk| !kiosk.says("所查的人不符"));
    recorded(&mut kiosk, &["acknowledged"]);
}

#[test]
fn the_key_of_former_pseudonyms_is_destroyed_and_the_chain_says_so() {
    let hall = Hall::new();
    let directory = hall.data().join("kiosk");
    fs::create_dir_all(&directory).expect("a directory");
    fs::write(directory.join("audit-key"), [7; 32]).expect("written");
    let mut kiosk = Kiosk::open(hall);
    recorded(&mut kiosk, &["began", "unkeyed"]);
    assert!(!directory.join("audit-key").exists());
    let Kiosk { app, hall } = kiosk;
    drop(app);
    let mut kiosk = Kiosk::open(hall);
    recorded(&mut kiosk, &["began", "unkeyed", "began"]);
    assert!(!directory.join("audit-key").exists(), "nor made again");
}

#[test]
fn a_ledger_that_was_replaced_is_known_to_the_county() {
    let mut kiosk = kiosk();
    kiosk.lay("a");
    kiosk.see("每月养老金");
    kiosk.lift();
    recorded(&mut kiosk, &["answered"]);
    let heads = data(&kiosk).join("audit-head");
    countersigned(&mut kiosk);
    let Kiosk { app, hall } = kiosk;
    drop(app);

    // Everything that could tell is taken away together.
    for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
        let _ = fs::remove_file(hall.data().join("kiosk").join(name));
    }
    fs::remove_file(heads).expect("it was there");
    let mut kiosk = Kiosk::open(hall);
    kiosk.begin();
    enter(&mut kiosk);
    kiosk.press("本机检查");
    kiosk.see("重新检查");
    kiosk.until("the report knows", |kiosk| {
        let told = kiosk.says("县中心不认本机的审计记录") && kiosk.says("S06");
        if !told && kiosk.says("重新检查") {
            kiosk.app.screen().press("重新检查");
        }
        told
    });
}

#[test]
fn the_readiness_report_says_whether_the_chain_is_whole() {
    let mut kiosk = kiosk();
    kiosk.lay("a");
    kiosk.see("每月养老金");
    kiosk.lift();
    recorded(&mut kiosk, &["asked", "answered"]);
    countersigned(&mut kiosk);
    let directory = data(&kiosk);
    let config = tempfile::tempdir().expect("a directory");
    copy(&shipped(), config.path());
    let link = config.path().join("link");
    fs::create_dir_all(&link).expect("a directory");
    let files = &kiosk.hall.settings.link;
    for (from, to) in [
        (&files.authority, "ca.pem"),
        (&files.feed_key, "feed.pub"),
        (&files.certificate, "kiosk.pem"),
        (&files.key, "kiosk.key"),
    ] {
        fs::copy(from, link.join(to)).expect("copied");
    }
    let report = || -> Vec<serde_json::Value> {
        let output = Command::new(env!("CARGO_BIN_EXE_kiosk"))
            .arg("--config")
            .arg(config.path())
            .arg("--data")
            .arg(&directory)
            .args(["check", "--json"])
            .output()
            .expect("the kiosk runs");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one object");
        report["checks"].as_array().expect("checks").clone()
    };
    let row = |checks: &[serde_json::Value], name: &str| {
        checks.iter().find(|check| check["name"] == name).expect("one of them").clone()
    };
    let check = || -> (bool, String) {
        let audit = row(&report(), "audit");
        let message = audit["message"].as_str().expect("a text").to_owned();
        assert_eq!(audit["ok"] == true, audit["code"].is_null(), "{audit}");
        (audit["code"] == Stop::AuditBroken.code(), message)
    };
    // The running kiosk holds its reader, and says itself how it is.
    let beside = report();
    for name in ["reader", "link", "clock", "feed", "audit"] {
        let row = row(&beside, name);
        let told = row["message"].as_str().is_some_and(|words| words.contains("运行中的程序说"));
        assert!(row["ok"] == true && told, "{row}");
    }
    // These settings are newer than it is: what it says is not what they say.
    let settings = row(&beside, "config");
    let told = settings["message"].as_str().is_some_and(|words| words.contains("启动以后改过"));
    assert!(settings["ok"] == false && told, "{settings}");
    let (broken, message) = check();
    assert!(!broken && message.contains("审计记录完整，共 3 条"), "{message}");
    let Kiosk { app, hall: _hall } = kiosk;
    drop(app);
    let mut ledger = Ledger::open(&directory).expect("a ledger");
    let change = "UPDATE audit SET stop = 'P02' WHERE sequence = 3";
    ledger.write().expect("writable").execute(change, []).expect("changed");
    drop(ledger);
    assert_eq!(check(), (true, "审计记录第 3 条被改动".to_owned()));
}

#[test]
fn a_ledger_that_another_keeps_locked_loses_no_row() {
    let mut kiosk = kiosk();
    recorded(&mut kiosk, &["began"]);
    let ledger = data(&kiosk).join("ledger.db");
    let other = rusqlite::Connection::open(ledger).expect("the ledger");
    other.execute_batch("BEGIN IMMEDIATE").expect("nobody else writes");
    kiosk.lay("a");
    // Served all the same; the county has its own record of the query.
    kiosk.see("每月养老金");
    // Longer than the recorder waits for whoever else writes: then it tries again.
    std::thread::sleep(Duration::from_secs(7));
    other.execute_batch("COMMIT").expect("ended");
    recorded(&mut kiosk, &["asked", "answered"]);
    let rows = kinds(&data(&kiosk));
    assert_eq!(rows, ["began", "asked", "answered"]);
}

#[test]
fn what_could_not_be_recorded_is_told_by_the_chain() {
    let mut kiosk = kiosk();
    recorded(&mut kiosk, &["began"]);
    let ledger = data(&kiosk).join("ledger.db");
    let other = rusqlite::Connection::open(ledger).expect("the ledger");
    other.execute_batch("ALTER TABLE audit RENAME TO away").expect("away");
    kiosk.lay("a");
    kiosk.see("每月养老金");
    kiosk.lift();
    other.execute_batch("ALTER TABLE away RENAME TO audit").expect("back");
    kiosk.lay("b");
    kiosk.see("个人账户");
    recorded(&mut kiosk, &["asked", "answered"]);
    let rows = kinds(&data(&kiosk));
    assert_eq!(rows[..2], ["began", "missed"], "{rows:?}");
}
