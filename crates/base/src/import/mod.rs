//! Postings, training notices and job fairs from where counties and towns really keep them: text
//! with separators, workbooks, other systems' JSON, JobPosting JSON-LD, the project's own form.
//! Keeps no state: [`read`] turns the bytes of a file into what is accepted and a report on every
//! row, and touches nothing; who called it stores the one and shows the other. So a dry run is a
//! run whose result nobody stores.
//!
//! ```text
//! bytes ─► own ──────────────────────────────────────────────┐
//!       ─► encoding ─► csv ──► table (header, mapping) ──┐   ▼
//!       ─► sheet (measured first) ─► table ──────────────┼─► fields ─► postings ─► collector
//!       ─► web, xml_sheet ─► grid ─► table ──────────────┤
//!       ─► json, jsonld (names and values) ──────────────┘             notices     (duplicates,
//!                                                                                   report)
//! ```
//!
//! Nothing is guessed: a code that the mapping does not know is shown as a code, a wage that is not
//! understood is none, a date that is none refuses its row. Markup becomes plain text. Conditions
//! that the law forbids are taken out and reported ([`condition`]). [`duplicates`] says when two
//! rows are the same.

use jiff::civil::Date;

use crate::domain::{
    Directory, DivisionCode, JobFair, OccupationTable, Posting, PostingId, TrainingNotice,
    wire::Collection,
};

mod aside;
mod board;
mod collector;
pub mod columns;
pub mod condition;
mod csv;
pub mod date;
mod day_words;
pub mod days;
pub mod duplicates;
pub mod encoding;
mod ends;
mod fields;
mod grid;
mod header;
mod json;
mod jsonld;
mod known;
mod legacy;
mod legacy_formats;
pub mod mapping;
mod merged;
mod notices;
mod number_format;
mod own;
mod packed;
mod pay;
mod postings;
pub mod report;
mod scope;
mod sheet;
mod table;
mod target;
pub mod template;
pub mod text;
pub mod wage;
mod web;
mod xml_sheet;

pub use known::Known;
pub use mapping::{Lacking, Mapping};
pub use packed::{Packed, Row};
pub use report::Report;
pub use scope::Scope;

use collector::Collector;
use report::{Place, Reason};

/// Largest file, in bytes.
pub const FILE_BYTES_MAX: u64 = 64 << 20;
/// Largest text that is not in UTF-8, in bytes: it is there twice.
const FOREIGN_BYTES_MAX: u64 = 40 << 20;
/// Largest file that is read as a whole before its rows are: JSON, web pages, XML.
const TREE_BYTES_MAX: u64 = 10 << 20;
const SPLIT: &str = "split it into several";
/// Most rows of one file.
pub const ROWS_MAX: usize = 200_000;
/// The mapping that explains JSON-LD.
const JSONLD: &str = "jsonld";

/// What an import is told beside the file.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The day of the import.
    pub today: Date,
    /// The mappings that are known.
    pub mappings: Vec<Mapping>,
    /// Which of them to use; `None` finds it by the columns.
    pub mapping: Option<String>,
    /// The file's form; `None` finds it by the content.
    pub format: Option<Format>,
    /// What the rows are; `None` finds it.
    pub collection: Option<Collection>,
    /// What becomes of incomplete postings, instead of what the mapping says.
    pub incomplete: Option<mapping::Incomplete>,
    /// What becomes of rows that are over, instead of what the mapping says.
    pub expired: Option<mapping::Expired>,
    /// Which words put a posting under which class of occupations.
    pub occupations: OccupationTable,
    /// Names of divisions.
    pub directory: Directory,
    /// The town of the kiosk that imports: rows for other towns only are not for it. `None` in the
    /// county.
    pub town: Option<DivisionCode>,
}

impl Options {
    /// The mappings that may be used.
    fn candidates(&self) -> Vec<&Mapping> {
        let named = |mapping: &&Mapping| {
            self.mapping.as_ref().is_none_or(|name| *name == mapping.name)
                && self.collection.is_none_or(|collection| collection == mapping.collection)
        };
        self.mappings.iter().filter(named).collect()
    }

    /// What a table needs, by the best names its columns may have, where it is known what its rows
    /// are.
    fn needed_columns(&self) -> Vec<String> {
        let candidates = self.candidates();
        let plain = candidates.iter().find(|mapping| mapping.recognised_by.is_empty());
        let is_said = self.collection.is_some() || self.mapping.is_some();
        let mapping = plain.or(candidates.first()).filter(|_| is_said);
        mapping.map(|mapping| mapping.needed_columns()).unwrap_or_default()
    }
}

