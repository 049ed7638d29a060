//! The time of day. Waits use monotonic time; only dates that are shown, stored or compared with
//! dates come from here, so that a test or a picture can be made on any day.

use jiff::{Timestamp, Zoned, civil::Date, tz::TimeZone};

/// Where dates come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// Always this moment.
    Fixed(Timestamp),
}

impl Clock {
    /// Now.
    pub fn now(self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Fixed(moment) => moment,
        }
    }

    /// Now on the wall clock of the town.
    pub fn wall(self) -> Zoned {
        wall(self.now())
    }

    /// Today in the town.
    pub fn today(self) -> Date {
        self.wall().date()
    }
}

/// `moment` on the wall clock of the town. China keeps one zone, UTC+8 without summer time.
pub fn wall(moment: Timestamp) -> Zoned {
    moment.to_zoned(TimeZone::fixed(jiff::tz::offset(8)))
}
