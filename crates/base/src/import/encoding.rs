//! Which characters the bytes of a text file are: UTF-8, GB 18030 (with GBK and GB 2312 in it), or
//! UTF-16 as Excel's "Unicode text" has it. Keeps no state.

use std::borrow::Cow;

use encoding_rs::{GB18030, UTF_8, UTF_16BE, UTF_16LE};
use serde::Serialize;

/// An encoding that was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Encoding {
    /// UTF-8, with or without a mark at its start.
    #[serde(rename = "UTF-8")]
    Utf8,
    /// GB 18030; GBK is a part of it.
    #[serde(rename = "GB18030")]
    Gb18030,
    /// UTF-16, in either order.
    #[serde(rename = "UTF-16")]
    Utf16,
}

impl std::fmt::Display for Encoding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "UTF-8",
            Self::Gb18030 => "GB18030",
            Self::Utf16 => "UTF-16",
        })
    }
}

/// A file as text.
#[derive(Debug)]
pub struct Decoded<'a> {
    /// The text; what could not be read is U+FFFD in it.
    pub text: Cow<'a, str>,
    /// Where from.
    pub encoding: Encoding,
}

/// The bytes are no text in an encoding that is known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("这个文件不是 UTF-8、GB 18030 或 UTF-16 编码的文字；请在 Excel 里另存为 .xlsx 或 CSV")]
pub struct NoText;

/// Most damaged characters in a thousand before the bytes count as something else than text.
const DAMAGED_PER_THOUSAND: usize = 20;

/// Decodes a text file. Where its encoding is not marked, that in which least is damaged counts.
///
/// # Errors
/// When it is no text.
pub fn decode(bytes: &[u8]) -> Result<Decoded<'_>, NoText> {
    let (encoding, decoded) = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => (Encoding::Utf8, utf8(rest)),
        [0xFF, 0xFE, rest @ ..] => (Encoding::Utf16, UTF_16LE.decode_without_bom_handling(rest).0),
        [0xFE, 0xFF, rest @ ..] => (Encoding::Utf16, UTF_16BE.decode_without_bom_handling(rest).0),
        [0x84, 0x31, 0x95, 0x33, rest @ ..] => (Encoding::Gb18030, gb18030(rest)),
        _ => unmarked(bytes),
    };
    let wrong =
        |c: char| c == '\u{FFFD}' || c.is_control() && !"\t\n\r\u{B}\u{C}\u{85}".contains(c);
    let (mut all, mut damaged) = (0, 0);
    for c in decoded.chars() {
        all += 1;
        damaged += usize::from(wrong(c));
    }
    if damaged * 1_000 > all * DAMAGED_PER_THOUSAND {
        return Err(NoText);
    }
    Ok(Decoded { text: decoded, encoding })
}

fn unmarked(bytes: &[u8]) -> (Encoding, Cow<'_, str>) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (Encoding::Utf8, Cow::Borrowed(text));
    }
    if let Some(order) = unmarked_utf16(bytes) {
        return (Encoding::Utf16, order.decode_without_bom_handling(bytes).0);
    }
    match damaged(GB18030, bytes) <= damaged(UTF_8, bytes) {
        true => (Encoding::Gb18030, gb18030(bytes)),
        false => (Encoding::Utf8, utf8(bytes)),
    }
}

/// How many characters could not be read. Keeps none: of a large file one text is enough.
fn damaged(encoding: &'static encoding_rs::Encoding, mut bytes: &[u8]) -> usize {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut piece = [0; 16 << 10];
    let mut damaged = 0;
    loop {
        let (result, read, written, _) = decoder.decode_to_utf8(bytes, &mut piece, true);
        let text = String::from_utf8_lossy(&piece[..written]);
        damaged += text.matches('\u{FFFD}').count();
        bytes = &bytes[read..];
        if result == encoding_rs::CoderResult::InputEmpty {
            return damaged;
        }
    }
}

fn utf8(bytes: &[u8]) -> Cow<'_, str> {
    UTF_8.decode_without_bom_handling(bytes).0
}

fn gb18030(bytes: &[u8]) -> Cow<'_, str> {
    GB18030.decode_without_bom_handling(bytes).0
}

/// UTF-16 without a mark: the separators of a table have a zero byte, always on the same side.
fn unmarked_utf16(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let start = &bytes[..bytes.len().min(4_096) & !1];
    let zeros = |side: usize| start.iter().skip(side).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    match (even, odd) {
        (0, odd) if odd * 50 > start.len() => Some(UTF_16LE),
        (even, 0) if even * 50 > start.len() => Some(UTF_16BE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "岗位,人数\n电焊工,3\n𬬮工,1\n";

    fn utf16(text: &str, little: bool) -> Vec<u8> {
        let bytes = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn encodings_are_recognised() {
        let gb = GB18030.encode(TEXT).0.into_owned();
        for (bytes, encoding) in [
            (TEXT.as_bytes().to_vec(), Encoding::Utf8),
            ([b"\xEF\xBB\xBF", TEXT.as_bytes()].concat(), Encoding::Utf8),
            (gb.clone(), Encoding::Gb18030),
            ([b"\x84\x31\x95\x33", gb.as_slice()].concat(), Encoding::Gb18030),
            ([b"\xFF\xFE", utf16(TEXT, true).as_slice()].concat(), Encoding::Utf16),
            ([b"\xFE\xFF", utf16(TEXT, false).as_slice()].concat(), Encoding::Utf16),
            (utf16(TEXT, true), Encoding::Utf16),
            (utf16(TEXT, false), Encoding::Utf16),
        ] {
            let decoded = decode(&bytes).expect("text");
            assert_eq!((decoded.text.as_ref(), decoded.encoding), (TEXT, encoding));
        }
    }

    #[test]
    fn one_damaged_byte_does_not_change_the_encoding() {
        let mut bytes = TEXT.repeat(50).into_bytes();
        bytes[100] = 0xFF;
        let decoded = decode(&bytes).expect("text");
        assert_eq!(decoded.encoding, Encoding::Utf8);
        assert!(decoded.text.contains('\u{FFFD}'));
    }

    #[test]
    fn what_is_no_text_is_refused() {
        let noise: Vec<u8> =
            (0..4_096_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        assert_eq!(decode(&noise).map(|d| d.encoding), Err(NoText));
        assert_eq!(decode(b"%PDF-1.4\n\x00\x00\x00\x00").map(|d| d.encoding), Err(NoText));
    }

    proptest! {
        #[test]
        fn any_bytes_are_text_or_not(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes);
        }
    }
}
