//! What a sheet of a packed workbook says beside its cells: which rows it hides, by hand or by a
//! filter, which its reader keeps to itself; and which cells are merged, which stands behind all of
//! them, so that a reader would go through the sheet twice. State: the sheet under way.
//!
//! Facts: ECMA-376 Part 1, 18.3.1.73 (`row`, `hidden`), 18.3.1.54 (`mergeCell`), 18.2.19 (`sheet`),
//! Part 2, 9.3 (relationships).

use std::{
    collections::{HashMap, HashSet},
    io::{self, Read, Seek, Write},
    rc::Rc,
};

use calamine::Dimensions;
use quick_xml::{Reader, events::Event};
use zip::ZipArchive;

use super::xml_sheet::attribute;

/// Most bytes of a tag that are looked at.
const TAG_BYTES_MAX: usize = 1_024;

/// Most rows of a sheet.
const ROWS_MAX: u32 = 1 << 20;
/// Most regions of merged cells of a sheet.
const MARKS_MAX: usize = 1 << 20;

/// What one sheet says beside its cells.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Marks {
    /// The rows that are hidden, counted from 0.
    pub(super) hidden: HashSet<u32>,
    /// The regions of merged cells, in the order of the file; `None` where they are not written as
    /// usual, so that its reader has to say what it makes of them.
    pub(super) merged: Option<Vec<Dimensions>>,
}

/// The marks of each sheet, by its name. One that cannot be found by its name is not there.
#[derive(Debug, Default)]
pub(super) struct SheetMarks {
    by_sheet: HashMap<String, Rc<Marks>>,
}

impl SheetMarks {
    /// Those of the sheets, each with its file, of which `by_file` tells the marks.
    pub(super) fn of(files: Vec<(String, String)>, by_file: &HashMap<String, Rc<Marks>>) -> Self {
        let mut by_sheet = HashMap::new();
        for (name, file) in files {
            if let Some(marks) = by_file.get(&file) {
                // Of two sheets of one name the first is read.
                by_sheet.entry(name).or_insert_with(|| marks.clone());
            }
        }
        Self { by_sheet }
    }

    /// Those of `sheet`.
    pub(super) fn get(&self, sheet: &str) -> Option<&Rc<Marks>> {
        self.by_sheet.get(sheet)
    }
}

/// The names of the sheets in `archive`, each with that of its file in small letters; no more than `most`
/// bytes of what says so are looked at.
pub(super) fn files<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    most: u64,
) -> Vec<(String, String)> {
    let targets =
        links(archive, most, "xl/_rels/workbook.xml.rels", "Relationship", ["Id", "Target"]);
    let targets: HashMap<String, String> = targets.into_iter().collect();
    let sheets = links(archive, most, "xl/workbook.xml", "sheet", ["name", "id"]);
    let file = |(name, id): (String, String)| {
        let target = targets.get(&id)?.replace('\\', "/").to_ascii_lowercase();
        let file = match target.strip_prefix('/') {
            Some(from_the_top) => from_the_top.to_owned(),
            None if target.starts_with("xl/") => target,
            None => format!("xl/{target}"),
        };
        Some((name, file))
    };
    sheets.into_iter().filter_map(file).collect()
}

/// Two attributes of each `element` in a small file of the workbook; nothing where it cannot be read.
fn links<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    most: u64,
    file: &str,
    element: &str,
    wanted: [&str; 2],
) -> Vec<(String, String)> {
    let is = |name: &str| name.replace('\\', "/").eq_ignore_ascii_case(file);
    let at = (0..archive.len()).find(|at| {
        archive.by_index(*at).is_ok_and(|entry| entry.name().is_ok_and(|name| is(&name)))
    });
    let mut text = String::new();
    let read =
        at.and_then(|at| archive.by_index(at).ok()?.take(most).read_to_string(&mut text).ok());
    let mut found = Vec::new();
    if read.is_none() {
        return found;
    }
    let mut reader = Reader::from_str(&text);
    while let Ok(event) = reader.read_event() {
        let tag = match event {
            Event::Start(tag) | Event::Empty(tag) => tag,
            Event::Eof => break,
            _ => continue,
        };
        if tag.local_name().as_ref() == element {
            let [one, other] = wanted.map(|name| attribute(&tag, name));
            found.extend(one.zip(other));
        }
    }
    found
}

/// Takes the text of a sheet as it is unpacked, and finds its marks; fails where there are too many.
#[derive(Debug)]
pub(super) struct Scanner {
    /// The tag under way, from its name on.
    tag: Option<Vec<u8>>,
    /// How many rows there were.
    rows: u32,
    hidden: HashSet<u32>,
    merged: Option<Vec<Dimensions>>,
}

impl Default for Scanner {
    fn default() -> Self {
        Self { tag: None, rows: 0, hidden: HashSet::new(), merged: Some(Vec::new()) }
    }
}

impl Scanner {
    /// What was found.
    pub(super) fn end(self) -> Marks {
        Marks { hidden: self.hidden, merged: self.merged }
    }

