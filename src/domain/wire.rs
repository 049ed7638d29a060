//! What travels between kiosk and county, as JSON over mutual TLS. Version 1.
//!
//! | request | answer |
//! | --- | --- |
//! | `GET /v1/feed/{collection}?since=N` | [`FeedPage`], signed ([`FEED_SIGNATURE`]) |
//! | `POST /v1/accounts/query` [`AccountQuery`] | [`AccountAnswer`], or a [`Problem`] |
//! | `POST /v1/accounts/history` [`HistoryQuery`] | [`HistoryPage`], or a [`Problem`] |
//! | `POST /v1/heartbeat` [`Heartbeat`] | [`HeartbeatReply`] |
//! | `GET /v1/time` | [`CountyTime`] |
//! | `GET /openapi.json` | OpenAPI 3.1 |

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

mod audit;
mod feed;
mod history;
mod query;

pub use audit::{AuditHead, AuditVerdict, signed_head};
pub use feed::{
    Audience, Collection, FEED_PAGE_BYTES, FEED_PAGE_ITEMS, FEED_SIGNATURE, FeedBody, FeedItem,
    FeedPage, signed_page, signed_unchanged,
};
pub use history::{HistoryPage, HistoryQuery};
pub use query::{AccountAnswer, AccountQuery, DocumentFacts, DocumentKind, QUERY_PIN_MAX};

/// How a kiosk is, once a minute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Heartbeat {
    /// Version of the software.
    pub version: String,
    /// Seconds since it started.
    pub uptime_s: u64,
    /// Whether the card reader works.
    pub reader_ready: bool,
    /// Rows in the cache, per collection name.
    pub rows: std::collections::BTreeMap<String, u64>,
    /// Stop codes that hold at present.
    pub stops: Vec<String>,
    /// The head of the kiosk's audit chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<AuditHead>,
}

/// The county's answer to a heartbeat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeartbeatReply {
    /// The county's time, from which the kiosk takes its dates.
    pub now: Timestamp,
    /// The county's word about the head that came with the heartbeat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<AuditVerdict>,
}

/// The county's time alone: for who looks whether line and clock are right, without speaking for the
/// kiosk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CountyTime {
    /// The county's time.
    pub now: Timestamp,
}

/// Why the county did not answer a request, as `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// What kind of problem.
    pub code: ProblemCode,
    /// One sentence for the log, without personal data.
    pub detail: String,
}

/// Kinds of problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// The core system has no such person.
    NotFound,
    /// The name does not belong to the number.
    IdentityMismatch,
    /// This query was answered already: each `read_id` is good for one answer.
    Replayed,
    /// `read_at` is too far from the county's time.
    OutOfWindow,
    /// There were too many queries about this person today.
    PersonLimit,
    /// The county asks for the person's query PIN.
    PinRequired,
    /// The query PIN is wrong.
    PinWrong,
    /// The county asks for a query PIN and this person has none.
    PinUnset,
    /// The query PIN was wrong too often today; not even the right one is answered.
    PinLocked,
    /// The head of the audit chain is older than one that the county has countersigned.
    AuditBackwards,
    /// The audit chain has another row than the one that the county has countersigned.
    AuditForked,
    /// The request is malformed.
    BadRequest,
    /// Too many queries, or too many kiosks at once; see `Retry-After`.
    TooMany,
    /// The core system does not answer.
    CoreUnavailable,
    /// The county service itself failed; its log says why.
    Internal,
}
