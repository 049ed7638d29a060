//! Which PINs may be set. Keeps no state.

use zeroize::{Zeroize, ZeroizeOnDrop};

/// A PIN that may be set: 6 to 12 digits, none of those that everybody tries first. Overwritten
/// when dropped, never shown.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Pin(String);

/// Why a text cannot be the PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPin {
    /// Too short, too long, or something else than digits.
    #[error("管理密码是 6 到 12 位数字")]
    Form,
    /// One digit, a pair or a triple again and again, or each digit twice.
    #[error("这个密码有重复；请换一个没有规律的")]
    Repeats,
    /// 123456, 987654 and their like.
    #[error("这个密码是顺着数的；请换一个没有规律的")]
    Counts,
    /// A date, as in a birthday.
    #[error("这个密码像日期；请换一个不是生日的")]
    Date,
    /// One of the PINs that are tried first.
    #[error("这个密码太常见，容易被猜到；请换一个")]
    Common,
}

impl Pin {
    /// Accepts a PIN that may be set.
    ///
    /// # Errors
    /// Says which rule the text breaks; never quotes it.
    pub fn parse(text: &str) -> Result<Self, WeakPin> {
        let digits = text.as_bytes();
        if !(6..=12).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
            return Err(WeakPin::Form);
        }
        if repeats(digits) {
            return Err(WeakPin::Repeats);
        }
        if counts(digits) {
            return Err(WeakPin::Counts);
        }
        if COMMON.contains(&text) {
            return Err(WeakPin::Common);
        }
        if reads_as_date(digits) {
            return Err(WeakPin::Date);
        }
        Ok(Self(text.to_owned()))
    }

    /// The digits, to be hashed.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pin(＊＊)")
    }
}

/// PINs that lists of leaked ones put first, as far as no rule catches them; and the digits on
/// every wall of this county: its division code.
const COMMON: [&str; 10] = [
    "510521",
    "147258",
    "258369",
    "159357",
    "147852",
    "5201314",
    "1314520",
    "666888",
    "888666",
    "147258369",
];

/// `111111`, `121212`, `123123`, `12341234`, `112233`.
fn repeats(digits: &[u8]) -> bool {
    let period = |length: usize| digits.iter().zip(&digits[length..]).all(|(a, b)| a == b);
    let by_period =
        (1..=digits.len() / 2).any(|length| digits.len().is_multiple_of(length) && period(length));
    let twice_each =
        digits.len().is_multiple_of(2) && digits.chunks(2).all(|pair| pair[0] == pair[1]);
    by_period || twice_each
}

/// Each digit one more or one less than the one before, 0 following 9.
fn counts(digits: &[u8]) -> bool {
    let step = |by: u8| digits.windows(2).all(|pair| (pair[0] - b'0' + by) % 10 == pair[1] - b'0');
    step(1) || step(9)
}

/// YYYYMMDD, YYMMDD, DDMMYY, YYYYMM of the years 1900 to 2099.
fn reads_as_date(digits: &[u8]) -> bool {
    let number = |range: std::ops::Range<usize>| {
        digits[range].iter().fold(0_i16, |sum, digit| sum * 10 + i16::from(digit - b'0'))
    };
    let date = |year: i16, month: i16, day: i16| {
        let part = |n: i16| i8::try_from(n).unwrap_or_default();
        jiff::civil::Date::new(year, part(month), part(day)).is_ok()
    };
    let in_century = |year: i16| (1900..2100).contains(&year);
    match digits.len() {
        6 => {
            date(2000 + number(0..2), number(2..4), number(4..6))
                || date(1900 + number(0..2), number(2..4), number(4..6))
                || date(2000 + number(4..6), number(2..4), number(0..2))
                || in_century(number(0..4)) && (1..=12).contains(&number(4..6))
        }
        8 => in_century(number(0..4)) && date(number(0..4), number(4..6), number(6..8)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_pins_are_refused_with_their_reason() {
        let cases = [
            ("12345", WeakPin::Form),
            ("1234567890123", WeakPin::Form),
            ("80471a", WeakPin::Form),
            ("８０４７１３", WeakPin::Form),
            ("111111", WeakPin::Repeats),
            ("808080", WeakPin::Repeats),
            ("471471", WeakPin::Repeats),
            ("47114711", WeakPin::Repeats),
            ("112233", WeakPin::Repeats),
            ("123456", WeakPin::Counts),
            ("890123", WeakPin::Counts),
            ("987654321", WeakPin::Counts),
            ("850715", WeakPin::Date),
            ("150785", WeakPin::Date),
            ("19850715", WeakPin::Date),
            ("198507", WeakPin::Date),
            ("510521", WeakPin::Common),
        ];
        for (text, reason) in cases {
            assert_eq!(Pin::parse(text), Err(reason), "{text}");
        }
        for good in ["804713", "4820917", "918273645546"] {
            assert!(Pin::parse(good).is_ok(), "{good}");
        }
        assert_eq!(format!("{:?}", Pin::parse("804713")), "Ok(Pin(＊＊))");
    }
}
