//! Two postings side by side, fact by fact.

use super::Compare;
use crate::visit::{
    facts::{self, Kind, Value},
    fit::Fit,
};

/// What both postings say about one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// What it is about.
    pub kind: Kind,
    /// What the first says, if anything.
    pub left: Option<Value>,
    /// What the second says.
    pub right: Option<Value>,
}

/// What is compared, what matters most first.
const COMPARED: [Kind; 12] = [
    Kind::Place,
    Kind::Board,
    Kind::Hours,
    Kind::Employer,
    Kind::Openings,
    Kind::Education,
    Kind::Experience,
    Kind::Form,
    Kind::Conditions,
    Kind::Duties,
    Kind::Benefits,
    Kind::Phone,
];
/// Longest words of one cell, in characters, on a screen that has room for more: the posting's own
/// page has the rest.
const CELL_CHARS: usize = 60;

/// The pairs, page by page. Titles and wages stand above them.
pub fn pages(compare: &Compare, fit: &Fit) -> Vec<Vec<Pair>> {
    let (left, right) = (facts::posting(&compare.left), facts::posting(&compare.right));
    let column = fit.compared;
    let most = column.characters().min(CELL_CHARS);
    let find = |facts: &[facts::Fact], kind| {
        facts.iter().find(|fact| fact.kind == kind).map(|fact| shortened(&fact.value, most))
    };
    let pairs: Vec<Pair> = COMPARED
        .into_iter()
        .map(|kind| Pair { kind, left: find(&left, kind), right: find(&right, kind) })
        .filter(|pair| pair.left.is_some() || pair.right.is_some())
        .collect();
    let longest = |pair: &Pair| {
        let words = |value: &Option<Value>| value.as_ref().map(Value::sample).unwrap_or_default();
        let (left, right) = (words(&pair.left), words(&pair.right));
        let longer = if left.chars().count() > right.chars().count() { left } else { right };
        // The label stands on a line of its own above both.
        format!("一\n{longer}")
    };
    let texts: Vec<String> = pairs.iter().map(longest).collect();
    let pages = column.pages(texts.iter().map(String::as_str).enumerate());
    pages.into_iter().map(|page| pairs[page].to_vec()).collect()
}

fn shortened(value: &Value, most: usize) -> Value {
    match value {
        Value::Text(text) if text.chars().count() > most => {
            Value::Text(text.chars().take(most.saturating_sub(1)).chain(['…']).collect())
        }
        value => value.clone(),
    }
}
