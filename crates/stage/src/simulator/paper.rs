//! Paper that came out of the simulated printer: as text, and as a picture dot by dot.
//!
//! State: the slips. A cell is 12 dots wide and 24 high, as receipt printers have it, a Han
//! character takes two cells; a line is fed on by 30 dots. The typeface is that of the pages.

use std::{
    fs,
    io::{self, BufWriter},
    path::Path,
};

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};

/// Dots of a cell.
const CELL: (usize, usize) = (12, 24);
/// Dots from line to line, at normal height.
const PITCH: usize = 30;
/// White dots beside and above what is printed.
const MARGIN: usize = 20;

/// One character on the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyph {
    /// Which; `None` for a byte or a pair that the printer has no character for.
    pub character: Option<char>,
    /// Twice as wide.
    pub wide: bool,
    /// Twice as high.
    pub high: bool,
}

impl Glyph {
    /// Columns of 12 dots.
    fn columns(self) -> usize {
        let cells = if self.character.is_some_and(|c| c.is_ascii()) { 1 } else { 2 };
        cells * if self.wide { 2 } else { 1 }
    }
}

/// Where a line stands between the edges.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Align {
    /// At the left.
    #[default]
    Left,
    /// In the middle.
    Centre,
    /// At the right.
    Right,
}

/// One printed line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaperLine {
    /// Its characters.
    pub glyphs: Vec<Glyph>,
    /// Where it stands.
    pub align: Align,
    /// Dots instead of characters.
    pub raster: Option<Raster>,
}

/// Dots that were sent as such, from the left edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raster {
    /// Bytes of a row; a bit is a dot, the highest is the leftmost.
    pub row_bytes: usize,
    /// All rows.
    pub bytes: Vec<u8>,
}

impl Raster {
    /// Rows of dots.
    pub fn height(&self) -> usize {
        self.bytes.len().checked_div(self.row_bytes).unwrap_or(0)
    }
}

/// A piece of paper, from one cut to the next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Slip {
    /// Its lines, from the top.
    pub lines: Vec<PaperLine>,
}

impl Slip {
    /// What can be read on it, line by line, without the spaces at the edges.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for line in self.lines.iter().filter(|line| line.raster.is_none()) {
            let words: String = line.glyphs.iter().map(|g| g.character.unwrap_or('▯')).collect();
            text.push_str(words.trim());
            text.push('\n');
        }
        text
    }

    /// Whether anything but white is on it.
    pub fn is_blank(&self) -> bool {
        let dark = |raster: &Raster| raster.bytes.iter().any(|byte| *byte != 0);
        let dotted = self.lines.iter().filter_map(|line| line.raster.as_ref()).any(dark);
        !dotted && self.text().trim().is_empty()
    }

    /// The paper as grey dots, `columns` of 12 dots wide.
    pub fn picture(&self, columns: usize) -> Picture {
        let font =
            FontRef::try_from_slice(kiosk_typeface::REGULAR).expect("the pages' font is a font");
        let heights = self.lines.iter().map(line_height);
        let height = heights.sum::<usize>() + 2 * MARGIN;
        let mut picture = Picture::white(columns * CELL.0 + 2 * MARGIN, height);
        let mut top = MARGIN;
        for line in &self.lines {
            if let Some(raster) = &line.raster {
                picture.dots(raster, top, columns * CELL.0);
            }
            let taken: usize = line.glyphs.iter().map(|glyph| glyph.columns()).sum();
            let free = columns.saturating_sub(taken);
            let first = match line.align {
                Align::Left => 0,
                Align::Centre => free * CELL.0 / 2,
                Align::Right => free * CELL.0,
            };
            let mut left = MARGIN + first;
            let bottom = top + line_height(line) - (PITCH - CELL.1);
            for glyph in &line.glyphs {
                let width = glyph.columns() * CELL.0;
                let height = CELL.1 * if glyph.high { 2 } else { 1 };
                picture.draw(&font, *glyph, (left, bottom - height), (width, height));
                left += width;
            }
            top += line_height(line);
        }
        picture
    }

    /// Writes the picture as PNG.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_png(&self, columns: usize, path: &Path) -> io::Result<()> {
        let Picture { width, height, dots } = self.picture(columns);
        let size = |n: usize| u32::try_from(n).map_err(io::Error::other);
        let file = BufWriter::new(fs::File::create(path)?);
        let mut encoder = png::Encoder::new(file, size(width)?, size(height)?);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.write_header().and_then(|mut png| png.write_image_data(&dots))?;
        Ok(())
    }
}

