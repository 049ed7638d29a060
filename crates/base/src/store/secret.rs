//! Small files that only their owner can read: keys that are made on this machine. Keeps no state.

use std::{fs, io, path::Path};

use zeroize::Zeroizing;

use super::whole;

/// Replaces `path` by a file that only its owner can read, whole or not at all: a power cut leaves
/// the old one or the new one. What was in the old one is overwritten then. Makes the directory when
/// it is missing.
///
/// # Errors
/// When the disk refuses.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(directory) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        super::private::make(directory)?;
    }
    // Under no name any more once the new one is there, and still what it was.
    let old = fs::OpenOptions::new().write(true).open(path);
    whole::replace(path, content, whole::PRIVATE)?;
    match old {
        Ok(mut old) => overwrite(&mut old),
        // There was none, or only to be read.
        Err(_) => Ok(()),
    }
}

/// Overwrites the file at `path` and removes it; says whether there was one.
///
/// # Errors
/// When the disk refuses.
pub fn destroy(path: &Path) -> io::Result<bool> {
    let mut file = match fs::OpenOptions::new().write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        file => file?,
    };
    overwrite(&mut file)?;
    fs::remove_file(path)?;
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    fs::File::open(directory.unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(true)
}

/// In place: a file that is only removed stays on the disk until something else is put there. (What a
/// disk or a file system that writes elsewhere keeps of it is out of reach.)
fn overwrite(file: &mut fs::File) -> io::Result<()> {
    let length = file.metadata()?.len();
    io::copy(&mut io::Read::take(io::repeat(0), length), file)?;
    file.sync_all()
}

/// The 32 random bytes in `path`, which are made when there is no such file, and whether they were.
///
/// # Errors
/// When the file cannot be read or made, or holds something else.
pub fn key(path: &Path) -> io::Result<(Zeroizing<[u8; 32]>, bool)> {
    let mut bytes = Zeroizing::new([0; 32]);
    let mut is_new = false;
    match fs::metadata(path) {
        Ok(facts) if facts.len() != 32 => {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "不是密钥"));
        }
        Ok(_) => {
            io::Read::read_exact(&mut fs::File::open(path)?, &mut *bytes)?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            aws_lc_rs::rand::fill(&mut *bytes).map_err(|_| io::Error::other("系统给不出随机数"))?;
            replace(path, &*bytes)?;
            is_new = true;
        }
        Err(error) => return Err(error),
    }
    Ok((bytes, is_new))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_for_its_owner_only() {
        let home = tempfile::tempdir().expect("a directory");
        let path = home.path().join("a-key");
        let (made, is_new) = key(&path).expect("made");
        assert!(is_new);
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        let (read, is_new) = key(&path).expect("read");
        assert!(*read == *made && !is_new);
        assert_ne!(*key(&home.path().join("another")).expect("made").0, *made);
        fs::write(&path, b"short").expect("written");
        assert!(key(&path).is_err(), "what is no key is not replaced in silence");
    }

    #[test]
    fn what_is_replaced_or_destroyed_is_overwritten() {
        let home = tempfile::tempdir().expect("a directory");
        let path = home.path().join("a-key");
        // Another name of the same bytes shows what becomes of them.
        let plant = |name: &str| {
            fs::write(&path, [0xA5; 32]).expect("written");
            let other = home.path().join(name);
            fs::hard_link(&path, &other).expect("linked");
            other
        };
        let replaced = plant("one");
        replace(&path, b"new").expect("replaced");
        assert_eq!(fs::read(replaced).expect("there"), [0; 32]);
        assert_eq!(fs::read(&path).expect("there"), b"new");
        fs::remove_file(&path).expect("removed");
        let destroyed = plant("two");
        assert!(destroy(&path).expect("destroyed") && !path.exists());
        assert_eq!(fs::read(destroyed).expect("there"), [0; 32]);
        assert!(!destroy(&path).expect("nothing there"));
    }
}
