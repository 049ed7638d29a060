//! Transport to the county: who this kiosk is, the secured connection, the requests and the checks
//! on what comes back. Knows nothing of screens, visits or databases.
//!
//! State: the identity and the feed keys in use, per kind of request until when the county asked to
//! wait, and of each part of the feed the last word that there is nothing new; in a visit in which long
//! histories are read, the connection over which they come. Nothing about a resident is kept: accounts
//! come over connections of their own, which are closed with the answer, histories over one that is
//! closed with the visit, and the buffers that held them are overwritten.

use std::path::PathBuf;

use kiosk_base::{
    clock::{self, Holds},
    domain::Stop,
};

mod bell;
mod check;
mod client;
mod failure;
mod feed;
mod identity;
pub mod pem;
mod tls;

pub use bell::{Bell, Call};
pub use client::{Client, QUERY_LIMIT};
pub use feed::FeedKeys;
pub use identity::Identity;
pub use pem::FileFault;

/// Where the county is and who this kiosk is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkSettings {
    /// `https://host:port`.
    pub url: String,
    /// PEM file of the county's certificate authority, the only root.
    pub authority: PathBuf,
    /// PEM file of this kiosk's certificate chain.
    pub certificate: PathBuf,
    /// PEM file of this kiosk's private key.
    pub key: PathBuf,
    /// PEM file of the public keys by one of which the listings are signed.
    pub feed_key: PathBuf,
}

impl LinkSettings {
    /// The time for which this kiosk's certificate holds, as far as it can be read.
    pub fn holds(&self) -> Holds {
        match Identity::read(self) {
            Ok(identity) => identity.own_begins..=identity.own_ends,
            Err(_) => clock::plausible(),
        }
    }
}

/// Why a request brought no answer: the stop for people, and a detail for the log without personal
/// data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", .stop.code())]
pub struct LinkError {
    /// What failed.
    pub stop: Stop,
    /// For the log.
    pub detail: String,
}
