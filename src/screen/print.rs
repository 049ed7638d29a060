//! What became of a slip, and the slip itself, whose words are from the pages' catalogue.

use kiosk_base::domain::account::BenefitItem;
use slint::ComponentHandle;

use super::{
    Send, account::state_of, estimate, press, retirement, set, sheet, slip, take_away, ui, words,
};
use crate::visit::{
    Page, Press, State,
    printing::{
        Item, Label, Printed, Printing, Row, Sheet, Slip, Source, Stage, Statement, Value,
        printable,
    },
};

pub(super) fn bind(window: &ui::App, send: &Send) {
    let print = window.global::<ui::Print<'_>>();
    print.on_print(press(send, Press::Print));
}

pub(super) fn render(window: &ui::App, state: &State) {
    let print = window.global::<ui::Print<'_>>();
    let Some(Page::Print(Printing { of, stage })) = state.page() else {
        set!(print, get_view, set_view, Default::default());
        return;
    };
    let stop = match stage {
        Stage::Failed(stop) => Some(*stop),
        Stage::Printing | Stage::Printed => None,
    };
    let window_name = &state.machine.office.insurance_window;
    let (title, sentence) = stop.map(|stop| words::stop(stop, window_name)).unwrap_or_default();
    let view = ui::PrintView {
        stage: match stage {
            Stage::Printing => ui::PrintStage::Printing,
            Stage::Printed => ui::PrintStage::Printed,
            Stage::Failed(_) => ui::PrintStage::Failed,
        },
        title: title.into(),
        sentence: sentence.into(),
        of_account: of.is_of_resident(),
        code: stop.map_or("", |stop| stop.code()).into(),
    };
    set!(print, get_view, set_view, view);
}

/// The slip, in words.
pub(super) fn slip(window: &ui::App, state: &State, sheet: &Sheet) -> Slip {
    match sheet {
        Sheet::Account(statement) => account(window, state, statement),
        Sheet::Page(head, page) => self::page(window, state, head, *page),
        Sheet::Taken(taken) => take_away::slip(window, state, taken),
    }
}

/// A page as it stands: the figure that one came for in large letters, then all its lines, and whom to ask.
fn page(window: &ui::App, state: &State, head: &Statement, page: Printed) -> Slip {
    let print = window.global::<ui::Print<'_>>();
    let is_account = matches!(page, Printed::Sheet(_));
    let mut slip = slip::begin(state, is_account.then(|| print.invoke_heading()));
    for row in &head.rows {
        let row = slip_row(row);
        slip::row(&mut slip, print.invoke_name(row.clone()), print.invoke_words(row));
    }
    slip.push(Item::Rule);
    match page {
        Printed::Sheet(of) => sheet::slip(window, state, of, &mut slip),
        Printed::Estimate(ask) => estimate::slip(window, state, ask, &mut slip),
        Printed::Retirement(asking) => retirement::slip(window, state, asking, &mut slip),
    }
    let is_personal = Source::Page(page).is_of_resident();
    let keep = is_personal.then(|| Item::Note(print.invoke_keep().into()));
    slip::end(window, &mut slip, std::iter::once(slip::ask(window, state)).chain(keep));
    slip
}

fn account(window: &ui::App, state: &State, statement: &Statement) -> Slip {
    let print = window.global::<ui::Print<'_>>();
    let mut slip = slip::begin(state, Some(print.invoke_heading()));
    for (at, row) in statement.rows.iter().enumerate() {
        if matches!(row.label, Label::Kind(_) | Label::Certify) {
            slip.push(Item::Rule);
        }
        let row = slip_row(row);
        let (label, value) = (print.invoke_name(row.clone()), print.invoke_words(row));
        if statement.main == Some(at) {
            slip.push(Item::Centred(label.into()));
            slip.push(Item::Heading(value.into()));
        } else {
            slip::row(&mut slip, label, value);
        }
    }
    let office = words::window(&state.machine.office.insurance_window).into();
    let last = [print.invoke_certificate(office), print.invoke_keep()];
    slip::end(window, &mut slip, last.map(|words| Item::Note(words.into())));
    slip
}

fn slip_row(row: &Row) -> ui::SlipRow {
    use ui::SlipLabel as Name;
    let mut shown = ui::SlipRow {
        label: match row.label {
            Label::Time => Name::Time,
            Label::AsOf => Name::AsOf,
            Label::Name => Name::Name,
            Label::Number => Name::Number,
            Label::Kind(_) => Name::Kind,
            Label::Balance => Name::Balance,
            Label::Paid(_) => Name::Paid,
            Label::Monthly => Name::Monthly,
            Label::Certify => Name::Certify,
            Label::Part(part) => part_name(part),
        },
        ..Default::default()
    };
    match row.label {
        Label::Kind(kind) => shown.kind = kind.0.into(),
        Label::Paid(year) => shown.year = year.into(),
        Label::Part(BenefitItem::Code(code)) => shown.code = code.as_str().into(),
        _ => {}
    }
    match &row.value {
        // With the box in place of a character that the printer lacks: so it will be.
        Value::Text(text) => shown.value = printable(text.expose()).as_str().into(),
        Value::Moment(moment) => {
            shown.value = moment.strftime("%Y-%m-%d %H:%M").to_string().into();
        }
        Value::Day(day) => shown.value = words::day(*day).into(),
        Value::State(state) => shown.state = state_of(*state),
        Value::Amount(amount) => {
            shown.amount = true;
            shown.value = amount.to_string().into();
        }
    }
    shown
}

fn part_name(part: BenefitItem) -> ui::SlipLabel {
    use ui::SlipLabel as Name;
    match part {
        BenefitItem::Basic => Name::Basic,
        BenefitItem::BasicProvince => Name::BasicProvince,
        BenefitItem::BasicCity => Name::BasicCity,
        BenefitItem::BasicCounty => Name::BasicCounty,
        BenefitItem::Account => Name::Account,
        BenefitItem::Added => Name::Added,
        BenefitItem::Deduction => Name::Deduction,
        BenefitItem::Other => Name::Other,
        BenefitItem::Code(_) => Name::Coded,
    }
}
