//! The key with which the county signs the pages of its feed (Ed25519), and its change.
//!
//! Kiosks take `feed.pub`, which may hold several public keys, and believe all of them. So the key
//! is changed without a day on which everybody must act at once: [`FeedKey::announce`] makes the
//! next one and adds it to `feed.pub`, that file is carried to the kiosks, then [`FeedKey::switch`]
//! signs with it. The key before is kept, and still published, until it is dropped
//! ([`FeedKey::drop_former`]); until then it can sign again ([`FeedKey::take_back`]).
//!
//! State: `feed.key`, between the first two steps `feed.next.key`, after the second
//! `feed.former.key`, each readable by its owner only, and `feed.pub` with the public halves of
//! those that are there, in the directory of the authority.

use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use kiosk_base::{
    store::{secret, whole},
    wire::feed_key_id,
};
use rcgen::{KeyPair, PKCS_ED25519, SigningKey};
use rusqlite::Connection;
use zeroize::Zeroizing;

use super::{CountyError, authority::write_secret, deeds};

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
        if !public_path(directory).exists() {
            publish(directory)?;
        }
        Self::read(&path)
    }

    /// Opens the key in `directory`.
    ///
    /// # Errors
    /// When there is none, or it is no Ed25519 key.
    pub fn open(directory: &Path) -> Result<Self, CountyError> {
        Self::read(&key_path(directory))
    }

    /// Makes the next key and adds its public half to `feed.pub`.
    ///
    /// # Errors
    /// When a next key waits already, or a file cannot be written.
    pub fn announce(directory: &Path) -> Result<(), CountyError> {
        Self::generate()?.write(&next_path(directory))?;
        publish(directory)
    }

    /// Signs with the announced key from the next start of the service on. `feed.pub` still holds
    /// both, for kiosks that know only the former one, and for taking it back.
    ///
    /// # Errors
    /// When no key was announced, or a former one is still kept.
    pub fn switch(directory: &Path) -> Result<(), CountyError> {
        let (key, next, former) = paths(directory);
        Self::read(&next)?;
        fs::hard_link(&key, &former).map_err(CountyError::file(&former))?;
        fs::rename(&next, key).map_err(CountyError::file(next))?;
        publish(directory)
    }

    /// Signs with the former key again, from the next start of the service on; the present one
    /// becomes the announced one.
    ///
    /// # Errors
    /// When no former key is kept, or another is announced.
    pub fn take_back(directory: &Path) -> Result<(), CountyError> {
        let (key, next, former) = paths(directory);
        Self::read(&former)?;
        fs::hard_link(&key, &next).map_err(CountyError::file(&next))?;
        fs::rename(&former, key).map_err(CountyError::file(former))?;
        publish(directory)
    }

    /// Forgets the announced key: nothing was ever signed with it, or nothing is any more.
    ///
    /// # Errors
    /// When none is announced.
    pub fn withdraw(directory: &Path) -> Result<(), CountyError> {
        forget(&next_path(directory))?;
        publish(directory)
    }

    /// Forgets the former key: kiosks that know no other believe nothing from the next `feed.pub`
    /// on.
    ///
    /// # Errors
    /// When none is kept.
    pub fn drop_former(directory: &Path) -> Result<(), CountyError> {
        forget(&former_path(directory))?;
        publish(directory)
    }

    /// By which words heartbeats name it ([`feed_key_id`]).
    pub fn id(&self) -> String {
        let raw = self.0.public_key_raw().try_into().expect("an Ed25519 key has 32 bytes");
        feed_key_id(&raw)
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
            Ok(_) => Err(content(path, "不是 Ed25519 密钥".into())),
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

/// The keys of a county, by their ids.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct KeyIds {
    /// Signed until the last switch.
    pub former: Option<String>,
    /// Signs, from the next start of the service on.
    pub present: String,
    /// Is announced.
    pub next: Option<String>,
}

