//! A whole kiosk as it stands in a town hall: the real window without a display, a simulated reader
//! on a pseudo-terminal, the county on loopback behind mutual TLS, and a data directory that goes
//! away with the test.

use std::{
    fs,
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use kiosk_base::{
    clock::Clock,
    domain::{CitizenId, Document, Sensitive, document::ResidentIdCard},
};
use kiosk_county::{
    Authority, County, Feed, Limits, PinPolicy, QueryRules, Server, ServerSettings,
    core::{CoreAnswer, CoreQuery, CoreSystem, PinAnswer},
    demonstration,
    invented::InventedCore,
};
use kiosk_devices::{
    card::ReaderStatus,
    printer::{Paper, PrinterSettings, PrinterStatus},
};
use kiosk_stage::simulator::{
    Card, Options, SimulatedPrinter, SimulatedReader, SimulatedSlot, residents,
};
use renshe_kiosk::{
    app::{App, hall, play::Shape},
    config::Settings,
    screen::{
        Screen,
        headless::{self, Found, Role},
    },
    visit::{Event, LinkStatus, State, machine::Notice},
};
use tempfile::TempDir;
use tokio::{runtime::Runtime, sync::Semaphore};

use super::GUARD;

/// The moment at which these kiosks stand still; the demonstration's content is written for its
/// day.
const MOMENT: &str = "2026-11-23T09:10:00+08:00";

/// The town hall around the kiosk.
pub struct Hall {
    /// What a kiosk is started with.
    pub settings: Settings,
    /// The reader.
    pub reader: SimulatedReader,
    /// The slot; the kiosk has it after [`with_slot`](Self::with_slot).
    pub slot: SimulatedSlot,
    /// The slip printer; the kiosk has it after [`with_printer`](Self::with_printer).
    pub printer: SimulatedPrinter,
    /// Holds the answers of the core system back while it is shut.
    pub gate: Gate,
    /// Whether the core system answers under another name than it was asked for.
    pub renames: Arc<AtomicBool>,
    /// What time the county has, once it is served again.
    pub clock: Clock,
    /// How the county answers queries, once it is served again.
    pub queries: QueryRules,
    content: PathBuf,
    address: SocketAddr,
    server: Option<Server>,
    runtime: Runtime,
    home: TempDir,
}

/// A gate before the core system.
#[derive(Clone)]
pub struct Gate(Arc<Semaphore>);

impl Gate {
    /// From now on no answer comes.
    pub fn shut(&self) {
        self.0.forget_permits(usize::MAX);
    }

    /// What waits is answered, and everything after it.
    pub fn open(&self) {
        self.0.add_permits(1_000);
    }
}

/// The demonstration's core system behind a gate.
struct GatedCore {
    core: InventedCore,
    gate: Gate,
    renames: Arc<AtomicBool>,
}

impl CoreSystem for GatedCore {
    fn account<'a>(&'a self, query: &'a CoreQuery) -> CoreAnswer<'a> {
        Box::pin(async {
            let _passed = self.gate.0.acquire().await.expect("the gate is never taken away");
            let mut account = self.core.account(query).await?;
            if self.renames.load(Ordering::SeqCst) {
                account.name = Sensitive::from("测试旁人");
            }
            Ok(account)
        })
    }

    fn check_pin<'a>(&'a self, query: &'a CoreQuery, pin: &'a Sensitive<String>) -> PinAnswer<'a> {
        self.core.check_pin(query, pin)
    }
}

impl Hall {
    /// A hall with the shipped settings and the shipped content.
    pub fn new() -> Self {
        Self::with_content(shipped().join("demo"))
    }

