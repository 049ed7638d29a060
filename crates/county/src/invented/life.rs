//! A generated resident's account, made from the kind of life that the resident has. Keeps no
//! state.

use jiff::{Timestamp, ToSpan, civil::Date};
use kiosk_base::domain::{
    Account, Contribution, Fen, InsuranceKind, Participation,
    account::{
        BalanceParts, BankTail, BenefitItem, CardState, ChangeReason, Facts, Origin,
        ParticipantIdentity, SocialSecurityCard, Unemployment,
    },
};

use super::{
    dice::Dice,
    drawing::{self, Drawing},
    figures::{self, Count},
    population::{Life, Person},
    work::{self, Spell},
};

/// The residents' pension began here.
const SCHEME_BEGAN: i16 = 2010;
const COUNTY: &str = "四川省泸县";
const ELSEWHERE: [&str; 4] =
    ["广东省东莞市", "浙江省义乌市", "重庆市永川区", "四川省泸州市龙马潭区"];
const UNITS: [&str; 6] = [
    "测试酒业有限公司",
    "测试机械厂",
    "测试建筑工程公司",
    "测试纺织有限公司",
    "测试商贸公司",
    "测试物流有限公司",
];

impl Person {
    /// The account as it is on `today`; `posted` is when the day's figures were posted.
    pub fn account(&self, today: Date, posted: Timestamp) -> Account {
        let mut dice = self.dice.fork(2);
        let mut account = Account {
            number: self.number.clone(),
            name: self.name.clone(),
            as_of: posted,
            participations: Vec::new(),
            certification: None,
            unemployment: None,
            card: None,
            origins: Vec::new(),
        };
        self.live(&mut account, today, &mut dice);
        account.card = card(self.index, today, &mut dice);
        tell_origins(&mut account);
        account
    }

    fn live(&self, account: &mut Account, today: Date, dice: &mut Dice) {
        let now = figures::count(today.year(), today.month());
        let kinds = &mut account.participations;
        match self.life {
            Life::Farmer => kinds.push(self.paying(today, today.year(), dice)),
            Life::PausedFarmer => {
                let stopped = i16::try_from(dice.between(3, 7)).unwrap_or(5);
                let mut paused = self.paying(today, today.year() - stopped, dice);
                (paused.insured, paused.paying) = (2, Some(2));
                kinds.push(paused);
            }
            Life::Pensioner => {
                kinds.push(self.drawing(today, now + 1, dice));
                let ago = dice.between(0, 11);
                account.certification = Some(drawing::certification(today, ago, dice));
            }
            Life::Uncertified => {
                // The month in which it was due is the last that is paid.
                let ago = dice.between(14, 24);
                kinds.push(Participation {
                    insured: 2,
                    reason: Some(ChangeReason::NOT_CERTIFIED),
                    ..self.drawing(today, now - ago + 13, dice)
                });
                account.certification = Some(drawing::certification(today, ago, dice));
            }
            Life::Sentenced => {
                let ago = dice.between(2, 9);
                kinds.push(Participation {
                    insured: 2,
                    reason: Some(ChangeReason::SENTENCED),
                    ..self.drawing(today, now - ago, dice)
                });
                account.certification = Some(drawing::certification(today, ago + 1, dice));
            }
            Life::Deceased => {
                let ago = dice.between(1, 40);
                kinds.push(Participation {
                    insured: 4,
                    reason: Some(ChangeReason::DECEASED),
                    ..self.drawing(today, now - ago, dice)
                });
            }
            Life::Employee => {
                let began = (figures::year(self.at_age(20)) + 1).max(today.year() - 25);
                let spells = self.spells(figures::count(began, 7), now + 1, false, dice);
                employed(kinds, &spells, today);
            }
            Life::Returned => account.unemployment = self.returned(kinds, today, dice),
            Life::Veteran => {
                // As many years as 35 and what has passed of this one.
                let from = figures::count(today.year() - 35, 1);
                let spells = self.spells(from, now + 1, false, dice);
                employed(kinds, &spells, today);
            }
            Life::Official => {
                let began = (figures::year(self.at_age(22)) + 1).max(2014);
                let unit = "测试镇人民政府".to_owned();
                let from = figures::count(began, 10);
                let spell = Spell { from, until: now + 1, unit, place: None, wage: 1_300 };
                kinds.push(work::participation(InsuranceKind::OFFICIALS_PENSION, &[spell], today));
            }
            Life::RetiredEmployee => {
                let kind = InsuranceKind::EMPLOYEES_PENSION;
                let retired = self.retired(kind, 35, Fen::from_yuan(1_450), today, dice);
                kinds.push(retired);
                account.certification = Some(drawing::certification(today, 5, dice));
            }
            Life::RetiredOfficial => {
                let kind = InsuranceKind::OFFICIALS_PENSION;
                let retired = self.retired(kind, 30, Fen::from_yuan(2_900), today, dice);
                kinds.push(retired);
                account.certification = Some(drawing::certification(today, 8, dice));
            }
            Life::Student => {}
            Life::Uninsured => {
                kinds.push(Participation::new(InsuranceKind::RESIDENTS_PENSION, 0, Some(0)));
            }
            Life::Odd => {
                kinds.push(Participation::new(InsuranceKind(902), 3, Some(1)));
                kinds.push(Participation::new(InsuranceKind::RESIDENTS_PENSION, 4, Some(1)));
            }
        }
        let of_employees = kinds.iter().any(|kind| kind.kind == InsuranceKind::EMPLOYEES_MEDICAL);
        if !of_employees {
            kinds.push(self.medical(today));
        }
    }

