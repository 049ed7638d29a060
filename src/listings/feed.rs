//! Fetching what the county published since last time. Keeps no state: the cursor is in the cache.

use jiff::Timestamp;

use super::{Applied, Cache};
use crate::{
    clock::Clock,
    domain::{
        PostingId, Stop,
        wire::{Collection, FEED_PAGE_ITEMS, FeedPage},
    },
    link::{Client, LinkError},
};

/// Most pages of one collection in one refresh: two million items.
const PAGES_MAX: u32 = 4_096;
/// Most times in one refresh that the feed may begin a new life.
const LIVES_MAX: u32 = 3;
/// From this many changed items on, the text index is packed afterwards.
const WORTH_PACKING: u64 = 5_000;
/// Longest name of a feed's life, in bytes.
const EPOCH_BYTES_MAX: usize = 64;

/// How far a refresh is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is being fetched.
    pub collection: Collection,
    /// Changes of it that are stored.
    pub done: u64,
    /// Changes of it there are to store, as the county says.
    pub total: u64,
}

/// What a refresh did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Refreshed {
    /// Changes that were stored.
    pub changed: u64,
    /// Whether the cache was found damaged on the way, set aside and fetched anew.
    pub rebuilt: bool,
}

/// Fetches everything that changed into the cache, which holds all that came when it ends early.
///
/// Storing a page takes tens of milliseconds of the calling thread: run it with `block_on` on the
/// writer's own thread, not among other tasks.
///
/// # Errors
/// What the link or the store says, or [`Stop::LinkNonsense`] for a page that breaks the feed's
/// rules.
pub async fn refresh(
    client: &Client,
    cache: &mut Cache,
    clock: &Clock,
    progress: impl FnMut(Progress),
) -> Result<Refreshed, Stop> {
    let fetch = async |collection, since| client.feed_page(collection, since).await;
    refresh_from(fetch, cache, clock, progress).await
}

/// [`refresh`] from whatever `fetch` asks: the changes of a collection after a position.
///
/// # Errors
/// As [`refresh`].
pub async fn refresh_from(
    fetch: impl AsyncFn(Collection, u64) -> Result<FeedPage, LinkError>,
    cache: &mut Cache,
    clock: &Clock,
    mut progress: impl FnMut(Progress),
) -> Result<Refreshed, Stop> {
    let mut refreshed = Refreshed::default();
    if cache.read_only().is_some() {
        // The disk may have been repaired or cleared since.
        cache.reopen().map_err(logged)?;
    }
    for collection in Collection::ALL {
        let first = refresh_one(&fetch, cache, collection, clock, &mut progress).await;
        refreshed.changed += match first {
            Err(Stop::StoreDamaged) if !refreshed.rebuilt => {
                cache.rebuild().map_err(logged)?;
                refreshed.rebuilt = true;
                refresh_one(&fetch, cache, collection, clock, &mut progress).await?
            }
            other => other?,
        };
    }
    if refreshed.rebuilt {
        // What was fetched before the damage showed went with the old file.
        for collection in Collection::ALL {
            refreshed.changed +=
                refresh_one(&fetch, cache, collection, clock, &mut progress).await?;
        }
    }
    if refreshed.changed >= WORTH_PACKING {
        cache.pack().map_err(logged)?;
    }
    Ok(refreshed)
}

async fn refresh_one(
    fetch: &impl AsyncFn(Collection, u64) -> Result<FeedPage, LinkError>,
    cache: &mut Cache,
    collection: Collection,
    clock: &Clock,
    progress: &mut impl FnMut(Progress),
) -> Result<u64, Stop> {
    let (mut changed, mut lives) = (0, 0);
    let mut begun_at = None;
    for _ in 0..PAGES_MAX {
        let since = cache.cursor(collection).map_err(logged)?.next;
        let page = fetch(collection, since).await.map_err(|e| {
            tracing::warn!(collection = collection.as_str(), since, "feed: {e}");
            e.stop
        })?;
        let now: Timestamp = clock.now();
        let applied = apply(cache, collection, since, &page, now)?;
        if applied == Applied::AskAgain {
            lives += 1;
            begun_at = None;
            if lives > LIVES_MAX {
                tracing::warn!(collection = collection.as_str(), "feed: begins again and again");
                return Err(Stop::LinkNonsense);
            }
            continue;
        }
        changed += page.items.len() as u64;
        let first = *begun_at.get_or_insert(since);
        progress(Progress { collection, done: page.next - first, total: page.head - first });
        if applied == Applied::Complete {
            return Ok(changed);
        }
    }
    // What came is kept, and the next refresh goes on from there.
    tracing::warn!(collection = collection.as_str(), "feed: more pages than one refresh takes");
    Ok(changed)
}

/// Checks a page and stores it: everything between the link and the database, without a network.
///
/// # Errors
/// [`Stop::LinkNonsense`] or what the store says; then nothing of the page is stored.
pub fn apply(
    cache: &mut Cache,
    collection: Collection,
    since: u64,
    page: &FeedPage,
    now: Timestamp,
) -> Result<Applied, Stop> {
    let known = cache.cursor(collection).map_err(logged)?.epoch;
    let goes_on = since == 0 || known.is_none_or(|epoch| epoch == page.epoch);
    check(collection, goes_on.then_some(since), page).map_err(|problem| {
        tracing::warn!(collection = collection.as_str(), since, "feed: {problem}");
        Stop::LinkNonsense
    })?;
    cache.apply(collection, since, page, now).map_err(logged)
}

/// Whether a page keeps the rules of [`FeedPage`]. `since` is `None` when the page was asked for in
/// a former life of the feed, whose positions mean nothing in this one.
///
/// # Errors
/// A sentence for the log.
pub fn check(
    collection: Collection,
    since: Option<u64>,
    page: &FeedPage,
) -> Result<(), &'static str> {
    let mut before = since;
    if page.epoch.is_empty() || page.epoch.len() > EPOCH_BYTES_MAX {
        return Err("the epoch is empty or too long");
    }
    if page.items.len() > FEED_PAGE_ITEMS {
        return Err("more items than a page holds");
    }
    for item in &page.items {
        if before.is_some_and(|before| item.seq <= before) || item.seq > page.next {
            return Err("the items are not in order");
        }
        before = Some(item.seq);
        let id = match &item.body {
            None => PostingId::parse(&item.id).ok(),
            Some(body) if body.collection() == collection => Some(body.id().clone()),
            Some(_) => return Err("an item of another collection"),
        };
        if id.is_none_or(|id| id.as_str() != item.id) {
            return Err("an item's id is not its own");
        }
    }
    let Some(since) = since else { return Ok(()) };
    if page.next > page.head || page.next < since {
        return Err("the cursor goes backwards or beyond the head");
    }
    if page.next == since && page.next != page.head {
        return Err("the feed does not go on");
    }
    if i64::try_from(page.head).is_err() {
        return Err("the head is out of range");
    }
    Ok(())
}

fn logged(error: crate::store::StoreError) -> Stop {
    tracing::warn!("listings: {error}");
    error.stop
}
