//! What to ask a reader next, given its answers so far: the sequence of a reader's day without
//! port, thread or clock.
//!
//! The state is which step is under way, the card that lies there (a *laying*, from the first time
//! it is found until it is gone), how often something went wrong in a row, and how far the line is
//! believed. Every laying gives [`ReaderEvent::CardFound`] once, then at most one `Failed`, at most
//! one `Read`, and `CardRemoved` once at its end. Nothing of a person stays here: a card is
//! recognised by a hash under a key that is drawn anew for each session.
//!
//! ```text
//! status ─► SAM id ─► ready ─► find ◄──────────────┬───────────────┐
//!                               │ 9F               │ any failure   │ gone
//!                               ▼                  │               │
//!                             select ─► read base ─┴► address ─► held
//! ```

use std::{hash::RandomState, time::Duration};

use kiosk_base::domain::Stop;

use super::{
    ReaderEvent, ReaderStatus,
    frame::{Frame, Request, Status},
    profile::{Finds, Profile},
    sam_id::SamId,
};

mod failing;
mod reading;
mod watching;

use failing::trouble;
use reading::Reading;
pub use watching::Learned;
use watching::Watch;

/// What the driver is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Send the request and come back with its [`Outcome`].
    Ask(Request),
    /// Wait, then come back with [`Outcome::Rested`].
    Rest(Duration),
    /// Close the port, open it again, and begin a new session.
    Reopen(Stop),
}

/// What became of a [`Step`].
#[derive(Debug)]
pub enum Outcome {
    /// The pause is over.
    Rested,
    /// A sound answer that fits the request.
    Answer {
        /// The answer.
        frame: Frame,
        /// Nothing but good answers was on the line since the one before.
        clean: bool,
    },
    /// Something came, but no sound answer.
    Broken(Broken),
    /// Nothing came within the step's limit.
    Silent,
}

/// What came instead of a sound answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// Bytes without the beginning of an answer.
    Noise,
    /// An answer with a wrong checksum.
    Damaged,
    /// The beginning of an answer.
    Cut,
}

/// Unanswered requests in a row after which the port is opened anew.
const MISSES: u8 = 3;
/// Fruitless searches in a row after which a card that could not be read counts as gone.
const GONE_AFTER: u8 = 2;
/// Layings in a row that could not be read after which the card is to blame, or the reader: whoever
/// is told to lay it once more would do so for ever.
const LAYINGS: u8 = 2;
/// After so long without a card the next one is somebody else's.
const SOMEBODY_ELSE_AFTER: Duration = Duration::from_secs(60);
/// Pause between two attempts to wake a module that reports itself unfit.
const UNFIT_POLL: Duration = Duration::from_secs(2);
/// With nothing to do for so long, the module is asked whether it is well.
const PING_EVERY: Duration = Duration::from_secs(10);
/// Good answers in a row after which a line that erred is believed again.
///
/// The checksum has 8 bits: of the damaged answers about one in 256 passes it, and of those with
/// two single bits turned over one in eight does. A base answer of 1295 bytes is believed after
/// one reading only where errors are rare: 1000 clean searches are 15,000 clean bytes, so fewer
/// than one byte in 5,000 errs (95 %).
const BELIEVED_AFTER: u16 = 1000;

/// One session with an open port.
pub struct Session {
    profile: Profile,
    learned: Learned,
    phase: Phase,
    laying: Option<Laying>,
    /// Unanswered requests in a row.
    misses: u8,
    /// Senseless answers in a row.
    errors: u8,
    /// The module was reset since it last made sense.
    was_reset: bool,
    /// The present request was sent a second time.
    resent: bool,
    /// The module answers status requests.
    knows_status: bool,
    /// Rested so long since it last did.
    unasked: Duration,
    /// What was read last, while it was not believed: base and address.
    unconfirmed: [Option<u64>; 2],
    /// Layings in a row that could not be read.
    unread_layings: u8,
    /// No card was there for so long.
    empty: Duration,
    key: RandomState,
}

