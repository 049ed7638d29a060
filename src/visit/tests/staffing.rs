//! The staff's way in and their page.

use super::*;

/// At the page for the PIN, with `digits` typed.
fn pin_page(digits: &str) -> State {
    let mut state = kiosk();
    presses(&mut state, &[Press::Start, Press::Held]);
    for digit in digits.chars() {
        press(&mut state, Press::Pad(Stroke::Key(digit)));
    }
    state
}

fn pin(state: &State) -> &Pin {
    match state.page() {
        Some(Page::Staff(staff::Page::Pin(pin))) => pin,
        other => panic!("the page for the PIN, not {other:?}"),
    }
}

fn desk(state: &State) -> &Desk {
    match state.page() {
        Some(Page::Staff(staff::Page::Desk(desk))) => desk,
        other => panic!("the staff's page, not {other:?}"),
    }
}

fn judged(state: &mut State, answer: Result<(), (Stop, u32)>) -> Vec<Effect> {
    let ticket = visit(state).ticket;
    step(state, Event::Pin { ticket, answer })
}

/// At the staff's page.
fn inside() -> State {
    let mut state = pin_page("204816");
    press(&mut state, Press::Pad(Stroke::Enter));
    let ticket = visit(&state).ticket;
    assert_eq!(judged(&mut state, Ok(())), [Effect::CheckMachine { ticket }]);
    state
}

fn rows(count: usize) -> Vec<CheckRow> {
    let row =
        |n| CheckRow { name: format!("c{n}"), ok: true, code: String::new(), message: "".into() };
    (0..count).map(row).collect()
}

#[test]
fn the_town_held_asks_for_the_pin_and_the_right_one_opens_the_desk() {
    let mut state = pin_page("204816");
    assert_eq!(pin(&state).typed.len(), 6);
    let ticket = visit(&state).ticket;
    let pin_sent = Effect::CheckPin { ticket, pin: "204816".into() };
    assert_eq!(press(&mut state, Press::Pad(Stroke::Enter)), [pin_sent]);
    assert!(pin(&state).waiting);
    assert!(pin(&state).typed.is_empty(), "the digits went with the question");
    assert_eq!(press(&mut state, Press::Pad(Stroke::Enter)), [], "one question at a time");
    assert_eq!(press(&mut state, Press::Pad(Stroke::Key('1'))), []);
    assert_eq!(judged(&mut state, Ok(())), [Effect::CheckMachine { ticket }]);
    assert!(desk(&state).checking);
}

#[test]
fn a_wrong_pin_and_a_lock_are_told_and_one_can_try_again() {
    for refused in [(Stop::PinWrong, 0), (Stop::PinLocked, 15), (Stop::PinUnset, 0)] {
        let mut state = pin_page("111");
        press(&mut state, Press::Pad(Stroke::Enter));
        assert_eq!(judged(&mut state, Err(refused)), []);
        assert_eq!(pin(&state).refused, Some(refused));
        assert!(!pin(&state).waiting);
        press(&mut state, Press::Pad(Stroke::Key('2')));
        assert_eq!(pin(&state).refused, None);
        assert_eq!(pin(&state).typed.len(), 1);
    }
}

#[test]
fn a_judgement_comes_also_under_help_and_never_in_another_visit() {
    let mut state = pin_page("204816");
    presses(&mut state, &[Press::Pad(Stroke::Enter), Press::Help]);
    judged(&mut state, Err((Stop::PinWrong, 0)));
    press(&mut state, Press::Back);
    assert_eq!(pin(&state).refused, Some((Stop::PinWrong, 0)));

    let mut state = pin_page("204816");
    press(&mut state, Press::Pad(Stroke::Enter));
    let ticket = visit(&state).ticket;
    presses(
        &mut state,
        &[
            Press::End,
            Press::Start,
            Press::Held,
            Press::Pad(Stroke::Key('1')),
            Press::Pad(Stroke::Enter),
        ],
    );
    assert_eq!(step(&mut state, Event::Pin { ticket, answer: Ok(()) }), []);
    assert!(pin(&state).waiting);
}

#[test]
fn a_judgement_that_nobody_waits_for_opens_nothing() {
    let mut state = pin_page("2048");
    assert_eq!(judged(&mut state, Ok(())), []);
    assert_eq!(pin(&state).typed.len(), 4);
    press(&mut state, Press::Home);
    assert_eq!(judged(&mut state, Ok(())), []);
    assert_eq!(state.page(), Some(&Page::Home));
}

#[test]
fn nothing_typed_is_nothing_to_be_checked_and_what_was_typed_is_in_no_words() {
    let mut state = pin_page("");
    assert_eq!(press(&mut state, Press::Pad(Stroke::Enter)), [], "nothing was typed");
    for key in "86a二420975".chars() {
        press(&mut state, Press::Pad(Stroke::Key(key)));
    }
    assert_eq!(pin(&state).typed.len(), 8);
    assert!(!format!("{state:?}").contains("864"), "the digits are nowhere in words");
    for _ in 0..8 {
        press(&mut state, Press::Pad(Stroke::Erase));
    }
    assert_eq!(press(&mut state, Press::Pad(Stroke::Enter)), []);
}

