//! Names of persons: how they are matched and brought into characters that have glyphs.
//! What a document stores is never changed; these functions read it.

use zeroize::Zeroizing;

/// Whether two spellings are one name. Equal once
/// * private-use characters of old registration software are the standard ones
///   ([`standard_form`]),
/// * the separator dots that different systems write are one: `· ‧ • ・ ･` anywhere, `.` and its
///   full-width form only between characters that are not Latin,
/// * letters are capital and of ordinary width,
/// * blanks and commas count only between Latin words, and there as one blank.
pub fn same_name(one: &str, other: &str) -> bool {
    let one = plain(one);
    !one.is_empty() && *one == *plain(other)
}

/// The standard character for a private-use one that GBK and GB 18030-2005 placed at U+E78D–E796
/// and U+E815–E864; any other character as it is. What provinces and vendors placed elsewhere in
/// the private-use area is not public and stays.
pub fn standard_form(character: char) -> char {
    let at = |first: u32| usize::try_from(u32::from(character).wrapping_sub(first)).ok();
    let mapped = at(0xE815).and_then(|at| STANDARD_E815.get(at));
    mapped.or_else(|| at(0xE78D).and_then(|at| STANDARD_E78D.get(at))).copied().unwrap_or(character)
}

fn plain(name: &str) -> Zeroizing<Vec<char>> {
    let characters: Zeroizing<Vec<char>> =
        Zeroizing::new(name.chars().map(standard_form).map(narrow).collect());
    // Whether something that counts stands before and behind, and is no Latin letter or digit.
    let is_word = |c: &char| !is_blank(*c);
    let foreign = |c: Option<&char>| c.is_some_and(|c| !c.is_ascii());
    let latin = |c: Option<&char>| c.is_some_and(char::is_ascii);
    let mut plain = Zeroizing::new(Vec::with_capacity(characters.len()));
    for (at, character) in characters.iter().enumerate() {
        let before = characters[..at].iter().rev().find(|c| is_word(c));
        let behind = characters[at + 1..].iter().find(|c| is_word(c));
        match character {
            c if is_separator(*c) => plain.push('·'),
            '.' if foreign(before) && foreign(behind) => plain.push('·'),
            c if is_blank(*c) => {
                let needed = latin(before) && latin(behind) && plain.last() != Some(&' ');
                plain.extend(needed.then_some(' '));
            }
            c => plain.push(c.to_ascii_uppercase()),
        }
    }
    plain
}

/// A full-width letter, digit, mark or blank in its ordinary width.
fn narrow(character: char) -> char {
    match character {
        '\u{3000}' => ' ',
        '\u{FF01}'..='\u{FF5E}' => {
            char::from_u32(u32::from(character) - 0xFEE0).unwrap_or(character)
        }
        _ => character,
    }
}

pub(super) fn is_separator(character: char) -> bool {
    matches!(character, '·' | '‧' | '•' | '・' | '･')
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | ',')
}

/// For U+E815 to U+E864, in order.
#[rustfmt::skip] // A table.
const STANDARD_E815: [char; 80] = [
    '\u{2E81}', '\u{20087}', '\u{20089}', '\u{200CC}', '\u{2E84}', '\u{3473}', '\u{3447}', '\u{2E88}',
    '\u{2E8B}', '\u{9FB4}', '\u{359E}', '\u{361A}', '\u{360E}', '\u{2E8C}', '\u{2E97}', '\u{396E}',
    '\u{3918}', '\u{9FB5}', '\u{39CF}', '\u{39DF}', '\u{3A73}', '\u{39D0}', '\u{9FB6}', '\u{9FB7}',
    '\u{3B4E}', '\u{3C6E}', '\u{3CE0}', '\u{2EA7}', '\u{215D7}', '\u{9FB8}', '\u{2EAA}', '\u{4056}',
    '\u{415F}', '\u{2EAE}', '\u{4337}', '\u{2EB3}', '\u{2EB6}', '\u{2EB7}', '\u{2298F}', '\u{43B1}',
    '\u{43AC}', '\u{2EBB}', '\u{43DD}', '\u{44D6}', '\u{4661}', '\u{464C}', '\u{9FB9}', '\u{4723}',
    '\u{4729}', '\u{477C}', '\u{478D}', '\u{2ECA}', '\u{4947}', '\u{497A}', '\u{497D}', '\u{4982}',
    '\u{4983}', '\u{4985}', '\u{4986}', '\u{499F}', '\u{499B}', '\u{49B7}', '\u{49B6}', '\u{9FBA}',
    '\u{241FE}', '\u{4CA3}', '\u{4C9F}', '\u{4CA0}', '\u{4CA1}', '\u{4C77}', '\u{4CA2}', '\u{4D13}',
    '\u{4D14}', '\u{4D15}', '\u{4D16}', '\u{4D17}', '\u{4D18}', '\u{4D19}', '\u{4DAE}', '\u{9FBB}',];

/// For U+E78D to U+E796, in order: the vertical forms.
#[rustfmt::skip] // A table.
const STANDARD_E78D: [char; 10] = [
    '\u{FE10}', '\u{FE12}', '\u{FE11}', '\u{FE13}', '\u{FE14}',
    '\u{FE15}', '\u{FE16}', '\u{FE17}', '\u{FE18}', '\u{FE19}',
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_use_characters_become_the_standard_ones() {
        let rows = [
            (0xE815, '⺁'),
            (0xE816, '\u{20087}'),
            (0xE826, '龵'),
            (0xE831, '\u{215D7}'),
            (0xE846, '䝼'),
            (0xE855, '\u{241FE}'),
            (0xE863, '䶮'),
            (0xE864, '龻'),
            (0xE78D, '︐'),
            (0xE78E, '︒'),
            (0xE796, '︙'),
        ];
        for (code, standard) in rows {
            assert_eq!(standard_form(char::from_u32(code).expect("a character")), standard);
        }
        for kept in ['\u{E814}', '\u{E865}', '\u{E78C}', '\u{E797}', '\u{E000}', '测', '\u{2CC56}']
        {
            assert_eq!(standard_form(kept), kept);
        }
    }

    #[test]
    fn the_dots_of_different_systems_are_one() {
        for dot in ["·", "‧", "•", "・", "･", ".", "．", " · "] {
            assert!(same_name("测试·阿依古丽", &format!(" 测试{dot}阿依古丽 ")), "{dot}");
        }
        assert!(!same_name("测试·阿依古丽", "测试阿依古丽"));
        // In Latin names a point is a point.
        assert!(!same_name("T.EST", "T·EST"));
    }

    #[test]
    fn other_spellings_of_one_name() {
        let same = [
            ("测\u{2CC56}\u{E863}", "测\u{2CC56}䶮"),
            ("测 试", "测试"),
            ("测\u{3000}试", "测试"),
            ("TEST, SYNTHETIC PERSON", "Test Synthetic  Person"),
            ("ＴＥＳＴ", "test"),
        ];
        for (one, other) in same {
            assert!(same_name(one, other) && same_name(other, one), "{one} {other}");
        }
        let different = [
            ("测试甲", "测试乙"),
            ("测试甲", "测试甲甲"),
            ("测\u{E863}", "测\u{E864}"),
            ("测\u{E000}", "测䶮"),
            ("TEST PERSON", "TESTPERSON"),
            ("", " "),
            (",", " "),
        ];
        for (one, other) in different {
            assert!(!same_name(one, other), "{one} {other}");
        }
    }
}
