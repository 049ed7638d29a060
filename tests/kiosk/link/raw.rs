//! Clients that are not ours against the county service: what gets in, what does not, and what the
//! service says in plain HTTP.

use std::{net::SocketAddr, path::Path, sync::Arc};

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
use tokio_rustls::TlsConnector;

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
    let config = with_identity(&county, config(&county.settings.authority, &TLS12));
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
        ("/v1/feed/postings?sincere=1", "400"),
        // Whom a page is for stands in the certificate, and cannot be asked for.
        ("/v1/feed/postings?since=0&division=510599100", "400"),
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
    let config = with_identity(&county, config(&county.settings.authority, &TLS13));
    let answer = guarded(exchange(county.demonstration.server.address(), config, &large)).await;
    assert!(answer.expect("an answer").starts_with("HTTP/1.1 413"));
}

/// Posts `body` as JSON with the county's own kiosk's certificate.
pub(super) async fn post(county: &support::County, path: &str, body: &[u8]) -> String {
    let body = String::from_utf8(body.to_vec()).expect("JSON is text");
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: c\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let config = with_identity(county, config(&county.settings.authority, &TLS13));
    let answer = exchange(county.demonstration.server.address(), config, &request);
    guarded(answer).await.expect("an answer")
}

async fn answer(county: &support::County, path: &str) -> String {
    let config = with_identity(county, config(&county.settings.authority, &TLS13));
    guarded(get(county.demonstration.server.address(), config, path)).await.expect("an answer")
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

fn with_identity(county: &support::County, builder: Builder) -> ClientConfig {
    let certificate = CertificateDer::from_pem_file(&county.settings.certificate);
    let key = PrivateKeyDer::from_pem_file(&county.settings.key).expect("a key");
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
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::IpAddress(address.ip().into());
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
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
