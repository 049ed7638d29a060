//! When somebody in the employees' pension (职工基本养老保险) may retire: the statutory age, the
//! months that may be chosen around it (弹性退休), and the contributions that a pension needs.
//!
//! The rules are data ([`Rules`], `kiosk-config/retirement.toml`), from the
//! 《国务院关于渐进式延迟法定退休年龄的办法》 that the Standing Committee of the National People's
//! Congress approved on 2024-09-13, here called the Measures. All is counted in months, as in its
//! annexes: an age is reached on the day of birth, and only the month is told here.
//!
//! Other rules hold for some people (特殊工种, 病退, civil servants): of them nothing is said here.
//! The age of the residents' pension did not change; it is in [`super::policy`]. Keeps no state.

use jiff::civil::Date;
use kiosk_base::domain::YearMonth;
use serde::Deserialize;

use super::policy::{Dated, newest};

/// Bounds of what a rule may say, in months: beyond them it is a slip of the pen.
const YEARS_2: u16 = 24;
const YEARS_10: u16 = 120;
const YEARS_100: u16 = 1_200;

/// For whom an age holds. A card tells men from women; which of the two holds for a woman, only
/// her post or her file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// 男职工.
    Men,
    /// 女干部: 原法定退休年龄五十五周岁的女职工.
    WomenCadre,
    /// 女工人: 原法定退休年龄五十周岁的女职工.
    WomenWorker,
}

impl Class {
    /// All of them, in the order of the Measures.
    pub const ALL: [Self; 3] = [Self::Men, Self::WomenCadre, Self::WomenWorker];
}

/// All rules on when one may retire.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// 法定退休年龄, one of each class.
    #[serde(default)]
    pub ages: Vec<Dated<Ages>>,
    /// 弹性退休. Who reaches the statutory age while it holds may choose.
    #[serde(default)]
    pub choice: Vec<Dated<Choice>>,
    /// 最低缴费年限, in months, for those who retire while it holds.
    #[serde(default)]
    pub contributions: Vec<Dated<u32>>,
}

/// How the statutory age of a class rises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ages {
    /// Whose it is.
    pub class: Class,
    /// The age until then, in months.
    pub old_age: u16,
    /// The age to which it rises, in months.
    pub new_age: u16,
    /// Who reaches the old age in this month is the first to wait.
    pub first_month: YearMonth,
    /// Of so many months of birth the people wait equally long; those of the next so many wait one
    /// month longer.
    pub births_per_step: u16,
}

/// How far from the statutory age one may retire, in months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Earlier at most, of one's own will (弹性提前退休); never before the old age.
    pub earlier: u16,
    /// Later at most, as agreed with the employer (弹性延迟退休).
    pub later: u16,
    /// Who retires earlier tells the employer in writing so long before, at least.
    pub notice: u16,
}

/// When one person may retire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retirement {
    /// The statutory age, in months.
    pub age: u16,
    /// Of it the months by which it is above the old age.
    pub delay: u16,
    /// The month in which the statutory age is reached.
    pub statutory: YearMonth,
    /// The months that may be chosen; `None` where the statutory age was reached before there was a
    /// choice.
    pub span: Option<Span>,
}

/// Months from which one may be chosen, both ends among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first.
    pub earliest: YearMonth,
    /// The last.
    pub latest: YearMonth,
    /// The months before an earlier retirement at which the employer is told at the latest.
    pub notice: u16,
}

