//! What is taken home: a QR code, and a slip.
//!
//! The code holds a vCard 3.0 (RFC 2426), not plain text and not a link, because of what telephones
//! do with each. A contact is shown with its number as a button to call, and can be kept and sent
//! on, by the cameras of Android and iOS, by scanners that know ZXing's forms, and by WeChat; all of
//! it without a network. Plain text is only shown, in WeChat without a way to call; `tel:` calls but
//! forgets what for; a link needs a network, and somebody who keeps the page. So wage, board and
//! last day stand in the contact's note, and a link is one more line of the card. Where the office has
//! named a page on which the thing itself is done, the code leads there.

use std::fmt::Write;

use jiff::civil::Date;
use kiosk_base::{
    domain::{Guide, Posting, TrainingNotice},
    qr::{BYTES_MAX, Code},
};
use slint::{ComponentHandle, Image, Rgba8Pixel, SharedPixelBuffer};

use super::{
    Send,
    chrome::wage,
    detail::{class_days, fact, fact_row, guide_part},
    press, set, slip, ui, words,
};
use crate::visit::{
    Page, Press, State,
    facts::{self, Fact, Kind, Part, Value},
    printing::{Item, Slip},
    take_away::Taken,
};

pub(super) fn bind(window: &ui::App, send: &Send) {
    let global = window.global::<ui::Take<'_>>();
    global.on_take(press(send, Press::TakeAway));
    global.on_print(press(send, Press::Print));
}

pub(super) fn render(window: &ui::App, state: &State) {
    let global = window.global::<ui::Take<'_>>();
    let Some(Page::TakeAway(taken)) = state.page() else {
        set!(global, get_view, set_view, Default::default());
        return;
    };
    let contact = Contact::of(window, state, taken);
    let code = contact.code();
    let view = ui::TakeView {
        kind: match taken {
            Taken::Posting(_) => ui::TakeKind::Job,
            Taken::Training(_) => ui::TakeKind::Training,
            Taken::Fair(_) => ui::TakeKind::Fair,
            Taken::Guide(_) => ui::TakeKind::Guide,
        },
        title: contact.name.as_str().into(),
        phone: contact.phone.as_deref().unwrap_or_default().into(),
        opens_page: contact.opens()
            || matches!(taken, Taken::Posting(posting) if posting.link.is_some()),
        prints: state.prints(),
        says: code.as_str().into(),
    };
    if global.get_view() != view {
        global.set_code(Code::of(&code).map(|code| image(&code)).unwrap_or_default());
        global.set_view(view);
    }
}

/// The posting as a contact.
pub(super) fn card(window: &ui::App, posting: &Posting) -> String {
    Contact::posting(window, posting).card()
}

/// What one calls, where it is, and what else there is to know.
#[derive(Debug, Default)]
struct Contact {
    name: String,
    /// Beside the name, who is asked for.
    person: Option<String>,
    organisation: String,
    phone: Option<String>,
    place: Option<String>,
    note: Vec<String>,
    link: Option<String>,
    /// Where the thing itself is done: the code leads there.
    page: Option<String>,
}

impl Contact {
    fn of(window: &ui::App, state: &State, taken: &Taken) -> Self {
        match taken {
            Taken::Posting(posting) => Self::posting(window, posting),
            Taken::Training(notice) => Self {
                name: notice.title.clone(),
                person: notice.contact.clone(),
                organisation: notice.institution.clone(),
                phone: notice.phone.clone(),
                place: Some(notice.place.clone()),
                note: noted(window, &facts::training(notice), &[Kind::Cost, Kind::ForWhom])
                    .into_iter()
                    .chain(
                        days_of_class(window, notice)
                            .into_iter()
                            .map(|(name, day)| format!("{name} {}", words::day(day))),
                    )
                    .collect(),
                ..Self::default()
            },
            Taken::Fair(fair) => Self {
                name: fair.title.clone(),
                organisation: fair.organiser.clone().unwrap_or_default(),
                phone: fair.phone.clone(),
                place: Some(fair.place.clone()),
                note: noted(window, &facts::fair(fair), &[Kind::Day, Kind::Time, Kind::About]),
                ..Self::default()
            },
            Taken::Guide(index) => {
                let (machine, guide) = (&state.machine, &state.machine.guides[*index]);
                Self {
                    name: guide.title.clone(),
                    organisation: format!("{}{}", machine.office.town, machine.office.name),
                    phone: Some(guide.phone.clone()),
                    place: Some(guide.place.clone()),
                    // Where it is and whom to call have places of their own.
                    note: guide_lines(window, guide, |part| {
                        !matches!(part, Part::Place | Part::Phone | Part::Basis)
                    }),
                    page: guide.online.as_ref().map(|online| online.url.clone()),
                    ..Self::default()
                }
            }
        }
    }

