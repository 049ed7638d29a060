//! What a social-security card is asked and what its answers mean, with the simulated card; and the
//! slot's thread, with the simulated slot.

use jiff::civil::date;
use kiosk_base::domain::{
    CitizenId, Sensitive, Stop,
    document::{EthnicGroup, PlainDate, Sex, SocialSecurityCard},
};
use kiosk_devices::card::social_security::{Transmit, read};
use kiosk_stage::simulator::{ContactCard, contact_card::Habits};
use proptest::prelude::*;
use zeroize::Zeroizing;

/// Most commands for one that is not answered in one piece.
const COMMANDS_MAX: usize = 5;

/// A card that keeps what it was sent.
struct Model {
    card: ContactCard,
    sent: Vec<Vec<u8>>,
    powered_off: usize,
    /// Fails at this command, counted from 1.
    fails_at: Option<usize>,
}

impl Model {
    fn new() -> Self {
        let card = ContactCard::of(&person_a()).expect("it fits");
        Self { card, sent: Vec::new(), powered_off: 0, fails_at: None }
    }

    fn with(self, file: u8, tag: u8, value: &[u8]) -> Self {
        Self { card: self.card.with(file, tag, value), ..self }
    }

    fn with_habits(self, habits: Habits) -> Self {
        Self { card: self.card.with_habits(habits), ..self }
    }

    /// With a name of `bytes`, filled with `filling`.
    fn named(self, bytes: &[u8], filling: u8) -> Self {
        let mut value = bytes.to_vec();
        value.resize(30, filling);
        self.with(0x06, 0x09, &value)
    }
}

impl Transmit for Model {
    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, Stop> {
        assert_eq!(self.powered_off, 0, "nothing is sent to a card without power");
        self.sent.push(command.to_vec());
        if self.fails_at == Some(self.sent.len()) {
            return Err(Stop::CardUnsteady);
        }
        Ok(Zeroizing::new(self.card.answer(command)))
    }

    fn power_off(&mut self) {
        self.powered_off += 1;
    }
}

/// Bytes of hex digits; blanks do not count.
fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).expect("a byte")).collect()
}

/// Reads a card and holds what must hold of every read: power off once, no command but SELECT, READ
/// RECORD and GET RESPONSE (above all no VERIFY, which could lock the card).
fn read_model(model: &mut Model) -> Result<SocialSecurityCard, Stop> {
    let read = read(model);
    assert_eq!(model.powered_off, 1);
    assert!(!model.sent.is_empty());
    for command in &model.sent {
        assert!(matches!(command[1], 0xA4 | 0xB2 | 0xC0), "INS {:02X}", command[1]);
    }
    read
}

fn person_a() -> SocialSecurityCard {
    SocialSecurityCard {
        name: "测试甲".into(),
        sex: Sex::Male,
        ethnic_group: EthnicGroup(1),
        birth_date: Sensitive::new(PlainDate { year: 1985, month: 7, day: 15 }),
        number: CitizenId::parse("510599198507150012").expect("valid"),
        card_number: "TEST00001".into(),
        version: "2.00".into(),
        valid_from: Some(date(2020, 1, 1)),
        valid_until: Some(date(2030, 1, 1)),
    }
}

/// The model's bytes are those of the published layout, written here by hand.
#[test]
fn person_a_becomes_the_published_items() {
    let card = Model::new().card;
    let items = [
        (0x05, 0x01, "51 05 99 D1 56 00 00 05 00 00 00 00 00 FF FF FF"),
        (0x05, 0x03, "32 2E 30 30"),
        (0x05, 0x05, "20 20 01 01"),
        (0x05, 0x06, "20 30 01 01"),
        (0x05, 0x07, "54 45 53 54 30 30 30 30 31"),
        (0x06, 0x08, "35 31 30 35 39 39 31 39 38 35 30 37 31 35 30 30 31 32"),
        (0x06, 0x0A, "31"),
        (0x06, 0x0B, "01"),
        (0x06, 0x0C, "51 05 99"),
        (0x06, 0x0D, "19 85 07 15"),
    ];
    for (file, tag, value) in items {
        assert_eq!(card.item(file, tag), Some(hex(value).as_slice()), "{file:02X} {tag:02X}");
    }
    let mut name = hex("B2 E2 CA D4 BC D7");
    name.resize(30, 0);
    assert_eq!(card.item(0x06, 0x09), Some(name.as_slice()));
    assert_eq!(card.item(0x06, 0x4E), None);
    let long =
        |count| SocialSecurityCard { name: "测".repeat(count).as_str().into(), ..person_a() };
    assert!(ContactCard::of(&long(25)).expect("it fits").item(0x06, 0x4E).is_some());
    assert!(ContactCard::of(&long(26)).is_err());
    assert!(!format!("{card:?}").contains("51"));
}

