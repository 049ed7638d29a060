//! Looks an `.xls` file over before it is opened: the chains of its sectors must end, and its
//! sheets must not claim more cells than can be held. Keeps no state.
//!
//! The format is that of [MS-CFB] (the compound file) and [MS-XLS] (the records in it).

use super::{ImportError, legacy_formats::Formats, sheet::COMPOUND};

/// Largest file, in bytes. Its sheets have at most 65,536 rows.
const BYTES_MAX: usize = 32 << 20;
/// Most cells that a sheet's outermost rows and columns may enclose.
const CELLS_MAX: u64 = 4_000_000;
/// Most characters that all cells may hold together.
const CHARS_MAX: u64 = 64 << 20;
/// Most sheets.
const SHEETS_MAX: usize = 200;
/// Ends a chain of sectors; every number from 0xFFFF_FFFA on names none.
const NO_SECTOR: u32 = 0xFFFF_FFFA;

/// Looks `bytes` over, and gives what its numbers look like.
///
/// # Errors
/// When it is no workbook, or one that is not safe to open.
pub(super) fn check(bytes: &[u8]) -> Result<Formats, ImportError> {
    if bytes.len() > BYTES_MAX {
        return Err(ImportError::Bomb);
    }
    let damaged = || ImportError::Workbook("文件已损坏".to_owned());
    let file = Compound::new(bytes).ok_or_else(damaged)?;
    let Some(workbook) = file.workbook().ok_or_else(damaged)? else {
        let why = "里面没有工作表，或者加了密码";
        return Err(ImportError::Workbook(why.to_owned()));
    };
    match sheets_are_small(&workbook) {
        Some(true) => Ok(Formats::read(&workbook)),
        Some(false) => Err(ImportError::Bomb),
        None => Err(damaged()),
    }
}

/// A compound file: sectors that are chained by a table.
struct Compound<'a> {
    bytes: &'a [u8],
    sector: usize,
    chain: Vec<u32>,
    small_chain: Vec<u32>,
    /// Where sectors of 64 bytes lie.
    small: Vec<u8>,
    directory: Vec<u8>,
}

impl<'a> Compound<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        if !bytes.starts_with(COMPOUND) || bytes.len() < 512 {
            return None;
        }
        let sector = match u16_at(bytes, 30)? {
            9 => 512,
            12 => 4_096,
            _ => return None,
        };
        let mut file = Self {
            bytes,
            sector,
            chain: Vec::new(),
            small_chain: Vec::new(),
            small: Vec::new(),
            directory: Vec::new(),
        };
        file.chain = file.table()?;
        file.directory = file.stream(u32_at(bytes, 48)?, usize::MAX)?;
        let root = file.entries().next()?;
        if u32_at(bytes, 64)? > 0 {
            file.small = file.stream(root.start, root.size)?;
            let chain = file.stream(u32_at(bytes, 60)?, usize::MAX)?;
            file.small_chain = chain.chunks_exact(4).filter_map(|c| u32_at(c, 0)).collect();
        }
        Some(file)
    }

    /// The table of chains, whose own sectors the header and a chain of its own name.
    fn table(&self) -> Option<Vec<u32>> {
        let sectors = self.bytes.len() / self.sector + 1;
        let mut named: Vec<u32> = (0..109).filter_map(|i| u32_at(self.bytes, 76 + 4 * i)).collect();
        let mut next = u32_at(self.bytes, 68)?;
        for _ in 0..=sectors {
            if next >= NO_SECTOR {
                let table = named.into_iter().filter(|id| *id < NO_SECTOR);
                let mut chain = Vec::new();
                for id in table {
                    let sector = self.sector(id)?;
                    chain.extend(sector.chunks_exact(4).filter_map(|c| u32_at(c, 0)));
                }
                return Some(chain);
            }
            let sector = self.sector(next)?;
            named.extend(sector.chunks_exact(4).filter_map(|c| u32_at(c, 0)));
            next = named.pop()?;
        }
        None
    }

    fn sector(&self, id: u32) -> Option<&'a [u8]> {
        let start = (id as usize).checked_add(1)?.checked_mul(self.sector)?;
        let end = (start + self.sector).min(self.bytes.len());
        self.bytes.get(start..end)
    }

    /// The sectors from `start` on; `None` when their chain leads nowhere or in a circle.
    fn stream(&self, start: u32, size: usize) -> Option<Vec<u8>> {
        let mut stream = Vec::new();
        let mut id = start;
        for _ in 0..=self.chain.len() {
            if id >= NO_SECTOR || stream.len() >= size {
                stream.truncate(size);
                return Some(stream);
            }
            stream.extend_from_slice(self.sector(id)?);
            id = *self.chain.get(id as usize)?;
        }
        None
    }

    fn small_stream(&self, start: u32, size: usize) -> Option<Vec<u8>> {
        let mut stream = Vec::new();
        let mut id = start;
        for _ in 0..=self.small_chain.len() {
            if id >= NO_SECTOR || stream.len() >= size {
                stream.truncate(size);
                return Some(stream);
            }
            let at = (id as usize).checked_mul(64)?;
            stream.extend_from_slice(self.small.get(at..(at + 64).min(self.small.len()))?);
            id = *self.small_chain.get(id as usize)?;
        }
        None
    }

    fn entries(&self) -> impl Iterator<Item = Entry> {
        self.directory.chunks_exact(128).filter_map(|entry| {
            let length = usize::from(u16_at(entry, 64)?).min(64).saturating_sub(2);
            let name = entry[..length].chunks_exact(2).map(|c| u16::from_le_bytes([c[0], c[1]]));
            Some(Entry {
                name: String::from_utf16_lossy(&name.collect::<Vec<_>>()),
                start: u32_at(entry, 116)?,
                size: u32_at(entry, 120)? as usize,
            })
        })
    }

    /// The workbook's stream, when all streams of the file have an end.
    fn workbook(&self) -> Option<Option<Vec<u8>>> {
        let mut found: Option<(bool, Vec<u8>)> = None;
        for entry in self.entries().skip(1).filter(|entry| entry.size > 0) {
            let stream = match entry.size < 4_096 {
                true => self.small_stream(entry.start, entry.size)?,
                false => self.stream(entry.start, entry.size)?,
            };
            let newer = entry.name.eq_ignore_ascii_case("workbook");
            if newer || entry.name.eq_ignore_ascii_case("book") && found.is_none() {
                found = Some((newer, stream));
            }
        }
        Some(found.map(|(_, stream)| stream))
    }
}

