//! Importing from a USB stick: the files, and the report on one.

use slint::ComponentHandle;

use super::{Send, int, lists::list_view, open, press, set, set_rows, ui};
use crate::visit::{
    self, State,
    fit::Grid,
    stick::{self, Import, Length, Line, Page, Press, Stage, Sticks, Unfit},
};

pub(super) fn bind(window: &ui::App, send: &Send) {
    let sticks = window.global::<ui::Sticks<'_>>();
    sticks.on_open(open(send));
    sticks.on_again(press(send, visit::Press::Stick(Press::LookAgain)));
    window.global::<ui::Import<'_>>().on_keep(press(send, visit::Press::Stick(Press::Keep)));
}

/// The kind of a page of this flow.
pub(super) fn kind(page: &Page) -> ui::PageKind {
    match page {
        Page::Files(_) => ui::PageKind::Sticks,
        Page::Import(_) => ui::PageKind::Import,
    }
}

pub(super) fn render(window: &ui::App, state: &State) {
    match state.page() {
        Some(visit::Page::Stick(Page::Files(page))) => sticks(window, state, page),
        Some(visit::Page::Stick(Page::Import(page))) => import(window, state, page),
        _ => {}
    }
}

fn sticks(window: &ui::App, state: &State, page: &Sticks) {
    let global = window.global::<ui::Sticks<'_>>();
    let files = page.files.as_deref().unwrap_or_default();
    let grid = state.fit().files;
    let list = list_view(grid, page.page, files.len(), page.files.is_none());
    set!(global, get_list, set_list, list);
    let cells = grid.cells();
    let rows = files.iter().skip(page.page * cells).take(cells).map(|file| ui::StickRow {
        name: file.name.as_str().into(),
        date: file
            .changed
            .map(|at| format!("{}月{}日", at.month(), at.day()))
            .unwrap_or_default()
            .into(),
        kilobytes: int(file.bytes.div_ceil(1_024)),
    });
    set_rows!(global, get_rows, set_rows, rows.collect());
}

fn import(window: &ui::App, state: &State, page: &Import) {
    let global = window.global::<ui::Import<'_>>();
    let report = stick::report(&page.stage);
    let lines = state.fit().problems;
    let count = report.map_or(0, |report| report.lines().count());
    let list = list_view(Grid { columns: 1, rows: lines }, page.page, count, false);
    let sentence = match page.stage {
        Stage::Lost(stop) => {
            let entry = stop.entry();
            format!("{} {}。{}。", entry.code, entry.staff, entry.remedy)
        }
        _ => String::new(),
    };
    let (missing, known) = match &page.stage {
        Stage::Refused(Unfit::Lacking(lacking)) => {
            (lacking.missing.join("、"), lacking.known.join("、"))
        }
        _ => (String::new(), String::new()),
    };
    let view = ui::ImportView {
        stage: stage(&page.stage),
        name: page.file.name.as_str().into(),
        accepted: report.map_or(0, |report| int(report.accepted)),
        incomplete: report.map_or(0, |report| int(report.incomplete)),
        duplicates: report.map_or(0, |report| int(report.duplicates)),
        expired: report.map_or(0, |report| int(report.expired)),
        refused: report.map_or(0, |report| int(report.refused.len())),
        page: list.page,
        pages: list.pages,
        sentence: sentence.into(),
        missing: missing.into(),
        known: known.into(),
    };
    set!(global, get_view, set_view, view);
    let shown = report.into_iter().flat_map(|report| report.lines());
    let shown = shown.skip(page.page * lines).take(lines).map(|line| ui::ProblemRow {
        refused: matches!(line, Line::Refused(_)),
        words: line.words(Length::Short).into(),
    });
    set_rows!(global, get_rows, set_rows, shown.collect());
}

fn stage(stage: &Stage) -> ui::ImportStage {
    match stage {
        Stage::Reading => ui::ImportStage::Reading,
        Stage::Tried(_) => ui::ImportStage::Tried,
        Stage::Refused(Unfit::Unreadable) => ui::ImportStage::Unreadable,
        Stage::Refused(Unfit::Empty) => ui::ImportStage::Empty,
        Stage::Refused(Unfit::TooLarge) => ui::ImportStage::TooLarge,
        Stage::Refused(Unfit::Unknown) => ui::ImportStage::Unknown,
        Stage::Refused(Unfit::Workbook) => ui::ImportStage::Workbook,
        Stage::Refused(Unfit::Columns) => ui::ImportStage::Columns,
        Stage::Refused(Unfit::Lacking(_)) => ui::ImportStage::Lacking,
        Stage::Keeping(_) => ui::ImportStage::Keeping,
        Stage::Kept(_) => ui::ImportStage::Kept,
        Stage::Lost(_) => ui::ImportStage::Lost,
    }
}
