//! From the card to the document, through whatever happens to single answers.

use std::time::Duration;

use kiosk_base::domain::{Sensitive, Stop};
use kiosk_devices::card::ReaderEvent;
use kiosk_stage::simulator::{
    Fault, Options, SimulatedReader, UsbShape,
    reader::{FIND, READ_APPENDED_ADDRESS, READ_BASE, SELECT},
};

use super::{A, B, Watched, card, simulator, wait_for};

#[test]
fn a_card_is_read_once_for_each_time_it_is_laid() {
    for read_once in [false, true] {
        let options = Options { read_once, ..Options::default() };
        let simulator = SimulatedReader::start(options).expect("a pseudo-terminal");
        let watched = Watched::start(simulator.port());
        watched.expect_ready();
        for (name, number) in [("base_A", A), ("base_A", A), ("base_B", B)] {
            simulator.lay(card(name));
            watched.expect(&ReaderEvent::CardFound);
            watched.expect_read(number);
            // It lies there through several looks, and nothing is told.
            let looks = simulator.asked(READ_APPENDED_ADDRESS) + 3;
            wait_for("the driver looks", || simulator.asked(READ_APPENDED_ADDRESS) >= looks);
            watched.expect_nothing_told();
            simulator.lift();
            watched.expect(&ReaderEvent::CardRemoved);
        }
    }
}

/// Every make of answer that is no appended address, on modules that find a card again and that do
/// not, over a line and over a bus.
#[test]
fn a_document_is_read_whatever_becomes_of_its_address() {
    let faults = [
        Fault::Status(0x40),
        Fault::Status(0x41),
        Fault::Status(0x66),
        Fault::Data(280),
        Fault::Data(0),
        Fault::Cut(30),
        Fault::Silence,
    ];
    for usb in [None, Some(UsbShape::two_pairs())] {
        for finds_once in [false, true] {
            for fault in faults.clone() {
                let options = Options { finds_once, usb: usb.clone(), ..Options::default() };
                let simulator = SimulatedReader::start(options).expect("a pseudo-terminal");
                simulator.plan(READ_APPENDED_ADDRESS, fault.clone(), 1_000);
                let watched = Watched::start_with(simulator.settings());
                watched.expect_ready();
                simulator.lay(card("base_A"));
                watched.expect(&ReaderEvent::CardFound);
                let document = watched.expect_read(A);
                assert_eq!(document.current_address(), address_on_the_card().as_ref(), "{fault:?}");
                simulator.lift();
            }
        }
    }
}

/// What the text of person A says, without an appended address.
fn address_on_the_card() -> Option<Sensitive<String>> {
    Some("四川省泸县福集镇测试路1号".into())
}

#[test]
fn answers_without_the_numbers_of_a_chip_are_answers() {
    for usb in [None, Some(UsbShape::one_pair())] {
        let options = Options { bare: true, usb, ..Options::default() };
        let simulator = SimulatedReader::start(options).expect("a pseudo-terminal");
        let watched = Watched::start_with(simulator.settings());
        watched.expect_ready();
        for (name, number) in [("base_A", A), ("base_B", B)] {
            simulator.lay(card(name));
            watched.expect(&ReaderEvent::CardFound);
            watched.expect_read(number);
            simulator.lift();
            watched.expect(&ReaderEvent::CardRemoved);
        }
    }
}

#[test]
fn a_card_swapped_between_two_looks_is_another_visit() {
    let simulator = simulator();
    let watched = Watched::start(simulator.port());
    simulator.lay(card("base_A"));
    watched.expect_ready();
    watched.expect(&ReaderEvent::CardFound);
    watched.expect_read(A);
    simulator.lay(card("base_B"));
    watched.expect(&ReaderEvent::CardRemoved);
    watched.expect(&ReaderEvent::CardFound);
    watched.expect_read(B);
}

