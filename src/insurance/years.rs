//! The years of one kind of insurance: those that were paid for, and between them those that were
//! not; and of one year, which months were. Keeps no state.

use jiff::{
    civil::Date,
    tz::{TimeZone, offset},
};
use kiosk_base::domain::{
    Account, InsuranceKind, Participation, YearMonth,
    account::{Facts, ParticipationState},
};

/// A line of the list of years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum YearLine {
    /// The year at this place of the contributions.
    Paid(usize),
    /// Of these years there is no record.
    Unrecorded {
        /// The first of them.
        from: i16,
        /// The last of them.
        until: i16,
    },
}

/// Months of one year.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Months(u16);

impl Months {
    /// How many there are.
    pub fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether the `month`, from 1, is among them.
    pub fn has(self, month: i8) -> bool {
        (1..=12).contains(&month) && self.0 & (1 << month) != 0
    }

    /// Runs of months that follow each other: first and last.
    pub fn runs(self) -> Vec<(i8, i8)> {
        let mut runs: Vec<(i8, i8)> = Vec::new();
        for month in (1..=12).filter(|month| self.has(*month)) {
            match runs.last_mut() {
                Some((_, last)) if *last == month - 1 => *last = month,
                _ => runs.push((month, month)),
            }
        }
        runs
    }
}

impl FromIterator<i8> for Months {
    fn from_iter<T: IntoIterator<Item = i8>>(months: T) -> Self {
        let months = months.into_iter().filter(|month| (1..=12).contains(month));
        Self(months.fold(0, |set, month| set | 1 << month))
    }
}

/// The day on which the contributions of `participation` were as the account says.
pub(super) fn as_of(account: &Account, participation: &Participation) -> Date {
    let origin = participation.origin(Facts::Contributions);
    let moment = origin.map_or(account.as_of, |origin| origin.as_of);
    moment.to_zoned(TimeZone::fixed(offset(8))).date()
}

/// All years of `participation` of `account`, newest first, as they were when it was told.
///
/// Years in between that have no record are told only where somebody was to pay for them: in the
/// pensions and in the unemployment insurance. The record says nothing of what was paid elsewhere and
/// never transferred, nor of years that count without a payment (视同缴费); so it is the record that
/// is missing, not the payment.
pub fn year_lines(account: &Account, participation: &Participation) -> Vec<YearLine> {
    lines(participation, as_of(account, participation))
}

fn lines(participation: &Participation, as_of: Date) -> Vec<YearLine> {
    let mut lines = Vec::new();
    let mut above = due_until(participation, as_of).map(|year| year + 1);
    for (place, contribution) in participation.contributions.iter().enumerate() {
        let year = contribution.year;
        let gap = above.filter(|above| year < above - 1 && is_due(participation));
        lines.extend(gap.map(|above| YearLine::Unrecorded { from: year + 1, until: above - 1 }));
        lines.push(YearLine::Paid(place));
        above = Some(year);
    }
    lines
}

/// Whether somebody is to pay for every year of such an insurance.
fn is_due(participation: &Participation) -> bool {
    let kind = participation.kind;
    let pays = kind.is_pension() || kind == InsuranceKind::UNEMPLOYMENT;
    pays && participation.state() != ParticipationState::Unknown
}

/// The last year that is over and for which something was to be paid; `None` when nothing is due any
/// more, or nobody can say.
fn due_until(participation: &Participation, as_of: Date) -> Option<i16> {
    let paused = participation.state() == ParticipationState::PaymentPaused;
    paused.then_some(as_of.year() - 1)
}

/// The newest month of which the money has come, where months are kept.
pub fn newest_arrived_month(participation: &Participation) -> Option<YearMonth> {
    let rows = &participation.months.rows;
    rows.iter().find(|row| row.arrived.is_some()).map(|row| row.month)
}

