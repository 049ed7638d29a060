//! Printing the account on a slip.

use kiosk_base::domain::account::Certification;

use super::*;
use crate::visit::{
    printing::{Label, Printing, Sheet, Source, Stage, Statement, Value},
    take_away::Taken,
};

const DOWN: PrinterStatus = PrinterStatus::Down(Stop::PrinterPaperOut);

fn stage(state: &State) -> Stage {
    match state.page() {
        Some(Page::Print(printing)) => printing.stage,
        page => panic!("the page of a slip, not {page:?}"),
    }
}

/// Presses 打印.
fn print(state: &mut State) -> (SlipTicket, Statement) {
    match print_any(state) {
        (ticket, Sheet::Account(statement)) => (ticket, statement),
        (_, other) => panic!("the account, not {other:?}"),
    }
}

fn print_any(state: &mut State) -> (SlipTicket, Sheet) {
    let effects = press(state, Press::Print);
    let [Effect::Print { ticket, sheet }] = effects.as_slice() else {
        panic!("one slip, not {effects:?}")
    };
    assert_eq!(stage(state), Stage::Printing);
    (*ticket, sheet.clone())
}

fn text(sheet: &Statement, label: Label) -> String {
    let row = sheet.rows.iter().find(|row| row.label == label).expect("a row");
    match &row.value {
        Value::Text(text) => text.expose().clone(),
        _ => panic!("a text"),
    }
}

#[test]
fn a_slip_is_printed_and_success_is_the_printers_word() {
    let mut state = known(A);
    let (ticket, _) = print(&mut state);
    // Pressing again orders nothing more.
    assert_eq!(press(&mut state, Press::Print), []);
    // Another slip's end is not this one's.
    step(&mut state, Event::Printed { ticket: SlipTicket(0), outcome: Ok(()) });
    assert_eq!(stage(&state), Stage::Printing);
    // Who reads on meanwhile finds it printing.
    presses(&mut state, &[Press::Back, Press::Print]);
    assert_eq!(stage(&state), Stage::Printing);
    press(&mut state, Press::Help);
    step(&mut state, Event::Printed { ticket, outcome: Ok(()) });
    press(&mut state, Press::Back);
    assert_eq!(stage(&state), Stage::Printed);
    assert_eq!(press(&mut state, Press::End), [Effect::CancelAccount]);
}

#[test]
fn a_number_is_never_whole_on_paper_and_a_name_only_while_it_is_shown() {
    let mut state = known(A);
    let (_, masked) = print(&mut state);
    assert_eq!(text(&masked, Label::Number), "5105＊＊＊＊0012");
    assert_eq!(text(&masked, Label::Name), "测＊＊");
    let mut state = known(A);
    press(&mut state, Press::Account(account::Press::Show));
    let (_, shown) = print(&mut state);
    assert_eq!(text(&shown, Label::Number), "5105＊＊＊＊0012");
    assert_eq!(text(&shown, Label::Name), A.0);
    assert!(!format!("{shown:?}").contains("测试"));
}

#[test]
fn the_figure_one_came_for_is_marked() {
    let mut state = known(A);
    let (_, slip) = print(&mut state);
    let marked = slip.main.map(|at| slip.rows[at].label);
    let mut labels = slip.rows.iter().map(|row| row.label);
    let figure = |label: &Label| matches!(label, Label::Balance | Label::Monthly);
    assert_eq!(marked, labels.find(figure));
    assert!(marked.is_some());
}

#[test]
fn what_failed_is_said_and_can_be_tried_again() {
    let mut state = known(A);
    let (ticket, _) = print(&mut state);
    step(&mut state, Event::Printed { ticket, outcome: Err(Stop::PrinterCoverOpen) });
    assert_eq!(stage(&state), Stage::Failed(Stop::PrinterCoverOpen));
    step(&mut state, Event::Printer(DOWN));
    assert_eq!(press(&mut state, Press::Print), []);
    assert_eq!(stage(&state), Stage::Failed(Stop::PrinterPaperOut));
    step(&mut state, Event::Printer(PrinterStatus::Ready { low_paper: true }));
    assert!(matches!(press(&mut state, Press::Print)[..], [Effect::Print { .. }]));
}

