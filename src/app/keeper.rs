//! The keeper of the cache: the one writer. Refreshes it when told and when it is time, and says
//! what it holds.
//!
//! State: the cache, when the next refresh is due, and why the last one failed, as a whole
//! and of each collection.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::mpsc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::Context;
use kiosk_base::{
    clock::Clock,
    domain::{PostingId, Stop},
    store::StoreError,
    wire::Collection,
};
use tokio::{runtime::Handle, sync::watch};

use super::{
    MaybeClient, Outlet, desk,
    health::Health,
    ledger::SharedLedger,
    recorder::Recorder,
    schedule::{self, RetrySchedule},
    stick::Sticks,
};
use crate::{
    audit::Kind,
    config::ListingsSettings,
    listings::{self, Cache, CollectionStatus, Home, Mark, Marked, Query, Reader, town},
    visit::{
        Event, Summary, VisitTicket,
        machine::TownMark,
        staff::{CollectionProgress, Progress},
    },
};

/// Most tasks that wait.
pub(super) const QUEUE: usize = 16;
/// Postings and notices on the attract page.
const SLIDES: usize = 4;
/// What the cache holds is said anew this often, so that its age is told truly.
const SUMMARY_EVERY: Duration = Duration::from_secs(60);

/// A task to the keeper.
pub(super) enum Task {
    /// Refresh now.
    Refresh,
    /// The line has come up: refresh when it is this kiosk's turn.
    LineIsUp,
    /// Mark a posting for this town, or take its mark away.
    Mark { id: PostingId, title: String, mark: Option<Mark> },
    /// Look for files on USB sticks.
    FindSticks { ticket: VisitTicket },
    /// Read a file, and say what importing it would do.
    TryImport { ticket: VisitTicket, path: PathBuf },
    /// Keep what was tried last.
    KeepImport { ticket: VisitTicket },
    /// Somebody who read the cache found it damaged: set it aside and fetch everything anew.
    Damaged,
}

impl Task {
    /// Whether something is lost when it is not carried out.
    fn keeps(&self) -> bool {
        matches!(self, Self::Mark { .. } | Self::KeepImport { .. })
    }
}

/// What the keeper works with.
pub(super) struct Keeper {
    pub(super) settings: ListingsSettings,
    pub(super) home: Home,
    pub(super) clock: Clock,
    pub(super) client: MaybeClient,
    pub(super) runtime: Handle,
    pub(super) health: Health,
    pub(super) outlet: Outlet,
    pub(super) tasks: mpsc::Receiver<Task>,
    pub(super) desk: mpsc::SyncSender<desk::Ask>,
    pub(super) sticks: Sticks,
    pub(super) ledger: SharedLedger,
    pub(super) recorder: Recorder,
    /// Becomes true when the kiosk ends: a refresh under way stops between two pages.
    pub(super) ending: watch::Receiver<bool>,
}

/// Why the last refresh failed.
#[derive(Default)]
struct Failed {
    whole: Option<Stop>,
    by_collection: HashMap<Collection, Stop>,
}

/// Starts the thread. It ends when nobody can give tasks any more, after those that wait.
pub(super) fn start(keeper: Keeper) -> anyhow::Result<JoinHandle<()>> {
    let work = move || keeper.work();
    thread::Builder::new().name("keeper".into()).spawn(work).context("缓存线程启动不了，请重新启动")
}

