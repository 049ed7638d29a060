//! An account, sheet by sheet: which facts stand on a page, and in which order. No words: the
//! screen has those. Keeps no state.

use jiff::civil::Date;
use kiosk_base::domain::{
    Account, Benefit, Certification, Contribution, Fen, InsuranceKind, Participation, YearMonth,
    account::{
        BankTail, BenefitItem, CardState, CertificationWay, ChangeReason, Facts, MonthContribution,
        Origin, ParticipantIdentity, ParticipationState, Payment, PaymentExtra, SocialSecurityCard,
        Unemployment, UnemploymentState,
    },
};

use super::{
    Months,
    received::{self, Run, Total},
    years::{as_of, months_of, newest_arrived_month},
};

/// Which part of the account a page is about. `kind` is a place in the account's participations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sheet {
    /// One kind of insurance.
    Kind(usize),
    /// One year of contributions: who paid what.
    Year {
        /// Which participation.
        kind: usize,
        /// Place in its contributions.
        year: usize,
    },
    /// Contributions month by month.
    Months(usize),
    /// How the balance came about.
    Balance(usize),
    /// What a pension consists of.
    Parts(usize),
    /// A pension's payments, one by one.
    Payments(usize),
    /// A pension over one year; those before follow.
    Received {
        /// Which participation.
        kind: usize,
        /// Which year.
        year: i16,
    },
    /// 资格认证.
    Certification,
    /// 失业保险金.
    Unemployment,
    /// 社会保障卡.
    Card,
    /// 个人权益记录单: everything, one below the other.
    Record,
}

