//! Every status word of the reference at every step: a stop of its own, and service afterwards.

use super::*;

/// Status, where it leads when a card's select or read answers it, and whether it is the card's.
const STATUSES: [(u8, Stop); 14] = [
    (0x10, Stop::ReaderMishears),
    (0x11, Stop::ReaderMishears),
    (0x21, Stop::ReaderOrder),
    (0x23, Stop::ReaderDenied),
    (0x24, Stop::ReaderConfused),
    (0x31, Stop::CardRefused),
    (0x32, Stop::CardNotGenuine),
    (0x33, Stop::CardNotVerified),
    (0x40, Stop::CardUnknown),
    (0x41, Stop::CardUnsteady),
    (0x47, Stop::CardNoRandom),
    (0x80, Stop::CardLifted),
    (0x81, Stop::CardNotSelected),
    (0x7E, Stop::ReaderConfused),
];

#[test]
fn every_status_while_a_card_is_read_has_its_stop_and_is_noted_with_its_word() {
    for (status, stop) in STATUSES {
        for at in [Request::Select, Request::ReadBase] {
            let mut run = Run::ready();
            let mut requests = 0;
            while !run.told.iter().any(|told| matches!(told, Told::Failed(_) | Told::Down(_))) {
                while let Step::Rest(_) = run.step {
                    run.on(Outcome::Rested);
                }
                let Step::Ask(request) = run.step else { panic!("{status:02X} at {at:?}") };
                let reply =
                    if request == at { Reply::Status(status) } else { any_reply(request, 31) };
                run.on(reply.outcome());
                requests += 1;
                assert!(requests < 60, "{status:02X} at {at:?}: {:?}", run.told);
            }
            let expected = match stop {
                Stop::ReaderDenied => vec![Told::Found, Told::Removed, Told::Down(stop)],
                _ => vec![Told::Found, Told::Failed(stop)],
            };
            assert_eq!(run.told, expected, "{status:02X} at {at:?}");
            let noted = run.troubles.iter().all(|trouble| *trouble == (stop, Some(status)));
            assert!(noted && !run.troubles.is_empty(), "{status:02X}: {:?}", run.troubles);
        }
    }
}

#[test]
fn a_module_that_permits_nothing_is_not_asked_again_soon() {
    let mut run = Run::ready();
    run.found();
    run.asked(Request::Select, Reply::Status(0x23));
    assert_eq!(run.step, Step::Rest(DENIED_POLL));
    assert_eq!(run.told, [Told::Found, Told::Removed, Told::Down(Stop::ReaderDenied)]);
}

#[test]
fn a_module_that_stays_in_the_wrong_order_is_reset_and_then_opened_anew() {
    for (status, stop) in
        [(0x21, Stop::ReaderOrder), (0x24, Stop::ReaderConfused), (0x10, Stop::ReaderMishears)]
    {
        let mut run = Run::ready();
        let twice = if status == 0x10 { 2 } else { 1 };
        for _ in 0..ERRORS * twice {
            run.asked(Request::Find, Reply::Status(status));
        }
        run.asked(Request::Reset, Reply::Status(0x90));
        assert_eq!(run.step, Step::Rest(Duration::from_secs(1)), "the module settles");
        run.asked(Request::Status, Reply::Status(0x90));
        run.asked(Request::SamId, Reply::vector("samid"));
        for _ in 0..ERRORS * twice {
            run.asked(Request::Find, Reply::Status(status));
        }
        assert_eq!(run.step, Step::Reopen(stop), "{status:02X}");
        assert_eq!(run.troubles, [(stop, Some(status))]);
    }
}

#[test]
fn a_module_found_unfit_by_a_ping_is_down() {
    let mut run = Run::ready();
    run.asked(Request::Find, Reply::Status(0x80));
    for _ in 0..40 {
        while let Step::Rest(_) = run.step {
            run.on(Outcome::Rested);
        }
        if run.step == Step::Ask(Request::Status) {
            run.on(Reply::Status(0x60).outcome());
            break;
        }
        run.asked(Request::Find, Reply::Status(0x80));
    }
    assert_eq!(run.told, [Told::Down(Stop::ReaderSelfTest)]);
    run.asked(Request::Reset, Reply::Status(0x90));
}

#[test]
fn radio_bytes_are_set_only_where_a_profile_says_so() {
    let profile = Profile { rf_bytes: Some(80), ..Profile::UNKNOWN };
    for reply in [Reply::Status(0x90), Reply::Status(0x21), Reply::Silence] {
        let mut run = Run::new();
        run.session = Session::new(profile, Learned::default());
        run.asked(Request::Status, Reply::Status(0x90));
        run.asked(Request::SamId, Reply::vector("samid"));
        run.asked(Request::SetRfBytes(80), reply);
        run.asked(Request::Find, Reply::Status(0x80));
        assert_eq!(run.told, [Told::Ready]);
    }
}
