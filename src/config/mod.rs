//! The kiosk-config directory, checked. Keeps no state: [`Settings::load`] reads the files once at
//! start and hands each room its own plain struct.
//!
//! Two stages. [`mod@file`] is what a person may type in `kiosk.toml`, with the place of every value;
//! [`check`] turns it into [`Settings`], which cannot be wrong. Whatever is refused names file,
//! line and column, and says what would be right ([`ConfigError`]).

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use kiosk_base::{
    config::{divisions, files},
    domain::{Board, Directory, Guide},
};
use kiosk_devices::{
    card::{Profile, ReaderSettings, SlotSettings},
    printer::PrinterSettings,
};

use reqwest::Url;

use crate::{
    insurance::{Policy, retirement},
    link::LinkSettings,
    staff::{StaffSettings, readiness::ReadinessSettings},
    visit::{
        fit::{BySize, Room, Scale, Scales, TextSize},
        machine::{Office, VisitSettings},
        questions::Questions,
    },
};

mod check;
mod content;
mod file;
mod printers;
mod profiles;
mod questions;
mod readers;
mod slot;

pub use kiosk_base::config::ConfigError;

/// Everything the kiosk is told from outside, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where this kiosk stands.
    pub office: Office,
    /// What it is seen on.
    pub screen: ScreenSettings,
    /// The ID-card reader.
    pub reader: ReaderSettings,
    /// The slot for social-security cards, where there is one.
    pub contact: Option<SlotSettings>,
    /// The slip printer, where there is one.
    pub printer: Option<PrinterSettings>,
    /// The line to the county.
    pub link: LinkSettings,
    /// The office's bell, where it has one.
    pub bell: Option<Url>,
    /// Job postings and training notices.
    pub listings: ListingsSettings,
    /// One resident's visit.
    pub visit: VisitSettings,
    /// Files of the staff room.
    pub staff: StaffSettings,
    /// The settings file.
    pub config_file: PathBuf,
    /// Directory of databases and staff files.
    pub data_dir: PathBuf,
    /// Names of divisions, from `divisions/*.toml`.
    pub directory: Directory,
    /// 办事指南, from `guides/*.toml`, in the order of their file names.
    pub guides: Vec<Guide>,
    /// 公示栏, from `boards/*.toml`, in the order of their file names.
    pub boards: Vec<Board>,
    /// What is asked instead of a dead end, from `questions/*.toml`.
    pub questions: Vec<Questions>,
    /// The figures of the residents' pension where the kiosk stands, from `policy/*.toml`.
    pub policy: Policy,
    /// When one may retire in the employees' pension, from `retirement.toml`.
    pub retirement: retirement::Rules,
}

/// The screen as it is built in. Width and height are those that people see: a portrait screen is
/// higher than wide.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScreenSettings {
    /// Diagonal of the picture in inches.
    pub diagonal_inch: f32,
    /// Width in physical pixels.
    pub width_px: u32,
    /// Height in physical pixels.
    pub height_px: u32,
    /// Whether the kiosk takes the whole screen.
    pub fullscreen: bool,
    /// Millimetres from the floor to the lower edge of the picture; 0 where nobody has measured.
    pub bottom_mm: u32,
    /// Logical pixels at the lower edge that are not the pages': the demonstration's strip. The
    /// pages are drawn a little smaller then, so that they are whole above it.
    pub strip: f32,
}

/// Logical pixels in one millimetre of the real screen: sizes on the pages are physical.
pub const LOGICAL_PX_PER_MM: f32 = 4.0;
/// Logical pixels of the short and the long side that the pages take at the least.
const REGULAR_PX: (f32, f32) = (1_080.0, 1_920.0);
/// The same for the pages of small screens, with text of standard size, and of others with that of size 大.
const SMALL_PX: (f32, f32) = (777.0, 1_380.0);
/// The same for pages of large words that are drawn larger still, with text of size 最大.
const DOUBLE_PX: (f32, f32) = (891.0, 1_584.0);
/// How much larger they are drawn: pages of large words have them larger by two thirds already, and
/// this makes it twice the standard.
const DOUBLE: f32 = 2.0 / 1.65;
/// How high who sits reaches: what is touched lies between 510 and 1,120 mm above the floor.
const REACH_MM: u32 = 1_120;
/// How much smaller than they should be pages may be drawn: words are still 4.8 mm high (section
/// 402.4 of the US accessibility rules). An 11-inch screen is just above.
const LEAST_SIZE: f32 = 0.66;
/// How much smaller the regular pages may be drawn before those of small screens are better.
const NEAR_ENOUGH: f32 = 0.96;

