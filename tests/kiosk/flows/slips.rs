//! Printing the account: what a resident presses, reads and takes away, with the simulated printer
//! on a real pseudo-terminal.

use std::time::Duration;

use kiosk_base::domain::Stop;
use kiosk_devices::printer::PrinterStatus;
use kiosk_stage::simulator::{PrinterFault, PrinterOptions, SimulatedPrinter, paper::PaperLine};

use crate::support::{
    audited,
    kiosk::{Hall, Kiosk},
};

/// The pensioner of `a.toml` on paper. The kiosk's clock stands still.
const SLIP: &str = "\
查询结果，不作证明
福集镇劳动就业和社会保障服务中心
";

fn kiosk() -> Kiosk {
    Kiosk::open(Hall::new().with_printer())
}

/// The texts of the slips that are not blank.
fn slips(kiosk: &Kiosk) -> Vec<String> {
    let slips = kiosk.hall.printer.slips();
    slips.iter().filter(|slip| !slip.is_blank()).map(|slip| slip.text()).collect()
}

fn printer_is(kiosk: &mut Kiosk, status: PrinterStatus) {
    kiosk.until("the printer says how it is", |kiosk| {
        kiosk.app.state().machine.printer == Some(status)
    });
}

const READY: PrinterStatus = PrinterStatus::Ready { low_paper: false };

#[test]
fn a_resident_takes_the_account_home() {
    let mut kiosk = kiosk();
    kiosk.lay("a");
    kiosk.see("243.00");
    let overview = kiosk.labels();
    kiosk.press("打印");
    kiosk.see("打好了，请拿走小票");
    let printed = slips(&kiosk);
    assert_eq!(printed.len(), 1);
    let slip = &printed[0];
    assert!(slip.starts_with(SLIP), "{slip}");
    for words in ["2026-11-23 09:10", "测＊＊", "城乡居民养老保险", "243.00 元", "请收好"]
    {
        assert!(slip.contains(words), "{words} is not on {slip}");
    }
    // The number as the page shows it.
    let number =
        overview.iter().find(|label| label.contains("5105＊＊＊＊")).expect("a masked number");
    assert!(slip.contains(number.as_str()), "{slip}");
    assert!(!slip.contains("测试") && !slip.contains('▯'), "{slip}");
    assert_eq!(kiosk.hall.printer.unknown(), 0);
    let directory = kiosk.hall.data().join("kiosk");
    // The order says which question the slip belongs to; no row says about whom.
    kiosk.until("the audit has the print", |_| {
        let rows = audited(&directory);
        let kinds: Vec<_> = rows.iter().map(|(kind, ..)| kind.as_str()).collect();
        kinds.ends_with(&["asked", "answered", "printed"])
    });
    kiosk.lift();
    assert_eq!(slips(&kiosk).len(), 1);
}

/// Twice as wide and high as all else, and in the middle; dot by dot, too.
#[test]
fn the_figure_one_came_for_is_the_largest_on_the_paper() {
    let mut kiosk = kiosk();
    for (person, figure) in [("a", "243.00 元"), ("b", "53,159.37 元")] {
        kiosk.lay(person);
        kiosk.press("打印");
        kiosk.see("打好了");
        let slip = kiosk.hall.printer.slips().pop().expect("a slip");
        let is_large = |line: &PaperLine| line.glyphs.iter().any(|glyph| glyph.high || glyph.wide);
        let large: Vec<_> = (0..).zip(&slip.lines).filter(|(_, line)| is_large(line)).collect();
        let [(above, line)] = large[..] else { panic!("{person}: {large:?}") };
        let text: String = line.glyphs.iter().filter_map(|glyph| glyph.character).collect();
        assert_eq!(text, figure);
        let columns = 2 * (figure.chars().count() + 1);
        let (left, top) = (20 + (32 - columns) * 12 / 2, 20 + above * 30);
        let picture = slip.picture(32);
        assert_eq!(picture.width, 32 * 12 + 40);
        let dots = picture.dark((left, top, columns * 12, 48));
        assert!(dots > 1_000, "{dots}");
        assert_eq!(picture.dark((0, top, left, 48)), 0);
        kiosk.lift();
    }
}

#[test]
fn a_name_is_on_paper_while_it_is_shown() {
    let mut kiosk = kiosk();
    kiosk.lay("a");
    kiosk.press("显示");
    kiosk.see("测试国");
    kiosk.press("打印");
    kiosk.see("打好了");
    assert!(slips(&kiosk)[0].contains("测试国"));
    let number = kiosk.hall.document("a").number().expose().to_owned();
    assert!(!slips(&kiosk)[0].contains(&number));
}

