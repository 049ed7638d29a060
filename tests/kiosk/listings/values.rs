//! Single values as clerks and other systems write them: days, wages, schooling, board, salaries.
//! Whatever the file, the same value means the same; and what is not taken is named.

use std::path::Path;

use jiff::civil::{Date, date};
use kiosk_base::{
    domain::{Education, Fen, JobFair, Posting, TrainingNotice, Wage, posting::WagePeriod},
    import::{self, Imported, Known, Options, report::Report},
    wire::Collection,
};
use serde_json::json;

use super::{
    TODAY,
    workbook::{Sheet, row, workbook},
};

fn options(today: Date) -> Options {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config");
    kiosk_base::config::imports::options(&shipped, today).expect("the shipped files are right")
}

fn read_on(bytes: &[u8], today: Date) -> Imported {
    import::read(bytes, &options(today), &Known::default()).expect("read")
}

fn read(bytes: &[u8]) -> Imported {
    read_on(bytes, TODAY)
}

/// The rows as a workbook, the first of them the header.
fn xlsx(rows: &[&[&str]]) -> Vec<u8> {
    let rows: String = (1..).zip(rows).map(|(number, values)| row(number, values)).collect();
    let body = format!("<sheetData>{rows}</sheetData>");
    workbook(&[Sheet { name: "表", state: "visible", body }])
}

/// The same rows as text with separators.
fn csv(rows: &[&[&str]]) -> Vec<u8> {
    let quoted = |value: &&str| format!("\"{value}\"");
    let line = |values: &&[&str]| values.iter().map(quoted).collect::<Vec<_>>().join(",");
    rows.iter().map(line).collect::<Vec<_>>().join("\n").into_bytes()
}

/// The same rows as JSON of another system.
fn objects(rows: &[&[&str]]) -> Vec<u8> {
    let (header, rows) = rows.split_first().expect("a header");
    let object = |values: &&[&str]| {
        let pairs = header.iter().zip(*values);
        pairs.map(|(name, value)| ((*name).to_owned(), json!(value))).collect()
    };
    let objects: Vec<serde_json::Map<_, _>> = rows.iter().map(object).collect();
    serde_json::to_vec(&objects).expect("JSON")
}

/// What the rows give, which is the same from every kind of file.
fn from_all(rows: &[&[&str]]) -> Imported {
    let imported = read(&xlsx(rows));
    for other in [csv(rows), objects(rows)] {
        assert_eq!(read(&other).items, imported.items);
    }
    imported
}

/// (row, column, code) of the remarks, but for that about the day of publication.
fn remarks(report: &Report) -> Vec<(usize, &str, &str)> {
    let all = report.remarks.iter().map(|r| (r.place.row, r.column.as_str(), r.remark.code()));
    all.filter(|(.., code)| *code != "undated").collect()
}

fn range(min: i64, max: i64, per: WagePeriod) -> Option<Wage> {
    Some(Wage::Range { min: Fen::from_yuan(min), max: Fen::from_yuan(max), per })
}

/// One posting whose last days stand in `column` as `value`.
fn closing(column: &str, value: &str) -> Imported {
    from_all(&[&["单位", "岗位", "工作地点", column], &["测试厂", "焊工", "测试县", value]])
}

