//! What travels between kiosk and county, as JSON over mutual TLS. Version 1.
//!
//! | request | answer |
//! | --- | --- |
//! | `GET /v1/feed/{collection}?since=N` | [`FeedPage`] |
//! | `POST /v1/accounts/query` [`AccountQuery`] | [`Account`](super::Account), or a [`Problem`] |
//! | `POST /v1/heartbeat` [`Heartbeat`] | [`HeartbeatReply`] |
//! | `GET /openapi.json` | OpenAPI 3.1 |

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    HolderNumber, JobFair, Posting, PostingId, Sensitive, TrainingNotice, name::same_name,
};

/// What the county publishes to every kiosk.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Collection {
    /// Job postings.
    Postings,
    /// Training notices.
    Trainings,
    /// Job fairs.
    Fairs,
}

impl Collection {
    /// All, in the order in which they are refreshed.
    pub const ALL: [Self; 3] = [Self::Postings, Self::Trainings, Self::Fairs];

    /// The name in paths and tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Postings => "postings",
            Self::Trainings => "trainings",
            Self::Fairs => "fairs",
        }
    }
}

/// Most items in one page of a feed.
pub const FEED_PAGE_ITEMS: usize = 500;

/// A run of changes in the order in which they happened. A kiosk that has applied a page asks next
/// `since` that page's `next`, and has everything when `next == head`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FeedPage {
    /// Names this life of the county's feed. Another epoch than the kiosk knows means: begin at 0.
    pub epoch: String,
    /// Changes with `since < seq <= next`, rising strictly.
    pub items: Vec<FeedItem>,
    /// The cursor after this page.
    pub next: u64,
    /// The newest change there is.
    pub head: u64,
}

/// One change: an item as it is now, or the news that it is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FeedItem {
    /// Position in the feed, from 1.
    pub seq: u64,
    /// Id of what changed.
    pub id: String,
    /// The item, or `None` for a tombstone.
    pub body: Option<FeedBody>,
}

/// An item of a collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum FeedBody {
    /// In `postings`.
    Posting(Box<Posting>),
    /// In `trainings`.
    Training(Box<TrainingNotice>),
    /// In `fairs`.
    Fair(Box<JobFair>),
}

impl FeedBody {
    /// The collection it belongs to.
    pub fn collection(&self) -> Collection {
        match self {
            Self::Posting(_) => Collection::Postings,
            Self::Training(_) => Collection::Trainings,
            Self::Fair(_) => Collection::Fairs,
        }
    }

    /// Its id at the source.
    pub fn id(&self) -> &PostingId {
        match self {
            Self::Posting(posting) => &posting.id,
            Self::Training(notice) => &notice.id,
            Self::Fair(fair) => &fair.id,
        }
    }
}

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
    /// Too many queries; see `Retry-After`.
    TooMany,
    /// The core system does not answer.
    CoreUnavailable,
    /// The county service itself failed; its log says why.
    Internal,
}
