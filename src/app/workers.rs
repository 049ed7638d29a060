//! The workers: started with the kiosk, told what to do by effects, drained at its end.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::Context;
use kiosk_base::{clock::Clock, domain::Stop};
use kiosk_devices::{
    card::{ContactReader, Reader, ReaderEvent},
    printer::{Job, Printer, PrinterEvent, Slip},
};
use tokio::{
    runtime::Runtime,
    sync::{Notify, watch},
    task::AbortHandle,
};

use super::{
    Outlet, desk, health::Health, keeper, ledger::SharedLedger, link, recorder::Recorder, staff,
    stick::Sticks,
};
use crate::{
    audit::Kind,
    config::Settings,
    link::{Bell, Call, Client},
    listings::Home,
    staff::{StaffCards, StaffSettings},
    visit::{Effect, Event, LinkStatus, Place, QuestionTicket, SlipTicket, VisitTicket},
};

/// How long a question waits for its row in the audit: a disk that does not answer must not keep
/// residents from their accounts.
const AUDIT_LIMIT: Duration = Duration::from_secs(2);

/// The question that is under way.
struct Question {
    task: AbortHandle,
    /// What became of it is not recorded yet.
    open: Arc<AtomicBool>,
}

/// Every worker's handle. [`Workers::end`] waits for them; dropping it only hangs up.
pub(super) struct Workers {
    reader: Reader,
    slot: Option<ContactReader>,
    printer: Option<Printer>,
    desk: mpsc::SyncSender<desk::Ask>,
    /// The desk has a way of its own, which keeps nobody.
    keeper: Arc<mpsc::SyncSender<keeper::Task>>,
    staff: staff::Office,
    county: link::County,
    question: Option<Question>,
    /// Makes the next heartbeat come at once.
    beat: Arc<Notify>,
    beating: AbortHandle,
    /// Told that the kiosk ends.
    ending: watch::Sender<bool>,
    threads: Threads,
    outlet: Outlet,
    runtime: Runtime,
    /// The office's bell, where it has one, and what it is told of this kiosk.
    bell: Option<Bell>,
    town: String,
    clock: Clock,
}

/// The threads that write, and the one that reads what is written.
struct Threads {
    recorder: JoinHandle<()>,
    keeper: JoinHandle<()>,
    desk: JoinHandle<()>,
}