#[test]
fn each_trouble_has_its_own_words_and_helps_itself_when_it_is_mended() {
    for (fault, words, stop) in [
        (PrinterFault::PaperEndsAfter(0), "打印机没有纸了", Stop::PrinterPaperOut),
        (PrinterFault::OpensAfter(6), "盖子没有关好", Stop::PrinterCoverOpen),
        (PrinterFault::FailsAfter(6), "打印机出错了", Stop::PrinterError),
        (PrinterFault::OfflineAfter(6), "打印机没有准备好", Stop::PrinterOffline),
        (PrinterFault::SilentAfter(150), "不知道打好没有", Stop::PrinterUnconfirmed),
    ] {
        let mut kiosk = kiosk();
        kiosk.lay("a");
        kiosk.see("243.00");
        kiosk.hall.printer.plan(fault);
        kiosk.press("打印");
        kiosk.see(&format!("编号 {}", stop.code()));
        assert!(kiosk.says(words), "{:?}", kiosk.labels());
        let unsure = stop == Stop::PrinterUnconfirmed;
        assert_eq!(kiosk.says("请看看出纸口"), unsure, "{:?}", kiosk.labels());
        assert!(slips(&kiosk).is_empty());
        kiosk.hall.printer.mend();
        printer_is(&mut kiosk, READY);
        kiosk.press("再打一次");
        kiosk.see("打好了");
        let last = slips(&kiosk).pop().expect("a slip");
        assert!(
            last.starts_with(SLIP) && last.trim_end().ends_with("请收好。"),
            "{fault:?}: {last}"
        );
    }
}

#[test]
fn a_printer_unplugged_in_the_middle_prints_nothing_of_the_last_for_the_next() {
    let mut kiosk = kiosk();
    kiosk.lay("a");
    kiosk.see("243.00");
    kiosk.hall.printer.plan(PrinterFault::UnpluggedAfter(250));
    kiosk.press("打印");
    kiosk.see("编号 T0");
    kiosk.lift();
    // Nobody plugs it in again: the next visit finds no printer, and says so.
    kiosk.lay("e");
    kiosk.press("打印");
    kiosk.see("编号 T01");
    assert!(kiosk.says("打印机现在不能用"));
    let paper = kiosk.hall.printer.hanging().text() + &slips(&kiosk).concat();
    assert!(!paper.contains("2,780.00") && paper.matches("查询结果").count() <= 1, "{paper}");
}

#[test]
fn a_card_taken_away_while_it_prints_ends_the_slip() {
    let mut kiosk = kiosk();
    kiosk.hall.printer.plan(PrinterFault::OpensAfter(4));
    kiosk.lay("a");
    kiosk.press("打印");
    kiosk.until("it is printing or stopped", |kiosk| kiosk.hall.printer.hanging().lines.len() >= 4);
    kiosk.lift();
    kiosk.hall.printer.mend();
    printer_is(&mut kiosk, READY);
    kiosk.lay("e");
    kiosk.press("打印");
    kiosk.see("打好了");
    let slips = slips(&kiosk);
    let last = slips.last().expect("a slip");
    assert!(last.starts_with(SLIP) && !last.contains("243.00"), "{last}");
    let of_a = slips[..slips.len() - 1].concat();
    assert!(!of_a.contains("243.00") && !of_a.contains("请收好"), "{of_a}");
}

#[test]
fn a_card_taken_away_stops_a_printer_with_which_nothing_is_wrong() {
    let mut hall = Hall::new();
    // So slow that the slip takes seconds.
    let slow =
        PrinterOptions { line_time: Duration::from_millis(400), ..PrinterOptions::default() };
    hall.printer = SimulatedPrinter::start(slow).expect("a pseudo-terminal");
    let mut kiosk = Kiosk::open(hall.with_printer());
    kiosk.lay("a");
    kiosk.press("打印");
    kiosk.until("it prints", |kiosk| kiosk.hall.printer.hanging().text().contains("不作证明"));
    kiosk.lift();
    printer_is(&mut kiosk, READY);
    kiosk.lay("e");
    kiosk.press("打印");
    kiosk.see("打好了");
    let slips = slips(&kiosk);
    let (last, before) = slips.split_last().expect("a slip");
    assert!(last.starts_with(SLIP) && !last.contains("243.00"), "{last}");
    let of_a = before.concat();
    assert!(of_a.contains("查询结果") && !of_a.contains("请收好"), "{of_a}");
}

#[test]
fn without_a_printer_nobody_is_offered_one() {
    let mut kiosk = Kiosk::open(Hall::new());
    kiosk.lay("a");
    kiosk.see("243.00");
    assert!(!kiosk.says("打印"), "{:?}", kiosk.labels());
}

