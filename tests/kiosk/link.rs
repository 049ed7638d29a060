//! The link against the real county service: mutual TLS on loopback, nothing mocked.

use std::{collections::BTreeMap, sync::Arc};

use kiosk_base::{
    domain::{Fen, Stop},
    wire::{Collection, FeedBody, v1::Heartbeat},
};
use kiosk_county::{
    County, CountyError, Feed, Limits, Listings, QueryRules, Server, ServerSettings,
    authority::Purpose,
    content::Content,
    core::{CoreAnswer, CoreError, CoreQuery, CoreSystem, NoCore},
    invented::InventedCore,
};
use renshe_kiosk::link::{Client, Identity, LinkSettings};
use tokio::{runtime::Handle, sync::Notify};

use crate::support::{self, Parties, guarded, query, query_a, query_b};

mod description;
mod faults;
mod feed;
mod histories;
mod identity;
mod raw;
mod revoked;
mod siege;

#[tokio::test]
async fn an_account_arrives_whole() {
    let county = support::county(&Handle::current());
    let account = guarded(county.client.account(&query_a())).await.expect("an answer");
    assert_eq!(account.number, query_a().number);
    let pension = &account.participations[0];
    assert_eq!(pension.balance, Some(Fen(1_390_000)));
    assert_eq!(pension.contributions.len(), 2);
    assert_eq!(pension.benefit.as_ref().expect("drawn").monthly, Fen(24_300));
    assert_eq!(account.certification.expect("due").next, jiff::civil::date(2027, 1, 2));
}

#[tokio::test]
async fn a_card_with_another_dot_in_the_name_is_the_same_person() {
    let county = support::county(&Handle::current());
    let query = query("51059919610320058X", "测试•阿依");
    guarded(county.client.account(&query)).await.expect("an answer");
}

#[tokio::test]
async fn strangers_and_wrong_names_are_one_answer() {
    let county = support::county(&Handle::current());
    let stop = async |query| guarded(county.client.account(&query)).await.expect_err("none").stop;
    assert_eq!(stop(query("11010519491231002X", "测试丙")).await, Stop::PersonUnknown);
    assert_eq!(stop(query("510599198507150012", "测试乙")).await, Stop::PersonUnknown);
}

#[tokio::test]
async fn a_heartbeat_brings_the_countys_time() {
    let county = support::county(&Handle::current());
    let heartbeat = Heartbeat {
        version: "0.1.0\nforged line".into(),
        uptime_s: 60,
        reader_ready: true,
        rows: BTreeMap::from([("postings".to_owned(), 30)]),
        stops: vec!["R01".into()],
        feed_keys: county.client.feed_key_ids(),
        ..Heartbeat::default()
    };
    let reply = guarded(county.client.heartbeat(&heartbeat)).await.expect("an answer");
    assert_eq!(reply.now, support::clock().now());
}

#[tokio::test]
async fn a_kiosk_follows_the_feed_with_its_tombstones() {
    let county = support::county(&Handle::current());
    let mut cache = BTreeMap::new();
    let mut cursor = follow(&county.client, &mut cache, 0).await;
    assert_eq!(cache.len(), 30);

    let content = support::content().join("postings.json");
    let content = Content::read(Collection::Postings, &content).expect("read");
    let Listings::Postings(mut items) = content.listings else { panic!("postings") };
    items.remove(7);
    items[0].title = "改过的岗位".into();
    let feed = Feed::open(county.home.path()).expect("opened");
    let done = feed.publish(Listings::Postings(items.clone())).expect("published");
    assert_eq!((done.changed, done.removed, done.unchanged), (1, 1, 28));

    cursor = follow(&county.client, &mut cache, cursor).await;
    assert_eq!(cursor, 32, "only the two changes were numbered anew");
    let expected: BTreeMap<_, _> =
        items.iter().map(|p| (p.id.as_str().to_owned(), p.title.clone())).collect();
    assert_eq!(cache, expected);

    let trainings = guarded(county.client.feed_page(Collection::Trainings, 0)).await;
    assert_eq!(trainings.expect("a page").items.len(), 3);
}

/// Applies pages to a map of ids and titles until the head is reached; returns the cursor.
async fn follow(client: &Client, cache: &mut BTreeMap<String, String>, since: u64) -> u64 {
    let mut cursor = since;
    loop {
        let page = guarded(client.feed_page(Collection::Postings, cursor)).await.expect("a page");
        for item in page.items {
            match item.body {
                Some(FeedBody::Posting(posting)) => cache.insert(item.id, posting.title),
                Some(other) => panic!("{other:?} among the postings"),
                None => cache.remove(&item.id),
            };
        }
        cursor = page.next;
        if page.next == page.head {
            return cursor;
        }
    }
}

