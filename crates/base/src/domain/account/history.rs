//! Long lists: months of contributions, months of payments. An account brings their newest rows;
//! the rest comes page by page.

use std::fmt;

use super::{super::YearMonth, Account, MonthContribution, Payment};

/// Most rows that come at once.
pub const HISTORY_PAGE: usize = 120;
/// Most rows of one list: more than a hundred years of months.
pub const MAX_HISTORY: usize = 1_500;

/// Rows, newest first: those that are there, and where the next are to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History<T> {
    /// The newest rows; in an answer at most [`HISTORY_PAGE`].
    pub rows: Vec<T>,
    /// How many rows there are in all.
    pub total: u32,
    /// By which the county hands out the next rows; absent when these are all.
    pub more: Option<HistoryCursor>,
}

impl<T> Default for History<T> {
    fn default() -> Self {
        Self::whole(Vec::new())
    }
}

impl<T> History<T> {
    /// All rows there are.
    pub fn whole(rows: Vec<T>) -> Self {
        let total = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        Self { rows, total, more: None }
    }

    /// Whether there is no row at all.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.total == 0
    }
}

impl<T: HistoryRow> History<T> {
    /// What is still to be had, if the county has told how.
    pub fn rest(&self) -> Option<HistoryRest> {
        Some(HistoryRest {
            cursor: self.more.clone()?,
            kind: T::KIND,
            have: u32::try_from(self.rows.len()).unwrap_or(u32::MAX),
            total: self.total,
            after: self.rows.last().map(HistoryRow::month),
        })
    }

    /// Takes in the next rows, and by what those after them are to be had.
    pub fn append(&mut self, rows: Vec<T>, more: Option<HistoryCursor>) {
        self.rows.extend(rows);
        self.more = more;
    }
}

/// A row of a history.
pub trait HistoryRow {
    /// Of which history.
    const KIND: HistoryKind;

    /// The month it is for.
    fn month(&self) -> YearMonth;
}

impl HistoryRow for MonthContribution {
    const KIND: HistoryKind = HistoryKind::Months;

    fn month(&self) -> YearMonth {
        self.month
    }
}

impl HistoryRow for Payment {
    const KIND: HistoryKind = HistoryKind::Payments;

    fn month(&self) -> YearMonth {
        self.month
    }
}

/// The two kinds of histories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryKind {
    /// Contributions by month.
    Months,
    /// Payments of a benefit.
    Payments,
}

/// Which history of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryOf {
    /// Place of the participation in the account's list, from 0.
    pub participation: usize,
    /// Which of its two.
    pub kind: HistoryKind,
}

/// What is missing of a history: by which cursor it is to be had, and where it has to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRest {
    /// By what the next rows are to be had.
    pub cursor: HistoryCursor,
    /// Which rows they have to be.
    pub kind: HistoryKind,
    /// How many rows are there.
    pub have: u32,
    /// How many there are in all.
    pub total: u32,
    /// The month of the last row that is there; later months cannot follow it.
    pub after: Option<YearMonth>,
}

/// Rows of one history, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryRows {
    /// Contributions by month.
    Months(Vec<MonthContribution>),
    /// Payments of a benefit.
    Payments(Vec<Payment>),
}

impl HistoryRows {
    /// Which they are.
    pub fn kind(&self) -> HistoryKind {
        match self {
            Self::Months(_) => HistoryKind::Months,
            Self::Payments(_) => HistoryKind::Payments,
        }
    }

    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Self::Months(rows) => rows.len(),
            Self::Payments(rows) => rows.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// At most `limit` rows from the row `from` on.
    pub fn part(self, from: usize, limit: usize) -> Self {
        fn part<T>(rows: Vec<T>, from: usize, limit: usize) -> Vec<T> {
            rows.into_iter().skip(from).take(limit).collect()
        }
        match self {
            Self::Months(rows) => Self::Months(part(rows, from, limit)),
            Self::Payments(rows) => Self::Payments(part(rows, from, limit)),
        }
    }
}

impl Account {
    /// Its histories, one after the other.
    pub fn histories(&self) -> impl Iterator<Item = HistoryOf> + use<> {
        (0..self.participations.len()).flat_map(|participation| {
            [HistoryKind::Payments, HistoryKind::Months]
                .map(|kind| HistoryOf { participation, kind })
        })
    }

    /// What is missing of one of them, if the county has told how it is to be had.
    pub fn rest(&self, of: HistoryOf) -> Option<HistoryRest> {
        let participation = self.participations.get(of.participation)?;
        match of.kind {
            HistoryKind::Months => participation.months.rest(),
            HistoryKind::Payments => participation.benefit.as_ref()?.payments.rest(),
        }
    }

    /// The rows of one of them that are there.
    pub fn history(&self, of: HistoryOf) -> Option<HistoryRows> {
        let participation = self.participations.get(of.participation)?;
        Some(match of.kind {
            HistoryKind::Months => HistoryRows::Months(participation.months.rows.clone()),
            HistoryKind::Payments => {
                HistoryRows::Payments(participation.benefit.as_ref()?.payments.rows.clone())
            }
        })
    }

    /// Takes in the next rows of one of them. Rows of another kind than those asked for stay out.
    pub fn append(&mut self, of: HistoryOf, rows: HistoryRows, more: Option<HistoryCursor>) {
        let Some(participation) = self.participations.get_mut(of.participation) else { return };
        match (of.kind, rows) {
            (HistoryKind::Months, HistoryRows::Months(rows)) => {
                participation.months.append(rows, more);
            }
            (HistoryKind::Payments, HistoryRows::Payments(rows)) => {
                if let Some(benefit) = &mut participation.benefit {
                    benefit.payments.append(rows, more);
                }
            }
            _ => {}
        }
    }
}

/// The next rows of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryPage {
    /// The rows, newest first, going on after those before.
    pub rows: HistoryRows,
    /// By which those after them are to be had; absent when these are the last.
    pub more: Option<HistoryCursor>,
}

/// Stands for the rest of a history. The county made it up for one person, one kiosk and a short
/// time; 32 hexadecimal digits that mean nothing to anybody else.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct HistoryCursor(String);

/// The text is no cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a cursor has 32 hexadecimal digits")]
pub struct HistoryCursorError;

impl TryFrom<String> for HistoryCursor {
    type Error = HistoryCursorError;

    fn try_from(text: String) -> Result<Self, HistoryCursorError> {
        let sound = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
        sound.then_some(Self(text)).ok_or(HistoryCursorError)
    }
}

impl From<HistoryCursor> for String {
    fn from(cursor: HistoryCursor) -> Self {
        cursor.0
    }
}

/// Who knows a cursor can ask with it, so it is not shown.
impl fmt::Debug for HistoryCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HistoryCursor(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_checked_and_not_shown() {
        let digits = "0123456789abcdef".repeat(2);
        let cursor = HistoryCursor::try_from(digits.clone()).expect("a cursor");
        assert_eq!(String::from(cursor.clone()), digits);
        assert!(!format!("{cursor:?}").contains("0123"));
        assert_eq!(HistoryCursor::try_from("0123".to_owned()), Err(HistoryCursorError));
        assert_eq!(HistoryCursor::try_from("g".repeat(32)), Err(HistoryCursorError));
    }
}
