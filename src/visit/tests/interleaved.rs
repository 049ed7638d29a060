//! Whatever two people, the staff, the reader and late answers do, in whatever order: nobody sees
//! what is not theirs, no page waits for what cannot come, nothing panics.

use proptest::prelude::*;

use super::*;
use crate::visit::focus::{Enabled, Key, Stop as PageStop};
use crate::visit::printing::{Printing, Source, Stage};
use crate::visit::retirement::{Asking, Born};
use crate::visit::what_if;

/// Something that happens.
#[derive(Debug, Clone)]
enum Deed {
    Found(Place),
    Read {
        place: Place,
        person: usize,
        expired: bool,
    },
    Failed(Place),
    Removed(Place),
    Device(Place, bool),
    StaffCard(Place),
    Press(Press),
    /// A key, of those that are set and others.
    Key(char),
    KeyHeld(char),
    /// What the window has on the page: so many things, every other one to be pressed.
    Stops(usize),
    /// The office's answer to a call of this visit or of another.
    Called {
        old: bool,
        told: bool,
    },
    Touched,
    Pass(u64),
    Resize(u32, u32),
    /// The answer to the n-th question so far, counted from the newest, about a person or a stop.
    Answer {
        question: usize,
        about: Result<usize, Stop>,
    },
    /// An answer with a ticket out of nowhere.
    Forged {
        ticket: u64,
        about: usize,
    },
    /// The answer to the n-th search so far, counted from the newest.
    Listings {
        question: usize,
        total: usize,
    },
    Pin {
        old: bool,
        right: bool,
    },
    /// A slip's end: that of the one under way, or of another.
    Printed {
        old: bool,
        good: bool,
    },
    Printer(bool),
    Report {
        old: bool,
        rows: usize,
    },
}

const PLACES: [Place; 2] = [Place::Plate, Place::Slot];
const PEOPLE: [(&str, &str); 2] = [A, B];
/// What the county may say instead of an account.
const STOPS: [Stop; 4] =
    [Stop::PersonUnknown, Stop::LinkTimeout, Stop::QueryPinNeeded, Stop::QueryPinWrong];

fn presses() -> impl Strategy<Value = Press> {
    use {account as a, fairs as f, identify as i, jobs as j, staff as s, stick as u};
    let entrances = [
        Entrance::Work,
        Entrance::Jobs,
        Entrance::Trainings,
        Entrance::Fairs,
        Entrance::Insurance,
        Entrance::Rights,
        Entrance::Guides,
        Entrance::Boards,
        Entrance::WithoutCard,
    ];
    let finding = [
        j::Press::Chip(0),
        j::Press::Chip(3),
        j::Press::WageList,
        j::Press::Narrow,
        j::Press::Nearest,
        j::Press::Search,
        j::Press::Clear,
        j::Press::ShowHits,
        j::Press::Keep,
        j::Press::Left,
        j::Press::Right,
    ];
    let staffing = [
        s::Press::Refresh,
        s::Press::Checks,
        s::Press::Check,
        s::Press::Acknowledge,
        s::Press::Manage,
        s::Press::Pin,
        s::Press::Hide,
        s::Press::Marks,
        s::Press::Sticks,
    ];
    let mut plain = vec![
        Press::Start,
        Press::Back,
        Press::Home,
        Press::End,
        Press::Stay,
        Press::Help,
        Press::Larger,
        Press::Size(TextSize::Large),
        Press::Size(TextSize::Larger),
        Press::Size(TextSize::Double),
        Press::StartAt(Entrance::Jobs),
        Press::StartAt(Entrance::Trainings),
        Press::Palette,
        Press::Lower,
        Press::Language,
        Press::Held,
        Press::Next,
        Press::Previous,
        Press::Print,
        Press::TakeAway,
        Press::Call,
        Press::Pad(Stroke::Erase),
        Press::Pad(Stroke::Enter),
        Press::Fairs(f::Press::NextMonth),
        Press::Fairs(f::Press::LastMonth),
        Press::Identify(i::Press::Retry),
        Press::Identify(i::Press::Informed),
        Press::Account(a::Press::Show),
        Press::Account(a::Press::Follow),
        Press::Stick(u::Press::LookAgain),
        Press::Stick(u::Press::Keep),
        Press::Turn(what_if::Turn::TierUp),
        Press::Turn(what_if::Turn::YearsDown),
    ];
    plain.extend(entrances.map(Press::To));
    plain.extend(finding.map(Press::Jobs));
    plain.extend(staffing.map(Press::Staff));
    let key = |key| Press::Pad(Stroke::Key(key));
    prop_oneof![
        6 => prop::sample::select(plain),
        // Printing takes two presses on an account, and so does a PIN.
        1 => prop::sample::select(vec![Press::Print, key('1'), Press::Pad(Stroke::Enter)]),
        2 => (0..8_usize).prop_map(Press::Open),
        1 => (0..33_usize).prop_map(|day| Press::Fairs(f::Press::Day(day))),
        1 => prop::sample::select(vec!['d', 'H', '7', '电']).prop_map(key),
    ]
}

