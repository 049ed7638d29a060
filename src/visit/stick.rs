//! Importing a sheet from a USB stick: choose a file, see what would happen, keep it.
//!
//! State: the files that were found, and of the chosen one how far it is. Nothing is kept before
//! the staff have seen the report and said so.

use std::path::PathBuf;

use jiff::civil::DateTime;
use kiosk_base::domain::Stop;

use super::{Effect, Visit, fit::Fit};
use crate::visit;

pub use kiosk_base::import::{
    Lacking, Report,
    report::{Length, Line},
};

/// A file on a stick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StickFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was last changed, on the town's wall clock.
    pub changed: Option<DateTime>,
}

/// The pages of this flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// Files on USB sticks.
    Files(Sticks),
    /// One of them on its way in.
    Import(Import),
}

/// What is pressed on them alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    /// 重新找.
    LookAgain,
    /// 导入: keep what was tried.
    Keep,
}

/// The files on the sticks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sticks {
    /// The files, `None` while they are looked for.
    pub files: Option<Vec<StickFile>>,
    /// Page shown, from 0.
    pub page: usize,
}

/// One file on its way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Which.
    pub file: StickFile,
    /// How far it is.
    pub stage: Stage,
    /// Page of the report, from 0.
    pub page: usize,
}

/// How far an import is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// It is read, and nothing kept.
    Reading,
    /// It was read; this would happen.
    Tried(Box<Report>),
    /// It is no file that can be imported.
    Refused(Unfit),
    /// It is being kept.
    Keeping(Box<Report>),
    /// It is kept and shown.
    Kept(Box<Report>),
    /// It could not be kept; nothing of it is.
    Lost(Stop),
}

/// Why a whole file cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// It cannot be read: the stick was pulled out, or is damaged.
    Unreadable,
    /// There is nothing in it.
    Empty,
    /// It is too large, or has too many rows or columns.
    TooLarge,
    /// It is no text, sheet or list that is known.
    Unknown,
    /// A workbook that is damaged, locked or unpacks to too much.
    Workbook,
    /// No mapping knows its columns.
    Columns,
    /// A column is lacking that every row needs.
    Lacking(Lacking),
}

/// The report of an import, once there is one.
pub fn report(stage: &Stage) -> Option<&Report> {
    match stage {
        Stage::Tried(report) | Stage::Keeping(report) | Stage::Kept(report) => Some(report),
        Stage::Reading | Stage::Refused(_) | Stage::Lost(_) => None,
    }
}

impl Page {
    /// How many pages its content takes.
    pub fn pages(&self, fit: &Fit) -> usize {
        match self {
            Self::Files(sticks) => fit.files.pages(sticks.files.as_ref().map_or(0, Vec::len)),
            Self::Import(import) => {
                let count = report(&import.stage).map_or(0, |report| report.lines().count());
                count.div_ceil(fit.problems).max(1)
            }
        }
    }

    /// The number of the page that is shown, from 0.
    pub(super) fn number(&mut self) -> &mut usize {
        match self {
            Self::Files(Sticks { page, .. }) | Self::Import(Import { page, .. }) => page,
        }
    }
}

/// The pages of the sticks on the trail of a visit.
fn pages(visit: &mut Visit) -> impl Iterator<Item = &mut Page> {
    visit.trail.iter_mut().filter_map(|page| match page {
        visit::Page::Stick(page) => Some(page),
        _ => None,
    })
}

pub(super) fn enter(visit: &mut Visit) -> Vec<Effect> {
    visit.go(visit::Page::Stick(Page::Files(Sticks::default())));
    vec![Effect::FindSticks { ticket: visit.ticket }]
}

pub(super) fn pressed(visit: &mut Visit, press: Press) -> Vec<Effect> {
    let ticket = visit.ticket;
    let visit::Page::Stick(page) = visit.page_mut() else { return Vec::new() };
    match (page, press) {
        (Page::Files(sticks), Press::LookAgain) => {
            *sticks = Sticks::default();
            vec![Effect::FindSticks { ticket }]
        }
        (Page::Import(import), Press::Keep) => match &import.stage {
            Stage::Tried(report) if report.accepted > 0 => {
                import.stage = Stage::Keeping(report.clone());
                vec![Effect::KeepImport { ticket }]
            }
            _ => Vec::new(),
        },
        (Page::Files(_), Press::Keep) | (Page::Import(_), Press::LookAgain) => Vec::new(),
    }
}

/// Opens the n-th file of the page.
pub(super) fn open(visit: &mut Visit, fit: &Fit, index: usize) -> Vec<Effect> {
    let visit::Page::Stick(Page::Files(sticks)) = visit.page() else { return Vec::new() };
    let chosen = sticks.page * fit.files.cells() + index;
    let Some(file) = sticks.files.iter().flatten().nth(chosen).cloned() else { return Vec::new() };
    let path = file.path.clone();
    visit.go(visit::Page::Stick(Page::Import(Import { file, stage: Stage::Reading, page: 0 })));
    vec![Effect::TryImport { ticket: visit.ticket, path }]
}

pub(super) fn found(visit: &mut Visit, files: Vec<StickFile>) {
    for page in pages(visit) {
        if let Page::Files(sticks) = page {
            sticks.files = Some(files);
            sticks.page = 0;
            return;
        }
    }
}

/// The report on a file that was tried. It is taken only while just that is waited for.
pub(super) fn tried(visit: &mut Visit, outcome: Result<Box<Report>, Unfit>) {
    for page in pages(visit) {
        if let Page::Import(import) = page
            && import.stage == Stage::Reading
        {
            import.stage = match outcome {
                Ok(report) => Stage::Tried(report),
                Err(unfit) => Stage::Refused(unfit),
            };
            return;
        }
    }
}

pub(super) fn kept(visit: &mut Visit, outcome: Result<(), Stop>) {
    for page in pages(visit) {
        if let Page::Import(import) = page
            && let Stage::Keeping(report) = &import.stage
        {
            import.stage = match outcome {
                Ok(()) => Stage::Kept(report.clone()),
                Err(stop) => Stage::Lost(stop),
            };
            return;
        }
    }
}
