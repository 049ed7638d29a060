//! 什么时候能退休: who is asking, by large buttons — one of three classes, then decade, year and month
//! of birth — and what the rules say. For everyone; whoever has laid a card is asked only what the
//! card does not say, and learns what is still missing by the account.
//!
//! State: [`Asking`] on the page; what card and account say stays in the visit's resident.

use std::fmt;

use kiosk_base::domain::{Account, InsuranceKind, Participation, YearMonth, document::Sex};

use super::{Machine, Page, Resident, State, Visit};
use crate::insurance::{
    Case, advice,
    retirement::{Retirement, after},
};

pub use crate::insurance::retirement::Class;

/// How far the questions are. Every answer is a page more, so that 返回 takes one back. `Debug` prints
/// nothing of a birth.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// Which class: about the holder of the card, or about whoever stands there.
    Class {
        /// Sex and month of birth are taken from the card.
        card: bool,
    },
    /// The decade of birth.
    Decade(Class),
    /// The year, of the decade that begins with this one.
    Year(Class, i16),
    /// The month of this year.
    Month(Class, i16),
    /// Nothing more: what the rules say is told.
    Told(Class, Born),
    /// The holder of the card has the residents' pension only, which has an age of its own.
    Residents,
}

impl Asking {
    /// Whether what is told is about the holder of the card.
    pub fn is_of_card(self) -> bool {
        matches!(self, Self::Told(_, Born::Card) | Self::Residents)
    }
}

impl fmt::Debug for Asking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Class { card } => write!(f, "Class {{ card: {card} }}"),
            Self::Decade(class) => write!(f, "Decade({class:?})"),
            Self::Year(class, _) => write!(f, "Year({class:?}, ＊＊)"),
            Self::Month(class, _) => write!(f, "Month({class:?}, ＊＊)"),
            Self::Told(class, born) => write!(f, "Told({class:?}, {born:?})"),
            Self::Residents => f.write_str("Residents"),
        }
    }
}

/// Where a month of birth comes from. `Debug` does not print which it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Born {
    /// From the card: it stays there.
    Card,
    /// It was pressed.
    In(YearMonth),
}

impl fmt::Debug for Born {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Card => "Card",
            Self::In(_) => "In(＊＊)",
        })
    }
}

/// `Debug` that says nothing of a person.
macro_rules! hidden {
    ($($name:ty),+) => {
        $(impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("＊＊")
            }
        })+
    };
}

hidden!(Answer<'_>, Earlier, Own, Residents<'_>);

/// What can be pressed on a page that asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// A class, and the age in months at which it retired before the rules.
    Class(Class, u16),
    /// Ten years of birth, by the first.
    Decade(i16),
    /// A year of birth.
    Year(i16),
    /// A month of birth, 1–12.
    Month(i8),
}

/// A month against the present one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    /// It is over.
    Past,
    /// It is this month.
    Now,
    /// It is still to come.
    ToCome,
}

/// What the rules say.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Answer<'a> {
    /// Month of birth.
    pub birth: YearMonth,
    /// The statutory age and its month.
    pub retirement: Retirement,
    /// When that is.
    pub time: Time,
    /// From when on one may still choose to retire earlier.
    pub earlier: Option<Earlier>,
    /// Until when one may still choose to retire later.
    pub latest: Option<YearMonth>,
    /// The contributions in months that a pension needs at the statutory age.
    pub needed: Option<u32>,
    /// How the account of whoever laid the card stands against that.
    pub own: Option<Own>,
    /// Where the age comes from.
    pub source: &'a str,
}

/// Retiring before the statutory age.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Earlier {
    /// The first month for which the employer can still be told in time.
    pub from: YearMonth,
    /// The months before it at which the employer is told at the latest.
    pub notice: u16,
    /// The contributions in months that must be paid by then.
    pub needed: Option<u32>,
}

/// The contributions of an account against those that are needed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Own {
    /// Months paid into the employees' pension.
    pub paid: u32,
    /// Months that are missing.
    pub missing: u32,
    /// The month in which nothing would be missing, if every month from the next on is paid: only
    /// where that is no later than the statutory age.
    pub enough: Option<YearMonth>,
}

