//! The feed: what the county publishes, as a numbered run of changes, and what is signed of it. How a page
//! is written stands in the module of its version. Keeps no state.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{DivisionCode, JobFair, Posting, PostingId, TrainingNotice, hex::hex};

/// What the county publishes.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Collection {
    /// Job postings.
    Postings,
    /// Training notices.
    Trainings,
    /// Job fairs.
    Fairs,
}

impl Collection {
    /// All, in the order in which they are refreshed.
    pub const ALL: [Self; 3] = [Self::Postings, Self::Trainings, Self::Fairs];

    /// The name in paths and tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Postings => "postings",
            Self::Trainings => "trainings",
            Self::Fairs => "fairs",
        }
    }
}

/// Most items in one page of a feed. Half as many would carry a tenth more, since each page is
/// compressed for itself; twice as many would save a twentieth and keep the cache's writer longer.
pub const FEED_PAGE_ITEMS: usize = 1_000;
/// Most bytes of one page's JSON.
pub const FEED_PAGE_BYTES: usize = 4 * 1024 * 1024;
/// The header that carries a page's signature: 128 hexadecimal digits, Ed25519 (RFC 8032) over
/// [`signed_page`], or over [`signed_unchanged`] in an answer 304.
pub const FEED_SIGNATURE: &str = "feed-signature";

/// Bytes of a feed's epoch.
const EPOCH_BYTES: usize = 64;

/// A run of changes in the order in which they happened. A kiosk that has applied a page asks next
/// `since` that page's `next`, and has everything when `next == head`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedPage {
    /// Names this life of the county's feed. Another epoch than the kiosk knows means: begin at 0.
    pub epoch: String,
    /// Changes with `since < seq <= next`, rising strictly.
    pub items: Vec<FeedItem>,
    /// The cursor after this page.
    pub next: u64,
    /// The newest change there is.
    pub head: u64,
    /// The ids of the items that were not understood by who has read the page, empty where not even
    /// that was: [`FeedPage::read`].
    pub left_out: Vec<String>,
}

/// One change: an item as it is now, or the news that it is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedItem {
    /// Position in the feed, from 1.
    pub seq: u64,
    /// Id of what changed.
    pub id: String,
    /// The item, or `None` for a tombstone.
    pub body: Option<FeedBody>,
}

/// An item of a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedBody {
    /// In `postings`.
    Posting(Box<Posting>),
    /// In `trainings`.
    Training(Box<TrainingNotice>),
    /// In `fairs`.
    Fair(Box<JobFair>),
}

impl FeedPage {
    /// What is wrong with this page as the continuation of `collection` after `since`, as a
    /// sentence for the log; `None` when it keeps the rules: it rises strictly, begins after the
    /// cursor, and asking on comes to an end.
    ///
    /// `since` is `None` when the page was asked for in a former life of the feed, whose positions
    /// mean nothing in this one.
    pub fn fault(&self, collection: Collection, since: Option<u64>) -> Option<&'static str> {
        let Self { epoch, items, next, head, left_out: _ } = self;
        if !(1..=EPOCH_BYTES).contains(&epoch.len()) || !epoch.bytes().all(|b| b.is_ascii_graphic())
        {
            return Some("the feed has no epoch");
        }
        if items.len() > FEED_PAGE_ITEMS {
            return Some("more items than a page holds");
        }
        let mut before = since;
        for item in items {
            if before.is_some_and(|before| item.seq <= before) || item.seq > *next {
                return Some("the items are not in order");
            }
            before = Some(item.seq);
            if let Some(fault) = item.fault(collection) {
                return Some(fault);
            }
        }
        let since = since?;
        if next > head || *next < since {
            return Some("the cursor goes backwards or beyond the head");
        }
        if *next == since && next != head {
            return Some("the feed does not go on");
        }
        (*head > super::INTEGER_MAX).then_some("the head is out of range")
    }
}

