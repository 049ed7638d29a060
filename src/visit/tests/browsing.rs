//! Looking around: lists, the pad, towns, and answers that come late.

use std::mem::discriminant;

use super::*;
use crate::visit::take_away::Taken;

/// At the list of all postings, with the question it asked.
fn all_jobs() -> (State, VisitTicket, listings::Query) {
    let mut state = kiosk();
    let tiles = presses(&mut state, &[Press::Start, Press::To(Entrance::Jobs)]);
    assert!(matches!(tiles.as_slice(), [Effect::CountPostings { .. }]));
    let (ticket, query) = postings_asked(&press(&mut state, Press::Open(0)));
    (state, ticket, query)
}

fn list(state: &State) -> &jobs::Jobs {
    match state.page() {
        Some(Page::Jobs(jobs::Page::List(jobs))) => jobs,
        other => panic!("the list of postings, not {other:?}"),
    }
}

fn pad(state: &State) -> &jobs::Pad {
    match state.page() {
        Some(Page::Jobs(jobs::Page::Pad(pad))) => pad,
        other => panic!("the pad, not {other:?}"),
    }
}

#[test]
fn the_list_asks_from_the_own_town_outwards() {
    let (state, ticket, query) = all_jobs();
    assert_eq!(ticket, visit(&state).ticket);
    assert_eq!(query.home.as_ref().map(|home| &home.town), Some(&state.machine.office.division));
    assert_eq!((query.offset, query.limit), (0, state.fit().jobs.cells()));
    assert!(list(&state).results.is_none());
}

#[test]
fn paging_stays_within_what_was_found() {
    let (mut state, ticket, query) = all_jobs();
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
    let (mut state, ticket, first) = all_jobs();
    found(&mut state, ticket, &first, 100);
    let (ticket, second) = postings_asked(&press(&mut state, Press::Next));
    let (ticket, third) = {
        found(&mut state, ticket, &second, 100);
        postings_asked(&press(&mut state, Press::Next))
    };
    found(&mut state, ticket, &second, 100);
    assert!(list(&state).results.is_none(), "the answer to the page before");
    found(&mut state, VisitTicket(ticket.0 + 1), &third, 100);
    assert!(list(&state).results.is_none(), "the answer to another visit");
    found(&mut state, ticket, &third, 100);
    assert!(list(&state).results.is_some());
}

/// Answers the question for counts among `effects`.
fn count(state: &mut State, effects: &[Effect]) {
    let [Effect::CountPostings { ticket, query }] = effects else { panic!("{effects:?}") };
    let tiles = listings::Tile::all().map(|tile| (tile, 7)).collect();
    let towns = state.machine.towns.iter().map(|town| (town.code.clone(), 5)).collect();
    let near = listings::Near::ALL.map(|near| (near, 6)).into();
    let any = listings::Facet::ALL.map(|facet| (facet, 100)).into();
    let wages = vec![(kiosk_base::domain::Fen::from_yuan(3_000), 4)];
    let facets =
        listings::Facets { total: 100, any, tiles, towns, near, wages, ..Default::default() };
    let facets = Box::new(facets);
    step(state, Event::Facets { ticket: *ticket, query: query.clone(), facets });
}

#[test]
fn a_tile_opens_its_postings_and_the_own_town_narrows_them() {
    let mut state = kiosk();
    let tiles = presses(&mut state, &[Press::Start, Press::To(Entrance::Jobs)]);
    count(&mut state, &tiles);
    let near = press(&mut state, Press::Jobs(jobs::Press::Chip(0)));
    count(&mut state, &near);
    let (_, query) = postings_asked(&press(&mut state, Press::Open(2)));
    let second = listings::Tile::all().nth(1);
    assert_eq!((query.filters.tile, query.filters.near), (second, Some(listings::Near::Town)));
    press(&mut state, Press::Back);
    let wide = press(&mut state, Press::Jobs(jobs::Press::Chip(0)));
    count(&mut state, &wide);
    press(&mut state, Press::Jobs(jobs::Press::WageList));
    let wage = press(&mut state, Press::Open(1));
    assert!(matches!(state.page(), Some(Page::Jobs(jobs::Page::Find(_)))));
    count(&mut state, &wage);
    let (_, query) = postings_asked(&press(&mut state, Press::Open(0)));
    let expected = listings::Filters {
        wage_from: Some(kiosk_base::domain::Fen::from_yuan(3_000)),
        ..listings::Filters::default()
    };
    assert_eq!(query.filters, expected);
}

