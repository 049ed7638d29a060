//! Long work on a database into which others write too: many short transactions in place of a long
//! one, and a pause between any two, so that nobody waits for the work. What is to be seen all at
//! once the caller shows with a short transaction at the end; what a work that was cut off has left
//! is his to take away at the next [`Turn`].
//!
//! State: the transaction under way, and when the last one ended.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, Transaction};

use super::{StoreError, companion};
use crate::domain::Stop;

/// After so long a transaction is ended: a row of the audit waits no longer, and its commit.
const HELD: Duration = Duration::from_millis(12);
/// The least time between two transactions, whatever is done in it: several times [`super::POLL`], so
/// that whoever waits finds the gap.
const PAUSE: Duration = Duration::from_millis(4);
/// How often somebody who waits for his turn looks.
const LOOK: Duration = Duration::from_millis(20);

/// Transactions one after the other.
pub struct Steps<'a> {
    /// `None` within a transaction of the caller's, which is left alone.
    connection: Option<&'a Connection>,
    under_way: Option<(Transaction<'a>, Instant)>,
    ended: Option<Instant>,
}

impl<'a> Steps<'a> {
    /// Short transactions on `connection`.
    pub fn of(connection: &'a Connection) -> Self {
        Self { connection: Some(connection), under_way: None, ended: None }
    }

    /// None at all: the work is done within the caller's transaction.
    pub fn within() -> Self {
        Self { connection: None, under_way: None, ended: None }
    }

    /// To be called before each piece of the work: sees to a transaction that has not been held for
    /// long.
    ///
    /// # Errors
    /// When what was done cannot be committed, or others do not let this in.
    pub fn step(&mut self) -> Result<(), StoreError> {
        let Some(connection) = self.connection else { return Ok(()) };
        if self.under_way.as_ref().is_some_and(|(_, begun)| begun.elapsed() < HELD) {
            return Ok(());
        }
        self.rest()?;
        self.pause();
        let transaction = connection.unchecked_transaction()?;
        self.under_way = Some((transaction, Instant::now()));
        Ok(())
    }

    /// Commits what was done: before work that needs no database, which is what others have for theirs.
    ///
    /// # Errors
    /// When it cannot be committed.
    pub fn rest(&mut self) -> Result<(), StoreError> {
        if let Some((transaction, _)) = self.under_way.take() {
            transaction.commit()?;
            self.ended = Some(Instant::now());
        }
        Ok(())
    }

    /// Commits the last of it; whatever follows comes after a gap, too.
    ///
    /// # Errors
    /// When it cannot be committed.
    pub fn end(mut self) -> Result<(), StoreError> {
        self.rest()?;
        self.pause();
        Ok(())
    }

    /// Waits until the gap behind the last transaction is long enough. Work that was done meanwhile
    /// counts.
    fn pause(&mut self) {
        if let Some(ended) = self.ended.take() {
            thread::sleep(PAUSE.saturating_sub(ended.elapsed()));
        }
    }
}

/// The right to do long work on a database: one process at a time has it, and loses it with its
/// life.
#[derive(Debug)]
pub struct Turn {
    _locked: File,
}

impl Turn {
    /// Waits for the turn at the database `path`, no longer than `patience`.
    ///
    /// # Errors
    /// [`Stop::StoreBusy`] when another keeps it; [`Stop::StoreReadOnly`] when the disk refuses.
    pub fn take(path: &Path, patience: Duration) -> Result<Self, StoreError> {
        let refused = |error: io::Error| {
            let stop = match error.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Stop::StoreFull,
                _ => Stop::StoreReadOnly,
            };
            StoreError::new(stop, format!("锁不住：{error}"))
        };
        let path = companion(path, "-turn");
        let file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut options = OpenOptions::new();
                options.write(true).create(true).truncate(false).mode(0o600).open(&path)
            }
            opened => opened,
        };
        let file = file.map_err(refused)?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _locked: file }),
                Err(TryLockError::Error(error)) => return Err(refused(error)),
                Err(TryLockError::WouldBlock) if begun.elapsed() >= patience => {
                    let why = "另一次导入正在进行";
                    return Err(StoreError::new(Stop::StoreBusy, why));
                }
                Err(TryLockError::WouldBlock) => thread::sleep(LOOK),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Kind, open};

    #[test]
    fn others_write_between_the_steps_and_what_was_not_ended_is_not_there() {
        let home = tempfile::tempdir().expect("a directory");
        let path = home.path().join("x.db");
        let schema = ["CREATE TABLE t (a INTEGER) STRICT;"];
        let long = open(&path, Kind::Cache, &schema).expect("new").connection;
        let other = open(&path, Kind::Cache, &schema).expect("again").connection;
        let count = || -> i64 {
            other.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).expect("counted")
        };
        let mut steps = Steps::of(&long);
        steps.step().expect("begun");
        long.execute("INSERT INTO t VALUES (1)", []).expect("written");
        assert_eq!(count(), 0);
        thread::sleep(HELD);
        steps.step().expect("the first is committed");
        assert_eq!(count(), 1);
        long.execute("INSERT INTO t VALUES (2)", []).expect("written");
        steps.rest().expect("committed");
        other.execute("INSERT INTO t VALUES (3)", []).expect("nobody is in the way");
        steps.step().expect("begun");
        long.execute("INSERT INTO t VALUES (4)", []).expect("written");
        drop(steps);
        assert_eq!(count(), 3);
        let mut steps = Steps::of(&long);
        steps.step().expect("begun");
        long.execute("INSERT INTO t VALUES (5)", []).expect("written");
        steps.rest().expect("committed");
        let committed = Instant::now();
        steps.step().expect("begun");
        assert!(
            committed.elapsed() + Duration::from_millis(1) >= PAUSE,
            "the next one leaves a gap"
        );
        let committed = Instant::now();
        steps.end().expect("committed");
        assert_eq!(count(), 4);
        assert!(committed.elapsed() >= PAUSE, "whatever follows leaves a gap");
    }

    #[test]
    fn one_at_a_time_has_the_turn() {
        let home = tempfile::tempdir().expect("a directory");
        let path = home.path().join("x.db");
        let first = Turn::take(&path, Duration::ZERO).expect("free");
        let error = Turn::take(&path, Duration::ZERO).expect_err("taken");
        assert_eq!(error.stop, Stop::StoreBusy);
        let waiting = thread::spawn({
            let path = path.clone();
            move || Turn::take(&path, Duration::from_secs(60)).map(drop)
        });
        drop(first);
        waiting.join().expect("ended").expect("its turn");
        let gone = Turn::take(&home.path().join("no/x.db"), Duration::ZERO).expect_err("no place");
        assert_eq!(gone.stop, Stop::StoreReadOnly);
    }
}
