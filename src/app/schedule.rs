//! When a kiosk asks for news of the listings: never all the kiosks of a county in the same second.
//!
//! After a power cut 325 kiosks start together, and a county that was away comes back for all of
//! them at once. So each has a phase of its own, the same at every start, that spreads them over
//! five minutes; every further pause is a little random; and after a failure the pause grows and is
//! quite random. What the county asks to wait comes on top.
//!
//! State: when the next refresh is due, and how many failed in a row.

use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA256, digest};

/// Over so long are kiosks spread that find the line up at the same time.
const SPREAD: Duration = Duration::from_secs(300);
/// A pause is longer or shorter by up to this part.
const JITTER: f64 = 0.1;
/// Longest pause after the first failure; doubled with each that follows.
const AFTER_FAILURE: Duration = Duration::from_secs(10);
/// Shortest pause after a failure.
const AT_LEAST: Duration = Duration::from_secs(2);

/// The schedule of one kiosk.
#[derive(Debug)]
pub(super) struct RetrySchedule {
    every: Duration,
    phase: f64,
    due: Instant,
    failures: u32,
}

impl RetrySchedule {
    /// For a kiosk of this name that is to refresh `every` so often; first after that time, unless
    /// the line comes up before.
    pub(super) fn new(every: Duration, name: &str, now: Instant) -> Self {
        Self { every, phase: phase(name), due: now + every, failures: 0 }
    }

    /// How long from `now` until a refresh is due; zero when it is.
    pub(super) fn wait(&self, now: Instant) -> Duration {
        self.due.saturating_duration_since(now)
    }

    /// The line came up. Who has nothing to show asks at once, who has something takes their turn.
    pub(super) fn line_is_up(&mut self, empty: bool, now: Instant) {
        let turn = SPREAD.min(self.every).mul_f64(self.phase);
        let turn = if empty { Duration::ZERO } else { turn };
        self.due = self.due.min(now + turn);
    }

    /// A refresh came to its end. `random` is from 0 to 1.
    pub(super) fn succeeded(&mut self, random: f64, now: Instant) {
        self.failures = 0;
        self.due = now + self.every.mul_f64(1.0 - JITTER + 2.0 * JITTER * random);
    }

    /// A refresh failed, or the county asked to wait for `asked`. `random` is from 0 to 1.
    pub(super) fn failed(&mut self, asked: Option<Duration>, random: f64, now: Instant) {
        let longest = AFTER_FAILURE.saturating_mul(1 << self.failures.min(16)).min(self.every);
        self.failures = self.failures.saturating_add(1);
        let pause = longest.mul_f64(random).max(AT_LEAST);
        self.due = now + asked.unwrap_or_default() + pause;
    }
}

/// A number from 0 to 1 by chance; ½ should the system have no randomness.
pub(super) fn random() -> f64 {
    let mut bytes = [0; 4];
    match aws_lc_rs::rand::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 0.5,
    }
}

/// Where in the spread a kiosk stands, from 0 to 1: always the same for the same name.
fn phase(name: &str) -> f64 {
    let digest = digest(&SHA256, name.as_bytes());
    let first = digest.as_ref().first_chunk().expect("SHA-256 has 32 bytes");
    f64::from(u32::from_le_bytes(*first)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EVERY: Duration = Duration::from_secs(900);

    #[test]
    fn a_kiosk_without_listings_does_not_wait_and_the_line_makes_nobody_later() {
        let now = Instant::now();
        let mut schedule = RetrySchedule::new(EVERY, "hall", now);
        assert_eq!(schedule.wait(now), EVERY);
        schedule.line_is_up(true, now);
        assert_eq!(schedule.wait(now), Duration::ZERO);
        schedule.line_is_up(false, now);
        assert_eq!(schedule.wait(now), Duration::ZERO);
    }

    proptest! {
        /// However kiosks are named: of 325 that start in one second, few ask in the same one.
        #[test]
        fn kiosks_that_start_together_are_spread(prefix in "[a-z.-]{0,20}", first in 0_u32..1_000_000) {
            let now = Instant::now();
            let mut seconds = [0_u32; 301];
            for number in first..first + 325 {
                let mut schedule = RetrySchedule::new(EVERY, &format!("{prefix}{number}"), now);
                schedule.line_is_up(false, now);
                let wait = schedule.wait(now);
                prop_assert!(wait <= SPREAD);
                seconds[wait.as_secs() as usize] += 1;
            }
            // By chance: 1.1 a second. Ten or more in one happens once in 10⁵ runs of this test.
            prop_assert!(seconds.iter().all(|count| *count < 12), "{seconds:?}");
            for minute in seconds.chunks(60).take(5) {
                prop_assert!(minute.iter().sum::<u32>() > 25, "{seconds:?}");
            }
        }

        #[test]
        fn pauses_stay_within_their_bounds(
            every in 60_u64..86_400,
            steps in proptest::collection::vec((any::<bool>(), 0.0..=1.0, 0_u64..600), 1..60),
        ) {
            let (every, now) = (Duration::from_secs(every), Instant::now());
            let mut schedule = RetrySchedule::new(every, "hall", now);
            for (good, random, asked) in steps {
                let asked = Duration::from_secs(asked);
                if good {
                    schedule.succeeded(random, now);
                    let part = schedule.wait(now).as_secs_f64() / every.as_secs_f64();
                    prop_assert!((0.9 - 1e-9..=1.1 + 1e-9).contains(&part));
                } else {
                    schedule.failed(Some(asked), random, now);
                    let wait = schedule.wait(now);
                    prop_assert!(asked + AT_LEAST <= wait && wait <= asked + every);
                }
            }
        }
    }

    #[test]
    fn after_failures_the_pause_grows_and_after_a_success_it_is_small_again() {
        let now = Instant::now();
        let mut schedule = RetrySchedule::new(EVERY, "hall", now);
        let mut longest = Vec::new();
        for _ in 0..9 {
            schedule.failed(None, 1.0, now);
            longest.push(schedule.wait(now).as_secs());
        }
        assert_eq!(longest, [10, 20, 40, 80, 160, 320, 640, 900, 900]);
        schedule.succeeded(0.5, now);
        schedule.failed(None, 1.0, now);
        assert_eq!(schedule.wait(now).as_secs(), 10);
    }
}
