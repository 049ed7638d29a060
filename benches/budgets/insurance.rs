//! The account on the glass: a life of 35 years opens and is paged through, and a thousand visits
//! leave no memory behind. The residents are generated ones; their cards are read by the real
//! driver, their accounts come over mutual TLS from a county in this process, their histories page
//! by page.

use std::{
    env,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use kiosk_base::domain::Account;
use kiosk_county::invented::{Person, Population};
use kiosk_stage::simulator::{CardImage, Options};
use renshe_kiosk::{
    screen::headless,
    visit::{Page, State, account},
};

use crate::{
    Row,
    kiosk::{self, Hall},
    row, spread,
    touch::Glass,
};

/// The argument that makes this program the child in which the thousand visits happen.
pub(crate) const CHILD: &str = "--soak-child";

/// The buttons from the overview to the longest list of the account, a pension's months, by the
/// beginnings of their labels.
const WAY: &[&str] = &["全部险种", "城镇职工养老保险", "每月缴费"];
/// What an account may offer.
const DOORS: &[&str] = &[
    "每月发放",
    "怎么算的",
    "将来领多少",
    "每年缴费",
    "账户的钱",
    "资格认证",
    "全部险种",
    "失业金",
    "权益记录",
];
const NEXT: &str = "下一页";
const PREVIOUS: &str = "上一页";
const ROUNDS: usize = 40;
const WARM_UP: usize = 100;
const VISITS: usize = 1_000;
const EVERY: usize = 100;
/// Different people in the thousand visits.
const PEOPLE: usize = 40;
/// No visit takes longer.
const GUARD: Duration = Duration::from_secs(30);

pub(crate) fn rows() -> Vec<Row> {
    // A thread has one kind of window for good.
    let mut rows = thread::spawn(pages).join().expect("it does not panic");
    rows.push(soak());
    rows
}

/// Opens the veteran's longest list and turns its pages.
fn pages() -> Vec<Row> {
    let mut glass = Glass::open(&kiosk::shipped().join("demo"));
    let (card, months) = veteran();
    let laid = Instant::now();
    glass.hall.hall.reader.lay(card);
    glass.until(|hall| hall.app.state().page() == Some(&Page::Account(account::Page::Overview)));
    glass.until(|hall| whole(hall.app.state()));
    let came = laid.elapsed();
    glass.surface.draw();
    let (mut opened, mut turned) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        for label in WAY {
            let took = touch(&mut glass, label).expect("a button of the way");
            // The last is the list itself; the pages before it have a budget of their own.
            if *label == WAY[WAY.len() - 1] {
                opened.push(took);
            }
        }
        while let Some(took) = touch(&mut glass, NEXT) {
            turned.push(took);
        }
        while let Some(took) = touch(&mut glass, PREVIOUS) {
            turned.push(took);
        }
        for _ in WAY {
            touch(&mut glass, "返回").expect("a way back");
        }
    }
    assert!(!turned.is_empty(), "the list has several pages");
    let list = format!("{months} months in all kinds, 1080 × 1920 into a kept buffer");
    vec![
        row(
            "account of 35 years, the longest list opens",
            "≤ 100 ms",
            spread(&mut opened),
            &format!("from the finger's lifting to the pixels; {list}"),
        ),
        row("its next page", "≤ 33 ms", spread(&mut turned), &list),
        row(
            "card laid → the whole of that account",
            "",
            format!("{:.0} ms", came.as_secs_f64() * 1e3),
            "once, with every further page of every history",
        ),
    ]
}

/// From the finger's lifting to the pixels, if the button is there and can be pressed.
fn touch(glass: &mut Glass, label: &str) -> Option<Duration> {
    let (x, y) = glass.find(label)?;
    glass.hall.app.screen().press_down(x, y);
    glass.surface.draw();
    let begun = Instant::now();
    glass.hall.app.screen().release(x, y);
    glass.hall.app.pump();
    glass.surface.draw();
    let took = begun.elapsed();
    glass.hall.app.wait(Duration::from_millis(5));
    glass.hall.app.pump();
    glass.surface.draw();
    Some(took)
}

