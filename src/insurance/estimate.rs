//! What the residents' pension would come to (估算): basic pension + balance ÷ months.
//!
//! An estimate assumes that nothing changes but what is asked: no interest, today's basic pension,
//! today's tiers. It is always shown as such.

use jiff::civil::Date;
use kiosk_base::domain::{Fen, InsuranceKind, Participation};

use super::policy::{Policy, Tier};

/// What would be done otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WhatIf {
    /// What is paid a year from now on, as a place in the list of tiers; `None` for nothing.
    pub tier: Option<usize>,
    /// For how many years, at most until drawing begins.
    pub years: u32,
}

/// What would come of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// Fen a month.
    pub monthly: Fen,
    /// Of it the basic pension.
    pub basic: Fen,
    /// Of it the account's part.
    pub account: Fen,
    /// The balance when drawing begins.
    pub balance: Fen,
    /// By which it is divided.
    pub months: u32,
    /// Age at which drawing begins.
    pub age: u8,
    /// When drawing can begin.
    pub from: Date,
    /// Whole years until then, rounded up; 0 when it has come.
    pub years_left: u32,
    /// Years that can still be paid, those that are missing among them.
    pub years_open: u32,
    /// Years paid, with those of the question.
    pub years_paid: u32,
    /// Years that are still missing to what must be paid.
    pub years_missing: u32,
}

impl Estimate {
    /// Whether a pension would be drawn at all: nobody draws one while years are missing.
    pub fn is_drawn(&self) -> bool {
        self.years_missing == 0
    }

    /// What this brings each month against `less`, where both would be drawn and it is more.
    pub fn more_than(&self, less: &Self) -> Option<Fen> {
        let more = Fen(self.monthly.0 - less.monthly.0);
        (self.is_drawn() && less.is_drawn() && more.0 > 0).then_some(more)
    }
}

/// Why there is no estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// It is no residents' pension, or a pension is drawn already.
    NotThisKind,
    /// The account says nothing of its balance.
    Balance,
    /// The files say nothing of the basic pension.
    Basic,
    /// The files say nothing of when a pension is drawn.
    Rules,
    /// The files do not say by what a balance is divided at this age.
    Months,
}

/// Most years that can be asked for.
pub const YEARS_MAX: u32 = 44;

/// Estimates the pension of somebody born on `born`.
///
/// # Errors
/// Says what is not known.
pub fn estimate(
    policy: &Policy,
    participation: &Participation,
    born: Date,
    today: Date,
    what_if: WhatIf,
) -> Result<Estimate, Unknown> {
    if participation.kind != InsuranceKind::RESIDENTS_PENSION || participation.benefit.is_some() {
        return Err(Unknown::NotThisKind);
    }
    let saved = participation.balance.ok_or(Unknown::Balance)?;
    let drawing = policy.drawing(today).ok_or(Unknown::Rules)?.value;
    let basic = policy.basic(today).ok_or(Unknown::Basic)?.value;
    let from = birthday(born, drawing.age);
    let years_left = whole_years(today, from);
    // Who is past the age draws from now on, at the age of now.
    let age = if from > today { drawing.age } else { whole_age(born, today) };
    let months = policy.months(age, today).ok_or(Unknown::Months)?.value.max(1);
    let tier = what_if.tier.and_then(|place| policy.tiers(today).get(place).copied());
    // What is missing can be paid afterwards, so it may be more than the years that are left.
    let years_open = years_left.max(missing(participation, drawing.years));
    let years = tier.map_or(0, |_| what_if.years.min(years_open));
    let balance = saved + tier.map_or(Fen(0), |tier| paid_in(tier, years));
    let account = Fen(rounded(balance.0, i64::from(months)));
    let years_paid = participation.months_paid.unwrap_or(0) / 12 + years;
    Ok(Estimate {
        monthly: basic + account,
        basic,
        account,
        balance,
        months,
        age,
        from: from.max(today),
        years_left,
        years_open,
        years_paid,
        years_missing: drawing.years.saturating_sub(years_paid),
    })
}

