//! A reader that is a USB device, on a bus that exists in this process alone: what a host sees of
//! one, packet by packet. The module behind it is the same as behind a serial line.
//!
//! State: whether it is plugged in, who has claimed it, which pipes are halted, and the packets
//! that wait to be taken. It answers as fast as a bus is; a module that is late or slow is so here,
//! too.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use kiosk_devices::card::{
    UsbId,
    usb::{Bus, Endpoint, Listed, Pipes, Transfer, Transfers, UsbBus, UsbError, UsbWays},
};
use zeroize::Zeroizing;

use super::module::{Answer, Module, Requests};

/// What the device looks like to a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsbShape {
    /// What it says it is.
    pub id: UsbId,
    /// How its bytes are carried; both sides know it.
    pub ways: UsbWays,
    /// Bytes of a packet.
    pub packet: u16,
}

impl UsbShape {
    /// One pair of bulk pipes.
    pub fn one_pair() -> Self {
        Self::with(Pipes::One { out: 0x02, into: 0x81 })
    }

    /// Two pairs: preamble and length through the first.
    pub fn two_pairs() -> Self {
        Self::with(Pipes::Two { out: [0x02, 0x06], into: [0x81, 0x85] })
    }

    /// Reports of 64 bytes, requests through the control pipe.
    pub fn reports() -> Self {
        let mut shape = Self::with(Pipes::One { out: 0, into: 0x81 });
        shape.ways = UsbWays { transfer: Transfer::Interrupt, padded: true, ..shape.ways };
        shape
    }

    fn with(pipes: Pipes) -> Self {
        let id = UsbId { vendor: 0x0400, product: 0xC35A, serial: None };
        Self { id, ways: UsbWays { pipes, ..UsbWays::UNKNOWN }, packet: 64 }
    }

    fn outs(&self) -> Vec<u8> {
        match self.ways.pipes {
            Pipes::One { out, .. } => vec![out],
            Pipes::Two { out, .. } => out.to_vec(),
            Pipes::Probe => Vec::new(),
        }
    }

    fn ins(&self) -> Vec<u8> {
        match self.ways.pipes {
            Pipes::One { into, .. } => vec![into],
            Pipes::Two { into, .. } => into.to_vec(),
            Pipes::Probe => Vec::new(),
        }
    }
}

/// What goes wrong on the bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsbFault {
    /// This endpoint is halted when it is used next.
    Halt(u8),
    /// Answers come in packets of so few bytes.
    ShortPackets(usize),
    /// A packet without bytes comes before and after each part of an answer.
    EmptyPackets,
    /// So many requests are not taken.
    Refuse(usize),
    /// The plug is pulled when so many more packets have been taken.
    PullAfter(usize),
    /// The whole answer comes through the first pipe, though there are two.
    OnePipe,
}

/// The bus with the one device.
#[derive(Clone)]
pub(super) struct SimulatedBus(Arc<Shared>);

struct Shared {
    device: Mutex<Device>,
    /// Something changed that somebody may wait for.
    news: Condvar,
    module: Arc<Mutex<Module>>,
}

struct Device {
    shape: UsbShape,
    plugged: bool,
    /// Counts the times it was plugged in: whoever had opened it before has it no more.
    plugs: u64,
    claimed: bool,
    requests: Requests,
    /// The head of a request has come through its own pipe.
    head: bool,
    packets: BTreeMap<u8, VecDeque<(Instant, Vec<u8>)>>,
    halted: BTreeSet<u8>,
    faults: Vec<UsbFault>,
}

impl SimulatedBus {
    /// With a device that is not plugged in.
    pub(super) fn new(shape: UsbShape, module: Arc<Mutex<Module>>) -> Self {
        let device = Device {
            shape,
            plugged: false,
            plugs: 0,
            claimed: false,
            requests: Requests::default(),
            head: false,
            packets: BTreeMap::new(),
            halted: BTreeSet::new(),
            faults: Vec::new(),
        };
        Self(Arc::new(Shared { device: Mutex::new(device), news: Condvar::new(), module }))
    }

    pub(super) fn bus(&self) -> UsbBus {
        UsbBus::other(Arc::new(self.clone()))
    }

    pub(super) fn plug(&self) {
        let mut device = self.0.device();
        (device.plugged, device.claimed) = (true, false);
        device.plugs += 1;
    }

    pub(super) fn unplug(&self) {
        self.0.device().pull();
        self.0.news.notify_all();
    }

