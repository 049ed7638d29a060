//! Three people about whom nothing is like about anybody else.

use kiosk_base::domain::{Account, Fen};

use super::process::Mark;

/// A planted person.
pub struct Planted {
    /// The file of the resident.
    pub file: &'static str,
    pub name: &'static str,
    pub number: &'static str,
    /// Of the address.
    pub street: &'static str,
    /// As it is shown.
    pub balance: &'static str,
    /// In fen, as it is sent.
    balance_fen: &'static str,
    pub benefit: &'static str,
    benefit_fen: &'static str,
}

pub const PEOPLE: [Planted; 3] = [
    Planted {
        file: "p1",
        name: "测试标记壬",
        number: "510599197001011117",
        street: "标记壬巷",
        balance: "76,543.21",
        balance_fen: "7654321",
        benefit: "9,876.53",
        benefit_fen: "987653",
    },
    Planted {
        file: "p2",
        name: "测试标记癸",
        number: "510599196803121137",
        street: "标记癸街",
        balance: "85,214.37",
        balance_fen: "8521437",
        benefit: "8,642.97",
        benefit_fen: "864297",
    },
    Planted {
        file: "p3",
        name: "测试标记丑",
        number: "51059919591225425X",
        street: "标记丑路",
        balance: "91,736.58",
        balance_fen: "9173658",
        benefit: "7,391.84",
        benefit_fen: "739184",
    },
];

impl Planted {
    /// The resident's file.
    pub fn resident(&self) -> String {
        let Self { name, number, street, balance_fen, benefit_fen, .. } = self;
        let born = format!("{}-{}-{}", &number[6..10], &number[10..12], &number[12..14]);
        format!(
            r#"
label = "标记的人"
as_of = "2026-11-23"

[card]
name = "{name}"
sex = "male"
ethnic_group = 1
birth_date = "{born}"
address = "四川省泸县福集镇{street}8号"
number = "{number}"
issuing_authority = "泸县公安局"
valid_from = "2010-05-20"
valid_until = "长期"

[account]
[[account.participations]]
kind = 170
insured = 1
paying = 1
since = "2010-12"
place = "四川省泸县福集镇{street}"
months_paid = 180
balance = {balance_fen}
contributions = [
    {{ year = 2025, person = 200000, province = 16000, arrived = "2025-07-19" }},
]

[account.unemployment]
state = "drawing"
granted = 18
used = 5
since = "2026-07"
until = "2027-12"
monthly = {benefit_fen}
"#
        )
    }

    /// Everything that is about this person alone.
    pub fn marks(&self) -> Vec<Mark> {
        let Self { name, number, street, balance, balance_fen, benefit, benefit_fen, .. } = self;
        let all = [name, number, street, balance, balance_fen, benefit, benefit_fen];
        all.into_iter().flat_map(|text| Mark::in_every_encoding(text)).collect()
    }
}

/// Number, name and the large amounts of an account.
pub fn marks_of(account: &Account) -> Vec<Mark> {
    let mut texts = vec![account.number.expose().to_owned(), account.name.expose().clone()];
    let large = |fen: Fen| (fen.0 >= 1_000_000).then(|| [fen.0.to_string(), fen.to_string()]);
    let balances = account.participations.iter().filter_map(|kind| kind.balance);
    texts.extend(balances.filter_map(large).flatten());
    assert!(texts.len() > 2, "an account with a balance");
    texts.iter().flat_map(|text| Mark::in_every_encoding(text)).collect()
}
