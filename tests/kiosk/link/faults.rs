//! The link against servers that misbehave: each is a few hand-written lines over TLS, and each
//! fault ends in its own stop.

use std::{
    future::Future,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use kiosk_base::{domain::Stop, wire::AccountQuery};
use kiosk_county::{Credentials, authority::Purpose};
use renshe_kiosk::link::Client;
use rustls::{
    ServerConfig, SupportedProtocolVersion,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    version::{TLS12, TLS13},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinHandle,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use crate::support::{self, Parties, guarded};

/// The read about which the hand-written servers answer.
pub(super) const READ_ID: &str = "0123456789abcdef0123456789abcdef";

/// The query to which [`account`] is the answer.
pub(super) fn query_b() -> AccountQuery {
    AccountQuery { read_id: READ_ID.into(), ..support::query_b() }
}

/// A query's answer about `number` and `name` with one participation, spoilt by `extra` members.
pub(super) fn account(number: &str, name: &str, balance: &str) -> String {
    format!(
        r#"{{"read_id":"{READ_ID}","account":{{
        "number":"{number}","name":"{name}","as_of":"2026-11-20T00:00:00Z","certification":null,
        "participations":[{{"kind":170,"insured":1,"paying":1,"since":null,"place":null,
        "months_paid":1,"balance":{balance},"contributions":[],"benefit":null}}]}}}}"#
    )
}

#[tokio::test]
async fn a_hand_written_answer_is_taken_when_it_is_sound() {
    // So that the refusals below are about what they name.
    let body = account("510599198507150012", "测试甲", "100");
    assert_eq!(stop_of("200 OK", "application/json", &body).await, None);
}

#[tokio::test]
async fn answers_about_somebody_else_are_not_shown() {
    for (number, name) in [("51059919610320058X", "测试甲"), ("510599198507150012", "测试乙")]
    {
        let body = account(number, name, "100");
        let stop = stop_of("200 OK", "application/json", &body).await;
        assert_eq!(stop, Some(Stop::PersonMismatch));
    }
}

#[tokio::test]
async fn answers_that_make_no_sense_are_refused() {
    let sound = account("510599198507150012", "测试甲", "100");
    let deep = "[".repeat(100_000);
    let negative = account("510599198507150012", "测试甲", "-1");
    let huge = account("510599198507150012", "测试甲", "99999999999999");
    for (status, kind, body) in [
        ("200 OK", "text/html", "<html>请先登录</html>"),
        ("200 OK", "application/json", "<html>请先登录</html>"),
        ("200 OK", "text/plain", sound.as_str()),
        ("200 OK", "application/json", "{\"ok\":true}"),
        ("200 OK", "application/json", ""),
        ("200 OK", "application/json", deep.as_str()),
        ("200 OK", "application/json", negative.as_str()),
        ("200 OK", "application/json", huge.as_str()),
        ("200 OK", "application/json\r\ncontent-encoding: gzip", sound.as_str()),
        ("204 No Content", "application/json", ""),
        ("302 Found", "text/html\r\nlocation: https://127.0.0.1:1/", ""),
        ("404 Not Found", "text/html", "<html>404</html>"),
        ("403 Forbidden", "application/problem+json", "{\"code\":\"not_found\",\"detail\":\"\"}"),
    ] {
        let stop = stop_of(status, kind, body).await;
        assert_eq!(stop, Some(Stop::LinkNonsense), "{status} {kind} {body:.40}");
    }
}

#[tokio::test]
async fn a_servers_own_failures_are_told_from_nonsense() {
    for (status, kind, body) in [
        ("500 Internal Server Error", "text/html", "<html>500</html>"),
        ("502 Bad Gateway", "text/html", ""),
        (
            "503 Service Unavailable",
            "application/problem+json",
            "{\"code\":\"core_unavailable\",\"detail\":\"x\"}",
        ),
    ] {
        assert_eq!(stop_of(status, kind, body).await, Some(Stop::LinkServerError), "{status}");
    }
}

/// Kiosks are renewed one by one, and the county before them.
#[tokio::test]
async fn a_county_that_says_more_is_understood() {
    let more = account("510599198507150012", "测试甲", "100")
        .replace("\"certification\":null", "\"certification\":null,\"since_2027\":{\"a\":[1]}")
        .replace("\"insured\":1", "\"insured\":1,\"merged_from\":[\"510600\"]")
        .replace("{\"read_id\"", "{\"signed\":true,\"read_id\"");
    assert_eq!(stop_of("200 OK", "application/json", &more).await, None);
    // A code that this kiosk does not know says nothing about a person, and is no nonsense either.
    let kind = "application/problem+json";
    let problem = "{\"code\":\"core_moved\",\"detail\":\"x\",\"since\":2027}";
    for (status, stop) in [
        ("404 Not Found", Stop::LinkServerError),
        ("403 Forbidden", Stop::LinkServerError),
        ("503 Service Unavailable", Stop::LinkServerError),
        ("429 Too Many Requests\r\nretry-after: 30", Stop::LinkBusy),
        ("503 Service Unavailable\r\nretry-after: 30", Stop::LinkBusy),
    ] {
        assert_eq!(stop_of(status, kind, problem).await, Some(stop), "{status}");
    }
}

