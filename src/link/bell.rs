//! The bell of the office: tells somebody in the hall's own network that help is wanted at the kiosk: a
//! number display, a computer at the desk, a service that writes to the staff's telephones.
//!
//! It says where, when and on which page, and nothing of anybody; so it goes without TLS, which what stands in
//! a town hall seldom has. Keeps no state but the address.

use std::time::Duration;

use kiosk_base::domain::Stop;
use reqwest::Url;
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use serde::Serialize;

use super::{LinkError, failure};

/// How long the office may take to say that it has heard.
const LIMIT: Duration = Duration::from_secs(5);

/// Rings in the office.
#[derive(Debug, Clone)]
pub struct Bell {
    http: reqwest::Client,
    address: Url,
}

/// Who calls: the body of the request, in JSON.
#[derive(Debug, Clone, Serialize)]
pub struct Call<'a> {
    /// The kiosk, as its certificate has it; empty without one.
    pub kiosk: &'a str,
    /// The town.
    pub town: &'a str,
    /// The page on which help is wanted: `identify`, `account`, `jobs`, ….
    pub page: &'a str,
    /// When, on the town's clock: `2026-12-01T09:10:00`.
    pub at: String,
}

impl Bell {
    /// The address of a bell: `http://host:port/path`, with nothing secret in it. `None` if it is none.
    pub fn address(text: &str) -> Option<Url> {
        Url::parse(text).ok().filter(|url| {
            url.scheme() == "http"
                && url.host().is_some()
                && url.username().is_empty()
                && url.password().is_none()
                && url.fragment().is_none()
        })
    }

    /// A bell at `address`.
    ///
    /// # Errors
    /// [`Stop::ConfigWrong`] when no client can be made.
    pub fn new(address: Url) -> Result<Self, LinkError> {
        let wrong = |detail: String| LinkError { stop: Stop::ConfigWrong, detail };
        // Never used: the address has no TLS. But the client is not made without.
        let tls = ClientConfig::builder_with_provider(aws_lc_rs::default_provider().into())
            .with_safe_default_protocol_versions()
            .map_err(|e| wrong(e.to_string()))?
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(LIMIT)
            .build()
            .map_err(|e| wrong(e.to_string()))?;
        Ok(Self { http, address })
    }

    /// Rings, once.
    ///
    /// # Errors
    /// When nobody takes it in time, or says anything but a success.
    pub async fn ring(&self, call: &Call<'_>) -> Result<(), LinkError> {
        let sent = self.http.post(self.address.clone()).json(call).send().await;
        let answer = sent.map_err(|error| failure::of_request(&error))?;
        if answer.status().is_success() {
            return Ok(());
        }
        Err(LinkError { stop: Stop::LinkServerError, detail: answer.status().to_string() })
    }
}
