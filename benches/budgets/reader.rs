//! The card reader alone: from the card on it to the document, and what waiting for a card costs.
//! The driver on its thread, the simulated reader on a pseudo-terminal at the line rate.

use std::{
    fs,
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use kiosk_devices::card::{Reader, ReaderEvent, ReaderSettings, ReaderStatus};
use kiosk_stage::simulator::{CardImage, Options, SimulatedReader, residents};

use crate::{Row, kiosk, row, spread};

const LAYINGS: usize = 60;
const IDLE: Duration = Duration::from_secs(10);
/// No event of the driver takes longer.
const GUARD: Duration = Duration::from_secs(30);

pub(crate) fn rows() -> Vec<Row> {
    let simulator = SimulatedReader::start(Options::default()).expect("a pseudo-terminal");
    let (sender, events) = mpsc::channel();
    let settings = ReaderSettings::simulated(simulator.port());
    let _reader = Reader::start(settings, move |event| drop(sender.send(event)));
    wait(&events, |event| *event == ReaderEvent::Status(ReaderStatus::Ready));
    vec![laying(&simulator, &events), idling()]
}

/// From the card on the reader to the document.
fn laying(simulator: &SimulatedReader, events: &Receiver<ReaderEvent>) -> Row {
    let residents = residents::load(&kiosk::shipped().join("demo/residents"));
    let resident = residents.expect("the shipped residents").remove(0);
    let card = CardImage::of(&resident.card).expect("it fits on a card");
    let mut times = Vec::new();
    for i in 0..LAYINGS {
        // Not in step with the reader's poll.
        thread::sleep(Duration::from_millis(60 + (i as u64 * 7) % 41));
        let laid = Instant::now();
        simulator.lay(card.clone());
        wait(events, |event| matches!(event, ReaderEvent::Read(_)));
        times.push(laid.elapsed());
        simulator.lift();
        wait(events, |event| *event == ReaderEvent::CardRemoved);
    }
    let floor = floor();
    row(
        "card laid → document",
        &format!("line time {:.0} ms + ≤ 60 ms p95", floor.as_secs_f64() * 1e3),
        spread(&mut times),
        "60 layings at 115200 baud, poll 40 ms; line time of find, select, read and address with \
         their requests",
    )
}

/// The line time of what is said between the finding of a card and its document: four requests of
/// ten bytes; an answer each to find, select, read and the appended address that is not there.
fn floor() -> Duration {
    let bytes = 4 * 10 + 15 + 19 + 1295 + 11;
    Duration::from_secs(10) * bytes / 115_200
}

/// What the driver's thread uses while no card lies there.
fn idling() -> Row {
    let before = (Instant::now(), used());
    thread::sleep(IDLE);
    let used = (used() - before.1).as_secs_f64() / before.0.elapsed().as_secs_f64();
    row(
        "CPU of an idle poll",
        "≤ 0.5 % of a core",
        format!("{:.2} %", used * 100.0),
        "run time of the driver's thread over 10 s without a card, poll 40 ms",
    )
}

/// How long the driver's thread has run on a processor.
fn used() -> Duration {
    let tasks = fs::read_dir("/proc/self/task").expect("Linux");
    let read = |task: &fs::DirEntry, file| fs::read_to_string(task.path().join(file)).ok();
    let mut tasks = tasks.filter_map(Result::ok);
    let reader = tasks
        .find(|task| read(task, "comm").is_some_and(|name| name.trim() == "reader"))
        .expect("the driver's thread");
    let statistics = read(&reader, "schedstat").expect("the kernel counts");
    let nanos = statistics.split_whitespace().next().expect("a figure");
    Duration::from_nanos(nanos.parse().expect("a number"))
}

fn wait(events: &Receiver<ReaderEvent>, wanted: impl Fn(&ReaderEvent) -> bool) {
    loop {
        let event = events.recv_timeout(GUARD).expect("the driver tells it");
        if wanted(&event) {
            return;
        }
    }
}
