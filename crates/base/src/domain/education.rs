//! How much schooling is asked for (文化程度), read from a source's own words. Keeps no state.
//!
//! What a source writes is more than a step of a ladder: 本科以上，专业不限; 硕士研究生（本科阶段须为
//! 法学）; 大专及以上，有三年经验可放宽至高中. The step is what the first words that name one ask for;
//! of alternatives (高中/中专/技校, 大专或本科) the least. What is said of a lower stage on the way to it,
//! of a preference or an exception, and of what else is 不限, does not lower it.

use serde::Serialize;

/// How much schooling is asked for, as a ladder from the least (AAC011, made coarse). It does not travel; the
/// kiosk's index names its terms by it, so serde writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Education {
    /// 不限.
    Any,
    /// 小学.
    Primary,
    /// 初中.
    Middle,
    /// 高中, 中专, 中技, 职高.
    High,
    /// 大专, 高职.
    College,
    /// 本科.
    Bachelor,
    /// 研究生.
    Graduate,
}

/// Names of the steps. 大学 alone is a bachelor's; 大学专科 has the lower name in it.
const STEPS: [(Education, &[&str]); 6] = [
    (Education::Primary, &["小学", "识字", "能读写", "会读写"]),
    (Education::Middle, &["初中", "初级中学"]),
    (
        Education::High,
        &[
            "高中",
            "中专",
            "中等专科",
            "中职",
            "中技",
            "技校",
            "技工学校",
            "职高",
            "职业高中",
            "高级中学",
        ],
    ),
    (Education::College, &["大专", "专科", "高职", "高专", "高级技工", "高技", "预备技师"]),
    (Education::Bachelor, &["本科", "学士", "大学"]),
    (Education::Graduate, &["研究生", "硕士", "博士", "MBA", "MPA"]),
];

/// Longer names that hold a step's and are none of it, or another's.
const OTHERS: [(&str, &str); 4] =
    [("中等专科", "中专"), ("高级技工学校", "技校"), ("高技能", ""), ("研究生院", "")];

impl Education {
    /// All steps of the ladder, from the least.
    pub const ALL: [Self; 7] = [
        Self::Any,
        Self::Primary,
        Self::Middle,
        Self::High,
        Self::College,
        Self::Bachelor,
        Self::Graduate,
    ];

    /// The least that `words` ask for; `None` when they name no step. `大专或本科` asks for 大专,
    /// `本科以上，专业不限` for 本科, `初中及以下` for nothing.
    pub fn asked_for(words: &str) -> Option<Self> {
        let plain: String = words.chars().map(half_width).filter(|c| !c.is_whitespace()).collect();
        let plain = OTHERS.iter().fold(plain, |text, (name, is)| text.replace(name, is));
        let (outside, within) = brackets(&plain);
        // 不限（初中以上优先）: what stands in brackets explains what stands before.
        of_clauses(&outside).or_else(|| of_clauses(&within))
    }
}

fn half_width(c: char) -> char {
    match c {
        '（' | '【' | '[' => '(',
        '）' | '】' | ']' => ')',
        '，' | '；' | '。' | ';' | '|' | '｜' => ',',
        '／' => '/',
        '\u{FF21}'..='\u{FF3A}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

/// What stands outside of brackets, and within.
fn brackets(text: &str) -> (String, String) {
    let (mut outside, mut within, mut depth) = (String::new(), String::new(), 0_u32);
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => outside.push(c),
            _ => within.push(c),
        }
        if matches!(c, '(' | ')') {
            within.push(',');
        }
    }
    (outside, within)
}

/// The step of the first clause that names one; a later one counts only where it is an
/// alternative: 或高中, or nothing but a name (初中，高中).
fn of_clauses(text: &str) -> Option<Education> {
    let mut asked: Option<Education> = None;
    for clause in text.split(',').filter(|clause| !clause.is_empty()) {
        let Some(step) = of_clause(clause) else { continue };
        let is_alternative =
            clause.starts_with('或') || ["也可", "亦可", "均可"].iter().any(|w| clause.contains(w));
        match asked {
            None => asked = Some(step),
            // 初中以上，不限: of what else it is.
            Some(_) if step == Education::Any => {}
            Some(before) if is_alternative || is_bare(clause) => asked = Some(before.min(step)),
            Some(_) => {}
        }
    }
    asked
}

/// What one clause asks for.
fn of_clause(clause: &str) -> Option<Education> {
    const ANY: [&str; 12] = [
        "学历不限",
        "不限学历",
        "文化不限",
        "文化程度不限",
        "不限文化",
        "学历无要求",
        "学历不作要求",
        "不要求学历",
        "无学历",
        "学历不要求",
        "学历均可",
        "学历可不限",
    ];
    const BARE: [&str; 9] =
        ["不限", "不限制", "无", "无要求", "不要求", "不作要求", "没有要求", "均可", "任意"];
    // An exception, or how one came to the step that is asked for.
    const ASIDE: [&str; 5] = ["可放宽", "放宽", "特别优秀", "优秀者", "第一学历"];
    if BARE.contains(&clause) {
        return Some(Education::Any);
    }
    let end = ASIDE.iter().filter_map(|word| clause.find(word)).min().unwrap_or(clause.len());
    let clause = &clause[..end];
    let named = named(clause);
    let first = named.iter().map(|(at, _)| *at).min();
    let any = ANY.iter().filter_map(|words| clause.find(words)).min();
    match (first, any) {
        // 大专及以上学历不限专业 names a step before.
        (Some(first), any) if any.is_none_or(|any| first < any) => {
            // 初中及以下: nobody has too little.
            let below = clause.contains("以下") || clause.contains("及下");
            let least = named.iter().map(|(_, step)| *step).min();
            if below { Some(Education::Any) } else { least }
        }
        (_, Some(_)) => Some(Education::Any),
        // 学历、专业不限.
        _ => (clause.starts_with("学历") && clause.ends_with("不限")).then_some(Education::Any),
    }
}

