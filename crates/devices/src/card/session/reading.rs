//! From the first base answer to the document: what is asked again before it is believed.
//!
//! While the line is believed one reading is enough. After an error of the line the text is read
//! until two readings in a row are equal, and so is the appended address; the readings may belong
//! to two layings, for modules that read a card only once.
//!
//! The appended address is worth a second question, never the document: whatever comes instead of
//! it (a refusal, silence, nonsense, an answer of another length), the document is told without, as
//! soon as the card is seen to lie there still.
//! A module that keeps failing is not asked any more, and the staff learn which key of its profile
//! says so.

use std::hash::BuildHasher;

use kiosk_base::domain::Stop;
use zeroize::Zeroizing;

use super::{
    Finds, Phase, Session, Step,
    watching::{Method, Watch},
};
use crate::card::{
    ReaderEvent, document,
    frame::{Frame, Status},
    trouble::Trouble,
};

/// Most requests of one selection: two readings, two addresses, and as many again.
const MOST_ASKS: u8 = 8;

/// Times that a card is asked for its address.
const ADDRESS_ASKS: u8 = 2;
/// Readings in a row without an address after which a module that never had one is not asked again.
const ADDRESSLESS: u32 = 2;
/// Such readings after which the staff are told: one card may be to blame, or two.
const ADDRESSLESS_TOLD: u32 = 3;

/// Two length fields and the text, before the picture.
const HEAD: usize = 4 + 256;

/// What was read of a selected card.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// Something was read of it, if not believed.
    pub(super) read: bool,
    asks: u8,
    base: Option<Part>,
    address: Address,
}

/// What is known of the appended address.
#[derive(Debug, Default)]
enum Address {
    /// Nothing yet, after so many fruitless questions.
    #[default]
    Unknown,
    Failed(u8),
    /// The card's answer.
    Came(Part),
    /// It is given up.
    Missing(Missing),
}

/// Why there is no appended address.
#[derive(Debug, Clone, Copy)]
pub(super) struct Missing {
    /// The module's word, if it said one.
    pub(super) status: Option<Status>,
    /// Nothing came at all, for as long as the step may take.
    pub(super) silent: bool,
}

impl Missing {
    /// Whether the card answered all the same: what it said was no address.
    fn card_answers(self) -> bool {
        self.status == Some(Status::SUCCESS)
    }
}

/// A part of the document. `data` is empty for an address that is not stored.
struct Part {
    data: Zeroizing<Vec<u8>>,
    mark: u64,
    /// The reading before it said the same.
    confirmed: bool,
}

impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Part({} bytes, confirmed: {})", self.data.len(), self.confirmed)
    }
}

impl Session {
    /// The card was selected: its reading begins.
    pub(super) fn selected(&mut self) -> Step {
        if let Some(laying) = &mut self.laying {
            laying.reading = Reading { asks: 1, read: laying.reading.read, ..Reading::default() };
        }
        self.ask(Phase::Reading)
    }

    /// Text and picture came.
    pub(super) fn base_came(
        &mut self,
        data: Zeroizing<Vec<u8>>,
        tell: &mut dyn FnMut(ReaderEvent),
    ) -> Step {
        let mark = self.mark_of(&data);
        if self.is_watched() {
            return match self.recognise(mark, tell) {
                Some(step) => step,
                // Another card: its reading begins with what came.
                None => self.take_base(data, mark, tell),
            };
        }
        self.take_base(data, mark, tell)
    }

    fn take_base(
        &mut self,
        data: Zeroizing<Vec<u8>>,
        mark: u64,
        tell: &mut dyn FnMut(ReaderEvent),
    ) -> Step {
        let confirmed = self.unconfirmed[0].replace(mark) == Some(mark);
        let Some(laying) = &mut self.laying else { return self.ask(Phase::Finding) };
        laying.reading.read = true;
        if let Some(kept) = laying.kept.take()
            && kept.base.as_ref().is_some_and(|base| base.mark == mark)
        {
            // It is the card that has no address to say.
            return self.finish(kept, tell);
        }
        laying.reading.base = Some(Part { data, mark, confirmed });
        self.go_on(tell)
    }

    /// The appended address came, or why there is none.
    pub(super) fn address_came(&mut self, frame: Frame, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        let missing = Missing { status: Some(frame.status), silent: false };
        let data = match frame.status {
            Status::SUCCESS if document::parse_appended_address(&frame.data).is_ok() => frame.data,
            Status::NOTHING_STORED => Zeroizing::default(),
            Status::SUCCESS => {
                tracing::info!("reader: no appended address has {} bytes", frame.data.len());
                return self.no_address(missing, tell);
            }
            Status::BAD_COMMAND | Status::NOT_PERMITTED | Status::UNRECOGNISED
                if !self.learned.knows_address =>
            {
                self.learned.no_address = true;
                return self.give_up_address(missing, tell);
            }
            _ => return self.no_address(missing, tell),
        };
        self.learned.knows_address = true;
        let Some(base) = self.reading().and_then(|reading| reading.base.as_ref()) else {
            return self.ask(Phase::Finding);
        };
        // An address belongs to a text: two persons without one are not equal.
        let mark = self.key.hash_one((base.mark, data.as_slice()));
        let confirmed = self.unconfirmed[1].replace(mark) == Some(mark);
        if let Some(laying) = &mut self.laying {
            laying.reading.address = Address::Came(Part { data, mark, confirmed });
        }
        self.go_on(tell)
    }