    /// The residents' pension with what was paid until the year `until`, which may not have
    /// arrived.
    fn paying(&self, today: Date, until: i16, dice: &mut Dice) -> Participation {
        let began = (self.born.year() + 16).max(SCHEME_BEGAN);
        let began = began.saturating_add(i16::try_from(dice.below(4)).unwrap_or(0)).min(until);
        // Somebody for whom the government pays has chosen nothing.
        let paid_for = dice.chance(10);
        let collective = dice.chance(8);
        let mut tier = figures::tier(dice);
        let mut balance = Fen(0);
        let mut contributions = Vec::new();
        let mut missed = Fen(0);
        for year in began..=until {
            if dice.chance(15) {
                tier = figures::tier(dice);
            }
            let interest = match year < today.year() {
                true => figures::share(balance + missed, figures::interest(KIND, year)),
                false => Fen(0),
            };
            // A year is missed now and then; its interest stands with the next.
            if dice.chance(6) && year < until {
                missed = missed + interest;
                continue;
            }
            let month = i8::try_from(dice.between(9, 12)).unwrap_or(12);
            let day = i8::try_from(dice.between(1, 28)).unwrap_or(28);
            let arrived = Date::new(year, month, day).ok().filter(|day| *day <= today);
            let mut paid = Contribution {
                year,
                person: tier.person,
                province: tier.province,
                county: tier.county,
                interest: Some(interest + missed),
                arrived,
                ..Contribution::default()
            };
            if paid_for {
                (paid.person, paid.paid_for) = (Fen(0), Fen(10_000));
                (paid.province, paid.county) = (Fen(2_400), Fen(600));
            }
            if collective {
                paid.collective = Fen(5_000);
            }
            // What has not arrived is in no account.
            let into = if arrived.is_some() { paid.total() } else { Fen(0) };
            balance = balance + into + interest + missed;
            missed = Fen(0);
            paid.balance = Some(balance);
            contributions.insert(0, paid);
        }
        let arrived = || contributions.iter().filter(|paid| paid.arrived.is_some());
        let sum = |amount: fn(&Contribution) -> Fen| arrived().map(amount).sum::<Fen>();
        let made_of = BalanceParts {
            person: sum(|paid| paid.person),
            subsidies: sum(Contribution::government),
            others: sum(Contribution::others),
            interest: contributions.iter().filter_map(|paid| paid.interest).sum(),
            drawn: Fen(0),
        };
        let identity = if paid_for { dice.pick(&[21, 31, 51, 61]) } else { 11 };
        Participation {
            since: Some(figures::month(figures::count(began, 9))),
            place: Some(format!(
                "{COUNTY}{}",
                dice.pick(&["福集镇", "玄滩镇", "嘉明镇", "云龙镇"])
            )),
            identity: Some(ParticipantIdentity(identity)),
            months_paid: u32::try_from(12 * arrived().count()).ok(),
            balance: Some(made_of.balance()),
            made_of: Some(made_of),
            contributions,
            ..Participation::new(KIND, 1, Some(1))
        }
    }

