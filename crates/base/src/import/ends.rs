//! Columns that hold one end of a range, by their names: 薪资范围起, 最低工资, 年龄（上限）, 有效期止.
//! Keeps no state.

/// Which end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    From,
    Until,
}

/// The longer words first.
const FROM: [&str; 13] =
    ["起始", "开始", "下限", "最低", "最小", "最少", "from", "min", "起", "始", "自", "从", "低"];
const UNTIL: [&str; 15] = [
    "截止", "终止", "结束", "上限", "最高", "最大", "最多", "max", "到期", "止", "至", "到", "终",
    "高", "to",
];
const BEFORE_FROM: [&str; 6] = ["最低", "最小", "最少", "起始", "开始", "min"];
const BEFORE_UNTIL: [&str; 6] = ["最高", "最大", "最多", "截止", "结束", "max"];

/// The field of which a column holds an end, and which; `name` is plain.
pub(super) fn split(name: &str) -> Option<(String, End)> {
    let sign = |c: char| matches!(c, '/' | '-' | '_' | '·' | '—' | '|' | '.' | '、');
    let behind = |words: &[&str]| {
        words
            .iter()
            .find_map(|word| name.strip_suffix(word))
            .map(|base| base.trim_end_matches(sign))
    };
    let before = |words: &[&str]| {
        words.iter().find_map(|w| name.strip_prefix(w)).map(|base| base.trim_start_matches(sign))
    };
    let found = behind(&FROM)
        .map(|base| (base, End::From))
        .or_else(|| behind(&UNTIL).map(|base| (base, End::Until)))
        .or_else(|| before(&BEFORE_FROM).map(|base| (base, End::From)))
        .or_else(|| before(&BEFORE_UNTIL).map(|base| (base, End::Until)));
    found.filter(|(base, _)| !base.is_empty()).map(|(base, end)| (base.to_owned(), end))
}

/// The names under which a mapping may have the field: 薪资范围 is 薪资.
pub(super) fn bases(base: &str) -> impl Iterator<Item = &str> {
    let shorter = ["范围", "区间", "幅度", "段", "时间", "日期"];
    let cut = shorter.into_iter().filter_map(move |word| base.strip_suffix(word));
    std::iter::once(base).chain(cut).filter(|base| !base.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_known_by_the_name() {
        for (name, base, end) in [
            ("薪资范围起", "薪资范围", End::From),
            ("薪资范围至", "薪资范围", End::Until),
            ("最低工资", "工资", End::From),
            ("工资/上限", "工资", End::Until),
            ("年龄下限", "年龄", End::From),
            ("有效期止", "有效期", End::Until),
        ] {
            assert_eq!(split(name), Some((base.to_owned(), end)), "{name}");
        }
        for name in ["工资", "起", "最低", "单位", ""] {
            assert_eq!(split(name), None, "{name}");
        }
        assert_eq!(bases("薪资范围").collect::<Vec<_>>(), ["薪资范围", "薪资"]);
    }
}
