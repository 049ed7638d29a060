//! A receipt printer on a pseudo-terminal: takes the bytes of ESC/POS at a printer's pace, answers
//! what it is asked, and turns what it was sent back into [paper](super::paper).
//!
//! State: the mechanism — what it has taken in, its modes, the line that is being put together,
//! the paper — shared between the handle and the thread that serves the line. It survives a pulled
//! plug, as a printer with a power supply of its own does.
//!
//! Knows nothing of the kiosk's own encoder, so that the two cannot share a mistake.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{
    mechanism::Mechanism,
    paper::Slip,
    plug::{Line, Plug},
    pty::{Heard, Pty},
};

/// How the printer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrinterOptions {
    /// Line rate, at which it answers.
    pub baud: u32,
    /// A name that stays the same when the printer is plugged in again.
    pub link: Option<PathBuf>,
    /// How long a line takes to print.
    pub line_time: Duration,
    /// Whether it knows `DLE DC4 8`.
    pub clears: bool,
    /// Where each slip is written as a picture and as text as soon as it is cut off, and for a roll
    /// of how many columns.
    pub out: Option<(PathBuf, usize)>,
}

impl Default for PrinterOptions {
    fn default() -> Self {
        // 250 mm a second: a good printer.
        let line_time = Duration::from_millis(15);
        Self { baud: 115_200, link: None, line_time, clears: true, out: None }
    }
}

/// Something that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrinterFault {
    /// The roll ends after so many more lines.
    PaperEndsAfter(usize),
    /// The cover is opened after so many more lines.
    OpensAfter(usize),
    /// The knife or the head fails after so many more lines.
    FailsAfter(usize),
    /// It goes off line after so many more lines, and names no reason.
    OfflineAfter(usize),
    /// Somebody holds the button that feeds paper, after so many more lines.
    ButtonAfter(usize),
    /// From now on each status answer comes when the next question does.
    AnswersOneLate,
    /// The cable is pulled when so many more bytes have arrived.
    UnpluggedAfter(usize),
    /// It answers nothing any more when so many more bytes have arrived.
    SilentAfter(usize),
}

/// The simulated printer. Dropping it pulls its plug.
pub struct SimulatedPrinter {
    options: PrinterOptions,
    mechanism: Arc<Mutex<Mechanism>>,
    plug: Option<Plug>,
    path: PathBuf,
}

impl SimulatedPrinter {
    /// Plugs a printer in, with paper in it and its cover closed.
    ///
    /// # Errors
    /// When the system gives no pseudo-terminal, or the link cannot be made.
    pub fn start(options: PrinterOptions) -> io::Result<Self> {
        let mechanism = Mechanism::new(options.line_time, options.clears, options.out.clone());
        let mechanism = Arc::new(Mutex::new(mechanism));
        let mut printer = Self { options, mechanism, plug: None, path: PathBuf::new() };
        printer.replug()?;
        Ok(printer)
    }

    /// The port to open. With a link it is the link and stays the same.
    pub fn port(&self) -> &Path {
        &self.path
    }

    /// Plans that something goes wrong.
    pub fn plan(&self, fault: PrinterFault) {
        self.mechanism().plan(fault);
    }

    /// Everything is well again: paper, cover, knife, answers; and nothing is planned.
    pub fn mend(&self) {
        self.mechanism().mend();
    }

    /// From now on writes each slip that is cut off into `directory`, as a picture and as text, on
    /// a roll of so many columns.
    pub fn write_to(&self, directory: &Path, columns: usize) {
        self.mechanism().write_to(directory, columns);
    }

    /// The pieces of paper that were cut off, in order.
    pub fn slips(&self) -> Vec<Slip> {
        self.mechanism().slips().to_vec()
    }

    /// What is on the paper that was not cut off.
    pub fn hanging(&self) -> Slip {
        self.mechanism().hanging().clone()
    }

    /// Bytes that are no commands it knows. A slip of ours has none.
    pub fn unknown(&self) -> usize {
        self.mechanism().unknown()
    }

    /// Pulls the cable. The printer stays on: what it has taken in whole it prints.
    pub fn unplug(&mut self) {
        self.plug = None;
    }

    /// Plugs the cable in again.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn replug(&mut self) -> io::Result<()> {
        self.unplug();
        let pty = Pty::open(self.options.link.as_deref())?;
        pty.path().clone_into(&mut self.path);
        let mechanism = Arc::clone(&self.mechanism);
        let plug = Plug::serve("simulated printer", pty, self.options.baud, move |line| {
            let served = serve(&line, &mechanism);
            // The port goes first: nobody speaks to a printer that still works off what it has.
            drop(line);
            lock(&mechanism).finish();
            served
        });
        self.plug = Some(plug?);
        Ok(())
    }

    fn mechanism(&self) -> MutexGuard<'_, Mechanism> {
        lock(&self.mechanism)
    }
}

fn lock(mechanism: &Mutex<Mechanism>) -> MutexGuard<'_, Mechanism> {
    // The state is whole between any two statements that change it.
    mechanism.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(line: &Line, mechanism: &Mutex<Mechanism>) -> io::Result<()> {
    let mut buffer = [0; 256];
    loop {
        let patience = lock(mechanism).due(Instant::now());
        let count = match line.hear(&mut buffer, patience)? {
            Heard::Unplugged => return Ok(()),
            Heard::Nothing => 0,
            Heard::Bytes(count) => count,
        };
        let (answer, pulled) = {
            let mut mechanism = lock(mechanism);
            let pulled = mechanism.take_in(&buffer[..count]);
            mechanism.work(Instant::now());
            (mechanism.answer(), pulled)
        };
        if pulled {
            return Ok(());
        }
        if !answer.is_empty() {
            line.say(&answer, Instant::now())?;
        }
    }
}
