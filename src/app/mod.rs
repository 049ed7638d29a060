//! Composition root: builds the rooms, connects them, runs, drains.
//!
//! ```text
//!  touches ─► Screen ─┐                              ┌─► reader, slot threads
//!                     ▼                              ├─► printer thread
//!                     │                              ├─► desk thread      (finds listings)
//!   workers ─► inbox ─► visit::step ─► effects ─► Workers ─► keeper thread (cache, refresh)
//!                     │                              ├─► recorder thread (audit)
//!                     │                              └─► tokio runtime    (county, PIN, report)
//!                     ▼
//!               Screen::render
//! ```
//!
//! State: the kiosk's [`State`], the window, and the workers' handles. Everything runs on the
//! window's thread but the workers, which speak through one bounded channel.

use std::{
    cell::RefCell,
    collections::VecDeque,
    rc::Rc,
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use kiosk_base::{clock::Clock, domain::Guide};
use kiosk_devices::{card::ReaderStatus, printer::PrinterStatus};

use crate::{
    config::Settings,
    link::Client,
    screen::Screen,
    visit::{
        Cards, Effect, Event, LinkStatus, Machine, State, Summary,
        fit::{Fits, Room},
        machine::Demo,
        staff::{CollectionProgress, Progress},
        step,
    },
};

mod desk;
pub mod hall;
mod health;
mod inspector;
mod keeper;
mod ledger;
mod link;
pub mod play;
mod recorder;
mod schedule;
mod staff;
mod stick;
mod workers;

pub(crate) use health::printer_words;
pub(crate) use inspector::{ask_running, is_older_than};
pub(crate) use staff::{FONT, audited};
use workers::Workers;

/// Wakes the window's thread after an event was put into the inbox. Called from any thread.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Most events that wait between workers and window. A worker that finds it full waits.
const INBOX: usize = 256;
/// How often a task looks for room between workers and window.
const ROOM_EVERY: Duration = Duration::from_millis(5);
/// For so long after somebody's account each pump draws a frame: displays have two or three buffers,
/// and the one that is not shown has the page before.
const REDRAWN: Duration = Duration::from_secs(3);
/// Most events taken in before the window is drawn again.
const EVENTS_AT_ONCE: usize = 64;

/// The kiosk: state, window and workers.
pub struct App {
    state: State,
    screen: Rc<Screen>,
    /// Dropped before the workers, so that none of them waits for room in it at the end.
    inbox: mpsc::Receiver<Event>,
    workers: Workers,
    pressed: Rc<RefCell<VecDeque<Event>>>,
    /// Until when frames are drawn for the sake of the last resident's.
    redraw_until: Option<Instant>,
    /// Whether the last pump took as many events as it may.
    more_may_wait: bool,
    started: Instant,
    clock: Clock,
}

/// What a worker needs to speak to the window.
#[derive(Clone)]
pub(crate) struct Outlet {
    events: mpsc::SyncSender<Event>,
    wake: Wake,
}

impl Outlet {
    /// Sends an event; waits for room. It is lost only when the window is gone, and then nobody waits
    /// for it.
    pub(crate) fn send(&self, event: Event) {
        if self.events.send(event).is_ok() {
            (self.wake)();
        }
    }

    /// As [`send`](Self::send), from a task: while it waits for room, other tasks run. Says whether the
    /// window is still there.
    pub(crate) async fn deliver(&self, mut event: Event) -> bool {
        loop {
            match self.events.try_send(event) {
                Ok(()) => {
                    (self.wake)();
                    return true;
                }
                Err(mpsc::TrySendError::Full(back)) => event = back,
                Err(mpsc::TrySendError::Disconnected(_)) => return false,
            }
            tokio::time::sleep(ROOM_EVERY).await;
        }
    }
}

impl App {
    /// Builds the rooms and starts the workers. `room` is what there is for pages.
    ///
    /// # Errors
    /// When the link's files are unfit or a thread cannot be started. A reader, a county or a cache
    /// that does not answer is no error: the kiosk serves what it can.
    pub fn start(
        settings: &Settings,
        clock: Clock,
        screen: Rc<Screen>,
        room: impl Into<Room>,
        wake: Wake,
    ) -> anyhow::Result<Self> {
        let (events, inbox) = mpsc::sync_channel(INBOX);
        let outlet = Outlet { events, wake: wake.clone() };
        let clock = clock.learning(settings.link.holds());
        let workers = Workers::start(settings, clock.clone(), &outlet)?;
        let pressed = Rc::new(RefCell::new(VecDeque::new()));
        let queue = pressed.clone();
        screen.bind(move |event| {
            queue.borrow_mut().push_back(event);
            wake();
        });
        let fits = screen.measure(room.into());
        let state = State::new(machine(settings, &clock, fits));
        let started = Instant::now();
        let mut app = Self {
            state,
            screen,
            workers,
            inbox,
            pressed,
            redraw_until: None,
            more_may_wait: false,
            started,
            clock,
        };
        app.tick();
        app.screen.render(&app.state);
        Ok(app)
    }

    /// Takes in what happened since the last time and shows it. Never waits. Returns how many
    /// events there were.
    pub fn pump(&mut self) -> usize {
        self.tick();
        let mut taken = 0;
        while taken < EVENTS_AT_ONCE {
            let pressed = self.pressed.borrow_mut().pop_front();
            let Some(event) = pressed.or_else(|| self.inbox.try_recv().ok()) else { break };
            self.take(event);
            taken += 1;
        }
        self.screen.render(&self.state);
        self.read();
        if self.redraw_until.is_some_and(|until| Instant::now() < until) {
            self.screen.redraw();
        }
        // Words about a resident were made on this stack, and drawn from it before.
        kiosk_memory::wipe_stack();
        self.more_may_wait = taken == EVENTS_AT_ONCE;
        taken
    }

    /// Whether more events may wait than the last [`pump`](Self::pump) took.
    pub fn more_waits(&self) -> bool {
        self.more_may_wait || !self.pressed.borrow().is_empty()
    }

    /// Waits for an event of a worker, at most `limit`, and takes it in.
    pub fn wait(&mut self, limit: Duration) -> bool {
        match self.inbox.recv_timeout(limit) {
            Ok(event) => {
                self.take(event);
                true
            }
            Err(_) => false,
        }
    }

    /// Takes in one event as if a worker had sent it.
    pub fn take(&mut self, event: Event) {
        for effect in step(&mut self.state, event) {
            self.carry_out(effect);
        }
    }

    /// Fits the pages to another room.
    pub fn resize(&mut self, room: impl Into<Room>) {
        let fits = self.screen.measure(room.into());
        self.take(Event::Measured(Box::new(fits)));
    }

    /// What the kiosk shows.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The window.
    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    /// A way for another thread to send events.
    pub(crate) fn outlet(&self) -> Outlet {
        self.workers.outlet().clone()
    }

    /// Shows the demonstration's strip, with these people and faults on it.
    pub fn demonstrate(&mut self, residents: Vec<String>, faults: Vec<String>) {
        self.state.machine.demo = Demo { residents, faults, ..Demo::default() };
    }

    /// Ends the present visit, as the resident's own button does.
    pub fn end_visit(&mut self) {
        self.take(Event::Press(crate::visit::Press::End));
    }

    /// Ends the kiosk: the visit is forgotten, what waits to be written is written, the workers end,
    /// within `limit`.
    pub fn end(mut self, limit: Duration) {
        self.end_visit();
        self.screen.render(&self.state);
        let Self { state, inbox, workers, .. } = self;
        // So that no worker waits for room in it.
        drop((state, inbox));
        workers.end(limit);
        kiosk_memory::wipe_stack();
    }

    /// Tells a visit by keys what the page has now, and shows where the focus is.
    fn read(&mut self) {
        if self.state.focus.is_some() && !self.state.warning() {
            let stops = self.screen.read();
            self.take(Event::Read(stops));
        }
        self.screen.show_focus(&self.state);
    }

    fn carry_out(&mut self, effect: Effect) {
        if let Effect::PressStop(stop) = effect {
            // What comes of it comes before what was pressed after it.
            let later = self.pressed.take();
            self.screen.press_stop(stop);
            let came = self.pressed.replace(later);
            return came.into_iter().for_each(|event| self.take(event));
        }
        // Words are made where all words are.
        if let Effect::Print { ticket, sheet } = effect {
            let slip = self.screen.slip(&self.state, &sheet);
            return self.workers.print(ticket, slip);
        }
        if effect == Effect::CancelAccount {
            self.redraw_until = Some(Instant::now() + REDRAWN);
        }
        self.workers.carry_out(effect);
    }

    fn tick(&mut self) {
        let mono = self.started.elapsed();
        let wall = self.clock.wall().datetime();
        self.take(Event::Tick { mono, wall });
    }
}

/// The kiosk before anything happened.
fn machine(settings: &Settings, clock: &Clock, fits: Fits) -> Machine {
    let mut machine = Machine {
        settings: settings.visit.clone(),
        office: settings.office.clone(),
        divisions: settings.directory.clone(),
        towns: Vec::new(),
        guides: by_window(settings.guides.clone()),
        boards: settings.boards.clone(),
        questions: settings.questions.clone(),
        policy: settings.policy.clone(),
        retirement: settings.retirement.clone(),
        mono: Duration::ZERO,
        wall: clock.wall().datetime(),
        fits,
        link: LinkStatus::Connecting,
        reader: ReaderStatus::Starting,
        slot: settings.contact.as_ref().map(|_| ReaderStatus::Starting),
        printer: settings.printer.as_ref().map(|_| PrinterStatus::Starting),
        cards: Cards::default(),
        summary: Summary::default(),
        refresh: Progress {
            collections: kiosk_base::wire::Collection::ALL
                .map(|collection| CollectionProgress {
                    name: collection.as_str().to_owned(),
                    ..CollectionProgress::default()
                })
                .to_vec(),
            ..Progress::default()
        },
        alarm: None,
        told: None,
        demo: Demo::default(),
    };
    machine.towns = machine.towns();
    machine
}

/// Guides in the order of the windows in the hall, as people know it.
fn by_window(mut guides: Vec<Guide>) -> Vec<Guide> {
    guides.sort_by_key(|guide| guide.window);
    guides
}

/// The client of the county, or why there is none; a kiosk without one still serves listings.
type MaybeClient = Result<Client, kiosk_base::domain::Stop>;
