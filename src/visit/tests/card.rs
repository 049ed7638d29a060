//! From the card to the account.

use super::*;

#[test]
fn a_card_on_the_attract_page_begins_a_visit_and_asks_the_county() {
    let mut state = kiosk();
    assert_eq!(step(&mut state, Event::Reader(ReaderEvent::CardFound)), []);
    assert_eq!(state.page(), Some(&Page::Identify(Step::Reading)));
    let effects = read(&mut state, A);
    let [Effect::AskAccount { number, name, .. }] = effects.as_slice() else {
        panic!("one question, not {effects:?}")
    };
    assert_eq!((name.expose().as_str(), number.expose()), A);
    assert_eq!(state.page(), Some(&Page::Identify(Step::Asking)));
    answer(&mut state, asked(&effects), Ok(account_marked(A, 7)));
    assert_eq!(visit(&state).trail, [Page::Home, Page::Account(account::Page::Overview)]);
    let account = resident(&state).account.as_ref().expect("answered");
    assert_eq!(account.participations[0].balance, Some(Fen(7)));
    assert!(!resident(&state).shown());
}

#[test]
fn lifting_the_card_ends_the_visit_and_cancels_the_question() {
    let mut state = kiosk();
    let ticket = asked(&lay(&mut state, A));
    assert_eq!(lift(&mut state), [Effect::CancelAccount]);
    assert!(state.visit.is_none());
    assert!(!state.machine.cards.any());
    // What still comes is nobody's.
    answer(&mut state, ticket, Ok(account_marked(A, 7)));
    assert!(state.visit.is_none());
}

#[test]
fn an_answer_for_the_last_person_never_reaches_the_next() {
    for late in [Ok(account_marked(A, 7)), Err(Stop::PersonUnknown)] {
        let mut state = kiosk();
        let old = asked(&lay(&mut state, A));
        lift(&mut state);
        let new = asked(&lay(&mut state, B));
        assert_ne!(old, new);
        answer(&mut state, old, late);
        assert_eq!(state.page(), Some(&Page::Identify(Step::Asking)));
        assert!(resident(&state).account.is_none());
        answer(&mut state, new, Ok(account_marked(B, 8)));
        assert_eq!(state.page(), Some(&Page::Account(account::Page::Overview)));
    }
}

#[test]
fn two_cards_in_one_visit_are_two_questions() {
    let mut state = kiosk();
    press(&mut state, Press::Start);
    let old = asked(&lay(&mut state, A));
    // The question is left, the card lifted: the visit goes on, for somebody else.
    assert_eq!(press(&mut state, Press::Home), [Effect::CancelAccount]);
    assert_eq!(lift(&mut state), []);
    let new = asked(&lay(&mut state, B));
    answer(&mut state, old, Err(Stop::PersonUnknown));
    assert_eq!(state.page(), Some(&Page::Identify(Step::Asking)), "not about this person");
    answer(&mut state, old, Ok(account_marked(A, 7)));
    assert_eq!(state.page(), Some(&Page::Identify(Step::Asking)), "not about this person");
    answer(&mut state, new, Ok(account_marked(B, 8)));
    assert_eq!(state.page(), Some(&Page::Account(account::Page::Overview)));
    // Nor does anything change what stands there.
    answer(&mut state, new, Err(Stop::LinkTimeout));
    assert_eq!(state.page(), Some(&Page::Account(account::Page::Overview)));
    assert!(resident(&state).account.is_some());
}

#[test]
fn an_account_with_another_number_is_not_shown() {
    let mut state = kiosk();
    let ticket = asked(&lay(&mut state, A));
    answer(&mut state, ticket, Ok(account_marked(B, 7)));
    assert_eq!(state.page(), Some(&Page::Identify(Step::Failed(Stop::PersonMismatch))));
    assert!(resident(&state).account.is_none());
}

#[test]
fn a_card_in_place_of_the_known_one_is_another_visit() {
    let mut state = known(A);
    press(&mut state, Press::Larger);
    let before = visit(&state).ticket;
    let effects = read(&mut state, B);
    assert_eq!(effects[0], Effect::CancelAccount);
    asked(&effects);
    assert_ne!(visit(&state).ticket, before);
    assert_eq!(resident(&state).document.number().expose(), B.1);
    assert!(resident(&state).account.is_none());
    assert_eq!(state.comfort(), Comfort::default());
}

