//! From the card to the account: lay the card, read, ask the county, and only then show.
//!
//! State: [`Step`] on the page; what is personal only in [`Resident`].

use std::time::Duration;

use kiosk_base::domain::{Account, Document, DocumentFacts, Sensitive, Stop, mask};
use kiosk_devices::card::{ReaderEvent, ReaderStatus};
use zeroize::Zeroizing;

use super::{
    Effect, Page, Place, QuestionTicket, State, Visit, account, history,
    machine::{ExpiredDocument, LinkStatus, Notice},
    places,
    query_pin::QueryPin,
    what_if,
};

/// How far the identification is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Waiting for a card.
    Lay,
    /// A card was found and is being read.
    Reading,
    /// The card was read by somebody who has not seen yet what is asked about them.
    Notice,
    /// The county is asked.
    Asking,
    /// The county wants the person's query PIN.
    Pin,
    /// It did not work; the resident is told what to do.
    Failed(Stop),
}

/// The person of this visit: the one value that owns personal data. Dropped whole, and with it
/// overwritten, when the visit ends.
#[derive(Debug)]
pub struct Resident {
    /// The card.
    pub document: Document,
    /// Whether the card had run out when it was laid.
    pub expired: bool,
    /// The account, once the county has answered.
    pub account: Option<Box<Account>>,
    /// The query PIN, where the county asks for one.
    pub pin: QueryPin,
    /// What was asked of the estimate last.
    pub(super) what_if: Option<what_if::Ask>,
    /// The question that is under way.
    asked: Option<QuestionTicket>,
    /// The page of a history that is under way.
    pub(super) history: Option<history::Asked>,
    shown_until: Option<Duration>,
}

impl Resident {
    /// Whether name, number and amounts are shown in full.
    pub fn shown(&self) -> bool {
        self.shown_until.is_some()
    }

    /// When they will be masked again, on the monotonic clock.
    pub fn shown_until(&self) -> Option<Duration> {
        self.shown_until
    }

    /// The name as it may be seen now.
    pub fn name(&self) -> Zeroizing<String> {
        let name = self.document.name().expose();
        Zeroizing::new(if self.shown() { name.clone() } else { mask::name(name) })
    }

    /// The number as it may be seen now.
    pub fn number(&self) -> Zeroizing<String> {
        let number = self.document.number();
        Zeroizing::new(if self.shown() { number.expose().to_owned() } else { number.masked() })
    }

    pub(super) fn show_until(&mut self, until: Option<Duration>) {
        self.shown_until = until;
    }

    pub(super) fn hide_when_due(&mut self, now: Duration) {
        self.shown_until = self.shown_until.filter(|until| now < *until);
    }
}

/// What is pressed on this page alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    /// 知道了，查询: the notice was read.
    Informed,
    /// 再试一次.
    Retry,
}

pub(super) fn pressed(state: &mut State, press: Press) -> Vec<Effect> {
    match press {
        Press::Informed => informed(state),
        Press::Retry => retry(state),
    }
}

/// The door 社保.
pub(super) fn enter(visit: &mut Visit) {
    if answered_already(visit) {
        visit.go(Page::Account(account::Page::Overview));
        return;
    }
    // Whoever is being identified stays where that is.
    if !visit.staffed() && !visit.trail.iter().any(is_identify) {
        // The page says it beside the place for the card.
        visit.informed = true;
        visit.go(Page::Identify(Step::Lay));
    }
}

fn answered_already(visit: &Visit) -> bool {
    visit.resident.as_ref().is_some_and(|resident| resident.account.is_some())
}

fn is_identify(page: &Page) -> bool {
    matches!(page, Page::Identify(_))
}

