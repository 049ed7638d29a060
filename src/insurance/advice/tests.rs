//! Each piece of advice in a case in which it is true, and in the nearest ones in which it is not.

use std::mem::discriminant;

use jiff::civil::date;
use kiosk_base::domain::{
    Contribution, DivisionCode,
    account::{History, MonthContribution, Unemployment},
};

use super::*;
use crate::insurance::{
    policy::{Dated, Region},
    sheet::tests::{TODAY, account, pension},
};

/// Of a region where a pension is drawn at 60, after 15 years.
fn policy() -> Policy {
    let drawing = Dated {
        value: Drawing { age: 60, years: 15 },
        valid_from: date(2014, 2, 21),
        valid_until: None,
        source: "测试".to_owned(),
    };
    let region = Region {
        name: "测试".to_owned(),
        code: DivisionCode::parse("510599").expect("a code"),
        basic: Vec::new(),
        months: Vec::new(),
        drawing: vec![drawing],
        tiers: Vec::new(),
    };
    Policy::of(&DivisionCode::parse("510599100").expect("a code"), &[region])
}

/// What is said about `about`, which is the only kind of an account with a certification until
/// 2027-01-03.
fn said(about: &Participation, today: Date) -> Vec<Advice> {
    said_of(&account(about.clone()), today)
}

fn said_of(account: &Account, today: Date) -> Vec<Advice> {
    let policy = policy();
    super::about(&Case { account, about: &account.participations[0], policy: &policy, today })
}

/// The same without a certification.
fn said_without_certification(about: &Participation) -> Vec<Advice> {
    said_of(&Account { certification: None, ..account(about.clone()) }, TODAY)
}

#[track_caller]
fn assert_only(said: &[Advice], right: Advice) {
    assert_eq!(said, [right]);
}

#[track_caller]
fn assert_not(said: &[Advice], wrong: Advice) {
    let same = |advice: &Advice| discriminant(advice) == discriminant(&wrong);
    assert!(!said.iter().any(same), "{wrong:?} is not true here: {said:?}");
}

fn drawing(insured: u8, reason: Option<ChangeReason>) -> Participation {
    Participation { insured, reason, ..pension() }
}

/// A residents' pension of a person of 59 whose 14 years have all come.
fn paying() -> Participation {
    let year = |year| Contribution {
        year,
        person: Fen::from_yuan(1_000),
        arrived: Some(date(year, 10, 20)),
        ..Contribution::default()
    };
    Participation {
        months_paid: Some(168),
        contributions: (2013..=2026).rev().map(year).collect(),
        ..Participation::new(InsuranceKind::RESIDENTS_PENSION, 1, Some(1))
    }
}

/// What is said to somebody born on `born` who pays so.
fn said_to(born: &str, about: &Participation) -> Vec<Advice> {
    let account = Account {
        number: HolderNumber::parse(born).expect("a number"),
        certification: None,
        ..account(about.clone())
    };
    said_of(&account, TODAY)
}

/// 8 June 1967: 59 years old.
const SOON: &str = "51059919670608002X";
/// 12 May 1981.
const YOUNG: &str = "51059919810512003X";
/// 16 August 1959.
const AGED: &str = "510599195908160015";

#[test]
fn the_certification_is_due_until_its_last_day_and_late_after_it() {
    let last = date(2027, 1, 3);
    let due = |days| Advice::Certify { by: last, days };
    let late = |days, stopped| Advice::CertifyLate { by: last, days, stopped };
    assert_only(&said(&drawing(1, None), TODAY), due(40));
    assert_only(&said(&drawing(1, None), last), due(0));
    assert_only(&said(&drawing(1, None), date(2027, 1, 4)), late(1, false));
    let stopped = drawing(2, Some(ChangeReason::NOT_CERTIFIED));
    assert_only(&said(&stopped, date(2027, 3, 4)), late(60, true));
    // Stopped for something else: that one is late stops nothing.
    let other = said(&drawing(2, None), date(2027, 3, 4));
    assert_eq!(other, [late(60, false), Advice::Stopped { pension: true }]);
    // It has been done meanwhile, and the pension does not come yet.
    assert_eq!(said(&stopped, TODAY)[0], Advice::Stopped { pension: true });
    for nobody in [
        drawing(2, Some(ChangeReason::SENTENCED)),
        drawing(4, Some(ChangeReason::DECEASED)),
        drawing(4, None),
        paying(),
        Participation { kind: InsuranceKind::UNEMPLOYMENT, ..drawing(1, None) },
    ] {
        for today in [TODAY, date(2027, 3, 4)] {
            assert_not(&said(&nobody, today), due(0));
            assert_not(&said(&nobody, today), late(1, false));
        }
    }
}

