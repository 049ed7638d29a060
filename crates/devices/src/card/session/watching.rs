//! Is the card that was read still there? How that is told depends on the make of reader.
//!
//! | method | asked | there | gone |
//! | --- | --- | --- | --- |
//! | session | `30 03` again | 90, 91 | anything else, or twice nothing |
//! | find | `20 01`, now and then compared by a reading | 9F | anything else, or twice nothing |
//! | time | `20 01` | for as long as the profile says | another card, or the time is over |
//!
//! A reader whose method is not known is given one look right after a reading, sooner than anybody
//! lifts a card: if the session answers, it tells from now on; if not and the card is found again,
//! finding tells; if neither, nothing tells, and only time does. Time is never more than what is left:
//! the cards that taught it may have been lifted before the first look, so each later card gets that
//! look, too, and one that answers teaches better.

use std::time::Duration;

use super::{Laying, Phase, Session, Step};
use crate::card::{
    ReaderEvent,
    frame::{Request, Status},
    profile::{Finds, Presence},
    sam_id::SamId,
};

/// When a reader is not known yet, the first look comes so soon after the reading that the card
/// must still be there.
const FIRST_LOOK: Duration = Duration::from_millis(40);
/// Every so many looks that found a card, it is compared with the one that was read.
const COMPARE_EVERY: u8 = 4;
/// Comparisons in a row that fail before the card counts as gone.
const UNLIKE_AFTER: u8 = 2;
/// Readings in a row after which nothing told whether the card is there, before this is taken for
/// the reader's way.
const TIME_AFTER: u8 = 2;

/// What was learnt about a reader, kept when its port is opened anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Learned {
    module: Option<SamId>,
    /// It does not know the command for the appended address.
    pub(super) no_address: bool,
    /// It has answered that command.
    pub(super) knows_address: bool,
    /// Readings in a row that brought no appended address.
    pub(super) addressless: u32,
    /// Whether a card that lies there is found again.
    pub(super) finds: Finds,
    presence: Option<Method>,
    /// Readings in a row after which nothing told.
    untold: u8,
    /// Good answers that must still come before one reading is believed.
    pub(super) doubt: u16,
}

impl Learned {
    /// The presence method that was learnt, in the words of a profile file.
    pub fn presence(&self) -> Option<&'static str> {
        self.presence.map(Method::word)
    }

    /// The module's own number: another one has its own ways.
    pub(super) fn belongs_to(&mut self, module: SamId) {
        if self.module != Some(module) {
            *self = Self { module: Some(module), doubt: self.doubt, ..Self::default() };
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Session,
    Find,
    Time,
}

impl Method {
    fn word(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Find => "find",
            Self::Time => "time",
        }
    }
}

/// A card that was read and is watched.
#[derive(Debug)]
pub(super) struct Watch {
    method: Method,
    mark: u64,
    /// The method has said once that this card is there.
    proven: bool,
    /// The reader's own method does not work with this card.
    guessed: bool,
    /// Looks since the card was last compared.
    looks: u8,
    /// Comparisons in a row that failed.
    unlike: u8,
    /// Not seen for so long.
    unseen: Duration,
}

impl Watch {
    pub(super) fn new(method: Method, mark: u64) -> Self {
        let (looks, unlike, unseen) = (0, 0, Duration::ZERO);
        Self { method, mark, proven: false, guessed: false, looks, unlike, unseen }
    }

    /// A card with which no session lasts: finding it has to tell.
    pub(super) fn guessed(mark: u64) -> Self {
        Self { guessed: true, ..Self::new(Method::Find, mark) }
    }

    /// Whether the method is to be tried at once: sooner than anybody lifts the card.
    fn is_untried(&self, learning: bool) -> bool {
        (learning || self.guessed) && !self.proven && self.method != Method::Time
    }
}

impl Session {
    /// How the next card is watched.
    pub(super) fn method(&self) -> Method {
        let asked = self.profile.appended_address && !self.learned.no_address;
        match self.profile.presence {
            Presence::Session if asked => Method::Session,
            Presence::Find => Method::Find,
            Presence::Time => Method::Time,
            Presence::Session | Presence::Probe => match self.learned.presence {
                Some(Method::Find) => Method::Find,
                Some(Method::Session | Method::Time) | None if asked => Method::Session,
                _ => Method::Find,
            },
        }
    }

    /// Whether this reader's method is still to be learnt: that nothing but time tells is no more than
    /// what is believed until a look is answered.
    fn learning(&self) -> bool {
        let fixed = match self.profile.presence {
            Presence::Probe => false,
            Presence::Session => !self.learned.no_address && self.profile.appended_address,
            Presence::Find | Presence::Time => true,
        };
        !fixed && matches!(self.learned.presence, None | Some(Method::Time))
    }

    /// The pause before the next look.
    pub(super) fn hold(&mut self) -> Step {
        let learning = self.learning();
        let Some(watch) = self.watched() else { return self.ask(Phase::Finding) };
        let pause =
            if watch.is_untried(learning) { FIRST_LOOK } else { self.profile.presence_poll };
        if let Some(watch) = self.watched() {
            watch.unseen = watch.unseen.saturating_add(pause);
        }
        self.rest(Phase::Held, pause)
    }

