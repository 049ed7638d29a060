//! Lists that need no card: training, guides, boards.

use jiff::civil::Date;
use kiosk_base::domain::{TrainingNotice, guide::Window};
use slint::ComponentHandle;

use super::{Send, int, open, set, set_rows, ui};
use crate::visit::{
    Page, State,
    browse::{GUIDE_ROW, Guides, TRAINING_ROW, Trainings, pages},
    fit::Grid,
};

pub(super) fn bind(window: &ui::App, send: &Send) {
    window.global::<ui::Trainings<'_>>().on_open(open(send));
    window.global::<ui::Guides<'_>>().on_open(open(send));
    window.global::<ui::Boards<'_>>().on_open(open(send));
}

pub(super) fn render(window: &ui::App, state: &State) {
    match state.page() {
        Some(Page::Trainings(page)) => trainings(window, state, page),
        Some(Page::Guides(page)) => guides(window, state, page),
        Some(Page::Boards(page)) => boards(window, state, page),
        _ => {}
    }
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
    let days_left = match notice.enrol_until {
        _ if notice.enrol_from > today => -1,
        Some(last) => (last - today).get_days(),
        None => 0,
    };
    ui::TrainingRow {
        title: notice.title.as_str().into(),
        institution: notice.institution.as_str().into(),
        place: notice.place.as_str().into(),
        days_left,
        open_ended: notice.enrol_until.is_none(),
        begins: super::detail::month_day(notice.enrol_from).into(),
        cost: notice.cost.as_deref().unwrap_or_default().into(),
    }
}

fn guides(window: &ui::App, state: &State, page: &Guides) {
    let global = window.global::<ui::Guides<'_>>();
    let grid = state.fit().list(GUIDE_ROW);
    let total = page.of(&state.machine).count();
    set!(global, get_window, set_window, page.window.map_or(0, window_number));
    set!(global, get_view, set_view, list_view(grid, page.page, total, false));
    let shown = page.of(&state.machine).skip(page.page * grid.cells()).take(grid.cells());
    let rows = shown
        .map(|index| &state.machine.guides[index])
        .map(|guide| ui::GuideRow {
            title: guide.title.as_str().into(),
            window: window_number(guide.window),
        })
        .collect();
    set_rows!(global, get_rows, set_rows, rows);
}

fn window_number(window: Window) -> i32 {
    match window {
        Window::Jobs => 1,
        Window::Insurance => 2,
        Window::Rights => 3,
    }
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
    let visit = state.visit.as_ref();
    let count = visit.map_or(1, |visit| pages(&state.machine, visit, &state.fit()));
    (int(page + 1), int(count))
}
