//! The invented core system of the demonstration: residents from files, one a person, and a
//! county's worth of generated ones ([`Population`]). The dates of both move with the calendar, so
//! the demonstration never goes stale.
//!
//! | file | what |
//! | --- | --- |
//! | this one | residents from files, and the answers about both |
//! | [`population`] | who the generated residents are, from a seed and an index |
//! | `life` | the account of one, by the kind of life |
//! | `work` | insurance of people who work |
//! | `drawing` | what is drawn |
//! | `filed` | short forms in files |
//! | `figures`, `dice` | invented figures, chance that can be repeated |
//!
//! State: the residents of files, in memory, as their files say (a real core system is elsewhere, and
//! the county keeps nothing of its answers); dates are moved when somebody asks. Of the generated ones
//! nothing but the seed, and hashes of their numbers once one was asked for.

use std::{
    collections::{HashMap, hash_map::Entry},
    path::Path,
};

use jiff::{Timestamp, civil::Date};
use kiosk_base::{
    clock::Clock,
    domain::{
        Account, Certification, HolderNumber, Participation, Sensitive,
        account::{SocialSecurityCard, Unemployment},
        name::same_name,
    },
    strict,
    wire::v1,
};
use serde::Deserialize;

use super::{
    CountyError,
    core::{CoreAnswer, CoreError, CoreQuery, CoreSystem, PinAnswer, PinVerdict},
    shift::Shift,
};

mod dice;
mod drawing;
mod figures;
mod filed;
mod life;
pub mod population;
mod work;

pub use population::{Person, Population};

/// Most resident files; a demonstration has a handful.
const RESIDENTS: usize = 10_000;

/// The invented core.
pub struct InventedCore {
    clock: Clock,
    residents: HashMap<HolderNumber, Resident>,
    population: Population,
}

impl InventedCore {
    /// Reads every `*.toml` in `directory`.
    ///
    /// # Errors
    /// When the directory or a file cannot be read, a file makes no sense, or two files have an
    /// account of one person. Further files about a person are about other cards of theirs.
    pub fn read(directory: &Path, clock: Clock) -> Result<Self, CountyError> {
        let mut residents = HashMap::new();
        for entry in std::fs::read_dir(directory).map_err(CountyError::file(directory))? {
            let path = entry.map_err(CountyError::file(directory))?.path();
            if path.extension().is_none_or(|extension| extension != "toml") {
                continue;
            }
            let content = |detail| CountyError::Content { path: path.clone(), detail };
            let text = std::fs::read_to_string(&path).map_err(CountyError::file(&path))?;
            let resident: Resident =
                toml::from_str(&text).map_err(|e| content(strict::toml_fault(&text, &e)))?;
            if residents.len() == RESIDENTS {
                return Err(content(format!("居民多于 {RESIDENTS} 人")));
            }
            match residents.entry(resident.card.number.clone()) {
                Entry::Vacant(entry) => drop(entry.insert(resident)),
                Entry::Occupied(_) if resident.account.is_none() => {}
                Entry::Occupied(mut entry) if entry.get().account.is_none() => {
                    entry.insert(resident);
                }
                Entry::Occupied(_) => {
                    return Err(content("另一个文件里有同一个号码的账户".into()));
                }
            }
        }
        Ok(Self { clock, residents, population: Population::default() })
    }

    fn answer(&self, query: &CoreQuery) -> Result<Account, CoreError> {
        let Some(resident) = self.residents.get(&query.number) else {
            let person = self.population.find(&query.number).ok_or(CoreError::NotFound)?;
            belongs(query, &person.name)?;
            return Ok(person.account(self.clock.today(), self.posted()));
        };
        let figures = resident.account.as_ref().ok_or(CoreError::NotFound)?;
        let own = resident.card.name()?;
        belongs(query, own)?;
        let mut account = Account {
            number: resident.card.number.clone(),
            name: own.clone(),
            as_of: self.posted(),
            participations: figures.participations.clone(),
            certification: figures.certification.clone(),
            unemployment: figures.unemployment.clone(),
            card: figures.card.clone(),
            origins: Vec::new(),
        };
        Shift::between(resident.as_of, self.clock.today()).account(&mut account);
        life::tell_origins(&mut account);
        Ok(account)
    }

    /// Core systems post the day's figures at night.
    fn posted(&self) -> Timestamp {
        let midnight = self.clock.wall().start_of_day();
        midnight.map_or_else(|_| self.clock.now(), |day| day.timestamp())
    }
}

/// Whether the name of a query, in whichever letters, is `own`.
fn belongs(query: &CoreQuery, own: &Sensitive<String>) -> Result<(), CoreError> {
    let names = [Some(&query.name), query.english_name.as_ref()];
    let same = names.into_iter().flatten().any(|name| same_name(own.expose(), name.expose()));
    same.then_some(()).ok_or(CoreError::IdentityMismatch)
}

impl CoreSystem for InventedCore {
    fn account<'a>(&'a self, query: &'a CoreQuery) -> CoreAnswer<'a> {
        Box::pin(async { self.answer(query) })
    }

    fn check_pin<'a>(&'a self, query: &'a CoreQuery, pin: &'a Sensitive<String>) -> PinAnswer<'a> {
        Box::pin(async move {
            self.answer(query)?;
            // Generated residents have none.
            let known =
                self.residents.get(&query.number).and_then(|resident| resident.pin.as_ref());
            Ok(match known {
                None => PinVerdict::NoneKnown,
                Some(own) if own == pin => PinVerdict::Right,
                Some(_) => PinVerdict::Wrong,
            })
        })
    }
}

