//! The kind of a wage in a column of its own (薪资类型, 计薪方式). Keeps no state.

use super::{Period, WageRule, is_negotiable, plain};

/// What a column about the kind of a wage says (薪资类型, 计薪方式).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WageType {
    /// Nothing beyond the period: 月薪, 非面谈.
    Silent,
    /// 面议, 面谈.
    Negotiable,
    /// Something in words: 计件, 底薪加提成.
    Words,
}

/// The rule with what a column about the kind of a wage says, and whatever else that is.
pub fn typed(rule: &WageRule, words: &str) -> (WageRule, WageType) {
    const NOTHING: [&str; 9] =
        ["", "-", "无", "非面议", "非面谈", "不面议", "固定", "固定薪资", "固定工资"];
    // 计件 and 计时 say how the amount grows, not what it is for.
    const PERIODS: [(&str, Period); 17] = [
        ("月薪", Period::Month),
        ("月工资", Period::Month),
        ("月结", Period::Month),
        ("按月", Period::Month),
        ("月", Period::Month),
        ("年薪", Period::Year),
        ("按年", Period::Year),
        ("年", Period::Year),
        ("日薪", Period::Day),
        ("日结", Period::Day),
        ("按日", Period::Day),
        ("按天", Period::Day),
        ("日", Period::Day),
        ("天", Period::Day),
        ("时薪", Period::Hour),
        ("按小时", Period::Hour),
        ("小时", Period::Hour),
    ];
    let plain = plain(words);
    if NOTHING.contains(&plain.as_str()) {
        return (*rule, WageType::Silent);
    }
    if is_negotiable(&plain) {
        return (*rule, WageType::Negotiable);
    }
    // 元/月, 万元/年.
    if plain.contains('/') || plain.contains('每') {
        let hinted = rule.hinted(&plain);
        if hinted != *rule || plain == "元/月" {
            return (WageRule { said: true, ..hinted }, WageType::Silent);
        }
    }
    let bare = plain.trim_end_matches("计薪").trim_end_matches("制");
    match PERIODS.iter().find(|(word, _)| *word == bare) {
        Some((_, period)) => (WageRule { period: *period, said: true, ..*rule }, WageType::Silent),
        None => (*rule, WageType::Words),
    }
}
