//! The printer's thread: keeps the port open, looks at the printer, prints one slip at a time.
//!
//! State: whether the printer may hold something of a slip that failed, and what was said last.
//! A job lives on this thread's stack only. Whatever ends it early — paper, cover, silence, a plug,
//! the visit's end — it is dropped, and before anything else is printed the printer throws away
//! what it holds and what is on the paper already is cut off.

use std::{
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, TryRecvError},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use kiosk_base::domain::Stop;

use super::{
    PrinterEvent, PrinterSettings, PrinterStatus, Slip, escpos,
    line::{Line, SLICE},
    profile::{Confirm, Discard},
    status::{self, Answer, Health, Query, judge, sensor_sees_no_paper},
};

/// Names a job. A later job has a higher number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Job(pub u64);

/// The printer on its own thread. Dropping it ends the thread and drops the job, within 0.3 s or
/// what the port takes.
pub struct Printer {
    /// Hanging up tells the thread to end.
    commands: Option<Sender<Command>>,
    thread: Option<JoinHandle<()>>,
}

enum Command {
    Print(Job, Slip),
    Cancel,
}

impl Printer {
    /// Starts the thread. `sink` is called on it, in order; it must not block for long and must
    /// not drop the printer.
    pub fn start(
        settings: PrinterSettings,
        sink: impl FnMut(PrinterEvent) + Send + 'static,
    ) -> Self {
        let (commands, received) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("printer".to_owned())
            .spawn(move || Driver::new(settings, received, Box::new(sink)).run())
            .expect("the system has room for one more thread when the kiosk starts");
        Self { commands: Some(commands), thread: Some(thread) }
    }

    /// Prints `slip`, now or not at all. Another job that is under way is to be cancelled before.
    pub fn print(&self, job: Job, slip: Slip) {
        self.command(Command::Print(job, slip));
    }

    /// Drops the job that is under way, if any; nothing more is said about it.
    pub fn cancel(&self) {
        self.command(Command::Cancel);
    }

    fn command(&self, command: Command) {
        // The thread ends before the printer only by a panic, which was printed.
        if self.commands.as_ref().is_none_or(|commands| commands.send(command).is_err()) {
            tracing::error!("printer: the thread is gone");
        }
    }
}

impl Drop for Printer {
    fn drop(&mut self) {
        self.commands.take();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("printer: the thread had panicked");
        }
    }
}

/// Prints one slip and waits up to `limit` for its end.
///
/// # Errors
/// Why it is not printed, or not known to be.
pub fn print_once(settings: PrinterSettings, slip: Slip, limit: Duration) -> Result<(), Stop> {
    let (events, received) = mpsc::channel();
    let printer = Printer::start(settings, move |event| {
        // After the last word nobody listens any more.
        let _ = events.send(event);
    });
    printer.print(Job(1), slip);
    let deadline = Instant::now() + limit;
    loop {
        match received.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(PrinterEvent::Done { outcome, .. }) => return outcome,
            Ok(PrinterEvent::Status(_)) => {}
            // It may be out, wholly or in part.
            Err(_) => return Err(Stop::PrinterUnconfirmed),
        }
    }
}

const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// Most bytes that a printer is sent at once which is not known to throw away what it holds: two
/// or three lines.
const PIECE: usize = 64;
/// Times that a question is asked before the printer counts as silent.
const ASKS: usize = 2;
/// Pause between two looks at a printer that is busy with a slip.
const LOOK_AGAIN: Duration = Duration::from_millis(300);

/// Why work stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Halt {
    /// The thread is to end.
    Stopped,
    /// The port has to be opened anew.
    Lost(Stop),
    /// The job is not wanted any more.
    Cancelled,
    /// The job failed; the port is open.
    Failed(Stop),
}

/// What a printer may still hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    Nothing,
    /// What was before this program, which may have ended in the middle of a slip.
    Unknown,
    /// A part of a slip, some of it perhaps on the paper.
    Slip,
}

