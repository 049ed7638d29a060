//! The account's pages: of the demonstration's residents, and of one who has everything.

use kiosk_base::domain::{
    Account, Benefit, Certification, CitizenId, Code, Contribution, Document, Fen, HolderNumber,
    InsuranceKind, Participation, Sensitive, YearMonth,
    account::{
        BalanceParts, BenefitItem, BenefitPart, CardState, CertificationWay, ChangeReason, Facts,
        History, MonthContribution, Origin, ParticipantIdentity, Payment, PaymentExtra,
        PaymentExtraItem, PaymentReason, PaymentState, SocialSecurityCard, Unemployment,
        UnemploymentState,
    },
    document::{EthnicGroup, ResidentIdCard, Sex, Validity},
};
use renshe_kiosk::{
    insurance::{Sheet, WhatIf},
    visit::{
        Page,
        account::{self, Kinds, Opened, Years, all_doors, shape},
        fit::Fit,
        identify::Step,
        what_if::Ask,
    },
};

use super::{Condition, NOW, Person, Props, Scene, date, scene};

impl Props {
    pub(super) fn account(&self, scenes: &mut Vec<Scene>, fit: &Fit) {
        // The card was read, and nothing is known yet.
        let unasked = Condition { pin: Some((0, 0)), ..Condition::default() };
        let notice = scene("identify-notice", Some(Page::Identify(Step::Notice)));
        scenes.push(notice.of(0).with(unasked));
        let machine = self.kiosk().machine;
        for (person, Person { name, account, .. }) in self.people.iter().enumerate() {
            let of = |name: String, page| scene(name, Some(page)).of(person);
            scenes.push(of(format!("overview-{name}"), Page::Account(account::Page::Overview)));
            scenes.push(
                of(format!("overview-{name}-shown"), Page::Account(account::Page::Overview))
                    .unmasked(),
            );
            scenes.push(
                of(format!("overview-{name}-expired"), Page::Account(account::Page::Overview))
                    .expired(),
            );
            self.slips(scenes, person);
            for page in 0..fit.kinds.pages(account.participations.len()) {
                let shown = Page::Account(account::Page::Kinds(Kinds { page }));
                scenes.push(of(format!("insurance-{name}-{page}"), shown));
            }
            for page in 0..fit.doors.pages(all_doors(&machine, account).len()) {
                scenes.push(of(
                    format!("doors-{name}-{page}"),
                    Page::Account(account::Page::Doors(page)),
                ));
            }
            for (kind, participation) in account.participations.iter().enumerate() {
                for page in 0..fit.years.pages(participation.contributions.len()) {
                    let shown = Page::Account(account::Page::Years(Years { kind, page }));
                    let name = format!("years-{name}-{kind}-{page}");
                    scenes.push(of(name, shown).unless(page == 0));
                }
                for (tier, years) in [(None, 0), (Some(0), 1), (Some(11), 44)] {
                    let ask = Ask { kind, what_if: WhatIf { tier, years } };
                    let name = format!("estimate-{name}-{kind}-{years}");
                    scenes.push(of(name, Page::Estimate(ask)).unless(years == 1));
                    if years == 1 && kind == 0 {
                        let name = format!("estimate-{}-prints", &self.people[person].name);
                        scenes.push(of(name, Page::Estimate(ask)).with(printer()).like_another());
                    }
                }
            }
            for (sheet, called) in sheets(account) {
                let lines = sheet.facts(account, NOW.date()).len();
                let grid = fit.sheet(shape(account, sheet, NOW.date()), lines);
                for page in 0..grid.pages(lines) {
                    let shown = Page::Account(account::Page::Sheet(Opened { sheet, page }));
                    let name = format!("sheet-{called}-{name}-{page}");
                    if page == 0 {
                        let shown = shown.clone();
                        let name = format!("{name}-prints");
                        scenes.push(of(name, shown).with(printer()).like_another());
                    }
                    scenes.push(of(name, shown).unless(page == 0));
                }
            }
        }
    }
}

fn printer() -> Condition {
    Condition { printer: true, ..Condition::default() }
}

