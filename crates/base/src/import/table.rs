//! Rows of a table, from whatever file: finds the header, hands the items on, and says which rows
//! and columns are none. State: the rows in which a header is looked for, then what the columns
//! mean.

use std::rc::Rc;

use super::{
    ImportError, Options,
    aside::{self, Aside},
    collector::Collector,
    columns::Tally,
    fields::{Cell, Fields},
    header::{self, Block, Candidate, Header, Row, Said},
    mapping::{self, Column, Lacking, Mapping, Target},
    report::{LeftOut, Place, Reason, RemarkKind},
    text,
};

/// Most columns of a table.
pub(super) const COLUMNS_MAX: usize = 300;
/// In how many rows the header is looked for: titles and remarks stand above it.
const HEADER_ROWS: usize = 20;
/// Most characters of what is shown of a row or of columns.
const SHOWN_CHARS: usize = 200;
/// Longest text that may be a head.
const HEAD_BYTES_MAX: usize = 60;
/// Behind every column of the table itself: what stands above it counts where a row says nothing.
const ABOVE_RANK: usize = usize::MAX;

pub(super) struct Table<'a, 'c> {
    candidates: Vec<Candidate<'a>>,
    collector: &'c mut Collector<'a>,
    /// Rows in which a header is looked for.
    pending: Vec<Row>,
    /// The tables that were found, side by side.
    parts: Vec<Part<'a>>,
    /// The rows of their header.
    header: Vec<Vec<Cell>>,
    /// What the header lacks that was nearest to being one, and the first row with words.
    lacking: Option<Lacking>,
    first: Option<Vec<String>>,
    is_lost: bool,
    /// Rows from here on belong to a table of another kind.
    is_foreign: bool,
    /// How many rows were refused before this table.
    refused_before: usize,
}

/// One of the tables that stand side by side.
struct Part<'a> {
    block: Block<'a>,
    /// How many columns it has itself: those of `above` follow.
    width: usize,
    /// What stands above the header, for all rows, and what of it the last heading said.
    above: Vec<Cell>,
    of_heading: usize,
    /// The row before, as it was read: a cell may say that it is as there.
    before: Vec<Cell>,
    tally: Tally,
}

impl<'a, 'c> Table<'a, 'c> {
    pub(super) fn new(options: &'a Options, collector: &'c mut Collector<'a>) -> Self {
        let candidates: Vec<Candidate<'a>> = options
            .candidates()
            .into_iter()
            .map(|mapping| (mapping, Rc::new(mapping.index())))
            .collect();
        // A file without a header is known by its name alone.
        let parts = match (&options.mapping, candidates.as_slice()) {
            (Some(_), [(mapping, index)]) => {
                let block = |binding| Block {
                    columns: 0..COLUMNS_MAX,
                    mapping,
                    index: Rc::clone(index),
                    binding,
                };
                mapping
                    .bind_positions()
                    .map(|binding| Part::new(block(binding)))
                    .into_iter()
                    .collect()
            }
            _ => Vec::new(),
        };
        let refused_before = collector.report.refused.len();
        Self {
            candidates,
            collector,
            refused_before,
            pending: Vec::new(),
            parts,
            header: Vec::new(),
            lacking: None,
            first: None,
            is_lost: false,
            is_foreign: false,
        }
    }

