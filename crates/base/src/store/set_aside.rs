//! Moving a damaged database out of the way.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use jiff::{Timestamp, tz::TimeZone};

use super::{Kind, companion};

/// Damaged caches that are kept for whoever looks after the machine; older ones are deleted, so
/// that a failing disk is not filled with copies. Ledgers are all kept.
const CACHES_KEPT: usize = 3;

/// Renames `path`, its log and its shared memory to `<name>.damaged-<UTC time>`.
pub(super) fn set_aside(path: &Path, kind: Kind) -> io::Result<PathBuf> {
    let stem = format!("{}.damaged-", file_name(path)?);
    // To the microsecond, so that names sort by time and are not used twice.
    let time = Timestamp::now().to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%S.%6fZ");
    let aside = path.with_file_name(format!("{stem}{time}"));
    // The database goes first: were the power cut in between, a log without a database is noticed
    // at the next start, while a database without its log would look sound.
    for suffix in ["", "-wal", "-shm"] {
        match fs::rename(companion(path, suffix), companion(&aside, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    if kind == Kind::Cache {
        forget_oldest(path, &stem)?;
    }
    Ok(aside)
}

/// Deletes all but the newest damaged copies. Their names sort by time.
fn forget_oldest(path: &Path, stem: &str) -> io::Result<()> {
    let directory = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut copies: Vec<String> = fs::read_dir(directory)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with(stem))
        .map(|name| name.trim_end_matches("-wal").trim_end_matches("-shm").to_owned())
        .collect();
    copies.sort_unstable();
    copies.dedup();
    let surplus = copies.len().saturating_sub(CACHES_KEPT);
    for copy in &copies[..surplus] {
        for suffix in ["", "-wal", "-shm"] {
            match fs::remove_file(directory.join(format!("{copy}{suffix}"))) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

fn file_name(path: &Path) -> io::Result<&str> {
    path.file_name()
        .and_then(|name| name.to_str())
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "数据库要有普通的文件名"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_disk_is_not_filled_with_copies_of_the_cache() {
        let count = |kind| {
            let directory = tempfile::tempdir().expect("a temporary directory");
            let path = directory.path().join("x.db");
            for i in 0..6 {
                fs::write(&path, [i]).expect("write");
                fs::write(companion(&path, "-wal"), [i]).expect("write");
                let aside = set_aside(&path, kind).expect("set aside");
                assert_eq!(fs::read(aside).expect("kept"), [i]);
            }
            fs::read_dir(directory.path()).expect("list").count()
        };
        assert_eq!(count(Kind::Cache), 2 * CACHES_KEPT);
        assert_eq!(count(Kind::Ledger), 12);
    }
}
