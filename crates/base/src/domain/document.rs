//! Identity documents, as the kiosk understands them after reading.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    CitizenId, ForeignerNumber2017, ForeignerNumber2023, HolderNumber, Sensitive, name::same_name,
};

/// A document that was read completely and checked. The pictures and fingerprints on it are read
/// past and never kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Document {
    /// 居民身份证.
    ResidentIdCard(ResidentIdCard),
    /// 港澳台居民居住证.
    ResidencePermit(ResidencePermit),
    /// 外国人永久居留身份证 of 2017.
    ForeignerCard2017(ForeignerCard2017),
    /// 外国人永久居留身份证 of 2023.
    ForeignerCard2023(ForeignerCard2023),
    /// 社会保障卡.
    SocialSecurityCard(SocialSecurityCard),
}

/// What a resident ID card (居民身份证) carries.
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
    /// 住址 as printed.
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

/// What a residence permit for residents of Hong Kong, Macao and Taiwan (港澳台居民居住证) carries,
/// issued since 2018-09-01. It has no ethnic group, and always an end of validity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResidencePermit {
    /// 姓名, as stored; often in traditional characters.
    pub name: Sensitive<String>,
    /// 性别.
    pub sex: Sex,
    /// 出生日期 as printed.
    pub birth_date: Sensitive<PlainDate>,
    /// 住址 as printed.
    pub address: Sensitive<String>,
    /// 最新追加住址, when the card stores one; it supersedes [`address`](Self::address).
    pub appended_address: Option<Sensitive<String>>,
    /// 公民身份号码; begins with 81, 82 or 83.
    pub number: CitizenId,
    /// 签发机关.
    pub issuing_authority: Sensitive<String>,
    /// 有效期起始.
    pub valid_from: Date,
    /// 有效期截止, the last day.
    pub valid_until: Date,
    /// 通行证号码 of the permit to enter the mainland.
    pub permit_number: Sensitive<String>,
    /// 签发次数.
    pub issue_count: u8,
}

/// What a foreigner's permanent residence card of the 2017 version (外国人永久居留身份证) carries.
/// It has neither address nor citizen number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignerCard2017 {
    /// 英文姓名, with its inner spaces and commas.
    pub english_name: Sensitive<String>,
    /// 中文姓名, when there is one.
    pub chinese_name: Option<Sensitive<String>>,
    /// 性别.
    pub sex: Sex,
    /// 永久居留证号码.
    pub number: ForeignerNumber2017,
    /// 国籍或所在地区代码: three letters, GB/T 2659.
    pub nationality: Sensitive<String>,
    /// 出生日期.
    pub birth_date: Sensitive<PlainDate>,
    /// 签发日期.
    pub valid_from: Date,
    /// 终止日期, the last day.
    pub valid_until: Date,
    /// 证件版本号, as stored.
    pub version: String,
    /// 当次申请受理机关代码: the first four digits of a division code, as stored.
    pub accepting_authority: Sensitive<String>,
}

/// What a foreigner's permanent residence card of the 2023 version carries, issued since
/// 2023-12-01. It names no issuing authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignerCard2023 {
    /// 英文姓名; the card stores it in two parts.
    pub english_name: Sensitive<String>,
    /// 中文姓名, when there is one.
    pub chinese_name: Option<Sensitive<String>>,
    /// 性别.
    pub sex: Sex,
    /// 换证次数.
    pub renewal_count: u8,
    /// 永久居留证号码.
    pub number: ForeignerNumber2023,
    /// 所属国家和地区代码: three letters.
    pub nationality: Sensitive<String>,
    /// 出生日期.
    pub birth_date: Sensitive<PlainDate>,
    /// 有效期起始.
    pub valid_from: Date,
    /// 有效期截止, the last day.
    pub valid_until: Date,
    /// 既往版本号码关联项, as stored; by which rule it leads to the older number is not public.
    pub earlier_number: Sensitive<String>,
}

/// What can be read freely from a social-security card (社会保障卡) of the first two generations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocialSecurityCard {
    /// 姓名.
    pub name: Sensitive<String>,
    /// 性别.
    pub sex: Sex,
    /// 民族.
    pub ethnic_group: EthnicGroup,
    /// 出生日期.
    pub birth_date: Sensitive<PlainDate>,
    /// 社会保障号码, which is the citizen number.
    pub number: CitizenId,
    /// 卡号.
    pub card_number: Sensitive<String>,
    /// 规范版本, `2.00`.
    pub version: String,
    /// 发卡日期, when the card says it.
    pub valid_from: Option<Date>,
    /// 卡有效期, the last day, when the card says it.
    pub valid_until: Option<Date>,
}