    /// The mapping that was found.
    pub(super) fn mapping(&self) -> Option<&'a Mapping> {
        self.parts.first().map(|part| part.block.mapping)
    }

    /// Whether rows from here on can no longer be understood.
    pub(super) fn is_lost(&self) -> bool {
        self.is_lost
    }

    /// The next row. Empty ones are passed over.
    ///
    /// # Errors
    /// When the file as a whole must be refused.
    pub(super) fn row(&mut self, place: &Place, cells: &[Cell]) -> Result<(), ImportError> {
        let used = cells.iter().rposition(|cell| !cell.text.trim().is_empty());
        let Some(last) = used.filter(|_| !self.is_lost) else { return Ok(()) };
        let cells = &cells[..=last];
        if self.parts.is_empty() && cells.len() > COLUMNS_MAX {
            return Err(ImportError::TooManyColumns(cells.len()));
        }
        if self.pending.is_empty() && self.is_of_another_kind(cells) {
            self.collector.report.left_out.push(LeftOut::new(place, Aside::Other, cells));
            return Ok(());
        }
        if !self.pending.is_empty() || self.parts.is_empty() || self.begins_another(cells) {
            self.pending.push((place.clone(), cells.to_vec()));
            return self.look(false);
        }
        self.item(place, cells)
    }

    /// No row follows.
    ///
    /// # Errors
    /// When there are too many rows.
    pub(super) fn end(&mut self) -> Result<(), ImportError> {
        // Below a header that is found now another may follow.
        while !self.pending.is_empty() {
            self.look(true)?;
        }
        self.tell_columns();
        // Rows that could not be read at all did not wait for the header.
        self.collector.report.refused[self.refused_before..].sort_by_key(|row| row.place.row);
        Ok(())
    }

    /// A row that cannot be read at all.
    ///
    /// # Errors
    /// When there are too many rows.
    pub(super) fn unreadable(&mut self, place: &Place, reason: Reason) -> Result<(), ImportError> {
        self.collector.read()?;
        self.collector.refuse(place, (String::new(), reason));
        Ok(())
    }

    /// What is said when no row was a header.
    pub(super) fn unrecognised(&self) -> ImportError {
        let mut columns = self.first.clone().unwrap_or_default().join(", ");
        text::cut(&mut columns, SHOWN_CHARS);
        match self.lacking.clone() {
            Some(lacking) => ImportError::Lacking(lacking),
            None if self.collector.options.mappings.is_empty() => ImportError::NoMappings,
            None => {
                let needed = self.collector.options.needed_columns();
                ImportError::Unrecognised { columns, needed }
            }
        }
    }

    /// What the header that was nearest to being one lacks.
    pub(super) fn lacking(&self) -> Option<&Lacking> {
        self.lacking.as_ref()
    }

    /// Whether the row belongs to a table of another kind that stands below this one: its header, and
    /// what follows until a header of this kind.
    fn is_of_another_kind(&mut self, cells: &[Cell]) -> bool {
        let Some(part) = self.parts.first().filter(|_| !self.header.is_empty()) else {
            return false;
        };
        if self.is_foreign {
            self.is_foreign = !self.begins_another(cells) && !self.is_header_again(cells);
            return self.is_foreign;
        }
        let collection = part.block.mapping.collection;
        let others =
            || self.candidates.iter().filter(|(mapping, _)| mapping.collection != collection);
        let words = || {
            let short = |(_, cell): &(usize, &Cell)| cell.text.len() <= HEAD_BYTES_MAX;
            aside::own(cells).filter(short).map(|(_, cell)| mapping::plain_column(&cell.text))
        };
        // Few rows have such a word among their first two.
        if !words().take(2).any(|word| others().any(|(_, index)| index.contains_key(&word))) {
            return false;
        }
        let own: Vec<String> = words().collect();
        let known = |index: &mapping::Index| own.iter().filter(|w| index.contains_key(*w)).count();
        let most = others().map(|(_, index)| known(index)).max().unwrap_or(0);
        self.is_foreign = most >= 3 && most * 2 > own.len() && most > known(&part.block.index);
        self.is_foreign
    }

    /// Whether another table's header, or what stands above one, begins with this row.
    fn begins_another(&self, cells: &[Cell]) -> bool {
        // The header of a file without one has no rows.
        let Some(part) = self.parts.first().filter(|_| !self.header.is_empty()) else {
            return false;
        };
        let is_head = |cell: &Cell| {
            cell.text.len() <= HEAD_BYTES_MAX
                && !mapping::column(&part.block.index, cell.text.trim()).is_empty()
        };
        // Few rows have such a word among their first two.
        if !aside::own(cells).take(2).any(|(_, cell)| is_head(cell)) {
            return false;
        }
        let heads = aside::own(cells).filter(|(_, cell)| is_head(cell)).count();
        heads >= 2 && heads * 2 >= aside::own(cells).count() && !self.is_header_again(cells)
    }

    /// Printed tables repeat their header on every page.
    fn is_header_again(&self, cells: &[Cell]) -> bool {
        fn says(cells: &[Cell]) -> impl Iterator<Item = (usize, &str)> {
            aside::own(cells).map(|(column, cell)| (column, cell.text.trim()))
        }
        says(cells).nth(1).is_some()
            && self.header.iter().any(|header| says(header).eq(says(cells)))
    }

    /// Looks for a header in the pending rows, once there are enough of them.
    fn look(&mut self, at_end: bool) -> Result<(), ImportError> {
        match self.parts.is_empty() {
            true => self.look_first(at_end),
            false => self.look_again(at_end),
        }
    }

    fn look_first(&mut self, at_end: bool) -> Result<(), ImportError> {
        if self.pending.is_empty() || !at_end && self.pending.len() < HEADER_ROWS + header::ROWS_MAX
        {
            return Ok(());
        }
        match header::find(&self.pending, &self.candidates) {
            Ok(found) if found.rows.start < HEADER_ROWS => return self.begin(found),
            Ok(_) => {}
            Err(lacking) => self.lacking = lacking,
        }
        let words = |(_, cells): &Row| -> Vec<String> {
            cells.iter().map(|cell| cell.text.trim().to_owned()).collect()
        };
        let many = |words: &Vec<String>| words.iter().filter(|w| !w.is_empty()).count() > 1;
        self.first = self.pending.iter().map(words).find(many);
        self.is_lost = true;
        self.pending.clear();
        Ok(())
    }

    /// Between two tables stand only names and values, and headings.
    fn look_again(&mut self, at_end: bool) -> Result<(), ImportError> {
        while let Some(later) = self.pending.get(1..) {
            let complete = at_end || self.pending.len() > HEADER_ROWS;
            match header::find(&self.pending, &self.candidates) {
                // The rows below may belong to it, too.
                Ok(found)
                    if complete || self.pending.len() > found.rows.start + header::ROWS_MAX =>
                {
                    return self.begin(found);
                }
                Ok(_) => return Ok(()),
                Err(_) => {}
            }
            let index = self.parts.first().map(|part| &part.block.index);
            let is_between = |(_, cells): &Row| {
                aside::heading(cells).is_some()
                    || index.is_some_and(|index| !header::said(cells, index).is_empty())
            };
            if !complete && (later.len() < header::ROWS_MAX || later.iter().all(is_between)) {
                return Ok(());
            }
            let (place, cells) = self.pending.remove(0);
            self.item(&place, &cells)?;
            for (place, cells) in std::mem::take(&mut self.pending) {
                self.row(&place, &cells)?;
            }
            if !at_end {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Goes on below a header among the pending rows.
    fn begin(&mut self, found: Header<'a>) -> Result<(), ImportError> {
        let below = self.pending.split_off(found.rows.end);
        self.take(found);
        self.pending.clear();
        for (place, cells) in below {
            self.row(&place, &cells)?;
        }
        Ok(())
    }

    /// Begins the tables of a header among the pending rows.
    fn take(&mut self, Header { rows, blocks }: Header<'a>) {
        self.tell_columns();
        let above = &self.pending[..rows.start];
        let mut parts: Vec<_> = blocks.into_iter().map(Part::new).collect();
        for part in &mut parts {
            for (column, said) in header::said_above(above, &part.block.index) {
                part.say(column, said);
            }
        }
        for (place, cells) in above {
            let heading = aside::heading(cells);
            let (mut used, mut rest) = (false, Vec::new());
            for part in &mut parts {
                let (said, others) = header::said_and_rest(cells, &part.block.index);
                used |= !said.is_empty() || heading.is_some_and(|heading| part.heading(heading));
                if !said.is_empty() {
                    rest = others;
                }
            }
            let left_out = match used {
                false => Some(LeftOut::new(place, Aside::Above, cells)),
                // What counts for all rows is not what was left out.
                true => (!rest.is_empty()).then(|| {
                    let rest: Vec<_> =
                        rest.iter().map(|words| Cell::from(words.as_str())).collect();
                    LeftOut::new(place, Aside::Above, &rest)
                }),
            };
            self.collector.report.left_out.extend(left_out);
        }
        self.header = self.pending[rows].iter().map(|(_, cells)| cells.clone()).collect();
        self.parts = parts;
    }

    /// A row below the header.
    fn item(&mut self, place: &Place, cells: &[Cell]) -> Result<(), ImportError> {
        if self.is_header_again(cells) {
            self.collector.report.left_out.push(LeftOut::new(place, Aside::Header, cells));
            return Ok(());
        }
        let several = self.parts.len() > 1;
        for (number, part) in (1..).zip(&mut self.parts) {
            let columns = &part.block.columns;
            let end = if several { columns.end } else { usize::MAX };
            let cells = &cells[columns.start.min(cells.len())..end.min(cells.len())];
            let place = Place { table: several.then_some(number), ..place.clone() };
            part.row(&place, cells, self.collector)?;
        }
        Ok(())
    }

    /// Says which columns of the tables so far were not taken.
    fn tell_columns(&mut self) {
        for part in &mut self.parts {
            part.tally.tell(&mut self.collector.report);
        }
    }
}

impl<'a> Part<'a> {
    fn new(mut block: Block<'a>) -> Self {
        let width = block.binding.names.len();
        for (at, name) in block.binding.names.iter_mut().enumerate() {
            if name.is_empty() {
                *name = format!("{}列", letters(block.columns.start + at));
            }
        }
        let (above, before) = Default::default();
        Self { block, width, above, of_heading: 0, before, tally: Tally::default() }
    }

    /// Takes what is said for all rows from here on.
    fn say(&mut self, column: Column, said: Said) {
        let binding = &mut self.block.binding;
        binding.names.push(said.name);
        binding.columns.push(vec![Column { rank: ABOVE_RANK, ..column }]);
        self.above.push(Cell::from(said.value.as_str()));
    }

    /// Takes the employer that a heading names, where no column does; whether it names one.
    fn heading(&mut self, heading: &str) -> bool {
        let own = &self.block.binding.columns[..self.width];
        if own.iter().flatten().any(|column| column.target == Target::Employer) {
            return false;
        }
        let named = aside::employer(heading);
        if named.is_none() && self.of_heading > 0 && self.more_of_heading(heading) {
            return true;
        }
        if named.is_none() && !(self.of_heading > 0 && aside::may_name_another(heading)) {
            return false;
        }
        // What the heading before said is over, and so is what stood above the table.
        for _ in 0..self.of_heading {
            self.above.pop();
            self.block.binding.names.pop();
            self.block.binding.columns.pop();
        }
        self.of_heading = 0;
        self.before.clear();
        // Of what stands below one that is not understood nobody knows whose it is.
        let Some((name, rest)) = named else { return false };
        let before = self.above.len();
        let employer =
            Column { target: Target::Employer, rank: 0, hint: String::new(), label: None };
        let said =
            |name: &str, value: &str| Said { name: name.to_owned(), value: value.to_owned() };
        self.say(employer, said("标题行", name));
        for (label, value) in rest {
            let columns = mapping::column(&self.block.index, label);
            if let Some(column) = columns.into_iter().find(|c| c.target.is_said_once()) {
                self.say(column, said(label, value));
            }
        }
        self.of_heading = self.above.len() - before;
        true
    }

    /// Takes a line that says more of the employer of the heading above it: 联系人：… 电话：…; whether it
    /// is one.
    fn more_of_heading(&mut self, line: &str) -> bool {
        let said = aside::labelled(line);
        let column = |label: &str| {
            let columns = mapping::column(&self.block.index, label);
            columns.into_iter().find(|c| c.target.is_said_once() && c.target != Target::Employer)
        };
        let said: Vec<_> = said
            .iter()
            .map(|(label, value)| {
                (column(label), Said { name: (*label).to_owned(), value: (*value).to_owned() })
            })
            .collect();
        if said.is_empty() || said.iter().any(|(column, _)| column.is_none()) {
            return false;
        }
        for (column, said) in said {
            if let Some(column) = column {
                self.say(column, said);
                self.of_heading += 1;
            }
        }
        true
    }

    fn row(
        &mut self,
        place: &Place,
        cells: &[Cell],
        collector: &mut Collector<'a>,
    ) -> Result<(), ImportError> {
        let Some(last) = cells.iter().rposition(|cell| !cell.text.trim().is_empty()) else {
            return Ok(());
        };
        let cells = &cells[..=last];
        if let Some(heading) = aside::heading(cells)
            && self.heading(heading)
        {
            return Ok(());
        }
        if let Some(kind) = self.aside(cells) {
            collector.report.left_out.push(LeftOut::new(place, kind, cells));
            return Ok(());
        }
        collector.read()?;
        // In a text one value too many has shifted the others; on a sheet somebody wrote beside the table.
        if cells.len() > COLUMNS_MAX || cells.len() > self.width && place.sheet.is_none() {
            collector.refuse(place, (String::new(), Reason::TooManyValues));
            return Ok(());
        }
        let (cells, beside) = cells.split_at(cells.len().min(self.width));
        for (column, cell) in aside::own(beside) {
            let name = format!("{}列", letters(self.block.columns.start + self.width + column));
            let mut words = cell.text.trim().to_owned();
            text::cut(&mut words, SHOWN_CHARS);
            collector.report.remark(place, &name, RemarkKind::LeftOut(words));
        }
        let mut cells = cells.to_vec();
        cells.resize(self.width, Cell::default());
        for (column, cell) in cells.iter_mut().enumerate() {
            if !aside::is_ditto(&cell.text) {
                continue;
            }
            let above = self.before.get(column).filter(|above| !above.text.trim().is_empty());
            if above.is_none() {
                let words = RemarkKind::LeftOut(cell.text.trim().to_owned());
                let name = self.block.binding.names.get(column).map_or("", String::as_str);
                collector.report.remark(place, name, words);
            }
            *cell = above.cloned().unwrap_or_default();
        }
        self.before.clone_from(&cells);
        cells.extend(self.above.iter().cloned());
        let Block { mapping, binding, .. } = &self.block;
        let fields = Fields::new(mapping, binding, place, &cells);
        collector.row(mapping, fields, place, &mut self.tally);
        Ok(())
    }

    /// What the row is if it is no item.
    fn aside(&self, cells: &[Cell]) -> Option<Aside> {
        let (title, party) = self.block.mapping.title_and_party();
        let column = |target: Target| {
            let is = |columns: &Vec<Column>| columns.iter().any(|column| column.target == target);
            self.block.binding.columns[..self.width].iter().position(is)
        };
        let (title_at, party_at) = (column(title), column(party));
        // No posting is made of the words of a header.
        let is_head = |at: Option<usize>, target: Target| {
            let cell = at.and_then(|at| cells.get(at));
            cell.filter(|cell| cell.text.len() <= HEAD_BYTES_MAX).is_some_and(|cell| {
                let meant = mapping::column(&self.block.index, cell.text.trim());
                meant.iter().any(|column| column.target == target)
            })
        };
        if is_head(title_at, title) || is_head(party_at, party) {
            return Some(Aside::Header);
        }
        aside::kind(cells, title_at, party_at)
    }
}

/// The letters by which spreadsheets name a column, which is counted from 0.
fn letters(column: usize) -> String {
    let letter = |at: usize| char::from(b'A' + u8::try_from(at % 26).unwrap_or(0));
    match column / 26 {
        0 => letter(column).to_string(),
        more => format!("{}{}", letters(more - 1), letter(column)),
    }
}
