//! 帮助: whom to ask, and 叫工作人员 where the office has a bell.
//!
//! State: whether the bell was rung in this visit; and, of the machine, when it was heard last, so that it
//! is not rung all day by who plays with it.

use std::time::Duration;

use super::{Effect, Page, State, VisitTicket};

/// How a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// The bell is being rung.
    Calling,
    /// The office has heard it.
    Heard,
    /// It has not.
    Unheard,
}

/// For so long after the office has heard a call it is not called again: somebody is on the way.
const ON_THE_WAY: Duration = Duration::from_secs(60);

/// 叫工作人员.
pub(super) fn call(state: &mut State) -> Vec<Effect> {
    let State { machine, visit: Some(visit), .. } = state else { return Vec::new() };
    if machine.settings.who_comes.is_none()
        || matches!(visit.call, Some(Call::Calling | Call::Heard))
    {
        return Vec::new();
    }
    if machine.heard.is_some_and(|heard| machine.mono.saturating_sub(heard) < ON_THE_WAY) {
        visit.call = Some(Call::Heard);
        return Vec::new();
    }
    visit.call = Some(Call::Calling);
    let asked = visit.trail.iter().rev().find(|page| !matches!(page, Page::Help));
    vec![Effect::Call { ticket: visit.ticket, page: asked.map_or("home", topic) }]
}

/// Whether the office has heard the call.
pub(super) fn called(state: &mut State, ticket: VisitTicket, heard: bool) {
    if heard {
        state.machine.heard = Some(state.machine.mono);
    }
    if let Some(visit) = super::current(state, ticket) {
        visit.call = Some(if heard { Call::Heard } else { Call::Unheard });
    }
}

/// What a page is about, for whoever is called to it. Nothing of anybody.
fn topic(page: &Page) -> &'static str {
    match page {
        Page::Home | Page::Help => "home",
        Page::Work => "work",
        Page::Rights => "rights",
        Page::NoCard => "no-card",
        Page::Jobs(_) => "jobs",
        Page::Trainings(_) => "trainings",
        Page::Fairs(_) => "fairs",
        Page::Guides(_) => "guides",
        Page::Identify(_) => "identify",
        Page::Account(_) => "account",
        Page::Print(_) => "print",
        Page::TakeAway(_) => "take-away",
        Page::Estimate(_) => "estimate",
        Page::Retirement(_) => "retirement",
        Page::Staff(_) => "staff",
        Page::Stick(_) => "stick",
    }
}
