//! The cursor feed: what the county publishes, as a numbered run of changes.
//!
//! Publishing compares a whole set with what is stored: what is new or changed moves to the end of
//! the run under a new number, what is gone leaves a tombstone there, what is unchanged stays where
//! it is. So a kiosk that remembers one number fetches only what happened since.
//!
//! State: the table `feed_item` of `county.db`, and the feed's epoch, drawn when the database was
//! made: a restored or new database is another feed, and kiosks begin again.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rusqlite::{Connection, params};

use super::{CountyError, database};
use crate::domain::{
    JobFair, Posting, TrainingNotice,
    wire::{Collection, FEED_PAGE_ITEMS, FeedBody, FeedItem, FeedPage},
};

/// Most items in one collection; ten times what the largest county has.
pub const COLLECTION_ITEMS: usize = 1_000_000;
/// Most bytes of one item's JSON.
pub const ITEM_BYTES: usize = 64 * 1024;
/// A page ends before its items' JSON grows beyond this; kiosks take 4 MB.
const PAGE_BYTES: usize = 3 * 1024 * 1024;

/// The feed. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Feed {
    connection: Arc<Mutex<Connection>>,
}

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

impl Feed {
    /// Opens the feed in `directory`'s `county.db`.
    ///
    /// # Errors
    /// When the database cannot be opened or is from a newer version.
    pub fn open(directory: &Path) -> Result<Self, CountyError> {
        Ok(Self { connection: Arc::new(Mutex::new(database::open(directory)?)) })
    }

    /// Makes `listings` the published set of its collection, all or nothing.
    ///
    /// # Errors
    /// When an id occurs twice, a limit is broken, or the database fails.
    pub fn publish(&self, listings: Listings) -> Result<Published, CountyError> {
        let (collection, new) = rows(listings)?;
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let stored = stored_rows(&transaction, collection)?;
        let mut seq = head(&transaction, collection)?;
        let mut done = Published::default();
        {
            let mut put = transaction.prepare(
                "INSERT INTO feed_item (collection, id, seq, body) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (collection, id) DO UPDATE SET seq = ?3, body = ?4",
            )?;
            for (id, body) in &new {
                if stored.get(id).and_then(Option::as_ref) == Some(body) {
                    done.unchanged += 1;
                    continue;
                }
                seq += 1;
                put.execute(params![collection.as_str(), id, seq, body])?;
                done.changed += 1;
            }
            let kept: std::collections::HashSet<&str> =
                new.iter().map(|(id, _)| id.as_str()).collect();
            let mut gone: Vec<&String> = stored
                .iter()
                .filter(|(id, body)| body.is_some() && !kept.contains(id.as_str()))
                .map(|(id, _)| id)
                .collect();
            gone.sort_unstable();
            for id in gone {
                seq += 1;
                put.execute(params![collection.as_str(), id, seq, None::<String>])?;
                done.removed += 1;
            }
        }
        transaction.commit()?;
        Ok(done)
    }

    /// The changes after `since`, at most `limit` (and never more than [`FEED_PAGE_ITEMS`]).
    ///
    /// When the feed is younger than the cursor (another epoch), the page is empty and its `next`
    /// is the head, below `since`: the epoch tells the kiosk to begin again.
    ///
    /// # Errors
    /// When the database fails or holds an item this version does not understand.
    pub fn page(
        &self,
        collection: Collection,
        since: u64,
        limit: usize,
    ) -> Result<FeedPage, CountyError> {
        let limit = limit.clamp(1, FEED_PAGE_ITEMS);
        let mut connection = self.lock();
        // One transaction, so that the page and its head belong together.
        let transaction = connection.transaction()?;
        let epoch = transaction.query_row("SELECT epoch FROM feed_epoch", [], |row| row.get(0))?;
        let head = cursor(head(&transaction, collection)?);
        let mut items = Vec::new();
        let mut bytes = 0;
        {
            let mut select = transaction.prepare_cached(
                "SELECT seq, id, body FROM feed_item WHERE collection = ?1 AND seq > ?2
                 ORDER BY seq LIMIT ?3",
            )?;
            let mut rows = select.query(params![
                collection.as_str(),
                i64::try_from(since).unwrap_or(i64::MAX),
                i64::try_from(limit).unwrap_or(i64::MAX)
            ])?;
            while let Some(row) = rows.next()? {
                let body: Option<String> = row.get(2)?;
                bytes += body.as_ref().map_or(0, String::len);
                if bytes > PAGE_BYTES {
                    break;
                }
                let body = body.map(|json| parse(collection, &json)).transpose()?;
                items.push(FeedItem { seq: cursor(row.get(0)?), id: row.get(1)?, body });
            }
        }
        let next = items.last().map_or(head, |item| item.seq);
        Ok(FeedPage { epoch, items, next, head })
    }

