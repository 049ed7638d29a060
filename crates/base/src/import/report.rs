//! What became of every row of a file: codes and values; who shows them finds the words. The
//! sentences of the command line stand in `words`. Keeps no state.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{
    condition::Ground, encoding::Encoding, fields::Cell, mapping::Lacking, text, wage::WageFault,
};
use crate::wire::Collection;

pub use super::{
    aside::Aside,
    columns::{Untaken, Why},
    duplicates::Kept,
    scope::Scope,
    words::{Length, Line, about, quoted},
};

/// Most remarks that are kept one by one; all are counted.
pub const REMARKS_MAX: usize = 20_000;
/// Most characters of a row that was left out.
const WORDS_CHARS_MAX: usize = 200;

/// What became of the rows of a file. `read` is the sum of `accepted`, `duplicates`, `expired` and
/// the refused; `left_out` are no rows of the list, and count beside it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Rows in the file.
    pub read: usize,
    /// Rows that are taken.
    pub accepted: usize,
    /// Accepted ones in which one of the six facts the law asks for is missing, or the number of
    /// who is named; it is shown as 未提供.
    pub incomplete: usize,
    /// Which those are, by what they lack.
    pub lacking: Vec<Lack>,
    /// Accepted rows that are hidden in their sheet, by hand or by a filter.
    pub hidden: Vec<Rows>,
    /// Rows left out because the same stood in the file before, or is known already.
    pub duplicates: usize,
    /// Rows left out because they are over.
    pub expired: usize,
    /// The rows that count as `duplicates`, and what is kept instead of each.
    pub dropped: Vec<Dropped>,
    /// Rows left out because they make no sense, or by policy.
    pub refused: Vec<Refusal>,
    /// Rows that are no items: sums, remarks, signatures, headings.
    pub left_out: Vec<LeftOut>,
    /// Columns of which values were not taken.
    pub untaken: Vec<Untaken>,
    /// Codes that the mapping does not know; they are shown as codes.
    pub unmapped: Vec<Unmapped>,
    /// Conditions that the law forbids; they are not shown.
    pub discriminating: Vec<Discriminating>,
    /// What else somebody should know of a row, up to [`REMARKS_MAX`].
    pub remarks: Vec<Remark>,
    /// How many remarks there are of each kind.
    pub remarked: BTreeMap<&'static str, usize>,
    /// What the rows are.
    pub collection: Option<Collection>,
    /// The file's form: `csv`, `xlsx`, `xls`, `html`, `xml`, `json`, `jsonld`, `own`.
    pub format: &'static str,
    /// The encoding of a text file.
    pub encoding: Option<Encoding>,
    /// The mapping that was used.
    pub mapping: Option<String>,
    /// The sheets of a workbook.
    pub sheets: Vec<Sheet>,
}

impl Report {
    pub(super) fn remark(&mut self, place: &Place, column: &str, remark: RemarkKind) {
        let count = self.remarked.entry(remark.code()).or_default();
        *count += 1;
        // Of a file without such a column one line says it all, and so does one of a column whose
        // days have no year.
        let once = matches!(remark, RemarkKind::Undated | RemarkKind::Year(_));
        let same = |r: &Remark| r.remark.code() == remark.code() && r.column == column;
        let said = once && *count > 1 && self.remarks.iter().any(same);
        if self.remarks.len() < REMARKS_MAX && !said {
            self.remarks.push(Remark { place: place.clone(), column: column.to_owned(), remark });
        }
    }

    /// An accepted row lacks something.
    pub(super) fn lacks(&mut self, place: &Place, missing: Vec<&'static str>) {
        self.incomplete += 1;
        let same = |lack: &&mut Lack| lack.missing == missing && lack.rows.sheet == place.sheet;
        match self.lacking.iter_mut().rev().find(same) {
            Some(lack) => lack.rows.rows.push(place.number()),
            None => self.lacking.push(Lack { missing, rows: Rows::begin(place) }),
        }
    }

    /// An accepted row stands at `place`.
    pub(super) fn accepts(&mut self, place: &Place) {
        self.accepted += 1;
        if !place.hidden {
            return;
        }
        match self.hidden.last_mut().filter(|rows| rows.sheet == place.sheet) {
            Some(rows) => rows.rows.push(place.number()),
            None => self.hidden.push(Rows::begin(place)),
        }
    }

