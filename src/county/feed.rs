//! The cursor feed: what the county publishes, as a numbered run of changes.
//!
//! Publishing compares a whole set with what is stored: what is new or changed moves to the end of
//! the run under a new number, what is gone leaves a tombstone there, what is unchanged stays where
//! it is. So a kiosk that remembers one number fetches only what happened since.
//!
//! An item is for the whole county or for some towns ([`Targets`]). A kiosk of another town gets a
//! tombstone in its place if the item was ever for that town, and nothing otherwise: so what was
//! taken from a town disappears there, and nobody learns of what was never meant for them. To
//! change for whom an item is counts as a change of the item.
//!
//! A kiosk that begins gets the present set without tombstones: it says on every page at which head
//! it began ([`Ask::snapshot`]), and what was gone by then need not be told.
//!
//! State: the table `feed_item` of `county.db`, and the feed's epoch, drawn when the database was
//! made: a restored or new database is another feed, and kiosks begin again. The key that signs
//! pages, and the pages asked for lately.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::body::Bytes;
use rusqlite::{Connection, Transaction, params};

use super::{
    CountyError, FeedKey, Targets, Towns,
    carried::{Page, Place, Shelf},
    database, target,
};
use crate::domain::{
    JobFair, Posting, TrainingNotice,
    hex::hex,
    wire::{Audience, Collection, FEED_PAGE_BYTES, FEED_PAGE_ITEMS, signed_page, signed_unchanged},
};

/// Most items in one collection; ten times what the largest county has.
pub const COLLECTION_ITEMS: usize = 1_000_000;
/// Most bytes of one item's JSON.
pub const ITEM_BYTES: usize = 64 * 1024;
/// A page ends before its items' JSON grows beyond this; what is around them has room then.
const PAGE_BYTES: usize = FEED_PAGE_BYTES * 3 / 4;

/// The feed. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Feed {
    directory: Arc<Path>,
    connection: Arc<Mutex<Connection>>,
    /// For the audit heads, which wait for no page.
    heads: Arc<Mutex<Connection>>,
    key: Arc<FeedKey>,
    /// Used only while the connection is locked: so a page that many want at once is made once.
    shelf: Arc<Mutex<Shelf>>,
}

/// What a kiosk asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Of which collection.
    pub collection: Collection,
    /// The changes after this one.
    pub since: u64,
    /// At most so many, and never more than [`FEED_PAGE_ITEMS`].
    pub limit: usize,
    /// The head of the page with which the kiosk began at 0, if it has come here from there since:
    /// tombstones up to it are left out.
    pub snapshot: Option<u64>,
    /// What is for whom.
    pub audience: Audience,
}

/// What is carried to a kiosk.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Names the state of the collection as this kiosk may see it.
    pub etag: String,
    /// Of the page, or of the news that there is none: 128 hexadecimal digits.
    pub signature: String,
    /// The page; `None` when the kiosk has it already.
    pub page: Option<AnswerPage>,
}

