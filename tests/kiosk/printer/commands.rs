//! `kiosk printer test` and `kiosk printer simulate` as processes.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use super::wait_for;
use crate::support::kiosk::{copy, shipped};

/// `kiosk printer simulate` as a process.
struct Simulate(Child);

impl Simulate {
    fn start(link: &Path, out: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_kiosk"))
            .args(["printer", "simulate", "--link"])
            .arg(link)
            .arg("--out")
            .arg(out)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("kiosk runs");
        let mut port = String::new();
        let stdout = child.stdout.as_mut().expect("piped");
        BufReader::new(stdout).read_line(&mut port).expect("it prints its port");
        assert_eq!(Path::new(port.trim_end()), link);
        Self(child)
    }

    fn order(&mut self, line: &str) {
        writeln!(self.0.stdin.as_ref().expect("piped"), "{line}").expect("it listens");
    }
}

impl Drop for Simulate {
    fn drop(&mut self) {
        // A simulator that was told to quit is gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn an_installer_tries_the_printer_and_learns_what_is_wrong() {
    let home = tempfile::tempdir().expect("a directory");
    let (config, link, out) =
        (home.path().join("config"), home.path().join("printer"), home.path().join("out"));
    copy(&shipped(), &config);
    let test = || -> Output {
        Command::new(env!("CARGO_BIN_EXE_kiosk"))
            .arg("--config")
            .arg(&config)
            .args(["printer", "test"])
            .output()
            .expect("kiosk runs")
    };
    let none = test();
    assert_eq!(none.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&none.stderr).contains("printer.port"));

    let file = config.join("kiosk.toml");
    let text = fs::read_to_string(&file).expect("readable");
    let section = format!("[printer]\nport = \"{}\"\n", link.display());
    let (before, after) = text.split_once("[printer]\n").expect("a section");
    let (comment, after) = after.split_once("port = \"\"\n").expect("a setting");
    fs::write(&file, format!("{before}{section}{comment}{after}")).expect("writable");
    let says = |code: &str| {
        let output = test();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        output.status.code() == Some(1) && said.starts_with(code) && said.lines().count() == 1
    };
    assert!(says("T01 "));

    let mut simulate = Simulate::start(&link, &out);
    let good = test();
    assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stderr));
    assert!(String::from_utf8_lossy(&good.stdout).starts_with("打印机确认小票已经打出"));
    let words = fs::read_to_string(out.join("slip-001.txt")).expect("the slip as text");
    assert!(
        words.starts_with("打印机试打\n福集镇\n") && words.contains("1,234,567.89 元"),
        "{words}"
    );
    assert!(words.contains('〓'));
    let picture = fs::File::open(out.join("slip-001.png")).expect("the slip as a picture");
    let picture = png::Decoder::new(BufReader::new(picture)).read_info().expect("a picture");
    assert_eq!(picture.info().width, 32 * 12 + 40);

    simulate.order("paper-out");
    wait_for("the paper is out", || says("T05 "));
    simulate.order("mend");
    simulate.order("open");
    wait_for("the cover is open", || says("T06 "));
    simulate.order("mend");
    simulate.order("unplug");
    wait_for("the cable is pulled", || says("T01 "));
    simulate.order("replug");
    wait_for("it is back", || link.exists());
    assert!(test().status.success());
    simulate.order("quit");
    assert!(simulate.0.wait().expect("it ends").success());
    assert!(!link.is_symlink());
}

/// `kiosk check` has a row for a printer that is set, and none without.
#[test]
fn the_readiness_report_names_the_printer_only_where_there_is_one() {
    let home = tempfile::tempdir().expect("a directory");
    let config = home.path().join("config");
    copy(&shipped(), &config);
    let row = || {
        let output = Command::new(env!("CARGO_BIN_EXE_kiosk"))
            .arg("--config")
            .arg(&config)
            .arg("--data")
            .arg(home.path())
            .args(["check", "--json"])
            .output()
            .expect("kiosk runs");
        let report: serde_json::Value =
            serde_json::from_slice(&output.stdout).expect("one JSON object");
        let checks = report["checks"].as_array().expect("a list").clone();
        checks.into_iter().find(|check| check["name"] == "printer")
    };
    assert_eq!(row(), None);
    let file = config.join("kiosk.toml");
    let text = fs::read_to_string(&file).expect("readable");
    let (before, after) = text.split_once("[printer]\n").expect("a section");
    let after = after.replacen("port = \"\"", "port = \"/nonexistent/usb/lp0\"", 1);
    fs::write(&file, format!("{before}[printer]\n{after}")).expect("writable");
    let row = row().expect("a row for the printer");
    assert_eq!((row["ok"].as_bool(), row["code"].as_str()), (Some(false), Some("T01")));
}
