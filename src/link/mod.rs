//! Transport to the county.

use std::path::PathBuf;

use crate::domain::{Account, Stop, wire};

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

/// The county as this kiosk reaches it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {}

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

impl Client {
    /// Reads certificates and key and builds the client; connects only when asked something.
    ///
    /// # Errors
    /// When a file is missing or makes no sense.
    pub fn new(_settings: &LinkSettings) -> Result<Self, LinkError> {
        Ok(Self {})
    }

    /// Fetches the changes of `collection` after `since`.
    ///
    /// # Errors
    /// Any [`LinkError`].
    pub async fn feed_page(
        &self,
        _collection: wire::Collection,
        _since: u64,
    ) -> Result<wire::FeedPage, LinkError> {
        Err(LinkError { stop: Stop::LinkDown, detail: "not built yet".into() })
    }

    /// Asks for one person's account. Dropping the future cancels the request.
    ///
    /// # Errors
    /// Any [`LinkError`]; [`Stop::PersonMismatch`] when the answer is about somebody else.
    pub async fn account(&self, _query: &wire::AccountQuery) -> Result<Account, LinkError> {
        Err(LinkError { stop: Stop::LinkDown, detail: "not built yet".into() })
    }

    /// Reports how this kiosk is and learns the county's time.
    ///
    /// # Errors
    /// Any [`LinkError`].
    pub async fn heartbeat(
        &self,
        _heartbeat: &wire::Heartbeat,
    ) -> Result<wire::HeartbeatReply, LinkError> {
        Err(LinkError { stop: Stop::LinkDown, detail: "not built yet".into() })
    }
}
