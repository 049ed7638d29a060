//! Limits the lines of the log: who is refused a thousand times a second writes no thousand lines.
//!
//! State: how many lines were written in this minute, and how many were left out.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Lines a minute.
const LINES: u32 = 30;
const MINUTE: Duration = Duration::from_secs(60);

/// The lines about one kiosk, or of one kind.
#[derive(Debug, Default)]
pub(super) struct LogLimiter(Mutex<Minute>);

#[derive(Debug, Default)]
struct Minute {
    began: Option<Instant>,
    lines: u32,
    left_out: u64,
}

impl LogLimiter {
    /// Whether a line may be written at `now`; if so, how many were left out before it.
    pub(super) fn line(&self, now: Instant) -> Option<u64> {
        // Each change below leaves whole numbers.
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if minute.began.is_none_or(|began| now.duration_since(began) >= MINUTE) {
            (minute.began, minute.lines) = (Some(now), 0);
        }
        if minute.lines >= LINES {
            minute.left_out += 1;
            return None;
        }
        minute.lines += 1;
        Some(std::mem::take(&mut minute.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_out_is_counted() {
        let limiter = LogLimiter::default();
        let start = Instant::now();
        for _ in 0..LINES {
            assert_eq!(limiter.line(start), Some(0));
        }
        for _ in 0..7 {
            assert_eq!(limiter.line(start + MINUTE / 2), None);
        }
        assert_eq!(limiter.line(start + MINUTE), Some(7));
        assert_eq!(limiter.line(start + MINUTE), Some(0));
    }
}
