//! Programs that share nothing with the kiosk, on both ends of the line: a host in Python reads the
//! simulated reader, and the kiosk reads a responder in Python. Where there is no Python these
//! tests say so; `card::responder` plays the second part in Rust then.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
};

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    /// Starts `command` and waits for its first line: the port.
    fn start(command: &mut Command) -> (Self, String) {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("it is piped");
        BufReader::new(out).read_line(&mut line).expect("a line");
        (Self(child), line.trim_end().to_owned())
    }
}

/// `python3 NAME`, where there is one.
fn python(name: &str) -> Option<Command> {
    let there = Command::new("python3").arg("--version").output().is_ok_and(|o| o.status.success());
    if !there {
        use std::io::Write;
        // Into the test's own output, which the runner shows on demand.
        let said = writeln!(std::io::stderr(), "no python3 on this machine: not tried with {name}");
        said.expect("stderr is open");
        return None;
    }
    let mut command = Command::new("python3");
    command.arg(file("programs").join(name));
    Some(command)
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/kiosk").join(name)
}

fn vector(name: &str) -> PathBuf {
    file("vectors").join(name).with_extension("hex")
}

fn kiosk() -> Command {
    Command::new(env!("CARGO_BIN_EXE_kiosk"))
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("UTF-8").trim_end().to_owned()
}

#[test]
fn a_host_in_python_reads_the_simulated_reader() {
    for (name, expected) in [
        ("base_A", "测试甲|510599198507150012|' '"),
        ("base_B", "测试·阿依古丽|51059919610320058X|' '"),
        ("base_J", "測試丙|810000189202290038|'J'"),
    ] {
        let Some(mut host) = python("host.py") else { return };
        let mut simulator = kiosk();
        simulator.args(["card", "simulate", "--document"]).arg(vector(name));
        let (_simulator, port) = Running::start(&mut simulator);
        let output = host.arg(port).output().expect("it runs");
        assert_eq!(said(&output), expected, "{name}");
    }
}

#[test]
fn the_kiosk_reads_a_responder_in_python() {
    for (name, number) in [("base_A", "510599198507150012"), ("base_B", "51059919610320058X")] {
        let Some(mut responder) = python("responder.py") else { return };
        let (_responder, port) = Running::start(responder.arg(vector(name)));
        let mut read = kiosk();
        read.args(["card", "read", "--json", "--unmasked", "--port", &port]);
        let read: serde_json::Value =
            serde_json::from_str(&said(&read.output().expect("it runs"))).expect("one object");
        assert_eq!(read["number"], number, "{name}");
    }
}
