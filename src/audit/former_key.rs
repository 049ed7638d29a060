//! The key of former versions, under which rows held an HMAC of a person's number. Whoever had the
//! disk had both, and numbers are few: everybody of a year of birth was found in seconds. So rows
//! name nobody any more, and the key is destroyed where it still lies; what stands in the old rows
//! says nothing without it, and the chain over them stays what it was. Keeps no state.

use std::{fs, io, path::Path};

use super::StoreError;
use crate::domain::Stop;

/// The key's file in the data directory.
const FILE: &str = "audit-key";

/// Overwrites and removes the key in `directory`; says whether there was one.
///
/// # Errors
/// When the disk refuses: then the old rows can still be read by who has it.
pub fn destroy(directory: &Path) -> Result<bool, StoreError> {
    let path = directory.join(FILE);
    match destroyed(&path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(StoreError::new(Stop::StoreReadOnly, format!("{FILE}: {error}"))),
    }
}

fn destroyed(path: &Path) -> io::Result<()> {
    let length = fs::metadata(path)?.len();
    // In place: a file that is only removed stays on the disk until something else is put there.
    let mut file = fs::OpenOptions::new().write(true).open(path)?;
    io::copy(&mut io::Read::take(io::repeat(0), length), &mut file)?;
    file.sync_all()?;
    fs::remove_file(path)?;
    fs::File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_there_is_overwritten_and_gone() {
        let home = tempfile::tempdir().expect("a directory");
        assert_eq!(destroy(home.path()), Ok(false));
        let path = home.path().join(FILE);
        fs::write(&path, [0xA5; 32]).expect("written");
        // Another name of the same bytes shows what became of them.
        let other = home.path().join("other");
        fs::hard_link(&path, &other).expect("linked");
        assert_eq!(destroy(home.path()), Ok(true));
        assert!(!path.exists());
        assert_eq!(fs::read(other).expect("there"), [0; 32]);
        assert_eq!(destroy(home.path()), Ok(false));
    }
}
