//! The reader's port and thread: carries out what the [`session`](super::session) says.
//!
//! State: the open port. Every step has one limit in time for all of it, however slowly its bytes
//! drip, and one in bytes; between the bytes of a begun answer there may be a short gap only. One
//! request is under way at a time, and what arrived before it was sent is thrown away. A port that
//! disappears is opened again without end, with pauses that grow to two seconds.

use std::{
    io::{self, ErrorKind, Read, Write},
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, TryRecvError},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use serialport::{ClearBuffer, SerialPort};
use zeroize::Zeroizing;

use super::{
    ReaderEvent, ReaderSettings, ReaderStatus,
    frame::{Decoder, Found, Request},
    session::{Outcome, Profile, Session, Step},
};
use crate::domain::{Document, Stop};

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
    let deadline = Instant::now() + timeout;
    let (events, received) = mpsc::sync_channel(16);
    let reader = Reader::start(settings, move |event| {
        // After the last word nobody listens any more.
        let _ = events.send(event);
    });
    let mut last = ReadError::NoCard;
    let result = loop {
        match received.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(ReaderEvent::Read(document)) => break Ok(*document),
            Ok(ReaderEvent::Status(ReaderStatus::Down(stop))) => break Err(ReadError::Stop(stop)),
            Ok(ReaderEvent::Failed(stop @ (Stop::CardUnsteady | Stop::CardRefused))) => {
                last = ReadError::Stop(stop);
            }
            Ok(ReaderEvent::Failed(stop)) => break Err(ReadError::Stop(stop)),
            Ok(_) => {}
            Err(_) => break Err(last),
        }
    };
    // The channel first: the thread must not wait on it while it is waited for.
    drop(received);
    drop(reader);
    result
}

/// Longest silence inside a begun answer. At 9600 baud a byte takes one millisecond; the rest is
/// for USB converters, which deliver in bursts.
const GAP: Duration = Duration::from_millis(200);
/// Most bytes of one step, four times the longest frame: a babbling device does not keep it busy.
const MOST_BYTES: usize = 16 * 1024;
/// Longest wait inside the port, so that the thread can be stopped.
const SLICE: Duration = Duration::from_millis(100);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

struct Driver {
    settings: ReaderSettings,
    stopped: Receiver<()>,
    status: Option<ReaderStatus>,
}

/// Why a session with a port ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The thread is to end.
    Stopped,
    /// The port has to be opened anew; says what was in the way.
    Lost(Stop),
}

impl Driver {
    fn new(settings: ReaderSettings, stopped: Receiver<()>) -> Self {
        Self { settings, stopped, status: None }
    }

