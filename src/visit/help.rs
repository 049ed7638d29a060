//! 帮助: whom to ask, and 叫工作人员 where the office has a bell.
//!
//! State: how the call of this visit stands; and, of the machine, when the office was told last, so that it is
//! not told all day by who plays with it.

use std::time::Duration;

use super::{Effect, Page, State, VisitTicket};

/// How a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// The office is being told, after so many times in vain.
    Calling(u8),
    /// It was told at this moment of the monotonic clock.
    Told(Duration),
    /// It was not, so many times.
    Failed(u8),
}

/// For so long after the office was told it is not told again: somebody is on the way.
const ON_THE_WAY: Duration = Duration::from_secs(60);
/// So often one may try in a visit when nobody takes it.
const TRIES: u8 = 3;

impl State {
    /// How the call for the staff stands, as far as it counts: whoever waits for long may call again, and whom
    /// nobody has heard goes to the window. `None` while there is nothing to call with.
    pub fn call(&self) -> Option<Option<Call>> {
        self.machine.settings.who_comes.as_ref()?;
        match self.visit.as_ref().and_then(|visit| visit.call) {
            Some(Call::Told(at)) if self.machine.mono.saturating_sub(at) >= ON_THE_WAY => {
                Some(None)
            }
            Some(Call::Failed(TRIES..)) => None,
            call => Some(call),
        }
    }
}

/// 叫工作人员.
pub(super) fn call(state: &mut State) -> Vec<Effect> {
    let Some(None | Some(Call::Failed(_))) = state.call() else { return Vec::new() };
    let State { machine, visit: Some(visit), .. } = state else { return Vec::new() };
    if let Some(at) = machine.told.filter(|at| machine.mono.saturating_sub(*at) < ON_THE_WAY) {
        visit.call = Some(Call::Told(at));
        return Vec::new();
    }
    let in_vain = match visit.call {
        Some(Call::Failed(tries)) => tries,
        _ => 0,
    };
    visit.call = Some(Call::Calling(in_vain));
    let asked = visit.trail.iter().rev().find(|page| !matches!(page, Page::Help));
    vec![Effect::Call { ticket: visit.ticket, page: asked.map_or("home", topic) }]
}

/// Whether the office was told.
pub(super) fn called(state: &mut State, ticket: VisitTicket, told: bool) {
    let now = state.machine.mono;
    if told {
        state.machine.told = Some(now);
    }
    if let Some(visit) = super::current(state, ticket) {
        visit.call = match visit.call {
            Some(Call::Calling(in_vain)) if !told => Some(Call::Failed(in_vain + 1)),
            _ if told => Some(Call::Told(now)),
            call => call,
        };
    }
}

/// What a page is about, for whoever is called to it. Nothing of anybody.
fn topic(page: &Page) -> &'static str {
    match page {
        Page::Home | Page::Help => "home",
        Page::Work => "work",
        Page::Rights => "rights",
        Page::Question(_) => "question",
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
