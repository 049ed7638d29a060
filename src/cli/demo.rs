//! `kiosk demo`: everything on this machine.

use std::{
    cell::RefCell,
    fs,
    io::Write,
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
};

use anyhow::Context;

use super::Places;
use crate::{
    app::{App, play},
    card::ReaderSettings,
    clock::Clock,
    config::Settings,
    county::{Demonstration, demonstration::DemonstrationSettings},
    link::LinkSettings,
    screen::{Screen, headless, windowed},
    simulator::{self, CardImage, SimulatedReader},
    visit::Event,
};

/// Whoever shows the demonstration lays cards faster than residents do.
const QUERIES_PER_MINUTE: u32 = 6_000;

/// Arguments of `kiosk demo`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// A window instead of the whole screen.
    #[arg(long)]
    window: bool,
    /// Play visits and write pictures, even where there is a display.
    #[arg(long)]
    headless: bool,
    /// Where pictures and transcript go.
    #[arg(long, default_value = "demo-out")]
    out: PathBuf,
    /// Play this visit instead of all of them.
    #[arg(long)]
    visit: Option<PathBuf>,
}

pub(crate) fn run(places: &Places, args: Args) -> anyhow::Result<()> {
    let mut settings = places.settings()?;
    super::log();
    let stage = Stage::set(places, &mut settings)?;
    let display = if args.headless {
        Err("asked for --headless".to_owned())
    } else {
        windowed::init().map_err(|error| error.to_string())
    };
    match display {
        Ok(()) => in_window(&settings, stage, args.window),
        Err(why) => {
            say(&format!("{why}: playing the visits without a window"))?;
            headless::init()?;
            without_display(&settings, &stage, places, &args)
        }
    }
}

/// What the demonstration needs beside the kiosk: a county, a reader and people.
struct Stage {
    _county: Demonstration,
    _runtime: tokio::runtime::Runtime,
    reader: Rc<SimulatedReader>,
    labels: Vec<String>,
    cards: Vec<play::Card>,
}

impl Stage {
    /// Starts the county and the reader, and points the settings at them.
    fn set(places: &Places, settings: &mut Settings) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .thread_name("county")
            .build()?;
        let content = places.config.join("demo");
        let data = places.data.join("demo");
        fs::create_dir_all(&data).with_context(|| format!("cannot make {}", data.display()))?;
        let county = Demonstration::start(
            runtime.handle(),
            &DemonstrationSettings {
                content: content.clone(),
                data: data.join("county"),
                listen: ([127, 0, 0, 1], 0).into(),
                hosts: Vec::new(),
                clock: Clock::System,
                queries_per_minute: QUERIES_PER_MINUTE,
            },
        )?;
        let reader = SimulatedReader::start(simulator::Options::default())
            .context("cannot make a pseudo-terminal for the simulated reader")?;
        settings.link = LinkSettings {
            url: county.url.clone(),
            authority: county.authority.clone(),
            certificate: county.certificate.clone(),
            key: county.key.clone(),
        };
        settings.reader = ReaderSettings {
            port: reader.port().display().to_string(),
            poll: std::time::Duration::from_millis(40),
            ..settings.reader.clone()
        };
        settings.listings.database = data.join("listings.db");
        let (labels, cards) = people(&content.join("residents"))?;
        Ok(Self { _county: county, _runtime: runtime, reader: Rc::new(reader), labels, cards })
    }
}

/// The invented residents: what stands on the strip, and their cards by file name.
fn people(directory: &Path) -> anyhow::Result<(Vec<String>, Vec<play::Card>)> {
    let mut labels = Vec::new();
    let mut cards = Vec::new();
    for resident in simulator::residents::load(directory)? {
        labels.push(resident.label.clone());
        cards.push((resident.name.clone(), CardImage::of(&resident.card)?));
    }
    Ok((labels, cards))
}

/// The kiosk in a window, with the strip from which cards are laid and lifted.
fn in_window(settings: &Settings, stage: Stage, window: bool) -> anyhow::Result<()> {
    let mut place = super::run::place(settings, window);
    place.scales.normal = settings.screen.scale_factor_above(windowed::STRIP);
    if window {
        // A window must fit on a desk.
        (place.width, place.height) = (place.width / 2, place.height / 2);
        place.scales.normal /= 2.0;
        place.scales.large /= 2.0;
    }
    super::run::show(settings, place, |app| {
        app.borrow_mut().demonstrate(stage.labels.clone());
        let (reader, cards) = (stage.reader.clone(), stage.cards.clone());
        let weak: std::rc::Weak<RefCell<App>> = Rc::downgrade(app);
        let on_card = move |resident: Option<usize>| {
            match resident.and_then(|resident| cards.get(resident)) {
                Some((_, card)) => reader.lay(card.clone()),
                None => reader.lift(),
            }
            if let Some(app) = weak.upgrade() {
                app.borrow_mut().take(Event::DemoLaid(resident));
            }
        };
        app.borrow().screen().on_demo_card(on_card);
    })
}

/// Plays the visits, one after the other, on one kiosk.
fn without_display(
    settings: &Settings,
    stage: &Stage,
    places: &Places,
    args: &Args,
) -> anyhow::Result<()> {
    let scripts = match &args.visit {
        Some(path) => vec![path.clone()],
        None => scripts(&places.config.join("demo/visits"))?,
    };
    fs::create_dir_all(&args.out).with_context(|| format!("cannot make {}", args.out.display()))?;
    let size = play::Shape::Portrait.size();
    let screen = Rc::new(Screen::new()?);
    screen.show_headless(size.width, size.height)?;
    let mut app = App::start(settings, Clock::System, screen, size, Arc::new(|| ()))?;
    let mut transcript = String::new();
    let mut pictures = 0;
    for path in scripts {
        let script = play::read(&path)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        play::reshape(&mut app, script.screen)?;
        let played = play::play(&mut app, &stage.reader, &stage.cards, &script, &name, &args.out)?;
        stage.reader.lift();
        app.end_visit();
        play::settle(&mut app, None)?;
        say(&format!("{name}: {} ({} pictures)", script.title, played.pictures.len()))?;
        pictures += played.pictures.len();
        transcript += &played.transcript;
        transcript.push('\n');
    }
    let path = args.out.join("transcript.md");
    fs::write(&path, transcript).with_context(|| format!("cannot write {}", path.display()))?;
    say(&format!("{pictures} pictures and transcript.md in {}", args.out.display()))
}

/// The visits of a directory, by file name.
fn scripts(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(directory).with_context(|| format!("cannot read {}", directory.display()))?;
    let mut paths: Vec<_> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .collect();
    paths.sort();
    Ok(paths)
}

fn say(line: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout().lock(), "{line}")?;
    Ok(())
}
