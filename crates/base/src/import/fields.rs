//! One row's values by what they mean, and how plain values are read from them. Keeps no state.

use std::cell::Cell as Asked;

use jiff::civil::Date;

use super::{
    columns::{Tally, Why},
    days::{self, Days, Near},
    duplicates::source_id,
    mapping::{Binding, Column, Mapping, Target},
    report::{Place, Reason, RemarkKind, Report},
    text,
    wage::WageRule,
};
use crate::domain::PostingId;

/// Most characters of a short text: title, names, telephone.
pub(super) const SHORT_CHARS_MAX: usize = 120;
/// Most characters of a long text.
pub(super) const TEXT_CHARS_MAX: usize = 4_000;

/// A value of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) text: String,
    /// Whether it came from a merged cell that begins in a row above.
    pub(super) filled: bool,
    /// Over how many columns it is merged; 0 and 1 for none.
    pub(super) span: u16,
    /// Whether a formula gave an error instead of a value.
    pub(super) is_error: bool,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }
}

#[derive(Debug, Clone, Default)]
struct Value {
    text: String,
    column: usize,
    rank: usize,
    filled: bool,
    /// What stood in brackets behind the column's name.
    hint: String,
    /// Of several columns that are joined, where in the text each of the others begins.
    joined: Vec<(usize, usize)>,
}

/// The values of a row.
pub(super) struct Fields<'a> {
    pub(super) mapping: &'a Mapping,
    pub(super) place: &'a Place,
    binding: &'a Binding,
    /// Columns in which something was lost before the file came here.
    flaws: Vec<(usize, RemarkKind)>,
    /// Columns whose value was not taken.
    lost: Vec<(usize, Why, String)>,
    values: [Option<Value>; Target::COUNT],
    /// Whether somebody looked at the value.
    asked: [Asked<bool>; Target::COUNT],
}

/// How a cell about days is read.
type ReadDays = fn(&str, &super::date::DateRule, Near) -> Result<Days, super::date::DateFault>;

/// First and last day of something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Window {
    /// The first day, where one is said.
    pub(super) first: Option<Date>,
    /// The last.
    pub(super) last: Option<Date>,
    /// No last day is fixed.
    pub(super) open: bool,
}

/// A row that is refused: which column, and why.
pub(super) type Refused = (String, Reason);

impl<'a> Fields<'a> {
    /// The values of `cells`, which `binding` explains.
    ///
    /// # Errors
    /// When a value is too long, or cannot be read.
    pub(super) fn new(
        mapping: &'a Mapping,
        binding: &'a Binding,
        place: &'a Place,
        cells: &[Cell],
    ) -> Result<Self, Refused> {
        let mut fields = Self {
            mapping,
            place,
            binding,
            flaws: Vec::new(),
            lost: Vec::new(),
            values: [const { None }; Target::COUNT],
            asked: [const { Asked::new(false) }; Target::COUNT],
        };
        for (index, cell) in cells.iter().enumerate() {
            let name = || binding.names.get(index).cloned().unwrap_or_default();
            if cell.text.len() > text::BYTES_MAX {
                return Err((name(), Reason::TooLong));
            }
            let Some(columns) = binding.columns.get(index) else {
                match cell.text.trim().is_empty() {
                    true => continue,
                    false => return Err((String::new(), Reason::TooManyValues)),
                }
            };
            if cell.text.contains('\u{FFFD}') {
                // What a row stands on must be whole; a description may lack a character.
                if columns.iter().any(|column| column.target.is_key()) {
                    return Err((name(), Reason::Damaged));
                }
                fields.flaws.extend((!columns.is_empty()).then_some((index, RemarkKind::Damaged)));
            }
            fields.take(index, columns, cell);
        }
        Ok(fields)
    }

    fn take(&mut self, index: usize, columns: &[Column], cell: &Cell) {
        let text = cell.text.trim();
        if cell.is_error || is_error(text) {
            return self.flaws.push((index, RemarkKind::Formula));
        }
        // A stroke says that there is nothing.
        if text.is_empty() || text.chars().all(|c| "-—－/／_".contains(c)) {
            return;
        }
        let is_known = columns.iter().any(|column| column.target != Target::Ignored);
        if !is_known {
            let why = if columns.is_empty() { Why::Unknown } else { Why::PassedOver };
            return self.lost.push((index, why, text.to_owned()));
        }
        if text.len() > 1 && text.bytes().all(|byte| byte == b'#') {
            // What a spreadsheet shows where a column is too narrow.
            return self.flaws.push((index, RemarkKind::Narrow));
        }
        for column in columns {
            self.put(index, column, cell);
        }
    }