fn places() -> impl Strategy<Value = Place> {
    prop::sample::select(PLACES.to_vec())
}

fn deeds() -> impl Strategy<Value = Deed> {
    let about = prop_oneof![
        3 => (0..2_usize).prop_map(Ok),
        1 => prop::sample::select(STOPS.to_vec()).prop_map(Err),
    ];
    prop_oneof![
        4 => places().prop_map(Deed::Found),
        6 => (places(), 0..2_usize, prop::bool::weighted(0.2))
            .prop_map(|(place, person, expired)| Deed::Read { place, person, expired }),
        1 => places().prop_map(Deed::Failed),
        3 => places().prop_map(Deed::Removed),
        1 => (places(), any::<bool>()).prop_map(|(place, up)| Deed::Device(place, up)),
        1 => places().prop_map(Deed::StaffCard),
        10 => presses().prop_map(Deed::Press),
        2 => prop::sample::select(vec!['n', 'c', 's', 'b', 'h', 'z', 'x']).prop_map(Deed::Key),
        1 => Just(Deed::KeyHeld('b')),
        1 => (0..9_usize).prop_map(Deed::Stops),
        1 => any::<(bool, bool)>().prop_map(|(old, told)| Deed::Called { old, told }),
        1 => Just(Deed::Touched),
        2 => (0..90_u64).prop_map(Deed::Pass),
        1 => (600..4_000_u32, 600..4_000_u32).prop_map(|(w, h)| Deed::Resize(w, h)),
        5 => (0..4_usize, about).prop_map(|(question, about)| Deed::Answer { question, about }),
        1 => (0..40_u64, 0..2_usize).prop_map(|(ticket, about)| Deed::Forged { ticket, about }),
        3 => (0..3_usize, 0..60_usize)
            .prop_map(|(question, total)| Deed::Listings { question, total }),
        2 => any::<(bool, bool)>().prop_map(|(old, good)| Deed::Printed { old, good }),
        1 => prop::bool::weighted(0.8).prop_map(Deed::Printer),
        1 => any::<(bool, bool)>().prop_map(|(old, right)| Deed::Pin { old, right }),
        1 => (any::<bool>(), 0..20_usize).prop_map(|(old, rows)| Deed::Report { old, rows }),
    ]
}

/// What an observer who sees only events and effects knows.
#[derive(Default)]
struct Observer {
    /// Questions so far, and whether each still waits for its answer.
    questions: Vec<(QuestionTicket, HolderNumber)>,
    /// The newest question, while nothing took it back.
    open: Option<QuestionTicket>,
    searches: Vec<Effect>,
    /// The slip that is being printed.
    printing: Option<SlipTicket>,
    /// What lies at the two places.
    lying: [Option<Card>; 2],
    /// The place to which the present visit belongs: there its first card was found, and has not
    /// gone since.
    owner: Option<Place>,
    /// The mark of the one account that may be on the screen.
    rightful: Option<i64>,
    marks: i64,
    passed: u64,
}

/// A card as somebody sees it who watches the hall.
#[derive(Clone, Copy)]
struct Card {
    /// Whose it is, once it was read.
    person: Option<&'static str>,
    /// It came while the visit belonged to the other place's.
    passed_over: bool,
}

impl Observer {
    /// A card at `place` is found, or says something: whether it may be heard.
    fn card(&mut self, place: Place, is_found: bool, person: Option<&'static str>) {
        let late = self.owner.is_some_and(|owner| owner != place);
        let card = &mut self.lying[place as usize];
        let passed_over = late || (!is_found && card.is_some_and(|card| card.passed_over));
        // A card that is found twice and was not gone is the same; one that was passed over counts
        // as laid anew.
        let before = card.filter(|card| !(is_found && card.passed_over));
        let person = person.or(before.and_then(|card| card.person));
        *card = Some(Card { person, passed_over });
        if !passed_over {
            self.owner = Some(place);
        }
    }

