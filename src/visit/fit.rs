//! How much fits on a page. The screen knows what its pages need, and tells it for every size of text
//! whenever the room changes; here it is divided among rows and paragraphs.

use super::account::Shape;

/// The window's size in logical pixels; 4 are 1 mm.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

impl Size {
    /// Whether fewer things fit on it at their full size: on a glass under 21 inches, of 5 to 4 or 4 to
    /// 3 and not much larger, or where all of them are drawn larger.
    pub fn is_small(self) -> bool {
        self.width.min(self.height) < 1_060 || self.width.max(self.height) < 1_780
    }

    /// Whether fewer things of large words fit on it than on a glass of 21.5 inches with text of size
    /// 特大: all of them are drawn larger.
    pub fn is_tight(self) -> bool {
        self.width.min(self.height) < 1_080 || self.width.max(self.height) < 1_920
    }
}

/// How large words are on the pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TextSize {
    /// 标准.
    #[default]
    Standard,
    /// 大: everything is a quarter larger, or on a small screen as much as there is room for.
    Large,
    /// 特大: words are larger by two thirds, on pages laid out for them.
    Larger,
    /// 最大: words are twice as large; on a small screen as much larger as there is room for.
    Double,
}

impl TextSize {
    /// All, the smallest first.
    pub const ALL: [Self; 4] = [Self::Standard, Self::Large, Self::Larger, Self::Double];
}

/// One of something for each size of the text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BySize<T>([T; TextSize::ALL.len()]);

impl<T: Copy> BySize<T> {
    /// What `of` gives for each.
    pub fn from_fn(of: impl FnMut(TextSize) -> T) -> Self {
        Self(TextSize::ALL.map(of))
    }

    /// That of `size`.
    pub fn of(&self, size: TextSize) -> T {
        self.0[size as usize]
    }
}

/// One of something for who stands, and one for who sits: where the screen reaches higher than an arm
/// from a wheelchair, or a child's, all that is pressed can be brought down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Heights<T> {
    /// On the whole screen.
    pub full: T,
    /// On its lower part; `None` where all of it is within reach, too little is, or nobody has said how
    /// high it hangs.
    pub low: Option<T>,
}

impl<T> Heights<T> {
    /// For a screen that is not brought down.
    pub fn full(full: T) -> Self {
        Self { full, low: None }
    }
}

impl<T: Copy> Heights<BySize<T>> {
    /// That of `text`, on the whole screen or on its lower part.
    pub fn at(&self, text: TextSize, low: bool) -> T {
        self.low.as_ref().filter(|_| low).unwrap_or(&self.full).of(text)
    }
}

/// How pages are drawn at one size of the text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Physical pixels in a logical one.
    pub factor: f32,
    /// Whether they are laid out for large words.
    pub large: bool,
    /// Physical pixels of the screen that are left empty above them.
    pub above: u32,
}

/// How they are drawn, at each size of the text.
pub type Scales = Heights<BySize<Scale>>;

/// The room for pages at one size of the text.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Pages {
    /// In logical pixels.
    pub size: Size,
    /// Whether they are laid out for large words.
    pub large: bool,
    /// Logical pixels that are left empty above them.
    pub above: f32,
}

/// The room for pages. What is drawn larger leaves fewer logical pixels; on a small screen words grow
/// less than on others, since a page would hold too few of them.
pub type Room = Heights<BySize<Pages>>;

impl Room {
    /// What a window of so many physical pixels has for pages above a `strip` of logical ones.
    pub fn of_window(width: u32, height: u32, scales: &Scales, strip: f32) -> Self {
        let pages = |Scale { factor, large, above }: Scale| {
            let logical = |pixels: u32| pixels as f32 / factor;
            let height = (logical(height.saturating_sub(above)) - strip).max(1.0);
            let size = Size { width: logical(width).round() as u32, height: height.round() as u32 };
            Pages { size, large, above: logical(above) }
        };
        let all = |scales: BySize<Scale>| BySize::from_fn(|text| pages(scales.of(text)));
        Self { full: all(scales.full), low: scales.low.map(all) }
    }
}