impl Document {
    /// The holder's name as stored, in Chinese characters where the document has them.
    pub fn name(&self) -> &Sensitive<String> {
        match self {
            Self::ResidentIdCard(card) => &card.name,
            Self::ResidencePermit(permit) => &permit.name,
            Self::ForeignerCard2017(card) => {
                card.chinese_name.as_ref().unwrap_or(&card.english_name)
            }
            Self::ForeignerCard2023(card) => {
                card.chinese_name.as_ref().unwrap_or(&card.english_name)
            }
            Self::SocialSecurityCard(card) => &card.name,
        }
    }

    /// The name in Latin letters, on the documents that carry one.
    pub fn english_name(&self) -> Option<&Sensitive<String>> {
        match self {
            Self::ForeignerCard2017(card) => Some(&card.english_name),
            Self::ForeignerCard2023(card) => Some(&card.english_name),
            Self::ResidentIdCard(_) | Self::ResidencePermit(_) | Self::SocialSecurityCard(_) => {
                None
            }
        }
    }

    /// Whether `name` is one of the holder's names, however the other system writes it.
    pub fn is_called(&self, name: &str) -> bool {
        let names = [Some(self.name()), self.english_name()];
        names.into_iter().flatten().any(|own| same_name(own.expose(), name))
    }

    /// The number by which the county knows the holder.
    pub fn number(&self) -> HolderNumber {
        match self {
            Self::ResidentIdCard(card) => card.number.clone().into(),
            Self::ResidencePermit(permit) => permit.number.clone().into(),
            Self::ForeignerCard2017(card) => HolderNumber::Foreigner2017(card.number.clone()),
            Self::ForeignerCard2023(card) => HolderNumber::Foreigner2023(card.number.clone()),
            Self::SocialSecurityCard(card) => card.number.clone().into(),
        }
    }

    /// When the holder was born: by the citizen number, where the document has one.
    pub fn born(&self) -> Sensitive<PlainDate> {
        let by_number = |number: &CitizenId| Sensitive::new(number.birth_date().into());
        match self {
            Self::ResidentIdCard(card) => by_number(&card.number),
            Self::ResidencePermit(permit) => by_number(&permit.number),
            Self::ForeignerCard2017(card) => card.birth_date.clone(),
            Self::ForeignerCard2023(card) => card.birth_date.clone(),
            Self::SocialSecurityCard(card) => by_number(&card.number),
        }
    }

    /// The holder's sex as stored.
    pub fn sex(&self) -> Sex {
        match self {
            Self::ResidentIdCard(card) => card.sex,
            Self::ResidencePermit(permit) => permit.sex,
            Self::ForeignerCard2017(card) => card.sex,
            Self::ForeignerCard2023(card) => card.sex,
            Self::SocialSecurityCard(card) => card.sex,
        }
    }

    /// Whether the document had run out before `today`.
    pub fn expired_on(&self, today: Date) -> bool {
        let last = match self {
            Self::ResidentIdCard(card) => card.valid_until,
            Self::ResidencePermit(permit) => Validity::Until(permit.valid_until),
            Self::ForeignerCard2017(card) => Validity::Until(card.valid_until),
            Self::ForeignerCard2023(card) => Validity::Until(card.valid_until),
            Self::SocialSecurityCard(card) => match card.valid_until {
                Some(last) => Validity::Until(last),
                None => return false,
            },
        };
        last.expired_on(today)
    }

    /// Where the holder lives by the document: the newest appended address, or the printed one.
    /// Foreigners' cards and social-security cards carry none.
    pub fn current_address(&self) -> Option<&Sensitive<String>> {
        let (printed, appended) = match self {
            Self::ResidentIdCard(card) => (&card.address, &card.appended_address),
            Self::ResidencePermit(permit) => (&permit.address, &permit.appended_address),
            Self::ForeignerCard2017(_)
            | Self::ForeignerCard2023(_)
            | Self::SocialSecurityCard(_) => return None,
        };
        Some(appended.as_ref().unwrap_or(printed))
    }

