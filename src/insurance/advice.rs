//! What a person is told about an insurance: what has to be done, by when, or that nothing has. No
//! words: the screen has those. Keeps no state.
//!
//! Each piece of advice is a rule of its own: it looks at the [`Case`] and is given only when its
//! condition holds, whatever the others say. [`RULES`] has them in order of urgency.

use jiff::{ToSpan, civil::Date};
use kiosk_base::domain::{
    Account, Certification, Fen, HolderNumber, InsuranceKind, Participation, YearMonth,
    account::{ChangeReason, ParticipationState as Is, PaymentState, UnemploymentState},
};

use super::{
    Policy, estimate::birthday, policy::Drawing, received::was_made_good,
    years::newest_arrived_month,
};

/// One piece of advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// Registered as dead: who stands here can say that it is a mistake.
    Deceased,
    /// In prison nothing is paid.
    Sentenced,
    /// The yearly certification is late.
    CertifyLate {
        /// The last day in time.
        by: Date,
        /// Days since then, at least 1.
        days: i32,
        /// The pension was stopped for it.
        stopped: bool,
    },
    /// Stopped for want of a certification of which nothing else is known.
    Uncertified,
    /// What is drawn was stopped, and it is not said why.
    Stopped {
        /// It is a pension.
        pension: bool,
    },
    /// The bank could not pay out the last time.
    PaymentFailed,
    /// The last payment went back.
    PaymentReturned,
    /// The yearly certification is due.
    Certify {
        /// The last day in time.
        by: Date,
        /// Days until then, 0 on that day.
        days: i32,
    },
    /// An unemployment benefit is drawn.
    BenefitLeft {
        /// Months that are still to come, at least 1.
        months: u32,
        /// What comes each month, where that is known.
        monthly: Option<Fen>,
    },
    /// All months of an unemployment benefit were drawn.
    BenefitUsedUp,
    /// An unemployment benefit rests; its months are kept.
    BenefitKept {
        /// How many, at least 1.
        months: u32,
    },
    /// An unemployment benefit is over.
    BenefitOver,
    /// The age is reached and the years are paid: the pension can be applied for.
    CanDraw,
    /// The age is reached, and years are missing.
    AgedMissing {
        /// How many, at least 1.
        years: u32,
    },
    /// The age is reached within a year.
    DrawFrom {
        /// Which age.
        age: u8,
        /// In which month.
        aged: YearMonth,
        /// From which month on one may come.
        from: YearMonth,
        /// Whether that month has come.
        now: bool,
        /// Years that must be paid.
        needed: u32,
        /// Years of which the money has come.
        paid: u32,
    },
    /// A year's money has not come.
    NotArrived {
        /// Which year, where it is not this one.
        year: Option<i16>,
    },
    /// Of this year there is no payment.
    NotPaidYet,
    /// What employers alone pay for.
    EmployerPays,
    /// Another office's insurance, of which the state alone is shown.
    Medical,
    /// Nobody pays at present.
    Paused,
    /// Not insured.
    NotInsured {
        /// Everybody may join: the residents' pension.
        open: bool,
    },
    /// It has ended.
    Ended,
    /// The codes make no sense.
    Unclear,
    /// A pension is drawn, and of the certification nothing is known.
    CertifyYearly,
    /// Money comes as it should.
    Nothing,
    /// The record of everything is no certificate: of every record.
    Record,
    /// Nothing else is to be said; there is always somebody to ask.
    Ask,
}

/// How an advice is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Nothing has to be done.
    Calm,
    /// Something is to be done.
    ToDo,
    /// Something is late or wrong.
    Late,
}

/// Where the page leads that says more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// How the certification is done.
    Certify,
    /// How a pension is applied for.
    Draw,
    /// How one joins the residents' pension.
    Join,
    /// The unemployment benefit.
    Unemployment,
}

impl Advice {
    /// How it is to be taken.
    pub fn urgency(self) -> Urgency {
        match self {
            Self::Deceased
            | Self::CertifyLate { .. }
            | Self::Uncertified
            | Self::Stopped { .. }
            | Self::PaymentFailed
            | Self::PaymentReturned => Urgency::Late,
            Self::EmployerPays | Self::Medical | Self::Nothing | Self::Record | Self::Ask => {
                Urgency::Calm
            }
            _ => Urgency::ToDo,
        }
    }