    /// A hall whose residents and listings come from `content`.
    pub fn with_content(content: PathBuf) -> Self {
        let home = tempfile::tempdir().expect("a directory");
        let options = Options { link: Some(home.path().join("reader")), ..Options::default() };
        // Makes the authority, enrols the kiosk and publishes; then served with a gate.
        let hall = hall::Hall::open(&content, &home.path().join("county"), clock(), options);
        let hall = hall.expect("a county and a reader");
        let data = home.path().join("kiosk");
        let mut settings = Settings::load(&shipped(), &data).expect("the shipped settings");
        hall.furnish(&mut settings);
        // Most visits here begin with the card; the one that is about the notice asks for it.
        settings.visit.notice = Notice::Show;
        let hall::Hall { county: demonstration, reader, slot, printer, runtime } = hall;
        let address = demonstration.server.address();
        let gate = Gate(Arc::new(Semaphore::new(0)));
        gate.open();
        let server = Some(demonstration.server);
        let queries = QueryRules { per_minute: 6_000, ..QueryRules::default() };
        let mut hall = Self {
            settings,
            reader,
            slot,
            printer,
            gate,
            renames: Arc::default(),
            clock: clock(),
            queries,
            content,
            address,
            server,
            runtime,
            home,
        };
        hall.cut_county();
        hall.serve_county();
        hall
    }

    /// This hall and its county at the machine's own time.
    pub fn at_present(mut self) -> Self {
        self.clock = Clock::System;
        self.cut_county();
        self.serve_county();
        self
    }

    /// This hall with a slot for social-security cards.
    pub fn with_slot(mut self) -> Self {
        self.settings.contact = Some(self.slot.settings());
        self
    }

    /// This hall with a slip printer, which is looked at more often than in a real one.
    pub fn with_printer(mut self) -> Self {
        let mut printer = PrinterSettings::simulated(self.printer.port(), Paper::Mm58);
        printer.profile.poll = Duration::from_millis(40);
        self.settings.printer = Some(printer);
        self
    }

    /// From now on the county asks for the query PIN.
    pub fn ask_for_pin(&mut self) {
        self.queries.pin = PinPolicy::Required;
        self.cut_county();
        self.serve_county();
    }

    /// Everything that kiosk and county keep on disk.
    pub fn data(&self) -> &Path {
        self.home.path()
    }

    /// Cuts the county off in the middle of whatever it does.
    pub fn cut_county(&mut self) {
        drop(self.server.take());
        wait_until("the county is gone", || TcpStream::connect(self.address).is_err());
    }

    /// Starts the county again, at the same address.
    pub fn serve_county(&mut self) {
        let data = self.home.path().join("county");
        let authority = Authority::open_or_create(&data).expect("the authority");
        let core = InventedCore::read(&self.content.join("residents"), self.clock.clone());
        let core = core.expect("residents");
        let hosts = demonstration::all_hosts(self.address, &[]);
        let settings = ServerSettings {
            listen: self.address,
            authority: authority.certificate().to_owned(),
            credentials: authority.issue_server(&hosts).expect("a certificate"),
            limits: Limits::default(),
        };
        let county = County {
            core: Arc::new(GatedCore {
                core,
                gate: self.gate.clone(),
                renames: self.renames.clone(),
            }),
            feed: Feed::open(&data).expect("the feed"),
            clock: self.clock.clone(),
            queries: self.queries.clone(),
        };
        self.server =
            Some(Server::start(self.runtime.handle(), &settings, county).expect("the same port"));
    }

    /// What the county publishes, to be changed.
    pub fn feed(&self) -> Feed {
        Feed::open(&self.home.path().join("county")).expect("the feed")
    }

    /// What stands on the card of the resident in `NAME.toml`.
    pub fn document(&self, name: &str) -> Document {
        let path = self.content.join("residents").join(name).with_extension("toml");
        residents::load_file(&path).expect("a resident").card
    }
}

/// The kiosk itself, in its hall. One on each thread: windows belong to threads.
pub struct Kiosk {
    /// The program.
    pub app: App,
    /// What is around it.
    pub hall: Hall,
}

impl Kiosk {
    /// Starts a kiosk in `hall`, in portrait, and waits until everything around it answers. From
    /// then on the time of visits passes only with [`pass`](Self::pass), so that a slow machine
    /// changes nothing.
    pub fn open(hall: Hall) -> Self {
        let mut kiosk = Self::open_at_once(hall);
        kiosk.until("reader, county and listings are there", |kiosk| {
            let machine = &kiosk.app.state().machine;
            machine.link == LinkStatus::Up
                && machine.reader == ReaderStatus::Ready
                && machine.slot.is_none_or(|slot| slot != ReaderStatus::Starting)
                && machine.printer.is_none_or(|printer| printer != PrinterStatus::Starting)
                && machine.summary.postings > 0
                && machine.summary.trainings > 0
                && !machine.refresh.running
        });
        kiosk
    }