    /// A panic while the lock was held cannot leave the connection half-written: every write is a
    /// transaction, which rolls back.
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
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

/// Ids with their JSON, in the order in which they came.
fn rows(listings: Listings) -> Result<(Collection, Vec<(String, String)>), CountyError> {
    let collection = listings.collection();
    let items: Vec<(String, serde_json::Result<String>)> = match listings {
        Listings::Postings(items) => {
            items.iter().map(|p| (p.id.as_str().into(), serde_json::to_string(p))).collect()
        }
        Listings::Trainings(items) => {
            items.iter().map(|t| (t.id.as_str().into(), serde_json::to_string(t))).collect()
        }
        Listings::Fairs(items) => {
            items.iter().map(|f| (f.id.as_str().into(), serde_json::to_string(f))).collect()
        }
    };
    if items.len() > COLLECTION_ITEMS {
        return Err(CountyError::Listings(format!(
            "{} {}: more than {COLLECTION_ITEMS} cannot be published",
            items.len(),
            collection.as_str()
        )));
    }
    let mut seen = std::collections::HashSet::new();
    let mut rows = Vec::with_capacity(items.len());
    for (id, json) in items {
        let json = json.map_err(|e| CountyError::Listings(format!("{id}: {e}")))?;
        if json.len() > ITEM_BYTES {
            return Err(CountyError::Listings(format!(
                "{id}: longer than {ITEM_BYTES} bytes; shorten its texts"
            )));
        }
        if !seen.insert(id.clone()) {
            return Err(CountyError::Listings(format!("the id {id} occurs twice")));
        }
        rows.push((id, json));
    }
    Ok((collection, rows))
}

fn stored_rows(
    connection: &Connection,
    collection: Collection,
) -> Result<HashMap<String, Option<String>>, CountyError> {
    let mut select = connection.prepare("SELECT id, body FROM feed_item WHERE collection = ?1")?;
    let rows = select.query_map([collection.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The newest change's number; 0 before the first.
fn head(connection: &Connection, collection: Collection) -> Result<i64, CountyError> {
    Ok(connection.query_row(
        "SELECT coalesce(max(seq), 0) FROM feed_item WHERE collection = ?1",
        [collection.as_str()],
        |row| row.get(0),
    )?)
}

/// A stored number on the wire; [`Feed::publish`] counts from 1.
fn cursor(seq: i64) -> u64 {
    seq.unsigned_abs()
}

fn parse(collection: Collection, json: &str) -> Result<FeedBody, CountyError> {
    let body = match collection {
        Collection::Postings => serde_json::from_str(json).map(FeedBody::Posting),
        Collection::Trainings => serde_json::from_str(json).map(FeedBody::Training),
        Collection::Fairs => serde_json::from_str(json).map(FeedBody::Fair),
    };
    body.map_err(|e| CountyError::Listings(format!("a stored item cannot be read: {e}")))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::domain::PostingId;

    fn posting(id: &str, title: &str) -> Posting {
        Posting::new(
            PostingId::parse(id).expect("an id"),
            title,
            "测试厂",
            date(2026, 11, 1),
            "测试",
        )
    }

    fn summary(page: &FeedPage) -> Vec<(u64, &str, bool)> {
        page.items.iter().map(|i| (i.seq, i.id.as_str(), i.body.is_some())).collect()
    }

    #[test]
    fn a_second_set_moves_only_what_changed() {
        let home = tempfile::tempdir().expect("a directory");
        let feed = Feed::open(home.path()).expect("opened");
        let publish = |items| feed.publish(Listings::Postings(items)).expect("published");
        let page = |since, limit| feed.page(Collection::Postings, since, limit).expect("a page");

        publish(vec![posting("a", "焊工"), posting("b", "厨工"), posting("c", "保洁")]);
        let first = page(0, 2);
        assert_eq!(summary(&first), [(1, "a", true), (2, "b", true)]);
        assert_eq!((first.next, first.head), (2, 3));

        let done = publish(vec![posting("a", "焊工"), posting("b", "厨师"), posting("d", "司机")]);
        assert_eq!(done, Published { changed: 2, removed: 1, unchanged: 1 });
        assert_eq!(summary(&page(3, 500)), [(4, "b", true), (5, "d", true), (6, "c", false)]);
        assert_eq!(
            publish(vec![posting("a", "焊工"), posting("b", "厨师"), posting("d", "司机")]),
            Published { changed: 0, removed: 0, unchanged: 3 }
        );

        publish(vec![posting("c", "保洁")]);
        let all = page(0, 500);
        let back = all.items.iter().find(|i| i.id == "c").expect("back again");
        assert!(back.body.is_some());
        assert_eq!(all.next, all.head);
        let end = page(all.head, 500);
        assert_eq!((end.items.len(), end.next, end.head), (0, all.head, all.head));
    }

    #[test]
    fn the_epoch_lives_as_long_as_the_database() {
        let (one, two) = (tempfile::tempdir().expect("dir"), tempfile::tempdir().expect("dir"));
        let epoch = |home: &tempfile::TempDir| {
            let feed = Feed::open(home.path()).expect("opened");
            feed.page(Collection::Postings, 0, 1).expect("a page").epoch
        };
        assert_eq!(epoch(&one), epoch(&one));
        assert_ne!(epoch(&one), epoch(&two));
    }

    #[test]
    fn a_bad_set_changes_nothing() {
        let home = tempfile::tempdir().expect("a directory");
        let feed = Feed::open(home.path()).expect("opened");
        let publish = |items| feed.publish(Listings::Postings(items));
        publish(vec![posting("a", "焊工")]).expect("published");
        assert!(publish(vec![posting("b", "甲"), posting("b", "乙")]).is_err());
        assert!(publish(vec![posting("b", &"长".repeat(ITEM_BYTES))]).is_err());
        let page = feed.page(Collection::Postings, 0, 500).expect("a page");
        assert_eq!(summary(&page), [(1, "a", true)]);
    }

    #[test]
    fn a_page_of_long_items_ends_before_it_is_too_large() {
        let home = tempfile::tempdir().expect("a directory");
        let feed = Feed::open(home.path()).expect("opened");
        let long = "长".repeat(20_000);
        let items = (0..100).map(|i| posting(&format!("p{i}"), &long)).collect();
        feed.publish(Listings::Postings(items)).expect("published");
        let page = feed.page(Collection::Postings, 0, 500).expect("a page");
        assert!(!page.items.is_empty() && page.items.len() < 100);
        assert_eq!(page.next, page.items.last().expect("some").seq);
    }
}
