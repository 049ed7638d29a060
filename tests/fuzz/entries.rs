//! What is done with bytes from outside, one function a target. The fuzzer calls them with what it
//! makes up, the normal tests with the corpus that is kept; both stop at the first panic.

use kiosk_base::{
    domain::{CitizenId, Document, Fen, HolderNumber, Stop, Wage, mask, name},
    import::{
        self, Format, Known, Mapping, Options,
        date::DateRule,
        days::{self as cells, Days, Near},
        text,
        wage::{self, Understood, WageRule},
    },
};
use kiosk_devices::card::{
    document,
    frame::{Decoder, Found, MAX_FRAME},
    sam_id::SamId,
    social_security::{self, Transmit},
};
use zeroize::Zeroizing;

/// A function that takes any bytes.
pub type Entry = fn(&[u8]);

/// Every target by its name, which is also the directory of its corpus.
pub const ENTRIES: [(&str, Entry); 13] = [
    ("frames", frames),
    ("document", document),
    ("text_block", text_block),
    ("appended_address", appended_address),
    ("sam_id", sam_id),
    ("social_security", social_security),
    ("names", names),
    ("numbers", numbers),
    ("wages", wages),
    ("days", days),
    ("markup", markup),
    ("tables", tables),
    ("linked_data", linked_data),
];

/// A stream of bytes off the line, in pieces whose size the first byte says. Whatever the pieces,
/// the same is found, and no frame is longer than what came.
pub fn frames(data: &[u8]) {
    let Some((size, stream)) = data.split_first() else { return };
    let whole = decode(stream, stream.len().max(1));
    let pieces = decode(stream, usize::from(*size).max(1));
    assert!(whole == pieces, "the pieces do not matter");
    let carried: usize = whole.iter().map(length).sum();
    assert!(carried <= stream.len());
}

/// The data of an answer to "read base".
pub fn document(data: &[u8]) {
    if let Ok(document) = document::parse(data) {
        check(&document);
    }
}

/// A text block with right lengths around it: deeper than [`document`] comes by luck.
pub fn text_block(data: &[u8]) {
    let mut text = [0; 256];
    let size = data.len().min(text.len());
    text[..size].copy_from_slice(&data[..size]);
    document(&[&[1, 0, 0, 0], text.as_slice()].concat());
}

/// The data of an answer to "read appended address".
pub fn appended_address(data: &[u8]) {
    if let Ok(Some(address)) = document::parse_appended_address(data) {
        assert!(!address.expose().is_empty() && address.expose().chars().count() <= 35);
    }
}

/// The data of an answer to "SAM id". Whatever the bytes, the number is short and plain enough for
/// a log.
pub fn sam_id(data: &[u8]) {
    let Some(id) = SamId::parse(data) else { return assert!(data.len() != 16) };
    let text = id.to_string();
    assert!(data.len() == 16 && (29..=40).contains(&text.len()), "{text}");
    assert!(text.bytes().all(|byte| byte.is_ascii_digit() || b".-".contains(&byte)), "{text}");
}

/// A card in a contact reader whose answers are the data's lines, each with its length before it.
pub fn social_security(data: &[u8]) {
    let mut card = Scripted { rest: data, powered_off: 0 };
    if let Ok(read) = social_security::read(&mut card) {
        check(&Document::SocialSecurityCard(read));
    }
    assert_eq!(card.powered_off, 1);
}

/// Two names, one a line.
pub fn names(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (one, other) = text.split_once('\n').unwrap_or((&text, ""));
    assert_eq!(name::same_name(one, other), name::same_name(other, one));
    assert!(name::same_name(one, one) || !name::same_name(one, &format!("{one}测")));
    assert_eq!(mask::name(one).chars().count(), one.chars().count());
}

/// A number of any kind.
pub fn numbers(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(number) = HolderNumber::parse(text) {
        assert!(HolderNumber::parse(number.expose()) == Ok(number.clone()));
        assert!(!number.masked().contains(number.expose()));
    }
    if let Ok(id) = CitizenId::parse(text) {
        let _ = (id.birth_date(), id.sex(), id.division(), id.masked());
    }
}

/// A wage as somebody wrote it.
pub fn wages(data: &[u8]) {
    let words = String::from_utf8_lossy(data);
    let read = wage::parse(&words, &WageRule::default());
    if let Ok(Some(Understood { wage: Wage::Range { min, max, .. }, months, .. })) = read {
        assert!(Fen(0) <= min && min <= max && max <= Fen::from_yuan(1_000_000));
        assert!(months.is_none_or(|months| (13..=24).contains(&months)));
    }
}

