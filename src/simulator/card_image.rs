//! What a simulated card holds: the bytes a module reads out of it. Keeps no state.

use std::fmt;

use crate::domain::{
    ResidentIdCard,
    document::{PlainDate, Sex, Validity},
};

/// Bytes of the text block.
const TEXT: usize = 256;
/// Bytes of the picture.
const PICTURE: usize = 1024;
/// Bytes of an appended address.
const ADDRESS: usize = 70;
/// Bytes of a whole "read base" answer, which is what the published vectors hold.
const FRAME: usize = 1295;

/// The stored bytes of one card. `Debug` shows none of them.
#[derive(Clone, PartialEq, Eq)]
pub struct CardImage {
    text: [u8; TEXT],
    picture: [u8; PICTURE],
    appended_address: Option<[u8; ADDRESS]>,
}

/// Why no card can be made of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CardImageError {
    /// A text is longer than its slot.
    #[error("the {0} is too long for a card")]
    TooLong(&'static str),
    /// The bytes are no answer to "read base" with text and picture.
    #[error("not a whole answer to \"read base\": 1295 bytes with a right checksum")]
    NoAnswer,
    /// Something else than pairs of hex digits.
    #[error("not hex digits")]
    NoHex,
}

impl CardImage {
    /// The card that carries `card`, with a picture that is none.
    ///
    /// # Errors
    /// When a text does not fit its slot.
    pub fn of(card: &ResidentIdCard) -> Result<Self, CardImageError> {
        let mut text = padding();
        let sex = match card.sex {
            Sex::Unknown => "0",
            Sex::Male => "1",
            Sex::Female => "2",
            Sex::NotStated => "9",
        };
        let until = match card.valid_until {
            Validity::Until(date) => digits(date.into()),
            Validity::LongTerm => "长期".to_owned(),
        };
        let slots = [
            ("name", 0, 30, card.name.expose().as_str()),
            ("sex", 30, 2, sex),
            ("ethnic group", 32, 4, &format!("{:02}", card.ethnic_group.0)),
            ("birth date", 36, 16, &digits(*card.birth_date.expose())),
            ("address", 52, 70, card.address.expose()),
            ("number", 122, 36, card.number.expose()),
            ("issuing authority", 158, 30, card.issuing_authority.expose()),
            ("first day of validity", 188, 16, &digits(card.valid_from.into())),
            ("last day of validity", 204, 16, &until),
        ];
        for (what, at, size, value) in slots {
            write(&mut text[at..at + size], value).ok_or(CardImageError::TooLong(what))?;
        }
        let mut appended_address = None;
        if let Some(address) = &card.appended_address {
            let slot = appended_address.insert(padding());
            write(slot, address.expose()).ok_or(CardImageError::TooLong("appended address"))?;
        }
        Ok(Self { text, picture: picture(), appended_address })
    }

    /// The card behind a whole answer to "read base", as the published vectors hold it.
    ///
    /// # Errors
    /// When `frame` is not such an answer.
    pub fn from_frame(frame: &[u8]) -> Result<Self, CardImageError> {
        const BEGINS: [u8; 14] =
            [0xAA, 0xAA, 0xAA, 0x96, 0x69, 0x05, 0x08, 0, 0, 0x90, 0x01, 0x00, 0x04, 0x00];
        let sound = frame.len() == FRAME
            && frame.starts_with(&BEGINS)
            && frame[5..].iter().fold(0, |sum, byte| sum ^ byte) == 0;
        if !sound {
            return Err(CardImageError::NoAnswer);
        }
        let (text, rest) = frame[BEGINS.len()..].split_at(TEXT);
        Ok(Self {
            text: text.try_into().expect("split there"),
            picture: rest[..PICTURE].try_into().expect("the length was compared"),
            appended_address: None,
        })
    }

    /// As [`from_frame`](Self::from_frame), from hex digits. White space does not count.
    ///
    /// # Errors
    /// When `text` is no hex or not such an answer.
    pub fn from_hex(text: &str) -> Result<Self, CardImageError> {
        let digits: Option<Vec<u8>> = text
            .chars()
            .filter(|c| !c.is_whitespace())
            .take(2 * FRAME + 2)
            .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect();
        let digits = digits.ok_or(CardImageError::NoHex)?;
        let bytes: Vec<u8> =
            digits.chunks(2).map(|d| d.iter().fold(0, |n, d| n * 16 + d)).collect();
        Self::from_frame(&bytes)
    }

    /// This card with a text block changed at byte `at`, to play cards that cannot exist.
    ///
    /// # Panics
    /// When `bytes` reach beyond the text block.
    #[must_use]
    pub fn with_text_bytes(mut self, at: usize, bytes: &[u8]) -> Self {
        self.text[at..at + bytes.len()].copy_from_slice(bytes);
        self
    }

