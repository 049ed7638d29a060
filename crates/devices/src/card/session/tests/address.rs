//! The appended address is worth a second question, never the document.

use super::*;

fn read(number: &str) -> Told {
    Told::Read(number.to_owned())
}

/// What may come instead of an appended address.
fn failures() -> Vec<Reply> {
    let statuses = [0x40, 0x41, 0x31, 0x32, 0x33, 0x47, 0x80, 0x81, 0x60, 0x66, 0x7E];
    let mut all: Vec<_> = statuses.map(Reply::Status).into();
    // All four addresses, one behind its length, half of one, none, and what is no text.
    all.extend([280, 72, 35, 0].map(|length| Reply::Data(0x90, vec![0x20; length])));
    all.push(Reply::Data(0x90, vec![0xD8; 70]));
    all
}

/// Answers every question for an address with `reply`; says how many there were.
fn refuse(run: &mut Run, reply: &Reply) -> usize {
    let mut asks = 0;
    while run.step == Step::Ask(Request::ReadAppendedAddress) {
        run.on(reply.clone().outcome());
        asks += 1;
        assert!(asks <= 2, "{reply:?}");
    }
    asks
}

/// The card is found and read again: it lies there still.
fn seen(run: &mut Run, name: &str) {
    run.selected();
    run.asked(Request::ReadBase, Reply::vector(name));
}

#[test]
fn whatever_comes_instead_of_an_address_the_document_counts() {
    for reply in failures() {
        let mut run = Run::ready();
        run.selected();
        run.asked(Request::ReadBase, Reply::vector("base_A"));
        assert_eq!(refuse(&mut run, &reply), 2, "{reply:?}");
        if !matches!(reply, Reply::Data(..)) {
            seen(&mut run, "base_A");
        }
        assert_eq!(run.told, [Told::Found, read(A)], "{reply:?}");
    }
    // Silence costs the whole limit of the step: a module that never had an address is asked once.
    let mut run = Run::ready();
    run.selected();
    run.asked(Request::ReadBase, Reply::vector("base_A"));
    assert_eq!(refuse(&mut run, &Reply::Silence), 1);
    seen(&mut run, "base_A");
    assert_eq!(run.told, [Told::Found, read(A)]);
}

#[test]
fn an_address_that_comes_at_the_second_time_is_taken() {
    for reply in [Reply::Status(0x41), Reply::Status(0x24), Reply::Silence] {
        let mut run = Run::ready();
        // The module is known to have addresses.
        run.read("base_B");
        run.asked(Request::ReadAppendedAddress, Reply::Status(0x41));
        run.selected();
        run.asked(Request::ReadBase, Reply::vector("base_A"));
        run.on(reply.outcome());
        let mut addresses = Vec::new();
        run.session.next(Reply::vector("newaddr").outcome(), &mut |event| {
            if let ReaderEvent::Read(document) = event {
                addresses.push(document.current_address().cloned());
            }
        });
        assert!(addresses == [Some("四川省泸县嘉明镇测试新址9号".into())]);
    }
}

#[test]
fn damaged_answers_have_the_text_confirmed_and_the_document_counts() {
    let mut run = Run::ready();
    run.selected();
    run.asked(Request::ReadBase, Reply::vector("base_A"));
    run.asked(Request::ReadAppendedAddress, Reply::Broken);
    // The line erred: what came before is asked for again.
    run.asked(Request::ReadBase, Reply::vector("base_A"));
    run.asked(Request::ReadAppendedAddress, Reply::Broken);
    seen(&mut run, "base_A");
    assert_eq!(run.told, [Told::Found, read(A)]);
    assert!(run.troubles.is_empty(), "{:?}", run.troubles);
}

#[test]
fn addresses_that_never_agree_do_not_cost_the_document() {
    let mut run = Run::ready();
    run.asked(Request::Find, Reply::Broken);
    run.selected();
    run.asked(Request::ReadBase, Reply::vector("base_A"));
    run.asked(Request::ReadBase, Reply::vector("base_A"));
    for letter in b'a'..=b'f' {
        let Reply::Data(status, mut data) = Reply::vector("newaddr") else { unreachable!() };
        data[..2].copy_from_slice(&[letter, 0]);
        run.asked(Request::ReadAppendedAddress, Reply::Data(status, data));
    }
    seen(&mut run, "base_A");
    assert_eq!(run.told, [Told::Found, read(A)]);
}

/// A card with which no session lasts is looked for again; the look tells at once whether it was
/// taken away.
#[test]
fn a_card_without_an_address_is_watched_by_finding_it() {
    for presence in [Presence::Session, Presence::Probe] {
        let mut run = Run::ready_with(presence);
        run.selected();
        run.asked(Request::ReadBase, Reply::vector("base_A"));
        refuse(&mut run, &Reply::Status(0x41));
        seen(&mut run, "base_A");
        assert_eq!(run.step, Step::Rest(Duration::from_millis(40)), "sooner than it is lifted");
        run.found();
        run.asked(Request::Select, Reply::Data(0x90, vec![]));
        run.asked(Request::ReadBase, Reply::vector("base_A"));
        for _ in 0..3 {
            run.found();
        }
        run.asked(Request::Find, Reply::Status(0x80));
        assert_eq!(run.told, [Told::Found, read(A), Told::Removed], "{presence:?}");
    }
}

