//! The inside of the simulated printer: bytes in, paper and answers out. No I/O but the pictures of
//! slips that are cut off.
//!
//! Real-time commands are carried out as they arrive, everything else waits its turn behind what
//! was sent before, line by line at the printer's pace, and not at all while there is no paper.

use std::{
    collections::VecDeque,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use encoding_rs::GBK;

use super::{
    paper::{Align, Glyph, PaperLine, Raster, Slip},
    printer::PrinterFault,
};

/// Bytes that it takes in; what comes on top is lost, as in a printer without flow control.
const BUFFER: usize = 64 * 1024;
/// Slips that are kept; the oldest goes first.
const SLIPS_MAX: usize = 64;

#[derive(Debug)]
pub(super) struct Mechanism {
    line_time: Duration,
    clears: bool,
    out: Option<(PathBuf, usize)>,
    buffer: VecDeque<u8>,
    /// A real-time command that has begun.
    begun: Vec<u8>,
    answer: Vec<u8>,
    modes: Modes,
    line: PaperLine,
    paper: Slip,
    slips: Vec<Slip>,
    cut: usize,
    /// When the next line can be printed.
    free: Option<Instant>,
    trouble: Trouble,
    faults: Vec<PrinterFault>,
    /// With [`PrinterFault::AnswersOneLate`]: the answer that the next question sends off.
    held_back: Option<u8>,
    unknown: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Modes {
    chinese: bool,
    align: Align,
    ascii_large: (bool, bool),
    han_large: (bool, bool),
}

#[derive(Debug, Clone, Copy, Default)]
struct Trouble {
    no_paper: bool,
    open: bool,
    error: bool,
    /// Off line for no reason that it names.
    offline: bool,
    /// Somebody holds the button that feeds paper.
    button: bool,
    silent: bool,
    /// Each status answer comes when the next question does.
    one_late: bool,
}

impl Trouble {
    fn stops(self) -> bool {
        self.no_paper || self.open || self.error || self.offline || self.button
    }
}

impl Mechanism {
    pub(super) fn new(line_time: Duration, clears: bool, out: Option<(PathBuf, usize)>) -> Self {
        Self {
            line_time,
            clears,
            out,
            buffer: VecDeque::new(),
            begun: Vec::new(),
            answer: Vec::new(),
            modes: Modes::default(),
            line: PaperLine::default(),
            paper: Slip::default(),
            slips: Vec::new(),
            cut: 0,
            free: None,
            trouble: Trouble::default(),
            faults: Vec::new(),
            held_back: None,
            unknown: 0,
        }
    }

    pub(super) fn plan(&mut self, fault: PrinterFault) {
        self.faults.push(fault);
        self.check_lines();
    }

    pub(super) fn mend(&mut self) {
        self.faults.clear();
        self.trouble = Trouble::default();
        self.held_back = None;
    }

    pub(super) fn write_to(&mut self, directory: &Path, columns: usize) {
        self.out = Some((directory.to_owned(), columns));
    }

    pub(super) fn slips(&self) -> &[Slip] {
        &self.slips
    }

    pub(super) fn hanging(&self) -> &Slip {
        &self.paper
    }

    pub(super) fn unknown(&self) -> usize {
        self.unknown
    }

    /// How long until it has something to do by itself; `None` when it waits for bytes.
    pub(super) fn due(&self, now: Instant) -> Option<Duration> {
        // Trouble may be mended from outside at any time.
        const LOOK: Duration = Duration::from_millis(20);
        if self.buffer.is_empty() {
            return None;
        }
        let wait = self.free.map_or(Duration::ZERO, |free| free.saturating_duration_since(now));
        Some(if self.trouble.stops() { LOOK } else { wait.max(Duration::from_millis(1)) })
    }

    /// Takes in what arrived; says whether the cable is pulled now.
    pub(super) fn take_in(&mut self, bytes: &[u8]) -> bool {
        for byte in bytes {
            let mut pulled = false;
            for fault in &mut self.faults {
                if let PrinterFault::UnpluggedAfter(left) | PrinterFault::SilentAfter(left) = fault
                {
                    *left = left.saturating_sub(1);
                    pulled |= matches!(fault, PrinterFault::UnpluggedAfter(0));
                    self.trouble.silent |= matches!(fault, PrinterFault::SilentAfter(0));
                }
            }
            self.hear(*byte);
            if pulled {
                self.faults.retain(|fault| !matches!(fault, PrinterFault::UnpluggedAfter(_)));
                return true;
            }
        }
        false
    }

    /// What it has to say.
    pub(super) fn answer(&mut self) -> Vec<u8> {
        let answer = std::mem::take(&mut self.answer);
        if self.trouble.silent { Vec::new() } else { answer }
    }

    /// Carries out what is due.
    pub(super) fn work(&mut self, now: Instant) {
        while !self.trouble.stops() && self.free.is_none_or(|free| free <= now) {
            let printed = self.paper.lines.len();
            if !self.carry_out() {
                return;
            }
            if self.paper.lines.len() > printed {
                self.free = Some(now + self.line_time);
                self.count_line();
            }
        }
    }

    /// Works off what it has taken in, now that nothing more comes.
    pub(super) fn finish(&mut self) {
        self.answer.clear();
        while !self.trouble.stops() {
            let printed = self.paper.lines.len();
            if !self.carry_out() {
                return;
            }
            if self.paper.lines.len() > printed {
                self.count_line();
            }
        }
    }

    /// Sorts out real-time commands.
    fn hear(&mut self, byte: u8) {
        self.begun.push(byte);
        match self.begun.as_slice() {
            [0x10] | [0x10, 0x04 | 0x05 | 0x14] => {}
            [0x10, 0x04, query] => {
                let query = *query;
                self.begun.clear();
                let mut status = self.status(query);
                if self.trouble.one_late && status.is_some() {
                    status = std::mem::replace(&mut self.held_back, status);
                }
                self.answer.extend(status);
            }
            [0x10, 0x05, 2] => {
                self.begun.clear();
                if self.trouble.error {
                    self.trouble.error = false;
                    self.clear();
                }
            }
            [0x10, 0x14, 8, rest @ ..] if self.clears => {
                if rest.len() == 7 {
                    let right = rest == [1, 3, 20, 1, 6, 2, 8];
                    self.begun.clear();
                    if right {
                        self.clear();
                        self.answer.extend([0x37, 0x25, 0x00]);
                    }
                }
            }
            _ => {
                for byte in std::mem::take(&mut self.begun) {
                    if self.buffer.len() < BUFFER {
                        self.buffer.push_back(byte);
                    }
                }
            }
        }
    }

    fn status(&self, query: u8) -> Option<u8> {
        let Trouble { no_paper, open, error, button, .. } = self.trouble;
        let bit = |set: bool, bit: u8| if set { bit } else { 0 };
        Some(
            0x12 | match query {
                1 => bit(self.trouble.stops(), 0x08) | bit(button, 0x40),
                2 => bit(open, 0x04) | bit(button, 0x08) | bit(no_paper, 0x20) | bit(error, 0x40),
                3 => bit(error, 0x08),
                4 => bit(no_paper, 0x6C),
                _ => return None,
            },
        )
    }

    fn clear(&mut self) {
        self.buffer.clear();
        self.line = PaperLine::default();
    }

    /// Carries out one command or sets one character; says whether there was a whole one.
    fn carry_out(&mut self) -> bool {
        let at = |index: usize| self.buffer.get(index).copied();
        let Some(first) = at(0) else { return false };
        let length = match (first, at(1), at(2)) {
            (0x1B..=0x1D, None, _) => return false,
            (0x1B, Some(b'@'), _) | (0x1C, Some(b'&' | b'.'), _) => 2,
            (0x1B, Some(b'a' | b'd'), _)
            | (0x1D, Some(b'a' | b'!' | b'r'), _)
            | (0x1C, Some(b'!'), _) => 3,
            (0x1D, Some(b'V'), None) => return false,
            (0x1D, Some(b'V'), Some(0 | 1 | 48 | 49)) => 3,
            (0x1D, Some(b'V'), Some(_)) => 4,
            (0x1D, Some(b'('), _) => match (at(3), at(4)) {
                (Some(low), Some(high)) => 5 + usize::from(low) + 256 * usize::from(high),
                _ => return false,
            },
            (0x1D, Some(b'v'), _) => match (at(4), at(5), at(6), at(7)) {
                (Some(xl), Some(xh), Some(yl), Some(yh)) => {
                    8 + usize::from(u16::from_le_bytes([xl, xh]))
                        * usize::from(u16::from_le_bytes([yl, yh]))
                }
                _ => return false,
            },
            (byte, ..) if self.modes.chinese && byte >= 0x81 => 2,
            _ => 1,
        };
        if self.buffer.len() < length {
            return false;
        }
        let command: Vec<u8> = self.buffer.drain(..length).collect();
        self.obey(&command);
        true
    }

    fn obey(&mut self, command: &[u8]) {
        match *command {
            [0x1B, b'@'] => {
                self.modes = Modes::default();
                self.line = PaperLine::default();
            }
            [0x1C, b'&'] => self.modes.chinese = true,
            [0x1C, b'.'] => self.modes.chinese = false,
            [0x1B, b'a', how] => {
                self.modes.align = match how {
                    1 | 49 => Align::Centre,
                    2 | 50 => Align::Right,
                    _ => Align::Left,
                };
            }
            [0x1D, b'!', size] => self.modes.ascii_large = (size & 0x70 != 0, size & 7 != 0),
            [0x1C, b'!', size] => self.modes.han_large = (size & 4 != 0, size & 8 != 0),
            [0x1B, b'd', lines] => {
                self.end_line();
                for _ in 1..lines {
                    self.end_line();
                }
            }
            [0x1D, b'V', ..] => self.cut_off(),
            [0x1D, b'a', _] => {}
            [0x1D, b'r', 1] => self.answer.push(if self.trouble.no_paper { 0x0C } else { 0 }),
            [0x1D, b'(', b'H', 6, 0, 48, 48, a, b, c, d] => {
                self.answer.extend([0x37, 0x22, a, b, c, d, 0]);
            }
            [0x1D, b'v', b'0', 0, xl, xh, _, _, ref dots @ ..] => {
                let row_bytes = usize::from(u16::from_le_bytes([xl, xh]));
                self.line.raster = Some(Raster { row_bytes, bytes: dots.to_vec() });
                self.end_line();
            }
            [b'\n'] => self.end_line(),
            [byte @ 0x20..=0x7E] => self.set(Some(char::from(byte)), self.modes.ascii_large),
            [lead, trail] if lead >= 0x81 => {
                let pair = [lead, trail];
                let (text, _, wrong) = GBK.decode(&pair);
                let mut characters = text.chars();
                let character = characters.next().filter(|_| !wrong && characters.next().is_none());
                self.set(character, self.modes.han_large);
                self.unknown += usize::from(character.is_none());
            }
            _ => self.unknown += command.len(),
        }
    }

    fn set(&mut self, character: Option<char>, (wide, high): (bool, bool)) {
        self.line.glyphs.push(Glyph { character, wide, high });
    }

    fn end_line(&mut self) {
        let mut line = std::mem::take(&mut self.line);
        line.align = self.modes.align;
        self.paper.lines.push(line);
    }

    /// Faults that wait for lines: one line fewer.
    fn count_line(&mut self) {
        for fault in &mut self.faults {
            if let PrinterFault::PaperEndsAfter(left)
            | PrinterFault::OpensAfter(left)
            | PrinterFault::FailsAfter(left)
            | PrinterFault::OfflineAfter(left)
            | PrinterFault::ButtonAfter(left) = fault
            {
                *left = left.saturating_sub(1);
            }
        }
        self.check_lines();
    }

    fn check_lines(&mut self) {
        for fault in &self.faults {
            match fault {
                PrinterFault::PaperEndsAfter(0) => self.trouble.no_paper = true,
                PrinterFault::OpensAfter(0) => self.trouble.open = true,
                PrinterFault::FailsAfter(0) => self.trouble.error = true,
                PrinterFault::OfflineAfter(0) => self.trouble.offline = true,
                PrinterFault::ButtonAfter(0) => self.trouble.button = true,
                PrinterFault::AnswersOneLate => self.trouble.one_late = true,
                PrinterFault::SilentAfter(0) => self.trouble.silent = true,
                _ => {}
            }
        }
    }

    /// Blank paper that is cut off is no slip.
    fn cut_off(&mut self) {
        let slip = std::mem::take(&mut self.paper);
        if slip.is_blank() {
            return;
        }
        self.cut += 1;
        if let Some((directory, columns)) = &self.out {
            let name = directory.join(format!("slip-{:03}", self.cut));
            let written = slip
                .write_png(*columns, &name.with_extension("png"))
                .and_then(|()| fs::write(name.with_extension("txt"), slip.text()));
            if let Err(error) = written {
                tracing::warn!("simulated printer: {error}");
            }
        }
        if self.slips.len() == SLIPS_MAX {
            self.slips.remove(0);
        }
        self.slips.push(slip);
    }
}
