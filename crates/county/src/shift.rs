//! Moves the dates of demonstration content to the present, so that it never goes stale: a posting
//! that closed in nine days when the file was written closes in nine days from today. Keeps no
//! state.

use jiff::{ToSpan, civil::Date};
use kiosk_base::domain::{
    Account, Contribution, JobFair, Posting, TrainingNotice, YearMonth,
    account::{Benefit, Certification, Participation, SocialSecurityCard, Unemployment},
};

/// From the day for which content was written to today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shift {
    days: i32,
    months: i32,
    /// Months that are over: none from the 23rd to the 1st.
    whole_months: i32,
    years: i16,
}

impl Shift {
    /// From `as_of` to `today`.
    pub(super) fn between(as_of: Date, today: Date) -> Self {
        let month = |d: Date| i32::from(d.year()) * 12 + i32::from(d.month());
        let months = month(today) - month(as_of);
        Self {
            days: (today - as_of).get_days(),
            months,
            whole_months: months - i32::from(today.day() < as_of.day()),
            years: today.year() - as_of.year(),
        }
    }

    /// Moves a posting's days.
    pub(super) fn posting(self, posting: &mut Posting) {
        self.date(&mut posting.published);
        self.dates(&mut posting.closes);
    }

    /// Moves a notice's days.
    pub(super) fn training(self, notice: &mut TrainingNotice) {
        self.date(&mut notice.published);
        self.date(&mut notice.enrol_from);
        self.dates(&mut notice.enrol_until);
        self.dates(&mut notice.starts);
        self.dates(&mut notice.ends);
    }

    /// Moves a fair's days.
    pub(super) fn fair(self, fair: &mut JobFair) {
        self.date(&mut fair.published);
        self.date(&mut fair.date);
        self.dates(&mut fair.ends);
    }

    /// Moves every day, month and year of an account except its `as_of`.
    pub(super) fn account(self, account: &mut Account) {
        let Account {
            number: _,
            name: _,
            as_of: _,
            participations,
            certification,
            unemployment,
            card,
            ..
        } = account;
        for participation in participations {
            self.participation(participation);
        }
        if let Some(Certification { last, next, way: _ }) = certification {
            self.months(last);
            self.date(next);
        }
        if let Some(Unemployment { since, until, .. }) = unemployment {
            self.months(since);
            self.months(until);
        }
        if let Some(SocialSecurityCard { issued, valid_until, .. }) = card {
            self.dates(issued);
            self.dates(valid_until);
        }
    }

    fn participation(self, participation: &mut Participation) {
        if let Some(since) = &mut participation.since {
            *since = moved(*since, self.whole_months);
        }
        for contribution in &mut participation.contributions {
            self.contribution(contribution);
        }
        for month in &mut participation.months.rows {
            self.paid(&mut month.month, &mut month.arrived);
        }
        if let Some(Benefit { since, payments, .. }) = &mut participation.benefit {
            *since = moved(*since, self.whole_months);
            for payment in &mut payments.rows {
                self.paid(&mut payment.month, &mut payment.paid_on);
                let covered =
                    payment.extras.iter_mut().flat_map(|extra| [&mut extra.from, &mut extra.until]);
                for month in covered.flatten() {
                    *month = moved(*month, self.whole_months);
                }
            }
        }
    }

    /// Years move by whole years and days by days, so a day near the turn of a year could fall
    /// before the year it is for; it then counts as that year's first.
    fn contribution(self, contribution: &mut Contribution) {
        let first = |year| Date::new(year, 1, 1).unwrap_or(Date::MIN);
        let in_time = contribution.arrived.is_some_and(|day| day >= first(contribution.year));
        contribution.year = contribution.year.saturating_add(self.years);
        self.dates(&mut contribution.arrived);
        if let Some(day) = contribution.arrived.as_mut().filter(|_| in_time) {
            *day = (*day).max(first(contribution.year));
        }
    }

    /// A month and the day on which it was paid stay together: both move by months, and by so many that the
    /// day is not in the future.
    fn paid(self, month: &mut YearMonth, day: &mut Option<Date>) {
        *month = moved(*month, self.whole_months);
        if let Some(day) = day {
            *day = day.saturating_add(self.whole_months.months());
        }
    }

    fn date(self, date: &mut Date) {
        *date = date.saturating_add(self.days.days());
    }

    fn dates(self, date: &mut Option<Date>) {
        if let Some(date) = date {
            self.date(date);
        }
    }

    fn month(self, month: &mut YearMonth) {
        *month = moved(*month, self.months);
    }

    fn months(self, month: &mut Option<YearMonth>) {
        if let Some(month) = month {
            self.month(month);
        }
    }
}

/// A month some months later. One that would leave the calendar stays where it is.
fn moved(month: YearMonth, months: i32) -> YearMonth {
    let count = i32::from(month.year()) * 12 + i32::from(month.month()) - 1 + months;
    let year = i16::try_from(count.div_euclid(12));
    i8::try_from(count.rem_euclid(12) + 1)
        .ok()
        .zip(year.ok())
        .and_then(|(number, year)| YearMonth::new(year, number).ok())
        .unwrap_or(month)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_months_and_years_move_by_their_own_measure() {
        let shift = Shift::between(date(2026, 11, 20), date(2027, 1, 3));
        let mut day = date(2026, 11, 30);
        shift.date(&mut day);
        assert_eq!(day, date(2027, 1, 13));
        let mut month = YearMonth::new(2026, 11).expect("a month");
        shift.month(&mut month);
        assert_eq!(month, YearMonth::new(2027, 1).expect("a month"));
        assert_eq!(shift.years, 1);

        let mut paid = Contribution {
            year: 2026,
            person: kiosk_base::domain::Fen(1),
            arrived: Some(date(2026, 3, 1)),
            ..Contribution::default()
        };
        shift.contribution(&mut paid);
        assert_eq!((paid.year, paid.arrived), (2027, Some(date(2027, 1, 1))));

        // What was paid on a day of a month was paid on that day of another.
        for (today, right) in [
            (date(2026, 12, 1), date(2026, 11, 10)),
            (date(2026, 12, 20), date(2026, 12, 10)),
            (date(2027, 1, 3), date(2026, 12, 10)),
        ] {
            let shift = Shift::between(date(2026, 11, 20), today);
            let mut paid = YearMonth::new(2026, 11).expect("a month");
            let mut day = Some(date(2026, 11, 10));
            shift.paid(&mut paid, &mut day);
            assert_eq!(
                (paid.year(), paid.month(), day),
                (right.year(), right.month(), Some(right))
            );
        }

        let back = Shift::between(date(2027, 1, 3), date(2026, 11, 20));
        back.month(&mut month);
        assert_eq!(month, YearMonth::new(2026, 11).expect("a month"));
    }
}
