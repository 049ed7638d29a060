//! How much fits on a page. The pages divide the room they have among the rows they are given, so
//! only the counts are decided here; the numbers mirror `ui/theme.slint`, and the walk over all
//! pages fails if they are too bold.

use super::account::Shape;

/// The window's size in logical pixels; 4 are 1 mm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

impl Size {
    /// Whether the glass is under 21 inches, or of 5 to 4 or 4 to 3 and not much larger, so that
    /// fewer things fit on it at their full size.
    pub fn is_small(self) -> bool {
        self.width.min(self.height) < 1_060 || self.width.max(self.height) < 1_780
    }
}

/// The room for pages. On a small screen large words are drawn smaller than on others, since a
/// page would hold too few of them: that makes more logical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// With normal text.
    pub normal: Size,
    /// With large text.
    pub large: Size,
}

impl Room {
    /// With text that is `large` or not.
    pub fn size(self, large: bool) -> Size {
        if large { self.large } else { self.normal }
    }
}

impl From<Size> for Room {
    fn from(size: Size) -> Self {
        Self { normal: size, large: size }
    }
}

/// What fits at the present size of screen and text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    width: f32,
    height: f32,
    scale: f32,
    landscape: bool,
    small: bool,
}

/// Rows and columns of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// Columns, at least one.
    pub columns: usize,
    /// Rows, at least one.
    pub rows: usize,
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

impl Fit {
    /// What fits on `size`, with large text or without.
    pub fn new(size: Size, large: bool) -> Self {
        Self {
            width: size.width as f32,
            height: size.height as f32,
            scale: if large { 1.65 } else { 1.0 },
            landscape: size.width > size.height,
            small: size.is_small() && !large,
        }
    }

    /// Whether the screen is wider than high.
    pub fn landscape(&self) -> bool {
        self.landscape
    }

    /// Whether the screen is small.
    pub fn small(&self) -> bool {
        self.small
    }

    fn touch(&self) -> f32 {
        self.by_size(88.0, 104.0, 132.0)
    }

    fn margin(&self) -> f32 {
        if self.small { 28.0 } else { 48.0 }
    }

    fn gap(&self) -> f32 {
        if self.small { 16.0 } else { 24.0 }
    }

    /// Above and below the content of a page together.
    fn top(&self) -> f32 {
        if self.small { 32.0 } else { 56.0 }
    }

    /// One of three: on a small screen, with normal text, with large text.
    fn by_size(&self, small: f32, normal: f32, large: f32) -> f32 {
        match (self.large(), self.small) {
            (true, _) => large,
            (false, true) => small,
            (false, false) => normal,
        }
    }

    /// Height between head and foot.
    fn body(&self) -> f32 {
        let (head, foot) = match self.landscape {
            true => (self.by_size(84.0, 116.0, 140.0), 24.0),
            false => (
                self.by_size(104.0, 140.0, 168.0),
                self.by_size(80.0 + 40.0, 88.0 + 56.0, 100.0 + 56.0),
            ),
        };
        self.height - head - self.touch() - foot
    }

    /// Rows of `min` height at normal size in `room`, as many as fit.
    fn rows(&self, room: f32, min: f32) -> usize {
        let gap = self.gap();
        (((room + gap) / (min * self.scale + gap)).floor() as usize).clamp(1, 12)
    }

    /// Job postings: chips, count and pager take their share.
    pub fn jobs(&self) -> Grid {
        if self.landscape {
            let room = self.body() - 2.0 * self.gap();
            let columns = if self.large() { 1 } else { 2 };
            return Grid { columns, rows: self.rows(room, self.by_size(220.0, 230.0, 215.0)) };
        }
        let chips = self.touch() + self.gap();
        let count = 40.0 * self.scale * 1.5 + 16.0;
        let room = self.body() - chips - count - self.pager() - self.top();
        Grid { columns: 1, rows: self.rows(room, self.by_size(148.0, 232.0, 232.0)) }
    }

    /// Training notices, guides and boards: a pager only.
    pub fn list(&self, min_row: f32) -> Grid {
        let columns = if self.landscape && !self.large() { 2 } else { 1 };
        // In narrow cells every title takes two lines.
        let min_row = if self.small { min_row.max(168.0) } else { min_row };
        Grid { columns, rows: self.rows(self.list_room(), min_row) }
    }

    /// A pager and the gap above it.
    pub(super) fn pager(&self) -> f32 {
        self.touch() + self.gap()
    }

    /// The height of a list with a pager under it.
    fn list_room(&self) -> f32 {
        self.body() - self.pager() - self.top() - 16.0
    }

    /// Tiles of occupations: as few pages as will do for `total` of them.
    pub fn tiles(&self, total: usize) -> Grid {
        let columns = match (self.landscape, self.large()) {
            (false, _) => 2,
            (true, true) => 4,
            (true, false) if self.small => 4,
            (true, false) => 5,
        };
        let room = self.body() - self.pager() - self.top();
        let min = self.by_size(118.0, 142.0, 108.0);
        let grid = Grid { columns, rows: self.rows(room, min) };
        if grid.cells() >= total {
            return grid;
        }
        Grid { columns, rows: self.rows(room - self.pager(), min) }
    }

