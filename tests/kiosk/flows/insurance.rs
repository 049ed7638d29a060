//! From the card to the account.

use std::time::Duration;

use jiff::civil::date;
use kiosk_base::domain::document::Validity;

use crate::support::kiosk::{Hall, Kiosk, card_of, changed};

#[test]
fn a_pensioner_lays_the_card_reads_everything_and_lifts_it() {
    let mut kiosk = Kiosk::open(Hall::new());
    kiosk.begin();
    kiosk.press("社保");
    kiosk.see("把身份证平放在读卡区");
    kiosk.lay("a");
    kiosk.see("每月养老金");
    for words in ["测＊＊", "5105＊＊＊＊0015", "243.00", "正常发放", "资格认证还剩 40 天"]
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
    assert!(kiosk.says("2019 年") && kiosk.says("5,200.00"));
    kiosk.press("下一页");
    kiosk.until("older years", |kiosk| !kiosk.says("2019 年"));
    kiosk.press_all(&["返回", "返回"]);
    kiosk.press("怎么认证");
    kiosk.see("养老金资格认证");
    kiosk.press("返回");
    kiosk.press("全部险种");
    kiosk.press("城乡居民医疗保险");
    kiosk.see("这里只看得到参保状态");
    assert!(!kiosk.says("不用办手续"));
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
    assert!(kiosk.says("您还在吗") && kiosk.says("没人按，20 秒后退出"), "{:?}", kiosk.labels());
    kiosk.pass(Duration::from_secs(5));
    assert!(kiosk.says("没人按，15 秒后退出"));
    kiosk.press("我还在，继续使用");
    assert!(!kiosk.says("您还在吗") && !kiosk.says("秒") && kiosk.says("243.00"));
    kiosk.pass(Duration::from_secs(79));
    assert!(kiosk.says("没人按，1 秒后退出"));
    kiosk.pass(Duration::from_secs(1));
    assert!(kiosk.app.state().visit.is_none());
    assert!(!kiosk.says("243.00") && kiosk.says("按一下屏幕就开始"));
}

#[test]
fn somebody_the_core_system_does_not_know_is_sent_to_the_window() {
    let mut kiosk = Kiosk::open(Hall::new());
    let stranger = card_of(kiosk.hall.document("a"), "测试生人", "510599198507150012");
    kiosk.lay_card(&stranger);
    kiosk.see("编号 P01");
    assert!(kiosk.says("没有查到您的参保记录") && !kiosk.says("测试生人"));
    // The card lies there: nobody needs to be told what to do without one, or to try again.
    assert!(!kiosk.says("没带") && !kiosk.says("再试一次"), "{:?}", kiosk.labels());
    kiosk.press("到 2 号窗口");
    kiosk.see("社保：2 号窗口");
    kiosk.press_all(&["返回", "怎么办"]);
    kiosk.see("您改过名字，或者换过身份证号码吗？");
    kiosk.press_all(&["没有", "没有", "没有单位"]);
    kiosk.see("居民养老保险参保缴费");
    // Each answer is taken back by itself.
    kiosk.press_all(&["返回", "返回"]);
    kiosk.see("您参加过社保吗？");
    kiosk.lift();
    kiosk.pension_visit();
}

#[test]
fn a_name_that_does_not_belong_to_the_number_shows_nothing() {
    let mut kiosk = Kiosk::open(Hall::new());
    let card = kiosk.hall.document("a");
    let number = card.number().expose().to_owned();
    kiosk.lay_card(&card_of(card, "测试冒名", &number));
    // As for somebody whom the county does not know: a name is not tried out here.
    kiosk.see("编号 P01");
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
    kiosk.see("请拿走身份证，再放一次");
    kiosk.hall.gate.open();
    kiosk.hall.reader.lift();
    kiosk.see("把身份证平放在读卡区");
    kiosk.lay("a");
    kiosk.see("243.00");
}

