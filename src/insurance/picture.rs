//! What a sheet shows besides its lines: parts of a whole, balances over the years, days that are
//! left. No sizes: the screen has those. Keeps no state.

use jiff::civil::Date;
use kiosk_base::domain::{Account, Benefit, Fen, Participation, account::BenefitItem};

use super::{
    Fact, Sheet,
    received::{MonthBar, bars},
    sheet::Payer,
};

/// A colour of a picture; the lines that belong to it carry the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tint {
    /// What the person did or has.
    Person,
    /// What the government adds.
    Government,
    /// What others add.
    Others,
    /// What is not there yet, or no longer.
    Rest,
}

/// What a sheet shows besides its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picture {
    /// Nothing.
    None,
    /// Parts of a whole, as lengths.
    Stack(Vec<(Tint, i64)>),
    /// Balances at the ends of years, the oldest first; at least two.
    Line(Vec<(i16, Fen)>),
    /// The months of a year, January first.
    Months(Box<[MonthBar; 12]>),
    /// Days that are left of a year; below zero when they are over.
    Ring(i32),
}

impl Sheet {
    /// Its picture on `today`.
    pub fn picture(self, account: &Account, today: Date) -> Picture {
        let about = self.participation(account);
        let stack = |parts: Vec<(Tint, i64)>| {
            let parts: Vec<_> = parts.into_iter().filter(|(_, size)| *size > 0).collect();
            if parts.is_empty() { Picture::None } else { Picture::Stack(parts) }
        };
        match self {
            Self::Year { .. } => self.year(account).map_or(Picture::None, |year| {
                stack(vec![
                    (Tint::Person, year.person.0),
                    (Tint::Government, year.government().0),
                    (Tint::Others, year.others().0),
                ])
            }),
            Self::Parts(_) => {
                about.and_then(|p| p.benefit.as_ref()).map_or(Picture::None, |benefit| {
                    let sums = [Tint::Government, Tint::Person, Tint::Others]
                        .map(|tint| (tint, tinted(benefit, tint)));
                    stack(sums.to_vec())
                })
            }
            Self::Balance(_) => about.map_or(Picture::None, line),
            Self::Received { year, .. } => {
                let benefit = about.and_then(|p| p.benefit.as_ref());
                benefit
                    .map_or(Picture::None, |benefit| Picture::Months(Box::new(bars(benefit, year))))
            }
            Self::Certification => account
                .certification
                .as_ref()
                .map_or(Picture::None, |next| Picture::Ring((next.next - today).get_days())),
            Self::Unemployment => account.unemployment.as_ref().map_or(Picture::None, |months| {
                stack(vec![(Tint::Person, months.used.into()), (Tint::Rest, months.left().into())])
            }),
            Self::Kind(_) | Self::Months(_) | Self::Payments(_) | Self::Card | Self::Record => {
                Picture::None
            }
        }
    }
}

impl Fact<'_> {
    /// The colour in the picture that this line explains.
    pub fn tint(&self) -> Option<Tint> {
        match self {
            Self::Paid(payer, _) => Some(match payer {
                Payer::Person => Tint::Person,
                Payer::Province
                | Payer::City
                | Payer::County
                | Payer::Government
                | Payer::PaidFor => Tint::Government,
                Payer::Collective | Payer::Employer | Payer::Others => Tint::Others,
            }),
            Self::Part(item, _) => part_tint(*item),
            Self::Used(_) => Some(Tint::Person),
            Self::Left(_) => Some(Tint::Rest),
            _ => None,
        }
    }
}

/// What the parts in one colour come to; deductions are no length.
fn tinted(benefit: &Benefit, tint: Tint) -> i64 {
    let parts = benefit.parts.iter().filter(|part| part_tint(part.item) == Some(tint));
    parts.map(|part| part.monthly).sum::<Fen>().0
}

fn part_tint(item: BenefitItem) -> Option<Tint> {
    match item {
        BenefitItem::Basic
        | BenefitItem::BasicProvince
        | BenefitItem::BasicCity
        | BenefitItem::BasicCounty => Some(Tint::Government),
        BenefitItem::Account => Some(Tint::Person),
        BenefitItem::Added | BenefitItem::Other => Some(Tint::Others),
        // Whose it is, and whether it adds or takes away, a code that is unknown here does not say.
        BenefitItem::Deduction | BenefitItem::Code(_) => None,
    }
}

fn line(participation: &Participation) -> Picture {
    let years = participation.contributions.iter().rev();
    let points: Vec<_> =
        years.filter_map(|year| year.balance.map(|balance| (year.year, balance))).collect();
    if points.len() < 2 { Picture::None } else { Picture::Line(points) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insurance::sheet::tests::{TODAY, account, pension};

    #[test]
    fn lengths_and_lines_carry_the_same_colours() {
        let account = account(pension());
        let picture = Sheet::Parts(0).picture(&account, TODAY);
        let right = vec![(Tint::Government, 15_300), (Tint::Person, 10_000)];
        assert_eq!(picture, Picture::Stack(right));
        let lines = Sheet::Parts(0).facts(&account, TODAY);
        let tints: Vec<_> = lines.iter().map(Fact::tint).collect();
        let person = Some(Tint::Person);
        let government = Some(Tint::Government);
        assert_eq!(tints, [government, government, person, None, None]);
        let year = Sheet::Year { kind: 0, year: 0 };
        let right = vec![(Tint::Person, 60), (Tint::Government, 6)];
        assert_eq!(year.picture(&account, TODAY), Picture::Stack(right));
    }
}
