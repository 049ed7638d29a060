//! The social-security card (社会保障卡) in a contact reader: which commands it is sent, and what its
//! answers say. State: whether the card has power, which it loses in the end, whatever happens.
//!
//! Cards of the first two generations show their holder to anybody. Cards of the third do not
//! without a security module (`69 82`), and are told apart by that. No PIN is ever sent: wrong ones
//! lock the card.

use jiff::civil::Date;
use kiosk_base::domain::{
    CitizenId, Sensitive, Stop,
    document::{EthnicGroup, Sex, SocialSecurityCard},
};
use zeroize::{Zeroize, Zeroizing};

use super::document::text::is_never_in_text;

/// A card in a reader that takes command APDUs.
pub trait Transmit {
    /// Sends `command`; gives the answer's data with the two status bytes at its end.
    ///
    /// # Errors
    /// Says what the reader or the line has.
    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, Stop>;

    /// Takes the card's power away. Called once, at the end, also after errors.
    fn power_off(&mut self);
}

/// Reads who holds the card.
///
/// # Errors
/// [`Stop::CardUnknown`] when it is no social-security card, [`Stop::CardProtected`] when it shows
/// its holder only to a security module, [`Stop::CardContent`] for what cannot stand on a genuine
/// card, [`Stop::CardRefused`] for any other refusal, and what [`Transmit::transmit`] says.
pub fn read(card: &mut (impl Transmit + ?Sized)) -> Result<SocialSecurityCard, Stop> {
    let mut card = Powered(card);
    match card.exchange(&SELECT_ENVIRONMENT)? {
        (_, Status::DONE) => {}
        (_, Status::PROTECTED) => return Err(Stop::CardProtected),
        // Whatever a bank's card or a telephone's says to a name that it does not know.
        (_, _) => return Err(Stop::CardUnknown),
    }
    card.select(0x05)?;
    let version = ascii(&card.item(0x03, 4..=4)?)?.expose().clone();
    let valid_from = card.unneeded(0x05, 4..=4)?;
    let valid_from = valid_from.map_or(Ok(None), |bytes| optional_date(&bytes))?;
    let valid_until = card.unneeded(0x06, 4..=4)?;
    let valid_until = valid_until.map_or(Ok(None), |bytes| optional_date(&bytes))?;
    // Some cards store more behind the nine characters that count.
    let card_number = ascii(&card.item(0x07, 9..=16)?[..9])?;
    card.select(0x06)?;
    let number = ascii(&card.item(0x08, 18..=18)?)?;
    let number = CitizenId::parse(number.expose()).map_err(|_| Stop::CardContent)?;
    let begun = card.item(0x09, 30..=30)?;
    let more = match is_filled_up(&begun) {
        // The whole name is there, whatever becomes of what would continue it.
        true => card.unneeded(0x4E, 20..=20)?,
        false => card.optional_item(0x4E, 20..=20)?,
    };
    let name = name(begun, more)?;
    let sex = match card.item(0x0A, 1..=1)?[0] {
        b'0' => Sex::Unknown,
        b'1' => Sex::Male,
        b'2' => Sex::Female,
        b'9' => Sex::NotStated,
        _ => return Err(Stop::CardContent),
    };
    let ethnic_group = two_digits(card.item(0x0B, 1..=1)?[0]).ok_or(Stop::CardContent)?;
    let birth_date = date(&card.item(0x0D, 4..=4)?).ok_or(Stop::CardContent)?;
    if birth_date != number.birth_date() {
        // The number counts, as on the ID card.
        tracing::info!("card: birth date and number differ");
    }
    Ok(SocialSecurityCard {
        name,
        sex,
        ethnic_group: EthnicGroup(ethnic_group),
        birth_date: Sensitive::new(birth_date.into()),
        number,
        card_number,
        version,
        valid_from,
        valid_until,
    })
}

