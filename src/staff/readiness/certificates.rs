//! The files of the link: whether they can be read, fit together, and how long they hold.

use jiff::Timestamp;
use kiosk_base::domain::{DivisionCode, Stop};

use super::Check;
use crate::link::{
    FileFault, Identity, LinkSettings,
    pem::{Fault, File},
};

/// From so many days before its end on, a certificate should be renewed.
const WARNING_DAYS: i64 = 30;

const NAME: &str = "certificates";

/// Looks at authority, certificate and keys.
pub(super) fn check(settings: &LinkSettings, division: &DivisionCode, now: Timestamp) -> Check {
    let identity = match Identity::read(settings) {
        Ok(identity) => identity,
        Err(fault) => return Check::failed(NAME, Stop::ConfigWrong, words(&fault)),
    };
    if identity.key_exposed {
        let path = settings.key.clone();
        let fault = FileFault { file: File::Key, path, fault: Fault::Exposed };
        return Check::failed(NAME, Stop::ConfigWrong, words(&fault));
    }
    let Identity { own_begins, own_ends, authority_begins, authority_ends, .. } = identity;
    if !(authority_begins..=authority_ends).contains(&now) {
        let message = format!("县中心证书不在有效期内：{}", settings.authority.display());
        return Check::failed(NAME, Stop::LinkServerExpired, message);
    }
    if !(own_begins..=own_ends).contains(&now) {
        let message = format!("本机证书不在有效期内：{}", settings.certificate.display());
        return Check::failed(NAME, Stop::LinkOwnExpired, message);
    }
    // What the county publishes for another town would be shown here.
    let path = settings.certificate.display();
    let Some(made_for) = &identity.division else {
        let message = format!(
            "本机证书没有写是哪个镇的，收不到发给本镇的信息；请县中心用 county enrol --division {division} 重新登记：{path}"
        );
        return Check::failed(NAME, Stop::LinkClientRefused, message);
    };
    if made_for != division {
        let message = format!(
            "本机证书是给 {made_for} 的，town.division 是 {division}；改设置，或用 county enrol 重新登记：{path}"
        );
        return Check::failed(NAME, Stop::LinkClientRefused, message);
    }
    let days = identity.days_left(now).min(identity.authority_days_left(now));
    let renew = if days < WARNING_DAYS { "，请尽快用 county enrol 重新登记" } else { "" };
    Check::ok(NAME, format!("本机证书还有 {days} 天到期{renew}"))
}