/// Asks again with the card that still lies there; without one, waits for it, and has a look
/// whether the line is back.
fn retry(state: &mut State) -> Vec<Effect> {
    let State { visit: Some(visit), .. } = state else { return Vec::new() };
    let Page::Identify(step) = visit.page() else { return Vec::new() };
    match (step, &visit.resident) {
        // Nobody asks again for whom nobody has asked yet, nor before the PIN was typed.
        (Step::Notice | Step::Pin, _) => Vec::new(),
        (Step::Failed(stop), _) if !may_ask_again(*stop) => Vec::new(),
        (_, Some(resident)) if resident.account.is_none() => ask(state, None),
        _ => {
            *visit.page_mut() = Page::Identify(Step::Lay);
            if !matches!(state.machine.link, LinkStatus::Down(_)) {
                return Vec::new();
            }
            state.machine.link = LinkStatus::Connecting;
            vec![Effect::TryLink]
        }
    }
}

/// Whether asking again may have another outcome while the card lies there.
pub fn may_ask_again(stop: Stop) -> bool {
    !matches!(
        stop,
        Stop::QueryPinWrong
            | Stop::QueryPinLocked
            | Stop::QueryPinUnset
            | Stop::PersonLimit
            | Stop::PersonUnknown
            | Stop::KioskLimit
            | Stop::CoreAbsent
    )
}

fn question(
    ticket: QuestionTicket,
    place: Option<Place>,
    document: &Document,
    pin: Option<Sensitive<String>>,
) -> Effect {
    Effect::AskAccount {
        ticket,
        place,
        document: DocumentFacts::of(document),
        number: document.number(),
        name: document.name().clone(),
        english_name: document.english_name().cloned(),
        pin,
    }
}

/// Takes in what the device at `place` says.
pub(super) fn reader(state: &mut State, place: Place, event: ReaderEvent) -> Vec<Effect> {
    match event {
        ReaderEvent::Status(status) => {
            match place {
                Place::Plate => state.machine.reader = status,
                Place::Slot => state.machine.slot = Some(status),
            }
            if matches!(status, ReaderStatus::Down(_)) && places::left(state, place) {
                // The page says that the reader is gone, and goes on by itself when it is back.
                return removed(state);
            }
            Vec::new()
        }
        ReaderEvent::CardFound => {
            if places::found(state, place) {
                // Laying a card is asking for one's account, wherever one stands; the first thing a
                // resident does may well be to lay it.
                identifying(state, place, Step::Reading);
            }
            Vec::new()
        }
        ReaderEvent::Read(document) => match places::heard(state, place) {
            true => read(state, place, *document),
            false => Vec::new(),
        },
        ReaderEvent::Failed(stop) => {
            if places::heard(state, place) {
                identifying(state, place, Step::Failed(stop));
            }
            Vec::new()
        }
        ReaderEvent::CardRemoved => match places::left(state, place) {
            true => removed(state),
            false => Vec::new(),
        },
        // For the staff's report and for the county, which a worker keeps.
        ReaderEvent::Trouble(_) | ReaderEvent::Module(_) => Vec::new(),
    }
}

/// Shows `step`, going to the page of identification if the visit is elsewhere: back to it, when
/// it was left for a guide or for help. The visit belongs to `place` now. Neither a visit that
/// knows its resident nor the staff are disturbed.
fn identifying(state: &mut State, place: Place, step: Step) {
    let mono = state.machine.mono;
    let visit = match &mut state.visit {
        Some(visit) => visit,
        None => state.begin(),
    };
    visit.touched = mono;
    visit.place = Some(place);
    if visit.resident.is_some() || visit.staffed() {
        return;
    }
    match visit.trail.iter().position(is_identify) {
        Some(at) => {
            visit.trail.truncate(at + 1);
            *visit.page_mut() = Page::Identify(step);
        }
        None => visit.go(Page::Identify(step)),
    }
}

