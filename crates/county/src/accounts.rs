//! Queries for insurance accounts: who may ask, how often, and that each question is answered once.
//!
//! What is told apart is told only to who knows it already: an unknown person and a wrong name are
//! one answer, and what was counted of a person, or that the PIN is locked, shows only once the name
//! was right.
//!
//! State: none of its own; [`Counts`](super::counts::Counts) and
//! [`Readers`](super::readers::Readers) remember.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Extension,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use kiosk_base::{
    domain::{Account, HolderNumber, Sensitive},
    wire::{
        AccountQuery,
        v1::{self, ProblemCode},
    },
};
use tokio::time::sleep;

use super::{
    alarms::HallPattern,
    api::{Refusal, Shared, bad, json, parse, refuse},
    core::{CoreError, CoreQuery, PinVerdict},
    counts::Stale,
    serve::Kiosk,
};

/// The answer that a person is not known leaves at a whole quarter of a second after the question, so
/// that its time does not tell why.
const QUARTER: Duration = Duration::from_millis(250);

/// How queries for accounts are answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryRules {
    /// Queries a minute from one kiosk; a third of them may come at once.
    pub per_minute: u32,
    /// Queries a day from one kiosk.
    pub per_kiosk_per_day: u32,
    /// Of these, such as may fail: unknown persons, wrong names, wrong PINs.
    pub failures_per_kiosk_per_day: u32,
    /// Queries a day about one person, from all kiosks together; from one of them four fifths.
    pub per_person_per_day: u32,
    /// How far a query's time may be from the county's, either way.
    pub window: Duration,
    /// How long the rest of a long history may be asked for.
    pub history_window: Duration,
    /// Whether the person's query PIN is asked for.
    pub pin: PinPolicy,
    /// What of a kiosk gives alarm.
    pub pattern: HallPattern,
}

impl Default for QueryRules {
    fn default() -> Self {
        Self {
            per_minute: 60,
            per_kiosk_per_day: 400,
            failures_per_kiosk_per_day: 60,
            per_person_per_day: 20,
            window: Duration::from_secs(120),
            // A visit takes less.
            history_window: Duration::from_secs(300),
            pin: PinPolicy::Off,
            pattern: HallPattern::default(),
        }
    }
}

/// Whether the person's query PIN (查询密码) is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PinPolicy {
    /// The document is enough.
    #[default]
    Off,
    /// Document and PIN.
    Required,
}