#[test]
fn nobody_gets_to_the_desk_while_a_resident_is_known() {
    for way in [Event::Press(Press::Held), Event::StaffCard(Place::Plate)] {
        let mut state = known(A);
        press(&mut state, Press::Home);
        assert_eq!(step(&mut state, way.clone()), []);
        assert_eq!(state.page(), Some(&Page::Home), "{way:?}");
    }
}

#[test]
fn a_card_of_the_staff_asks_for_the_pin_and_leaves_no_page_that_reads() {
    let mut state = kiosk();
    step(&mut state, Event::Reader(ReaderEvent::CardFound));
    assert_eq!(step(&mut state, Event::StaffCard(Place::Plate)), []);
    assert_eq!(visit(&state).trail, [Page::Home, Page::Staff(staff::Page::Pin(Pin::default()))]);
    // The card is lifted again; the staff go on.
    assert_eq!(lift(&mut state), []);
    assert_eq!(pin(&state), &Pin::default());
}

#[test]
fn a_residents_card_does_not_disturb_the_staff() {
    for above in [None, Some(Press::Help)] {
        let mut state = inside();
        above.map(|above| press(&mut state, above));
        assert_eq!(lay(&mut state, A), [], "{above:?}");
        assert!(visit(&state).resident.is_none());
        assert!(visit(&state).trail.iter().all(|page| !matches!(page, Page::Identify(_))));
        assert!(state.machine.cards.any());
    }
}

#[test]
fn the_report_is_paged_and_can_be_made_again() {
    let mut state = inside();
    let ticket = visit(&state).ticket;
    step(&mut state, Event::Readiness { ticket, rows: rows(13) });
    assert!(!desk(&state).checking);
    let pages = desk(&state).pages(&state.fit());
    assert!(pages > 1);
    press(&mut state, Press::Staff(staff::Press::Checks));
    for _ in 0..20 {
        press(&mut state, Press::Next);
    }
    assert_eq!(state.page(), Some(&Page::Staff(staff::Page::Checks(pages - 1))));
    for _ in 0..20 {
        press(&mut state, Press::Previous);
    }
    assert_eq!(state.page(), Some(&Page::Staff(staff::Page::Checks(0))));
    assert_eq!(
        press(&mut state, Press::Staff(staff::Press::Check)),
        [Effect::CheckMachine { ticket }]
    );
    press(&mut state, Press::Help);
    step(&mut state, Event::Readiness { ticket, rows: rows(2) });
    presses(&mut state, &[Press::Back, Press::Back]);
    assert_eq!((desk(&state).checks.len(), desk(&state).checking), (2, false));
}

#[test]
fn refresh_is_ordered_and_its_progress_is_the_machines() {
    let mut state = inside();
    assert_eq!(press(&mut state, Press::Staff(staff::Press::Refresh)), [Effect::RefreshListings]);
    step(&mut state, Event::Refresh(Progress { running: true, ..Progress::default() }));
    assert!(state.machine.refresh.running);
}

#[test]
fn leaving_the_desk_locks_it() {
    for way in [Press::Home, Press::Back, Press::End] {
        let mut state = inside();
        press(&mut state, way);
        presses(&mut state, &[Press::Start, Press::Held]);
        assert_eq!(pin(&state), &Pin::default(), "{way:?}");
    }
    let mut state = inside();
    pass(&mut state, seconds(80));
    assert!(state.visit.is_none(), "the staff's page ends by itself, too");
}

#[test]
fn an_alarm_stays_until_the_staff_have_taken_note_or_the_day_is_over() {
    let mut state = inside();
    let at = state.machine.wall;
    step(&mut state, Event::Alarm(at));
    assert_eq!(state.machine.alarm, Some(at));
    assert_eq!(press(&mut state, Press::Staff(staff::Press::Acknowledge)), [Effect::Acknowledge]);
    assert_eq!(state.machine.alarm, None);
    assert_eq!(press(&mut state, Press::Staff(staff::Press::Acknowledge)), [], "once");

    let mut state = kiosk();
    step(&mut state, Event::Alarm(at));
    press(&mut state, Press::Start);
    assert_eq!(
        press(&mut state, Press::Staff(staff::Press::Acknowledge)),
        [],
        "no resident takes note"
    );
    let mono = state.machine.mono;
    step(&mut state, Event::Tick { mono, wall: at });
    assert_eq!(state.machine.alarm, Some(at));
    let wall = at.saturating_add(jiff::ToSpan::days(1));
    step(&mut state, Event::Tick { mono, wall });
    assert_eq!(state.machine.alarm, None);
}
