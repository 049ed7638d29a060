//! The feed over the link: signed, compressed, unchanged, targeted, cut off and lied about. The
//! county is the real one, or a few lines over TLS that have the county's signing key.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use kiosk_base::{
    clock::Clock,
    domain::{DivisionCode, Posting, PostingId, Stop},
    wire::{
        Audience, Collection, FEED_SIGNATURE, FeedBody, FeedItem, FeedPage, signed_page,
        signed_unchanged, v1,
    },
};
use kiosk_county::{
    Authority, County, Feed, FeedKey, Limits, Listings, QueryRules, Server, ServerSettings,
    Targets, Towns, core::NoCore, signing,
};
use renshe_kiosk::{
    link::{Client, Identity, LinkSettings},
    listings::{self, Cache, Filters, Progress, Query, Refreshed, Tile},
};
use rustls::version::TLS13;
use tempfile::TempDir;
use tokio::{io::AsyncWriteExt, runtime::Handle};

use super::faults::{Scripted, request, scripted};
use crate::support::{self, Parties, guarded};

const ONE: &str = "510599100";
const TWO: &str = "510599101";

// The real county.

#[tokio::test(flavor = "multi_thread")]
async fn a_new_kiosk_gets_the_present_set_and_then_only_changes() {
    let county = Towned::start();
    let set = |from: u32, to: u32| (from..to).map(|i| posting(i, "普工")).collect::<Vec<_>>();
    county.publish(set(0, 2_200), &Targets::default());
    // What is gone before the kiosk comes need not be told.
    county.publish(set(100, 2_200), &Targets::default());
    let mut kiosk = county.kiosk("one", Some(ONE));
    let (refreshed, steps) = kiosk.refresh().await;
    assert_eq!(refreshed.map(|r| r.changed), Ok(2_100));
    assert_eq!(kiosk.ids().len(), 2_100);
    let postings = steps.iter().filter(|p| p.collection == Collection::Postings);
    let done: Vec<_> = postings.map(|p| (p.done, p.total)).collect();
    assert_eq!(done, [(1_100, 2_300), (2_100, 2_300), (2_300, 2_300)]);

    assert_eq!(kiosk.refresh().await.0.map(|r| r.changed), Ok(0));
    county.publish(set(101, 2_201), &Targets::default());
    assert_eq!(kiosk.refresh().await.0.map(|r| r.changed), Ok(2));
    assert_eq!(kiosk.ids().len(), 2_100);
}