#[test]
fn makes_differ_and_say_the_same() {
    let makes = [
        Model::new(),
        Model::new().with_habits(Habits { hesitates: true, ..Habits::default() }),
        Model::new().with_habits(Habits { plain_select: true, ..Habits::default() }),
        // Filled with blanks; an extension that holds nothing.
        Model::new().named(&hex("B2E2 CAD4 BCD7"), 0x20).with(0x06, 0x4E, &[0; 20]),
        // More behind the nine characters of the card number: a length that has to be asked again.
        Model::new().with(0x05, 0x07, b"TEST00001\0\0"),
    ];
    for mut model in makes {
        assert!(read_model(&mut model) == Ok(person_a()));
    }
}

#[test]
fn the_commands_are_the_published_ones() {
    let mut model = Model::new();
    read_model(&mut model).expect("a good card");
    let published = [
        "00 A4 04 00 0F 73 78 31 2E 73 68 2E C9 E7 BB E1 B1 A3 D5 CF",
        "00 A4 02 00 02 EF 05",
        "00 B2 03 00 06",
        "00 B2 05 00 06",
        "00 B2 06 00 06",
        "00 B2 07 00 0B",
        "00 A4 02 00 02 EF 06",
        "00 B2 08 00 14",
        "00 B2 09 00 20",
        "00 B2 4E 00 16",
        "00 B2 0A 00 03",
        "00 B2 0B 00 03",
        "00 B2 0D 00 06",
    ];
    assert_eq!(model.sent, published.map(hex));
}

#[test]
fn a_number_in_x_and_dates_that_are_not_given() {
    let mut model = Model::new()
        .with(0x06, 0x08, b"51059919610320058X")
        .with(0x06, 0x0D, &hex("19 61 03 20"))
        .with(0x05, 0x05, &[0xFF; 4])
        .with(0x05, 0x06, &[0; 4]);
    let card = read_model(&mut model).expect("a good card");
    assert_eq!(card.number.expose(), "51059919610320058X");
    assert_eq!((card.valid_from, card.valid_until), (None, None));
}

#[test]
fn a_name_goes_on_in_its_extension_as_bytes() {
    // Fourteen characters, then 阿 (B0 A2) with one byte on each side of the seam, and 依 (D2 C0).
    let mut first = hex("B2E2").repeat(14);
    first.extend([b'A', 0xB0]);
    let mut more = hex("A2 D2C0");
    more.resize(20, 0);
    let mut model = Model::new().named(&first, 0).with(0x06, 0x4E, &more);
    let name = read_model(&mut model).expect("a good card").name;
    assert_eq!(name.expose(), &format!("{}A阿依", "测".repeat(14)));
    // Without the extension the character is half.
    let mut model = Model::new().named(&first, 0);
    assert_eq!(read_model(&mut model).err(), Some(Stop::CardContent));
    // Four bytes of GB 18030.
    let mut model = Model::new().named(&hex("B2E2 8139EF30"), 0);
    assert_eq!(read_model(&mut model).expect("a good card").name.expose(), "测㐁");
}

/// What the card is worth reading without.
#[test]
fn a_record_that_nobody_needs_does_not_cost_the_card() {
    let mut dateless = Model::new();
    dateless.card = dateless.card.without(0x05, 0x05).without(0x05, 0x06);
    let card = read_model(&mut dateless).expect("a good card");
    let expected = SocialSecurityCard { valid_from: None, valid_until: None, ..person_a() };
    assert!(card == expected);
    // An item of another length, as an extension of a name that ends before it.
    let mut odd = Model::new().with(0x06, 0x4E, &[0; 3]);
    assert!(read_model(&mut odd) == Ok(person_a()));
    // A name that may go on there is not half a name.
    let mut odd = Model::new().named(&hex("B2E2").repeat(15), 0).with(0x06, 0x4E, &[0; 3]);
    assert_eq!(read_model(&mut odd).err(), Some(Stop::CardContent));
}

