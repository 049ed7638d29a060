//! Looking around without a card.

use std::collections::BTreeSet;

use renshe_kiosk::screen::headless::Role;

use crate::support::kiosk::{Hall, Kiosk};

#[test]
fn a_job_is_found_by_initials_read_and_taken_away() {
    let mut kiosk = Kiosk::open(Hall::new());
    kiosk.begin();
    kiosk.press_all(&["就业", "找工作"]);
    kiosk.see("先近后远");
    kiosk.press("按拼音找工种");
    kiosk.press_all(&["D", "H", "G"]);
    kiosk.see("电焊工");
    assert!(kiosk.says("已按：dhg") || kiosk.says("已按：DHG"), "{:?}", kiosk.labels());
    kiosk.press("看这");
    kiosk.until("the list shows only what was found", |kiosk| {
        let titles = job_titles(kiosk);
        !titles.is_empty() && titles.iter().all(|title| title.contains("电焊工"))
    });
    kiosk.press("电焊工");
    for words in ["岗位详情", "用人单位", "招聘人数", "工作内容", "手机带走"] {
        kiosk.see(words);
    }
    kiosk.press("手机带走");
    kiosk.see("用手机扫一扫");
    let code = kiosk.element("岗位二维码");
    assert!(code.width >= 400.0 && (code.width - code.height).abs() < 1.0, "{code:?}");
    kiosk.press("返回");
    kiosk.press("返回");
    kiosk.press("看全部");
    kiosk.until("the list shows others, too", |kiosk| {
        job_titles(kiosk).iter().any(|title| !title.contains("电焊工"))
    });
}

#[test]
fn the_list_of_jobs_is_paged_and_filtered_by_town() {
    let mut kiosk = Kiosk::open(Hall::new());
    kiosk.begin();
    kiosk.press_all(&["就业", "找工作"]);
    kiosk.see("第 1 页");
    kiosk.until("postings", |kiosk| !job_titles(kiosk).is_empty());
    let first = jobs(&kiosk);
    kiosk.press("下一页");
    kiosk.until("another page", |kiosk| !jobs(kiosk).is_empty() && jobs(kiosk).is_disjoint(&first));
    kiosk.see("第 2 页");
    kiosk.press("上一页");
    kiosk.until("the first page again", |kiosk| jobs(kiosk) == first);
    kiosk.press("选择乡镇");
    kiosk.press("玄滩镇");
    kiosk.until("only this town", |kiosk| {
        let jobs = jobs(kiosk);
        !jobs.is_empty() && jobs.iter().all(|label| label.ends_with("玄滩镇"))
    });
    kiosk.press("玄滩镇");
    kiosk.press("全部地方");
    kiosk.until("everything again", |kiosk| jobs(kiosk) == first);
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
    kiosk.see("摸一下屏幕就开始");
}

#[test]
fn large_text_and_high_contrast_end_with_the_visit() {
    let mut kiosk = Kiosk::open(Hall::new());
    kiosk.begin();
    let normal = kiosk.element("您想办什么事？").height;
    let plain = picture(&kiosk);
    kiosk.press("大字");
    kiosk.see("小字");
    assert!(kiosk.element("您想办什么事？").height > normal);
    kiosk.press("高对比");
    kiosk.see("普通色");
    assert_ne!(picture(&kiosk), plain);
    kiosk.press("结束");
    kiosk.begin();
    assert!(kiosk.says("大字") && kiosk.says("高对比"));
    assert!((kiosk.element("您想办什么事？").height - normal).abs() < 0.5);
    assert_eq!(picture(&kiosk), plain);
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