/// Every sheet of an account that has lines.
fn sheets(account: &Account) -> Vec<(Sheet, String)> {
    let mut sheets = vec![
        (Sheet::Certification, "certification".to_owned()),
        (Sheet::Unemployment, "unemployment".to_owned()),
        (Sheet::Card, "card".to_owned()),
        (Sheet::Record, "record".to_owned()),
    ];
    for kind in 0..account.participations.len() {
        sheets.push((Sheet::Kind(kind), format!("kind-{kind}")));
        sheets.push((Sheet::Year { kind, year: 0 }, format!("year-{kind}")));
        sheets.push((Sheet::Months(kind), format!("months-{kind}")));
        sheets.push((Sheet::Balance(kind), format!("balance-{kind}")));
        sheets.push((Sheet::Parts(kind), format!("parts-{kind}")));
        sheets.push((Sheet::Payments(kind), format!("payments-{kind}")));
        sheets.push((Sheet::Received { kind, year: 2026 }, format!("received-{kind}")));
    }
    sheets.retain(|(sheet, _)| !sheet.facts(account, NOW.date()).is_empty());
    sheets
}

fn month(year: i16, month: i8) -> YearMonth {
    YearMonth::new(year, month).expect("a month")
}

/// Somebody whose account holds all that an account can hold.
pub(super) fn with_everything() -> Person {
    let number = CitizenId::parse("510599195908160015").expect("valid");
    let document = Document::ResidentIdCard(ResidentIdCard {
        name: "测试全".into(),
        sex: Sex::Male,
        ethnic_group: EthnicGroup(1),
        birth_date: Sensitive::new(number.birth_date().into()),
        address: "四川省泸县福集镇测试村3组12号".into(),
        number: number.clone(),
        issuing_authority: "泸县公安局".into(),
        valid_from: date(2019, 5, 20),
        valid_until: Validity::LongTerm,
        appended_address: None,
    });
    let account = Account {
        number: HolderNumber::Citizen(number),
        name: "测试全".into(),
        as_of: "2026-11-22T16:00:00Z".parse().expect("a moment"),
        participations: vec![residents_pension(), employees_pension(), unknown_kind()],
        certification: Some(Certification {
            last: Some(month(2025, 10)),
            way: Some(CertificationWay::Phone),
            next: date(2026, 10, 31),
        }),
        unemployment: Some(Unemployment {
            state: UnemploymentState::Paused,
            granted: 24,
            used: 11,
            since: Some(month(2024, 12)),
            until: Some(month(2026, 11)),
            monthly: Some(Fen::from_yuan(1_890)),
        }),
        card: Some(SocialSecurityCard {
            state: CardState::ReportedLost,
            issued: Some(date(2014, 12, 30)),
            valid_until: Some(date(2034, 12, 30)),
            bank: Some("四川农村商业联合银行泸县支行".to_owned()),
            bank_tail: Some("0123".to_owned().try_into().expect("four digits")),
        }),
        origins: vec![origin(Facts::Certification, "泸县城乡居民社会养老保险中心")],
    };
    Person { name: "everything".to_owned(), document, account: Box::new(account) }
}

/// Somebody about whom a newer county says nothing but what this kiosk has no words for.
pub(super) fn of_a_newer_county() -> Person {
    let code = Code::parse("twenty_four_letters_long").expect("a code");
    let Person { document, mut account, .. } = with_everything();
    let pension = &mut account.participations[0];
    pension.origins[0].of = Facts::Code(code);
    let benefit = pension.benefit.as_mut().expect("one is drawn");
    benefit.parts.iter_mut().skip(1).for_each(|part| part.item = BenefitItem::Code(code));
    for payment in &mut benefit.payments.rows {
        payment.state = PaymentState::Code(code);
        payment.reason = payment.reason.map(|_| PaymentReason::Code(code));
        for extra in &mut payment.extras {
            (extra.item, extra.reason) =
                (PaymentExtraItem::Code(code), Some(PaymentReason::Code(code)));
        }
    }
    account.certification.as_mut().expect("it is due").way = Some(CertificationWay::Code(code));
    account.unemployment.as_mut().expect("it is drawn").state = UnemploymentState::Code(code);
    account.card.as_mut().expect("there is one").state = CardState::Code(code);
    Person { name: "newer".to_owned(), document, account }
}

fn origin(of: Facts, from: &str) -> Origin {
    let as_of = "2026-11-21T16:00:00Z".parse().expect("a moment");
    Origin { of, from: from.to_owned(), as_of }
}

fn extra(item: PaymentExtraItem, from: Option<(i16, i8)>, reason: PaymentReason) -> PaymentExtra {
    let from = from.map(|(year, from)| month(year, from));
    let until = from.map(|_| month(2026, 9));
    PaymentExtra { item, amount: Fen::from_yuan(4_321), reason: Some(reason), from, until }
}

