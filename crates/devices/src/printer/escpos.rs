//! A slip as the bytes of ESC/POS, with Chinese in GBK. Pure; keeps no state.
//!
//! What is used: `ESC @` reset, `GS a 0` no automatic reports, `FS &` Chinese, `ESC a` alignment,
//! `GS !` and `FS !` size, `GS v 0` dots, `ESC d` feed, `GS V` cut; and beside a slip `GS r`, `GS ( H`, `DLE DC4`
//! and `DLE ENQ` (see [`super::profile`]).

use kiosk_base::qr::Code;
use zeroize::Zeroizing;

use super::{
    Paper, Slip,
    profile::{Cut, Discard, Enlarge, Profile},
    slip::Item,
    text::{self, MISSING},
};

/// A slip that is ready to be sent.
pub struct Encoded {
    /// All bytes, to the cut.
    pub bytes: Zeroizing<Vec<u8>>,
    /// Where each line ends: there another command may be put between.
    ends: Vec<usize>,
}

impl Encoded {
    /// The bytes in pieces of whole lines, of at most `most` bytes unless a line is longer.
    pub fn pieces(&self, most: usize) -> impl Iterator<Item = Piece<'_>> {
        let mut ends = self.ends.iter().copied().peekable();
        let mut start = 0;
        std::iter::from_fn(move || {
            let mut end = ends.next()?;
            let mut lines = 1;
            while let Some(next) = ends.next_if(|next| next - start <= most) {
                end = next;
                lines += 1;
            }
            let bytes = &self.bytes[start..end];
            start = end;
            Some(Piece { bytes, lines })
        })
    }
}

/// A part of a slip.
pub struct Piece<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// How many lines they are.
    pub lines: u32,
}

const ESC: u8 = 0x1B;
const FS: u8 = 0x1C;
const GS: u8 = 0x1D;
const LF: u8 = 0x0A;

/// Back to how the printer was when it was switched on, no automatic reports, Chinese.
const BEGIN: [u8; 7] = [ESC, b'@', GS, b'a', 0, FS, b'&'];

/// The bytes of `slip`.
pub fn encode(slip: &Slip, paper: Paper, profile: &Profile) -> Encoded {
    let mut page = Page {
        bytes: Zeroizing::new(Vec::with_capacity(room_for(slip, paper))),
        paper,
        columns: paper.columns(),
        ends: Vec::new(),
    };
    page.bytes.extend(BEGIN);
    for item in slip.items() {
        page.item(item, profile.enlarge);
    }
    page.bytes.extend(cut(profile));
    page.ends.push(page.bytes.len());
    Encoded { bytes: page.bytes, ends: page.ends }
}

/// Feeds what is printed past the knife and cuts it off.
pub fn cut(profile: &Profile) -> Vec<u8> {
    let mut bytes = vec![ESC, b'd', profile.feed_lines];
    match profile.cut {
        Cut::Partial => bytes.extend([GS, b'V', 1]),
        Cut::Full => bytes.extend([GS, b'V', 0]),
        Cut::None => {}
    }
    bytes
}

/// Makes the printer throw away what it holds, at once if it can.
pub fn discard(profile: &Profile) -> &'static [u8] {
    match profile.discard {
        Discard::Clear => &[0x10, 0x14, 8, 1, 3, 20, 1, 6, 2, 8],
        Discard::Recover => &[0x10, 0x05, 2],
        Discard::Reset => &[],
    }
}

/// Empties the line that is being put together, and begins anew.
pub fn reset() -> &'static [u8] {
    &BEGIN
}

/// Asks for the paper sensors once everything before it is done.
pub fn ask_sensor() -> &'static [u8] {
    &[GS, b'r', 1]
}

/// Asks for `number` (four visible ASCII characters) once everything before it is done.
pub fn ask_process(number: [u8; 4]) -> [u8; 11] {
    let [a, b, c, d] = number;
    [GS, b'(', b'H', 6, 0, 48, 48, a, b, c, d]
}

/// Bytes that are enough for a slip: a text takes two for three of UTF-8, once more for the spaces
/// before a value, and each item its commands.
fn room_for(slip: &Slip, paper: Paper) -> usize {
    let item = |item: &Item| match item {
        Item::Heading(text) | Item::Centred(text) | Item::Note(text) => text.len() * 2 + 64,
        Item::Row { label, value } => (label.len() + value.len()) * 2 + 256,
        Item::Rule => 128,
        Item::Code(code) => bands(code, paper) * (8 + BAND * paper.dots() / 8),
    };
    slip.items().iter().map(item).sum::<usize>() + 64
}