    /// Something else came than an appended address, or nothing. The card is asked once more,
    /// unless that would take long for nothing.
    pub(super) fn no_address(
        &mut self,
        missing: Missing,
        tell: &mut dyn FnMut(ReaderEvent),
    ) -> Step {
        let worth_it = !missing.silent || self.learned.knows_address;
        let Some(laying) = &mut self.laying else { return self.ask(Phase::Finding) };
        let failed = match laying.reading.address {
            Address::Failed(times) => times + 1,
            _ => 1,
        };
        laying.reading.address = Address::Failed(failed);
        if worth_it && failed < ADDRESS_ASKS {
            // Counted there: the text may have to be asked for again, too.
            return self.go_on(tell);
        }
        self.give_up_address(missing, tell)
    }

    /// There is no address to be had. What was read is kept, and told as soon as the card is seen to
    /// lie there: it may have been taken away when it was to say its address, and another been laid.
    fn give_up_address(&mut self, missing: Missing, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        match missing.status {
            Some(status) => {
                tracing::warn!("reader: no appended address, status {:02X}", status.0);
            }
            None => tracing::warn!("reader: no appended address, no sound answer"),
        }
        let Some(laying) = &mut self.laying else { return self.ask(Phase::Finding) };
        laying.reading.address = Address::Missing(missing);
        if missing.card_answers() || self.learned.no_address {
            return self.go_on(tell);
        }
        laying.kept = Some(std::mem::take(&mut laying.reading));
        laying.reading.read = true;
        self.ask(Phase::Finding)
    }

    /// A card whose reading is kept is not found. `None` when that says that it was taken away.
    pub(super) fn tell_kept(&mut self, tell: &mut dyn FnMut(ReaderEvent)) -> Option<Step> {
        if self.finds() == Finds::Again {
            return None;
        }
        let kept = self.laying.as_mut()?.kept.take()?;
        Some(self.finish(kept, tell))
    }

    /// Asks for what is missing or not believed yet, then tells the document.
    fn go_on(&mut self, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        let doubted = self.doubted();
        let asked = self.profile.appended_address && !self.learned.no_address;
        let Some(laying) = &mut self.laying else { return self.ask(Phase::Finding) };
        let reading = &mut laying.reading;
        let good = |part: &Part| part.confirmed || !doubted;
        let base = reading.base.as_ref().is_some_and(good);
        // What cannot stand on a card is not worth an address.
        let whole = reading.base.as_ref().map(|part| document::parse(&part.data).map(|_| ()));
        if let (true, Some(Err(stop))) = (base, whole) {
            return self.unread(stop, None, tell);
        }
        let address = match &reading.address {
            Address::Came(part) => good(part),
            Address::Missing(_) => true,
            Address::Unknown | Address::Failed(_) => !asked,
        };
        if base && address {
            let reading = std::mem::take(reading);
            return self.finish(reading, tell);
        }
        if reading.asks < MOST_ASKS {
            reading.asks += 1;
            return self.ask(if base { Phase::Address } else { Phase::Reading });
        }
        match base {
            true => self.give_up_address(Missing { status: None, silent: false }, tell),
            false => self.unread(Stop::CardGarbled, None, tell),
        }
    }

    fn finish(&mut self, reading: Reading, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        let Some(base) = reading.base else { return self.ask(Phase::Finding) };
        let mut document = match document::parse(&base.data) {
            Ok(document) => document,
            Err(stop) => return self.unread(stop, None, tell),
        };
        if let Address::Came(address) = &reading.address
            && let Ok(address) = document::parse_appended_address(&address.data)
        {
            document.append_address(address);
        }
        self.makes_sense();
        self.unread_layings = 0;
        tell(ReaderEvent::Read(Box::new(document)));
        self.count_addressless(&reading.address, tell);
        self.watch(base.mark, &reading.address)
    }

    /// Tells the staff when no appended address comes any more, whichever card is laid.
    fn count_addressless(&mut self, address: &Address, tell: &mut dyn FnMut(ReaderEvent)) {
        if !self.profile.appended_address {
            return;
        }
        let status = match address {
            Address::Came(_) => {
                self.learned.addressless = 0;
                return;
            }
            Address::Missing(missing) => missing.status,
            Address::Unknown | Address::Failed(_) => None,
        };
        let in_a_row = self.learned.addressless.saturating_add(1);
        self.learned.addressless = in_a_row;
        if in_a_row >= ADDRESSLESS && !self.learned.knows_address && !self.learned.no_address {
            tracing::warn!(
                "reader: not asked for appended addresses any more; appended_address = false in \
                 its profile says so from the beginning"
            );
            self.learned.no_address = true;
        }
        if in_a_row >= ADDRESSLESS_TOLD {
            tell(ReaderEvent::Trouble(Trouble {
                in_a_row,
                ..Trouble::new(Stop::ReaderNoAddress, status)
            }));
        }
    }

    fn reading(&self) -> Option<&Reading> {
        self.laying.as_ref().map(|laying| &laying.reading)
    }

    pub(super) fn is_watched(&self) -> bool {
        self.laying.as_ref().is_some_and(|laying| laying.watch.is_some())
    }

    /// What a card is recognised by: its text, not its picture.
    fn mark_of(&self, data: &[u8]) -> u64 {
        self.key.hash_one(data.get(..HEAD).unwrap_or(data))
    }

    /// From now on the card that was read is watched.
    fn watch(&mut self, mark: u64, address: &Address) -> Step {
        let session = match address {
            Address::Missing(missing) => missing.card_answers(),
            Address::Unknown | Address::Failed(_) | Address::Came(_) => true,
        };
        let watch = match self.method() {
            // The session with this card does not answer: it cannot tell whether it is there.
            Method::Session if !session => Watch::guessed(mark),
            method => Watch::new(method, mark),
        };
        if let Some(laying) = &mut self.laying {
            laying.watch = Some(watch);
        }
        self.hold()
    }
}