impl From<Size> for Room {
    fn from(size: Size) -> Self {
        let pages = |text| Pages { size, large: text >= TextSize::Larger, above: 0.0 };
        Self::full(BySize::from_fn(pages))
    }
}

/// What fits on the screen, at each size of the text.
pub type Fits = Heights<BySize<Fit>>;

/// What fits on the screen at one size of the text. Nothing until the screen has told it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Fit {
    /// The screen is wider than high.
    pub landscape: bool,
    /// The screen is [small](Size::is_small) for its text, or [tight](Size::is_tight) for a large one.
    pub small: bool,
    /// Text is large.
    pub large: bool,
    /// Logical pixels that are left empty above the pages.
    pub above: f32,
    /// Job postings.
    pub jobs: Grid,
    /// Training notices.
    pub trainings: Grid,
    /// Guides, and boards.
    pub guides: Grid,
    /// Files of a stick.
    pub files: Grid,
    /// Postings that staff have marked.
    pub marks: Grid,
    /// Kinds of insurance.
    pub kinds: Grid,
    /// Choices of a filter.
    pub options: Grid,
    /// Contribution years.
    pub years: Grid,
    /// What an account has to show.
    pub doors: Grid,
    /// Tiles of occupations where all are on one page.
    pub tiles: Grid,
    /// The same above a pager.
    pub tiles_paged: Grid,
    /// Fairs beside the month sheet.
    pub fairs: usize,
    /// Whether a month sheet is too low for six weeks of full height.
    pub low_weeks: bool,
    /// Titles that the pad shows of what it found.
    pub hits: usize,
    /// Lines of an import's report.
    pub problems: usize,
    /// Rows of the machine's report.
    pub checks: usize,
    /// A posting's facts.
    pub posting: Column,
    /// A training notice's.
    pub training: Column,
    /// A fair's.
    pub fair: Column,
    /// A guide's lines.
    pub guide: Column,
    /// A board's.
    pub board: Column,
    /// One of two postings side by side.
    pub compared: Column,
    /// The map of the county's towns.
    pub map: MapRoom,
    /// The sheet of an account.
    pub sheet: SheetParts,
}

impl Fit {
    /// Tiles of occupations: as few pages as will do for `total` of them.
    pub fn tiles(&self, total: usize) -> Grid {
        if self.tiles.cells() >= total { self.tiles } else { self.tiles_paged }
    }

    /// Lines of a sheet, of which there are `lines`, beside what else stands on it.
    pub fn sheet(&self, shape: Shape, lines: usize) -> Grid {
        let parts = &self.sheet;
        let buttons = shape.doors.div_ceil(2) as f32 * parts.doors;
        let crowded = shape.advice && shape.doors > 2;
        let taken = [
            (shape.bar, parts.bar),
            (shape.drawing, parts.drawing),
            (shape.advice, parts.advice),
            (crowded, parts.crowded),
        ];
        let taken = taken.iter().filter(|(there, _)| *there).map(|(_, height)| height);
        let room = parts.room - taken.sum::<f32>() - buttons;
        let row = if shape.double { parts.double_line } else { parts.line };
        let fits = |room: f32| ((room / row).floor() as usize).clamp(1, 14);
        let rows = if fits(room) >= lines { lines.max(1) } else { fits(room - parts.pager) };
        Grid { columns: 1, rows }
    }
}

/// The room for a map, in widths of a Han character of its names.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct MapRoom {
    /// From west to east.
    pub across: f32,
    /// From north to south.
    pub down: f32,
}

/// What may stand on the sheet of an account, in logical pixels; what stands beside its lines and not
/// above them takes nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SheetParts {
    /// Height for all of it.
    pub room: f32,
    /// The bar of shares, with the gap below.
    pub bar: f32,
    /// A drawing.
    pub drawing: f32,
    /// The sentence of advice.
    pub advice: f32,
    /// A row of two buttons.
    pub doors: f32,
    /// What the sentence takes beyond that where there are more than two buttons.
    pub crowded: f32,
    /// A line that says one thing.
    pub line: f32,
    /// A line that says two.
    pub double_line: f32,
    /// The pager, and the gap above it.
    pub pager: f32,
}

