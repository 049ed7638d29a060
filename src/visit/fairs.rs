//! Job fairs on a month sheet.
//!
//! State: the month that is shown, its fairs once they are there, and the day that was touched.

use jiff::{ToSpan, civil::Date};
use kiosk_base::domain::JobFair;

use super::{Effect, Visit, facts, fit::Fit, machine::Machine};
use crate::visit;

/// Most months one can go forward from today's, or back.
const MONTHS_MAX: i32 = 12;

/// The pages of this flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// Job fairs of a month.
    Month(Fairs),
    /// One fair.
    One(Fair),
}

/// What is pressed on them alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    /// The next month of job fairs.
    NextMonth,
    /// The month before.
    LastMonth,
    /// A day of the month, by its number.
    Day(usize),
}

/// The fairs of a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fairs {
    /// The month's first day.
    pub month: Date,
    /// Its fairs in the order of their days, `None` while they are looked for.
    pub fairs: Option<Vec<JobFair>>,
    /// Only those of this day, once one was touched.
    pub day: Option<Date>,
    /// Page of the list beside the sheet, from 0.
    pub page: usize,
}

/// One fair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fair {
    /// The fair.
    pub fair: Box<JobFair>,
    /// Page shown, from 0.
    pub page: usize,
}

/// A day of the sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Which.
    pub date: Date,
    /// How many fairs there are on it.
    pub fairs: usize,
}

impl Fairs {
    /// The days of the month, with the number of empty cells before the first: weeks begin on
    /// Monday.
    pub fn sheet(&self) -> (usize, Vec<Day>) {
        let days = self.month.days_in_month();
        let date = |n| Date::new(self.month.year(), self.month.month(), n).ok();
        let day = |date: Date| Day { date, fairs: self.on(date).count() };
        let before = self.month.weekday().to_monday_zero_offset();
        (usize::try_from(before).unwrap_or(0), (1..=days).filter_map(date).map(day).collect())
    }

    /// The fairs of the list: of the day that was touched, else of the month.
    pub fn listed(&self) -> Vec<&JobFair> {
        match self.day {
            Some(day) => self.on(day).collect(),
            None => self.fairs.iter().flatten().collect(),
        }
    }

    fn on(&self, date: Date) -> impl Iterator<Item = &JobFair> {
        self.fairs.iter().flatten().filter(move |fair| fair.date <= date && date <= fair.last_day())
    }
}

impl Page {
    /// The number of the page that is shown, from 0.
    pub(super) fn number(&mut self) -> &mut usize {
        match self {
            Self::Month(Fairs { page, .. }) | Self::One(Fair { page, .. }) => page,
        }
    }

    /// How many pages its content takes.
    pub(super) fn pages(&self, fit: &Fit) -> usize {
        match self {
            Self::Month(sheet) => sheet.listed().len().div_ceil(fit.fairs).max(1),
            Self::One(fair) => facts::fair_pages(&fair.fair, fit).len(),
        }
    }
}

/// The month sheet, if it is the present page.
fn sheet(visit: &mut Visit) -> Option<&mut Fairs> {
    match visit.page_mut() {
        visit::Page::Fairs(Page::Month(sheet)) => Some(sheet),
        _ => None,
    }
}

pub(super) fn enter(machine: &Machine, visit: &mut Visit) -> Vec<Effect> {
    // Where the next one is, as far as one can turn.
    let today = machine.wall.date();
    let day = machine.summary.next_fair.filter(|day| months_from(today, *day) <= MONTHS_MAX);
    let month = day.unwrap_or(today).max(today).first_of_month();
    visit.go(visit::Page::Fairs(Page::Month(Fairs { month, fairs: None, day: None, page: 0 })));
    ask(visit)
}

pub(super) fn pressed(machine: &Machine, visit: &mut Visit, press: Press) -> Vec<Effect> {
    match press {
        Press::NextMonth => other_month(machine, visit, true),
        Press::LastMonth => other_month(machine, visit, false),
        Press::Day(number) => {
            touch_day(visit, number);
            Vec::new()
        }
    }
}

/// Asks for the fairs of the month that is shown.
pub(super) fn ask(visit: &mut Visit) -> Vec<Effect> {
    let ticket = visit.ticket;
    sheet(visit).map(|sheet| Effect::FindFairs { ticket, month: sheet.month }).into_iter().collect()
}

/// The month before or after.
fn other_month(machine: &Machine, visit: &mut Visit, forward: bool) -> Vec<Effect> {
    let today = machine.wall.date().first_of_month();
    let Some(sheet) = sheet(visit) else { return Vec::new() };
    let month = sheet.month.saturating_add(if forward { 1.month() } else { -1.month() });
    if months_from(today, month).abs() > MONTHS_MAX {
        return Vec::new();
    }
    *sheet = Fairs { month, fairs: None, day: None, page: 0 };
    ask(visit)
}

/// Months from that of `from` to that of `to`.
fn months_from(from: Date, to: Date) -> i32 {
    12 * i32::from(to.year() - from.year()) + i32::from(to.month() - from.month())
}

/// A day of the sheet was touched, by its number: its fairs are listed, or all again; a single fair
/// is opened at once.
fn touch_day(visit: &mut Visit, number: usize) {
    let Some(sheet) = sheet(visit) else { return };
    let day = sheet.sheet().1.into_iter().find(|day| day.date.day() as usize == number);
    let Some(day) = day.filter(|day| day.fairs > 0) else { return };
    if day.fairs > 1 {
        sheet.page = 0;
        sheet.day = if sheet.day == Some(day.date) { None } else { Some(day.date) };
        return;
    }
    let fair = sheet.on(day.date).next().cloned();
    if let Some(fair) = fair {
        go(visit, fair);
    }
}

/// Opens a row of the list.
pub(super) fn open(visit: &mut Visit, fit: &Fit, index: usize) {
    let Some(sheet) = sheet(visit) else { return };
    let chosen = sheet.page * fit.fairs + index;
    let fair = sheet.listed().get(chosen).map(|fair| (*fair).clone());
    if let Some(fair) = fair {
        go(visit, fair);
    }
}

fn go(visit: &mut Visit, fair: JobFair) {
    visit.go(visit::Page::Fairs(Page::One(Fair { fair: Box::new(fair), page: 0 })));
}

pub(super) fn found(visit: &mut Visit, month: Date, fairs: Vec<JobFair>) {
    for page in &mut visit.trail {
        if let visit::Page::Fairs(Page::Month(sheet)) = page
            && sheet.month == month
        {
            let before = sheet.listed().len();
            sheet.fairs = Some(fairs);
            // The day stays chosen while it has something to choose from.
            if sheet.day.is_some_and(|day| sheet.on(day).count() < 2) {
                sheet.day = None;
            }
            if sheet.listed().len() < before {
                sheet.page = 0;
            }
            return;
        }
    }
}

/// A month whose fairs are not there yet is asked for again.
pub(super) fn refit(visit: &mut Visit) -> Vec<Effect> {
    match sheet(visit) {
        Some(Fairs { fairs: None, .. }) => ask(visit),
        _ => Vec::new(),
    }
}
