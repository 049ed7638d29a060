//! What a town keeps itself: its own imports, and the postings that it shows first or not at all.
//! The ledger is the truth; the cache holds a copy that [`Cache::follow`](super::Cache::follow)
//! makes, so that neither a damaged cache nor a new feed loses anything of it.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use crate::{
    domain::{
        PostingId, Stop,
        wire::{Collection, FeedBody},
    },
    store::{Ledger, StoreError},
};

/// Most marks of a town.
pub const MARKS_MAX: usize = 500;
/// Most items that a town keeps of one collection.
pub const OWN_MAX: usize = 200_000;

/// How a town shows a posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// 置顶: before all others that are found.
    Pinned,
    /// 隐藏: not at all.
    Hidden,
}

/// A posting that a town has marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// Which.
    pub id: PostingId,
    /// How.
    pub mark: Mark,
    /// Its title when it was marked; the posting itself may be gone.
    pub title: String,
    /// When.
    pub at: Timestamp,
}

/// Keeps `items` of the town's own, all or none. One with an id that is there already replaces it.
///
/// # Errors
/// [`Stop::StoreFull`] when the disk or the town's share is full; nothing is kept then.
pub fn import(
    ledger: &mut Ledger,
    items: impl IntoIterator<Item = FeedBody>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let transaction = ledger.write()?.transaction()?;
    {
        let mut put = transaction.prepare(
            "INSERT INTO own_item (collection, id, body, imported_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (collection, id) DO UPDATE SET body = ?3, imported_at = ?4",
        )?;
        for item in items {
            let body = serde_json::to_string(&item)
                .map_err(|_| StoreError::new(Stop::StoreDamaged, "an item is no JSON"))?;
            let collection = item.collection().as_str();
            put.execute(params![collection, item.id().as_str(), body, now.as_second()])?;
        }
    }
    for collection in Collection::ALL {
        let sql = "SELECT count(*) FROM own_item WHERE collection = ?1";
        let count: i64 = transaction.query_row(sql, [collection.as_str()], |row| row.get(0))?;
        if usize::try_from(count).is_ok_and(|count| count > OWN_MAX) {
            let detail = format!("more than {OWN_MAX} {} of the town's own", collection.as_str());
            return Err(StoreError::new(Stop::StoreFull, detail));
        }
    }
    changed(&transaction)?;
    Ok(transaction.commit()?)
}

/// Forgets everything of `collection` that the town imported; gives how many there were.
///
/// # Errors
/// Any [`StoreError`].
pub fn forget(ledger: &mut Ledger, collection: Collection) -> Result<usize, StoreError> {
    let transaction = ledger.write()?.transaction()?;
    let sql = "DELETE FROM own_item WHERE collection = ?1";
    let gone = transaction.execute(sql, [collection.as_str()])?;
    changed(&transaction)?;
    transaction.commit()?;
    Ok(gone)
}

/// Marks the posting `id`, or takes its mark away. `title` is what staff will know it by.
///
/// # Errors
/// [`Stop::StoreFull`] when [`MARKS_MAX`] are marked already, and what the store says.
pub fn mark(
    ledger: &mut Ledger,
    id: &PostingId,
    title: &str,
    mark: Option<Mark>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let transaction = ledger.write()?.transaction()?;
    match mark {
        None => transaction.execute("DELETE FROM posting_mark WHERE id = ?1", [id.as_str()])?,
        Some(mark) => transaction.execute(
            "INSERT INTO posting_mark (id, pinned, title, marked_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET pinned = ?2, title = ?3, marked_at = ?4",
            params![id.as_str(), mark == Mark::Pinned, title, now.as_second()],
        )?,
    };
    let count: i64 =
        transaction.query_row("SELECT count(*) FROM posting_mark", [], |row| row.get(0))?;
    if usize::try_from(count).is_ok_and(|count| count > MARKS_MAX) {
        let detail = format!("more than {MARKS_MAX} postings are marked");
        return Err(StoreError::new(Stop::StoreFull, detail));
    }
    changed(&transaction)?;
    Ok(transaction.commit()?)
}

/// All marks, the newest first.
///
/// # Errors
/// Any [`StoreError`].
pub fn marks(ledger: &Ledger) -> Result<Vec<Marked>, StoreError> {
    let sql = "SELECT id, pinned, title, marked_at FROM posting_mark ORDER BY marked_at DESC, id";
    let mut statement = ledger.read().prepare_cached(sql)?;
    let rows = statement.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?, row.get(2)?, row.get::<_, i64>(3)?))
    })?;
    let mut marks = Vec::new();
    for row in rows {
        let (id, pinned, title, at) = row?;
        let id = PostingId::parse(&id)
            .map_err(|_| StoreError::new(Stop::StoreDamaged, "a mark's id is none"))?;
        let mark = if pinned { Mark::Pinned } else { Mark::Hidden };
        let at = Timestamp::from_second(at).unwrap_or(Timestamp::UNIX_EPOCH);
        marks.push(Marked { id, mark, title, at });
    }
    Ok(marks)
}

/// How many items of `collection` the town keeps, and when the last came.
///
/// # Errors
/// Any [`StoreError`].
pub fn own(
    ledger: &Ledger,
    collection: Collection,
) -> Result<(usize, Option<Timestamp>), StoreError> {
    let sql = "SELECT count(*), max(imported_at) FROM own_item WHERE collection = ?1";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?));
    let (count, last) =
        ledger.read().prepare_cached(sql)?.query_row([collection.as_str()], read)?;
    let last = last.and_then(|seconds| Timestamp::from_second(seconds).ok());
    Ok((usize::try_from(count).unwrap_or(0), last))
}

/// Rises with every change.
pub(super) fn stamp(ledger: &Ledger) -> Result<i64, StoreError> {
    let sql = "SELECT stamp FROM town_stamp";
    Ok(ledger.read().query_row(sql, [], |row| row.get(0)).optional()?.unwrap_or(0))
}

/// Calls `each` with every item that the town keeps.
pub(super) fn each_own(
    ledger: &Ledger,
    mut each: impl FnMut(FeedBody) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let sql = "SELECT body FROM own_item ORDER BY collection, id";
    let mut statement = ledger.read().prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let body = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        let item = serde_json::from_str(body)
            .map_err(|_| StoreError::new(Stop::StoreDamaged, "an own item cannot be read"))?;
        each(item)?;
    }
    Ok(())
}

fn changed(transaction: &rusqlite::Transaction<'_>) -> Result<(), StoreError> {
    transaction.execute("UPDATE town_stamp SET stamp = stamp + 1", [])?;
    Ok(())
}
