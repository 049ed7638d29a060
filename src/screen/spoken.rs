//! What stands on a page as one says it aloud: figures with their units, times, telephones, masked names and
//! numbers; and without the marks that are drawn and not said.
//!
//! Works on what a page says, because that is what is to be heard: nothing can be spoken that is not
//! there, and nothing on a page is without its spoken text. Keeps no state.

use super::words;

/// `text` as it is said in the page's language.
pub fn spoken(text: &str) -> String {
    let text: Vec<char> = text.trim().chars().collect();
    if let Some(page) = page_of(&text) {
        return page;
    }
    let mut said = String::new();
    say_all(&text, &mut said);
    tidy(&said)
}

/// Numbers that are called and stand in sentences, too: each digit of them is said.
const SHORT_NUMBERS: [&str; 4] = ["12333", "12345", "12348", "12329"];

fn say_all(text: &[char], said: &mut String) {
    let mut at = 0;
    while let Some(c) = text.get(at) {
        at += if c.is_ascii_digit() { number(text, at, said) } else { mark(text, at, said) };
    }
}

/// How many digits stand from `at` on.
fn digits(text: &[char], at: usize) -> usize {
    text.get(at..).unwrap_or_default().iter().take_while(|c| c.is_ascii_digit()).count()
}

/// `2/9`, as large words leave room for.
fn page_of(text: &[char]) -> Option<String> {
    let page = digits(text, 0);
    let pages = digits(text, page + 1);
    let is_one = page > 0 && pages > 0 && text.get(page) == Some(&'/');
    let of = |from: usize, length: usize| text[from..from + length].iter().collect::<String>();
    (is_one && page + 1 + pages == text.len())
        .then(|| words::fill("第 {} 页，共 {} 页", &[&of(0, page), &of(page + 1, pages)]))
}

/// Says the figure that begins at `at`, and returns how many characters it has.
fn number(text: &[char], at: usize, said: &mut String) -> usize {
    let first = digits(text, at);
    let of = |from: usize, length: usize| text[from..from + length].iter().collect::<String>();
    let whole = of(at, first);
    let after = text.get(at + first).copied();
    let rest = digits(text, at + first + 1);
    if let Some(length) = telephone(text, at) {
        for (n, group) in of(at, length).split('-').enumerate() {
            if n > 0 {
                said.push_str(words::say("，"));
            }
            one_by_one(group, said);
        }
        return length;
    }
    match after {
        // A day: 2026-11-18.
        Some('-')
            if first == 4
                && rest == 2
                && text.get(at + 7) == Some(&'-')
                && digits(text, at + 8) == 2 =>
        {
            let (month, day) = (of(at + 5, 2), of(at + 8, 2));
            let short = |of: &str| of.trim_start_matches('0').to_owned();
            said.push_str(&words::fill("{}年{}月{}日", &[&whole, &short(&month), &short(&day)]));
            10
        }
        // A time: 9:40.
        Some(':') if first <= 2 && rest == 2 => {
            match of(at + first + 1, 2).as_str() {
                "00" => said.push_str(&words::fill("{}点整", &[&whole])),
                minute => said.push_str(&words::fill("{}点{}分", &[&whole, minute])),
            }
            first + 3
        }
        // What is masked: 5105＊＊＊＊0015.
        Some('＊' | '*') if stars(text, at + first) > 1 => {
            one_by_one(&whole, said);
            said.push_str(words::say("，中间不念，"));
            let hidden = stars(text, at + first);
            let tail = digits(text, at + first + hidden);
            one_by_one(&of(at + first + hidden, tail), said);
            first + hidden + tail
        }
        _ if first >= 11 || SHORT_NUMBERS.contains(&whole.as_str()) => {
            one_by_one(&whole, said);
            first
        }
        _ => amount(text, at, said),
    }
}

/// Says a figure with its thousands and decimals: the comma between thousands is not said, nor is it a pause.
fn amount(text: &[char], at: usize, said: &mut String) -> usize {
    let mut figure: String = text[at..at + digits(text, at)].iter().collect();
    let mut length = figure.len();
    while text.get(at + length) == Some(&',') && digits(text, at + length + 1) == 3 {
        figure.extend(&text[at + length + 1..at + length + 4]);
        length += 4;
    }
    let decimals = digits(text, at + length + 1);
    if text.get(at + length) == Some(&'.') && decimals > 0 {
        figure.extend(&text[at + length..=at + length + decimals]);
        length += 1 + decimals;
    }
    match text.get(at + length) {
        Some('%' | '％') => {
            said.push_str(&words::fill("百分之{}", &[&figure]));
            length + 1
        }
        _ => {
            said.push_str(&figure);
            length
        }
    }
}

/// The length of the telephone number that begins at `at`, if one does: 0830-8999100, 400-810-0000.
fn telephone(text: &[char], at: usize) -> Option<usize> {
    let groups = |lengths: &[usize]| {
        let mut from = at;
        for (n, length) in lengths.iter().enumerate() {
            if (n > 0 && text.get(from - 1) != Some(&'-')) || digits(text, from) != *length {
                return None;
            }
            from += length + 1;
        }
        Some(from - 1 - at)
    };
    let begins = |with: &str| with.chars().zip(&text[at..]).all(|(a, b)| a == *b);
    match text[at] {
        '0' => [[3, 7], [3, 8], [4, 7], [4, 8]].iter().find_map(|lengths| groups(lengths)),
        _ if begins("400") || begins("800") => groups(&[3, 3, 4]),
        _ => None,
    }
}

/// How many marks of what is hidden stand from `at` on.
fn stars(text: &[char], at: usize) -> usize {
    text.get(at..).unwrap_or_default().iter().take_while(|c| "＊*".contains(**c)).count()
}

