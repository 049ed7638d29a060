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
    for line in parts.lines() {
        let (label, words) = line.split_once('：').unwrap_or(("", line));
        match number(words) {
            Some(0) => {}
            Some(count) => {
                sum = sum.saturating_add(count);
                wanted.push((label, words));
            }
            None => {
                let column = fields.column_saying(Target::OpeningsPart, line);
                report.remark(fields.place, column, RemarkKind::Number(words.to_owned()));
            }
        }
    }
    if let Some(whole) = whole.filter(|whole| *whole < sum) {
        // Both cannot be so; what is called the whole counts.
        let words = wanted.iter().map(|(label, words)| format!("{label}：{words}"));
        let words = format!("{}（合计 {whole}）", words.collect::<Vec<_>>().join("，"));
        let column = fields.column(Target::OpeningsPart);
        report.remark(fields.place, column, RemarkKind::LeftOut(words));
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
