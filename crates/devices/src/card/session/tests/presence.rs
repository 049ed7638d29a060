//! Is the card still there: for every kind of module, and learnt where nothing is known.

use super::*;

/// A whole reading of a base answer, select to address.
fn compared(run: &mut Run, name: &str) {
    run.asked(Request::Select, Reply::Data(0x90, vec![0; 8]));
    run.asked(Request::ReadBase, Reply::vector(name));
}

fn read(number: &str) -> Told {
    Told::Read(number.to_owned())
}

/// What a reader of unknown make taught by one reading, a look and what it led to.
fn learnt(run: &Run) -> Option<&'static str> {
    run.session.learned().presence()
}

#[test]
fn a_session_that_answers_is_learnt_at_the_first_look() {
    let mut run = Run::ready_with(Presence::Probe);
    run.read("base_A");
    assert_eq!(run.step, Step::Rest(Duration::from_millis(40)), "sooner than anybody lifts it");
    run.asked(Request::ReadAppendedAddress, Reply::Status(0x91));
    assert_eq!(learnt(&run), Some("session"));
    // From now on a session that answers no more is a card that is gone.
    run.asked(Request::ReadAppendedAddress, Reply::Status(0x41));
    run.read("base_B");
    run.asked(Request::ReadAppendedAddress, Reply::Status(0x41));
    let expected = [Told::Found, read(A), Told::Removed, Told::Found, read(B), Told::Removed];
    assert_eq!(run.told, expected);
}

#[test]
fn a_module_that_drops_the_session_and_finds_again_is_watched_by_find() {
    for reply in [Reply::Status(0x41), Reply::Status(0x21)] {
        let mut run = Run::ready_with(Presence::Probe);
        run.read("base_A");
        run.asked(Request::ReadAppendedAddress, reply);
        // The same card is found again: it was there all the time.
        run.asked(Request::Find, Reply::Data(0x9F, vec![0; 4]));
        compared(&mut run, "base_A");
        assert_eq!(learnt(&run), Some("find"));
        for _ in 0..3 {
            run.found();
        }
        run.found();
        compared(&mut run, "base_A");
        run.asked(Request::Find, Reply::Status(0x80));
        assert_eq!(run.told, [Told::Found, read(A), Told::Removed]);
    }
}

#[test]
fn a_module_that_reads_once_and_drops_the_session_is_watched_by_time() {
    let mut run = Run::ready_with(Presence::Probe);
    for name in ["base_A", "base_B"] {
        run.read(name);
        run.asked(Request::ReadAppendedAddress, Reply::Status(0x41));
        run.asked(Request::Find, Reply::Status(0x80));
        // Nothing tells: it counts as there until another card is laid.
        for _ in 0..20 {
            run.asked(Request::Find, Reply::Status(0x80));
        }
        if name == "base_A" {
            assert_eq!(learnt(&run), None, "once may be chance");
            run.found();
        }
        if name == "base_A" {
            compared(&mut run, "base_B");
            run.asked(Request::ReadAppendedAddress, Reply::Status(0x91));
            run.asked(Request::ReadAppendedAddress, Reply::Status(0x41));
            run.asked(Request::Find, Reply::Status(0x80));
            break;
        }
    }
    assert_eq!(learnt(&run), Some("time"));
    assert_eq!(run.told, [Told::Found, read(A), Told::Removed, Told::Found, read(B)]);
    // Nobody comes: after the profile's time the card counts as gone.
    let mut looks = 0;
    while run.told.last() != Some(&Told::Removed) {
        run.asked(Request::Find, Reply::Status(0x80));
        looks += 1;
        assert!(looks <= 90 * 4, "ninety seconds, four looks a second");
    }
    assert!(looks > 89 * 4);
}

/// Two cards that are lifted before the first look, so that nothing seems to tell; then a third is
/// laid and read.
fn taught_time() -> Run {
    let mut run = Run::ready_with(Presence::Probe);
    run.read("base_A");
    for next in ["base_B", "base_A"] {
        run.asked(Request::ReadAppendedAddress, Reply::Status(0x41));
        run.asked(Request::Find, Reply::Status(0x80));
        run.found();
        compared(&mut run, next);
        run.asked(Request::ReadAppendedAddress, Reply::Status(0x91));
    }
    assert_eq!(learnt(&run), Some("time"));
    assert_eq!(run.session.finds(), Finds::Once);
    assert_eq!(run.step, Step::Rest(Duration::from_millis(40)), "sooner than anybody lifts it");
    run.told.clear();
    run
}

#[test]
fn that_only_time_tells_is_unlearnt_when_the_session_answers() {
    let mut run = taught_time();
    run.asked(Request::ReadAppendedAddress, Reply::Status(0x91));
    assert_eq!(learnt(&run), Some("session"));
    assert_eq!(run.session.finds(), Finds::Probe, "it came from the same looks");
    run.asked(Request::ReadAppendedAddress, Reply::Status(0x41));
    assert_eq!(run.told, [Told::Removed], "at once, not after a minute");
}

#[test]
fn that_only_time_tells_is_unlearnt_when_the_card_is_found_again() {
    let mut run = taught_time();
    run.asked(Request::ReadAppendedAddress, Reply::Status(0x41));
    run.found();
    compared(&mut run, "base_A");
    assert_eq!(learnt(&run), Some("find"));
    assert_eq!(run.session.finds(), Finds::Again);
    run.asked(Request::Find, Reply::Status(0x80));
    assert_eq!(run.told, [Told::Removed]);
}

