//! Tables of web pages: what many systems call `.xls` is one. Keeps no state beyond the page under
//! way.
//!
//! Pages are written by anybody: ends of cells and rows may be missing, tables stand within tables.
//! A table within a cell is one of its own; what a cell says is its words without it.

use super::{
    fields::Cell,
    grid::{Grid, GridCell},
    table::COLUMNS_MAX,
    text,
};

/// Longest tag, in bytes, in which quotation marks are heeded.
const TAG_BYTES_MAX: usize = 10_000;
/// Most tables within each other.
const DEPTH_MAX: usize = 50;
/// Most rows that one cell may reach over.
const SPAN_MAX: u32 = 70_000;

/// A table on its way.
#[derive(Default)]
struct Open {
    grid: Grid,
    /// The row under way, from 1, and the next column in it.
    row: u32,
    column: u32,
    /// For each column the row to which a cell above reaches.
    reached: Vec<u32>,
    cell: Option<OpenCell>,
}

struct OpenCell {
    place: GridCell,
    markup: String,
    /// The figure behind what is shown (`x:num`).
    figure: Option<String>,
}

/// All tables of a page that have more than one row.
pub(super) fn tables(page: &str) -> Vec<Grid> {
    let mut open: Vec<Open> = Vec::new();
    let mut done = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        say(&mut open, &rest[..at]);
        rest = &rest[at..];
        let (tag, behind) = tag(rest);
        let name = name(tag);
        match name.as_str() {
            "table" if open.len() < DEPTH_MAX => open.push(Open::default()),
            "/table" => done.extend(open.pop().map(Open::end)),
            "tr" => with(&mut open, |table| table.next_row(tag)),
            "/tr" | "/td" | "/th" => with(&mut open, Open::end_cell),
            "td" | "th" => with(&mut open, |table| table.begin_cell(tag)),
            // What is in them is nothing to read.
            "script" | "style" => {
                rest = after(behind, &format!("</{name}"));
                continue;
            }
            _ if tag.starts_with("<!") => {}
            _ => say(&mut open, tag),
        }
        rest = behind;
    }
    say(&mut open, rest);
    while let Some(table) = open.pop() {
        done.push(table.end());
    }
    done.retain(|grid| grid.cells.last().is_some_and(|cell| cell.row > 0));
    if done.len() > 1 {
        for (number, grid) in (1..).zip(&mut done) {
            grid.name = format!("第{number}个表");
        }
    }
    done
}

fn with(open: &mut [Open], change: impl FnOnce(&mut Open)) {
    if let Some(table) = open.last_mut() {
        change(table);
    }
}

/// Adds to the cell under way.
fn say(open: &mut [Open], markup: &str) {
    if let Some(cell) = open.last_mut().and_then(|table| table.cell.as_mut()) {
        // Lines of the source are none of the page.
        for (at, part) in markup.split(['\n', '\r', '\t']).enumerate() {
            let part = if at > 0 { part.trim_start() } else { part };
            if at > 0 && !cell.markup.ends_with(' ') {
                cell.markup.push(' ');
            }
            cell.markup.push_str(part);
        }
    }
}

impl Open {
    fn next_row(&mut self, tag: &str) {
        self.end_cell();
        self.row += 1;
        self.column = 0;
        let style = attribute(tag, "style").unwrap_or_default();
        // How spreadsheets that save a page hide a row.
        if style.replace(' ', "").to_ascii_lowercase().contains("display:none") {
            self.grid.hidden.insert(self.row - 1);
        }
    }

    fn begin_cell(&mut self, tag: &str) {
        self.end_cell();
        self.row = self.row.max(1);
        let number = |name: &str, most: u32| {
            let value = attribute(tag, name).and_then(|value| value.trim().parse::<u32>().ok());
            value.unwrap_or(1).clamp(1, most)
        };
        let most = u32::try_from(COLUMNS_MAX + 1).unwrap_or(u32::MAX);
        let (columns, rows) = (number("colspan", most), number("rowspan", SPAN_MAX));
        let is_taken =
            |column: u32| self.reached.get(column as usize).is_some_and(|last| *last >= self.row);
        let column = (self.column..=most).find(|column| !is_taken(*column)).unwrap_or(most);
        let end = (column + columns).min(most + 1) as usize;
        if self.reached.len() < end {
            self.reached.resize(end, 0);
        }
        for last in &mut self.reached[column as usize..end] {
            *last = (*last).max(self.row + rows - 1);
        }
        self.column = column + columns;
        let place = GridCell { row: self.row - 1, column, rows, columns, cell: Cell::default() };
        let figure = attribute(tag, "x:num").filter(|figure| !figure.is_empty());
        self.cell = Some(OpenCell { place, markup: String::new(), figure });
    }

