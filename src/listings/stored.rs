//! A town's own listings: an import whose result is stored beside the feed. Keeps no state.

use super::{
    Cache,
    import::{self, ImportError, Imported, Options, Report},
};
use crate::store::StoreError;

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportFailure {
    /// The file as a whole is refused.
    #[error(transparent)]
    File(#[from] ImportError),
    /// The cache does not take the rows.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads a file and puts what is accepted into the cache, all or none. What was imported before with
/// the same ids is replaced.
///
/// # Errors
/// When nothing was imported; see [`ImportFailure`].
pub fn import(cache: &mut Cache, bytes: &[u8], options: &Options) -> Result<Report, ImportFailure> {
    let Imported { items, report } = import::read(bytes, options, &cache.known()?)?;
    cache.import_items(&items)?;
    Ok(report)
}
