//! Job fairs (招聘会).

use jiff::civil::Date;

use super::{DivisionCode, posting::PostingId};

/// A fair's id at its source; the same form as a posting's.
pub type FairId = PostingId;

/// A fair to which employers come to look for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobFair {
    /// Id at the source.
    pub id: FairId,
    /// 招聘会名称.
    pub title: String,
    /// 举办日期, the first day.
    pub date: Date,
    /// The last day, of fairs that last longer than one.
    pub ends: Option<Date>,
    /// 时间, in words: `9:00–12:00`.
    pub hours: Option<String>,
    /// 举办地点.
    pub place: String,
    /// Where the place lies.
    pub division: Option<DivisionCode>,
    /// 主办单位.
    pub organiser: Option<String>,
    /// 参会单位, in the source's order.
    pub employers: Vec<FairEmployer>,
    /// What else one should know: what to bring, the bus.
    pub content: Option<String>,
    /// 咨询电话.
    pub phone: Option<String>,
    /// 发布日期.
    pub published: Date,
    /// Who keeps the notice.
    pub source: String,
}

/// An employer at a fair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FairEmployer {
    /// 单位名称.
    pub name: String,
    /// Whom it looks for, in words: `焊工、普工`.
    pub jobs: Option<String>,
    /// 招聘人数, of all its postings together.
    pub openings: Option<u32>,
}

impl JobFair {
    /// The last day of the fair.
    pub fn last_day(&self) -> Date {
        self.ends.unwrap_or(self.date)
    }

    /// Whether the fair may be shown on `today`: published, and not over.
    pub fn open_on(&self, today: Date) -> bool {
        self.published <= today && today <= self.last_day()
    }
}
