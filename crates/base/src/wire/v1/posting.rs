//! Job postings in the feed. Keeps no state.

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::{
    DivisionCode, Fen, PostingId,
    codes::{CodeOr, twin_codes},
    convert::both_ways,
};
use crate::domain::{self, Code, code};

/// A job posting. The law asks for six facts in every posting (人力资源市场暂行条例 Art 24):
/// employer, openings, conditions, duties, place, basic pay. What a source left out is `None` and
/// shown as 未提供, never guessed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Posting {
    /// Id at the source.
    pub id: PostingId,
    /// 岗位名称, as people say it.
    pub title: String,
    /// 职业（工种）名称, when the source classifies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occupation: Option<String>,
    /// 职业代码 in the source's own table (CJOBS aca111), as it stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occupation_code: Option<String>,
    /// The tile under which it is found; `None`, and a class that this version does not know, is 其他.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<OccupationClass>,
    /// 用人单位.
    pub employer: String,
    /// 招聘人数.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub openings: Option<u32>,
    /// 招聘条件.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditions: Option<String>,
    /// 文化程度, in the source's words (`初中`, `不限`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub education: Option<String>,
    /// 工作经历, in the source's words (`1-3年`, `不限`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experience: Option<String>,
    /// 用工形式.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<EmploymentForm>,
    /// 包吃: whether meals are free; `None` when the source says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meals: Option<bool>,
    /// 包住: whether a bed is free; `None` when the source says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lodging: Option<bool>,
    /// 工作内容.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duties: Option<String>,
    /// 工作地点, the address in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Where the place lies, for filters and nearness.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub division: Option<DivisionCode>,
    /// 劳动报酬. `None` when the source says nothing; 面议 is a value of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wage: Option<Wage>,
    /// Short advantages for the list, `包吃住`, `日结`, `师傅带`; at most a handful.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub benefits: Vec<String>,
    /// 工作时间.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<String>,
    /// 联系人 with title, `陈师傅`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// 联系电话.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// 发布日期.
    pub published: Date,
    /// 截止日期; the posting is shown through the end of this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes: Option<Date>,
    /// Who keeps the posting, `泸县公共就业服务`.
    pub source: String,
    /// Where it stands on the web.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

both_ways!(Posting, domain::Posting, {
    same: title, occupation, occupation_code, employer, openings, conditions, education,
        experience, meals, lodging, duties, place, benefits, hours, contact, phone, published,
        closes, source, link;
    one: id;
    some: class, form, division, wage;
});

twin_codes! {
    /// A class of occupations. Those that this version knows are in the order of the tiles.
    pub enum OccupationClass of domain::OccupationClass {
        Factory = "factory",
        Trades = "trades",
        Construction = "construction",
        Catering = "catering",
        Domestic = "domestic",
        Transport = "transport",
        Sales = "sales",
        Office = "office",
        Security = "security",
        Care = "care",
        Farming = "farming",
        Technical = "technical",
    }
}

/// Pay of a posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Wage {
    /// From `min` to `max` fen (equal for a fixed wage) per `per`.
    Range {
        /// Least, in fen.
        min: Fen,
        /// Most, in fen; never below `min`.
        max: Fen,
        /// What the amounts are for.
        per: WagePeriod,
    },
    /// 面议.
    Negotiable,
    /// A code that this version does not know, as it came: shown as a code, never guessed.
    #[serde(untagged)]
    Code(Code),
}

impl<'de> Deserialize<'de> for Wage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Paid {
            range: Range,
        }
        #[derive(Deserialize)]
        struct Range {
            min: Fen,
            max: Fen,
            per: WagePeriod,
        }
        Ok(match CodeOr::deserialize(deserializer)? {
            CodeOr::Object(Paid { range: Range { min, max, per } }) => {
                Self::Range { min, max, per }
            }
            CodeOr::Code(code) if code == "negotiable" => Self::Negotiable,
            CodeOr::Code(code) => Self::Code(code::unknown(&code)?),
        })
    }
}

impl From<domain::Wage> for Wage {
    fn from(wage: domain::Wage) -> Self {
        match wage {
            domain::Wage::Range { min, max, per } => {
                Self::Range { min: min.into(), max: max.into(), per: per.into() }
            }
            domain::Wage::Negotiable => Self::Negotiable,
            domain::Wage::Code(code) => Self::Code(code),
        }
    }
}

impl From<Wage> for domain::Wage {
    fn from(wage: Wage) -> Self {
        match wage {
            Wage::Range { min, max, per } => {
                Self::Range { min: min.into(), max: max.into(), per: per.into() }
            }
            Wage::Negotiable => Self::Negotiable,
            Wage::Code(code) => Self::Code(code),
        }
    }
}

twin_codes! {
    /// What a wage is paid for.
    pub enum WagePeriod of domain::posting::WagePeriod {
        Month = "month",
        Day = "day",
        Hour = "hour",
        Piece = "piece",
    }
}

/// 用工形式 (LEMIS aac048 and what boards write).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EmploymentForm {
    /// 全职.
    FullTime,
    /// 兼职.
    PartTime,
    /// 临时工, 日结.
    Temporary,
    /// 实习.
    Intern,
    /// 劳务派遣.
    Dispatched,
    /// The source's own word or code, which no mapping knows; shown as it stands.
    Other(String),
    /// A code of ours that this version does not know, as it came; shown as a code.
    #[serde(untagged)]
    Code(Code),
}

impl<'de> Deserialize<'de> for EmploymentForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Named {
            other: String,
        }
        let code = match CodeOr::deserialize(deserializer)? {
            CodeOr::Object(Named { other }) => return Ok(Self::Other(other)),
            CodeOr::Code(code) => code,
        };
        Ok(match code.as_str() {
            "full_time" => Self::FullTime,
            "part_time" => Self::PartTime,
            "temporary" => Self::Temporary,
            "intern" => Self::Intern,
            "dispatched" => Self::Dispatched,
            _ => Self::Code(code::unknown(&code)?),
        })
    }
}

impl From<domain::EmploymentForm> for EmploymentForm {
    fn from(form: domain::EmploymentForm) -> Self {
        use domain::EmploymentForm as Domain;
        match form {
            Domain::FullTime => Self::FullTime,
            Domain::PartTime => Self::PartTime,
            Domain::Temporary => Self::Temporary,
            Domain::Intern => Self::Intern,
            Domain::Dispatched => Self::Dispatched,
            Domain::Other(words) => Self::Other(words),
            Domain::Code(code) => Self::Code(code),
        }
    }
}

impl From<EmploymentForm> for domain::EmploymentForm {
    fn from(form: EmploymentForm) -> Self {
        match form {
            EmploymentForm::FullTime => Self::FullTime,
            EmploymentForm::PartTime => Self::PartTime,
            EmploymentForm::Temporary => Self::Temporary,
            EmploymentForm::Intern => Self::Intern,
            EmploymentForm::Dispatched => Self::Dispatched,
            EmploymentForm::Other(words) => Self::Other(words),
            EmploymentForm::Code(code) => Self::Code(code),
        }
    }
}
