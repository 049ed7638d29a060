//! The reader end to end: a real pseudo-terminal, the simulated reader or a responder written
//! here from the published bytes, the driver on its thread, and `kiosk card` as a process.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError, TryRecvError},
    thread::JoinHandle,
    time::Duration,
};

use renshe_kiosk::{
    card::{Reader, ReaderEvent, ReaderSettings, ReaderStatus},
    domain::{Document, Stop},
    simulator::{
        CardImage, Fault, Options, SimulatedReader,
        reader::{FIND, READ_APPENDED_ADDRESS, READ_BASE, SELECT, STATUS},
    },
};
use serialport::{SerialPort, TTYPort};

/// No test waits longer for anything that must come; nothing is asserted about how long it took.
const PATIENCE: Duration = Duration::from_secs(60);

const A: &str = "510599198507150012";
const B: &str = "51059919610320058X";

fn vector_path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/kiosk/vectors/{name}.hex"))
}

fn vector(name: &str) -> Vec<u8> {
    let text = fs::read_to_string(vector_path(name)).expect("the vector is in the repository");
    let digit = |byte: u8| (byte as char).to_digit(16).expect("a hex digit") as u8;
    text.trim().as_bytes().chunks(2).map(|pair| digit(pair[0]) * 16 + digit(pair[1])).collect()
}

fn card(name: &str) -> CardImage {
    CardImage::from_frame(&vector(name)).expect("the vector is a whole answer")
}

/// The driver under test and what it told.
struct Watched {
    _reader: Reader,
    events: Receiver<ReaderEvent>,
}

impl Watched {
    fn start(port: &Path) -> Self {
        let (sender, events) = mpsc::channel();
        let settings = ReaderSettings {
            port: port.to_str().expect("a plain path").to_owned(),
            baud: 115_200,
            poll: Duration::from_millis(40),
        };
        let reader = Reader::start(settings, move |event| drop(sender.send(event)));
        let watched = Self { _reader: reader, events };
        watched.expect(&ReaderEvent::Status(ReaderStatus::Starting));
        watched
    }

    fn next(&self) -> ReaderEvent {
        self.events.recv_timeout(PATIENCE).expect("the driver tells something")
    }

    fn expect(&self, event: &ReaderEvent) {
        assert_eq!(&self.next(), event);
    }

    fn expect_status(&self, status: ReaderStatus) {
        self.expect(&ReaderEvent::Status(status));
    }

    fn expect_ready(&self) {
        self.expect_status(ReaderStatus::Ready);
    }

    fn expect_read(&self, number: &str) -> Box<Document> {
        let ReaderEvent::Read(document) = self.next() else { panic!("a document") };
        assert_eq!(document.number().expose(), number);
        document
    }

    fn expect_nothing_told(&self) {
        assert_eq!(self.events.try_recv(), Err(TryRecvError::Empty));
    }
}

fn simulator() -> SimulatedReader {
    SimulatedReader::start(Options::default()).expect("a pseudo-terminal")
}

