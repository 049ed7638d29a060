//! Nothing of a resident outlives the visit. A marked person is planted and looked for everywhere;
//! each search first finds its mark where it should be.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::Duration,
};

use kiosk_stage::simulator::{CardImage, Options, SimulatedReader, residents};
use tempfile::TempDir;

use crate::support::{
    GUARD, audited,
    kiosk::{Hall, Kiosk, copy, shipped},
};

/// What can only be about the marked person: name, number, address, balance, and the name as it is
/// masked (the others have shorter ones).
const NAME: &str = "测试标记辛";
const NUMBER: &str = "510599197001011117";
const STREET: &str = "标记辛巷";
const BALANCE: &str = "76,543.21";
const BENEFIT: &str = "9,876.53";
const BANK: &str = "测试标记银行";
/// When the residents' pension may be drawn, of the page 什么时候能退休.
const AGED: &str = "2030年1月满 60 岁";
const MASKED: &str = "测＊＊＊＊";
/// The query PIN, which only the pages of a county that asks for it ever hear.
const PIN: &str = "86420975";

/// The whole log of every part of the programs.
const EVERYTHING: &str = "renshe_kiosk=trace,kiosk_base=trace,kiosk_county=trace,kiosk_devices=trace,\
                          kiosk_stage=trace,kiosk_memory=trace";

const RESIDENT: &str = r#"
label = "标记的人"
as_of = "2026-11-23"
pin = "86420975"

[card]
name = "测试标记辛"
sex = "male"
ethnic_group = 1
birth_date = "1970-01-01"
address = "四川省泸县福集镇标记辛巷8号"
number = "510599197001011117"
issuing_authority = "泸县公安局"
valid_from = "2010-05-20"
valid_until = "长期"

[account]
[[account.participations]]
kind = 170
insured = 1
paying = 1
since = "2010-12"
place = "四川省泸县福集镇"
months_paid = 180
balance = 7654321
contributions = [
    { year = 2025, person = 200000, province = 16000, arrived = "2025-07-19" },
]

[account.unemployment]
state = "drawing"
granted = 18
used = 5
since = "2026-07"
until = "2027-12"
monthly = 987653

[account.card]
state = "in_use"
issued = "2017-05-02"
bank = "测试标记银行"
bank_tail = "7391"
"#;

/// The shipped settings and content, with the marked person among the residents as `m.toml`.
fn config() -> TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    copy(&shipped(), directory.path());
    fs::write(directory.path().join("demo/residents/m.toml"), RESIDENT).expect("written");
    directory
}

/// Everything that is about the marked person, in the encodings in which it could lie somewhere:
/// the screen's and the files' UTF-8, the card's and the memory's UTF-16, plain fen.
fn marks() -> Vec<Vec<u8>> {
    let mut marks =
        vec![b"7654321".to_vec(), BALANCE.as_bytes().to_vec(), BENEFIT.as_bytes().to_vec()];
    for text in [NAME, NUMBER, STREET, BANK, AGED] {
        marks.push(text.as_bytes().to_vec());
        marks.push(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
    }
    marks
}

fn holds(bytes: &[u8], mark: &[u8]) -> bool {
    bytes.windows(mark.len()).any(|window| window == mark)
}

fn marked(bytes: &[u8]) -> bool {
    marks().iter().any(|mark| holds(bytes, mark))
}

/// The files under `directory` that hold a mark, and how many files there are.
fn marked_files(directory: &Path) -> (Vec<PathBuf>, usize) {
    let (mut found, mut count) = (Vec::new(), 0);
    let mut open = vec![directory.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).expect("readable") {
            let path = entry.expect("an entry").path();
            let Some(kind) = there(fs::symlink_metadata(&path)).map(|facts| facts.file_type())
            else {
                continue;
            };
            if kind.is_dir() {
                open.push(path);
            } else if kind.is_file()
                && let Some(content) = there(fs::read(&path))
            {
                count += 1;
                if marked(&content) {
                    found.push(path);
                }
            }
        }
    }
    (found, count)
}

