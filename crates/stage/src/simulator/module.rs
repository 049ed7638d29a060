//! The security module of a simulated reader, and the card on it: requests in, answers out,
//! without a line and without time.
//!
//! State: which card lies there, how far find and select have come, the faults to be played, and
//! the bytes of an unfinished request. The order find, select, read is enforced as a module does
//! it; a card that is lifted takes its session with it.

use std::{collections::HashMap, time::Duration};

use super::card_image::CardImage;

/// Command bytes CMD PARA, to say for which command a fault is meant.
pub type Command = (u8, u8);

/// 寻找证/卡.
pub const FIND: Command = (0x20, 0x01);
/// 选取证/卡.
pub const SELECT: Command = (0x20, 0x02);
/// 读固定信息.
pub const READ_BASE: Command = (0x30, 0x01);
/// 读最新追加住址.
pub const READ_APPENDED_ADDRESS: Command = (0x30, 0x03);
/// 复位.
pub const RESET: Command = (0x10, 0xFF);
/// 状态检测.
pub const STATUS: Command = (0x11, 0xFF);

/// What goes wrong with one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// These bytes come first.
    NoiseBefore(Vec<u8>),
    /// These bytes come in the middle, before byte `at` of the answer.
    NoiseWithin {
        /// Where.
        at: usize,
        /// What.
        bytes: Vec<u8>,
    },
    /// The bits of `flip` turn over in byte `at`.
    Flip {
        /// Where.
        at: usize,
        /// Which bits.
        flip: u8,
    },
    /// Only so many bytes come.
    Cut(usize),
    /// The length field says this.
    Length(u16),
    /// Each byte takes so long.
    Slow(Duration),
    /// The answer comes so much later.
    Late(Duration),
    /// No answer.
    Silence,
    /// The module answers this status and nothing else.
    Status(u8),
    /// The answer comes twice.
    Twice,
    /// What the answer carries is cut to so many bytes, or filled up to them.
    Data(usize),
    /// The card is lifted when the request comes, before it is answered.
    Lift,
}

/// The bytes of requests that are not complete.
#[derive(Default)]
pub(super) struct Requests(Vec<u8>);

/// A request as it arrived.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Request {
    Sound { command: Command, data: Vec<u8> },
    BadChecksum,
    BadLength,
}

impl Requests {
    /// Takes bytes as they come.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// Whether a request has begun and is not complete.
    pub(super) fn is_waiting(&self) -> bool {
        !self.0.is_empty()
    }

    /// Gives a begun request up.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Takes the first complete request.
    pub(super) fn next(&mut self) -> Option<Request> {
        const PREAMBLE: [u8; 5] = [0xAA, 0xAA, 0xAA, 0x96, 0x69];
        /// No command has more than one byte of data; some room is left for vendors' own.
        const LENGTHS: std::ops::RangeInclusive<usize> = 3..=64;
        let Some(start) = self.0.windows(5).position(|window| window == PREAMBLE) else {
            let kept = self.0.len().min(PREAMBLE.len() - 1);
            self.0.drain(..self.0.len() - kept);
            return None;
        };
        self.0.drain(..start);
        let length = usize::from(u16::from_be_bytes([*self.0.get(5)?, *self.0.get(6)?]));
        if !LENGTHS.contains(&length) {
            self.0.clear();
            return Some(Request::BadLength);
        }
        let body = self.0.get(5..7 + length)?;
        let request = match body.iter().fold(0, |sum, byte| sum ^ byte) {
            0 => Request::Sound {
                command: (body[2], body[3]),
                data: body[4..body.len() - 1].to_vec(),
            },
            _ => Request::BadChecksum,
        };
        self.0.drain(..7 + length);
        Some(request)
    }
}

/// The security module and the card on it.
pub(super) struct Module {
    ways: Ways,
    card: Option<CardImage>,
    /// Counts cards laid, so that a card is not taken for the one before it.
    layings: u64,
    was_read: bool,
    /// Its text went out whole and unspoilt.
    delivered: bool,
    /// It was found since it was laid.
    was_found: bool,
    /// The laying that find found, and the one that select selected.
    found: Option<u64>,
    selected: Option<u64>,
    faults: Vec<Planned>,
    /// Sound requests by command.
    asked: HashMap<Command, u64>,
}

