//! Publishing: a whole set is compared with what is stored, and what differs is numbered. What was
//! before the last publishing is kept as far as it differs, so that it can be put back.
//!
//! State: the tables `feed_item` and `feed_before` of `county.db`.

use std::collections::{HashMap, HashSet};

use kiosk_base::{
    domain::{JobFair, Posting, TrainingNotice},
    wire::{Collection, v1},
};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use serde::{Deserialize, Serialize};

use super::{Feed, mark, page};
use crate::{
    CountyError, Targets, Towns,
    deeds::{self, Deed},
};

/// Most items in one collection; ten times what the largest county has.
pub const COLLECTION_ITEMS: usize = 1_000_000;
/// Most bytes of one item's JSON.
pub const ITEM_BYTES: usize = 64 * 1024;

/// A whole set to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listings {
    /// All job postings.
    Postings(Vec<Posting>),
    /// All training notices.
    Trainings(Vec<TrainingNotice>),
    /// All job fairs.
    Fairs(Vec<JobFair>),
}

/// What publishing did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Published {
    /// New or changed.
    pub changed: usize,
    /// Gone: now tombstones.
    pub removed: usize,
    /// As they were.
    pub unchanged: usize,
}

/// An item that a publishing touches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Its id.
    pub id: String,
    /// Its title; of one that is withdrawn the one under which it was shown.
    pub title: String,
}

/// A set beside the one that is published.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// In the set only.
    pub new: Vec<Change>,
    /// In both, and different: in what they say or in for whom they are.
    pub changed: Vec<Change>,
    /// Published only.
    pub withdrawn: Vec<Change>,
    /// The same in both.
    pub unchanged: usize,
}

impl Comparison {
    /// The numbers.
    pub fn summary(&self) -> Published {
        let Self { new, changed, withdrawn, unchanged } = self;
        let changed = new.len() + changed.len();
        Published { changed, removed: withdrawn.len(), unchanged: *unchanged }
    }

    /// The numbers in words, for the county's own audit.
    fn words(&self, collection: Collection) -> String {
        let Self { new, changed, withdrawn, unchanged } = self;
        format!(
            "{}：新增 {}，变更 {}，撤回 {}，未变 {unchanged}",
            collection.as_str(),
            new.len(),
            changed.len(),
            withdrawn.len(),
        )
    }

    /// Whether more is withdrawn than may be without being said, or all.
    pub fn withdraws_more_than(&self, percent: u8) -> bool {
        let kept = self.changed.len() + self.unchanged;
        let (gone, before) = (self.withdrawn.len(), self.withdrawn.len() + kept);
        let is_empty = kept + self.new.len() == 0;
        gone > 0 && (is_empty || gone * 100 > before * usize::from(percent))
    }
}

/// On what terms a set is published at the command line.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The largest share of what is published, in percent, that may be withdrawn; `None` when it
    /// was said that whatever is missing is to be withdrawn.
    pub withdraw_percent: Option<u8>,
    /// Where the set comes from, for the county's own audit.
    pub source: &'a str,
}

/// An item to be published.
struct Row {
    id: String,
    title: String,
    body: String,
    target: Option<Towns>,
}

/// What is stored about an id.
struct StoredRow {
    seq: i64,
    body: Option<String>,
    target: Option<String>,
    reached: Option<String>,
}

impl StoredRow {
    /// Whether it is this item for these.
    fn is(&self, row: &Row) -> bool {
        self.body.as_ref() == Some(&row.body)
            && self.target == row.target.as_ref().map(Towns::stored)
    }
}

impl Feed {
    /// Makes `listings` the published set of its collection, for the whole county, all or nothing.
    ///
    /// # Errors
    /// As [`publish_to`](Self::publish_to).
    pub fn publish(&self, listings: Listings) -> Result<Published, CountyError> {
        self.publish_to(listings, &Targets::default())
    }

