//! The reader end to end: a real pseudo-terminal, the simulated reader or a responder written
//! here from the published bytes, the driver on its thread, and `kiosk card` as a process.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::mpsc::{self, Receiver, TryRecvError},
    time::Duration,
};

use kiosk_base::domain::Document;
use kiosk_devices::card::{Reader, ReaderEvent, ReaderSettings, ReaderStatus};
use kiosk_stage::simulator::{CardImage, Options, SimulatedReader};

mod commands;
mod gadget;
mod health;
mod readings;
mod responder;
mod scripts;
mod slot;
mod social_security;
mod usb;

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
        Self::start_with(ReaderSettings::simulated(port))
    }

    fn start_with(settings: ReaderSettings) -> Self {
        let (sender, events) = mpsc::channel();
        let reader = Reader::start(settings, move |event| drop(sender.send(event)));
        let watched = Self { _reader: reader, events };
        watched.expect(&ReaderEvent::Status(ReaderStatus::Starting));
        watched
    }

    fn next(&self) -> ReaderEvent {
        self.next_within(PATIENCE).expect("the driver tells something")
    }

    fn next_within(&self, patience: Duration) -> Option<ReaderEvent> {
        loop {
            match self.events.recv_timeout(patience).ok()? {
                ReaderEvent::Trouble(_) | ReaderEvent::Module(_) => {}
                event => return Some(event),
            }
        }
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
        loop {
            match self.events.try_recv() {
                Ok(ReaderEvent::Trouble(_) | ReaderEvent::Module(_)) => {}
                other => return assert_eq!(other, Err(TryRecvError::Empty)),
            }
        }
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
