//! The ledger for those who write into it: the keeper (what the town imports, pins and hides) and
//! the recorder (the audit). One connection behind a lock that is held for one transaction at a
//! time. What takes longer, an import and following it, has a connection of its own
//! ([`SharedLedger::beside`]): no row of the audit waits for it.
//!
//! State: the ledger, once it could be opened.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use kiosk_base::store::Ledger;

/// The ledger, shared.
#[derive(Clone)]
pub(super) struct SharedLedger(Arc<Inner>);

struct Inner {
    directory: PathBuf,
    ledger: Mutex<Option<Ledger>>,
}

impl SharedLedger {
    /// In `directory`; opened at its first use.
    pub(super) fn new(directory: PathBuf) -> Self {
        Self(Arc::new(Inner { directory, ledger: Mutex::default() }))
    }

    /// Where it lies.
    pub(super) fn directory(&self) -> &Path {
        &self.0.directory
    }

    /// Does something with it, opening it if need be. `None` when it cannot be opened; the log says
    /// why.
    pub(super) fn with<R>(&self, act: impl FnOnce(&mut Ledger) -> R) -> Option<R> {
        // Whoever panicked over it has left whole transactions.
        let mut ledger = self.0.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        if ledger.is_none() {
            *ledger = self.open();
        }
        ledger.as_mut().map(act)
    }

    /// The ledger through another connection, for long work. `None` as with [`Self::with`].
    pub(super) fn beside(&self) -> Option<Ledger> {
        let beside = self.with(|ledger| ledger.beside())?;
        beside.inspect_err(|error| tracing::error!("ledger.db: {error}")).ok()
    }

    fn open(&self) -> Option<Ledger> {
        let directory = &self.0.directory;
        if let Err(error) = kiosk_base::store::private::make(directory) {
            tracing::error!("data directory: {error}");
            return None;
        }
        match Ledger::open(directory) {
            Ok(opened) => {
                if let Some(path) = opened.set_aside() {
                    tracing::error!("ledger.db was damaged; set aside as {}", path.display());
                }
                Some(opened)
            }
            Err(error) => {
                tracing::error!("ledger.db: {error}");
                None
            }
        }
    }
}
