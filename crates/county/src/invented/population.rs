//! Who the generated residents are: from a seed and an index a name, a number and a kind of life.
//! Nothing is made before somebody asks; an account is made when it is asked for
//! ([`life`](super::life)).
//!
//! State: the seed, how many there are, and, once a number was looked for, which index has the number
//! of which hash: this process keeps nobody's number, invented or not.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::OnceLock,
};

use jiff::{ToSpan, civil::Date};
use kiosk_base::domain::{
    CitizenId, Document, HolderNumber, Sensitive,
    document::{EthnicGroup, ResidentIdCard, Validity},
};

use super::dice::Dice;

/// How many residents the demonstration has beside those of files.
pub const RESIDENTS: u32 = 2_000;
/// Most residents: their numbers have three digits for each day.
const RESIDENTS_MAX: u32 = 100_000;
/// The seed of the demonstration.
pub const SEED: u64 = 510_599;
/// The year for which ages are meant; who is asked about later is older.
const YEAR: i16 = 2026;

/// The residents of a seed.
#[derive(Debug)]
pub struct Population {
    seed: u64,
    count: u32,
    hasher: RandomState,
    indexes: OnceLock<HashMap<u64, u32>>,
}

/// One of them.
#[derive(Debug, Clone)]
pub struct Person {
    /// Of division 510599, which is assigned to nobody.
    pub number: HolderNumber,
    /// Begins 测试.
    pub name: Sensitive<String>,
    citizen: CitizenId,
    pub(super) born: Date,
    group: EthnicGroup,
    pub(super) life: Life,
    pub(super) index: u32,
    pub(super) dice: Dice,
}

/// What somebody's life is like, as far as insurance goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Life {
    /// Pays into the residents' pension each year.
    Farmer,
    /// Has paid into it and stopped.
    PausedFarmer,
    /// Draws it.
    Pensioner,
    /// Drew it until the yearly certification was missing.
    Uncertified,
    /// Drew it until a sentence.
    Sentenced,
    /// Drew it until death.
    Deceased,
    /// Works at one place or a few in the county.
    Employee,
    /// Has worked elsewhere with breaks, and is back.
    Returned,
    /// Has worked in the county for 35 years.
    Veteran,
    /// Works for the state.
    Official,
    /// Draws an employee's pension.
    RetiredEmployee,
    /// Draws an official's pension.
    RetiredOfficial,
    /// In the residents' medical insurance and nothing else.
    Student,
    /// On record, in no pension insurance.
    Uninsured,
    /// In a kind that no table knows, in a state that none knows.
    Odd,
}

/// Lives as they follow each other from index to index; the rare ones take turns.
const LIVES: [Life; 17] = [
    Life::Farmer,
    Life::Pensioner,
    Life::Employee,
    Life::Returned,
    Life::Farmer,
    Life::Pensioner,
    Life::PausedFarmer,
    Life::Farmer,
    Life::Employee,
    Life::Pensioner,
    Life::Official,
    Life::RetiredEmployee,
    Life::Farmer,
    Life::Returned,
    Life::Employee,
    Life::Pensioner,
    Life::RetiredOfficial,
];
const RARE: [Life; 7] = [
    Life::Veteran,
    Life::Uncertified,
    Life::Deceased,
    Life::Student,
    Life::Sentenced,
    Life::Uninsured,
    Life::Odd,
];

impl Life {
    fn of(index: u32) -> Self {
        let index = index as usize;
        let turn = LIVES.len() + 1;
        let rare = RARE[index / turn % RARE.len()];
        LIVES.get(index % turn).copied().unwrap_or(rare)
    }

    /// Ages in [`YEAR`].
    fn ages(self) -> (i32, i32) {
        match self {
            Self::Farmer => (20, 59),
            Self::PausedFarmer => (30, 58),
            Self::Pensioner => (61, 88),
            Self::Uncertified | Self::Sentenced => (64, 88),
            Self::Deceased => (66, 95),
            Self::Employee | Self::Official => (22, 49),
            Self::Returned => (30, 52),
            Self::Veteran => (56, 58),
            Self::RetiredEmployee | Self::RetiredOfficial => (61, 74),
            Self::Student => (1, 19),
            Self::Uninsured | Self::Odd => (25, 55),
        }
    }
}

