//! The account's sheets. As [`account`](super::account): when no such
//! page is shown, its properties are emptied.

use std::fmt::Write;

use jiff::{civil::Date, tz};
use kiosk_base::domain::{
    Account, Code, Fen, InsuranceKind,
    account::{
        BenefitItem, CardState, CertificationWay, Facts, PaymentExtra, PaymentExtraItem,
        PaymentReason, PaymentState, UnemploymentState,
    },
};
use slint::ComponentHandle;

use super::{Send, account::state_of, int, open, set, set_rows, slip, ui, words};
use crate::visit::{
    Page, State, Visit,
    account::{
        self, Door, Fact, Leaf, MonthBar, MonthState, Months, Opened, Payer, Picture, Run, Sheet,
        Tint, leaf, shape, sheet_doors,
    },
    printing::{Item, Slip},
};

/// Days of a full ring.
const YEAR: i32 = 365;

pub(super) fn bind(window: &ui::App, send: &Send) {
    let sheet = window.global::<ui::Sheet<'_>>();
    sheet.on_open(open(send));
}

pub(super) fn render(window: &ui::App, state: &State) {
    let resident = state.visit.as_ref().and_then(|visit| visit.resident.as_ref());
    let account = resident.and_then(|resident| resident.account.as_deref());
    let sheet = window.global::<ui::Sheet<'_>>();
    match (state.page(), account) {
        (Some(Page::Account(account::Page::Sheet(opened))), Some(account)) => {
            sheet_page(&sheet, state, account, *opened)
        }
        _ => {
            set!(sheet, get_view, set_view, Default::default());
            set_rows!(sheet, get_rows, set_rows, Vec::new());
            set_rows!(sheet, get_bar, set_bar, Vec::new());
            set_rows!(sheet, get_ends, set_ends, Vec::new());
            set_rows!(sheet, get_months, set_months, Vec::new());
            set_rows!(sheet, get_doors, set_doors, Vec::new());
        }
    }
}

fn sheet_page(global: &ui::Sheet<'_>, state: &State, account: &Account, opened: Opened) {
    let today = state.machine.wall.date();
    let Leaf { sheet, page, grid } = leaf(account, opened, today, &state.fit());
    let facts = sheet.facts(account, today);
    let per_page = grid.cells();
    let picture = sheet.picture(account, today);
    let view = ui::SheetView {
        page: int(opened.page + 1),
        pages: int(state.pages()),
        rows_a_page: int(per_page),
        ..sheet_view(account, sheet, today)
    };
    set!(global, get_view, set_view, view);
    let shown = facts.iter().skip(page * per_page).take(per_page);
    set_rows!(global, get_rows, set_rows, shown.map(row).collect());
    set_rows!(global, get_bar, set_bar, bar(&picture));
    set_rows!(global, get_ends, set_ends, year_ends(&picture));
    set_rows!(global, get_months, set_months, months(&picture));
    let doors = sheet_doors(account, sheet).into_iter().map(door).collect();
    set_rows!(global, get_doors, set_doors, doors);
}

/// What a sheet is, without its lines.
fn sheet_view(account: &Account, sheet: Sheet, today: Date) -> ui::SheetView {
    let picture = sheet.picture(account, today);
    let about = sheet.participation(account);
    let origin = sheet.origin(account);
    let as_of = origin.map_or(account.as_of, |origin| origin.as_of);
    let as_of = as_of.to_zoned(tz::TimeZone::fixed(tz::offset(8))).date();
    ui::SheetView {
        kind: about.map_or(0, |participation| participation.kind.0.into()),
        sheet: kind_of(sheet),
        year: match sheet {
            Sheet::Received { year, .. } => year.into(),
            _ => sheet.year(account).map_or(0, |year| year.year.into()),
        },
        state: about.map_or(ui::InsuranceState::Unknown, |p| state_of(p.state())),
        days_left: match picture {
            Picture::Ring(days) => days,
            _ => 0,
        },
        path: path(&picture).into(),
        first_year: ends(&picture).0.into(),
        last_year: ends(&picture).1.into(),
        newest: newest(&picture).map(|newest| newest.to_string()).unwrap_or_default().into(),
        came: has(&picture, |month| month.state == MonthState::Came),
        back_pay: has(&picture, |month| month.back_pay > Fen(0)),
        lost: has(&picture, |month| month.state == MonthState::Lost),
        waiting: has(&picture, |month| month.state == MonthState::Waiting),
        unclear: has(&picture, |month| month.state == MonthState::Unclear),
        double: shape(account, sheet, today).double,
        origin: origin.map(|origin| origin.from.as_str()).unwrap_or_default().into(),
        as_of: words::day(as_of).into(),
        ..Default::default()
    }
}

