//! The account's pages. The only place where a resident's data enter the window; when no such page
//! is shown, its properties are emptied.

use jiff::tz;
use kiosk_base::domain::{
    Account, Benefit, Contribution, Participation,
    account::{BenefitItem, ParticipationState, PaymentState},
};
use slint::ComponentHandle;

use super::{Send, glyphs, int, lists::list_view, open, press, set, set_rows, ui, words};
use crate::visit::{
    self, Press, Resident, State,
    account::{
        self, Page, YearLine, all_doors, main_door, main_participation, newest_arrived_month,
        year_lines,
    },
};

pub(super) fn bind(window: &ui::App, send: &Send) {
    let overview = window.global::<ui::Overview<'_>>();
    overview.on_show(press(send, Press::Account(account::Press::Show)));
    overview.on_open(open(send));
    overview.on_print(press(send, Press::Print));
    window.global::<ui::Years<'_>>().on_open(open(send));
}

/// The kind of a page of this flow.
pub(super) fn kind(page: &Page) -> ui::PageKind {
    match page {
        Page::Overview => ui::PageKind::Overview,
        Page::Kinds(_) => ui::PageKind::Insurance,
        Page::Years(_) => ui::PageKind::Years,
        Page::Doors(_) => ui::PageKind::Doors,
        Page::Sheet(_) => ui::PageKind::Sheet,
    }
}

pub(super) fn render(window: &ui::App, state: &State) {
    let overview = window.global::<ui::Overview<'_>>();
    let list = window.global::<ui::Years<'_>>();
    let shown = state.visit.as_ref().and_then(|visit| {
        let resident = visit.resident.as_ref()?;
        Some((visit, resident, resident.account.as_deref()?))
    });
    let page = state.page();
    match (shown, page) {
        (Some((_, resident, account)), Some(visit::Page::Account(Page::Overview))) => {
            set!(overview, get_view, set_view, overview_view(resident, account));
            set!(overview, get_prints, set_prints, state.prints());
            let door = main_door(account).map(super::sheet::door);
            set_rows!(overview, get_main_door, set_main_door, door.into_iter().collect());
            let name = resident.name();
            set_rows!(overview, get_name, set_name, glyphs::parts(&name));
        }
        _ => {
            set!(overview, get_view, set_view, Default::default());
            set_rows!(overview, get_main_door, set_main_door, Vec::new());
            set_rows!(overview, get_name, set_name, Vec::new());
        }
    }
    match (shown, page) {
        (Some((_, _, account)), Some(visit::Page::Account(Page::Kinds(kinds)))) => {
            let grid = state.fit().kinds;
            let all = &account.participations;
            set!(overview, get_list, set_list, list_view(grid, kinds.page, all.len(), false));
            let rows = all.iter().skip(kinds.page * grid.cells()).take(grid.cells());
            set_rows!(overview, get_rows, set_rows, rows.map(insurance_row).collect());
        }
        (Some(_), Some(visit::Page::Account(Page::Doors(_)))) => {
            set_rows!(overview, get_rows, set_rows, Vec::new())
        }
        _ => {
            set!(overview, get_list, set_list, Default::default());
            set_rows!(overview, get_rows, set_rows, Vec::new());
        }
    }
    match (shown, page) {
        (Some((_, _, account)), Some(visit::Page::Account(Page::Doors(page)))) => {
            let grid = state.fit().doors;
            let doors = all_doors(&state.machine, account);
            set!(overview, get_list, set_list, list_view(grid, *page, doors.len(), false));
            let doors = doors.into_iter().skip(page * grid.cells()).take(grid.cells());
            set_rows!(overview, get_doors, set_doors, doors.map(super::sheet::door).collect());
        }
        _ => set_rows!(overview, get_doors, set_doors, Vec::new()),
    }
    let participation = match (shown, page) {
        (Some((_, _, account)), Some(visit::Page::Account(Page::Years(shown)))) => {
            let about = account.participations.get(shown.kind);
            about.map(|about| (about, year_lines(account, about), shown.page))
        }
        _ => None,
    };
    match participation {
        Some((participation, lines, page)) => {
            let view = years_view(state, participation, page);
            let per_page = view.rows_a_page as usize;
            set!(list, get_view, set_view, view);
            let all = &participation.contributions;
            let most = all.iter().map(Contribution::total).max().unwrap_or_default().0.max(1);
            let lines = lines.into_iter().skip(page * per_page).take(per_page);
            let rows = lines.map(|line| match line {
                YearLine::Paid(at) => year_row(&all[at], most),
                YearLine::Unrecorded { from, until } => ui::YearRow {
                    unrecorded: true,
                    year: from.into(),
                    until: until.into(),
                    ..Default::default()
                },
            });
            set_rows!(list, get_rows, set_rows, rows.collect());
        }
        None => {
            set!(list, get_view, set_view, Default::default());
            set_rows!(list, get_rows, set_rows, Vec::new());
        }
    }
}

