//! Long lists: months of contributions, months of payments.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most rows that come at once.
pub const HISTORY_PAGE: usize = 120;
/// Most rows of one list: more than a hundred years of months.
pub const MAX_HISTORY: usize = 1_500;

/// Rows, newest first: those that are there, and where the next are to be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct History<T> {
    /// The newest rows; in an answer at most [`HISTORY_PAGE`].
    pub rows: Vec<T>,
    /// How many rows there are in all.
    pub total: u32,
    /// By which the county hands out the next rows; absent when these are all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
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

/// Stands for the rest of a history. The county made it up for one person, one kiosk and a short
/// time; 32 hexadecimal digits that mean nothing to anybody else.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
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
