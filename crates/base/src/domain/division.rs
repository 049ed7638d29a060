//! Administrative divisions (行政区划).

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Location;

/// A division code of the statistics bureau: 6 digits for a county, 9 for a town, 12 for a village.
/// A longer code begins with the code of the division it lies in. Settings and files name places by it, so
/// serde reads and writes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DivisionCode(String);

/// The text is no division code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("区划代码是 6 位、9 位或 12 位数字")]
pub struct DivisionCodeError;

impl DivisionCode {
    /// Parses 6, 9 or 12 digits.
    ///
    /// # Errors
    /// When the text is anything else.
    pub fn parse(text: &str) -> Result<Self, DivisionCodeError> {
        let right = matches!(text.len(), 6 | 9 | 12) && text.bytes().all(|b| b.is_ascii_digit());
        right.then(|| Self(text.to_owned())).ok_or(DivisionCodeError)
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `self` is `other` or lies in it.
    pub fn lies_in(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// The town's nine digits; `None` for the code of a whole county.
    pub fn town(&self) -> Option<Self> {
        self.0.get(..9).map(|town| Self(town.to_owned()))
    }

    /// The county's six digits.
    pub fn county(&self) -> Self {
        Self(self.0[..6].to_owned())
    }
}

impl TryFrom<String> for DivisionCode {
    type Error = DivisionCodeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<DivisionCode> for String {
    fn from(code: DivisionCode) -> Self {
        code.0
    }
}

impl fmt::Display for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One division with the time in which its code meant this name. Codes were reused in the past, so
/// a code names a place only together with a date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Division {
    /// The code.
    pub code: DivisionCode,
    /// Its name, `福集镇`.
    pub name: String,
    /// First day on which the name is known to hold.
    pub valid_from: Date,
    /// Last day, when it no longer holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
    /// Where its seat lies, if somebody has measured it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

/// The divisions this machine knows, in the order of their file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directory {
    divisions: Vec<Division>,
}

impl Directory {
    /// A directory of `divisions`.
    pub fn new(divisions: Vec<Division>) -> Self {
        Self { divisions }
    }

    /// The name of `code` on `day`, or of the nearest division around it that is known.
    pub fn name(&self, code: &DivisionCode, day: Date) -> Option<&str> {
        [code.as_str().len(), 9, 6]
            .into_iter()
            .filter(|length| *length <= code.as_str().len())
            .find_map(|length| self.exact(&code.as_str()[..length], day))
            .map(|division| division.name.as_str())
    }

    /// Where `code` lies on `day`, and what that place is called: the village, else its town; of a whole
    /// county nobody can say.
    pub fn located(&self, code: &DivisionCode, day: Date) -> Option<(&str, &Location)> {
        let located = |digits: &str| {
            let division = self.exact(digits, day)?;
            Some((division.name.as_str(), division.location.as_ref()?))
        };
        let town = code.town()?;
        located(code.as_str()).or_else(|| located(town.as_str()))
    }

    /// Cities and counties whose place is known on `day`, other than `county`: by them people say which way
    /// something is.
    pub fn landmarks<'a>(
        &'a self,
        county: &'a DivisionCode,
        day: Date,
    ) -> impl Iterator<Item = (&'a str, &'a Location)> {
        let whole =
            move |d: &&Division| d.code.as_str().len() == 6 && d.code != *county && d.valid_on(day);
        let divisions = self.divisions.iter().filter(whole);
        divisions.filter_map(|d| Some((d.name.as_str(), d.location.as_ref()?)))
    }

    /// The place that `code`, the first six digits of a citizen number, meant in `year`. Codes were
    /// abolished and used again, so a code that is not known for that year gives the province.
    pub fn birthplace(&self, code: &DivisionCode, year: i16) -> Option<&str> {
        let begins = |year| Date::new(year, 1, 1).ok();
        let (first, next) = (begins(year)?, begins(year + 1)?);
        let digits = &code.as_str()[..6];
        let within = |d: &&Division| {
            d.code.as_str() == digits
                && d.valid_from < next
                && d.valid_until.is_none_or(|last| first <= last)
        };
        let mut meant = self.divisions.iter().filter(within);
        match (meant.next(), meant.next()) {
            (Some(division), None) => Some(&division.name),
            // Two names in one year: which of them is meant cannot be told.
            _ => province(code),
        }
    }

    /// The towns of `county` on `day`, in file order.
    pub fn towns<'a>(
        &'a self,
        county: &'a DivisionCode,
        day: Date,
    ) -> impl Iterator<Item = &'a Division> {
        self.divisions.iter().filter(move |division| {
            division.code.as_str().len() == 9
                && division.code.lies_in(county)
                && division.valid_on(day)
        })
    }

    /// Whether `code` is a town on `day`.
    pub fn is_town(&self, code: &DivisionCode, day: Date) -> bool {
        code.as_str().len() == 9 && self.exact(code.as_str(), day).is_some()
    }

    /// Whether `code` is a town or a village on `day`. Of a town whose villages nobody has listed
    /// any number is taken for a village.
    pub fn is_place(&self, code: &DivisionCode, day: Date) -> bool {
        let Some(town) = code.town().filter(|town| self.is_town(town, day)) else { return false };
        let is_village = |d: &&Division| d.code.as_str().len() == 12 && d.code.lies_in(&town);
        let has_villages = || self.divisions.iter().any(|d| is_village(&d));
        *code == town || self.exact(code.as_str(), day).is_some() || !has_villages()
    }

    /// The one town in `county`, or anywhere, that is called so on `day`, with or without 镇, 街道 or
    /// 乡; `None` where there is none, or several.
    pub fn town_named(
        &self,
        name: &str,
        county: Option<&DivisionCode>,
        day: Date,
    ) -> Option<&Division> {
        let within = |d: &&Division| {
            d.code.as_str().len() == 9
                && d.valid_on(day)
                && county.is_none_or(|county| d.code.lies_in(county))
                && (d.name == name || bare(&d.name) == Some(name))
        };
        let mut found = self.divisions.iter().filter(within);
        found.next().filter(|_| found.next().is_none())
    }

    fn exact(&self, digits: &str, day: Date) -> Option<&Division> {
        self.divisions.iter().find(|d| d.code.as_str() == digits && d.valid_on(day))
    }
}