/// Where a card that lies there is found again, one that is not was taken away.
#[test]
fn a_card_lifted_before_its_address_was_read_is_never_shown() {
    let mut run = Run::ready();
    run.session.profile.finds = Finds::Again;
    run.selected();
    run.asked(Request::ReadBase, Reply::vector("base_A"));
    refuse(&mut run, &Reply::Status(0x41));
    run.asked(Request::Find, Reply::Status(0x80));
    run.asked(Request::Find, Reply::Status(0x80));
    assert_eq!(run.told, [Told::Found, Told::Failed(Stop::CardLifted), Told::Removed]);
    // Another card in its place is read for itself.
    run.selected();
    run.asked(Request::ReadBase, Reply::vector("base_A"));
    refuse(&mut run, &Reply::Status(0x41));
    seen(&mut run, "base_B");
    run.asked(Request::ReadAppendedAddress, Reply::Status(0x91));
    assert_eq!(run.told[3..], [Told::Found, read(B)]);
}

/// On a reader that may find a card once, it is shown, and gone at the first look: whoever took it
/// away meanwhile leaves no account on the screen.
#[test]
fn a_card_that_is_not_found_again_is_shown_where_that_says_nothing() {
    for presence in [Presence::Session, Presence::Probe] {
        let mut run = Run::ready_with(presence);
        run.selected();
        run.asked(Request::ReadBase, Reply::vector("base_A"));
        refuse(&mut run, &Reply::Status(0x41));
        run.asked(Request::Find, Reply::Status(0x80));
        assert_eq!(run.step, Step::Rest(Duration::from_millis(40)));
        run.asked(Request::Find, Reply::Status(0x80));
        assert_eq!(run.told, [Told::Found, read(A), Told::Removed], "{presence:?}");
    }
}

/// It is not found again and has no session: only time tells, as with every such module.
#[test]
fn a_module_that_finds_once_and_has_no_address_holds_its_card() {
    for presence in [Presence::Probe, Presence::Session] {
        let mut run = Run::ready_with(presence);
        run.session.profile.finds = Finds::Once;
        run.selected();
        run.asked(Request::ReadBase, Reply::vector("base_A"));
        refuse(&mut run, &Reply::Status(0x41));
        for _ in 0..20 {
            run.asked(Request::Find, Reply::Status(0x80));
        }
        assert_eq!(run.told, [Told::Found, read(A)], "{presence:?}");
    }
}

#[test]
fn an_answer_that_is_no_address_still_says_that_the_card_is_there() {
    let mut run = Run::ready();
    run.selected();
    run.asked(Request::ReadBase, Reply::vector("base_A"));
    let long = Reply::Data(0x90, vec![0x20; 280]);
    refuse(&mut run, &long);
    for _ in 0..5 {
        run.asked(Request::ReadAppendedAddress, long.clone());
    }
    run.asked(Request::ReadAppendedAddress, Reply::Status(0x41));
    assert_eq!(run.told, [Told::Found, read(A), Told::Removed]);
}

#[test]
fn several_cards_without_an_address_are_told_to_the_staff() {
    let mut run = Run::ready();
    let mut counts = Vec::new();
    for (index, name) in ["base_A", "base_B", "base_A", "base_B"].into_iter().enumerate() {
        run.selected();
        run.asked(Request::ReadBase, Reply::vector(name));
        // After two such cards a module that never had an address is not asked any more.
        assert_eq!(refuse(&mut run, &Reply::Status(0x41)), if index < 2 { 2 } else { 0 });
        if index < 2 {
            seen(&mut run, name);
        }
        counts.push(run.troubles.len());
        run.found();
        run.asked(Request::Select, Reply::Data(0x90, vec![0; 8]));
        run.asked(Request::ReadBase, Reply::vector(name));
        run.asked(Request::Find, Reply::Status(0x80));
    }
    assert_eq!(counts, [0, 0, 1, 2]);
    assert!(run.troubles.iter().all(|(stop, _)| *stop == Stop::ReaderNoAddress));
    assert_eq!(run.told.iter().filter(|told| matches!(told, Told::Read(_))).count(), 4);
}

#[test]
fn a_module_that_knows_addresses_is_asked_for_ever() {
    let mut run = Run::ready();
    run.read("base_A");
    run.asked(Request::ReadAppendedAddress, Reply::Status(0x41));
    for _ in 0..5 {
        run.selected();
        run.asked(Request::ReadBase, Reply::vector("base_B"));
        assert_eq!(refuse(&mut run, &Reply::Status(0x40)), 2);
        seen(&mut run, "base_B");
        run.asked(Request::Find, Reply::Status(0x80));
    }
    assert_eq!(run.troubles.len(), 3, "from the third card on");
    run.read("base_A");
    assert_eq!(run.troubles.len(), 3);
}
