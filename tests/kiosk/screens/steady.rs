//! What stays on a page keeps its place: whatever is pressed on it, and whatever an answer makes
//! appear or go, nothing that was there before and is there afterwards has moved.

use std::{cell::RefCell, collections::BTreeMap, mem, rc::Rc};

use renshe_kiosk::{
    screen::headless::{Drawn, Found},
    visit::{
        Comfort, Event, Press, State,
        fit::{Size, TextSize},
        step,
    },
};

use super::{
    DOUBLE_LANDSCAPE, DOUBLE_PORTRAIT, LANDSCAPE, PORTRAIT, SMALL_LANDSCAPE, SMALL_PORTRAIT, Scene,
    on_screen,
};

/// What layout may be out by.
const SLACK: f32 = 1.0;
/// Pages whose scenes turn into each other by an answer from outside, by the first part of the
/// scenes' names.
const ANSWERED: [&str; 7] =
    ["pin-", "identify-pin", "pad-", "narrow-", "staff-", "fairs-", "import-"];
/// What is pressed to see something else: other rows, another month, the next step with the card.
const TURNS: [&str; 10] = [
    "上一页",
    "下一页",
    "上页",
    "下页",
    "上月",
    "下月",
    "再试一次",
    "知道了，查询",
    "重新检查",
    "重新找",
];

/// Every layout once: a big screen has that of the middle ones, with other measures.
const SCREENS: [(Size, TextSize); 8] = [
    (PORTRAIT, TextSize::Standard),
    (PORTRAIT, TextSize::Larger),
    (LANDSCAPE, TextSize::Standard),
    (LANDSCAPE, TextSize::Larger),
    (DOUBLE_PORTRAIT, TextSize::Double),
    (DOUBLE_LANDSCAPE, TextSize::Double),
    (SMALL_PORTRAIT, TextSize::Standard),
    (SMALL_LANDSCAPE, TextSize::Standard),
];

#[test]
fn nothing_moves_when_something_is_pressed() {
    let mut wrong = BTreeMap::new();
    let mut tried = 0;
    on_screen(|stage| {
        let sent = Rc::new(RefCell::new(Vec::new()));
        let sink = sent.clone();
        stage.screen.bind(move |event| sink.borrow_mut().push(event));
        for (size, text) in SCREENS {
            let comfort = Comfort { size: text, ..Comfort::default() };
            for scene in stage.scenes(size, text).iter().filter(|scene| scene.picture) {
                let before = stage.show(size, comfort, scene);
                for control in before.controls.iter().filter(|control| control.enabled) {
                    stage.set(size, comfort, scene);
                    let (x, y) =
                        (control.x + control.width / 2.0, control.y + control.height / 2.0);
                    stage.screen.touch(x, y);
                    let page = kind(&stage.state);
                    for event in mem::take(&mut *sent.borrow_mut()) {
                        if !matches!(
                            event,
                            Event::Press(
                                Press::Larger | Press::Size(_) | Press::Lower | Press::Language
                            )
                        ) {
                            step(&mut stage.state, event);
                        }
                    }
                    if kind(&stage.state) != page || scene.asks() {
                        continue;
                    }
                    stage.screen.render(&stage.state);
                    let after = stage.screen.drawn(None);
                    if title(&after) != title(&before) {
                        continue;
                    }
                    tried += 1;
                    let turned = TURNS.contains(&control.label.as_str());
                    for moved in moved(&before, &after, turned) {
                        let where_ = format!("{}, pressed “{}”", scene.name, control.label);
                        note(&mut wrong, moved, size, text, where_);
                    }
                }
            }
        }
    });
    assert!(tried > 1_000, "{tried}");
    tell(&wrong);
}

#[test]
fn nothing_moves_when_an_answer_comes() {
    let mut wrong = BTreeMap::new();
    on_screen(|stage| {
        for (size, text) in SCREENS {
            let comfort = Comfort { size: text, ..Comfort::default() };
            let scenes = stage.scenes(size, text);
            for family in ANSWERED {
                let of_family = |scene: &&Scene| scene.name.starts_with(family);
                let mut shown: Vec<(&Scene, Drawn)> = Vec::new();
                for scene in scenes.iter().filter(of_family) {
                    let drawn = stage.show(size, comfort, scene);
                    shown.push((scene, drawn));
                }
                assert!(!shown.is_empty(), "{family}");
                for (i, (one, before)) in shown.iter().enumerate() {
                    for (other, after) in &shown[i + 1..] {
                        // Another month has its days elsewhere.
                        for moved in moved(before, after, family == "fairs-") {
                            let where_ = format!("{} and {}", one.name, other.name);
                            note(&mut wrong, moved, size, text, where_);
                        }
                    }
                }
            }
        }
    });
    tell(&wrong);
}

/// Which page it is, of which flow; what it shows is left out.
fn kind(state: &State) -> String {
    let page = format!("{:?}", state.page());
    let of_one_page = ["Identify", "Print", "Estimate", "Retirement"];
    let is = |flow: &&str| page.starts_with(&format!("Some({flow}"));
    // Every question is a page of its own, whose answers may begin with the same word.
    if is(&"Question") {
        return page;
    }
    let depth = if of_one_page.iter().any(is) { 2 } else { 3 };
    page.split(['(', ')', ' ']).take(depth).collect::<Vec<_>>().join(" ")
}

type Wrong = BTreeMap<String, Vec<String>>;

fn note(wrong: &mut Wrong, moved: String, size: Size, text: TextSize, where_: String) {
    let shape = format!("{}×{} {text:?}: {where_}", size.width, size.height);
    wrong.entry(moved).or_default().push(shape);
}

fn tell(wrong: &Wrong) {
    let lines =
        wrong.iter().map(|(moved, found)| format!("{moved} ({}×) {}", found.len(), found[0]));
    let lines: Vec<_> = lines.collect();
    assert!(lines.is_empty(), "{} things jump:\n{}", lines.len(), lines.join("\n"));
}

/// The words at the top: a page that has others is another page.
fn title(drawn: &Drawn) -> Option<&str> {
    drawn.words.first().map(|words| words.label.as_str())
}

/// What is in both and not in the same place, without what belongs to other rows if they were
/// `turned`. Things that are there twice cannot be told apart.
fn moved(before: &Drawn, after: &Drawn, turned: bool) -> Vec<String> {
    let mut moved = Vec::new();
    let keys = |drawn: &Drawn| -> Vec<Found> {
        let row = |key: &&Found| turned && key.label.contains('，');
        drawn.controls.iter().filter(|key| !row(key)).cloned().collect()
    };
    let words = |drawn: &Drawn| if turned { Vec::new() } else { drawn.words.clone() };
    for (kind, before, after) in
        [("", keys(before), keys(after)), ("words ", words(before), words(after))]
    {
        for one in before.iter().filter(|one| !one.label.is_empty()) {
            let same = |other: &&Found| other.label == one.label;
            let mut others = after.iter().filter(same);
            let (Some(other), None) = (others.next(), others.next()) else { continue };
            if before.iter().filter(same).count() > 1 {
                continue;
            }
            let far = (one.x - other.x).abs().max((one.y - other.y).abs());
            let sized = kind.is_empty()
                && (one.width - other.width).abs().max((one.height - other.height).abs()) > SLACK;
            if far > SLACK || sized {
                moved.push(format!("{kind}“{}”", one.label));
            }
        }
    }
    moved
}
