//! Wages as people write them: `1-1.5万/月`, `3千以下`, `200元/天`, `8-12K·13薪`, `15-25万/年`, 面议.
//! Keeps no state.
//!
//! What is not understood to the last character is not a wage: a guess would be shown to somebody
//! who counts on it. What a range of amounts cannot say (以上, 13薪, +提成, a yearly wage) is kept in
//! the source's words beside it.

use serde::Deserialize;

use super::text::half_width;
use crate::domain::{Fen, Wage, posting::WagePeriod};

mod kind;
mod scan;

pub use kind::{WageType, typed};
use scan::{Number, Read, Scanner};

/// Longest text that is looked at, in characters.
const CHARS_MAX: usize = 60;

/// What a source's amounts mean where they do not say it themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WageRule {
    /// Unit of a number without one.
    pub unit: Unit,
    /// What a number without one is paid for.
    pub period: Period,
    /// Whether 0 means 面议.
    pub zero_is_negotiable: bool,
    /// Whether the row itself says the period, in a column of its own.
    #[serde(skip)]
    pub said: bool,
}

impl Default for WageRule {
    fn default() -> Self {
        Self { unit: Unit::Yuan, period: Period::Month, zero_is_negotiable: false, said: false }
    }
}

impl WageRule {
    /// The rule with what the brackets behind a column's name say: `元/天`, `万元/年`.
    pub(super) fn hinted(self, hint: &str) -> Self {
        const UNITS: [(&str, Unit); 3] =
            [("万", Unit::TenThousand), ("千", Unit::Thousand), ("元", Unit::Yuan)];
        const PERIODS: [(&str, Period); 6] = [
            ("小时", Period::Hour),
            ("天", Period::Day),
            ("日", Period::Day),
            ("月", Period::Month),
            ("年", Period::Year),
            ("件", Period::Piece),
        ];
        let unit = UNITS.iter().find(|(word, _)| hint.contains(word));
        let period = PERIODS.iter().find(|(word, _)| hint.contains(word));
        let period = period.map_or(self.period, |(_, period)| *period);
        match unit {
            Some((_, unit)) => Self { unit: *unit, period, ..self },
            // The name says what it is paid for (年薪); but 含年终奖 is no unit.
            None if hint.contains('/') => Self { period, ..self },
            None => self,
        }
    }
}

/// A unit of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// 分.
    Fen,
    /// 元.
    Yuan,
    /// 千元.
    Thousand,
    /// 万元.
    TenThousand,
}

impl Unit {
    const fn name(self) -> &'static str {
        match self {
            Self::Fen => "分",
            Self::Yuan => "元",
            Self::Thousand => "千元",
            Self::TenThousand => "万元",
        }
    }

    const fn fen(self) -> i64 {
        match self {
            Self::Fen => 1,
            Self::Yuan => 100,
            Self::Thousand => 100_000,
            Self::TenThousand => 1_000_000,
        }
    }
}

/// What a wage is paid for, as sources have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// 月.
    Month,
    /// 年; shown as a twelfth a month.
    Year,
    /// 天.
    Day,
    /// 小时.
    Hour,
    /// 件.
    Piece,
}

impl Period {
    /// Least and most that can be meant, in yuan: what lies outside has another unit or period
    /// than it seems to have.
    const fn bounds(self) -> (i64, i64) {
        match self {
            Self::Month => (100, 1_000_000),
            Self::Year => (3_000, 12_000_000),
            Self::Day => (10, 20_000),
            Self::Hour => (1, 5_000),
            Self::Piece => (0, 10_000),
        }
    }

    const fn of_wage(self) -> WagePeriod {
        match self {
            Self::Month | Self::Year => WagePeriod::Month,
            Self::Day => WagePeriod::Day,
            Self::Hour => WagePeriod::Hour,
            Self::Piece => WagePeriod::Piece,
        }
    }
}

/// Least yuan of a monthly wage whose period nobody wrote: 200 without a word is a day's wage.
const UNSAID_MONTH_MIN: i64 = 1_000;
/// Most of one that is written in 万: 10-15万 without a word is a year's.
const UNSAID_MONTH_MAX: i64 = 100_000;

/// A wage that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Understood {
    /// The wage.
    pub wage: Wage,
    /// `13薪`: how many monthly wages a year, 13 to 24.
    pub months: Option<u8>,
    /// The source's words, when the range does not say all of them.
    pub words: Option<String>,
}

