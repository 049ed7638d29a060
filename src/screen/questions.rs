//! One question and what can be said to it.

use slint::{ComponentHandle, SharedString};

use super::{Send, chosen, open, set, set_rows, ui};
use crate::visit::{Page, State, questions::shown};

pub(super) fn bind(window: &ui::App, send: &Send) {
    window.global::<ui::Question<'_>>().on_open(open(send));
}

pub(super) fn render(window: &ui::App, state: &State) {
    let Some(Page::Question(asked)) = state.page() else { return };
    let Some((title, asks, answers)) = shown(state, *asked) else { return };
    let global = window.global::<ui::Question<'_>>();
    set!(global, get_title, set_title, title.into());
    set!(global, get_asks, set_asks, asks.into());
    let answers = answers.into_iter().map(|answer| SharedString::from(&answer.says)).collect();
    set_rows!(global, get_answers, set_answers, answers);
    set!(global, get_chosen, set_chosen, chosen(state));
}
