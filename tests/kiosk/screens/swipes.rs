//! A finger that travels is no press, wherever it lies; a swipe turns the page and does nothing else.

use std::{cell::RefCell, rc::Rc};

use renshe_kiosk::{
    screen::headless::Found,
    visit::{
        Comfort, Event, Press,
        fit::{Size, TextSize},
    },
};

use super::{LANDSCAPE, PORTRAIT, Scene, Stage, on_screen};

/// What was sent, without the touches that only say that somebody is there.
type Sent = Rc<RefCell<Vec<Press>>>;

#[test]
fn no_swipe_is_a_press() {
    every_control(PORTRAIT, TextSize::Standard);
}

#[test]
fn no_swipe_is_a_press_in_landscape() {
    every_control(LANDSCAPE, TextSize::Larger);
}

/// Presses, drags and swipes on every control of every page.
fn every_control(size: Size, text: TextSize) {
    let mut wrong = Vec::new();
    let mut tried = 0;
    on_screen(|stage| {
        let sent = Sent::default();
        let sink = sent.clone();
        stage.screen.bind(move |event| match event {
            Event::Press(press) => sink.borrow_mut().push(press),
            Event::Touched => {}
            other => panic!("{other:?} is no touch"),
        });
        for scene in stage.scenes(size, text).iter().filter(|scene| scene.picture) {
            let comfort = Comfort { size: text, ..Comfort::default() };
            let drawn = stage.show(size, comfort, scene);
            for control in drawn.controls.iter().filter(|control| control.enabled) {
                tried += 1;
                if let Err(what) = control_is_right(stage, &sent, scene, control) {
                    wrong.push(format!("{}, “{}”: {what}", scene.name, control.label));
                }
            }
        }
    });
    assert!(tried > 1_000, "{tried}");
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
}

fn control_is_right(
    stage: &Stage,
    sent: &Sent,
    scene: &Scene,
    control: &Found,
) -> Result<(), String> {
    let middle = (control.x + control.width / 2.0, control.y + control.height / 2.0);
    let drag = |way| {
        stage.screen.drag(middle, way);
        sent.take()
    };
    let pressed = drag((0.0, 0.0));
    if pressed.len() != 1 {
        return Err(format!("pressed: {pressed:?}"));
    }
    // A hand that trembles by 5 mm.
    let trembling = drag((-12.0, 16.0));
    if trembling != pressed {
        return Err(format!("pressed by a trembling hand: {trembling:?}"));
    }
    // The page that nobody uses wakes up by any touch.
    let slipped = drag((-24.0, -32.0));
    if !slipped.is_empty() && !scene.is_attract() {
        return Err(format!("slipped by 10 mm: {slipped:?}"));
    }
    if scene.is_attract() {
        return Ok(());
    }
    let framed =
        ["返回", "首页", "结束", "帮助", "字号", "标准", "大", "特大", "最大", "颜色", "English"];
    // The way out says what becomes of the card.
    let ends = ["拿走身份证", "拔出社保卡"].iter().any(|end| control.label.ends_with(end));
    let turns = !scene.asks() && !ends && !framed.contains(&control.label.as_str());
    for (way, press) in [
        ((-200.0, 30.0), Press::Next),
        ((200.0, -30.0), Press::Previous),
        ((20.0, -150.0), Press::Next),
        ((-20.0, 150.0), Press::Previous),
    ] {
        let swiped = drag(way);
        let right = if turns { swiped == [press] } else { swiped.is_empty() };
        if !right {
            return Err(format!("swiped by {way:?}: {swiped:?}"));
        }
    }
    // There and back again is no press either.
    stage.screen.press_down(middle.0, middle.1);
    stage.screen.move_to(middle.0 + 60.0, middle.1);
    stage.screen.move_to(middle.0, middle.1);
    stage.screen.release(middle.0, middle.1);
    let back = sent.take();
    if back.is_empty() { Ok(()) } else { Err(format!("there and back: {back:?}")) }
}

#[test]
fn a_swipe_between_the_cards_turns_the_page_too() {
    on_screen(|stage| {
        let sent = Sent::default();
        let sink = sent.clone();
        stage.screen.bind(move |event| {
            if let Event::Press(press) = event {
                sink.borrow_mut().push(press);
            }
        });
        let scenes = stage.scenes(PORTRAIT, TextSize::Standard);
        let scene = scenes.iter().find(|scene| scene.name == "jobs-0").expect("a list");
        let drawn = stage.show(PORTRAIT, Comfort::default(), scene);
        let y = drawn.words.iter().find(|words| words.label.contains("个岗位")).expect("a count").y;
        stage.screen.drag((500.0, y), (-300.0, 0.0));
        stage.screen.drag((500.0, y), (300.0, 0.0));
        assert_eq!(sent.take(), [Press::Next, Press::Previous]);
    });
}
