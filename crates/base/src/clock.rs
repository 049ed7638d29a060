//! The time of day. Waits use monotonic time; only dates that are shown, stored or compared with
//! dates come from here, so that a test or a picture can be made on any day, and so that the
//! county's time counts once it is known: the battery of a kiosk's own clock may be dead. Which
//! clock counts when they do not agree says [`judge`]; nothing it says lasts longer than the fault.

use std::{
    ops::RangeInclusive,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp, Zoned, civil::Date, tz::TimeZone};

/// Where dates come from. Clones share what they learn.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// Always this moment.
    Fixed(Timestamp),
    /// The county's time as far as it is known and can be believed, until then the machine's.
    County(Arc<Learnt>),
}

/// What was learnt of the time.
#[derive(Debug)]
pub struct Learnt {
    holds: Holds,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// A moment that was told and believed, and when on the monotonic clock that was.
    told: Option<(Timestamp, Instant)>,
    /// When something was last stored here.
    stored: Option<Timestamp>,
    /// Whose clock is wrong, of the two that were compared last.
    wrong: Option<Wrong>,
}

/// The time for which this kiosk's certificate holds: it is in service between these.
pub type Holds = RangeInclusive<Timestamp>;

/// Which of two clocks seems to be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// This machine's.
    Machine,
    /// The county's.
    County,
}

/// When this software was written, and a century later.
pub fn plausible() -> Holds {
    let moment = |seconds| Timestamp::from_second(seconds).expect("within the calendar");
    moment(1_767_225_600)..=moment(4_922_899_200)
}

/// Clocks that differ by no more are the same for all that a kiosk does with them.
pub const SAME: Duration = Duration::from_secs(120);
/// Within this the county is right: a machine may keep the time of its zone, or its battery be weak.
const NEAR: SignedDuration = SignedDuration::from_hours(24);

/// A county that is further ahead than this is not believed only because a kiosk's clock may have stood
/// still: many go on, after a time without power, from the moment that was saved last.
const STOOD_STILL: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Which clock is wrong, of a machine's and a county's that were read at the same moment; `None` when
/// they say the same.
///
/// The county's is believed as a rule; but a county that is months ahead or behind must not lead its
/// kiosks astray. So where the two are more than a day apart, the wrong one is that outside the time
/// for which the kiosk's certificate `holds`, then that before the moment at which something was last
/// `stored` here (a dead battery sets a clock back), then that which is further behind this
/// moment, unless the machine's may have stood still meanwhile. What was stored counts for nothing where both say something earlier: it was wrong itself.
pub fn judge(
    machine: Timestamp,
    county: Timestamp,
    stored: Option<Timestamp>,
    holds: &Holds,
) -> Option<Wrong> {
    let apart = machine.duration_since(county);
    if apart.unsigned_abs() <= SAME {
        return None;
    }
    if apart.abs() <= NEAR {
        return Some(Wrong::Machine);
    }
    let fits = |moment: Timestamp| {
        let (begins, ends) =
            (holds.start().duration_since(moment), moment.duration_since(*holds.end()));
        begins <= NEAR && ends <= NEAR
    };
    match (fits(machine), fits(county)) {
        (false, true) => return Some(Wrong::Machine),
        (true, false) => return Some(Wrong::County),
        (false, false) if !plausible().contains(&county) => return Some(Wrong::County),
        _ => {}
    }
    let after = |moment: Timestamp| moment.duration_since(stored.unwrap_or(*holds.start()));
    match (after(machine) >= -NEAR, after(county) >= -NEAR) {
        (true, false) => Some(Wrong::County),
        (true, true) if county.duration_since(machine) > STOOD_STILL => Some(Wrong::County),
        _ => Some(Wrong::Machine),
    }
}