impl Understood {
    fn is_range(&self) -> bool {
        matches!(self.wage, Wage::Range { min, max, .. } if min != max)
    }
}

/// Why a text is no wage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WageFault {
    /// Something in it has no meaning here.
    #[error("工资看不懂")]
    NotUnderstood,
    /// The most is below the least.
    #[error("最高工资低于最低工资")]
    MaxBelowMin,
    /// Too little or too much for what it is paid for.
    #[error("工资多得或少得不合常理")]
    Unlikely,
    /// Not yuan.
    #[error("工资不是人民币")]
    Foreign,
}

impl WageFault {
    /// Whether the text may be shown as it stands: it is no amount that was taken for another.
    pub const fn is_in_words(self) -> bool {
        matches!(self, Self::NotUnderstood | Self::Foreign)
    }
}

/// Reads a wage; `None` when the text says nothing.
///
/// # Errors
/// When the text says something else; see [`WageFault`].
pub fn parse(text: &str, rule: &WageRule) -> Result<Option<Understood>, WageFault> {
    let words = text.trim();
    if words.chars().count() > CHARS_MAX {
        return Err(WageFault::NotUnderstood);
    }
    let plain = plain(words);
    if is_nothing(&plain) {
        return Ok(None);
    }
    let negotiable = Understood { wage: Wage::Negotiable, months: None, words: None };
    if is_negotiable(&plain) {
        return Ok(Some(negotiable));
    }
    if let Some(rest) = beside_negotiable(&plain) {
        // 4000-6000或面议, 面议（4000起）.
        let amount = Scanner::new(&rest).read().and_then(|read| understood(&read, words, rule));
        let wage = amount.map_or(Wage::Negotiable, |amount| amount.wage);
        return Ok(Some(Understood { wage, months: None, words: Some(words.to_owned()) }));
    }
    let read = Scanner::new(&plain).read()?;
    if read.max == Number(0) && !read.below {
        return if rule.zero_is_negotiable { Ok(Some(negotiable)) } else { Ok(None) };
    }
    understood(&read, words, rule).map(Some)
}

/// A wage from two columns of numbers, either of which may be empty; `rule` says their unit.
///
/// # Errors
/// As [`parse`].
pub fn from_numbers(
    min: &str,
    max: &str,
    rule: &WageRule,
) -> Result<Option<Understood>, WageFault> {
    let (min, max) = (min.trim(), max.trim());
    let (low, high) = (plain(min), plain(max));
    // 面议 in one column, or in both.
    let silent = |text: &str| is_negotiable(text) || is_nothing(text);
    if is_negotiable(&low) && silent(&high) || is_negotiable(&high) && silent(&low) {
        return Ok(Some(Understood { wage: Wage::Negotiable, months: None, words: None }));
    }
    let open = |text: &str| is_nothing(text) || is_negotiable(text) || text == "不限";
    match (open(&low), open(&high)) {
        (true, true) => Ok(None),
        (false, true) => match parse(min, rule) {
            // 4-6K stands in the column of the lowest.
            Ok(Some(whole)) if whole.is_range() => Ok(Some(whole)),
            _ => parse(&with(min, "以上"), rule),
        },
        (true, false) => parse(&with(max, "以下"), rule),
        // One side is 0: nothing is said of it.
        _ if is_zero(max) && !is_zero(min) => parse(&with(min, "以上"), rule),
        // A fixed amount stands in both.
        _ if low == high => parse(min, rule),
        _ => parse(&format!("{min}-{max}"), rule),
    }
}

/// An amount with a word behind it (4000以上), unless it has words of its own.
fn with(amount: &str, word: &str) -> String {
    let is_bare = amount.ends_with(|c: char| c.is_ascii_digit() || "元万千kKwW".contains(c));
    format!("{amount}{}", if is_bare { word } else { "" })
}

fn is_nothing(plain: &str) -> bool {
    matches!(plain, "" | "-" | "--" | "/" | "无" | "未提供" | "null" | "none" | "nan")
}

fn is_zero(number: &str) -> bool {
    !number.is_empty() && number.bytes().all(|b| b == b'0' || b == b'.')
}

