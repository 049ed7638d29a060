//! Transport to the county: who this kiosk is, the secured connection, the requests and the checks
//! on what comes back. Knows nothing of screens, visits or databases.
//!
//! State: the identity in use and, per kind of request, until when the county asked to wait. Nothing
//! about a resident is kept; buffers that held an account are overwritten.

use std::path::PathBuf;

use crate::domain::Stop;

mod check;
mod client;
mod failure;
mod identity;
mod tls;

pub use client::{Client, QUERY_LIMIT};
pub use identity::Identity;

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
