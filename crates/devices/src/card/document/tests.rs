use jiff::civil::date;
use kiosk_base::domain::{
    HolderNumber,
    document::{PlainDate, Sex, Validity},
};
use proptest::prelude::*;

use super::{text::SIZE, *};
use crate::card::vectors::vector;

/// The data of a vector's answer.
fn data(name: &str) -> Vec<u8> {
    let frame = vector(name);
    frame[10..frame.len() - 1].to_vec()
}

/// The vector `base` with `units` written at byte `at` of the text block.
fn changed_in(base: &str, at: usize, units: &[u16]) -> Vec<u8> {
    let mut data = data(base);
    for (index, unit) in units.iter().enumerate() {
        let at = LENGTHS + at + 2 * index;
        data[at..at + 2].copy_from_slice(&unit.to_le_bytes());
    }
    data
}

fn text_in(base: &str, at: usize, text: &str) -> Vec<u8> {
    changed_in(base, at, &text.encode_utf16().collect::<Vec<_>>())
}

/// Person A, changed.
fn changed(at: usize, units: &[u16]) -> Vec<u8> {
    changed_in("base_A", at, units)
}

fn with_text(at: usize, text: &str) -> Vec<u8> {
    text_in("base_A", at, text)
}

fn resident(data: &[u8]) -> ResidentIdCard {
    let Ok(Document::ResidentIdCard(card)) = parse(data) else { panic!("a resident's card") };
    card
}

#[test]
fn person_a() {
    let expected = ResidentIdCard {
        name: "测试甲".into(),
        sex: Sex::Male,
        ethnic_group: EthnicGroup(1),
        birth_date: Sensitive::new(PlainDate { year: 1985, month: 7, day: 15 }),
        address: "四川省泸县福集镇测试路1号".into(),
        appended_address: None,
        number: CitizenId::parse("510599198507150012").expect("valid"),
        issuing_authority: "泸县公安局".into(),
        valid_from: date(2020, 1, 1),
        valid_until: Validity::Until(date(2040, 1, 1)),
    };
    assert!(parse(&data("base_A")) == Ok(Document::ResidentIdCard(expected)));
}

#[test]
fn person_b_long_term_with_a_dot_and_a_number_in_x() {
    let card = resident(&data("base_B"));
    assert_eq!(card.name.expose(), "测试·阿依古丽");
    assert_eq!((card.sex, card.ethnic_group), (Sex::Female, EthnicGroup(5)));
    assert_eq!(card.number.expose(), "51059919610320058X");
    let address = "四川省泸县玉蟾街道测试社区第九村民小组虚构巷二百三十四号附五号甲乙丙";
    assert_eq!(card.address.expose(), address);
    assert_eq!(card.valid_from, date(2012, 6, 1));
    assert_eq!(card.valid_until, Validity::LongTerm);
}

#[test]
fn person_r_rare_characters_stay_as_stored() {
    let card = resident(&data("base_R"));
    assert_eq!(card.name.expose(), "测\u{2CC56}\u{E863}");
    assert_eq!(card.address.expose(), "四川省泸县〇测试村");
}

#[test]
fn the_residence_permit() {
    let expected = ResidencePermit {
        name: "測試丙".into(),
        sex: Sex::Male,
        birth_date: Sensitive::new(PlainDate { year: 1892, month: 2, day: 29 }),
        address: "四川省泸县福集镇测试路2号".into(),
        appended_address: None,
        number: CitizenId::parse("810000189202290038").expect("valid"),
        issuing_authority: "泸县公安局".into(),
        valid_from: date(2021, 3, 1),
        valid_until: date(2026, 3, 1),
        permit_number: "H00000000".into(),
        issue_count: 1,
    };
    assert!(parse(&data("base_J")) == Ok(Document::ResidencePermit(expected)));
}

#[test]
fn the_foreigners_card_of_2017() {
    let expected = ForeignerCard2017 {
        english_name: "TEST, SYNTHETIC PERSON".into(),
        chinese_name: Some("测试丁".into()),
        sex: Sex::Female,
        number: ForeignerNumber2017::parse("XXA000000000001").expect("valid"),
        nationality: "XXA".into(),
        birth_date: Sensitive::new(PlainDate { year: 1988, month: 8, day: 8 }),
        valid_from: date(2018, 1, 1),
        valid_until: date(2028, 1, 1),
        version: "01".into(),
        accepting_authority: "5100".into(),
    };
    assert!(parse(&data("base_I")) == Ok(Document::ForeignerCard2017(expected)));
}

#[test]
fn the_foreigners_card_of_2023_with_a_name_in_two_parts() {
    let expected = ForeignerCard2023 {
        english_name: "TEST, SYNTHETIC VERY LONG PERSON NAME EXAMPLE".into(),
        chinese_name: Some("测试戊".into()),
        sex: Sex::Male,
        renewal_count: 1,
        number: ForeignerNumber2023::parse("951999198808080024").expect("valid"),
        nationality: "XXA".into(),
        birth_date: Sensitive::new(PlainDate { year: 1988, month: 8, day: 8 }),
        valid_from: date(2024, 1, 1),
        valid_until: date(2034, 1, 1),
        earlier_number: "001".into(),
    };
    assert!(parse(&data("base_Y")) == Ok(Document::ForeignerCard2023(expected)));
}

