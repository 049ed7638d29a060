//! A contact reader over PC/SC, for social-security cards. State: the connected card, until it loses
//! its power.

use std::{
    ffi::{CStr, CString},
    time::{Duration, Instant},
};

use pcsc::{Context, Disposition, Error, Protocols, ReaderState, Scope, ShareMode, State};
use zeroize::Zeroizing;

use super::{
    ReadError,
    social_security::{self, Transmit},
};
use crate::domain::{Document, Stop};

/// Longest wait inside the service, so that the deadline holds also when it is late.
const SLICE: Duration = Duration::from_millis(500);

/// Reads a social-security card in the reader `name`, or in the first there is, waiting up to
/// `timeout` for somebody to insert it.
///
/// # Errors
/// Says what is in the way.
pub fn read_social_security_card(
    name: Option<&str>,
    timeout: Duration,
) -> Result<Document, ReadError> {
    let deadline = Instant::now() + timeout;
    let context = Context::establish(Scope::System).map_err(of_reader)?;
    let reader = reader(&context, name)?;
    wait_for_card(&context, &reader, deadline)?;
    let card = context
        .connect(&reader, ShareMode::Exclusive, Protocols::T0 | Protocols::T1)
        .map_err(of_reader)?;
    let card = social_security::read(&mut Inserted(Some(card))).map_err(ReadError::Stop)?;
    Ok(Document::SocialSecurityCard(card))
}

fn reader(context: &Context, name: Option<&str>) -> Result<CString, ReadError> {
    let readers = context.list_readers_owned().map_err(of_reader)?;
    let wanted = |reader: &&CString| name.is_none_or(|name| reader.to_bytes() == name.as_bytes());
    readers.iter().find(wanted).cloned().ok_or(ReadError::Stop(Stop::ReaderAbsent))
}

fn wait_for_card(context: &Context, reader: &CStr, deadline: Instant) -> Result<(), ReadError> {
    let mut states = [ReaderState::new(reader, State::UNAWARE)];
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match context.get_status_change(left.min(SLICE), &mut states) {
            Ok(()) | Err(Error::Timeout) => {}
            Err(error) => return Err(of_reader(error)),
        }
        let state = states[0].event_state();
        if state.intersects(State::UNKNOWN | State::UNAVAILABLE) {
            return Err(ReadError::Stop(Stop::ReaderAbsent));
        }
        if state.contains(State::PRESENT) && !state.contains(State::MUTE) {
            return Ok(());
        }
        if left.is_zero() {
            return Err(ReadError::NoCard);
        }
        states[0].sync_current_state();
    }
}

fn of_reader(error: Error) -> ReadError {
    tracing::info!("pcsc: {error}");
    ReadError::Stop(match error {
        Error::NoReadersAvailable | Error::NoService | Error::ServiceStopped => Stop::ReaderAbsent,
        Error::UnknownReader | Error::ReaderUnavailable => Stop::ReaderAbsent,
        Error::NoAccess => Stop::ReaderForbidden,
        Error::SharingViolation => Stop::ReaderBusy,
        error => of_card(error),
    })
}

fn of_card(error: Error) -> Stop {
    match error {
        Error::RemovedCard | Error::NoSmartcard | Error::ResetCard | Error::UnpoweredCard => {
            Stop::CardUnsteady
        }
        Error::UnresponsiveCard | Error::UnsupportedCard | Error::ProtoMismatch => {
            Stop::CardUnknown
        }
        _ => Stop::ReaderSilent,
    }
}

/// The card in the reader; `None` once it has no power.
struct Inserted(Option<pcsc::Card>);

impl Transmit for Inserted {
    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, Stop> {
        let card = self.0.as_ref().ok_or(Stop::CardUnsteady)?;
        let mut buffer = Zeroizing::new([0; pcsc::MAX_BUFFER_SIZE]);
        let answer = card.transmit(command, &mut *buffer).map_err(|error| {
            tracing::info!("pcsc: {error}");
            of_card(error)
        })?;
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