fn is_negotiable(plain: &str) -> bool {
    const WORDS: [&str; 10] =
        ["面议", "面谈", "面洽", "电议", "协商", "商议", "详谈", "可议", "另议", "待议"];
    let bare = ["薪资", "薪酬", "工资", "待遇", "月薪", "年薪", "价格", ":"]
        .iter()
        .fold(plain.to_owned(), |text, word| text.replace(word, ""));
    WORDS.contains(&bare.as_str()) || bare == "双方协商" || bare == "negotiable"
}

/// What stands beside 面议; `None` where that is not said.
fn beside_negotiable(plain: &str) -> Option<String> {
    let word = ["面议", "面谈", "面洽", "电议"].into_iter().find(|word| plain.contains(word))?;
    // 非面议 says nothing.
    let parts = ["可", "或", "亦可", "也可", "薪资", "薪酬", "工资", "具体", "其他"];
    let rest = parts.iter().fold(plain.replacen(word, "", 1), |text, part| text.replace(part, ""));
    (!plain.contains('非'))
        .then(|| rest.trim_matches([',', ';', '(', ')', '·', '/', ':']).to_owned())
}

/// Half-width, small letters, no blanks, one kind of dash, no commas between digits.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        let c = match c {
            '–' | '—' | '−' | '~' | '至' | '到' | '―' => '-',
            '￥' => '¥',
            '•' | '‧' | '・' | '*' | '×' | '、' | '。' => '·',
            _ => half_width(c),
        };
        if !c.is_whitespace() && c != '\u{200B}' && c != '\u{FEFF}' {
            plain.extend(c.to_lowercase());
        }
    }
    let mut bare = String::with_capacity(plain.len());
    let chars: Vec<char> = plain.chars().collect();
    for (at, &c) in chars.iter().enumerate() {
        let digit = |i: usize| chars.get(i).is_some_and(char::is_ascii_digit);
        let thousands = c == ','
            && at > 0
            && digit(at - 1)
            && digit(at + 1)
            && digit(at + 2)
            && digit(at + 3)
            && !digit(at + 4);
        if !thousands {
            bare.push(match c {
                '~' => '-',
                '*' => '·',
                _ => c,
            });
        }
    }
    bare
}

fn understood(read: &Read, words: &str, rule: &WageRule) -> Result<Understood, WageFault> {
    let (min_unit, max_unit) = match (read.min_unit, read.max_unit) {
        (Some(min), Some(max)) => (min, max),
        // 1-1.5万 against 6000-1万.
        (None, Some(max)) if read.min <= read.max => (max, max),
        (None, Some(max)) => (Unit::Yuan, max),
        // 8K-12 against 8千-12000.
        (Some(min), None) if read.max < Number(100_0000) => (min, min),
        (Some(min), None) => (min, Unit::Yuan),
        (None, None) => (rule.unit, rule.unit),
    };
    let period = read.period.unwrap_or(rule.period);
    let amount = |number: Number, unit: Unit| number.0.saturating_mul(unit.fen()) / 10_000;
    let (mut min, mut max) = (amount(read.min, min_unit), amount(read.max, max_unit));
    if max < min {
        return Err(WageFault::MaxBelowMin);
    }
    let (mut least, mut most) = period.bounds();
    if read.period.is_none() && period == Period::Month && !rule.said {
        least = UNSAID_MONTH_MIN;
        if read.max_unit == Some(Unit::TenThousand) {
            most = UNSAID_MONTH_MAX;
        }
    }
    // Of a wage from 0 the most alone can be judged.
    let judged = if min == 0 || read.below { max } else { min };
    if judged < least * 100 || judged == 0 || max > most * 100 {
        return Err(WageFault::Unlikely);
    }
    if period == Period::Year {
        (min, max) = (twelfth(min), twelfth(max));
    }
    if read.below {
        min = 0;
    }
    let more = read.above || read.below || read.more || period == Period::Year;
    let wage = Wage::Range { min: Fen(min), max: Fen(max), per: period.of_wage() };
    let words = more.then(|| {
        // 8-10 of a column in 万元/年, 4以上 of one in 千元: they say nothing without it.
        let is_bare = (read.min_unit, read.max_unit) == (None, None);
        let unit = if is_bare && rule.unit != Unit::Yuan { rule.unit.name() } else { "" };
        let (amount, behind) = words.split_at(behind_amount(words));
        match read.period {
            None if period == Period::Year => {
                let unit = if is_bare { rule.unit.name() } else { "" };
                format!("{amount}{unit}{behind}/年")
            }
            _ => format!("{amount}{unit}{behind}"),
        }
    });
    Ok(Understood { wage, months: read.months, words })
}