impl Workers {
    pub(super) fn start(
        settings: &Settings,
        clock: Clock,
        outlet: &Outlet,
    ) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .thread_name("link")
            // Accounts are received, decrypted and parsed on these threads.
            .on_thread_park(kiosk_memory::wipe_stack)
            .build()
            .context("联网线程启动不了，请重新启动")?;
        let client = Client::new(&settings.link).map_err(|error| {
            tracing::error!("link: {error}");
            error.stop
        });
        let stands = &settings.office.division;
        if let Some(made_for) = client.as_ref().ok().and_then(Client::division)
            && made_for != *stands
        {
            // Served all the same: jobs of another town are better than none.
            tracing::warn!(
                "the certificate is for {made_for}, town.division is {stands}: listings are those of \
                 the former; run kiosk check"
            );
        }
        let health = Health::new(settings.contact.is_some(), settings.printer.is_some());
        let directory = settings.listings.database.parent().map(ToOwned::to_owned);
        let ledger = SharedLedger::new(directory.unwrap_or_default());
        let (recorder, recorder_thread) =
            Recorder::start(ledger.clone(), clock.clone(), health.clone(), outlet.clone())?;
        let (ending, ends) = watch::channel(false);
        let (desk, asks) = mpsc::sync_channel(desk::QUEUE);
        let (keeper, tasks) = mpsc::sync_channel(keeper::QUEUE);
        let keeper = Arc::new(keeper);
        let home = Home {
            town: settings.office.division.clone(),
            neighbours: settings.office.neighbours.clone(),
        };
        let keeper_thread = keeper::start(keeper::Keeper {
            settings: settings.listings.clone(),
            home: home.clone(),
            clock: clock.clone(),
            client: client.clone(),
            runtime: runtime.handle().clone(),
            health: health.clone(),
            outlet: outlet.clone(),
            tasks,
            desk: desk.clone(),
            sticks: Sticks::new(settings, clock.clone()),
            ledger,
            recorder: recorder.clone(),
            ending: ends,
        })?;
        let desk_thread = desk::start(
            &settings.listings,
            home,
            clock.clone(),
            outlet.clone(),
            asks,
            Arc::downgrade(&keeper),
        )?;
        let beat = Arc::new(Notify::new());
        let county = link::County {
            client: client.clone(),
            health: health.clone(),
            clock: clock.clone(),
            recorder: recorder.clone(),
            alone: Arc::default(),
        };
        let (kept, beaten) = (keeper.clone(), beat.clone());
        let beating = link::keep_in_touch(&runtime, county.clone(), outlet.clone(), kept, beaten);
        let hear = |place| hear(place, settings, health.clone(), outlet.clone(), beat.clone());
        let reader = Reader::start(settings.reader.clone(), hear(Place::Plate));
        let slot = settings.contact.as_ref();
        let slot = slot.map(|slot| ContactReader::start(slot, hear(Place::Slot)));
        let printer = settings.printer.clone();
        let printer = printer
            .map(|printer| Printer::start(printer, hear_printer(health.clone(), outlet.clone())));
        let bell = settings.bell.clone().map(Bell::new).transpose()?;
        let town = settings.office.town.clone();
        let times = clock.clone();
        let staff =
            staff::Office::new(settings, clock, client, health, recorder, runtime.handle().clone());
        Ok(Self {
            reader,
            slot,
            printer,
            desk,
            keeper,
            staff,
            county,
            question: None,
            beat,
            beating,
            ending,
            threads: Threads {
                recorder: recorder_thread,
                keeper: keeper_thread,
                desk: desk_thread,
            },
            outlet: outlet.clone(),
            runtime,
            bell,
            town,
            clock: times,
        })
    }

    /// Ends the workers: what waits to be written is written, a refresh under way stops between two
    /// pages, a question under way is given up. Takes `limit` at most: what hangs by then (a disk, a
    /// device) ends with the process, like one that is killed.
    pub(super) fn end(mut self, limit: Duration) {
        let deadline = Instant::now() + limit;
        self.cancel_question();
        self.ending.send_replace(true);
        self.beating.abort();
        let Self { reader, slot, printer, desk, keeper, staff, county, threads, runtime, .. } =
            self;
        // Each waits for its device, which may take its time.
        let devices = thread::spawn(move || drop((reader, slot, printer)));
        // Those who can give tasks hang up first, those whom the others tell something last.
        drop((desk, keeper));
        // Long work on the cache stops like that of a kiosk that is killed; the audit's rows do not.
        let others = deadline - limit / 2;
        join("keeper", threads.keeper, others);
        join("desk", threads.desk, others);
        drop((staff, county));
        runtime.shutdown_timeout(left(deadline) / 2);
        join("recorder", threads.recorder, deadline);
        join("devices", devices, deadline);
    }

    /// Rings in the office.
    fn call(&self, ticket: VisitTicket, page: &'static str) {
        let Some(bell) = self.bell.clone() else { return };
        let kiosk = self.county.client.as_ref().map(Client::name).unwrap_or_default();
        let (town, outlet) = (self.town.clone(), self.outlet.clone());
        let at = self.clock.wall().datetime().strftime("%Y-%m-%dT%H:%M:%S").to_string();
        self.runtime.spawn(async move {
            let rung = bell.ring(&Call { kiosk: &kiosk, town: &town, page, at }).await;
            if let Err(error) = &rung {
                tracing::warn!("the office's bell: {error}");
            }
            outlet.deliver(Event::Called { ticket, told: rung.is_ok() }).await;
        });
    }

    /// The way to the window.
    pub(super) fn outlet(&self) -> &Outlet {
        &self.outlet
    }

    /// Carries out `effect`; the answer comes as an event.
    pub(super) fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::FindPostings { ticket, query } => {
                self.ask_desk(desk::Question::Postings { ticket, query });
            }
            Effect::CountPostings { ticket, query } => {
                self.ask_desk(desk::Question::Facets { ticket, query });
            }
            Effect::FindFairs { ticket, month } => {
                self.ask_desk(desk::Question::Fairs { ticket, month });
            }
            Effect::FindTrainings { ticket, offset, limit } => {
                self.ask_desk(desk::Question::Trainings { ticket, offset, limit });
            }
            Effect::AskAccount { ticket, place, document, number, name, english_name, pin } => {
                let module = place.and_then(|place| self.county.health.module(place));
                let asked = link::Asked { module, document, number, name, english_name, pin };
                self.ask_county(ticket, asked);
            }
            Effect::AskHistory { ticket, rest } => {
                self.cancel_question();
                let ask = link::ask_history(self.county.client.clone(), rest);
                let outlet = self.outlet.clone();
                let task = self.runtime.spawn(async move {
                    outlet.deliver(Event::History { ticket, answer: ask.await }).await;
                });
                // The question it belongs to is in the audit, answered.
                let open = Arc::new(AtomicBool::new(false));
                self.question = Some(Question { task: task.abort_handle(), open });
            }
            Effect::Call { ticket, page } => self.call(ticket, page),
            Effect::CancelAccount => self.cancel_question(),
            // The app has words put to it and calls `print`; and what is pressed is the screen's.
            Effect::Print { .. } | Effect::PressStop(_) => {}
            Effect::CancelPrint => self.printer.iter().for_each(Printer::cancel),
            Effect::TryLink => self.beat.notify_one(),
            Effect::Acknowledge => {
                self.county.health.alarm_is(None);
                self.county.recorder.note(Kind::Acknowledged, None);
            }
            Effect::CheckPin { ticket, pin } => self.staff.check_pin(ticket, pin, &self.outlet),
            Effect::CheckMachine { ticket } => self.staff.check_machine(ticket, &self.outlet),
            Effect::MarkPosting { id, title, mark } => {
                self.hand(keeper::Task::Mark { id, title, mark });
            }
            Effect::FindSticks { ticket } => self.hand(keeper::Task::FindSticks { ticket }),
            Effect::TryImport { ticket, path } => {
                self.hand(keeper::Task::TryImport { ticket, path });
            }
            Effect::KeepImport { ticket } => {
                self.hand(keeper::Task::KeepImport { ticket });
            }
            Effect::RefreshListings => {
                // A full queue means that a refresh is asked for already.
                let _ = self.keeper.try_send(keeper::Task::Refresh);
            }
        }
    }

    /// Prints a slip; its end comes as an event.
    pub(super) fn print(&self, ticket: SlipTicket, slip: Slip) {
        if let Some(printer) = &self.printer {
            self.county.recorder.note(Kind::Printed, None);
            printer.print(Job(ticket.0), slip);
        }
    }

    /// Asks for an account; question and answer are in the audit, the question before it leaves.
    fn ask_county(&mut self, ticket: QuestionTicket, asked: link::Asked) {
        self.cancel_question();
        let county = self.county.clone();
        let written = county.recorder.note(Kind::Asked, None);
        let open = Arc::new(AtomicBool::new(true));
        let (outlet, beat) = (self.outlet.clone(), self.beat.clone());
        let is_open = open.clone();
        let task = self.runtime.spawn(async move {
            let _ = tokio::time::timeout(AUDIT_LIMIT, written).await;
            let answer = county.ask(asked).await;
            let stop = answer.as_ref().err().copied();
            if is_open.swap(false, Ordering::AcqRel) {
                county.recorder.note(Kind::Answered, stop);
            }
            if stop == Some(Stop::PersonMismatch) {
                county.recorder.note(Kind::Alarm, stop);
                county.health.alarm_is(Some(county.clock.today()));
                outlet.deliver(Event::Alarm(county.clock.wall().datetime())).await;
                // The county hears of it at once.
                beat.notify_one();
            }
            // The answer says something about the line, too.
            if let Some(status) = link::status_of(&answer) {
                if status != LinkStatus::Up {
                    // From now on the heartbeats are those of a line that is down.
                    beat.notify_one();
                }
                outlet.deliver(Event::Link(status)).await;
            }
            outlet.deliver(Event::Account { ticket, answer }).await;
        });
        self.question = Some(Question { task: task.abort_handle(), open });
    }

    fn hand(&self, task: keeper::Task) {
        if self.keeper.try_send(task).is_err() {
            tracing::warn!("keeper: too many tasks at once, one is dropped");
        }
    }

    fn ask_desk(&self, question: desk::Question) {
        if self.desk.try_send(desk::Ask::About(question)).is_err() {
            tracing::warn!("desk: too many questions at once, one is dropped");
        }
    }

    /// Nobody waits any more for what was asked last, or everything has been said about it. What is
    /// left of the answer goes with the task and with the connection.
    fn cancel_question(&mut self) {
        if let Ok(client) = &self.county.client {
            client.forget_person();
        }
        let Some(Question { task, open }) = self.question.take() else { return };
        task.abort();
        if open.swap(false, Ordering::AcqRel) {
            self.county.recorder.note(Kind::Abandoned, None);
        }
    }
}