/// Rows and columns of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// Columns, at least one.
    pub columns: usize,
    /// Rows, at least one.
    pub rows: usize,
}

impl Default for Grid {
    fn default() -> Self {
        Self { columns: 1, rows: 1 }
    }
}

impl Grid {
    /// Cells of a page.
    pub fn cells(self) -> usize {
        self.columns * self.rows
    }

    /// Pages that `total` items take; one for none.
    pub fn pages(self, total: usize) -> usize {
        total.div_ceil(self.cells()).max(1)
    }
}

/// A column of paragraphs on pages of one height.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Column {
    /// Height of a page, in logical pixels.
    pub room: f32,
    /// What pages after the first have beyond that.
    pub later: f32,
    /// Han characters of a line.
    pub per_line: f32,
    /// Height of a line.
    pub line: f32,
    /// Height of the label above a paragraph; nothing where labels stand beside them.
    pub label: f32,
}

/// Space between two paragraphs.
const BETWEEN: f32 = 18.0;

impl Column {
    /// Lines of a page that holds one paragraph only.
    fn lines(&self) -> usize {
        (((self.room - self.label) / self.line).floor() as usize).max(1)
    }

    /// How many characters are sure to fit on a page under one more line.
    pub fn characters(&self) -> usize {
        let lines = self.lines().saturating_sub(1).max(1);
        lines * (self.per_line - 1.0).floor().max(1.0) as usize
    }

    /// Cuts `text` into pieces that each fit on a page, after punctuation where there is some.
    pub fn pieces(&self, text: &str) -> Vec<String> {
        let most = self.lines();
        let mut pieces = vec![String::new()];
        for sentence in text.split_inclusive(['。', '；', '，', '、', '\n']) {
            let piece = pieces.last_mut().expect("begins with one");
            if lines(&format!("{piece}{sentence}"), self.per_line) <= most || piece.is_empty() {
                piece.push_str(sentence);
            } else {
                pieces.push(sentence.to_owned());
            }
        }
        pieces
    }

    /// Cuts paragraphs into pages, none higher than the room. Each comes with what its label is: those
    /// that follow each other under one have it once on a page.
    pub fn pages<'a, L: PartialEq>(
        &self,
        texts: impl Iterator<Item = (L, &'a str)>,
    ) -> Vec<std::ops::Range<usize>> {
        let mut pages = Vec::new();
        let (mut start, mut used, mut count) = (0, 0.0, 0);
        let mut above = None;
        for (i, (label, text)) in texts.enumerate() {
            let height = lines(text, self.per_line) as f32 * self.line;
            let labelled = if above.as_ref() == Some(&label) { 0.0 } else { self.label };
            let room = if pages.is_empty() { self.room } else { self.room + self.later };
            if i > start && used + BETWEEN + labelled + height > room {
                pages.push(start..i);
                (start, used) = (i, self.label + height);
            } else {
                used += labelled + height + if i > start { BETWEEN } else { 0.0 };
            }
            above = Some(label);
            count = i + 1;
        }
        pages.push(start..count);
        pages
    }
}

/// Of a line this much may stay empty where the widths of characters are not what is taken for them here.
const SLACK: f32 = 0.4;

/// Lines that `text` takes at `per_line` Han characters a line, filled one after the other as the window fills
/// them: no line begins with a mark that closes, none ends within a figure or between it and its unit.
fn lines(text: &str, per_line: f32) -> usize {
    let room = (per_line - SLACK).max(1.0);
    let of_paragraph = |paragraph: &str| {
        let (mut count, mut used) = (1, 0.0);
        for width in unbroken(paragraph) {
            if used > 0.0 && used + width > room {
                count += 1;
                used = 0.0;
            }
            // What is longer than a line is broken anyhow.
            used += width;
            while used > room {
                count += 1;
                used -= room;
            }
        }
        count
    };
    text.split('\n').map(of_paragraph).sum()
}

