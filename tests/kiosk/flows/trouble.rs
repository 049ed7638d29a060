//! What goes wrong around the kiosk, and how it goes on by itself.

use std::{fs, io::Write};

use kiosk_base::{clock::Clock, domain::Stop};
use kiosk_county::{FeedKey, signing};
use renshe_kiosk::visit::LinkStatus;

use crate::support::kiosk::{Hall, Kiosk};

#[test]
fn without_the_county_jobs_are_there_and_insurance_says_what_to_do() {
    let mut kiosk = Kiosk::open(Hall::new());
    kiosk.hall.cut_county();
    kiosk.begin();
    kiosk.press_all(&["就业", "找工作"]);
    kiosk.see("全部岗位");
    kiosk.press("按拼音找");
    kiosk.press_all(&["D", "H", "G"]);
    kiosk.see("电焊工");
    kiosk.press("首页");
    kiosk.press("社保");
    kiosk.lay("a");
    kiosk.see("编号 L0");
    assert!(kiosk.says("现在查不了社保"), "{:?}", kiosk.labels());
    assert!(matches!(kiosk.app.state().machine.link, LinkStatus::Down(_)));
    // One more try does not help while the county is away, and helps when it is back.
    kiosk.press("再试一次");
    kiosk.see("编号 L0");
    kiosk.hall.serve_county();
    kiosk.press("再试一次");
    kiosk.see("243.00");
    assert_eq!(kiosk.app.state().machine.link, LinkStatus::Up);
}

/// The file is whole for SQLite, so that nobody sees it at the start.
#[test]
fn a_damage_of_the_listings_that_a_resident_meets_mends_itself() {
    let mut kiosk = Kiosk::open(Hall::new());
    let data = kiosk.hall.data().join("kiosk");
    let vandal = rusqlite::Connection::open(data.join("listings.db")).expect("open");
    vandal.execute("UPDATE segment_chunk SET data = substr(data, 1, 8)", []).expect("spoilt");
    drop(vandal);
    kiosk.begin();
    kiosk.press_all(&["就业", "找工作", "按拼音找", "D", "H", "G"]);
    let mut times = 0;
    kiosk.until("the listings are there again", |kiosk| {
        // Who finds nothing types once more.
        times += 1;
        if times % 20 == 0 {
            kiosk.press_all(&["清空", "D", "H", "G"]);
        }
        kiosk.says("电焊工")
    });
    let aside = fs::read_dir(&data).expect("a directory").flatten();
    let names: Vec<_> =
        aside.map(|entry| entry.file_name().into_string().expect("UTF-8")).collect();
    assert!(names.iter().any(|name| name.starts_with("listings.db.")), "set aside: {names:?}");
}

#[test]
fn a_kiosk_started_without_the_county_serves_what_it_had_and_says_so() {
    let Kiosk { app, mut hall } = Kiosk::open(Hall::new());
    drop(app);
    hall.cut_county();
    let mut kiosk = Kiosk::open_at_once(hall);
    kiosk.begin();
    kiosk.see("现在查不了社保");
    kiosk.until("cached postings", |kiosk| kiosk.app.state().machine.summary.postings > 0);
    kiosk.press("社保");
    kiosk.see("现在查不了社保");
    assert!(kiosk.says("编号 L") && kiosk.says("再试一次"), "{:?}", kiosk.labels());
    kiosk.press("首页");
    kiosk.press_all(&["就业", "找工作", "全部岗位"]);
    kiosk.see("离本镇近的在前");
    // The county comes back, and one press finds it.
    kiosk.press("首页");
    kiosk.press("社保");
    kiosk.see("现在查不了社保");
    kiosk.hall.serve_county();
    kiosk.press("再试一次");
    kiosk.see("把身份证平放在读卡区");
    kiosk.until("the line is up", |kiosk| kiosk.app.state().machine.link == LinkStatus::Up);
}

#[test]
fn a_county_killed_in_the_middle_of_a_question_needs_nobodys_help() {
    let mut kiosk = Kiosk::open(Hall::new());
    kiosk.hall.gate.shut();
    kiosk.lay("a");
    kiosk.see("正在查询，请稍等");
    kiosk.hall.cut_county();
    kiosk.see("编号 L");
    kiosk.lift();
    kiosk.hall.serve_county();
    kiosk.hall.gate.open();
    kiosk.lay("e");
    kiosk.see("资格认证过期");
    kiosk.lift();
    kiosk.pension_visit();
}