/// The months of `year` of which the money has come, and those without a record, as they were on
/// `as_of`. A month that is recorded and has not arrived is in neither. `None` as long as not every
/// month is known: rows are still missing, contributions are not kept by month, or the year's
/// months do not come to the year's sum.
pub fn months_of(
    participation: &Participation,
    year: i16,
    as_of: Date,
) -> Option<(Months, Months)> {
    let history = &participation.months;
    let is_all = u32::try_from(history.rows.len()).ok()? == history.total;
    let has_older = history.rows.last().is_some_and(|oldest| oldest.month.year() < year);
    let rows = || history.rows.iter().filter(|row| row.month.year() == year);
    let mut of_year = participation.contributions.iter().filter(|paid| paid.year == year);
    let (sum, another) = (of_year.next()?, of_year.next());
    let person: i64 = rows().map(|row| row.person.0).sum();
    let employer: i64 = rows().map(|row| row.employer.0).sum();
    let agree = another.is_none() && (person, employer) == (sum.person.0, sum.employer.0);
    if !(is_all || has_older) || !agree {
        return None;
    }
    let recorded: Months = rows().map(|row| row.month.month()).collect();
    let arrived = rows().filter(|row| row.arrived.is_some()).map(|row| row.month.month()).collect();
    let is_after = history.rows.first().is_some_and(|newest| newest.month.year() > year)
        || due_until(participation, as_of).is_some_and(|last| year <= last);
    let first = rows().map(|row| row.month.month()).min()?;
    let last = rows().map(|row| row.month.month()).max()?;
    let from = if has_older { 1 } else { first };
    let until = if is_after { 12 } else { last };
    let missing = (from..=until).filter(|month| !recorded.has(*month)).collect();
    Some((arrived, missing))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use kiosk_base::domain::{
        Contribution, Fen, YearMonth,
        account::{History, MonthContribution},
    };

    use super::*;

    const AS_OF: Date = date(2026, 11, 24);
    const PAYS: (u8, u8) = (1, 1);
    const PAUSED: (u8, u8) = (2, 2);
    const DRAWS: (u8, u8) = (1, 3);
    const ENDED: (u8, u8) = (4, 3);

    fn of_kind(kind: InsuranceKind, paying: (u8, u8), years: &[i16]) -> Participation {
        let year = |year: &i16| Contribution { year: *year, ..Contribution::default() };
        Participation {
            contributions: years.iter().map(year).collect(),
            ..Participation::new(kind, paying.0, Some(paying.1))
        }
    }

    fn employee(paying: (u8, u8), years: &[i16]) -> Participation {
        of_kind(InsuranceKind::EMPLOYEES_PENSION, paying, years)
    }

    /// With a row of 8 and 16 fen for each month, whose money has come, and years that say the same.
    fn with_months(paying: (u8, u8), months: &[(i16, i8)]) -> Participation {
        let mut years: Vec<i16> = months.iter().map(|(year, _)| *year).collect();
        years.dedup();
        let mut participation = employee(paying, &years);
        for year in &mut participation.contributions {
            let count = months.iter().filter(|(of, _)| *of == year.year).count() as i64;
            (year.person, year.employer) = (Fen(8 * count), Fen(16 * count));
        }
        let row = |(year, month): &(i16, i8)| MonthContribution {
            month: YearMonth::new(*year, *month).expect("a month"),
            base: Fen(100),
            person: Fen(8),
            employer: Fen(16),
            arrived: Some(date(*year, *month, 12)),
            unit: None,
        };
        participation.months = History::whole(months.iter().map(row).collect());
        participation
    }

    #[test]
    fn years_without_a_record_stand_between_the_others() {
        use YearLine::{Paid, Unrecorded};
        let told = |paying, years: &[i16]| lines(&employee(paying, years), AS_OF);
        let years = [2025, 2024, 2013, 2010];
        let gap = [
            Paid(0),
            Paid(1),
            Unrecorded { from: 2014, until: 2023 },
            Paid(2),
            Unrecorded { from: 2011, until: 2012 },
            Paid(3),
        ];
        assert_eq!(told(PAYS, &years), gap);
        assert_eq!(told(DRAWS, &years), gap);
        // Whoever was to go on and did not; the present year is not over.
        assert_eq!(told(PAUSED, &[2024])[0], Unrecorded { from: 2025, until: 2025 });
        assert_eq!(told(PAUSED, &[2025])[0], Paid(0));
        assert_eq!(told(PAUSED, &[]), []);
        // Two units in one year, and a year that is not here yet.
        assert_eq!(told(PAYS, &[2199, 2199, 2198]), [Paid(0), Paid(1), Paid(2)]);
        assert_eq!(told(PAUSED, &[2199]), [Paid(0)]);
    }

    #[test]
    fn where_nobody_pays_every_year_nothing_is_called_missing() {
        use YearLine::Paid;
        for kind in [InsuranceKind::EMPLOYEES_MEDICAL, InsuranceKind(410), InsuranceKind(999)] {
            let told = lines(&of_kind(kind, PAUSED, &[2020, 2010]), AS_OF);
            assert_eq!(told, [Paid(0), Paid(1)], "{kind:?}");
        }
        let unknown = lines(&employee((9, 9), &[2020, 2010]), AS_OF);
        assert_eq!(unknown, [Paid(0), Paid(1)]);
    }

    #[test]
    fn the_months_of_a_year_are_told_when_all_of_them_are_known() {
        let rows =
            [(2026, 2), (2026, 1), (2025, 10), (2024, 12), (2024, 3), (2023, 12), (2023, 11)];
        let of = |participation: &Participation, year| {
            let (arrived, missing) = months_of(participation, year, AS_OF)?;
            Some((arrived.count(), missing.runs()))
        };
        let paused = with_months(PAUSED, &rows);
        assert_eq!(of(&paused, 2023), Some((2, vec![])), "it began in November");
        assert_eq!(of(&paused, 2024), Some((2, vec![(1, 2), (4, 11)])));
        assert_eq!(of(&paused, 2026), Some((2, vec![])), "the year is not over");
        assert_eq!(of(&paused, 2022), None, "no month of it");
        // The newest year, which is over.
        assert_eq!(of(&with_months(PAUSED, &rows[2..]), 2025), Some((1, vec![(1, 9), (11, 12)])));
        assert_eq!(of(&with_months(ENDED, &rows[2..]), 2025), Some((1, vec![(1, 9)])));
    }

    #[test]
    fn months_that_do_not_come_to_their_year_are_not_told() {
        let rows = [(2024, 12), (2024, 11), (2023, 12)];
        let sound = with_months(PAYS, &rows);
        assert!(months_of(&sound, 2024, AS_OF).is_some());
        let mut late = sound.clone();
        late.months.rows[0].arrived = None;
        let (arrived, missing) = months_of(&late, 2024, AS_OF).expect("known");
        assert_eq!((arrived.count(), missing.runs()), (1, vec![(1, 10)]), "December is on its way");
        let mut cut = sound.clone();
        cut.months.total = 4;
        assert_eq!(months_of(&cut, 2023, AS_OF), None, "older rows may be missing");
        assert!(months_of(&cut, 2024, AS_OF).is_some());
        let mut more = sound.clone();
        more.contributions[0].person = Fen(96);
        assert_eq!(months_of(&more, 2024, AS_OF), None, "a sum of more months than are here");
        let mut twice = sound;
        twice.contributions.insert(0, Contribution { year: 2024, ..Contribution::default() });
        assert_eq!(months_of(&twice, 2024, AS_OF), None);
    }
}
