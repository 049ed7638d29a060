//! A pension over one year: what came month by month, what did not, and what changed and why. No words: the
//! screen has those. Keeps no state.

use kiosk_base::domain::{
    Benefit, Fen, YearMonth,
    account::{Payment, PaymentReason, PaymentState},
};

use super::Fact;

/// What became of one month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MonthState {
    /// Nothing is known of it.
    #[default]
    Nothing,
    /// It came.
    Came,
    /// It did not, and was not made good.
    Lost,
    /// It is under way.
    Waiting,
    /// It has a state that this version does not know.
    Unclear,
}

/// One month of a year, to be drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MonthBar {
    /// What became of it.
    pub state: MonthState,
    /// The month's benefit, with what was held back of it taken off.
    pub regular: Fen,
    /// What was paid with it for other months.
    pub back_pay: Fen,
}

/// Months of one year that follow each other, with the same benefit and the same fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// The first, from 1.
    pub first: i8,
    /// The last one.
    pub last: i8,
    /// The benefit of each.
    pub monthly: Fen,
    /// What became of them; never nothing, never lost.
    pub state: MonthState,
    /// How much more than the month before, and why.
    pub change: Option<(Fen, Option<PaymentReason>)>,
}

/// What came in a year, and in all years where all of them are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    /// Months that came.
    pub months: u32,
    /// What came with them.
    pub sum: Fen,
    /// From the first month on, everything.
    pub ever: Option<(YearMonth, Fen)>,
    /// Whether all rows of the year are there.
    pub whole: bool,
}

/// A month's rows, made one.
struct Month<'a> {
    state: MonthState,
    /// Those that say what became of it: all that came, else the newest.
    rows: Vec<&'a Payment>,
}

impl<'a> Month<'a> {
    fn of(benefit: &'a Benefit, year: i16, month: i8) -> Self {
        let all = benefit.payments.rows.iter();
        let all: Vec<_> =
            all.filter(|row| (row.month.year(), row.month.month()) == (year, month)).collect();
        let has = |wanted: &[PaymentState]| all.iter().any(|row| wanted.contains(&row.state));
        let (state, decisive): (_, &[PaymentState]) = if has(&[PaymentState::Paid]) {
            (MonthState::Came, &[PaymentState::Paid])
        } else if has(&[PaymentState::Pending]) {
            (MonthState::Waiting, &[PaymentState::Pending])
        } else if has(&[PaymentState::Failed, PaymentState::WrittenOff]) {
            (MonthState::Lost, &[PaymentState::Failed, PaymentState::WrittenOff])
        } else if all.is_empty() {
            (MonthState::Nothing, &[])
        } else {
            (MonthState::Unclear, &[])
        };
        let mut rows = all;
        rows.retain(|row| decisive.is_empty() || decisive.contains(&row.state));
        // What was tried several times is the same money; what came in parts is not.
        if state != MonthState::Came {
            rows.truncate(1);
        }
        Self { state, rows }
    }

    fn sum(&self, of: impl Fn(&Payment) -> Fen) -> Fen {
        self.rows.iter().map(|row| of(row)).sum()
    }

    fn reason(&self) -> Option<PaymentReason> {
        self.rows.iter().find_map(|row| row.reason)
    }
}

/// Years of which there are payments, the newest first.
pub fn years(benefit: &Benefit) -> Vec<i16> {
    let mut years: Vec<_> = benefit.payments.rows.iter().map(|row| row.month.year()).collect();
    years.dedup();
    years
}

/// The months of a year.
pub fn bars(benefit: &Benefit, year: i16) -> [MonthBar; 12] {
    let mut months = 1..=12;
    std::array::from_fn(|_| {
        let month = Month::of(benefit, year, months.next().unwrap_or(12));
        let amount = month.sum(|row| row.amount).0.max(0);
        // What did not come, came for no other month; and more than came is not drawn.
        let back_pay = match month.state {
            MonthState::Came => month.sum(Payment::back_pay).0.clamp(0, amount),
            _ => 0,
        };
        MonthBar { state: month.state, regular: Fen(amount - back_pay), back_pay: Fen(back_pay) }
    })
}