#[test]
fn an_unplugged_reader_is_told_and_works_again_when_it_is_back() {
    let mut kiosk = Kiosk::open(Hall::new());
    kiosk.lay("a");
    kiosk.see("243.00");
    kiosk.hall.reader.unplug();
    kiosk.see("按一下屏幕就开始");
    kiosk.hall.reader.lift();
    kiosk.begin();
    kiosk.press("社保");
    kiosk.see("现在读不了卡");
    assert!(kiosk.says("编号 R01") && kiosk.says("请到 2 号窗口"), "{:?}", kiosk.labels());
    assert!(!kiosk.says("没带"), "a card would not help");
    assert!(!kiosk.says("243.00"));
    kiosk.hall.reader.replug().expect("a pseudo-terminal");
    kiosk.see("把身份证平放在读卡区");
    kiosk.lay("a");
    kiosk.see("243.00");
    kiosk.lift();
    kiosk.pension_visit();
}

#[test]
fn listings_that_the_county_did_not_sign_are_refused_and_the_desk_knows_why() {
    let mut hall = Hall::new();
    let stranger = hall.data().join("stranger");
    fs::create_dir(&stranger).expect("a directory");
    FeedKey::open_or_create(&stranger).expect("a key of somebody else");
    hall.settings.link.feed_key = signing::public_path(&stranger);
    let mut kiosk = Kiosk::open_at_once(hall);
    kiosk.until("every collection was refused", |kiosk| {
        let collections = &kiosk.app.state().machine.refresh.collections;
        collections.iter().all(|one| one.failed == Some(Stop::FeedForged))
    });
    kiosk.until("the refresh has ended", |kiosk| {
        let refresh = &kiosk.app.state().machine.refresh;
        !refresh.running && refresh.failed == Some(Stop::FeedForged)
    });
    assert_eq!(kiosk.app.state().machine.summary.postings, 0);
    // The line itself is well.
    kiosk.until("the line is up", |kiosk| kiosk.app.state().machine.link == LinkStatus::Up);
}

#[test]
fn a_wrong_clock_is_put_right_before_a_query_fails_for_it() {
    let mut hall = Hall::new();
    hall.cut_county();
    hall.clock = another_day();
    // The machine's clock is far from the county's day, and nobody could tell it so far.
    let mut kiosk = Kiosk::open_at(hall, Clock::System);
    kiosk.until("the reader is there", |kiosk| {
        kiosk.app.state().machine.reader == kiosk_devices::card::ReaderStatus::Ready
    });
    kiosk.lay("a");
    kiosk.see("编号");
    kiosk.hall.serve_county();
    kiosk.press("再试一次");
    kiosk.see("每月养老金");
}

#[test]
fn a_damaged_cache_is_set_aside_and_filled_again() {
    let hall = Hall::new();
    let database = hall.settings.listings.database.clone();
    let directory = database.parent().expect("in the data directory").to_owned();
    fs::create_dir_all(&directory).expect("a directory");
    let mut file = fs::File::create(&database).expect("a file");
    file.write_all(b"SQLite format 3\0").expect("written");
    file.write_all(&[0xA5; 20_000]).expect("written");
    drop(file);
    let mut kiosk = Kiosk::open(hall);
    let names = fs::read_dir(&directory).expect("readable");
    let damaged = names
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.to_string_lossy().contains("damaged"))
        .expect("the damaged file is kept for the maintainers");
    assert_eq!(fs::read(&damaged).expect("readable")[16..], [0xA5; 20_000]);
    assert_eq!(kiosk.app.state().machine.refresh.failed, None::<Stop>);
    kiosk.begin();
    kiosk.press_all(&["就业", "找工作", "按拼音找", "D", "H", "G"]);
    kiosk.see("电焊工");
}

#[test]
fn the_countys_date_is_shown_whatever_the_machines_clock_says() {
    let shown = |kiosk: &Kiosk| kiosk.app.state().machine.wall.date();
    let mut hall = Hall::new();
    hall.cut_county();
    hall.clock = another_day();
    hall.serve_county();
    let county = hall.clock.today();
    let mut kiosk = Kiosk::open_at(hall, Clock::System);
    kiosk.until("the county says what day it is", |kiosk| {
        kiosk.app.state().machine.link == LinkStatus::Up && shown(kiosk) == county
    });
    // Without the county the date goes on from there.
    kiosk.hall.cut_county();
    kiosk.begin();
    assert_eq!(shown(&kiosk), county);
    let said = format!("{}月{}日", county.month(), county.day());
    assert!(kiosk.says(&said), "{:?}", kiosk.labels());
}

/// A clock within a day of the machine's, by which it is another date in the town: one that is further
/// off would have to be judged.
fn another_day() -> Clock {
    let now = jiff::Timestamp::now();
    let hours = if kiosk_base::clock::wall(now).hour() < 23 { -23 } else { 2 };
    Clock::Fixed(now + jiff::SignedDuration::from_hours(hours))
}