#[test]
fn a_name_that_ends_at_the_seam_keeps_the_blank_inside_it() {
    // 34 letters and a blank fill the first slot; the second begins with the next word.
    let mut data = text_in("base_Y", 52, &format!("{} ", "T".repeat(34)));
    let more = text_in("base_Y", 220, "WORD       ");
    data[LENGTHS + 220..LENGTHS + 242].copy_from_slice(&more[LENGTHS + 220..LENGTHS + 242]);
    let Ok(Document::ForeignerCard2023(card)) = parse(&data) else { panic!("a foreigner's card") };
    assert_eq!(card.english_name.expose(), &format!("{} WORD", "T".repeat(34)));
}

#[test]
fn a_foreigner_without_a_chinese_name_is_called_by_the_english_one() {
    for (base, at) in [("base_I", 158), ("base_Y", 0)] {
        let document = parse(&text_in(base, at, &" ".repeat(15))).expect("a card");
        assert!(document.name().expose().starts_with("TEST, SYNTHETIC"), "{base}");
    }
}

#[test]
fn other_types_are_not_read() {
    assert!(parse(&changed(TYPE_UNIT, &[0x51])) == Err(Stop::CardUnknown));
    assert!(parse(&changed(TYPE_UNIT, &[0x4900])) == Err(Stop::CardUnknown));
    assert!(parse(&changed(TYPE_UNIT, &[0])).is_ok());
    // A resident's card does not become a foreigner's by its type alone.
    for kind in ["I", "Y", "J"] {
        assert!(parse(&with_text(TYPE_UNIT, kind)) == Err(Stop::CardContent), "{kind}");
    }
}

#[test]
fn lengths_must_add_up() {
    let good = data("base_A");
    for (at, value) in [(1, 2), (0, 0), (2, 5), (3, 1), (2, 0xFF)] {
        let mut bad = good.clone();
        bad[at] = value;
        assert!(parse(&bad) == Err(Stop::CardContent), "length byte {at}");
    }
    for size in [0, 1, 4, 260, good.len() - 1] {
        assert!(parse(&good[..size]) == Err(Stop::CardContent), "{size} bytes");
    }
}

/// The answer to "read with fingerprints", which some modules give to "read" as well.
#[test]
fn fingerprints_do_not_hide_the_text() {
    for name in ["basefp0_A", "basefp1_A", "basefp2_A"] {
        assert!(parse(&data(name)) == parse(&data("base_A")), "{name}");
        let good = data(name);
        assert!(parse(&good[..good.len() - 1]) == Err(Stop::CardContent), "{name}");
    }
}

#[test]
fn wrong_content_is_refused() {
    let cases = [
        ("check character", with_text(122, "510599198507150013")),
        ("date in the number", with_text(122, "510599198502300018")),
        ("number too short", with_text(122, "51059919850715001 ")),
        ("birth date", with_text(36, "19850230")),
        ("issued before birth", with_text(36, "20200102")),
        ("issued before birth by the number", with_text(188, "19850714")),
        ("birth date with a letter", with_text(36, "1985O715")),
        ("validity", with_text(204, "20401301")),
        ("validity empty", with_text(204, "        ")),
        ("ends before it begins", with_text(204, "20191231")),
        ("sex", with_text(30, "3")),
        ("ethnic group", with_text(32, " 1")),
        ("no name", with_text(0, "   ")),
        ("control character", changed(0, &[0x6D4B, 0x0007])),
        ("NUL inside", changed(0, &[0x6D4B, 0x0000, 0x6D4B])),
        ("right-to-left override", changed(52, &[0x202E])),
        ("lone low surrogate", changed(0, &[0xDC56])),
        ("lone high surrogate", changed(52, &[0xD873, 0x6D4B])),
        ("half a pair at the end of a name", changed(28, &[0xD873])),
        ("non-character", changed(0, &[0xFFFF])),
        // 测试甲 in GBK, taken for UTF-16.
        ("GBK", changed(0, &[0xE2B2, 0xD4CA, 0xD7BC])),
        ("a foreigner's number", with_text(122, "951999198808080024")),
    ];
    for (what, data) in cases {
        assert!(parse(&data) == Err(Stop::CardContent), "{what}");
    }
}