#[test]
fn a_range_ends_on_its_last_day() {
    for value in [
        "2026.12.1-2027.1.31",
        "2026-12-01~2027-01-31",
        "2026-12-01 - 2027-01-31",
        "2026年12月1日至2027年1月31日",
        "2026年12月1日—2027年1月31日",
        "12月1日—1月31日",
        "２０２６．１２．１－２０２７．１．３１",
        "2026-12-01 00:00:00至2027-01-31 23:59:59",
        "2026/12/1—2027/1/31",
        "自2026年12月1日起至2027年1月31日止",
        "截至2027年1月31日",
        "2027年1月31日前",
        "即日起至1月31日",
        "2027年1月底",
        "有效期至2027-01-31",
        "20261201-20270131",
    ] {
        let imported = closing("有效期", value);
        let [posting] = imported.items.postings.as_slice() else { panic!("{value}") };
        assert_eq!(posting.closes, Some(date(2027, 1, 31)), "{value}");
        // It can be read from today on; that it begins later is said.
        assert_eq!(posting.published, TODAY, "{value}");
        let said = remarks(&imported.report);
        assert!(said.iter().all(|(row, column, _)| (*row, *column) == (2, "有效期")), "{value}");
        let begins = said.iter().any(|(.., code)| *code == "begins");
        let has_first = value.starts_with(['2', '２', '自']) && value.chars().count() > 12
            || value.starts_with("12");
        assert_eq!(begins, has_first, "{value}");
    }
    // A column that may hold either: one day is the first, a range both.
    for (value, last) in [("2026.11.10-12.31", Some(date(2026, 12, 31))), ("2026-11-10", None)] {
        let posting = closing("招聘时间", value).items.postings.remove(0);
        assert_eq!((posting.published, posting.closes), (date(2026, 11, 10), last), "{value}");
    }
    // Begun: its first day is that of its publication, where none is said.
    let imported = closing("有效期", "2026.11.1-2027.3.31");
    let posting = &imported.items.postings[0];
    assert_eq!((posting.published, posting.closes), (date(2026, 11, 1), Some(date(2027, 3, 31))));
    assert_eq!(remarks(&imported.report), []);
}

#[test]
fn no_fixed_last_day_is_none() {
    for value in [
        "长期",
        "长期招聘",
        "长期有效",
        "常年",
        "常年招聘",
        "招满为止",
        "额满为止",
        "不限",
        "即日起",
        "无",
        "-",
    ] {
        let imported = closing("截止日期", value);
        assert_eq!(imported.items.postings[0].closes, None, "{value}");
        assert_eq!(remarks(&imported.report), [], "{value}");
    }
    let imported = closing("截止日期", "2026年12月31日（招满即止）");
    assert_eq!(imported.items.postings[0].closes, Some(date(2026, 12, 31)));
    assert_eq!(remarks(&imported.report), [(2, "截止日期", "beside")]);
}

#[test]
fn what_is_no_day_refuses_its_row_and_what_is_over_is_named() {
    for value in ["春节前", "2026-13-01", "2027.1.31-2026.12.1", "24-3-5", "2026-12-1 2026-12-5"]
    {
        let imported = closing("截止日期", value);
        assert!(imported.items.postings.is_empty(), "{value}");
        let [refusal] = imported.report.refused.as_slice() else { panic!("{value}") };
        assert_eq!((refusal.place.row, refusal.column.as_str()), (2, "截止日期"), "{value}");
        assert!(refusal.reason.to_string().contains(value), "{value}");
    }
    let imported = closing("截止日期", "2026-11-05");
    assert_eq!((imported.report.expired, imported.report.accepted), (1, 0));
    assert_eq!(remarks(&imported.report), [(2, "截止日期", "over")]);
}

#[test]
fn a_year_that_is_not_written_is_told_by_the_day() {
    let last = |today, published: &str, closes: &str| {
        let rows: [&[&str]; 2] = [
            &["单位", "岗位", "工作地点", "发布日期", "截止日期"],
            &["测试厂", "焊工", "测试县", published, closes],
        ];
        let imported = read_on(&csv(&rows), today);
        imported.items.postings.first().map(|p| (p.published, p.closes.expect("a last day")))
    };
    let (november, january) = (date(2026, 11, 28), date(2027, 1, 4));
    let right = Some((date(2026, 11, 20), date(2027, 1, 31)));
    assert_eq!(last(november, "11月20日", "1月31日"), right);
    assert_eq!(last(january, "11-20", "1.31"), right);
    assert_eq!(last(january, "12月28日", "12月30日"), None);
    let right = Some((date(2026, 12, 28), date(2027, 3, 1)));
    assert_eq!(last(january, "12月28日", "3月1日"), right);
    // This year's or the next one's: nobody may guess.
    assert_eq!(last(november, "2026-11-20", "11月5日"), None);
}

const TRAINING: [&str; 6] = ["班级名称", "培训机构", "工种", "培训地点", "培训内容", "发布日期"];

