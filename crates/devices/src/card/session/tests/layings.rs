//! A card that is not found any more: taken away, or lying on a reader that finds it once.

use super::*;

/// A laying that fails with `status` when its text is read, and is then not found any more.
fn laid_in_vain(run: &mut Run, status: u8) {
    run.selected();
    run.asked(Request::ReadBase, Reply::Status(status));
    run.asked(Request::Find, Reply::Status(0x80));
    run.asked(Request::Find, Reply::Status(0x80));
    assert_eq!(run.told.last(), Some(&Told::Removed));
}

#[test]
fn taken_away_too_early_is_said_only_where_a_card_is_found_again() {
    let mut run = Run::ready();
    laid_in_vain(&mut run, 0x41);
    assert_eq!(run.told, [Told::Found, Told::Failed(Stop::CardUnsteady), Told::Removed]);
    // Found twice in one laying: from now on a card that lies there would be found.
    let mut run = Run::ready();
    run.selected();
    run.asked(Request::ReadBase, Reply::Status(0x41));
    laid_in_vain(&mut run, 0x41);
    assert_eq!(run.told, [Told::Found, Told::Failed(Stop::CardLifted), Told::Removed]);
    // The profile may say so.
    for (finds, stop) in [
        (Finds::Again, Stop::CardLifted),
        (Finds::Probe, Stop::CardUnsteady),
        (Finds::Once, Stop::CardUnsteady),
    ] {
        let mut run = Run::ready();
        run.session.profile.finds = finds;
        laid_in_vain(&mut run, 0x41);
        assert_eq!(run.told, [Told::Found, Told::Failed(stop), Told::Removed], "{finds:?}");
    }
}

#[test]
fn what_a_card_itself_said_counts_on_every_reader() {
    for (status, stop) in [
        (0x31, Stop::CardRefused),
        (0x32, Stop::CardNotGenuine),
        (0x33, Stop::CardNotVerified),
        (0x47, Stop::CardNoRandom),
    ] {
        for finds in [Finds::Again, Finds::Probe, Finds::Once] {
            let mut run = Run::ready();
            run.session.profile.finds = finds;
            laid_in_vain(&mut run, status);
            assert_eq!(run.told[1], Told::Failed(stop), "{status:02X} {finds:?}");
        }
    }
}

/// Without another attempt before it is lifted there is nothing to wait for.
#[test]
fn a_reader_that_finds_once_says_at_once_what_failed() {
    let mut run = Run::ready();
    run.session.profile.finds = Finds::Once;
    run.selected();
    run.asked(Request::ReadBase, Reply::Status(0x41));
    assert_eq!(run.told, [Told::Found, Told::Failed(Stop::CardUnsteady)]);
}

#[test]
fn a_card_that_fails_whenever_it_is_laid_goes_to_the_window() {
    for finds in [Finds::Again, Finds::Probe, Finds::Once] {
        let mut run = Run::ready();
        run.session.profile.finds = finds;
        laid_in_vain(&mut run, 0x41);
        for _ in 0..3 {
            run.told.clear();
            laid_in_vain(&mut run, 0x41);
            assert_eq!(run.told[1], Told::Failed(Stop::CardUnreadable), "{finds:?}");
        }
        assert!(run.troubles.contains(&(Stop::CardUnreadable, None)));
        // Another card is read: the next failure is a first one.
        run.read("base_A");
        run.asked(Request::ReadAppendedAddress, Reply::Status(0x41));
        run.told.clear();
        laid_in_vain(&mut run, 0x41);
        assert_ne!(run.told[1], Told::Failed(Stop::CardUnreadable), "{finds:?}");
    }
}

#[test]
fn a_card_laid_much_later_is_somebody_elses() {
    let mut run = Run::ready();
    laid_in_vain(&mut run, 0x41);
    for _ in 0..(75_000 / 300) {
        while let Step::Rest(_) = run.step {
            run.on(Outcome::Rested);
        }
        let reply = if run.step == Step::Ask(Request::Status) { 0x90 } else { 0x80 };
        run.on(Reply::Status(reply).outcome());
    }
    run.told.clear();
    laid_in_vain(&mut run, 0x41);
    assert_eq!(run.told[1], Told::Failed(Stop::CardUnsteady));
}

#[test]
fn answers_without_the_numbers_of_a_chip_read_a_card() {
    let mut run = Run::ready();
    run.asked(Request::Find, Reply::Status(0x9F));
    run.asked(Request::Select, Reply::Status(0x90));
    run.asked(Request::ReadBase, Reply::vector("base_A"));
    run.asked(Request::ReadAppendedAddress, Reply::Status(0x91));
    assert_eq!(run.told, [Told::Found, Told::Read(A.to_owned())]);
}
