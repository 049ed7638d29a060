//! The year of a day that was written without one. Keeps no state.
//!
//! A day without a year gets one where only one is meant: a day of publication lies behind us, an
//! end is the first such day after the publication, anything else the nearest such day; so on
//! 28 November 2026 an end on 1月31日 is that of 2027. Where two years are as likely, the row must
//! say it.

use jiff::{ToSpan, civil::Date};

use super::date::DateFault;

/// A day of publication may be written as many days before it comes.
const AHEAD_DAYS: i32 = 31;
/// Most days from the publication to an end in the next year that was written without one: beyond
/// them this year's is as likely.
const AFTER_DAYS: i32 = 300;

/// What tells the year of a day that was written without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Near {
    /// Nothing does.
    Unknown,
    /// It is the nearest such day to this one.
    Around(Date),
    /// It is the last such day before this one, or soon after it.
    Before(Date),
    /// It is the first such day from this one on: an end, by the day of publication.
    After(Date),
}

/// The first such day from `from` on.
///
/// # Errors
/// When there is none.
pub(super) fn after(
    from: Date,
    of: impl Fn(i64) -> Result<Date, DateFault>,
) -> Result<Date, DateFault> {
    candidates(from, of).find(|day| *day >= from).ok_or(DateFault)
}

/// The last such day up to `until`.
///
/// # Errors
/// When there is none.
pub(super) fn before(
    until: Date,
    of: impl Fn(i64) -> Result<Date, DateFault>,
) -> Result<Date, DateFault> {
    candidates(until, of).filter(|day| *day <= until).last().ok_or(DateFault)
}

/// Such days of the years around `day`, rising. 29 February has not one in each.
fn candidates(
    day: Date,
    of: impl Fn(i64) -> Result<Date, DateFault>,
) -> impl Iterator<Item = Date> {
    let year = i64::from(day.year());
    (year - 1..=year + 1).filter_map(move |year| of(year).ok())
}

impl Near {
    /// The day by which the year is told.
    pub(super) const fn day(self) -> Option<Date> {
        match self {
            Self::Unknown => None,
            Self::Around(day) | Self::Before(day) | Self::After(day) => Some(day),
        }
    }

    /// The day that `of` gives in the year that is meant.
    ///
    /// # Errors
    /// When two years are as likely, or there is no such day.
    pub(super) fn year_of(
        self,
        of: impl Fn(i64) -> Result<Date, DateFault>,
    ) -> Result<Date, DateFault> {
        let away = |one: Date, other: Date| (one - other).get_days().abs();
        match self {
            Self::Unknown => Err(DateFault),
            Self::Around(today) => {
                candidates(today, of).min_by_key(|day| away(*day, today)).ok_or(DateFault)
            }
            Self::Before(today) => {
                let until = today.checked_add(AHEAD_DAYS.days()).map_err(|_| DateFault)?;
                before(until, of)
            }
            Self::After(published) => {
                let day = after(published, of)?;
                let likely = day.year() == published.year() || away(day, published) <= AFTER_DAYS;
                likely.then_some(day).ok_or(DateFault)
            }
        }
    }
}
