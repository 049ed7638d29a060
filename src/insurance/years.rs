//! The years of one kind of insurance: those that were paid for, and between them those that were not;
//! and of one year, which months were. Keeps no state.

use jiff::civil::Date;

use crate::domain::{InsuranceKind, Participation, YearMonth, account::ParticipationState};

/// A line of the list of years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum YearLine {
    /// The year at this place of the contributions.
    Paid(usize),
    /// Nothing was paid for these years.
    Unpaid {
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

/// All years of `participation`, newest first, as they are on `today`.
pub fn year_lines(participation: &Participation, today: Date) -> Vec<YearLine> {
    let contributions = &participation.contributions;
    let mut lines = Vec::new();
    let mut above = due_until(participation, today).map(|year| year + 1);
    for (place, contribution) in contributions.iter().enumerate() {
        let year = contribution.year;
        let gap = above.filter(|above| year < above - 1);
        lines.extend(gap.map(|above| YearLine::Unpaid { from: year + 1, until: above - 1 }));
        lines.push(YearLine::Paid(place));
        above = Some(year);
    }
    lines
}

/// The last year for which something was to be paid; `None` when nothing is due any more, or nobody
/// can say.
fn due_until(participation: &Participation, today: Date) -> Option<i16> {
    let paused = participation.state() == ParticipationState::PaymentPaused;
    // Residents have the whole year to pay for it.
    let yearly = participation.kind == InsuranceKind::RESIDENTS_PENSION;
    paused.then_some(if yearly { today.year() - 1 } else { today.year() })
}

/// The months of `year` that were paid for, and those that were not, as far as each of them is known:
/// not when rows are still missing, nor where contributions are not kept by month.
pub fn months_of(
    participation: &Participation,
    year: i16,
    today: Date,
) -> Option<(Months, Months)> {
    let history = &participation.months;
    let known = history.rows.last().is_some_and(|oldest| oldest.month.year() < year)
        || u32::try_from(history.rows.len()).ok()? == history.total;
    let of_year = || history.rows.iter().map(|row| row.month).filter(|month| month.year() == year);
    let first = of_year().map(YearMonth::month).min()?;
    let last = of_year().map(YearMonth::month).max()?;
    let paid: Months = of_year().map(YearMonth::month).collect();
    let was_before = history.rows.iter().any(|row| row.month.year() < year);
    let is_after = history.rows.iter().any(|row| row.month.year() > year)
        || due_until(participation, today).is_some();
    let from = if was_before { 1 } else { first };
    // The present month is not over.
    let end = if year == today.year() { today.month() - 1 } else { 12 };
    let until = if is_after { end } else { last };
    let unpaid = (from..=until).filter(|month| !paid.has(*month)).collect();
    known.then_some((paid, unpaid))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::domain::{
        Contribution, Fen,
        account::{History, MonthContribution},
    };

    const TODAY: Date = date(2026, 11, 24);

    fn employee(paying: (u8, u8), years: &[i16]) -> Participation {
        let year = |year: &i16| Contribution { year: *year, ..Contribution::default() };
        Participation {
            contributions: years.iter().map(year).collect(),
            ..Participation::new(InsuranceKind::EMPLOYEES_PENSION, paying.0, Some(paying.1))
        }
    }

    fn with_months(mut participation: Participation, months: &[(i16, i8)]) -> Participation {
        let row = |(year, month): &(i16, i8)| MonthContribution {
            month: YearMonth::new(*year, *month).expect("a month"),
            base: Fen(1),
            person: Fen(1),
            employer: Fen(1),
            arrived: None,
            unit: None,
        };
        participation.months = History::whole(months.iter().map(row).collect());
        participation
    }

    #[test]
    fn years_that_nobody_paid_for_stand_between_the_others() {
        use YearLine::{Paid, Unpaid};
        let lines = |paying, years: &[i16]| year_lines(&employee(paying, years), TODAY);
        let (pays, paused, draws) = ((1, 1), (2, 2), (1, 3));
        let years = [2025, 2024, 2013, 2010];
        let gap = [
            Paid(0),
            Paid(1),
            Unpaid { from: 2014, until: 2023 },
            Paid(2),
            Unpaid { from: 2011, until: 2012 },
            Paid(3),
        ];
        assert_eq!(lines(pays, &years), gap);
        assert_eq!(lines(draws, &years), gap);
        // Whoever was to go on and did not.
        assert_eq!(lines(paused, &years)[0], Unpaid { from: 2026, until: 2026 });
        assert_eq!(lines(paused, &[]), []);
        // Two units in one year.
        assert_eq!(lines(pays, &[2025, 2025, 2024]), [Paid(0), Paid(1), Paid(2)]);
        let resident = Participation {
            contributions: employee(paused, &[2025]).contributions,
            ..Participation::new(InsuranceKind::RESIDENTS_PENSION, 2, Some(2))
        };
        assert_eq!(year_lines(&resident, TODAY), [Paid(0)], "this year can still be paid for");
    }

    #[test]
    fn the_months_of_a_year_are_told_when_all_of_them_are_known() {
        let rows = [(2026, 2), (2026, 1), (2024, 12), (2024, 3), (2023, 12), (2023, 11)];
        let of = |participation: &Participation, year| {
            let (paid, unpaid) = months_of(participation, year, TODAY)?;
            Some((paid.count(), unpaid.runs()))
        };
        let paused = with_months(employee((2, 2), &[2026, 2024, 2023]), &rows);
        // It began in November.
        assert_eq!(of(&paused, 2023), Some((2, vec![])));
        assert_eq!(of(&paused, 2024), Some((2, vec![(1, 2), (4, 11)])));
        // November is not over.
        assert_eq!(of(&paused, 2026), Some((2, vec![(3, 10)])));
        assert_eq!(of(&paused, 2025), None, "no month of it");
        let ended = with_months(employee((4, 3), &[2026, 2024, 2023]), &rows);
        assert_eq!(of(&ended, 2026), Some((2, vec![])), "nothing is due after the end");
        let mut cut = paused.clone();
        cut.months.total = 7;
        assert_eq!(of(&cut, 2023), None, "older months may be missing");
        assert_eq!(of(&cut, 2024), Some((2, vec![(1, 2), (4, 11)])));
    }
}
