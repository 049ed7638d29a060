//! Queries for insurance accounts: who may ask, how often, and that each question is answered once.
//!
//! State, all of it in memory: the pace of each kiosk's queries, the ids of the reads that were
//! asked about within the window, and how often each person was asked about today, under a
//! pseudonym whose key lives as long as the process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use aws_lc_rs::hmac;
use axum::{
    Extension,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use jiff::{SignedDuration, Timestamp, civil::Date};

use super::{
    api::{County, Refusal, Shared, bad, json, parse, refuse},
    core::{CoreError, CoreQuery, PinVerdict},
    pace::Pace,
    serve::Kiosk,
};
use crate::domain::{
    HolderNumber,
    wire::{AccountAnswer, AccountQuery, Problem, ProblemCode},
};

/// Reads remembered at once: 325 kiosks at 60 queries a minute ask 80,000 in four minutes.
const READS: usize = 100_000;
/// People counted in one day: more than a county has visitors.
const PEOPLE: usize = 500_000;
/// Wrong query PINs a day for one person.
const WRONG_PINS: u32 = 6;

/// How queries for accounts are answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryRules {
    /// Queries a minute from one kiosk; a third of them may come at once.
    pub per_minute: u32,
    /// Queries a day about one person, from all kiosks together.
    pub per_person_per_day: u32,
    /// How far a query's time may be from the county's, either way.
    pub window: Duration,
    /// How long the rest of a long history may be asked for.
    pub history_window: Duration,
    /// Whether the person's query PIN is asked for.
    pub pin: PinPolicy,
}

