//! An import beside a running kiosk: how long others wait.

use std::{
    fmt::Write as _,
    path::Path,
    process::{Child, ExitCode},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use kiosk_base::store::Ledger;
use renshe_kiosk::{
    audit::{self, Entry, Kind},
    listings::{Cache, cache},
};
use rusqlite::{Connection, ErrorCode};

use crate::{
    say,
    town::{self, complaint},
};

/// The longest that anybody may wait.
const ALLOWED: Duration = Duration::from_millis(50);
/// Between two rows of a writer.
const BEAT: Duration = Duration::from_millis(5);

pub(crate) fn run(rows: u64) -> ExitCode {
    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("data");
    drop((Cache::open(&data).expect("a cache"), Ledger::open(&data).expect("a ledger")));
    let file = home.path().join("rows.csv");
    std::fs::write(&file, table(rows)).expect("written");

    let quiet = beside(&data, || thread::sleep(Duration::from_secs(3)));
    say(&format!("nothing else: {}", words(&quiet)));
    let mut longest = Duration::ZERO;
    for what in ["imported", "imported once more"] {
        let mut took = Duration::ZERO;
        let mut memory = 0;
        let waits = beside(&data, || (took, memory) = import(&data, &file));
        let (seconds, megabytes) = (took.as_secs_f64(), memory >> 10);
        say(&format!("{rows} rows {what}: {seconds:.1} s, {megabytes} MB; {}", words(&waits)));
        longest = waits[1..].iter().flatten().copied().max().unwrap_or_default().max(longest);
    }
    let state = town_rows(&data);
    say(&format!(
        "shown: {state} postings; the chain has {} rows",
        town::recorded(&data, None).expect("whole")
    ));
    let (longest_ms, allowed) = (longest.as_millis(), ALLOWED.as_millis());
    say(&format!("longest wait for a lock {longest_ms} ms, allowed {allowed} ms"));
    ExitCode::from(u8::from(longest > ALLOWED || state != rows))
}

fn town_rows(data: &Path) -> u64 {
    Cache::open(data).expect("a cache").status().expect("read")[0].rows
}

/// Imports with the real program; gives how long that took and its most memory in KiB.
fn import(data: &Path, file: &Path) -> (Duration, u64) {
    let mut command = town::kiosk();
    command.arg("--data").arg(data).args(["listings", "import"]).arg(file);
    let begun = Instant::now();
    let mut process = command.spawn().expect("it runs");
    let mut memory = 0;
    let status = loop {
        memory = memory.max(most_memory(&process));
        if let Some(status) = process.try_wait().expect("asked") {
            break status;
        }
        thread::sleep(Duration::from_millis(10));
    };
    let took = begun.elapsed();
    assert!(status.success(), "{}", complaint(command));
    (took, memory)
}

fn most_memory(process: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id()));
    let status = status.unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|text| text.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// Does something beside those who write; gives how long a row of the audit took, disk and all, and
/// how long the locks of ledger and listings were waited for.
fn beside(data: &Path, work: impl FnOnce()) -> [Vec<Duration>; 3] {
    let over = Arc::new(AtomicBool::new(false));
    let writers = [
        audit_writer(data, over.clone()),
        lock_taker(&data.join("ledger.db"), over.clone()),
        lock_taker(&data.join(cache::FILE), over.clone()),
    ];
    work();
    over.store(true, Ordering::Release);
    writers.map(|writer| writer.join().expect("it writes on"))
}

fn audit_writer(data: &Path, over: Arc<AtomicBool>) -> JoinHandle<Vec<Duration>> {
    let mut ledger = Ledger::open(data).expect("a ledger");
    thread::spawn(move || {
        let mut waits = Vec::new();
        while !over.load(Ordering::Acquire) {
            let at = jiff::Timestamp::now();
            let entry = Entry { at, kind: Kind::Marked, stop: None };
            let begun = Instant::now();
            audit::append(&mut ledger, &entry).expect("no row goes missing");
            waits.push(begun.elapsed());
            thread::sleep(BEAT);
        }
        waits
    })
}

/// Asks for the right to write, as everybody does before he writes. SQLite's own waiting would add to
/// what is measured, so it is asked every millisecond; and nothing is written, since a disk would.
fn lock_taker(database: &Path, over: Arc<AtomicBool>) -> JoinHandle<Vec<Duration>> {
    let database = Connection::open(database).expect("it is there");
    database.busy_timeout(Duration::ZERO).expect("set");
    thread::spawn(move || {
        let mut waits = Vec::new();
        while !over.load(Ordering::Acquire) {
            let begun = Instant::now();
            loop {
                match database.execute_batch("BEGIN IMMEDIATE; COMMIT") {
                    Ok(()) => break,
                    Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                        thread::sleep(Duration::from_millis(1));
                    }
                    Err(error) => panic!("{error}"),
                }
            }
            waits.push(begun.elapsed());
            thread::sleep(BEAT);
        }
        waits
    })
}

fn words(waits: &[Vec<Duration>; 3]) -> String {
    let [audit, ledger, listings] = waits.each_ref().map(|waits| {
        let mut waits = waits.clone();
        waits.sort_unstable();
        let at = |hundredth: usize| {
            let index = (waits.len() * hundredth / 100).min(waits.len().saturating_sub(1));
            waits.get(index).map_or(0.0, |wait| wait.as_secs_f64() * 1e3)
        };
        let (most, times) = (at(100), waits.len());
        format!("{times} ×, p50 {:.1} ms, p99 {:.1} ms, max {most:.1} ms", at(50), at(99))
    });
    format!("rows of the audit {audit}; lock of the ledger {ledger}; of the listings {listings}")
}

/// A clerk's table, every row another.
fn table(rows: u64) -> String {
    let mut table = "岗位名称,招聘单位,招聘人数,工资,招聘条件,学历,工作内容,工作地点,食宿,联系人,联系电话,发布日期\n".to_owned();
    for i in 0..rows as usize {
        let title = ["电焊工", "保洁员", "普工", "厨师", "货车司机", "营业员"][i % 6];
        let place = ["福集镇", "嘉明镇", "喻寺镇", "得胜镇"][i % 4];
        let wage = ["4500-6000元/月", "200元/天", "0.5-0.8万", "面议", "3千以上"][i % 5];
        writeln!(
            table,
            "{title},泸县测试{i}号厂,招{}人,{wage},\"18-55岁，身体健康\",初中,按图纸装配零件；做好自检,\
             泸县{place}工业路{i}号,包吃住,人事部,0830-{i:07},2026-11-{:02}",
            i % 30 + 1,
            i % 24 + 1,
        )
        .expect("a text takes everything");
    }
    table
}