#[tokio::test]
async fn a_new_county_database_is_told_by_its_epoch() {
    let county = support::county(&Handle::current());
    let page = guarded(county.client.feed_page(Collection::Postings, 1_000)).await.expect("a page");
    assert_eq!((page.items.len(), page.next, page.head), (0, 30, 30));
}

#[tokio::test]
async fn the_wrong_authority_is_refused() {
    let county = support::county(&Handle::current());
    let strangers = Parties::new();
    let address = county.demonstration.server.address();
    // The kiosk trusts another authority than the one that certified the county.
    let settings = LinkSettings {
        authority: strangers.settings(address).authority,
        ..county.settings.clone()
    };
    assert_eq!(stop(&settings).await, Stop::LinkWrongAuthority);
    // The county trusts another authority than the one that certified the kiosk.
    let settings =
        LinkSettings { authority: county.settings.authority, ..strangers.settings(address) };
    assert_eq!(stop(&settings).await, Stop::LinkClientRefused);
}

#[tokio::test]
async fn wrong_names_and_times_in_certificates_are_told_apart() {
    let parties = Parties::new();
    let other = parties.authority.issue_server(&["other.example".into()]).expect("issued");
    let (_kept, address) = start(&parties, other, Arc::new(NoCore));
    assert_eq!(stop(&parties.settings(address)).await, Stop::LinkWrongName);

    for (from, until) in [("2024-01-01", "2025-01-01"), ("2090-01-01", "2091-01-01")] {
        let dated = parties.dated(Purpose::Server, from, until);
        let (_kept, address) = start(&parties, dated, Arc::new(NoCore));
        assert_eq!(stop(&parties.settings(address)).await, Stop::LinkServerExpired);
    }
    // A kiosk's certificate is none for a server.
    let purpose = parties.dated(Purpose::Kiosk, "2026-01-01", "2090-01-01");
    let (_kept, address) = start(&parties, purpose, Arc::new(NoCore));
    assert_eq!(stop(&parties.settings(address)).await, Stop::LinkWrongAuthority);
}

#[tokio::test]
async fn an_own_certificate_that_ran_out_is_renewed_without_a_restart() {
    let parties = Parties::new();
    let (_server, address) = start(&parties, parties.server(), invented());
    let old = parties.dated(Purpose::Kiosk, "2024-01-01", "2025-01-01");
    let settings = parties.settings_with(address, &old);
    let identity = Identity::read(&settings).expect("readable");
    assert!(identity.days_left(support::clock().now()) < 0);
    assert!(identity.authority_days_left(support::clock().now()) > 3_000);

    let client = Client::new(&settings).expect("a client");
    let error = guarded(client.account(&query_b())).await.expect_err("refused");
    assert_eq!(error.stop, Stop::LinkOwnExpired, "{error}");

    parties.settings(address);
    client.reload_identity().expect("the new one");
    guarded(client.account(&query_b())).await.expect("an answer");
}

#[tokio::test]
async fn a_county_without_a_core_says_so_and_still_serves_the_feed() {
    let parties = Parties::new();
    let (_server, address) = start(&parties, parties.server(), Arc::new(NoCore));
    let client = parties.client(address);
    let error = guarded(client.account(&query_b())).await.expect_err("no core");
    // Coming again in a few minutes would bring nothing.
    assert_eq!(error.stop, Stop::CoreAbsent);
    assert!(!error.stop.entry().resident.contains("分钟"));
    let page = guarded(client.feed_page(Collection::Postings, 0)).await.expect("a page");
    assert_eq!(page.head, 0);
}

#[tokio::test]
async fn a_kiosk_that_queries_without_end_is_slowed_down() {
    let parties = Parties::new();
    let county = County {
        queries: QueryRules { per_minute: 3, ..QueryRules::default() },
        ..county_of(&parties, invented())
    };
    let server = Server::start(&Handle::current(), &listen(&parties, parties.server()), county)
        .expect("started");
    let client = parties.client(server.address());
    guarded(client.account(&query_b())).await.expect("the first");
    let error = guarded(client.account(&query_b())).await.expect_err("too many");
    assert_eq!(error.stop, Stop::LinkBusy);
    assert!(client.retry_after().is_some());
}

#[tokio::test]
async fn a_county_killed_mid_query_and_restarted_needs_nobodys_help() {
    let parties = Parties::new();
    let core = Arc::new(Waiting::default());
    let (server, address) = start(&parties, parties.server(), core.clone());
    let client = parties.client(address);
    let asking = tokio::spawn({
        let client = client.clone();
        async move { client.account(&query_b()).await }
    });
    guarded(core.asked.notified()).await;
    drop(server);
    let error = guarded(asking).await.expect("no panic").expect_err("cut off");
    assert_eq!(error.stop, Stop::LinkDown, "{error}");

    let settings = ServerSettings { listen: address, ..listen(&parties, parties.server()) };
    let _server = guarded(async {
        loop {
            let county = county_of(&parties, invented());
            match Server::start(&Handle::current(), &settings, county) {
                Ok(server) => return server,
                // The old socket closes as soon as its task has been dropped.
                Err(CountyError::Listen { .. }) => tokio::task::yield_now().await,
                Err(error) => panic!("{error}"),
            }
        }
    })
    .await;
    guarded(client.account(&query_b())).await.expect("an answer as before");
}