fn soak() -> Row {
    let output = Command::new(env::current_exe().expect("this program"))
        .arg(CHILD)
        .stderr(Stdio::inherit())
        .output()
        .expect("measured");
    let output = String::from_utf8(output.stdout).expect("text");
    let measured: Vec<i64> =
        output.split_whitespace().map(|kib| kib.parse().expect("a number")).collect();
    let (first, last) = (measured.first().copied(), measured.last().copied());
    let grown = last.unwrap_or_default() - first.unwrap_or_default();
    let all: Vec<String> =
        measured.iter().map(|kib| format!("{:.1}", *kib as f64 / 1024.0)).collect();
    row(
        "memory after 1,000 visits",
        "within 2 MB of the start",
        format!("{:+.1} MB, slope {:+.2} KB a visit", grown as f64 / 1024.0, slope(&measured)),
        &format!(
            "VmRSS of a process of its own, county and reader inside, after {WARM_UP} visits and \
             every {EVERY} more, in MB: {}",
            all.join(" ")
        ),
    )
}

/// KiB a visit, by least squares over measurements `EVERY` visits apart.
fn slope(measured: &[i64]) -> f64 {
    let n = measured.len() as f64;
    let mean = measured.iter().sum::<i64>() as f64 / n;
    let middle = (n - 1.0) / 2.0;
    let (mut above, mut below) = (0.0, 0.0);
    for (at, kib) in measured.iter().enumerate() {
        let x = at as f64 - middle;
        above += x * (*kib as f64 - mean);
        below += x * x;
    }
    above / below / EVERY as f64
}

/// What the child does: visits, and between them its memory.
pub(crate) fn be_child() {
    use std::io::Write;
    let mut out = std::io::stdout();
    headless::init().expect("the first platform of this process");
    // Eight times the usual line rate: what is measured is memory.
    let reader = Options { baud: 921_600, ..Options::default() };
    let mut hall = Hall::open_with(&kiosk::shipped().join("demo"), None, reader);
    let cards: Vec<CardImage> = people().take(PEOPLE).filter_map(|person| card(&person)).collect();
    assert!(!cards.is_empty(), "people whose names fit on a card");
    for visit in 0..=WARM_UP + VISITS {
        if visit >= WARM_UP && (visit - WARM_UP).is_multiple_of(EVERY) {
            write!(out, "{} ", kiosk::memory_kib()).expect("the parent reads");
        }
        hall.hall.reader.lay(cards[visit % cards.len()].clone());
        until(&mut hall, |state| {
            whole(state) && state.page() == Some(&Page::Account(account::Page::Overview))
        });
        hall.draw();
        look_around(&mut hall);
        hall.hall.reader.lift();
        until(&mut hall, |state| state.visit.is_none());
        hall.draw();
    }
}

/// Opens everything that the overview leads to, one after the other.
fn look_around(hall: &mut Hall) {
    let press = |hall: &mut Hall, label: &str| {
        let there = hall.app.screen().press(label);
        hall.app.pump();
        hall.draw();
        there
    };
    let mut opened = 0;
    for door in DOORS {
        assert!(press(hall, "更多"), "every overview has it");
        if press(hall, door) {
            opened += 1;
            press(hall, NEXT);
            press(hall, "返回");
        }
        assert!(press(hall, "返回"), "a way back");
    }
    assert!(opened >= 2, "all kinds and the record are there for everybody");
}

fn until(hall: &mut Hall, wanted: impl Fn(&State) -> bool) {
    let end = Instant::now() + GUARD;
    while !wanted(hall.app.state()) {
        assert!(Instant::now() < end, "it takes too long");
        hall.app.wait(Duration::from_millis(5));
        hall.app.pump();
    }
}

/// Whether the account is there with all rows of its histories.
fn whole(state: &State) -> bool {
    let resident = state.visit.as_ref().and_then(|visit| visit.resident.as_ref());
    let account = resident.and_then(|resident| resident.account.as_ref());
    account.is_some_and(|account| account.histories().all(|of| account.rest(of).is_none()))
}

fn people() -> impl Iterator<Item = Person> {
    let population = Population::default();
    (0..population.count()).filter_map(move |index| population.person(index))
}

/// Somebody with 35 years of work: the card, and how many months the account has.
fn veteran() -> (CardImage, usize) {
    let zoned = jiff::Zoned::now();
    let months = |account: &Account| -> usize {
        account.participations.iter().map(|p| p.months.rows.len()).sum()
    };
    let mut longest = people().filter_map(|person| {
        let months = months(&person.account(zoned.date(), zoned.timestamp()));
        (months >= 2_000).then(|| card(&person).map(|card| (card, months)))?
    });
    longest.next().expect("one has worked so long")
}

/// The card of a generated resident. None for a name that does not fit on one.
fn card(person: &Person) -> Option<CardImage> {
    CardImage::of(&person.document()).ok()
}