impl FeedPage {
    /// Whether it says that the whole feed ends before `since`: who asked has come further than the
    /// county, whose database was put back.
    pub fn ends_before(&self, since: u64) -> bool {
        self.items.is_empty() && self.next == self.head && self.head < since
    }
}

impl FeedItem {
    fn fault(&self, collection: Collection) -> Option<&'static str> {
        let own = match &self.body {
            None => return PostingId::parse(&self.id).err().map(|_| "a tombstone without an id"),
            Some(body) if body.collection() == collection => body.id(),
            Some(_) => return Some("an item of another collection"),
        };
        (own.as_str() != self.id).then_some("an item's id is not its content's")
    }
}

impl FeedBody {
    /// The collection it belongs to.
    pub fn collection(&self) -> Collection {
        match self {
            Self::Posting(_) => Collection::Postings,
            Self::Training(_) => Collection::Trainings,
            Self::Fair(_) => Collection::Fairs,
        }
    }

    /// Its id at the source.
    pub fn id(&self) -> &PostingId {
        match self {
            Self::Posting(posting) => &posting.id,
            Self::Training(notice) => &notice.id,
            Self::Fair(fair) => &fair.id,
        }
    }
}

/// Whom a page is for: the kiosks of one town, or those that were enrolled without a division.
///
/// An item may be for the whole county or for some of its towns. A kiosk's town is what its
/// certificate says, for both sides; the request says nothing about it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Audience(Option<DivisionCode>);

impl Audience {
    /// The audience of a kiosk in `division`: that division's town. A kiosk without a division, or
    /// with the code of a whole county, gets what is for the whole county only.
    pub fn of(division: Option<&DivisionCode>) -> Self {
        Self(division.and_then(DivisionCode::town))
    }

    /// The town's nine digits, or `-`.
    pub fn as_str(&self) -> &str {
        self.0.as_ref().map_or("-", DivisionCode::as_str)
    }
}

/// What a heartbeat calls a key that signs the feed: the first eight bytes of the public half.
pub fn feed_key_id(public: &[u8; 32]) -> String {
    hex(&public[..8])
}

/// What the county signs of a page: `collection` and `since` as asked, the `audience`, and the
/// SHA-256 of the page's JSON as carried, before it was compressed. So a page cannot pass for the
/// page of another place in the feed or of another town.
///
/// Not for its age: an older page of the same place verifies as well. It can only make a kiosk
/// slower to learn what is new, as cutting its line would.
pub fn signed_page(
    collection: Collection,
    since: u64,
    audience: &Audience,
    sha256: &[u8; 32],
) -> Vec<u8> {
    signed("page", collection, since, audience, sha256)
}

/// What the county signs when it answers that nothing has changed: as [`signed_page`], with the
/// entity tag in place of the page.
pub fn signed_unchanged(
    collection: Collection,
    since: u64,
    audience: &Audience,
    etag: &str,
) -> Vec<u8> {
    signed("unchanged", collection, since, audience, etag.as_bytes())
}

