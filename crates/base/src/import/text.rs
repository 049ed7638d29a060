//! Text from outside made fit to be shown: markup to plain lines, no characters that hide or turn
//! others, a length that is bounded. Keeps no state.
//!
//! HTML is never rendered anywhere: what remains here is text, whatever it looks like.

use std::borrow::Cow;

/// Longest text that is looked at, in bytes; what is longer is refused by the pipeline.
pub const BYTES_MAX: usize = 400_000;

/// Plain text of several lines: markup taken out, blanks made one, empty lines dropped.
pub fn lines(text: &str) -> String {
    let text = without_markup(text);
    let mut lines = String::with_capacity(text.len());
    for line in text.split(is_break) {
        let before = lines.len();
        push_line(&mut lines, line);
        if lines.len() > before {
            lines.push('\n');
        }
    }
    lines.truncate(lines.trim_end().len());
    lines
}

/// Plain text of one line.
pub fn line(text: &str) -> String {
    let mut line = lines(text);
    if line.contains('\n') {
        line = line.replace('\n', " ");
    }
    line
}

/// A figure, letter or sign in half width.
pub(super) fn half_width(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

/// Cuts `text` to `most` characters, not between a character and what combines with it; whether
/// there was more.
pub fn cut(text: &mut String, most: usize) -> bool {
    let Some((mut at, _)) = text.char_indices().nth(most) else { return false };
    while text[at..].starts_with(combines) {
        let Some((before, _)) = text[..at].char_indices().next_back() else { break };
        at = before;
    }
    text.truncate(at);
    text.truncate(text.trim_end().len());
    true
}

fn combines(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Characters that are not shown, or change how others are: controls, marks and overrides of
/// direction, joiners, private use, tags.
pub(super) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{3164}' | '\u{FFA0}'
            | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}' | '\u{FFF0}'..='\u{FFFB}' | '\u{FFFD}' | '\u{E000}'..='\u{F8FF}'
            | '\u{E0000}'..='\u{E007F}' | '\u{F0000}'..='\u{10FFFF}')
}

fn push_line(out: &mut String, line: &str) {
    let start = out.len();
    let mut blank = false;
    for c in line.chars() {
        if c.is_whitespace() {
            blank = true;
        } else if !is_hidden(c) {
            if blank && out.len() > start {
                out.push(' ');
            }
            blank = false;
            out.push(c);
        }
    }
}

fn without_markup(text: &str) -> Cow<'_, str> {
    // What some exports of spreadsheets leave of a line break.
    let text = match text.contains("_x000") {
        true => {
            let broken = ["_x000d_", "_x000D_", "_x000a_", "_x000A_"];
            Cow::Owned(broken.iter().fold(text.to_owned(), |text, word| text.replace(word, "\n")))
        }
        false => Cow::Borrowed(text),
    };
    if !text.contains(['<', '&']) {
        return text;
    }
    // HTML that was escaped once more on its way is HTML.
    if !text.contains('<') && text.contains("&lt;") {
        let once = strip(&text);
        if tags_in(&once) {
            return Cow::Owned(strip(&once));
        }
        return Cow::Owned(once);
    }
    Cow::Owned(strip(&text))
}

/// Whether a tag that texts are made of stands in `text`.
fn tags_in(text: &str) -> bool {
    ["<p>", "<br", "</", "<div", "<li", "<ul", "<span", "<strong", "<b>"]
        .iter()
        .any(|tag| text.contains(tag))
}

/// Takes tags out and decodes entities. A `<` that begins no tag is a character (年龄<45).
fn strip(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', '&']) {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with('&') {
            let (decoded, length) = entity(rest);
            plain.push_str(&decoded);
            rest = &rest[length..];
        } else if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
        } else if rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c)) {
            rest = tag(rest, &mut plain);
        } else {
            plain.push('<');
            rest = &rest[1..];
        }
    }
    plain.push_str(rest);
    plain
}

/// Reads the tag at the start of `rest`, leaves in `plain` what it does to lines, and returns what
/// stands behind it. One without an end takes nothing with it but itself.
fn tag<'a>(rest: &'a str, plain: &mut String) -> &'a str {
    const BLOCKS: [&str; 24] = [
        "br",
        "p",
        "div",
        "li",
        "ul",
        "ol",
        "tr",
        "table",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "section",
        "article",
        "header",
        "footer",
        "dl",
        "dt",
        "dd",
        "blockquote",
        "pre",
        "hr",
    ];
    let name_at = if rest[1..].starts_with('/') { 2 } else { 1 };
    let name_end = rest[name_at..]
        .find(|c: char| !c.is_ascii_alphanumeric())
        .map_or(rest.len(), |end| name_at + end);
    let name = rest[name_at..name_end].to_ascii_lowercase();
    let Some(end) = tag_end(rest) else {
        plain.push('<');
        return &rest[1..];
    };
    if BLOCKS.contains(&name.as_str()) {
        plain.push('\n');
    } else if name == "td" || name == "th" {
        plain.push(' ');
    }
    let behind = &rest[end..];
    let swallowed = ["script", "style", "template", "iframe", "noscript", "title"];
    if name_at == 1 && swallowed.contains(&name.as_str()) && !rest[..end].ends_with("/>") {
        return after_closing(behind, &name);
    }
    behind
}

