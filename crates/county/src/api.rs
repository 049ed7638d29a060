//! The routes of the [wire](kiosk_base::wire), and the OpenAPI document that describes them,
//! generated from the same lines of code.
//!
//! Every refusal is a [`Problem`]. The log names the kiosk and the outcome of each request, never a
//! person.
//!
//! State: the handles it was given, and what the queries for accounts keep.

use std::{sync::Arc, time::Instant};

use axum::{
    Extension, Router,
    body::{Body, Bytes},
    extract::{
        DefaultBodyLimit, Path, Query, State,
        rejection::{BytesRejection, PathRejection, QueryRejection},
    },
    http::{HeaderMap, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use kiosk_base::{
    clock::Clock,
    wire::{
        Collection, FEED_PAGE_ITEMS, FEED_SIGNATURE, INTEGER_MAX,
        v1::{
            AuditHead, AuditVerdict, CountyTime, FeedPage, Heartbeat, HeartbeatReply, Problem,
            ProblemCode,
        },
    },
};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use utoipa::{IntoParams, OpenApi};

use super::{
    CountyError, Feed,
    accounts::{self, QueryRules},
    core::CoreSystem,
    counts::Counts,
    database,
    feed::{Answer, AnswerPage, Ask},
    gate::{self, Gate},
    heard::Listening,
    histories::{self, Histories},
    keeper::Keeper,
    readers::Readers,
    register::Register,
    serve::Kiosk,
};

/// Most bytes of a request's body.
const BODY_BYTES: usize = 64 * 1024;
/// Requests for the feed that are worked on or wait for the database; who comes then is asked to
/// come again. A page takes milliseconds, so this is a second's work.
const FEED_AT_ONCE: usize = 64;

/// What the service answers from.
#[derive(Clone)]
pub struct County {
    /// The core system.
    pub core: Arc<dyn CoreSystem>,
    /// What is published.
    pub feed: Feed,
    /// Where the county's time comes from.
    pub clock: Clock,
    /// How queries for accounts are answered.
    pub queries: QueryRules,
}

pub(super) struct Shared {
    pub(super) county: County,
    pub(super) gate: Gate,
    pub(super) histories: Histories,
    listening: Listening,
    pub(super) counts: Counts,
    pub(super) readers: Readers,
    feed_places: Semaphore,
    openapi: String,
}

/// The routes over `county`.
pub(super) fn router(county: County) -> Result<Router, CountyError> {
    router_with(county, FEED_AT_ONCE)
}

fn router_with(county: County, feed_at_once: usize) -> Result<Router, CountyError> {
    let directory = county.feed.directory();
    let keeper = Keeper::start(directory)?;
    let connection = database::open_again(directory)?;
    let (rules, clock) = (county.queries.clone(), county.clock.clone());
    let shared = Arc::new(Shared {
        gate: Gate::new(Register::open_again(directory)?, &rules),
        histories: Histories::new(rules.history_window),
        listening: Listening::new(keeper.clone()),
        readers: Readers::load(&connection, keeper.clone())?,
        counts: Counts::open(rules, clock, &connection, keeper, directory)?,
        feed_places: Semaphore::new(feed_at_once),
        openapi: openapi(),
        county,
    });
    let router = Router::new()
        .route("/v1/feed/{collection}", get(feed_page))
        .route("/v1/accounts/query", post(accounts::query))
        .route("/v1/accounts/history", post(histories::history))
        .route("/v1/heartbeat", post(heartbeat))
        .route("/v1/time", get(time))
        .route("/openapi.json", get(describe))
        .fallback(|| async {
            refuse(StatusCode::NOT_FOUND, ProblemCode::BadRequest, "no such path")
        })
        .method_not_allowed_fallback(|| async {
            refuse(StatusCode::METHOD_NOT_ALLOWED, ProblemCode::BadRequest, "another method is due")
        })
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(middleware::from_fn_with_state(shared.clone(), gate::pass))
        .with_state(shared);
    Ok(router)
}

/// The OpenAPI 3.1 document, JSON.
pub fn openapi() -> String {
    Document::openapi().to_pretty_json().expect("the document is plain data")
}

/// The answer to a request that took too long.
pub(super) fn late() -> Refusal {
    refuse(StatusCode::SERVICE_UNAVAILABLE, ProblemCode::Internal, "no answer in time")
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "renshe-kiosk county service",
        description = "What kiosks ask the county service. TLS 1.3 with a client certificate of the county's authority."
    ),
    paths(feed_page, accounts::query, histories::history, heartbeat, time, describe),
    components(schemas(Collection))
)]
struct Document;

