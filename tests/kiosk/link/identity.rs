//! One answer for one read, about the person whose document it was: against the real county
//! service, and against servers that answer otherwise.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use jiff::ToSpan;
use kiosk_base::{
    domain::{DocumentFacts, DocumentKind, Stop},
    wire::{
        AccountQuery,
        v1::{self, AccountAnswer, Heartbeat},
    },
};
use kiosk_county::{
    County, PinPolicy, QueryRules, Register, Server,
    core::{CoreAnswer, CoreError, CoreQuery, CoreSystem, NoCore},
    invented::InventedCore,
};
use renshe_kiosk::link::Client;
use rustls::version::TLS13;
use tokio::{io::AsyncWriteExt, runtime::Handle};

use super::{county_of, faults, listen, raw};
use crate::support::{self, Parties, guarded, query, query_a, query_b};

/// The body of a request.
fn captured(query: &AccountQuery) -> Vec<u8> {
    serde_json::to_vec(&v1::AccountQuery::from(query.clone())).expect("plain data")
}

#[tokio::test]
async fn a_captured_request_is_answered_once() {
    let county = support::county(&Handle::current());
    let query = query_a();
    let captured = captured(&query);
    let first = raw::post(&county, "/v1/accounts/query", &captured).await;
    assert!(first.starts_with("HTTP/1.1 200") && first.contains("participations"), "{first}");
    let (_, body) = first.split_once("\r\n\r\n").expect("a head and a body");
    let answer: AccountAnswer = serde_json::from_str(body).expect("an answer");
    assert_eq!(answer.read_id, query.read_id, "the answer says which read it is about");

    let again = raw::post(&county, "/v1/accounts/query", &captured).await;
    assert!(again.starts_with("HTTP/1.1 409") && again.contains("\"replayed\""), "{again}");
    assert!(!again.contains("participations"));
    // For another person the id is as used.
    let other = AccountQuery { read_id: query.read_id, ..query_b() };
    let error = guarded(county.client.account(&other)).await.expect_err("used");
    assert_eq!(error.stop, Stop::QueryStale);
    guarded(county.client.account(&query_b())).await.expect("a fresh one is answered");
}

#[tokio::test]
async fn a_query_of_another_time_is_not_answered() {
    let county = support::county(&Handle::current());
    let at = |seconds: i64| AccountQuery {
        read_at: support::clock().now().checked_add(seconds.seconds()).expect("a time"),
        ..query_b()
    };
    // The service began at its own fixed moment: what is older may have been answered before.
    for seconds in [-3_600, -1, 121, 86_400] {
        let error = guarded(county.client.account(&at(seconds))).await.expect_err("stale");
        assert_eq!(error.stop, Stop::QueryStale, "{seconds} s");
    }
    guarded(county.client.account(&at(120))).await.expect("its clock is two minutes fast");
}

#[tokio::test]
async fn a_number_that_no_such_document_carries_is_refused() {
    let county = support::county(&Handle::current());
    let facts = |kind| DocumentFacts { kind, valid_until: None, issue_count: None };
    let as_permit =
        AccountQuery { document: facts(DocumentKind::HkMacaoTaiwanPermit), ..query_b() };
    let error = guarded(county.client.account(&as_permit)).await.expect_err("no permit's number");
    assert_eq!(error.stop, Stop::LinkServerError);
    let as_card = AccountQuery { document: facts(DocumentKind::SocialSecurityCard), ..query_b() };
    guarded(county.client.account(&as_card)).await.expect("cards carry the citizen's number");
}

#[tokio::test]
async fn one_person_is_asked_about_so_often_a_day() {
    let (_parties, server, client) =
        serving(QueryRules { per_person_per_day: 2, ..QueryRules::default() });
    for _ in 0..2 {
        guarded(client.account(&query_a())).await.expect("an answer");
    }
    let error = guarded(client.account(&query_a())).await.expect_err("too many");
    assert_eq!(error.stop, Stop::PersonLimit);
    assert!(client.retry_after().is_none(), "others need not wait");
    guarded(client.account(&query_b())).await.expect("another person");
    drop(server);
}

#[tokio::test]
async fn wrong_names_use_up_nobodys_queries() {
    let (_parties, server, client) =
        serving(QueryRules { per_person_per_day: 1, ..QueryRules::default() });
    for _ in 0..5 {
        let wrong = AccountQuery { name: "测试丁".into(), ..query_a() };
        let error = guarded(client.account(&wrong)).await.expect_err("a wrong name");
        assert_eq!(error.stop, Stop::PersonUnknown);
    }
    guarded(client.account(&query_a())).await.expect("the person's own");
    let wrong = AccountQuery { name: "测试丁".into(), ..query_a() };
    // Nor does it show to who does not know the name that they are used up.
    let error = guarded(client.account(&wrong)).await.expect_err("a wrong name");
    assert_eq!(error.stop, Stop::PersonUnknown);
    let error = guarded(client.account(&query_a())).await.expect_err("used up");
    assert_eq!(error.stop, Stop::PersonLimit);
    drop(server);
}

