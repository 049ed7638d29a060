//! The demonstration as it stands on a display: every page above the strip from which cards are
//! laid. The pages have the room that they were made for, and nothing of them is under the strip.

use renshe_kiosk::{
    config::ScreenSettings,
    screen::{
        headless::{Drawn, Found},
        windowed::STRIP,
    },
    visit::{Comfort, Palette, fit::TextSize},
};

use super::{Findings, Stage, checks, on_screen, within};

#[test]
fn portrait_above_the_strip() {
    walk("portrait-strip", (21.5, 1080, 1920), TextSize::Standard);
}

#[test]
fn portrait_large_above_the_strip() {
    walk("portrait-large-strip", (21.5, 1080, 1920), TextSize::Larger);
}

#[test]
fn landscape_above_the_strip() {
    walk("landscape-strip", (21.5, 1920, 1080), TextSize::Standard);
}

#[test]
fn landscape_large_above_the_strip() {
    walk("landscape-large-strip", (21.5, 1920, 1080), TextSize::Larger);
}

#[test]
fn portrait_double_above_the_strip() {
    walk("portrait-double-strip", (21.5, 1080, 1920), TextSize::Double);
}

#[test]
fn landscape_double_above_the_strip() {
    walk("landscape-double-strip", (21.5, 1920, 1080), TextSize::Double);
}

#[test]
fn small_portrait_above_the_strip() {
    walk("small-portrait-strip", (15.6, 1080, 1920), TextSize::Standard);
}

#[test]
fn small_landscape_above_the_strip() {
    walk("small-landscape-strip", (15.6, 1366, 768), TextSize::Standard);
}

/// The walk on a screen of so many inches and pixels.
fn walk(name: &str, (diagonal_inch, width_px, height_px): (f32, u32, u32), text: TextSize) {
    let screen = ScreenSettings {
        diagonal_inch,
        width_px,
        height_px,
        fullscreen: true,
        bottom_mm: 0,
        strip: STRIP,
    };
    let size = screen.room().full.of(text).size;
    let mut findings = Findings::default();
    let mut count = 0;
    on_screen(|stage| {
        let strip = size.height as f32;
        stage.screen.show_headless(size.width, size.height + STRIP as u32).expect("shown");
        stage.state.machine.demo.residents = stage.props.labels();
        stage.state.machine.demo.faults = vec!["读卡太早拿走".to_owned(); 27];
        let scenes = stage.scenes(size, text);
        count = scenes.len();
        for (at, scene) in scenes.iter().enumerate() {
            // The residents, and the faults, in turn: a page has the same room above both.
            stage.state.machine.demo.fault = (at % 2 == 1).then_some(3);
            let palette = Palette::ALL[at % 4];
            stage.set(size, Comfort { size: text, palette, ..Comfort::default() }, scene);
            let (page, under) = parted(stage, scene.asks());
            let strips = stage.screen.frames(Some("DemoStrip"));
            let mut frames = stage.screen.frames(within(scene.asks()));
            frames.retain(|(frame, _)| !under.controls.contains(frame));
            let mut faults = checks::faults(scene, size, &page, &frames);
            faults.extend(checks::strip(size, STRIP, &under, &strips));
            findings.add(scene, palette, faults);
            assert!(under.controls.iter().all(|key| key.y >= strip) && !under.controls.is_empty());
        }
    });
    findings.tell(name, size, text, count);
}

/// What is drawn: the page, and the strip under it.
fn parted(stage: &Stage, asks: bool) -> (Drawn, Drawn) {
    let strip = stage.screen.drawn(Some("DemoStrip"));
    let all = stage.screen.drawn(within(asks));
    let of_page = |found: Vec<Found>, strip: &[Found]| -> Vec<Found> {
        found.into_iter().filter(|one| !strip.contains(one)).collect()
    };
    let page = Drawn {
        controls: of_page(all.controls, &strip.controls),
        words: of_page(all.words, &strip.words),
        paragraphs: of_page(all.paragraphs, &strip.paragraphs),
        pictures: of_page(all.pictures, &strip.pictures),
    };
    (page, strip)
}
