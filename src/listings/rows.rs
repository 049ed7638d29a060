//! Rows of `listings.db`: how postings and notices are written, indexed and forgotten. No
//! state of its own; every function works within the caller's transaction.

use std::collections::{BTreeSet, HashMap};

use kiosk_base::{
    domain::{JobFair, Posting, Stop, TrainingNotice},
    store::{Steps, StoreError},
    wire::{Collection, FeedBody, FeedPage, v1},
};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    facts,
    index::{self, Gathered},
    terms::Sounds,
};

/// The generations that hold the town's own in turn: one is shown while the other is filled.
pub(super) const OWN: [i64; 2] = [0, -1];

/// The one of [`OWN`] that `own` is not.
pub(super) fn other(own: i64) -> i64 {
    -1 - own
}

/// Applies the changes of a page to `generation`.
///
/// What the page brings becomes a segment of the index.
pub(super) fn write_items(
    connection: &Connection,
    collection: Collection,
    generation: i64,
    page: &FeedPage,
) -> Result<(), StoreError> {
    let mut last = HashMap::new();
    for (index, item) in page.items.iter().enumerate() {
        last.insert(item.id.as_str(), index);
    }
    for (index, item) in page.items.iter().enumerate() {
        if last[item.id.as_str()] != index {
            continue;
        }
        forget(connection, collection, generation, &item.id)?;
        if item.body.is_some() {
            // The county's word about a posting replaces the town's own.
            for own in OWN {
                forget(connection, collection, own, &item.id)?;
            }
        }
    }
    let (mut gathered, mut sounds) = (Gathered::default(), Sounds::default());
    for (index, item) in page.items.iter().enumerate() {
        if last[item.id.as_str()] != index {
            continue;
        }
        let Some(body) = &item.body else { continue };
        let row = insert(connection, generation, body)?;
        if let FeedBody::Posting(posting) = body {
            gathered.push(row, posting, &mut sounds);
        }
    }
    let mut steps = Steps::within();
    gathered.write(connection, generation, &mut steps)?;
    index::settle(connection, generation, &mut steps)
}

/// Whether `generation` has an item with this id.
pub(super) fn has(
    connection: &Connection,
    collection: Collection,
    generation: i64,
    id: &str,
) -> Result<bool, StoreError> {
    let table = table(collection);
    let sql = format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE generation = ?1 AND id = ?2)");
    let there =
        connection.prepare_cached(&sql)?.query_row(params![generation, id], |row| row.get(0))?;
    Ok(there)
}

/// Which generations there are.
pub(super) fn generations(
    connection: &Connection,
    collection: Collection,
) -> Result<BTreeSet<i64>, StoreError> {
    let table = table(collection);
    // From one to the next by the index: there are few, with very many rows.
    let sql = format!(
        "WITH RECURSIVE one (generation) AS (
             SELECT min(generation) FROM {table} UNION ALL
             SELECT (SELECT min(generation) FROM {table} WHERE generation > one.generation)
                 FROM one WHERE generation IS NOT NULL)
         SELECT generation FROM one WHERE generation IS NOT NULL"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([], |row| row.get(0))?;
    let mut generations = rows.collect::<Result<BTreeSet<i64>, _>>()?;
    if collection == Collection::Postings {
        generations.append(&mut index::generations(connection)?);
    }
    Ok(generations)
}

/// Deletes all of `generation`, which nobody sees.
pub(super) fn forget_generation(
    connection: &Connection,
    collection: Collection,
    generation: i64,
    steps: &mut Steps<'_>,
) -> Result<(), StoreError> {
    if collection == Collection::Postings {
        index::drop_generation(connection, generation, steps)?;
    }
    let table = table(collection);
    let sql = format!(
        "DELETE FROM {table} WHERE doc IN
             (SELECT doc FROM {table} WHERE generation = ?1 LIMIT 50)"
    );
    loop {
        steps.step()?;
        if connection.prepare_cached(&sql)?.execute([generation])? == 0 {
            return Ok(());
        }
    }
}

/// The table of a collection.
pub(super) fn table(collection: Collection) -> &'static str {
    match collection {
        Collection::Postings => "posting",
        Collection::Trainings => "training",
        Collection::Fairs => "fair",
    }
}

/// Deletes the row of `generation` with this id, if there is one.
pub(super) fn forget(
    connection: &Connection,
    collection: Collection,
    generation: i64,
    id: &str,
) -> Result<(), StoreError> {
    let table = table(collection);
    let sql = format!("DELETE FROM {table} WHERE generation = ?1 AND id = ?2 RETURNING doc");
    let doc: Option<i64> = connection
        .prepare_cached(&sql)?
        .query_row(params![generation, id], |row| row.get(0))
        .optional()?;
    match (collection, doc) {
        (Collection::Postings, Some(doc)) => index::forget(connection, doc),
        _ => Ok(()),
    }
}

/// Adds the row of an item to its table; gives its number. A posting is not found by it yet: the
/// index has it when it was [gathered](Gathered) and written.
pub(super) fn insert(
    connection: &Connection,
    generation: i64,
    item: &FeedBody,
) -> Result<u32, StoreError> {
    match item {
        FeedBody::Posting(posting) => insert_posting(connection, generation, posting)?,
        FeedBody::Training(notice) => insert_training(connection, generation, notice)?,
        FeedBody::Fair(fair) => insert_fair(connection, generation, fair)?,
    }
    u32::try_from(connection.last_insert_rowid())
        .map_err(|_| StoreError::new(Stop::StoreDamaged, "四十亿行都用完了"))
}

fn insert_posting(
    connection: &Connection,
    generation: i64,
    posting: &Posting,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO posting (generation, id, body) VALUES (?1, ?2, ?3)")?
        .execute(params![generation, posting.id.as_str(), v1::to_json(posting)])?;
    Ok(())
}

fn insert_training(
    connection: &Connection,
    generation: i64,
    notice: &TrainingNotice,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO training (generation, id, published, enrol_until, body)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            generation,
            notice.id.as_str(),
            facts::day(notice.published),
            notice.enrol_until.map_or(facts::NEVER, facts::day),
            v1::to_json(notice),
        ])?;
    Ok(())
}

fn insert_fair(connection: &Connection, generation: i64, fair: &JobFair) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO fair (generation, id, published, day, last_day, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            generation,
            fair.id.as_str(),
            facts::day(fair.published),
            facts::day(fair.date),
            facts::day(fair.last_day()),
            v1::to_json(fair),
        ])?;
    Ok(())
}
