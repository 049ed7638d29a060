//! The figures of the residents' pension (城乡居民基本养老保险): which hold on a day.
//!
//! A region's file need not say everything. What it leaves out is taken from the file of the wider
//! region, and what none says is not known: then nothing is estimated.

use jiff::civil::Date;
use kiosk_base::domain::{DivisionCode, Fen};
use serde::Deserialize;

/// The figures of one region.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// Its name, as the page says it (按…估算): `国家最低标准`, `四川省标准`.
    pub name: String,
    /// Its code: `510521`, or `510500` for a city, `510000` for a province, `000000` for all.
    pub code: DivisionCode,
    /// 基础养老金, a month.
    #[serde(default)]
    pub basic: Vec<Dated<Fen>>,
    /// 计发月数, by the age at which drawing begins.
    #[serde(default)]
    pub months: Vec<Dated<AtAge>>,
    /// Years that must be paid, and from which age one draws.
    #[serde(default)]
    pub drawing: Vec<Dated<Drawing>>,
    /// 缴费档次 of a year, with what the government adds.
    #[serde(default)]
    pub tiers: Vec<Dated<Tier>>,
}

impl Region {
    /// The list in which a figure makes no sense, if one does not.
    pub fn mistake(&self) -> Option<&'static str> {
        fn wrong<T>(figures: &[Dated<T>], sound: impl Fn(&T) -> bool) -> bool {
            figures.iter().any(|figure| {
                let ends = figure.valid_until.is_some_and(|last| last < figure.valid_from);
                ends || figure.source.trim().is_empty() || !sound(&figure.value)
            })
        }
        [
            ("basic", wrong(&self.basic, |basic| basic.0 > 0)),
            ("months", wrong(&self.months, |at| at.months > 0 && at.age > 0)),
            ("drawing", wrong(&self.drawing, |drawing| drawing.age > 0 && drawing.years > 0)),
            (
                "tiers",
                wrong(&self.tiers, |tier| {
                    tier.yearly.0 > 0 && tier.subsidy.is_none_or(|subsidy| subsidy.0 >= 0)
                }),
            ),
        ]
        .into_iter()
        .find_map(|(name, wrong)| wrong.then_some(name))
    }
}

/// A figure with the time in which it holds, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dated<T> {
    /// The figure.
    pub value: T,
    /// First day on which it holds.
    pub valid_from: Date,
    /// Last day, where it no longer holds.
    #[serde(default)]
    pub valid_until: Option<Date>,
    /// Document and number.
    pub source: String,
}

/// Months by which a balance is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AtAge {
    /// Age in whole years.
    pub age: u8,
    /// Months.
    pub months: u32,
}

/// When a pension is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawing {
    /// Age in whole years.
    pub age: u8,
    /// Years that must be paid.
    pub years: u32,
}

/// What one can pay for a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// What the person pays.
    pub yearly: Fen,
    /// What the government adds at least, where that is known.
    #[serde(default)]
    pub subsidy: Option<Fen>,
}

/// What is known for one place, from the nearest region outwards.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// The regions in which the place lies, the nearest first.
    regions: Vec<Region>,
}

/// A figure that holds, with the name of its region and its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding<'a, T> {
    /// The figure.
    pub value: T,
    /// Whose it is.
    pub region: &'a str,
    /// Where it comes from.
    pub source: &'a str,
}

impl Policy {
    /// The policy for `place`, of all `regions` that are known.
    pub fn of(place: &DivisionCode, regions: &[Region]) -> Self {
        let covers = |region: &&Region| {
            let code = region.code.as_str().trim_end_matches("00");
            place.as_str().starts_with(code)
        };
        let mut regions: Vec<Region> = regions.iter().filter(covers).cloned().collect();
        let digits = |region: &Region| region.code.as_str().trim_end_matches("00").len();
        regions.sort_by_key(|region| std::cmp::Reverse(digits(region)));
        Self { regions }
    }

    /// The basic pension on `day`.
    pub fn basic(&self, day: Date) -> Option<Holding<'_, Fen>> {
        self.nearest(|region| held(&region.basic, day))
    }

    /// The months for somebody who begins to draw at `age`.
    pub fn months(&self, age: u8, day: Date) -> Option<Holding<'_, u32>> {
        self.nearest(|region| {
            let known = region.months.iter().filter(|figure| figure.value.age == age);
            newest(known, day)
        })
        .map(|Holding { value, region, source }| Holding {
            value: value.months,
            region,
            source,
        })
    }

    /// From when a pension is drawn.
    pub fn drawing(&self, day: Date) -> Option<Holding<'_, Drawing>> {
        self.nearest(|region| held(&region.drawing, day))
    }

    /// What can be paid for a year, from the least; of the nearest region that says so. A list that
    /// begins to hold takes the place of the one before it.
    pub fn tiers(&self, day: Date) -> Vec<Tier> {
        let of = |region: &Region| {
            let since = held(&region.tiers, day).map(|figure| figure.valid_from);
            let holding = region.tiers.iter().filter(|figure| figure.holds(day));
            let newest = holding.filter(|figure| Some(figure.valid_from) == since);
            let mut tiers: Vec<Tier> = newest.map(|figure| figure.value).collect();
            tiers.sort_by_key(|tier| tier.yearly);
            tiers
        };
        self.regions.iter().map(of).find(|tiers| !tiers.is_empty()).unwrap_or_default()
    }

    fn nearest<'a, T: Copy + 'a>(
        &'a self,
        held: impl Fn(&'a Region) -> Option<&'a Dated<T>>,
    ) -> Option<Holding<'a, T>> {
        self.regions.iter().find_map(|region| {
            let figure = held(region)?;
            Some(Holding { value: figure.value, region: &region.name, source: &figure.source })
        })
    }
}