    /// The page that says more, if there is one.
    pub fn way(self) -> Option<Way> {
        match self {
            Self::Certify { .. }
            | Self::CertifyLate { .. }
            | Self::Uncertified
            | Self::CertifyYearly => Some(Way::Certify),
            Self::CanDraw | Self::DrawFrom { .. } => Some(Way::Draw),
            Self::NotInsured { open: true } => Some(Way::Join),
            Self::BenefitLeft { .. } => Some(Way::Unemployment),
            _ => None,
        }
    }
}

/// What advice is about.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The whole account.
    pub account: &'a Account,
    /// The kind of insurance in question.
    pub about: &'a Participation,
    /// The rules of the place.
    pub policy: &'a Policy,
    /// The day.
    pub today: Date,
}

type Rule = fn(&Case<'_>) -> Option<Advice>;

/// Every piece of advice about a kind of insurance, the most urgent first.
const RULES: &[Rule] = &[
    deceased,
    sentenced,
    certify_late,
    uncertified,
    stopped,
    last_payment,
    certify,
    can_draw,
    aged_missing,
    draw_from,
    not_arrived,
    not_paid_yet,
    employer_pays,
    medical,
    paused,
    not_insured,
    ended,
    unclear,
    certify_yearly,
    nothing,
];

/// What is to be said about one kind, the most urgent first; at least one.
pub fn about(case: &Case<'_>) -> Vec<Advice> {
    let mut advice: Vec<_> = RULES.iter().filter_map(|rule| rule(case)).collect();
    if advice.is_empty() {
        advice.push(Advice::Ask);
    }
    advice
}

/// What is to be said about a whole account whose main kind is that of the `case`: an unemployment
/// benefit that is drawn comes before what is not urgent.
pub fn overview(case: &Case<'_>) -> Vec<Advice> {
    let drawn = case.account.unemployment.as_ref();
    let drawn = drawn.filter(|benefit| benefit.state == UnemploymentState::Drawing);
    let of_benefit = drawn.map(|_| unemployment(case.account)).unwrap_or_default();
    let mut advice = about(case);
    advice.retain(|advice| *advice != Advice::Ask || of_benefit.is_empty());
    let before = |advice: &Advice| match advice {
        Advice::Certify { .. } => true,
        other => other.urgency() == Urgency::Late,
    };
    let at = advice.iter().position(|advice| !before(advice)).unwrap_or(advice.len());
    advice.splice(at..at, of_benefit);
    advice
}

/// What is to be said about an unemployment benefit; one, or none where there is no benefit, or nobody
/// here knows its state.
pub fn unemployment(account: &Account) -> Vec<Advice> {
    let Some(benefit) = &account.unemployment else { return Vec::new() };
    let months = benefit.left();
    let advice = match benefit.state {
        UnemploymentState::Drawing if months > 0 => {
            Advice::BenefitLeft { months, monthly: benefit.monthly }
        }
        UnemploymentState::Drawing => Advice::BenefitUsedUp,
        UnemploymentState::Paused if months > 0 => Advice::BenefitKept { months },
        UnemploymentState::Paused | UnemploymentState::Ended => Advice::BenefitOver,
        // Whether it is drawn is not known here.
        UnemploymentState::Code(_) => return Vec::new(),
    };
    vec![advice]
}

/// The record says that the person has died.
fn deceased(case: &Case<'_>) -> Option<Advice> {
    (case.about.reason == Some(ChangeReason::DECEASED)).then_some(Advice::Deceased)
}

/// A benefit was stopped because of a sentence.
fn sentenced(case: &Case<'_>) -> Option<Advice> {
    let sentenced = case.about.reason == Some(ChangeReason::SENTENCED);
    (sentenced && case.about.state() == Is::BenefitPaused).then_some(Advice::Sentenced)
}

/// The certification that the person is to do: one who draws a pension, or would but for it.
fn to_certify<'a>(case: &Case<'a>) -> Option<&'a Certification> {
    let about = case.about;
    let excused = [Some(ChangeReason::SENTENCED), Some(ChangeReason::DECEASED)];
    let draws = matches!(about.state(), Is::Drawing | Is::BenefitPaused);
    let has_to = about.kind.is_pension() && draws && !excused.contains(&about.reason);
    case.account.certification.as_ref().filter(|_| has_to)
}

