//! A reader that is a USB device itself, without a serial port: which device, which of its pipes, and
//! what a bus can do for it. Keeps no state.
//!
//! The frames are those of the serial line. What public code and papers say of how they travel is
//! little and differs by make (one pair of bulk pipes, or two with the frame's head on the first;
//! reports of a fixed size): it is in the profile as [`UsbWays`], never here.
//!
//! | file | responsible for |
//! | --- | --- |
//! | `stream` | a stream of bytes made of transfers |
//! | `system` | the bus of this machine |
//!
//! Whoever has no bus, such as a test, hands in another [`Bus`].

use std::{fmt, sync::Arc, time::Duration};

use kiosk_base::domain::Stop;
use zeroize::Zeroizing;

use super::port::UsbId;

mod stream;
mod system;

pub(super) use stream::UsbStream;

/// How a make of reader wants its bytes carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsbWays {
    /// The devices that the profile is for, vendor and product; none for any.
    pub ids: UsbIds,
    /// Number of the interface.
    pub interface: u8,
    /// Kind of transfer.
    pub transfer: Transfer,
    /// Through which endpoints.
    pub pipes: Pipes,
    /// Bytes of a packet; `None` for those of the endpoint.
    pub packet: Option<u16>,
    /// Each request fills a packet up with zeros, and so does an answer: reports of one size.
    pub padded: bool,
}

impl UsbWays {
    /// What is tried where nothing is known.
    pub const UNKNOWN: Self = Self {
        ids: UsbIds([None; UsbIds::MOST]),
        interface: 0,
        transfer: Transfer::Bulk,
        pipes: Pipes::Probe,
        packet: None,
        padded: false,
    };
}

/// A few vendors and products.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsbIds([Option<(u16, u16)>; Self::MOST]);

impl UsbIds {
    /// Most of them.
    pub const MOST: usize = 8;

    /// These; `None` when there are too many.
    pub fn of(ids: &[(u16, u16)]) -> Option<Self> {
        let mut kept = [None; Self::MOST];
        if ids.len() > Self::MOST {
            return None;
        }
        kept.iter_mut().zip(ids).for_each(|(place, id)| *place = Some(*id));
        Some(Self(kept))
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = (u16, u16)> + '_ {
        self.0.iter().flatten().copied()
    }

    /// Whether a device with these numbers is among them, or any is.
    pub fn allow(&self, id: &UsbId) -> bool {
        let mut ids = self.iter().peekable();
        ids.peek().is_none() || ids.any(|known| known == (id.vendor, id.product))
    }
}

/// Kind of transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transfer {
    /// Bulk.
    Bulk,
    /// Interrupt, as devices of the HID class have them.
    Interrupt,
}

/// Endpoint addresses, as the descriptor writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pipes {
    /// Those that the interface has, in the order of its descriptor.
    Probe,
    /// One pair.
    One {
        /// To the reader.
        out: u8,
        /// From it.
        into: u8,
    },
    /// Two pairs: preamble and length through the first, the rest through the second.
    Two {
        /// To the reader.
        out: [u8; 2],
        /// From it.
        into: [u8; 2],
    },
}

/// A device on a bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// What it says it is.
    pub id: UsbId,
    /// Where it is plugged in, `1-2.3`: as long as it stays there, this names it.
    pub place: String,
}

/// An endpoint of an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// Its address; the highest bit is set when it sends.
    pub address: u8,
    /// What it takes or gives; `None` for a kind that is not used here.
    pub transfer: Option<Transfer>,
    /// Most bytes of a packet.
    pub packet: u16,
}

/// Why something on a bus did not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsbError {
    /// The device is not there, or not any more.
    Gone,
    /// This user may not open it.
    Forbidden,
    /// Another program or a driver of the system has it.
    Busy,
    /// It has no such interface or endpoint.
    NoSuch,
    /// The endpoint is halted until that is cleared.
    Stalled,
    /// The device did not take it in time.
    TimedOut,
    /// Anything else.
    Failed,
}

/// A bus with devices.
pub trait Bus: Send + Sync {
    /// What is plugged in.
    ///
    /// # Errors
    /// When the system does not say.
    fn devices(&self) -> Result<Vec<Listed>, UsbError>;

    /// Opens the device at `place` and claims `interface` for transfers of this kind.
    ///
    /// # Errors
    /// Says why it cannot be had.
    fn open(
        &self,
        place: &str,
        interface: u8,
        transfer: Transfer,
    ) -> Result<Box<dyn Transfers>, UsbError>;
}

