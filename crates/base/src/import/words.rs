//! What the report of an import says of a row on the terminal. `ui/state/staff.slint` says the same on
//! the page for USB sticks: who changes a sentence here changes it there. Keeps no state.

use std::fmt;

use super::report::{Reason, RemarkKind};

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("没有填，这行不能用"),
            Self::Date(text) => {
                write!(f, "{}不是日期，这行不能用；请写成 2026-11-05 这样", quoted(text))
            }
            Self::EndsBeforeBeginning => f.write_str("截止早于发布或开始，这行不能用"),
            Self::TooLong => f.write_str("太长，这行不能用"),
            Self::Damaged => f.write_str("有认不出的字，这行不能用"),
            Self::OpenQuote => f.write_str("引号没有配对，这行不能用"),
            Self::TooManyValues => f.write_str("比表头多出内容，这行不能用"),
            Self::Incomplete(elements) => write!(f, "缺{}，这行不能用", elements.join("、")),
            Self::NoLastDay => {
                f.write_str("没有写到哪天为止，这行不能用；请写 2026-12-01至2026-12-20，或写“长期”")
            }
            Self::Town(text) => {
                let text = quoted(text);
                write!(f, "{text}不是 divisions/ 里的乡镇，这行不能用；请写乡镇名称或九位代码")
            }
            Self::Elsewhere => f.write_str("是给别的乡镇的，没有导入"),
            Self::Form(wrong) => write!(f, "格式不对，这行不能用：{wrong}"),
        }
    }
}

/// A text of a file between the quotation marks of a sentence; what a terminal would obey is written
/// out.
pub fn quoted(text: &str) -> String {
    let escaped = format!("{text:?}");
    format!("“{}”", &escaped[1..escaped.len() - 1])
}

/// What the remarks of a [code](RemarkKind::code) are about, in a few words; a code that is not known
/// here stays as it is.
pub fn about(code: &str) -> &str {
    match code {
        "wage_not_understood" => "工资看不懂",
        "wage_max_below_min" => "最高工资低于最低工资",
        "wage_unlikely" => "工资不合常理",
        "wage_foreign" => "工资不是人民币",
        "number" => "不是数字",
        "choice" => "看不出是还是否",
        "cut" => "太长截短",
        "undated" => "没有发布日期",
        "division" => "不是区划代码",
        "merged" => "合并单元格里的数字",
        "damaged" => "认不出的字",
        "formula" => "公式出错",
        "narrow" => "只有“####”",
        "differs" => "编号重复",
        "year" => "没有写年份",
        "begins" => "以后才开始",
        "beside" => "写在日期旁边",
        "over" => "已经截止",
        "other_wage" => "另一个工资",
        "no_phone" => "没有电话号码",
        "left_out" => "没有采用",
        "rounded" => "丢了数字",
        "too_many" => "项目太多",
        other => other,
    }
}

impl fmt::Display for RemarkKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wage(fault, text) if fault.is_in_words() => {
                write!(f, "{fault}，照原样显示：{}", quoted(text))
            }
            Self::Wage(fault, text) => write!(f, "{fault}，显示“未提供”：{}", quoted(text)),
            Self::Number(text) => write!(f, "{}不是数字，没有采用", quoted(text)),
            Self::Choice(text) => write!(f, "{}看不出是还是否，照原样显示", quoted(text)),
            Self::Cut => f.write_str("太长，截短了"),
            Self::Undated => f.write_str("没有发布日期，按今天算（只说一次）"),
            Self::Division(text) => write!(f, "{}不是区划代码，没有采用", quoted(text)),
            Self::Merged => f.write_str("合并单元格里的数字分不清是哪一行的，没有采用"),
            Self::Damaged => f.write_str("有认不出的字，没有采用"),
            Self::Formula => f.write_str("公式出错，没有采用"),
            Self::Year(day) => write!(f, "没有写年份，按 {day} 算（只说一次）"),
            Self::Begins(day) => write!(f, "{day} 才开始，导入后就能看到"),
            Self::Beside(words) => write!(f, "日期旁边的{}没有采用", quoted(words)),
            Self::Over(day) => write!(f, "{day} 已经截止，这行没有导入"),
            Self::OtherWage(words) => write!(f, "另一个工资{}没有采用", quoted(words)),
            Self::NoPhone => f.write_str("没有电话号码，显示“未提供”"),
            Self::LeftOut(words) => write!(f, "{}没有采用", quoted(words)),
            Self::Narrow => f.write_str("只有“####”：把这一列拉宽再另存，没有采用"),
            Self::Differs => f.write_str("编号和别的信息重复、内容不同，两个都导入"),
            Self::Rounded(text) => {
                write!(f, "{}丢了数字，请改成文本重填，没有采用", quoted(text))
            }
            Self::TooMany(text) => write!(f, "项目太多，没有采用{}", quoted(text)),
        }
    }
}
