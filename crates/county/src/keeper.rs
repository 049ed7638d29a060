//! Writes what the service has counted into `county.db`, behind its back: whoever asks for an
//! account waits for no disk before the core system is asked, and not long before the answer goes
//! out.
//!
//! One thread takes together what has come while it wrote. It hands all to the system and does not
//! wait for the disk: a killed service loses nothing that was written in time, a power cut the last
//! moments.
//!
//! State: the thread, with a connection of its own. Who drops the last way to it waits until
//! everything is written.

use std::{
    path::Path,
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::Duration,
};

use rusqlite::{Connection, TransactionBehavior};
use tokio::{sync::oneshot, time::timeout};

use super::{CountyError, database};

/// Changes that wait; more than all kiosks bring while the largest set is being published.
const QUEUE: usize = 65_536;
const BUSY_WAIT: Duration = Duration::from_secs(60);
/// Changes in one transaction.
const TOGETHER: usize = 256;
/// So long an answer waits for its counts to be kept. A database that is slower than this, since a
/// large set is being published, keeps them a little later; one that fails stands in the log.
const PATIENCE: Duration = Duration::from_millis(50);

type Change = Box<dyn FnOnce(&Connection) -> rusqlite::Result<()> + Send>;

struct Job {
    change: Change,
    done: oneshot::Sender<()>,
}

/// The way to the thread. Cheap to clone.
#[derive(Clone)]
pub(super) struct Keeper(Arc<Way>);

struct Way {
    jobs: Option<mpsc::SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

/// A change on its way.
pub(super) struct Kept(oneshot::Receiver<()>);

impl Keeper {
    /// Starts the thread over the `county.db` in `directory`.
    pub(super) fn start(directory: &Path) -> Result<Self, CountyError> {
        let connection = database::open_again(directory)?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.busy_timeout(BUSY_WAIT)?;
        let (sender, jobs) = mpsc::sync_channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("county-keeper".into())
            .spawn(move || work(connection, &jobs))
            .map_err(CountyError::file(directory))?;
        Ok(Self(Arc::new(Way { jobs: Some(sender), thread: Some(thread) })))
    }

    /// Hands over a change; it is in the queue when this returns.
    pub(super) fn keep(
        &self,
        change: impl FnOnce(&Connection) -> rusqlite::Result<()> + Send + 'static,
    ) -> Kept {
        let (done, wait) = oneshot::channel();
        let job = Job { change: Box::new(change), done };
        let is_queued = self.0.jobs.as_ref().is_some_and(|jobs| jobs.try_send(job).is_ok());
        if !is_queued {
            tracing::error!("county.db does not keep up: a count was not written");
        }
        Kept(wait)
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        // Without a sender the thread ends once the queue is empty.
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // A panic in it has been reported.
            let _ = thread.join();
        }
    }
}

impl Kept {
    /// Returns when the change, and every one before it, is written or has failed; not for ever.
    pub(super) async fn settled(self) {
        let _ = timeout(PATIENCE, self.0).await;
    }

    /// The same, however long a busy disk takes.
    #[cfg(test)]
    pub(super) async fn written(self) {
        let _ = self.0.await;
    }
}

fn work(mut connection: Connection, jobs: &mpsc::Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let batch = std::iter::once(first).chain(jobs.try_iter().take(TOGETHER - 1));
        let (changes, done): (Vec<_>, Vec<_>) =
            batch.map(|Job { change, done }| (change, done)).unzip();
        if let Err(error) = commit(&mut connection, changes) {
            tracing::error!(%error, "county.db: counts of queries were not written");
        }
        for done in done {
            // Whoever gave up waiting needs no word.
            let _ = done.send(());
        }
    }
}

fn commit(connection: &mut Connection, changes: Vec<Change>) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for change in changes {
        change(&transaction)?;
    }
    transaction.commit()
}