impl ScreenSettings {
    /// Physical pixels in one logical pixel, so that [`LOGICAL_PX_PER_MM`] holds with standard text;
    /// less on a screen too small for the pages, so that they are whole, if smaller: large text at its
    /// full size would leave room for nine characters a line.
    pub fn scale_factor(&self, text: TextSize) -> f32 {
        let scale = self.physical_scale();
        match (text, self.has_small_pages()) {
            (TextSize::Standard, false) => self.fitting(scale, REGULAR_PX, self.strip),
            (TextSize::Standard, true) => self.fitting(scale, SMALL_PX, self.strip),
            (TextSize::Large, false) => self.fitting(1.25 * scale, SMALL_PX, self.strip),
            // From here on it is the page that makes the words larger; a small one once only.
            (TextSize::Large, true) | (TextSize::Larger, _) => {
                self.fitting(scale, REGULAR_PX, self.strip)
            }
            (TextSize::Double, _) => self.fitting(DOUBLE * scale, DOUBLE_PX, self.strip),
        }
    }

    /// Whether the pages of large screens would be drawn too small on it.
    fn has_small_pages(&self) -> bool {
        let scale = self.physical_scale();
        self.fitting(scale, REGULAR_PX, 0.0) < NEAR_ENOUGH * scale
    }

    /// Whether pages with this text are laid out for large words.
    fn has_large_words(&self, text: TextSize) -> bool {
        text >= TextSize::Larger || (text == TextSize::Large && self.has_small_pages())
    }

    /// The scale at each size of the text.
    pub fn scales(&self) -> Scales {
        let all = |glass: &Self, above: u32| {
            BySize::from_fn(|text| Scale {
                factor: glass.scale_factor(text),
                large: glass.has_large_words(text),
                above,
            })
        };
        let low = self.within_reach();
        Scales { full: all(self, 0), low: low.map(|low| all(&low, self.height_px - low.height_px)) }
    }

    /// The lower part of the glass, as far as who sits can reach, as a glass of its own; `None` where
    /// all of it is within reach, nobody has said how high it hangs, or pages would be drawn too small.
    fn within_reach(&self) -> Option<Self> {
        let reach_mm = REACH_MM.checked_sub(self.bottom_mm).filter(|_| self.bottom_mm > 0)?;
        let height_px = (reach_mm as f32 * self.physical_scale() * LOGICAL_PX_PER_MM) as u32;
        if height_px >= self.height_px {
            return None;
        }
        let diagonal = |height_px: u32| (self.width_px as f32).hypot(height_px as f32);
        let part = diagonal(height_px) / diagonal(self.height_px);
        let diagonal_inch = self.diagonal_inch * part;
        let low = Self { diagonal_inch, height_px, bottom_mm: 0, ..*self };
        (low.relative_size(TextSize::Standard) >= LEAST_SIZE).then_some(low)
    }

    /// The same glass with as many pixels as it really has.
    pub fn with_pixels(self, width_px: u32, height_px: u32) -> Self {
        Self { width_px, height_px, ..self }
    }

    /// How large things are drawn compared with what [`LOGICAL_PX_PER_MM`] asks for.
    pub fn relative_size(&self, text: TextSize) -> f32 {
        self.scale_factor(text) / self.physical_scale()
    }

    fn physical_scale(&self) -> f32 {
        let diagonal_px = (self.width_px as f32).hypot(self.height_px as f32);
        diagonal_px / (self.diagonal_inch * 25.4) / LOGICAL_PX_PER_MM
    }

    /// The scale that is `wanted`, or less so that pages of that many logical pixels fit above `strip`.
    fn fitting(&self, wanted: f32, (short, long): (f32, f32), strip: f32) -> f32 {
        let (width, height) = if self.portrait() { (short, long) } else { (long, short) };
        let across = self.width_px as f32 / width;
        wanted.min(across).min(self.height_px as f32 / (height + strip))
    }

    /// Whether the screen stands upright. The orientation follows from the size.
    pub fn portrait(&self) -> bool {
        self.height_px > self.width_px
    }

    /// What the screen has for pages.
    pub fn room(&self) -> Room {
        Room::of_window(self.width_px, self.height_px, &self.scales(), self.strip)
    }
}

/// How the listings are kept fresh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListingsSettings {
    /// The cache's file, in the data directory.
    pub database: PathBuf,
    /// Pause between two refreshes.
    pub refresh_every: Duration,
    /// Under which USB sticks are mounted.
    pub sticks: PathBuf,
}

