//! From the first base answer to the document: what is asked again before it is believed.
//!
//! While the line is believed one reading is enough. After an error of the line the text is read
//! until two readings in a row are equal, and so is the appended address; the readings may belong
//! to two layings, for modules that read a card only once.

use std::hash::BuildHasher;

use zeroize::Zeroizing;

use super::{Phase, Session, Step, watching::Watch};
use crate::{
    card::{
        ReaderEvent, document,
        frame::{Frame, Status},
    },
    domain::{Document, Stop},
};

/// Most requests of one selection: two readings, two addresses, and as many again.
const MOST_ASKS: u8 = 8;

/// Unanswered requests for an address after which a module that never answered one is not asked
/// again.
const ADDRESS_SILENCES: u8 = 2;

/// Two length fields and the text, before the picture.
const HEAD: usize = 4 + 256;

/// What was read of a selected card.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// Something was read of it, if not believed.
    pub(super) read: bool,
    asks: u8,
    base: Option<Part>,
    address: Option<Part>,
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
        laying.reading.base = Some(Part { data, mark, confirmed });
        self.go_on(tell)
    }

    /// The appended address came, or why there is none.
    pub(super) fn address_came(&mut self, frame: Frame, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        let data = match frame.status {
            Status::SUCCESS => frame.data,
            Status::NOTHING_STORED => Zeroizing::default(),
            Status::BAD_COMMAND | Status::NOT_PERMITTED | Status::UNRECOGNISED
                if !self.learned.knows_address =>
            {
                return self.no_address(Some(frame.status), tell);
            }
            status => return self.refused(status, tell),
        };
        self.learned.knows_address = true;
        let Some(base) = self.reading().and_then(|reading| reading.base.as_ref()) else {
            return self.ask(Phase::Finding);
        };
        // An address belongs to a text: two persons without one are not equal.
        let mark = self.key.hash_one((base.mark, data.as_slice()));
        let confirmed = self.unconfirmed[1].replace(mark) == Some(mark);
        if let Some(laying) = &mut self.laying {
            laying.reading.address = Some(Part { data, mark, confirmed });
        }
        self.go_on(tell)
    }

    /// Whether silence means that the module does not know the command for the appended address,
    /// rather than that one answer was lost: with it the surest sign of a lifted card would go.
    pub(super) fn never_answers_addresses(&mut self) -> bool {
        self.learned.address_silences = self.learned.address_silences.saturating_add(1);
        !self.learned.knows_address && self.learned.address_silences >= ADDRESS_SILENCES
    }

    /// The module does not know the command for the appended address.
    pub(super) fn no_address(
        &mut self,
        status: Option<Status>,
        tell: &mut dyn FnMut(ReaderEvent),
    ) -> Step {
        match status {
            Some(status) => {
                tracing::warn!("reader: no appended address, status {:02X}", status.0);
            }
            None => tracing::warn!("reader: does not answer a request for the appended address"),
        }
        self.learned.no_address = true;
        self.go_on(tell)
    }

    /// Asks for what is missing or not believed yet, then tells the document.
    fn go_on(&mut self, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        let doubted = self.doubted();
        let asked = self.profile.appended_address && !self.learned.no_address;
        let Some(laying) = &mut self.laying else { return self.ask(Phase::Finding) };
        let reading = &mut laying.reading;
        let good = |part: &Option<Part>| part.as_ref().is_some_and(|p| p.confirmed || !doubted);
        let (base, address) = (good(&reading.base), !asked || good(&reading.address));
        // What cannot stand on a card is not worth an address.
        let whole = reading.base.as_ref().map(|part| document::parse(&part.data).map(|_| ()));
        if let (true, Some(Err(stop))) = (base, whole) {
            return self.unread(stop, None, tell);
        }
        if base && address {
            let reading = std::mem::take(reading);
            return self.finish(reading, tell);
        }
        if reading.asks >= MOST_ASKS {
            return self.unread(Stop::CardGarbled, None, tell);
        }
        reading.asks += 1;
        self.ask(if base { Phase::Address } else { Phase::Reading })
    }

    fn finish(&mut self, reading: Reading, tell: &mut dyn FnMut(ReaderEvent)) -> Step {
        let Some(base) = reading.base else { return self.ask(Phase::Finding) };
        let address = reading.address.filter(|address| !address.data.is_empty());
        match parse(&base.data, address.as_ref().map(|address| address.data.as_slice())) {
            Ok(document) => {
                self.makes_sense();
                tell(ReaderEvent::Read(Box::new(document)));
                self.watch(base.mark)
            }
            Err(stop) => self.unread(stop, None, tell),
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
    fn watch(&mut self, mark: u64) -> Step {
        let watch = Watch::new(self.method(), mark);
        if let Some(laying) = &mut self.laying {
            laying.watch = Some(watch);
        }
        self.hold()
    }
}

fn parse(base: &[u8], address: Option<&[u8]>) -> Result<Document, Stop> {
    let mut document = document::parse(base)?;
    if let Some(address) = address {
        document.append_address(document::parse_appended_address(address)?);
    }
    Ok(document)
}
