//! The query PIN, where the county asks for one.

use super::*;
use crate::visit::query_pin::TRIES;

/// At the keypad, for the person A.
fn asked_for_it() -> State {
    let mut state = kiosk();
    let ticket = asked(&lay(&mut state, A));
    answer(&mut state, ticket, Err(Stop::QueryPinNeeded));
    assert_eq!(state.page(), Some(&Page::Identify(Step::Pin)));
    state
}

/// Types `digits` and presses 确定: the question, and the PIN that goes with it.
fn enter(state: &mut State, digits: &str) -> (QuestionTicket, Option<Sensitive<String>>) {
    for digit in digits.chars() {
        press(state, Press::Pad(Stroke::Key(digit)));
    }
    let effects = press(state, Press::Pad(Stroke::Enter));
    let [Effect::AskAccount { ticket, pin, number, .. }] = effects.as_slice() else {
        panic!("one question, not {effects:?}")
    };
    assert_eq!(number.expose(), A.1);
    (*ticket, pin.clone())
}

#[test]
fn the_county_asks_for_a_pin_and_the_right_one_shows_the_account() {
    let mut state = asked_for_it();
    assert_eq!(press(&mut state, Press::Pad(Stroke::Enter)), [], "nothing was typed");
    let (ticket, pin) = enter(&mut state, "135790");
    assert_eq!(pin, Some("135790".into()));
    assert_eq!(state.page(), Some(&Page::Identify(Step::Asking)));
    assert!(resident(&state).pin.typed.is_empty(), "the digits went with the question");
    answer(&mut state, ticket, Ok(account_marked(A, 7)));
    assert_eq!(state.page(), Some(&Page::Account(account::Page::Overview)));
}

#[test]
fn after_three_wrong_ones_the_card_has_to_be_laid_anew() {
    let mut state = asked_for_it();
    for left in (1..TRIES).rev() {
        let (ticket, _) = enter(&mut state, "000000");
        answer(&mut state, ticket, Err(Stop::QueryPinWrong));
        assert_eq!(state.page(), Some(&Page::Identify(Step::Pin)));
        assert_eq!(resident(&state).pin.tries_left(), left);
    }
    let (ticket, _) = enter(&mut state, "000000");
    answer(&mut state, ticket, Err(Stop::QueryPinWrong));
    assert_eq!(state.page(), Some(&Page::Identify(Step::Failed(Stop::QueryPinWrong))));
    for attempt in [
        Press::Identify(identify::Press::Retry),
        Press::Pad(Stroke::Key('1')),
        Press::Pad(Stroke::Enter),
    ] {
        assert_eq!(press(&mut state, attempt), []);
    }
    lift(&mut state);
    let ticket = asked(&lay(&mut state, A));
    answer(&mut state, ticket, Err(Stop::QueryPinNeeded));
    assert_eq!(resident(&state).pin.tries_left(), TRIES);
}

#[test]
fn a_line_that_breaks_uses_up_no_try_and_the_pin_is_typed_again() {
    let mut state = asked_for_it();
    let (ticket, _) = enter(&mut state, "000000");
    answer(&mut state, ticket, Err(Stop::QueryPinWrong));
    assert!(resident(&state).pin.was_wrong());
    let (ticket, _) = enter(&mut state, "135790");
    answer(&mut state, ticket, Err(Stop::LinkTimeout));
    assert_eq!(state.page(), Some(&Page::Identify(Step::Failed(Stop::LinkTimeout))));
    let again = press(&mut state, Press::Identify(identify::Press::Retry));
    let [Effect::AskAccount { pin: None, ticket, .. }] = again.as_slice() else {
        panic!("one question without a PIN, not {again:?}")
    };
    answer(&mut state, *ticket, Err(Stop::QueryPinNeeded));
    let pin = &resident(&state).pin;
    assert_eq!((pin.tries_left(), pin.was_wrong()), (TRIES - 1, false));
    let (ticket, pin) = enter(&mut state, "135790");
    assert_eq!(pin, Some("135790".into()));
    answer(&mut state, ticket, Ok(account_marked(A, 7)));
    assert_eq!(state.page(), Some(&Page::Account(account::Page::Overview)));
}

#[test]
fn whoever_goes_away_from_the_keypad_leaves_no_digit_to_the_next() {
    let mut state = asked_for_it();
    for digit in "86420975".chars() {
        press(&mut state, Press::Pad(Stroke::Key(digit)));
    }
    assert!(!format!("{state:?}").contains("864"), "the digits are nowhere in words");
    // Help stands above the keypad, and its keys are not the keypad's.
    press(&mut state, Press::Help);
    assert_eq!(press(&mut state, Press::Pad(Stroke::Enter)), []);
    press(&mut state, Press::Back);
    assert_eq!(resident(&state).pin.typed.len(), 8);
    assert_eq!(lift(&mut state), [Effect::CancelAccount]);
    let ticket = asked(&lay(&mut state, B));
    answer(&mut state, ticket, Err(Stop::QueryPinNeeded));
    assert!(resident(&state).pin.typed.is_empty());
}