#[tokio::test]
async fn a_county_that_asks_to_wait_is_left_alone() {
    let parties = Parties::new();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let server = scripted(&parties.server(), &TLS13, move |mut stream| {
        count.fetch_add(1, Ordering::SeqCst);
        async move {
            request(&mut stream).await;
            let busy =
                "HTTP/1.1 429 Too Many Requests\r\nretry-after: 3600\r\ncontent-length: 0\r\n\r\n";
            let _ = stream.write_all(busy.as_bytes()).await;
        }
    })
    .await;
    let client = parties.client(server.address);
    for _ in 0..3 {
        let error = guarded(client.account(&query_b())).await.expect_err("busy");
        assert_eq!(error.stop, Stop::LinkBusy);
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1, "asked once, then waited");
    let wait = client.retry_after().expect("a wait").as_secs();
    assert!(wait <= 600, "an hour is more than a county may ask for");
}

#[tokio::test]
async fn bodies_without_end_are_cut_off() {
    // Announced, in chunks, and in a head that never ends.
    for (head, piece) in [
        ("content-type: application/json\r\ncontent-length: 104857600\r\n\r\n", "[[[[[[[["),
        (
            "content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
            "8\r\n\"\"\"\"\"\"\"\"\r\n",
        ),
        ("", "x-more: 01234567890123456789\r\n"),
    ] {
        let parties = Parties::new();
        let server = scripted(&parties.server(), &TLS13, move |mut stream| async move {
            request(&mut stream).await;
            let start = format!("HTTP/1.1 200 OK\r\n{head}");
            if stream.write_all(start.as_bytes()).await.is_err() {
                return;
            }
            let pieces = piece.repeat(1_000);
            // Ends when the client hangs up.
            while stream.write_all(pieces.as_bytes()).await.is_ok() {}
        })
        .await;
        let error = guarded(parties.client(server.address).account(&query_b())).await;
        assert_eq!(error.expect_err("cut").stop, Stop::LinkNonsense, "{head:?}");
    }
}

#[tokio::test]
async fn an_answer_that_drips_is_bounded_as_a_whole() {
    let parties = Parties::new();
    let server = scripted(&parties.server(), &TLS13, |mut stream| async move {
        request(&mut stream).await;
        let head =
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9000\r\n\r\n";
        let mut sent = stream.write_all(head.as_bytes()).await;
        while sent.is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            sent = stream.write_all(b" ").await;
        }
    })
    .await;
    let error = guarded(parties.client(server.address).account(&query_b())).await;
    assert_eq!(error.expect_err("late").stop, Stop::LinkTimeout);
}

#[tokio::test]
async fn a_server_that_accepts_and_says_nothing_is_no_server() {
    let listener = TcpListener::bind(support::ANY_PORT).await.expect("bound");
    let address = listener.local_addr().expect("an address");
    let client = Parties::new().client(address);
    // The kernel completes the connection; nobody ever answers the handshake.
    let error = guarded(client.account(&query_b())).await.expect_err("silence");
    assert_eq!(error.stop, Stop::LinkDown, "{error}");
}

#[tokio::test]
async fn an_answer_cut_short_is_no_answer() {
    let parties = Parties::new();
    let body = account("510599198507150012", "测试甲", "100");
    let server = scripted(&parties.server(), &TLS13, move |mut stream| {
        let whole = respond("200 OK", "application/json", &body);
        async move {
            request(&mut stream).await;
            let _ = stream.write_all(&whole.as_bytes()[..whole.len() - 20]).await;
        }
    })
    .await;
    let error = guarded(parties.client(server.address).account(&query_b())).await;
    assert_eq!(error.expect_err("cut").stop, Stop::LinkDown);
}

#[tokio::test]
async fn a_query_that_is_dropped_hangs_up() {
    let parties = Parties::new();
    let (tell, mut told) = mpsc::channel(2);
    let server = scripted(&parties.server(), &TLS13, move |mut stream| {
        let tell = tell.clone();
        async move {
            request(&mut stream).await;
            let _ = tell.send("asked").await;
            // Waits for whatever the client does next.
            let mut rest = [0; 16];
            let _ = tell
                .send(if stream.read(&mut rest).await.unwrap_or(0) == 0 { "gone" } else { "more" })
                .await;
        }
    })
    .await;
    let client = parties.client(server.address);
    let asking = tokio::spawn(async move { client.account(&query_b()).await });
    assert_eq!(guarded(told.recv()).await, Some("asked"));
    asking.abort();
    assert_eq!(guarded(told.recv()).await, Some("gone"));
}