    pub(super) fn plan(&self, fault: UsbFault) {
        let mut device = self.0.device();
        match fault {
            UsbFault::Halt(endpoint) => {
                device.halted.insert(endpoint);
            }
            fault => device.faults.push(fault),
        }
        self.0.news.notify_all();
    }

    pub(super) fn forget_faults(&self) {
        let mut device = self.0.device();
        device.faults.clear();
        device.halted.clear();
    }

    /// Bytes that nobody asked for.
    pub(super) fn babble(&self, bytes: &[u8]) {
        let mut device = self.0.device();
        if device.plugged {
            let endpoint = device.shape.ins()[0];
            device.put(endpoint, bytes, Instant::now(), None);
        }
        self.0.news.notify_all();
    }
}

impl Shared {
    fn device(&self) -> MutexGuard<'_, Device> {
        // The state is whole between any two statements that change it.
        self.device.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Device {
    fn pull(&mut self) {
        (self.plugged, self.head) = (false, false);
        self.requests.clear();
        self.packets.clear();
        self.halted.clear();
    }

    fn has(&self, wanted: impl Fn(&UsbFault) -> bool) -> bool {
        self.faults.iter().any(wanted)
    }

    /// Takes what came through `endpoint`; a device that gets its bytes in another way than its own
    /// hears nothing.
    fn hear(&mut self, endpoint: u8, bytes: &[u8]) {
        const HEAD: usize = 7;
        let out = self.shape.outs();
        if self.shape.ways.padded && bytes.len() != usize::from(self.shape.packet) {
            return;
        }
        match out.iter().position(|own| *own == endpoint) {
            Some(0) if out.len() == 2 => {
                self.requests.clear();
                self.head = bytes.len() == HEAD;
            }
            Some(1) if !std::mem::take(&mut self.head) => return,
            Some(_) => {}
            None => return,
        }
        if out.len() == 1 || endpoint == out[1] || self.head {
            self.requests.push(bytes);
        }
    }

    /// Puts an answer where a host takes it.
    fn say(&mut self, answer: &Answer) {
        /// Preamble and length.
        const HEAD: usize = 7;
        let start = Instant::now() + answer.delay;
        match self.shape.ins().as_slice() {
            [first, second] if !self.has(|fault| *fault == UsbFault::OnePipe) => {
                let (head, rest) = answer.bytes.split_at(answer.bytes.len().min(HEAD));
                self.put(*first, head, start, answer.byte_time);
                self.put(*second, rest, start, answer.byte_time);
            }
            [first, ..] => self.put(*first, &answer.bytes, start, answer.byte_time),
            [] => {}
        }
    }

    fn put(&mut self, endpoint: u8, bytes: &[u8], start: Instant, byte_time: Option<Duration>) {
        let full = usize::from(self.shape.packet);
        let short = self.faults.iter().find_map(|fault| match fault {
            UsbFault::ShortPackets(bytes) => Some(*bytes),
            _ => None,
        });
        // What drips comes byte by byte.
        let size = byte_time.map_or(short.unwrap_or(full), |_| 1).clamp(1, full);
        let empty = self.has(|fault| *fault == UsbFault::EmptyPackets);
        let padded = self.shape.ways.padded;
        let queue = self.packets.entry(endpoint).or_default();
        if empty {
            queue.push_back((start, Vec::new()));
        }
        let mut due = start;
        for piece in bytes.chunks(size) {
            due += byte_time.unwrap_or_default();
            let mut packet = piece.to_vec();
            if padded {
                packet.resize(full, 0);
            }
            queue.push_back((due, packet));
        }
        if empty || !padded && bytes.len().is_multiple_of(full) {
            queue.push_back((due, Vec::new()));
        }
    }
}

impl Bus for SimulatedBus {
    fn devices(&self) -> Result<Vec<Listed>, UsbError> {
        let device = self.0.device();
        let listed = Listed { id: device.shape.id.clone(), place: PLACE.to_owned() };
        Ok(device.plugged.then_some(listed).into_iter().collect())
    }

