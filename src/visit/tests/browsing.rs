//! Looking around: lists, the pad, towns, and answers that come late.

use super::*;

/// At the list of postings, with the question it asked.
fn jobs() -> (State, Ticket, listings::Query) {
    let mut state = kiosk();
    let (ticket, query) = postings_asked(&presses(&mut state, &[Press::Start, Press::Jobs]));
    (state, ticket, query)
}

fn list(state: &State) -> &browse::Jobs {
    match state.page() {
        Some(Page::Jobs(jobs)) => jobs,
        other => panic!("the list of postings, not {other:?}"),
    }
}

fn pad(state: &State) -> &browse::Pad {
    match state.page() {
        Some(Page::Pad(pad)) => pad,
        other => panic!("the pad, not {other:?}"),
    }
}

#[test]
fn the_list_asks_from_the_own_town_outwards() {
    let (state, ticket, query) = jobs();
    assert_eq!(ticket, visit(&state).ticket);
    assert_eq!(query.home.as_ref(), Some(&state.machine.office.division));
    assert_eq!((query.offset, query.limit), (0, state.fit().jobs().cells()));
    assert!(list(&state).results.is_none());
}

#[test]
fn paging_stays_within_what_was_found() {
    let (mut state, ticket, query) = jobs();
    let limit = query.limit;
    let total = 2 * limit + 1;
    found(&mut state, ticket, &query, total);
    assert_eq!(press(&mut state, Press::Previous), [], "this is the first page");
    let (ticket, query) = postings_asked(&press(&mut state, Press::Next));
    assert_eq!(query.offset, limit);
    assert!(list(&state).results.is_none());
    found(&mut state, ticket, &query, total);
    let (ticket, query) = postings_asked(&press(&mut state, Press::Next));
    found(&mut state, ticket, &query, total);
    assert_eq!(list(&state).results.as_ref().map(|r| r.rows.len()), Some(1));
    assert_eq!(press(&mut state, Press::Next), [], "this is the last page");
    let (_, query) = postings_asked(&press(&mut state, Press::Previous));
    assert_eq!(query.offset, limit);
}

#[test]
fn a_late_answer_to_another_page_is_dropped() {
    let (mut state, ticket, first) = jobs();
    found(&mut state, ticket, &first, 100);
    let (ticket, second) = postings_asked(&press(&mut state, Press::Next));
    let (ticket, third) = {
        found(&mut state, ticket, &second, 100);
        postings_asked(&press(&mut state, Press::Next))
    };
    found(&mut state, ticket, &second, 100);
    assert!(list(&state).results.is_none(), "the answer to the page before");
    found(&mut state, Ticket(ticket.0 + 1), &third, 100);
    assert!(list(&state).results.is_none(), "the answer to another visit");
    found(&mut state, ticket, &third, 100);
    assert!(list(&state).results.is_some());
}

#[test]
fn a_town_is_chosen_and_unchosen() {
    let (mut state, ticket, query) = jobs();
    found(&mut state, ticket, &query, 100);
    press(&mut state, Press::Next);
    press(&mut state, Press::TownList);
    let (ticket, query) = postings_asked(&press(&mut state, Press::Open(3)));
    assert_eq!(query.within.as_ref(), Some(&state.machine.towns[2].code));
    assert_eq!(query.offset, 0);
    found(&mut state, ticket, &query, 3);
    press(&mut state, Press::TownList);
    let (_, query) = postings_asked(&press(&mut state, Press::Open(0)));
    assert_eq!(query.within, None);
    press(&mut state, Press::TownList);
    assert_eq!(press(&mut state, Press::Open(400)), [], "no such town");
    assert!(matches!(state.page(), Some(Page::Towns(_))));
}

#[test]
fn the_pad_takes_letters_and_digits_up_to_its_limit() {
    let (mut state, ..) = jobs();
    press(&mut state, Press::Search);
    for key in ['D', '4', 'é', '电', ' ', '-', 'h'] {
        press(&mut state, Press::Key(key));
    }
    assert_eq!(pad(&state).typed, "d4h");
    for _ in 0..20 {
        press(&mut state, Press::Key('g'));
    }
    let most = pad(&state).typed.len();
    assert!((4..=16).contains(&most), "{most}");
    press(&mut state, Press::Key('g'));
    assert_eq!(pad(&state).typed.len(), most);
    press(&mut state, Press::Erase);
    assert_eq!(pad(&state).typed.len(), most - 1);
    assert_eq!(press(&mut state, Press::Clear), []);
    assert_eq!(pad(&state), &browse::Pad::default());
    assert_eq!(press(&mut state, Press::Erase), []);
}

