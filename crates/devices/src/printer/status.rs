//! What a printer answers: the bytes of its real-time status, of its confirmations and of reports
//! that nobody asked for; and what they say about the printer.
//!
//! State: an answer of several bytes that has begun.
//!
//! Every answer shows by its fixed bits what it is: a real-time status has bits 1 and 4 set and
//! bits 0 and 7 clear, a sensor's answer has bits 4 and 7 clear, longer answers begin with `37`,
//! and an automatic report of four bytes begins with one that has bit 4 set and bits 0, 1 and 7
//! clear.

use kiosk_base::domain::Stop;

/// A question that is answered at once, `DLE EOT n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Query {
    /// 1: whether the printer is on line.
    Printer,
    /// 2: why it is off line.
    Offline,
    /// 3: which error it has.
    Error,
    /// 4: whether it has paper.
    Paper,
}

impl Query {
    /// In the order of their numbers.
    pub const ALL: [Self; 4] = [Self::Printer, Self::Offline, Self::Error, Self::Paper];

    /// The `n`.
    pub fn number(self) -> u8 {
        match self {
            Self::Printer => 1,
            Self::Offline => 2,
            Self::Error => 3,
            Self::Paper => 4,
        }
    }

    /// The question as bytes.
    pub fn encode(self) -> [u8; 3] {
        [0x10, 0x04, self.number()]
    }
}

/// One answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// To a [`Query`].
    Status(u8),
    /// To `GS r 1`: the paper sensors.
    Sensor(u8),
    /// To `GS ( H`: the number that stood after a slip.
    Process([u8; 4]),
    /// To `DLE DC4 8`: the buffers are empty.
    Cleared,
}

/// Finds answers in what arrives.
#[derive(Debug, Default)]
pub struct Answers {
    begun: Begun,
}

#[derive(Debug, Default, Clone, Copy)]
enum Begun {
    #[default]
    Nothing,
    /// So many bytes of an automatic report are to come.
    Report(u8),
    /// `37` has come.
    Header,
    /// `37 22` and so many bytes of the number.
    Process([u8; 4], usize),
    /// `37` and an identifier; the zero byte is to come.
    End(Option<Answer>),
}

impl Answers {
    /// Takes in a byte; gives the answer that it completes. Noise gives none, or one that nobody
    /// waits for.
    pub fn push(&mut self, byte: u8) -> Option<Answer> {
        match std::mem::take(&mut self.begun) {
            Begun::Report(left) if byte & 0x90 == 0 => {
                if left > 1 {
                    self.begun = Begun::Report(left - 1);
                }
                None
            }
            Begun::Header => {
                self.begun = match byte {
                    0x22 => Begun::Process([0; 4], 0),
                    0x25 => Begun::End(Some(Answer::Cleared)),
                    _ => Begun::Nothing,
                };
                None
            }
            Begun::Process(mut number, count) => {
                number[count] = byte;
                self.begun = match count {
                    3 => Begun::End(Some(Answer::Process(number))),
                    _ => Begun::Process(number, count + 1),
                };
                None
            }
            Begun::End(answer) if byte == 0 => answer,
            Begun::Nothing | Begun::Report(_) | Begun::End(_) => self.first(byte),
        }
    }

    /// The first byte of an answer.
    fn first(&mut self, byte: u8) -> Option<Answer> {
        match byte {
            0x37 => {
                self.begun = Begun::Header;
                None
            }
            byte if byte & 0x93 == 0x12 => Some(Answer::Status(byte)),
            byte if byte & 0x93 == 0x10 => {
                self.begun = Begun::Report(3);
                None
            }
            byte if byte & 0x90 == 0 => Some(Answer::Sensor(byte)),
            _ => None,
        }
    }
}

/// What the answers to the four questions say together. `None` stands for a question that is not
/// asked.
///
/// # Errors
/// Says what is in the way, the first that a person can do something about.
pub fn judge(answers: [Option<u8>; 4]) -> Result<Health, Stop> {
    let has = |index: usize, bits: u8| answers[index].is_some_and(|byte| byte & bits != 0);
    let (printer, offline, error, paper) = (0, 1, 2, 3);
    if has(offline, 0x04) {
        return Err(Stop::PrinterCoverOpen);
    }
    if has(offline, 0x20) || has(paper, 0x60) {
        return Err(Stop::PrinterPaperOut);
    }
    // Knife, circuit, and the head that is too hot.
    if has(offline, 0x40) || has(error, 0x6C) {
        return Err(Stop::PrinterError);
    }
    // Off line for none of these reasons, its button held, or paper fed with the button.
    if has(printer, 0x48) || has(offline, 0x08) {
        return Err(Stop::PrinterOffline);
    }
    Ok(Health { low_paper: has(paper, 0x0C) })
}

/// Whether an answer to `query` says that all is well. A drawer's contact is none of ours.
pub fn is_plain(query: Query, answer: u8) -> bool {
    let ours = if query == Query::Printer { 0x68 } else { 0x6C };
    answer & ours == 0
}

/// A printer that can print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// The roll is nearly at its end.
    pub low_paper: bool,
}

