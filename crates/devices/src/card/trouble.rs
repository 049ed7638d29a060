//! What the staff is told about failures: which status, how often in a row, how often today.
//! State: the counts of the running day. Nothing personal is in it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kiosk_base::domain::Stop;

use super::frame::Status;

/// A failure of a reader or a reading, also one that is tried again silently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trouble {
    /// What failed.
    pub stop: Stop,
    /// The module's own word, when it said one.
    pub status: Option<Status>,
    /// How often this failed since the last success, this time included.
    pub in_a_row: u32,
    /// How often this failed today.
    pub today: u32,
}

impl Trouble {
    /// The first of its kind.
    pub fn new(stop: Stop, status: Option<Status>) -> Self {
        Self { stop, status, in_a_row: 1, today: 1 }
    }
}

/// Counts failures.
#[derive(Debug, Default)]
pub struct Tally {
    day: Option<Date>,
    in_a_row: BTreeMap<Stop, u32>,
    today: BTreeMap<Stop, u32>,
}

impl Tally {
    /// Counts `trouble`, on this day, and gives it back with its counts. What goes on through
    /// readings that succeed brings its own count of how often it did in a row.
    pub fn count(&mut self, trouble: Trouble, day: Date) -> Trouble {
        if self.day.replace(day) != Some(day) {
            self.today.clear();
        }
        let add = |counts: &mut BTreeMap<Stop, u32>| {
            let count = counts.entry(trouble.stop).or_default();
            *count = count.saturating_add(1);
            *count
        };
        let (in_a_row, today) = (add(&mut self.in_a_row), add(&mut self.today));
        Trouble { in_a_row: in_a_row.max(trouble.in_a_row), today, ..trouble }
    }

    /// Something worked: a card was read.
    pub fn success(&mut self) {
        self.in_a_row.clear();
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn counts_in_a_row_end_with_a_success_and_counts_of_today_with_the_day() {
        let mut tally = Tally::default();
        let count = |tally: &mut Tally, stop, day| {
            let trouble = tally.count(Trouble::new(stop, Some(Status::READ_FAILED)), day);
            (trouble.in_a_row, trouble.today)
        };
        let (monday, tuesday) = (date(2026, 11, 23), date(2026, 11, 24));
        assert_eq!(count(&mut tally, Stop::CardUnsteady, monday), (1, 1));
        assert_eq!(count(&mut tally, Stop::CardUnsteady, monday), (2, 2));
        assert_eq!(count(&mut tally, Stop::CardRefused, monday), (1, 1));
        tally.success();
        assert_eq!(count(&mut tally, Stop::CardUnsteady, monday), (1, 3));
        assert_eq!(count(&mut tally, Stop::CardUnsteady, tuesday), (2, 1));
    }
}
