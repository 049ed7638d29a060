//! The pages of the account: overview, kinds of insurance, contributions by year, and the sheets.
//!
//! State: which kind or sheet and which page; the figures themselves stay in the visit's resident.

use jiff::civil::Date;
use kiosk_base::domain::{Account, Participation, Stop};

use super::{
    Effect, Machine, Page, Press, State, Visit, browse, identify::Step, retirement, what_if,
};
use crate::insurance::{
    advice,
    door::{doors, kind_doors},
};

pub use crate::insurance::{
    Advice, Case, Door, Fact, Months, Picture, Sheet, Tint, Unknown, YearLine,
    advice::{Urgency, Way},
    sheet::Payer,
    years::{newest_arrived_month, year_lines},
};

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
        drawing: matches!(picture, Picture::Line(_) | Picture::Ring(_)),
        advice: matches!(
            sheet,
            Sheet::Kind(_) | Sheet::Certification | Sheet::Unemployment | Sheet::Record
        ),
        doors: match sheet {
            Sheet::Certification => 1,
            _ => sheet_doors(account, sheet).len(),
        },
        double: matches!(sheet, Sheet::Months(_) | Sheet::Payments(_)),
    }
}

/// What the page that is shown has to say to its resident, the most urgent first; nothing where it
/// advises nothing.
pub fn advised(state: &State) -> Vec<Advice> {
    let (Some(visit), Some(page)) = (&state.visit, state.page()) else { return Vec::new() };
    if *page == Page::Identify(Step::Failed(Stop::PersonUnknown)) {
        return vec![Advice::NotInsured { open: true }];
    }
    let Some((_, account)) = visit.account() else { return Vec::new() };
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
        _ => Vec::new(),
    }
}

/// Where the first advice leads that leads anywhere from the page that is shown.
pub fn way(state: &State) -> Option<Way> {
    let leads =
        |way: &Way| way_page(&state.machine, *way).is_some_and(|to| state.page() != Some(&to));
    advised(state).into_iter().filter_map(Advice::way).find(leads)
}

fn way_page(machine: &Machine, way: Way) -> Option<Page> {
    let guide = |id: &str| {
        let index = machine.guides.iter().position(|guide| guide.id == id)?;
        Some(Page::Guide(browse::Paged { index, page: 0 }))
    };
    match way {
        Way::Certify => guide("certification"),
        Way::Draw => guide("residents-pension-draw"),
        Way::Join => guide("residents-pension-join"),
        Way::Unemployment => Some(Page::Sheet(Opened { sheet: Sheet::Unemployment, page: 0 })),
    }
}

pub(super) fn pressed(state: &mut State, press: Press) -> Vec<Effect> {
    if press == Press::Follow {
        let to = way(state).and_then(|way| way_page(&state.machine, way));
        if let (Some(page), Some(visit)) = (to, &mut state.visit) {
            visit.go(page);
        }
        return Vec::new();
    }
    if matches!(press, Press::Next | Press::Previous) {
        turn(state, press);
        return Vec::new();
    }
    let fit = state.fit();
    let until = state.machine.mono + state.machine.settings.show;
    let notice = notice(&state.machine);
    let State { visit: Some(visit), machine, .. } = state else { return Vec::new() };
    let Some(resident) = &mut visit.resident else { return browse::pressed(state, press) };
    let Some(account) = &resident.account else { return browse::pressed(state, press) };
    let asking = retirement::of_holder(resident, account);
    let open = |door: Door| match door {
        Door::Sheet(sheet) => Page::Sheet(Opened { sheet, page: 0 }),
        Door::Kinds => Page::Insurance(Kinds::default()),
        Door::Years(kind) => Page::Years(Years { kind, page: 0 }),
        Door::Estimate(kind) => {
            Page::Estimate(what_if::first(&machine.policy, account, kind, machine.wall.date()))
        }
        Door::Retirement => Page::Retirement(asking),
        Door::Notice => Page::Board(browse::Paged { index: notice.unwrap_or_default(), page: 0 }),
    };
    let next = match (press, visit.trail.last()) {
        (Press::Show, _) => {
            let shown = resident.shown();
            resident.show_until((!shown).then_some(until));
            None
        }
        (Press::Open(0), Some(Page::Overview)) => Some(Page::Insurance(Kinds::default())),
        (Press::Open(1), Some(Page::Overview)) => main_door(account).map(open),
        (Press::Open(_), Some(Page::Overview)) => Some(Page::Doors(0)),
        (Press::Open(row), Some(Page::Doors(page))) => {
            let doors = all_doors(machine, account);
            doors.get(page * fit.doors().cells() + row).copied().map(open)
        }
        (Press::Open(row), Some(Page::Insurance(kinds))) => {
            let kind = kinds.page * fit.kinds().cells() + row;
            let known = kind < account.participations.len();
            known.then_some(Page::Sheet(Opened { sheet: Sheet::Kind(kind), page: 0 }))
        }
        (Press::Open(row), Some(Page::Years(shown))) => {
            let (kind, line) = (shown.kind, shown.page * fit.years().cells() + row);
            let about = account.participations.get(kind);
            let lines = about.map(|about| year_lines(account, about));
            match lines.and_then(|lines| lines.get(line).copied()) {
                Some(YearLine::Paid(year)) => {
                    Some(Page::Sheet(Opened { sheet: Sheet::Year { kind, year }, page: 0 }))
                }
                _ => None,
            }
        }
        (Press::Open(row), Some(Page::Sheet(opened))) => {
            sheet_doors(account, opened.sheet).get(row).copied().map(open)
        }
        _ => return browse::pressed(state, press),
    };
    if let Some(page) = next {
        visit.go(page);
    }
    Vec::new()
}

/// How many pages the content of `page` takes.
pub fn pages(state: &State, page: &Page) -> usize {
    let fit = state.fit();
    let resident = state.visit.as_ref().and_then(|visit| visit.resident.as_ref());
    let Some(account) = resident.and_then(|resident| resident.account.as_deref()) else { return 1 };
    match page {
        Page::Insurance(_) => fit.kinds().pages(account.participations.len()),
        Page::Years(shown) => {
            let about = account.participations.get(shown.kind);
            let lines = about.map(|about| year_lines(account, about));
            fit.years().pages(lines.map_or(0, |lines| lines.len()))
        }
        Page::Doors(_) => fit.doors().pages(all_doors(&state.machine, account).len()),
        Page::Sheet(Opened { sheet, .. }) => {
            let today = state.machine.wall.date();
            let lines = sheet.facts(account, today).len();
            fit.sheet(shape(account, *sheet, today), lines).pages(lines)
        }
        _ => 1,
    }
}

fn turn(state: &mut State, press: Press) {
    let Some(page) = state.page() else { return };
    let last = pages(state, page) - 1;
    let Some(visit) = &mut state.visit else { return };
    if let Some(page) = page_number(visit) {
        *page = if press == Press::Next { (*page + 1).min(last) } else { page.saturating_sub(1) };
    }
}

pub(super) fn refit(state: &mut State) {
    let Some(page) = state.page() else { return };
    let last = pages(state, page) - 1;
    let Some(visit) = &mut state.visit else { return };
    if let Some(page) = page_number(visit) {
        *page = (*page).min(last);
    }
}

/// The number of the page that is shown, if this file's pages are.
fn page_number(visit: &mut Visit) -> Option<&mut usize> {
    match visit.page_mut() {
        Page::Insurance(Kinds { page })
        | Page::Years(Years { page, .. })
        | Page::Doors(page)
        | Page::Sheet(Opened { page, .. }) => Some(page),
        _ => None,
    }
}
