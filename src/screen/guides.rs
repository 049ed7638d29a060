//! The lists of guides and of boards. One of them: [`detail`](super::detail).

use kiosk_base::domain::guide::Window;
use slint::ComponentHandle;

use super::{Send, lists::list_view, open, set, set_rows, ui};
use crate::visit::{
    State,
    guides::{Guides, Page},
};

pub(super) fn bind(window: &ui::App, send: &Send) {
    window.global::<ui::Guides<'_>>().on_open(open(send));
    window.global::<ui::Boards<'_>>().on_open(open(send));
}

/// The kind of a page of this flow.
pub(super) fn kind(page: &Page) -> ui::PageKind {
    match page {
        Page::Guides(_) => ui::PageKind::Guides,
        Page::Guide(_) => ui::PageKind::Guide,
        Page::Boards(_) => ui::PageKind::Boards,
        Page::Board(_) => ui::PageKind::Board,
    }
}

pub(super) fn render(window: &ui::App, state: &State) {
    match state.page() {
        Some(crate::visit::Page::Guides(Page::Guides(page))) => guides(window, state, page),
        Some(crate::visit::Page::Guides(Page::Boards(page))) => boards(window, state, page),
        _ => {}
    }
}

fn guides(window: &ui::App, state: &State, page: &Guides) {
    let global = window.global::<ui::Guides<'_>>();
    let grid = state.fit().guides;
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
    let grid = state.fit().guides;
    let boards = &state.machine.boards;
    set!(global, get_view, set_view, list_view(grid, page.page, boards.len(), false));
    let shown = boards.iter().skip(page.page * grid.cells()).take(grid.cells());
    let rows =
        shown.map(|board| ui::GuideRow { title: board.title.as_str().into(), window: 0 }).collect();
    set_rows!(global, get_rows, set_rows, rows);
}
