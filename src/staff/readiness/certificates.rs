//! The files of the link: whether they can be read, fit together in kind, and how long they hold.

use std::{os::unix::fs::PermissionsExt, path::Path};

use jiff::Timestamp;
use x509_parser::pem::Pem;

use super::{Check, read_pem, why};
use crate::{
    domain::{DivisionCode, Stop},
    link::LinkSettings,
};

/// From so many days before its end on, a certificate should be renewed.
const WARNING_DAYS: i64 = 30;

const NAME: &str = "certificates";

/// Looks at authority, certificate and key.
pub(super) fn check(settings: &LinkSettings, division: &DivisionCode, now: Timestamp) -> Check {
    match look(settings, now).and_then(|days| town(settings, division).map(|()| days)) {
        Ok(days) if days < WARNING_DAYS => {
            Check::ok(NAME, format!("本机证书还有 {days} 天到期，请尽快用 county enrol 重新登记"))
        }
        Ok(days) => Check::ok(NAME, format!("本机证书还有 {days} 天到期")),
        Err(failed) => failed,
    }
}

/// Whether the certificate was made for the place where the kiosk stands: what the county publishes
/// for another town would be shown here.
fn town(settings: &LinkSettings, division: &DivisionCode) -> Result<(), Check> {
    let path = &settings.certificate;
    let made_for = certificate(path, CERTIFICATE)?.parse_x509().ok().and_then(|it| {
        Some(it.subject().iter_organizational_unit().next()?.as_str().ok()?.to_owned())
    });
    match made_for {
        Some(other) if other != division.as_str() => {
            let message = format!(
                "本机证书是给 {other} 的，town.division 是 {division}；改设置，或用 county enrol 重新登记：{}",
                path.display()
            );
            Err(Check::failed(NAME, Stop::LinkClientRefused, message))
        }
        _ => Ok(()),
    }
}

/// Whole days for which authority and certificate still hold, the lesser of the two.
fn look(settings: &LinkSettings, now: Timestamp) -> Result<i64, Check> {
    let authority = validity(&settings.authority, AUTHORITY)?;
    if authority.ends < now || now < authority.begins {
        let message = format!("县中心证书不在有效期内：{}", settings.authority.display());
        return Err(Check::failed(NAME, Stop::LinkServerExpired, message));
    }
    let own = validity(&settings.certificate, CERTIFICATE)?;
    if own.ends < now || now < own.begins {
        let message = format!("本机证书不在有效期内：{}", settings.certificate.display());
        return Err(Check::failed(NAME, Stop::LinkOwnExpired, message));
    }
    key(&settings.key)?;
    feed_key(&settings.feed_key)?;
    let ends = own.ends.min(authority.ends);
    Ok(ends.duration_since(now).as_secs() / 86_400)
}

#[derive(Debug)]
struct Validity {
    begins: Timestamp,
    ends: Timestamp,
}

/// The first certificate of a PEM file.
fn certificate(path: &Path, setting: Setting) -> Result<Pem, Check> {
    let pem = read_pem(path).map_err(|error| unusable(path, setting, why(&error)))?;
    Pem::iter_from_buffer(&pem)
        .filter_map(Result::ok)
        .find(|block| block.label == "CERTIFICATE")
        .ok_or_else(|| unusable(path, setting, "不是 PEM 证书"))
}

/// When the first certificate of a PEM file holds.
fn validity(path: &Path, setting: Setting) -> Result<Validity, Check> {
    let not_pem = || unusable(path, setting, "不是 PEM 证书");
    let pem = certificate(path, setting)?;
    let certificate = pem.parse_x509().map_err(|_| not_pem())?;
    let validity = certificate.validity();
    let moment = |time: x509_parser::time::ASN1Time| {
        Timestamp::from_second(time.timestamp()).map_err(|_| not_pem())
    };
    Ok(Validity { begins: moment(validity.not_before)?, ends: moment(validity.not_after)? })
}

/// Whether the key is a key and nobody else can read it.
fn key(path: &Path) -> Result<(), Check> {
    let pem = read_pem(path).map_err(|error| unusable(path, KEY, why(&error)))?;
    let pem = zeroize::Zeroizing::new(pem);
    let is_key = pem.windows(b"PRIVATE KEY-----".len()).any(|part| part == b"PRIVATE KEY-----");
    if !is_key {
        return Err(unusable(path, KEY, "不是 PEM 私钥"));
    }
    let mode = std::fs::metadata(path)
        .map_err(|error| unusable(path, KEY, why(&error)))?
        .permissions()
        .mode();
    if mode & 0o077 != 0 {
        return Err(unusable(path, KEY, "别的用户也能读，请运行 chmod 600"));
    }
    Ok(())
}

/// Whether the file holds public keys; whose they are shows when listings come.
fn feed_key(path: &Path) -> Result<(), Check> {
    let pem = read_pem(path).map_err(|error| unusable(path, FEED_KEY, why(&error)))?;
    let is_key = pem.windows(b"PUBLIC KEY-----".len()).any(|part| part == b"PUBLIC KEY-----");
    if is_key { Ok(()) } else { Err(unusable(path, FEED_KEY, "不是 PEM 公钥")) }
}

