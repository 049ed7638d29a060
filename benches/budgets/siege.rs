//! The county under siege: how long a kiosk's heartbeat takes while others want all of it.
//!
//! 2,000 sockets from eight addresses, among them the kiosk's own, say nothing or drip a handshake;
//! 600 connections of one certificate are idle, drip a request or ask without end. Each comes again a
//! second after it was cut. Besiegers, kiosk and county share this machine's cores. The run fails
//! when the 99th percentile is more than five times the quiet one.

use std::{
    net::{Ipv4Addr, SocketAddr},
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use kiosk_base::{
    clock::Clock,
    wire::v1::{AuditHead, Heartbeat},
};
use kiosk_county::{
    Authority, County, Feed, Limits, Register, Server, ServerSettings, accounts::QueryRules,
    core::NoCore, register::Standing, signing,
};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use renshe_kiosk::link::{Client, LinkSettings};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    runtime::{Builder, Runtime},
    time::{sleep, timeout},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::{Row, percentile, row, spread};

/// Sockets of nobody.
const SOCKETS: usize = 2_000;
/// Addresses they come from: 127.0.0.1, which is the kiosk's, and those after it.
const ADDRESSES: usize = 8;
/// Connections of one certificate.
const GREEDY: usize = 600;
/// Kiosks that beat in turn, so that none of them beats more often than kiosks may.
const KIOSKS: usize = 40;
const BEATS: usize = 800;
/// Between two heartbeats.
const PAUSE: Duration = Duration::from_millis(25);
/// Until all besiegers have come.
const GATHERING: Duration = Duration::from_secs(5);
/// Between two bytes of who drips.
const DRIP: Duration = Duration::from_secs(1);
/// Before who was cut comes again.
const AGAIN: Duration = Duration::from_secs(1);
const ALLOWED: u32 = 5;

pub(crate) fn rows() -> Vec<Row> {
    // Both ends of every socket are in this process.
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).expect("a limit");
    setrlimit(Resource::RLIMIT_NOFILE, most, most).expect("raised to the hard limit");
    let served = Served::start();
    let kiosks = served.kiosks();
    let measuring = Builder::new_current_thread().enable_all().build().expect("a runtime");
    // Quiet before and after, since a machine has moods.
    let half = BEATS / 2;
    let mut quiet = measuring.block_on(beats(&kiosks, 0..half));
    let besiegers = Besiegers::come(&served);
    std::thread::sleep(GATHERING);
    let mut besieged = measuring.block_on(beats(&kiosks, half..half + BEATS));
    let seen = besiegers.seen();
    drop(besiegers);
    std::thread::sleep(GATHERING);
    quiet.extend(measuring.block_on(beats(&kiosks, half + BEATS..2 * BEATS)));
    let (before, during) = (percentile(&mut quiet, 99), percentile(&mut besieged, 99));
    let ratio = during.as_secs_f64() / before.as_secs_f64();
    assert!(
        during <= before * ALLOWED,
        "a heartbeat under siege: {}, quiet: {}, ratio {ratio:.1}",
        spread(&mut besieged),
        spread(&mut quiet)
    );
    vec![
        row(
            "county: a kiosk's heartbeat, quiet",
            "",
            spread(&mut quiet),
            "800 beats of 40 kiosks in turn, each over a connection of its own, countersigned",
        ),
        row(
            "county: a kiosk's heartbeat, under siege",
            "p99 ≤ 5 × quiet",
            format!("{}, ratio {ratio:.1}", spread(&mut besieged)),
            &format!(
                "2,000 silent or dripping sockets from 8 addresses, 600 connections of one \
                 certificate; each comes again 1 s after it was cut ({seen})"
            ),
        ),
        served.look_up(),
    ]
}

/// How long each of these heartbeats took, from the connection to the answer.
async fn beats(kiosks: &[Client], numbers: Range<usize>) -> Vec<Duration> {
    let mut times = Vec::with_capacity(numbers.len());
    for number in numbers {
        let beat = Heartbeat {
            version: "0.1.0".into(),
            uptime_s: 1,
            reader_ready: true,
            audit: Some(AuditHead { sequence: 1 + number as u64, hash: "a".repeat(64) }),
            ..Heartbeat::default()
        };
        let begun = Instant::now();
        kiosks[number % KIOSKS].heartbeat(&beat).await.expect("an answer");
        times.push(begun.elapsed());
        sleep(PAUSE).await;
    }
    times
}

/// A county whose threads are its own.
struct Served {
    server: Server,
    authority: Authority,
    home: TempDir,
    _runtime: Runtime,
}

impl Served {
    fn start() -> Self {
        let home = tempfile::tempdir().expect("a directory");
        let runtime = Runtime::new().expect("a runtime");
        let authority = Authority::create(home.path()).expect("an authority");
        let county = County {
            core: Arc::new(NoCore),
            feed: Feed::open(home.path()).expect("opened"),
            clock: Clock::System,
            queries: QueryRules::default(),
        };
        let settings = ServerSettings {
            listen: ([127, 0, 0, 1], 0).into(),
            authority: authority.certificate().to_owned(),
            credentials: authority.issue_server(&["127.0.0.1".into()]).expect("issued"),
            limits: Limits::default(),
        };
        let server = Server::start(runtime.handle(), &settings, county).expect("started");
        Self { server, authority, home, _runtime: runtime }
    }

