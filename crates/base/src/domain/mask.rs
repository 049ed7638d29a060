//! How a person's name, number and address are masked: the one way in which they may stand where
//! others can see them, on the page, on a slip, for the staff and on the command line. Keeps no
//! state.

use super::name::is_separator;

/// In place of what is not shown of a number or an address, however long that is.
const HIDDEN: &str = "＊＊＊＊";

/// A name: the first character, then a star as wide as each that follows. Separator dots and blanks
/// stay, so that the shape of a minority name or a foreign one is recognisable.
pub fn name(name: &str) -> String {
    let masked = |(i, c): (usize, char)| match c {
        c if i == 0 || is_separator(c) || c == ' ' => c,
        c if c.is_ascii() => '*',
        _ => '＊',
    };
    name.chars().enumerate().map(masked).collect()
}

/// The number of a document or a card: its first four and last four characters,
/// `5105＊＊＊＊0012`; of one that is shorter than twelve its last two.
pub fn number(number: &str) -> String {
    let count = number.chars().count();
    let (first, last) = if count < 12 { (0, 2.min(count / 2)) } else { (4, 4) };
    let head = number.chars().take(first);
    head.chain(HIDDEN.chars()).chain(number.chars().skip(count - last)).collect()
}

/// An address up to the county or district, as far as it names one.
pub fn address(address: &str) -> String {
    let known = address.find(['县', '区']).map_or("", |at| &address[..at + '县'.len_utf8()]);
    format!("{known}{HIDDEN}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_keeps_its_first_character_and_its_dots() {
        assert_eq!(name("测试甲"), "测＊＊");
        assert_eq!(name("测试·阿依古丽"), "测＊·＊＊＊＊");
        assert_eq!(name("测试•阿"), "测＊•＊");
        assert_eq!(name("TEST, A B"), "T**** * *");
        assert_eq!(name(""), "");
    }

    #[test]
    fn a_number_keeps_both_ends_and_a_short_one_hardly_any() {
        assert_eq!(number("510599195908160015"), "5105＊＊＊＊0015");
        assert_eq!(number("XXA000000000001"), "XXA0＊＊＊＊0001");
        assert_eq!(number("TEST59081"), "＊＊＊＊81");
        assert_eq!(number("7"), "＊＊＊＊");
        assert_eq!(number(""), "＊＊＊＊");
        assert_eq!(address("四川省泸县福集镇测试村3组"), "四川省泸县＊＊＊＊");
        assert_eq!(address("测试路"), "＊＊＊＊");
    }

    proptest! {
        #[test]
        fn nothing_is_shown_whole(text in "[0-9A-Z测试县]{2,40}") {
            for masked in [name(&text), number(&text)] {
                prop_assert!(!masked.contains(&text), "{masked}");
            }
        }
    }
}
