//! A person's account, as a query is answered. Keeps no state.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    BankTail, Benefit, Certification, ChangeReason, Contribution, Fen, History, HolderNumber,
    InsuranceKind, MonthContribution, ParticipantIdentity, Unemployment, YearMonth,
    codes::twin_codes, convert::both_ways,
};
pub use crate::domain::account::MAX_PARTICIPATIONS;
use crate::domain::{self, Sensitive};

/// Everything a query brings back about one person.
///
/// A core system may hold more kinds, years or months than this; the limits keep a broken or
/// hostile answer from growing without end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Account {
    /// Whose account it is. Shown only if it equals the document's number.
    pub number: HolderNumber,
    /// The holder's name in the core system. Shown only if it fits the document's name.
    #[schema(value_type = String)]
    pub name: Sensitive<String>,
    /// When the core system's figures were true, where no [`Origin`] says otherwise.
    pub as_of: Timestamp,
    /// One entry a kind of insurance, at most [`MAX_PARTICIPATIONS`].
    pub participations: Vec<Participation>,
    /// 待遇资格认证, for people who draw a pension.
    pub certification: Option<Certification>,
    /// 失业保险金, when it is or was drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unemployment: Option<Unemployment>,
    /// The social-security card (社会保障卡), when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<SocialSecurityCard>,
    /// Where certification, unemployment benefit and card come from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<Origin>,
}

both_ways!(Account, domain::Account, {
    same: name, as_of;
    one: number;
    some: certification, unemployment, card;
    each: participations, origins;
});

/// One person in one kind of insurance (参保).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Participation {
    /// 险种.
    pub kind: InsuranceKind,
    /// 参保状态, AAC008: 0 none, 1 insured, 2 suspended, 4 ended.
    pub insured: u8,
    /// 缴费状态, AAC031: 1 paying, 2 paused, 3 ended; absent or 0 for none.
    pub paying: Option<u8>,
    /// 变更原因, AAE160: why it is suspended or ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<ChangeReason>,
    /// 首次参保, AAC049.
    pub since: Option<YearMonth>,
    /// Where the person is insured, in words.
    pub place: Option<String>,
    /// 参保身份, AAC066.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<ParticipantIdentity>,
    /// 累计缴费月数.
    pub months_paid: Option<u32>,
    /// 个人账户储存额.
    pub balance: Option<Fen>,
    /// How the balance came about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_of: Option<BalanceParts>,
    /// Contributions by year, newest first.
    pub contributions: Vec<Contribution>,
    /// Contributions by month, newest first, where they are kept so: those of employees.
    #[serde(default, skip_serializing_if = "History::is_empty")]
    pub months: History<MonthContribution>,
    /// 待遇, when one is drawn.
    pub benefit: Option<Benefit>,
    /// Where the facts come from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<Origin>,
}

both_ways!(Participation, domain::Participation, {
    same: insured, paying, place, months_paid;
    one: kind, months;
    some: reason, since, identity, balance, made_of, benefit;
    each: contributions, origins;
});

/// How a balance came about: what was paid in, with its interest, less what was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BalanceParts {
    /// Paid by the person (个人缴费).
    pub person: Fen,
    /// Subsidies of the government (政府补贴), what it paid for the person among them.
    pub subsidies: Fen,
    /// Of a collective or an employer, as far as it is in the account (集体补助).
    #[serde(default)]
    pub others: Fen,
    /// Interest (利息).
    pub interest: Fen,
    /// Drawn as a pension already; a positive amount.
    #[serde(default)]
    pub drawn: Fen,
}

both_ways!(BalanceParts, domain::account::BalanceParts, {
    one: person, subsidies, others, interest, drawn;
});

/// The social-security card (社会保障卡).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SocialSecurityCard {
    /// Its state.
    pub state: CardState,
    /// When it was made out.
    #[serde(default)]
    pub issued: Option<Date>,
    /// Until when it can be used.
    #[serde(default)]
    pub valid_until: Option<Date>,
    /// The bank whose account it carries.
    #[serde(default)]
    pub bank: Option<String>,
    /// Of that account.
    #[serde(default)]
    pub bank_tail: Option<BankTail>,
}

both_ways!(SocialSecurityCard, domain::account::SocialSecurityCard, {
    same: issued, valid_until, bank;
    one: state;
    some: bank_tail;
});

twin_codes! {
    /// What a social-security card can be used for. Each core system has codes of its own; its adapter
    /// maps them.
    pub enum CardState of domain::account::CardState {
        InUse = "in_use",
        NotActivated = "not_activated",
        ReportedLost = "reported_lost",
        Expired = "expired",
        Cancelled = "cancelled",
        Unknown = "unknown",
    }
}

/// Where some facts of an account come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Origin {
    /// Which facts.
    pub of: Facts,
    /// The office that keeps them, in words: `国家税务总局泸县税务局`.
    pub from: String,
    /// When they were true.
    pub as_of: Timestamp,
}

both_ways!(Origin, domain::account::Origin, {
    same: from, as_of;
    one: of;
});

twin_codes! {
    /// Facts that are kept together.
    pub enum Facts of domain::account::Facts {
        State = "state",
        Contributions = "contributions",
        Balance = "balance",
        Benefit = "benefit",
        Certification = "certification",
        Unemployment = "unemployment",
        Card = "card",
    }
}