/// A claimed interface, packet by packet.
pub trait Transfers: Send {
    /// Class of the interface, and its endpoints in order.
    fn endpoints(&self) -> (u8, Vec<Endpoint>);

    /// Sends `bytes` to `endpoint`, within `limit`. Endpoint 0 is the control pipe: the bytes are an
    /// output report of the HID class.
    ///
    /// # Errors
    /// When the device did not take all of them.
    fn send(&mut self, endpoint: u8, bytes: &[u8], limit: Duration) -> Result<(), UsbError>;

    /// The next packet that `endpoint` sends, which may be empty; `None` when none comes within
    /// `wait`. What comes between two calls is kept.
    ///
    /// # Errors
    /// When the endpoint is halted or the device is gone.
    fn receive(
        &mut self,
        endpoint: u8,
        wait: Duration,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, UsbError>;

    /// Ends a halt of `endpoint`. What it had begun to send is lost.
    ///
    /// # Errors
    /// When the device does not do it.
    fn clear_halt(&mut self, endpoint: u8) -> Result<(), UsbError>;
}

/// The bus on which a reader is looked for.
#[derive(Clone, Default)]
pub struct UsbBus(Option<Arc<dyn Bus>>);

impl UsbBus {
    /// Another one than this machine's.
    pub fn other(bus: Arc<dyn Bus>) -> Self {
        Self(Some(bus))
    }

    fn bus(&self) -> &dyn Bus {
        self.0.as_deref().unwrap_or(&system::SystemBus)
    }
}

impl fmt::Debug for UsbBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "UsbBus(other)" } else { "UsbBus(system)" })
    }
}

impl PartialEq for UsbBus {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(bus), Some(other)) => Arc::ptr_eq(bus, other),
            (bus, other) => bus.is_none() && other.is_none(),
        }
    }
}

impl Eq for UsbBus {}

/// Where the device `id` is plugged in at the moment.
///
/// # Errors
/// [`Stop::ReaderAbsent`] when there is none, [`Stop::ReaderForeign`] when several fit: the wrong one
/// would be spoken to.
pub fn locate(id: &UsbId, bus: &UsbBus) -> Result<String, Stop> {
    let mut devices = bus.bus().devices().map_err(stop)?;
    devices.retain(|device| {
        let UsbId { vendor, product, serial } = &device.id;
        (*vendor, *product) == (id.vendor, id.product)
            && (id.serial.is_none() || *serial == id.serial)
    });
    match devices.as_slice() {
        [] => Err(Stop::ReaderAbsent),
        [device] => Ok(device.place.clone()),
        several => {
            tracing::warn!("reader: {} USB devices have its identity", several.len());
            Err(Stop::ReaderForeign)
        }
    }
}

/// Opens the device `id`.
///
/// # Errors
/// As for [`locate`], and why it cannot be had; [`Stop::ReaderPipes`] when it has not the interface
/// or the endpoints of `ways`.
pub(super) fn open(id: &UsbId, ways: &UsbWays, bus: &UsbBus) -> Result<UsbStream, Stop> {
    if !ways.ids.allow(id) {
        tracing::warn!("reader: its profile is not for {:04x}:{:04x}", id.vendor, id.product);
        return Err(Stop::ReaderPipes);
    }
    let place = locate(id, bus)?;
    let transfers = bus.bus().open(&place, ways.interface, ways.transfer).map_err(stop)?;
    let (class, endpoints) = transfers.endpoints();
    let pipes = pipes(ways, class, &endpoints).ok_or_else(|| {
        tracing::warn!("reader: interface of class {class:02x} has {endpoints:02x?}");
        Stop::ReaderPipes
    })?;
    tracing::info!("reader: USB device at {place}, {pipes:02x?}");
    Ok(UsbStream::new(transfers, pipes, ways, &endpoints))
}

/// Classes of interfaces whose bulk pipes carry something else: audio, HID, pictures, printers, mass
/// storage, data of a serial line, smart cards, video. A device that says so is no reader by itself.
const OTHER_CLASSES: [u8; 8] = [0x01, 0x03, 0x06, 0x07, 0x08, 0x0A, 0x0B, 0x0E];

