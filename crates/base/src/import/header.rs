//! Where a table's header is and what its columns mean. A header may take up to three rows, with
//! heads of groups above heads of columns; what all rows share (the employer of a form, of a
//! heading) may stand above it; two tables may stand side by side. Keeps no state.

use std::{ops::Range, rc::Rc};

use super::{
    aside,
    fields::Cell,
    mapping::{Binding, Column, Head, Index, Lacking, Mapping, Target},
    report::Place,
};

/// Most rows of one header.
pub(super) const ROWS_MAX: usize = 3;
/// Most characters of a head: a longer text is a title or a remark.
const HEAD_CHARS_MAX: usize = 40;

/// A row of a table, and where it stands.
pub(super) type Row = (Place, Vec<Cell>);
/// A mapping with its names in order to be looked up.
pub(super) type Candidate<'a> = (&'a Mapping, Rc<Index>);

/// Something that is said once for all rows: its name, as the file has it, and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) name: String,
    pub(super) value: String,
}

/// A table's header among the rows that were looked at.
pub(super) struct Header<'a> {
    /// The rows it takes.
    pub(super) rows: Range<usize>,
    /// Tables side by side, from the left.
    pub(super) blocks: Vec<Block<'a>>,
}

/// One table of a sheet.
pub(super) struct Block<'a> {
    /// Its columns within the sheet.
    pub(super) columns: Range<usize>,
    pub(super) mapping: &'a Mapping,
    /// The mapping's names.
    pub(super) index: Rc<Index>,
    pub(super) binding: Binding,
}

/// Finds the first header in `rows`.
///
/// # Errors
/// What the best row lacks, when one looks like a header and is none.
pub(super) fn find<'a>(
    rows: &[Row],
    candidates: &[Candidate<'a>],
) -> Result<Header<'a>, Option<Lacking>> {
    let mut lacking: Option<Lacking> = None;
    for first in 0..rows.len() {
        let depths = 1..=ROWS_MAX.min(rows.len() - first);
        let mut best: Option<(usize, &Candidate<'a>, Binding)> = None;
        for depth in depths {
            let Some(heads) = heads(&rows[first..first + depth]) else { continue };
            match bind(&heads, candidates, rows, &(first..first + depth)) {
                Ok((candidate, binding)) => {
                    // Of equals the one with fewer rows.
                    let better = best.as_ref().is_none_or(|(_, other, before)| {
                        rank(candidate, &binding) > rank(other, before)
                    });
                    if better {
                        best = Some((depth, candidate, binding));
                    }
                }
                Err(other) => nearer(&mut lacking, other),
            }
        }
        if let Some((depth, candidate, binding)) = best {
            let mut header = settled(rows, first..first + depth, candidate, binding);
            pass_over_others(rows, &mut header, candidates);
            return Ok(header);
        }
    }
    Err(lacking)
}

/// Takes rows off the top that add nothing (titles), adds those at the bottom that do, and parts
/// tables that stand side by side.
fn settled<'a>(
    rows: &[Row],
    mut taken: Range<usize>,
    candidate: &Candidate<'a>,
    mut binding: Binding,
) -> Header<'a> {
    let one = std::slice::from_ref(candidate);
    let bound = |taken: &Range<usize>| {
        let heads = heads(rows.get(taken.clone())?)?;
        bind(&heads, one, rows, taken).ok().map(|(_, binding)| binding)
    };
    // What reaches into the row below is no title.
    let reaches_down = |at: usize| rows[at + 1].1.iter().any(|cell| cell.filled);
    while taken.len() > 1 && !reaches_down(taken.start) {
        let lower = taken.start + 1..taken.end;
        match bound(&lower).filter(|same| same.count >= binding.count) {
            Some(same) => (taken, binding) = (lower, same),
            None => break,
        }
    }
    while taken.len() < ROWS_MAX {
        let more = taken.start..taken.end + 1;
        match bound(&more).filter(|better| better.count > binding.count) {
            Some(better) => (taken, binding) = (more, better),
            None => break,
        }
    }
    let heads = heads(&rows[taken.clone()]).unwrap_or_default();
    let alone = |range: &Range<usize>| bind(&heads[range.clone()], one, rows, &taken).ok();
    let parts = side_by_side(&heads, |range| alone(range).is_some());
    let block = |columns: Range<usize>, binding| {
        let (mapping, index) = candidate;
        Block { columns, mapping, index: Rc::clone(index), binding }
    };
    let blocks = match parts.as_slice() {
        [] | [_] => vec![block(0..heads.len(), binding)],
        parts => {
            let several =
                parts.iter().filter_map(|range| Some(block(range.clone(), alone(range)?.1)));
            several.collect()
        }
    };
    Header { rows: taken, blocks }
}

