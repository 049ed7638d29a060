//! A county that is put back from a backup, by the real programs: two kiosks follow it over mutual
//! TLS, whatever they had seen before.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use kiosk_base::wire::v1::{AuditHead, AuditVerdict, Heartbeat, ProblemCode};
use renshe_kiosk::link::Client;

use super::{at, county, json};
use crate::support::{Served, guarded};

#[test]
fn two_kiosks_follow_a_county_through_a_restore() {
    let home = county();
    let home = home.path();
    let serving = service(home, "127.0.0.1:0");
    let kiosks = ["one", "two"].map(|name| Kiosk::enrol(home, name, &serving.url));
    publish(home, &[("a", "焊工"), ("b", "厨工"), ("c", "瓦工")]);
    for kiosk in &kiosks {
        assert_eq!(kiosk.refresh(), ["厨工", "焊工", "瓦工"]);
    }
    let (code, said) = at(home, "backup copy");
    assert_eq!(code, Some(0), "{said}");
    // Four more changes, which one kiosk sees and the other does not.
    publish(home, &[("a", "电焊工"), ("d", "木工"), ("e", "漆工")]);
    assert_eq!(kiosks[0].refresh(), ["木工", "漆工", "电焊工"]);

    // Beside a running service nothing is restored.
    let (code, said) = at(home, "restore copy --yes");
    assert!(code == Some(1) && said.contains("正在使用"), "{said}");
    let address = stop(serving);
    let (code, said) = at(home, "restore copy --yes");
    assert!(code == Some(0) && said.contains("终端的登记没有变"), "{said}");
    let serving = service(home, &address);
    for kiosk in &kiosks {
        assert_eq!(kiosk.refresh(), ["厨工", "焊工", "瓦工"]);
    }
    // The numbers grow beyond what either had before.
    publish(home, &[("a", "焊工二"), ("b", "厨工"), ("f", "司机"), ("g", "保安"), ("h", "保洁")]);
    publish(home, &[("b", "厨工"), ("f", "司机"), ("g", "保安二"), ("h", "保洁")]);
    for kiosk in &kiosks {
        assert_eq!(kiosk.refresh(), ["保安二", "保洁", "厨工", "司机"]);
    }

    // Everything is lost but the backup: the kiosks' certificates are good as before.
    let address = stop(serving);
    std::fs::remove_dir_all(home.join("data")).expect("lost");
    let (code, said) = at(home, "restore copy --yes");
    assert!(code == Some(0) && said.contains("ca.key"), "{said}");
    let serving = service(home, &address);
    for kiosk in &kiosks {
        assert_eq!(kiosk.refresh(), ["厨工", "焊工", "瓦工"]);
    }
    stop(serving);
    let audit = json(home, "audit --json");
    let deeds: Vec<_> = audit["rows"].as_array().expect("rows").iter().collect();
    assert_eq!(deeds.last().map(|row| &row["deed"]), Some(&"restored".into()), "{audit}");
    assert!(audit["broken_at"].is_null() && audit["lost"].is_null(), "{audit}");
}

#[test]
fn a_database_that_was_laid_over_by_hand_is_found_out() {
    let home = county();
    let home = home.path();
    let serving = service(home, "127.0.0.1:0");
    let kiosk = Kiosk::enrol(home, "one", &serving.url);
    publish(home, &[("a", "焊工"), ("b", "厨工")]);
    let address = stop(serving);
    let database = home.join("data/county.db");
    let copy = std::fs::read(&database).expect("one file, since nobody has it open");

    publish(home, &[("a", "电焊工"), ("c", "瓦工")]);
    let serving = service(home, &address);
    assert_eq!(kiosk.refresh(), ["瓦工", "电焊工"]);
    let address = stop(serving);
    std::fs::write(&database, copy).expect("laid over");
    // As many changes as the kiosk has seen, and more.
    publish(home, &[("a", "焊工"), ("d", "木工"), ("e", "漆工")]);
    publish(home, &[("a", "焊工"), ("e", "漆工二"), ("f", "司机")]);
    let _serving = service(home, &address);
    assert_eq!(kiosk.refresh(), ["司机", "漆工二", "焊工"]);
    let (code, said) = at(home, "audit --json");
    let audit: serde_json::Value =
        serde_json::from_str(said.lines().next().expect("an object")).expect("an object");
    assert_eq!(code, Some(1), "the row of the second publishing is gone: {audit}");
    let found = audit["rows"].as_array().expect("rows").iter();
    assert_eq!(found.filter(|row| row["deed"] == "found_put_back").count(), 1, "{audit}");
}