/// Waits until `condition` holds.
fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + PATIENCE;
    while !condition() {
        assert!(std::time::Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_card_is_read_once_for_each_time_it_is_laid() {
    for read_once in [false, true] {
        let options = Options { read_once, ..Options::default() };
        let simulator = SimulatedReader::start(options).expect("a pseudo-terminal");
        let watched = Watched::start(simulator.port());
        watched.expect_ready();
        for (name, number) in [("base_A", A), ("base_A", A), ("base_B", B)] {
            simulator.lay(card(name));
            watched.expect(&ReaderEvent::CardFound);
            watched.expect_read(number);
            // It lies there through several looks, and nothing is told.
            let looks = simulator.asked(READ_APPENDED_ADDRESS) + 3;
            wait_for("the driver looks", || simulator.asked(READ_APPENDED_ADDRESS) >= looks);
            watched.expect_nothing_told();
            simulator.lift();
            watched.expect(&ReaderEvent::CardRemoved);
        }
    }
}

#[test]
fn a_card_swapped_between_two_looks_is_another_visit() {
    let simulator = simulator();
    let watched = Watched::start(simulator.port());
    simulator.lay(card("base_A"));
    watched.expect_ready();
    watched.expect(&ReaderEvent::CardFound);
    watched.expect_read(A);
    simulator.lay(card("base_B"));
    watched.expect(&ReaderEvent::CardRemoved);
    watched.expect(&ReaderEvent::CardFound);
    watched.expect_read(B);
}

#[test]
fn a_spoilt_answer_is_read_again_without_a_word() {
    let faults = [
        Fault::NoiseBefore(vec![0, 0xFF, 0x41, 0x41, 0xAA, 0xAA, 0xAA, 0x96]),
        Fault::NoiseWithin { at: 700, bytes: vec![0xAA, 0xAA, 0xAA, 0x96, 0x69, 0, 4] },
        Fault::Flip { at: 20, flip: 1 },
        Fault::Flip { at: 9, flip: 0xFF },
        Fault::Cut(5),
        Fault::Cut(900),
        Fault::Length(0xFFFF),
        Fault::Length(4096),
        Fault::Length(0),
        Fault::Twice,
        Fault::Status(0x41),
        Fault::Late(Duration::from_millis(400)),
    ];
    let simulator = simulator();
    let watched = Watched::start(simulator.port());
    watched.expect_ready();
    for fault in faults {
        simulator.plan(READ_BASE, fault, 1);
        simulator.lay(card("base_A"));
        watched.expect(&ReaderEvent::CardFound);
        watched.expect_read(A);
        simulator.lift();
        watched.expect(&ReaderEvent::CardRemoved);
    }
}

#[test]
fn a_late_or_doubled_answer_answers_no_other_request() {
    // Later than the limit of a search, so that it arrives when the next is under way.
    let late = Fault::Late(Duration::from_millis(1200));
    let faults = [
        (FIND, Fault::Twice),
        (SELECT, Fault::Twice),
        (READ_APPENDED_ADDRESS, Fault::Twice),
        (FIND, late.clone()),
        (SELECT, late),
        (SELECT, Fault::Silence),
    ];
    let simulator = simulator();
    let watched = Watched::start(simulator.port());
    watched.expect_ready();
    let cards = [("base_A", A), ("base_B", B)].into_iter().cycle();
    for ((command, fault), (name, number)) in faults.into_iter().zip(cards) {
        simulator.plan(command, fault, 1);
        simulator.lay(card(name));
        watched.expect(&ReaderEvent::CardFound);
        watched.expect_read(number);
        simulator.lift();
        watched.expect(&ReaderEvent::CardRemoved);
    }
}

#[test]
fn a_card_that_cannot_be_read_is_told_once_and_then_read_when_it_lies_well() {
    let simulator = simulator();
    simulator.plan(READ_BASE, Fault::Status(0x41), 6);
    simulator.lay(card("base_A"));
    let watched = Watched::start(simulator.port());
    watched.expect_ready();
    watched.expect(&ReaderEvent::CardFound);
    watched.expect(&ReaderEvent::Failed(Stop::CardUnsteady));
    watched.expect_read(A);
}

#[test]
fn wrong_content_never_becomes_a_document_nor_shows_the_last_one() {
    let simulator = simulator();
    let watched = Watched::start(simulator.port());
    watched.expect_ready();
    simulator.lay(card("base_A"));
    watched.expect(&ReaderEvent::CardFound);
    watched.expect_read(A);
    simulator.lift();
    watched.expect(&ReaderEvent::CardRemoved);
    for (base, at, bytes) in [
        // The number's check character, a control character in the name, a day that does not exist.
        ("base_A", 156, [0x33, 0]),
        ("base_A", 2, [0x07, 0]),
        ("base_A", 48, [0x39, 0]),
        // Half a pair in a name, a check character, a digit that is a letter, an unknown country.
        ("base_J", 2, [0x73, 0xD8]),
        ("base_J", 156, [0x39, 0]),
        ("base_I", 130, [0x58, 0]),
        ("base_I", 152, [0x31, 0]),
        ("base_Y", 156, [0x33, 0]),
        ("base_Y", 36, [0x39, 0]),
    ] {
        simulator.lay(card(base).with_text_bytes(at, &bytes));
        watched.expect(&ReaderEvent::CardFound);
        watched.expect(&ReaderEvent::Failed(Stop::CardContent));
        simulator.lift();
        watched.expect(&ReaderEvent::CardRemoved);
    }
}

#[test]
fn a_reader_reported_unfit_is_down_until_it_is_well() {
    let simulator = simulator();
    simulator.plan(STATUS, Fault::Status(0x66), 1);
    let watched = Watched::start(simulator.port());
    watched.expect_status(ReaderStatus::Down(Stop::ReaderNotAuthorised));
    watched.expect_ready();
}

#[test]
fn noise_without_end_is_down_and_ends_with_it() {
    let mut simulator = simulator();
    let watched = Watched::start(simulator.port());
    watched.expect_ready();
    let babble: Vec<u8> = (0..300_000_u32).map(|i| ((i * 7919) >> 3) as u8).collect();
    simulator.plan(FIND, Fault::NoiseBefore(babble), 1);
    watched.expect_status(ReaderStatus::Down(Stop::ReaderNoise));
    simulator.unplug();
    simulator.lay(card("base_A"));
    drop(watched);
    simulator.replug().expect("a pseudo-terminal");
    let watched = Watched::start(simulator.port());
    watched.expect_ready();
    watched.expect(&ReaderEvent::CardFound);
    watched.expect_read(A);
}

#[test]
fn a_reader_that_is_pulled_out_in_the_middle_ends_the_visit() {
    let directory = tempfile::tempdir().expect("a directory");
    let link = directory.path().join("reader");
    let options = Options { link: Some(link.clone()), ..Options::default() };
    let mut simulator = SimulatedReader::start(options).expect("a pseudo-terminal");
    let watched = Watched::start(&link);
    watched.expect_ready();
    simulator.lay(card("base_A"));
    watched.expect(&ReaderEvent::CardFound);
    watched.expect_read(A);
    simulator.unplug();
    assert!(!link.is_symlink());
    watched.expect(&ReaderEvent::CardRemoved);
    watched.expect_status(ReaderStatus::Down(Stop::ReaderAbsent));
    simulator.lay(card("base_B"));
    simulator.replug().expect("a pseudo-terminal");
    watched.expect_ready();
    watched.expect(&ReaderEvent::CardFound);
    watched.expect_read(B);
}

#[test]
fn a_port_held_by_another_program_is_told_and_taken_when_free() {
    let simulator = simulator();
    let port = simulator.port().to_str().expect("a plain path");
    let other = serialport::new(port, 115_200).open_native().expect("the port is free");
    let watched = Watched::start(simulator.port());
    watched.expect_status(ReaderStatus::Down(Stop::ReaderBusy));
    drop(other);
    watched.expect_ready();
}

#[test]
fn twenty_times_unplugged_leaves_no_descriptor_and_no_thread_behind() {
    // In a process of its own: other tests open files and start threads meanwhile.
    let output = Command::new(std::env::current_exe().expect("this program"))
        .args(["card::unplugging_alone", "--exact", "--ignored", "--nocapture"])
        .output()
        .expect("this program runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "run by the test above, alone in its process"]
fn unplugging_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    let link = directory.path().join("reader");
    let options = Options { link: Some(link.clone()), ..Options::default() };
    let mut simulator = SimulatedReader::start(options).expect("a pseudo-terminal");
    let watched = Watched::start(&link);
    watched.expect_ready();
    let count = |what: &str| fs::read_dir(format!("/proc/self/{what}")).expect("Linux").count();
    let before = (count("fd"), count("task"));
    for _ in 0..20 {
        simulator.unplug();
        watched.expect_status(ReaderStatus::Down(Stop::ReaderAbsent));
        simulator.replug().expect("a pseudo-terminal");
        watched.expect_ready();
    }
    assert_eq!((count("fd"), count("task")), before);
    drop(watched);
    drop(simulator);
    // Three of the line (both ends, the wake's two) and two threads are given back.
    assert!(count("fd") < before.0);
    assert_eq!(count("task"), before.1 - 2);
}

/// A reader of another make: answers by comparing whole requests with the published ones, and
/// shares no code with the kiosk.
struct Responder {
    port: String,
    /// The other end's thread holds the line's own end; this keeps the port's settings alive.
    _slave: TTYPort,
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What a responder sends, and how long it waits before each byte.
struct Sent(Vec<u8>, Duration);

impl Responder {
    fn start(mut answer: impl FnMut(&str) -> Option<Sent> + Send + 'static) -> Self {
        let (mut master, slave) = TTYPort::pair().expect("a pseudo-terminal");
        let port = slave.name().expect("it has a name");
        master.set_timeout(Duration::from_millis(20)).expect("an open port");
        let (stop, stopped) = mpsc::channel::<()>();
        let requests = [
            "req_status",
            "req_samid",
            "req_find",
            "req_select",
            "req_base",
            "req_newaddr",
            "req_reset",
        ]
        .map(|name| (name, vector(name)));
        let thread = std::thread::spawn(move || {
            let mut heard = Vec::new();
            while stopped.try_recv() == Err(TryRecvError::Empty) {
                let mut byte = [0];
                if master.read(&mut byte).is_err() {
                    continue;
                }
                heard.push(byte[0]);
                let Some((name, _)) = requests.iter().find(|(_, bytes)| *bytes == heard) else {
                    continue;
                };
                heard.clear();
                let Some(Sent(bytes, pause)) = answer(name) else { continue };
                for byte in bytes {
                    let stopping =
                        stopped.recv_timeout(pause) == Err(RecvTimeoutError::Disconnected);
                    // The next request cuts a slow answer short.
                    let asked = master.bytes_to_read().unwrap_or(0) > 0;
                    if stopping || asked || master.write_all(&[byte]).is_err() {
                        break;
                    }
                }
            }
        });
        Self { port, _slave: slave, stop: Some(stop), thread: Some(thread) }
    }

    /// A well reader on which the card of `base` lies, with an appended address if asked to.
    fn with_card(base: &'static str, appended: bool) -> Self {
        Self::start(move |request| answer_of_a_well_reader(request, base, appended))
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the responder did its work");
        }
    }
}

fn answer_of_a_well_reader(request: &str, base: &str, appended: bool) -> Option<Sent> {
    let frame = |tail: &[u8]| [&[0xAA, 0xAA, 0xAA, 0x96, 0x69], tail].concat();
    let answer = match request {
        "req_status" | "req_reset" => frame(&[0, 4, 0, 0, 0x90, 0x94]),
        "req_samid" => vector("samid"),
        "req_find" => frame(&[0, 8, 0, 0, 0x9F, 1, 2, 3, 4, 0x93]),
        "req_select" => {
            frame(&[0, 0xC, 0, 0, 0x90, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x14])
        }
        "req_base" => vector(base),
        "req_newaddr" if appended => vector("newaddr"),
        _ => frame(&[0, 4, 0, 0, 0x91, 0x95]),
    };
    Some(Sent(answer, Duration::ZERO))
}

#[test]
fn the_limit_of_a_step_holds_however_slowly_its_bytes_drip() {
    let mut dripped = false;
    let responder = Responder::start(move |request| {
        let answer = answer_of_a_well_reader(request, "base_A", false)?;
        // Slow enough for more than a minute, too fast for the limit between two bytes.
        let drip = request == "req_base" && !std::mem::replace(&mut dripped, true);
        Some(if drip { Sent(answer.0, Duration::from_millis(50)) } else { answer })
    });
    let watched = Watched::start(Path::new(&responder.port));
    watched.expect_ready();
    watched.expect(&ReaderEvent::CardFound);
    watched.expect_read(A);
}

#[test]
fn a_byte_a_second_is_no_reader() {
    let responder = Responder::start(|request| {
        let answer = answer_of_a_well_reader(request, "base_A", false)?;
        Some(Sent(answer.0, Duration::from_secs(1)))
    });
    let watched = Watched::start(Path::new(&responder.port));
    let ReaderEvent::Status(ReaderStatus::Down(_)) = watched.next() else { panic!("down") };
}

#[test]
fn a_reader_that_never_answers_is_silent() {
    let responder = Responder::start(|_| None);
    let watched = Watched::start(Path::new(&responder.port));
    watched.expect_status(ReaderStatus::Down(Stop::ReaderSilent));
}

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
    assert!(String::from_utf8_lossy(&output.stderr).contains("cut.hex cannot be laid"));
}
