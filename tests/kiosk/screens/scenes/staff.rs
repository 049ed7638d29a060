//! The pages of the staff: the PIN, what is refreshed, the readiness report, marks, and a file on
//! its way in.

use kiosk_base::{
    domain::PostingId,
    import::{
        Scope,
        report::{
            Aside, Dropped, Kept, Lack, LeftOut, Place, Reason, Refusal, Remark, RemarkKind, Rows,
            Unmapped, Untaken, Why,
        },
    },
};
use renshe_kiosk::visit::{
    keypad::Digits,
    machine::TownMark,
    staff::{self, CheckRow, CollectionProgress, Mark, Pin},
    stick::{self, Import, Lacking, Report, Stage, StickFile, Sticks, Unfit},
};

use super::*;

pub(super) fn pages(scenes: &mut Vec<Scene>, fit: &Fit) {
    let pin = |typed: &str, waiting, refused| {
        Some(Page::Staff(staff::Page::Pin(Pin { typed: Digits::of(typed), waiting, refused })))
    };
    scenes.push(scene("pin-empty", pin("", false, None)));
    scenes.push(scene("pin-typed", pin("123456789012", false, None)));
    scenes.push(scene("pin-waiting", pin("", true, None)));
    for (name, stop, wait) in [
        ("wrong", Stop::PinWrong, 0),
        ("locked", Stop::PinLocked, 3_600),
        ("unset", Stop::PinUnset, 0),
    ] {
        scenes.push(scene(format!("pin-{name}"), pin("", false, Some((stop, wait)))));
    }

    let desk = |checks: &[CheckRow], checking| {
        Some(Page::Staff(staff::Page::Desk(Desk { checks: checks.to_vec(), checking })))
    };
    let idle = |failed| Condition { refresh: progress(false, failed, 0), ..Condition::default() };
    let running = |done| Condition { refresh: progress(true, None, done), ..Condition::default() };
    let failed =
        BOOK.iter().max_by_key(|e| (e.staff.chars().count() + e.remedy.chars().count()).min(60));
    let failed = failed.map(|entry| entry.stop);
    let (good, bad) = (checks(true), checks(false));
    let pages =
        |checks: &[CheckRow]| Desk { checks: checks.to_vec(), ..Desk::default() }.pages(fit);
    scenes.push(scene("staff-checking", desk(&[], true)).with(idle(None)));
    scenes.push(scene("staff-running", desk(&good, false)).with(running(100_000)));
    scenes.push(scene("staff-connecting", desk(&good, true)).with(running(0)));
    scenes.push(scene("staff-good", desk(&good, false)).with(idle(None)));
    scenes.push(scene("staff-bad", desk(&bad, false)).with(idle(failed)));
    let alarmed = Condition { alarm: true, ..idle(failed) };
    scenes.push(scene("staff-alarm", desk(&bad, false)).with(alarmed));
    for page in 0..fit.marks.pages(7) {
        let shown = scene(format!("marks-{page}"), Some(Page::Staff(staff::Page::Marks(page))));
        scenes.push(shown.over(desk(&good, false)));
    }
    scenes.push(
        scene("marks-none", Some(Page::Staff(staff::Page::Marks(0))))
            .over(desk(&good, false))
            .with(Condition { empty: true, ..Condition::default() }),
    );
    sticks(scenes, fit, &desk(&good, false));
    scenes.push(
        scene("checks-checking", Some(Page::Staff(staff::Page::Checks(0)))).over(desk(&[], true)),
    );
    for (name, checks) in [("good", &good), ("bad", &bad)] {
        for page in 0..pages(checks) {
            let shown = scene(
                format!("checks-{name}-{page}"),
                Some(Page::Staff(staff::Page::Checks(page))),
            );
            scenes.push(shown.over(desk(checks, false)));
        }
    }
}

/// A refresh of 100,000 postings, under way or at rest.
fn progress(running: bool, failed: Option<Stop>, done: u64) -> Progress {
    let collections = Collection::ALL.map(|collection| CollectionProgress {
        name: collection.as_str().to_owned(),
        rows: 100_000,
        refreshed: Some(date(2026, 12, 31).at(23, 59, 0, 0)),
        done,
        total: done + 20_000 * u64::from(done > 0),
        failed,
    });
    Progress { running, failed, collections: collections.to_vec() }
}