/// Which part of a feed is wanted. What else a newer kiosk says is left.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FeedQuery {
    /// The cursor: changes after this one.
    #[serde(default)]
    #[param(maximum = 9007199254740991u64)]
    since: u64,
    /// Most items in the page, 1 to 1000.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
    /// For a kiosk that began at 0 and has come to `since` from there: the `head` of its first
    /// page. Tombstones up to it are left out.
    #[param(maximum = 9007199254740991u64)]
    snapshot: Option<u64>,
}

impl FeedQuery {
    fn is_within_limits(&self) -> bool {
        [Some(self.since), self.snapshot].into_iter().flatten().all(|at| at <= INTEGER_MAX)
            && self.limit.is_none_or(|limit| (1..=FEED_PAGE_ITEMS).contains(&limit))
    }
}

/// A page of what changed in a collection, as far as it is for the town in the kiosk's certificate.
///
/// Compressed for who accepts zstd. Signed with the county's feed key (Ed25519): the signature is
/// over `renshe-kiosk feed page 1\n{collection}\n{since}\n{town}\n` and the 32 bytes of the SHA-256
/// of the JSON before compression, where `{town}` are nine digits, or `-` for a kiosk without a
/// town. In an answer 304 `page` reads `unchanged` and the entity tag takes the place of the
/// digest.
#[utoipa::path(
    get,
    path = "/v1/feed/{collection}",
    params(
        ("collection" = Collection, Path, description = "What to fetch"),
        FeedQuery,
        ("If-None-Match" = Option<String>, Header, description = "Entity tag of the answer that is there"),
        ("Accept-Encoding" = Option<String>, Header, description = "zstd, to have the page compressed"),
    ),
    responses(
        (status = 200, description = "The changes", body = FeedPage,
            headers(
                ("Feed-Signature" = String, description = "Ed25519, 128 hexadecimal digits"),
                ("ETag" = String, description = "Names the state of the collection for this kiosk"),
                ("Content-Encoding" = String, description = "zstd, if the kiosk accepts it"),
            )),
        (status = 304, description = "Nothing has changed",
            headers(
                ("Feed-Signature" = String, description = "Ed25519, 128 hexadecimal digits"),
                ("ETag" = String, description = "As it was asked"),
            )),
        (status = 400, description = "Malformed", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The kiosk's certificate is not taken any more", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such collection", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests of this kiosk", body = Problem, content_type = "application/problem+json",
            headers(("Retry-After" = u64, description = "Seconds to wait"))),
        (status = 500, description = "The service failed", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too many kiosks ask at once, or no answer in time", body = Problem, content_type = "application/problem+json",
            headers(("Retry-After" = u64, description = "Seconds to wait"))),
    )
)]
async fn feed_page(
    State(shared): State<Arc<Shared>>,
    Extension(kiosk): Extension<Kiosk>,
    path: Result<Path<String>, PathRejection>,
    query: Result<Query<FeedQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    // What is no text names no collection either.
    let named = path.ok().map(|Path(name)| name);
    let collection = Collection::ALL.into_iter().find(|c| Some(c.as_str()) == named.as_deref());
    let Some(collection) = collection else {
        let none = "no such collection";
        return Err(refuse(StatusCode::NOT_FOUND, ProblemCode::BadRequest, none).logged(&kiosk));
    };
    let query = query.ok().filter(|Query(query)| query.is_within_limits());
    let Some(Query(FeedQuery { since, limit, snapshot })) = query else {
        return Err(bad("since and snapshot are whole numbers, limit is 1 to 1000").logged(&kiosk));
    };
    let Ok(_place) = shared.feed_places.try_acquire() else {
        return Err(Refusal {
            retry_after_s: Some(wait_for_feed()),
            ..refuse(
                StatusCode::SERVICE_UNAVAILABLE,
                ProblemCode::TooMany,
                "too many kiosks at once",
            )
        }
        .logged(&kiosk));
    };
    let ask = Ask {
        collection,
        since,
        limit: limit.unwrap_or(FEED_PAGE_ITEMS),
        snapshot,
        audience: (*kiosk.audience).clone(),
    };
    let known = headers.get(header::IF_NONE_MATCH).and_then(|tag| tag.to_str().ok());
    let (known, compressed) = (known.map(str::to_owned), accepts_zstd(&headers));
    let feed = shared.county.feed.clone();
    let read = tokio::task::spawn_blocking(move || feed.answer(&ask, known.as_deref(), compressed));
    let Answer { etag, signature, page } = match read.await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return Err(internal(&error).logged(&kiosk)),
        Err(error) => return Err(internal(&error).logged(&kiosk)),
    };
    let next = page.as_ref().map_or(since, |page| page.next);
    // Whether the kiosk takes it, its next question or heartbeat says.
    shared.listening.asked(&kiosk, collection, since);
    if let Some(left_out) = kiosk.limiter.line(Instant::now()) {
        tracing::info!(
            kiosk = %kiosk.name, feed = collection.as_str(), since, next, outcome = "sent", left_out
        );
    }
    let marks = [(header::ETAG.as_str(), etag), (FEED_SIGNATURE, signature)];
    Ok(match page {
        None => (StatusCode::NOT_MODIFIED, marks).into_response(),
        Some(AnswerPage { body, compressed, .. }) => {
            let json =
                [(header::CONTENT_TYPE, "application/json"), (header::VARY, "accept-encoding")];
            let packed = compressed.then_some([(header::CONTENT_ENCODING, "zstd")]);
            (marks, json, packed, Body::from(body)).into_response()
        }
    })
}

