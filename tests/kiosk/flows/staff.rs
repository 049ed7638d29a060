//! The staff's way in and their page.

use std::time::Duration;

use kiosk_base::{domain::Stop, wire::Collection};
use kiosk_county::{Listings, content::Content};
use kiosk_devices::card::ReaderStatus;
use renshe_kiosk::{
    staff::{Pin, StaffCards, pin},
    visit::{Event, Page, Press, staff},
};

use tempfile::TempDir;

use crate::support::kiosk::{Hall, Kiosk, clock, shipped};

const PIN: &str = "204816";

/// A kiosk whose staff have a PIN.
fn kiosk() -> Kiosk {
    let hall = Hall::new();
    pin::set(&hall.settings.staff, &Pin::parse(PIN).expect("a good PIN")).expect("set");
    Kiosk::open(hall)
}

/// Holds the town's name on the home page.
fn hold(kiosk: &mut Kiosk, time: Duration) {
    let name = kiosk.element("泸县福集镇");
    let (x, y) = (name.x + 40.0, name.y + name.height / 2.0);
    kiosk.app.screen().touch_for(x, y, time);
    kiosk.app.pump();
}

fn enter(kiosk: &mut Kiosk, digits: &str) {
    for digit in digits.chars() {
        kiosk.press(&digit.to_string());
    }
    kiosk.press("确定");
}

#[test]
fn the_towns_name_held_the_pin_and_the_page() {
    let mut kiosk = kiosk();
    kiosk.begin();
    hold(&mut kiosk, Duration::from_millis(2_500));
    assert_eq!(kiosk.app.state().page(), Some(&Page::Home), "three seconds are asked for");
    hold(&mut kiosk, Duration::from_millis(3_200));
    kiosk.see("请输入管理密码");
    enter(&mut kiosk, "111222");
    kiosk.see("管理密码不对");
    enter(&mut kiosk, PIN);
    kiosk.see("立即更新");

    // The report of this machine.
    kiosk.press("本机检查");
    kiosk.see("重新检查");
    kiosk.see("读卡器");
    let rows = kiosk.labels().iter().filter(|label| label.starts_with("正常")).count();
    assert!(rows >= 3, "{:?}", kiosk.labels());
    kiosk.press("返回");

    // What the county takes back is gone after a refresh, and the refresh tells how far it is.
    let before = kiosk.app.state().machine.summary.postings;
    assert!(kiosk.says(&format!("{before} 条")), "{:?}", kiosk.labels());
    let file = shipped().join("demo/postings.json");
    let content = Content::read(Collection::Postings, &file).expect("the shipped postings");
    let mut listings = content.moved_to(clock().today());
    let Listings::Postings(items) = &mut listings else { panic!("postings were read") };
    items.truncate(items.len() - 7);
    let fewer = items.len();
    let mut still_fewer = items.clone();
    still_fewer.truncate(fewer - 7);
    assert!(fewer < usize::try_from(before).expect("a count"));
    kiosk.hall.feed().publish(listings).expect("published");
    kiosk.press("立即更新");
    kiosk.see(&format!("{fewer} 条"));
    // Once more, ordered past the button, so that no event is taken in unseen.
    let listings = Listings::Postings(still_fewer);
    kiosk.hall.feed().publish(listings).expect("published");
    kiosk.until("no refresh is running", |kiosk| !kiosk.app.state().machine.refresh.running);
    kiosk.app.take(Event::Press(Press::Staff(staff::Press::Refresh)));
    let mut told = Vec::new();
    kiosk.follow("the refresh is over", |state| {
        let refresh = &state.machine.refresh;
        if refresh.running {
            told.extend(refresh.collections.iter().map(|row| (row.done, row.total)));
        }
        !told.is_empty() && !refresh.running
    });
    assert!(told.iter().any(|(done, total)| *done > 0 && done <= total), "{told:?}");
    kiosk.see(&format!("{} 条", fewer - 7));
    assert!(kiosk.says("上次更新 11月23日 9:10"));

    kiosk.press("结束");
    kiosk.see("按一下屏幕就开始");
    kiosk.begin();
    assert!(!kiosk.says("立即更新"));
    kiosk.press("结束");
    kiosk.pension_visit();
}

