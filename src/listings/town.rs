//! What a town keeps itself: its own imports, and the postings that it shows first or not at all.
//! The ledger is the truth; the cache holds a copy that [`Cache::follow`](super::Cache::follow)
//! makes, so that neither a damaged cache nor a new feed loses anything of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::Timestamp;
use kiosk_base::{
    domain::{PostingId, Stop},
    import::Row,
    store::{Ledger, Steps, StoreError},
    wire::{Collection, FeedBody, v1},
};
use rusqlite::{Connection, params};

/// Most marks of a town.
pub const MARKS_MAX: usize = 500;
/// Most items that a town keeps of one collection.
pub const OWN_MAX: usize = 200_000;
/// Pages of the log after which an import copies them into the ledger, 1 MB.
const CHECKPOINT_PAGES: i64 = 256;
/// How many items come in between two looks at what follows.
const PART: usize = 64;
/// How long an import waits for another: several of the largest.
pub const PATIENCE: Duration = Duration::from_secs(120);

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
/// They come in by short transactions ([`Steps`]), so that whoever else writes into the ledger does
/// not wait, and are there with the last one. One import at a time: another waits for its turn.
///
/// # Errors
/// [`Stop::StoreFull`] when the disk or the town's share is full; nothing is kept then.
/// [`Stop::StoreBusy`] when another import takes more than [`PATIENCE`].
pub fn import(
    ledger: &mut Ledger,
    items: impl IntoIterator<Item = FeedBody>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut items = items.into_iter();
    let parts = std::iter::from_fn(|| {
        let part: Vec<Row> = items.by_ref().take(PART).map(|item| Row::of(&item)).collect();
        (!part.is_empty()).then_some(part)
    });
    import_rows(ledger, parts, now)
}

/// As [`import`], of items that are written already, a part at a time: nobody waits while the next one is
/// made.
///
/// # Errors
/// As [`import`].
pub fn import_rows(
    ledger: &mut Ledger,
    parts: impl IntoIterator<Item = Vec<Row>>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let _turn = ledger.turn(PATIENCE)?;
    let connection = ledger.write()?;
    tidy(connection)?;
    // Only the last commit must have reached the disk when this returns, and it takes the others
    // with it.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    // Who writes beside it waits for the disk with what lies in the log: that must be little.
    let usual: i64 = connection.pragma_query_value(None, "wal_autocheckpoint", |row| row.get(0))?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    let come = come_in(connection, parts, now).and_then(|number| {
        // So that this last commit has little to write while it keeps others out.
        connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
        Ok(number)
    });
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", usual)?;
    let shown = come.and_then(|number| {
        let transaction = connection.transaction()?;
        transaction.execute("UPDATE own_import SET state = 1 WHERE number = ?1", [number])?;
        changed(&transaction, "stamp")?;
        Ok(transaction.commit()?)
    });
    // What is left here is left for the next one.
    if let Err(error) = tidy(connection) {
        tracing::warn!("ledger.db: what an import replaced is still there: {error}");
    }
    shown
}

/// Brings the items in where nobody sees them; gives the number of the import.
fn come_in(
    connection: &Connection,
    parts: impl IntoIterator<Item = Vec<Row>>,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let mut steps = Steps::of(connection);
    steps.step()?;
    connection.execute("INSERT INTO own_import (at, state) VALUES (?1, 0)", [now.as_second()])?;
    let number = connection.last_insert_rowid();
    let mut put = connection.prepare(
        "INSERT INTO own_row (collection, id, import, body) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (collection, id, import) DO UPDATE SET body = ?4",
    )?;
    steps.rest()?;
    for part in parts {
        for Row { collection, id, body } in part {
            steps.step()?;
            put.execute(params![collection.as_str(), id, number, body])?;
        }
        steps.rest()?;
    }
    steps.end()?;
    for collection in Collection::ALL {
        let sql = "SELECT count(*) FROM (SELECT id FROM own_row WHERE collection = ?1 GROUP BY id)";
        let count: i64 = connection.query_row(sql, [collection.as_str()], |row| row.get(0))?;
        if usize::try_from(count).is_ok_and(|count| count > OWN_MAX) {
            let detail = format!("本镇自己的 {} 多于 {OWN_MAX} 条", collection.as_str());
            return Err(StoreError::new(Stop::StoreFull, detail));
        }
    }
    Ok(number)
}