/// The offset behind the `>` of the tag at the start of `rest`; quotes around values may hold one.
fn tag_end(rest: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in rest.bytes().enumerate().skip(1) {
        match (quote, byte) {
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') => quote = Some(byte),
            // A second tag begins: the first had no end.
            (None, b'<') => return None,
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    // A quote that nobody closes: the first `>` will do.
    rest.find('>').map(|at| at + 1)
}

/// What stands behind `</name …>`; nothing when it is never closed.
fn after_closing<'a>(rest: &'a str, name: &str) -> &'a str {
    let mut from = 0;
    while let Some(at) = rest[from..].find("</") {
        let close = from + at;
        let named = rest.as_bytes().get(close + 2..close + 2 + name.len());
        if named.is_some_and(|n| n.eq_ignore_ascii_case(name.as_bytes())) {
            return rest[close..].find('>').map_or("", |end| &rest[close + end + 1..]);
        }
        from = close + 2;
    }
    ""
}

/// The entity at the start of `rest`, and its length. What is none is the character `&`.
fn entity(rest: &str) -> (Cow<'static, str>, usize) {
    const NAMES: [(&str, &str); 30] = [
        ("amp", "&"),
        ("lt", "<"),
        ("gt", ">"),
        ("quot", "\""),
        ("apos", "'"),
        ("nbsp", " "),
        ("ensp", " "),
        ("emsp", " "),
        ("thinsp", " "),
        ("middot", "·"),
        ("hellip", "…"),
        ("mdash", "—"),
        ("ndash", "–"),
        ("lsquo", "‘"),
        ("rsquo", "’"),
        ("ldquo", "“"),
        ("rdquo", "”"),
        ("times", "×"),
        ("deg", "°"),
        ("yen", "¥"),
        ("copy", "©"),
        ("reg", "®"),
        ("bull", "•"),
        ("laquo", "«"),
        ("raquo", "»"),
        ("plusmn", "±"),
        ("divide", "÷"),
        ("le", "≤"),
        ("ge", "≥"),
        ("zwnj", ""),
    ];
    let none = (Cow::Borrowed("&"), 1);
    let Some(end) = rest.bytes().take(12).position(|b| b == b';') else { return none };
    let name = &rest[1..end];
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
            None => number.parse(),
        };
        return match code.ok().and_then(char::from_u32) {
            Some(c) => (Cow::Owned(c.to_string()), end + 1),
            None => none,
        };
    }
    match NAMES.iter().find(|(known, _)| *known == name) {
        Some((_, text)) => (Cow::Borrowed(*text), end + 1),
        None => none,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn markup_becomes_lines() {
        for (html, plain) in [
            ("<p>会焊接</p><p>有&nbsp;经验</p>", "会焊接\n有 经验"),
            ("一<br />二<BR>三", "一\n二\n三"),
            ("<ul><li>五险</li><li>双休</li></ul>", "五险\n双休"),
            ("做<b>饭</b>", "做饭"),
            ("A&amp;B &lt;C&gt; &#20013;&#x6587; &unknown; &", "A&B <C> 中文 &unknown; &"),
            ("&lt;p&gt;一&lt;/p&gt;二", "一\n二"),
            ("年龄<45岁，工龄>3年", "年龄<45岁，工龄>3年"),
            ("前<script>alert('<p>')</script>后<style>p{}</style>", "前后"),
            ("前<!-- <p>不要</p> -->后", "前后"),
            ("<a href=\"x>y\" onclick='z'>看</a>", "看"),
            ("<td>甲</td><td>乙</td>", "甲 乙"),
            ("行一_x000d_\n行二", "行一\n行二"),
            ("前<script>永远", "前"),
            ("a <b", "a <b"),
        ] {
            assert_eq!(lines(html), plain, "{html}");
        }
    }

    #[test]
    fn nothing_hides_or_turns_around() {
        let text =
            "\u{FEFF}电\u{200B}焊\u{202E}工\u{2066}\u{7}\u{E001} \u{A0}\u{3000}（急）\u{2028}二";
        assert_eq!(lines(text), "电焊工 （急）\n二");
        assert_eq!(line(text), "电焊工 （急） 二");
    }

    #[test]
    fn a_cut_leaves_characters_whole() {
        let mut text = "葛\u{E0100}飾".to_owned();
        assert!(cut(&mut text, 1));
        assert_eq!(text, "");
        let mut text = "焊工们".to_owned();
        assert!(!cut(&mut text, 3) && cut(&mut text, 2));
        assert_eq!(text, "焊工");
    }

    proptest! {
        #[test]
        fn any_text_becomes_clean(text in "(<[a-z/!\\-]{0,8}[>\" ]?|&[a-z#0-9x]{0,6};?|[焊 \n\u{202E}\u{7}<>&;\"']){0,30}") {
            let clean = lines(&text);
            prop_assert!(!clean.chars().any(|c| c != '\n' && is_hidden(c)));
            prop_assert!(!clean.contains("\n\n") && clean.trim() == clean);
        }
    }
}
