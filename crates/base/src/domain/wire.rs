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
use utoipa::{
    ToSchema,
    openapi::{
        ArrayBuilder, ObjectBuilder,
        schema::{Array, Object, Type},
    },
};

use super::code::codes;

mod audit;
mod feed;
mod history;
mod query;
mod schema;

pub use audit::{AuditHead, AuditVerdict, signed_head};
pub use feed::{
    Audience, Collection, FEED_PAGE_BYTES, FEED_PAGE_ITEMS, FEED_SIGNATURE, FeedBody, FeedItem,
    FeedPage, feed_key_id, signed_page, signed_unchanged,
};
pub use history::{HistoryPage, HistoryQuery};
pub use query::{
    AccountAnswer, AccountQuery, DocumentFacts, DocumentKind, NAME_MAX, QUERY_PIN_MAX, SAM_ID_MAX,
};

/// The largest whole number that travels: what every reader of JSON keeps exactly, 2^53 − 1. It
/// leaves room above it in every counter that stores it.
pub const INTEGER_MAX: u64 = (1 << 53) - 1;
/// Most stops, and most collections, in a heartbeat.
pub const WORDS_MAX: usize = 64;
/// Most characters of each of them.
pub const WORD_MAX: usize = 64;
/// Most keys of the feed in one file, and in a heartbeat: the present one, the next, the former, and
/// some to spare.
pub const FEED_KEYS_MAX: usize = 8;
/// Most modules in a heartbeat: a plate and a slot, with room.
pub const MODULES_MAX: usize = 4;

/// How a kiosk is, once a minute. By default it has nothing to say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Heartbeat {
    /// Version of the software.
    #[schema(max_length = 64)]
    pub version: String,
    /// Seconds since it started.
    #[schema(maximum = 9007199254740991u64)]
    pub uptime_s: u64,
    /// Whether the card reader works.
    pub reader_ready: bool,
    /// Rows in the cache, per collection name.
    #[schema(schema_with = rows_schema)]
    pub rows: std::collections::BTreeMap<String, u64>,
    /// Stop codes that hold at present.
    #[schema(schema_with = stops_schema)]
    pub stops: Vec<String>,
    /// The numbers of the security modules in its readers, as they are printed. A query names the
    /// one that read the document, which must have been announced here before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(schema_with = modules_schema)]
    pub modules: Vec<String>,
    /// The head of the kiosk's audit chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<AuditHead>,
    /// Which keys of the feed the kiosk believes, each by the first eight bytes of its public half.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(schema_with = feed_keys_schema)]
    pub feed_keys: Vec<String>,
}

impl Heartbeat {
    /// What is wrong with its form, as a sentence for the log without a word of it.
    pub fn fault(&self) -> Option<&'static str> {
        let Self { version, uptime_s, rows, stops, modules, audit, feed_keys, reader_ready: _ } =
            self;
        let is_short = |text: &String| text.chars().count() <= WORD_MAX;
        let words = stops.iter().chain(rows.keys()).chain([version]);
        if stops.len() > WORDS_MAX || rows.len() > WORDS_MAX || !words.into_iter().all(is_short) {
            return Some("a heartbeat is short");
        }
        if rows.values().chain([uptime_s]).any(|number| *number > INTEGER_MAX) {
            return Some("a number is too large");
        }
        if modules.len() > MODULES_MAX || !modules.iter().all(|id| query::is_sam_id(id)) {
            return Some("modules are no modules' numbers");
        }
        let is_key = |id: &String| {
            id.len() == 16 && id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        };
        if feed_keys.len() > FEED_KEYS_MAX || !feed_keys.iter().all(is_key) {
            return Some("feed_keys are no keys of the feed");
        }
        let is_sound = audit.as_ref().is_none_or(AuditHead::is_sound);
        (!is_sound).then_some("audit is no head of a chain")
    }
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

codes! {
    /// Kinds of problems.
    pub enum ProblemCode {
        /// The core system has no such person under this number and name.
        NotFound = "not_found",
        /// The name does not belong to the number: said by older counties, which told the two apart.
        IdentityMismatch = "identity_mismatch",
        /// This query was answered already: each `read_id` is good for one answer.
        Replayed = "replayed",
        /// `read_at` is too far from the county's time.
        OutOfWindow = "out_of_window",
        /// There were too many queries about this person today.
        PersonLimit = "person_limit",
        /// There were too many queries, or too many failed ones, of this kiosk today.
        KioskLimit = "kiosk_limit",
        /// `sam_id` is no module that this kiosk has announced, or is missing where one has read the
        /// document; a heartbeat announces it.
        ReaderUnknown = "reader_unknown",
        /// The county no longer takes this kiosk's certificate: it was revoked, or has run out.
        CertificateRefused = "certificate_refused",
        /// The county asks for the person's query PIN.
        PinRequired = "pin_required",
        /// The query PIN is wrong.
        PinWrong = "pin_wrong",
        /// The county asks for a query PIN and this person has none.
        PinUnset = "pin_unset",
        /// The query PIN was wrong too often today; not even the right one is answered.
        PinLocked = "pin_locked",
        /// The head of the audit chain is older than one that the county has countersigned.
        AuditBackwards = "audit_backwards",
        /// The audit chain has another row than the one that the county has countersigned.
        AuditForked = "audit_forked",
        /// The request is malformed.
        BadRequest = "bad_request",
        /// Too many queries, or too many kiosks at once; see `Retry-After`.
        TooMany = "too_many",
        /// The core system does not answer.
        CoreUnavailable = "core_unavailable",
        /// There is no core system: this county answers no queries for accounts.
        CoreAbsent = "core_absent",
        /// The county service itself failed; its log says why.
        Internal = "internal",
    }
}

impl ProblemCode {
    /// The code of this name, if it is one that this software knows.
    pub fn named(name: &str) -> Option<Self> {
        Self::KNOWN.iter().find(|known| known.as_str() == name).copied()
    }
}

/// At most [`WORDS_MAX`] numbers, each under a short name.
fn rows_schema() -> Object {
    let name = ObjectBuilder::new().schema_type(Type::String).max_length(Some(WORD_MAX));
    let number =
        ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).maximum(Some(INTEGER_MAX));
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .property_names(Some(name))
        .additional_properties(Some(number))
        .max_properties(Some(WORDS_MAX))
        .build()
}

fn stops_schema() -> Array {
    let word = ObjectBuilder::new().schema_type(Type::String).max_length(Some(WORD_MAX));
    ArrayBuilder::new().items(word).max_items(Some(WORDS_MAX)).build()
}

fn feed_keys_schema() -> Array {
    let key = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[0-9a-f]{16}$"));
    ArrayBuilder::new().items(key).max_items(Some(FEED_KEYS_MAX)).build()
}

fn modules_schema() -> Array {
    let module = ObjectBuilder::new()
        .schema_type(Type::String)
        .max_length(Some(SAM_ID_MAX))
        .pattern(Some(query::SAM_ID_PATTERN));
    ArrayBuilder::new().items(module).max_items(Some(MODULES_MAX)).build()
}
