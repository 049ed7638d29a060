//! What to ask a reader next, given its answers so far: the sequence of a reader's day without
//! port, thread or clock.
//!
//! The state is which step is under way, the card that lies there (a *laying*, from the first time
//! it is found until it is gone), and how often something went wrong in a row. Every laying gives
//! [`ReaderEvent::CardFound`] once, then at most one `Failed`, at most one `Read`, and
//! `CardRemoved` once at its end.
//!
//! ```text
//! status ─► SAM id ─► ready ─► find ◄──────────────┬───────────────┐
//!                               │ 9F               │ any failure   │ gone
//!                               ▼                  │               │
//!                             select ─► read base ─┴► address ─► held
//! ```

use std::time::Duration;

use super::{
    ReaderEvent, ReaderStatus, document,
    frame::{Frame, Request, Status},
};
use crate::domain::{Document, Stop};

/// How a make of reader behaves, as far as makes differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// Pause between two attempts to find a card.
    pub poll: Duration,
    /// How it is noticed that a card was lifted after it had been read.
    pub presence: Presence,
    /// Pause between two looks whether the card still lies there.
    pub presence_poll: Duration,
}

impl Profile {
    /// What holds for a reader about which nothing is known.
    pub fn unknown(poll: Duration) -> Self {
        Self { poll, presence: Presence::Session, presence_poll: Duration::from_millis(250) }
    }
}

/// How a lifted card is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// The appended address is asked for again: the selected card alone can answer.
    Session,
    /// A card is looked for again. Modules that read a card only once say at once that it is gone.
    Find,
}

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
    Answer(Frame),
    /// Something came, but no sound answer: damaged, cut off, or noise.
    Broken,
    /// Nothing came within the step's limit.
    Silent,
}

/// Unanswered requests in a row after which the port is opened anew.
const MISSES: u8 = 3;
/// Senseless answers in a row after which the module is reset, and later the port opened anew.
const ERRORS: u8 = 5;
/// Fruitless searches in a row after which a card that could not be read counts as gone.
const GONE_AFTER: u8 = 2;
/// How long a module takes to come back after a reset.
const SETTLE: Duration = Duration::from_secs(1);
/// Pause between two attempts to wake a module that reports itself unfit.
const UNFIT_POLL: Duration = Duration::from_secs(2);

/// One session with an open port.
pub struct Session {
    profile: Profile,
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
    /// The module does not know the command for the appended address.
    no_address: bool,
}

/// Which answer, or the end of which pause, is awaited.
#[derive(Debug)]
enum Phase {
    /// Is anything there? Counts the attempts.
    Greeting(u8),
    SamId,
    /// The pause before a search.
    Idle,
    Finding,
    Selecting,
    Reading,
    /// The document is complete but for this.
    Address(Box<Document>),
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
    /// Its failure was told.
    failed: bool,
}

impl Session {
    /// A session that has asked nothing yet.
    pub fn new(profile: Profile) -> Self {
        Self {
            profile,
            phase: Phase::Greeting(0),
            laying: None,
            misses: 0,
            errors: 0,
            was_reset: false,
            resent: false,
            no_address: false,
        }
    }

    /// The first step.
    pub fn begin(&self) -> Step {
        Step::Ask(Request::Status)
    }

    /// Takes what became of the last step, tells what follows from it, and says what to do next.
    pub fn next(&mut self, outcome: Outcome, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        if let Some(step) = self.line_trouble(&outcome) {
            return step;
        }
        match outcome {
            Outcome::Rested => self.rested(),
            Outcome::Answer(frame) => match frame.status {
                Status::SELF_TEST_FAILED => self.unfit(Stop::ReaderSelfTest, tell),
                Status::NOT_AUTHORISED => self.unfit(Stop::ReaderNotAuthorised, tell),
                _ => self.answered(&frame, tell),
            },
            Outcome::Broken | Outcome::Silent => self.unanswered(&outcome, tell),
        }
    }

    /// The port is lost: whatever lay there counts as gone.
    pub fn lose(&mut self, tell: &mut dyn FnMut(ReaderEvent)) {
        if self.laying.take().is_some() {
            tell(ReaderEvent::CardRemoved);
        }
    }

