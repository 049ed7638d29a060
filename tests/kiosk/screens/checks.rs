//! What must hold on every page: nothing cut, nothing outside, nothing over another thing, buttons
//! large enough and apart, the ways out where a hand reaches them, words for everything.

use renshe_kiosk::{
    screen::{
        headless::{Drawn, Found},
        joined::joined,
    },
    visit::fit::Size,
};

use super::scenes::Scene;

/// Cards, controls and the foot, each with the words that belong into it.
type Frames = [(Found, Vec<Found>)];

/// Least edge of what is touched: 20 mm.
const TOUCH: f32 = 80.0;
/// Least space between two things that are touched: 4 mm.
const APART: f32 = 16.0;
/// Least edge of a key of the demonstration's strip.
const STRIP_TOUCH: f32 = 64.0;
/// What the layout may be out by.
const SLACK: f32 = 1.0;

/// Something that is wrong: with which element, and what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// What is wrong, the same on every page.
    pub what: &'static str,
    /// What the element says.
    pub element: String,
    /// Where it is, and what it is beside.
    pub details: String,
}

/// Everything that is wrong with the geometry and the words of a page.
pub fn faults(scene: &Scene, size: Size, drawn: &Drawn, frames: &Frames) -> Vec<Fault> {
    let mut faults = Vec::new();
    words_fit(drawn, frames, &mut faults);
    inside(size, drawn, frames, &mut faults);
    nothing_over_words(drawn, frames, &mut faults);
    controls(drawn, &mut faults);
    ways(scene, size, drawn, &mut faults);
    worded(drawn, &mut faults);
    whole(drawn, &mut faults);
    faults
}

/// What is wrong with the demonstration's strip, which is under pages of `size` and `height` high.
/// Its keys are for who shows the kiosk, and stand closer.
pub fn strip(size: Size, height: f32, drawn: &Drawn, frames: &Frames) -> Vec<Fault> {
    let mut faults = Vec::new();
    words_fit(drawn, frames, &mut faults);
    let window = Size { height: size.height + height as u32, ..size };
    inside(window, drawn, frames, &mut faults);
    nothing_over_words(drawn, frames, &mut faults);
    for (i, one) in drawn.controls.iter().enumerate() {
        if one.width < STRIP_TOUCH || one.height < STRIP_TOUCH {
            fault(&mut faults, "too small to touch", &one.label, place(one));
        }
        for other in drawn.controls[i + 1..].iter().filter(|other| gap(one, other) < 8.0 - SLACK) {
            let details = format!("“{}”, {} {}", other.label, place(one), place(other));
            fault(&mut faults, "too near its neighbour", &one.label, details);
        }
    }
    faults
}

fn fault(faults: &mut Vec<Fault>, what: &'static str, element: &str, details: String) {
    faults.push(Fault { what, element: element.to_owned(), details });
}

fn words_fit(drawn: &Drawn, frames: &Frames, faults: &mut Vec<Fault>) {
    for words in drawn.words.iter().filter(|words| !words.label.is_empty()) {
        if words.description == "cut" {
            fault(faults, "cut", &words.label, place(words));
        }
    }
    for (frame, words) in frames {
        for words in words.iter().filter(|words| shown(words) && !within(words, frame)) {
            let details = format!("{} of {}", place(words), place(frame));
            fault(faults, "words leave their frame", &words.label, details);
        }
    }
}

/// Pictures and words and controls lie in the window.
fn inside(size: Size, drawn: &Drawn, frames: &Frames, faults: &mut Vec<Fault>) {
    let window = Found { width: size.width as f32, height: size.height as f32, ..nothing() };
    let outside = |element: &&Found| shown(element) && !within(element, &window);
    for words in drawn.words.iter().chain(&drawn.controls).filter(outside) {
        fault(faults, "leaves the window", &words.label, place(words));
    }
    for picture in drawn.pictures.iter().filter(outside) {
        fault(faults, "leaves the window", "a picture", place(picture));
    }
    for frame in frames.iter().map(|(frame, _)| frame).filter(outside) {
        fault(faults, "leaves the window", "a frame", place(frame));
    }
}

