//! The pages of all flows, and turning what has several. Keeps no state.

use super::{
    account, fairs, guides, identify, jobs, printing, questions, retirement, staff, stick,
    take_away, trainings, what_if,
};

/// A page with what it needs to be shown. Nothing personal lives here.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "a trail has sixteen at most")]
pub enum Page {
    /// The doors.
    Home,
    /// 就业: find work or learn a trade.
    Work,
    /// 维权.
    Rights,
    /// 帮助.
    Help,
    /// A question instead of a dead end.
    Question(questions::Asked),
    /// Finding work.
    Jobs(jobs::Page),
    /// Training notices.
    Trainings(trainings::Page),
    /// Job fairs.
    Fairs(fairs::Page),
    /// 办事指南 and 公示栏.
    Guides(guides::Page),
    /// From the card to the account.
    Identify(identify::Step),
    /// The account.
    Account(account::Page),
    /// Something on a slip.
    Print(printing::Printing),
    /// 带走.
    TakeAway(take_away::Taken),
    /// What the pension would come to.
    Estimate(what_if::Ask),
    /// 什么时候能退休.
    Retirement(retirement::Asking),
    /// The staff at work.
    Staff(staff::Page),
    /// Importing from a USB stick.
    Stick(stick::Page),
}

impl Page {
    /// The number of the page that is shown, from 0, where there may be several and all of them are
    /// there already.
    pub(super) fn number(&mut self) -> Option<&mut usize> {
        match self {
            Self::Home | Self::Work | Self::Rights | Self::Help => None,
            Self::Identify(_) | Self::Estimate(_) | Self::Retirement(_) | Self::Print(_) => None,
            Self::TakeAway(_) | Self::Question(_) => None,
            Self::Jobs(page) => page.number(),
            Self::Trainings(page) => page.number(),
            Self::Fairs(page) => Some(page.number()),
            Self::Guides(page) => Some(page.number()),
            Self::Account(page) => page.number(),
            Self::Staff(page) => page.number(),
            Self::Stick(page) => Some(page.number()),
        }
    }
}

/// One page further in what has several, or one back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaf {
    Next,
    Previous,
}

impl Leaf {
    /// Where it leads from `page` of so many `pages`.
    pub(super) fn from(self, page: usize, pages: usize) -> usize {
        match self {
            Self::Next => (page + 1).min(pages.saturating_sub(1)),
            Self::Previous => page.saturating_sub(1),
        }
    }
}
