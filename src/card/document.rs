//! What an answer to "read base" says about a document. Keeps no state.
//!
//! The text block has 256 bytes of UTF-16LE in slots at fixed places. Each slot is decoded by
//! itself, never split at spaces and never cut short: names have inner spaces, addresses fill
//! their slot. A frame can be sound and still carry nonsense, so everything is checked here, and
//! whatever is wrong is one and the same [`Stop::CardContent`].

use jiff::civil::Date;
use zeroize::Zeroizing;

use crate::domain::{
    CitizenId, Document, ResidentIdCard, Sensitive, Stop,
    document::{EthnicGroup, Sex, Validity},
};

/// Bytes of the text block.
const TEXT: usize = 256;
/// Bytes of the two length fields before it.
const LENGTHS: usize = 4;
/// Where the type unit (证件类型标识) stands in the text block.
const TYPE_UNIT: usize = 248;

/// Bytes of an appended address: 35 units.
pub const APPENDED_ADDRESS: usize = 70;

/// Parses the data of a "read base" answer: two big-endian lengths, text, picture. The picture is
/// not looked at.
///
/// # Errors
/// [`Stop::CardUnknown`] for a type of document this kiosk does not read, [`Stop::CardContent`]
/// for anything that cannot stand on a genuine card.
pub fn parse(data: &[u8]) -> Result<Document, Stop> {
    let text = Text(text_block(data).ok_or(Stop::CardContent)?);
    match text.unit(TYPE_UNIT) {
        0x0020 | 0x0000 => resident_id_card(&text).map(Document::ResidentIdCard),
        _ => Err(Stop::CardUnknown),
    }
}

/// Decodes the newest appended address (最新追加住址): 70 bytes without a length. `None` when the
/// slot holds nothing but padding.
///
/// # Errors
/// [`Stop::CardContent`] when it is no text of that size.
pub fn parse_appended_address(data: &[u8]) -> Result<Option<Sensitive<String>>, Stop> {
    if data.len() != APPENDED_ADDRESS {
        return Err(Stop::CardContent);
    }
    let address = decode(data, Cut::Tolerated).ok_or(Stop::CardContent)?;
    Ok((!address.expose().is_empty()).then_some(address))
}

/// The text block, when the lengths add up to what came.
fn text_block(data: &[u8]) -> Option<&[u8; TEXT]> {
    let length =
        |at: usize| Some(usize::from(u16::from_be_bytes([*data.get(at)?, *data.get(at + 1)?])));
    let (text, picture) = (length(0)?, length(2)?);
    if LENGTHS + text + picture != data.len() {
        return None;
    }
    data[LENGTHS..LENGTHS + text].try_into().ok()
}

fn resident_id_card(text: &Text<'_>) -> Result<ResidentIdCard, Stop> {
    let number = CitizenId::parse(text.exact(122, 36)?.expose()).map_err(|_| Stop::CardContent)?;
    let birth_date = text.date(36)?;
    let sex = match text.unit(30) {
        0x30 => Sex::Unknown,
        0x31 => Sex::Male,
        0x32 => Sex::Female,
        0x39 => Sex::NotStated,
        _ => return Err(Stop::CardContent),
    };
    let name = text.exact(0, 30)?;
    if name.expose().is_empty() {
        return Err(Stop::CardContent);
    }
    let valid_from = text.date(188)?;
    let valid_until = text.validity(204)?;
    if valid_until.expired_on(valid_from) {
        return Err(Stop::CardContent);
    }
    if birth_date != number.birth_date() {
        // Foreign and old registrations differ honestly. The number counts.
        tracing::info!("card: birth date and number differ");
    }
    Ok(ResidentIdCard {
        name,
        sex,
        ethnic_group: EthnicGroup(text.number(32, 4)?),
        birth_date: Sensitive::new(birth_date.into()),
        address: text.free(52, 70)?,
        appended_address: None,
        number,
        issuing_authority: text.free(158, 30)?,
        valid_from,
        valid_until,
    })
}

/// The 256 bytes. Offsets and sizes are in bytes.
struct Text<'a>(&'a [u8; TEXT]);

