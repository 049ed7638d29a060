//! Invented residents, one TOML file each, as the demonstration and the simulated reader use them.
//! Keeps no state. Only the card is read here; the account in the same file belongs to the county.
//!
//! `card.kind` says which document it is, by the names that `kiosk card read --json` prints;
//! without it, it is a resident's ID card.

use std::{
    fs,
    path::{Path, PathBuf},
};

use jiff::civil::Date;
use kiosk_base::{
    domain::{
        CitizenId, Document, ForeignerNumber2017, ForeignerNumber2023, Sensitive,
        document::{
            EthnicGroup, ForeignerCard2017, ForeignerCard2023, ResidencePermit, ResidentIdCard,
            Sex, SocialSecurityCard, Validity,
        },
    },
    strict::{self, plain},
};
use serde::Deserialize;

/// An invented resident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resident {
    /// The file's name without its ending: `a`.
    pub name: String,
    /// Who this is, for the person who chooses a card: `67 岁，领居民养老金`.
    pub label: String,
    /// The day on which the dates in the file are true.
    pub as_of: Date,
    /// What the card carries.
    pub card: Document,
}

/// What is wrong with a file or directory of residents.
#[derive(Debug, thiserror::Error)]
pub enum ResidentError {
    /// It cannot be read.
    #[error("{}：{error}", .path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It is not a resident.
    #[error("{}：{reason}", .path.display())]
    Content {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

/// Longest file.
const MAX_FILE: u64 = 256 * 1024;
/// Most residents in a directory.
const MAX_RESIDENTS: usize = 200;

/// Reads all `*.toml` files in `directory`, in the order of their names.
///
/// # Errors
/// Names the first file that is no resident.
pub fn load(directory: &Path) -> Result<Vec<Resident>, ResidentError> {
    let read_error = |error| ResidentError::Read { path: directory.to_owned(), error };
    let mut files = fs::read_dir(directory)
        .map_err(read_error)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(read_error)?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    if files.len() > MAX_RESIDENTS {
        let reason = format!("居民多于 {MAX_RESIDENTS} 人");
        return Err(ResidentError::Content { path: directory.to_owned(), reason });
    }
    files.iter().map(|path| load_file(path)).collect()
}

/// Reads one resident.
///
/// # Errors
/// Says what is wrong with the file.
pub fn load_file(path: &Path) -> Result<Resident, ResidentError> {
    let read_error = |error| ResidentError::Read { path: path.to_owned(), error };
    let content = |reason: String| ResidentError::Content { path: path.to_owned(), reason };
    if fs::metadata(path).map_err(read_error)?.len() > MAX_FILE {
        return Err(content(format!("文件超过 {MAX_FILE} 字节")));
    }
    let text = fs::read_to_string(path).map_err(read_error)?;
    // Unknown tables are no mistake here: the county reads the account out of the same file.
    let file: File =
        toml::from_str(&text).map_err(|error| content(strict::toml_fault(&text, &error)))?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    file.resident(name).map_err(content)
}

#[derive(Deserialize)]
struct File {
    label: String,
    as_of: Date,
    card: toml::Table,
}

impl File {
    fn resident(self, name: String) -> Result<Resident, String> {
        let Self { label, as_of, mut card } = self;
        let kind = match card.remove("kind") {
            None => "resident_id_card".to_owned(),
            Some(kind) => kind.as_str().unwrap_or_default().to_owned(),
        };
        let card = match kind.as_str() {
            "resident_id_card" => Document::ResidentIdCard(read::<IdCard>(card)?.card()?),
            "hk_macao_taiwan_permit" => Document::ResidencePermit(read::<Permit>(card)?.card()?),
            "foreigner_permit_2017" => Document::ForeignerCard2017(read::<Of2017>(card)?.card()?),
            "foreigner_permit_2023" => Document::ForeignerCard2023(read::<Of2023>(card)?.card()?),
            "social_security_card" => {
                Document::SocialSecurityCard(read::<SocialSecurity>(card)?.card()?)
            }
            _ => return Err("card.kind 不是终端能读的证件".to_owned()),
        };
        Ok(Resident { name, label, as_of, card })
    }
}

fn read<T: serde::de::DeserializeOwned>(card: toml::Table) -> Result<T, String> {
    card.try_into()
        .map_err(|error: toml::de::Error| format!("[card] 里：{}", plain(error.message())))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IdCard {
    name: String,
    sex: Sex,
    ethnic_group: u8,
    birth_date: Date,
    address: String,
    appended_address: Option<String>,
    number: String,
    issuing_authority: String,
    valid_from: Date,
    valid_until: String,
}

impl IdCard {
    fn card(self) -> Result<ResidentIdCard, &'static str> {
        let valid_until = match self.valid_until.as_str() {
            "长期" => Validity::LongTerm,
            date => Validity::Until(
                date.parse().map_err(|_| "card.valid_until 不是日期，也不是“长期”")?,
            ),
        };
        Ok(ResidentIdCard {
            name: Sensitive::new(self.name),
            sex: self.sex,
            ethnic_group: EthnicGroup(self.ethnic_group),
            birth_date: Sensitive::new(self.birth_date.into()),
            address: Sensitive::new(self.address),
            appended_address: self.appended_address.map(Sensitive::new),
            number: citizen(&self.number)?,
            issuing_authority: Sensitive::new(self.issuing_authority),
            valid_from: self.valid_from,
            valid_until,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Permit {
    name: String,
    sex: Sex,
    birth_date: Date,
    address: String,
    appended_address: Option<String>,
    number: String,
    issuing_authority: String,
    valid_from: Date,
    valid_until: Date,
    permit_number: String,
    issue_count: u8,
}

impl Permit {
    fn card(self) -> Result<ResidencePermit, &'static str> {
        Ok(ResidencePermit {
            name: Sensitive::new(self.name),
            sex: self.sex,
            birth_date: Sensitive::new(self.birth_date.into()),
            address: Sensitive::new(self.address),
            appended_address: self.appended_address.map(Sensitive::new),
            number: citizen(&self.number)?,
            issuing_authority: Sensitive::new(self.issuing_authority),
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            permit_number: Sensitive::new(self.permit_number),
            issue_count: self.issue_count,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Of2017 {
    english_name: String,
    chinese_name: Option<String>,
    sex: Sex,
    birth_date: Date,
    number: String,
    nationality: String,
    valid_from: Date,
    valid_until: Date,
    version: String,
    accepting_authority: String,
}

impl Of2017 {
    fn card(self) -> Result<ForeignerCard2017, &'static str> {
        Ok(ForeignerCard2017 {
            english_name: Sensitive::new(self.english_name),
            chinese_name: self.chinese_name.map(Sensitive::new),
            sex: self.sex,
            number: ForeignerNumber2017::parse(&self.number)
                .map_err(|_| "card.number 不是这种证件的号码")?,
            nationality: Sensitive::new(self.nationality),
            birth_date: Sensitive::new(self.birth_date.into()),
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            version: self.version,
            accepting_authority: Sensitive::new(self.accepting_authority),
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Of2023 {
    english_name: String,
    chinese_name: Option<String>,
    sex: Sex,
    renewal_count: u8,
    birth_date: Date,
    number: String,
    nationality: String,
    valid_from: Date,
    valid_until: Date,
    earlier_number: String,
}

impl Of2023 {
    fn card(self) -> Result<ForeignerCard2023, &'static str> {
        Ok(ForeignerCard2023 {
            english_name: Sensitive::new(self.english_name),
            chinese_name: self.chinese_name.map(Sensitive::new),
            sex: self.sex,
            renewal_count: self.renewal_count,
            number: ForeignerNumber2023::parse(&self.number)
                .map_err(|_| "card.number 不是这种证件的号码")?,
            nationality: Sensitive::new(self.nationality),
            birth_date: Sensitive::new(self.birth_date.into()),
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            earlier_number: Sensitive::new(self.earlier_number),
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SocialSecurity {
    name: String,
    sex: Sex,
    ethnic_group: u8,
    birth_date: Date,
    number: String,
    card_number: String,
    version: String,
    valid_from: Option<Date>,
    valid_until: Option<Date>,
}

impl SocialSecurity {
    fn card(self) -> Result<SocialSecurityCard, &'static str> {
        Ok(SocialSecurityCard {
            name: Sensitive::new(self.name),
            sex: self.sex,
            ethnic_group: EthnicGroup(self.ethnic_group),
            birth_date: Sensitive::new(self.birth_date.into()),
            number: citizen(&self.number)?,
            card_number: Sensitive::new(self.card_number),
            version: self.version,
            valid_from: self.valid_from,
            valid_until: self.valid_until,
        })
    }
}

fn citizen(number: &str) -> Result<CitizenId, &'static str> {
    CitizenId::parse(number).map_err(|_| "card.number 不是正确的身份证号码")
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const RESIDENT: &str = r#"
        label = "30 岁，在家待业"
        as_of = "2026-11-23"
        [card]
        name = "测试甲"
        sex = "female"
        ethnic_group = 1
        birth_date = "1985-07-15"
        address = "四川省泸县福集镇测试路1号"
        appended_address = "四川省泸县嘉明镇测试新址9号"
        number = "510599198507150012"
        issuing_authority = "泸县公安局"
        valid_from = "2020-01-01"
        valid_until = "长期"
        [account]
        anything = "is not read here"
    "#;

    fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().expect("a directory");
        for (name, text) in files {
            fs::write(directory.path().join(name), text).expect("writable");
        }
        directory
    }

    #[test]
    fn residents_come_in_the_order_of_their_files() {
        let dated = RESIDENT.replace("长期", "2040-01-01").replace("测试甲", "测试乙");
        let files = directory(&[("b.toml", RESIDENT), ("a.toml", &dated), ("notes.txt", "-")]);
        let residents = load(files.path()).expect("two residents");
        let names: Vec<&str> = residents.iter().map(|r| r.card.name().expose().as_str()).collect();
        assert_eq!(names, ["测试乙", "测试甲"]);
        let [Document::ResidentIdCard(one), Document::ResidentIdCard(other)] =
            [&residents[0].card, &residents[1].card]
        else {
            panic!("two residents' cards")
        };
        assert_eq!(one.valid_until, Validity::Until(date(2040, 1, 1)));
        assert_eq!(other.valid_until, Validity::LongTerm);
        assert_eq!(residents[1].label, "30 岁，在家待业");
        assert!(other.appended_address.is_some());
    }

    #[test]
    fn a_wrong_file_is_named_and_its_fault_told() {
        let cases = [
            ("0012", "0013", "card.number 不是正确的身份证号码"),
            ("长期", "forever", "card.valid_until 不是日期，也不是“长期”"),
            ("female", "queen", "不能这样写，可以写的有"),
            ("address =", "adress =", "adress"),
            ("1985-07-15", "1985-07-32", "日期或者时间写得不对"),
            ("[card]", "[card]\nkind = \"passport\"", "card.kind"),
            ("[card]", "[card]\nkind = \"hk_macao_taiwan_permit\"", "ethnic_group"),
            ("[card]", "[card]\nkind = \"social_security_card\"", "address"),
        ];
        for (right, wrong, told) in cases {
            let files = directory(&[("c.toml", &RESIDENT.replacen(right, wrong, 1))]);
            let error = load(files.path()).expect_err(wrong).to_string();
            assert!(error.contains("c.toml：") && error.contains(told), "{error}");
        }
        assert!(matches!(load(Path::new("/nonexistent")), Err(ResidentError::Read { .. })));
    }
}
