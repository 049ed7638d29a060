//! 什么时候能退休: without a card by four touches, with one by what the card does not say.

use kiosk_base::domain::YearMonth;

use super::*;
use crate::visit::retirement::{
    Asking, Born, Choice, Class, Time, answer, choices, offered, residents,
};

fn month(text: &str) -> YearMonth {
    text.parse().expect("a month")
}

/// Where the page begins that needs no card.
fn asked_without_card() -> State {
    let mut state = kiosk();
    presses(&mut state, &[Press::Start, Press::To(Entrance::Insurance), Press::Open(0)]);
    assert_eq!(state.page(), Some(&Page::Retirement(Asking::Class { card: false })));
    state
}

/// Presses `choice` where it stands.
fn choose(state: &mut State, choice: Choice) {
    let at = choices(state).iter().position(|offered| *offered == choice);
    let at = at.unwrap_or_else(|| panic!("{choice:?} is not among {:?}", choices(state)));
    assert_eq!(press(state, Press::Open(at)), []);
}

fn asking(state: &State) -> Asking {
    match state.page() {
        Some(Page::Retirement(asking)) => *asking,
        other => panic!("the page of retirement, not {other:?}"),
    }
}

/// Answers all that is asked without a card.
fn told(class: Class, birth: &str) -> State {
    let mut state = asked_without_card();
    let birth = month(birth);
    let at = Class::ALL.iter().position(|one| *one == class).expect("a class");
    press(&mut state, Press::Open(at));
    choose(&mut state, Choice::Decade(birth.year() / 10 * 10));
    choose(&mut state, Choice::Year(birth.year()));
    choose(&mut state, Choice::Month(birth.month()));
    assert_eq!(asking(&state), Asking::Told(class, Born::In(birth)));
    state
}

/// An account with these kinds and months paid.
fn insured(person: (&str, &str), kinds: &[(InsuranceKind, u32)]) -> Box<Account> {
    let participations = kinds.iter().map(|(kind, months)| Participation {
        months_paid: Some(*months),
        ..Participation::new(*kind, 1, Some(1))
    });
    Box::new(Account { participations: participations.collect(), ..*account_marked(person, 1) })
}

/// A visit in which `person` of `sex` is on the page that shows their account.
fn laid(person: (&str, &str), sex: Sex, kinds: &[(InsuranceKind, u32)]) -> State {
    let mut state = kiosk();
    state.machine.policy = policy();
    let mut card = document(person, Validity::LongTerm);
    if let Document::ResidentIdCard(card) = &mut card {
        card.sex = sex;
    }
    let ticket = super::asked(&step(&mut state, Event::Reader(ReaderEvent::Read(Box::new(card)))));
    answered(&mut state, ticket, insured(person, kinds));
    state
}

fn answered(state: &mut State, ticket: QuestionTicket, account: Box<Account>) {
    super::answer(state, ticket, Ok(account));
    assert_eq!(state.page(), Some(&Page::Account(account::Page::Overview)));
}

/// The state's residents' pension, as it is shipped.
fn policy() -> Policy {
    let shipped =
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/kiosk-config/policy/national.toml"));
    let region = toml::from_str(shipped).expect("what is shipped is right");
    Policy::of(&DivisionCode::parse("510521100").expect("a code"), &[region])
}

#[test]
fn everybody_born_from_1940_to_2010_gets_there_by_four_touches() {
    for class in Class::ALL {
        for year in 1940..=2010 {
            let birth = format!("{year}-{:02}", year % 12 + 1);
            let state = told(class, &birth);
            let answer = answer(&state, class, Born::In(month(&birth))).expect("ruled");
            assert_eq!((answer.birth, answer.own), (month(&birth), None));
        }
    }
}

#[test]
fn every_answer_can_be_taken_back() {
    let mut state = told(Class::WomenWorker, "1981-11");
    press(&mut state, Press::Back);
    assert_eq!(asking(&state), Asking::Month(Class::WomenWorker, 1981));
    choose(&mut state, Choice::Month(10));
    assert_eq!(asking(&state), Asking::Told(Class::WomenWorker, Born::In(month("1981-10"))));
    presses(&mut state, &[Press::Back, Press::Back]);
    assert_eq!(asking(&state), Asking::Year(Class::WomenWorker, 1980));
    press(&mut state, Press::Back);
    assert_eq!(asking(&state), Asking::Decade(Class::WomenWorker));
    presses(&mut state, &[Press::Back, Press::Back]);
    assert_eq!(state.page(), Some(&Page::Identify(Step::Lay)));
}