/// A file's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The project's own JSON.
    Own,
    /// JSON of another system: a list, or an object a line.
    Json,
    /// schema.org JobPosting, alone or in a page.
    JsonLd,
    /// Text with separators.
    Csv,
    /// A workbook.
    Excel,
}

/// What was accepted, in the order of the file. One of the lists is used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Items {
    /// Job postings.
    pub postings: Vec<Posting>,
    /// Training notices.
    pub trainings: Vec<TrainingNotice>,
    /// Job fairs.
    pub fairs: Vec<JobFair>,
}

impl Items {
    /// Their ids, in the order of the file.
    pub fn ids(&self) -> impl Iterator<Item = &PostingId> {
        let Self { postings, trainings, fairs } = self;
        let postings = postings.iter().map(|posting| &posting.id);
        let trainings = trainings.iter().map(|notice| &notice.id);
        postings.chain(trainings).chain(fairs.iter().map(|fair| &fair.id))
    }

    /// What they are; postings when there are none.
    pub fn collection(&self) -> Collection {
        if !self.fairs.is_empty() {
            Collection::Fairs
        } else if !self.trainings.is_empty() {
            Collection::Trainings
        } else {
            Collection::Postings
        }
    }
}

/// Why a whole file was refused.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It is not what its beginning promises.
    #[error("the file cannot be read: {0}")]
    Syntax(String),
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// More than its form may have.
    #[error("{form} is larger than the {} MB that can be imported at once; {advice}", .most >> 20)]
    TooLarge {
        /// What it is.
        form: &'static str,
        /// How much there may be of it, in bytes.
        most: u64,
        /// What to do.
        advice: &'static str,
    },
    /// A row is far longer than any row of a list.
    #[error("line {0} is longer than 16 MB; is it a table with a row a line? Save it anew as CSV")]
    LongRow(usize),
    /// More than [`ROWS_MAX`].
    #[error("the file has more than the {ROWS_MAX} rows that can be imported at once")]
    TooManyRows,
    /// More columns than any list of postings has.
    #[error("the table has {0} columns, more than the 300 that can be; is it the right file?")]
    TooManyColumns(usize),
    /// It is no text.
    #[error(transparent)]
    NoText(#[from] encoding::NoText),
    /// It is no workbook that can be opened.
    #[error("the workbook cannot be read: {0}; save it anew as .xlsx or as CSV")]
    Workbook(String),
    /// It would be far larger in memory than it is.
    #[error("the workbook unpacks to more than can be read safely; save the sheet as CSV")]
    Bomb,
    /// There is no such mapping.
    #[error("there is no mapping {name:?}; there are {known}")]
    NoMapping {
        /// What was asked for.
        name: String,
        /// Those that are.
        known: String,
    },
    /// No mapping knows the columns.
    #[error(
        "{}{columns}; name a mapping with --mapping, or write one (mappings/clerk.toml explains how)",
        unknown(.needed)
    )]
    Unrecognised {
        /// The first row with several values.
        columns: String,
        /// The columns that are missing, where it is known what the rows are to be.
        needed: Vec<String>,
    },
    /// It is a table in which something that every row needs stands nowhere.
    #[error(
        "the table has no column for {}; known are {}. Add the column, or name another mapping with --mapping",
        .0.missing.join(", "), .0.known.join(", ")
    )]
    Lacking(Lacking),
    /// A web page without postings.
    #[error(
        "the page holds neither postings as JSON-LD nor a table; save the table itself as .xlsx or CSV"
    )]
    PageWithoutPostings,
}

/// How the refusal of columns begins that no mapping knows: with what is missing.
fn unknown(needed: &[String]) -> String {
    match needed {
        [] => "no mapping knows these columns: ".to_owned(),
        needed => format!(
            "no column is called {}, and no mapping knows those that are there: ",
            needed.join(", ")
        ),
    }
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// What may be stored.
    pub items: Items,
    /// Where each of the items stands in the file.
    pub places: Vec<Place>,
    /// For whom each of them is.
    pub scopes: Vec<Scope>,
    /// What became of every row.
    pub report: Report,
}