/// Which answer, or the end of which pause, is awaited.
#[derive(Debug)]
enum Phase {
    /// Is anything there? Counts the attempts.
    Greeting(u8),
    SamId,
    SettingRf,
    /// The pause before a search.
    Idle,
    /// Is the module still well?
    Pinging,
    Finding,
    Selecting,
    Reading,
    Address,
    /// The pause before a look whether the card is there.
    Held,
    /// Looks; counts looks in a row that gave no clear answer.
    Looking(u8),
    Resetting,
    /// The pause after a reset.
    Settling,
    /// The pause of a module that reported itself unfit.
    Unfit(Stop),
}

/// A card that lies on the reader.
#[derive(Debug, Default)]
struct Laying {
    /// Failed attempts to read it.
    failures: u8,
    /// Fruitless searches since it was last found.
    missed: u8,
    /// Why the last attempt failed.
    failure: Option<Stop>,
    /// Its failure was told.
    failed: bool,
    /// What was read since it was last selected.
    reading: Reading,
    /// What was read before, whole but for an address that the card does not say.
    kept: Option<Reading>,
    /// How it is watched, once it was read.
    watch: Option<Watch>,
}

impl Session {
    /// A session that has asked nothing yet.
    pub fn new(profile: Profile, learned: Learned) -> Self {
        Self {
            profile,
            learned,
            phase: Phase::Greeting(0),
            laying: None,
            misses: 0,
            errors: 0,
            was_reset: false,
            resent: false,
            knows_status: false,
            unasked: Duration::ZERO,
            unconfirmed: [None; 2],
            unread_layings: 0,
            empty: Duration::ZERO,
            key: RandomState::new(),
        }
    }

    /// The first step.
    pub fn begin(&self) -> Step {
        Step::Ask(Request::Status)
    }

    /// What is known about the reader's behaviour by now, for the next session with it.
    pub fn learned(&self) -> Learned {
        self.learned
    }

    /// Takes what became of the last step, tells what follows from it, and says what to do next.
    pub fn next(&mut self, outcome: Outcome, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        self.believe(&outcome);
        if let Some(step) = self.line_trouble(&outcome) {
            return step;
        }
        match outcome {
            Outcome::Rested => self.rested(),
            Outcome::Answer { frame, .. } => match frame.status {
                // One command that is not permitted is no reason to doubt the whole module.
                _ if matches!(self.phase, Phase::Address) => self.answered(frame, tell),
                Status::SELF_TEST_FAILED => {
                    self.unfit(Stop::ReaderSelfTest, frame.status, UNFIT_POLL, tell)
                }
                Status::NOT_AUTHORISED => {
                    self.unfit(Stop::ReaderNotAuthorised, frame.status, UNFIT_POLL, tell)
                }
                _ => self.answered(frame, tell),
            },
            Outcome::Broken(_) | Outcome::Silent => self.unanswered(&outcome, tell),
        }
    }

    /// The port is lost: whatever lay there counts as gone.
    pub fn lose(&mut self, tell: &mut dyn FnMut(ReaderEvent)) {
        if self.laying.take().is_some() {
            tell(ReaderEvent::CardRemoved);
        }
    }

    /// Any error of the line takes away the belief in it, good answers give it back.
    fn believe(&mut self, outcome: &Outcome) {
        match (outcome, &self.phase) {
            (Outcome::Answer { frame, clean: true }, _) if !heard_badly(frame.status) => {
                self.learned.doubt = self.learned.doubt.saturating_sub(1);
            }
            (Outcome::Rested, _) => {}
            // A banner of a reader that was just switched on says nothing about the line.
            (_, Phase::Greeting(_)) => {}
            // A module may not know these requests.
            (Outcome::Silent, Phase::SamId | Phase::SettingRf | Phase::Pinging) => {}
            (Outcome::Silent, Phase::Address | Phase::Looking(_)) => {}
            _ => self.learned.doubt = BELIEVED_AFTER,
        }
    }

    /// Whether one reading is too little: the line erred lately.
    fn doubted(&self) -> bool {
        self.learned.doubt > 0
    }

