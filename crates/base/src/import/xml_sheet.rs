//! Workbooks in the XML of Excel 2003 (SpreadsheetML), which other systems write and name `.xls`.
//! Keeps no state beyond the file under way.
//!
//! Facts: the namespace urn:schemas-microsoft-com:office:spreadsheet. A row or a cell with an
//! `Index` stands there, one without behind the one before; `MergeAcross` and `MergeDown` count the
//! cells beside the first.

use std::collections::HashMap;

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::{
    ImportError,
    fields::Cell,
    grid::{Grid, GridCell},
    number_format::NumberFormat,
    sheet::no_workbook,
    table::COLUMNS_MAX,
};

/// In how many bytes such a workbook says what it is.
const SAMPLE_BYTES: usize = 4_096;
/// Formats with a name instead of a code.
const NAMED: [&str; 20] = [
    "General",
    "General Number",
    "General Date",
    "Long Date",
    "Medium Date",
    "Short Date",
    "Long Time",
    "Medium Time",
    "Short Time",
    "Currency",
    "Euro Currency",
    "Fixed",
    "Standard",
    "Percent",
    "Scientific",
    "Yes/No",
    "True/False",
    "On/Off",
    "@",
    "",
];

/// Whether `content` is such a workbook.
pub(super) fn is_one(content: &str) -> bool {
    let mut end = content.len().min(SAMPLE_BYTES);
    while !content.is_char_boundary(end) {
        end -= 1;
    }
    let start = &content[..end];
    start.contains("urn:schemas-microsoft-com:office:spreadsheet")
        && (start.contains("<Workbook") || start.contains(":Workbook"))
}

/// All sheets of a workbook.
///
/// # Errors
/// When it is no sound XML.
pub(super) fn sheets(content: &str) -> Result<Vec<Grid>, ImportError> {
    let mut reader = Reader::from_str(content);
    reader.config_mut().check_end_names = false;
    let mut book = Book::default();
    loop {
        match reader.read_event().map_err(|error| no_workbook(&error.to_string()))? {
            Event::Start(tag) => book.begins(&tag),
            Event::Empty(tag) => {
                book.begins(&tag);
                book.ends(tag.local_name().as_ref());
            }
            Event::End(tag) => book.ends(tag.local_name().as_ref()),
            Event::Text(text) => book.says(&text),
            Event::CData(data) => book.says(&data),
            Event::GeneralRef(name) => book.says(&entity(&name)),
            Event::Eof => return Ok(book.grids),
            _ => {}
        }
    }
}

/// A workbook on its way.
#[derive(Default)]
struct Book {
    grids: Vec<Grid>,
    /// Formats of numbers by the names of their styles.
    formats: HashMap<String, NumberFormat>,
    /// The style that is described, and those of the row and the cell under way.
    style: String,
    row_style: Option<String>,
    cell_style: Option<String>,
    /// The row and the column that come next.
    row: u32,
    column: u32,
    cell: Option<GridCell>,
    /// What the value under way is, and what it says; and whether the sheet's visibility follows.
    data: Option<String>,
    text: String,
    is_visible: bool,
}

impl Book {
    fn begins(&mut self, tag: &BytesStart<'_>) {
        let number = |name: &str| attribute(tag, name).and_then(|value| value.parse::<u32>().ok());
        match tag.local_name().as_ref() {
            "Style" => self.style = attribute(tag, "ID").unwrap_or_default(),
            "NumberFormat" => {
                let code = attribute(tag, "Format").unwrap_or_default();
                let format = NumberFormat::parse(&code).filter(|_| !NAMED.contains(&code.as_str()));
                self.formats.extend(format.map(|format| (self.style.clone(), format)));
            }
            "Worksheet" => {
                let name = attribute(tag, "Name").unwrap_or_default();
                self.grids.push(Grid { name, ..Grid::default() });
                self.row = 0;
            }
            "Row" => {
                self.row = number("Index").map_or(self.row, |index| index.saturating_sub(1));
                self.column = 0;
                self.row_style = attribute(tag, "StyleID");
                if attribute(tag, "Hidden").as_deref() == Some("1")
                    && let Some(grid) = self.grids.last_mut()
                {
                    grid.hidden.insert(self.row);
                }
            }
            "Cell" => {
                self.column = number("Index").map_or(self.column, |index| index.saturating_sub(1));
                let most = u32::try_from(COLUMNS_MAX + 1).unwrap_or(u32::MAX);
                self.column = self.column.min(most);
                let columns = number("MergeAcross").unwrap_or(0).min(most) + 1;
                let rows = number("MergeDown").unwrap_or(0).min(1 << 20) + 1;
                let (row, column) = (self.row, self.column);
                self.cell = Some(GridCell { row, column, rows, columns, cell: Cell::default() });
                self.cell_style = attribute(tag, "StyleID").or_else(|| self.row_style.clone());
                self.column += columns;
            }
            "Data" if self.cell.is_some() => {
                self.data = Some(attribute(tag, "Type").unwrap_or_default());
                self.text.clear();
            }
            "Visible" => {
                self.is_visible = true;
                self.text.clear();
            }
            _ => {}
        }
    }

