//! Long histories leave the county in pages: an account brings the newest rows of each and a
//! cursor, by which the kiosk that asked gets the next ones.
//!
//! A cursor is random, good for one question, for the kiosk that it was made for, and for a short
//! time. So a kiosk reads on only in the account whose document was laid there, and what is kept
//! here stays small.
//!
//! State: what the cursors that are out stand for, in memory, sealed under the cursors themselves
//! (the module `sealed`). It goes when they are used, run out, or are pushed out by newer ones.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
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
    domain::{
        Account,
        account::{
            HISTORY_PAGE, History, HistoryCursor, HistoryKind, HistoryOf, HistoryPage,
            MAX_PARTICIPATIONS,
        },
        hex::hex,
    },
    wire::v1::{self, ProblemCode},
};

use super::{
    api::{Refusal, Shared, internal, json, parse, refuse},
    core::{CoreError, CoreQuery},
    sealed::{self, Mark, Sealed},
    serve::Kiosk,
};

/// Cursors of one kiosk that are out at once: those of one account. The oldest is dropped.
const OUT_AT_ONCE: usize = 2 * MAX_PARTICIPATIONS;

/// The cursors that are out.
pub(super) struct Histories {
    window: Duration,
    out: Mutex<HashMap<Arc<str>, VecDeque<Held>>>,
}

/// What a cursor stands for, which only the cursor opens.
struct Held {
    mark: Mark,
    query: Sealed,
    place: Place,
    until: Instant,
}

/// The rest of a history, from the row `from` on.
struct Rest {
    query: CoreQuery,
    place: Place,
}

/// Where in which history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    of: HistoryOf,
    from: u32,
    total: u32,
}

impl Histories {
    /// Whose cursors are good for `window`.
    pub(super) fn new(window: Duration) -> Self {
        Self { window, out: Mutex::default() }
    }

