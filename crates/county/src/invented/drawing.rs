//! What is drawn: pensions with their payments, the yearly certification, the unemployment benefit.
//! Keeps no state.

use jiff::{ToSpan, civil::Date};
use kiosk_base::domain::{
    Fen, Participation, YearMonth,
    account::{
        BankTail, Benefit, BenefitItem, BenefitPart, Certification, CertificationWay, History,
        Payment, PaymentExtra, PaymentExtraItem, PaymentReason, PaymentState, Unemployment,
        UnemploymentState,
    },
};

use super::{
    dice::Dice,
    figures::{self, Count},
};

/// When a pension is drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drawing {
    /// First month.
    pub(super) since: Count,
    /// The month after the last that is paid.
    pub(super) until: Count,
    /// Of the bank account.
    pub(super) tail: BankTail,
}

/// Lets `participation` draw a pension of these parts beside that from its account, and takes what
/// was drawn from the account. `basic` says the basic pension of a year.
pub(super) fn draw(
    participation: &mut Participation,
    drawing: Drawing,
    basic: impl Fn(i16) -> Fen,
    more: &[(BenefitItem, Fen)],
    today: Date,
    dice: &mut Dice,
) {
    let Drawing { since, until, tail } = drawing;
    let at_start = participation.balance.unwrap_or_default();
    let from_account = figures::a_month_of(at_start);
    let rest: Fen = more.iter().map(|(_, amount)| *amount).sum::<Fen>() + from_account;
    let now = in_force(until - 1, &basic);
    let part = |(item, monthly)| BenefitPart { item, monthly };
    let parts = [(BenefitItem::Basic, now), (BenefitItem::Account, from_account)];
    let mut payments = Vec::new();
    for count in since..until {
        let due = due(count, since, rest, &basic);
        payments.extend(payment(figures::month(count), due, tail, today, dice));
    }
    let paid = payments.iter().filter(|payment| payment.state == PaymentState::Paid).count();
    payments.reverse();
    if let Some(made_of) = &mut participation.made_of {
        // The account pays until it is empty; the fund pays on.
        let paid = i64::try_from(paid).unwrap_or(i64::MAX);
        made_of.drawn = Fen(from_account.0.saturating_mul(paid).min(at_start.0));
        participation.balance = Some(made_of.balance());
    }
    participation.benefit = Some(Benefit {
        since: figures::month(since),
        monthly: now + rest,
        parts: parts.into_iter().chain(more.iter().copied()).map(part).collect(),
        payments: History::whole(payments),
    });
}

/// In this month a year's higher basic pension is first paid, with what it comes to since January.
const RAISED: i8 = 7;

/// The basic pension that is paid in the month `count`.
fn in_force(count: Count, basic: impl Fn(i16) -> Fen) -> Fen {
    let month = figures::month(count);
    basic(if month.month() < RAISED { month.year() - 1 } else { month.year() })
}

/// What is due in a month.
struct Due {
    amount: Fen,
    reason: Option<PaymentReason>,
    extras: Vec<PaymentExtra>,
}

fn due(count: Count, since: Count, rest: Fen, basic: impl Fn(i16) -> Fen) -> Due {
    let regular = in_force(count, &basic);
    let raise = Fen(regular.0 - in_force(count - 1, &basic).0);
    let january = figures::count(figures::month(count).year(), 1);
    let first = since.max(january);
    let back: Fen = (first..count).map(|_| raise).sum();
    let raised = count > since && !raise.is_zero();
    let back_pay = PaymentExtra {
        item: PaymentExtraItem::BackPay,
        amount: back,
        reason: Some(PaymentReason::Adjustment),
        from: Some(figures::month(first)),
        until: Some(figures::month(count - 1)),
    };
    Due {
        amount: regular + rest + if raised { back } else { Fen(0) },
        reason: raised.then_some(PaymentReason::Adjustment),
        extras: if raised { vec![back_pay] } else { Vec::new() },
    }
}

/// The rows of one month, in the order in which they came about: one that failed is paid again.
fn payment(
    month: YearMonth,
    due: Due,
    tail: BankTail,
    today: Date,
    dice: &mut Dice,
) -> Vec<Payment> {
    let day = Date::new(month.year(), month.month(), 10).unwrap_or(today);
    let Due { amount, reason, extras } = due;
    let row = |state, paid_on| Payment {
        month,
        amount,
        state,
        paid_on,
        bank_tail: Some(tail),
        reason,
        extras: extras.clone(),
    };
    if day > today {
        return vec![row(PaymentState::Pending, None)];
    }
    let paid = |day| row(PaymentState::Paid, Some(day));
    let refused = |state| Payment { reason: Some(PaymentReason::BankAccount), ..row(state, None) };
    match dice.below(60) {
        0 if day.saturating_add(12.days()) <= today => {
            vec![refused(PaymentState::Failed), paid(day.saturating_add(12.days()))]
        }
        1 => vec![refused(PaymentState::WrittenOff)],
        _ => vec![paid(day)],
    }
}

/// The certification of somebody who certified `ago` months before `today`.
pub(super) fn certification(today: Date, ago: i32, dice: &mut Dice) -> Certification {
    let last = figures::count(today.year(), today.month()) - ago;
    let due = figures::month(last + 12);
    let ways = [
        CertificationWay::Office,
        CertificationWay::Phone,
        CertificationWay::Phone,
        CertificationWay::Kiosk,
        CertificationWay::Other,
    ];
    Certification {
        last: Some(figures::month(last)),
        way: Some(dice.pick(&ways)),
        next: Date::new(due.year(), due.month(), 1).unwrap_or(today).last_of_month(),
    }
}

/// The benefit of somebody whose work ended before the month `ended`.
pub(super) fn unemployment(ended: Count, paid: u32, today: Date, dice: &mut Dice) -> Unemployment {
    let now = figures::count(today.year(), today.month());
    let granted = (paid / 12 * 2).clamp(3, 24);
    let passed = u32::try_from(now - ended).unwrap_or(0);
    let state = match passed >= granted {
        true => UnemploymentState::Ended,
        false if dice.chance(30) => UnemploymentState::Paused,
        false => UnemploymentState::Drawing,
    };
    let used = match state {
        UnemploymentState::Paused => passed / 2,
        _ => passed.min(granted),
    };
    let until = i32::try_from(granted).unwrap_or(24) + ended - 1;
    Unemployment {
        state,
        granted,
        used,
        since: Some(figures::month(ended)),
        until: (state != UnemploymentState::Paused).then(|| figures::month(until)),
        monthly: Some(Fen::from_yuan(1_680)),
    }
}
