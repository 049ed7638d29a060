//! The citizen number, GB 11643-1999.

use std::fmt;

use jiff::civil::Date;
use serde::Deserialize;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{DivisionCode, document::Sex, mask};

/// A valid citizen number (公民身份号码): 17 digits and a check character (`0`–`9` or `X`) by
/// ISO 7064 MOD 11-2, with a real calendar date at positions 7–14. Masked wherever it is
/// formatted; overwritten when dropped. Its characters are in one place however often it is moved:
/// those of a value that is moved with them would stay behind at each place. Files of invented residents have
/// it, so serde reads it.
#[derive(Clone, PartialEq, Eq, Hash, Zeroize, ZeroizeOnDrop, Deserialize)]
#[serde(try_from = "String")]
pub struct CitizenId(Box<str>);

/// Why a text is not a citizen number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CitizenIdError {
    /// Neither 18 characters nor 15 digits.
    #[error("身份证号码是 18 位")]
    Length,
    /// Something else than digits before the check character.
    #[error("身份证号码只有数字，最后一位可以是 X")]
    Characters,
    /// Positions 7–14 are no calendar date.
    #[error("号码里的出生日期不存在")]
    Date,
    /// The last character does not fit the others.
    #[error("号码最后一位校验码不对")]
    Check,
    /// Begins with 9, as only numbers of foreigners' permanent residence do.
    #[error("9 开头的号码是外国人永久居留身份证的")]
    Foreign,
}

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: [u8; 11] = *b"10X98765432";

impl CitizenId {
    /// Parses 18 characters; a lower-case `x` is taken as `X`.
    ///
    /// # Errors
    /// Says which rule the text breaks; never quotes the text.
    pub fn parse(text: &str) -> Result<Self, CitizenIdError> {
        let (first, last) = match text.as_bytes() {
            [first @ .., last] if first.len() == 17 => (first, last.to_ascii_uppercase()),
            _ => return Err(CitizenIdError::Length),
        };
        let digits = first.iter().all(u8::is_ascii_digit);
        if !digits || !(last.is_ascii_digit() || last == b'X') {
            return Err(CitizenIdError::Characters);
        }
        if check_character(first) != last {
            return Err(CitizenIdError::Check);
        }
        if first[0] == b'9' {
            return Err(CitizenIdError::Foreign);
        }
        let mut id = Self(text.into());
        id.0.make_ascii_uppercase();
        id.date().ok_or(CitizenIdError::Date)?;
        Ok(id)
    }

    /// The number whose first 17 digits these are, with its check character.
    ///
    /// # Errors
    /// As for [`parse`](Self::parse).
    pub fn complete(digits: &str) -> Result<Self, CitizenIdError> {
        if digits.len() != 17 {
            return Err(CitizenIdError::Length);
        }
        if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(CitizenIdError::Characters);
        }
        let mut whole = Zeroizing::new(String::with_capacity(18));
        whole.push_str(digits);
        whole.push(check_character(digits.as_bytes()).into());
        Self::parse(&whole)
    }

    /// Converts a 15-digit number (GB 11643-1989), as old back-end records hold them: century 19
    /// is inserted and the check character appended. Sequences 996–999 are refused, because what
    /// they mean is unconfirmed.
    ///
    /// # Errors
    /// As for [`parse`](Self::parse).
    pub fn parse_legacy(text: &str) -> Result<Self, CitizenIdError> {
        let old = text.as_bytes();
        if old.len() != 15 {
            return Err(CitizenIdError::Length);
        }
        if !old.iter().all(u8::is_ascii_digit) || &old[12..14] == b"99" && old[14] >= b'6' {
            return Err(CitizenIdError::Characters);
        }
        if old[0] == b'9' {
            return Err(CitizenIdError::Foreign);
        }
        let mut digits = Zeroizing::new(String::with_capacity(17));
        digits.extend([&text[..6], "19", &text[6..]]);
        Self::complete(&digits)
    }

    /// The 18 characters, for the wire and for a page where the resident pressed 显示.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// First four and last four characters, the rest starred: `5105＊＊＊＊0012`.
    pub fn masked(&self) -> String {
        mask::number(self.expose())
    }

    /// The division of first registration, positions 1–6; not where the holder lives. It may have
    /// been abolished, and its code given to another place since: see
    /// [`Directory::birthplace`](super::Directory::birthplace).
    pub fn division(&self) -> DivisionCode {
        DivisionCode::parse(&self.expose()[..6]).expect("the constructors admit digits only")
    }

    /// Birth date, positions 7–14.
    pub fn birth_date(&self) -> Date {
        self.date().expect("the constructors refuse impossible dates")
    }

    /// Sex by the parity of position 17.
    pub fn sex(&self) -> Sex {
        if (self.0.as_bytes()[16] - b'0') % 2 == 1 { Sex::Male } else { Sex::Female }
    }

    fn date(&self) -> Option<Date> {
        let number = |range: std::ops::Range<usize>| -> i16 {
            self.0[range].bytes().fold(0, |n, digit| n * 10 + i16::from(digit - b'0'))
        };
        let month = i8::try_from(number(10..12)).ok()?;
        let day = i8::try_from(number(12..14)).ok()?;
        Date::new(number(6..10), month, day).ok()
    }
}

