//! What all slips have in common: how they begin and end, and that nothing of them is cut off without a word.
//! Keeps no state.

use slint::{ComponentHandle, SharedString};

use super::{int, ui, words};
use crate::visit::{
    State,
    printing::{Item, Slip, TEXT_MAX},
};

/// A slip under what it is and whose hall it comes from.
pub(super) fn begin(state: &State, heading: Option<SharedString>) -> Slip {
    let office = &state.machine.office;
    let mut slip = Slip::new();
    if let Some(heading) = heading {
        slip.push(Item::Centred(heading.into()));
    }
    slip.push(Item::Centred(format!("{}{}", office.town, office.name)));
    slip.push(Item::Rule);
    slip
}

/// Its last items, under how much found no room above them.
pub(super) fn end(window: &ui::App, slip: &mut Slip, last: impl IntoIterator<Item = Item>) {
    if slip.left_out() > 0 {
        not_printed(window, slip, slip.left_out());
    }
    slip.end_with(Item::Rule);
    last.into_iter().for_each(|item| slip.end_with(item));
}

/// Says that so many lines are not on it.
pub(super) fn not_printed(window: &ui::App, slip: &mut Slip, lines: usize) {
    let print = window.global::<ui::Print<'_>>();
    slip.end_with(Item::Note(print.invoke_not_printed(int(lines)).into()));
}

/// Whom to ask about it, and from when it is.
pub(super) fn ask(window: &ui::App, state: &State) -> Item {
    let phone = state.machine.office.phone.as_str().into();
    let day = words::day(state.machine.wall.date()).into();
    Item::Note(window.global::<ui::Take<'_>>().invoke_ask(phone, day).into())
}

/// What something is, and how much or which.
pub(super) fn row(slip: &mut Slip, label: SharedString, value: SharedString) {
    slip.push(Item::Row { label: label.into(), value: value.into() });
}

/// Puts all of `text` on the slip, in as many notes as it takes: one that is too long would be cut.
pub(super) fn note(slip: &mut Slip, text: &str) {
    for line in text.split('\n') {
        let mut piece = String::new();
        for part in line.split_inclusive(['。', '；', '，', '、', ' ']) {
            let (has, more) = (piece.chars().count(), part.chars().count());
            if has > 0 && has + more > TEXT_MAX {
                slip.push(Item::Note(std::mem::take(&mut piece)));
            }
            // One without an end is parted where it has to be.
            for c in part.chars() {
                if piece.chars().count() == TEXT_MAX {
                    slip.push(Item::Note(std::mem::take(&mut piece)));
                }
                piece.push(c);
            }
        }
        if !piece.is_empty() {
            slip.push(Item::Note(piece));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_long_text_is_missing_on_paper() {
        let duties = "工作内容 ".to_owned() + &"焊接机架，打磨焊缝；下班清理场地。".repeat(20);
        let english = "Those who pay themselves ask at the window. ".repeat(5);
        let endless = "长".repeat(TEXT_MAX * 2 + 1);
        for text in [duties, english, endless, "甲厂\n乙厂".to_owned()] {
            let mut slip = Slip::new();
            note(&mut slip, &text);
            let note = |item: &Item| match item {
                Item::Note(note) => note.clone(),
                other => panic!("a note, not {other:?}"),
            };
            let notes: Vec<String> = slip.items().iter().map(note).collect();
            assert_eq!(notes.concat(), text.replace('\n', ""));
            assert!(notes.len() > 1 && notes.iter().all(|note| note.chars().count() <= TEXT_MAX));
            let broken = |note: &String| note.ends_with(|c: char| c.is_ascii_alphabetic());
            assert!(!notes.iter().any(broken), "a word is parted: {notes:?}");
        }
    }
}
