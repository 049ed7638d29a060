//! Conditions that no posting may set: sex, ethnic group and race, religious belief
//! (人力资源市场暂行条例 Art 24). They are not shown, and the report names them. Keeps no state.
//!
//! Age is none of these and stays. Words that only look like it (男装, 男女不限) stay as well.

use serde::Serialize;

/// What a condition discriminates by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// 性别.
    Sex,
    /// 民族、种族.
    EthnicGroup,
    /// 宗教信仰.
    Belief,
}

impl Ground {
    /// What it is, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Sex => "性别",
            Self::EthnicGroup => "民族",
            Self::Belief => "宗教信仰",
        }
    }
}

/// Takes discriminating conditions out of a text; gives each as it stood, and its ground.
pub fn remove(text: &str) -> (String, Vec<(Ground, String)>) {
    if !text.contains(['男', '女', '族', '教', '信']) {
        return (text.to_owned(), Vec::new());
    }
    let mut kept = String::with_capacity(text.len());
    let mut found = Vec::new();
    let mut sexes = [false; 2];
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(is_separator).unwrap_or(rest.len());
        let (segment, behind) = rest.split_at(end);
        let separator = behind.chars().next().map_or(0, char::len_utf8);
        match removed(segment) {
            None => kept.push_str(&rest[..end + separator]),
            Some((ground, left)) => {
                sexes[0] |= segment.contains('男');
                sexes[1] |= segment.contains('女');
                found.push((ground, segment.trim().to_owned()));
                let left = left.trim();
                if has_words(left) {
                    kept.push_str(left);
                    kept.push_str(&behind[..separator]);
                } else if behind.starts_with('\n') && !kept.ends_with('\n') && !kept.is_empty() {
                    kept.push('\n');
                }
            }
        }
        rest = &behind[separator..];
    }
    // 男18-50岁，女18-45岁: both may come.
    if sexes == [true; 2] {
        return (text.to_owned(), Vec::new());
    }
    if !found.is_empty() {
        let end = kept.trim_end().trim_end_matches(['，', ',', '、', '；', ';', ' ']).len();
        kept.truncate(end);
    }
    (kept, found)
}

/// What the value of a column about sex, ethnic group or belief asks for; `None` for 不限.
pub fn asked(value: &str) -> Option<&str> {
    const NOTHING: [&str; 15] = [
        "",
        "不限",
        "男女不限",
        "不限男女",
        "无",
        "无要求",
        "不要求",
        "均可",
        "男女均可",
        "男女",
        "男/女",
        "男、女",
        "不限制",
        "0",
        "9",
    ];
    let value = value.trim();
    (!NOTHING.contains(&value)).then_some(value)
}

/// What a title says behind the sex with which it begins: `服务员` of `女服务员`. `None` for others,
/// such as `女装店长`.
pub fn behind_sex(title: &str) -> Option<&str> {
    const WHOLE: [&str; 6] = ["男性", "女性", "男士", "女士", "男生", "女生"];
    if let Some(behind) = WHOLE.iter().find_map(|word| title.strip_prefix(word)) {
        // 女士内衣 is something to sell.
        let goods = "装鞋包裤款衣内袜帽用";
        return (!behind.contains(|c| goods.contains(c))).then_some(behind);
    }
    let behind = title.strip_prefix(['男', '女'])?;
    let next = behind.chars().next().unwrap_or(' ');
    (!"装鞋包裤款科子士女男性/、儿童".contains(next) && !title.contains("男女")).then_some(behind)
}

fn is_separator(c: char) -> bool {
    matches!(
        c,
        '，' | ',' | '；' | ';' | '。' | '\n' | '、' | '（' | '）' | '(' | ')' | '|' | '！' | '/'
    )
}

fn has_words(text: &str) -> bool {
    let text = text.trim_start_matches(|c: char| c.is_ascii_digit() || " .：:、".contains(c));
    text.chars().any(char::is_alphanumeric)
}