/// Forgets everything of `collection` that the town imported.
///
/// # Errors
/// As [`import`].
pub fn forget(
    ledger: &mut Ledger,
    collection: Collection,
    now: Timestamp,
) -> Result<(), StoreError> {
    let _turn = ledger.turn(PATIENCE)?;
    let connection = ledger.write()?;
    let transaction = connection.transaction()?;
    transaction.execute(
        "INSERT INTO own_import (at, forgets, state) VALUES (?1, ?2, 1)",
        params![now.as_second(), collection.as_str()],
    )?;
    changed(&transaction, "stamp")?;
    transaction.commit()?;
    tidy(connection)
}

/// Takes away what an import has left that was cut off, unless one is under way now.
///
/// # Errors
/// Any [`StoreError`].
pub fn clean_up(ledger: &mut Ledger) -> Result<(), StoreError> {
    match ledger.turn(Duration::ZERO) {
        Ok(_turn) => tidy(ledger.write()?),
        Err(error) if error.stop == Stop::StoreBusy => Ok(()),
        Err(error) => Err(error),
    }
}

/// Deletes what does not count, step by step. Only for whoever has the turn.
fn tidy(connection: &Connection) -> Result<(), StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM own_import WHERE state <> 2)";
    if !connection.query_row(sql, [], |row| row.get::<_, bool>(0))? {
        return Ok(());
    }
    let imports = Imports::read(connection)?;
    let mut steps = Steps::of(connection);
    let mut last = Key::default();
    // A row counts unless the next one says otherwise: it may be the same item, imported later.
    let mut pending: Option<Key> = None;
    loop {
        let keys = Key::after(connection, &last)?;
        let Some(end) = keys.last().cloned() else { break };
        last = end;
        for key in keys {
            if !imports.count(&key.collection, key.import) {
                steps.step()?;
                key.delete(connection)?;
                continue;
            }
            let before = pending.replace(key);
            let same = before.zip(pending.as_ref()).filter(|(before, key)| before.is_of(key));
            if let Some((before, _)) = same {
                steps.step()?;
                before.delete(connection)?;
            }
        }
        steps.rest()?;
    }
    steps.step()?;
    connection.execute("DELETE FROM own_import WHERE state = 0", [])?;
    connection.execute("UPDATE own_import SET state = 2 WHERE state = 1", [])?;
    steps.end()
}

/// Which imports count.
struct Imports {
    shown: BTreeSet<i64>,
    /// For a collection the last import that made it forget what was before.
    forgotten: BTreeMap<String, i64>,
}

impl Imports {
    fn read(connection: &Connection) -> Result<Self, StoreError> {
        let sql = "SELECT number, forgets FROM own_import WHERE state > 0 ORDER BY number";
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut imports = Self { shown: BTreeSet::new(), forgotten: BTreeMap::new() };
        while let Some(row) = rows.next()? {
            let number = row.get(0)?;
            imports.shown.insert(number);
            if let Some(collection) = row.get(1)? {
                imports.forgotten.insert(collection, number);
            }
        }
        Ok(imports)
    }

    fn count(&self, collection: &str, import: i64) -> bool {
        let before = self.forgotten.get(collection).is_some_and(|last| import < *last);
        self.shown.contains(&import) && !before
    }
}

/// A row of `own_row`, without what it says.
#[derive(Debug, Clone, Default)]
struct Key {
    collection: String,
    id: String,
    import: i64,
}

