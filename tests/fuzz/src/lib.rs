//! The rooms of the kiosk that take bytes from outside, built by themselves for the fuzzer.

#[path = "../../../src/card/mod.rs"]
pub mod card;
/// What the readers' threads need.
#[path = "../../../src/clock.rs"]
pub mod clock;
#[path = "../../../src/domain/mod.rs"]
pub mod domain;
/// What the nouns need to be part of the county's description.
#[path = "../../../src/county/schema.rs"]
mod schema;
pub mod listings;
