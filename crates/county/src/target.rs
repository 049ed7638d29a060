//! For whom a published item is: the whole county or some of its towns. Keeps no state.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::civil::Date;
use kiosk_base::{
    domain::{Directory, DivisionCode},
    wire::Audience,
};

use super::CountyError;

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
    /// Ids of which it is said that they are for the whole county, whatever `others` says.
    pub whole_county: HashSet<String>,
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
                let what = format!("{code:?} 不是乡镇代码；请写九位数字，如 510521100");
                return Err(CountyError::Listings(what));
            }
            towns.insert(code.to_owned());
        }
        if towns.is_empty() || towns.len() > TOWNS {
            return Err(CountyError::Listings(format!("乡镇请写 1 到 {TOWNS} 个")));
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

    /// The towns among them that `directory` does not know on `day`.
    fn unknown<'a>(&'a self, directory: &Directory, day: Date) -> impl Iterator<Item = &'a str> {
        let is_known = move |code: &&String| {
            DivisionCode::parse(code).is_ok_and(|code| directory.is_town(&code, day))
        };
        self.0.iter().filter(move |code| !is_known(code)).map(String::as_str)
    }

    /// These and `others`.
    pub fn and(mut self, others: &Self) -> Self {
        self.0.extend(others.0.iter().cloned());
        self
    }
}

impl Targets {
    /// For whom the item `id` is; `None` for the whole county.
    pub fn of(&self, id: &str) -> Option<&Towns> {
        let others = || self.others.as_ref().filter(|_| !self.whole_county.contains(id));
        self.by_id.get(id).or_else(others)
    }

    /// The ids about which something is said.
    pub(super) fn named(&self) -> impl Iterator<Item = &str> {
        self.by_id.keys().chain(&self.whole_county).map(String::as_str)
    }

    /// Whether any town is named.
    pub fn names_towns(&self) -> bool {
        self.others.is_some() || !self.by_id.is_empty()
    }

    /// Sees that every town that is named exists on `day`: what is for a town that is none would
    /// reach nobody.
    ///
    /// # Errors
    /// Names the first that does not, and whose it is.
    pub fn check(&self, directory: &Directory, day: Date) -> Result<(), CountyError> {
        let named = self.by_id.iter().map(|(id, towns)| (Some(id), towns));
        let others = self.others.iter().map(|towns| (None, towns));
        let mut named: Vec<_> = named.chain(others).collect();
        named.sort_by_key(|(id, _)| *id);
        for (id, towns) in named {
            if let Some(code) = towns.unknown(directory, day).next() {
                let whose = id.map_or("--towns".to_owned(), |id| format!("{id} 的乡镇"));
                let what = format!("{whose}：divisions/ 里没有 {code}；请改正");
                return Err(CountyError::Listings(what));
            }
        }
        Ok(())
    }
}

/// What is looked for in a stored text to learn whether it names `audience`; no text names `-`.
pub(super) fn mark(audience: &Audience) -> String {
    format!(",{},", audience.as_str())
}

#[cfg(test)]
mod tests {
    use kiosk_base::domain::Division;

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
    fn what_is_said_of_an_item_counts_before_what_is_said_of_the_others() {
        let town = |code| Towns::parse([code]).expect("a town");
        let mut targets = Targets { others: Some(town("510599101")), ..Targets::default() };
        targets.by_id.insert("a".into(), town("510599100"));
        targets.whole_county.insert("b".into());
        assert_eq!(targets.of("a"), Some(&town("510599100")));
        assert_eq!(targets.of("b"), None);
        assert_eq!(targets.of("c"), Some(&town("510599101")));
    }

    #[test]
    fn a_town_that_does_not_exist_is_named() {
        let day = jiff::civil::date(2026, 11, 29);
        let known = |code| Division {
            code: DivisionCode::parse(code).expect("a code"),
            name: "测试镇".into(),
            valid_from: jiff::civil::date(2020, 1, 1),
            valid_until: None,
            location: None,
        };
        let directory = Directory::new(vec![known("510599100"), known("510599101")]);
        let mut targets = Targets::default();
        assert!(targets.check(&directory, day).is_ok());
        targets.others = Some(Towns::parse(["510599101"]).expect("a town"));
        assert!(targets.check(&directory, day).is_ok());
        assert!(targets.check(&directory, jiff::civil::date(2019, 1, 1)).is_err(), "not yet");
        targets.by_id.insert("a".into(), Towns::parse(["510599999"]).expect("digits"));
        let error = targets.check(&directory, day).expect_err("no such town").to_string();
        assert_eq!(error, "a 的乡镇：divisions/ 里没有 510599999；请改正");
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
