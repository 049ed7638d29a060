//! What holds for every generated resident, and that everything occurs.

use std::{collections::HashSet, path::Path};

use jiff::civil::{Date, date};
use kiosk_base::{
    clock::Clock,
    domain::{
        Account, Contribution, DocumentFacts, DocumentKind, Fen, InsuranceKind, Participation,
        account::{
            Benefit, CardState, ChangeReason, Facts, MAX_CONTRIBUTIONS, MAX_HISTORY,
            ParticipationState, PaymentState, UnemploymentState,
        },
        name::same_name,
    },
};
use proptest::prelude::*;

use super::{InventedCore, Person, Population, population::RESIDENTS};
use crate::core::CoreQuery;

const TODAY: Date = date(2026, 11, 23);

fn account(person: &Person, today: Date) -> Account {
    let midnight = today.in_tz("Asia/Shanghai").expect("a day").timestamp();
    person.account(today, midnight)
}

fn everybody() -> Vec<(Person, Account)> {
    let population = Population::default();
    let people = (0..population.count()).filter_map(|index| population.person(index));
    people.map(|person| (person.clone(), account(&person, TODAY))).collect()
}

#[test]
fn names_and_numbers_are_those_of_test_persons_and_each_is_found() {
    let population = Population::default();
    assert_eq!(population.count(), RESIDENTS);
    let mut numbers = HashSet::new();
    let (mut rare, mut minority) = (HashSet::new(), 0);
    for index in 0..population.count() {
        let person = population.person(index).expect("there");
        assert!(person.number.expose().starts_with("510599"));
        assert!(person.name.expose().starts_with("测试") && person.name.expose() != "测试");
        assert!(numbers.insert(person.number.clone()), "{index}: a number twice");
        let found = population.find(&person.number).expect("known");
        assert_eq!((found.index, found.name.expose()), (index, person.name.expose()));
        rare.extend(person.name.expose().chars().filter(|c| "㛃𬱖䶮".contains(*c)));
        minority += usize::from(person.name.expose().contains('·'));
    }
    assert_eq!((rare.len(), minority > 50), (3, true));
    assert!(population.person(RESIDENTS).is_none());
    let other = Population::new(1, RESIDENTS);
    assert_ne!(other.person(0).expect("there").number, population.person(0).expect("there").number);
}

