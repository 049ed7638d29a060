//! An open port: sends, and hears what the printer says. State: the port, and the answers that
//! nobody has taken yet.

use std::{
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    os::{fd::AsFd, unix::fs::OpenOptionsExt},
    path::Path,
    time::{Duration, Instant},
};

use kiosk_base::domain::Stop;
use nix::{
    errno::Errno,
    fcntl::OFlag,
    poll::{PollFd, PollFlags, PollTimeout, poll},
};
use serialport::{ClearBuffer, SerialPort};

use super::{
    Port,
    status::{Answer, Answers},
};

/// Longest wait inside the port, so that the thread can be stopped and a job cancelled.
pub(super) const SLICE: Duration = Duration::from_millis(50);
/// Most answers that wait to be taken; more is noise.
const ANSWERS_MAX: usize = 64;

/// An open port.
pub(super) struct Line {
    port: Open,
    answers: Answers,
    heard: Vec<Answer>,
}

enum Open {
    Serial(Box<dyn SerialPort>),
    /// Without waiting: what cannot be read or written at once says so.
    Device(File),
}

impl Line {
    /// Opens a port.
    ///
    /// # Errors
    /// Says why it cannot be opened.
    pub(super) fn open(port: &Port) -> Result<Self, Stop> {
        let port = match port {
            Port::Serial { path, baud } => Open::Serial(open_serial(path, *baud)?),
            Port::Device(path) => Open::Device(open_device(path)?),
        };
        Ok(Self { port, answers: Answers::default(), heard: Vec::new() })
    }

    /// Sends `bytes` within `limit`; says how many of them the printer took.
    ///
    /// # Errors
    /// [`Stop::PrinterAbsent`] when the port is lost.
    pub(super) fn send(&mut self, bytes: &[u8], limit: Duration) -> Result<usize, Stop> {
        let deadline = Instant::now() + limit;
        let mut sent = 0;
        while sent < bytes.len() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            sent += self.port.write(&bytes[sent..], left.min(SLICE)).map_err(lost)?;
        }
        Ok(sent)
    }

    /// Listens up to `wait`, and no longer than until something is heard.
    ///
    /// # Errors
    /// [`Stop::PrinterAbsent`] when the port is lost.
    pub(super) fn listen(&mut self, wait: Duration) -> Result<(), Stop> {
        let mut buffer = [0; 64];
        let count = self.port.read(&mut buffer, wait.min(SLICE)).map_err(lost)?;
        for byte in &buffer[..count] {
            if let Some(answer) = self.answers.push(*byte)
                && self.heard.len() < ANSWERS_MAX
            {
                self.heard.push(answer);
            }
        }
        Ok(())
    }

    /// Takes the first answer that `wanted` picks.
    pub(super) fn take<T>(&mut self, wanted: impl Fn(Answer) -> Option<T>) -> Option<T> {
        let (at, found) =
            self.heard.iter().enumerate().find_map(|(at, heard)| Some((at, wanted(*heard)?)))?;
        self.heard.remove(at);
        Some(found)
    }

    /// Forgets the answers that `old` picks.
    pub(super) fn forget(&mut self, old: impl Fn(Answer) -> bool) {
        self.heard.retain(|heard| !old(*heard));
    }

    /// Throws away what waits in the port to be sent, where the port can do that.
    pub(super) fn drop_output(&mut self) {
        if let Open::Serial(port) = &self.port {
            // A port that is lost has nothing left to send.
            let _ = port.clear(ClearBuffer::Output);
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        // Closing a port waits until its output is sent, which on a dead line would take long.
        self.drop_output();
    }
}

fn open_serial(path: &Path, baud: u32) -> Result<Box<dyn SerialPort>, Stop> {
    let path = path.to_str().ok_or(Stop::PrinterAbsent)?;
    let port = serialport::new(path, baud)
        .data_bits(serialport::DataBits::Eight)
        .parity(serialport::Parity::None)
        .stop_bits(serialport::StopBits::One)
        .flow_control(serialport::FlowControl::None)
        .timeout(SLICE)
        .exclusive(true);
    port.open().map_err(|error| {
        tracing::debug!("printer: not opened: {error}");
        match error.kind() {
            serialport::ErrorKind::Io(ErrorKind::PermissionDenied) => Stop::PrinterForbidden,
            // This is how the crate reports a port that another program holds.
            serialport::ErrorKind::NoDevice => Stop::PrinterBusy,
            _ => Stop::PrinterAbsent,
        }
    })
}