fn training(more: &[(&str, &str)]) -> (Option<TrainingNotice>, Report) {
    let values = ["电工班", "测试学校", "电工", "测试路1号", "学电工", "2026-11-10"];
    let header: Vec<&str> = TRAINING.into_iter().chain(more.iter().map(|m| m.0)).collect();
    let values: Vec<&str> = values.into_iter().chain(more.iter().map(|m| m.1)).collect();
    let mut imported = from_all(&[&header, &values]);
    (imported.items.trainings.pop(), imported.report)
}

#[test]
fn enrolment_is_a_window_in_one_column_or_in_two() {
    let window = |more: &[(&str, &str)]| {
        let (notice, report) = training(more);
        let notice = notice.unwrap_or_else(|| panic!("{more:?}: {report:?}"));
        (notice.enrol_from, notice.enrol_until)
    };
    let right = (date(2026, 12, 1), Some(date(2026, 12, 20)));
    for value in ["2026.12.1-12.20", "2026年12月1日至20日", "12月1日—12月20日"] {
        assert_eq!(window(&[("报名时间", value)]), right, "{value}");
        assert_eq!(window(&[("报名起止时间", value)]), right, "{value}");
    }
    assert_eq!(window(&[("报名开始", "2026-12-01"), ("报名截止", "12月20日")]), right);
    assert_eq!(window(&[("报名时间起", "2026-12-01"), ("报名时间止", "2026-12-20")]), right);
    // Without a first day it runs from its publication on; without a last it stays open.
    let published = date(2026, 11, 10);
    for value in ["截至12月20日", "即日起至2026年12月20日", "12月20日前"] {
        assert_eq!(
            window(&[("报名时间", value)]),
            (published, Some(date(2026, 12, 20))),
            "{value}"
        );
        assert_eq!(
            window(&[("报名截止", value)]),
            (published, Some(date(2026, 12, 20))),
            "{value}"
        );
    }
    for value in ["招满为止", "长期", "常年招生"] {
        assert_eq!(window(&[("报名截止", value)]), (published, None), "{value}");
    }
    let (notice, _) = training(&[("报名截止", "长期"), ("培训时间", "2026.12.25-2027.1.10")]);
    let notice = notice.expect("taken");
    assert_eq!((notice.starts, notice.ends), (Some(date(2026, 12, 25)), Some(date(2027, 1, 10))));
    assert!(notice.open_on(date(2030, 1, 1)));
    // Words about the class stand in what it is about.
    let (notice, report) = training(&[("报名截止", "长期"), ("培训时间", "每周六上午")]);
    assert_eq!(notice.expect("taken").content, "学电工\n培训时间：每周六上午");
    assert_eq!(remarks(&report), []);
    let (none, report) = training(&[("报名截止", "")]);
    assert!(none.is_none());
    assert_eq!(report.refused[0].reason.code(), "missing");
}

#[test]
fn one_column_of_an_office_may_hold_both_ends() {
    let first = (date(2026, 12, 1), Some(date(2026, 12, 20)));
    for column in ["报名开始", "报名时间", "招生时间", "报名起止", "报名截止"] {
        let (notice, report) = training(&[(column, "2026年12月1日-20日")]);
        let notice = notice.unwrap_or_else(|| panic!("{column}: {report:?}"));
        assert_eq!((notice.enrol_from, notice.enrol_until), first, "{column}");
    }
    for column in ["开班日期", "开班时间", "培训开始", "结束日期", "培训时段", "开班起止时间"]
    {
        let (notice, report) = training(&[("报名截止", "长期"), (column, "2026年12月1日-20日")]);
        let notice = notice.unwrap_or_else(|| panic!("{column}: {report:?}"));
        assert_eq!((notice.starts, notice.ends), (Some(first.0), first.1), "{column}");
    }
    for column in ["举办日期", "开始日期", "召开时间", "举办起止时间"] {
        let fair = fair(&[(column, "2026年12月1日-20日")]);
        let fair = fair.unwrap_or_else(|report| panic!("{column}: {report:?}"));
        assert_eq!((fair.date, fair.ends), first, "{column}");
    }
}

