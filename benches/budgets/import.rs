//! Import of 100,000 rows of CSV: the time, and the memory of a process that does nothing else.

use std::{
    fmt::Write as _,
    io::Write as _,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use jiff::civil::date;
use renshe_kiosk::{
    config::Settings,
    listings::{
        self, Cache,
        import::{self, Known, Options},
    },
    store::Ledger,
};

use crate::{Row, row};

const ROWS: usize = 100_000;
/// Asks this program to import the file named behind it, and to print what that took.
pub(crate) const CHILD: &str = "--import-child";

pub(crate) fn rows() -> Vec<Row> {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("rows.csv");
    std::fs::write(&file, table()).expect("written");
    let bytes = std::fs::metadata(&file).expect("the file").len();
    let stored = child(&file, "store");
    let read = child(&file, "read");
    let how = format!(
        "a clerk's table of {:.0} MB in a process of its own; VmHWM",
        bytes as f64 / f64::from(1 << 20)
    );
    let words = |(took, memory): (Duration, u64)| {
        format!("{:.1} s, {} MB", took.as_secs_f64(), memory >> 10)
    };
    vec![
        row(
            "100,000 rows of CSV imported, kept and shown",
            "≤ 10 s, ≤ 200 MB",
            words(stored),
            &how,
        ),
        row("the same, a dry run", "", words(read), "nothing is stored"),
    ]
}

/// Imports the file of the arguments; prints milliseconds and the most memory in KiB.
pub(crate) fn be_child() {
    let arguments: Vec<String> = std::env::args().skip_while(|a| a != CHILD).collect();
    let [_, file, what] = arguments.as_slice() else { panic!("a file, and what to do") };
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config");
    let options: Options = Settings::imports(&config, date(2026, 11, 24)).expect("right");
    let begun = Instant::now();
    let bytes = std::fs::read(file).expect("readable");
    let accepted = if what == "store" {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut cache = Cache::open(directory.path()).expect("a cache");
        let mut ledger = Ledger::open(directory.path()).expect("a ledger");
        let now = jiff::Timestamp::UNIX_EPOCH;
        let report = listings::import(&mut ledger, &cache, &bytes, &options, now);
        cache.follow(&ledger, false).expect("followed");
        report.expect("imported").accepted
    } else {
        import::read(&bytes, &options, &Known::default()).expect("read").report.accepted
    };
    let took = begun.elapsed().as_millis();
    assert_eq!(accepted, ROWS);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.and_then(|text| text.split_whitespace().next()).unwrap_or("0");
    writeln!(std::io::stdout(), "{took} {peak}").expect("the parent reads");
}

fn child(file: &Path, what: &str) -> (Duration, u64) {
    let output = Command::new(std::env::current_exe().expect("this program"))
        .arg(CHILD)
        .arg(file)
        .arg(what)
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    let (took, memory) = text.trim().split_once(' ').expect("two numbers");
    (Duration::from_millis(took.parse().expect("ms")), memory.parse().expect("KiB"))
}

/// A table as a clerk keeps it, every row another.
fn table() -> String {
    let mut table =
        "岗位名称,招聘单位,招聘人数,工资,招聘条件,学历,工作内容,工作地点,食宿,福利,联系人,联系电话,发布日期,截止日期\n"
            .to_owned();
    for i in 0..ROWS {
        let titles = ["电焊工", "保洁员", "普工", "厨师", "货车司机", "营业员"];
        let (title, town) = (titles[i % 6], ["福集镇", "嘉明镇", "喻寺镇", "得胜镇"][i % 4]);
        let wage = ["4500-6000元/月", "200元/天", "0.5-0.8万", "面议", "3千以上"][i % 5];
        writeln!(
            table,
            "{title},泸县测试{i}号厂,招{}人,{wage},\"18-55岁，身体健康，能吃苦耐劳，服从安排\",初中,             按图纸装配零件；做好自检和交接班记录；下班前打扫工位,泸县{town}工业路{i}号,包吃住,             \"五险，月休四天，有班车\",人事部,0830-{i:07},2026-11-{:02},2026年12月{}日",
            i % 30 + 1,
            i % 24 + 1,
            i % 28 + 1,
        )
        .expect("a text takes everything");
    }
    table
}
