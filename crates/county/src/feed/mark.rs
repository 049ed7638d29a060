//! Whether `county.db` is still the one that this county published into: a copy from yesterday that
//! was laid over it by hand has numbers that kiosks know with another meaning.
//!
//! Each publishing that changes something draws a new mark. It stands in the database, and beside it
//! in the file `feed.mark`; a database whose mark the file does not know was put back, and its feed
//! begins a new epoch. (`county restore` does that itself. Of a whole directory that was put back
//! together the file tells nothing: there the kiosks see that they are ahead.)
//!
//! State: the table `feed_mark`, the file `feed.mark`: one mark, or while something is being
//! published the one before as well.

use std::{fs, path::Path};

use kiosk_base::store::whole;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use crate::{
    CountyError,
    deeds::{self, Deed},
};

/// The file's name in the county's directory.
const FILE: &str = "feed.mark";

/// Begins a new epoch if the database was put back.
///
/// # Errors
/// When the database or the file fails.
pub(super) fn check(connection: &mut Connection, directory: &Path) -> Result<(), CountyError> {
    if Both::read(connection, directory)?.agree() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Somebody may have published between the two readings; now nobody does.
    let both = Both::read(&transaction, directory)?;
    if both.agree() {
        return Ok(());
    }
    let Both { known, own } = both;
    if !known.is_empty() {
        tracing::error!(
            "county.db is not the one that was last published into; its feed begins anew, and kiosks \
             fetch all of it again (put a backup back with `county restore`)"
        );
        begin_epoch(&transaction)?;
        deeds::note(&transaction, Deed::FoundPutBack, "信息纪元重新开始")?;
    }
    // Of a new database, or of one from before there were marks, nothing is known.
    if own.is_none() || !known.is_empty() {
        draw(&transaction)?;
    }
    transaction.commit()?;
    settle(connection, directory)?;
    if !known.is_empty() {
        deeds::keep_head(connection, directory);
    }
    Ok(())
}

/// Makes the feed another one: every kiosk begins again.
///
/// # Errors
/// When the database fails.
pub(crate) fn begin_epoch(connection: &Connection) -> Result<(), CountyError> {
    connection.execute("UPDATE feed_epoch SET epoch = lower(hex(randomblob(16)))", [])?;
    Ok(())
}

/// Draws a new mark, which counts once `transaction` is committed.
///
/// # Errors
/// When the database or the file fails.
pub(crate) fn renew(transaction: &Transaction<'_>, directory: &Path) -> Result<(), CountyError> {
    let before = of_database(transaction)?;
    let now = draw(transaction)?;
    // A power cut now leaves either of them in the database.
    write(directory, &before.into_iter().chain([now]).collect::<Vec<_>>())
}

/// Leaves the database's mark alone in the file.
///
/// # Errors
/// When the database or the file fails.
pub(crate) fn settle(connection: &mut Connection, directory: &Path) -> Result<(), CountyError> {
    // Nobody publishes meanwhile.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    write(directory, &of_database(&transaction)?.into_iter().collect::<Vec<_>>())?;
    Ok(transaction.commit()?)
}

/// The marks in the file and the one in the database.
struct Both {
    known: Vec<String>,
    own: Option<String>,
}

impl Both {
    fn read(connection: &Connection, directory: &Path) -> Result<Self, CountyError> {
        Ok(Self { known: known(directory)?, own: of_database(connection)? })
    }

    fn agree(&self) -> bool {
        self.own.as_ref().is_some_and(|own| self.known.contains(own))
    }
}

fn draw(connection: &Connection) -> Result<String, CountyError> {
    connection.execute("DELETE FROM feed_mark", [])?;
    let sql = "INSERT INTO feed_mark VALUES (lower(hex(randomblob(16)))) RETURNING mark";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

fn of_database(connection: &Connection) -> Result<Option<String>, CountyError> {
    let sql = "SELECT mark FROM feed_mark";
    Ok(connection.query_row(sql, [], |row| row.get(0)).optional()?)
}

fn known(directory: &Path) -> Result<Vec<String>, CountyError> {
    let path = directory.join(FILE);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(CountyError::file(path)(error)),
    }
}

fn write(directory: &Path, marks: &[String]) -> Result<(), CountyError> {
    let path = directory.join(FILE);
    let text = format!("{}\n", marks.join("\n"));
    whole::replace(&path, text.as_bytes(), whole::PUBLIC).map_err(CountyError::file(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database;

    #[test]
    fn who_opens_beside_a_publisher_begins_no_epoch() {
        let home = tempfile::tempdir().expect("a directory");
        let mut connection = database::open(home.path()).expect("opened");
        check(&mut connection, home.path()).expect("a new one");
        let epoch = |connection: &Connection| -> String {
            let sql = "SELECT epoch FROM feed_epoch";
            connection.query_row(sql, [], |row| row.get(0)).expect("an epoch")
        };
        let before = epoch(&connection);
        std::thread::scope(|scope| {
            let publisher = scope.spawn(|| {
                let mut connection = database::open(home.path()).expect("opened");
                for _ in 0..50 {
                    let behavior = TransactionBehavior::Immediate;
                    let transaction =
                        connection.transaction_with_behavior(behavior).expect("begun");
                    renew(&transaction, home.path()).expect("drawn");
                    transaction.commit().expect("committed");
                    settle(&mut connection, home.path()).expect("settled");
                }
            });
            while !publisher.is_finished() {
                check(&mut connection, home.path()).expect("checked");
            }
        });
        assert_eq!(epoch(&connection), before);
    }
}
