//! A town's own postings from a file. All rows that are sound go in together, or none does; for
//! every other row the report says where and why.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Cache;
use crate::{
    domain::{Fen, Posting, Wage},
    store::StoreError,
};

/// Largest file, in bytes.
pub const FILE_BYTES_MAX: u64 = 64 << 20;
/// Most rows of one file.
pub const ROWS_MAX: usize = 200_000;
/// Longest text of one column, in characters.
const TEXT_CHARS_MAX: usize = 4_000;
/// Most short advantages of one posting.
const BENEFITS_MAX: usize = 12;

/// What became of the rows of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Rows in the file.
    pub read: usize,
    /// Rows that are in the cache now.
    pub accepted: usize,
    /// Accepted ones in which one of the six facts the law asks for is missing; it is shown as
    /// 未提供.
    pub incomplete: usize,
    /// Rows left out because their id stood in the file before, or the county publishes it.
    pub duplicates: usize,
    /// Rows left out because they make no sense.
    pub refused: Vec<Refusal>,
}

/// Why a row was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// Which row, from 1.
    pub row: usize,
    /// Which column.
    pub column: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Why a whole file was refused.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It is no JSON, or not a list of rows.
    #[error("the file is not a list of postings in JSON: {0}")]
    Syntax(#[from] serde_json::Error),
    /// More than [`ROWS_MAX`].
    #[error("the file has {0} rows, more than the {ROWS_MAX} that can be imported at once")]
    TooManyRows(usize),
    /// The cache does not take the rows.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The county's file: its rows under `items`, or nothing but the rows.
#[derive(Deserialize)]
#[serde(untagged)]
enum File {
    Envelope { items: Vec<Value> },
    Rows(Vec<Value>),
}

/// Imports postings from JSON in the form that [`Posting`] documents.
///
/// # Errors
/// When nothing was imported; see [`ImportError`].
pub fn import(cache: &mut Cache, json: &[u8]) -> Result<Report, ImportError> {
    // Read as a value first: an error then tells its line.
    let file: Value = serde_json::from_slice(json)?;
    let (File::Envelope { items: rows } | File::Rows(rows)) = serde_json::from_value(file)?;
    if rows.len() > ROWS_MAX {
        return Err(ImportError::TooManyRows(rows.len()));
    }
    let mut report = Report { read: rows.len(), ..Report::default() };
    let mut seen = HashSet::new();
    let mut accepted = Vec::new();
    for (index, row) in rows.into_iter().enumerate() {
        let posting = match posting(row) {
            Ok(posting) => posting,
            Err((column, reason)) => {
                report.refused.push(Refusal { row: index + 1, column, reason });
                continue;
            }
        };
        if !seen.insert(posting.id.clone()) || cache.published_by_county(posting.id.as_str())? {
            report.duplicates += 1;
            continue;
        }
        report.incomplete += usize::from(!posting.missing().is_empty());
        accepted.push(posting);
    }
    cache.import(&accepted)?;
    report.accepted = accepted.len();
    Ok(report)
}

/// A row as a posting, or the column and what is wrong with it.
fn posting(row: Value) -> Result<Posting, (String, String)> {
    let posting = match Posting::deserialize(&row) {
        Ok(posting) => posting,
        Err(error) => return Err(wrong_column(&row, &error)),
    };
    let wrong = |column: &str, reason: &str| Err((column.to_owned(), reason.to_owned()));
    for (column, text) in texts(&posting) {
        if text.chars().count() > TEXT_CHARS_MAX {
            return wrong(column, &format!("longer than {TEXT_CHARS_MAX} characters"));
        }
    }
    for (column, text) in [("title", &posting.title), ("employer", &posting.employer)] {
        if text.trim().is_empty() {
            return wrong(column, "empty");
        }
    }
    if posting.benefits.len() > BENEFITS_MAX {
        return wrong("benefits", &format!("more than {BENEFITS_MAX}"));
    }
    if posting.closes.is_some_and(|last| last < posting.published) {
        return wrong("closes", "before the day of publication");
    }
    match posting.wage {
        Some(Wage::Range { min: Fen(min), .. }) if min < 0 => wrong("wage", "negative"),
        Some(Wage::Range { min, max, .. }) if max < min => wrong("wage", "max is below min"),
        _ => Ok(posting),
    }
}

fn texts(posting: &Posting) -> impl Iterator<Item = (&'static str, &str)> {
    let given =
        [("title", &posting.title), ("employer", &posting.employer), ("source", &posting.source)];
    let optional = [
        ("occupation", &posting.occupation),
        ("conditions", &posting.conditions),
        ("education", &posting.education),
        ("duties", &posting.duties),
        ("place", &posting.place),
        ("hours", &posting.hours),
        ("contact", &posting.contact),
        ("phone", &posting.phone),
        ("link", &posting.link),
    ];
    given
        .into_iter()
        .map(|(column, text)| (column, text.as_str()))
        .chain(optional.into_iter().filter_map(|(column, text)| Some((column, text.as_deref()?))))
        .chain(posting.benefits.iter().map(|text| ("benefits", text.as_str())))
}

/// Which column of a row that is no posting is to blame: one that is missing, or the first that
/// makes a sound posting unsound.
fn wrong_column(row: &Value, error: &serde_json::Error) -> (String, String) {
    let Some(columns) = row.as_object() else {
        return (String::new(), "not an object with columns".to_owned());
    };
    let sound = json!({
        "id": "x", "title": "x", "employer": "x", "published": "2000-01-01", "source": "x"
    });
    let needed = sound.as_object().into_iter().flat_map(|sound| sound.keys());
    for column in needed {
        if !columns.contains_key(column) {
            return (column.clone(), "missing".to_owned());
        }
    }
    for (column, value) in columns {
        let mut probe = sound.clone();
        probe[column] = value.clone();
        if let Err(error) = Posting::deserialize(&probe) {
            let unknown = error.to_string().starts_with("unknown field");
            let reason = if unknown { "no such column".to_owned() } else { error.to_string() };
            return (column.clone(), reason);
        }
    }
    (String::new(), error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(change: impl FnOnce(&mut Value)) -> Result<Posting, (String, String)> {
        let mut row = json!({
            "id": "t-1", "title": "电焊工", "employer": "泸县某厂", "published": "2026-01-01",
            "source": "测试", "wage": {"range": {"min": 100, "max": 200, "per": "day"}}
        });
        change(&mut row);
        posting(row)
    }

    #[test]
    fn the_column_that_is_wrong_is_named() {
        assert!(row(|_| {}).is_ok());
        let column = |change: fn(&mut Value)| row(change).expect_err("wrong").0;
        assert_eq!(column(|r| r["published"] = json!("23.11.2026")), "published");
        assert_eq!(column(|r| r["openings"] = json!("many")), "openings");
        assert_eq!(column(|r| r["salary"] = json!(1)), "salary");
        assert_eq!(column(|r| r["id"] = json!("a b")), "id");
        assert_eq!(column(|r| r["title"] = json!(" ")), "title");
        assert_eq!(column(|r| r["closes"] = json!("2025-12-31")), "closes");
        assert_eq!(column(|r| r["wage"]["range"]["max"] = json!(1)), "wage");
        assert_eq!(column(|r| r["wage"] = json!("much")), "wage");
        assert_eq!(column(|r| r["duties"] = json!("焊".repeat(5_000))), "duties");
        let missing = row(|r| drop(r.as_object_mut().expect("object").remove("employer")));
        assert_eq!(missing.expect_err("missing"), ("employer".into(), "missing".into()));
        assert_eq!(row(|r| *r = json!(7)).expect_err("no row").0, "");
    }
}
