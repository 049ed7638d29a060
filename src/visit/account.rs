//! The pages of the account: overview, kinds of insurance, contributions by year, and the sheets.
//!
//! State: which kind or sheet and which page; the figures themselves stay in the visit's resident.

use jiff::civil::Date;
use kiosk_base::domain::{Account, Participation, Stop};

use super::{
    Machine, State, Visit,
    fit::{Fit, Grid},
    guides,
    identify::Step,
    questions::{self, Occasion},
    retirement, what_if,
};
use crate::{
    insurance::{
        advice,
        door::{doors, kind_doors},
        received,
    },
    visit,
};

pub use crate::insurance::{
    Advice, Case, Door, Fact, Months, Picture, Sheet, Tint, Unknown, YearLine,
    advice::{Urgency, Way},
    received::{MonthBar, MonthState, Run, Total},
    sheet::Payer,
    years::{newest_arrived_month, year_lines},
};

/// The pages of this flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The account in one look.
    Overview,
    /// All kinds of insurance.
    Kinds(Kinds),
    /// One kind, contributions by year.
    Years(Years),
    /// Everything that the account has to show, page by page from 0.
    Doors(usize),
    /// A sheet of it.
    Sheet(Opened),
}

/// What is pressed on them alone, and on pages that advise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    /// 显示 or 隐藏.
    Show,
    /// The page that says more about what is advised: 怎么办, 怎么认证, 怎么办领取, 怎么参保, 失业金.
    Follow,
}

/// Kinds of insurance, page by page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kinds {
    /// Page shown, from 0.
    pub page: usize,
}

/// Contributions of one kind, page by page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Years {
    /// Which participation of the account.
    pub kind: usize,
    /// Page shown, from 0.
    pub page: usize,
}

/// A sheet, page by page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    /// Which.
    pub sheet: Sheet,
    /// Page shown, from 0.
    pub page: usize,
}

/// What stands on a sheet's page besides its lines, and how high those are: it says how many of
/// them fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// A bar of parts.
    pub bar: bool,
    /// A line or a ring.
    pub drawing: bool,
    /// A sentence that says what it means and what to do.
    pub advice: bool,
    /// Buttons that lead on.
    pub doors: usize,
    /// Lines with a second line of small words.
    pub double: bool,
}

/// Where in the account the participation is that the overview is about: the pension that is drawn,
/// else a pension that is paid for, else the first.
pub fn main_kind(account: &Account) -> Option<usize> {
    let place = |wanted: fn(&Participation) -> bool| account.participations.iter().position(wanted);
    place(|p| p.benefit.is_some())
        .or_else(|| place(|p| p.kind.is_pension()))
        .or_else(|| (!account.participations.is_empty()).then_some(0))
}

/// The participation that the overview is about.
pub fn main_participation(account: &Account) -> Option<&Participation> {
    main_kind(account).and_then(|kind| account.participations.get(kind))
}

/// The door that the overview offers beside all kinds and the rest: what is paid, what will be
/// paid, or what was paid in.
pub fn main_door(account: &Account) -> Option<Door> {
    let kind = main_kind(account)?;
    let doors = kind_doors(kind, account.participations.get(kind)?);
    doors.into_iter().next()
}

/// All doors of an account.
pub fn all_doors(machine: &Machine, account: &Account) -> Vec<Door> {
    let mut doors = doors(account, main_kind(account));
    doors.retain(|door| match door {
        Door::Notice => notice(machine).is_some(),
        Door::Retirement => retirement::offered_to(machine, account),
        _ => true,
    });
    doors
}

/// The board that says what is asked about a person, why, and what is kept.
fn notice(machine: &Machine) -> Option<usize> {
    machine.boards.iter().position(|board| board.id == "privacy")
}

/// The doors on a sheet's own page.
pub fn sheet_doors(account: &Account, sheet: Sheet) -> Vec<Door> {
    match (sheet, sheet.participation(account)) {
        (Sheet::Kind(kind), Some(participation)) => kind_doors(kind, participation),
        _ => Vec::new(),
    }
}

