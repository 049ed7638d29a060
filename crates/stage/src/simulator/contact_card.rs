//! What a simulated social-security card says to commands: files with items, and the habits in
//! which makes differ.
//!
//! State: the file that is selected, and the part of an answer that was not fetched yet. Both end
//! with the card's power.

use std::{collections::BTreeMap, fmt};

use jiff::civil::Date;
use kiosk_base::domain::document::{Sex, SocialSecurityCard};

/// A card with contacts. `Debug` shows nothing of what it holds.
#[derive(Clone)]
pub struct ContactCard {
    /// (file, tag) to value.
    items: BTreeMap<(u8, u8), Vec<u8>>,
    habits: Habits,
    selected: u8,
    pending: Vec<u8>,
}

/// How a card differs from the plainest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Habits {
    /// It is no social-security card: a bank's, or a telephone's.
    pub foreign: bool,
    /// Answers the selection of the environment with `61 xx` and gives data only to GET RESPONSE.
    pub hesitates: bool,
    /// Takes `00 A4 00 00` for a file, and not `00 A4 02 00`.
    pub plain_select: bool,
    /// Of the third generation: shows its holder only to a security module.
    pub protected: bool,
}

/// Why no card can be made of a document: a text is longer than its item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}太长，卡上写不下")]
pub struct TooLong(pub &'static str);

/// The issuer's file.
const ISSUER: u8 = 0x05;
/// The holder's file.
const HOLDER: u8 = 0x06;
/// The name under which the environment is selected: `sx1.sh.`, and 社会保障 in GBK.
const ENVIRONMENT: [u8; 15] = *b"sx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF";
/// Bytes of a name, and of what goes on in its extension.
const NAME: usize = 30;
const EXTENSION: usize = 20;

impl ContactCard {
    /// The card that carries what `card` says.
    ///
    /// # Errors
    /// When a text does not fit its item.
    pub fn of(card: &SocialSecurityCard) -> Result<Self, TooLong> {
        let (name, _, _) = encoding_rs::GB18030.encode(card.name.expose());
        let number = card.number.expose();
        let sex = match card.sex {
            Sex::Unknown => b'0',
            Sex::Male => b'1',
            Sex::Female => b'2',
            Sex::NotStated => b'9',
        };
        let born = card.birth_date.expose();
        let born = format!("{:04}{:02}{:02}", born.year, born.month, born.day);
        let mut identification = decimals(&number[..6]);
        identification.extend([0xD1, 0x56, 0, 0, 5, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF]);
        let mut items = BTreeMap::from([
            ((ISSUER, 0x01), identification),
            ((ISSUER, 0x03), text("版本", &card.version, 4)?),
            ((ISSUER, 0x05), day(card.valid_from)),
            ((ISSUER, 0x06), day(card.valid_until)),
            ((ISSUER, 0x07), text("卡号", card.card_number.expose(), 9)?),
            ((HOLDER, 0x08), text("号码", number, 18)?),
            ((HOLDER, 0x09), filled(&name[..name.len().min(NAME)], NAME)),
            ((HOLDER, 0x0A), vec![sex]),
            ((HOLDER, 0x0B), decimals(&format!("{:02}", card.ethnic_group.0))),
            ((HOLDER, 0x0C), decimals(&number[..6])),
            ((HOLDER, 0x0D), decimals(&born)),
        ]);
        match name.get(NAME..).unwrap_or_default() {
            [] => {}
            more if more.len() <= EXTENSION => {
                items.insert((HOLDER, 0x4E), filled(more, EXTENSION));
            }
            _ => return Err(TooLong("姓名")),
        }
        Ok(Self { items, habits: Habits::default(), selected: 0, pending: Vec::new() })
    }

    /// This card with these habits.
    #[must_use]
    pub fn with_habits(self, habits: Habits) -> Self {
        Self { habits, ..self }
    }

    /// This card with another value for the item `tag` of `file`, also one that cannot be.
    #[must_use]
    pub fn with(mut self, file: u8, tag: u8, value: &[u8]) -> Self {
        self.items.insert((file, tag), value.to_vec());
        self
    }

    /// This card without the item `tag` of `file`.
    #[must_use]
    pub fn without(mut self, file: u8, tag: u8) -> Self {
        self.items.remove(&(file, tag));
        self
    }

    /// What the item `tag` of `file` holds.
    pub fn item(&self, file: u8, tag: u8) -> Option<&[u8]> {
        self.items.get(&(file, tag)).map(Vec::as_slice)
    }

    /// The card has no power any more.
    pub fn power_off(&mut self) {
        self.selected = 0;
        self.pending.clear();
    }

    /// The answer to a command: data, and the two status bytes.
    pub fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        match command {
            [0x00, 0xA4, 0x04, 0x00, _, name @ ..] => {
                if self.habits.foreign || *name != ENVIRONMENT {
                    return vec![0x6A, 0x82];
                }
                if self.habits.hesitates {
                    self.pending = vec![0x6F; 0x1A];
                    return vec![0x61, 0x1A];
                }
                vec![0x90, 0x00]
            }
            [0x00, 0xA4, how @ (0x00 | 0x02), 0x00, 0x02, 0xEF, file] => {
                if (*how == 0x00) != self.habits.plain_select {
                    return vec![0x6A, 0x86];
                }
                self.selected = *file;
                vec![0x90, 0x00]
            }
            [0x00, 0xC0, 0x00, 0x00, length] if usize::from(*length) == self.pending.len() => {
                done(std::mem::take(&mut self.pending))
            }
            [0x00, 0xB2, tag, 0x00, length] => self.record(*tag, *length),
            _ => vec![0x6D, 0x00],
        }
    }

    fn record(&self, tag: u8, length: u8) -> Vec<u8> {
        if self.habits.protected && self.selected == HOLDER {
            return vec![0x69, 0x82];
        }
        let Some(value) = self.items.get(&(self.selected, tag)) else {
            return vec![0x6A, 0x83];
        };
        let size = u8::try_from(value.len()).unwrap_or(u8::MAX - 2);
        if length != size + 2 {
            return vec![0x6C, size + 2];
        }
        done([&[tag, size], value.as_slice()].concat())
    }
}

impl fmt::Debug for ContactCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContactCard(＊＊)")
    }
}

fn done(mut answer: Vec<u8>) -> Vec<u8> {
    answer.extend([0x90, 0x00]);
    answer
}

fn text(what: &'static str, text: &str, size: usize) -> Result<Vec<u8>, TooLong> {
    if text.len() > size { Err(TooLong(what)) } else { Ok(filled(text.as_bytes(), size)) }
}

fn filled(bytes: &[u8], size: usize) -> Vec<u8> {
    let mut value = bytes.to_vec();
    value.resize(size, 0);
    value
}

/// YYYYMMDD, two digits a byte; nothing but filling where there is no date.
fn day(date: Option<Date>) -> Vec<u8> {
    date.map_or(vec![0xFF; 4], |date| decimals(&date.strftime("%Y%m%d").to_string()))
}

/// Two digits a byte.
fn decimals(digits: &str) -> Vec<u8> {
    let pair = |pair: &[u8]| pair.iter().fold(0, |byte, digit| byte << 4 | (digit & 0x0F));
    digits.as_bytes().chunks(2).map(pair).collect()
}
