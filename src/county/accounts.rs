//! Queries for insurance accounts.
//!
//! State: the pace of each kiosk's queries.

use std::{sync::Arc, time::Instant};

use axum::{
    Extension,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
    response::Response,
};

use super::{
    api::{County, Refusal, Shared, bad, json, parse, refuse},
    core::{CoreError, CoreQuery},
    pace::Pace,
    serve::Kiosk,
};
use crate::domain::{
    Account,
    wire::{AccountQuery, Problem, ProblemCode},
};

/// What is kept of the queries.
pub(super) struct Accounts {
    pace: Pace,
}

impl Accounts {
    pub(super) fn new(county: &County) -> Self {
        Self { pace: Pace::new(county.queries_per_minute) }
    }
}

/// The insurance account of the person whose document lies on the kiosk's reader.
#[utoipa::path(
    post,
    path = "/v1/accounts/query",
    request_body = AccountQuery,
    responses(
        (status = 200, description = "The account", body = Account),
        (status = 400, description = "Malformed", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The name does not belong to the number", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such person", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many queries", body = Problem, content_type = "application/problem+json",
            headers(("Retry-After" = u64, description = "Seconds to wait"))),
        (status = 503, description = "The core system does not answer", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn query(
    State(shared): State<Arc<Shared>>,
    Extension(kiosk): Extension<Kiosk>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    if let Err(wait) = shared.accounts.pace.take(&kiosk.name, Instant::now()) {
        return Err(Refusal {
            // Rounded up: who waits exactly this long must get in.
            retry_after_s: Some(wait.as_secs() + 1),
            ..refuse(StatusCode::TOO_MANY_REQUESTS, ProblemCode::TooMany, "too many queries")
        }
        .logged(&kiosk));
    }
    let AccountQuery { read_id, number, name, english_name } =
        parse(&headers, body).map_err(|refusal| refusal.logged(&kiosk))?;
    if read_id.len() != 32 || !read_id.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(bad("read_id has 32 hexadecimal digits").logged(&kiosk));
    }
    let query = CoreQuery { number, name, english_name };
    let account = shared.county.core.account(&query).await.map_err(|error| {
        let (status, code) = match error {
            CoreError::NotFound => (StatusCode::NOT_FOUND, ProblemCode::NotFound),
            CoreError::IdentityMismatch => (StatusCode::FORBIDDEN, ProblemCode::IdentityMismatch),
            CoreError::Unavailable(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, ProblemCode::CoreUnavailable)
            }
        };
        refuse(status, code, &error.to_string()).logged(&kiosk)
    })?;
    tracing::info!(kiosk = %kiosk.name, query = "account", outcome = "ok");
    Ok(json(&account))
}