/// What stands on the page of `sheet` of an account, as it is on `today`.
pub fn shape(account: &Account, sheet: Sheet, today: Date) -> Shape {
    let picture = sheet.picture(account, today);
    Shape {
        bar: matches!(picture, Picture::Stack(_)),
        drawing: matches!(picture, Picture::Line(_) | Picture::Ring(_) | Picture::Months(_)),
        advice: matches!(
            sheet,
            Sheet::Kind(_) | Sheet::Certification | Sheet::Unemployment | Sheet::Record
        ),
        doors: match sheet {
            Sheet::Certification => 1,
            Sheet::Received { .. } => usize::from(has_lost(account, sheet, today)),
            _ => sheet_doors(account, sheet).len(),
        },
        double: matches!(sheet, Sheet::Months(_) | Sheet::Payments(_) | Sheet::Received { .. }),
    }
}

/// A sheet among those that follow each other on the pages of an opened one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf {
    /// Which.
    pub sheet: Sheet,
    /// Which of its pages is shown, from 0.
    pub page: usize,
    /// Its lines on a page.
    pub grid: Grid,
}

/// The sheets that follow each other where `sheet` is opened, each with its lines on a page and how many
/// pages they take: years of a pension begin on a page of their own.
fn leaves(account: &Account, sheet: Sheet, today: Date, fit: &Fit) -> Vec<(Leaf, usize)> {
    let benefit = sheet.participation(account).and_then(|about| about.benefit.as_ref());
    let sheets = match (sheet, benefit) {
        (Sheet::Received { kind, year: newest }, Some(benefit)) => {
            let mut years = received::years(benefit);
            years.retain(|year| *year <= newest);
            years.into_iter().map(|year| Sheet::Received { kind, year }).collect()
        }
        _ => vec![sheet],
    };
    let leaf = |sheet: Sheet| {
        let lines = sheet.facts(account, today).len();
        let grid = fit.sheet(shape(account, sheet, today), lines);
        (Leaf { sheet, page: 0, grid }, grid.pages(lines))
    };
    let leaves: Vec<_> = sheets.into_iter().map(leaf).collect();
    if leaves.is_empty() { vec![leaf(sheet)] } else { leaves }
}

/// What stands on the page that is shown of an opened sheet; the last where there are not so many.
pub fn leaf(account: &Account, opened: Opened, today: Date, fit: &Fit) -> Leaf {
    let mut page = opened.page;
    let leaves = leaves(account, opened.sheet, today, fit);
    for (leaf, pages) in &leaves {
        if page < *pages {
            return Leaf { page, ..*leaf };
        }
        page -= pages;
    }
    let (leaf, pages) = leaves[leaves.len() - 1];
    Leaf { page: pages - 1, ..leaf }
}

/// What the page that is shown has to say to its resident, the most urgent first; nothing where it
/// advises nothing.
pub fn advised(state: &State) -> Vec<Advice> {
    let (Some(visit), Some(page)) = (&state.visit, state.page()) else { return Vec::new() };
    if *page == visit::Page::Identify(Step::Failed(Stop::PersonUnknown)) {
        return vec![Advice::NotInsured { open: true }];
    }
    let (visit::Page::Account(page), Some((_, account))) = (page, visit.account()) else {
        return Vec::new();
    };
    let (policy, today) = (&state.machine.policy, state.machine.wall.date());
    let case = |kind: Option<usize>| {
        let about = account.participations.get(kind?)?;
        Some(Case { account, about, policy, today })
    };
    let of_kind = |kind| case(Some(kind)).map(|case| advice::about(&case)).unwrap_or_default();
    let main = case(main_kind(account));
    match page {
        Page::Overview => main.map_or_else(
            || advice::unemployment(account).into_iter().chain([Advice::Ask]).collect(),
            |main| advice::overview(&main),
        ),
        Page::Years(shown) => of_kind(shown.kind),
        Page::Sheet(opened) => match opened.sheet {
            Sheet::Kind(kind) => of_kind(kind),
            Sheet::Certification => {
                let all = main.map(|main| advice::about(&main)).unwrap_or_default();
                let of_it = |advice: &&Advice| advice.way() == Some(Way::Certify);
                all.iter().find(of_it).or(all.first()).copied().into_iter().collect()
            }
            Sheet::Unemployment => advice::unemployment(account),
            Sheet::Record => vec![Advice::Record],
            _ => Vec::new(),
        },
        Page::Kinds(_) | Page::Doors(_) => Vec::new(),
    }
}