#[test]
fn a_directory_that_was_put_back_as_a_whole_is_behind_its_kiosk() {
    let home = county();
    let home = home.path();
    let serving = service(home, "127.0.0.1:0");
    let kiosk = Kiosk::enrol(home, "one", &serving.url);
    publish(home, &[("a", "焊工"), ("b", "厨工")]);
    let address = stop(serving);
    copy(&home.join("data"), &home.join("snapshot"));
    publish(home, &[("a", "电焊工"), ("c", "瓦工")]);
    let serving = service(home, &address);
    assert_eq!(kiosk.refresh(), ["瓦工", "电焊工"]);
    stop(serving);
    std::fs::remove_dir_all(home.join("data")).expect("lost");
    copy(&home.join("snapshot"), &home.join("data"));
    let _serving = service(home, &address);
    assert_eq!(kiosk.refresh(), ["厨工", "焊工"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_heads_go_on_after_a_restore_or_their_refusal_is_explained() {
    let home = county();
    let home = home.path();
    let serving = service(home, "127.0.0.1:0");
    for name in ["one", "two"] {
        assert_eq!(at(home, &format!("enrol {name} --division 510599100 --out out")).0, Some(0));
    }
    let kiosks = ["one", "two"].map(|name| serving.client(&home.join("out"), name));
    let verdict = async |kiosk: &Client, sequence, digit: &str| {
        let head = AuditHead { sequence, hash: digit.repeat(64) };
        match guarded(kiosk.heartbeat(&heartbeat(head))).await.expect("an answer").audit {
            Some(AuditVerdict::Countersigned { .. }) => Ok(()),
            Some(AuditVerdict::Refused { code }) => Err(code),
            Some(AuditVerdict::Unknown) => unreachable!("a county knows its own verdicts"),
            None => panic!("no verdict"),
        }
    };
    for kiosk in &kiosks {
        assert_eq!(verdict(kiosk, 5, "a").await, Ok(()));
    }
    assert_eq!(at(home, "backup copy").0, Some(0));
    // The first goes on; of the second the disk is replaced, and its chain begins anew.
    assert_eq!(verdict(&kiosks[0], 9, "b").await, Ok(()));
    assert_eq!(at(home, "forget-audit two --yes").0, Some(0));
    assert_eq!(verdict(&kiosks[1], 2, "c").await, Ok(()));

    // A database that can be read forgets nothing of this.
    let address = stop(serving);
    assert_eq!(at(home, "restore copy --yes").0, Some(0));
    let serving = service(home, &address);
    assert_eq!(verdict(&kiosks[0], 7, "d").await, Err(ProblemCode::AuditBackwards));
    assert_eq!(verdict(&kiosks[1], 3, "c").await, Ok(()));

    // One that is lost does, and says so where it matters.
    let address = stop(serving);
    std::fs::remove_dir_all(home.join("data")).expect("lost");
    assert_eq!(at(home, "restore copy --yes").0, Some(0));
    let _serving = service(home, &address);
    assert_eq!(verdict(&kiosks[0], 12, "e").await, Ok(()));
    assert_eq!(verdict(&kiosks[1], 4, "c").await, Err(ProblemCode::AuditBackwards));
    let log = std::fs::read_to_string(home.join("log")).expect("a log");
    let about = |name: &str, words: &str| {
        let kiosk = format!("kiosk=\"{name}\"");
        log.lines().any(|line| line.contains(&kiosk) && line.contains(words))
    };
    assert!(about("one", "has grown since the backup of"), "{log}");
    assert!(about("two", "does not go on from the head in the backup of"), "{log}");
    assert_eq!(at(home, "forget-audit two --yes").0, Some(0));
    assert_eq!(verdict(&kiosks[1], 5, "c").await, Ok(()));
}

fn heartbeat(head: AuditHead) -> Heartbeat {
    Heartbeat {
        version: "0.1.0".into(),
        uptime_s: 60,
        reader_ready: true,
        audit: Some(head),
        ..Heartbeat::default()
    }
}

#[test]
fn a_restore_into_another_county_is_refused() {
    let home = county();
    let home = home.path();
    assert_eq!(at(home, "backup copy").0, Some(0));
    let (code, said) = at(home, "backup copy");
    assert!(code == Some(1) && said.contains("已经有了"), "{said}");
    std::fs::rename(home.join("data"), home.join("other")).expect("moved");
    assert_eq!(at(home, "init").0, Some(0));
    let (code, said) = at(home, "restore copy --yes");
    assert!(code == Some(1) && said.contains("另一个县"), "{said}");
    let (code, said) = at(home, "restore other/none --yes");
    assert!(code == Some(1) && said.contains("不是备份"), "{said}");
}

fn publish(home: &Path, items: &[(&str, &str)]) {
    let mut text = String::new();
    for (id, title) in items {
        let comma = if text.is_empty() { "" } else { "," };
        write!(
            text,
            r#"{comma}{{"id":"{id}","title":"{title}","employer":"测试厂","published":"2026-11-01","source":"测试"}}"#
        )
        .expect("into a text");
    }
    let text = format!(r#"{{"as_of":"2026-11-20","items":[{text}]}}"#);
    std::fs::write(home.join("set.json"), text).expect("written");
    let (code, said) = at(home, "publish postings set.json --withdraw");
    assert_eq!(code, Some(0), "{said}");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).expect("made");
    for file in std::fs::read_dir(from).expect("readable") {
        let file = file.expect("one");
        std::fs::copy(file.path(), to.join(file.file_name())).expect("copied");
    }
}

/// The service of the real county in `home`; its log goes there, too.
pub(super) fn service(home: &Path, listen: &str) -> Served {
    let settings = home.join("config/county.toml");
    if !settings.exists() {
        std::fs::write(settings, "").expect("written");
    }
    let log = std::fs::File::options().append(true).create(true).open(home.join("log"));
    Served::start(
        Command::new(crate::support::county_program())
            .current_dir(home)
            .args(["serve", "--listen", listen, "--config", "config", "--data", "data"])
            .stderr(log.expect("a log")),
    )
}

/// Ends it as an office does; its address.
pub(super) fn stop(mut served: Served) -> String {
    assert!(served.end("-TERM").0.success());
    served.address()
}

/// A kiosk of the county in `home`, with settings and data of its own.
struct Kiosk {
    config: PathBuf,
    data: PathBuf,
}

impl Kiosk {
    fn enrol(home: &Path, name: &str, url: &str) -> Self {
        let config = home.join(format!("{name}-config"));
        let (code, said) =
            at(home, &format!("enrol {name} --division 510599100 --out {name}-config/link"));
        assert_eq!(code, Some(0), "{said}");
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config");
        for entry in std::fs::read_dir(&shipped).expect("it is shipped") {
            let entry = entry.expect("one");
            if entry.file_name() != "kiosk.toml" && entry.file_name() != "link" {
                let link = config.join(entry.file_name());
                std::os::unix::fs::symlink(entry.path(), link).expect("linked");
            }
        }
        let settings = std::fs::read_to_string(shipped.join("kiosk.toml")).expect("it is shipped");
        let settings = settings
            .replace("https://localhost:8443", url)
            .replace("link/kiosk.", &format!("link/{name}."));
        std::fs::write(config.join("kiosk.toml"), settings).expect("written");
        Self { config, data: home.join(format!("{name}-data")) }
    }

    /// Refreshes, and says which titles it shows.
    fn refresh(&self) -> Vec<String> {
        let done = self.run(&["listings", "refresh"]);
        assert!(done.status.success(), "{done:?}");
        let found = self.run(&["listings", "search", "--json"]);
        let found: serde_json::Value = serde_json::from_slice(&found.stdout).expect("one object");
        let results = found["results"].as_array().expect("a list").iter();
        let title = |result: &serde_json::Value| result["title"].as_str().map(str::to_owned);
        let mut titles: Vec<_> = results.filter_map(title).collect();
        titles.sort_unstable();
        titles
    }

    fn run(&self, arguments: &[&str]) -> std::process::Output {
        Command::new(env!("CARGO_BIN_EXE_kiosk"))
            .args(arguments)
            .arg("--config")
            .arg(&self.config)
            .arg("--data")
            .arg(&self.data)
            .output()
            .expect("it runs")
    }
}

/// What an older database does not know, nobody is let in for.
#[test]
fn who_was_revoked_stays_out_when_an_older_database_is_laid_over() {
    let home = county();
    let home = home.path();
    let serving = service(home, "127.0.0.1:0");
    let url = serving.url.clone();
    let kiosk = Kiosk::enrol(home, "one", &url);
    let address = stop(serving);
    let database = home.join("data/county.db");
    let copy = std::fs::read(&database).expect("one file, since nobody has it open");
    let late = Kiosk::enrol(home, "late", &url);
    assert_eq!(at(home, "revoke late --yes").0, Some(0));
    std::fs::write(&database, copy).expect("laid over");
    publish(home, &[("a", "焊工")]);
    let _serving = service(home, &address);
    assert_eq!(kiosk.refresh(), ["焊工"]);
    let refused = late.run(&["listings", "refresh"]);
    assert!(!refused.status.success(), "it was revoked, and the database does not know it");
}

/// Keys of two counties are no county: neither backed up, nor restored, nor worked with.
#[test]
fn keys_that_do_not_belong_together_are_refused_before_anything_changes() {
    let (home, other) = (county(), county());
    let (home, other) = (home.path(), other.path());
    assert_eq!(at(home, "backup copy").0, Some(0));
    let put = |name: &str, from: &Path, to: &str| {
        std::fs::copy(from.join(name), home.join(to).join(name)).expect("copied");
    };
    put("ca.key", &other.join("data"), "data");
    let (code, said) = at(home, "backup another");
    assert!(code == Some(1) && said.contains("不是一对"), "{said}");
    put("ca.pem", &other.join("data"), "data");
    let (code, said) = at(home, "kiosks");
    assert!(code == Some(1) && said.contains("不是这个县的签发机构"), "{said}");
    for name in ["ca.key", "ca.pem"] {
        put(name, &home.join("copy"), "data");
    }
    assert_eq!(at(home, "kiosks").0, Some(0));
    put("feed.pub", &other.join("data"), "copy");
    let (code, said) = at(home, "restore copy --yes");
    assert!(code == Some(1) && said.contains("不是一对"), "{said}");
    let (code, said) = at(home, "backup data/within");
    assert!(code == Some(1) && said.contains("会和它一起丢失"), "{said}");
    let (code, said) = at(home, "enrol ca --division 510599100 --out out");
    assert!(code == Some(1) && said.contains("不能叫 ca 或 feed"), "{said}");
}