#[test]
fn the_account_is_shown_where_the_card_was_asked_for() {
    // The page that answers, and help, were opened over the page that waits for the card.
    let mut state = kiosk();
    presses(
        &mut state,
        &[
            Press::Start,
            Press::To(Entrance::Insurance),
            Press::To(Entrance::WithoutCard),
            Press::Help,
        ],
    );
    assert!(visit(&state).trail.iter().any(|page| matches!(page, Page::Question(_))));
    let ticket = asked(&lay(&mut state, A));
    answer(&mut state, ticket, Ok(account_marked(A, 7)));
    assert_eq!(visit(&state).trail, [Page::Home, Page::Account(account::Page::Overview)]);
    // Help was opened while the county was asked: it stays, with the account beneath.
    let mut state = kiosk();
    let ticket = asked(&lay(&mut state, A));
    press(&mut state, Press::Help);
    answer(&mut state, ticket, Ok(account_marked(A, 7)));
    assert_eq!(
        visit(&state).trail,
        [Page::Home, Page::Account(account::Page::Overview), Page::Help]
    );
}

#[test]
fn leaving_a_waiting_question_cancels_it_and_forgets_the_person() {
    for way in [Press::Back, Press::Home] {
        let mut state = kiosk();
        press(&mut state, Press::Start);
        lay(&mut state, A);
        assert_eq!(press(&mut state, way), [Effect::CancelAccount], "{way:?}");
        assert_eq!(state.page(), Some(&Page::Home));
        assert!(visit(&state).resident.is_none());
    }
}

#[test]
fn a_known_resident_looks_around_and_comes_back_without_another_question() {
    let mut state = known(A);
    assert_eq!(presses(&mut state, &[Press::Home, Press::To(Entrance::Rights)]), []);
    assert_eq!(presses(&mut state, &[Press::Home, Press::To(Entrance::Insurance)]), []);
    assert_eq!(state.page(), Some(&Page::Account(account::Page::Overview)));
    assert!(resident(&state).account.is_some());
}

#[test]
fn retry_asks_again_with_the_card_that_lies_there() {
    let mut state = kiosk();
    let first = asked(&lay(&mut state, A));
    answer(&mut state, first, Err(Stop::LinkTimeout));
    assert_eq!(state.page(), Some(&Page::Identify(Step::Failed(Stop::LinkTimeout))));
    let second = asked(&press(&mut state, Press::Identify(identify::Press::Retry)));
    assert_ne!(first, second);
    assert_eq!(state.page(), Some(&Page::Identify(Step::Asking)));
    answer(&mut state, second, Ok(account_marked(A, 7)));
    assert_eq!(state.page(), Some(&Page::Account(account::Page::Overview)));
    assert_eq!(
        press(&mut state, Press::Identify(identify::Press::Retry)),
        [],
        "there is nothing to try again"
    );
}

#[test]
fn an_expired_card_is_flagged_or_refused_as_the_office_decides() {
    let last = date(2026, 11, 22);
    let lay = |state: &mut State| {
        let document = document(A, Validity::Until(last));
        step(state, Event::Reader(ReaderEvent::Read(Box::new(document))))
    };
    let mut state = kiosk();
    asked(&lay(&mut state));
    assert!(resident(&state).expired);

    let mut state = kiosk();
    state.machine.settings.expired_document = ExpiredDocument::Refuse;
    assert_eq!(lay(&mut state), []);
    assert_eq!(state.page(), Some(&Page::Identify(Step::Failed(Stop::CardExpired))));
    assert!(visit(&state).resident.is_none());
    // Refused also in place of a known card, whose holder's pages are gone then.
    let mut state = known(B);
    state.machine.settings.expired_document = ExpiredDocument::Refuse;
    assert_eq!(lay(&mut state), [Effect::CancelAccount]);
    assert!(visit(&state).resident.is_none());
    // On its last day it is good.
    let mut state = kiosk();
    state.machine.wall = last.at(23, 59, 0, 0);
    asked(&lay(&mut state));
    assert!(!resident(&state).expired);
}

#[test]
fn showing_lasts_thirty_seconds_or_until_it_is_hidden() {
    let mut state = known(A);
    press(&mut state, Press::Account(account::Press::Show));
    assert!(resident(&state).shown());
    pass(&mut state, Duration::from_millis(29_999));
    assert!(resident(&state).shown());
    pass(&mut state, Duration::from_millis(1));
    assert!(!resident(&state).shown());
    press(&mut state, Press::Account(account::Press::Show));
    assert!(resident(&state).shown());
    press(&mut state, Press::Account(account::Press::Show));
    assert!(!resident(&state).shown());
}

#[test]
fn a_reader_that_goes_down_ends_a_known_visit() {
    let mut state = known(A);
    let down = ReaderStatus::Down(Stop::ReaderAbsent);
    let effects = step(&mut state, Event::Reader(ReaderEvent::Status(down)));
    assert_eq!(effects, [Effect::CancelAccount]);
    assert!(state.visit.is_none());
    assert_eq!(state.obstacle(), Some(Stop::ReaderAbsent));
    // Somebody who only looks around is not disturbed.
    let mut state = kiosk();
    presses(&mut state, &[Press::Start, Press::To(Entrance::Rights)]);
    assert_eq!(step(&mut state, Event::Reader(ReaderEvent::Status(down))), []);
    assert_eq!(state.page(), Some(&Page::Rights));
}