#[test]
fn refusals_have_their_own_words() {
    let cases = [
        (
            Model::new().with_habits(Habits { protected: true, ..Habits::default() }),
            Stop::CardProtected,
        ),
        (
            Model::new().with_habits(Habits { foreign: true, ..Habits::default() }),
            Stop::CardUnknown,
        ),
        (Model { fails_at: Some(5), ..Model::new() }, Stop::CardUnsteady),
    ];
    for (mut model, stop) in cases {
        assert_eq!(read_model(&mut model).err(), Some(stop));
    }
    assert!(Stop::CardProtected.entry().resident.contains("请改用居民身份证"));
}

#[test]
fn wrong_content_is_refused() {
    let mut cut = Model::new();
    cut.card = cut.card.without(0x06, 0x08);
    let cases = [
        ("no number", cut),
        ("check character", Model::new().with(0x06, 0x08, b"510599198507150013")),
        ("a foreigner's number", Model::new().with(0x06, 0x08, b"951999198808080024")),
        ("number too short", Model::new().with(0x06, 0x08, b"51059919850715001")),
        ("control character", Model::new().with(0x05, 0x07, b"TEST\x070001")),
        ("no name", Model::new().named(b"", 0)),
        ("no GBK", Model::new().named(&[0xB2, 0xFF], 0)),
        ("NUL inside", Model::new().named(&hex("B2E2 00 CAD4"), 0)),
        ("control character in the name", Model::new().named(&hex("B2E2 07"), 0)),
        ("sex", Model::new().with(0x06, 0x0A, b"3")),
        ("sex as a number", Model::new().with(0x06, 0x0A, &[1])),
        ("ethnic group", Model::new().with(0x06, 0x0B, &[0x0A])),
        ("no such day", Model::new().with(0x06, 0x0D, &hex("19 85 02 30"))),
        ("no BCD", Model::new().with(0x06, 0x0D, &hex("19 8A 07 15"))),
        ("no birth date", Model::new().with(0x06, 0x0D, &[0xFF; 4])),
        ("expiry", Model::new().with(0x05, 0x06, &hex("20 30 13 01"))),
        ("longer than its item", Model::new().with(0x06, 0x0A, b"11")),
    ];
    for (what, mut model) in cases {
        assert_eq!(read_model(&mut model).err(), Some(Stop::CardContent), "{what}");
    }
}

/// Answers whatever it was given, then nothing.
struct Babbler {
    answers: Vec<Vec<u8>>,
    sent: usize,
    powered_off: usize,
}

impl Transmit for Babbler {
    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, Stop> {
        assert!(matches!(command[1], 0xA4 | 0xB2 | 0xC0));
        self.sent += 1;
        self.answers.pop().map(Zeroizing::new).ok_or(Stop::CardUnsteady)
    }

    fn power_off(&mut self) {
        self.powered_off += 1;
    }
}

#[test]
fn a_card_that_never_comes_to_an_end_is_given_up() {
    for answer in [vec![0x61, 0x10], vec![0x6C, 0x10], [&[0; 256][..], &[0x61, 0]].concat()] {
        let mut babbler = Babbler { answers: vec![answer; 1_000], sent: 0, powered_off: 0 };
        assert!(read(&mut babbler).is_err());
        assert!(babbler.sent <= COMMANDS_MAX && babbler.powered_off == 1);
    }
}

proptest! {
    #[test]
    fn no_answers_make_it_panic(answers in prop::collection::vec(
        prop::collection::vec(any::<u8>(), 0..40), 0..20,
    )) {
        let mut babbler = Babbler { answers, sent: 0, powered_off: 0 };
        let _ = read(&mut babbler);
        prop_assert_eq!(babbler.powered_off, 1);
    }

    #[test]
    fn no_item_makes_it_panic(
        file in 5_u8..=6,
        tag in prop::sample::select(vec![3_u8, 5, 6, 7, 8, 9, 0x4E, 0x0A, 0x0B, 0x0D]),
        value in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let _ = read_model(&mut Model::new().with(file, tag, &value));
    }
}