impl KeyIds {
    /// Those in `directory`.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn read(directory: &Path) -> Result<Self, CountyError> {
        let id = |key: Option<FeedKey>| key.map(|key| key.id());
        Ok(Self {
            former: id(optional(&former_path(directory))?),
            present: FeedKey::open(directory)?.id(),
            next: id(optional(&next_path(directory))?),
        })
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

fn former_path(directory: &Path) -> PathBuf {
    directory.join("feed.former.key")
}

/// Of the present key, the next and the former one.
fn paths(directory: &Path) -> (PathBuf, PathBuf, PathBuf) {
    (key_path(directory), next_path(directory), former_path(directory))
}

fn optional(path: &Path) -> Result<Option<FeedKey>, CountyError> {
    path.exists().then(|| FeedKey::read(path)).transpose()
}

/// Destroys a key that is no longer needed.
fn forget(path: &Path) -> Result<(), CountyError> {
    let names = fs::metadata(path).map(|facts| facts.nlink());
    let gone = names.and_then(|names| match names {
        1 => secret::destroy(path).map(drop),
        // A change that was cut short: these bytes are the present key's as well.
        _ => fs::remove_file(path),
    });
    gone.map_err(CountyError::file(path))
}

/// Checks that `feed.pub` publishes the key that signs: kiosks believe nothing else.
///
/// # Errors
/// When one of them is another county's, or cannot be read.
pub(super) fn check(directory: &Path) -> Result<(), CountyError> {
    let key = FeedKey::open(directory)?;
    let path = public_path(directory);
    let published = fs::read_to_string(&path).map_err(CountyError::file(&path))?;
    let plain = |text: &str| text.split_whitespace().collect::<String>();
    match plain(&published).contains(&plain(&key.public())) {
        true => Ok(()),
        false => {
            let detail = "和 feed.key 不是一对，请从备份里放回 feed.key 和 feed.pub".into();
            Err(content(&path, detail))
        }
    }
}

/// Opens the key of the county whose database this is, or makes one when there is none. What is beside it
/// is known as the county's from now on.
///
/// # Errors
/// When it is another county's: the database does not know it, and the county's own audit is not signed
/// with it, as it is where an older database was put back. When a file cannot be read or written, or the
/// database fails.
pub(super) fn own(connection: &Connection, directory: &Path) -> Result<FeedKey, CountyError> {
    let path = key_path(directory);
    let is_new = !path.exists();
    let key = FeedKey::open_or_create(directory)?;
    let mut known = connection.prepare("SELECT id FROM county_feed_key")?;
    let known: Vec<String> =
        known.query_map([], |row| row.get(0))?.collect::<Result<_, rusqlite::Error>>()?;
    let is_own = is_new || known.is_empty() || known.contains(&key.id());
    if !is_own && !deeds::is_head_signed_with(&key, directory)? {
        let detail = "不是这个县的信息签名密钥，请从备份里放回 feed.key 和 feed.pub";
        return Err(content(&path, detail.to_owned()));
    }
    for id in keys(directory)?.iter().map(FeedKey::id).filter(|id| !known.contains(id)) {
        connection.execute("INSERT OR IGNORE INTO county_feed_key VALUES (?1)", [id])?;
    }
    Ok(key)
}

/// All keys that are there, the oldest first.
pub(super) fn keys(directory: &Path) -> Result<Vec<FeedKey>, CountyError> {
    let (key, next, former) = paths(directory);
    let keys = [optional(&former)?, Some(FeedKey::read(&key)?), optional(&next)?];
    Ok(keys.into_iter().flatten().collect())
}

/// Writes the public halves of all keys that are there, the oldest first.
pub(super) fn publish(directory: &Path) -> Result<(), CountyError> {
    let text: String = keys(directory)?.iter().map(FeedKey::public).collect();
    let path = public_path(directory);
    whole::replace(&path, text.as_bytes(), whole::PUBLIC).map_err(CountyError::file(path))
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

        // The former one is kept: it can sign again.
        let ids = || KeyIds::read(home.path()).expect("readable");
        let id = |key: &FeedKey| Some(key.id());
        assert_eq!((ids().former, ids().next), (id(&old), None));
        FeedKey::announce(home.path()).expect("announced");
        assert!(FeedKey::switch(home.path()).is_err(), "the former one is to be dropped before");
        assert!(FeedKey::take_back(home.path()).is_err(), "another is announced");
        FeedKey::withdraw(home.path()).expect("withdrawn");
        assert!(FeedKey::withdraw(home.path()).is_err(), "none is announced");
        assert_eq!(published(), old.public() + &new.public());
        FeedKey::take_back(home.path()).expect("taken back");
        assert_eq!((ids().present, ids().next), (old.id(), id(&new)));
        FeedKey::switch(home.path()).expect("switched again");
        // Another file that is open shows what becomes of its bytes.
        let mut bytes = fs::File::open(former_path(home.path())).expect("there");
        FeedKey::drop_former(home.path()).expect("dropped");
        let mut left = Vec::new();
        io::Read::read_to_end(&mut bytes, &mut left).expect("readable");
        assert!(left.len() > 50 && left.iter().all(|byte| *byte == 0), "it is overwritten");
        assert_eq!((published(), ids().former), (new.public(), None));
        assert!(FeedKey::drop_former(home.path()).is_err(), "none is kept");

        // A switch that a power cut has ended after its first step.
        fs::hard_link(key_path(home.path()), former_path(home.path())).expect("linked");
        FeedKey::drop_former(home.path()).expect("dropped");
        assert_eq!(ids().present, new.id(), "the present key is whole");
    }