/// `None` for what has gone since the directory was read: a file that is written whole has another
/// name for a moment.
fn there<T>(result: std::io::Result<T>) -> Option<T> {
    match result {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        result => Some(result.expect("readable")),
    }
}

/// The labels that hold something of the marked person.
fn marked_labels(labels: &[String]) -> Vec<&String> {
    let about = [NAME, NUMBER, STREET, BALANCE, BENEFIT, BANK, AGED, MASKED, &NUMBER[6..14]];
    labels.iter().filter(|label| about.iter().any(|mark| label.contains(mark))).collect()
}

/// The marked person looks at everything, uncovered, until just before the end of the visit.
fn marked_visit(kiosk: &mut Kiosk) {
    kiosk.lay("m");
    kiosk.see(BALANCE);
    kiosk.press("显示");
    kiosk.see(NAME);
    assert!(kiosk.says(NUMBER));
    kiosk.press("全部险种");
    kiosk.press("城乡居民养老保险");
    kiosk.see(BALANCE);
    kiosk.press_all(&["返回", "返回"]);
    kiosk.press_all(&["更多", "失业金"]);
    kiosk.see(BENEFIT);
    kiosk.press_all(&["返回", "社保卡"]);
    kiosk.see(BANK);
    kiosk.press_all(&["返回", "什么时候退休"]);
    kiosk.see(AGED);
    assert!(!marked_labels(&kiosk.labels()).is_empty(), "{:?}", kiosk.labels());
    kiosk.press_all(&["返回", "权益记录"]);
    kiosk.see(BALANCE);
    kiosk.press_all(&["返回", "返回"]);
    kiosk.see(NAME);
    let labels = kiosk.labels();
    assert!(marked_labels(&labels).len() >= 3, "the marks are where they should be: {labels:?}");
}

/// The dots of the overview of somebody else.
fn picture(kiosk: &mut Kiosk) -> Vec<u8> {
    kiosk.lay("a");
    kiosk.see("243.00");
    let picture = kiosk.app.screen().picture().expect("drawn");
    kiosk.lift();
    picture.as_bytes().to_vec()
}

/// Prints the account that is on the screen.
fn print(kiosk: &mut Kiosk) {
    kiosk.press("打印");
    kiosk.see("打好了");
}

