//! What is said to every invented resident, on many days, against what the account holds: no
//! sentence where its condition does not.

use std::path::Path;

use jiff::{ToSpan, civil::Date, civil::date};
use kiosk_base::domain::{
    Account, HolderNumber, InsuranceKind, Participation,
    account::{ParticipationState as Is, PaymentState},
};
use kiosk_county::invented::Population;
use renshe_kiosk::{
    config::Settings,
    insurance::advice::{self, Advice, Case},
};

#[test]
fn nothing_is_said_that_the_account_does_not_bear_out() {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config");
    let policy = Settings::load(&config, Path::new("kiosk-data")).expect("good settings").policy;
    let population = Population::default();
    let (mut said, mut calm, mut warned) = (0, 0, 0);
    for person in (0..population.count()).filter_map(|index| population.person(index)) {
        for days in [0, 40, 200, 390] {
            let today = date(2026, 11, 23) + days.days();
            let posted = today.in_tz("Asia/Shanghai").expect("a day").timestamp();
            let account = person.account(today, posted);
            for about in &account.participations {
                let case = Case { account: &account, about, policy: &policy, today };
                for advice in advice::about(&case) {
                    assert!(is_true(advice, &account, about, today), "{advice:?} {about:?}");
                    said += 1;
                    calm += usize::from(advice == Advice::Nothing);
                    warned += usize::from(matches!(advice, Advice::NotArrived { .. }));
                }
            }
        }
    }
    assert!(said > 20_000 && calm > 1_000 && warned > 100, "{said} {calm} {warned}");
}

/// Whether a clerk who looks into the account would say it, too.
fn is_true(advice: Advice, account: &Account, about: &Participation, today: Date) -> bool {
    let state = about.state();
    let due = account.certification.as_ref().map(|certification| certification.next);
    let newest = about.contributions.first();
    let birth = match &account.number {
        HolderNumber::Citizen(number) => Some(number.birth_date()),
        _ => None,
    };
    let sixty = birth.map(|born| born + 60.years());
    let draws = about.benefit.is_some();
    let residents = about.kind == InsuranceKind::RESIDENTS_PENSION;
    let years = about.months_paid.map(|months| months / 12);
    let last = about.benefit.as_ref().and_then(|benefit| benefit.last_payment());
    match advice {
        Advice::Deceased => about.reason.is_some_and(|reason| reason.0 == 1401),
        Advice::Sentenced => about.reason.is_some_and(|reason| reason.0 == 1202) && draws,
        Advice::CertifyLate { by, days, .. } => {
            due == Some(by) && by < today && by + days.days() == today && draws
        }
        Advice::Certify { by, days } => {
            due == Some(by) && by >= today && today + days.days() == by && draws
        }
        Advice::Uncertified => due.is_none() && state == Is::BenefitPaused,
        Advice::CertifyYearly => due.is_none() && state == Is::Drawing,
        Advice::Stopped { .. } => state == Is::BenefitPaused,
        Advice::PaymentFailed => last.is_some_and(|last| last.state == PaymentState::Failed),
        Advice::PaymentReturned => last.is_some_and(|last| last.state == PaymentState::WrittenOff),
        Advice::CanDraw => residents && !draws && sixty <= Some(today) && years >= Some(15),
        Advice::AgedMissing { years: missing } => {
            residents && !draws && sixty <= Some(today) && years.map(|y| y + missing) == Some(15)
        }
        Advice::DrawFrom { from, .. } => {
            let month = sixty.map(|day| day.first_of_month() - 1.month());
            let right = month.is_some_and(|m| (m.year(), m.month()) == (from.year(), from.month()));
            residents && !draws && right && sixty > Some(today)
        }
        Advice::NotArrived { year, .. } => {
            let year = year.unwrap_or(today.year());
            about.contributions.iter().any(|paid| paid.year == year && paid.arrived.is_none())
        }
        Advice::NotPaidYet => newest.is_some_and(|newest| newest.year < today.year()),
        Advice::EmployerPays => newest.is_none_or(|newest| newest.person.is_zero()),
        Advice::Medical => about.kind.is_medical(),
        Advice::Paused => state == Is::PaymentPaused,
        Advice::NotInsured { .. } => state == Is::NotInsured,
        Advice::Ended => state == Is::Ended,
        Advice::Unclear => state == Is::Unknown,
        Advice::Nothing => {
            let came = about.contributions.iter().any(|paid| paid.arrived.is_some())
                || about.months.rows.iter().any(|month| month.arrived.is_some());
            state == Is::Paying && came && !draws
        }
        Advice::Record | Advice::Ask => true,
        Advice::BenefitLeft { .. }
        | Advice::BenefitUsedUp
        | Advice::BenefitKept { .. }
        | Advice::BenefitOver => account.unemployment.is_some(),
    }
}
