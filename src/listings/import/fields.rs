//! One row's values by what they mean, and how plain values are read from them. Keeps no state.

use jiff::civil::Date;

use super::{
    days::{self, Days, Near},
    mapping::{Binding, Column, Mapping, Target},
    report::{Place, Reason, RemarkKind, Report},
    text,
    wage::WageRule,
};

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
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), filled: false }
    }
}

#[derive(Debug, Clone, Default)]
struct Value {
    text: String,
    column: usize,
    rank: usize,
    filled: bool,
}

/// The values of a row.
pub(super) struct Fields<'a> {
    pub(super) mapping: &'a Mapping,
    pub(super) place: &'a Place,
    binding: &'a Binding,
    /// What wages mean here: the mapping's rule, and what the column's name adds (元/天).
    pub(super) wage: WageRule,
    /// Columns in which characters were lost.
    damaged: Vec<usize>,
    values: [Option<Value>; Target::COUNT],
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
            wage: mapping.wage,
            damaged: Vec::new(),
            values: [const { None }; Target::COUNT],
        };
        for (index, cell) in cells.iter().enumerate() {
            let name = || binding.names.get(index).cloned().unwrap_or_default();
            if cell.text.len() > text::BYTES_MAX {
                return Err((name(), Reason::TooLong));
            }
            let damaged = cell.text.contains('\u{FFFD}');
            match binding.columns.get(index) {
                // What a row stands on must be whole; a description may lack a character.
                Some(columns) if damaged && columns.iter().any(|c| c.target.is_key()) => {
                    return Err((name(), Reason::Damaged));
                }
                Some(columns) => {
                    fields.damaged.extend((damaged && !columns.is_empty()).then_some(index));
                    columns.iter().for_each(|c| fields.put(index, c, cell));
                }
                None if cell.text.trim().is_empty() => {}
                None => return Err((String::new(), Reason::TooManyValues)),
            }
        }
        Ok(fields)
    }

    fn put(&mut self, index: usize, column: &Column, cell: &Cell) {
        let text = cell.text.trim();
        if text.is_empty() || column.target == Target::Ignored {
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
        let is_wage = matches!(column.target, Target::Wage | Target::WageMin | Target::WageMax);
        if is_wage && !column.hint.is_empty() {
            self.wage = self.wage.hinted(&column.hint);
        }
        let value =
            Value { text: text.to_owned(), column: index, rank: column.rank, filled: cell.filled };
        let slot = &mut self.values[column.target as usize];
        match slot {
            Some(before) if column.target.is_joined() => {
                if !before.text.contains(&value.text) {
                    before.text.push('\n');
                    before.text.push_str(&value.text);
                }
            }
            Some(before) if before.rank <= value.rank => {}
            _ => *slot = Some(value),
        }
    }

    /// Reports where characters were lost.
    pub(super) fn report_damage(&self, report: &mut Report) {
        for index in &self.damaged {
            report.remark(self.place, &self.binding.names[*index], RemarkKind::Damaged);
        }
    }

    /// What stands for `target`, or the mapping's default.
    pub(super) fn get(&self, target: Target) -> Option<&str> {
        match &self.values[target as usize] {
            Some(value) => Some(value.text.as_str()),
            None => self.mapping.defaults.get(&target).map(String::as_str),
        }
    }

    /// The column in which `target` stands, as the file calls it.
    pub(super) fn column(&self, target: Target) -> &str {
        match &self.values[target as usize] {
            Some(value) => {
                self.binding.names.get(value.column).map_or(target.name(), String::as_str)
            }
            None => target.name(),
        }
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
            && last != other
        {
            let words = RemarkKind::LeftOut(other.to_string());
            report.remark(self.place, self.column(until), words);
        }
        Window {
            first: begins.first.or(ends.first.filter(|_| is_range(&ends))),
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

/// `3`, `3人`, `招3人`, `3.0`, `12名`; nothing else.
pub(super) fn number(text: &str) -> Option<u32> {
    let text = text.trim();
    let text = text.trim_start_matches(['招', '约', '共']).trim_start_matches("聘");
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
    fn counts_are_read_or_left_out() {
        for (text, right) in [
            ("3", Some(3)),
            ("招3人", Some(3)),
            (" 12 名", Some(12)),
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
