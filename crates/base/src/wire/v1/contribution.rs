//! What was paid into an insurance, in an account. Keeps no state.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Fen, YearMonth, convert::both_ways};
use crate::domain;

/// What was paid into one kind in one year, by who paid it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Contribution {
    /// 缴费年度.
    pub year: i16,
    /// 个人缴费, AAE341 1.
    pub person: Fen,
    /// 省级财政补贴, AAE341 3.
    #[serde(default, skip_serializing_if = "Fen::is_zero")]
    pub province: Fen,
    /// 市级财政补贴, AAE341 4.
    #[serde(default, skip_serializing_if = "Fen::is_zero")]
    pub city: Fen,
    /// 县级财政补贴, AAE341 5.
    #[serde(default, skip_serializing_if = "Fen::is_zero")]
    pub county: Fen,
    /// 集体补助, AAE341 6.
    #[serde(default, skip_serializing_if = "Fen::is_zero")]
    pub collective: Fen,
    /// 政府代缴, AAE341 11: paid by the government in place of the person.
    #[serde(default, skip_serializing_if = "Fen::is_zero")]
    pub paid_for: Fen,
    /// 单位缴费, of employees.
    #[serde(default, skip_serializing_if = "Fen::is_zero")]
    pub employer: Fen,
    /// Interest that the account bore in this year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interest: Option<Fen>,
    /// The account at the end of the year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<Fen>,
    /// 划拨日期. A year counts as arrived only when this is present.
    #[serde(default)]
    pub arrived: Option<Date>,
    /// Where it was paid, when it was not where the person is insured now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

both_ways!(Contribution, domain::Contribution, {
    same: year, arrived, place;
    one: person, province, city, county, collective, paid_for, employer;
    some: interest, balance;
});

/// What was paid for an employee for one month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MonthContribution {
    /// 费款所属期, AAE002.
    pub month: YearMonth,
    /// 缴费基数, AAE180.
    pub base: Fen,
    /// 个人缴费.
    pub person: Fen,
    /// 单位缴费.
    pub employer: Fen,
    /// 到账日期, AAB191. A month counts as arrived only when this is present.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrived: Option<Date>,
    /// 单位名称.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

both_ways!(MonthContribution, domain::account::MonthContribution, {
    same: arrived, unit;
    one: month, base, person, employer;
});
