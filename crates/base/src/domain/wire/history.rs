//! The rest of a long history.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::account::{HistoryCursor, HistoryRows};

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
