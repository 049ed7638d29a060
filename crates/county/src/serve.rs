//! Listens, secures each connection, serves it, and drains at the end.
//!
//! Every step has a limit, so that no kiosk (and nobody without a certificate) can take the service
//! from the others: places for handshakes by address and for connections by certificate, of which
//! who comes last always gets one ([`places`](super::places)); time for the handshake, for a
//! request's head, for an answer, and for a connection as a whole. A connection ends with its
//! certificate. One whose certificate does not count any more keeps the place of its handshake: it is
//! told so there, and takes none from its successor of the same name.
//!
//! State: the listening socket and the tasks of the open connections.

use std::{
    collections::HashMap,
    convert::Infallible,
    hash::Hash,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{Router, body::Body, response::IntoResponse};
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::Timestamp;
use kiosk_base::wire::Audience;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    runtime::Handle,
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::{sleep, timeout},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tower::ServiceExt;

use super::{
    County, CountyError, Credentials, api,
    log_limiter::LogLimiter,
    places::{Place, Places},
    register::{Register, Standing},
    tls::{self, Peer},
};

/// Connections that the system holds until they are accepted, which is at once.
const BACKLOG: u32 = 4_096;
/// From accepting to the end of the handshake.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// For the head of a request, and so also for the pause between two.
const HEAD: Duration = Duration::from_secs(15);
/// From the head of a request to the head of its answer: less than a kiosk waits (8 s), so that it hears
/// what was wrong.
const ANSWER: Duration = Duration::from_secs(7);
/// After this a connection is asked to end, and cut after another [`DRAIN`].
const LIFE: Duration = Duration::from_secs(300);
/// For requests under way when the service ends.
const DRAIN: Duration = Duration::from_secs(5);
/// For the request under way when another connection takes the place, or the certificate has run
/// out.
const GIVING_WAY: Duration = Duration::from_secs(1);
/// For another connection of a certificate that has all its connections; and for the request of one
/// that does not count any more.
const WAITING: Duration = Duration::from_secs(2);
/// Bytes and lines of a request's head.
const HEAD_BYTES: usize = 16 * 1024;
const HEAD_LINES: usize = 64;
/// Open files beside connections: the databases, the log, files being published.
const OTHER_FILES: u64 = 128;
/// Certificates whose log lines are rationed each by itself.
const CERTIFICATES: usize = 4_096;

/// How many may be there at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Handshakes under way.
    pub handshakes: usize,
    /// Of these from one address, behind which a town's kiosks may stand together with others; of
    /// IPv6 from one /64.
    pub handshakes_per_address: usize,
    /// Connections of kiosks.
    pub connections: usize,
    /// Of these with one certificate: a kiosk has three at most, and some that a cut line left.
    pub connections_per_kiosk: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            handshakes: 1_024,
            handshakes_per_address: 512,
            connections: 1_024,
            connections_per_kiosk: 16,
        }
    }
}

impl Limits {
    /// As many of them as this process may open files: the soft limit is raised to the hard one, and
    /// if that is too low, there are fewer places.
    fn within_open_files(self) -> Self {
        let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return self };
        let wanted = (self.handshakes + self.connections) as u64 + OTHER_FILES;
        if wanted > soft && hard > soft {
            // Whether it worked, the next line sees.
            let _ = setrlimit(Resource::RLIMIT_NOFILE, wanted.min(hard), hard);
        }
        let soft = getrlimit(Resource::RLIMIT_NOFILE).map_or(soft, |(soft, _)| soft);
        if wanted <= soft {
            return self;
        }
        let room = usize::try_from(soft.saturating_sub(OTHER_FILES)).unwrap_or(usize::MAX);
        let fewer = Self {
            handshakes: self.handshakes.min(room / 2).max(1),
            connections: self.connections.min(room / 2).max(1),
            ..self
        };
        tracing::warn!(
            open_files = soft,
            handshakes = fewer.handshakes,
            connections = fewer.connections,
            "fewer places than set: raise the limit of open files (LimitNOFILE)"
        );
        fewer
    }
}

