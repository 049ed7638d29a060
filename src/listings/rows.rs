//! Rows of `listings.db`: how postings and notices are written, indexed and forgotten. No
//! state of its own; every function works within the caller's transaction.

use std::collections::HashMap;

use rusqlite::{OptionalExtension, Transaction, params};

use super::{
    facts,
    index::{self, Builder},
};
use crate::{
    domain::{
        JobFair, Posting, Stop, TrainingNotice,
        wire::{Collection, FeedBody, FeedPage},
    },
    store::StoreError,
};

/// Applies the changes of a page to `generation`.
///
/// What the page brings becomes a segment of the index.
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
    let mut writer = Writer::new(transaction, generation);
    for (index, item) in page.items.iter().enumerate() {
        if last[item.id.as_str()] != index {
            continue;
        }
        if let Some(body) = &item.body {
            writer.insert(body)?;
        }
    }
    writer.finish()
}

/// Adds items to a generation of their collections, and to the index.
pub(super) struct Writer<'a> {
    transaction: &'a Transaction<'a>,
    generation: i64,
    builder: Builder<'a>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(transaction: &'a Transaction<'a>, generation: i64) -> Self {
        Self { transaction, generation, builder: Builder::new(transaction, generation) }
    }

    pub(super) fn insert(&mut self, item: &FeedBody) -> Result<(), StoreError> {
        let (transaction, generation) = (self.transaction, self.generation);
        match item {
            FeedBody::Posting(posting) => {
                let doc = insert_posting(transaction, generation, posting)?;
                self.builder.push(doc, posting)
            }
            FeedBody::Training(notice) => insert_training(transaction, generation, notice),
            FeedBody::Fair(fair) => insert_fair(transaction, generation, fair),
        }
    }

    pub(super) fn finish(self) -> Result<(), StoreError> {
        self.builder.finish()?;
        index::settle(self.transaction, self.generation)
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
        index::drop_generation(transaction, generation)?;
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
        (Collection::Postings, Some(doc)) => index::forget(transaction, doc),
        _ => Ok(()),
    }
}

/// Adds the row of a posting; gives its number.
fn insert_posting(
    transaction: &Transaction<'_>,
    generation: i64,
    posting: &Posting,
) -> Result<u32, StoreError> {
    transaction
        .prepare_cached("INSERT INTO posting (generation, id, body) VALUES (?1, ?2, ?3)")?
        .execute(params![generation, posting.id.as_str(), to_json(posting)])?;
    u32::try_from(transaction.last_insert_rowid())
        .map_err(|_| StoreError::new(Stop::StoreDamaged, "four thousand million rows were used up"))
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