#[tokio::test]
async fn a_pin_under_a_wrong_name_locks_nobody_out() {
    let (_parties, server, client) =
        serving(QueryRules { pin: PinPolicy::Required, ..QueryRules::default() });
    for _ in 0..7 {
        let wrong =
            AccountQuery { name: "测试丁".into(), pin: Some("000000".into()), ..query_a() };
        let error = guarded(client.account(&wrong)).await.expect_err("a wrong name");
        assert_eq!(error.stop, Stop::PersonUnknown);
    }
    let right = AccountQuery { pin: Some("135790".into()), ..query_a() };
    guarded(client.account(&right)).await.expect("the person's own");
    drop(server);
}

#[tokio::test]
async fn failures_count_against_the_kiosk() {
    let (parties, server, client) =
        serving(QueryRules { failures_per_kiosk_per_day: 3, ..QueryRules::default() });
    let stranger = || query("11010519491231002X", "测试丙");
    let stop = async |client: &Client, query| {
        guarded(client.account(&query)).await.expect_err("refused").stop
    };
    assert_eq!(stop(&client, stranger()).await, Stop::PersonUnknown);
    for _ in 0..2 {
        let wrong = AccountQuery { name: "测试丁".into(), ..query_a() };
        assert_eq!(stop(&client, wrong).await, Stop::PersonUnknown);
    }
    assert_eq!(stop(&client, query_a()).await, Stop::KioskLimit);
    let other = parties.authority.issue_kiosk("other", None).expect("issued");
    let other = Client::new(&parties.settings_with(server.address(), &other)).expect("a client");
    guarded(other.account(&query_a())).await.expect("each kiosk has its own");
    let alarms = Register::open(parties.home.path()).expect("opened").alarms(1).expect("read");
    let spent = alarms.iter().filter(|one| one.kind == "budget_spent");
    assert_eq!(spent.map(|one| &*one.kiosk).collect::<Vec<_>>(), ["hall"]);
}

#[tokio::test]
async fn one_card_laid_again_and_again_does_not_close_the_hall() {
    let parties = Parties::new();
    let core = Arc::new(Stranger::default());
    let queries = QueryRules { failures_per_kiosk_per_day: 5, ..QueryRules::default() };
    let county = County { queries, ..county_of(&parties, core.clone()) };
    let server = Server::start(&Handle::current(), &listen(&parties, parties.server()), county);
    let server = server.expect("started");
    let client = parties.client(server.address());
    let stop =
        async |query: &AccountQuery| guarded(client.account(query)).await.expect_err("nobody").stop;
    for _ in 0..8 {
        assert_eq!(stop(&query_a()).await, Stop::PersonUnknown);
    }
    assert_eq!(core.0.load(Ordering::SeqCst), 3, "it has said so often enough");
    // Another name is another question, which costs what questions cost.
    let other = || AccountQuery { name: "测试丁".into(), ..query_a() };
    assert_eq!(stop(&other()).await, Stop::PersonUnknown);
    assert_eq!(stop(&query_b()).await, Stop::PersonUnknown);
    assert_eq!(stop(&query_b()).await, Stop::KioskLimit);
    assert_eq!(stop(&query_a()).await, Stop::PersonUnknown, "the same answer as before");
}

/// A core system that knows nobody, and how often it was asked.
#[derive(Default)]
struct Stranger(AtomicUsize);

impl CoreSystem for Stranger {
    fn account<'a>(&'a self, _query: &'a CoreQuery) -> CoreAnswer<'a> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Err(CoreError::NotFound) })
    }
}

#[tokio::test]
async fn whose_own_limit_is_spent_uses_up_nothing_of_the_halls() {
    let rules = QueryRules { per_person_per_day: 2, per_kiosk_per_day: 4, ..QueryRules::default() };
    let (_parties, server, client) = serving(rules);
    for _ in 0..2 {
        guarded(client.account(&query_a())).await.expect("an answer");
    }
    for _ in 0..6 {
        let error = guarded(client.account(&query_a())).await.expect_err("spent");
        assert_eq!(error.stop, Stop::PersonLimit);
    }
    for _ in 0..2 {
        guarded(client.account(&query_b())).await.expect("the next in the hall");
    }
    let error = guarded(client.account(&query_b())).await.expect_err("four were asked");
    assert_eq!(error.stop, Stop::KioskLimit);
    drop(server);
}

