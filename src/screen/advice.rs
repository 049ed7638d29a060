//! What a page advises: rows of codes and values; the words are the pages'. When no page with
//! advice is shown, nothing of it is in the window.

use slint::ComponentHandle;

use super::{
    Send, int, press, set, set_rows,
    ui::{self, AdviceKind as Kind},
    words,
};
use crate::visit::{
    Press, State,
    account::{self, Advice, Further, Urgency, Way, advised, further},
};

pub(super) fn bind(window: &ui::App, send: &Send) {
    window
        .global::<ui::Advised<'_>>()
        .on_follow(press(send, Press::Account(account::Press::Follow)));
}

pub(super) fn render(window: &ui::App, state: &State) {
    let global = window.global::<ui::Advised<'_>>();
    set_rows!(global, get_rows, set_rows, advised(state).into_iter().map(row).collect());
    let way = match further(state) {
        None => ui::AdviceWay::None,
        Some(Further::Ask(_)) => ui::AdviceWay::Ask,
        Some(Further::Way(Way::Certify)) => ui::AdviceWay::Certify,
        Some(Further::Way(Way::Draw)) => ui::AdviceWay::Draw,
        Some(Further::Way(Way::Join)) => ui::AdviceWay::Join,
        Some(Further::Way(Way::Unemployment)) => ui::AdviceWay::Unemployment,
    };
    set!(global, get_way, set_way, way);
}

fn row(advice: Advice) -> ui::AdviceRow {
    let empty = ui::AdviceRow {
        late: advice.urgency() == Urgency::Late,
        calm: advice.urgency() == Urgency::Calm,
        ..Default::default()
    };
    let plain = |kind| ui::AdviceRow { kind, ..empty.clone() };
    let number = |kind, number: i32| ui::AdviceRow { number, ..plain(kind) };
    match advice {
        Advice::Deceased => plain(Kind::Deceased),
        Advice::Sentenced => plain(Kind::Sentenced),
        Advice::CertifyLate { by, days, stopped } => {
            let kind = if stopped { Kind::CertifyLateStopped } else { Kind::CertifyLate };
            ui::AdviceRow { day: words::day(by).into(), ..number(kind, days) }
        }
        Advice::Uncertified => plain(Kind::Uncertified),
        Advice::Stopped { pension: true } => plain(Kind::PensionStopped),
        Advice::Stopped { pension: false } => plain(Kind::Stopped),
        Advice::PaymentFailed => plain(Kind::PaymentFailed),
        Advice::PaymentReturned => plain(Kind::PaymentReturned),
        Advice::Certify { by, days } => {
            ui::AdviceRow { day: words::day(by).into(), ..number(Kind::Certify, days) }
        }
        Advice::BenefitLeft { months, monthly } => ui::AdviceRow {
            monthly: monthly.map(|monthly| monthly.to_string()).unwrap_or_default().into(),
            ..number(Kind::BenefitLeft, int(months))
        },
        Advice::BenefitUsedUp => plain(Kind::BenefitUsedUp),
        Advice::BenefitKept { months } => number(Kind::BenefitKept, int(months)),
        Advice::BenefitOver => plain(Kind::BenefitOver),
        Advice::CanDraw => plain(Kind::CanDraw),
        Advice::AgedMissing { years } => number(Kind::AgedMissing, int(years)),
        Advice::DrawFrom { age, aged, from, now, needed, paid } => {
            let kind = match (paid < needed, now) {
                (true, _) => Kind::DrawFromMissing,
                (false, true) => Kind::DrawNow,
                (false, false) => Kind::DrawFrom,
            };
            ui::AdviceRow {
                aged: words::month(aged).into(),
                from: words::month(from).into(),
                needed: int(needed),
                paid: int(paid),
                ..number(kind, age.into())
            }
        }
        Advice::NotArrived { year: Some(year) } => number(Kind::NotArrivedBefore, year.into()),
        Advice::NotArrived { year: None } => plain(Kind::NotArrived),
        Advice::NotPaidYet => plain(Kind::NotPaidYet),
        Advice::EmployerPays => plain(Kind::EmployerPays),
        Advice::Medical => plain(Kind::Medical),
        Advice::Paused => plain(Kind::Paused),
        Advice::NotInsured { .. } => plain(Kind::NotInsured),
        Advice::Ended => plain(Kind::Ended),
        Advice::Unclear => plain(Kind::Unclear),
        Advice::CertifyYearly => plain(Kind::CertifyYearly),
        Advice::Nothing => plain(Kind::Nothing),
        Advice::Record => plain(Kind::Record),
        Advice::Ask => plain(Kind::Ask),
    }
}