struct Driver {
    settings: PrinterSettings,
    commands: Receiver<Command>,
    sink: Box<dyn FnMut(PrinterEvent) + Send>,
    status: Option<PrinterStatus>,
    left: Left,
    /// Whether the printer has said that it threw away what it held. Until then it is sent little
    /// at a time, so that it never holds much.
    clears: bool,
    /// Whether something of an earlier program's slip may hang from the printer.
    hanging: bool,
    /// A slip that was ordered while the printer was looked at.
    waiting: Option<(Job, Slip)>,
    /// Whether a slip is under way.
    busy: bool,
    /// The number in the last question of [`Confirm::ProcessId`].
    process: u16,
    /// Questions of [`Confirm::Sensor`] whose answers may still come, for a slip that failed.
    unanswered: u32,
}

impl Driver {
    fn new(
        settings: PrinterSettings,
        commands: Receiver<Command>,
        sink: Box<dyn FnMut(PrinterEvent) + Send>,
    ) -> Self {
        Self {
            settings,
            commands,
            sink,
            status: None,
            left: Left::Unknown,
            clears: false,
            hanging: true,
            waiting: None,
            busy: false,
            // A question of an earlier program may still be answered.
            process: std::process::id() as u16,
            unanswered: 0,
        }
    }

    fn run(&mut self) {
        self.tell(PrinterStatus::Starting);
        let mut pause = self.settings.profile.reopen;
        loop {
            let halt = match Line::open(&self.settings.port) {
                Ok(mut line) => {
                    // It may be another printer, or have been in other hands.
                    self.clears = false;
                    if self.left == Left::Nothing {
                        self.left = Left::Unknown;
                    }
                    self.serve(&mut line)
                }
                Err(stop) => Halt::Lost(stop),
            };
            let Halt::Lost(stop) = halt else { return };
            if matches!(self.status, Some(PrinterStatus::Ready { .. })) {
                pause = self.settings.profile.reopen;
            }
            self.tell(PrinterStatus::Down(stop));
            if self.rest(pause, stop).is_err() {
                return;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Waits while there is no printer. Whoever wants to print meanwhile learns why not.
    fn rest(&mut self, pause: Duration, stop: Stop) -> Result<(), Halt> {
        if let Some((job, slip)) = self.waiting.take() {
            drop(slip);
            self.done(job, Err(stop));
        }
        let deadline = Instant::now() + pause;
        kiosk_memory::wipe_stack();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.commands.recv_timeout(left) {
                Ok(Command::Print(job, slip)) => {
                    drop(slip);
                    self.done(job, Err(stop));
                }
                Ok(Command::Cancel) => {}
                Err(RecvTimeoutError::Timeout) => return Ok(()),
                Err(RecvTimeoutError::Disconnected) => return Err(Halt::Stopped),
            }
        }
    }

    /// Works with an open port until it is lost or the thread is to end.
    fn serve(&mut self, line: &mut Line) -> Halt {
        loop {
            let status = match self.ready(line) {
                Ok(Health { low_paper }) => PrinterStatus::Ready { low_paper },
                Err(Halt::Failed(stop)) => PrinterStatus::Down(stop),
                Err(Halt::Cancelled) => continue,
                Err(halt) => return halt,
            };
            self.tell(status);
            let (job, slip) = match self.waiting.take() {
                Some(waiting) => waiting,
                None => {
                    // Of the last slip, in pieces.
                    kiosk_memory::wipe_stack();
                    match self.commands.recv_timeout(self.settings.profile.poll) {
                        Ok(Command::Print(job, slip)) => (job, slip),
                        Ok(Command::Cancel) | Err(RecvTimeoutError::Timeout) => continue,
                        Err(RecvTimeoutError::Disconnected) => return Halt::Stopped,
                    }
                }
            };
            self.busy = true;
            let done = self.job(line, job, slip);
            self.busy = false;
            if let Err(halt) = done {
                return halt;
            }
        }
    }

    /// Prints `slip` or says why not. `Err` when the port cannot be used any more.
    fn job(&mut self, line: &mut Line, job: Job, slip: Slip) -> Result<(), Halt> {
        let halt = match self.attempt(line, slip) {
            Ok(()) => {
                // A status that stayed good is no word about the paper: whoever stands there looks.
                let told = self.settings.profile.confirm != Confirm::Status;
                tracing::info!(
                    "printer: a slip is printed, {}",
                    if told { "confirmed" } else { "as it seems" }
                );
                self.done(job, if told { Ok(()) } else { Err(Stop::PrinterUnconfirmed) });
                return Ok(());
            }
            Err(halt) => halt,
        };
        tracing::info!("printer: a slip is dropped, {halt:?}");
        if self.left == Left::Slip && !matches!(halt, Halt::Lost(_)) {
            // At once, so that putting in paper does not print the rest. Repeated when the printer
            // is well again: it may not have heard this.
            line.drop_output();
            let limit = self.settings.profile.limits.answer;
            let discard = escpos::discard(&self.settings.profile);
            if let Err(stop) = line.send(discard, limit) {
                self.done(job, Err(stop));
                return Err(Halt::Lost(stop));
            }
        }
        match halt {
            Halt::Failed(stop) => {
                // The state first, so that whoever hears of the failure finds it.
                self.tell(PrinterStatus::Down(stop));
                self.done(job, Err(stop));
                Ok(())
            }
            Halt::Cancelled => Ok(()),
            Halt::Lost(stop) => {
                self.done(job, Err(stop));
                Err(halt)
            }
            Halt::Stopped => Err(halt),
        }
    }

    fn attempt(&mut self, line: &mut Line, slip: Slip) -> Result<(), Halt> {
        self.ready(line)?;
        let profile = self.settings.profile;
        if std::mem::take(&mut self.hanging) {
            // Not when the port is opened: that would cost paper at every look at the printer.
            self.send(line, &escpos::cut(&profile))?;
        }
        let encoded = escpos::encode(&slip, self.settings.paper, &profile);
        drop(slip);
        self.left = Left::Slip;
        // Who is not known to throw anything away gets the next piece when the last is on the
        // paper.
        let step_by_step = !self.clears;
        let most = if step_by_step { profile.piece_bytes.min(PIECE) } else { profile.piece_bytes };
        let mut lines = 0;
        for piece in encoded.pieces(most) {
            self.send(line, piece.bytes)?;
            lines += piece.lines;
            if step_by_step {
                self.confirm(line, piece.lines)?;
            } else {
                self.look(line).map_err(unconfirmed)?;
            }
        }
        if !step_by_step {
            self.confirm(line, lines)?;
        }
        self.left = Left::Nothing;
        Ok(())
    }

    /// Sends a piece of a slip whole.
    fn send(&mut self, line: &mut Line, bytes: &[u8]) -> Result<(), Halt> {
        let deadline = Instant::now() + self.settings.profile.limits.piece;
        let mut sent = 0;
        while sent < bytes.len() {
            self.interrupted()?;
            sent += line.send(&bytes[sent..], SLICE).map_err(Halt::Lost)?;
            if sent < bytes.len() && Instant::now() >= deadline {
                // It takes nothing more: perhaps it says why.
                self.look(line).map_err(unconfirmed)?;
                return Err(Halt::Failed(Stop::PrinterUnconfirmed));
            }
        }
        Ok(())
    }

    /// Waits until the printer says that everything is on the paper, of which the last `lines`
    /// lines are yet to be printed.
    fn confirm(&mut self, line: &mut Line, lines: u32) -> Result<(), Halt> {
        let limits = self.settings.profile.limits;
        let how = self.settings.profile.confirm;
        self.process = self.process.wrapping_add(1);
        let number = ascii(self.process);
        let begun = Instant::now();
        let printing = limits.line.saturating_mul(lines);
        line.forget(|answer| !matches!(answer, Answer::Status(_)));
        match how {
            Confirm::Sensor => {
                self.unanswered += 1;
                self.send(line, escpos::ask_sensor())?;
            }
            Confirm::ProcessId => self.send(line, &escpos::ask_process(number))?,
            Confirm::Status => {}
        }
        let mut looked = begun;
        loop {
            self.interrupted()?;
            line.listen(SLICE).map_err(Halt::Lost)?;
            let confirmed = match how {
                Confirm::Sensor => line.take(|answer| match answer {
                    Answer::Sensor(byte) => Some(!sensor_sees_no_paper(byte)),
                    _ => None,
                }),
                Confirm::ProcessId => line.take(|answer| match answer {
                    Answer::Process(heard) => (heard == number).then_some(true),
                    _ => None,
                }),
                Confirm::Status => (begun.elapsed() >= printing).then_some(true),
            };
            if confirmed.is_some() {
                self.unanswered = 0;
            }
            match confirmed {
                // Everything was carried out: did the last of it, the cut, succeed?
                Some(true) => return self.look(line).map(|_| ()).map_err(unconfirmed),
                Some(false) => return Err(Halt::Failed(Stop::PrinterPaperOut)),
                None => {}
            }
            if looked.elapsed() >= LOOK_AGAIN {
                self.look(line).map_err(unconfirmed)?;
                looked = Instant::now();
            }
            if begun.elapsed() >= limits.confirm + printing {
                return Err(Halt::Failed(Stop::PrinterUnconfirmed));
            }
        }
    }

    /// A printer that can print and holds nothing of an earlier slip.
    fn ready(&mut self, line: &mut Line) -> Result<Health, Halt> {
        let health = self.look(line)?;
        if self.left == Left::Nothing {
            return Ok(health);
        }
        self.clean(line)?;
        // What was cut off went through the knife, too.
        let health = self.look(line)?;
        self.left = Left::Nothing;
        Ok(health)
    }

    /// Makes the printer throw away what it holds, and cuts off what is on the paper of it.
    fn clean(&mut self, line: &mut Line) -> Result<(), Halt> {
        let profile = self.settings.profile;
        line.forget(|answer| answer == Answer::Cleared);
        self.send(line, escpos::discard(&profile))?;
        if profile.discard == Discard::Clear {
            // Who says nothing is taken for one that does not know the command.
            let deadline = Instant::now() + profile.limits.answer;
            let cleared = |answer| (answer == Answer::Cleared).then_some(());
            while Instant::now() < deadline {
                if line.take(cleared).is_some() {
                    (self.unanswered, self.clears) = (0, true);
                    break;
                }
                self.interrupted()?;
                line.listen(SLICE).map_err(Halt::Lost)?;
            }
        }
        self.send(line, escpos::reset())?;
        if self.left == Left::Unknown && !self.clears {
            // An earlier program may have asked, too.
            self.unanswered = self.unanswered.max(1);
        }
        if self.left == Left::Slip {
            self.send(line, &escpos::cut(&profile))?;
            self.hanging = false;
            tracing::info!("printer: what was left of a slip is thrown away and cut off");
        }
        self.let_answers_come(line)
    }

    /// A printer that has not said that it threw everything away may still answer what was asked
    /// after a slip that failed. Such an answer must not confirm the next slip.
    fn let_answers_come(&mut self, line: &mut Line) -> Result<(), Halt> {
        let mut expected = self.unanswered;
        if expected > 0 {
            expected += 1;
            self.send(line, escpos::ask_sensor())?;
        }
        let sensor = |answer| matches!(answer, Answer::Sensor(_)).then_some(());
        let deadline = Instant::now() + self.settings.profile.limits.confirm;
        while expected > 0 && Instant::now() < deadline {
            self.interrupted()?;
            line.listen(SLICE).map_err(Halt::Lost)?;
            while line.take(sensor).is_some() {
                expected = expected.saturating_sub(1);
            }
        }
        self.unanswered = 0;
        Ok(())
    }

    /// Asks the printer how it is.
    ///
    /// No answer says which question it answers, and over some converters each comes one question
    /// late. While all is well that does not matter. Where something is not, each question is asked
    /// twice, and the second answer is its own: a lid must not be taken for a knife.
    fn look(&mut self, line: &mut Line) -> Result<Health, Halt> {
        let mut is_plain = true;
        for query in self.settings.profile.queries.iter() {
            is_plain &= status::is_plain(query, self.ask(line, query)?);
        }
        let mut answers = [None; 4];
        if is_plain {
            return judge(answers).map_err(Halt::Failed);
        }
        for query in self.settings.profile.queries.iter() {
            self.ask(line, query)?;
            answers[usize::from(query.number()) - 1] = Some(self.ask(line, query)?);
        }
        judge(answers).map_err(Halt::Failed)
    }

    /// Asks one question, once more if nothing comes: the answer may come with the next one's.
    fn ask(&mut self, line: &mut Line, query: Query) -> Result<u8, Halt> {
        let limit = self.settings.profile.limits.answer;
        for _ in 0..ASKS {
            // What has come by now answers nothing that is asked now.
            line.listen(Duration::ZERO).map_err(Halt::Lost)?;
            line.forget(|answer| matches!(answer, Answer::Status(_)));
            let deadline = Instant::now() + limit;
            if line.send(&query.encode(), limit).map_err(Halt::Lost)? < query.encode().len() {
                return Err(Halt::Failed(Stop::PrinterSilent));
            }
            loop {
                self.interrupted()?;
                line.listen(SLICE).map_err(Halt::Lost)?;
                let status = line.take(|answer| match answer {
                    Answer::Status(byte) => Some(byte),
                    _ => None,
                });
                match status {
                    Some(status) => return Ok(status),
                    None if Instant::now() >= deadline => break,
                    None => {}
                }
            }
        }
        Err(Halt::Failed(Stop::PrinterSilent))
    }

    /// Whether the thread is to end or the job to be dropped.
    fn interrupted(&mut self) -> Result<(), Halt> {
        match self.commands.try_recv() {
            Err(TryRecvError::Empty) => Ok(()),
            Err(TryRecvError::Disconnected) => Err(Halt::Stopped),
            Ok(Command::Cancel) => {
                self.waiting = None;
                Err(Halt::Cancelled)
            }
            Ok(Command::Print(job, slip)) if !self.busy && self.waiting.is_none() => {
                self.waiting = Some((job, slip));
                Ok(())
            }
            Ok(Command::Print(job, slip)) => {
                // Whoever prints two slips at once is told so, rather than left waiting.
                drop(slip);
                self.done(job, Err(Stop::PrinterBusy));
                Ok(())
            }
        }
    }

    /// Says what the state is, when it is another than before.
    fn tell(&mut self, status: PrinterStatus) {
        if self.status.replace(status) != Some(status) {
            tracing::info!("printer: {status:?}");
            (self.sink)(PrinterEvent::Status(status));
        }
    }

    fn done(&mut self, job: Job, outcome: Result<(), Stop>) {
        (self.sink)(PrinterEvent::Done { job, outcome });
    }
}

/// A printer that falls silent in the middle of a slip may have printed it or not.
fn unconfirmed(halt: Halt) -> Halt {
    match halt {
        Halt::Failed(Stop::PrinterSilent) => Halt::Failed(Stop::PrinterUnconfirmed),
        halt => halt,
    }
}

/// Four visible characters for a number.
fn ascii(number: u16) -> [u8; 4] {
    let digit = |shift: u32| b'A' + ((number >> shift) & 0x0F) as u8;
    [digit(12), digit(8), digit(4), digit(0)]
}