/// The last day is over.
fn certify_late(case: &Case<'_>) -> Option<Advice> {
    let by = to_certify(case)?.next;
    let days = (case.today - by).get_days();
    let stopped = case.about.state() == Is::BenefitPaused
        && case.about.reason == Some(ChangeReason::NOT_CERTIFIED);
    (days > 0).then_some(Advice::CertifyLate { by, days, stopped })
}

/// The last day is not over.
fn certify(case: &Case<'_>) -> Option<Advice> {
    let by = to_certify(case)?.next;
    let days = (by - case.today).get_days();
    (days >= 0).then_some(Advice::Certify { by, days })
}

/// Stopped for want of a certification, and there is no day by which one is late.
fn uncertified(case: &Case<'_>) -> Option<Advice> {
    let about = case.about;
    let holds = about.state() == Is::BenefitPaused
        && about.reason == Some(ChangeReason::NOT_CERTIFIED)
        && case.account.certification.is_none();
    holds.then_some(Advice::Uncertified)
}

/// Stopped for a reason that no other rule explains; also where the certification for want of which
/// it was stopped has been done.
fn stopped(case: &Case<'_>) -> Option<Advice> {
    let explained = [deceased, sentenced, uncertified].iter().any(|rule| rule(case).is_some())
        || matches!(certify_late(case), Some(Advice::CertifyLate { stopped: true, .. }));
    let holds = case.about.state() == Is::BenefitPaused && !explained;
    holds.then_some(Advice::Stopped { pension: case.about.kind.is_pension() })
}

/// What is drawn did not come the last time, and has not come since.
fn last_payment(case: &Case<'_>) -> Option<Advice> {
    let benefit = case.about.benefit.as_ref().filter(|_| case.about.state() == Is::Drawing)?;
    let last = benefit.last_payment().filter(|last| !was_made_good(benefit, last))?;
    match last.state {
        PaymentState::Failed => Some(Advice::PaymentFailed),
        PaymentState::WrittenOff => Some(Advice::PaymentReturned),
        // What a newer county's code means, nobody here knows.
        PaymentState::Pending | PaymentState::Paid | PaymentState::Code(_) => None,
    }
}

/// Somebody who pays, or paid, for a residents' pension that is not drawn yet: the rule of when it
/// is, and the day on which the age is reached.
fn not_drawn_yet(case: &Case<'_>) -> Option<(Drawing, Date)> {
    let about = case.about;
    let pays = matches!(about.state(), Is::Paying | Is::PaymentPaused);
    let HolderNumber::Citizen(number) = &case.account.number else { return None };
    if about.kind != InsuranceKind::RESIDENTS_PENSION || !pays || about.benefit.is_some() {
        return None;
    }
    let drawing = case.policy.drawing(case.today)?.value;
    Some((drawing, birthday(number.birth_date(), drawing.age)))
}

fn years_paid(case: &Case<'_>) -> Option<u32> {
    case.about.months_paid.map(|months| months / 12)
}

/// Years that are still missing for a residents' pension that is not drawn yet, as far as is known;
/// 0 where none are.
pub fn years_missing(case: &Case<'_>) -> Option<u32> {
    let (drawing, _) = not_drawn_yet(case)?;
    Some(drawing.years.saturating_sub(years_paid(case)?))
}

/// The age is reached, and enough years are known to be paid.
fn can_draw(case: &Case<'_>) -> Option<Advice> {
    let (_, aged) = not_drawn_yet(case)?;
    (aged <= case.today && years_missing(case)? == 0).then_some(Advice::CanDraw)
}

/// The age is reached, and it is known that years are missing.
fn aged_missing(case: &Case<'_>) -> Option<Advice> {
    let (_, aged) = not_drawn_yet(case)?;
    let years = years_missing(case)?;
    (aged <= case.today && years > 0).then_some(Advice::AgedMissing { years })
}

