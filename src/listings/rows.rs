//! Rows of `listings.db`: how postings and notices are written and forgotten, with their terms. No
//! state of its own; every function works within the caller's transaction.

use std::collections::HashMap;

use rusqlite::{OptionalExtension, Transaction, params};

use super::{facts, segment, traits::Traits};
use crate::{
    domain::{
        JobFair, Posting, TrainingNotice,
        wire::{Collection, FeedBody, FeedPage},
    },
    store::StoreError,
};

/// Applies the changes of a page to `generation`.
///
/// Deletes first and inserts then: so row numbers rise within the transaction, and the text index
/// writes one run of it instead of many.
pub(super) fn write_items(
    transaction: &Transaction<'_>,
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
        forget(transaction, collection, generation, &item.id)?;
        if item.body.is_some() {
            // The county's word about a posting replaces the town's own.
            forget(transaction, collection, 0, &item.id)?;
        }
    }
    for (index, item) in page.items.iter().enumerate() {
        if last[item.id.as_str()] != index {
            continue;
        }
        if let Some(body) = &item.body {
            insert(transaction, generation, body)?;
        }
    }
    Ok(())
}

/// Adds an item to its collection.
pub(super) fn insert(
    transaction: &Transaction<'_>,
    generation: i64,
    item: &FeedBody,
) -> Result<(), StoreError> {
    match item {
        FeedBody::Posting(posting) => insert_posting(transaction, generation, posting),
        FeedBody::Training(notice) => insert_training(transaction, generation, notice),
        FeedBody::Fair(fair) => insert_fair(transaction, generation, fair),
    }
}

/// Whether `generation` has an item with this id.
pub(super) fn has(
    transaction: &Transaction<'_>,
    collection: Collection,
    generation: i64,
    id: &str,
) -> Result<bool, StoreError> {
    let table = table(collection);
    let sql = format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE generation = ?1 AND id = ?2)");
    let there =
        transaction.prepare_cached(&sql)?.query_row(params![generation, id], |row| row.get(0))?;
    Ok(there)
}

/// Deletes all of `generation`.
pub(super) fn forget_generation(
    transaction: &Transaction<'_>,
    collection: Collection,
    generation: i64,
) -> Result<(), StoreError> {
    if collection == Collection::Postings {
        transaction.execute(
            "DELETE FROM posting_term WHERE rowid IN (SELECT doc FROM posting WHERE generation = ?1)",
            [generation],
        )?;
    }
    let sql = format!("DELETE FROM {} WHERE generation = ?1", table(collection));
    transaction.execute(&sql, [generation])?;
    Ok(())
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
    transaction: &Transaction<'_>,
    collection: Collection,
    generation: i64,
    id: &str,
) -> Result<(), StoreError> {
    let table = table(collection);
    let sql = format!("DELETE FROM {table} WHERE generation = ?1 AND id = ?2 RETURNING doc");
    let doc: Option<i64> = transaction
        .prepare_cached(&sql)?
        .query_row(params![generation, id], |row| row.get(0))
        .optional()?;
    match (collection, doc) {
        (Collection::Postings, Some(doc)) => forget_terms(transaction, doc),
        _ => Ok(()),
    }
}

/// Deletes the terms of a posting that is gone.
pub(super) fn forget_terms(transaction: &Transaction<'_>, doc: i64) -> Result<(), StoreError> {
    transaction.prepare_cached("DELETE FROM posting_term WHERE rowid = ?1")?.execute([doc])?;
    Ok(())
}

/// Adds a posting and its terms.
fn insert_posting(
    transaction: &Transaction<'_>,
    generation: i64,
    posting: &Posting,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO posting (generation, id, published, closes, town, wage, traits, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            generation,
            posting.id.as_str(),
            facts::day(posting.published),
            posting.closes.map(facts::day),
            posting.division.as_ref().map_or(0, facts::town),
            facts::monthly_wage(posting),
            Traits::of(posting).0,
            to_json(posting),
        ])?;
    transaction
        .prepare_cached("INSERT INTO posting_term (rowid, terms) VALUES (?1, ?2)")?
        .execute(params![transaction.last_insert_rowid(), segment::terms(posting)])?;
    Ok(())
}

fn insert_training(
    transaction: &Transaction<'_>,
    generation: i64,
    notice: &TrainingNotice,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO training (generation, id, published, enrol_until, body)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            generation,
            notice.id.as_str(),
            facts::day(notice.published),
            notice.enrol_until.map_or(facts::NEVER, facts::day),
            to_json(notice),
        ])?;
    Ok(())
}

fn insert_fair(
    transaction: &Transaction<'_>,
    generation: i64,
    fair: &JobFair,
) -> Result<(), StoreError> {
    transaction
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
            to_json(fair),
        ])?;
    Ok(())
}

fn to_json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("domain types have text keys and finite numbers")
}