#[test]
fn without_a_day_for_the_certification_its_rule_is_told() {
    let stopped = drawing(2, Some(ChangeReason::NOT_CERTIFIED));
    assert_only(&said_without_certification(&stopped), Advice::Uncertified);
    assert_only(&said_without_certification(&drawing(1, None)), Advice::CertifyYearly);
    for other in [drawing(2, None), drawing(4, None), paying()] {
        assert_not(&said_without_certification(&other), Advice::Uncertified);
        assert_not(&said_without_certification(&other), Advice::CertifyYearly);
    }
    assert_not(&said(&drawing(1, None), TODAY), Advice::CertifyYearly);
}

#[test]
fn why_nothing_comes_is_told_by_its_reason() {
    let first = |insured, reason| said(&drawing(insured, reason), TODAY)[0];
    assert_eq!(first(2, Some(ChangeReason::SENTENCED)), Advice::Sentenced);
    assert_eq!(first(4, Some(ChangeReason::DECEASED)), Advice::Deceased);
    assert_eq!(first(2, Some(ChangeReason(1299))), Advice::Stopped { pension: true });
    assert_only(&said(&drawing(4, None), TODAY), Advice::Ended);
    // The reason of an earlier stop is no reason now.
    assert_not(&said(&drawing(1, Some(ChangeReason::SENTENCED)), TODAY), Advice::Sentenced);
    let dead = said(&drawing(4, Some(ChangeReason::DECEASED)), TODAY);
    assert_not(&dead, Advice::Ended);
    assert_not(&dead, Advice::Stopped { pension: true });
    let injury = Participation { kind: InsuranceKind::WORK_INJURY, ..drawing(2, None) };
    assert_eq!(said(&injury, TODAY)[0], Advice::Stopped { pension: false });
}

#[test]
fn a_payment_that_did_not_come_is_told_until_another_has_come() {
    let with = |state| {
        let mut about = drawing(1, None);
        about.benefit.as_mut().expect("drawn").payments.rows[0].state = state;
        about
    };
    assert_eq!(said(&with(PaymentState::Failed), TODAY)[0], Advice::PaymentFailed);
    assert_eq!(said(&with(PaymentState::WrittenOff), TODAY)[0], Advice::PaymentReturned);
    let mut again = with(PaymentState::Failed);
    let payments = &mut again.benefit.as_mut().expect("drawn").payments.rows;
    payments.insert(
        1,
        kiosk_base::domain::account::Payment { state: PaymentState::Paid, ..payments[0].clone() },
    );
    for fine in [with(PaymentState::Paid), with(PaymentState::Pending), again] {
        assert_not(&said(&fine, TODAY), Advice::PaymentFailed);
        assert_not(&said(&fine, TODAY), Advice::PaymentReturned);
    }
    let stopped = Participation { insured: 2, ..with(PaymentState::Failed) };
    assert_not(&said(&stopped, TODAY), Advice::PaymentFailed);
}

#[test]
fn whoever_is_nearly_of_age_is_told_from_when_on_to_come() {
    let month = |year, month| YearMonth::new(year, month).expect("a month");
    let soon = |paid, now| Advice::DrawFrom {
        age: 60,
        aged: month(2027, 6),
        from: month(2027, 5),
        now,
        needed: 15,
        paid,
    };
    assert_only(&said_to(SOON, &paying()), soon(14, false));
    let paused = Participation { insured: 2, paying: Some(2), ..paying() };
    assert_eq!(said_to(SOON, &paused), [soon(14, false), Advice::Paused]);
    // In the month before, and in that month until the day itself.
    let at = |today| {
        let number = HolderNumber::parse(SOON).expect("a number");
        said_of(&Account { number, certification: None, ..account(paying()) }, today)[0]
    };
    assert_eq!((at(date(2027, 4, 30)), at(date(2027, 5, 1))), (soon(14, false), soon(14, true)));
    assert_eq!(at(date(2027, 6, 7)), soon(14, true));
    assert_eq!(at(date(2027, 6, 8)), Advice::AgedMissing { years: 1 });
    let known = Participation { months_paid: None, ..paying() };
    let other = Participation { kind: InsuranceKind::EMPLOYEES_PENSION, ..paying() };
    for about in [known, other, drawing(1, None)] {
        assert_not(&said_to(SOON, &about), soon(14, false));
    }
    assert_not(&said_to(YOUNG, &paying()), soon(14, false));
    // A foreigner's number tells no age.
    assert_not(&said_to("XXA000000000001", &paying()), soon(14, false));
}

