//! What goes wrong: a card that could not be read, a request without an answer, a status that has
//! no place, a module that is unfit. Says what is tried again, what is told, and when the port is
//! opened anew.

use std::time::Duration;

use kiosk_base::domain::Stop;

use super::{Broken, MISSES, Outcome, Phase, Session, Step, reading::Missing};
use crate::card::{ReaderEvent, ReaderStatus, frame::Status, profile::Finds, trouble::Trouble};

/// Senseless answers in a row after which the module is reset, and later the port opened anew.
pub(super) const ERRORS: u8 = 5;
/// Pause after a module did not permit what it must: asking again soon would not help.
pub(super) const DENIED_POLL: Duration = Duration::from_secs(10);

impl Session {
    /// Select or read ended with a status that is no success.
    pub(super) fn refused(&mut self, status: Status, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        tracing::info!("card: not read, status {:02X}", status.0);
        if self.is_watched() {
            return self.unrecognised(tell);
        }
        match stop_of(status) {
            stop @ Stop::ReaderDenied => self.unfit(stop, status, DENIED_POLL, tell),
            stop @ (Stop::ReaderMishears | Stop::ReaderOrder | Stop::ReaderConfused) => {
                self.tell_failure(stop, Some(status), tell);
                self.senseless(status, tell)
            }
            stop => self.unread(stop, Some(status), tell),
        }
    }

    /// Reading failed. A few times it is tried again at once and silently; then it is told, and
    /// tried again as long as the card lies.
    pub(super) fn unread(
        &mut self,
        stop: Stop,
        status: Option<Status>,
        tell: &mut dyn FnMut(ReaderEvent),
    ) -> Step {
        if self.tell_failure(stop, status, tell) {
            return self.rest(Phase::Idle, self.profile.poll);
        }
        self.ask(Phase::Finding)
    }

    /// Counts a failure; tells it when it is not to be tried again silently. Says whether it has
    /// been told.
    pub(super) fn tell_failure(
        &mut self,
        stop: Stop,
        status: Option<Status>,
        tell: &mut dyn FnMut(ReaderEvent),
    ) -> bool {
        tell(trouble(stop, status));
        let silent_retries = match stop {
            // Before it is lifted there will be no other attempt.
            _ if self.finds() == Finds::Once => 0,
            Stop::CardUnsteady
            | Stop::CardNotSelected
            | Stop::CardNoRandom
            | Stop::CardTimeout
            | Stop::CardGarbled
            | Stop::CardLifted
            | Stop::ReaderMishears
            | Stop::ReaderOrder
            | Stop::ReaderConfused => 2,
            Stop::CardRefused
            | Stop::CardNotGenuine
            | Stop::CardNotVerified
            | Stop::CardContent => 1,
            _ => 0,
        };
        let Some(laying) = &mut self.laying else { return true };
        laying.failures = laying.failures.saturating_add(1);
        laying.failure = Some(stop);
        if laying.failures > silent_retries {
            self.fail(stop, tell);
        }
        self.laying.as_ref().is_none_or(|laying| laying.failed)
    }