    fn put(&mut self, index: usize, column: &Column, cell: &Cell) {
        let text = cell.text.trim();
        if column.target == Target::Ignored {
            return;
        }
        // 1970-01-01 in the better column: the other one counts.
        let no_day = || {
            let none = Days { first: None, last: None, open: false, ..Days::default() };
            days::read(text, &self.mapping.dates, Near::Unknown)
                .is_ok_and(|days| Days { beside: None, ..days } == none)
        };
        if column.target == Target::Published && no_day() {
            return;
        }
        let text = match &column.label {
            Some(_) if says_nothing(text) => return,
            // Of a condition one says which: 专业：会计学.
            Some(label) => format!("{label}：{text}"),
            None => text.to_owned(),
        };
        let value = Value {
            text,
            column: index,
            rank: column.rank,
            filled: cell.filled,
            hint: column.hint.clone(),
            joined: Vec::new(),
        };
        let slot = &mut self.values[column.target as usize];
        match slot {
            Some(before) if column.target.is_joined() => {
                if !before.text.contains(&value.text) {
                    before.text.push('\n');
                    before.joined.push((before.text.len(), value.column));
                    before.text.push_str(&value.text);
                }
            }
            Some(before) => {
                let loser = match before.rank <= value.rank {
                    true => value,
                    false => std::mem::replace(before, value),
                };
                if loser.text != before.text {
                    self.lost.push((loser.column, Why::AnotherCounts, loser.text));
                }
            }
            None => *slot = Some(value),
        }
    }

    /// Reports what was lost before the file came here.
    pub(super) fn report_flaws(&self, report: &mut Report) {
        for (index, flaw) in &self.flaws {
            report.remark(self.place, &self.binding.names[*index], flaw.clone());
        }
    }

    /// Notes the values that were not taken: of columns that are not known, of columns beside
    /// another that counts, and those that nobody asked for.
    pub(super) fn note_untaken(&self, tally: &mut Tally) {
        // First and last day may stand in one column: who read it for one has read it.
        let read = |column: usize| {
            let mut values = self.values.iter().zip(&self.asked).filter(|(_, asked)| asked.get());
            values.any(|(value, _)| value.as_ref().is_some_and(|value| value.column == column))
        };
        for (index, why, text) in &self.lost {
            if *why != Why::AnotherCounts || !read(*index) {
                tally.note(self.place, &self.binding.names[*index], *why, text);
            }
        }
        for (value, asked) in self.values.iter().zip(&self.asked) {
            let unread = |value: &&Value| !asked.get() && !read(value.column);
            if let Some(value) = value.as_ref().filter(unread) {
                let name = &self.binding.names[value.column];
                tally.note(self.place, name, Why::AnotherCounts, &value.text);
            }
        }
    }

    /// What wages mean in the column of `target`: the mapping's rule, and what the column's name adds
    /// (元/天).
    pub(super) fn wage_rule(&self, target: Target) -> WageRule {
        let hint = self.values[target as usize].as_ref().map(|value| value.hint.as_str());
        let hint = hint.filter(|hint| !hint.is_empty());
        hint.map_or(self.mapping.wage, |hint| self.mapping.wage.hinted(hint))
    }

    /// The column of `target` in which `words` stand, where several are joined.
    pub(super) fn column_saying(&self, target: Target, words: &str) -> &str {
        let Some(value) = &self.values[target as usize] else { return self.column(target) };
        let at = value.text.find(words).unwrap_or(0);
        let part = value.joined.iter().rev().find(|(begins, _)| *begins <= at);
        let column = part.map_or(value.column, |(_, column)| *column);
        self.binding.names.get(column).map_or_else(|| self.column(target), String::as_str)
    }