#[test]
fn filters_are_set_and_cleared_above_the_list_and_then_asked_for() {
    let (mut state, ticket, query) = all_jobs();
    found(&mut state, ticket, &query, 100);
    press(&mut state, Press::Next);
    let counts = press(&mut state, Press::Jobs(jobs::Press::Narrow));
    count(&mut state, &counts);
    // 地点: 不限, three distances as no neighbours are known, then the other towns.
    presses(&mut state, &[Press::Open(0), Press::Next]);
    let chosen = press(&mut state, Press::Open(3));
    count(&mut state, &chosen);
    assert!(matches!(state.page(), Some(Page::Jobs(jobs::Page::Narrow(_)))));
    let (ticket, query) = postings_asked(&press(&mut state, Press::Jobs(jobs::Press::ShowHits)));
    let town = query.filters.within.as_ref().expect("a town");
    assert!(state.machine.towns.iter().any(|known| known.code == *town));
    assert_ne!(*town, state.machine.office.division);
    assert_eq!((query.offset, query.limit), (0, state.fit().jobs.cells()));
    found(&mut state, ticket, &query, 3);
    assert_eq!(visit(&state).trail.len(), 5, "home, tiles, list, filters, list");
    // 返回 leads to the filters as they were chosen, and on to the list without them.
    press(&mut state, Press::Back);
    let Some(Page::Jobs(jobs::Page::Narrow(narrow))) = state.page() else { panic!("filters") };
    assert_eq!(narrow.query.filters, query.filters);
    // The filter opens where its choice stands.
    press(&mut state, Press::Open(0));
    let Some(Page::Jobs(jobs::Page::Options(options))) = state.page() else { panic!("choices") };
    assert_eq!(options.page, 1);
    press(&mut state, Press::Back);
    press(&mut state, Press::Back);
    let Some(Page::Jobs(jobs::Page::List(list))) = state.page() else { panic!("the list") };
    assert_eq!(list.query.filters, listings::Filters::default());
    let counts = press(&mut state, Press::Jobs(jobs::Press::Narrow));
    count(&mut state, &counts);
    let cleared = press(&mut state, Press::Jobs(jobs::Press::Clear));
    count(&mut state, &cleared);
    let (_, query) = postings_asked(&press(&mut state, Press::Jobs(jobs::Press::ShowHits)));
    assert_eq!(query.filters, listings::Filters::default());
    let counts = press(&mut state, Press::Jobs(jobs::Press::Narrow));
    count(&mut state, &counts);
    press(&mut state, Press::Open(0));
    assert_eq!(press(&mut state, Press::Open(400)), [], "no such choice");
    assert!(matches!(state.page(), Some(Page::Jobs(jobs::Page::Options(_)))));
}

#[test]
fn however_often_one_filters_the_staff_are_at_work() {
    let (mut state, ticket, query) = all_jobs();
    found(&mut state, ticket, &query, 100);
    let desk = Page::Staff(staff::Page::Desk(staff::Desk::default()));
    state.visit.as_mut().expect("a visit").trail.insert(1, desk);
    let shape = |state: &State| visit(state).trail.iter().map(discriminant).collect::<Vec<_>>();
    let mut shapes = Vec::new();
    for _ in 0..12 {
        let counts = press(&mut state, Press::Jobs(jobs::Press::Narrow));
        count(&mut state, &counts);
        let asked = postings_asked(&press(&mut state, Press::Jobs(jobs::Press::ShowHits)));
        found(&mut state, asked.0, &asked.1, 3);
        assert!(visit(&state).staffed());
        shapes.push(shape(&state));
    }
    assert_eq!(shapes[0].len(), 6, "home, desk, tiles, list, filters, list");
    assert!(shapes.iter().all(|shape| *shape == shapes[0]), "the last list only is kept below");
    // A trail that grows by 帮助 forgets what was browsed, not who is at work.
    for at in 0..40 {
        let page = if at % 2 == 0 { Page::Help } else { Page::Rights };
        state.visit.as_mut().expect("a visit").go(page);
    }
    assert!(visit(&state).staffed() && matches!(visit(&state).trail[0], Page::Home));
}

