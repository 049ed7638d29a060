//! Pages of the feed, and items of the listings as they stand alone: in rows of our databases and in files.
//! Keeps no state.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::ToSchema;

use super::{JobFair, Posting, PostingId, TrainingNotice, convert::both_ways};
use crate::{domain, wire};

/// A run of changes in the order in which they happened. A kiosk that has applied a page asks next
/// `since` that page's `next`, and has everything when `next == head`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FeedPage {
    /// Names this life of the county's feed. Another epoch than the kiosk knows means: begin at 0.
    #[schema(min_length = 1, max_length = 64)]
    pub epoch: String,
    /// Changes with `since < seq <= next`, rising strictly.
    #[schema(max_items = 1000)]
    pub items: Vec<FeedItem>,
    /// The cursor after this page.
    #[schema(maximum = 9007199254740991u64)]
    pub next: u64,
    /// The newest change there is.
    #[schema(maximum = 9007199254740991u64)]
    pub head: u64,
}

/// One change: an item as it is now, or the news that it is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FeedItem {
    /// Position in the feed, from 1.
    #[schema(minimum = 1, maximum = 9007199254740991u64)]
    pub seq: u64,
    /// Id of what changed.
    pub id: String,
    /// The item, or `None` for a tombstone.
    pub body: Option<FeedBody>,
}

/// An item of a collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum FeedBody {
    /// In `postings`.
    Posting(Box<Posting>),
    /// In `trainings`.
    Training(Box<TrainingNotice>),
    /// In `fairs`.
    Fair(Box<JobFair>),
}

impl wire::FeedPage {
    /// Reads a page of a county that may be newer. An item that this version does not understand stops
    /// no feed: it counts as gone, so that no earlier state of it goes on being shown; if not even its
    /// place and id are understood, it is left out.
    ///
    /// # Errors
    /// When the page itself is not one.
    pub fn read(json: &[u8]) -> serde_json::Result<Self> {
        #[derive(Deserialize)]
        struct Parts {
            epoch: String,
            items: Vec<Value>,
            next: u64,
            head: u64,
        }
        #[derive(Deserialize)]
        struct Named {
            seq: u64,
            id: PostingId,
        }
        // Nearly always all of it is understood.
        let error = match serde_json::from_slice::<FeedPage>(json) {
            Ok(page) => return Ok(page.into()),
            Err(error) => error,
        };
        let Ok(Parts { epoch, items, next, head }) = serde_json::from_slice(json) else {
            return Err(error);
        };
        let mut page = Self { epoch, items: Vec::new(), next, head, left_out: Vec::new() };
        for item in items {
            if let Ok(item) = FeedItem::deserialize(&item) {
                page.items.push(item.into());
                continue;
            }
            let named =
                Named::deserialize(item).ok().map(|Named { seq, id }| (seq, String::from(id)));
            page.left_out.push(named.as_ref().map(|(_, id)| id.clone()).unwrap_or_default());
            page.items.extend(named.map(|(seq, id)| wire::FeedItem { seq, id, body: None }));
        }
        Ok(page)
    }
}

impl From<wire::FeedPage> for FeedPage {
    fn from(page: wire::FeedPage) -> Self {
        let wire::FeedPage { epoch, items, next, head, left_out: _ } = page;
        Self { epoch, items: items.into_iter().map(Into::into).collect(), next, head }
    }
}

impl From<FeedPage> for wire::FeedPage {
    fn from(page: FeedPage) -> Self {
        let FeedPage { epoch, items, next, head } = page;
        let items = items.into_iter().map(Into::into).collect();
        Self { epoch, items, next, head, left_out: Vec::new() }
    }
}

both_ways!(FeedItem, wire::FeedItem, {
    same: seq, id;
    some: body;
});

impl From<wire::FeedBody> for FeedBody {
    fn from(body: wire::FeedBody) -> Self {
        use wire::FeedBody::{Fair, Posting, Training};
        match body {
            Posting(posting) => Self::Posting(Box::new((*posting).into())),
            Training(notice) => Self::Training(Box::new((*notice).into())),
            Fair(fair) => Self::Fair(Box::new((*fair).into())),
        }
    }
}

impl From<FeedBody> for wire::FeedBody {
    fn from(body: FeedBody) -> Self {
        match body {
            FeedBody::Posting(posting) => Self::Posting(Box::new((*posting).into())),
            FeedBody::Training(notice) => Self::Training(Box::new((*notice).into())),
            FeedBody::Fair(fair) => Self::Fair(Box::new((*fair).into())),
        }
    }
}

/// What of the listings is also kept alone, as it travels: in `listings.db`, `ledger.db` and `county.db`,
/// and in files of listings.
pub trait Kept: Sized + Clone {
    /// How it is written.
    type Form: Serialize + DeserializeOwned + From<Self> + Into<Self>;
}

impl Kept for domain::Posting {
    type Form = Posting;
}

impl Kept for domain::TrainingNotice {
    type Form = TrainingNotice;
}

impl Kept for domain::JobFair {
    type Form = JobFair;
}

impl Kept for wire::FeedBody {
    type Form = FeedBody;
}

/// An item as it is kept.
pub fn to_json<T: Kept>(item: &T) -> String {
    let form = T::Form::from(item.clone());
    serde_json::to_string(&form).expect("texts have text keys and numbers are finite")
}

/// An item that was kept.
///
/// # Errors
/// When the text is none; says in which line and column.
pub fn from_json<T: Kept>(json: &str) -> serde_json::Result<T> {
    serde_json::from_str::<T::Form>(json).map(Into::into)
}
