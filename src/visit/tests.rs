//! Tests of the visit: what residents and staff may rely on, and properties that hold whatever
//! happens in whatever order.

use jiff::civil::date;
use kiosk_base::domain::{
    Account, CitizenId, Directory, Document, Fen, Guide, HolderNumber, InsuranceKind,
    Participation, Posting, PostingId, Sensitive, Stop,
    document::{EthnicGroup, ResidentIdCard, Sex, Validity},
    guide::Window,
};
use kiosk_devices::{card::ReaderEvent, printer::PrinterStatus};

use super::{
    fit::{BySize, Column, Fit, Fits, Grid, Heights, MapRoom, SheetParts, Size},
    *,
};
use crate::{
    insurance::Policy,
    listings,
    visit::{
        identify::Step,
        machine::{Demo, ExpiredDocument, Notice, Office, Town, VisitSettings},
        questions::{Answer, Lead, Occasion, Question, Questions},
        staff::{CheckRow, Desk, Pin, Progress},
    },
};

mod browsing;
mod card;
mod frame;
mod histories;
mod interleaved;
mod query_pin;
mod questions;
mod retirement;
mod slips;
mod staffing;

/// Two people with invented numbers.
const A: (&str, &str) = ("测试甲", "510599198507150012");
const B: (&str, &str) = ("测试·阿依", "51059919610320058X");

const PORTRAIT: fit::Size = fit::Size { width: 1080, height: 1920 };

/// When one may retire, as it is shipped.
const RETIREMENT: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/kiosk-config/retirement.toml"));

/// What a screen says that fits on its pages: the visit takes whatever it is told.
pub(super) fn measured(size: Size) -> Fits {
    let fit = |text: TextSize| {
        let large = text >= TextSize::Larger;
        let scale = if large { 1.65 } else { 1.0 };
        let zoom = match text {
            TextSize::Large => 1.25,
            TextSize::Double => 2.0,
            TextSize::Standard | TextSize::Larger => scale,
        };
        let (width, height) = (size.width as f32 / zoom, size.height as f32 / zoom);
        let rows = |row: f32| ((height - 500.0) / row).clamp(1.0, 12.0) as usize;
        let list = |row| Grid { columns: 1, rows: rows(row) };
        let column = |above: f32| Column {
            room: (height - above).max(100.0) * scale,
            later: if large { 100.0 } else { 0.0 },
            per_line: (width / 40.0 - 8.0).max(4.0),
            line: 58.0 * scale,
            label: if text == TextSize::Double { 76.0 } else { 0.0 },
        };
        Fit {
            landscape: size.width > size.height,
            small: if large { size.is_tight() } else { size.is_small() },
            large,
            above: 0.0,
            jobs: list(250.0),
            trainings: list(310.0),
            guides: list(150.0),
            files: list(150.0),
            marks: list(150.0),
            kinds: list(210.0),
            options: list(120.0),
            years: list(150.0),
            doors: Grid { columns: 2, ..list(170.0) },
            tiles: Grid { columns: 2, ..list(150.0) },
            tiles_paged: Grid { columns: 2, ..list(180.0) },
            fairs: rows(400.0),
            low_weeks: false,
            hits: rows(400.0),
            problems: rows(170.0),
            checks: rows(170.0),
            posting: column(850.0),
            training: column(900.0),
            fair: column(800.0),
            guide: column(600.0),
            board: column(600.0),
            compared: Column { per_line: 9.0, ..column(900.0) },
            map: MapRoom { across: 22.0, down: 20.0 },
            sheet: SheetParts {
                room: height - 400.0,
                bar: 130.0,
                drawing: 380.0,
                advice: 210.0,
                doors: 120.0,
                crowded: 0.0,
                line: 86.0,
                double_line: 132.0,
                pager: 130.0,
            },
        }
    };
    Heights::full(BySize::from_fn(fit))
}

fn resized(size: Size) -> Event {
    Event::Measured(Box::new(measured(size)))
}