/// A page in an [`Answer`].
#[derive(Debug, Clone)]
pub struct AnswerPage {
    /// Its JSON, compressed with zstd unless the kiosk cannot take that.
    pub body: Bytes,
    /// Whether it is compressed.
    pub compressed: bool,
    /// The cursor after it.
    pub next: u64,
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
    /// Opens the feed in `directory`'s `county.db`, with its signing key.
    ///
    /// # Errors
    /// When the database cannot be opened or is from a newer version, or the key is none.
    pub fn open(directory: &Path) -> Result<Self, CountyError> {
        let connection = database::open(directory)?;
        Ok(Self {
            directory: directory.into(),
            connection: Arc::new(Mutex::new(connection)),
            heads: Arc::new(Mutex::new(database::open_again(directory)?)),
            key: Arc::new(FeedKey::open_or_create(directory)?),
            shelf: Arc::default(),
        })
    }

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
        let (collection, new) = rows(listings)?;
        let kept: HashSet<&str> = new.iter().map(|(id, _)| id.as_str()).collect();
        if let Some(stray) = targets.by_id.keys().find(|id| !kept.contains(id.as_str())) {
            return Err(CountyError::Listings(format!(
                "towns are named for {stray}, which is no item"
            )));
        }
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let stored = stored_rows(&transaction, collection)?;
        let mut seq = head(&transaction, collection)?;
        let mut done = Published::default();
        {
            let mut put = transaction.prepare(
                "INSERT INTO feed_item (collection, id, seq, body, target, reached)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (collection, id)
                 DO UPDATE SET seq = ?3, body = ?4, target = ?5, reached = ?6",
            )?;
            for (id, body) in &new {
                let target = targets.of(id);
                let before = stored.get(id);
                if before.is_some_and(|row| row.is(body, target)) {
                    done.unchanged += 1;
                    continue;
                }
                seq += 1;
                let reached = reached(before, target);
                let (target, reached) = (target.map(Towns::stored), reached.map(|t| t.stored()));
                put.execute(params![collection.as_str(), id, seq, body, target, reached])?;
                done.changed += 1;
            }
            let mut bury = transaction.prepare(
                "UPDATE feed_item SET seq = ?3, body = NULL WHERE collection = ?1 AND id = ?2",
            )?;
            let gone =
                stored.iter().filter(|(id, row)| row.body.is_some() && !kept.contains(id.as_str()));
            let mut gone: Vec<&String> = gone.map(|(id, _)| id).collect();
            gone.sort_unstable();
            for id in gone {
                seq += 1;
                bury.execute(params![collection.as_str(), id, seq])?;
                done.removed += 1;
            }
        }
        transaction.commit()?;
        Ok(done)
    }

    /// The answer to `ask`; `known` is the entity tag of the answer that the kiosk has, and
    /// `compressed` whether it takes zstd.
    ///
    /// When the feed is younger than the cursor (another epoch), the page is empty and its `next`
    /// is the head, below `since`: the epoch tells the kiosk to begin again.
    ///
    /// # Errors
    /// When the database fails.
    pub fn answer(
        &self,
        ask: &Ask,
        known: Option<&str>,
        compressed: bool,
    ) -> Result<Answer, CountyError> {
        let Ask { collection, since, audience, .. } = ask;
        let (etag, page) = {
            let mut connection = self.lock();
            // One transaction, so that the page and its head belong together.
            let transaction = connection.transaction()?;
            let state = State::of(&transaction, *collection)?;
            let etag = format!("W/\"{}-{}-{}\"", state.epoch, state.head, audience.as_str());
            let page = match known {
                Some(known) if known == etag => None,
                _ => Some(self.page(&transaction, &state, ask)?),
            };
            (etag, page)
        };
        let signed = match &page {
            Some(page) => signed_page(*collection, *since, audience, &page.sha256),
            None => signed_unchanged(*collection, *since, audience, &etag),
        };
        let signature = hex(&self.key.sign(&signed)?);
        let carry = |page: Page| -> Result<_, CountyError> {
            let body = if compressed { page.zstd.clone() } else { page.json()?.into() };
            Ok(AnswerPage { body, compressed, next: page.next })
        };
        Ok(Answer { etag, signature, page: page.map(carry).transpose()? })
    }

    /// The page from the shelf, or made now.
    fn page(
        &self,
        transaction: &Transaction<'_>,
        state: &State,
        ask: &Ask,
    ) -> Result<Page, CountyError> {
        let Ask { collection, since, limit, snapshot, audience } = ask;
        // Who is at 0 has nothing that could be gone.
        let quiet = if *since == 0 { state.head } else { snapshot.unwrap_or(0) };
        let mut place = Place {
            collection: *collection,
            since: *since,
            limit: (*limit).clamp(1, FEED_PAGE_ITEMS),
            quiet: quiet.min(state.head),
            audience: Some(audience.clone()),
        };
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(page) = shelf.find(&place, state.head) {
            return Ok(page);
        }
        let (json, next) = json(transaction, state, &place, audience)?;
        let page = Page::new(&json, next)?;
        if next > *since {
            if !names_towns(transaction, *collection, *since, next)? {
                place.audience = None;
            }
            shelf.keep(place, state.head, page.clone());
        }
        Ok(page)
    }

    /// The key that signs.
    pub(super) fn key(&self) -> &FeedKey {
        &self.key
    }

    /// Where `county.db` lies.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The connection for the audit heads.
    pub(super) fn heads(&self) -> MutexGuard<'_, Connection> {
        self.heads.lock().unwrap_or_else(PoisonError::into_inner)
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

/// What is stored about an id.
struct StoredRow {
    body: Option<String>,
    target: Option<String>,
    reached: Option<String>,
}

impl StoredRow {
    /// Whether it is this item for these.
    fn is(&self, body: &str, target: Option<&Towns>) -> bool {
        self.body.as_deref() == Some(body) && self.target == target.map(Towns::stored)
    }
}

/// Who may have an item that is now for `target`: those and all who may have had it before.
fn reached(before: Option<&StoredRow>, target: Option<&Towns>) -> Option<Towns> {
    let target = target?.clone();
    match before {
        None => Some(target),
        Some(row) => Some(target.and(&Towns::of_stored(row.reached.as_deref()?))),
    }
}

