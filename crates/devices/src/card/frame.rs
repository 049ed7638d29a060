//! Frames between host and reader: encoding requests, finding answers in a stream of bytes.
//!
//! Responsible for the byte level only, without I/O and without time: what goes wrong on the line
//! (noise, cut, doubled or damaged frames) ends here and is counted. The one state is the
//! [`Decoder`]'s buffer, which never holds more than one longest frame and is overwritten when
//! bytes leave it, because an answer may carry a person's data.
//!
//! ```text
//! request  AA AA AA 96 69 | LEN (2, big-endian) | CMD PARA DATA… | CHK
//! answer   AA AA AA 96 69 | LEN (2, big-endian) | SW1 SW2 SW3 DATA… | CHK
//! ```
//!
//! LEN counts everything after itself, CHK included; CHK is the XOR of LEN and the body.

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

/// What every frame begins with (帧头).
const PREAMBLE: [u8; 5] = [0xAA, 0xAA, 0xAA, 0x96, 0x69];
/// Preamble and LEN.
pub(super) const HEADER: usize = 7;
/// Shortest legal LEN of an answer: three status bytes and the checksum.
const MIN_LENGTH: usize = 4;
/// Longest LEN taken for true; the longest documented one is 2314.
const MAX_LENGTH: usize = 4096;
/// Longest frame the decoder waits for, in bytes.
pub const MAX_FRAME: usize = HEADER + MAX_LENGTH;

/// What the kiosk asks a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// 复位: starts the security module anew.
    Reset,
    /// 状态检测: asks whether the module is well.
    Status,
    /// 读 SAM 编号: asks which module it is.
    SamId,
    /// 寻找证/卡.
    Find,
    /// 选取证/卡; only after a card was found.
    Select,
    /// 读固定信息: text and picture; only after a card was selected.
    ReadBase,
    /// 读最新追加住址; only after a card was selected.
    ReadAppendedAddress,
    /// 设置射频适配器最大通信字节数, 24 to 255: only where a profile asks for it.
    SetRfBytes(u8),
}

impl Request {
    /// The frame to send.
    pub fn encode(self) -> Vec<u8> {
        let (command, parameter) = match self {
            Self::Reset => (0x10, 0xFF),
            Self::Status => (0x11, 0xFF),
            Self::SamId => (0x12, 0xFF),
            Self::Find => (0x20, 0x01),
            Self::Select => (0x20, 0x02),
            Self::ReadBase => (0x30, 0x01),
            Self::ReadAppendedAddress => (0x30, 0x03),
            Self::SetRfBytes(most) => return encode(0x61, 0xFF, &[most]),
        };
        encode(command, parameter, &[])
    }

    /// Whether `frame` can be an answer to this request. The protocol numbers nothing, so a late
    /// or doubled answer to an earlier request is told only by its status and by what it carries.
    ///
    /// Makes differ in what they send along: some answer find and select without the numbers of
    /// the card's chip, some fill a refusal up. So lengths count only where another request's
    /// answer has the same status: a module's number has 16 bytes, a text begins with its length.
    pub fn fits(self, frame: &Frame) -> bool {
        let length = frame.data.len();
        match (frame.status, self) {
            (Status::FOUND, _) => self == Self::Find && length <= SHORT,
            (Status::NOTHING_STORED, _) => self == Self::ReadAppendedAddress,
            (Status::SUCCESS, Self::Find) => false,
            (Status::SUCCESS, Self::Reset | Self::Status | Self::SetRfBytes(_)) => length <= SHORT,
            (Status::SUCCESS, Self::SamId) => (9..=64).contains(&length),
            (Status::SUCCESS, Self::Select) => length < 16,
            (Status::SUCCESS, Self::ReadBase) => length > 16,
            (Status::SUCCESS, Self::ReadAppendedAddress) => !begins_with_text_length(&frame.data),
            (_, _) => length <= SHORT,
        }
    }
}

/// Most bytes of what comes along with a status and means nothing here.
const SHORT: usize = 16;