    /// The data of an answer to "read base": two lengths, text, picture.
    pub(super) fn base(&self) -> Vec<u8> {
        let lengths = [0x01, 0x00, 0x04, 0x00];
        [lengths.as_slice(), &self.text, &self.picture].concat()
    }

    /// The data of an answer to "read appended address".
    pub(super) fn appended_address(&self) -> Option<&[u8]> {
        self.appended_address.as_ref().map(<[u8; ADDRESS]>::as_slice)
    }
}

impl fmt::Debug for CardImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardImage(＊＊)")
    }
}

/// A slot of spaces, U+0020 in UTF-16LE.
fn padding<const N: usize>() -> [u8; N] {
    std::array::from_fn(|at| if at % 2 == 0 { b' ' } else { 0 })
}

/// Writes `value` to the front of a padded slot.
fn write(slot: &mut [u8], value: &str) -> Option<()> {
    let units: Vec<u8> = value.encode_utf16().flat_map(u16::to_le_bytes).collect();
    slot.get_mut(..units.len())?.copy_from_slice(&units);
    Some(())
}

fn digits(date: PlainDate) -> String {
    format!("{:04}{:02}{:02}", date.year, date.month, date.day)
}

/// The head of a real picture and a pattern; no decoder makes a face of it.
fn picture() -> [u8; PICTURE] {
    const HEAD: [u8; 8] = [0x57, 0x4C, 0x66, 0x00, 0x7E, 0x00, 0x32, 0x00];
    std::array::from_fn(|at| match at.checked_sub(HEAD.len()) {
        None => HEAD[at],
        Some(i) => u8::try_from((13 * i + 5) % 251).expect("below 251"),
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::domain::{CitizenId, Sensitive, document::EthnicGroup};

    fn person_a() -> ResidentIdCard {
        ResidentIdCard {
            name: "测试甲".into(),
            sex: Sex::Male,
            ethnic_group: EthnicGroup(1),
            birth_date: Sensitive::new(date(1985, 7, 15).into()),
            address: "四川省泸县福集镇测试路1号".into(),
            appended_address: None,
            number: CitizenId::parse("510599198507150012").expect("valid"),
            issuing_authority: "泸县公安局".into(),
            valid_from: date(2020, 1, 1),
            valid_until: Validity::Until(date(2040, 1, 1)),
        }
    }

    fn vector(name: &str) -> CardImage {
        let path = format!("{}/tests/kiosk/vectors/{name}.hex", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).expect("the vector is in the repository");
        CardImage::from_hex(&text).expect("the vector is an answer")
    }

    #[test]
    fn person_a_becomes_the_published_bytes() {
        assert!(CardImage::of(&person_a()).expect("fits") == vector("base_A"));
    }

    #[test]
    fn a_rare_name_a_full_address_and_no_end_of_validity() {
        let card = ResidentIdCard {
            name: "测试·阿依古丽".into(),
            sex: Sex::Female,
            ethnic_group: EthnicGroup(5),
            birth_date: Sensitive::new(date(1961, 3, 20).into()),
            address: "四川省泸县玉蟾街道测试社区第九村民小组虚构巷二百三十四号附五号甲乙丙".into(),
            number: CitizenId::parse("51059919610320058X").expect("valid"),
            valid_from: date(2012, 6, 1),
            valid_until: Validity::LongTerm,
            ..person_a()
        };
        assert!(CardImage::of(&card).expect("fits") == vector("base_B"));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let long = ResidentIdCard { name: "测".repeat(16).as_str().into(), ..person_a() };
        assert_eq!(CardImage::of(&long).err(), Some(CardImageError::TooLong("name")));
        let address = Some("测".repeat(36).as_str().into());
        let long = ResidentIdCard { appended_address: address, ..person_a() };
        assert_eq!(CardImage::of(&long).err(), Some(CardImageError::TooLong("appended address")));
    }

    #[test]
    fn only_whole_answers_become_cards() {
        assert_eq!(CardImage::from_hex("AA AG").err(), Some(CardImageError::NoHex));
        assert_eq!(CardImage::from_hex("AAAAAA9669").err(), Some(CardImageError::NoAnswer));
        let mut frame = [&[0xAA; 14][..], &vector("base_A").base()[4..], &[0]].concat();
        assert_eq!(CardImage::from_frame(&frame).err(), Some(CardImageError::NoAnswer));
        frame.truncate(0);
        assert_eq!(CardImage::from_frame(&frame).err(), Some(CardImageError::NoAnswer));
    }
}
