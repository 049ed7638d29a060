//! The secured connection: TLS 1.3 only, the county's authority as the only root, this kiosk's
//! certificate, post-quantum key exchange first. No resumption: a resumed session would carry an
//! identity that has been replaced.
//!
//! State: the identity in use, replaceable while the kiosk runs.

use std::{fmt, sync::Arc};

use arc_swap::ArcSwap;
use rustls::{
    ClientConfig, RootCertStore, SignatureScheme,
    client::{ResolvesClientCert, Resumption},
    crypto::aws_lc_rs::{self, kx_group},
    sign::CertifiedKey,
};

use super::{LinkError, LinkSettings, identity};
use crate::domain::Stop;

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

    /// The first certificate of the chain, DER.
    pub(super) fn leaf(&self) -> Vec<u8> {
        self.0.load().cert.first().map(|der| der.to_vec()).unwrap_or_default()
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
    for certificate in identity::certificates(&settings.authority)? {
        roots.add(certificate).map_err(wrong)?;
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(wrong)?
        .with_root_certificates(roots)
        .with_client_cert_resolver(shown);
    config.resumption = Resumption::disabled();
    Ok(config)
}