impl Text<'_> {
    fn unit(&self, at: usize) -> u16 {
        u16::from_le_bytes([self.0[at], self.0[at + 1]])
    }

    /// A slot in which every character counts.
    fn exact(&self, at: usize, size: usize) -> Result<Sensitive<String>, Stop> {
        decode(&self.0[at..at + size], Cut::Refused).ok_or(Stop::CardContent)
    }

    /// A slot of running text, which the issuer may have cut in the middle of a surrogate pair.
    fn free(&self, at: usize, size: usize) -> Result<Sensitive<String>, Stop> {
        decode(&self.0[at..at + size], Cut::Tolerated).ok_or(Stop::CardContent)
    }

    /// ASCII digits that fill their slot.
    fn digits(&self, at: usize, size: usize) -> Option<u32> {
        (at..at + size).step_by(2).try_fold(0, |sum: u32, at| {
            let digit = char::from_u32(self.unit(at).into())?.to_digit(10)?;
            sum.checked_mul(10)?.checked_add(digit)
        })
    }

    fn number(&self, at: usize, size: usize) -> Result<u8, Stop> {
        self.digits(at, size).and_then(|n| u8::try_from(n).ok()).ok_or(Stop::CardContent)
    }

    /// Eight digits YYYYMMDD.
    fn date(&self, at: usize) -> Result<Date, Stop> {
        let part = |at, size| i16::try_from(self.digits(at, size)?).ok();
        let day = |at| i8::try_from(part(at, 4)?).ok();
        (|| Date::new(part(at, 8)?, day(at + 8)?, day(at + 12)?).ok())().ok_or(Stop::CardContent)
    }

    /// Eight digits, or 长期 and padding.
    fn validity(&self, at: usize) -> Result<Validity, Stop> {
        if [self.unit(at), self.unit(at + 2)] == [0x957F, 0x671F] {
            return Ok(Validity::LongTerm);
        }
        self.date(at).map(Validity::Until)
    }
}

/// What to do with half a surrogate pair in the last unit of a slot.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    Tolerated,
    Refused,
}

/// One slot as text without padding. `None` for what no card holds: halves of surrogate pairs,
/// control and direction characters, non-characters.
fn decode(slot: &[u8], cut: Cut) -> Option<Sensitive<String>> {
    let units = || slot.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    let last = slot.len() / 2 - 1;
    // Three bytes hold any unit; room for all of them, so that growing leaves no copies.
    let mut text = Zeroizing::new(String::with_capacity(slot.len() / 2 * 3));
    let mut at = 0;
    for character in char::decode_utf16(units()) {
        match character {
            Ok(character) => {
                at += character.len_utf16();
                text.push(character);
            }
            Err(half) => {
                let is_high = half.unpaired_surrogate() < 0xDC00;
                if !(cut == Cut::Tolerated && at == last && is_high) {
                    return None;
                }
                tracing::info!("card: a slot ends in half a character, dropped");
                break;
            }
        }
    }
    let length = text.trim_end_matches([' ', '\0', '\u{3000}']).len();
    text.truncate(length);
    (!text.chars().any(is_never_on_a_card)).then(|| Sensitive::new(std::mem::take(&mut *text)))
}