    /// As [`open`](Self::open), without waiting for anything.
    pub fn open_at_once(hall: Hall) -> Self {
        let clock = hall.clock.clone();
        Self::open_at(hall, clock)
    }

    /// As [`open_at_once`](Self::open_at_once), with another clock in the machine.
    pub fn open_at(hall: Hall, clock: Clock) -> Self {
        // A second kiosk on a thread finds the platform chosen by the first.
        let _ = headless::init();
        let size = Shape::Portrait.size();
        let screen = Rc::new(Screen::new().expect("a window"));
        screen.show_headless(size.width, size.height).expect("shown");
        let app = App::start(&hall.settings, clock, screen, size, Arc::new(|| ()));
        let mut kiosk = Self { app: app.expect("a kiosk"), hall };
        // Monotonic time never goes back: the machine's own is far behind this for a year.
        kiosk.pass(Duration::from_secs(365 * 86_400));
        kiosk
    }

    /// Lets `time` of the visit pass.
    pub fn pass(&mut self, time: Duration) {
        let machine = &self.app.state().machine;
        let (mono, wall) = (machine.mono + time, machine.wall);
        self.app.take(Event::Tick { mono, wall });
        headless::pass(time.min(Duration::from_secs(1)));
        self.app.pump();
    }

    /// Lets the kiosk work until `condition` holds.
    pub fn until(&mut self, what: &str, mut condition: impl FnMut(&mut Self) -> bool) {
        let deadline = Instant::now() + GUARD;
        while !condition(self) {
            assert!(Instant::now() < deadline, "{what}; the page says:\n{}", self.readable());
            self.app.wait(Duration::from_millis(10));
            self.app.pump();
            headless::pass(Duration::from_millis(10));
        }
    }

    /// As [`until`](Self::until), with a look after every single event of a worker.
    pub fn follow(&mut self, what: &str, mut condition: impl FnMut(&State) -> bool) {
        let deadline = Instant::now() + GUARD;
        while !condition(self.app.state()) {
            assert!(Instant::now() < deadline, "{what}; the page says:\n{}", self.readable());
            self.app.wait(Duration::from_millis(10));
        }
        self.app.pump();
    }

    /// Waits until `words` can be read.
    pub fn see(&mut self, words: &str) {
        self.until(&format!("nothing says {words}"), |kiosk| kiosk.says(words));
    }

    /// Whether `words` can be read now.
    pub fn says(&self, words: &str) -> bool {
        self.labels().iter().any(|label| label.contains(words))
    }

    /// Presses the button whose label begins with `label`, as soon as it is there.
    pub fn press(&mut self, label: &str) {
        self.until(&format!("no button {label}"), |kiosk| kiosk.app.screen().press(label));
        self.app.pump();
    }

    /// Presses one button after the other.
    pub fn press_all(&mut self, labels: &[&str]) {
        for label in labels {
            self.press(label);
        }
    }

    /// Touches the attract page.
    pub fn begin(&mut self) {
        self.press("按一下屏幕");
        self.see("您想办什么事");
    }

    /// Lays the card of the resident in `NAME.toml`.
    pub fn lay(&self, name: &str) {
        self.lay_card(&self.hall.document(name));
    }

    /// Lays a card.
    pub fn lay_card(&self, card: &Document) {
        hall::lay(&Card::of(card).expect("a card"), &self.hall.reader, &self.hall.slot);
    }

    /// Lifts the card and waits for the attract page.
    pub fn lift(&mut self) {
        hall::lift(&self.hall.reader, &self.hall.slot);
        self.until("nobody is here", |kiosk| {
            kiosk.app.state().visit.is_none() && !kiosk.app.state().machine.cards.any()
        });
        assert!(self.says("按一下屏幕就开始"));
    }

    /// Everything that can be read on the window.
    pub fn labels(&self) -> Vec<String> {
        self.app.screen().elements().into_iter().map(|element| element.label).collect()
    }