/// What is asked of whoever has no card, and of whom nobody knows.
fn questions_asked() -> Vec<Questions> {
    let answer = |says: &str, to, slot| Answer { says: says.to_owned(), to, slot };
    let question = |asks: &str, answers| Question { asks: asks.to_owned(), answers };
    let guide = || Lead::Guide("certification".to_owned());
    vec![
        Questions {
            when: Occasion::NoCard,
            title: "没带".to_owned(),
            questions: vec![question(
                "您带了什么？",
                vec![
                    answer("社保卡", Lead::Card, true),
                    answer("手机", guide(), false),
                    answer("没带", Lead::Help, false),
                ],
            )],
        },
        Questions {
            when: Occasion::NoMatch,
            title: "没查到".to_owned(),
            questions: vec![
                question(
                    "改过名字吗？",
                    vec![answer("改过", guide(), false), answer("没有", Lead::Question(1), false)],
                ),
                question(
                    "参加过吗？",
                    vec![answer("参加过", Lead::Help, false), answer("没有", guide(), false)],
                ),
            ],
        },
    ]
}

/// A kiosk at ten past nine, all devices well, nobody there.
fn kiosk() -> State {
    let town = DivisionCode::parse("510521100").expect("a code");
    let guide = |id: &str, window| Guide {
        id: id.to_owned(),
        title: id.to_owned(),
        window,
        for_whom: "来办的人".to_owned(),
        bring: vec!["身份证".to_owned()],
        steps: vec!["到窗口说明情况，由工作人员登记。".repeat(12); 12],
        time_limit: "当场办好".to_owned(),
        fee: "不收费".to_owned(),
        place: "1 号窗口".to_owned(),
        phone: "0830-8999100".to_owned(),
        basis: None,
        online: None,
        listed: true,
    };
    State::new(Machine {
        settings: VisitSettings {
            idle: seconds(60),
            warning: seconds(20),
            show: seconds(30),
            expired_document: ExpiredDocument::Flag,
            notice: Notice::Show,
            plate: None,
            keys: Default::default(),
            who_comes: None,
        },
        office: Office {
            division: town,
            neighbours: Vec::new(),
            town: "福集镇".to_owned(),
            county: "泸县".to_owned(),
            name: "服务中心".to_owned(),
            phone: "0830-8999100".to_owned(),
            supervision: "0830-8999333".to_owned(),
            hotline: "12333".to_owned(),
            jobs_window: "1 号窗口".to_owned(),
            insurance_window: "2 号窗口".to_owned(),
            rights_window: "3 号窗口".to_owned(),
        },
        divisions: Directory::default(),
        towns: (100..120)
            .map(|n| Town {
                code: DivisionCode::parse(&format!("510521{n}")).expect("a code"),
                name: format!("{n} 镇"),
            })
            .collect(),
        guides: vec![
            guide("certification", Window::Insurance),
            guide("job-seeking", Window::Jobs),
            guide("labour-complaint", Window::Rights),
        ],
        boards: Vec::new(),
        questions: questions_asked(),
        policy: Policy::default(),
        retirement: toml::from_str(RETIREMENT).expect("what is shipped is right"),
        mono: Duration::ZERO,
        wall: date(2026, 11, 23).at(9, 10, 0, 0),
        fits: measured(PORTRAIT),
        link: LinkStatus::Up,
        reader: ReaderStatus::Ready,
        slot: Some(ReaderStatus::Ready),
        printer: Some(PrinterStatus::Ready { low_paper: false }),
        cards: Cards::default(),
        summary: Summary::default(),
        refresh: Progress::default(),
        alarm: None,
        told: None,
        demo: Demo::default(),
    })
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// Lets `time` pass, as one tick.
fn pass(state: &mut State, time: Duration) -> Vec<Effect> {
    let mono = state.machine.mono + time;
    let wall = state.machine.wall;
    step(state, Event::Tick { mono, wall })
}

fn press(state: &mut State, press: Press) -> Vec<Effect> {
    step(state, Event::Press(press))
}

/// Presses one after the other; the effects of the last.
fn presses(state: &mut State, all: &[Press]) -> Vec<Effect> {
    all.iter().map(|&one| press(state, one)).last().unwrap_or_default()
}

fn document((name, number): (&str, &str), valid_until: Validity) -> Document {
    let number = CitizenId::parse(number).expect("a valid number");
    Document::ResidentIdCard(ResidentIdCard {
        name: name.into(),
        sex: Sex::Female,
        ethnic_group: EthnicGroup(1),
        birth_date: Sensitive::new(number.birth_date().into()),
        address: "四川省泸县福集镇测试路1号".into(),
        appended_address: None,
        number,
        issuing_authority: "泸县公安局".into(),
        valid_from: date(2006, 1, 1),
        valid_until,
    })
}

fn read(state: &mut State, person: (&str, &str)) -> Vec<Effect> {
    let document = document(person, Validity::LongTerm);
    step(state, Event::Reader(ReaderEvent::Read(Box::new(document))))
}

/// Lays a card that is found and read.
fn lay(state: &mut State, person: (&str, &str)) -> Vec<Effect> {
    step(state, Event::Reader(ReaderEvent::CardFound));
    read(state, person)
}

fn lift(state: &mut State) -> Vec<Effect> {
    step(state, Event::Reader(ReaderEvent::CardRemoved))
}

/// The ticket of the question among `effects`.
fn asked(effects: &[Effect]) -> QuestionTicket {
    let ticket = effects.iter().find_map(|effect| match effect {
        Effect::AskAccount { ticket, .. } => Some(*ticket),
        _ => None,
    });
    ticket.expect("the county is asked")
}

/// An account whose balance is `mark`, so that it can be recognised.
fn account_marked((name, number): (&str, &str), mark: i64) -> Box<Account> {
    Box::new(Account {
        number: HolderNumber::parse(number).expect("a valid number"),
        name: name.into(),
        as_of: "2026-11-23T00:00:00+08:00".parse().expect("a moment"),
        participations: vec![Participation {
            balance: Some(Fen(mark)),
            ..Participation::new(InsuranceKind::RESIDENTS_PENSION, 1, Some(1))
        }],
        certification: None,
        unemployment: None,
        card: None,
        origins: Vec::new(),
    })
}

fn answer(state: &mut State, ticket: QuestionTicket, answer: Result<Box<Account>, Stop>) {
    let effects = step(state, Event::Account { ticket, answer });
    assert_eq!(effects, []);
}

/// A visit in which `person` sees their account.
fn known(person: (&str, &str)) -> State {
    let mut state = kiosk();
    let ticket = asked(&lay(&mut state, person));
    answer(&mut state, ticket, Ok(account_marked(person, 1)));
    assert_eq!(state.page(), Some(&Page::Account(account::Page::Overview)));
    state
}

fn visit(state: &State) -> &Visit {
    state.visit.as_ref().expect("somebody is here")
}

fn resident(state: &State) -> &Resident {
    visit(state).resident.as_ref().expect("somebody is known")
}

fn posting(n: usize) -> Posting {
    let id = PostingId::parse(&format!("p-{n}")).expect("an id");
    Posting {
        openings: Some(1),
        conditions: Some("不限".to_owned()),
        duties: Some("按要求做好岗位上的各项工作，注意安全。".repeat(20)),
        place: Some("福集镇".to_owned()),
        ..Posting::new(id, format!("岗位 {n}"), "测试公司", date(2026, 11, 20), "测试")
    }
}

/// A fair of `month`.
fn fair(month: jiff::civil::Date, n: usize) -> kiosk_base::domain::JobFair {
    let day = i8::try_from(n % 28).expect("a day") + 1;
    kiosk_base::domain::JobFair {
        id: PostingId::parse(&format!("f-{n}")).expect("an id"),
        title: format!("招聘会 {n}"),
        date: date(month.year(), month.month(), day),
        ends: None,
        hours: None,
        place: "测试广场".to_owned(),
        division: None,
        organiser: None,
        employers: Vec::new(),
        content: None,
        phone: None,
        published: month,
        source: "测试".to_owned(),
    }
}

/// Answers a question for postings as if `total` were there.
fn found(state: &mut State, ticket: VisitTicket, query: &listings::Query, total: usize) {
    let count = query.limit.min(total.saturating_sub(query.offset));
    let results = listings::Results {
        total,
        rows: (0..count).map(|n| posting(query.offset + n)).collect(),
        nearest: None,
        took: Duration::ZERO,
    };
    step(state, Event::Postings { ticket, query: query.clone(), results });
}

/// The one question for postings among `effects`.
fn postings_asked(effects: &[Effect]) -> (VisitTicket, listings::Query) {
    match effects {
        [Effect::FindPostings { ticket, query }] => (*ticket, query.clone()),
        other => panic!("one question for postings, not {other:?}"),
    }
}
