//! The number by which the county knows the holder of a document, whatever the document is.

use std::fmt;

use serde::Deserialize;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{
    CitizenId,
    citizen_id::{CitizenIdError, check_character},
    mask,
};

/// The number of a document's holder. One text is at most one of the three, so numbers that are
/// equal as texts are equal here. Masked wherever it is formatted; overwritten when dropped. Files of invented
/// residents have it, so serde reads it.
#[derive(Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub enum HolderNumber {
    /// 公民身份号码; also of residents from Hong Kong (81), Macao (82) and Taiwan (83).
    Citizen(CitizenId),
    /// 永久居留证号码 of the foreigner's card of 2017.
    Foreigner2017(ForeignerNumber2017),
    /// 永久居留证号码 of the foreigner's card of 2023.
    Foreigner2023(ForeignerNumber2023),
}

/// The number on a foreigner's permanent residence card of 2017: three capital letters and twelve
/// digits. Whether any of them checks the others is not public.
#[derive(Clone, PartialEq, Eq, Hash, Zeroize, ZeroizeOnDrop)]
pub struct ForeignerNumber2017(Box<str>);

/// The number on a foreigner's permanent residence card of 2023: 9, sixteen digits and the check
/// character of ISO 7064 MOD 11-2. What the digits mean is not public; no date is read out of them.
#[derive(Clone, PartialEq, Eq, Hash, Zeroize, ZeroizeOnDrop)]
pub struct ForeignerNumber2023(Box<str>);

/// Why a text is no holder's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HolderNumberError {
    /// Neither 15 nor 18 characters.
    #[error("证件号码是 18 位，旧证件是 15 位")]
    Length,
    /// Not the letters and digits of its kind.
    #[error("号码里有不该有的字符")]
    Characters,
    /// The last character does not fit the others.
    #[error("号码最后一位校验码不对")]
    Check,
    /// No citizen number.
    #[error(transparent)]
    Citizen(#[from] CitizenIdError),
}

impl HolderNumber {
    /// Parses a number of any kind. 15 digits are a citizen number of before 1999, as old records
    /// of core systems hold them, and become 18 characters.
    ///
    /// # Errors
    /// Says which rule the text breaks; never quotes the text.
    pub fn parse(text: &str) -> Result<Self, HolderNumberError> {
        let bytes = text.as_bytes();
        match (bytes.len(), bytes.first()) {
            (18, Some(b'9')) => ForeignerNumber2023::parse(text).map(Self::Foreigner2023),
            (18, _) => Ok(Self::Citizen(CitizenId::parse(text)?)),
            (15, Some(first)) if first.is_ascii_digit() => {
                Ok(Self::Citizen(CitizenId::parse_legacy(text)?))
            }
            (15, _) => ForeignerNumber2017::parse(text).map(Self::Foreigner2017),
            _ => Err(HolderNumberError::Length),
        }
    }

    /// The characters, for the wire and for a page where the resident pressed 显示.
    pub fn expose(&self) -> &str {
        match self {
            Self::Citizen(number) => number.expose(),
            Self::Foreigner2017(number) => number.expose(),
            Self::Foreigner2023(number) => number.expose(),
        }
    }

    /// First four and last four characters, the rest starred: `5105＊＊＊＊0012`.
    pub fn masked(&self) -> String {
        mask::number(self.expose())
    }
}

impl ForeignerNumber2017 {
    /// Parses 15 characters.
    ///
    /// # Errors
    /// Says which rule the text breaks; never quotes the text.
    pub fn parse(text: &str) -> Result<Self, HolderNumberError> {
        if text.len() != 15 {
            return Err(HolderNumberError::Length);
        }
        let (letters, digits) = text.as_bytes().split_at(3);
        let right =
            letters.iter().all(u8::is_ascii_uppercase) && digits.iter().all(u8::is_ascii_digit);
        right.then(|| Self(text.into())).ok_or(HolderNumberError::Characters)
    }