/// A setting's name, and the row of the book whose remedy gets a new file for it.
type Setting = (&'static str, Stop);

const AUTHORITY: Setting = ("link.authority", Stop::LinkWrongAuthority);
const CERTIFICATE: Setting = ("link.certificate", Stop::LinkClientRefused);
const KEY: Setting = ("link.key", Stop::LinkClientRefused);
const FEED_KEY: Setting = ("link.feed_key", Stop::FeedForged);

fn unusable(path: &Path, (setting, stop): Setting, why: &str) -> Check {
    let message = format!("{setting} 不能用（{why}）：{}", path.display());
    Check::failed(NAME, stop, message)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const DAY: i64 = 86_400;

    fn now() -> Timestamp {
        "2026-11-23T01:00:00Z".parse().expect("a time")
    }

    /// An own certificate from the day before `now` until `days` after, signed by itself, and an
    /// authority that outlives it.
    fn files(directory: &Path, days: i64) -> LinkSettings {
        let settings = LinkSettings {
            url: "https://localhost".into(),
            authority: directory.join("ca.pem"),
            certificate: directory.join("kiosk.pem"),
            key: directory.join("kiosk.key"),
            feed_key: directory.join("feed.pub"),
        };
        let feed_key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).expect("a key");
        fs::write(&settings.feed_key, feed_key.public_key_pem()).expect("written");
        let key = rcgen::KeyPair::generate().expect("a key");
        let certificate = |days: i64| {
            let mut params = rcgen::CertificateParams::new(["kiosk".to_owned()]).expect("a name");
            let moment = |seconds: i64| {
                let (year, month, day) = {
                    let date = Timestamp::from_second(now().as_second() + seconds)
                        .expect("near")
                        .to_zoned(jiff::tz::TimeZone::UTC)
                        .date();
                    (date.year().into(), date.month() as u8, date.day() as u8)
                };
                rcgen::date_time_ymd(year, month, day)
            };
            params.not_before = moment(-2 * DAY);
            params.not_after = moment(days * DAY);
            params.self_signed(&key).expect("a certificate").pem()
        };
        fs::write(&settings.authority, certificate(3_650)).expect("written");
        fs::write(&settings.certificate, certificate(days)).expect("written");
        fs::write(&settings.key, key.serialize_pem()).expect("written");
        fs::set_permissions(&settings.key, fs::Permissions::from_mode(0o600)).expect("set");
        settings
    }

    fn look_at(settings: &LinkSettings) -> Check {
        check(settings, &DivisionCode::parse("510599100").expect("a code"), now())
    }

    #[test]
    fn days_left_are_told_and_a_short_rest_is_a_reminder() {
        let directory = tempfile::tempdir().expect("a directory");
        // Certificates of these tests end at midnight, so the last day is not whole.
        let long = look_at(&files(directory.path(), 401));
        assert!(long.ok && long.message.contains("400 天") && !long.message.contains("尽快"));
        let short = look_at(&files(directory.path(), 12));
        assert!(short.ok && short.message.contains("11 天") && short.message.contains("尽快"));
        let over = look_at(&files(directory.path(), -1));
        assert_eq!(over.code, Some(Stop::LinkOwnExpired));
    }

    #[test]
    fn a_missing_or_wrong_file_is_named() {
        let directory = tempfile::tempdir().expect("a directory");
        let settings = files(directory.path(), 100);
        for (path, (setting, stop)) in [
            (&settings.authority, AUTHORITY),
            (&settings.certificate, CERTIFICATE),
            (&settings.key, KEY),
        ] {
            let good = fs::read(path).expect("it is there");
            fs::write(path, "<html>").expect("written");
            let wrong = look_at(&settings);
            fs::remove_file(path).expect("it is there");
            let missing = look_at(&settings);
            for failed in [wrong, missing] {
                assert_eq!(failed.code, Some(stop));
                assert!(failed.message.starts_with(setting), "{}", failed.message);
                assert!(failed.message.contains(&path.display().to_string()));
            }
            fs::write(path, good).expect("written");
        }
    }

    #[test]
    fn a_certificate_of_another_town_is_refused() {
        let directory = tempfile::tempdir().expect("a directory");
        let settings = files(directory.path(), 100);
        for (town, good) in [("510599100", true), ("510599101", false)] {
            let key = rcgen::KeyPair::generate().expect("a key");
            let mut params = rcgen::CertificateParams::new(["kiosk".to_owned()]).expect("a name");
            params.distinguished_name.push(rcgen::DnType::OrganizationalUnitName, town);
            let own = params.self_signed(&key).expect("a certificate").pem();
            fs::write(&settings.certificate, own).expect("written");
            let found = look_at(&settings);
            assert_eq!(found.ok, good, "{}", found.message);
            assert!(good || found.message.contains("510599101"), "{}", found.message);
        }
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let directory = tempfile::tempdir().expect("a directory");
        let settings = files(directory.path(), 100);
        fs::set_permissions(&settings.key, fs::Permissions::from_mode(0o640)).expect("set");
        let failed = look_at(&settings);
        assert!(!failed.ok && failed.message.contains("chmod 600"), "{}", failed.message);
    }
}
