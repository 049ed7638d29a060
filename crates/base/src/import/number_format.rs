//! Numbers as a spreadsheet shows them. The format of a cell says what its figure means: 60000 with
//! `0"元/年"` is 60000元/年, 12.5 with `0.0"万"` is 12.5万, 13800001111 with `000-0000-0000` has
//! dashes. Keeps no state beyond a format.
//!
//! Facts: ECMA-376 Part 1, 18.8.30 and 18.8.31. Separators of thousands are left out, for they say
//! nothing; a figure in scientific form, or as a fraction, is written out, because those lose some
//! of it.

/// A format of numbers: up to four sections, for what is positive, negative, zero, and text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NumberFormat {
    sections: Vec<Section>,
    /// What stands around a text.
    text: Option<Vec<Token>>,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Section {
    /// `[>=10000]`.
    when: Option<(Comparison, f64)>,
    tokens: Vec<Token>,
    decimals: usize,
    /// By what the figure is divided.
    scale: f64,
    /// 1.38E+10, 1/4, dates: the figure is written out instead.
    is_written_out: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Comparison {
    Below,
    AtMost,
    Equal,
    Unequal,
    AtLeast,
    Above,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Literal(String),
    /// `0`, `#` or `?` before the point; whether a zero is written there.
    Digit(bool),
    /// The same behind the point.
    Decimal(bool),
    Point,
    /// `General`: the figure as it is.
    General,
    /// `@`.
    Text,
}

impl NumberFormat {
    /// A format; `None` for one that says nothing beside the figure.
    pub(super) fn parse(code: &str) -> Option<Self> {
        let mut sections: Vec<Section> =
            parts(code).iter().map(|part| Section::parse(part)).collect();
        let is_text = |section: &Section| section.tokens.contains(&Token::Text);
        let text = sections.iter().position(is_text).map(|at| sections.remove(at).tokens);
        let text = text.filter(|tokens| tokens.len() > 1);
        let says = |section: &Section| {
            section.scale != 1.0
                || section.when.is_some()
                || section.tokens.iter().any(|token| match token {
                    Token::Literal(literal) => !literal.trim().is_empty(),
                    Token::General | Token::Text => false,
                    _ => !section.is_written_out,
                })
        };
        let format = Self { sections, text };
        (format.text.is_some() || format.sections.iter().any(says)).then_some(format)
    }

    /// A figure as it is shown.
    pub(super) fn number(&self, value: f64) -> String {
        let plain = || super::sheet::figure(value);
        let Some((section, has_own_sign)) = self.section(value) else { return plain() };
        let shown = section.show(value, has_own_sign);
        // ;;; hides a figure, and nothing may be lost.
        if shown.trim().is_empty() && value != 0.0 { plain() } else { shown }
    }

    /// A text as it is shown.
    pub(super) fn text(&self, text: &str) -> String {
        let Some(tokens) = &self.text else { return text.to_owned() };
        let part = |token: &Token| match token {
            Token::Text => text.to_owned(),
            Token::Literal(literal) => literal.clone(),
            _ => String::new(),
        };
        tokens.iter().map(part).collect()
    }

    /// The section for a figure, and whether it says itself that the figure is negative.
    fn section(&self, value: f64) -> Option<(&Section, bool)> {
        let conditional = self.sections.iter().any(|section| section.when.is_some());
        if conditional {
            let holds = |section: &&Section| {
                section.when.is_none_or(|(comparison, limit)| match comparison {
                    Comparison::Below => value < limit,
                    Comparison::AtMost => value <= limit,
                    Comparison::Equal => value == limit,
                    Comparison::Unequal => value != limit,
                    Comparison::AtLeast => value >= limit,
                    Comparison::Above => value > limit,
                })
            };
            return self.sections.iter().find(holds).map(|section| (section, false));
        }
        match self.sections.as_slice() {
            [] => None,
            [_, negative, ..] if value < 0.0 => Some((negative, true)),
            [_, _, zero, ..] if value == 0.0 => Some((zero, false)),
            [first, ..] => Some((first, false)),
        }
    }
}

impl Section {
    fn parse(code: &str) -> Self {
        let mut section = Self { scale: 1.0, ..Self::default() };
        let mut literal = String::new();
        let mut chars = code.chars().peekable();
        let mut behind_point = false;
        // Commas behind the last digit divide by thousands.
        let mut commas = 0;
        while let Some(c) = chars.next() {
            let token = match c {
                '"' => {
                    literal.extend(chars.by_ref().take_while(|c| *c != '"'));
                    continue;
                }
                '\\' | '!' => {
                    literal.extend(chars.next());
                    continue;
                }
                // Room as wide as a character, and one that fills the cell.
                '_' | '*' => {
                    chars.next();
                    continue;
                }
                '[' => {
                    let inside: String = chars.by_ref().take_while(|c| *c != ']').collect();
                    section.bracket(&inside, &mut literal);
                    continue;
                }
                'G' | 'g' if general(&mut chars) => Token::General,
                '0' | '#' | '?' => {
                    commas = 0;
                    let zero = c == '0';
                    match behind_point {
                        true => {
                            section.decimals += 1;
                            Token::Decimal(zero)
                        }
                        false => Token::Digit(zero),
                    }
                }
                ',' => {
                    commas += 1;
                    continue;
                }
                '.' if !behind_point => {
                    behind_point = true;
                    Token::Point
                }
                '%' => {
                    section.scale /= 100.0;
                    literal.push('%');
                    continue;
                }
                '@' => Token::Text,
                'E' | 'e' if matches!(chars.peek(), Some('+' | '-')) => {
                    chars.next();
                    section.is_written_out = true;
                    continue;
                }
                '/' => {
                    section.is_written_out = true;
                    continue;
                }
                _ => {
                    literal.push(c);
                    continue;
                }
            };
            section.literal(&mut literal);
            section.tokens.push(token);
        }
        section.literal(&mut literal);
        section.scale *= 1_000_f64.powi(commas);
        section
    }

    fn literal(&mut self, literal: &mut String) {
        if !literal.is_empty() {
            self.tokens.push(Token::Literal(std::mem::take(literal)));
        }
    }

    /// `[>=10000]`, `[$¥-804]`, `[Red]`.
    fn bracket(&mut self, inside: &str, literal: &mut String) {
        if let Some(currency) = inside.strip_prefix('$') {
            literal.push_str(currency.split('-').next().unwrap_or_default());
            return;
        }
        const COMPARISONS: [(&str, Comparison); 6] = [
            ("<=", Comparison::AtMost),
            (">=", Comparison::AtLeast),
            ("<>", Comparison::Unequal),
            ("<", Comparison::Below),
            (">", Comparison::Above),
            ("=", Comparison::Equal),
        ];
        let found = COMPARISONS.iter().find_map(|(sign, comparison)| {
            let limit = inside.strip_prefix(sign)?.trim().parse().ok()?;
            Some((*comparison, limit))
        });
        self.when = self.when.or(found);
    }

    fn show(&self, value: f64, has_own_sign: bool) -> String {
        if self.is_written_out {
            let mut shown = String::new();
            let mut written = false;
            for token in &self.tokens {
                match token {
                    Token::Literal(literal) if !literal.trim().is_empty() => {
                        shown.push_str(literal)
                    }
                    Token::Digit(_) | Token::Decimal(_) if !written => {
                        written = true;
                        shown.push_str(&super::sheet::figure(value));
                    }
                    _ => {}
                }
            }
            return shown;
        }
        let scaled = (value / self.scale).abs();
        let figures = rounded(scaled, self.decimals);
        let (whole, decimals) = figures.split_once('.').unwrap_or((&figures, ""));
        let is_zero = figures.bytes().all(|b| b == b'0' || b == b'.');
        let whole = if whole == "0" { "" } else { whole };
        let places = self.tokens.iter().filter(|token| matches!(token, Token::Digit(_))).count();
        let shows_decimals =
            self.tokens.contains(&Token::Decimal(true)) || decimals.bytes().any(|b| b != b'0');
        let mut shown = String::new();
        if value < 0.0 && !has_own_sign && !is_zero {
            shown.push('-');
        }
        let (mut place, mut decimal) = (0, 0);
        for token in &self.tokens {
            match token {
                Token::Literal(literal) => shown.push_str(literal),
                Token::General => shown.push_str(&super::sheet::figure(scaled)),
                Token::Text => {}
                Token::Point => {
                    // A format without a place before the point.
                    if places == 0 {
                        shown.push_str(whole);
                    }
                    // 0.## writes one behind a whole number, too; it would say nothing.
                    if shows_decimals {
                        shown.push('.');
                    }
                }
                Token::Digit(zero) => {
                    // The first place takes all figures that have none of their own.
                    let behind = places - place - 1;
                    let (from, to) = match place {
                        0 => (0, whole.len().saturating_sub(behind)),
                        _ => (
                            whole.len().saturating_sub(behind + 1),
                            whole.len().saturating_sub(behind),
                        ),
                    };
                    let digits = whole.get(from..to).unwrap_or_default();
                    if digits.is_empty() && *zero {
                        shown.push('0');
                    }
                    shown.push_str(digits);
                    place += 1;
                }
                Token::Decimal(zero) => {
                    let rest = decimals.get(decimal..).unwrap_or_default();
                    if *zero || rest.bytes().any(|b| b != b'0') {
                        shown.push_str(rest.get(..1).unwrap_or("0"));
                    }
                    decimal += 1;
                }
            }
        }
        shown.trim().to_owned()
    }
}

/// A figure with so many decimals, half a unit rounded up as spreadsheets do.
fn rounded(value: f64, decimals: usize) -> String {
    let decimals = decimals.min(15);
    // 0.15 is a little less than it seems: what is shown counts, not its binary fraction.
    let nudged = value * (1.0 + f64::EPSILON * 4.0);
    format!("{nudged:.decimals$}")
}

/// The rest of `General` behind its first letter.
fn general(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    let mut ahead = chars.clone();
    let rest = ahead.by_ref().take(6).collect::<String>();
    let is_general = rest.eq_ignore_ascii_case("eneral");
    if is_general {
        *chars = ahead;
    }
    is_general
}

/// The sections of a format, parted by `;` outside of quotes.
fn parts(code: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut quoted, mut escaped) = (0, false, false);
    for (at, c) in code.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '"' => quoted = !quoted,
            '\\' | '!' | '_' | '*' if !quoted => escaped = true,
            ';' if !quoted => {
                parts.push(&code[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&code[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_shown_as_spreadsheets_show_them() {
        for (code, value, right) in [
            (r#"0"元/年""#, 60_000.0, "60000元/年"),
            (r#"0"元/天""#, 200.0, "200元/天"),
            (r#"0.0"万""#, 12.5, "12.5万"),
            (r##"#,##0" 元/月""##, 4_500.0, "4500 元/月"),
            (r#"0.0,"千元""#, 4_560.0, "4.6千元"),
            (r#"0\.0,"万""#, 65_000.0, "6.5万"),
            (r#"0!.0,"万元/年""#, 65_000.0, "6.5万元/年"),
            (r#"[>=10000]0!.0,"万";0"元""#, 65_000.0, "6.5万"),
            (r#"[>=10000]0!.0,"万";0"元""#, 6_500.0, "6500元"),
            ("000-0000-0000", 13_800_001_111.0, "138-0000-1111"),
            ("0000-0000000", 8_301_234_567.0, "0830-1234567"),
            ("000", 7.0, "007"),
            ("[$¥-804]#,##0.00", 4_500.0, "¥4500.00"),
            (r#"_ "¥"* #,##0.00_ ;_ "¥"* \-#,##0.00_ "#, 3_000.0, "¥3000.00"),
            (r#"General"元/月""#, 3_500.5, "3500.5元/月"),
            (r#""每月"0"元""#, 3_000.0, "每月3000元"),
            (r#"0.00E+00"元""#, 45_000.0, "45000元"),
            ("0%", 0.25, "25%"),
            (r##"0.##"万""##, 2.0, "2万"),
            ("0;-0;;@", 0.0, ""),
            (r#"0"人";"缺"0"人""#, -3.0, "缺3人"),
            ("0", 4_166.67, "4167"),
            ("0.0", 0.25, "0.3"),
            ("0", -3.0, "-3"),
        ] {
            let format = NumberFormat::parse(code).expect(code);
            assert_eq!(format.number(value), right, "{code}");
        }
    }

    #[test]
    fn formats_that_say_nothing_are_none() {
        // The last hides the cell; it is told as it is.
        for code in ["General", "@", "0.00E+00", "# ?/?", ";;;"] {
            assert_eq!(NumberFormat::parse(code), None, "{code}");
        }
        let format = NumberFormat::parse(r#"0;-0;0;@"元/月""#).expect("a format");
        assert_eq!(format.text("4500-6000"), "4500-6000元/月");
    }

    proptest::proptest! {
        #[test]
        fn any_format_shows_any_figure(code in "[0#?.,;\\[\\]\"@\\\\!_*%E+元万G-]{0,20}", value in -1e12..1e12_f64) {
            if let Some(format) = NumberFormat::parse(&code) {
                let _ = format.number(value);
                let _ = format.text("x");
            }
        }
    }
}
