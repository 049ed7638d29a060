//! How often one kiosk may query: a bucket of tokens for each, filled at a steady rate. A resident
//! at a kiosk queries once; only a broken or stolen kiosk comes to the limit.
//!
//! State: one bucket a kiosk, in memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Kiosks remembered at once. Their names come from certificates, of which a county has 325.
const KIOSKS: usize = 4_096;

/// How fast every kiosk may ask.
#[derive(Debug)]
pub(super) struct RateLimiter {
    interval: Duration,
    burst: u32,
    /// For each kiosk the moment at which its bucket will be full again.
    full_at: Mutex<HashMap<Arc<str>, Instant>>,
}

impl RateLimiter {
    /// `per_minute` queries a minute (at least one), and up to a third of them at once.
    pub(super) fn new(per_minute: u32) -> Self {
        let per_minute = per_minute.max(1);
        Self {
            interval: Duration::from_secs(60) / per_minute,
            burst: (per_minute / 3).max(1),
            full_at: Mutex::default(),
        }
    }

    /// Takes one token of `kiosk` at `now`, or says how long to wait for one.
    pub(super) fn take(&self, kiosk: &Arc<str>, now: Instant) -> Result<(), Duration> {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= KIOSKS {
            full_at.retain(|_, moment| *moment > now);
        }
        let full = full_at.get(kiosk).copied().unwrap_or(now).max(now) + self.interval;
        let wait = full.duration_since(now).saturating_sub(self.interval * self.burst);
        if wait.is_zero() {
            full_at.insert(kiosk.clone(), full);
            return Ok(());
        }
        Err(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_then_one_an_interval() {
        let limiter = RateLimiter::new(6);
        let kiosk: Arc<str> = "hall".into();
        let start = Instant::now();
        assert_eq!(limiter.take(&kiosk, start), Ok(()));
        assert_eq!(limiter.take(&kiosk, start), Ok(()));
        assert_eq!(limiter.take(&kiosk, start), Err(Duration::from_secs(10)));
        assert_eq!(limiter.take(&"other".into(), start), Ok(()), "each kiosk has its own");
        assert_eq!(limiter.take(&kiosk, start + Duration::from_secs(10)), Ok(()));
        assert!(limiter.take(&kiosk, start + Duration::from_secs(10)).is_err());
    }
}
