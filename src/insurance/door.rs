//! Where one can go from an account: only what leads somewhere is there. Keeps no state.

use kiosk_base::domain::{Account, InsuranceKind, Participation, account::ParticipationState};

use super::{Sheet, received};

/// Where one can go from an account or from one kind of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Door {
    /// A sheet.
    Sheet(Sheet),
    /// All kinds of insurance.
    Kinds,
    /// Contributions of a kind by year.
    Years(usize),
    /// What the pension would come to.
    Estimate(usize),
    /// From when on a pension may be drawn.
    Retirement,
    /// What is asked about a person, why, and what is kept.
    Notice,
}

/// The doors that an account has: first what is about the person's main insurance `kind`, then the
/// rest.
pub fn doors(account: &Account, kind: Option<usize>) -> Vec<Door> {
    let main = kind.and_then(|at| account.participations.get(at).map(|main| (at, main)));
    let mut doors = main.map(|(at, main)| kind_doors(at, main)).unwrap_or_default();
    let is_ruled = !has_retired(account) && !is_official(account);
    doors.extend(is_ruled.then_some(Door::Retirement));
    doors.extend(account.certification.as_ref().map(|_| Door::Sheet(Sheet::Certification)));
    doors.push(Door::Kinds);
    doors.extend(account.unemployment.as_ref().map(|_| Door::Sheet(Sheet::Unemployment)));
    let drawn = account.participations.iter().enumerate().filter(|(_, p)| p.benefit.is_some());
    doors.extend(drawn.map(|(at, _)| Door::Sheet(Sheet::Payments(at))));
    doors.extend(account.card.as_ref().map(|_| Door::Sheet(Sheet::Card)));
    doors.push(Door::Sheet(Sheet::Record));
    doors.push(Door::Notice);
    doors
}

/// Whether a pension is or was drawn.
fn has_retired(account: &Account) -> bool {
    use ParticipationState as State;
    let drawn = |p: &Participation| {
        p.benefit.is_some()
            || matches!(p.state(), State::Drawing | State::BenefitPaused | State::Ended)
    };
    account.participations.iter().any(|p| p.kind.is_pension() && drawn(p))
}

/// Whether there is a pension of a public institution (机关事业单位养老保险) and none of an employee:
/// of it the rules on retirement say nothing.
fn is_official(account: &Account) -> bool {
    let has = |kind: InsuranceKind| account.insured_kinds().any(|insured| insured == kind);
    has(InsuranceKind::OFFICIALS_PENSION) && !has(InsuranceKind::EMPLOYEES_PENSION)
}

/// The doors of one kind.
pub fn kind_doors(at: usize, participation: &Participation) -> Vec<Door> {
    let mut doors = Vec::new();
    // The rules of the medical insurance are another office's: its state alone is shown.
    if participation.kind.is_medical() {
        return doors;
    }
    if let Some(benefit) = &participation.benefit {
        // The newest year; without a payment the page says that there is none.
        let year = received::years(benefit).first().copied();
        let year = year.unwrap_or_else(|| benefit.since.year());
        doors.push(Door::Sheet(Sheet::Received { kind: at, year }));
        if benefit.parts.len() > 1 {
            doors.push(Door::Sheet(Sheet::Parts(at)));
        }
    } else if participation.kind == InsuranceKind::RESIDENTS_PENSION {
        doors.push(Door::Estimate(at));
    }
    if !participation.contributions.is_empty() {
        doors.push(Door::Years(at));
    }
    if !participation.months.is_empty() {
        doors.push(Door::Sheet(Sheet::Months(at)));
    }
    if participation.made_of.is_some() {
        doors.push(Door::Sheet(Sheet::Balance(at)));
    }
    doors
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insurance::sheet::tests::{account, pension};

    #[test]
    fn nothing_leads_further_into_a_medical_insurance() {
        let mut medical = pension();
        medical.kind = InsuranceKind::EMPLOYEES_MEDICAL;
        assert_eq!(kind_doors(0, &medical), []);
    }

    #[test]
    fn only_doors_that_lead_somewhere_are_there() {
        let drawing = account(pension());
        let doors = doors(&drawing, Some(0));
        let right = [
            Door::Sheet(Sheet::Received { kind: 0, year: 2026 }),
            Door::Sheet(Sheet::Parts(0)),
            Door::Years(0),
            Door::Sheet(Sheet::Balance(0)),
            Door::Sheet(Sheet::Certification),
            Door::Kinds,
            Door::Sheet(Sheet::Payments(0)),
            Door::Sheet(Sheet::Record),
            Door::Notice,
        ];
        assert_eq!(doors, right);
        let paying = Participation::new(InsuranceKind::RESIDENTS_PENSION, 1, Some(1));
        assert_eq!(kind_doors(3, &paying), [Door::Estimate(3)]);
        let medical = Participation::new(InsuranceKind::RESIDENTS_MEDICAL, 1, Some(1));
        assert_eq!(kind_doors(0, &medical), []);
    }

    #[test]
    fn who_draws_no_pension_may_ask_when() {
        let asks = |kind, insured, paying| {
            let about = Participation::new(kind, insured, Some(paying));
            doors(&account(about), Some(0)).contains(&Door::Retirement)
        };
        for kind in [InsuranceKind::EMPLOYEES_PENSION, InsuranceKind::RESIDENTS_PENSION] {
            assert!(asks(kind, 1, 1) && asks(kind, 2, 2));
            assert!(!asks(kind, 1, 3) && !asks(kind, 2, 3) && !asks(kind, 4, 3));
        }
        assert!(asks(InsuranceKind::UNEMPLOYMENT, 4, 3));
    }

    #[test]
    fn of_a_public_institution_the_rules_say_nothing() {
        let asks = |kinds: &[(InsuranceKind, u8)]| {
            let about = |(kind, insured): &(InsuranceKind, u8)| {
                Participation::new(*kind, *insured, Some(*insured))
            };
            let participations = kinds.iter().map(about).collect();
            let account = Account { participations, ..account(pension()) };
            doors(&account, Some(0)).contains(&Door::Retirement)
        };
        let official = InsuranceKind::OFFICIALS_PENSION;
        let (employee, resident) =
            (InsuranceKind::EMPLOYEES_PENSION, InsuranceKind::RESIDENTS_PENSION);
        assert!(!asks(&[(official, 1)]) && !asks(&[(official, 2)]));
        assert!(!asks(&[(resident, 2), (official, 1)]));
        // Paying 0: the person is not insured there.
        assert!(!asks(&[(official, 1), (employee, 0)]));
        assert!(asks(&[(employee, 1), (official, 0)]));
        assert!(asks(&[(employee, 1), (official, 2)]) && asks(&[(employee, 1)]));
        assert!(asks(&[]));
    }
}
