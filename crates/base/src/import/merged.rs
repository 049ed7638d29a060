//! Cells that are merged: a value over several rows counts for each, one over several columns says
//! how many. State: the regions of the sheet under way.

use calamine::Dimensions;

use super::{fields::Cell, table::COLUMNS_MAX};

/// Regions of merged cells, and the values of those that reach the row under way.
#[derive(Default)]
pub(super) struct Merged {
    /// By their first row, the last first.
    coming: Vec<Dimensions>,
    /// For each column the last row of the region there, and its value.
    active: Vec<Option<(u32, Cell)>>,
}

impl Merged {
    pub(super) fn new(mut regions: Vec<Dimensions>) -> Self {
        regions.retain(|region| region.end.0 >= region.start.0 && region.end.1 >= region.start.1);
        regions.sort_by_key(|region| std::cmp::Reverse(region.start.0));
        Self { coming: regions, active: Vec::new() }
    }

    /// One more region, which begins in the row that comes next.
    pub(super) fn add(&mut self, region: Dimensions) {
        self.coming.push(region);
    }

    /// Gives a row that has values of its own those that are merged from above, and its own cells
    /// their widths.
    pub(super) fn apply(&mut self, row: u32, cells: &mut Vec<Cell>) {
        let own = cells.iter().any(|cell| !cell.text.trim().is_empty());
        for (column, slot) in self.active.iter_mut().enumerate() {
            let Some((last, cell)) = slot else { continue };
            if *last < row {
                *slot = None;
            } else if own {
                if cells.len() <= column {
                    cells.resize_with(column + 1, Cell::default);
                }
                if cells[column].text.is_empty() {
                    cells[column] = cell.clone();
                }
            }
        }
        while let Some(region) = self.coming.pop_if(|region| region.start.0 <= row) {
            let column = region.start.1 as usize;
            let Some(cell) = cells.get_mut(column).filter(|_| region.start.0 == row) else {
                continue;
            };
            if cell.text.is_empty() || column > COLUMNS_MAX {
                continue;
            }
            cell.span = u16::try_from(region.end.1 - region.start.1 + 1).unwrap_or(u16::MAX);
            if region.end.0 > row {
                let filled = Cell { filled: true, ..cell.clone() };
                if self.active.len() <= column {
                    self.active.resize(column + 1, None);
                }
                self.active[column] = Some((region.end.0, filled));
            }
        }
    }
}
