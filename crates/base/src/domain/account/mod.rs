//! A resident's insurance account, as the county's core system answers it.
//!
//! | file | what |
//! | --- | --- |
//! | this one | the account, the kinds of insurance in it, their state |
//! | [`contribution`] | what was paid, by year and by month |
//! | [`benefit`] | what is drawn, its payments, the yearly certification, unemployment |
//! | [`history`] | long lists that come in pages |
//! | [`origin`] | which office a fact comes from |

use std::fmt;

use jiff::{Timestamp, civil::Date};

use super::{Fen, HolderNumber, Sensitive, YearMonth, code::codes};

pub mod benefit;
pub mod contribution;
pub mod history;
pub mod origin;

pub use benefit::{
    BankTail, Benefit, BenefitItem, BenefitPart, Certification, CertificationWay, Payment,
    PaymentExtra, PaymentExtraItem, PaymentReason, PaymentState, Unemployment, UnemploymentState,
};
pub use contribution::{Contribution, MonthContribution};
pub use history::{
    HISTORY_PAGE, History, HistoryCursor, HistoryKind, HistoryOf, HistoryPage, HistoryRest,
    HistoryRow, HistoryRows, MAX_HISTORY,
};
pub use origin::{Facts, Origin};

/// Everything a query brings back about one person.
///
/// A core system may hold more kinds, years or months than this; the limits keep a broken or
/// hostile answer from growing without end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose account it is. Shown only if it equals the document's number.
    pub number: HolderNumber,
    /// The holder's name in the core system. Shown only if it fits the document's name.
    pub name: Sensitive<String>,
    /// When the core system's figures were true, where no [`Origin`] says otherwise.
    pub as_of: Timestamp,
    /// One entry a kind of insurance, at most [`MAX_PARTICIPATIONS`].
    pub participations: Vec<Participation>,
    /// 待遇资格认证, for people who draw a pension.
    pub certification: Option<Certification>,
    /// 失业保险金, when it is or was drawn.
    pub unemployment: Option<Unemployment>,
    /// The social-security card (社会保障卡), when there is one.
    pub card: Option<SocialSecurityCard>,
    /// Where certification, unemployment benefit and card come from.
    pub origins: Vec<Origin>,
}

/// Most kinds of insurance in one account; eight exist.
pub const MAX_PARTICIPATIONS: usize = 32;
/// Most contribution years of one kind; a working life has about fifty.
pub const MAX_CONTRIBUTIONS: usize = 120;

/// One person in one kind of insurance (参保).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participation {
    /// 险种.
    pub kind: InsuranceKind,
    /// 参保状态, AAC008: 0 none, 1 insured, 2 suspended, 4 ended.
    pub insured: u8,
    /// 缴费状态, AAC031: 1 paying, 2 paused, 3 ended; absent or 0 for none.
    pub paying: Option<u8>,
    /// 变更原因, AAE160: why it is suspended or ended.
    pub reason: Option<ChangeReason>,
    /// 首次参保, AAC049.
    pub since: Option<YearMonth>,
    /// Where the person is insured, in words.
    pub place: Option<String>,
    /// 参保身份, AAC066.
    pub identity: Option<ParticipantIdentity>,
    /// 累计缴费月数.
    pub months_paid: Option<u32>,
    /// 个人账户储存额.
    pub balance: Option<Fen>,
    /// How the balance came about.
    pub made_of: Option<BalanceParts>,
    /// Contributions by year, newest first.
    pub contributions: Vec<Contribution>,
    /// Contributions by month, newest first, where they are kept so: those of employees.
    pub months: History<MonthContribution>,
    /// 待遇, when one is drawn.
    pub benefit: Option<Benefit>,
    /// Where the facts come from.
    pub origins: Vec<Origin>,
}

impl Account {
    /// The kinds in which the person is insured.
    pub fn insured_kinds(&self) -> impl Iterator<Item = InsuranceKind> {
        let insured = |p: &&Participation| p.state() != ParticipationState::NotInsured;
        self.participations.iter().filter(insured).map(|p| p.kind)
    }
}

impl Participation {
    /// One of which nothing is known but its kind and its pair of codes.
    pub fn new(kind: InsuranceKind, insured: u8, paying: Option<u8>) -> Self {
        Self {
            kind,
            insured,
            paying,
            reason: None,
            since: None,
            place: None,
            identity: None,
            months_paid: None,
            balance: None,
            made_of: None,
            contributions: Vec::new(),
            months: History::default(),
            benefit: None,
            origins: Vec::new(),
        }
    }

    /// What the pair of codes means, by the table that a production system of the residents'
    /// pension uses (domain reference §2.2).
    pub fn state(&self) -> ParticipationState {
        match (self.insured, self.paying.unwrap_or(0)) {
            (_, 0) => ParticipationState::NotInsured,
            (1, 1) => ParticipationState::Paying,
            (2, 2) => ParticipationState::PaymentPaused,
            (1, 3) => ParticipationState::Drawing,
            (2, 3) => ParticipationState::BenefitPaused,
            (4, 3) => ParticipationState::Ended,
            _ => ParticipationState::Unknown,
        }
    }

