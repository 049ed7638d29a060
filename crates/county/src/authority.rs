//! The county's small certificate authority: one key that signs the certificates of the county
//! service and of every kiosk, and nothing else. So a kiosk can trust this one root only.
//!
//! State: `ca.pem` (public) and `ca.key` (readable by its owner only) in one directory.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use aws_lc_rs::digest::{SHA256, digest};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use kiosk_base::{
    domain::{DivisionCode, hex::hex},
    store::secret,
};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PublicKeyData, date_time_ymd,
};
use rusqlite::{Connection, OptionalExtension};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use x509_parser::{certificate::X509Certificate, prelude::FromDer};
use zeroize::Zeroizing;

use super::CountyError;

/// Days for which the certificate of a kiosk or of the service holds.
pub const LEAF_DAYS: i32 = 398;
/// Years for which the authority's own certificate holds.
pub const AUTHORITY_YEARS: i16 = 10;

/// A certificate authority with its key in memory.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
    begins: Date,
}

/// A certificate with its private key, both PEM.
#[derive(Clone)]
pub struct Credentials {
    /// The certificate.
    pub certificate: String,
    /// The private key, PKCS #8.
    pub key: Zeroizing<String>,
}

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To be shown by the county service.
    Server,
    /// To be shown by a kiosk.
    Kiosk,
}

/// All that a certificate says.
#[derive(Debug, Clone)]
pub struct CertificateRequest {
    /// Common name: for a kiosk the name it has in the county's log.
    pub name: String,
    /// Organizational unit: for a kiosk the division in which it stands, which decides what of the
    /// feed is for it.
    pub division: Option<DivisionCode>,
    /// Host names and addresses; only a server needs them.
    pub hosts: Vec<String>,
    /// What it is for.
    pub purpose: Purpose,
    /// From when on it holds; whole seconds.
    pub not_before: Timestamp,
    /// Until when.
    pub not_after: Timestamp,
}

impl CertificateRequest {
    /// A certificate that holds for [`LEAF_DAYS`] from today.
    fn until_next_year(name: &str, hosts: &[String], purpose: Purpose, begins: Date) -> Self {
        Self {
            name: name.to_owned(),
            division: None,
            hosts: hosts.to_vec(),
            purpose,
            not_before: midnight(begins),
            not_after: midnight(utc_today().saturating_add(LEAF_DAYS.days())),
        }
    }
}

