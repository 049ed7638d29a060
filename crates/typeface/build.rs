use std::{env, fs, path::Path};

/// Both weights, as `lib.rs` includes them.
const FONTS: [&str; 2] = ["fonts/NotoSansSC-Regular.otf", "fonts/NotoSansSC-Bold.otf"];

/// Writes which characters both weights have, as ranges for `lib.rs` to include.
fn main() {
    let mut coverage: Option<Vec<(u32, u32)>> = None;
    for path in FONTS {
        println!("cargo::rerun-if-changed={path}");
        let font = fs::read(path).expect("the font is in the repository");
        let groups = groups(&font).expect("the font has a character map of format 12");
        match &coverage {
            None => coverage = Some(groups),
            Some(first) => assert_eq!(*first, groups, "both weights have the same characters"),
        }
    }
    let ranges: String =
        coverage.iter().flatten().map(|(first, last)| format!("({first},{last}),")).collect();
    let out = env::var("OUT_DIR").expect("cargo says where");
    fs::write(Path::new(&out).join("coverage.in"), format!("&[{ranges}]")).expect("written");
}

/// The characters of a font: first and last of each run, by the `cmap` subtable of format 12, which
/// fonts with characters beyond U+FFFF have.
fn groups(font: &[u8]) -> Option<Vec<(u32, u32)>> {
    let u16_at =
        |at: usize| Some(usize::from(u16::from_be_bytes(font.get(at..at + 2)?.try_into().ok()?)));
    let u32_at = |at: usize| Some(u32::from_be_bytes(font.get(at..at + 4)?.try_into().ok()?));
    let table =
        (0..u16_at(4)?).map(|i| 12 + 16 * i).find(|&at| font.get(at..at + 4) == Some(b"cmap"))?;
    let cmap = usize::try_from(u32_at(table + 8)?).ok()?;
    let subtables = (0..u16_at(cmap + 2)?).map(|i| cmap + 4 + 8 * i);
    let mut offsets = subtables.filter_map(|at| usize::try_from(u32_at(at + 4)?).ok());
    let map = cmap + offsets.find(|offset| u16_at(cmap + offset) == Some(12))?;
    let mut groups: Vec<(u32, u32)> = Vec::new();
    for i in 0..usize::try_from(u32_at(map + 12)?).ok()? {
        let at = map + 16 + 12 * i;
        let (first, last) = (u32_at(at)?, u32_at(at + 4)?);
        match groups.last_mut() {
            Some((_, end)) if *end + 1 == first => *end = last,
            _ => groups.push((first, last)),
        }
    }
    Some(groups)
}
