//! Looking around without a card.

use std::collections::BTreeSet;

use kiosk_base::{
    domain::{DivisionCode, Posting},
    wire::Collection,
};
use kiosk_county::{Listings, content::Content};
use renshe_kiosk::{
    screen::headless::Role,
    visit::{
        fit::{MapRoom, TextSize},
        map::{self, MarkKind},
    },
};

use crate::support::kiosk::{Hall, Kiosk, clock, shipped};

#[test]
fn a_job_is_found_by_initials_read_and_taken_away() {
    let mut kiosk = Kiosk::open(Hall::new());
    kiosk.begin();
    kiosk.press_all(&["就业", "找工作"]);
    kiosk.see("全部岗位");
    kiosk.press("按拼音找");
    kiosk.press_all(&["D", "H", "G"]);
    kiosk.see("电焊工");
    assert!(kiosk.says("已按：dhg") || kiosk.says("已按：DHG"), "{:?}", kiosk.labels());
    kiosk.press("看这");
    kiosk.until("the list shows only what was found", |kiosk| {
        let titles = job_titles(kiosk);
        !titles.is_empty() && titles.iter().all(|title| title.contains("电焊工"))
    });
    kiosk.press("电焊工");
    for words in ["岗位详情", "用人单位", "招聘人数", "工作内容", "带走"] {
        kiosk.see(words);
    }
    kiosk.press("带走");
    kiosk.see("用手机扫一扫");
    let code = kiosk.element("二维码，用手机扫");
    assert!(code.width >= 400.0 && (code.width - code.height).abs() < 1.0, "{code:?}");
    kiosk.press("返回");
    kiosk.press("返回");
    kiosk.press("清空");
    kiosk.until("the list shows others, too", |kiosk| {
        job_titles(kiosk).iter().any(|title| !title.contains("电焊工"))
    });
}

#[test]
fn a_swipe_over_the_list_turns_its_page_and_opens_nothing() {
    let mut kiosk = Kiosk::open(Hall::new());
    kiosk.begin();
    kiosk.press_all(&["就业", "找工作", "全部岗位"]);
    kiosk.see("第 1 页");
    kiosk.until("postings", |kiosk| !job_titles(kiosk).is_empty());
    let first = jobs(&kiosk);
    let mut shown = first.clone();
    // From one card, from between, by hand and by mouse: all the same.
    for (from, way, page) in [
        ((800.0, 700.0), (-500.0, 40.0), "第 2 页"),
        ((540.0, 1200.0), (30.0, -400.0), "第 3 页"),
        ((540.0, 700.0), (-30.0, 400.0), "第 2 页"),
        ((200.0, 1000.0), (500.0, -20.0), "第 1 页"),
    ] {
        kiosk.app.screen().drag(from, way);
        kiosk.app.pump();
        kiosk.see(page);
        // The number is there at once; what it is the number of may come a moment later.
        kiosk.until("its postings", |kiosk| !jobs(kiosk).is_empty() && jobs(kiosk) != shown);
        shown = jobs(&kiosk);
        assert!(!kiosk.says("岗位详情"));
    }
    assert_eq!(shown, first);
    // The first page has none before it; a slip of the finger does nothing.
    kiosk.app.screen().drag((200.0, 1000.0), (500.0, 0.0));
    kiosk.app.screen().drag((540.0, 700.0), (40.0, 0.0));
    kiosk.app.pump();
    assert!(kiosk.says("第 1 页") && !kiosk.says("岗位详情"));
}

