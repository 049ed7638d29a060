//! `kiosk demo`: everything on this machine.

use std::{
    cell::RefCell,
    fs,
    io::Write,
    path::{Path, PathBuf},
    rc::{Rc, Weak},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::Context;
use kiosk_base::clock::Clock;
use kiosk_county::Demonstration;
use kiosk_devices::printer::Paper;
use kiosk_stage::simulator::{
    self, Card, CardImage, Options, Script, SimulatedPrinter, SimulatedReader, SimulatedSlot,
};

use super::Places;
use crate::{
    app::{
        App,
        hall::{self, Hall},
        play,
    },
    config::Settings,
    screen::{Screen, headless, windowed},
    visit::Event,
};

/// Arguments of `kiosk demo`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// 开一个窗口，不占满屏幕
    #[arg(long)]
    window: bool,
    /// 不开窗口，播放各次办理并存成图片，有显示器也这样
    #[arg(long)]
    headless: bool,
    /// 图片、文字记录和模拟打印机打出的小票存到哪里
    #[arg(long, value_name = "目录", default_value = "demo-out")]
    out: PathBuf,
    /// 只播放这一次办理：它的名称（例如 pension）或文件
    #[arg(long, value_name = "名称")]
    visit: Option<String>,
}

pub(crate) fn run(places: &Places, args: Args) -> anyhow::Result<()> {
    let mut settings = places.settings()?;
    super::log();
    let stage = Stage::set(places, &mut settings, &args.out)?;
    let display = if args.headless {
        Err("写了 --headless".to_owned())
    } else {
        windowed::init(super::run::place(&settings, args.window).fullscreen)
            .map_err(|error| format!("打不开显示器（{error}）"))
    };
    match display {
        Ok(()) => {
            settings.screen.strip = windowed::STRIP;
            in_window(&settings, stage, &args)
        }
        Err(why) => {
            say(&format!("{why}：不开窗口，自动演示各次办理并存成图片，要几分钟"))?;
            headless::init()?;
            without_display(&settings, &stage, places, &args)
        }
    }
}

/// How long a hand takes from the one place for a card to the other: the reader sees within this
/// time that its card is gone.
const HAND: Duration = Duration::from_millis(1_200);

/// What the demonstration needs beside the kiosk: a county, devices and people.
struct Stage {
    reader: Arc<Mutex<SimulatedReader>>,
    slot: SimulatedSlot,
    /// Counts what the hand was told to do.
    orders: Arc<AtomicU64>,
    /// The place where a card was put last.
    at_slot: std::cell::Cell<Option<bool>>,
    labels: Vec<String>,
    cards: Vec<play::Card>,
    faults: Vec<Fault>,
    /// Prints into the directory of the pictures.
    _printer: SimulatedPrinter,
    _county: Demonstration,
    _runtime: tokio::runtime::Runtime,
}

/// A fault that the reader can play, with the cards it lays.
struct Fault {
    script: Script,
    cards: Vec<CardImage>,
}

impl Stage {
    /// Starts the county and the reader, and points the settings at them.
    fn set(places: &Places, settings: &mut Settings, out: &Path) -> anyhow::Result<Self> {
        let content = places.config.join("demo");
        let data = places.data.join("demo");
        kiosk_base::store::private::make(&data)
            .with_context(|| format!("建不了目录 {}", data.display()))?;
        // A fault may pull the plug: the port keeps its name.
        let reader = Options { link: Some(data.join("reader")), ..Options::default() };
        let hall = Hall::open(&content, &data.join("county"), Clock::System, reader)?;
        hall.furnish(settings);
        hall.furnish_slot(settings);
        hall.furnish_printer(settings);
        fs::create_dir_all(out).with_context(|| format!("建不了目录 {}", out.display()))?;
        hall.printer.write_to(out, Paper::Mm58.columns());
        settings.listings.database = data.join("listings.db");
        let (labels, cards) = people(&content.join("residents"))?;
        let faults = faults(&content.join("faults"))?;
        let Hall { county, reader, slot, printer, runtime } = hall;
        Ok(Self {
            reader: Arc::new(Mutex::new(reader)),
            slot,
            orders: Arc::default(),
            at_slot: std::cell::Cell::default(),
            labels,
            cards,
            faults,
            _printer: printer,
            _county: county,
            _runtime: runtime,
        })
    }

