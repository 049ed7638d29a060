//! How a kiosk is, and what the county says to it. Nothing of it is about a person or a posting, so both
//! sides use these types as they are. Keeps no state.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::{
        ArrayBuilder, ObjectBuilder,
        schema::{Array, Object, Type},
    },
};

use super::{AuditHead, AuditVerdict};
use crate::wire::{
    FEED_KEYS_MAX, INTEGER_MAX, MODULES_MAX, SAM_ID_MAX, WORD_MAX, WORDS_MAX,
    query::{SAM_ID_PATTERN, is_sam_id},
};

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
    pub rows: BTreeMap<String, u64>,
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
        if modules.len() > MODULES_MAX || !modules.iter().all(|id| is_sam_id(id)) {
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
        .pattern(Some(SAM_ID_PATTERN));
    ArrayBuilder::new().items(module).max_items(Some(MODULES_MAX)).build()
}
