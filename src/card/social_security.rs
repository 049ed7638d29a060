//! The social-security card (社会保障卡) in a contact slot, as far as it can be read freely: the
//! issuer's and the holder's file of cards of the first two generations. Cards of the third show
//! them only to a security module, which is the provincial driver's business. Keeps no state.
//!
//! Nothing is ever presented to the card: a wrong PIN would lock it, so there is no command here
//! that could carry one. Commands and files are those that several public programs agree on.

use jiff::civil::Date;
use zeroize::{Zeroize, Zeroizing};

use super::document::text::is_never_in_text;
use crate::domain::{
    CitizenId, Sensitive, Stop,
    document::{EthnicGroup, PlainDate, Sex, SocialSecurityCard},
};

/// A powered card that takes one command at a time.
pub trait Transmit {
    /// Sends one command and gives the answer: data, then the two status bytes.
    ///
    /// # Errors
    /// What is in the way: the card is gone, or the reader.
    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, Stop>;

    /// Takes the power from the card. Called once for each [`read`], however it ends.
    fn power_off(&mut self);
}

/// Reads the card and takes its power.
///
/// # Errors
/// [`Stop::CardUnknown`] for a chip that is no social-security card, [`Stop::CardProtected`] for
/// one that wants a security module, [`Stop::CardContent`] for what cannot stand on a genuine
/// card, [`Stop::CardRefused`] for any other status, and what `card` itself says.
pub fn read(card: &mut impl Transmit) -> Result<SocialSecurityCard, Stop> {
    let mut card = Powered(card);
    card.select(Command::Environment, Stop::CardUnknown)?;
    card.select(Command::File([0xEF, 0x05]), Stop::CardUnknown)?;
    let version = ascii(&card.value(VERSION)?)?.expose().clone();
    let (valid_from, valid_until) = (date(&card.value(ISSUED)?)?, date(&card.value(EXPIRES)?)?);
    let card_number = card.value(CARD_NUMBER)?;
    // Some cards say more in this item; the number is its beginning.
    let card_number = ascii(card_number.get(..9).ok_or(Stop::CardContent)?)?;
    card.select(Command::File([0xEF, 0x06]), Stop::CardUnknown)?;
    let number = ascii(&card.value(NUMBER)?)?;
    let number = CitizenId::parse(number.expose()).map_err(|_| Stop::CardContent)?;
    let name = name(&card.value(NAME)?, card.optional(NAME_MORE)?.as_ref())?;
    let sex = sex(&card.value(SEX)?)?;
    let ethnic_group = EthnicGroup(two_digits(card.value(ETHNIC_GROUP)?[0])?);
    let birth_date = date(&card.value(BIRTH_DATE)?)?;
    if valid_until < valid_from || birth_date > valid_from || number.birth_date() > valid_from {
        return Err(Stop::CardContent);
    }
    if number.birth_date() != birth_date {
        tracing::info!("card: birth date and number differ");
    }
    let birth_date: Sensitive<PlainDate> = Sensitive::new(birth_date.into());
    Ok(SocialSecurityCard {
        name,
        sex,
        ethnic_group,
        birth_date,
        number,
        card_number,
        version,
        valid_from,
        valid_until,
    })
}

/// An item of a file: its identifier, and the least and the most bytes of its value. Identifiers,
/// not record numbers: in the holder's file the two differ.
#[derive(Clone, Copy)]
struct Item(u8, usize, usize);

/// 规范版本, `2.00`.
const VERSION: Item = Item(0x03, 4, 4);
/// 发卡日期.
const ISSUED: Item = Item(0x05, 4, 4);
/// 卡有效期.
const EXPIRES: Item = Item(0x06, 4, 4);
/// 卡号, of which the first nine characters count.
const CARD_NUMBER: Item = Item(0x07, 9, 32);
/// 社会保障号码.
const NUMBER: Item = Item(0x08, 18, 18);
/// 姓名.
const NAME: Item = Item(0x09, 1, 30);
/// 姓名扩展, on cards since the second generation.
const NAME_MORE: Item = Item(0x4E, 1, 20);
/// 性别.
const SEX: Item = Item(0x0A, 1, 1);
/// 民族.
const ETHNIC_GROUP: Item = Item(0x0B, 1, 1);
/// 出生日期.
const BIRTH_DATE: Item = Item(0x0D, 4, 4);

/// All that is ever sent.
#[derive(Clone, Copy)]
enum Command {
    /// SELECT by name: the social-security environment (SSSE), `sx1.sh.社会保障` in GBK.
    Environment,
    /// SELECT by file identifier.
    File([u8; 2]),
    /// READ RECORD by identifier in the selected file, and how many bytes are expected.
    Record(u8, u8),
    /// GET RESPONSE: fetches what an answer announced.
    Response(u8),
}

impl Command {
    fn encode(self) -> Vec<u8> {
        match self {
            Self::Environment => {
                [&[0x00, 0xA4, 0x04, 0x00, 0x0F], b"sx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF" as &[u8]]
                    .concat()
            }
            Self::File([high, low]) => vec![0x00, 0xA4, 0x02, 0x00, 0x02, high, low],
            Self::Record(identifier, length) => vec![0x00, 0xB2, identifier, 0x00, length],
            Self::Response(length) => vec![0x00, 0xC0, 0x00, 0x00, length],
        }
    }

    /// The same command with the length that the card wants, if it states one at all.
    fn expecting(self, length: u8) -> Option<Self> {
        match self {
            Self::Record(identifier, _) => Some(Self::Record(identifier, length)),
            Self::Response(_) => Some(Self::Response(length)),
            Self::Environment | Self::File(_) => None,
        }
    }
}