/// What `years` of a tier bring into the account.
fn paid_in(tier: Tier, years: u32) -> Fen {
    let yearly = tier.yearly + tier.subsidy.unwrap_or_default();
    Fen(yearly.0.saturating_mul(i64::from(years.min(YEARS_MAX))))
}

fn missing(participation: &Participation, needed: u32) -> u32 {
    needed.saturating_sub(participation.months_paid.unwrap_or(0) / 12)
}

/// To the nearest fen, halves up. The rule of the core system is not published.
fn rounded(amount: i64, parts: i64) -> i64 {
    let double = amount.max(0).saturating_mul(2).saturating_add(parts);
    double / (2 * parts)
}

/// The day on which somebody born on `born` is `age` years old.
pub(super) fn birthday(born: Date, age: u8) -> Date {
    let year = born.year().saturating_add(i16::from(age));
    // 29 February has its birthday on the last of the month.
    Date::new(year, born.month(), born.day())
        .or_else(|_| Date::new(year, born.month(), 28))
        .unwrap_or(Date::MAX)
}

/// Whole years from `today` to `then`, rounded up.
fn whole_years(today: Date, then: Date) -> u32 {
    (0..=YEARS_MAX + 20).find(|years| plus_years(today, *years) >= then).unwrap_or(YEARS_MAX)
}

fn plus_years(date: Date, years: u32) -> Date {
    birthday(date, u8::try_from(years).unwrap_or(u8::MAX))
}