    /// Whether a month sheet is too low for six weeks of full height.
    pub fn narrow_weeks(&self) -> bool {
        self.landscape && self.small
    }

    /// Rows of the list of fairs beside the month sheet.
    pub fn fairs(&self) -> usize {
        match (self.landscape, self.large()) {
            (false, false) if self.small => 1,
            (false, false) => 3,
            (false, true) => 2,
            (true, true) => 1,
            (true, false) if self.small => 2,
            (true, false) => 3,
        }
    }

    /// Half of the page's width, for two things side by side under their titles and wages.
    pub fn half_column(&self) -> Column {
        let size = 40.0 * self.scale;
        let (above, rows) = match self.landscape {
            false => (self.by_size(170.0, 220.0, 260.0), 2.0),
            true => (self.by_size(112.0, 136.0, 160.0), 1.0),
        };
        let room = self.body() - above - rows * self.pager() - self.top() - 48.0;
        let width = (self.width - 2.0 * self.margin()) / 2.0 - 2.0 * self.by_size(20.0, 28.0, 28.0);
        Column { room, per_line: (width / size).floor().max(4.0), line: size * 1.46 }
    }

    /// Lines of at least `min` at normal size under `above` on a page with a pager, two lines each
    /// in narrow columns.
    pub fn lines_below(&self, above: f32, min: f32) -> usize {
        let narrow = if self.landscape { 1.4 } else { 2.1 };
        let room = self.body() - above * self.by_size(0.85, 1.0, 1.4) - self.pager() - self.top();
        let line = min * narrow * self.by_size(0.9, 1.0, 1.3);
        ((room / line).floor().max(1.0)) as usize
    }

    /// Choices of a filter.
    pub fn options(&self) -> Grid {
        let columns = match (self.landscape, self.large()) {
            (false, false) if self.small => 1,
            (false, false) => 2,
            (false, true) => 1,
            (true, false) if self.small => 2,
            (true, false) => 3,
            (true, true) => 2,
        };
        Grid { columns, rows: self.rows(self.list_room(), self.by_size(88.0, 104.0, 104.0)) }
    }

    /// Titles that the pad shows of what it found.
    pub fn hits(&self) -> usize {
        match (self.landscape, self.large()) {
            (false, false) if self.small => 2,
            (true, false) if self.small => 3,
            (false, false) => 3,
            (true, false) => 4,
            (false, true) | (true, true) => 2,
        }
    }

    /// Contribution years.
    pub fn years(&self) -> Grid {
        let above = 190.0 * self.scale + self.gap();
        let room = self.list_room();
        if self.landscape {
            return Grid { columns: 1, rows: self.rows(room, 116.0) };
        }
        Grid { columns: 1, rows: self.rows(room - above, self.by_size(146.0, 132.0, 132.0)) }
    }

    /// What an account has to show.
    pub fn doors(&self) -> Grid {
        let columns = if self.landscape && !self.large() { 3 } else { 2 };
        Grid { columns, rows: self.rows(self.list_room(), self.by_size(128.0, 160.0, 128.0)) }
    }

    /// Lines of a sheet, of which there are `lines`: in portrait under its picture, its sentence
    /// and its buttons, in landscape beside them.
    pub fn sheet(&self, shape: Shape, lines: usize) -> Grid {
        let above = [
            (shape.bar, self.by_size(84.0, 112.0, 112.0)),
            (shape.drawing, self.by_size(250.0, 360.0, 330.0)),
            (shape.advice, self.by_size(150.0, 190.0, 250.0)),
        ];
        let above = above.iter().filter(|(there, _)| *there).map(|(_, high)| high + self.gap());
        let buttons = shape.doors.div_ceil(2) as f32 * (self.touch() + 16.0);
        // Several buttons in large words, or on a small screen, leave the sentence no room beside.
        let crowded = shape.advice && shape.doors > 2 && (self.large() || self.small());
        let sentence = if crowded { self.by_size(124.0, 0.0, 180.0) + 12.0 } else { 0.0 };
        let taken = if self.landscape { sentence } else { above.sum::<f32>() + buttons };
        // The line that says where the figures come from.
        let origin = match self.landscape {
            true => self.by_size(44.0, 54.0, 116.0) + 12.0,
            false => self.by_size(88.0, 54.0, 116.0) + self.gap(),
        };
        let room = self.body() - taken - origin - self.top();
        let row = if shape.double { 132.0 } else { 86.0 };
        let fits = |room: f32| ((room / (row * self.scale)).floor() as usize).clamp(1, 14);
        if fits(room) >= lines {
            return Grid { columns: 1, rows: lines.max(1) };
        }
        Grid { columns: 1, rows: fits(room - if self.landscape { 0.0 } else { self.pager() }) }
    }

