//! The card reader.

use std::time::Duration;

use crate::domain::{Document, Stop};

/// What the reader tells the kiosk. Sent from the reader's own thread, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReaderEvent {
    /// The reader's state changed.
    Status(ReaderStatus),
    /// A card was found and is being read.
    CardFound,
    /// The card was read completely and checked. Sent once for each time a card is laid.
    Read(Box<Document>),
    /// The card could not be read; says why. The card may still lie there.
    Failed(Stop),
    /// The card that was read, or whose reading failed, is gone.
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
