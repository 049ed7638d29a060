//! Rows of a table, from whatever file: finds the header and the mapping that knows it, and hands
//! the rows on. State: the rows before the header, then what the columns mean.

use super::{
    ImportError, Options,
    collector::Collector,
    fields::{Cell, Fields},
    mapping::{Binding, Mapping},
    report::{Place, Reason},
};

/// Most columns of a table.
pub(super) const COLUMNS_MAX: usize = 300;
/// In how many rows the header is looked for: titles and remarks stand above it.
const HEADER_ROWS: usize = 20;
/// Most characters of the columns that are shown when none is known.
const SHOWN_CHARS: usize = 200;

pub(super) struct Table<'a, 'c> {
    candidates: Vec<&'a Mapping>,
    collector: &'c mut Collector<'a>,
    bound: Option<(&'a Mapping, Binding)>,
    /// Rows that were looked at for a header, and the first of them with words.
    looked_at: usize,
    first: Option<Vec<String>>,
}

impl<'a, 'c> Table<'a, 'c> {
    pub(super) fn new(options: &'a Options, collector: &'c mut Collector<'a>) -> Self {
        let candidates = options.candidates();
        // A file without a header is known by its name alone.
        let bound = match (&options.mapping, candidates.as_slice()) {
            (Some(_), [mapping]) => mapping.bind_positions().map(|binding| (*mapping, binding)),
            _ => None,
        };
        Self { candidates, collector, bound, looked_at: 0, first: None }
    }

    /// The name of the mapping that was found.
    pub(super) fn mapping(&self) -> Option<&'a Mapping> {
        self.bound.as_ref().map(|(mapping, _)| *mapping)
    }

    /// Whether rows from here on can no longer be understood.
    pub(super) fn is_lost(&self) -> bool {
        self.bound.is_none() && self.looked_at >= HEADER_ROWS
    }

    /// The next row. Empty ones are passed over.
    ///
    /// # Errors
    /// When the file as a whole must be refused.
    pub(super) fn row(&mut self, place: &Place, cells: &[Cell]) -> Result<(), ImportError> {
        let used = cells.iter().rposition(|cell| !cell.text.trim().is_empty());
        let Some(last) = used else { return Ok(()) };
        let cells = &cells[..=last];
        let Some((mapping, binding)) = &self.bound else {
            return self.header(cells);
        };
        let again = cells.len() > 1
            && binding.names.len() >= cells.len()
            && cells.iter().zip(&binding.names).all(|(cell, name)| cell.text == *name);
        if again {
            // Printed tables repeat their header on every page.
            return Ok(());
        }
        self.collector.read()?;
        if cells.len() > COLUMNS_MAX {
            self.collector.refuse(place, (String::new(), Reason::TooManyValues));
            return Ok(());
        }
        let fields = Fields::new(mapping, binding, place, cells);
        self.collector.row(mapping, fields, place);
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

    /// A formula of this row has no value.
    pub(super) fn formula(&mut self, place: &Place, column: usize) {
        if let Some((_, binding)) = &self.bound {
            let name = binding.names.get(column).map_or("", String::as_str);
            self.collector.report.remark(place, name, super::report::RemarkKind::Formula);
        }
    }

    fn header(&mut self, cells: &[Cell]) -> Result<(), ImportError> {
        self.looked_at += 1;
        if self.looked_at > HEADER_ROWS {
            return Ok(());
        }
        if cells.len() > COLUMNS_MAX {
            return Err(ImportError::TooManyColumns(cells.len()));
        }
        let names: Vec<String> = cells.iter().map(|cell| cell.text.trim().to_owned()).collect();
        if names.iter().all(|name| name.chars().count() <= 40) {
            let bound = self.candidates.iter().filter_map(|mapping| {
                let binding = mapping.bind(&names)?;
                Some((*mapping, binding))
            });
            // The one that knows most columns; of equals one that is recognised by its own.
            self.bound = bound.max_by_key(|(mapping, binding)| {
                (mapping.recognised_by.len().min(1), binding.count)
            });
        }
        if self.first.is_none() && names.iter().filter(|name| !name.is_empty()).count() > 1 {
            self.first = Some(names);
        }
        Ok(())
    }

    /// What is said when no row was a header.
    pub(super) fn unrecognised(&self) -> ImportError {
        let mut columns = self.first.clone().unwrap_or_default().join(", ");
        super::text::cut(&mut columns, SHOWN_CHARS);
        ImportError::Unrecognised { columns }
    }
}