    /// Kinds of insurance.
    pub fn kinds(&self) -> Grid {
        self.list(190.0)
    }

    /// Rows of a slip, under its heading and above a note and a button.
    pub fn slip(&self) -> Grid {
        let above = match self.landscape {
            true => self.by_size(134.0, 176.0, 130.0),
            false => self.by_size(250.0, 310.0, 410.0),
        };
        let room = self.list_room() - self.pager() - above;
        let row = self.by_size(56.0, 68.0, 90.0);
        let columns = if self.landscape && !self.large() { 2 } else { 1 };
        Grid { columns, rows: ((room / row).floor() as usize).clamp(1, 14) }
    }

    /// The column in which the words of facts and guides stand, beside labels `label` wide at
    /// normal size. `above` is what stands over them, in logical pixels as it is.
    pub fn column(&self, above: f32, label: f32) -> Column {
        let size = 40.0 * self.scale;
        let (within, beside) = if self.small { (24.0, 40.0) } else { (48.0, 72.0) };
        let room = self.body() - above - self.pager() - self.top() - within;
        let width = self.width - 2.0 * self.margin() - beside - label * self.scale;
        Column { room, per_line: (width / size).floor().max(4.0), line: size * 1.46 }
    }

    /// Whether text is large.
    pub fn large(&self) -> bool {
        self.scale > 1.0
    }
}

/// A column of paragraphs on pages of one height.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Column {
    room: f32,
    per_line: f32,
    line: f32,
}

/// Space between two paragraphs.
const BETWEEN: f32 = 18.0;

impl Column {
    /// Lines of a page that holds one paragraph only.
    fn lines(&self) -> usize {
        ((self.room / self.line).floor() as usize).max(1)
    }

    /// How many characters are sure to fit on a page under one more line.
    pub fn characters(&self) -> usize {
        let lines = self.lines().saturating_sub(1).max(1);
        lines * (self.per_line - 0.9).floor().max(1.0) as usize
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

    /// Cuts paragraphs into pages, none higher than the room.
    pub fn pages<'a>(&self, texts: impl Iterator<Item = &'a str>) -> Vec<std::ops::Range<usize>> {
        let mut pages = Vec::new();
        let (mut start, mut used, mut count) = (0, 0.0, 0);
        for (i, text) in texts.enumerate() {
            let height = lines(text, self.per_line) as f32 * self.line;
            if i > start && used + BETWEEN + height > self.room {
                pages.push(start..i);
                (start, used) = (i, 0.0);
            }
            used += height + if i > start { BETWEEN } else { 0.0 };
            count = i + 1;
        }
        pages.push(start..count);
        pages
    }
}

/// Lines that `text` takes at `per_line` Han characters a line. Latin letters and digits are
/// counted at three fifths; a tenth is added for what line breaking leaves empty.
fn lines(text: &str, per_line: f32) -> usize {
    text.split('\n')
        .map(|paragraph| {
            let units: f32 = paragraph.chars().map(|c| if c.is_ascii() { 0.6 } else { 1.0 }).sum();
            (units / (per_line - 0.9)).ceil().max(1.0) as usize
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORTRAIT: Size = Size { width: 1080, height: 1920 };
    const LANDSCAPE: Size = Size { width: 1920, height: 1080 };
    /// 15.6 inches.
    const SMALL: Size = Size { width: 777, height: 1380 };

    #[test]
    fn four_to_six_postings_a_page_at_normal_size() {
        for size in [PORTRAIT, LANDSCAPE, SMALL, Size { width: 1380, height: 777 }] {
            assert!((4..=6).contains(&Fit::new(size, false).jobs().cells()), "{size:?}");
        }
        for size in [PORTRAIT, LANDSCAPE] {
            assert!(Fit::new(size, true).jobs().cells() >= 2, "{size:?}");
        }
    }

    #[test]
    fn every_paragraph_is_on_one_page_and_no_word_is_lost() {
        let texts: Vec<String> = (1..40).map(|n| "测试，".repeat(n * 7)).collect();
        for large in [false, true] {
            let column = Fit::new(LANDSCAPE, large).column(100.0, 220.0);
            let pages = column.pages(texts.iter().map(String::as_str));
            let covered: Vec<usize> = pages.into_iter().flatten().collect();
            assert_eq!(covered, (0..texts.len()).collect::<Vec<_>>());
            for text in &texts {
                let pieces = column.pieces(text);
                assert_eq!(pieces.concat(), *text);
                assert!(pieces.iter().all(|p| lines(p, column.per_line) <= column.lines()));
            }
        }
    }

    #[test]
    fn a_small_screen_still_shows_something() {
        let fit = Fit::new(SMALL, true);
        assert!(fit.jobs().cells() >= 1 && fit.kinds().cells() >= 1);
    }
}
