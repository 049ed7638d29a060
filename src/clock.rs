//! The time of day. Waits use monotonic time; only dates that are shown, stored or compared with
//! dates come from here, so that a test or a picture can be made on any day, and so that the
//! county's time counts once it is known: the battery of a kiosk's own clock may be dead.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use jiff::{Timestamp, Zoned, civil::Date, tz::TimeZone};

/// Where dates come from. Clones share what they learn.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// Always this moment.
    Fixed(Timestamp),
    /// The county's time as far as it is known, until then the machine's.
    County(Arc<Learnt>),
}

/// A moment that was told, and when on the monotonic clock that was.
#[derive(Debug, Default)]
pub struct Learnt(Mutex<Option<(Timestamp, Instant)>>);

/// No county says an earlier time than this software was written in, nor one a century later.
const PLAUSIBLE: std::ops::Range<i64> = 1_767_225_600..4_922_899_200;

impl Clock {
    /// A clock that [`learn`](Self::learn)s. One that stands still goes on standing still.
    pub fn learning(self) -> Self {
        match self {
            Self::System => Self::County(Arc::default()),
            clock => clock,
        }
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Fixed(moment) => *moment,
            Self::County(learnt) => learnt.now().unwrap_or_else(Timestamp::now),
        }
    }

    /// What the machine's own clock says, right or wrong.
    pub fn machine(&self) -> Timestamp {
        match self {
            Self::Fixed(moment) => *moment,
            Self::System | Self::County(_) => Timestamp::now(),
        }
    }

    /// Now on the wall clock of the town.
    pub fn wall(&self) -> Zoned {
        wall(self.now())
    }

    /// Today in the town.
    pub fn today(&self) -> Date {
        self.wall().date()
    }

    /// The county says that it is `now`; the answer took `trip` to come. A time that cannot be is
    /// not believed.
    pub fn learn(&self, now: Timestamp, trip: Duration) {
        let Self::County(learnt) = self else { return };
        if !PLAUSIBLE.contains(&now.as_second()) {
            tracing::warn!("clock: the county says it is {now}, which is not believed");
            return;
        }
        learnt.set(now.checked_add(trip / 2).unwrap_or(now));
    }

    /// It cannot be earlier than `moment`, at which something was stored here. Without the county,
    /// a clock whose battery is dead is then less wrong.
    pub fn not_before(&self, moment: Timestamp) {
        let Self::County(learnt) = self else { return };
        if self.now() < moment {
            tracing::warn!("clock: behind what was stored, set to {moment}");
            learnt.set(moment);
        }
    }
}

impl Learnt {
    fn now(&self) -> Option<Timestamp> {
        let (told, at) = (*self.0.lock().unwrap_or_else(PoisonError::into_inner))?;
        told.checked_add(at.elapsed()).ok()
    }

    fn set(&self, now: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Instant::now()));
    }
}

/// `moment` on the wall clock of the town. China keeps one zone, UTC+8 without summer time.
pub fn wall(moment: Timestamp) -> Zoned {
    moment.to_zoned(TimeZone::fixed(jiff::tz::offset(8)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    #[test]
    fn the_county_knows_what_time_it_is() {
        let clock = Clock::System.learning();
        let other = clock.clone();
        clock.learn(moment("2031-05-01T08:00:00Z"), Duration::from_secs(4));
        assert_eq!(other.today(), jiff::civil::date(2031, 5, 1));
        assert!(other.now() >= moment("2031-05-01T08:00:02Z"));
        assert!(other.now() < moment("2031-05-01T09:00:00Z"));
        clock.learn(moment("1970-01-01T00:01:00Z"), Duration::ZERO);
        clock.learn(moment("9999-01-01T00:00:00Z"), Duration::ZERO);
        assert_eq!(other.today(), jiff::civil::date(2031, 5, 1), "nonsense changes nothing");
    }

    #[test]
    fn what_was_stored_was_not_stored_in_the_future() {
        let clock = Clock::System.learning();
        clock.not_before(moment("2020-01-01T00:00:00Z"));
        assert!(clock.now() > moment("2026-01-01T00:00:00Z"), "the machine's clock is well");
        clock.not_before(moment("2060-01-01T00:00:00Z"));
        assert_eq!(clock.today(), jiff::civil::date(2060, 1, 1));
    }

    #[test]
    fn a_clock_that_stands_still_learns_nothing() {
        let clock = Clock::Fixed(moment("2026-11-23T01:00:00Z")).learning();
        clock.learn(moment("2031-05-01T08:00:00Z"), Duration::ZERO);
        clock.not_before(moment("2031-05-01T08:00:00Z"));
        assert_eq!(clock.now(), moment("2026-11-23T01:00:00Z"));
    }
}
