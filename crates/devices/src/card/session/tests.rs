//! The sequence against scripted answers, and its rules against any answers at all.

use kiosk_base::domain::Document;
use proptest::prelude::*;
use zeroize::Zeroizing;

use super::{
    failing::{DENIED_POLL, ERRORS},
    *,
};
use crate::card::{profile::Presence, vectors::vector};

mod address;
mod doubt;
mod layings;
mod line;
mod model;
mod presence;
mod statuses;

/// What a scripted reader answers.
#[derive(Debug, Clone)]
enum Reply {
    /// A status without data.
    Status(u8),
    /// A status with data.
    Data(u8, Vec<u8>),
    Silence,
    Broken,
    /// A good answer with something else before it.
    Unclean(Box<Reply>),
}

impl Reply {
    fn outcome(self) -> Outcome {
        let (status, data) = match self {
            Self::Status(status) => (status, Vec::new()),
            Self::Data(status, data) => (status, data),
            Self::Silence => return Outcome::Silent,
            Self::Broken => return Outcome::Broken(Broken::Damaged),
            Self::Unclean(reply) => match reply.outcome() {
                Outcome::Answer { frame, .. } => return Outcome::Answer { frame, clean: false },
                other => return other,
            },
        };
        let data = Zeroizing::new(data);
        let frame = Frame { card_status: [0; 2], status: Status(status), data };
        Outcome::Answer { frame, clean: true }
    }

    /// The answer that a vector holds.
    fn vector(name: &str) -> Self {
        let frame = vector(name);
        Self::Data(frame[9], frame[10..frame.len() - 1].to_vec())
    }
}

/// What was told, without persons.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Told {
    Ready,
    Down(Stop),
    Found,
    Read(String),
    Failed(Stop),
    Removed,
}

fn told(event: &ReaderEvent) -> Option<Told> {
    Some(match event {
        ReaderEvent::Status(ReaderStatus::Down(stop)) => Told::Down(*stop),
        ReaderEvent::Status(_) => Told::Ready,
        ReaderEvent::CardFound => Told::Found,
        ReaderEvent::Read(document) => Told::Read(document.number().expose().to_owned()),
        ReaderEvent::Failed(stop) => Told::Failed(*stop),
        ReaderEvent::CardRemoved => Told::Removed,
        ReaderEvent::Trouble(_) | ReaderEvent::Module(_) => return None,
    })
}

/// A session and what it did.
struct Run {
    session: Session,
    step: Step,
    told: Vec<Told>,
    /// Stop and status of every trouble.
    troubles: Vec<(Stop, Option<u8>)>,
}

impl Run {
    /// With a reader whose session with a card lasts.
    fn new() -> Self {
        Self::with(Presence::Session)
    }

    fn with(presence: Presence) -> Self {
        let profile = Profile { presence, ..Profile::UNKNOWN };
        let session = Session::new(profile, Learned::default());
        let step = session.begin();
        Self { session, step, told: Vec::new(), troubles: Vec::new() }
    }

    /// A session that has greeted its reader and searches.
    fn ready() -> Self {
        Self::ready_with(Presence::Session)
    }

    fn ready_with(presence: Presence) -> Self {
        let mut run = Self::with(presence);
        run.asked(Request::Status, Reply::Status(0x90));
        run.asked(Request::SamId, Reply::vector("samid"));
        assert_eq!(std::mem::take(&mut run.told), [Told::Ready]);
        run
    }

    fn on(&mut self, outcome: Outcome) {
        self.step = self.session.next(outcome, &mut |event| {
            if let ReaderEvent::Trouble(trouble) = &event {
                self.troubles.push((trouble.stop, trouble.status.map(|status| status.0)));
            }
            self.told.extend(told(&event));
        });
    }

    /// Rests as long as it rests, then expects `request` and gives `reply`.
    fn asked(&mut self, request: Request, reply: Reply) {
        while let Step::Rest(pause) = self.step {
            assert!(pause >= Duration::from_millis(40), "no busy loop");
            self.on(Outcome::Rested);
        }
        assert_eq!(self.step, Step::Ask(request), "after {:?}", self.told);
        self.on(reply.outcome());
    }

    fn found(&mut self) {
        self.asked(Request::Find, Reply::Data(0x9F, vec![0; 4]));
    }

    fn selected(&mut self) {
        self.found();
        self.asked(Request::Select, Reply::Data(0x90, vec![0; 8]));
    }

    /// Lays the card of a vector and reads it.
    fn read(&mut self, name: &str) {
        self.selected();
        self.asked(Request::ReadBase, Reply::vector(name));
        self.asked(Request::ReadAppendedAddress, Reply::Status(0x91));
    }
}

const A: &str = "510599198507150012";
const B: &str = "51059919610320058X";

#[test]
fn a_card_is_read_held_and_lifted() {
    let mut run = Run::ready();
    run.asked(Request::Find, Reply::Status(0x80));
    run.read("base_A");
    for _ in 0..5 {
        run.asked(Request::ReadAppendedAddress, Reply::Status(0x91));
    }
    run.asked(Request::ReadAppendedAddress, Reply::Status(0x41));
    run.asked(Request::Find, Reply::Status(0x80));
    run.read("base_B");
    let read = |number: &str| Told::Read(number.to_owned());
    assert_eq!(run.told, [Told::Found, read(A), Told::Removed, Told::Found, read(B)]);
}

