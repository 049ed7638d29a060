//! Printing a slip, of the account, of a page about it, or of what is [taken home](super::take_away): one
//! press prints it, and the page tells what came of it.
//!
//! State: how far it is; the ticket of the job that is under way is the visit's, so that its end can
//! drop the job. What is on a slip of the account [`statement`] says in codes and values, the words are
//! the screen's.
//!
//! A slip of the account is no certificate: it says so in its heading, and where one is to be had.

use std::fmt;

use jiff::{
    civil::{Date, DateTime},
    tz::{TimeZone, offset},
};
use kiosk_base::domain::{
    Account, Fen, InsuranceKind, Sensitive, Stop,
    account::{BenefitItem, ParticipationState},
};
use kiosk_devices::printer::PrinterStatus;

use super::{
    Effect, Machine, Page, Resident, SlipTicket, State, Visit,
    account::{self, main_kind},
    retirement::{self, Asking},
    take_away::Taken,
    what_if::{Ask, answer},
};

pub use kiosk_devices::printer::{Item, Slip, slip::TEXT_MAX, text::printable};

/// How far a slip is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It is being printed.
    Printing,
    /// The printer has confirmed it.
    Printed,
    /// It is not printed, or not known to be; the rest of it never will be.
    Failed(Stop),
}

/// A slip that is or was printed, as its page knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printing {
    /// What it is of: that, and nothing else, is printed once more.
    pub of: Source,
    /// How far it is.
    pub stage: Stage,
}

/// What a slip is of. `Debug` shows nothing personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The account of whoever is here.
    Account,
    /// A page about whoever is here.
    Page(Printed),
    /// What is taken home.
    Taken(Taken),
}

/// A page that is printed as it stands, all its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Printed {
    /// A sheet of the account.
    Sheet(account::Sheet),
    /// What a pension would come to.
    Estimate(Ask),
    /// When somebody may retire.
    Retirement(Asking),
}

impl Source {
    /// Whether it is about whoever laid a card, so that nobody else is to read it.
    pub fn is_of_resident(&self) -> bool {
        match self {
            Self::Account | Self::Page(Printed::Sheet(_) | Printed::Estimate(_)) => true,
            Self::Page(Printed::Retirement(asking)) => asking.is_of_card(),
            Self::Taken(_) => false,
        }
    }
}

/// What is on a slip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sheet {
    /// The account of whoever is here.
    Account(Statement),
    /// A page, under when it is printed and, where it is about a resident, about whom.
    Page(Statement, Printed),
    /// What is taken home.
    Taken(Taken),
}

/// What an account says on a slip, from the top, without words. `Debug` shows only how much it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its rows.
    pub rows: Vec<Row>,
    /// The place of the row that has the figure one came for: what is drawn each month, or what has
    /// been saved. It stands larger than all others.
    pub main: Option<usize>,
}

/// What something is, and how much or which.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// What it is.
    pub label: Label,
    /// How much or which.
    pub value: Value,
}

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// When it is printed.
    Time,
    /// When the figures were true.
    AsOf,
    /// Whose account it is.
    Name,
    /// The masked number.
    Number,
    /// A kind of insurance, with its state; the rows below belong to it.
    Kind(InsuranceKind),
    /// 个人账户储存额.
    Balance,
    /// What was paid in the newest year, which is this one.
    Paid(i16),
    /// What is drawn each month.
    Monthly,
    /// One part of that.
    Part(BenefitItem),
    /// By when the next proof of life is due.
    Certify,
}

/// How much or which.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// A text about the person.
    Text(Sensitive<String>),
    /// A moment on the town's wall clock.
    Moment(DateTime),
    /// A day.
    Day(Date),
    /// The state of an insurance.
    State(ParticipationState),
    /// Money.
    Amount(Fen),
}

impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Statement of {} rows", self.rows.len())
    }
}

/// What will be on the slip of `resident` now: their name masked unless it is shown at this moment,
/// their number always, since paper is left lying about.
pub fn statement(machine: &Machine, resident: &Resident, account: &Account) -> Statement {
    let mut rows = about(machine, Some((resident, account)));
    let mut row = |label, value| {
        rows.push(Row { label, value });
        rows.len() - 1
    };
    let mut main = None;
    for (kind, participation) in account.participations.iter().enumerate() {
        let mut figure = None;
        row(Label::Kind(participation.kind), Value::State(participation.state()));
        // The rules of the medical insurance are another office's: its state alone is printed.
        if participation.kind.is_medical() {
            continue;
        }
        if let Some(balance) = participation.balance {
            figure = Some(row(Label::Balance, Value::Amount(balance)));
        }
        // Of what an employer alone pays for the person has paid nothing.
        let paid = participation.contributions.first().filter(|last| !last.person.is_zero());
        if let Some(last) = paid {
            row(Label::Paid(last.year), Value::Amount(last.person));
        }
        if let Some(benefit) = &participation.benefit {
            figure = Some(row(Label::Monthly, Value::Amount(benefit.monthly)));
            for part in &benefit.parts {
                row(Label::Part(part.item), Value::Amount(part.monthly));
            }
        }
        if main_kind(account) == Some(kind) {
            main = figure;
        }
    }
    if let Some(certification) = &account.certification {
        row(Label::Certify, Value::Day(certification.next));
    }
    Statement { rows, main }
}

