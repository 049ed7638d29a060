//! The county as an office runs it: only `init` makes one, what is done is written down, and what
//! cannot be undone is asked.

use super::{at, county, json, run};

#[test]
fn no_command_but_init_makes_a_county() {
    let home = tempfile::tempdir().expect("a directory");
    std::fs::write(home.path().join("county.toml"), "").expect("written");
    std::fs::write(home.path().join("set.json"), r#"{"as_of":"2026-11-20","items":[]}"#)
        .expect("written");
    for arguments in [
        "serve --listen 127.0.0.1:0",
        "enrol hall --division 510521100",
        "revoke hall --yes",
        "publish postings set.json",
        "publish postings set.json --dry-run",
        "put-back postings",
        "kiosks",
        "forget-audit hall --yes",
        "feed-key announce",
        "feed-key show",
        "feed-key switch --yes",
        "audit",
        "backup copy",
    ] {
        let words: Vec<&str> =
            arguments.split(' ').chain(["--data", "data", "--config", "."]).collect();
        let done = run(home.path(), &words);
        let error = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(1), "{arguments}: {error}");
        assert!(error.contains("data 里没有县") && error.contains("county init"), "{error}");
        assert!(!home.path().join("data").exists(), "{arguments} made something");
    }
    assert!(!home.path().join("hall.pem").exists() && !home.path().join("copy").exists());
}

#[test]
fn a_lost_database_begins_anew_only_where_it_is_meant() {
    let home = county();
    let home = home.path();
    assert_eq!(at(home, "enrol hall --division 510599100 --out out").0, Some(0));
    assert_eq!(at(home, "revoke hall --yes").0, Some(0));
    let database = home.join("data/county.db");
    std::fs::remove_file(&database).expect("lost");
    let (code, said) = at(home, "init");
    assert!(code == Some(1) && said.contains("就写 --yes"), "{said}");
    assert!(said.contains("吊销过的证书又都有效") && said.contains("county revoke"), "{said}");
    assert!(!database.exists());
    assert_eq!(at(home, "init --yes").0, Some(0));
    assert!(database.exists());
}

#[test]
fn a_demonstration_and_a_real_county_do_not_mix() {
    let home = county();
    let shipped = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config");
    let config = shipped.to_str().expect("a path");
    let words =
        ["serve", "--demo", "--listen", "127.0.0.1:0", "--data", "data", "--config", config];
    let done = run(home.path(), &words);
    let error = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(1), "{error}");
    assert!(error.contains("真的县"), "{error}");
}

