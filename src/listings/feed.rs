//! Fetching what the county published since last time. Keeps no state: the cursor is in the cache.

use std::{cell::RefCell, collections::HashMap, time::Duration};

use jiff::Timestamp;
use kiosk_base::{
    clock::Clock,
    domain::Stop,
    wire::{Collection, FeedPage},
};
use tokio::{runtime::Handle, task::JoinHandle};

use super::{Applied, Cache};
use crate::link::{Client, LinkError};

/// Most pages of one collection in one refresh: two million items.
const PAGES_MAX: u32 = 4_096;
/// Most times in one refresh that the feed may begin a new life.
const LIVES_MAX: u32 = 3;
/// From this many changed items on, the text index is packed afterwards.
const WORTH_PACKING: u64 = 5_000;
/// Longest wait that the county may ask for in the middle of a refresh; for a longer one the
/// refresh ends, and the next goes on from there.
const WAIT_MAX: Duration = Duration::from_secs(60);
/// Most such waits in one refresh.
const WAITS_MAX: u32 = 10;

/// How far a refresh is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is being fetched.
    pub collection: Collection,
    /// Changes of it that are stored.
    pub done: u64,
    /// Changes of it there are to store, as the county says.
    pub total: u64,
    /// Why it could not be fetched to the end.
    pub failed: Option<Stop>,
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
/// While a page is stored the next one is fetched. What the county asks to wait in between, is
/// waited.
///
/// Storing a page takes tens of milliseconds of the calling thread: run it with `block_on` on the
/// writer's own thread, not among other tasks.
///
/// # Errors
/// What the link or the store says, or [`Stop::FeedDisorder`] for a page that breaks the feed's
/// rules. A collection whose pages are refused does not keep the others from being fetched.
pub async fn refresh(
    client: &Client,
    cache: &mut Cache,
    clock: &Clock,
    progress: impl FnMut(Progress),
) -> Result<Refreshed, Stop> {
    let ahead = RefCell::new(Ahead::default());
    let fetch = async |collection, since| {
        let mut waits = 0;
        loop {
            let fetched = Ahead::fetch(&ahead, client, collection, since).await;
            let wait = match &fetched {
                Err(error) if error.stop == Stop::LinkBusy => client.feed_retry_after(),
                _ => None,
            };
            match wait {
                Some(wait) if wait <= WAIT_MAX && waits < WAITS_MAX => {
                    waits += 1;
                    tokio::time::sleep(wait).await;
                }
                _ => return fetched,
            }
        }
    };
    refresh_from(fetch, cache, clock, progress).await
}

/// Fetches one page ahead.
#[derive(Default)]
struct Ahead {
    /// The request for the page that will be wanted next, and which that is.
    next: Option<(Collection, u64, Fetching)>,
    /// The head at which a collection was begun at 0 in this refresh.
    begun: HashMap<Collection, u64>,
}

type Fetching = JoinHandle<Result<FeedPage, LinkError>>;

impl Ahead {
    async fn fetch(
        ahead: &RefCell<Self>,
        client: &Client,
        collection: Collection,
        since: u64,
    ) -> Result<FeedPage, LinkError> {
        let (fetching, snapshot) = ahead.borrow_mut().take(collection, since);
        let fetched = match fetching {
            // A task that did not end as it should is as good as none.
            Some(fetching) => fetching.await.ok(),
            None => None,
        };
        let page = match fetched {
            Some(page) => page?,
            None => client.snapshot_page(collection, since, snapshot).await?,
        };
        ahead.borrow_mut().begin(client, collection, since, &page);
        Ok(page)
    }

    /// The request for this page, if it is under way, and the head at which the snapshot began that
    /// it belongs to.
    fn take(&mut self, collection: Collection, since: u64) -> (Option<Fetching>, Option<u64>) {
        let snapshot = self.begun.get(&collection).copied().filter(|_| since > 0);
        let next = self.next.take_if(|(of, after, _)| (*of, *after) == (collection, since));
        (next.map(|(_, _, fetching)| fetching), snapshot)
    }

    fn begin(&mut self, client: &Client, collection: Collection, since: u64, page: &FeedPage) {
        if since == 0 {
            self.begun.insert(collection, page.head);
        }
        if page.next == page.head || page.next <= since {
            return;
        }
        let (client, next) = (client.clone(), page.next);
        let snapshot = self.begun.get(&collection).copied();
        let fetching = async move { client.snapshot_page(collection, next, snapshot).await };
        let fetching = Handle::current().spawn(fetching);
        if let Some((_, _, unwanted)) = self.next.replace((collection, next, fetching)) {
            unwanted.abort();
        }
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        if let Some((_, _, fetching)) = &self.next {
            fetching.abort();
        }
    }
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
    let mut failed = None;
    if cache.read_only().is_some() {
        // The disk may have been repaired or cleared since.
        cache.reopen().map_err(logged)?;
    }
    for collection in Collection::ALL {
        let first = refresh_one(&fetch, cache, collection, clock, &mut progress).await;
        let fetched = match first {
            Err(Stop::StoreDamaged) if !refreshed.rebuilt => {
                cache.rebuild().map_err(logged)?;
                refreshed.rebuilt = true;
                refresh_one(&fetch, cache, collection, clock, &mut progress).await
            }
            other => other,
        };
        match fetched {
            Ok(changed) => refreshed.changed += changed,
            Err(stop) => {
                progress(Progress { collection, done: 0, total: 0, failed: Some(stop) });
                if !only_this_one(stop) {
                    return Err(stop);
                }
                failed = failed.or(Some(stop));
            }
        }
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
    match failed {
        Some(stop) => Err(stop),
        None => Ok(refreshed),
    }
}

/// Whether a failure is about the pages of one collection and says nothing about the next.
fn only_this_one(stop: Stop) -> bool {
    matches!(
        stop,
        Stop::FeedForged | Stop::FeedDisorder | Stop::LinkNonsense | Stop::LinkServerError
    )
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
                return Err(Stop::FeedDisorder);
            }
            continue;
        }
        changed += page.items.len() as u64;
        let first = *begun_at.get_or_insert(since);
        let (done, total) = (page.next - first, page.head - first);
        progress(Progress { collection, done, total, failed: None });
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
/// [`Stop::FeedDisorder`] or what the store says; then nothing of the page is stored.
pub fn apply(
    cache: &mut Cache,
    collection: Collection,
    since: u64,
    page: &FeedPage,
    now: Timestamp,
) -> Result<Applied, Stop> {
    let known = cache.cursor(collection).map_err(logged)?.epoch;
    let is_same = known.is_none_or(|epoch| epoch == page.epoch);
    // A county that ends before what this kiosk has is one whose database was put back.
    let is_behind = is_same && page.ends_before(since);
    let goes_on = (since == 0 || is_same) && !is_behind;
    if let Some(fault) = page.fault(collection, goes_on.then_some(since)) {
        tracing::warn!(collection = collection.as_str(), since, "feed: {fault}");
        return Err(Stop::FeedDisorder);
    }
    if is_behind {
        let head = page.head;
        tracing::warn!(
            collection = collection.as_str(),
            since,
            head,
            "feed: the county knows less than this kiosk; beginning anew"
        );
        cache.begin_anew(collection, &page.epoch).map_err(logged)?;
        return Ok(Applied::AskAgain);
    }
    cache.apply(collection, since, page, now).map_err(logged)
}

fn logged(error: kiosk_base::store::StoreError) -> Stop {
    tracing::warn!("listings: {error}");
    error.stop
}
