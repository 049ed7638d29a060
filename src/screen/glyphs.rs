//! Names in characters that can be drawn. A rare character may be in the embedded font, in a second
//! face that is installed on the machine, or in neither; then it is shown as a box with its code
//! point, never as nothing.
//!
//! State: the installed second faces, looked for once, when the first rare character needs them; and
//! whether the toolkit has the embedded typeface.

use std::{
    cell::Cell,
    ops::RangeInclusive,
    sync::{Arc, LazyLock},
};

use fontique::{Blob, CharmapIndex, Collection, CollectionOptions, SourceCache};
use kiosk_base::domain::name::standard_form;
use zeroize::Zeroizing;

use super::ui;

/// Families that have the characters of extensions B to F (Debian: fonts-hanazono).
const SECOND_FACES: [&str; 2] = ["HanaMinB", "HanaMinA"];

/// A name with more characters than this does not stand in one line of its usual size. Names in
/// Han have at most 15 on any document.
const LONG: usize = 18;

/// The private-use areas: what a font has there is not what a registration office meant.
const PRIVATE_USE: [RangeInclusive<char>; 3] =
    ['\u{E000}'..='\u{F8FF}', '\u{F0000}'..='\u{FFFFD}', '\u{100000}'..='\u{10FFFD}'];

thread_local! {
    /// Whether the toolkit of this thread has the typeface.
    static REGISTERED: Cell<bool> = const { Cell::new(false) };
}

/// Gives the typeface to the toolkit, for every window of this thread. It needs a platform.
pub(super) fn register_typeface() {
    if REGISTERED.replace(true) {
        return;
    }
    let mut collection = slint::fontique_011::shared_collection();
    for weight in [kiosk_typeface::REGULAR, kiosk_typeface::BOLD] {
        collection.register_fonts(Blob::new(Arc::new(weight)), None);
    }
}

/// `name` for the page, in runs of one face. Private-use characters with a standard form are shown
/// in it.
pub(super) fn parts(name: &str) -> Vec<ui::NamePart> {
    parts_with(name, |character| {
        SECOND_FACES_FOUND.iter().find(|face| face.has(character)).map(|face| face.family)
    })
}

/// Whether `name` needs the smaller size and a second line.
pub(super) fn is_long(name: &str) -> bool {
    name.chars().count() > LONG
}

fn parts_with(name: &str, second: impl Fn(char) -> Option<&'static str>) -> Vec<ui::NamePart> {
    let mut parts: Vec<ui::NamePart> = Vec::new();
    // Room for the whole name, so that growing leaves no copies.
    let mut run = Zeroizing::new(String::with_capacity(name.len() + name.len() / 3));
    let mut run_face = Face::Embedded;
    let flush = |run: &mut Zeroizing<String>, face: Face, parts: &mut Vec<ui::NamePart>| {
        if !run.is_empty() {
            parts.push(face.part(run));
            zeroize::Zeroize::zeroize(&mut **run);
        }
    };
    for character in name.chars().map(standard_form) {
        let face = match second_or_none(character, &second) {
            Drawn::Embedded => Face::Embedded,
            Drawn::Second(family) => Face::Second(family),
            Drawn::Not => {
                flush(&mut run, run_face, &mut parts);
                parts.push(missing(character));
                continue;
            }
        };
        if face != run_face {
            flush(&mut run, run_face, &mut parts);
            run_face = face;
        }
        run.push(character);
    }
    flush(&mut run, run_face, &mut parts);
    parts
}

/// The face of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Face {
    Embedded,
    Second(&'static str),
}

impl Face {
    fn part(self, text: &str) -> ui::NamePart {
        let family = match self {
            Self::Embedded => EMBEDDED,
            Self::Second(family) => family,
        };
        ui::NamePart { text: text.into(), family: family.into(), ..Default::default() }
    }
}

/// The family of the embedded typeface, as `app.slint` names it.
const EMBEDDED: &str = "Noto Sans SC";

