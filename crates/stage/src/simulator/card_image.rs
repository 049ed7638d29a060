//! What a simulated card holds: the bytes a module reads out of it. Keeps no state.

use std::fmt;

use jiff::civil::Date;
use kiosk_base::domain::{
    Document, Sensitive,
    document::{
        ForeignerCard2017, ForeignerCard2023, PlainDate, ResidencePermit, ResidentIdCard, Sex,
        Validity,
    },
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
    #[error("{0}太长，卡上写不下")]
    TooLong(&'static str),
    /// The bytes are no answer to "read base" with text and picture.
    #[error("不是完整的“读基本信息”应答：要 1295 字节，校验和正确")]
    NoAnswer,
    /// The document has no chip that this kind of reader reads.
    #[error("身份证读卡器读不了这种证件")]
    OtherChip,
    /// Something else than pairs of hex digits.
    #[error("不是十六进制数字")]
    NoHex,
}

impl CardImage {
    /// The card that carries what `document` says, with a picture that is none.
    ///
    /// # Errors
    /// When a text does not fit its slot, or the document is none that lies on such a reader.
    pub fn of(document: &Document) -> Result<Self, CardImageError> {
        let (slots, appended) = match document {
            Document::ResidentIdCard(card) => (resident_slots(card), &card.appended_address),
            Document::ResidencePermit(permit) => (permit_slots(permit), &permit.appended_address),
            Document::ForeignerCard2017(card) => (slots_of_2017(card), &None),
            Document::ForeignerCard2023(card) => (slots_of_2023(card)?, &None),
            Document::SocialSecurityCard(_) => return Err(CardImageError::OtherChip),
        };
        let mut text = padding();
        for (what, at, size, value) in slots {
            write(&mut text[at..at + size], &value).ok_or(CardImageError::TooLong(what))?;
        }
        let mut appended_address = None;
        if let Some(address) = appended {
            let slot = appended_address.insert(padding());
            write(slot, address.expose()).ok_or(CardImageError::TooLong("追加住址"))?;
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

/// What stands in a slot: its name, where it begins, how many bytes it has, and the text.
type Slot = (&'static str, usize, usize, String);

/// 居民身份证.
fn resident_slots(card: &ResidentIdCard) -> Vec<Slot> {
    let until = match card.valid_until {
        Validity::Until(date) => digits(date.into()),
        Validity::LongTerm => "长期".to_owned(),
    };
    vec![
        ("姓名", 0, 30, card.name.expose().clone()),
        ("性别", 30, 2, sex(card.sex)),
        ("民族", 32, 4, format!("{:02}", card.ethnic_group.0)),
        ("出生日期", 36, 16, digits(*card.birth_date.expose())),
        ("住址", 52, 70, card.address.expose().clone()),
        ("号码", 122, 36, card.number.expose().to_owned()),
        ("签发机关", 158, 30, card.issuing_authority.expose().clone()),
        ("有效期起", 188, 16, digits(card.valid_from.into())),
        ("有效期止", 204, 16, until),
    ]
}

/// 港澳台居民居住证, `J`.
fn permit_slots(permit: &ResidencePermit) -> Vec<Slot> {
    let mut slots = vec![
        ("姓名", 0, 30, permit.name.expose().clone()),
        ("性别", 30, 2, sex(permit.sex)),
        ("出生日期", 36, 16, digits(*permit.birth_date.expose())),
        ("住址", 52, 70, permit.address.expose().clone()),
        ("号码", 122, 36, permit.number.expose().to_owned()),
        ("签发机关", 158, 30, permit.issuing_authority.expose().clone()),
        ("通行证号码", 220, 18, permit.permit_number.expose().clone()),
        ("签发次数", 238, 4, format!("{:02}", permit.issue_count)),
        ("证件类型", 248, 2, "J".to_owned()),
    ];
    slots.extend(period(permit.valid_from, permit.valid_until));
    slots
}

/// 外国人永久居留身份证 of 2017, `I`.
fn slots_of_2017(card: &ForeignerCard2017) -> Vec<Slot> {
    let mut slots = vec![
        ("英文姓名", 0, 120, card.english_name.expose().clone()),
        ("性别", 120, 2, sex(card.sex)),
        ("号码", 122, 30, card.number.expose().to_owned()),
        ("国籍", 152, 6, card.nationality.expose().clone()),
        ("中文姓名", 158, 30, optional(&card.chinese_name)),
        ("出生日期", 220, 16, digits(*card.birth_date.expose())),
        ("版本", 236, 4, card.version.clone()),
        ("受理机关", 240, 8, card.accepting_authority.expose().clone()),
        ("证件类型", 248, 2, "I".to_owned()),
    ];
    slots.extend(period(card.valid_from, card.valid_until));
    slots
}

/// 外国人永久居留身份证 of 2023, `Y`. The English name goes on after 35 units in a second slot.
fn slots_of_2023(card: &ForeignerCard2023) -> Result<Vec<Slot>, CardImageError> {
    let units: Vec<u16> = card.english_name.expose().encode_utf16().collect();
    let (first, second) = units.split_at(units.len().min(35));
    // A name in Latin letters has no pairs that the seam could cut.
    let part = |units| String::from_utf16(units).map_err(|_| CardImageError::TooLong("英文姓名"));
    let mut slots = vec![
        ("中文姓名", 0, 30, optional(&card.chinese_name)),
        ("性别", 30, 2, sex(card.sex)),
        ("换证次数", 32, 4, format!("{:02}", card.renewal_count)),
        ("出生日期", 36, 16, digits(*card.birth_date.expose())),
        ("英文姓名", 52, 70, part(first)?),
        ("号码", 122, 36, card.number.expose().to_owned()),
        ("英文姓名", 220, 22, part(second)?),
        ("国籍", 242, 6, card.nationality.expose().clone()),
        ("证件类型", 248, 2, "Y".to_owned()),
        ("旧号码", 250, 6, card.earlier_number.expose().clone()),
    ];
    slots.extend(period(card.valid_from, card.valid_until));
    Ok(slots)
}

fn period(from: Date, until: Date) -> [Slot; 2] {
    [("有效期起", 188, 16, digits(from.into())), ("有效期止", 204, 16, digits(until.into()))]
}

fn sex(sex: Sex) -> String {
    let code = match sex {
        Sex::Unknown => "0",
        Sex::Male => "1",
        Sex::Female => "2",
        Sex::NotStated => "9",
    };
    code.to_owned()
}

fn optional(text: &Option<Sensitive<String>>) -> String {
    text.as_ref().map(|text| text.expose().clone()).unwrap_or_default()
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
    use kiosk_base::domain::{
        CitizenId, ForeignerNumber2017, ForeignerNumber2023, document::EthnicGroup,
    };

    use super::*;

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

    fn of(card: ResidentIdCard) -> Result<CardImage, CardImageError> {
        CardImage::of(&Document::ResidentIdCard(card))
    }

    fn vector(name: &str) -> CardImage {
        let path = format!("{}/../../tests/kiosk/vectors/{name}.hex", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).expect("the vector is in the repository");
        CardImage::from_hex(&text).expect("the vector is an answer")
    }

    #[test]
    fn person_a_becomes_the_published_bytes() {
        assert!(of(person_a()).expect("fits") == vector("base_A"));
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
        assert!(of(card).expect("fits") == vector("base_B"));
    }

    #[test]
    fn the_other_documents_become_the_published_bytes() {
        let permit = Document::ResidencePermit(ResidencePermit {
            name: "測試丙".into(),
            sex: Sex::Male,
            birth_date: Sensitive::new(date(1892, 2, 29).into()),
            address: "四川省泸县福集镇测试路2号".into(),
            appended_address: None,
            number: CitizenId::parse("810000189202290038").expect("valid"),
            issuing_authority: "泸县公安局".into(),
            valid_from: date(2021, 3, 1),
            valid_until: date(2026, 3, 1),
            permit_number: "H00000000".into(),
            issue_count: 1,
        });
        let older = Document::ForeignerCard2017(ForeignerCard2017 {
            english_name: "TEST, SYNTHETIC PERSON".into(),
            chinese_name: Some("测试丁".into()),
            sex: Sex::Female,
            number: ForeignerNumber2017::parse("XXA000000000001").expect("valid"),
            nationality: "XXA".into(),
            birth_date: Sensitive::new(date(1988, 8, 8).into()),
            valid_from: date(2018, 1, 1),
            valid_until: date(2028, 1, 1),
            version: "01".into(),
            accepting_authority: "5100".into(),
        });
        let newer = Document::ForeignerCard2023(ForeignerCard2023 {
            english_name: "TEST, SYNTHETIC VERY LONG PERSON NAME EXAMPLE".into(),
            chinese_name: Some("测试戊".into()),
            sex: Sex::Male,
            renewal_count: 1,
            number: ForeignerNumber2023::parse("951999198808080024").expect("valid"),
            nationality: "XXA".into(),
            birth_date: Sensitive::new(date(1988, 8, 8).into()),
            valid_from: date(2024, 1, 1),
            valid_until: date(2034, 1, 1),
            earlier_number: "001".into(),
        });
        for (document, name) in [(permit, "base_J"), (older, "base_I"), (newer, "base_Y")] {
            assert!(CardImage::of(&document).expect("fits") == vector(name), "{name}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let long = ResidentIdCard { name: "测".repeat(16).as_str().into(), ..person_a() };
        assert_eq!(of(long).err(), Some(CardImageError::TooLong("姓名")));
        let address = Some("测".repeat(36).as_str().into());
        let long = ResidentIdCard { appended_address: address, ..person_a() };
        assert_eq!(of(long).err(), Some(CardImageError::TooLong("追加住址")));
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
