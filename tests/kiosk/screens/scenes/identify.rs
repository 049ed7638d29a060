//! The page between the card and the account, and how a scene gets to know its resident.

use renshe_kiosk::visit::{Entrance, account, keypad::Stroke};

use super::*;

impl Props {
    /// Lays the card: the question to the county.
    fn lay(&self, state: &mut State, shown: Shown) -> QuestionTicket {
        let person = &self.people[shown.person];
        let mut document = person.document.clone();
        let ends = if shown.expired { date(2026, 11, 22) } else { date(2046, 11, 22) };
        match &mut document {
            Document::ResidentIdCard(card) => card.valid_until = Validity::Until(ends),
            Document::ResidencePermit(permit) => permit.valid_until = ends,
            Document::ForeignerCard2017(card) => card.valid_until = ends,
            Document::ForeignerCard2023(card) => card.valid_until = ends,
            Document::SocialSecurityCard(card) => card.valid_until = Some(ends),
        }
        step(state, Event::Press(Press::To(Entrance::Insurance)));
        question(&step(state, Event::Reader(ReaderEvent::Read(Box::new(document)))))
    }

    /// Lays the card and lets the county ask for the query PIN.
    pub(super) fn ask_for_pin(&self, state: &mut State, shown: Shown, wrong: usize, typed: usize) {
        let mut ticket = self.lay(state, shown);
        step(state, Event::Account { ticket, answer: Err(Stop::QueryPinNeeded) });
        for _ in 0..wrong {
            step(state, Event::Press(Press::Pad(Stroke::Key('0'))));
            ticket = question(&step(state, Event::Press(Press::Pad(Stroke::Enter))));
            step(state, Event::Account { ticket, answer: Err(Stop::QueryPinWrong) });
        }
        for _ in 0..typed {
            step(state, Event::Press(Press::Pad(Stroke::Key('0'))));
        }
    }

    /// Lays the card and lets the county answer.
    pub(super) fn identify(&self, state: &mut State, shown: Shown) {
        let person = &self.people[shown.person];
        let ticket = self.lay(state, shown);
        step(state, Event::Account { ticket, answer: Ok(person.account.clone()) });
        let resident = state.visit.as_ref().and_then(|visit| visit.resident.as_ref());
        assert!(resident.is_some_and(|resident| resident.account.is_some()), "{}", person.name);
        if shown.unmasked {
            step(state, Event::Press(Press::Account(account::Press::Show)));
        }
    }
}

fn question(effects: &[Effect]) -> QuestionTicket {
    let asked = effects.iter().find_map(|effect| match effect {
        Effect::AskAccount { ticket, .. } => Some(*ticket),
        _ => None,
    });
    asked.expect("the county is asked")
}

pub(super) fn pages(scenes: &mut Vec<Scene>) {
    let page = |step| Some(Page::Identify(step));
    let lies = Condition { card: Some(Place::Plate), ..Condition::default() };
    scenes.push(scene("identify-lay", page(Step::Lay)));
    scenes.push(scene("identify-lay-again", page(Step::Lay)).with(lies.clone()));
    scenes.push(scene("identify-reading", page(Step::Reading)).with(lies.clone()));
    scenes.push(scene("identify-asking", page(Step::Asking)).with(lies.clone()));
    for (name, wrong, typed) in [("", 0, 0), ("-typed", 0, 12), ("-wrong", 2, 0)] {
        let pin = Condition { pin: Some((wrong, typed)), ..lies.clone() };
        scenes.push(scene(format!("identify-pin{name}"), page(Step::Pin)).of(0).with(pin));
    }
    let said = BOOK.iter().filter(|entry| !entry.resident.is_empty());
    let longest = said.max_by_key(|entry| entry.resident.chars().count()).expect("a sentence").stop;
    for (name, stop) in [
        ("failed-long", longest),
        ("failed-unsteady", Stop::CardUnsteady),
        ("failed-unknown", Stop::PersonUnknown),
    ] {
        scenes.push(scene(format!("identify-{name}"), page(Step::Failed(stop))));
    }
    let reader = Condition { reader: Some(Stop::ReaderSilent), ..Condition::default() };
    scenes.push(scene("identify-reader-down", page(Step::Lay)).with(reader));
    scenes.push(scene("identify-link-down", page(Step::Lay)).with(link_down()));
    let slot = Condition { slot: true, ..Condition::default() };
    let inserted = Condition { card: Some(Place::Slot), ..slot.clone() };
    scenes.push(scene("identify-slot-lay", page(Step::Lay)).with(slot.clone()));
    for (name, step) in [
        ("taken", Step::Lay),
        ("reading", Step::Reading),
        ("asking", Step::Asking),
        ("protected", Step::Failed(Stop::CardProtected)),
        ("unsteady", Step::Failed(Stop::CardUnsteady)),
    ] {
        scenes.push(scene(format!("identify-slot-{name}"), page(step)).with(inserted.clone()));
    }
    let reader = Condition { reader: Some(Stop::ReaderSilent), ..slot };
    scenes.push(scene("identify-slot-reader-down", page(Step::Lay)).with(reader));
}