    fn says(&mut self, text: &str) {
        if self.data.is_some() || self.is_visible {
            self.text.push_str(text);
        }
    }

    fn ends(&mut self, tag: &str) {
        match tag {
            "Data" => {
                let Some(kind) = self.data.take() else { return };
                let format = self.cell_style.as_ref().and_then(|style| self.formats.get(style));
                if let Some(cell) = &mut self.cell {
                    cell.cell = value(&kind, &self.text, format);
                }
            }
            "Cell" => {
                let grid = self.grids.last_mut();
                if let (Some(grid), Some(cell)) = (grid, self.cell.take()) {
                    grid.cells.push(cell);
                }
            }
            "Row" => self.row = self.row.saturating_add(1),
            "Visible" => {
                self.is_visible = false;
                let is_hidden = self.text.trim() != "SheetVisible";
                if let Some(grid) = self.grids.last_mut() {
                    grid.is_hidden = is_hidden;
                }
            }
            _ => {}
        }
    }
}

/// A value as it is shown.
fn value(kind: &str, text: &str, format: Option<&NumberFormat>) -> Cell {
    let text = match kind {
        "Error" => return Cell { is_error: true, ..Cell::default() },
        "Number" => match text.trim().parse::<f64>() {
            Ok(number) => match format {
                Some(format) => format.number(number),
                None => super::sheet::figure(number),
            },
            Err(_) => text.to_owned(),
        },
        "Boolean" => super::sheet::yes_or_no(text.trim() == "1"),
        // 2026-12-31T00:00:00.000, and a time of the day zero.
        "DateTime" => match text.trim().split_once('T') {
            Some((day, time)) if time.trim_end_matches(['0', '.', ':']).is_empty() => {
                day.to_owned()
            }
            Some(("1899-12-31" | "1899-12-30" | "1904-01-01", time)) => {
                time.get(..5).unwrap_or(time).trim_start_matches('0').to_owned()
            }
            _ => text.to_owned(),
        },
        _ => format.map_or_else(|| text.to_owned(), |format| format.text(text)),
    };
    Cell { text, ..Cell::default() }
}

/// The value of an attribute, whatever its prefix.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = tag.attributes();
    attributes.with_checks(false);
    let found = attributes.flatten().find(|found| found.key.local_name().as_ref() == name)?;
    let value = quick_xml::escape::unescape(&found.value).ok()?;
    Some(value.into_owned())
}

/// The character that `&name;` is.
fn entity(name: &str) -> String {
    quick_xml::escape::unescape(&format!("&{name};"))
        .map(|text| text.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_where_they_say() {
        let content = r#"<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
            <Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
            <Styles><Style ss:ID="s1"><NumberFormat ss:Format="0&quot;元/年&quot;"/></Style>
            <Style ss:ID="s2"><NumberFormat ss:Format="Short Date"/></Style></Styles>
            <Worksheet ss:Name="岗位"><Table>
            <Row><Cell ss:MergeDown="1"><Data ss:Type="String">单位 &amp; 部门</Data></Cell><Cell ss:Index="3"><Data ss:Type="String"><B>工资</B></Data></Cell></Row>
            <Row ss:Index="4" ss:StyleID="s1"><Cell><Data ss:Type="Number">60000</Data></Cell><Cell ss:StyleID="s2"><Data ss:Type="DateTime">2026-12-31T00:00:00.000</Data></Cell></Row>
            </Table></Worksheet>
            <Worksheet ss:Name="密"><Table/><WorksheetOptions><Visible>SheetHidden</Visible></WorksheetOptions></Worksheet>
            </Workbook>"#;
        assert!(is_one(content) && !is_one("<html><table>"));
        let grids = sheets(content).expect("sound");
        let cells: Vec<_> = grids[0]
            .cells
            .iter()
            .map(|c| (c.row, c.column, c.rows, c.cell.text.as_str()))
            .collect();
        assert_eq!(
            cells,
            [
                (0, 0, 2, "单位 & 部门"),
                (0, 2, 1, "工资"),
                (3, 0, 1, "60000元/年"),
                (3, 1, 1, "2026-12-31"),
            ]
        );
        assert_eq!((grids[0].is_hidden, grids[1].is_hidden), (false, true));
        assert!(sheets("<Workbook><Worksheet").is_err() || sheets("<a></b").is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_content_is_read_or_refused(content in "(</?(Row|Cell|Data|Worksheet|Table)( ss:Index=\"[0-9]{1,9}\")?/?>|[<>&;焊a\"]){0,40}") {
            let _ = sheets(&content);
        }
    }
}