/// One line of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact<'a> {
    /// Above the lines about one kind, in the record.
    Kind(InsuranceKind),
    /// Above the lines of another sheet, in the record.
    Heading(Sheet),
    /// 参保状态.
    State(ParticipationState),
    /// Why it is suspended or ended.
    Reason(ChangeReason),
    /// 首次参保.
    Since(YearMonth),
    /// 参保地.
    Place(&'a str),
    /// 参保身份.
    Identity(ParticipantIdentity),
    /// 累计缴费月数.
    MonthsPaid(u32),
    /// 个人账户储存额.
    Balance(Fen),
    /// The last year that was paid for, where months are not kept.
    LastYear(&'a Contribution),
    /// The newest month of which the money has come.
    ArrivedUntil(YearMonth),
    /// Who paid how much.
    Paid(Payer, Fen),
    /// What all of them paid.
    Total(Fen),
    /// What of it goes to the person's account.
    IntoAccount(Fen),
    /// 利息.
    Interest(Fen),
    /// What was drawn already.
    Drawn(Fen),
    /// The balance at the end of a year.
    YearBalance(Fen),
    /// Of how many months of a year the money has come.
    ArrivedMonths(u32),
    /// The months of a year without a record.
    UnrecordedMonths(Months),
    /// Where a year was paid, when it was not where the person is insured now.
    PaidIn(&'a str),
    /// When a year's money arrived; `None` when it has not.
    Arrived(Option<Date>),
    /// One month of contributions.
    Month(&'a MonthContribution),
    /// So many older rows are not there: they did not arrive.
    Missing(u32),
    /// 待遇开始.
    DrawnSince(YearMonth),
    /// 月养老金.
    Monthly(Fen),
    /// A part of it.
    Part(BenefitItem, Fen),
    /// What came in a year.
    Received(Total),
    /// A month's payment that did not come.
    Lost(&'a Payment),
    /// Months of a year with the same benefit.
    Months(Run),
    /// In this month something came beside the benefit, or was held back.
    Extra(YearMonth, &'a PaymentExtra),
    /// One month's payment; whether one that did not come was made good by another.
    Payment(&'a Payment, bool),
    /// When the certification was done the last time, and how.
    Certified(YearMonth, Option<CertificationWay>),
    /// The last day in time for the next.
    CertifyBy(Date),
    /// Days that are left; below zero when it is late.
    DaysLeft(i32),
    /// Whether an unemployment benefit is drawn.
    Unemployment(UnemploymentState),
    /// Months of it that were granted.
    Granted(u32),
    /// Months that were drawn.
    Used(u32),
    /// Months that are left.
    Left(u32),
    /// What comes each month.
    UnemploymentMonthly(Fen),
    /// From when to when.
    UnemploymentTime(YearMonth, Option<YearMonth>),
    /// The card's state.
    Card(CardState),
    /// When the card was made out.
    CardIssued(Date),
    /// Until when it can be used.
    CardValid(Date),
    /// At the end of a year there was so much in the account.
    YearEnd(i16, Fen),
    /// Where some facts come from that have another office than the rest.
    Origin(&'a Origin),
    /// Its bank, and the last digits of the account.
    CardBank(Option<&'a str>, Option<BankTail>),
}

/// Who paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Payer {
    /// 个人.
    Person,
    /// 省财政.
    Province,
    /// 市财政.
    City,
    /// 县财政.
    County,
    /// 政府补贴 that is not told apart.
    Government,
    /// 集体.
    Collective,
    /// 政府代缴.
    PaidFor,
    /// 单位.
    Employer,
    /// 集体或单位, not told apart.
    Others,
}

impl Sheet {
    /// The participation it is about.
    pub fn participation(self, account: &Account) -> Option<&Participation> {
        match self {
            Self::Kind(kind)
            | Self::Year { kind, .. }
            | Self::Months(kind)
            | Self::Balance(kind)
            | Self::Parts(kind)
            | Self::Payments(kind)
            | Self::Received { kind, .. } => account.participations.get(kind),
            Self::Certification | Self::Unemployment | Self::Card | Self::Record => None,
        }
    }

    /// The year it is about.
    pub fn year(self, account: &Account) -> Option<&Contribution> {
        match self {
            Self::Year { year, .. } => self.participation(account)?.contributions.get(year),
            _ => None,
        }
    }

    /// Its lines, in order, as they are on `today`.
    pub fn facts(self, account: &Account, today: Date) -> Vec<Fact<'_>> {
        let about = self.participation(account);
        match self {
            Self::Kind(_) => about.map(kind).unwrap_or_default(),
            Self::Year { .. } => match (about, self.year(account)) {
                (Some(about), Some(shown)) => year(about, shown, as_of(account, about)),
                _ => Vec::new(),
            },
            Self::Months(_) => about.map(months).unwrap_or_default(),
            Self::Balance(_) => about.map(balance).unwrap_or_default(),
            Self::Parts(_) => about.and_then(|p| p.benefit.as_ref()).map(parts).unwrap_or_default(),
            Self::Payments(_) => {
                about.and_then(|p| p.benefit.as_ref()).map(payments).unwrap_or_default()
            }
            Self::Received { year, .. } => {
                about.and_then(|p| p.benefit.as_ref()).map_or(Vec::new(), |b| received(b, year))
            }
            Self::Certification => {
                account.certification.as_ref().map(|c| certification(c, today)).unwrap_or_default()
            }
            Self::Unemployment => {
                account.unemployment.as_ref().map(unemployment).unwrap_or_default()
            }
            Self::Card => account.card.as_ref().map(card).unwrap_or_default(),
            Self::Record => record(account, today),
        }
    }

    /// Where its facts come from, if that is told.
    pub fn origin(self, account: &Account) -> Option<&Origin> {
        let facts = match self {
            Self::Kind(_) => Facts::State,
            Self::Year { .. } | Self::Months(_) => Facts::Contributions,
            Self::Balance(_) => Facts::Balance,
            Self::Parts(_) | Self::Payments(_) | Self::Received { .. } => Facts::Benefit,
            Self::Certification => Facts::Certification,
            Self::Unemployment => Facts::Unemployment,
            Self::Card => Facts::Card,
            Self::Record => return None,
        };
        match self.participation(account) {
            Some(participation) => participation.origin(facts),
            None => account.origins.iter().find(|origin| origin.of == facts),
        }
    }
}

fn kind(participation: &Participation) -> Vec<Fact<'_>> {
    let mut facts = vec![Fact::State(participation.state())];
    facts.extend(participation.reason.map(Fact::Reason));
    // The rules of the medical insurance are another office's: its state alone is shown.
    facts.extend(participation.since.map(Fact::Since));
    facts.extend(participation.place.as_deref().map(Fact::Place));
    if participation.kind.is_medical() {
        return facts;
    }
    if let Some(benefit) = &participation.benefit {
        facts.push(Fact::DrawnSince(benefit.since));
        facts.push(Fact::Monthly(benefit.monthly));
    }
    facts.extend(participation.balance.map(Fact::Balance));
    facts.extend(participation.months_paid.map(Fact::MonthsPaid));
    match newest_arrived_month(participation) {
        Some(month) => facts.push(Fact::ArrivedUntil(month)),
        None if participation.months.is_empty() => {
            facts.extend(participation.contributions.first().map(Fact::LastYear));
        }
        None => {}
    }
    facts.extend(participation.identity.map(Fact::Identity));
    let state = participation.origin(Facts::State).map(|origin| &origin.from);
    let others = participation.origins.iter().filter(|origin| Some(&origin.from) != state);
    facts.extend(others.map(Fact::Origin));
    facts
}

fn year<'a>(participation: &Participation, year: &'a Contribution, as_of: Date) -> Vec<Fact<'a>> {
    let paid = [
        (Payer::Person, year.person),
        (Payer::Province, year.province),
        (Payer::City, year.city),
        (Payer::County, year.county),
        (Payer::PaidFor, year.paid_for),
        (Payer::Collective, year.collective),
        (Payer::Employer, year.employer),
    ];
    let mut facts: Vec<_> = paid
        .into_iter()
        .filter(|(payer, amount)| *payer == Payer::Person || !amount.is_zero())
        .map(|(payer, amount)| Fact::Paid(payer, amount))
        .collect();
    facts.push(Fact::Total(year.total()));
    facts.extend(into_account(participation.kind, year).map(Fact::IntoAccount));
    if let Some((arrived, missing)) = months_of(participation, year.year, as_of) {
        facts.push(Fact::ArrivedMonths(arrived.count()));
        facts.extend((missing.count() > 0).then_some(Fact::UnrecordedMonths(missing)));
    }
    facts.push(Fact::Arrived(year.arrived));
    facts.extend(year.interest.map(Fact::Interest));
    facts.extend(year.balance.map(Fact::YearBalance));
    facts.extend(year.place.as_deref().map(Fact::PaidIn));
    facts
}

/// What of a year's money went to the person's account: of the residents' pension all (国发〔2014〕8号
/// Art 5), of an employee's since 2006 (国发〔2005〕38号 Art 6) and of an official's (国发〔2015〕2号
/// Art 3) what the person paid. `None` for other kinds, and as long as it has not come.
fn into_account(kind: InsuranceKind, year: &Contribution) -> Option<Fen> {
    year.arrived?;
    match kind {
        InsuranceKind::RESIDENTS_PENSION => Some(year.total()),
        InsuranceKind::EMPLOYEES_PENSION if year.year >= 2006 => Some(year.person),
        InsuranceKind::OFFICIALS_PENSION => Some(year.person),
        _ => None,
    }
}

fn months(participation: &Participation) -> Vec<Fact<'_>> {
    let months = &participation.months;
    missing(months.rows.iter().map(Fact::Month).collect(), months.total)
}

fn payments(benefit: &Benefit) -> Vec<Fact<'_>> {
    let payments = &benefit.payments;
    let fact = |payment| Fact::Payment(payment, received::was_made_good(benefit, payment));
    missing(payments.rows.iter().map(fact).collect(), payments.total)
}

fn received(benefit: &Benefit, year: i16) -> Vec<Fact<'_>> {
    let lines = received::lines(benefit, year);
    let here = u32::try_from(benefit.payments.rows.len()).unwrap_or(u32::MAX);
    let missing = benefit.payments.total.saturating_sub(here);
    let cut = matches!(lines.first(), Some(Fact::Received(total)) if !total.whole);
    // First, so that nobody takes the sum for the year's.
    cut.then_some(Fact::Missing(missing)).into_iter().chain(lines).collect()
}

