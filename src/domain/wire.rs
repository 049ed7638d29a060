//! What travels between kiosk and county, as JSON over mutual TLS. Version 1.
//!
//! | request | answer |
//! | --- | --- |
//! | `GET /v1/feed/{collection}?since=N` | [`FeedPage`], signed ([`FEED_SIGNATURE`]) |
//! | `POST /v1/accounts/query` [`AccountQuery`] | [`Account`](super::Account), or a [`Problem`] |
//! | `POST /v1/accounts/history` [`HistoryQuery`] | [`HistoryPage`], or a [`Problem`] |
//! | `POST /v1/heartbeat` [`Heartbeat`] | [`HeartbeatReply`] |
//! | `GET /openapi.json` | OpenAPI 3.1 |

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{HolderNumber, Sensitive, name::same_name};

mod feed;
mod history;

pub use feed::{
    Audience, Collection, FEED_PAGE_BYTES, FEED_PAGE_ITEMS, FEED_SIGNATURE, FeedBody, FeedItem,
    FeedPage, signed_page, signed_unchanged,
};
pub use history::{HistoryPage, HistoryQuery};

/// Asks for the account of the person whose document lies on the reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountQuery {
    /// A fresh random value for each read of a document, 32 hex digits.
    pub read_id: String,
    /// The document's number.
    pub number: HolderNumber,
    /// The document's name, as stored; in Chinese characters where the document has them.
    #[schema(value_type = String)]
    pub name: Sensitive<String>,
    /// The name in Latin letters, of documents that carry one. The account may be under either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub english_name: Option<Sensitive<String>>,
}

impl AccountQuery {
    /// Whether `name` is one of the document's, however the core system writes it.
    pub fn is_about(&self, name: &str) -> bool {
        let names = [Some(&self.name), self.english_name.as_ref()];
        names.into_iter().flatten().any(|own| same_name(own.expose(), name))
    }
}

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
}

/// The county's answer to a heartbeat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeartbeatReply {
    /// The county's time, from which the kiosk takes its dates.
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
    /// The request is malformed.
    BadRequest,
    /// Too many queries, or too many kiosks at once; see `Retry-After`.
    TooMany,
    /// The core system does not answer.
    CoreUnavailable,
    /// The county service itself failed; its log says why.
    Internal,
}
