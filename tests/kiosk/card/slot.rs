//! The slot's thread, with the simulated slot: cards that come and go, bad contacts, and a slot
//! that is lost and found again.

use std::{
    sync::mpsc::{self, Receiver},
    time::Duration,
};

use jiff::civil::date;
use kiosk_base::domain::{
    CitizenId, Sensitive, Stop,
    document::{EthnicGroup, Sex, SocialSecurityCard},
};
use kiosk_devices::card::{
    ContactReader, ReadError, ReaderEvent, ReaderStatus, SlotSettings,
    contact::{Presence, Slot, read_social_security_card},
    social_security::Transmit,
};
use kiosk_stage::simulator::{ContactCard, SimulatedSlot, contact_card::Habits};

use super::{A, B, PATIENCE};

fn card(number: &str) -> ContactCard {
    let number = CitizenId::parse(number).expect("valid");
    ContactCard::of(&SocialSecurityCard {
        name: "测试甲".into(),
        sex: Sex::Male,
        ethnic_group: EthnicGroup(1),
        birth_date: Sensitive::new(number.birth_date().into()),
        number,
        card_number: "TEST00001".into(),
        version: "2.00".into(),
        valid_from: Some(date(2020, 1, 1)),
        valid_until: None,
    })
    .expect("it fits")
}

/// The thread under test and what it told.
struct Watched {
    _reader: ContactReader,
    events: Receiver<ReaderEvent>,
}

impl Watched {
    fn start(settings: &SlotSettings) -> Self {
        let (sender, events) = mpsc::channel();
        let reader = ContactReader::start(settings, move |event| drop(sender.send(event)));
        let watched = Self { _reader: reader, events };
        watched.expect(&[ReaderEvent::Status(ReaderStatus::Starting)]);
        watched
    }

    /// A slot that is well, and its watcher.
    fn ready() -> (SimulatedSlot, Self) {
        let slot = SimulatedSlot::default();
        let watched = Self::start(&slot.settings());
        watched.expect(&[ReaderEvent::Status(ReaderStatus::Ready)]);
        (slot, watched)
    }

    fn next(&self) -> ReaderEvent {
        loop {
            match self.events.recv_timeout(PATIENCE).expect("it tells something") {
                ReaderEvent::Trouble(_) | ReaderEvent::Module(_) => {}
                event => return event,
            }
        }
    }

    fn expect(&self, events: &[ReaderEvent]) {
        for event in events {
            assert_eq!(&self.next(), event);
        }
    }

    fn expect_read(&self, number: &str) {
        self.expect(&[ReaderEvent::CardFound]);
        let ReaderEvent::Read(document) = self.next() else { panic!("a document") };
        assert_eq!(document.number().expose(), number);
    }
}

#[test]
fn a_card_is_read_once_for_each_time_it_is_inserted() {
    let (slot, watched) = Watched::ready();
    for number in [A, B, A] {
        slot.insert(card(number));
        watched.expect_read(number);
        slot.pull();
        watched.expect(&[ReaderEvent::CardRemoved]);
    }
    assert_eq!(slot.powered(), 3);
}

#[test]
fn cards_exchanged_between_two_looks_are_two_cards() {
    let (slot, watched) = Watched::ready();
    slot.insert(card(A));
    watched.expect_read(A);
    slot.insert(card(B));
    watched.expect(&[ReaderEvent::CardRemoved]);
    watched.expect_read(B);
}

#[test]
fn a_card_that_lies_there_at_the_start_is_read() {
    let slot = SimulatedSlot::default();
    slot.insert(card(A));
    let watched = Watched::start(&slot.settings());
    watched.expect(&[ReaderEvent::Status(ReaderStatus::Ready)]);
    watched.expect_read(A);
}

#[test]
fn contacts_that_bounce_are_tried_again_and_given_up_in_the_end() {
    let (slot, watched) = Watched::ready();
    slot.shake(2);
    slot.insert(card(A));
    watched.expect_read(A);
    slot.pull();
    watched.expect(&[ReaderEvent::CardRemoved]);
    slot.shake(1_000);
    slot.insert(card(B));
    watched.expect(&[ReaderEvent::CardFound, ReaderEvent::Failed(Stop::CardUnsteady)]);
    slot.shake(0);
    slot.pull();
    watched.expect(&[ReaderEvent::CardRemoved]);
    assert_eq!(slot.powered(), 6, "three attempts each");
}