/// All lines of a sheet: what one came for in large letters, and small words below the line they belong to.
pub(super) fn slip(window: &ui::App, state: &State, sheet: Sheet, slip: &mut Slip) {
    let Some((_, account)) = state.visit.as_ref().and_then(Visit::account) else { return };
    let global = window.global::<ui::Sheet<'_>>();
    let today = state.machine.wall.date();
    slip.push(Item::Centred(global.invoke_title(sheet_view(account, sheet, today)).into()));
    // More than this nobody reads on a slip, and what is beyond its limit would be cut without a word.
    const LINES_MAX: usize = 72;
    let facts = sheet.facts(account, today);
    let figure = facts.iter().position(|fact| match fact {
        Fact::Received(total) => total.whole,
        Fact::CertifyBy(_) | Fact::Monthly(_) | Fact::Total(_) | Fact::Left(_) => {
            sheet != Sheet::Record
        }
        _ => false,
    });
    for (at, fact) in facts.iter().take(LINES_MAX).enumerate() {
        let row = row(fact);
        let (label, value) = (global.invoke_label(row.clone()), global.invoke_value(row.clone()));
        if matches!(fact, Fact::Kind(_) | Fact::Heading(_)) {
            slip.push(Item::Rule);
            slip.push(Item::Centred(label.into()));
        } else if figure == Some(at) {
            slip.push(Item::Centred(label.into()));
            slip.push(Item::Heading(value.into()));
        } else {
            slip::row(slip, label, value);
        }
        slip::note(slip, &global.invoke_note(row));
    }
    if facts.len() > LINES_MAX {
        slip::not_printed(window, slip, facts.len() - LINES_MAX);
    }
}

fn kind_of(sheet: Sheet) -> ui::SheetKind {
    match sheet {
        Sheet::Kind(_) => ui::SheetKind::Kind,
        Sheet::Year { .. } => ui::SheetKind::Year,
        Sheet::Months(_) => ui::SheetKind::Months,
        Sheet::Balance(_) => ui::SheetKind::Balance,
        Sheet::Parts(_) => ui::SheetKind::Parts,
        Sheet::Payments(_) => ui::SheetKind::Payments,
        Sheet::Received { .. } => ui::SheetKind::Received,
        Sheet::Certification => ui::SheetKind::Certification,
        Sheet::Unemployment => ui::SheetKind::Unemployment,
        Sheet::Card => ui::SheetKind::Card,
        Sheet::Record => ui::SheetKind::Record,
    }
}

pub(super) fn door(door: Door) -> ui::AccountDoor {
    match door {
        Door::Kinds => ui::AccountDoor::Kinds,
        Door::Years(_) => ui::AccountDoor::Years,
        Door::Estimate(_) => ui::AccountDoor::Estimate,
        Door::Retirement => ui::AccountDoor::Retirement,
        Door::Notice => ui::AccountDoor::Notice,
        Door::Sheet(sheet) => match sheet {
            Sheet::Kind(_) | Sheet::Year { .. } => ui::AccountDoor::Kinds,
            Sheet::Months(_) => ui::AccountDoor::Months,
            Sheet::Balance(_) => ui::AccountDoor::Balance,
            Sheet::Parts(_) => ui::AccountDoor::Parts,
            Sheet::Payments(_) => ui::AccountDoor::Payments,
            Sheet::Received { .. } => ui::AccountDoor::Received,
            Sheet::Certification => ui::AccountDoor::Certification,
            Sheet::Unemployment => ui::AccountDoor::Unemployment,
            Sheet::Card => ui::AccountDoor::Card,
            Sheet::Record => ui::AccountDoor::Record,
        },
    }
}