/// When a slip is printed, and about whom.
fn about(machine: &Machine, whom: Option<(&Resident, &Account)>) -> Vec<Row> {
    let mut rows = vec![Row { label: Label::Time, value: Value::Moment(machine.wall) }];
    if let Some((resident, account)) = whom {
        let as_of = account.as_of.to_zoned(TimeZone::fixed(offset(8))).date();
        let text = |text: String| Value::Text(Sensitive::new(text));
        rows.extend([
            Row { label: Label::AsOf, value: Value::Day(as_of) },
            Row { label: Label::Name, value: text(resident.name().to_string()) },
            Row { label: Label::Number, value: text(resident.document.number().masked()) },
        ]);
    }
    rows
}

/// What is printed of the page that is shown, if it is one that is printed as it stands and there is a
/// printer.
pub fn of_page(state: &State) -> Option<Printed> {
    let visit = state.visit.as_ref().filter(|_| state.prints())?;
    match visit.page() {
        Page::Account(account::Page::Sheet(opened)) => {
            let (_, of) = visit.account()?;
            let today = state.machine.wall.date();
            let sheet = account::leaf(of, *opened, today, &state.fit()).sheet;
            (!sheet.facts(of, today).is_empty()).then_some(Printed::Sheet(sheet))
        }
        Page::Estimate(ask) => answer(state, *ask).is_ok().then_some(Printed::Estimate(*ask)),
        Page::Retirement(asking) => {
            retirement::is_told(state, *asking).then_some(Printed::Retirement(*asking))
        }
        _ => None,
    }
}

impl State {
    /// Whether slips can be printed here.
    pub fn prints(&self) -> bool {
        self.machine.printer.is_some()
    }

    /// What keeps the printer from printing, before anything is sent.
    pub fn printer_obstacle(&self) -> Option<Stop> {
        match self.machine.printer {
            Some(PrinterStatus::Down(stop)) => Some(stop),
            Some(PrinterStatus::Starting | PrinterStatus::Ready { .. }) => None,
            None => Some(Stop::PrinterAbsent),
        }
    }
}

/// 打印 on the overview or of what is taken home, or once more after a failure.
pub(super) fn pressed(state: &mut State) -> Vec<Effect> {
    let obstacle = state.printer_obstacle();
    let prints = state.prints();
    let page = of_page(state);
    let ticket = SlipTicket(state.number());
    let State { machine, visit: Some(visit), .. } = state else { return Vec::new() };
    let (of, anew) = match (visit.page(), page) {
        (_, Some(page)) => (Source::Page(page), true),
        (Page::Account(account::Page::Overview), _) if prints => (Source::Account, true),
        (Page::TakeAway(taken), _) if prints => (Source::Taken(taken.clone()), true),
        (Page::Print(Printing { of, stage: Stage::Failed(_) }), _) => (of.clone(), false),
        _ => return Vec::new(),
    };
    let (printing, effects) = match (&visit.slip, obstacle, sheet(machine, visit, &of)) {
        // Who has read on meanwhile finds the one that is printing.
        (Some((_, of)), ..) => (Printing { of: of.clone(), stage: Stage::Printing }, Vec::new()),
        (None, Some(stop), _) => (Printing { of, stage: Stage::Failed(stop) }, Vec::new()),
        (None, None, None) => return Vec::new(),
        (None, None, Some(sheet)) => {
            visit.slip = Some((ticket, of.clone()));
            let effect = Effect::Print { ticket, sheet };
            (Printing { of, stage: Stage::Printing }, vec![effect])
        }
    };
    match anew {
        true => visit.go(Page::Print(printing)),
        false => *visit.page_mut() = Page::Print(printing),
    }
    effects
}

/// What is on a slip of this now.
fn sheet(machine: &Machine, visit: &Visit, of: &Source) -> Option<Sheet> {
    match of {
        Source::Taken(taken) => Some(Sheet::Taken(taken.clone())),
        Source::Account => {
            let (resident, account) = visit.account()?;
            Some(Sheet::Account(statement(machine, resident, account)))
        }
        Source::Page(page) => {
            let whom = if of.is_of_resident() { Some(visit.account()?) } else { None };
            let head = Statement { rows: about(machine, whom), main: None };
            Some(Sheet::Page(head, *page))
        }
    }
}

/// The slip `ticket` has come to its end.
pub(super) fn printed(state: &mut State, ticket: SlipTicket, outcome: Result<(), Stop>) {
    let State { visit: Some(visit), .. } = state else { return };
    let Some((_, of)) = visit.slip.take_if(|(printing, _)| *printing == ticket) else { return };
    let stage = match outcome {
        Ok(()) => Stage::Printed,
        Err(stop) => Stage::Failed(stop),
    };
    // Help may stand above the page.
    let waiting = |page: &&mut Page| matches!(page, Page::Print(p) if p.stage == Stage::Printing);
    match (visit.trail.iter_mut().find(waiting), outcome) {
        (Some(page), _) => *page = Page::Print(Printing { of, stage }),
        // Paper in the slot tells whoever has read on; nothing would tell that there is none.
        (None, Err(_)) => visit.go(Page::Print(Printing { of, stage })),
        (None, Ok(())) => {}
    }
}
