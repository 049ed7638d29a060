//! What is on public view: guides (办事指南) and boards (公示栏), lists and one of them.
//!
//! State: which list or which of the machine's guides, and which page of it is shown.

use kiosk_base::domain::{Guide, guide::Window};

use super::{Visit, facts, fit::Fit, machine::Machine};
use crate::visit;

/// The pages of this flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// 办事指南.
    Guides(Guides),
    /// One guide.
    Guide(Paged),
    /// 公示栏.
    Boards(Guides),
    /// One board.
    Board(Paged),
}

/// A list of guides or boards.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Guides {
    /// Only guides of this window.
    pub window: Option<Window>,
    /// Page shown, from 0.
    pub page: usize,
}

/// One guide or board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paged {
    /// Which, as an index into the machine's list.
    pub index: usize,
    /// Page shown, from 0.
    pub page: usize,
}

impl Guides {
    /// The indexes of the guides on this list.
    pub fn of<'a>(&'a self, machine: &'a Machine) -> impl Iterator<Item = usize> + 'a {
        let wanted = move |window: Window| self.window.is_none_or(|only| only == window);
        let listed = move |guide: &Guide| guide.listed && wanted(guide.window);
        (0..machine.guides.len()).filter(move |&i| listed(&machine.guides[i]))
    }
}

impl Page {
    /// The number of the page that is shown, from 0.
    pub(super) fn number(&mut self) -> &mut usize {
        match self {
            Self::Guides(Guides { page, .. })
            | Self::Boards(Guides { page, .. })
            | Self::Guide(Paged { page, .. })
            | Self::Board(Paged { page, .. }) => page,
        }
    }

    /// How many pages its content takes.
    pub(super) fn pages(&self, machine: &Machine, fit: &Fit) -> usize {
        match self {
            Self::Guides(list) => fit.guides.pages(list.of(machine).count()),
            Self::Boards(_) => fit.guides.pages(machine.boards.len()),
            Self::Guide(guide) => facts::guide_pages(&machine.guides[guide.index], fit).len(),
            Self::Board(board) => facts::board_pages(&machine.boards[board.index], fit).len(),
        }
    }
}

/// 办事指南: of the window that the present page is about, or all.
pub(super) fn enter(visit: &mut Visit) {
    let window = match visit.page() {
        visit::Page::Work => Some(Window::Jobs),
        visit::Page::Rights => Some(Window::Rights),
        _ => None,
    };
    visit.go(visit::Page::Guides(Page::Guides(Guides { window, page: 0 })));
}

/// 公示栏.
pub(super) fn enter_boards(visit: &mut Visit) {
    visit.go(visit::Page::Guides(Page::Boards(Guides::default())));
}

/// Opens the n-th row of a list.
pub(super) fn open(machine: &Machine, visit: &mut Visit, fit: &Fit, index: usize) {
    let visit::Page::Guides(page) = visit.page() else { return };
    let at = |list: &Guides| list.page * fit.guides.cells() + index;
    let chosen = match page {
        Page::Guides(list) => {
            list.of(machine).nth(at(list)).map(|index| Page::Guide(Paged { index, page: 0 }))
        }
        Page::Boards(list) => Some(at(list))
            .filter(|&index| index < machine.boards.len())
            .map(|index| Page::Board(Paged { index, page: 0 })),
        Page::Guide(_) | Page::Board(_) => None,
    };
    if let Some(page) = chosen {
        visit.go(visit::Page::Guides(page));
    }
}
