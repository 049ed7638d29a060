//! Who this kiosk is to the county, and whom it believes: certificate, key and authority, read from
//! PEM files. Keeps no state.

use std::{fs, path::Path, sync::Arc};

use jiff::Timestamp;
use rustls::{
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::CertifiedKey,
};
use x509_parser::{certificate::X509Certificate, prelude::FromDer};
use zeroize::Zeroizing;

use super::{LinkError, LinkSettings, feed::FeedKeys};
use crate::domain::{DivisionCode, Stop};

/// Most bytes of a PEM file; a chain of three is about 3 kB.
const FILE_BYTES: u64 = 64 * 1024;

/// What there is to know about the certificates, for the readiness report and the staff page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The kiosk's name in its certificate, by which the county's log calls it.
    pub name: String,
    /// Where the kiosk stands, if its certificate says so: which listings are for it.
    pub division: Option<DivisionCode>,
    /// When the kiosk's own certificate begins to hold.
    pub own_begins: Timestamp,
    /// When the kiosk's own certificate ends.
    pub own_ends: Timestamp,
    /// When the authority's certificate ends; of several, the first to end.
    pub authority_ends: Timestamp,
    /// Whether others than the owner can read the key file; only Unix tells.
    pub key_exposed: bool,
}

impl Identity {
    /// Reads and checks the files of `settings`: everything parses, key and certificate belong
    /// together, the feed's keys are keys. Whether they have run out is for the caller to say; see
    /// [`days_left`](Self::days_left).
    ///
    /// # Errors
    /// [`Stop::ConfigWrong`] with the file and what is wrong with it.
    pub fn read(settings: &LinkSettings) -> Result<Self, LinkError> {
        certified_key(settings)?;
        FeedKeys::read(&settings.feed_key)?;
        let own = certificates(&settings.certificate)?;
        let (_, leaf) = X509Certificate::from_der(&own[0])
            .map_err(|e| wrong(&settings.certificate, &e.to_string()))?;
        let name = leaf.subject().iter_common_name().next().and_then(|name| name.as_str().ok());
        let mut authority_ends = Timestamp::MAX;
        for der in certificates(&settings.authority)? {
            let (_, root) = X509Certificate::from_der(&der)
                .map_err(|e| wrong(&settings.authority, &e.to_string()))?;
            authority_ends = authority_ends.min(moment(root.validity().not_after.timestamp()));
        }
        Ok(Self {
            name: name.unwrap_or_default().to_owned(),
            division: division(&leaf),
            own_begins: moment(leaf.validity().not_before.timestamp()),
            own_ends: moment(leaf.validity().not_after.timestamp()),
            authority_ends,
            key_exposed: exposed(&settings.key),
        })
    }

    /// Whole days from `now` until the kiosk's own certificate ends; negative once it has.
    pub fn days_left(&self, now: Timestamp) -> i64 {
        days(now, self.own_ends)
    }

    /// Whole days from `now` until the authority's certificate ends; negative once it has.
    pub fn authority_days_left(&self, now: Timestamp) -> i64 {
        days(now, self.authority_ends)
    }
}

/// The division that a kiosk's certificate names.
pub(super) fn division(certificate: &X509Certificate<'_>) -> Option<DivisionCode> {
    let unit = certificate.subject().iter_organizational_unit().next()?;
    DivisionCode::parse(unit.as_str().ok()?).ok()
}

/// The certificates of a PEM file, at least one.
pub(super) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, LinkError> {
    let pem = read(path)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let chain = chain.map_err(|e| wrong(path, &e.to_string()))?;
    if chain.is_empty() {
        return Err(wrong(path, "holds no certificate"));
    }
    Ok(chain)
}

/// The kiosk's chain and key, checked to belong together.
pub(super) fn certified_key(settings: &LinkSettings) -> Result<Arc<CertifiedKey>, LinkError> {
    let chain = certificates(&settings.certificate)?;
    let key = PrivateKeyDer::from_pem_slice(&read(&settings.key)?)
        .map_err(|e| wrong(&settings.key, &e.to_string()))?;
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let certified = CertifiedKey::from_der(chain, key, &provider)
        .map_err(|e| wrong(&settings.key, &format!("does not belong to the certificate: {e}")))?;
    Ok(Arc::new(certified))
}

pub(super) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, LinkError> {
    let text = fs::metadata(path).and_then(|file| {
        if file.len() > FILE_BYTES {
            return Err(std::io::Error::other("too large for a PEM file"));
        }
        fs::read(path)
    });
    text.map(Zeroizing::new).map_err(|e| wrong(path, &e.to_string()))
}

pub(super) fn wrong(path: &Path, what: &str) -> LinkError {
    LinkError { stop: Stop::ConfigWrong, detail: format!("{}: {what}", path.display()) }
}

/// A certificate's time. One beyond the calendar counts as the calendar's end.
fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}

fn days(now: Timestamp, end: Timestamp) -> i64 {
    (end.as_second() - now.as_second()).div_euclid(86_400)
}

/// Whether others than the owner can read the file.
#[cfg(unix)]
pub(super) fn exposed(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;

    fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
}

/// Takes the key away from everybody but its owner.
pub(super) fn hide(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}

/// Only Unix tells.
#[cfg(not(unix))]
pub(super) fn exposed(_path: &Path) -> bool {
    false
}