enum Drawn {
    Embedded,
    Second(&'static str),
    Not,
}

fn second_or_none(character: char, second: &impl Fn(char) -> Option<&'static str>) -> Drawn {
    if PRIVATE_USE.iter().any(|area| area.contains(&character)) {
        return Drawn::Not;
    }
    if is_embedded(character) {
        return Drawn::Embedded;
    }
    second(character).map_or(Drawn::Not, Drawn::Second)
}

fn is_embedded(character: char) -> bool {
    let code = u32::from(character);
    let ranges = kiosk_typeface::COVERAGE;
    let behind = ranges.partition_point(|(first, _)| *first <= code);
    behind.checked_sub(1).is_some_and(|at| code <= ranges[at].1)
}

/// The box: what it says aloud, and its code point in two lines.
fn missing(character: char) -> ui::NamePart {
    let digits = format!("{:04X}", u32::from(character));
    let (upper, lower) = digits.split_at(digits.len().div_ceil(2));
    ui::NamePart {
        text: format!("U+{digits}").into(),
        missing: true,
        upper: upper.into(),
        lower: lower.into(),
        ..Default::default()
    }
}

/// An installed face and its character map.
struct SecondFace {
    family: &'static str,
    data: Blob<u8>,
    charmap: CharmapIndex,
}

impl SecondFace {
    fn has(&self, character: char) -> bool {
        let charmap = self.charmap.charmap(self.data.as_ref());
        charmap.is_some_and(|charmap| charmap.map(character).is_some_and(|glyph| glyph != 0))
    }
}

static SECOND_FACES_FOUND: LazyLock<Vec<SecondFace>> = LazyLock::new(|| {
    let options = CollectionOptions { shared: false, system_fonts: true };
    let mut collection = Collection::new(options);
    let mut cache = SourceCache::default();
    let find = |family: &'static str| {
        let info = collection.family_by_name(family)?;
        let font = info.default_font()?;
        let data = font.load(Some(&mut cache))?;
        Some(SecondFace { family, data, charmap: font.charmap_index() })
    };
    let found: Vec<_> = SECOND_FACES.into_iter().filter_map(find).collect();
    tracing::info!("fonts: {} faces for rare characters", found.len());
    found
});

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine on which HanaMinB is installed and has one character.
    fn with_second(name: &str) -> Vec<(String, String, bool)> {
        let second = |character| (character == '\u{2A6D6}').then_some("HanaMinB");
        let part = |part: ui::NamePart| (part.text.into(), part.family.into(), part.missing);
        parts_with(name, second).into_iter().map(part).collect()
    }

    fn run(text: &str, family: &str) -> (String, String, bool) {
        (text.to_owned(), family.to_owned(), false)
    }

    #[test]
    fn an_ordinary_name_is_one_run() {
        assert_eq!(with_second("测试·阿依古丽"), [run("测试·阿依古丽", EMBEDDED)]);
        assert_eq!(with_second("测＊·＊＊"), [run("测＊·＊＊", EMBEDDED)]);
        assert_eq!(with_second("T***, *"), [run("T***, *", EMBEDDED)]);
        assert_eq!(with_second("TEST, A"), [run("TEST, A", EMBEDDED)]);
        assert_eq!(with_second(""), []);
    }

    #[test]
    fn a_private_use_character_is_shown_in_its_standard_form_or_as_a_box() {
        assert_eq!(with_second("测\u{2CC56}\u{E863}"), [run("测\u{2CC56}䶮", EMBEDDED)]);
        let boxed = ("U+E000".to_owned(), String::new(), true);
        assert_eq!(with_second("测\u{E000}试"), [run("测", EMBEDDED), boxed, run("试", EMBEDDED)]);
    }

    #[test]
    fn the_second_face_has_what_the_first_has_not() {
        let parts = with_second("测\u{2A6D6}\u{2A6D5}试");
        assert_eq!(parts[..2], [run("测", EMBEDDED), run("\u{2A6D6}", "HanaMinB")]);
        assert_eq!(parts[2], ("U+2A6D5".to_owned(), String::new(), true));
        assert_eq!(parts[3], run("试", EMBEDDED));
        let part = &parts_with("\u{2A6D5}", |_| None)[0];
        assert_eq!((part.upper.as_str(), part.lower.as_str()), ("2A6", "D5"));
    }

    #[test]
    fn the_table_says_what_the_fonts_have() {
        for (weight, data) in [("regular", kiosk_typeface::REGULAR), ("bold", kiosk_typeface::BOLD)]
        {
            let options = CollectionOptions { shared: false, system_fonts: false };
            let mut collection = Collection::new(options);
            let registered = collection.register_fonts(Blob::new(Arc::new(data)), None);
            let charmap = registered[0].1[0].charmap_index();
            let charmap = charmap.charmap(data).expect("it has a character map");
            let mut known = 0;
            for character in '\u{20}'..=char::MAX {
                let has = charmap.map(character).is_some_and(|glyph| glyph != 0);
                assert_eq!(is_embedded(character), has, "{weight} U+{:04X}", u32::from(character));
                known += usize::from(has);
            }
            assert!(known > 30_000, "{known} characters");
        }
    }

    #[test]
    fn long_names_are_those_in_latin_letters() {
        assert!(!is_long(&"测".repeat(15)));
        assert!(is_long("TEST, MARGUERITE ALEXANDRA ELISABETH"));
    }
}
