//! A simulated device that is plugged in: a thread that serves its line until the plug is pulled.
//! State: the thread, and the line as long as the thread has it.

use std::{
    io::{self, PipeReader, PipeWriter},
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::pty::{Heard, Pty};

/// The plug of a device. Dropping it pulls it.
pub(super) struct Plug {
    line: Weak<Line>,
    unplugged: Arc<AtomicBool>,
    /// Its end wakes the thread.
    wake: Option<PipeWriter>,
    thread: Option<JoinHandle<()>>,
}

/// The line of a device that is plugged in. The port is gone when the last of it is dropped.
pub(super) struct Line {
    pty: Pty,
    byte_time: Duration,
    plug: PipeReader,
    unplugged: Arc<AtomicBool>,
}

impl Plug {
    /// Serves the line of the device `name` with `work`, at `baud`.
    pub(super) fn serve(
        name: &'static str,
        pty: Pty,
        baud: u32,
        work: impl FnOnce(Arc<Line>) -> io::Result<()> + Send + 'static,
    ) -> io::Result<Self> {
        let (plug, wake) = io::pipe()?;
        let unplugged = Arc::new(AtomicBool::new(false));
        // A byte has ten bits.
        let byte_time = Duration::from_secs(10) / baud.max(1);
        let line = Arc::new(Line { pty, byte_time, plug, unplugged: Arc::clone(&unplugged) });
        let kept = Arc::downgrade(&line);
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || {
            if let Err(error) = work(line) {
                tracing::warn!("{name}: {error}");
            }
        })?;
        Ok(Self { line: kept, unplugged, wake: Some(wake), thread: Some(thread) })
    }

    /// The line, unless the device has gone by itself.
    pub(super) fn line(&self) -> Option<Arc<Line>> {
        self.line.upgrade()
    }
}

impl Drop for Plug {
    fn drop(&mut self) {
        self.unplugged.store(true, Ordering::Relaxed);
        self.wake.take();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been printed by then.
            let _ = thread.join();
        }
    }
}

impl Line {
    /// How long a byte takes.
    pub(super) fn byte_time(&self) -> Duration {
        self.byte_time
    }

    /// As [`Pty::hear`].
    pub(super) fn hear(&self, buffer: &mut [u8], patience: Option<Duration>) -> io::Result<Heard> {
        self.pty.hear(buffer, patience, &self.plug)
    }

    /// As [`Pty::say`], at this line's rate.
    pub(super) fn say(&self, bytes: &[u8], start: Instant) -> io::Result<()> {
        self.pty.say(bytes, start, self.byte_time, false, &self.unplugged)
    }

    /// As [`Pty::say`], at a rate of its own and given up by the next request.
    pub(super) fn drip(&self, bytes: &[u8], start: Instant, byte_time: Duration) -> io::Result<()> {
        self.pty.say(bytes, start, byte_time, true, &self.unplugged)
    }
}