/// Says what is no figure, and returns how many characters it has.
fn mark(text: &[char], at: usize, said: &mut String) -> usize {
    // What stands on both sides, over blanks.
    let before = text[..at].iter().rev().find(|c| **c != ' ').copied();
    let blanks = text[at + 1..].iter().take_while(|c| **c == ' ').count();
    let next = text.get(at + 1 + blanks).copied();
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    // What a range may begin with: a figure, or its unit.
    let ends =
        |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit() || "%％元日月年点天".contains(c));
    match text[at] {
        // ¥3,500–4,400: what it is of comes behind.
        '¥' if digit(next) => {
            let figure = |c: &&char| c.is_ascii_digit() || ",.–".contains(**c);
            let mut length = text[at + 1..].iter().take_while(figure).count();
            while !digit(text.get(at + length).copied()) {
                length -= 1;
            }
            say_all(&text[at + 1..=at + length], said);
            said.push(' ');
            said.push_str(words::say("元"));
            return 1 + length;
        }
        '-' | '–' | '—' | '~' | '～' if ends(before) && digit(next) => {
            said.push_str(words::say("到"));
            return 1 + blanks;
        }
        // Of a name: the rest is not to be heard either.
        '＊' | '*' => said.push_str(words::say("某")),
        // 元/月, not 大专/本科.
        '/' if before.is_some_and(|c| "元次".contains(c))
            || text[..at].ends_with(&['课', '时']) =>
        {
            said.push_str(words::say("每"));
        }
        '＋' | '+' => said.push_str(words::say("加")),
        // Between two figures something is taken away; alone it is what the figure is.
        '−' | '－' if digit(next) && digit(before) => said.push_str(words::say("减")),
        '−' | '－' if digit(next) => said.push_str(words::say("负")),
        '−' | '－' => said.push_str(words::say("减少")),
        '×' if digit(next) => said.push_str(words::say("乘")),
        '÷' => said.push_str(words::say("除以")),
        '=' if digit(next) => said.push_str(words::say("等于")),
        '·' => said.push_str(words::say("、")),
        '\n' | '　' | '|' | '/' | '–' | '—' | '〔' | '〕' | '→' | '(' | ')' | ';' | ':' | ','
        | '～' => {
            said.push_str(words::say("，"));
        }
        '_' | '-' | '~' | '…' | '×' | '"' | '>' | '=' | '#' | '\u{a0}' => said.push(' '),
        c => said.push(c),
    }
    1
}

/// Each digit by itself.
fn one_by_one(digits: &str, said: &mut String) {
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 {
            said.push(' ');
        }
        said.push(digit);
    }
}

/// One pause where several would follow each other, and none at the ends.
fn tidy(said: &str) -> String {
    const PAUSES: &str = "，、。：；？！,.:;?! ";
    let mut tidy = String::with_capacity(said.len());
    for c in said.chars() {
        let last = tidy.chars().next_back();
        let after_pause = last.is_none_or(|last| PAUSES.contains(last));
        match c {
            // Letters have one behind each pause.
            ' ' if after_pause && !last.is_some_and(|last| last.is_ascii_punctuation()) => {}
            '，' | '、' | ',' if last == Some(' ') => {
                let _blank = tidy.pop();
                if tidy.chars().next_back().is_some_and(|last| !PAUSES.contains(last)) {
                    tidy.push(c);
                }
            }
            '，' | '、' | ',' if after_pause => {}
            c => tidy.push(c),
        }
    }
    tidy.trim_end_matches(['，', '、', ',', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_as_one_says_it() {
        for (written, said) in [
            ("3,500–4,400 元/月", "3500到4400 元每月"),
            ("0830-8999100", "0 8 3 0，8 9 9 9 1 0 0"),
            ("电话 13912345678", "电话 1 3 9 1 2 3 4 5 6 7 8"),
            ("12333", "1 2 3 3 3"),
            ("9:40", "9点40分"),
            ("8:30–17:00", "8点30分到17点整"),
            ("测＊＊", "测某某"),
            ("5105＊＊＊＊0015", "5 1 0 5，中间不念，0 0 1 5"),
            ("2/9", "第 2 页，共 9 页"),
            ("就业，找工作 · 学技术", "就业，找工作、学技术"),
            ("福集镇　9:40", "福集镇，9点40分"),
            (
                "基础养老金 143.00 元 ＋ 个人账户 100.00 元",
                "基础养老金 143.00 元 加 个人账户 100.00 元",
            ),
            ("−8,700.00 元", "负8700.00 元"),
            ("1,234.50 元", "1234.50 元"),
            ("12.5%", "百分之12.5"),
            ("50%–60%", "百分之50到百分之60"),
            ("8000-12000元/月", "8000到12000元每月"),
            ("3,500元–4,400元", "3500元到4400元"),
            ("8:30 - 17:00", "8点30分 到17点整"),
            ("2026-11-18", "2026年11月18日"),
            ("400-810-0000", "4 0 0，8 1 0，0 0 0 0"),
            ("用掌上12333刷脸", "用掌上1 2 3 3 3刷脸"),
            ("大专/本科", "大专，本科"),
            ("51052119590816001X", "5 1 0 5 2 1 1 9 5 9 0 8 1 6 0 0 1X"),
            ("正在查找…", "正在查找"),
            ("国发〔2014〕8号", "国发，2014，8号"),
            ("每月养老金\n243.00", "每月养老金，243.00"),
            ("60%", "百分之60"),
            ("¥3,500–4,400, month", "3500到4400 元，month"),
            ("a, (b) c", "a，b，c"),
        ] {
            assert_eq!(spoken(written), said, "{written}");
        }
    }
}
