//! What every request has to pass, whatever it asks: its certificate still counts, and its kiosk does
//! not ask more often than kiosks do.
//!
//! State: the rate limiters, of which each kiosk has its own.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Extension,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use kiosk_base::wire::v1::ProblemCode;
use tokio::time::sleep;

use super::{
    accounts::QueryRules,
    api::{Refusal, Shared, internal, refuse},
    rate_limiter::RateLimiter,
    register::{Register, Standing},
    serve::Kiosk,
};

/// Heartbeats a minute of one kiosk. Each is a write to the disk; a kiosk sends one, and some more
/// when its line or its reader comes and goes.
const HEARTBEATS: u32 = 120;
/// Other requests a minute of one kiosk: a whole feed comes in some hundred pages, without a pause.
const REQUESTS: u32 = 3_000;

/// Before who asks too often is told so.
const WAITING: Duration = Duration::from_secs(1);

/// The gate.
pub(super) struct Gate {
    register: Register,
    queries: RateLimiter,
    heartbeats: RateLimiter,
    others: RateLimiter,
}

impl Gate {
    pub(super) fn new(register: Register, rules: &QueryRules) -> Self {
        Self {
            register,
            queries: RateLimiter::new(rules.per_minute),
            heartbeats: RateLimiter::new(HEARTBEATS),
            others: RateLimiter::new(REQUESTS),
        }
    }

    /// Why the request is not let in.
    fn refusal(&self, kiosk: &Kiosk, path: &str) -> Option<Refusal> {
        let refused =
            |detail| Some(refuse(StatusCode::FORBIDDEN, ProblemCode::CertificateRefused, detail));
        match self.register.standing(&kiosk.name, &kiosk.fingerprint, kiosk.begins) {
            Ok(Standing::Counts) => {}
            Ok(Standing::Refused) => return refused("this certificate was revoked or replaced"),
            Ok(Standing::Unknown) => {
                return refused(
                    "this certificate was issued after the backup that was restored: the county does \
                     not know it; enrol the kiosk anew",
                );
            }
            Err(error) => return Some(internal(&error)),
        }
        // The second in which it ends is still its own.
        if kiosk.ends < Timestamp::now().as_second() {
            return refused("this certificate has run out");
        }
        let limiter = match path {
            "/v1/accounts/query" => &self.queries,
            "/v1/heartbeat" => &self.heartbeats,
            _ => &self.others,
        };
        let wait = limiter.take(&kiosk.name, Instant::now()).err()?;
        Some(Refusal {
            // Rounded up: who waits exactly this long must get in.
            retry_after_s: Some(wait.as_secs() + 1),
            ..refuse(StatusCode::TOO_MANY_REQUESTS, ProblemCode::TooMany, "too many requests")
        })
    }
}

/// Lets a request in or answers it. Who asks too often waits for being told so: on the few
/// connections that one certificate has, that is the end of the flood. Whose certificate does not
/// count any more is asked to leave the connection.
pub(super) async fn pass(
    State(shared): State<Arc<Shared>>,
    Extension(kiosk): Extension<Kiosk>,
    request: Request,
    next: Next,
) -> Response {
    let Some(refusal) = shared.gate.refusal(&kiosk, request.uri().path()) else {
        return next.run(request).await;
    };
    if refusal.status == StatusCode::TOO_MANY_REQUESTS {
        sleep(WAITING).await;
    }
    let leaves = refusal.problem.code == ProblemCode::CertificateRefused;
    let mut response = refusal.logged(&kiosk).into_response();
    if leaves {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
