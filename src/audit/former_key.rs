//! The key of former versions, under which rows held an HMAC of a person's number. Whoever had the
//! disk had both, and numbers are few: everybody of a year of birth was found in seconds. So rows
//! name nobody any more, and the key is destroyed where it still lies; what stands in the old rows
//! says nothing without it, and the chain over them stays what it was. Keeps no state.

use std::path::Path;

use kiosk_base::{domain::Stop, store::secret};

use super::StoreError;

/// The key's file in the data directory.
const FILE: &str = "audit-key";

/// Overwrites and removes the key in `directory`; says whether there was one.
///
/// # Errors
/// When the disk refuses: then the old rows can still be read by who has it.
pub fn destroy(directory: &Path) -> Result<bool, StoreError> {
    secret::destroy(&directory.join(FILE))
        .map_err(|error| StoreError::new(Stop::StoreReadOnly, format!("{FILE}: {error}")))
}