/// One end of a visit: its name, and how it comes about.
type End = (&'static str, fn(&mut Kiosk));

/// The ends that a visit can have.
const ENDS: [End; 4] = [
    ("lifted", |kiosk| kiosk.lift()),
    ("用完了", |kiosk| {
        kiosk.press("用完了，拿走身份证");
        kiosk.see("请拿走您的身份证");
        assert!(marked_labels(&kiosk.labels()).is_empty(), "{:?}", kiosk.labels());
        kiosk.lift();
    }),
    ("idle", |kiosk| {
        kiosk.pass(Duration::from_secs(80));
        assert!(kiosk.app.state().visit.is_none());
        assert!(marked_labels(&kiosk.labels()).is_empty(), "{:?}", kiosk.labels());
        kiosk.lift();
    }),
    ("unplugged", |kiosk| {
        kiosk.hall.reader.unplug();
        kiosk.see("按一下屏幕就开始");
        kiosk.hall.reader.lift();
        kiosk.hall.reader.replug().expect("a pseudo-terminal");
    }),
];

#[test]
fn the_next_resident_and_the_disk_see_nothing_of_the_last() {
    let config = config();
    assert_eq!(marked_files(config.path()).0.len(), 1, "the search finds the planted file");
    let mut kiosk = Kiosk::open(Hall::with_content(config.path().join("demo")).with_printer());
    let before = picture(&mut kiosk);
    for (number, (end, finish)) in ENDS.into_iter().enumerate() {
        marked_visit(&mut kiosk);
        print(&mut kiosk);
        let slips = kiosk.hall.printer.slips();
        let paper = slips.last().expect("a slip").text();
        assert!(paper.contains(NAME) && paper.contains(BALANCE), "{end}: {paper}");
        finish(&mut kiosk);
        assert!(marked_labels(&kiosk.labels()).is_empty(), "{end}: {:?}", kiosk.labels());
        assert!(picture(&mut kiosk) == before, "{end}: not a dot is left of the last visit");
        let read = kiosk.pension_visit();
        assert!(read.iter().any(|label| label.contains("测试国")), "{end}: labels are read");
        assert!(marked_labels(&read).is_empty(), "{end}: {:?}", marked_labels(&read));
        // The next resident's paper, too; and no more of it came out than was asked for.
        kiosk.lay("a");
        print(&mut kiosk);
        kiosk.lift();
        let slips = kiosk.hall.printer.slips();
        assert_eq!(slips.len(), 2 * (number + 1), "{end}");
        let paper = slips.last().expect("a slip").text() + &kiosk.hall.printer.hanging().text();
        assert!(paper.contains("243.00"), "{end}: {paper}");
        assert!(!marked(paper.as_bytes()) && !paper.contains(MASKED), "{end}: {paper}");
    }
    let rows = audited(&kiosk.hall.data().join("kiosk"));
    let answered = rows.iter().filter(|row| row.0 == "answered").count();
    let named = rows.iter().filter(|row| row.1.is_some()).count();
    assert_eq!((answered, named), (17, 0), "the ledger says what, and about nobody: {rows:?}");
    // Databases, their logs, certificates, whatever there is; with the kiosk running and after.
    let (found, count) = marked_files(kiosk.hall.data());
    assert!(count >= 6, "databases and certificates are there: {count}");
    assert_eq!(found, [] as [PathBuf; 0]);
    let Kiosk { app, mut hall } = kiosk;
    app.end(GUARD);
    hall.cut_county();
    assert_eq!(marked_files(hall.data()).0, [] as [PathBuf; 0]);
}

#[test]
fn masked_pages_show_neither_name_nor_number() {
    let config = config();
    let mut kiosk = Kiosk::open(Hall::with_content(config.path().join("demo")));
    kiosk.lay("m");
    kiosk.see(BALANCE);
    let mut read = kiosk.labels();
    assert!(read.iter().any(|label| label == MASKED), "{read:?}");
    kiosk.press("全部险种");
    read.extend(kiosk.labels());
    kiosk.press_all(&["城乡居民养老保险", "每年缴费"]);
    kiosk.see("累计缴");
    read.extend(kiosk.labels());
    kiosk.press("首页");
    read.extend(kiosk.labels());
    let shown = |label: &&String| label.contains(NAME) || label.contains(NUMBER);
    assert_eq!(read.iter().find(shown), None);
}

#[test]
fn a_query_pin_is_dots_on_the_screen_and_nothing_on_the_disk() {
    let config = config();
    let mut hall = Hall::with_content(config.path().join("demo"));
    hall.ask_for_pin();
    let mut kiosk = Kiosk::open(hall);
    kiosk.lay("m");
    kiosk.see("请输入查询密码");
    for digit in PIN.chars() {
        kiosk.press(&digit.to_string());
        let labels = kiosk.labels();
        assert!(!labels.iter().any(|label| label.contains(&PIN[..2])), "{labels:?}");
    }
    kiosk.press("确定");
    kiosk.see(BALANCE);
    kiosk.lift();
    // The next resident finds the keypad empty.
    kiosk.lay("a");
    kiosk.see("请输入查询密码");
    let elements = kiosk.app.screen().elements();
    let done = elements.iter().find(|element| element.label == "确定").expect("a key");
    assert!(!done.enabled, "nothing was typed");
    kiosk.lift();
    let Kiosk { app, mut hall } = kiosk;
    app.end(GUARD);
    hall.cut_county();
    let mut open = vec![hall.data().to_owned()];
    let mut count = 0;
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("readable");
            open.extend(entries.map(|entry| entry.expect("an entry").path()));
        } else if path.is_file() {
            count += 1;
            assert!(!holds(&fs::read(&path).expect("readable"), PIN.as_bytes()), "{path:?}");
        }
    }
    assert!(count >= 4, "{count}");
}

