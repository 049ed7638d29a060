//! What the heads of lists and of pages with several leaves say.

use super::{int, ui};
use crate::visit::{State, fit::Grid};

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
    (int(page + 1), int(state.pages()))
}