    fn tag(&mut self, tag: &[u8]) -> io::Result<()> {
        let tag = tag.strip_suffix(b"/").unwrap_or(tag);
        let end = tag.iter().position(u8::is_ascii_whitespace).unwrap_or(tag.len());
        let (name, attributes) = tag.split_at(end);
        // What stands in comments and the like is no tag: whoever reads all of the text knows.
        if name.starts_with(b"!") {
            self.merged = None;
        }
        match name.rsplit(|byte| *byte == b':').next() {
            Some(b"row") => {
                // A row without a number is the one behind the last.
                let number = value(attributes, b"r").and_then(|number| number.parse::<u32>().ok());
                self.rows = number.unwrap_or_else(|| self.rows.saturating_add(1));
                let is_hidden = matches!(value(attributes, b"hidden"), Some("1" | "true"));
                if is_hidden && self.rows <= ROWS_MAX {
                    self.hidden.insert(self.rows.saturating_sub(1));
                }
            }
            Some(b"mergeCell") => {
                match (&mut self.merged, value(attributes, b"ref").and_then(region)) {
                    (Some(merged), Some(region)) => merged.push(region),
                    _ => self.merged = None,
                }
            }
            _ => (),
        }
        match self.merged.as_ref().is_some_and(|merged| merged.len() > MARKS_MAX) {
            true => Err(io::Error::new(io::ErrorKind::FileTooLarge, "too many merged cells")),
            false => Ok(()),
        }
    }
}

/// The region that a reference like `A1:C3` names.
fn region(reference: &str) -> Option<Dimensions> {
    let (start, end) = reference.split_once(':').unwrap_or((reference, reference));
    Some(Dimensions { start: position(start)?, end: position(end)? })
}

/// Row and column of a cell, from 0.
fn position(cell: &str) -> Option<(u32, u32)> {
    let cell = cell.replace('$', "");
    let digits = cell.find(|letter: char| letter.is_ascii_digit())?;
    let (letters, row) = cell.split_at(digits);
    let column = letters.bytes().try_fold(0_u32, |column, letter| {
        let letter = letter.to_ascii_uppercase().checked_sub(b'A').filter(|letter| *letter < 26)?;
        column.checked_mul(26)?.checked_add(u32::from(letter) + 1)
    })?;
    Some((row.parse::<u32>().ok()?.checked_sub(1)?, column.checked_sub(1)?))
}

/// The value of an attribute.
fn value<'t>(attributes: &'t [u8], wanted: &[u8]) -> Option<&'t str> {
    let mut rest = attributes;
    loop {
        // A value ends at the quote with which it began.
        let start = rest.iter().position(|byte| matches!(byte, b'"' | b'\''))?;
        let (before, quoted) = (&rest[..start], &rest[start + 1..]);
        let end = quoted.iter().position(|byte| *byte == rest[start])?;
        let name = before.trim_ascii().strip_suffix(b"=").map(<[u8]>::trim_ascii);
        if name == Some(wanted) {
            return std::str::from_utf8(&quoted[..end]).ok();
        }
        rest = &quoted[end + 1..];
    }
}

impl Write for Scanner {
    fn write(&mut self, all: &[u8]) -> io::Result<usize> {
        let mut rest = all;
        while !rest.is_empty() {
            let Some(tag) = &mut self.tag else {
                let Some(at) = rest.iter().position(|byte| *byte == b'<') else { break };
                (self.tag, rest) = (Some(Vec::new()), &rest[at + 1..]);
                continue;
            };
            let end = rest.iter().position(|byte| *byte == b'>');
            let part = &rest[..end.unwrap_or(rest.len())];
            tag.extend(&part[..part.len().min(TAG_BYTES_MAX.saturating_sub(tag.len()))]);
            let Some(end) = end else { break };
            rest = &rest[end + 1..];
            let tag = std::mem::take(&mut self.tag).unwrap_or_default();
            self.tag(&tag)?;
        }
        Ok(all.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_however_the_text_is_cut() {
        let text = br#"<sheetData><row r="2" spans="1:3"><c r="A2"/></row><x:row hidden="1" r="5"/>
            <row><c/></row><row r="9" hidden='true'></row><row r="10" hidden="0"/><col hidden="1"/>
            </sheetData><mergeCells count="3"><mergeCell ref="A1:C3"/><x:mergeCell ref='AB10'/>
            <mergeCell ref="$B$2:$B$7"/></mergeCells>"#;
        let at = |start, end| Dimensions { start, end };
        let right = Marks {
            hidden: HashSet::from([4, 8]),
            merged: Some(vec![at((0, 0), (2, 2)), at((9, 27), (9, 27)), at((1, 1), (6, 1))]),
        };
        for size in [1, 7, 1_000] {
            let mut scanner = Scanner::default();
            for part in text.chunks(size) {
                scanner.write_all(part).expect("it takes all");
            }
            assert_eq!(scanner.end(), right, "{size}");
        }
    }

    #[test]
    fn what_is_not_written_as_usual_is_left_to_the_reader_and_too_much_is_refused() {
        let scanned = |text: &str| {
            let mut scanner = Scanner::default();
            scanner.write_all(text.as_bytes()).map(|()| scanner.end())
        };
        for odd in
            [r#"<mergeCell ref="B:C"/>"#, r#"<mergeCell ref="A0:B1"/>"#, "<mergeCell/>", "<!-- <a>"]
        {
            let text = format!(r#"<mergeCell ref="A1:B1"/>{odd}"#);
            assert_eq!(scanned(&text).expect("it takes all").merged, None, "{odd}");
        }
        let quoted = scanned(r#"<row r="3" note="it's" hidden='1'/>"#).expect("it takes all");
        assert_eq!(quoted.hidden, HashSet::from([2]));
        let last = scanned(r#"<row r="4294967295" hidden="1"/><row hidden="1"/>"#);
        assert_eq!(last.expect("it takes all").hidden, HashSet::new());
        let many = r#"<mergeCell ref="A1"/>"#.repeat(MARKS_MAX + 1);
        assert!(scanned(&many).is_err());
    }
}