/// What makes of modules do each in their own way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Ways {
    /// A card that was read is not found again until it was lifted.
    pub(super) read_once: bool,
    /// A card that was found is not found again until it was lifted.
    pub(super) finds_once: bool,
    /// The session with a card ends after its appended address was asked for once.
    pub(super) drops_session: bool,
    /// Find and select are answered without the numbers of the card's chip.
    pub(super) bare: bool,
}

struct Planned {
    command: Command,
    fault: Fault,
    times: usize,
}

/// An answer as it goes out on the line.
pub(super) struct Answer {
    pub(super) bytes: Vec<u8>,
    /// Other than the line's own.
    pub(super) byte_time: Option<Duration>,
    pub(super) delay: Duration,
}

impl Module {
    pub(super) fn new(ways: Ways) -> Self {
        Self {
            ways,
            card: None,
            layings: 0,
            was_read: false,
            was_found: false,
            delivered: false,
            found: None,
            selected: None,
            faults: Vec::new(),
            asked: HashMap::new(),
        }
    }

    pub(super) fn lay(&mut self, card: CardImage) {
        self.layings += 1;
        (self.was_read, self.was_found, self.delivered) = (false, false, false);
        self.card = Some(card);
    }

    pub(super) fn lift(&mut self) {
        self.card = None;
    }

    pub(super) fn has_card(&self) -> bool {
        self.card.is_some()
    }

    pub(super) fn was_read(&self) -> bool {
        self.card.is_some() && self.delivered
    }

    pub(super) fn asked(&self, command: Command) -> u64 {
        self.asked.get(&command).copied().unwrap_or(0)
    }

    pub(super) fn plan(&mut self, command: Command, fault: Fault, times: usize) {
        self.faults.push(Planned { command, fault, times });
    }

    pub(super) fn forget_faults(&mut self) {
        self.faults.clear();
    }

    /// From now on it finds a card once only, or again.
    pub(super) fn find_once(&mut self, once: bool) {
        self.ways.finds_once = once;
    }

    /// The module is switched on or reset.
    pub(super) fn restart(&mut self) {
        (self.found, self.selected) = (None, None);
        (self.was_read, self.was_found, self.delivered) = (false, false, false);
    }

    /// The answer to `request`; `None` when a fault swallows it.
    pub(super) fn answer(&mut self, request: Request) -> Option<Answer> {
        let (command, data) = match request {
            Request::Sound { command, data } => (command, data),
            Request::BadChecksum => return Some(Answer::new(encode(0x10, &[]))),
            Request::BadLength => return Some(Answer::new(encode(0x11, &[]))),
        };
        *self.asked.entry(command).or_default() += 1;
        let fault = self.planned(command);
        if fault == Some(Fault::Lift) {
            self.lift();
        }
        let (status, mut data) = self.execute(command, &data);
        if let Some(Fault::Data(length)) = fault {
            data.resize(length, 0x20);
        }
        let whole = matches!(fault, None | Some(Fault::Twice));
        self.delivered |= command == READ_BASE && status == 0x90 && whole;
        let mut answer = Answer::new(encode(status, &data));
        match fault {
            Some(fault) => answer.spoil(fault).then_some(answer),
            None => Some(answer),
        }
    }

    /// The fault that is to be played with the next answer to `command`.
    fn planned(&mut self, command: Command) -> Option<Fault> {
        let at = self.faults.iter().position(|planned| planned.command == command)?;
        let planned = &mut self.faults[at];
        let fault = planned.fault.clone();
        planned.times = planned.times.saturating_sub(1);
        if planned.times == 0 {
            self.faults.remove(at);
        }
        Some(fault)
    }