fn whole_age(born: Date, today: Date) -> u8 {
    (0..=120).rev().find(|age| birthday(born, *age) <= today).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use kiosk_base::domain::DivisionCode;

    use super::*;
    use crate::insurance::policy::{AtAge, Dated, Drawing, Region};

    const TODAY: Date = date(2026, 11, 24);

    fn dated<T>(value: T) -> Dated<T> {
        let valid_from = date(2014, 1, 1);
        Dated { value, valid_from, valid_until: None, source: "测试".to_owned() }
    }

    fn policy() -> Policy {
        let tier = |yuan, subsidy| Tier {
            yearly: Fen::from_yuan(yuan),
            subsidy: Some(Fen::from_yuan(subsidy)),
        };
        let region = Region {
            name: "测试".to_owned(),
            code: DivisionCode::parse("510599").expect("a code"),
            basic: vec![dated(Fen(14_300))],
            months: vec![
                dated(AtAge { age: 60, months: 139 }),
                dated(AtAge { age: 65, months: 101 }),
            ],
            drawing: vec![dated(Drawing { age: 60, years: 15 })],
            tiers: vec![dated(tier(200, 40)), dated(tier(2_000, 160))],
        };
        Policy::of(&DivisionCode::parse("510599100").expect("a code"), &[region])
    }

    fn participation(balance: i64, months_paid: u32) -> Participation {
        Participation {
            months_paid: Some(months_paid),
            balance: Some(Fen(balance)),
            ..Participation::new(InsuranceKind::RESIDENTS_PENSION, 1, Some(1))
        }
    }

    fn asked(balance: i64, months: u32, born: Date, what_if: WhatIf) -> Result<Estimate, Unknown> {
        estimate(&policy(), &participation(balance, months), born, TODAY, what_if)
    }

    #[test]
    fn the_confirmed_formula_gives_243_yuan() {
        // 143.00 + 13,900.00 / 139.
        let born = date(1967, 1, 5);
        let known = asked(1_390_000, 180, born, WhatIf::default()).expect("known");
        assert_eq!((known.monthly, known.account), (Fen(24_300), Fen(10_000)));
        assert_eq!((known.months, known.age, known.years_missing), (139, 60, 0));
        assert_eq!((known.from, known.years_left), (date(2027, 1, 5), 1));
    }

    #[test]
    fn more_years_and_a_higher_tier_bring_more() {
        let born = date(1980, 6, 1);
        let plain = asked(500_000, 60, born, WhatIf::default()).expect("known");
        assert_eq!((plain.years_paid, plain.years_missing, plain.years_left), (5, 10, 14));
        let low = asked(500_000, 60, born, WhatIf { tier: Some(0), years: 10 }).expect("known");
        assert_eq!(low.balance, Fen(500_000 + 10 * 24_000));
        assert_eq!((low.years_paid, low.years_missing), (15, 0));
        let high = asked(500_000, 60, born, WhatIf { tier: Some(1), years: 10 }).expect("known");
        assert_eq!(high.balance, Fen(500_000 + 10 * 216_000));
        assert!(plain.monthly < low.monthly && low.monthly < high.monthly);
        // No more years than are left.
        let long = asked(500_000, 60, born, WhatIf { tier: Some(1), years: 40 }).expect("known");
        assert_eq!(long.balance, Fen(500_000 + 14 * 216_000));
        // No such tier is no tier.
        let none = asked(500_000, 60, born, WhatIf { tier: Some(9), years: 3 }).expect("known");
        assert_eq!(none, plain);
    }

    #[test]
    fn nothing_is_drawn_or_gained_while_years_are_missing() {
        let born = date(1967, 6, 8);
        let of = |months, years| {
            asked(684_774, months, born, WhatIf { tier: Some(0), years }).expect("known")
        };
        let (one, none) = (of(168, 1), of(168, 0));
        assert!(one.is_drawn() && !none.is_drawn());
        assert!(one.monthly > none.monthly);
        assert_eq!(one.more_than(&none), None, "without it there would be no pension");
        let (one, none) = (of(180, 1), of(180, 0));
        assert_eq!(one.more_than(&none), Some(Fen(one.monthly.0 - none.monthly.0)));
        assert_eq!(none.more_than(&one), None);
    }

    #[test]
    fn who_is_past_the_age_draws_at_the_age_of_now_and_can_pay_what_is_missing() {
        let born = date(1961, 3, 1);
        let late = asked(300_000, 120, born, WhatIf { tier: Some(0), years: 9 }).expect("known");
        assert_eq!((late.age, late.months, late.years_left), (65, 101, 0));
        assert_eq!((late.from, late.years_paid), (TODAY, 15), "five years were missing");
        // For an age that the files do not name nothing is said.
        let between = asked(300_000, 120, date(1963, 3, 1), WhatIf::default());
        assert_eq!(between, Err(Unknown::Months));
    }

    #[test]
    fn what_is_not_known_is_said() {
        let born = date(1980, 6, 1);
        let mut other = participation(1, 1);
        other.balance = None;
        let ask = |policy: &Policy, participation: &Participation| {
            estimate(policy, participation, born, TODAY, WhatIf::default())
        };
        assert_eq!(ask(&policy(), &other), Err(Unknown::Balance));
        other.kind = InsuranceKind::EMPLOYEES_PENSION;
        assert_eq!(ask(&policy(), &other), Err(Unknown::NotThisKind));
        assert_eq!(ask(&Policy::default(), &participation(1, 1)), Err(Unknown::Rules));
    }

    #[test]
    fn a_leap_day_has_its_birthday_in_every_year() {
        assert_eq!(birthday(date(1968, 2, 29), 59), date(2027, 2, 28));
        assert_eq!(whole_age(date(1968, 2, 29), date(2027, 2, 28)), 59);
        assert_eq!(whole_years(date(2026, 11, 24), date(2026, 11, 24)), 0);
        assert_eq!(whole_years(date(2026, 11, 24), date(2027, 11, 25)), 2);
    }

    #[test]
    fn halves_are_rounded_up_and_debts_are_none() {
        assert_eq!((rounded(139, 2), rounded(138, 4), rounded(137, 4)), (70, 35, 34));
        assert_eq!((rounded(-5, 139), rounded(i64::MAX, 139) > 0), (0, true));
    }
}
