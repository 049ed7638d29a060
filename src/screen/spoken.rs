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

fn say_all(text: &[char], said: &mut String) {
    let mut at = 0;
    while let Some(c) = text.get(at) {
        at += if c.is_ascii_digit() { number(text, at, said) } else { mark(text, at, said) };
    }
}

/// `2/9`, as large words leave room for.
fn page_of(text: &[char]) -> Option<String> {
    let bar = text.iter().position(|c| *c == '/')?;
    let (page, pages) = (&text[..bar], &text[bar + 1..]);
    let is_number = |of: &[char]| !of.is_empty() && of.iter().all(char::is_ascii_digit);
    let digits = |of: &[char]| of.iter().collect::<String>();
    (is_number(page) && is_number(pages))
        .then(|| words::fill("第 {} 页，共 {} 页", &[&digits(page), &digits(pages)]))
}

/// Says the figure that begins at `at`, and returns how many characters it has.
fn number(text: &[char], at: usize, said: &mut String) -> usize {
    let is_digit = |n: usize| text.get(n).is_some_and(char::is_ascii_digit);
    let digits = |mut n: usize| {
        let from = n;
        while is_digit(n) {
            n += 1;
        }
        n - from
    };
    let first = digits(at);
    let after = text.get(at + first).copied();
    let rest = digits(at + first + 1);
    match after {
        // A time: 9:40.
        Some(':') if first <= 2 && rest == 2 => {
            let hour: String = text[at..at + first].iter().collect();
            let minute: String = text[at + first + 1..at + first + 3].iter().collect();
            match minute.as_str() {
                "00" => said.push_str(&words::fill("{}点整", &[&hour])),
                _ => said.push_str(&words::fill("{}点{}分", &[&hour, &minute])),
            }
            first + 3
        }
        // A telephone: 0830-8999100.
        Some('-') if first >= 3 && rest >= 5 => {
            one_by_one(&text[at..at + first], said);
            said.push_str(words::say("，"));
            one_by_one(&text[at + first + 1..at + first + 1 + rest], said);
            first + 1 + rest
        }
        // What is masked: 5105＊＊＊＊0015.
        Some('＊' | '*') => {
            one_by_one(&text[at..at + first], said);
            let stars = text[at + first..].iter().take_while(|c| "＊*".contains(**c)).count();
            said.push_str(words::say("，后面不念，"));
            let tail = digits(at + first + stars);
            one_by_one(&text[at + first + stars..at + first + stars + tail], said);
            first + stars + tail
        }
        // 1,234: the comma is not said, nor is it a pause.
        Some(',') if rest == 3 => {
            said.extend(&text[at..at + first]);
            let mut length = first;
            while text.get(at + length) == Some(&',') && digits(at + length + 1) == 3 {
                said.extend(&text[at + length + 1..at + length + 4]);
                length += 4;
            }
            length
        }
        Some('%') => {
            let figure: String = text[at..at + first].iter().collect();
            said.push_str(&words::fill("百分之{}", &[&figure]));
            first + 1
        }
        // A mobile telephone, or a number that stands for itself: a card's, 12333.
        _ if first >= 11 || (first >= 5 && first == text.len()) => {
            one_by_one(&text[at..at + first], said);
            first
        }
        _ => {
            said.extend(&text[at..at + first]);
            first
        }
    }
}

/// Says what is no figure, and returns how many characters it has.
fn mark(text: &[char], at: usize, said: &mut String) -> usize {
    let before = at.checked_sub(1).and_then(|at| text.get(at)).copied();
    let next = text.get(at + 1).copied();
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let unit = |c: Option<char>| c.is_some_and(|c| c.is_alphabetic());
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
        '–' | '—' | '~' if digit(before) && digit(next) => said.push_str(words::say("到")),
        '＊' | '*' => said.push_str(words::say("某")),
        // 元/月.
        '/' if unit(before) && unit(next) => said.push_str(words::say("每")),
        '＋' | '+' => said.push_str(words::say("加")),
        '−' | '－' if digit(next) => said.push_str(words::say("减")),
        '−' | '－' => said.push_str(words::say("减少")),
        '×' if digit(next) => said.push_str(words::say("乘")),
        '÷' => said.push_str(words::say("除以")),
        '·' => said.push_str(words::say("、")),
        '\n' | '　' | '|' | '/' | '–' | '—' | '〔' | '〕' | '→' | '(' | ')' | ';' | ':' | ',' =>
        {
            said.push_str(words::say("，"));
        }
        '_' | '-' | '…' | '×' | '"' | '>' | '=' | '#' | '\u{a0}' => said.push(' '),
        c => said.push(c),
    }
    1
}

/// Each digit by itself.
fn one_by_one(digits: &[char], said: &mut String) {
    for (n, digit) in digits.iter().enumerate() {
        if n > 0 {
            said.push(' ');
        }
        said.push(*digit);
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
            ("5105＊＊＊＊0015", "5 1 0 5，后面不念，0 0 1 5"),
            ("2/9", "第 2 页，共 9 页"),
            ("就业，找工作 · 学技术", "就业，找工作、学技术"),
            ("福集镇　9:40", "福集镇，9点40分"),
            (
                "基础养老金 143.00 元 ＋ 个人账户 100.00 元",
                "基础养老金 143.00 元 加 个人账户 100.00 元",
            ),
            ("−8,700.00 元", "减8700.00 元"),
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
