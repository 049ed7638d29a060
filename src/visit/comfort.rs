//! What a resident may change about the pages: size, colours, height, language. Keeps no state.

use super::fit::TextSize;

/// What a resident may change about the pages. Returns to default with the visit's end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Comfort {
    /// 字号.
    pub size: TextSize,
    /// 颜色.
    pub palette: Palette,
    /// 放低: all that is pressed is on the lower part of the screen.
    pub low: bool,
    /// The language of the pages.
    pub language: Language,
}

/// The colours of the pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Palette {
    /// 标准: dark blue on white.
    #[default]
    Standard,
    /// 高对比浅: black on white.
    ContrastLight,
    /// 高对比深: white on black.
    ContrastDark,
    /// 辨色: for who tells red from green badly.
    Colours,
}

impl Palette {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 4] =
        [Self::Standard, Self::ContrastLight, Self::ContrastDark, Self::Colours];

    /// The next one; after the last the first.
    pub fn next(self) -> Self {
        Self::ALL[(self as usize + 1) % Self::ALL.len()]
    }
}

/// A language of the pages. What the listings, guides and boards say stays as it was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// 中文.
    #[default]
    Chinese,
    /// English.
    English,
}
