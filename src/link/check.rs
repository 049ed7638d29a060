//! What an account must fulfil before anybody sees it. The county is trusted to be the county, not
//! to be free of faults. (What a page of the feed must fulfil stands with its type, and the cache
//! checks it.) Keeps no state.

use kiosk_base::{
    domain::{
        Account, Benefit, Contribution, Fen, Participation, Stop,
        account::{
            BalanceParts, BenefitItem, HISTORY_PAGE, History, HistoryPage, HistoryRest, HistoryRow,
            HistoryRows, MAX_CONTRIBUTIONS, MAX_HISTORY, MAX_PARTICIPATIONS, MonthContribution,
            Origin, Payment, PaymentExtra, PaymentExtraItem,
        },
    },
    wire::AccountQuery,
};

use super::LinkError;

/// No amount in an account is below zero or above ten million yuan.
const AMOUNT_MAX: Fen = Fen::from_yuan(10_000_000);
/// Parts of one benefit; AAA036 has about twenty.
const PARTS_MAX: usize = 32;
/// Months in a hundred years of work.
const MONTHS_MAX: u32 = 1_200;
/// Characters of the name of a place, an office or a bank.
const NAME_MAX: usize = 100;
/// Origins of one part of an account; there are seven kinds of facts.
const ORIGINS_MAX: usize = 16;

/// Whether an answer with this `read_id` is the one to `query`, and its account holds only what can be
/// true.
///
/// # Errors
/// [`Stop::PersonMismatch`] when it is about somebody else or to another query,
/// [`Stop::LinkNonsense`] when it breaks a limit.
pub(super) fn answer(
    read_id: &str,
    account: &Account,
    query: &AccountQuery,
) -> Result<(), LinkError> {
    if read_id != query.read_id {
        return Err(mismatch("the answer is to another query"));
    }
    self::account(account, query)
}

fn account(account: &Account, query: &AccountQuery) -> Result<(), LinkError> {
    if account.number != query.number {
        return Err(mismatch("the answer's number is not the document's"));
    }
    if !query.is_about(account.name.expose()) {
        return Err(mismatch("the answer's name is not the document's"));
    }
    if account.participations.len() > MAX_PARTICIPATIONS {
        return Err(nonsense("too many kinds of insurance"));
    }
    if let Some(unemployment) = &account.unemployment {
        if unemployment.granted.max(unemployment.used) > MONTHS_MAX {
            return Err(nonsense("more months than a life has"));
        }
        amounts(unemployment.monthly)?;
    }
    names(account.card.iter().filter_map(|card| card.bank.as_deref()))?;
    origins(&account.origins)?;
    account.participations.iter().try_for_each(participation)
}

/// Whether `page` is what goes on where `rest` says: rows of the right kind and at least one, in
/// order after those that are there, no more than were announced, and more where there is more.
///
/// # Errors
/// [`Stop::LinkNonsense`] when it is not.
pub(super) fn history(page: &HistoryPage, rest: &HistoryRest) -> Result<(), LinkError> {
    let total = usize::try_from(rest.total).unwrap_or(usize::MAX);
    let have = usize::try_from(rest.have).unwrap_or(usize::MAX);
    let held = have.saturating_add(page.rows.len());
    if page.rows.kind() != rest.kind {
        return Err(nonsense("rows of another history"));
    }
    if page.rows.is_empty() || page.rows.len() > HISTORY_PAGE || held > total.min(MAX_HISTORY) {
        return Err(nonsense("a history is too long, or does not go on"));
    }
    if (held < total) != page.more.is_some() {
        return Err(nonsense("a history ends elsewhere than it says"));
    }
    let first = match &page.rows {
        HistoryRows::Months(rows) => {
            months(rows)?;
            rows.first().map(HistoryRow::month)
        }
        HistoryRows::Payments(rows) => {
            payments(rows)?;
            rows.first().map(HistoryRow::month)
        }
    };
    if rest.after.is_some_and(|after| first.is_some_and(|first| first > after)) {
        return Err(nonsense("a history does not go on in order"));
    }
    Ok(())
}

