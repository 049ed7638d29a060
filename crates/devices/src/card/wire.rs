//! What carries the bytes between kiosk and reader: a serial port, or a USB device. State: the open
//! port.

use std::{
    io::{self, ErrorKind, Read, Write},
    path::Path,
    time::Duration,
};

use kiosk_base::domain::Stop;
use serialport::{ClearBuffer, SerialPort};

/// Bytes to a reader and from it. Every error means that the reader is lost.
pub(super) trait Wire: Send {
    /// Throws away what has arrived; says how many bytes.
    fn flush(&mut self) -> io::Result<usize>;

    /// Sends all of `bytes`, within `limit`; says whether the reader took them.
    fn send(&mut self, bytes: &[u8], limit: Duration) -> io::Result<bool>;

    /// Takes what arrives within `wait`: 0 bytes when nothing does.
    fn receive(&mut self, buffer: &mut [u8], wait: Duration) -> io::Result<usize>;

    /// Sends and receives at another rate, where there are rates.
    fn set_baud(&mut self, baud: u32) -> io::Result<()>;
}

/// A serial port.
pub(super) struct SerialWire(Box<dyn SerialPort>);

impl SerialWire {
    /// Opens the port at `path`.
    ///
    /// # Errors
    /// Says why it cannot be opened.
    pub(super) fn open(path: &Path, baud: u32) -> Result<Self, Stop> {
        let path = path.to_str().ok_or(Stop::ReaderAbsent)?;
        // Eight data bits, no parity, one stop bit, no flow control, exclusive and raw are what
        // the builder begins with; written out because the protocol depends on each of them.
        let port = serialport::new(path, baud)
            .data_bits(serialport::DataBits::Eight)
            .parity(serialport::Parity::None)
            .stop_bits(serialport::StopBits::One)
            .flow_control(serialport::FlowControl::None);
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
        Ok(Self(port))
    }
}

impl Wire for SerialWire {
    fn flush(&mut self) -> io::Result<usize> {
        let flushed = self.0.bytes_to_read()?;
        self.0.clear(ClearBuffer::Input)?;
        Ok(flushed as usize)
    }

    fn send(&mut self, bytes: &[u8], limit: Duration) -> io::Result<bool> {
        self.0.set_timeout(limit)?;
        match self.0.write_all(bytes) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::TimedOut => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn receive(&mut self, buffer: &mut [u8], wait: Duration) -> io::Result<usize> {
        // The port counts whole milliseconds, and with none it would not wait at all.
        self.0.set_timeout(wait.max(Duration::from_millis(1)))?;
        match self.0.read(buffer) {
            // The line was hung up.
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Err(error) if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::Interrupted) => {
                Ok(0)
            }
            read => read,
        }
    }

    fn set_baud(&mut self, baud: u32) -> io::Result<()> {
        Ok(self.0.set_baud_rate(baud)?)
    }
}

impl Drop for SerialWire {
    fn drop(&mut self) {
        // Closing a port waits until its output is sent, which on a dead line would take long.
        let _ = self.0.clear(ClearBuffer::All);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_none_says_so() {
        let open = |port: &str| SerialWire::open(Path::new(port), 115_200).err();
        assert_eq!(open("/nonexistent/port"), Some(Stop::ReaderAbsent));
        assert_eq!(open("/dev/null"), Some(Stop::ReaderAbsent));
        assert_eq!(open(env!("CARGO_MANIFEST_DIR")), Some(Stop::ReaderAbsent));
    }
}
