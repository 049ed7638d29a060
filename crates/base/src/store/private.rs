//! What a program keeps on the disk is its owner's alone: files 0600, their directory 0700, also where
//! an older version, a copy or a hand left them open. What the owner may do stays as it is. Keeps no
//! state.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::Path,
};

const DIRECTORY: u32 = 0o700;
/// Everybody else's rights, and the mark of a directory in which everybody has files (`/tmp`).
const OTHERS: u32 = 0o077;
const SHARED: u32 = 0o1000;

/// Makes `directory` and whatever is missing above it, for its owner alone. One that is there stays
/// as it is.
///
/// # Errors
/// When the disk refuses.
pub fn make(directory: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(DIRECTORY).create(directory)
}

/// Takes `directory` and the files in it away from everybody but their owner, if this is the owner.
/// What others are meant to have (`.pem` of certificates, `.pub`) stays readable as far as it goes.
///
/// A directory with further directories in it is left alone: it is a home or a place of the system,
/// and not made for this. What a disk refuses is logged: to serve people goes before.
pub fn keep(directory: &Path) {
    if let Err(error) = kept(directory)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!("{}: others may read what lies here: {error}", directory.display());
    }
}

fn kept(directory: &Path) -> io::Result<()> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        match entry.file_type()? {
            kind if kind.is_dir() => return Ok(()),
            kind if kind.is_file() => files.push(entry.path()),
            _ => {}
        }
    }
    take_from_others(directory)?;
    let is_public = |path: &Path| {
        path.extension().is_some_and(|ending| ["pem", "pub"].into_iter().any(|own| ending == own))
    };
    files.iter().filter(|path| !is_public(path)).try_for_each(|path| take_from_others(path))
}

/// Takes one file, or one directory by itself, away from everybody but its owner. Of another owner it
/// stays as it is.
///
/// # Errors
/// When the disk refuses.
pub fn take_from_others(path: &Path) -> io::Result<()> {
    let facts = match fs::metadata(path) {
        // A companion that SQLite has taken away since.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        facts => facts?,
    };
    let open = facts.mode() & OTHERS != 0 && facts.mode() & SHARED == 0;
    if !open || facts.uid() != nix::unistd::geteuid().as_raw() {
        return Ok(());
    }
    tracing::info!("{}: taken away from others", path.display());
    fs::set_permissions(path, fs::Permissions::from_mode(facts.mode() & 0o7777 & !OTHERS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("there").mode() & 0o7777
    }

    fn set(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("ours");
    }

    #[test]
    fn what_was_left_open_is_closed_and_what_is_public_is_not() {
        let home = tempfile::tempdir().expect("a directory");
        let data = home.path().join("a/data");
        make(&data).expect("made");
        assert_eq!((mode(&data), mode(&home.path().join("a"))), (0o700, 0o700));
        for name in ["ledger.db", "ledger.db-wal", "audit-key", "ca.key", "ca.pem", "feed.pub"] {
            fs::write(data.join(name), "x").expect("written");
            set(&data.join(name), 0o644);
        }
        set(&data, 0o755);
        keep(&data);
        assert_eq!(mode(&data), 0o700);
        for name in ["ledger.db", "ledger.db-wal", "audit-key", "ca.key"] {
            assert_eq!(mode(&data.join(name)), 0o600, "{name}");
        }
        for name in ["ca.pem", "feed.pub"] {
            assert_eq!(mode(&data.join(name)), 0o644, "{name}");
        }
    }

    #[test]
    fn a_place_of_more_than_this_program_is_left_alone() {
        let home = tempfile::tempdir().expect("a directory");
        fs::create_dir(home.path().join("more")).expect("made");
        fs::write(home.path().join("letter"), "x").expect("written");
        for path in [home.path().to_owned(), home.path().join("letter")] {
            set(&path, 0o755);
        }
        keep(home.path());
        assert_eq!((mode(home.path()), mode(&home.path().join("letter"))), (0o755, 0o755));

        let shared = tempfile::tempdir().expect("a directory");
        set(shared.path(), 0o1777);
        keep(shared.path());
        assert_eq!(mode(shared.path()), 0o1777);
    }
}
