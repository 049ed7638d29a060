//! Rows of a table that are none of its items: sums, remarks, who filled it in, headings, figures
//! that count columns. They are left out, and the report says which they were. Keeps no state.
//!
//! A word alone decides nothing: 审核员 is work that somebody does, and 合计会计师事务所 an employer. A
//! row is left out when such a word is all that a cell says, or when a colon stands behind it.

use serde::Serialize;

use super::{fields::Cell, template};

/// Why a row is no item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Aside {
    /// It stands above the header: a title, a date.
    Above,
    /// The header again.
    Header,
    /// Figures that count the columns, or a number with nothing behind it.
    Numbering,
    /// 合计, 小计.
    Total,
    /// 备注, 说明.
    Note,
    /// 填表人, 审核, 联系电话.
    Signature,
    /// A single text: a heading, a remark.
    Heading,
    /// The invented row of the project's own template.
    Example,
    /// A row of a table of another kind.
    Other,
}

impl Aside {
    /// What it is, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Above => "在表头上面",
            Self::Header => "又一个表头",
            Self::Numbering => "只有序号",
            Self::Total => "合计",
            Self::Note => "备注",
            Self::Signature => "填表人、审核人等",
            Self::Heading => "标题或说明",
            Self::Example => "模板里的示例",
            Self::Other => "另一种表，请单独存成一个文件",
        }
    }
}

/// What a sum is called; figures and units may stand behind it.
const TOTALS: [&str; 7] = ["合计", "总计", "小计", "共计", "累计", "总数", "总和"];
/// What else may stand in the cell of a sum.
const OF_TOTALS: &str = "人名个岗位家招聘需求数量共计单位企业元万本页表全县市镇以上各";
/// How remarks begin.
const NOTES: [&str; 11] = [
    "备注",
    "附注",
    "注",
    "说明",
    "填表说明",
    "填报说明",
    "注意",
    "注意事项",
    "温馨提示",
    "提示",
    "特别说明",
];
/// What stands before a name, a day or a number below a table.
const SIGNATURES: [&str; 55] = [
    "填表人",
    "填报人",
    "填写人",
    "制表人",
    "制表",
    "制单",
    "经办人",
    "经手人",
    "审核人",
    "审核",
    "审批人",
    "审批",
    "复核人",
    "复核",
    "核对人",
    "负责人",
    "单位负责人",
    "主要负责人",
    "分管领导",
    "主管领导",
    "领导",
    "领导签字",
    "签字",
    "签名",
    "签章",
    "盖章",
    "单位盖章",
    "公章",
    "填表单位",
    "填报单位",
    "制表单位",
    "上报单位",
    "报送单位",
    "单位",
    "填表日期",
    "填报日期",
    "填表时间",
    "填报时间",
    "制表日期",
    "制表时间",
    "日期",
    "联系人",
    "联系电话",
    "电话",
    "咨询电话",
    "报名电话",
    "监督电话",
    "服务热线",
    "传真",
    "邮箱",
    "电子邮箱",
    "地址",
    "报名地址",
    "联系地址",
    "网址",
];
/// How the names of those end who take people on.
const EMPLOYERS: [&str; 52] = [
    "公司",
    "厂",
    "店",
    "医院",
    "卫生院",
    "学院",
    "研究院",
    "法院",
    "检察院",
    "养老院",
    "福利院",
    "敬老院",
    "学校",
    "大学",
    "中学",
    "小学",
    "党校",
    "技校",
    "局",
    "中心",
    "合作社",
    "供销社",
    "报社",
    "馆",
    "所",
    "集团",
    "企业",
    "银行",
    "信用社",
    "服务站",
    "工作站",
    "加油站",
    "园",
    "农场",
    "林场",
    "商场",
    "超市",
    "酒楼",
    "火锅城",
    "个体户",
    "工作室",
    "服务部",
    "经营部",
    "门市部",
    "修理部",
    "商行",
    "工程队",
    "委员会",
    "办公室",
    "政府",
    "协会",
    "部队",
];

/// The cells of a row that say something of their own, and their columns.
pub(super) fn own(cells: &[Cell]) -> impl Iterator<Item = (usize, &Cell)> {
    let says = |(_, cell): &(usize, &Cell)| !cell.filled && !cell.text.trim().is_empty();
    cells.iter().enumerate().filter(says)
}

