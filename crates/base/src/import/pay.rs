//! The wage of a posting, from the columns that speak of it: the whole, its ends, its kind. Keeps no
//! state.

use super::{
    fields::{Fields, SHORT_CHARS_MAX, number},
    mapping::Target,
    postings::{BENEFIT_CHARS_MAX, BENEFITS_MAX},
    report::{RemarkKind, Report},
    text,
    wage::{self, Understood, WageType},
};
use crate::domain::{Posting, Wage};

/// Gives the posting its wage. What a range of amounts cannot say stands among the benefits.
pub(super) fn take(fields: &Fields<'_>, posting: &mut Posting, report: &mut Report) {
    let typed = |rule| match fields.get(Target::WageType) {
        Some(words) => wage::typed(&rule, words),
        None => (rule, WageType::Silent),
    };
    let (rule, kind) = typed(fields.wage_rule(Target::Wage));
    let text = |target| fields.get(target).unwrap_or_default();
    let (min, max) = (text(Target::WageMin), text(Target::WageMax));
    let whole = fields.get(Target::Wage).map(|text| wage::parse(text, &rule));
    let end = if min.is_empty() { Target::WageMax } else { Target::WageMin };
    let (ends_rule, _) = typed(fields.wage_rule(end));
    let ends = wage::from_numbers(min, max, &ends_rule);
    let is_amount =
        |read: &Read| matches!(read, Ok(Some(Understood { wage: Wage::Range { .. }, .. })));
    // The column of the whole counts, unless only those of the ends tell an amount.
    let whole_counts = match &whole {
        Some(read) => is_amount(read) || !is_amount(&ends),
        None => false,
    };
    let (target, read, other) = match whole {
        Some(read) if whole_counts => (Target::Wage, read, Some(ends)),
        whole => (end, ends, whole),
    };
    // Of the two columns of the ends both are named.
    let column = |target: Target| match target {
        Target::Wage => fields.column(Target::Wage).to_owned(),
        _ if min.is_empty() || max.is_empty() => fields.column(end).to_owned(),
        _ => [Target::WageMin, Target::WageMax].map(|target| fields.column(target)).join("、"),
    };
    let shown = |target: Target| match target {
        Target::Wage => text(Target::Wage).to_owned(),
        _ if min.is_empty() || max.is_empty() => format!("{min}{max}"),
        _ => format!("{min}-{max}"),
    };
    let mut words = Vec::new();
    match &read {
        Ok(None) if kind == WageType::Negotiable => posting.wage = Some(Wage::Negotiable),
        Ok(None) => {}
        Ok(Some(understood)) => {
            posting.wage = Some(understood.wage);
            let others = || fields.get(Target::WageMonths).and_then(number);
            let months = understood.months.map(u32::from).or_else(others);
            let months = months.filter(|months| (13..=24).contains(months));
            words.extend(understood.words.clone());
            words.extend(months.map(|months| format!("{months}薪")));
        }
        Err(fault) => {
            let shown: String = shown(target).chars().take(SHORT_CHARS_MAX).collect();
            // What the source says of the pay is shown in its own words: 计件，多劳多得.
            words.extend(fault.is_in_words().then(|| text::line(&shown)));
            report.remark(fields.place, &column(target), RemarkKind::Wage(*fault, shown));
            if kind == WageType::Negotiable {
                posting.wage = Some(Wage::Negotiable);
            }
        }
    }
    // 面议 beside amounts; 计件, 底薪加提成: nothing that a range says.
    let kind_words = match kind {
        WageType::Negotiable => posting.wage != Some(Wage::Negotiable),
        WageType::Words => true,
        WageType::Silent => false,
    };
    words.extend(kind_words.then(|| text::line(text(Target::WageType))));
    if let Some(other) = other.filter(|other| !matches!(other, Ok(None)) && *other != read) {
        let other_target = if target == Target::Wage { end } else { Target::Wage };
        match other {
            // Words beside the amounts: 面议, 五险一金.
            Ok(Some(Understood { wage: Wage::Negotiable, .. })) | Err(_) => {
                words.push(text::line(&shown(other_target)));
            }
            _ => {
                let words = RemarkKind::OtherWage(shown(other_target));
                report.remark(fields.place, &column(other_target), words);
            }
        }
    }
    for mut words in words.into_iter().rev() {
        if text::cut(&mut words, BENEFIT_CHARS_MAX) {
            report.remark(fields.place, &column(target), RemarkKind::Cut);
        }
        if words.chars().any(char::is_alphanumeric) && !posting.benefits.contains(&words) {
            posting.benefits.insert(0, words);
        }
    }
    if posting.benefits.len() > BENEFITS_MAX {
        report.remark(fields.place, fields.column(Target::Benefits), RemarkKind::Cut);
        posting.benefits.truncate(BENEFITS_MAX);
    }
}

/// What a column of wages says.
type Read = Result<Option<Understood>, wage::WageFault>;