#[test]
fn a_job_and_how_a_pension_is_certified_are_taken_home_on_paper() {
    let mut kiosk = kiosk();
    kiosk.begin();
    kiosk.press_all(&["就业", "找工作", "全部岗位"]);
    kiosk.see("个岗位");
    let wage = |label: &String| label.contains("元/月") && label.contains('，');
    let row = kiosk.labels().into_iter().find(wage).expect("a job");
    kiosk.press(&row);
    kiosk.see("用人单位");
    let phone = kiosk.labels().into_iter().find(|label| label.starts_with("0830-"));
    kiosk.press_all(&["带走", "打印小票"]);
    kiosk.see("打好了，请拿走小票");
    let slip = slips(&kiosk).pop().expect("a slip");
    let title = row.split('，').next().expect("its title");
    let short: String = title.chars().take(6).collect();
    for words in [short.as_str(), "元/月", "有问题请打", phone.as_deref().unwrap_or("电话")]
    {
        assert!(slip.contains(words), "{words} is not on {slip}");
    }
    // Back to the job: nothing that was chosen is lost.
    kiosk.press_all(&["返回", "返回"]);
    kiosk.see("用人单位");
    kiosk.press("结束");

    kiosk.lay("a");
    kiosk.press("怎么认证");
    kiosk.press_all(&["带走", "打印小票"]);
    kiosk.see("打好了，请拿走小票");
    let slip = slips(&kiosk).pop().expect("a slip");
    for words in ["养老金资格认证", "资格认证最晚", "2027年1月2日", "带什么", "本人身份证"]
    {
        assert!(slip.contains(words), "{words} is not on {slip}");
    }
    assert!(
        !slip.contains("5105") && !slip.contains("测"),
        "it is about the deed, not of whom: {slip}"
    );
    kiosk.lift();
    // The next one's slip has nobody's day.
    kiosk.begin();
    kiosk.press_all(&["办事指南", "养老金资格认证", "带走", "打印小票"]);
    kiosk.see("打好了，请拿走小票");
    let slip = slips(&kiosk).pop().expect("a slip");
    assert!(slip.contains("带什么") && !slip.contains("2027年1月2日"), "{slip}");
}

/// 打印 beside the title prints that page, all of its lines.
#[test]
fn a_page_is_taken_home_as_it_stands() {
    let mut kiosk = kiosk();
    kiosk.lay("a");
    kiosk.press("每月发放");
    kiosk.see("2026 年养老金");
    kiosk.press("打印");
    kiosk.see("打好了");
    let year = slips(&kiosk).pop().expect("a slip");
    for words in
        ["测＊＊", "2026 年养老金", "2,673.00 元", "1–6月", "235.00", "调整待遇", "8月补发"]
    {
        assert!(year.contains(words), "{words} is not on {year}");
    }
    assert!(year.starts_with(SLIP) && year.contains("请收好") && !year.contains("2025"), "{year}");
    kiosk.lift();

    kiosk.lay("c");
    kiosk.press("将来领多少");
    kiosk.see("每月大约");
    // What was turned is what is printed.
    kiosk.press("每年少缴");
    let figure = kiosk.labels().into_iter().find(|label| label.ends_with(".00"));
    kiosk.press("打印");
    kiosk.see("打好了");
    // Lines of the paper end anywhere.
    let estimate = slips(&kiosk).pop().expect("a slip").replace('\n', "");
    let figure = figure.unwrap_or_default();
    for words in
        ["将来领多少", "每月大约", &figure, "每年缴费档次", "再缴几年", "核定为准", "请收好"]
    {
        assert!(estimate.contains(words), "{words} is not on {estimate}");
    }
    kiosk.lift();
}

/// A list that is longer than anybody reads on paper says how much of it is not there, and ends as all do.
#[test]
fn what_is_not_on_a_slip_is_told_on_it() {
    let mut kiosk = kiosk();
    kiosk.lay("a");
    kiosk.press_all(&["更多", "每一笔发放"]);
    kiosk.press("打印");
    kiosk.see("打好了");
    let slip = slips(&kiosk).pop().expect("a slip").replace('\n', "");
    let printed = slip.matches("到账，尾号").count();
    let left_out = (1..200).find(|lines| slip.contains(&format!("还有 {lines} 行没有打印")));
    assert!(printed > 60 && left_out.is_some(), "{printed} {left_out:?} {slip}");
    assert!(slip.contains("有问题请打") && slip.contains("请收好"), "{slip}");
}

/// Who asks without a card finds on the paper for whom it was.
#[test]
fn the_month_of_retirement_is_taken_home_without_a_card() {
    let mut kiosk = kiosk();
    kiosk.begin();
    kiosk.press_all(&["社保", "什么时候能退休"]);
    kiosk.press_all(&["男，原来 60 岁退休", "1970–1979年", "1971年", "5月"]);
    kiosk.press("打印");
    kiosk.see("打好了");
    let slip = slips(&kiosk).pop().expect("a slip").replace('\n', "");
    for words in
        ["2033年1月", "男，1971年5月出生", "那时 61 岁 8 个月", "17 年", "依据", "有问题请打"]
    {
        assert!(slip.contains(words), "{words} is not on {slip}");
    }
    assert!(!slip.contains("请收好") && !slip.contains("姓名"), "{slip}");
}
