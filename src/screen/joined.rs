//! What belongs together stays on one line: a figure and its unit, a day and its month, the number
//! of a window and the word. Pure; keeps no state.
//!
//! Lines of Han are broken between any two characters, so 12 人 may end a line with the 12. The marks
//! put in are U+00A0 for a space and U+2060 where there is none. They are for drawing only: what is
//! read aloud, printed or put into a QR code has none.

use zeroize::Zeroizing;

/// No break here.
pub const JOINER: char = '\u{2060}';
/// A space at which no line ends.
pub const SPACE: char = '\u{A0}';

/// Words of more than one character that count or number something, after a figure.
const UNITS: [&str; 15] = [
    "号窗口",
    "个工作日",
    "个岗位",
    "周岁",
    "个月",
    "分钟",
    "小时",
    "课时",
    "工作日",
    "公里",
    "元/月",
    "元/天",
    "元/小时",
    "元/件",
    "元/年",
];

/// `text` with marks where no line may end. It may be about a resident: the copies are overwritten.
pub fn joined(text: &str) -> Zeroizing<String> {
    let mut characters = Zeroizing::new(Vec::with_capacity(text.len()));
    characters.extend(text.chars());
    // At most a mark of three bytes after each character, so that growing leaves no copies.
    let mut joined = Zeroizing::new(String::with_capacity(text.len() * 4));
    let mut at = 0;
    while let Some(&c) = characters.get(at) {
        // 第 2 页: the word before the figure belongs to it, too.
        if c == '第' && figure(&characters[at + 1..]).is_some() {
            joined.push(c);
            at += 1;
            at = space_or_join(&characters, at, &mut joined);
            continue;
        }
        let starts = at == 0 || !in_figure(characters[at - 1]);
        let Some(length) = figure(&characters[at..]).filter(|_| starts && c != ' ') else {
            joined.push(c);
            at += 1;
            continue;
        };
        joined.extend(&characters[at..at + length]);
        at += length;
        let gap = usize::from(characters.get(at) == Some(&' '));
        let Some(unit) = unit(&characters[at + gap..]) else { continue };
        at = space_or_join(&characters, at, &mut joined);
        for i in 0..unit {
            joined.push(characters[at + i]);
            let day = characters[at + i] == '月' && is_day(&characters[at + i + 1..]);
            if i + 1 < unit || day {
                joined.push(JOINER);
            }
        }
        at += unit;
    }
    joined
}

/// `text` without the marks.
pub fn plain(text: &str) -> String {
    text.chars().filter(|c| *c != JOINER).map(|c| if c == SPACE { ' ' } else { c }).collect()
}

/// Puts the mark that goes before the character at `at`, and says where the next one is.
fn space_or_join(characters: &[char], at: usize, joined: &mut String) -> usize {
    if characters.get(at) == Some(&' ') {
        joined.push(SPACE);
        at + 1
    } else {
        joined.push(JOINER);
        at
    }
}

fn in_figure(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '.' | ',' | ':' | '–' | '-' | '~' | '%')
}

/// How long the figure is with which `rest` begins, perhaps after a space.
fn figure(rest: &[char]) -> Option<usize> {
    let gap = usize::from(rest.first() == Some(&' '));
    let length = rest[gap..].iter().take_while(|c| in_figure(**c)).count();
    rest.get(gap).filter(|c| c.is_ascii_digit()).map(|_| gap + length)
}

/// How long the unit is with which `rest` begins: one Han character, or a known word.
fn unit(rest: &[char]) -> Option<usize> {
    let begins = |unit: &&str| {
        unit.chars().zip(rest.iter().chain(std::iter::repeat(&'\0'))).all(|(a, b)| a == *b)
    };
    if let Some(unit) = UNITS.into_iter().filter(begins).max_by_key(|unit| unit.len()) {
        return Some(unit.chars().count());
    }
    rest.first().filter(|c| ('\u{4E00}'..='\u{9FFF}').contains(*c)).map(|_| 1)
}

/// Whether a day follows: figures and 日 or 号.
fn is_day(rest: &[char]) -> bool {
    let digits = rest.iter().take_while(|c| c.is_ascii_digit()).count();
    (1..=2).contains(&digits) && matches!(rest.get(digits), Some('日' | '号'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With marks that can be seen: _ for the space, + for the joiner.
    fn seen(text: &str) -> String {
        let marked = joined(text);
        assert!(marked.capacity() <= text.len() * 4);
        assert_eq!(plain(&marked), text);
        assert_eq!(joined(&marked), marked, "what is joined stays as it is");
        marked.replace(SPACE, "_").replace(JOINER, "+")
    }

    #[test]
    fn a_figure_stays_with_its_unit() {
        for (text, right) in [
            ("招 12 人", "招 12_人"),
            ("到 3 号窗口问", "到 3_号+窗+口问"),
            ("2026年11月29日", "2026+年11+月+29+日"),
            ("11月29日至12月3日", "11+月+29+日至12+月+3+日"),
            ("5,000–7,000 元/月", "5,000–7,000_元+/+月"),
            ("第 2 页，共 9 页", "第_2_页，共 9_页"),
            ("缴 15 年，60 岁起领", "缴 15_年，60_岁起领"),
            ("第3组12号", "第+3+组12+号"),
            ("139 个月", "139_个+月"),
            ("打 12333，或 0830-8999100", "打 12333，或 0830-8999100"),
            ("A1 厂", "A1_厂"),
            ("一年四季", "一年四季"),
            ("", ""),
        ] {
            assert_eq!(seen(text), right);
        }
    }
}
