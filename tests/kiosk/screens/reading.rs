//! Every page by key and by ear: what is on it is read, each thing once and in the order in which one
//! would read it, all that can be pressed can be pressed by keys, and what is said can be said aloud.
//!
//! Writes what is said, page by page, to `script-NAME.txt` where the walk writes its reports.

use std::{fmt::Write as _, fs, path::Path};

use renshe_kiosk::{
    screen::{
        headless::{Drawn, Found},
        spoken::spoken,
    },
    visit::{
        Comfort, Language,
        fit::{Size, TextSize},
        focus::{Enabled, Stop},
    },
};

use super::{LANDSCAPE, PORTRAIT, on_screen};

/// What is wrong with a page, one line each.
type Faults = Vec<String>;

#[test]
fn every_page_is_read_in_portrait() {
    read_all("portrait", PORTRAIT, TextSize::Standard, Language::Chinese);
}

#[test]
fn every_page_is_read_in_landscape() {
    read_all("landscape-larger", LANDSCAPE, TextSize::Larger, Language::Chinese);
}

#[test]
fn every_page_is_read_in_english() {
    read_all("english", PORTRAIT, TextSize::Standard, Language::English);
}

fn read_all(name: &str, size: Size, text: TextSize, language: Language) {
    let mut script = String::new();
    let mut faults = Vec::new();
    on_screen(|stage| {
        let comfort = Comfort { size: text, language, ..Comfort::default() };
        for scene in stage.scenes(size, text).iter().filter(|scene| scene.picture && !scene.asks())
        {
            let drawn = stage.show(size, comfort, scene);
            let stops = stage.screen.read();
            writeln!(script, "## {}\n", scene.name).expect("memory");
            for stop in &stops {
                let kind = match stop.control {
                    None => "",
                    Some(enabled) if enabled.0 => "▸ ",
                    Some(_) => "▹ ",
                };
                writeln!(script, "{kind}{}", stop.says.expose()).expect("memory");
            }
            script.push('\n');
            let found = page_faults(&drawn, &stage.screen.elements(), &stops, language);
            faults.extend(found.into_iter().map(|fault| format!("{}: {fault}", scene.name)));
        }
    });
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("script-{name}.txt"));
    fs::write(file, script).expect("the target directory takes files");
    faults.sort();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

fn page_faults(drawn: &Drawn, elements: &[Found], stops: &[Stop], language: Language) -> Faults {
    let mut faults = Faults::new();
    let said: Vec<String> = stops.iter().map(|stop| bare(stop.says.expose())).collect();
    for words in drawn.words.iter().filter(|words| !bare(&words.label).is_empty()) {
        let as_said = bare(&spoken(&words.label));
        if !said.iter().any(|said| said.contains(&as_said)) {
            faults.push(format!("“{}” is not read", words.label));
        }
    }
    for control in &drawn.controls {
        let is_stop = |stop: &&Stop| {
            let same = stop.says.expose().starts_with(&spoken(&control.label));
            same && stop.control == Some(Enabled(control.enabled))
        };
        if !stops.iter().any(|stop| is_stop(&stop)) {
            faults.push(format!("“{}” is not reached", control.label));
        }
    }
    out_of_order(elements, &mut faults);
    for stop in stops {
        let said = stop.says.expose();
        if said.trim().is_empty() {
            faults.push("says nothing".to_owned());
        }
        if let Some(mark) = said.chars().find(|c| !is_said(*c, language)) {
            faults.push(format!("“{said}” has “{mark}”, which nobody can say"));
        }
    }
    faults
}

/// What is read next is beside what was read, or under it.
fn out_of_order(elements: &[Found], faults: &mut Faults) {
    let is_above = |one: &Found, other: &Found| other.y + other.height <= one.y + 1.0;
    let is_behind = |one: &Found, other: &Found| other.x + 1.0 >= one.x + one.width;
    for pair in elements.windows(2) {
        let [one, next] = pair else { continue };
        if is_above(one, next) && !is_behind(one, next) {
            faults.push(format!("“{}” is read before “{}” above it", one.label, next.label));
        }
    }
}

fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn is_said(c: char, language: Language) -> bool {
    let pause = "，。、：；？！“”（）《》 ".contains(c);
    let latin = c.is_ascii_alphanumeric() || ",.?!:;'()-".contains(c);
    match language {
        Language::Chinese => pause || c.is_alphanumeric() || c == '.',
        Language::English => pause || latin || c.is_alphanumeric(),
    }
}
