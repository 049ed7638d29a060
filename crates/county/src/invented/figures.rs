//! The figures by which generated accounts are reckoned. They are invented: of the size that they
//! have in life, and so that everything adds up, but no policy of any place. What the county's
//! policy is stands in `kiosk-config/policy`, and nothing here goes into an estimate.

use std::sync::LazyLock;

use kiosk_base::domain::{Fen, InsuranceKind, YearMonth};

use super::dice::Dice;

/// A month as a number that can be counted with: twelve times the year, and the month from 0.
pub(super) type Count = i32;

pub(super) fn count(year: i16, month: i8) -> Count {
    i32::from(year) * 12 + i32::from(month) - 1
}

/// The month of a count. One that no calendar has becomes the first there is.
pub(super) fn month(count: Count) -> YearMonth {
    let month = i8::try_from(count.rem_euclid(12) + 1).ok();
    let made = month.and_then(|month| YearMonth::new(year(count), month).ok());
    made.unwrap_or_else(|| YearMonth::new(1900, 1).expect("a month"))
}

pub(super) fn year(count: Count) -> i16 {
    i16::try_from(count.div_euclid(12)).unwrap_or(i16::MAX)
}

/// `amount` × `per_mille` / 1000, half up.
pub(super) fn share(amount: Fen, per_mille: i64) -> Fen {
    Fen((amount.0.saturating_mul(per_mille) + 500) / 1000)
}

/// The part of a balance that is paid a month: a 139th, half up.
pub(super) fn a_month_of(balance: Fen) -> Fen {
    Fen((balance.0 + 69) / 139)
}

/// What everybody earned on average in a month of `year`: 250 yuan in 1991, and a tenth more or so
/// each year since.
pub(super) fn average_wage(year: i16) -> Fen {
    /// From 1991 on: every month of every life asks.
    static WAGES: LazyLock<Vec<Fen>> = LazyLock::new(|| {
        let next = |wage: &Fen| Some(share(*wage, 1_094));
        std::iter::successors(Some(Fen::from_yuan(250)), next).take(150).collect()
    });
    let since = usize::try_from(year - 1991).unwrap_or(0);
    WAGES[since.min(WAGES.len() - 1)]
}

/// Interest of an account in `year`, per mille.
pub(super) fn interest(kind: InsuranceKind, year: i16) -> i64 {
    match (kind, year) {
        (InsuranceKind::RESIDENTS_PENSION, _) => 28,
        (_, ..=2015) => 30,
        (_, 2016..=2022) => 65,
        _ => 27,
    }
}

/// The basic pension of residents, a month, in `year`.
pub(super) fn basic_pension(year: i16) -> Fen {
    Fen(match year {
        ..=2014 => 5_500,
        2015..=2017 => 7_500,
        2018..=2020 => 9_500,
        2021..=2022 => 10_500,
        2023..=2024 => 12_300,
        _ => 14_300,
    })
}

/// What somebody chose to pay for a year, and what province and county add.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tier {
    pub(super) person: Fen,
    pub(super) province: Fen,
    pub(super) county: Fen,
}

/// A tier that somebody might choose.
pub(super) fn tier(dice: &mut Dice) -> Tier {
    let (person, province, county) = dice.pick(&[
        (10_000, 2_400, 600),
        (20_000, 3_200, 800),
        (50_000, 4_800, 1_200),
        (100_000, 8_000, 2_000),
        (200_000, 12_800, 3_200),
    ]);
    Tier { person: Fen(person), province: Fen(province), county: Fen(county) }
}

/// What person and employer pay of the base, per mille.
pub(super) fn rates(kind: InsuranceKind) -> (i64, i64) {
    match kind {
        InsuranceKind::EMPLOYEES_PENSION | InsuranceKind::OFFICIALS_PENSION => (80, 160),
        InsuranceKind::UNEMPLOYMENT => (4, 6),
        InsuranceKind::EMPLOYEES_MEDICAL => (20, 75),
        InsuranceKind::WORK_INJURY => (0, 4),
        _ => (0, 8),
    }
}