/// The readiness report in the words that `staff::readiness` uses, with paths of usual length.
fn checks(good: bool) -> Vec<CheckRow> {
    let rows = [
        ("config", "设置：设置文件正确：/etc/renshe-kiosk/kiosk.toml", None, ""),
        (
            "database",
            "数据库：信息缓存完好，181024 KB",
            Some(Stop::StoreNewer),
            "数据库：数据库来自更新的软件版本",
        ),
        (
            "audit",
            "审计记录：审计记录完整，共 123456 条，县中心已签到第 123456 条",
            Some(Stop::AuditBroken),
            "审计记录：审计记录与县中心签过的第 123456 条不符，记录被截短或替换",
        ),
        (
            "disk",
            "磁盘：可以写入，剩余 10240 MB",
            Some(Stop::StoreFull),
            "磁盘：写不进目录 /var/lib/renshe-kiosk（Permission denied (os error 13)）",
        ),
        (
            "clock",
            "时钟：本机时钟 2026-11-23 09:40，与县中心相差 0 秒",
            Some(Stop::ClockWrong),
            "时钟：本机时钟 2026-11-23 09:40，与县中心相差 86400 秒",
        ),
        (
            "reader",
            "读卡器：端口 /dev/serial/by-id/usb-idcard-reader，没有询问读卡器",
            Some(Stop::ReaderAbsent),
            "读卡器：找不到读卡器：/dev/serial/by-id/usb-idcard-reader",
        ),
        (
            "link",
            "线路：县级服务应答正常：https://kiosk.luxian.example:8443",
            Some(Stop::LinkServerError),
            "线路：县级服务或核心系统出错：https://kiosk.luxian.example:8443",
        ),
        (
            "certificates",
            "证书：本机证书还有 11 天到期，请尽快用 county enrol 重新登记",
            Some(Stop::LinkOwnExpired),
            "证书：本机证书不在有效期内：/etc/renshe-kiosk/link/kiosk.pem",
        ),
        ("font", "字体：程序内带 Noto Sans SC（常规、粗体）", None, ""),
        ("screen", "屏幕：21.5 英寸，1080×1920，竖屏", None, ""),
    ];
    let row = |(name, well, stop, ill): (&str, &str, Option<Stop>, &str)| {
        let stop = stop.filter(|_| !good);
        CheckRow {
            name: name.to_owned(),
            ok: stop.is_none(),
            code: stop.map(|stop| stop.code().to_owned()).unwrap_or_default(),
            message: stop.map_or(well, |_| ill).to_owned(),
        }
    };
    rows.into_iter().map(row).collect()
}

/// Importing from a stick: files, and every word that a report may have.
fn sticks(scenes: &mut Vec<Scene>, fit: &Fit, below: &Option<Page>) {
    let file = |n: usize| StickFile {
        path: format!("/media/stick/{n}.xlsx").into(),
        name: format!("{n} 福集镇2026年11月招聘岗位信息登记表（汇总）.xlsx"),
        bytes: 12_345_678,
        changed: Some(NOW),
    };
    let files = |count: usize, page| {
        let files = Some((0..count).map(file).collect());
        Some(Page::Stick(stick::Page::Files(Sticks { files, page })))
    };
    for page in 0..fit.files.pages(9) {
        scenes.push(scene(format!("sticks-{page}"), files(9, page)).over(below.clone()));
    }
    scenes.push(scene("sticks-none", files(0, 0)).over(below.clone()));
    scenes.push(
        scene("sticks-looking", Some(Page::Stick(stick::Page::Files(Sticks::default()))))
            .over(below.clone()),
    );

    let import = |stage: Stage, page| {
        Some(Page::Stick(stick::Page::Import(Import { file: file(1), stage, page })))
    };
    let report = report();
    let (file_1, stage) = (file(1), Stage::Tried(report.clone()));
    let first = stick::Page::Import(Import { file: file_1, stage, page: 0 });
    for page in 0..first.pages(fit) {
        let shown = import(Stage::Tried(report.clone()), page);
        scenes.push(scene(format!("import-{page}"), shown).over(below.clone()));
    }
    let clean = Box::new(Report { accepted: 120, ..Report::default() });
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let lacking = Lacking {
        missing: words(&["招聘单位"]),
        known: words(&["岗位名称", "招聘人数", "工资待遇（元/月）", "学历要求", "联系电话"]),
        is_recognised: false,
    };
    for (name, stage) in [
        ("reading", Stage::Reading),
        ("clean", Stage::Tried(clean.clone())),
        ("nothing", Stage::Tried(Box::default())),
        ("keeping", Stage::Keeping(clean.clone())),
        ("kept", Stage::Kept(clean)),
        ("lost", Stage::Lost(Stop::StoreFull)),
        ("unreadable", Stage::Refused(Unfit::Unreadable)),
        ("empty", Stage::Refused(Unfit::Empty)),
        ("large", Stage::Refused(Unfit::TooLarge)),
        ("unknown", Stage::Refused(Unfit::Unknown)),
        ("workbook", Stage::Refused(Unfit::Workbook)),
        ("columns", Stage::Refused(Unfit::Columns)),
        ("lacking", Stage::Refused(Unfit::Lacking(lacking))),
    ] {
        scenes.push(scene(format!("import-{name}"), import(stage, 0)).over(below.clone()));
    }
}

