//! Files that are replaced whole or not at all: whoever reads or copies one meanwhile, and a power cut,
//! gets the old one or the new one. Keeps no state.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// For its owner only.
pub const PRIVATE: u32 = 0o600;
/// For whom the account lets read it.
pub const PUBLIC: u32 = 0o666;

/// Replaces `path`, with these permissions; it is on the disk when this returns.
///
/// # Errors
/// When the disk refuses. Then the old one is there.
pub fn replace(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let new = Path::new(&new);
    // A file left over from an interrupted attempt could have other permissions.
    if let Err(error) = fs::remove_file(new)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error);
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(new)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(new, path)?;
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    fs::File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}
