//! The formats of numbers in an `.xls` file and the rows that it hides, which its reader keeps to itself.
//! Keeps no state beyond what was read.
//!
//! The records are those of [MS-XLS]: Format (2.4.126), XF (2.4.353), Row (2.4.221), and the cells.

use std::collections::{HashMap, HashSet};

use super::{
    legacy::{Records, u16_at, u32_at},
    number_format::NumberFormat,
};

/// Formats that say something beside the figure, and the cells that have them.
#[derive(Debug, Default)]
pub(super) struct Formats {
    formats: Vec<NumberFormat>,
    /// For each sheet, in their order, which format the cell in a row and column has.
    sheets: Vec<HashMap<(u16, u16), u16>>,
    /// The hidden rows of each.
    hidden: Vec<HashSet<u32>>,
}

impl Formats {
    /// The format of a cell of the sheet that stands at `sheet`.
    pub(super) fn of(&self, sheet: usize, row: u32, column: u32) -> Option<&NumberFormat> {
        let at = (u16::try_from(row).ok()?, u16::try_from(column).ok()?);
        self.formats.get(usize::from(*self.sheets.get(sheet)?.get(&at)?))
    }

    /// Whether a row of the sheet that stands at `sheet` is hidden.
    pub(super) fn hides(&self, sheet: usize, row: u32) -> bool {
        self.hidden.get(sheet).is_some_and(|rows| rows.contains(&row))
    }

    /// Reads the formats of a workbook that was looked over.
    pub(super) fn read(stream: &[u8]) -> Self {
        let mut starts = Vec::new();
        let mut codes: HashMap<u16, String> = HashMap::new();
        let mut of_styles: Vec<u16> = Vec::new();
        let mut is_wide = true;
        for (kind, data) in (Records { rest: stream }) {
            match kind {
                0x0809 => is_wide = u16_at(data, 0) == Some(0x0600),
                0x0085 => starts.push(u32_at(data, 0).unwrap_or(u32::MAX) as usize),
                0x041E => codes.extend(code(data, is_wide)),
                0x00E0 => of_styles.push(u16_at(data, 2).unwrap_or(0)),
                0x000A => break,
                _ => {}
            }
        }
        let mut read = Self::default();
        // The formats of styles, as places in the list.
        let of_styles: Vec<Option<u16>> = of_styles
            .iter()
            .map(|id| {
                let format = NumberFormat::parse(codes.get(id)?)?;
                let at = read.formats.iter().position(|known| *known == format);
                let at = at.unwrap_or_else(|| {
                    read.formats.push(format);
                    read.formats.len() - 1
                });
                u16::try_from(at).ok()
            })
            .collect();
        for start in starts {
            let mut kept = Kept::default();
            sheet(stream.get(start..).unwrap_or_default(), &of_styles, &mut kept);
            read.sheets.push(kept.cells);
            read.hidden.push(kept.hidden);
        }
        read
    }
}

/// What is kept of a sheet.
#[derive(Default)]
struct Kept {
    cells: HashMap<(u16, u16), u16>,
    hidden: HashSet<u32>,
}

fn sheet(stream: &[u8], of_styles: &[Option<u16>], kept: &mut Kept) {
    const HIDDEN: u16 = 0x20;
    let mut depth = 0_usize;
    let mut note = |row: Option<u16>, column: Option<u16>, style: Option<u16>| {
        let format = style.and_then(|style| of_styles.get(usize::from(style)).copied().flatten());
        if let (Some(row), Some(column), Some(format)) = (row, column, format) {
            kept.cells.insert((row, column), format);
        }
    };
    for (kind, data) in (Records { rest: stream }) {
        match kind {
            0x0809 => depth += 1,
            0x000A if depth <= 1 => break,
            0x000A => depth -= 1,
            // What is drawn on the sheet has cells of its own.
            _ if depth > 1 => {}
            0x0208 if u16_at(data, 12).is_some_and(|flags| flags & HIDDEN != 0) => {
                kept.hidden.extend(u16_at(data, 0).map(u32::from));
            }
            0x0203 | 0x0204 | 0x00D6 | 0x027E | 0x00FD | 0x0006 => {
                note(u16_at(data, 0), u16_at(data, 2), u16_at(data, 4));
            }
            0x00BD => {
                let first = u16_at(data, 2).unwrap_or(0);
                let values = data.get(4..data.len().saturating_sub(2)).unwrap_or_default();
                for (column, value) in (first..).zip(values.chunks_exact(6)) {
                    note(u16_at(data, 0), Some(column), u16_at(value, 0));
                }
            }
            _ => {}
        }
    }
}

/// A format's number and its code. Before Excel 97 the code is in the machine's code page: that of
/// the mainland, which ASCII is part of.
fn code(data: &[u8], is_wide: bool) -> Option<(u16, String)> {
    let id = u16_at(data, 0)?;
    if !is_wide {
        let bytes = data.get(3..3 + usize::from(*data.get(2)?))?;
        return Some((id, encoding_rs::GBK.decode_without_bom_handling(bytes).0.into_owned()));
    }
    let count = usize::from(u16_at(data, 2)?);
    let code = match data.get(4)? & 1 {
        0 => data.get(5..5 + count)?.iter().map(|byte| char::from(*byte)).collect(),
        _ => {
            let units = data.get(5..5 + count * 2)?.chunks_exact(2);
            let units: Vec<_> = units.map(|two| u16::from_le_bytes([two[0], two[1]])).collect();
            String::from_utf16_lossy(&units)
        }
    };
    Some((id, code))
}