/// Which pipes to use: those of the profile when the interface has them, or those it has.
fn pipes(ways: &UsbWays, class: u8, endpoints: &[Endpoint]) -> Option<Pipes> {
    let fit = |endpoint: &&Endpoint| endpoint.transfer == Some(ways.transfer);
    let has = |address: u8| endpoints.iter().filter(fit).any(|e| e.address == address);
    match ways.pipes {
        Pipes::One { out, into } => ((out == 0 || has(out)) && has(into)).then_some(ways.pipes),
        Pipes::Two { out, into } => out.into_iter().chain(into).all(has).then_some(ways.pipes),
        Pipes::Probe if ways.transfer == Transfer::Bulk && OTHER_CLASSES.contains(&class) => None,
        Pipes::Probe => {
            let side = |into: bool| {
                let of_side = endpoints.iter().filter(fit).map(|e| e.address);
                of_side.filter(move |address| (address & 0x80 != 0) == into)
            };
            let (out, into): (Vec<_>, Vec<_>) = (side(false).collect(), side(true).collect());
            match (out.as_slice(), into.as_slice()) {
                ([out], [into]) => Some(Pipes::One { out: *out, into: *into }),
                ([a, b], [c, d]) => Some(Pipes::Two { out: [*a, *b], into: [*c, *d] }),
                _ => None,
            }
        }
    }
}

/// What an error at opening means for the reader.
fn stop(error: UsbError) -> Stop {
    match error {
        UsbError::Forbidden => Stop::ReaderForbidden,
        UsbError::Busy => Stop::ReaderBusy,
        UsbError::NoSuch => Stop::ReaderPipes,
        UsbError::Gone | UsbError::Stalled | UsbError::TimedOut | UsbError::Failed => {
            Stop::ReaderAbsent
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(address: u8, transfer: Transfer) -> Endpoint {
        Endpoint { address, transfer: Some(transfer), packet: 64 }
    }

    #[test]
    fn pipes_are_those_of_the_profile_or_those_there_are() {
        let bulk = |addresses: &[u8]| -> Vec<_> {
            addresses.iter().map(|address| endpoint(*address, Transfer::Bulk)).collect()
        };
        let probe = |addresses: &[u8]| pipes(&UsbWays::UNKNOWN, 0xFF, &bulk(addresses));
        assert_eq!(probe(&[0x02, 0x81]), Some(Pipes::One { out: 0x02, into: 0x81 }));
        let two = Pipes::Two { out: [0x02, 0x06], into: [0x81, 0x85] };
        assert_eq!(probe(&[0x02, 0x81, 0x06, 0x85]), Some(two));
        assert_eq!(probe(&[0x81, 0x85, 0x02, 0x06]), Some(two));
        for odd in [&[] as &[u8], &[0x02], &[0x81], &[0x02, 0x81, 0x82], &[1, 2, 3, 0x81]] {
            assert_eq!(probe(odd), None, "{odd:02x?}");
        }
        // Storage, smart cards and the data of a serial line have one pair of bulk pipes, too.
        for class in OTHER_CLASSES {
            assert_eq!(pipes(&UsbWays::UNKNOWN, class, &bulk(&[0x02, 0x81])), None);
        }
        let named = UsbWays { pipes: two, ..UsbWays::UNKNOWN };
        assert_eq!(pipes(&named, 0x03, &bulk(&[0x02, 0x81, 0x06, 0x85])), Some(two));
        assert_eq!(pipes(&named, 0xFF, &bulk(&[0x02, 0x81, 0x06])), None);
    }

    #[test]
    fn reports_go_through_interrupt_endpoints_or_the_control_pipe() {
        let interrupts = [endpoint(0x81, Transfer::Interrupt), endpoint(0x02, Transfer::Bulk)];
        let hid = UsbWays { transfer: Transfer::Interrupt, ..UsbWays::UNKNOWN };
        let one = |out| UsbWays { pipes: Pipes::One { out, into: 0x81 }, ..hid };
        assert_eq!(pipes(&one(0), 0x03, &interrupts), Some(one(0).pipes));
        assert_eq!(pipes(&one(0x02), 0x03, &interrupts), None);
        assert_eq!(pipes(&hid, 0x03, &interrupts), None, "the control pipe is not guessed");
    }

    #[test]
    fn a_machine_without_a_bus_has_no_reader() {
        let id = UsbId { vendor: 0x0400, product: 0xC35A, serial: Some("no such".into()) };
        assert_eq!(locate(&id, &UsbBus::default()), Err(Stop::ReaderAbsent));
    }
}
