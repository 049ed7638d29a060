//! What a pension would come to, on the page and on paper. As [`account`](super::account): when the page is not
//! shown, its properties are emptied.

use slint::{ComponentHandle, SharedString};

use super::{Send, int, press, set, slip, ui, words};
use crate::visit::{
    Page, Press, State, Visit,
    account::Unknown,
    printing::{Item, Slip},
    what_if::{self, Ask, Turn, answer},
};

pub(super) fn bind(window: &ui::App, send: &Send) {
    let estimate = window.global::<ui::Estimate<'_>>();
    estimate.on_tier_up(press(send, Press::Turn(Turn::TierUp)));
    estimate.on_tier_down(press(send, Press::Turn(Turn::TierDown)));
    estimate.on_years_up(press(send, Press::Turn(Turn::YearsUp)));
    estimate.on_years_down(press(send, Press::Turn(Turn::YearsDown)));
}

pub(super) fn render(window: &ui::App, state: &State) {
    let estimate = window.global::<ui::Estimate<'_>>();
    let account = state.visit.as_ref().and_then(Visit::account);
    match (state.page(), account) {
        (Some(Page::Estimate(ask)), Some(_)) => {
            set!(estimate, get_view, set_view, view(state, *ask));
        }
        _ => set!(estimate, get_view, set_view, Default::default()),
    }
}

/// What is asked and what it would come to.
pub(super) fn slip(window: &ui::App, state: &State, ask: Ask, slip: &mut Slip) {
    let global = window.global::<ui::Estimate<'_>>();
    let view = view(state, ask);
    let (paid, missing) = (view.years_paid, view.years_missing);
    slip.push(Item::Centred(global.invoke_title().into()));
    slip.push(Item::Centred(global.invoke_caption(view.clone(), false).into()));
    slip.push(Item::Heading(global.invoke_figure(view.clone()).into()));
    if view.has_tiers {
        slip::row(slip, global.invoke_tier_question(), global.invoke_tier(view.clone()));
        slip::row(slip, global.invoke_years_question(), global.invoke_years(view.clone()));
    }
    slip::note(slip, &global.invoke_paid(view.clone(), paid, missing, false));
    if missing == 0 {
        slip::note(slip, &global.invoke_basic(view.clone()));
        slip::note(slip, &global.invoke_account(view.clone(), false));
        slip::note(slip, &global.invoke_gain(view.clone(), false));
    }
    let without = global.invoke_without(view.subsidised || !view.has_tiers);
    slip::note(slip, &global.invoke_note(view, without, false));
}

fn view(state: &State, ask: Ask) -> ui::EstimateView {
    let today = state.machine.wall.date();
    let policy = &state.machine.policy;
    let what_if::Answer { asked, more, pending } = match answer(state, ask) {
        Ok(answer) => answer,
        Err(unknown) => {
            let unknown = match unknown {
                Unknown::NotThisKind => 1,
                Unknown::Balance => 2,
                Unknown::Basic => 3,
                Unknown::Rules => 4,
                Unknown::Months => 5,
            };
            return ui::EstimateView { unknown, ..Default::default() };
        }
    };
    let tiers = policy.tiers(today);
    let tier = ask.what_if.tier.and_then(|at| tiers.get(at).map(|tier| (at, tier)));
    let years = if tier.is_some() { ask.what_if.years.min(asked.years_open) } else { 0 };
    let whole = asked.monthly.0.max(1) as f32;
    ui::EstimateView {
        unknown: 0,
        monthly: asked.monthly.to_string().into(),
        basic: asked.basic.to_string().into(),
        from_account: asked.account.to_string().into(),
        share_basic: asked.basic.0 as f32 / whole,
        balance: asked.balance.to_string().into(),
        months: int(asked.months),
        age: asked.age.into(),
        from: words::day(asked.from).into(),
        now: asked.from <= today,
        has_tiers: tier.is_some(),
        subsidised: tiers.iter().any(|tier| tier.subsidy.is_some()),
        pending,
        yearly: tier.map(|(_, tier)| tier.yearly.short()).unwrap_or_default().into(),
        can_tier_up: tier.is_some_and(|(at, _)| at + 1 < tiers.len()),
        can_tier_down: tier.is_some_and(|(at, _)| at > 0),
        years: int(years),
        can_years_up: years < asked.years_open,
        can_years_down: years > 0,
        years_paid: int(asked.years_paid),
        years_missing: int(asked.years_missing),
        more: more.map(|more| more.to_string()).unwrap_or_default().into(),
        needed: int(asked.years_paid + asked.years_missing),
        region: policy
            .basic(today)
            .map(|basic| basic.region)
            .map_or_else(SharedString::default, Into::into),
    }
}