fn nothing_over_words(drawn: &Drawn, frames: &Frames, faults: &mut Vec<Fault>) {
    let words: Vec<&Found> = drawn.words.iter().filter(|words| shown(words)).collect();
    for (i, one) in words.iter().enumerate() {
        for other in words[i + 1..].iter().filter(|other| overlap(one, other)) {
            let details = format!("“{}”, {} {}", other.label, place(one), place(other));
            fault(faults, "words lie over words", &one.label, details);
        }
        for picture in drawn.pictures.iter().filter(|picture| overlap(one, picture)) {
            let details = format!("{} {}", place(one), place(picture));
            fault(faults, "words lie over a picture", &one.label, details);
        }
    }
    // Words of the page do not run under a control, a card or the foot.
    for (frame, own) in frames {
        let foreign = |words: &&&Found| overlap(words, frame) && !own.contains(words);
        let hidden = |words: &&Found| !within(words, frame) || drawn.controls.contains(frame);
        for words in words.iter().filter(foreign).copied().filter(hidden) {
            let details = format!("“{}”, {} {}", frame.label, place(words), place(frame));
            fault(faults, "words run under a frame", &words.label, details);
        }
    }
}

fn controls(drawn: &Drawn, faults: &mut Vec<Fault>) {
    // A control that takes the whole page has others on it.
    let around = |c: &&Found| !drawn.controls.iter().any(|other| other != *c && within(other, c));
    let controls: Vec<&Found> = drawn.controls.iter().filter(around).collect();
    for (i, one) in controls.iter().enumerate() {
        if one.width < TOUCH - 0.5 || one.height < TOUCH - 0.5 {
            fault(faults, "too small to touch", &one.label, place(one));
        }
        for other in &controls[i + 1..] {
            let gap = gap(one, other);
            if gap < APART - 0.5 {
                let (places, label) = ((place(one), place(other)), &other.label);
                let details = format!("{gap:.0} px from “{label}”, {} {}", places.0, places.1);
                fault(faults, "too near its neighbour", &one.label, details);
            }
        }
    }
}

/// What the ways out, the aids and the turning of pages are called, each in all of its words.
struct Ways {
    back: [&'static [&'static str]; 2],
    always: [&'static [&'static str]; 5],
    turns: &'static [&'static str],
}

const CHINESE: Ways = Ways {
    back: [&["返回"], &["首页"]],
    always: [
        &["结束", "拿走身份证", "用完了，拿走身份证", "拔出社保卡", "用完了，拔出社保卡"],
        &["帮助"],
        &["字号"],
        &["颜色"],
        &["English"],
    ],
    turns: &["上一页", "下一页", "上页", "下页"],
};

const ENGLISH: Ways = Ways {
    back: [&["Back"], &["Home"]],
    always: [
        &["End", "Take ID card", "Done? Take ID card", "Remove card", "Done? Remove card"],
        &["Help"],
        &["Size"],
        &["Colours"],
        &["中文"],
    ],
    turns: &["Previous", "Prev", "Next"],
};

/// Whether the page speaks English: it offers the other language.
fn is_english(drawn: &Drawn) -> bool {
    drawn.controls.iter().any(|control| control.label == "中文")
}

