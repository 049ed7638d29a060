//! renshe-kiosk (人社自助查询终端): the house and its rooms.
//!
//! ```text
//!  resident ── touch ──┐
//!                      ▼
//!  ID card ─ serial ─► kiosk ── mutual TLS ──► county ──► core system
//!                      │                        │
//!        listings.db, ledger.db           county.db
//! ```
//!
//! Calls go one way:
//! `screen → visit → {card, printer, listings, insurance, staff} → {link, store} → domain`.
//! [`app`] alone knows all of them and connects them; [`county`] uses `domain`, `store` and `clock` only;
//! [`simulator`] plays the devices and is in every build, because installers and trainers need it
//! too. `tests/kiosk/house.rs` holds these lines against the `use` lines of every file.
//!
//! | room | responsible for |
//! | --- | --- |
//! | [`domain`] | the nouns and their rules, and what the wire carries; no I/O |
//! | [`card`] | the reader: frames, document parsing, the driver thread |
//! | [`printer`] | the slip printer: a slip as bytes, the driver thread |
//! | [`visit`] | one resident's visit as a pure function from state and event to effects |
//! | [`listings`] | postings, training notices, job fairs: cache, feed, search, the town's own |
//! | [`insurance`] | what follows from an account: the estimate, by dated rules that are data |
//! | [`staff`] | PIN, lock-out, the readiness report |
//! | [`link`] | transport to the county: identity, TLS, client |
//! | [`store`] | SQLite: open, migrate, check, set aside; the ledger |
//! | [`qr`] | the one place that makes QR codes, for the screen and for slips |
//! | [`screen`] | the only room that names slint: bind, render, one file a page |
//! | [`county`] | the county service |
//! | [`simulator`] | a reader and a printer on pseudo-terminals, invented residents |
//! | [`audit`] | what was asked and when, about nobody, in a chain of hashes |
//! | [`app`] | composition root: builds the rooms, connects them, runs, drains |
//! | [`config`] | the kiosk-config directory, checked |
//! | [`clock`] | the time of day, real or fixed |
//!
//! Beside the house: `ui/`, the pages (only [`screen`] may name it), and `crates/memory/`, the allocator of
//! the programs and what else sees to it that nothing said about a person stays in their memory.

pub mod app;
pub mod audit;
pub mod card;
pub mod cli;
pub mod clock;
pub mod config;
pub mod county;
pub mod domain;
pub mod insurance;
pub mod link;
pub mod listings;
pub mod printer;
pub mod qr;
pub mod screen;
pub mod simulator;
pub mod staff;
pub mod store;
pub mod visit;
