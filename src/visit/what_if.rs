//! 估算: what the residents' pension would come to, and what another tier or more years would bring.
//!
//! State: what is asked; the account it is asked about stays in the visit's resident.

use jiff::civil::Date;
use kiosk_base::domain::{Account, Fen, HolderNumber};

use super::{Page, State};
use crate::insurance::{
    Estimate, Policy, Unknown, WhatIf,
    estimate::{YEARS_MAX, estimate},
};

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// Which participation of the account.
    pub kind: usize,
    /// What would be paid.
    pub what_if: WhatIf,
}

/// What comes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// If it is done.
    pub asked: Estimate,
    /// What it brings each month against paying nothing more, where that would be drawn, too.
    pub more: Option<Fen>,
    /// Something was paid that has not arrived yet, and is not counted.
    pub pending: bool,
}

/// One more or less of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// A higher tier.
    TierUp,
    /// A lower one.
    TierDown,
    /// A year more.
    YearsUp,
    /// A year less.
    YearsDown,
}

/// The first question: what comes of going on as in the last year that was paid for.
pub(super) fn first(policy: &Policy, account: &Account, kind: usize, today: Date) -> Ask {
    let participation = account.participations.get(kind);
    let last = participation.and_then(|p| p.contributions.first()).map(|last| last.person);
    let tiers = policy.tiers(today);
    let tier = last.and_then(|paid| tiers.iter().rposition(|tier| tier.yearly <= paid));
    let tier = tier.or((!tiers.is_empty()).then_some(0));
    // As many as can be paid; the estimate knows how many those are.
    Ask { kind, what_if: WhatIf { tier, years: YEARS_MAX } }
}

/// What comes of the question, or why nothing is known.
///
/// # Errors
/// Says what is not known.
pub fn answer(state: &State, ask: Ask) -> Result<Answer, Unknown> {
    let resident = state.visit.as_ref().and_then(|visit| visit.resident.as_ref());
    let account = resident.and_then(|resident| resident.account.as_deref());
    let account = account.ok_or(Unknown::NotThisKind)?;
    let participation = account.participations.get(ask.kind).ok_or(Unknown::NotThisKind)?;
    let HolderNumber::Citizen(number) = &account.number else { return Err(Unknown::NotThisKind) };
    let today = state.machine.wall.date();
    let of = |what_if| {
        estimate(&state.machine.policy, participation, number.birth_date(), today, what_if)
    };
    let pending = participation.contributions.iter().any(|paid| paid.arrived.is_none());
    let asked = of(ask.what_if)?;
    Ok(Answer { asked, more: asked.more_than(&of(WhatIf::default())?), pending })
}

pub(super) fn turned(state: &mut State, turn: Turn) {
    let Some(Page::Estimate(ask)) = state.page() else { return };
    let Ok(answer) = answer(state, *ask) else { return };
    let tiers = state.machine.policy.tiers(state.machine.wall.date()).len();
    let WhatIf { tier, years } = ask.what_if;
    // What the page shows is what can be paid, not what was asked.
    let years = years.min(answer.asked.years_open);
    let what_if = match turn {
        Turn::TierUp => {
            let next = tier.map_or(0, |at| at + 1);
            WhatIf { tier: tiers.checked_sub(1).map(|last| next.min(last)), years }
        }
        Turn::TierDown => WhatIf { tier: tier.map(|at| at.saturating_sub(1)), years },
        Turn::YearsUp => WhatIf { tier, years: (years + 1).min(answer.asked.years_open) },
        Turn::YearsDown => WhatIf { tier, years: years.saturating_sub(1) },
    };
    let Some(visit) = &mut state.visit else { return };
    if let Page::Estimate(ask) = visit.page_mut() {
        ask.what_if = what_if;
        // Who goes back and comes again finds it as it was.
        let ask = *ask;
        if let Some(resident) = &mut visit.resident {
            resident.what_if = Some(ask);
        }
    }
}