fn row(fact: &Fact<'_>) -> ui::SheetRow {
    use ui::SheetLine as Kind;
    let tint = match fact.tint() {
        None => 0,
        Some(Tint::Person) => 1,
        Some(Tint::Government) => 2,
        Some(Tint::Others) => 3,
        Some(Tint::Rest) => 4,
    };
    let empty = ui::SheetRow { tint, ..Default::default() };
    let code = |kind, code: i32| ui::SheetRow { kind, code, ..empty.clone() };
    let text = |kind, text: String| ui::SheetRow { kind, text: text.into(), ..empty.clone() };
    let sum = |kind, fen: Fen| text(kind, fen.to_string());
    match *fact {
        Fact::Kind(InsuranceKind(kind)) => code(Kind::Heading, kind.into()),
        Fact::Heading(sheet) => {
            ui::SheetRow { door: door(Door::Sheet(sheet)), ..code(Kind::SheetHeading, 0) }
        }
        Fact::State(state) => ui::SheetRow { state: state_of(state), ..code(Kind::State, 0) },
        Fact::Reason(reason) => code(Kind::Reason, reason.0.into()),
        Fact::Since(since) => text(Kind::Since, words::month(since)),
        Fact::Place(place) => text(Kind::Place, place.to_owned()),
        Fact::Identity(identity) => code(Kind::Identity, identity.0.into()),
        Fact::MonthsPaid(months) => code(Kind::MonthsPaid, int(months)),
        Fact::Balance(fen) => sum(Kind::Balance, fen),
        Fact::LastYear(year) => ui::SheetRow {
            code: year.year.into(),
            good: year.arrived.is_some(),
            ..text(Kind::LastYear, year.person.to_string())
        },
        Fact::Paid(payer, fen) => ui::SheetRow { code: payer_code(payer), ..sum(Kind::Paid, fen) },
        Fact::Total(fen) => sum(Kind::Total, fen),
        Fact::IntoAccount(fen) => sum(Kind::IntoAccount, fen),
        Fact::PaidIn(place) => text(Kind::PaidIn, place.to_owned()),
        Fact::ArrivedUntil(month) => text(Kind::ArrivedUntil, words::month(month)),
        Fact::Interest(fen) => sum(Kind::Interest, fen),
        Fact::Drawn(fen) => sum(Kind::Drawn, fen),
        Fact::YearBalance(fen) => sum(Kind::YearBalance, fen),
        Fact::ArrivedMonths(months) => code(Kind::ArrivedMonths, int(months)),
        Fact::UnrecordedMonths(months) => text(Kind::UnrecordedMonths, runs_words(months)),
        Fact::Arrived(day) => ui::SheetRow {
            good: day.is_some(),
            ..text(Kind::Arrived, day.map(words::day).unwrap_or_default())
        },
        Fact::Month(month) => ui::SheetRow {
            label: words::month(month.month).into(),
            more: month.base.short().into(),
            other: month.employer.short().into(),
            good: month.arrived.is_some(),
            date: month.arrived.map(words::short_day).unwrap_or_default().into(),
            ..text(Kind::Month, month.person.to_string())
        },
        Fact::Missing(rows) => code(Kind::Missing, int(rows)),
        Fact::DrawnSince(month) => text(Kind::DrawnSince, words::month(month)),
        Fact::Monthly(fen) => sum(Kind::Monthly, fen),
        // The sign that is as wide as a digit.
        Fact::Part(item, fen) => {
            coded(item_code(item), text(Kind::Part, fen.to_string().replace('-', "−")))
        }
        Fact::Received(total) => ui::SheetRow {
            code: int(total.months),
            good: total.whole,
            label: total.ever.map(|(first, _)| words::month(first)).unwrap_or_default().into(),
            more: total.ever.map(|(_, sum)| sum.to_string()).unwrap_or_default().into(),
            ..sum(Kind::Received, total.sum)
        },
        Fact::Lost(payment) => ui::SheetRow {
            label: words::month_alone(payment.month.month()).into(),
            ..coded(reason_code(payment.reason), sum(Kind::Lost, payment.amount))
        },
        Fact::Months(Run { first, last, monthly, state, change }) => {
            let more = change.is_some_and(|(change, _)| change > Fen(0));
            let change = change.map(|(change, reason)| (Fen(change.0.saturating_abs()), reason));
            let row = ui::SheetRow {
                label: words::months((first, last)).into(),
                more: change.map(|(change, _)| change.to_string()).unwrap_or_default().into(),
                month: month_state(state),
                several: first != last,
                good: more && state == MonthState::Came,
                less: !more,
                ..sum(Kind::Months, monthly)
            };
            coded(reason_code(change.and_then(|(_, reason)| reason)), row)
        }
        Fact::Extra(month, extra) => {
            let kind = match extra.item {
                PaymentExtraItem::BackPay => Kind::BackPay,
                PaymentExtraItem::Recovery => Kind::Recovery,
                PaymentExtraItem::Code(_) => Kind::Extra,
            };
            let row = ui::SheetRow {
                label: words::month_alone(month.month()).into(),
                more: covered(extra, month.year()).into(),
                ..sum(kind, extra.amount)
            };
            coded(reason_code(extra.reason), row)
        }
        Fact::Payment(payment, made_good) => {
            let state = match payment.state {
                _ if made_good => Ok(4),
                PaymentState::Pending => Ok(0),
                PaymentState::Paid => Ok(1),
                PaymentState::Failed => Ok(2),
                PaymentState::WrittenOff => Ok(3),
                PaymentState::Code(code) => Err(code),
            };
            let row = ui::SheetRow {
                label: words::month(payment.month).into(),
                good: payment.state == PaymentState::Paid,
                date: payment.paid_on.map(words::short_day).unwrap_or_default().into(),
                more: payment.bank_tail.map(|tail| tail.to_string()).unwrap_or_default().into(),
                ..sum(Kind::Payment, payment.amount)
            };
            coded(state, row)
        }
        Fact::Certified(month, way) => {
            let way = match way {
                None => Ok(0),
                Some(CertificationWay::Office) => Ok(1),
                Some(CertificationWay::Phone) => Ok(2),
                Some(CertificationWay::Kiosk) => Ok(4),
                Some(CertificationWay::Other) => Ok(5),
                Some(CertificationWay::Code(code)) => Err(code),
            };
            coded(way, text(Kind::Certified, words::month(month)))
        }
        Fact::CertifyBy(day) => text(Kind::CertifyBy, words::day(day)),
        Fact::DaysLeft(days) => ui::SheetRow { good: days >= 0, ..code(Kind::DaysLeft, days) },
        Fact::Unemployment(state) => ui::SheetRow {
            good: state == UnemploymentState::Drawing,
            ..coded(unemployed(state), code(Kind::Unemployment, 0))
        },
        Fact::Granted(months) => code(Kind::Granted, int(months)),
        Fact::Used(months) => code(Kind::Used, int(months)),
        Fact::Left(months) => code(Kind::Left, int(months)),
        Fact::UnemploymentMonthly(fen) => sum(Kind::UnemploymentMonthly, fen),
        Fact::UnemploymentTime(since, until) => ui::SheetRow {
            more: until.map(words::month).unwrap_or_default().into(),
            ..text(Kind::UnemploymentTime, words::month(since))
        },
        Fact::Card(state) => ui::SheetRow {
            good: state == CardState::InUse,
            ..coded(card_code(state), code(Kind::Card, 0))
        },
        Fact::YearEnd(year, fen) => ui::SheetRow { code: year.into(), ..sum(Kind::YearEnd, fen) },
        Fact::Origin(origin) => {
            let code = if origin.is_tax() { Ok(TAX) } else { facts_code(origin.of) };
            coded(code, text(Kind::Origin, origin.from.clone()))
        }
        Fact::CardIssued(day) => text(Kind::CardIssued, words::day(day)),
        Fact::CardValid(day) => text(Kind::CardValid, words::day(day)),
        Fact::CardBank(bank, tail) => ui::SheetRow {
            more: tail.map(|tail| tail.to_string()).unwrap_or_default().into(),
            ..text(Kind::CardBank, bank.unwrap_or_default().to_owned())
        },
    }
}

