//! What kiosk and county share: the nouns of the trade and what of them travels, and how either side
//! keeps, imports and is told things. No network, no devices, no window.
//!
//! Calls go one way: `cli → config → import → wire → domain`; `store` names `domain` only, `clock` and `qr`
//! nothing; `import` reads rows through `strict`.
//!
//! | room | responsible for |
//! | --- | --- |
//! | [`domain`] | the nouns and their rules; no I/O |
//! | [`wire`] | what travels between kiosk and county, and how it is written |
//! | [`clock`] | the time of day, real or fixed |
//! | [`store`] | SQLite: open, migrate, check, set aside; the ledger |
//! | [`mod@import`] | postings, notices and fairs from files of all kinds |
//! | [`config`] | settings files: reading them, and what is said of a mistake |
//! | [`qr`] | the one place that makes QR codes, for the screen and for slips |
//! | [`strict`] | reading what people write: no name in it that nobody reads |
//! | [`cli`] | what both command lines have in common |

pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod import;
pub mod qr;
pub mod store;
pub mod strict;
pub mod wire;