/// Every part but the last is free of line ends, so no two different contents give one text.
fn signed(
    what: &str,
    collection: Collection,
    since: u64,
    audience: &Audience,
    content: &[u8],
) -> Vec<u8> {
    let (collection, audience) = (collection.as_str(), audience.as_str());
    let head = format!("renshe-kiosk feed {what} 1\n{collection}\n{since}\n{audience}\n");
    [head.as_bytes(), content].concat()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn tombstone(seq: u64) -> FeedItem {
        FeedItem { seq, id: format!("id-{seq}"), body: None }
    }

    #[test]
    fn a_feed_must_go_forward() {
        let page = |seqs: &[u64], next, head| FeedPage {
            epoch: "e".into(),
            items: seqs.iter().copied().map(tombstone).collect(),
            next,
            head,
            left_out: Vec::new(),
        };
        let ok = |p: &FeedPage, since| p.fault(Collection::Postings, since).is_none();
        for right in
            [page(&[11, 12], 12, 20), page(&[11, 12], 20, 20), page(&[], 10, 10), page(&[], 15, 20)]
        {
            assert!(ok(&right, Some(10)), "{right:?}");
        }
        for wrong in [
            page(&[12, 11], 12, 20),
            page(&[11, 11], 11, 20),
            page(&[10], 10, 20),
            page(&[9, 11], 11, 20),
            page(&[11], 10, 20),
            page(&[11], 21, 20),
            page(&[], 9, 20),
            page(&[], 10, 20),
            page(&[], 3, 3),
            page(&[11], u64::MAX, u64::MAX),
        ] {
            assert!(!ok(&wrong, Some(10)), "{wrong:?}");
        }
        let many: Vec<u64> = (11..=11 + FEED_PAGE_ITEMS as u64).collect();
        assert!(!ok(&page(&many, 1_000, 1_000), Some(10)));
        // Of another life only the epoch is used, but even there the items are in order.
        assert!(ok(&page(&[], 3, 3), None) && ok(&page(&[2, 3], 3, 3), None));
        assert!(!ok(&page(&[3, 2], 3, 3), None));
    }

    #[test]
    fn an_item_that_is_not_understood_stops_no_feed() {
        let posting = |seq: u64, id: &str, wage: Value| {
            serde_json::json!({"seq": seq, "id": id, "body": {"type": "posting", "value": {
                "id": id, "title": "测试岗位", "employer": "测试厂", "published": "2026-11-01",
                "source": "测试", "wage": wage}}})
        };
        let read = |items: Value| {
            let page = serde_json::json!({"epoch": "e", "items": items, "next": 9, "head": 9});
            FeedPage::read(page.to_string().as_bytes())
        };
        let plain = posting(1, "a", "negotiable".into());
        let page = read(serde_json::json!([plain])).expect("a page");
        assert_eq!((page.items.len(), page.left_out), (1, Vec::<String>::new()));
        let page = read(serde_json::json!([
            plain,
            posting(2, "b", serde_json::json!({"shares": {"of": "the harvest"}})),
            {"seq": 3, "id": "c", "body": {"type": "apprenticeship", "value": {"id": "c"}}},
            {"seq": 4, "id": {"new": "d"}, "body": null},
            posting(5, "e", "by_agreement".into()),
            "nothing",
        ]));
        let page = page.expect("a page");
        assert_eq!(page.fault(Collection::Postings, Some(0)), None);
        let items: Vec<_> = page
            .items
            .iter()
            .map(|item| (item.seq, item.id.as_str(), item.body.is_some()))
            .collect();
        assert_eq!(items, [(1, "a", true), (2, "b", false), (3, "c", false), (5, "e", true)]);
        assert_eq!(page.left_out, ["b", "c", "", ""]);
        assert!(FeedPage::read(b"{\"epoch\":\"e\",\"items\":7,\"next\":1,\"head\":1}").is_err());
    }

    #[test]
    fn an_audience_is_a_town() {
        let of = |code| Audience::of(Some(&DivisionCode::parse(code).expect("a code")));
        assert_eq!(of("510599100"), of("510599100201"));
        assert_eq!(of("510599100").as_str(), "510599100");
        assert_eq!((of("510599"), of("510599").as_str()), (Audience::default(), "-"));
    }

    #[test]
    fn what_is_signed_differs_in_every_part() {
        let towns = ["510599100", "510599101"]
            .map(|code| Audience::of(Some(&DivisionCode::parse(code).expect("a code"))));
        let mut seen = std::collections::HashSet::new();
        for collection in Collection::ALL {
            for since in [0, 1, 10] {
                for audience in towns.iter().chain([&Audience::default()]) {
                    for content in [[0; 32], [1; 32]] {
                        assert!(seen.insert(signed_page(collection, since, audience, &content)));
                        let etag = if content == [0; 32] { "a" } else { "b" };
                        assert!(seen.insert(signed_unchanged(collection, since, audience, etag)));
                    }
                }
            }
        }
    }
}