/// Reads a file. Nothing is stored.
///
/// # Errors
/// When the file as a whole is refused; see [`ImportError`].
pub fn read(bytes: &[u8], options: &Options, known: &Known) -> Result<Imported, ImportError> {
    let mut collector = Collector::new(options, known);
    let collection = collect(bytes, options, &mut collector)?;
    let mut imported = collector.end();
    imported.report.collection = collection.or(imported.report.collection);
    Ok(imported)
}

/// Reads a file for a town's own list. What it holds comes packed, so that the largest takes little
/// memory. Nothing is stored.
///
/// # Errors
/// As [`read`].
pub fn read_packed(
    bytes: &[u8],
    options: &Options,
    known: &Known,
) -> Result<(Packed, Report), ImportError> {
    let mut collector = Collector::packing(options, known);
    let collection = collect(bytes, options, &mut collector)?;
    let (packed, mut report) = collector.end_packed();
    report.collection = collection.or(report.collection);
    Ok((packed, report))
}

/// Reads all rows; gives what the mapping says that they are.
fn collect<'a>(
    bytes: &[u8],
    options: &'a Options,
    collector: &mut Collector<'a>,
) -> Result<Option<Collection>, ImportError> {
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(too_large("the file", FILE_BYTES_MAX, SPLIT));
    }
    if let Some(name) = &options.mapping
        && !options.mappings.iter().any(|mapping| mapping.name == *name)
    {
        let names: Vec<_> = options.mappings.iter().map(|m| m.name.as_str()).collect();
        return Err(ImportError::NoMapping { name: name.clone(), known: names.join(", ") });
    }
    let is_workbook = bytes.starts_with(sheet::ZIP) || bytes.starts_with(sheet::COMPOUND);
    let (format, mapping) = match options.format {
        None | Some(Format::Excel) if is_workbook => {
            let (format, mapping) = sheet::read(bytes, options, collector)?;
            (format, Some(mapping))
        }
        _ => read_text(bytes, options, collector)?,
    };
    collector.report.format = format;
    collector.report.mapping = mapping.map(|mapping| mapping.name.clone());
    Ok(mapping.map(|mapping| mapping.collection))
}

fn too_large(form: &'static str, most: u64, advice: &'static str) -> ImportError {
    ImportError::TooLarge { form, most, advice }
}

/// Refuses what would take much more memory than it is long.
fn no_tree_beyond(bytes: usize) -> Result<(), ImportError> {
    let advice = "save the list as .xlsx or CSV, or split it";
    match bytes as u64 > TREE_BYTES_MAX {
        true => Err(too_large("JSON, a web page or XML that", TREE_BYTES_MAX, advice)),
        false => Ok(()),
    }
}

type Outcome<'a> = Result<(&'static str, Option<&'a Mapping>), ImportError>;

fn read_text<'a>(bytes: &[u8], options: &'a Options, collector: &mut Collector<'a>) -> Outcome<'a> {
    // Of the project's own form the parser's words say more than those about text.
    if options.format == Some(Format::Own) {
        no_tree_beyond(bytes.len())?;
        let syntax = |error: serde_json::Error| ImportError::Syntax(error.to_string());
        own::read(serde_json::from_slice(bytes).map_err(syntax)?, options, collector)?;
        return Ok(("own", None));
    }
    let is_foreign = std::str::from_utf8(bytes).is_err();
    if is_foreign && bytes.len() as u64 > FOREIGN_BYTES_MAX {
        let advice = "save it as CSV UTF-8, or split it";
        return Err(too_large("a text that is not in UTF-8", FOREIGN_BYTES_MAX, advice));
    }
    let decoded = encoding::decode(bytes)?;
    collector.report.encoding = Some(decoded.encoding);
    let content = decoded.text.trim_start_matches(['\u{FEFF}', '\0']);
    let start = content.trim_start();
    if start.is_empty() {
        return Err(ImportError::Empty);
    }
    // What is called a workbook may be a page or XML; Excel opens both.
    let told = options.format.filter(|format| *format != Format::Excel);
    let format = told.unwrap_or(match start.as_bytes()[0] {
        b'{' | b'[' => Format::Json,
        b'<' => Format::JsonLd,
        _ => Format::Csv,
    });
    if options.format == Some(Format::Excel) && !start.starts_with('<') {
        return Err(ImportError::Workbook("it is no workbook".to_owned()));
    }
    if start.starts_with("MIME-Version:") {
        let what = "it is a web archive (MHTML)";
        return Err(ImportError::Workbook(what.to_owned()));
    }
    if format != Format::Csv {
        no_tree_beyond(content.len())?;
    }
    match format {
        Format::JsonLd if xml_sheet::is_one(start) => {
            let grids = xml_sheet::sheets(start)?;
            Ok(("xml", Some(grid::read(grids, options, collector)?)))
        }
        Format::Csv => {
            let mut table = table::Table::new(options, collector);
            csv::read(content, &mut table)?;
            let mapping = table.mapping();
            Ok(("csv", mapping))
        }
        Format::JsonLd if start.starts_with('<') => {
            let values: Vec<_> = jsonld::blocks(content).into_iter().map(jsonld::parse).collect();
            let is_other = |block: &Result<serde_json::Value, String>| {
                block.as_ref().is_ok_and(|value| jsonld::postings(value).is_empty())
            };
            if values.iter().all(is_other) {
                return read_page(content, options, collector);
            }
            linked(values, options, collector)
        }
        _ => read_json(content, format, options, collector),
    }
}