#[test]
fn what_is_nearest_to_nothing_is_one_touch_away() {
    let (mut state, ticket, query) = all_jobs();
    let wider = listings::Query { words: "dh".into(), ..query.clone() };
    let nearest = listings::Nearest {
        query: wider,
        without: vec![listings::Facet::Place],
        other_words: true,
        total: 3,
    };
    let results = listings::Results {
        total: 0,
        rows: Vec::new(),
        nearest: Some(Box::new(nearest)),
        took: Duration::ZERO,
    };
    step(&mut state, Event::Postings { ticket, query, results });
    let (_, query) = postings_asked(&press(&mut state, Press::Jobs(jobs::Press::Nearest)));
    assert_eq!(query.words, "dh");
    press(&mut state, Press::Back);
    let Some(Page::Jobs(jobs::Page::List(list))) = state.page() else { panic!("the list") };
    assert_eq!(list.query.words, "", "what found nothing is there again");
}

#[test]
fn two_postings_stand_side_by_side() {
    let (mut state, ticket, query) = all_jobs();
    found(&mut state, ticket, &query, 3);
    presses(&mut state, &[Press::Open(0), Press::Jobs(jobs::Press::Keep)]);
    assert!(
        matches!(state.page(), Some(Page::Jobs(jobs::Page::One(_)))),
        "there is nothing to compare it with"
    );
    presses(&mut state, &[Press::Back, Press::Open(1), Press::Jobs(jobs::Press::Keep)]);
    let Some(Page::Jobs(jobs::Page::Compare(compare))) = state.page() else {
        panic!("the comparison")
    };
    assert_eq!((compare.left.id.as_str(), compare.right.id.as_str()), ("p-0", "p-1"));
    press(&mut state, Press::Jobs(jobs::Press::Left));
    let Some(Page::Jobs(jobs::Page::One(job))) = state.page() else { panic!("the posting") };
    assert_eq!(job.posting.id.as_str(), "p-0");
    // Back to both, by 返回 or by the same button, as often as one likes.
    let deep = visit(&state).trail.len();
    for _ in 0..20 {
        press(&mut state, Press::Back);
        assert!(matches!(state.page(), Some(Page::Jobs(jobs::Page::Compare(_)))));
        presses(&mut state, &[Press::Jobs(jobs::Press::Right), Press::Jobs(jobs::Press::Keep)]);
        assert!(matches!(state.page(), Some(Page::Jobs(jobs::Page::Compare(_)))));
        press(&mut state, Press::Jobs(jobs::Press::Left));
        assert_eq!(visit(&state).trail.len(), deep);
    }
    // The one that was kept is let go by the same button.
    press(&mut state, Press::Jobs(jobs::Press::Keep));
    assert_eq!(visit(&state).kept, None);
    presses(&mut state, &[Press::Jobs(jobs::Press::Keep), Press::End, Press::Start]);
    assert_eq!(visit(&state).kept, None, "the next resident compares for themselves");
}

#[test]
fn a_day_of_the_sheet_opens_its_fair_and_months_have_an_end() {
    let mut state = kiosk();
    let asked = presses(&mut state, &[Press::Start, Press::To(Entrance::Fairs)]);
    let [Effect::FindFairs { ticket, month }] = asked[..] else { panic!("{asked:?}") };
    let fairs = [3, 3, 9].map(|day| fair(month, day - 1)).to_vec();
    step(&mut state, Event::Fairs { ticket, month, fairs });
    press(&mut state, Press::Fairs(fairs::Press::Day(4)));
    let sheet = |state: &State| match state.page() {
        Some(Page::Fairs(fairs::Page::Month(sheet))) => sheet.clone(),
        other => panic!("the sheet, not {other:?}"),
    };
    assert_eq!(sheet(&state).listed().len(), 3, "nothing is on the 4th");
    press(&mut state, Press::Fairs(fairs::Press::Day(3)));
    assert_eq!(sheet(&state).listed().len(), 2);
    press(&mut state, Press::Fairs(fairs::Press::Day(3)));
    assert_eq!(sheet(&state).listed().len(), 3);
    press(&mut state, Press::Fairs(fairs::Press::Day(9)));
    assert!(matches!(state.page(), Some(Page::Fairs(fairs::Page::One(_)))));
    press(&mut state, Press::Back);
    let mut months = 0;
    while !press(&mut state, Press::Fairs(fairs::Press::NextMonth)).is_empty() {
        months += 1;
        assert!(months < 100);
    }
    assert_eq!(months, 12);
    // A late answer for another month is dropped.
    step(&mut state, Event::Fairs { ticket, month, fairs: vec![fair(month, 1)] });
    assert_eq!(sheet(&state).fairs, None);
}

