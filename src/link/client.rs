//! The requests of the [wire](kiosk_base::wire): each bounded in time and bytes, each failure its
//! own stop, nothing believed before it is checked.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use hyper::body::Bytes;
use jiff::Timestamp;
use kiosk_base::{
    domain::{
        Account, DivisionCode, Stop,
        account::{HistoryPage, HistoryRest},
    },
    wire::{AccountQuery, Collection, FEED_PAGE_BYTES, v1},
};
use reqwest::{
    Method, Response, StatusCode, Url,
    header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER},
};
use rustls::ClientConfig;
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use super::{
    LinkError, LinkSettings, check, failure,
    feed::{KeyFile, Settled},
    identity, pem,
    tls::{self, Shown},
};

/// To the end of the TLS handshake.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);
/// For a query or a heartbeat in all.
pub const QUERY_LIMIT: Duration = Duration::from_secs(8);
/// For a page of the feed in all: 4 MB over 512 kbit/s. Compressed it is a tenth of that.
const PAGE_LIMIT: Duration = Duration::from_secs(65);
/// A connection for pages is kept this long between two of them.
const IDLE: Duration = Duration::from_secs(5);
/// Most bytes of an account or a heartbeat's answer.
const ANSWER_BYTES: usize = 1024 * 1024;
/// Most bytes of a page of a history: 120 rows, of which the longest has the name of a unit.
const HISTORY_BYTES: usize = 128 * 1024;
/// Most bytes of a problem document.
const PROBLEM_BYTES: usize = 16 * 1024;
/// The wait when the county asks for one without saying how long, and the longest it can ask for.
const WAIT: Duration = Duration::from_secs(60);
const WAIT_MAX: Duration = Duration::from_secs(600);

/// The county as this kiosk reaches it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: LinkSettings,
    base: Url,
    shown: Arc<Shown>,
    /// A new connection for each request, closed with its answer: always the identity now in use,
    /// never a dead connection, and no buffer that outlives an account.
    single: reqwest::Client,
    /// Keeps its connection from page to page of the feed; nothing about a person goes over it.
    paging: reqwest::Client,
    /// Keeps its connection from page to page of one person's histories. There while they are being
    /// read; its buffers go with it.
    reading: Mutex<Option<reqwest::Client>>,
    /// For connections to come.
    config: ClientConfig,
    /// Until when the county asked not to be asked, for each [`Purpose`].
    busy_until: Mutex<[Option<Instant>; 4]>,
    feed_keys: KeyFile,
    /// For each collection, when there was nothing new the last time.
    settled: Mutex<[Option<Settled>; Collection::ALL.len()]>,
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Feed,
    Account,
    Heartbeat,
    History,
}

impl Client {
    /// Reads certificates and key and builds the client; connects only when asked something. A
    /// certificate that has run out is no error here: the county decides, since this machine's
    /// clock may be wrong.
    ///
    /// # Errors
    /// [`Stop::ConfigWrong`] when the address or a file is missing or makes no sense.
    pub fn new(settings: &LinkSettings) -> Result<Self, LinkError> {
        let base = address(&settings.url)?;
        if pem::exposed(&settings.key) {
            match pem::hide(&settings.key) {
                Ok(()) => tracing::warn!(
                    key = %settings.key.display(), "others could read this key; now 0600"
                ),
                Err(error) => tracing::warn!(
                    key = %settings.key.display(), %error, "others can read this key; chmod 600"
                ),
            }
        }
        let shown = Arc::new(Shown::new(identity::certified_key(settings)?));
        let config = tls::client_config(settings, shown.clone())?;
        Ok(Self(Arc::new(Inner {
            settings: settings.clone(),
            base,
            shown,
            single: http(&config, 0)?,
            paging: http(&config, 1)?,
            reading: Mutex::default(),
            config,
            busy_until: Mutex::default(),
            feed_keys: KeyFile::open(&settings.feed_key)?,
            settled: Mutex::default(),
        })))
    }