/// A page without linked postings: the national board's, or one with a table.
fn read_page<'a>(
    content: &str,
    options: &'a Options,
    collector: &mut Collector<'a>,
) -> Outcome<'a> {
    if let Some(list) = json::hidden_list(content) {
        let mapping = json::read(json::values(&list)?.0, options, collector)?;
        return Ok(("json", Some(mapping)));
    }
    let tables = web::tables(content);
    if tables.is_empty() {
        return Err(ImportError::PageWithoutPostings);
    }
    Ok(("html", Some(grid::read(tables, options, collector)?)))
}

fn read_json<'a>(
    content: &str,
    format: Format,
    options: &'a Options,
    collector: &mut Collector<'a>,
) -> Outcome<'a> {
    // A posting may hold lists of its own, which are none of rows.
    if content.contains("JobPosting")
        && let Ok(value) = serde_json::from_str::<serde_json::Value>(content)
        && !jsonld::postings(&value).is_empty()
    {
        return linked(vec![Ok(value)], options, collector);
    }
    let (values, around) = match json::values(content) {
        // A block of JSON-LD with a mistake that can be forgiven.
        Err(_) if content.contains("JobPosting") => {
            (vec![(None, jsonld::parse(content))], serde_json::Value::Null)
        }
        values => values?,
    };
    let sound = || values.iter().filter_map(|(_, value)| value.as_ref().ok());
    let is_own = options.mapping.is_none()
        && sound().take(json::SAMPLE).any(|value| own::recognise(value).is_some());
    if is_own {
        let file = values.into_iter().map(|(_, value)| value.unwrap_or_default()).collect();
        own::read_rows(file, &own::towns(&around)?, options, collector)?;
        return Ok(("own", None));
    }
    let has_postings = sound().any(|value| !jsonld::postings(value).is_empty());
    if format == Format::JsonLd || has_postings {
        return linked(values.into_iter().map(|(_, value)| value).collect(), options, collector);
    }
    let mapping = json::read(values, options, collector)?;
    Ok(("json", Some(mapping)))
}

/// Takes the postings of blocks of JSON-LD. A block that is broken is a row that is refused.
fn linked<'a>(
    blocks: Vec<Result<serde_json::Value, String>>,
    options: &'a Options,
    collector: &mut Collector<'a>,
) -> Outcome<'a> {
    let name = options.mapping.as_deref().unwrap_or(JSONLD);
    let Some(mapping) = options.mappings.iter().find(|mapping| mapping.name == name) else {
        let known = options.mappings.iter().map(|m| m.name.as_str()).collect::<Vec<_>>();
        let known = known.join(", ");
        return Err(ImportError::NoMapping { name: name.to_owned(), known });
    };
    let index = mapping.index();
    let mut tally = columns::Tally::default();
    let mut row = 0;
    for block in blocks {
        match block {
            Ok(value) => {
                for posting in jsonld::postings(&value) {
                    row += 1;
                    collector.read()?;
                    let place = Place { row, ..Place::default() };
                    let pairs = jsonld::pairs(posting);
                    json::pairs(mapping, &index, &pairs, &place, collector, &mut tally);
                }
            }
            Err(error) => {
                row += 1;
                collector.read()?;
                let place = Place { row, ..Place::default() };
                collector.refuse(&place, (String::new(), Reason::Form(error)));
            }
        }
    }
    if row == 0 {
        return Err(ImportError::PageWithoutPostings);
    }
    tally.tell(&mut collector.report);
    Ok(("jsonld", Some(mapping)))
}
