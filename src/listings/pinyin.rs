//! Pinyin without tones: the readings of a character, and what typed letters can mean.
//!
//! What people type for ü is a reading of its own: 吕 is `lv` and `lu`, 略 `lve` and `lue`. What the
//! crate's table lacks stands in `readings.toml`.
//!
//! Keeps two tables, made at first use: the syllables that exist, and our own readings.

use std::{collections::HashMap, sync::OnceLock};

use pinyin::ToPinyinMulti;
use serde::Deserialize;

use super::fingerprint::fingerprint;

/// Our own readings, as they stand in the file.
const OWN: &str = include_str!("readings.toml");
/// Most readings of one character: the most that there are.
const READINGS_MAX: usize = 12;
/// Most ways to read one run of letters that are followed.
const PARSES_MAX: usize = 8;
/// Most steps in looking for them, so that `nananana…` ends soon.
const STEPS_MAX: usize = 400;

/// The readings of one character. Dereferences to a slice.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Readings {
    list: [&'static str; READINGS_MAX],
    count: usize,
}

impl std::ops::Deref for Readings {
    type Target = [&'static str];

    fn deref(&self) -> &Self::Target {
        &self.list[..self.count]
    }
}

impl Readings {
    fn add(&mut self, reading: &'static str) {
        let spoken = reading.is_ascii() && reading.bytes().any(|b| b"aeiouv".contains(&b));
        if spoken && !self.contains(&reading) && self.count < READINGS_MAX {
            self.list[self.count] = reading;
            self.count += 1;
        }
    }
}

/// The readings of a Han character, such as `zhong`, `chong`, `tong` for 重; none when none is
/// known. `ü` is written `v`, as on every keyboard, and once more `u`, as people write it.
pub(super) fn readings(character: char) -> Readings {
    let mut readings = Readings::default();
    for reading in own().get(&character).into_iter().flatten() {
        readings.add(reading);
    }
    for reading in character.to_pinyin_multi().into_iter().flatten() {
        let written: &[&str] = match reading.plain() {
            "lü" => &["lv", "lu"],
            "lüe" => &["lve", "lue"],
            "nü" => &["nv", "nu"],
            "nüe" => &["nve", "nue"],
            plain => &[plain],
        };
        written.iter().for_each(|reading| readings.add(reading));
    }
    readings
}

/// A number that changes with our own readings.
pub(super) fn rules() -> u32 {
    fingerprint(OWN.as_bytes()) as u32
}

/// The readings of `readings.toml`.
fn own() -> &'static HashMap<char, Vec<String>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        character: Vec<Line>,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Line {
        character: char,
        readings: Vec<String>,
        #[serde(rename = "because")]
        _because: String,
    }
    static TABLE: OnceLock<HashMap<char, Vec<String>>> = OnceLock::new();
    TABLE.get_or_init(|| {
        // Part of the program: a test reads it, so it cannot be wrong here.
        let file: File = toml::from_str(OWN).expect("readings.toml is right");
        file.character.into_iter().map(|line| (line.character, line.readings)).collect()
    })
}

/// One way to read letters as full pinyin: whole syllables, and how the last one begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parse<'a> {
    /// Syllables that are typed to their end.
    pub(super) whole: Vec<&'a str>,
    /// Letters of the last syllable, which may go on: never empty.
    pub(super) tail: &'a str,
}

/// Every way to read `letters` (lower case) as full pinyin, within limits.
pub(super) fn parses(letters: &str) -> Vec<Parse<'_>> {
    let mut search = Search { found: Vec::new(), steps: 0 };
    search.go(letters, &mut Vec::new());
    search.found
}

/// The syllables that begin with `letters`.
fn syllables_from(letters: &str) -> &'static [&'static str] {
    let all = syllables();
    let first = all.partition_point(|s| *s < letters);
    let count = all[first..].partition_point(|s| s.starts_with(letters));
    &all[first..first + count]
}

struct Search<'a> {
    found: Vec<Parse<'a>>,
    steps: usize,
}

