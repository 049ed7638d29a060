//! The demonstration as it stands on a display: every page above the strip from which cards are
//! laid. The pages have the room that they were made for, and nothing of them is under the strip.

use renshe_kiosk::{
    config::ScreenSettings,
    screen::{
        headless::{Drawn, Found},
        windowed::STRIP,
    },
    visit::Comfort,
};

use super::{Findings, Stage, checks, on_screen, palette};

#[test]
fn portrait_above_the_strip() {
    walk("portrait-strip", (21.5, 1080, 1920), false);
}

#[test]
fn portrait_large_above_the_strip() {
    walk("portrait-large-strip", (21.5, 1080, 1920), true);
}

#[test]
fn landscape_above_the_strip() {
    walk("landscape-strip", (21.5, 1920, 1080), false);
}

#[test]
fn landscape_large_above_the_strip() {
    walk("landscape-large-strip", (21.5, 1920, 1080), true);
}

#[test]
fn small_portrait_above_the_strip() {
    walk("small-portrait-strip", (15.6, 1080, 1920), false);
}

#[test]
fn small_landscape_above_the_strip() {
    walk("small-landscape-strip", (15.6, 1366, 768), false);
}

/// The walk on a screen of so many inches and pixels.
fn walk(name: &str, (diagonal_inch, width_px, height_px): (f32, u32, u32), large: bool) {
    let screen =
        ScreenSettings { diagonal_inch, width_px, height_px, fullscreen: true, strip: STRIP };
    let size = screen.room().size(large);
    let mut findings = Findings::default();
    let mut count = 0;
    on_screen(|stage| {
        let strip = size.height as f32;
        stage.screen.show_headless(size.width, size.height + STRIP as u32).expect("shown");
        stage.state.machine.demo.residents = stage.props.labels();
        stage.state.machine.demo.faults = vec!["读卡太早拿走".to_owned(); 27];
        let scenes = stage.scenes(size, large);
        count = scenes.len();
        for (at, scene) in scenes.iter().enumerate() {
            // The residents, and the faults, in turn: a page has the same room above both.
            let high_contrast = at % 2 == 1;
            stage.state.machine.demo.fault = high_contrast.then_some(3);
            stage.set(size, Comfort { large, high_contrast, ..Comfort::default() }, scene);
            let (page, under) = parted(stage, scene.asks());
            let mut faults = checks::faults(scene, size, &page);
            faults.extend(checks::strip(size, STRIP, &under));
            findings.add(scene, palette(high_contrast), faults);
            assert!(under.controls.iter().all(|key| key.y >= strip) && !under.controls.is_empty());
        }
    });
    findings.tell(name, size, large, count);
}

/// What is drawn: the page, and the strip under it.
fn parted(stage: &Stage, asks: bool) -> (Drawn, Drawn) {
    let strip = stage.screen.drawn(Some("DemoStrip"));
    let all = stage.screen.drawn(asks.then_some("Warning"));
    let of_page = |found: Vec<Found>, strip: &[Found]| -> Vec<Found> {
        found.into_iter().filter(|one| !strip.contains(one)).collect()
    };
    let frames = all.frames.into_iter().filter(|(frame, _)| !strip.controls.contains(frame));
    let page = Drawn {
        controls: of_page(all.controls, &strip.controls),
        words: of_page(all.words, &strip.words),
        paragraphs: of_page(all.paragraphs, &strip.paragraphs),
        pictures: of_page(all.pictures, &strip.pictures),
        frames: frames.collect(),
    };
    (page, strip)
}
