//! The `county` program as its users run it: another process, its files, its one line, its log.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use renshe_kiosk::link::{Client, LinkSettings};

use crate::support::{self, Served, guarded, now, query_a};

mod keys;
mod office;
mod publishing;
mod restore;

#[tokio::test]
async fn a_demonstration_serves_clients_that_use_its_files_and_logs_no_person() {
    let home = tempfile::tempdir().expect("a directory");
    let mut county = demonstration(home.path(), "127.0.0.1:0");
    let account =
        guarded(county.client(&home.path().join("data"), "kiosk").account(&now(query_a())))
            .await
            .expect("an answer");
    assert_eq!(account.name.expose(), "测试·阿依", "the mark is where it should be");
    let stranger = now(support::query("11010519491231002X", "测试丙"));
    guarded(county.client(&home.path().join("data"), "kiosk").account(&stranger))
        .await
        .expect_err("nobody");

    let (status, log) = county.end("-INT");
    assert_eq!(status.code(), Some(0));
    assert!(log.contains("kiosk=demo") && log.contains("outcome=\"ok\""), "{log}");
    for mark in ["51059919610320058X", "19610320", "测试", "11010519491231002X"] {
        assert!(!log.contains(mark), "{log}");
    }
}

#[tokio::test]
async fn a_county_process_that_was_killed_is_found_again_by_the_same_client() {
    let home = tempfile::tempdir().expect("a directory");
    let county = demonstration(home.path(), "127.0.0.1:0");
    let client = county.client(&home.path().join("data"), "kiosk");
    guarded(client.account(&now(query_a()))).await.expect("an answer");
    let address = county.address();
    drop(county);
    guarded(client.account(&now(query_a()))).await.expect_err("nobody there");
    let _again = demonstration(home.path(), &address);
    guarded(client.account(&now(query_a()))).await.expect("an answer as before");
}

#[test]
fn enrolling_writes_a_usable_identity_once() {
    let home = county();
    let enrol = || {
        let words = "enrol hall-1 --division 510599100 --data data --config config --out out";
        run(home.path(), &words.split(' ').collect::<Vec<_>>())
    };
    let first = enrol();
    assert!(first.status.success(), "{first:?}");
    assert_eq!(String::from_utf8_lossy(&first.stdout).lines().count(), 1);
    let out = home.path().join("out");
    let settings = LinkSettings {
        url: "https://127.0.0.1:1".into(),
        authority: out.join("ca.pem"),
        certificate: out.join("hall-1.pem"),
        key: out.join("hall-1.key"),
        feed_key: out.join("feed.pub"),
    };
    Client::new(&settings).expect("the files fit together");
    let identity = renshe_kiosk::link::Identity::read(&settings).expect("readable");
    assert_eq!((identity.name.as_str(), identity.key_exposed), ("hall-1", false));
    assert!(identity.days_left(jiff::Timestamp::now()) > 390);

    let key = std::fs::read(&settings.key).expect("a key");
    let second = enrol();
    assert_eq!(second.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&second.stderr).contains("不会覆盖"));
    assert_eq!(std::fs::read(&settings.key).expect("a key"), key);
}

