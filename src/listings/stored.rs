//! A town's own listings: an import whose result is kept in the ledger. Keeps no state.

use jiff::Timestamp;
use kiosk_base::{
    import::{self, ImportError, Options, Report},
    store::{Ledger, StoreError},
};

use super::{Cache, town};

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportFailure {
    /// The file as a whole is refused.
    #[error(transparent)]
    File(#[from] ImportError),
    /// The ledger does not take the rows, or the cache cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads a file and keeps what is accepted in the town's ledger, all or none. What was imported
/// before with the same ids is replaced. The cache, which says what is known already, shows the
/// rows once it has followed the ledger.
///
/// # Errors
/// When nothing was imported; see [`ImportFailure`].
pub fn import(
    ledger: &mut Ledger,
    cache: &Cache,
    bytes: &[u8],
    options: &Options,
    now: Timestamp,
) -> Result<Report, ImportFailure> {
    let (packed, report) = import::read_packed(bytes, options, &cache.known()?)?;
    town::import_rows(ledger, packed.parts(), now)?;
    Ok(report)
}
