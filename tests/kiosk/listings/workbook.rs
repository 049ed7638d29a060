//! Workbooks made by hand, as Excel stores them: just so much of the form as a test needs.

use std::io::{Cursor, Write};

use zip::{ZipWriter, write::SimpleFileOptions};

/// A sheet: its name, its state (`visible`, `hidden`) and what stands between `<worksheet>` tags.
pub(super) struct Sheet<'a> {
    pub(super) name: &'a str,
    pub(super) state: &'a str,
    pub(super) body: String,
}

/// A workbook of these sheets. Style 1 is a date.
pub(super) fn workbook(sheets: &[Sheet<'_>]) -> Vec<u8> {
    workbook_with(sheets, &[], "/")
}

/// The same with formats of numbers from style 2 on, and what parts folders in the names of files.
pub(super) fn workbook_with(sheets: &[Sheet<'_>], formats: &[&str], stroke: &str) -> Vec<u8> {
    let escaped =
        |code: &&str| code.replace('&', "&amp;").replace('"', "&quot;").replace('>', "&gt;");
    let codes: String = (164..)
        .zip(formats.iter().map(escaped))
        .map(|(id, code)| format!(r#"<numFmt numFmtId="{id}" formatCode="{code}"/>"#))
        .collect();
    let styles: String =
        (164..).zip(formats).map(|(id, _)| format!(r#"<xf numFmtId="{id}"/>"#)).collect();
    let mut entries = String::new();
    let mut relations = String::new();
    let mut files = Vec::new();
    for (index, Sheet { name, state, body }) in (1..).zip(sheets) {
        entries += &format!(
            r#"<sheet name="{name}" sheetId="{index}" state="{state}" r:id="rId{index}"/>"#
        );
        relations += &format!(
            r#"<Relationship Id="rId{index}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet{index}.xml"/>"#
        );
        let sheet = format!(
            r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{body}</worksheet>"#
        );
        files.push((format!("xl/worksheets/sheet{index}.xml"), sheet));
    }
    relations += r#"<Relationship Id="rIdS" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>"#;
    let all = [
        ("[Content_Types].xml".to_owned(), r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#.to_owned()),
        ("_rels/.rels".to_owned(), r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#.to_owned()),
        ("xl/workbook.xml".to_owned(), format!(r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>{entries}</sheets></workbook>"#)),
        ("xl/_rels/workbook.xml.rels".to_owned(), format!(r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}</Relationships>"#)),
        ("xl/styles.xml".to_owned(), format!(r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts>{codes}</numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>{styles}</cellXfs></styleSheet>"#)),
    ];
    let files: Vec<_> = all.into_iter().chain(files).collect();
    let files: Vec<_> =
        files.iter().map(|(name, text)| (name.replace('/', stroke), text.as_bytes())).collect();
    packed(files.iter().map(|(name, text)| (name.as_str(), *text)))
}

/// A sheet of rows of texts, as [`row`] takes them, with merged regions.
pub(super) fn sheet<'a>(name: &'a str, rows: &[&[&str]], merged: &[&str]) -> Sheet<'a> {
    let rows: String = (1..).zip(rows).map(|(number, values)| row(number, values)).collect();
    let merged: String = merged.iter().map(|at| format!(r#"<mergeCell ref="{at}"/>"#)).collect();
    let body = format!("<sheetData>{rows}</sheetData><mergeCells>{merged}</mergeCells>");
    Sheet { name, state: "visible", body }
}

/// Files packed into one.
pub(super) fn packed<'a>(files: impl Iterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(name, SimpleFileOptions::default()).expect("begun");
        zip.write_all(content).expect("written");
    }
    zip.finish().expect("finished").into_inner()
}

/// A row of texts and, where a value begins with `=`, raw cells.
pub(super) fn row(number: usize, values: &[&str]) -> String {
    let cells: String = (b'A'..)
        .zip(values)
        .filter(|(_, value)| !value.is_empty())
        .map(|(column, value)| {
            let at = format!("{}{number}", char::from(column));
            match value.strip_prefix('=') {
                Some(raw) => format!(r#"<c r="{at}" {raw}</c>"#),
                None => format!(r#"<c r="{at}" t="inlineStr"><is><t>{value}</t></is></c>"#),
            }
        })
        .collect();
    format!(r#"<row r="{number}">{cells}</row>"#)
}

/// `.xls` files: a compound file with a workbook of number and text cells in it.
pub(super) mod old {
    const FREE: u32 = 0xFFFF_FFFF;
    const END: u32 = 0xFFFF_FFFE;

    /// A value of a cell.
    pub(crate) enum Value<'a> {
        Text(&'a str),
        Number(f64),
        /// A number in the format that stands there in the list.
        Shown(f64, u16),
    }

    fn record(kind: u16, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len()).expect("short");
        [&kind.to_le_bytes()[..], &length.to_le_bytes(), data].concat()
    }

    /// The records of a workbook with one sheet.
    pub(crate) fn records(rows: &[&[Value<'_>]]) -> Vec<u8> {
        records_with(rows, &[])
    }

    /// The same, with formats of numbers.
    pub(crate) fn records_with(rows: &[&[Value<'_>]], formats: &[&str]) -> Vec<u8> {
        let bof = |kind: u16| {
            let mut data = 0x0600_u16.to_le_bytes().to_vec();
            data.extend(kind.to_le_bytes());
            data.extend([0; 12]);
            record(0x0809, &data)
        };
        let bound = |position: u32| {
            let mut data = position.to_le_bytes().to_vec();
            data.extend([0, 0, 3, 0, b'o', b'n', b'e']);
            record(0x0085, &data)
        };
        // Style 0 has no format of its own.
        let mut styles = record(0x00E0, &[0; 20]);
        for (id, code) in (164_u16..).zip(formats) {
            let units: Vec<u16> = code.encode_utf16().collect();
            let count = u16::try_from(units.len()).expect("short");
            let mut data = [id.to_le_bytes(), count.to_le_bytes()].concat();
            data.push(1);
            data.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
            styles.extend(record(0x041E, &data));
            let style = [&[0; 2][..], &id.to_le_bytes(), &[0; 16]].concat();
            styles.extend(record(0x00E0, &style));
        }
        let start = bof(5).len() + styles.len() + bound(0).len() + 4;
        let bound = bound(u32::try_from(start).expect("short"));
        let mut stream = [bof(5), styles, bound, record(0x000A, &[])].concat();
        stream.extend(bof(0x10));
        for (row, cells) in rows.iter().enumerate() {
            for (column, value) in cells.iter().enumerate() {
                let mut data = u16::try_from(row).expect("short").to_le_bytes().to_vec();
                data.extend(u16::try_from(column).expect("short").to_le_bytes());
                let style = match value {
                    Value::Shown(_, format) => format + 1,
                    _ => 0,
                };
                data.extend(style.to_le_bytes());
                match value {
                    Value::Number(number) | Value::Shown(number, _) => {
                        data.extend(number.to_le_bytes());
                        stream.extend(record(0x0203, &data));
                    }
                    Value::Text(text) => {
                        let units: Vec<u16> = text.encode_utf16().collect();
                        data.extend(u16::try_from(units.len()).expect("short").to_le_bytes());
                        data.push(1);
                        data.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
                        stream.extend(record(0x0204, &data));
                    }
                }
            }
        }
        stream.extend(record(0x000A, &[]));
        stream
    }

    /// The records with one that hides `row`, from 0.
    pub(crate) fn hiding(mut stream: Vec<u8>, row: u16) -> Vec<u8> {
        let mut data = row.to_le_bytes().to_vec();
        data.resize(12, 0);
        data.extend([0x20, 0, 0, 0]);
        let end = stream.split_off(stream.len() - 4);
        [stream, record(0x0208, &data), end].concat()
    }

    /// A compound file with `stream` as its workbook.
    pub(crate) fn compound(mut stream: Vec<u8>) -> Vec<u8> {
        stream.resize(stream.len().max(4_096).next_multiple_of(512), 0);
        let sectors = u32::try_from(stream.len() / 512).expect("small");
        // Sector 0 is the table of chains, 1 the directory, the stream follows.
        let mut chains = vec![0xFFFF_FFFD, END];
        chains.extend((0..sectors).map(|i| if i + 1 == sectors { END } else { i + 3 }));
        chains.resize(128, FREE);
        assert!(sectors < 126, "one sector of chains is enough");

        let mut header = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
        header.extend([0; 16]);
        header.extend([0x3E, 0, 3, 0, 0xFE, 0xFF, 9, 0, 6, 0]);
        header.resize(44, 0);
        for value in [1, 1, 0, 4_096, END, 0, END, 0] {
            header.extend(u32::to_le_bytes(value));
        }
        header.extend(0_u32.to_le_bytes());
        header.resize(512, 0xFF);
        header.splice(76..80, 0_u32.to_le_bytes());

        let entry = |name: &str, kind: u8, start: u32, size: usize| {
            let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let length = entry.len() + 2;
            entry.resize(64, 0);
            entry.extend(u16::try_from(length).expect("short").to_le_bytes());
            entry.extend([kind, 1]);
            let child: u32 = if kind == 5 { 1 } else { FREE };
            for link in [FREE, FREE, child] {
                entry.extend(link.to_le_bytes());
            }
            entry.resize(116, 0);
            entry.extend(start.to_le_bytes());
            entry.extend(u32::try_from(size).expect("small").to_le_bytes());
            entry.resize(128, 0);
            entry
        };
        let mut directory = entry("Root Entry", 5, END, 0);
        directory.extend(entry("Workbook", 2, 2, stream.len()));
        directory.resize(512, 0);

        let chains: Vec<u8> = chains.into_iter().flat_map(u32::to_le_bytes).collect();
        [header, chains, directory, stream].concat()
    }
}
