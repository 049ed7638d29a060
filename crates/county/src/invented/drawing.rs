//! What is drawn: pensions with their payments, the yearly certification, the unemployment benefit.
//! Keeps no state.

use jiff::{ToSpan, civil::Date};
use kiosk_base::domain::{
    Fen, Participation,
    account::{
        BankTail, Benefit, BenefitItem, BenefitPart, Certification, CertificationWay, History,
        Payment, PaymentState, Unemployment, UnemploymentState,
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
    let now = basic(figures::year(until - 1)) + rest;
    let part = |(item, monthly)| BenefitPart { item, monthly };
    let parts = [
        (BenefitItem::Basic, basic(figures::year(until - 1))),
        (BenefitItem::Account, from_account),
    ];
    let mut payments = Vec::new();
    for count in since..until {
        payments.extend(payment(count, basic(figures::year(count)) + rest, tail, today, dice));
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
        monthly: now,
        parts: parts.into_iter().chain(more.iter().copied()).map(part).collect(),
        payments: History::whole(payments),
    });
}

/// The rows of one month, in the order in which they came about: one that failed is paid again.
fn payment(
    count: Count,
    amount: Fen,
    tail: BankTail,
    today: Date,
    dice: &mut Dice,
) -> Vec<Payment> {
    let month = figures::month(count);
    let day = Date::new(month.year(), month.month(), 10).unwrap_or(today);
    let row = |state, paid_on| Payment { month, amount, state, paid_on, bank_tail: Some(tail) };
    if day > today {
        return vec![row(PaymentState::Pending, None)];
    }
    let paid = |day| row(PaymentState::Paid, Some(day));
    match dice.below(60) {
        0 if day.saturating_add(12.days()) <= today => {
            vec![row(PaymentState::Failed, None), paid(day.saturating_add(12.days()))]
        }
        1 => vec![row(PaymentState::WrittenOff, None)],
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
