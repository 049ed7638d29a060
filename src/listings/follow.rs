//! How the cache takes over what the town's ledger says: its marks, and what it imported itself
//! beside the feed. What the county publishes under the same id counts before the town's own.
//!
//! The town's own is brought into a generation that nobody sees, by short transactions
//! ([`Steps`]), and shown by one: a refresh that goes on meanwhile waits for none of them. So there
//! are two generations in turn ([`rows::OWN`]). What the feed brings while one is filled it takes out
//! of both.
//!
//! State: the row of the table `followed`: which states of the ledger the cache has.

use std::{
    sync::mpsc::{channel, sync_channel},
    thread,
};

use kiosk_base::{
    store::{Ledger, Steps, StoreError, Turn},
    wire::{Collection, FeedBody},
};
use rusqlite::{Connection, params};

use super::{
    Cache,
    cache::State,
    index, rows,
    town::{self, Stamps},
};

/// How many postings may wait for their terms: enough to go on with while a transaction is ended and others
/// are let in.
const WAITING: usize = 512;

/// What was imported must be followed again: the feed has changed what it is beside.
pub(super) fn owed(connection: &Connection) -> Result<(), StoreError> {
    // No number twice: who is following now must see it.
    connection.execute("UPDATE followed SET stamp = min(stamp, 0) - 1", [])?;
    Ok(())
}

impl Cache {
    /// Takes over what the ledger says, if that has changed, or the feed has; says whether there
    /// was anything to do.
    ///
    /// # Errors
    /// [`Stop::StoreFull`](kiosk_base::domain::Stop::StoreFull) and the like, and
    /// [`Stop::StoreBusy`](kiosk_base::domain::Stop::StoreBusy) when another follows now and takes long;
    /// then nothing else is shown than before.
    pub fn follow(&mut self, ledger: &Ledger) -> Result<bool, StoreError> {
        self.writable()?;
        // One state of the ledger, whatever comes into it meanwhile.
        let ledger = ledger.snapshot()?;
        let wanted = Stamps::read(&ledger)?;
        let marked = self.follow_marks(&ledger, wanted)?;
        if self.followed()?.0.own == wanted.own {
            return Ok(marked);
        }
        let _turn = Turn::take(&self.path, town::PATIENCE)?;
        // Whoever had the turn before may have done it, or have begun and been cut off.
        let (Stamps { own: stamp, .. }, shown) = self.followed()?;
        if stamp == wanted.own {
            return Ok(marked);
        }
        let filled = self.fill(&ledger, rows::other(shown), shown);
        let filled = filled.and_then(|()| self.show(rows::other(shown), stamp, wanted.own));
        // On a full disk this makes room again; what stays is swept before the next filling.
        if let Err(error) = self.sweep_own() {
            tracing::warn!("listings.db: what was shown before is still there: {error}");
        }
        filled.map(|()| true)
    }

    /// What was followed, and which generation of the town's own is shown.
    fn followed(&self) -> Result<(Stamps, i64), StoreError> {
        let read = |row: &rusqlite::Row<'_>| {
            Ok((Stamps { own: row.get(0)?, marks: row.get(1)? }, row.get(2)?))
        };
        Ok(self.connection.query_row("SELECT stamp, marks, own FROM followed", [], read)?)
    }

    /// Marks are few and follow at once.
    fn follow_marks(&mut self, ledger: &Connection, wanted: Stamps) -> Result<bool, StoreError> {
        if self.followed()?.0.marks == wanted.marks {
            return Ok(false);
        }
        let transaction = self.connection.transaction()?;
        transaction.execute("DELETE FROM mark", [])?;
        for marked in town::marks(ledger)? {
            let pinned = marked.mark == town::Mark::Pinned;
            transaction
                .prepare_cached("INSERT INTO mark (id, pinned) VALUES (?1, ?2)")?
                .execute(params![marked.id.as_str(), pinned])?;
        }
        transaction.execute("UPDATE followed SET marks = ?1", [wanted.marks])?;
        changed(&transaction)?;
        transaction.commit()?;
        Ok(true)
    }

    /// Brings what the town imported into `generation`, which is neither shown nor in use.
    fn fill(&self, ledger: &Connection, generation: i64, shown: i64) -> Result<(), StoreError> {
        debug_assert_ne!(generation, shown);
        self.sweep_own()?;
        let connection = &self.connection;
        let mut steps = Steps::of(connection);
        let (postings, coming) = sync_channel(WAITING);
        let (full, segments) = channel();
        thread::scope(|scope| {
            // What a posting is found by takes as long to make as its row.
            scope.spawn(move || index::gather(coming, &full));
            town::each_own(ledger, |item| {
                let collection = item.collection();
                steps.step()?;
                let county = State::of(connection, collection)?.shown;
                if rows::has(connection, collection, county, item.id().as_str())? {
                    return Ok(());
                }
                let row = rows::insert(connection, generation, &item)?;
                if let FeedBody::Posting(posting) = item {
                    postings.send((row, posting)).expect("it takes them until there are no more");
                }
                let mut segments = segments.try_iter();
                segments.try_for_each(|segment| segment.write(connection, generation, &mut steps))
            })?;
            drop(postings);
            let mut segments = segments.iter();
            segments.try_for_each(|segment| segment.write(connection, generation, &mut steps))
        })?;
        index::settle(connection, generation, &mut steps)?;
        index::pack(connection, generation, &mut steps)?;
        steps.end()
    }

    /// Shows `generation` as what the town imported. Should the feed have changed since `before` was
    /// read, following is owed still.
    fn show(&mut self, generation: i64, before: i64, stamp: i64) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        let sql = "UPDATE followed SET own = ?1, stamp = iif(stamp = ?2, ?3, stamp)";
        transaction.execute(sql, [generation, before, stamp])?;
        changed(&transaction)?;
        Ok(transaction.commit()?)
    }

    /// Deletes the generation of the town's own that is not shown. Only for whoever has the turn.
    fn sweep_own(&self) -> Result<(), StoreError> {
        let (_, shown) = self.followed()?;
        Collection::ALL.into_iter().try_for_each(|collection| self.sweep(collection, &[shown]))
    }

    /// Deletes what no generation in use holds, step by step. Those of the town's own that are in
    /// use are `own`.
    pub(super) fn sweep(&self, collection: Collection, own: &[i64]) -> Result<(), StoreError> {
        let State { shown, filling, .. } = State::of(&self.connection, collection)?;
        for generation in rows::generations(&self.connection, collection)? {
            if generation != shown && generation != filling && !own.contains(&generation) {
                let mut steps = Steps::of(&self.connection);
                rows::forget_generation(&self.connection, collection, generation, &mut steps)?;
                steps.end()?;
            }
        }
        Ok(())
    }
}

/// Tells readers that what the town has is otherwise.
fn changed(connection: &Connection) -> Result<(), StoreError> {
    connection.execute("UPDATE collection SET stamp = stamp + 1", [])?;
    Ok(())
}
