//! What is drawn: pensions, unemployment benefit, their payments, and the yearly proof of life.

use std::fmt;

use jiff::civil::Date;

use super::{
    super::{Fen, YearMonth, code::codes},
    History,
};

/// A pension or another benefit that is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Benefit {
    /// 待遇开始年月, AIC160.
    pub since: YearMonth,
    /// 月养老金, AIC166.
    pub monthly: Fen,
    /// What the amount consists of.
    pub parts: Vec<BenefitPart>,
    /// Month by month, newest first.
    pub payments: History<Payment>,
}

impl Benefit {
    /// The newest payment.
    pub fn last_payment(&self) -> Option<&Payment> {
        self.payments.rows.first()
    }

    /// What the parts come to that are `of` the right kind.
    pub fn sum(&self, of: impl Fn(BenefitItem) -> bool) -> Fen {
        self.parts.iter().filter(|part| of(part.item)).map(|part| part.monthly).sum()
    }
}

/// One part of a monthly benefit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BenefitPart {
    /// Which part.
    pub item: BenefitItem,
    /// Fen a month; below zero for a deduction alone.
    pub monthly: Fen,
}

codes! {
    /// AAA036, by groups.
    pub enum BenefitItem {
        /// 基础养老金: the centre's, 001001, or the whole where it is not told apart.
        Basic = "basic",
        /// 基础养老金 of the province, 001002.
        BasicProvince = "basic_province",
        /// 基础养老金 of the city, 001003.
        BasicCity = "basic_city",
        /// 基础养老金 of the county, 001004.
        BasicCounty = "basic_county",
        /// 个人账户养老金, 002xxx.
        Account = "account",
        /// 加发, for long payment or high age.
        Added = "added",
        /// 扣款: something was paid too much and is held back.
        Deduction = "deduction",
        /// Anything else.
        Other = "other",
    }
}

impl BenefitItem {
    /// Whether it is of the basic pension, whoever pays it.
    pub fn is_basic(self) -> bool {
        matches!(self, Self::Basic | Self::BasicProvince | Self::BasicCity | Self::BasicCounty)
    }
}

/// One month's payment of a benefit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// For which month.
    pub month: YearMonth,
    /// How much.
    pub amount: Fen,
    /// 支付标志, AAE117.
    pub state: PaymentState,
    /// When the bank paid it.
    pub paid_on: Option<Date>,
    /// Of the account into which it went.
    pub bank_tail: Option<BankTail>,
    /// Why the month's benefit is another than the month before, or why it did not come.
    pub reason: Option<PaymentReason>,
    /// What is in the amount beside the month's benefit, and what was taken off it.
    pub extras: Vec<PaymentExtra>,
}

impl Payment {
    /// The month's benefit alone: the amount without what came beside it, with what was held back.
    pub fn regular(&self) -> Fen {
        let beside = |extra: &PaymentExtra| match extra.item {
            PaymentExtraItem::BackPay => Fen(extra.amount.0.saturating_neg()),
            PaymentExtraItem::Recovery => extra.amount,
            // Whether it adds or takes away, nobody here knows.
            PaymentExtraItem::Code(_) => Fen(0),
        };
        self.amount + self.extras.iter().map(beside).sum()
    }

    /// What of the amount was owed for other months.
    pub fn back_pay(&self) -> Fen {
        let back = self.extras.iter().filter(|extra| extra.item == PaymentExtraItem::BackPay);
        back.map(|extra| extra.amount).sum()
    }
}

/// 补扣发: something in a month's payment beside the month's benefit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentExtra {
    /// Which way it goes.
    pub item: PaymentExtraItem,
    /// How much, above zero both ways.
    pub amount: Fen,
    /// Why.
    pub reason: Option<PaymentReason>,
    /// The first month it is for.
    pub from: Option<YearMonth>,
    /// The last one.
    pub until: Option<YearMonth>,
}

codes! {
    /// Whether something was paid beside the month's benefit or taken off it. Each core system has codes of
    /// its own; its adapter maps them.
    pub enum PaymentExtraItem {
        /// 补发: owed for other months.
        BackPay = "back_pay",
        /// 扣回: paid too much before.
        Recovery = "recovery",
    }
}

codes! {
    /// Why a payment is another than the one before, or did not come. Each core system has codes of its own;
    /// its adapter maps them.
    pub enum PaymentReason {
        /// 调待: benefits were raised for all.
        Adjustment = "adjustment",
        /// 重新核定: this person's was worked out anew.
        Recalculation = "recalculation",
        /// 补认证: it had stopped for want of the certification.
        Certified = "certified",
        /// 补办领取: it was applied for late.
        LateClaim = "late_claim",
        /// 多发: more was paid before than was due.
        Overpaid = "overpaid",
        /// The bank did not know the account, or it is another's.
        BankAccount = "bank_account",
    }
}