/// The insurance account of the person whose document lies on the kiosk's reader.
///
/// Answered once for each `read_id`, within a short window around `read_at` (120 s unless set
/// otherwise), if `sam_id` is a module that this kiosk has announced; a kiosk that has announced any
/// says one for everything but a social security card. The answer says the `read_id` again; an
/// account under another number or name than the query's is not to be shown.
#[utoipa::path(
    post,
    path = "/v1/accounts/query",
    request_body = v1::AccountQuery,
    responses(
        (status = 200, description = "The account", body = v1::AccountAnswer),
        (status = 400, description = "Malformed", body = v1::Problem, content_type = "application/problem+json"),
        (status = 401, description = "The person's query PIN is due, or wrong", body = v1::Problem, content_type = "application/problem+json"),
        (status = 403, description = "The person has no query PIN, or it is locked; or the kiosk's certificate is not taken any more", body = v1::Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such person under this number and name", body = v1::Problem, content_type = "application/problem+json"),
        (status = 409, description = "This read_id was answered already, read_at is too far from the county's time, or this kiosk has not announced sam_id, or says none for a document that a module reads", body = v1::Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = v1::Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many queries of this kiosk, or about this person today", body = v1::Problem, content_type = "application/problem+json",
            headers(("Retry-After" = u64, description = "Seconds to wait"))),
        (status = 500, description = "The service failed", body = v1::Problem, content_type = "application/problem+json"),
        (status = 503, description = "The core system does not answer, or no answer in time", body = v1::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn query(
    State(shared): State<Arc<Shared>>,
    Extension(kiosk): Extension<Kiosk>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let asked = Instant::now();
    let query =
        parse::<v1::AccountQuery>(&headers, body).map_err(|refusal| refusal.logged(&kiosk))?;
    let (read_id, sam_id) = (query.read_id.clone(), query.sam_id.clone());
    let document = query.document.kind;
    let answer = admitted(&shared, &kiosk, query).await;
    // What was counted is kept before anything is answered, unless that takes longer than an answer
    // can wait (50 ms): then it is written behind.
    let kept = shared.counts.kept();
    // Written out in the meantime.
    let answer =
        answer.map(|account| json(&v1::AccountAnswer { read_id, account: account.into() }));
    kept.settled().await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(refusal) => {
            if refusal.problem.code == ProblemCode::NotFound {
                sleep(to_next_quarter(asked.elapsed())).await;
            }
            return Err(refusal.logged(&kiosk));
        }
    };
    // Debug formatting escapes what could break a log line.
    tracing::info!(
        kiosk = %kiosk.name, query = "account", document = ?document, ?sam_id, outcome = "ok"
    );
    Ok(answer)
}

/// The account, if this query may be asked of the core system.
async fn admitted(
    shared: &Shared,
    kiosk: &Kiosk,
    query: v1::AccountQuery,
) -> Result<Account, Refusal> {
    if !shared.county.core.is_connected() {
        let none = "no core system is connected";
        return Err(refuse(StatusCode::SERVICE_UNAVAILABLE, ProblemCode::CoreAbsent, none));
    }
    let query = AccountQuery::try_from(query).map_err(bad)?;
    check(shared, kiosk, &query)?;
    let counts = &shared.counts;
    let AccountQuery { document, number, name, english_name, pin, .. } = query;
    let query = CoreQuery { number, name, english_name, document };
    let pin = match shared.county.queries.pin {
        PinPolicy::Off => None,
        PinPolicy::Required => {
            let due = || unauthorised(ProblemCode::PinRequired, "the query PIN is due");
            Some(pin.ok_or_else(due)?)
        }
    };
    // It has said so often enough: the same answer, at the cost of nobody.
    if counts.is_nobody(&kiosk.name, &query) {
        return Err(nobody());
    }
    // Asking for a PIN says nothing about anybody; what comes to the core system counts.
    if !counts.may_ask(&kiosk.name) {
        let detail = "too many queries, or failed ones, of this kiosk today";
        return Err(refuse(StatusCode::TOO_MANY_REQUESTS, ProblemCode::KioskLimit, detail));
    }
    let mut account = match pin {
        None => {
            let account =
                from_core(shared, kiosk, &query, shared.county.core.account(&query).await)?;
            count(shared, kiosk, &query.number)?;
            account
        }
        Some(pin) => {
            open_pin(shared, kiosk, &query, &pin).await?;
            from_core(shared, kiosk, &query, shared.county.core.account(&query).await)?
        }
    };
    if account.number != query.number {
        tracing::error!(kiosk = %kiosk.name, "the core system answered about another person");
        return Err(refuse(
            StatusCode::INTERNAL_SERVER_ERROR,
            ProblemCode::Internal,
            "the core system answered about another person",
        ));
    }
    let divided = shared.histories.divide(&kiosk.name, &query, &mut account);
    from_core(shared, kiosk, &query, divided)?;
    Ok(account)
}

/// What the core system said. An unknown person and a wrong name count against the kiosk, and are
/// one answer: who tries names learns nothing from it.
fn from_core<T>(
    shared: &Shared,
    kiosk: &Kiosk,
    query: &CoreQuery,
    answer: Result<T, CoreError>,
) -> Result<T, Refusal> {
    answer.map_err(|error| match error {
        CoreError::NotFound | CoreError::IdentityMismatch => {
            shared.counts.found_nobody(&kiosk.name, query);
            nobody()
        }
        CoreError::Unavailable(_) => {
            let code = ProblemCode::CoreUnavailable;
            refuse(StatusCode::SERVICE_UNAVAILABLE, code, &error.to_string())
        }
    })
}

fn nobody() -> Refusal {
    let detail = "no such person under this number and name";
    refuse(StatusCode::NOT_FOUND, ProblemCode::NotFound, detail)
}

/// Whether this query comes from a reader of this kiosk, and was not asked before; takes note of it if
/// so.
fn check(shared: &Shared, kiosk: &Kiosk, query: &AccountQuery) -> Result<(), Refusal> {
    let conflict = |code, detail| refuse(StatusCode::CONFLICT, code, detail);
    let wall = shared.county.clock.wall();
    let fault = match &query.sam_id {
        Some(module) => (!shared.readers.knows(&kiosk.name, module, &wall))
            .then_some("this kiosk has not announced such a module"),
        None => (query.document.kind.needs_module() && shared.readers.knows_any(&kiosk.name))
            .then_some("the module that read such a document is due"),
    };
    if let Some(fault) = fault {
        return Err(conflict(ProblemCode::ReaderUnknown, fault));
    }
    let known = shared.counts.take_read(&query.read_id, query.read_at);
    known.map_err(|refused| match refused {
        Stale::Replayed => conflict(ProblemCode::Replayed, "this read was answered already"),
        Stale::OutOfWindow => {
            conflict(ProblemCode::OutOfWindow, "the query's time is not the county's")
        }
        Stale::Full => Refusal {
            retry_after_s: Some(60),
            ..refuse(
                StatusCode::TOO_MANY_REQUESTS,
                ProblemCode::TooMany,
                "too many queries in the window",
            )
        },
    })
}

/// Counts a query about a person whose name was right, if there may be another today.
fn count(shared: &Shared, kiosk: &Kiosk, number: &HolderNumber) -> Result<(), Refusal> {
    if shared.counts.may_be_asked_about(&kiosk.name, number) {
        return Ok(());
    }
    shared.counts.give_back(&kiosk.name);
    let detail = "too many queries about one person today";
    Err(refuse(StatusCode::TOO_MANY_REQUESTS, ProblemCode::PersonLimit, detail))
}

/// Whether a PIN of the person, whose name was right, may be tried at this kiosk: who has guessed too
/// often gets no answer for the right one either.
fn open_to_pins(shared: &Shared, kiosk: &Kiosk, number: &HolderNumber) -> Result<(), Refusal> {
    if shared.counts.may_guess(&kiosk.name, number) {
        return Ok(());
    }
    shared.counts.give_back(&kiosk.name);
    let detail = "too many wrong PINs today";
    Err(refuse(StatusCode::FORBIDDEN, ProblemCode::PinLocked, detail))
}

/// What follows from the core system's word about a PIN.
async fn open_pin(
    shared: &Shared,
    kiosk: &Kiosk,
    query: &CoreQuery,
    pin: &Sensitive<String>,
) -> Result<(), Refusal> {
    if !shared.counts.may_guess(&kiosk.name, &query.number) {
        // That it is locked is told to nobody who does not know the name; and the core system does not
        // hear of the PIN.
        from_core(shared, kiosk, query, shared.county.core.account(query).await)?;
        open_to_pins(shared, kiosk, &query.number)?;
    }
    let verdict = shared.county.core.check_pin(query, pin).await;
    let verdict = from_core(shared, kiosk, query, verdict)?;
    count(shared, kiosk, &query.number)?;
    // Others may have guessed in the meantime.
    open_to_pins(shared, kiosk, &query.number)?;
    match verdict {
        PinVerdict::Right => Ok(()),
        PinVerdict::Wrong => {
            shared.counts.guessed(&kiosk.name, &query.number);
            Err(unauthorised(ProblemCode::PinWrong, "the query PIN is wrong"))
        }
        PinVerdict::NoneKnown => {
            let detail = "no query PIN is known";
            Err(refuse(StatusCode::FORBIDDEN, ProblemCode::PinUnset, detail))
        }
    }
}

fn unauthorised(code: ProblemCode, detail: &str) -> Refusal {
    refuse(StatusCode::UNAUTHORIZED, code, detail)
}

/// From a moment after the question to the next whole quarter of a second after it.
fn to_next_quarter(spent: Duration) -> Duration {
    let quarter = QUARTER.as_nanos();
    let rest = quarter - spent.as_nanos() % quarter;
    Duration::from_nanos(u64::try_from(rest).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_leave_at_whole_quarters() {
        for (spent, rest) in [(0, 250), (1, 249), (249, 1), (250, 250), (1_010, 240)] {
            let ms = Duration::from_millis;
            assert_eq!(to_next_quarter(ms(spent)), ms(rest), "{spent}");
        }
    }
}