/// Where to listen and as whom.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The authority's certificate, PEM: whose kiosks get in.
    pub authority: String,
    /// The service's own certificate and key.
    pub credentials: Credentials,
    /// How many may be there at once.
    pub limits: Limits,
}

/// The kiosk that asks, as its certificate describes it.
#[derive(Debug, Clone)]
pub(super) struct Kiosk {
    /// Its name in the log.
    pub(super) name: Arc<str>,
    /// What of the feed is for it.
    pub(super) audience: Arc<Audience>,
    /// SHA-256 of its certificate, hexadecimal.
    pub(super) fingerprint: Arc<str>,
    /// From when on its certificate holds, in seconds since 1970.
    pub(super) begins: i64,
    /// When it runs out, likewise.
    pub(super) ends: i64,
    /// Its lines in the log.
    pub(super) limiter: Arc<LogLimiter>,
}

#[cfg(test)]
impl Kiosk {
    /// A kiosk with a certificate that does not run out.
    pub(super) fn of_test(name: &str) -> Self {
        Self {
            name: name.into(),
            audience: Arc::default(),
            fingerprint: "".into(),
            begins: 0,
            ends: i64::MAX,
            limiter: Arc::default(),
        }
    }
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
        let _inside = runtime.enter();
        let listener = listen(settings.listen).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (stop, stopping) = watch::channel(false);
        let limits = settings.limits.within_open_files();
        let register = Register::open_again(county.feed.directory())?;
        let door = Door {
            acceptor,
            register,
            router: api::router(county)?,
            handshakes: Places::new(limits.handshakes, limits.handshakes_per_address),
            connections: Places::new(limits.connections, limits.connections_per_kiosk),
            lines: LogLimiter::default(),
            limiters: Mutex::default(),
            stopping,
        };
        let accepting = runtime.spawn(accept(listener, Arc::new(door)));
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

/// Listens with room for a flood, so that nobody has to knock again while it is turned away.
fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// The connections live in this task's set: they end with it. Nobody is waited for here.
async fn accept(listener: TcpListener, door: Arc<Door>) {
    let mut stopping = door.stopping.clone();
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            _ = stopping.changed() => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                connections.spawn(door.clone().admit(stream, peer));
            }
            Err(error) => {
                if let Some(left_out) = door.lines.line(Instant::now()) {
                    tracing::warn!(%error, left_out, "a connection could not be accepted");
                }
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

/// What every connection passes.
struct Door {
    acceptor: TlsAcceptor,
    register: Register,
    router: Router,
    handshakes: Places<IpAddr>,
    /// By the certificate's fingerprint: a stolen one must not starve the one that replaced it.
    connections: Places<Arc<str>>,
    /// Of those who are nobody yet.
    lines: LogLimiter,
    /// Of each certificate, by its fingerprint.
    limiters: Mutex<HashMap<Arc<str>, Arc<LogLimiter>>>,
    stopping: watch::Receiver<bool>,
}

impl Door {
    /// From the socket to the end of the connection.
    async fn admit(self: Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        // Answers are small and whole; waiting to fill a segment only costs time.
        let _ = stream.set_nodelay(true);
        let mut place = self.handshakes.take(network(peer.ip()));
        let identified = tokio::select! {
            identified = self.identify(stream, peer) => identified,
            _ = &mut place.given_away => {
                self.refused(peer, "too many handshakes at once, the oldest gave way");
                None
            }
        };
        let Some((stream, kiosk)) = identified else { return };
        if !self.counts(&kiosk) {
            // The gate says so to its request.
            return self.serve(stream, kiosk, place, WAITING).await;
        }
        drop(place);
        let place = self.connections.take(kiosk.fingerprint.clone());
        self.serve(stream, kiosk, place, LIFE).await;
    }

    /// Whether the kiosk's certificate counts. Where the register cannot be read, the gate says so.
    fn counts(&self, kiosk: &Kiosk) -> bool {
        let standing = self.register.standing(&kiosk.name, &kiosk.fingerprint, kiosk.begins);
        !standing.is_ok_and(|standing| standing != Standing::Counts)
    }

    /// From the socket to a kiosk. One that has all its connections waits here before its oldest
    /// gives way: who opens them without end spends his time, and not the service's.
    async fn identify(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
    ) -> Option<(TlsStream<TcpStream>, Kiosk)> {
        let stream = self.secure(stream, peer).await?;
        let Some(certificate) = tls::peer(stream.get_ref().1.peer_certificates()) else {
            self.refused(peer, "a certificate without a usable name");
            return None;
        };
        let kiosk = self.kiosk(certificate);
        if self.connections.has_its_share(&kiosk.fingerprint) {
            if let Some(left_out) = kiosk.limiter.line(Instant::now()) {
                tracing::warn!(kiosk = %kiosk.name, left_out, "many connections, the oldest gives way");
            }
            sleep(WAITING).await;
        }
        Some((stream, kiosk))
    }

    /// Serves a kiosk's connection in its place, for `life` at most.
    async fn serve<K: Hash + Eq>(
        &self,
        stream: TlsStream<TcpStream>,
        kiosk: Kiosk,
        mut place: Place<K>,
        life: Duration,
    ) {
        let mut stopping = self.stopping.clone();
        // The second in which it ends is still the certificate's.
        let left = kiosk.ends.saturating_add(1).saturating_sub(Timestamp::now().as_second());
        let left = Duration::from_secs(u64::try_from(left).unwrap_or(0));
        let service = hyper::service::service_fn(|request| {
            answer(self.router.clone(), kiosk.clone(), request)
        });
        let serving = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .max_headers(HEAD_LINES)
            .max_buf_size(HEAD_BYTES)
            .serve_connection(TokioIo::new(stream), service);
        let mut serving = std::pin::pin!(serving);
        let grace = tokio::select! {
            ended = serving.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(kiosk = %kiosk.name, %error, "connection ended early");
                }
                return;
            }
            _ = stopping.changed() => DRAIN,
            () = sleep(life) => life.min(DRAIN),
            () = sleep(left) => GIVING_WAY,
            _ = &mut place.given_away => GIVING_WAY,
        };
        serving.as_mut().graceful_shutdown();
        if timeout(grace, serving).await.is_err() {
            tracing::debug!(kiosk = %kiosk.name, "connection cut");
        }
    }