#[test]
fn another_person_begins_anew_and_the_trail_stays_short() {
    let mut state = told(Class::Men, "1971-05");
    let before = visit(&state).trail.len();
    for _ in 0..5 {
        let told = asking(&state);
        press(&mut state, Press::Open(0));
        assert_eq!(asking(&state), Asking::Class { card: false });
        press(&mut state, Press::Back);
        assert_eq!(asking(&state), told, "one decision is undone");
        press(&mut state, Press::Open(0));
        assert_eq!(asking(&state), Asking::Class { card: false });
        press(&mut state, Press::Open(1));
        choose(&mut state, Choice::Decade(2000));
        choose(&mut state, Choice::Year(2009));
        choose(&mut state, Choice::Month(12));
        assert_eq!(asking(&state), Asking::Told(Class::WomenCadre, Born::In(month("2009-12"))));
        assert_eq!(visit(&state).trail.len(), before + 5, "as long as two persons' questions");
    }
    // What was chosen is chosen still.
    press(&mut state, Press::Back);
    let months = choices(&state);
    assert_eq!(months.get(visit(&state).chosen().expect("a row")), Some(&Choice::Month(12)));
}

#[test]
fn what_cannot_be_pressed_does_nothing() {
    let mut state = asked_without_card();
    for row in [3, 99] {
        assert_eq!(press(&mut state, Press::Open(row)), []);
        assert_eq!(asking(&state), Asking::Class { card: false });
    }
    let mut state = told(Class::Men, "1971-05");
    press(&mut state, Press::Open(1));
    assert_eq!(asking(&state), Asking::Told(Class::Men, Born::In(month("1971-05"))));
    // Who is 15 does not work: 2011 is not offered in 2026.
    let mut state = asked_without_card();
    press(&mut state, Press::Open(0));
    choose(&mut state, Choice::Decade(2010));
    assert_eq!(choices(&state), [Choice::Year(2010)]);
}

#[test]
fn what_is_told_is_what_the_rules_say_of_today() {
    let state = told(Class::WomenWorker, "1981-11");
    let told = answer(&state, Class::WomenWorker, Born::In(month("1981-11"))).expect("ruled");
    assert_eq!((told.retirement.age, told.retirement.delay), (53 * 12 + 6, 42));
    assert_eq!((told.retirement.statutory, told.time), (month("2035-05"), Time::ToCome));
    let earlier = told.earlier.expect("a choice");
    assert_eq!((earlier.from, earlier.notice, earlier.needed), (month("2032-05"), 3, Some(198)));
    assert_eq!((told.latest, told.needed), (Some(month("2038-05")), Some(216)));
    assert!(told.source.contains("全国人大常委会2024年9月13日"), "{}", told.source);

    let of = |class, birth| answer(&state, class, Born::In(month(birth))).expect("ruled");
    // 60 years in October, 60 and a half in April: the employer is told three months before.
    let soon = of(Class::Men, "1966-10");
    let earlier = soon.earlier.expect("a choice");
    assert_eq!((soon.retirement.statutory, soon.time), (month("2027-04"), Time::ToCome));
    assert_eq!((earlier.from, earlier.notice, earlier.needed), (month("2027-02"), 3, Some(180)));
    // A month before the statutory age, and in it, where no month before it is left.
    let last = of(Class::Men, "1966-09");
    assert_eq!(last.retirement.statutory, month("2027-03"));
    assert_eq!(last.earlier.map(|earlier| earlier.from), Some(month("2027-02")));
    let none = of(Class::Men, "1966-08");
    assert_eq!((none.retirement.statutory, none.time), (month("2027-01"), Time::ToCome));
    assert_eq!((none.earlier, none.latest), (None, Some(month("2030-01"))));
    // This very month.
    let now = of(Class::Men, "1966-06");
    assert_eq!((now.retirement.statutory, now.time), (month("2026-11"), Time::Now));
    assert_eq!((now.earlier, now.latest), (None, Some(month("2029-11"))));
    // Over, and one may still be working by agreement; or before there was a choice.
    let over = of(Class::Men, "1965-06");
    assert_eq!((over.time, over.earlier, over.latest), (Time::Past, None, Some(month("2028-08"))));
    let long = of(Class::WomenWorker, "1952-03");
    assert_eq!((long.retirement.statutory, long.time), (month("2002-03"), Time::Past));
    assert_eq!((long.earlier, long.latest, long.needed), (None, None, None));
}