fn stored_rows(
    connection: &Connection,
    collection: Collection,
) -> Result<HashMap<String, StoredRow>, CountyError> {
    let mut select = connection
        .prepare("SELECT id, body, target, reached FROM feed_item WHERE collection = ?1")?;
    let rows = select.query_map([collection.as_str()], |row| {
        let stored = StoredRow { body: row.get(1)?, target: row.get(2)?, reached: row.get(3)? };
        Ok((row.get(0)?, stored))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Where a collection stands.
struct State {
    epoch: String,
    head: u64,
}

impl State {
    fn of(connection: &Connection, collection: Collection) -> Result<Self, CountyError> {
        let epoch = connection.query_row("SELECT epoch FROM feed_epoch", [], |row| row.get(0))?;
        Ok(Self { epoch, head: cursor(head(connection, collection)?) })
    }
}

/// The JSON of a [`FeedPage`] and its `next`. Items are put into it as they are stored: they were
/// checked when they were published.
fn json(
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
fn names_towns(
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

/// How [`FeedBody`](crate::domain::wire::FeedBody) tags items of a collection.
fn kind(collection: Collection) -> &'static str {
    match collection {
        Collection::Postings => "posting",
        Collection::Trainings => "training",
        Collection::Fairs => "fair",
    }
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

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::domain::{DivisionCode, PostingId, wire::FeedPage};

    fn ask(since: u64, limit: usize) -> Ask {
        let audience = Audience::default();
        Ask { collection: Collection::Postings, since, limit, snapshot: None, audience }
    }

    fn of_town(town: &str, since: u64) -> Ask {
        let town = DivisionCode::parse(town).expect("a code");
        Ask { audience: Audience::of(Some(&town)), ..ask(since, 500) }
    }

    fn fetch(feed: &Feed, ask: &Ask) -> FeedPage {
        let page = feed.answer(ask, None, false).expect("an answer").page.expect("a page");
        assert!(!page.compressed);
        let page: FeedPage = serde_json::from_slice(&page.body).expect("a page's JSON");
        assert_eq!(page.fault(ask.collection, Some(ask.since)), None);
        page
    }

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
        let page = |since, limit| fetch(&feed, &ask(since, limit));

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
            fetch(&feed, &ask(0, 1)).epoch
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
        let page = fetch(&feed, &ask(0, 500));
        assert_eq!(summary(&page), [(1, "a", true)]);
    }

    #[test]
    fn a_page_of_long_items_ends_before_it_is_too_large() {
        let home = tempfile::tempdir().expect("a directory");
        let feed = Feed::open(home.path()).expect("opened");
        let long = "长".repeat(20_000);
        let items = (0..100).map(|i| posting(&format!("p{i}"), &long)).collect();
        feed.publish(Listings::Postings(items)).expect("published");
        let page = fetch(&feed, &ask(0, 500));
        assert!(!page.items.is_empty() && page.items.len() < 100);
        assert_eq!(page.next, page.items.last().expect("some").seq);
    }

    #[test]
    fn the_pages_json_is_that_of_its_type() {
        let home = tempfile::tempdir().expect("a directory");
        let feed = Feed::open(home.path()).expect("opened");
        feed.publish(Listings::Postings(vec![posting("a", "焊\"工")])).expect("published");
        feed.publish(Listings::Postings(vec![posting("b", "厨工")])).expect("published");
        let page = feed.answer(&ask(1, 500), None, false).expect("an answer").page.expect("a page");
        let parsed: FeedPage = serde_json::from_slice(&page.body).expect("JSON");
        assert_eq!(parsed.items.len(), 2);
        assert_eq!(page.body, serde_json::to_string(&parsed).expect("JSON"));
        let packed = feed.answer(&ask(1, 500), None, true).expect("an answer").page;
        let packed = packed.filter(|page| page.compressed).expect("compressed");
        let whole = zstd::bulk::decompress(&packed.body, page.body.len()).expect("zstd");
        assert_eq!(whole, page.body);
    }

    #[test]
    fn a_kiosk_that_begins_is_told_nothing_of_what_is_gone() {
        let home = tempfile::tempdir().expect("a directory");
        let feed = Feed::open(home.path()).expect("opened");
        let publish = |items| feed.publish(Listings::Postings(items)).expect("published");
        publish(vec![posting("a", "焊工"), posting("b", "厨工"), posting("c", "保洁")]);
        publish(vec![posting("c", "保洁"), posting("d", "司机")]);
        // c 3, d 4, a gone 5, b gone 6
        let first = fetch(&feed, &ask(0, 1));
        assert_eq!(
            (summary(&first).as_slice(), first.next, first.head),
            (&[(3, "c", true)][..], 3, 6)
        );
        publish(vec![posting("d", "司机")]);
        let goes_on = Ask { snapshot: Some(first.head), ..ask(3, 500) };
        let second = fetch(&feed, &goes_on);
        assert_eq!(summary(&second), [(4, "d", true), (7, "c", false)], "c was shown a moment ago");
        let old = fetch(&feed, &ask(3, 500));
        assert_eq!(summary(&old).len(), 4, "who was here before is told of a and b");
    }

    #[test]
    fn an_item_for_some_towns_is_seen_there_and_gone_elsewhere() {
        let (one, two, three) = ("510599100", "510599101", "510599102");
        let home = tempfile::tempdir().expect("a directory");
        let feed = Feed::open(home.path()).expect("opened");
        let publish = |towns: &[&str], others: Option<&str>| {
            let mut targets = Targets::default();
            if !towns.is_empty() {
                let towns = Towns::parse(towns.iter().copied()).expect("towns");
                targets.by_id.insert("a".into(), towns);
            }
            targets.others = others.map(|town| Towns::parse([town]).expect("a town"));
            let items = vec![posting("a", "焊工"), posting("b", "厨工")];
            feed.publish_to(Listings::Postings(items), &targets).expect("published")
        };
        let seen = |town, since| -> Vec<_> {
            let page = fetch(&feed, &of_town(town, since));
            assert_eq!(page.next, page.head);
            page.items.into_iter().map(|i| (i.seq, i.id, i.body.is_some())).collect()
        };
        let a = |seq, there| (seq, "a".to_owned(), there);

        publish(&[one, two], None);
        assert_eq!(seen(one, 0).len(), 2);
        assert_eq!(seen("510599100201", 0).len(), 2, "a village of that town");
        assert_eq!(seen(three, 0), [(2, "b".to_owned(), true)]);
        assert_eq!(fetch(&feed, &ask(0, 500)).items.len(), 1, "a kiosk without a division");
        assert_eq!(publish(&[one, two], None).unchanged, 2);

        // Taken from the second town: a tombstone there, nothing where it never was.
        assert_eq!(publish(&[one], None).changed, 1);
        assert_eq!(seen(one, 2), [a(3, true)]);
        assert_eq!(seen(two, 2), [a(3, false)]);
        assert_eq!(seen(three, 2), []);
        assert_eq!(seen(two, 0), [(2, "b".to_owned(), true)]);

        // For all, then for one: now everybody may have it.
        publish(&[], None);
        assert_eq!(seen(three, 3), [a(4, true)]);
        publish(&[one], None);
        assert_eq!(seen(three, 4), [a(5, false)]);
        // Gone: the same.
        feed.publish(Listings::Postings(vec![posting("b", "厨工")])).expect("published");
        for town in [one, two, three] {
            assert_eq!(seen(town, 5), [a(6, false)]);
        }
        // For those that nothing else is said about.
        publish(&[one], Some(two));
        assert_eq!(seen(two, 6), [a(7, false), (8, "b".to_owned(), true)]);
        let mut stray = Targets::default();
        stray.by_id.insert("x".into(), Towns::parse([one]).expect("a town"));
        let items = Listings::Postings(vec![posting("a", "焊工")]);
        assert!(feed.publish_to(items, &stray).is_err());
    }

    #[test]
    fn pages_without_towns_are_made_once_for_all_towns() {
        let home = tempfile::tempdir().expect("a directory");
        let feed = Feed::open(home.path()).expect("opened");
        let items = (0..30).map(|i| posting(&format!("p{i}"), "焊工")).collect();
        let mut targets = Targets::default();
        targets.by_id.insert("p29".into(), Towns::parse(["510599100"]).expect("a town"));
        feed.publish_to(Listings::Postings(items), &targets).expect("published");
        let body = |town, since| {
            let ask = Ask { limit: 10, ..of_town(town, since) };
            let answer = feed.answer(&ask, None, true).expect("an answer");
            (answer.page.expect("a page").body.as_ptr(), answer.signature)
        };
        let (one, two) = ("510599100", "510599101");
        assert_eq!(body(one, 0).0, body(two, 0).0, "the same bytes in memory");
        assert_ne!(body(one, 0).1, body(two, 0).1, "signed for each");
        assert_eq!(body(one, 20).0, body(one, 20).0);
        assert_ne!(body(one, 20).0, body(two, 20).0);
    }

    #[test]
    fn who_has_everything_is_told_so_until_something_changes() {
        let home = tempfile::tempdir().expect("a directory");
        let feed = Feed::open(home.path()).expect("opened");
        feed.publish(Listings::Postings(vec![posting("a", "焊工")])).expect("published");
        let first = feed.answer(&ask(1, 500), None, true).expect("an answer");
        assert!(first.page.is_some());
        let again = feed.answer(&ask(1, 500), Some(&first.etag), true).expect("an answer");
        assert!(again.page.is_none() && again.etag == first.etag);
        assert_ne!(again.signature, first.signature);
        let elsewhere = feed.answer(&of_town("510599100", 1), Some(&first.etag), true);
        assert!(elsewhere.expect("an answer").page.is_some());
        feed.publish(Listings::Postings(vec![posting("b", "焊工")])).expect("published");
        let news = feed.answer(&ask(1, 500), Some(&first.etag), true).expect("an answer");
        assert!(news.page.is_some());
    }
}
