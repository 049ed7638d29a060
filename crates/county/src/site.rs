//! Where a county lives: one directory with its authority, the keys of its feed and its database.
//! Only [`Site::init`] makes one; whoever opens a directory that holds none, or only a part, is told
//! so. A wrong path must not become a second county whose kiosks nobody admits.
//!
//! State: the file `county.lock`, which whoever works in the directory holds: many at once, or one
//! who restores a backup alone.

use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use kiosk_base::store::private;

use super::{
    Authority, CountyError, Feed, FeedKey, backup, database,
    deeds::{self, Deed},
    signing,
};

/// What belongs to a county, beside its database.
pub(super) const KEYS: [&str; 4] = ["ca.pem", "ca.key", "feed.key", "feed.pub"];

/// A county's directory, open.
#[derive(Debug)]
pub struct Site {
    directory: PathBuf,
    /// Held as long as this lives.
    _lock: File,
}

impl Site {
    /// Makes a county in `directory`: an authority, a key for its feed, an empty database. Beside an
    /// authority and keys that are whole a database that was lost begins anew, which knows of no
    /// revocation: whoever may decide that is asked first, if [`forgets`](Self::forgets) says so.
    ///
    /// # Errors
    /// When there is a county already or a part of one, or a file cannot be written.
    pub fn init(directory: &Path) -> Result<Self, CountyError> {
        private::make(directory).map_err(CountyError::file(directory))?;
        let site = Self::locked(directory, true)?;
        let (present, missing) = parts(directory);
        let made = match (present.as_slice(), missing.as_slice()) {
            ([], _) => {
                Authority::create(directory)?;
                FeedKey::open_or_create(directory)?;
                "签发机构、信息签名密钥和数据库"
            }
            (_, [database::FILE]) => "数据库（签发机构原来就有）",
            (_, []) => {
                let there =
                    format!("{} 里已经有一个县；请用 --data 写别的目录", directory.display());
                return Err(CountyError::Site(there));
            }
            _ => return Err(incomplete(directory, &missing)),
        };
        Feed::open(directory)?.record(Deed::Made, made, |_| Ok(()))?;
        Ok(site)
    }

    /// Whether [`init`](Self::init) would begin a database anew and so forget which certificates were
    /// revoked: the authority that issued them is there.
    pub fn forgets(directory: &Path) -> bool {
        parts(directory).1 == [database::FILE]
    }

    /// Opens the county in `directory`.
    ///
    /// # Errors
    /// When there is none, or a part of it is missing.
    pub fn open(directory: &Path) -> Result<Self, CountyError> {
        let (present, missing) = parts(directory);
        if present.is_empty() {
            let none = format!(
                "{} 里没有县；请用 --data 写对目录，或用 `county init` 建立一个",
                directory.display()
            );
            return Err(CountyError::Site(none));
        }
        if !missing.is_empty() {
            return Err(incomplete(directory, &missing));
        }
        if directory.join(backup::MARK).exists() {
            let it_is = format!(
                "{} 是备份，不能当作县来用；请用 `county restore` 恢复到县的目录",
                directory.display()
            );
            return Err(CountyError::Site(it_is));
        }
        signing::check(directory)?;
        Self::locked(directory, false)
    }

    /// Opens whatever is in `directory`, which is made if need be, for one who works there alone.
    ///
    /// # Errors
    /// When somebody works there.
    pub(super) fn alone(directory: &Path) -> Result<Self, CountyError> {
        private::make(directory).map_err(CountyError::file(directory))?;
        Self::locked(directory, true)
    }

    /// Its directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    fn locked(directory: &Path, alone: bool) -> Result<Self, CountyError> {
        let path = directory.join("county.lock");
        // Whoever made the file, every account that may read the county's directory can hold it.
        let lock = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                File::options().create(true).truncate(false).write(true).open(&path)
            }
            opened => opened,
        };
        let lock = lock.map_err(CountyError::file(&path))?;
        let taken = if alone { lock.try_lock() } else { lock.try_lock_shared() };
        match taken {
            Ok(()) => Ok(Self { directory: directory.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                let what = match alone {
                    true => "县级服务或另一个命令正在使用",
                    false => "正在把备份恢复到",
                };
                let busy = format!("{what} {}；请等它结束再试", directory.display());
                Err(CountyError::Site(busy))
            }
            Err(TryLockError::Error(error)) => Err(CountyError::file(path)(error)),
        }
    }
}