/// Says how many rows did not arrive: a list that is cut must not look whole.
fn missing(mut facts: Vec<Fact<'_>>, total: u32) -> Vec<Fact<'_>> {
    let here = u32::try_from(facts.len()).unwrap_or(u32::MAX);
    if here < total {
        facts.push(Fact::Missing(total - here));
    }
    facts
}

fn balance(participation: &Participation) -> Vec<Fact<'_>> {
    let Some(parts) = participation.made_of else { return Vec::new() };
    let mut facts = vec![Fact::Paid(Payer::Person, parts.person)];
    let more = [
        (parts.subsidies, Fact::Paid(Payer::Government, parts.subsidies)),
        (parts.others, Fact::Paid(Payer::Others, parts.others)),
        (parts.interest, Fact::Interest(parts.interest)),
        (parts.drawn, Fact::Drawn(parts.drawn)),
    ];
    facts.extend(more.into_iter().filter(|(amount, _)| !amount.is_zero()).map(|(_, fact)| fact));
    facts.push(Fact::Balance(participation.balance.unwrap_or_else(|| parts.balance())));
    // What the line shows, in words.
    let ends = participation.contributions.iter();
    facts.extend(ends.filter_map(|year| Some(Fact::YearEnd(year.year, year.balance?))));
    facts
}

