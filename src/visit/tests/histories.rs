//! The rest of long histories, fetched in the background.

use kiosk_base::domain::{
    YearMonth,
    account::{
        History, HistoryCursor, HistoryKind, HistoryPage, HistoryRest, HistoryRows,
        MonthContribution,
    },
};

use super::*;

fn cursor(digit: char) -> HistoryCursor {
    HistoryCursor::try_from(String::from(digit).repeat(32)).expect("a cursor")
}

/// Rows of months backwards from January of `year`, one a year.
fn rows(year: i16, count: i16) -> Vec<MonthContribution> {
    let row = |year| MonthContribution {
        month: YearMonth::new(year, 1).expect("a month"),
        base: Fen(100),
        person: Fen(8),
        employer: Fen(16),
        arrived: None,
        unit: None,
    };
    (0..count).map(|ago| row(year - ago)).collect()
}

/// An account with two kinds: of one 6 months are missing, of the other 2.
fn account() -> Box<Account> {
    let mut account = account_marked(A, 1);
    let mut first = account.participations[0].clone();
    first.months = History { rows: rows(2026, 2), total: 8, more: Some(cursor('1')) };
    let mut second = first.clone();
    second.months = History { rows: rows(2026, 2), total: 4, more: Some(cursor('2')) };
    account.participations = vec![first, second];
    account
}

/// The one question for a history among `effects`.
fn history_asked(effects: &[Effect]) -> (QuestionTicket, HistoryRest) {
    match effects {
        [Effect::AskHistory { ticket, rest }] => (*ticket, rest.clone()),
        other => panic!("one question for a history, not {other:?}"),
    }
}

fn page(year: i16, count: i16, more: Option<char>) -> Result<Box<HistoryPage>, Stop> {
    let rows = HistoryRows::Months(rows(year, count));
    Ok(Box::new(HistoryPage { rows, more: more.map(cursor) }))
}

/// How many months of each kind are there, and whether more are to be had.
fn there(state: &State) -> Vec<(usize, bool)> {
    let account = resident(state).account.as_ref().expect("it has come");
    let months = account.participations.iter().map(|p| &p.months);
    months.map(|months| (months.rows.len(), months.more.is_some())).collect()
}

/// A visit whose account has just come, and the first question.
fn asking() -> (State, QuestionTicket, HistoryRest) {
    let mut state = kiosk();
    let ticket = asked(&lay(&mut state, A));
    let effects = step(&mut state, Event::Account { ticket, answer: Ok(account()) });
    assert_eq!(state.page(), Some(&Page::Account(account::Page::Overview)));
    let (ticket, rest) = history_asked(&effects);
    (state, ticket, rest)
}

#[test]
fn the_rest_comes_page_by_page_history_by_history() {
    let (mut state, ticket, rest) = asking();
    assert_eq!((rest.kind, rest.have, rest.total), (HistoryKind::Months, 2, 8));
    assert_eq!((rest.cursor, rest.after), (cursor('1'), YearMonth::new(2025, 1).ok()));

    let answer = page(2024, 4, Some('3'));
    let effects = step(&mut state, Event::History { ticket, answer });
    let (ticket, rest) = history_asked(&effects);
    assert_eq!((rest.cursor, rest.have), (cursor('3'), 6));
    assert_eq!(there(&state), [(6, true), (2, true)]);

    let effects = step(&mut state, Event::History { ticket, answer: page(2020, 2, None) });
    let (ticket, rest) = history_asked(&effects);
    assert_eq!((rest.cursor, rest.have, rest.total), (cursor('2'), 2, 4));
    let effects = step(&mut state, Event::History { ticket, answer: page(2024, 2, None) });
    assert_eq!((effects, there(&state)), (vec![], vec![(8, false), (4, false)]));
}

#[test]
fn what_does_not_come_leaves_what_is_there() {
    let (mut state, ticket, _) = asking();
    let failed = Event::History { ticket, answer: Err(Stop::LinkDown) };
    assert_eq!(step(&mut state, failed), []);
    assert_eq!(there(&state), [(2, true), (2, true)]);
    assert_eq!(
        state.page(),
        Some(&Page::Account(account::Page::Overview)),
        "the resident is not disturbed"
    );
    // An answer to a question that is over.
    assert_eq!(step(&mut state, Event::History { ticket, answer: page(2024, 4, None) }), []);
    assert_eq!(there(&state), [(2, true), (2, true)]);
}

#[test]
fn the_rest_of_the_last_residents_history_is_dropped() {
    let (mut state, old, _) = asking();
    assert_eq!(lift(&mut state), [Effect::CancelAccount]);
    assert_eq!(step(&mut state, Event::History { ticket: old, answer: page(2024, 6, None) }), []);
    let ticket = asked(&lay(&mut state, B));
    let mut other = account();
    let Account { number, name, .. } = *account_marked(B, 2);
    (other.number, other.name) = (number, name);
    let effects = step(&mut state, Event::Account { ticket, answer: Ok(other) });
    let (new, _) = history_asked(&effects);
    assert_ne!(new, old);
    assert_eq!(step(&mut state, Event::History { ticket: old, answer: page(2024, 6, None) }), []);
    assert_eq!(there(&state), [(2, true), (2, true)]);
    // Rows of another kind than those asked for change nothing.
    let payments = HistoryPage { rows: HistoryRows::Payments(Vec::new()), more: None };
    step(&mut state, Event::History { ticket: new, answer: Ok(Box::new(payments)) });
    assert_eq!(there(&state), [(2, true), (2, true)]);
}
