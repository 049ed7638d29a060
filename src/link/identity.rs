//! Who this kiosk is to the county, and whom it believes: certificate, key and authority, read from
//! PEM files. Keeps no state.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use kiosk_base::domain::DivisionCode;
use rustls::{
    CertificateError, InconsistentKeys, RootCertStore,
    pki_types::{CertificateDer, UnixTime},
    server::WebPkiClientVerifier,
    sign::CertifiedKey,
};
use x509_parser::{certificate::X509Certificate, prelude::FromDer};

use super::{
    LinkSettings,
    feed::FeedKeys,
    pem::{self, Fault, File, FileFault},
};

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
    /// When the authority's certificate begins to hold; of several, the last to begin.
    pub authority_begins: Timestamp,
    /// When the authority's certificate ends; of several, the first to end.
    pub authority_ends: Timestamp,
    /// Whether others than the owner can read the key file; only Unix tells.
    pub key_exposed: bool,
}

impl Identity {
    /// Reads and checks the files of `settings`: everything parses, key and certificate belong
    /// together, the authority has issued the certificate, the feed's keys are keys. Whether they have run out is for the caller to say; see
    /// [`days_left`](Self::days_left).
    ///
    /// # Errors
    /// The file and what is wrong with it.
    pub fn read(settings: &LinkSettings) -> Result<Self, FileFault> {
        let roots = authority(settings)?;
        let of_own = |fault| FileFault::new(File::Certificate, &settings.certificate, fault);
        let certified = certified_key(settings)?;
        let chain = &certified.cert;
        in_order(chain).map_err(of_own)?;
        let (_, leaf) = X509Certificate::from_der(&chain[0]).map_err(|_| of_own(Fault::Broken))?;
        let own_begins = moment(leaf.validity().not_before.timestamp());
        let (mut authority_begins, mut authority_ends) = (Timestamp::MIN, Timestamp::MAX);
        for root in &roots {
            let of_authority = |fault| FileFault::new(File::Authority, &settings.authority, fault);
            let (_, root) =
                X509Certificate::from_der(root).map_err(|_| of_authority(Fault::Broken))?;
            let validity = root.validity();
            authority_begins = authority_begins.max(moment(validity.not_before.timestamp()));
            authority_ends = authority_ends.min(moment(validity.not_after.timestamp()));
        }
        issued(&roots, chain, own_begins).map_err(of_own)?;
        FeedKeys::read(&settings.feed_key)?;
        let name = leaf.subject().iter_common_name().next().and_then(|name| name.as_str().ok());
        Ok(Self {
            name: name.unwrap_or_default().to_owned(),
            division: division(&leaf),
            own_begins,
            own_ends: moment(leaf.validity().not_after.timestamp()),
            authority_begins,
            authority_ends,
            key_exposed: pem::exposed(&settings.key),
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

/// The certificates of the authority.
pub(super) fn authority(
    settings: &LinkSettings,
) -> Result<Vec<CertificateDer<'static>>, FileFault> {
    let path = &settings.authority;
    let wrong = |fault| FileFault::new(File::Authority, path, fault);
    let roots = pem::certificates(path).map_err(wrong)?;
    for root in &roots {
        let (_, root) = X509Certificate::from_der(root).map_err(|_| wrong(Fault::Broken))?;
        // One of the first version says nothing about itself.
        if root.basic_constraints().is_ok_and(|said| said.is_some_and(|said| !said.value.ca)) {
            return Err(wrong(Fault::NoAuthority));
        }
    }
    Ok(roots)
}

/// The kiosk's chain and key, checked to belong together.
pub(super) fn certified_key(settings: &LinkSettings) -> Result<Arc<CertifiedKey>, FileFault> {
    let of_own = |fault| FileFault::new(File::Certificate, &settings.certificate, fault);
    let of_key = |fault| FileFault::new(File::Key, &settings.key, fault);
    let chain = pem::certificates(&settings.certificate).map_err(of_own)?;
    let key = pem::key(&settings.key).map_err(of_key)?;
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let key = provider.key_provider.load_private_key(key).map_err(|_| of_key(Fault::Broken))?;
    let belongs =
        |chain: &[CertificateDer<'static>]| match CertifiedKey::new(chain.to_vec(), key.clone())
            .keys_match()
        {
            Ok(()) | Err(rustls::Error::InconsistentKeys(InconsistentKeys::Unknown)) => Ok(true),
            Err(rustls::Error::InconsistentKeys(_)) => Ok(false),
            Err(_) => Err(of_own(Fault::Broken)),
        };
    if belongs(&chain)? {
        return Ok(Arc::new(CertifiedKey::new(chain, key)));
    }
    for later in 1..chain.len() {
        if belongs(&chain[later..])? {
            return Err(of_own(Fault::Disordered));
        }
    }
    Err(of_key(Fault::OtherKey))
}

/// Whether each certificate was issued by the next.
fn in_order(chain: &[CertificateDer<'static>]) -> Result<(), Fault> {
    for pair in chain.windows(2) {
        let parse = |der| X509Certificate::from_der(der).map_err(|_| Fault::Broken);
        let ((_, one), (_, issuer)) = (parse(&pair[0])?, parse(&pair[1])?);
        if one.issuer().as_raw() != issuer.subject().as_raw() {
            return Err(Fault::Disordered);
        }
    }
    Ok(())
}

/// Whether one of the authority's certificates stands behind the chain, `at` a moment when it holds.
/// Whether the authority's own does then is no question here.
fn issued(
    authority: &[CertificateDer<'static>],
    chain: &[CertificateDer<'static>],
    at: Timestamp,
) -> Result<(), Fault> {
    let mut roots = RootCertStore::empty();
    for root in authority {
        roots.add(root.clone()).map_err(|_| Fault::OtherAuthority)?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
    let verifier = verifier.map_err(|_| Fault::OtherAuthority)?;
    let at = UnixTime::since_unix_epoch(Duration::from_secs(at.as_second().unsigned_abs()));
    match verifier.verify_client_cert(&chain[0], &chain[1..], at) {
        Ok(_)
        | Err(rustls::Error::InvalidCertificate(
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. },
        )) => Ok(()),
        Err(rustls::Error::InvalidCertificate(
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. },
        )) => Err(Fault::OtherPurpose),
        Err(_) => Err(Fault::OtherAuthority),
    }
}

/// A certificate's time. One beyond the calendar counts as the calendar's end.
fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}

fn days(now: Timestamp, end: Timestamp) -> i64 {
    (end.as_second() - now.as_second()).div_euclid(86_400)
}