    fn posting(window: &ui::App, posting: &Posting) -> Self {
        Self {
            name: posting.title.clone(),
            person: posting.contact.clone(),
            organisation: posting.employer.clone(),
            phone: posting.phone.clone(),
            place: posting.place.clone(),
            note: note(window, posting),
            link: posting.link.clone(),
            page: None,
        }
    }

    /// Whether the code leads to a page.
    fn opens(&self) -> bool {
        self.page.is_some()
    }

    /// What the QR code says.
    fn code(&self) -> String {
        self.page.clone().unwrap_or_else(|| self.card())
    }

    /// The whole of it as a vCard. What a field has beyond its limit is cut off at 「…」, and what does not
    /// fit then is left out from the end of the note: the limits are as wide as the largest code allows.
    fn card(&self) -> String {
        const WIDTHS: [(usize, bool); 6] =
            [(200, true), (80, true), (80, false), (40, false), (24, false), (12, false)];
        let all = self.note.len();
        let whole = WIDTHS.into_iter().map(|(most, linked)| (most, linked, all));
        let shorter = (0..all).rev().map(|lines| (12, false, lines));
        let mut cards =
            whole.chain(shorter).map(|(most, linked, lines)| self.cut(most, linked, lines));
        cards.find(|card| card.len() <= BYTES_MAX).unwrap_or_default()
    }