impl Authority {
    /// Makes a new authority in `directory`, which is created if need be.
    ///
    /// # Errors
    /// When there is one already, or a file cannot be written.
    pub fn create(directory: &Path) -> Result<Self, CountyError> {
        kiosk_base::store::private::make(directory).map_err(CountyError::file(directory))?;
        let key = KeyPair::generate().map_err(wrong)?;
        let mut params = CertificateParams::default();
        let begins = yesterday();
        let ends = begins.saturating_add(AUTHORITY_YEARS.years());
        set_validity(&mut params, midnight(begins), midnight(ends));
        params.distinguished_name = common_name("renshe-kiosk county authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key).map_err(wrong)?.pem();
        write_secret(&key_path(directory), &Zeroizing::new(key.serialize_pem()))?;
        write_public(&certificate_path(directory), &certificate)?;
        Ok(Self { issuer: Issuer::new(params, key), certificate, begins })
    }

    /// Opens the authority in `directory`.
    ///
    /// # Errors
    /// When a file is missing or makes no sense.
    pub fn open(directory: &Path) -> Result<Self, CountyError> {
        let read = |path: PathBuf| fs::read_to_string(&path).map_err(CountyError::file(path));
        let certificate = read(certificate_path(directory))?;
        let key_pem = Zeroizing::new(read(key_path(directory))?);
        let broken = |path: PathBuf, detail: &str| {
            let detail = format!("{detail}，请从备份里放回 ca.pem 和 ca.key");
            CountyError::Content { path, detail }
        };
        let key =
            KeyPair::from_pem(&key_pem).map_err(|_| broken(key_path(directory), "密钥读不出来"))?;
        let no_certificate = || broken(certificate_path(directory), "证书读不出来");
        let begins = begins(&certificate).ok_or_else(no_certificate)?;
        if public_key(&certificate).as_deref() != Some(&*key.subject_public_key_info()) {
            return Err(broken(certificate_path(directory), "证书和 ca.key 不是一对"));
        }
        let issuer = Issuer::from_ca_cert_pem(&certificate, key).map_err(|_| no_certificate())?;
        Ok(Self { issuer, certificate, begins })
    }

    /// Opens the authority in `directory`, or makes one when there is none.
    ///
    /// # Errors
    /// As for [`open`](Self::open) and [`create`](Self::create).
    pub fn open_or_create(directory: &Path) -> Result<Self, CountyError> {
        let there = certificate_path(directory).exists() || key_path(directory).exists();
        if there { Self::open(directory) } else { Self::create(directory) }
    }

    /// The authority's own certificate, PEM: what kiosks trust.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// A certificate for the service under `hosts` (names or addresses). It begins with the
    /// authority: a kiosk whose clock has stopped falls back to the day of its own certificate,
    /// which is later, and still finds the service's valid.
    ///
    /// # Errors
    /// When a host is neither a name nor an address.
    pub fn issue_server(&self, hosts: &[String]) -> Result<Credentials, CountyError> {
        let begins = self.begins;
        self.issue(&CertificateRequest::until_next_year("county", hosts, Purpose::Server, begins))
    }

    /// A certificate for the kiosk `name`, which stands in `division`.
    ///
    /// # Errors
    /// When the name is not one ([`kiosk_name`]).
    pub fn issue_kiosk(
        &self,
        name: &str,
        division: Option<&DivisionCode>,
    ) -> Result<Credentials, CountyError> {
        let name = kiosk_name(name)?;
        let begins = yesterday();
        self.issue(&CertificateRequest {
            division: division.cloned(),
            ..CertificateRequest::until_next_year(name, &[], Purpose::Kiosk, begins)
        })
    }

    /// A certificate that says exactly what is asked, with a fresh ECDSA P-256 key.
    ///
    /// # Errors
    /// When a host is neither a name nor an address.
    pub fn issue(&self, request: &CertificateRequest) -> Result<Credentials, CountyError> {
        let key = KeyPair::generate().map_err(wrong)?;
        let mut params = CertificateParams::new(request.hosts.clone()).map_err(wrong)?;
        set_validity(&mut params, request.not_before, request.not_after);
        params.distinguished_name = common_name(&request.name);
        if let Some(division) = &request.division {
            params.distinguished_name.push(DnType::OrganizationalUnitName, division.as_str());
        }
        params.use_authority_key_identifier_extension = true;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![match request.purpose {
            Purpose::Server => ExtendedKeyUsagePurpose::ServerAuth,
            Purpose::Kiosk => ExtendedKeyUsagePurpose::ClientAuth,
        }];
        let certificate = params.signed_by(&key, &self.issuer).map_err(wrong)?.pem();
        Ok(Credentials { certificate, key: Zeroizing::new(key.serialize_pem()) })
    }
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authority")
    }
}

impl Credentials {
    /// Writes both files, or none; the key can be read by its owner only.
    ///
    /// # Errors
    /// When either file is there already or cannot be written.
    pub fn write(&self, certificate: &Path, key: &Path) -> Result<(), CountyError> {
        write_secret(key, &self.key)?;
        write_public(certificate, &self.certificate).inspect_err(|_| {
            // The first error says more than this one.
            let _ = secret::destroy(key);
        })
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials")
    }
}

/// Checks the name of a kiosk: 1 to 64 letters, digits and `. _ -`, so that it can stand in a log
/// line and in a file name.
///
/// # Errors
/// When it is anything else.
pub fn kiosk_name(name: &str) -> Result<&str, CountyError> {
    let good = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    let right = (1..=64).contains(&name.len())
        && name.bytes().all(good)
        && name.as_bytes()[0].is_ascii_alphanumeric();
    // ca.pem and feed.key stand beside the kiosk's own.
    let right = right && !["ca", "feed"].contains(&name);
    right.then_some(name).ok_or_else(|| {
        CountyError::Certificate(
            "终端的名字请用 1 到 64 个英文字母、数字和 . _ -，以字母或数字开头，不能叫 ca 或 feed"
                .into(),
        )
    })
}

fn certificate_path(directory: &Path) -> PathBuf {
    directory.join("ca.pem")
}

fn key_path(directory: &Path) -> PathBuf {
    directory.join("ca.key")
}

fn utc_today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

/// Certificates begin a day early, because clocks differ.
fn yesterday() -> Date {
    utc_today().saturating_sub(1.day())
}