/// Where a page leads that advises something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Further {
    /// To the page that says more.
    Way(Way),
    /// To what is asked so that one knows what to do.
    Ask(Occasion),
}

/// Where the trouble or the first advice leads that leads anywhere from the page that is shown.
pub fn further(state: &State) -> Option<Further> {
    let leads = |further: &Further| {
        further_page(&state.machine, *further).is_some_and(|to| state.page() != Some(&to))
    };
    let trouble = match state.page()? {
        visit::Page::Identify(Step::Failed(stop)) => questions::occasion(*stop),
        visit::Page::Account(Page::Sheet(opened)) if is_lost(state, *opened) => {
            Some(Occasion::NotReceived)
        }
        _ => None,
    };
    let further = |advice: Advice| {
        let asked = match advice {
            Advice::PaymentFailed | Advice::PaymentReturned => Some(Occasion::NotReceived),
            Advice::CertifyLate { .. } | Advice::Uncertified => Some(Occasion::Late),
            _ => None,
        };
        [asked.map(Further::Ask), advice.way().map(Further::Way)]
    };
    let advised = advised(state).into_iter().flat_map(further).flatten();
    trouble.map(Further::Ask).into_iter().chain(advised).find(leads)
}

/// Whether the sheet shows a pension of which something has not come.
fn is_lost(state: &State, opened: Opened) -> bool {
    let Some((_, account)) = state.visit.as_ref().and_then(Visit::account) else { return false };
    let today = state.machine.wall.date();
    has_lost(account, leaf(account, opened, today, &state.fit()).sheet, today)
}

/// The same of a sheet of an account. What did not come years ago is not asked about as if it were today's.
fn has_lost(account: &Account, sheet: Sheet, today: Date) -> bool {
    let Sheet::Received { year, .. } = sheet else { return false };
    let benefit = sheet.participation(account).and_then(|about| about.benefit.as_ref());
    let newest = benefit.and_then(|benefit| received::years(benefit).first().copied());
    let is_lost = |fact: &Fact<'_>| matches!(fact, Fact::Lost(_));
    newest == Some(year) && sheet.facts(account, today).iter().any(is_lost)
}

/// The guide that says how one proves that one lives.
pub(super) const CERTIFICATION: &str = "certification";

fn further_page(machine: &Machine, further: Further) -> Option<visit::Page> {
    match further {
        // A payment that did not come is always asked about: where nothing is written, the staff.
        Further::Ask(Occasion::NotReceived) => {
            questions::first(machine, Occasion::NotReceived).or(Some(visit::Page::Help))
        }
        Further::Ask(occasion) => questions::first(machine, occasion),
        Further::Way(way) => way_page(machine, way),
    }
}

fn way_page(machine: &Machine, way: Way) -> Option<visit::Page> {
    let guide = |id: &str| {
        let index = machine.guides.iter().position(|guide| guide.id == id)?;
        Some(visit::Page::Guides(guides::Page::Guide(guides::Paged { index, page: 0 })))
    };
    match way {
        Way::Certify => guide(CERTIFICATION),
        Way::Draw => guide("residents-pension-draw"),
        Way::Join => guide("residents-pension-join"),
        Way::Unemployment => {
            let opened = Opened { sheet: Sheet::Unemployment, page: 0 };
            Some(visit::Page::Account(Page::Sheet(opened)))
        }
    }
}

pub(super) fn pressed(state: &mut State, press: Press) {
    match press {
        Press::Show => show(state),
        Press::Follow => {
            let to = further(state).and_then(|further| further_page(&state.machine, further));
            if let (Some(page), Some(visit)) = (to, &mut state.visit) {
                visit.go(page);
            }
        }
    }
}