#[tokio::test]
async fn a_running_county_refuses_whom_another_process_revokes() {
    let home = tempfile::tempdir().expect("a directory");
    let county = demonstration(home.path(), "127.0.0.1:0");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config");
    let command = |arguments: &str| {
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let fixed = ["--data", "data", "--config", shipped.to_str().expect("a path")];
        let done = run(home.path(), &[&arguments[..], &fixed].concat());
        (done.status.code(), String::from_utf8_lossy(&done.stderr).into_owned())
    };
    let client = |out: &str| county.client(&home.path().join(out), "hall");
    assert_eq!(command("enrol hall --division 510521100 --out first").0, Some(0));
    let first = client("first");
    guarded(first.account(&now(query_a()))).await.expect("an answer");
    let (code, error) = command("enrol hall --division 510521100 --out second");
    assert!(code == Some(1) && error.contains("county revoke hall"), "{error}");
    assert!(!home.path().join("second/hall.pem").exists());

    let (code, error) = command("revoke hal --yes");
    assert!(code == Some(1) && error.contains("没有名为 hal 的终端"), "{error}");
    let (code, error) = command("revoke hall");
    assert!(
        code == Some(1)
            && error.contains("hall 从下一次请求起被拒绝")
            && error.contains("就写 --yes")
    );
    guarded(first.account(&now(query_a()))).await.expect("nothing was done");
    assert_eq!(command("revoke hall --yes").0, Some(0));
    let (code, error) = command("revoke hall");
    assert!(code == Some(1) && error.contains("早已吊销"), "{error}");
    let refused = guarded(first.account(&now(query_a()))).await.expect_err("refused");
    assert_eq!(refused.stop, kiosk_base::domain::Stop::LinkClientRefused);
    assert_eq!(command("enrol hall --division 510521100 --out third").0, Some(0));
    guarded(client("third").account(&now(query_a()))).await.expect("the new one");
    guarded(first.account(&now(query_a()))).await.expect_err("the old one stays refused");
    guarded(county.client(&home.path().join("data"), "kiosk").account(&now(query_a())))
        .await
        .expect("nobody else was");
}

#[test]
fn bad_settings_end_with_64_and_say_where() {
    let home = tempfile::tempdir().expect("a directory");
    std::fs::write(home.path().join("county.toml"), "listen = 8443\n").expect("written");
    let wrong = run(home.path(), &["serve", "--config", "."]);
    assert_eq!(wrong.status.code(), Some(64));
    let error = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(error.contains("county.toml：第 1 行"), "{error}");
    assert_eq!(run(home.path(), &["serve", "--config", "absent"]).status.code(), Some(64));
}

#[test]
fn files_of_several_sources_are_published_together() {
    let home = county();
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config");
    let config = config.to_str().expect("utf-8");
    let clerk =
        "岗位,招聘单位,工作地点,截止日期\n焊工,测试厂,泸县,2099-12-31\n瓦工,测试厂,泸县,明天\n";
    let board = r#"[{"acb200": "1", "aca112": "焊 工", "aab004": "测试厂", "acb202": "泸县"},
                    {"acb200": "2", "aca112": "漆工", "aab004": "测试厂", "acb202": "泸县"}]"#;
    std::fs::write(home.path().join("clerk.csv"), clerk).expect("written");
    std::fs::write(home.path().join("board.json"), board).expect("written");
    let publish = |more: &[&str]| {
        let fixed = ["publish", "postings", "clerk.csv", "board.json", "--json", "--data", "data"];
        let done = run(home.path(), &[&fixed[..], &["--config", config], more].concat());
        assert!(done.status.success(), "{done:?}");
        serde_json::from_slice::<serde_json::Value>(&done.stdout).expect("one object")
    };
    let dry = publish(&["--dry-run"]);
    assert!(dry["published"].is_null(), "{dry}");
    assert_eq!(dry["difference"]["new"].as_array().map(Vec::len), Some(2), "{dry}");
    let done = publish(&[]);
    assert_eq!(done["files"], dry["files"]);
    assert_eq!(done["files"][0]["accepted"], 1);
    assert_eq!(done["files"][0]["refused"][0]["column"], "截止日期");
    // The board's welder is the clerk's.
    assert_eq!(
        (&done["files"][1]["accepted"], &done["files"][1]["duplicates"]),
        (&1.into(), &1.into())
    );
    assert_eq!(done["published"]["changed"], 2);
    assert_eq!(publish(&[])["published"]["unchanged"], 2);

    // A file of which nothing is accepted takes nothing from the kiosks.
    std::fs::write(home.path().join("bad.csv"), "岗位,招聘单位\n焊工,\n").expect("written");
    let bad =
        run(home.path(), &["publish", "postings", "bad.csv", "--config", config, "--data", "data"]);
    assert_eq!(bad.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&bad.stderr).contains("--dry-run"), "{bad:?}");
    assert_eq!(publish(&[])["published"]["unchanged"], 2);
}

