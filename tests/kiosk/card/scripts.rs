//! The shipped scripts of faults: whatever one plays, the kiosk notices what the script says it
//! does, in this order and nothing else, and no person is read whose card does not lie there.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, atomic::AtomicBool},
};

use kiosk_base::domain::failure::BOOK;
use kiosk_devices::card::{ReaderEvent, ReaderStatus};
use kiosk_stage::simulator::{CardImage, Options, Script, SimulatedReader, UsbShape, residents};

use super::{PATIENCE, Watched};

/// The scripts of the demonstration.
fn scripts() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config/demo/faults");
    let entries = fs::read_dir(directory).expect("it is shipped");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
    paths.sort();
    paths
}

/// An event in the words of a script.
fn word(event: &ReaderEvent) -> String {
    match event {
        ReaderEvent::Status(ReaderStatus::Ready) => "ready".to_owned(),
        ReaderEvent::Status(ReaderStatus::Starting) => "starting".to_owned(),
        ReaderEvent::Status(ReaderStatus::Down(stop)) | ReaderEvent::Failed(stop) => {
            stop.code().to_owned()
        }
        ReaderEvent::CardFound => "found".to_owned(),
        ReaderEvent::Read(_) => "read".to_owned(),
        ReaderEvent::CardRemoved => "removed".to_owned(),
        ReaderEvent::Module(_) => panic!("the module is asked before any card"),
        ReaderEvent::Trouble(trouble) => panic!("{trouble:?} is for the staff"),
    }
}

/// How the reader is plugged in.
fn wirings() -> [(&'static str, Option<UsbShape>); 2] {
    [("serial", None), ("USB", Some(UsbShape::two_pairs()))]
}

fn play(path: &Path, (wiring, usb): &(&str, Option<UsbShape>)) {
    let name = format!("{} over {wiring}", path.file_stem().expect("a name").to_string_lossy());
    let script = Script::load(path).unwrap_or_else(|error| panic!("{error}"));
    let people: Vec<_> = script
        .documents
        .iter()
        .map(|path| residents::load_file(path).expect("a resident").card)
        .collect();
    let cards: Vec<_> = people.iter().map(|card| CardImage::of(card).expect("it fits")).collect();
    let directory = tempfile::tempdir().expect("a directory");
    let link = directory.path().join("reader");
    let options = Options { link: Some(link), usb: usb.clone(), ..Options::default() };
    let reader = SimulatedReader::start(options).expect("a pseudo-terminal");
    let watched = Watched::start_with(reader.settings());
    let reader = Mutex::new(reader);
    watched.expect_ready();
    let mut noticed = Vec::new();
    let mut number = 0;
    std::thread::scope(|scope| {
        let stop = AtomicBool::new(false);
        let (reader, cards) = (&reader, &cards);
        let playing = scope.spawn(move || script.play(reader, cards, &stop, &mut |_, _| ()));
        let expected = Script::load(path).expect("it was").expect;
        while noticed.len() < expected.len() {
            let Some(event) = watched.next_within(PATIENCE / 2) else { break };
            if let ReaderEvent::Read(document) = &event {
                // The first person, and after another card the second.
                number = people
                    .iter()
                    .position(|card| card.number() == document.number())
                    .unwrap_or_else(|| panic!("{name}: somebody else was read"));
            }
            noticed.push(word(&event));
        }
        assert_eq!(noticed, expected, "{name}");
        playing.join().expect("no panic").unwrap_or_else(|error| panic!("{name}: {error}"));
    });
    assert_eq!(number, people.len().saturating_sub(1).min(number), "{name}");
    watched.expect_nothing_told();
}

#[test]
fn every_shipped_script_does_what_it_says() {
    let (scripts, wirings) = (scripts(), wirings());
    assert!(scripts.len() >= 32, "{}", scripts.len());
    let all: Vec<_> = wirings
        .iter()
        .flat_map(|wiring| scripts.iter().map(move |path| (path.as_path(), wiring)))
        .collect();
    // A few at a time: they mostly wait. A script happens in real time, and a machine that is busy
    // makes a reader late; one that went otherwise is played again by itself, and then it must
    // hold.
    let mut late = Vec::new();
    for some in all.chunks(8) {
        std::thread::scope(|scope| {
            let playing: Vec<_> = some
                .iter()
                .map(|(path, wiring)| ((path, wiring), scope.spawn(move || play(path, wiring))))
                .collect();
            late.extend(
                playing.into_iter().filter_map(|(what, played)| played.join().err().map(|_| what)),
            );
        });
    }
    assert!(late.len() <= 4, "too many for chance: {late:?}");
    late.into_iter().for_each(|(path, wiring)| play(path, wiring));
}

#[test]
fn every_stop_of_a_card_that_a_module_can_cause_has_a_script() {
    let expected: Vec<String> = scripts()
        .iter()
        .flat_map(|path| Script::load(path).unwrap_or_else(|error| panic!("{error}")).expect)
        .collect();
    // What the port, the rate, the content, the policy or a contact card cause has tests of its
    // own.
    let elsewhere = ["R02", "R03", "R04", "R08", "R09", "R14", "R15", "D04", "D05", "D06"];
    for entry in BOOK.iter().filter(|entry| entry.code.starts_with(['R', 'D'])) {
        let known = expected.iter().any(|code| code == entry.code);
        assert!(known != elsewhere.contains(&entry.code), "{}", entry.code);
    }
}