#[test]
fn the_sheet_opens_where_the_next_fair_is() {
    let opened = |next: Option<jiff::civil::Date>| {
        let mut state = kiosk();
        state.machine.summary.next_fair = next;
        let asked = presses(&mut state, &[Press::Start, Press::To(Entrance::Fairs)]);
        let [Effect::FindFairs { month, .. }] = asked[..] else { panic!("{asked:?}") };
        (month, state.machine.wall.date().first_of_month())
    };
    let (month, now) = opened(None);
    assert_eq!(month, now);
    let later = now.saturating_add(jiff::Span::new().months(2));
    assert_eq!(opened(Some(later.last_of_month())).0, later);
    // A clock that jumped back or a day nobody can turn to: the present month.
    assert_eq!(opened(Some(now.yesterday().expect("a day"))).0, now);
    assert_eq!(opened(Some(now.saturating_add(jiff::Span::new().months(13)))).0, now);
}

#[test]
fn the_pad_takes_letters_and_digits_up_to_its_limit() {
    let (mut state, ..) = all_jobs();
    press(&mut state, Press::Jobs(jobs::Press::Search));
    for key in ['D', '4', 'é', '电', ' ', '-', 'h'] {
        press(&mut state, Press::Pad(Stroke::Key(key)));
    }
    assert_eq!(pad(&state).typed, "d4h");
    for _ in 0..20 {
        press(&mut state, Press::Pad(Stroke::Key('g')));
    }
    let most = pad(&state).typed.len();
    assert!((4..=16).contains(&most), "{most}");
    press(&mut state, Press::Pad(Stroke::Key('g')));
    assert_eq!(pad(&state).typed.len(), most);
    press(&mut state, Press::Pad(Stroke::Erase));
    assert_eq!(pad(&state).typed.len(), most - 1);
    assert_eq!(press(&mut state, Press::Jobs(jobs::Press::Clear)), []);
    assert_eq!(pad(&state), &jobs::Pad::default());
    assert_eq!(press(&mut state, Press::Pad(Stroke::Erase)), []);
}

#[test]
fn what_was_found_for_fewer_letters_is_dropped() {
    let (mut state, ..) = all_jobs();
    press(&mut state, Press::Jobs(jobs::Press::Search));
    let (ticket, d) = postings_asked(&press(&mut state, Press::Pad(Stroke::Key('D'))));
    let (_, dh) = postings_asked(&press(&mut state, Press::Pad(Stroke::Key('H'))));
    assert_eq!((d.words.as_str(), dh.words.as_str()), ("d", "dh"));
    found(&mut state, ticket, &d, 40);
    assert!(pad(&state).results.is_none());
    found(&mut state, ticket, &dh, 4);
    assert_eq!(pad(&state).results.as_ref().map(|r| r.total), Some(4));
    // Everything erased: what is still under way belongs to nothing.
    presses(&mut state, &[Press::Pad(Stroke::Erase), Press::Pad(Stroke::Erase)]);
    found(&mut state, ticket, &d, 40);
    assert!(pad(&state).results.is_none());
}

#[test]
fn what_the_pad_found_becomes_the_list_and_can_be_undone() {
    let (mut state, ..) = all_jobs();
    press(&mut state, Press::Jobs(jobs::Press::Search));
    presses(
        &mut state,
        &[Press::Pad(Stroke::Key('D')), Press::Pad(Stroke::Key('H')), Press::Pad(Stroke::Key('G'))],
    );
    let (ticket, query) = postings_asked(&press(&mut state, Press::Jobs(jobs::Press::ShowHits)));
    assert_eq!(query.words, "dhg");
    found(&mut state, ticket, &query, 4);
    assert_eq!(list(&state).total, 4);
    let (_, query) = postings_asked(&press(&mut state, Press::Jobs(jobs::Press::Clear)));
    assert_eq!(query.words, "");
}

