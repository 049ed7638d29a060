//! Days as people and spreadsheets write them. Keeps no state.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde::Deserialize;

/// Longest text that is looked at, in bytes.
const BYTES_MAX: usize = 64;
/// Years in which a day of a listing can lie.
const YEARS: std::ops::RangeInclusive<i16> = 1990..=2100;

/// What a source's dates mean where they do not say it themselves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DateRule {
    /// Year of dates that have none.
    pub year: Option<i16>,
    /// Order of the three numbers.
    pub order: Order,
}

/// Order of year, month and day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
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
#[error("date not understood")]
pub struct DateFault;

/// Reads a day; `None` when the text says that there is none (长期有效, 1970-01-01). A time behind
/// the day is passed over: the day counts as it was written, in whatever time zone.
///
/// # Errors
/// When the text says something else.
pub fn parse(text: &str, rule: &DateRule) -> Result<Option<Date>, DateFault> {
    let text: String = text.trim().chars().map(half_width).collect();
    if text.len() > BYTES_MAX {
        return Err(DateFault);
    }
    if says_none(&text) {
        return Ok(None);
    }
    let date = if text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && text.bytes().filter(|b| *b == b'.').count() <= 1
    {
        from_number(&text)
    } else {
        from_parts(&text, rule)
    };
    match date {
        // What databases hold where nothing was entered.
        Some(date) if date.year() <= 1970 => Ok(None),
        Some(date) if YEARS.contains(&date.year()) => Ok(Some(date)),
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

fn half_width(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '\u{3000}' | '\u{A0}' => ' ',
        '—' | '–' | '−' => '-',
        _ => c,
    }
}

fn says_none(text: &str) -> bool {
    const WORDS: [&str; 13] = [
        "",
        "-",
        "--",
        "无",
        "长期",
        "长期有效",
        "不限",
        "招满为止",
        "招满即止",
        "常年招聘",
        "null",
        "NULL",
        "0",
    ];
    WORDS.contains(&text)
}

/// A day in one number: 20261105, a spreadsheet's serial number, seconds or milliseconds since
/// 1970.
fn from_number(text: &str) -> Option<Date> {
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

fn from_parts(text: &str, rule: &DateRule) -> Option<Date> {
    let mut rest = text;
    let mut numbers = Vec::with_capacity(3);
    while numbers.len() < 3 {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        if end == 0 || end > 4 {
            return None;
        }
        numbers.push(rest[..end].parse::<i64>().ok()?);
        rest = &rest[end..];
        let gap = rest.trim_start();
        let Some(after) = gap.strip_prefix(['-', '/', '.', '年', '月', '日', '号']) else {
            break;
        };
        rest = after.trim_start();
        if !rest.starts_with(|c: char| c.is_ascii_digit()) {
            break;
        }
        // 11月5日 9时: the day is whole.
        if gap.starts_with(['日', '号']) {
            break;
        }
    }
    if !is_time(rest) {
        return None;
    }
    match (numbers.as_slice(), rule.order) {
        (&[year, month, date], Order::YearMonthDay) if year > 99 => day(year, month, date),
        (&[month, date, year], Order::MonthDayYear) => day(full(year), month, date),
        (&[date, month, year], Order::DayMonthYear) => day(full(year), month, date),
        (&[month, date], Order::YearMonthDay | Order::MonthDayYear) => {
            day(rule.year?.into(), month, date)
        }
        (&[date, month], Order::DayMonthYear) => day(rule.year?.into(), month, date),
        _ => None,
    }
}

fn full(year: i64) -> i64 {
    if year < 100 { 2_000 + year } else { year }
}

/// Whether nothing but a time of day, a zone or a weekday stands behind the day.
fn is_time(rest: &str) -> bool {
    let words = ["上午", "下午", "星期", "周", "时", "分", "秒", "AM", "PM", "GMT", "UTC"];
    let bare = words.iter().fold(rest.to_owned(), |text, word| text.replace(word, " "));
    bare.chars().all(|c| c.is_ascii_digit() || " :.+-TZ()一二三四五六日天".contains(c))
}

fn day(year: i64, month: i64, day: i64) -> Option<Date> {
    Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn days_are_read_as_people_write_them() {
        let rule = DateRule { year: Some(2018), ..DateRule::default() };
        for (text, right) in [
            ("2024-10-09 11:34:24", date(2024, 10, 9)),
            ("2025-02-08T10:16:26+08:00", date(2025, 2, 8)),
            ("2017-03-18T00:00", date(2017, 3, 18)),
            ("2024/3/5", date(2024, 3, 5)),
            ("2024.03.05", date(2024, 3, 5)),
            ("2024年3月5日", date(2024, 3, 5)),
            ("２０２４年３月５日 下午2:30", date(2024, 3, 5)),
            ("2024年3月5日（星期二）", date(2024, 3, 5)),
            ("20240305", date(2024, 3, 5)),
            ("20240305101112", date(2024, 3, 5)),
            ("45356", date(2024, 3, 5)),
            ("45356.75", date(2024, 3, 5)),
            ("1709568000", date(2024, 3, 5)),
            ("1709568000000", date(2024, 3, 5)),
            ("08-30", date(2018, 8, 30)),
            ("8月30日", date(2018, 8, 30)),
        ] {
            assert_eq!(parse(text, &rule), Ok(Some(right)), "{text}");
        }
        let american = DateRule { order: Order::MonthDayYear, ..DateRule::default() };
        assert_eq!(parse("3/5/24", &american), Ok(Some(date(2024, 3, 5))));
        let british = DateRule { order: Order::DayMonthYear, ..DateRule::default() };
        assert_eq!(parse("5/3/2024", &british), Ok(Some(date(2024, 3, 5))));
    }

    #[test]
    fn what_is_no_day_is_not_guessed() {
        let rule = DateRule::default();
        for text in ["", "长期有效", "1970-01-01 08:00:00", "0"] {
            assert_eq!(parse(text, &rule), Ok(None), "{text}");
        }
        for text in [
            "08-30",
            "24-3-5",
            "3/5/2024",
            "2024-13-01",
            "2023-02-29",
            "明天",
            "2024",
            "2024年",
            "12345678901",
            "99999",
            "2024-3-5起至月底",
            "23.11.2026",
        ] {
            assert_eq!(parse(text, &rule), Err(DateFault), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[0-9年月日/. :T+\\-\u{FF10}-\u{FF19}]{0,30}") {
            let _ = parse(&text, &DateRule { year: Some(2026), ..DateRule::default() });
        }

        #[test]
        fn a_serial_number_is_a_day(days in 0_i64..10_000) {
            let day = date(2000, 1, 1).checked_add(days.days()).expect("in range");
            prop_assert_eq!(parse(&(36_526 + days).to_string(), &DateRule::default()), Ok(Some(day)));
            prop_assert_eq!(parse(&day.to_string(), &DateRule::default()), Ok(Some(day)));
        }
    }
}
