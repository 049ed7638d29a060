//! What a screen shows, and how much two pictures differ.

use std::{collections::BTreeSet, fs, io::BufWriter, path::Path};

/// A picture without transparency.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Width and height.
    pub size: (u32, u32),
    pixels: Vec<[u8; 3]>,
}

/// How far a channel may be off before a pixel counts as another one.
const NEAR: u8 = 24;

impl Picture {
    /// From what `xwd` writes of a screen with 24 bits: a header of big-endian words, a table of
    /// colours, and lines of four bytes a pixel, blue first; three where it put the picture
    /// together from windows of several kinds.
    pub fn of_xwd(dump: &[u8]) -> Self {
        let word = |n: usize| {
            let bytes = dump[4 * n..4 * n + 4].try_into().expect("a header");
            u32::from_be_bytes(bytes)
        };
        assert_eq!((word(1), word(7)), (7, 0), "X window dump, version 7, low byte first");
        let (width, height, line) = (word(4), word(5), word(12) as usize);
        let pixel = word(11) as usize / 8;
        let pixels = &dump[word(0) as usize + 12 * word(19) as usize..];
        let rows = pixels.chunks_exact(line).take(height as usize);
        let bytes = rows.flat_map(|row| row[..pixel * width as usize].chunks_exact(pixel));
        let pixels = bytes.map(|pixel| [pixel[2], pixel[1], pixel[0]]).collect();
        Self { size: (width, height), pixels }
    }

    /// From a portable pixmap of eight bits a channel, as `grim -t ppm` writes it.
    pub fn of_ppm(file: &[u8]) -> Self {
        let mut lines = file.splitn(4, |byte| byte.is_ascii_whitespace());
        let mut word = || std::str::from_utf8(lines.next().expect("a header")).expect("ASCII");
        assert_eq!(word(), "P6");
        let size = (word().parse().expect("a width"), word().parse().expect("a height"));
        let rest = lines.next().expect("pixels");
        let pixels = rest.strip_prefix(b"255\n").expect("eight bits a channel");
        let pixels = pixels.chunks_exact(3).map(|pixel| [pixel[0], pixel[1], pixel[2]]);
        Self::new(size, pixels.collect())
    }

    /// From rows of pixels.
    pub fn new(size: (u32, u32), pixels: Vec<[u8; 3]>) -> Self {
        assert_eq!(pixels.len(), size.0 as usize * size.1 as usize);
        Self { size, pixels }
    }

    /// The upper left corner of it.
    pub fn corner(&self, width: u32, height: u32) -> Self {
        assert!(width <= self.size.0 && height <= self.size.1);
        let rows = self.pixels.chunks_exact(self.size.0 as usize).take(height as usize);
        let pixels = rows.flat_map(|row| &row[..width as usize]).copied().collect();
        Self { size: (width, height), pixels }
    }

    /// Whether nothing stands on it: areas of a colour or two.
    pub fn is_empty(&self) -> bool {
        self.pixels.iter().collect::<BTreeSet<_>>().len() <= 2
    }

    /// The share of pixels that are not as in `other`; all, where the sizes differ.
    pub fn unlike(&self, other: &Self) -> f64 {
        if self.size != other.size {
            return 1.0;
        }
        let far =
            |(a, b): &(&[u8; 3], &[u8; 3])| a.iter().zip(*b).any(|(a, b)| a.abs_diff(*b) > NEAR);
        let count = self.pixels.iter().zip(&other.pixels).filter(far).count();
        count as f64 / self.pixels.len() as f64
    }

    /// Writes it as a PNG file.
    pub fn write(&self, path: &Path) {
        let file = BufWriter::new(fs::File::create(path).expect("a file"));
        let mut encoder = png::Encoder::new(file, self.size.0, self.size.1);
        encoder.set_color(png::ColorType::Rgb);
        let mut writer = encoder.write_header().expect("a header");
        writer.write_image_data(self.pixels.as_flattened()).expect("written");
    }
}

#[test]
fn pictures_are_read_as_they_are_written() {
    let mut dump = vec![0; 100];
    for (n, word) in [(0, 100), (1, 7), (4, 2), (5, 1), (11, 32), (12, 12), (19, 1)] {
        dump[4 * n..4 * n + 4].copy_from_slice(&u32::to_be_bytes(word));
    }
    dump.extend([0; 12]);
    dump.extend([3, 2, 1, 0, 6, 5, 4, 0, 9, 9, 9, 9]);
    let picture = Picture::of_xwd(&dump);
    assert!(picture == Picture::of_ppm(b"P6\n2 1\n255\n\x01\x02\x03\x04\x05\x06"));
    assert!(picture.is_empty());
    assert_eq!(picture.unlike(&Picture::new((2, 1), vec![[1, 2, 3], [4, 5, 60]])), 0.5);
}
