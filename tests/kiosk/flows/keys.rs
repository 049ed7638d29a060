//! Whole visits by keys alone, by whoever does not touch the glass: a keyboard, a tactile pad, two switches.
//!
//! `TASK_PICTURES=DIR` keeps some pages of the first, and what is said on one: those of `docs/pages.md`.

use std::{env, fs, path::Path, time::Duration};

use renshe_kiosk::{
    app::play,
    visit::{fit::TextSize, focus::Stop},
};

use crate::support::kiosk::{Hall, Kiosk};

const DOWN: char = '\u{F701}';
const UP: char = '\u{F700}';
const RIGHT: char = '\u{F703}';
const TAB: char = '\t';
const ENTER: char = '\n';
const ESCAPE: char = '\u{1b}';
const HELP: char = '\u{F704}';
const SIZE: char = '\u{F705}';

/// More keys than any page has stops.
const ENOUGH: usize = 120;

fn key(kiosk: &mut Kiosk, key: char) {
    kiosk.app.screen().key(key);
    kiosk.app.pump();
}

/// What has the focus says this.
fn focused(kiosk: &Kiosk) -> &Stop {
    let focus = kiosk.app.state().focus.as_ref().expect("keys are used");
    &focus.stops()[focus.at()]
}

/// Goes on by one key until what has the focus says `words`.
fn go_to(kiosk: &mut Kiosk, by: char, words: &str) {
    let mut heard = Vec::new();
    for _ in 0..ENOUGH {
        let says = focused(kiosk).says.expose().clone();
        if says.contains(words) {
            return;
        }
        heard.push(says);
        key(kiosk, by);
    }
    panic!("never “{words}”, but:\n{}", heard.join("\n"));
}

/// Presses a control by keys: one goes on, the other presses.
fn choose(kiosk: &mut Kiosk, by: char, words: &str) {
    kiosk.until(&format!("no “{words}”"), |kiosk| {
        kiosk.app.pump();
        let focus = kiosk.app.state().focus.as_ref().expect("keys are used");
        let is_it = |stop: &Stop| stop.control.is_some() && stop.says.expose().starts_with(words);
        focus.stops().iter().any(is_it)
    });
    for _ in 0..ENOUGH {
        let stop = focused(kiosk);
        if stop.control.is_some() && stop.says.expose().starts_with(words) {
            return key(kiosk, ENTER);
        }
        key(kiosk, by);
    }
    panic!("“{words}” is not reached");
}

/// The page as it is seen and as it is said.
fn keep(kiosk: &Kiosk, name: &str) {
    let Some(directory) = env::var_os("TASK_PICTURES") else { return };
    let file = Path::new(&directory).join(name);
    play::write_picture(&kiosk.app, &file.with_extension("png")).expect("a picture");
    let line = |stop: &Stop| {
        let pressed = if stop.control.is_some() { "▸ " } else { "" };
        format!("{pressed}{}\n", stop.says.expose())
    };
    let focus = kiosk.app.state().focus.as_ref().expect("keys are used");
    let script: String = focus.stops().iter().map(line).collect();
    fs::write(file.with_extension("txt"), script).expect("written");
}

#[test]
fn a_pension_is_heard_without_touching_the_glass() {
    let mut kiosk = Kiosk::open(Hall::new());
    key(&mut kiosk, DOWN);
    kiosk.see("您想办什么事");
    assert_eq!(focused(&kiosk).says.expose(), "首页");
    go_to(&mut kiosk, RIGHT, "社保");
    keep(&kiosk, "keys-1");
    key(&mut kiosk, ENTER);
    go_to(&mut kiosk, DOWN, "图：身份证放到读卡区上");
    kiosk.lay("a");
    kiosk.see("243.00");
    kiosk.app.pump();
    assert_eq!(
        focused(&kiosk).says.expose(),
        "我的社保",
        "another page is read from its beginning"
    );
    go_to(&mut kiosk, DOWN, "每月养老金");
    go_to(&mut kiosk, DOWN, "243.00");
    keep(&kiosk, "keys-2");
    go_to(&mut kiosk, DOWN, "已到账 243.00 元");
    go_to(&mut kiosk, DOWN, "资格认证还剩 40 天");
    choose(&mut kiosk, RIGHT, "怎么认证");
    kiosk.see("养老金资格认证");
    kiosk.app.pump();
    go_to(&mut kiosk, RIGHT, "带走");
    keep(&kiosk, "keys-3");
    key(&mut kiosk, ESCAPE);
    kiosk.see("243.00");
    // Around the beginning to the end, and out.
    assert_eq!(focused(&kiosk).says.expose(), "我的社保");
    key(&mut kiosk, UP);
    choose(&mut kiosk, UP, "用完了，拿走身份证");
    kiosk.see("按一下屏幕");
    assert!(kiosk.app.state().focus.is_none(), "the next one may use fingers");
    assert!(kiosk.app.state().visit.is_none());
}