    /// The 15 characters.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl ForeignerNumber2023 {
    /// Parses 18 characters; a lower-case `x` at the end is taken as `X`.
    ///
    /// # Errors
    /// Says which rule the text breaks; never quotes the text.
    pub fn parse(text: &str) -> Result<Self, HolderNumberError> {
        let (first, last) = match text.as_bytes() {
            [first @ .., last] if first.len() == 17 => (first, last.to_ascii_uppercase()),
            _ => return Err(HolderNumberError::Length),
        };
        let right = first[0] == b'9'
            && first.iter().all(u8::is_ascii_digit)
            && (last.is_ascii_digit() || last == b'X');
        if !right {
            return Err(HolderNumberError::Characters);
        }
        if check_character(first) != last {
            return Err(HolderNumberError::Check);
        }
        let mut number = Self(text.into());
        number.0.make_ascii_uppercase();
        Ok(number)
    }

    /// The 18 characters.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<CitizenId> for HolderNumber {
    fn from(number: CitizenId) -> Self {
        Self::Citizen(number)
    }
}

impl TryFrom<String> for HolderNumber {
    type Error = HolderNumberError;

    fn try_from(mut text: String) -> Result<Self, Self::Error> {
        let number = Self::parse(&text);
        text.zeroize();
        number
    }
}

impl From<HolderNumber> for String {
    fn from(number: HolderNumber) -> Self {
        number.expose().to_owned()
    }
}

impl fmt::Debug for HolderNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HolderNumber(＊＊)")
    }
}

impl fmt::Debug for ForeignerNumber2017 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ForeignerNumber2017(＊＊)")
    }
}

impl fmt::Debug for ForeignerNumber2023 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ForeignerNumber2023(＊＊)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kind(text: &str) -> Result<&'static str, HolderNumberError> {
        HolderNumber::parse(text).map(|number| match number {
            HolderNumber::Citizen(_) => "citizen",
            HolderNumber::Foreigner2017(_) => "2017",
            HolderNumber::Foreigner2023(_) => "2023",
        })
    }

    #[test]
    fn each_kind_by_its_form() {
        use HolderNumberError::{Characters, Check, Citizen, Length};
        let cases = [
            ("510599198507150012", Ok("citizen")),
            ("51059919610320058x", Ok("citizen")),
            ("810000189202290038", Ok("citizen")),
            ("510599850715001", Ok("citizen")),
            ("XXA000000000001", Ok("2017")),
            ("951999198808080024", Ok("2023")),
            ("951999198808080025", Err(Check)),
            ("95199919880808002A", Err(Characters)),
            ("9519991988O8080024", Err(Characters)),
            ("XXa000000000001", Err(Characters)),
            ("XX0000000000001", Err(Characters)),
            ("XXA00000000000A", Err(Characters)),
            ("510599198507150013", Err(Citizen(CitizenIdError::Check))),
            ("510599851315001", Err(Citizen(CitizenIdError::Date))),
            ("51059919850715001", Err(Length)),
            ("", Err(Length)),
        ];
        for (text, expected) in cases {
            assert_eq!(kind(text), expected, "{text}");
        }
    }

    #[test]
    fn the_old_and_the_new_number_of_a_citizen_are_one() {
        let (old, new) = ("510599850715001", "510599198507150012");
        assert_eq!(HolderNumber::parse(old), HolderNumber::parse(new));
    }

    #[test]
    fn the_middle_is_masked_and_debug_says_nothing() {
        for (text, masked) in [
            ("51059919610320058X", "5105＊＊＊＊058X"),
            ("XXA000000000001", "XXA0＊＊＊＊0001"),
            ("951999198808080024", "9519＊＊＊＊0024"),
        ] {
            let number = HolderNumber::parse(text).expect("valid");
            assert_eq!(number.masked(), masked);
            assert_eq!(number.expose(), text);
            assert!(!format!("{number:?}").contains(&text[..4]));
            let read = serde_json::from_str::<HolderNumber>(&format!("{text:?}"));
            assert_eq!(read.expect("the same"), number);
        }
    }

    proptest! {
        #[test]
        fn what_is_parsed_parses_again(text in "[0-9A-Z]{15}|9[0-9]{16}[0-9X]|[0-9]{17}[0-9X]|.*") {
            if let Ok(number) = HolderNumber::parse(&text) {
                prop_assert_eq!(HolderNumber::parse(number.expose()), Ok(number.clone()));
                prop_assert!(!number.masked().contains(number.expose()));
            }
        }
    }
}
