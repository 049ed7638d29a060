//! Workbooks: `.xlsx` and `.xls`. Formulas count with the value that was stored with them; hidden
//! sheets are passed over and named in the report; a value merged over several rows counts for
//! each. Keeps no state beyond the file under way.
//!
//! A workbook is a packed file whose real size its header need not tell. It is measured before it
//! is opened, and read cell by cell, so that no sheet is larger in memory than its rows. A thread of
//! its own reads a few rows ahead: unpacking takes as long as understanding.

use std::{
    borrow::Cow,
    collections::HashMap,
    io::{Cursor, ErrorKind, Read},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    rc::Rc,
    sync::mpsc::{SyncSender, sync_channel},
    thread,
};

use calamine::{DataType, Dimensions, ExcelDateTime, Reader, SheetType, SheetVisible, Xls, Xlsx};

use super::{
    ImportError, Options,
    collector::Collector,
    fields::Cell,
    legacy,
    legacy_formats::Formats,
    mapping::Mapping,
    marks::{self, SheetMarks},
    merged::Merged,
    number_format::NumberFormat,
    report::{Place, Sheet, Taken},
    table::{COLUMNS_MAX, Table},
    text,
};

/// How a packed workbook begins.
pub(super) const ZIP: &[u8] = b"PK\x03\x04";
/// How an old one does.
pub(super) const COMPOUND: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
/// Most files in a workbook.
const ENTRIES_MAX: usize = 2_000;
/// Most bytes of a sheet, unpacked. It is read cell by cell.
const SHEET_BYTES_MAX: u64 = 192 << 20;
/// Most bytes of what is held as a whole, unpacked: the texts of all sheets, which take three times
/// as much where they are short.
const ENTRY_BYTES_MAX: u64 = 32 << 20;
/// Most bytes of all, unpacked.
const TOTAL_BYTES_MAX: u64 = 256 << 20;
/// Most sheets that are looked at.
const SHEETS_MAX: usize = 100;
/// About so many bytes of rows are handed over together, and so many such batches wait at most.
const BATCH_BYTES: usize = 64 << 10;
const BATCHES_WAITING: usize = 4;

/// What was read from a workbook: its form, and the mapping of the first sheet with rows.
type Outcome<'a> = Result<(&'static str, &'a Mapping), ImportError>;

/// Reads all visible sheets.
///
/// # Errors
/// When the file is no workbook that can be read safely, or no sheet is known.
pub(super) fn read<'a>(
    bytes: &[u8],
    options: &'a Options,
    collector: &mut Collector<'a>,
) -> Outcome<'a> {
    let is_packed = bytes.starts_with(ZIP);
    let (marks, formats) = match is_packed {
        true => (measure(bytes)?, Formats::default()),
        false => (SheetMarks::default(), legacy::check(bytes)?),
    };
    // The reader is another's work and the file anybody's: what it cannot take is no reason to
    // fall.
    let read = catch_unwind(AssertUnwindSafe(|| match is_packed {
        true => packed(bytes, &marks, options, collector).map(|mapping| ("xlsx", mapping)),
        false => old(bytes, &formats, options, collector).map(|mapping| ("xls", mapping)),
    }));
    read.unwrap_or_else(|_| Err(no_workbook("文件已损坏")))
}