#[test]
fn what_was_found_for_fewer_letters_is_dropped() {
    let (mut state, ..) = jobs();
    press(&mut state, Press::Search);
    let (ticket, d) = postings_asked(&press(&mut state, Press::Key('D')));
    let (_, dh) = postings_asked(&press(&mut state, Press::Key('H')));
    assert_eq!((d.words.as_str(), dh.words.as_str()), ("d", "dh"));
    found(&mut state, ticket, &d, 40);
    assert!(pad(&state).results.is_none());
    found(&mut state, ticket, &dh, 4);
    assert_eq!(pad(&state).results.as_ref().map(|r| r.total), Some(4));
    // Everything erased: what is still under way belongs to nothing.
    presses(&mut state, &[Press::Erase, Press::Erase]);
    found(&mut state, ticket, &d, 40);
    assert!(pad(&state).results.is_none());
}

#[test]
fn what_the_pad_found_becomes_the_list_and_can_be_undone() {
    let (mut state, ..) = jobs();
    press(&mut state, Press::Search);
    presses(&mut state, &[Press::Key('D'), Press::Key('H'), Press::Key('G')]);
    let (ticket, query) = postings_asked(&press(&mut state, Press::ShowHits));
    assert_eq!(query.words, "dhg");
    found(&mut state, ticket, &query, 4);
    assert_eq!(list(&state).total, 4);
    let (_, query) = postings_asked(&press(&mut state, Press::Clear));
    assert_eq!(query.words, "");
}

#[test]
fn another_size_keeps_the_list_on_a_whole_page() {
    let (mut state, ticket, query) = jobs();
    found(&mut state, ticket, &query, 100);
    let mut asked = postings_asked(&press(&mut state, Press::Next));
    for _ in 0..6 {
        found(&mut state, asked.0, &asked.1, 100);
        asked = postings_asked(&press(&mut state, Press::Next));
    }
    let row = asked.1.offset;
    let (ticket, query) = postings_asked(&press(&mut state, Press::Larger));
    assert_eq!(query.limit, state.fit().jobs().cells());
    assert_eq!(query.offset % query.limit, 0);
    assert!((query.offset..query.offset + query.limit).contains(&row), "the first row stays");
    found(&mut state, ticket, &query, 100);
    let turned = Event::Resized(Size { width: 1080, height: 700 }.into());
    let (_, query) = postings_asked(&step(&mut state, turned));
    assert_eq!(query.offset % query.limit, 0);
}

#[test]
fn a_list_that_was_left_while_it_loaded_is_asked_for_again() {
    let (mut state, ticket, query) = jobs();
    press(&mut state, Press::Search);
    found(&mut state, ticket, &query, 100);
    let (_, again) = postings_asked(&press(&mut state, Press::Back));
    assert_eq!(again, query);
}

#[test]
fn a_posting_is_opened_read_and_taken_away() {
    let (mut state, ticket, query) = jobs();
    assert_eq!(press(&mut state, Press::Open(0)), []);
    assert!(matches!(state.page(), Some(Page::Jobs(_))), "nothing is there yet");
    found(&mut state, ticket, &query, 2);
    press(&mut state, Press::Open(2));
    assert!(matches!(state.page(), Some(Page::Jobs(_))), "there are two");
    press(&mut state, Press::Open(1));
    for _ in 0..50 {
        press(&mut state, Press::Next);
    }
    let Some(Page::Job(job)) = state.page() else { panic!("the posting") };
    let pages = browse::facts::posting_pages(&job.posting, &state.fit()).len();
    assert_eq!((job.posting.id.as_str(), job.page), ("p-1", pages - 1));
    // Fewer pages on a larger screen: the last one is still one of them.
    step(&mut state, Event::Resized(Size { width: 2160, height: 3840 }.into()));
    let Some(Page::Job(job)) = state.page() else { panic!("the posting") };
    let fewer = browse::facts::posting_pages(&job.posting, &state.fit()).len();
    assert!(fewer < pages && job.page < fewer);
    press(&mut state, Press::TakeAway);
    assert!(matches!(state.page(), Some(Page::TakeAway(job)) if job.posting.id.as_str() == "p-1"));
}

#[test]
fn guides_are_those_of_the_door_one_came_through() {
    let guides = |doors: &[Press]| -> Vec<usize> {
        let mut state = kiosk();
        press(&mut state, Press::Start);
        presses(&mut state, doors);
        match state.page() {
            Some(Page::Guides(list)) => list.of(&state.machine).collect(),
            other => panic!("guides, not {other:?}"),
        }
    };
    assert_eq!(guides(&[Press::Guides]), [0, 1, 2]);
    assert_eq!(guides(&[Press::Insurance, Press::WithoutCard]), [0]);
    assert_eq!(guides(&[Press::Work, Press::Guides]), [1]);
    assert_eq!(guides(&[Press::Rights, Press::Guides]), [2]);
}

#[test]
fn an_empty_list_is_asked_for_again_when_the_cache_fills() {
    let (mut state, ticket, query) = jobs();
    found(&mut state, ticket, &query, 0);
    let filled = step(&mut state, Event::Summary(Box::default()));
    assert_eq!(postings_asked(&filled), (ticket, query.clone()));
    found(&mut state, ticket, &query, 3);
    assert_eq!(step(&mut state, Event::Summary(Box::default())), []);
}
