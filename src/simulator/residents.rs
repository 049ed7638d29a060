//! Invented residents, one TOML file each, as the demonstration and the simulated reader use them.
//! Keeps no state. Only the card is read here; the account in the same file belongs to the county.

use std::{
    fs,
    path::{Path, PathBuf},
};

use jiff::civil::Date;
use serde::Deserialize;

use crate::domain::{
    CitizenId, ResidentIdCard, Sensitive,
    document::{EthnicGroup, Sex, Validity},
};

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
    pub card: ResidentIdCard,
}

/// What is wrong with a file or directory of residents.
#[derive(Debug, thiserror::Error)]
pub enum ResidentError {
    /// It cannot be read.
    #[error("{}: {error}", .path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It is not a resident.
    #[error("{}: {reason}", .path.display())]
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
        let reason = format!("more than {MAX_RESIDENTS} residents");
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
        return Err(content(format!("longer than {MAX_FILE} bytes")));
    }
    let text = fs::read_to_string(path).map_err(read_error)?;
    // Unknown tables are no mistake here: the county reads the account out of the same file.
    let file: File = toml::from_str(&text).map_err(|error| content(error.to_string()))?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    file.resident(name).map_err(|reason| content(reason.to_owned()))
}

#[derive(Deserialize)]
struct File {
    label: String,
    as_of: Date,
    card: Card,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Card {
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

impl File {
    fn resident(self, name: String) -> Result<Resident, &'static str> {
        let Self { label, as_of, card } = self;
        let valid_until = match card.valid_until.as_str() {
            "长期" => Validity::LongTerm,
            date => Validity::Until(
                date.parse().map_err(|_| "card.valid_until is neither a date nor 长期")?,
            ),
        };
        let number =
            CitizenId::parse(&card.number).map_err(|_| "card.number is no valid citizen number")?;
        let card = ResidentIdCard {
            name: Sensitive::new(card.name),
            sex: card.sex,
            ethnic_group: EthnicGroup(card.ethnic_group),
            birth_date: Sensitive::new(card.birth_date.into()),
            address: Sensitive::new(card.address),
            appended_address: card.appended_address.map(Sensitive::new),
            number,
            issuing_authority: Sensitive::new(card.issuing_authority),
            valid_from: card.valid_from,
            valid_until,
        };
        Ok(Resident { name, label, as_of, card })
    }
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
        let names: Vec<&str> = residents.iter().map(|r| r.card.name.expose().as_str()).collect();
        assert_eq!(names, ["测试乙", "测试甲"]);
        assert_eq!(residents[0].card.valid_until, Validity::Until(date(2040, 1, 1)));
        assert_eq!(residents[1].card.valid_until, Validity::LongTerm);
        assert_eq!(residents[1].label, "30 岁，在家待业");
        assert!(residents[1].card.appended_address.is_some());
    }

    #[test]
    fn a_wrong_file_is_named_and_its_fault_told() {
        let cases = [
            ("0012", "0013", "card.number is no valid citizen number"),
            ("长期", "forever", "card.valid_until is neither a date nor 长期"),
            ("female", "queen", "unknown variant"),
            ("address =", "adress =", "adress"),
            ("1985-07-15", "1985-07-32", "day"),
        ];
        for (right, wrong, told) in cases {
            let files = directory(&[("c.toml", &RESIDENT.replacen(right, wrong, 1))]);
            let error = load(files.path()).expect_err(wrong).to_string();
            assert!(error.contains("c.toml: ") && error.contains(told), "{error}");
        }
        assert!(matches!(load(Path::new("/nonexistent")), Err(ResidentError::Read { .. })));
    }
}
