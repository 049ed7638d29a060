//! Importing from a USB stick: the files, and the report on one.

use slint::ComponentHandle;

use super::{Send, detail::full_date, int, lists::list_view, open, press, set, set_rows, ui};
use crate::visit::{
    self, State,
    fit::Grid,
    stick::{
        self, Import, Kept, Page, Press, Problem, Reason, RemarkKind, Stage, Sticks, Unfit, What,
        Why,
    },
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
    let grid = state.fit().list(stick::FILE_ROW);
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
    let problems = report.map(stick::problems).unwrap_or_default();
    let lines = stick::lines(&state.fit());
    let list = list_view(Grid { columns: 1, rows: lines }, page.page, problems.len(), false);
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
    let shown = problems.iter().skip(page.page * lines).take(lines).map(problem);
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

/// Longest words of a file in a line of the report, in characters.
const QUOTED_CHARS: usize = 16;

fn problem(problem: &Problem) -> ui::ProblemRow {
    use ui::ProblemKind as Kind;
    let day;
    let (kind, text, count) = match &problem.what {
        What::Refused(reason) => match reason {
            Reason::Missing => (Kind::Missing, "", 0),
            Reason::Date(text) => (Kind::Date, text.as_str(), 0),
            Reason::EndsBeforeBeginning => (Kind::EndsEarly, "", 0),
            Reason::TooLong => (Kind::TooLong, "", 0),
            Reason::Damaged => (Kind::Damaged, "", 0),
            Reason::OpenQuote => (Kind::OpenQuote, "", 0),
            Reason::TooManyValues => (Kind::TooMany, "", 0),
            Reason::Incomplete(elements) => {
                (Kind::Incomplete, elements.first().copied().unwrap_or_default(), 0)
            }
            Reason::NoLastDay => (Kind::NoLastDay, "", 0),
            Reason::Town(text) => (Kind::Town, text.as_str(), 0),
            Reason::Elsewhere => (Kind::Elsewhere, "", 0),
            Reason::Form(_) => (Kind::Form, "", 0),
        },
        What::Discriminating(words) => (Kind::Discriminating, words.as_str(), 0),
        What::Unmapped(code, rows) => (Kind::Unmapped, code.as_str(), *rows),
        What::Remark(remark) => match remark {
            RemarkKind::Wage(fault, text) if fault.is_in_words() => {
                (Kind::WageAsItIs, text.as_str(), 0)
            }
            RemarkKind::Wage(_, text) => (Kind::Wage, text.as_str(), 0),
            RemarkKind::Number(text) => (Kind::Number, text.as_str(), 0),
            RemarkKind::Choice(text) => (Kind::Choice, text.as_str(), 0),
            RemarkKind::Cut => (Kind::Cut, "", 0),
            RemarkKind::Undated => (Kind::Undated, "", 0),
            RemarkKind::Division(text) => (Kind::Division, text.as_str(), 0),
            RemarkKind::Merged => (Kind::Merged, "", 0),
            RemarkKind::Formula => (Kind::Formula, "", 0),
            RemarkKind::Damaged => (Kind::Damaged, "", 0),
            RemarkKind::Differs => (Kind::Differs, "", 0),
            RemarkKind::Year(date) => {
                day = full_date(*date);
                (Kind::Year, day.as_str(), 0)
            }
            RemarkKind::Begins(date) => {
                day = full_date(*date);
                (Kind::Begins, day.as_str(), 0)
            }
            RemarkKind::Narrow => (Kind::Narrow, "", 0),
            RemarkKind::Rounded(text) => (Kind::Rounded, text.as_str(), 0),
            RemarkKind::TooMany(text) => (Kind::Crowded, text.as_str(), 0),
            RemarkKind::Over(date) => {
                day = full_date(*date);
                (Kind::Over, day.as_str(), 0)
            }
            RemarkKind::Beside(text) | RemarkKind::LeftOut(text) | RemarkKind::OtherWage(text) => {
                (Kind::LeftOut, text.as_str(), 0)
            }
            RemarkKind::NoPhone => (Kind::NoPhone, "", 0),
        },
        What::LeftOut(words) => (Kind::NoItem, words.as_str(), 0),
        What::Untaken(why, rows, example) => {
            let kind = match why {
                Why::Unknown => Kind::UnknownColumn,
                Why::PassedOver => Kind::PassedOver,
                Why::AnotherCounts => Kind::AnotherCounts,
            };
            (kind, example.as_str(), *rows)
        }
        What::Dropped(Kept::Row(place) | Kept::File { place, .. }) => {
            (Kind::SameRow, "", place.row)
        }
        What::Dropped(Kept::County { .. }) => (Kind::SameCounty, "", 0),
        What::Dropped(Kept::Town { .. }) => (Kind::SameTown, "", 0),
    };
    let place = problem.place.as_ref();
    ui::ProblemRow {
        refused: matches!(problem.what, What::Refused(_)),
        row: place.map_or(0, |place| int(place.row)),
        sheet: place
            .and_then(|place| place.sheet.as_deref())
            .map(shortened)
            .unwrap_or_default()
            .into(),
        column: shortened(&problem.column).into(),
        kind,
        text: shortened(text).into(),
        count: int(count),
    }
}

fn shortened(text: &str) -> String {
    match text.chars().count() > QUOTED_CHARS {
        true => text.chars().take(QUOTED_CHARS - 1).chain(['…']).collect(),
        false => text.to_owned(),
    }
}