/// A report on a large sheet with every kind of fault.
fn report() -> Box<Report> {
    let sheet = || Some("Sheet1 汇总".to_owned());
    let place = |row| Place { row, sheet: sheet(), ..Place::default() };
    let rows = |rows: &[u32]| Rows { sheet: sheet(), rows: rows.to_vec() };
    let lacking = Lack {
        missing: vec!["招聘人数", "招聘条件", "工作内容", "工作地点", "劳动报酬"],
        rows: rows(&[12_345, 12_347, 12_349, 12_351]),
    };
    let long = || "每月四千五到六千，另有提成和年终奖".to_owned();
    let reasons = [
        Reason::Missing,
        Reason::Date(long()),
        Reason::EndsBeforeBeginning,
        Reason::TooLong,
        Reason::Damaged,
        Reason::OpenQuote,
        Reason::TooManyValues,
        Reason::Incomplete(vec!["劳动报酬"]),
        Reason::NoLastDay,
        Reason::Town(long()),
        Reason::Elsewhere,
        Reason::Form(long()),
        Reason::NoDay(long()),
        Reason::OnlyForbidden,
        Reason::Filled(long()),
    ];
    let remarks = [
        RemarkKind::Number(long()),
        RemarkKind::Choice(long()),
        RemarkKind::Cut,
        RemarkKind::Undated,
        RemarkKind::Division(long()),
        RemarkKind::Merged,
        RemarkKind::Formula,
        RemarkKind::Damaged,
        RemarkKind::Differs,
        RemarkKind::Narrow,
        RemarkKind::Rounded("1.38E+10".to_owned()),
        RemarkKind::TooMany(long()),
        RemarkKind::Year(date(2026, 11, 30)),
        RemarkKind::Begins(date(2026, 11, 30)),
        RemarkKind::Beside(long()),
        RemarkKind::NoPhone,
        RemarkKind::NotANumber(long()),
        RemarkKind::Over(date(2026, 11, 30)),
    ];
    let kept = [
        Kept::Row(place(12_345)),
        Kept::County { id: "cjobs:1".to_owned() },
        Kept::Town { id: "clerk:1".to_owned() },
    ];
    let dropped = (92_001..).zip(kept).map(|(row, kept)| Dropped {
        place: place(row),
        kept,
        scope: Scope::Unsaid,
    });
    let untaken = [Why::Unknown, Why::PassedOver, Why::AnotherCounts].map(|why| Untaken {
        column: "笔试科目和面试形式".to_owned(),
        why,
        rows: 12_345,
        example: long(),
        place: place(3),
    });
    let words = "填表人：测试员 | 审核：测试员 | 2026年11月20日".to_owned();
    let left_out = LeftOut { place: place(93_001), kind: Aside::Signature, words };
    let refused = (90_001..).zip(reasons).map(|(row, reason)| Refusal {
        place: place(row),
        column: "招聘截止日期".to_owned(),
        reason,
    });
    let remarks = (91_001..).zip(remarks).map(|(row, remark)| Remark {
        place: place(row),
        column: "工资待遇（元/月）".to_owned(),
        remark,
    });
    let unmapped =
        Unmapped { column: "文化程度".to_owned(), code: "21A".to_owned(), rows: 12_345 };
    Box::new(Report {
        read: 123_456,
        accepted: 100_000,
        incomplete: 12_345,
        duplicates: 12_345,
        expired: 12_345,
        refused: refused.collect(),
        unmapped: vec![unmapped],
        remarks: remarks.collect(),
        dropped: dropped.collect(),
        untaken: untaken.to_vec(),
        left_out: vec![left_out],
        lacking: vec![lacking],
        hidden: vec![rows(&[12_345, 12_346])],
        ..Report::default()
    })
}

/// Seven postings that the town has marked.
pub(super) fn marks(postings: &[Posting]) -> Vec<TownMark> {
    let mark = |(i, posting): (usize, &Posting)| TownMark {
        id: PostingId::parse(&format!("m-{i}")).expect("an id"),
        mark: if i % 2 == 0 { Mark::Pinned } else { Mark::Hidden },
        title: posting.title.clone(),
        at: NOW,
    };
    postings.iter().cycle().take(7).enumerate().map(mark).collect()
}
