//! No control is dead: whatever can be pressed on any page, something comes of it.

use std::{cell::RefCell, collections::BTreeMap, mem, rc::Rc};

use renshe_kiosk::visit::{Comfort, Event, fit::TextSize, step};

use super::{LANDSCAPE, PORTRAIT, on_screen, within};

#[test]
fn something_comes_of_every_press() {
    let mut dead = BTreeMap::<String, Vec<String>>::new();
    let mut tried = 0;
    on_screen(|stage| {
        let sent = Rc::new(RefCell::new(Vec::new()));
        let sink = sent.clone();
        stage.screen.bind(move |event| sink.borrow_mut().push(event));
        for (size, text) in [(PORTRAIT, TextSize::Standard), (LANDSCAPE, TextSize::Larger)] {
            let comfort = Comfort { size: text, ..Comfort::default() };
            for scene in stage.scenes(size, text).iter().filter(|scene| scene.picture) {
                let before = stage.show(size, comfort, scene);
                let within = within(scene.asks());
                for control in before.controls.iter().filter(|control| control.enabled) {
                    stage.set(size, comfort, scene);
                    sent.borrow_mut().clear();
                    let (x, y) =
                        (control.x + control.width / 2.0, control.y + control.height / 2.0);
                    stage.screen.touch(x, y);
                    let events = mem::take(&mut *sent.borrow_mut());
                    let mut effects = Vec::new();
                    for event in events.into_iter().filter(|event| !matches!(event, Event::Touched))
                    {
                        effects.extend(step(&mut stage.state, event));
                    }
                    stage.screen.render(&stage.state);
                    tried += 1;
                    if !effects.is_empty() || stage.screen.drawn(within) != before {
                        continue;
                    }
                    // Dots and the like have no words.
                    let after = stage.picture(|picture| picture.bytes.to_vec());
                    stage.set(size, comfort, scene);
                    if stage.picture(|picture| picture.bytes == after) {
                        dead.entry(control.label.clone()).or_default().push(scene.name.clone());
                    }
                }
            }
        }
    });
    assert!(tried > 1_000, "{tried}");
    let lines = dead.iter().map(|(label, scenes)| format!("“{label}” in {}", scenes.join(", ")));
    let lines: Vec<_> = lines.collect();
    assert!(lines.is_empty(), "{} dead controls:\n{}", lines.len(), lines.join("\n"));
}
