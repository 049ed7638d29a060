//! What the report of an import says: one line for each thing that somebody should know, for the
//! terminal and for the page of USB sticks. Keeps no state.

use std::fmt;

use super::report::{
    Discriminating, Dropped, Kept, Lack, LeftOut, Place, Reason, Refusal, Remark, RemarkKind,
    Report, Rows, Unmapped, Untaken,
};

/// One thing that somebody should know of a file.
#[derive(Debug, Clone, Copy)]
pub enum Line<'r> {
    /// A row is refused.
    Refused(&'r Refusal),
    /// A condition that the law forbids is left out.
    Discriminating(&'r Discriminating),
    /// A code is shown as it stands.
    Unmapped(&'r Unmapped),
    /// A column is not taken.
    Untaken(&'r Untaken),
    /// Rows lack something.
    Lacking(&'r Lack),
    /// Rows that are hidden in their sheet were taken.
    Hidden(&'r Rows),
    /// A row is no item.
    LeftOut(&'r LeftOut),
    /// Something of a row is left out or put right.
    Remark(&'r Remark),
    /// A row is the same as another.
    Dropped(&'r Dropped),
}

/// How much a line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// All of it, and what to do.
    Whole,
    /// What fits on a line of a page.
    Short,
}

/// Longest words of a file in a short line, in characters.
const QUOTED_CHARS: usize = 16;

impl Report {
    /// All lines, what is refused first.
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let refused = self.refused.iter().map(Line::Refused);
        refused
            .chain(self.discriminating.iter().map(Line::Discriminating))
            .chain(self.unmapped.iter().map(Line::Unmapped))
            .chain(self.untaken.iter().map(Line::Untaken))
            .chain(self.hidden.iter().map(Line::Hidden))
            .chain(self.lacking.iter().map(Line::Lacking))
            .chain(self.left_out.iter().map(Line::LeftOut))
            .chain(self.remarks.iter().map(Line::Remark))
            .chain(self.dropped.iter().map(Line::Dropped))
    }
}

impl Line<'_> {
    /// Where it is and what it is.
    pub fn words(&self, length: Length) -> String {
        let quote = |text: &str| length.quoted(text);
        match self {
            Self::Refused(refusal) => {
                let at = length.at(&refusal.place, &refusal.column);
                let advice = if length == Length::Whole { refusal.reason.advice() } else { "" };
                format!("{at}：{}{advice}", refusal.reason.words(length))
            }
            Self::Discriminating(found) => {
                let at = length.at(&found.place, &found.column);
                let (words, ground) = (quote(&found.words), found.ground.words());
                format!("{at}：{words}（{ground}）依法不能作条件，已经去掉")
            }
            Self::Unmapped(Unmapped { column, code, rows }) => {
                let (column, code) = (quote(column), quote(code));
                format!("{column}：代码{code}没有对应（{rows} 行），照原样显示")
            }
            Self::Untaken(Untaken { column, why, rows, example, place }) => {
                let (at, example) = match length {
                    Length::Whole => (length.at(place, column), quote(example)),
                    Length::Short => (quote(column), quote(example)),
                };
                format!("{at}：{}，{rows} 行没有采用，如{example}", why.words())
            }
            Self::Lacking(Lack { missing, rows }) => {
                format!("{}：缺{}，显示“未提供”", length.rows(rows), missing.join("、"))
            }
            Self::Hidden(rows) => {
                format!("{}：在表里是隐藏的（筛选过，或者隐藏了），也导入", length.rows(rows))
            }
            Self::LeftOut(LeftOut { place, kind, words }) => {
                format!("{}：{}：{}", length.at(place, ""), kind.words(), quote(words))
            }
            Self::Remark(Remark { place, column, remark }) => {
                format!("{}：{}", length.at(place, column), remark.words(length))
            }
            Self::Dropped(Dropped { place, kept, .. }) => {
                let at = |place| length.at(place, "");
                let kept = match (kept, length) {
                    (Kept::Row(other), Length::Short) if other.sheet == place.sheet => {
                        format!("和第 {} 行相同，不再导入", other.row)
                    }
                    (Kept::Row(other), _) => format!("和{}相同，不再导入", at(other)),
                    (Kept::File { file, place }, _) => {
                        format!("和 {file} 的{}相同，不再导入", at(place))
                    }
                    (Kept::County { id }, Length::Whole) => {
                        format!("县里已经发布（{id}），不再导入")
                    }
                    (Kept::Town { id }, Length::Whole) => {
                        format!("本镇已经有了（{id}），不再导入")
                    }
                    (Kept::County { .. }, Length::Short) => "县里已经发布，不再导入".to_owned(),
                    (Kept::Town { .. }, Length::Short) => "本镇已经有了，不再导入".to_owned(),
                };
                format!("{}：{kept}", at(place))
            }
        }
    }
}

impl Length {
    /// A text of a file between the quotation marks of a sentence.
    fn quoted(self, text: &str) -> String {
        match self {
            Self::Whole => quoted(text),
            Self::Short if text.chars().count() > QUOTED_CHARS => {
                let start: String = text.chars().take(QUOTED_CHARS - 1).collect();
                quoted(&format!("{start}…"))
            }
            Self::Short => quoted(text),
        }
    }

    /// Where rows stand.
    fn rows(self, Rows { sheet, rows }: &Rows) -> String {
        let sheet = sheet.as_ref().map(|sheet| format!("表{}", self.quoted(sheet)));
        let rows = numbers(rows, if self == Self::Whole { 12 } else { 3 });
        format!("{}第 {rows} 行", sheet.unwrap_or_default())
    }

    /// Where a row stands, and the column.
    fn at(self, place: &Place, column: &str) -> String {
        let sheet = place.sheet.as_ref().map(|sheet| format!("表{}", self.quoted(sheet)));
        let line = place.line.filter(|_| self == Self::Whole);
        let line = line.map(|line| format!("（文件第 {line} 行）")).unwrap_or_default();
        let table = place.table.map(|table| format!("，左起第 {table} 个表")).unwrap_or_default();
        let column = if column.is_empty() { String::new() } else { self.quoted(column) };
        format!("{}第 {} 行{line}{table}{column}", sheet.unwrap_or_default(), place.row)
    }
}

/// Numbers of rows: 3、5–9; of more than `runs_max` runs the first ones and how many there are.
fn numbers(rows: &[u32], runs_max: usize) -> String {
    let runs: Vec<_> = rows.chunk_by(|one, next| one + 1 == *next).collect();
    let run = |run: &&[u32]| match run {
        [one] => one.to_string(),
        [first, .., last] => format!("{first}–{last}"),
        [] => String::new(),
    };
    let shown: Vec<_> = runs.iter().take(runs_max).map(run).collect();
    let more = if runs.len() > runs_max { format!(" 等 {}", rows.len()) } else { String::new() };
    format!("{}{more}", shown.join("、"))
}

impl Reason {
    fn words(&self, length: Length) -> String {
        let quote = |text: &str| length.quoted(text);
        match self {
            Self::Missing => "没有填，这行不能用".to_owned(),
            Self::Date(text) => format!("{}不是日期，这行不能用", quote(text)),
            Self::EndsBeforeBeginning => "截止早于发布或开始，这行不能用".to_owned(),
            Self::TooLong => "太长，这行不能用".to_owned(),
            Self::Damaged => "有认不出的字，这行不能用".to_owned(),
            Self::OpenQuote => "引号没有配对，这行不能用".to_owned(),
            Self::TooManyValues => "比表头多出内容，这行不能用".to_owned(),
            Self::Incomplete(elements) => format!("缺{}，这行不能用", elements.join("、")),
            Self::NoLastDay => "没有写到哪天为止，这行不能用".to_owned(),
            Self::Town(text) => format!("{}不是本县的乡镇，这行不能用", quote(text)),
            Self::Elsewhere => "是给别的乡镇的，没有导入".to_owned(),
            Self::Form(wrong) if length == Length::Whole => {
                format!("格式不对，这行不能用：{wrong}")
            }
            Self::Form(_) => "格式不对，这行不能用".to_owned(),
            Self::NoDay(text) => format!("{}没有写明是哪一天，这行不能用", quote(text)),
            Self::Filled(text) => format!("{}：已经满了或者停止了，这行没有导入", quote(text)),
            Self::OnlyForbidden => "只写了性别，看不出做什么工作，这行不能用".to_owned(),
        }
    }

    /// What to do about it, behind the words.
    fn advice(&self) -> &'static str {
        match self {
            Self::Date(_) => "；请写成 2026-11-05 这样",
            Self::NoLastDay => "；请写 2026-12-01至2026-12-20，或写“长期”",
            Self::Town(_) => "；请写 divisions/ 里的乡镇名称或九位代码",
            Self::NoDay(_) => "；定下来后请写上日期",
            Self::OnlyForbidden => "；请写工种",
            _ => "",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.words(Length::Whole), self.advice())
    }
}

/// A text of a file between the quotation marks of a sentence; what a terminal would obey is written
/// out.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from("“");
    for c in text.chars() {
        // A wide blank is what stands there; a direction mark or a bell is not to be obeyed.
        match super::text::is_hidden(c) {
            true => quoted.extend(c.escape_default()),
            false => quoted.push(c),
        }
    }
    quoted + "”"
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
        "not_a_number" => "不像电话号码",
        "left_out" => "没有采用",
        "rounded" => "丢了数字",
        "too_many" => "项目太多",
        other => other,
    }
}

impl RemarkKind {
    fn words(&self, length: Length) -> String {
        let quote = |text: &str| length.quoted(text);
        match self {
            Self::Wage(fault, text) if fault.is_in_words() => {
                format!("{fault}，照原样显示：{}", quote(text))
            }
            Self::Wage(fault, text) => format!("{fault}，显示“未提供”：{}", quote(text)),
            Self::Number(text) => format!("{}不是数字，没有采用", quote(text)),
            Self::Choice(text) => format!("{}看不出是还是否，照原样显示", quote(text)),
            Self::Cut => "太长，截短了".to_owned(),
            Self::Undated => "没有发布日期，按今天算（只说一次）".to_owned(),
            Self::Division(text) => format!("{}不是区划代码，没有采用", quote(text)),
            Self::Merged => "合并单元格里的数字分不清是哪一行的，没有采用".to_owned(),
            Self::Damaged => "有认不出的字，没有采用".to_owned(),
            Self::Formula => "公式出错，没有采用".to_owned(),
            Self::Year(day) => format!("没有写年份，按 {day} 算（只说一次）"),
            Self::Begins(day) => format!("{day} 才开始，导入后就能看到"),
            Self::Beside(words) => format!("日期旁边的{}没有采用", quote(words)),
            Self::Over(day) => format!("{day} 已经截止，这行没有导入"),
            Self::OtherWage(words) => format!("另一个工资{}没有采用", quote(words)),
            Self::NoPhone => "没有电话号码，显示“未提供”".to_owned(),
            Self::NotANumber(text) => {
                format!("{}不像电话号码，照原样显示，请核对", quote(text))
            }
            Self::LeftOut(words) => format!("{}没有采用", quote(words)),
            Self::Narrow => "只有“####”：把这一列拉宽再另存，没有采用".to_owned(),
            Self::Differs => "编号和别的信息重复、内容不同，两个都导入".to_owned(),
            Self::Rounded(text) => {
                format!("{}丢了数字，请改成文本重填，没有采用", quote(text))
            }
            Self::TooMany(text) => format!("项目太多，没有采用{}", quote(text)),
        }
    }
}

impl fmt::Display for RemarkKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(Length::Whole))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_follow_each_other_are_one_run() {
        assert_eq!(numbers(&[3, 5, 6, 7, 9], 12), "3、5–7、9");
        assert_eq!(numbers(&[1, 3, 5, 7], 2), "1、3 等 4");
    }
}