impl Settings {
    /// Reads `kiosk.toml`, `retirement.toml` and the directories `divisions/`, `readers/`, `printers/`,
    /// `guides/`, `boards/` and `policy/` in `config_dir`. Paths of databases and staff files are made
    /// from `data_dir`, which need not exist yet.
    ///
    /// # Errors
    /// The first mistake found, with its place.
    pub fn load(config_dir: &Path, data_dir: &Path) -> Result<Self, ConfigError> {
        let source = files::read(&config_dir.join("kiosk.toml"))?;
        let typed = file::KioskFile::parse(&source)?;
        let divisions = divisions::divisions(&config_dir.join("divisions"))?;
        let regions = content::policies(&config_dir.join("policy"))?;
        let settings =
            check::Checker { source: &source, config_dir, data_dir, divisions: &divisions }
                .settings(typed)?;
        let guides = content::guides(&config_dir.join("guides"), &settings.office)?;
        Ok(Self {
            policy: Policy::of(&settings.office.division, &regions),
            retirement: content::retirement(&config_dir.join("retirement.toml"))?,
            directory: Directory::new(divisions),
            questions: questions::read(&config_dir.join("questions"), &guides)?,
            guides,
            boards: content::boards(&config_dir.join("boards"), &settings.office)?,
            ..settings
        })
    }

    /// The profile of a make of reader, `readers/NAME.toml` in `config_dir`.
    ///
    /// # Errors
    /// When there is none, or for the first mistake in it.
    pub fn reader_profile(config_dir: &Path, name: &str) -> Result<Profile, ConfigError> {
        profiles::read(&config_dir.join("readers"), name)
    }

    /// What is another town's: telephones of the shipped file, a name that is not the division's.
    fn foreign(&self) -> Vec<String> {
        let shipped = file::Town::default();
        let Office { phone, supervision, division, town, county, .. } = &self.office;
        let phones = [
            ("town.phone", phone, shipped.phone),
            ("town.supervision", supervision, shipped.supervision),
        ];
        let phones = phones.into_iter().filter(|(_, value, shipped)| *value == shipped.get_ref());
        let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let names = [
            ("town.name", town, division.town()),
            ("town.county", county, Some(division.county())),
        ];
        let names = names.into_iter().filter_map(|(key, value, code)| {
            let code = code?;
            let name = self.directory.name(&code, today)?;
            (name != value).then(|| format!("{key} 是 {value}，{code} 是 {name}"))
        });
        phones.map(|(key, ..)| format!("{key} 还是样例里的值")).chain(names).collect()
    }