#[test]
fn whoever_is_of_age_can_draw_if_the_years_are_there() {
    let of = |months| said_to(AGED, &Participation { months_paid: months, ..paying() })[0];
    assert_eq!(of(Some(180)), Advice::CanDraw);
    assert_eq!(of(Some(179)), Advice::AgedMissing { years: 1 });
    for nobody in [
        said_to(AGED, &Participation { months_paid: None, ..paying() }),
        said_to(SOON, &Participation { months_paid: Some(180), ..paying() }),
        said(&drawing(1, None), TODAY),
    ] {
        assert_not(&nobody, Advice::CanDraw);
        assert_not(&nobody, Advice::AgedMissing { years: 1 });
    }
}

#[test]
fn money_that_has_not_come_is_never_called_well() {
    let this = Advice::NotArrived { year: None };
    let before = Advice::NotArrived { year: Some(2024) };
    let late = |at: usize| {
        let mut about = paying();
        about.contributions[at].arrived = None;
        about
    };
    assert_only(&said_to(YOUNG, &late(0)), this);
    assert_only(&said_to(YOUNG, &late(2)), before);
    assert_only(&said_to(YOUNG, &paying()), Advice::Nothing);
    let paused = Participation { insured: 2, paying: Some(2), ..late(0) };
    assert_eq!(said_to(YOUNG, &paused), [this, Advice::Paused]);
    for other in [paying(), Participation { paying: Some(3), ..late(0) }] {
        assert_not(&said_to(YOUNG, &other), this);
    }
    let medical = Participation { kind: InsuranceKind::RESIDENTS_MEDICAL, ..late(0) };
    assert_only(&said_to(YOUNG, &medical), Advice::Medical);
    assert_not(&said_to(YOUNG, &paying()), Advice::Medical);
}

#[test]
fn a_year_without_a_payment_is_told_to_whoever_pays() {
    let mut about = paying();
    about.contributions.remove(0);
    assert_only(&said_to(YOUNG, &about), Advice::NotPaidYet);
    assert_not(&said_to(YOUNG, &paying()), Advice::NotPaidYet);
    assert_not(&said_to(AGED, &about), Advice::NotPaidYet);
    let paused = Participation { insured: 2, paying: Some(2), ..about.clone() };
    assert_not(&said_to(YOUNG, &paused), Advice::NotPaidYet);
    about.contributions.clear();
    assert_only(&said_to(YOUNG, &about), Advice::Ask);
}

#[test]
fn of_months_the_newest_that_came_counts() {
    let month = |month: i8, arrived: bool| MonthContribution {
        month: YearMonth::new(2026, month).expect("a month"),
        base: Fen(100),
        person: Fen(8),
        employer: Fen(16),
        arrived: arrived.then(|| date(2026, month, 12)),
        unit: None,
    };
    let of = |rows: Vec<MonthContribution>| {
        let kind = InsuranceKind::EMPLOYEES_PENSION;
        let about = Participation { kind, months: History::whole(rows), ..paying() };
        said_to(YOUNG, &about)
    };
    assert_only(&of(vec![month(11, false), month(10, true)]), Advice::Nothing);
    assert_only(&of(vec![month(11, false), month(9, true)]), Advice::Nothing);
    assert_only(&of(vec![month(11, false), month(8, true)]), Advice::Ask);
    assert_only(&of(vec![month(11, false)]), Advice::Ask);
}

