//! The cursor feed: what the county publishes, as a numbered run of changes.
//!
//! Publishing ([`publish`]) compares a whole set with what is stored: what is new or changed moves
//! to the end of the run under a new number, what is gone leaves a tombstone there, what is
//! unchanged stays where it is. So a kiosk that remembers one number fetches only what happened
//! since.
//!
//! An item is for the whole county or for some towns ([`Targets`](super::Targets)). A kiosk of
//! another town gets a tombstone in its place if the item was ever for that town, and nothing
//! otherwise: so what was taken from a town disappears there, and nobody learns of what was never
//! meant for them. To change for whom an item is counts as a change of the item.
//!
//! A kiosk that begins gets the present set without tombstones: it says on every page at which head
//! it began ([`Ask::snapshot`]), and what was gone by then need not be told.
//!
//! State: the table `feed_item` of `county.db`, and the feed's epoch, drawn when the database was
//! made: a restored or new database is another feed, and kiosks begin again ([`mark`]). The key
//! that signs pages, and the pages asked for lately.

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::body::Bytes;
use kiosk_base::{
    domain::hex::hex,
    wire::{Audience, Collection, FEED_PAGE_ITEMS, signed_page, signed_unchanged},
};
use rusqlite::{Connection, Transaction};

use super::{
    CountyError, FeedKey, authority,
    carried::{Page, Place, Shelf},
    database, deeds, signing,
};

pub(super) mod mark;
mod page;
mod publish;

pub use publish::{COLLECTION_ITEMS, Change, Comparison, ITEM_BYTES, Listings, Published, Terms};

use page::{State, json, names_towns};

/// The feed. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Feed {
    directory: Arc<Path>,
    connection: Arc<Mutex<Connection>>,
    /// For the audit heads, which wait for no page.
    heads: Arc<Mutex<Connection>>,
    key: Arc<FeedKey>,
    /// Used only while the connection is locked: so a page that many want at once is made once.
    shelf: Arc<Mutex<Shelf>>,
}

/// What a kiosk asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Of which collection.
    pub collection: Collection,
    /// The changes after this one.
    pub since: u64,
    /// At most so many, and never more than [`FEED_PAGE_ITEMS`].
    pub limit: usize,
    /// The head of the page with which the kiosk began at 0, if it has come here from there since:
    /// tombstones up to it are left out.
    pub snapshot: Option<u64>,
    /// What is for whom.
    pub audience: Audience,
}

/// What is carried to a kiosk.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Names the state of the collection as this kiosk may see it.
    pub etag: String,
    /// Of the page, or of the news that there is none: 128 hexadecimal digits.
    pub signature: String,
    /// The page; `None` when the kiosk has it already.
    pub page: Option<AnswerPage>,
}

/// A page in an [`Answer`].
#[derive(Debug, Clone)]
pub struct AnswerPage {
    /// Its JSON, compressed with zstd unless the kiosk cannot take that.
    pub body: Bytes,
    /// Whether it is compressed.
    pub compressed: bool,
    /// The cursor after it.
    pub next: u64,
}

impl Feed {
    /// Opens the feed in `directory`'s `county.db`, with its signing key.
    ///
    /// # Errors
    /// When the database cannot be opened or is from a newer version, or the key is none.
    pub fn open(directory: &Path) -> Result<Self, CountyError> {
        let mut connection = database::open(directory)?;
        authority::check_own(&connection, directory)?;
        let key = signing::own(&connection, directory)?;
        deeds::find_put_back(&connection, directory)?;
        mark::check(&mut connection, directory)?;
        Ok(Self {
            directory: directory.into(),
            connection: Arc::new(Mutex::new(connection)),
            heads: Arc::new(Mutex::new(database::open_again(directory)?)),
            key: Arc::new(key),
            shelf: Arc::default(),
        })
    }

    /// The answer to `ask`; `known` is the entity tag of the answer that the kiosk has, and
    /// `compressed` whether it takes zstd.
    ///
    /// When the feed is younger than the cursor (another epoch, or a database that was put back),
    /// the page is empty and its `next` is the head, below `since`: that tells the kiosk to begin
    /// again.
    ///
    /// # Errors
    /// When the database fails.
    pub fn answer(
        &self,
        ask: &Ask,
        known: Option<&str>,
        compressed: bool,
    ) -> Result<Answer, CountyError> {
        let Ask { collection, since, audience, .. } = ask;
        let (etag, page) = {
            let mut connection = self.lock();
            // One transaction, so that the page and its head belong together.
            let transaction = connection.transaction()?;
            let state = State::of(&transaction, *collection)?;
            let etag = format!("W/\"{}-{}-{}\"", state.epoch, state.head, audience.as_str());
            let page = match known {
                Some(known) if known == etag => None,
                _ => Some(self.page(&transaction, &state, ask)?),
            };
            (etag, page)
        };
        let signed = match &page {
            Some(page) => signed_page(*collection, *since, audience, &page.sha256),
            None => signed_unchanged(*collection, *since, audience, &etag),
        };
        let signature = hex(&self.key.sign(&signed)?);
        let carry = |page: Page| -> Result<_, CountyError> {
            let body = if compressed { page.zstd.clone() } else { page.json()?.into() };
            Ok(AnswerPage { body, compressed, next: page.next })
        };
        Ok(Answer { etag, signature, page: page.map(carry).transpose()? })
    }

    /// The page from the shelf, or made now.
    fn page(
        &self,
        transaction: &Transaction<'_>,
        state: &State,
        ask: &Ask,
    ) -> Result<Page, CountyError> {
        let Ask { collection, since, limit, snapshot, audience } = ask;
        // Who is at 0 has nothing that could be gone.
        let quiet = if *since == 0 { state.head } else { snapshot.unwrap_or(0) };
        let mut place = Place {
            collection: *collection,
            since: *since,
            limit: (*limit).clamp(1, FEED_PAGE_ITEMS),
            quiet: quiet.min(state.head),
            audience: Some(audience.clone()),
        };
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(page) = shelf.find(&place, state.head) {
            return Ok(page);
        }
        let (json, next) = json(transaction, state, &place, audience)?;
        let page = Page::new(&json, next)?;
        if next > *since {
            if !names_towns(transaction, *collection, *since, next)? {
                place.audience = None;
            }
            shelf.keep(place, state.head, page.clone());
        }
        Ok(page)
    }

    /// The county's directory.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The key that signs.
    pub(super) fn key(&self) -> &FeedKey {
        &self.key
    }

    /// The connection for the audit heads.
    pub(super) fn heads(&self) -> MutexGuard<'_, Connection> {
        self.heads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A panic while the lock was held cannot leave the connection half-written: every write is a
    /// transaction, which rolls back.
    pub(super) fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