    fn kiosk(&self, certificate: Peer) -> Kiosk {
        let Peer { name, division, fingerprint, begins, ends } = certificate;
        let fingerprint: Arc<str> = fingerprint.into();
        let limiter = {
            // Insertions and removals only.
            let mut limiters = self.limiters.lock().unwrap_or_else(PoisonError::into_inner);
            if limiters.len() >= CERTIFICATES {
                limiters.clear();
            }
            limiters.entry(fingerprint.clone()).or_default().clone()
        };
        let audience = Arc::new(Audience::of(division.as_ref()));
        Kiosk { name: name.into(), audience, fingerprint, begins, ends, limiter }
    }

    /// The handshake. Who fails it learns why from the TLS alert, so the socket is closed gently: a
    /// reset could overtake the alert.
    async fn secure(&self, stream: TcpStream, peer: SocketAddr) -> Option<TlsStream<TcpStream>> {
        match timeout(HANDSHAKE, self.acceptor.accept(stream).into_fallible()).await {
            Ok(Ok(stream)) => Some(stream),
            Ok(Err((error, mut stream))) => {
                self.refused(peer, &format!("handshake failed: {error}"));
                let linger = async {
                    let _ = stream.shutdown().await;
                    let mut rest = [0; 1024];
                    // Bounded in bytes as in time: whoever fails the handshake is nobody to listen
                    // to.
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
                self.refused(peer, "handshake took too long");
                None
            }
        }
    }

    fn refused(&self, peer: SocketAddr, why: &str) {
        if let Some(left_out) = self.lines.line(Instant::now()) {
            tracing::warn!(%peer, outcome = "refused", left_out, "{why}");
        }
    }
}

/// What counts as one address: of IPv6 the network, from which everybody has as many as he likes.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address => address,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_ipv6_is_its_network() {
        let of = |text: &str| network(text.parse().expect("an address")).to_string();
        assert_eq!(of("10.51.5.21"), "10.51.5.21");
        assert_eq!(of("::ffff:10.51.5.21"), "10.51.5.21");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
    }
}