#[test]
fn without_a_card_one_question_answers_and_a_card_laid_over_it_leads_to_the_account() {
    let mut kiosk = Kiosk::open(Hall::new());
    kiosk.begin();
    kiosk.press_all(&["社保", "没带身份证"]);
    kiosk.see("您带了什么？");
    // There is no slot.
    assert!(!kiosk.says("社保卡"), "{:?}", kiosk.labels());
    kiosk.press("手机");
    kiosk.see("电子社保卡");
    kiosk.press_all(&["返回", "都没带"]);
    kiosk.see("到 2 号窗口，报姓名和身份证号码");
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
    kiosk.see("编号 P09");
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
    kiosk.see("编号 P10");
    kiosk.lift();
}

/// What a page says about one thing: the label, and what stands after it.
fn line(kiosk: &Kiosk, label: &str) -> String {
    let labels = kiosk.labels();
    let at = labels.iter().rposition(|told| told == label);
    let at = at.unwrap_or_else(|| panic!("nothing says {label}: {labels:?}"));
    labels[at + 1..].iter().take(2).map(String::as_str).collect::<Vec<_>>().join("|")
}

#[test]
fn every_sheet_says_in_words_what_the_county_says_in_codes() {
    let mut kiosk = Kiosk::open(Hall::new());
    // Who draws.
    kiosk.lay("a");
    kiosk.see("243.00");
    assert!(kiosk.says("基础养老金 143.00 元 ＋ 个人账户 100.00 元"), "{:?}", kiosk.labels());
    kiosk.press("每月发放");
    kiosk.see("到账 11 个月");
    assert!(kiosk.says("2019年9月起一共 18,335.00 元"), "{:?}", kiosk.labels());
    assert!(line(&kiosk, "1–6月").starts_with("每月 235.00 元|都到账了"), "{:?}", kiosk.labels());
    assert!(line(&kiosk, "7–11月").starts_with("每月 243.00 元|多了 8.00 元，调整待遇"));
    assert!(line(&kiosk, "8月补发").starts_with("48.00 元|1–6月的，调整待遇"));
    // The year before is a page further.
    kiosk.press("下一页");
    kiosk.see("2025 年养老金");
    assert!(line(&kiosk, "1–12月").starts_with("每月 235.00 元|多了 12.00 元，调整待遇"));
    kiosk.press_all(&["返回", "更多", "每一笔发放"]);
    kiosk.see("尾号 0815");
    assert!(line(&kiosk, "2026年11月").starts_with("243.00 元|2026."), "{:?}", kiosk.labels());
    kiosk.until("the month that failed", |kiosk| {
        kiosk.app.screen().press("下一页");
        kiosk.app.pump();
        kiosk.says("没有发成，后来补发了")
    });
    kiosk.press_all(&["返回", "养老金怎么算"]);
    kiosk.see("每月合计");
    assert!(line(&kiosk, "基础养老金").starts_with("143.00 元"));
    assert!(line(&kiosk, "个人账户养老金").starts_with("100.00 元"));
    kiosk.press_all(&["返回", "账户余额明细"]);
    kiosk.see("已经领走");
    for (label, value) in [
        ("自己缴的", "12,400.00 元"),
        ("政府补贴", "820.00 元"),
        ("利息", "680.00 元"),
        ("已经领走", "−8,700.00 元"),
        ("余额", "5,200.00 元"),
        ("2019 年年底", "13,900.00 元"),
    ] {
        assert!(line(&kiosk, label).starts_with(value), "{label}: {:?}", kiosk.labels());
    }
    kiosk.press_all(&["返回", "资格认证"]);
    kiosk.see("上次认证");
    assert!(line(&kiosk, "上次认证").contains("手机"), "{:?}", kiosk.labels());
    assert!(line(&kiosk, "还剩").starts_with("40 天") && kiosk.says("哪个月都可以"));
    kiosk.press_all(&["返回", "社保卡"]);
    kiosk.see("银行账户");
    assert!(line(&kiosk, "社保卡").starts_with("正常"), "{:?}", kiosk.labels());
    kiosk.lift();

    // Who has worked with interruptions and is out of work.
    kiosk.lay("b");
    kiosk.see("失业金还可以领 13 个月");
    kiosk.press("失业金");
    kiosk.see("还可以领");
    for (label, value) in [("失业金", "正在领取"), ("一共可领", "18 个月"), ("已经领了", "5 个月")]
    {
        assert!(line(&kiosk, label).starts_with(value), "{label}: {:?}", kiosk.labels());
    }
    kiosk.press_all(&["返回", "每年缴费", "2025 年"]);
    kiosk.see("没有记录的月份");
    for (label, value) in [
        ("自己缴的", "2,688.00 元"),
        ("单位缴的", "4,704.00 元"),
        ("进个人账户", "2,688.00 元"),
        ("缴费地", "广东省东莞市"),
        ("实际到账月数", "7 个月"),
        ("没有记录的月份", "8–12 月"),
    ] {
        assert!(line(&kiosk, label).starts_with(value), "{label}: {:?}", kiosk.labels());
    }
    kiosk.press("返回");
    kiosk.until("the years in between", |kiosk| {
        kiosk.app.screen().press("下一页");
        kiosk.app.pump();
        kiosk.says("2014–2015 年") && kiosk.says("没有缴费记录")
    });
    kiosk.press_all(&["返回", "全部险种", "城镇职工养老保险", "每月缴费"]);
    kiosk.see("基数 4,800，单位 672");
    kiosk.lift();

    // Who pays, and has not seen this year's money arrive.
    kiosk.lay("c");
    kiosk.see("2026 年 1,000.00 元，还没有到账");
    for words in [
        "2027年6月满 60 岁",
        "缴满 15 年的，2027年5月起可以来办领取；现在到账 14 年",
        "今年的还没到账",
    ] {
        assert!(kiosk.says(words), "{words}: {:?}", kiosk.labels());
    }
    assert!(!kiosk.says("不用办手续"));
    kiosk.press("将来领多少");
    kiosk.see("未到账的缴费不算在内");
    assert!(kiosk.says("按国家最低标准估算，不算利息和补贴"), "{:?}", kiosk.labels());
    assert!(kiosk.says("199.46") && kiosk.says("1,000 元") && kiosk.says("年数够了"));
    kiosk.press("每年多缴");
    kiosk.see("203.06");
    assert!(kiosk.says("1,500 元"), "{:?}", kiosk.labels());
    assert!(!kiosk.says("不再缴"), "without another year there would be no pension");
    kiosk.press("每年少缴");
    kiosk.see("199.46");
    kiosk.press("少缴一年");
    kiosk.see("还差 1 年才能领");
    assert!(kiosk.says("缴满 15 年才能领") && kiosk.says("0 年"), "{:?}", kiosk.labels());
    assert!(!kiosk.says("192.26") && !kiosk.says("每月大约"), "{:?}", kiosk.labels());
    // No further than there is anything.
    assert!(!kiosk.app.screen().press("少缴一年"));
    kiosk.press("多缴一年");
    kiosk.see("年数够了");
    assert!(!kiosk.app.screen().press("多缴一年"), "sixty comes before another year");
    // Who goes back and comes again finds it as it was.
    kiosk.press("每年多缴");
    kiosk.see("203.06");
    kiosk.press_all(&["返回", "将来领多少"]);
    kiosk.see("203.06");
    kiosk.press_all(&["返回", "更多", "每年缴费", "2025 年"]);
    kiosk.see("合计");
    for (label, value) in [
        ("自己缴的", "1,000.00 元"),
        ("省里补的", "80.00 元"),
        ("县里补的", "20.00 元"),
        ("集体补的", "50.00 元"),
        ("合计", "1,150.00 元"),
    ] {
        assert!(line(&kiosk, label).starts_with(value), "{label}: {:?}", kiosk.labels());
    }
    kiosk.lift();
}