#[tokio::test]
async fn another_protocol_is_told_apart() {
    let parties = Parties::new();
    let old = scripted(&parties.server(), &TLS12, |_stream| async {}).await;
    let error = guarded(parties.client(old.address).account(&query_b())).await;
    assert_eq!(error.expect_err("too old").stop, Stop::LinkProtocol);

    // No TLS at all: a portal that answers everything in plain HTTP.
    let listener = TcpListener::bind(support::ANY_PORT).await.expect("bound");
    let address = listener.local_addr().expect("an address");
    let portal = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let page = respond("200 OK", "text/html", "<html>请先登录</html>");
            let _ = stream.write_all(page.as_bytes()).await;
        }
    });
    let error = guarded(parties.client(address).account(&query_b())).await;
    assert_eq!(error.expect_err("no TLS").stop, Stop::LinkProtocol);
    portal.abort();
}

#[tokio::test]
async fn a_clock_that_stopped_does_not_lock_the_kiosk_out() {
    // By this kiosk's certificate it is 2090 at least, and the machine says much earlier.
    let parties = Parties::new();
    let body = account("510599198507150012", "测试甲", "100");
    let valid_then = parties.dated(Purpose::Server, "2089-01-01", "2099-01-01");
    let server = answering_as(&valid_then, respond("200 OK", "application/json", &body)).await;
    let kiosk = parties.dated(Purpose::Kiosk, "2090-01-01", "2099-01-01");
    let client = Client::new(&parties.settings_with(server.address, &kiosk)).expect("a client");
    guarded(client.account(&query_b())).await.expect("an answer");

    let ended_then = parties.dated(Purpose::Server, "2020-01-01", "2089-01-01");
    let server = answering_as(&ended_then, String::new()).await;
    let client = Client::new(&parties.settings_with(server.address, &kiosk)).expect("a client");
    let error = guarded(client.account(&query_b())).await.expect_err("ended by then");
    assert_eq!(error.stop, Stop::LinkServerExpired);
}

/// The stop with which a query ends that is answered so; `None` when the answer is taken.
pub(super) async fn stop_of(status: &str, kind: &str, body: &str) -> Option<Stop> {
    let parties = Parties::new();
    let server = answering(&parties, respond(status, kind, body)).await;
    let answer = guarded(parties.client(server.address).account(&query_b())).await;
    answer.err().map(|error| error.stop)
}

pub(super) fn respond(status: &str, kind: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A server that answers every request with the same bytes.
pub(super) async fn answering(parties: &Parties, response: String) -> Scripted {
    answering_as(&parties.server(), response).await
}

async fn answering_as(credentials: &Credentials, response: String) -> Scripted {
    let response: Arc<str> = response.into();
    scripted(credentials, &TLS13, move |mut stream| {
        let response = response.clone();
        async move {
            request(&mut stream).await;
            let _ = stream.write_all(response.as_bytes()).await;
            // Closed only after the client, so that nothing of the answer is lost.
            let _ = stream.read(&mut [0; 16]).await;
        }
    })
    .await
}

/// Reads a request to the end of its body; its head, empty when the client has gone.
pub(super) async fn request(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> String {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let read = stream.read(&mut piece).await.unwrap_or(0);
        bytes.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, _)) = text.split_once("\r\n\r\n").filter(|_| read > 0) else {
            if read == 0 {
                return String::new();
            }
            continue;
        };
        let length: usize = head
            .lines()
            .find_map(|line| {
                line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok()
            })
            .unwrap_or(0);
        if bytes.len() >= head.len() + 4 + length {
            return head.to_owned();
        }
    }
}

/// A server that does as its script says; ends when dropped.
pub(super) struct Scripted {
    pub(super) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(super) async fn scripted<F, Fut>(
    credentials: &Credentials,
    version: &'static SupportedProtocolVersion,
    script: F,
) -> Scripted
where
    F: Fn(TlsStream<TcpStream>) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let certificate = CertificateDer::from_pem_slice(credentials.certificate.as_bytes());
    let key = PrivateKeyDer::from_pem_slice(credentials.key.as_bytes()).expect("a key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .expect("supported")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.expect("a certificate")], key)
        .expect("a pair");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(support::ANY_PORT).await.expect("bound");
    let address = listener.local_addr().expect("an address");
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(stream) = acceptor.accept(stream).await {
                tokio::spawn(script(stream));
            }
        }
    });
    Scripted { address, task }
}