/// When the residents' pension is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Residents<'a> {
    /// At which age.
    pub age: u8,
    /// Years that must be paid.
    pub years: u32,
    /// Years that are missing by the account, where that is known.
    pub missing: Option<u32>,
    /// When the holder of the card is so old.
    pub month: YearMonth,
    /// When that is.
    pub time: Time,
    /// Where the age comes from.
    pub source: &'a str,
}

/// The page offers as many decades of birth.
const DECADES: i16 = 8;
/// Nobody works who is younger (劳动法第十五条).
const WORKING_AGE: i16 = 16;

/// Whether this kiosk knows the rules. Where it does not, no way leads to the page.
pub fn offered(machine: &Machine) -> bool {
    let today = machine.wall.date();
    Class::ALL.iter().all(|class| machine.retirement.ages(*class, today).is_some())
}

/// Whether this kiosk can say it to the holder of `account`: whoever has the residents' pension only
/// needs a rule of that.
pub fn offered_to(machine: &Machine, account: &Account) -> bool {
    let drawing = machine.policy.drawing(machine.wall.date());
    offered(machine) && (drawing.is_some() || !has_residents_only(account))
}

/// Where the page begins that is about the holder of the card.
pub fn of_holder(resident: &Resident, account: &Account) -> Asking {
    if has_residents_only(account) { Asking::Residents } else { as_employee(resident) }
}

/// The same, of a holder who is, or may become, an employee.
fn as_employee(resident: &Resident) -> Asking {
    match resident.document.sex() {
        Sex::Male => Asking::Told(Class::Men, Born::Card),
        _ => Asking::Class { card: true },
    }
}

/// What can be pressed on the page that is shown, in its order.
pub fn choices(state: &State) -> Vec<Choice> {
    let Some(Page::Retirement(asking)) = state.page() else { return Vec::new() };
    let today = state.machine.wall.date();
    let youngest = today.year() - WORKING_AGE;
    match *asking {
        Asking::Class { card } => {
            let is_woman = card && holder(state).is_some_and(|r| r.document.sex() == Sex::Female);
            let classes = Class::ALL.into_iter().filter(|class| !is_woman || *class != Class::Men);
            let known = |class| {
                let ages = state.machine.retirement.ages(class, today)?;
                Some(Choice::Class(class, ages.value.old_age))
            };
            classes.filter_map(known).collect()
        }
        Asking::Decade(_) => {
            let last = youngest - youngest.rem_euclid(10);
            (0..DECADES).rev().map(|back| Choice::Decade(last - back * 10)).collect()
        }
        Asking::Year(_, first) => {
            (first..first + 10).filter(|year| *year <= youngest).map(Choice::Year).collect()
        }
        Asking::Month(..) => (1..=12).map(Choice::Month).collect(),
        Asking::Told(..) | Asking::Residents => Vec::new(),
    }
}

/// What the rules say to somebody of `class` born in `born`; `None` where they say nothing.
pub fn answer(state: &State, class: Class, born: Born) -> Option<Answer<'_>> {
    let rules = &state.machine.retirement;
    let today = state.machine.wall.date();
    let now = YearMonth::new(today.year(), today.month()).ok()?;
    let (birth, account) = match born {
        Born::In(month) => (month, None),
        Born::Card => (birth_of(holder(state)?)?, holder(state)?.account.as_deref()),
    };
    let retirement = rules.retirement(class, birth, today)?;
    let statutory = retirement.statutory;
    let span = retirement.span;
    let earlier = span.zip(retirement.earliest(now)).map(|(span, from)| Earlier {
        from,
        notice: span.notice,
        needed: rules.required(&retirement, from),
    });
    let own = account.and_then(months_paid).and_then(|paid| {
        let missing = rules.missing(&retirement, statutory, paid)?;
        let enough = after(now, u16::try_from(missing).ok()?)?;
        Some(Own { paid, missing, enough: (enough <= statutory).then_some(enough) })
    });
    Some(Answer {
        birth,
        retirement,
        time: against(statutory, now),
        earlier,
        latest: span.map(|span| span.latest).filter(|latest| now <= *latest),
        needed: rules.required(&retirement, statutory),
        own,
        source: &rules.ages(class, today)?.source,
    })
}

