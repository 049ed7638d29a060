//! The demonstration county: invented residents, invented listings, and certificates made on the
//! spot, behind the same service and the same mutual TLS as a real one.
//!
//! State: in its data directory the authority (`ca.pem`, `ca.key`), the key that signs the feed
//! (`feed.key`, `feed.pub`), one kiosk's certificate and key (`kiosk.pem`, `kiosk.key`) for whoever
//! wants to be a client, and `county.db`.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use kiosk_base::{clock::Clock, domain::DivisionCode, wire::Collection};
use tokio::runtime::Handle;

use super::{
    Authority, County, CountyError, Feed, Limits, QueryRules, Server, ServerSettings,
    content::Content, invented::InventedCore, signing, tls,
};

/// A kiosk's certificate with fewer days than this is replaced at the next start.
const DAYS_LEFT: i64 = 30;
/// Where that kiosk stands: the town of the shipped settings.
const TOWN: &str = "510521100";

/// What a demonstration is made from.
#[derive(Debug, Clone)]
pub struct DemonstrationSettings {
    /// Directory with `residents/*.toml`, `postings.json`, `trainings.json`, `fairs.json`.
    pub content: PathBuf,
    /// Where certificates and the database go.
    pub data: PathBuf,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Further names and addresses for the service's certificate; the loopback ones and `listen`
    /// are always in it.
    pub hosts: Vec<String>,
    /// Where the county's time comes from.
    pub clock: Clock,
    /// How queries for accounts are answered.
    pub queries: QueryRules,
}

/// A running demonstration, and what a client needs to reach it.
#[derive(Debug)]
pub struct Demonstration {
    /// The service.
    pub server: Server,
    /// `https://host:port`.
    pub url: String,
    /// PEM file of the authority's certificate.
    pub authority: PathBuf,
    /// PEM file of a kiosk's certificate.
    pub certificate: PathBuf,
    /// PEM file of that kiosk's key.
    pub key: PathBuf,
    /// PEM file of the public keys that sign the feed.
    pub feed_key: PathBuf,
}

impl Demonstration {
    /// Makes what is missing, publishes the content, and serves on `runtime`.
    ///
    /// # Errors
    /// When the content cannot be read, the data directory not written, or the address is taken.
    pub fn start(runtime: &Handle, settings: &DemonstrationSettings) -> Result<Self, CountyError> {
        let DemonstrationSettings { content, data, listen, hosts, clock, queries } = settings;
        let authority = Authority::open_or_create(data)?;
        let (certificate, key) = (data.join("kiosk.pem"), data.join("kiosk.key"));
        enrol(&authority, &certificate, &key)?;
        let feed = Feed::open(data)?;
        feed.become_demonstration()?;
        for collection in Collection::ALL {
            let file = content.join(format!("{}.json", collection.as_str()));
            let content = Content::read(collection, &file)?;
            let targets = content.targets.clone();
            feed.publish_to(content.moved_to(clock.today()), &targets)?;
        }
        let county = County {
            core: Arc::new(InventedCore::read(&content.join("residents"), clock.clone())?),
            feed,
            clock: clock.clone(),
            queries: queries.clone(),
        };
        let server_settings = ServerSettings {
            listen: *listen,
            authority: authority.certificate().to_owned(),
            credentials: authority.issue_server(&all_hosts(*listen, hosts))?,
            limits: Limits::default(),
        };
        let server = Server::start(runtime, &server_settings, county)?;
        let url = url(server.address());
        let (authority, feed_key) = (data.join("ca.pem"), signing::public_path(data));
        Ok(Self { server, url, authority, certificate, key, feed_key })
    }
}

/// Loopback names, the address itself, and `more`.
pub fn all_hosts(listen: SocketAddr, more: &[String]) -> Vec<String> {
    let mut hosts = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    let own = (!listen.ip().is_unspecified()).then(|| listen.ip().to_string());
    for host in own.iter().chain(more) {
        if !hosts.contains(host) {
            hosts.push(host.clone());
        }
    }
    hosts
}

/// Where a client on this machine reaches `address`.
pub fn url(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        return format!("https://localhost:{}", address.port());
    }
    format!("https://{address}")
}

/// Keeps the kiosk's certificate over restarts, so that a kiosk that uses it goes on working.
fn enrol(authority: &Authority, certificate: &Path, key: &Path) -> Result<(), CountyError> {
    let days = fs::read_to_string(certificate).ok().and_then(|pem| tls::days_left(&pem));
    if key.exists() && days.is_some_and(|days| days >= DAYS_LEFT) {
        return Ok(());
    }
    for old in [certificate, key] {
        if old.exists() {
            fs::remove_file(old).map_err(CountyError::file(old))?;
        }
    }
    let town = DivisionCode::parse(TOWN).expect("nine digits");
    authority.issue_kiosk("demo", Some(&town))?.write(certificate, key)
}