impl Keeper {
    fn work(mut self) {
        let mut cache = None;
        let mut reader = None;
        let mut failed = Failed::default();
        let name = self.client.as_ref().map(|client| client.name()).unwrap_or_default();
        let mut schedule = RetrySchedule::new(self.settings.refresh_every, &name, Instant::now());
        self.open(&mut cache, &mut failed);
        self.clean_up();
        self.follow(cache.as_mut());
        self.summarise(cache.as_ref(), &mut reader, &failed);
        loop {
            if let Some(Err(error)) = cache.as_ref().map(Cache::rest) {
                tracing::warn!("listings.db: {error}");
            }
            let wait = schedule.wait(Instant::now()).min(SUMMARY_EVERY);
            let task = match self.tasks.recv_timeout(wait) {
                Ok(task) => Some(task),
                Err(mpsc::RecvTimeoutError::Timeout) => None,
                Err(mpsc::RecvTimeoutError::Disconnected) => return,
            };
            // Nobody looks any more: what was asked to be kept is kept, the rest is for the next start.
            if self.ends() && !task.as_ref().is_some_and(Task::keeps) {
                continue;
            }
            let now = Instant::now();
            let mut due = schedule.wait(now).is_zero();
            match task {
                Some(Task::Mark { id, title, mark }) => {
                    let now = self.clock.now();
                    let marked =
                        self.ledger.with(|ledger| town::mark(ledger, &id, &title, mark, now));
                    match marked {
                        Some(Ok(_)) => drop(self.recorder.note(Kind::Marked, None)),
                        Some(Err(error)) => tracing::error!("ledger.db: {error}"),
                        None => {}
                    }
                }
                Some(Task::FindSticks { ticket }) => {
                    let files = self.sticks.files();
                    self.outlet.send(Event::Sticks { ticket, files });
                    continue;
                }
                Some(Task::TryImport { ticket, path }) => {
                    let outcome = self.sticks.attempt(ticket, &path, cache.as_ref());
                    self.outlet.send(Event::Tried { ticket, outcome });
                    continue;
                }
                Some(Task::KeepImport { ticket }) => {
                    let outcome = match self.ledger.beside() {
                        Some(mut ledger) => self.sticks.keep(ticket, &mut ledger),
                        None => Err(Stop::StoreReadOnly),
                    };
                    if outcome.is_ok() {
                        self.recorder.note(Kind::Imported, None);
                    }
                    self.follow(cache.as_mut());
                    self.outlet.send(Event::Kept { ticket, outcome });
                }
                Some(Task::LineIsUp) => {
                    schedule.line_is_up(!complete(cache.as_ref()), now);
                    due = schedule.wait(now).is_zero();
                }
                Some(Task::Refresh) => due = true,
                Some(Task::Damaged) => {
                    self.rebuild(cache.as_mut());
                    reader = None;
                    due = true;
                }
                None => {}
            }
            if due && !self.ends() {
                self.open(&mut cache, &mut failed);
                if let Some(cache) = &mut cache {
                    failed.whole = self.refresh(cache, &mut failed).err();
                    // The file may be another, or can be written again.
                    reader = None;
                }
                self.reschedule(&mut schedule, &failed);
            }
            // Another process may have imported something, and been cut off before it could be seen.
            self.follow(cache.as_mut());
            self.summarise(cache.as_ref(), &mut reader, &failed);
        }
    }

    /// Sets a damaged cache aside and begins an empty one.
    fn rebuild(&self, cache: Option<&mut Cache>) {
        match cache.map(Cache::rebuild) {
            Some(Ok(())) => {
                tracing::warn!("listings.db was damaged; set aside, all is fetched anew")
            }
            Some(Err(error)) => tracing::error!("listings.db is damaged: {error}"),
            None => {}
        }
        let _ = self.desk.try_send(desk::Ask::Reopen);
    }

    /// Whether the kiosk ends.
    fn ends(&self) -> bool {
        *self.ending.borrow()
    }

    fn reschedule(&self, schedule: &mut RetrySchedule, failed: &Failed) {
        let (random, now) = (schedule::random(), Instant::now());
        match (failed.whole, &self.client) {
            (None, _) => schedule.succeeded(random, now),
            (Some(_), Ok(client)) => schedule.failed(client.feed_retry_after(), random, now),
            (Some(_), Err(_)) => schedule.failed(None, random, now),
        }
    }

    /// Takes away what an import has left in the ledger that was cut off.
    fn clean_up(&self) {
        if let Some(mut ledger) = self.ledger.beside()
            && let Err(error) = town::clean_up(&mut ledger)
        {
            tracing::warn!("ledger.db: {error}");
        }
    }

    /// Takes the town's own over into the cache, if it is otherwise.
    fn follow(&self, cache: Option<&mut Cache>) {
        if self.ends() {
            return;
        }
        let Some(cache) = cache.filter(|cache| cache.read_only().is_none()) else { return };
        let Some(ledger) = self.ledger.beside() else { return };
        match cache.follow(&ledger) {
            Ok(false) => return,
            Ok(true) => {}
            Err(error) => tracing::error!("listings.db: {error}"),
        }
        let _ = self.desk.try_send(desk::Ask::Follow);
    }

    fn directory(&self) -> PathBuf {
        self.settings.database.parent().map(ToOwned::to_owned).unwrap_or_default()
    }

    /// Opens the cache unless it is open.
    fn open(&self, cache: &mut Option<Cache>, failed: &mut Failed) {
        if cache.is_some() {
            return;
        }
        match Cache::open(&self.directory()) {
            Ok(opened) => {
                if let Some(path) = opened.set_aside() {
                    tracing::warn!("listings.db was damaged; set aside as {}", path.display());
                }
                failed.whole = opened.read_only();
                let refreshed = opened.status().unwrap_or_default().into_iter();
                if let Some(last) = refreshed.filter_map(|status| status.refreshed_at).max() {
                    self.clock.stored_at(last);
                }
                *cache = Some(opened);
            }
            Err(error) => {
                tracing::error!("listings.db: {error}");
                failed.whole = Some(error.stop);
            }
        }
        // What waits for the cache waits no longer, whatever came of it.
        let _ = self.desk.try_send(desk::Ask::Reopen);
    }

