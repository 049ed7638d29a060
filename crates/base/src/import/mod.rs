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

use crate::strict;
use crate::{
    domain::{
        Directory, DivisionCode, JobFair, OccupationTable, Posting, PostingId, TrainingNotice,
    },
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
mod marks;
mod merged;
mod near;
mod notices;
mod number_format;
mod openings;
mod own;
mod packed;
mod pay;
mod person;
mod postings;
mod qualified;
pub mod report;
mod scope;
mod sheet;
mod table;
mod target;
pub mod template;
pub mod text;
pub mod wage;
mod web;
mod words;
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
const SPLIT: &str = "请分成几个文件";
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
    #[error("文件读不出来：{0}")]
    Syntax(String),
    /// There is nothing in it.
    #[error("文件是空的")]
    Empty,
    /// More than its form may have.
    #[error("{form}太大，一次最多导入 {} MB；{advice}", .most >> 20)]
    TooLarge {
        /// What it is.
        form: &'static str,
        /// How much there may be of it, in bytes.
        most: u64,
        /// What to do.
        advice: &'static str,
    },
    /// A row is far longer than any row of a list.
    #[error("第 {0} 行超过 16 MB，不像是一行一条的表格；请重新另存为 CSV")]
    LongRow(usize),
    /// More than [`ROWS_MAX`].
    #[error("文件太大：一次最多导入 {ROWS_MAX} 行，请分成几个文件")]
    TooManyRows,
    /// More columns than any list of postings has.
    #[error("表格有 {0} 列，最多 300 列；请看看是不是选错了文件")]
    TooManyColumns(usize),
    /// It is no text.
    #[error(transparent)]
    NoText(#[from] encoding::NoText),
    /// It is no workbook that can be opened.
    #[error("这个 Excel 文件打不开：{0}；请在 Excel 里另存为 .xlsx 或 CSV，不要加密码")]
    Workbook(String),
    /// It would be far larger in memory than it is.
    #[error("这个 Excel 文件解开后太大，不能放心读取；请把工作表另存为 CSV")]
    Bomb,
    /// There is no such mapping.
    #[error("没有名为 {name} 的字段对照；现有的是 {known}")]
    NoMapping {
        /// What was asked for.
        name: String,
        /// Those that are.
        known: String,
    },
    /// No mapping is known at all: the settings are elsewhere.
    #[error("没有任何字段对照（设置目录里的 mappings/）；请用 --config 写对设置目录")]
    NoMappings,
    /// No mapping knows the columns.
    #[error(
        "{}；请用 --mapping 指定字段对照，或者写一个（写法见 mappings/clerk.toml）",
        unknown(.needed, .columns)
    )]
    Unrecognised {
        /// The first row with several values.
        columns: String,
        /// The columns that are missing, where it is known what the rows are to be.
        needed: Vec<String>,
    },
    /// It is a table in which something that every row needs stands nowhere.
    #[error(
        "表里没有“{}”这一列，认出的有：{}。请加上这一列再导入，或用 --mapping 换一个字段对照",
        .0.missing.join("、"), .0.known.join("、")
    )]
    Lacking(Lacking),
    /// A web page without postings.
    #[error("这个网页里没有 JSON-LD 岗位，也没有表格；请把表格另存为 .xlsx 或 CSV")]
    PageWithoutPostings,
}

/// How the refusal of columns begins that no mapping knows: with what is missing, and what is there.
fn unknown(needed: &[String], columns: &str) -> String {
    let mut words = "认不出表头".to_owned();
    if !needed.is_empty() {
        words.push_str(&format!("，没有“{}”这样的列", needed.join("”“")));
    }
    if !columns.is_empty() {
        words.push_str(&format!("，表里的列是：{columns}"));
    }
    words
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
        return Err(too_large("文件", FILE_BYTES_MAX, SPLIT));
    }
    if let Some(name) = &options.mapping
        && !options.mappings.iter().any(|mapping| mapping.name == *name)
    {
        let names: Vec<_> = options.mappings.iter().map(|m| m.name.as_str()).collect();
        return Err(ImportError::NoMapping { name: name.clone(), known: names.join("、") });
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
    let advice = "请把列表另存为 .xlsx 或 CSV，或者分成几个文件";
    match bytes as u64 > TREE_BYTES_MAX {
        true => Err(too_large("JSON、网页或 XML 文件", TREE_BYTES_MAX, advice)),
        false => Ok(()),
    }
}

type Outcome<'a> = Result<(&'static str, Option<&'a Mapping>), ImportError>;

fn read_text<'a>(bytes: &[u8], options: &'a Options, collector: &mut Collector<'a>) -> Outcome<'a> {
    // Of the project's own form the parser's words say more than those about text.
    if options.format == Some(Format::Own) {
        no_tree_beyond(bytes.len())?;
        let syntax =
            |error: serde_json::Error| ImportError::Syntax(strict::plain(&error.to_string()));
        own::read(serde_json::from_slice(bytes).map_err(syntax)?, options, collector)?;
        return Ok(("own", None));
    }
    let is_foreign = std::str::from_utf8(bytes).is_err();
    if is_foreign && bytes.len() as u64 > FOREIGN_BYTES_MAX {
        let advice = "请另存为“CSV UTF-8”，或者分成几个文件";
        return Err(too_large("不是 UTF-8 编码的文件", FOREIGN_BYTES_MAX, advice));
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
        return Err(ImportError::Workbook("这不是工作簿".to_owned()));
    }
    if start.starts_with("MIME-Version:") {
        let what = "这是网页存档（MHTML）";
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