#[test]
fn a_spoilt_answer_is_read_again_without_a_word() {
    let faults = [
        Fault::NoiseBefore(vec![0, 0xFF, 0x41, 0x41, 0xAA, 0xAA, 0xAA, 0x96]),
        Fault::NoiseWithin { at: 700, bytes: vec![0xAA, 0xAA, 0xAA, 0x96, 0x69, 0, 4] },
        Fault::Flip { at: 20, flip: 1 },
        Fault::Flip { at: 9, flip: 0xFF },
        Fault::Cut(5),
        Fault::Cut(900),
        Fault::Length(0xFFFF),
        Fault::Length(4096),
        Fault::Length(0),
        Fault::Twice,
        Fault::Status(0x41),
        Fault::Late(Duration::from_millis(400)),
    ];
    let simulator = simulator();
    let watched = Watched::start(simulator.port());
    watched.expect_ready();
    for fault in faults {
        simulator.plan(READ_BASE, fault, 1);
        simulator.lay(card("base_A"));
        watched.expect(&ReaderEvent::CardFound);
        watched.expect_read(A);
        simulator.lift();
        watched.expect(&ReaderEvent::CardRemoved);
    }
}

#[test]
fn a_late_or_doubled_answer_answers_no_other_request() {
    // Later than the limit of a search, so that it arrives when the next is under way.
    let late = Fault::Late(Duration::from_millis(1200));
    let faults = [
        (FIND, Fault::Twice),
        (SELECT, Fault::Twice),
        (READ_APPENDED_ADDRESS, Fault::Twice),
        (FIND, late.clone()),
        (SELECT, late),
        (SELECT, Fault::Silence),
    ];
    let simulator = simulator();
    let watched = Watched::start(simulator.port());
    watched.expect_ready();
    let cards = [("base_A", A), ("base_B", B)].into_iter().cycle();
    for ((command, fault), (name, number)) in faults.into_iter().zip(cards) {
        simulator.plan(command, fault, 1);
        simulator.lay(card(name));
        watched.expect(&ReaderEvent::CardFound);
        watched.expect_read(number);
        simulator.lift();
        watched.expect(&ReaderEvent::CardRemoved);
    }
}

#[test]
fn a_card_that_cannot_be_read_is_told_once_and_then_read_when_it_lies_well() {
    let simulator = simulator();
    simulator.plan(READ_BASE, Fault::Status(0x41), 6);
    simulator.lay(card("base_A"));
    let watched = Watched::start(simulator.port());
    watched.expect_ready();
    watched.expect(&ReaderEvent::CardFound);
    watched.expect(&ReaderEvent::Failed(Stop::CardUnsteady));
    watched.expect_read(A);
}

#[test]
fn wrong_content_never_becomes_a_document_nor_shows_the_last_one() {
    let simulator = simulator();
    let watched = Watched::start(simulator.port());
    watched.expect_ready();
    simulator.lay(card("base_A"));
    watched.expect(&ReaderEvent::CardFound);
    watched.expect_read(A);
    simulator.lift();
    watched.expect(&ReaderEvent::CardRemoved);
    for (base, at, bytes) in [
        // The number's check character, a control character in the name, a day that does not exist.
        ("base_A", 156, [0x33, 0]),
        ("base_A", 2, [0x07, 0]),
        ("base_A", 48, [0x39, 0]),
        // Half a pair in a name, a check character, a digit that is a letter, an unknown country.
        ("base_J", 2, [0x73, 0xD8]),
        ("base_J", 156, [0x39, 0]),
        ("base_I", 130, [0x58, 0]),
        ("base_I", 152, [0x31, 0]),
        ("base_Y", 156, [0x33, 0]),
        ("base_Y", 36, [0x39, 0]),
    ] {
        simulator.lay(card(base).with_text_bytes(at, &bytes));
        watched.expect(&ReaderEvent::CardFound);
        watched.expect(&ReaderEvent::Failed(Stop::CardContent));
        simulator.lift();
        watched.expect(&ReaderEvent::CardRemoved);
    }
}