    /// Nothing, or nothing sound, came.
    pub(super) fn unanswered(
        &mut self,
        outcome: &Outcome,
        tell: &mut dyn FnMut(ReaderEvent),
    ) -> Step {
        let silent = matches!(outcome, Outcome::Silent);
        match std::mem::replace(&mut self.phase, Phase::Idle) {
            // Some modules know no status request; the last attempt is a search.
            Phase::Greeting(attempt) if attempt + 1 < MISSES => {
                self.ask(Phase::Greeting(attempt + 1))
            }
            Phase::Greeting(_) => {
                let stop = match outcome {
                    Outcome::Silent => Stop::ReaderSilent,
                    Outcome::Broken(Broken::Noise) => Stop::ReaderForeign,
                    _ => Stop::ReaderNoise,
                };
                self.reopen(stop, tell)
            }
            Phase::Resetting => {
                self.reopen(if silent { Stop::ReaderSilent } else { Stop::ReaderNoise }, tell)
            }
            Phase::SamId => self.greeted(tell),
            Phase::SettingRf => self.ready(tell),
            Phase::Looking(0) => self.ask(Phase::Looking(1)),
            Phase::Looking(_) => self.unclear(tell),
            Phase::Address => self.no_address(Missing { status: None, silent }, tell),
            _ if silent && self.misses >= MISSES => self.reopen(Stop::ReaderSilent, tell),
            Phase::Selecting | Phase::Reading => {
                if self.is_watched() {
                    return self.unrecognised(tell);
                }
                let stop = if silent { Stop::CardTimeout } else { Stop::CardGarbled };
                let told = self.tell_failure(stop, None, tell);
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
    pub(super) fn makes_sense(&mut self) {
        self.errors = 0;
        self.was_reset = false;
    }

    /// A status that has no place here: begin at find; when that does not help, reset; when that
    /// does not help either, open the port anew, unless it is one strange card that brings it
    /// about.
    pub(super) fn senseless(&mut self, status: Status, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        tracing::warn!("reader: unexpected status {:02X}", status.0);
        let stop = match stop_of(status) {
            stop @ (Stop::ReaderMishears | Stop::ReaderOrder | Stop::ReaderDenied) => stop,
            _ => Stop::ReaderConfused,
        };
        if stop == Stop::ReaderDenied {
            return self.unfit(stop, status, DENIED_POLL, tell);
        }
        self.errors += 1;
        if self.errors < ERRORS {
            return self.rest(Phase::Idle, self.profile.poll);
        }
        self.errors = 0;
        match (std::mem::replace(&mut self.was_reset, true), &self.laying) {
            (false, _) => self.ask(Phase::Resetting),
            (true, Some(_)) => self.rest(Phase::Idle, self.profile.poll),
            (true, None) => {
                tell(trouble(stop, Some(status)));
                self.reopen(stop, tell)
            }
        }
    }

    pub(super) fn noisy(&mut self, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        self.errors += 1;
        if self.errors < ERRORS {
            return self.rest(Phase::Idle, self.profile.poll);
        }
        tell(trouble(Stop::ReaderNoise, None));
        self.reopen(Stop::ReaderNoise, tell)
    }

    pub(super) fn unfit(
        &mut self,
        stop: Stop,
        status: Status,
        pause: Duration,
        tell: &mut dyn FnMut(ReaderEvent),
    ) -> Step {
        tell(trouble(stop, Some(status)));
        self.lose(tell);
        tell(ReaderEvent::Status(ReaderStatus::Down(stop)));
        self.rest(Phase::Unfit(stop), pause)
    }

    pub(super) fn reopen(&mut self, stop: Stop, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        self.lose(tell);
        Step::Reopen(stop)
    }
}

pub(super) fn trouble(stop: Stop, status: Option<Status>) -> ReaderEvent {
    ReaderEvent::Trouble(Trouble::new(stop, status))
}

/// What a status means that is no success.
fn stop_of(status: Status) -> Stop {
    match status {
        Status::CARD_REFUSES => Stop::CardRefused,
        Status::MODULE_REFUSES => Stop::CardNotGenuine,
        Status::NOT_VERIFIED => Stop::CardNotVerified,
        Status::UNKNOWN_CARD => Stop::CardUnknown,
        Status::NOT_SELECTED => Stop::CardNotSelected,
        Status::READ_FAILED => Stop::CardUnsteady,
        Status::NO_RANDOM => Stop::CardNoRandom,
        Status::NOT_FOUND => Stop::CardLifted,
        Status::REQUEST_DAMAGED | Status::REQUEST_LENGTH => Stop::ReaderMishears,
        Status::BAD_COMMAND => Stop::ReaderOrder,
        Status::NOT_PERMITTED => Stop::ReaderDenied,
        Status::SELF_TEST_FAILED => Stop::ReaderSelfTest,
        Status::NOT_AUTHORISED => Stop::ReaderNotAuthorised,
        _ => Stop::ReaderConfused,
    }
}