/// Contributions that the tax bureau collects.
const TAX: i32 = 8;

fn facts_code(facts: Facts) -> Result<i32, Code> {
    match facts {
        Facts::State => Ok(1),
        Facts::Contributions => Ok(2),
        Facts::Balance => Ok(3),
        Facts::Benefit => Ok(4),
        Facts::Certification => Ok(5),
        Facts::Unemployment => Ok(6),
        Facts::Card => Ok(7),
        Facts::Code(code) => Err(code),
    }
}

fn payer_code(payer: Payer) -> i32 {
    match payer {
        Payer::Person => 1,
        Payer::Province => 3,
        Payer::City => 4,
        Payer::County => 5,
        Payer::Collective => 6,
        Payer::PaidFor => 11,
        Payer::Government => 20,
        Payer::Employer => 21,
        Payer::Others => 22,
    }
}

fn item_code(item: BenefitItem) -> Result<i32, Code> {
    match item {
        BenefitItem::Basic => Ok(1),
        BenefitItem::BasicProvince => Ok(2),
        BenefitItem::BasicCity => Ok(3),
        BenefitItem::BasicCounty => Ok(4),
        BenefitItem::Account => Ok(5),
        BenefitItem::Added => Ok(6),
        BenefitItem::Deduction => Ok(7),
        BenefitItem::Other => Ok(0),
        BenefitItem::Code(code) => Err(code),
    }
}