    /// The card with at most `most` characters a field, with the link if `linked`, and with so many lines
    /// of the note.
    fn cut(&self, most: usize, linked: bool, lines: usize) -> String {
        let who = self.person.as_deref().unwrap_or_default();
        let name = format!("{} {}", shortened(&self.name, most), shortened(who, most));
        let name = escaped(name.trim());
        let mut card = format!("BEGIN:VCARD\r\nVERSION:3.0\r\nN:{name};;;;\r\nFN:{name}\r\n");
        let mut line = |name: &str, value: &str| {
            // Writing to a string cannot fail.
            let _ = write!(card, "{name}:{value}\r\n");
        };
        line("ORG", &escaped(&shortened(&self.organisation, most)));
        for number in self.phone.as_deref().map(numbers).unwrap_or_default() {
            line("TEL;TYPE=WORK", &number);
        }
        if let Some(place) = &self.place {
            line("ADR;TYPE=WORK", &format!(";;{};;;;", escaped(&shortened(place, most))));
        }
        let note = self.note.iter().take(lines).map(|line| escaped(&shortened(line, most)));
        // What is left out is told.
        let left_out = (lines < self.note.len()).then(|| "…".to_owned());
        let note: Vec<_> = note.chain(left_out).collect();
        line("NOTE", &note.join("\\n"));
        if let Some(link) = self.link.as_deref().filter(|_| linked) {
            line("URL", link);
        }
        card.push_str("END:VCARD\r\n");
        card
    }
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

/// Some of the facts, each with its name.
fn noted(window: &ui::App, facts: &[Fact], kinds: &[Kind]) -> Vec<String> {
    let job = window.global::<ui::Job<'_>>();
    let wanted = facts.iter().filter(|fact| kinds.contains(&fact.kind));
    let line = |of: &Fact| {
        let row = fact(of);
        format!("{} {}", job.invoke_name(row.kind), job.invoke_words(row))
    };
    wanted.map(line).collect()
}

/// The days of a class by their names.
fn days_of_class(window: &ui::App, notice: &TrainingNotice) -> Vec<(String, Date)> {
    let global = window.global::<ui::Training<'_>>();
    let named = |(kind, day)| (global.invoke_name(kind).into(), day);
    class_days(notice).into_iter().map(named).collect()
}

/// The parts of a guide that are `wanted`, line by line.
fn guide_lines(window: &ui::App, guide: &Guide, wanted: impl Fn(Part) -> bool) -> Vec<String> {
    let global = window.global::<ui::Guide<'_>>();
    let mut last = None;
    let line = |line: facts::Line| {
        let begins = last.replace(line.part) != Some(line.part);
        let name = global.invoke_name(guide_part(line.part));
        let number = if line.number > 0 { format!("{}. ", line.number) } else { String::new() };
        match begins {
            true => format!("{name} {number}{}", line.text),
            false => format!("{number}{}", line.text),
        }
    };
    facts::guide(guide).into_iter().filter(|line| wanted(line.part)).map(line).collect()
}

/// What is taken home, on paper: what it is and what counts most in large letters, then all the rest,
/// for somebody who reads it at home and shows it to others.
pub(super) fn slip(window: &ui::App, state: &State, taken: &Taken) -> Slip {
    let global = window.global::<ui::Take<'_>>();
    let job = window.global::<ui::Job<'_>>();
    let contact = Contact::of(window, state, taken);
    let mut slip = slip::begin(state, None);
    slip.push(Item::Heading(contact.name.clone()));
    match taken {
        Taken::Posting(posting) => {
            let (amount, period) = wage(posting.wage);
            let wages = window.global::<ui::Wages<'_>>();
            slip.push(Item::Heading(wages.invoke_words(amount, period).into()));
        }
        Taken::Training(notice) => {
            for (name, day) in days_of_class(window, notice) {
                slip.push(Item::Row { label: name, value: words::day(day) });
            }
        }
        Taken::Fair(fair) => slip.push(Item::Heading(words::day(fair.date))),
        Taken::Guide(_) => {
            if let Some(by) = state.certify_by(taken) {
                slip.push(Item::Centred(global.invoke_certify().into()));
                slip.push(Item::Heading(words::day(by)));
            }
        }
    }
    slip.push(Item::Rule);
    let facts = match taken {
        Taken::Posting(posting) => facts::posting(posting),
        Taken::Training(notice) => facts::training(notice),
        Taken::Fair(fair) => facts::fair(fair),
        Taken::Guide(index) => {
            for line in guide_lines(window, &state.machine.guides[*index], |_| true) {
                slip::note(&mut slip, &line);
            }
            Vec::new()
        }
    };
    for of in &facts {
        let row = fact(of);
        let (label, value) = (String::from(job.invoke_name(row.kind)), job.invoke_words(row));
        // Long ones are read as a sentence, from the left.
        const SHORT: usize = 18;
        match value.chars().count() <= SHORT {
            true => slip.push(Item::Row { label, value: value.into() }),
            false => slip::note(&mut slip, &format!("{label} {value}")),
        }
    }
    let code = Code::of(&contact.code()).map(Item::Code);
    let last = std::iter::once(slip::ask(window, state)).chain(code);
    slip::end(window, &mut slip, last);
    slip
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
    fn a_card_fits_however_long_its_note_is() {
        let line = |n: usize| format!("{n}. {}", "带身份证和社保卡".repeat(3));
        for lines in [0, 5, 20, 60] {
            let contact = Contact { note: (0..lines).map(line).collect(), ..Contact::default() };
            let card = contact.card();
            assert!(card.len() <= BYTES_MAX && card.ends_with("END:VCARD\r\n"), "{card}");
            assert!(Code::of(&card).is_some());
            assert_eq!(card.contains("0. "), lines > 0);
            let whole = (0..lines).all(|n| card.contains(&format!("{n}. 带")));
            assert!(whole || card.contains('…'), "what is left out is told: {card}");
        }
    }

    #[test]
    fn what_means_something_in_a_card_is_told_apart() {
        assert_eq!(escaped("A, B; C\\D\r\n二"), "A\\, B\\; C\\\\D\\n二");
        assert_eq!(shortened("电焊工", 3), "电焊工");
        assert_eq!(shortened("电焊工一名", 3), "电焊…");
    }
}