/// Until `deadline`.
fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}

/// Waits for a thread until `deadline`.
fn join(name: &str, thread: JoinHandle<()>, deadline: Instant) {
    /// The library has no way to wait for a thread with a limit.
    const LOOK_EVERY: Duration = Duration::from_millis(2);
    while !thread.is_finished() {
        if left(deadline).is_zero() {
            return tracing::warn!("{name} did not end in time");
        }
        thread::sleep(LOOK_EVERY);
    }
    if thread.join().is_err() {
        tracing::error!("{name}: the thread had panicked");
    }
}

/// Hears the printer.
fn hear_printer(health: Health, outlet: Outlet) -> impl FnMut(PrinterEvent) + Send + 'static {
    move |event| {
        outlet.send(match event {
            PrinterEvent::Status(status) => {
                health.printer_is(status);
                Event::Printer(status)
            }
            PrinterEvent::Done { job, outcome } => {
                Event::Printed { ticket: SlipTicket(job.0), outcome }
            }
        });
    }
}

/// Hears the device at `place`. A card of the staff opens their door; every other card is a
/// resident's.
fn hear(
    place: Place,
    settings: &Settings,
    health: Health,
    outlet: Outlet,
    beat: Arc<Notify>,
) -> impl FnMut(ReaderEvent) + Send + 'static {
    let staff = settings.staff.clone();
    move |event| {
        if let ReaderEvent::Status(status) = &event {
            health.device_is(place, *status);
        }
        let event = match event {
            // For the staff's report, not for the pages.
            ReaderEvent::Trouble(trouble) => return health.device_failed(place, trouble),
            ReaderEvent::Module(module) => {
                if health.module(place) != Some(module) {
                    health.module_is(place, module);
                    // The county answers no question of a reader that it has not been told of.
                    beat.notify_one();
                }
                return;
            }
            ReaderEvent::Read(document) if is_staff(&staff, &document) => Event::StaffCard(place),
            event => (place, event).into(),
        };
        outlet.send(event);
    }
}

fn is_staff(settings: &StaffSettings, document: &kiosk_base::domain::Document) -> bool {
    match StaffCards::load(settings.clone()) {
        Ok(cards) => cards.contains(&document.number()),
        Err(error) => {
            tracing::warn!("staff cards: {error}");
            false
        }
    }
}
