//! What several subjects of the tests need: a county on loopback with its certificates, and the
//! people and listings it knows.

pub mod kiosk;
mod served;

use std::{
    fs,
    future::Future,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

use kiosk_base::{
    clock::Clock,
    domain::{DocumentFacts, DocumentKind, HolderNumber},
    store::Ledger,
    wire::AccountQuery,
};
use kiosk_county::{
    Authority, Credentials, Demonstration, FeedKey, QueryRules,
    authority::{CertificateRequest, Purpose},
    demonstration::DemonstrationSettings,
    signing,
};
use renshe_kiosk::link::{Client, LinkSettings};
use tempfile::TempDir;
use tokio::runtime::Handle;

pub use served::Served;

/// The county's program, which is another package's: `cargo test` builds it beside the kiosk's.
pub fn county_program() -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_kiosk")).with_file_name("county");
    let made = fs::metadata(&program).and_then(|program| program.modified());
    let made = made.unwrap_or_else(|_| panic!("{}: run cargo build --bins", program.display()));
    for part in ["county", "base", "memory"] {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates").join(part).join("src");
        assert!(newest(&sources) <= made, "the county is older than {part}: cargo build --bins");
    }
    program
}

/// When a file in a directory was last changed.
fn newest(directory: &Path) -> SystemTime {
    let entries = fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("read"));
    let changed = entries.map(|entry| match entry.path().is_dir() {
        true => newest(&entry.path()),
        false => entry.metadata().and_then(|file| file.modified()).expect("a time"),
    });
    changed.max().unwrap_or(SystemTime::UNIX_EPOCH)
}

/// On loopback, any free port.
pub const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Far more than anything here takes: a guard against hanging, not a measurement.
pub const GUARD: Duration = Duration::from_secs(60);

/// The moment for which the tests' content is written.
pub fn clock() -> Clock {
    Clock::Fixed("2026-11-20T09:00:00+08:00".parse().expect("a moment"))
}

/// Numbers that are the same in every run (xorshift64).
pub struct Dice(u64);

impl Dice {
    /// Dice that begin with `seed`, which is not 0.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `sides`.
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// A demonstration county on loopback, with a client that it admits.
pub struct County {
    /// The running service.
    pub demonstration: Demonstration,
    /// What a client needs.
    pub settings: LinkSettings,
    /// A client.
    pub client: Client,
    /// Certificates and database; gone when dropped.
    pub home: TempDir,
}

/// Starts a [`County`] on `runtime` with the tests' own two residents and thirty postings.
pub fn county(runtime: &Handle) -> County {
    let home = tempfile::tempdir().expect("a directory");
    let demonstration = Demonstration::start(
        runtime,
        &DemonstrationSettings {
            content: content(),
            data: home.path().to_owned(),
            listen: ANY_PORT,
            hosts: Vec::new(),
            clock: clock(),
            queries: QueryRules { per_minute: 6_000, ..QueryRules::default() },
        },
    )
    .expect("started");
    let settings = LinkSettings {
        url: demonstration.url.clone(),
        authority: demonstration.authority.clone(),
        certificate: demonstration.certificate.clone(),
        key: demonstration.key.clone(),
        feed_key: demonstration.feed_key.clone(),
    };
    let client = Client::new(&settings).expect("a client");
    County { demonstration, settings, client, home }
}

/// The tests' residents and listings.
pub fn content() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kiosk/support/content")
}

/// The query of the resident in `residents/a.toml`, with the dot that her card has.
pub fn query_a() -> AccountQuery {
    query("51059919610320058X", "测试·阿依")
}

/// The query of the resident in `residents/b.toml`.
pub fn query_b() -> AccountQuery {
    query("510599198507150012", "测试甲")
}

