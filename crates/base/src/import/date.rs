//! What a source's dates mean where they do not say it themselves, and days that stand in one
//! number. [`super::days`] reads what people write. Keeps no state.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde::Deserialize;

/// Years in which a day of a listing can lie.
const YEARS: std::ops::RangeInclusive<i16> = 1990..=2098;

/// What a source's dates mean where they do not say it themselves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DateRule {
    /// Year of dates that have none, of a list that was made once. Without it the day of the
    /// import tells the year.
    pub year: Option<i16>,
    /// Order of the three numbers.
    pub order: DateOrder,
}

/// Order of year, month and day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// 2026-11-05.
    #[default]
    YearMonthDay,
    /// 11/5/2026, also with two figures of the year: how Excel shows days in an American setting.
    MonthDayYear,
    /// 5/11/2026, the same.
    DayMonthYear,
}

/// The text is no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("日期看不懂")]
pub struct DateFault;

/// The first year of days that only say that there is no end: 2099-12-31, 9999-12-31.
pub(super) const ENDLESS: i16 = 2099;

/// Whether a day is one that a listing can have: `None` for what databases hold where nothing was
/// entered (1970-01-01, 1900-01-01) or nothing ends ([`ENDLESS`]).
///
/// # Errors
/// When no listing can have it.
pub(super) fn sensible(date: Date) -> Result<Option<Date>, DateFault> {
    match date.year() {
        ..=1970 | ENDLESS.. => Ok(None),
        year if YEARS.contains(&year) => Ok(Some(date)),
        _ => Err(DateFault),
    }
}

/// The day of a spreadsheet's serial number, counted from 1899-12-30.
pub fn from_serial(serial: f64) -> Option<Date> {
    // Before 1982 and after 2119 a number of five figures is something else.
    if !(30_000.0..80_000.0).contains(&serial) {
        return None;
    }
    jiff::civil::date(1899, 12, 30).checked_add((serial as i64).days()).ok()
}

/// A day in one number: 20261105, a spreadsheet's serial number, seconds or milliseconds since
/// 1970.
pub(super) fn from_number(text: &str) -> Option<Date> {
    let whole = text.split('.').next().unwrap_or_default();
    let number: i64 = whole.parse().ok()?;
    match whole.len() {
        8 => day(number / 10_000, number / 100 % 100, number % 100),
        5 => from_serial(number as f64),
        10 => in_china(Timestamp::from_second(number).ok()?),
        13 => in_china(Timestamp::from_millisecond(number).ok()?),
        14 => day(number / 10_000_000_000, number / 100_000_000 % 100, number / 1_000_000 % 100),
        // 2026.5 is no day.
        _ => None,
    }
}

fn in_china(time: Timestamp) -> Option<Date> {
    let china = jiff::tz::Offset::from_hours(8).ok()?;
    Some(time.to_zoned(TimeZone::fixed(china)).date())
}

/// A day of the calendar.
pub(super) fn day(year: i64, month: i64, day: i64) -> Option<Date> {
    Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
}