#[test]
fn who_has_read_on_is_told_that_a_slip_failed_and_not_that_it_came() {
    for (outcome, told) in [(Ok(()), false), (Err(Stop::PrinterPaperOut), true)] {
        let mut state = known(A);
        let (ticket, _) = print(&mut state);
        presses(&mut state, &[Press::Back, Press::Open(0)]);
        step(&mut state, Event::Printed { ticket, outcome });
        match told {
            true => assert_eq!(stage(&state), Stage::Failed(Stop::PrinterPaperOut)),
            false => assert!(matches!(state.page(), Some(Page::Account(account::Page::Kinds(_))))),
        }
        press(&mut state, Press::Back);
        assert_eq!(visit(&state).slip, None);
    }
}

#[test]
fn the_end_of_a_visit_drops_its_slip() {
    let mut state = known(A);
    let (ticket, _) = print(&mut state);
    let effects = lift(&mut state);
    assert_eq!(effects, [Effect::CancelAccount, Effect::CancelPrint]);
    // Should its end come all the same, it is nobody's.
    let next = asked(&lay(&mut state, B));
    answer(&mut state, next, Ok(account_marked(B, 2)));
    step(&mut state, Event::Printed { ticket, outcome: Ok(()) });
    assert_eq!(state.page(), Some(&Page::Account(account::Page::Overview)));
    assert_eq!(visit(&state).slip, None);
}

#[test]
fn without_a_printer_nothing_offers_to_print() {
    let mut state = known(A);
    state.machine.printer = None;
    assert!(!state.prints());
    assert_eq!(press(&mut state, Press::Print), []);
    assert_eq!(state.page(), Some(&Page::Account(account::Page::Overview)));
}

/// A pensioner who is to prove by this day that they live, and has the slip of the guide before them.
fn certifying() -> (State, Taken) {
    let mut state = known(A);
    let resident = state.visit.as_mut().and_then(|visit| visit.resident.as_mut());
    let account = resident.and_then(|resident| resident.account.as_deref_mut()).expect("known");
    account.certification = Some(Certification { last: None, way: None, next: BY });
    let index = |id: &str| state.machine.guides.iter().position(|guide| guide.id == id);
    let guide = index("certification").expect("a guide");
    let other = (0..state.machine.guides.len()).find(|index| *index != guide).expect("another");
    assert_eq!(state.certify_by(&Taken::Guide(guide)), Some(BY));
    assert_eq!(state.certify_by(&Taken::Guide(other)), None, "another guide has no such day");
    let page = Page::Guides(guides::Page::Guide(guides::Paged { index: guide, page: 0 }));
    state.visit.as_mut().expect("somebody").go(page);
    press(&mut state, Press::TakeAway);
    assert_eq!(state.page(), Some(&Page::TakeAway(Taken::Guide(guide))));
    (state, Taken::Guide(guide))
}

const BY: jiff::civil::Date = jiff::civil::date(2027, 1, 2);

#[test]
fn what_is_taken_home_is_printed_once_more_after_a_failure() {
    let (mut state, taken) = certifying();
    let (ticket, sheet) = print_any(&mut state);
    assert_eq!(sheet, Sheet::Taken(taken.clone()));
    step(&mut state, Event::Printed { ticket, outcome: Err(Stop::PrinterPaperOut) });
    assert_eq!(print_any(&mut state).1, Sheet::Taken(taken.clone()));
    // Nobody is here any more: nothing is said of anybody.
    press(&mut state, Press::End);
    press(&mut state, Press::Start);
    assert_eq!(state.certify_by(&taken), None);
}

/// The page says which slip it is about, and 再打一次 prints that one, wherever one has read on to.
#[test]
fn a_slip_that_fails_elsewhere_is_the_one_that_is_printed_again() {
    let (mut state, taken) = certifying();
    presses(&mut state, &[Press::Back, Press::Back]);
    let (ticket, _) = print(&mut state);
    // While the account is printed, the guide is not: its page tells of the account.
    let page = state.visit.as_mut().expect("somebody");
    page.go(Page::TakeAway(taken));
    assert_eq!(press(&mut state, Press::Print), []);
    let account = Printing { of: Source::Account, stage: Stage::Printing };
    assert_eq!(state.page(), Some(&Page::Print(account)));
    press(&mut state, Press::Home);
    step(&mut state, Event::Printed { ticket, outcome: Err(Stop::PrinterPaperOut) });
    assert_eq!(stage(&state), Stage::Failed(Stop::PrinterPaperOut));
    assert!(matches!(print_any(&mut state).1, Sheet::Account(_)), "it is the account again");
}
