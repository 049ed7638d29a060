//! A contact slot's thread: watches whether a card is in it, reads a social-security card once for
//! each time it is inserted, counts failures.
//!
//! State: what is in the slot, and what was told about it. A slot that is lost is looked for
//! without end, with pauses that grow to two seconds. Over what the slot is reached does not matter
//! here: [`Slot`] is PC/SC or a simulation.

use std::{
    fmt,
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread::JoinHandle,
    time::Duration,
};

use kiosk_base::{
    clock::Clock,
    domain::{Document, Stop, document::SocialSecurityCard},
};

use super::{
    ReadError, ReaderEvent, ReaderStatus, Tally, Trouble,
    driver::first_document,
    line::End,
    social_security::{self, Transmit},
};

/// What is in a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Nothing.
    Empty,
    /// A card. The number is another each time one is inserted, so that cards which were exchanged
    /// between two looks are not taken for one.
    Inserted(u32),
}

/// A slot for cards with contacts.
pub trait Slot: Send {
    /// Looks for the slot and gets hold of it, also when it was lost.
    ///
    /// # Errors
    /// Says why there is none.
    fn open(&mut self) -> Result<(), Stop>;

    /// Says what is in the slot: as soon as that is something else than was said last, or after
    /// `limit`. The first time after [`open`](Self::open) it does not wait.
    ///
    /// # Errors
    /// When the slot is lost.
    fn wait(&mut self, limit: Duration) -> Result<Presence, Stop>;

    /// Gives the card power.
    ///
    /// # Errors
    /// Says what slot or card has.
    fn connect(&mut self) -> Result<Box<dyn Transmit + '_>, Stop>;
}

/// Which slot is watched, and how it is reached.
#[derive(Clone)]
pub struct SlotSettings {
    /// Its name for the staff.
    pub name: String,
    make: Arc<dyn Fn() -> Box<dyn Slot> + Send + Sync>,
}

impl SlotSettings {
    /// The slot that `make` makes.
    pub fn new(
        name: impl Into<String>,
        make: impl Fn() -> Box<dyn Slot> + Send + Sync + 'static,
    ) -> Self {
        Self { name: name.into(), make: Arc::new(make) }
    }

    /// The slot of the PC/SC reader `name`, or of the first there is. `None` in a build that cannot
    /// speak PC/SC.
    pub fn over_pcsc(name: Option<&str>) -> Option<Self> {
        #[cfg(feature = "pcsc")]
        {
            let name = name.map(str::to_owned);
            let shown = name.clone().unwrap_or_else(|| "any".to_owned());
            Some(Self::new(shown, move || Box::new(super::pcsc::PcscSlot::new(name.clone()))))
        }
        #[cfg(not(feature = "pcsc"))]
        {
            let _ = name;
            None
        }
    }

    /// The slot, not opened yet.
    pub fn slot(&self) -> Box<dyn Slot> {
        (self.make)()
    }
}

impl fmt::Debug for SlotSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SlotSettings").field(&self.name).finish()
    }
}

/// A slot on its own thread. Dropping it ends the thread, within 0.3 s or the rest of a reading.
pub struct ContactReader {
    /// Hanging up tells the thread to end.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl ContactReader {
    /// Starts the thread. `sink` is called on it, in order, with the same promises as a
    /// [`Reader`](super::Reader)'s; it must not block for long and must not drop this.
    pub fn start(
        settings: &SlotSettings,
        mut sink: impl FnMut(ReaderEvent) + Send + 'static,
    ) -> Self {
        let (stop, stopped) = mpsc::channel();
        let slot = settings.slot();
        let thread = std::thread::Builder::new()
            .name("contact slot".to_owned())
            .spawn(move || Watcher::new(slot, stopped).run(&mut sink))
            .expect("the system has room for one more thread when the kiosk starts");
        Self { stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for ContactReader {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("contact slot: the thread had panicked");
        }
    }
}

/// Reads one social-security card, waiting up to `timeout` for somebody to insert it. What cannot
/// get better by inserting it again ends it at once.
///
/// # Errors
/// Says what is in the way.
pub fn read_social_security_card(
    settings: &SlotSettings,
    timeout: Duration,
) -> Result<Document, ReadError> {
    first_document(timeout, |sink| ContactReader::start(settings, sink))
}

/// Longest wait inside a slot, so that the thread ends soon when it is to end.
const SLICE: Duration = Duration::from_millis(250);
/// Contacts bounce while a card is being pushed in.
const RETRY_AFTER: Duration = Duration::from_millis(300);
/// Attempts to read a card before it counts as one that cannot be read.
const ATTEMPTS: u8 = 3;
const SHORTEST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

struct Watcher {
    slot: Box<dyn Slot>,
    stopped: Receiver<()>,
    status: Option<ReaderStatus>,
    tally: Tally,
    inserted: Option<Inserted>,
}

/// A card that is in the slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Inserted {
    /// Which time of inserting one it is.
    number: u32,
    /// Failed attempts to read it.
    failures: u8,
    /// It was read, or is given up.
    settled: bool,
}