/// A query about anybody with a resident's ID card, of a read of its own at [`clock`].
pub fn query(number: &str, name: &str) -> AccountQuery {
    static READS: AtomicU64 = AtomicU64::new(1);
    AccountQuery {
        read_id: format!("{:032x}", READS.fetch_add(1, Ordering::Relaxed)),
        read_at: clock().now(),
        sam_id: Some("05.03-20200101-0001234567-0000089012".into()),
        document: DocumentFacts {
            kind: DocumentKind::ResidentIdCard,
            valid_until: None,
            issue_count: None,
        },
        pin: None,
        number: HolderNumber::parse(number).expect("a valid number"),
        name: name.into(),
        english_name: None,
    }
}

/// `query` as of a read in this moment, for a county whose time is the machine's.
pub fn now(query: AccountQuery) -> AccountQuery {
    AccountQuery { read_at: jiff::Timestamp::now(), ..query }
}

/// An authority with a directory, for servers and kiosks that a demonstration does not make.
pub struct Parties {
    pub authority: Authority,
    pub home: TempDir,
}

impl Parties {
    pub fn new() -> Self {
        let home = tempfile::tempdir().expect("a directory");
        let authority = Authority::create(home.path()).expect("an authority");
        FeedKey::open_or_create(home.path()).expect("a key");
        Self { authority, home }
    }

    /// A server certificate for loopback.
    pub fn server(&self) -> Credentials {
        self.authority.issue_server(&["127.0.0.1".into()]).expect("issued")
    }

    /// A certificate for 127.0.0.1 or a kiosk that holds between two dates.
    pub fn dated(&self, purpose: Purpose, from: &str, until: &str) -> Credentials {
        let request = CertificateRequest {
            name: "dated".into(),
            division: None,
            hosts: vec!["127.0.0.1".into()],
            purpose,
            not_before: midnight(from),
            not_after: midnight(until),
        };
        self.authority.issue(&request).expect("issued")
    }

    /// A kiosk's certificate that ends at `moment`.
    pub fn ending(&self, name: &str, moment: jiff::Timestamp) -> Credentials {
        let request = CertificateRequest {
            name: name.into(),
            division: None,
            hosts: Vec::new(),
            purpose: Purpose::Kiosk,
            not_before: midnight("2026-01-01"),
            not_after: moment,
        };
        self.authority.issue(&request).expect("issued")
    }

    /// Settings of a kiosk of this authority that asks `address`.
    pub fn settings(&self, address: SocketAddr) -> LinkSettings {
        self.settings_with(address, &self.authority.issue_kiosk("hall", None).expect("issued"))
    }

    /// Settings of a kiosk with these credentials that trusts this authority.
    pub fn settings_with(&self, address: SocketAddr, kiosk: &Credentials) -> LinkSettings {
        let (certificate, key) = (self.home.path().join("k.pem"), self.home.path().join("k.key"));
        for (path, text) in [(&certificate, &kiosk.certificate), (&key, &*kiosk.key)] {
            std::fs::write(path, text).expect("written");
        }
        let authority = self.home.path().join("ca.pem");
        let feed_key = signing::public_path(self.home.path());
        LinkSettings { url: format!("https://{address}"), authority, certificate, key, feed_key }
    }

    /// A client with [`settings`](Self::settings).
    pub fn client(&self, address: SocketAddr) -> Client {
        Client::new(&self.settings(address)).expect("a client")
    }
}

fn midnight(date: &str) -> jiff::Timestamp {
    format!("{date}T00:00:00Z").parse().expect("a date")
}

/// The audit in a kiosk's data directory: of each row its kind, whom it names and its stop.
pub fn audited(directory: &Path) -> Vec<(String, Option<String>, Option<String>)> {
    let ledger = Ledger::read_only(directory).expect("a ledger");
    let mut rows =
        ledger.prepare("SELECT kind, person, stop FROM audit ORDER BY sequence").expect("a table");
    let read = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    read.expect("rows").collect::<Result<_, _>>().expect("rows of texts")
}

/// Awaits `future`, but not for ever.
pub async fn guarded<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(GUARD, future).await.expect("it comes to an end")
}
