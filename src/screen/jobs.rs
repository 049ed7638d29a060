//! Finding work: tiles, the list, filters, the pad, two postings side by side.

use jiff::civil::Date;
use kiosk_base::domain::{Fen, Posting};
use slint::ComponentHandle;

use super::{
    Send,
    chrome::{place_name, wage},
    detail, int, key,
    lists::list_view,
    open, press, set, set_rows, ui, words,
};
use crate::visit::{
    self, Event, State,
    facts::{self, Kind, Value},
    fit::Grid,
    jobs::{
        Compare, Facet, Filters, Find, Jobs, Narrow, Nearest, Options, Pad, Page, Press, Tile,
        choices::{self, Choice, Offered},
        comparison::{self, Pair},
        narrowed,
    },
    keypad::Stroke,
    map::{self, MarkKind},
};

pub(super) fn bind(window: &ui::App, send: &Send) {
    let pressed = |one: Press| press(send, visit::Press::Jobs(one));
    let find = window.global::<ui::Find<'_>>();
    find.on_open(open(send));
    let to = send.clone();
    find.on_chip(move |chip| {
        if let Ok(chip) = usize::try_from(chip) {
            to(Event::Press(visit::Press::Jobs(Press::Chip(chip))));
        }
    });
    find.on_wages(pressed(Press::WageList));
    find.on_search(pressed(Press::Search));
    let jobs = window.global::<ui::Jobs<'_>>();
    jobs.on_open(open(send));
    jobs.on_narrow(pressed(Press::Narrow));
    jobs.on_search(pressed(Press::Search));
    jobs.on_clear(pressed(Press::Clear));
    jobs.on_nearest(pressed(Press::Nearest));
    let narrow = window.global::<ui::Narrow<'_>>();
    narrow.on_open(open(send));
    narrow.on_clear(pressed(Press::Clear));
    narrow.on_show(pressed(Press::ShowHits));
    window.global::<ui::Options<'_>>().on_choose(open(send));
    let pad = window.global::<ui::Pad<'_>>();
    pad.on_key(key(send));
    pad.on_erase(press(send, visit::Press::Pad(Stroke::Erase)));
    pad.on_clear(pressed(Press::Clear));
    pad.on_show(pressed(Press::ShowHits));
    pad.on_open(open(send));
    let to = send.clone();
    window.global::<ui::Compare<'_>>().on_open(move |side| {
        let chosen = if side == 0 { Press::Left } else { Press::Right };
        to(Event::Press(visit::Press::Jobs(chosen)));
    });
}

/// The kind of a page of this flow.
pub(super) fn kind(page: &Page) -> ui::PageKind {
    match page {
        Page::Find(_) => ui::PageKind::Find,
        Page::List(_) => ui::PageKind::Jobs,
        Page::Narrow(_) => ui::PageKind::Narrow,
        Page::Options(_) => ui::PageKind::Options,
        Page::Pad(_) => ui::PageKind::Pad,
        Page::One(_) => ui::PageKind::Job,
        Page::Compare(_) => ui::PageKind::Compare,
        Page::Map(_) => ui::PageKind::Map,
    }
}

pub(super) fn render(window: &ui::App, state: &State) {
    let Some(visit::Page::Jobs(page)) = state.page() else { return };
    match page {
        Page::Find(page) => find(window, state, page),
        Page::List(page) => list(window, state, page),
        Page::Narrow(page) => narrow(window, state, page),
        Page::Options(page) => options(window, state, page),
        Page::Pad(page) => pad(window, state, page),
        Page::Compare(page) => compare(window, state, page),
        Page::Map(posting) => map(window, state, posting),
        // `detail` shows these.
        Page::One(_) => {}
    }
}

fn find(window: &ui::App, state: &State, page: &Find) {
    let global = window.global::<ui::Find<'_>>();
    let tiles = page.tiles();
    let grid = state.fit().tiles(tiles.len());
    let waits = page.facets.is_none();
    set!(global, get_list, set_list, list_view(grid, page.page, tiles.len(), waits));
    let row = |(tile, count): &(Option<Tile>, usize)| {
        let choice = tile.map_or(Choice::Any, Choice::Tile);
        let count = (!waits).then_some(*count);
        choice_row(state, &Offered { choice, count, chosen: false })
    };
    let cells = grid.cells();
    let rows = tiles.iter().skip(page.page * cells).take(cells).map(row).collect();
    set_rows!(global, get_rows, set_rows, rows);
    let filters = &page.query.filters;
    let chip = |(facet, choice): (Facet, Choice)| {
        let offered = choices::offered(&state.machine, facet, &page.query, page.facets.as_ref());
        let offered = offered.into_iter().find(|offered| offered.choice == choice);
        let none = Offered { choice, count: (!waits).then_some(0), chosen: false };
        choice_row(state, &offered.unwrap_or(none))
    };
    set_rows!(global, get_chips, set_chips, choices::CHIPS.map(chip).into());
    let wage = present(state, Facet::Wage, filters);
    set!(global, get_wage, set_wage, wage);
}