#[track_caller]
fn assert_one(about: Participation, right: Advice, wrong: &[Participation]) {
    assert_eq!(said_to(YOUNG, &about)[0], right);
    for other in wrong {
        assert_not(&said_to(YOUNG, other), right);
    }
}

#[test]
fn the_state_alone_is_advice_where_nothing_else_is() {
    let of = |kind, insured, paying| Participation::new(kind, insured, paying);
    let residents = InsuranceKind::RESIDENTS_PENSION;
    let medical = InsuranceKind::RESIDENTS_MEDICAL;
    let not = of(residents, 0, None);
    let job = of(InsuranceKind::EMPLOYEES_PENSION, 0, None);
    let odd = of(residents, 9, Some(9));
    let paused = of(residents, 2, Some(2));
    let open = Advice::NotInsured { open: true };
    assert_one(not.clone(), open, &[of(medical, 0, None), odd.clone(), paused.clone()]);
    assert_one(job, Advice::NotInsured { open: false }, &[paying()]);
    assert_one(odd.clone(), Advice::Unclear, &[not.clone(), paused.clone(), paying()]);
    assert_one(paused, Advice::Paused, &[of(medical, 2, Some(2)), not, odd, paying()]);
    let injury = of(InsuranceKind::WORK_INJURY, 1, Some(1));
    let ended = of(InsuranceKind::WORK_INJURY, 4, Some(3));
    assert_one(injury, Advice::EmployerPays, &[ended, paying()]);
}

#[test]
fn an_unemployment_benefit_is_told_by_what_is_left_of_it() {
    let of = |state, used| {
        let benefit = Unemployment {
            state,
            granted: 18,
            used,
            since: None,
            until: None,
            monthly: Some(Fen(168_000)),
        };
        unemployment(&Account { unemployment: Some(benefit), ..account(pension()) })
    };
    let left = Advice::BenefitLeft { months: 13, monthly: Some(Fen(168_000)) };
    assert_eq!(of(UnemploymentState::Drawing, 5), [left]);
    assert_eq!(of(UnemploymentState::Drawing, 18), [Advice::BenefitUsedUp]);
    assert_eq!(of(UnemploymentState::Drawing, 20), [Advice::BenefitUsedUp]);
    assert_eq!(of(UnemploymentState::Paused, 5), [Advice::BenefitKept { months: 13 }]);
    assert_eq!(of(UnemploymentState::Paused, 18), [Advice::BenefitOver]);
    assert_eq!(of(UnemploymentState::Ended, 5), [Advice::BenefitOver]);
    assert_eq!(unemployment(&account(pension())), []);
}

#[test]
fn on_the_overview_a_benefit_stands_before_what_is_not_urgent() {
    let benefit = Unemployment {
        state: UnemploymentState::Drawing,
        granted: 18,
        used: 5,
        since: None,
        until: None,
        monthly: None,
    };
    let policy = policy();
    let told = |about: Participation, state| {
        let unemployment = Some(Unemployment { state, ..benefit.clone() });
        let account = Account { unemployment, ..account(about) };
        let about = &account.participations[0];
        overview(&Case { account: &account, about, policy: &policy, today: TODAY })
    };
    let left = Advice::BenefitLeft { months: 13, monthly: None };
    let paused = Participation { insured: 2, paying: Some(2), ..paying() };
    let all = told(paused.clone(), UnemploymentState::Drawing);
    assert_eq!(all[0], left);
    assert!(all.contains(&Advice::Paused));
    assert_not(&told(paused, UnemploymentState::Paused), left);
    let due = told(drawing(1, None), UnemploymentState::Drawing);
    assert_eq!((due[0].way(), due[1]), (Some(Way::Certify), left));
}

#[test]
fn only_what_is_late_or_wrong_alarms_and_only_what_is_well_is_calm() {
    let by = TODAY;
    assert_eq!(Advice::CertifyLate { by, days: 1, stopped: false }.urgency(), Urgency::Late);
    assert_eq!(Advice::Certify { by, days: 1 }.urgency(), Urgency::ToDo);
    let pending = Advice::NotArrived { year: None };
    assert_eq!(pending.urgency(), Urgency::ToDo, "it stood under a calm sentence");
    assert_eq!(Advice::Nothing.urgency(), Urgency::Calm);
}