impl Feed {
    /// Makes this the feed of a demonstration, into which invented listings may be published.
    ///
    /// # Errors
    /// When it is a real county's.
    pub(super) fn become_demonstration(&self) -> Result<(), CountyError> {
        if self.is_demonstration()? {
            return Ok(());
        }
        let connection = self.lock();
        let is_used = |table| -> Result<bool, CountyError> {
            let sql = format!("SELECT EXISTS (SELECT 1 FROM {table})");
            Ok(connection.query_row(&sql, [], |row| row.get(0))?)
        };
        // Demonstrations of older versions had a kiosk of their own beside the database.
        let is_old_one = self.directory().join("kiosk.pem").exists();
        if is_used("deed")? || is_used("feed_item")? && !is_old_one {
            return Err(CountyError::Site(format!(
                "{} 里是真的县；演示请用单独的目录",
                self.directory().display()
            )));
        }
        connection.execute("INSERT INTO demonstration VALUES (unixepoch())", [])?;
        deeds::note(&connection, Deed::Made, "演示")?;
        deeds::keep_head(&connection, self.directory());
        Ok(())
    }

    /// Whether what is published here is invented.
    ///
    /// # Errors
    /// When the database fails.
    pub fn is_demonstration(&self) -> Result<bool, CountyError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM demonstration)";
        Ok(self.lock().query_row(sql, [], |row| row.get(0))?)
    }
}

/// What of a county is in `directory`, and what is not.
fn parts(directory: &Path) -> (Vec<&'static str>, Vec<&'static str>) {
    KEYS.into_iter().chain([database::FILE]).partition(|file| directory.join(file).exists())
}

fn incomplete(directory: &Path, missing: &[&str]) -> CountyError {
    CountyError::Site(format!(
        "{} 里的县少了 {}；请用 `county restore` 从备份恢复",
        directory.display(),
        missing.join("、")
    ))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn error<T: std::fmt::Debug>(result: Result<T, CountyError>) -> String {
        result.expect_err("refused").to_string()
    }

    #[test]
    fn only_init_makes_a_county_and_a_part_of_one_is_none() {
        let home = tempfile::tempdir().expect("a directory");
        let place = home.path().join("county");
        assert!(error(Site::open(&place)).contains("county init"));
        assert!(!place.exists(), "looking makes nothing");
        drop(Site::init(&place).expect("made"));
        assert!(error(Site::init(&place)).contains("已经有一个县") && !Site::forgets(&place));
        drop(Site::open(&place).expect("whole"));
        let authority = fs::read(place.join("ca.pem")).expect("there");

        fs::remove_file(place.join(database::FILE)).expect("lost");
        assert!(error(Site::open(&place)).contains("少了 county.db"));
        assert!(Site::forgets(&place));
        drop(Site::init(&place).expect("a database beside the authority"));
        assert_eq!(fs::read(place.join("ca.pem")).expect("there"), authority);
        fs::remove_file(place.join("feed.key")).expect("lost");
        assert!(error(Site::open(&place)).contains("少了 feed.key"));
        assert!(error(Site::init(&place)).contains("少了 feed.key"));
        let feed = Feed::open(&place).expect("opened");
        assert!(error(feed.become_demonstration()).contains("真的县"));
    }

    #[test]
    fn who_works_alone_waits_for_the_others() {
        let home = tempfile::tempdir().expect("a directory");
        drop(Site::init(home.path()).expect("made"));
        let (one, two) = (Site::open(home.path()), Site::open(home.path()));
        assert!(one.is_ok() && two.is_ok());
        assert!(error(Site::alone(home.path())).contains("正在使用"));
        drop((one, two));
        let alone = Site::alone(home.path()).expect("nobody else");
        assert!(error(Site::open(home.path())).contains("正在把备份恢复"));
        drop(alone);
    }
}