/// Which file is wrong, and what to do about it.
pub fn words(fault: &FileFault) -> String {
    let FileFault { file, path, fault } = fault;
    let (setting, path) = (file.setting(), path.display());
    let (enrol, get) = ("用 county enrol 重新登记", "从县中心重新复制这个文件");
    let holds = match file {
        File::Authority => "县中心证书",
        File::Certificate => "本机证书",
        File::Key => "本机私钥",
        File::FeedKey => "信息公钥",
    };
    let advice = match fault {
        Fault::Absent => format!("没有这个文件；核对 {setting}，或{get}"),
        Fault::Forbidden => "运行用户没有权限读；请把文件交给运行 kiosk 的用户（chown）".to_owned(),
        Fault::Unreadable => format!("读不出来；核对 {setting}，或{get}"),
        Fault::TooLarge => format!("太大，不是 PEM 文件；{get}"),
        Fault::ByteOrderMark => {
            format!(
                "开头有字节顺序标记（BOM），被记事本一类的编辑器另存过；{get}，不要用编辑器打开保存"
            )
        }
        Fault::Binary => format!("是二进制的 DER，不是 PEM；用 openssl 转换，或{get}"),
        Fault::Cut => format!("不完整，缺“-----END”一行；{get}"),
        Fault::Broken => format!("内容损坏；{get}"),
        Fault::Lacking => format!("里面没有 PEM 格式的{holds}；核对 {setting} 是不是填错了文件"),
        Fault::Encrypted => format!(
            "私钥加了密码，kiosk 无法输入；用 openssl pkey -in {path} 去掉密码另存，或{enrol}"
        ),
        Fault::Exposed => format!("别的用户也能读私钥；请运行 chmod 600 {path}"),
        Fault::OtherKey => {
            format!("私钥和 link.certificate 的证书不是一对；放回成对的文件，或{enrol}")
        }
        Fault::Disordered => {
            "证书次序不对；本机证书要排在最前，签发它的证书依次排在后面".to_owned()
        }
        Fault::NoAuthority => {
            format!("里面是某台机器的证书，不是县中心签发机构的（ca.pem）；{get}")
        }
        Fault::OtherAuthority => {
            format!(
                "不是 link.authority 里的县中心签发的；核对两个文件是不是同一个县中心的，或{enrol}"
            )
        }
        Fault::OtherPurpose => format!("不是一体机用的证书（例如是服务器的）；{get}"),
        Fault::NoFeedKeys => format!("里面要有 1 到 8 个 Ed25519 公钥；{get}"),
    };
    format!("{setting} 不能用：{path}：{advice}")
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt, path::Path};

    use super::*;

    const DAY: i64 = 86_400;

    fn now() -> Timestamp {
        "2026-11-23T01:00:00Z".parse().expect("a time")
    }

    /// An own certificate from two days before `now` until `days` after, issued by an authority
    /// that outlives it.
    fn files(directory: &Path, days: i64) -> LinkSettings {
        files_for(directory, days, "510599100")
    }

    /// As [`files`], for a kiosk in this town.
    fn files_for(directory: &Path, days: i64, town: &str) -> LinkSettings {
        let settings = LinkSettings {
            url: "https://localhost".into(),
            authority: directory.join("ca.pem"),
            certificate: directory.join("kiosk.pem"),
            key: directory.join("kiosk.key"),
            feed_key: directory.join("feed.pub"),
        };
        let feed_key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).expect("a key");
        fs::write(&settings.feed_key, feed_key.public_key_pem()).expect("written");
        let params = |days: i64| {
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
            params
        };
        let mut authority = params(3_650);
        authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        authority.distinguished_name.push(rcgen::DnType::CommonName, "authority");
        let signs = rcgen::KeyPair::generate().expect("a key");
        let certificate = authority.self_signed(&signs).expect("a certificate").pem();
        fs::write(&settings.authority, certificate).expect("written");
        let issuer = rcgen::Issuer::new(authority, signs);
        let key = rcgen::KeyPair::generate().expect("a key");
        let mut own = params(days);
        own.distinguished_name.push(rcgen::DnType::OrganizationalUnitName, town);
        let own = own.signed_by(&key, &issuer).expect("a certificate").pem();
        fs::write(&settings.certificate, own).expect("written");
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
        for (path, setting) in [
            (&settings.authority, "link.authority"),
            (&settings.certificate, "link.certificate"),
            (&settings.key, "link.key"),
            (&settings.feed_key, "link.feed_key"),
        ] {
            let good = fs::read(path).expect("it is there");
            fs::write(path, "<html>").expect("written");
            let wrong = look_at(&settings);
            fs::remove_file(path).expect("it is there");
            let missing = look_at(&settings);
            for failed in [wrong, missing] {
                assert_eq!(failed.code, Some(Stop::ConfigWrong));
                assert!(failed.message.starts_with(setting), "{}", failed.message);
                assert!(failed.message.contains(&path.display().to_string()));
            }
            fs::write(path, good).expect("written");
            fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("set");
        }
        assert!(look_at(&settings).ok);
    }

    #[test]
    fn a_certificate_of_another_town_is_refused() {
        let directory = tempfile::tempdir().expect("a directory");
        for (town, good) in [("510599100", true), ("510599101", false)] {
            let found = look_at(&files_for(directory.path(), 100, town));
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
