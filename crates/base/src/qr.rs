//! QR codes: what a telephone reads off the screen or off a slip. The one place that makes them.
//! Keeps no state.
//!
//! A text is one byte segment of UTF-8, without a character-set mark (ECI). The library's own choice
//! of segments is not used: it takes pairs of UTF-8 bytes that happen to be valid Shift-JIS for
//! Kanji and cuts Chinese characters apart, and most readers then show other ones. Every reader
//! tried (rqrr, zxing-cpp, jsQR) takes a single byte segment for UTF-8 by itself.

use std::fmt;

use qrcode::{EcLevel, QrCode, Version, bits::Bits};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Most bytes of a text: what the largest code takes.
pub const BYTES_MAX: usize = 997;
/// Modules of the largest code (version 25), with its quiet zone: at three dots of 1/8 mm each it
/// fits the 48 mm that a roll of 58 mm has. Smaller modules are lost on thermal paper.
pub const SIDE_MAX: usize = 117 + 2 * QUIET;
/// White modules around a code, as the standard asks.
const QUIET: usize = 4;
const LARGEST: i16 = 25;
/// Repairs an eighth of a code: a fold, a drop, a hair on the printer's head.
const LEVEL: EcLevel = EcLevel::M;

/// A QR code with its quiet zone, module by module. It may be about a resident: it is overwritten
/// when it is dropped, and `Debug` shows its size only.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Code {
    side: usize,
    /// Row by row.
    dark: Vec<bool>,
}

impl Code {
    /// The smallest code that holds `text`; `None` when it is longer than [`BYTES_MAX`].
    pub fn of(text: &str) -> Option<Self> {
        let code = (1..=LARGEST).find_map(|version| with_version(text, version))?;
        let (width, side) = (code.width(), code.width() + 2 * QUIET);
        let mut dark = vec![false; side * side];
        for (i, module) in code.into_colors().into_iter().enumerate() {
            dark[(i / width + QUIET) * side + i % width + QUIET] = module == qrcode::Color::Dark;
        }
        Some(Self { side, dark })
    }

    /// Modules of an edge, with the quiet zone.
    pub fn side(&self) -> usize {
        self.side
    }

    /// The rows from the top, each from the left; `true` is dark.
    pub fn rows(&self) -> impl Iterator<Item = &[bool]> {
        self.dark.chunks_exact(self.side)
    }
}

/// The code of this version, if `text` fits into it.
fn with_version(text: &str, version: i16) -> Option<QrCode> {
    let mut bits = Bits::new(Version::Normal(version));
    bits.push_byte_data(text.as_bytes()).ok()?;
    bits.push_terminator(LEVEL).ok()?;
    QrCode::with_bits(bits, LEVEL).ok()
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code of {0}×{0} modules", self.side)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_as_small_as_its_text_allows() {
        let side = |bytes: usize| Code::of(&"a".repeat(bytes)).map(|code| code.side());
        assert_eq!(side(0), Some(21 + 8));
        // What ISO/IEC 18004 gives for bytes at level M: versions 1, 2, 15 and 25.
        assert_eq!((side(14), side(15)), (Some(21 + 8), Some(25 + 8)));
        assert_eq!((side(412), side(413)), (Some(77 + 8), Some(81 + 8)));
        assert_eq!((side(BYTES_MAX), side(BYTES_MAX + 1)), (Some(SIDE_MAX), None));
        // Three bytes a character, whatever they look like in Shift-JIS.
        assert_eq!(Code::of(&"汉".repeat(137)).map(|code| code.side()), side(411));
    }

    #[test]
    fn a_quiet_zone_is_around_it() {
        let code = Code::of("测试").expect("short");
        let rows: Vec<_> = code.rows().collect();
        assert_eq!(rows.len(), code.side());
        assert!(
            rows[..QUIET].iter().chain(&rows[rows.len() - QUIET..]).all(|row| !row.contains(&true))
        );
        assert!(rows.iter().all(|row| !row[..QUIET].contains(&true)));
        // The corner of a finder pattern.
        assert_eq!(
            rows[QUIET][QUIET..QUIET + 8],
            [true, true, true, true, true, true, true, false]
        );
        assert_eq!(format!("{code:?}"), "Code of 29×29 modules");
    }
}
