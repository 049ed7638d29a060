//! Long histories over the link: page by page from the real county, and from servers that
//! misbehave.

use std::time::Duration;

use kiosk_base::{
    domain::{
        Account, Stop,
        account::{
            HISTORY_PAGE, HistoryCursor, HistoryKind, HistoryOf, HistoryRest, MAX_CONTRIBUTIONS,
        },
    },
    wire::AccountQuery,
};
use kiosk_county::{
    County, QueryRules, Server,
    invented::{Person, Population},
};
use renshe_kiosk::link::Client;
use rustls::version::TLS13;
use tokio::{io::AsyncWriteExt, runtime::Handle};

use super::{
    county_of,
    faults::{READ_ID, answering, respond, stop_of},
    invented, listen, start,
};
use crate::support::{self, Parties, guarded};

#[tokio::test]
async fn thirty_five_years_arrive_page_by_page() {
    let county = support::county(&Handle::current());
    let (person, whole) = veteran();
    let (account, pages) = read_all(&county.client, &person).await;
    assert_eq!(account, whole);
    assert!(pages > 10, "{pages}");
}

#[tokio::test]
async fn generated_residents_of_every_life_arrive_whole() {
    let county = support::county(&Handle::current());
    let population = Population::default();
    // Twice the eighteen places of the row of lives, and each of the rare ones.
    for index in (0..36).chain((53..144).step_by(18)) {
        let person = population.person(index).expect("there");
        let (account, _) = read_all(&county.client, &person).await;
        assert_eq!(account, whole(&person), "{index}");
    }
}

#[tokio::test]
async fn a_cursor_is_good_once_and_for_one_kiosk() {
    let parties = Parties::new();
    let (_server, address) = start(&parties, parties.server(), invented());
    let client = parties.client(address);
    let other = parties.authority.issue_kiosk("other", None).expect("issued");
    let other = Client::new(&parties.settings_with(address, &other)).expect("a client");
    let (person, _) = veteran();
    let account = guarded(client.account(&query(&person))).await.expect("an answer");
    let rest = account.rest(months(&account)).expect("more is there");

    let stop = async |client: &Client, rest: &HistoryRest| {
        guarded(client.history(rest)).await.expect_err("refused").stop
    };
    assert_eq!(stop(&other, &rest).await, Stop::LinkServerError, "another kiosk's");
    guarded(client.history(&rest)).await.expect("it stays for its own kiosk");
    assert_eq!(stop(&client, &rest).await, Stop::LinkServerError, "used");
    let made_up = HistoryCursor::try_from("0".repeat(32)).expect("a cursor");
    assert_eq!(
        stop(&client, &HistoryRest { cursor: made_up, ..rest }).await,
        Stop::LinkServerError
    );
}

#[tokio::test]
async fn a_cursor_runs_out() {
    let parties = Parties::new();
    let queries =
        QueryRules { history_window: Duration::from_millis(200), ..QueryRules::default() };
    let county = County { queries, ..county_of(&parties, invented()) };
    let server = Server::start(&Handle::current(), &listen(&parties, parties.server()), county)
        .expect("started");
    let client = parties.client(server.address());
    let (person, _) = veteran();
    let account = guarded(client.account(&query(&person))).await.expect("an answer");
    tokio::time::sleep(Duration::from_millis(400)).await;
    let rest = account.rest(months(&account)).expect("more is there");
    let error = guarded(client.history(&rest)).await.expect_err("too late");
    assert_eq!(error.stop, Stop::LinkServerError);
}

