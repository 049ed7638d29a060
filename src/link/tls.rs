//! The secured connection: TLS 1.3 only, the county's authority as the only root, this kiosk's
//! certificate, post-quantum key exchange first. No resumption: a resumed session would carry an
//! identity that has been replaced.
//!
//! State: the identity in use, replaceable while the kiosk runs.

use std::{fmt, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use kiosk_base::domain::{DivisionCode, Stop};
use rustls::{
    ClientConfig, RootCertStore, SignatureScheme,
    client::{ResolvesClientCert, Resumption},
    crypto::aws_lc_rs::{self, kx_group},
    pki_types::UnixTime,
    sign::CertifiedKey,
    time_provider::TimeProvider,
};
use x509_parser::{certificate::X509Certificate, prelude::FromDer};

use super::{LinkError, LinkSettings, identity};

/// The certificate and key shown to the county on each new connection.
pub(super) struct Shown(ArcSwap<CertifiedKey>);

impl Shown {
    pub(super) fn new(key: Arc<CertifiedKey>) -> Self {
        Self(ArcSwap::new(key))
    }

    /// From the next connection on, `key` is shown.
    pub(super) fn replace(&self, key: Arc<CertifiedKey>) {
        self.0.store(key);
    }

    /// When the certificate begins and ends, in seconds since 1970.
    pub(super) fn validity(&self) -> Option<(i64, i64)> {
        self.of_certificate(|certificate| {
            let validity = certificate.validity();
            Some((validity.not_before.timestamp(), validity.not_after.timestamp()))
        })
    }

    /// The kiosk's name.
    pub(super) fn name(&self) -> Option<String> {
        self.of_certificate(|certificate| {
            let name = certificate.subject().iter_common_name().next()?;
            Some(name.as_str().ok()?.to_owned())
        })
    }

    /// Where the kiosk stands.
    pub(super) fn division(&self) -> Option<DivisionCode> {
        self.of_certificate(identity::division)
    }

    fn of_certificate<T>(&self, read: impl Fn(&X509Certificate<'_>) -> Option<T>) -> Option<T> {
        let key = self.0.load();
        let (_, certificate) = X509Certificate::from_der(key.cert.first()?).ok()?;
        read(&certificate)
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown")
    }
}

impl ResolvesClientCert for Shown {
    fn resolve(
        &self,
        _root_hint_subjects: &[&[u8]],
        _schemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// The machine's time, but never before this kiosk's own certificate began: then the clock has
/// stopped, as it does with an empty battery, and that must not lock the kiosk out. The county's
/// certificate begins with its authority, so it holds on that day.
#[derive(Debug)]
struct NotBeforeOwn(Arc<Shown>);

impl TimeProvider for NotBeforeOwn {
    fn current_time(&self) -> Option<UnixTime> {
        let begins = self.0.validity().and_then(|(begins, _)| u64::try_from(begins).ok());
        let floor = UnixTime::since_unix_epoch(Duration::from_secs(begins.unwrap_or(0)));
        Some(UnixTime::now().max(floor))
    }
}

/// The configuration of every connection to the county.
pub(super) fn client_config(
    settings: &LinkSettings,
    shown: Arc<Shown>,
) -> Result<ClientConfig, LinkError> {
    let wrong = |e: rustls::Error| LinkError {
        stop: Stop::ConfigWrong,
        detail: format!("{}: {e}", settings.authority.display()),
    };
    let mut provider = aws_lc_rs::default_provider();
    provider.kx_groups = vec![kx_group::X25519MLKEM768, kx_group::X25519, kx_group::SECP256R1];
    let mut roots = RootCertStore::empty();
    for certificate in identity::authority(settings)? {
        roots.add(certificate).map_err(wrong)?;
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(wrong)?
        .with_root_certificates(roots)
        .with_client_cert_resolver(shown.clone());
    config.resumption = Resumption::disabled();
    config.time_provider = Arc::new(NotBeforeOwn(shown));
    Ok(config)
}