    fn open(
        &self,
        place: &str,
        interface: u8,
        transfer: Transfer,
    ) -> Result<Box<dyn Transfers>, UsbError> {
        let mut device = self.0.device();
        match (device.plugged && place == PLACE, device.claimed) {
            (false, _) => return Err(UsbError::Gone),
            (true, true) => return Err(UsbError::Busy),
            (true, false) => {}
        }
        if interface != device.shape.ways.interface || transfer != device.shape.ways.transfer {
            return Err(UsbError::NoSuch);
        }
        device.claimed = true;
        Ok(Box::new(Claimed { shared: Arc::clone(&self.0), plugs: device.plugs }))
    }
}

/// Where it is plugged in.
const PLACE: &str = "1-1";

/// The device as one host has it.
struct Claimed {
    shared: Arc<Shared>,
    plugs: u64,
}

impl Claimed {
    fn device(&self) -> Result<MutexGuard<'_, Device>, UsbError> {
        let device = self.shared.device();
        let here = device.plugged && device.plugs == self.plugs;
        if here { Ok(device) } else { Err(UsbError::Gone) }
    }
}

impl Drop for Claimed {
    fn drop(&mut self) {
        if let Ok(mut device) = self.device() {
            device.claimed = false;
        }
    }
}

impl Transfers for Claimed {
    fn endpoints(&self) -> (u8, Vec<Endpoint>) {
        let device = self.shared.device();
        let UsbShape { ways, packet, .. } = &device.shape;
        let class = if ways.transfer == Transfer::Bulk { 0xFF } else { 0x03 };
        let addresses = device.shape.outs().into_iter().chain(device.shape.ins());
        let endpoint =
            |address| Endpoint { address, transfer: Some(ways.transfer), packet: *packet };
        (class, addresses.filter(|address| *address != 0).map(endpoint).collect())
    }

    fn send(&mut self, endpoint: u8, bytes: &[u8], limit: Duration) -> Result<(), UsbError> {
        let mut device = self.device()?;
        if device.halted.contains(&endpoint) {
            return Err(UsbError::Stalled);
        }
        if device.refuses() {
            drop(device);
            std::thread::sleep(limit);
            return Err(UsbError::TimedOut);
        }
        device.hear(endpoint, bytes);
        while let Some(request) = device.requests.next() {
            let module = self.shared.module.lock();
            let answer = module.unwrap_or_else(PoisonError::into_inner).answer(request);
            if let Some(answer) = answer {
                // A drip that nobody waits for any more ends.
                device.end_drips();
                device.say(&answer);
            }
        }
        Ok(())
    }

    fn receive(
        &mut self,
        endpoint: u8,
        wait: Duration,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, UsbError> {
        let deadline = Instant::now() + wait;
        let mut device = self.device()?;
        loop {
            if !device.plugged || device.plugs != self.plugs {
                return Err(UsbError::Gone);
            }
            if device.halted.contains(&endpoint) {
                return Err(UsbError::Stalled);
            }
            let now = Instant::now();
            let due = device.packets.get(&endpoint).and_then(VecDeque::front).map(|(due, _)| *due);
            if due.is_some_and(|due| due <= now) {
                let queue = device.packets.get_mut(&endpoint);
                let packet = queue.and_then(VecDeque::pop_front).map(|(_, packet)| packet);
                device.count_packet();
                return Ok(packet.map(Zeroizing::new));
            }
            let until = due.map_or(deadline, |due| due.min(deadline));
            let left = until.saturating_duration_since(now);
            if left.is_zero() {
                return Ok(None);
            }
            let waited = self.shared.news.wait_timeout(device, left);
            (device, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn clear_halt(&mut self, endpoint: u8) -> Result<(), UsbError> {
        let mut device = self.device()?;
        device.halted.remove(&endpoint);
        device.packets.remove(&endpoint);
        Ok(())
    }
}

impl Device {
    /// What was to come later, byte by byte, does not come.
    fn end_drips(&mut self) {
        let now = Instant::now();
        self.packets.values_mut().for_each(|queue| queue.retain(|(due, _)| *due <= now));
    }

    /// Whether the next request is not taken.
    fn refuses(&mut self) -> bool {
        let planned = self.faults.iter_mut().find_map(|fault| match fault {
            UsbFault::Refuse(left @ 1..) => Some(left),
            _ => None,
        });
        planned.is_some_and(|left| {
            *left -= 1;
            true
        })
    }

    /// One more packet was taken.
    fn count_packet(&mut self) {
        let mut pulled = false;
        for fault in &mut self.faults {
            if let UsbFault::PullAfter(left) = fault {
                *left = left.saturating_sub(1);
                pulled |= *left == 0;
            }
        }
        if pulled {
            self.faults.retain(|fault| !matches!(fault, UsbFault::PullAfter(_)));
            self.pull();
        }
    }
}