/// What the row `cells` is if it is no item, by its own words. `title` and `party` are the columns
/// of what is offered and of who offers it, where there are such.
pub(super) fn kind(cells: &[Cell], title: Option<usize>, party: Option<usize>) -> Option<Aside> {
    let (first_column, first) = own(cells).next()?;
    let count = own(cells).count();
    let plain = compact(&first.text);
    let says = |column: Option<usize>| {
        let cell = column.and_then(|column| cells.get(column));
        cell.is_some_and(|cell| !cell.text.trim().is_empty())
    };
    if own(cells).any(|(_, cell)| cell.text.contains(template::EXAMPLE)) {
        return Some(Aside::Example);
    }
    let is_whole = says(title) && says(party);
    let is_key = |column: usize| Some(column) == title || Some(column) == party;
    if is_total(&plain)
        || own(cells).any(|(column, cell)| is_key(column) && is_total(&compact(&cell.text)))
    {
        return Some(Aside::Total);
    }
    let bare_note = NOTES.contains(&plain.as_str()) && count <= 2;
    if bare_note || begins_as(&plain, &NOTES) && (count <= 3 || !is_whole) {
        return Some(Aside::Note);
    }
    if is_signature(cells, is_whole) {
        return Some(Aside::Signature);
    }
    if counts_columns(cells) || count == 1 && !is_key(first_column) && is_figure(&plain) {
        return Some(Aside::Numbering);
    }
    if !own(cells).any(|(_, cell)| cell.text.contains(char::is_alphanumeric)) {
        return Some(Aside::Numbering);
    }
    (count == 1 && !is_whole).then_some(Aside::Heading)
}

/// The text of a row that is nothing but one.
pub(super) fn heading(cells: &[Cell]) -> Option<&str> {
    let mut own = own(cells);
    let (_, cell) = own.next()?;
    own.next().is_none().then(|| cell.text.trim())
}

/// The employer that a heading names: 一、泸县某某公司（地址：福集镇）, and what else stands in its
/// brackets as names and values.
pub(super) fn employer(heading: &str) -> Option<(&str, Vec<(&str, &str)>)> {
    const MARKS: &str = "【】[]★☆◆◇●○■□▲△※*";
    let mut text = without_number(heading.trim().trim_matches(|c| MARKS.contains(c)));
    let mut rest = Vec::new();
    let said = labelled(text);
    if let Some(((_, value), others)) = said.split_first().filter(|((name, _), _)| is_party(name)) {
        (text, rest) = (value, others.to_vec());
    }
    // 泸县某某公司 地址：… 电话：…
    if let Some((name, behind)) =
        text.split_once([' ', '\u{3000}']).filter(|(_, b)| b.contains(['：', ':']))
    {
        let said = labelled(behind);
        // All of it is names and values, or it is not understood.
        if !said.is_empty() && behind.trim_start().starts_with(said[0].0) {
            (text, rest) = (name, [rest, said].concat());
        }
    }
    let bracket = text.rfind(['（', '(']).filter(|_| text.ends_with(['）', ')']));
    let (bare, within) = text.split_at(bracket.unwrap_or(text.len()));
    let within = labelled(within.trim_matches(['（', '）', '(', ')']));
    // A bracket that names nothing belongs to the name: 测试厂（泸县）.
    let name = if within.is_empty() { text } else { bare };
    rest.extend(within);
    let (name, bare) = (name.trim(), bare.trim());
    let right = (3..=40).contains(&name.chars().count())
        && EMPLOYERS.iter().any(|end| bare.ends_with(end))
        && !name.contains(['，', '。', '；', '！', '：', ':']);
    right.then_some((name, rest))
}

/// Whether a heading that names no employer in a form that is known may name one all the same.
pub(super) fn may_name_another(heading: &str) -> bool {
    let signs = ["电话", "地址", "联系", "招聘", "单位"];
    EMPLOYERS.iter().any(|end| heading.contains(end))
        || signs.iter().any(|sign| heading.contains(sign))
        || heading.chars().filter(char::is_ascii_digit).count() >= 7
}

/// Whether a cell says that it is as the one above it.
pub(super) fn is_ditto(text: &str) -> bool {
    matches!(text.trim(), "同上" | "同前" | "〃" | "″" | "\"" | "”" | "“" | "''")
}

/// What stands before the name of who takes people on.
fn is_party(name: &str) -> bool {
    let name = name.trim_start_matches(['招', '聘', '用', '人', '工']).trim_end_matches("名称");
    matches!(name, "单位" | "企业" | "公司")
}

/// Whether a text says who filled in a table, or when: 填报单位：测试所.
pub(super) fn is_signed(text: &str) -> bool {
    labelled(text).iter().any(|(name, _)| SIGNATURES.contains(name))
}

/// Whether a text says who made the table: 填报单位：测试所.
pub(super) fn names_office(text: &str) -> bool {
    let of_office = ["填", "制", "报送", "上报", "审核", "审批", "经办", "复核"];
    let names = |(name, _): &(&str, &str)| {
        SIGNATURES.contains(name) && of_office.iter().any(|word| name.starts_with(word))
    };
    labelled(text).iter().any(names)
}

