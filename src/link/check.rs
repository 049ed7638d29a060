//! What an answer must fulfil before anybody sees it. The county is trusted to be the county, not
//! to be free of faults. Keeps no state.

use super::LinkError;
use crate::domain::{
    Account, Fen, Participation, Stop,
    account::{MAX_CONTRIBUTIONS, MAX_PARTICIPATIONS},
    wire::{AccountQuery, Collection, FEED_PAGE_ITEMS, FeedItem, FeedPage},
};

/// No amount in an account is below zero or above ten million yuan.
const AMOUNT_MAX: Fen = Fen::from_yuan(10_000_000);
/// Parts of one benefit; AAA036 has about twenty.
const PARTS_MAX: usize = 32;
/// Months in a hundred years of work.
const MONTHS_MAX: u32 = 1_200;
/// Characters of a place's name.
const PLACE_MAX: usize = 100;
/// Characters of a feed's epoch and of an item's id.
const EPOCH_MAX: usize = 64;

/// Whether `account` answers `query` and holds only what can be true.
///
/// # Errors
/// [`Stop::PersonMismatch`] when it is about somebody else, [`Stop::LinkNonsense`] when it breaks a
/// limit.
pub(super) fn account(account: &Account, query: &AccountQuery) -> Result<(), LinkError> {
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

/// Whether `page` continues `collection` after `since`: rising strictly, nothing before the cursor,
/// and never so that asking on would not come to an end.
///
/// A feed younger than the cursor (another epoch) answers an empty page whose `next` is its head,
/// below `since`; that passes, and the epoch tells the caller to begin again.
///
/// # Errors
/// [`Stop::LinkNonsense`].
pub(super) fn feed_page(
    page: &FeedPage,
    collection: Collection,
    since: u64,
) -> Result<(), LinkError> {
    let FeedPage { epoch, items, next, head } = page;
    if epoch.is_empty() || epoch.len() > EPOCH_MAX || !epoch.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(nonsense("the feed has no epoch"));
    }
    if items.len() > FEED_PAGE_ITEMS {
        return Err(nonsense("too many items in a page of the feed"));
    }
    if items.is_empty() && next == head && *head < since {
        return Ok(());
    }
    let seqs = || std::iter::once(since).chain(items.iter().map(|item| item.seq));
    if !seqs().zip(seqs().skip(1)).all(|(one, two)| one < two) {
        return Err(nonsense("the feed goes backwards"));
    }
    let last = seqs().last().unwrap_or(since);
    if last > *next || next > head {
        return Err(nonsense("the feed's cursor does not fit its items"));
    }
    if next != head && *next == since {
        return Err(nonsense("the feed does not advance"));
    }
    items.iter().try_for_each(|item| feed_item(item, collection))
}

fn feed_item(item: &FeedItem, collection: Collection) -> Result<(), LinkError> {
    let inner = match &item.body {
        None => item.id.as_str(),
        Some(body) if body.collection() == collection => body.id().as_str(),
        Some(_) => return Err(nonsense("an item of another collection in the feed")),
    };
    if inner != item.id || item.id.is_empty() || item.id.len() > EPOCH_MAX {
        return Err(nonsense("an item's id is not its content's"));
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
    use crate::domain::{Contribution, HolderNumber, InsuranceKind};

    fn query() -> AccountQuery {
        AccountQuery {
            read_id: "0".repeat(32),
            number: HolderNumber::parse("510599198507150012").expect("valid"),
            name: "测试甲".into(),
            english_name: None,
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

    #[test]
    fn a_feed_must_go_forward() {
        let tombstone = |seq| FeedItem { seq, id: format!("id-{seq}"), body: None };
        let page = |seqs: &[u64], next, head| FeedPage {
            epoch: "e".into(),
            items: seqs.iter().copied().map(tombstone).collect(),
            next,
            head,
        };
        let ok = |p: &FeedPage| feed_page(p, Collection::Postings, 10).is_ok();
        assert!(ok(&page(&[11, 12], 12, 20)));
        assert!(ok(&page(&[11, 12], 20, 20)));
        assert!(ok(&page(&[], 10, 10)));
        assert!(ok(&page(&[], 3, 3)), "a younger feed, told by its epoch");
        for wrong in [
            page(&[12, 11], 12, 20),
            page(&[11, 11], 11, 20),
            page(&[10], 10, 20),
            page(&[9, 11], 11, 20),
            page(&[11], 10, 20),
            page(&[11], 21, 20),
            page(&[], 9, 20),
            page(&[], 10, 20),
            page(&[3], 3, 3),
        ] {
            assert!(!ok(&wrong), "{wrong:?}");
        }
        let many: Vec<u64> = (11..=11 + FEED_PAGE_ITEMS as u64).collect();
        assert!(!ok(&page(&many, 1_000, 1_000)));
    }
}