/// The steps that a clause names, with where they stand; but for those of which it says something
/// else: 本科阶段, 高中起点, 大专优先.
fn named(clause: &str) -> Vec<(usize, Education)> {
    const ASIDE: [&str; 8] =
        ["阶段", "起点", "所学", "期间", "就读", "毕业院校", "学历优先", "优先"];
    let mut found = Vec::new();
    for (step, names) in STEPS {
        for (at, name) in names.iter().flat_map(|name| clause.match_indices(name)) {
            let behind = &clause[at + name.len()..];
            // 大学本科, 硕士研究生: the last name is judged.
            let goes_on = names.iter().any(|other| behind.starts_with(other))
                || name == "大学" && (behind.starts_with("专科") || behind.starts_with("本科"));
            let bare =
                behind.strip_prefix("及以上").or(behind.strip_prefix("以上")).unwrap_or(behind);
            let aside = ASIDE.iter().any(|word| bare.starts_with(word));
            if !goes_on && !aside {
                found.push((at, step));
            }
        }
    }
    found
}

/// Whether a clause is nothing but the name of a step.
fn is_bare(clause: &str) -> bool {
    let names = STEPS.iter().flat_map(|(_, names)| names.iter());
    let rest = names.fold(clause.to_owned(), |text, name| text.replace(name, ""));
    rest.chars().all(|c| "/、或及和以上毕业生学历文化程度教育全日制普通".contains(c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_step_that_is_asked_for_counts() {
        use Education::{Any, Bachelor, College, Graduate, High, Middle, Primary};
        for (words, step) in [
            ("不限", Some(Any)),
            ("不限学历", Some(Any)),
            ("学历不限", Some(Any)),
            ("无", Some(Any)),
            ("学历、专业不限", Some(Any)),
            ("学历不限，高中优先", Some(Any)),
            ("不限（初中以上优先）", Some(Any)),
            ("初中及以下", Some(Any)),
            ("小学及以上", Some(Primary)),
            ("初中及以上", Some(Middle)),
            ("初中以上，不限专业", Some(Middle)),
            ("高中以上，年龄不限", Some(High)),
            ("高中/中专/技校", Some(High)),
            ("高中（中专）及以上", Some(High)),
            ("中专（含职高）", Some(High)),
            ("职业高中", Some(High)),
            ("高中，中专", Some(High)),
            ("大专/本科", Some(College)),
            ("大专或本科", Some(College)),
            ("大专及以上(含高职)", Some(College)),
            ("大学专科", Some(College)),
            ("大专及以上学历不限专业", Some(College)),
            ("大专及以上，有三年经验可放宽至高中", Some(College)),
            ("大专及以上可放宽至高中", Some(College)),
            ("大专及以上本科优先", Some(College)),
            ("大专及以上，或高中有三年经验", Some(High)),
            ("本科以上，专业不限", Some(Bachelor)),
            ("本科及以上学历专业不限", Some(Bachelor)),
            ("全日制本科", Some(Bachelor)),
            ("大学本科及以上", Some(Bachelor)),
            ("大学及以上", Some(Bachelor)),
            ("本科（学士）", Some(Bachelor)),
            ("本科及以上，硕士优先", Some(Bachelor)),
            ("硕士研究生", Some(Graduate)),
            ("研究生(硕士及以上)", Some(Graduate)),
            ("硕士研究生及以上（本科阶段须为法学）", Some(Graduate)),
            ("硕士（本科阶段须为法学）", Some(Graduate)),
            ("硕士研究生及以上，本科阶段须为法学", Some(Graduate)),
            ("研究生及以上，本科须为全日制", Some(Graduate)),
            ("博士", Some(Graduate)),
            ("大学本科优先", None),
            ("高技能人才", None),
            ("代码 77", None),
            ("", None),
        ] {
            assert_eq!(Education::asked_for(words), step, "{words}");
        }
        assert!(Education::ALL.is_sorted());
    }

    proptest! {
        #[test]
        fn any_words_have_a_step_or_none(
            words in "[本科大专高中职初小学士硕研究生不限及以上下，（）优先或、/阶段可放宽至无]{0,24}"
        ) {
            let _ = Education::asked_for(&words);
        }

        /// What else is 不限, preferred or said in brackets changes nothing.
        #[test]
        fn nothing_beside_the_step_changes_it(
            step in 0_usize..7,
            above in proptest::sample::select(vec!["", "及以上", "以上", "及以上学历"]),
            beside in proptest::sample::select(vec![
                "", "，专业不限", "，年龄不限", "，不限专业", "；经验不限", "（专业不限）", "，硕士优先",
                "（本科阶段须为法学）", "，身体健康", "，性别不限，户籍不限", "，不限",
            ]),
        ) {
            let names = ["学历不限", "小学", "初中", "高中", "大专", "本科", "硕士研究生"];
            let words = format!("{}{above}{beside}", names[step]);
            prop_assert_eq!(Education::asked_for(&words), Some(Education::ALL[step]), "{}", words);
        }
    }
}