#[test]
fn every_sum_holds() {
    for (person, account) in everybody() {
        assert!(same_name(account.name.expose(), person.name.expose()));
        for participation in &account.participations {
            if let Err(wrong) = adds_up(participation) {
                panic!("resident {}, kind {}: {wrong}", person.index, participation.kind.0);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn sums_hold_for_other_seeds_and_days(seed in any::<u64>(), index in 0..RESIDENTS, days in 0..4_000_i64) {
        let person = Population::new(seed, RESIDENTS).person(index).expect("there");
        let today = TODAY.saturating_add(jiff::Span::new().days(days));
        let account = account(&person, today);
        prop_assert_eq!(&account, &self::account(&person, today), "the same twice");
        for participation in &account.participations {
            prop_assert_eq!(adds_up(participation), Ok(()), "kind {}", participation.kind.0);
        }
    }
}

/// Everything about a participation that can be added up.
fn adds_up(p: &Participation) -> Result<(), String> {
    let holds = |holds: bool, what: &str| if holds { Ok(()) } else { Err(what.to_owned()) };
    holds(p.balance == p.made_of.map(|parts| parts.balance()), "the parts of the balance")?;
    let sum = |amount: fn(&Contribution) -> Fen| -> Fen {
        let arrived =
            p.contributions.iter().filter(|c| c.arrived.is_some() || !p.months.is_empty());
        arrived.map(amount).sum()
    };
    if let Some(parts) = p.made_of {
        holds(parts.person == sum(|c| c.person), "what the person paid")?;
        let interest: Fen = p.contributions.iter().filter_map(|c| c.interest).sum();
        holds(parts.interest == interest, "interest")?;
        holds(parts.balance() >= Fen(0), "more drawn than there")?;
        if p.kind == InsuranceKind::RESIDENTS_PENSION {
            holds(parts.subsidies == sum(Contribution::government), "subsidies")?;
            holds(parts.others == sum(Contribution::others), "others")?;
        }
        for pair in p.contributions.windows(2) {
            let [newer, older] = pair else { continue };
            let into = match (p.kind, newer.arrived) {
                (InsuranceKind::RESIDENTS_PENSION, None) => Fen(0),
                (InsuranceKind::RESIDENTS_PENSION, Some(_)) => newer.total(),
                _ => newer.person,
            };
            let run = older.balance.unwrap_or_default() + into + newer.interest.unwrap_or_default();
            holds(newer.balance == Some(run), &format!("the balance of {}", newer.year))?;
        }
        let at_end = p.contributions.first().and_then(|c| c.balance).unwrap_or_default();
        holds(parts.balance() + parts.drawn == at_end, "the last year's balance")?;
    }
    months_add_up(p)?;
    let lists = p.contributions.len() <= MAX_CONTRIBUTIONS && p.months.rows.len() <= MAX_HISTORY;
    holds(lists, "long lists")?;
    p.benefit.as_ref().map_or(Ok(()), |benefit| benefit_adds_up(p, benefit))
}

fn months_add_up(p: &Participation) -> Result<(), String> {
    let holds = |holds: bool, what: &str| if holds { Ok(()) } else { Err(what.to_owned()) };
    if !p.months.is_empty() {
        for year in &p.contributions {
            let months = p.months.rows.iter().filter(|m| m.month.year() == year.year);
            let paid: Fen = months.clone().map(|m| m.person).sum();
            let employer: Fen = months.map(|m| m.employer).sum();
            holds((paid, employer) == (year.person, year.employer), "a year's months")?;
        }
        let years: HashSet<_> = p.months.rows.iter().map(|m| m.month.year()).collect();
        holds(years.len() == p.contributions.len(), "a year for all months")?;
        let arrived = p.months.rows.iter().filter(|m| m.arrived.is_some()).count();
        holds(p.months_paid.map(|m| m as usize) == Some(arrived), "months paid")?;
    }
    Ok(())
}

fn benefit_adds_up(p: &Participation, benefit: &Benefit) -> Result<(), String> {
    let holds = |holds: bool, what: &str| if holds { Ok(()) } else { Err(what.to_owned()) };
    let parts: Fen = benefit.parts.iter().map(|part| part.monthly).sum();
    holds(parts == benefit.monthly && parts > Fen(0), "the parts of the benefit")?;
    holds(benefit.payments.rows.len() <= MAX_HISTORY, "long payments")?;
    let newest = benefit.last_payment().ok_or("no payment")?;
    holds(newest.regular() == benefit.monthly, "the newest payment")?;
    let first = benefit.payments.rows.last().ok_or("no payment")?;
    holds(first.month == benefit.since, "the first payment")?;
    for pair in benefit.payments.rows.windows(2) {
        let [newer, older] = pair else { continue };
        let again = newer.month == older.month
            && older.state == PaymentState::Failed
            && newer.state == PaymentState::Paid;
        holds(newer.month > older.month || again, "the order of payments")?;
    }
    let stopped = p.state() != ParticipationState::Drawing;
    holds(stopped == p.reason.is_some(), "a reason for what has stopped")
}

#[test]
fn everything_occurs() {
    let everybody = everybody();
    let kinds = || everybody.iter().flat_map(|(_, account)| &account.participations);
    let known: HashSet<u16> = kinds().map(|p| p.kind.0).collect();
    for kind in [110, 120, 170, 210, 310, 390, 410, 510, 902] {
        assert!(known.contains(&kind), "{kind}");
    }
    for state in [
        ParticipationState::NotInsured,
        ParticipationState::Paying,
        ParticipationState::PaymentPaused,
        ParticipationState::Drawing,
        ParticipationState::BenefitPaused,
        ParticipationState::Ended,
        ParticipationState::Unknown,
    ] {
        assert!(kinds().any(|p| p.state() == state), "{state:?}");
    }
    for reason in [ChangeReason::NOT_CERTIFIED, ChangeReason::SENTENCED, ChangeReason::DECEASED] {
        assert!(kinds().any(|p| p.reason == Some(reason)), "{reason:?}");
    }
    let payments = || kinds().filter_map(|p| p.benefit.as_ref()).flat_map(|b| &b.payments.rows);
    for state in [PaymentState::Paid, PaymentState::Failed, PaymentState::WrittenOff] {
        assert!(payments().any(|payment| payment.state == state), "{state:?}");
    }
    let early = date(2026, 11, 3);
    let pensioner = everybody.iter().find(|(_, account)| {
        account.participations.iter().any(|p| p.state() == ParticipationState::Drawing)
    });
    let pending = account(&pensioner.expect("one draws").0, early);
    let newest = pending.participations[0].benefit.as_ref().and_then(Benefit::last_payment);
    assert_eq!(newest.map(|payment| payment.state), Some(PaymentState::Pending));

    for state in [UnemploymentState::Drawing, UnemploymentState::Paused, UnemploymentState::Ended] {
        let drawn = |account: &Account| account.unemployment.as_ref().map(|one| one.state);
        assert!(everybody.iter().any(|(_, account)| drawn(account) == Some(state)), "{state:?}");
    }
    for state in [
        CardState::InUse,
        CardState::NotActivated,
        CardState::ReportedLost,
        CardState::Expired,
        CardState::Cancelled,
        CardState::Unknown,
    ] {
        let card = |account: &Account| account.card.as_ref().map(|card| card.state);
        assert!(everybody.iter().any(|(_, account)| card(account) == Some(state)), "{state:?}");
    }
    assert!(everybody.iter().any(|(_, account)| account.card.is_none()));

    let deduction = |p: &Participation| {
        p.benefit
            .as_ref()
            .is_some_and(|b| b.monthly > Fen(0) && b.parts.iter().any(|part| part.monthly < Fen(0)))
    };
    assert!(kinds().any(deduction), "a deduction");
    assert!(kinds().any(|p| p.contributions.iter().any(|c| c.place.is_some())), "another county");
    let gap =
        |p: &Participation| p.contributions.windows(2).any(|pair| pair[0].year - pair[1].year > 1);
    assert!(kinds().any(|p| p.kind == InsuranceKind::EMPLOYEES_PENSION && gap(p)), "years missing");
    assert!(kinds().any(|p| p.contributions.iter().any(|c| c.paid_for > Fen(0))), "paid for");
    assert!(kinds().any(|p| p.contributions.first().is_some_and(|c| c.arrived.is_none())));
    let overdue =
        |account: &Account| account.certification.as_ref().is_some_and(|c| c.next < TODAY);
    assert!(everybody.iter().any(|(_, account)| overdue(account)));
    let tax = |p: &Participation| {
        p.origin(Facts::Contributions).is_some_and(|origin| origin.from.contains("税务局"))
    };
    assert!(kinds().any(tax));
    let own_time = |account: &Account| {
        let origins = account.participations.iter().flat_map(|p| &p.origins);
        origins.chain(&account.origins).any(|origin| origin.as_of != account.as_of)
    };
    assert!(everybody.iter().any(|(_, account)| own_time(account)), "figures of another day");
}

#[test]
fn what_is_kept_elsewhere_does_not_come_from_an_office_here() {
    let everybody = everybody();
    let kinds = || everybody.iter().flat_map(|(_, account)| &account.participations);
    let mut elsewhere = 0;
    for p in kinds().filter(|p| p.place.as_deref().is_some_and(|place| !place.contains("泸县"))) {
        assert!(!p.origins.iter().any(|origin| origin.from.contains("泸县")), "{:?}", p.origins);
        elsewhere += 1;
    }
    for p in kinds().filter(|p| p.contributions.first().is_some_and(|paid| paid.place.is_some())) {
        let taxed = p.origin(Facts::Contributions).is_some_and(|origin| origin.is_tax());
        assert!(!taxed, "{:?} of {:?}", p.origins, p.contributions[0].place);
    }
    assert!(elsewhere > 100, "{elsewhere}");
}

#[test]
fn what_the_residents_of_the_demonstration_have_adds_up() {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../kiosk-config/demo/residents");
    let moment = "2026-11-23T09:00:00+08:00".parse().expect("a moment");
    let core = InventedCore::read(&files, Clock::Fixed(moment)).expect("read");
    let mut rows = (0, 0);
    for resident in core.residents.values().filter(|resident| resident.account.is_some()) {
        let number = resident.card.number.clone();
        let name = resident.card.name().expect("a name").clone();
        let query = CoreQuery {
            number,
            name,
            english_name: None,
            document: DocumentFacts {
                kind: DocumentKind::ResidentIdCard,
                valid_until: None,
                issue_count: None,
            },
        };
        let account = core.answer(&query).expect("known");
        assert!(!account.participations.iter().any(|p| p.origins.is_empty()), "origins");
        for p in &account.participations {
            let wrong =
                |wrong: String| panic!("{}, kind {}: {wrong}", account.name.expose(), p.kind.0);
            if let Some(parts) = p.made_of {
                assert_eq!(Some(parts.balance()), p.balance);
                let at_end = p.contributions.first().and_then(|c| c.balance);
                assert_eq!(at_end, p.balance.map(|left| left + parts.drawn));
                let interest: Fen = p.contributions.iter().filter_map(|c| c.interest).sum();
                assert_eq!(interest, parts.interest);
            }
            months_add_up(p).unwrap_or_else(wrong);
            p.benefit.as_ref().map_or(Ok(()), |b| benefit_adds_up(p, b)).unwrap_or_else(wrong);
            rows.0 += p.months.rows.len();
            rows.1 += p.benefit.as_ref().map_or(0, |benefit| benefit.payments.rows.len());
        }
    }
    assert!(rows.0 > 400 && rows.1 == 88 + 63, "the rows of short forms: {rows:?}");
}

#[test]
fn thirty_five_years_are_two_thousand_months() {
    let months = |account: &Account| -> usize {
        account.participations.iter().map(|p| p.months.rows.len()).sum()
    };
    let everybody = everybody();
    let longest = everybody.iter().map(|(_, account)| months(account)).max();
    assert!(longest.is_some_and(|rows| rows >= 2_000), "{longest:?}");
}