    fn end_cell(&mut self) {
        let Some(OpenCell { mut place, markup, figure }) = self.cell.take() else { return };
        let shown = text::lines(&markup);
        // 1.38E+10 and ##### are how the page shows a figure that it knows.
        let is_short = shown.contains("E+") || shown.starts_with("##");
        place.cell.text = figure.filter(|_| is_short).unwrap_or(shown);
        self.grid.cells.push(place);
    }

    fn end(mut self) -> Grid {
        self.end_cell();
        self.grid
    }
}

/// The tag at the beginning of `rest`, and what stands behind it.
fn tag(rest: &str) -> (&str, &str) {
    if rest.starts_with("<!--") {
        let end = rest.find("-->").map_or(rest.len(), |at| at + 3);
        return rest.split_at(end);
    }
    // 年龄<45 is no tag.
    let begins = |c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?');
    if !rest[1..].starts_with(begins) {
        return rest.split_at(1);
    }
    let mut quote = None;
    for (at, byte) in rest.bytes().enumerate().take(TAG_BYTES_MAX) {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            (None, b'>') => return rest.split_at(at + 1),
            _ => {}
        }
    }
    // A quotation mark that is never closed ends no page.
    rest.split_at(rest.find('>').map_or(rest.len(), |at| at + 1))
}

/// The tag's name in small letters, with the stroke of one that ends.
fn name(tag: &str) -> String {
    let name = tag.trim_start_matches('<');
    let end = name
        .char_indices()
        .skip(1)
        .find(|(_, c)| !c.is_ascii_alphanumeric())
        .map_or(name.len(), |(at, _)| at);
    name[..end].to_ascii_lowercase()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let lower = tag.to_ascii_lowercase();
    let mut from = 0;
    while let Some(found) = lower[from..].find(name) {
        let at = from + found;
        from = at + name.len();
        let begins =
            lower[..at].ends_with(|c: char| c.is_ascii_whitespace() || c == '"' || c == '\'');
        let behind = tag[from..].trim_start();
        let Some(value) = behind.strip_prefix('=').filter(|_| begins) else { continue };
        let value = value.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let value = match quote {
            Some(quote) => value[1..].split(quote).next(),
            None => value.split(|c: char| c.is_ascii_whitespace() || c == '>').next(),
        };
        return value.map(str::to_owned);
    }
    None
}

/// What follows the next `end`, whatever its letters' size.
fn after<'a>(text: &'a str, end: &str) -> &'a str {
    let found =
        text.as_bytes().windows(end.len()).position(|w| w.eq_ignore_ascii_case(end.as_bytes()));
    found.map_or("", |at| &text[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(page: &str) -> Vec<Vec<(u32, u32, String)>> {
        let cell = |cell: &GridCell| (cell.row, cell.column, cell.cell.text.clone());
        tables(page).iter().map(|grid| grid.cells.iter().map(cell).collect()).collect()
    }

    #[test]
    fn tables_are_read_however_they_are_written() {
        let cell = |row, column, text: &str| (row, column, text.to_owned());
        let page = "<html><style>td{}</style><!-- <td>x</td> --><table border=1><TR><td rowspan='2'>单位</td>\
                    <th colspan=2>岗位<tr><td>名称\n   如下</td><td>人数&nbsp;&lt;3</table><p>后";
        assert_eq!(
            words(page),
            [vec![
                cell(0, 0, "单位"),
                cell(0, 1, "岗位"),
                cell(1, 1, "名称 如下"),
                cell(1, 2, "人数 <3"),
            ]]
        );
        // A page that is laid out in a table.
        let page = "<table><tr><td>头<tr><td><table><tr><td>a<td>b<tr><td>c<br>d<td>年龄<45</table></table>";
        let inner =
            vec![cell(0, 0, "a"), cell(0, 1, "b"), cell(1, 0, "c\nd"), cell(1, 1, "年龄<45")];
        assert_eq!(words(page), [inner, vec![cell(0, 0, "头"), cell(1, 0, "")]]);
    }

    #[test]
    fn figures_that_a_page_shows_short_are_known() {
        let page =
            "<table><tr><td>电话<tr><td x:num=\"13800001111\">1.38E+10<tr><td x:num>5000</table>";
        assert_eq!(words(page)[0][1].2, "13800001111");
        assert_eq!(words(page)[0][2].2, "5000");
    }

    proptest::proptest! {
        #[test]
        fn any_page_is_read(page in "(<[/a-z!\\-]{0,6}|t[drh]|table|span=|['\">= \n岗位0-9]){0,60}") {
            let _ = tables(&page);
        }
    }
}