/// Whether `data` is the answer to [`Request::ReadBase`]: it begins with the text's length, 256. No
/// text begins with that unit, U+0001.
fn begins_with_text_length(data: &[u8]) -> bool {
    data.len() > 256 && data.starts_with(&[0x01, 0x00])
}

/// Encodes any request, also those which the kiosk itself never sends.
///
/// # Panics
/// When `data` is longer than 1024 bytes; no request is.
pub fn encode(command: u8, parameter: u8, data: &[u8]) -> Vec<u8> {
    assert!(data.len() <= 1024, "no request carries so much");
    let length = u16::try_from(3 + data.len()).expect("at most 1027");
    let mut frame = PREAMBLE.to_vec();
    frame.extend(length.to_be_bytes());
    frame.extend([command, parameter]);
    frame.extend(data);
    frame.push(xor(&frame[PREAMBLE.len()..]));
    frame
}

/// The module's own status, SW3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Status(pub u8);

impl Status {
    /// 90: done.
    pub const SUCCESS: Self = Self(0x90);
    /// 9F: a card was found.
    pub const FOUND: Self = Self(0x9F);
    /// 91: the card has no such item.
    pub const NOTHING_STORED: Self = Self(0x91);
    /// 80: no card, or one that was read already and not lifted.
    pub const NOT_FOUND: Self = Self(0x80);
    /// 81: the card could not be selected.
    pub const NOT_SELECTED: Self = Self(0x81);
    /// 40: no ID card.
    pub const UNKNOWN_CARD: Self = Self(0x40);
    /// 31: the card does not accept the module.
    pub const CARD_REFUSES: Self = Self(0x31);
    /// 32: the module does not accept the card.
    pub const MODULE_REFUSES: Self = Self(0x32);
    /// 33: the information did not verify.
    pub const NOT_VERIFIED: Self = Self(0x33);
    /// 41: lifted too early, or badly placed.
    pub const READ_FAILED: Self = Self(0x41);
    /// 47: the card gave no random number.
    pub const NO_RANDOM: Self = Self(0x47);
    /// 10: the request arrived with a wrong checksum.
    pub const REQUEST_DAMAGED: Self = Self(0x10);
    /// 11: the request arrived with a wrong length.
    pub const REQUEST_LENGTH: Self = Self(0x11);
    /// 21: unknown command, or out of order.
    pub const BAD_COMMAND: Self = Self(0x21);
    /// 23: not permitted.
    pub const NOT_PERMITTED: Self = Self(0x23);
    /// 24: unrecognised error.
    pub const UNRECOGNISED: Self = Self(0x24);
    /// 60: the module failed its self-test.
    pub const SELF_TEST_FAILED: Self = Self(0x60);
    /// 66: the module is not authorised.
    pub const NOT_AUTHORISED: Self = Self(0x66);
}

/// An answer whose checksum is right. `Debug` shows no data.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    /// SW1 and SW2: what the card itself answered, for diagnosis only.
    pub card_status: [u8; 2],
    /// SW3, by which alone an answer is judged.
    pub status: Status,
    /// What the command brings; overwritten when dropped.
    pub data: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Frame({:02X}, {} bytes)", self.status.0, self.data.len())
    }
}

/// What the decoder found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A sound answer.
    Frame(Frame),
    /// Something that began like an answer and had a wrong checksum. Its status means nothing.
    Damaged,
}

/// The last bytes of a stream, as many as an answer's head has: for a line that must know how long
/// the answer is which it carries.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header([u8; HEADER]);

impl Header {
    /// Nothing has come yet.
    pub(super) const EMPTY: Self = Self([0; HEADER]);

    /// Takes in the next byte.
    pub(super) fn push(&mut self, byte: u8) {
        self.0.rotate_left(1);
        self.0[HEADER - 1] = byte;
    }

    /// How many bytes follow, when these are the head of an answer.
    pub(super) fn length(self) -> Option<usize> {
        let length = usize::from(u16::from_be_bytes([self.0[5], self.0[6]]));
        let begins = self.0.starts_with(&PREAMBLE);
        (begins && (MIN_LENGTH..=MAX_LENGTH).contains(&length)).then_some(length)
    }
}