/// Measures a packed workbook by unpacking it into nothing; gives what its sheets say beside their
/// cells.
fn measure(bytes: &[u8]) -> Result<SheetMarks, ImportError> {
    let broken = |error: zip::result::ZipError| no_workbook(&error.to_string());
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    if archive.len() > ENTRIES_MAX {
        return Err(ImportError::Bomb);
    }
    let is = |named: &str| {
        // Some programs part the names of folders with the other stroke.
        let same = |name: Cow<'_, str>| name.replace('\\', "/").eq_ignore_ascii_case(named);
        archive.file_names().flatten().any(same)
    };
    if !is("xl/workbook.xml") {
        let what = [
            ("xl/workbook.bin", "这是二进制工作簿（.xlsb）"),
            ("content.xml", "这是 OpenDocument 表格（.ods）"),
            ("word/document.xml", "这是 Word 文档（.docx）"),
            ("ppt/presentation.xml", "这是演示文稿（.pptx）"),
        ];
        let what = what.iter().find(|(name, _)| is(name)).map(|(_, what)| *what);
        return Err(no_workbook(what.unwrap_or("这是压缩文件，不是 Excel 工作簿")));
    }
    let files = marks::files(&mut archive, ENTRY_BYTES_MAX);
    let mut total = 0;
    let mut marks = HashMap::new();
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(broken)?;
        let name = entry.name().map(|name| name.replace('\\', "/")).unwrap_or_default();
        let name = name.to_ascii_lowercase();
        let is_sheet = name.contains("worksheets/") || files.iter().any(|(_, file)| *file == name);
        let most = if is_sheet { SHEET_BYTES_MAX } else { ENTRY_BYTES_MAX };
        if entry.size() > most {
            return Err(ImportError::Bomb);
        }
        let limit = most.min(TOTAL_BYTES_MAX - total) + 1;
        let mut limited = entry.take(limit);
        let broken = |error: std::io::Error| match error.kind() {
            ErrorKind::FileTooLarge => ImportError::Bomb,
            _ => no_workbook(&error.to_string()),
        };
        let unpacked = if is_sheet {
            let mut scanner = marks::Scanner::default();
            let unpacked = std::io::copy(&mut limited, &mut scanner).map_err(broken)?;
            // Of two files of one name the first is read.
            marks.entry(name).or_insert_with(|| Rc::new(scanner.end()));
            unpacked
        } else {
            std::io::copy(&mut limited, &mut std::io::sink()).map_err(broken)?
        };
        if unpacked == limit {
            return Err(ImportError::Bomb);
        }
        total += unpacked;
    }
    Ok(SheetMarks::of(files, &marks))
}

pub(super) fn no_workbook(why: &str) -> ImportError {
    ImportError::Workbook(why.to_owned())
}

fn packed<'a>(
    bytes: &[u8],
    marks: &SheetMarks,
    options: &'a Options,
    collector: &mut Collector<'a>,
) -> Result<&'a Mapping, ImportError> {
    let broken = |error: calamine::XlsxError| no_workbook(&error.to_string());
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let mut sheets = Sheets::default();
    for sheet in visible(workbook.sheets_metadata(), collector) {
        let marks = marks.get(&sheet).cloned().unwrap_or_default();
        let merged = match &marks.merged {
            Some(merged) => merged.clone(),
            None => workbook.merge_cells_by_sheet_name(&sheet).map_err(broken)?,
        };
        let mut table = Table::new(options, collector);
        thread::scope(|scope| {
            let (sender, batches) = sync_channel(BATCHES_WAITING);
            let reader = scope.spawn(|| read_ahead(&mut workbook, &sheet, merged, sender));
            for row in batches.into_iter().flatten() {
                let is_hidden = marks.hidden.contains(&row.number);
                take(&mut table, &sheet, row, is_hidden)?;
                if table.is_lost() {
                    break;
                }
            }
            reader.join().unwrap_or_else(|panic| resume_unwind(panic))
        })?;
        table.end()?;
        sheets.note(sheet, &table);
    }
    sheets.end(collector)
}

/// Reads a sheet into batches of rows, until its end or until nobody takes them.
fn read_ahead(
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    sheet: &str,
    merged: Vec<Dimensions>,
    batches: SyncSender<Vec<SheetRow>>,
) -> Result<(), ImportError> {
    let broken = |error: calamine::XlsxError| no_workbook(&error.to_string());
    let mut reader = workbook.worksheet_cells_reader(sheet).map_err(broken)?;
    let formats: Vec<_> = reader.styles().iter().map(format).collect();
    let mut row = RowUnderWay::new(merged);
    let (mut batch, mut bytes) = (Vec::new(), 0);
    // What was read before something broken is looked at first, as it stands first.
    let mut read = || loop {
        let Some((cell, style)) = reader.next_cell_with_style_id().map_err(broken)? else {
            return Ok(());
        };
        let (number, column) = cell.get_position();
        if let Some(done) = row.reach(number) {
            bytes += done.bytes();
            batch.push(done);
            if bytes >= BATCH_BYTES {
                bytes = 0;
                if batches.send(std::mem::take(&mut batch)).is_err() {
                    return Ok(());
                }
            }
        }
        row.take(column, cell.get_value(), formats.get(style).and_then(Option::as_ref))?;
    };
    let ended = read();
    batch.extend(row.end().filter(|_| ended.is_ok()));
    // Who does not take them any more has a reason of its own.
    let _ = batches.send(batch);
    ended
}