/// Names and values in a text: 单位：测试厂　电话：0830-….
pub(super) fn labelled(text: &str) -> Vec<(&str, &str)> {
    const NAME_CHARS_MAX: usize = 8;
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    let mut rest = text;
    // A value ends where blanks or a mark stand before the next name.
    while let Some(at) = rest.find(['：', ':']) {
        let name = rest[..at].trim_start_matches(|c: char| !c.is_alphanumeric()).trim();
        let behind = &rest[at + rest[at..].chars().next().map_or(1, char::len_utf8)..];
        let end = behind.find(['：', ':']).map_or(behind.len(), |next| {
            let before = &behind[..next];
            before.rfind([' ', '\u{3000}', '，', '；', ';', ',', '\n']).unwrap_or(next)
        });
        let value = behind[..end].trim().trim_end_matches(['，', '；', ';', ',']);
        // 8:00 is no name and value.
        let short = (1..=NAME_CHARS_MAX).contains(&name.chars().count())
            && name.chars().all(char::is_alphabetic);
        if short && !value.is_empty() {
            pairs.push((name, value));
        }
        rest = &behind[end..];
    }
    pairs
}

/// What is said without the number before it: 一、 1. （二） 第三.
fn without_number(text: &str) -> &str {
    let is_number =
        |c: char| c.is_ascii_digit() || "一二三四五六七八九十第（）()①②③④⑤⑥⑦⑧⑨⑩".contains(c);
    let bare = text.trim().trim_start_matches(is_number);
    match bare.chars().next() {
        Some('、' | '.' | '．' | ' ' | '\u{3000}' | ':' | '：') => {
            bare.trim_start_matches(['、', '.', '．', ' ', '\u{3000}', ':', '：'])
        }
        // （二）泸县某某公司; but 一心公司 is a name.
        _ if text.trim().starts_with(['（', '(', '①']) => bare,
        _ => text.trim(),
    }
}