fn list(window: &ui::App, state: &State, page: &Jobs) {
    let global = window.global::<ui::Jobs<'_>>();
    let grid = state.fit().jobs;
    let filters = &page.query.filters;
    let names = window.global::<ui::Choices<'_>>();
    let tile = filters.tile.map(|tile| names.invoke_tile_name(tile_number(tile)));
    let nearest = page.results.as_ref().and_then(|results| results.nearest.as_deref());
    let given_up = |nearest: &Nearest| {
        let without = nearest.without.iter().map(|facet| names.invoke_facet_name(*facet as i32));
        words::list(&without.map(|name| name.to_string()).collect::<Vec<_>>())
    };
    let view = ui::JobsView {
        words: page.query.words.to_uppercase().into(),
        tile: tile.unwrap_or_default(),
        filters: int(filters.count() - usize::from(filters.tile.is_some())),
        nearest: nearest.map_or(0, |nearest| int(nearest.total)),
        nearest_words: nearest.is_some_and(|nearest| nearest.other_words),
        nearest_without: nearest.map(given_up).unwrap_or_default().into(),
        total: int(page.total),
        page: int(page.query.offset / page.query.limit.max(1) + 1),
        pages: int(grid.pages(page.total)),
        columns: int(grid.columns),
        rows_a_page: int(grid.rows),
        loading: page.results.is_none(),
    };
    set!(global, get_view, set_view, view);
    // While the next page is looked for, the present one stays.
    if let Some(results) = &page.results {
        let today = state.machine.wall.date();
        let row = |posting: &Posting| job_row(window, posting, state, today);
        let rows = results.rows.iter().map(row).collect();
        set_rows!(global, get_rows, set_rows, rows);
    } else if page.total == 0 {
        set_rows!(global, get_rows, set_rows, Vec::new());
    }
}

fn job_row(window: &ui::App, posting: &Posting, state: &State, today: Date) -> ui::JobRow {
    let (amount, period) = wage(posting.wage);
    let (meals, lodging) = (posting.meals == Some(true), posting.lodging == Some(true));
    let free = meals || lodging;
    let refused = posting.meals == Some(false) || posting.lodging == Some(false);
    let words =
        |value| window.global::<ui::Job<'_>>().invoke_words(detail::fact_row(Kind::Board, &value));
    // What is free has a place of its own on the card.
    let board =
        facts::board_and_lodging(posting).filter(|_| (!free || refused) && !posting.names_board());
    let board = board.map(|value| words(value).to_string());
    let same = |benefit: &&String| match benefit.as_str() {
        "包吃住" => meals && lodging,
        "包吃" => meals,
        "包住" => lodging,
        _ => false,
    };
    let others = posting.benefits.iter().filter(|benefit| !same(benefit)).cloned();
    let benefits: Vec<String> = board.into_iter().chain(others).collect();
    ui::JobRow {
        title: posting.title.as_str().into(),
        amount,
        period,
        employer: posting.employer.as_str().into(),
        place: place_name(posting, state).into(),
        openings: posting.openings.map_or(0, int),
        benefits: benefits.join(" · ").into(),
        meals,
        lodging,
        age_days: (today - posting.published).get_days(),
    }
}

fn narrow(window: &ui::App, state: &State, page: &Narrow) {
    let global = window.global::<ui::Narrow<'_>>();
    let filters = &page.query.filters;
    let rows = Facet::ALL.into_iter().map(|facet| present(state, facet, filters)).collect();
    set_rows!(global, get_rows, set_rows, rows);
    set!(global, get_filters, set_filters, int(filters.count()));
    let total = page.facets.as_ref().map_or(-1, |facets| int(facets.total));
    set!(global, get_total, set_total, total);
}

fn options(window: &ui::App, state: &State, page: &Options) {
    let global = window.global::<ui::Options<'_>>();
    let Some((query, facets)) = state.visit.as_ref().and_then(narrowed) else { return };
    let offered = choices::offered(&state.machine, page.facet, query, facets);
    let grid = state.fit().options;
    set!(global, get_facet, set_facet, page.facet as i32);
    set!(global, get_list, set_list, list_view(grid, page.page, offered.len(), facets.is_none()));
    let cells = grid.cells();
    let shown = offered.iter().skip(page.page * cells).take(cells);
    set_rows!(global, get_rows, set_rows, shown.map(|row| choice_row(state, row)).collect());
}

/// The present choice of the filter on `facet`.
fn present(state: &State, facet: Facet, filters: &Filters) -> ui::ChoiceRow {
    let choice = choices::chosen(facet, filters);
    choice_row(state, &Offered { choice, count: None, chosen: false })
}

