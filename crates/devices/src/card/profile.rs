//! How a make of reader behaves, as far as makes differ. Plain values without state; a profile
//! file (`kiosk-config/readers/*.toml`) is one of these.
//!
//! Nothing here is established for all readers: what the public sources leave open (whether a card
//! is found again after it was read, whether the session with it survives, whether the radio needs
//! a limit) is a setting, and where nothing is set the reader is watched until it is known.

use std::time::Duration;

use super::{frame::Request, usb::UsbWays};

/// The behaviour of one make of reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// Pause between two attempts to find a card.
    pub poll: Duration,
    /// How it is noticed that a card was lifted after it had been read.
    pub presence: Presence,
    /// Pause between two looks whether the card still lies there.
    pub presence_poll: Duration,
    /// With [`Presence::Time`]: how long a card that shows itself no more counts as lying there.
    pub hold: Duration,
    /// Whether a card that lies there is found again.
    pub finds: Finds,
    /// Whether the newest appended address is asked for (`30 03`).
    pub appended_address: bool,
    /// Most bytes of one radio transfer (`61 FF`), 24 to 255; `None` leaves the module as it is.
    pub rf_bytes: Option<u8>,
    /// How a reader that is a USB device itself wants its bytes.
    pub usb: UsbWays,
    /// Pause between opening the port and the first request.
    pub open_settle: Duration,
    /// Pause after a reset of the module.
    pub reset_settle: Duration,
    /// First pause before a lost port is opened again; doubled each time, up to two seconds.
    pub reopen: Duration,
    /// Longest durations.
    pub limits: Limits,
}

impl Profile {
    /// What holds for a reader about which nothing is known.
    pub const UNKNOWN: Self = Self {
        poll: Duration::from_millis(300),
        presence: Presence::Probe,
        presence_poll: Duration::from_millis(250),
        hold: Duration::from_secs(90),
        finds: Finds::Probe,
        appended_address: true,
        rf_bytes: None,
        usb: UsbWays::UNKNOWN,
        open_settle: Duration::ZERO,
        reset_settle: Duration::from_secs(1),
        reopen: Duration::from_millis(100),
        limits: Limits::USUAL,
    };

    /// The simulated reader, which needs no rest between two questions.
    pub const SIMULATOR: Self =
        Self { poll: Duration::from_millis(40), presence: Presence::Session, ..Self::UNKNOWN };
}

/// How a lifted card is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Learnt from the first readings.
    Probe,
    /// The appended address is asked for again: the selected card alone can answer.
    Session,
    /// A card is looked for again, and now and then compared with the one that was read.
    Find,
    /// Neither tells: the card counts as lying there for a time, or until another one is laid.
    Time,
}

/// Whether a card is found again before it was lifted: only then does "no card" mean that one that
/// could not be read was taken away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Finds {
    /// Learnt: a card that was found twice in one laying shows it.
    #[default]
    Probe,
    /// Each search finds it.
    Again,
    /// One search finds it, the next does not.
    Once,
}

/// The longest each step may take, at 115200 baud and for all of its bytes together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Status, module number, settings.
    pub status: Duration,
    /// Reset.
    pub reset: Duration,
    /// Find.
    pub find: Duration,
    /// Select.
    pub select: Duration,
    /// Read text and picture.
    pub read: Duration,
    /// Read the appended address.
    pub address: Duration,
    /// Longest silence inside a begun answer. At 9600 baud a byte takes one millisecond; the rest
    /// is for USB converters, which deliver in bursts.
    pub gap: Duration,
}

impl Limits {
    /// With these, public drivers get along (reference, section 5.3).
    pub const USUAL: Self = Self {
        status: Duration::from_secs(1),
        reset: Duration::from_secs(2),
        find: Duration::from_secs(1),
        select: Duration::from_secs(1),
        read: Duration::from_secs(3),
        address: Duration::from_secs(2),
        gap: Duration::from_millis(200),
    };

    /// The limit of a whole step. Slower lines get the time that the longest answer takes longer
    /// on them.
    pub fn of(&self, request: Request, baud: u32) -> Duration {
        let (limit, bytes) = match request {
            Request::Status | Request::SamId | Request::SetRfBytes(_) => (self.status, 40),
            Request::Find => (self.find, 40),
            Request::Select => (self.select, 40),
            Request::Reset => (self.reset, 40),
            Request::ReadAppendedAddress => (self.address, 100),
            Request::ReadBase => (self.read, 1300),
        };
        limit + longer(bytes, baud)
    }
}

/// How much longer `bytes` take at `baud` than at 115200.
pub(super) fn longer(bytes: u32, baud: u32) -> Duration {
    let line_time = |baud: u32| Duration::from_secs(10) * bytes / baud.max(1);
    line_time(baud).saturating_sub(line_time(115_200))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slower_lines_get_more_time() {
        let limits = Limits::USUAL;
        assert_eq!(limits.of(Request::Find, 115_200), Duration::from_secs(1));
        assert_eq!(limits.of(Request::ReadBase, 115_200), Duration::from_secs(3));
        let more = limits.of(Request::ReadBase, 9600) - limits.of(Request::ReadBase, 115_200);
        assert_eq!(more.as_millis(), 1241);
    }
}