fn parts(benefit: &Benefit) -> Vec<Fact<'_>> {
    let mut facts: Vec<_> =
        benefit.parts.iter().map(|part| Fact::Part(part.item, part.monthly)).collect();
    facts.push(Fact::Monthly(benefit.monthly));
    facts
}

fn certification(certification: &Certification, today: Date) -> Vec<Fact<'_>> {
    let mut facts = vec![
        Fact::DaysLeft((certification.next - today).get_days()),
        Fact::CertifyBy(certification.next),
    ];
    facts.extend(certification.last.map(|month| Fact::Certified(month, certification.way)));
    facts
}

fn unemployment(unemployment: &Unemployment) -> Vec<Fact<'_>> {
    let mut facts = vec![Fact::Unemployment(unemployment.state)];
    facts.extend(unemployment.monthly.map(Fact::UnemploymentMonthly));
    facts.push(Fact::Granted(unemployment.granted));
    facts.push(Fact::Used(unemployment.used));
    facts.push(Fact::Left(unemployment.left()));
    let since = unemployment.since;
    facts.extend(since.map(|since| Fact::UnemploymentTime(since, unemployment.until)));
    facts
}

fn card(card: &SocialSecurityCard) -> Vec<Fact<'_>> {
    let mut facts = vec![Fact::Card(card.state)];
    facts.extend(card.issued.map(Fact::CardIssued));
    facts.extend(card.valid_until.map(Fact::CardValid));
    if card.bank.is_some() || card.bank_tail.is_some() {
        facts.push(Fact::CardBank(card.bank.as_deref(), card.bank_tail));
    }
    facts
}

/// In the order of 社会保险个人权益记录管理办法 Art 2: registration, contributions, benefit, years and
/// balance, the rest.
fn record(account: &Account, today: Date) -> Vec<Fact<'_>> {
    let mut facts = Vec::new();
    for participation in &account.participations {
        facts.push(Fact::Kind(participation.kind));
        facts.extend(kind(participation));
    }
    for sheet in [Sheet::Certification, Sheet::Unemployment, Sheet::Card] {
        let lines = sheet.facts(account, today);
        if !lines.is_empty() {
            facts.push(Fact::Heading(sheet));
            facts.extend(lines);
        }
    }
    facts
}