    /// Sends a request again, once, that the module received damaged. Counts what is counted over
    /// all steps.
    fn line_trouble(&mut self, outcome: &Outcome) -> Option<Step> {
        match outcome {
            Outcome::Rested => return None,
            Outcome::Silent => self.misses = self.misses.saturating_add(1),
            Outcome::Broken(_) => self.misses = 0,
            Outcome::Answer { frame, .. } => {
                self.misses = 0;
                if heard_badly(frame.status) && !self.resent {
                    self.resent = true;
                    return Some(Step::Ask(self.request()));
                }
            }
        }
        self.resent = false;
        None
    }

    /// The request whose answer is awaited.
    fn request(&self) -> Request {
        match self.phase {
            Phase::Greeting(attempt) if attempt + 1 == MISSES => Request::Find,
            Phase::Greeting(_) | Phase::Pinging => Request::Status,
            Phase::SamId => Request::SamId,
            Phase::SettingRf => match self.profile.rf_bytes {
                Some(most) => Request::SetRfBytes(most),
                None => Request::Status,
            },
            Phase::Selecting => Request::Select,
            Phase::Reading => Request::ReadBase,
            Phase::Address => Request::ReadAppendedAddress,
            Phase::Resetting => Request::Reset,
            Phase::Looking(_) => self.look(),
            Phase::Finding => Request::Find,
            Phase::Idle | Phase::Held | Phase::Settling | Phase::Unfit(_) => Request::Status,
        }
    }

    fn ask(&mut self, phase: Phase) -> Step {
        if matches!(phase, Phase::Greeting(_) | Phase::Pinging) {
            self.unasked = Duration::ZERO;
        }
        self.phase = phase;
        Step::Ask(self.request())
    }

    fn rest(&mut self, phase: Phase, pause: Duration) -> Step {
        self.unasked = self.unasked.saturating_add(pause);
        if self.laying.is_none() {
            self.empty = self.empty.saturating_add(pause);
        }
        self.phase = phase;
        Step::Rest(pause)
    }

    fn rested(&mut self) -> Step {
        match self.phase {
            Phase::Held => self.ask(Phase::Looking(0)),
            Phase::Settling => self.ask(Phase::Greeting(0)),
            Phase::Unfit(Stop::ReaderSelfTest) => self.ask(Phase::Resetting),
            Phase::Unfit(_) => self.ask(Phase::Greeting(0)),
            Phase::Idle if self.unasked >= PING_EVERY && self.knows_status => {
                self.ask(Phase::Pinging)
            }
            _ => self.ask(Phase::Finding),
        }
    }

