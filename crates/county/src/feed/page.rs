//! The JSON of a page, put together from the rows as they are stored. Keeps no state.

use kiosk_base::wire::{Audience, Collection, FEED_PAGE_BYTES};
use rusqlite::{Connection, Transaction, params};

use super::super::{CountyError, carried::Place, target};

/// A page ends before its items' JSON grows beyond this; what is around them has room then.
const PAGE_BYTES: usize = FEED_PAGE_BYTES * 3 / 4;

/// Where a collection stands.
pub(super) struct State {
    pub(super) epoch: String,
    pub(super) head: u64,
}

impl State {
    pub(super) fn of(connection: &Connection, collection: Collection) -> Result<Self, CountyError> {
        let epoch = connection.query_row("SELECT epoch FROM feed_epoch", [], |row| row.get(0))?;
        Ok(Self { epoch, head: cursor(head(connection, collection)?) })
    }
}

/// The JSON of a [`FeedPage`](kiosk_base::wire::v1::FeedPage) and its `next`. Items are put into it
/// as they are stored: they were checked when they were published.
pub(super) fn json(
    transaction: &Transaction<'_>,
    State { epoch, head }: &State,
    place: &Place,
    audience: &Audience,
) -> Result<(String, u64), CountyError> {
    let Place { collection, since, limit, quiet, .. } = place;
    let mut select = transaction.prepare_cached(
        "WITH seen AS (
             SELECT seq, id, target IS NULL OR instr(target, ?3) > 0 AS own, reached, body
             FROM feed_item WHERE collection = ?1 AND seq > ?2)
         SELECT seq, id, CASE WHEN own THEN body END FROM seen
         WHERE body IS NOT NULL AND own
             OR seq > ?4 AND (reached IS NULL OR instr(reached, ?3) > 0)
         ORDER BY seq LIMIT ?5",
    )?;
    let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    let mut rows = select.query(params![
        collection.as_str(),
        number(*since),
        target::mark(audience),
        number(*quiet),
        i64::try_from(*limit).unwrap_or(i64::MAX)
    ])?;
    let mut items = Vec::with_capacity(*limit);
    let (mut bytes, mut next, mut whole) = (0, *head, true);
    while let Some(row) = rows.next()? {
        let (seq, id, body): (i64, String, Option<String>) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        bytes += body.as_ref().map_or(0, String::len);
        if bytes > PAGE_BYTES {
            whole = false;
            break;
        }
        let id = quoted(&id);
        let body = match body {
            Some(body) => format!(r#"{{"type":"{}","value":{body}}}"#, kind(*collection)),
            None => "null".to_owned(),
        };
        items.push(format!(r#"{{"seq":{seq},"id":{id},"body":{body}}}"#));
        next = cursor(seq);
    }
    if whole && items.len() < *limit {
        // Whatever else there is up to the head is not for this kiosk.
        next = *head;
    }
    let (epoch, items) = (quoted(epoch), items.join(","));
    let json = format!(r#"{{"epoch":{epoch},"items":[{items}],"next":{next},"head":{head}}}"#);
    Ok((json, next))
}

/// Whether an item within `since < seq <= next` is, or ever was, for some towns only.
pub(super) fn names_towns(
    transaction: &Transaction<'_>,
    collection: Collection,
    since: u64,
    next: u64,
) -> Result<bool, CountyError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM feed_item WHERE collection = ?1 AND seq > ?2
               AND seq <= ?3 AND (target IS NOT NULL OR reached IS NOT NULL))";
    let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    let range = params![collection.as_str(), number(since), number(next)];
    Ok(transaction.prepare_cached(sql)?.query_row(range, |row| row.get(0))?)
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// How [`FeedBody`](kiosk_base::wire::v1::FeedBody) tags items of a collection.
fn kind(collection: Collection) -> &'static str {
    match collection {
        Collection::Postings => "posting",
        Collection::Trainings => "training",
        Collection::Fairs => "fair",
    }
}

/// The newest change's number; 0 before the first.
pub(super) fn head(connection: &Connection, collection: Collection) -> Result<i64, CountyError> {
    Ok(connection.query_row(
        "SELECT coalesce(max(seq), 0) FROM feed_item WHERE collection = ?1",
        [collection.as_str()],
        |row| row.get(0),
    )?)
}

/// A stored number on the wire; [`Feed::publish`](super::Feed::publish) counts from 1.
fn cursor(seq: i64) -> u64 {
    seq.unsigned_abs()
}
