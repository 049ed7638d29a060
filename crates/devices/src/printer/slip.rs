//! What is to be printed: a heading, rows and notes, in plain words that are made elsewhere.
//!
//! State: the texts. They may be about a resident: they are overwritten when the slip is dropped,
//! and `Debug` shows only how many there are.

use std::fmt;

use kiosk_base::qr::Code;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Most items of a slip; what comes after them is left out, and counted.
pub const ITEMS_MAX: usize = 400;
/// So many of them are kept for what every slip ends with.
const ENDING: usize = 8;
/// Most characters of one text; a longer one ends with 「…」.
pub const TEXT_MAX: usize = 120;

/// A slip. It cannot be cloned: what is on it is in one place.
#[derive(Default, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Slip {
    items: Vec<Item>,
    left_out: usize,
}

/// One item, which begins on a line of its own.
#[derive(PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub enum Item {
    /// In double size, centred.
    Heading(String),
    /// Centred.
    Centred(String),
    /// What it is on the left, and how much on the right.
    Row {
        /// What it is.
        label: String,
        /// How much, or which.
        value: String,
    },
    /// A sentence over as many lines as it takes.
    Note(String),
    /// A line across.
    Rule,
    /// For a telephone's camera, in the middle.
    Code(Code),
}

impl Slip {
    /// A slip with nothing on it.
    pub fn new() -> Self {
        // Room for all at once, so that growing leaves no copies behind.
        Self { items: Vec::with_capacity(ITEMS_MAX), left_out: 0 }
    }

    /// Puts `item` below the others, within the limits of a slip.
    pub fn push(&mut self, item: Item) {
        self.put(item, ITEMS_MAX - ENDING);
    }

    /// Puts `item` below all others, also where there is no room for more of those.
    pub fn end_with(&mut self, item: Item) {
        self.put(item, ITEMS_MAX);
    }

    /// How many items found no room.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    fn put(&mut self, mut item: Item, most: usize) {
        match &mut item {
            Item::Heading(text) | Item::Centred(text) | Item::Note(text) => shorten(text),
            Item::Row { label, value } => {
                shorten(label);
                shorten(value);
            }
            Item::Rule | Item::Code(_) => {}
        }
        if self.items.len() < most {
            self.items.push(item);
        } else {
            self.left_out += 1;
        }
    }

    /// The items, from the top.
    pub fn items(&self) -> &[Item] {
        &self.items
    }
}

/// Cuts `text` to the limit, in place.
fn shorten(text: &mut String) {
    if let Some((at, _)) = text.char_indices().nth(TEXT_MAX) {
        let tail = text.char_indices().nth(TEXT_MAX - 1).map_or(at, |(last, _)| last);
        let mut whole = std::mem::take(text);
        text.reserve_exact(tail + '…'.len_utf8());
        text.push_str(&whole[..tail]);
        text.push('…');
        whole.zeroize();
    }
}

impl fmt::Debug for Slip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Slip of {} items", self.items.len())
    }
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Heading(_) => "Heading",
            Self::Centred(_) => "Centred",
            Self::Row { .. } => "Row",
            Self::Note(_) => "Note",
            Self::Rule => "Rule",
            Self::Code(_) => "Code",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_shows_nothing_of_what_is_on_it_and_has_limits() {
        let mut slip = Slip::new();
        for _ in 0..ITEMS_MAX + 7 {
            slip.push(Item::Row { label: "姓名".to_owned(), value: "测试".repeat(100) });
        }
        assert_eq!((slip.items().len(), slip.left_out()), (ITEMS_MAX - ENDING, ENDING + 7));
        // What it ends with has room all the same.
        slip.end_with(Item::Note("请收好".to_owned()));
        assert!(matches!(slip.items().last(), Some(Item::Note(note)) if note == "请收好"));
        let Item::Row { value, .. } = &slip.items()[0] else { panic!("a row") };
        assert_eq!(value.chars().count(), TEXT_MAX);
        assert!(value.ends_with("测…"));
        assert!(!format!("{slip:?} {:?}", slip.items()).contains('测'));
    }
}