#[test]
fn a_refusal_names_what_is_missing_as_the_file_calls_it() {
    let refusal = |more: &[(&str, &str)]| {
        let (none, report) = training(more);
        assert!(none.is_none(), "{more:?}");
        let refused = &report.refused[0];
        (refused.column.clone(), refused.reason.code())
    };
    let named = |column: &str, code| (column.to_owned(), code);
    assert_eq!(refusal(&[("报名截止时间", "")]), named("报名截止时间", "missing"));
    // A first day is there; what is missing is the last.
    assert_eq!(refusal(&[("报名开始", "2026-12-01")]), named("报名开始", "no_last_day"));
    assert_eq!(refusal(&[("报名时间", "12月1日起")]), named("报名时间", "no_last_day"));
    assert_eq!(
        refusal(&[("报名开始", "2026-12-01"), ("报名截止", "")]),
        named("报名截止", "missing")
    );

    // Of a table that is no list of trainings: what it would need, before what it has.
    let options = Options { collection: Some(Collection::Trainings), ..options(TODAY) };
    let error = |table: &str| {
        let read = import::read(table.as_bytes(), &options, &Known::default());
        read.expect_err("no trainings").to_string()
    };
    let unknown = error("课程表,老师\n一,二\n");
    assert!(
        unknown.starts_with("认不出表头，没有“工种”“培训机构”“报名截止”“地点”“内容”这样的列"),
        "{unknown}"
    );
    let lacking = error("培训机构,工种,报名时间,培训地点\n测试学校,电工,长期,测试路\n");
    assert!(lacking.starts_with("表里没有“内容”这一列，认出的有："), "{lacking}");
}

fn fair(more: &[(&str, &str)]) -> Result<JobFair, Box<Report>> {
    let header: Vec<&str> =
        ["招聘会名称", "举办地点"].into_iter().chain(more.iter().map(|m| m.0)).collect();
    let values: Vec<&str> =
        ["测试招聘会", "测试广场"].into_iter().chain(more.iter().map(|m| m.1)).collect();
    let mut imported = from_all(&[&header, &values]);
    imported.items.fairs.pop().ok_or_else(|| Box::new(imported.report))
}

#[test]
fn fairs_keep_their_days_and_hours() {
    let when = |more: &[(&str, &str)]| {
        let fair = fair(more).unwrap_or_else(|report| panic!("{more:?}: {report:?}"));
        (fair.date, fair.ends, fair.hours)
    };
    let one = |value: &str| when(&[("举办时间", value)]);
    let (fifth, sixth) = (date(2026, 12, 5), Some(date(2026, 12, 6)));
    let hours = |words: &str| Some(words.to_owned());
    for value in ["2026年12月5日-6日", "12月5日、6日", "12月5-6日", "2026.12.5-12.6", "12.5—12.6"]
    {
        assert_eq!(one(value), (fifth, sixth, None), "{value}");
    }
    assert_eq!(one("2026年12月5日-7日").1, Some(date(2026, 12, 7)));
    for value in [
        "2026年12月5日 9:00-16:00",
        "12月5日9:00—16:00",
        "2026-12-05 9:00~16:00",
        "12月5日（周六）9:00－16:00",
    ] {
        assert_eq!(one(value), (fifth, None, hours("9:00–16:00")), "{value}");
    }
    assert_eq!(one("12月5日上午9:00-12:00").2, hours("上午9:00–12:00"));
    assert_eq!(one("12月5日9点半至下午4点").2, hours("9点半至下午4点"));
    assert_eq!(
        one("12月5日至6日 9:00-12:00，14:00-17:00"),
        (fifth, sixth, hours("9:00–12:00，14:00–17:00"))
    );
    assert_eq!(one("12月5日上午，雨天顺延"), (fifth, None, hours("上午，雨天顺延")));
    // From an hour of the first day to one of the last: only its own words say it.
    assert_eq!(
        one("2026-12-05 9:00至2026-12-06 16:00"),
        (fifth, sixth, hours("2026-12-05 9:00至2026-12-06 16:00"))
    );
    // Days that do not follow each other.
    assert_eq!(one("12月5日、12日"), (fifth, Some(date(2026, 12, 12)), hours("12月5日、12日")));
    // A column each.
    let right = (fifth, sixth, hours("9:00-16:00"));
    let columns = [("举办日期", "2026-12-05"), ("结束日期", "2026-12-06"), ("时间", "9:00-16:00")];
    assert_eq!(when(&columns), right);
    assert_eq!(
        when(&[("开始日期", "12月5日"), ("结束日期", "12月6日"), ("时间", "9:00-16:00")]),
        right
    );
    let columns = [("日期", "2026-12-05"), ("开始时间", "9:00"), ("结束时间", "16:00")];
    assert_eq!(when(&columns), (fifth, None, hours("9:00–16:00")));
    let columns = [("开始时间", "2026-12-05 9:00"), ("结束时间", "2026-12-06 16:00")];
    assert_eq!(when(&columns), (fifth, sixth, hours("9:00，16:00")));
    for value in ["每周六上午", "农历腊月初八", "2026年12月", "长期"] {
        let report = fair(&[("举办时间", value)]).expect_err(value);
        assert_eq!(report.refused[0].column, "举办时间", "{value}");
    }
}