#[test]
fn wrong_content_of_a_residence_permit_is_refused() {
    let (text, units) = (
        |at, text: &str| text_in("base_J", at, text),
        |at, units: &[u16]| changed_in("base_J", at, units),
    );
    let cases = [
        ("check character", text(122, "810000189202290039")),
        ("no leap year", text(36, "18930229")),
        ("birth date", text(36, "18920230")),
        ("no end of validity", text(204, "长期      ")),
        ("ends before it begins", text(204, "20210228")),
        ("sex", text(30, "5")),
        ("no name", text(0, "   ")),
        ("issue count", text(238, "1 ")),
        ("control character in the permit number", units(222, &[0x07])),
        ("lone high surrogate in the name", units(2, &[0xD873, 0x20])),
        ("right-to-left override", units(52, &[0x202E])),
        ("GBK", units(0, &[0xE2B2, 0xD4CA, 0xD7BC])),
    ];
    for (what, data) in cases {
        assert!(parse(&data) == Err(Stop::CardContent), "{what}");
    }
    // What may stand in the slot that a permit does not use says nothing.
    assert!(parse(&text(32, "??")) == parse(&data("base_J")));
}

#[test]
fn wrong_content_of_foreigners_cards_is_refused() {
    let cases = [
        ("number too short", text_in("base_I", 122, "XXA00000000001 ")),
        ("number without letters", text_in("base_I", 122, "000000000000001")),
        ("check character", text_in("base_Y", 122, "951999198808080025")),
        ("a citizen's number", text_in("base_Y", 122, "510599198507150012")),
        ("nationality", text_in("base_I", 152, "X1A")),
        ("nationality too short", text_in("base_Y", 242, "XX ")),
        ("birth date", text_in("base_I", 220, "19880832")),
        ("birth date", text_in("base_Y", 36, "1988 808")),
        ("issued before birth", text_in("base_Y", 36, "99880808")),
        ("issued before birth", text_in("base_I", 220, "20180102")),
        ("ends before it begins", text_in("base_I", 204, "20171231")),
        ("no end of validity", text_in("base_Y", 204, "长期      ")),
        ("sex", text_in("base_I", 120, " ")),
        ("sex", text_in("base_Y", 30, "M")),
        ("renewals", text_in("base_Y", 32, "XX")),
        ("no English name", text_in("base_I", 0, &" ".repeat(60))),
        ("an English name in Han", text_in("base_I", 0, "测试")),
        ("only marks", text_in("base_I", 0, &format!(", .{}", " ".repeat(57)))),
        ("control character", changed_in("base_I", 4, &[0x1B])),
        ("lone low surrogate", changed_in("base_Y", 0, &[0xDC00])),
        ("half a pair at the end of a name", changed_in("base_I", 186, &[0xD873])),
        ("GBK", changed_in("base_I", 158, &[0xE2B2, 0xD4CA, 0xD7BC])),
        ("GBK", changed_in("base_Y", 0, &[0xE2B2, 0xD4CA, 0xD7BC])),
        ("zero width", changed_in("base_I", 4, &[0x200B])),
    ];
    for (what, data) in cases {
        assert!(parse(&data) == Err(Stop::CardContent), "{what}");
    }
}

#[test]
fn an_address_may_end_in_half_a_pair() {
    let full: Vec<u16> = [0x6D4B; 34].into_iter().chain([0xD873]).collect();
    assert_eq!(resident(&changed(52, &full)).address.expose(), &"测".repeat(34));
}

#[test]
fn padding_goes_and_inner_spaces_stay() {
    let card = resident(&changed(0, &[0x6D4B, 0x20, 0x8BD5, 0x3000, 0, 0x20]));
    assert_eq!(card.name.expose(), "测 试");
    assert_eq!(resident(&with_text(32, "57")).ethnic_group, EthnicGroup(57));
    assert_eq!(resident(&with_text(36, "19850716")).birth_date.expose().day, 16);
}

#[test]
fn appended_address() {
    let address = parse_appended_address(&data("newaddr"));
    assert!(address == Ok(Some("四川省泸县嘉明镇测试新址9号".into())));
    assert!(parse_appended_address(&[0x20, 0].repeat(35)) == Ok(None));
    assert!(parse_appended_address(&[0x20, 0].repeat(34)) == Err(Stop::CardContent));
    assert!(parse_appended_address(&[0x07, 0].repeat(35)) == Err(Stop::CardContent));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..1400)) {
        let _ = parse(&bytes);
        let _ = parse_appended_address(&bytes);
    }

    #[test]
    fn no_text_block_makes_it_panic(text in prop::collection::vec(any::<u8>(), SIZE)) {
        let data = [&[1, 0, 0, 0], text.as_slice()].concat();
        if let Ok(document) = parse(&data) {
            prop_assert!(HolderNumber::parse(document.number().expose()).is_ok());
        }
    }

    #[test]
    fn a_changed_unit_never_makes_another_number(
        base in prop::sample::select(vec!["base_A", "base_J", "base_Y"]),
        at in 0_usize..124,
        unit: u16,
    ) {
        // One wrong unit in the number always breaks the check character.
        let sound = parse(&data(base)).expect("a card").number();
        if let Ok(document) = parse(&changed_in(base, 2 * at, &[unit])) {
            prop_assert!(document.number() == sound);
        }
    }
}