    /// Reads certificate and key again; the next connection shows them. So a renewed certificate
    /// needs no restart.
    ///
    /// # Errors
    /// [`Stop::ConfigWrong`]; the old identity stays in use.
    pub fn reload_identity(&self) -> Result<(), LinkError> {
        self.0.shown.replace(identity::certified_key(&self.0.settings)?);
        Ok(())
    }

    /// How long the county asked not to be queried for accounts; `None` when it may be.
    pub fn retry_after(&self) -> Option<Duration> {
        self.wait(Purpose::Account)
    }

    /// How long the county asked not to be asked for the feed; `None` when it may be.
    pub fn feed_retry_after(&self) -> Option<Duration> {
        self.wait(Purpose::Feed)
    }

    /// This kiosk's name in its certificate; empty when it has none.
    pub fn name(&self) -> String {
        self.0.shown.name().unwrap_or_default()
    }

    /// Asks for one person's account. Dropping the future cancels the request.
    ///
    /// # Errors
    /// Any [`LinkError`]; [`Stop::PersonMismatch`] when the answer is about somebody else
    /// or to another query.
    pub async fn account(&self, query: &AccountQuery) -> Result<Account, LinkError> {
        let body = Some(to_json(&v1::AccountQuery::from(query.clone())));
        let answer = self.exchange(Purpose::Account, "/v1/accounts/query", body).await?;
        let v1::AccountAnswer { read_id, account } = answer;
        let account = account.into();
        check::answer(&read_id, &account, query)?;
        Ok(account)
    }

    /// Asks for the next rows of a history. Dropping the future cancels the request.
    ///
    /// # Errors
    /// Any [`LinkError`]; [`Stop::LinkServerError`] when the county no longer knows the cursor,
    /// [`Stop::LinkNonsense`] when the rows do not go on where `rest` says.
    pub async fn history(&self, rest: &HistoryRest) -> Result<HistoryPage, LinkError> {
        let body = Some(to_json(&v1::HistoryQuery { cursor: rest.cursor.clone().into() }));
        let page: v1::HistoryPage =
            self.exchange(Purpose::History, "/v1/accounts/history", body).await?;
        let page = page.into();
        check::history(&page, rest)?;
        Ok(page)
    }