fn residents_pension() -> Participation {
    let part = |item, monthly| BenefitPart { item, monthly: Fen(monthly) };
    let payments = (0..90).map(|back| {
        let count = 2026 * 12 + 10 - back;
        let at = i16::try_from(count / 12).expect("a year");
        Payment {
            month: month(at, i8::try_from(count % 12 + 1).expect("a month")),
            amount: Fen::from_yuan(if back > 8 { 12_345 } else { 13_456 }),
            state: match back {
                0 => PaymentState::Pending,
                3 => PaymentState::Failed,
                4 => PaymentState::WrittenOff,
                _ => PaymentState::Paid,
            },
            paid_on: Some(date(at, 12, 30)),
            bank_tail: Some("0123".to_owned().try_into().expect("four digits")),
            reason: match back {
                3 | 4 => Some(PaymentReason::BankAccount),
                8 => Some(PaymentReason::Adjustment),
                _ => None,
            },
            extras: match back {
                1 => vec![
                    extra(PaymentExtraItem::BackPay, Some((2025, 11)), PaymentReason::Certified),
                    extra(PaymentExtraItem::Recovery, None, PaymentReason::Overpaid),
                ],
                _ => Vec::new(),
            },
        }
    });
    let contributions = (2009..2027).rev().map(|year| Contribution {
        year,
        person: Fen::from_yuan(3_000),
        province: Fen::from_yuan(128),
        city: Fen::from_yuan(16),
        county: Fen::from_yuan(16),
        collective: Fen::from_yuan(100),
        paid_for: Fen::from_yuan(100),
        employer: Fen(0),
        interest: Some(Fen::from_yuan(1_234)),
        balance: Some(Fen::from_yuan(i64::from(year - 2008) * 3_600)),
        arrived: (year != 2026).then(|| date(year, 12, 30)),
        place: Some("四川省泸县福集镇测试社区居民委员会".to_owned()),
    });
    Participation {
        reason: Some(ChangeReason::NOT_CERTIFIED),
        since: Some(month(2009, 12)),
        place: Some("四川省泸州市泸县福集镇测试社区居民委员会".to_owned()),
        identity: Some(ParticipantIdentity(71)),
        months_paid: Some(216),
        balance: Some(Fen::from_yuan(1_064_800)),
        made_of: Some(BalanceParts {
            person: Fen::from_yuan(1_054_000),
            subsidies: Fen::from_yuan(14_680),
            others: Fen::from_yuan(1_800),
            interest: Fen::from_yuan(12_212),
            drawn: Fen::from_yuan(17_892),
        }),
        contributions: contributions.collect(),
        benefit: Some(Benefit {
            since: month(2019, 6),
            monthly: Fen::from_yuan(12_345),
            parts: vec![
                part(BenefitItem::Basic, 514_300),
                part(BenefitItem::BasicProvince, 1_200),
                part(BenefitItem::BasicCity, 300),
                part(BenefitItem::BasicCounty, 500),
                part(BenefitItem::Account, 734_500),
                part(BenefitItem::Added, 4_000),
                part(BenefitItem::Deduction, -21_300),
                part(BenefitItem::Other, 1_000),
            ],
            payments: History { total: 120, more: None, rows: payments.collect() },
        }),
        origins: vec![
            origin(Facts::State, "泸县城乡居民社会养老保险中心"),
            origin(Facts::Contributions, "国家税务总局泸县税务局"),
        ],
        ..Participation::new(InsuranceKind::RESIDENTS_PENSION, 2, Some(3))
    }
}

fn employees_pension() -> Participation {
    let months = (0..240).map(|back| {
        let count = 2024 * 12 - back;
        let at = i16::try_from(count / 12).expect("a year");
        MonthContribution {
            month: month(at, i8::try_from(count % 12 + 1).expect("a month")),
            base: Fen::from_yuan(24_316),
            person: Fen(194_528),
            employer: Fen(389_056),
            arrived: (back > 1).then(|| date(at, 12, 30)),
            unit: Some("东莞市测试电子有限公司".to_owned()),
        }
    });
    Participation {
        since: Some(month(2004, 1)),
        place: Some("广东省东莞市".to_owned()),
        months_paid: Some(240),
        months: History::whole(months.collect()),
        ..Participation::new(InsuranceKind::EMPLOYEES_PENSION, 2, Some(2))
    }
}

/// Of a kind and with a pair of codes that no table holds.
fn unknown_kind() -> Participation {
    Participation {
        identity: Some(ParticipantIdentity(42)),
        reason: Some(ChangeReason(6399)),
        ..Participation::new(InsuranceKind(902), 4, Some(1))
    }
}