    /// Leaves the newest rows of each history in `account`, which answers `query`, and a cursor for
    /// the rest.
    ///
    /// # Errors
    /// When the system has no randomness to make cursors of.
    pub(super) fn divide(
        &self,
        kiosk: &Arc<str>,
        query: &CoreQuery,
        account: &mut Account,
    ) -> Result<(), CoreError> {
        for of in account.histories() {
            let Some(participation) = account.participations.get_mut(of.participation) else {
                continue;
            };
            match of.kind {
                HistoryKind::Months => self.cut(kiosk, query, of, &mut participation.months)?,
                HistoryKind::Payments => {
                    if let Some(benefit) = &mut participation.benefit {
                        self.cut(kiosk, query, of, &mut benefit.payments)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn cut<T>(
        &self,
        kiosk: &Arc<str>,
        query: &CoreQuery,
        of: HistoryOf,
        history: &mut History<T>,
    ) -> Result<(), CoreError> {
        let count = u32::try_from(history.rows.len()).unwrap_or(u32::MAX);
        history.rows.truncate(HISTORY_PAGE);
        history.total = history.total.max(count);
        let from = u32::try_from(history.rows.len()).unwrap_or(u32::MAX);
        let place = Place { of, from, total: history.total };
        history.more = self.hand_out(kiosk, query, place, Instant::now())?;
        Ok(())
    }

    /// Drops what has run out, of every kiosk. Called with every heartbeat, so that nothing about a resident stays
    /// for want of another question.
    pub(super) fn forget(&self, now: Instant) {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        out.retain(|_, held| {
            expire(held, now);
            !held.is_empty()
        });
    }

    /// A cursor for the rest from `place` on, unless nothing is left.
    fn hand_out(
        &self,
        kiosk: &Arc<str>,
        query: &CoreQuery,
        place: Place,
        now: Instant,
    ) -> Result<Option<HistoryCursor>, CoreError> {
        if place.from >= place.total {
            return Ok(None);
        }
        let cursor = random_cursor()?;
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let own = out.entry(kiosk.clone()).or_default();
        expire(own, now);
        if own.len() == OUT_AT_ONCE {
            own.pop_front();
        }
        let (mark, query) = (sealed::mark(&cursor), Sealed::new(query, &cursor));
        own.push_back(Held { mark, query, place, until: now + self.window });
        Ok(Some(cursor))
    }

    /// What `cursor` stands for, if it was made for `kiosk`, is in time, and was not used yet.
    fn take(&self, kiosk: &Arc<str>, cursor: &HistoryCursor, now: Instant) -> Option<Rest> {
        let mark = sealed::mark(cursor);
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let own = out.get_mut(kiosk)?;
        expire(own, now);
        let at = own.iter().position(|held| held.mark == mark)?;
        let held = own.remove(at)?;
        if own.is_empty() {
            out.remove(kiosk);
        }
        drop(out);
        Some(Rest { query: held.query.open(cursor)?, place: held.place })
    }
}

/// Drops what has run out of a kiosk's.
fn expire(held: &mut VecDeque<Held>, now: Instant) {
    while held.front().is_some_and(|oldest| oldest.until <= now) {
        held.pop_front();
    }
}

fn random_cursor() -> Result<HistoryCursor, CoreError> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| CoreError::Unavailable("no randomness for a cursor".into()))?;
    Ok(HistoryCursor::try_from(hex(&bytes)).expect("32 hexadecimal digits"))
}

/// The next rows of a history, by the cursor that came with the account or with the rows before.
///
/// A cursor is good for one question of the kiosk that asked for the account, within a short time
/// (300 s).
#[utoipa::path(
    post,
    path = "/v1/accounts/history",
    request_body = v1::HistoryQuery,
    responses(
        (status = 200, description = "The next rows", body = v1::HistoryPage),
        (status = 400, description = "Malformed", body = v1::Problem, content_type = "application/problem+json"),
        (status = 403, description = "The kiosk's certificate is not taken any more", body = v1::Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such cursor, or no longer", body = v1::Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = v1::Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests of this kiosk", body = v1::Problem, content_type = "application/problem+json",
            headers(("Retry-After" = u64, description = "Seconds to wait"))),
        (status = 500, description = "The service failed", body = v1::Problem, content_type = "application/problem+json"),
        (status = 503, description = "The core system does not answer, or no answer in time", body = v1::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn history(
    State(shared): State<Arc<Shared>>,
    Extension(kiosk): Extension<Kiosk>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let answer = async {
        let v1::HistoryQuery { cursor } = parse(&headers, body)?;
        let cursor = HistoryCursor::from(cursor);
        let none = || {
            let none = "no such cursor, or no longer";
            refuse(StatusCode::NOT_FOUND, ProblemCode::NotFound, none)
        };
        let held = &shared.histories;
        let Rest { query, place: Place { of, from, total } } =
            held.take(&kiosk.name, &cursor, Instant::now()).ok_or_else(none)?;
        let limit = usize::try_from(total - from).unwrap_or(usize::MAX).min(HISTORY_PAGE);
        let rows = shared.county.core.history(&query, of, from, limit).await;
        let rows = rows.map_err(|error| unavailable(&error))?.part(0, limit);
        if rows.is_empty() {
            let gone = "the core system has fewer rows than it said";
            return Err(refuse(
                StatusCode::SERVICE_UNAVAILABLE,
                ProblemCode::CoreUnavailable,
                gone,
            ));
        }
        let from = from.saturating_add(u32::try_from(rows.len()).unwrap_or(u32::MAX));
        let place = Place { of, from, total };
        let more = held.hand_out(&kiosk.name, &query, place, Instant::now());
        Ok(HistoryPage { rows, more: more.map_err(|error| internal(&error))? })
    };
    let page = answer.await.map_err(|refusal: Refusal| refusal.logged(&kiosk))?;
    tracing::info!(kiosk = %kiosk.name, query = "history", rows = page.rows.len(), outcome = "ok");
    Ok(json(&v1::HistoryPage::from(page)))
}

/// A core system that gave an account a minute ago and gives none now is not to be relied on.
fn unavailable(error: &CoreError) -> Refusal {
    refuse(StatusCode::SERVICE_UNAVAILABLE, ProblemCode::CoreUnavailable, &error.to_string())
}

#[cfg(test)]
mod tests {
    use kiosk_base::domain::{DocumentFacts, DocumentKind, HolderNumber};

    use super::*;

    fn query() -> CoreQuery {
        CoreQuery {
            number: HolderNumber::parse("510599198507150012").expect("valid"),
            name: "测试甲".into(),
            english_name: None,
            document: DocumentFacts {
                kind: DocumentKind::ResidentIdCard,
                valid_until: None,
                issue_count: None,
            },
        }
    }

    fn place(from: u32, total: u32) -> Place {
        let of = HistoryOf { participation: 0, kind: HistoryKind::Months };
        Place { of, from, total }
    }

    #[test]
    fn a_cursor_is_good_once_for_its_kiosk_in_time() {
        let histories = Histories::new(Duration::from_secs(300));
        let (hall, other): (Arc<str>, Arc<str>) = ("hall".into(), "other".into());
        let start = Instant::now();
        let cursor = |at| histories.hand_out(&hall, &query(), place(120, 420), at).expect("made");
        let first = cursor(start).expect("more is left");
        assert!(histories.take(&other, &first, start).is_none(), "another kiosk's");
        let taken = histories.take(&hall, &first, start).expect("it stays for its own kiosk");
        assert_eq!((taken.query, taken.place), (query(), place(120, 420)));
        assert!(histories.take(&hall, &first, start).is_none(), "used");

        let late = cursor(start).expect("more is left");
        let end = start + Duration::from_secs(300);
        let newer = cursor(end - Duration::from_secs(1)).expect("more is left");
        assert!(histories.take(&hall, &late, end).is_none(), "it has run out");
        assert!(histories.take(&hall, &newer, end).is_some(), "this one has not");
        let out = || histories.out.lock().expect("whole").len();
        cursor(end).expect("more is left");
        assert_eq!(out(), 1);
        histories.forget(end + Duration::from_secs(300));
        assert!(histories.out.lock().expect("whole").is_empty(), "nothing stays behind");
        let whole = histories.hand_out(&hall, &query(), place(420, 420), start);
        assert_eq!(whole, Ok(None), "nothing is left");
    }

    #[test]
    fn the_oldest_cursor_gives_way_and_only_to_its_own_kiosk() {
        let histories = Histories::new(Duration::from_secs(300));
        let (hall, other): (Arc<str>, Arc<str>) = ("hall".into(), "other".into());
        let now = Instant::now();
        let cursor = |kiosk| {
            let cursor = histories.hand_out(kiosk, &query(), place(120, 420), now);
            cursor.expect("made").expect("more is left")
        };
        let theirs = cursor(&other);
        let all: Vec<_> = (0..=OUT_AT_ONCE).map(|_| cursor(&hall)).collect();
        assert!(histories.take(&hall, &all[0], now).is_none());
        assert!(histories.take(&hall, &all[1], now).is_some());
        assert!(histories.take(&other, &theirs, now).is_some());
    }
}
