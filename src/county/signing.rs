//! The key with which the county signs the pages of its feed (Ed25519), and its change.
//!
//! Kiosks take `feed.pub`, which may hold several public keys, and believe all of them. So the key
//! is changed without a day on which everybody must act at once: [`FeedKey::announce`] makes the
//! next one and adds it to `feed.pub`, that file is carried to the kiosks, then [`FeedKey::switch`]
//! signs with it.
//!
//! State: `feed.key` and, between the two steps, `feed.next.key`, each readable by its owner only,
//! and `feed.pub`, in the directory of the authority.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rcgen::{KeyPair, PKCS_ED25519, SigningKey};
use zeroize::Zeroizing;

use super::{
    CountyError,
    authority::{write_public, write_secret},
};

/// A signing key in memory.
pub struct FeedKey(KeyPair);

impl FeedKey {
    /// Opens the key in `directory`, or makes one when there is none.
    ///
    /// # Errors
    /// When a file cannot be read or written, or is no Ed25519 key.
    pub fn open_or_create(directory: &Path) -> Result<Self, CountyError> {
        let path = key_path(directory);
        if !path.exists() {
            match Self::generate()?.write(&path) {
                // Another process made one in this moment; that one counts.
                Err(CountyError::File { source, .. })
                    if source.kind() == io::ErrorKind::AlreadyExists => {}
                other => other?,
            }
        }
        let key = Self::read(&path)?;
        if !public_path(directory).exists() {
            replace(&public_path(directory), &key.public())?;
        }
        Ok(key)
    }

    /// Makes the next key and adds its public half to `feed.pub`.
    ///
    /// # Errors
    /// When a next key waits already, or a file cannot be written.
    pub fn announce(directory: &Path) -> Result<(), CountyError> {
        let present = Self::open_or_create(directory)?;
        let next = Self::generate()?;
        next.write(&next_path(directory))?;
        replace(&public_path(directory), &(present.public() + &next.public()))
    }

    /// Signs with the announced key from the next start of the service on. `feed.pub` still holds
    /// both, for pages that were signed before.
    ///
    /// # Errors
    /// When no key was announced.
    pub fn switch(directory: &Path) -> Result<(), CountyError> {
        let next = next_path(directory);
        Self::read(&next)?;
        fs::rename(&next, key_path(directory)).map_err(CountyError::file(next))
    }

    /// The public half, PEM.
    pub fn public(&self) -> String {
        // One line end everywhere, so that files of two machines are the same.
        self.0.public_key_pem().replace("\r\n", "\n")
    }

    /// The signature of `message`, 64 bytes.
    ///
    /// # Errors
    /// When the library fails, which it does not for a sound key.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CountyError> {
        self.0.sign(message).map_err(wrong)
    }

    fn generate() -> Result<Self, CountyError> {
        KeyPair::generate_for(&PKCS_ED25519).map(Self).map_err(wrong)
    }

    fn read(path: &Path) -> Result<Self, CountyError> {
        let pem = fs::read_to_string(path).map(Zeroizing::new).map_err(CountyError::file(path))?;
        match KeyPair::from_pem(&pem) {
            Ok(key) if key.is_compatible(&PKCS_ED25519) => Ok(Self(key)),
            Ok(_) => Err(content(path, "is no Ed25519 key".into())),
            Err(error) => Err(content(path, error.to_string())),
        }
    }

    fn write(&self, path: &Path) -> Result<(), CountyError> {
        write_secret(path, &Zeroizing::new(self.0.serialize_pem()))
    }
}

impl std::fmt::Debug for FeedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FeedKey")
    }
}

/// The file with the public keys, for kiosks.
pub fn public_path(directory: &Path) -> PathBuf {
    directory.join("feed.pub")
}

fn key_path(directory: &Path) -> PathBuf {
    directory.join("feed.key")
}

fn next_path(directory: &Path) -> PathBuf {
    directory.join("feed.next.key")
}

/// Whole or not at all: whoever copies the file meanwhile gets the old one.
fn replace(path: &Path, text: &str) -> Result<(), CountyError> {
    let new = path.with_extension("pub.new");
    if new.exists() {
        // Of a process that was killed.
        fs::remove_file(&new).map_err(CountyError::file(&new))?;
    }
    write_public(&new, text)?;
    fs::rename(&new, path).map_err(CountyError::file(path))
}

fn content(path: &Path, detail: String) -> CountyError {
    CountyError::Content { path: path.to_owned(), detail }
}

fn wrong(error: rcgen::Error) -> CountyError {
    CountyError::Certificate(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_changed_in_two_steps_and_kiosks_know_both() {
        let home = tempfile::tempdir().expect("a directory");
        let published = || fs::read_to_string(public_path(home.path())).expect("published");
        let old = FeedKey::open_or_create(home.path()).expect("made");
        let again = FeedKey::open_or_create(home.path()).expect("opened");
        assert_eq!((published(), again.public()), (old.public(), old.public()));
        assert!(FeedKey::switch(home.path()).is_err(), "nothing was announced");

        FeedKey::announce(home.path()).expect("announced");
        assert!(FeedKey::announce(home.path()).is_err(), "one waits already");
        let still = FeedKey::open_or_create(home.path()).expect("opened");
        assert_eq!(still.public(), old.public());
        FeedKey::switch(home.path()).expect("switched");
        let new = FeedKey::open_or_create(home.path()).expect("opened");
        assert_ne!(new.public(), old.public());
        assert_eq!(published(), old.public() + &new.public());
    }

    #[cfg(unix)]
    #[test]
    fn the_key_is_readable_by_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;

        let home = tempfile::tempdir().expect("a directory");
        FeedKey::announce(home.path()).expect("announced");
        for path in [key_path(home.path()), next_path(home.path())] {
            let mode = fs::metadata(path).expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
