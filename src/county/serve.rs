//! Listens, secures each connection, serves it, and drains at the end.
//!
//! Every step has a limit, so that no kiosk (and nobody without a certificate) can take the service
//! from the others: connections at once, time for the handshake, for a request's head, for an
//! answer, and for a connection as a whole.
//!
//! State: the listening socket and the tasks of the open connections.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, response::IntoResponse};
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::Handle,
    sync::{Semaphore, watch},
    task::{JoinHandle, JoinSet},
    time::{sleep, timeout},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tower::ServiceExt;

use super::{County, CountyError, Credentials, api, tls};
use crate::domain::wire::Audience;

/// Connections served at once; more wait in the backlog. A county has 325 kiosks at most.
const CONNECTIONS: usize = 512;
/// From accepting to the end of the handshake.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// For the head of a request, and so also for the pause between two.
const HEAD: Duration = Duration::from_secs(15);
/// From the head of a request to the head of its answer.
const ANSWER: Duration = Duration::from_secs(10);
/// After this a connection is asked to end, and cut after another [`DRAIN`].
const LIFE: Duration = Duration::from_secs(300);
/// For requests under way when the service ends.
const DRAIN: Duration = Duration::from_secs(5);
/// Bytes and lines of a request's head.
const HEAD_BYTES: usize = 16 * 1024;
const HEAD_LINES: usize = 64;

/// Where to listen and as whom.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The authority's certificate, PEM: whose kiosks get in.
    pub authority: String,
    /// The service's own certificate and key.
    pub credentials: Credentials,
}

/// The kiosk that asks, as its certificate describes it.
#[derive(Debug, Clone)]
pub(super) struct Kiosk {
    /// Its name in the log.
    pub(super) name: Arc<str>,
    /// What of the feed is for it.
    pub(super) audience: Arc<Audience>,
}

/// The running service. Dropping it cuts every connection; [`shutdown`](Self::shutdown) drains.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    accepting: JoinHandle<()>,
}

impl Server {
    /// Listens and serves on `runtime`; returns as soon as connections are accepted.
    ///
    /// # Errors
    /// When the address is taken or the certificates cannot be used.
    pub fn start(
        runtime: &Handle,
        settings: &ServerSettings,
        county: County,
    ) -> Result<Self, CountyError> {
        let acceptor = TlsAcceptor::from(Arc::new(tls::server_config(
            &settings.authority,
            &settings.credentials,
        )?));
        let failed = |source| CountyError::Listen { address: settings.listen, source };
        let socket = std::net::TcpListener::bind(settings.listen).map_err(failed)?;
        socket.set_nonblocking(true).map_err(failed)?;
        let _inside = runtime.enter();
        let listener = TcpListener::from_std(socket).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (stop, stopping) = watch::channel(false);
        let router = api::router(county);
        let accepting = runtime.spawn(accept(listener, acceptor, router, stopping));
        Ok(Self { address, stop, accepting })
    }

    /// Where the service listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Accepts nothing more, lets requests under way finish (5 s at most), then returns.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        // The task bounds itself; a panic in it has been reported by the runtime.
        let _ = (&mut self.accepting).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// The connections live in this task's set: they end with it.
async fn accept(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    router: Router,
    mut stopping: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let next = async {
            let place = places.clone().acquire_owned().await.expect("never closed");
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            _ = stopping.changed() => break,
            Some(_) = connections.join_next() => continue,
            next = next => next,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (acceptor, router) = (acceptor.clone(), router.clone());
                let stopping = stopping.clone();
                connections.spawn(async move {
                    connection(stream, peer, acceptor, router, stopping).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                // Out of descriptors, as a rule: give the open connections time to end.
                sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    let drained = async { while connections.join_next().await.is_some() {} };
    if timeout(DRAIN, drained).await.is_err() {
        tracing::warn!("connections were cut after the drain time");
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    acceptor: TlsAcceptor,
    router: Router,
    mut stopping: watch::Receiver<bool>,
) {
    // Answers are small and whole; waiting to fill a segment only costs time.
    let _ = stream.set_nodelay(true);
    let Some(stream) = secure(stream, peer, acceptor).await else { return };
    let Some((name, division)) = tls::peer(stream.get_ref().1.peer_certificates()) else {
        tracing::warn!(%peer, outcome = "refused", "a certificate without a usable name");
        return;
    };
    let audience = Arc::new(Audience::of(division.as_ref()));
    let kiosk = Kiosk { name: name.into(), audience };
    let service =
        hyper::service::service_fn(|request| answer(router.clone(), kiosk.clone(), request));
    let serving = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_headers(HEAD_LINES)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    let mut serving = std::pin::pin!(serving);
    tokio::select! {
        ended = serving.as_mut() => {
            if let Err(error) = ended {
                tracing::debug!(kiosk = %kiosk.name, %error, "connection ended early");
            }
            return;
        }
        _ = stopping.changed() => {}
        () = sleep(LIFE) => {}
    }
    serving.as_mut().graceful_shutdown();
    if timeout(DRAIN, serving).await.is_err() {
        tracing::debug!(kiosk = %kiosk.name, "connection cut");
    }
}

/// The handshake. Who fails it learns why from the TLS alert, so the socket is closed gently: a
/// reset could overtake the alert.
async fn secure(
    stream: TcpStream,
    peer: SocketAddr,
    acceptor: TlsAcceptor,
) -> Option<TlsStream<TcpStream>> {
    match timeout(HANDSHAKE, acceptor.accept(stream).into_fallible()).await {
        Ok(Ok(stream)) => Some(stream),
        Ok(Err((error, mut stream))) => {
            tracing::warn!(%peer, outcome = "refused", %error, "handshake failed");
            let linger = async {
                let _ = stream.shutdown().await;
                let mut rest = [0; 1024];
                // Bounded in bytes as in time: whoever fails the handshake is nobody to listen to.
                for _ in 0..16 {
                    if !matches!(stream.read(&mut rest).await, Ok(1..)) {
                        break;
                    }
                }
            };
            let _ = timeout(Duration::from_secs(1), linger).await;
            None
        }
        Err(_) => {
            tracing::warn!(%peer, outcome = "refused", "handshake took too long");
            None
        }
    }
}

async fn answer(
    router: Router,
    kiosk: Kiosk,
    mut request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let name = kiosk.name.clone();
    request.extensions_mut().insert(kiosk);
    match timeout(ANSWER, router.oneshot(request)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::warn!(kiosk = %name, outcome = "late", "no answer in time");
            Ok(api::late().into_response())
        }
    }
}