#[test]
fn a_card_lifted_while_it_is_read_is_to_be_laid_again() {
    let mut state = kiosk();
    step(&mut state, Event::Reader(ReaderEvent::CardFound));
    step(&mut state, Event::Reader(ReaderEvent::Failed(Stop::CardLifted)));
    lift(&mut state);
    assert_eq!(state.page(), Some(&Page::Identify(Step::Failed(Stop::CardLifted))));
    press(&mut state, Press::Identify(identify::Press::Retry));
    assert_eq!(state.page(), Some(&Page::Identify(Step::Lay)));
}

/// Unplugged, fallen silent, or reset: the card counts as gone before the reader is known to be.
#[test]
fn a_reader_that_goes_down_while_it_reads_is_to_blame_and_not_the_card() {
    let down = Event::Reader(ReaderEvent::Status(ReaderStatus::Down(Stop::ReaderAbsent)));
    for above in [None, Some(Press::Help)] {
        let mut state = kiosk();
        step(&mut state, Event::Reader(ReaderEvent::CardFound));
        above.map(|above| press(&mut state, above));
        lift(&mut state);
        step(&mut state, down.clone());
        above.map(|_| press(&mut state, Press::Back));
        assert_eq!(state.page(), Some(&Page::Identify(Step::Lay)), "{above:?}");
        assert_eq!(state.obstacle(), Some(Stop::ReaderAbsent));
    }
    let mut state = kiosk();
    step(&mut state, Event::Reader(ReaderEvent::CardFound));
    step(&mut state, down);
    assert_eq!(state.page(), Some(&Page::Identify(Step::Lay)));
}

#[test]
fn trying_again_without_a_card_looks_whether_the_line_is_back() {
    let mut state = kiosk();
    presses(&mut state, &[Press::Start, Press::To(Entrance::Insurance)]);
    assert_eq!(press(&mut state, Press::Identify(identify::Press::Retry)), [], "the line is up");
    step(&mut state, Event::Link(LinkStatus::Down(Stop::LinkDown)));
    assert_eq!(press(&mut state, Press::Identify(identify::Press::Retry)), [Effect::TryLink]);
    assert_eq!(state.obstacle(), None);
    step(&mut state, Event::Link(LinkStatus::Down(Stop::LinkTimeout)));
    assert_eq!(state.obstacle(), Some(Stop::LinkTimeout));
}

#[test]
fn a_card_that_lay_badly_and_is_read_after_all_asks_the_county() {
    let mut state = kiosk();
    step(&mut state, Event::Reader(ReaderEvent::CardFound));
    step(&mut state, Event::Reader(ReaderEvent::Failed(Stop::CardUnsteady)));
    assert_eq!(state.page(), Some(&Page::Identify(Step::Failed(Stop::CardUnsteady))));
    asked(&read(&mut state, A));
}

#[test]
fn what_is_in_the_way_is_the_reader_first_then_the_line() {
    let mut state = kiosk();
    assert_eq!(state.obstacle(), None);
    step(&mut state, Event::Link(LinkStatus::Down(Stop::LinkDown)));
    assert_eq!(state.obstacle(), Some(Stop::LinkDown));
    let down = ReaderStatus::Down(Stop::ReaderSilent);
    step(&mut state, Event::Reader(ReaderEvent::Status(down)));
    assert_eq!(state.obstacle(), Some(Stop::ReaderSilent));
}

#[test]
fn neither_name_nor_number_is_in_the_words_of_a_panic() {
    let mut state = known(A);
    press(&mut state, Press::Account(account::Press::Show));
    let name = resident(&state).document.name().expose();
    assert_eq!(name, A.0, "the mark is where it should be");
    let words = [
        format!("{state:?}"),
        format!("{:?}", visit(&state)),
        format!("{:?}", resident(&state)),
        format!("{:?}", lay(&mut kiosk(), A)),
    ];
    for words in words {
        assert!(!words.contains(A.0) && !words.contains(A.1) && !words.contains("1985"), "{words}");
    }
}