impl Default for QueryRules {
    fn default() -> Self {
        Self {
            per_minute: 60,
            per_person_per_day: 20,
            window: Duration::from_secs(120),
            // A visit takes less.
            history_window: Duration::from_secs(300),
            pin: PinPolicy::Off,
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

/// What is kept of the queries.
pub(super) struct Accounts {
    pace: Pace,
    reads: Mutex<Reads>,
    people: Mutex<People>,
}

impl Accounts {
    pub(super) fn new(county: &County) -> Self {
        let QueryRules { per_minute, per_person_per_day, window, .. } = county.queries;
        Self {
            pace: Pace::new(per_minute),
            reads: Mutex::new(Reads::new(window, county.clock.now())),
            people: Mutex::new(People::new(per_person_per_day)),
        }
    }
}

/// The insurance account of the person whose document lies on the kiosk's reader.
///
/// Answered once for each `read_id`, within a short window around `read_at` (120 s unless set
/// otherwise). The answer says the `read_id` again; an account under another number or name than
/// the query's is not to be shown.
#[utoipa::path(
    post,
    path = "/v1/accounts/query",
    request_body = AccountQuery,
    responses(
        (status = 200, description = "The account", body = AccountAnswer),
        (status = 400, description = "Malformed", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "The person's query PIN is due, or wrong", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The name does not belong to the number, the person has no query PIN, or it is locked", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such person", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "This read_id was answered already, or read_at is too far from the county's time", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many queries of this kiosk, or about this person today", body = Problem, content_type = "application/problem+json",
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
    let query = parse(&headers, body).map_err(|refusal| refusal.logged(&kiosk))?;
    if !shared.county.core.is_connected() {
        let none = "no core system is connected";
        let refusal = refuse(StatusCode::SERVICE_UNAVAILABLE, ProblemCode::CoreAbsent, none);
        return Err(refusal.logged(&kiosk));
    }
    let read_id = check(&shared, &query).map_err(|refusal| refusal.logged(&kiosk))?;
    let AccountQuery { sam_id, document, number, name, english_name, pin, .. } = query;
    let query = CoreQuery { number, name, english_name, document };
    let core = &shared.county.core;
    let from_core = |error: CoreError| {
        let (status, code) = match error {
            CoreError::NotFound => (StatusCode::NOT_FOUND, ProblemCode::NotFound),
            CoreError::IdentityMismatch => (StatusCode::FORBIDDEN, ProblemCode::IdentityMismatch),
            CoreError::Unavailable(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, ProblemCode::CoreUnavailable)
            }
        };
        refuse(status, code, &error.to_string()).logged(&kiosk)
    };
    let pin = match shared.county.queries.pin {
        PinPolicy::Off => None,
        PinPolicy::Required => {
            open_to_pins(&shared, &query.number).map_err(|refusal| refusal.logged(&kiosk))?;
            let due = || unauthorised(ProblemCode::PinRequired, "the query PIN is due");
            Some(pin.ok_or_else(|| due().logged(&kiosk))?)
        }
    };
    // Asking for a PIN says nothing about anybody; what comes to the core system counts.
    count(&shared, &query.number).map_err(|refusal| refusal.logged(&kiosk))?;
    if let Some(pin) = pin {
        let verdict = core.check_pin(&query, &pin).await.map_err(from_core)?;
        judge(&shared, &query.number, verdict).map_err(|refusal| refusal.logged(&kiosk))?;
    }
    let mut account = core.account(&query).await.map_err(from_core)?;
    if account.number != query.number {
        tracing::error!(kiosk = %kiosk.name, "the core system answered about another person");
        return Err(refuse(
            StatusCode::INTERNAL_SERVER_ERROR,
            ProblemCode::Internal,
            "the core system answered about another person",
        ));
    }
    shared.histories.divide(&kiosk.name, &query, &mut account).map_err(from_core)?;
    // Debug formatting escapes what could break a log line.
    tracing::info!(
        kiosk = %kiosk.name, query = "account", document = ?document.kind, ?sam_id, outcome = "ok"
    );
    Ok(json(&AccountAnswer { read_id, account }))
}

/// Whether this query may be asked of the core system; takes note of it if so, and gives back its
/// id.
fn check(shared: &Shared, query: &AccountQuery) -> Result<String, Refusal> {
    if let Some(fault) = query.fault() {
        return Err(bad(fault));
    }
    let conflict = |code, detail| refuse(StatusCode::CONFLICT, code, detail);
    let accounts = &shared.accounts;
    let now = shared.county.clock.now();
    let known = lock(&accounts.reads).take(&query.read_id, query.read_at, now);
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
    })?;
    Ok(query.read_id.clone())
}

/// Counts a query about the person, if there may be another today.
fn count(shared: &Shared, number: &HolderNumber) -> Result<(), Refusal> {
    let today = shared.county.clock.today();
    if lock(&shared.accounts.people).may_ask(number, today) {
        return Ok(());
    }
    let detail = "too many queries about one person today";
    Err(refuse(StatusCode::TOO_MANY_REQUESTS, ProblemCode::PersonLimit, detail))
}

/// Whether a PIN of the person may be tried: who has guessed too often gets no answer for the right
/// one either, and the core system does not hear of it.
fn open_to_pins(shared: &Shared, number: &HolderNumber) -> Result<(), Refusal> {
    let today = shared.county.clock.today();
    if lock(&shared.accounts.people).may_guess(number, today) {
        return Ok(());
    }
    let detail = "too many wrong PINs today";
    Err(refuse(StatusCode::FORBIDDEN, ProblemCode::PinLocked, detail))
}

/// What follows from the core system's word about a PIN.
fn judge(shared: &Shared, number: &HolderNumber, verdict: PinVerdict) -> Result<(), Refusal> {
    // Others may have guessed in the meantime.
    open_to_pins(shared, number)?;
    match verdict {
        PinVerdict::Right => Ok(()),
        PinVerdict::Wrong => {
            lock(&shared.accounts.people).guessed(number, shared.county.clock.today());
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

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Every change below is a single assignment or insertion: what a panic leaves is whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The reads that were asked about, each until its time has left the window.
struct Reads {
    window: SignedDuration,
    /// What was read before this process began may have been answered by the last one.
    began: Timestamp,
    /// Until when each must be remembered.
    until: HashMap<String, Timestamp>,
    /// When those that need not be remembered any more are next dropped.
    sweep: Timestamp,
}

/// Why a read is not answered.
#[derive(Debug, PartialEq, Eq)]
enum Stale {
    Replayed,
    OutOfWindow,
    Full,
}

impl Reads {
    fn new(window: Duration, began: Timestamp) -> Self {
        let window = SignedDuration::try_from(window).unwrap_or(SignedDuration::MAX);
        Self { window, began, until: HashMap::new(), sweep: began }
    }

    /// Takes note of a read at `now`, if it may be answered.
    fn take(&mut self, id: &str, at: Timestamp, now: Timestamp) -> Result<(), Stale> {
        if at < self.began || now.duration_since(at).abs() > self.window {
            return Err(Stale::OutOfWindow);
        }
        if now >= self.sweep || self.until.len() >= READS {
            self.until.retain(|_, until| *until >= now);
            self.sweep = now.saturating_add(self.window).unwrap_or(Timestamp::MAX);
        }
        // Capital letters are no other id.
        let id = id.to_ascii_lowercase();
        if self.until.contains_key(&id) {
            return Err(Stale::Replayed);
        }
        if self.until.len() >= READS {
            return Err(Stale::Full);
        }
        self.until.insert(id, at.saturating_add(self.window).unwrap_or(Timestamp::MAX));
        Ok(())
    }
}

/// How often each person was asked about on one day.
struct People {
    limit: u32,
    key: hmac::Key,
    day: Date,
    counts: HashMap<[u8; 16], Count>,
}

#[derive(Default)]
struct Count {
    queries: u32,
    wrong_pins: u32,
}

impl People {
    fn new(limit: u32) -> Self {
        let mut bytes = zeroize::Zeroizing::new([0; 32]);
        aws_lc_rs::rand::fill(&mut *bytes).expect("the system has a source of randomness");
        let key = hmac::Key::new(hmac::HMAC_SHA256, &*bytes);
        Self { limit, key, day: Date::MIN, counts: HashMap::new() }
    }

    /// Counts a query, if there may be another.
    fn may_ask(&mut self, number: &HolderNumber, today: Date) -> bool {
        let limit = self.limit;
        let Some(count) = self.of(number, today) else { return false };
        let may = count.queries < limit;
        count.queries = count.queries.saturating_add(u32::from(may));
        may
    }

    fn may_guess(&mut self, number: &HolderNumber, today: Date) -> bool {
        self.of(number, today).is_some_and(|count| count.wrong_pins < WRONG_PINS)
    }

    fn guessed(&mut self, number: &HolderNumber, today: Date) {
        if let Some(count) = self.of(number, today) {
            count.wrong_pins += 1;
        }
    }

    /// The person's count of `today`; `None` when more people came than can be counted.
    fn of(&mut self, number: &HolderNumber, today: Date) -> Option<&mut Count> {
        if self.day != today {
            (self.day, self.counts) = (today, HashMap::new());
        }
        let whole = hmac::sign(&self.key, number.expose().as_bytes());
        let person: [u8; 16] = whole.as_ref()[..16].try_into().expect("32 bytes");
        if self.counts.len() >= PEOPLE && !self.counts.contains_key(&person) {
            return None;
        }
        Some(self.counts.entry(person).or_default())
    }
}

#[cfg(test)]
mod tests {
    use jiff::{ToSpan, civil::date};

    use super::*;

    fn noon() -> Timestamp {
        "2026-11-23T04:00:00Z".parse().expect("a moment")
    }

    fn id(n: usize) -> String {
        format!("{n:032x}")
    }

    #[test]
    fn a_read_is_answered_once_and_only_near_its_time() {
        let hour_ago = noon().checked_sub(1.hour()).expect("earlier");
        let mut reads = Reads::new(Duration::from_secs(120), hour_ago);
        let after = |seconds: i64| noon().checked_add(seconds.seconds()).expect("a time");
        assert_eq!(reads.take(&id(0xa), noon(), noon()), Ok(()));
        assert_eq!(reads.take(&id(0xa), noon(), noon()), Err(Stale::Replayed));
        assert_eq!(reads.take(&id(0xa).to_uppercase(), noon(), noon()), Err(Stale::Replayed));
        assert_eq!(reads.take(&id(0xa), noon(), after(120)), Err(Stale::Replayed));
        assert_eq!(reads.take(&id(0xa), noon(), after(121)), Err(Stale::OutOfWindow));
        assert_eq!(reads.take(&id(2), after(120), noon()), Ok(()), "its clock is fast");
        assert_eq!(reads.take(&id(3), after(121), noon()), Err(Stale::OutOfWindow));
        // It must be remembered for as long as it could be answered.
        assert_eq!(reads.take(&id(2), after(120), after(240)), Err(Stale::Replayed));
        assert_eq!(reads.take(&id(4), after(400), after(400)), Ok(()));
        assert_eq!(reads.until.len(), 1, "what cannot be answered is forgotten");
    }

    #[test]
    fn what_was_read_before_the_service_began_may_have_been_answered_before() {
        let mut reads = Reads::new(Duration::from_secs(120), noon());
        let before = noon().checked_sub(1.second()).expect("earlier");
        assert_eq!(reads.take(&id(1), before, noon()), Err(Stale::OutOfWindow));
        assert_eq!(reads.take(&id(1), noon(), noon()), Ok(()));
    }

    #[test]
    fn more_reads_than_can_be_remembered_are_not_answered() {
        let mut reads = Reads::new(Duration::from_secs(120), noon());
        for n in 0..READS {
            assert_eq!(reads.take(&id(n), noon(), noon()), Ok(()));
        }
        assert_eq!(reads.take(&id(READS), noon(), noon()), Err(Stale::Full));
        let later = noon().checked_add(121.seconds()).expect("a time");
        assert_eq!(reads.take(&id(READS), later, later), Ok(()));
    }

    #[test]
    fn a_person_is_asked_about_so_often_a_day() {
        let number = |text| HolderNumber::parse(text).expect("valid");
        let (one, other) = (number("510599198507150012"), number("51059919610320058X"));
        let (today, tomorrow) = (date(2026, 11, 23), date(2026, 11, 24));
        let mut people = People::new(2);
        assert!(people.may_ask(&one, today) && people.may_ask(&one, today));
        assert!(!people.may_ask(&one, today));
        assert!(people.may_ask(&other, today));
        assert!(people.may_ask(&one, tomorrow));
        for _ in 0..WRONG_PINS {
            assert!(people.may_guess(&one, tomorrow));
            people.guessed(&one, tomorrow);
        }
        assert!(!people.may_guess(&one, tomorrow) && people.may_guess(&other, tomorrow));
    }
}