/// A town's name without what kind of town it is: 福集 of 福集镇.
fn bare(name: &str) -> Option<&str> {
    ["街道", "镇", "乡"].into_iter().find_map(|kind| name.strip_suffix(kind))
}

/// The province in which a code lies, by its first two digits.
fn province(code: &DivisionCode) -> Option<&'static str> {
    let number: u8 = code.as_str()[..2].parse().ok()?;
    PROVINCES.iter().find(|(own, _)| *own == number).map(|(_, name)| *name)
}

/// The first two digits of GB/T 2260, and 83, with which citizen numbers of residents from Taiwan
/// begin.
#[rustfmt::skip] // A table.
const PROVINCES: [(u8, &str); 35] = [
    (11, "北京市"), (12, "天津市"), (13, "河北省"), (14, "山西省"), (15, "内蒙古自治区"),
    (21, "辽宁省"), (22, "吉林省"), (23, "黑龙江省"),
    (31, "上海市"), (32, "江苏省"), (33, "浙江省"), (34, "安徽省"), (35, "福建省"), (36, "江西省"), (37, "山东省"),
    (41, "河南省"), (42, "湖北省"), (43, "湖南省"), (44, "广东省"), (45, "广西壮族自治区"), (46, "海南省"),
    (50, "重庆市"), (51, "四川省"), (52, "贵州省"), (53, "云南省"), (54, "西藏自治区"),
    (61, "陕西省"), (62, "甘肃省"), (63, "青海省"), (64, "宁夏回族自治区"), (65, "新疆维吾尔自治区"),
    (71, "台湾省"), (81, "香港特别行政区"), (82, "澳门特别行政区"), (83, "台湾省"),
];