/// Takes the meaning from columns that are a table of another kind beside the first, behind an empty
/// column: classes beside postings. They are named as not taken, and nothing in them becomes a posting's.
fn pass_over_others(rows: &[Row], header: &mut Header<'_>, candidates: &[Candidate<'_>]) {
    let [block] = header.blocks.as_mut_slice() else { return };
    let Some(heads) = heads(&rows[header.rows.clone()]) else { return };
    let known = |run: &[Head], index: &Index| {
        let leaves = run.iter().filter_map(Head::leaf);
        leaves.filter(|leaf| !super::mapping::column(index, leaf).is_empty()).count()
    };
    let mut start = 0;
    for run in heads.split(|head| head.leaf().is_none()) {
        let columns = start..start + run.len();
        start = columns.end + 1;
        if heads[..columns.start].iter().all(|head| head.leaf().is_none()) {
            continue;
        }
        let others = candidates.iter().filter(|(m, _)| m.collection != block.mapping.collection);
        let most = others.map(|(_, index)| known(run, index)).max().unwrap_or(0);
        if most >= 2 && most > known(run, &block.index) {
            block.binding.columns[columns].iter_mut().for_each(Vec::clear);
        }
    }
}

/// The columns of tables that stand side by side: parted by empty columns, or the same heads over
/// again. `is_table` says whether some columns are a table by themselves.
fn side_by_side(heads: &[Head], is_table: impl Fn(&Range<usize>) -> bool) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    let named = |(_, head): &(usize, &Head)| head.leaf().is_some();
    for (index, _) in heads.iter().enumerate().filter(named) {
        match runs.last_mut().filter(|run| run.end == index) {
            Some(run) => run.end = index + 1,
            None => runs.push(index..index + 1),
        }
    }
    let mut parts: Vec<Range<usize>> = Vec::new();
    for run in runs.iter().filter(|run| is_table(run)) {
        // What is no table by itself belongs to the one before it.
        if let Some(before) = parts.last_mut() {
            before.end = run.start;
        }
        let start = if parts.is_empty() { 0 } else { run.start };
        parts.push(start..heads.len());
    }
    if parts.len() > 1 {
        return parts;
    }
    let Some(first) = runs.first().map(|run| run.start) else { return Vec::new() };
    let starts: Vec<_> = (first..heads.len()).filter(|at| heads[*at] == heads[first]).collect();
    let ends = starts.iter().skip(1).copied().chain([heads.len()]);
    let repeated: Vec<_> = starts.iter().zip(ends).map(|(start, end)| *start..end).collect();
    if repeated.len() > 1 && repeated.iter().all(is_table) { repeated } else { Vec::new() }
}

/// The candidate that knows most of the columns over which `heads` stand; of equals one that is
/// recognised by its own. `given` says what stands elsewhere for all rows.
///
/// # Errors
/// What the heads lack, where they know most of it.
pub(super) fn best<'a, 'c>(
    heads: &[Head],
    candidates: &'c [Candidate<'a>],
    given: impl Fn(Target, &Candidate<'a>) -> bool,
) -> Result<(&'c Candidate<'a>, Binding), Option<Lacking>> {
    let mut best: Option<(&Candidate<'a>, Binding)> = None;
    let mut lacking: Option<Lacking> = None;
    for candidate in candidates {
        match candidate.0.bind(&candidate.1, heads, |target| given(target, candidate)) {
            Ok(binding) => {
                let better = best
                    .as_ref()
                    .is_none_or(|(other, before)| rank(candidate, &binding) > rank(other, before));
                if better {
                    best = Some((candidate, binding));
                }
            }
            Err(other) => nearer(&mut lacking, other),
        }
    }
    best.ok_or(lacking)
}

fn rank(candidate: &Candidate<'_>, binding: &Binding) -> (usize, usize) {
    (candidate.0.recognised_by.len().min(1), binding.count)
}

/// Keeps what was nearest to being a header.
fn nearer(lacking: &mut Option<Lacking>, other: Option<Lacking>) {
    let known = |lacking: &Lacking| lacking.known.len();
    if other.as_ref().map(known) > lacking.as_ref().map(known) {
        *lacking = other;
    }
}

/// As [`best`], of the heads in the rows `taken`.
fn bind<'a, 'c>(
    heads: &[Head],
    candidates: &'c [Candidate<'a>],
    rows: &[Row],
    taken: &Range<usize>,
) -> Result<(&'c Candidate<'a>, Binding), Option<Lacking>> {
    let is_form = |(_, cells): &Row| candidates.iter().any(|(_, index)| is_form(cells, index));
    // 填报单位：测试所 stands above a header, and is no part of it.
    let says = |(_, cells): &Row| {
        let mut own = aside::own(cells);
        own.any(|(_, cell)| aside::is_signed(&cell.text))
    };
    if rows[taken.clone()].iter().any(|row| is_form(row) || says(row)) {
        return Err(None);
    }
    best(heads, candidates, |target, candidate| {
        let above = said_above(&rows[..taken.start], &candidate.1);
        above.iter().any(|(column, _)| column.target == target)
            || target == Target::Employer && headings_name_employers(rows, taken, candidate)
    })
}

