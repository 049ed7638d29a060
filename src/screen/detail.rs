//! One posting, one notice, one guide, one board; help and rights.

use jiff::civil::Date;
use kiosk_base::domain::{Posting, TrainingNotice};
use slint::ComponentHandle;

use super::{Send, chrome::wage, int, lists::place_in, press, set, set_rows, ui, words};
use crate::visit::{
    Page, Press, State, Visit,
    facts::{self, Away, Fact, Kind, Line, Part, Towards, Value},
    guides, help, jobs, map,
    staff::{self, Mark},
    trainings,
};

pub(super) fn bind(window: &ui::App, send: &Send) {
    let job = window.global::<ui::Job<'_>>();
    window.global::<ui::Help<'_>>().on_ring(press(send, Press::Call));
    job.on_keep(press(send, Press::Jobs(jobs::Press::Keep)));
    job.on_map(press(send, Press::Jobs(jobs::Press::Map)));
    job.on_pin(press(send, Press::Staff(staff::Press::Pin)));
    job.on_hide(press(send, Press::Staff(staff::Press::Hide)));
}

pub(super) fn render(window: &ui::App, state: &State) {
    let machine = &state.machine;
    let fit = state.fit();
    match state.page() {
        Some(Page::Jobs(jobs::Page::One(job))) => {
            posting(window, state, &job.posting, job.page);
            let kept = state.visit.as_ref().and_then(|visit| visit.kept.as_ref());
            let kept = kept.map_or(0, |kept| if kept.id == job.posting.id { 1 } else { 2 });
            let global = window.global::<ui::Job<'_>>();
            set!(global, get_kept, set_kept, kept);
            set!(
                global,
                get_staffed,
                set_staffed,
                state.visit.as_ref().is_some_and(Visit::staffed)
            );
            let mark = staff::mark_of(machine, &job.posting.id);
            set!(global, get_pinned, set_pinned, mark == Some(Mark::Pinned));
            set!(global, get_hidden, set_hidden, mark == Some(Mark::Hidden));
        }
        Some(Page::Trainings(trainings::Page::One(training))) => {
            let global = window.global::<ui::Training<'_>>();
            let (page, pages) = place_in(state, training.page);
            let title = training.notice.title.as_str().into();
            set!(global, get_view, set_view, ui::TrainingView { title, page, pages });
            line_of_days(window, &training.notice, machine.wall.date());
            let all = facts::training_pages(&training.notice, &fit);
            set_rows!(global, get_facts, set_facts, on_page(&all, training.page, fact));
        }
        Some(Page::Guides(guides::Page::Guide(shown))) => {
            let guide = &machine.guides[shown.index];
            lines(window, state, &guide.title, &facts::guide_pages(guide, &fit), shown.page);
        }
        Some(Page::Guides(guides::Page::Board(shown))) => {
            let board = &machine.boards[shown.index];
            lines(window, state, &board.title, &facts::board_pages(board, &fit), shown.page);
        }
        Some(Page::Help) => {
            let global = window.global::<ui::Help<'_>>();
            let office = &machine.office;
            set!(global, get_phone, set_phone, office.phone.as_str().into());
            set!(global, get_hotline, set_hotline, office.hotline.as_str().into());
            set!(global, get_supervision, set_supervision, office.supervision.as_str().into());
            let who = machine.settings.who_comes.as_deref();
            set!(global, get_who, set_who, who.unwrap_or_default().into());
            let call = match state.call() {
                None => ui::CallStage::Impossible,
                Some(None) => ui::CallStage::Offered,
                Some(Some(help::Call::Calling(_))) => ui::CallStage::Calling,
                Some(Some(help::Call::Told(_))) => ui::CallStage::Told,
                Some(Some(help::Call::Failed(_))) => ui::CallStage::Failed,
            };
            set!(global, get_call, set_call, call);
        }
        Some(Page::Rights) => {
            let global = window.global::<ui::Rights<'_>>();
            set!(global, get_phone, set_phone, machine.office.phone.as_str().into());
        }
        _ => {}
    }
}

fn posting(window: &ui::App, state: &State, posting: &Posting, page: usize) {
    let global = window.global::<ui::Job<'_>>();
    let (amount, period) = wage(posting.wage);
    let all = facts::posting_pages(&state.machine, posting, &state.fit());
    let view = ui::JobView {
        title: posting.title.as_str().into(),
        amount,
        period,
        page: int(page + 1),
        pages: int(all.len()),
        phone: posting.phone.as_deref().unwrap_or_default().into(),
        mapped: map::is_near(&state.machine, posting),
    };
    set!(global, get_view, set_view, view);
    set_rows!(global, get_facts, set_facts, on_page(&all, page, fact));
}

/// The rows of a page; of the last one, if there are fewer.
pub(super) fn on_page<T, R>(pages: &[Vec<T>], page: usize, row: impl Fn(&T) -> R) -> Vec<R> {
    pages.get(page).or(pages.last()).into_iter().flatten().map(row).collect()
}

pub(super) fn fact(fact: &Fact) -> ui::Fact {
    fact_row(fact.kind, &fact.value)
}

