//! The county under 270 kiosks: every one with a connection open, queries for accounts over mutual
//! TLS. Clients and county share this machine's cores, so the county alone is faster than this.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use jiff::Timestamp;
use kiosk_base::{
    clock::Clock,
    domain::{DocumentFacts, DocumentKind},
    wire::{AccountQuery, v1},
};
use kiosk_county::{
    Authority, County, Credentials, Feed, Limits, Server, ServerSettings,
    accounts::QueryRules,
    invented::{InventedCore, Population},
};
use renshe_kiosk::link::{Client, LinkSettings};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tempfile::TempDir;
use tokio::{runtime::Runtime, sync::Mutex, time::MissedTickBehavior};

use crate::{Row, kiosk, row, spread};

/// Of the county's 325 divisions, those with a kiosk.
const KIOSKS: usize = 270;
/// Queries a second that are due.
const RATE: u32 = 300;
const TIME: Duration = Duration::from_secs(20);
/// Askers who each wait for an answer before they ask again.
const ASKERS: usize = 16;

pub(crate) fn rows() -> Vec<Row> {
    let served = Served::start();
    let runtime = Runtime::new().expect("a runtime");
    let kiosks = runtime.block_on(served.connected());
    let due = runtime.block_on(at_rate(&kiosks));
    let most = runtime.block_on(closed_loop(&kiosks));
    let fresh = runtime.block_on(served.fresh_connections());
    vec![due, most, fresh]
}

/// 300 queries a second, whether the last were answered or not.
async fn at_rate(kiosks: &Arc<Vec<Mutex<Kiosk>>>) -> Row {
    let mut tick = tokio::time::interval(Duration::from_secs(1) / RATE);
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let begun = Instant::now();
    let mut asking = Vec::new();
    // Each of the first asked when it was connected.
    for number in KIOSKS.. {
        // When it was due, not when there was time for it.
        let due = tick.tick().await.into_std();
        if begun.elapsed() >= TIME {
            break;
        }
        let kiosks = kiosks.clone();
        asking.push(tokio::spawn(async move {
            kiosks[number % KIOSKS].lock().await.ask(number).await;
            due.elapsed()
        }));
    }
    let mut times = Vec::new();
    for one in asking {
        times.push(one.await.expect("answered"));
    }
    let rate = times.len() as f64 / begun.elapsed().as_secs_f64();
    row(
        "county: 300 queries a second, 270 connections open",
        "p99 ≤ 50 ms",
        format!("{rate:.0}/s, {}", spread(&mut times)),
        "20 s, each kiosk over its own connection (mutual TLS 1.3), generated residents; a query is \
         timed from the moment at which it was due; clients on the same cores",
    )
}