    fn execute(&mut self, command: Command, data: &[u8]) -> (u8, Vec<u8>) {
        const SAM_ID: [u8; 16] = [
            0x05, 0x00, 0x03, 0x00, 0xA5, 0x3A, 0x34, 0x01, 0x87, 0xD6, 0x12, 0x00, 0xB4, 0x5B,
            0x01, 0x00,
        ];
        match (command, data) {
            (RESET, []) => {
                self.restart();
                (0x90, vec![])
            }
            (STATUS, []) => (0x90, vec![]),
            ((0x12, 0xFF), []) => (0x90, SAM_ID.to_vec()),
            (FIND, []) => self.find(),
            (SELECT, []) => self.select(),
            (READ_BASE, []) => {
                let answer = self.read(|card| (0x90, card.base()));
                self.was_read |= answer.0 == 0x90;
                answer
            }
            (READ_APPENDED_ADDRESS, []) => {
                let answer = self.read(|card| match card.appended_address() {
                    Some(address) => (0x90, address.to_vec()),
                    None => (0x91, vec![]),
                });
                if self.ways.drops_session {
                    self.selected = None;
                }
                answer
            }
            // The line stays as fast as it is: a pseudo-terminal has no rate of its own.
            ((0x60, 0..=4), []) | ((0x61, 0xFF), [24..=255]) => (0x90, vec![]),
            ((0x60, 0..=4), _) | ((0x61, 0xFF), []) => (0x11, vec![]),
            ((0x10..=0x12, 0xFF) | FIND | SELECT | READ_BASE | READ_APPENDED_ADDRESS, _) => {
                (0x11, vec![])
            }
            _ => (0x21, vec![]),
        }
    }

    fn find(&mut self) -> (u8, Vec<u8>) {
        (self.found, self.selected) = (None, None);
        let Ways { read_once, finds_once, bare, .. } = self.ways;
        if self.card.is_none() || read_once && self.was_read || finds_once && self.was_found {
            return (0x80, vec![]);
        }
        self.was_found = true;
        self.found = Some(self.layings);
        (0x9F, vec![0; if bare { 0 } else { 4 }])
    }

    fn select(&mut self) -> (u8, Vec<u8>) {
        let Some(found) = self.found.take() else { return (0x21, vec![]) };
        if self.card.is_none() || found != self.layings {
            return (0x81, vec![]);
        }
        self.selected = Some(found);
        (0x90, vec![0; if self.ways.bare { 0 } else { 8 }])
    }

    /// Reads from the selected card, if it still lies there.
    fn read(&mut self, what: impl Fn(&CardImage) -> (u8, Vec<u8>)) -> (u8, Vec<u8>) {
        let Some(selected) = self.selected else { return (0x21, vec![]) };
        match &self.card {
            Some(card) if selected == self.layings => what(card),
            _ => {
                self.selected = None;
                (0x41, vec![])
            }
        }
    }
}

impl Answer {
    fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, byte_time: None, delay: Duration::ZERO }
    }

    /// Says whether anything is left to send.
    fn spoil(&mut self, fault: Fault) -> bool {
        match fault {
            Fault::NoiseBefore(noise) => {
                self.bytes.splice(..0, noise);
            }
            Fault::NoiseWithin { at, bytes } => {
                let at = at.min(self.bytes.len());
                self.bytes.splice(at..at, bytes);
            }
            Fault::Flip { at, flip } => {
                if let Some(byte) = self.bytes.get_mut(at) {
                    *byte ^= flip;
                }
            }
            Fault::Cut(length) => self.bytes.truncate(length),
            Fault::Length(length) => self.bytes[5..7].copy_from_slice(&length.to_be_bytes()),
            Fault::Slow(byte_time) => self.byte_time = Some(byte_time),
            Fault::Late(delay) => self.delay = delay,
            Fault::Silence => return false,
            Fault::Status(status) => self.bytes = encode(status, &[]),
            Fault::Twice => self.bytes.extend_from_within(..),
            // Have happened before the answer was made.
            Fault::Lift | Fault::Data(_) => {}
        }
        true
    }
}

