//! The lists that need no card: jobs, the pad, towns, training, guides, boards.

use jiff::civil::Date;
use slint::ComponentHandle;

use super::{
    Send,
    chrome::{place_name, wage},
    int, key, open, press, set, set_rows, ui,
};
use crate::{
    domain::{Posting, TrainingNotice, guide::Window},
    visit::{
        Page, Press, State,
        browse::{GUIDE_ROW, Guides, Jobs, Pad, TRAINING_ROW, Towns, Trainings, pages},
        fit::Grid,
    },
};

pub(super) fn bind(window: &ui::App, send: &Send) {
    let jobs = window.global::<ui::Jobs<'_>>();
    jobs.on_open(open(send));
    jobs.on_choose_town(press(send, Press::TownList));
    jobs.on_search(press(send, Press::Search));
    jobs.on_clear(press(send, Press::Clear));
    let pad = window.global::<ui::Pad<'_>>();
    pad.on_key(key(send));
    pad.on_erase(press(send, Press::Erase));
    pad.on_clear(press(send, Press::Clear));
    pad.on_show(press(send, Press::ShowHits));
    pad.on_open(open(send));
    window.global::<ui::Towns<'_>>().on_choose(open(send));
    window.global::<ui::Trainings<'_>>().on_open(open(send));
    window.global::<ui::Guides<'_>>().on_open(open(send));
    window.global::<ui::Boards<'_>>().on_open(open(send));
}

pub(super) fn render(window: &ui::App, state: &State) {
    match state.page() {
        Some(Page::Jobs(page)) => jobs(window, state, page),
        Some(Page::Pad(page)) => pad(window, state, page),
        Some(Page::Towns(page)) => towns(window, state, page),
        Some(Page::Trainings(page)) => trainings(window, state, page),
        Some(Page::Guides(page)) => guides(window, state, page),
        Some(Page::Boards(page)) => boards(window, state, page),
        _ => {}
    }
}

fn jobs(window: &ui::App, state: &State, page: &Jobs) {
    let global = window.global::<ui::Jobs<'_>>();
    let grid = state.fit().jobs();
    let town = page.query.within.as_ref().and_then(|code| state.machine.place(code));
    let view = ui::JobsView {
        words: page.query.words.to_uppercase().into(),
        town: town.unwrap_or_default().into(),
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
        let rows = results.rows.iter().map(|posting| job_row(posting, state, today)).collect();
        set_rows!(global, get_rows, set_rows, rows);
    } else if page.total == 0 {
        set_rows!(global, get_rows, set_rows, Vec::new());
    }
}

fn job_row(posting: &Posting, state: &State, today: Date) -> ui::JobRow {
    let (amount, period) = wage(posting.wage);
    ui::JobRow {
        title: posting.title.as_str().into(),
        amount,
        period,
        employer: posting.employer.as_str().into(),
        place: place_name(posting, state).into(),
        openings: posting.openings.map_or(0, int),
        benefits: posting.benefits.join(" · ").into(),
        age_days: (today - posting.published).get_days(),
    }
}

fn pad(window: &ui::App, state: &State, page: &Pad) {
    let global = window.global::<ui::Pad<'_>>();
    let total = page.results.as_ref().map_or(0, |results| results.total);
    let view = ui::PadView {
        typed: page.typed.to_uppercase().into(),
        total: if page.typed.is_empty() { 0 } else { int(total) },
        loading: page.query.is_some() && page.results.is_none(),
    };
    set!(global, get_view, set_view, view);
    let hits = page.results.iter().flat_map(|results| &results.rows);
    let titles = hits.map(|posting| posting.title.as_str().into()).collect();
    set_rows!(global, get_hits, set_hits, titles);
    set!(global, get_hits_a_page, set_hits_a_page, int(state.fit().hits()));
}

