//! Long lists: the newest rows of a history in an account, and the rest of it page by page. Keeps no state.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{HistoryCursor, MonthContribution, Payment, convert::both_ways};
use crate::domain;
pub use crate::domain::account::HISTORY_PAGE;

/// Rows, newest first: those that are there, and where the next are to be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct History<T> {
    /// The newest rows; in an answer at most [`HISTORY_PAGE`].
    pub rows: Vec<T>,
    /// How many rows there are in all.
    pub total: u32,
    /// By which the county hands out the next rows; absent when these are all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<HistoryCursor>,
}

impl<T> History<T> {
    /// Whether there is no row at all, so that it is not written.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.total == 0
    }
}

impl<T> Default for History<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), total: 0, more: None }
    }
}

both_ways!(History<MonthContribution>, domain::account::History<domain::account::MonthContribution>, {
    same: total;
    some: more;
    each: rows;
});

both_ways!(History<Payment>, domain::account::History<domain::account::Payment>, {
    same: total;
    some: more;
    each: rows;
});

/// Asks for the next rows of a history of which an account brought the newest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HistoryQuery {
    /// As the account, or the page before, said it. Good for one question, of the kiosk that asked
    /// for the account, for a short time.
    pub cursor: HistoryCursor,
}

/// The next rows of a history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPage {
    /// The rows, newest first, going on after those before; at least one, at most 120.
    #[serde(flatten)]
    pub rows: HistoryRows,
    /// By which those after them are to be had; absent when these are the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<HistoryCursor>,
}

both_ways!(HistoryPage, domain::account::HistoryPage, {
    one: rows;
    some: more;
});

/// Rows of one history, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", content = "rows", rename_all = "snake_case")]
pub enum HistoryRows {
    /// Contributions by month.
    Months(Vec<MonthContribution>),
    /// Payments of a benefit.
    Payments(Vec<Payment>),
}

impl From<domain::account::HistoryRows> for HistoryRows {
    fn from(rows: domain::account::HistoryRows) -> Self {
        use domain::account::HistoryRows::{Months, Payments};
        match rows {
            Months(rows) => Self::Months(rows.into_iter().map(Into::into).collect()),
            Payments(rows) => Self::Payments(rows.into_iter().map(Into::into).collect()),
        }
    }
}

impl From<HistoryRows> for domain::account::HistoryRows {
    fn from(rows: HistoryRows) -> Self {
        match rows {
            HistoryRows::Months(rows) => Self::Months(rows.into_iter().map(Into::into).collect()),
            HistoryRows::Payments(rows) => {
                Self::Payments(rows.into_iter().map(Into::into).collect())
            }
        }
    }
}