/// The same in words: what came in all, what did not, then the months in their order.
pub(super) fn lines(benefit: &Benefit, year: i16) -> Vec<Fact<'_>> {
    let months: Vec<(i8, Month<'_>)> =
        (1..=12).map(|month| (month, Month::of(benefit, year, month))).collect();
    if months.iter().all(|(_, month)| month.state == MonthState::Nothing) {
        return Vec::new();
    }
    let came = months.iter().filter(|(_, month)| month.state == MonthState::Came);
    let mut lines = vec![Fact::Received(Total {
        months: u32::try_from(came.clone().count()).unwrap_or(u32::MAX),
        sum: came.map(|(_, month)| month.sum(|row| row.amount)).sum(),
        ever: ever(benefit),
        // Older rows may be missing of the oldest year that is there.
        whole: is_complete(benefit) || years(benefit).last() != Some(&year),
    })];
    lines.extend(lost(benefit, year).map(Fact::Lost));

    // What came beside the months of a run stands below it.
    let (mut run, mut extras): (Option<Run>, Vec<Fact<'_>>) = (None, Vec::new());
    let mut before = last_of(benefit, year - 1);
    // Of a month that did not come: the next one tells it.
    let mut untold = None;
    for (number, month) in &months {
        let monthly = month.sum(Payment::regular);
        let tells = !matches!(month.state, MonthState::Nothing | MonthState::Lost);
        let follows = |run: &Run| {
            tells && (run.last + 1, run.monthly, run.state) == (*number, monthly, month.state)
        };
        match &mut run {
            Some(run) if follows(run) => run.last = *number,
            _ => {
                lines.extend(run.take().map(Fact::Months).into_iter().chain(extras.drain(..)));
                let change = before.map(|before| Fen(monthly.0 - before.0));
                let change = change.filter(|change| !change.is_zero());
                run = tells.then(|| Run {
                    first: *number,
                    last: *number,
                    monthly,
                    state: month.state,
                    change: change.map(|change| (change, month.reason().or(untold))),
                });
            }
        }
        if tells {
            (before, untold) = (Some(monthly), None);
        } else if month.state == MonthState::Lost {
            let why = month.reason().filter(|reason| *reason != PaymentReason::BankAccount);
            untold = untold.or(why);
        }
        for row in month.rows.iter().filter(|_| tells) {
            extras.extend(row.extras.iter().map(|extra| Fact::Extra(row.month, extra)));
        }
    }
    lines.extend(run.map(Fact::Months).into_iter().chain(extras));
    lines
}

/// The benefit of the last month of `year`, if that is there.
fn last_of(benefit: &Benefit, year: i16) -> Option<Fen> {
    let month = Month::of(benefit, year, 12);
    let tells = !matches!(month.state, MonthState::Nothing | MonthState::Lost);
    tells.then(|| month.sum(Payment::regular))
}

/// Payments of a year that did not come and were not made good, the newest first; of a month that was tried
/// several times, one.
pub(super) fn lost(benefit: &Benefit, year: i16) -> impl Iterator<Item = &Payment> {
    let failed =
        |row: &&Payment| matches!(row.state, PaymentState::Failed | PaymentState::WrittenOff);
    let all = benefit.payments.rows.iter().filter(move |row| row.month.year() == year);
    let mut lost: Vec<&Payment> =
        all.filter(failed).filter(|row| !was_made_good(benefit, row)).collect();
    lost.dedup_by_key(|row| (row.month, row.amount));
    lost.into_iter()
}

fn is_complete(benefit: &Benefit) -> bool {
    let payments = &benefit.payments;
    payments.rows.len() >= usize::try_from(payments.total).unwrap_or(usize::MAX)
}

/// Everything that ever came, unless older rows are missing.
fn ever(benefit: &Benefit) -> Option<(YearMonth, Fen)> {
    if !is_complete(benefit) {
        return None;
    }
    let came = benefit.payments.rows.iter().filter(|row| row.state == PaymentState::Paid);
    let first = came.clone().next_back()?.month;
    Some((first, came.map(|row| row.amount).sum()))
}

/// Whether a payment that did not come was made again for the same month, at once or in parts, and came or is
/// under way. What is paid beside it is another thing: a supplement that failed is not made good by the rest.
pub(super) fn was_made_good(benefit: &Benefit, payment: &Payment) -> bool {
    let month = || benefit.payments.rows.iter().filter(|other| other.month == payment.month);
    let has_come = |of: &&Payment| matches!(of.state, PaymentState::Paid | PaymentState::Pending);
    let has_failed =
        |of: &&Payment| matches!(of.state, PaymentState::Failed | PaymentState::WrittenOff);
    let came: Fen = month().filter(has_come).map(|other| other.amount).sum();
    let failed: Fen = month().filter(has_failed).map(|other| other.amount).sum();
    // Made again with something owed for other months, its own part is the same; or parts came as one.
    let whole = came == payment.amount
        || came == failed
        || month().filter(has_come).any(|other| other.regular() == payment.regular());
    has_failed(&payment) && month().any(|other| has_come(&other)) && whole
}

#[cfg(test)]
mod tests {
    use kiosk_base::domain::account::{History, PaymentExtra, PaymentExtraItem};

    use super::*;

    fn row(year: i16, month: i8, amount: i64, state: PaymentState) -> Payment {
        Payment {
            month: YearMonth::new(year, month).expect("a month"),
            amount: Fen(amount),
            state,
            paid_on: None,
            bank_tail: None,
            reason: None,
            extras: Vec::new(),
        }
    }

    /// The year of the drawing: 235 until June, 243 from July on, 48 more in August, nothing in October.
    fn benefit() -> Benefit {
        let paid = |year, month, amount| row(year, month, amount, PaymentState::Paid);
        let mut rows = vec![paid(2025, 12, 23_500)];
        rows.extend((1..=6).map(|month| paid(2026, month, 23_500)));
        rows.extend((7..=11).map(|month| paid(2026, month, 24_300)));
        rows[7].reason = Some(PaymentReason::Adjustment);
        rows[8].amount = Fen(29_100);
        rows[8].extras = vec![PaymentExtra {
            item: PaymentExtraItem::BackPay,
            amount: Fen(4_800),
            reason: Some(PaymentReason::Adjustment),
            from: YearMonth::new(2026, 1).ok(),
            until: YearMonth::new(2026, 6).ok(),
        }];
        rows[10].state = PaymentState::Failed;
        rows[10].reason = Some(PaymentReason::BankAccount);
        rows.push(row(2026, 12, 24_300, PaymentState::Pending));
        rows.reverse();
        Benefit {
            since: YearMonth::new(2025, 12).expect("a month"),
            monthly: Fen(24_300),
            parts: Vec::new(),
            payments: History::whole(rows),
        }
    }

    #[test]
    fn a_year_is_told_in_runs_of_months_with_what_changed_and_why() {
        let benefit = benefit();
        assert_eq!(years(&benefit), [2026, 2025]);
        let run = |first, last, monthly, state, change| {
            Fact::Months(Run { first, last, monthly: Fen(monthly), state, change })
        };
        let (came, waiting) = (MonthState::Came, MonthState::Waiting);
        let raised = Some((Fen(800), Some(PaymentReason::Adjustment)));
        let august = &benefit.payments.rows[4];
        assert_eq!(august.month.month(), 8);
        let right = [
            Fact::Received(Total {
                months: 10,
                sum: Fen(6 * 23_500 + 4 * 24_300 + 4_800),
                ever: YearMonth::new(2025, 12)
                    .ok()
                    .map(|first| (first, Fen(7 * 23_500 + 4 * 24_300 + 4_800))),
                whole: true,
            }),
            Fact::Lost(&benefit.payments.rows[2]),
            run(1, 6, 23_500, came, None),
            run(7, 9, 24_300, came, raised),
            Fact::Extra(august.month, &august.extras[0]),
            run(11, 11, 24_300, came, None),
            run(12, 12, 24_300, waiting, None),
        ];
        assert_eq!(lines(&benefit, 2026), right);
        assert_eq!(lines(&benefit, 2024), []);
    }

    #[test]
    fn bars_are_as_high_as_what_came() {
        let bars = bars(&benefit(), 2026);
        let bar = |state, regular, back_pay| MonthBar {
            state,
            regular: Fen(regular),
            back_pay: Fen(back_pay),
        };
        assert_eq!(bars[0], bar(MonthState::Came, 23_500, 0));
        assert_eq!(bars[7], bar(MonthState::Came, 24_300, 4_800));
        assert_eq!(bars[9], bar(MonthState::Lost, 24_300, 0));
        assert_eq!(bars[11], bar(MonthState::Waiting, 24_300, 0));
        assert_eq!(super::bars(&benefit(), 2025)[0], MonthBar::default());
    }

    #[test]
    fn what_came_at_a_second_try_came() {
        let mut benefit = benefit();
        let again = Payment { state: PaymentState::Paid, ..benefit.payments.rows[2].clone() };
        benefit.payments.rows.insert(2, Payment { reason: None, ..again });
        benefit.payments.total += 1;
        let lines = lines(&benefit, 2026);
        assert!(!lines.iter().any(|line| matches!(line, Fact::Lost(_))));
        let last = lines.iter().filter_map(|line| match line {
            Fact::Months(run) => Some((run.first, run.last)),
            _ => None,
        });
        assert_eq!(last.collect::<Vec<_>>(), [(1, 6), (7, 11), (12, 12)]);
    }

    #[test]
    fn a_rise_whose_first_month_failed_is_told_of_the_next() {
        let mut benefit = benefit();
        // July, newest first.
        benefit.payments.rows[5].state = PaymentState::Failed;
        let raised = Some((Fen(800), Some(PaymentReason::Adjustment)));
        let lines = lines(&benefit, 2026);
        let told = lines.iter().find_map(|line| match line {
            Fact::Months(run) if run.first == 8 => Some(run.change),
            _ => None,
        });
        assert_eq!(told, Some(raised));
        let bars = super::bars(&benefit, 2026);
        assert_eq!((bars[6].state, bars[6].back_pay), (MonthState::Lost, Fen(0)));
    }

    #[test]
    fn no_more_is_drawn_than_came_and_a_part_that_did_not_come_is_told() {
        let mut benefit = benefit();
        let august = &mut benefit.payments.rows[4];
        august.extras[0].amount = Fen(90_000);
        assert_eq!(bars(&benefit, 2026)[7].back_pay, Fen(29_100));
        // A supplement of September that failed beside the rest, which came.
        let supplement = row(2026, 9, 4_300, PaymentState::WrittenOff);
        benefit.payments.rows.insert(3, supplement.clone());
        benefit.payments.total += 1;
        let lines = lines(&benefit, 2026);
        assert!(lines.contains(&Fact::Lost(&supplement)), "{lines:?}");
    }

    #[test]
    fn what_failed_may_come_again_in_parts_or_with_more() {
        let failed = row(2026, 9, 24_300, PaymentState::Failed);
        let paid = |amount| row(2026, 9, amount, PaymentState::Paid);
        let extra = PaymentExtra {
            item: PaymentExtraItem::BackPay,
            amount: Fen(700),
            reason: None,
            from: None,
            until: None,
        };
        let with_more = Payment { extras: vec![extra], ..paid(25_000) };
        let cases = [
            (vec![paid(24_300)], true),
            (vec![paid(20_000), paid(4_300)], true),
            (vec![with_more], true),
            (vec![paid(20_000)], false),
            (vec![], false),
            // Both parts of a month failed, and came as one.
            (vec![paid(28_600), row(2026, 9, 4_300, PaymentState::Failed)], true),
        ];
        let good_with = |failed: &Payment, again: Vec<Payment>| {
            let mut benefit = benefit();
            benefit.payments = History::whole(again.into_iter().chain([failed.clone()]).collect());
            lost(&benefit, 2026).count() == 0
        };
        for (again, good) in cases {
            assert_eq!(good_with(&failed, again.clone()), good, "{again:?}");
        }
        // A supplement that failed beside a pension that came has not come.
        let supplement = row(2026, 9, 4_300, PaymentState::Failed);
        assert!(!good_with(&supplement, vec![paid(20_000)]));
    }

    #[test]
    fn a_sum_of_all_years_needs_all_rows() {
        let mut benefit = benefit();
        benefit.payments.total += 1;
        let Some(Fact::Received(total)) = lines(&benefit, 2026).first().copied() else {
            panic!("a total")
        };
        assert_eq!((total.ever, total.whole), (None, true), "of this year nothing is missing");
        let Some(Fact::Received(total)) = lines(&benefit, 2025).first().copied() else {
            panic!("a total")
        };
        assert!(!total.whole);
    }
}
