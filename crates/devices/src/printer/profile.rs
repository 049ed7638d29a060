//! How a make of printer behaves, as far as makes differ. Plain values without state; a profile
//! file (`kiosk-config/printers/*.toml`) is one of these.
//!
//! Makers publish the same commands and leave out different ones. Nothing here is established for
//! all printers: what a printer does not understand is switched off in its profile.

use std::time::Duration;

use super::status::Query;

/// The behaviour of one make of printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// How the printer confirms that a slip is out.
    pub confirm: Confirm,
    /// How it throws away what it holds of a slip that failed.
    pub discard: Discard,
    /// How the heading is enlarged.
    pub enlarge: Enlarge,
    /// How a slip is cut off.
    pub cut: Cut,
    /// Lines between the last words and the cut, so that the knife does not meet them.
    pub feed_lines: u8,
    /// Which real-time status questions (`DLE EOT n`) it answers, in the order in which they are
    /// asked. At least one.
    pub queries: Queries,
    /// Most bytes that are sent between two looks at the printer.
    pub piece_bytes: usize,
    /// Pause between two looks at an idle printer.
    pub poll: Duration,
    /// First pause before a lost port is opened again; doubled each time, up to two seconds.
    pub reopen: Duration,
    /// Longest times.
    pub limits: Limits,
}

impl Profile {
    /// What holds for a printer about which nothing is known: it has the commands that most makes
    /// document.
    pub const UNKNOWN: Self = Self {
        confirm: Confirm::Sensor,
        discard: Discard::Clear,
        enlarge: Enlarge::Both,
        cut: Cut::Partial,
        feed_lines: 4,
        queries: Queries::ALL,
        piece_bytes: 256,
        poll: Duration::from_secs(2),
        reopen: Duration::from_millis(200),
        limits: Limits::USUAL,
    };
}

/// How a printer confirms that everything it was sent is on the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirm {
    /// `GS r 1` after the slip: answered when everything before it has been carried out.
    Sensor,
    /// `GS ( H` with a number after the slip: the number comes back when everything before it has
    /// been carried out. The surest way, on printers that have it.
    ProcessId,
    /// The real-time status stays good for as long as the slip takes to print. For printers that
    /// answer nothing else: they may have printed less than they say.
    Status,
}

/// How a printer throws away what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discard {
    /// `DLE DC4 8`: at once, whatever state it is in.
    Clear,
    /// `DLE ENQ 2`: at once, when it stopped with an error.
    Recover,
    /// `ESC @` only: what the printer has taken in before may still be printed.
    Reset,
}

/// How Han characters are enlarged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enlarge {
    /// `GS !` and `FS !`, of which each make heeds at least one.
    Both,
    /// Not at all.
    None,
}

/// How paper is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// `GS V 1`: one point stays, so that the slip does not fall.
    Partial,
    /// `GS V 0`.
    Full,
    /// There is no knife: the slip is torn off.
    None,
}

/// Which status questions are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queries([bool; 4]);

impl Queries {
    /// All four.
    pub const ALL: Self = Self([true; 4]);

    /// Those with these numbers, 1 to 4; `None` for another number, a number twice, or none at all.
    pub fn of(numbers: &[i64]) -> Option<Self> {
        let mut asked = [false; 4];
        for number in numbers {
            let index = usize::try_from(number - 1).ok()?;
            let place = asked.get_mut(index)?;
            if std::mem::replace(place, true) {
                return None;
            }
        }
        asked.contains(&true).then_some(Self(asked))
    }

    /// The questions, in order.
    pub fn iter(self) -> impl Iterator<Item = Query> {
        Query::ALL.into_iter().zip(self.0).filter_map(|(query, asked)| asked.then_some(query))
    }

    /// Their numbers.
    pub fn numbers(self) -> Vec<i64> {
        self.iter().map(|query| i64::from(query.number())).collect()
    }
}

/// The longest each step may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// An answer to a real-time question.
    pub answer: Duration,
    /// Taking in one piece of a slip.
    pub piece: Duration,
    /// From the last byte to the confirmation.
    pub confirm: Duration,
    /// Printing one line, for [`Confirm::Status`].
    pub line: Duration,
}

impl Limits {
    /// Receipt printers print 50 to 250 mm a second; a line has 3.75 mm.
    pub const USUAL: Self = Self {
        answer: Duration::from_millis(500),
        piece: Duration::from_secs(3),
        confirm: Duration::from_secs(10),
        line: Duration::from_millis(80),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_those_that_are_named() {
        let numbers = |asked: &[i64]| Queries::of(asked).map(Queries::numbers);
        assert_eq!(numbers(&[4, 1]), Some(vec![1, 4]));
        assert_eq!(Queries::of(&[1, 2, 3, 4]), Some(Queries::ALL));
        for wrong in [&[] as &[i64], &[0], &[5], &[1, 1], &[-3]] {
            assert_eq!(numbers(wrong), None, "{wrong:?}");
        }
    }
}