    #[test]
    fn keys_of_two_counties_are_no_pair() {
        let (one, other) = (tempfile::tempdir(), tempfile::tempdir());
        let (one, other) = (one.expect("a directory"), other.expect("a directory"));
        for home in [&one, &other] {
            FeedKey::open_or_create(home.path()).expect("made");
            FeedKey::announce(home.path()).expect("announced");
            check(home.path()).expect("a pair");
        }
        fs::copy(public_path(other.path()), public_path(one.path())).expect("copied");
        assert!(check(one.path()).expect_err("no pair").to_string().contains("不是一对"));
    }

    #[test]
    fn a_complete_pair_of_another_county_is_refused() {
        let (one, other) = (tempfile::tempdir(), tempfile::tempdir());
        let (one, other) = (one.expect("a directory"), other.expect("a directory"));
        for home in [&one, &other] {
            FeedKey::open_or_create(home.path()).expect("made");
        }
        let connection = crate::database::open(one.path()).expect("opened");
        let own = || own(&connection, one.path());
        // With the other county's pair in the place of its own.
        let with_anothers = || {
            let kept = |file| one.path().join(format!("kept.{file}"));
            for file in ["feed.key", "feed.pub"] {
                fs::rename(one.path().join(file), kept(file)).expect("set aside");
                fs::copy(other.path().join(file), one.path().join(file)).expect("copied");
            }
            check(one.path()).expect("a pair");
            let refused = own().expect_err("another county's").to_string();
            for file in ["feed.key", "feed.pub"] {
                fs::rename(kept(file), one.path().join(file)).expect("put back");
            }
            refused
        };
        own().expect("taken as its own");
        assert!(with_anothers().contains("不是这个县"));

        // A key that was announced is the county's, also when the former one is gone.
        FeedKey::announce(one.path()).expect("announced");
        own().expect("its own");
        FeedKey::switch(one.path()).expect("switched");
        assert!(with_anothers().contains("不是这个县"), "the former one is kept");
        FeedKey::drop_former(one.path()).expect("dropped");
        own().expect("its own");
    }

    #[test]
    fn a_key_that_is_newer_than_the_database_is_the_countys() {
        let home = tempfile::tempdir().expect("a directory");
        let (place, older) = (home.path().join("county"), home.path().join("older.db"));
        drop(crate::Site::init(&place).expect("made"));
        let database = place.join("county.db");
        let copy = || {
            let connection = Connection::open(&database).expect("opened");
            connection.execute("VACUUM INTO ?1", [older.to_str().expect("text")]).expect("copied");
        };
        copy();
        let step = |step: fn(&Path) -> Result<(), CountyError>, deed| {
            let feed = crate::Feed::open(&place).expect("opened");
            feed.record(deed, "", |_| step(&place)).expect("recorded");
        };
        step(FeedKey::announce, deeds::Deed::KeyAnnounced);
        step(FeedKey::switch, deeds::Deed::KeySwitched);
        step(FeedKey::drop_former, deeds::Deed::KeyDropped);
        for file in ["county.db-wal", "county.db-shm"] {
            let _ = fs::remove_file(place.join(file));
        }
        fs::rename(&older, &database).expect("laid over it");
        drop(crate::Feed::open(&place).expect("the audit is signed with it"));
    }

    #[cfg(unix)]
    #[test]
    fn the_key_is_readable_by_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;

        let home = tempfile::tempdir().expect("a directory");
        FeedKey::open_or_create(home.path()).expect("made");
        FeedKey::announce(home.path()).expect("announced");
        for path in [key_path(home.path()), next_path(home.path())] {
            let mode = fs::metadata(path).expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
