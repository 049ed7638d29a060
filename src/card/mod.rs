//! The card reader: from the bytes on a serial line to a document, and to the news that the card
//! is gone.
//!
//! | file | responsible for | state |
//! | --- | --- | --- |
//! | [`frame`] | requests as bytes, answers out of bytes | one unfinished frame |
//! | [`document`] | what the bytes of an answer say about a document | none |
//! | [`session`] | what to ask next, and what follows from an answer | the card that lies there |
//! | [`social_security`] | what to ask a social-security card over a contact reader | the card's power |
//! | [`driver`] | the port, its limits in time, the reader's thread | the open port |
//! | [`social_security`] | what to ask a social-security card, and what it says | none |
//! | `pcsc` | a contact slot by PC/SC, in builds with that feature | none |
//!
//! Facts about the protocol and the documents come from code and tables that are public; what is
//! uncertain about makes of readers is in [`session::Profile`].

use std::time::Duration;

use crate::domain::{Document, Stop};

pub mod document;
pub mod driver;
pub mod frame;
#[cfg(feature = "pcsc")]
pub mod pcsc;
pub mod session;
pub mod social_security;
#[cfg(test)]
mod vectors;

pub use driver::{ReadError, Reader, read_document};

/// What the reader tells the kiosk. Sent from the reader's own thread, in order.
///
/// Each time a card is laid there is one `CardFound`, then at most one `Failed` and at most one
/// `Read` (a card that lay badly may still be read), and one `CardRemoved` at the end.
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
    /// Path of the serial port.
    pub port: String,
    /// Line rate; 115200 unless the reader was set otherwise.
    pub baud: u32,
    /// Pause between two attempts to find a card.
    pub poll: Duration,
}