    /// Takes the newest appended address, which is read after the rest. A document that carries no
    /// address takes none.
    pub fn append_address(&mut self, address: Option<Sensitive<String>>) {
        match self {
            Self::ResidentIdCard(card) => card.appended_address = address,
            Self::ResidencePermit(permit) => permit.appended_address = address,
            Self::ForeignerCard2017(_)
            | Self::ForeignerCard2023(_)
            | Self::SocialSecurityCard(_) => {}
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
    /// The last day, of a validity that ends.
    pub fn last_day(self) -> Option<Date> {
        match self {
            Self::Until(last) => Some(last),
            Self::LongTerm => None,
        }
    }

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

/// What a document says about itself, as far as it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentFacts {
    /// What it is.
    pub kind: DocumentKind,
    /// Its last day; absent when it is valid for ever or does not say.
    pub valid_until: Option<Date>,
    /// How often it was issued (签发次数, 换证次数), on the kinds that count it.
    pub issue_count: Option<u8>,
}

/// Kinds of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentKind {
    /// 居民身份证.
    ResidentIdCard,
    /// 港澳台居民居住证.
    HkMacaoTaiwanPermit,
    /// 外国人永久居留身份证 of 2017.
    ForeignerPermit2017,
    /// 外国人永久居留身份证 of 2023.
    ForeignerPermit2023,
    /// 社会保障卡.
    SocialSecurityCard,
}

impl DocumentFacts {
    /// Of `document`.
    pub fn of(document: &Document) -> Self {
        let (kind, valid_until, issue_count) = match document {
            Document::ResidentIdCard(card) => {
                (DocumentKind::ResidentIdCard, card.valid_until.last_day(), None)
            }
            Document::ResidencePermit(permit) => (
                DocumentKind::HkMacaoTaiwanPermit,
                Some(permit.valid_until),
                Some(permit.issue_count),
            ),
            Document::ForeignerCard2017(card) => {
                (DocumentKind::ForeignerPermit2017, Some(card.valid_until), None)
            }
            Document::ForeignerCard2023(card) => {
                let count = Some(card.renewal_count);
                (DocumentKind::ForeignerPermit2023, Some(card.valid_until), count)
            }
            Document::SocialSecurityCard(card) => {
                (DocumentKind::SocialSecurityCard, card.valid_until, None)
            }
        };
        Self { kind, valid_until, issue_count }
    }
}

impl DocumentKind {
    /// Whether a security module reads such documents.
    pub fn needs_module(self) -> bool {
        self != Self::SocialSecurityCard
    }

    /// Whether a document of this kind can carry `number`.
    pub fn carries(self, number: &HolderNumber) -> bool {
        match (self, number) {
            (Self::ResidentIdCard | Self::SocialSecurityCard, HolderNumber::Citizen(_)) => true,
            (Self::HkMacaoTaiwanPermit, HolderNumber::Citizen(number)) => {
                ["81", "82", "83"].iter().any(|head| number.expose().starts_with(head))
            }
            (Self::ForeignerPermit2017, HolderNumber::Foreigner2017(_)) => true,
            (Self::ForeignerPermit2023, HolderNumber::Foreigner2023(_)) => true,
            _ => false,
        }
    }
}

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
        assert_eq!(EthnicGroup(98).name(), Some("外国血统中国籍人士"));
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

    #[test]
    fn the_appended_address_supersedes_the_printed_one() {
        let mut document = Document::ResidencePermit(ResidencePermit {
            name: "測試丙".into(),
            sex: Sex::Male,
            birth_date: Sensitive::default(),
            address: "四川省泸县福集镇测试路2号".into(),
            appended_address: None,
            number: CitizenId::parse("810000189202290038").expect("valid"),
            issuing_authority: "泸县公安局".into(),
            valid_from: jiff::civil::date(2021, 3, 1),
            valid_until: jiff::civil::date(2026, 3, 1),
            permit_number: "H00000000".into(),
            issue_count: 1,
        });
        let address = |document: &Document| document.current_address().cloned();
        assert!(address(&document) == Some("四川省泸县福集镇测试路2号".into()));
        document.append_address(Some("四川省泸县嘉明镇测试新址9号".into()));
        assert!(address(&document) == Some("四川省泸县嘉明镇测试新址9号".into()));
    }

    #[test]
    fn a_foreigner_is_called_by_either_name() {
        let card = |chinese_name: Option<&str>| {
            Document::ForeignerCard2017(ForeignerCard2017 {
                english_name: "TEST, SYNTHETIC PERSON".into(),
                chinese_name: chinese_name.map(Into::into),
                sex: Sex::Female,
                number: ForeignerNumber2017::parse("XXA000000000001").expect("valid"),
                nationality: "XXA".into(),
                birth_date: Sensitive::default(),
                valid_from: jiff::civil::date(2018, 1, 1),
                valid_until: jiff::civil::date(2028, 1, 1),
                version: "01".into(),
                accepting_authority: "5100".into(),
            })
        };
        let both = card(Some("测试丁"));
        assert!(both.is_called("测试丁") && both.is_called("Test Synthetic Person"));
        assert!(!both.is_called("测试乙") && !both.is_called(""));
        assert_eq!(both.name().expose(), "测试丁");
        assert_eq!(card(None).name().expose(), "TEST, SYNTHETIC PERSON");
        assert!(both.current_address().is_none());
    }
}
