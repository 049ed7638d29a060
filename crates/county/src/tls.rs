//! What the service accepts as a secured connection: TLS 1.3, a certificate of the county's own
//! authority on both sides, no resumption (a resumed session would skip the certificate check).
//! Keeps no state.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use kiosk_base::domain::{DivisionCode, hex::hex};
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{NoServerSessionStorage, WebPkiClientVerifier},
};
use x509_parser::{certificate::X509Certificate, prelude::FromDer};

use super::{CountyError, Credentials, authority::kiosk_name};

/// The server's configuration. Only clients that `authority` (PEM) certified get in.
pub(super) fn server_config(
    authority: &str,
    credentials: &Credentials,
) -> Result<ServerConfig, CountyError> {
    let wrong = |detail: String| CountyError::Certificate(detail);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    for certificate in certificates(authority)? {
        roots.add(certificate).map_err(|e| wrong(e.to_string()))?;
    }
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .build()
        .map_err(|e| wrong(e.to_string()))?;
    let key = PrivateKeyDer::from_pem_slice(credentials.key.as_bytes())
        .map_err(|e| wrong(format!("私钥读不出来：{e}")))?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|e| wrong(e.to_string()))?
        .with_client_cert_verifier(verifier)
        .with_single_cert(certificates(&credentials.certificate)?, key)
        .map_err(|e| wrong(e.to_string()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    Ok(config)
}

/// What a kiosk's certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Peer {
    /// The kiosk's name.
    pub(super) name: String,
    /// Where it stands.
    pub(super) division: Option<DivisionCode>,
    /// SHA-256 of the certificate, hexadecimal.
    pub(super) fingerprint: String,
    /// From when on it holds, in seconds since 1970.
    pub(super) begins: i64,
    /// When it runs out, likewise.
    pub(super) ends: i64,
}

/// The certificate that was shown; `None` when it has no name that may stand in a log.
pub(super) fn peer(chain: Option<&[CertificateDer<'_>]>) -> Option<Peer> {
    let der = chain?.first()?;
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let subject = certificate.subject();
    let name = kiosk_name(subject.iter_common_name().next()?.as_str().ok()?).ok()?;
    let unit = subject.iter_organizational_unit().next().and_then(|unit| unit.as_str().ok());
    Some(Peer {
        name: name.to_owned(),
        division: unit.and_then(|unit| DivisionCode::parse(unit).ok()),
        fingerprint: hex(digest(&SHA256, der).as_ref()),
        begins: certificate.validity().not_before.timestamp(),
        ends: certificate.validity().not_after.timestamp(),
    })
}

/// What the first certificate of a PEM text says.
pub(super) fn peer_of(pem: &str) -> Option<Peer> {
    peer(Some(&certificates(pem).ok()?))
}

/// Whole days until the first certificate of a PEM text ends; `None` when there is none.
pub(super) fn days_left(pem: &str) -> Option<i64> {
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
    let (_, certificate) = X509Certificate::from_der(&der).ok()?;
    let seconds = certificate.validity().not_after.timestamp() - jiff::Timestamp::now().as_second();
    Some(seconds.div_euclid(86_400))
}

fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, CountyError> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    let chain = chain.map_err(|e| CountyError::Certificate(e.to_string()))?;
    if chain.is_empty() {
        return Err(CountyError::Certificate("PEM 文件里没有证书".into()));
    }
    Ok(chain)
}