struct Entry {
    name: String,
    start: u32,
    size: usize,
}

/// Whether every sheet can be held; `None` when the records make no sense.
fn sheets_are_small(stream: &[u8]) -> Option<bool> {
    let mut starts = Vec::new();
    let mut strings = Vec::new();
    let mut records = Records { rest: stream }.peekable();
    while let Some((kind, data)) = records.next() {
        match kind {
            0x0085 => starts.push(u32_at(data, 0)? as usize),
            0x00FC => {
                let mut parts = vec![data];
                while let Some((_, more)) = records.next_if(|(kind, _)| *kind == 0x003C) {
                    parts.push(more);
                }
                strings = string_lengths(&parts);
            }
            0x000A => break,
            _ => {}
        }
    }
    if starts.len() > SHEETS_MAX {
        return Some(false);
    }
    let mut chars = 0;
    for start in starts {
        let mut depth = 0_usize;
        let mut extent = Extent::default();
        for (kind, data) in (Records { rest: stream.get(start..)? }) {
            match kind {
                0x0809 => depth += 1,
                0x000A if depth <= 1 => break,
                0x000A => depth -= 1,
                0x0200 => {
                    let (first, last, left, right) = match data.len() {
                        10 => (
                            u16_at(data, 0)?.into(),
                            u16_at(data, 2)?.into(),
                            u16_at(data, 4)?,
                            u16_at(data, 6)?,
                        ),
                        _ => (
                            u32_at(data, 0)?,
                            u32_at(data, 4)?,
                            u16_at(data, 8)?,
                            u16_at(data, 10)?,
                        ),
                    };
                    // Outermost places; an empty sheet says 0 to 0.
                    if last > 0 && last <= first {
                        return None;
                    }
                    let columns = u64::from(right.max(left));
                    if u64::from(last) * columns > CELLS_MAX {
                        return Some(false);
                    }
                }
                0x0203 | 0x0204 | 0x00D6 | 0x0205 | 0x027E | 0x00FD | 0x0006 => {
                    extent.reach(u16_at(data, 0)?, u16_at(data, 2)?);
                    if kind == 0x00FD {
                        let index = u32_at(data, 6)? as usize;
                        chars += strings.get(index).copied().unwrap_or(0);
                    }
                }
                0x00BD => {
                    let row = u16_at(data, 0)?;
                    extent.reach(row, u16_at(data, 2)?);
                    extent.reach(row, u16_at(data, data.len().checked_sub(2)?)?);
                }
                _ => {}
            }
            if extent.cells() > CELLS_MAX || chars > CHARS_MAX {
                return Some(false);
            }
        }
    }
    Some(true)
}

