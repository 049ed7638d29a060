//! Import, kiosk and county, killed at random moments. What was acknowledged, a command that ended
//! well, a row that was said to be on the disk, a head that the county countersigned, is looked for
//! after each round; and the next round begins with what this one has left.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use jiff::civil::date;
use kiosk_base::{clock::Clock, store::Ledger};
use renshe_kiosk::{
    audit,
    link::{Client, FeedKeys, LinkSettings},
    listings::{self, Cache, Query},
};

use crate::{
    Dice, say,
    town::{self, LISTS, POSTINGS, Writer, complaint, recorded, run_until, shown},
};

pub(crate) fn run(rounds: u64) -> ExitCode {
    let home = tempfile::tempdir().expect("a directory");
    let mut dice = Dice::new();
    let mut faults = 0;
    let mut tell = |what: &str, done: u64, killed: u64, found: &[String]| {
        say(&format!("{what}: {done} rounds, {killed} killed under way, {} faults", found.len()));
        found.iter().for_each(|fault| say(&format!("  {fault}")));
        faults += found.len();
    };
    let each = rounds.div_ceil(3);
    let (killed, found) = imports(&home.path().join("import"), each, &mut dice);
    tell("import", each, killed, &found);
    let (killed, found) = kiosks(&home.path().join("kiosk"), each, &mut dice);
    tell("kiosk", each, killed, &found);
    let (killed, found) = counties(&home.path().join("county"), each, &mut dice);
    tell("county", each, killed, &found);
    ExitCode::from(u8::from(faults > 0))
}

/// A moment within the time that the work takes, and somewhat beyond.
fn moment(dice: &mut Dice, whole: Duration) -> Duration {
    let most = u64::try_from(whole.as_micros()).unwrap_or(u64::MAX);
    Duration::from_micros(dice.roll(most + most / 5))
}

fn timed(mut command: Command) -> Duration {
    let begun = Instant::now();
    let status = command.status().expect("it runs");
    assert!(status.success(), "{}", complaint(command));
    begun.elapsed()
}

fn imports(home: &Path, rounds: u64, dice: &mut Dice) -> (u64, Vec<String>) {
    std::fs::create_dir_all(home).expect("made");
    let (data, files) = (home.join("data"), town::lists(home));
    let import = |list: usize| {
        let mut command = town::kiosk();
        command.arg("--data").arg(&data).args(["listings", "import"]).arg(&files[list]);
        command
    };
    let whole = timed(import(0));
    let mut there = Some(0);
    let (mut killed, mut faults) = (0, Vec::new());
    for round in 0..rounds {
        let list = (round % 2) as usize;
        let writer = Writer::start(&data);
        let ended = run_until(import(list), moment(dice, whole));
        let last = writer.kill();
        killed += u64::from(ended.is_none());
        let found = recorded(&data, last.as_ref()).and_then(|_| shown(&data));
        match (ended, found) {
            (Some(false), _) => {
                faults.push(format!(
                    "round {round}: the import was refused: {}",
                    complaint(import(list))
                ));
                there = Some(list);
            }
            (_, Err(fault)) => faults.push(format!("round {round}: {fault}")),
            (Some(true), Ok(found)) if found != Some(list) => {
                faults.push(format!("round {round}: imported and not there"));
            }
            (None, Ok(found)) if found != there && found != Some(list) => {
                faults.push(format!("round {round}: neither before nor after"));
            }
            (_, Ok(found)) => there = found,
        }
    }
    (killed, faults)
}

/// The kiosk with its county inside, playing a visit.
fn kiosks(home: &Path, rounds: u64, dice: &mut Dice) -> (u64, Vec<String>) {
    let visit =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config/demo/visits/1-pension.toml");
    let data = home.join("demo");
    let play = || {
        let mut command = town::kiosk();
        command.arg("--data").arg(home).args(["demo", "--headless", "--visit"]).arg(&visit);
        command.arg("--out").arg(home.join("out"));
        command
    };
    let whole = timed(play());
    let (mut killed, mut faults, mut rows) = (0, Vec::new(), 0);
    for round in 0..rounds {
        let ended = run_until(play(), moment(dice, whole));
        killed += u64::from(ended.is_none());
        if ended == Some(false) {
            faults.push(format!("round {round}: the visit was not played: {}", complaint(play())));
        }
        match chain(&data) {
            Ok(now) if now >= rows => rows = now,
            Ok(now) => faults.push(format!("round {round}: {now} rows of {rows}")),
            Err(fault) => faults.push(format!("round {round}: {fault}")),
        }
    }
    (killed, faults)
}