    /// What stands for `target`, or the mapping's default.
    pub(super) fn get(&self, target: Target) -> Option<&str> {
        self.asked[target as usize].set(true);
        match &self.values[target as usize] {
            Some(value) => Some(value.text.as_str()),
            None => self.mapping.defaults.get(&target).map(String::as_str),
        }
    }

    /// The column in which `target` stands, or would stand, as the file calls it; where there is
    /// none, what its source calls it.
    pub(super) fn column(&self, target: Target) -> &str {
        let value = self.values[target as usize].as_ref();
        let column = value.and_then(|value| self.binding.names.get(value.column));
        let named = column.map(String::as_str).or_else(|| self.header(target));
        named.unwrap_or_else(|| self.mapping.called(target))
    }

    /// The column that would have `target`, as the file calls it, whether it has a value or not;
    /// `None` where there is no such column.
    pub(super) fn header(&self, target: Target) -> Option<&'a str> {
        self.binding.columns.iter().zip(&self.binding.names).find_map(|(columns, name)| {
            columns.iter().any(|column| column.target == target).then_some(name.as_str())
        })
    }

    /// The value came from a cell that was merged over several rows.
    pub(super) fn is_filled(&self, target: Target) -> bool {
        self.values[target as usize].as_ref().is_some_and(|value| value.filled)
    }

    /// A short text of one line.
    pub(super) fn line(&self, target: Target, report: &mut Report) -> Option<String> {
        let mut text = text::line(self.get(target)?);
        self.cut(target, &mut text, SHORT_CHARS_MAX, report);
        (!text.is_empty()).then_some(text)
    }

    /// A text of several lines.
    pub(super) fn lines(&self, target: Target, report: &mut Report) -> Option<String> {
        let mut text = text::lines(self.get(target)?);
        self.cut(target, &mut text, TEXT_CHARS_MAX, report);
        // What crawlers leave of a description.
        let says_something = text.chars().any(char::is_alphanumeric);
        says_something.then_some(text)
    }

    fn cut(&self, target: Target, text: &mut String, most: usize, report: &mut Report) {
        if text::cut(text, most) {
            report.remark(self.place, self.column(target), RemarkKind::Cut);
        }
    }

    /// The id at the source.
    pub(super) fn id(&self, report: &mut Report) -> Option<PostingId> {
        let raw = self.number(Target::Id, report)?;
        Some(source_id(&self.mapping.name, &raw))
    }

    /// A number that is a name: an id, a telephone. A spreadsheet may have made a figure of it:
    /// 13800001111.0 and 1.3800001111E10 are 13800001111, but of 1.38E+10 figures are lost.
    pub(super) fn number(&self, target: Target, report: &mut Report) -> Option<String> {
        let text = self.line(target, report)?;
        match figures(&text) {
            Some(Ok(figures)) => Some(figures),
            Some(Err(Rounded)) => {
                report.remark(self.place, self.column(target), RemarkKind::Rounded(text));
                None
            }
            None => Some(text),
        }
    }

    /// A short text without which the row cannot be shown.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn needed(&self, target: Target, report: &mut Report) -> Result<String, Refused> {
        self.line(target, report).ok_or_else(|| self.refused(target, Reason::Missing))
    }

    /// A refusal because of `target`.
    pub(super) fn refused(&self, target: Target, reason: Reason) -> Refused {
        (self.column(target).to_owned(), reason)
    }

    /// What the column of `target` says about days; `near` tells a year that is not written.
    ///
    /// # Errors
    /// When there is something that is no day: nobody may guess when a posting ends.
    pub(super) fn days(
        &self,
        target: Target,
        near: Near,
        report: &mut Report,
    ) -> Result<Days, Refused> {
        let days = self.read_days(target, days::read, near, report)?;
        if let Some(words) = &days.beside
            // When a listing was published to the minute is nobody's loss.
            && target != Target::Published
        {
            report.remark(self.place, self.column(target), RemarkKind::Beside(words.clone()));
        }
        Ok(days)
    }

    /// As [`Self::days`], where hours and other words beside the days are taken.
    ///
    /// # Errors
    /// When it begins with no day.
    pub(super) fn days_and_hours(
        &self,
        target: Target,
        near: Near,
        report: &mut Report,
    ) -> Result<Days, Refused> {
        self.read_days(target, days::read_with_words, near, report)
    }

    fn read_days(
        &self,
        target: Target,
        read: ReadDays,
        near: Near,
        report: &mut Report,
    ) -> Result<Days, Refused> {
        let Some(text) = self.get(target) else { return Ok(Days::default()) };
        let days = read(text, &self.mapping.dates, near).map_err(|_| {
            let shown: String = text.chars().take(60).collect();
            self.refused(target, Reason::Date(shown))
        })?;
        if let Some(day) = days.last.or(days.first).filter(|_| days.year_told) {
            report.remark(self.place, self.column(target), RemarkKind::Year(day));
        }
        Ok(days)
    }

    /// First and last day, from a column each or from one that holds both.
    ///
    /// # Errors
    /// As [`Self::days`].
    pub(super) fn window(
        &self,
        from: Target,
        until: Target,
        near: Near,
        report: &mut Report,
    ) -> Result<Window, Refused> {
        let begins = self.days(from, near, report)?;
        let (is_one, near) = (self.is_one(from, until), begins.first.map_or(near, Near::After));
        let ends = match is_one {
            true => begins.clone(),
            false => self.days(until, near, report)?,
        };
        Ok(self.joined(until, begins, ends, report))
    }

    /// Whether both stand in the same column.
    pub(super) fn is_one(&self, from: Target, until: Target) -> bool {
        let column = |target: Target| self.values[target as usize].as_ref().map(|v| v.column);
        column(from).is_some() && column(from) == column(until)
    }

    /// The window of the days of two columns.
    pub(super) fn joined(
        &self,
        until: Target,
        begins: Days,
        ends: Days,
        report: &mut Report,
    ) -> Window {
        let is_range = |days: &Days| days.first != days.last;
        let last = ends.last.or(begins.last.filter(|_| is_range(&begins)));
        if let (Some(last), Some(other)) = (last, begins.last)
            && is_range(&begins)
            // 12月中旬 is no range that somebody wrote.
            && !begins.rough
            && last != other
        {
            let words = RemarkKind::LeftOut(other.to_string());
            report.remark(self.place, self.column(until), words);
        }
        // 截止日期 2026.12 is a last day alone; 报名时间 2026年12月 is the whole month.
        let name = self.column(until);
        let ends_alone = ends.rough
            && !name.contains('起')
            && ["截止", "到期", "终止", "结束", "止"].iter().any(|word| name.contains(word));
        Window {
            first: begins.first.or(ends.first.filter(|_| is_range(&ends) && !ends_alone)),
            last,
            open: begins.open || ends.open,
        }
    }

    /// A count of people, hours, seats: `3`, `3人`, `招3人`, `3.0`.
    pub(super) fn count(&self, target: Target, report: &mut Report) -> Option<u32> {
        let text = text::line(self.get(target)?);
        if self.is_filled(target) {
            report.remark(self.place, self.column(target), RemarkKind::Merged);
            return None;
        }
        let number = number(&text);
        if number.is_none() && !matches!(text.as_str(), "" | "-" | "无" | "不限") {
            let shown = text.chars().take(40).collect();
            report.remark(self.place, self.column(target), RemarkKind::Number(shown));
        }
        number
    }

    /// A short text that may be a code: the mapping's words for it, or `代码 21` for one that
    /// it does not know.
    pub(super) fn coded(&self, target: Target, report: &mut Report) -> Option<String> {
        let table = self.mapping.codes.get(&target);
        let words = |text: &str| table.and_then(|table| table.get(&text::line(text)));
        // A list of codes, one a line.
        let raw = self.get(target)?;
        if raw.contains('\n') && raw.lines().all(|line| words(line).is_some()) {
            let all: Vec<_> = raw.lines().filter_map(words).map(String::as_str).collect();
            return Some(all.join("、")).filter(|all| !all.trim_matches('、').is_empty());
        }
        let text = self.line(target, report)?;
        if let Some(words) = words(&text) {
            return (!words.is_empty()).then(|| words.clone());
        }
        let is_code = text.len() <= 8
            && text.bytes().all(|b| b.is_ascii_digit() || b == b'_' || b.is_ascii_uppercase())
            && text.bytes().any(|b| b.is_ascii_digit());
        if !is_code {
            return Some(text);
        }
        report.unmapped(self.column(target), &text);
        Some(format!("代码 {text}"))
    }
}

