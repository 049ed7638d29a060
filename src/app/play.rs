//! Plays visits from files through the headless window: what a resident would press, by the words
//! on the button; what the reader would see laid and lifted. One picture a step, and a transcript.
//!
//! ```toml
//! title = "查养老金"
//! screen = "portrait"          # or "landscape"
//!
//! [[step]]
//! press = "按一下屏幕"           # the beginning of a button's label
//! see = "您想办什么事"           # wait until this can be read
//!
//! [[step]]
//! lay = "a"                    # the card of residents/a.toml
//! see = "每月养老金"
//! ```

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use kiosk_stage::simulator::{self, SimulatedReader, SimulatedSlot};
use serde::Deserialize;

use super::{App, hall};
use crate::{
    config::ScreenSettings,
    screen::headless::{Found, Role, pass},
    visit::fit::Size,
};

/// Longest wait for what a step wants to see.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long nothing may happen for a page to count as come to rest.
const REST: Duration = Duration::from_millis(120);
/// Most steps of one visit.
const STEPS_MAX: usize = 100;

/// A visit to be played.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// What the visit is about.
    pub title: String,
    /// The shape of the screen.
    pub screen: Shape,
    /// What happens, in order.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
}

/// The shape of the screen, at full HD.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// 1080 × 1920.
    Portrait,
    /// 1920 × 1080.
    Landscape,
}

impl Shape {
    /// Width and height in pixels.
    pub fn size(self) -> Size {
        match self {
            Self::Portrait => Size { width: 1080, height: 1920 },
            Self::Landscape => Size { width: 1920, height: 1080 },
        }
    }
}

/// One step: at most one thing is done, then something may be waited for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Press the button whose label begins so.
    pub press: Option<String>,
    /// Lay the card of this resident, by file name without ending.
    pub lay: Option<String>,
    /// Lift the card, or pull it out.
    #[serde(default)]
    pub lift: bool,
    /// Wait until a text or label that contains this is on the page.
    pub see: Option<String>,
}

/// Reads a script.
///
/// # Errors
/// When the file is missing or is no script.
pub fn read(path: &Path) -> anyhow::Result<Script> {
    let text = fs::read_to_string(path).with_context(|| format!("读不出 {}", path.display()))?;
    let script: Script =
        toml::from_str(&text).with_context(|| format!("{} 不是办理脚本", path.display()))?;
    ensure!(script.steps.len() <= STEPS_MAX, "{}：多于 {STEPS_MAX} 步", path.display());
    Ok(script)
}

/// A card by its resident's file name.
pub type Card = (String, simulator::Card);

/// Where cards are put.
#[derive(Clone, Copy)]
pub struct Devices<'a> {
    /// The reader.
    pub reader: &'a SimulatedReader,
    /// The slot.
    pub slot: &'a SimulatedSlot,
}

/// A visit that was played.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Played {
    /// The pictures, in order.
    pub pictures: Vec<PathBuf>,
    /// What was done and what could be read.
    pub transcript: String,
}

/// Plays `script` on `app`, whose window has the script's shape. Pictures go to `out` as
/// `NAME-01.png` and so on.
///
/// # Errors
/// When a button is not there or what a step wants to see does not come.
pub fn play(
    app: &mut App,
    devices: Devices<'_>,
    cards: &[Card],
    script: &Script,
    name: &str,
    out: &Path,
) -> anyhow::Result<Played> {
    let mut played = Played { transcript: format!("# {}\n", script.title), ..Played::default() };
    for (i, step) in script.steps.iter().enumerate() {
        let number = i + 1;
        let done = act(app, devices, cards, step)
            .and_then(|done| settle(app, step.see.as_deref()).map(|()| done));
        let done = match done {
            Ok(done) => done,
            Err(error) => {
                let path = out.join(format!("{name}-{number:02}-failed.png"));
                write_picture(app, &path)?;
                return Err(error
                    .context(format!("{name} 第 {number} 步没有成功，请看 {}", path.display())));
            }
        };
        let path = out.join(format!("{name}-{number:02}.png"));
        write_picture(app, &path)?;
        played.transcript += &format!("\n## {number}. {done}\n\n{}\n", readable(app));
        played.pictures.push(path);
    }
    Ok(played)
}

/// Does what a step says; gives it in words.
fn act(app: &mut App, devices: Devices<'_>, cards: &[Card], step: &Step) -> anyhow::Result<String> {
    if let Some(label) = &step.press {
        ensure!(app.screen().press(label), "页面上没有按钮“{label}”");
        return Ok(format!("按“{label}”"));
    }
    if let Some(resident) = &step.lay {
        let (_, card) = cards
            .iter()
            .find(|(name, _)| name == resident)
            .with_context(|| format!("没有居民 {resident}"))?;
        hall::lay(card, devices.reader, devices.slot);
        return Ok(match card {
            simulator::Card::Plate(_) => format!("放身份证 {resident}"),
            simulator::Card::Slot(_) => format!("插社保卡 {resident}"),
        });
    }
    if step.lift {
        hall::lift(devices.reader, devices.slot);
        return Ok("拿走卡".to_owned());
    }
    Ok("看".to_owned())
}

/// Lets the kiosk work until `see` can be read and nothing more happens.
///
/// # Errors
/// When it does not come in time.
pub fn settle(app: &mut App, see: Option<&str>) -> anyhow::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    let mut quiet = Instant::now();
    loop {
        let before = Instant::now();
        let happened = app.wait(Duration::from_millis(15)) | (app.pump() > 0);
        pass(before.elapsed());
        if happened {
            quiet = Instant::now();
        }
        let seen = see.is_none_or(|words| shows(&app.screen().elements(), words));
        if seen && quiet.elapsed() >= REST {
            return Ok(());
        }
        let what = see.unwrap_or_default();
        ensure!(Instant::now() < deadline, "页面上没有出现“{what}”");
    }
}

/// Whether `words` can be read on a page.
pub fn shows(elements: &[Found], words: &str) -> bool {
    elements.iter().any(|element| element.label.contains(words))
}

/// Gives the window another shape, as a `glass` of that shape would have it.
pub fn reshape(app: &mut App, glass: ScreenSettings, shape: Shape) -> anyhow::Result<()> {
    let Size { width, height } = shape.size();
    let scales = glass.with_pixels(width, height).scales();
    let room = app.screen().show_scaled(width, height, scales)?;
    app.resize(room);
    settle(app, None)
}

/// Draws the window into a PNG file.
///
/// # Errors
/// When the file cannot be written.
pub fn write_picture(app: &App, path: &Path) -> anyhow::Result<()> {
    let picture = app.screen().picture()?;
    let file = fs::File::create(path).with_context(|| format!("写不了 {}", path.display()))?;
    let mut encoder =
        png::Encoder::new(std::io::BufWriter::new(file), picture.width(), picture.height());
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_compression(png::Compression::Fast);
    encoder.write_header()?.write_image_data(picture.as_bytes())?;
    Ok(())
}

/// What can be read on the page, line by line, buttons in brackets.
fn readable(app: &App) -> String {
    let line = |element: &Found| match element.role {
        Role::Button => format!("[{}]", element.label),
        _ => element.label.clone(),
    };
    let lines = app.screen().elements();
    lines.iter().filter(|e| !e.label.is_empty()).map(line).collect::<Vec<_>>().join("\n")
}
