//! One question a page instead of a dead end: each answer leads a page further, until there is something to
//! do: a guide, laying the card again, asking the staff. What is asked is data
//! (`kiosk-config/questions/*.toml`); 返回 takes back one answer.
//!
//! State: which questions, and which of them is asked.

use kiosk_base::domain::Stop;

use super::{Machine, Page, State, Visit, guides, identify};

/// On which occasion something is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// 没带证.
    NoCard,
    /// 读不出.
    Unread,
    /// 没参保, 号码不对: nobody of that name and number is known.
    NoMatch,
    /// 钱没到.
    NotReceived,
    /// 认证过期.
    Late,
}

/// The questions for one occasion, the first of them to begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Questions {
    /// When they are asked.
    pub when: Occasion,
    /// What the page is called.
    pub title: String,
    /// All of them; an answer leads to later ones only.
    pub questions: Vec<Question>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What is asked.
    pub asks: String,
    /// What can be said to it.
    pub answers: Vec<Answer>,
}

/// What can be said, and where that leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The words on its key.
    pub says: String,
    /// Where it leads.
    pub to: Lead,
    /// It is offered only where a card can be inserted.
    pub slot: bool,
}

/// Where an answer leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lead {
    /// To this question of the same ones.
    Question(usize),
    /// To the guide of this id.
    Guide(String),
    /// To the page that asks for a card.
    Card,
    /// To the page that says whom to ask, and calls them.
    Help,
}

/// A question that is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// Which questions, as an index into the machine's.
    pub of: usize,
    /// Which of them.
    pub question: usize,
}

/// What trouble with a card or with who is asked about gives occasion to.
pub fn occasion(stop: Stop) -> Option<Occasion> {
    match stop {
        Stop::PersonUnknown => Some(Occasion::NoMatch),
        Stop::CardUnsteady
        | Stop::CardRefused
        | Stop::CardNotGenuine
        | Stop::CardNotVerified
        | Stop::CardNotSelected
        | Stop::CardNoRandom
        | Stop::CardTimeout
        | Stop::CardGarbled
        | Stop::CardUnreadable => Some(Occasion::Unread),
        _ => None,
    }
}

/// The page with the first question for `when`; none where nothing is asked then.
pub(super) fn first(machine: &Machine, when: Occasion) -> Option<Page> {
    let of = machine.questions.iter().position(|questions| questions.when == when)?;
    Some(Page::Question(Asked { of, question: 0 }))
}

/// The title of the page, the question and what can be said to it now.
pub fn shown(state: &State, asked: Asked) -> Option<(&str, &str, Vec<&Answer>)> {
    let questions = state.machine.questions.get(asked.of)?;
    let question = questions.questions.get(asked.question)?;
    let offered = |answer: &&Answer| !answer.slot || state.slot_serves();
    Some((&questions.title, &question.asks, question.answers.iter().filter(offered).collect()))
}

/// 没带证.
pub(super) fn without_card(state: &mut State) {
    let page = first(&state.machine, Occasion::NoCard).unwrap_or(Page::Help);
    if let Some(visit) = &mut state.visit {
        visit.go(page);
    }
}

/// The n-th answer was pressed.
pub(super) fn open(state: &mut State, row: usize) {
    let Some(Page::Question(asked)) = state.page().cloned() else { return };
    let chosen = shown(state, asked).and_then(|(.., answers)| answers.get(row).copied().cloned());
    let (Some(answer), State { machine, visit: Some(visit), .. }) = (chosen, state) else { return };
    match answer.to {
        Lead::Question(question) => visit.go(Page::Question(Asked { question, ..asked })),
        Lead::Guide(id) => {
            let index = machine.guides.iter().position(|guide| guide.id == id);
            // Whoever names a guide that is not there is told by the settings.
            let page = index.map_or(Page::Help, |index| {
                Page::Guides(guides::Page::Guide(guides::Paged { index, page: 0 }))
            });
            visit.go(page);
        }
        Lead::Card => lay(visit),
        Lead::Help => visit.go(Page::Help),
    }
}

/// Back to the page that asks for a card, where one came from there: 返回 then leads where it led before.
fn lay(visit: &mut Visit) {
    match visit.trail.iter().rposition(|page| matches!(page, Page::Identify(_))) {
        Some(at) => {
            visit.trail.truncate(at + 1);
            if visit.resident.is_none() {
                *visit.page_mut() = Page::Identify(identify::Step::Lay);
            }
        }
        None => identify::enter(visit),
    }
}
