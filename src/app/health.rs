//! How this machine is, for the heartbeat and the staff's report: written by the workers that know,
//! read by those that tell.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use crate::{
    card::ReaderStatus,
    domain::{Stop, wire},
    visit::staff::Progress,
};

/// Shared by the workers.
#[derive(Clone)]
pub(super) struct Health(Arc<Mutex<Known>>);

struct Known {
    started: Instant,
    reader: ReaderStatus,
    rows: BTreeMap<String, u64>,
    refresh: Option<Stop>,
}

impl Health {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Known {
            started: Instant::now(),
            reader: ReaderStatus::Starting,
            rows: BTreeMap::new(),
            refresh: None,
        })))
    }

    /// The reader's state changed.
    pub(super) fn reader_is(&self, status: ReaderStatus) {
        self.known().reader = status;
    }

    /// The cache was looked at, or a refresh ended.
    pub(super) fn listings_are(&self, progress: &Progress) {
        let mut known = self.known();
        known.rows = progress.collections.iter().map(|row| (row.name.clone(), row.rows)).collect();
        known.refresh = progress.failed;
    }

    /// The reader in words, or why it is out of service.
    pub(super) fn reader(&self) -> Result<String, Stop> {
        match self.known().reader {
            ReaderStatus::Ready => Ok("读卡器应答正常".to_owned()),
            ReaderStatus::Starting => Ok("读卡器正在启动".to_owned()),
            ReaderStatus::Down(stop) => Err(stop),
        }
    }

    /// What is told to the county.
    pub(super) fn heartbeat(&self) -> wire::Heartbeat {
        let known = self.known();
        let reader = match known.reader {
            ReaderStatus::Down(stop) => Some(stop),
            _ => None,
        };
        wire::Heartbeat {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            uptime_s: known.started.elapsed().as_secs(),
            reader_ready: known.reader == ReaderStatus::Ready,
            rows: known.rows.clone(),
            stops: reader.into_iter().chain(known.refresh).map(|s| s.code().to_owned()).collect(),
        }
    }

    /// A worker that panicked left whole values: each is set in one assignment.
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