    fn kiosks(&self) -> Vec<Client> {
        let one = |number| {
            let path = |end: &str| self.home.path().join(format!("kiosk-{number}.{end}"));
            let (certificate, key) = (path("pem"), path("key"));
            let credentials = self.authority.issue_kiosk(&format!("kiosk-{number}"), None);
            credentials.expect("issued").write(&certificate, &key).expect("written");
            let settings = LinkSettings {
                url: format!("https://{}", self.server.address()),
                authority: self.home.path().join("ca.pem"),
                certificate,
                key,
                feed_key: signing::public_path(self.home.path()),
            };
            Client::new(&settings).expect("a client")
        };
        (0..KIOSKS).map(one).collect()
    }

    /// What the greedy one shows.
    fn greedy(&self) -> TlsConnector {
        let credentials = self.authority.issue_kiosk("greedy", None).expect("issued");
        let mut roots = RootCertStore::empty();
        let root = CertificateDer::from_pem_slice(self.authority.certificate().as_bytes());
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
        TlsConnector::from(Arc::new(config))
    }

    /// What it costs to look a certificate up at every request.
    fn look_up(&self) -> Row {
        const TIMES: u32 = 100_000;
        let register = Register::open(self.home.path()).expect("opened");
        for number in 0..325 {
            let name = format!("enrolled-{number}");
            let enrolled = register.enrol(&name, || self.authority.issue_kiosk(&name, None));
            enrolled.expect("a new name");
        }
        let begun = Instant::now();
        for _ in 0..TIMES {
            let standing = register.standing("enrolled-200", "another", 1).expect("read");
            assert_eq!(standing, Standing::Refused);
        }
        row(
            "county: whether a certificate still counts",
            "",
            format!("{:.1} µs", begun.elapsed().as_secs_f64() * 1e6 / f64::from(TIMES)),
            "a look into county.db at every request, 325 kiosks enrolled",
        )
    }
}

/// Those who want everything, on threads of their own.
struct Besiegers {
    counts: Arc<Counts>,
    _runtime: Runtime,
}

#[derive(Default)]
struct Counts {
    sockets: AtomicUsize,
    certified: AtomicUsize,
    cut: AtomicUsize,
}

impl Besiegers {
    fn come(served: &Served) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let counts = Arc::<Counts>::default();
        let address = served.server.address();
        for number in 0..SOCKETS {
            runtime.spawn(nobody(number, address, counts.clone()));
        }
        let connector = served.greedy();
        for number in 0..GREEDY {
            runtime.spawn(greedy(number, address, connector.clone(), counts.clone()));
        }
        Self { counts, _runtime: runtime }
    }

    /// How many there are, in words.
    fn seen(&self) -> String {
        let of = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        let Counts { sockets, certified, cut } = &*self.counts;
        format!(
            "at the end {} sockets and {} certified connections, {} cut",
            of(sockets),
            of(certified),
            of(cut)
        )
    }
}

/// A socket that says nothing, or one byte of a handshake a second.
async fn nobody(number: usize, address: SocketAddr, counts: Arc<Counts>) {
    let from = Ipv4Addr::new(127, 0, 0, u8::try_from(1 + number % ADDRESSES).unwrap_or(1));
    sleep(Duration::from_millis(number as u64)).await;
    loop {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(SocketAddr::from((from, 0))).expect("an address");
        if let Ok(stream) = socket.connect(address).await {
            counts.sockets.fetch_add(1, Ordering::Relaxed);
            // The record of a handshake of 512 bytes.
            let drip = [&[0x16, 0x03, 0x01, 0x02, 0x00, 0x01][..], &[0; 64]].concat();
            stay(stream, if number.is_multiple_of(2) { &[] } else { &drip }).await;
            counts.sockets.fetch_sub(1, Ordering::Relaxed);
            counts.cut.fetch_add(1, Ordering::Relaxed);
        }
        sleep(AGAIN).await;
    }
}

/// A connection with the greedy certificate: idle, dripping, or asking without end.
async fn greedy(number: usize, address: SocketAddr, connector: TlsConnector, counts: Arc<Counts>) {
    sleep(Duration::from_millis(3 * number as u64)).await;
    loop {
        if let Ok(stream) = secured(address, &connector).await {
            counts.certified.fetch_add(1, Ordering::Relaxed);
            match number % 3 {
                0 => stay(stream, &[]).await,
                1 => stay(stream, b"GET /openapi.json HTTP/1.1\r\nhost: county\r\n").await,
                _ => ask(stream).await,
            }
            counts.certified.fetch_sub(1, Ordering::Relaxed);
            counts.cut.fetch_add(1, Ordering::Relaxed);
        }
        sleep(AGAIN).await;
    }
}

async fn secured(
    address: SocketAddr,
    connector: &TlsConnector,
) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    connector.connect(ServerName::IpAddress(address.ip().into()), stream).await
}

/// Sends `drip` byte by byte, then nothing, until it is cut.
async fn stay(mut stream: impl AsyncRead + AsyncWriteExt + Unpin, drip: &[u8]) {
    let mut drip = drip.iter();
    loop {
        match timeout(DRIP, stream.read(&mut [0; 1_024])).await {
            Ok(Ok(1..)) => {}
            Ok(_) => return,
            Err(_) => {
                if let Some(byte) = drip.next()
                    && (stream.write_all(&[*byte]).await.is_err() || stream.flush().await.is_err())
                {
                    return;
                }
            }
        }
    }
}

/// Asks again as soon as it is answered.
async fn ask(mut stream: TlsStream<TcpStream>) {
    let request = b"GET /v1/feed/postings?since=0 HTTP/1.1\r\nhost: county\r\n\r\n";
    let mut answer = vec![0; 16 * 1_024];
    loop {
        if stream.write_all(request).await.is_err() {
            return;
        }
        match stream.read(&mut answer).await {
            Ok(1..) => {}
            _ => return,
        }
    }
}
