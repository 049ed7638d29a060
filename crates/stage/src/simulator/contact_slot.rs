//! A contact slot that is not there, with a card that is pushed in and pulled out.
//!
//! State: the card in it and whether the slot can be reached, shared between the handle and whoever
//! watches the slot.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kiosk_base::domain::Stop;
use kiosk_devices::card::{
    SlotSettings,
    contact::{Presence, Slot},
    social_security::Transmit,
};
use zeroize::Zeroizing;

use super::contact_card::ContactCard;

/// A byte at the rate at which cards begin: twelve bits of 1/9600 s.
const BYTE_TIME: Duration = Duration::from_micros(1_250);

/// The simulated slot. Clones are the same slot.
#[derive(Debug, Clone, Default)]
pub struct SimulatedSlot(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    card: Option<ContactCard>,
    /// Times that a card came or went.
    moves: u32,
    /// Why the slot cannot be reached.
    down: Option<Stop>,
    /// Commands that the contacts will lose.
    lost: usize,
    /// Times that a card was given power.
    powered: u64,
}

impl SimulatedSlot {
    /// What a kiosk needs to watch this slot.
    pub fn settings(&self) -> SlotSettings {
        let shared = Arc::clone(&self.0);
        SlotSettings::new("simulated", move || {
            Box::new(Watched { shared: Arc::clone(&shared), said: None })
        })
    }

    /// Pushes a card in, after pulling out the one that is there.
    pub fn insert(&self, card: ContactCard) {
        self.0.change(|state| {
            state.card = Some(card);
            state.moves += 1;
        });
    }

    /// Pulls the card out, if there is one.
    pub fn pull(&self) {
        self.0.change(|state| {
            if state.card.take().is_some() {
                state.moves += 1;
            }
        });
    }

    /// From now on the slot cannot be reached, because of `stop`. The card stays in it.
    pub fn fail(&self, stop: Stop) {
        self.0.change(|state| state.down = Some(stop));
    }

    /// The slot can be reached again.
    pub fn recover(&self) {
        self.0.change(|state| state.down = None);
    }

    /// The next `commands` are lost on the way, as where contacts bounce.
    pub fn shake(&self, commands: usize) {
        self.0.change(|state| state.lost = commands);
    }

    /// How many times a card was given power.
    pub fn powered(&self) -> u64 {
        self.0.state().powered
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // The state is whole between any two statements that change it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.notify_all();
    }
}

impl State {
    fn presence(&self) -> Result<Presence, Stop> {
        match (self.down, &self.card) {
            (Some(stop), _) => Err(stop),
            (None, Some(_)) => Ok(Presence::Inserted(self.moves)),
            (None, None) => Ok(Presence::Empty),
        }
    }
}

/// The slot as its watcher has it.
struct Watched {
    shared: Arc<Shared>,
    said: Option<Presence>,
}

impl Slot for Watched {
    fn open(&mut self) -> Result<(), Stop> {
        self.said = None;
        self.shared.state().presence().map(drop)
    }

    fn wait(&mut self, limit: Duration) -> Result<Presence, Stop> {
        let state = self.shared.state();
        let same = |state: &mut State| self.said.is_some_and(|said| state.presence() == Ok(said));
        let waited = self.shared.changed.wait_timeout_while(state, limit, same);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let presence = state.presence()?;
        self.said = Some(presence);
        Ok(presence)
    }

    fn connect(&mut self) -> Result<Box<dyn Transmit + '_>, Stop> {
        let mut state = self.shared.state();
        match state.presence()? {
            Presence::Empty => Err(Stop::CardUnsteady),
            Presence::Inserted(number) => {
                state.powered += 1;
                Ok(Box::new(Powered { shared: &self.shared, number }))
            }
        }
    }
}

/// The card that was pushed in as the `number`-th, with power.
struct Powered<'a> {
    shared: &'a Shared,
    number: u32,
}

impl Powered<'_> {
    fn answer(&self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, Stop> {
        let mut state = self.shared.state();
        if state.lost > 0 {
            state.lost -= 1;
            return Err(Stop::CardUnsteady);
        }
        if state.presence()? != Presence::Inserted(self.number) {
            return Err(Stop::CardUnsteady);
        }
        let card = state.card.as_mut().ok_or(Stop::CardUnsteady)?;
        Ok(Zeroizing::new(card.answer(command)))
    }
}

impl Transmit for Powered<'_> {
    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, Stop> {
        let answer = self.answer(command)?;
        let bytes = u32::try_from(command.len() + answer.len()).unwrap_or(u32::MAX);
        std::thread::sleep(BYTE_TIME * bytes);
        Ok(answer)
    }

    fn power_off(&mut self) {
        let mut state = self.shared.state();
        if state.presence() == Ok(Presence::Inserted(self.number))
            && let Some(card) = &mut state.card
        {
            card.power_off();
        }
    }
}