impl<T> Dated<T> {
    fn holds(&self, day: Date) -> bool {
        self.valid_from <= day && self.valid_until.is_none_or(|last| day <= last)
    }
}

/// Of the figures that hold on `day` the one that came last.
fn held<T>(figures: &[Dated<T>], day: Date) -> Option<&Dated<T>> {
    newest(figures.iter(), day)
}

/// As [`held`], of figures that stand here and there.
pub(super) fn newest<'a, T>(
    figures: impl Iterator<Item = &'a Dated<T>>,
    day: Date,
) -> Option<&'a Dated<T>> {
    figures.filter(|figure| figure.holds(day)).max_by_key(|figure| figure.valid_from)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn region(code: &str, basic: &[(i64, Date)]) -> Region {
        let figure = |(fen, from): &(i64, Date)| Dated {
            value: Fen(*fen),
            valid_from: *from,
            valid_until: None,
            source: "测试".to_owned(),
        };
        Region {
            name: code.to_owned(),
            code: DivisionCode::parse(code).expect("a code"),
            basic: basic.iter().map(figure).collect(),
            months: Vec::new(),
            drawing: Vec::new(),
            tiers: Vec::new(),
        }
    }

    #[test]
    fn the_nearest_region_that_says_something_counts_and_of_it_the_newest_figure() {
        let regions = [
            region("000000", &[(5_500, date(2009, 1, 1)), (14_300, date(2025, 1, 1))]),
            region("510000", &[(10_500, date(2018, 1, 1))]),
            region("330000", &[(99_900, date(2018, 1, 1))]),
            region("510521", &[]),
        ];
        let place = DivisionCode::parse("510521100").expect("a code");
        let policy = Policy::of(&place, &regions);
        let basic = |day| policy.basic(day).map(|held| (held.value.0, held.region.to_owned()));
        assert_eq!(basic(date(2026, 1, 1)), Some((10_500, "510000".to_owned())));
        assert_eq!(basic(date(2010, 1, 1)), Some((5_500, "000000".to_owned())));
        assert_eq!(basic(date(2008, 1, 1)), None);
        let elsewhere = DivisionCode::parse("440300").expect("a code");
        let policy = Policy::of(&elsewhere, &regions);
        assert_eq!(policy.basic(date(2026, 1, 1)).map(|held| held.value), Some(Fen(14_300)));
        assert_eq!(policy.tiers(date(2026, 1, 1)), []);
    }

    #[test]
    fn of_months_and_tiers_the_newest_count_wherever_they_stand() {
        fn dated<T>(valid_from: Date, value: T) -> Dated<T> {
            Dated { value, valid_from, valid_until: None, source: "测试".to_owned() }
        }
        let (old, new) = (date(2014, 1, 1), date(2026, 1, 1));
        let mut region = region("510000", &[]);
        let at = |months: u32| AtAge { age: 60, months };
        region.months = vec![dated(old, at(139)), dated(new, at(140))];
        let months = |region: &Region, day| {
            let place = DivisionCode::parse("510521100").expect("a code");
            let policy = Policy::of(&place, std::slice::from_ref(region));
            policy.months(60, day).map(|held| held.value)
        };
        assert_eq!(months(&region, date(2025, 1, 1)), Some(139));
        assert_eq!(months(&region, date(2026, 1, 1)), Some(140));
        region.months.reverse();
        assert_eq!(months(&region, date(2026, 1, 1)), Some(140));

        let tier = |yuan| Tier { yearly: Fen::from_yuan(yuan), subsidy: None };
        let listed = [(new, 300), (new, 200), (old, 100), (old, 200)];
        region.tiers = listed.map(|(from, yuan)| dated(from, tier(yuan))).to_vec();
        let place = DivisionCode::parse("510521100").expect("a code");
        let policy = Policy::of(&place, &[region]);
        assert_eq!(policy.tiers(date(2026, 6, 1)), [tier(200), tier(300)]);
        assert_eq!(policy.tiers(date(2025, 6, 1)), [tier(100), tier(200)]);
    }
}