/// The character that ISO 7064 MOD 11-2 demands after the first 17, which must be digits.
pub(super) fn check_character(first: &[u8]) -> u8 {
    let sum: u32 = first.iter().zip(WEIGHTS).map(|(b, w)| u32::from(b - b'0') * w).sum();
    CHECKS[(sum % 11) as usize]
}

impl TryFrom<String> for CitizenId {
    type Error = CitizenIdError;

    fn try_from(mut text: String) -> Result<Self, Self::Error> {
        let id = Self::parse(&text);
        text.zeroize();
        id
    }
}

impl From<CitizenId> for String {
    fn from(id: CitizenId) -> Self {
        id.expose().to_owned()
    }
}

impl fmt::Debug for CitizenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CitizenId(＊＊)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_table_of_numbers() {
        let cases: [(&str, Result<(), CitizenIdError>); 9] = [
            ("510599198507150012", Ok(())),
            ("51059919610320058X", Ok(())),
            ("51059919610320058x", Ok(())),
            ("11010519491231002X", Ok(())),
            ("810000189202290038", Ok(())),
            ("510599198507150013", Err(CitizenIdError::Check)),
            ("510599198502300018", Err(CitizenIdError::Date)),
            ("51059919850715001", Err(CitizenIdError::Length)),
            ("951999198808080024", Err(CitizenIdError::Foreign)),
        ];
        for (text, expected) in cases {
            assert_eq!(CitizenId::parse(text).map(|_| ()), expected, "{text}");
        }
        assert_eq!(CitizenId::parse("5105991985071500１2").err(), Some(CitizenIdError::Length));
        assert_eq!(CitizenId::parse("51059919850715 012").err(), Some(CitizenIdError::Characters));
    }

    #[test]
    fn fifteen_digits_become_eighteen() {
        let id = CitizenId::parse_legacy("510599850715001").expect("a valid old number");
        assert_eq!(id.expose(), "510599198507150012");
        assert!(CitizenId::parse_legacy("510599850715996").is_err());
        let foreign = CitizenId::parse_legacy("925952950523159");
        assert_eq!(foreign.err(), Some(CitizenIdError::Foreign));
    }

    #[test]
    fn birth_date_sex_and_mask() {
        let id = CitizenId::parse("51059919610320058X").expect("valid");
        assert_eq!(id.birth_date(), jiff::civil::date(1961, 3, 20));
        assert_eq!(id.sex(), Sex::Female);
        assert_eq!(id.masked(), "5105＊＊＊＊058X");
        assert!(!format!("{id:?}").contains("1961"));
    }
}
