//! Job postings (岗位).

use jiff::civil::Date;

use super::{Code, DivisionCode, Fen, OccupationClass, code::codes};

/// A posting's id at its source: 1–64 characters of `A–Z a–z 0–9 . _ : -`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PostingId(String);

/// The text is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("编号是 1 到 64 个英文字母、数字和 . _ : -")]
pub struct IdError;

impl PostingId {
    /// Parses an id.
    ///
    /// # Errors
    /// When the text is empty, too long or holds other characters.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let good = |b: u8| b.is_ascii_alphanumeric() || b"._:-".contains(&b);
        let right = (1..=64).contains(&text.len()) && text.bytes().all(good);
        right.then(|| Self(text.to_owned())).ok_or(IdError)
    }

    /// The id's characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PostingId {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        Self::parse(&text)
    }
}

impl From<PostingId> for String {
    fn from(id: PostingId) -> Self {
        id.0
    }
}

/// A job posting. The law asks for six facts in every posting (人力资源市场暂行条例 Art 24):
/// employer, openings, conditions, duties, place, basic pay. What a source left out is `None` and
/// shown as 未提供, never guessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// Id at the source.
    pub id: PostingId,
    /// 岗位名称, as people say it.
    pub title: String,
    /// 职业（工种）名称, when the source classifies.
    pub occupation: Option<String>,
    /// 职业代码 in the source's own table (CJOBS aca111), as it stands there.
    pub occupation_code: Option<String>,
    /// The tile under which it is found; `None`, and a class that this version does not know, is 其他.
    pub class: Option<OccupationClass>,
    /// 用人单位.
    pub employer: String,
    /// 招聘人数.
    pub openings: Option<u32>,
    /// 招聘条件.
    pub conditions: Option<String>,
    /// 文化程度, in the source's words (`初中`, `不限`).
    pub education: Option<String>,
    /// 工作经历, in the source's words (`1-3年`, `不限`).
    pub experience: Option<String>,
    /// 用工形式.
    pub form: Option<EmploymentForm>,
    /// 包吃: whether meals are free; `None` when the source says nothing.
    pub meals: Option<bool>,
    /// 包住: whether a bed is free; `None` when the source says nothing.
    pub lodging: Option<bool>,
    /// 工作内容.
    pub duties: Option<String>,
    /// 工作地点, the address in words.
    pub place: Option<String>,
    /// Where the place lies, for filters and nearness.
    pub division: Option<DivisionCode>,
    /// 劳动报酬. `None` when the source says nothing; 面议 is a value of its own.
    pub wage: Option<Wage>,
    /// Short advantages for the list, `包吃住`, `日结`, `师傅带`; at most a handful.
    pub benefits: Vec<String>,
    /// 工作时间.
    pub hours: Option<String>,
    /// 联系人 with title, `陈师傅`.
    pub contact: Option<String>,
    /// 联系电话.
    pub phone: Option<String>,
    /// 发布日期.
    pub published: Date,
    /// 截止日期; the posting is shown through the end of this day.
    pub closes: Option<Date>,
    /// Who keeps the posting, `泸县公共就业服务`.
    pub source: String,
    /// Where it stands on the web.
    pub link: Option<String>,
}

/// Pay of a posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    Code(Code),
}

codes! {
    /// What a wage is paid for.
    pub enum WagePeriod {
        /// 元/月.
        Month = "month",
        /// 元/天.
        Day = "day",
        /// 元/小时.
        Hour = "hour",
        /// 元/件.
        Piece = "piece",
    }
}

/// 用工形式 (LEMIS aac048 and what boards write).
#[derive(Debug, Clone, PartialEq, Eq)]
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
    Code(Code),
}

impl Posting {
    /// A posting of which nothing is known but what every source must say.
    pub fn new(
        id: PostingId,
        title: impl Into<String>,
        employer: impl Into<String>,
        published: Date,
        source: impl Into<String>,
    ) -> Self {
        Self {
            id,
            title: title.into(),
            occupation: None,
            occupation_code: None,
            class: None,
            employer: employer.into(),
            openings: None,
            conditions: None,
            education: None,
            experience: None,
            form: None,
            meals: None,
            lodging: None,
            duties: None,
            place: None,
            division: None,
            wage: None,
            benefits: Vec::new(),
            hours: None,
            contact: None,
            phone: None,
            published,
            closes: None,
            source: source.into(),
            link: None,
        }
    }

    /// Which of the six legal elements are missing, in the words of the law.
    pub fn missing(&self) -> Vec<&'static str> {
        let absent = |text: &Option<String>| text.as_ref().is_none_or(|t| t.trim().is_empty());
        [
            ("用人单位", self.employer.trim().is_empty()),
            ("招聘人数", self.openings.is_none()),
            ("招聘条件", absent(&self.conditions)),
            ("工作内容", absent(&self.duties)),
            ("工作地点", absent(&self.place)),
            ("劳动报酬", self.wage.is_none()),
        ]
        .into_iter()
        .filter_map(|(name, missing)| missing.then_some(name))
        .collect()
    }

    /// Whether somebody is named whom nobody can call.
    pub fn lacks_phone(&self) -> bool {
        let said = |text: &Option<String>| text.as_ref().is_some_and(|t| !t.trim().is_empty());
        said(&self.contact) && !said(&self.phone)
    }

    /// Whether the short advantages speak of all that is said of meals and a bed: `包吃住`.
    pub fn names_board(&self) -> bool {
        let names = |words: &[char]| self.benefits.iter().any(|benefit| benefit.contains(words));
        (self.meals.is_none() || names(&['吃', '餐', '食', '饭']))
            && (self.lodging.is_none() || names(&['住', '宿']))
    }

    /// Whether the posting may be shown on `today`: neither early nor closed.
    pub fn open_on(&self, today: Date) -> bool {
        self.published <= today && self.closes.is_none_or(|last| today <= last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_meals_and_phone_is_known() {
        let id = PostingId::parse("t-1").expect("an id");
        let mut posting =
            Posting::new(id, "焊工", "测试厂", jiff::civil::date(2026, 11, 1), "测试");
        assert!(posting.names_board() && !posting.lacks_phone());
        (posting.meals, posting.lodging) = (Some(true), Some(false));
        posting.benefits = vec!["餐补".to_owned()];
        assert!(!posting.names_board());
        posting.benefits.push("住宿自理".to_owned());
        assert!(posting.names_board());
        posting.contact = Some("测试员".to_owned());
        posting.phone = Some(" ".to_owned());
        assert!(posting.lacks_phone());
        posting.phone = Some("0000-1112222".to_owned());
        assert!(!posting.lacks_phone());
    }

    #[test]
    fn ids_hold_nothing_that_could_do_harm() {
        assert!(PostingId::parse("lx-2026-0001").is_ok());
        for bad in ["", "a b", "电焊", "x'--", &"a".repeat(65)] {
            assert!(PostingId::parse(bad).is_err(), "{bad}");
        }
    }
}
