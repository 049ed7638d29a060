//! A reader of another make: answers by comparing whole requests with the published ones, and
//! shares no code with the kiosk or its simulator.

use std::{
    io::{Read, Write},
    path::Path,
    sync::mpsc::{self, RecvTimeoutError, TryRecvError},
    thread::JoinHandle,
    time::Duration,
};

use kiosk_base::domain::Stop;
use kiosk_devices::card::{Baud, ReaderEvent, ReaderSettings, ReaderStatus};
use serialport::{SerialPort, TTYPort};

use super::{A, Watched, vector};

/// A reader on the other end of a line.
pub(super) struct Responder {
    pub(super) port: String,
    /// The other end's thread holds the line's own end; this keeps the port's settings alive.
    _slave: TTYPort,
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What a responder sends, and how long it waits before each byte.
pub(super) struct Sent(pub(super) Vec<u8>, pub(super) Duration);

impl Responder {
    pub(super) fn start(answer: impl FnMut(&str) -> Option<Sent> + Send + 'static) -> Self {
        Self::start_at(None, answer)
    }

    /// With a rate, it understands only what is sent at that rate.
    fn start_at(
        rate: Option<u32>,
        mut answer: impl FnMut(&str) -> Option<Sent> + Send + 'static,
    ) -> Self {
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
                // One end of a pseudo-terminal sees the rate that the other was set to.
                if rate.is_some_and(|rate| master.baud_rate().ok() != Some(rate)) {
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
    pub(super) fn with_card(base: &'static str, appended: bool) -> Self {
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

pub(super) fn answer_of_a_well_reader(request: &str, base: &str, appended: bool) -> Option<Sent> {
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

/// A driver of a reader that understands `rate` only.
fn watched_at(rate: u32, baud: Baud) -> (Responder, Watched) {
    let answer = |request: &str| answer_of_a_well_reader(request, "base_A", false);
    let responder = Responder::start_at(Some(rate), answer);
    let mut settings = ReaderSettings { baud, ..ReaderSettings::simulated(&responder.port) };
    // Nobody answers at the wrong rates; the usual patience would take long.
    settings.profile.limits.status = Duration::from_millis(200);
    settings.profile.limits.find = Duration::from_millis(200);
    let watched = Watched::start_with(settings);
    (responder, watched)
}

#[test]
fn a_rate_that_nobody_told_is_found_out() {
    let (_responder, watched) = watched_at(19_200, Baud::Probe);
    loop {
        match watched.next() {
            ReaderEvent::Status(ReaderStatus::Ready) => break,
            ReaderEvent::Status(ReaderStatus::Down(stop)) => {
                assert_eq!(stop, Stop::ReaderSilent, "at a rate that is not the reader's");
            }
            other => panic!("{other:?}"),
        }
    }
    watched.expect(&ReaderEvent::CardFound);
    watched.expect_read(A);
}

#[test]
fn a_rate_that_was_told_wrong_has_its_own_stop() {
    let (_responder, watched) = watched_at(9_600, Baud::Fixed(115_200));
    loop {
        match watched.next() {
            ReaderEvent::Status(ReaderStatus::Down(Stop::ReaderBaud)) => break,
            ReaderEvent::Status(ReaderStatus::Down(Stop::ReaderSilent)) => {}
            other => panic!("{other:?}"),
        }
    }
}