/// Shows in full what is masked, for a while, or masks it again.
fn show(state: &mut State) {
    let until = state.machine.mono + state.machine.settings.show;
    let Some(resident) = state.visit.as_mut().and_then(|visit| visit.resident.as_mut()) else {
        return;
    };
    if resident.account.is_some() {
        resident.show_until((!resident.shown()).then_some(until));
    }
}

/// Opens the n-th row of the present page.
pub(super) fn open(state: &mut State, row: usize) {
    let fit = state.fit();
    let State { visit: Some(visit), machine, .. } = state else { return };
    let Some((resident, account)) = visit.account() else { return };
    let visit::Page::Account(page) = visit.page() else { return };
    let door = match page {
        Page::Overview => match row {
            0 => Some(Door::Kinds),
            1 => main_door(account),
            _ => {
                visit.go(visit::Page::Account(Page::Doors(0)));
                return;
            }
        },
        Page::Doors(page) => {
            all_doors(machine, account).get(page * fit.doors.cells() + row).copied()
        }
        Page::Kinds(kinds) => {
            let kind = kinds.page * fit.kinds.cells() + row;
            let known = kind < account.participations.len();
            known.then_some(Door::Sheet(Sheet::Kind(kind)))
        }
        Page::Years(shown) => {
            let (kind, line) = (shown.kind, shown.page * fit.years.cells() + row);
            let about = account.participations.get(kind);
            let lines = about.map(|about| year_lines(account, about));
            match lines.and_then(|lines| lines.get(line).copied()) {
                Some(YearLine::Paid(year)) => Some(Door::Sheet(Sheet::Year { kind, year })),
                _ => None,
            }
        }
        Page::Sheet(opened) => sheet_doors(account, opened.sheet).get(row).copied(),
    };
    let Some(door) = door else { return };
    let page = match door {
        Door::Sheet(sheet) => visit::Page::Account(Page::Sheet(Opened { sheet, page: 0 })),
        Door::Kinds => visit::Page::Account(Page::Kinds(Kinds::default())),
        Door::Years(kind) => visit::Page::Account(Page::Years(Years { kind, page: 0 })),
        Door::Estimate(kind) => {
            let today = machine.wall.date();
            let first = || what_if::first(&machine.policy, account, kind, today);
            let last = resident.what_if.filter(|ask| ask.kind == kind);
            visit::Page::Estimate(last.unwrap_or_else(first))
        }
        Door::Retirement => visit::Page::Retirement(retirement::of_holder(resident, account)),
        Door::Notice => {
            let index = notice(machine).unwrap_or_default();
            visit::Page::Guides(guides::Page::Board(guides::Paged { index, page: 0 }))
        }
    };
    visit.go(page);
}

impl Page {
    /// The number of the page that is shown, from 0, where there may be several.
    pub(super) fn number(&mut self) -> Option<&mut usize> {
        match self {
            Self::Kinds(Kinds { page })
            | Self::Years(Years { page, .. })
            | Self::Doors(page)
            | Self::Sheet(Opened { page, .. }) => Some(page),
            Self::Overview => None,
        }
    }
}

/// How many pages the content of `page` takes.
pub(super) fn pages(machine: &Machine, visit: &Visit, page: &Page, fit: &Fit) -> usize {
    let Some((_, account)) = visit.account() else { return 1 };
    match page {
        Page::Overview => 1,
        Page::Kinds(_) => fit.kinds.pages(account.participations.len()),
        Page::Years(shown) => {
            let about = account.participations.get(shown.kind);
            let lines = about.map(|about| year_lines(account, about));
            fit.years.pages(lines.map_or(0, |lines| lines.len()))
        }
        Page::Doors(_) => fit.doors.pages(all_doors(machine, account).len()),
        Page::Sheet(Opened { sheet, .. }) => {
            leaves(account, *sheet, machine.wall.date(), fit).iter().map(|(_, pages)| pages).sum()
        }
    }
}
