//! A resident's insurance account, as the county's core system answers it.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Fen, HolderNumber, Sensitive, YearMonth};

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
    /// When the core system's figures were true.
    pub as_of: Timestamp,
    /// One entry a kind of insurance, at most [`MAX_PARTICIPATIONS`].
    pub participations: Vec<Participation>,
    /// 待遇资格认证, for people who draw a pension.
    pub certification: Option<Certification>,
}

/// Most kinds of insurance in one account; eight exist.
pub const MAX_PARTICIPATIONS: usize = 32;
/// Most contribution years of one kind; a working life has about fifty.
pub const MAX_CONTRIBUTIONS: usize = 120;

/// One person in one kind of insurance (参保).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Participation {
    /// 险种.
    pub kind: InsuranceKind,
    /// 参保状态, AAC008: 0 none, 1 insured, 2 suspended, 4 ended.
    pub insured: u8,
    /// 缴费状态, AAC031: 1 paying, 2 paused, 3 ended; absent or 0 for none.
    pub paying: Option<u8>,
    /// 首次参保, AAC049.
    pub since: Option<YearMonth>,
    /// Where the person is insured, in words.
    pub place: Option<String>,
    /// 累计缴费月数.
    pub months_paid: Option<u32>,
    /// 个人账户储存额.
    pub balance: Option<Fen>,
    /// Contributions by year, newest first.
    pub contributions: Vec<Contribution>,
    /// 待遇, when one is drawn.
    pub benefit: Option<Benefit>,
}

impl Participation {
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct InsuranceKind(pub u16);

impl InsuranceKind {
    /// 城乡居民基本养老保险.
    pub const RESIDENTS_PENSION: Self = Self(170);
    /// 城镇职工基本养老保险.
    pub const EMPLOYEES_PENSION: Self = Self(110);

    /// Whether it pays a pension.
    pub fn is_pension(self) -> bool {
        matches!(self.0, 110 | 120 | 170)
    }
}

/// What was paid into one kind in one year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Contribution {
    /// 缴费年度.
    pub year: i16,
    /// 个人缴费, AAE341 1.
    pub person: Fen,
    /// 政府补贴 of province, city and county, AAE341 3–5, and 政府代缴, 11.
    pub government: Fen,
    /// 集体补助, AAE341 6, or the employer's share.
    pub others: Fen,
    /// 划拨日期. A year counts as arrived only when this is present.
    pub arrived: Option<Date>,
}

impl Contribution {
    /// All that was paid for the year.
    pub fn total(&self) -> Fen {
        [self.person, self.government, self.others].into_iter().sum()
    }
}

/// A pension or another benefit that is drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Benefit {
    /// 待遇开始年月, AIC160.
    pub since: YearMonth,
    /// 月养老金, AIC166.
    pub monthly: Fen,
    /// What the amount consists of.
    pub parts: Vec<BenefitPart>,
    /// The newest payment.
    pub last_payment: Option<Payment>,
}

/// One part of a monthly benefit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BenefitPart {
    /// Which part.
    pub item: BenefitItem,
    /// Fen a month.
    pub monthly: Fen,
}

/// AAA036, by groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BenefitItem {
    /// 基础养老金, 001001–001004.
    Basic,
    /// 个人账户养老金, 002xxx.
    Account,
    /// Anything else, such as 加发.
    Other,
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
    pub paid_on: Option<Date>,
}

/// AAE117 支付标志.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// 0 待支付.
    Pending,
    /// 1 已支付.
    Paid,
    /// 2 失败.
    Failed,
    /// 3 已核销.
    WrittenOff,
}

/// 待遇领取资格认证: the yearly proof that the pensioner is alive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Certification {
    /// 认证年月, AAC096.
    pub last: Option<YearMonth>,
    /// 下次认证时间, AAC099: the last day in time.
    pub next: Date,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_comes_from_the_pair_of_codes() {
        let state = |insured, paying| {
            Participation {
                kind: InsuranceKind::RESIDENTS_PENSION,
                insured,
                paying,
                since: None,
                place: None,
                months_paid: None,
                balance: None,
                contributions: Vec::new(),
                benefit: None,
            }
            .state()
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
}