/// Characters of each string of the workbook's table, which several records may hold together: a
/// string's characters go on behind a byte that says anew how wide they are.
fn string_lengths(parts: &[&[u8]]) -> Vec<u64> {
    let mut lengths = Vec::new();
    let Some(first) = parts.first() else { return lengths };
    let mut part = 0;
    let mut rest = first.get(8..).unwrap_or_default();
    loop {
        while rest.is_empty() {
            part += 1;
            match parts.get(part) {
                Some(next) => rest = next,
                None => return lengths,
            }
        }
        let (Some(count), Some(&flags)) = (u16_at(rest, 0), rest.get(2)) else { return lengths };
        let runs = if flags & 8 == 0 { None } else { u16_at(rest, 3) };
        let after_runs = if runs.is_some() { 5 } else { 3 };
        let extra = if flags & 4 == 0 { None } else { u32_at(rest, after_runs) };
        let head = after_runs + if extra.is_some() { 4 } else { 0 };
        lengths.push(count.into());
        rest = rest.get(head..).unwrap_or_default();
        let mut width = 1 + usize::from(flags & 1);
        let mut left = usize::from(count);
        while left > 0 {
            let here = (rest.len() / width).min(left);
            rest = &rest[here * width..];
            left -= here;
            if left > 0 {
                part += 1;
                let Some((&flags, behind)) = parts.get(part).and_then(|part| part.split_first())
                else {
                    return lengths;
                };
                width = 1 + usize::from(flags & 1);
                rest = behind;
            }
        }
        let mut behind = usize::from(runs.unwrap_or(0)) * 4 + extra.unwrap_or(0) as usize;
        while behind > rest.len() {
            behind -= rest.len();
            part += 1;
            match parts.get(part) {
                Some(next) => rest = next,
                None => return lengths,
            }
        }
        rest = &rest[behind..];
    }
}

/// The outermost cells of a sheet.
#[derive(Default)]
struct Extent {
    rows: u64,
    columns: u64,
}

impl Extent {
    fn reach(&mut self, row: u16, column: u16) {
        self.rows = self.rows.max(u64::from(row) + 1);
        self.columns = self.columns.max(u64::from(column) + 1);
    }

    fn cells(&self) -> u64 {
        self.rows * self.columns
    }
}

/// Records: a kind, a length and so many bytes.
pub(super) struct Records<'a> {
    pub(super) rest: &'a [u8],
}

impl<'a> Iterator for Records<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let kind = u16_at(self.rest, 0)?;
        let length = usize::from(u16_at(self.rest, 2)?);
        let data = self.rest.get(4..4 + length)?;
        self.rest = &self.rest[4 + length..];
        Some((kind, data))
    }
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes([two[0], two[1]]))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn strings_are_measured_across_records() {
        // Two strings: three wide characters of which two stand in the next record as narrow ones,
        // then two narrow ones.
        let one = [2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 1, b'a', 0];
        let two = [0, b'b', b'c', 2, 0, 0, b'd', b'e'];
        assert_eq!(string_lengths(&[&one, &two]), [3, 2]);
        assert_eq!(string_lengths(&[&one]), [3]);
    }

    #[test]
    fn a_sheet_that_claims_too_much_is_found() {
        let record = |kind: u16, data: &[u8]| {
            [&kind.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat()
        };
        let workbook = |sheet: &[u8]| {
            let start = record(0x0085, &[0; 8]).len() as u32 + 4;
            let mut bound = start.to_le_bytes().to_vec();
            bound.extend([0; 4]);
            [record(0x0085, &bound), record(0x000A, &[]), sheet.to_vec()].concat()
        };
        let number = |row: u16, column: u16| {
            let data = [&row.to_le_bytes()[..], &column.to_le_bytes(), &[0; 10]].concat();
            record(0x0203, &data)
        };
        let sound = workbook(&[number(0, 0), number(99, 9), record(0x000A, &[])].concat());
        assert_eq!(sheets_are_small(&sound), Some(true));
        let wide = workbook(&[number(0, 0), number(65_535, 65_535)].concat());
        assert_eq!(sheets_are_small(&wide), Some(false));
        let claims =
            [&0_u32.to_le_bytes()[..], &u32::MAX.to_le_bytes(), &[0, 0, 255, 0, 0, 0]].concat();
        assert_eq!(sheets_are_small(&workbook(&record(0x0200, &claims))), Some(false));
        assert_eq!(sheets_are_small(&workbook(&record(0x0203, &[1]))), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_looked_over(mut bytes in proptest::collection::vec(any::<u8>(), 512..2_048)) {
            bytes[..8].copy_from_slice(COMPOUND);
            bytes[30..32].copy_from_slice(&9_u16.to_le_bytes());
            let _ = check(&bytes);
            let _ = sheets_are_small(&bytes);
        }
    }
}