#[test]
fn publishing_twice_changes_nothing_and_a_bad_file_is_named() {
    let home = county();
    let file = support::content().join("postings.json");
    let publish = |what: &str| {
        let file = file.to_str().expect("a path");
        let done = run(home.path(), &["publish", what, file, "--data", "data"]);
        let text = [done.stdout, done.stderr].concat();
        (done.status.code(), String::from_utf8_lossy(&text).into_owned())
    };
    assert!(publish("postings").1.contains("新增 30，变更 0，撤回 0"));
    assert!(publish("postings").1.contains("未变 30"));
    let (code, error) = publish("trainings");
    assert_eq!(code, Some(1));
    assert!(error.contains("postings.json") && error.contains("行第"), "{error}");
}

#[test]
fn a_division_is_enrolled_and_keys_are_changed_from_the_command_line() {
    let home = county();
    let county = |arguments: &str| {
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let fixed = ["--data", "data", "--config", "config"];
        let done = run(home.path(), &[&arguments[..], &fixed].concat());
        (done.status.code(), String::from_utf8_lossy(&done.stderr).into_owned())
    };
    let out = home.path().join("out");
    let keys = || std::fs::read_to_string(out.join("feed.pub")).expect("the keys");
    let blocks = |text: String| text.matches("BEGIN PUBLIC KEY").count();
    assert_eq!(county("enrol one --out out --division 510599100201").0, Some(0));
    let settings = LinkSettings {
        url: "https://127.0.0.1:1".into(),
        authority: out.join("ca.pem"),
        certificate: out.join("one.pem"),
        key: out.join("one.key"),
        feed_key: out.join("feed.pub"),
    };
    let identity = renshe_kiosk::link::Identity::read(&settings).expect("readable");
    assert_eq!(identity.division.expect("a division").as_str(), "510599100201");
    assert_eq!(blocks(keys()), 1);
    assert_eq!(county("enrol two --out out --division 510599").0, Some(2), "a whole county");
    let (code, error) = county("enrol two --out out --division 510599999");
    assert!(code == Some(1) && error.contains("没有 510599999 这个乡镇或村"), "{error}");
    assert!(!out.join("two.pem").exists());

    assert_eq!(county("feed-key switch").0, Some(1), "nothing was announced");
    assert_eq!(county("feed-key announce").0, Some(0));
    let (code, error) = county("feed-key announce");
    assert!(code == Some(1) && error.contains("已经预告"), "{error}");
    let before = keys();
    assert_eq!(county("enrol two --division 510599100 --out out").0, Some(0));
    assert!(blocks(keys()) == 2 && keys().starts_with(&before));
    Client::new(&settings).expect("two keys");
    let (code, error) = county("feed-key switch");
    let unknown = "2 台不清楚：one（从未收到心跳）、two（从未收到心跳）";
    assert!(code == Some(1) && error.contains(unknown), "{error}");
    assert_eq!(county("feed-key switch --yes").0, Some(0));
}

