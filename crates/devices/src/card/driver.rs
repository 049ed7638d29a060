//! The reader's thread: finds the port and the rate, carries out what the
//! [`session`](super::session) says, counts failures.
//!
//! State: what is known about the reader between two openings of its port. One request is under
//! way at a time, and what arrived before it was sent is thrown away. A port that disappears is
//! looked for and opened again without end, with pauses that grow to two seconds.

use std::{
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use kiosk_base::{
    clock::Clock,
    domain::{Document, Stop},
};

use super::{
    Baud, ReaderEvent, ReaderSettings, ReaderStatus, Tally,
    frame::Request,
    line::{End, Line},
    port::{self, Port},
    profile::Profile,
    session::{Broken, Learned, Outcome, Session, Step},
    usb,
    wire::SerialWire,
};

/// The reader on its own thread. Dropping it ends the thread, within 0.3 s.
pub struct Reader {
    /// Hanging up tells the thread to end.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Reader {
    /// Starts the thread. `sink` is called on it, in order; it must not block for long and must
    /// not drop the reader.
    pub fn start(
        settings: ReaderSettings,
        mut sink: impl FnMut(ReaderEvent) + Send + 'static,
    ) -> Self {
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("reader".to_owned())
            .spawn(move || Driver::new(settings, stopped).run(&mut sink))
            .expect("the system has room for one more thread when the kiosk starts");
        Self { stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("reader: the thread had panicked");
        }
    }
}

/// Why [`read_document`] came back without a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadError {
    /// The reader or the card failed.
    Stop(Stop),
    /// The reader is well, but no card was laid in time.
    NoCard,
}

/// Reads one document, waiting up to `timeout` for somebody to lay it. What cannot get better by
/// waiting ends it at once; a card that lay badly is tried again until the time is over.
///
/// # Errors
/// Says what is in the way.
pub fn read_document(settings: ReaderSettings, timeout: Duration) -> Result<Document, ReadError> {
    first_document(timeout, |sink| Reader::start(settings, sink))
}

/// The first document that the thread tells which `start` starts.
pub(super) fn first_document<R>(
    timeout: Duration,
    start: impl FnOnce(Box<dyn FnMut(ReaderEvent) + Send>) -> R,
) -> Result<Document, ReadError> {
    let deadline = Instant::now() + timeout;
    let (events, received) = mpsc::sync_channel(16);
    let reader = start(Box::new(move |event| {
        // After the last word nobody listens any more.
        let _ = events.send(event);
    }));
    let mut last = ReadError::NoCard;
    let result = loop {
        match received.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(ReaderEvent::Read(document)) => break Ok(*document),
            Ok(ReaderEvent::Status(ReaderStatus::Down(stop))) => break Err(ReadError::Stop(stop)),
            Ok(ReaderEvent::Failed(
                stop @ (Stop::CardUnknown | Stop::CardContent | Stop::CardProtected),
            )) => break Err(ReadError::Stop(stop)),
            Ok(ReaderEvent::Failed(stop)) => last = ReadError::Stop(stop),
            Ok(_) => {}
            Err(_) => break Err(last),
        }
    };
    // The channel first: the thread must not wait on it while it is waited for.
    drop(received);
    drop(reader);
    result
}

/// The rates a reader can be set to, the usual one first.
pub const RATES: [u32; 5] = [115_200, 57_600, 38_400, 19_200, 9_600];
/// How long a reader may take to answer when a rate is tried, at 115200 baud.
const TRIAL: Duration = Duration::from_millis(400);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

struct Driver {
    settings: ReaderSettings,
    stopped: Receiver<()>,
    status: Option<ReaderStatus>,
    tally: Tally,
    learned: Learned,
    /// The rate at which the reader last answered.
    answered_at: Option<u32>,
    /// The reader answers, but at another rate than the settings say.
    wrong_rate: bool,
    /// All rates were tried since the reader last answered at the set one.
    rates_tried: bool,
    /// A reader has answered at this port at some time.
    was_ready: bool,
}

impl Driver {
    fn new(settings: ReaderSettings, stopped: Receiver<()>) -> Self {
        Self {
            settings,
            stopped,
            status: None,
            tally: Tally::default(),
            learned: Learned::default(),
            answered_at: None,
            wrong_rate: false,
            rates_tried: false,
            was_ready: false,
        }
    }