/// The ground of a segment, and what is left of it without the condition.
fn removed(segment: &str) -> Option<(Ground, String)> {
    const STRONG: [(&str, Ground); 34] = [
        ("仅限男性", Ground::Sex),
        ("仅限女性", Ground::Sex),
        ("只限男性", Ground::Sex),
        ("只限女性", Ground::Sex),
        ("只招男性", Ground::Sex),
        ("只招女性", Ground::Sex),
        ("只招男生", Ground::Sex),
        ("只招女生", Ground::Sex),
        ("限男性", Ground::Sex),
        ("限女性", Ground::Sex),
        ("限男生", Ground::Sex),
        ("限女生", Ground::Sex),
        ("男士优先", Ground::Sex),
        ("女士优先", Ground::Sex),
        ("男性优先", Ground::Sex),
        ("女性优先", Ground::Sex),
        ("男生优先", Ground::Sex),
        ("女生优先", Ground::Sex),
        ("男优先", Ground::Sex),
        ("女优先", Ground::Sex),
        ("不要女", Ground::Sex),
        ("不要男", Ground::Sex),
        ("不招女", Ground::Sex),
        ("不招男", Ground::Sex),
        ("适合男性", Ground::Sex),
        ("适合女性", Ground::Sex),
        ("限汉族", Ground::EthnicGroup),
        ("仅限汉族", Ground::EthnicGroup),
        ("汉族优先", Ground::EthnicGroup),
        ("不招少数民族", Ground::EthnicGroup),
        ("少数民族勿扰", Ground::EthnicGroup),
        ("无宗教信仰", Ground::Belief),
        ("不信教", Ground::Belief),
        ("不得信教", Ground::Belief),
    ];
    const NEUTRAL: [&str; 7] =
        ["男女", "性别不限", "不限性别", "女男", "男、女", "各民族", "不限民族"];
    let bare = segment.trim();
    if NEUTRAL.iter().any(|word| bare.contains(word)) {
        return None;
    }
    if let Some((word, ground)) = STRONG.iter().find(|(word, _)| bare.contains(word)) {
        let at = bare.find(word).unwrap_or_default();
        let before = bare[..at].trim_end_matches(['仅', '只']);
        let after =
            bare[at + word.len()..].trim_start_matches(['性', '士', '者', '的', '考', '虑']);
        return Some((*ground, format!("{before}{after}")));
    }
    whole(bare)
}