#[test]
fn a_social_security_card_asks_for_the_account_of_its_holder() {
    let number = CitizenId::parse(A.1).expect("a valid number");
    let card = kiosk_base::domain::document::SocialSecurityCard {
        name: A.0.into(),
        sex: Sex::Male,
        ethnic_group: EthnicGroup(1),
        birth_date: Sensitive::new(number.birth_date().into()),
        number,
        card_number: "TEST00001".into(),
        version: "2.00".to_owned(),
        valid_from: Some(date(2020, 1, 1)),
        valid_until: Some(date(2030, 1, 1)),
    };
    let mut state = kiosk();
    let document = Document::SocialSecurityCard(card);
    let effects = step(&mut state, Event::Reader(ReaderEvent::Read(Box::new(document))));
    let [Effect::AskAccount { number, name, .. }] = effects.as_slice() else {
        panic!("one question, not {effects:?}")
    };
    assert_eq!((name.expose().as_str(), number.expose()), A);
    answer(&mut state, asked(&effects), Ok(account_marked(A, 7)));
    assert_eq!(state.page(), Some(&Page::Account(account::Page::Overview)));
    assert_eq!(lift(&mut state), [Effect::CancelAccount]);
}

/// An event of the slot.
fn slot(state: &mut State, event: ReaderEvent) -> Vec<Effect> {
    step(state, Event::Slot(event))
}

fn read_in_slot(state: &mut State, person: (&str, &str)) -> Vec<Effect> {
    slot(state, ReaderEvent::CardFound);
    slot(state, ReaderEvent::Read(Box::new(document(person, Validity::LongTerm))))
}

#[test]
fn a_card_in_the_slot_does_not_change_the_visit_of_the_card_on_the_reader() {
    let mut state = known(A);
    let before = visit(&state).ticket;
    assert_eq!(read_in_slot(&mut state, B), []);
    assert_eq!(visit(&state).ticket, before);
    assert_eq!(resident(&state).document.number().expose(), A.1);
    assert_eq!(slot(&mut state, ReaderEvent::CardRemoved), []);
    assert_eq!(resident(&state).document.number().expose(), A.1);
    // Nor the other way round.
    let mut state = kiosk();
    asked(&read_in_slot(&mut state, B));
    assert_eq!(lay(&mut state, A), []);
    assert_eq!(lift(&mut state), []);
    assert_eq!(resident(&state).document.number().expose(), B.1);
    assert_eq!(slot(&mut state, ReaderEvent::CardRemoved), [Effect::CancelAccount]);
    assert!(state.visit.is_none());
}

#[test]
fn a_card_that_came_second_is_to_be_inserted_again() {
    let mut state = known(A);
    slot(&mut state, ReaderEvent::CardFound);
    assert_eq!(lift(&mut state), [Effect::CancelAccount]);
    // It was still being read when the first card went.
    let late = Box::new(document(B, Validity::LongTerm));
    assert_eq!(slot(&mut state, ReaderEvent::Read(late)), []);
    assert!(state.visit.is_none());
    assert!(state.machine.cards.any(), "whoever comes is told to take it");
    slot(&mut state, ReaderEvent::CardRemoved);
    asked(&read_in_slot(&mut state, B));
}

#[test]
fn a_card_forgotten_in_the_slot_stops_nobody() {
    let mut state = kiosk();
    let ticket = asked(&read_in_slot(&mut state, B));
    answer(&mut state, ticket, Ok(account_marked(B, 1)));
    press(&mut state, Press::End);
    let ticket = asked(&lay(&mut state, A));
    answer(&mut state, ticket, Ok(account_marked(A, 2)));
    assert_eq!(slot(&mut state, ReaderEvent::CardRemoved), []);
    assert_eq!(resident(&state).document.number().expose(), A.1);
}

#[test]
fn reader_and_slot_are_out_of_service_each_by_itself() {
    let down = ReaderStatus::Down(Stop::ReaderAbsent);
    let mut state = known(A);
    assert_eq!(slot(&mut state, ReaderEvent::Status(down)), []);
    assert_eq!(state.machine.reader, ReaderStatus::Ready);
    assert_eq!(state.obstacle(), None);
    assert!(!state.slot_serves());
    assert_eq!(state.page(), Some(&Page::Account(account::Page::Overview)));
    slot(&mut state, ReaderEvent::Status(ReaderStatus::Ready));
    step(&mut state, Event::Reader(ReaderEvent::Status(down)));
    assert!(state.slot_serves() && state.visit.is_none());
    asked(&read_in_slot(&mut state, B));
    assert_eq!(slot(&mut state, ReaderEvent::Status(down)), [Effect::CancelAccount]);
}

#[test]
fn a_card_of_the_staff_in_the_slot_does_not_disturb_a_card_on_the_reader() {
    let mut state = kiosk();
    step(&mut state, Event::Reader(ReaderEvent::CardFound));
    slot(&mut state, ReaderEvent::CardFound);
    step(&mut state, Event::StaffCard(Place::Slot));
    assert_eq!(state.page(), Some(&Page::Identify(Step::Reading)));
}