    fn refresh(&self, cache: &mut Cache, failed: &mut Failed) -> Result<(), Stop> {
        let client = self.client.as_ref().map_err(|stop| *stop)?;
        let mut collections = collections(&cache.status().unwrap_or_default(), failed);
        let tell = |collections: &[CollectionProgress]| {
            let collections = collections.to_vec();
            let progress = Progress { running: true, failed: None, collections };
            self.outlet.send(Event::Refresh(progress));
        };
        tell(&collections);
        let refreshed = listings::refresh(client, cache, &self.clock, |progress| {
            let listings::Progress { collection, done, total, failed: stop } = progress;
            match stop {
                Some(stop) => failed.by_collection.insert(collection, stop),
                None => failed.by_collection.remove(&collection),
            };
            let name = collection.as_str();
            if let Some(row) = collections.iter_mut().find(|row| row.name == name) {
                (row.done, row.total, row.failed) = (done, total, stop);
            }
            tell(&collections);
        });
        let mut ending = self.ending.clone();
        let refreshed = self.runtime.block_on(async {
            tokio::select! {
                refreshed = refreshed => Some(refreshed),
                _ = ending.wait_for(|ending| *ending) => None,
            }
        });
        if refreshed.transpose()?.is_some_and(|refreshed| refreshed.rebuilt) {
            let _ = self.desk.try_send(desk::Ask::Reopen);
        }
        Ok(())
    }

    /// Says what the cache holds. Keeps the reader for the next time.
    fn summarise(&self, cache: Option<&Cache>, reader: &mut Option<Reader>, failed: &Failed) {
        if self.ends() {
            return;
        }
        let status = cache.and_then(|cache| cache.status().ok()).unwrap_or_default();
        let collections = collections(&status, failed);
        let progress = Progress { running: false, failed: failed.whole, collections };
        self.health.listings_are(&progress);
        self.outlet.send(Event::Refresh(progress));
        if reader.is_none() {
            *reader = cache.and_then(|cache| cache.reader().ok());
        }
        let summary = reader.as_mut().map(|reader| {
            let summary = self.summary(reader, &status);
            summary.inspect_err(|error| tracing::warn!("listings.db: {error}")).ok()
        });
        if matches!(summary, Some(None)) {
            *reader = None;
        }
        if let Some(mut summary) = summary.flatten() {
            let marks =
                self.ledger.with(|ledger| town::marks(ledger.read())).transpose().unwrap_or_else(
                    |error| {
                        tracing::error!("ledger.db: {error}");
                        None
                    },
                );
            let mark = |marked: Marked| TownMark {
                id: marked.id,
                mark: marked.mark,
                title: marked.title,
                at: kiosk_base::clock::wall(marked.at).datetime(),
            };
            summary.marks = marks.unwrap_or_default().into_iter().map(mark).collect();
            self.outlet.send(Event::Summary(Box::new(summary)));
        }
    }

    fn summary(
        &self,
        reader: &mut Reader,
        status: &[CollectionStatus],
    ) -> Result<Summary, StoreError> {
        let today = self.clock.today();
        let counts = reader.counts(today)?;
        let near = Query { home: Some(self.home.clone()), limit: SLIDES, ..Query::default() };
        // The age of what is oldest.
        let refreshed = status.iter().map(|status| status.refreshed_at).min().flatten();
        let age = refreshed.map(|at| self.clock.now().duration_since(at).as_mins().max(0));
        Ok(Summary {
            postings: counts.postings as u64,
            trainings: counts.trainings as u64,
            fairs: counts.fairs as u64,
            next_fair: reader.next_fair(today)?,
            age_minutes: age.and_then(|minutes| u32::try_from(minutes).ok()),
            per_division: reader.town_counts(today)?.into_iter().collect(),
            latest_postings: reader.postings(&near, today)?.rows,
            marks: Vec::new(),
            latest_trainings: reader.trainings(0, SLIDES / 2, today)?.rows,
        })
    }
}

/// Whether there is something of every collection to show.
fn complete(cache: Option<&Cache>) -> bool {
    let status = cache.and_then(|cache| cache.status().ok()).unwrap_or_default();
    !status.is_empty() && status.iter().all(|status| status.refreshed_at.is_some())
}

fn collections(status: &[CollectionStatus], failed: &Failed) -> Vec<CollectionProgress> {
    Collection::ALL
        .into_iter()
        .map(|collection| {
            let status = status.iter().find(|status| status.collection == collection);
            let refreshed = status.and_then(|status| status.refreshed_at);
            CollectionProgress {
                name: collection.as_str().to_owned(),
                rows: status.map_or(0, |status| status.rows),
                refreshed: refreshed.map(|at| kiosk_base::clock::wall(at).datetime()),
                done: 0,
                total: 0,
                failed: failed.by_collection.get(&collection).copied(),
            }
        })
        .collect()
}
