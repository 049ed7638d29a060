//! The slip printer: from a [`Slip`] to paper, and to the news that the paper is out.
//!
//! | file | responsible for | state |
//! | --- | --- | --- |
//! | [`slip`] | what is to be printed | the texts, overwritten when dropped |
//! | [`text`] | columns, line breaks, characters that the printer lacks | none |
//! | [`escpos`] | a slip as bytes | none |
//! | [`status`] | answers out of bytes, and what they say about the printer | one unfinished answer |
//! | [`profile`] | how makes of printers differ | none |
//! | `line` | sending and receiving on a port | the open port |
//! | [`driver`] | the printer's thread | the job, and whether anything of one is left over there |
//!
//! A slip is printed now or not at all: there is no queue and nothing is kept on a disk. What a
//! printer may still hold of a job that failed is thrown away before it prints anything else.
//! A job counts as printed only when the printer has said so; with one that tells nothing but its
//! status, when that stayed good for as long as printing takes.
//!
//! The commands are those of ESC/POS that makers of receipt printers publish; in what makes of
//! printers differ is in [`profile::Profile`].

use std::path::PathBuf;

use kiosk_base::domain::Stop;

pub mod driver;
pub mod escpos;
mod line;
pub mod profile;
pub mod slip;
pub mod status;
pub mod text;

pub use driver::{Job, Printer, print_once};
pub use profile::Profile;
pub use slip::{Item, Slip};

/// What the printer tells the kiosk. Sent from the printer's own thread, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrinterEvent {
    /// The printer's state changed.
    Status(PrinterStatus),
    /// A job has come to its end. `Ok` only when the printer confirmed it; sent once for each job
    /// that was not cancelled.
    Done {
        /// Which job.
        job: Job,
        /// Why it is not printed, or not known to be.
        outcome: Result<(), Stop>,
    },
}

/// Whether the printer can serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrinterStatus {
    /// Being opened for the first time.
    Starting,
    /// Waiting for a slip, or printing one.
    Ready {
        /// The roll is nearly at its end.
        low_paper: bool,
    },
    /// Out of service; the driver keeps trying to get it back.
    Down(Stop),
}

/// Where the printer is and how it behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrinterSettings {
    /// Where it is plugged in.
    pub port: Port,
    /// Width of its roll.
    pub paper: Paper,
    /// The make's behaviour.
    pub profile: Profile,
}

impl PrinterSettings {
    /// The simulated printer at this path.
    pub fn simulated(path: impl Into<PathBuf>, paper: Paper) -> Self {
        let port = Port::Serial { path: path.into(), baud: 115_200 };
        Self { port, paper, profile: Profile::UNKNOWN }
    }
}

/// Where a printer is plugged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Port {
    /// A serial port, or a USB converter that is one.
    Serial {
        /// Its path, `/dev/ttyUSB1`.
        path: PathBuf,
        /// Its line rate.
        baud: u32,
    },
    /// A printer's own USB device, which has no line rate: `/dev/usb/lp0`.
    Device(PathBuf),
}

impl Port {
    /// The path, for a report.
    pub fn words(&self) -> String {
        match self {
            Self::Serial { path, .. } | Self::Device(path) => path.display().to_string(),
        }
    }
}

/// Width of a roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    /// 58 mm, of which 48 are printed: 384 dots.
    Mm58,
    /// 80 mm, of which 72 are printed: 576 dots.
    Mm80,
}

impl Paper {
    /// Columns of 12 dots. A Han character takes two.
    pub fn columns(self) -> usize {
        match self {
            Self::Mm58 => 32,
            Self::Mm80 => 48,
        }
    }

    /// Dots from edge to edge of what is printed, 8 to a millimetre.
    pub fn dots(self) -> usize {
        self.columns() * 12
    }
}