codes! {
    /// AAE117 支付标志.
    pub enum PaymentState {
        /// 0 待支付.
        Pending = "pending",
        /// 1 已支付.
        Paid = "paid",
        /// 2 失败.
        Failed = "failed",
        /// 3 已核销.
        WrittenOff = "written_off",
    }
}

/// The last four digits of a bank account: enough to know it by, and all that leaves the county.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BankTail([u8; 4]);

/// The text is not four digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the last four digits of an account")]
pub struct BankTailError;

impl TryFrom<String> for BankTail {
    type Error = BankTailError;

    fn try_from(text: String) -> Result<Self, BankTailError> {
        let digits: [u8; 4] = text.as_bytes().try_into().map_err(|_| BankTailError)?;
        digits.iter().all(u8::is_ascii_digit).then_some(Self(digits)).ok_or(BankTailError)
    }
}

impl From<BankTail> for String {
    fn from(tail: BankTail) -> Self {
        tail.to_string()
    }
}

impl fmt::Display for BankTail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|digit| write!(f, "{}", char::from(*digit)))
    }
}

/// Belongs to a person, so it is not shown.
impl fmt::Debug for BankTail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BankTail(…)")
    }
}

/// 待遇领取资格认证: the yearly proof that the pensioner is alive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certification {
    /// 认证年月, AAC096.
    pub last: Option<YearMonth>,
    /// 认证方式, AAC098: how it was done the last time.
    pub way: Option<CertificationWay>,
    /// 下次认证时间, AAC099: the last day in time.
    pub next: Date,
}

codes! {
    /// AAC098 认证方式.
    pub enum CertificationWay {
        /// 01 经办机构.
        Office = "office",
        /// 02 手机.
        Phone = "phone",
        /// 04 自助终端.
        Kiosk = "kiosk",
        /// 05 其他, and any other code.
        Other = "other",
    }
}

/// 失业保险金.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unemployment {
    /// Whether it is drawn.
    pub state: UnemploymentState,
    /// 可领月数, AJC097.
    pub granted: u32,
    /// 已领月数, AJC098.
    pub used: u32,
    /// 享受开始, AJC100.
    pub since: Option<YearMonth>,
    /// 享受结束, AJC106.
    pub until: Option<YearMonth>,
    /// 失业金标准 a month, AJC140.
    pub monthly: Option<Fen>,
}

impl Unemployment {
    /// Months that are still to come.
    pub fn left(&self) -> u32 {
        self.granted.saturating_sub(self.used)
    }
}

codes! {
    /// Whether an unemployment benefit is drawn. Each core system has codes of its own; its adapter
    /// maps them.
    pub enum UnemploymentState {
        /// It is paid month by month.
        Drawing = "drawing",
        /// It rests: the person works again, or a condition is missing. Months left are kept.
        Paused = "paused",
        /// It is over.
        Ended = "ended",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_digits_are_all_that_is_kept_of_a_bank_account() {
        let tail = BankTail::try_from("0123".to_owned()).expect("four digits");
        assert_eq!((tail.to_string(), format!("{tail:?}")), ("0123".into(), "BankTail(…)".into()));
        for wrong in ["", "123", "12345", "12a4", "６２１４"] {
            assert_eq!(BankTail::try_from(wrong.to_owned()), Err(BankTailError), "{wrong}");
        }
    }

    #[test]
    fn the_months_benefit_is_told_from_what_came_beside_it() {
        let month = YearMonth::new(2026, 8).expect("a month");
        let extra = |item, amount| PaymentExtra {
            item,
            amount: Fen(amount),
            reason: None,
            from: None,
            until: None,
        };
        let unknown =
            PaymentExtraItem::Code(super::super::super::Code::parse("gift").expect("one"));
        let payment = Payment {
            month,
            amount: Fen(28_100),
            state: PaymentState::Paid,
            paid_on: None,
            bank_tail: None,
            reason: None,
            extras: vec![
                extra(PaymentExtraItem::BackPay, 4_800),
                extra(PaymentExtraItem::Recovery, 1_000),
                extra(unknown, 7),
            ],
        };
        assert_eq!((payment.regular(), payment.back_pay()), (Fen(24_300), Fen(4_800)));
    }

    #[test]
    fn parts_add_up() {
        let part = |item, monthly| BenefitPart { item, monthly: Fen(monthly) };
        let benefit = Benefit {
            since: YearMonth::new(2019, 9).expect("a month"),
            monthly: Fen(115),
            parts: vec![
                part(BenefitItem::Basic, 100),
                part(BenefitItem::BasicCounty, 20),
                part(BenefitItem::Deduction, -5),
            ],
            payments: History::default(),
        };
        assert_eq!(benefit.sum(BenefitItem::is_basic), Fen(120));
        assert_eq!(benefit.sum(|item| item == BenefitItem::Deduction), Fen(-5));
    }
}