impl<'a> Search<'a> {
    fn go(&mut self, rest: &'a str, whole: &mut Vec<&'a str>) {
        self.steps += 1;
        if self.found.len() == PARSES_MAX || self.steps > STEPS_MAX || rest.is_empty() {
            return;
        }
        if !syllables_from(rest).is_empty() {
            self.found.push(Parse { whole: whole.clone(), tail: rest });
        }
        // The longest syllable is 6 letters; long ones first, since they are meant more often.
        for end in (1..rest.len().min(7)).rev() {
            let Some((syllable, after)) = rest.split_at_checked(end) else { continue };
            if syllables().binary_search(&syllable).is_ok() {
                whole.push(syllable);
                self.go(after, whole);
                whole.pop();
            }
        }
    }
}

/// All syllables, sorted: those of the characters of the basic block.
fn syllables() -> &'static [&'static str] {
    static SYLLABLES: OnceLock<Vec<&'static str>> = OnceLock::new();
    SYLLABLES.get_or_init(|| {
        let mut all: Vec<_> =
            ('\u{4E00}'..='\u{9FFF}').flat_map(|c| readings(c).to_vec()).collect();
        all.sort_unstable();
        all.dedup();
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_has_all_its_readings_without_tones() {
        assert_eq!(*readings('电'), ["dian"]);
        assert!(readings('重').starts_with(&["zhong", "chong"]));
        assert!(readings('长').contains(&"zhang") && readings('长').contains(&"chang"));
        assert_eq!(*readings('吕'), ["lv", "lu"]);
        assert_eq!(readings('女')[..2], ["nv", "nu"]);
        assert_eq!(*readings('略'), ["lve", "lue"]);
        assert_eq!(readings('虐')[..2], ["nve", "nue"]);
        assert!(readings('x').is_empty());
    }

    #[test]
    fn every_line_of_our_own_says_what_the_crate_does_not() {
        assert_eq!(OWN.matches("[[character]]").count(), own().len(), "a character stands twice");
        for (character, readings) in own() {
            let crates: Vec<_> =
                character.to_pinyin_multi().into_iter().flatten().map(|r| r.plain()).collect();
            for reading in readings {
                assert!(!crates.contains(&reading.as_str()), "{character} {reading} is needless");
                assert!(syllables().binary_search(&reading.as_str()).is_ok(), "{reading}");
            }
        }
    }

    #[test]
    fn no_reading_is_left_out_for_want_of_room() {
        let most = ('\u{3400}'..='\u{3FFFF}').map(|c| readings(c).len()).max();
        assert!(most < Some(READINGS_MAX), "{most:?}");
    }

    /// Counties and towns of the south-west and of where its people go to work, and surnames that
    /// are read otherwise than the character: as the official readings have them.
    #[test]
    fn places_and_surnames_have_their_official_readings() {
        const NAMES: &str = include_str!("readings_test.txt");
        for line in NAMES.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let (name, spoken) = line.split_once(' ').expect("a name and its syllables");
            let spoken: Vec<_> = spoken.split(' ').collect();
            assert_eq!(name.chars().count(), spoken.len(), "{line}");
            for (character, syllable) in name.chars().zip(spoken) {
                assert!(readings(character).contains(&syllable), "{line}: {character} {syllable}");
            }
        }
    }

    #[test]
    fn letters_are_read_in_every_way_they_can_be() {
        let shown = |letters| {
            parses(letters)
                .into_iter()
                .map(|p| [p.whole.join("'"), p.tail.to_owned()].join("'"))
                .collect::<Vec<_>>()
        };
        assert_eq!(shown("dianh"), ["dian'h", "di'an'h"]);
        assert!(shown("xian").contains(&"'xian".to_owned()));
        assert!(shown("xian").contains(&"xi'an".to_owned()));
        assert!(shown("dhg").is_empty());
        assert!(shown("vvv").is_empty());
    }

    #[test]
    fn the_end_of_a_syllable_may_still_be_open() {
        assert_eq!(syllables_from("han"), ["han", "hang"]);
        assert!(syllables_from("q1").is_empty());
        assert!((380..450).contains(&syllables().len()), "{}", syllables().len());
    }

    #[test]
    fn letters_without_end_are_given_up() {
        assert!(parses(&"nanannanang".repeat(6)).len() <= PARSES_MAX);
        assert!(parses(&format!("{}q", "na".repeat(40))).len() <= PARSES_MAX);
    }
}
