//! Job fairs in the feed. Keeps no state.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{DivisionCode, PostingId, convert::both_ways};
use crate::domain;

/// A fair to which employers come to look for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobFair {
    /// Id at the source.
    pub id: PostingId,
    /// 招聘会名称.
    pub title: String,
    /// 举办日期, the first day.
    pub date: Date,
    /// The last day, of fairs that last longer than one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<Date>,
    /// 时间, in words: `9:00–12:00`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<String>,
    /// 举办地点.
    pub place: String,
    /// Where the place lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub division: Option<DivisionCode>,
    /// 主办单位.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organiser: Option<String>,
    /// 参会单位, in the source's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub employers: Vec<FairEmployer>,
    /// What else one should know: what to bring, the bus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// 咨询电话.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// 发布日期.
    pub published: Date,
    /// Who keeps the notice.
    pub source: String,
}

both_ways!(JobFair, domain::JobFair, {
    same: title, date, ends, hours, place, organiser, content, phone, published, source;
    one: id;
    some: division;
    each: employers;
});

/// An employer at a fair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FairEmployer {
    /// 单位名称.
    pub name: String,
    /// Whom it looks for, in words: `焊工、普工`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jobs: Option<String>,
    /// 招聘人数, of all its postings together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub openings: Option<u32>,
}

both_ways!(FairEmployer, domain::FairEmployer, {
    same: name, jobs, openings;
});