/// A resident's file, as far as the core system is concerned: the simulated reader reads the rest.
#[derive(Deserialize)]
struct Resident {
    as_of: Date,
    card: Card,
    /// The query PIN, digits, for counties that ask for one.
    pin: Option<Sensitive<String>>,
    /// Absent for a person whom the core system does not know. The rest of the file is the simulated
    /// reader's to read; here is nothing that nobody reads.
    #[serde(default, deserialize_with = "strict::read")]
    account: Option<Figures>,
}

#[derive(Deserialize)]
struct Card {
    number: HolderNumber,
    /// As on the card; foreigners' cards have `english_name`, and may have `chinese_name`.
    name: Option<Sensitive<String>>,
    chinese_name: Option<Sensitive<String>>,
    english_name: Option<Sensitive<String>>,
}

impl Card {
    /// The name under which the account is kept.
    fn name(&self) -> Result<&Sensitive<String>, CoreError> {
        let names = [&self.name, &self.chinese_name, &self.english_name];
        names.into_iter().flatten().next().ok_or(CoreError::NotFound)
    }
}

#[derive(Deserialize)]
#[serde(from = "Written")]
struct Figures {
    participations: Vec<Participation>,
    certification: Option<Certification>,
    unemployment: Option<Unemployment>,
    card: Option<SocialSecurityCard>,
}

/// The figures as a file has them: as they would travel, and short forms.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// Oldest first.
    #[serde(default)]
    work: Vec<filed::Work>,
    /// Of the pension, oldest first.
    #[serde(default)]
    paid: Vec<filed::Paid>,
    #[serde(default)]
    participations: Vec<v1::Participation>,
    certification: Option<v1::Certification>,
    unemployment: Option<v1::Unemployment>,
    card: Option<v1::SocialSecurityCard>,
}

/// Makes the rows for which the file has short forms.
impl From<Written> for Figures {
    fn from(written: Written) -> Self {
        let Written { work, paid, participations, certification, unemployment, card } = written;
        let unfold = |participation: v1::Participation| {
            let mut participation = participation.into();
            filed::months(&mut participation, &work);
            filed::payments(&mut participation, &paid);
            participation
        };
        Self {
            participations: participations.into_iter().map(unfold).collect(),
            certification: certification.map(Into::into),
            unemployment: unemployment.map(Into::into),
            card: card.map(Into::into),
        }
    }
}

#[cfg(test)]
mod generated;

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use kiosk_base::domain::{DocumentFacts, DocumentKind};

    use super::*;

    const RESIDENT: &str = r#"
        label = "测试"
        as_of = "2026-11-20"
        [card]
        number = "51059919610320058X"
        name = "测试·阿依"
        address = "四川省泸县"
        [[account.participations]]
        kind = 170
        insured = 1
        paying = 3
        since = "2009-12"
        contributions = [
            { year = 2026, person = 50000, province = 6000, arrived = "2026-08-01" },
        ]
        [account.certification]
        last = "2026-01"
        next = "2027-01-31"
    "#;

    fn core(today: &str) -> InventedCore {
        let home = tempfile::tempdir().expect("a directory");
        std::fs::write(home.path().join("one.toml"), RESIDENT).expect("written");
        std::fs::write(home.path().join("README.md"), "no resident").expect("written");
        let moment = format!("{today}T09:00:00+08:00").parse().expect("a moment");
        InventedCore::read(home.path(), Clock::Fixed(moment)).expect("read")
    }

    fn query(number: &str, name: &str) -> CoreQuery {
        CoreQuery {
            number: HolderNumber::parse(number).expect("valid"),
            name: name.into(),
            english_name: None,
            document: DocumentFacts {
                kind: DocumentKind::ResidentIdCard,
                valid_until: None,
                issue_count: None,
            },
        }
    }

    #[test]
    fn a_year_later_the_same_person_is_as_far_from_the_next_certification() {
        let account =
            core("2027-11-20").answer(&query("51059919610320058X", "测试•阿依")).expect("known");
        let pension = &account.participations[0];
        assert_eq!(pension.contributions[0].year, 2027);
        assert_eq!(pension.contributions[0].arrived, Some(date(2027, 8, 1)));
        assert_eq!(account.certification.expect("due").next, date(2028, 1, 31));
        assert_eq!(account.as_of.to_string(), "2027-11-19T16:00:00Z");
    }

    #[test]
    fn a_second_card_of_a_person_needs_no_account_and_must_not_have_another() {
        let home = tempfile::tempdir().expect("a directory");
        let write = |name: &str, text: &str| {
            std::fs::write(home.path().join(name), text).expect("written");
        };
        let clock = || Clock::Fixed("2026-11-20T09:00:00+08:00".parse().expect("a moment"));
        let (card, _) = RESIDENT.split_once("[[account").expect("both are there");
        // Whichever is found first.
        for other in ["a.toml", "z.toml"] {
            write("m.toml", RESIDENT);
            write(other, card);
            let core = InventedCore::read(home.path(), clock()).expect("read");
            assert!(core.answer(&query("51059919610320058X", "测试·阿依")).is_ok(), "{other}");
        }
        write("a.toml", RESIDENT);
        let error = InventedCore::read(home.path(), clock()).err().expect("refused").to_string();
        assert!(error.contains("另一个文件里有"), "{error}");
    }

    #[test]
    fn strangers_and_wrong_names_get_nothing() {
        let core = core("2026-11-20");
        let answer = |number, name| core.answer(&query(number, name));
        assert_eq!(answer("510599198507150012", "测试·阿依"), Err(CoreError::NotFound));
        assert_eq!(answer("51059919610320058X", "测试乙"), Err(CoreError::IdentityMismatch));
    }
}
