//! An open port: sends a request, lets the [`Ear`] hear the answer. State: the port and the ear.

use std::{
    io::{self, ErrorKind, Read, Write},
    path::Path,
    sync::mpsc::{Receiver, TryRecvError},
    time::{Duration, Instant},
};

use serialport::{ClearBuffer, SerialPort};
use zeroize::Zeroizing;

use super::{
    ear::Ear,
    frame::Request,
    profile::{Limits, longer},
    session::Outcome,
};
use crate::domain::Stop;

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

/// An open port.
pub(super) struct Line {
    port: Box<dyn SerialPort>,
    baud: u32,
    limits: Limits,
    ear: Ear,
    opened: Instant,
}

impl Line {
    /// Opens the port at `path`.
    ///
    /// # Errors
    /// Says why it cannot be opened.
    pub(super) fn open(path: &Path, baud: u32, limits: Limits) -> Result<Self, Stop> {
        let path = path.to_str().ok_or(Stop::ReaderAbsent)?;
        // Eight data bits, no parity, one stop bit, no flow control, exclusive and raw are what
        // the builder begins with; written out because the protocol depends on each of them.
        let port = serialport::new(path, baud)
            .data_bits(serialport::DataBits::Eight)
            .parity(serialport::Parity::None)
            .stop_bits(serialport::StopBits::One)
            .flow_control(serialport::FlowControl::None)
            .timeout(SLICE);
        #[cfg(unix)]
        let port = port.exclusive(true);
        let port = port.open().map_err(|error| {
            tracing::debug!("reader: not opened: {error}");
            match error.kind() {
                serialport::ErrorKind::Io(ErrorKind::PermissionDenied) => Stop::ReaderForbidden,
                // This is how the crate reports a port that another program holds.
                serialport::ErrorKind::NoDevice => Stop::ReaderBusy,
                _ => Stop::ReaderAbsent,
            }
        })?;
        Ok(Self { port, baud, limits, ear: Ear::default(), opened: Instant::now() })
    }

    /// Sends and receives at another rate from now on.
    ///
    /// # Errors
    /// When the port is lost.
    pub(super) fn set_baud(&mut self, baud: u32) -> Result<(), End> {
        self.port.set_baud_rate(baud).map_err(|_| End::Lost(Stop::ReaderAbsent))?;
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
        let gone = |_| End::Lost(Stop::ReaderAbsent);
        let flushed = self.port.bytes_to_read().map_err(gone)?;
        self.port.clear(ClearBuffer::Input).map_err(gone)?;
        let now = self.opened.elapsed();
        self.ear.begin(request, limit, self.limits.gap, flushed as usize, now);
        match self.port.write_all(&request.encode()) {
            Ok(()) => self.receive(stopped),
            Err(error) if error.kind() == ErrorKind::TimedOut => Ok(Outcome::Silent),
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
            // The port counts whole milliseconds, and with none it would not wait at all.
            let wait = left.clamp(Duration::from_millis(1), SLICE);
            self.port.set_timeout(wait).map_err(|_| End::Lost(Stop::ReaderAbsent))?;
            let piece = match self.port.read(buffer.as_mut()) {
                // The line was hung up.
                Ok(0) => return Err(End::Lost(Stop::ReaderAbsent)),
                Ok(count) => &buffer[..count],
                Err(error) if error.kind() == ErrorKind::TimedOut => &[],
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(lost(&error)),
            };
            if stopped.try_recv() != Err(TryRecvError::Empty) {
                return Err(End::Stopped);
            }
            if let Some(outcome) = self.ear.take(piece, self.opened.elapsed()) {
                return Ok(outcome);
            }
        }
    }

    pub(super) fn log(&self, end: End) {
        tracing::info!("reader: port closed, {end:?}, {}", self.ear.counts());
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        // Closing a port waits until its output is sent, which on a dead line would take long.
        let _ = self.port.clear(ClearBuffer::All);
    }
}

/// An error of an open port: it was pulled out, whatever the system calls it.
fn lost(error: &io::Error) -> End {
    tracing::info!("reader: port lost: {error}");
    End::Lost(Stop::ReaderAbsent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_none_says_so() {
        let open = |port: &str| Line::open(Path::new(port), 115_200, Limits::USUAL).err();
        assert_eq!(open("/nonexistent/port"), Some(Stop::ReaderAbsent));
        assert_eq!(open("/dev/null"), Some(Stop::ReaderAbsent));
        assert_eq!(open(env!("CARGO_MANIFEST_DIR")), Some(Stop::ReaderAbsent));
    }
}