fn participation(participation: &Participation) -> Result<(), LinkError> {
    names(participation.place.as_deref())?;
    origins(&participation.origins)?;
    if participation.months_paid.is_some_and(|months| months > MONTHS_MAX) {
        return Err(nonsense("more months than a life has"));
    }
    years(&participation.contributions)?;
    months(&participation.months.rows)?;
    bounds(&participation.months)?;
    amounts(participation.balance)?;
    if let Some(parts) = &participation.made_of {
        let BalanceParts { person, subsidies, others, interest, drawn } = *parts;
        amounts([person, subsidies, others, interest, drawn])?;
    }
    participation.benefit.as_ref().map_or(Ok(()), benefit)
}

fn years(contributions: &[Contribution]) -> Result<(), LinkError> {
    if contributions.len() > MAX_CONTRIBUTIONS {
        return Err(nonsense("too many years"));
    }
    if !contributions.iter().all(|c| (1950..2200).contains(&c.year))
        || !contributions.is_sorted_by(|newer, older| newer.year > older.year)
    {
        return Err(nonsense("the years are not in order"));
    }
    names(contributions.iter().filter_map(|c| c.place.as_deref()))?;
    amounts(contributions.iter().flat_map(Contribution::amounts))
}

/// Rows of months, newest first; of one month there may be several, paid by several employers.
fn months(rows: &[MonthContribution]) -> Result<(), LinkError> {
    if !rows.is_sorted_by(|newer, older| newer.month >= older.month) {
        return Err(nonsense("the months are not in order"));
    }
    names(rows.iter().filter_map(|row| row.unit.as_deref()))?;
    amounts(rows.iter().flat_map(|row| [row.base, row.person, row.employer]))
}

/// Payments, newest first; a month may be paid again, or in parts.
fn payments(rows: &[Payment]) -> Result<(), LinkError> {
    if !rows.is_sorted_by(|newer, older| newer.month >= older.month) {
        return Err(nonsense("the payments are not in order"));
    }
    if rows.iter().any(|row| row.extras.len() > PARTS_MAX) {
        return Err(nonsense("too many parts of a payment"));
    }
    amounts(rows.iter().map(|row| row.amount))?;
    let is_unknown = |extra: &PaymentExtra| matches!(extra.item, PaymentExtraItem::Code(_));
    // What a newer county's extra does, nobody here knows: no sum is made with it.
    let known = rows.iter().filter(|row| !row.extras.iter().any(is_unknown));
    amounts(known.flat_map(|row| [row.regular(), row.back_pay()]))?;
    let sized = |extra: &PaymentExtra| match is_unknown(extra) {
        true => Fen(extra.amount.0.saturating_abs()),
        false => extra.amount,
    };
    amounts(rows.iter().flat_map(|row| &row.extras).map(sized))
}

fn benefit(benefit: &Benefit) -> Result<(), LinkError> {
    if benefit.parts.len() > PARTS_MAX {
        return Err(nonsense("too many parts of a benefit"));
    }
    // A deduction lowers the sum; what a newer county's part does, nobody here knows.
    let sized = benefit.parts.iter().map(|part| match part.item {
        BenefitItem::Deduction | BenefitItem::Code(_) => Fen(part.monthly.0.saturating_abs()),
        _ => part.monthly,
    });
    amounts(sized.chain([benefit.monthly]))?;
    bounds(&benefit.payments)?;
    payments(&benefit.payments.rows)
}

/// A history's first page: no longer than a page, no longer than the whole, the whole within the
/// limit, and more where there is more.
fn bounds<T>(history: &History<T>) -> Result<(), LinkError> {
    let total = usize::try_from(history.total).unwrap_or(usize::MAX);
    let here = history.rows.len();
    if here > HISTORY_PAGE || total > MAX_HISTORY || here > total {
        return Err(nonsense("a history is too long"));
    }
    if (here < total) != history.more.is_some() {
        return Err(nonsense("a history ends elsewhere than it says"));
    }
    Ok(())
}

fn origins(origins: &[Origin]) -> Result<(), LinkError> {
    if origins.len() > ORIGINS_MAX {
        return Err(nonsense("too many origins"));
    }
    names(origins.iter().map(|origin| origin.from.as_str()))
}

fn amounts(amounts: impl IntoIterator<Item = Fen>) -> Result<(), LinkError> {
    let mut amounts = amounts.into_iter();
    if amounts.all(|amount| (Fen(0)..=AMOUNT_MAX).contains(&amount)) {
        return Ok(());
    }
    Err(nonsense("an amount is negative or too large"))
}

fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<(), LinkError> {
    let sound = |text: &str| {
        text.chars().count() <= NAME_MAX && !text.chars().any(|c| c.is_control() || is_bidi(c))
    };
    if names.into_iter().all(sound) { Ok(()) } else { Err(nonsense("a name is none")) }
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
    use kiosk_base::domain::{
        DocumentFacts, DocumentKind, HolderNumber, InsuranceKind, YearMonth,
        account::{BenefitPart, PaymentState, Unemployment, UnemploymentState},
    };

    use super::*;

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
            province: Fen::from_yuan(60),
            ..Contribution::default()
        };
        let month = |month| MonthContribution {
            month: YearMonth::new(2026, month).expect("a month"),
            base: Fen::from_yuan(4_000),
            person: Fen::from_yuan(320),
            employer: Fen::from_yuan(640),
            arrived: None,
            unit: Some("测试公司".into()),
        };
        let paid = |month| Payment {
            month: YearMonth::new(2026, month).expect("a month"),
            amount: Fen::from_yuan(243),
            state: PaymentState::Paid,
            paid_on: None,
            bank_tail: None,
            reason: None,
            extras: Vec::new(),
        };
        let part = |item, monthly| BenefitPart { item, monthly: Fen(monthly) };
        Account {
            number: query().number,
            name: query().name,
            as_of: jiff::Timestamp::UNIX_EPOCH,
            participations: vec![Participation {
                place: Some("泸县".into()),
                months_paid: Some(24),
                balance: Some(Fen::from_yuan(1_120)),
                made_of: Some(BalanceParts { person: Fen(112_000), ..BalanceParts::default() }),
                contributions: vec![year(2026), year(2025)],
                months: History::whole(vec![month(3), month(2), month(2)]),
                benefit: Some(Benefit {
                    since: YearMonth::new(2026, 1).expect("a month"),
                    monthly: Fen(24_300),
                    parts: vec![
                        part(BenefitItem::Basic, 24_800),
                        part(BenefitItem::Deduction, -500),
                    ],
                    payments: History::whole(vec![paid(3), paid(2)]),
                }),
                ..Participation::new(InsuranceKind::RESIDENTS_PENSION, 1, Some(1))
            }],
            certification: None,
            unemployment: Some(Unemployment {
                state: UnemploymentState::Paused,
                granted: 12,
                used: 5,
                since: None,
                until: None,
                monthly: Some(Fen::from_yuan(1_500)),
            }),
            card: None,
            origins: Vec::new(),
        }
    }

    #[test]
    fn every_generated_resident_is_accepted_with_the_pages_of_every_history() {
        use kiosk_base::domain::account::HistoryCursor;
        use kiosk_county::invented::Population;

        fn cut<T: HistoryRow>(history: &mut History<T>) {
            if history.rows.len() > HISTORY_PAGE {
                history.rows.truncate(HISTORY_PAGE);
                history.more = HistoryCursor::try_from("0".repeat(32)).ok();
            }
        }
        let population = Population::default();
        let today = jiff::civil::date(2026, 11, 23);
        let mut pages = 0;
        for index in 0..population.count() {
            let person = population.person(index).expect("there");
            let whole = person.account(today, jiff::Timestamp::UNIX_EPOCH);
            let query = AccountQuery {
                number: person.number.clone(),
                name: person.name.clone(),
                ..query()
            };
            let mut come = whole.clone();
            for participation in &mut come.participations {
                cut(&mut participation.months);
                if let Some(benefit) = &mut participation.benefit {
                    cut(&mut benefit.payments);
                }
            }
            assert_eq!(account(&come, &query), Ok(()), "{index}");
            for of in whole.histories() {
                while let Some(rest) = come.rest(of) {
                    let have = rest.have as usize;
                    let rows = whole.history(of).expect("there").part(have, HISTORY_PAGE);
                    let more = (have + rows.len() < rest.total as usize).then_some(&rest.cursor);
                    let page = HistoryPage { rows, more: more.cloned() };
                    assert_eq!(history(&page, &rest), Ok(()), "{index}");
                    come.append(of, page.rows, page.more);
                    pages += 1;
                }
            }
            assert_eq!(come, whole, "{index}");
        }
        assert!(pages > 500, "histories that are long enough: {pages}");
    }

    #[test]
    fn pages_that_do_not_go_on_are_refused() {
        let month = |year, month| MonthContribution {
            month: YearMonth::new(year, month).expect("a month"),
            ..sound().participations[0].months.rows[0].clone()
        };
        let cursor = || "0".repeat(32).try_into().ok();
        let rest = HistoryRest {
            cursor: cursor().expect("a cursor"),
            kind: kiosk_base::domain::account::HistoryKind::Months,
            have: 120,
            total: 123,
            after: YearMonth::new(2016, 12).ok(),
        };
        let page = |rows: Vec<MonthContribution>, more| {
            let rows = HistoryRows::Months(rows);
            history(&HistoryPage { rows, more }, &rest)
        };
        let three = || vec![month(2016, 12), month(2016, 11), month(2016, 10)];
        assert_eq!(page(three(), None), Ok(()));
        assert_eq!(page(vec![month(2016, 11)], cursor()), Ok(()));
        let mut negative = three();
        negative[2].person = Fen(-1);
        for (what, rows, more) in [
            ("nothing", Vec::new(), cursor()),
            ("later than what is there", vec![month(2017, 1)], cursor()),
            ("out of order", vec![month(2016, 10), month(2016, 11)], cursor()),
            ("more than there are", [three(), vec![month(2016, 9)]].concat(), None),
            ("an end before the end", vec![month(2016, 11)], None),
            ("more after the end", three(), cursor()),
            ("a negative amount", negative, None),
        ] {
            let error = page(rows, more).expect_err(what);
            assert_eq!(error.stop, Stop::LinkNonsense, "{what}");
        }
        let other = HistoryPage { rows: HistoryRows::Payments(Vec::new()), more: cursor() };
        assert!(history(&other, &rest).is_err());
        let long = HistoryRest { have: 0, total: 2_000, ..rest.clone() };
        let many = vec![month(2016, 1); HISTORY_PAGE + 1];
        let many = HistoryPage { rows: HistoryRows::Months(many), more: cursor() };
        assert!(history(&many, &long).is_err());
        let longest = HistoryRest { have: 1_499, total: 2_000, ..rest };
        let two = HistoryRows::Months(vec![month(2016, 1); 2]);
        assert!(history(&HistoryPage { rows: two, more: cursor() }, &longest).is_err());
    }

    #[test]
    fn an_answer_to_another_query_is_nobodys() {
        let to = |read_id: &str| answer(read_id, &sound(), &query());
        assert_eq!(to(&query().read_id), Ok(()));
        let error = to(&"1".repeat(32)).expect_err("another");
        assert_eq!(error.stop, Stop::PersonMismatch);
    }

    /// A way to spoil a participation.
    type Spoil = fn(&mut Participation);

    #[test]
    fn amounts_years_and_lengths_that_cannot_be_true_are_refused() {
        assert_eq!(account(&sound(), &query()), Ok(()));
        let spoils: [Spoil; 16] = [
            |p| p.balance = Some(Fen(-1)),
            |p| p.contributions[0].person = Fen(i64::MAX),
            |p| p.contributions.reverse(),
            |p| p.contributions[1].year = 2026,
            |p| p.contributions[1].year = 26,
            |p| p.contributions = vec![p.contributions[0].clone(); MAX_CONTRIBUTIONS + 1],
            |p| p.place = Some("泸县\u{202e}".into()),
            |p| p.months_paid = Some(u32::MAX),
            |p| p.made_of.as_mut().expect("there").interest = Fen(-1),
            |p| p.months.rows.reverse(),
            |p| p.months.rows[0].base = Fen(-1),
            |p| p.months.total = 2,
            |p| p.months.total = 4,
            |p| p.months = History::whole(vec![p.months.rows[0].clone(); HISTORY_PAGE + 1]),
            |p| p.benefit.as_mut().expect("there").parts[0].monthly = Fen(-1),
            |p| p.benefit.as_mut().expect("there").payments.rows.reverse(),
        ];
        for (i, spoil) in spoils.into_iter().enumerate() {
            let mut spoilt = sound();
            spoil(&mut spoilt.participations[0]);
            let error = account(&spoilt, &query()).expect_err("spoilt");
            assert_eq!(error.stop, Stop::LinkNonsense, "{i}");
        }
        let mut long = sound();
        long.unemployment.as_mut().expect("there").used = u32::MAX;
        assert!(account(&long, &query()).is_err());
        let mut many = sound();
        many.participations = vec![many.participations[0].clone(); MAX_PARTICIPATIONS + 1];
        assert!(account(&many, &query()).is_err());
    }
}
