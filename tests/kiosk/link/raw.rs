//! Clients that are not ours against the county service: what gets in, what does not, and what the
//! service says in plain HTTP.

use std::{net::SocketAddr, path::Path, sync::Arc};

use renshe_kiosk::link::LinkSettings;
use rustls::{
    AlertDescription, ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
    version::{TLS12, TLS13},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime::Handle,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::support::{self, guarded};

#[tokio::test]
async fn without_a_certificate_nobody_gets_in() {
    let county = support::county(&Handle::current());
    let config = config(&county.settings.authority, &TLS13).with_no_client_auth();
    let error = guarded(get(county.demonstration.server.address(), config, "/openapi.json"))
        .await
        .expect_err("refused");
    assert_eq!(alert(&error), Some(AlertDescription::CertificateRequired), "{error}");
}

#[tokio::test]
async fn with_tls_1_2_nobody_gets_in() {
    let county = support::county(&Handle::current());
    let config = with_identity(&county.settings, config(&county.settings.authority, &TLS12));
    let error = guarded(get(county.demonstration.server.address(), config, "/openapi.json"))
        .await
        .expect_err("refused");
    assert_eq!(alert(&error), Some(AlertDescription::ProtocolVersion), "{error}");
}

#[tokio::test]
async fn the_description_is_openapi_3_1_and_names_every_path() {
    let county = support::county(&Handle::current());
    let answer = answer(&county, "/openapi.json").await;
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let document: serde_json::Value = serde_json::from_str(body).expect("JSON");
    assert!(document["openapi"].as_str().expect("a version").starts_with("3.1"));
    for (path, method) in [
        ("/v1/feed/{collection}", "get"),
        ("/v1/accounts/query", "post"),
        ("/v1/accounts/history", "post"),
        ("/v1/heartbeat", "post"),
        ("/v1/time", "get"),
        ("/openapi.json", "get"),
    ] {
        assert!(document["paths"][path][method]["responses"]["200"].is_object(), "{path}");
    }
    let feed = &document["paths"]["/v1/feed/{collection}"]["get"];
    for status in ["304", "503"] {
        assert!(feed["responses"][status].is_object(), "{status}");
    }
    assert!(feed["responses"]["200"]["headers"]["Feed-Signature"].is_object(), "{feed}");
    assert!(feed["description"].as_str().expect("a text").contains("renshe-kiosk feed page 1"));
    // Every reference leads somewhere.
    for reference in body.split("\"$ref\": \"#").skip(1) {
        let pointer = reference.split('"').next().expect("a quoted text");
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}

#[tokio::test]
async fn malformed_requests_get_problem_documents() {
    let county = support::county(&Handle::current());
    for (path, status) in [
        ("/v1/feed/postings?since=-1", "400"),
        ("/v1/feed/postings?limit=many", "400"),
        // No text at all.
        ("/v1/feed/%ff", "404"),
        ("/v1/feed/%ff?since=%ff", "404"),
        ("/v1/feed/postings?since=%ff", "400"),
        ("/%ff", "404"),
        ("/v1/feed/", "404"),
        ("/v1/feed/postings/1", "404"),
        ("//", "404"),
        ("/v1/feed/secrets", "404"),
        ("/v1/accounts/query", "405"),
        ("/", "404"),
    ] {
        let answer = answer(&county, path).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {answer}");
        assert!(answer.contains("application/problem+json"), "{path}: {answer}");
    }
    let body = format!("{{\"read_id\":\"{}\"}}", "0".repeat(70_000));
    let large = format!(
        "POST /v1/accounts/query HTTP/1.1\r\nhost: c\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer =
        exchange(county.demonstration.server.address(), identity(&county.settings), &large);
    let answer = guarded(answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");
}

#[tokio::test]
async fn a_kiosk_that_says_more_is_understood() {
    let county = support::county(&Handle::current());
    let post = async |path: &str, body: &str| {
        let head = "host: c\r\nconnection: close\r\ncontent-type: application/json";
        let length = body.len();
        let text =
            format!("POST {path} HTTP/1.1\r\n{head}\r\ncontent-length: {length}\r\n\r\n{body}");
        let address = county.demonstration.server.address();
        let answer = exchange(address, identity(&county.settings), &text);
        guarded(answer).await.expect("an answer")
    };
    let more = r#""since_2027":{"a":[1]}"#;
    let beat = format!(
        r#"{{"version":"9","uptime_s":1,"reader_ready":true,"rows":{{"courses":1}},"stops":["Z99"],{more}}}"#
    );
    let answered = post("/v1/heartbeat", &beat).await;
    assert!(answered.starts_with("HTTP/1.1 200"), "{answered}");
    // Understood, and refused for what it says.
    let query = format!(
        r#"{{"read_id":"{}","read_at":"2020-01-01T00:00:00Z","number":"510599198507150012","name":"测试甲",
           "document":{{"kind":"social_security_card",{more}}},{more}}}"#,
        "0".repeat(32)
    );
    let answered = post("/v1/accounts/query", &query).await;
    assert!(answered.contains("out_of_window"), "{answered}");
    let rest = format!(r#"{{"cursor":"{}",{more}}}"#, "0".repeat(32));
    let answered = post("/v1/accounts/history", &rest).await;
    assert!(answered.contains("not_found"), "{answered}");
    // A kind of document that this county does not know is none of those it knows.
    let answered = post("/v1/accounts/query", &query.replace("social_security", "library")).await;
    assert!(answered.contains("bad_request"), "{answered}");

    // Whom a page is for stands in the certificate, and cannot be asked for.
    let page = async |path: &str| {
        let answer = answer(&county, path).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
        answer.split_once("\r\n\r\n").expect("a head and a body").1.to_owned()
    };
    let plain = page("/v1/feed/postings?since=0").await;
    for more in ["division=510599100", "since_2027=1", "sincere=5"] {
        assert_eq!(page(&format!("/v1/feed/postings?since=0&{more}")).await, plain, "{more}");
    }
}

#[tokio::test]
async fn numbers_are_accepted_as_far_as_the_description_says() {
    let county = support::county(&Handle::current());
    let document = answer(&county, "/openapi.json").await;
    let (_, document) = document.split_once("\r\n\r\n").expect("a head and a body");
    let document: serde_json::Value = serde_json::from_str(document).expect("JSON");
    let most = |pointer: &str| {
        let number = document.pointer(pointer).unwrap_or_else(|| panic!("{pointer}"));
        number.as_u64().expect("a whole number")
    };
    let heartbeat = |uptime: u64, rows: u64, sequence: u64| {
        format!(
            r#"{{"version":"1","uptime_s":{uptime},"reader_ready":true,"rows":{{"postings":{rows}}},
               "stops":[],"audit":{{"sequence":{sequence},"hash":"{}"}}}}"#,
            "a".repeat(64)
        )
    };
    let schemas = "/components/schemas";
    let uptime = most(&format!("{schemas}/Heartbeat/properties/uptime_s/maximum"));
    let rows = format!("{schemas}/Heartbeat/properties/rows/additionalProperties/maximum");
    let rows = most(&rows);
    let sequence = most(&format!("{schemas}/AuditHead/properties/sequence/maximum"));
    for (body, status) in [
        (heartbeat(uptime + 1, 1, 1), "400"),
        (heartbeat(1, rows + 1, 1), "400"),
        (heartbeat(1, 1, sequence + 1), "400"),
        (heartbeat(1, 1, (1 << 63) - 1), "400"),
        (heartbeat(1, 1, 0), "400"),
        (heartbeat(1, 1, 1).replace("\"1\"", &format!("\"{}\"", "1".repeat(65))), "400"),
        (heartbeat(1, 1, 1).replace("[]", &format!("[{}]", ["\"R01\""; 65].join(","))), "400"),
        (heartbeat(1, 1, 1).replace("[]", "[],\"modules\":[\"a b\"]"), "400"),
        (heartbeat(uptime, rows, sequence), "200"),
    ] {
        let answer = post(&county, "/v1/heartbeat", body.as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{body}: {answer}");
    }
    for (name, least) in [("since", 0), ("limit", 1), ("snapshot", 0)] {
        let parameters = document["paths"]["/v1/feed/{collection}"]["get"]["parameters"].as_array();
        let mut parameters = parameters.expect("a list").iter();
        let schema = &parameters.find(|one| one["name"] == name).expect(name)["schema"];
        let most = schema["maximum"].as_u64().expect("a whole number");
        assert_eq!(schema["minimum"].as_u64(), Some(least), "{name}");
        for (number, status) in
            [(i128::from(most), "200"), (i128::from(most) + 1, "400"), (-1, "400")]
        {
            let path = format!("/v1/feed/postings?{name}={number}");
            let answer = answer(&county, &path).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {answer}");
        }
    }
    assert!(answer(&county, "/v1/feed/postings?limit=0").await.starts_with("HTTP/1.1 400"));
}

/// Posts `body` as JSON with the county's own kiosk's certificate.
pub(super) async fn post(county: &support::County, path: &str, body: &[u8]) -> String {
    let body = String::from_utf8(body.to_vec()).expect("JSON is text");
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: c\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer =
        exchange(county.demonstration.server.address(), identity(&county.settings), &request);
    guarded(answer).await.expect("an answer")
}

async fn answer(county: &support::County, path: &str) -> String {
    let config = identity(&county.settings);
    guarded(get(county.demonstration.server.address(), config, path)).await.expect("an answer")
}

/// A kiosk as `settings` say.
pub(super) fn identity(settings: &LinkSettings) -> ClientConfig {
    with_identity(settings, config(&settings.authority, &TLS13))
}

/// A connection that stays open.
pub(super) async fn connect(
    address: SocketAddr,
    config: ClientConfig,
) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::IpAddress(address.ip().into());
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

/// One request on an open connection, without a body, and the whole answer.
pub(super) async fn ask(stream: &mut TlsStream<TcpStream>, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: c\r\n\r\n");
    guarded(stream.write_all(request.as_bytes())).await.expect("sent");
    let mut answer = String::new();
    loop {
        let mut part = vec![0; 16 * 1024];
        let length = guarded(stream.read(&mut part)).await.expect("an answer");
        assert!(length > 0, "cut: {answer}");
        answer.push_str(std::str::from_utf8(&part[..length]).expect("whole characters"));
        let Some((head, body)) = answer.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.expect("a length").parse().expect("a number");
        if body.len() >= length {
            return answer;
        }
    }
}

type Builder = rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert>;

fn config(authority: &Path, version: &'static rustls::SupportedProtocolVersion) -> Builder {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority).expect("a certificate")).expect("a root");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .expect("supported")
        .with_root_certificates(roots)
}

fn with_identity(settings: &LinkSettings, builder: Builder) -> ClientConfig {
    let certificate = CertificateDer::from_pem_file(&settings.certificate);
    let key = PrivateKeyDer::from_pem_file(&settings.key).expect("a key");
    builder.with_client_auth_cert(vec![certificate.expect("a certificate")], key).expect("a pair")
}

async fn get(address: SocketAddr, config: ClientConfig, path: &str) -> std::io::Result<String> {
    let request = format!("GET {path} HTTP/1.1\r\nhost: c\r\nconnection: close\r\n\r\n");
    exchange(address, config, &request).await
}

async fn exchange(
    address: SocketAddr,
    config: ClientConfig,
    request: &str,
) -> std::io::Result<String> {
    let mut stream = connect(address, config).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    if let Err(error) = stream.read_to_end(&mut answer).await {
        // A peer that cuts after its answer is for HTTP to judge, not for this helper.
        if answer.is_empty() {
            return Err(error);
        }
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// The TLS alert that ended a connection.
fn alert(error: &std::io::Error) -> Option<AlertDescription> {
    match error.get_ref()?.downcast_ref::<rustls::Error>()? {
        rustls::Error::AlertReceived(alert) => Some(*alert),
        _ => None,
    }
}