    /// What a readiness report looks at. `font` says which font the pages carry.
    pub fn readiness(&self, font: &str) -> ReadinessSettings {
        let ScreenSettings { diagonal_inch, width_px, height_px, bottom_mm, .. } = self.screen;
        let upright = if self.screen.portrait() { "竖屏" } else { "横屏" };
        let low = match (bottom_mm, self.screen.within_reach()) {
            (0, _) => String::new(),
            (_, Some(_)) => format!("，离地 {bottom_mm} 毫米，有“放低”"),
            (_, None) => format!("，离地 {bottom_mm} 毫米，没有“放低”：不需要，或者放不下"),
        };
        ReadinessSettings {
            config: self.config_file.clone(),
            foreign: self.foreign(),
            division: self.office.division.clone(),
            pin: self.staff.pin.clone(),
            sticks: self.listings.sticks.clone(),
            data: self.data_dir.clone(),
            listings: self.listings.database.clone(),
            // Where it is now: a port that moves has to be found first.
            reader_port: self.reader.place(),
            reader: self.reader.port.words(),
            slot: self.contact.as_ref().map(|slot| slot.name.clone()),
            printer: self.printer.as_ref().map(|printer| printer.port.words()),
            link: self.link.clone(),
            screen: format!("{diagonal_inch} 英寸，{width_px}×{height_px}，{upright}{low}"),
            font: font.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visit::fit::{Pages, Size};

    fn screen(diagonal_inch: f32, width_px: u32, height_px: u32) -> ScreenSettings {
        let (bottom_mm, strip) = (0, 0.0);
        ScreenSettings { diagonal_inch, width_px, height_px, fullscreen: true, bottom_mm, strip }
    }

    #[test]
    fn four_logical_pixels_are_a_millimetre_on_every_screen() {
        let size = |width, height| Size { width, height };
        let reference = screen(21.5, 1080, 1920);
        assert!((reference.scale_factor(TextSize::Standard) - 1.0).abs() < 0.02);
        assert_eq!(reference.room().full.of(TextSize::Standard).size, size(1_080, 1_920));
        assert!(reference.portrait());
        // A 15.6-inch full-HD screen has room for fewer things of the same size.
        let small = screen(15.6, 1920, 1080);
        assert_eq!(small.relative_size(TextSize::Standard), 1.0);
        assert_eq!(small.room().full.of(TextSize::Standard).size, size(1_381, 777));
        let large = Pages { size: size(1_920, 1_080), large: true, above: 0.0 };
        assert_eq!(small.room().full.of(TextSize::Large), large);
        // The same 32 inches at 4K and at full HD have the same logical size.
        let (fine, coarse) = (screen(32.0, 3840, 2160), screen(32.0, 1920, 1080));
        assert_eq!(fine.room(), coarse.room());
        assert!(fine.room().full.of(TextSize::Standard).size.width > 2_800);
        assert_eq!(fine.relative_size(TextSize::Larger), 1.0);
        assert!(!fine.portrait());
    }

    #[test]
    fn words_grow_with_every_size() {
        // What a word of the body measures compared with the standard.
        let words = |screen: &ScreenSettings, text: TextSize| {
            let large = screen.room().full.of(text).large;
            screen.relative_size(text) * if large { 1.65 } else { 1.0 }
        };
        for (diagonal_inch, width_px, height_px, least) in [
            (23.8, 1080, 1920, [1.0, 1.25, 1.65, 2.0]),
            (32.0, 2160, 3840, [1.0, 1.25, 1.65, 2.0]),
            (21.5, 1920, 1080, [0.98, 1.25, 1.62, 1.98]),
            (21.5, 1080, 1920, [0.98, 1.25, 1.62, 1.98]),
            // Under 21 inches they grow less.
            (15.6, 1080, 1920, [1.0, 1.18, 1.18, 1.43]),
            (17.0, 1280, 1024, [0.97, 1.15, 1.15, 1.4]),
            (18.5, 1366, 768, [1.0, 1.4, 1.4, 1.7]),
        ] {
            let screen = screen(diagonal_inch, width_px, height_px);
            let sizes = TextSize::ALL.map(|text| words(&screen, text));
            assert!(sizes.is_sorted(), "{screen:?} {sizes:?}");
            let grow = sizes.iter().zip(least).all(|(is, least)| *is >= least - 0.01);
            assert!(grow, "{screen:?} {sizes:?}");
        }
    }

    #[test]
    fn who_sits_reaches_the_lower_part_of_a_high_screen() {
        let hung = |screen, bottom_mm| ScreenSettings { bottom_mm, ..screen }.room();
        // 709 mm high, from 600 mm on: 520 mm of it are within reach.
        let room = hung(screen(32.0, 2160, 3840), 600);
        let low = room.low.expect("its upper part is not").of(TextSize::Standard);
        assert_eq!((low.size.width, low.size.height), (1_594, 2_079));
        assert!((low.above + 2_080.0 - 2_834.0).abs() < 2.0, "{low:?}");
        // Pages are whole on what is left.
        let room = hung(screen(21.5, 1080, 1920), 800);
        for text in TextSize::ALL {
            let Pages { size, above, .. } = room.at(text, true);
            assert!(size.width >= 1_080 && size.height >= 1_379, "{text:?} {size:?}");
            assert!(above > 0.0);
            assert_eq!(room.at(text, false).above, 0.0);
        }
        for (bottom_mm, why) in [
            (0, "not measured"),
            (600, "all within reach"),
            (1_090, "nothing is"),
            (1_200, "nor here"),
        ] {
            assert_eq!(hung(screen(21.5, 1080, 1920), bottom_mm).low, None, "{why}");
        }
        assert_eq!(hung(screen(21.5, 1920, 1080), 800).low, None, "a low screen");
    }

    #[test]
    fn a_strip_costs_the_pages_nothing() {
        for (diagonal_inch, width_px, height_px) in [
            (21.5, 1080, 1920),
            (21.5, 1920, 1080),
            (15.6, 1080, 1920),
            (15.6, 1920, 1080),
            (32.0, 3840, 2160),
            (21.5, 1366, 768),
        ] {
            let bare = screen(diagonal_inch, width_px, height_px);
            let under = ScreenSettings { strip: 124.0, ..bare };
            for text in TextSize::ALL {
                let (without, with) =
                    (bare.room().full.of(text).size, under.room().full.of(text).size);
                let is_small = without.is_small();
                let (short, long) = if is_small { (777, 1_380) } else { (1_080, 1_920) };
                let (width, height) = if bare.portrait() { (short, long) } else { (long, short) };
                assert!(with.width + 1 >= without.width.min(width), "{with:?} {without:?}");
                assert!(with.height + 1 >= without.height.min(height), "{with:?} {without:?}");
                assert_eq!(with.is_small(), without.is_small());
                assert_eq!(with.width > with.height, without.width > without.height);
            }
        }
    }
}