/// An answer frame. SW1 and SW2 are the card's own and stay zero.
fn encode(status: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + data.len()).expect("no answer is so long");
    let mut frame = vec![0xAA, 0xAA, 0xAA, 0x96, 0x69];
    frame.extend(length.to_be_bytes());
    frame.extend([0, 0, status]);
    frame.extend(data);
    frame.push(frame[5..].iter().fold(0, |sum, byte| sum ^ byte));
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card() -> CardImage {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/kiosk/vectors/base_A.hex");
        let text = std::fs::read_to_string(path).expect("the vector is in the repository");
        CardImage::from_hex(&text).expect("an answer")
    }

    fn status(module: &mut Module, command: Command) -> u8 {
        module.execute(command, &[]).0
    }

    fn module_with_card(read_once: bool) -> Module {
        let ways = Ways { read_once, ..Ways::default() };
        Module { card: Some(card()), layings: 1, ..Module::new(ways) }
    }

    #[test]
    fn the_order_is_enforced() {
        let mut module = module_with_card(false);
        assert_eq!(status(&mut module, SELECT), 0x21);
        assert_eq!(status(&mut module, READ_BASE), 0x21);
        assert_eq!(status(&mut module, FIND), 0x9F);
        assert_eq!(status(&mut module, READ_BASE), 0x21);
        assert_eq!(status(&mut module, SELECT), 0x90);
        assert_eq!(status(&mut module, READ_BASE), 0x90);
        assert_eq!(status(&mut module, READ_APPENDED_ADDRESS), 0x91);
        assert_eq!(status(&mut module, FIND), 0x9F);
        assert_eq!(status(&mut module, READ_BASE), 0x21);
    }

    #[test]
    fn a_lifted_card_takes_its_session_with_it() {
        let mut module = module_with_card(false);
        assert_eq!((status(&mut module, FIND), status(&mut module, SELECT)), (0x9F, 0x90));
        // Another card in its place is not the selected one.
        module.layings += 1;
        assert_eq!(status(&mut module, READ_BASE), 0x41);
        assert_eq!(status(&mut module, READ_BASE), 0x21);
        assert_eq!(status(&mut module, FIND), 0x9F);
        module.card = None;
        assert_eq!(status(&mut module, SELECT), 0x81);
        assert_eq!(status(&mut module, FIND), 0x80);
    }

    #[test]
    fn a_module_that_reads_once_waits_for_lifting() {
        let mut module = module_with_card(true);
        for expected in [0x9F, 0x80] {
            assert_eq!(status(&mut module, FIND), expected);
            status(&mut module, SELECT);
            status(&mut module, READ_BASE);
        }
    }

    #[test]
    fn a_module_that_finds_once_reads_what_it_found() {
        let mut module = module_with_card(false);
        module.find_once(true);
        let order = [(FIND, 0x9F), (SELECT, 0x90), (READ_BASE, 0x90), (FIND, 0x80)];
        for (command, expected) in order {
            assert_eq!(status(&mut module, command), expected);
        }
        module.lift();
        module.lay(card());
        assert_eq!(status(&mut module, FIND), 0x9F);
    }

    #[test]
    fn settings_and_mistakes_in_requests() {
        let mut module = Module::new(Ways::default());
        assert_eq!(module.execute((0x60, 4), &[]).0, 0x90);
        assert_eq!(module.execute((0x60, 5), &[]).0, 0x21);
        assert_eq!(module.execute((0x61, 0xFF), &[80]).0, 0x90);
        assert_eq!(module.execute((0x61, 0xFF), &[23]).0, 0x21);
        assert_eq!(module.execute(FIND, &[0]).0, 0x11);
        let mut requests = Requests(vec![1, 2, 0xAA, 0xAA, 0xAA, 0xAA, 0x96, 0x69, 0, 3, 0x20]);
        assert_eq!(requests.next(), None);
        requests.0.extend([0x01, 0x22, 0xAA, 0xAA, 0xAA, 0x96, 0x69, 0, 3, 0x20, 0x01, 0x23]);
        assert_eq!(requests.next(), Some(Request::Sound { command: FIND, data: vec![] }));
        assert_eq!(requests.next(), Some(Request::BadChecksum));
        requests.0.extend([0xAA, 0xAA, 0xAA, 0x96, 0x69, 0xFF, 0xFF]);
        assert_eq!(requests.next(), Some(Request::BadLength));
        assert_eq!(requests.next(), None);
    }
}