/// What was seen on the line besides sound frames. Counts only, never bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Noise {
    /// Bytes outside of frames.
    pub skipped: u64,
    /// Preambles followed by an impossible LEN.
    pub bad_length: u64,
    /// Frames with a wrong checksum.
    pub bad_checksum: u64,
}

/// Finds frames in a stream of bytes, in whatever pieces they come.
pub struct Decoder {
    /// Begins with (a part of) a preamble, or is empty. Never longer than [`MAX_FRAME`].
    buffer: Zeroizing<Vec<u8>>,
    noise: Noise,
}

impl Default for Decoder {
    fn default() -> Self {
        // The whole room at once: growing would leave copies of the old bytes behind.
        Self { buffer: Zeroizing::new(Vec::with_capacity(MAX_FRAME)), noise: Noise::default() }
    }
}

impl Decoder {
    /// Takes bytes off the front of `input` until something is found. `None` means that `input`
    /// is used up.
    pub fn next(&mut self, input: &mut &[u8]) -> Option<Found> {
        loop {
            self.align();
            let wanted = match self.length() {
                None => HEADER,
                Some(length) if (MIN_LENGTH..=MAX_LENGTH).contains(&length) => HEADER + length,
                Some(_) => {
                    self.noise.bad_length += 1;
                    self.skip(1);
                    continue;
                }
            };
            if self.buffer.len() >= wanted && wanted > HEADER {
                return Some(self.take(wanted));
            }
            if input.is_empty() {
                return None;
            }
            let (piece, rest) = input.split_at(input.len().min(wanted - self.buffer.len()));
            self.buffer.extend_from_slice(piece);
            *input = rest;
        }
    }

    /// Whether a frame has begun and is not complete.
    pub fn is_waiting(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// What else was on the line since the decoder was made.
    pub fn noise(&self) -> Noise {
        self.noise
    }

    /// Forgets a begun frame, before the next request goes out.
    pub fn clear(&mut self) {
        self.noise.skipped += self.buffer.len() as u64;
        self.drop_front(self.buffer.len());
    }

    /// Drops what cannot begin a frame. A sliding comparison: after `AA AA AA AA 96 69` the frame
    /// begins at the second byte.
    fn align(&mut self) {
        let start = (0..self.buffer.len())
            .find(|&at| {
                let rest = &self.buffer[at..];
                let compared = rest.len().min(PREAMBLE.len());
                rest[..compared] == PREAMBLE[..compared]
            })
            .unwrap_or(self.buffer.len());
        self.skip(start);
    }

    /// LEN, once it has arrived.
    fn length(&self) -> Option<usize> {
        let header = self.buffer.get(..HEADER)?;
        Some(usize::from(u16::from_be_bytes([header[5], header[6]])))
    }

    /// Takes the complete frame of `size` bytes at the front.
    fn take(&mut self, size: usize) -> Found {
        let frame = &self.buffer[..size];
        if xor(&frame[PREAMBLE.len()..]) != 0 {
            // LEN itself may be what was damaged, so the search goes on at the very next byte.
            self.noise.bad_checksum += 1;
            self.skip(1);
            return Found::Damaged;
        }
        let found = Frame {
            card_status: [frame[HEADER], frame[HEADER + 1]],
            status: Status(frame[HEADER + 2]),
            data: Zeroizing::new(frame[HEADER + 3..size - 1].to_vec()),
        };
        self.drop_front(size);
        Found::Frame(found)
    }

    fn skip(&mut self, count: usize) {
        self.noise.skipped += count as u64;
        self.drop_front(count);
    }

    fn drop_front(&mut self, count: usize) {
        let left = self.buffer.len() - count;
        self.buffer.copy_within(count.., 0);
        self.buffer[left..].zeroize();
        self.buffer.truncate(left);
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decoder({} bytes, {:?})", self.buffer.len(), self.noise)
    }
}

fn xor(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum ^ byte)
}

#[cfg(test)]
mod tests;
