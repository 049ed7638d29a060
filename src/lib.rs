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
//! `screen → visit → {listings, insurance}; {listings, staff} → link`.
//! [`app`] and [`cli`] alone know all of them; the former connects them. `tests/kiosk/house.rs` holds these lines against
//! the `use` lines of every file, also which rooms may name which of the other crates; those the compiler
//! holds apart from each other and from this one:
//!
//! | crate | responsible for |
//! | --- | --- |
//! | `kiosk-base` | what kiosk and county share: nouns, wire, SQLite, imports, settings files |
//! | `kiosk-county` | the county service, with a program of its own; the demonstration has it inside |
//! | `kiosk-devices` | readers and printers |
//! | `kiosk-stage` | plays devices and people |
//! | `kiosk-memory` | nothing said about a person stays in a program's memory |
//! | `kiosk-ui` | the pages (only [`screen`] may name it) |
//!
//! | room | responsible for |
//! | --- | --- |
//! | [`visit`] | one resident's visit as a pure function from state and event to effects |
//! | [`listings`] | postings, training notices, job fairs: cache, feed, search, the town's own |
//! | [`insurance`] | what follows from an account: the estimate, by dated rules that are data |
//! | [`staff`] | PIN, lock-out, the readiness report |
//! | [`link`] | transport to the county: identity, TLS, client |
//! | [`screen`] | the only room that names slint: bind, render, one file a page |
//! | [`audit`] | what was asked and when, about nobody, in a chain of hashes |
//! | [`app`] | composition root: builds the rooms, connects them, runs, drains |
//! | [`cli`] | the command line: a file a command |
//! | [`config`] | the kiosk-config directory, checked |

pub mod app;
pub mod audit;
pub mod cli;
pub mod config;
pub mod insurance;
pub mod link;
pub mod listings;
pub mod screen;
pub mod staff;
pub mod visit;