    fn run(&mut self, sink: &mut dyn FnMut(ReaderEvent)) {
        self.tell(ReaderEvent::Status(ReaderStatus::Starting), sink);
        let mut pause = FIRST_PAUSE;
        loop {
            let ended = match Line::open(&self.settings) {
                Ok(line) => self.session(line, sink),
                Err(stop) => End::Lost(stop),
            };
            let End::Lost(stop) = ended else { return };
            if self.status == Some(ReaderStatus::Ready) {
                pause = FIRST_PAUSE;
            }
            self.tell(ReaderEvent::Status(ReaderStatus::Down(stop)), sink);
            if self.rest(pause).is_err() {
                return;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Works with an open port until it is lost.
    fn session(&mut self, mut line: Line, sink: &mut dyn FnMut(ReaderEvent)) -> End {
        let mut session = Session::new(Profile::unknown(self.settings.poll));
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
        line.log(end);
        end
    }

    /// Passes `event` on; a status only when it is another than before.
    fn tell(&mut self, event: ReaderEvent, sink: &mut dyn FnMut(ReaderEvent)) {
        if let ReaderEvent::Status(status) = event {
            if self.status == Some(status) {
                return;
            }
            self.status = Some(status);
        }
        sink(event);
    }

    fn rest(&self, pause: Duration) -> Result<(), End> {
        match self.stopped.recv_timeout(pause) {
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Ok(()) | Err(RecvTimeoutError::Disconnected) => Err(End::Stopped),
        }
    }
}

/// An open port and the bytes of an unfinished answer.
struct Line {
    port: Box<dyn SerialPort>,
    baud: u32,
    decoder: Decoder,
    /// Answers that fitted no request under way.
    stale: u64,
}

impl Line {
    fn open(settings: &ReaderSettings) -> Result<Self, Stop> {
        // Eight data bits, no parity, one stop bit, no flow control, exclusive and raw are what
        // the builder begins with; written out because the protocol depends on each of them.
        let port = serialport::new(&settings.port, settings.baud)
            .data_bits(serialport::DataBits::Eight)
            .parity(serialport::Parity::None)
            .stop_bits(serialport::StopBits::One)
            .flow_control(serialport::FlowControl::None)
            .timeout(SLICE);
        #[cfg(unix)]
        let port = port.exclusive(true);
        let port = port.open().map_err(|error| {
            tracing::debug!("reader: not opened: {error}");
            match error.kind() {
                serialport::ErrorKind::Io(ErrorKind::PermissionDenied) => Stop::ReaderForbidden,
                // This is how the crate reports a port that another program holds.
                serialport::ErrorKind::NoDevice => Stop::ReaderBusy,
                _ => Stop::ReaderAbsent,
            }
        })?;
        Ok(Self { port, baud: settings.baud, decoder: Decoder::default(), stale: 0 })
    }

    /// Sends `request` and waits for its answer.
    fn exchange(&mut self, request: Request, stopped: &Receiver<()>) -> Result<Outcome, End> {
        let deadline = Instant::now() + limit(request, self.baud);
        self.decoder.clear();
        self.port.clear(ClearBuffer::Input).map_err(|_| End::Lost(Stop::ReaderAbsent))?;
        match self.port.write_all(&request.encode()) {
            Ok(()) => self.receive(request, deadline, stopped),
            Err(error) if error.kind() == ErrorKind::TimedOut => Ok(Outcome::Silent),
            Err(error) => Err(lost(&error)),
        }
    }

    fn receive(
        &mut self,
        request: Request,
        deadline: Instant,
        stopped: &Receiver<()>,
    ) -> Result<Outcome, End> {
        let mut buffer = Zeroizing::new([0; 1024]);
        let mut heard = 0;
        let mut last_byte = Instant::now();
        let bad_lengths = self.decoder.noise().bad_length;
        loop {
            // Noise may precede an answer by any time; what began as one has to go on.
            let begun = self.decoder.is_waiting() || self.decoder.noise().bad_length > bad_lengths;
            let until = if begun { deadline.min(last_byte + GAP) } else { deadline };
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || heard > MOST_BYTES {
                return Ok(if heard == 0 { Outcome::Silent } else { Outcome::Broken });
            }
            self.port.set_timeout(left.min(SLICE)).map_err(|_| End::Lost(Stop::ReaderAbsent))?;
            let mut piece = match self.port.read(buffer.as_mut()) {
                // The line was hung up.
                Ok(0) => return Err(End::Lost(Stop::ReaderAbsent)),
                Ok(count) => &buffer[..count],
                Err(error) if error.kind() == ErrorKind::TimedOut => &[],
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(lost(&error)),
            };
            if stopped.try_recv() != Err(TryRecvError::Empty) {
                return Err(End::Stopped);
            }
            if !piece.is_empty() {
                heard += piece.len();
                last_byte = Instant::now();
            }
            while let Some(found) = self.decoder.next(&mut piece) {
                match found {
                    Found::Frame(frame) if request.fits(&frame) => {
                        return Ok(Outcome::Answer(frame));
                    }
                    // A late answer to an earlier request; this one's may still come.
                    Found::Frame(_) => self.stale += 1,
                    Found::Damaged => return Ok(Outcome::Broken),
                }
            }
        }
    }

    fn log(&self, end: End) {
        tracing::info!(
            "reader: port closed, {end:?}, {:?}, {} stale answers",
            self.decoder.noise(),
            self.stale
        );
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        // Closing a port waits until its output is sent, which on a dead line would take long.
        let _ = self.port.clear(ClearBuffer::All);
    }
}

/// An error of an open port: it was pulled out, whatever the system calls it.
fn lost(error: &io::Error) -> End {
    tracing::info!("reader: port lost: {error}");
    End::Lost(Stop::ReaderAbsent)
}

/// The limit of a whole step. At 115200 baud these are the limits public drivers get along with;
/// slower lines get the time that the longest answer takes longer on them.
fn limit(request: Request, baud: u32) -> Duration {
    let (millis, bytes) = match request {
        Request::Status | Request::SamId | Request::Find | Request::Select => (1000, 40),
        Request::Reset => (2000, 40),
        Request::ReadAppendedAddress => (2000, 100),
        Request::ReadBase => (3000, 1300),
    };
    let line_time = |baud: u32| Duration::from_secs(10 * bytes) / baud.max(1);
    Duration::from_millis(millis) + line_time(baud).saturating_sub(line_time(115_200))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slower_lines_get_more_time() {
        assert_eq!(limit(Request::Find, 115_200), Duration::from_secs(1));
        assert_eq!(limit(Request::ReadBase, 115_200), Duration::from_secs(3));
        let more = limit(Request::ReadBase, 9600) - limit(Request::ReadBase, 115_200);
        assert_eq!(more.as_millis(), 1241);
    }

    #[test]
    fn a_port_that_is_none_says_so() {
        let open = |port: &str| {
            let port = port.to_owned();
            Line::open(&ReaderSettings { port, baud: 115_200, poll: Duration::ZERO }).err()
        };
        assert_eq!(open("/nonexistent/port"), Some(Stop::ReaderAbsent));
        assert_eq!(open("/dev/null"), Some(Stop::ReaderAbsent));
        assert_eq!(open(env!("CARGO_MANIFEST_DIR")), Some(Stop::ReaderAbsent));
    }
}