#[tokio::test(flavor = "multi_thread")]
async fn items_for_some_towns_reach_those_and_leave_them_again() {
    let county = Towned::start();
    let mut targets = Targets::default();
    targets.by_id.insert(id(1), Towns::parse([ONE]).expect("a town"));
    targets.by_id.insert(id(2), Towns::parse([ONE, TWO]).expect("towns"));
    let all = || (0..3).map(|i| posting(i, "普工")).collect::<Vec<_>>();
    county.publish(all(), &targets);
    let mut kiosks = [
        county.kiosk("one", Some(ONE)),
        county.kiosk("village", Some("510599100201")),
        county.kiosk("two", Some(TWO)),
        county.kiosk("nowhere", None),
    ];
    let mut seen = Vec::new();
    for kiosk in &mut kiosks {
        kiosk.refresh().await.0.expect("refreshed");
        seen.push(kiosk.ids());
    }
    let ids = |numbers: &[u32]| numbers.iter().map(|i| id(*i)).collect::<Vec<_>>();
    assert_eq!(seen, [ids(&[0, 1, 2]), ids(&[0, 1, 2]), ids(&[0, 2]), ids(&[0])]);

    // Taken from one town and given to the other; and one more for all.
    targets.by_id.insert(id(1), Towns::parse([TWO]).expect("a town"));
    targets.by_id.remove(&id(2));
    county.publish(all(), &targets);
    let mut seen = Vec::new();
    for kiosk in &mut kiosks {
        kiosk.refresh().await.0.expect("refreshed");
        seen.push(kiosk.ids());
    }
    assert_eq!(seen, [ids(&[0, 2]), ids(&[0, 2]), ids(&[0, 1, 2]), ids(&[0, 2])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kiosk_that_is_moved_to_another_town_begins_again() {
    let county = Towned::start();
    let mut targets = Targets::default();
    targets.by_id.insert(id(0), Towns::parse([ONE]).expect("a town"));
    targets.by_id.insert(id(1), Towns::parse([TWO]).expect("a town"));
    county.publish(vec![posting(0, "普工"), posting(1, "普工"), posting(2, "普工")], &targets);
    let mut kiosk = county.kiosk("one", Some(ONE));
    kiosk.refresh().await.0.expect("refreshed");
    assert_eq!(kiosk.ids(), [id(0), id(2)]);
    assert_eq!(
        Identity::read(&kiosk.settings).expect("readable").division,
        DivisionCode::parse(ONE).ok()
    );

    county.enrol("moved", Some(TWO), &kiosk.settings);
    kiosk.client.reload_identity().expect("the new certificate");
    // The connection that shows the old one is kept for a moment; this one is new.
    kiosk.client = Client::new(&kiosk.settings).expect("a client");
    kiosk.refresh().await.0.expect("refreshed");
    assert_eq!(kiosk.ids(), [id(1), id(2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_signing_key_is_a_change_of_a_file() {
    let county = Towned::start();
    county.publish(vec![posting(0, "普工")], &Targets::default());
    let mut kiosk = county.kiosk("one", Some(ONE));
    kiosk.refresh().await.0.expect("refreshed");

    FeedKey::announce(county.home.path()).expect("announced");
    // As every step of a change does.
    drop(Feed::open(county.home.path()).expect("opened"));
    FeedKey::switch(county.home.path()).expect("switched");
    let county = county.again();
    county.publish(vec![posting(0, "焊工"), posting(1, "普工")], &Targets::default());
    // The kiosk has the old file still: it shows what it has and says why.
    kiosk.settings.url = county.url();
    kiosk.client = Client::new(&kiosk.settings).expect("a client");
    let (refused, steps) = kiosk.refresh().await;
    assert_eq!(refused, Err(Stop::FeedForged));
    let failed: Vec<_> = steps.iter().map(|p| (p.collection, p.failed)).collect();
    assert_eq!(failed, Collection::ALL.map(|c| (c, Some(Stop::FeedForged))));
    assert_eq!(kiosk.ids(), [id(0)]);

    let keys = std::fs::read(signing::public_path(county.home.path())).expect("published");
    std::fs::write(&kiosk.settings.feed_key, keys).expect("carried over");
    kiosk.client = Client::new(&kiosk.settings).expect("a client");
    kiosk.refresh().await.0.expect("refreshed");
    assert_eq!(kiosk.ids(), [id(0), id(1)]);
}

// Servers that have the key and misbehave.

#[tokio::test]
async fn pages_that_are_not_signed_for_this_place_are_refused() {
    let parties = Parties::new();
    let stranger = tempfile::tempdir().expect("a directory");
    FeedKey::open_or_create(stranger.path()).expect("a key");
    let town = Audience::of(DivisionCode::parse(ONE).ok().as_ref());
    let body = json(&page(&[11], 11));
    let own = Audience::default();
    let by = |home: &TempDir, collection, since, audience, body: &str| {
        sign(home, &signed_page(collection, since, audience, &sha256(body.as_bytes())))
    };
    let (home, postings) = (&parties.home, Collection::Postings);
    let good = by(home, postings, 10, &own, &body);
    assert_eq!(stop_of(&parties, &signed("200 OK", "", &good, body.as_bytes())).await, None);
    let mut bent = good.clone();
    bent.replace_range(..2, if bent.starts_with("00") { "01" } else { "00" });
    let unchanged = sign(home, &signed_unchanged(postings, 10, &own, &body));
    for (what, signature) in [
        ("by another key", by(&stranger, postings, 10, &own, &body)),
        ("of another place", by(home, postings, 11, &own, &body)),
        ("of another collection", by(home, Collection::Trainings, 10, &own, &body)),
        ("of another town", by(home, postings, 10, &town, &body)),
        ("of another body", by(home, postings, 10, &own, &format!("{body} "))),
        ("of another kind", unchanged),
        ("spoilt", bent),
        ("too short", good[..126].to_owned()),
        ("no digits", "x".repeat(128)),
    ] {
        let stop = stop_of(&parties, &signed("200 OK", "", &signature, body.as_bytes())).await;
        assert_eq!(stop, Some(Stop::FeedForged), "{what}");
    }
    let bare = format!("HTTP/1.1 200 OK\r\n{JSON}content-length: {}\r\n\r\n{body}", body.len());
    assert_eq!(stop_of(&parties, bare.as_bytes()).await, Some(Stop::FeedForged));
}

#[tokio::test]
async fn pages_that_cannot_be_taken_in_are_refused() {
    let parties = Parties::new();
    let home = &parties.home;
    let body = json(&page(&[11], 11)).into_bytes();
    let packed = zstd::bulk::compress(&body, 3).expect("packed");
    let sound = answer(home, 10, "content-encoding: zstd\r\n", &body, &packed);
    assert_eq!(stop_of(&parties, &sound).await, None);
    let blank = vec![b' '; 64 << 20];
    let bomb = zstd::bulk::compress(&blank, 1).expect("packed");
    assert!(bomb.len() < 64 << 10);
    let endless = vec![b' '; (4 << 20) + 1];
    for (what, answer) in [
        ("a bomb", answer(home, 10, "content-encoding: zstd\r\n", &blank, &bomb)),
        ("too large", answer(home, 10, "", &endless, &endless)),
        ("not packed", answer(home, 10, "content-encoding: zstd\r\n", &body, &body)),
        ("cut", answer(home, 10, "content-encoding: zstd\r\n", &body, &packed[..20])),
        ("packed otherwise", answer(home, 10, "content-encoding: gzip\r\n", &body, &packed)),
        ("no JSON", answer(home, 10, "", b"<html>", b"<html>")),
        ("another form", answer(home, 10, "", b"{}", b"{}")),
        ("304 unasked", b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec()),
    ] {
        assert_eq!(stop_of(&parties, &answer).await, Some(Stop::LinkNonsense), "{what}");
    }
    let portal = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>";
    assert_eq!(stop_of(&parties, portal).await, Some(Stop::LinkNonsense));
}

#[tokio::test]
async fn a_feed_that_goes_wrong_leaves_the_old_listings() {
    let good = FeedPage { epoch: "e".into(), ..page(&[1, 2], 2) };
    let notice = r#"{"epoch":"e","items":[{"seq":3,"id":"k","body":{"type":"training","value":{
        "id":"k","title":"","institution":"","occupation":"","enrol_from":"2026-01-01",
        "enrol_until":"2026-01-01","place":"","content":"","published":"2026-01-01","source":""}}}],
        "next":3,"head":3}"#;
    for (what, lie) in [
        ("backwards", json(&page(&[4, 3], 4))),
        ("a repeat", json(&page(&[3, 3], 3))),
        ("what was before", json(&page(&[1, 3], 3))),
        ("beyond the head", json(&FeedPage { head: 2, ..page(&[3], 3) })),
        ("nothing more, for ever", json(&FeedPage { head: 9, ..page(&[], 2) })),
        ("an earlier cursor", json(&FeedPage { head: 9, ..page(&[], 1) })),
        ("another collection", notice.to_owned()),
        ("no epoch", json(&FeedPage { epoch: String::new(), ..page(&[3], 3) })),
    ] {
        let parties = Parties::new();
        let lying = Arc::new(AtomicUsize::new(0));
        let (first, wrong) = (json(&good), lie.clone());
        let server = serving(&parties, {
            let lying = lying.clone();
            move |home, asked| match (asked.collection, lying.load(Ordering::SeqCst)) {
                (Collection::Postings, 0) => asked.page(home, &first),
                (Collection::Postings, _) => asked.page(home, &wrong),
                _ => asked.page(home, &json(&page(&[], 0))),
            }
        })
        .await;
        let mut kiosk = Kiosk::of(&parties, &server);
        kiosk.refresh().await.0.expect("the first page");
        assert_eq!(kiosk.ids(), [id(1), id(2)]);
        lying.store(1, Ordering::SeqCst);
        let (refused, steps) = kiosk.refresh().await;
        assert_eq!(refused, Err(Stop::FeedDisorder), "{what}");
        assert_eq!(kiosk.ids(), [id(1), id(2)], "{what}");
        // The others were brought up to date all the same.
        let failed: Vec<_> = steps.iter().map(|p| (p.collection, p.failed)).collect();
        let [postings, trainings, fairs] = Collection::ALL;
        let expected = [(postings, Some(Stop::FeedDisorder)), (trainings, None), (fairs, None)];
        assert_eq!(failed, expected, "{what}");
    }
}

/// What a newer county says besides is left, a class that nobody knows here is 其他, and an item of a kind
/// that nobody knows stops no feed.
#[tokio::test]
async fn a_county_that_publishes_more_is_understood() {
    let parties = Parties::new();
    let newer = v1::FeedPage::from(page(&[1, 2, 3], 3));
    let mut newer = serde_json::to_value(newer).expect("plain data");
    newer["valid_until"] = "2027-01-01".into();
    newer["items"][0]["body"]["value"]["class"] = "robots".into();
    newer["items"][1]["body"] =
        serde_json::json!({"type": "apprenticeship", "value": {"id": "p-0002"}});
    newer["items"][2]["shown_first"] = true.into();
    let newer = newer.to_string();
    let server = serving(&parties, move |home, asked| match asked.collection {
        Collection::Postings if asked.since == 0 => asked.page(home, &newer),
        _ => asked.page(home, &json(&page(&[], asked.since))),
    })
    .await;
    let mut kiosk = Kiosk::of(&parties, &server);
    assert!(kiosk.refresh().await.0.is_ok());
    assert_eq!(kiosk.ids(), [id(1), id(3)]);
    let mut reader = kiosk.cache.reader().expect("a reader");
    let filters = Filters { tile: Some(Tile::Other), ..Filters::default() };
    let query = Query { filters, limit: 9, ..Query::default() };
    let found = reader.postings(&query, jiff::civil::date(2026, 11, 23)).expect("found");
    let robots =
        found.rows.iter().find(|posting| posting.id.as_str() == id(1)).expect("it is there");
    assert_eq!(robots.class.map(|class| class.as_str().to_owned()), Some("robots".to_owned()));
}

/// Every byte of an answer is once the last that comes.
#[tokio::test]
async fn a_page_cut_at_any_byte_is_fetched_again() {
    let parties = Parties::new();
    let cut = Arc::new(Mutex::new(Some(0)));
    let server = serving(&parties, {
        let cut = cut.clone();
        move |home, asked| {
            let page = match (asked.collection, asked.since) {
                (Collection::Postings, 0) => FeedPage { head: 2, ..page(&[1], 1) },
                (Collection::Postings, _) => page(&[2], 2),
                _ => page(&[], 0),
            };
            let body = json(&page).into_bytes();
            let packed = zstd::bulk::compress(&body, 3).expect("packed");
            let whole = answer_to(home, asked, "content-encoding: zstd\r\n", &body, &packed);
            let second = (asked.collection, asked.since) == (Collection::Postings, 1);
            match *cut.lock().expect("sound") {
                Some(at) if second => whole[..whole.len().min(at)].to_vec(),
                _ => whole,
            }
        }
    })
    .await;
    let mut kiosk = Kiosk::of(&parties, &server);
    let mut cuts = 0;
    loop {
        *cut.lock().expect("sound") = Some(cuts);
        match kiosk.refresh().await.0 {
            Err(Stop::LinkDown | Stop::LinkNonsense) => {
                assert_eq!(kiosk.ids(), [id(1)], "cut after {cuts} bytes");
            }
            Ok(refreshed) => {
                assert_eq!(refreshed.changed, 1);
                break;
            }
            Err(other) => panic!("cut after {cuts} bytes: {other:?}"),
        }
        cuts += 1;
    }
    assert!(cuts > 300, "head and body are longer than {cuts} bytes");
    assert_eq!(kiosk.ids(), [id(1), id(2)]);
}

#[tokio::test]
async fn a_county_that_asks_for_a_moment_in_between_gets_it() {
    let parties = Parties::new();
    let asked_before = Arc::new(AtomicUsize::new(0));
    let server = serving(&parties, move |home, asked| {
        let busy = asked.since == 1 && asked_before.fetch_add(1, Ordering::SeqCst) == 0;
        if busy {
            let head = "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\n";
            return format!("{head}content-length: 0\r\nconnection: close\r\n\r\n").into_bytes();
        }
        asked.page(
            home,
            &json(&match (asked.collection, asked.since) {
                (Collection::Postings, 0) => FeedPage { head: 2, ..page(&[1], 1) },
                (Collection::Postings, _) => page(&[2], 2),
                _ => page(&[], 0),
            }),
        )
    })
    .await;
    let mut kiosk = Kiosk::of(&parties, &server);
    assert_eq!(kiosk.refresh().await.0.map(|r| r.changed), Ok(2));
    assert_eq!(kiosk.ids(), [id(1), id(2)]);
}

#[tokio::test]
async fn a_county_that_asks_for_a_long_wait_is_left_alone() {
    let parties = Parties::new();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let server = serving(&parties, move |_, _| {
        count.fetch_add(1, Ordering::SeqCst);
        let head = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 3600\r\n";
        format!("{head}content-length: 0\r\nconnection: close\r\n\r\n").into_bytes()
    })
    .await;
    let mut kiosk = Kiosk::of(&parties, &server);
    for _ in 0..3 {
        assert_eq!(kiosk.refresh().await.0, Err(Stop::LinkBusy));
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    let wait = kiosk.client.feed_retry_after().expect("a wait").as_secs();
    assert!((500..=600).contains(&wait), "an hour is more than a county may ask for: {wait}");
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let parties = Parties::new();
    let (lie, heads) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
    let server = serving(&parties, {
        let (lie, heads) = (lie.clone(), heads.clone());
        move |home, asked| {
            let known = asked.head.to_ascii_lowercase().contains("if-none-match: w/\"tag\"");
            heads.lock().expect("sound").push((asked.since, known));
            let nothing = json(&FeedPage { head: 1, ..page(&[], 1) });
            match (asked.since, known) {
                (0, _) => asked.page(home, &json(&page(&[1], 1))),
                (_, false) => {
                    let body = nothing.as_bytes();
                    answer_to(home, asked, "etag: W/\"tag\"\r\n", body, body)
                }
                (_, true) => {
                    let tag = ["W/\"tag\"", "W/\"other\""][lie.load(Ordering::SeqCst)];
                    let own = Audience::default();
                    let signed = signed_unchanged(asked.collection, asked.since, &own, tag);
                    let signature = sign(home, &signed);
                    format!("HTTP/1.1 304 Not Modified\r\n{FEED_SIGNATURE}: {signature}\r\nconnection: close\r\n\r\n")
                        .into_bytes()
                }
            }
        }
    })
    .await;
    let client = parties.client(server.address);
    let fetch = async |since| guarded(client.feed_page(Collection::Postings, since)).await;
    assert_eq!(fetch(0).await.expect("a page").items.len(), 1);
    let settled = fetch(1).await.expect("nothing new");
    assert_eq!(fetch(1).await, Ok(settled.clone()), "the same from memory");
    assert_eq!(fetch(1).await, Ok(settled));
    // A tag is for its place only.
    fetch(0).await.expect("a page");
    assert_eq!(
        *heads.lock().expect("sound"),
        [(0, false), (1, false), (1, true), (1, true), (0, false)]
    );
    fetch(1).await.expect("nothing new");
    lie.store(1, Ordering::SeqCst);
    assert_eq!(fetch(1).await.expect_err("not signed for this tag").stop, Stop::FeedForged);
}

// The county side.

/// A county with nothing but a feed, on loopback.
struct Towned {
    server: Server,
    authority: Authority,
    feed: Feed,
    home: TempDir,
}

impl Towned {
    fn start() -> Self {
        Self::at(tempfile::tempdir().expect("a directory"))
    }

    /// The same county, started anew.
    fn again(self) -> Self {
        let Self { server, home, .. } = self;
        drop(server);
        Self::at(home)
    }

    fn at(home: TempDir) -> Self {
        let authority = Authority::open_or_create(home.path()).expect("an authority");
        let feed = Feed::open(home.path()).expect("opened");
        let settings = ServerSettings {
            listen: support::ANY_PORT,
            authority: authority.certificate().to_owned(),
            credentials: authority.issue_server(&["127.0.0.1".into()]).expect("issued"),
            limits: Limits::default(),
        };
        let county = County {
            core: Arc::new(NoCore),
            feed: feed.clone(),
            clock: support::clock(),
            queries: QueryRules::default(),
        };
        let server = Server::start(&Handle::current(), &settings, county).expect("started");
        Self { server, authority, feed, home }
    }

    fn url(&self) -> String {
        format!("https://{}", self.server.address())
    }

    fn publish(&self, items: Vec<Posting>, targets: &Targets) {
        self.feed.publish_to(Listings::Postings(items), targets).expect("published");
    }

    /// Writes a certificate and key to where `settings` looks for them.
    fn enrol(&self, name: &str, division: Option<&str>, settings: &LinkSettings) {
        let division = division.map(|code| DivisionCode::parse(code).expect("a code"));
        let issued = self.authority.issue_kiosk(name, division.as_ref()).expect("issued");
        std::fs::write(&settings.certificate, &issued.certificate).expect("written");
        std::fs::write(&settings.key, &*issued.key).expect("written");
    }

    fn kiosk(&self, name: &str, division: Option<&str>) -> Kiosk {
        let home = tempfile::tempdir().expect("a directory");
        let settings = LinkSettings {
            url: self.url(),
            authority: self.home.path().join("ca.pem"),
            certificate: home.path().join("kiosk.pem"),
            key: home.path().join("kiosk.key"),
            feed_key: signing::public_path(home.path()),
        };
        let keys = signing::public_path(self.home.path());
        std::fs::copy(keys, &settings.feed_key).expect("carried over");
        self.enrol(name, division, &settings);
        Kiosk::with(home, settings)
    }
}

/// A kiosk as far as the feed goes.
struct Kiosk {
    client: Client,
    cache: Cache,
    settings: LinkSettings,
    _home: TempDir,
}

impl Kiosk {
    fn of(parties: &Parties, server: &Scripted) -> Self {
        let home = tempfile::tempdir().expect("a directory");
        Self::with(home, parties.settings(server.address))
    }

    fn with(home: TempDir, settings: LinkSettings) -> Self {
        let client = Client::new(&settings).expect("a client");
        let cache = Cache::open(home.path()).expect("a cache");
        Self { client, cache, settings, _home: home }
    }

    async fn refresh(&mut self) -> (Result<Refreshed, Stop>, Vec<Progress>) {
        let mut steps = Vec::new();
        let clock = Clock::System;
        let done =
            listings::refresh(&self.client, &mut self.cache, &clock, |step| steps.push(step));
        (guarded(done).await, steps)
    }

    /// What is shown, by id.
    fn ids(&self) -> Vec<String> {
        let mut reader = self.cache.reader().expect("a reader");
        let mut ids: Vec<String> = Vec::new();
        loop {
            let query = Query { offset: ids.len(), limit: 200, ..Query::default() };
            let found = reader.postings(&query, jiff::civil::date(2026, 11, 23)).expect("found");
            if found.rows.is_empty() {
                assert_eq!(ids.len(), found.total);
                ids.sort();
                return ids;
            }
            ids.extend(found.rows.into_iter().map(|posting| String::from(posting.id)));
        }
    }
}

const JSON: &str = "content-type: application/json\r\nconnection: close\r\n";

/// What a kiosk asked a scripted server for.
struct Asked {
    collection: Collection,
    since: u64,
    head: String,
}

impl Asked {
    /// `/v1/feed/postings?since=7&…`
    fn read(head: String) -> Option<Self> {
        let path = head.split(' ').nth(1)?;
        let (name, query) = path.strip_prefix("/v1/feed/")?.split_once("?since=")?;
        let collection = Collection::ALL.into_iter().find(|c| c.as_str() == name)?;
        let since = query.split('&').next()?.parse().ok()?;
        Some(Self { collection, since, head })
    }

    /// `body` in answer to this, rightly signed.
    fn page(&self, home: &TempDir, body: &str) -> Vec<u8> {
        answer_to(home, self, "", body.as_bytes(), body.as_bytes())
    }
}

/// A server that has the county's key and answers the feed's requests as it likes, one a
/// connection.
async fn serving(
    parties: &Parties,
    answer: impl Fn(&TempDir, &Asked) -> Vec<u8> + Send + Sync + 'static,
) -> Scripted {
    let home = tempfile::tempdir().expect("a directory");
    for file in ["feed.key", "feed.pub"] {
        std::fs::copy(parties.home.path().join(file), home.path().join(file)).expect("copied");
    }
    let shared = Arc::new((home, answer));
    scripted(&parties.server(), &TLS13, move |mut stream| {
        let shared = shared.clone();
        async move {
            let Some(asked) = Asked::read(request(&mut stream).await) else { return };
            let (home, answer) = &*shared;
            let _ = stream.write_all(&answer(home, &asked)).await;
            let _ = stream.shutdown().await;
        }
    })
    .await
}

/// The stop with which a request for the postings after 10 ends that is answered so.
async fn stop_of(parties: &Parties, answer: &[u8]) -> Option<Stop> {
    let answer = answer.to_vec();
    let server = serving(parties, move |_, _| answer.clone()).await;
    let client = parties.client(server.address);
    let page = guarded(client.feed_page(Collection::Postings, 10)).await;
    page.err().map(|error| error.stop)
}

fn answer(home: &TempDir, since: u64, more: &str, body: &[u8], carried: &[u8]) -> Vec<u8> {
    let asked = Asked { collection: Collection::Postings, since, head: String::new() };
    answer_to(home, &asked, more, body, carried)
}

/// `carried` in answer to `asked`, signed as being `body`, with `more` lines in the head.
fn answer_to(home: &TempDir, asked: &Asked, more: &str, body: &[u8], carried: &[u8]) -> Vec<u8> {
    let own = Audience::default();
    let signature = sign(home, &signed_page(asked.collection, asked.since, &own, &sha256(body)));
    signed("200 OK", more, &signature, carried)
}

fn signed(status: &str, more: &str, signature: &str, carried: &[u8]) -> Vec<u8> {
    let length = carried.len();
    let head = format!("HTTP/1.1 {status}\r\n{JSON}{more}{FEED_SIGNATURE}: {signature}\r\n");
    [format!("{head}content-length: {length}\r\n\r\n").as_bytes(), carried].concat()
}

fn sign(home: &TempDir, message: &[u8]) -> String {
    let key = FeedKey::open_or_create(home.path()).expect("a key");
    let signature = key.sign(message).expect("signed");
    signature.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    digest.as_ref().try_into().expect("32 bytes")
}

/// A page with postings under these numbers that is the last one.
fn page(seqs: &[u32], next: u64) -> FeedPage {
    let item = |seq: &u32| FeedItem {
        seq: u64::from(*seq),
        id: id(*seq),
        body: Some(FeedBody::Posting(Box::new(posting(*seq, "普工")))),
    };
    FeedPage {
        epoch: "e".into(),
        items: seqs.iter().map(item).collect(),
        next,
        head: next,
        left_out: Vec::new(),
    }
}

fn json(page: &FeedPage) -> String {
    serde_json::to_string(&v1::FeedPage::from(page.clone())).expect("plain data")
}

fn id(number: u32) -> String {
    format!("p-{number:04}")
}

fn posting(number: u32, title: &str) -> Posting {
    let id = PostingId::parse(&id(number)).expect("an id");
    Posting::new(id, title, "测试厂", jiff::civil::date(2026, 11, 1), "测试")
}
