//! The bytes of a reader's answers out of packets, and its requests into them.
//!
//! State: how far the answer under way has come, which says on which of two pipes its next bytes
//! are, and where in a report its bytes end; and what of a packet nobody has taken yet.

use std::{
    io::{self, ErrorKind},
    time::{Duration, Instant},
};

use zeroize::{Zeroize, Zeroizing};

use super::{Endpoint, Pipes, Transfers, UsbError, UsbWays};
use crate::card::{
    frame::{HEADER, Header},
    wire::Wire,
};

/// Longest packet of any endpoint.
const PACKET_MAX: usize = 1024;
/// Packets that are thrown away at most before a request: a device that babbles without end is heard
/// all the same.
const FLUSHED_MAX: usize = 256;
/// Pause after a halt, so that a pipe that is halted again and again does not keep this busy.
const HALT_PAUSE: Duration = Duration::from_millis(20);

/// A claimed interface as a stream of bytes.
pub(crate) struct UsbStream {
    transfers: Box<dyn Transfers>,
    pipes: Pipes,
    /// Size of a report, where answers and requests are filled up to one.
    report: Option<usize>,
    under_way: UnderWay,
    /// Of a packet, what the caller had no room for.
    rest: Zeroizing<Vec<u8>>,
}

/// How far an answer has come.
#[derive(Debug)]
enum UnderWay {
    /// Its beginning is awaited; the last bytes that came.
    Head(Header),
    /// So many bytes are to come.
    Body(usize),
}

impl UnderWay {
    const NOTHING: Self = Self::Head(Header::EMPTY);

    /// Takes a byte in.
    fn push(&mut self, byte: u8) {
        *self = match self {
            Self::Head(header) => {
                header.push(byte);
                match header.length() {
                    Some(length) => Self::Body(length),
                    None => return,
                }
            }
            Self::Body(1) => Self::NOTHING,
            Self::Body(left) => Self::Body(*left - 1),
        };
    }
}

impl UsbStream {
    pub(super) fn new(
        transfers: Box<dyn Transfers>,
        pipes: Pipes,
        ways: &UsbWays,
        endpoints: &[Endpoint],
    ) -> Self {
        let into = match pipes {
            Pipes::One { into, .. } | Pipes::Two { into: [into, _], .. } => into,
            Pipes::Probe => 0,
        };
        let own = endpoints.iter().find(|endpoint| endpoint.address == into);
        let packet = ways.packet.or(own.map(|endpoint| endpoint.packet)).unwrap_or(64);
        let report = ways.padded.then_some(usize::from(packet).clamp(1, PACKET_MAX));
        let rest = Zeroizing::new(Vec::with_capacity(PACKET_MAX));
        Self { transfers, pipes, report, under_way: UnderWay::NOTHING, rest }
    }

    /// The pipe on which the next bytes are to come, and the other one.
    fn awaited(&self) -> (u8, Option<u8>) {
        match (self.pipes, &self.under_way) {
            (Pipes::Two { into: [first, second], .. }, UnderWay::Head(_)) => (first, Some(second)),
            (Pipes::Two { into: [first, second], .. }, UnderWay::Body(_)) => (second, Some(first)),
            (Pipes::One { into, .. }, _) => (into, None),
            (Pipes::Probe, _) => (0x81, None),
        }
    }

    /// The next packet of `endpoint`. A halt is cleared; then nothing came.
    fn packet(&mut self, endpoint: u8, wait: Duration) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        match self.transfers.receive(endpoint, wait) {
            Ok(packet) => Ok(packet),
            Err(UsbError::Stalled) => {
                tracing::info!("reader: endpoint {endpoint:02x} was halted");
                self.transfers.clear_halt(endpoint).map_err(lost)?;
                std::thread::sleep(wait.min(HALT_PAUSE));
                Ok(None)
            }
            Err(error) => Err(lost(error)),
        }
    }

    /// Follows the answer through `packet`; says how many of its bytes belong to it.
    fn follow(&mut self, packet: &[u8]) -> usize {
        let mut begun = matches!(self.under_way, UnderWay::Body(_));
        for (at, byte) in packet.iter().enumerate() {
            self.under_way.push(*byte);
            let in_body = matches!(self.under_way, UnderWay::Body(_));
            if begun && !in_body && self.report.is_some() {
                // The rest of the report fills it up.
                return at + 1;
            }
            begun |= in_body;
        }
        // A report of nothing but zeros says nothing.
        let filling = self.report.is_some() && !begun && packet.iter().all(|byte| *byte == 0);
        if filling { 0 } else { packet.len() }
    }

    fn send_to(&mut self, endpoint: u8, bytes: &[u8], limit: Duration) -> Result<(), UsbError> {
        match self.transfers.send(endpoint, bytes, limit) {
            Err(UsbError::Stalled) if endpoint != 0 => {
                tracing::info!("reader: endpoint {endpoint:02x} was halted");
                self.transfers.clear_halt(endpoint)?;
                self.transfers.send(endpoint, bytes, limit)
            }
            sent => sent,
        }
    }
}

impl Wire for UsbStream {
    fn flush(&mut self) -> io::Result<usize> {
        let mut flushed = self.rest.len();
        self.rest.zeroize();
        self.under_way = UnderWay::NOTHING;
        let (one, other) = self.awaited();
        for endpoint in [Some(one), other].into_iter().flatten() {
            for _ in 0..FLUSHED_MAX {
                match self.packet(endpoint, Duration::ZERO)? {
                    Some(packet) => flushed += packet.len(),
                    None => break,
                }
            }
        }
        Ok(flushed)
    }

    fn send(&mut self, bytes: &[u8], limit: Duration) -> io::Result<bool> {
        let sent = match (self.pipes, self.report) {
            (Pipes::Two { out: [first, second], .. }, _) => {
                let (head, rest) = bytes.split_at(bytes.len().min(HEADER));
                self.send_to(first, head, limit).and_then(|()| self.send_to(second, rest, limit))
            }
            (Pipes::One { out, .. }, Some(report)) => bytes.chunks(report).try_for_each(|piece| {
                let mut filled = piece.to_vec();
                filled.resize(report, 0);
                self.send_to(out, &filled, limit)
            }),
            (Pipes::One { out, .. }, None) => self.send_to(out, bytes, limit),
            (Pipes::Probe, _) => Err(UsbError::NoSuch),
        };
        match sent {
            Ok(()) => Ok(true),
            Err(UsbError::TimedOut | UsbError::Stalled) => Ok(false),
            Err(error) => Err(lost(error)),
        }
    }

    fn receive(&mut self, buffer: &mut [u8], wait: Duration) -> io::Result<usize> {
        let deadline = Instant::now() + wait;
        while self.rest.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            let (endpoint, other) = self.awaited();
            let mut packet = self.packet(endpoint, left)?;
            if packet.is_none()
                && let Some(other) = other
            {
                // Not where it was to come: some makes send all of an answer through one pipe.
                packet = self.packet(other, Duration::ZERO)?;
            }
            let Some(packet) = packet else { return Ok(0) };
            let count = self.follow(&packet);
            self.rest.extend_from_slice(&packet[..count]);
            if left.is_zero() {
                break;
            }
        }
        let count = self.rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.rest[..count]);
        let left = self.rest.len() - count;
        self.rest.copy_within(count.., 0);
        self.rest[left..].zeroize();
        self.rest.truncate(left);
        Ok(count)
    }

    fn set_baud(&mut self, _baud: u32) -> io::Result<()> {
        Ok(())
    }
}

fn lost(error: UsbError) -> io::Error {
    io::Error::new(ErrorKind::NotConnected, format!("{error:?}"))
}