/// The next row of `sheet`.
fn take(
    table: &mut Table<'_, '_>,
    sheet: &str,
    row: SheetRow,
    hidden: bool,
) -> Result<(), ImportError> {
    let sheet = Some(sheet.to_owned());
    let place = Place { row: row.number as usize + 1, sheet, hidden, ..Place::default() };
    table.row(&place, &row.cells)
}

/// What a style says of numbers beside the figure.
fn format(style: &calamine::Style) -> Option<NumberFormat> {
    const FIRST_OF_ITS_OWN: u32 = 164;
    let format = style.number_format.as_ref()?;
    // The sign of the built-in ones is that of the machine, not a dollar.
    match format.format_id.is_some_and(|id| id < FIRST_OF_ITS_OWN) {
        true => NumberFormat::parse(&format.format_code.replace('$', "")),
        false => NumberFormat::parse(&format.format_code),
    }
}

fn old<'a>(
    bytes: &[u8],
    formats: &Formats,
    options: &'a Options,
    collector: &mut Collector<'a>,
) -> Result<&'a Mapping, ImportError> {
    let broken = |error: calamine::XlsError| no_workbook(&error.to_string());
    let mut workbook = Xls::new(Cursor::new(bytes)).map_err(broken)?;
    let mut sheets = Sheets::default();
    let order: Vec<_> = workbook.sheets_metadata().iter().map(|sheet| sheet.name.clone()).collect();
    for sheet in visible(workbook.sheets_metadata(), collector) {
        let merged = workbook.merge_cells_by_sheet_name(&sheet).map_err(broken)?;
        let range = workbook.worksheet_range(&sheet).map_err(broken)?;
        let (first, left) = range.start().unwrap_or_default();
        let at = order.iter().position(|name| *name == sheet).unwrap_or_default();
        let mut table = Table::new(options, collector);
        let mut row = RowUnderWay::new(merged);
        for (number, cells) in (first..).zip(range.rows()) {
            row.reach(number);
            for (column, cell) in (left..).zip(cells) {
                row.take(column, cell, formats.of(at, number, column))?;
            }
            let hidden = formats.hides(at, number);
            row.end().map_or(Ok(()), |row| take(&mut table, &sheet, row, hidden))?;
            if table.is_lost() {
                break;
            }
        }
        table.end()?;
        sheets.note(sheet, &table);
    }
    sheets.end(collector)
}

/// The names of the sheets that people see; the others are noted.
fn visible(all: &[calamine::Sheet], collector: &mut Collector<'_>) -> Vec<String> {
    let mut names = Vec::new();
    for (at, sheet) in all.iter().enumerate() {
        let name = sheet.name.clone();
        if at >= SHEETS_MAX {
            collector.report.sheets.push(Sheet { name, taken: Taken::Unrecognised, lacking: None });
        } else if sheet.visible != SheetVisible::Visible {
            collector.report.sheets.push(Sheet { name, taken: Taken::Hidden, lacking: None });
        } else if sheet.typ == SheetType::WorkSheet {
            names.push(name);
        } else {
            let taken = Taken::Unrecognised;
            collector.report.sheets.push(Sheet { name, taken, lacking: None });
        }
    }
    names
}

/// What was done with the sheets.
#[derive(Default)]
pub(super) struct Sheets<'a> {
    done: Vec<Sheet>,
    mapping: Option<&'a Mapping>,
    error: Option<ImportError>,
}

impl<'a> Sheets<'a> {
    /// Notes a sheet that was read to its end.
    pub(super) fn note(&mut self, name: String, table: &Table<'a, '_>) {
        let mut lacking = None;
        let taken = match table.mapping() {
            Some(mapping) => {
                self.mapping.get_or_insert(mapping);
                Taken::Read
            }
            None => {
                // What lacks one column says more than a sheet of something else.
                lacking = table.lacking().cloned();
                if !matches!(self.error, Some(ImportError::Lacking(_))) {
                    self.error = Some(table.unrecognised());
                }
                Taken::Unrecognised
            }
        };
        self.done.push(Sheet { name, taken, lacking });
    }

