//! The kiosk-config directory, checked. Keeps no state: [`Settings::load`] reads the files once at
//! start and hands each room its own plain struct.
//!
//! Two stages. [`file`] is what a person may type in `kiosk.toml`, with the place of every value;
//! [`check`] turns it into [`Settings`], which cannot be wrong. Whatever is refused names file,
//! line and column, and says what would be right ([`ConfigError`]).

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    card::{Profile, ReaderSettings, port},
    domain::{Board, Directory, Guide},
    link::LinkSettings,
    staff::{StaffSettings, readiness::ReadinessSettings},
    visit::machine::{Office, VisitSettings},
};

mod check;
mod content;
mod fault;
mod file;
mod readers;

pub use fault::ConfigError;

/// Everything the kiosk is told from outside, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where this kiosk stands.
    pub office: Office,
    /// What it is seen on.
    pub screen: ScreenSettings,
    /// The ID-card reader.
    pub reader: ReaderSettings,
    /// The line to the county.
    pub link: LinkSettings,
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
}

/// Logical pixels of the short and the long side that the pages are drawn for.
pub const PAGE_PX: (f32, f32) = (1_080.0, 1_920.0);

/// Logical pixels in one millimetre of the real screen: sizes on the pages are physical.
pub const LOGICAL_PX_PER_MM: f32 = 4.0;

impl ScreenSettings {
    /// Physical pixels in one logical pixel, so that [`LOGICAL_PX_PER_MM`] holds; less on a screen
    /// too small for the pages, so that they are whole, if smaller.
    pub fn scale_factor(&self) -> f32 {
        let short = self.width_px.min(self.height_px) as f32 / PAGE_PX.0;
        let long = self.width_px.max(self.height_px) as f32 / PAGE_PX.1;
        self.physical_scale().min(short).min(long)
    }

    /// How large things are drawn compared with what [`LOGICAL_PX_PER_MM`] asks for, 1 or less.
    pub fn relative_size(&self) -> f32 {
        self.scale_factor() / self.physical_scale()
    }

    fn physical_scale(&self) -> f32 {
        let diagonal_px = (self.width_px as f32).hypot(self.height_px as f32);
        diagonal_px / (self.diagonal_inch * 25.4) / LOGICAL_PX_PER_MM
    }

    /// Whether the screen stands upright. The orientation follows from the size.
    pub fn portrait(&self) -> bool {
        self.height_px > self.width_px
    }

    /// Width and height in logical pixels.
    pub fn logical_size(&self) -> (f32, f32) {
        let scale = self.scale_factor();
        (self.width_px as f32 / scale, self.height_px as f32 / scale)
    }
}

/// How the listings are kept fresh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListingsSettings {
    /// The cache's file, in the data directory.
    pub database: PathBuf,
    /// Pause between two refreshes.
    pub refresh_every: Duration,
}

impl Settings {
    /// Reads `kiosk.toml` and the directories `divisions/`, `readers/`, `guides/` and `boards/`
    /// in `config_dir`. Paths of databases and staff files are made from `data_dir`, which need not
    /// exist yet.
    ///
    /// # Errors
    /// The first mistake found, with its place.
    pub fn load(config_dir: &Path, data_dir: &Path) -> Result<Self, ConfigError> {
        let source = content::read(&config_dir.join("kiosk.toml"))?;
        let typed = file::KioskFile::parse(&source)?;
        let divisions = content::divisions(&config_dir.join("divisions"))?;
        let guides = content::guides(&config_dir.join("guides"))?;
        let boards = content::boards(&config_dir.join("boards"))?;
        check::Checker { source: &source, config_dir, data_dir, divisions: &divisions }
            .settings(typed)
            .map(|settings| Self {
                directory: Directory::new(divisions),
                guides,
                boards,
                ..settings
            })
    }

    /// The profile of a make of reader, `readers/NAME.toml` in `config_dir`.
    ///
    /// # Errors
    /// When there is none, or for the first mistake in it.
    pub fn reader_profile(config_dir: &Path, name: &str) -> Result<Profile, ConfigError> {
        readers::profile(&config_dir.join("readers"), name)
    }

    /// What a readiness report looks at. `font` says which font the pages carry.
    pub fn readiness(&self, font: &str) -> ReadinessSettings {
        let ScreenSettings { diagonal_inch, width_px, height_px, .. } = self.screen;
        let upright = if self.screen.portrait() { "竖屏" } else { "横屏" };
        ReadinessSettings {
            config: self.config_file.clone(),
            data: self.data_dir.clone(),
            listings: self.listings.database.clone(),
            // Where it is now: a port that moves has to be found first.
            reader_port: port::resolve(&self.reader.port, &self.reader.tree)
                .map(|path| path.display().to_string()),
            reader: self.reader.port.words(),
            link: self.link.clone(),
            screen: format!("{diagonal_inch} 英寸，{width_px}×{height_px}，{upright}"),
            font: font.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_logical_pixels_are_a_millimetre_on_every_screen() {
        let screen = |diagonal_inch, width_px, height_px| ScreenSettings {
            diagonal_inch,
            width_px,
            height_px,
            fullscreen: true,
        };
        let reference = screen(21.5, 1080, 1920);
        assert!((reference.scale_factor() - 1.0).abs() < 0.02);
        assert_eq!(reference.logical_size(), (1_080.0, 1_920.0));
        assert!(reference.portrait());
        // A 15.6-inch full-HD screen has room for 1,380 × 777; the pages are drawn smaller there.
        assert_eq!(screen(15.6, 1920, 1080).logical_size(), (1_920.0, 1_080.0));
        // The same 32 inches at 4K and at full HD have the same logical size.
        let (fine, coarse) = (screen(32.0, 3840, 2160), screen(32.0, 1920, 1080));
        assert!((fine.logical_size().0 - coarse.logical_size().0).abs() < 0.5);
        assert!(fine.logical_size().0 > 2_800.0);
        assert!(!fine.portrait());
    }
}