#[test]
fn a_set_for_some_towns_is_published_from_the_command_line() {
    let home = county();
    let file = home.path().join("postings.json");
    let publish = |content: &str, more: &[&str]| {
        std::fs::write(&file, content).expect("written");
        let fixed =
            ["publish", "postings", "postings.json", "--data", "data", "--config", "config"];
        let done = run(home.path(), &[&fixed[..], more].concat());
        let text = [done.stdout, done.stderr].concat();
        (done.status.code(), String::from_utf8_lossy(&text).into_owned())
    };
    let item = |id: &str| {
        format!(
            r#"{{"id":"{id}","title":"普工","employer":"测试厂","published":"2026-11-01","source":"测试"}}"#
        )
    };
    let set = |towns: &str| {
        format!(r#"{{"as_of":"2026-11-20","items":[{},{}]{towns}}}"#, item("a"), item("b"))
    };
    let (code, said) = publish(&set(""), &[]);
    assert!(code == Some(0) && said.contains("新增 2，变更 0"), "{said}");
    let (_, said) = publish(&set(r#","towns":{"a":["510599100"]}"#), &[]);
    assert!(said.contains("新增 0，变更 1，撤回 0，未变 1"), "{said}");
    let (_, said) =
        publish(&set(r#","towns":{"a":["510599100"]}"#), &["--towns", "510599101,510599102"]);
    assert!(said.contains("新增 0，变更 1，撤回 0，未变 1"), "{said}");
    for (content, more, named) in [
        (set(r#","towns":{"a":["510599"]}"#), &[][..], "towns 里 a 的乡镇"),
        (set(r#","towns":{"c":["510599100"]}"#), &[], "towns 里写了 c，但文件里没有这个编号"),
        (
            set(r#","towns":{"a":"510599100"}"#),
            &[],
            "towns 里 a 的乡镇写得不对：类型不对，要写列表",
        ),
        (set(r#","towns":["510599100"]"#), &[], "没有发布，文件读不出来"),
        (set(""), &["--towns", "510599"], "不是乡镇代码"),
        (set(""), &["--towns", "510599999"], "--towns：divisions/ 里没有 510599999"),
        (set(r#","towns":{"b":["510599999"]}"#), &[], "b 的乡镇：divisions/ 里没有 510599999"),
    ] {
        let (code, said) = publish(&content, more);
        assert!(code == Some(1) && said.contains(named), "{said}");
    }
}

/// A directory with a county in `data`, and settings in `config` that know two towns.
fn county() -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a directory");
    let made = run(home.path(), &["init", "--data", "data"]);
    assert!(made.status.success(), "{made:?}");
    let divisions = home.path().join("config/divisions");
    std::fs::create_dir_all(&divisions).expect("made");
    let town = |(code, name): (&str, &str)| {
        format!("[[division]]\ncode = \"{code}\"\nname = \"{name}\"\nvalid_from = \"2020-01-01\"\n")
    };
    let towns = [("510599100", "测试甲镇"), ("510599101", "测试乙镇"), ("510599102", "测试丙街道")];
    std::fs::write(divisions.join("towns.toml"), towns.map(town).concat()).expect("written");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config/mappings");
    let mappings = home.path().join("config/mappings");
    std::fs::create_dir_all(&mappings).expect("made");
    for file in ["clerk.toml", "trainings-clerk.toml", "fairs-clerk.toml"] {
        let text = std::fs::read_to_string(shipped.join(file)).expect("it is shipped");
        let text = text.replace("county = \"510521\"", "county = \"510599\"");
        std::fs::write(mappings.join(file), text).expect("written");
    }
    home
}

/// `county` with these arguments in the data and settings of [`county`]; its code and its words.
fn at(home: &Path, arguments: &str) -> (Option<i32>, String) {
    let arguments: Vec<&str> = arguments.split(' ').collect();
    let fixed = ["--data", "data", "--config", "config"];
    let done = run(home, &[&arguments[..], &fixed].concat());
    let text = [done.stdout, done.stderr].concat();
    (done.status.code(), String::from_utf8_lossy(&text).into_owned())
}

/// As [`at`], of what must succeed and prints one JSON object.
fn json(home: &Path, arguments: &str) -> serde_json::Value {
    let (code, said) = at(home, arguments);
    assert_eq!(code, Some(0), "{said}");
    serde_json::from_str(&said).expect("one object")
}

/// `county` with these arguments, run to its end.
fn run(directory: &Path, arguments: &[&str]) -> std::process::Output {
    let mut county = Command::new(crate::support::county_program());
    county.current_dir(directory).args(arguments).output().expect("it runs")
}

/// A demonstration in `home`, which logs all.
fn demonstration(home: &Path, listen: &str) -> Served {
    // The content lies in `demo` of the settings' directory.
    let demo = home.join("demo");
    if !demo.exists() {
        std::os::unix::fs::symlink(support::content(), &demo).expect("linked");
    }
    let mut command = Served::demo(home, &home.join("data"), listen);
    Served::start(command.env("RUST_LOG", "debug").stderr(Stdio::piped()))
}
