//! The text block of a card: 256 bytes of UTF-16LE in slots at fixed places.

use jiff::civil::Date;
use kiosk_base::domain::{
    Sensitive, Stop,
    document::{Sex, Validity},
};
use zeroize::Zeroizing;

/// Bytes of the text block.
pub(super) const SIZE: usize = 256;

/// The block. Offsets and sizes are in bytes; every slot is decoded by itself, never split at
/// spaces and never cut short.
pub(super) struct Text<'a>(pub(super) &'a [u8; SIZE]);

impl Text<'_> {
    pub(super) fn unit(&self, at: usize) -> u16 {
        u16::from_le_bytes([self.0[at], self.0[at + 1]])
    }

    /// A slot in which every character counts.
    pub(super) fn exact(&self, at: usize, size: usize) -> Result<Sensitive<String>, Stop> {
        decode(&self.0[at..at + size], Cut::Refused).ok_or(Stop::CardContent)
    }

    /// A slot in which every character counts and which holds something.
    pub(super) fn filled(&self, at: usize, size: usize) -> Result<Sensitive<String>, Stop> {
        let text = self.exact(at, size)?;
        if text.expose().is_empty() { Err(Stop::CardContent) } else { Ok(text) }
    }

    /// A slot in which every character counts and which may be empty.
    pub(super) fn optional(
        &self,
        at: usize,
        size: usize,
    ) -> Result<Option<Sensitive<String>>, Stop> {
        let text = self.exact(at, size)?;
        Ok((!text.expose().is_empty()).then_some(text))
    }

    /// A slot of running text, which the issuer may have cut in the middle of a surrogate pair.
    pub(super) fn free(&self, at: usize, size: usize) -> Result<Sensitive<String>, Stop> {
        decode(&self.0[at..at + size], Cut::Tolerated).ok_or(Stop::CardContent)
    }

    /// One name in Latin letters out of one slot, or out of two that continue each other.
    pub(super) fn latin(
        &self,
        first: (usize, usize),
        more: Option<(usize, usize)>,
    ) -> Result<Sensitive<String>, Stop> {
        let slots = [Some(first), more].into_iter().flatten();
        let mut bytes = Zeroizing::new(Vec::with_capacity(SIZE));
        slots.for_each(|(at, size)| bytes.extend_from_slice(&self.0[at..at + size]));
        let name = decode(&bytes, Cut::Refused).ok_or(Stop::CardContent)?;
        let is_latin = |c: char| c.is_ascii() || matches!(c, '\u{C0}'..='\u{24F}' | '’');
        let some = name.expose().chars().any(char::is_alphabetic);
        let right = some && name.expose().chars().all(is_latin);
        right.then_some(name).ok_or(Stop::CardContent)
    }

    /// Three capital letters.
    pub(super) fn country(&self, at: usize) -> Result<Sensitive<String>, Stop> {
        let code = self.exact(at, 6)?;
        let letters = code.expose().bytes().all(|b| b.is_ascii_uppercase());
        if letters && code.expose().len() == 3 { Ok(code) } else { Err(Stop::CardContent) }
    }

    /// Two digits that fill their slot.
    pub(super) fn two_digits(&self, at: usize) -> Result<u8, Stop> {
        self.digits(at, 4).and_then(|n| u8::try_from(n).ok()).ok_or(Stop::CardContent)
    }

    /// GB/T 2261.1.
    pub(super) fn sex(&self, at: usize) -> Result<Sex, Stop> {
        match self.unit(at) {
            0x30 => Ok(Sex::Unknown),
            0x31 => Ok(Sex::Male),
            0x32 => Ok(Sex::Female),
            0x39 => Ok(Sex::NotStated),
            _ => Err(Stop::CardContent),
        }
    }

    /// Eight digits YYYYMMDD.
    pub(super) fn date(&self, at: usize) -> Result<Date, Stop> {
        let part = |at, size| i16::try_from(self.digits(at, size)?).ok();
        let day = |at| i8::try_from(part(at, 4)?).ok();
        (|| Date::new(part(at, 8)?, day(at + 8)?, day(at + 12)?).ok())().ok_or(Stop::CardContent)
    }

    /// The first and the last day of validity, for documents that always have both.
    pub(super) fn period(&self, from: usize, until: usize) -> Result<(Date, Date), Stop> {
        let (from, until) = (self.date(from)?, self.date(until)?);
        if until < from { Err(Stop::CardContent) } else { Ok((from, until)) }
    }

    /// Eight digits, or 长期 and padding.
    pub(super) fn validity(&self, at: usize) -> Result<Validity, Stop> {
        if [self.unit(at), self.unit(at + 2)] == [0x957F, 0x671F] {
            return Ok(Validity::LongTerm);
        }
        self.date(at).map(Validity::Until)
    }

    /// ASCII digits that fill their slot.
    fn digits(&self, at: usize, size: usize) -> Option<u32> {
        (at..at + size).step_by(2).try_fold(0, |sum: u32, at| {
            let digit = char::from_u32(self.unit(at).into())?.to_digit(10)?;
            sum.checked_mul(10)?.checked_add(digit)
        })
    }
}

/// What to do with half a surrogate pair in the last unit of a slot.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    Tolerated,
    Refused,
}

/// One slot as text without padding. `None` for what no card holds: halves of surrogate pairs,
/// control and direction characters, non-characters, scripts in which no card is written.
pub(super) fn decode(slot: &[u8], cut: Cut) -> Option<Sensitive<String>> {
    let units = || slot.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    let last = (slot.len() / 2).checked_sub(1)?;
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
    let sound = !text.chars().any(|c| is_never_in_text(c) || is_other_script(c));
    sound.then(|| Sensitive::new(std::mem::take(&mut *text)))
}

/// What no text about a person holds, whatever document it comes from.
pub(in crate::card) fn is_never_in_text(character: char) -> bool {
    character.is_control()
        || matches!(character,
            // Invisible and direction-changing characters could make a name look like another.
            '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFD}'
            | '\u{FDD0}'..='\u{FDEF}')
        || u32::from(character) & 0xFFFE == 0xFFFE
}

/// Scripts in which no slot of a card is written, and where text in GBK lands when its bytes are
/// taken for UTF-16: African and South Asian scripts, Hangul, Arabic forms. Yi stays allowed.
fn is_other_script(character: char) -> bool {
    matches!(character,
        '\u{A4D0}'..='\u{D7FF}' | '\u{FB00}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFE}')
}