fn read(state: &mut State, place: Place, document: Document) -> Vec<Effect> {
    let known = state.visit.as_ref().is_some_and(|visit| visit.resident.is_some());
    // Another card while somebody is known: the first resident's visit is over, a new one begins.
    let mut effects = if known { super::end(state) } else { Vec::new() };
    let expired = document.expired_on(state.machine.wall.date());
    if expired && state.machine.settings.expired_document == ExpiredDocument::Refuse {
        identifying(state, place, Step::Failed(Stop::CardExpired));
        return effects;
    }
    identifying(state, place, Step::Notice);
    let Some(visit) = &mut state.visit else { return effects };
    if !is_identify(visit.page()) {
        return effects;
    }
    visit.resident = Some(Resident {
        document,
        expired,
        account: None,
        pin: QueryPin::default(),
        what_if: None,
        asked: None,
        history: None,
        shown_until: None,
    });
    if visit.informed || state.machine.settings.notice == Notice::Show {
        effects.extend(ask(state, None));
    }
    effects
}

/// The notice was read: now the county may be asked.
fn informed(state: &mut State) -> Vec<Effect> {
    let State { visit: Some(visit), .. } = state else { return Vec::new() };
    if *visit.page() != Page::Identify(Step::Notice) {
        return Vec::new();
    }
    visit.informed = true;
    ask(state, None)
}

/// Asks the county about the card that lies there.
pub(super) fn ask(state: &mut State, pin: Option<Sensitive<String>>) -> Vec<Effect> {
    let ticket = QuestionTicket(state.number());
    let State { visit: Some(visit), .. } = state else { return Vec::new() };
    let Some(resident) = &mut visit.resident else { return Vec::new() };
    resident.asked = Some(ticket);
    let effect = question(ticket, visit.place, &resident.document, pin);
    *visit.page_mut() = Page::Identify(Step::Asking);
    vec![effect]
}

/// The card is gone: a visit that knows its resident ends with it. A page that still reads it waits
/// for one: had the card been taken away too early, that would have been told, so it is the reader
/// that is gone, and not the card that is to blame.
fn removed(state: &mut State) -> Vec<Effect> {
    let State { visit: Some(visit), .. } = state else { return Vec::new() };
    if visit.resident.is_some() {
        return super::end(state);
    }
    // Help may stand above the page that waits for the card.
    for page in &mut visit.trail {
        if let Page::Identify(step @ Step::Reading) = page {
            *step = Step::Lay;
        }
    }
    Vec::new()
}

/// The county has answered the question `ticket`. What it says about somebody else than the card
/// is never shown.
pub(super) fn answered(
    state: &mut State,
    ticket: QuestionTicket,
    answer: Result<Box<Account>, Stop>,
) -> Vec<Effect> {
    let State { visit: Some(visit), .. } = state else { return Vec::new() };
    let Some(resident) = &mut visit.resident else { return Vec::new() };
    if resident.asked != Some(ticket) {
        return Vec::new();
    }
    resident.asked = None;
    let answer = answer.and_then(|account| {
        let document = &resident.document;
        let same = account.number == document.number() && document.is_called(account.name.expose());
        if same { Ok(account) } else { Err(Stop::PersonMismatch) }
    });
    let (account, page) = match answer {
        Ok(account) => (Some(account), Page::Account(account::Page::Overview)),
        Err(stop @ (Stop::QueryPinNeeded | Stop::QueryPinWrong)) => {
            (None, Page::Identify(resident.pin.answered(stop)))
        }
        Err(stop) => (None, Page::Identify(Step::Failed(stop))),
    };
    resident.account = account;
    if let Some(waiting) = visit.trail.iter_mut().find(|page| is_identify(page)) {
        *waiting = page;
    }
    history::begin(state)
}

impl State {
    /// What the page of identification has to say before any card: whether device and line are up.
    pub fn obstacle(&self) -> Option<Stop> {
        match (self.machine.reader, self.machine.link) {
            (ReaderStatus::Down(stop), _) => Some(stop),
            (_, LinkStatus::Down(stop)) => Some(stop),
            _ => None,
        }
    }

    /// Whether a card may be put into the slot.
    pub fn slot_serves(&self) -> bool {
        self.machine.slot == Some(ReaderStatus::Ready)
    }
}
