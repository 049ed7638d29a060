//! How text lies on paper: which characters the printer has, how many columns they take, where a
//! line is broken. Keeps no state.
//!
//! In GBK a character of one byte takes one column and a character of two bytes takes two, so that
//! columns are bytes.

use encoding_rs::{EncoderResult, GBK};
use zeroize::Zeroizing;

/// Stands for a character that the printer does not have.
pub const MISSING: char = '〓';

/// Text of which every character can be printed.
pub type Printable = Zeroizing<String>;

/// `text` with [`MISSING`] in place of what GBK lacks. What a printer might take for a command
/// becomes a space.
pub fn printable(text: &str) -> Printable {
    // Every replacement is at most as long as three bytes, and a space as one.
    let mut printable = Zeroizing::new(String::with_capacity(text.len() * 3));
    for c in text.chars() {
        printable.push(match c {
            c if c.is_control() => ' ',
            c if gbk(c).is_some() => c,
            _ => MISSING,
        });
    }
    printable
}

/// The bytes of a character in GBK, and how many they are; `None` where GBK has none.
pub fn gbk(c: char) -> Option<([u8; 2], usize)> {
    if c == ' ' || c.is_ascii_graphic() {
        return Some(([c as u8, 0], 1));
    }
    // Private-use characters have places in the table, but every maker's font differs there; and
    // the single byte of the euro sign is none of GBK's own.
    if c.is_ascii() || ('\u{E000}'..='\u{F8FF}').contains(&c) {
        return None;
    }
    let (mut text, mut bytes) = ([0; 4], [0; 4]);
    let text = c.encode_utf8(&mut text);
    let mut encoder = GBK.new_encoder();
    let (result, _, count) = encoder.encode_from_utf8_without_replacement(text, &mut bytes, true);
    (result == EncoderResult::InputEmpty && count == 2).then_some(([bytes[0], bytes[1]], 2))
}

/// How many columns `text` takes.
pub fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

/// Columns of one printable character.
pub fn width(c: char) -> usize {
    if c.is_ascii() { 1 } else { 2 }
}

/// Breaks printable `text` into lines of at most `most` columns (two or more). A figure stays
/// whole with its unit, closing marks stay with what they close; only what is longer than a line by
/// itself is cut anywhere.
pub fn wrap(text: &str, most: usize) -> Vec<Printable> {
    let mut lines = Vec::new();
    let mut line = Line::new(text.len());
    for atom in atoms(text) {
        let needs = columns(atom);
        if needs <= most - line.columns {
            // A line does not begin with the space that was between two words.
            if line.columns > 0 || !atom.trim().is_empty() {
                line.push_str(atom, needs);
            }
            continue;
        }
        line.end(&mut lines);
        if needs <= most {
            if !atom.trim().is_empty() {
                line.push_str(atom, needs);
            }
            continue;
        }
        for c in atom.chars() {
            if width(c) > most - line.columns {
                line.end(&mut lines);
            }
            line.push(c);
        }
    }
    line.end(&mut lines);
    if lines.is_empty() {
        lines.push(Printable::default());
    }
    lines
}

/// As [`wrap`], for a heading: when it does not fit on one line, it is broken after a comma if that
/// is possible.
pub fn wrap_heading(text: &str, most: usize) -> Vec<Printable> {
    if columns(text) <= most {
        return wrap(text, most);
    }
    text.split_inclusive('，').flat_map(|clause| wrap(clause, most)).collect()
}

/// A line that grows.
struct Line {
    text: Printable,
    columns: usize,
    /// Bytes of the whole text: no line needs more.
    room: usize,
}

impl Line {
    fn new(room: usize) -> Self {
        Self { text: Zeroizing::new(String::with_capacity(room)), columns: 0, room }
    }

    fn push(&mut self, c: char) {
        self.text.push(c);
        self.columns += width(c);
    }

    fn push_str(&mut self, text: &str, columns: usize) {
        self.text.push_str(text);
        self.columns += columns;
    }

    /// Begins a new line. One on which nothing but spaces stands is none.
    fn end(&mut self, lines: &mut Vec<Printable>) {
        let next = Self::new(self.room);
        let mut full = std::mem::replace(self, next).text;
        let end = full.trim_end().len();
        full.truncate(end);
        if !full.is_empty() {
            lines.push(full);
        }
    }
}