fn towns(window: &ui::App, state: &State, page: &Towns) {
    let global = window.global::<ui::Towns<'_>>();
    let machine = &state.machine;
    let grid = state.fit().towns();
    let chosen = state.visit.as_ref().and_then(|visit| {
        visit.trail.iter().rev().find_map(|page| match page {
            Page::Jobs(jobs) => Some(jobs.query.within.clone()),
            _ => None,
        })
    });
    let chosen = chosen.flatten();
    let all = ui::TownRow { all: true, chosen: chosen.is_none(), ..Default::default() };
    let rows = machine.towns.iter().map(|town| {
        let here = machine.summary.per_division.iter().filter(|(code, _)| code.lies_in(&town.code));
        ui::TownRow {
            name: town.name.as_str().into(),
            all: false,
            count: int(here.map(|(_, count)| count).sum::<u64>()),
            chosen: chosen.as_ref() == Some(&town.code),
        }
    });
    let cells = grid.cells();
    let rows = std::iter::once(all).chain(rows).skip(page.page * cells).take(cells).collect();
    set_rows!(global, get_rows, set_rows, rows);
    set!(global, get_page, set_page, int(page.page + 1));
    set!(global, get_pages, set_pages, int(grid.pages(machine.towns.len() + 1)));
    set!(global, get_columns, set_columns, int(grid.columns));
    set!(global, get_rows_a_page, set_rows_a_page, int(grid.rows));
}

fn trainings(window: &ui::App, state: &State, page: &Trainings) {
    let global = window.global::<ui::Trainings<'_>>();
    let grid = state.fit().list(TRAINING_ROW);
    let at = page.offset / page.limit.max(1);
    let view = list_view(grid, at, page.total, page.results.is_none());
    set!(global, get_view, set_view, view);
    if let Some(results) = &page.results {
        let today = state.machine.wall.date();
        let rows = results.rows.iter().map(|notice| training_row(notice, today)).collect();
        set_rows!(global, get_rows, set_rows, rows);
    } else if page.total == 0 {
        set_rows!(global, get_rows, set_rows, Vec::new());
    }
}

fn training_row(notice: &TrainingNotice, today: Date) -> ui::TrainingRow {
    let begun = notice.enrol_from <= today;
    ui::TrainingRow {
        title: notice.title.as_str().into(),
        institution: notice.institution.as_str().into(),
        place: notice.place.as_str().into(),
        days_left: if begun { (notice.enrol_until - today).get_days() } else { -1 },
        begins: super::detail::month_day(notice.enrol_from).into(),
        cost: notice.cost.as_deref().unwrap_or_default().into(),
    }
}

fn guides(window: &ui::App, state: &State, page: &Guides) {
    let global = window.global::<ui::Guides<'_>>();
    let grid = state.fit().list(GUIDE_ROW);
    let total = page.of(&state.machine).count();
    set!(global, get_view, set_view, list_view(grid, page.page, total, false));
    let shown = page.of(&state.machine).skip(page.page * grid.cells()).take(grid.cells());
    let rows = shown
        .map(|index| &state.machine.guides[index])
        .map(|guide| ui::GuideRow {
            title: guide.title.as_str().into(),
            window: match guide.window {
                Window::Jobs => 1,
                Window::Insurance => 2,
                Window::Rights => 3,
            },
        })
        .collect();
    set_rows!(global, get_rows, set_rows, rows);
}

fn boards(window: &ui::App, state: &State, page: &Guides) {
    let global = window.global::<ui::Boards<'_>>();
    let grid = state.fit().list(GUIDE_ROW);
    let boards = &state.machine.boards;
    set!(global, get_view, set_view, list_view(grid, page.page, boards.len(), false));
    let shown = boards.iter().skip(page.page * grid.cells()).take(grid.cells());
    let rows =
        shown.map(|board| ui::GuideRow { title: board.title.as_str().into(), window: 0 }).collect();
    set_rows!(global, get_rows, set_rows, rows);
}

/// The head of a list: which page of how many.
pub(super) fn list_view(grid: Grid, page: usize, total: usize, loading: bool) -> ui::ListView {
    ui::ListView {
        page: int(page + 1),
        pages: int(grid.pages(total)),
        total: int(total),
        columns: int(grid.columns),
        rows_a_page: int(grid.rows),
        loading,
    }
}

/// Which page of how many the present page is on, counted from 1.
pub(super) fn place_in(state: &State, page: usize) -> (i32, i32) {
    let count = state.page().map_or(1, |shown| pages(&state.machine, shown, &state.fit()));
    (int(page + 1), int(count))
}