#[test]
fn a_moment_of_a_workbook_keeps_its_hour() {
    let rows = [
        row(1, &["招聘会名称", "举办地点", "举办时间"]),
        // 2026-12-09 09:00.
        row(2, &["测试招聘会", "测试广场", r#"=s="1"><v>46365.375</v>"#]),
    ];
    let body = format!("<sheetData>{}</sheetData>", rows.concat());
    let imported = read(&workbook(&[Sheet { name: "表", state: "visible", body }]));
    let fair = &imported.items.fairs[0];
    assert_eq!((fair.date, fair.hours.as_deref()), (date(2026, 12, 9), Some("9:00")));
}

/// A posting with columns beside those that it must have.
fn posting(more: &[(&str, &str)]) -> (Posting, Report) {
    let header: Vec<&str> = ["单位", "岗位"].into_iter().chain(more.iter().map(|m| m.0)).collect();
    let values: Vec<&str> =
        ["测试厂", "焊工"].into_iter().chain(more.iter().map(|m| m.1)).collect();
    let mut imported = from_all(&[&header, &values]);
    let posting = imported.items.postings.pop().unwrap_or_else(|| panic!("{:?}", imported.report));
    (posting, imported.report)
}

#[test]
fn from_and_to_are_one_wage() {
    use WagePeriod::{Day, Hour, Month};
    for (from, to) in [
        ("薪资范围起", "薪资范围至"),
        ("最低工资", "最高工资"),
        ("薪资下限", "薪资上限"),
        ("工资（起）", "工资（止）"),
        ("月薪最低", "月薪最高"),
        ("工资下限（元/月）", "工资上限（元/月）"),
        ("薪酬/起", "薪酬/止"),
    ] {
        let (posting, report) = posting(&[(from, "4000"), (to, "6000")]);
        assert_eq!(posting.wage, range(4_000, 6_000, Month), "{from}");
        assert_eq!(remarks(&report), [], "{from}");
    }
    for (kind, from, to, wage) in [
        ("月薪", "4000", "6000", range(4_000, 6_000, Month)),
        ("非面谈", "4000", "6000", range(4_000, 6_000, Month)),
        ("月薪", "800", "", range(800, 800, Month)),
        ("日薪", "200", "260", range(200, 260, Day)),
        ("元/天", "200", "", range(200, 200, Day)),
        ("时薪", "18", "25", range(18, 25, Hour)),
        ("年薪", "60000", "120000", range(5_000, 10_000, Month)),
        ("面谈", "", "", Some(Wage::Negotiable)),
        ("面议", "-", "-", Some(Wage::Negotiable)),
        ("", "面议", "", Some(Wage::Negotiable)),
        ("", "4000", "面议", range(4_000, 4_000, Month)),
        ("", "4000", "不限", range(4_000, 4_000, Month)),
        ("面议", "4000", "6000", range(4_000, 6_000, Month)),
    ] {
        let columns = [("薪资类型", kind), ("薪资范围起", from), ("薪资范围至", to)];
        let (posting, report) = posting(&columns);
        assert_eq!(posting.wage, wage, "{columns:?}");
        assert_eq!(remarks(&report), [], "{columns:?}");
    }
    let (yearly, _) = posting(&[("计薪方式", "年薪"), ("工资", "60000")]);
    assert_eq!(yearly.benefits, ["60000元/年"]);
    let (piece, _) = posting(&[("计薪方式", "计件"), ("工资", "4000-6000")]);
    assert_eq!((piece.wage, piece.benefits), (range(4_000, 6_000, Month), vec!["计件".into()]));
    // 面议 in one column and amounts in others.
    let (both, _) = posting(&[("工资待遇", "面议"), ("最低工资", "4000"), ("最高工资", "5000")]);
    assert_eq!((both.wage, both.benefits), (range(4_000, 5_000, Month), vec!["面议".into()]));
    let columns = [("工资", "3000-4000"), ("最低工资", "4000"), ("最高工资", "5000")];
    let (other, report) = posting(&columns);
    assert_eq!(other.wage, range(3_000, 4_000, Month));
    assert_eq!(remarks(&report), [(2, "最低工资、最高工资", "other_wage")]);
    // Words stay words, and the report names them.
    let (words, report) = posting(&[("工资", "计件，多劳多得")]);
    assert_eq!((words.wage, words.benefits), (None, vec!["计件，多劳多得".into()]));
    assert_eq!(remarks(&report), [(2, "工资", "wage_not_understood")]);
    let (foreign, report) = posting(&[("工资", "2000美元/月")]);
    assert_eq!((foreign.wage, foreign.benefits), (None, vec!["2000美元/月".into()]));
    assert_eq!(remarks(&report), [(2, "工资", "wage_foreign")]);
}

#[test]
fn from_and_to_are_one_age_and_one_window() {
    let words = |more: &[(&str, &str)]| posting(more).0.conditions;
    assert_eq!(words(&[("年龄下限", "18"), ("年龄上限", "45")]).as_deref(), Some("18–45岁"));
    assert_eq!(words(&[("最小年龄", "18岁"), ("最大年龄", "45周岁")]).as_deref(), Some("18–45岁"));
    assert_eq!(words(&[("年龄起", ""), ("年龄止", "45")]).as_deref(), Some("45岁以下"));
    assert_eq!(words(&[("年龄下限", "不限"), ("年龄上限", "不限")]), None);
    let (_, report) = posting(&[("年龄下限", "成年"), ("年龄上限", "45")]);
    assert_eq!(remarks(&report), [(2, "年龄下限", "number")]);

    for (from, to) in [("开始日期", "结束日期"), ("有效期起", "有效期止"), ("报名开始", "报名截止")]
    {
        let (posting, report) = posting(&[(from, "2026-11-10"), (to, "2027-01-31")]);
        let days = (posting.published, posting.closes);
        assert_eq!(days, (date(2026, 11, 10), Some(date(2027, 1, 31))), "{from}");
        assert_eq!(remarks(&report), [], "{from}");
    }
}

#[test]
fn requirements_in_one_column_are_taken_apart() {
    let rows: [&[&str]; 2] = [
        &[
            "职位名称",
            "职位地址",
            "薪资",
            "学历经验要求",
            "公司名称",
            "公司福利",
            "详情页链接",
            "公司信息",
        ],
        &["焊工", "测试县", "4-6K", "", "测试厂", "", "https://example.com/1", ""],
    ];
    let read = |words: &str| {
        let mut row = rows[1].to_vec();
        row[3] = words;
        let posting = from_all(&[rows[0], &row]).items.postings.remove(0);
        (posting.experience, posting.education, posting.conditions)
    };
    let said = |text: &str| Some(text.to_owned());
    assert_eq!(read("1-3年本科"), (said("1-3年"), said("本科"), None));
    assert_eq!(read("经验不限大专"), (said("经验不限"), said("大专"), None));
    assert_eq!(read("经验不限学历不限"), (said("经验不限"), said("学历不限"), None));
    assert_eq!(read("1-3年|大专|会英语"), (said("1-3年"), said("大专"), said("会英语")));
}

#[test]
fn schooling_keeps_its_words_and_has_its_step() {
    for (words, step) in [
        ("硕士研究生及以上（本科阶段须为法学）", Education::Graduate),
        ("本科以上，专业不限", Education::Bachelor),
        ("高中以上，年龄不限", Education::High),
        ("高中/中专/技校", Education::High),
        ("不限学历", Education::Any),
    ] {
        let (posting, _) = posting(&[("学历", words)]);
        assert_eq!(posting.education.as_deref(), Some(words));
        assert_eq!(Education::asked_for(words), Some(step), "{words}");
    }
}

#[test]
fn board_and_lodging_are_said_or_kept_in_words() {
    const YES: Option<bool> = Some(true);
    const NO: Option<bool> = Some(false);
    for (words, meals, lodging, kept) in [
        ("包吃住", YES, YES, None),
        ("提供食宿", YES, YES, None),
        ("吃住自理", NO, NO, None),
        ("包吃不包住", YES, NO, None),
        ("提供宿舍，有餐补", None, YES, Some("提供宿舍，有餐补")),
        ("食宿面议", None, None, Some("食宿面议")),
        ("面议", None, None, Some("食宿面议")),
    ] {
        let (posting, report) = posting(&[("食宿", words)]);
        assert_eq!((posting.meals, posting.lodging), (meals, lodging), "{words}");
        assert_eq!(posting.benefits.first().map(String::as_str), kept, "{words}");
        let unsaid = (meals, lodging) == (None, None);
        let said = [(2, "食宿", "choice")];
        assert_eq!(remarks(&report), if unsaid { &said[..] } else { &[] }, "{words}");
    }
    let (apart, _) = posting(&[("是否包吃", "是"), ("住宿", "四人间，有空调")]);
    assert_eq!((apart.meals, apart.lodging), (YES, None));
    assert_eq!(apart.benefits, ["住宿四人间，有空调"]);
}

#[test]
fn the_town_stands_before_the_place() {
    let place = |more: &[(&str, &str)]| posting(more).0.place;
    let columns = [("乡镇", "福集镇"), ("工作地点", "工业路1号")];
    assert_eq!(place(&columns).as_deref(), Some("福集镇工业路1号"));
    let columns = [("区县", "泸县"), ("工作地点", "泸县福集镇")];
    assert_eq!(place(&columns).as_deref(), Some("泸县福集镇"));
    assert_eq!(place(&[("乡镇", "福集镇"), ("工作地点", "")]).as_deref(), Some("福集镇"));
    let columns = [("地区", "泸州·泸县·城西"), ("工作地点", "泸县福集镇")];
    assert_eq!(place(&columns).as_deref(), Some("泸县福集镇（泸州、城西）"));
}

#[test]
fn who_cannot_be_called_is_said() {
    let facts = [
        ("人数", "3"),
        ("条件", "会焊接"),
        ("工作内容", "焊接"),
        ("工作地点", "测试县"),
        ("工资", "5000"),
    ];
    let with = |more: &[(&str, &str)]| {
        let (posting, report) = posting(&[&facts[..], more].concat());
        (posting.lacks_phone(), report.incomplete, remarks(&report).len(), report)
    };
    let (lacks, incomplete, _, report) = with(&[("联系人", "测试员"), ("联系电话", "")]);
    assert_eq!((lacks, incomplete), (true, 1));
    assert_eq!(remarks(&report), [(2, "联系电话", "no_phone")]);
    let (lacks, incomplete, said, _) = with(&[("联系人", "测试员")]);
    assert_eq!((lacks, incomplete, said), (true, 1, 1));
    let (lacks, incomplete, said, _) = with(&[("联系人", "测试员"), ("联系电话", "0000-1112222")]);
    assert_eq!((lacks, incomplete, said), (false, 0, 0));
    let (lacks, incomplete, said, _) = with(&[("联系电话", "")]);
    assert_eq!((lacks, incomplete, said), (false, 0, 1));
}

#[test]
fn salaries_of_linked_data_are_wages() {
    let read = |salary: serde_json::Value| {
        let mut posting = json!({
            "@type": "JobPosting", "title": "焊工", "datePosted": "2026-11-20",
            "hiringOrganization": {"name": "测试厂"}, "jobLocation": {"address": "测试县"},
        });
        for (name, value) in salary.as_object().expect("an object") {
            posting[name] = value.clone();
        }
        let mut imported = read(&serde_json::to_vec(&posting).expect("JSON"));
        let posting = imported.items.postings.pop().expect("taken");
        (posting.wage, posting.benefits, imported.report)
    };
    let month = WagePeriod::Month;
    let value = json!({"minValue": 4000, "maxValue": 6000, "unitText": "MONTH"});
    let amount = json!({"@type": "MonetaryAmount", "currency": "CNY", "value": value});
    let (wage, benefits, report) = read(json!({ "baseSalary": [amount] }));
    assert_eq!((wage, benefits.len(), remarks(&report).len()), (range(4_000, 6_000, month), 0, 0));
    let price = json!({"@type": "UnitPriceSpecification", "priceCurrency": "CNY", "price": 200, "unitCode": "DAY"});
    assert_eq!(read(json!({ "baseSalary": price })).0, range(200, 200, WagePeriod::Day));
    let (wage, benefits, _) = read(json!({ "estimatedSalary": [amount] }));
    assert_eq!(
        (wage, benefits),
        (range(4_000, 6_000, month), vec!["4000-6000元/月（估计）".into()])
    );
    for words in [
        json!("面议"),
        json!({"currency": "CNY", "value": "面议"}),
        json!({"value": {"value": "面议"}}),
    ] {
        let (wage, _, report) = read(json!({ "baseSalary": words }));
        assert_eq!((wage, remarks(&report).len()), (Some(Wage::Negotiable), 0), "{words}");
    }
    let dollars = json!({"currency": "USD", "value": {"value": 900, "unitText": "MONTH"}});
    let (wage, benefits, report) = read(json!({ "baseSalary": dollars }));
    assert_eq!((wage, benefits), (None, vec!["900USD/月".into()]));
    assert_eq!(remarks(&report), [(1, "baseSalary", "wage_foreign")]);
    let (wage, benefits, _) = read(json!({ "baseSalary": [dollars, amount] }));
    assert_eq!((wage, benefits), (range(4_000, 6_000, month), vec!["900USD/月".into()]));
}

/// Small inputs that are not part of the project, where they are.
#[test]
fn the_cases_give_what_they_should() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases");
    if !cases.is_dir() {
        return;
    }
    let today = date(2026, 11, 28);
    let case = |name: &str| read_on(&std::fs::read(cases.join(name)).expect(name), today);

    let wages: Vec<_> =
        case("a5-wage-from-to.xlsx").items.postings.iter().map(|p| p.wage).collect();
    assert_eq!(wages, [range(4_000, 6_000, WagePeriod::Month), Some(Wage::Negotiable)]);

    let steps = |posting: &Posting| posting.education.as_deref().and_then(Education::asked_for);
    let schooling = case("a20-schooling-words.xlsx");
    let steps: Vec<_> = schooling.items.postings.iter().map(steps).collect();
    let right = [Education::Graduate, Education::Bachelor, Education::High].map(Some);
    assert_eq!(steps, right);

    let last = case("a21-range-as-last-day.xlsx");
    let last: Vec<_> = last.items.postings.iter().map(|posting| posting.closes).collect();
    let right = [date(2027, 1, 31), date(2027, 3, 31), date(2026, 12, 20)].map(Some);
    assert_eq!(last, right);

    let fairs = case("f1-fair-days-and-hours.xlsx");
    let fairs: Vec<_> =
        fairs.items.fairs.iter().map(|f| (f.date, f.ends, f.hours.as_deref())).collect();
    let december = |day| date(2026, 12, day);
    assert_eq!(
        fairs,
        [
            (december(5), Some(december(6)), None),
            (december(9), None, Some("9:00–16:00")),
            (december(12), Some(december(14)), None),
        ]
    );
}