#[test]
fn a_card_that_comes_back_in_time_is_the_same_visit() {
    let mut run = Run::ready_with(Presence::Time);
    run.read("base_A");
    run.asked(Request::Find, Reply::Status(0x80));
    run.found();
    compared(&mut run, "base_A");
    run.asked(Request::Find, Reply::Status(0x80));
    assert_eq!(run.told, [Told::Found, read(A)]);
}

#[test]
fn a_card_swapped_between_two_looks_is_seen_by_comparing() {
    let mut run = Run::ready_with(Presence::Find);
    run.read("base_A");
    run.found();
    compared(&mut run, "base_A");
    for _ in 0..3 {
        run.found();
    }
    run.found();
    compared(&mut run, "base_B");
    run.asked(Request::ReadAppendedAddress, Reply::Status(0x91));
    assert_eq!(run.told, [Told::Found, read(A), Told::Removed, Told::Found, read(B)]);
}

#[test]
fn a_card_that_can_no_longer_be_compared_is_gone() {
    let mut run = Run::ready_with(Presence::Find);
    run.read("base_A");
    run.found();
    run.asked(Request::Select, Reply::Status(0x81));
    run.found();
    run.asked(Request::Select, Reply::Silence);
    assert_eq!(run.told, [Told::Found, read(A), Told::Removed]);
}

#[test]
fn a_module_without_appended_addresses_is_watched_by_find() {
    for reply in [Reply::Status(0x21), Reply::Status(0x23), Reply::Status(0x24), Reply::Silence] {
        let mut run = Run::ready();
        run.selected();
        run.asked(Request::ReadBase, Reply::vector("base_A"));
        run.asked(Request::ReadAppendedAddress, reply.clone());
        if matches!(reply, Reply::Silence) {
            // Perhaps it was taken away meanwhile.
            run.found();
            compared(&mut run, "base_A");
        }
        run.found();
        compared(&mut run, "base_A");
        run.found();
        run.asked(Request::Find, Reply::Status(0x80));
        assert_eq!(run.told, [Told::Found, read(A), Told::Removed]);
        if matches!(reply, Reply::Silence) {
            // Once may be chance.
            run.selected();
            run.asked(Request::ReadBase, Reply::vector("base_A"));
            run.asked(Request::ReadAppendedAddress, Reply::Silence);
            run.found();
            compared(&mut run, "base_A");
            run.found();
            compared(&mut run, "base_A");
            run.asked(Request::Find, Reply::Status(0x80));
        }
        // The next reading does not ask for it again.
        run.selected();
        run.asked(Request::ReadBase, Reply::vector("base_B"));
        assert_eq!(run.told.last(), Some(&read(B)));
    }
}

#[test]
fn lost_addresses_of_a_module_that_knows_them_do_not_end_its_session() {
    let mut run = Run::ready();
    run.read("base_A");
    run.asked(Request::ReadAppendedAddress, Reply::Status(0x41));
    for reply in [Reply::Silence, Reply::Silence, Reply::Status(0x21)] {
        run.selected();
        run.asked(Request::ReadBase, Reply::vector("base_B"));
        run.asked(Request::ReadAppendedAddress, reply.clone());
        run.asked(Request::ReadAppendedAddress, reply);
        run.found();
        compared(&mut run, "base_B");
        run.asked(Request::Find, Reply::Status(0x80));
    }
    run.selected();
    run.asked(Request::ReadBase, Reply::vector("base_B"));
    run.asked(Request::ReadAppendedAddress, Reply::Status(0x91));
    run.asked(Request::ReadAppendedAddress, Reply::Status(0x41));
    assert_eq!(run.told.iter().filter(|told| **told == Told::Removed).count(), 5);
    assert_eq!(run.told.iter().filter(|told| **told == read(B)).count(), 4);
}

#[test]
fn a_profile_may_forbid_the_appended_address() {
    let profile = Profile { appended_address: false, presence: Presence::Find, ..Profile::UNKNOWN };
    let mut run = Run::ready();
    run.session = Session { profile, ..Session::new(profile, Learned::default()) };
    run.session.phase = Phase::Finding;
    run.selected();
    run.asked(Request::ReadBase, Reply::vector("base_A"));
    run.asked(Request::Find, Reply::Status(0x80));
    assert_eq!(run.told, [Told::Found, read(A), Told::Removed]);
}

#[test]
fn another_module_at_the_port_is_learnt_anew() {
    let mut run = Run::ready_with(Presence::Probe);
    run.read("base_A");
    run.asked(Request::ReadAppendedAddress, Reply::Status(0x91));
    let learned = run.session.learned();
    let mut again = Session::new(run.session.profile, learned);
    assert_eq!(again.learned().presence(), Some("session"));
    let mut id = vector("samid")[10..26].to_vec();
    again.next(Reply::Status(0x90).outcome(), &mut |_| ());
    again.next(Reply::Data(0x90, id.clone()).outcome(), &mut |_| ());
    assert_eq!(again.learned().presence(), Some("session"), "the same module");
    let mut again = Session::new(run.session.profile, learned);
    id[15] ^= 1;
    again.next(Reply::Status(0x90).outcome(), &mut |_| ());
    again.next(Reply::Data(0x90, id).outcome(), &mut |_| ());
    assert_eq!(again.learned().presence(), None);
}