    fn answered(&mut self, frame: Frame, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        match std::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Greeting(attempt) => {
                self.knows_status = attempt + 1 < MISSES;
                self.ask(Phase::SamId)
            }
            Phase::SamId => {
                match SamId::parse(&frame.data) {
                    Some(id) => {
                        tracing::info!("reader: module {id}");
                        self.learned.belongs_to(id);
                        tell(ReaderEvent::Module(id));
                    }
                    None => tracing::info!(
                        "reader: its module names no number, status {:02X}, {} bytes",
                        frame.status.0,
                        frame.data.len()
                    ),
                }
                self.greeted(tell)
            }
            Phase::SettingRf => {
                if frame.status != Status::SUCCESS {
                    tracing::warn!("reader: rf_bytes not taken, status {:02X}", frame.status.0);
                }
                self.ready(tell)
            }
            Phase::Pinging => self.ask(Phase::Finding),
            Phase::Finding => self.searched(frame.status, tell),
            Phase::Selecting => match frame.status {
                Status::SUCCESS => self.selected(),
                status => self.refused(status, tell),
            },
            Phase::Reading => match frame.status {
                Status::SUCCESS => self.base_came(frame.data, tell),
                status => self.refused(status, tell),
            },
            Phase::Address => self.address_came(frame, tell),
            Phase::Looking(_) => self.looked(frame.status, tell),
            Phase::Resetting => self.rest(Phase::Settling, self.profile.reset_settle),
            // No request is under way in a pause.
            phase @ (Phase::Idle | Phase::Held | Phase::Settling | Phase::Unfit(_)) => {
                self.rest(phase, self.profile.poll)
            }
        }
    }

    /// The reader has said who it is, or does not.
    fn greeted(&mut self, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        match self.profile.rf_bytes {
            Some(_) => self.ask(Phase::SettingRf),
            None => self.ready(tell),
        }
    }

    fn ready(&mut self, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        tell(ReaderEvent::Status(ReaderStatus::Ready));
        self.ask(Phase::Finding)
    }

    fn searched(&mut self, status: Status, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        match status {
            Status::FOUND => {
                match &mut self.laying {
                    Some(laying) => {
                        // Twice in a row: nobody has lifted and laid it meanwhile.
                        if std::mem::take(&mut laying.missed) == 0 {
                            self.learned.finds = Finds::Again;
                        }
                    }
                    None => self.lay(tell),
                }
                self.ask(Phase::Selecting)
            }
            Status::NOT_FOUND => {
                self.makes_sense();
                if let Some(step) = self.tell_kept(tell) {
                    return step;
                }
                self.missed(tell);
                self.rest(Phase::Idle, self.profile.poll)
            }
            status => self.senseless(status, tell),
        }
    }

    fn lay(&mut self, tell: &mut dyn FnMut(ReaderEvent)) {
        if self.empty >= SOMEBODY_ELSE_AFTER {
            self.unread_layings = 0;
        }
        self.empty = Duration::ZERO;
        self.laying = Some(Laying::default());
        tell(ReaderEvent::CardFound);
    }

    /// A card that was found before is not found now.
    fn missed(&mut self, tell: &mut dyn FnMut(ReaderEvent)) {
        let finds = self.finds();
        let Some(laying) = &mut self.laying else { return };
        laying.missed += 1;
        if laying.missed < GONE_AFTER {
            return;
        }
        // A module that reads once does not find a card again whose reading is to be confirmed.
        let garbled = laying.reading.read && self.learned.doubt > 0;
        let stop = match laying.failure {
            _ if garbled => Stop::CardGarbled,
            // That it is not found says that it was taken away only where a card that lies there
            // is found again.
            Some(stop) if finds != Finds::Again || !of_a_lifted_card(stop) => stop,
            _ => Stop::CardLifted,
        };
        if laying.failure != Some(stop) {
            tell(trouble(stop, Some(Status::NOT_FOUND)));
        }
        self.fail(stop, tell);
        self.lose(tell);
    }

    /// Tells that the card could not be read, once for each laying.
    fn fail(&mut self, stop: Stop, tell: &mut dyn FnMut(ReaderEvent)) {
        let Some(laying) = &mut self.laying else { return };
        if std::mem::replace(&mut laying.failed, true) {
            return;
        }
        if !matches!(stop, Stop::CardUnsteady | Stop::CardNoRandom | Stop::CardLifted) {
            return tell(ReaderEvent::Failed(stop));
        }
        self.unread_layings = self.unread_layings.saturating_add(1);
        if self.unread_layings < LAYINGS {
            return tell(ReaderEvent::Failed(stop));
        }
        tell(trouble(Stop::CardUnreadable, None));
        tell(ReaderEvent::Failed(Stop::CardUnreadable));
    }

    /// Whether a card that lies there is found again, as far as that is known.
    fn finds(&self) -> Finds {
        match self.profile.finds {
            Finds::Probe => self.learned.finds,
            finds => finds,
        }
    }
}

/// Whether a card that is taken away while it is read may bring `stop` about.
fn of_a_lifted_card(stop: Stop) -> bool {
    matches!(
        stop,
        Stop::CardUnsteady | Stop::CardNotSelected | Stop::CardTimeout | Stop::CardLifted
    )
}

/// Whether the module says that the request reached it damaged.
fn heard_badly(status: Status) -> bool {
    [Status::REQUEST_DAMAGED, Status::REQUEST_LENGTH].contains(&status)
}

#[cfg(test)]
mod tests;
