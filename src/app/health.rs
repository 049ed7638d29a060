//! How this machine is, for the heartbeat and the staff's report: written by the workers that know,
//! read by those that tell.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use crate::{
    card::{ReaderStatus, Trouble},
    domain::{Stop, wire},
    visit::staff::Progress,
};

/// Shared by the workers.
#[derive(Clone)]
pub(super) struct Health(Arc<Mutex<Known>>);

struct Known {
    started: Instant,
    reader: ReaderStatus,
    /// The last failure of a reading or of the reader, with its counts.
    trouble: Option<Trouble>,
    rows: BTreeMap<String, u64>,
    refresh: Option<Stop>,
}

impl Health {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Known {
            started: Instant::now(),
            reader: ReaderStatus::Starting,
            trouble: None,
            rows: BTreeMap::new(),
            refresh: None,
        })))
    }

    /// The reader's state changed.
    pub(super) fn reader_is(&self, status: ReaderStatus) {
        self.known().reader = status;
    }

    /// A reading failed, or the reader did.
    pub(super) fn reader_failed(&self, trouble: Trouble) {
        self.known().trouble = Some(trouble);
    }

    /// The cache was looked at, or a refresh ended.
    pub(super) fn listings_are(&self, progress: &Progress) {
        let mut known = self.known();
        known.rows = progress.collections.iter().map(|row| (row.name.clone(), row.rows)).collect();
        known.refresh = progress.failed;
    }

    /// The reader in words, or why it is out of service.
    pub(super) fn reader(&self) -> Result<String, Stop> {
        let known = self.known();
        match known.reader {
            ReaderStatus::Ready => Ok(match known.trouble {
                Some(trouble) => format!("读卡器应答正常；{}", last_trouble(trouble)),
                None => "读卡器应答正常".to_owned(),
            }),
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

/// The last failure for the staff: `最近 D01（状态 41），连续 2 次，当天 5 次`.
fn last_trouble(trouble: Trouble) -> String {
    let status = trouble.status.map(|status| format!("（状态 {:02X}）", status.0));
    format!(
        "最近 {}{}，连续 {} 次，当天 {} 次",
        trouble.stop.code(),
        status.unwrap_or_default(),
        trouble.in_a_row,
        trouble.today
    )
}