#[cfg(test)]
pub(super) mod tests {
    use jiff::{Timestamp, civil::date};
    use kiosk_base::domain::{
        HolderNumber,
        account::{BalanceParts, BenefitPart, History, PaymentState},
    };

    use super::*;
    use crate::insurance::Picture;

    pub(in crate::insurance) const TODAY: Date = date(2026, 11, 24);

    fn month(year: i16, month: i8) -> YearMonth {
        YearMonth::new(year, month).expect("a month")
    }

    pub(in crate::insurance) fn account(participation: Participation) -> Account {
        Account {
            number: HolderNumber::parse("510599195908160015").expect("valid"),
            name: "测试国".into(),
            as_of: Timestamp::UNIX_EPOCH,
            participations: vec![participation],
            certification: Some(Certification {
                last: Some(month(2026, 1)),
                way: Some(CertificationWay::Phone),
                next: date(2027, 1, 3),
            }),
            unemployment: None,
            card: None,
            origins: vec![Origin {
                of: Facts::Certification,
                from: "县局".into(),
                as_of: Timestamp::UNIX_EPOCH,
            }],
        }
    }

    pub(in crate::insurance) fn pension() -> Participation {
        let part = |item, monthly| BenefitPart { item, monthly: Fen(monthly) };
        let payment = |month| Payment {
            month,
            amount: Fen(24_300),
            state: PaymentState::Paid,
            paid_on: None,
            bank_tail: None,
            reason: None,
            extras: Vec::new(),
        };
        Participation {
            balance: Some(Fen(90)),
            made_of: Some(BalanceParts {
                person: Fen(100),
                interest: Fen(5),
                drawn: Fen(15),
                ..BalanceParts::default()
            }),
            contributions: vec![
                Contribution {
                    year: 2019,
                    person: Fen(60),
                    county: Fen(6),
                    balance: Some(Fen(105)),
                    ..Contribution::default()
                },
                Contribution {
                    year: 2018,
                    person: Fen(40),
                    balance: Some(Fen(42)),
                    ..Contribution::default()
                },
            ],
            benefit: Some(Benefit {
                since: month(2019, 9),
                monthly: Fen(24_300),
                parts: vec![
                    part(BenefitItem::Basic, 14_300),
                    part(BenefitItem::BasicCounty, 1_000),
                    part(BenefitItem::Account, 10_000),
                    part(BenefitItem::Deduction, -1_000),
                ],
                payments: History {
                    rows: vec![payment(month(2026, 11)), payment(month(2026, 10))],
                    total: 86,
                    more: None,
                },
            }),
            ..Participation::new(InsuranceKind::RESIDENTS_PENSION, 1, Some(3))
        }
    }

    #[test]
    fn a_list_that_did_not_arrive_whole_says_so() {
        let account = account(pension());
        let facts = Sheet::Payments(0).facts(&account, TODAY);
        assert_eq!((facts.len(), facts[2]), (3, Fact::Missing(84)));
        // No such kind is no sheet.
        assert_eq!(Sheet::Payments(1).facts(&account, TODAY), []);
    }