#[test]
fn the_list_of_jobs_is_paged_and_filtered_by_town() {
    let mut kiosk = Kiosk::open(Hall::new());
    kiosk.begin();
    kiosk.press_all(&["就业", "找工作"]);
    kiosk.press("全部岗位");
    kiosk.see("第 1 页");
    kiosk.until("postings", |kiosk| !job_titles(kiosk).is_empty());
    let first = jobs(&kiosk);
    kiosk.press("下一页");
    kiosk.until("another page", |kiosk| !jobs(kiosk).is_empty() && jobs(kiosk).is_disjoint(&first));
    kiosk.see("第 2 页");
    kiosk.press("上一页");
    kiosk.until("the first page again", |kiosk| jobs(kiosk) == first);
    kiosk.press("筛选");
    kiosk.press("地点");
    kiosk.press("玄滩镇");
    kiosk.see("地点：玄滩镇");
    kiosk.press("看这");
    kiosk.until("only this town", |kiosk| {
        let jobs = jobs(kiosk);
        !jobs.is_empty() && jobs.iter().all(|label| label.ends_with("玄滩镇"))
    });
    kiosk.press("筛选（1）");
    kiosk.press("清空条件");
    kiosk.press("看这");
    kiosk.until("everything again", |kiosk| jobs(kiosk) == first);
}

#[test]
fn work_is_found_by_tiles_and_filters_alone_and_two_postings_are_compared() {
    let mut kiosk = Kiosk::open(Hall::new());
    kiosk.begin();
    kiosk.press_all(&["就业", "找工作"]);
    kiosk.see("焊工机修，");
    let all = count(&kiosk, "全部岗位，").expect("a count");
    kiosk.press("本镇");
    kiosk.until("fewer in the own town", |kiosk| {
        count(kiosk, "全部岗位，").is_some_and(|fewer| fewer > 0 && fewer < all)
    });
    kiosk.press("本镇");
    kiosk.until("all of them again", |kiosk| count(kiosk, "全部岗位，") == Some(all));
    kiosk.press("工资不限");
    kiosk.press("5千以上");
    kiosk.until("only the better paid", |kiosk| {
        count(kiosk, "全部岗位，").is_some_and(|fewer| fewer > 0 && fewer < all)
    });
    let welders = count(&kiosk, "焊工机修，").expect("a count");
    kiosk.press("焊工机修，");
    kiosk.see(&format!("{welders} 个岗位"));
    assert_eq!(kiosk.app.screen().elements()[0].label, "焊工机修", "what the list is of");

    kiosk.press("筛选");
    kiosk.press("吃住");
    kiosk.press("包吃住");
    kiosk.see("吃住：包吃住");
    assert!(kiosk.says("工资：5千以上") && kiosk.says("工种：焊工机修"), "{:?}", kiosk.labels());
    kiosk.press("看这");
    kiosk.see("筛选（2）");
    kiosk.until("postings", |kiosk| job_titles(kiosk).len() > 1);
    let titles = job_titles(&kiosk);
    kiosk.press(&titles[0]);
    kiosk.press("加入对比");
    kiosk.see("已加入，再选一个");
    kiosk.press("返回");
    let rows = jobs(&kiosk);
    let other = rows.iter().find(|label| !label.starts_with(&titles[0])).expect("another");
    kiosk.press(other);
    kiosk.press("和上一个对比");
    kiosk.see("看这个岗位");
    assert!(kiosk.says(&titles[0]) && kiosk.says("包吃包住"), "{:?}", kiosk.labels());
    kiosk.press("看这个岗位");
    kiosk.see("岗位详情");
    kiosk.see("已加入");
}

#[test]
fn a_question_without_an_answer_offers_what_is_nearest() {
    let mut kiosk = Kiosk::open(Hall::new());
    kiosk.begin();
    kiosk.press_all(&["就业", "找工作", "按拼音找"]);
    kiosk.press_all(&["D", "H", "G", "X", "X"]);
    kiosk.see("看看相近的");
    kiosk.press("看相近的");
    kiosk.until("welders", |kiosk| {
        let titles = job_titles(kiosk);
        !titles.is_empty() && titles.iter().all(|title| title.contains("电焊工"))
    });
}