/// Whether there is something: `是`, `提供`; `None` for what is neither yes nor no.
pub(super) fn choice(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "是" | "有" | "提供" | "包" | "含" | "y" | "yes" | "true" | "免费" | "√" => {
            Some(true)
        }
        "否" | "无" | "不提供" | "不包" | "没有" | "n" | "no" | "false" | "自理" | "×" => {
            Some(false)
        }
        _ => None,
    }
}

/// Figures are lost.
#[derive(Debug, PartialEq, Eq)]
struct Rounded;

/// The whole number that a text in a spreadsheet's forms of numbers is; `None` for any other text.
fn figures(text: &str) -> Option<Result<String, Rounded>> {
    let (mantissa, exponent) = match text.split_once(['E', 'e']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.trim_start_matches('+'))),
        None => (text, None),
    };
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(decimals) {
        return None;
    }
    let Some(exponent) = exponent else {
        // 13800001111.0; but 8.30 may be anything.
        let is_whole =
            whole.len() >= 4 && !decimals.is_empty() && decimals.bytes().all(|b| b == b'0');
        return is_whole.then(|| Ok(whole.to_owned()));
    };
    let exponent: usize = exponent.parse().ok().filter(|exponent| *exponent <= 20)?;
    let shown = decimals.trim_end_matches('0').len();
    // As many figures as the number has.
    match decimals.len() >= exponent && shown <= exponent {
        true => Some(Ok(format!("{whole}{}", &decimals[..exponent]))),
        false => Some(Err(Rounded)),
    }
}