impl Clock {
    /// A clock that [`learn`](Self::learn)s, of a kiosk whose certificate `holds` so long. One that
    /// stands still goes on standing still.
    pub fn learning(self, holds: Holds) -> Self {
        match self {
            Self::System => Self::County(Arc::new(Learnt { holds, state: Mutex::default() })),
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

    /// The county says that it is `now`; the answer took `trip` to come. It is believed unless it is
    /// the county's clock that seems wrong ([`judge`]).
    pub fn learn(&self, now: Timestamp, trip: Duration) {
        let Self::County(learnt) = self else { return };
        let county = now.checked_add(trip / 2).unwrap_or(now);
        learnt.compare(Timestamp::now(), county);
    }

    /// Something was stored here at `moment`. Without the county, a clock that a dead battery has set
    /// back to before this kiosk was in service is then less wrong.
    pub fn stored_at(&self, moment: Timestamp) {
        let Self::County(learnt) = self else { return };
        learnt.store(Timestamp::now(), moment);
    }
}

impl Learnt {
    fn now(&self) -> Option<Timestamp> {
        let (told, at) = self.state.lock().unwrap_or_else(PoisonError::into_inner).told?;
        told.checked_add(at.elapsed()).ok()
    }

    fn compare(&self, machine: Timestamp, county: Timestamp) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let wrong = judge(machine, county, state.stored, &self.holds);
        // Once for each change: heartbeats come every minute.
        if wrong != state.wrong {
            match wrong {
                None => tracing::info!("clock: county and machine say the same again"),
                Some(Wrong::Machine) => tracing::warn!(
                    "clock: this machine says {machine}, the county {county}, which counts"
                ),
                Some(Wrong::County) => tracing::warn!(
                    "clock: the county says {county}, which is not believed: this machine says {machine}"
                ),
            }
        }
        state.wrong = wrong;
        match wrong {
            // What counted before may have been the wrong county's.
            Some(Wrong::County) => state.told = None,
            _ => state.told = Some((county, Instant::now())),
        }
    }

    fn store(&self, machine: Timestamp, moment: Timestamp) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.stored = state.stored.max(Some(moment));
        let reset = machine < *self.holds.start();
        if reset && state.told.is_none() && machine < moment {
            tracing::warn!(
                "clock: set back to {machine}; what was stored is of {moment}, which counts"
            );
            state.told = Some((moment, Instant::now()));
        }
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

    /// In service from November 2026 for a year.
    fn holds() -> Holds {
        moment("2026-11-01T00:00:00Z")..=moment("2027-11-01T00:00:00Z")
    }

    #[test]
    fn of_two_clocks_that_differ_one_is_wrong() {
        let stored = moment("2026-11-28T08:00:00Z");
        let cases = [
            // Machine, county, which is wrong.
            ("2026-11-29T08:00:00Z", "2026-11-29T08:01:59Z", None),
            ("2026-11-29T08:00:00Z", "2026-11-29T08:02:01Z", Some(Wrong::Machine)),
            ("2026-11-29T16:00:00Z", "2026-11-29T08:00:00Z", Some(Wrong::Machine)),
            // A county 200 days ahead, and one 200 days behind.
            ("2026-11-29T08:00:00Z", "2027-06-17T08:00:00Z", Some(Wrong::County)),
            ("2026-11-29T08:00:00Z", "2026-05-13T08:00:00Z", Some(Wrong::County)),
            // The same of the machine; and what a battery does.
            ("2027-06-17T08:00:00Z", "2026-11-29T08:00:00Z", Some(Wrong::Machine)),
            ("2026-05-13T08:00:00Z", "2026-11-29T08:00:00Z", Some(Wrong::Machine)),
            ("2026-11-05T08:00:00Z", "2026-11-29T08:00:00Z", Some(Wrong::Machine)),
            ("1970-01-01T00:00:00Z", "2026-11-29T08:00:00Z", Some(Wrong::Machine)),
            ("2069-01-01T00:00:00Z", "2026-11-29T08:00:00Z", Some(Wrong::Machine)),
            // Without power for a week and for two months, and gone on from the moment before.
            ("2026-11-28T18:00:00Z", "2026-12-05T08:00:00Z", Some(Wrong::Machine)),
            ("2026-11-28T18:00:00Z", "2027-01-28T08:00:00Z", Some(Wrong::Machine)),
            // Switched off for half a year, and one of them is wrong.
            ("2027-05-29T08:00:00Z", "2027-05-29T08:00:00Z", None),
            ("1970-01-01T00:00:00Z", "2027-05-29T08:00:00Z", Some(Wrong::Machine)),
            ("2027-05-29T08:00:00Z", "2069-05-29T08:00:00Z", Some(Wrong::County)),
            // Nonsense is not believed, whatever the machine says.
            ("1970-01-01T00:00:00Z", "9999-01-01T00:00:00Z", Some(Wrong::County)),
            ("1970-01-01T00:00:00Z", "1980-01-01T00:00:00Z", Some(Wrong::County)),
            // A certificate that has long run out.
            ("2030-05-29T08:00:00Z", "2030-05-29T08:00:00Z", None),
            ("1970-01-01T00:00:00Z", "2030-05-29T08:00:00Z", Some(Wrong::Machine)),
        ];
        for (machine, county, wrong) in cases {
            let found = judge(moment(machine), moment(county), Some(stored), &holds());
            assert_eq!(found, wrong, "machine {machine}, county {county}");
        }
        // What was stored while the county was 200 days ahead holds nobody there.
        let ahead = Some(moment("2027-06-17T08:00:00Z"));
        let (right, reset) = (moment("2026-12-01T08:00:00Z"), moment("1970-01-01T00:00:00Z"));
        assert_eq!(judge(right, right, ahead, &holds()), None);
        assert_eq!(judge(reset, right, ahead, &holds()), Some(Wrong::Machine));
        // Before anything is stored, the certificate's first day is what is known.
        let county = moment("2027-06-17T08:00:00Z");
        assert_eq!(judge(right, county, None, &holds()), Some(Wrong::County));
    }

    /// A time for which a certificate of today holds.
    fn this_year() -> Holds {
        let now = Timestamp::now();
        now - SignedDuration::from_hours(24)..=now + SignedDuration::from_hours(24 * 365)
    }

    #[test]
    fn the_county_knows_what_time_it_is() {
        let clock = Clock::System.learning(this_year());
        let other = clock.clone();
        let told = Timestamp::now() + SignedDuration::from_hours(8);
        clock.learn(told, Duration::from_secs(4));
        assert!(other.now() >= told + SignedDuration::from_secs(2));
        assert!(other.now() < told + SignedDuration::from_hours(1));
        // Then its clock goes astray, and comes back.
        for days in [200, -200, 20_000] {
            clock.learn(told + SignedDuration::from_hours(24 * days), Duration::ZERO);
            assert!(other.now() < Timestamp::now() + SignedDuration::from_secs(1), "the machine's");
        }
        clock.learn(told, Duration::ZERO);
        assert!(other.now() >= told);
    }

    #[test]
    fn a_clock_that_was_set_back_goes_on_from_what_was_stored() {
        let now = Timestamp::now();
        let after = |hours: i64| now + SignedDuration::from_hours(hours);
        // In service from tomorrow on: so today's clock was set back.
        let clock = Clock::System.learning(after(24)..=after(24 * 365));
        clock.stored_at(after(-48));
        assert!(clock.now() < after(1), "the machine is not behind that");
        clock.stored_at(after(24 * 30));
        assert!(clock.now() >= after(24 * 30));
        // The county puts it right, forwards and backwards.
        for days in [60, 31, 20] {
            clock.learn(after(24 * days), Duration::ZERO);
            assert!(clock.now() >= after(24 * days) && clock.now() < after(24 * days + 1));
        }
    }

    #[test]
    fn what_was_stored_under_a_wrong_clock_moves_nothing() {
        let clock = Clock::System.learning(this_year());
        let ahead = Timestamp::now() + SignedDuration::from_hours(24 * 200);
        clock.stored_at(ahead);
        assert!(clock.now() < Timestamp::now() + SignedDuration::from_secs(1));
        clock.learn(Timestamp::now(), Duration::ZERO);
        assert!(clock.now() < Timestamp::now() + SignedDuration::from_secs(1));
    }

    #[test]
    fn a_clock_that_stands_still_learns_nothing() {
        let clock = Clock::Fixed(moment("2026-11-23T01:00:00Z")).learning(holds());
        clock.learn(moment("2027-05-01T08:00:00Z"), Duration::ZERO);
        clock.stored_at(moment("2027-05-01T08:00:00Z"));
        assert_eq!(clock.now(), moment("2026-11-23T01:00:00Z"));
    }
}
