//! A reader with a security module: on a pseudo-terminal, at the real line rate, or on a simulated
//! USB bus, which only this process sees.
//!
//! State: the module, shared between the handle and the thread that serves the line; the line
//! itself, which comes and goes with the plug.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use kiosk_devices::card::{Port, Profile, ReaderSettings};

use super::{
    card_image::CardImage,
    module::{Module, Requests, Ways},
    plug::{Line, Plug},
    pty::{Heard, Pty},
    usb::{SimulatedBus, UsbFault, UsbShape},
};

pub use super::module::{
    Command, FIND, Fault, READ_APPENDED_ADDRESS, READ_BASE, RESET, SELECT, STATUS,
};

/// How the reader is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Line rate: a byte takes ten bits.
    pub baud: u32,
    /// A name that stays the same when the reader is plugged in again.
    pub link: Option<PathBuf>,
    /// A card that was read is not found again until it was lifted.
    pub read_once: bool,
    /// A card that was found is not found again until it was lifted.
    pub finds_once: bool,
    /// The session with a card ends after its appended address was asked for once.
    pub drops_session: bool,
    /// Find and select are answered without the numbers of the card's chip.
    pub bare: bool,
    /// It is a USB device of this shape instead, without a serial port.
    pub usb: Option<UsbShape>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            baud: 115_200,
            link: None,
            read_once: false,
            finds_once: false,
            drops_session: false,
            bare: false,
            usb: None,
        }
    }
}

impl Options {
    fn ways(&self) -> Ways {
        let Self { read_once, finds_once, drops_session, bare, .. } = *self;
        Ways { read_once, finds_once, drops_session, bare }
    }
}

/// The simulated reader. Dropping it pulls its plug.
pub struct SimulatedReader {
    options: Options,
    module: Arc<Mutex<Module>>,
    plug: Option<Plug>,
    path: PathBuf,
    bus: Option<SimulatedBus>,
}

impl SimulatedReader {
    /// Plugs a reader in, with no card on it.
    ///
    /// # Errors
    /// When the system gives no pseudo-terminal, or the link cannot be made.
    pub fn start(options: Options) -> io::Result<Self> {
        let module = Arc::new(Mutex::new(Module::new(options.ways())));
        let bus = options.usb.clone().map(|shape| SimulatedBus::new(shape, Arc::clone(&module)));
        let mut reader = Self { options, module, plug: None, path: PathBuf::new(), bus };
        reader.replug()?;
        Ok(reader)
    }

    /// The port to open. With a link it is the link and stays the same; without, it may be another
    /// one after [`replug`](Self::replug).
    pub fn port(&self) -> &Path {
        &self.path
    }

    /// What a kiosk has to know to use it.
    pub fn settings(&self) -> ReaderSettings {
        let serial = ReaderSettings::simulated(&self.path);
        let (Some(shape), Some(bus)) = (&self.options.usb, &self.bus) else { return serial };
        ReaderSettings {
            port: Port::Direct(shape.id.clone()),
            profile: Profile { usb: shape.ways, ..serial.profile },
            bus: bus.bus(),
            ..serial
        }
    }

    /// Something goes wrong on its bus; a reader on a serial line has none.
    pub fn plan_usb(&self, fault: UsbFault) {
        if let Some(bus) = &self.bus {
            bus.plan(fault);
        }
    }

    /// Lays a card, instead of the one that lies there.
    pub fn lay(&self, card: CardImage) {
        self.module().lay(card);
    }

    /// Lifts the card, if one lies there.
    pub fn lift(&self) {
        self.module().lift();
    }

    /// Whether a card lies there.
    pub fn has_card(&self) -> bool {
        self.module().has_card()
    }

    /// Whether the card that lies there has been read since it was laid.
    pub fn was_read(&self) -> bool {
        self.module().was_read()
    }

    /// How many sound requests with `command` have come since the reader was made.
    pub fn asked(&self, command: Command) -> u64 {
        self.module().asked(command)
    }

    /// Plays `fault` with the next `times` answers to `command`, after faults planned before.
    pub fn plan(&self, command: Command, fault: Fault, times: usize) {
        self.module().plan(command, fault, times);
    }

    /// Forgets all faults that are planned.
    pub fn forget_faults(&self) {
        self.module().forget_faults();
        if let Some(bus) = &self.bus {
            bus.forget_faults();
        }
    }

    /// From now on the module finds a card once for each time it is laid, or again and again.
    pub fn find_once(&self, once: bool) {
        self.module().find_once(once);
    }

    /// Sends bytes that nobody asked for, at the line rate, and comes back when they are sent.
    ///
    /// # Errors
    /// When the pseudo-terminal fails. A reader that is not plugged in sends nothing.
    pub fn babble(&self, bytes: &[u8]) -> io::Result<()> {
        if let Some(bus) = &self.bus {
            bus.babble(bytes);
            return Ok(());
        }
        let line = self.plug.as_ref().and_then(Plug::line);
        line.map_or(Ok(()), |line| line.say(bytes, Instant::now()))
    }

    /// Pulls the plug: the port is gone. The card stays where it is.
    pub fn unplug(&mut self) {
        self.plug = None;
        if let Some(bus) = &self.bus {
            bus.unplug();
        }
    }

    /// Plugs the reader in again.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn replug(&mut self) -> io::Result<()> {
        self.unplug();
        self.module().restart();
        if let Some(bus) = &self.bus {
            bus.plug();
            return Ok(());
        }
        let pty = Pty::open(self.options.link.as_deref())?;
        pty.path().clone_into(&mut self.path);
        let module = Arc::clone(&self.module);
        let work = move |line: Arc<Line>| serve(&line, &module);
        self.plug = Some(Plug::serve("simulated reader", pty, self.options.baud, work)?);
        Ok(())
    }

    fn module(&self) -> MutexGuard<'_, Module> {
        lock(&self.module)
    }
}

fn lock(module: &Mutex<Module>) -> MutexGuard<'_, Module> {
    // The state is whole between any two statements that change it.
    module.lock().unwrap_or_else(PoisonError::into_inner)
}

/// After so long without another byte a begun request is given up.
const GAP: Duration = Duration::from_millis(200);

fn serve(line: &Line, module: &Mutex<Module>) -> io::Result<()> {
    let mut requests = Requests::default();
    let mut buffer = [0; 256];
    loop {
        let patience = requests.is_waiting().then_some(GAP);
        let count = match line.hear(&mut buffer, patience)? {
            Heard::Unplugged => return Ok(()),
            Heard::Nothing => {
                requests.clear();
                continue;
            }
            Heard::Bytes(count) => count,
        };
        // A pseudo-terminal hands a request over in no time; on a line its bytes take theirs.
        let on_the_line = line.byte_time() * u32::try_from(count).expect("a small buffer");
        let heard = Instant::now() + on_the_line;
        requests.push(&buffer[..count]);
        while let Some(request) = requests.next() {
            let Some(answer) = lock(module).answer(request) else { continue };
            let start = heard.max(Instant::now()) + answer.delay;
            match answer.byte_time {
                Some(byte_time) => line.drip(&answer.bytes, start, byte_time)?,
                None => line.say(&answer.bytes, start)?,
            }
        }
    }
}
