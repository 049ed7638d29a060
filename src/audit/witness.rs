//! The head that the county countersigned last, in a file beside the ledger. Keeps no state itself.

use std::{fs, io, path::Path};

use kiosk_base::{
    domain::Stop,
    store::{StoreError, secret},
    wire::v1::AuditHead,
};
use serde::{Deserialize, Serialize};

/// The file in the data directory.
pub const FILE: &str = "audit-head";
/// Far above what the file holds.
const BYTES_MAX: u64 = 4 * 1024;

/// A head that the county countersigned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Countersigned {
    /// The kiosk's name, as it was in its certificate.
    pub kiosk: String,
    /// The head.
    pub head: AuditHead,
    /// The county's signature, 128 hex digits.
    pub signature: String,
}

/// Writes it, whole or not at all.
pub(super) fn write(directory: &Path, countersigned: &Countersigned) -> Result<(), StoreError> {
    let text = serde_json::to_vec(countersigned).expect("plain data");
    secret::replace(&directory.join(FILE), &text).map_err(wrong)
}

/// Reads it; `None` when there is none, and nothing in it when it is no such file.
pub(super) fn read(directory: &Path) -> Result<Option<Option<Countersigned>>, StoreError> {
    let path = directory.join(FILE);
    match fs::metadata(&path) {
        Ok(facts) if facts.len() > BYTES_MAX => Ok(Some(None)),
        Ok(_) => {
            let text = fs::read(&path).map_err(wrong)?;
            Ok(Some(serde_json::from_slice(&text).ok().filter(is_sound)))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(wrong(error)),
    }
}

fn is_sound(countersigned: &Countersigned) -> bool {
    countersigned.head.is_sound()
}

fn wrong(error: io::Error) -> StoreError {
    StoreError::new(Stop::StoreReadOnly, format!("{FILE}: {error}"))
}
