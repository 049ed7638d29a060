//! Insurance of people who work: spells of work become months, months become years, years a
//! balance. Keeps no state.

use jiff::{ToSpan, civil::Date};
use kiosk_base::domain::{
    Contribution, Fen, InsuranceKind, Participation,
    account::{BalanceParts, History, MonthContribution},
};

use super::figures::{self, Count};

/// A time of work at one unit.
#[derive(Debug, Clone)]
pub(super) struct Spell {
    /// First month.
    pub(super) from: Count,
    /// The month after the last.
    pub(super) until: Count,
    /// 单位名称.
    pub(super) unit: String,
    /// Where, if not in this county.
    pub(super) place: Option<&'static str>,
    /// Wage as per mille of the average.
    pub(super) wage: i64,
}

/// What `spells`, oldest first, come to in `kind` until `today`. State and benefit are left to the
/// caller.
pub(super) fn participation(kind: InsuranceKind, spells: &[Spell], today: Date) -> Participation {
    let months = months(kind, spells, today);
    let has_account = kind.is_pension();
    let contributions = years(kind, &months, spells, today);
    let sum = |amount: fn(&Contribution) -> Fen| contributions.iter().map(amount).sum::<Fen>();
    let made_of = BalanceParts {
        person: sum(|year| year.person),
        interest: sum(|year| year.interest.unwrap_or_default()),
        ..BalanceParts::default()
    };
    let paid = months.iter().filter(|month| month.arrived.is_some()).count();
    Participation {
        since: spells.first().map(|spell| figures::month(spell.from)),
        place: spells.last().map(|spell| spell.place.unwrap_or("四川省泸县").to_owned()),
        months_paid: u32::try_from(paid).ok(),
        balance: has_account.then(|| made_of.balance()),
        made_of: has_account.then_some(made_of),
        contributions,
        months: History::whole(months),
        ..Participation::new(kind, 1, Some(1))
    }
}

/// Newest first.
fn months(kind: InsuranceKind, spells: &[Spell], today: Date) -> Vec<MonthContribution> {
    let (person, employer) = figures::rates(kind);
    let this_month = figures::count(today.year(), today.month());
    let of = |spell: &Spell, count: Count| {
        let month = figures::month(count);
        let wage = figures::share(figures::average_wage(month.year()), spell.wage);
        let base = Fen(wage.0 / 100 * 100);
        let due = Date::new(month.year(), month.month(), 12).unwrap_or(today);
        let arrived = due.saturating_add((count * 7 % 13).days());
        MonthContribution {
            month,
            base,
            person: figures::share(base, person),
            employer: figures::share(base, employer),
            arrived: (arrived <= today).then_some(arrived),
            unit: Some(spell.unit.clone()),
        }
    };
    let counts = |spell: &Spell| spell.from..spell.until.min(this_month + 1);
    let mut months = Vec::with_capacity(spells.iter().map(|spell| counts(spell).len()).sum());
    for spell in spells.iter().rev() {
        months.extend(counts(spell).rev().map(|count| of(spell, count)));
    }
    months
}

/// Months added up by year, newest first. The account of a pension bears interest in years without
/// work, too; it stands with the next year that has months.
fn years(
    kind: InsuranceKind,
    months: &[MonthContribution],
    spells: &[Spell],
    today: Date,
) -> Vec<Contribution> {
    let mut years = Vec::new();
    let mut balance = Fen(0);
    let mut last = None;
    // Oldest first, for balances.
    for months in months.chunk_by(|a, b| a.month.year() == b.month.year()).rev() {
        let Some(year) = months.first().map(|month| month.month.year()) else { continue };
        let sum = |amount: fn(&MonthContribution) -> Fen| months.iter().map(amount).sum::<Fen>();
        let whole = months.iter().all(|month| month.arrived.is_some());
        let mut contribution = Contribution {
            year,
            person: sum(|month| month.person),
            employer: sum(|month| month.employer),
            // The year's money is there when that of every month is.
            arrived: months.iter().map(|month| month.arrived).max().flatten().filter(|_| whole),
            place: place(spells, year).map(str::to_owned),
            ..Contribution::default()
        };
        if kind.is_pension() {
            let before = balance;
            for past in last.map_or(year, |last: i16| last + 1)..year {
                balance = balance + figures::share(balance, figures::interest(kind, past));
            }
            if year < today.year() {
                let rate = figures::interest(kind, year);
                let half = figures::share(contribution.person, rate / 2);
                balance = balance + figures::share(balance, rate) + half;
            }
            contribution.interest = Some(Fen(balance.0 - before.0));
            balance = balance + contribution.person;
            contribution.balance = Some(balance);
        }
        last = Some(year);
        years.push(contribution);
    }
    years.reverse();
    years
}

/// Where the last spell that reaches into `year` was, if elsewhere.
fn place(spells: &[Spell], year: i16) -> Option<&'static str> {
    let (first, after) = (figures::count(year, 1), figures::count(year, 12) + 1);
    let last = spells.iter().rev().find(|spell| spell.from < after && spell.until > first);
    last.and_then(|spell| spell.place)
}
