//! The pages of a visit from home to the present one, and what was pressed on each: 返回 undoes one step, and what
//! was chosen before is chosen still.
//!
//! State: `trail` and `rows` of [`Visit`].

use std::ops::Range;

use super::{Page, Visit, account};

impl Visit {
    /// The present page.
    pub fn page(&self) -> &Page {
        self.trail.last().expect("a trail begins at home and home is never popped")
    }

    pub(super) fn page_mut(&mut self) -> &mut Page {
        self.trail.last_mut().expect("a trail begins at home and home is never popped")
    }

    /// Goes on to `page`. The trail is short by nature; a loop over 帮助 must not make it long, and
    /// a door that was touched twice is entered once. What says who is at work, or whose account it is, stays.
    pub(super) fn go(&mut self, page: Page) {
        const DEEPEST: usize = 16;
        if *self.page() == page {
            return;
        }
        if self.trail.len() == DEEPEST {
            let stays = |page: &Page| {
                let overview = Page::Account(account::Page::Overview);
                matches!(page, Page::Staff(_) | Page::Identify(_)) || *page == overview
            };
            let at = self.trail.iter().skip(1).position(|page| !stays(page)).map_or(1, |at| at + 1);
            self.forget(at..at + 1);
        }
        self.rows.truncate(self.trail.len());
        self.trail.push(page);
    }

    /// Takes pages off the trail below the present one.
    pub(super) fn forget(&mut self, pages: Range<usize>) {
        self.trail.drain(pages.clone());
        self.rows.resize(self.rows.len().max(pages.end), None);
        self.rows.drain(pages);
    }

    /// The row of the present page that was pressed before one came back to it.
    pub fn chosen(&self) -> Option<usize> {
        *self.rows.get(self.trail.len() - 1)?
    }

    /// A row of the present page is pressed.
    pub(super) fn choose(&mut self, row: usize) {
        self.rows.resize(self.trail.len(), None);
        self.rows[self.trail.len() - 1] = Some(row);
    }

    /// 返回: home is never left.
    pub(super) fn back(&mut self) {
        if self.trail.len() > 1 {
            self.trail.pop();
        }
    }
}