/// The ways out and the aids are where they always are.
fn ways(scene: &Scene, size: Size, drawn: &Drawn, faults: &mut Vec<Fault>) {
    if scene.is_attract() || scene.asks() {
        return;
    }
    let Ways { back, always, turns } = if is_english(drawn) { ENGLISH } else { CHINESE };
    let named = |labels: &[&str]| -> Vec<&Found> {
        drawn.controls.iter().filter(|c| labels.contains(&c.label.as_str())).collect()
    };
    if scene.is_home() {
        for control in back.iter().flat_map(|labels| named(labels)) {
            fault(faults, "leads nowhere on this page", &control.label, place(control));
        }
    }
    for labels in back.iter().filter(|_| !scene.is_home()).chain(&always) {
        match named(labels).as_slice() {
            // Whoever reads the help is there.
            [one] if ["帮助", "Help"].contains(&labels[0]) && scene.is_help() => {
                assert!(!one.enabled, "{}", scene.name);
            }
            [one] if !one.enabled => fault(faults, "cannot be pressed", labels[0], place(one)),
            [_] => {}
            found => fault(faults, "is missing", labels[0], format!("there {} times", found.len())),
        }
    }
    let third = size.height as f32 / 3.0;
    let high = |control: &&Found| size.height > size.width && control.y < third;
    for labels in back.iter().chain(&always).chain([&turns]) {
        for control in named(labels).into_iter().filter(high) {
            fault(faults, "is out of reach", &control.label, place(control));
        }
    }
}

/// No line ends within what belongs together.
fn whole(drawn: &Drawn, faults: &mut Vec<Fault>) {
    for words in drawn.paragraphs.iter().filter(|words| words.drawn != *joined(&words.label)) {
        fault(faults, "may be broken where it belongs together", &words.label, place(words));
    }
}

/// Controls have a label, and what is said is said in words.
fn worded(drawn: &Drawn, faults: &mut Vec<Fault>) {
    for control in drawn.controls.iter().filter(|control| control.label.trim().is_empty()) {
        fault(faults, "a control without a label", "", place(control));
    }
    let english = is_english(drawn);
    for said in drawn.words.iter().chain(&drawn.controls) {
        let code = |c: char| c.is_ascii_lowercase() || c == '_' || c == '-';
        let label = said.label.as_str();
        if label.contains("{}") {
            fault(faults, "has a place that nothing was put into", label, place(said));
        } else if !english && !label.is_empty() && label.chars().all(code) {
            fault(faults, "is a code, not words", label, place(said));
        }
    }
    // Labels of controls are put together from parts; a part may be empty.
    for control in &drawn.controls {
        let label = control.label.as_str();
        if label.contains("，，") || label.ends_with('，') || label.starts_with('，') {
            fault(faults, "leaves a gap beside a comma", label, place(control));
        }
    }
}

/// The smallest distance between two elements along an axis; negative when they overlap.
fn gap(one: &Found, other: &Found) -> f32 {
    let x = (other.x - one.x - one.width).max(one.x - other.x - other.width);
    let y = (other.y - one.y - one.height).max(one.y - other.y - other.height);
    x.max(y)
}

fn overlap(one: &Found, other: &Found) -> bool {
    shown(one) && shown(other) && gap(one, other) < -SLACK
}

pub(super) fn within(one: &Found, frame: &Found) -> bool {
    one.x >= frame.x - SLACK
        && one.y >= frame.y - SLACK
        && one.x + one.width <= frame.x + frame.width + SLACK
        && one.y + one.height <= frame.y + frame.height + SLACK
}

/// Whether there is anything of it to be seen.
fn shown(element: &Found) -> bool {
    let text = element.role == renshe_kiosk::screen::headless::Role::Text;
    element.width > 0.0 && element.height > 0.0 && !(text && element.label.is_empty())
}

fn place(element: &Found) -> String {
    let Found { x, y, width, height, .. } = element;
    format!("[{x:.0},{y:.0} {width:.0}×{height:.0}]")
}

fn nothing() -> Found {
    Found {
        role: renshe_kiosk::screen::headless::Role::Other,
        label: String::new(),
        drawn: String::new(),
        description: String::new(),
        enabled: true,
        x: 0.0,
        y: 0.0,
        width: 0.0,
        height: 0.0,
    }
}

