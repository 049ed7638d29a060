//! Which columns of a table were not taken: none may be lost without a word. State: the columns of
//! the table under way.

use std::collections::HashMap;

use serde::Serialize;

use super::{
    report::{Place, Report},
    text,
};

/// Most characters of an example.
const EXAMPLE_CHARS: usize = 40;
/// Most columns that are told apart: lists of objects may have any names.
const COLUMNS_MAX: usize = 1_000;

/// Why a value was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// No mapping knows the column.
    Unknown,
    /// The mapping knows the column and passes it over.
    PassedOver,
    /// Another column of the row says the same, and counts.
    AnotherCounts,
}

impl Why {
    /// What it is, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Unknown => "不认识这一列",
            Self::PassedOver => "这一列用不上",
            Self::AnotherCounts => "另一列已有",
        }
    }
}

/// A column of which values were not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Untaken {
    /// The column, as the file calls it.
    pub column: String,
    /// Why.
    pub why: Why,
    /// In how many rows.
    pub rows: usize,
    /// The first value.
    pub example: String,
    /// Where it stands.
    #[serde(flatten)]
    pub place: Place,
}

/// The columns of the table under way that were not taken.
#[derive(Debug, Default)]
pub(super) struct Tally {
    columns: Vec<Untaken>,
    places: HashMap<String, Vec<usize>>,
}

impl Tally {
    /// Notes a value that was not taken.
    pub(super) fn note(&mut self, place: &Place, column: &str, why: Why, value: &str) {
        let of_name = self.places.get(column).map_or(&[][..], Vec::as_slice);
        let known = of_name.iter().find(|at| self.columns[**at].why == why);
        if let Some(at) = known {
            self.columns[*at].rows += 1;
            return;
        }
        if self.columns.len() >= COLUMNS_MAX {
            return;
        }
        let mut example = text::line(value);
        text::cut(&mut example, EXAMPLE_CHARS);
        self.places.entry(column.to_owned()).or_default().push(self.columns.len());
        let column = column.to_owned();
        self.columns.push(Untaken { column, why, rows: 1, example, place: place.clone() });
    }

    /// Puts them into the report: first those that nobody knows.
    pub(super) fn tell(&mut self, report: &mut Report) {
        self.places.clear();
        report.untaken.append(&mut self.columns);
        report.untaken.sort_by_key(|untaken| untaken.why as u8);
    }
}
