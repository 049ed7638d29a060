//! The feed between a county and its kiosks: the real service behind mutual TLS on loopback, the
//! real client, the real cache; for the scenario of a whole county a line of 512 kbit/s for each
//! kiosk.

use std::{
    collections::HashSet,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use kiosk_base::{
    clock::Clock,
    domain::{DivisionCode, Posting, Stop},
    wire::{Collection, v1},
};
use kiosk_county::{
    Authority, County, Feed, Limits, Listings, QueryRules, Server, ServerSettings,
    carried::ZSTD_LEVEL, core::NoCore, signing,
};
use renshe_kiosk::{
    link::{Client, LinkSettings},
    listings::{self, Cache},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    time::sleep_until,
};

use crate::{
    Row,
    listings::{POSTINGS, bare_insert, generate},
    row, spread,
};

/// The towns of the county.
const KIOSKS: usize = 20;
/// Postings in the scenario, unless the environment's `POSTINGS` says how many: with all 100,000 it
/// takes five minutes.
const SCENARIO_POSTINGS: usize = 20_000;
/// 512 kbit/s.
const BYTES_A_SECOND: f64 = 64_000.0;
/// Bytes of a segment, of which two in a hundred are lost.
const SEGMENT: usize = 1_448;
const LOST: u64 = 2;
/// What a lost segment costs besides being sent again: Linux waits this long at the least.
const RESENT_AFTER: Duration = Duration::from_millis(200);
/// After about so many bytes a connection breaks altogether.
const BROKEN_AFTER: u64 = 2_000_000;

pub(crate) fn rows() -> Vec<Row> {
    let county = Served::start();
    let mut postings: Vec<Posting> = (0..POSTINGS).map(generate).collect();
    let begun = Instant::now();
    county.publish(&postings);
    let published = begun.elapsed();

    let mut kiosk = county.kiosk(0, Line::default());
    let before = bare_insert(&postings);
    let begun = Instant::now();
    let mut shown = Duration::ZERO;
    let refresh = listings::refresh(&kiosk.client, &mut kiosk.cache, &Clock::System, |step| {
        if step.collection == Collection::Postings {
            shown = begun.elapsed();
        }
    });
    county.runtime.block_on(refresh).expect("refreshed");
    let snapshot = kiosk.line.down.load(Ordering::Relaxed);
    // Other programs on the machine come and go.
    let bare = (before + bare_insert(&postings)) / 2;
    let ratio = bare.as_secs_f64() / shown.as_secs_f64();

    // The same pages for another town: they are there already.
    let other = county.kiosk(1, Line::default());
    let mut kept = vec![];
    let mut since = 0;
    loop {
        let begun = Instant::now();
        let page = other.client.snapshot_page(Collection::Postings, since, Some(POSTINGS as u64));
        let page = county.runtime.block_on(page).expect("a page");
        kept.push(begun.elapsed());
        since = page.next;
        if page.next == page.head {
            break;
        }
    }

    let changed: HashSet<usize> = (0..POSTINGS / 100).map(|i| i * 100 + i % 7).collect();
    for number in &changed {
        postings[*number].title.push_str("（新）");
    }
    county.publish(&postings);
    let rows: Vec<String> = postings
        .iter()
        .enumerate()
        .filter(|(number, _)| changed.contains(number))
        .map(|(_, posting)| v1::to_json(posting))
        .collect();
    let rows = rows.join("\n");
    let alone = zstd::bulk::compress(rows.as_bytes(), ZSTD_LEVEL).expect("packed").len();
    let before = kiosk.line.down.load(Ordering::Relaxed);
    let begun = Instant::now();
    kiosk.refresh(&county.runtime).expect("refreshed");
    let followed = begun.elapsed();
    let carried = kiosk.line.down.load(Ordering::Relaxed) - before;
    let before = kiosk.line.down.load(Ordering::Relaxed);
    kiosk.refresh(&county.runtime).expect("refreshed");
    kiosk.refresh(&county.runtime).expect("refreshed");
    let nothing = (kiosk.line.down.load(Ordering::Relaxed) - before) / 2;

    let seconds = |time: Duration| format!("{:.1} s", time.as_secs_f64());
    vec![
        row("100,000 postings published", "", seconds(published), "into an empty county.db"),
        row(
            "full feed of 100,000 postings over mutual TLS on loopback into the cache",
            "≥ 0.5 × bare bulk insert",
            format!("{ratio:.2} × ({} against {})", seconds(shown), seconds(bare)),
            "every page built, compressed, signed, carried, verified, checked, stored, until the last is \
             shown; the same rows inserted before and after",
        ),
        row(
            "bytes of that feed on the wire",
            "",
            format!(
                "{:.1} MB, {} bytes a posting",
                snapshot as f64 / 1e6,
                snapshot / POSTINGS as u64
            ),
            "all that comes down to the kiosk, TLS included",
        ),
        row(
            "a page for the next kiosk",
            "",
            spread(&mut kept),
            "100 pages that the county keeps, for another town: signed, carried, verified, parsed",
        ),
        row(
            "bytes on the wire after 1 % of the postings changed",
            "≤ 1.2 × zstd of the changed rows",
            format!(
                "{:.2} × ({carried} bytes against {alone}), {}",
                carried as f64 / alone as f64,
                seconds(followed)
            ),
            "all that comes down to the kiosk, handshake and three collections included; 1,000 rows \
             alone in one frame",
        ),
        row(
            "bytes on the wire when nothing changed",
            "",
            format!("{nothing} bytes"),
            "handshake and three answers",
        ),
    ]
}

/// A county that pushes its postings to all its kiosks over poor lines.
pub(crate) fn scenario() -> Vec<Row> {
    let wanted = std::env::var("POSTINGS").ok().and_then(|text| text.parse().ok());
    let count = wanted.unwrap_or(SCENARIO_POSTINGS);
    let county = Served::start();
    county.publish(&(0..count).map(generate).collect::<Vec<_>>());
    let kiosks: Vec<Kiosk> = (0..KIOSKS)
        .map(|number| county.kiosk(number, Line { poor: true, ..Line::default() }))
        .collect();
    let lines: Vec<_> = kiosks.iter().map(|kiosk| kiosk.line.clone()).collect();
    let runtime = county.runtime.handle().clone();
    let begun = Instant::now();
    let working: Vec<_> = kiosks
        .into_iter()
        .map(|mut kiosk| {
            let runtime = runtime.clone();
            thread::spawn(move || {
                let mut tries = 1;
                while let Err(stop) = kiosk.refresh_on(&runtime) {
                    assert!(matches!(stop, Stop::LinkDown | Stop::LinkTimeout), "{stop:?}");
                    tries += 1;
                    thread::sleep(Duration::from_secs(1));
                }
                let rows = kiosk.cache.status().expect("status")[0].rows;
                (begun.elapsed(), tries, rows)
            })
        })
        .collect();
    let ends: Vec<_> = working.into_iter().map(|one| one.join().expect("it ends")).collect();
    assert!(ends.iter().all(|(_, _, rows)| *rows == count as u64), "{ends:?}");
    let mut times: Vec<f64> = ends.iter().map(|(time, _, _)| time.as_secs_f64()).collect();
    times.sort_by(f64::total_cmp);
    let down: Vec<u64> = lines.iter().map(|line| line.down.load(Ordering::Relaxed)).collect();
    let broken: u32 = ends.iter().map(|(_, tries, _)| tries - 1).sum();
    let bytes = down.iter().sum::<u64>() as f64 / KIOSKS as f64;
    let busy: u64 = lines.iter().map(|line| line.busy.load(Ordering::Relaxed)).sum();
    let busy = busy as f64 / 1e9 / KIOSKS as f64;
    vec![
        row(
            &format!("{count} postings to {KIOSKS} kiosks of {KIOSKS} towns at once"),
            "",
            format!(
                "all there after {:.0} s, of which the line of one kiosk was busy for {busy:.0} s",
                times[KIOSKS - 1]
            ),
            "each line 512 kbit/s, 2 % of its segments stall it for 200 ms and are sent again, and \
             it breaks about every 2 MB; a relay in the program plays the lines, and all \
             caches are written on this one machine",
        ),
        row(
            "of it, on the line of one kiosk",
            "",
            format!(
                "{:.2} MB, {:.0} bytes a posting; {broken} breaks in all, each gone on from",
                bytes / 1e6,
                bytes / count as f64
            ),
            "all that comes down, sent again or not, TLS included",
        ),
    ]
}

/// A county with nothing but a feed.
struct Served {
    _server: Server,
    address: SocketAddr,
    authority: Authority,
    feed: Feed,
    home: TempDir,
    runtime: Runtime,
}

impl Served {
    fn start() -> Self {
        let home = tempfile::tempdir().expect("a directory");
        let runtime = Runtime::new().expect("a runtime");
        let authority = Authority::create(home.path()).expect("an authority");
        let feed = Feed::open(home.path()).expect("opened");
        let settings = ServerSettings {
            listen: ([127, 0, 0, 1], 0).into(),
            authority: authority.certificate().to_owned(),
            credentials: authority.issue_server(&["127.0.0.1".into()]).expect("issued"),
            limits: Limits::default(),
        };
        let county = County {
            core: Arc::new(NoCore),
            feed: feed.clone(),
            clock: Clock::System,
            queries: QueryRules::default(),
        };
        let server = Server::start(runtime.handle(), &settings, county).expect("started");
        let address = server.address();
        Self { _server: server, address, authority, feed, home, runtime }
    }

    fn publish(&self, postings: &[Posting]) {
        self.feed.publish(Listings::Postings(postings.to_vec())).expect("published");
    }

    /// A kiosk of its own town behind `line`.
    fn kiosk(&self, number: usize, line: Line) -> Kiosk {
        let home = tempfile::tempdir().expect("a directory");
        let line = Arc::new(line);
        let address = self.runtime.block_on(relay(self.address, line.clone(), number as u64));
        let town = DivisionCode::parse(&format!("5105991{number:02}")).expect("a code");
        let issued = self.authority.issue_kiosk(&format!("kiosk-{number}"), Some(&town));
        let (certificate, key) = (home.path().join("k.pem"), home.path().join("k.key"));
        issued.expect("issued").write(&certificate, &key).expect("written");
        let settings = LinkSettings {
            url: format!("https://{address}"),
            authority: self.home.path().join("ca.pem"),
            certificate,
            key,
            feed_key: signing::public_path(self.home.path()),
        };
        let client = Client::new(&settings).expect("a client");
        let cache = Cache::open(home.path()).expect("a cache");
        Kiosk { client, cache, line, _home: home }
    }
}

struct Kiosk {
    client: Client,
    cache: Cache,
    line: Arc<Line>,
    _home: TempDir,
}

impl Kiosk {
    fn refresh(&mut self, runtime: &Runtime) -> Result<(), Stop> {
        self.refresh_on(runtime.handle())
    }

    fn refresh_on(&mut self, runtime: &tokio::runtime::Handle) -> Result<(), Stop> {
        let refresh = listings::refresh(&self.client, &mut self.cache, &Clock::System, |_| {});
        runtime.block_on(refresh).map(drop)
    }
}

/// The line between one kiosk and the county.
#[derive(Default)]
struct Line {
    /// Whether it is slow and loses segments.
    poor: bool,
    /// Bytes that came down.
    down: AtomicU64,
    /// Nanoseconds for which something was on its way down.
    busy: AtomicU64,
    /// When what was put on it is through: down and up.
    free: [Mutex<Option<Instant>>; 2],
    drawn: AtomicU64,
}

impl Line {
    /// When `bytes` more are through.
    fn put(&self, bytes: usize, up: bool) -> Option<Instant> {
        if !self.poor {
            return None;
        }
        let mut free = self.free[usize::from(up)].lock().expect("sound");
        let once = Duration::from_secs_f64(bytes as f64 / BYTES_A_SECOND);
        let mut takes = once;
        if self.draw() % 100 < LOST {
            takes += once + RESENT_AFTER;
            if !up {
                self.down.fetch_add(bytes as u64, Ordering::Relaxed);
            }
        }
        if !up {
            let nanos = u64::try_from(takes.as_nanos()).unwrap_or(u64::MAX);
            self.busy.fetch_add(nanos, Ordering::Relaxed);
        }
        let through = free.map_or_else(Instant::now, |free| free.max(Instant::now())) + takes;
        *free = Some(through);
        Some(through)
    }

    fn draw(&self) -> u64 {
        let step = self.drawn.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        let mixed = (step ^ (step >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB) >> 33
    }
}

/// A relay to `county` over `line`; its address.
async fn relay(county: SocketAddr, line: Arc<Line>, seed: u64) -> SocketAddr {
    line.drawn.store(seed << 32, Ordering::Relaxed);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let Ok(far) = TcpStream::connect(county).await else { continue };
            tokio::spawn(carry(near, far, line.clone()));
        }
    });
    address
}

async fn carry(near: TcpStream, far: TcpStream, line: Arc<Line>) {
    for stream in [&near, &far] {
        stream.set_nodelay(true).expect("set");
    }
    let (mut from_kiosk, mut to_kiosk) = near.into_split();
    let (mut from_county, mut to_county) = far.into_split();
    let up = async {
        let mut segment = [0; SEGMENT];
        while let Ok(length @ 1..) = from_kiosk.read(&mut segment).await {
            if let Some(through) = line.put(length, true) {
                sleep_until(through.into()).await;
            }
            if to_county.write_all(&segment[..length]).await.is_err() {
                return;
            }
        }
    };
    let down = async {
        let mut segment = [0; SEGMENT];
        while let Ok(length @ 1..) = from_county.read(&mut segment).await {
            line.down.fetch_add(length as u64, Ordering::Relaxed);
            if let Some(through) = line.put(length, false) {
                sleep_until(through.into()).await;
                if line.draw().is_multiple_of(BROKEN_AFTER / SEGMENT as u64) {
                    return;
                }
            }
            if to_kiosk.write_all(&segment[..length]).await.is_err() {
                return;
            }
        }
    };
    // Either end closes both.
    tokio::select! {
        () = up => {}
        () = down => {}
    }
}
