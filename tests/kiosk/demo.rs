//! The demonstration as anybody starts it: a process of its own.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use renshe_kiosk::app::play;

use crate::support::kiosk::shipped;

fn kiosk() -> Command {
    Command::new(env!("CARGO_BIN_EXE_kiosk"))
}

fn count(directory: &Path, ending: &str) -> usize {
    let entries = fs::read_dir(directory).expect("readable");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    names.filter(|name| name.to_string_lossy().ends_with(ending)).count()
}

#[test]
fn every_visit_is_played_to_its_end() {
    let home = tempfile::tempdir().expect("a directory");
    let out = home.path().join("out");
    let output = kiosk()
        .arg("--config")
        .arg(shipped())
        .arg("--data")
        .arg(home.path().join("data"))
        .args(["demo", "--headless", "--out"])
        .arg(&out)
        .output()
        .expect("the kiosk runs");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let visits = fs::read_dir(shipped().join("demo/visits")).expect("readable");
    let steps = visits.map(|visit| {
        let script = play::read(&visit.expect("an entry").path()).expect("a visit");
        script.steps.len()
    });
    let steps: usize = steps.sum();
    // A picture a step, and one of the slip.
    assert_eq!(count(&out, ".png"), steps + 1, "{said}");
    assert_eq!(count(&out, "-failed.png"), 0);
}

#[test]
fn a_visit_is_asked_for_by_its_name() {
    let home = tempfile::tempdir().expect("a directory");
    let demo = |visit: &str| {
        let out = home.path().join("out").join(visit);
        let output = kiosk()
            .arg("--config")
            .arg(shipped())
            .arg("--data")
            .arg(home.path().join("data"))
            .args(["demo", "--headless", "--visit", visit, "--out"])
            .arg(&out)
            .output()
            .expect("the kiosk runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.success(), said + &String::from_utf8_lossy(&output.stderr), out)
    };
    let (done, said, out) = demo("training");
    assert!(done && count(&out, ".png") > 0 && said.contains("3-training："), "{said}");
    let (done, said, _) = demo("pensions");
    assert!(!done && said.contains("1-pension、2-job、"), "{said}");
}

#[test]
fn a_crash_leaves_no_memory_on_the_disk() {
    let mut running = kiosk()
        .args(["card", "simulate", "--document"])
        .arg(shipped().join("demo/residents/a.toml"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    // It has begun to work when it says where.
    let mut first = [0];
    let mut said = running.stdout.take().expect("piped");
    std::io::Read::read_exact(&mut said, &mut first).expect("the port");
    let limits = fs::read_to_string(format!("/proc/{}/limits", running.id())).expect("a process");
    let core = limits.lines().find(|line| line.starts_with("Max core file size"));
    running.kill().expect("it runs");
    running.wait().expect("it ends");
    let words: Vec<&str> = core.expect("a limit").split_whitespace().collect();
    assert_eq!(words[4..6], ["0", "0"], "{words:?}");
}