#[test]
fn a_fair_is_found_on_its_month_sheet() {
    let mut kiosk = Kiosk::open(Hall::new());
    kiosk.begin();
    kiosk.press_all(&["就业", "招聘会"]);
    kiosk.see("2026 年 11 月");
    kiosk.press("28 日，1 场招聘会");
    for words in ["福集镇赶场日招聘会", "来的单位", "福集老灶火锅店", "2026年11月28日"]
    {
        kiosk.see(words);
    }
    kiosk.press("返回");
    kiosk.press("下月");
    kiosk.see("2026 年 12 月");
    kiosk.press("12月5日 9:30–14:00，返乡农民工专场");
    kiosk.see("免费客车");
}

#[test]
fn training_guides_boards_rights_and_help_are_open_to_everybody() {
    let mut kiosk = Kiosk::open(Hall::new());
    kiosk.begin();
    kiosk.press_all(&["就业", "学技术"]);
    kiosk.see("报名");
    let notice = buttons(&kiosk).into_iter().find(|label| label.contains("还能报名"));
    kiosk.press(&notice.expect("a notice one can enrol for"));
    kiosk.see("培训详情");
    assert!(kiosk.says("报名"), "{:?}", kiosk.labels());
    kiosk.press("首页");
    kiosk.press_all(&["办事指南", "失业登记"]);
    kiosk.see("带什么");
    kiosk.press("首页");
    kiosk.press_all(&["公示栏", "服务中心工作职责"]);
    kiosk.see("服务中心工作职责");
    kiosk.press("首页");
    kiosk.press("维权");
    kiosk.see("3 号窗口");
    kiosk.press("投诉和调解怎么办");
    kiosk.press("拖欠工资投诉");
    kiosk.see("怎么办");
    kiosk.press("帮助");
    kiosk.see("12333");
    assert!(kiosk.says("2 号窗口") && kiosk.says("0830-8999100"));
    kiosk.press("返回");
    kiosk.see("拖欠工资投诉");
    kiosk.press("结束");
    kiosk.see("按一下屏幕就开始");
}

#[test]
fn large_text_and_high_contrast_end_with_the_visit() {
    let mut kiosk = Kiosk::open(Hall::new());
    kiosk.begin();
    let normal = kiosk.element("您想办什么事？").height;
    let plain = picture(&kiosk);
    kiosk.press("特大");
    assert!(kiosk.element("您想办什么事？").height > normal);
    kiosk.press("颜色");
    assert_ne!(picture(&kiosk), plain);
    kiosk.press("结束");
    kiosk.begin();
    assert!((kiosk.element("您想办什么事？").height - normal).abs() < 0.5);
    assert_eq!(picture(&kiosk), plain);
}

/// Who sits before a screen that hangs high, or is a child.
#[test]
fn what_is_pressed_is_brought_down_for_who_sits() {
    let mut hall = Hall::new();
    hall.settings.screen.bottom_mm = 800;
    let mut kiosk = Kiosk::open(hall);
    let glass = kiosk.hall.settings.screen;
    let room = kiosk.app.screen().show_scaled(1_080, 1_920, glass.scales()).expect("shown");
    kiosk.app.resize(room);
    kiosk.begin();
    let highest = |kiosk: &Kiosk| {
        let elements = kiosk.app.screen().elements();
        let buttons = elements.iter().filter(|element| element.role == Role::Button);
        buttons.map(|button| button.y).fold(f32::MAX, f32::min)
    };
    let above = room.at(TextSize::Standard, true).above;
    assert!(highest(&kiosk) < above && above > 400.0, "{above}");
    kiosk.press("放低");
    assert!(highest(&kiosk) >= above, "{} {above}", highest(&kiosk));
    kiosk.press_all(&["就业", "找工作"]);
    kiosk.see("全部岗位");
    assert!(highest(&kiosk) >= above);
    kiosk.press("结束");
    kiosk.begin();
    assert!(highest(&kiosk) < above);
}

