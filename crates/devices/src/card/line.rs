//! An open line to a reader: sends a request, lets the [`Ear`] hear the answer. State: what carries
//! the bytes, and the ear.

use std::{
    io,
    sync::mpsc::{Receiver, TryRecvError},
    time::{Duration, Instant},
};

use kiosk_base::domain::Stop;
use zeroize::Zeroizing;

use super::{
    ear::Ear,
    frame::Request,
    profile::{Limits, longer},
    session::Outcome,
    wire::Wire,
};

/// Longest wait inside the port, so that the thread can be stopped.
const SLICE: Duration = Duration::from_millis(100);

/// Why work with a port ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The thread is to end.
    Stopped,
    /// The port has to be opened anew; says what was in the way.
    Lost(Stop),
}

/// An open line.
pub(super) struct Line {
    wire: Box<dyn Wire>,
    baud: u32,
    limits: Limits,
    ear: Ear,
    opened: Instant,
}

impl Line {
    /// Over `wire`, which was just opened. What has no rate counts as fast as the fastest.
    pub(super) fn new(wire: Box<dyn Wire>, baud: u32, limits: Limits) -> Self {
        Self { wire, baud, limits, ear: Ear::default(), opened: Instant::now() }
    }

    /// Sends and receives at another rate from now on.
    ///
    /// # Errors
    /// When the port is lost.
    pub(super) fn set_baud(&mut self, baud: u32) -> Result<(), End> {
        self.wire.set_baud(baud).map_err(|error| lost(&error))?;
        self.baud = baud;
        Ok(())
    }

    /// Sends `request` and waits for its answer, as long as its limit says.
    ///
    /// # Errors
    /// When the port is lost, or the thread is to end.
    pub(super) fn exchange(
        &mut self,
        request: Request,
        stopped: &Receiver<()>,
    ) -> Result<Outcome, End> {
        self.exchange_within(request, self.limits.of(request, self.baud), stopped)
    }

    /// The same within a limit that holds at 115200 baud.
    ///
    /// # Errors
    /// As for [`exchange`](Self::exchange).
    pub(super) fn exchange_quickly(
        &mut self,
        request: Request,
        limit: Duration,
        stopped: &Receiver<()>,
    ) -> Result<Outcome, End> {
        self.exchange_within(request, limit + longer(40, self.baud), stopped)
    }

    fn exchange_within(
        &mut self,
        request: Request,
        limit: Duration,
        stopped: &Receiver<()>,
    ) -> Result<Outcome, End> {
        let flushed = self.wire.flush().map_err(|error| lost(&error))?;
        let now = self.opened.elapsed();
        self.ear.begin(request, limit, self.limits.gap, flushed, now);
        match self.wire.send(&request.encode(), SLICE) {
            Ok(true) => self.receive(stopped),
            Ok(false) => Ok(Outcome::Silent),
            Err(error) => Err(lost(&error)),
        }
    }

    fn receive(&mut self, stopped: &Receiver<()>) -> Result<Outcome, End> {
        let mut buffer = Zeroizing::new([0; 1024]);
        loop {
            let left = match self.ear.wait(self.opened.elapsed()) {
                Ok(left) => left,
                Err(outcome) => return Ok(outcome),
            };
            let heard = self.wire.receive(buffer.as_mut(), left.min(SLICE));
            let count = heard.map_err(|error| lost(&error))?;
            if stopped.try_recv() != Err(TryRecvError::Empty) {
                return Err(End::Stopped);
            }
            if let Some(outcome) = self.ear.take(&buffer[..count], self.opened.elapsed()) {
                return Ok(outcome);
            }
        }
    }

    pub(super) fn log(&self, end: End) {
        tracing::info!("reader: port closed, {end:?}, {}", self.ear.counts());
    }
}

/// An error of an open port: it was pulled out, whatever the system calls it.
fn lost(error: &io::Error) -> End {
    tracing::info!("reader: port lost: {error}");
    End::Lost(Stop::ReaderAbsent)
}
