//! Pages of the feed as they are carried: compressed, with the digest that is signed.
//!
//! Twenty kiosks that begin at the same time ask for the same pages. So a page is built and
//! compressed once for each state of its collection, and kept while that state lasts; only the
//! signature, which names the kiosk's town, is made for each. A page without an item for some towns
//! only is the same page for all of them.
//!
//! State: the pages asked for lately, [`KEPT_BYTES`] at the most.

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};
use axum::body::Bytes;
use kiosk_base::wire::{Audience, Collection};

use super::CountyError;

/// Bytes of compressed pages that are kept: several times 100,000 postings.
const KEPT_BYTES: usize = 64 * 1024 * 1024;
/// How hard zstd tries. Measured with invented postings, 1,000 a page: 77 bytes a posting and 4 ms
/// a page at level 3, 55 bytes and 18 ms at level 12, 48 bytes and 590 ms at level 19.
pub const ZSTD_LEVEL: i32 = 12;

/// A page ready to be sent.
#[derive(Debug, Clone)]
pub(super) struct Page {
    /// SHA-256 of its JSON.
    pub(super) sha256: [u8; 32],
    /// Its JSON, compressed.
    pub(super) zstd: Bytes,
    /// Length of its JSON, bytes.
    pub(super) length: usize,
    /// The cursor after it.
    pub(super) next: u64,
}

/// What tells one page from another while a collection stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) collection: Collection,
    pub(super) since: u64,
    pub(super) limit: usize,
    /// Tombstones up to here are left out.
    pub(super) quiet: u64,
    /// For whom; `None` for a page that is the same for all.
    pub(super) audience: Option<Audience>,
}

/// Where pages are kept.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// With the head of the collection for which each was made.
    pages: HashMap<Place, (u64, Page)>,
    bytes: usize,
}

impl Page {
    /// Compresses `json`.
    pub(super) fn new(json: &str, next: u64) -> Result<Self, CountyError> {
        let zstd = zstd::bulk::compress(json.as_bytes(), ZSTD_LEVEL).map_err(compression)?;
        let digest = digest(&SHA256, json.as_bytes());
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(digest.as_ref());
        Ok(Self { sha256, zstd: zstd.into(), length: json.len(), next })
    }

    /// The JSON again, for a client that does not take it compressed.
    pub(super) fn json(&self) -> Result<Vec<u8>, CountyError> {
        zstd::bulk::decompress(&self.zstd, self.length).map_err(compression)
    }
}

impl Shelf {
    /// The page at `place` for this head, or the one that is the same for all.
    pub(super) fn find(&self, place: &Place, head: u64) -> Option<Page> {
        let for_all = Place { audience: None, ..place.clone() };
        let found = self.pages.get(&for_all).or_else(|| self.pages.get(place));
        found.filter(|(made_for, _)| *made_for == head).map(|(_, page)| page.clone())
    }

    /// Keeps a page. Those of former states of its collection are dropped, and all of them when
    /// there is no more room: they are made again when somebody asks.
    pub(super) fn keep(&mut self, place: Place, head: u64, page: Page) {
        let collection = place.collection;
        self.pages
            .retain(|place, (made_for, _)| place.collection != collection || *made_for == head);
        self.bytes = self.pages.values().map(|(_, page)| page.zstd.len()).sum();
        if self.bytes + page.zstd.len() > KEPT_BYTES {
            self.pages.clear();
        }
        self.pages.insert(place, (head, page));
    }
}

fn compression(error: std::io::Error) -> CountyError {
    CountyError::Listings(format!("压缩不了一页信息：{error}"))
}

#[cfg(test)]
mod tests {
    use kiosk_base::domain::DivisionCode;

    use super::*;

    fn place(since: u64, audience: Option<&str>) -> Place {
        let audience =
            audience.map(|code| Audience::of(Some(&DivisionCode::parse(code).expect("a code"))));
        Place { collection: Collection::Postings, since, limit: 1_000, quiet: 0, audience }
    }

    #[test]
    fn a_page_is_found_until_its_collection_changes() {
        let mut shelf = Shelf::default();
        let page = |json| Page::new(json, 1).expect("compressed");
        shelf.keep(place(0, None), 5, page("for all"));
        shelf.keep(place(1, Some("510599100")), 5, page("for one"));
        let json = |shelf: &Shelf, place: &Place, head| {
            let page = shelf.find(place, head)?;
            Some(String::from_utf8(page.json().expect("whole")).expect("a text"))
        };
        assert_eq!(json(&shelf, &place(0, Some("510599101")), 5).as_deref(), Some("for all"));
        assert_eq!(json(&shelf, &place(1, Some("510599100")), 5).as_deref(), Some("for one"));
        assert_eq!(json(&shelf, &place(1, Some("510599101")), 5), None);
        assert_eq!(json(&shelf, &place(0, Some("510599101")), 6), None);
        shelf.keep(place(9, None), 6, page("new"));
        assert_eq!(shelf.pages.len(), 1, "the old ones are gone");
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut shelf = Shelf::default();
        let zstd = Bytes::from(vec![0; KEPT_BYTES / 3]);
        for since in 0..7 {
            let page = Page { sha256: [0; 32], zstd: zstd.clone(), length: 0, next: 1 };
            shelf.keep(place(since, None), 5, page);
            let bytes: usize = shelf.pages.values().map(|(_, page)| page.zstd.len()).sum();
            assert!(bytes <= KEPT_BYTES && shelf.find(&place(since, None), 5).is_some());
        }
    }
}