pub(super) fn fact_row(kind: Kind, value: &Value) -> ui::Fact {
    let mut row = ui::Fact { kind: fact_kind(kind), number: -1, ..Default::default() };
    match value {
        Value::Text(text) => row.text = text.as_str().into(),
        Value::Code(code) => (row.text, row.coded) = (code.as_str().into(), true),
        Value::Number(number) => row.number = int(*number),
        Value::Away(Away { from, km, towards }) => {
            (row.from, row.number) = (from.as_str().into(), int(*km));
            match towards {
                Towards::Place(name) => row.text = name.as_str().into(),
                Towards::Compass(eighth) => row.compass = int(*eighth) + 1,
            }
        }
        Value::Day(day) => row.text = words::day(*day).into(),
        Value::Days(from, to) => {
            row.from = words::day(*from).into();
            // The year is said once.
            row.to =
                to.map(|to| {
                    if to.year() == from.year() { words::month_day(to) } else { words::day(to) }
                })
                .unwrap_or_default()
                .into();
        }
        Value::Form(form) => row.number = *form as i32,
        Value::Board(meals, lodging) => row.number = said(*meals) + 3 * said(*lodging),
        Value::Missing => row.missing = true,
    }
    row
}

/// 0 not said, 1 yes, 2 no.
fn said(answer: Option<bool>) -> i32 {
    match answer {
        None => 0,
        Some(true) => 1,
        Some(false) => 2,
    }
}

pub(super) fn fact_kind(kind: Kind) -> ui::FactKind {
    match kind {
        Kind::Employer => ui::FactKind::Employer,
        Kind::Openings => ui::FactKind::Openings,
        Kind::Conditions => ui::FactKind::Conditions,
        Kind::Education => ui::FactKind::Education,
        Kind::Duties => ui::FactKind::Duties,
        Kind::Place => ui::FactKind::Place,
        Kind::Hours => ui::FactKind::Hours,
        Kind::Benefits => ui::FactKind::Benefits,
        Kind::Contact => ui::FactKind::Contact,
        Kind::Phone => ui::FactKind::Phone,
        Kind::Closes => ui::FactKind::Closes,
        Kind::Published => ui::FactKind::Published,
        Kind::Source => ui::FactKind::Source,
        Kind::Institution => ui::FactKind::Institution,
        Kind::Occupation => ui::FactKind::Occupation,
        Kind::Level => ui::FactKind::Level,
        Kind::ClassHours => ui::FactKind::ClassHours,
        Kind::ForWhom => ui::FactKind::ForWhom,
        Kind::Cost => ui::FactKind::Cost,
        Kind::Seats => ui::FactKind::Seats,
        Kind::Content => ui::FactKind::Content,
        Kind::Experience => ui::FactKind::Experience,
        Kind::Form => ui::FactKind::Form,
        Kind::Board => ui::FactKind::Board,
        Kind::Day => ui::FactKind::Day,
        Kind::Time => ui::FactKind::Time,
        Kind::Organiser => ui::FactKind::Organiser,
        Kind::Employers => ui::FactKind::Employers,
        Kind::About => ui::FactKind::About,
        Kind::Away => ui::FactKind::Away,
    }
}

/// The days of a class that are known, each with what begins or ends on it, as `Training.name` has it.
pub(super) fn class_days(notice: &TrainingNotice) -> Vec<(i32, Date)> {
    let days = [Some(notice.enrol_from), notice.enrol_until, notice.starts, notice.ends];
    (0..).zip(days).filter_map(|(kind, day)| Some((kind, day?))).collect()
}

/// The days of a class, and how far along them today is: stops stand at equal distances.
fn line_of_days(window: &ui::App, notice: &TrainingNotice, today: Date) {
    let global = window.global::<ui::Training<'_>>();
    let days = class_days(notice);
    let stop = |(kind, day): &(i32, Date)| ui::Milestone {
        kind: *kind,
        date: words::month_day(*day).into(),
        passed: *day <= today,
    };
    set_rows!(global, get_line, set_line, days.iter().map(stop).collect());
    let passed = days.iter().take_while(|(_, day)| *day <= today).count();
    let along = match (passed.checked_sub(1), days.get(passed)) {
        (None, _) => 0.0,
        (Some(last), None) => last as f32,
        (Some(last), Some((_, next))) => {
            let from = days[last].1;
            let (gone, whole) = ((today - from).get_days(), (*next - from).get_days());
            last as f32 + gone as f32 / whole.max(1) as f32
        }
    };
    let legs = days.len().saturating_sub(1).max(1) as f32;
    set!(global, get_today, set_today, along / legs);
}

fn lines(window: &ui::App, state: &State, title: &str, all: &[Vec<Line>], page: usize) {
    let global = window.global::<ui::Guide<'_>>();
    let (at, pages) = place_in(state, page);
    set!(global, get_view, set_view, ui::GuideView { title: title.into(), page: at, pages });
    let mut last = None;
    let rows = on_page(all, page, Clone::clone)
        .into_iter()
        .map(|line: Line| {
            let first = last.replace(line.part) != Some(line.part);
            let (number, text) = (int(line.number), line.text.as_str().into());
            ui::GuideLine { part: guide_part(line.part), number, text, first }
        })
        .collect();
    set_rows!(global, get_lines, set_lines, rows);
}

pub(super) fn guide_part(part: Part) -> ui::GuidePart {
    match part {
        Part::ForWhom => ui::GuidePart::ForWhom,
        Part::Bring => ui::GuidePart::Bring,
        Part::Steps => ui::GuidePart::Steps,
        Part::Time => ui::GuidePart::Time,
        Part::Fee => ui::GuidePart::Fee,
        Part::Place => ui::GuidePart::Place,
        Part::Phone => ui::GuidePart::Phone,
        Part::Basis => ui::GuidePart::Basis,
        Part::Text => ui::GuidePart::Text,
        Part::Supervision => ui::GuidePart::Supervision,
    }
}
