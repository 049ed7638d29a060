//! From the card to the account.

use std::time::Duration;

use jiff::civil::date;
use renshe_kiosk::domain::document::Validity;

use crate::support::kiosk::{Hall, Kiosk, card_of, changed};

#[test]
fn a_pensioner_lays_the_card_reads_everything_and_lifts_it() {
    let mut kiosk = Kiosk::open(Hall::new());
    kiosk.begin();
    kiosk.press("社保");
    kiosk.see("把身份证平放在读卡区");
    kiosk.lay("a");
    kiosk.see("每月养老金");
    for words in ["测＊＊", "5105＊＊＊＊0015", "243.00", "正常领取", "还有 40 天要做资格认证"]
    {
        assert!(kiosk.says(words), "{words}: {:?}", kiosk.labels());
    }
    assert!(!kiosk.says("测试国") && !kiosk.says("510599195908160015"));
    kiosk.press("显示");
    kiosk.see("测试国");
    assert!(kiosk.says("510599195908160015"));
    kiosk.press("隐藏");
    assert!(!kiosk.says("测试国"));

    kiosk.press_all(&["更多", "每年缴费"]);
    kiosk.see("累计缴 180 个月");
    assert!(kiosk.says("2019 年") && kiosk.says("13,900.00"));
    kiosk.press("下一页");
    kiosk.until("older years", |kiosk| !kiosk.says("2019 年"));
    kiosk.press_all(&["返回", "返回"]);
    kiosk.press("怎么认证");
    kiosk.see("养老金资格认证");
    kiosk.press("返回");
    kiosk.press("全部险种");
    kiosk.press("城乡居民医疗保险");
    kiosk.see("按时缴费就行");
    kiosk.lift();
}

#[test]
fn a_card_on_the_attract_page_is_enough_and_visits_follow_each_other() {
    let mut kiosk = Kiosk::open(Hall::new());
    for (name, words) in
        [("a", "243.00"), ("e", "资格认证过期"), ("c", "6,847.74"), ("a", "243.00")]
    {
        kiosk.lay(name);
        kiosk.see(words);
        kiosk.lift();
    }
}

#[test]
fn what_was_shown_is_masked_again_after_thirty_seconds() {
    let mut kiosk = Kiosk::open(Hall::new());
    kiosk.lay("a");
    kiosk.press("显示");
    kiosk.see("测试国");
    kiosk.pass(Duration::from_secs(29));
    assert!(kiosk.says("测试国"));
    kiosk.pass(Duration::from_secs(1));
    assert!(!kiosk.says("测试国") && kiosk.says("测＊＊"));
}

#[test]
fn an_idle_visit_is_warned_extended_by_one_touch_and_ended() {
    let mut kiosk = Kiosk::open(Hall::new());
    kiosk.lay("a");
    kiosk.see("243.00");
    kiosk.pass(Duration::from_secs(60));
    assert!(kiosk.says("您还在吗") && kiosk.says("还有 20 秒"), "{:?}", kiosk.labels());
    kiosk.pass(Duration::from_secs(5));
    assert!(kiosk.says("还有 15 秒"));
    kiosk.press("我还在，继续使用");
    assert!(!kiosk.says("您还在吗") && kiosk.says("243.00"));
    kiosk.pass(Duration::from_secs(79));
    assert!(kiosk.says("还有 1 秒"));
    kiosk.pass(Duration::from_secs(1));
    assert!(kiosk.app.state().visit.is_none());
    assert!(!kiosk.says("243.00") && kiosk.says("摸一下屏幕就开始"));
}

#[test]
fn somebody_the_core_system_does_not_know_is_sent_to_the_window() {
    let mut kiosk = Kiosk::open(Hall::new());
    let stranger = card_of(kiosk.hall.document("a"), "测试生人", "510599198507150012");
    kiosk.lay_card(&stranger);
    kiosk.see("故障代码 P01");
    assert!(kiosk.says("没有找到您的参保记录") && !kiosk.says("测试生人"));
    kiosk.lift();
    kiosk.pension_visit();
}

