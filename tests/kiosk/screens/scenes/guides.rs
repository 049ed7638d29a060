//! What the office publishes about itself, and what it asks: guides, boards, questions.

use kiosk_base::domain::guide::Window;
use renshe_kiosk::visit::{
    guides::{self, Guides, Paged},
    questions::Asked,
};

use super::*;

impl Props {
    pub(super) fn guides(&self, scenes: &mut Vec<Scene>, fit: &Fit) {
        let machine = self.kiosk().machine;
        let list_pages = |rows| fit.guides.pages(rows);
        let windows = [
            ("all", None),
            ("jobs", Some(Window::Jobs)),
            ("insurance", Some(Window::Insurance)),
            ("rights", Some(Window::Rights)),
        ];
        for (name, window) in windows {
            let list = Guides { window, page: 0 };
            for page in 0..list_pages(list.of(&machine).count()) {
                let shown = Page::Guides(guides::Page::Guides(Guides { window, page }));
                scenes.push(scene(format!("guides-{name}-{page}"), Some(shown)));
            }
        }
        for page in 0..list_pages(machine.boards.len()) {
            let shown = Page::Guides(guides::Page::Boards(Guides { window: None, page }));
            scenes.push(scene(format!("boards-{page}"), Some(shown)));
        }
        for (index, guide) in machine.guides.iter().enumerate() {
            for page in 0..facts::guide_pages(guide, fit).len() {
                let shown = Some(Page::Guides(guides::Page::Guide(Paged { index, page })));
                let name = format!("guide-{}-{page}", guide.id);
                scenes.push(scene(name, shown).unless(index == 0));
            }
            taken_home(scenes, &guide.id, Taken::Guide(index));
        }
        for (of, questions) in machine.questions.iter().enumerate() {
            for question in 0..questions.questions.len() {
                let shown = || Some(Page::Question(Asked { of, question }));
                let name = format!("question-{of}-{question}");
                let slot = Condition { slot: true, ..Condition::default() };
                scenes.push(scene(format!("{name}-slot"), shown()).with(slot).like_another());
                scenes.push(scene(name, shown()));
            }
        }
        for (index, board) in machine.boards.iter().enumerate() {
            for page in 0..facts::board_pages(board, fit).len() {
                let shown = Some(Page::Guides(guides::Page::Board(Paged { index, page })));
                let name = format!("board-{}-{page}", board.id);
                scenes.push(scene(name, shown).unless(index == 0));
            }
        }
    }
}