/// Rows of dots that are sent as one: as high as a line of words. No number of them, nor of the
/// bytes of a row, may be 0x10, which begins a real-time command.
const BAND: usize = 24;
/// Most dots of a module's edge, 0.75 mm: more is no easier to read.
const MODULE_MAX: usize = 6;

/// Dots of a module's edge: as many as the paper has room for.
fn module(code: &Code, paper: Paper) -> usize {
    (paper.dots() / code.side()).min(MODULE_MAX)
}

/// How many bands a code takes.
fn bands(code: &Code, paper: Paper) -> usize {
    (code.side() * module(code, paper)).div_ceil(BAND)
}

struct Page {
    bytes: Zeroizing<Vec<u8>>,
    paper: Paper,
    columns: usize,
    ends: Vec<usize>,
}

impl Page {
    fn item(&mut self, item: &Item, enlarge: Enlarge) {
        match item {
            Item::Heading(text) => {
                let text = text::printable(text);
                let large = enlarge != Enlarge::None;
                self.align(1);
                self.enlarge(large);
                let columns = if large { self.columns / 2 } else { self.columns };
                for line in text::wrap_heading(&text, columns) {
                    self.line(&line);
                }
                self.enlarge(false);
                self.align(0);
            }
            Item::Centred(text) => {
                let text = text::printable(text);
                self.align(1);
                for line in text::wrap(&text, self.columns) {
                    self.line(&line);
                }
                self.align(0);
            }
            Item::Row { label, value } => self.row(label, value),
            Item::Note(text) => {
                let text = text::printable(text);
                for line in text::wrap(&text, self.columns) {
                    self.line(&line);
                }
            }
            Item::Rule => {
                self.bytes.extend(std::iter::repeat_n(b'-', self.columns));
                self.end_line();
            }
            Item::Code(code) => self.code(code),
        }
    }

    /// Draws a code dot by dot, in bands over the whole width: not every printer knows QR codes, or
    /// moves dots to the middle. Since a module is at least three dots wide, no byte is 0x10.
    fn code(&mut self, code: &Code) {
        let (dots, module) = (self.paper.dots(), module(code, self.paper));
        let left = (dots - code.side() * module) / 2;
        let rows: Vec<&[bool]> = code.rows().collect();
        for band in 0..bands(code, self.paper) {
            self.bytes.extend([GS, b'v', b'0', 0, (dots / 8) as u8, 0, BAND as u8, 0]);
            for y in band * BAND..(band + 1) * BAND {
                let row = rows.get(y / module);
                let dark = |x: usize| {
                    let column = x.checked_sub(left).map(|x| x / module);
                    row.zip(column).and_then(|(row, column)| row.get(column)) == Some(&true)
                };
                let byte =
                    |i: usize| (0..8).fold(0, |byte, bit| byte << 1 | u8::from(dark(8 * i + bit)));
                self.bytes.extend((0..dots / 8).map(byte));
            }
            self.ends.push(self.bytes.len());
        }
    }

    /// Label and value on one line, or the value on lines of its own, at the right edge.
    fn row(&mut self, label: &str, value: &str) {
        let (label, value) = (text::printable(label), text::printable(value));
        let taken = text::columns(&label) + text::columns(&value);
        if taken < self.columns {
            self.words(&label);
            self.space(self.columns - taken);
            self.line(&value);
            return;
        }
        for line in text::wrap(&label, self.columns) {
            self.line(&line);
        }
        for line in text::wrap(&value, self.columns) {
            self.space(self.columns - text::columns(&line));
            self.line(&line);
        }
    }

    fn align(&mut self, how: u8) {
        self.bytes.extend([ESC, b'a', how]);
    }

    fn enlarge(&mut self, large: bool) {
        let (ascii, han) = if large { (0x11, 0x0C) } else { (0, 0) };
        self.bytes.extend([GS, b'!', ascii, FS, b'!', han]);
    }

    fn space(&mut self, columns: usize) {
        self.bytes.extend(std::iter::repeat_n(b' ', columns));
    }

    fn line(&mut self, text: &str) {
        self.words(text);
        self.end_line();
    }

    fn words(&mut self, words: &str) {
        for c in words.chars() {
            let (bytes, count) = text::gbk(c).or_else(|| text::gbk(MISSING)).unwrap_or_default();
            self.bytes.extend(&bytes[..count]);
        }
    }