#[test]
fn what_is_done_is_written_down_and_what_cannot_be_undone_is_asked() {
    let home = county();
    let home = home.path();
    let set = r#"{"as_of":"2026-11-20","items":[{"id":"a","title":"普工","employer":"测试厂","published":"2026-11-01","source":"测试"}]}"#;
    std::fs::write(home.join("set.json"), set).expect("written");
    for arguments in [
        "enrol hall --division 510599100 --out out",
        "revoke hall --yes",
        "publish postings set.json",
        "put-back postings --dry-run",
        "put-back postings --withdraw",
        "feed-key announce",
        "feed-key withdraw",
        "feed-key announce",
        "feed-key switch",
        "feed-key take-back",
        "feed-key switch",
        "feed-key drop --yes",
        "backup copy",
    ] {
        let (code, said) = at(home, arguments);
        assert_eq!(code, Some(0), "{arguments}: {said}");
    }
    let (code, said) = at(home, "revoke stranger");
    assert!(
        code == Some(1) && said.contains("没有名为 stranger 的终端") && said.contains("--unknown")
    );
    let (code, said) = at(home, "revoke stranger --unknown");
    assert!(code == Some(1) && said.contains("就写 --yes"), "{said}");
    let (code, said) = at(home, "forget-audit hall");
    assert!(code == Some(1) && said.contains("就写 --yes"), "{said}");
    let (code, said) = at(home, "forget-audit hall --yes");
    assert!(code == Some(1) && said.contains("没有 hall 的审计记录"), "{said}");
    let (code, said) = at(home, "restore copy");
    assert!(code == Some(1) && said.contains("就写 --yes"), "{said}");
    assert_eq!(at(home, "restore copy --yes").0, Some(0));

    let audit = json(home, "audit --json");
    let rows = audit["rows"].as_array().expect("rows");
    let deeds: Vec<_> = rows.iter().map(|row| row["deed"].as_str().expect("a word")).collect();
    assert_eq!(
        deeds,
        [
            "made",
            "enrolled",
            "revoked",
            "published",
            "put_back",
            "key_announced",
            "key_withdrawn",
            "key_announced",
            "key_switched",
            "key_taken_back",
            "key_switched",
            "key_dropped",
            "backed_up",
            "restored"
        ]
    );
    assert_eq!(rows[1]["detail"], "hall，510599100");
    assert_eq!(rows[3]["detail"], "postings：新增 1，变更 0，撤回 0，未变 0，来自 set.json");
    assert!(rows.iter().all(|row| row["who"].as_str().is_some_and(|who| !who.is_empty())));
    assert!(audit["broken_at"].is_null() && audit["lost"].is_null(), "{audit}");

    // The last row that is gone is missed, and a row that was changed is found.
    let database = rusqlite::Connection::open(home.join("data/county.db")).expect("opened");
    database.execute("DELETE FROM deed WHERE sequence = 14", []).expect("deleted");
    let (code, said) = at(home, "audit");
    assert!(code == Some(1) && said.contains("第 14 行写过，现在没有了"), "{said}");
    database.execute("UPDATE deed SET detail = 'other' WHERE sequence = 2", []).expect("changed");
    drop(database);
    let (code, said) = at(home, "audit");
    assert!(code == Some(1) && said.contains("第 2 行和写入时不一样"), "{said}");
}

#[test]
fn a_backup_removes_only_what_another_left_half_done() {
    let home = county();
    let home = home.path();
    let new = home.join("copy.new");
    std::fs::create_dir(&new).expect("made");
    for file in ["county.db", "ca.key", "letter.txt"] {
        std::fs::write(new.join(file), "x").expect("written");
    }
    let (code, said) = at(home, "backup copy");
    assert!(code == Some(1) && said.contains("copy.new 里面有 letter.txt"), "{said}");
    assert!(new.join("letter.txt").exists() && new.join("county.db").exists(), "nothing is gone");
    std::fs::remove_file(new.join("letter.txt")).expect("moved away");
    assert_eq!(at(home, "backup copy").0, Some(0));
    assert!(home.join("copy/county.db").exists() && !new.exists());
}

/// Who worked in it would change what may be needed, and would not know of what was revoked since.
#[test]
fn nobody_works_in_a_backup() {
    let home = county();
    let home = home.path();
    assert_eq!(at(home, "backup copy").0, Some(0));
    std::fs::rename(home.join("data"), home.join("lost")).expect("moved");
    std::fs::rename(home.join("copy"), home.join("data")).expect("moved");
    let (code, said) = at(home, "kiosks");
    assert!(code == Some(1) && said.contains("data 是备份"), "{said}");
    std::fs::rename(home.join("data"), home.join("copy")).expect("moved back");
    assert_eq!(at(home, "restore copy --yes").0, Some(0));
    assert_eq!(at(home, "kiosks").0, Some(0));
}

#[test]
fn a_kiosk_that_could_not_be_written_down_gets_no_files() {
    let home = county();
    let home = home.path();
    let database = rusqlite::Connection::open(home.join("data/county.db")).expect("opened");
    let refuse = "CREATE TRIGGER full BEFORE INSERT ON kiosk_certificate
                  BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
    database.execute_batch(refuse).expect("made");
    let (code, said) = at(home, "enrol hall --division 510599100 --out out");
    assert!(code == Some(1) && said.contains("the disk is full"), "{said}");
    assert!(!home.join("out/hall.key").exists() && !home.join("out/hall.pem").exists());
    database.execute_batch("DROP TRIGGER full").expect("gone");
    assert_eq!(at(home, "enrol hall --division 510599100 --out out").0, Some(0));
    assert!(home.join("out/hall.key").exists());
}
