//! A calendar month, the unit in which contributions and benefits are counted.

use std::fmt;

use serde::Deserialize;

/// A month from 1900-01 to 2999-12, in files `YYYY-MM`; `Display` gives the same. Files of rules and of
/// invented residents have it, so serde reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct YearMonth {
    year: i16,
    month: i8,
}

/// The text or the pair of numbers is no month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("月份要写成 YYYY-MM，在 1900 到 2999 年之间")]
pub struct YearMonthError;

impl YearMonth {
    /// Builds a month.
    ///
    /// # Errors
    /// When the year or the month is out of range.
    pub fn new(year: i16, month: i8) -> Result<Self, YearMonthError> {
        ((1900..3000).contains(&year) && (1..=12).contains(&month))
            .then_some(Self { year, month })
            .ok_or(YearMonthError)
    }

    /// The year, four digits.
    pub fn year(self) -> i16 {
        self.year
    }

    /// The month, 1–12.
    pub fn month(self) -> i8 {
        self.month
    }
}

impl std::str::FromStr for YearMonth {
    type Err = YearMonthError;

    fn from_str(text: &str) -> Result<Self, YearMonthError> {
        let (year, month) = text.split_once('-').ok_or(YearMonthError)?;
        let digits = |t: &str, n| t.len() == n && t.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) {
            return Err(YearMonthError);
        }
        let year = year.parse().map_err(|_| YearMonthError)?;
        let month = month.parse().map_err(|_| YearMonthError)?;
        Self::new(year, month)
    }
}

impl TryFrom<String> for YearMonth {
    type Error = YearMonthError;

    fn try_from(text: String) -> Result<Self, YearMonthError> {
        text.parse()
    }
}

impl From<YearMonth> for String {
    fn from(month: YearMonth) -> Self {
        month.to_string()
    }
}

impl fmt::Display for YearMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_months_parse() {
        assert_eq!("2025-09".parse(), YearMonth::new(2025, 9));
        for bad in ["2025-13", "2025-00", "2025-9", "25-09", "1899-12", "202509", "+025-01"] {
            assert!(bad.parse::<YearMonth>().is_err(), "{bad}");
        }
    }
}