/// When the certificates of a kiosk begin that are issued at `issued`.
pub(super) fn kiosk_begins(issued: Timestamp) -> Timestamp {
    midnight(issued.to_zoned(TimeZone::UTC).date().saturating_sub(1.day()))
}

/// Checks that `ca.pem` in `directory`, where it is there, is that of the county whose database this is.
///
/// # Errors
/// When it is another county's, or cannot be read, or the database fails.
pub(super) fn check_own(connection: &Connection, directory: &Path) -> Result<(), CountyError> {
    let path = certificate_path(directory);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(CountyError::file(path)(error)),
    };
    let own = hex(digest(&SHA256, text.trim_ascii()).as_ref());
    let sql = "SELECT fingerprint FROM county_authority";
    let known: Option<String> = connection.query_row(sql, [], |row| row.get(0)).optional()?;
    match known {
        None => {
            connection.execute("INSERT INTO county_authority VALUES (?1)", [own])?;
            Ok(())
        }
        Some(known) if known == own => Ok(()),
        Some(_) => {
            let detail = "不是这个县的签发机构，请从备份里放回 ca.pem 和 ca.key".to_owned();
            Err(CountyError::Content { path, detail })
        }
    }
}

/// First day of a certificate.
fn begins(pem: &str) -> Option<Date> {
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
    let (_, certificate) = X509Certificate::from_der(&der).ok()?;
    let moment = Timestamp::from_second(certificate.validity().not_before.timestamp()).ok()?;
    Some(moment.to_zoned(TimeZone::UTC).date())
}

/// The public key of a certificate, as it stands there (SubjectPublicKeyInfo, DER).
fn public_key(pem: &str) -> Option<Vec<u8>> {
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
    let (_, certificate) = X509Certificate::from_der(&der).ok()?;
    Some(certificate.public_key().raw.to_vec())
}

fn common_name(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    names.push(DnType::CommonName, name);
    names
}

/// The first moment of a day, UTC.
fn midnight(day: Date) -> Timestamp {
    day.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |begin| begin.timestamp())
}

fn set_validity(params: &mut CertificateParams, from: Timestamp, until: Timestamp) {
    let epoch = date_time_ymd(1970, 1, 1);
    // Nothing was certified before 1970.
    let since = |t: Timestamp| Duration::from_secs(u64::try_from(t.as_second()).unwrap_or(0));
    let moment = |t| epoch + since(t);
    params.not_before = moment(from);
    params.not_after = moment(until);
}

pub(super) fn write_public(path: &Path, text: &str) -> Result<(), CountyError> {
    write_new(fs::OpenOptions::new().write(true), path, text)
}

pub(super) fn write_secret(path: &Path, text: &str) -> Result<(), CountyError> {
    let mut options = fs::OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    write_new(&mut options, path, text)
}

/// Never over an older file: a kiosk may be using it.
fn write_new(options: &mut fs::OpenOptions, path: &Path, text: &str) -> Result<(), CountyError> {
    let written = options.create_new(true).open(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.map_err(CountyError::file(path))
}

fn wrong(error: rcgen::Error) -> CountyError {
    CountyError::Certificate(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_opens_again_and_is_never_overwritten() {
        let home = tempfile::tempdir().expect("a directory");
        let first = Authority::create(home.path()).expect("created");
        let again = Authority::open_or_create(home.path()).expect("opened");
        assert_eq!(first.certificate(), again.certificate());
        assert!(Authority::create(home.path()).is_err());
        again.issue_kiosk("town-hall-1", None).expect("the opened key signs");
    }

    #[cfg(unix)]
    #[test]
    fn keys_are_readable_by_their_owner_only() {
        use std::os::unix::fs::PermissionsExt;

        let home = tempfile::tempdir().expect("a directory");
        let authority = Authority::create(home.path()).expect("created");
        let (certificate, key) = (home.path().join("k.pem"), home.path().join("k.key"));
        let kiosk = authority.issue_kiosk("k", None).expect("issued");
        kiosk.write(&certificate, &key).expect("written");
        assert!(kiosk.write(&certificate, &key).is_err(), "an older key is kept");
        for path in [key, home.path().join("ca.key")] {
            let mode = fs::metadata(path).expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn names_of_kiosks_cannot_break_a_log_or_a_path() {
        assert!(kiosk_name("fuji-01.hall_2").is_ok());
        for bad in ["", "../x", "a b", "a\nb", ".hidden", "福集", &"a".repeat(65)] {
            assert!(kiosk_name(bad).is_err(), "{bad}");
        }
    }
}