#[test]
fn too_many_wrong_pins_are_told_with_the_seconds_to_wait() {
    let mut kiosk = kiosk();
    kiosk.begin();
    hold(&mut kiosk, Duration::from_millis(3_200));
    for _ in 0..4 {
        enter(&mut kiosk, "111222");
        kiosk.see("管理密码不对");
    }
    enter(&mut kiosk, "111222");
    kiosk.see("请等 15 秒");
    // The right one does not help before its time.
    enter(&mut kiosk, PIN);
    kiosk.see("暂时锁定");
    assert!(!kiosk.says("立即更新"));
}

#[test]
fn a_held_name_does_nothing_while_a_resident_is_known() {
    let mut kiosk = kiosk();
    kiosk.lay("a");
    kiosk.see("243.00");
    kiosk.press("首页");
    kiosk.see("您想办什么事");
    hold(&mut kiosk, Duration::from_millis(3_200));
    assert_eq!(kiosk.app.state().page(), Some(&Page::Home));
}

#[test]
fn a_card_of_the_staff_asks_for_the_pin_and_no_account() {
    let mut kiosk = kiosk();
    let mut cards = StaffCards::load(kiosk.hall.settings.staff.clone()).expect("no cards yet");
    assert!(cards.add(&kiosk.hall.document("d").number()).expect("stored"));
    kiosk.lay("d");
    kiosk.see("请输入管理密码");
    kiosk.hall.reader.lift();
    kiosk.until("the card is gone", |kiosk| !kiosk.app.state().machine.cards.any());
    enter(&mut kiosk, PIN);
    kiosk.see("立即更新");
    kiosk.press("结束");
    // Everybody else's card is a resident's.
    kiosk.pension_visit();
}

#[test]
fn a_town_pins_and_hides_postings_and_takes_it_back() {
    let mut kiosk = kiosk();
    let desk = |kiosk: &mut Kiosk| {
        kiosk.begin();
        hold(kiosk, Duration::from_millis(3_200));
        kiosk.see("请输入管理密码");
        enter(kiosk, PIN);
        kiosk.see("立即更新");
    };
    let list = |kiosk: &mut Kiosk| {
        kiosk.press("全部岗位");
        kiosk.see("第 1 页");
        kiosk.until("postings", |kiosk| !rows(kiosk).is_empty());
        rows(kiosk)
    };
    desk(&mut kiosk);
    kiosk.press("管理岗位");
    let before = list(&mut kiosk);
    kiosk.press(&before[0]);
    kiosk.press("隐藏");
    kiosk.see("恢复显示");
    kiosk.press("返回");
    kiosk.until("the hidden one is gone", |kiosk| rows(kiosk).first() == before.get(1));
    kiosk.press(&before[2]);
    kiosk.press("置顶");
    kiosk.see("取消置顶");
    kiosk.press("结束");

    // So residents see it.
    kiosk.begin();
    kiosk.press_all(&["就业", "找工作"]);
    let seen = list(&mut kiosk);
    assert_eq!((&seen[0], &seen[1]), (&before[2], &before[1]));
    kiosk.press(&seen[0]);
    kiosk.see("加入对比");
    assert!(!kiosk.says("置顶"), "only the staff may");
    kiosk.press("结束");

    // And the staff take it back.
    desk(&mut kiosk);
    kiosk.press("已置顶、已隐藏：2");
    kiosk.press("恢复显示：");
    kiosk.until("one mark is left", |kiosk| kiosk.app.state().machine.summary.marks.len() == 1);
    kiosk.press("取消置顶：");
    kiosk.see("没有置顶或隐藏的岗位");
    kiosk.press("返回");
    kiosk.press("管理岗位");
    assert_eq!(list(&mut kiosk), before);
}

/// The rows of the list of postings, in order.
fn rows(kiosk: &Kiosk) -> Vec<String> {
    let labels = kiosk.labels();
    labels.into_iter().filter(|label| label.split('，').count() >= 4).collect()
}