    /// The residents' pension, drawn from the age of 60, or from the scheme's beginning, until the
    /// month `until`.
    fn drawing(&self, today: Date, until: Count, dice: &mut Dice) -> Participation {
        let since = self.at_age(60).max(figures::count(SCHEME_BEGAN + 1, 1)) + 1;
        let until = until.max(since + 1);
        let mut participation = self.paying(today, figures::year(since).min(today.year()), dice);
        participation.paying = Some(3);
        let mut more =
            vec![(BenefitItem::BasicProvince, Fen(1_000)), (BenefitItem::BasicCounty, Fen(200))];
        if self.at_age(65) <= until {
            more.push((BenefitItem::Added, Fen(500)));
        }
        if dice.chance(10) {
            more.push((BenefitItem::Deduction, Fen(-3_000)));
        }
        let drawing = Drawing { since, until, tail: tail(dice) };
        drawing::draw(&mut participation, drawing, figures::basic_pension, &more, today, dice);
        participation
    }

    /// A pension of work, drawn from the age of 60 after `years` years.
    fn retired(
        &self,
        kind: InsuranceKind,
        years: i32,
        basic: Fen,
        today: Date,
        dice: &mut Dice,
    ) -> Participation {
        let now = figures::count(today.year(), today.month());
        let since = self.at_age(60) + 1;
        let spells = self.spells(since - 12 * years, since, false, dice);
        let mut participation = work::participation(kind, &spells, today);
        participation.paying = Some(3);
        let more = [(BenefitItem::Added, Fen(figures::month(now).year().into()))];
        let drawing = Drawing { since, until: now.max(since) + 1, tail: tail(dice) };
        drawing::draw(&mut participation, drawing, |_| basic, &more, today, dice);
        participation
    }

    /// Somebody who has worked elsewhere with breaks; the unemployment benefit of the last work.
    fn returned(
        &self,
        kinds: &mut Vec<Participation>,
        today: Date,
        dice: &mut Dice,
    ) -> Option<Unemployment> {
        let now = figures::count(today.year(), today.month());
        let ended = now - dice.between(1, 20);
        let spells = self.spells(self.at_age(19).max(figures::count(2004, 3)), ended, true, dice);
        let record = |kind, insured, paying| Participation {
            insured,
            paying: Some(paying),
            ..work::participation(kind, &spells, today)
        };
        kinds.push(record(InsuranceKind::EMPLOYEES_PENSION, 2, 2));
        let insured = record(InsuranceKind::UNEMPLOYMENT, 2, 2);
        let paid = insured.months_paid?;
        kinds.push(insured);
        kinds.push(record(InsuranceKind::WORK_INJURY, 4, 3));
        // Some pay as residents since they are back; both records stand.
        if dice.chance(30) {
            let mut resident = self.paying(today, today.year(), dice);
            resident.contributions.truncate(1);
            kinds.push(restart(resident));
        }
        Some(drawing::unemployment(ended, paid, today, dice))
    }

    /// Work from `from` until `until`, at several units; `away` and with breaks, or in the county.
    fn spells(&self, from: Count, until: Count, away: bool, dice: &mut Dice) -> Vec<Spell> {
        let mut spells = Vec::new();
        let mut begin = from;
        let wage = i64::from(dice.between(650, 1_500));
        while begin < until {
            let end = (begin + dice.between(18, 90)).min(until);
            let place = (away && dice.chance(75)).then(|| dice.pick(&ELSEWHERE));
            let unit = dice.pick(&UNITS).to_owned();
            spells.push(Spell { from: begin, until: end, unit, place, wage });
            begin = end + if away { dice.between(2, 30) } else { 0 };
        }
        spells
    }

    fn medical(&self, today: Date) -> Participation {
        let state = if self.life == Life::Deceased { (4, 3) } else { (1, 1) };
        let since = self.born.year().max(2008);
        Participation {
            since: Some(figures::month(figures::count(since.min(today.year()), 1))),
            place: Some(COUNTY.to_owned()),
            ..Participation::new(InsuranceKind::RESIDENTS_MEDICAL, state.0, Some(state.1))
        }
    }

    /// The month in which that age is reached.
    fn at_age(&self, age: i32) -> Count {
        figures::count(self.born.year(), self.born.month()) + 12 * age
    }
}

/// Says of all facts of `account` which office they come from.
pub(super) fn tell_origins(account: &mut Account) {
    let posted = account.as_of;
    for participation in &mut account.participations {
        participation.origins = origins(participation, posted);
    }
    let told = [
        (account.certification.is_some(), Facts::Certification, PENSION_OFFICE),
        (account.unemployment.is_some(), Facts::Unemployment, "泸县就业服务管理局"),
        (account.card.is_some(), Facts::Card, "泸县社会保障卡服务中心"),
    ];
    let told = told.into_iter().filter(|(there, ..)| *there);
    account.origins = told.map(|(_, of, from)| origin(of, from, posted)).collect();
}

