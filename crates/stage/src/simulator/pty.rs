//! One pseudo-terminal that plays a serial line: raw, open to any program, and as slow as a real
//! line. State: its two ends, and the name under which it can be found.

use std::{
    fs::{File, OpenOptions},
    io::{self, PipeReader, Read},
    os::{fd::AsFd, unix::fs::OpenOptionsExt},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    fcntl::OFlag,
    poll::{PollFd, PollFlags, PollTimeout, poll},
    pty::{PtyMaster, grantpt, posix_openpt, ptsname_r, unlockpt},
    sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr},
};

/// Bytes that arrive together. Real ones come one by one; at 115200 baud this is 0.7 ms.
const SLICE: usize = 8;
/// Longest sleep, so that a pulled plug is noticed.
const LONGEST_SLEEP: Duration = Duration::from_millis(20);

pub(super) struct Pty {
    master: PtyMaster,
    /// Held open so that the line and its raw mode outlive the programs that come and go.
    _slave: File,
    path: PathBuf,
    link: Option<PathBuf>,
}

/// What happened on the line.
pub(super) enum Heard {
    /// So many bytes arrived.
    Bytes(usize),
    /// Nothing arrived for as long as was asked.
    Nothing,
    /// The plug was pulled.
    Unplugged,
}

impl Pty {
    /// Makes a pseudo-terminal and, when asked to, a link to it under a stable name. The link may
    /// replace an older link, never anything else.
    pub(super) fn open(link: Option<&Path>) -> io::Result<Self> {
        let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        let master = posix_openpt(flags)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let path = PathBuf::from(ptsname_r(&master)?);
        let slave = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(OFlag::O_NOCTTY.bits())
            .open(&path)?;
        let mut modes = tcgetattr(&slave)?;
        cfmakeraw(&mut modes);
        tcsetattr(&slave, SetArg::TCSANOW, &modes)?;
        if let Some(link) = link {
            if link.symlink_metadata().is_ok_and(|found| found.is_symlink()) {
                std::fs::remove_file(link)?;
            }
            std::os::unix::fs::symlink(&path, link)?;
        }
        Ok(Self { master, _slave: slave, path, link: link.map(Path::to_owned) })
    }

    /// The name by which programs open it.
    pub(super) fn path(&self) -> &Path {
        self.link.as_ref().unwrap_or(&self.path)
    }

    /// Waits up to `patience` (for ever without) for bytes, or for the other end of `plug` to go.
    pub(super) fn hear(
        &self,
        buffer: &mut [u8],
        patience: Option<Duration>,
        plug: &PipeReader,
    ) -> io::Result<Heard> {
        let timeout = match patience {
            Some(patience) => PollTimeout::try_from(patience).map_err(io::Error::other)?,
            None => PollTimeout::NONE,
        };
        let mut watched = [
            PollFd::new(self.master.as_fd(), PollFlags::POLLIN),
            PollFd::new(plug.as_fd(), PollFlags::POLLIN),
        ];
        match poll(&mut watched, timeout) {
            Ok(0) => return Ok(Heard::Nothing),
            Ok(_) if watched[1].any() != Some(false) => return Ok(Heard::Unplugged),
            Ok(_) => {}
            Err(Errno::EINTR) => return Ok(Heard::Bytes(0)),
            Err(error) => return Err(error.into()),
        }
        match (&self.master).read(buffer) {
            Ok(count) => Ok(Heard::Bytes(count)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Heard::Bytes(0)),
            Err(error) => Err(error),
        }
    }

    /// Sends `bytes`, the first beginning at `start`, each taking `byte_time`. What the other side
    /// does not take in time is lost, as on a real line. What is `given_up` ends with the next
    /// request: nobody waits for the rest of a drip.
    pub(super) fn say(
        &self,
        bytes: &[u8],
        start: Instant,
        byte_time: Duration,
        given_up: bool,
        unplugged: &AtomicBool,
    ) -> io::Result<()> {
        let slice = if byte_time > LONGEST_SLEEP { 1 } else { SLICE };
        let mut sent = 0;
        for piece in bytes.chunks(slice) {
            sent += u32::try_from(piece.len()).expect("a slice is short");
            // From the beginning each time, so that late wake-ups do not add up.
            let arrival = start + byte_time * sent;
            while let Some(left) = arrival.checked_duration_since(Instant::now())
                && !left.is_zero()
            {
                std::thread::sleep(left.min(LONGEST_SLEEP));
                if unplugged.load(Ordering::Relaxed) {
                    return Ok(());
                }
            }
            if given_up && self.was_asked() {
                return Ok(());
            }
            match nix::unistd::write(&self.master, piece) {
                Ok(_) | Err(Errno::EAGAIN | Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

impl Pty {
    /// Whether a request waits to be heard.
    fn was_asked(&self) -> bool {
        let mut watched = [PollFd::new(self.master.as_fd(), PollFlags::POLLIN)];
        poll(&mut watched, PollTimeout::ZERO).is_ok_and(|ready| ready > 0)
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let Some(link) = &self.link else { return };
        // Another simulator may have taken the name over.
        if std::fs::read_link(link).is_ok_and(|target| target == self.path) {
            let _ = std::fs::remove_file(link);
        }
    }
}
