//! The staff's PIN and pages.

use jiff::civil::DateTime;
use slint::ComponentHandle;

use super::{Send, int, lists::list_view, open, press, set, set_rows, ui, words};
use crate::visit::{
    self, State,
    fit::Grid,
    staff::{self, CheckRow, CollectionProgress, Desk, Page, Press},
};

pub(super) fn bind(window: &ui::App, send: &Send) {
    let pressed = |one: Press| press(send, visit::Press::Staff(one));
    let staff = window.global::<ui::Staff<'_>>();
    staff.on_refresh(pressed(Press::Refresh));
    staff.on_open_checks(pressed(Press::Checks));
    staff.on_check(pressed(Press::Check));
    staff.on_acknowledge(pressed(Press::Acknowledge));
    staff.on_manage(pressed(Press::Manage));
    staff.on_open_marks(pressed(Press::Marks));
    staff.on_open_sticks(pressed(Press::Sticks));
    window.global::<ui::Marks<'_>>().on_take_away(open(send));
}

/// The kind of a page of this flow.
pub(super) fn kind(page: &Page) -> ui::PageKind {
    match page {
        Page::Pin(_) => ui::PageKind::Pin,
        Page::Desk(_) => ui::PageKind::Staff,
        Page::Checks(_) => ui::PageKind::Checks,
        Page::Marks(_) => ui::PageKind::Marks,
    }
}

pub(super) fn render(window: &ui::App, state: &State) {
    let pin = window.global::<ui::Pin<'_>>();
    let view = match state.page() {
        Some(visit::Page::Staff(Page::Pin(page))) => {
            super::identify::keypad(window, page.typed.len(), page.waiting);
            let (sentence, wait) = match page.refused {
                Some((stop, wait)) => (stop.entry().staff, wait),
                None => ("", 0),
            };
            ui::PinView {
                digits: int(page.typed.len()),
                sentence: if sentence.is_empty() {
                    "".into()
                } else {
                    format!("{sentence}。").into()
                },
                wait: int(wait),
                waiting: page.waiting,
            }
        }
        _ => Default::default(),
    };
    set!(pin, get_view, set_view, view);
    let Some(desk) = state.visit.as_ref().and_then(staff::desk) else { return };
    match state.page() {
        Some(visit::Page::Staff(Page::Desk(_))) => home(window, state, desk),
        Some(visit::Page::Staff(Page::Checks(page))) => checks(window, state, desk, *page),
        Some(visit::Page::Staff(Page::Marks(page))) => marks(window, state, *page),
        _ => {}
    }
}

fn home(window: &ui::App, state: &State, desk: &Desk) {
    let staff = window.global::<ui::Staff<'_>>();
    let refresh = &state.machine.refresh;
    let sentence = refresh.failed.map(|stop| {
        let entry = stop.entry();
        format!("{} {}。{}。", entry.code, entry.staff, entry.remedy)
    });
    let view = ui::StaffView {
        running: refresh.running,
        checking: desk.checking,
        failed_checks: int(desk.failed()),
        alarm: state.machine.alarm.map(moment).unwrap_or_default().into(),
        sentence: sentence.unwrap_or_default().into(),
    };
    set!(staff, get_view, set_view, view);
    set!(staff, get_marked, set_marked, int(state.machine.summary.marks.len()));
    let collections = refresh.collections.iter().map(|c| collection(c, refresh.running)).collect();
    set_rows!(staff, get_collections, set_collections, collections);
}

fn checks(window: &ui::App, state: &State, desk: &Desk, page: usize) {
    let staff = window.global::<ui::Staff<'_>>();
    let shown = state.fit().checks;
    let grid = Grid { columns: 1, rows: shown };
    let list = list_view(grid, page, desk.checks.len(), desk.checking);
    set!(staff, get_list, set_list, list);
    let checks = desk.checks.iter().skip(page * shown).take(shown).map(check).collect();
    set_rows!(staff, get_checks, set_checks, checks);
}

fn marks(window: &ui::App, state: &State, page: usize) {
    let global = window.global::<ui::Marks<'_>>();
    let marks = &state.machine.summary.marks;
    let grid = state.fit().marks;
    set!(global, get_list, set_list, list_view(grid, page, marks.len(), false));
    let cells = grid.cells();
    let rows = marks.iter().skip(page * cells).take(cells).map(|marked| ui::MarkRow {
        title: marked.title.as_str().into(),
        pinned: marked.mark == staff::Mark::Pinned,
        date: words::month_day(marked.at.date()).into(),
    });
    set_rows!(global, get_rows, set_rows, rows.collect());
}

fn collection(progress: &CollectionProgress, running: bool) -> ui::CollectionRow {
    let refreshed = progress.refreshed.map(moment);
    ui::CollectionRow {
        code: progress.failed.map(|stop| stop.code()).unwrap_or_default().into(),
        kind: match progress.name.as_str() {
            "postings" => 1,
            "trainings" => 2,
            _ => 3,
        },
        rows: int(progress.rows),
        refreshed: refreshed.unwrap_or_default().into(),
        done: int(progress.done),
        total: int(progress.total),
        running,
    }
}

/// `11月23日 9:05`.
fn moment(at: DateTime) -> String {
    format!("{}月{}日 {}:{:02}", at.month(), at.day(), at.hour(), at.minute())
}

fn check(row: &CheckRow) -> ui::StaffRow {
    ui::StaffRow {
        ok: row.ok,
        message: row.message.as_str().into(),
        code: row.code.as_str().into(),
    }
}
