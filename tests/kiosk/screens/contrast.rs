//! Colours as they are drawn: every text stands out from what it lies on.

use renshe_kiosk::{
    screen::headless::{Drawn, Found},
    visit::Palette,
};

use super::checks::Fault;

/// Least contrast of text.
const TEXT: f64 = 4.5;
/// Least contrast of text in the palette for weak eyes.
const HIGH: f64 = 7.0;
/// Least contrast of what cannot be pressed now, and of the edge of what can.
const DISABLED: f64 = 3.0;

/// A picture of the window, four bytes a pixel.
pub struct Picture<'a> {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Red, green, blue, alpha.
    pub bytes: &'a [u8],
}

/// Every text that does not stand out enough, and every control whose edge does not.
pub fn faults(drawn: &Drawn, picture: &Picture<'_>, palette: Palette) -> Vec<Fault> {
    let mut faults = Vec::new();
    let high_contrast = matches!(palette, Palette::ContrastLight | Palette::ContrastDark);
    for words in drawn.words.iter().filter(|words| !words.label.trim().is_empty()) {
        let disabled = drawn.controls.iter().any(|c| !c.enabled && covers(c, words));
        let least = match (disabled, high_contrast) {
            (true, _) => DISABLED,
            (false, true) => HIGH,
            (false, false) => TEXT,
        };
        let Some((ground, ink)) = colours(words, picture) else { continue };
        let found = contrast(ground, ink);
        if found < least {
            let details = format!("{found:.1} instead of {least}, {} on {}", hex(ink), hex(ground));
            let element = words.label.clone();
            faults.push(Fault { what: "too little contrast", element, details });
        }
    }
    for control in drawn.controls.iter().filter(|control| control.enabled) {
        for (side, found) in edges(control, picture) {
            if found < DISABLED {
                let details = format!("{found:.1} instead of {DISABLED} at its {side} edge");
                let element = control.label.clone();
                faults.push(Fault { what: "an edge that is hardly seen", element, details });
            }
        }
    }
    faults
}

/// How much the edges of a control stand out from what is just beside them, those that lie within the
/// picture: a line, or all of its inside.
fn edges(control: &Found, picture: &Picture<'_>) -> Vec<(&'static str, f64)> {
    /// Just outside, and as far within as a thick line and a soft edge reach.
    const OUTSIDE: f32 = 3.0;
    const WITHIN: u8 = 8;
    let at = |x: f32, y: f32| {
        let (x, y) = (x.round(), y.round());
        let inside = x >= 0.0 && y >= 0.0 && x < picture.width as f32 && y < picture.height as f32;
        inside.then(|| {
            let start = (y as usize * picture.width + x as usize) * 4;
            [picture.bytes[start], picture.bytes[start + 1], picture.bytes[start + 2]]
        })
    };
    let (right, bottom) = (control.x + control.width - 1.0, control.y + control.height - 1.0);
    let (x, y) = (control.x + control.width / 2.0, control.y + control.height / 2.0);
    let sides = [
        ("left", (control.x, y), (1.0, 0.0)),
        ("right", (right, y), (-1.0, 0.0)),
        ("upper", (x, control.y), (0.0, 1.0)),
        ("lower", (x, bottom), (0.0, -1.0)),
    ];
    let most = |(side, (x, y), (over, down)): (&'static str, (f32, f32), (f32, f32))| {
        let outside = at(x - over * OUTSIDE, y - down * OUTSIDE)?;
        let within = (0..WITHIN).map(f32::from).filter_map(|n| at(x + over * n, y + down * n));
        let found = within.map(|inside| contrast(outside, inside)).max_by(f64::total_cmp)?;
        Some((side, found))
    };
    sides.into_iter().filter_map(most).collect()
}