    /// The mapping of the first sheet that was read.
    ///
    /// # Errors
    /// When none was.
    pub(super) fn end(self, collector: &mut Collector<'a>) -> Result<&'a Mapping, ImportError> {
        collector.report.sheets.extend(self.done);
        let none = || no_workbook("里面没有能看到的工作表");
        self.mapping.ok_or_else(|| self.error.unwrap_or_else(none))
    }
}

/// A row as it is seen.
struct SheetRow {
    /// From 0.
    number: u32,
    cells: Vec<Cell>,
}

impl SheetRow {
    /// About how much memory it takes.
    fn bytes(&self) -> usize {
        let cells = self.cells.iter().map(|cell| size_of::<Cell>() + cell.text.len());
        size_of::<Self>() + cells.sum::<usize>()
    }
}

/// The row under way.
struct RowUnderWay {
    /// From 0; `None` before the first.
    number: Option<u32>,
    cells: Vec<Cell>,
    merged: Merged,
}

impl RowUnderWay {
    fn new(merged: Vec<Dimensions>) -> Self {
        Self { number: None, cells: Vec::new(), merged: Merged::new(merged) }
    }

    /// A cell of row `number` follows; gives the row before, if that ends with it.
    fn reach(&mut self, number: u32) -> Option<SheetRow> {
        if self.number == Some(number) {
            return None;
        }
        let before = self.end();
        self.number = Some(number);
        before
    }

    /// Takes the value of a cell, of either kind of workbook, as `format` shows it.
    fn take(
        &mut self,
        column: u32,
        cell: &impl DataType,
        format: Option<&NumberFormat>,
    ) -> Result<(), ImportError> {
        let text = || cell.get_string().or(cell.get_datetime_iso()).or(cell.get_duration_iso());
        if cell.is_error() {
            return self.put(column, Cell { is_error: true, ..Cell::default() });
        }
        let value = if let Some(text) = text() {
            let text = clipped(text);
            Some(format.map_or_else(|| text.clone(), |format| format.text(&text)))
        } else {
            let number = |number: f64| match format {
                Some(format) => format.number(number),
                None => figure(number),
            };
            // Excel keeps every number as a fraction.
            #[expect(clippy::cast_precision_loss, reason = "figures of a sheet have 15 digits")]
            let int = cell.get_int().map(|int| match format {
                Some(format) => format.number(int as f64),
                None => int.to_string(),
            });
            let float = || cell.get_float().map(number);
            let time = || cell.get_datetime().map(|time| moment(&time));
            int.or_else(float).or_else(time).or_else(|| cell.get_bool().map(yes_or_no))
        };
        value.map_or(Ok(()), |text| self.put(column, Cell { text, ..Cell::default() }))
    }

    fn put(&mut self, column: u32, cell: Cell) -> Result<(), ImportError> {
        let column = column as usize;
        if column > COLUMNS_MAX {
            return Err(ImportError::TooManyColumns(column + 1));
        }
        if self.cells.len() <= column {
            self.cells.resize_with(column + 1, Cell::default);
        }
        self.cells[column] = cell;
        Ok(())
    }

    /// The row, if there was one.
    fn end(&mut self) -> Option<SheetRow> {
        let number = self.number.take()?;
        let width = self.cells.len();
        let mut cells = std::mem::replace(&mut self.cells, Vec::with_capacity(width));
        self.merged.apply(number, &mut cells);
        Some(SheetRow { number, cells })
    }
}

/// A text no longer than what is looked at: what is cut here is refused later as too long.
fn clipped(whole: &str) -> String {
    let mut end = whole.len().min(text::BYTES_MAX + 1);
    while !whole.is_char_boundary(end) {
        end += 1;
    }
    whole[..end].to_owned()
}

/// A number as one would type it.
pub(super) fn figure(number: f64) -> String {
    // What binary fractions add (0.1 + 0.2) is not typed.
    let rounded = (number * 1e6).round() / 1e6;
    if rounded.is_finite() { rounded.to_string() } else { number.to_string() }
}

pub(super) fn yes_or_no(yes: bool) -> String {
    if yes { "是" } else { "否" }.to_owned()
}

/// A day, or the time of a day.
fn moment(time: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, ..) = time.to_ymd_hms_milli();
    if time.is_datetime() && time.as_f64() >= 1.0 {
        let clock =
            if (hour, minute) == (0, 0) { String::new() } else { format!(" {hour}:{minute:02}") };
        format!("{year:04}-{month:02}-{day:02}{clock}")
    } else {
        format!("{hour}:{minute:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_without_a_value_fill_a_batch_too() {
        let empty = SheetRow { number: 0, cells: Vec::new() };
        assert!(empty.bytes() * 10_000 > BATCH_BYTES);
    }
}
