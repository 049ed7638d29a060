//! Job fairs: the month sheet and one fair.

use kiosk_base::domain::JobFair;
use slint::ComponentHandle;

use super::{
    Send, detail, int,
    lists::{list_view, place_in},
    open, press, set, set_rows, ui, words,
};
use crate::visit::{
    self, Event, State, facts,
    fairs::{Day, Fair, Fairs, Page, Press},
    fit::Grid,
};

pub(super) fn bind(window: &ui::App, send: &Send) {
    let fairs = window.global::<ui::Fairs<'_>>();
    fairs.on_open(open(send));
    fairs.on_next_month(press(send, visit::Press::Fairs(Press::NextMonth)));
    fairs.on_last_month(press(send, visit::Press::Fairs(Press::LastMonth)));
    let to = send.clone();
    fairs.on_touch_day(move |day| {
        if let Ok(day) = usize::try_from(day) {
            to(Event::Press(visit::Press::Fairs(Press::Day(day))));
        }
    });
}

/// The kind of a page of this flow.
pub(super) fn kind(page: &Page) -> ui::PageKind {
    match page {
        Page::Month(_) => ui::PageKind::Fairs,
        Page::One(_) => ui::PageKind::Fair,
    }
}

pub(super) fn render(window: &ui::App, state: &State) {
    match state.page() {
        Some(visit::Page::Fairs(Page::Month(page))) => sheet(window, state, page),
        Some(visit::Page::Fairs(Page::One(page))) => fair(window, state, page),
        _ => {}
    }
}

fn sheet(window: &ui::App, state: &State, page: &Fairs) {
    let global = window.global::<ui::Fairs<'_>>();
    let today = state.machine.wall.date();
    let (before, days) = page.sheet();
    let weeks = weeks(&days, before, state.fit().low_weeks);
    let view = ui::FairsView {
        month: words::month_of(page.month).into(),
        weeks: int(weeks.len()),
        next: state.machine.summary.next_fair.map(words::month_day).unwrap_or_default().into(),
    };
    set!(global, get_view, set_view, view);
    let cells = days.iter().enumerate().map(|(i, day)| {
        let (week, column) = ((before + i) / 7, (before + i) % 7);
        let (top, height) = weeks[week];
        ui::DayCell {
            day: int(day.date.day()),
            fairs: int(day.fairs),
            today: day.date == today,
            chosen: page.day == Some(day.date),
            column: int(column),
            week: int(week),
            top,
            height,
        }
    });
    set_rows!(global, get_days, set_days, cells.collect());
    let (shown, large) = (state.fit().fairs, state.fit().large);
    let listed = page.listed();
    let grid = Grid { columns: 1, rows: shown };
    set!(
        global,
        get_list,
        set_list,
        list_view(grid, page.page, listed.len(), page.fairs.is_none())
    );
    let rows = listed.iter().skip(page.page * shown).take(shown).map(|fair| ui::FairRow {
        title: fair.title.as_str().into(),
        date: day_words(fair, large).into(),
        place: fair.place.as_str().into(),
        over: fair.last_day() < today,
    });
    set_rows!(global, get_rows, set_rows, rows.collect());
}

/// Where each week begins and how high it is, as shares of the sheet. On a low screen a week in
/// which nothing can be touched is `narrow`er.
fn weeks(days: &[Day], before: usize, narrow: bool) -> Vec<(f32, f32)> {
    let count = (before + days.len()).div_ceil(7);
    let touched = |week: usize| {
        let within = |i: &usize| (before + i) / 7 == week;
        (0..days.len()).filter(within).any(|i| days[i].fairs > 0)
    };
    let weights: Vec<f32> =
        (0..count).map(|week| if narrow && !touched(week) { 0.5 } else { 1.0 }).collect();
    let sum: f32 = weights.iter().sum();
    let mut top = 0.0;
    weights
        .into_iter()
        .map(|weight| {
            let height = weight / sum;
            top += height;
            (top - height, height)
        })
        .collect()
}

/// `12月5日 9:00–12:00`, `12月5日–6日 9:00–12:00`. Words about hours for which there is no room in the
/// list stand on the fair's own page.
fn day_words(fair: &JobFair, large: bool) -> String {
    let last = fair.ends.filter(|last| *last != fair.date);
    let room = match (large, last) {
        (true, Some(_)) => 0,
        (true, None) => 10,
        (false, _) => 14,
    };
    let days = match last {
        Some(last) => words::days(fair.date, last),
        None => words::month_day(fair.date),
    };
    match fair.hours.as_ref().filter(|hours| hours.chars().count() <= room) {
        Some(hours) => format!("{days} {hours}"),
        None => days,
    }
}

fn fair(window: &ui::App, state: &State, shown: &Fair) {
    let global = window.global::<ui::Fair<'_>>();
    let (page, pages) = place_in(state, shown.page);
    let title = shown.fair.title.as_str().into();
    set!(global, get_view, set_view, ui::TrainingView { title, page, pages });
    let all = facts::fair_pages(&shown.fair, &state.fit());
    set_rows!(global, get_facts, set_facts, detail::on_page(&all, shown.page, detail::fact));
}
