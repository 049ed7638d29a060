//! 什么时候能退休, without a card and with one.

use crate::support::kiosk::{Hall, Kiosk};

#[test]
fn without_a_card_four_touches_tell_it_and_a_card_laid_over_it_leads_to_the_account() {
    let mut kiosk = Kiosk::open(Hall::new());
    kiosk.begin();
    kiosk.press_all(&["社保", "什么时候能退休"]);
    kiosk.see("您是哪一种职工");
    for words in ["城乡居民养老保险不延迟，还是 60 岁领", "自己缴费的女同志按几岁算"]
    {
        assert!(kiosk.says(words), "{words}: {:?}", kiosk.labels());
    }
    kiosk.press_all(&["男，原来 60 岁退休", "1970–1979年", "1971年", "5月"]);
    kiosk.see("2033年1月");
    for words in [
        "那时 61 岁 8 个月",
        "比原来晚 1 年 8 个月",
        "男，1971年5月出生",
        "想早点：最早 2031年5月，要缴满 16 年；提前 3 个月书面告诉单位。",
        "最晚 2036年1月",
        "2033年退休，最少要缴满",
        "17 年",
        "这是推算，不是决定",
        "依据：全国人大常委会2024年9月13日批准的《国务院关于渐进式延迟法定退休年龄的办法》第一条",
    ] {
        assert!(kiosk.says(words), "{words}: {:?}", kiosk.labels());
    }
    assert!(!kiosk.says("还差") && !kiosk.says("已缴") && !kiosk.says("女同志"));
    // A slip of the finger is taken back.
    kiosk.press("返回");
    kiosk.see("5月，刚才选的");
    kiosk.press("6月");
    kiosk.see("男，1971年6月出生");
    // Who retired long ago hears that it is over.
    kiosk.press_all(&["换个人算", "女，原来 50 岁退休", "1950–1959年", "1956年", "3月"]);
    kiosk.see("已经到了法定退休年龄");
    for words in ["2006年3月", "那时 50 岁", "还没办退休的，请到 2 号窗口", "女同志"]
    {
        assert!(kiosk.says(words), "{words}: {:?}", kiosk.labels());
    }
    assert!(!kiosk.says("最早") && !kiosk.says("最晚") && !kiosk.says("比原来晚"));
    kiosk.lay("a");
    kiosk.see("243.00");
    kiosk.lift();
}

#[test]
fn with_a_card_nothing_is_asked_of_a_man_and_nothing_of_it_stays() {
    let mut kiosk = Kiosk::open(Hall::new());
    kiosk.lay("b");
    kiosk.press_all(&["更多", "什么时候退休"]);
    kiosk.see("2044年5月");
    for words in [
        "男，1981年5月出生",
        "那时 63 岁",
        "最早 2041年5月，要缴满 20 年；提前 3 个月书面告诉单位。",
        "您已缴",
        "还差",
        "来得及",
        "这里只算职工养老保险",
    ] {
        assert!(kiosk.says(words), "{words}: {:?}", kiosk.labels());
    }
    kiosk.lift();
    let left = ["1981年5月", "2044年5月", "已缴", "还差"];
    assert!(!left.iter().any(|words| kiosk.says(words)), "{:?}", kiosk.labels());
    // Nor has the next visit anything of it.
    kiosk.begin();
    kiosk.press_all(&["社保", "什么时候能退休"]);
    kiosk.see("男，原来 60 岁退休");
    assert!(!left.iter().any(|words| kiosk.says(words)), "{:?}", kiosk.labels());

    // Of a woman the card does not say which post she has.
    kiosk.lay("d");
    kiosk.press_all(&["更多", "什么时候退休"]);
    kiosk.see("您是哪种岗位");
    assert!(kiosk.says("这里只算职工养老保险"), "{:?}", kiosk.labels());
    assert!(!kiosk.says("男，原来 60 岁退休"), "{:?}", kiosk.labels());
    kiosk.press("女，原来 55 岁退休");
    kiosk.see("2060年9月");
    kiosk.press_all(&["返回", "女，原来 50 岁退休"]);
    kiosk.see("2057年9月");
    kiosk.lift();

    // Who has the residents' pension only.
    kiosk.lay("c");
    kiosk.press_all(&["更多", "什么时候退休"]);
    kiosk.see("到 60 岁领取，不延迟");
    let told = "您 2027年6月满 60 岁。要缴满 15 年，您还差 1 年。";
    assert!(kiosk.says(told), "{:?}", kiosk.labels());
    kiosk.lift();

    // Who draws a pension is not told when.
    kiosk.lay("a");
    kiosk.press("更多");
    kiosk.see("权益记录");
    assert!(!kiosk.says("什么时候退休"), "{:?}", kiosk.labels());
    kiosk.lift();
}
