//! What was paid into an insurance.

use jiff::civil::Date;

use super::super::{Fen, YearMonth};

/// What was paid into one kind in one year, by who paid it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contribution {
    /// 缴费年度.
    pub year: i16,
    /// 个人缴费, AAE341 1.
    pub person: Fen,
    /// 省级财政补贴, AAE341 3.
    pub province: Fen,
    /// 市级财政补贴, AAE341 4.
    pub city: Fen,
    /// 县级财政补贴, AAE341 5.
    pub county: Fen,
    /// 集体补助, AAE341 6.
    pub collective: Fen,
    /// 政府代缴, AAE341 11: paid by the government in place of the person.
    pub paid_for: Fen,
    /// 单位缴费, of employees.
    pub employer: Fen,
    /// Interest that the account bore in this year.
    pub interest: Option<Fen>,
    /// The account at the end of the year.
    pub balance: Option<Fen>,
    /// 划拨日期. A year counts as arrived only when this is present.
    pub arrived: Option<Date>,
    /// Where it was paid, when it was not where the person is insured now.
    pub place: Option<String>,
}

impl Contribution {
    /// What the government added, and paid in place of the person.
    pub fn government(&self) -> Fen {
        [self.province, self.city, self.county, self.paid_for].into_iter().sum()
    }

    /// What the employer or the collective paid.
    pub fn others(&self) -> Fen {
        self.employer + self.collective
    }

    /// All that was paid for the year.
    pub fn total(&self) -> Fen {
        [self.person, self.government(), self.others()].into_iter().sum()
    }

    /// Every amount of it.
    pub fn amounts(&self) -> impl Iterator<Item = Fen> {
        let paid = [self.person, self.province, self.city, self.county];
        let more = [self.collective, self.paid_for, self.employer];
        paid.into_iter().chain(more).chain(self.interest).chain(self.balance)
    }
}

/// What was paid for an employee for one month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthContribution {
    /// 费款所属期, AAE002.
    pub month: YearMonth,
    /// 缴费基数, AAE180.
    pub base: Fen,
    /// 个人缴费.
    pub person: Fen,
    /// 单位缴费.
    pub employer: Fen,
    /// 到账日期, AAB191. A month counts as arrived only when this is present.
    pub arrived: Option<Date>,
    /// 单位名称.
    pub unit: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_who_paid_is_in_the_total() {
        let year = Contribution {
            year: 2026,
            person: Fen(1),
            province: Fen(2),
            city: Fen(4),
            county: Fen(8),
            collective: Fen(16),
            paid_for: Fen(32),
            employer: Fen(64),
            interest: Some(Fen(128)),
            ..Contribution::default()
        };
        assert_eq!((year.government(), year.others(), year.total()), (Fen(46), Fen(80), Fen(127)));
        assert_eq!(year.amounts().count(), 8);
    }
}