    fn gone(&mut self, place: Place) {
        self.lying[place as usize] = None;
        self.owner = self.owner.filter(|owner| *owner != place);
    }

    /// Whose card has the visit.
    fn rightful_person(&self) -> Option<&'static str> {
        self.lying[self.owner? as usize]?.person
    }

    fn event(&mut self, state: &State, deed: &Deed) -> Option<Event> {
        let ticket = |old: bool| {
            let now = state.visit.as_ref().map_or(VisitTicket(0), |visit| visit.ticket);
            if old { VisitTicket(now.0.saturating_sub(1)) } else { now }
        };
        Some(match *deed {
            Deed::Found(place) => {
                self.card(place, true, None);
                (place, ReaderEvent::CardFound).into()
            }
            Deed::Read { place, person, expired } => {
                self.card(place, false, Some(PEOPLE[person].1));
                let until = date(if expired { 2020 } else { 2040 }, 1, 1);
                let document = document(PEOPLE[person], Validity::Until(until));
                (place, ReaderEvent::Read(Box::new(document))).into()
            }
            Deed::Failed(place) => {
                self.card(place, false, None);
                (place, ReaderEvent::Failed(Stop::CardUnsteady)).into()
            }
            Deed::Removed(place) => {
                self.gone(place);
                (place, ReaderEvent::CardRemoved).into()
            }
            Deed::Device(place, up) => {
                let status = if up {
                    ReaderStatus::Ready
                } else {
                    self.gone(place);
                    ReaderStatus::Down(Stop::ReaderAbsent)
                };
                (place, ReaderEvent::Status(status)).into()
            }
            Deed::StaffCard(place) => {
                self.card(place, false, None);
                Event::StaffCard(place)
            }
            Deed::Press(press) => Event::Press(press),
            Deed::Key(key) => Event::Key(key),
            Deed::KeyHeld(key) => Event::KeyHeld(key),
            Deed::Stops(count) => {
                let stop = |n: usize| PageStop {
                    says: format!("{n}").as_str().into(),
                    control: n.is_multiple_of(2).then_some(Enabled(n.is_multiple_of(4))),
                };
                Event::Read((0..count).map(stop).collect())
            }
            Deed::Called { old, told } => Event::Called { ticket: ticket(old), told },
            Deed::Touched => Event::Touched,
            Deed::Pass(time) => {
                self.passed += time;
                Event::Tick { mono: seconds(self.passed), wall: state.machine.wall }
            }
            Deed::Resize(width, height) => resized(Size { width, height }),
            Deed::Answer { question, about } => {
                let at = self.questions.len().checked_sub(question + 1)?;
                let (ticket, number) = self.questions[at].clone();
                self.marks += 1;
                let answer = about.map(|person| account_marked(PEOPLE[person], self.marks));
                if self.open == Some(ticket) {
                    self.open = None;
                    let right = answer.as_ref().is_ok_and(|account| account.number == number);
                    self.rightful = right.then_some(self.marks);
                }
                Event::Account { ticket, answer }
            }
            Deed::Forged { ticket, about } => {
                let ticket = QuestionTicket(ticket);
                if self.open == Some(ticket) {
                    return None;
                }
                Event::Account { ticket, answer: Ok(account_marked(PEOPLE[about], -1)) }
            }
            Deed::Listings { question, total } => {
                let at = self.searches.len().checked_sub(question + 1)?;
                match self.searches[at].clone() {
                    Effect::FindPostings { ticket, query } => {
                        let count = query.limit.min(total.saturating_sub(query.offset));
                        let rows = (0..count).map(posting).collect();
                        let results =
                            listings::Results { total, rows, nearest: None, took: Duration::ZERO };
                        Event::Postings { ticket, query, results }
                    }
                    Effect::FindTrainings { ticket, offset, .. } => {
                        let results = listings::Trainings { total, rows: Vec::new() };
                        Event::Trainings { ticket, offset, results }
                    }
                    Effect::CountPostings { ticket, query } => {
                        let tiles = listings::Tile::all().map(|tile| (tile, total)).collect();
                        let facets = listings::Facets { total, tiles, ..Default::default() };
                        Event::Facets { ticket, query, facets: Box::new(facets) }
                    }
                    Effect::FindFairs { ticket, month } => {
                        let fairs = (0..total.min(40)).map(|n| fair(month, n)).collect();
                        Event::Fairs { ticket, month, fairs }
                    }
                    other => panic!("{other:?} is no search"),
                }
            }
            Deed::Printed { old, good } => {
                let ticket = if old { SlipTicket(0) } else { self.printing.take()? };
                let outcome = if good { Ok(()) } else { Err(Stop::PrinterUnconfirmed) };
                Event::Printed { ticket, outcome }
            }
            Deed::Printer(well) => Event::Printer(match well {
                true => PrinterStatus::Ready { low_paper: false },
                false => PrinterStatus::Down(Stop::PrinterCoverOpen),
            }),
            Deed::Pin { old, right } => {
                let answer = if right { Ok(()) } else { Err((Stop::PinLocked, 15)) };
                Event::Pin { ticket: ticket(old), answer }
            }
            Deed::Report { old, rows } => {
                let row = CheckRow {
                    name: "disk".to_owned(),
                    ok: true,
                    code: String::new(),
                    message: String::new(),
                };
                Event::Readiness { ticket: ticket(old), rows: vec![row; rows] }
            }
        })
    }

    fn effects(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::AskAccount { ticket, number, .. } => {
                    assert!(self.questions.iter().all(|(before, _)| *before != ticket));
                    assert_eq!(
                        Some(number.expose()),
                        self.rightful_person(),
                        "about the card there"
                    );
                    self.questions.push((ticket, number));
                    (self.open, self.rightful) = (Some(ticket), None);
                }
                Effect::Print { ticket, sheet } => {
                    assert_eq!(self.printing, None, "two slips at once");
                    self.printing = Some(ticket);
                    let printing::Sheet::Account(statement) = sheet else { continue };
                    let balance =
                        statement.rows.iter().find(|row| row.label == printing::Label::Balance);
                    let mark = match balance.map(|row| &row.value) {
                        Some(printing::Value::Amount(Fen(mark))) => Some(*mark),
                        _ => None,
                    };
                    assert!(mark.is_some() && mark == self.rightful, "somebody else's slip");
                }
                Effect::CancelPrint => {
                    assert!(self.printing.take().is_some(), "there is no slip to be dropped");
                }
                Effect::Call { .. } | Effect::PressStop(_) => {}
                Effect::CancelAccount => (self.open, self.rightful) = (None, None),
                Effect::FindPostings { .. }
                | Effect::CountPostings { .. }
                | Effect::FindFairs { .. }
                | Effect::FindTrainings { .. } => self.searches.push(effect),
                _ => {}
            }
        }
    }

    /// What must hold between any two events.
    fn judge(&self, state: &State) {
        let Some(visit) = &state.visit else {
            assert_eq!(state.comfort(), Comfort::default());
            assert!(state.focus.is_none(), "what somebody read is kept");
            assert_eq!(self.open, None, "the county is asked and nobody is there");
            assert_eq!(self.printing, None, "a slip is printed and nobody is there");
            return;
        };
        assert_eq!(visit.slip.as_ref().map(|(ticket, _)| *ticket), self.printing);
        let settings = &state.machine.settings;
        assert!(state.machine.mono - visit.touched < 2 * settings.idle + settings.warning);
        assert_eq!(visit.trail.first(), Some(&Page::Home));
        assert!(visit.trail.len() <= 16);
        let account = visit.resident.as_ref().and_then(|resident| resident.account.as_ref());
        if let Some(resident) = &visit.resident {
            assert_eq!(Some(resident.document.number().expose()), self.rightful_person());
            assert_eq!(visit.place, self.owner);
        }
        let number = visit.resident.as_ref().map(|resident| resident.document.number());
        if let Some(account) = account {
            assert_eq!(Some(&account.number), number.as_ref());
            let mark = account.participations[0].balance.map(|fen| fen.0);
            assert_eq!(mark, self.rightful, "an answer to another question");
        }
        let asking = |page: &&Page| matches!(page, Page::Identify(Step::Asking));
        if visit.trail.iter().any(|page| asking(&page)) {
            assert!(self.open.is_some(), "waits for an answer that cannot come");
        }
        if visit.trail.contains(&Page::Identify(Step::Pin)) {
            assert!(visit.resident.is_some() && self.open.is_none(), "a PIN of nobody");
        }
        let identifying = |page: &&Page| matches!(page, Page::Identify(_));
        assert!(visit.trail.iter().filter(identifying).count() <= 1);
        for page in &visit.trail {
            match page {
                Page::Account(account::Page::Overview)
                | Page::Account(account::Page::Kinds(_))
                | Page::Account(account::Page::Years(_))
                | Page::Account(account::Page::Doors(_))
                | Page::Account(account::Page::Sheet(_))
                | Page::Estimate(_)
                | Page::Retirement(
                    Asking::Class { card: true } | Asking::Told(_, Born::Card) | Asking::Residents,
                ) => assert!(account.is_some()),
                Page::Print(Printing { of, stage }) => {
                    assert!(account.is_some() || *of != Source::Account);
                    let waits = *stage == Stage::Printing;
                    assert!(!waits || self.printing.is_some(), "waits for what cannot come");
                }
                Page::Staff(staff::Page::Pin(_))
                | Page::Staff(staff::Page::Desk(_))
                | Page::Staff(staff::Page::Checks(_))
                | Page::Staff(staff::Page::Marks(_)) => {
                    assert!(visit.resident.is_none());
                }
                Page::Jobs(jobs::Page::List(jobs)) => {
                    assert!(jobs.query.limit > 0);
                    assert_eq!(jobs.query.offset % jobs.query.limit, 0);
                }
                Page::Trainings(trainings::Page::List(list)) => {
                    assert!(list.limit > 0);
                    assert_eq!(list.offset % list.limit, 0);
                }
                _ => {}
            }
        }
        // The present page is one of its pages.
        if let Some(number) = visit.page().clone().number() {
            assert!(*number < state.pages(), "{:?}", visit.page());
        }
    }
}