/// How many rows the chain has, if it is whole and the county knows it.
fn chain(data: &Path) -> Result<u64, String> {
    let keys = FeedKeys::read(&data.join("county/feed.pub")).map_err(|error| error.to_string())?;
    let ledger = Ledger::read_only(data).map_err(|error| error.to_string())?;
    let signed = |message: &[u8], signature: &[u8]| keys.signed(message, signature);
    audit::verify(&ledger, data, &signed).map(|sound| sound.rows).map_err(|error| error.to_string())
}

/// `county publish` is killed, and `county serve` while a kiosk asks it.
fn counties(home: &Path, rounds: u64, dice: &mut Dice) -> (u64, Vec<String>) {
    std::fs::create_dir_all(home).expect("made");
    let (data, files) = (home.join("county-data"), town::lists(home));
    let publish = |list: usize| {
        let mut command = town::county();
        command.arg("--data").arg(&data).args(["publish", "postings"]).arg(&files[list]);
        command
    };
    let mut init = town::county();
    init.arg("--data").arg(&data).arg("init");
    timed(init);
    let mut enrol = town::county();
    enrol
        .arg("--data")
        .arg(&data)
        .args(["enrol", "hall", "--division", "510521100", "--out"])
        .arg(home);
    timed(enrol);
    let whole = timed(publish(0));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let mut there = 0;
    let (mut killed, mut faults) = (0, Vec::new());
    for round in 0..rounds {
        let list = (round % 2) as usize;
        let ended = run_until(publish(list), moment(dice, whole));
        killed += u64::from(ended.is_none());
        if ended == Some(false) {
            faults.push(format!(
                "round {round}: nothing was published: {}",
                complaint(publish(list))
            ));
        }
        let mut service = Service::start(&data, home);
        if dice.roll(2) == 0 {
            // Killed while it answers, and started again.
            let mut process = service.process;
            let killer = std::thread::spawn({
                let after = moment(dice, Duration::from_millis(400));
                move || {
                    std::thread::sleep(after);
                    process.kill().and_then(|()| process.wait()).expect("killed");
                }
            });
            let _ = fetched(&runtime, &service.link, &home.join("kiosk"));
            killer.join().expect("killed");
            killed += 1;
            service = Service::start(&data, home);
        }
        let found = fetched(&runtime, &service.link, &home.join("kiosk"));
        service.process.kill().and_then(|()| service.process.wait()).expect("killed");
        match (ended, found) {
            (_, Err(fault)) => faults.push(format!("round {round}: {fault}")),
            (Some(true), Ok(found)) if found != list => {
                faults.push(format!("round {round}: published and not there"));
            }
            (None, Ok(found)) if found != there && found != list => {
                faults.push(format!("round {round}: neither before nor after"));
            }
            (_, Ok(found)) => there = found,
        }
    }
    (killed, faults)
}

/// A county that serves.
struct Service {
    process: Child,
    link: LinkSettings,
}

impl Service {
    fn start(data: &Path, home: &Path) -> Self {
        let mut command = town::county();
        command.arg("--data").arg(data).args(["serve", "--listen", "127.0.0.1:0"]);
        let mut process = command.stdout(Stdio::piped()).spawn().expect("it runs");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("piped");
        BufReader::new(stdout).read_line(&mut line).expect("it says where it is");
        let url = line.split_whitespace().find(|word| word.starts_with("https://"));
        let url = url.unwrap_or_else(|| panic!("{line}")).trim_end_matches(',').to_owned();
        let file = |name: &str| -> PathBuf { home.join(name) };
        let link = LinkSettings {
            url,
            authority: file("ca.pem"),
            certificate: file("hall.pem"),
            key: file("hall.key"),
            feed_key: file("feed.pub"),
        };
        Self { process, link }
    }
}

/// Which list a kiosk shows that has fetched everything.
fn fetched(
    runtime: &tokio::runtime::Runtime,
    link: &LinkSettings,
    data: &Path,
) -> Result<usize, String> {
    let client = Client::new(link).map_err(|error| error.to_string())?;
    let mut cache = Cache::open(data).map_err(|error| error.to_string())?;
    let refresh = listings::refresh(&client, &mut cache, &Clock::System, |_| {});
    runtime.block_on(refresh).map_err(|stop| format!("refresh: {}", stop.code()))?;
    let mut reader = cache.reader().map_err(|error| error.to_string())?;
    let mut count = |words: &str| {
        let query = Query { words: words.to_owned(), limit: 1, ..Query::default() };
        reader.postings(&query, date(2026, 11, 20)).map(|found| found.total)
    };
    let counts = LISTS.map(|title| count(title).unwrap_or_default());
    match counts {
        [POSTINGS, 0] => Ok(0),
        [0, POSTINGS] => Ok(1),
        counts => Err(format!("half a set: {counts:?}")),
    }
}
