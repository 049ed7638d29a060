//! Short forms in a resident's file: spells of work and of payment become the rows of histories, so
//! that a file says twenty years in twenty lines. Keeps no state.

use jiff::civil::Date;
use kiosk_base::{
    domain::{
        Fen, InsuranceKind, Participation, YearMonth,
        account::{History, MonthContribution, Payment, PaymentState},
    },
    wire::v1,
};
use serde::Deserialize;

use super::figures::{self, Count};

/// The day of a month on which contributions arrive, and that on which pensions are paid.
const ARRIVES: i8 = 12;
const PAID: i8 = 10;

/// A time of work at one unit: its months are rows of every kind that has contributions of the
/// year.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Work {
    from: YearMonth,
    until: YearMonth,
    /// 缴费基数.
    base: Fen,
    unit: String,
}

/// A time in which the same pension was paid each month.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Paid {
    from: YearMonth,
    until: YearMonth,
    amount: Fen,
    bank_tail: v1::BankTail,
    /// Why it is another than before.
    #[serde(default)]
    reason: Option<v1::PaymentReason>,
}

/// Makes the months of a kind that employers pay for. What was paid for a year is shared out evenly
/// among its months; what cannot be shared goes to the newest.
pub(super) fn months(participation: &mut Participation, work: &[Work]) {
    let of_residents = [InsuranceKind::RESIDENTS_PENSION, InsuranceKind::RESIDENTS_MEDICAL];
    if of_residents.contains(&participation.kind) || !participation.months.is_empty() {
        return;
    }
    let mut rows = Vec::new();
    for year in &participation.contributions {
        let months = newest_first(work, |work| (work.from, work.until))
            .filter(|(count, _)| figures::year(*count) == year.year);
        let months: Vec<_> = months.collect();
        let shares = i64::try_from(months.len()).unwrap_or(i64::MAX);
        for (nth, (count, work)) in months.into_iter().enumerate() {
            let share = |paid: Fen| match nth {
                0 => Fen(paid.0 / shares + paid.0 % shares),
                _ => Fen(paid.0 / shares),
            };
            let month = figures::month(count);
            rows.push(MonthContribution {
                month,
                base: work.base,
                person: share(year.person),
                employer: share(year.employer),
                arrived: year.arrived.and_then(|_| day(month, ARRIVES)),
                unit: Some(work.unit.clone()),
            });
        }
    }
    participation.months = History::whole(rows);
}

/// Makes the payments of the benefit, if there is one. A month of which the file has rows has
/// those.
pub(super) fn payments(participation: &mut Participation, paid: &[Paid]) {
    let Some(benefit) = &mut participation.benefit else { return };
    let filed = std::mem::take(&mut benefit.payments.rows);
    let made = newest_first(paid, |paid| (paid.from, paid.until)).map(|(count, paid)| {
        let month = figures::month(count);
        Payment {
            month,
            amount: paid.amount,
            state: PaymentState::Paid,
            paid_on: day(month, PAID),
            bank_tail: Some(paid.bank_tail.clone().into()),
            reason: paid.reason.filter(|_| month == paid.from).map(Into::into),
            extras: Vec::new(),
        }
    });
    let made = made.filter(|made| filed.iter().all(|filed| filed.month != made.month));
    let mut rows: Vec<Payment> = filed.iter().cloned().chain(made).collect();
    // Stable: rows of one month stay as the file has them.
    rows.sort_by_key(|row| std::cmp::Reverse(row.month));
    benefit.payments = History::whole(rows);
}

/// The months of spells that stand oldest first, each with its spell.
fn newest_first<T>(
    spells: &[T],
    bounds: impl Fn(&T) -> (YearMonth, YearMonth) + Copy,
) -> impl Iterator<Item = (Count, &T)> {
    spells.iter().rev().flat_map(move |spell| {
        let (from, until) = bounds(spell);
        let count = |month: YearMonth| figures::count(month.year(), month.month());
        (count(from)..=count(until)).rev().map(move |count| (count, spell))
    })
}

fn day(month: YearMonth, day: i8) -> Option<Date> {
    Date::new(month.year(), month.month(), day).ok()
}