    /// Makes `listings` the published set of its collection, each item for its target, all or
    /// nothing.
    ///
    /// # Errors
    /// When an id occurs twice, a target is for none of them, a limit is broken, or the database
    /// fails.
    pub fn publish_to(
        &self,
        listings: Listings,
        targets: &Targets,
    ) -> Result<Published, CountyError> {
        let (collection, rows) = rows(listings, targets)?;
        Ok(self.make_published(collection, |_| Ok(rows), |_, _| Ok(()))?.summary())
    }

    /// As [`publish_to`](Self::publish_to), on terms, with a row in the county's own audit.
    ///
    /// # Errors
    /// As there, and [`CountyError::Withdraws`] when the terms forbid it.
    pub fn publish_on(
        &self,
        listings: Listings,
        targets: &Targets,
        terms: Terms<'_>,
    ) -> Result<Comparison, CountyError> {
        let (collection, rows) = rows(listings, targets)?;
        self.make_published(
            collection,
            |_| Ok(rows),
            |transaction, comparison| {
                may_withdraw(collection, comparison, terms.withdraw_percent)?;
                let words = format!("{}，来自 {}", comparison.words(collection), terms.source);
                deeds::note(transaction, Deed::Published, &words)
            },
        )
    }

    /// What publishing would do. Changes nothing.
    ///
    /// # Errors
    /// As [`publish_to`](Self::publish_to).
    pub fn compare(
        &self,
        listings: Listings,
        targets: &Targets,
    ) -> Result<Comparison, CountyError> {
        let (collection, rows) = rows(listings, targets)?;
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        Ok(comparison(&stored_rows(&transaction, collection)?, &rows).0)
    }

    /// Puts the set back that was published before the last time that something changed. Done twice
    /// it brings the later one again.
    ///
    /// # Errors
    /// When there was none, more would be withdrawn than `withdraw_percent` allows, or the database
    /// fails.
    pub fn put_back(
        &self,
        collection: Collection,
        withdraw_percent: Option<u8>,
    ) -> Result<Comparison, CountyError> {
        self.make_published(
            collection,
            |transaction| rows_before(transaction, collection),
            |transaction, comparison| {
                may_withdraw(collection, comparison, withdraw_percent)?;
                deeds::note(transaction, Deed::PutBack, &comparison.words(collection))
            },
        )
    }

    /// What [`put_back`](Self::put_back) would do. Changes nothing.
    ///
    /// # Errors
    /// As there.
    pub fn compare_before(&self, collection: Collection) -> Result<Comparison, CountyError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let rows = rows_before(&transaction, collection)?;
        Ok(comparison(&stored_rows(&transaction, collection)?, &rows).0)
    }

    /// Makes what `set` gives the published set, if `judge` lets it: in one transaction.
    fn make_published(
        &self,
        collection: Collection,
        set: impl FnOnce(&Transaction<'_>) -> Result<Vec<Row>, CountyError>,
        judge: impl FnOnce(&Transaction<'_>, &Comparison) -> Result<(), CountyError>,
    ) -> Result<Comparison, CountyError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let rows = set(&transaction)?;
        let stored = stored_rows(&transaction, collection)?;
        let (comparison, moved) = comparison(&stored, &rows);
        judge(&transaction, &comparison)?;
        let is_change = !moved.is_empty() || !comparison.withdrawn.is_empty();
        if is_change {
            keep_before(&transaction, collection, &comparison)?;
            write(&transaction, collection, &stored, &moved, &comparison.withdrawn)?;
            mark::renew(&transaction, &self.directory)?;
        }
        transaction.commit()?;
        if is_change {
            mark::settle(&mut connection, &self.directory)?;
        }
        deeds::keep_head(&connection, &self.directory);
        Ok(comparison)
    }
}

/// Whether a set may take the place of the one before: if no more than `percent` is withdrawn, or where
/// it was said that whatever is missing is to be.
fn may_withdraw(
    collection: Collection,
    comparison: &Comparison,
    percent: Option<u8>,
) -> Result<(), CountyError> {
    let Some(percent) = percent.filter(|percent| comparison.withdraws_more_than(*percent)) else {
        return Ok(());
    };
    let Published { changed, removed, unchanged } = comparison.summary();
    Err(CountyError::Withdraws {
        collection: collection.as_str(),
        withdrawn: removed,
        published: removed + comparison.changed.len() + unchanged,
        set: changed + unchanged,
        percent,
    })
}

