//! A posting to take home: the QR code of its page.
//!
//! The code holds a vCard 3.0 (RFC 2426), not plain text and not a link, because of what telephones
//! do with each. A contact is shown with its number as a button to call, and can be kept and sent
//! on, by the cameras of Android and iOS, by scanners that know ZXing's forms, and by WeChat; all of
//! it without a network. Plain text is only shown, in WeChat without a way to call; `tel:` calls but
//! forgets what for; a link needs a network, and somebody who keeps the page. So wage, board and
//! last day stand in the contact's note, and a link is one more line of the card.

use std::fmt::Write;

use kiosk_base::{
    domain::Posting,
    qr::{BYTES_MAX, Code},
};
use slint::{ComponentHandle, Image, Rgba8Pixel, SharedPixelBuffer};

use super::{chrome::wage, detail::fact_row, ui};
use crate::visit::facts::{Kind, Value};

pub(super) fn render(window: &ui::App, posting: &Posting) {
    let global = window.global::<ui::Job<'_>>();
    if let Some(code) = Code::of(&card(window, posting)) {
        global.set_code(image(&code));
    }
}

/// The posting as a contact. What a field has beyond its limit is cut off at 「…」: the limits are
/// as wide as the largest code allows.
pub(super) fn card(window: &ui::App, posting: &Posting) -> String {
    let note = note(window, posting);
    // The narrowest is sure to fit.
    const WIDTHS: [(usize, bool); 6] =
        [(200, true), (80, true), (80, false), (40, false), (24, false), (12, false)];
    let cards = WIDTHS.into_iter().map(|(most, linked)| contact(posting, &note, most, linked));
    let fits = |card: &String| card.len() <= BYTES_MAX;
    let mut last = String::new();
    for card in cards {
        if fits(&card) {
            return card;
        }
        last = card;
    }
    last
}

/// What has no place of its own in a contact, in the words of the page.
fn note(window: &ui::App, posting: &Posting) -> Vec<String> {
    let (wages, job) = (window.global::<ui::Wages<'_>>(), window.global::<ui::Job<'_>>());
    let (amount, period) = wage(posting.wage);
    let board = (posting.meals.is_some() || posting.lodging.is_some())
        .then_some(Value::Board(posting.meals, posting.lodging))
        .map(|value| job.invoke_words(fact_row(Kind::Board, &value)).into());
    let closes = posting.closes.map(|day| {
        let row = fact_row(Kind::Closes, &Value::Day(day));
        format!("{} {}", job.invoke_name(row.kind), job.invoke_words(row))
    });
    let phone = posting.phone.as_deref().filter(|phone| numbers(phone) != [*phone]);
    let benefits = Some(posting.benefits.join("，"));
    let lines = [
        Some(wages.invoke_words(amount, period).into()),
        board,
        benefits,
        closes,
        phone.map(str::to_owned),
    ];
    lines.into_iter().flatten().filter(|line| !line.is_empty()).collect()
}

/// The card with at most `most` characters a field, and with the link if `linked`.
fn contact(posting: &Posting, note: &[String], most: usize, linked: bool) -> String {
    let who = posting.contact.as_deref().unwrap_or_default();
    let name = format!("{} {}", shortened(&posting.title, most), shortened(who, most));
    let name = escaped(name.trim());
    let mut card = format!("BEGIN:VCARD\r\nVERSION:3.0\r\nN:{name};;;;\r\nFN:{name}\r\n");
    let mut line = |name: &str, value: &str| {
        // Writing to a string cannot fail.
        let _ = write!(card, "{name}:{value}\r\n");
    };
    line("ORG", &escaped(&shortened(&posting.employer, most)));
    for number in posting.phone.as_deref().map(numbers).unwrap_or_default() {
        line("TEL;TYPE=WORK", &number);
    }
    if let Some(place) = &posting.place {
        line("ADR;TYPE=WORK", &format!(";;{};;;;", escaped(&shortened(place, most))));
    }
    let note: Vec<_> = note.iter().map(|line| escaped(&shortened(line, most))).collect();
    line("NOTE", &note.join("\\n"));
    if let Some(link) = posting.link.as_deref().filter(|_| linked) {
        line("URL", link);
    }
    card.push_str("END:VCARD\r\n");
    card
}

/// Most numbers of one posting.
const NUMBERS_MAX: usize = 3;

/// The numbers that can be called in what a source wrote as its telephone. Groups of digits with
/// spaces between are one number where they are too short to be several; an extension is left to
/// the note.
fn numbers(phone: &str) -> Vec<String> {
    let of_number = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '(' | ')' | ' ');
    let digits = |number: &str| number.bytes().filter(u8::is_ascii_digit).count();
    let grouped = |so_far, next| so_far < 7 || (next < 5 && so_far + next <= 12);
    let mut numbers: Vec<String> = Vec::new();
    for run in phone.split(|c| !of_number(c)) {
        let mut groups = run.split(' ').filter(|group| digits(group) > 0);
        let Some(first) = groups.next() else { continue };
        numbers.push(first.to_owned());
        for group in groups {
            match numbers.last_mut() {
                Some(number) if grouped(digits(number), digits(group)) => number.push_str(group),
                _ => numbers.push(group.to_owned()),
            }
        }
    }
    numbers.retain(|number| (5..=15).contains(&digits(number)));
    numbers.truncate(NUMBERS_MAX);
    numbers.iter().map(|number| number.trim_matches('-').to_owned()).collect()
}

fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most - 1).chain(['…']).collect(),
    }
}

/// A text value of a vCard: on one line, its marks told apart from those of the card.
fn escaped(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => value.push_str("\\n"),
            '\\' | ',' | ';' => value.extend(['\\', c]),
            c if c.is_control() => {}
            c => value.push(c),
        }
    }
    value
}

/// The code, one pixel a module.
fn image(code: &Code) -> Image {
    let side = u32::try_from(code.side()).expect("a code has few modules");
    let pixel = |dark: &bool| {
        let v = if *dark { 0 } else { 255 };
        Rgba8Pixel { r: v, g: v, b: v, a: 255 }
    };
    let pixels: Vec<_> = code.rows().flatten().map(pixel).collect();
    let mut buffer = SharedPixelBuffer::<Rgba8Pixel>::new(side, side);
    buffer.make_mut_slice().copy_from_slice(&pixels);
    Image::from_rgba8(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_that_can_be_called_is_one() {
        assert_eq!(numbers("0830-8999167"), ["0830-8999167"]);
        assert_eq!(numbers("13800001111、0830-8999167转8001"), ["13800001111", "0830-8999167"]);
        assert_eq!(
            numbers("(0830)8999167 13800001111/13900002222"),
            ["(0830)8999167", "13800001111", "13900002222"]
        );
        assert_eq!(numbers("+86-13800001111"), ["+86-13800001111"]);
        assert_eq!(numbers("0830 8999167  138 0000 1111"), ["08308999167", "13800001111"]);
        assert_eq!(numbers("13800001111 13900002222"), ["13800001111", "13900002222"]);
        assert_eq!(numbers("到窗口问，3号"), [""; 0]);
        assert_eq!(numbers(""), [""; 0]);
    }

    #[test]
    fn what_means_something_in_a_card_is_told_apart() {
        assert_eq!(escaped("A, B; C\\D\r\n二"), "A\\, B\\; C\\\\D\\n二");
        assert_eq!(shortened("电焊工", 3), "电焊工");
        assert_eq!(shortened("电焊工一名", 3), "电焊…");
    }
}
