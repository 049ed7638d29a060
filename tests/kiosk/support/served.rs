//! `county serve` as a process of its own.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
};

use renshe_kiosk::link::{Client, LinkSettings};

/// A running county; killed when dropped.
pub struct Served {
    process: Child,
    /// `https://`, where it serves.
    pub url: String,
}

impl Served {
    /// Starts `county serve`, to whose `command` arguments may have been added, and reads off its one
    /// line where it serves.
    pub fn start(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut line = String::new();
        let stdout = process.stdout.as_mut().expect("piped");
        BufReader::new(stdout).read_line(&mut line).expect("its one line");
        let url = line.split([' ', ',']).find(|word| word.starts_with("https://"));
        Self { url: url.unwrap_or_else(|| panic!("no address: {line}")).to_owned(), process }
    }

    /// The command for a demonstration with the settings and content in `config`.
    pub fn demo(config: &Path, data: &Path, listen: &str) -> Command {
        let mut command = Command::new(super::county_program());
        command.args(["serve", "--demo", "--listen", listen, "--config"]).arg(config);
        command.arg("--data").arg(data);
        command
    }

    /// Host and port.
    pub fn address(&self) -> String {
        self.url.trim_start_matches("https://").to_owned()
    }

    /// The process' number.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// A client with files of the county: `ca.pem` and `feed.pub`, `NAME.pem` and `NAME.key`.
    pub fn client(&self, directory: &Path, name: &str) -> Client {
        let settings = LinkSettings {
            url: self.url.clone(),
            authority: directory.join("ca.pem"),
            certificate: directory.join(format!("{name}.pem")),
            key: directory.join(format!("{name}.key")),
            feed_key: directory.join("feed.pub"),
        };
        Client::new(&settings).expect("a client")
    }

    /// Asks it by `signal` to end; its status, and what it logged if that was piped.
    pub fn end(&mut self, signal: &str) -> (ExitStatus, String) {
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status().expect("kill runs");
        assert!(sent.success());
        let mut log = String::new();
        if let Some(stderr) = self.process.stderr.as_mut() {
            stderr.read_to_string(&mut log).expect("UTF-8");
        }
        (self.process.wait().expect("it ends"), log)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Already gone when it was asked to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