    /// What a look asks.
    pub(super) fn look(&self) -> Request {
        let watch = self.laying.as_ref().and_then(|laying| laying.watch.as_ref());
        match watch.map(|watch| watch.method) {
            Some(Method::Session) => Request::ReadAppendedAddress,
            _ => Request::Find,
        }
    }

    /// A look was answered.
    pub(super) fn looked(&mut self, status: Status, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        let learning = self.learning();
        let Some(watch) = self.watched() else { return self.gone(tell) };
        match (watch.method, status) {
            (Method::Session, Status::SUCCESS | Status::NOTHING_STORED) => {
                watch.proven = true;
                watch.unseen = Duration::ZERO;
                self.learned.untold = 0;
                if learning {
                    self.learn(Method::Session);
                }
                self.hold()
            }
            (Method::Session, _) => self.not_there(tell),
            (Method::Find, Status::FOUND) => {
                watch.looks += 1;
                let compared = !watch.proven || watch.looks >= COMPARE_EVERY;
                if !compared {
                    watch.unseen = Duration::ZERO;
                }
                self.learned.finds = Finds::Again;
                if compared { self.ask(Phase::Selecting) } else { self.hold() }
            }
            (Method::Time, Status::FOUND) => self.ask(Phase::Selecting),
            (Method::Find, _) => self.not_there(tell),
            (Method::Time, _) => self.waited(tell),
        }
    }

    /// Two looks in a row gave no clear answer.
    pub(super) fn unclear(&mut self, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        match self.watched().map(|watch| watch.method) {
            Some(Method::Time) => self.waited(tell),
            _ => self.not_there(tell),
        }
    }

    /// The card at the reader was read for comparison. `None` when it is another one; a new laying
    /// has begun then.
    pub(super) fn recognise(
        &mut self,
        mark: u64,
        tell: &mut dyn FnMut(ReaderEvent),
    ) -> Option<Step> {
        let (learning, doubted) = (self.learning(), self.doubted());
        let watch = self.watched()?;
        if watch.mark == mark {
            (watch.looks, watch.unlike, watch.unseen) = (0, 0, Duration::ZERO);
            watch.proven = true;
            // Not while time tells: a card that was lifted and laid again is found once more, too.
            if learning && !watch.guessed && watch.method == Method::Find {
                self.learned.untold = 0;
                self.learn(Method::Find);
            }
            return Some(self.hold());
        }
        if doubted {
            // Perhaps only the line made it another.
            return Some(self.unrecognised(tell));
        }
        self.lose(tell);
        self.lay(tell);
        None
    }

    /// A comparison failed.
    pub(super) fn unrecognised(&mut self, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        let Some(watch) = self.watched() else { return self.gone(tell) };
        watch.unlike += 1;
        if watch.unlike >= UNLIKE_AFTER {
            return self.gone(tell);
        }
        // The next look compares again.
        watch.looks = COMPARE_EVERY;
        self.hold()
    }

    /// The method says that the card is gone. Before a method is proven this says something about
    /// the reader.
    fn not_there(&mut self, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        let learning = self.learning();
        let finds_once = self.finds() == Finds::Once;
        match self.watched() {
            // It may have been taken away before it said its address; so only a reader that is known
            // to find a card once has nothing but time to tell.
            Some(watch) if watch.guessed && !watch.proven && !finds_once => self.gone(tell),
            Some(watch) if watch.guessed && !watch.proven => {
                watch.method = Method::Time;
                self.hold()
            }
            Some(watch) if learning && !watch.proven && watch.method == Method::Session => {
                watch.method = Method::Find;
                self.ask(Phase::Looking(0))
            }
            Some(watch) if learning && !watch.proven && watch.method == Method::Find => {
                watch.method = Method::Time;
                self.learned.untold = self.learned.untold.saturating_add(1);
                if self.learned.untold >= TIME_AFTER {
                    self.learn(Method::Time);
                    self.learned.finds = Finds::Once;
                }
                self.hold()
            }
            _ => self.gone(tell),
        }
    }

    /// Nothing tells; only time does.
    fn waited(&mut self, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        let hold = self.profile.hold;
        match self.watched() {
            Some(watch) if watch.unseen < hold => self.hold(),
            _ => self.gone(tell),
        }
    }

    /// The card that was read is gone.
    fn gone(&mut self, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        self.lose(tell);
        self.rest(Phase::Idle, self.profile.poll)
    }

    fn learn(&mut self, method: Method) {
        let before = self.learned.presence.replace(method);
        if before == Some(method) {
            return;
        }
        tracing::info!("reader: presence = \"{}\" was learnt", method.word());
        if before == Some(Method::Time) {
            // That it finds a card once came from the same looks.
            self.learned.finds = if method == Method::Find { Finds::Again } else { Finds::Probe };
        }
    }

    fn watched(&mut self) -> Option<&mut Watch> {
        self.laying.as_mut().and_then(|Laying { watch, .. }| watch.as_mut())
    }
}
