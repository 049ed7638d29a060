//! What an answer to "read base" says about a document. Keeps no state.
//!
//! The four documents share one block of 256 bytes and say in one unit of it which of them they
//! are; from there on each has its own layout. A frame can be sound and still carry nonsense, so
//! everything is checked here, and whatever is wrong is one and the same [`Stop::CardContent`].

use jiff::civil::Date;
use kiosk_base::domain::{
    CitizenId, Document, ForeignerNumber2017, ForeignerNumber2023, Sensitive, Stop,
    document::{
        EthnicGroup, ForeignerCard2017, ForeignerCard2023, PlainDate, ResidencePermit,
        ResidentIdCard,
    },
};
use text::{Cut, Text, decode};

pub(super) mod text;

/// Bytes of the two length fields before the text block.
const LENGTHS: usize = 4;
/// The same of an answer that carries fingerprints, too.
const LENGTHS_WITH_FINGERPRINTS: usize = 6;
/// Where the type unit (证件类型标识) stands in the text block.
const TYPE_UNIT: usize = 248;

/// Bytes of an appended address: 35 units.
pub const APPENDED_ADDRESS: usize = 70;

/// Parses the data of a "read base" answer: two big-endian lengths, text, picture; or three
/// lengths, text, picture, fingerprints, as some modules answer whatever was asked. Picture and
/// fingerprints are not looked at.
///
/// # Errors
/// [`Stop::CardUnknown`] for a type of document this kiosk does not read, [`Stop::CardContent`]
/// for anything that cannot stand on a genuine card.
pub fn parse(data: &[u8]) -> Result<Document, Stop> {
    let text = Text(text_block(data).ok_or(Stop::CardContent)?);
    match text.unit(TYPE_UNIT) {
        0x0020 | 0x0000 => resident_id_card(&text).map(Document::ResidentIdCard),
        0x004A => residence_permit(&text).map(Document::ResidencePermit),
        0x0049 => foreigner_card_2017(&text).map(Document::ForeignerCard2017),
        0x0059 => foreigner_card_2023(&text).map(Document::ForeignerCard2023),
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
fn text_block(data: &[u8]) -> Option<&[u8; text::SIZE]> {
    [LENGTHS, LENGTHS_WITH_FINGERPRINTS].into_iter().find_map(|lengths| {
        let (fields, parts) = data.split_at_checked(lengths)?;
        let mut sizes =
            fields.chunks(2).map(|field| usize::from(u16::from_be_bytes([field[0], field[1]])));
        let text = sizes.next()?;
        if text + sizes.sum::<usize>() != parts.len() {
            return None;
        }
        parts.get(..text)?.try_into().ok()
    })
}

fn resident_id_card(text: &Text<'_>) -> Result<ResidentIdCard, Stop> {
    let number = citizen(text)?;
    let (valid_from, valid_until) = (text.date(188)?, text.validity(204)?);
    if valid_until.expired_on(valid_from) {
        return Err(Stop::CardContent);
    }
    Ok(ResidentIdCard {
        name: text.filled(0, 30)?,
        sex: text.sex(30)?,
        ethnic_group: EthnicGroup(text.two_digits(32)?),
        birth_date: birth_date(text, 36, valid_from, Some(&number))?,
        address: text.free(52, 70)?,
        appended_address: None,
        number,
        issuing_authority: text.free(158, 30)?,
        valid_from,
        valid_until,
    })
}

/// As a resident's card up to byte 220; the slot of the ethnic group is not used.
fn residence_permit(text: &Text<'_>) -> Result<ResidencePermit, Stop> {
    let number = citizen(text)?;
    let (valid_from, valid_until) = text.period(188, 204)?;
    Ok(ResidencePermit {
        name: text.filled(0, 30)?,
        sex: text.sex(30)?,
        birth_date: birth_date(text, 36, valid_from, Some(&number))?,
        address: text.free(52, 70)?,
        appended_address: None,
        number,
        issuing_authority: text.free(158, 30)?,
        valid_from,
        valid_until,
        permit_number: text.exact(220, 18)?,
        issue_count: text.two_digits(238)?,
    })
}

fn foreigner_card_2017(text: &Text<'_>) -> Result<ForeignerCard2017, Stop> {
    let (valid_from, valid_until) = text.period(188, 204)?;
    Ok(ForeignerCard2017 {
        english_name: text.latin((0, 120), None)?,
        sex: text.sex(120)?,
        number: ForeignerNumber2017::parse(text.exact(122, 30)?.expose())
            .map_err(|_| Stop::CardContent)?,
        nationality: text.country(152)?,
        chinese_name: text.optional(158, 30)?,
        valid_from,
        valid_until,
        birth_date: birth_date(text, 220, valid_from, None)?,
        version: text.exact(236, 4)?.expose().clone(),
        accepting_authority: text.exact(240, 8)?,
    })
}

/// One source knows the whole of this layout. The name in Latin letters fills units 1 to 35 of one
/// slot and continues in another.
fn foreigner_card_2023(text: &Text<'_>) -> Result<ForeignerCard2023, Stop> {
    let (valid_from, valid_until) = text.period(188, 204)?;
    Ok(ForeignerCard2023 {
        chinese_name: text.optional(0, 30)?,
        sex: text.sex(30)?,
        renewal_count: text.two_digits(32)?,
        birth_date: birth_date(text, 36, valid_from, None)?,
        english_name: text.latin((52, 70), Some((220, 22)))?,
        number: ForeignerNumber2023::parse(text.exact(122, 36)?.expose())
            .map_err(|_| Stop::CardContent)?,
        valid_from,
        valid_until,
        nationality: text.country(242)?,
        earlier_number: text.exact(250, 6)?,
    })
}

fn citizen(text: &Text<'_>) -> Result<CitizenId, Stop> {
    CitizenId::parse(text.exact(122, 36)?.expose()).map_err(|_| Stop::CardContent)
}

/// The date of birth in the slot `at`. No document is issued before its holder is born, by its own
/// date or by the number's.
fn birth_date(
    text: &Text<'_>,
    at: usize,
    issued: Date,
    number: Option<&CitizenId>,
) -> Result<Sensitive<PlainDate>, Stop> {
    let date = text.date(at)?;
    let by_number = number.map_or(date, CitizenId::birth_date);
    if date > issued || by_number > issued {
        return Err(Stop::CardContent);
    }
    if by_number != date {
        // Foreign and old registrations differ honestly. The number counts.
        tracing::info!("card: birth date and number differ");
    }
    Ok(Sensitive::new(date.into()))
}

#[cfg(test)]
mod tests;
