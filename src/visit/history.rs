//! The rest of long histories: when the account has come, it is asked for page by page in the
//! background, so that the resident turns pages without waiting. What does not come is left out;
//! the history itself says that more is there.
//!
//! State: [`Asked`], in the visit's resident.

use kiosk_base::domain::{
    Account, Stop,
    account::{HistoryOf, HistoryPage, HistoryRest},
};

use super::{Effect, QuestionTicket, State};

/// The page that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    ticket: QuestionTicket,
    of: HistoryOf,
}

/// Asks for the first page that is missing, once the account is there.
pub(super) fn begin(state: &mut State) -> Vec<Effect> {
    ask(state, None)
}

/// A page has come, or none. After one that did not come no other is asked for: the line is down,
/// or the county has forgotten the cursors.
pub(super) fn answered(
    state: &mut State,
    ticket: QuestionTicket,
    answer: Result<Box<HistoryPage>, Stop>,
) -> Vec<Effect> {
    let Some(resident) = state.visit.as_mut().and_then(|visit| visit.resident.as_mut()) else {
        return Vec::new();
    };
    let Some(asked) = resident.history.take_if(|asked| asked.ticket == ticket) else {
        return Vec::new();
    };
    let (Some(account), Ok(page)) = (&mut resident.account, answer) else { return Vec::new() };
    let HistoryPage { rows, more } = *page;
    if rows.kind() != asked.of.kind || rows.is_empty() {
        return Vec::new();
    }
    account.append(asked.of, rows, more);
    ask(state, Some(asked.of))
}

/// Asks for the next page of the history `from` or of one after it.
fn ask(state: &mut State, from: Option<HistoryOf>) -> Vec<Effect> {
    let ticket = QuestionTicket(state.number());
    let Some(resident) = state.visit.as_mut().and_then(|visit| visit.resident.as_mut()) else {
        return Vec::new();
    };
    let Some((of, rest)) = resident.account.as_ref().and_then(|account| next(account, from)) else {
        return Vec::new();
    };
    resident.history = Some(Asked { ticket, of });
    vec![Effect::AskHistory { ticket, rest }]
}

fn next(account: &Account, from: Option<HistoryOf>) -> Option<(HistoryOf, HistoryRest)> {
    let mut histories = account.histories().skip_while(|of| from.is_some_and(|from| *of != from));
    histories.find_map(|of| Some((of, account.rest(of)?)))
}