const KIND: InsuranceKind = InsuranceKind::RESIDENTS_PENSION;
const PENSION_OFFICE: &str = "泸县城乡居民社会养老保险中心";

/// A record of which only the last year is: its balance begins there.
fn restart(mut resident: Participation) -> Participation {
    let mut made_of = BalanceParts::default();
    for paid in &mut resident.contributions {
        paid.interest = Some(Fen(0));
        if paid.arrived.is_some() {
            made_of.person = paid.person;
            made_of.subsidies = paid.government();
            made_of.others = paid.others();
        }
        paid.balance = Some(made_of.balance());
        resident.since = Some(figures::month(figures::count(paid.year, 9)));
        resident.months_paid = Some(if paid.arrived.is_some() { 12 } else { 0 });
    }
    Participation { balance: Some(made_of.balance()), made_of: Some(made_of), ..resident }
}

/// All five kinds that an employer pays for.
fn employed(kinds: &mut Vec<Participation>, spells: &[Spell], today: Date) {
    let all = [
        InsuranceKind::EMPLOYEES_PENSION,
        InsuranceKind::UNEMPLOYMENT,
        InsuranceKind::EMPLOYEES_MEDICAL,
        InsuranceKind::WORK_INJURY,
        InsuranceKind::MATERNITY,
    ];
    kinds.extend(all.map(|kind| work::participation(kind, spells, today)));
}

fn tail(dice: &mut Dice) -> BankTail {
    BankTail::try_from(format!("{:04}", dice.below(10_000))).expect("four digits")
}

/// Every state of a card takes its turn; few people have none.
fn card(index: u32, today: Date, dice: &mut Dice) -> Option<SocialSecurityCard> {
    let state = match index % 29 {
        0 => return None,
        1 | 2 => CardState::NotActivated,
        3 => CardState::ReportedLost,
        4 => CardState::Expired,
        5 => CardState::Cancelled,
        6 => CardState::Unknown,
        _ => CardState::InUse,
    };
    let old = if state == CardState::Expired { 12 } else { dice.between(1, 9) };
    let issued = today.saturating_add((-old).years()).saturating_add((-17).days());
    let valid_until = issued.saturating_add(10.years());
    let bank = dice.pick(&["测试银行泸县支行", "测试农村商业银行", "测试邮政储蓄银行"]);
    Some(SocialSecurityCard {
        state,
        issued: Some(issued),
        valid_until: Some(valid_until),
        bank: Some(bank.to_owned()),
        bank_tail: (state != CardState::NotActivated).then(|| tail(dice)),
    })
}

/// Contributions in the county are collected by its tax bureau since 2024; those of elsewhere came
/// over with the rest, or stand in the books of the office there. Medical insurance has an office of
/// its own.
fn origins(participation: &Participation, posted: Timestamp) -> Vec<Origin> {
    let office = match participation.kind {
        kind if kind.is_medical() => return vec![origin(Facts::State, "泸县医疗保障局", posted)],
        KIND => PENSION_OFFICE,
        InsuranceKind::OFFICIALS_PENSION => "泸县机关事业单位社会保险局",
        _ => "泸县社会保险事业管理局",
    };
    let elsewhere = participation.place.as_deref().filter(|place| !place.starts_with(COUNTY));
    let there = elsewhere.map(|place| format!("{place}社会保险经办机构"));
    let office = there.as_deref().unwrap_or(office);
    let here = |newest: &Contribution| newest.year >= 2024 && newest.place.is_none();
    let taxed = there.is_none() && participation.contributions.first().is_some_and(here);
    let payer = if taxed { "国家税务总局泸县税务局" } else { office };
    let told = [
        (true, Facts::State, office),
        (!participation.contributions.is_empty(), Facts::Contributions, payer),
        (participation.balance.is_some(), Facts::Balance, office),
        (participation.benefit.is_some(), Facts::Benefit, office),
    ];
    let told = told.into_iter().filter(|(there, ..)| *there);
    told.map(|(_, of, from)| origin(of, from, posted)).collect()
}

/// Offices post at night; what comes over from another system is a day or more older.
fn origin(of: Facts, from: &str, posted: Timestamp) -> Origin {
    let late = match of {
        Facts::Contributions if from != PENSION_OFFICE => 24,
        Facts::State if from == "泸县医疗保障局" => 72,
        Facts::Card | Facts::Unemployment => 48,
        _ => 0,
    };
    let as_of = posted.checked_sub(late.hours()).unwrap_or(posted);
    Origin { of, from: from.to_owned(), as_of }
}