impl Watcher {
    fn new(slot: Box<dyn Slot>, stopped: Receiver<()>) -> Self {
        Self { slot, stopped, status: None, tally: Tally::default(), inserted: None }
    }

    fn run(&mut self, sink: &mut dyn FnMut(ReaderEvent)) {
        self.tell_status(ReaderStatus::Starting, sink);
        let mut pause = SHORTEST_PAUSE;
        loop {
            let End::Lost(stop) = self.serve(sink) else { return };
            if self.status == Some(ReaderStatus::Ready) {
                pause = SHORTEST_PAUSE;
            }
            self.tell_status(ReaderStatus::Down(stop), sink);
            if self.rest(pause).is_err() {
                return;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Opens the slot and works with it until it is lost.
    fn serve(&mut self, sink: &mut dyn FnMut(ReaderEvent)) -> End {
        if let Err(stop) = self.slot.open() {
            return End::Lost(stop);
        }
        let end = loop {
            if let Err(end) = self.round(sink) {
                break end;
            }
        };
        if self.inserted.take().is_some() {
            sink(ReaderEvent::CardRemoved);
        }
        end
    }

    /// Waits for the next thing to do, and does it.
    fn round(&mut self, sink: &mut dyn FnMut(ReaderEvent)) -> Result<(), End> {
        self.rest(Duration::ZERO)?;
        let limit = match self.inserted {
            Some(Inserted { settled: false, failures: 0, .. }) => Duration::ZERO,
            Some(Inserted { settled: false, .. }) => RETRY_AFTER,
            _ => SLICE,
        };
        self.look(limit, sink)?;
        let Some(card @ Inserted { settled: false, .. }) = self.inserted else { return Ok(()) };
        let read = self.read();
        // What was read of a card that is gone by now is nobody's.
        self.look(Duration::ZERO, sink)?;
        if self.inserted == Some(card) { self.conclude(read, sink) } else { Ok(()) }
    }

    /// Sees what is in the slot, and tells what is new about it.
    fn look(&mut self, limit: Duration, sink: &mut dyn FnMut(ReaderEvent)) -> Result<(), End> {
        let presence = self.slot.wait(limit).map_err(End::Lost)?;
        self.tell_status(ReaderStatus::Ready, sink);
        let number = match presence {
            Presence::Empty => None,
            Presence::Inserted(number) => Some(number),
        };
        if self.inserted.map(|card| card.number) == number {
            return Ok(());
        }
        if let Some(card) = self.inserted.take() {
            if !card.settled {
                self.tell_trouble(Stop::CardLifted, sink);
                sink(ReaderEvent::Failed(Stop::CardLifted));
            }
            sink(ReaderEvent::CardRemoved);
        }
        if let Some(number) = number {
            self.inserted = Some(Inserted { number, failures: 0, settled: false });
            sink(ReaderEvent::CardFound);
        }
        Ok(())
    }

    fn read(&mut self) -> Result<SocialSecurityCard, Stop> {
        let mut card = self.slot.connect()?;
        social_security::read(&mut *card)
    }

    /// Tells what came of an attempt to read the card that is in the slot.
    fn conclude(
        &mut self,
        read: Result<SocialSecurityCard, Stop>,
        sink: &mut dyn FnMut(ReaderEvent),
    ) -> Result<(), End> {
        let stop = match read {
            Ok(card) => {
                self.tally.success();
                self.settle();
                sink(ReaderEvent::Read(Box::new(Document::SocialSecurityCard(card))));
                return Ok(());
            }
            Err(stop) => stop,
        };
        self.tell_trouble(stop, sink);
        if matches!(stop, Stop::ReaderAbsent | Stop::ReaderForbidden) {
            return Err(End::Lost(stop));
        }
        let Some(card) = &mut self.inserted else { return Ok(()) };
        card.failures += 1;
        // The card itself says no: it will say so again.
        let refused = matches!(stop, Stop::CardProtected | Stop::CardUnknown | Stop::CardContent);
        if refused || card.failures >= ATTEMPTS {
            self.settle();
            sink(ReaderEvent::Failed(stop));
        }
        Ok(())
    }

    fn settle(&mut self) {
        if let Some(card) = &mut self.inserted {
            card.settled = true;
        }
    }

    fn tell_status(&mut self, status: ReaderStatus, sink: &mut dyn FnMut(ReaderEvent)) {
        if self.status.replace(status) != Some(status) {
            sink(ReaderEvent::Status(status));
        }
    }

    fn tell_trouble(&mut self, stop: Stop, sink: &mut dyn FnMut(ReaderEvent)) {
        let trouble = self.tally.count(Trouble::new(stop, None), Clock::System.today());
        sink(ReaderEvent::Trouble(trouble));
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
