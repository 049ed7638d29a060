//! `kiosk card read` and `kiosk card simulate` as processes.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use serde_json::Value;

use super::{
    A, B, card,
    responder::{Responder, Sent, answer_of_a_well_reader},
    simulator, vector, vector_path, wait_for,
};
use crate::support::kiosk::{copy, shipped};

fn kiosk(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kiosk")).args(arguments).output().expect("kiosk runs")
}

fn read_json(port: &str, more: &[&str]) -> serde_json::Value {
    let output = kiosk(&[&["card", "read", "--port", port, "--json"], more].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
    serde_json::from_slice(&output.stdout).expect("exactly one JSON object")
}

#[test]
fn kiosk_card_read_reads_a_reader_of_another_make() {
    let a = Responder::with_card("base_A", true);
    let expected = serde_json::json!({
        "kind": "resident_id_card",
        "name": "测试甲",
        "sex": "male",
        "ethnic_group": "汉",
        "birth_date": "1985-07-15",
        "address": "四川省泸县福集镇测试路1号",
        "appended_address": "四川省泸县嘉明镇测试新址9号",
        "number": A,
        "issuing_authority": "泸县公安局",
        "valid_from": "2020-01-01",
        "valid_until": "2040-01-01",
        "long_term": false,
    });
    assert_eq!(read_json(&a.port, &["--unmasked"]), expected);

    let b = read_json(&Responder::with_card("base_B", false).port, &["--unmasked"]);
    let expected = serde_json::json!({
        "kind": "resident_id_card",
        "name": "测试·阿依古丽",
        "sex": "female",
        "ethnic_group": "维吾尔",
        "birth_date": "1961-03-20",
        "address": "四川省泸县玉蟾街道测试社区第九村民小组虚构巷二百三十四号附五号甲乙丙",
        "number": B,
        "issuing_authority": "泸县公安局",
        "valid_from": "2012-06-01",
        "long_term": true,
    });
    assert_eq!(b, expected);

    let r = read_json(&Responder::with_card("base_R", false).port, &["--unmasked"]);
    assert_eq!(r["name"], "测\u{2CC56}\u{E863}");
    assert_eq!(r["address"], "四川省泸县〇测试村");
    assert_eq!(r["number"], "510599199912310053");
}

/// A module that fails on the appended address alone.
#[test]
fn kiosk_card_read_reads_a_document_whose_address_fails() {
    for answer in [vec![0xAA, 0xAA, 0xAA, 0x96, 0x69, 0, 4, 0, 0, 0x41, 0x45], Vec::new()] {
        let responder = Responder::start(move |request| match request {
            "req_newaddr" if answer.is_empty() => None,
            "req_newaddr" => Some(Sent(answer.clone(), Duration::ZERO)),
            request => answer_of_a_well_reader(request, "base_A", false),
        });
        let read = read_json(&responder.port, &["--unmasked"]);
        assert_eq!((&read["number"], &read["appended_address"]), (&A.into(), &Value::Null));
    }
}

#[test]
fn kiosk_card_read_reads_every_kind_of_document() {
    // The module has an address for each, also for those that carry none.
    let read = |base| read_json(&Responder::with_card(base, true).port, &["--unmasked"]);
    let expected = serde_json::json!({
        "kind": "hk_macao_taiwan_permit",
        "name": "測試丙",
        "sex": "male",
        "birth_date": "1892-02-29",
        "address": "四川省泸县福集镇测试路2号",
        "appended_address": "四川省泸县嘉明镇测试新址9号",
        "number": "810000189202290038",
        "issuing_authority": "泸县公安局",
        "permit_number": "H00000000",
        "issue_count": 1,
        "valid_from": "2021-03-01",
        "valid_until": "2026-03-01",
        "long_term": false,
    });
    assert_eq!(read("base_J"), expected);
    let expected = serde_json::json!({
        "kind": "foreigner_permit_2017",
        "name": "测试丁",
        "english_name": "TEST, SYNTHETIC PERSON",
        "sex": "female",
        "birth_date": "1988-08-08",
        "number": "XXA000000000001",
        "nationality": "XXA",
        "valid_from": "2018-01-01",
        "valid_until": "2028-01-01",
        "long_term": false,
    });
    assert_eq!(read("base_I"), expected);
    let expected = serde_json::json!({
        "kind": "foreigner_permit_2023",
        "name": "测试戊",
        "english_name": "TEST, SYNTHETIC VERY LONG PERSON NAME EXAMPLE",
        "sex": "male",
        "birth_date": "1988-08-08",
        "number": "951999198808080024",
        "nationality": "XXA",
        "valid_from": "2024-01-01",
        "valid_until": "2034-01-01",
        "long_term": false,
    });
    assert_eq!(read("base_Y"), expected);
}

#[test]
fn the_simulated_reader_shows_what_another_make_shows() {
    for (base, number) in [
        ("base_A", A),
        ("base_B", B),
        ("base_R", "510599199912310053"),
        ("base_J", "810000189202290038"),
        ("base_I", "XXA000000000001"),
        ("base_Y", "951999198808080024"),
    ] {
        let simulator = simulator();
        simulator.lay(card(base));
        let port = simulator.port().to_str().expect("a plain path").to_owned();
        let read = read_json(&port, &["--unmasked"]);
        assert_eq!(read["number"], number);
        assert_eq!(read, read_json(&Responder::with_card(base, false).port, &["--unmasked"]));
    }
}

/// `kiosk card simulate` as a process.
struct Simulate {
    child: Child,
    port: String,
}

impl Simulate {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_kiosk"))
            .args(["card", "simulate"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("kiosk runs");
        let mut port = String::new();
        let out = child.stdout.as_mut().expect("piped");
        BufReader::new(out).read_line(&mut port).expect("it prints its port");
        Self { child, port: port.trim_end().to_owned() }
    }

    fn order(&mut self, line: &str) {
        writeln!(self.child.stdin.as_ref().expect("piped"), "{line}").expect("it listens");
    }
}

impl Drop for Simulate {
    fn drop(&mut self) {
        // A simulator that was told to quit is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn kiosk_card_simulate_serves_other_programs() {
    let directory = tempfile::tempdir().expect("a directory");
    let link = directory.path().join("reader");
    let resident = directory.path().join("resident.toml");
    fs::write(&resident, RESIDENT).expect("writable");
    let (link, resident) = (link.to_str().expect("plain"), resident.to_str().expect("plain"));
    // A sound answer of a kind of document that there is not: two bytes that leave the checksum.
    let strange = directory.path().join("strange.hex");
    let mut frame = vector("base_A");
    frame[14 + 248] ^= 0x71;
    frame[14 + 250] ^= 0x71;
    let digits: String = frame.iter().map(|byte| format!("{byte:02X}")).collect();
    fs::write(&strange, digits).expect("writable");
    let a = vector_path("base_A");
    let documents = [a.to_str().expect("plain"), resident, strange.to_str().expect("plain")];
    let arguments = documents.map(|document| ["--document", document]).concat();
    let mut simulate = Simulate::start(&[arguments.as_slice(), &["--link", link]].concat());
    assert_eq!(simulate.port, link);

    assert_eq!(read_json(link, &["--unmasked"])["number"], A);
    simulate.order("lay 2");
    wait_for("the second card lies", || read_json(link, &["--unmasked"])["number"] == B);
    let masked = read_json(link, &[]);
    assert_eq!(masked["number"], "5105＊＊＊＊058X");
    assert!(!masked.to_string().contains("测试乙"));

    simulate.order("lay 3");
    wait_for("the third card lies", || {
        let output = kiosk(&["card", "read", "--port", link, "--json"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let refused = output.status.code() == Some(1) && output.stdout.is_empty();
        output.status.success() || refused && said.starts_with("D03 ") && said.lines().count() == 1
    });
    simulate.order("lift");
    wait_for("the card is lifted", || {
        let output = kiosk(&["card", "read", "--port", link, "--timeout", "1"]);
        String::from_utf8_lossy(&output.stderr).starts_with("D01 ")
    });
    simulate.order("unplug");
    wait_for("the port is gone", || {
        let output = kiosk(&["card", "read", "--port", link]);
        String::from_utf8_lossy(&output.stderr).starts_with("R01 ")
    });
    simulate.order("replug");
    simulate.order("lay 1");
    wait_for("the port is back", || Path::new(link).exists());
    assert_eq!(read_json(link, &["--unmasked"])["number"], A);
    simulate.order("quit");
    assert!(simulate.child.wait().expect("it ends").success());
    assert!(!Path::new(link).is_symlink());
}

#[test]
fn kiosk_card_simulate_without_orders_lays_in_turn_until_it_is_ended() {
    let directory = tempfile::tempdir().expect("a directory");
    let link = directory.path().join("reader");
    let link = link.to_str().expect("plain");
    let documents = [vector_path("base_A"), vector_path("base_B")];
    let [a, b] = documents.each_ref().map(|path| path.to_str().expect("plain"));
    let mut simulate = Simulate::start(&["--document", a, "--document", b, "--link", link]);
    drop(simulate.child.stdin.take());
    assert_eq!(read_json(link, &["--unmasked"])["number"], A);
    wait_for("the second card's turn", || read_json(link, &["--unmasked"])["number"] == B);

    let pid = simulate.child.id().to_string();
    let told = Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs");
    assert!(told.success());
    assert!(simulate.child.wait().expect("it ends").success());
    assert!(!Path::new(link).is_symlink());
}

const RESIDENT: &str = r#"
label = "65 岁"
as_of = "2026-11-23"
[card]
name = "测试乙"
sex = "female"
ethnic_group = 5
birth_date = "1961-03-20"
address = "四川省泸县玉蟾街道测试社区9号"
number = "51059919610320058X"
issuing_authority = "泸县公安局"
valid_from = "2012-06-01"
valid_until = "长期"
"#;

#[test]
fn a_document_that_is_none_is_refused_at_once() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("cut.hex");
    fs::write(&file, "AAAAAA96690508").expect("writable");
    let output = kiosk(&["card", "simulate", "--document", file.to_str().expect("plain")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cut.hex 不能当证件放上去"));
}

#[test]
fn a_card_of_the_staff_is_read_onto_their_list() {
    let directory = tempfile::tempdir().expect("a directory");
    let config = directory.path().join("config");
    copy(&shipped(), &config);
    let link = directory.path().join("reader");
    let settings = config.join("kiosk.toml");
    let text = fs::read_to_string(&settings).expect("readable");
    let port = format!("port = \"{}\"", link.display());
    fs::write(&settings, text.replace("port = \"/dev/ttyUSB0\"", &port)).expect("writable");
    let a = vector_path("base_A");
    let link = link.to_str().expect("plain");
    let arguments = ["--document", a.to_str().expect("plain"), "--link", link];
    let _simulate = Simulate::start(&arguments);
    let places = [
        ["--config", config.to_str().expect("plain")],
        ["--data", directory.path().to_str().expect("plain")],
    ];
    let staff = |more: &[&str]| {
        let output = kiosk(&[places.as_flattened(), &["staff", "card"], more].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8").trim_end().to_owned()
    };
    assert_eq!(staff(&["count"]), "0");
    assert_eq!(staff(&["add", "--read"]), "这张卡已加入名单。");
    assert_eq!(staff(&["add", "--read"]), "这张卡早已在名单里。");
    assert_eq!(staff(&["count"]), "1");
}
