//! Pinyin without tones: the readings of a character, and what typed letters can mean.
//!
//! Keeps one table, made at first use: the syllables that exist.

use std::sync::OnceLock;

use pinyin::ToPinyinMulti;

/// Most readings of one character that are indexed, the usual ones first.
const READINGS_MAX: usize = 4;
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

/// The readings of a Han character, such as `zhong`, `chong`, `tong` for 重; none when none is
/// known. `ü` is written `v`, as on every keyboard.
pub(super) fn readings(character: char) -> Readings {
    let mut readings = Readings::default();
    for reading in character.to_pinyin_multi().into_iter().flatten() {
        let plain = match reading.plain() {
            "lü" => "lv",
            "lüe" => "lve",
            "nü" => "nv",
            "nüe" => "nve",
            plain => plain,
        };
        let spoken = plain.is_ascii() && plain.bytes().any(|b| b"aeiouv".contains(&b));
        if spoken && !readings.contains(&plain) && readings.count < READINGS_MAX {
            readings.list[readings.count] = plain;
            readings.count += 1;
        }
    }
    readings
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
pub(super) fn syllables_from(letters: &str) -> &'static [&'static str] {
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
        assert_eq!(*readings('吕'), ["lv"]);
        assert_eq!(readings('女')[0], "nv");
        assert!(readings('x').is_empty());
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