/// How the set differs from what is stored, and the rows that move to the end of the run.
fn comparison<'r>(
    stored: &HashMap<String, StoredRow>,
    rows: &'r [Row],
) -> (Comparison, Vec<&'r Row>) {
    let mut comparison = Comparison::default();
    let mut moved = Vec::new();
    for row in rows {
        let change = || Change { id: row.id.clone(), title: row.title.clone() };
        match stored.get(&row.id) {
            Some(before) if before.is(row) => {
                comparison.unchanged += 1;
                continue;
            }
            Some(StoredRow { body: Some(_), .. }) => comparison.changed.push(change()),
            _ => comparison.new.push(change()),
        }
        moved.push(row);
    }
    let kept: HashSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let gone = stored.iter().filter_map(|(id, row)| {
        let body = row.body.as_ref().filter(|_| !kept.contains(id.as_str()))?;
        Some(Change { id: id.clone(), title: title(body) })
    });
    comparison.withdrawn = gone.collect();
    comparison.withdrawn.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    (comparison, moved)
}

/// Keeps what the ids that a publishing touches are until now.
fn keep_before(
    transaction: &Transaction<'_>,
    collection: Collection,
    comparison: &Comparison,
) -> Result<(), CountyError> {
    let name = collection.as_str();
    transaction.execute("DELETE FROM feed_before WHERE collection = ?1", [name])?;
    let mut keep = transaction.prepare(
        "INSERT INTO feed_before (collection, id, body, target)
         SELECT ?1, ?2, body, target FROM (SELECT 1)
         LEFT JOIN feed_item ON collection = ?1 AND id = ?2",
    )?;
    let Comparison { new, changed, withdrawn, .. } = comparison;
    for change in new.iter().chain(changed).chain(withdrawn) {
        keep.execute(params![name, change.id])?;
    }
    Ok(())
}

/// Numbers what moves, and leaves tombstones.
fn write(
    transaction: &Transaction<'_>,
    collection: Collection,
    stored: &HashMap<String, StoredRow>,
    moved: &[&Row],
    withdrawn: &[Change],
) -> Result<(), CountyError> {
    let mut seq = page::head(transaction, collection)?;
    let mut put = transaction.prepare(
        "INSERT INTO feed_item (collection, id, seq, body, target, reached)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (collection, id)
         DO UPDATE SET seq = ?3, body = ?4, target = ?5, reached = ?6",
    )?;
    for Row { id, body, target, .. } in moved {
        seq += 1;
        let reached = reached(stored.get(id), target.as_ref());
        let (target, reached) = (target.as_ref().map(Towns::stored), reached.map(|t| t.stored()));
        put.execute(params![collection.as_str(), id, seq, body, target, reached])?;
    }
    let mut bury = transaction
        .prepare("UPDATE feed_item SET seq = ?3, body = NULL WHERE collection = ?1 AND id = ?2")?;
    for Change { id, .. } in withdrawn {
        seq += 1;
        bury.execute(params![collection.as_str(), id, seq])?;
    }
    Ok(())
}

/// Who may have an item that is now for `target`: those and all who may have had it before.
fn reached(before: Option<&StoredRow>, target: Option<&Towns>) -> Option<Towns> {
    let target = target?.clone();
    match before {
        None => Some(target),
        Some(row) => Some(target.and(&Towns::of_stored(row.reached.as_deref()?))),
    }
}

impl Listings {
    /// The collection the set belongs to.
    pub fn collection(&self) -> Collection {
        match self {
            Self::Postings(_) => Collection::Postings,
            Self::Trainings(_) => Collection::Trainings,
            Self::Fairs(_) => Collection::Fairs,
        }
    }
}