#[tokio::test]
async fn a_county_that_ends_in_order_finishes_its_answers() {
    let parties = Parties::new();
    let core = Arc::new(Waiting::default());
    let (server, address) = start(&parties, parties.server(), core.clone());
    let client = parties.client(address);
    let asking = tokio::spawn(async move { client.account(&query_b()).await });
    guarded(core.asked.notified()).await;
    let ending = tokio::spawn(server.shutdown());
    // Nobody new gets in any more; then the core answers.
    guarded(async {
        while tokio::net::TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    core.answer.notify_one();
    let error = guarded(asking).await.expect("no panic").expect_err("the core's answer");
    assert_eq!(error.stop, Stop::PersonUnknown, "{error}");
    guarded(ending).await.expect("drained");
}

#[tokio::test]
async fn where_nobody_listens_the_link_is_down() {
    let parties = Parties::new();
    let listener = std::net::TcpListener::bind(support::ANY_PORT).expect("bound");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    assert_eq!(stop(&parties.settings(address)).await, Stop::LinkDown);
    let nameless = LinkSettings {
        url: "https://no-such-host.invalid:8443".into(),
        ..parties.settings(address)
    };
    assert_eq!(stop(&nameless).await, Stop::LinkDown);
}

#[test]
fn settings_that_cannot_work_are_named() {
    let parties = Parties::new();
    let good = parties.settings(support::ANY_PORT);
    let other = Parties::new().authority.issue_kiosk("other", None).expect("issued");
    let stray = parties.home.path().join("stray.key");
    std::fs::write(&stray, &*other.key).expect("written");
    for (bad, named) in [
        (LinkSettings { url: "http://127.0.0.1:1".into(), ..good.clone() }, "link.url"),
        (LinkSettings { url: "https://h:1/path".into(), ..good.clone() }, "link.url"),
        (LinkSettings { key: stray, ..good.clone() }, "stray.key"),
        (LinkSettings { authority: good.key.clone(), ..good.clone() }, "k.key"),
        (LinkSettings { certificate: "absent.pem".into(), ..good.clone() }, "absent.pem"),
        (LinkSettings { feed_key: "absent.pub".into(), ..good.clone() }, "absent.pub"),
        (LinkSettings { feed_key: good.key.clone(), ..good.clone() }, "k.key"),
    ] {
        let error = Client::new(&bad).expect_err(named);
        assert_eq!(error.stop, Stop::ConfigWrong);
        assert!(error.detail.contains(named), "{error}");
    }
}

/// The stop with which a query through `settings` ends.
async fn stop(settings: &LinkSettings) -> Stop {
    let client = Client::new(settings).expect("a client");
    let error = guarded(client.account(&query_b())).await.expect_err("refused");
    assert!(!error.detail.contains("510599"), "no number in a log: {error}");
    error.stop
}

/// A county service of `parties` with these credentials, on any port.
fn start(
    parties: &Parties,
    credentials: kiosk_county::Credentials,
    core: Arc<dyn CoreSystem>,
) -> (Server, std::net::SocketAddr) {
    let settings = listen(parties, credentials);
    let server = Server::start(&Handle::current(), &settings, county_of(parties, core));
    let server = server.expect("started");
    let address = server.address();
    (server, address)
}

fn listen(parties: &Parties, credentials: kiosk_county::Credentials) -> ServerSettings {
    let authority = parties.authority.certificate().to_owned();
    ServerSettings { listen: support::ANY_PORT, authority, credentials, limits: Limits::default() }
}

fn county_of(parties: &Parties, core: Arc<dyn CoreSystem>) -> County {
    let feed = Feed::open(parties.home.path()).expect("opened");
    County {
        core,
        feed,
        clock: support::clock(),
        queries: QueryRules { per_minute: 30, ..QueryRules::default() },
    }
}

fn invented() -> Arc<InventedCore> {
    let residents = support::content().join("residents");
    Arc::new(InventedCore::read(&residents, support::clock()).expect("read"))
}

/// A core system that answers when told to.
#[derive(Default)]
struct Waiting {
    asked: Notify,
    answer: Notify,
}

impl CoreSystem for Waiting {
    fn account<'a>(&'a self, _query: &'a CoreQuery) -> CoreAnswer<'a> {
        Box::pin(async {
            self.asked.notify_one();
            self.answer.notified().await;
            Err(CoreError::NotFound)
        })
    }
}
