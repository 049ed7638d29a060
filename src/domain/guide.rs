//! What the office publishes about itself: guides (办事指南) and boards (公示栏).

use serde::{Deserialize, Serialize};

/// One procedure in the words of the person who comes: what it is, what to bring, what happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guide {
    /// Short id, also the file name: `unemployment-registration`.
    pub id: String,
    /// Title, `失业登记`.
    pub title: String,
    /// Which of the three windows it belongs to.
    pub window: Window,
    /// Who it is for, one sentence.
    pub for_whom: String,
    /// What to bring.
    pub bring: Vec<String>,
    /// What to do, in order.
    pub steps: Vec<String>,
    /// How long it takes, one sentence.
    pub time_limit: String,
    /// What it costs, `不收费`.
    pub fee: String,
    /// Where to go, one sentence.
    pub place: String,
    /// Whom to call.
    pub phone: String,
    /// The rule it rests on, when it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
}

/// The three windows of the town hall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// 就业.
    Jobs,
    /// 社保.
    Insurance,
    /// 维权.
    Rights,
}

/// Duties and procedures on public view (职责制度、经办流程), so that people can supervise the office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// Short id, also the file name.
    pub id: String,
    /// Title, `服务中心工作职责`.
    pub title: String,
    /// Paragraphs or numbered points.
    pub paragraphs: Vec<String>,
    /// The office's telephone.
    pub phone: String,
    /// The supervision line.
    pub supervision: String,
}