    /// Puts the card of a resident where it belongs, or takes away what lies there.
    fn put(&self, resident: Option<usize>) {
        let order = self.orders.fetch_add(1, Ordering::Relaxed) + 1;
        let card = resident.and_then(|resident| self.cards.get(resident));
        let to_slot = card.map(|(_, card)| matches!(card, Card::Slot(_)));
        let before = self.at_slot.replace(to_slot);
        let Some((_, card)) = card else {
            return hall::lift(&self.reader(), &self.slot);
        };
        if before.is_none() || before == to_slot {
            return hall::lay(card, &self.reader(), &self.slot);
        }
        // Nobody has both cards lie there at once: the first is taken away before.
        hall::lift(&self.reader(), &self.slot);
        let (card, orders) = (card.clone(), self.orders.clone());
        let (reader, slot) = (self.reader.clone(), self.slot.clone());
        std::thread::spawn(move || {
            std::thread::sleep(HAND);
            if orders.load(Ordering::Relaxed) == order {
                hall::lay(&card, &lock(&reader), &slot);
            }
        });
    }

    fn reader(&self) -> MutexGuard<'_, SimulatedReader> {
        lock(&self.reader)
    }

    /// Plays a fault on a thread of its own, then calls `ended`.
    fn play(&self, fault: usize, ended: impl FnOnce() + Send + 'static) {
        let Some(Fault { script, cards }) = self.faults.get(fault) else { return ended() };
        let (script, cards, reader) = (script.clone(), cards.clone(), self.reader.clone());
        std::thread::spawn(move || {
            let played = script.play(&reader, &cards, &AtomicBool::new(false), &mut |_, _| ());
            if let Err(error) = played {
                tracing::warn!("fault {}: {error}", script.title);
            }
            ended();
        });
    }
}

fn lock(reader: &Mutex<SimulatedReader>) -> MutexGuard<'_, SimulatedReader> {
    // The reader is whole between any two of its methods.
    reader.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The faults of a directory, by file name.
fn faults(directory: &Path) -> anyhow::Result<Vec<Fault>> {
    let fault = |path: PathBuf| -> anyhow::Result<Fault> {
        let script = Script::load(&path)?;
        let card = |path: &PathBuf| super::card::simulate::image(path);
        let cards = script.documents.iter().map(card).collect::<Result<_, _>>()?;
        Ok(Fault { script, cards })
    };
    scripts(directory)?.into_iter().map(fault).collect()
}

/// The invented residents: what stands on the strip, and their cards by file name.
fn people(directory: &Path) -> anyhow::Result<(Vec<String>, Vec<play::Card>)> {
    let mut labels = Vec::new();
    let mut cards = Vec::new();
    for resident in simulator::residents::load(directory)? {
        labels.push(resident.label.clone());
        cards.push((resident.name.clone(), Card::of(&resident.card)?));
    }
    Ok((labels, cards))
}

/// The kiosk in a window, with the strip from which cards are laid and lifted.
fn in_window(settings: &Settings, stage: Stage, args: &Args) -> anyhow::Result<()> {
    let mut place = super::run::place(settings, args.window);
    if args.window {
        // A window must fit on a desk.
        (place.width, place.height) = (place.width / 2, place.height / 2);
    }
    let stage = Rc::new(stage);
    say(&format!(
        "终端已经显示在屏幕上，请点按操作；用屏幕最下面一条放上或拿走居民的证件。\
         小票画在 {} 里。按 Ctrl-C 结束。",
        args.out.display()
    ))?;
    super::run::show(settings, place, |app| {
        let faults = stage.faults.iter().map(|fault| fault.script.title.clone()).collect();
        app.borrow_mut().demonstrate(stage.labels.clone(), faults);
        let (laying, take) = (stage.clone(), taker(app));
        app.borrow().screen().on_demo_card(move |resident: Option<usize>| {
            laying.put(resident);
            take(Event::DemoLaid(resident));
        });
        let (offer, play) = (taker(app), taker(app));
        let outlet = app.borrow().outlet();
        let playing = stage.clone();
        app.borrow().screen().on_demo_fault(
            move |fault| offer(Event::DemoFault { fault, playing: false }),
            move |number| {
                let fault = Some(number);
                play(Event::DemoFault { fault, playing: true });
                let outlet = outlet.clone();
                playing.play(number, move || {
                    outlet.send(Event::DemoFault { fault, playing: false });
                });
            },
        );
    })
}

