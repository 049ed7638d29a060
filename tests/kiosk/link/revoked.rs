//! Certificates that do not count any more: revoked by the office, replaced, run out.

use kiosk_base::domain::Stop;
use kiosk_county::{Register, Server};
use renshe_kiosk::link::Client;
use tokio::{io::AsyncReadExt, runtime::Handle};

use super::{county_of, invented, listen, raw};
use crate::support::{Parties, guarded, query_b};

#[tokio::test]
async fn a_revoked_kiosk_is_refused_at_the_next_request() {
    let parties = Parties::new();
    let server = serve(&parties);
    let register = Register::open(parties.home.path()).expect("opened");
    let enrol = || register.enrol("hall", || parties.authority.issue_kiosk("hall", None));
    let settings = parties.settings_with(server.address(), &enrol().expect("a new name"));
    let client = Client::new(&settings).expect("a client");
    guarded(client.account(&query_b())).await.expect("an answer");
    let open = raw::connect(server.address(), raw::identity(&settings));
    let mut open = guarded(open).await.expect("a handshake");
    assert!(raw::ask(&mut open, "/v1/feed/postings").await.starts_with("HTTP/1.1 200"));
    let error = enrol().expect_err("the name is in use").to_string();
    assert!(error.contains("county revoke hall"), "{error}");

    // The office's command is another process: it has a connection of its own.
    let office = Register::open(parties.home.path()).expect("opened");
    assert!(office.revoke("hall", false).expect("revoked"));
    let answer = raw::ask(&mut open, "/v1/feed/postings").await;
    assert!(answer.starts_with("HTTP/1.1 403"), "on the open connection: {answer}");
    assert!(answer.contains("certificate_refused") && answer.contains("problem+json"), "{answer}");
    assert!(matches!(guarded(open.read(&mut [0; 8])).await, Ok(0) | Err(_)), "and it ends");
    let error = guarded(client.account(&query_b())).await.expect_err("refused");
    assert_eq!(error.stop, Stop::LinkClientRefused);

    let anew = enrol().expect("the name is free");
    let stolen = client;
    let settings = parties.settings_with(server.address(), &anew);
    let client = Client::new(&settings).expect("a client");
    guarded(client.account(&query_b())).await.expect("the new certificate counts");
    let error = guarded(stolen.account(&query_b())).await.expect_err("and not the old one");
    assert_eq!(error.stop, Stop::LinkClientRefused);
}

#[tokio::test]
async fn a_connection_ends_with_its_certificate() {
    let parties = Parties::new();
    let server = serve(&parties);
    let now = jiff::Timestamp::now();
    let ends = jiff::Timestamp::from_second(now.as_second() + 4).expect("a moment");
    let settings = parties.settings_with(server.address(), &parties.ending("hall", ends));
    let open = raw::connect(server.address(), raw::identity(&settings));
    let mut open = guarded(open).await.expect("a handshake");
    assert!(raw::ask(&mut open, "/v1/feed/postings").await.starts_with("HTTP/1.1 200"));
    let _ = guarded(open.read_to_end(&mut Vec::new())).await;
    let late = jiff::Timestamp::now().duration_since(ends);
    // An idle connection would be kept for fifteen seconds.
    assert!((-1.0..5.0).contains(&late.as_secs_f64()), "{late}");
    let client = Client::new(&settings).expect("a client");
    let error = guarded(client.account(&query_b())).await.expect_err("run out");
    assert_eq!(error.stop, Stop::LinkOwnExpired);
}

fn serve(parties: &Parties) -> Server {
    let settings = listen(parties, parties.server());
    let server = Server::start(&Handle::current(), &settings, county_of(parties, invented()));
    server.expect("started")
}