impl Deed {
    /// Whether a device says it whose place has not the visit, while the other has.
    fn is_of_another_place_than(&self, owner: Option<Place>) -> bool {
        let place = match self {
            Self::Found(place) | Self::Failed(place) | Self::Removed(place) => *place,
            Self::Device(place, _) | Self::StaffCard(place) | Self::Read { place, .. } => *place,
            _ => return false,
        };
        owner.is_some_and(|owner| owner != place)
    }
}

/// Whose document, and the mark of their account.
type Seen = (HolderNumber, Option<Fen>);

/// What of a visit could show that another card was heard: its name, its pages, and its resident
/// with the county's answer, told apart by the mark.
fn seen(state: &State) -> Option<(VisitTicket, Vec<Page>, Option<Seen>)> {
    let visit = state.visit.as_ref()?;
    let resident = visit.resident.as_ref().map(|resident| {
        let account = resident.account.as_ref();
        let mark = account.and_then(|account| account.participations[0].balance);
        (resident.document.number(), mark)
    });
    Some((visit.ticket, visit.trail.clone(), resident))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_sees_what_is_not_theirs(
        refuse in any::<bool>(),
        confirm in any::<bool>(),
        deeds in prop::collection::vec(deeds(), 1..120),
    ) {
        let mut state = kiosk();
        let keys = &mut state.machine.settings.keys;
        for (key, does) in [
            ('n', Key::Next),
            ('c', Key::NextControl),
            ('s', Key::Select),
            ('b', Key::Back),
            ('h', Key::Help),
            ('z', Key::Size),
        ] {
            assert!(keys.add(key, does));
        }
        state.machine.settings.who_comes = Some("协理员".to_owned());
        if refuse {
            state.machine.settings.expired_document = ExpiredDocument::Refuse;
        }
        if confirm {
            state.machine.settings.notice = Notice::Confirm;
        }
        let mut observer = Observer::default();
        for deed in &deeds {
            let elsewhere = deed.is_of_another_place_than(observer.owner);
            let before = elsewhere.then(|| seen(&state));
            let Some(event) = observer.event(&state, deed) else { continue };
            let effects = step(&mut state, event);
            if let [Effect::PressStop(stop)] = effects.as_slice() {
                let stops = state.focus.as_ref().expect("by keys").stops();
                assert_eq!(stops[*stop].control, Some(Enabled(true)), "what can be pressed");
            }
            if let Some(before) = before {
                prop_assert_eq!(&effects, &[]);
                prop_assert_eq!(seen(&state), before, "the other place's card changes nothing");
            }
            observer.effects(effects);
            if state.visit.is_none() {
                observer.owner = None;
            }
            observer.judge(&state);
        }
        let words = format!("{state:?}");
        for (name, number) in PEOPLE {
            prop_assert!(!words.contains(name) && !words.contains(number));
        }
        // And the kiosk still serves: whoever comes next sees their account.
        step(&mut state, Event::Press(Press::End));
        for place in PLACES {
            step(&mut state, (place, ReaderEvent::CardRemoved).into());
        }
        state.machine.settings.notice = Notice::Show;
        let ticket = asked(&lay(&mut state, B));
        answer(&mut state, ticket, Ok(account_marked(B, 1)));
        prop_assert_eq!(state.page(), Some(&Page::Account(account::Page::Overview)));
    }
}