/// What a spreadsheet writes where a formula has no value.
fn is_error(text: &str) -> bool {
    matches!(
        text,
        "#N/A" | "#REF!" | "#VALUE!" | "#DIV/0!" | "#NAME?" | "#NUM!" | "#NULL!" | "#SPILL!"
    )
}

/// A value that fills a cell and says nothing.
pub(super) fn says_nothing(text: &str) -> bool {
    matches!(text, "无" | "暂无" | "/" | "\\" | "-" | "--" | "—" | "——" | "――")
}

/// `3`, `3人`, `招3人`, `3.0`, `12名`; nothing else.
pub(super) fn number(text: &str) -> Option<u32> {
    let half: String = text.trim().chars().map(text::half_width).collect();
    let text = half.trim_start_matches(['招', '约', '共']).trim_start_matches("聘");
    let text = ["个人", "人", "名", "个", "位", "课时", "学时", "小时"]
        .iter()
        .find_map(|unit| text.strip_suffix(unit))
        .unwrap_or(text)
        .trim();
    let text = text.strip_suffix(".0").or_else(|| text.strip_suffix(".00")).unwrap_or(text);
    let digits = (1..=6).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_names_get_their_figures_back() {
        for (text, right) in [
            ("1.3800001111E10", Some(Ok("13800001111".to_owned()))),
            ("1.3800001111E+10", Some(Ok("13800001111".to_owned()))),
            ("1.3800001111e10", Some(Ok("13800001111".to_owned()))),
            ("13800001111.0", Some(Ok("13800001111".to_owned()))),
            ("13800001111.00", Some(Ok("13800001111".to_owned()))),
            ("1.38E+10", Some(Err(Rounded))),
            ("1E10", Some(Err(Rounded))),
            ("8.3E+6", Some(Err(Rounded))),
            ("13800001111", None),
            ("0830-1234567", None),
            ("1.5", None),
            ("E05", None),
            ("2E99", None),
            ("12E", None),
        ] {
            assert_eq!(figures(text), right, "{text}");
        }
    }

    #[test]
    fn counts_are_read_or_left_out() {
        for (text, right) in [
            ("3", Some(3)),
            ("招3人", Some(3)),
            (" 12 名", Some(12)),
            ("５人", Some(5)),
            ("3.0", Some(3)),
            ("若干", None),
            ("3-5", None),
            ("-1", None),
            ("9999999", None),
        ] {
            assert_eq!(number(text), right, "{text}");
        }
    }
}