#[test]
fn the_staff_see_that_the_slot_is_out_of_service() {
    let hall = Hall::new().with_slot();
    pin::set(&hall.settings.staff, &Pin::parse(PIN).expect("a good PIN")).expect("set");
    let mut kiosk = Kiosk::open(hall);
    let check = |kiosk: &mut Kiosk| {
        kiosk.begin();
        hold(kiosk, Duration::from_millis(3_200));
        kiosk.see("请输入管理密码");
        enter(kiosk, PIN);
        kiosk.press("本机检查");
        kiosk.see("重新检查");
        kiosk.until("a row about the slot", |kiosk| {
            if kiosk.says("社保卡卡槽") {
                return true;
            }
            kiosk.app.screen().press("下一页");
            false
        });
    };
    check(&mut kiosk);
    assert!(kiosk.says("卡槽应答正常"), "{:?}", kiosk.labels());
    kiosk.press("结束");
    kiosk.see("按一下屏幕就开始");
    kiosk.hall.slot.fail(Stop::ReaderAbsent);
    kiosk.until("the kiosk knows", |kiosk| {
        kiosk.app.state().machine.slot == Some(ReaderStatus::Down(Stop::ReaderAbsent))
    });
    check(&mut kiosk);
    assert!(kiosk.says("R01") && !kiosk.says("卡槽应答正常"), "{:?}", kiosk.labels());
}

/// A clerk's sheet as Excel saves it as CSV in China: GBK.
fn sheet() -> Vec<u8> {
    let text = "岗位名称,用人单位,招聘人数,工资,工作地点,工作内容,要求\r\n\
                测试叉车工,测试仓库,2,4500-6000元/月,福集镇测试路1号,开叉车,有叉车证\r\n\
                测试保洁员,测试物业,3,面议,福集镇测试路2号,打扫,限女性\r\n\
                测试厨师,,1,5000元/月,福集镇测试路3号,炒菜,会川菜\r\n";
    encoding_rs::GBK.encode(text).0.into_owned()
}

/// The staff's page of a kiosk in which a stick has the clerk's sheet, and another file.
fn with_a_stick() -> (Kiosk, TempDir) {
    let stick = tempfile::tempdir().expect("a directory");
    let folder = stick.path().join("U盘/11月");
    std::fs::create_dir_all(&folder).expect("made");
    std::fs::write(folder.join("岗位.csv"), sheet()).expect("written");
    std::fs::write(folder.join("说明.txt"), "今天的会议记录\n").expect("written");
    let mut hall = Hall::new();
    hall.settings.listings.sticks = stick.path().to_owned();
    pin::set(&hall.settings.staff, &Pin::parse(PIN).expect("a good PIN")).expect("set");
    let mut kiosk = Kiosk::open(hall);
    kiosk.begin();
    hold(&mut kiosk, Duration::from_millis(3_200));
    kiosk.see("请输入管理密码");
    enter(&mut kiosk, PIN);
    kiosk.see("立即更新");
    (kiosk, stick)
}

/// A hold, the PIN, and three touches: what was found for the market day is on the kiosk.
#[test]
fn an_import_takes_a_hold_the_pin_and_three_touches() {
    let (mut kiosk, _stick) = with_a_stick();
    for touch in ["U盘导入", "岗位.csv", "导入这 2 条"] {
        kiosk.press(touch);
    }
    kiosk.see("已导入 2 条");
}

#[test]
fn a_clerk_imports_a_sheet_from_a_stick_after_seeing_what_will_happen() {
    let (mut kiosk, _stick) = with_a_stick();
    let before = kiosk.app.state().machine.summary.postings;

    // A file that is no sheet of postings says so, and one goes on.
    kiosk.press("U盘导入");
    kiosk.press("说明.txt");
    kiosk.see("认不出表头");
    kiosk.press("返回");
    kiosk.press("岗位.csv");
    kiosk.see("导入这 2 条");
    for words in ["可导入 2", "不能用 1", "第 4 行“用人单位”：没有填", "依法不能作条件"]
    {
        assert!(kiosk.says(words), "{words}: {:?}", kiosk.labels());
    }
    assert_eq!(kiosk.app.state().machine.summary.postings, before, "nothing is kept yet");
    kiosk.press("导入这 2 条");
    kiosk.see("已导入 2 条");
    kiosk.until("the county's and the town's", |kiosk| {
        kiosk.app.state().machine.summary.postings == before + 2
    });
    kiosk.press("结束");

    // A resident finds them, without the condition that the law forbids.
    kiosk.begin();
    kiosk.press_all(&["就业", "找工作", "按拼音找"]);
    kiosk.press_all(&["C", "S", "B", "J"]);
    kiosk.press("测试保洁员");
    kiosk.see("测试物业");
    assert!(!kiosk.says("限女性") && !kiosk.says("女性"), "{:?}", kiosk.labels());
}