    fn run(&mut self, sink: &mut dyn FnMut(ReaderEvent)) {
        self.tell(ReaderEvent::Status(ReaderStatus::Starting), sink);
        let mut pause = self.settings.profile.reopen;
        loop {
            let End::Lost(stop) = self.serve(sink) else { return };
            if self.status == Some(ReaderStatus::Ready) {
                pause = self.settings.profile.reopen;
            }
            self.tell(ReaderEvent::Status(ReaderStatus::Down(stop)), sink);
            if self.rest(pause).is_err() {
                return;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Finds the port, opens it, and works with it until it is lost.
    fn serve(&mut self, sink: &mut dyn FnMut(ReaderEvent)) -> End {
        let opened = self.open();
        let mut line = match opened {
            Ok(line) => line,
            Err(stop) => {
                // Whatever is plugged in next may be set otherwise.
                (self.wrong_rate, self.rates_tried) = (false, false);
                return End::Lost(stop);
            }
        };
        let ended = self
            .rest(self.settings.profile.open_settle)
            .and_then(|()| self.find_rate(&mut line))
            .map(|()| self.session(&mut line, sink));
        let ended = match ended {
            Ok(ended) | Err(ended) => ended,
        };
        line.log(ended);
        let greeted = self.status == Some(ReaderStatus::Ready);
        match ended {
            End::Lost(stop) if !greeted && stop != Stop::ReaderAbsent => {
                self.why_not_greeted(line, stop)
            }
            ended => ended,
        }
    }

    fn open(&self) -> Result<Line, Stop> {
        let Profile { limits, usb: ways, .. } = &self.settings.profile;
        if let Port::Direct(id) = &self.settings.port {
            let stream = usb::open(id, ways, &self.settings.bus)?;
            return Ok(Line::new(Box::new(stream), RATES[0], *limits));
        }
        let path = port::resolve(&self.settings.port, &self.settings.tree)?;
        let baud = match self.settings.baud {
            Baud::Fixed(rate) => rate,
            Baud::Probe => self.answered_at.unwrap_or(RATES[0]),
        };
        let wire = SerialWire::open(&path, baud)?;
        Ok(Line::new(Box::new(wire), baud, *limits))
    }

    /// Where the rate is to be found out: sets the one at which the reader answers.
    fn find_rate(&mut self, line: &mut Line) -> Result<(), End> {
        if self.settings.baud != Baud::Probe || !self.has_rate() {
            return Ok(());
        }
        let rates = self.answered_at.into_iter().chain(RATES);
        match self.try_rates(line, rates)? {
            Ok(rate) => {
                self.answered_at = Some(rate);
                Ok(())
            }
            Err(stop) => {
                self.answered_at = None;
                Err(End::Lost(self.foreign_or(stop)))
            }
        }
    }

    /// The reader did not answer as one at the set rate. Once, the other rates are tried, to tell
    /// what is wrong.
    fn why_not_greeted(&mut self, mut line: Line, stop: Stop) -> End {
        let Baud::Fixed(set) = self.settings.baud else { return End::Lost(stop) };
        if !self.has_rate() {
            return End::Lost(self.foreign_or(stop));
        }
        if !std::mem::replace(&mut self.rates_tried, true) {
            let others = RATES.into_iter().filter(|rate| *rate != set);
            match self.try_rates(&mut line, others) {
                Ok(Ok(rate)) => {
                    tracing::warn!("reader: set to {set} baud, but answers at {rate}");
                    self.wrong_rate = true;
                }
                Ok(Err(_)) => self.wrong_rate = false,
                Err(end) => return end,
            }
        }
        End::Lost(if self.wrong_rate { Stop::ReaderBaud } else { self.foreign_or(stop) })
    }

    /// Whether its bytes come at a rate of their own.
    fn has_rate(&self) -> bool {
        !matches!(self.settings.port, Port::Direct(_))
    }

    /// What talked and never was a reader is another device.
    fn foreign_or(&self, stop: Stop) -> Stop {
        match stop {
            Stop::ReaderForeign if self.was_ready => Stop::ReaderNoise,
            stop => stop,
        }
    }

    /// The first of `rates` at which a reader answers, or what was heard instead.
    fn try_rates(
        &self,
        line: &mut Line,
        rates: impl Iterator<Item = u32>,
    ) -> Result<Result<u32, Stop>, End> {
        let mut heard = Stop::ReaderSilent;
        for rate in rates {
            line.set_baud(rate)?;
            // Some modules know no status request.
            for request in [Request::Status, Request::Find] {
                match line.exchange_quickly(request, TRIAL, &self.stopped)? {
                    Outcome::Answer { .. } => return Ok(Ok(rate)),
                    // A wrong rate makes noise of an answer, and seldom half an answer.
                    Outcome::Broken(Broken::Damaged) => heard = Stop::ReaderNoise,
                    Outcome::Broken(_) if heard == Stop::ReaderSilent => {
                        heard = Stop::ReaderForeign;
                    }
                    Outcome::Broken(_) | Outcome::Rested | Outcome::Silent => {}
                }
            }
        }
        Ok(Err(heard))
    }

    /// Works with an open port until it is lost.
    fn session(&mut self, line: &mut Line, sink: &mut dyn FnMut(ReaderEvent)) -> End {
        let mut session = Session::new(self.settings.profile, self.learned);
        let mut step = session.begin();
        let end = loop {
            let outcome = match step {
                Step::Rest(pause) => self.rest(pause).map(|()| Outcome::Rested),
                Step::Ask(request) => line.exchange(request, &self.stopped),
                Step::Reopen(stop) => Err(End::Lost(stop)),
            };
            step = match outcome {
                Ok(outcome) => session.next(outcome, &mut |event| self.tell(event, sink)),
                Err(end) => break end,
            };
        };
        session.lose(&mut |event| self.tell(event, sink));
        self.learned = session.learned();
        end
    }

    /// Passes `event` on; a status only when it is another than before, trouble with its counts.
    fn tell(&mut self, event: ReaderEvent, sink: &mut dyn FnMut(ReaderEvent)) {
        match event {
            ReaderEvent::Status(status) => {
                if self.status == Some(status) {
                    return;
                }
                self.status = Some(status);
                if status == ReaderStatus::Ready {
                    (self.was_ready, self.wrong_rate, self.rates_tried) = (true, false, false);
                }
                sink(event);
            }
            ReaderEvent::Trouble(trouble) => {
                let counted = self.tally.count(trouble, Clock::System.today());
                sink(ReaderEvent::Trouble(counted));
            }
            ReaderEvent::Read(_) => {
                self.tally.success();
                sink(event);
            }
            event => sink(event),
        }
    }

    fn rest(&self, pause: Duration) -> Result<(), End> {
        // What was read before this pause, in pieces.
        kiosk_memory::wipe_stack();
        match self.stopped.recv_timeout(pause) {
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Ok(()) | Err(RecvTimeoutError::Disconnected) => Err(End::Stopped),
        }
    }
}
