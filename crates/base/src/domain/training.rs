//! Training notices (培训信息).

use jiff::civil::Date;

use super::{DivisionCode, posting::PostingId};

/// A notice's id at its source; the same form as a posting's.
pub type TrainingId = PostingId;

/// A training class that people may enrol in (LEMIS HB45 and what residents ask beyond it).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrainingNotice {
    /// Id at the source.
    pub id: TrainingId,
    /// 班级名称.
    pub title: String,
    /// 培训机构.
    pub institution: String,
    /// 工种.
    pub occupation: String,
    /// 培训等级, `初级`.
    pub level: Option<String>,
    /// 课时.
    pub class_hours: Option<u32>,
    /// Who may come, in plain words.
    pub for_whom: Option<String>,
    /// What it costs and what is paid for the trainee, in plain words.
    pub cost: Option<String>,
    /// 报名开始.
    pub enrol_from: Date,
    /// 报名截止, the last day; `None` when none is fixed (长期, 招满为止).
    pub enrol_until: Option<Date>,
    /// 培训开始.
    pub starts: Option<Date>,
    /// 培训结束.
    pub ends: Option<Date>,
    /// 培训地点.
    pub place: String,
    /// Where the place lies.
    pub division: Option<DivisionCode>,
    /// 名额.
    pub seats: Option<u32>,
    /// What one learns and how, in plain words.
    pub content: String,
    /// 报名联系人.
    pub contact: Option<String>,
    /// 报名电话.
    pub phone: Option<String>,
    /// 发布日期.
    pub published: Date,
    /// Who keeps the notice.
    pub source: String,
}

impl TrainingNotice {
    /// Whether the notice may be shown on `today`: published, and enrolment not over.
    pub fn open_on(&self, today: Date) -> bool {
        self.published <= today && self.enrol_until.is_none_or(|last| today <= last)
    }
}