#[test]
fn the_appended_address_comes_with_the_document() {
    let mut run = Run::ready();
    run.selected();
    run.asked(Request::ReadBase, Reply::vector("base_A"));
    let mut addresses = Vec::new();
    run.session.next(Reply::vector("newaddr").outcome(), &mut |event| {
        if let ReaderEvent::Read(document) = event {
            addresses.push(document.current_address().cloned());
        }
    });
    assert!(addresses == [Some("四川省泸县嘉明镇测试新址9号".into())]);
}

#[test]
fn a_card_pulled_while_its_text_is_read_is_never_shown() {
    let mut run = Run::ready();
    run.selected();
    run.asked(Request::ReadBase, Reply::Status(0x41));
    run.asked(Request::Find, Reply::Status(0x80));
    run.asked(Request::Find, Reply::Status(0x80));
    run.read("base_B");
    let expected = [
        Told::Found,
        // This reader may be one that finds a card once: what the module said of it counts.
        Told::Failed(Stop::CardUnsteady),
        Told::Removed,
        Told::Found,
        Told::Read(B.to_owned()),
    ];
    assert_eq!(run.told, expected);
}

#[test]
fn failures_are_told_once_a_laying_after_quiet_retries() {
    let cases = [
        (0x41, 3, Stop::CardUnsteady),
        (0x81, 3, Stop::CardNotSelected),
        (0x47, 3, Stop::CardNoRandom),
        (0x31, 2, Stop::CardRefused),
        (0x32, 2, Stop::CardNotGenuine),
        (0x33, 2, Stop::CardNotVerified),
        (0x40, 1, Stop::CardUnknown),
    ];
    for (status, attempts, stop) in cases {
        let mut run = Run::ready();
        for attempt in 1..=attempts + 3 {
            run.found();
            assert_eq!(run.told.len(), if attempt <= attempts { 1 } else { 2 }, "{status:02X}");
            run.asked(Request::Select, Reply::Status(status));
        }
        assert_eq!(run.told, [Told::Found, Told::Failed(stop)], "{status:02X}");
        // It lies better now.
        run.read("base_A");
        assert_eq!(run.told[2..], [Told::Read(A.to_owned())]);
    }
}

#[test]
fn wrong_content_is_read_again_once_and_then_told() {
    let mut run = Run::ready();
    for _ in 0..2 {
        run.selected();
        run.asked(Request::ReadBase, Reply::Data(0x90, vec![0; 1284]));
    }
    assert_eq!(run.told, [Told::Found, Told::Failed(Stop::CardContent)]);
    let mut run = Run::ready();
    run.selected();
    let Reply::Data(status, mut data) = Reply::vector("base_A") else { panic!("a whole answer") };
    // The type unit: a kind of document that there is not.
    data[4 + 248] = b'Q';
    run.asked(Request::ReadBase, Reply::Data(status, data));
    assert_eq!(run.told, [Told::Found, Told::Failed(Stop::CardUnknown)]);
}

#[test]
fn a_request_that_arrived_damaged_is_sent_again_once() {
    let mut run = Run::ready();
    run.asked(Request::Find, Reply::Status(0x10));
    run.found();
    run.asked(Request::Select, Reply::Status(0x11));
    run.asked(Request::Select, Reply::Status(0x11));
    run.found();
    assert_eq!(run.told, [Told::Found]);
}

#[test]
fn one_unclear_look_does_not_end_a_visit() {
    let mut run = Run::ready();
    run.read("base_A");
    run.asked(Request::ReadAppendedAddress, Reply::Broken);
    run.asked(Request::ReadAppendedAddress, Reply::Status(0x91));
    run.asked(Request::ReadAppendedAddress, Reply::Silence);
    run.asked(Request::ReadAppendedAddress, Reply::Broken);
    assert_eq!(run.told, [Told::Found, Told::Read(A.to_owned()), Told::Removed]);
}

#[test]
fn an_unfit_module_is_down_and_comes_back() {
    let mut run = Run::ready();
    run.found();
    run.asked(Request::Select, Reply::Status(0x60));
    let down = Told::Down(Stop::ReaderSelfTest);
    assert_eq!(run.told, [Told::Found, Told::Removed, down.clone()]);
    run.asked(Request::Reset, Reply::Status(0x60));
    run.asked(Request::Reset, Reply::Status(0x90));
    run.asked(Request::Status, Reply::Status(0x66));
    run.asked(Request::Status, Reply::Status(0x90));
    run.asked(Request::SamId, Reply::Silence);
    let expected = [down.clone(), down, Told::Down(Stop::ReaderNotAuthorised), Told::Ready];
    assert_eq!(run.told[2..], expected);
}