    pub(super) fn unmapped(&mut self, column: &str, code: &str) {
        let known = self.unmapped.iter().position(|u| u.column == column && u.code == code);
        if let Some(known) = known {
            self.unmapped[known].rows += 1;
        } else if self.unmapped.len() < REMARKS_MAX {
            let (column, code) = (column.to_owned(), code.to_owned());
            self.unmapped.push(Unmapped { column, code, rows: 1 });
        }
    }
}

/// Where a row stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Place {
    /// Which row, from 1: as a spreadsheet program counts them with the header, or the item's
    /// number in a file without rows.
    pub row: usize,
    /// The line of a text file in which it begins, where that is another number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The sheet of a workbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Which of several tables side by side, from 1 at the left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<usize>,
    /// Whether the row is hidden in its sheet.
    #[serde(skip)]
    pub hidden: bool,
}

impl Place {
    fn number(&self) -> u32 {
        u32::try_from(self.row).unwrap_or(u32::MAX)
    }
}

impl Rows {
    fn begin(place: &Place) -> Self {
        Self { sheet: place.sheet.clone(), rows: vec![place.number()] }
    }
}

/// Accepted rows that lack the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lack {
    /// What they lack.
    pub missing: Vec<&'static str>,
    /// Which they are.
    #[serde(flatten)]
    pub rows: Rows,
}

/// Rows of one sheet, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Rows {
    /// The sheet of a workbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Which rows, as [`Place::row`].
    pub rows: Vec<u32>,
}

/// A row that is the same as another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dropped {
    /// Where it stands.
    #[serde(flatten)]
    pub place: Place,
    /// What is kept instead.
    pub kept: Kept,
    /// For whom this one was to be.
    #[serde(skip)]
    pub scope: Scope,
}

/// A row that is no item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Where it stands.
    #[serde(flatten)]
    pub place: Place,
    /// What it is.
    pub kind: Aside,
    /// What it says.
    pub words: String,
}

impl LeftOut {
    pub(super) fn new(place: &Place, kind: Aside, cells: &[Cell]) -> Self {
        let own = super::aside::own(cells).map(|(_, cell)| text::line(&cell.text));
        let mut words = own.collect::<Vec<_>>().join(" | ");
        text::cut(&mut words, WORDS_CHARS_MAX);
        Self { place: place.clone(), kind, words }
    }
}

/// A row that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// Where it stands.
    #[serde(flatten)]
    pub place: Place,
    /// Which column, as the file calls it; empty for the row as a whole.
    pub column: String,
    /// What is wrong with it, as `code` and `reason`.
    #[serde(flatten)]
    pub reason: Reason,
}

/// Why a row was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Something that is needed is not there.
    Missing,
    /// A date that is none.
    Date(String),
    /// It ends before it begins.
    EndsBeforeBeginning,
    /// Longer than can be taken.
    TooLong,
    /// Characters that the encoding does not have.
    Damaged,
    /// A quote that is never closed swallows what follows.
    OpenQuote,
    /// More values than the header has columns.
    TooManyValues,
    /// Elements that the law asks for are missing, and the policy is to refuse such rows.
    Incomplete(Vec<&'static str>),
    /// A day is said, and not until when.
    NoLastDay,
    /// What is no town among those it is for.
    Town(String),
    /// It is for other towns than this kiosk's.
    Elsewhere,
    /// Not what the form of the file demands.
    Form(String),
    /// Days from which nobody can tell the one on which it is: 12月下旬.
    NoDay(String),
    /// It says nothing but what the law forbids: a title that is 女.
    OnlyForbidden,
    /// There is no place any more, or it does not take place: 已招满, 已取消.
    Filled(String),
}

impl Reason {
    /// A name that stays.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Date(_) => "date",
            Self::EndsBeforeBeginning => "ends_before_beginning",
            Self::TooLong => "too_long",
            Self::Damaged => "damaged",
            Self::OpenQuote => "open_quote",
            Self::TooManyValues => "too_many_values",
            Self::Incomplete(_) => "incomplete",
            Self::NoLastDay => "no_last_day",
            Self::Town(_) => "town",
            Self::Elsewhere => "elsewhere",
            Self::Form(_) => "form",
            Self::NoDay(_) => "no_day",
            Self::OnlyForbidden => "only_forbidden",
            Self::Filled(_) => "filled",
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("code", self.code())?;
        map.serialize_entry("reason", &self.to_string())?;
        map.end()
    }
}