impl Division {
    fn valid_on(&self, day: Date) -> bool {
        self.valid_from <= day && self.valid_until.is_none_or(|last| day <= last)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_reused_code_names_a_place_only_on_a_date() {
        let code = DivisionCode::parse("512521").expect("six digits");
        let entry = |name: &str, from, until| Division {
            code: code.clone(),
            name: name.to_owned(),
            valid_from: from,
            valid_until: Some(until),
            location: None,
        };
        let directory = Directory::new(vec![
            entry("夹江县", date(1980, 1, 1), date(1981, 12, 31)),
            entry("泸县", date(1982, 1, 1), date(1982, 12, 31)),
        ]);
        assert_eq!(directory.name(&code, date(1981, 6, 1)), Some("夹江县"));
        assert_eq!(directory.name(&code, date(1982, 6, 1)), Some("泸县"));
        assert_eq!(directory.name(&code, date(1990, 1, 1)), None);
    }

    #[test]
    fn a_birthplace_needs_a_year_and_is_a_province_without_one() {
        let text = include_str!("../../../../kiosk-config/divisions/luxian.toml");
        #[derive(Deserialize)]
        struct File {
            division: Vec<Division>,
        }
        let file: File = toml::from_str(text).expect("the shipped divisions");
        let directory = Directory::new(file.division);
        let place = |code, year| {
            directory.birthplace(&DivisionCode::parse(code).expect("six digits"), year)
        };
        for (code, year, name) in [
            ("512427", 1980, "泸县"),
            ("512427", 1981, "泸县"),
            ("512427", 1982, "安岳县"),
            ("512427", 1984, "安岳县"),
            ("512427", 1985, "四川省"),
            ("512427", 1961, "四川省"),
            ("512521", 1981, "夹江县"),
            ("512521", 1982, "泸县"),
            ("512521", 1983, "四川省"),
            ("510521", 1983, "泸县"),
            ("510521", 2020, "泸县"),
            ("510502", 1994, "市中区"),
            ("510502", 1995, "江阳区"),
            ("510599", 1985, "四川省"),
            ("830000", 1990, "台湾省"),
            ("810000", 1892, "香港特别行政区"),
        ] {
            assert_eq!(place(code, year), Some(name), "{code} {year}");
        }
        assert_eq!(place("990000", 1990), None);
        let id = crate::domain::CitizenId::parse("510599198507150012").expect("valid");
        assert_eq!(id.division().as_str(), "510599");
    }

    #[test]
    fn towns_are_known_by_code_and_by_name() {
        fn code(text: &str) -> DivisionCode {
            DivisionCode::parse(text).expect("digits")
        }
        let day = date(2026, 11, 29);
        let entry = |digits, name: &str| Division {
            code: code(digits),
            name: name.to_owned(),
            valid_from: date(2020, 1, 1),
            valid_until: None,
            location: None,
        };
        let directory = Directory::new(vec![
            entry("510599", "测试县"),
            entry("510599100", "测试镇"),
            entry("510599001", "测试甲街道"),
            entry("510599001001", "测试社区"),
            entry("510598100", "测试镇"),
        ]);
        let named = |name, county: Option<&str>| {
            let county = county.map(code);
            directory.town_named(name, county.as_ref(), day).map(|town| town.code.as_str())
        };
        assert_eq!(named("测试镇", Some("510599")), Some("510599100"));
        assert_eq!(named("测试", Some("510599")), Some("510599100"));
        assert_eq!(named("测试甲", None), Some("510599001"));
        assert_eq!(named("测试镇", None), None, "which of the two");
        assert_eq!(named("测试县", None), None);
        let is_place = |digits| directory.is_place(&code(digits), day);
        assert!(is_place("510599100") && is_place("510599001001"));
        assert!(is_place("510599100201"), "of this town no village is listed");
        assert!(!is_place("510599001002") && !is_place("510599999") && !is_place("510599"));
        assert!(!is_place("510599999201"));
    }

    #[test]
    fn a_village_lies_in_its_town_and_county() {
        let code = |text| DivisionCode::parse(text).expect("digits");
        assert!(code("510521100017").lies_in(&code("510521100")));
        assert!(code("510521100").lies_in(&code("510521")));
        assert!(!code("510521").lies_in(&code("510521100")));
        assert!(DivisionCode::parse("5105").is_err());
    }
}