/// A segment that is nothing but such a condition, but for an age.
fn whole(segment: &str) -> Option<(Ground, String)> {
    const BEFORE: [&str; 24] = [
        "性别要求",
        "性别",
        "民族",
        "要求",
        "仅限",
        "只限",
        "仅招",
        "只招",
        "只要",
        "限招",
        "限",
        "招聘",
        "招收",
        "招用",
        "招工",
        "急招",
        "诚招",
        "现招",
        "招",
        "需要",
        "需",
        "须",
        "为",
        ":",
    ];
    const CORE: [(&str, Ground); 13] = [
        ("男性", Ground::Sex),
        ("女性", Ground::Sex),
        ("男士", Ground::Sex),
        ("女士", Ground::Sex),
        ("男生", Ground::Sex),
        ("女生", Ground::Sex),
        ("男工", Ground::Sex),
        ("女工", Ground::Sex),
        ("男孩", Ground::Sex),
        ("女孩", Ground::Sex),
        ("男", Ground::Sex),
        ("女", Ground::Sex),
        ("汉族", Ground::EthnicGroup),
    ];
    const AFTER: [&str; 10] =
        ["优先考虑", "优先", "为主", "为佳", "均可", "员工", "者", "若干名", "若干", "数名"];
    let is_age = |c: char| c.is_ascii_digit() || "-~—–至到岁周以上下左右及之间内龄年".contains(c);
    let number = |c: char| c.is_ascii_digit() || " .．".contains(c);
    // The figure of a list (`2.`) is no age.
    let body = match segment.trim_start_matches(number) {
        rest if segment[..segment.len() - rest.len()].contains(['.', '．']) => rest,
        _ => segment,
    };
    // 20名 of 招收女工20名 is no age.
    let body = match body.trim_end().strip_suffix(['名', '人', '个']) {
        Some(counted) if counted.ends_with(|c: char| c.is_ascii_digit()) => {
            counted.trim_end_matches(|c: char| c.is_ascii_digit())
        }
        _ => body,
    };
    let words: String = body
        .chars()
        .filter(|c| !is_age(*c) && !c.is_whitespace())
        .collect::<String>()
        .replace('：', ":");
    let mut rest = words.as_str();
    while let Some(left) = BEFORE.iter().find_map(|word| rest.strip_prefix(word)) {
        rest = left;
    }
    let (left, ground) =
        CORE.iter().find_map(|(word, ground)| Some((rest.strip_prefix(word)?, *ground)))?;
    rest = left;
    while let Some(left) = AFTER.iter().find_map(|word| rest.strip_prefix(word)) {
        rest = left;
    }
    let age: String = body.chars().filter(|c| is_age(*c)).collect();
    let age = if age.contains(|c: char| c.is_ascii_digit()) { age } else { String::new() };
    rest.is_empty().then_some((ground, age))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_law_forbids_is_taken_out() {
        use Ground::{Belief, EthnicGroup, Sex};
        for (text, kept, ground) in [
            ("男，18-45岁，能吃苦", "18-45岁，能吃苦", Sex),
            ("初中以上；限女性；身体健康", "初中以上；身体健康", Sex),
            ("18-45岁男性", "18-45岁", Sex),
            ("有经验，男士优先", "有经验", Sex),
            ("1.初中\n2.性别：女\n3.守时", "1.初中\n3.守时", Sex),
            ("会开车，仅限汉族", "会开车", EthnicGroup),
            ("汉族，高中", "高中", EthnicGroup),
            ("无宗教信仰，本科", "本科", Belief),
            ("女", "", Sex),
            ("5.年龄：25-33岁 性别：男", "年龄25-33岁", Sex),
            ("招收女工20名，能吃苦", "能吃苦", Sex),
            ("会缝纫，招女工若干名", "会缝纫", Sex),
        ] {
            let (left, found) = remove(text);
            assert_eq!((left.as_str(), found.first().map(|f| f.0)), (kept, Some(ground)), "{text}");
        }
    }

    #[test]
    fn each_of_several_is_named() {
        let (left, found) = remove("女士优先；汉族；党员");
        assert_eq!((left.as_str(), found.len()), ("党员", 2));
        for (text, kept) in [("适合男性，会开车", "会开车"), ("不要女的，会开车", "会开车")]
        {
            assert_eq!(remove(text).0, kept);
        }
    }

    #[test]
    fn what_only_looks_like_it_stays() {
        for text in [
            "男女不限，18-55岁",
            "男18-50岁，女18-45岁",
            "性别不限",
            "女装销售经验，有亲和力",
            "照顾老年男性病人",
            "熟悉民族政策",
            "信教群众工作",
            // The law asks for it (就业促进法 Art 28).
            "少数民族优先",
            "35岁以下，高中",
            "",
        ] {
            assert_eq!(remove(text), (text.to_owned(), Vec::new()));
        }
        assert_eq!(behind_sex("女服务员"), Some("服务员"));
        assert_eq!(behind_sex("男技师"), Some("技师"));
        assert_eq!(behind_sex("女"), Some(""));
        assert_eq!(behind_sex("男性普工"), Some("普工"));
        assert_eq!(behind_sex("女工"), Some("工"));
        assert_eq!(behind_sex("女士内衣导购"), None);
        for title in ["女装导购", "男女普工", "服务员", ""] {
            assert_eq!(behind_sex(title), None, "{title}");
        }
        assert_eq!(asked("不限"), None);
        assert_eq!(asked(" 女 "), Some("女"));
    }
}