/// A function that the kiosk takes events through, as long as it is there.
fn taker(app: &Rc<RefCell<App>>) -> impl Fn(Event) + 'static {
    let weak: Weak<RefCell<App>> = Rc::downgrade(app);
    move |event| {
        if let Some(app) = weak.upgrade() {
            app.borrow_mut().take(event);
        }
    }
}

/// Plays the visits, one after the other, on one kiosk.
fn without_display(
    settings: &Settings,
    stage: &Stage,
    places: &Places,
    args: &Args,
) -> anyhow::Result<()> {
    let shipped = scripts(&places.config.join("demo/visits"))?;
    let scripts = match &args.visit {
        Some(visit) => vec![chosen(visit, &shipped)?],
        None => shipped,
    };
    let size = play::Shape::Portrait.size();
    let screen = Rc::new(Screen::new()?);
    screen.show_headless(size.width, size.height)?;
    let mut app = App::start(settings, Clock::System, screen, size, Arc::new(|| ()))?;
    let mut transcript = String::new();
    let mut pictures = 0;
    for path in scripts {
        let script = play::read(&path)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        play::reshape(&mut app, settings.screen, script.screen)?;
        let reader = stage.reader();
        let devices = play::Devices { reader: &reader, slot: &stage.slot };
        let played = play::play(&mut app, devices, &stage.cards, &script, &name, &args.out)?;
        hall::lift(&reader, &stage.slot);
        app.end_visit();
        play::settle(&mut app, None)?;
        say(&format!("{name}：{}（{} 张图片）", script.title, played.pictures.len()))?;
        pictures += played.pictures.len();
        transcript += &played.transcript;
        transcript.push('\n');
    }
    app.end(super::run::END_LIMIT);
    let path = args.out.join("transcript.md");
    fs::write(&path, transcript).with_context(|| format!("写不了 {}", path.display()))?;
    say(&format!("共 {pictures} 张图片和 transcript.md，在 {} 里", args.out.display()))
}

/// The visits of a directory, by the number before their name, then by name.
fn scripts(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(directory).with_context(|| format!("读不出 {}", directory.display()))?;
    let mut paths: Vec<_> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .collect();
    // 10 comes after 9.
    paths.sort_by_cached_key(|path| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let number = name.split('-').next().and_then(|number| number.parse::<u32>().ok());
        (number.unwrap_or(u32::MAX), name)
    });
    Ok(paths)
}

/// The visit that somebody asks for: one of the `shipped` ones, with or without its number, or a file.
fn chosen(visit: &str, shipped: &[PathBuf]) -> anyhow::Result<PathBuf> {
    let file = Path::new(visit);
    if file.is_file() {
        return Ok(file.to_owned());
    }
    let name = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let is_meant = |path: &&PathBuf| {
        let name = name(path);
        let unnumbered = name.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-');
        [name.as_str(), unnumbered].contains(&visit)
    };
    shipped.iter().find(is_meant).cloned().with_context(|| {
        let names: Vec<_> = shipped.iter().map(|path| name(path)).collect();
        format!("没有名为 {visit} 的办理；请写一个文件，或写其中一个：{}", names.join("、"))
    })
}

fn say(line: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout().lock(), "{line}")?;
    Ok(())
}
