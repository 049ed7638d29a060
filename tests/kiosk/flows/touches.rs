//! Somebody's grandchild: touches everywhere, without sense and without pause.

use std::time::Duration;

use renshe_kiosk::{app::play::Shape, visit::Event};

use crate::support::{
    Dice,
    kiosk::{Hall, Kiosk},
};

#[test]
fn ten_thousand_random_touches_leave_a_kiosk_that_works() {
    let mut kiosk = Kiosk::open(Hall::new());
    // Somebody was here before: the reader knows by now how this module tells that a card is gone.
    kiosk.pension_visit();
    leave(&mut kiosk);
    let size = Shape::Portrait.size();
    let mut dice = Dice::new(0x5EED_2026_1123);
    let mut pages = std::collections::HashSet::new();
    for touch in 0..10_000_u64 {
        let x = dice.roll(size.width.into()) as f32;
        let y = dice.roll(size.height.into()) as f32;
        // Most touches are short; some rest on the glass.
        let time = if touch % 60 == 7 { 3_200 } else { 60 };
        kiosk.app.screen().touch_for(x, y, Duration::from_millis(time));
        kiosk.app.pump();
        pages.insert(kiosk.app.state().page().map(std::mem::discriminant));
        // Meanwhile cards come and go, and now and then nobody touches anything for a while.
        match touch % 400 {
            90 => kiosk.lay(["a", "b", "c", "d", "e"][dice.roll(5) as usize]),
            210 => kiosk.hall.reader.lift(),
            330 => kiosk.pass(Duration::from_secs(50 + dice.roll(40))),
            _ => {}
        }
    }
    assert!(pages.len() >= 10, "the touches came to {} pages only", pages.len());
    leave(&mut kiosk);
    kiosk.app.take(Event::Touched);
    kiosk.app.pump();
    kiosk.pension_visit();
}

/// Takes the card away, which ends the visit.
fn leave(kiosk: &mut Kiosk) {
    kiosk.hall.reader.lift();
    kiosk.until("the reader sees that the card is gone", |kiosk| {
        !kiosk.app.state().machine.cards.any()
    });
    kiosk.app.end_visit();
}
