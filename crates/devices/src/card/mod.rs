//! The card reader: from the bytes on a line to a document, and to the news that the card
//! is gone.
//!
//! | file | responsible for | state |
//! | --- | --- | --- |
//! | [`frame`] | requests as bytes, answers out of bytes | one unfinished frame |
//! | [`ear`] | hearing the answer to one request, within its limits | the request under way |
//! | [`document`] | what the bytes of an answer say about a document | none |
//! | [`session`] | what to ask next, and what follows from an answer | the card that lies there |
//! | [`sam_id`] | which module answers | none |
//! | [`profile`] | how makes of readers differ | none |
//! | [`port`] | where the reader is plugged in | none |
//! | [`usb`] | a reader that is a USB device itself | its pipes |
//! | [`trouble`] | failures with their counts | the counts of the day |
//! | `line` | a request and its answer | the open line |
//! | `wire` | what carries the bytes | the open port |
//! | [`driver`] | the reader's thread | what is known about the reader |
//! | [`social_security`] | what to ask a social-security card, and what it says | the card's power |
//! | [`contact`] | a contact slot's thread | the card that is in it |
//! | `pcsc` | a contact slot over PC/SC, in builds with that feature | what the service said last |
//!
//! Facts about the protocol and the documents come from code and tables that are public; what is
//! uncertain about makes of readers is in [`profile::Profile`].

use std::path::PathBuf;

use kiosk_base::domain::{Document, Stop};

pub mod contact;
pub mod document;
pub mod driver;
pub mod ear;
pub mod frame;
pub mod handbook;
mod line;
#[cfg(feature = "pcsc")]
pub mod pcsc;
pub mod port;
pub mod profile;
pub mod sam_id;
pub mod session;
pub mod social_security;
pub mod trouble;
pub mod usb;
#[cfg(test)]
mod vectors;
mod wire;

pub use contact::{ContactReader, SlotSettings};
pub use driver::{ReadError, Reader, read_document};
pub use port::{Port, PortTree, UsbId};
pub use profile::Profile;
pub use sam_id::SamId;
pub use trouble::{Tally, Trouble};
pub use usb::UsbBus;

/// What the reader tells the kiosk. Sent from the reader's own thread, in order.
///
/// Each time a card is laid there is one `CardFound`, then at most one `Failed` and at most one
/// `Read` (a card that lay badly may still be read), and one `CardRemoved` at the end. Without either
/// before it, not the card is gone but the reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReaderEvent {
    /// The reader's state changed.
    Status(ReaderStatus),
    /// A card was found and is being read.
    CardFound,
    /// The card was read completely and checked. Sent once for each time a card is laid.
    Read(Box<Document>),
    /// The card could not be read; says why. The card may still lie there, and it is tried again
    /// as long as it does.
    Failed(Stop),
    /// The card that was found is gone, or the reader is.
    CardRemoved,
    /// The security module said its number: before the reader is ready, each time its port was
    /// opened.
    Module(SamId),
    /// Something failed, perhaps to be tried again silently: for the staff, never for residents.
    Trouble(Trouble),
}

/// Whether the reader can serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReaderStatus {
    /// Being opened for the first time.
    Starting,
    /// Waiting for a card, or working with one.
    Ready,
    /// Out of service; the driver keeps trying to get it back.
    Down(Stop),
}

/// Where the reader is and how it behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderSettings {
    /// Where it is plugged in.
    pub port: Port,
    /// Line rate of a serial port.
    pub baud: Baud,
    /// The make's behaviour.
    pub profile: Profile,
    /// Where ports are looked for.
    pub tree: PortTree,
    /// Where USB devices are looked for.
    pub bus: UsbBus,
}

impl ReaderSettings {
    /// A reader about which nothing is known, at this path, at the usual rate.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self {
            port: Port::At(path.into(), None),
            baud: Baud::Fixed(115_200),
            profile: Profile::UNKNOWN,
            tree: PortTree::default(),
            bus: UsbBus::default(),
        }
    }

    /// Where the reader is at this moment, in words: a path, or a place on the bus.
    ///
    /// # Errors
    /// As for [`port::resolve`] and [`usb::locate`].
    pub fn place(&self) -> Result<String, Stop> {
        match &self.port {
            Port::Direct(id) => usb::locate(id, &self.bus).map(|place| format!("USB {place}")),
            port => port::resolve(port, &self.tree).map(|path| path.display().to_string()),
        }
    }

    /// The simulated reader at this path.
    pub fn simulated(path: impl Into<PathBuf>) -> Self {
        Self { profile: Profile::SIMULATOR, ..Self::at(path) }
    }
}

/// Line rate of a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Baud {
    /// This one.
    Fixed(u32),
    /// Whichever of the five the reader answers at.
    Probe,
}