#[tokio::test]
async fn an_unknown_person_and_a_wrong_name_are_one_answer() {
    let county = support::county(&Handle::current());
    let answer = async |query: AccountQuery| {
        let body = captured(&query);
        let answer = raw::post(&county, "/v1/accounts/query", &body).await;
        let lines = answer.lines().filter(|line| !line.starts_with("date:"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let unknown = answer(query("11010519491231002X", "测试丙")).await;
    let wrong = answer(AccountQuery { name: "测试丁".into(), ..query_a() }).await;
    assert_eq!(unknown, wrong);
    assert!(unknown[0].starts_with("HTTP/1.1 404"), "{unknown:?}");
}

#[tokio::test]
async fn a_query_comes_from_a_reader_that_the_kiosk_has_announced() {
    let county = support::county(&Handle::current());
    let from = |module: &str| AccountQuery { sam_id: Some(module.into()), ..query_b() };
    // An older kiosk announces none: its first query does.
    guarded(county.client.account(&from("05.03-1"))).await.expect("the first");
    let error = guarded(county.client.account(&from("05.03-2"))).await.expect_err("another");
    assert_eq!(error.stop, Stop::QueryStale, "the kiosk beats, and asks again");
    let heartbeat = Heartbeat {
        version: "0.1.0".into(),
        uptime_s: 60,
        reader_ready: true,
        modules: vec!["05.03-2".into()],
        ..Heartbeat::default()
    };
    guarded(county.client.heartbeat(&heartbeat)).await.expect("announced");
    guarded(county.client.account(&from("05.03-2"))).await.expect("the changed reader works");
    // Whoever has the key cannot leave the module out, except where there is none.
    let none = AccountQuery { sam_id: None, ..query_b() };
    let error = guarded(county.client.account(&none)).await.expect_err("a module has read it");
    assert_eq!(error.stop, Stop::QueryStale);
    let kind = DocumentKind::SocialSecurityCard;
    let document = DocumentFacts { kind, ..none.document };
    let slot = AccountQuery { sam_id: None, document, ..query_b() };
    guarded(county.client.account(&slot)).await.expect("the slot has none");
    let alarms = Register::open(county.home.path()).expect("opened").alarms(1).expect("read");
    assert!(alarms.iter().any(|one| one.kind == "new_reader" && one.detail.contains("05.03-2")));
}

#[tokio::test]
async fn what_was_counted_outlives_a_restart() {
    let rules =
        QueryRules { pin: PinPolicy::Required, per_person_per_day: 20, ..QueryRules::default() };
    let (parties, server, client) = serving(rules.clone());
    let with = |pin: &str| AccountQuery { pin: Some(pin.into()), ..query_a() };
    let used = with("135790");
    guarded(client.account(&used)).await.expect("an answer");
    for _ in 0..6 {
        let error = guarded(client.account(&with("000000"))).await.expect_err("wrong");
        assert_eq!(error.stop, Stop::QueryPinWrong);
    }
    server.shutdown().await;

    // The clock stands still, so the read is as fresh as it was.
    let (server, client) = serve_again(&parties, rules);
    let unlocked = AccountQuery { pin: Some("1".into()), ..query_b() };
    let replayed = AccountQuery { read_id: used.read_id.clone(), ..unlocked.clone() };
    let stop = async |query| guarded(client.account(&query)).await.expect_err("refused").stop;
    assert_eq!(stop(replayed).await, Stop::QueryStale);
    assert_eq!(stop(unlocked).await, Stop::QueryPinUnset, "so it was the id");
    assert_eq!(stop(with("135790")).await, Stop::QueryPinLocked);
    drop(server);
}

#[tokio::test]
async fn a_county_may_ask_for_a_pin() {
    let (_parties, server, client) =
        serving(QueryRules { pin: PinPolicy::Required, ..QueryRules::default() });
    let with = |pin: &str| AccountQuery { pin: Some(pin.into()), ..query_a() };
    let stop = async |query| guarded(client.account(&query)).await.expect_err("refused").stop;
    assert_eq!(stop(query_a()).await, Stop::QueryPinNeeded);
    assert_eq!(stop(with("135791")).await, Stop::QueryPinWrong);
    guarded(client.account(&with("135790"))).await.expect("the right one");
    let other = AccountQuery { pin: Some("135790".into()), ..query_b() };
    assert_eq!(stop(other).await, Stop::QueryPinUnset, "b has none");
    // Guessing comes to an end, and then the right one does not help.
    for _ in 0..5 {
        assert_eq!(stop(with("000000")).await, Stop::QueryPinWrong);
    }
    assert_eq!(stop(with("135790")).await, Stop::QueryPinLocked);
    // Only who knows the name is told so, and nobody before a PIN was typed.
    assert_eq!(stop(query_a()).await, Stop::QueryPinNeeded);
    let stranger = AccountQuery { name: "测试丁".into(), ..with("135790") };
    assert_eq!(stop(stranger).await, Stop::PersonUnknown);
    drop(server);
}

#[tokio::test]
async fn what_comes_to_the_core_system_counts_and_asking_for_a_pin_does_not() {
    let rules =
        QueryRules { pin: PinPolicy::Required, per_person_per_day: 2, ..QueryRules::default() };
    let (_parties, server, client) = serving(rules);
    let with = |pin: &str| AccountQuery { pin: Some(pin.into()), ..query_a() };
    let stop = async |query| guarded(client.account(&query)).await.expect_err("refused").stop;
    for _ in 0..3 {
        assert_eq!(stop(query_a()).await, Stop::QueryPinNeeded);
    }
    assert_eq!(stop(with("135791")).await, Stop::QueryPinWrong);
    guarded(client.account(&with("135790"))).await.expect("the second of two");
    assert_eq!(stop(with("135790")).await, Stop::PersonLimit);
    drop(server);
}

#[tokio::test]
async fn a_core_that_knows_no_pins_answers_none_where_one_is_due() {
    let parties = Parties::new();
    let queries = QueryRules { pin: PinPolicy::Required, ..QueryRules::default() };
    let ask = async |core: Arc<dyn CoreSystem>| {
        let county = County { queries: queries.clone(), ..county_of(&parties, core) };
        let settings = listen(&parties, parties.server());
        let server = Server::start(&Handle::current(), &settings, county).expect("started");
        let query = AccountQuery { pin: Some("1".into()), ..query_b() };
        let error = guarded(parties.client(server.address()).account(&query)).await;
        error.expect_err("no account").stop
    };
    assert_eq!(ask(Arc::new(Pinless)).await, Stop::QueryPinUnset);
    // Where there is no core system, nobody is told to have a PIN set.
    assert_eq!(ask(Arc::new(NoCore)).await, Stop::CoreAbsent);
}

/// A core system that knows nobody, and no PINs.
struct Pinless;

impl CoreSystem for Pinless {
    fn account<'a>(&'a self, _query: &'a CoreQuery) -> CoreAnswer<'a> {
        Box::pin(async { Err(CoreError::NotFound) })
    }
}

#[tokio::test]
async fn an_answer_to_another_read_is_not_shown() {
    let parties = Parties::new();
    // Sound in everything, and meant for the query before.
    let body = faults::account("510599198507150012", "测试甲", "100");
    let response = faults::respond("200 OK", "application/json", &body);
    let server = faults::answering(&parties, response).await;
    let client = parties.client(server.address);
    guarded(client.account(&faults::query_b())).await.expect("the query of that answer");
    let error = guarded(client.account(&query_b())).await.expect_err("another read");
    assert_eq!(error.stop, Stop::PersonMismatch);
    assert!(!error.detail.contains(faults::READ_ID) && !error.detail.contains("510599"));
}

#[tokio::test]
async fn what_comes_after_the_answer_is_nobodys() {
    let parties = Parties::new();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    // Every connection gets two answers in one breath; the second is about somebody else.
    let server = faults::scripted(&parties.server(), &TLS13, move |mut stream| {
        count.fetch_add(1, Ordering::SeqCst);
        let answers = [("510599198507150012", "测试甲"), ("51059919610320058X", "测试·阿依")]
            .map(|(number, name)| faults::account(number, name, "100"))
            .map(|body| faults::respond("200 OK", "application/json", &body));
        async move {
            faults::request(&mut stream).await;
            let _ = stream.write_all(answers.concat().as_bytes()).await;
            let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 16]).await;
        }
    })
    .await;
    let client = parties.client(server.address);
    for _ in 0..3 {
        let account = guarded(client.account(&faults::query_b())).await.expect("the first answer");
        assert_eq!(account.name.expose(), "测试甲");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 3, "no query is sent down a used connection");
}

/// A county with the tests' residents, of whom the one in `a.toml` has the PIN 135790.
fn serving(queries: QueryRules) -> (Parties, Server, Client) {
    let parties = Parties::new();
    let residents = parties.home.path().join("residents");
    support::kiosk::copy(&support::content().join("residents"), &residents);
    let file = residents.join("a.toml");
    let text = std::fs::read_to_string(&file).expect("a resident");
    std::fs::write(&file, format!("pin = \"135790\"\n{text}")).expect("written");
    let (server, client) = serve_again(&parties, queries);
    (parties, server, client)
}

fn serve_again(parties: &Parties, queries: QueryRules) -> (Server, Client) {
    let residents = parties.home.path().join("residents");
    let core = InventedCore::read(&residents, support::clock()).expect("read");
    let county = County { queries, ..county_of(parties, Arc::new(core)) };
    let server = Server::start(&Handle::current(), &listen(parties, parties.server()), county);
    let server = server.expect("started");
    let client = parties.client(server.address());
    (server, client)
}