    #[test]
    fn what_goes_to_the_account_is_told_of_money_that_has_come() {
        let year = |kind, year, arrived| {
            let paid = Contribution {
                year,
                person: Fen(268_800),
                employer: Fen(470_400),
                arrived,
                ..Contribution::default()
            };
            let about =
                Participation { contributions: vec![paid], ..Participation::new(kind, 1, Some(1)) };
            let account = account(about);
            let facts = Sheet::Year { kind: 0, year: 0 }.facts(&account, TODAY);
            facts.into_iter().find_map(|fact| match fact {
                Fact::IntoAccount(fen) => Some(fen),
                _ => None,
            })
        };
        let came = Some(date(2025, 8, 15));
        assert_eq!(year(InsuranceKind::EMPLOYEES_PENSION, 2025, came), Some(Fen(268_800)));
        assert_eq!(year(InsuranceKind::EMPLOYEES_PENSION, 2005, came), None, "another rule then");
        assert_eq!(year(InsuranceKind::EMPLOYEES_PENSION, 2025, None), None);
        assert_eq!(year(InsuranceKind::RESIDENTS_PENSION, 2025, came), Some(Fen(739_200)));
        assert_eq!(year(InsuranceKind::UNEMPLOYMENT, 2025, came), None, "it has no account");
    }

    #[test]
    fn a_payment_that_was_made_again_is_not_one_to_ask_about() {
        let mut pension = pension();
        let payments = &mut pension.benefit.as_mut().expect("drawn").payments;
        let failed = Payment { state: PaymentState::Failed, ..payments.rows[1].clone() };
        payments.rows.push(failed.clone());
        payments.rows.push(Payment { month: month(2026, 9), ..failed });
        let account = account(pension);
        let good: Vec<_> = Sheet::Payments(0)
            .facts(&account, TODAY)
            .into_iter()
            .filter_map(|fact| match fact {
                Fact::Payment(_, good) => Some(good),
                _ => None,
            })
            .collect();
        assert_eq!(good, [false, false, true, false]);
    }

    #[test]
    fn a_balance_is_told_by_its_parts_and_by_its_years() {
        let account = account(pension());
        let facts = Sheet::Balance(0).facts(&account, TODAY);
        let right = [
            Fact::Paid(Payer::Person, Fen(100)),
            Fact::Interest(Fen(5)),
            Fact::Drawn(Fen(15)),
            Fact::Balance(Fen(90)),
            Fact::YearEnd(2019, Fen(105)),
            Fact::YearEnd(2018, Fen(42)),
        ];
        assert_eq!(facts, right);
        let right = vec![(2018, Fen(42)), (2019, Fen(105))];
        assert_eq!(Sheet::Balance(0).picture(&account, TODAY), Picture::Line(right));
    }

    #[test]
    fn of_the_medical_insurance_the_state_alone_is_told() {
        let medical = Participation {
            balance: Some(Fen(1)),
            months_paid: Some(1),
            ..Participation::new(InsuranceKind::EMPLOYEES_MEDICAL, 1, Some(1))
        };
        let account = account(medical);
        let facts = Sheet::Kind(0).facts(&account, TODAY);
        assert_eq!(facts, [Fact::State(ParticipationState::Paying)]);
    }

    #[test]
    fn the_days_to_the_certification_are_counted_and_have_an_origin() {
        let account = account(pension());
        assert_eq!(Sheet::Certification.picture(&account, TODAY), Picture::Ring(40));
        let late = Sheet::Certification.facts(&account, date(2027, 1, 5));
        assert_eq!(late[0], Fact::DaysLeft(-2));
        assert_eq!(Sheet::Certification.origin(&account).expect("told").from, "县局");
        assert_eq!(Sheet::Card.origin(&account), None);
    }

    #[test]
    fn the_record_holds_everything() {
        let account = account(pension());
        let facts = Sheet::Record.facts(&account, TODAY);
        assert_eq!(facts[0], Fact::Kind(InsuranceKind::RESIDENTS_PENSION));
        assert!(facts.contains(&Fact::Monthly(Fen(24_300))));
        let heading = facts.iter().position(|fact| *fact == Fact::Heading(Sheet::Certification));
        let below = &facts[heading.expect("above the certification")..];
        assert!(below.contains(&Fact::CertifyBy(date(2027, 1, 3))));
        assert!(!facts.contains(&Fact::Heading(Sheet::Card)), "there is none");
    }
}