    fn end_line(&mut self) {
        self.bytes.push(LF);
        self.ends.push(self.bytes.len());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encoded(items: Vec<Item>, paper: Paper) -> Encoded {
        let mut slip = Slip::new();
        for item in items {
            slip.push(item);
        }
        encode(&slip, paper, &Profile::UNKNOWN)
    }

    /// What stands between the beginning and the cut.
    fn body(items: Vec<Item>, paper: Paper) -> Vec<u8> {
        let bytes = encoded(items, paper).bytes;
        let bytes = bytes.strip_prefix(&BEGIN).expect("it begins anew");
        bytes.strip_suffix(b"\x1bd\x04\x1dV\x01").expect("it ends with the cut").to_vec()
    }

    fn row(label: &str, value: &str) -> Item {
        Item::Row { label: label.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn a_row_reaches_from_edge_to_edge() {
        let line = body(vec![row("余额", "243.00 元")], Paper::Mm58);
        let mut expected = vec![0xD3, 0xE0, 0xB6, 0xEE];
        expected.extend([b' '; 32 - 4 - 9]);
        expected.extend(*b"243.00 \xD4\xAA\n");
        assert_eq!(line, expected);
        assert_eq!(body(vec![row("余额", "243.00 元")], Paper::Mm80).len(), 49);
        // Too long for one line: the value stands below, at the right.
        let label = "城镇职工基本养老保险个人账户";
        let lines = body(vec![row(label, "5,678.00 元")], Paper::Mm58);
        let lines: Vec<_> = lines.split(|byte| *byte == LF).collect();
        assert_eq!((lines[0].len(), lines[1].len()), (28, 32));
        assert!(lines[1].starts_with(b"          "));
    }

    #[test]
    fn the_heading_is_large_and_in_the_middle() {
        let heading = body(vec![Item::Heading("作证明".to_owned())], Paper::Mm80);
        let expected: [&[u8]; 5] = [
            b"\x1ba\x01\x1d!\x11\x1c!\x0c",
            &[0xD7, 0xF7, 0xD6, 0xA4, 0xC3, 0xF7],
            b"\n",
            b"\x1d!\x00\x1c!\x00",
            b"\x1ba\x00",
        ];
        assert_eq!(heading, expected.concat());
        let two_lines = encoded(vec![Item::Heading("查询结果，不作证明".to_owned())], Paper::Mm58);
        // The third is the cut.
        assert_eq!(two_lines.pieces(1).count(), 3);
    }

    #[test]
    fn commands_are_those_of_the_makers() {
        assert_eq!(ask_process(*b"0a1b"), *b"\x1d(H\x06\x000\x300a1b");
        assert_eq!(discard(&Profile::UNKNOWN), b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08");
        assert_eq!(cut(&Profile { cut: Cut::None, ..Profile::UNKNOWN }), b"\x1bd\x04");
        assert_eq!(ask_sensor(), b"\x1dr\x01");
    }

    proptest! {
        /// Whatever names and words come: the room that was set aside is enough (so no copies are
        /// left behind), and no real-time command is among the bytes.
        #[test]
        fn any_slip_is_encoded_in_its_place(
            texts in proptest::collection::vec((0_u8..5, any::<String>(), "[测a-z0-9 元]{0,40}"), 0..20),
            wide in any::<bool>(),
        ) {
            let mut slip = Slip::new();
            for (kind, a, b) in texts {
                slip.push(match kind {
                    0 => Item::Heading(a),
                    1 => Item::Note(a + &b),
                    2 => Item::Centred(b),
                    3 => Item::Code(Code::of(&a).unwrap_or_else(|| Code::of(&b).expect("short"))),
                    _ => Item::Row { label: a, value: b },
                });
            }
            let paper = if wide { Paper::Mm80 } else { Paper::Mm58 };
            let room = room_for(&slip, paper);
            let encoded = encode(&slip, paper, &Profile::UNKNOWN);
            prop_assert!(encoded.bytes.len() <= room, "{} > {room}", encoded.bytes.len());
            prop_assert!(!encoded.bytes.contains(&0x10));
            for most in [1, 64, 10_000] {
                let pieces: Vec<_> = encoded.pieces(most).map(|piece| piece.bytes).collect();
                prop_assert_eq!(pieces.concat(), encoded.bytes.to_vec());
                let codes = slip.items().iter().any(|item| matches!(item, Item::Code(_)));
                let whole = |piece: &&[u8]| codes || piece.last() == Some(&LF);
                prop_assert!(pieces[..pieces.len() - 1].iter().all(whole));
            }
        }
    }
}