/// Commands for one answer: the first, the right length, the rest, and one to spare.
const TURNS: usize = 4;
/// Data and status bytes of the longest answer to a short command.
const MOST_BYTES: usize = 258;

/// A card under power, until this is dropped.
struct Powered<'a, T: Transmit>(&'a mut T);

impl<T: Transmit> Drop for Powered<'_, T> {
    fn drop(&mut self) {
        self.0.power_off();
    }
}

impl<T: Transmit> Powered<'_, T> {
    /// Selects a file or the environment; what the card says about it is not looked at.
    fn select(&mut self, command: Command, missing: Stop) -> Result<(), Stop> {
        match self.exchange(command)? {
            Answer::Data(_) => Ok(()),
            Answer::Missing => Err(missing),
        }
    }

    /// The value of an item that every card has.
    fn value(&mut self, item: Item) -> Result<Zeroizing<Vec<u8>>, Stop> {
        self.optional(item)?.ok_or(Stop::CardContent)
    }

    /// The value of an item, or `None` if the card has no such record. What is given has a size
    /// that the item may have.
    fn optional(&mut self, item: Item) -> Result<Option<Zeroizing<Vec<u8>>>, Stop> {
        let Item(identifier, least, most) = item;
        let expected = u8::try_from(most + 2).expect("items are short");
        let Answer::Data(data) = self.exchange(Command::Record(identifier, expected))? else {
            return Ok(None);
        };
        let [tag, length, value @ ..] = data.as_slice() else { return Err(Stop::CardContent) };
        let sound = *tag == identifier
            && usize::from(*length) == value.len()
            && (least..=most).contains(&value.len());
        if sound { Ok(Some(Zeroizing::new(value.to_vec()))) } else { Err(Stop::CardContent) }
    }

    /// One command and all of its answer.
    fn exchange(&mut self, mut command: Command) -> Result<Answer, Stop> {
        for _ in 0..TURNS {
            let mut answer = self.0.transmit(&command.encode())?;
            let Some(data) = answer.len().checked_sub(2).filter(|_| answer.len() <= MOST_BYTES)
            else {
                return Err(Stop::CardRefused);
            };
            let status = [answer[data], answer[data + 1]];
            command = match status {
                [0x90, 0x00] => {
                    answer.truncate(data);
                    return Ok(Answer::Data(answer));
                }
                [0x61, rest] => Command::Response(rest),
                [0x6C, length] => command.expecting(length).ok_or(Stop::CardRefused)?,
                // File not found, record not found.
                [0x6A, 0x82 | 0x83] => return Ok(Answer::Missing),
                // Security status not satisfied.
                [0x69, 0x82] => return Err(Stop::CardProtected),
                [one, other] => {
                    tracing::warn!("card: status {one:02X} {other:02X}");
                    return Err(Stop::CardRefused);
                }
            };
        }
        Err(Stop::CardRefused)
    }
}

enum Answer {
    Data(Zeroizing<Vec<u8>>),
    Missing,
}

/// Printable ASCII without padding.
fn ascii(bytes: &[u8]) -> Result<Sensitive<String>, Stop> {
    let text = std::str::from_utf8(bytes).map_err(|_| Stop::CardContent)?;
    let text = text.trim_end_matches([' ', '\0']);
    let sound = !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
    sound.then(|| text.into()).ok_or(Stop::CardContent)
}

/// A name in GB 18030, of which GBK is a part. It continues in the extension byte for byte, also in
/// the middle of a character.
fn name(
    first: &[u8],
    more: Option<&Zeroizing<Vec<u8>>>,
) -> Result<Sensitive<String>, Stop> {
    let unfilled = |bytes: &[u8]| bytes.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
    let mut bytes = Zeroizing::new(Vec::with_capacity(NAME.2 + NAME_MORE.2));
    // No character of GB 18030 ends in 00.
    bytes.extend_from_slice(&first[..unfilled(first)]);
    bytes.extend_from_slice(more.map_or(&[], |more| &more[..unfilled(more)]));
    let text = encoding_rs::GB18030
        .decode_without_bom_handling_and_without_replacement(&bytes)
        .ok_or(Stop::CardContent)?;
    let mut text = Zeroizing::new(text.into_owned());
    let length = text.trim_end_matches([' ', '\u{3000}']).len();
    text.truncate(length);
    let sound = !text.is_empty() && !text.chars().any(is_never_in_text);
    let name = sound.then(|| text.as_str().into()).ok_or(Stop::CardContent);
    text.zeroize();
    name
}

/// GB/T 2261.1 in one character.
fn sex(bytes: &[u8]) -> Result<Sex, Stop> {
    match bytes {
        b"0" => Ok(Sex::Unknown),
        b"1" => Ok(Sex::Male),
        b"2" => Ok(Sex::Female),
        b"9" => Ok(Sex::NotStated),
        _ => Err(Stop::CardContent),
    }
}

/// Two digits in one byte (BCD).
fn two_digits(byte: u8) -> Result<u8, Stop> {
    let (tens, units) = (byte >> 4, byte & 0x0F);
    if tens < 10 && units < 10 { Ok(tens * 10 + units) } else { Err(Stop::CardContent) }
}

/// YYYYMMDD in four bytes (BCD).
fn date(bytes: &[u8]) -> Result<Date, Stop> {
    let [century, year, month, day] = bytes else { return Err(Stop::CardContent) };
    let part = |byte: &u8| two_digits(*byte);
    let year = i16::from(part(century)?) * 100 + i16::from(part(year)?);
    let small = |byte| part(byte).and_then(|n| i8::try_from(n).map_err(|_| Stop::CardContent));
    Date::new(year, small(month)?, small(day)?).map_err(|_| Stop::CardContent)
}

#[cfg(test)]
mod tests;
