//! The page between the card and the account.

use kiosk_base::domain::Stop;
use slint::ComponentHandle;

use super::{Send, int, key, press, set, ui, words};
use crate::visit::{
    Page, Place, Press, State,
    identify::{self, Step},
    keypad::{self, Stroke},
    query_pin::QueryPin,
};

pub(super) fn bind(window: &ui::App, send: &Send) {
    let identify = window.global::<ui::Identify<'_>>();
    identify.on_retry(press(send, Press::Identify(identify::Press::Retry)));
    identify.on_informed(press(send, Press::Identify(identify::Press::Informed)));
    // The staff type on it, too.
    let keys = window.global::<ui::Keys<'_>>();
    keys.on_key(key(send));
    keys.on_erase(press(send, Press::Pad(Stroke::Erase)));
    keys.on_enter(press(send, Press::Pad(Stroke::Enter)));
}

pub(super) fn render(window: &ui::App, state: &State) {
    let global = window.global::<ui::Identify<'_>>();
    let step = match state.page() {
        Some(Page::Identify(step)) => step,
        _ => return,
    };
    let (step, stop) = match (step, state.obstacle()) {
        (Step::Reading, _) => (ui::IdentifyStep::Reading, None),
        (Step::Notice, _) => (ui::IdentifyStep::Notice, None),
        (Step::Asking, _) => (ui::IdentifyStep::Asking, None),
        (Step::Pin, _) => (ui::IdentifyStep::Pin, None),
        (Step::Failed(stop), _) => (ui::IdentifyStep::Failed, Some(*stop)),
        (Step::Lay, None) => (ui::IdentifyStep::Lay, None),
        (Step::Lay, Some(stop)) if stop.code().starts_with('R') => {
            (ui::IdentifyStep::ReaderDown, Some(stop))
        }
        (Step::Lay, Some(stop)) => (ui::IdentifyStep::LinkDown, Some(stop)),
    };
    let place = state.visit.as_ref().and_then(|visit| visit.place);
    let is_at_slot = place == Some(Place::Slot);
    let unsteady = [Some(Stop::CardUnsteady), Some(Stop::CardRefused), Some(Stop::ReaderSilent)];
    let only_slot = step == ui::IdentifyStep::ReaderDown && state.slot_serves();
    let resident = state.visit.as_ref().and_then(|visit| visit.resident.as_ref());
    let pin = resident.map(|resident| &resident.pin);
    let tries_left = pin.filter(|pin| pin.was_wrong()).map(QueryPin::tries_left);
    let window_name = &state.machine.office.insurance_window;
    let (title, sentence) = stop.map(|stop| words::stop(stop, window_name)).unwrap_or_default();
    let view = ui::IdentifyView {
        step,
        title: title.into(),
        sentence: sentence.into(),
        code: stop.map(Stop::code).unwrap_or_default().into(),
        can_retry: matches!(step, ui::IdentifyStep::Failed | ui::IdentifyStep::LinkDown)
            && stop.is_none_or(identify::may_ask_again),
        plate: !is_at_slot && !only_slot,
        slot: is_at_slot || (place.is_none() && state.slot_serves()),
        // The book speaks of laying a card down.
        insert_again: is_at_slot && unsteady.contains(&stop),
        lay_again: state.machine.slot.is_some() && stop == Some(Stop::CardLifted),
        phone: state.machine.office.phone.as_str().into(),
        digits: int(pin.map_or(0, |pin| pin.typed.len())),
        tries_left: int(tries_left.map_or(0, usize::from)),
    };
    set!(global, get_view, set_view, view);
    keypad(window, pin.map_or(0, |pin| pin.typed.len()), false);
}

/// What the keys of the pad can do after `typed` digits, and while what was typed is looked at.
pub(super) fn keypad(window: &ui::App, typed: usize, waiting: bool) {
    let keys = window.global::<ui::Keys<'_>>();
    set!(keys, get_typed, set_typed, int(typed));
    set!(keys, get_longest, set_longest, int(keypad::LONGEST));
    set!(keys, get_waiting, set_waiting, waiting);
}
