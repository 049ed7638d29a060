//! Rows that a packed workbook hides, by hand or by a filter, which its reader keeps to itself. State:
//! the sheet under way.
//!
//! Facts: ECMA-376 Part 1, 18.3.1.73 (`row`, `hidden`), 18.2.19 (`sheet`), Part 2, 9.3 (relationships).

use std::{
    collections::{HashMap, HashSet},
    io::{self, Read, Seek, Write},
};

use quick_xml::{Reader, events::Event};
use zip::ZipArchive;

use super::xml_sheet::attribute;

/// Most bytes of a tag that are looked at.
const TAG_BYTES_MAX: usize = 1_024;

/// The hidden rows of each sheet, counted from 0.
#[derive(Debug, Default)]
pub(super) struct HiddenRows {
    by_sheet: HashMap<String, HashSet<u32>>,
}

impl HiddenRows {
    /// Those of the sheets in `archive`, of which `by_file` tells the rows by the names of their files.
    pub(super) fn of<R: Read + Seek>(
        archive: &mut ZipArchive<R>,
        by_file: Vec<(String, HashSet<u32>)>,
    ) -> Self {
        let mut by_sheet = HashMap::new();
        if by_file.is_empty() {
            return Self { by_sheet };
        }
        let targets =
            links(archive, "xl/_rels/workbook.xml.rels", "Relationship", ["Id", "Target"]);
        let targets: HashMap<String, String> = targets.into_iter().collect();
        for (name, id) in links(archive, "xl/workbook.xml", "sheet", ["name", "id"]) {
            let Some(target) = targets.get(&id) else { continue };
            let target = target.replace('\\', "/").to_ascii_lowercase();
            let file = target.trim_start_matches("/xl/").trim_start_matches('/');
            let rows = by_file.iter().find(|(name, _)| name.ends_with(file));
            by_sheet.extend(rows.map(|(_, rows)| (name, rows.clone())));
        }
        Self { by_sheet }
    }

    /// Whether row `row` of `sheet`, from 0, is hidden.
    pub(super) fn has(&self, sheet: &str, row: u32) -> bool {
        self.by_sheet.get(sheet).is_some_and(|rows| rows.contains(&row))
    }
}

/// Two attributes of each `element` in a small file of the workbook; nothing where it cannot be read.
fn links<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    file: &str,
    element: &str,
    wanted: [&str; 2],
) -> Vec<(String, String)> {
    let is = |name: &str| name.replace('\\', "/").eq_ignore_ascii_case(file);
    let at = (0..archive.len()).find(|at| {
        archive.by_index(*at).is_ok_and(|entry| entry.name().is_ok_and(|name| is(&name)))
    });
    let mut text = String::new();
    let read = at.and_then(|at| archive.by_index(at).ok()?.read_to_string(&mut text).ok());
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

/// Takes the text of a sheet as it is unpacked, and finds its hidden rows.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    /// The tag under way, from its name on.
    tag: Option<Vec<u8>>,
    /// How many rows there were.
    rows: u32,
    hidden: HashSet<u32>,
}

impl Scanner {
    /// The hidden rows, from 0.
    pub(super) fn end(self) -> HashSet<u32> {
        self.hidden
    }

    fn tag(&mut self, tag: &[u8]) {
        let tag = tag.strip_suffix(b"/").unwrap_or(tag);
        let end = tag.iter().position(u8::is_ascii_whitespace).unwrap_or(tag.len());
        let (name, attributes) = tag.split_at(end);
        let local = name.rsplit(|byte| *byte == b':').next();
        if local != Some(b"row") {
            return;
        }
        // A row without a number is the one behind the last.
        let number = value(attributes, b"r").and_then(|number| number.parse::<u32>().ok());
        self.rows = number.unwrap_or(self.rows + 1);
        if matches!(value(attributes, b"hidden"), Some("1" | "true")) {
            self.hidden.insert(self.rows.saturating_sub(1));
        }
    }
}

/// The value of an attribute.
fn value<'t>(attributes: &'t [u8], wanted: &[u8]) -> Option<&'t str> {
    let mut parts = attributes.split(|byte| matches!(byte, b'"' | b'\''));
    while let (Some(before), Some(value)) = (parts.next(), parts.next()) {
        if before.trim_ascii().strip_suffix(b"=").map(<[u8]>::trim_ascii) == Some(wanted) {
            return std::str::from_utf8(value).ok();
        }
    }
    None
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
            self.tag(&tag);
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
    fn hidden_rows_are_found_however_the_text_is_cut() {
        let text = br#"<sheetData><row r="2" spans="1:3"><c r="A2"/></row><x:row hidden="1" r="5"/>
            <row><c/></row><row r="9" hidden='true'></row><row r="10" hidden="0"/><col hidden="1"/>"#;
        for size in [1, 7, 1_000] {
            let mut scanner = Scanner::default();
            for part in text.chunks(size) {
                scanner.write_all(part).expect("it takes all");
            }
            assert_eq!(scanner.end(), HashSet::from([4, 8]), "{size}");
        }
    }
}