/// The colour on which the words lie and the one in which they are drawn: the most frequent, and
/// among those frequent enough to be more than an edge the one that differs most from it.
fn colours(words: &Found, picture: &Picture<'_>) -> Option<([u8; 3], [u8; 3])> {
    const ENOUGH: usize = 6;
    let clamp = |at: f32, most: usize| (at.max(0.0) as usize).min(most);
    let (left, right) =
        (clamp(words.x, picture.width), clamp(words.x + words.width, picture.width));
    let (top, bottom) =
        (clamp(words.y, picture.height), clamp(words.y + words.height, picture.height));
    let mut counts: Vec<([u8; 3], usize)> = Vec::new();
    let mut last = 0;
    // Every other row: no stroke is thinner, and there are very many pixels.
    for y in (top..bottom).step_by(2) {
        let row = &picture.bytes
            [(y * picture.width + left) * 4..(y * picture.width + right.max(left)) * 4];
        for pixel in row.chunks_exact(4) {
            let colour = [pixel[0], pixel[1], pixel[2]];
            // Neighbours mostly have one colour.
            match counts.get_mut(last) {
                Some((known, count)) if *known == colour => *count += 1,
                _ => match counts.iter().position(|(known, _)| *known == colour) {
                    Some(at) => {
                        counts[at].1 += 1;
                        last = at;
                    }
                    None => {
                        last = counts.len();
                        counts.push((colour, 1));
                    }
                },
            }
        }
    }
    let (ground, _) = *counts.iter().max_by_key(|(_, count)| *count)?;
    let frequent = counts.iter().filter(|(_, count)| *count >= ENOUGH).map(|(colour, _)| *colour);
    let ink = frequent.max_by(|a, b| contrast(ground, *a).total_cmp(&contrast(ground, *b)))?;
    Some((ground, ink))
}

/// Contrast of two colours after WCAG 2: 1 to 21.
pub fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: [u8; 3]) -> f64 {
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.03928 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    let [red, green, blue] = colour.map(linear);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn covers(control: &Found, words: &Found) -> bool {
    let (x, y) = (words.x + words.width / 2.0, words.y + words.height / 2.0);
    (control.x..=control.x + control.width).contains(&x)
        && (control.y..=control.y + control.height).contains(&y)
}

fn hex([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}

#[cfg(test)]
mod tests {
    use super::{super::checks::box_of, *};

    #[test]
    fn pale_words_are_found_and_dark_ones_pass() {
        let words = |enabled| {
            let control = Found { enabled, ..box_of("", 0.0) };
            Drawn { words: vec![box_of("字", 0.0)], controls: vec![control], ..Drawn::default() }
        };
        let drawn_in = |ink: u8| {
            let mut bytes = vec![255; 100 * 100 * 4];
            bytes[40 * 400..60 * 400].fill(ink);
            bytes
        };
        let faults = |ink, enabled, high: bool| {
            let bytes = drawn_in(ink);
            let picture = Picture { width: 100, height: 100, bytes: &bytes };
            let palette = if high { Palette::ContrastLight } else { Palette::Standard };
            faults(&words(enabled), &picture, palette).len()
        };
        assert_eq!(faults(0x00, true, true), 0);
        assert_eq!(faults(0x6C, true, false), 0);
        assert_eq!(faults(0x6C, true, true), 1, "5.2 is too little for weak eyes");
        assert_eq!(faults(0x80, true, false), 1, "3.9 is too little");
        assert_eq!(faults(0x80, false, false), 0, "but enough for what cannot be pressed");
        assert_eq!(faults(0xFF, false, false), 1, "words nobody can see");
    }

    #[test]
    fn pale_edges_are_found_and_dark_ones_pass() {
        let edges = |line: u8, fill: u8| {
            let mut bytes = vec![255; 200 * 200 * 4];
            for y in 50..150 {
                bytes[(y * 200 + 50) * 4..(y * 200 + 150) * 4].fill(line);
            }
            for y in 52..148 {
                bytes[(y * 200 + 52) * 4..(y * 200 + 148) * 4].fill(fill);
            }
            let picture = Picture { width: 200, height: 200, bytes: &bytes };
            let control = Found { y: 50.0, ..box_of("钮", 50.0) };
            let drawn = Drawn { controls: vec![control], ..Drawn::default() };
            super::faults(&drawn, &picture, Palette::Standard).len()
        };
        assert_eq!(edges(0x60, 0xFF), 0, "a line");
        assert_eq!(edges(0x60, 0x60), 0, "all of it");
        assert_eq!(edges(0xD0, 0xFF), 4, "a pale line on all four sides");
    }

    #[test]
    fn black_on_white_is_21_and_grey_on_grey_is_nothing() {
        assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 0.01);
        assert!((contrast([0x77; 3], [255; 3]) - 4.48).abs() < 0.01);
        assert!((contrast([9; 3], [9; 3]) - 1.0).abs() < 0.01);
    }
}