#[test]
fn a_man_with_a_card_is_asked_nothing_and_learns_what_is_missing() {
    let kinds = [(InsuranceKind::EMPLOYEES_PENSION, 136), (InsuranceKind::RESIDENTS_PENSION, 24)];
    let mut state = laid(A, Sex::Male, &kinds);
    enter(&mut state);
    assert_eq!(asking(&state), Asking::Told(Class::Men, Born::Card));
    let told = answer(&state, Class::Men, Born::Card).expect("ruled");
    assert_eq!((told.birth, told.retirement.statutory), (month("1985-07"), month("2048-07")));
    let own = told.own.expect("the account says it");
    assert_eq!((told.needed, own.paid, own.missing), (Some(240), 136, 104));
    assert_eq!(own.enough, Some(month("2035-07")));
    // Another person is none of this card's.
    press(&mut state, Press::Open(0));
    assert_eq!(asking(&state), Asking::Class { card: false });
    assert_eq!(
        visit(&state).trail,
        [
            Page::Home,
            Page::Account(account::Page::Overview),
            Page::Account(account::Page::Doors(0)),
            Page::Retirement(Asking::Told(Class::Men, Born::Card)),
            page(&state).clone()
        ]
    );
    press(&mut state, Press::Open(0));
    choose(&mut state, Choice::Decade(1980));
    choose(&mut state, Choice::Year(1985));
    choose(&mut state, Choice::Month(7));
    let told = answer(&state, Class::Men, Born::In(month("1985-07"))).expect("ruled");
    assert_eq!(told.own, None);
}

#[test]
fn of_a_woman_the_card_does_not_say_the_class() {
    let mut state = laid(B, Sex::Female, &[(InsuranceKind::EMPLOYEES_PENSION, 300)]);
    enter(&mut state);
    assert_eq!(asking(&state), Asking::Class { card: true });
    let (cadre, worker) =
        (Choice::Class(Class::WomenCadre, 660), Choice::Class(Class::WomenWorker, 600));
    assert_eq!(choices(&state), [cadre, worker]);
    choose(&mut state, worker);
    assert_eq!(asking(&state), Asking::Told(Class::WomenWorker, Born::Card));
    // Born in 1961: what was needed in 2011, in the middle of which the law came.
    let told = answer(&state, Class::WomenWorker, Born::Card).expect("ruled");
    assert_eq!((told.birth, told.time, told.needed), (month("1961-03"), Time::Past, None));
    press(&mut state, Press::Back);
    choose(&mut state, cadre);
    let told = answer(&state, Class::WomenCadre, Born::Card).expect("ruled");
    let own = told.own.expect("the account says it");
    assert_eq!((told.retirement.statutory, told.needed), (month("2016-03"), Some(180)));
    assert_eq!((own.missing, own.enough), (0, None));
}

#[test]
fn who_has_the_residents_pension_only_hears_that_it_did_not_change() {
    let mut state = laid(A, Sex::Male, &[(InsuranceKind::RESIDENTS_PENSION, 60)]);
    enter(&mut state);
    assert_eq!(asking(&state), Asking::Residents);
    let told = residents(&state).expect("the figures say it");
    assert_eq!((told.age, told.month, told.time), (60, month("2045-07"), Time::ToCome));
    assert_eq!((told.years, told.missing), (15, Some(10)));
    // As an employee it would be another age, and nothing is known of what was paid.
    press(&mut state, Press::Open(0));
    assert_eq!(asking(&state), Asking::Told(Class::Men, Born::Card));
    assert_eq!(answer(&state, Class::Men, Born::Card).expect("ruled").own, None);
    press(&mut state, Press::Back);
    assert_eq!(asking(&state), Asking::Residents);
}