#[test]
fn a_card_that_says_no_is_asked_once() {
    let (slot, watched) = Watched::ready();
    let protected = Habits { protected: true, ..Habits::default() };
    let foreign = Habits { foreign: true, ..Habits::default() };
    for (habits, stop) in [(protected, Stop::CardProtected), (foreign, Stop::CardUnknown)] {
        slot.insert(card(A).with_habits(habits));
        watched.expect(&[ReaderEvent::CardFound, ReaderEvent::Failed(stop)]);
        slot.pull();
        watched.expect(&[ReaderEvent::CardRemoved]);
    }
    assert_eq!(slot.powered(), 2);
}

#[test]
fn a_slot_that_is_lost_takes_its_card_along_and_is_found_again() {
    let slot = SimulatedSlot::default();
    slot.fail(Stop::ReaderAbsent);
    let watched = Watched::start(&slot.settings());
    watched.expect(&[ReaderEvent::Status(ReaderStatus::Down(Stop::ReaderAbsent))]);
    slot.insert(card(A));
    slot.recover();
    watched.expect(&[ReaderEvent::Status(ReaderStatus::Ready)]);
    watched.expect_read(A);
    for stop in [Stop::ReaderSilent, Stop::ReaderForbidden] {
        slot.fail(stop);
        let down = ReaderEvent::Status(ReaderStatus::Down(stop));
        watched.expect(&[ReaderEvent::CardRemoved, down]);
        slot.recover();
        watched.expect(&[ReaderEvent::Status(ReaderStatus::Ready)]);
        watched.expect_read(A);
    }
}

/// A slot whose card is another by the time the first has been read.
struct Juggler {
    inserted: u32,
    cards: [ContactCard; 2],
}

/// Power for the first card; the second is there when it goes.
struct Juggled<'a>(&'a mut Juggler);

impl Slot for Juggler {
    fn open(&mut self) -> Result<(), Stop> {
        Ok(())
    }

    fn wait(&mut self, limit: Duration) -> Result<Presence, Stop> {
        std::thread::sleep(limit.min(Duration::from_millis(5)));
        Ok(Presence::Inserted(self.inserted))
    }

    fn connect(&mut self) -> Result<Box<dyn Transmit + '_>, Stop> {
        Ok(Box::new(Juggled(self)))
    }
}

impl Transmit for Juggled<'_> {
    fn transmit(&mut self, command: &[u8]) -> Result<zeroize::Zeroizing<Vec<u8>>, Stop> {
        let card = &mut self.0.cards[self.0.inserted as usize];
        Ok(zeroize::Zeroizing::new(card.answer(command)))
    }

    fn power_off(&mut self) {
        self.0.inserted = 1;
    }
}

#[test]
fn what_was_read_of_a_card_that_is_gone_is_not_told() {
    let make = || Box::new(Juggler { inserted: 0, cards: [card(A), card(B)] }) as Box<dyn Slot>;
    let watched = Watched::start(&SlotSettings::new("juggler", make));
    watched.expect(&[
        ReaderEvent::Status(ReaderStatus::Ready),
        ReaderEvent::CardFound,
        ReaderEvent::Failed(Stop::CardLifted),
        ReaderEvent::CardRemoved,
    ]);
    watched.expect_read(B);
}

#[test]
fn one_card_is_read_or_the_reason_is_told() {
    let slot = SimulatedSlot::default();
    let read = || read_social_security_card(&slot.settings(), PATIENCE);
    slot.insert(card(A));
    assert_eq!(read().expect("read").number().expose(), A);
    slot.insert(card(A).with_habits(Habits { protected: true, ..Habits::default() }));
    assert_eq!(read().err(), Some(ReadError::Stop(Stop::CardProtected)));
    slot.fail(Stop::ReaderAbsent);
    assert_eq!(read().err(), Some(ReadError::Stop(Stop::ReaderAbsent)));
    slot.recover();
    slot.pull();
    let none = read_social_security_card(&slot.settings(), Duration::from_millis(1));
    assert_eq!(none.err(), Some(ReadError::NoCard));
}