#[test]
fn another_size_keeps_the_list_on_a_whole_page() {
    let (mut state, ticket, query) = all_jobs();
    found(&mut state, ticket, &query, 100);
    let mut asked = postings_asked(&press(&mut state, Press::Next));
    for _ in 0..6 {
        found(&mut state, asked.0, &asked.1, 100);
        asked = postings_asked(&press(&mut state, Press::Next));
    }
    let row = asked.1.offset;
    let (ticket, query) = postings_asked(&press(&mut state, Press::Larger));
    assert_eq!(query.limit, state.fit().jobs.cells());
    assert_eq!(query.offset % query.limit, 0);
    assert!((query.offset..query.offset + query.limit).contains(&row), "the first row stays");
    found(&mut state, ticket, &query, 100);
    let turned = resized(Size { width: 1080, height: 700 });
    let (_, query) = postings_asked(&step(&mut state, turned));
    assert_eq!(query.offset % query.limit, 0);
}

#[test]
fn a_list_that_was_left_while_it_loaded_is_asked_for_again() {
    let (mut state, ticket, query) = all_jobs();
    press(&mut state, Press::Jobs(jobs::Press::Search));
    found(&mut state, ticket, &query, 100);
    let (_, again) = postings_asked(&press(&mut state, Press::Back));
    assert_eq!(again, query);
}

#[test]
fn a_posting_is_opened_read_and_taken_away() {
    let (mut state, ticket, query) = all_jobs();
    assert_eq!(press(&mut state, Press::Open(0)), []);
    assert!(matches!(state.page(), Some(Page::Jobs(jobs::Page::List(_)))), "nothing is there yet");
    found(&mut state, ticket, &query, 2);
    press(&mut state, Press::Open(2));
    assert!(matches!(state.page(), Some(Page::Jobs(jobs::Page::List(_)))), "there are two");
    press(&mut state, Press::Open(1));
    for _ in 0..50 {
        press(&mut state, Press::Next);
    }
    let Some(Page::Jobs(jobs::Page::One(job))) = state.page() else { panic!("the posting") };
    let pages = facts::posting_pages(&state.machine, &job.posting, &state.fit()).len();
    assert_eq!((job.posting.id.as_str(), job.page), ("p-1", pages - 1));
    // Fewer pages on a larger screen: the last one is still one of them.
    step(&mut state, resized(Size { width: 2160, height: 3840 }));
    let Some(Page::Jobs(jobs::Page::One(job))) = state.page() else { panic!("the posting") };
    let fewer = facts::posting_pages(&state.machine, &job.posting, &state.fit()).len();
    assert!(fewer < pages && job.page < fewer);
    press(&mut state, Press::TakeAway);
    assert!(
        matches!(state.page(), Some(Page::TakeAway(Taken::Posting(job))) if job.id.as_str() == "p-1")
    );
}

#[test]
fn guides_are_those_of_the_door_one_came_through() {
    let guides = |doors: &[Press]| -> Vec<usize> {
        let mut state = kiosk();
        press(&mut state, Press::Start);
        presses(&mut state, doors);
        match state.page() {
            Some(Page::Guides(guides::Page::Guides(list))) => list.of(&state.machine).collect(),
            other => panic!("guides, not {other:?}"),
        }
    };
    assert_eq!(guides(&[Press::To(Entrance::Guides)]), [0, 1, 2]);
    assert_eq!(guides(&[Press::To(Entrance::Work), Press::To(Entrance::Guides)]), [1]);
    assert_eq!(guides(&[Press::To(Entrance::Rights), Press::To(Entrance::Guides)]), [2]);
}

#[test]
fn an_empty_list_is_asked_for_again_when_the_cache_fills() {
    let (mut state, ticket, query) = all_jobs();
    found(&mut state, ticket, &query, 0);
    let filled = step(&mut state, Event::Summary(Box::default()));
    assert_eq!(postings_asked(&filled), (ticket, query.clone()));
    found(&mut state, ticket, &query, 3);
    assert_eq!(step(&mut state, Event::Summary(Box::default())), []);
}
