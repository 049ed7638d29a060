//! Listening for the answer to one request at a time, without a port and without a clock: bytes
//! and times go in, what became of the request comes out.
//!
//! State: the decoder, the request under way, and what was on the line since the last good answer.
//! A step has one limit for all of its answer, however slowly the bytes drip, one in bytes, and
//! between the bytes of a begun answer there may be a short gap only.

use std::time::Duration;

use super::{
    frame::{Decoder, Found, Frame, Noise, Request},
    session::{Broken, Outcome},
};

/// Most bytes of one step, four times the longest frame: a babbling device does not keep it busy.
const MOST_BYTES: usize = 16 * 1024;

/// Hears answers.
#[derive(Debug, Default)]
pub struct Ear {
    decoder: Decoder,
    under_way: Option<UnderWay>,
    /// What the decoder had counted when the last good answer came.
    noise: Noise,
    /// Answers that fitted no request under way.
    stale: u64,
    /// Bytes thrown away unread before a request went out.
    flushed: u64,
    /// Something was on the line since the last good answer that was not part of one.
    unclean: bool,
}

/// A request under way. Times are on the caller's clock.
#[derive(Debug, Clone, Copy)]
struct UnderWay {
    request: Request,
    deadline: Duration,
    gap: Duration,
    heard: usize,
    last_byte: Duration,
    before: Noise,
}

impl Ear {
    /// `request` goes out at `now`. Its whole answer may take `limit`, a pause inside it `gap`.
    /// `flushed` bytes were thrown away before.
    pub fn begin(
        &mut self,
        request: Request,
        limit: Duration,
        gap: Duration,
        flushed: usize,
        now: Duration,
    ) {
        self.decoder.clear();
        self.flushed += flushed as u64;
        self.unclean |= flushed > 0;
        let before = self.decoder.noise();
        let deadline = now + limit;
        self.under_way =
            Some(UnderWay { request, deadline, gap, heard: 0, last_byte: now, before });
    }

    /// Takes bytes that came at `now`. Says what became of the request, once that is known.
    pub fn take(&mut self, mut bytes: &[u8], now: Duration) -> Option<Outcome> {
        let under_way = self.under_way.as_mut()?;
        if now >= under_way.deadline {
            return self.wait(now).err();
        }
        if !bytes.is_empty() {
            under_way.heard += bytes.len();
            under_way.last_byte = now;
        }
        let request = under_way.request;
        while let Some(found) = self.decoder.next(&mut bytes) {
            match found {
                Found::Frame(frame) if request.fits(&frame) => return Some(self.answer(frame)),
                // A late answer to an earlier request; this one's may still come.
                Found::Frame(_) => {
                    self.stale += 1;
                    self.unclean = true;
                }
                Found::Damaged => return Some(self.broken(Broken::Damaged)),
            }
        }
        None
    }

    /// How long bytes may be waited for at `now`, or what became of the request.
    ///
    /// # Errors
    /// The outcome, when it is over.
    pub fn wait(&mut self, now: Duration) -> Result<Duration, Outcome> {
        let Some(under_way) = self.under_way else { return Err(Outcome::Silent) };
        // Noise may precede an answer by any time; what began as one has to go on.
        let bad_lengths = self.decoder.noise().bad_length > under_way.before.bad_length;
        let begun = self.decoder.is_waiting() || bad_lengths;
        let until = match begun {
            true => under_way.deadline.min(under_way.last_byte + under_way.gap),
            false => under_way.deadline,
        };
        let left = until.saturating_sub(now);
        if !left.is_zero() && under_way.heard <= MOST_BYTES {
            return Ok(left);
        }
        if under_way.heard == 0 {
            self.under_way = None;
            return Err(Outcome::Silent);
        }
        Err(self.broken(if begun { Broken::Cut } else { Broken::Noise }))
    }

    /// What else was on the line: counts for the log, never bytes.
    pub fn counts(&self) -> String {
        let Noise { skipped, bad_length, bad_checksum } = self.decoder.noise();
        format!(
            "{skipped} bytes skipped, {bad_length} wrong lengths, {bad_checksum} wrong checksums, \
             {} stale answers, {} bytes flushed",
            self.stale, self.flushed
        )
    }

    fn answer(&mut self, frame: Frame) -> Outcome {
        let noise = self.decoder.noise();
        let clean = !std::mem::take(&mut self.unclean) && noise == self.noise;
        self.noise = noise;
        self.under_way = None;
        Outcome::Answer { frame, clean }
    }

    fn broken(&mut self, how: Broken) -> Outcome {
        self.unclean = true;
        self.under_way = None;
        Outcome::Broken(how)
    }
}

#[cfg(test)]
mod tests;
