//! Ledgers as failing disks leave them, before the real `kiosk check`; and disks without room at the
//! first start.

use std::{fs, io::Write, path::Path, process::Command};

use jiff::Timestamp;
use kiosk_base::{
    domain::{Posting, PostingId},
    store::Ledger,
    wire::{FeedBody, v1},
};
use renshe_kiosk::{
    audit::{self, Entry, Kind},
    listings::{Mark, town},
};

use super::{Config, files};

fn posting(id: &str) -> Posting {
    let id = PostingId::parse(id).expect("an id");
    let day = jiff::civil::date(2026, 11, 1);
    let mut posting = Posting::new(id, "焊工", "测试厂", day, "测试");
    posting.duties = Some("焊接零件。".repeat(40));
    posting
}

/// A ledger with rows of every kind.
fn fill(data: &Path) {
    fs::create_dir_all(data).expect("made");
    let mut ledger = Ledger::open(data).expect("a ledger");
    for _ in 0..60 {
        let entry = Entry { at: Timestamp::UNIX_EPOCH, kind: Kind::Marked, stop: None };
        audit::append(&mut ledger, &entry).expect("appended");
    }
    let items = (0..30).map(|i| FeedBody::Posting(Box::new(posting(&format!("own-{i}")))));
    town::import(&mut ledger, items, Timestamp::UNIX_EPOCH).expect("imported");
    for i in 0..30 {
        let id = PostingId::parse(&format!("own-{i}")).expect("an id");
        town::mark(&mut ledger, &id, "焊工", Some(Mark::Pinned), Timestamp::UNIX_EPOCH)
            .expect("marked");
    }
}

fn audit_of(config: &Config) -> (bool, String, String) {
    let check = files::checked(config, &["audit"]).remove(0);
    let text = |key: &str| check[key].as_str().unwrap_or_default().to_owned();
    (check["ok"] == true, text("code"), text("message"))
}

#[test]
fn garbage_in_any_page_of_the_ledger_is_found() {
    let (config, _) = files::enrolled();
    let data = config.path("data");
    fill(&data);
    let path = data.join("ledger.db");
    let (ok, code, message) = audit_of(&config);
    assert!(ok, "{code} {message}");
    let whole = fs::read(&path).expect("the ledger");
    let free: i64 = rusqlite::Connection::open(&path)
        .and_then(|ledger| ledger.pragma_query_value(None, "freelist_count", |row| row.get(0)))
        .expect("a number");
    let mut unseen = 0;
    for page in 0..whole.len() / 4096 {
        let mut spoilt = whole.clone();
        for (i, byte) in spoilt[page * 4096..][..4096].iter_mut().enumerate() {
            *byte = (i * 89 + 41) as u8;
        }
        let _ = fs::remove_file(data.join("ledger.db-wal"));
        let _ = fs::remove_file(data.join("ledger.db-shm"));
        fs::write(&path, &spoilt).expect("written");
        let (ok, code, message) = audit_of(&config);
        if ok {
            unseen += 1;
        } else {
            assert!(
                ["S07", "S06", "S04"].contains(&code.as_str()),
                "page {page}: {code} {message}"
            );
        }
    }
    // Pages that hold nothing may hold anything.
    assert!(unseen <= free, "{unseen} pages unseen, {free} are free");
}

#[test]
fn an_empty_ledger_is_damage_and_not_an_old_one() {
    let (config, _) = files::enrolled();
    config.write("data/ledger.db", "");
    let (ok, code, message) = audit_of(&config);
    assert_eq!((ok, code.as_str()), (false, "S07"), "{message}");
    assert!(message.contains("ledger.db") && message.contains("是空的"), "{message}");
}

/// Runs `script` with a disk of 4 MB at `place` in a name space of its own; `None` where that is not
/// allowed.
fn with_small_disk(place: &Path, script: &str) -> Option<String> {
    let mounted = "mount -t tmpfs -o size=4m tmpfs \"$0\" || exit 77\n";
    let output = Command::new("unshare")
        .args(["--mount", "--map-root-user", "sh", "-c", &format!("{mounted}{script}")])
        .arg(place)
        .env("KIOSK", env!("CARGO_BIN_EXE_kiosk"))
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let refused = output.status.code() == Some(77) || text.is_empty();
    (!refused).then_some(text)
}

#[test]
fn a_full_disk_at_the_first_start_leaves_nothing_that_looks_like_a_loss() {
    let (config, _) = files::enrolled();
    let rows = config.path("rows.json");
    fs::write(&rows, format!("[{}]", v1::to_json(&posting("own-1")))).expect("written");
    let place = config.path("small");
    fs::create_dir_all(&place).expect("made");
    // With room for so many blocks of 4 KB; then with all of it.
    let script = format!(
        r#"import() {{ "$KIOSK" --config {config} --data "$0/data" listings import {rows} >/dev/null 2>"$0.said"; }}
        for free in 0 1 2 4 8 12 16 24 32 48; do
            rm -rf "$0/data"; mkdir "$0/data"
            cat /dev/zero >"$0/filler" 2>/dev/null
            truncate -s -$((free * 4096)) "$0/filler"
            import; first=$?
            rm -f "$0/filler"
            for file in "$0"/data/*.db; do
                [ -e "$file" ] && [ ! -s "$file" ] && echo "EMPTY $file"
            done
            import || echo "REFUSED with room: $(cat "$0.said")"
            ls "$0/data" | grep damaged
            echo "free=$free first=$first"
        done"#,
        config = config.path("").display(),
        rows = rows.display(),
    );
    let Some(found) = with_small_disk(&place, &script) else {
        let said = writeln!(std::io::stderr(), "not tried: no disk can be made here");
        return said.expect("written");
    };
    assert!(found.contains("first=1"), "the disk was never full: {found}");
    for bad in ["EMPTY", "REFUSED", "damaged"] {
        assert!(!found.contains(bad), "{found}");
    }
}