fn is_never_on_a_card(character: char) -> bool {
    character.is_control()
        || matches!(character,
            // Invisible and direction-changing characters could make a name look like another.
            '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFD}'
            | '\u{FDD0}'..='\u{FDEF}')
        || u32::from(character) & 0xFFFE == 0xFFFE
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::{card::vectors::vector, domain::document::PlainDate};

    /// The data of a vector's answer.
    fn data(name: &str) -> Vec<u8> {
        let frame = vector(name);
        frame[10..frame.len() - 1].to_vec()
    }

    /// Person A with `units` written at byte `at` of the text block.
    fn changed(at: usize, units: &[u16]) -> Vec<u8> {
        let mut data = data("base_A");
        for (index, unit) in units.iter().enumerate() {
            let at = LENGTHS + at + 2 * index;
            data[at..at + 2].copy_from_slice(&unit.to_le_bytes());
        }
        data
    }

    fn with_text(at: usize, text: &str) -> Vec<u8> {
        changed(at, &text.encode_utf16().collect::<Vec<_>>())
    }

    fn resident(data: &[u8]) -> ResidentIdCard {
        let Ok(Document::ResidentIdCard(card)) = parse(data) else { panic!("a resident's card") };
        card
    }

    #[test]
    fn person_a() {
        let expected = ResidentIdCard {
            name: "测试甲".into(),
            sex: Sex::Male,
            ethnic_group: EthnicGroup(1),
            birth_date: Sensitive::new(PlainDate { year: 1985, month: 7, day: 15 }),
            address: "四川省泸县福集镇测试路1号".into(),
            appended_address: None,
            number: CitizenId::parse("510599198507150012").expect("valid"),
            issuing_authority: "泸县公安局".into(),
            valid_from: date(2020, 1, 1),
            valid_until: Validity::Until(date(2040, 1, 1)),
        };
        assert!(parse(&data("base_A")) == Ok(Document::ResidentIdCard(expected)));
    }

    #[test]
    fn person_b_long_term_with_a_dot_and_a_number_in_x() {
        let card = resident(&data("base_B"));
        assert_eq!(card.name.expose(), "测试·阿依古丽");
        assert_eq!((card.sex, card.ethnic_group), (Sex::Female, EthnicGroup(5)));
        assert_eq!(card.number.expose(), "51059919610320058X");
        let address = "四川省泸县玉蟾街道测试社区第九村民小组虚构巷二百三十四号附五号甲乙丙";
        assert_eq!(card.address.expose(), address);
        assert_eq!(card.valid_from, date(2012, 6, 1));
        assert_eq!(card.valid_until, Validity::LongTerm);
    }

    #[test]
    fn person_r_rare_characters_stay_as_stored() {
        let card = resident(&data("base_R"));
        assert_eq!(card.name.expose(), "测\u{2CC56}\u{E863}");
        assert_eq!(card.address.expose(), "四川省泸县〇测试村");
    }

    #[test]
    fn other_types_are_no_residents() {
        for name in ["base_J", "base_I", "base_Y"] {
            assert!(parse(&data(name)) == Err(Stop::CardUnknown), "{name}");
        }
        assert!(parse(&changed(TYPE_UNIT, &[0x51])) == Err(Stop::CardUnknown));
        assert!(parse(&changed(TYPE_UNIT, &[0])).is_ok());
    }

    #[test]
    fn lengths_must_add_up() {
        let good = data("base_A");
        for (at, value) in [(1, 2), (0, 0), (2, 5), (3, 1), (2, 0xFF)] {
            let mut bad = good.clone();
            bad[at] = value;
            assert!(parse(&bad) == Err(Stop::CardContent), "length byte {at}");
        }
        for size in [0, 1, 4, 260, good.len() - 1] {
            assert!(parse(&good[..size]) == Err(Stop::CardContent), "{size} bytes");
        }
    }

    #[test]
    fn wrong_content_is_refused() {
        let cases = [
            ("check character", with_text(122, "510599198507150013")),
            ("date in the number", with_text(122, "510599198502300018")),
            ("number too short", with_text(122, "51059919850715001 ")),
            ("birth date", with_text(36, "19850230")),
            ("birth date with a letter", with_text(36, "1985O715")),
            ("validity", with_text(204, "20401301")),
            ("validity empty", with_text(204, "        ")),
            ("ends before it begins", with_text(204, "20191231")),
            ("sex", with_text(30, "3")),
            ("ethnic group", with_text(32, " 1")),
            ("no name", with_text(0, "   ")),
            ("control character", changed(0, &[0x6D4B, 0x0007])),
            ("NUL inside", changed(0, &[0x6D4B, 0x0000, 0x6D4B])),
            ("right-to-left override", changed(52, &[0x202E])),
            ("lone low surrogate", changed(0, &[0xDC56])),
            ("lone high surrogate", changed(52, &[0xD873, 0x6D4B])),
            ("half a pair at the end of a name", changed(28, &[0xD873])),
            ("non-character", changed(0, &[0xFFFF])),
        ];
        for (what, data) in cases {
            assert!(parse(&data) == Err(Stop::CardContent), "{what}");
        }
    }

    #[test]
    fn an_address_may_end_in_half_a_pair() {
        let full: Vec<u16> = [0x6D4B; 34].into_iter().chain([0xD873]).collect();
        assert_eq!(resident(&changed(52, &full)).address.expose(), &"测".repeat(34));
    }

    #[test]
    fn padding_goes_and_inner_spaces_stay() {
        let card = resident(&changed(0, &[0x6D4B, 0x20, 0x8BD5, 0x3000, 0, 0x20]));
        assert_eq!(card.name.expose(), "测 试");
        assert_eq!(resident(&with_text(32, "57")).ethnic_group, EthnicGroup(57));
        assert_eq!(resident(&with_text(36, "19850716")).birth_date.expose().day, 16);
    }

    #[test]
    fn appended_address() {
        let address = parse_appended_address(&data("newaddr"));
        assert!(address == Ok(Some("四川省泸县嘉明镇测试新址9号".into())));
        assert!(parse_appended_address(&[0x20, 0].repeat(35)) == Ok(None));
        assert!(parse_appended_address(&[0x20, 0].repeat(34)) == Err(Stop::CardContent));
        assert!(parse_appended_address(&[0x07, 0].repeat(35)) == Err(Stop::CardContent));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..1400)) {
            let _ = parse(&bytes);
            let _ = parse_appended_address(&bytes);
        }

        #[test]
        fn no_text_block_makes_it_panic(text in prop::collection::vec(any::<u8>(), TEXT)) {
            let data = [&[1, 0, 0, 0], text.as_slice()].concat();
            if let Ok(document) = parse(&data) {
                prop_assert!(CitizenId::parse(document.number().expose()).is_ok());
            }
        }

        #[test]
        fn a_changed_unit_never_makes_another_number(at in 0_usize..128, unit: u16) {
            // One wrong unit in the number always breaks the check character.
            if let Ok(document) = parse(&changed(2 * at, &[unit])) {
                prop_assert_eq!(document.number().expose(), "510599198507150012");
            }
        }
    }
}
