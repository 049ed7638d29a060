//! The staff (协理员): who gets in, and whether the machine is ready.
//!
//! Keeps four small files in the data directory, all for the owner's eyes only: the PIN's hash and
//! its count of errors ([`pin`]), and keyed hashes of the staff's ID-card numbers ([`cards`]). The
//! readiness report ([`readiness`]) and the files on sticks ([`sticks`]) keep nothing.

use std::{
    fs,
    path::{Path, PathBuf},
};

pub mod cards;
pub mod pin;
pub mod readiness;
pub mod sticks;

pub use cards::StaffCards;
pub use pin::{Pin, PinLock, PinRefusal};
pub use readiness::{Check, Report};

/// Files of the staff room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffSettings {
    /// The PIN's hash. Written by `kiosk staff pin` only.
    pub pin: PathBuf,
    /// Errors since the last right PIN. Written by the kiosk only.
    pub pin_errors: PathBuf,
    /// Keyed hashes of staff ID cards.
    pub cards: PathBuf,
    /// The key of those hashes, made on this machine.
    pub card_key: PathBuf,
}

impl StaffSettings {
    /// The files under their usual names in `data_dir`.
    pub fn in_dir(data_dir: &Path) -> Self {
        Self {
            pin: data_dir.join("staff-pin"),
            pin_errors: data_dir.join("staff-pin-errors"),
            cards: data_dir.join("staff-cards"),
            card_key: data_dir.join("staff-card-key"),
        }
    }
}

/// Reads a small file; `None` when there is none.
fn read_small(path: &Path) -> std::io::Result<Option<String>> {
    /// Far above what any file of this room holds.
    const BYTES_MAX: u64 = 64 * 1024;

    match fs::metadata(path) {
        Ok(facts) if facts.len() > BYTES_MAX => Err(std::io::ErrorKind::FileTooLarge.into()),
        Ok(_) => fs::read_to_string(path).map(Some),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