/// SELECT by the name `sx1.sh.社会保障`, in GBK.
const SELECT_ENVIRONMENT: [u8; 20] = [
    0x00, 0xA4, 0x04, 0x00, 0x0F, 0x73, 0x78, 0x31, 0x2E, 0x73, 0x68, 0x2E, 0xC9, 0xE7, 0xBB, 0xE1,
    0xB1, 0xA3, 0xD5, 0xCF,
];

/// Follow-up commands to one command: a right length once, and the parts of one answer.
const FOLLOW_UPS: usize = 4;
/// Most bytes of one answer, with all its parts.
const ANSWER_MAX: usize = 512;

/// SW1 SW2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Status(u8, u8);

impl Status {
    const DONE: Self = Self(0x90, 0x00);
    const PROTECTED: Self = Self(0x69, 0x82);
    const NO_FILE: Self = Self(0x6A, 0x82);
    const NO_RECORD: Self = Self(0x6A, 0x83);
    const WRONG_PARAMETERS: [Self; 2] = [Self(0x6A, 0x86), Self(0x6B, 0x00)];

    /// What a refusal means for the resident.
    fn stop(self) -> Stop {
        tracing::info!("card: status {:02X}{:02X}", self.0, self.1);
        match self {
            Self::PROTECTED => Stop::CardProtected,
            Self::NO_FILE => Stop::CardUnknown,
            Self::NO_RECORD => Stop::CardContent,
            _ => Stop::CardRefused,
        }
    }
}

/// A card that loses its power when this is dropped.
struct Powered<'a, T: Transmit + ?Sized>(&'a mut T);

impl<T: Transmit + ?Sized> Drop for Powered<'_, T> {
    fn drop(&mut self) {
        self.0.power_off();
    }
}