/// Whether a row is one of a form, names and values in turn (招聘岗位 | 焊工 | 招聘人数 | 3), some of them
/// figures: no header has such.
fn is_form(cells: &[Cell], index: &Index) -> bool {
    let own: Vec<&str> = aside::own(cells).map(|(_, cell)| cell.text.trim()).collect();
    let (pairs, rest) = own.as_chunks::<2>();
    let is_name = |text: &str| !super::mapping::column(index, text).is_empty();
    pairs.len() > 1
        && rest.is_empty()
        && pairs.iter().all(|[name, value]| is_name(name) && !is_name(value))
        && pairs.iter().any(|[_, value]| value.contains(|c: char| c.is_ascii_digit()))
}

/// Whether the employers stand in rows of their own: the last row above the header or the first
/// below it is nothing but the name of one.
fn headings_name_employers(rows: &[Row], taken: &Range<usize>, candidate: &Candidate<'_>) -> bool {
    if candidate.0.collection != crate::wire::Collection::Postings {
        return false;
    }
    let is_heading =
        |row: &Row| aside::heading(&row.1).is_some_and(|h| aside::employer(h).is_some());
    rows.get(taken.end).is_some_and(is_heading)
        || taken.start.checked_sub(1).and_then(|at| rows.get(at)).is_some_and(is_heading)
}

/// What rows above a header say for all rows below it.
pub(super) fn said_above(rows: &[Row], index: &Index) -> Vec<(Column, Said)> {
    rows.iter().flat_map(|(_, cells)| said(cells, index)).collect()
}

/// What a row of names and values says: 单位名称 | 测试厂 | 联系电话：0830-…; nothing for any other
/// row.
pub(super) fn said(cells: &[Cell], index: &Index) -> Vec<(Column, Said)> {
    said_and_rest(cells, index).0
}

/// As [`said`], and what else the row says.
pub(super) fn said_and_rest(cells: &[Cell], index: &Index) -> (Vec<(Column, Said)>, Vec<String>) {
    let mut found = Vec::new();
    let mut rest = Vec::new();
    // The number beside 填表单位 is that of who made the table.
    let is_office = aside::own(cells).any(|(_, cell)| aside::names_office(&cell.text));
    let of_office = [Target::Phone, Target::Contact, Target::Place];
    let own: Vec<&str> = aside::own(cells).map(|(_, cell)| cell.text.trim()).collect();
    // 单位：元 is no employer.
    let is_unit =
        |value: &str| value.chars().all(|c| "元人万千个名岗位月年天日、，,/ ".contains(c));
    let column = |name: &str, value: &str| {
        let columns = super::mapping::column(index, name.trim());
        let found = columns.into_iter().find(|column| column.target.is_said_once())?;
        let is_its = is_office && of_office.contains(&found.target);
        (!is_its && (found.target != Target::Employer || !is_unit(value))).then_some(found)
    };
    let is_name = |text: &str| !super::mapping::column(index, text).is_empty();
    let mut at = 0;
    while at < own.len() {
        let text = own[at];
        at += 1;
        if text.contains(['：', ':']) && !text.ends_with(['：', ':']) {
            let pairs = aside::labelled(text);
            rest.extend(pairs.is_empty().then(|| text.to_owned()));
            for (name, value) in pairs {
                let said = Said { name: name.to_owned(), value: value.to_owned() };
                match column(name, value) {
                    Some(column) => found.push((column, said)),
                    None => rest.push(format!("{name}：{value}")),
                }
            }
            continue;
        }
        let value = own.get(at).filter(|value| !is_name(value));
        match value.and_then(|value| Some((column(text, value)?, *value))) {
            Some((column, value)) => {
                at += 1;
                let name = text.trim_end_matches(['：', ':']).to_owned();
                found.push((column, Said { name, value: value.to_owned() }));
            }
            None => rest.push(text.to_owned()),
        }
    }
    (found, rest)
}

/// The heads over each column: the words of each row, those of a group over all of its columns.
/// `None` when one is too long to be a head.
fn heads(rows: &[Row]) -> Option<Vec<Head>> {
    let width = rows.iter().map(|(_, cells)| cells.len()).max()?;
    let mut heads = vec![Head::default(); width];
    for (at, (_, cells)) in rows.iter().enumerate() {
        let merged = cells.iter().any(|cell| cell.span > 1);
        let below = &rows[at + 1..];
        let says = |cells: &[Cell], column: usize| {
            cells.get(column).is_some_and(|cell| !cell.text.trim().is_empty())
        };
        // Where nothing is merged, a group reaches over the columns that have heads of their own.
        let goes_on = |column: usize| {
            !says(cells, column) && below.iter().any(|(_, cells)| says(cells, column))
        };
        let mut column = 0;
        while column < width {
            let Some(cell) = cells.get(column).filter(|cell| !cell.text.trim().is_empty()) else {
                column += 1;
                continue;
            };
            let text = cell.text.trim();
            if text.chars().count() > HEAD_CHARS_MAX {
                return None;
            }
            let end = match merged {
                true => (column + usize::from(cell.span.max(1))).min(width),
                false => (column + 1..width).find(|next| !goes_on(*next)).unwrap_or(width),
            };
            let is_group = end > column + 1;
            heads[column..end].iter_mut().for_each(|head| head.push(text, is_group));
            column = end;
        }
    }
    Some(heads)
}