    /// Closes the connection over which the rest of somebody's histories came, if it is still open.
    /// To be called when the visit is over.
    pub fn forget_person(&self) {
        self.0.reading.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Reports how this kiosk is and learns the county's time.
    ///
    /// # Errors
    /// Any [`LinkError`].
    pub async fn heartbeat(
        &self,
        heartbeat: &v1::Heartbeat,
    ) -> Result<v1::HeartbeatReply, LinkError> {
        self.exchange(Purpose::Heartbeat, "/v1/heartbeat", Some(to_json(heartbeat))).await
    }

    /// Learns the county's time without saying anything for this kiosk.
    ///
    /// # Errors
    /// Any [`LinkError`].
    pub async fn time(&self) -> Result<Timestamp, LinkError> {
        let time: v1::CountyTime = self.exchange(Purpose::Heartbeat, "/v1/time", None).await?;
        Ok(time.now)
    }

    /// What a heartbeat calls the keys of the feed that are believed, as their file has them now.
    pub fn feed_key_ids(&self) -> Vec<String> {
        self.0.feed_keys.newest().ids()
    }

    /// Whether the county has countersigned `head` of this kiosk's audit chain so.
    pub fn is_countersigned(&self, head: &v1::AuditHead, signature: &str) -> bool {
        let message = v1::signed_head(&self.name(), head);
        let signature = super::feed::signature(signature);
        signature.is_some_and(|signature| self.0.feed_keys.signed(&message, &signature))
    }

    /// One request and its answer, within the limits of `purpose`.
    async fn exchange<T: DeserializeOwned>(
        &self,
        purpose: Purpose,
        path: &str,
        body: Option<Bytes>,
    ) -> Result<T, LinkError> {
        let talk = async {
            let response = self.send(purpose, path, HeaderMap::new(), body).await?;
            self.receive(purpose, response).await
        };
        self.within_limits(purpose, talk).await
    }

    /// Lets `talk` happen if the county did not ask to wait, and not for ever.
    pub(super) async fn within_limits<T>(
        &self,
        purpose: Purpose,
        talk: impl Future<Output = Result<T, LinkError>>,
    ) -> Result<T, LinkError> {
        if let Some(wait) = self.wait(purpose) {
            let detail = format!("the county asked to wait, {} s are left", wait.as_secs());
            return Err(LinkError { stop: Stop::LinkBusy, detail });
        }
        match tokio::time::timeout(purpose.limit(), talk).await {
            Ok(answer) => answer,
            Err(_) => Err(LinkError {
                stop: Stop::LinkTimeout,
                detail: format!("no complete answer within {} s", purpose.limit().as_secs()),
            }),
        }
    }

    pub(super) async fn send(
        &self,
        purpose: Purpose,
        path: &str,
        headers: HeaderMap,
        body: Option<Bytes>,
    ) -> Result<Response, LinkError> {
        let url = self
            .0
            .base
            .join(path)
            .map_err(|e| LinkError { stop: Stop::ConfigWrong, detail: format!("link.url: {e}") })?;
        let http = match purpose {
            // One page comes after the other.
            Purpose::Feed => self.0.paging.clone(),
            Purpose::History => self.reading()?,
            Purpose::Account | Purpose::Heartbeat => self.0.single.clone(),
        };
        let request = match body {
            Some(body) => http
                .request(Method::POST, url)
                .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                .body(body),
            None => http.request(Method::GET, url),
        };
        request.headers(headers).send().await.map_err(|error| self.explain(&error))
    }

    async fn receive<T: DeserializeOwned>(
        &self,
        purpose: Purpose,
        response: Response,
    ) -> Result<T, LinkError> {
        let status = response.status();
        if status == StatusCode::OK {
            if response.headers().contains_key(CONTENT_ENCODING) {
                return Err(nonsense("the answer is compressed, which nobody asked for"));
            }
            if content_type(response.headers()) != Some("application/json") {
                return Err(nonsense("the answer is not JSON"));
            }
            let body = self.read(response, purpose.bytes()).await?;
            return from_json(&body);
        }
        Err(self.refused(purpose, response).await)
    }

    /// What an answer other than the one asked for means.
    pub(super) async fn refused(&self, purpose: Purpose, response: Response) -> LinkError {
        let status = response.status();
        let wait = retry_after(response.headers());
        let code = if content_type(response.headers()) == Some("application/problem+json") {
            let problem = self.read(response, PROBLEM_BYTES).await;
            match problem.and_then(|body| from_json::<HeardProblem>(&body)) {
                Ok(HeardProblem { code }) => Some(code),
                Err(error) => return error,
            }
        } else {
            None
        };
        let problem = code.as_deref().and_then(v1::ProblemCode::named);
        let mut stop = match (&code, problem) {
            (Some(_), None) => unknown_refusal(status, wait.is_some()),
            _ => refusal(purpose, status, problem, wait.is_some()),
        };
        if stop == Stop::LinkClientRefused && self.own_has_ended() {
            stop = Stop::LinkOwnExpired;
        }
        if stop == Stop::LinkBusy {
            self.hold(purpose, wait.unwrap_or(WAIT));
        }
        // The problem's own sentence stays out: it comes from outside and this goes to the log.
        let code = code.as_deref().map(plain).unwrap_or_default();
        LinkError { stop, detail: format!("status {} {code}", status.as_u16()) }
    }

    /// The body, at most `limit` bytes. Its buffer and every smaller one before it are overwritten.
    pub(super) async fn read(
        &self,
        mut response: Response,
        limit: usize,
    ) -> Result<Zeroizing<Vec<u8>>, LinkError> {
        let announced = response.content_length().unwrap_or(16 * 1024);
        let announced = usize::try_from(announced).unwrap_or(usize::MAX);
        if announced > limit {
            return Err(nonsense("the answer is too large"));
        }
        let mut body = Zeroizing::new(Vec::with_capacity(announced));
        while let Some(chunk) = response.chunk().await.map_err(|error| self.explain(&error))? {
            let length = body.len() + chunk.len();
            if length > limit {
                return Err(nonsense("the answer is too large"));
            }
            if length > body.capacity() {
                let mut larger = Zeroizing::new(Vec::with_capacity((2 * length).min(limit)));
                larger.extend_from_slice(&body);
                body = larger;
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// What reads the present person's histories.
    fn reading(&self) -> Result<reqwest::Client, LinkError> {
        let mut reading = self.0.reading.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(http) = &*reading {
            return Ok(http.clone());
        }
        Ok(reading.insert(http(&self.0.config, 1)?).clone())
    }

    pub(super) fn feed_keys(&self) -> &KeyFile {
        &self.0.feed_keys
    }

    /// Where this kiosk stands, as its certificate says.
    pub fn division(&self) -> Option<DivisionCode> {
        self.0.shown.division()
    }

    pub(super) fn settled(&self, collection: Collection) -> Option<Settled> {
        self.0.settled.lock().unwrap_or_else(PoisonError::into_inner)[collection as usize].clone()
    }

    pub(super) fn settle(&self, collection: Collection, settled: Option<Settled>) {
        self.0.settled.lock().unwrap_or_else(PoisonError::into_inner)[collection as usize] =
            settled;
    }

    /// A county that refuses a certificate does not always say that it has run out.
    fn explain(&self, error: &reqwest::Error) -> LinkError {
        let mut explained = failure::of_request(error);
        if explained.stop == Stop::LinkClientRefused && self.own_has_ended() {
            explained.stop = Stop::LinkOwnExpired;
        }
        explained
    }

    fn own_has_ended(&self) -> bool {
        let now = jiff::Timestamp::now().as_second();
        self.0.shown.validity().is_some_and(|(_, ends)| ends < now)
    }

    fn wait(&self, purpose: Purpose) -> Option<Duration> {
        let until =
            self.0.busy_until.lock().unwrap_or_else(PoisonError::into_inner)[purpose as usize]?;
        Some(until.saturating_duration_since(Instant::now())).filter(|wait| !wait.is_zero())
    }

    fn hold(&self, purpose: Purpose, wait: Duration) {
        self.0.busy_until.lock().unwrap_or_else(PoisonError::into_inner)[purpose as usize] =
            Some(Instant::now() + wait.min(WAIT_MAX));
    }
}

impl Purpose {
    fn limit(self) -> Duration {
        match self {
            Self::Feed => PAGE_LIMIT,
            Self::Account | Self::Heartbeat | Self::History => QUERY_LIMIT,
        }
    }

    fn bytes(self) -> usize {
        match self {
            Self::Feed => FEED_PAGE_BYTES,
            Self::Account | Self::Heartbeat => ANSWER_BYTES,
            Self::History => HISTORY_BYTES,
        }
    }
}

/// What makes connections, and keeps at most `idle` of them between two requests.
fn http(config: &ClientConfig, idle: usize) -> Result<reqwest::Client, LinkError> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(config.clone())
        .https_only(true)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_LIMIT)
        .pool_max_idle_per_host(idle)
        .pool_idle_timeout(IDLE)
        .tcp_nodelay(true)
        .user_agent(concat!("renshe-kiosk/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|e| LinkError { stop: Stop::ConfigWrong, detail: e.to_string() })
}

/// `https://host:port` and nothing more.
fn address(text: &str) -> Result<Url, LinkError> {
    let url = Url::parse(text).ok().filter(|url| {
        url.scheme() == "https"
            && url.host().is_some()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
    });
    url.ok_or_else(|| LinkError {
        stop: Stop::ConfigWrong,
        detail: "link.url 请写成 https://主机名:端口".into(),
    })
}

/// What is read of a problem: its code may be one of a county that is newer than this kiosk.
#[derive(serde::Deserialize)]
struct HeardProblem {
    code: String,
}

/// A code from outside as it may stand in a log: no digits, so that no number of a person can hide in it.
fn plain(code: &str) -> String {
    code.chars().filter(|c| c.is_ascii_lowercase() || *c == '_').take(40).collect()
}

/// What a problem means whose code this kiosk does not know: nothing about a person, whatever it is.
fn unknown_refusal(status: StatusCode, asks_to_wait: bool) -> Stop {
    match status.as_u16() {
        429 => Stop::LinkBusy,
        503 if asks_to_wait => Stop::LinkBusy,
        _ => Stop::LinkServerError,
    }
}

/// What an answer other than 200 means. What no county service says comes from something between.
fn refusal(
    purpose: Purpose,
    status: StatusCode,
    problem: Option<v1::ProblemCode>,
    asks_to_wait: bool,
) -> Stop {
    use v1::ProblemCode;

    let about_a_person = match (status.as_u16(), problem) {
        (404, Some(ProblemCode::NotFound)) | (403, Some(ProblemCode::IdentityMismatch)) => {
            Some(Stop::PersonUnknown)
        }
        (
            409,
            Some(ProblemCode::Replayed | ProblemCode::OutOfWindow | ProblemCode::ReaderUnknown),
        ) => Some(Stop::QueryStale),
        (429, Some(ProblemCode::KioskLimit)) => Some(Stop::KioskLimit),
        (429, Some(ProblemCode::PersonLimit)) => Some(Stop::PersonLimit),
        (503, Some(ProblemCode::CoreAbsent)) => Some(Stop::CoreAbsent),
        (401, Some(ProblemCode::PinRequired)) => Some(Stop::QueryPinNeeded),
        (401, Some(ProblemCode::PinWrong)) => Some(Stop::QueryPinWrong),
        (403, Some(ProblemCode::PinUnset)) => Some(Stop::QueryPinUnset),
        (403, Some(ProblemCode::PinLocked)) => Some(Stop::QueryPinLocked),
        _ => None,
    };
    if let Some(stop) = about_a_person.filter(|_| purpose == Purpose::Account) {
        return stop;
    }
    match (status.as_u16(), problem) {
        (403, Some(ProblemCode::CertificateRefused)) => Stop::LinkClientRefused,
        (429, _) => Stop::LinkBusy,
        (404, Some(ProblemCode::NotFound)) if purpose == Purpose::History => Stop::LinkServerError,
        (503, None | Some(ProblemCode::TooMany)) if asks_to_wait => Stop::LinkBusy,
        (500..=599, _) => Stop::LinkServerError,
        (400..=499, Some(ProblemCode::BadRequest)) => Stop::LinkServerError,
        _ => Stop::LinkNonsense,
    }
}

/// `Retry-After` in seconds, as the county sends it; its other form, a date, counts as a minute,
/// since this machine's clock may be wrong.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?;
    let seconds = value.to_str().ok().and_then(|text| text.trim().parse().ok());
    Some(seconds.map_or(WAIT, Duration::from_secs))
}

pub(super) fn content_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(CONTENT_TYPE)?.to_str().ok()?.split(';').next().map(str::trim)
}

/// The value as JSON in memory that is overwritten when it has been sent.
fn to_json<T: Serialize>(value: &T) -> Bytes {
    let mut json = Zeroizing::new(Vec::with_capacity(4 * 1024));
    serde_json::to_writer(&mut *json, value).expect("wire types are plain data");
    Bytes::from_owner(json)
}

fn from_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, LinkError> {
    serde_json::from_slice(body).map_err(|error| misread(&error))
}

/// The reason names only a place in the text, because the text may be about a person.
pub(super) fn misread(error: &serde_json::Error) -> LinkError {
    nonsense(&format!("not understood at line {}, column {}", error.line(), error.column()))
}

pub(super) fn nonsense(detail: &str) -> LinkError {
    LinkError { stop: Stop::LinkNonsense, detail: detail.to_owned() }
}
