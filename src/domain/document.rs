//! Identity documents, as the kiosk understands them after reading.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{CitizenId, Sensitive};

/// A document that was read completely and checked.
///
/// The residence permit and the two foreigners' cards join with their own variants: they carry
/// other facts, and the types are to say so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Document {
    /// 居民身份证.
    ResidentIdCard(ResidentIdCard),
}

/// What a resident ID card (居民身份证) carries. The picture is read past and never kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResidentIdCard {
    /// 姓名, as stored on the card, without padding.
    pub name: Sensitive<String>,
    /// 性别.
    pub sex: Sex,
    /// 民族, GB/T 3304.
    pub ethnic_group: EthnicGroup,
    /// 出生日期 as printed. The number's own date counts where the two differ.
    pub birth_date: Sensitive<PlainDate>,
    /// 住址.
    pub address: Sensitive<String>,
    /// 最新追加住址, when the card stores one; it supersedes [`address`](Self::address).
    pub appended_address: Option<Sensitive<String>>,
    /// 公民身份号码.
    pub number: CitizenId,
    /// 签发机关.
    pub issuing_authority: Sensitive<String>,
    /// 有效期起始.
    pub valid_from: Date,
    /// 有效期截止.
    pub valid_until: Validity,
}

impl Document {
    /// The holder's name as stored.
    pub fn name(&self) -> &Sensitive<String> {
        match self {
            Self::ResidentIdCard(card) => &card.name,
        }
    }

    /// The number by which the county knows the holder.
    pub fn number(&self) -> &CitizenId {
        match self {
            Self::ResidentIdCard(card) => &card.number,
        }
    }

    /// Whether the document had run out before `today`.
    pub fn expired_on(&self, today: Date) -> bool {
        match self {
            Self::ResidentIdCard(card) => card.valid_until.expired_on(today),
        }
    }
}

/// A calendar date that zeroises, for dates that are about a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, zeroize::Zeroize)]
pub struct PlainDate {
    /// Four-digit year.
    pub year: i16,
    /// 1–12.
    pub month: i8,
    /// 1–31.
    pub day: i8,
}

impl From<Date> for PlainDate {
    fn from(date: Date) -> Self {
        Self { year: date.year(), month: date.month(), day: date.day() }
    }
}

/// End of validity. A dated card is valid through the end of that day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Validity {
    /// Valid through this day.
    Until(Date),
    /// 长期.
    LongTerm,
}

impl Validity {
    /// Whether the validity had ended before `today`.
    pub fn expired_on(self, today: Date) -> bool {
        match self {
            Self::Until(last) => today > last,
            Self::LongTerm => false,
        }
    }
}

/// Sex, GB/T 2261.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// Code 0, 未知的性别.
    Unknown,
    /// Code 1, 男.
    Male,
    /// Code 2, 女.
    Female,
    /// Code 9, 未说明的性别.
    NotStated,
}

/// Ethnic group code, GB/T 3304-1991 with the register codes 97 and 98.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EthnicGroup(pub u8);

impl EthnicGroup {
    /// The Chinese name without 族 (`汉`), or `None` for a code the standard does not know.
    pub fn name(self) -> Option<&'static str> {
        match self.0 {
            97 => Some("其他"),
            98 => Some("外国血统中国籍人士"),
            code => ETHNIC_GROUPS.get(usize::from(code).checked_sub(1)?).copied(),
        }
    }
}

/// GB/T 3304-1991, codes 01 to 56 in order.
const ETHNIC_GROUPS: [&str; 56] = [
    "汉",
    "蒙古",
    "回",
    "藏",
    "维吾尔",
    "苗",
    "彝",
    "壮",
    "布依",
    "朝鲜",
    "满",
    "侗",
    "瑶",
    "白",
    "土家",
    "哈尼",
    "哈萨克",
    "傣",
    "黎",
    "傈僳",
    "佤",
    "畲",
    "高山",
    "拉祜",
    "水",
    "东乡",
    "纳西",
    "景颇",
    "柯尔克孜",
    "土",
    "达斡尔",
    "仫佬",
    "羌",
    "布朗",
    "撒拉",
    "毛南",
    "仡佬",
    "锡伯",
    "阿昌",
    "普米",
    "塔吉克",
    "怒",
    "乌孜别克",
    "俄罗斯",
    "鄂温克",
    "德昂",
    "保安",
    "裕固",
    "京",
    "塔塔尔",
    "独龙",
    "鄂伦春",
    "赫哲",
    "门巴",
    "珞巴",
    "基诺",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ethnic_groups_by_code() {
        let names = [(1, "汉"), (5, "维吾尔"), (31, "达斡尔"), (46, "德昂"), (56, "基诺")];
        for (code, name) in names {
            assert_eq!(EthnicGroup(code).name(), Some(name));
        }
        assert_eq!(EthnicGroup(97).name(), Some("其他"));
        assert_eq!(EthnicGroup(0).name(), None);
        assert_eq!(EthnicGroup(57).name(), None);
    }

    #[test]
    fn a_card_is_valid_through_its_last_day() {
        let last = jiff::civil::date(2026, 3, 1);
        assert!(!Validity::Until(last).expired_on(last));
        assert!(Validity::Until(last).expired_on(jiff::civil::date(2026, 3, 2)));
        assert!(!Validity::LongTerm.expired_on(jiff::civil::date(2999, 1, 1)));
    }
}
