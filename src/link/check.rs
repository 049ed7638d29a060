//! What an account must fulfil before anybody sees it. The county is trusted to be the county, not
//! to be free of faults. (What a page of the feed must fulfil stands with its type, and the cache
//! checks it.) Keeps no state.

use super::LinkError;
use crate::domain::{
    Account, Fen, Participation, Stop,
    account::{MAX_CONTRIBUTIONS, MAX_PARTICIPATIONS},
    wire::{AccountAnswer, AccountQuery},
};

/// No amount in an account is below zero or above ten million yuan.
const AMOUNT_MAX: Fen = Fen::from_yuan(10_000_000);
/// Parts of one benefit; AAA036 has about twenty.
const PARTS_MAX: usize = 32;
/// Months in a hundred years of work.
const MONTHS_MAX: u32 = 1_200;
/// Characters of a place's name.
const PLACE_MAX: usize = 100;

/// Whether `answer` is the one to `query` and holds only what can be true.
///
/// # Errors
/// [`Stop::PersonMismatch`] when it is about somebody else or to another query, [`Stop::LinkNonsense`] when it breaks a
/// limit.
pub(super) fn answer(answer: &AccountAnswer, query: &AccountQuery) -> Result<(), LinkError> {
    if answer.read_id != query.read_id {
        return Err(mismatch("the answer is to another query"));
    }
    account(&answer.account, query)
}

fn account(account: &Account, query: &AccountQuery) -> Result<(), LinkError> {
    let Account { number, name, as_of: _, participations, certification: _ } = account;
    if *number != query.number {
        return Err(mismatch("the answer's number is not the document's"));
    }
    if !query.is_about(name.expose()) {
        return Err(mismatch("the answer's name is not the document's"));
    }
    if participations.len() > MAX_PARTICIPATIONS {
        return Err(nonsense("too many kinds of insurance"));
    }
    participations.iter().try_for_each(participation)
}

fn participation(participation: &Participation) -> Result<(), LinkError> {
    let Participation { contributions, benefit, place, months_paid, balance, .. } = participation;
    let bad_place = |text: &String| {
        text.chars().count() > PLACE_MAX || text.chars().any(|c| c.is_control() || is_bidi(c))
    };
    if place.as_ref().is_some_and(bad_place) {
        return Err(nonsense("a place is no name"));
    }
    if months_paid.is_some_and(|months| months > MONTHS_MAX) {
        return Err(nonsense("more months than a life has"));
    }
    if contributions.len() > MAX_CONTRIBUTIONS {
        return Err(nonsense("too many years"));
    }
    if !contributions.iter().all(|c| (1950..2200).contains(&c.year))
        || !contributions.is_sorted_by(|newer, older| newer.year > older.year)
    {
        return Err(nonsense("the years are not in order"));
    }
    let of_years = contributions.iter().flat_map(|c| [c.person, c.government, c.others]);
    let parts = benefit.iter().flat_map(|b| &b.parts);
    if parts.clone().count() > PARTS_MAX {
        return Err(nonsense("too many parts of a benefit"));
    }
    let of_benefit = benefit.iter().flat_map(|b| {
        std::iter::once(b.monthly).chain(b.last_payment.as_ref().map(|payment| payment.amount))
    });
    let plausible = |amount: Fen| (Fen(0)..=AMOUNT_MAX).contains(&amount);
    let mut amounts =
        of_years.chain(parts.map(|part| part.monthly)).chain(of_benefit).chain(*balance);
    if !amounts.all(plausible) {
        return Err(nonsense("an amount is negative or too large"));
    }
    Ok(())
}

/// Characters that turn the direction of text and so could show a place or a sum backwards.
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn mismatch(detail: &str) -> LinkError {
    LinkError { stop: Stop::PersonMismatch, detail: detail.to_owned() }
}

fn nonsense(detail: &str) -> LinkError {
    LinkError { stop: Stop::LinkNonsense, detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        Contribution, HolderNumber, InsuranceKind,
        wire::{DocumentFacts, DocumentKind},
    };

    fn query() -> AccountQuery {
        AccountQuery {
            read_id: "0".repeat(32),
            read_at: jiff::Timestamp::UNIX_EPOCH,
            sam_id: None,
            document: DocumentFacts {
                kind: DocumentKind::ResidentIdCard,
                valid_until: None,
                issue_count: None,
            },
            number: HolderNumber::parse("510599198507150012").expect("valid"),
            name: "测试甲".into(),
            english_name: None,
            pin: None,
        }
    }

    fn sound() -> Account {
        let year = |year| Contribution {
            year,
            person: Fen::from_yuan(500),
            government: Fen::from_yuan(60),
            others: Fen(0),
            arrived: None,
        };
        Account {
            number: query().number,
            name: query().name,
            as_of: jiff::Timestamp::UNIX_EPOCH,
            participations: vec![Participation {
                kind: InsuranceKind::RESIDENTS_PENSION,
                insured: 1,
                paying: Some(1),
                since: None,
                place: Some("泸县".into()),
                months_paid: Some(24),
                balance: Some(Fen::from_yuan(1_120)),
                contributions: vec![year(2026), year(2025)],
                benefit: None,
            }],
            certification: None,
        }
    }

    #[test]
    fn an_answer_to_another_query_is_nobodys() {
        let to = |read_id: String| AccountAnswer { read_id, account: sound() };
        assert_eq!(answer(&to(query().read_id), &query()), Ok(()));
        let error = answer(&to("1".repeat(32)), &query()).expect_err("another");
        assert_eq!(error.stop, Stop::PersonMismatch);
    }

    /// A way to spoil a participation.
    type Spoil = fn(&mut Participation);

    #[test]
    fn amounts_years_and_lengths_that_cannot_be_true_are_refused() {
        assert_eq!(account(&sound(), &query()), Ok(()));
        let spoils: [Spoil; 8] = [
            |p| p.balance = Some(Fen(-1)),
            |p| p.contributions[0].person = Fen(i64::MAX),
            |p| p.contributions.reverse(),
            |p| p.contributions[1].year = 2026,
            |p| p.contributions[1].year = 26,
            |p| p.contributions = vec![p.contributions[0].clone(); MAX_CONTRIBUTIONS + 1],
            |p| p.place = Some("泸县\u{202e}".into()),
            |p| p.months_paid = Some(u32::MAX),
        ];
        for (i, spoil) in spoils.into_iter().enumerate() {
            let mut spoilt = sound();
            spoil(&mut spoilt.participations[0]);
            let error = account(&spoilt, &query()).expect_err("spoilt");
            assert_eq!(error.stop, Stop::LinkNonsense, "{i}");
        }
        let mut many = sound();
        many.participations = vec![many.participations[0].clone(); MAX_PARTICIPATIONS + 1];
        assert!(account(&many, &query()).is_err());
    }
}