#[test]
fn a_name_that_does_not_belong_to_the_number_shows_nothing() {
    let mut kiosk = Kiosk::open(Hall::new());
    let card = kiosk.hall.document("a");
    let number = card.number().expose().to_owned();
    kiosk.lay_card(&card_of(card, "测试冒名", &number));
    kiosk.see("故障代码 P06");
    assert!(!kiosk.says("243.00"));
    kiosk.lift();
    kiosk.pension_visit();
}

#[test]
fn an_expired_card_is_served_and_flagged() {
    let mut kiosk = Kiosk::open(Hall::new());
    let ended = Validity::Until(date(2026, 11, 22));
    let card = changed(kiosk.hall.document("a"), |card| card.valid_until = ended);
    kiosk.lay_card(&card);
    kiosk.see("243.00");
    assert!(kiosk.says("证件已过期"));
    kiosk.lift();
    kiosk.lay("a");
    kiosk.see("243.00");
    assert!(!kiosk.says("证件已过期"));
}

#[test]
fn a_card_lifted_while_the_county_is_asked_leaves_nothing_for_the_next() {
    let mut kiosk = Kiosk::open(Hall::new());
    kiosk.hall.gate.shut();
    kiosk.lay("a");
    kiosk.see("正在查询，请稍等");
    kiosk.lift();
    kiosk.lay("e");
    kiosk.see("正在查询，请稍等");
    kiosk.hall.gate.open();
    kiosk.see("资格认证过期");
    assert!(!kiosk.says("243.00"));
}

#[test]
fn leaving_the_question_leaves_the_card_to_be_laid_again() {
    let mut kiosk = Kiosk::open(Hall::new());
    kiosk.hall.gate.shut();
    kiosk.lay("a");
    kiosk.see("正在查询，请稍等");
    kiosk.press("返回");
    kiosk.see("您想办什么事");
    kiosk.press("社保");
    kiosk.see("请拿起身份证，再放一次");
    kiosk.hall.gate.open();
    kiosk.hall.reader.lift();
    kiosk.see("把身份证平放在读卡区");
    kiosk.lay("a");
    kiosk.see("243.00");
}

#[test]
fn a_card_laid_over_a_guide_leads_to_the_account() {
    let mut kiosk = Kiosk::open(Hall::new());
    kiosk.begin();
    kiosk.press_all(&["社保", "没带身份证"]);
    kiosk.see("办事指南");
    kiosk.press("养老金资格认证");
    kiosk.see("带什么");
    kiosk.lay("a");
    kiosk.see("243.00");
}

#[test]
fn where_the_county_asks_for_a_pin_three_wrong_ones_end_it_and_the_right_one_shows_all() {
    let mut hall = Hall::new();
    hall.ask_for_pin();
    let mut kiosk = Kiosk::open(hall);
    let enter = |kiosk: &mut Kiosk, pin: &str| {
        pin.chars().for_each(|digit| kiosk.press(&digit.to_string()));
        kiosk.press("确定");
    };
    kiosk.lay("a");
    kiosk.see("请输入查询密码");
    for left in ["还可以试 2 次", "还可以试 1 次"] {
        enter(&mut kiosk, "590817");
        kiosk.see(left);
    }
    enter(&mut kiosk, "590817");
    kiosk.see("故障代码 P09");
    assert!(!kiosk.says("再试一次") && !kiosk.says("243.00"), "{:?}", kiosk.labels());
    kiosk.lift();

    kiosk.lay("a");
    kiosk.see("请输入查询密码");
    // A slip of the finger is taken back.
    enter(&mut kiosk, "5");
    kiosk.see("还可以试 2 次");
    "5908177".chars().for_each(|digit| kiosk.press(&digit.to_string()));
    kiosk.press("删除");
    kiosk.press("删除");
    enter(&mut kiosk, "6");
    kiosk.see("243.00");
    kiosk.lift();

    kiosk.lay("b");
    kiosk.see("请输入查询密码");
    enter(&mut kiosk, "123456");
    kiosk.see("故障代码 P10");
    kiosk.lift();
}