fn open_device(path: &Path) -> Result<File, Stop> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags((OFlag::O_NONBLOCK | OFlag::O_NOCTTY).bits())
        .open(path)
        .and_then(|file| {
            let kind =
                std::os::unix::fs::FileTypeExt::is_char_device(&file.metadata()?.file_type());
            // A plain file would take every slip and keep it.
            if kind { Ok(file) } else { Err(ErrorKind::NotFound.into()) }
        });
    file.map_err(|error| {
        tracing::debug!("printer: not opened: {error}");
        match error.raw_os_error().map(Errno::from_raw) {
            Some(Errno::EACCES | Errno::EPERM) => Stop::PrinterForbidden,
            Some(Errno::EBUSY) => Stop::PrinterBusy,
            _ => Stop::PrinterAbsent,
        }
    })
}

/// An error of an open port: it was pulled out, whatever the system calls it.
fn lost(error: io::Error) -> Stop {
    tracing::info!("printer: port lost: {error}");
    Stop::PrinterAbsent
}

impl Open {
    /// Reads what there is, waiting up to `wait`; 0 when there is nothing.
    fn read(&mut self, buffer: &mut [u8], wait: Duration) -> io::Result<usize> {
        match self {
            Self::Serial(port) => {
                // The port counts whole milliseconds, and with none it would not wait at all.
                port.set_timeout(wait.max(Duration::from_millis(1)))?;
                match port.read(buffer) {
                    // The line was hung up.
                    Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
                    read => unless_later(read),
                }
            }
            Self::Device(file) => {
                ready(file, PollFlags::POLLIN, wait)?;
                unless_later(file.read(buffer))
            }
        }
    }

    /// Writes what is taken, waiting up to `wait`; 0 when nothing is.
    fn write(&mut self, bytes: &[u8], wait: Duration) -> io::Result<usize> {
        match self {
            Self::Serial(port) => {
                port.set_timeout(wait.max(Duration::from_millis(1)))?;
                unless_later(port.write(bytes))
            }
            Self::Device(file) => {
                ready(file, PollFlags::POLLOUT, wait)?;
                unless_later(file.write(bytes))
            }
        }
    }
}

/// Waits until the device is ready or the time is over.
fn ready(file: &File, what: PollFlags, wait: Duration) -> io::Result<()> {
    let timeout = PollTimeout::try_from(wait).map_err(io::Error::other)?;
    let mut watched = [PollFd::new(file.as_fd(), what)];
    match poll(&mut watched, timeout) {
        Ok(_) | Err(Errno::EINTR) => {}
        Err(error) => return Err(error.into()),
    }
    let gone = PollFlags::POLLHUP | PollFlags::POLLERR | PollFlags::POLLNVAL;
    match watched[0].revents() {
        Some(found) if found.intersects(gone) => Err(ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

/// What cannot be done yet is no error.
fn unless_later(done: io::Result<usize>) -> io::Result<usize> {
    match done {
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::TimedOut | ErrorKind::WouldBlock | ErrorKind::Interrupted
            ) =>
        {
            Ok(0)
        }
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_none_says_so() {
        let serial = |path: &str| Line::open(&Port::Serial { path: path.into(), baud: 9600 }).err();
        let device = |path: &str| Line::open(&Port::Device(path.into())).err();
        for path in ["/nonexistent/port", "/dev/null", env!("CARGO_MANIFEST_DIR")] {
            assert_eq!(serial(path), Some(Stop::PrinterAbsent), "{path}");
        }
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock");
        for path in ["/nonexistent/port", file, env!("CARGO_MANIFEST_DIR")] {
            assert_eq!(device(path), Some(Stop::PrinterAbsent), "{path}");
        }
    }
}
