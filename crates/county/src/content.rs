//! Listings from files: the JSON envelope `{"as_of": DATE, "items": […]}` that `county publish`
//! takes and in which the demonstration's content is kept. Beside the items it may say for which
//! towns some of them are: `"towns": {"ID": ["510521100", …]}`; the others are for the whole
//! county. Keeps no state.

use std::path::Path;

use jiff::civil::Date;
use kiosk_base::{
    strict::{self, plain},
    wire::{Collection, v1::Kept},
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{CountyError, Listings, Targets, Towns, shift::Shift};

/// Most bytes of a file: a million postings of usual length.
const FILE_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// A whole set, and the day for which it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The day.
    pub as_of: Date,
    /// The set.
    pub listings: Listings,
    /// For whom its items are.
    pub targets: Targets,
}

impl Content {
    /// Reads `path`, which holds items of `collection`.
    ///
    /// # Errors
    /// When the file cannot be read or an item is not one; says in which line.
    pub fn read(collection: Collection, path: &Path) -> Result<Self, CountyError> {
        Ok(match collection {
            Collection::Postings => {
                let (as_of, items, targets) = envelope(path)?;
                Self { as_of, listings: Listings::Postings(items), targets }
            }
            Collection::Trainings => {
                let (as_of, items, targets) = envelope(path)?;
                Self { as_of, listings: Listings::Trainings(items), targets }
            }
            Collection::Fairs => {
                let (as_of, items, targets) = envelope(path)?;
                Self { as_of, listings: Listings::Fairs(items), targets }
            }
        })
    }

    /// The set with its dates moved from the day for which it was written to `today`.
    pub fn moved_to(self, today: Date) -> Listings {
        let shift = Shift::between(self.as_of, today);
        match self.listings {
            Listings::Postings(mut items) => {
                items.iter_mut().for_each(|item| shift.posting(item));
                Listings::Postings(items)
            }
            Listings::Trainings(mut items) => {
                items.iter_mut().for_each(|item| shift.training(item));
                Listings::Trainings(items)
            }
            Listings::Fairs(mut items) => {
                items.iter_mut().for_each(|item| shift.fair(item));
                Listings::Fairs(items)
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope<T> {
    as_of: Date,
    items: Vec<T>,
    #[serde(default)]
    towns: Map<String, Value>,
}

fn envelope<T: Kept>(path: &Path) -> Result<(Date, Vec<T>, Targets), CountyError> {
    let content = |detail| CountyError::Content { path: path.to_owned(), detail };
    let length = std::fs::metadata(path).map_err(CountyError::file(path))?.len();
    if length > FILE_BYTES {
        return Err(content(format!("文件超过 {FILE_BYTES} 字节，请看看是不是拿错了文件")));
    }
    let text = std::fs::read(path).map_err(CountyError::file(path))?;
    let Envelope::<T::Form> { as_of, items, towns } = strict::json(&text)
        .map_err(|e| content(format!("没有发布，文件读不出来：{}", plain(&e.to_string()))))?;
    let mut targets = Targets::default();
    for (id, codes) in towns {
        let form = "；请写成 {\"ID\": [\"510521100\"]} 这样";
        let wrong =
            |why: String| content(format!("towns 里 {id} 的乡镇写得不对：{}{form}", plain(&why)));
        let codes = Vec::<String>::deserialize(codes).map_err(|e| wrong(e.to_string()))?;
        let towns =
            Towns::parse(codes.iter().map(String::as_str)).map_err(|e| wrong(e.to_string()))?;
        targets.by_id.insert(id, towns);
    }
    Ok((as_of, items.into_iter().map(Into::into).collect(), targets))
}