/// Zero where no reason is told.
fn reason_code(reason: Option<PaymentReason>) -> Result<i32, Code> {
    match reason {
        None => Ok(0),
        Some(PaymentReason::Adjustment) => Ok(1),
        Some(PaymentReason::Recalculation) => Ok(2),
        Some(PaymentReason::Certified) => Ok(3),
        Some(PaymentReason::LateClaim) => Ok(4),
        Some(PaymentReason::Overpaid) => Ok(5),
        Some(PaymentReason::BankAccount) => Ok(6),
        Some(PaymentReason::Code(code)) => Err(code),
    }
}

fn month_state(state: MonthState) -> ui::MonthState {
    match state {
        MonthState::Nothing => ui::MonthState::Nothing,
        MonthState::Came => ui::MonthState::Came,
        MonthState::Lost => ui::MonthState::Lost,
        MonthState::Waiting => ui::MonthState::Waiting,
        MonthState::Unclear => ui::MonthState::Unclear,
    }
}

/// The months that an extra is for, with the year where it is another than that of the page.
fn covered(extra: &PaymentExtra, year: i16) -> String {
    let (Some(from), Some(until)) = (extra.from.or(extra.until), extra.until.or(extra.from)) else {
        return String::new();
    };
    if from > until {
        String::new()
    } else if from.year() == year && until.year() == year {
        words::months((from.month(), until.month()))
    } else if from == until {
        words::month(from)
    } else {
        format!("{}–{}", words::month(from), words::month(until))
    }
}

fn unemployed(state: UnemploymentState) -> Result<i32, Code> {
    match state {
        UnemploymentState::Drawing => Ok(1),
        UnemploymentState::Paused => Ok(2),
        UnemploymentState::Ended => Ok(3),
        UnemploymentState::Code(code) => Err(code),
    }
}

fn card_code(state: CardState) -> Result<i32, Code> {
    match state {
        CardState::InUse => Ok(1),
        CardState::NotActivated => Ok(2),
        CardState::ReportedLost => Ok(3),
        CardState::Expired => Ok(4),
        CardState::Cancelled => Ok(5),
        CardState::Unknown => Ok(0),
        CardState::Code(code) => Err(code),
    }
}

/// The row with this code; with one that this version does not know, in its own words.
fn coded(code: Result<i32, Code>, row: ui::SheetRow) -> ui::SheetRow {
    match code {
        Ok(code) => ui::SheetRow { code, ..row },
        Err(code) => ui::SheetRow { code: -1, other: code.as_str().into(), ..row },
    }
}

/// `1–2、4–11`.
fn runs_words(months: Months) -> String {
    let run = |(first, last): (i8, i8)| match last - first {
        0 => first.to_string(),
        _ => format!("{first}–{last}"),
    };
    words::list(&months.runs().into_iter().map(run).collect::<Vec<_>>())
}

/// Whether the picture of a year has such a month.
fn has(picture: &Picture, month: impl Fn(&MonthBar) -> bool) -> bool {
    matches!(picture, Picture::Months(months) if months.iter().any(month))
}