fn choice_row(state: &State, offered: &Offered) -> ui::ChoiceRow {
    use ui::ChoiceKind as Kind;
    let (kind, value, text) = match &offered.choice {
        Choice::Any => (Kind::Any, 0, None),
        Choice::Near(near) => (Kind::Near, *near as i32, None),
        Choice::Town(code) => (Kind::Town, 0, state.machine.place(code)),
        Choice::Wage(Fen(fen)) => (Kind::Wage, int(fen / 100), None),
        Choice::Tile(tile) => (Kind::Tile, tile_number(*tile), None),
        Choice::Education(step) => (Kind::Education, *step as i32, None),
        Choice::Form(form) => (Kind::Form, *form as i32, None),
        Choice::Meals => (Kind::Meals, 0, None),
        Choice::Lodging => (Kind::Lodging, 0, None),
        Choice::Board => (Kind::Board, 0, None),
    };
    ui::ChoiceRow {
        kind,
        value,
        text: text.unwrap_or_default().into(),
        count: offered.count.map_or(-1, int),
        chosen: offered.chosen,
    }
}

fn tile_number(tile: Tile) -> i32 {
    int(Tile::all().position(|one| one == tile).unwrap_or_default())
}

fn pad(window: &ui::App, state: &State, page: &Pad) {
    let global = window.global::<ui::Pad<'_>>();
    let results = page.results.as_ref().filter(|_| !page.typed.is_empty());
    let nearest = results.and_then(|results| results.nearest.as_ref());
    let view = ui::PadView {
        typed: page.typed.to_uppercase().into(),
        full: page.is_full(),
        total: results.map_or(0, |results| int(results.total)),
        nearest: nearest.map_or(0, |nearest| int(nearest.total)),
        loading: page.query.is_some() && page.results.is_none(),
    };
    set!(global, get_view, set_view, view);
    let hits = page.results.iter().flat_map(|results| &results.rows);
    let titles = hits.map(|posting| posting.title.as_str().into()).collect();
    set_rows!(global, get_hits, set_hits, titles);
    set!(global, get_hits_a_page, set_hits_a_page, int(state.fit().hits));
}

fn compare(window: &ui::App, state: &State, page: &Compare) {
    let global = window.global::<ui::Compare<'_>>();
    let words = |posting: &Posting| {
        let (amount, period) = wage(posting.wage);
        window.global::<ui::Wages<'_>>().invoke_words(amount, period)
    };
    set!(global, get_left_title, set_left_title, page.left.title.as_str().into());
    set!(global, get_left_wage, set_left_wage, words(&page.left));
    set!(global, get_right_title, set_right_title, page.right.title.as_str().into());
    set!(global, get_right_wage, set_right_wage, words(&page.right));
    let pages = comparison::pages(page, &state.fit());
    let list = list_view(Grid { columns: 1, rows: 1 }, page.page, pages.len(), false);
    set!(global, get_list, set_list, list);
    let pairs = pages.get(page.page).or(pages.last()).into_iter().flatten();
    set_rows!(global, get_rows, set_rows, pairs.map(pair_row).collect());
}

fn map(window: &ui::App, state: &State, posting: &Posting) {
    let global = window.global::<ui::Map<'_>>();
    let room = state.fit().map;
    let Some(map) = map::of(&state.machine, posting, room) else {
        set!(global, get_view, set_view, Default::default());
        set_rows!(global, get_marks, set_marks, Vec::new());
        set_rows!(global, get_way, set_way, Vec::new());
        return;
    };
    let view = ui::MapView {
        title: posting.title.as_str().into(),
        away: detail::fact_row(Kind::Away, &Value::Away(map.away)),
        across: room.across,
        down: room.down,
        bar_km: int(map.bar_km),
        bar: map.bar,
        unmeasured: int(map.unmeasured),
        sources: map.sources.into_iter().collect::<Vec<_>>().join("；").into(),
    };
    set!(global, get_view, set_view, view);
    let mark = |mark: &map::Mark| ui::MapMark {
        kind: match mark.kind {
            MarkKind::Hall => ui::MarkKind::Hall,
            MarkKind::Place => ui::MarkKind::Place,
            MarkKind::Town => ui::MarkKind::Town,
            MarkKind::City => ui::MarkKind::City,
        },
        x: mark.at.x,
        y: mark.at.y,
        name: mark.name.as_str().into(),
        named: mark.named.is_some(),
        name_x: mark.named.map_or(0.0, |at| at.x),
        name_y: mark.named.map_or(0.0, |at| at.y),
    };
    set_rows!(global, get_marks, set_marks, map.marks.iter().map(mark).collect());
    let dot = |point: &map::Point| ui::MapDot { x: point.x, y: point.y };
    set_rows!(global, get_way, set_way, map.way.iter().map(dot).collect());
}

fn pair_row(pair: &Pair) -> ui::PairRow {
    let cell = |value: &Option<_>| match value {
        Some(value) => detail::fact_row(pair.kind, value),
        None => ui::Fact { kind: detail::fact_kind(pair.kind), ..Default::default() },
    };
    ui::PairRow {
        has_left: pair.left.is_some(),
        left: cell(&pair.left),
        has_right: pair.right.is_some(),
        right: cell(&pair.right),
    }
}
