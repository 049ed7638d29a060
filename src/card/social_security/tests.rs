use std::collections::HashMap;

use jiff::civil::date as day;
use proptest::prelude::*;

use super::*;
use crate::card::vectors::hex;

/// A card at the level of its commands: two files, statuses of its own, and a record of what it
/// was sent.
struct Model {
    items: HashMap<(u8, u8), Vec<u8>>,
    file: u8,
    /// Status in place of the answer to a record.
    refused: HashMap<u8, [u8; 2]>,
    /// Status of the environment's selection.
    environment: [u8; 2],
    /// How the card wants to be asked.
    manner: Manner,
    waiting: Vec<u8>,
    sent: Vec<Vec<u8>>,
    power_offs: usize,
    /// The card is pulled out at this command.
    pulled_at: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Plain,
    /// `6C` to any length but the right one.
    ExactLength,
    /// `61`, also to a record.
    Announces,
}

impl Model {
    /// The card of the reference's vectors.
    fn new() -> Self {
        let items = [
            (5, 0x01, "510500D1560000050000000000FFFFFF"),
            (5, 0x03, "322E3030"),
            (5, 0x05, "20200101"),
            (5, 0x06, "20300101"),
            (5, 0x07, "544553543030303031"),
            (6, 0x08, "353130353939313938353037313530303132"),
            (6, 0x09, "B2E2CAD4BCD7000000000000000000000000000000000000000000000000"),
            (6, 0x0A, "31"),
            (6, 0x0B, "01"),
            (6, 0x0C, "510599"),
            (6, 0x0D, "19850715"),
        ];
        Self {
            items: items.map(|(file, tag, value)| ((file, tag), hex(value))).into(),
            file: 0,
            refused: HashMap::new(),
            environment: [0x61, 0x1A],
            manner: Manner::Plain,
            waiting: Vec::new(),
            sent: Vec::new(),
            power_offs: 0,
            pulled_at: usize::MAX,
        }
    }

    fn with(mut self, file: u8, tag: u8, value: &[u8]) -> Self {
        self.items.insert((file, tag), value.to_vec());
        self
    }

    fn refusing(mut self, tag: u8, status: [u8; 2]) -> Self {
        self.refused.insert(tag, status);
        self
    }

    fn in_manner(mut self, manner: Manner) -> Self {
        self.manner = manner;
        self
    }

    fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        match command {
            [0x00, 0xA4, 0x04, 0x00, 0x0F, name @ ..] => {
                assert_eq!(name, hex("7378312E73682EC9E7BBE1B1A3D5CF"));
                self.waiting = [hex("6F188410"), vec![0; 22], vec![0x90, 0x00]].concat();
                self.environment.to_vec()
            }
            [0x00, 0xA4, 0x02, 0x00, 0x02, 0xEF, file @ (5 | 6)] => {
                self.file = *file;
                vec![0x90, 0x00]
            }
            [0x00, 0xC0, 0x00, 0x00, _] => std::mem::take(&mut self.waiting),
            [0x00, 0xB2, tag, 0x00, expected] => {
                if let Some(status) = self.refused.get(tag) {
                    return status.to_vec();
                }
                let Some(value) = self.items.get(&(self.file, *tag)) else {
                    return vec![0x6A, 0x83];
                };
                let length = u8::try_from(value.len()).expect("short");
                let record = [&[*tag, length], value.as_slice(), &[0x90, 0x00]].concat();
                match self.manner {
                    Manner::ExactLength if *expected != length + 2 => vec![0x6C, length + 2],
                    Manner::Announces => {
                        self.waiting = record;
                        vec![0x61, length + 2]
                    }
                    _ => record,
                }
            }
            _ => vec![0x6D, 0x00],
        }
    }
}

impl Transmit for Model {
    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, Stop> {
        if self.sent.len() == self.pulled_at {
            return Err(Stop::CardUnsteady);
        }
        self.sent.push(command.to_vec());
        Ok(Zeroizing::new(self.answer(command)))
    }