    /// Sends a request again, once, that the module received damaged. Counts what is counted over
    /// all steps.
    fn line_trouble(&mut self, outcome: &Outcome) -> Option<Step> {
        match outcome {
            Outcome::Rested => return None,
            Outcome::Silent => self.misses = self.misses.saturating_add(1),
            Outcome::Broken => self.misses = 0,
            Outcome::Answer(frame) => {
                self.misses = 0;
                let damaged = [Status::REQUEST_DAMAGED, Status::REQUEST_LENGTH];
                if damaged.contains(&frame.status) && !self.resent {
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
            Phase::Greeting(_) => Request::Status,
            Phase::SamId => Request::SamId,
            Phase::Selecting => Request::Select,
            Phase::Reading => Request::ReadBase,
            Phase::Address(_) => Request::ReadAppendedAddress,
            Phase::Resetting => Request::Reset,
            Phase::Looking(_) if self.presence() == Presence::Session => {
                Request::ReadAppendedAddress
            }
            Phase::Looking(_) | Phase::Finding => Request::Find,
            Phase::Idle | Phase::Held | Phase::Settling | Phase::Unfit(_) => Request::Status,
        }
    }

    fn presence(&self) -> Presence {
        if self.no_address { Presence::Find } else { self.profile.presence }
    }

    fn ask(&mut self, phase: Phase) -> Step {
        self.phase = phase;
        Step::Ask(self.request())
    }

    fn rest(&mut self, phase: Phase, pause: Duration) -> Step {
        self.phase = phase;
        Step::Rest(pause)
    }

    fn rested(&mut self) -> Step {
        match self.phase {
            Phase::Held => self.ask(Phase::Looking(0)),
            Phase::Settling => self.ask(Phase::Greeting(0)),
            Phase::Unfit(Stop::ReaderSelfTest) => self.ask(Phase::Resetting),
            Phase::Unfit(_) => self.ask(Phase::Greeting(0)),
            _ => self.ask(Phase::Finding),
        }
    }

    fn answered(&mut self, frame: &Frame, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        match std::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Greeting(_) => self.ask(Phase::SamId),
            Phase::SamId => {
                log_sam_id(frame);
                tell(ReaderEvent::Status(ReaderStatus::Ready));
                self.ask(Phase::Finding)
            }
            Phase::Finding => self.searched(frame.status, tell),
            Phase::Selecting => match frame.status {
                Status::SUCCESS => self.ask(Phase::Reading),
                status => self.refused(status, tell),
            },
            Phase::Reading => match frame.status {
                Status::SUCCESS => self.read(&frame.data, tell),
                status => self.refused(status, tell),
            },
            Phase::Address(document) => self.address_answered(*document, frame, tell),
            Phase::Looking(_) => match (self.presence(), frame.status) {
                (Presence::Session, Status::SUCCESS | Status::NOTHING_STORED)
                | (Presence::Find, Status::FOUND) => {
                    self.rest(Phase::Held, self.profile.presence_poll)
                }
                _ => self.gone(tell),
            },
            Phase::Resetting => self.rest(Phase::Settling, SETTLE),
            // No request is under way in a pause.
            phase @ (Phase::Idle | Phase::Held | Phase::Settling | Phase::Unfit(_)) => {
                self.rest(phase, self.profile.poll)
            }
        }
    }

    fn searched(&mut self, status: Status, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        match status {
            Status::FOUND => {
                match &mut self.laying {
                    Some(laying) => laying.missed = 0,
                    None => {
                        self.laying = Some(Laying::default());
                        tell(ReaderEvent::CardFound);
                    }
                }
                self.ask(Phase::Selecting)
            }
            Status::NOT_FOUND => {
                self.makes_sense();
                self.missed(tell);
                self.rest(Phase::Idle, self.profile.poll)
            }
            status => self.senseless(status, tell),
        }
    }

    /// A card that was found before is not found now.
    fn missed(&mut self, tell: &mut dyn FnMut(ReaderEvent)) {
        let Some(laying) = &mut self.laying else { return };
        laying.missed += 1;
        if laying.missed < GONE_AFTER {
            return;
        }
        if !laying.failed {
            tell(ReaderEvent::Failed(Stop::CardUnsteady));
        }
        self.lose(tell);
    }

    fn read(&mut self, data: &[u8], tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        match document::parse(data) {
            Ok(document) if self.no_address => self.report(document, tell),
            Ok(document) => self.ask(Phase::Address(Box::new(document))),
            Err(stop) => self.unread(stop, tell),
        }
    }

    fn address_answered(
        &mut self,
        mut document: Document,
        frame: &Frame,
        tell: &mut dyn FnMut(ReaderEvent),
    ) -> Step {
        match frame.status {
            Status::SUCCESS => match document::parse_appended_address(&frame.data) {
                Ok(address) => {
                    document.append_address(address);
                    self.report(document, tell)
                }
                Err(stop) => self.unread(stop, tell),
            },
            Status::NOTHING_STORED => self.report(document, tell),
            Status::BAD_COMMAND | Status::NOT_PERMITTED | Status::UNRECOGNISED => {
                tracing::warn!("reader: no appended address, status {:02X}", frame.status.0);
                self.no_address = true;
                self.report(document, tell)
            }
            status => self.refused(status, tell),
        }
    }

    fn report(&mut self, document: Document, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        self.makes_sense();
        tell(ReaderEvent::Read(Box::new(document)));
        self.rest(Phase::Held, self.profile.presence_poll)
    }

    /// Select, read or address ended with a status that is no success.
    fn refused(&mut self, status: Status, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        tracing::info!("card: not read, status {:02X}", status.0);
        let stop = match status {
            Status::CARD_REFUSES | Status::MODULE_REFUSES | Status::NOT_VERIFIED => {
                Stop::CardRefused
            }
            Status::UNKNOWN_CARD => Stop::CardUnknown,
            Status::NOT_FOUND | Status::NOT_SELECTED | Status::READ_FAILED | Status::NO_RANDOM => {
                Stop::CardUnsteady
            }
            status => {
                self.tell_failure(Stop::CardUnsteady, tell);
                return self.senseless(status, tell);
            }
        };
        self.unread(stop, tell)
    }

    /// Reading failed. A few times it is tried again at once and silently; then it is told, and
    /// tried again as long as the card lies.
    fn unread(&mut self, stop: Stop, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        if self.tell_failure(stop, tell) {
            return self.rest(Phase::Idle, self.profile.poll);
        }
        self.ask(Phase::Finding)
    }

    /// Counts a failure; tells it when it is not to be tried again silently. Says whether it has
    /// been told.
    fn tell_failure(&mut self, stop: Stop, tell: &mut dyn FnMut(ReaderEvent)) -> bool {
        let silent_retries = match stop {
            Stop::CardUnsteady => 2,
            Stop::CardRefused | Stop::CardContent => 1,
            _ => 0,
        };
        let Some(laying) = &mut self.laying else { return true };
        laying.failures = laying.failures.saturating_add(1);
        if !laying.failed && laying.failures > silent_retries {
            laying.failed = true;
            tell(ReaderEvent::Failed(stop));
        }
        laying.failed
    }

    /// The card that was read is gone.
    fn gone(&mut self, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        self.lose(tell);
        self.rest(Phase::Idle, self.profile.poll)
    }

    /// Nothing, or nothing sound, came.
    fn unanswered(&mut self, outcome: &Outcome, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        let silent = matches!(outcome, Outcome::Silent);
        match std::mem::replace(&mut self.phase, Phase::Idle) {
            // Some modules know no status request; the last attempt is a search.
            Phase::Greeting(attempt) if attempt + 1 < MISSES => {
                self.ask(Phase::Greeting(attempt + 1))
            }
            Phase::Greeting(_) | Phase::Resetting => {
                let stop = if silent { Stop::ReaderSilent } else { Stop::ReaderNoise };
                self.reopen(stop, tell)
            }
            Phase::SamId => {
                tell(ReaderEvent::Status(ReaderStatus::Ready));
                self.ask(Phase::Finding)
            }
            Phase::Address(document) if silent => {
                tracing::warn!("reader: does not answer a request for the appended address");
                self.no_address = true;
                self.report(*document, tell)
            }
            Phase::Looking(0) => self.ask(Phase::Looking(1)),
            Phase::Looking(_) => self.gone(tell),
            _ if silent && self.misses >= MISSES => self.reopen(Stop::ReaderSilent, tell),
            Phase::Selecting | Phase::Reading | Phase::Address(_) => {
                let told = self.tell_failure(Stop::CardUnsteady, tell);
                if !silent {
                    return self.noisy(tell);
                }
                if told {
                    self.rest(Phase::Idle, self.profile.poll)
                } else {
                    self.ask(Phase::Finding)
                }
            }
            _ if silent => self.rest(Phase::Idle, self.profile.poll),
            _ => self.noisy(tell),
        }
    }

    /// A search that found nothing, or a whole read: the module and the line are well.
    fn makes_sense(&mut self) {
        self.errors = 0;
        self.was_reset = false;
    }

    /// A status that has no place here: begin at find; when that does not help, reset; when that
    /// does not help either, open the port anew, unless it is one strange card that brings it about.
    fn senseless(&mut self, status: Status, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        tracing::warn!("reader: unexpected status {:02X}", status.0);
        self.errors += 1;
        if self.errors < ERRORS {
            return self.rest(Phase::Idle, self.profile.poll);
        }
        self.errors = 0;
        match (std::mem::replace(&mut self.was_reset, true), &self.laying) {
            (false, _) => self.ask(Phase::Resetting),
            (true, Some(_)) => self.rest(Phase::Idle, self.profile.poll),
            (true, None) => self.reopen(Stop::ReaderSilent, tell),
        }
    }

    fn noisy(&mut self, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        self.errors += 1;
        if self.errors < ERRORS {
            return self.rest(Phase::Idle, self.profile.poll);
        }
        self.reopen(Stop::ReaderNoise, tell)
    }

    fn unfit(&mut self, stop: Stop, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        self.lose(tell);
        tell(ReaderEvent::Status(ReaderStatus::Down(stop)));
        self.rest(Phase::Unfit(stop), UNFIT_POLL)
    }

    fn reopen(&mut self, stop: Stop, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        self.lose(tell);
        Step::Reopen(stop)
    }
}

/// Logs which module it is, `05.03-20200101-0001234567-0000089012`: the number of a device, not of
/// a person.
fn log_sam_id(frame: &Frame) {
    let Ok(id) = <&[u8; 16]>::try_from(frame.data.as_slice()) else { return };
    tracing::info!("reader: module {}", sam_id(id));
}

fn sam_id(id: &[u8; 16]) -> String {
    let number = |at: usize| u32::from_le_bytes([id[at], id[at + 1], id[at + 2], id[at + 3]]);
    format!("{:02}.{:02}-{}-{:010}-{:010}", id[0], id[2], number(4), number(8), number(12))
}

#[cfg(test)]
mod tests;
