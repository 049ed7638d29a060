//! The typeface of the kiosk: Noto Sans SC in two weights (SIL OFL 1.1, `fonts/OFL.txt`), and which
//! characters it has. The pages and the simulated paper draw with it: it is in the program once.
//!
//! The glyphs that the pages need lie together (`fonts/order.py`): of 23 MB only what is read is in memory.

/// The weight of running text, an OpenType font.
pub static REGULAR: &[u8] = include_bytes!("../fonts/NotoSansSC-Regular.otf");

/// The weight of headings, an OpenType font.
pub static BOLD: &[u8] = include_bytes!("../fonts/NotoSansSC-Bold.otf");

/// The characters that both weights have: first and last of each run, rising. Read out of the fonts
/// when the crate is built.
pub const COVERAGE: &[(u32, u32)] = include!(concat!(env!("OUT_DIR"), "/coverage.in"));
