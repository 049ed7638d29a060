//! The two places for a card: the reader's plate, and the slot. Which of them has the visit.
//!
//! A visit belongs to the place at which a card was found first, as long as that card lies there.
//! What comes from the other place meanwhile is passed over, and stays so until it is laid anew:
//! when the first card is taken away its holder may still stand there, and must not see what the
//! other card says, nor must a card whose holder left it behind open by itself. A visit that ended
//! lets go of its card, so that one forgotten in the slot does not stop who comes next.
//!
//! State: what lies where ([`Cards`]), and [`Visit::place`](super::Visit::place).

use kiosk_devices::card::ReaderEvent;

use super::State;

/// A place for a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The reader of ID cards.
    Plate,
    /// The slot for social-security cards.
    Slot,
}

/// What lies at a place, as far as its device can tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Laying {
    /// Nothing.
    #[default]
    Nothing,
    /// A card that is heard.
    Heard,
    /// A card that came while the other place had the visit.
    PassedOver,
}

/// What lies at both places.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cards {
    /// On the reader.
    pub plate: Laying,
    /// In the slot.
    pub slot: Laying,
}

impl Cards {
    /// What lies at `place`.
    pub fn at(&self, place: Place) -> Laying {
        match place {
            Place::Plate => self.plate,
            Place::Slot => self.slot,
        }
    }

    /// Whether a card lies at `place`.
    pub fn lies(&self, place: Place) -> bool {
        self.at(place) != Laying::Nothing
    }

    /// Whether a card lies anywhere.
    pub fn any(&self) -> bool {
        self.lies(Place::Plate) || self.lies(Place::Slot)
    }

    fn set(&mut self, place: Place, laying: Laying) {
        match place {
            Place::Plate => self.plate = laying,
            Place::Slot => self.slot = laying,
        }
    }
}

/// A card was found at `place`: whether it is heard.
pub(super) fn found(state: &mut State, place: Place) -> bool {
    let laying = if is_free_for(state, place) { Laying::Heard } else { Laying::PassedOver };
    state.machine.cards.set(place, laying);
    laying == Laying::Heard
}

/// The card at `place` says something: whether it is heard. A card that was found in a visit which
/// is over is passed over when the other place has got the next.
pub(super) fn heard(state: &mut State, place: Place) -> bool {
    match state.machine.cards.at(place) {
        Laying::PassedOver => false,
        Laying::Nothing | Laying::Heard => found(state, place),
    }
}

/// The present visit belongs to `place` now.
pub(super) fn take(state: &mut State, place: Place) {
    if let Some(visit) = &mut state.visit {
        visit.place = Some(place);
    }
}

/// Nothing lies at `place` any more: whether the present visit belonged to it. It belongs to nobody
/// then.
pub(super) fn left(state: &mut State, place: Place) -> bool {
    state.machine.cards.set(place, Laying::Nothing);
    let Some(visit) = &mut state.visit else { return false };
    visit.place.take_if(|owner| *owner == place).is_some()
}

/// Whether no card at the other place has the visit.
fn is_free_for(state: &State, place: Place) -> bool {
    let owner = state.visit.as_ref().and_then(|visit| visit.place);
    owner.is_none_or(|owner| owner == place)
}

/// Puts the place to an event of its device.
impl From<(Place, ReaderEvent)> for super::Event {
    fn from((place, event): (Place, ReaderEvent)) -> Self {
        match place {
            Place::Plate => Self::Reader(event),
            Place::Slot => Self::Slot(event),
        }
    }
}
