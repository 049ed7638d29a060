//! `county.db`: opens it, brings it to the present version, and refuses one from a newer program.
//! Keeps no state itself.

use std::path::Path;

use rusqlite::Connection;

use super::CountyError;

/// The file's name in the data directory.
const FILE: &str = "county.db";

/// What each version added; never changed, only appended to.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE feed_epoch (epoch TEXT NOT NULL) STRICT;
    INSERT INTO feed_epoch VALUES (lower(hex(randomblob(16))));
    CREATE TABLE feed_item (
        collection TEXT NOT NULL,
        id TEXT NOT NULL,
        seq INTEGER NOT NULL,
        body TEXT,                      -- JSON of the item; NULL for a tombstone
        PRIMARY KEY (collection, id)
    ) STRICT;
    CREATE UNIQUE INDEX feed_item_by_seq ON feed_item (collection, seq);
"];

/// Opens `county.db` in `directory`, which is created if need be.
pub(super) fn open(directory: &Path) -> Result<Connection, CountyError> {
    std::fs::create_dir_all(directory).map_err(CountyError::file(directory))?;
    let mut connection = Connection::open(directory.join(FILE))?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    migrate(&mut connection, &directory.join(FILE))?;
    Ok(connection)
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), CountyError> {
    // Immediate: two programs that open a fresh database at once take turns.
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let done = usize::try_from(version).unwrap_or(usize::MAX);
    let Some(missing) = MIGRATIONS.get(done..) else {
        return Err(CountyError::Content {
            path: path.to_owned(),
            detail: "was written by a newer version of the software; install that one".into(),
        });
    };
    for step in missing {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_from_the_future_is_refused_and_left_alone() {
        let home = tempfile::tempdir().expect("a directory");
        let connection = open(home.path()).expect("opened");
        connection.pragma_update(None, "user_version", 99).expect("written");
        drop(connection);
        assert!(matches!(open(home.path()), Err(CountyError::Content { .. })));
    }
}
