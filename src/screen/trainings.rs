//! The list of training notices. One of them: [`detail`](super::detail).

use jiff::civil::Date;
use kiosk_base::domain::TrainingNotice;
use slint::ComponentHandle;

use super::{Send, lists::list_view, open, set, set_rows, ui, words};
use crate::visit::{
    State,
    trainings::{Page, Trainings},
};

pub(super) fn bind(window: &ui::App, send: &Send) {
    window.global::<ui::Trainings<'_>>().on_open(open(send));
}

/// The kind of a page of this flow.
pub(super) fn kind(page: &Page) -> ui::PageKind {
    match page {
        Page::List(_) => ui::PageKind::Trainings,
        Page::One(_) => ui::PageKind::Training,
    }
}

pub(super) fn render(window: &ui::App, state: &State) {
    if let Some(crate::visit::Page::Trainings(Page::List(page))) = state.page() {
        list(window, state, page);
    }
}

fn list(window: &ui::App, state: &State, page: &Trainings) {
    let global = window.global::<ui::Trainings<'_>>();
    let grid = state.fit().trainings;
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
        begins: words::month_day(notice.enrol_from).into(),
        cost: notice.cost.as_deref().unwrap_or_default().into(),
    }
}