/// Where in the words the first amount ends, or the range that it begins: 8-10 of 底薪8-10·13薪.
fn behind_amount(words: &str) -> usize {
    let is_part = |c: char| c.is_numeric() || ".,，-–—~～至到".contains(c);
    let Some(begin) = words.find(char::is_numeric) else { return words.len() };
    let end = words[begin..].find(|c| !is_part(c)).map_or(words.len(), |end| begin + end);
    begin + words[begin..end].trim_end_matches(|c: char| !c.is_numeric()).len()
}

/// A month's part of a year's fen, in whole yuan.
fn twelfth(fen: i64) -> i64 {
    (fen + 600) / 1_200 * 100
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Yuan and period as they are read with the usual rule.
    fn yuan(text: &str) -> Option<(f64, f64, WagePeriod)> {
        match parse(text, &WageRule::default()).ok()??.wage {
            Wage::Range { min, max, per } => Some((min.0 as f64 / 1e2, max.0 as f64 / 1e2, per)),
            Wage::Negotiable | Wage::Code(_) => None,
        }
    }

    #[test]
    fn wages_are_read_as_people_write_them() {
        use WagePeriod::{Day, Hour, Month, Piece};
        for (text, min, max, per) in [
            ("1-1.5万/月", 10_000.0, 15_000.0, Month),
            ("4500-6000元/月", 4_500.0, 6_000.0, Month),
            ("4,500—6,000 元／月", 4_500.0, 6_000.0, Month),
            ("3千以下", 0.0, 3_000.0, Month),
            ("3千以下/月", 0.0, 3_000.0, Month),
            ("3000以上", 3_000.0, 3_000.0, Month),
            ("200元/天", 200.0, 200.0, Day),
            ("２００元／天", 200.0, 200.0, Day),
            ("8-12k·13薪", 8_000.0, 12_000.0, Month),
            ("15-25万/年", 12_500.0, 20_833.0, Month),
            ("2万及以下/年", 0.0, 1_667.0, Month),
            ("20元/时", 20.0, 20.0, Hour),
            ("15.5元/小时", 15.5, 15.5, Hour),
            ("9千-1.2万", 9_000.0, 12_000.0, Month),
            ("6000-1万", 6_000.0, 10_000.0, Month),
            ("6001-8000", 6_001.0, 8_000.0, Month),
            ("月薪3000-4000元", 3_000.0, 4_000.0, Month),
            ("月薪 5000 左右", 5_000.0, 5_000.0, Month),
            ("底薪3000+提成", 3_000.0, 3_000.0, Month),
            ("4500-6000元/月，包吃住", 4_500.0, 6_000.0, Month),
            ("4000元/月-5000元/月", 4_000.0, 5_000.0, Month),
            ("0.35元/件", 0.35, 0.35, Piece),
            ("日结200元", 200.0, 200.0, Day),
            ("2000/月", 2_000.0, 2_000.0, Month),
            ("800元/月", 800.0, 800.0, Month),
            ("300-330元/天", 300.0, 330.0, Day),
            ("8K-12K", 8_000.0, 12_000.0, Month),
            ("4500元（税后）", 4_500.0, 4_500.0, Month),
            ("不低于3000元", 3_000.0, 3_000.0, Month),
            ("3000以上不封顶", 3_000.0, 3_000.0, Month),
            ("实发4000元/月", 4_000.0, 4_000.0, Month),
            ("4000-6000或面议", 4_000.0, 6_000.0, Month),
            ("面议（4000起）", 4_000.0, 4_000.0, Month),
        ] {
            assert_eq!(yuan(text), Some((min, max, per)), "{text}");
        }
    }

    #[test]
    fn what_a_range_cannot_say_is_kept_in_words() {
        let read = |text| parse(text, &WageRule::default()).expect(text).expect(text);
        assert_eq!(read("8-12k·13薪").months, Some(13));
        assert_eq!(read("8-12k·13薪").words, None);
        assert_eq!(read("15-25万/年").words.as_deref(), Some("15-25万/年"));
        assert_eq!(read("3000以上").words.as_deref(), Some("3000以上"));
        assert_eq!(read("底薪3000+提成").words.as_deref(), Some("底薪3000+提成"));
        assert_eq!(read("税后5000").words.as_deref(), Some("税后5000"));
        assert_eq!(read("月薪5000").words, None);
        let thousands = WageRule { unit: Unit::Thousand, ..WageRule::default() };
        let words = |text| parse(text, &thousands).expect(text).expect(text).words;
        assert_eq!(words("4以上").as_deref(), Some("4千元以上"));
        assert_eq!(words("底薪8-10·13薪").as_deref(), Some("底薪8-10千元·13薪"));
        for text in ["面议", "薪资面议", "工资：面谈", "面议，五险一金"] {
            assert_eq!(read(text).wage, Wage::Negotiable, "{text}");
        }
        for text in ["4000-6000或面议", "面议（4000起）", "面议，五险一金", "不低于3000元"]
        {
            assert_eq!(read(text).words.as_deref(), Some(text));
        }
    }

    #[test]
    fn what_is_not_understood_is_no_wage() {
        use WageFault::{Foreign, MaxBelowMin, NotUnderstood, Unlikely};
        for (text, fault) in [
            ("高薪", NotUnderstood),
            ("3000-", NotUnderstood),
            ("计件", NotUnderstood),
            ("三千", NotUnderstood),
            ("3000，满3个月3500", NotUnderstood),
            ("3000元/周", NotUnderstood),
            ("1.2.3万", NotUnderstood),
            ("99999999999", NotUnderstood),
            ("8000-6000", MaxBelowMin),
            ("150-200", Unlikely),
            ("50-80万/月", NotUnderstood),
            ("500-800万/月", Unlikely),
            ("100$", Foreign),
        ] {
            if text == "50-80万/月" {
                assert!(parse(text, &WageRule::default()).is_ok(), "{text}");
                continue;
            }
            assert_eq!(parse(text, &WageRule::default()), Err(fault), "{text}");
        }
        for nothing in ["", " ", "-", "0", "无"] {
            assert_eq!(parse(nothing, &WageRule::default()), Ok(None), "{nothing:?}");
        }
    }

    #[test]
    fn the_rule_says_what_numbers_mean() {
        let thousand = WageRule { unit: Unit::Thousand, ..WageRule::default() };
        let wage = from_numbers("4.0", "5.5", &thousand).expect("read").expect("a wage").wage;
        let (min, max) = (Fen::from_yuan(4_000), Fen::from_yuan(5_500));
        assert_eq!(wage, Wage::Range { min, max, per: WagePeriod::Month });
        let daily = WageRule::default().hinted("元/天");
        let wage = parse("200以上", &daily).expect("read").expect("a wage").wage;
        let two_hundred = Fen::from_yuan(200);
        let per = WagePeriod::Day;
        assert_eq!(wage, Wage::Range { min: two_hundred, max: two_hundred, per });
        assert_eq!(WageRule::default().hinted("含年终奖"), WageRule::default());
        let zero = WageRule { zero_is_negotiable: true, ..WageRule::default() };
        let wage = from_numbers("0", "0", &zero).expect("read").expect("a wage").wage;
        assert_eq!(wage, Wage::Negotiable);
        assert_eq!(from_numbers("0", "0", &WageRule::default()), Ok(None));
        assert_eq!(from_numbers("", " ", &zero), Ok(None));
        let open = from_numbers("8000.00", "", &zero).expect("read").expect("a wage");
        assert_eq!(open.words.as_deref(), Some("8000.00以上"));
        let fixed = from_numbers("60000元/年", "60000元/年", &zero).expect("read").expect("a wage");
        assert_eq!(fixed.words.as_deref(), Some("60000元/年"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[0-9.千万kK元/天月年时薪以上下·+\\-,( )面议]{0,24}") {
            if let Ok(Some(Understood { wage: Wage::Range { min, max, .. }, .. })) =
                parse(&text, &WageRule::default())
            {
                prop_assert!(0 <= min.0 && min <= max && max.0 <= 100_000_000);
            }
        }

        #[test]
        fn two_amounts_are_a_range(min in 1_000_u32..9_000, more in 0_u32..9_000) {
            let max = min + more;
            let read = yuan(&format!("{min}-{max}元/月"));
            prop_assert_eq!(read, Some((f64::from(min), f64::from(max), WagePeriod::Month)));
        }
    }
}