fn compact(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn is_total(plain: &str) -> bool {
    let Some((at, word)) = TOTALS.iter().find_map(|word| Some((plain.find(word)?, word))) else {
        return false;
    };
    let (before, behind) = (&plain[..at], &plain[at + word.len()..]);
    let fits = |c: char| !c.is_alphabetic() || OF_TOTALS.contains(c);
    before.chars().chain(behind.chars()).all(fits)
}

/// Whether one of `words` stands at the beginning with a mark behind it that makes it a name of
/// what follows: 备注：, 注1、, 审核（盖章）：.
fn begins_as(plain: &str, words: &[&str]) -> bool {
    words.iter().any(|word| {
        let Some(rest) = plain.strip_prefix(word) else { return false };
        let rest = match rest.starts_with(['（', '(']) {
            true => {
                rest.find(['）', ')']).map_or("", |at| rest[at..].trim_start_matches(['）', ')']))
            }
            false => rest.trim_start_matches(|c: char| c.is_ascii_digit()),
        };
        rest.starts_with(['：', ':', '、', '.', '．'])
    })
}

/// Every cell is a name of what follows, what follows, or a day; the first is a name.
fn is_signature(cells: &[Cell], is_whole: bool) -> bool {
    let (mut names, mut with_colon, mut value_may_follow) = (0, 0, false);
    for (_, cell) in own(cells) {
        let plain = compact(&cell.text);
        let bare = plain.trim_end_matches(['：', ':']);
        let alone = SIGNATURES.contains(&bare)
            || bare
                .split_once(['（', '('])
                .is_some_and(|(name, _)| SIGNATURES.contains(&name) && bare.ends_with(['）', ')']));
        if begins_as(&plain, &SIGNATURES) || alone {
            names += 1;
            with_colon += usize::from(plain.contains(['：', ':']));
            value_may_follow = alone;
        } else if names > 0 && (value_may_follow || is_day(&plain)) {
            value_may_follow = false;
        } else {
            return false;
        }
    }
    names > 0 && (with_colon > 0 || names > 1 || !is_whole)
}

/// 2026年11月20日, and 年 月 日 to be filled in.
fn is_day(plain: &str) -> bool {
    plain.contains(['年', '-', '/', '.', '日'])
        && plain.chars().all(|c| c.is_ascii_digit() || "年月日-/._期：:".contains(c))
}

fn is_figure(plain: &str) -> bool {
    let bare = plain.trim_matches(['（', '）', '(', ')', '.', '、']);
    !bare.is_empty() && bare.len() <= 6 && bare.bytes().all(|b| b.is_ascii_digit())
}

/// 1 2 3 4 …, (1) (2) …, A B C …: figures that count the columns.
fn counts_columns(cells: &[Cell]) -> bool {
    let bare = |cell: &Cell| {
        compact(&cell.text)
            .trim_matches(['（', '）', '(', ')', '栏'])
            .trim_end_matches(".0")
            .to_owned()
    };
    let mut words = own(cells).map(|(_, cell)| bare(cell)).peekable();
    // 栏次 stands before them.
    words.next_if(|word| word == "次");
    // Most rows begin otherwise, and there are many.
    if words.peek().is_none_or(|first| !["1", "A", "a"].contains(&first.as_str())) {
        return false;
    }
    let words: Vec<_> = words.collect();
    let letter = |at: usize| u8::try_from(at).ok().map(|at| char::from(b'A' + at % 26).to_string());
    words.len() >= 3
        && (words.iter().zip(1..).all(|(word, number)| *word == number.to_string())
            || words.iter().enumerate().all(|(at, word)| Some(word.to_uppercase()) == letter(at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Columns: 序号, 单位, 岗位, 人数, 电话.
    fn row(words: &[&str]) -> Option<Aside> {
        let cells: Vec<_> = words.iter().map(|word| Cell::from(*word)).collect();
        kind(&cells, Some(2), Some(1))
    }

    #[test]
    fn rows_that_are_no_items_are_known() {
        for (words, right) in [
            (&["合计", "", "", "52"][..], Aside::Total),
            (&["", "合 计", "", "52"], Aside::Total),
            (&["", "测试厂", "小计", "52"], Aside::Total),
            (&["总计：12家单位", "12", "35", "52"], Aside::Total),
            (&["", "共计52人"], Aside::Total),
            (&["备注：以上岗位均包吃住"], Aside::Note),
            (&["备注", "周末双休"], Aside::Note),
            (&["", "注：", "请带身份证"], Aside::Note),
            (&["注1：报名截止十二月"], Aside::Note),
            (&["填表人：张三", "", "审核人：李四", "", "2026年11月20日"], Aside::Signature),
            (&["制表单位：测试县就业局"], Aside::Signature),
            (&["", "制表单位（盖章）：", "测试县就业局", "", "年 月 日"], Aside::Signature),
            (&["审核", "李四"], Aside::Signature),
            (&["联系电话：0830-0000000"], Aside::Signature),
            (&["1", "2", "3", "4", "5"], Aside::Numbering),
            (&["（1）", "（2）", "（3）"], Aside::Numbering),
            (&["栏次", "1", "2", "3"], Aside::Numbering),
            (&["17"], Aside::Numbering),
            (&["-", "-", "/"], Aside::Numbering),
            (&["", "以上岗位长期有效，有意者请到镇便民服务中心报名"], Aside::Heading),
        ] {
            assert_eq!(row(words), Some(right), "{words:?}");
        }
    }

    #[test]
    fn items_that_hold_such_words_stay() {
        for words in [
            &["1", "合计会计师事务所", "会计", "2", "0830-0000000"][..],
            &["2", "测试总计划研究所", "总计划员", "1", ""],
            &["3", "测试审核中心", "审核员", "1", ""],
            &["4", "测试厂", "审核", "1", "0830-0000000"],
            &["5", "备注文化传媒有限公司", "文员", "", ""],
            &["6", "测试单位", "说明书编写员", "3", ""],
            &["7", "小计", "", "", ""],
            &["8", "测试厂", "负责人", "1", "13800000000"],
            &["", "测试厂", "电焊工", "", ""],
            &["", "测试厂", "1", "2", "3"],
        ] {
            // 小计 alone in the place of a name is none.
            let right = (words[1] == "小计").then_some(Aside::Total);
            assert_eq!(row(words), right, "{words:?}");
        }
    }

    #[test]
    fn headings_name_employers() {
        let name = |text| employer(text).map(|(name, _)| name);
        assert_eq!(
            employer("一、测试甲电子有限公司（地址：泸县福集镇）"),
            Some(("测试甲电子有限公司", vec![("地址", "泸县福集镇")]))
        );
        assert_eq!(name("（二）测试乙鞋业有限公司"), Some("测试乙鞋业有限公司"));
        assert_eq!(name("3. 泸县（测试）机械厂"), Some("泸县（测试）机械厂"));
        assert_eq!(name("一心医院"), Some("一心医院"));
        assert_eq!(name("单位名称：测试丙幼儿园"), Some("测试丙幼儿园"));
        for other in ["一、制造业", "招聘岗位表", "以上岗位请到就业局报名", "岗位"]
        {
            assert_eq!(name(other), None, "{other}");
        }
    }

    #[test]
    fn names_and_values_are_told_apart() {
        assert_eq!(
            labelled("单位名称：测试厂　　联系电话：0830-0000000，联系人:陈"),
            [("单位名称", "测试厂"), ("联系电话", "0830-0000000"), ("联系人", "陈")]
        );
        assert_eq!(labelled("工作时间 8:00"), []);
    }
}