/// `text` in pieces between which a line may be broken.
fn atoms(text: &str) -> Vec<&str> {
    let mut atoms = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let end = at + c.len_utf8();
        let Some((_, next)) = chars.peek() else { continue };
        if !stay_together(&text[start..end], c, *next, &text[end..]) {
            atoms.push(&text[start..end]);
            start = end;
        }
    }
    if start < text.len() {
        atoms.push(&text[start..]);
    }
    atoms
}

/// Whether no line may be broken between `c`, with which `atom` ends, and `next`, with which `rest`
/// begins.
fn stay_together(atom: &str, c: char, next: char, rest: &str) -> bool {
    const CLOSING: &str = "，。；：！？、）》】”’…%";
    const OPENING: &str = "（《【“‘";
    const UNITS: &str = "元年月日个岁％";
    let unit = |c: char| UNITS.contains(c);
    if CLOSING.contains(next) || OPENING.contains(c) {
        return true;
    }
    if c.is_ascii_graphic() {
        let digit = c.is_ascii_digit();
        let spaced = || rest.strip_prefix(' ').and_then(|rest| rest.chars().next());
        return next.is_ascii_graphic()
            || digit && unit(next)
            || digit && next == ' ' && spaced().is_some_and(unit);
    }
    // The space between a figure and its unit.
    c == ' ' && atom.len() > 1 && unit(next)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(text: &str, most: usize) -> Vec<String> {
        wrap(text, most).iter().map(|line| line.to_string()).collect()
    }

    #[test]
    fn figures_stay_whole_with_their_units() {
        assert_eq!(lines("每月养老金 1,243.00 元", 16), ["每月养老金", "1,243.00 元"]);
        assert_eq!(lines("到2026年11月30日前", 8), ["到2026年", "11月30日", "前"]);
        assert_eq!(lines("在社保窗口办，也可以", 12), ["在社保窗口", "办，也可以"]);
        assert_eq!(lines("到“四川人社”看", 6), ["到“四", "川人", "社”看"]);
        assert_eq!(lines("1234567890", 4), ["1234", "5678", "90"]);
        assert_eq!(lines("", 8), [""]);
        assert_eq!(lines(" ）", 2), ["）"], "no line of a space alone");
    }

    #[test]
    fn a_heading_is_broken_after_its_comma() {
        let heading = |most| {
            let lines = wrap_heading("查询结果，不作证明", most);
            lines.iter().map(|line| line.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(heading(24), ["查询结果，不作证明"]);
        assert_eq!(heading(16), ["查询结果，", "不作证明"]);
    }

    #[test]
    fn what_gbk_lacks_is_replaced() {
        assert_eq!(printable("测\u{2CC56}\u{E863}㐂\tA€").as_str(), "测〓〓〓 A〓");
        assert_eq!(gbk('测'), Some(([0xB2, 0xE2], 2)));
        assert_eq!(gbk('〓'), Some(([0xA1, 0xFE], 2)));
        assert_eq!(gbk('·'), Some(([0xA1, 0xA4], 2)));
        assert_eq!(gbk('Z'), Some((*b"Z\0", 1)));
        assert_eq!(gbk('\u{10}'), None);
    }

    proptest! {
        /// Whatever is on a slip: lines are short enough, and nothing but spaces is lost.
        #[test]
        fn lines_fit_and_lose_nothing(text in "[ -~测试元，。（）〓·]{0,60}", most in 2_usize..50) {
            let lines = wrap(&text, most);
            for line in &lines {
                prop_assert!(columns(line) <= most, "{line:?}");
                prop_assert!(!line.is_empty() || text.trim().is_empty());
            }
            let squeezed = |text: &str| text.chars().filter(|c| *c != ' ').collect::<String>();
            let together: String = lines.iter().map(|line| line.as_str()).collect();
            prop_assert_eq!(squeezed(&together), squeezed(&text));
        }

        /// A byte of a printable text is never one of a command, so no text can give one.
        #[test]
        fn no_text_becomes_a_command(text in any::<String>()) {
            let text = printable(&text);
            for c in text.chars() {
                let (bytes, count) = gbk(c).expect("it is printable");
                prop_assert!(bytes[..count].iter().all(|byte| *byte >= 0x20));
                prop_assert_eq!(count, width(c));
            }
        }
    }
}
