//! Training notices in the feed. Keeps no state.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{DivisionCode, PostingId, convert::both_ways};
use crate::domain;

/// A training class that people may enrol in (LEMIS HB45 and what residents ask beyond it).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrainingNotice {
    /// Id at the source.
    pub id: PostingId,
    /// 班级名称.
    pub title: String,
    /// 培训机构.
    pub institution: String,
    /// 工种.
    pub occupation: String,
    /// 培训等级, `初级`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// 课时.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_hours: Option<u32>,
    /// Who may come, in plain words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_whom: Option<String>,
    /// What it costs and what is paid for the trainee, in plain words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<String>,
    /// 报名开始.
    pub enrol_from: Date,
    /// 报名截止, the last day; `None` when none is fixed (长期, 招满为止).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enrol_until: Option<Date>,
    /// 培训开始.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts: Option<Date>,
    /// 培训结束.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<Date>,
    /// 培训地点.
    pub place: String,
    /// Where the place lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub division: Option<DivisionCode>,
    /// 名额.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seats: Option<u32>,
    /// What one learns and how, in plain words.
    pub content: String,
    /// 报名联系人.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// 报名电话.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// 发布日期.
    pub published: Date,
    /// Who keeps the notice.
    pub source: String,
}

both_ways!(TrainingNotice, domain::TrainingNotice, {
    same: title, institution, occupation, level, class_hours, for_whom, cost, enrol_from,
        enrol_until, starts, ends, place, seats, content, contact, phone, published, source;
    one: id;
    some: division;
});