impl Rules {
    /// The list in which a rule makes no sense, if one does not.
    pub fn mistake(&self) -> Option<&'static str> {
        [
            (
                "ages",
                wrong(
                    &self.ages,
                    |ages| ages.class,
                    |ages| {
                        let rises = 0 < ages.old_age && ages.old_age <= ages.new_age;
                        let steps = 1..=YEARS_10;
                        rises && ages.new_age <= YEARS_100 && steps.contains(&ages.births_per_step)
                    },
                ),
            ),
            (
                "choice",
                wrong(
                    &self.choice,
                    |_| (),
                    |choice| {
                        let spans = choice.earlier <= YEARS_10 && choice.later <= YEARS_10;
                        spans && choice.notice <= YEARS_2
                    },
                ),
            ),
            (
                "contributions",
                wrong(
                    &self.contributions,
                    |_| (),
                    |months| (1..=u32::from(YEARS_100)).contains(months),
                ),
            ),
        ]
        .into_iter()
        .find_map(|(name, wrong)| wrong.then_some(name))
    }

    /// How the age of `class` rises, as ruled on `day`.
    pub fn ages(&self, class: Class, day: Date) -> Option<&Dated<Ages>> {
        newest(self.ages.iter().filter(|ages| ages.value.class == class), day)
    }

    /// How far from the statutory age somebody may retire who reaches it on `day`.
    pub fn choice(&self, day: Date) -> Option<&Dated<Choice>> {
        newest(self.choice.iter(), day)
    }

    /// The contributions in months that a pension needs, for those who retire in `year`. See
    /// [`required`](Self::required) for those who retire later than at the statutory age.
    pub fn contributions(&self, year: i16) -> Option<&Dated<u32>> {
        newest(self.contributions.iter(), Date::new(year, 1, 1).ok()?)
    }

    /// When somebody of `class` born in `birth` may retire, as ruled on `today`; `None` where the
    /// rules do not say.
    pub fn retirement(&self, class: Class, birth: YearMonth, today: Date) -> Option<Retirement> {
        let ages = self.ages(class, today)?.value;
        let age = ages.statutory_age(birth);
        let statutory = after(birth, age)?;
        let span = match self.choice(first_day(statutory)?) {
            Some(choice) => {
                let Choice { earlier, later, notice } = choice.value;
                let youngest = age.saturating_sub(earlier).max(ages.old_age);
                let (earliest, latest) = (after(birth, youngest)?, after(statutory, later)?);
                Some(Span { earliest, latest, notice })
            }
            None => None,
        };
        Some(Retirement { age, delay: age.saturating_sub(ages.old_age), statutory, span })
    }

    /// The contributions in months that a pension from `chosen` on needs.
    ///
    /// Who retires earlier needs what holds in the year of the choice; who retires later, no more
    /// than in the year of the statutory age (人社部发〔2024〕94号, article 7).
    pub fn required(&self, retirement: &Retirement, chosen: YearMonth) -> Option<u32> {
        let year = chosen.min(retirement.statutory).year();
        self.contributions(year).map(|months| months.value)
    }

    /// What of it is missing when `months_paid` were paid, in months; 0 when nothing is. Before the
    /// statutory age one may only retire when nothing is; at that age, what is missing can be paid
    /// afterwards (Measures, articles 2 and 3).
    pub fn missing(
        &self,
        retirement: &Retirement,
        chosen: YearMonth,
        months_paid: u32,
    ) -> Option<u32> {
        self.required(retirement, chosen).map(|months| months.saturating_sub(months_paid))
    }
}

impl Ages {
    /// The statutory age of somebody born in `birth`, in months.
    pub fn statutory_age(&self, birth: YearMonth) -> u16 {
        let old_age_in = count(birth) + i32::from(self.old_age);
        let since = old_age_in - count(self.first_month);
        if since < 0 {
            return self.old_age;
        }
        let steps = since / i32::from(self.births_per_step.max(1)) + 1;
        let delay = u16::try_from(steps).unwrap_or(u16::MAX);
        self.old_age.saturating_add(delay).min(self.new_age)
    }
}

impl Retirement {
    /// Whether one may retire in `month`, if the contributions are enough.
    pub fn allows(&self, month: YearMonth) -> bool {
        let (earliest, latest) =
            self.span.map_or((self.statutory, self.statutory), |span| (span.earliest, span.latest));
        (earliest..=latest).contains(&month)
    }

    /// The first month before the statutory age that can still be chosen in the month `now`: the
    /// employer has to be told before it. `None` where none is left.
    pub fn earliest(&self, now: YearMonth) -> Option<YearMonth> {
        let span = self.span?;
        let told = after(now, span.notice)?;
        Some(span.earliest.max(told)).filter(|month| *month < self.statutory)
    }
}

/// Whether a rule is not `sound`, has no source, ends before it begins, or begins on the same day as
/// another for the same (`whose`).
fn wrong<T, K: PartialEq>(
    rules: &[Dated<T>],
    whose: impl Fn(&T) -> K,
    sound: impl Fn(&T) -> bool,
) -> bool {
    rules.iter().enumerate().any(|(place, rule)| {
        let ends = rule.valid_until.is_some_and(|last| last < rule.valid_from);
        let is_again = rules[..place].iter().any(|other| {
            other.valid_from == rule.valid_from && whose(&other.value) == whose(&rule.value)
        });
        ends || is_again || rule.source.trim().is_empty() || !sound(&rule.value)
    })
}

