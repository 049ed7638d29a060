//! Tables that were read whole: those of web pages, and workbooks in XML. Keeps no state.

use std::collections::HashSet;

use calamine::Dimensions;

use super::{
    ImportError, Options,
    collector::Collector,
    fields::Cell,
    mapping::Mapping,
    merged::Merged,
    report::{Place, Sheet, Taken},
    sheet::Sheets,
    table::{COLUMNS_MAX, Table},
};

/// One sheet, or one table of a page.
#[derive(Debug, Default)]
pub(super) struct Grid {
    /// Its name; empty where it has none.
    pub(super) name: String,
    pub(super) is_hidden: bool,
    /// Rows of it that are, from 0.
    pub(super) hidden: HashSet<u32>,
    /// Cells in the order of rows and columns.
    pub(super) cells: Vec<GridCell>,
}

/// A cell, its place from 0, and over how many rows and columns it is merged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct GridCell {
    pub(super) row: u32,
    pub(super) column: u32,
    pub(super) rows: u32,
    pub(super) columns: u32,
    pub(super) cell: Cell,
}

/// Reads all tables that can be seen.
///
/// # Errors
/// When none of them is known.
pub(super) fn read<'a>(
    grids: Vec<Grid>,
    options: &'a Options,
    collector: &mut Collector<'a>,
) -> Result<&'a Mapping, ImportError> {
    let mut sheets = Sheets::default();
    for grid in grids {
        if grid.is_hidden {
            let name = grid.name;
            collector.report.sheets.push(Sheet { name, taken: Taken::Hidden, lacking: None });
            continue;
        }
        let mut table = Table::new(options, collector);
        rows(&grid, &mut table)?;
        table.end()?;
        sheets.note(grid.name, &table);
    }
    sheets.end(collector)
}

fn rows(grid: &Grid, table: &mut Table<'_, '_>) -> Result<(), ImportError> {
    let mut merged = Merged::default();
    for row in grid.cells.chunk_by(|one, other| one.row == other.row) {
        let mut cells: Vec<Cell> = Vec::new();
        for GridCell { row, column, rows, columns, cell } in row {
            let at = *column as usize;
            if at > COLUMNS_MAX {
                return Err(ImportError::TooManyColumns(at + 1));
            }
            if cells.len() <= at {
                cells.resize_with(at + 1, Cell::default);
            }
            cells[at] = cell.clone();
            if *rows > 1 || *columns > 1 {
                let end = (row + rows.max(&1) - 1, column + columns.max(&1) - 1);
                merged.add(Dimensions { start: (*row, *column), end });
            }
        }
        let number = row.first().map_or(0, |cell| cell.row);
        merged.apply(number, &mut cells);
        let sheet = (!grid.name.is_empty()).then(|| grid.name.clone());
        let hidden = grid.hidden.contains(&number);
        let place = Place { row: number as usize + 1, sheet, hidden, ..Place::default() };
        table.row(&place, &cells)?;
        if table.is_lost() {
            break;
        }
    }
    Ok(())
}