/// As many as go, 16 at once.
async fn closed_loop(kiosks: &Arc<Vec<Mutex<Kiosk>>>) -> Row {
    let number = Arc::new(AtomicUsize::new(1_000_000));
    let begun = Instant::now();
    let askers: Vec<_> = (0..ASKERS)
        .map(|_| {
            let (kiosks, number) = (kiosks.clone(), number.clone());
            tokio::spawn(async move {
                let mut times = Vec::new();
                while begun.elapsed() < TIME {
                    let number = number.fetch_add(1, Ordering::Relaxed);
                    let asked = Instant::now();
                    kiosks[number % KIOSKS].lock().await.ask(number).await;
                    times.push(asked.elapsed());
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for asker in askers {
        times.extend(asker.await.expect("answered"));
    }
    let rate = times.len() as f64 / begun.elapsed().as_secs_f64();
    row(
        "county: most queries a second",
        "≥ 300/s",
        format!("{rate:.0}/s, {}", spread(&mut times)),
        "20 s, 16 at once over 270 connections, as above",
    )
}

/// A county with kiosks that it knows.
struct Served {
    server: Server,
    authority: Authority,
    home: TempDir,
    _runtime: Runtime,
}

/// A kiosk whose connection stays open.
struct Kiosk {
    http: reqwest::Client,
    url: String,
}

impl Served {
    fn start() -> Self {
        let home = tempfile::tempdir().expect("a directory");
        let runtime = kiosk_county::runtime(None).expect("a runtime");
        let authority = Authority::create(home.path()).expect("an authority");
        let residents = kiosk::shipped().join("demo/residents");
        let county = County {
            core: Arc::new(InventedCore::read(&residents, Clock::System).expect("residents")),
            feed: Feed::open(home.path()).expect("opened"),
            clock: Clock::System,
            queries: QueryRules {
                per_minute: 1_000_000,
                per_kiosk_per_day: 1_000_000,
                per_person_per_day: 1_000_000,
                // What comes in one window of the usual length would be more than is remembered.
                window: Duration::from_secs(5),
                ..QueryRules::default()
            },
        };
        let settings = ServerSettings {
            listen: ([127, 0, 0, 1], 0).into(),
            authority: authority.certificate().to_owned(),
            credentials: authority.issue_server(&["127.0.0.1".into()]).expect("issued"),
            // One stands for sixteen below.
            limits: Limits { connections_per_kiosk: 4 * ASKERS, ..Limits::default() },
        };
        let server = Server::start(runtime.handle(), &settings, county).expect("started");
        Self { server, authority, home, _runtime: runtime }
    }

    fn credentials(&self, number: usize) -> Credentials {
        self.authority.issue_kiosk(&format!("kiosk-{number}"), None).expect("issued")
    }

    /// Kiosks that have asked once, each with its connection open.
    async fn connected(&self) -> Arc<Vec<Mutex<Kiosk>>> {
        let mut kiosks = Vec::new();
        for number in 0..KIOSKS {
            let kiosk = Kiosk {
                http: http(&self.authority, &self.credentials(number)),
                url: format!("https://{}/v1/accounts/query", self.server.address()),
            };
            kiosk.ask(number).await;
            kiosks.push(Mutex::new(kiosk));
        }
        Arc::new(kiosks)
    }

    /// As kiosks really ask: a connection and a handshake for each query.
    async fn fresh_connections(&self) -> Row {
        let (certificate, key) = (self.home.path().join("k.pem"), self.home.path().join("k.key"));
        self.credentials(KIOSKS).write(&certificate, &key).expect("written");
        let client = Client::new(&LinkSettings {
            url: format!("https://{}", self.server.address()),
            authority: self.home.path().join("ca.pem"),
            certificate,
            key,
            feed_key: kiosk_county::signing::public_path(self.home.path()),
        });
        let client = client.expect("a client");
        let begun = Instant::now();
        let askers: Vec<_> = (0..ASKERS)
            .map(|asker| {
                let client = client.clone();
                tokio::spawn(async move {
                    let mut times = Vec::new();
                    let mut number = 2_000_000 + asker;
                    while begun.elapsed() < TIME / 2 {
                        let asked = Instant::now();
                        client.account(&query(number)).await.expect("an account");
                        times.push(asked.elapsed());
                        number += ASKERS;
                    }
                    times
                })
            })
            .collect();
        let mut times = Vec::new();
        for asker in askers {
            times.extend(asker.await.expect("answered"));
        }
        let rate = times.len() as f64 / begun.elapsed().as_secs_f64();
        row(
            "county: queries a second over fresh connections",
            "",
            format!("{rate:.0}/s, {}", spread(&mut times)),
            "10 s, 16 kiosks at once, a handshake for each query as kiosks do it, the answer checked",
        )
    }
}

impl Kiosk {
    async fn ask(&self, number: usize) {
        let query = v1::AccountQuery::from(query(number));
        let answer = self.http.post(&self.url).json(&query).send().await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status(), 200);
        assert!(!answer.bytes().await.expect("the whole of it").is_empty());
    }
}

/// The `number`th query: about one resident after the other.
fn query(number: usize) -> AccountQuery {
    thread_local! {
        static POPULATION: Population = Population::default();
    }
    let person = POPULATION.with(|population| {
        let count = usize::try_from(population.count()).unwrap_or(1);
        let index = u32::try_from(number * 7 % count).unwrap_or(0);
        population.person(index).expect("there")
    });
    AccountQuery {
        read_id: format!("{number:032x}"),
        read_at: Timestamp::now(),
        sam_id: None,
        document: DocumentFacts {
            kind: DocumentKind::ResidentIdCard,
            valid_until: None,
            issue_count: None,
        },
        number: person.number,
        name: person.name,
        english_name: None,
        pin: None,
    }
}

fn http(authority: &Authority, credentials: &Credentials) -> reqwest::Client {
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_slice(authority.certificate().as_bytes());
    roots.add(root.expect("a certificate")).expect("a root");
    let certificate = CertificateDer::from_pem_slice(credentials.certificate.as_bytes());
    let key = PrivateKeyDer::from_pem_slice(credentials.key.as_bytes()).expect("a key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("supported")
        .with_root_certificates(roots)
        .with_client_auth_cert(vec![certificate.expect("a certificate")], key)
        .expect("a pair");
    reqwest::Client::builder()
        .tls_backend_preconfigured(config)
        .no_proxy()
        .pool_max_idle_per_host(1)
        .tcp_nodelay(true)
        .build()
        .expect("a client")
}