/// Months since the beginning of the era.
fn count(month: YearMonth) -> i32 {
    i32::from(month.year()) * 12 + i32::from(month.month()) - 1
}

/// The month that is `months` after `month`.
pub fn after(month: YearMonth, months: u16) -> Option<YearMonth> {
    let count = count(month) + i32::from(months);
    let year = i16::try_from(count / 12).ok()?;
    YearMonth::new(year, i8::try_from(count % 12 + 1).ok()?).ok()
}

fn first_day(month: YearMonth) -> Option<Date> {
    Date::new(month.year(), month.month(), 1).ok()
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use jiff::civil::date;

    use super::*;

    const SHIPPED: &str =
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/kiosk-config/retirement.toml"));
    const TODAY: Date = date(2026, 11, 24);

    fn rules() -> Rules {
        toml::from_str(SHIPPED).expect("what is shipped is right")
    }

    fn month(text: &str) -> YearMonth {
        text.parse().expect("a month")
    }

    fn of(class: Class, birth: YearMonth) -> Retirement {
        static RULES: LazyLock<Rules> = LazyLock::new(rules);
        RULES.retirement(class, birth, TODAY).expect("ruled")
    }

    /// Every month of birth that could concern anybody.
    fn births() -> impl Iterator<Item = YearMonth> {
        (1940..=2020).flat_map(|year| (1..=12).flat_map(move |at| YearMonth::new(year, at)))
    }

    /// Statutory ages (years, months) by year of birth, one column for every four months of birth:
    /// annex 1 of the Measures.
    const MEN: [(i16, [(u16, u16); 3]); 12] = [
        (1965, [(60, 1), (60, 2), (60, 3)]),
        (1966, [(60, 4), (60, 5), (60, 6)]),
        (1967, [(60, 7), (60, 8), (60, 9)]),
        (1968, [(60, 10), (60, 11), (61, 0)]),
        (1969, [(61, 1), (61, 2), (61, 3)]),
        (1970, [(61, 4), (61, 5), (61, 6)]),
        (1971, [(61, 7), (61, 8), (61, 9)]),
        (1972, [(61, 10), (61, 11), (62, 0)]),
        (1973, [(62, 1), (62, 2), (62, 3)]),
        (1974, [(62, 4), (62, 5), (62, 6)]),
        (1975, [(62, 7), (62, 8), (62, 9)]),
        (1976, [(62, 10), (62, 11), (63, 0)]),
    ];

    /// The same of annex 2.
    const WOMEN_CADRE: [(i16, [(u16, u16); 3]); 12] = [
        (1970, [(55, 1), (55, 2), (55, 3)]),
        (1971, [(55, 4), (55, 5), (55, 6)]),
        (1972, [(55, 7), (55, 8), (55, 9)]),
        (1973, [(55, 10), (55, 11), (56, 0)]),
        (1974, [(56, 1), (56, 2), (56, 3)]),
        (1975, [(56, 4), (56, 5), (56, 6)]),
        (1976, [(56, 7), (56, 8), (56, 9)]),
        (1977, [(56, 10), (56, 11), (57, 0)]),
        (1978, [(57, 1), (57, 2), (57, 3)]),
        (1979, [(57, 4), (57, 5), (57, 6)]),
        (1980, [(57, 7), (57, 8), (57, 9)]),
        (1981, [(57, 10), (57, 11), (58, 0)]),
    ];

    /// The same of annex 3, one column for every two months of birth.
    const WOMEN_WORKER: [(i16, [(u16, u16); 6]); 10] = [
        (1975, [(50, 1), (50, 2), (50, 3), (50, 4), (50, 5), (50, 6)]),
        (1976, [(50, 7), (50, 8), (50, 9), (50, 10), (50, 11), (51, 0)]),
        (1977, [(51, 1), (51, 2), (51, 3), (51, 4), (51, 5), (51, 6)]),
        (1978, [(51, 7), (51, 8), (51, 9), (51, 10), (51, 11), (52, 0)]),
        (1979, [(52, 1), (52, 2), (52, 3), (52, 4), (52, 5), (52, 6)]),
        (1980, [(52, 7), (52, 8), (52, 9), (52, 10), (52, 11), (53, 0)]),
        (1981, [(53, 1), (53, 2), (53, 3), (53, 4), (53, 5), (53, 6)]),
        (1982, [(53, 7), (53, 8), (53, 9), (53, 10), (53, 11), (54, 0)]),
        (1983, [(54, 1), (54, 2), (54, 3), (54, 4), (54, 5), (54, 6)]),
        (1984, [(54, 7), (54, 8), (54, 9), (54, 10), (54, 11), (55, 0)]),
    ];

    /// Goes through a whole annex, the years before it and the plateau after it.
    fn is_as_in<const N: usize>(
        class: Class,
        annex: &[(i16, [(u16, u16); N])],
        old: u16,
        new: u16,
    ) {
        let columns = i8::try_from(N).expect("few");
        let mut rows = 0;
        for birth in births() {
            let row = annex.iter().find(|(year, _)| *year == birth.year());
            let place = usize::try_from((birth.month() - 1) / (12 / columns)).expect("a column");
            let (years, months) = match row {
                Some((_, ages)) => ages[place],
                None if birth.year() < annex[0].0 => (old, 0),
                None => (new, 0),
            };
            rows += u32::from(row.is_some());
            let age = of(class, birth).age;
            assert_eq!((age / 12, age % 12), (years, months), "{class:?} born {birth}");
        }
        assert_eq!(rows as usize, annex.len() * 12);
    }

    #[test]
    fn ages_are_those_of_the_annexes() {
        is_as_in(Class::Men, &MEN, 60, 63);
        is_as_in(Class::WomenCadre, &WOMEN_CADRE, 55, 58);
        is_as_in(Class::WomenWorker, &WOMEN_WORKER, 50, 55);
    }

    #[test]
    fn months_of_retirement_are_those_of_the_annexes() {
        for (class, birth, delay, statutory) in [
            (Class::Men, "1964-12", 0, "2024-12"),
            (Class::Men, "1965-01", 1, "2025-02"),
            (Class::Men, "1965-02", 1, "2025-03"),
            (Class::Men, "1965-03", 1, "2025-04"),
            (Class::Men, "1965-04", 1, "2025-05"),
            (Class::Men, "1965-05", 2, "2025-07"),
            (Class::Men, "1965-08", 2, "2025-10"),
            (Class::Men, "1965-09", 3, "2025-12"),
            (Class::Men, "1965-12", 3, "2026-03"),
            (Class::Men, "1966-01", 4, "2026-05"),
            (Class::Men, "1975-06", 32, "2038-02"),
            (Class::Men, "1976-08", 35, "2039-07"),
            (Class::Men, "1976-09", 36, "2039-09"),
            (Class::Men, "1976-12", 36, "2039-12"),
            (Class::Men, "1988-09", 36, "2051-09"),
            (Class::WomenCadre, "1969-12", 0, "2024-12"),
            (Class::WomenCadre, "1970-01", 1, "2025-02"),
            (Class::WomenCadre, "1970-06", 2, "2025-08"),
            (Class::WomenCadre, "1970-09", 3, "2025-12"),
            (Class::WomenCadre, "1971-06", 5, "2026-11"),
            (Class::WomenCadre, "1981-09", 36, "2039-09"),
            (Class::WomenCadre, "1981-12", 36, "2039-12"),
            (Class::WomenCadre, "1988-09", 36, "2046-09"),
            (Class::WomenWorker, "1974-12", 0, "2024-12"),
            (Class::WomenWorker, "1975-01", 1, "2025-02"),
            (Class::WomenWorker, "1975-02", 1, "2025-03"),
            (Class::WomenWorker, "1975-03", 2, "2025-05"),
            (Class::WomenWorker, "1975-06", 3, "2025-09"),
            (Class::WomenWorker, "1976-06", 9, "2027-03"),
            (Class::WomenWorker, "1977-01", 13, "2028-02"),
            (Class::WomenWorker, "1984-11", 60, "2039-11"),
            (Class::WomenWorker, "1984-12", 60, "2039-12"),
            (Class::WomenWorker, "1988-09", 60, "2043-09"),
        ] {
            let found = of(class, month(birth));
            let told = (found.delay, found.statutory);
            assert_eq!(told, (delay, month(statutory)), "{class:?} born {birth}");
        }
    }

    #[test]
    fn who_is_younger_never_retires_before_who_is_older() {
        for class in Class::ALL {
            let all: Vec<Retirement> = births().map(|birth| of(class, birth)).collect();
            for pair in all.windows(2) {
                let (older, younger) = (pair[0], pair[1]);
                assert!(older.age <= younger.age && younger.age <= older.age + 1, "{pair:?}");
                assert!(older.statutory < younger.statutory, "{pair:?}");
                if let (Some(older), Some(younger)) = (older.span, younger.span) {
                    assert!(older.earliest <= younger.earliest, "{pair:?}");
                    assert!(older.latest < younger.latest, "{pair:?}");
                }
            }
        }
    }

    #[test]
    fn one_may_choose_three_years_around_but_not_before_the_old_age() {
        for (class, old) in [(Class::Men, 60), (Class::WomenCadre, 55), (Class::WomenWorker, 50)] {
            for birth in births() {
                let found = of(class, birth);
                let Some(Span { earliest, latest, .. }) = found.span else {
                    assert!(found.statutory < month("2025-01"), "{class:?} born {birth}");
                    assert_eq!(found.delay, 0);
                    assert!(found.allows(found.statutory));
                    continue;
                };
                assert!(found.statutory >= month("2025-02"), "{class:?} born {birth}");
                assert!(count(earliest) - count(birth) >= old * 12, "{class:?} born {birth}");
                assert!(count(found.statutory) - count(earliest) <= 36);
                assert_eq!(count(latest) - count(found.statutory), 36);
                let before = YearMonth::new(earliest.year() - 1, earliest.month());
                assert!(!found.allows(before.expect("a month")));
                assert!([earliest, found.statutory, latest].iter().all(|at| found.allows(*at)));
                assert!(!found.allows(after(latest, 1).expect("a month")));
            }
        }
        let span = |class, birth| of(class, month(birth)).span.expect("a choice");
        let told =
            |earliest, latest| Span { earliest: month(earliest), latest: month(latest), notice: 3 };
        // The old age, as long as that is less than three years before.
        assert_eq!(span(Class::Men, "1965-01"), told("2025-01", "2028-02"));
        assert_eq!(span(Class::Men, "1980-06"), told("2040-06", "2046-06"));
        assert_eq!(span(Class::WomenCadre, "1990-01"), told("2045-01", "2051-01"));
        // Up to 53 years the old age counts, above that the three years.
        assert_eq!(span(Class::WomenWorker, "1979-12"), told("2029-12", "2035-06"));
        assert_eq!(span(Class::WomenWorker, "1990-01"), told("2042-01", "2048-01"));
    }

    #[test]
    fn who_retires_earlier_tells_the_employer_three_months_before() {
        let found = of(Class::Men, month("1966-10"));
        let span = found.span.expect("a choice");
        assert_eq!((found.statutory, span.earliest), (month("2027-04"), month("2026-10")));
        for (now, first) in [
            ("2026-01", Some("2026-10")),
            ("2026-07", Some("2026-10")),
            ("2026-08", Some("2026-11")),
            ("2026-11", Some("2027-02")),
            ("2026-12", Some("2027-03")),
            // The employer could not be told in time any more.
            ("2027-01", None),
            ("2027-04", None),
            ("2027-05", None),
        ] {
            assert_eq!(found.earliest(month(now)), first.map(month), "{now}");
        }
        // Nobody could choose then.
        assert_eq!(of(Class::Men, month("1964-12")).earliest(month("2024-01")), None);
        // Without such a rule one could go at once, but not at the statutory age itself.
        let mut changed = rules();
        changed.choice[0].value.notice = 0;
        let found = changed.retirement(Class::Men, month("1966-10"), TODAY).expect("ruled");
        assert_eq!(found.earliest(month("2026-11")), Some(month("2026-11")));
        assert_eq!(found.earliest(month("2027-04")), None);
    }

    #[test]
    fn the_contributions_that_are_needed_rise_from_2030_to_2039() {
        let rules = rules();
        let needed = |year| rules.contributions(year).map(|months| months.value);
        for (year, months) in [
            (2025, 180),
            (2029, 180),
            (2030, 186),
            (2031, 192),
            (2032, 198),
            (2033, 204),
            (2034, 210),
            (2035, 216),
            (2036, 222),
            (2037, 228),
            (2038, 234),
            (2039, 240),
            (2040, 240),
            (2090, 240),
        ] {
            assert_eq!(needed(year), Some(months), "{year}");
        }
        assert_eq!(needed(2010), None);
        assert_eq!(needed(i16::MAX), None);
    }

    #[test]
    fn the_year_that_counts_is_the_chosen_one_but_not_after_the_statutory_age() {
        let rules = rules();
        let found = of(Class::Men, month("1971-05"));
        assert_eq!((found.age, found.statutory), (61 * 12 + 8, month("2033-01")));
        for (chosen, needed) in [
            ("2031-05", 192),
            ("2032-12", 198),
            ("2033-01", 204),
            ("2034-06", 204),
            ("2036-01", 204),
        ] {
            assert!(found.allows(month(chosen)), "{chosen}");
            assert_eq!(rules.required(&found, month(chosen)), Some(needed), "{chosen}");
        }
        let missing = |paid| rules.missing(&found, found.statutory, paid);
        assert_eq!((missing(0), missing(203)), (Some(204), Some(1)));
        assert_eq!((missing(204), missing(u32::MAX)), (Some(0), Some(0)));
    }

    #[test]
    fn what_no_rule_says_is_not_known() {
        let birth = month("1970-01");
        assert_eq!(Rules::default().retirement(Class::Men, birth, TODAY), None);
        assert_eq!(rules().retirement(Class::Men, birth, date(2024, 12, 31)), None);
        assert_eq!(rules().retirement(Class::Men, month("2999-12"), TODAY), None);
        let without = Rules { choice: Vec::new(), contributions: Vec::new(), ..rules() };
        let found = without.retirement(Class::Men, birth, TODAY).expect("ruled");
        assert_eq!(found.span, None);
        assert_eq!(without.missing(&found, found.statutory, 1), None);
        // A rule that comes later takes the place of the one before it.
        let mut changed = rules();
        let mut newer = changed.ages[0].clone();
        (newer.valid_from, newer.value.new_age) = (date(2027, 1, 1), 65 * 12);
        changed.ages.insert(0, newer);
        assert_eq!(changed.mistake(), None);
        let age_on = |rules: &Rules, day| {
            rules.retirement(Class::Men, month("1990-01"), day).map(|found| found.age)
        };
        assert_eq!(age_on(&changed, TODAY), Some(63 * 12));
        assert_eq!(age_on(&changed, date(2027, 1, 1)), Some(65 * 12));
        // One that ends holds on its last day, and then the one before it again.
        changed.ages[0].valid_until = Some(date(2027, 6, 30));
        assert_eq!(age_on(&changed, date(2027, 6, 30)), Some(65 * 12));
        assert_eq!(age_on(&changed, date(2027, 7, 1)), Some(63 * 12));
    }

    #[test]
    fn what_is_shipped_is_right_and_mistakes_are_found() {
        let rules = rules();
        assert_eq!(rules.mistake(), None);
        assert!(Class::ALL.iter().all(|class| rules.ages(*class, TODAY).is_some()));
        for (from, to, list) in [
            ("old_age = 720", "old_age = 0", "ages"),
            ("old_age = 720", "old_age = 757", "ages"),
            ("births_per_step = 2", "births_per_step = 0", "ages"),
            ("women_cadre", "women_worker", "ages"),
            (
                "《国务院关于渐进式延迟法定退休年龄的办法》第三条；人社部发〔2024〕94号",
                " ",
                "choice",
            ),
            ("value = 186", "value = 0", "contributions"),
            ("earlier = 36", "earlier = 3600", "choice"),
            ("notice = 3", "notice = 25", "choice"),
            ("births_per_step = 2", "births_per_step = 200", "ages"),
            ("2031-01-01", "2030-01-01", "contributions"),
            ("\"2011-07-01\"", "\"2011-07-01\"\nvalid_until = \"2011-06-30\"", "contributions"),
        ] {
            let text = SHIPPED.replacen(from, to, 1);
            assert_ne!(text, SHIPPED, "{from}");
            let changed: Rules = toml::from_str(&text).expect("it parses");
            assert_eq!(changed.mistake(), Some(list), "{from}");
        }
        for (from, to) in [
            ("earlier = 36", "before = 36"),
            (", notice = 3", ""),
            ("notice = 3", "notice = -3"),
            ("\"men\"", "\"boys\""),
            ("\"2025-01\"", "\"2025-13\""),
            ("old_age = 720", "old_age = -720"),
            ("[[choice]]", "[[choices]]"),
        ] {
            let text = SHIPPED.replacen(from, to, 1);
            assert_ne!(text, SHIPPED, "{from}");
            assert!(toml::from_str::<Rules>(&text).is_err(), "{from}");
        }
    }
}