/// The widths of what stays on one line, in order. Small letters and digits are counted at three fifths of
/// a Han character, capitals at three quarters.
fn unbroken(text: &str) -> Vec<f32> {
    let mut widths: Vec<f32> = Vec::new();
    let mut before = None;
    for c in text.chars() {
        let width = match c {
            'A'..='Z' => 0.75,
            c if c.is_ascii() => 0.6,
            _ => 1.0,
        };
        let latin = |c: char| c.is_ascii() && c != ' ';
        let joined = before.is_some_and(|before: char| {
            let after_figure = before.is_ascii_digit() || before == ' ';
            "，。、；：！？）”》…」』】〕·—％".contains(c)
                || "（“《「『【〔".contains(before)
                || (latin(before) && (latin(c) || c == ' '))
                || (after_figure && !c.is_ascii())
        });
        match widths.last_mut().filter(|_| joined) {
            Some(last) => *last += width,
            None => widths.push(width),
        }
        before = Some(c);
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visit::tests::measured;

    const LANDSCAPE: Size = Size { width: 1920, height: 1080 };

    #[test]
    fn lines_are_filled_as_the_window_fills_them() {
        let tenths = |text: &str| -> Vec<i32> {
            unbroken(text).into_iter().map(|width| (width * 10.0).round() as i32).collect()
        };
        assert_eq!(tenths("住，12 人"), [20, 28]);
        assert_eq!(tenths("第2页"), [10, 16]);
        assert_eq!(tenths("0830-8999100"), [72]);
        assert_eq!(lines("正在领养老金的人，每年做一次，证明本人健在。", 6.9), 4);
        assert_eq!(lines("正在领养老金的人，每年做一次，证明本人健在。", 7.5), 4);
        assert_eq!(lines("正在领养老金的人，每年做一次，证明本人健在。", 8.5), 3);
        assert_eq!(lines("", 8.0), 1);
        assert_eq!(lines("一\n二", 8.0), 2);
        assert_eq!(lines("0830-8999100", 5.0), 2, "longer than a line");
    }

    #[test]
    fn pages_after_the_first_hold_what_they_have_room_for() {
        let column = Column { room: 100.0, later: 100.0, per_line: 8.0, line: 50.0, label: 0.0 };
        assert_eq!(column.pages(["测试"; 6].into_iter().enumerate()), [0..1, 1..4, 4..6]);
    }

    #[test]
    fn a_label_above_takes_its_room_once_a_page() {
        let column = Column { room: 400.0, later: 0.0, per_line: 10.0, line: 100.0, label: 50.0 };
        let pages =
            |labels: [u8; 4]| column.pages(labels.into_iter().zip(["一", "二", "三", "四"]));
        assert_eq!(pages([1, 1, 1, 1]), [0..3, 3..4]);
        assert_eq!(pages([1, 1, 2, 2]), [0..2, 2..4]);
        assert_eq!(pages([1, 2, 3, 4]), [0..2, 2..4]);
        assert_eq!(column.lines(), 3);
    }

    #[test]
    fn every_paragraph_is_on_one_page_and_no_word_is_lost() {
        let texts: Vec<String> = (1..40).map(|n| "测试，".repeat(n * 7)).collect();
        let fits = measured(LANDSCAPE);
        for column in TextSize::ALL.map(|size| fits.at(size, false).training) {
            let pages = column.pages(texts.iter().map(String::as_str).enumerate());
            let covered: Vec<usize> = pages.into_iter().flatten().collect();
            assert_eq!(covered, (0..texts.len()).collect::<Vec<_>>());
            for text in &texts {
                let pieces = column.pieces(text);
                assert_eq!(pieces.concat(), *text);
                assert!(pieces.iter().all(|p| lines(p, column.per_line) <= column.lines()));
            }
        }
    }
}
