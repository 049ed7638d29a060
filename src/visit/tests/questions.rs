//! Questions instead of dead ends: one a page, each ending in something to do.

use super::*;
use crate::visit::{
    account::{Further, further},
    questions::{Asked, shown},
};

fn asks(state: &State) -> (&str, Vec<&str>) {
    let Some(Page::Question(asked)) = state.page() else {
        panic!("a question, not {:?}", state.page())
    };
    let (_, asks, answers) = shown(state, *asked).expect("it is there");
    (asks, answers.into_iter().map(|answer| answer.says.as_str()).collect())
}

#[test]
fn without_a_card_what_one_has_leads_to_what_one_can_do() {
    let mut state = kiosk();
    let entered = [Press::Start, Press::To(Entrance::Insurance), Press::To(Entrance::WithoutCard)];
    presses(&mut state, &entered);
    assert_eq!(asks(&state), ("您带了什么？", vec!["社保卡", "手机", "没带"]));
    press(&mut state, Press::Open(2));
    assert_eq!(state.page(), Some(&Page::Help));
    // 返回 takes back one answer.
    presses(&mut state, &[Press::Back, Press::Open(1)]);
    assert!(matches!(state.page(), Some(Page::Guides(guides::Page::Guide(_)))));
    // Back to where the card is asked for, not a second time into it.
    presses(&mut state, &[Press::Back, Press::Open(0)]);
    assert_eq!(visit(&state).trail, [Page::Home, Page::Identify(Step::Lay)]);
    // A slot that does not serve is not spoken of.
    state.machine.slot = None;
    press(&mut state, Press::To(Entrance::WithoutCard));
    assert_eq!(asks(&state).1, ["手机", "没带"]);
    press(&mut state, Press::Open(0));
    assert!(matches!(state.page(), Some(Page::Guides(_))), "the answer that stands there");
    press(&mut state, Press::Back);
    press(&mut state, Press::Open(9));
    assert_eq!(asks(&state).1, ["手机", "没带"], "no such answer");
}

#[test]
fn whom_nobody_knows_is_asked_on() {
    let mut state = kiosk();
    let ticket = asked(&lay(&mut state, A));
    answer(&mut state, ticket, Err(Stop::PersonUnknown));
    assert_eq!(further(&state), Some(Further::Ask(Occasion::NoMatch)));
    presses(&mut state, &[Press::Account(account::Press::Follow), Press::Open(1)]);
    assert_eq!(state.page(), Some(&Page::Question(Asked { of: 1, question: 1 })));
    assert_eq!(asks(&state).0, "参加过吗？");
    press(&mut state, Press::Back);
    assert_eq!(asks(&state).0, "改过名字吗？");
    press(&mut state, Press::Back);
    assert_eq!(state.page(), Some(&Page::Identify(Step::Failed(Stop::PersonUnknown))));
}

#[test]
fn where_nothing_is_asked_the_advice_leads_on_as_before() {
    let mut state = kiosk();
    state.machine.questions.clear();
    press(&mut state, Press::Start);
    presses(&mut state, &[Press::To(Entrance::Insurance), Press::To(Entrance::WithoutCard)]);
    assert_eq!(state.page(), Some(&Page::Help));
    press(&mut state, Press::Back);
    let ticket = asked(&lay(&mut state, A));
    answer(&mut state, ticket, Err(Stop::PersonUnknown));
    assert_eq!(further(&state), None, "there is no such guide either");
}