#[test]
fn a_silent_reader_is_opened_anew() {
    let mut run = Run::new();
    run.asked(Request::Status, Reply::Silence);
    run.asked(Request::Status, Reply::Silence);
    run.asked(Request::Find, Reply::Silence);
    assert_eq!(run.step, Step::Reopen(Stop::ReaderSilent));
    let mut run = Run::ready();
    run.found();
    run.asked(Request::Select, Reply::Silence);
    run.asked(Request::Find, Reply::Silence);
    run.asked(Request::Find, Reply::Silence);
    assert_eq!(run.step, Step::Reopen(Stop::ReaderSilent));
    assert_eq!(run.told, [Told::Found, Told::Removed]);
}

#[test]
fn a_module_that_only_knows_find_is_served() {
    let mut run = Run::new();
    run.asked(Request::Status, Reply::Silence);
    run.asked(Request::Status, Reply::Silence);
    run.asked(Request::Find, Reply::Status(0x80));
    run.asked(Request::SamId, Reply::Silence);
    run.read("base_A");
    assert_eq!(run.told, [Told::Ready, Told::Found, Told::Read(A.to_owned())]);
}

#[test]
fn noise_opens_the_port_anew_and_nonsense_resets_the_module() {
    let mut run = Run::ready();
    for _ in 0..ERRORS {
        run.asked(Request::Find, Reply::Broken);
    }
    assert_eq!(run.step, Step::Reopen(Stop::ReaderNoise));
    let mut run = Run::ready();
    for _ in 0..ERRORS {
        run.asked(Request::Find, Reply::Status(0x24));
    }
    run.asked(Request::Reset, Reply::Status(0x90));
    run.asked(Request::Status, Reply::Status(0x90));
    run.asked(Request::SamId, Reply::vector("samid"));
    for _ in 0..ERRORS {
        run.asked(Request::Find, Reply::Status(0x24));
    }
    assert_eq!(run.step, Step::Reopen(Stop::ReaderConfused));
}

#[test]
fn the_number_of_a_module_as_it_is_printed() {
    let id = SamId::parse(&vector("samid")[10..26]).expect("16 bytes");
    assert_eq!(id.to_string(), "05.03-20200101-0001234567-0000089012");
}

/// An answer to `request` out of all kinds of answers, chosen by `choice`.
fn any_reply(request: Request, choice: u8) -> Reply {
    const STATUSES: [u8; 16] = [
        0x80, 0x81, 0x41, 0x40, 0x31, 0x32, 0x33, 0x47, 0x10, 0x11, 0x21, 0x23, 0x24, 0x60, 0x66,
        0x7E,
    ];
    match (choice % 32, request) {
        (0, _) => Reply::Silence,
        (1, _) => Reply::Broken,
        (index @ 2..18, _) => Reply::Status(STATUSES[usize::from(index - 2)]),
        (_, Request::Find) => Reply::Data(0x9F, vec![0; 4]),
        (_, Request::Select) => Reply::Data(0x90, vec![0; 8]),
        (_, Request::SamId) => Reply::vector("samid"),
        (_, Request::Reset | Request::Status | Request::SetRfBytes(_)) => Reply::Status(0x90),
        (18..22, Request::ReadAppendedAddress) => Reply::vector("newaddr"),
        (_, Request::ReadAppendedAddress) => Reply::Status(0x91),
        (18..22, Request::ReadBase) => Reply::vector("base_B"),
        (22, Request::ReadBase) => Reply::vector("base_J"),
        (_, Request::ReadBase) => Reply::vector("base_A"),
    }
}

proptest! {
    #[test]
    fn any_answers_keep_to_the_order_of_events(
        presence in prop::sample::select(vec![
            Presence::Probe, Presence::Session, Presence::Find, Presence::Time,
        ]),
        choices in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let mut run = Run::with(presence);
        let mut without_rest = 0;
        for choice in choices {
            match run.step {
                Step::Rest(_) => {
                    without_rest = 0;
                    run.on(Outcome::Rested);
                }
                Step::Ask(request) => {
                    without_rest += 1;
                    // Three greetings and the module's number, then three attempts to find and
                    // select a card and to read it and its address until they are believed, each
                    // request sent twice.
                    prop_assert!(without_rest <= 2 * (4 + 3 * 10), "keeps asking without a pause");
                    run.on(any_reply(request, choice).outcome());
                }
                Step::Reopen(_) => {
                    prop_assert!(run.session.laying.is_none());
                    without_rest = 0;
                    let (events, learned) = (std::mem::take(&mut run.told), run.session.learned());
                    run = Run::with(presence);
                    run.session.learned = learned;
                    run.told = events;
                }
            }
        }
        let (mut lies, mut failed, mut read) = (false, false, false);
        for event in run.told {
            match event {
                Told::Ready | Told::Down(_) => continue,
                Told::Found => prop_assert!(!std::mem::replace(&mut lies, true)),
                Told::Failed(_) => {
                    prop_assert!(lies && !read && !std::mem::replace(&mut failed, true));
                }
                Told::Read(_) => prop_assert!(lies && !std::mem::replace(&mut read, true)),
                Told::Removed => {
                    prop_assert!(std::mem::take(&mut lies));
                    (failed, read) = (false, false);
                }
            }
        }
    }
}
