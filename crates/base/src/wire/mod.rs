//! What travels between kiosk and county, as JSON over mutual TLS.
//!
//! | request | answer |
//! | --- | --- |
//! | `GET /v1/feed/{collection}?since=N` | [`v1::FeedPage`], signed ([`FEED_SIGNATURE`]) |
//! | `POST /v1/accounts/query` [`v1::AccountQuery`] | [`v1::AccountAnswer`], or a [`v1::Problem`] |
//! | `POST /v1/accounts/history` [`v1::HistoryQuery`] | [`v1::HistoryPage`], or a [`v1::Problem`] |
//! | `POST /v1/heartbeat` [`v1::Heartbeat`] | [`v1::HeartbeatReply`] |
//! | `GET /v1/time` | [`v1::CountyTime`] |
//! | `GET /openapi.json` | OpenAPI 3.1 |
//!
//! How it is written stands in a module for each version, of which there is one, [`v1`]: its types are
//! written and read, and nothing else is done with them but to convert them from and to the nouns of the
//! [domain](crate::domain), which know no JSON. Here is what is the same in every version: what is
//! published and for whom, the rules that a page and a query keep, what is signed, and limits. Keeps no
//! state.

mod feed;
mod query;
pub mod v1;

pub use feed::{
    Audience, Collection, FEED_PAGE_BYTES, FEED_PAGE_ITEMS, FEED_SIGNATURE, FeedBody, FeedItem,
    FeedPage, feed_key_id, signed_page, signed_unchanged,
};
pub use query::{AccountQuery, NAME_MAX, QUERY_PIN_MAX, SAM_ID_MAX};

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