/// When the holder of the card may draw the residents' pension.
pub fn residents(state: &State) -> Option<Residents<'_>> {
    let (policy, today) = (&state.machine.policy, state.machine.wall.date());
    let drawing = policy.drawing(today)?;
    let resident = holder(state)?;
    let month = after(birth_of(resident)?, u16::from(drawing.value.age) * 12)?;
    let now = YearMonth::new(today.year(), today.month()).ok()?;
    let missing = resident.account.as_deref().and_then(|account| {
        let case = |about| Case { account, about, policy, today };
        account.participations.iter().find_map(|about| advice::years_missing(&case(about)))
    });
    Some(Residents {
        age: drawing.value.age,
        years: drawing.value.years,
        missing,
        month,
        time: against(month, now),
        source: drawing.source,
    })
}

/// Whether that page tells what the rules say.
pub(super) fn is_told(state: &State, asking: Asking) -> bool {
    match asking {
        Asking::Told(class, born) => answer(state, class, born).is_some(),
        Asking::Residents => residents(state).is_some(),
        Asking::Class { .. } | Asking::Decade(_) | Asking::Year(..) | Asking::Month(..) => false,
    }
}

/// From the page that asks for a card.
pub(super) fn enter(machine: &Machine, visit: &mut Visit) {
    if offered(machine) {
        visit.go(Page::Retirement(Asking::Class { card: false }));
    }
}

/// A choice was pressed; on pages that tell something, what leads on.
pub(super) fn open(state: &mut State, row: usize) {
    let choice = choices(state).get(row).copied();
    let Some(visit) = &mut state.visit else { return };
    let Page::Retirement(asking) = *visit.page() else { return };
    let next = match (asking, choice) {
        (Asking::Class { card: true }, Some(Choice::Class(class, _))) => {
            Asking::Told(class, Born::Card)
        }
        (Asking::Class { .. }, Some(Choice::Class(class, _))) => Asking::Decade(class),
        (Asking::Decade(class), Some(Choice::Decade(first))) => Asking::Year(class, first),
        (Asking::Year(class, _), Some(Choice::Year(year))) => Asking::Month(class, year),
        (Asking::Month(class, year), Some(Choice::Month(month))) => {
            match YearMonth::new(year, month) {
                Ok(month) => Asking::Told(class, Born::In(month)),
                Err(_) => return,
            }
        }
        (Asking::Residents, None) if row == 0 => match &visit.resident {
            Some(resident) => as_employee(resident),
            None => return,
        },
        (Asking::Told(..), None) if row == 0 => {
            keep_last(visit);
            Asking::Class { card: false }
        }
        _ => return,
    };
    visit.go(Page::Retirement(next));
}

/// Another person's questions begin. 返回 leads to what is told now and on to its questions; those before
/// them are forgotten, or the trail would grow with every person.
fn keep_last(visit: &mut Visit) {
    let begins = |page: &Page| matches!(page, Page::Retirement(Asking::Class { .. }));
    let last = visit.trail.iter().rposition(begins).unwrap_or(visit.trail.len() - 1);
    // Where the holder's questions began with what their own pension does not need.
    let residents = Page::Retirement(Asking::Residents);
    let last = last - usize::from(last > 0 && visit.trail[last - 1] == residents);
    let first = visit.trail.iter().position(|page| matches!(page, Page::Retirement(_)));
    visit.forget(first.unwrap_or(last)..last);
}

fn holder(state: &State) -> Option<&Resident> {
    state.visit.as_ref()?.resident.as_ref()
}

fn birth_of(resident: &Resident) -> Option<YearMonth> {
    let born = resident.document.born();
    YearMonth::new(born.expose().year, born.expose().month).ok()
}

/// Months paid into the employees' pension, where the account says it.
fn months_paid(account: &Account) -> Option<u32> {
    let of_employees = |p: &&Participation| p.kind == InsuranceKind::EMPLOYEES_PENSION;
    let paid = account.participations.iter().filter(of_employees).filter_map(|p| p.months_paid);
    paid.reduce(u32::saturating_add)
}

fn has_residents_only(account: &Account) -> bool {
    let mut kinds = account.insured_kinds().filter(|kind| kind.is_pension()).peekable();
    kinds.peek().is_some() && kinds.all(|kind| kind == InsuranceKind::RESIDENTS_PENSION)
}

fn against(month: YearMonth, now: YearMonth) -> Time {
    match month.cmp(&now) {
        std::cmp::Ordering::Less => Time::Past,
        std::cmp::Ordering::Equal => Time::Now,
        std::cmp::Ordering::Greater => Time::ToCome,
    }
}
