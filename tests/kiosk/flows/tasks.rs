//! What people come for, and how many touches it takes: a kiosk that asks for more has lost somebody on
//! the way.
//!
//! `TASK_PICTURES=DIR` keeps the page on which each ends, in every size of the text: those of `docs/pages.md`.

use std::{env, path::Path};

use renshe_kiosk::{
    app::play::{self, Shape},
    visit::{Event, Press, machine::Notice},
};

use crate::support::kiosk::{Hall, Kiosk};

/// A kiosk that nobody uses, and the touches on it since then. Laying a card is none.
struct Task {
    kiosk: Kiosk,
    touches: usize,
}

impl Task {
    fn press(&mut self, label: &str) {
        self.kiosk.press(label);
        self.touches += 1;
    }

    fn lay(&mut self, name: &str) {
        self.kiosk.lay(name);
        // Whoever lays a card reads first what is asked about them.
        self.press("知道了，查询");
    }

    /// What one came for is there, after so many touches.
    fn done(&mut self, name: &str, words: &[&str], touches: usize) {
        for words in words {
            self.kiosk.see(words);
        }
        assert_eq!(self.touches, touches, "touches until {words:?}");
        if let Some(directory) = env::var_os("TASK_PICTURES") {
            self.keep(Path::new(&directory), name);
        }
        if self.kiosk.app.state().machine.cards.any() {
            self.kiosk.lift();
        } else {
            self.kiosk.app.end_visit();
        }
        self.touches = 0;
    }

    /// The page in all sizes of the text that this screen has.
    fn keep(&mut self, directory: &Path, name: &str) {
        let app = &mut self.kiosk.app;
        for size in app.state().machine.sizes(false) {
            app.take(Event::Press(Press::Size(size)));
            play::settle(app, None).expect("it comes to rest");
            let file = directory.join(format!("{name}-{size:?}.png"));
            play::write_picture(app, &file).expect("a picture");
        }
    }
}

fn task() -> Task {
    let mut hall = Hall::new().with_printer();
    hall.settings.visit.notice = Notice::Confirm;
    let glass = hall.settings.screen;
    let mut kiosk = Kiosk::open(hall);
    play::reshape(&mut kiosk.app, glass, Shape::Portrait).expect("a screen as it is set");
    Task { kiosk, touches: 0 }
}

#[test]
fn with_a_card_one_to_three_touches_do() {
    let mut task = task();
    // Has the pension come?
    task.lay("a");
    task.done("pension", &["243.00", "到账"], 1);
    // By when must I prove that I live, and how?
    task.lay("a");
    task.press("怎么认证");
    task.done("certification", &["养老金资格认证"], 2);
    // How many years have I paid?
    task.lay("a");
    task.press("更多");
    task.press("每年缴费");
    task.done("years", &["累计缴 180 个月"], 3);
    // What if I paid more?
    task.lay("c");
    task.press("更多");
    task.press("将来领多少");
    task.done("what-if", &["每年缴费档次"], 3);
    // All of it on paper.
    task.lay("a");
    task.press("打印");
    task.done("slip", &["打好了，请拿走小票"], 2);
}

#[test]
fn without_a_card_three_to_five_touches_do() {
    let mut task = task();
    // A mechanic's job near home, with board and lodging, and whom to call.
    task.press("找工作");
    task.press("本镇");
    task.press("包吃住");
    task.press("焊工机修");
    task.press("机修工");
    task.done("job", &["包吃住", "0830-"], 5);
    // The next job fair.
    task.press("按一下屏幕");
    task.press("就业");
    task.press("招聘会");
    task.done("fair", &["福集镇赶场日招聘会"], 3);
    // A course: when, and what it costs.
    task.press("学技术");
    task.kiosk.see("还能报名");
    let first = task.kiosk.labels().into_iter().find(|label| label.contains("还能报名"));
    let title = first.expect("a course").split('，').next().expect("its title").to_owned();
    task.press(&title);
    task.done("course", &["报名截止", "开课"], 2);
    // Wages that were not paid.
    task.press("按一下屏幕");
    task.press("维权");
    task.done("wages", &["3 号窗口", "不收费", "0830-"], 2);
}
