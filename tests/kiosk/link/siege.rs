//! The county under attack, small: whoever has no certificate, and one certificate that wants
//! everything, do not keep another kiosk out. How fast it is then is measured by
//! `cargo bench --bench budgets -- siege`.

use kiosk_base::wire::v1::Heartbeat;
use kiosk_county::{Limits, Register, Server, ServerSettings};
use renshe_kiosk::link::Client;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime::Handle,
};

use super::{county_of, invented, listen, raw};
use crate::support::{Parties, guarded};

const LIMITS: Limits =
    Limits { handshakes: 16, handshakes_per_address: 8, connections: 12, connections_per_kiosk: 4 };

#[tokio::test]
async fn sockets_that_say_nothing_keep_nobody_out() {
    let parties = Parties::new();
    let server = serve(&parties);
    let client = parties.client(server.address());
    let mut silent = Vec::new();
    for number in 0..64 {
        let mut socket = TcpStream::connect(server.address()).await.expect("accepted");
        // Every other one drips the beginning of a handshake.
        if number % 2 == 0 {
            socket.write_all(&[0x16]).await.expect("sent");
        }
        silent.push(socket);
        if number % 8 == 7 {
            beat(&client).await;
        }
    }
    // The oldest have given way, and only they.
    for gone in &mut silent[..32] {
        assert!(matches!(guarded(gone.read(&mut [0; 8])).await, Ok(0) | Err(_)), "cut");
    }
    let newest = silent.last_mut().expect("there");
    assert!(
        newest.try_read(&mut [0; 8]).is_err_and(|e| e.kind() == std::io::ErrorKind::WouldBlock)
    );
    beat(&client).await;
}

#[tokio::test]
async fn one_certificate_does_not_take_all_places() {
    let parties = Parties::new();
    let server = serve(&parties);
    let greedy = raw::identity(&parties.settings(server.address()));
    let other = parties.authority.issue_kiosk("other", None).expect("issued");
    let other = Client::new(&parties.settings_with(server.address(), &other)).expect("a client");
    let mut taken = Vec::new();
    for number in 0..12 {
        let stream = raw::connect(server.address(), greedy.clone());
        let mut stream = guarded(stream).await.expect("a handshake");
        if number % 2 == 0 {
            stream.write_all(b"GET /openapi.json HT").await.expect("sent");
        }
        taken.push(stream);
        beat(&other).await;
    }
    for gone in &mut taken[..8] {
        let mut rest = Vec::new();
        // Whether it was asked to end or cut: it ends.
        let _ = guarded(gone.read_to_end(&mut rest)).await;
    }
    // The newest has its place, and the kiosk itself is still served.
    let answer = raw::ask(taken.last_mut().expect("there"), "/").await;
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
}

#[tokio::test]
async fn a_stolen_certificate_takes_no_place_from_the_one_that_replaced_it() {
    let parties = Parties::new();
    let server = serve(&parties);
    let register = Register::open(parties.home.path()).expect("opened");
    let enrol = || {
        let made = register.enrol("hall", || parties.authority.issue_kiosk("hall", None));
        raw::identity(&parties.settings_with(server.address(), &made.expect("the name is free")))
    };
    let stolen = enrol();
    assert!(register.revoke("hall", false).expect("revoked"));
    let anew = guarded(raw::connect(server.address(), enrol())).await;
    let mut anew = anew.expect("a handshake");
    let mut taken = Vec::new();
    for _ in 0..6 {
        let stream = guarded(raw::connect(server.address(), stolen.clone())).await;
        taken.push(stream.expect("a handshake"));
        let answer = raw::ask(&mut anew, "/v1/time").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    let answer = raw::ask(taken.last_mut().expect("there"), "/v1/time").await;
    assert!(answer.starts_with("HTTP/1.1 403"), "it is told why: {answer}");
    // Those that ask nothing end at once, and not as idle connections do.
    for gone in &mut taken {
        let _ = guarded(gone.read_to_end(&mut Vec::new())).await;
    }
    let answer = raw::ask(&mut anew, "/v1/time").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn who_asks_without_end_is_slowed_down_and_the_others_are_not() {
    let parties = Parties::new();
    let server = serve(&parties);
    let greedy = parties.client(server.address());
    let other = parties.authority.issue_kiosk("other", None).expect("issued");
    let other = Client::new(&parties.settings_with(server.address(), &other)).expect("a client");
    let mut answered = 0;
    let refused = loop {
        match guarded(greedy.heartbeat(&heartbeat())).await {
            Ok(_) => answered += 1,
            Err(error) => break error,
        }
        assert!(answered < 1_000);
    };
    assert_eq!(refused.stop, kiosk_base::domain::Stop::LinkBusy);
    assert!(answered >= 30, "a kiosk that has its reasons is not slowed down: {answered}");
    beat(&other).await;
}

fn serve(parties: &Parties) -> Server {
    let settings = ServerSettings { limits: LIMITS, ..listen(parties, parties.server()) };
    let server = Server::start(&Handle::current(), &settings, county_of(parties, invented()));
    server.expect("started")
}

async fn beat(client: &Client) {
    guarded(client.heartbeat(&heartbeat())).await.expect("an answer");
}

fn heartbeat() -> Heartbeat {
    Heartbeat { version: "0.1.0".into(), uptime_s: 1, reader_ready: true, ..Heartbeat::default() }
}