    fn power_off(&mut self) {
        self.power_offs += 1;
    }
}

/// Reads, and holds what must hold whatever the card says.
fn read_model(mut model: Model) -> (Result<SocialSecurityCard, Stop>, Model) {
    let result = read(&mut model);
    assert_eq!(model.power_offs, 1, "the card's power is taken once");
    for command in &model.sent {
        assert!(matches!(command[1], 0xA4 | 0xB2 | 0xC0), "INS {:02X} was sent", command[1]);
    }
    (result, model)
}

fn card(model: Model) -> SocialSecurityCard {
    read_model(model).0.expect("it can be read")
}

fn stop(model: Model) -> Stop {
    read_model(model).0.expect_err("it cannot be read")
}

#[test]
fn the_card_of_the_vectors() {
    let expected = SocialSecurityCard {
        name: "测试甲".into(),
        sex: Sex::Male,
        ethnic_group: EthnicGroup(1),
        birth_date: Sensitive::new(day(1985, 7, 15).into()),
        number: CitizenId::parse("510599198507150012").expect("valid"),
        card_number: "TEST00001".into(),
        version: "2.00".into(),
        valid_from: day(2020, 1, 1),
        valid_until: day(2030, 1, 1),
    };
    for manner in [Manner::Plain, Manner::ExactLength, Manner::Announces] {
        assert!(card(Model::new().in_manner(manner)) == expected);
    }
    let mut silent = Model::new();
    silent.environment = [0x90, 0x00];
    assert!(card(silent) == expected);
}

#[test]
fn commands_go_out_byte_for_byte() {
    let (_, model) = read_model(Model::new());
    let sent = |bytes| model.sent.contains(&hex(bytes));
    assert_eq!(model.sent[0], hex("00A404000F7378312E73682EC9E7BBE1B1A3D5CF"));
    assert_eq!(model.sent[1], hex("00C000001A"));
    for bytes in [
        "00A4020002EF05",
        "00B2030006",
        "00B2050006",
        "00B2060006",
        "00A4020002EF06",
        "00B2080014",
        "00B2090020",
        "00B24E0016",
        "00B20A0003",
        "00B20B0003",
        "00B20D0006",
    ] {
        assert!(sent(bytes), "{bytes}");
    }
    // A wrong length is asked again with the right one.
    let (_, model) = read_model(Model::new().in_manner(Manner::ExactLength));
    assert!(model.sent.contains(&hex("00B207000B")));
}

#[test]
fn a_number_in_x_keeps_it() {
    let model = Model::new()
        .with(6, 0x08, b"51059919610320058X")
        .with(6, 0x0D, &hex("19610320"))
        .with(6, 0x0A, b"2");
    let card = card(model);
    assert_eq!(card.number.expose(), "51059919610320058X");
    assert_eq!(card.sex, Sex::Female);
}

#[test]
fn a_name_continues_in_the_extension_in_the_middle_of_a_character() {
    let name = "测试买买提吐尔逊阿不都热合曼古丽";
    let (bytes, _, whole) = encoding_rs::GB18030.encode(name);
    assert!(!whole && bytes.len() == 32);
    // One byte before the pairs, so that the cut falls into one.
    let bytes = [b"T", &bytes[..]].concat();
    let mut more = bytes[30..].to_vec();
    more.resize(20, 0);
    let model = Model::new().with(6, 0x09, &bytes[..30]).with(6, 0x4E, &more);
    assert_eq!(card(model).name.expose(), &format!("T{name}"));
}

#[test]
fn rare_characters_in_four_bytes_and_blanks_behind() {
    let (bytes, _, whole) = encoding_rs::GB18030.encode("测\u{2CC56}\u{20BB7}");
    assert!(!whole);
    let mut padded = bytes.to_vec();
    padded.resize(30, b' ');
    assert_eq!(card(Model::new().with(6, 0x09, &padded)).name.expose(), "测\u{2CC56}\u{20BB7}");
}

