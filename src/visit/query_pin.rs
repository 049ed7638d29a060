//! The query PIN (查询密码), where the county asks for one: three tries for each laying of a card.
//! What the county itself allows in a day is its own affair.
//!
//! State: [`QueryPin`] in the visit's [`Resident`](super::Resident).

use kiosk_base::domain::Stop;

use super::{
    Effect, Page, State,
    identify::{self, Step},
    keypad::{Digits, Stroke},
};

/// How often a PIN may be wrong before the card has to be laid anew.
pub const TRIES: u8 = 3;

/// What was typed, and how often it was wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueryPin {
    /// Digits typed since the last question.
    pub typed: Digits,
    wrong: u8,
    was_wrong: bool,
}

impl QueryPin {
    /// How many tries are left.
    pub fn tries_left(&self) -> u8 {
        TRIES - self.wrong
    }

    /// Whether the county's last word was that it is wrong.
    pub fn was_wrong(&self) -> bool {
        self.was_wrong
    }

    /// What the page says after the county's word about a PIN.
    pub(super) fn answered(&mut self, stop: Stop) -> Step {
        self.was_wrong = stop == Stop::QueryPinWrong;
        self.wrong = (self.wrong + u8::from(self.was_wrong)).min(TRIES);
        if self.tries_left() == 0 { Step::Failed(Stop::QueryPinWrong) } else { Step::Pin }
    }
}

pub(super) fn typed(state: &mut State, stroke: Stroke) -> Vec<Effect> {
    let State { visit: Some(visit), .. } = state else { return Vec::new() };
    if *visit.page() != Page::Identify(Step::Pin) {
        return Vec::new();
    }
    let Some(resident) = &mut visit.resident else { return Vec::new() };
    match resident.pin.typed.typed(stroke) {
        Some(pin) => identify::ask(state, Some(pin)),
        None => Vec::new(),
    }
}