/// The age is reached within a year. One comes in the month before: the office tells those who
/// reach the age in the next month (城乡居民基本养老保险经办规程, 人社部发〔2019〕84号).
fn draw_from(case: &Case<'_>) -> Option<Advice> {
    let (drawing, birthday) = not_drawn_yet(case)?;
    let soon = case.today < birthday && birthday <= case.today.saturating_add(1.year());
    let before = birthday.first_of_month().saturating_sub(1.month());
    let month = |day: Date| YearMonth::new(day.year(), day.month());
    let from = month(before).ok().filter(|_| soon)?;
    Some(Advice::DrawFrom {
        age: drawing.age,
        aged: month(birthday).ok()?,
        from,
        now: before <= case.today,
        needed: drawing.years,
        paid: years_paid(case)?,
    })
}

/// Somebody pays by the year, and a year's money has not come. Where months are kept, the present
/// one is always under way.
fn not_arrived(case: &Case<'_>) -> Option<Advice> {
    let about = case.about;
    let pays = matches!(about.state(), Is::Paying | Is::PaymentPaused);
    if about.kind.is_medical() || !pays || !about.months.is_empty() {
        return None;
    }
    let late = about.contributions.iter().find(|year| year.arrived.is_none())?.year;
    Some(Advice::NotArrived { year: (late < case.today.year()).then_some(late) })
}

/// Somebody who pays each year for a residents' pension, and of this year there is no payment.
fn not_paid_yet(case: &Case<'_>) -> Option<Advice> {
    let (_, aged) = not_drawn_yet(case)?;
    let newest = case.about.contributions.first()?.year;
    let due = case.about.state() == Is::Paying && case.today < aged;
    (due && newest < case.today.year()).then_some(Advice::NotPaidYet)
}

/// Work injury and maternity (社会保险法 Art 33, 53: the employee pays nothing).
fn employer_pays(case: &Case<'_>) -> Option<Advice> {
    let kinds = [InsuranceKind::WORK_INJURY, InsuranceKind::MATERNITY];
    let holds = kinds.contains(&case.about.kind) && case.about.state() == Is::Paying;
    holds.then_some(Advice::EmployerPays)
}

fn medical(case: &Case<'_>) -> Option<Advice> {
    case.about.kind.is_medical().then_some(Advice::Medical)
}

fn paused(case: &Case<'_>) -> Option<Advice> {
    let holds = case.about.state() == Is::PaymentPaused && !case.about.kind.is_medical();
    holds.then_some(Advice::Paused)
}

fn not_insured(case: &Case<'_>) -> Option<Advice> {
    let open = case.about.kind == InsuranceKind::RESIDENTS_PENSION;
    let holds = case.about.state() == Is::NotInsured && !case.about.kind.is_medical();
    holds.then_some(Advice::NotInsured { open })
}

/// It has ended, for another reason than a death.
fn ended(case: &Case<'_>) -> Option<Advice> {
    (case.about.state() == Is::Ended && deceased(case).is_none()).then_some(Advice::Ended)
}

fn unclear(case: &Case<'_>) -> Option<Advice> {
    (case.about.state() == Is::Unknown).then_some(Advice::Unclear)
}

/// A pension is drawn, and the account says nothing of the certification.
fn certify_yearly(case: &Case<'_>) -> Option<Advice> {
    let draws = case.about.kind.is_pension() && case.about.state() == Is::Drawing;
    (draws && case.account.certification.is_none()).then_some(Advice::CertifyYearly)
}

/// Somebody pays, the money of this year, or of the last month but one, is known to have come, and
/// there is nothing else to say.
fn nothing(case: &Case<'_>) -> Option<Advice> {
    let about = case.about;
    let others = [not_arrived, can_draw, aged_missing, draw_from, employer_pays, medical];
    if about.state() != Is::Paying || others.iter().any(|rule| rule(case).is_some()) {
        return None;
    }
    let today = case.today;
    let has_come = match newest_arrived_month(about) {
        Some(month) => {
            let at = |year: i16, month: i8| 12 * i32::from(year) + i32::from(month);
            at(today.year(), today.month()) - at(month.year(), month.month()) <= 2
        }
        None => about.contributions.first().is_some_and(|newest| {
            about.months.is_empty() && newest.year >= today.year() && newest.arrived.is_some()
        }),
    };
    has_come.then_some(Advice::Nothing)
}

#[cfg(test)]
mod tests;