    /// Where `facts` of this participation come from, if that is told.
    pub fn origin(&self, facts: Facts) -> Option<&Origin> {
        self.origins.iter().find(|origin| origin.of == facts)
    }
}

/// What (AAC008, AAC031) mean together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParticipationState {
    /// 未参保.
    NotInsured,
    /// 正常缴费.
    Paying,
    /// 暂停缴费.
    PaymentPaused,
    /// 正常待遇.
    Drawing,
    /// 暂停待遇.
    BenefitPaused,
    /// 终止参保.
    Ended,
    /// A pair the table does not hold; shown as such.
    Unknown,
}

/// AAE140 险种类型. An unknown code is kept and shown, never guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct InsuranceKind(pub u16);

impl InsuranceKind {
    /// 城镇职工基本养老保险.
    pub const EMPLOYEES_PENSION: Self = Self(110);
    /// 机关事业单位养老保险.
    pub const OFFICIALS_PENSION: Self = Self(120);
    /// 城乡居民基本养老保险.
    pub const RESIDENTS_PENSION: Self = Self(170);
    /// 失业保险.
    pub const UNEMPLOYMENT: Self = Self(210);
    /// 职工基本医疗保险.
    pub const EMPLOYEES_MEDICAL: Self = Self(310);
    /// 城乡居民基本医疗保险.
    pub const RESIDENTS_MEDICAL: Self = Self(390);
    /// 工伤保险.
    pub const WORK_INJURY: Self = Self(410);
    /// 生育保险.
    pub const MATERNITY: Self = Self(510);

    /// Whether it pays a pension.
    pub fn is_pension(self) -> bool {
        matches!(self.0, 110 | 120 | 170)
    }

    /// Whether it belongs to the medical-insurance office (医保局), of which a kiosk shows the state
    /// alone.
    pub fn is_medical(self) -> bool {
        matches!(self.0, 310 | 330 | 390)
    }
}

/// AAE160 变更原因. A code that no table holds is kept and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangeReason(pub u16);

impl ChangeReason {
    /// 未提供生存证明: the yearly certification is missing.
    pub const NOT_CERTIFIED: Self = Self(1201);
    /// 判刑.
    pub const SENTENCED: Self = Self(1202);
    /// 死亡.
    pub const DECEASED: Self = Self(1401);
}

/// AAC066 参保身份, three digits: `011` for an ordinary participant, others for people whom the
/// government pays for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParticipantIdentity(pub u16);

impl fmt::Display for ParticipantIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03}", self.0)
    }
}

/// How a balance came about: what was paid in, with its interest, less what was drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BalanceParts {
    /// Paid by the person (个人缴费).
    pub person: Fen,
    /// Subsidies of the government (政府补贴), what it paid for the person among them.
    pub subsidies: Fen,
    /// Of a collective or an employer, as far as it is in the account (集体补助).
    pub others: Fen,
    /// Interest (利息).
    pub interest: Fen,
    /// Drawn as a pension already; a positive amount.
    pub drawn: Fen,
}

impl BalanceParts {
    /// What is left.
    pub fn balance(&self) -> Fen {
        let paid_in: Fen =
            [self.person, self.subsidies, self.others, self.interest].into_iter().sum();
        paid_in + Fen(self.drawn.0.saturating_neg())
    }
}

/// The social-security card (社会保障卡).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocialSecurityCard {
    /// Its state.
    pub state: CardState,
    /// When it was made out.
    pub issued: Option<Date>,
    /// Until when it can be used.
    pub valid_until: Option<Date>,
    /// The bank whose account it carries.
    pub bank: Option<String>,
    /// Of that account.
    pub bank_tail: Option<BankTail>,
}

codes! {
    /// What a social-security card can be used for. Each core system has codes of its own; its adapter
    /// maps them.
    pub enum CardState {
        /// 正常.
        InUse = "in_use",
        /// 未激活: it was handed out, but its bank account was never opened.
        NotActivated = "not_activated",
        /// 挂失.
        ReportedLost = "reported_lost",
        /// 已过期.
        Expired = "expired",
        /// 注销.
        Cancelled = "cancelled",
        /// A state that the adapter does not know.
        Unknown = "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_comes_from_the_pair_of_codes() {
        let state = |insured, paying| {
            Participation::new(InsuranceKind::RESIDENTS_PENSION, insured, paying).state()
        };
        assert_eq!(state(1, Some(1)), ParticipationState::Paying);
        assert_eq!(state(2, Some(2)), ParticipationState::PaymentPaused);
        assert_eq!(state(1, Some(3)), ParticipationState::Drawing);
        assert_eq!(state(2, Some(3)), ParticipationState::BenefitPaused);
        assert_eq!(state(4, Some(3)), ParticipationState::Ended);
        assert_eq!(state(1, None), ParticipationState::NotInsured);
        assert_eq!(state(1, Some(0)), ParticipationState::NotInsured);
        assert_eq!(state(4, Some(1)), ParticipationState::Unknown);
    }

    #[test]
    fn a_balance_is_what_was_paid_in_less_what_was_drawn() {
        let parts = BalanceParts {
            person: Fen(100),
            subsidies: Fen(20),
            others: Fen(3),
            interest: Fen(4),
            drawn: Fen(27),
        };
        assert_eq!(parts.balance(), Fen(100));
    }
}