#[tokio::test]
async fn pages_that_do_not_go_on_are_no_pages() {
    let row = |month: &str| {
        format!(r#"{{"month":"{month}","base":1,"person":1,"employer":1,"arrived":null}}"#)
    };
    let page = |rows: &[String], more: bool| {
        let more = if more { format!(r#","more":"{}""#, "0".repeat(32)) } else { String::new() };
        format!(r#"{{"of":"months","rows":[{}]{more}}}"#, rows.join(","))
    };
    let good = page(&[row("2016-12"), row("2016-11")], true);
    assert_eq!(stop_of_page(&good).await, None, "so that the others are about what they name");
    let payment = r#"{"of":"payments","rows":[{"month":"2016-11","amount":1,"state":"paid"}],"more":"00000000000000000000000000000000"}"#;
    for (what, body) in [
        ("out of order", page(&[row("2016-11"), row("2016-12")], true)),
        ("later than what is there", page(&[row("2017-02")], true)),
        ("nothing, and more of it", page(&[], true)),
        ("an end before the end", page(&[row("2016-11")], false)),
        ("more than a page", page(&vec![row("2016-11"); HISTORY_PAGE + 1], true)),
        ("a hundred thousand rows", page(&vec![row("2016-11"); 100_000], true)),
        ("another history", payment.to_owned()),
        ("a month that is none", page(&[row("2016-13")], true)),
        ("a cursor that is none", good.replace("00000000", "zzzzzzzz")),
    ] {
        assert_eq!(stop_of_page(&body).await, Some(Stop::LinkNonsense), "{what}");
    }
}

#[tokio::test]
async fn a_page_cut_short_is_no_page() {
    let parties = Parties::new();
    let server = super::faults::scripted(&parties.server(), &TLS13, |mut stream| async move {
        super::faults::request(&mut stream).await;
        let whole = respond("200 OK", "application/json", r#"{"of":"months","rows":[]}"#);
        let _ = stream.write_all(&whole.as_bytes()[..whole.len() - 9]).await;
    })
    .await;
    let error = guarded(parties.client(server.address).history(&rest())).await;
    assert_eq!(error.expect_err("cut").stop, Stop::LinkDown);
}

#[tokio::test]
async fn accounts_with_endless_lists_are_refused() {
    let row = r#"{"month":"2016-11","base":1,"person":1,"employer":1}"#;
    let year = r#"{"year":2016,"person":1}"#;
    let account = |years: String, months: String, total: u32| {
        format!(
            r#"{{"read_id":"{READ_ID}","account":{{
            "number":"510599198507150012","name":"测试甲","as_of":"2026-11-20T00:00:00Z",
            "certification":null,"participations":[{{"kind":110,"insured":1,"paying":1,"since":null,
            "place":null,"months_paid":1,"balance":1,"contributions":[{years}],
            "months":{{"rows":[{months}],"total":{total}{more}}},"benefit":null}}]}}}}"#,
            more =
                if total > 1 { format!(r#","more":"{}""#, "0".repeat(32)) } else { String::new() }
        )
    };
    let stop = async |body: String| stop_of("200 OK", "application/json", &body).await;
    assert_eq!(stop(account(year.into(), row.into(), 1)).await, None);
    assert_eq!(stop(account(year.into(), row.into(), 1_500)).await, None);
    let full = vec![row; HISTORY_PAGE].join(",");
    assert_eq!(stop(account(year.into(), full, 200)).await, None);
    let many = |one: &str, count| vec![one; count].join(",");
    // As many years as the limit and one, each of its own, the newest first.
    let years = (1_950..=1_950 + MAX_CONTRIBUTIONS).rev();
    let years: Vec<_> = years.map(|year| format!(r#"{{"year":{year},"person":1}}"#)).collect();
    for (what, body) in [
        ("100,000 rows announced", account(year.into(), row.into(), 100_000)),
        ("100,000 months", account(year.into(), many(row, 100_000), 100_000)),
        ("100,000 years", account(many(year, 100_000), row.into(), 1)),
        ("more years than there can be", account(years.join(","), row.into(), 1)),
        ("more months than a page", account(year.into(), many(row, HISTORY_PAGE + 1), 200)),
    ] {
        assert_eq!(stop(body).await, Some(Stop::LinkNonsense), "{what}");
    }
}

/// A generated resident with the longest histories, and the account as the core system has it.
fn veteran() -> (Person, Account) {
    let population = Population::default();
    let mut people = (0..population.count()).filter_map(|index| population.person(index));
    let rows = |account: &Account| -> usize {
        account.participations.iter().map(|p| p.months.rows.len()).sum()
    };
    let found = people.find_map(|person| {
        let account = whole(&person);
        (rows(&account) >= 2_000).then_some((person, account))
    });
    found.expect("one has worked so long")
}

/// What the core system answers at the tests' time.
fn whole(person: &Person) -> Account {
    let wall = support::clock().wall();
    person.account(wall.date(), wall.start_of_day().expect("a day").timestamp())
}

fn query(person: &Person) -> AccountQuery {
    AccountQuery { name: person.name.clone(), ..support::query(person.number.expose(), "") }
}

/// The account with all its histories, and in how many further pages they came.
async fn read_all(client: &Client, person: &Person) -> (Account, usize) {
    let mut account = guarded(client.account(&query(person))).await.expect("an answer");
    let mut pages = 0;
    for of in account.histories() {
        while let Some(rest) = account.rest(of) {
            let page = guarded(client.history(&rest)).await.expect("a page");
            account.append(of, page.rows, page.more);
            pages += 1;
        }
    }
    (account, pages)
}

fn months(account: &Account) -> HistoryOf {
    let long = account
        .histories()
        .find(|of| of.kind == HistoryKind::Months && account.rest(*of).is_some());
    long.expect("a long one")
}

/// What a kiosk asks for that has 120 of 420 months.
fn rest() -> HistoryRest {
    HistoryRest {
        cursor: HistoryCursor::try_from("0".repeat(32)).expect("a cursor"),
        kind: HistoryKind::Months,
        have: 120,
        total: 420,
        after: "2016-12".parse().ok(),
    }
}

/// The stop with which that question ends when it is answered so; `None` when the page is taken.
async fn stop_of_page(body: &str) -> Option<Stop> {
    let parties = Parties::new();
    let server = answering(&parties, respond("200 OK", "application/json", body)).await;
    let answer = guarded(parties.client(server.address).history(&rest())).await;
    answer.err().map(|error| error.stop)
}