impl Key {
    /// The next rows after `last`, not all at once.
    fn after(connection: &Connection, last: &Self) -> Result<Vec<Self>, StoreError> {
        let sql = "SELECT collection, id, import FROM own_row
                   WHERE (collection, id, import) > (?1, ?2, ?3)
                   ORDER BY collection, id, import LIMIT 4000";
        let mut statement = connection.prepare_cached(sql)?;
        let Self { collection, id, import } = last;
        let keys = statement.query_map(params![collection, id, import], |row| {
            Ok(Self { collection: row.get(0)?, id: row.get(1)?, import: row.get(2)? })
        })?;
        Ok(keys.collect::<Result<_, _>>()?)
    }

    /// Whether both are of the same item.
    fn is_of(&self, other: &Self) -> bool {
        self.collection == other.collection && self.id == other.id
    }

    fn delete(&self, connection: &Connection) -> Result<(), StoreError> {
        let sql = "DELETE FROM own_row WHERE collection = ?1 AND id = ?2 AND import = ?3";
        let Self { collection, id, import } = self;
        connection.prepare_cached(sql)?.execute(params![collection, id, import])?;
        Ok(())
    }
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
        let detail = format!("置顶和隐藏的岗位多于 {MARKS_MAX} 个");
        return Err(StoreError::new(Stop::StoreFull, detail));
    }
    changed(&transaction, "marks")?;
    Ok(transaction.commit()?)
}

/// All marks, the newest first.
///
/// # Errors
/// Any [`StoreError`].
pub fn marks(ledger: &Connection) -> Result<Vec<Marked>, StoreError> {
    let sql = "SELECT id, pinned, title, marked_at FROM posting_mark ORDER BY marked_at DESC, id";
    let mut statement = ledger.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?, row.get(2)?, row.get::<_, i64>(3)?))
    })?;
    let mut marks = Vec::new();
    for row in rows {
        let (id, pinned, title, at) = row?;
        let id = PostingId::parse(&id)
            .map_err(|_| StoreError::new(Stop::StoreDamaged, "有一个置顶或隐藏的编号不对"))?;
        let mark = if pinned { Mark::Pinned } else { Mark::Hidden };
        let at = Timestamp::from_second(at).unwrap_or(Timestamp::UNIX_EPOCH);
        marks.push(Marked { id, mark, title, at });
    }
    Ok(marks)
}

/// Rises with every change: of what the town imported, and of its marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamps {
    pub(super) own: i64,
    pub(super) marks: i64,
}

impl Stamps {
    pub(super) fn read(ledger: &Connection) -> Result<Self, StoreError> {
        let read = |row: &rusqlite::Row<'_>| Ok(Self { own: row.get(0)?, marks: row.get(1)? });
        Ok(ledger.query_row("SELECT stamp, marks FROM town_stamp", [], read)?)
    }
}

/// Calls `each` with every item that the town keeps.
///
/// # Errors
/// What `each` says; [`Stop::StoreDamaged`] when an item cannot be read.
pub fn each_own(
    ledger: &Connection,
    mut each: impl FnMut(FeedBody) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let imports = Imports::read(ledger)?;
    let sql = "SELECT collection, id, import, body FROM own_row
               ORDER BY collection, id, import DESC";
    let mut statement = ledger.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut last = (String::new(), String::new());
    while let Some(row) = rows.next()? {
        let text = |column: usize| {
            row.get_ref(column).and_then(|value| value.as_str().map_err(rusqlite::Error::from))
        };
        let (collection, id): (&str, &str) = (text(0)?, text(1)?);
        let is_older = last.0 == collection && last.1 == id;
        if is_older || !imports.count(collection, row.get(2)?) {
            continue;
        }
        last = (collection.to_owned(), id.to_owned());
        let item = v1::from_json(text(3)?)
            .map_err(|_| StoreError::new(Stop::StoreDamaged, "本镇的一条信息读不出来"))?;
        each(item)?;
    }
    Ok(())
}

/// Raises a stamp.
fn changed(transaction: &Connection, stamp: &str) -> Result<(), StoreError> {
    transaction.execute(&format!("UPDATE town_stamp SET {stamp} = {stamp} + 1"), [])?;
    Ok(())
}
