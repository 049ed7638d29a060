//! For whom a published item is: the whole county or some of its towns. Keeps no state.

use std::collections::{BTreeSet, HashMap};

use super::CountyError;
use crate::domain::{DivisionCode, wire::Audience};

/// Most towns that can be named for one item; a county has about twenty.
const TOWNS: usize = 100;

/// Some towns of the county, at least one, each by nine digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Towns(BTreeSet<String>);

/// For whom the items of a set are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Targets {
    /// For whom those are that `by_id` does not name; `None` for the whole county.
    pub others: Option<Towns>,
    /// By the item's id.
    pub by_id: HashMap<String, Towns>,
}

impl Towns {
    /// Reads codes of towns.
    ///
    /// # Errors
    /// When there is none, there are too many, or one is no town's nine digits.
    pub fn parse<'a>(codes: impl IntoIterator<Item = &'a str>) -> Result<Self, CountyError> {
        let mut towns = BTreeSet::new();
        for code in codes {
            let code = code.trim();
            if code.len() != 9 || DivisionCode::parse(code).is_err() {
                let what = format!("{code:?} is no town: nine digits, such as 510521100");
                return Err(CountyError::Listings(what));
            }
            towns.insert(code.to_owned());
        }
        if towns.is_empty() || towns.len() > TOWNS {
            return Err(CountyError::Listings(format!("towns: 1 to {TOWNS} can be named")));
        }
        Ok(Self(towns))
    }

    /// As the database keeps them: every code between two commas.
    pub(super) fn stored(&self) -> String {
        let codes: Vec<&str> = self.0.iter().map(String::as_str).collect();
        format!(",{},", codes.join(","))
    }

    /// From what [`stored`](Self::stored) gave.
    pub(super) fn of_stored(text: &str) -> Self {
        Self(text.split(',').filter(|code| !code.is_empty()).map(str::to_owned).collect())
    }

    /// These and `others`.
    pub(super) fn and(mut self, others: &Self) -> Self {
        self.0.extend(others.0.iter().cloned());
        self
    }
}

impl Targets {
    /// For whom the item `id` is; `None` for the whole county.
    pub(super) fn of(&self, id: &str) -> Option<&Towns> {
        self.by_id.get(id).or(self.others.as_ref())
    }
}

/// What is looked for in a stored text to learn whether it names `audience`; no text names `-`.
pub(super) fn mark(audience: &Audience) -> String {
    format!(",{},", audience.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn towns_are_kept_as_they_were_and_found_by_their_mark() {
        let towns = Towns::parse(["510599101", " 510599100"]).expect("towns");
        assert_eq!(Towns::of_stored(&towns.stored()), towns);
        let code = DivisionCode::parse("510599100").expect("a code");
        assert!(towns.stored().contains(&mark(&Audience::of(Some(&code)))));
        assert!(!towns.stored().contains(&mark(&Audience::default())));
        let more = towns.clone().and(&Towns::parse(["510599102"]).expect("a town"));
        assert_eq!(more.stored(), ",510599100,510599101,510599102,");
    }

    #[test]
    fn what_is_no_town_is_refused() {
        let numbered = |i| format!("5105991{i:02}");
        let many: Vec<String> = (0..100).map(numbered).chain(["510599200".to_owned()]).collect();
        for wrong in [vec![], vec!["510599"], vec!["510599100201"], vec!["51059910a"]] {
            assert!(Towns::parse(wrong.iter().copied()).is_err(), "{wrong:?}");
        }
        assert!(Towns::parse(many.iter().map(String::as_str)).is_err());
    }
}
