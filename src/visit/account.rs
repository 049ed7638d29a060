//! The pages of the account: overview, kinds of insurance, contributions by year.
//!
//! State: which kind and which page; the figures themselves stay in the visit's resident.

use super::{Effect, Page, Press, State, Visit, browse, fit::Fit};
use crate::domain::{Account, Participation};

/// Kinds of insurance, page by page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kinds {
    /// Page shown, from 0.
    pub page: usize,
}

/// Contributions of one kind, page by page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Years {
    /// Which participation of the account.
    pub kind: usize,
    /// Page shown, from 0.
    pub page: usize,
}

/// The participation that the overview is about: the pension that is drawn, else a pension that is
/// paid for, else the first.
pub fn main_participation(account: &Account) -> Option<&Participation> {
    let pension = |p: &&Participation| p.kind.is_pension();
    account
        .participations
        .iter()
        .find(|p| p.benefit.is_some())
        .or_else(|| account.participations.iter().find(pension))
        .or_else(|| account.participations.first())
}

pub(super) fn pressed(state: &mut State, press: Press) -> Vec<Effect> {
    let fit = state.fit();
    let until = state.machine.mono + state.machine.settings.show;
    let certification = state.machine.guides.iter().position(|guide| guide.id == "certification");
    let State { visit: Some(visit), .. } = state else { return Vec::new() };
    let Some(resident) = &mut visit.resident else { return browse::pressed(state, press) };
    let Some(account) = &resident.account else { return browse::pressed(state, press) };
    let next = match (press, visit.trail.last()) {
        (Press::Show, _) => {
            let shown = resident.shown();
            resident.show_until((!shown).then_some(until));
            None
        }
        (Press::Certify, _) => {
            certification.map(|index| Page::Guide(browse::Paged { index, page: 0 }))
        }
        (Press::Open(0), Some(Page::Overview)) => Some(Page::Insurance(Kinds::default())),
        (Press::Open(_), Some(Page::Overview)) => main_participation(account)
            .and_then(|main| account.participations.iter().position(|p| p == main))
            .map(|kind| Page::Years(Years { kind, page: 0 })),
        (Press::Open(row), Some(Page::Insurance(kinds))) => {
            let kind = kinds.page * fit.kinds().cells() + row;
            (kind < account.participations.len()).then_some(Page::Years(Years { kind, page: 0 }))
        }
        (Press::Next | Press::Previous, _) => {
            turn(visit, &fit, press);
            return Vec::new();
        }
        _ => return browse::pressed(state, press),
    };
    if let Some(page) = next {
        visit.go(page);
    }
    Vec::new()
}

/// How many pages the content of `page` takes.
pub fn pages(visit: &Visit, page: &Page, fit: &Fit) -> usize {
    let account = visit.resident.as_ref().and_then(|resident| resident.account.as_deref());
    let participations = account.map(|account| account.participations.as_slice()).unwrap_or(&[]);
    match page {
        Page::Insurance(_) => fit.kinds().pages(participations.len()),
        Page::Years(years) => {
            let count = participations.get(years.kind).map_or(0, |p| p.contributions.len());
            fit.years().pages(count)
        }
        _ => 1,
    }
}

fn turn(visit: &mut Visit, fit: &Fit, press: Press) {
    let last = pages(visit, visit.page(), fit) - 1;
    if let Page::Insurance(Kinds { page }) | Page::Years(Years { page, .. }) = visit.page_mut() {
        *page = if press == Press::Next { (*page + 1).min(last) } else { page.saturating_sub(1) };
    }
}

pub(super) fn refit(visit: &mut Visit, fit: &Fit) {
    let last = pages(visit, visit.page(), fit) - 1;
    if let Page::Insurance(Kinds { page }) | Page::Years(Years { page, .. }) = visit.page_mut() {
        *page = (*page).min(last);
    }
}