/// The months of a year, the highest of them at full height. What came stands above the first, and above
/// every one that differs from the one before, unless that would touch another.
fn months(picture: &Picture) -> Vec<ui::MonthBar> {
    // So many months and characters find room on the narrowest page.
    const BETWEEN: usize = 3;
    const LETTERS: usize = 5;
    let Picture::Months(months) = picture else { return Vec::new() };
    let all = |month: &MonthBar| month.regular + month.back_pay;
    let most = months.iter().map(|month| all(month).0).max().unwrap_or_default().max(1) as f32;
    let (mut before, mut labelled) = (None, None);
    let bar = |(at, month): (usize, &MonthBar)| {
        let amount = all(month);
        let text = amount.short();
        let has_room = labelled.is_none_or(|last| at >= last + BETWEEN) && text.len() <= LETTERS;
        let differs = month.state == MonthState::Came && before != Some(amount);
        if month.state == MonthState::Came {
            before = Some(amount);
        }
        // Above its neighbours, too: it is wider than its month.
        let beside = months[at.saturating_sub(1)..(at + 2).min(months.len())].iter();
        let above = beside.map(|month| all(month).0).max().unwrap_or_default().max(0);
        let label = if differs && has_room {
            labelled = Some(at);
            text
        } else {
            String::new()
        };
        ui::MonthBar {
            state: month_state(month.state),
            regular: month.regular.0.max(0) as f32 / most,
            back_pay: month.back_pay.0.max(0) as f32 / most,
            label: label.into(),
            above: above as f32 / most,
        }
    };
    months.iter().enumerate().map(bar).collect()
}

/// Parts as shares of the whole.
fn bar(picture: &Picture) -> Vec<ui::BarPart> {
    let Picture::Stack(parts) = picture else { return Vec::new() };
    let whole = parts.iter().map(|(_, size)| *size).sum::<i64>().max(1) as f32;
    let mut from = 0.0;
    let part = |(tint, size): &(Tint, i64)| {
        let share = *size as f32 / whole;
        let tint = match tint {
            Tint::Person => 1,
            Tint::Government => 2,
            Tint::Others => 3,
            Tint::Rest => 4,
        };
        let part = ui::BarPart { tint, from, share };
        from += share;
        part
    };
    parts.iter().map(part).collect()
}

/// The balances at the ends of the years, the largest of them at full height.
fn year_ends(picture: &Picture) -> Vec<ui::YearEnd> {
    let Picture::Line(points) = picture else { return Vec::new() };
    let (first, last) = ends(picture);
    let years = f32::from((last - first).max(1));
    let most = most(picture).map_or(1, |most| most.0.max(1)) as f32;
    let end = |(year, balance): &(i16, Fen)| ui::YearEnd {
        x: f32::from(year - first) / years,
        y: balance.0.max(0) as f32 / most,
    };
    points.iter().map(end).collect()
}

/// A line through the ends of the years, over a field of 1000 by 1000; or an arc over a field of
/// 200 by 200, from the top clockwise, as long as the days are of a year.
fn path(picture: &Picture) -> String {
    let points: Vec<(f32, f32)> = match picture {
        Picture::None | Picture::Stack(_) | Picture::Months(_) => Vec::new(),
        Picture::Line(_) => {
            year_ends(picture).iter().map(|end| (1000.0 * end.x, 1000.0 - 1000.0 * end.y)).collect()
        }
        Picture::Ring(days) => {
            let share = (*days).clamp(0, YEAR) as f32 / YEAR as f32;
            // As a chain of short chords: an arc of a whole turn has no direction.
            let steps = (share * 90.0).ceil() as usize;
            let at = |step: usize| {
                let turn = share * step as f32 / steps.max(1) as f32;
                let (sin, cos) = (turn * std::f32::consts::TAU).sin_cos();
                (100.0 + 84.0 * sin, 100.0 - 84.0 * cos)
            };
            (0..=steps).map(at).collect()
        }
    };
    let mut path = String::new();
    for (i, (x, y)) in points.into_iter().enumerate() {
        let command = if i == 0 { 'M' } else { 'L' };
        // Writing to a string does not fail.
        let _ = write!(path, "{command} {x:.1} {y:.1} ");
    }
    path
}

fn ends(picture: &Picture) -> (i16, i16) {
    match picture {
        Picture::Line(points) => (points[0].0, points[points.len() - 1].0),
        _ => (0, 0),
    }
}

fn newest(picture: &Picture) -> Option<Fen> {
    match picture {
        Picture::Line(points) => points.last().map(|(_, balance)| *balance),
        _ => None,
    }
}

fn most(picture: &Picture) -> Option<Fen> {
    match picture {
        Picture::Line(points) => points.iter().map(|(_, balance)| *balance).max(),
        _ => None,
    }
}