/// A cell about days as somebody wrote it: whatever tells the year, the first is not behind the last.
pub fn days(data: &[u8]) {
    let words = String::from_utf8_lossy(data);
    let today = jiff::civil::date(2026, 11, 28);
    for near in [Near::Unknown, Near::Around(today), Near::Before(today), Near::After(today)] {
        let read = cells::read(&words, &DateRule::default(), near);
        let with_words = cells::read_with_words(&words, &DateRule::default(), near);
        for days in [&read, &with_words] {
            if let Ok(Days { first: Some(first), last: Some(last), .. }) = days {
                assert!(first <= last);
            }
        }
        assert!(read.is_err() || read == with_words);
    }
}

/// A text with markup, or with what looks like it.
pub fn markup(data: &[u8]) {
    let clean = text::lines(&String::from_utf8_lossy(data));
    assert!(!clean.chars().any(|c| c != '\n' && c.is_control()));
    assert!(!clean.contains(['\u{202E}', '\u{200B}', '\u{FFFD}']) && !clean.contains("\n\n"));
    assert_eq!(clean, clean.trim());
}

/// A text file of postings: a table or another system's list. Workbooks are not tried: their reader
/// is another project's, and what makes it panic is caught.
pub fn tables(data: &[u8]) {
    if !data.starts_with(b"PK") && !data.starts_with(b"\xD0\xCF") {
        imported(data, None);
    }
}

/// A page with JobPosting JSON-LD.
pub fn linked_data(data: &[u8]) {
    imported(data, Some(Format::JsonLd));
}

fn imported(data: &[u8], format: Option<Format>) {
    let mapping = |name: &str, columns: serde_json::Value| {
        let text = serde_json::json!({
            "title": "t", "source": "t", "as_of": "2026-11-24", "columns": columns
        });
        let mapping = serde_json::from_value(text).expect("a mapping");
        Mapping { name: name.to_owned(), ..mapping }
    };
    let table = serde_json::json!({
        "title": ["a"], "employer": ["b"], "wage": ["c"], "published": ["d"], "closes": ["e"],
        "conditions": ["f"], "requirements": ["g"], "openings": ["h"], "place": ["i"]
    });
    let linked = serde_json::json!({
        "title": ["title"], "employer": ["hiringOrganization"], "wage": ["baseSalary"],
        "duties": ["description"], "place": ["jobLocation"], "published": ["datePosted"]
    });
    let options = Options {
        mappings: vec![mapping("table", table), mapping("jsonld", linked)],
        format,
        ..Options::default()
    };
    if let Ok(imported) = import::read(data, &options, &Known::default()) {
        let report = &imported.report;
        let others = report.duplicates + report.expired + report.refused.len();
        assert_eq!(report.read, report.accepted + others);
        assert_eq!(
            report.accepted,
            imported.items.postings.len()
                + imported.items.trainings.len()
                + imported.items.fairs.len()
        );
    }
}

/// What a document that was read fulfils.
fn check(document: &Document) {
    assert!(!document.name().expose().is_empty());
    assert!(HolderNumber::parse(document.number().expose()).is_ok());
    assert!(!document.name().expose().chars().any(char::is_control));
    assert!(!format!("{document:?}").contains(document.number().expose()));
}

fn decode(mut stream: &[u8], size: usize) -> Vec<Found> {
    let mut decoder = Decoder::default();
    let mut found = Vec::new();
    while !stream.is_empty() {
        let (mut piece, rest) = stream.split_at(size.min(stream.len()));
        while let Some(next) = decoder.next(&mut piece) {
            found.push(next);
        }
        stream = rest;
    }
    found
}

fn length(found: &Found) -> usize {
    match found {
        Found::Frame(frame) => {
            assert!(frame.data.len() < MAX_FRAME);
            frame.data.len()
        }
        Found::Damaged => 0,
    }
}

struct Scripted<'a> {
    rest: &'a [u8],
    powered_off: usize,
}

impl Transmit for Scripted<'_> {
    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, Stop> {
        assert!(matches!(command[1], 0xA4 | 0xB2 | 0xC0), "no other instruction is ever sent");
        let Some((length, rest)) = self.rest.split_first() else { return Err(Stop::CardUnsteady) };
        let (answer, rest) = rest.split_at(usize::from(*length).min(rest.len()));
        self.rest = rest;
        Ok(Zeroizing::new(answer.to_vec()))
    }

    fn power_off(&mut self) {
        self.powered_off += 1;
    }
}