fn line_height(line: &PaperLine) -> usize {
    if let Some(raster) = &line.raster {
        return raster.height();
    }
    if line.glyphs.iter().any(|glyph| glyph.high) { PITCH + CELL.1 } else { PITCH }
}

/// Grey dots, row by row; 255 is white.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Dots of a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// All dots.
    pub dots: Vec<u8>,
}

impl Picture {
    fn white(width: usize, height: usize) -> Self {
        Self { width, height, dots: vec![255; width * height] }
    }

    /// How many dots are dark within a rectangle, for tests: left, top, width, height.
    pub fn dark(&self, (left, top, width, height): (usize, usize, usize, usize)) -> usize {
        let rows = self.dots.chunks(self.width).skip(top).take(height);
        rows.flat_map(|row| row.iter().skip(left).take(width)).filter(|dot| **dot < 128).count()
    }

    /// Draws a character into its cell, a box where there is none.
    fn draw(
        &mut self,
        font: &FontRef<'_>,
        glyph: Glyph,
        (left, top): (usize, usize),
        (width, height): (usize, usize),
    ) {
        let Some(character) = glyph.character else {
            for x in 1..width.saturating_sub(1) {
                self.darken(left + x, top + 1, 255);
                self.darken(left + x, top + height.saturating_sub(2), 255);
            }
            return;
        };
        // An em is as high as the cell; the strokes of Han fill it.
        let x_scale = if glyph.wide == glyph.high {
            height
        } else if glyph.wide {
            height * 2
        } else {
            height / 2
        };
        let scale = PxScale { x: x_scale as f32, y: height as f32 };
        let id = font.glyph_id(character);
        let scaled = font.as_scaled(scale);
        // The face's own ascent and descent are higher than an em: 0.88 of it lie above the base.
        let em = font.units_per_em().unwrap_or(1000.0) / font.height_unscaled();
        let advance = scaled.h_advance(id) / em;
        // The printer's own Latin is narrower than the pages'.
        let narrow = (width as f32 / advance.max(1.0)).min(1.0);
        let scale = PxScale { x: scale.x / em * narrow, y: scale.y / em };
        let advance = advance * narrow;
        let x = left as f32 + (width as f32 - advance) / 2.0;
        let base = top as f32 + height as f32 * 0.88;
        let Some(outline) = font.outline_glyph(id.with_scale_and_position(scale, point(x, base)))
        else {
            return;
        };
        let bounds = outline.px_bounds();
        outline.draw(|dx, dy, cover| {
            let (x, y) = (bounds.min.x + dx as f32, bounds.min.y + dy as f32);
            if x >= 0.0 && y >= 0.0 {
                self.darken(x as usize, y as usize, (cover * 255.0) as u8);
            }
        });
    }

    /// Sets dots; those beyond the `width` of the head are lost.
    fn dots(&mut self, raster: &Raster, top: usize, width: usize) {
        for (y, row) in raster.bytes.chunks(raster.row_bytes.max(1)).enumerate() {
            let dark = |x: &usize| row.get(x / 8).is_some_and(|byte| byte & (0x80 >> (x % 8)) != 0);
            for x in (0..width).filter(dark) {
                self.darken(MARGIN + x, top + y, 255);
            }
        }
    }

    fn darken(&mut self, x: usize, y: usize, by: u8) {
        if x < self.width
            && let Some(dot) = self.dots.get_mut(y * self.width + x)
        {
            *dot = dot.saturating_sub(by);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str, align: Align, large: bool) -> PaperLine {
        let glyph = |c| Glyph { character: Some(c), wide: large, high: large };
        PaperLine { glyphs: text.chars().map(glyph).collect(), align, raster: None }
    }

    #[test]
    fn words_are_where_the_printer_puts_them() {
        let slip = Slip {
            lines: vec![line("作证明", Align::Centre, true), line("A", Align::Right, false)],
        };
        let picture = slip.picture(32);
        assert_eq!((picture.width, picture.height), (32 * 12 + 40, 54 + 30 + 40));
        // Three characters of 48 dots in the middle of 384.
        let (left, width) = (20 + (384 - 144) / 2, 144);
        let large = picture.dark((left, 20, width, 48));
        assert!(large > 1_000, "{large}");
        assert_eq!(picture.dark((0, 20, left, 48)) + picture.dark((left + width, 20, 400, 48)), 0);
        let small = picture.dark((20 + 31 * 12, 20 + 54, 12, 24));
        assert!(small > 20 && small < 200, "{small}");
        assert_eq!(picture.dark((0, 20 + 54, 20 + 31 * 12, 30)), 0);
        assert_eq!(slip.text(), "作证明\nA\n");
    }
}