/// A code that no table of the mapping knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unmapped {
    /// Which column.
    pub column: String,
    /// The code.
    pub code: String,
    /// In how many rows.
    pub rows: usize,
}

/// A condition that the law forbids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Discriminating {
    /// Where it stands.
    #[serde(flatten)]
    pub place: Place,
    /// Which column.
    pub column: String,
    /// What it discriminates by.
    pub ground: Ground,
    /// The source's words.
    pub words: String,
}

/// Something that somebody should know of an accepted row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// Where it stands.
    #[serde(flatten)]
    pub place: Place,
    /// Which column.
    pub column: String,
    /// What it is, as `code` and `remark`.
    #[serde(flatten)]
    pub remark: RemarkKind,
}

/// What a remark says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemarkKind {
    /// A wage that does not count; words that are no amount are shown as they stand.
    Wage(WageFault, String),
    /// A number that is left out.
    Number(String),
    /// Whether there are meals or a bed is not said by yes or no: the words stand among the benefits.
    Choice(String),
    /// A text was longer than fits and was cut.
    Cut,
    /// No day of publication: that of the import counts.
    Undated,
    /// A code of a division that is none.
    Division(String),
    /// A number over several merged rows; which of them it is for is not said.
    Merged,
    /// Characters that cannot be read, left out.
    Damaged,
    /// A formula's value is an error.
    Formula,
    /// ##### stands there: the column was too narrow when the file was saved as text.
    Narrow,
    /// Another listing has the same id; both are kept.
    Differs,
    /// A day that was written without its year, and as which it is read.
    Year(Date),
    /// It begins on another day than that of its publication; it is shown from the latter.
    Begins(Date),
    /// What stands beside the days of a cell.
    Beside(String),
    /// Its last day is over: the row is left out.
    Over(Date),
    /// A wage that another column of the row contradicts, or adds to.
    OtherWage(String),
    /// Nobody can call: somebody is named, or the column is there, and no number.
    NoPhone,
    /// What stands for a telephone number has figures, and is none that can be called; it is shown.
    NotANumber(String),
    /// A value for which there is no place, left out.
    LeftOut(String),
    /// A number of which a spreadsheet has lost figures: 1.38E+10.
    Rounded(String),
    /// More short advantages than are shown.
    TooMany(String),
}

impl RemarkKind {
    /// A name that stays.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Wage(WageFault::NotUnderstood, _) => "wage_not_understood",
            Self::Wage(WageFault::MaxBelowMin, _) => "wage_max_below_min",
            Self::Wage(WageFault::Unlikely, _) => "wage_unlikely",
            Self::Wage(WageFault::Foreign, _) => "wage_foreign",
            Self::Number(_) => "number",
            Self::Choice(_) => "choice",
            Self::Cut => "cut",
            Self::Undated => "undated",
            Self::Division(_) => "division",
            Self::Merged => "merged",
            Self::Damaged => "damaged",
            Self::Formula => "formula",
            Self::Narrow => "narrow",
            Self::Differs => "differs",
            Self::Year(_) => "year",
            Self::Begins(_) => "begins",
            Self::Beside(_) => "beside",
            Self::Over(_) => "over",
            Self::OtherWage(_) => "other_wage",
            Self::NoPhone => "no_phone",
            Self::NotANumber(_) => "not_a_number",
            Self::LeftOut(_) => "left_out",
            Self::Rounded(_) => "rounded",
            Self::TooMany(_) => "too_many",
        }
    }
}

impl Serialize for RemarkKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("code", self.code())?;
        map.serialize_entry("remark", &self.to_string())?;
        map.end()
    }
}

/// What was done with a sheet of a workbook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// What was done.
    pub taken: Taken,
    /// What its header lacks, where it was passed over for that.
    #[serde(flatten)]
    pub lacking: Option<Lacking>,
}

/// Whether a sheet's rows were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Taken {
    /// They were.
    Read,
    /// It is hidden, and was passed over.
    Hidden,
    /// No mapping knows its header, or it is empty or a chart: it was passed over.
    Unrecognised,
}