#[test]
fn of_the_residents_pension_it_is_told_what_the_account_misses() {
    for (person, months, time, missing) in [
        (A, 0, Time::ToCome, 15),
        (A, 179, Time::ToCome, 1),
        (A, 180, Time::ToCome, 0),
        (A, 400, Time::ToCome, 0),
        (B, 168, Time::Past, 1),
        (B, 180, Time::Past, 0),
    ] {
        let mut state = laid(person, Sex::Female, &[(InsuranceKind::RESIDENTS_PENSION, months)]);
        enter(&mut state);
        let told = residents(&state).expect("the figures say it");
        assert_eq!((told.time, told.years, told.missing), (time, 15, Some(missing)), "{months}");
    }
    // Where the account does not say what was paid.
    let mut state = laid(A, Sex::Male, &[(InsuranceKind::RESIDENTS_PENSION, 60)]);
    let resident = state.visit.as_mut().and_then(|visit| visit.resident.as_mut());
    let account = resident.and_then(|resident| resident.account.as_mut()).expect("known");
    account.participations[0].months_paid = None;
    enter(&mut state);
    assert_eq!(residents(&state).expect("the figures say it").missing, None);
}

#[test]
fn where_nothing_is_known_of_a_pension_there_is_no_door() {
    let has_door = |state: &State| {
        let (_, account) = visit(state).account().expect("known");
        account::all_doors(&state.machine, account).contains(&account::Door::Retirement)
    };
    // No rule says when the residents' pension is drawn.
    let mut state = laid(A, Sex::Male, &[(InsuranceKind::RESIDENTS_PENSION, 60)]);
    assert!(has_door(&state));
    state.machine.policy = Policy::default();
    assert!(!has_door(&state));
    let kinds = [(InsuranceKind::EMPLOYEES_PENSION, 136), (InsuranceKind::RESIDENTS_PENSION, 24)];
    let mut state = laid(A, Sex::Male, &kinds);
    state.machine.policy = Policy::default();
    assert!(has_door(&state));
    // No rule speaks of public institutions.
    assert!(!has_door(&laid(A, Sex::Male, &[(InsuranceKind::OFFICIALS_PENSION, 136)])));
}

#[test]
fn what_is_printed_of_a_page_says_nothing_of_a_birth() {
    let state = told(Class::WomenWorker, "1981-11");
    let printed = format!("{:?}", visit(&state).trail);
    assert!(printed.contains("Told(WomenWorker, In(＊＊))"), "{printed}");
    for figure in ["1980", "1981", "11"] {
        assert!(!printed.contains(figure), "{printed}");
    }
}

#[test]
fn with_the_card_everything_goes_and_a_card_takes_the_questions_place() {
    let mut state = laid(A, Sex::Male, &[(InsuranceKind::EMPLOYEES_PENSION, 136)]);
    enter(&mut state);
    lift(&mut state);
    assert!(state.visit.is_none());
    assert_eq!((answer(&state, Class::Men, Born::Card), choices(&state)), (None, Vec::new()));

    let mut state = told(Class::Men, "1971-05");
    let ticket = super::asked(&lay(&mut state, A));
    assert_eq!(visit(&state).trail, [Page::Home, Page::Identify(Step::Asking)]);
    answered(&mut state, ticket, account_marked(A, 1));
}

#[test]
fn where_the_rules_are_not_known_no_way_leads_there() {
    let mut state = kiosk();
    state.machine.retirement = Default::default();
    assert!(!offered(&state.machine));
    presses(&mut state, &[Press::Start, Press::To(Entrance::Insurance), Press::Open(0)]);
    assert_eq!(state.page(), Some(&Page::Identify(Step::Lay)));
    let mut state = kiosk();
    assert!(offered(&state.machine));
    // Nor from a page that is reading a card.
    step(&mut state, Event::Reader(ReaderEvent::CardFound));
    press(&mut state, Press::Open(0));
    assert_eq!(state.page(), Some(&Page::Identify(Step::Reading)));
}

fn page(state: &State) -> &Page {
    state.page().expect("a page")
}

/// From the account to the page about its holder.
fn enter(state: &mut State) {
    press(state, Press::Open(2));
    assert_eq!(state.page(), Some(&Page::Account(account::Page::Doors(0))));
    let (_, account) = visit(state).account().expect("known");
    let doors = account::all_doors(&state.machine, account);
    let at = doors.iter().position(|door| *door == account::Door::Retirement).expect("a door");
    press(state, Press::Open(at));
}