fn overview_view(resident: &Resident, account: &Account) -> ui::OverviewView {
    let name = resident.name();
    let main = main_participation(account);
    let benefit = main.and_then(|main| main.benefit.as_ref());
    let balance = main.and_then(|main| main.balance);
    let figure = benefit.map(|benefit| benefit.monthly).or(balance);
    let last = main.and_then(|main| main.contributions.first());
    let payment = benefit.and_then(Benefit::last_payment);
    let as_of = account.as_of.to_zoned(tz::TimeZone::fixed(tz::offset(8))).date();
    let mut view = ui::OverviewView {
        name: if glyphs::is_long(&name) { name.as_str().into() } else { Default::default() },
        name_length: int(name.chars().count()),
        number: resident.number().as_str().into(),
        shown: resident.shown(),
        expired: resident.expired,
        has_main: main.is_some(),
        kind: main.map_or(0, |main| main.kind.0.into()),
        state: main.map_or(ui::InsuranceState::NotInsured, |main| state_of(main.state())),
        has_figure: figure.is_some(),
        is_pension: benefit.is_some(),
        figure: figure.map(|figure| figure.to_string()).unwrap_or_default().into(),
        basic: parts(benefit, BenefitItem::is_basic),
        from_account: parts(benefit, |item| item == BenefitItem::Account),
        others: parts(benefit, |item| !item.is_basic() && item != BenefitItem::Account),
        paid_state: payment.map_or(-1, |payment| match payment.state {
            PaymentState::Pending => 0,
            PaymentState::Paid => 1,
            PaymentState::Failed => 2,
            PaymentState::WrittenOff => 3,
            PaymentState::Code(_) => 4,
        }),
        paid_amount: payment.map(|paid| paid.amount.to_string()).unwrap_or_default().into(),
        kinds: int(account.participations.len()),
        as_of: words::day(as_of).into(),
        ..Default::default()
    };
    if let Some(payment) = payment {
        if let PaymentState::Code(code) = payment.state {
            view.paid_code = code.as_str().into();
        }
        let month = payment.month;
        let day = payment.paid_on.map(words::day);
        view.paid_date = day.unwrap_or_else(|| words::month(month)).into();
    }
    if let Some(last) = last {
        view.has_last = true;
        view.last_year = last.year.into();
        view.last_amount = last.person.to_string().into();
        view.last_arrived = last.arrived.is_some();
    }
    view.last_month = main.map(last_month).unwrap_or_default();
    view
}

/// The newest month of which the money has come, where months are kept; else empty.
fn last_month(participation: &Participation) -> slint::SharedString {
    newest_arrived_month(participation).map(words::month).unwrap_or_default().into()
}

/// What some parts of a benefit come to; empty for nothing.
fn parts(benefit: Option<&Benefit>, of: fn(BenefitItem) -> bool) -> slint::SharedString {
    let sum = benefit.map(|benefit| benefit.sum(of)).filter(|sum| !sum.is_zero());
    // The sign that is as wide as a digit.
    sum.map(|sum| sum.to_string().replace('-', "−")).unwrap_or_default().into()
}

pub(super) fn state_of(state: ParticipationState) -> ui::InsuranceState {
    match state {
        ParticipationState::NotInsured => ui::InsuranceState::NotInsured,
        ParticipationState::Paying => ui::InsuranceState::Paying,
        ParticipationState::PaymentPaused => ui::InsuranceState::Paused,
        ParticipationState::Drawing => ui::InsuranceState::Drawing,
        ParticipationState::BenefitPaused => ui::InsuranceState::BenefitPaused,
        ParticipationState::Ended => ui::InsuranceState::Ended,
        ParticipationState::Unknown => ui::InsuranceState::Unknown,
    }
}

fn insurance_row(participation: &Participation) -> ui::InsuranceRow {
    let last = participation.contributions.first().filter(|_| !participation.kind.is_medical());
    ui::InsuranceRow {
        kind: participation.kind.0.into(),
        state: state_of(participation.state()),
        has_last: last.is_some(),
        last_year: last.map_or(0, |last| last.year.into()),
        last_amount: last.map(|last| last.person.to_string()).unwrap_or_default().into(),
        last_arrived: last.is_some_and(|last| last.arrived.is_some()),
        last_month: last.map(|_| last_month(participation)).unwrap_or_default(),
    }
}

fn years_view(state: &State, p: &Participation, page: usize) -> ui::YearsView {
    let fit = state.fit();
    ui::YearsView {
        kind: p.kind.0.into(),
        state: state_of(p.state()),
        balance: p.balance.map(|balance| balance.to_string()).unwrap_or_default().into(),
        months: p.months_paid.map_or(0, int),
        since: p.since.map(words::month).unwrap_or_default().into(),
        place: p.place.as_deref().unwrap_or_default().into(),
        page: int(page + 1),
        pages: int(state.pages()),
        rows_a_page: int(fit.years.rows),
    }
}

fn year_row(contribution: &Contribution, most: i64) -> ui::YearRow {
    let amount = |fen: kiosk_base::domain::Fen| match fen.0 {
        0 => slint::SharedString::default(),
        _ => fen.short().into(),
    };
    let share = |fen: kiosk_base::domain::Fen| fen.0.max(0) as f32 / most as f32;
    ui::YearRow {
        unrecorded: false,
        until: contribution.year.into(),
        year: contribution.year.into(),
        person: contribution.person.short().into(),
        government: amount(contribution.government()),
        others: amount(contribution.others()),
        total: contribution.total().short().into(),
        has_arrived: contribution.arrived.is_some(),
        share_person: share(contribution.person),
        share_government: share(contribution.government()),
        share_others: share(contribution.others()),
    }
}
