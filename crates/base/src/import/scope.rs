//! For which towns a row says its item is: a column of names or codes (福集镇、嘉明镇), or 全县. Keeps
//! no state.

use std::collections::BTreeSet;

use super::{
    Options,
    fields::{Fields, Refused},
    mapping::Target,
    report::Reason,
};
use crate::domain::{Directory, DivisionCode};

/// Words for all towns.
const WHOLE: [&str; 17] = [
    "全县",
    "全部",
    "不限",
    "所有",
    "各镇",
    "各乡镇",
    "全部乡镇",
    "所有乡镇",
    "全县各镇",
    "全县乡镇",
    "各镇街",
    "各镇（街道）",
    "各镇(街道)",
    "全县各镇（街道）",
    "全县各镇(街道)",
    "全县范围",
    "县级",
];

/// For whom a row says its item is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Scope {
    /// It says nothing.
    #[default]
    Unsaid,
    /// For the whole county.
    County,
    /// For these towns only; at least one, each of nine digits.
    Towns(BTreeSet<DivisionCode>),
}

impl Scope {
    /// This and what another row of the same item says.
    pub(super) fn add(&mut self, other: Self) {
        match (&mut *self, other) {
            (_, Self::Unsaid) | (Self::County, _) => {}
            (Self::Towns(own), Self::Towns(more)) => own.extend(more),
            (_, other) => *self = other,
        }
    }

    /// Whether `town` is not among the towns; there is none in a county's import.
    pub(super) fn excludes(&self, town: Option<&DivisionCode>) -> bool {
        match (self, town) {
            (Self::Towns(towns), Some(town)) => !towns.contains(town),
            _ => false,
        }
    }
}

/// For whom a row's values say it is. A town that is not known refuses the row: it would reach
/// nobody, or everybody.
///
/// # Errors
/// Names the town.
pub(super) fn of(fields: &Fields<'_>, options: &Options) -> Result<Scope, Refused> {
    let Some(text) = fields.get(Target::Towns) else { return Ok(Scope::Unsaid) };
    let wrong = |word: &str| fields.refused(Target::Towns, Reason::Town(word.to_owned()));
    if WHOLE.contains(&text.trim()) {
        return Ok(Scope::County);
    }
    let between = |c: char| c.is_whitespace() || "、，,；;/|和及".contains(c);
    let mut scope = Scope::Unsaid;
    for word in text.split(between).filter(|word| !word.is_empty()) {
        if WHOLE.contains(&word) {
            scope.add(Scope::County);
            continue;
        }
        let code = town(word, fields, options).ok_or_else(|| wrong(word))?;
        scope.add(Scope::Towns(BTreeSet::from([code])));
    }
    Ok(scope)
}

fn town(word: &str, fields: &Fields<'_>, options: &Options) -> Option<DivisionCode> {
    let Options { directory, today, .. } = options;
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        return known(word, directory, *today);
    }
    let county = fields.mapping.county.as_ref();
    directory.town_named(word, county, *today).map(|town| town.code.clone())
}

fn known(digits: &str, directory: &Directory, today: jiff::civil::Date) -> Option<DivisionCode> {
    DivisionCode::parse(digits).ok().filter(|code| directory.is_town(code, today))
}

/// As `towns` beside the items of the project's own form says it: nine digits each. Whether there
/// are such towns is for who publishes them to see.
///
/// # Errors
/// Names what is no town.
pub(super) fn of_codes(codes: &[String]) -> Result<Scope, Refused> {
    let wrong = |code: &str| ("towns".to_owned(), Reason::Town(code.to_owned()));
    let mut towns = BTreeSet::new();
    for code in codes {
        let parsed = DivisionCode::parse(code.trim()).ok();
        let town = parsed.filter(|code| code.as_str().len() == 9);
        towns.insert(town.ok_or_else(|| wrong(code))?);
    }
    match towns.is_empty() {
        true => Err(wrong("")),
        false => Ok(Scope::Towns(towns)),
    }
}
