//! What filters and order ask of one posting, as numbers that compare. Keeps no state.

use jiff::civil::Date;
use kiosk_base::domain::{DivisionCode, Fen, Posting, Wage, posting::WagePeriod};

use super::traits::Traits;

/// Days and hours a month of work has by law when wages are converted (劳社部发〔2008〕3号:
/// 21.75 days of 8 hours), in hundredths.
const DAYS_A_MONTH_HUNDREDTHS: i64 = 2_175;
const HOURS_A_MONTH: i64 = 174;

/// What filters and order ask of one posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fact {
    /// First day, as [`day`] writes it.
    pub(super) published: u32,
    /// Last day, or [`NEVER`].
    pub(super) closes: u32,
    /// Town as [`town`] writes it, 0 when unknown.
    pub(super) town: u32,
    /// Least pay in fen a month, 0 when unknown; as much as fits.
    pub(super) wage: u32,
    /// What else filters ask.
    pub(super) traits: Traits,
}

/// The closing day of a posting that has none.
pub(super) const NEVER: u32 = u32::MAX;

impl Fact {
    /// The facts of a posting.
    pub(super) fn of(posting: &Posting) -> Self {
        let wage = capped(monthly_wage(posting).unwrap_or(0));
        Self {
            published: day(posting.published),
            closes: posting.closes.map_or(NEVER, day),
            town: posting.division.as_ref().map_or(0, town),
            wage: u32::try_from(wage).unwrap_or(0),
            traits: Traits::of(posting),
        }
    }
}

/// A wage in fen a month as [`Fact::wage`] has it: 42 million yuan are as good as more.
pub(super) fn capped(fen: i64) -> i64 {
    fen.min(i64::from(u32::MAX))
}

/// A date as a number that sorts: 2026-11-23 is 20261123. Dates before our era are 0.
pub(super) fn day(date: Date) -> u32 {
    let year = u32::try_from(date.year()).unwrap_or(0);
    year * 10_000 + date.month().unsigned_abs() as u32 * 100 + u32::from(date.day().unsigned_abs())
}

/// A division as the number of its town: the first nine digits, zeros where there are fewer.
pub(super) fn town(division: &DivisionCode) -> u32 {
    let digits = division.as_str().bytes().chain(std::iter::repeat(b'0')).take(9);
    digits.fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))
}

/// Least pay in fen a month. Piece rates cannot be compared, nor can what is paid for a time unknown.
fn monthly_wage(posting: &Posting) -> Option<i64> {
    let Some(Wage::Range { min: Fen(fen), per, .. }) = posting.wage else { return None };
    match per {
        WagePeriod::Month => Some(fen),
        WagePeriod::Day => Some(fen.saturating_mul(DAYS_A_MONTH_HUNDREDTHS) / 100),
        WagePeriod::Hour => Some(fen.saturating_mul(HOURS_A_MONTH)),
        WagePeriod::Piece | WagePeriod::Code(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_and_towns_become_numbers_that_compare() {
        assert_eq!(day(date(2026, 11, 23)), 20_261_123);
        assert_eq!(day(date(-2, 11, 23)), 1_123);
        let town = |digits| town(&DivisionCode::parse(digits).expect("digits"));
        assert_eq!(town("510521100017"), 510_521_100);
        assert_eq!(town("510521"), 510_521_000);
    }
}