impl<T: Transmit + ?Sized> Powered<'_, T> {
    /// Selects the elementary file EF05 or EF06. Makes differ in how they want it asked.
    fn select(&mut self, file: u8) -> Result<(), Stop> {
        let (_, mut status) = self.exchange(&[0x00, 0xA4, 0x02, 0x00, 0x02, 0xEF, file])?;
        if Status::WRONG_PARAMETERS.contains(&status) {
            (_, status) = self.exchange(&[0x00, 0xA4, 0x00, 0x00, 0x02, 0xEF, file])?;
        }
        if status == Status::DONE { Ok(()) } else { Err(status.stop()) }
    }

    /// The value of item `tag` of the selected file, with a length within `lengths`.
    fn item(
        &mut self,
        tag: u8,
        lengths: std::ops::RangeInclusive<u8>,
    ) -> Result<Zeroizing<Vec<u8>>, Stop> {
        self.optional_item(tag, lengths)?.ok_or(Stop::CardContent)
    }

    /// As [`item`](Self::item); `None` when the card has no such item.
    fn optional_item(
        &mut self,
        tag: u8,
        lengths: std::ops::RangeInclusive<u8>,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, Stop> {
        // READ RECORD by identifier; tag and length come before the value.
        let (mut data, status) = self.exchange(&[0x00, 0xB2, tag, 0x00, *lengths.start() + 2])?;
        match status {
            Status::DONE => {}
            Status::NO_RECORD => return Ok(None),
            status => return Err(status.stop()),
        }
        let [first, length, value @ ..] = data.as_slice() else { return Err(Stop::CardContent) };
        let right =
            *first == tag && lengths.contains(length) && value.len() == usize::from(*length);
        if !right {
            return Err(Stop::CardContent);
        }
        data.drain(..2);
        Ok(Some(data))
    }

    /// As [`optional_item`](Self::optional_item), for what the card is worth reading without: `None`
    /// also when the card refuses it or says nonsense. A card that does not answer at all is gone.
    fn unneeded(
        &mut self,
        tag: u8,
        lengths: std::ops::RangeInclusive<u8>,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, Stop> {
        match self.optional_item(tag, lengths) {
            Err(stop @ (Stop::CardContent | Stop::CardRefused | Stop::CardProtected))
            | Err(stop @ Stop::CardUnknown) => {
                tracing::info!("card: without item {tag:02X}, {}", stop.code());
                Ok(None)
            }
            read => read,
        }
    }

    /// Sends `command`, and what T=0 wants after it: the right length (`6C`), the rest (`61`).
    fn exchange(&mut self, command: &[u8]) -> Result<(Zeroizing<Vec<u8>>, Status), Stop> {
        let mut data = Zeroizing::new(Vec::with_capacity(ANSWER_MAX));
        let mut next = Zeroizing::new(command.to_vec());
        for _ in 0..=FOLLOW_UPS {
            let answer = self.0.transmit(&next)?;
            let [part @ .., sw1, sw2] = answer.as_slice() else { return Err(Stop::CardUnsteady) };
            if data.len() + part.len() > ANSWER_MAX {
                return Err(Stop::CardContent);
            }
            data.extend_from_slice(part);
            match (*sw1, *sw2) {
                (0x6C, length) => {
                    if let Some(last) = next.last_mut() {
                        *last = length;
                    }
                    data.zeroize();
                }
                (0x61, length) => *next = vec![0x00, 0xC0, 0x00, 0x00, length],
                (sw1, sw2) => return Ok((data, Status(sw1, sw2))),
            }
        }
        Err(Stop::CardRefused)
    }
}

/// Whether a name ends before its item does. Neither filling can be a part of a character.
fn is_filled_up(bytes: &[u8]) -> bool {
    matches!(bytes.last(), Some(0x00 | 0x20))
}

/// The name and its extension are one text in GBK or GB 18030, filled up with 00 or 20; a character
/// may begin in one and end in the other.
fn name(
    mut bytes: Zeroizing<Vec<u8>>,
    more: Option<Zeroizing<Vec<u8>>>,
) -> Result<Sensitive<String>, Stop> {
    // A new vector, so that growing leaves no copy.
    let mut whole = Zeroizing::new(Vec::with_capacity(64));
    whole.extend_from_slice(&bytes);
    bytes.zeroize();
    more.iter().for_each(|more| whole.extend_from_slice(more));
    // Neither can be the second half of a character.
    let length = whole.iter().rposition(|byte| !matches!(byte, 0x00 | 0x20)).map_or(0, |at| at + 1);
    let text = encoding_rs::GB18030
        .decode_without_bom_handling_and_without_replacement(&whole[..length])
        .ok_or(Stop::CardContent)?;
    let name = Sensitive::new(text.into_owned());
    let sound = !name.expose().is_empty() && !name.expose().chars().any(is_never_in_text);
    if sound { Ok(name) } else { Err(Stop::CardContent) }
}

/// Printable ASCII.
fn ascii(bytes: &[u8]) -> Result<Sensitive<String>, Stop> {
    if !bytes.iter().all(u8::is_ascii_graphic) {
        return Err(Stop::CardContent);
    }
    std::str::from_utf8(bytes).map(Sensitive::from).map_err(|_| Stop::CardContent)
}

fn two_digits(byte: u8) -> Option<u8> {
    let (tens, ones) = (byte >> 4, byte & 0x0F);
    (tens <= 9 && ones <= 9).then_some(10 * tens + ones)
}

/// YYYYMMDD in BCD.
fn date(bytes: &[u8]) -> Option<Date> {
    let [century, year, month, day] = bytes else { return None };
    let part = |byte: &u8| i8::try_from(two_digits(*byte)?).ok();
    let year = i16::from(part(century)?) * 100 + i16::from(part(year)?);
    Date::new(year, part(month)?, part(day)?).ok()
}

/// As [`date`]; `None` when the item holds nothing but filling.
fn optional_date(bytes: &[u8]) -> Result<Option<Date>, Stop> {
    if [0x00, 0xFF].iter().any(|filling| bytes.iter().all(|byte| byte == filling)) {
        return Ok(None);
    }
    date(bytes).map(Some).ok_or(Stop::CardContent)
}
