//! What is drawn, in an account. Keeps no state.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BankTail, Fen, History, YearMonth, codes::twin_codes, convert::both_ways};
use crate::domain;

/// A pension or another benefit that is drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Benefit {
    /// 待遇开始年月, AIC160.
    pub since: YearMonth,
    /// 月养老金, AIC166.
    pub monthly: Fen,
    /// What the amount consists of.
    pub parts: Vec<BenefitPart>,
    /// Month by month, newest first.
    #[serde(default, skip_serializing_if = "History::is_empty")]
    pub payments: History<Payment>,
}

both_ways!(Benefit, domain::Benefit, {
    one: since, monthly, payments;
    each: parts;
});

/// One part of a monthly benefit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BenefitPart {
    /// Which part.
    pub item: BenefitItem,
    /// Fen a month; below zero for a deduction alone.
    pub monthly: Fen,
}

both_ways!(BenefitPart, domain::account::BenefitPart, {
    one: item, monthly;
});

twin_codes! {
    /// AAA036, by groups.
    pub enum BenefitItem of domain::account::BenefitItem {
        Basic = "basic",
        BasicProvince = "basic_province",
        BasicCity = "basic_city",
        BasicCounty = "basic_county",
        Account = "account",
        Added = "added",
        Deduction = "deduction",
        Other = "other",
    }
}

/// One month's payment of a benefit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Payment {
    /// For which month.
    pub month: YearMonth,
    /// How much.
    pub amount: Fen,
    /// 支付标志, AAE117.
    pub state: PaymentState,
    /// When the bank paid it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_on: Option<Date>,
    /// Of the account into which it went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank_tail: Option<BankTail>,
    /// Why the month's benefit is another than the month before, or why it did not come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<PaymentReason>,
    /// What is in the amount beside the month's benefit, and what was taken off it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extras: Vec<PaymentExtra>,
}

both_ways!(Payment, domain::account::Payment, {
    same: paid_on;
    one: month, amount, state;
    some: bank_tail, reason;
    each: extras;
});

/// 补扣发: something in a month's payment beside the month's benefit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PaymentExtra {
    /// Which way it goes.
    pub item: PaymentExtraItem,
    /// How much, above zero both ways.
    pub amount: Fen,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<PaymentReason>,
    /// The first month it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<YearMonth>,
    /// The last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<YearMonth>,
}

both_ways!(PaymentExtra, domain::account::PaymentExtra, {
    one: item, amount;
    some: reason, from, until;
});

twin_codes! {
    /// Whether something was paid beside the month's benefit or taken off it. Each core system has codes of
    /// its own; its adapter maps them.
    pub enum PaymentExtraItem of domain::account::PaymentExtraItem {
        BackPay = "back_pay",
        Recovery = "recovery",
    }
}

twin_codes! {
    /// Why a payment is another than the one before, or did not come. Each core system has codes of its own;
    /// its adapter maps them.
    pub enum PaymentReason of domain::account::PaymentReason {
        Adjustment = "adjustment",
        Recalculation = "recalculation",
        Certified = "certified",
        LateClaim = "late_claim",
        Overpaid = "overpaid",
        BankAccount = "bank_account",
    }
}

twin_codes! {
    /// AAE117 支付标志.
    pub enum PaymentState of domain::account::PaymentState {
        Pending = "pending",
        Paid = "paid",
        Failed = "failed",
        WrittenOff = "written_off",
    }
}

/// 待遇领取资格认证: the yearly proof that the pensioner is alive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Certification {
    /// 认证年月, AAC096.
    pub last: Option<YearMonth>,
    /// 认证方式, AAC098: how it was done the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<CertificationWay>,
    /// 下次认证时间, AAC099: the last day in time.
    pub next: Date,
}

both_ways!(Certification, domain::Certification, {
    same: next;
    some: last, way;
});

twin_codes! {
    /// AAC098 认证方式.
    pub enum CertificationWay of domain::account::CertificationWay {
        Office = "office",
        Phone = "phone",
        Kiosk = "kiosk",
        Other = "other",
    }
}

/// 失业保险金.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
    #[serde(default)]
    pub monthly: Option<Fen>,
}

both_ways!(Unemployment, domain::account::Unemployment, {
    same: granted, used;
    one: state;
    some: since, until, monthly;
});

twin_codes! {
    /// Whether an unemployment benefit is drawn. Each core system has codes of its own; its adapter
    /// maps them.
    pub enum UnemploymentState of domain::account::UnemploymentState {
        Drawing = "drawing",
        Paused = "paused",
        Ended = "ended",
    }
}