    /// The element whose label is `label`.
    pub fn element(&self, label: &str) -> Found {
        let elements = self.app.screen().elements();
        let found = elements.into_iter().find(|element| element.label == label);
        found.unwrap_or_else(|| panic!("no {label}; the page says:\n{}", self.readable()))
    }

    /// A whole visit of the pensioner in `a.toml`, from laying the card to lifting it. Returns
    /// everything that could be read in it.
    pub fn pension_visit(&mut self) -> Vec<String> {
        let mut read = self.labels();
        let look = |kiosk: &mut Self, read: &mut Vec<String>, words| {
            kiosk.see(words);
            read.extend(kiosk.labels());
        };
        self.lay("a");
        look(self, &mut read, "每月养老金");
        assert!(self.says("243.00") && !self.says("测试国"));
        self.press("显示");
        look(self, &mut read, "测试国");
        self.press_all(&["更多", "每年缴费"]);
        look(self, &mut read, "累计缴 180 个月");
        self.press_all(&["返回", "返回"]);
        look(self, &mut read, "每月养老金");
        self.press("全部险种");
        look(self, &mut read, "城乡居民医疗保险");
        self.lift();
        read.extend(self.labels());
        read
    }

    fn readable(&self) -> String {
        let elements = self.app.screen().elements();
        let line = |element: &Found| match element.role {
            Role::Button => format!("[{}]", element.label),
            _ => element.label.clone(),
        };
        elements.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// Always the same moment.
pub fn clock() -> Clock {
    Clock::Fixed(MOMENT.parse().expect("a moment"))
}

/// The settings and content in the repository.
pub fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config")
}

/// A resident's `card` with something changed.
pub fn changed(mut card: Document, change: impl FnOnce(&mut ResidentIdCard)) -> Document {
    let Document::ResidentIdCard(resident) = &mut card else { panic!("a resident's card") };
    change(resident);
    card
}

/// `card` of a person with another name and number.
pub fn card_of(card: Document, name: &str, number: &str) -> Document {
    changed(card, |card| {
        card.name = Sensitive::from(name);
        card.number = CitizenId::parse(number).expect("a valid number");
    })
}

/// Copies a directory of plain files and directories.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("readable") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}

/// Settings for the program `kiosk` in `town`, by files. Nothing of it lies where the people are.
pub fn config(content: &Path, town: &Hall) -> TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    copy(content, directory.path());
    fs::remove_dir_all(directory.path().join("demo")).expect("it was there");
    let path = directory.path().join("kiosk.toml");
    let mut text = fs::read_to_string(&path).expect("readable");
    let link = &town.settings.link;
    let [authority, certificate, key, feed_key] =
        [&link.authority, &link.certificate, &link.key, &link.feed_key]
            .map(|path| path.display().to_string());
    let printer = town.printer.port().display().to_string();
    for (line, other) in [
        ("port = \"/dev/ttyUSB0\"", format!("port = {:?}", town.reader.port())),
        ("profile = \"unknown\"\n# 从", "profile = \"simulator\"\n# 从".to_owned()),
        ("port = \"\"\n", format!("port = {printer:?}\n")),
        ("baud = 9600\n", "baud = 115200\n".to_owned()),
        ("url = \"https://localhost:8443\"", format!("url = {:?}", link.url)),
        ("authority = \"link/ca.pem\"", format!("authority = {authority:?}")),
        ("certificate = \"link/kiosk.pem\"", format!("certificate = {certificate:?}")),
        ("key = \"link/kiosk.key\"", format!("key = {key:?}")),
        ("feed_key = \"link/feed.pub\"", format!("feed_key = {feed_key:?}")),
        // A slow machine changes nothing.
        ("idle_seconds = 60", "idle_seconds = 600".to_owned()),
        ("show_seconds = 30", "show_seconds = 120".to_owned()),
        ("notice = \"confirm\"", "notice = \"show\"".to_owned()),
    ] {
        assert_eq!(text.matches(line).count(), 1, "{line}");
        text = text.replace(line, &other);
    }
    fs::write(&path, text).expect("written");
    directory
}

/// Waits for something outside of the kiosk.
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + GUARD;
    while !condition() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