/// The set as rows, in the order in which its items came.
fn rows(listings: Listings, targets: &Targets) -> Result<(Collection, Vec<Row>), CountyError> {
    let collection = listings.collection();
    let items: Vec<(String, String, String)> = match listings {
        Listings::Postings(items) => {
            let row = |p: Posting| (p.id.as_str().into(), p.title.clone(), v1::to_json(&p));
            items.into_iter().map(row).collect()
        }
        Listings::Trainings(items) => {
            let row = |t: TrainingNotice| (t.id.as_str().into(), t.title.clone(), v1::to_json(&t));
            items.into_iter().map(row).collect()
        }
        Listings::Fairs(items) => {
            let row = |f: JobFair| (f.id.as_str().into(), f.title.clone(), v1::to_json(&f));
            items.into_iter().map(row).collect()
        }
    };
    if items.len() > COLLECTION_ITEMS {
        return Err(CountyError::Listings(format!(
            "{} 有 {} 条，最多发布 {COLLECTION_ITEMS} 条",
            collection.as_str(),
            items.len()
        )));
    }
    let mut seen = HashSet::new();
    let mut rows = Vec::with_capacity(items.len());
    for (id, title, body) in items {
        if body.len() > ITEM_BYTES {
            return Err(CountyError::Listings(format!(
                "{id} 超过 {ITEM_BYTES} 字节；请把文字写短些"
            )));
        }
        if !seen.insert(id.clone()) {
            return Err(CountyError::Listings(format!("编号 {id} 有两条；请改掉一条的编号")));
        }
        let target = targets.of(&id).cloned();
        rows.push(Row { id, title, body, target });
    }
    if let Some(stray) = targets.named().find(|id| !seen.contains(*id)) {
        return Err(CountyError::Listings(format!("towns 里写了 {stray}，但文件里没有这个编号")));
    }
    Ok((collection, rows))
}

fn stored_rows(
    connection: &Connection,
    collection: Collection,
) -> Result<HashMap<String, StoredRow>, CountyError> {
    let mut select = connection
        .prepare("SELECT id, seq, body, target, reached FROM feed_item WHERE collection = ?1")?;
    let rows = select.query_map([collection.as_str()], |row| {
        let (seq, body) = (row.get(1)?, row.get(2)?);
        let stored = StoredRow { seq, body, target: row.get(3)?, reached: row.get(4)? };
        Ok((row.get(0)?, stored))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The set that was published before the last change.
fn rows_before(
    transaction: &Transaction<'_>,
    collection: Collection,
) -> Result<Vec<Row>, CountyError> {
    let mut select =
        transaction.prepare("SELECT id, body, target FROM feed_before WHERE collection = ?1")?;
    type Kept = (String, Option<String>, Option<String>);
    let kept = select
        .query_map([collection.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let kept = kept.collect::<Result<Vec<Kept>, _>>()?;
    if kept.is_empty() {
        return Err(CountyError::Listings(format!(
            "没有存下更早的 {}：还没有变更过",
            collection.as_str()
        )));
    }
    let touched: HashSet<&str> = kept.iter().map(|(id, ..)| id.as_str()).collect();
    let mut stored: Vec<_> = stored_rows(transaction, collection)?.into_iter().collect();
    stored.sort_unstable_by_key(|(_, row)| row.seq);
    let untouched = stored
        .into_iter()
        .filter(|(id, _)| !touched.contains(id.as_str()))
        .map(|(id, row)| (id, row.body, row.target));
    let rows = untouched.chain(kept.iter().cloned()).filter_map(|(id, body, target)| {
        let body = body?;
        let target = target.as_deref().map(Towns::of_stored);
        Some(Row { id, title: title(&body), body, target })
    });
    Ok(rows.collect())
}

/// The title in an item's JSON.
fn title(body: &str) -> String {
    #[derive(Deserialize)]
    struct Titled {
        title: String,
    }
    serde_json::from_str(body).map(|Titled { title }| title).unwrap_or_default()
}
