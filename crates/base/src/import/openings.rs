//! How many are wanted: the column that says it, or what its parts (男, 女, 不限) are together. Keeps no
//! state.

use super::{
    condition::Ground,
    fields::{Fields, number},
    mapping::Target,
    postings::discriminating,
    report::{RemarkKind, Report},
};

/// The openings of a row. A number for one sex alone is a condition that no posting may set: the number
/// counts, the sex is reported.
pub(super) fn take(fields: &Fields<'_>, report: &mut Report) -> Option<u32> {
    let whole = fields.count(Target::Openings, report);
    let Some(parts) = fields.get(Target::OpeningsPart) else { return whole };
    if fields.is_filled(Target::OpeningsPart) {
        report.remark(fields.place, fields.column(Target::OpeningsPart), RemarkKind::Merged);
        return whole;
    }
    let mut sum = 0_u32;
    let mut wanted = Vec::new();
    for (label, words) in parts.lines().filter_map(|line| line.split_once('：')) {
        match number(words) {
            Some(0) => {}
            Some(count) => {
                sum = sum.saturating_add(count);
                wanted.push((label, words));
            }
            None => {
                let column = fields.column(Target::OpeningsPart);
                report.remark(fields.place, column, RemarkKind::Number(words.to_owned()));
            }
        }
    }
    let of_any = whole.is_some_and(|whole| whole > sum);
    if let [(sex @ ("男" | "女"), words)] = wanted.as_slice()
        && !of_any
    {
        let words = format!("{sex}：{words}");
        discriminating(fields, Target::OpeningsPart, Ground::Sex, words, report);
    }
    whole.or((sum > 0).then_some(sum))
}