/// Words of 100 × 100 pixels, for tests of the checks.
#[cfg(test)]
pub fn box_of(label: &str, x: f32) -> Found {
    let role = renshe_kiosk::screen::headless::Role::Text;
    Found { role, label: label.into(), x, width: 100.0, height: 100.0, ..nothing() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { width: 1080, height: 1920 };

    /// The faults of a page of which only `drawn` is known, without those of the missing ways.
    fn told(drawn: &Drawn) -> Vec<&'static str> {
        told_with(drawn, &[])
    }

    fn told_with(drawn: &Drawn, frames: &Frames) -> Vec<&'static str> {
        let all = faults(&Scene::work(), SIZE, drawn, frames);
        all.iter().map(|fault| fault.what).filter(|what| *what != "is missing").collect()
    }

    fn words(words: impl Into<Vec<Found>>) -> Drawn {
        Drawn { words: words.into(), ..Drawn::default() }
    }

    fn controls(controls: impl Into<Vec<Found>>) -> Drawn {
        Drawn { controls: controls.into(), ..Drawn::default() }
    }

    #[test]
    fn planted_faults_of_words_are_found() {
        let one = box_of("一", 0.0);
        assert!(told(&words([one.clone(), box_of("二", 100.0)])).is_empty());
        assert_eq!(told(&words([one.clone(), box_of("二", 90.0)])), ["words lie over words"]);
        let cut = Found { description: "cut".into(), ..one.clone() };
        assert_eq!(told(&words([cut])), ["cut"]);
        assert_eq!(told(&words([box_of("一", 1_000.0)])), ["leaves the window"]);
        assert_eq!(
            told(&words([box_of("共 {} 个", 0.0)])),
            ["has a place that nothing was put into"]
        );
        assert_eq!(told(&words([box_of("take-away", 0.0)])), ["is a code, not words"]);
        let frame = Found { height: 50.0, ..box_of("卡", 0.0) };
        let own = [(frame.clone(), vec![one.clone()])];
        assert_eq!(told_with(&words([one.clone()]), &own), ["words leave their frame"]);
        let foreign = [(frame, Vec::new())];
        assert_eq!(told_with(&words([one.clone()]), &foreign), ["words run under a frame"]);
        let icon = Drawn { pictures: vec![box_of("图", 20.0)], ..words([one]) };
        assert_eq!(told(&icon), ["words lie over a picture"]);
    }

    #[test]
    fn a_figure_that_may_lose_its_unit_is_told() {
        let paragraph = |drawn: &str| Drawn {
            paragraphs: vec![Found { drawn: drawn.to_owned(), ..box_of("招 12 人", 0.0) }],
            ..Drawn::default()
        };
        assert_eq!(told(&paragraph("招 12 人")), ["may be broken where it belongs together"]);
        assert!(told(&paragraph("招 12\u{a0}人")).is_empty());
    }

    #[test]
    fn planted_faults_of_controls_are_found() {
        let one = box_of("一", 0.0);
        assert!(told(&controls([one.clone(), box_of("二", 116.0)])).is_empty());
        assert_eq!(told(&controls([one.clone(), box_of("二", 110.0)])), ["too near its neighbour"]);
        let low = Found { height: 79.0, ..one.clone() };
        assert_eq!(told(&controls([low])), ["too small to touch"]);
        assert_eq!(told(&controls([box_of(" ", 0.0)])), ["a control without a label"]);
        assert_eq!(told(&controls([box_of("会计，，", 0.0)])), ["leaves a gap beside a comma"]);
        let high = faults(&Scene::work(), SIZE, &controls([box_of("返回", 0.0)]), &[]);
        assert!(high.iter().any(|fault| fault.what == "is out of reach"));
    }

    #[test]
    fn a_page_without_ways_is_told() {
        let missing = |drawn: &Drawn| -> Vec<String> {
            let all = faults(&Scene::work(), SIZE, drawn, &[]).into_iter();
            all.filter(|fault| fault.what == "is missing").map(|fault| fault.element).collect()
        };
        let all = ["返回", "首页", "结束", "帮助", "字号", "颜色", "English"];
        assert_eq!(missing(&Drawn::default()), all);
        let there: Vec<_> = all.iter().map(|label| box_of(label, 0.0)).collect();
        assert!(missing(&controls(there)).is_empty());
    }
}
