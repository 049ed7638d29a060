//! What a person came for is on the first screen of its page, whole, at every size of text and on every
//! screen: the figure, its state, the deadline, the wage, board and lodging, the telephone.

use renshe_kiosk::{
    screen::headless::{Drawn, Found},
    visit::{Comfort, fit::TextSize},
};

use super::{
    BIG_DOUBLE_LANDSCAPE, BIG_DOUBLE_PORTRAIT, BIG_LANDSCAPE, BIG_PORTRAIT, DOUBLE_LANDSCAPE,
    DOUBLE_PORTRAIT, LANDSCAPE, LARGE_LANDSCAPE, LARGE_PORTRAIT, PORTRAIT, SMALL_LANDSCAPE,
    SMALL_PORTRAIT, Size, on_screen,
};

/// Every screen with every size of text on it.
const SHOWN: [(Size, TextSize); 18] = [
    (PORTRAIT, TextSize::Standard),
    (LANDSCAPE, TextSize::Standard),
    (SMALL_PORTRAIT, TextSize::Standard),
    (SMALL_LANDSCAPE, TextSize::Standard),
    (BIG_PORTRAIT, TextSize::Standard),
    (BIG_LANDSCAPE, TextSize::Standard),
    (Size { width: 1_380, height: 1_035 }, TextSize::Standard),
    (LARGE_PORTRAIT, TextSize::Large),
    (LARGE_LANDSCAPE, TextSize::Large),
    (PORTRAIT, TextSize::Larger),
    (LANDSCAPE, TextSize::Larger),
    (BIG_PORTRAIT, TextSize::Larger),
    (BIG_LANDSCAPE, TextSize::Larger),
    (Size { width: 1_920, height: 1_440 }, TextSize::Larger),
    (DOUBLE_PORTRAIT, TextSize::Double),
    (DOUBLE_LANDSCAPE, TextSize::Double),
    (BIG_DOUBLE_PORTRAIT, TextSize::Double),
    (BIG_DOUBLE_LANDSCAPE, TextSize::Double),
];

/// Scenes, each with what must be read on it.
const FACTS: &[(&str, &[&str])] = &[
    ("home", &["就业", "社保", "养老金", "维权"]),
    ("home-link-down", &["现在查不了"]),
    ("work", &["找工作", "学技术", "招聘会", "个岗位"]),
    ("job-long-0", &["元/月", "TELEPHONE"]),
    ("job-title-0", &["元/", "TELEPHONE"]),
    ("compare-0-0", &["元/"]),
    ("training-0-0", &["报名截止", "开课", "TELEPHONE"]),
    ("fair-0-0", &["月"]),
    ("overview-a", &["243.00", "正常发放", "到账", "认证", "最晚"]),
    ("overview-b", &["53,159.37"]),
    ("overview-e", &["暂停发放", "认证", "过期", "最晚"]),
    ("sheet-certification-a-0", &["天", "最晚", "2027年"]),
    ("sheet-received-0-a-0", &["到账 11 个月", "2,673.00"]),
    ("estimate-c-0-1", &["元", "60 岁"]),
    ("slip-printed", &["打好了"]),
];

/// Whether somebody reads `fact` there.
fn is_read(drawn: &Drawn, fact: &str) -> bool {
    let telephone = |words: &Found| {
        let digits = words.label.chars().filter(char::is_ascii_digit).count();
        let only = |c: char| c.is_ascii_digit() || " -，或、转".contains(c);
        digits >= 7 && words.label.chars().all(only) && words.description.is_empty()
    };
    drawn.words.iter().any(|words| match fact {
        "TELEPHONE" => telephone(words),
        fact => says(words, fact),
    })
}

/// Whether `words` say it where they are not cut off.
fn says(words: &Found, fact: &str) -> bool {
    if words.description.is_empty() {
        return words.label.contains(fact);
    }
    // A line is about half as high again as its letters; what is cut ends in three dots.
    let letter = words.height / 1.5;
    let width: f32 = fact.chars().map(|c| if c.is_ascii() { 0.6 } else { 1.0 }).sum();
    let longer = words.label.chars().count() > fact.chars().count() + 1;
    words.label.starts_with(fact) && longer && words.width >= (width + 1.0) * letter
}

#[test]
fn what_one_came_for_is_on_the_first_screen() {
    let mut missing = Vec::new();
    let mut cards = 0;
    on_screen(|stage| {
        for (size, text) in SHOWN {
            let shape = format!("{}×{} {text:?}", size.width, size.height);
            let comfort = Comfort { size: text, ..Comfort::default() };
            let scenes = stage.scenes(size, text);
            for (name, facts) in FACTS {
                let Some(scene) = scenes.iter().find(|scene| scene.name == *name) else {
                    panic!("no scene {name} at {shape}")
                };
                let drawn = stage.show(size, comfort, scene);
                for fact in facts.iter().filter(|fact| !is_read(&drawn, fact)) {
                    missing.push(format!("{shape}: {name} does not say {fact}"));
                }
            }
            // Of every posting on a list: its wage, and whether one eats and sleeps there.
            for scene in scenes.iter().filter(|scene| scene.name.starts_with("jobs-")) {
                let drawn = stage.show(size, comfort, scene);
                for card in drawn.controls.iter().filter(|card| card.label.contains('，')) {
                    let on_card = |words: &&Found| {
                        let (x, y) = (words.x - card.x, words.y - card.y);
                        (0.0..card.width).contains(&x) && (0.0..card.height).contains(&y)
                    };
                    let on_card: Vec<&Found> = drawn.words.iter().filter(on_card).collect();
                    cards += 1;
                    let parts: Vec<&str> = card.label.split('，').collect();
                    let is_fact = |part: &&&str| {
                        part.contains("元/")
                            || ["包吃住", "包吃", "包住", "工资面议"].contains(*part)
                    };
                    for fact in parts.iter().filter(is_fact) {
                        if !on_card.iter().any(|words| says(words, fact)) {
                            missing.push(format!(
                                "{shape}: {} hides {fact} of {}",
                                scene.name, parts[0]
                            ));
                        }
                    }
                }
            }
        }
    });
    assert!(cards > 200, "{cards}");
    assert!(missing.is_empty(), "{} facts are lost:\n{}", missing.len(), missing.join("\n"));
}
