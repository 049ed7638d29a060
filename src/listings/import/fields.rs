//! One row's values by what they mean, and how plain values are read from them. Keeps no state.

use super::{
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
    names: &'a [String],
    /// What wages mean here: the mapping's rule, and what the column's name adds (元/天).
    pub(super) wage: WageRule,
    /// Columns in which characters were lost.
    damaged: Vec<usize>,
    values: [Option<Value>; Target::COUNT],
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
            names: &binding.names,
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
        let no_day = || super::date::parse(text, &self.mapping.dates) == Ok(None);
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
            report.remark(self.place, &self.names[*index], RemarkKind::Damaged);
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
            Some(value) => self.names.get(value.column).map_or(target.name(), String::as_str),
            None => target.name(),
        }
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

    /// A day.
    ///
    /// # Errors
    /// When there is something that is no day: nobody may guess when a posting ends.
    pub(super) fn day(&self, target: Target) -> Result<Option<jiff::civil::Date>, Refused> {
        let Some(text) = self.get(target) else { return Ok(None) };
        super::date::parse(text, &self.mapping.dates).map_err(|_| {
            let shown: String = text.chars().take(40).collect();
            self.refused(target, Reason::Date(shown))
        })
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
        let text = self.line(target, report)?;
        let table = self.mapping.codes.get(&target);
        if let Some(words) = table.and_then(|table| table.get(&text)) {
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

    /// Whether there is something: `是`, `提供`, `1`; `None` where nothing says it.
    pub(super) fn choice(&self, target: Target, report: &mut Report) -> Option<bool> {
        let text = self.get(target)?;
        let table = self.mapping.codes.get(&target);
        let text = table.and_then(|table| table.get(text)).map_or(text, String::as_str);
        match text.trim().to_lowercase().as_str() {
            "是" | "有" | "提供" | "包" | "含" | "y" | "yes" | "true" | "免费" | "√" => {
                Some(true)
            }
            "否" | "无" | "不提供" | "不包" | "没有" | "n" | "no" | "false" | "自理" | "×" => {
                Some(false)
            }
            "" | "-" => None,
            _ => {
                let shown = text.chars().take(40).collect();
                report.remark(self.place, self.column(target), RemarkKind::Choice(shown));
                None
            }
        }
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