impl Population {
    /// The residents of `seed`, at most a hundred thousand.
    pub fn new(seed: u64, count: u32) -> Self {
        let (hasher, indexes) = (RandomState::new(), OnceLock::new());
        Self { seed, count: count.min(RESIDENTS_MAX), hasher, indexes }
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The resident of that index, from 0.
    pub fn person(&self, index: u32) -> Option<Person> {
        (index < self.count).then(|| Person::new(self.seed, index))
    }

    /// The resident of that number.
    pub fn find(&self, number: &HolderNumber) -> Option<Person> {
        let hash = |number: &HolderNumber| self.hasher.hash_one(number);
        let indexes = self.indexes.get_or_init(|| {
            let number = |index| Person::new(self.seed, index).number;
            (0..self.count).rev().map(|index| (hash(&number(index)), index)).collect()
        });
        let person = indexes.get(&hash(number)).and_then(|index| self.person(*index));
        person.filter(|person| person.number == *number)
    }
}

impl Default for Population {
    fn default() -> Self {
        Self::new(SEED, RESIDENTS)
    }
}

impl Person {
    /// The identity card.
    pub fn document(&self) -> Document {
        let number = self.citizen.clone();
        Document::ResidentIdCard(ResidentIdCard {
            name: self.name.clone(),
            sex: number.sex(),
            ethnic_group: self.group,
            birth_date: Sensitive::new(self.born.into()),
            address: "四川省泸县福集镇测试村1组1号".into(),
            appended_address: None,
            number,
            issuing_authority: "泸县公安局".into(),
            valid_from: Date::constant(2016, 1, 1),
            valid_until: Validity::LongTerm,
        })
    }

    fn new(seed: u64, index: u32) -> Self {
        let dice = Dice::new(seed, index);
        let life = Life::of(index);
        let mut who = dice.fork(1);
        let (youngest, oldest) = life.ages();
        let age = i16::try_from(who.between(youngest, oldest)).unwrap_or(60);
        let first = Date::new(YEAR - age, 1, 1).unwrap_or(Date::MIN);
        let born = first.saturating_add(who.between(0, 364).days());
        let female = who.chance(50);
        // From 100 on, for the sequences below are those of residents in files; odd for men.
        let sequence = 100 + 2 * (index % 450) + u32::from(!female);
        let digits = format!("510599{}{sequence:03}", born.strftime("%Y%m%d"));
        let citizen = CitizenId::complete(&digits).expect("a date and digits");
        let (name, group) = name(index, female, &mut who);
        let number = citizen.clone().into();
        let name = Sensitive::new(name);
        Self { number, name, citizen, born, group, life, index, dice }
    }
}

/// A name as they occur, rare characters among them, and the ethnic group it belongs to.
fn name(index: u32, female: bool, who: &mut Dice) -> (String, EthnicGroup) {
    const MEN: [&str; 16] = [
        "国", "建", "军", "伟", "强", "磊", "勇", "杰", "涛", "明", "超", "刚", "平", "华", "福",
        "林",
    ];
    const WOMEN: [&str; 16] = [
        "秀", "英", "芳", "娜", "敏", "静", "艳", "娟", "兰", "霞", "桂", "玉", "琼", "莲", "群",
        "珍",
    ];
    // Of the extensions A, B, C and E, and of what was added to the first block late.
    const RARE: [&str; 7] = ["㛃", "𬱖", "䶮", "𬘭", "𠅤", "㼆", "𫖯"];
    // 5 维吾尔族, 7 彝族.
    const MINORITIES: [(&str, u8); 5] = [
        ("阿依古丽", 5),
        ("吉克阿木", 7),
        ("买买提·艾力", 5),
        ("尔古拉日", 7),
        ("沙马·阿呷莫·尔扎", 7),
    ];
    if index % 23 == 5 {
        let (name, group) = who.pick(&MINORITIES);
        return (format!("测试·{name}"), EthnicGroup(group));
    }
    let usual = if female { &WOMEN } else { &MEN };
    let (first, second) = match index % 19 {
        3 => (who.pick(&RARE), who.chance(50)),
        _ => (who.pick(usual), who.chance(70)),
    };
    let second = if second { who.pick(usual) } else { "" };
    (format!("测试{first}{second}"), EthnicGroup(1))
}
