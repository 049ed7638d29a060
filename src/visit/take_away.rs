//! 带走: what a page says of one thing is taken home, on a telephone by a QR code, and on paper where there
//! is a printer. Keeps no state but which thing it is.

use jiff::civil::Date;
use kiosk_base::domain::{JobFair, Posting, TrainingNotice};

use super::{Machine, Page, State, Visit, account::CERTIFICATION, fairs, guides, jobs, trainings};

/// What is taken home. Nothing personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// A posting.
    Posting(Box<Posting>),
    /// A training notice.
    Training(Box<TrainingNotice>),
    /// A job fair.
    Fair(Box<JobFair>),
    /// A guide, as an index into the machine's list.
    Guide(usize),
}

/// What the present page is about, if it is one thing that can be taken home.
fn of(visit: &Visit) -> Option<Taken> {
    match visit.page() {
        Page::Jobs(jobs::Page::One(job)) => Some(Taken::Posting(job.posting.clone())),
        Page::Trainings(trainings::Page::One(one)) => Some(Taken::Training(one.notice.clone())),
        Page::Fairs(fairs::Page::One(one)) => Some(Taken::Fair(one.fair.clone())),
        Page::Guides(guides::Page::Guide(shown)) => Some(Taken::Guide(shown.index)),
        _ => None,
    }
}

/// 带走.
pub(super) fn enter(visit: &mut Visit) {
    if let Some(taken) = of(visit) {
        visit.go(Page::TakeAway(taken));
    }
}

impl State {
    /// By when whoever is here has to prove that they live, if `taken` tells how: that is what the family at
    /// home has to know.
    pub fn certify_by(&self, taken: &Taken) -> Option<Date> {
        let Taken::Guide(index) = taken else { return None };
        let (_, account) = self.visit.as_ref()?.account()?;
        let is_it = is_certification(&self.machine, *index);
        account.certification.as_ref().filter(|_| is_it).map(|certification| certification.next)
    }
}

fn is_certification(machine: &Machine, guide: usize) -> bool {
    machine.guides.get(guide).is_some_and(|guide| guide.id == CERTIFICATION)
}
