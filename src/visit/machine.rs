//! What outlives visits: the town, the settings, the state of devices, what the cache holds.

use std::time::Duration;

use jiff::civil::{Date, DateTime};
use kiosk_base::domain::{
    Board, Directory, Division, Guide, Posting, PostingId, Stop, TrainingNotice,
};
use kiosk_devices::printer::PrinterStatus;

use super::{
    DivisionCode, ReaderStatus,
    fit::{Fits, TextSize},
    focus::Keys,
    places::Cards,
    questions::Questions,
    staff::Progress,
};
use crate::{
    insurance::{Policy, retirement::Rules},
    listings::Mark,
};

/// The kiosk apart from whoever stands before it.
#[derive(Debug)]
pub struct Machine {
    /// Rules of a visit.
    pub settings: VisitSettings,
    /// The town hall.
    pub office: Office,
    /// Every division this machine knows.
    pub divisions: Directory,
    /// The county's towns, for the filter.
    pub towns: Vec<Town>,
    /// 办事指南, in the order of the page.
    pub guides: Vec<Guide>,
    /// 公示栏, in the order of the page.
    pub boards: Vec<Board>,
    /// What is asked instead of a dead end.
    pub questions: Vec<Questions>,
    /// The figures of the residents' pension that hold here.
    pub policy: Policy,
    /// When one may retire in the employees' pension.
    pub retirement: Rules,
    /// Monotonic time since the start.
    pub mono: Duration,
    /// The town's wall clock.
    pub wall: DateTime,
    /// What fits on the pages.
    pub fits: Fits,
    /// The line to the county.
    pub link: LinkStatus,
    /// The card reader.
    pub reader: ReaderStatus,
    /// The slot for social-security cards, where there is one.
    pub slot: Option<ReaderStatus>,
    /// The slip printer, where there is one.
    pub printer: Option<PrinterStatus>,
    /// What lies on the reader and in the slot.
    pub cards: Cards,
    /// What the cache holds.
    pub summary: Summary,
    /// How far a refresh of the listings is.
    pub refresh: Progress,
    /// When today the county's answer was not to its question, until the staff have taken note.
    pub alarm: Option<DateTime>,
    /// When the office was last told that it is called, on the monotonic clock.
    pub told: Option<Duration>,
    /// The demonstration's strip.
    pub demo: Demo,
}

/// What stands on the demonstration's strip; nothing on an installed kiosk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Demo {
    /// Labels of the residents.
    pub residents: Vec<String>,
    /// Which of their cards lies on the simulated reader.
    pub laid: Option<usize>,
    /// Titles of the faults that the reader can play.
    pub faults: Vec<String>,
    /// The fault that is offered, instead of the residents.
    pub fault: Option<usize>,
    /// Whether a fault is being played.
    pub playing: bool,
}

impl Machine {
    /// The sizes of the text that differ on this screen, or on its lower part, the standard first.
    pub fn sizes(&self, low: bool) -> Vec<TextSize> {
        let mut sizes = TextSize::ALL.to_vec();
        sizes.dedup_by_key(|size| self.fits.at(*size, low));
        sizes
    }

    /// Whether a card that is laid can be read now.
    pub fn reads(&self) -> bool {
        !matches!(self.reader, ReaderStatus::Down(_))
    }

    /// The county's towns today: the own town first, the others in their order.
    pub fn towns(&self) -> Vec<Town> {
        let county = self.office.division.county();
        let towns = self.divisions.towns(&county, self.wall.date());
        let town = |town: &Division| Town { code: town.code.clone(), name: town.name.clone() };
        let mut towns: Vec<Town> = towns.map(town).collect();
        towns.sort_by_key(|town| !self.office.division.lies_in(&town.code));
        towns
    }

    /// The name of a division today.
    pub fn place(&self, code: &DivisionCode) -> Option<&str> {
        self.divisions.name(code, self.wall.date())
    }
}

/// Rules of a visit, from the settings file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitSettings {
    /// How long nothing may happen before the resident is asked.
    pub idle: Duration,
    /// How long the resident is asked before the visit ends.
    pub warning: Duration,
    /// How long 显示 lasts.
    pub show: Duration,
    /// What is done with a document that has run out.
    pub expired_document: ExpiredDocument,
    /// How a resident learns what is asked about them (个人信息保护法 Art 17).
    pub notice: Notice,
    /// Where cards are laid, if the office has said so.
    pub plate: Option<Plate>,
    /// What the keys of a keyboard do.
    pub keys: Keys,
    /// Who comes when the office is called, where it has a bell.
    pub who_comes: Option<String>,
}

/// Where the plate for cards is, as seen from the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plate {
    /// On which side.
    pub side: Side,
    /// How many centimetres from the screen's edge; 0 where nobody has measured.
    pub cm: u32,
}

/// A side of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "as they say")]
pub enum Side {
    Left,
    Right,
    Below,
}

/// How a resident who lays a card learns what is asked about them, why, and what is kept. The page
/// that asks for the card always says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// Who has not come by that page reads it and presses 知道了 before anything is asked.
    Confirm,
    /// It stands on the page while the card is read.
    Show,
}

/// Policy for a document that has run out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpiredDocument {
    /// Serve, and say so on the page.
    Flag,
    /// Send the resident to the window.
    Refuse,
}

/// The town hall in which the kiosk stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Office {
    /// Division of the town.
    pub division: DivisionCode,
    /// The towns around it, as far as the office has named them.
    pub neighbours: Vec<DivisionCode>,
    /// `福集镇`.
    pub town: String,
    /// `泸县`.
    pub county: String,
    /// `劳动就业和社会保障服务中心`.
    pub name: String,
    /// The office's telephone.
    pub phone: String,
    /// The supervision line.
    pub supervision: String,
    /// `12333`.
    pub hotline: String,
    /// Where the window for jobs is, `1 号窗口`.
    pub jobs_window: String,
    /// Where the window for insurance is.
    pub insurance_window: String,
    /// Where the window for rights is.
    pub rights_window: String,
}

/// A town of the county.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Town {
    /// Its code.
    pub code: DivisionCode,
    /// Its name.
    pub name: String,
}

/// State of the line to the county.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkStatus {
    /// Not tried yet.
    Connecting,
    /// The last request was answered.
    Up,
    /// The last request was not.
    Down(Stop),
}

/// What the cache holds, for the home page and the attract page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Open postings.
    pub postings: u64,
    /// Open training notices.
    pub trainings: u64,
    /// Age of the postings in whole minutes, when known.
    pub age_minutes: Option<u32>,
    /// Job fairs that are not over.
    pub fairs: u64,
    /// The first day on which there is one, today among them.
    pub next_fair: Option<Date>,
    /// Open postings per division.
    pub per_division: Vec<(DivisionCode, u64)>,
    /// The newest postings, nearest first.
    pub latest_postings: Vec<Posting>,
    /// The newest notices.
    pub latest_trainings: Vec<TrainingNotice>,
    /// Postings that the town shows first or not at all, the last marked first.
    pub marks: Vec<TownMark>,
}

/// A posting that the town shows first or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TownMark {
    /// Which.
    pub id: PostingId,
    /// How.
    pub mark: Mark,
    /// Its title when it was marked; the posting itself may be gone.
    pub title: String,
    /// When, on the town's wall clock.
    pub at: DateTime,
}