/// Whether `Accept-Encoding` names zstd and does not forbid it.
fn accepts_zstd(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).into_iter();
    accepted.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(|one| {
        let mut parts = one.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("zstd"));
        named && !parts.any(|part| part.replace(' ', "").trim_end_matches(['0', '.']) == "q=")
    })
}

/// Seconds, different for each, so that those who were sent away do not come back together.
fn wait_for_feed() -> u64 {
    let mut random = [0];
    // Without randomness all wait the same time, which is better than none.
    let _ = aws_lc_rs::rand::fill(&mut random);
    5 + u64::from(random[0]) % 26
}

/// Takes how a kiosk is and which readers it has, and tells the county's time.
///
/// The head of the kiosk's audit chain is countersigned with the county's feed key (Ed25519) over
/// `renshe-kiosk audit head 1\n{kiosk}\n{sequence}\n{hash}`, unless it is older than, or differs
/// from, the last one that was.
#[utoipa::path(
    post,
    path = "/v1/heartbeat",
    request_body = Heartbeat,
    responses(
        (status = 200, description = "The county's time", body = HeartbeatReply),
        (status = 400, description = "Malformed", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The kiosk's certificate is not taken any more", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many heartbeats of this kiosk", body = Problem, content_type = "application/problem+json",
            headers(("Retry-After" = u64, description = "Seconds to wait"))),
        (status = 500, description = "The service failed", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No answer in time", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn heartbeat(
    State(shared): State<Arc<Shared>>,
    Extension(kiosk): Extension<Kiosk>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let heartbeat: Heartbeat = parse(&headers, body).map_err(|refusal| refusal.logged(&kiosk))?;
    if let Some(fault) = heartbeat.fault() {
        return Err(bad(fault).logged(&kiosk));
    }
    shared.histories.forget(Instant::now());
    shared.listening.beat(&kiosk, &heartbeat, shared.county.clock.now());
    let Heartbeat { version, uptime_s, reader_ready, rows, stops, modules, audit, .. } = heartbeat;
    shared.readers.announce(&kiosk.name, &modules, &shared.county.clock.wall());
    // Debug formatting escapes what could break a log line.
    tracing::info!(kiosk = %kiosk.name, ?version, uptime_s, reader_ready, ?rows, ?stops, "heartbeat");
    let audit = match audit {
        None => None,
        Some(head) => countersign(&shared, &kiosk, head).await,
    };
    Ok(json(&HeartbeatReply { now: shared.county.clock.now(), audit }))
}

/// The county's time: for who looks whether line and clock are right, without speaking for the kiosk.
#[utoipa::path(
    get,
    path = "/v1/time",
    responses(
        (status = 200, description = "The county's time", body = CountyTime),
        (status = 403, description = "The kiosk's certificate is not taken any more", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests of this kiosk", body = Problem, content_type = "application/problem+json",
            headers(("Retry-After" = u64, description = "Seconds to wait"))),
        (status = 500, description = "The service failed", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No answer in time", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn time(State(shared): State<Arc<Shared>>) -> Response {
    json(&CountyTime { now: shared.county.clock.now() })
}

/// A head that does not go on from what is known is refused, and that stands in the log: somebody
/// may have tampered with the kiosk. The heartbeat itself is answered.
async fn countersign(shared: &Shared, kiosk: &Kiosk, head: AuditHead) -> Option<AuditVerdict> {
    let (feed, name) = (shared.county.feed.clone(), kiosk.name.clone());
    let AuditHead { sequence, hash } = head.clone();
    let judging = tokio::task::spawn_blocking(move || feed.countersign(&name, &head));
    // A kiosk learns the time and that the line is up, whatever ails this database.
    let failed = |error: &dyn std::error::Error| drop(internal(error).logged(kiosk));
    let verdict = match judging.await {
        Ok(Ok(verdict)) => Some(verdict),
        Ok(Err(error)) => {
            failed(&error);
            None
        }
        Err(error) => {
            failed(&error);
            None
        }
    };
    match &verdict {
        Some(AuditVerdict::Refused { code }) => {
            tracing::error!(kiosk = %kiosk.name, sequence, outcome = ?code, "audit chain refused");
        }
        // Which heads there were is known here even if the kiosk's whole chain is replaced.
        Some(AuditVerdict::Countersigned { .. }) => {
            tracing::info!(kiosk = %kiosk.name, sequence, hash, "audit head");
        }
        Some(AuditVerdict::Unknown) | None => {}
    }
    verdict
}

/// This document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    responses(
        (status = 200, description = "OpenAPI 3.1", body = serde_json::Value, content_type = "application/json"),
        (status = 403, description = "The kiosk's certificate is not taken any more", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests of this kiosk", body = Problem, content_type = "application/problem+json",
            headers(("Retry-After" = u64, description = "Seconds to wait"))),
        (status = 500, description = "The service failed", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No answer in time", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn describe(State(shared): State<Arc<Shared>>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], shared.openapi.clone()).into_response()
}

/// A refusal on its way out.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) problem: Problem,
    pub(super) retry_after_s: Option<u64>,
}

impl Refusal {
    pub(super) fn logged(self, kiosk: &Kiosk) -> Self {
        if let Some(left_out) = kiosk.limiter.line(Instant::now()) {
            tracing::warn!(
                kiosk = %kiosk.name,
                outcome = self.status.as_u16(),
                detail = self.problem.detail,
                left_out
            );
        }
        self
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = json(&self.problem);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            header::HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

pub(super) fn refuse(status: StatusCode, code: ProblemCode, detail: &str) -> Refusal {
    Refusal { status, problem: Problem { code, detail: detail.to_owned() }, retry_after_s: None }
}

pub(super) fn bad(detail: &str) -> Refusal {
    refuse(StatusCode::BAD_REQUEST, ProblemCode::BadRequest, detail)
}

/// The cause goes to the log; the kiosk learns only that it was not its fault.
pub(super) fn internal(error: &dyn std::error::Error) -> Refusal {
    tracing::error!(%error, "the service failed");
    refuse(StatusCode::INTERNAL_SERVER_ERROR, ProblemCode::Internal, "the county service failed")
}

/// Parses a JSON body. The reason never quotes the body, which may be about a person.
pub(super) fn parse<T: serde::de::DeserializeOwned>(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<T, Refusal> {
    let json = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(
        |value| value.split(';').next().is_some_and(|kind| kind.trim() == "application/json"),
    );
    if !json {
        return Err(bad("the content type is application/json"));
    }
    let body = body.map_err(|rejection| {
        refuse(rejection.status(), ProblemCode::BadRequest, "the body is too large or incomplete")
    })?;
    serde_json::from_slice(&body).map_err(|error| {
        bad(&format!("not understood at line {}, column {}", error.line(), error.column()))
    })
}

/// An answer. It may be an account: the program's allocator overwrites its bytes once they are sent.
pub(super) fn json<T: Serialize>(value: &T) -> Response {
    // Roomy from the start: as large as nearly all accounts.
    let mut bytes = Vec::with_capacity(32 * 1024);
    serde_json::to_writer(&mut bytes, value).expect("wire types are plain data");
    let body = Body::from(bytes);
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zstd_is_accepted_when_it_is_named_and_not_forbidden() {
        let accepts = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, value.parse().expect("a value"));
            accepts_zstd(&headers)
        };
        for yes in ["zstd", "gzip, zstd", "ZSTD;q=0.5", "br;q=0, zstd ; q=1"] {
            assert!(accepts(yes), "{yes}");
        }
        for no in ["", "gzip", "zstd;q=0", "zstd; q = 0.0", "xzstd", "*"] {
            assert!(!accepts(no), "{no}");
        }
    }

    #[tokio::test]
    async fn who_finds_no_place_at_the_feed_is_told_when_to_come_again() {
        use tower::ServiceExt;

        let home = tempfile::tempdir().expect("a directory");
        let county = County {
            core: Arc::new(crate::core::NoCore),
            feed: Feed::open(home.path()).expect("opened"),
            clock: Clock::System,
            queries: QueryRules::default(),
        };
        let ask = async |places: usize| {
            let kiosk = Kiosk::of_test("hall");
            let request = axum::http::Request::get("/v1/feed/postings?since=0")
                .extension(kiosk)
                .body(Body::empty())
                .expect("a request");
            let router = router_with(county.clone(), places).expect("opened");
            router.oneshot(request).await.expect("an answer")
        };
        assert_eq!(ask(1).await.status(), StatusCode::OK);
        let mut waits = std::collections::HashSet::new();
        for _ in 0..50 {
            let refused = ask(0).await;
            assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
            let wait = refused.headers()[header::RETRY_AFTER].to_str().expect("a text");
            waits.insert(wait.parse::<u64>().expect("seconds"));
        }
        assert!(waits.iter().all(|wait| (5..=30).contains(wait)), "{waits:?}");
        assert!(waits.len() > 10, "they come back at different times: {waits:?}");
    }
}