/// Who reads no Chinese is told what to do, and nobody after him in his language.
#[test]
fn english_is_spoken_until_the_visit_ends() {
    let mut kiosk = Kiosk::open(Hall::new());
    kiosk.begin();
    kiosk.press("English");
    for words in ["What do you need?", "Work", "Insurance", "Help", "中文"] {
        kiosk.see(words);
    }
    kiosk.press_all(&["Work", "Jobs"]);
    kiosk.press("All jobs");
    kiosk.see("Page 1");
    kiosk.press("中文");
    kiosk.see("第 1 页");
    kiosk.press("English");
    kiosk.see("Page 1");
    kiosk.press("End");
    kiosk.begin();
    assert!(kiosk.says("您想办什么事？") && kiosk.says("English") && !kiosk.says("Help"));
}

fn picture(kiosk: &Kiosk) -> Vec<u8> {
    kiosk.app.screen().picture().expect("a picture").as_bytes().to_vec()
}

fn buttons(kiosk: &Kiosk) -> Vec<String> {
    let elements = kiosk.app.screen().elements();
    elements.into_iter().filter(|e| e.role == Role::Button).map(|e| e.label).collect()
}

/// The rows of the list of postings: title, wage, employer, place.
fn jobs(kiosk: &Kiosk) -> BTreeSet<String> {
    buttons(kiosk).into_iter().filter(|label| label.split('，').count() >= 4).collect()
}

fn job_titles(kiosk: &Kiosk) -> Vec<String> {
    let title = |label: String| label.split('，').next().unwrap_or_default().to_owned();
    jobs(kiosk).into_iter().map(title).collect()
}

/// The count that the button whose label begins so says, once it is there.
fn count(kiosk: &Kiosk, beginning: &str) -> Option<usize> {
    let label = buttons(kiosk).into_iter().find(|label| label.starts_with(beginning));
    label?.chars().filter(char::is_ascii_digit).collect::<String>().parse().ok()
}

/// Where a job is, among the towns whose place somebody has measured.
#[test]
fn a_map_shows_the_hall_the_job_and_what_lies_around() {
    let kiosk = Kiosk::open(Hall::new());
    let machine = &kiosk.app.state().machine;
    let file = shipped().join("demo/postings.json");
    let content = Content::read(Collection::Postings, &file).expect("the shipped postings");
    let Listings::Postings(postings) = content.moved_to(clock().today()) else {
        panic!("postings were read")
    };
    let at = |code: &str| Posting {
        division: Some(DivisionCode::parse(code).expect("a code")),
        ..postings[0].clone()
    };
    let room = MapRoom { across: 22.0, down: 20.0 };
    // 太伏镇, a village of it, the own town, a town that nobody has measured, and Shanghai.
    let map = map::of(machine, &at("510521108"), room).expect("a map");
    assert_eq!(map::of(machine, &at("510521108201"), room), Some(map.clone()));
    for code in ["510521100", "510521101", "310000"] {
        assert_eq!(map::of(machine, &at(code), room), None, "{code}");
        assert!(!map::is_near(machine, &at(code)));
    }
    let of = |kind| map.marks.iter().find(|mark| mark.kind == kind).expect("a mark");
    let (hall, place) = (of(MarkKind::Hall), of(MarkKind::Place));
    assert_eq!((hall.name.as_str(), place.name.as_str()), ("福集镇", "太伏镇"));
    assert!(hall.named.is_some() && place.named.is_some());
    // South-east is to the right and below.
    assert!(place.at.x > hall.at.x && place.at.y > hall.at.y, "{map:?}");
    let names: Vec<_> = map.marks.iter().map(|mark| mark.name.as_str()).collect();
    assert!(names.contains(&"云锦镇") && names.contains(&"泸州市"), "{names:?}");
    assert_eq!(map.unmeasured, 16);
    assert_eq!(map.sources.iter().collect::<Vec<_>>(), ["GeoNames (CC BY 4.0)"]);
    // What the bar says is what lies between the two.
    let far = (place.at.x - hall.at.x).hypot(place.at.y - hall.at.y);
    let km = far / map.bar * map.bar_km as f32;
    assert!((km - map.away.km as f32).abs() < 1.0, "{km} {:?}", map.away);
}