#[test]
fn a_card_that_wants_a_security_module_asks_for_the_id_card() {
    for tag in [0x05, 0x08, 0x09, 0x4E, 0x0D] {
        assert_eq!(stop(Model::new().refusing(tag, [0x69, 0x82])), Stop::CardProtected);
    }
    assert!(Stop::CardProtected.entry().resident.contains("请改用居民身份证"));
}

#[test]
fn another_chip_is_no_social_security_card() {
    let mut model = Model::new();
    model.environment = [0x6A, 0x82];
    let (result, model) = read_model(model);
    assert!(result == Err(Stop::CardUnknown));
    assert_eq!(model.sent.len(), 1);
}

#[test]
fn a_card_that_is_pulled_out_at_any_command_ends_the_reading() {
    let (_, whole) = read_model(Model::new());
    for at in 0..whole.sent.len() {
        let mut model = Model::new();
        model.pulled_at = at;
        assert_eq!(stop(model), Stop::CardUnsteady, "command {at}");
    }
}

#[test]
fn wrong_content_is_refused() {
    let cases: [(&str, u8, u8, &[u8]); 18] = [
        ("check character", 6, 0x08, b"510599198507150013"),
        ("number too short", 6, 0x08, b"51059919850715001"),
        ("number in BCD", 6, 0x08, &[0x51; 18]),
        ("no name", 6, 0x09, &[0; 30]),
        ("name too long", 6, 0x09, &[b'T'; 31]),
        ("half a character", 6, 0x09, &[0xB2, 0xE2, 0xCA]),
        ("rubbish", 6, 0x09, &[0xFF; 30]),
        ("control character", 6, 0x09, b"T\x07"),
        ("NUL inside", 6, 0x09, b"T\0T"),
        ("sex", 6, 0x0A, b"3"),
        ("sex in BCD", 6, 0x0A, &[1]),
        ("ethnic group", 6, 0x0B, &[0x0A]),
        ("birth date", 6, 0x0D, &[0x19, 0x85, 0x02, 0x30]),
        ("birth date with letters", 6, 0x0D, &[0x19, 0x8A, 0x07, 0x15]),
        ("issued before birth", 5, 0x05, &[0x19, 0x85, 0x07, 0x14]),
        ("ends before it begins", 5, 0x06, &[0x20, 0x19, 0x12, 0x31]),
        ("no card number", 5, 0x07, &[0xFF; 9]),
        ("card number too short", 5, 0x07, b"TEST"),
    ];
    for (what, file, tag, value) in cases {
        assert_eq!(stop(Model::new().with(file, tag, value)), Stop::CardContent, "{what}");
    }
    for tag in [0x03, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0D] {
        assert_eq!(stop(Model::new().refusing(tag, [0x6A, 0x83])), Stop::CardContent, "{tag:02X}");
    }
}

#[test]
fn other_statuses_and_a_card_that_never_ends_are_refused() {
    for status in [[0x6F, 0x00], [0x62, 0x81], [0x61, 0x10], [0x6C, 0x14], [0x90, 0x01]] {
        assert_eq!(stop(Model::new().refusing(0x08, status)), Stop::CardRefused, "{status:02X?}");
    }
}

proptest! {
    #[test]
    fn any_answers_are_survived(answers in prop::collection::vec(
        prop::collection::vec(any::<u8>(), 0..300), 0..40)) {
        struct Any(Vec<Vec<u8>>, usize);
        impl Transmit for Any {
            fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, Stop> {
                assert!(matches!(command[1], 0xA4 | 0xB2 | 0xC0));
                self.0.pop().map(Zeroizing::new).ok_or(Stop::CardUnsteady)
            }
            fn power_off(&mut self) {
                self.1 += 1;
            }
        }
        let mut card = Any(answers, 0);
        prop_assert!(read(&mut card).is_err());
        prop_assert_eq!(card.1, 1);
    }
}
