//! The town of the long runs: two lists of postings under the same ids, of which one replaces the
//! other; the programs; and somebody who writes rows of the audit and says so.

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader, Read, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitCode, Stdio},
    time::Duration,
};

use kiosk_base::{domain::hex::hex, store::Ledger, wire::v1};
use renshe_kiosk::{
    audit::{self, Entry, Kind},
    listings::{Cache, town},
};

/// Asks this program to write rows of the audit into the ledger of the directory behind it.
pub(crate) const CHILD: &str = "audit-child";
/// Postings of one list.
pub(crate) const POSTINGS: usize = 2_000;
/// What the titles of the two lists begin with.
pub(crate) const LISTS: [&str; 2] = ["甲班", "乙班"];

pub(crate) fn kiosk() -> Command {
    program(Path::new(env!("CARGO_BIN_EXE_kiosk")))
}

/// Another package's, which `cargo build --release --bins` makes beside the kiosk's.
pub(crate) fn county() -> Command {
    let county = Path::new(env!("CARGO_BIN_EXE_kiosk")).with_file_name("county");
    assert!(county.exists(), "{} is not there: cargo build --release --bins", county.display());
    program(&county)
}

fn program(path: &Path) -> Command {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config");
    let mut command = Command::new(path);
    command.arg("--config").arg(config).stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null()).env("RUST_LOG", "off");
    command
}

/// Writes both lists into `directory`.
pub(crate) fn lists(directory: &Path) -> [PathBuf; 2] {
    LISTS.map(|title| {
        let path = directory.join(format!("{title}.json"));
        let items: Vec<String> = (0..POSTINGS)
            .map(|i| {
                format!(
                    "{{\"id\":\"own-{i:05}\",\"title\":\"{title}普工\",\"employer\":\"测试{i}号厂\",\
                     \"published\":\"2026-11-01\",\"source\":\"测试\",\"duties\":\"{}\"}}",
                    "装配零件，自检，打扫工位。".repeat(8)
                )
            })
            .collect();
        let text = format!("{{\"as_of\":\"2026-11-01\",\"items\":[{}]}}", items.join(","));
        fs::write(&path, text).expect("written");
        path
    })
}

/// What the town shows: nothing, or one of the lists, whole.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn shown(data: &Path) -> Result<Option<usize>, String> {
    let wrong = |error: kiosk_base::store::StoreError| error.to_string();
    let mut ledger = Ledger::open(data).map_err(wrong)?;
    if let Some(path) = ledger.set_aside() {
        return Err(format!("the ledger was set aside: {}", path.display()));
    }
    town::clean_up(&mut ledger).map_err(wrong)?;
    let mut titles = [0; 2];
    let mut others = 0;
    town::each_own(ledger.read(), |item| {
        let body = v1::to_json(&item);
        match LISTS.iter().position(|title| body.contains(title)) {
            Some(list) => titles[list] += 1,
            None => others += 1,
        }
        Ok(())
    })
    .map_err(wrong)?;
    let list = match (titles, others) {
        ([0, 0], 0) => None,
        ([POSTINGS, 0], 0) => Some(0),
        ([0, POSTINGS], 0) => Some(1),
        _ => return Err(format!("half an import: {titles:?}, {others} others")),
    };
    let mut cache = Cache::open(data).map_err(wrong)?;
    cache.follow(&ledger).map_err(wrong)?;
    let rows = cache.status().map_err(wrong)?[0].rows;
    let expected = if list.is_some() { POSTINGS as u64 } else { 0 };
    match rows == expected {
        true => Ok(list),
        false => Err(format!("the kiosk shows {rows} postings of {expected}")),
    }
}

/// Writes rows of the audit until it is killed, and says each that is on the disk.
pub(crate) fn be_child(directory: &str) -> ExitCode {
    let mut ledger = Ledger::open(Path::new(directory)).expect("a ledger");
    let mut out = std::io::stdout().lock();
    loop {
        let at = jiff::Timestamp::now();
        let entry = Entry { at, kind: Kind::Marked, stop: None };
        let head = audit::append(&mut ledger, &entry).expect("appended");
        if writeln!(out, "{} {}", head.sequence, head.hash).and_then(|()| out.flush()).is_err() {
            return ExitCode::SUCCESS;
        }
        std::thread::sleep(Duration::from_millis(3));
    }
}

/// Somebody who writes rows of the audit.
pub(crate) struct Writer {
    pub(crate) process: Child,
    said: BufReader<ChildStdout>,
}

impl Writer {
    pub(crate) fn start(data: &Path) -> Self {
        let mut process = Command::new(std::env::current_exe().expect("this program"))
            .args([CHILD.as_ref(), data.as_os_str()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it runs");
        let said = BufReader::new(process.stdout.take().expect("piped"));
        Self { process, said }
    }

    /// Kills it; gives the last row that it has said to be on the disk.
    pub(crate) fn kill(mut self) -> Option<(i64, String)> {
        self.process.kill().expect("killed");
        self.process.wait().expect("ended");
        let mut said = String::new();
        let mut line = String::new();
        while self.said.read_line(&mut line).is_ok_and(|read| read > 0) {
            // A line that was cut off was not said.
            if line.ends_with('\n') {
                said.clone_from(&line);
            }
            line.clear();
        }
        let (sequence, hash) = said.trim().split_once(' ')?;
        Some((sequence.parse().ok()?, hash.to_owned()))
    }
}

/// Whether the chain in `data` is whole and has the row that was said last.
pub(crate) fn recorded(data: &Path, last: Option<&(i64, String)>) -> Result<u64, String> {
    let ledger = Ledger::read_only(data).map_err(|error| error.to_string())?;
    kiosk_base::store::examine(&ledger).map_err(|error| error.to_string())?;
    let sound = audit::verify(&ledger, data, &|_, _| true).map_err(|error| error.to_string())?;
    let Some((sequence, hash)) = last else { return Ok(sound.rows) };
    let sql = "SELECT hash FROM audit WHERE sequence = ?1";
    let there: Result<[u8; 32], _> = ledger.query_row(sql, [sequence], |row| row.get(0));
    match there {
        Ok(there) if hex(&there) == *hash => Ok(sound.rows),
        _ => Err(format!("row {sequence} of the audit was said to be on the disk and is not")),
    }
}

/// Runs a program; gives whether it ended well within `limit`, and what it said. `None` when it was
/// killed first.
pub(crate) fn run_until(mut command: Command, limit: Duration) -> Option<bool> {
    let mut process = command.spawn().expect("it runs");
    let begun = std::time::Instant::now();
    while begun.elapsed() < limit {
        if let Some(status) = process.try_wait().expect("asked") {
            return Some(status.success());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    process.kill().expect("killed");
    process.wait().expect("ended").success().then_some(true)
}

/// A sentence of a program that fails, for whoever looks at the run.
pub(crate) fn complaint(mut command: Command) -> String {
    let mut process = command.stderr(Stdio::piped()).spawn().expect("it runs");
    let mut said = String::new();
    if let Some(mut stderr) = process.stderr.take() {
        let _ = stderr.read_to_string(&mut said);
    }
    let status = process.wait().expect("ended");
    let mut sentence = String::new();
    let _ = write!(sentence, "{status}: {}", said.trim());
    sentence
}