/// Whether a sensor's answer says that there is no paper.
pub fn sensor_sees_no_paper(byte: u8) -> bool {
    byte & 0x0C != 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn heard(bytes: &[u8]) -> Vec<Answer> {
        let mut answers = Answers::default();
        bytes.iter().filter_map(|byte| answers.push(*byte)).collect()
    }

    #[test]
    fn answers_are_told_apart_by_their_fixed_bits() {
        assert_eq!(heard(&[0x12]), [Answer::Status(0x12)]);
        assert_eq!(heard(&[0x1E, 0x72]), [Answer::Status(0x1E), Answer::Status(0x72)]);
        assert_eq!(heard(&[0x00, 0x0C]), [Answer::Sensor(0), Answer::Sensor(0x0C)]);
        assert_eq!(heard(b"\x37\x22ab12\x00"), [Answer::Process(*b"ab12")]);
        assert_eq!(heard(&[0x37, 0x25, 0x00]), [Answer::Cleared]);
        // A report that nobody asked for is no sensor's answer.
        assert_eq!(heard(&[0x14, 0x00, 0x0F, 0x0F, 0x12]), [Answer::Status(0x12)]);
        // Half an answer does not swallow the next.
        assert_eq!(heard(&[0x37, 0x25, 0x12]), [Answer::Status(0x12)]);
        assert_eq!(heard(&[0x14, 0x00, 0x12]), [Answer::Status(0x12)]);
        // Flow control and noise.
        assert_eq!(heard(&[0x11, 0x13, 0xFF, 0x80]), []);
    }

    #[test]
    fn what_a_person_can_mend_is_said_first() {
        let good = [Some(0x12); 4];
        assert_eq!(judge(good), Ok(Health { low_paper: false }));
        let with = |index: usize, byte| {
            let mut answers = good;
            answers[index] = Some(byte);
            answers[0] = Some(0x1A);
            judge(answers)
        };
        assert_eq!(with(1, 0x16), Err(Stop::PrinterCoverOpen));
        assert_eq!(with(1, 0x36), Err(Stop::PrinterCoverOpen));
        assert_eq!(with(1, 0x32), Err(Stop::PrinterPaperOut));
        assert_eq!(with(3, 0x72), Err(Stop::PrinterPaperOut));
        assert_eq!(with(1, 0x52), Err(Stop::PrinterError));
        assert_eq!(with(2, 0x1A), Err(Stop::PrinterError));
        // Off line, and no reason is named.
        assert_eq!(with(3, 0x12), Err(Stop::PrinterOffline));
        assert_eq!(judge([Some(0x12), None, None, Some(0x1E)]), Ok(Health { low_paper: true }));
        assert_eq!(judge([None, None, None, Some(0x7E)]), Err(Stop::PrinterPaperOut));
        assert!(sensor_sees_no_paper(0x0C) && !sensor_sees_no_paper(0x03));
    }

    /// Every bit that the published tables of `DLE EOT n` name, by itself.
    #[test]
    fn every_bit_means_what_the_tables_say() {
        let low = Ok(Health { low_paper: true });
        let (good, bits) = (Ok(Health { low_paper: false }), [0x04, 0x08, 0x20, 0x40]);
        let table: [[Result<Health, Stop>; 4]; 4] = [
            // The drawer's contact, off line, waiting for on line, the feed button.
            [good, Err(Stop::PrinterOffline), good, Err(Stop::PrinterOffline)],
            // Cover, feeding by the button, paper end, an error.
            [
                Err(Stop::PrinterCoverOpen),
                Err(Stop::PrinterOffline),
                Err(Stop::PrinterPaperOut),
                Err(Stop::PrinterError),
            ],
            // Mechanism, knife, unrecoverable, recovers by itself (heat).
            [Err(Stop::PrinterError); 4],
            // Nearly at its end, twice; at its end, twice.
            [low, low, Err(Stop::PrinterPaperOut), Err(Stop::PrinterPaperOut)],
        ];
        for (question, row) in table.into_iter().enumerate() {
            for (bit, meaning) in bits.into_iter().zip(row) {
                let mut answers = [Some(0x12); 4];
                answers[question] = Some(0x12 | bit);
                assert_eq!(judge(answers), meaning, "DLE EOT {}, bit {bit:02X}", question + 1);
            }
        }
        // A held button: off line, the button, and feeding by it.
        let held = [Some(0x5A), Some(0x1A), Some(0x12), Some(0x12)];
        assert_eq!(judge(held), Err(Stop::PrinterOffline));
        // Off line because of the paper.
        assert_eq!(judge([Some(0x1A), None, None, Some(0x7E)]), Err(Stop::PrinterPaperOut));
        assert_eq!(judge([Some(0x1A), None, None, Some(0x12)]), Err(Stop::PrinterOffline));
    }

    proptest! {
        /// Noise never upsets the parser, and after it an answer is heard again within a few bytes.
        #[test]
        fn noise_is_survived(noise in proptest::collection::vec(any::<u8>(), 0..40)) {
            let mut bytes = noise;
            bytes.extend([0x12; 7]);
            prop_assert_eq!(heard(&bytes).last().copied(), Some(Answer::Status(0x12)));
        }
    }
}
