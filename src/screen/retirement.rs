//! 什么时候能退休: what is asked, what can be pressed, and what the rules say. When the page is not
//! shown, nothing of it is in the window.

use slint::ComponentHandle;

use super::{
    Send, chosen, int, open, set, set_rows, slip,
    ui::{self, RetirementClass, RetirementStep as Step, RetirementTime},
    words,
};
use crate::visit::{
    Page, State,
    printing::{Item, Slip},
    retirement::{Answer, Asking, Born, Choice, Class, Time, answer, choices, offered, residents},
};

pub(super) fn bind(window: &ui::App, send: &Send) {
    window.global::<ui::Retirement<'_>>().on_open(open(send));
}

pub(super) fn render(window: &ui::App, state: &State) {
    let global = window.global::<ui::Retirement<'_>>();
    set!(global, get_offered, set_offered, offered(&state.machine));
    set!(global, get_view, set_view, view(state));
    set_rows!(global, get_rows, set_rows, choices(state).into_iter().map(row).collect());
    set!(global, get_chosen, set_chosen, chosen(state));
}

fn row(choice: Choice) -> ui::RetirementRow {
    let number = |number: i32| ui::RetirementRow { number, ..Default::default() };
    match choice {
        Choice::Class(class, age) => ui::RetirementRow {
            class: class_of(class),
            age: i32::from(age) / 12,
            ..Default::default()
        },
        Choice::Decade(year) | Choice::Year(year) => number(year.into()),
        Choice::Month(month) => {
            ui::RetirementRow { month: words::month_alone(month).into(), ..Default::default() }
        }
    }
}

/// What is told, in the words of the page.
pub(super) fn slip(window: &ui::App, state: &State, asking: Asking, slip: &mut Slip) {
    let global = window.global::<ui::Retirement<'_>>();
    let view = view_of(state, asking);
    slip.push(Item::Centred(global.invoke_page_title().into()));
    if asking == Asking::Residents {
        slip::note(slip, &global.invoke_residents_caption());
        slip.push(Item::Heading(global.invoke_residents_figure(view.clone()).into()));
        slip::note(slip, &global.invoke_residents_words(view.clone()));
        return slip::note(slip, &global.invoke_residents_basis(view));
    }
    slip.push(Item::Centred(global.invoke_caption(view.clone()).into()));
    slip.push(Item::Heading(view.month.as_str().into()));
    // Above it stands whose card it was; without one, this says for whom it is.
    if !view.card {
        slip::note(slip, &global.invoke_who(view.clone()));
    }
    slip::note(slip, &global.invoke_then(view.clone()));
    if view.delay > 0 {
        slip::note(slip, &global.invoke_later(view.clone()));
    }
    if view.time != RetirementTime::ToCome {
        slip::note(slip, &global.invoke_undone());
    }
    if !view.earliest.is_empty() {
        slip::note(slip, &global.invoke_early(view.clone(), false));
    }
    if !view.latest.is_empty() {
        slip::note(slip, &global.invoke_late(view.clone(), false));
    }
    let years = |months| global.invoke_time_words(months);
    if view.needed > 0 {
        slip::row(slip, global.invoke_needed(view.clone(), false), years(view.needed));
    }
    if view.own {
        slip::row(slip, global.invoke_has_paid(), years(view.paid));
    }
    if view.own && view.missing == 0 {
        slip::note(slip, &global.invoke_enough());
    } else if view.own {
        slip::row(slip, global.invoke_still_missing(), years(view.missing));
        slip::note(slip, &global.invoke_until_enough(view.clone()));
    }
    slip::note(slip, &global.invoke_note(view.clone(), false));
    slip::note(slip, &global.invoke_basis(view));
}

fn view(state: &State) -> ui::RetirementView {
    match state.page() {
        Some(Page::Retirement(asking)) => view_of(state, *asking),
        _ => Default::default(),
    }
}

fn view_of(state: &State, asking: Asking) -> ui::RetirementView {
    let drawing = state.machine.policy.drawing(state.machine.wall.date());
    let shown = ui::RetirementView {
        residents_age: drawing.map_or(0, |drawing| drawing.value.age.into()),
        ..Default::default()
    };
    let asks = |step| ui::RetirementView { step, ..shown.clone() };
    match asking {
        Asking::Class { card } => ui::RetirementView { card, ..asks(Step::Class) },
        Asking::Decade(_) => asks(Step::Decade),
        Asking::Year(..) => asks(Step::Year),
        Asking::Month(_, year) => ui::RetirementView { year: year.into(), ..asks(Step::Month) },
        Asking::Told(class, born) => match answer(state, class, born) {
            Some(answer) => told(&answer, class, born, asks(Step::Told)),
            None => asks(Step::Unknown),
        },
        Asking::Residents => match residents(state) {
            Some(pension) => ui::RetirementView {
                residents_years: int(pension.years),
                residents_missing: pension.missing.map_or(0, int),
                month: words::month(pension.month).into(),
                time: time_of(pension.time),
                source: pension.source.into(),
                ..asks(Step::Residents)
            },
            None => asks(Step::Unknown),
        },
    }
}

fn told(
    answer: &Answer<'_>,
    class: Class,
    born: Born,
    shown: ui::RetirementView,
) -> ui::RetirementView {
    let statutory = answer.retirement.statutory;
    let mut view = ui::RetirementView {
        class: class_of(class),
        card: born == Born::Card,
        birth: words::month(answer.birth).into(),
        time: time_of(answer.time),
        month: words::month(statutory).into(),
        year: statutory.year().into(),
        age: answer.retirement.age.into(),
        delay: answer.retirement.delay.into(),
        old_age: i32::from(answer.retirement.age - answer.retirement.delay) / 12,
        latest: answer.latest.map(words::month).unwrap_or_default().into(),
        needed: answer.needed.map_or(0, int),
        source: answer.source.into(),
        ..shown
    };
    if let Some(earlier) = answer.earlier {
        view.earliest = words::month(earlier.from).into();
        view.earliest_notice = earlier.notice.into();
        view.earliest_needed = earlier.needed.map_or(0, int);
    }
    if let Some(own) = answer.own {
        view.own = true;
        view.paid = int(own.paid);
        view.missing = int(own.missing);
        view.enough = own.enough.map(words::month).unwrap_or_default().into();
    }
    view
}

fn time_of(time: Time) -> RetirementTime {
    match time {
        Time::Past => RetirementTime::Past,
        Time::Now => RetirementTime::Now,
        Time::ToCome => RetirementTime::ToCome,
    }
}

fn class_of(class: Class) -> RetirementClass {
    match class {
        Class::Men => RetirementClass::Men,
        Class::WomenCadre => RetirementClass::WomenCadre,
        Class::WomenWorker => RetirementClass::WomenWorker,
    }
}
