//! Text with separators: `,`, tab, `;` or `|`, quoted as spreadsheets quote. Keeps no state beyond
//! the file under way.

use std::{
    cell::Cell as Shared,
    io::{self, Read},
};

use csv::{ErrorKind, ReaderBuilder, StringRecord};

use super::{
    ImportError,
    fields::Cell,
    report::{Place, Reason},
    table::Table,
    text,
};

/// Lines over which one row can spread before its quotation mark counts as never closed.
const ROW_LINES_MAX: usize = 300;
/// Bytes of one row that are read. What is longer is another's quotation mark, or no row.
const ROW_BYTES_MAX: usize = 16 << 20;
/// Such rows of one file.
const OPEN_QUOTES_MAX: usize = 20;
/// Bytes in which the separator is looked for.
const SAMPLE_BYTES: usize = 16_384;

/// Reads all rows of `content`.
///
/// # Errors
/// When the file as a whole must be refused.
pub(super) fn read(content: &str, table: &mut Table<'_, '_>) -> Result<(), ImportError> {
    let delimiter = delimiter(content);
    // Where the reader begins, and what stands before that: lines, and lines within values.
    let (mut from, mut lines_before, mut within) = (0, 0, 0);
    let mut open_quotes = 0;
    'file: loop {
        let left = Shared::new(ROW_BYTES_MAX);
        let mut reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(Rationed { rest: &content.as_bytes()[from..], left: &left });
        let mut record = StringRecord::new();
        let mut cells: Vec<Cell> = Vec::new();
        loop {
            left.set(ROW_BYTES_MAX);
            let at = reader.position();
            let (byte, line) = (at.byte() as usize, at.line() as usize);
            let is_whole = match reader.read_record(&mut record) {
                Ok(true) => true,
                Ok(false) => break 'file,
                Err(error) if matches!(error.kind(), ErrorKind::Io(_)) => false,
                Err(error) => return Err(ImportError::Syntax(error.to_string())),
            };
            // The reader counts what ends a line, and empty lines, to the row that follows.
            let ends = content.as_bytes()[from + byte..].iter();
            let ends = ends.take_while(|byte| matches!(byte, b'\r' | b'\n'));
            let skipped = ends.filter(|byte| **byte == b'\n').count();
            let line = lines_before + line + skipped;
            let breaks: usize = record.iter().map(|v| v.matches('\n').count()).sum();
            let place = place(line - within, line);
            let is_last = reader.position().byte() as usize == content.len() - from;
            let swallowed = !is_whole
                || is_last && ends_open(&content[from + byte..], delimiter)
                || breaks > ROW_LINES_MAX
                || breaks > 1 && record.iter().any(|value| value.len() > text::BYTES_MAX);
            if swallowed {
                let start = from + byte;
                let start = start + content[start..].len() - content[start..].trim_start().len();
                let end = content[start..].find('\n');
                let is_long = end.unwrap_or(content.len() - start) > ROW_BYTES_MAX;
                if is_long && end.is_none() {
                    return Err(ImportError::LongRow(line));
                }
                // Nothing behind it may be lost: reading goes on in the next line.
                open_quotes += usize::from(!is_long);
                if open_quotes > OPEN_QUOTES_MAX {
                    return Err(ImportError::Syntax(
                        "没有配对的引号太多，请另存为 .xlsx 再导入".to_owned(),
                    ));
                }
                table.unreadable(
                    &place,
                    if is_long { Reason::TooLong } else { Reason::OpenQuote },
                )?;
                let Some(end) = end else { break 'file };
                (from, lines_before) = (start + end + 1, line);
                continue 'file;
            }
            within += breaks;
            cells.clear();
            cells.extend(record.iter().map(Cell::from));
            table.row(&place, &cells)?;
            if table.is_lost() {
                break 'file;
            }
        }
    }
    table.end()?;
    match table.mapping() {
        Some(_) => Ok(()),
        None => Err(table.unrecognised()),
    }
}

/// Whether `last`, the last row of a file, ends within a quoted value: what is put behind it belongs to
/// it, then. The reader itself takes the end of the file for the end of the value.
fn ends_open(last: &str, delimiter: u8) -> bool {
    let more = last.as_bytes().chain(&b"\n-"[..]);
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(more);
    let (mut record, mut rows) = (StringRecord::new(), 0);
    while rows < 2 && matches!(reader.read_record(&mut record), Ok(true)) {
        rows += 1;
    }
    rows == 1
}

/// Gives so many bytes and no more, so that no row can take all of a large file.
struct Rationed<'a> {
    rest: &'a [u8],
    left: &'a Shared<usize>,
}

impl Read for Rationed<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = self.left.get();
        if left == 0 {
            return Err(io::Error::other("这一行太长"));
        }
        let length = into.len().min(left);
        let read = self.rest.read(&mut into[..length])?;
        self.left.set(left - read);
        Ok(read)
    }
}

fn place(row: usize, line: usize) -> Place {
    Place { row, line: (line != row).then_some(line), ..Place::default() }
}

/// The separator that stands most often in the first lines, outside quotes.
fn delimiter(content: &str) -> u8 {
    let mut end = content.len().min(SAMPLE_BYTES);
    while !content.is_char_boundary(end) {
        end -= 1;
    }
    let mut counts = [(b',', 0), (b'\t', 0), (b';', 0), (b'|', 0)];
    let mut quoted = false;
    let mut lines = 0;
    for byte in content[..end].bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => lines += 1,
            _ if quoted => {}
            _ => {
                for (separator, count) in &mut counts {
                    *count += usize::from(byte == *separator);
                }
            }
        }
        if lines == 5 {
            break;
        }
    }
    // Texts are full of commas; a tab stands in few of them.
    let [(_, commas), (_, tabs), ..] = counts;
    if tabs > 0 && tabs * 3 >= commas {
        return b'\t';
    }
    // Of equals the first: a comma.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(separator, _)| *separator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_row_can_end_within_quotes() {
        for (last, right) in [
            ("焊工,\"厂", true),
            ("焊工,\"厂\n电工,厂\n", true),
            ("焊工,\"厂\"\"\n", true),
            ("焊工,\"厂\"", false),
            ("焊工,\"厂\n二\"\r\n\r\n", false),
            ("焊工,5\"管\n", false),
            ("焊工,\"\"\"厂\"\"\"\n", false),
        ] {
            assert_eq!(ends_open(last, b','), right, "{last:?}");
        }
    }

    #[test]
    fn the_separator_is_found() {
        for (content, right) in [
            ("岗位,单位\n\"焊工;\t\",厂\n", b','),
            ("岗位\t单位\n焊工,电工\t厂\n", b'\t'),
            ("岗位;单位;工资\n焊工;厂;3,5\n", b';'),
            ("岗位|单位\n焊工|厂\n", b'|'),
            ("岗位\n焊工\n", b','),
        ] {
            assert_eq!(delimiter(content), right, "{content}");
        }
    }
}