#[test]
fn a_key_held_on_the_first_page_is_the_staffs_way_in() {
    let mut kiosk = Kiosk::open(Hall::new());
    let hold = |kiosk: &mut Kiosk, key, milliseconds| {
        kiosk.app.screen().key_for(key, Duration::from_millis(milliseconds));
        kiosk.app.pump();
    };
    key(&mut kiosk, ENTER);
    kiosk.see("您想办什么事");
    hold(&mut kiosk, ESCAPE, 2_800);
    kiosk.see("您想办什么事");
    hold(&mut kiosk, HELP, 3_200);
    kiosk.see("不会用不要紧");
    // The key that led here by a slow finger asks for nothing.
    hold(&mut kiosk, ESCAPE, 3_200);
    kiosk.see("您想办什么事");
    hold(&mut kiosk, ESCAPE, 3_200);
    kiosk.see("管理密码");
}

#[test]
fn two_switches_find_a_job() {
    let mut kiosk = Kiosk::open(Hall::new());
    key(&mut kiosk, TAB);
    choose(&mut kiosk, TAB, "就业");
    choose(&mut kiosk, TAB, "找工作");
    choose(&mut kiosk, TAB, "本镇");
    choose(&mut kiosk, TAB, "包吃住");
    choose(&mut kiosk, TAB, "焊工机修");
    choose(&mut kiosk, TAB, "机修工");
    kiosk.see("0830-");
    go_to(&mut kiosk, DOWN, "0 8 3 0");
    choose(&mut kiosk, TAB, "首页");
    choose(&mut kiosk, TAB, "结束");
    kiosk.see("按一下屏幕");
}

#[test]
fn keys_of_their_own_help_enlarge_and_keep_the_visit() {
    let mut kiosk = Kiosk::open(Hall::new());
    key(&mut kiosk, ENTER);
    kiosk.see("您想办什么事");
    // The first key only shows where the focus is.
    key(&mut kiosk, SIZE);
    assert_ne!(kiosk.app.state().comfort().size, TextSize::Standard);
    key(&mut kiosk, HELP);
    kiosk.see("不会用不要紧");
    key(&mut kiosk, ESCAPE);
    kiosk.see("您想办什么事");
    choose(&mut kiosk, RIGHT, "就业");
    kiosk.see("找工作");
    // Asked whether somebody is there: any key says so, and nothing under the question is pressed.
    go_to(&mut kiosk, RIGHT, "学技术");
    kiosk.pass(kiosk.app.state().unhurried() + Duration::from_secs(1));
    assert!(kiosk.app.state().warning());
    key(&mut kiosk, ENTER);
    assert!(!kiosk.app.state().warning());
    assert!(kiosk.says("找工作"), "nothing was opened");
    assert!(focused(&kiosk).says.expose().starts_with("学技术"), "it stays where it was");
}

#[test]
fn who_goes_by_keys_has_twice_the_time() {
    let mut kiosk = Kiosk::open(Hall::new());
    kiosk.begin();
    let time = kiosk.app.state().unhurried();
    key(&mut kiosk, DOWN);
    assert_eq!(kiosk.app.state().unhurried(), time * 2);
}
