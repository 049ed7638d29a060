//! The files of the link as installers and offices spoil them, before the real `kiosk check`: the
//! report names the file and says what to do about it.

use std::{fs, os::unix::fs::PermissionsExt};

use kiosk_base::domain::DivisionCode;
use kiosk_county::{Authority, FeedKey};

use super::{Config, kiosk};

/// A kiosk with all files as `county enrol` gives them, and a county that does not answer.
pub(super) fn enrolled() -> (Config, Authority) {
    let config = Config::new();
    config.replace("url", "url = \"https://127.0.0.1:1\"");
    config.replace("port", "port = \"/nonexistent/reader\"");
    let authority = Authority::create(&config.path("county")).expect("an authority");
    let feed_key = FeedKey::open_or_create(&config.path("county")).expect("a key");
    let own = authority.issue_kiosk("hall", Some(&town())).expect("a certificate");
    config.write("link/ca.pem", authority.certificate());
    config.write("link/kiosk.pem", &own.certificate);
    config.write("link/feed.pub", &feed_key.public());
    write_key(&config, &own.key);
    (config, authority)
}

/// Where it stands.
fn town() -> DivisionCode {
    DivisionCode::parse("510521100").expect("a code")
}

fn write_key(config: &Config, pem: &str) {
    config.write("link/kiosk.key", pem);
    let path = config.path("link/kiosk.key");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("set");
}

/// What `kiosk check` says about the things of these names.
pub(super) fn checked(config: &Config, names: &[&str]) -> Vec<serde_json::Value> {
    let output = kiosk(config, &["check", "--json"], "");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one object");
    let check = |name: &&str| {
        let checks = report["checks"].as_array().expect("a list");
        checks.iter().find(|check| check["name"] == **name).expect("listed").clone()
    };
    names.iter().map(check).collect()
}

/// What the report says about the files, and about the line.
fn report(config: &Config) -> (serde_json::Value, serde_json::Value) {
    let mut checks = checked(config, &["certificates", "link"]).into_iter();
    checks.next().zip(checks.next()).expect("two")
}

/// The report names the file `name` and holds `words`, and does not blame the line.
fn says(config: &Config, name: &str, words: &str) {
    let (files, link) = report(config);
    let message = files["message"].as_str().expect("a text");
    assert_eq!((&files["ok"], &files["code"]), (&false.into(), &"C01".into()), "{message}");
    let path = config.path(&format!("link/{name}"));
    assert!(message.contains(&path.display().to_string()), "{message}");
    assert!(message.contains(words), "{message}");
    assert_eq!((&link["ok"], &link["code"]), (&false.into(), &"C01".into()));
    assert!(link["message"].as_str().expect("a text").contains("证书一项"), "{link}");
}

fn read(config: &Config, name: &str) -> String {
    fs::read_to_string(config.path(&format!("link/{name}"))).expect("it is there")
}

#[test]
fn files_that_are_right_are_said_to_be_right() {
    let (config, _) = enrolled();
    let (files, link) = report(&config);
    assert_eq!(files["ok"], true, "{files}");
    assert_eq!(link["code"], "L01", "the county was asked: {link}");
}

#[test]
fn a_byte_order_mark_is_found_in_every_file() {
    for name in ["ca.pem", "kiosk.pem", "kiosk.key", "feed.pub"] {
        let (config, _) = enrolled();
        let whole = read(&config, name);
        config.write(&format!("link/{name}"), &format!("\u{FEFF}{whole}"));
        says(&config, name, "BOM");
    }
}

#[test]
fn a_key_under_a_passphrase_is_told_from_a_broken_one() {
    let (config, _) = enrolled();
    let locked = read(&config, "kiosk.key").replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    write_key(&config, &locked);
    says(&config, "kiosk.key", "加了密码");
    let (config, _) = enrolled();
    let key = read(&config, "kiosk.key");
    write_key(&config, &key.replacen("MI", "??", 1));
    says(&config, "kiosk.key", "内容损坏");
}

#[test]
fn anothers_key_is_told() {
    let (config, authority) = enrolled();
    let other = authority.issue_kiosk("other", Some(&town())).expect("a certificate");
    write_key(&config, &other.key);
    says(&config, "kiosk.key", "不是一对");
}

#[test]
fn a_chain_in_the_wrong_order_is_told() {
    let (config, _) = enrolled();
    let (own, authority) = (read(&config, "kiosk.pem"), read(&config, "ca.pem"));
    config.write("link/kiosk.pem", &format!("{own}{authority}"));
    assert_eq!(report(&config).0["ok"], true, "who signed it may stand behind it");
    config.write("link/kiosk.pem", &format!("{authority}{own}"));
    says(&config, "kiosk.pem", "次序不对");
    config.write("link/kiosk.pem", &format!("{own}{own}"));
    says(&config, "kiosk.pem", "次序不对");
}

#[test]
fn a_file_whose_end_is_cut_off_is_told() {
    for name in ["ca.pem", "kiosk.pem", "kiosk.key", "feed.pub"] {
        for left in [0, 12] {
            let (config, _) = enrolled();
            let whole = read(&config, name);
            let end = whole.find("-----END").expect("an end") + left;
            config.write(&format!("link/{name}"), &whole[..end]);
            says(&config, name, "-----END");
        }
    }
}

#[test]
fn a_key_that_others_can_read_is_told() {
    let (config, _) = enrolled();
    let path = config.path("link/kiosk.key");
    for mode in [0o640, 0o604, 0o660] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set");
        says(&config, "kiosk.key", &format!("chmod 600 {}", path.display()));
    }
}

#[test]
fn files_in_each_others_place_are_told() {
    let (config, authority) = enrolled();
    let (own, root) = (read(&config, "kiosk.pem"), read(&config, "ca.pem"));
    config.write("link/ca.pem", &own);
    says(&config, "ca.pem", "不是县中心签发机构的");
    config.write("link/ca.pem", &root);
    config.write("link/feed.pub", &root);
    says(&config, "feed.pub", "没有 PEM 格式的信息公钥");
    let feed_key = FeedKey::open_or_create(&config.path("county")).expect("the key");
    config.write("link/feed.pub", &feed_key.public());
    let server = authority.issue_server(&["localhost".to_owned()]).expect("a certificate");
    config.write("link/kiosk.pem", &server.certificate);
    write_key(&config, &server.key);
    says(&config, "kiosk.pem", "不是一体机用的证书");
}

#[test]
fn another_countys_certificate_is_told() {
    let (config, _) = enrolled();
    let other = Authority::create(&config.path("other")).expect("an authority");
    let own = other.issue_kiosk("hall", Some(&town())).expect("a certificate");
    config.write("link/kiosk.pem", &own.certificate);
    write_key(&config, &own.key);
    says(&config, "kiosk.pem", "不是 link.authority 里的县中心签发的");
}

#[test]
fn a_binary_file_is_told() {
    let (config, _) = enrolled();
    fs::write(config.path("link/kiosk.pem"), [0x30, 0x82, 0x01, 0x02, 0x30]).expect("written");
    says(&config, "kiosk.pem", "DER");
}