#[test]
fn what_a_kiosk_logs_and_prints_says_nothing_about_a_resident() {
    let config = config();
    let visit = config.path().join("demo/visits/marked.toml");
    fs::write(
        &visit,
        r#"
title = "标记"
screen = "portrait"
[[step]]
lay = "m"
see = "知道了，查询"
[[step]]
press = "知道了，查询"
see = "个人账户余额"
[[step]]
press = "显示"
see = "测试标记辛"
[[step]]
press = "打印"
see = "打好了"
[[step]]
press = "返回"
see = "个人账户余额"
[[step]]
press = "更多"
see = "权益记录"
[[step]]
press = "每年缴费"
see = "累计缴"
[[step]]
press = "返回"
see = "权益记录"
[[step]]
press = "什么时候退休"
see = "2030年1月"
[[step]]
lift = true
see = "按一下屏幕就开始"
"#,
    )
    .expect("written");
    let home = tempfile::tempdir().expect("a directory");
    let (data, out) = (home.path().join("data"), home.path().join("out"));
    let output = Command::new(env!("CARGO_BIN_EXE_kiosk"))
        .arg("--config")
        .arg(config.path())
        .arg("--data")
        .arg(&data)
        .args(["demo", "--headless", "--out"])
        .arg(&out)
        .arg("--visit")
        .arg(&visit)
        .env("RUST_LOG", EVERYTHING)
        .output()
        .expect("the kiosk runs");
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    // The transcript is what was on the screen: the mark was there.
    let transcript = fs::read_to_string(out.join("transcript.md")).expect("a transcript");
    assert!(transcript.contains(NAME) && transcript.contains(NUMBER));
    // So was it on the paper, which is where it belongs; but the number is never whole there.
    let paper = fs::read_to_string(out.join("slip-001.txt")).expect("a slip");
    assert!(paper.contains(NAME) && paper.contains(BALANCE), "{paper}");
    assert!(!paper.contains(NUMBER) && !paper.contains(STREET), "{paper}");
    assert!(said.contains("a slip is printed"), "{said}");
    // The log was written, and it speaks of the question.
    assert!(said.contains("heartbeat") && said.contains("query=\"account\""), "{said}");
    assert!(!marked(said.as_bytes()), "{said}");
    let (found, count) = marked_files(&data);
    assert!(count >= 4, "{count}");
    assert_eq!(found, [] as [PathBuf; 0]);
}

#[test]
fn a_card_read_at_the_command_line_is_masked_unless_asked_for() {
    let config = config();
    let path = config.path().join("demo/residents/m.toml");
    let card = residents::load_file(&path).expect("the marked person").card;
    let reader = SimulatedReader::start(Options::default()).expect("a pseudo-terminal");
    reader.lay(CardImage::of(&card).expect("a card"));
    let read = |more: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_kiosk"))
            .args(["card", "read", "--timeout", "60", "--port"])
            .arg(reader.port())
            .args(more)
            .env("RUST_LOG", EVERYTHING)
            .output()
            .expect("the kiosk runs");
        let said = said(&output);
        assert!(output.status.success(), "{said}");
        said
    };
    for form in [&["--json"][..], &[]] {
        let masked = read(form);
        assert!(masked.contains(MASKED), "{masked}");
        assert!(!marked(masked.as_bytes()) && !masked.contains("1970-01-01"), "{masked}");
        let full = read(&[form, &["--unmasked"]].concat());
        for mark in [NAME, NUMBER, STREET] {
            assert!(full.contains(mark), "{full}");
        }
    }
}

/// Both streams of a process.
fn said(output: &Output) -> String {
    let streams = [&output.stdout, &output.stderr];
    streams.map(|stream| String::from_utf8_lossy(stream).into_owned()).concat()
}
