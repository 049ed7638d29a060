//! A contact slot over PC/SC. State: the connection to the service and what it said last; the
//! connected card, until it loses its power.

use std::{ffi::CString, time::Duration};

use kiosk_base::domain::Stop;
use pcsc::{Context, Disposition, Error, Protocols, ReaderState, Scope, ShareMode, State};
use zeroize::Zeroizing;

use super::{
    contact::{Presence, Slot},
    social_security::Transmit,
};

/// The slot of a PC/SC reader.
pub struct PcscSlot {
    name: Option<String>,
    opened: Option<Opened>,
    /// What is in the way, so that it is logged once and not at every attempt.
    logged: Option<Error>,
}

struct Opened {
    context: Context,
    reader: CString,
    /// What the service said last.
    states: [ReaderState; 1],
}

impl PcscSlot {
    /// The reader with this name, as `pcsc_scan` prints it, or the first there is.
    pub fn new(name: Option<String>) -> Self {
        Self { name, opened: None, logged: None }
    }
}

impl Opened {
    fn new(name: Option<&str>) -> Result<Self, Error> {
        let context = Context::establish(Scope::System)?;
        let readers = context.list_readers_owned()?;
        let wanted =
            |reader: &&CString| name.is_none_or(|name| reader.to_bytes() == name.as_bytes());
        let reader = readers.iter().find(wanted).cloned().ok_or(Error::UnknownReader)?;
        let states = [ReaderState::new(reader.clone(), State::UNAWARE)];
        Ok(Self { context, reader, states })
    }
}

impl Slot for PcscSlot {
    fn open(&mut self) -> Result<(), Stop> {
        self.opened = None;
        match Opened::new(self.name.as_deref()) {
            Ok(opened) => {
                tracing::info!("pcsc: reader {:?}", opened.reader);
                self.opened = Some(opened);
                self.logged = None;
                Ok(())
            }
            Err(error) => {
                if self.logged.replace(error) != Some(error) {
                    tracing::info!("pcsc: {error}");
                }
                Err(of_reader(error))
            }
        }
    }

    fn wait(&mut self, limit: Duration) -> Result<Presence, Stop> {
        let opened = self.opened.as_mut().ok_or(Stop::ReaderAbsent)?;
        match opened.context.get_status_change(limit, &mut opened.states) {
            Ok(()) | Err(Error::Timeout) => {}
            Err(error) => return Err(logged(error, of_reader)),
        }
        let [state] = &mut opened.states;
        state.sync_current_state();
        let now = state.event_state();
        if now.intersects(State::UNKNOWN | State::UNAVAILABLE | State::IGNORE) {
            return Err(Stop::ReaderAbsent);
        }
        Ok(match now.contains(State::PRESENT) {
            // The service counts every time a card comes or goes.
            true => Presence::Inserted(state.event_count()),
            false => Presence::Empty,
        })
    }

    fn connect(&mut self) -> Result<Box<dyn Transmit + '_>, Stop> {
        let opened = self.opened.as_ref().ok_or(Stop::ReaderAbsent)?;
        let protocols = Protocols::T0 | Protocols::T1;
        let card = opened
            .context
            .connect(&opened.reader, ShareMode::Exclusive, protocols)
            .map_err(|error| logged(error, of_reader))?;
        Ok(Box::new(Inserted(Some(card))))
    }
}

/// Logs `error`, and says what it is `of` reader or card.
fn logged(error: Error, of: impl Fn(Error) -> Stop) -> Stop {
    tracing::info!("pcsc: {error}");
    of(error)
}

fn of_reader(error: Error) -> Stop {
    match error {
        Error::NoReadersAvailable | Error::NoService | Error::ServiceStopped => Stop::ReaderAbsent,
        Error::UnknownReader | Error::ReaderUnavailable => Stop::ReaderAbsent,
        Error::NoAccess => Stop::ReaderForbidden,
        Error::SharingViolation => Stop::ReaderBusy,
        error => of_card(error),
    }
}

fn of_card(error: Error) -> Stop {
    match error {
        Error::RemovedCard | Error::NoSmartcard | Error::ResetCard | Error::UnpoweredCard => {
            Stop::CardUnsteady
        }
        // Inserted the wrong way round it says nothing, either.
        Error::UnresponsiveCard => Stop::CardUnsteady,
        Error::UnsupportedCard | Error::ProtoMismatch => Stop::CardUnknown,
        _ => Stop::ReaderSilent,
    }
}

/// The card in the reader; `None` once it has no power.
struct Inserted(Option<pcsc::Card>);

impl Transmit for Inserted {
    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, Stop> {
        let card = self.0.as_ref().ok_or(Stop::CardUnsteady)?;
        let mut buffer = Zeroizing::new([0; pcsc::MAX_BUFFER_SIZE]);
        let answer =
            card.transmit(command, &mut *buffer).map_err(|error| logged(error, of_card))?;
        Ok(Zeroizing::new(answer.to_vec()))
    }

    fn power_off(&mut self) {
        if let Some(card) = self.0.take()
            && let Err((_, error)) = card.disconnect(Disposition::UnpowerCard)
        {
            tracing::info!("pcsc: {error}");
        }
    }
}
