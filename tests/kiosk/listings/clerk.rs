//! What a clerk's tables say that a reader may take for something else: cells that are as the one above,
//! employers in headings, notes beside the table, units in heads. Nothing of it goes to another, or
//! without a word.

use jiff::civil::date;
use kiosk_base::{
    domain::{Posting, Wage, posting::WagePeriod},
    import::report::{Length, Remark, RemarkKind},
};

use super::{
    shapes::{csv, read, table, told, untaken, wage},
    workbook::{old, sheet, workbook},
};

/// 同上 is a name of nobody.
#[test]
fn a_cell_that_is_as_the_one_above_says_what_stands_there() {
    let imported = csv(&[
        &["岗位名称", "单位名称", "工作地点", "联系电话", "工资"],
        &["焊工", "测试甲厂", "泸县福集镇", "0830-8990001", "5000元/月"],
        &["电工", "同上", "〃", "同上", "4000元/月"],
        &["钳工", "同上", "泸县嘉明镇", "0830-8990003", "同上"],
    ]);
    let rows = imported.items.postings.iter().map(|posting| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        (posting.employer.as_str(), text(&posting.place), text(&posting.phone))
    });
    let right = [
        ("测试甲厂", "泸县福集镇", "0830-8990001"),
        ("测试甲厂", "泸县福集镇", "0830-8990001"),
        ("测试甲厂", "泸县嘉明镇", "0830-8990003"),
    ];
    let right =
        right.map(|(employer, place, phone)| (employer, place.to_owned(), phone.to_owned()));
    assert_eq!(rows.collect::<Vec<_>>(), right);
    assert_eq!(imported.items.postings[1].wage, imported.items.postings[2].wage);
}

/// What stands below a heading that is not understood is not the work of the employer before.
#[test]
fn no_row_is_given_to_the_employer_of_another_heading() {
    let second = |heading: &str| {
        table(
            &[
                &["岗位名称", "招聘人数", "工资"],
                &["测试甲厂（电话：0830-8990001）"],
                &["焊工", "2", "5000元/月"],
                &[heading],
                &["电工", "3", "4000元/月"],
            ],
            &[],
        )
    };
    for (heading, employer, phone) in [
        ("测试乙厂", "测试乙厂", None),
        ("【测试乙厂】", "测试乙厂", None),
        ("★测试乙公司", "测试乙公司", None),
        ("二、测试乙公司 地址：泸县 电话：0830-8990002", "测试乙公司", Some("0830-8990002")),
        ("测试乙服务部（嘉明镇街上1号）", "测试乙服务部（嘉明镇街上1号）", None),
    ] {
        let imported = second(heading);
        let posting = &imported.items.postings[1];
        assert_eq!((posting.employer.as_str(), posting.phone.as_deref()), (employer, phone));
    }
    for heading in ["测试乙厂 联系电话13800000002", "测试乙厂：0830-8990002", "测试乙公司招聘岗位"]
    {
        let imported = second(heading);
        assert_eq!(told(&imported).len(), 1, "{heading}");
        assert_eq!(imported.report.refused.len(), 1, "{heading}");
        assert_eq!(imported.report.refused[0].place.row, 5);
    }
    // A remark names nobody.
    let imported = second("以上岗位包吃住");
    assert_eq!(told(&imported)[1].1, "测试甲厂");
}

/// Rows that differ in anything that is shown are two.
#[test]
fn a_row_is_dropped_only_where_another_says_all_of_it() {
    let head: &[&str] = &["岗位名称", "单位名称", "工作地点", "联系电话", "截止日期", "福利"];
    let first: &[&str] = &["焊工", "测试甲厂", "泸县福集镇", "0830-8990001", "2026-12-31", "包吃"];
    for (column, other) in [(3, "0830-8990002"), (4, "2027-01-31"), (5, "包吃住")] {
        let mut second = first.to_vec();
        second[column] = other;
        assert_eq!(told(&csv(&[head, first, &second])).len(), 2, "{other}");
    }
    let imported = csv(&[head, first, first]);
    assert_eq!((told(&imported).len(), imported.report.dropped.len()), (1, 1));
}

#[test]
fn a_unit_counts_wherever_it_stands_in_the_head() {
    let wage = |head: [&str; 2], row: [&str; 2]| {
        let head = ["岗位名称", "单位名称", head[0], head[1]];
        let row = ["焊工", "测试甲厂", row[0], row[1]];
        csv(&[&head, &row]).items.postings.remove(0)
    };
    let of = |posting: &Posting| match posting.wage {
        Some(Wage::Range { min, max, per: WagePeriod::Month }) => (min.0 / 100, max.0 / 100),
        other => panic!("{other:?}"),
    };
    let posting = wage(["薪资（元/月）起", "薪资（元/月）止"], ["4000", "6000"]);
    assert_eq!(of(&posting), (4_000, 6_000));
    let posting = wage(["最低月薪（千元）", "最高月薪（千元）"], ["4", ""]);
    assert_eq!(of(&posting).0, 4_000);
    assert!(posting.benefits.iter().any(|words| words.contains("4千元以上")), "{posting:?}");
    // A year is meant, and nobody knows.
    let posting = wage(["工资待遇", "备注"], ["10-15万", ""]);
    assert_eq!(posting.wage, None);
}

#[test]
fn what_has_no_figure_is_no_telephone() {
    for (phone, remarks) in [("-", 1), ("无", 1), ("见公告", 2)] {
        let imported = csv(&[
            &["岗位名称", "单位名称", "联系人", "联系电话"],
            &["焊工", "测试甲厂", "测试人", phone],
        ]);
        assert_eq!(imported.items.postings[0].phone, None, "{phone}");
        let of_phone = imported.report.remarks.iter().filter(|remark| remark.column == "联系电话");
        assert_eq!(of_phone.count(), remarks, "{phone}");
    }
}

/// One fair, an employer a row: what a row says of the fair itself is taken or named.
#[test]
fn nothing_that_a_row_says_of_its_fair_is_lost() {
    let imported = csv(&[
        &["招聘会名称", "举办日期", "举办地点", "参会企业", "咨询电话", "主办单位"],
        &["测试招聘会", "2026-12-10", "福集镇广场", "测试甲厂", "", "测试县就业局"],
        &["测试招聘会", "2026-12-10", "福集镇广场", "测试乙厂", "0830-8990001", "测试县就业局"],
        &["测试招聘会", "2026-12-10", "福集镇广场", "测试丙厂", "0830-8990002", ""],
    ]);
    let fair = &imported.items.fairs[0];
    assert_eq!((imported.items.fairs.len(), fair.employers.len()), (1, 3));
    assert_eq!(fair.phone.as_deref(), Some("0830-8990001"));
    let left_out: Vec<_> = imported
        .report
        .remarks
        .iter()
        .filter(|remark| matches!(remark.remark, RemarkKind::LeftOut(_)))
        .map(|remark| (remark.place.row, remark.column.as_str()))
        .collect();
    assert_eq!(left_out, [(4, "咨询电话")]);
}

/// What somebody wrote beside the table is named, and the row stays.
#[test]
fn a_note_beside_the_table_takes_no_row_away() {
    let imported = table(
        &[
            &["岗位名称", "单位名称", "工资"],
            &["焊工", "测试甲厂", "5000元/月", "", "已电话核实"],
            &["电工", "测试甲厂", "4000元/月"],
        ],
        &[],
    );
    assert_eq!((told(&imported).len(), imported.report.refused.len()), (2, 0));
    let note = imported.report.remarks.iter().find(|remark| remark.column == "E列");
    let right = RemarkKind::LeftOut("已电话核实".to_owned());
    assert_eq!(note.map(|note| (note.place.row, &note.remark)), Some((2, &right)));
}

/// A form of names and values is no table: its values are no heads, and its names no postings.
#[test]
fn a_form_is_refused_and_not_misread() {
    let rows: [&[&str]; 3] = [
        &["单位名称", "测试甲厂", "单位地址", "泸县福集镇1号"],
        &["招聘岗位", "焊工", "招聘人数", "3"],
        &["工资待遇", "5000", "联系电话", "0830-8990001"],
    ];
    let refused = read(&workbook(&[sheet("一", &rows, &[])])).expect_err("no table");
    assert!(refused.to_string().contains("认不出表头"), "{refused}");
}

/// A range in one column was taken, and the end of 中旬 stands in no cell.
#[test]
fn nothing_is_called_untaken_that_was_read() {
    let head: &[&str] = &[
        "培训机构",
        "培训项目",
        "班级名称",
        "培训内容",
        "培训地点",
        "开班日期",
        "结束日期",
        "报名时间",
    ];
    let imported = csv(&[
        head,
        &[
            "测试职校",
            "面点",
            "测试面点班",
            "做面点",
            "福集镇",
            "2026年12月中旬",
            "2026年12月下旬",
            "2026.12.1-12.8",
        ],
    ]);
    assert_eq!(imported.items.trainings.len(), 1, "{:?}", imported.report.refused);
    assert_eq!(untaken(&imported), []);
    let left_out = |remark: &&Remark| matches!(remark.remark, RemarkKind::LeftOut(_));
    assert_eq!(imported.report.remarks.iter().filter(left_out).count(), 0);
}

/// Who may enrol until it begins may do so until that day.
#[test]
fn enrolment_until_the_class_begins_ends_with_that_day() {
    let head = ["培训机构", "培训项目", "班级名称", "培训内容", "培训地点", "开班时间", "报名时间"];
    let of = |starts: &str| {
        let row = ["测试职校", "面点", "测试面点班", "做面点", "福集镇", starts, "即日起至开班前"];
        csv(&[&head, &row])
    };
    let known = of("2026-12-10");
    assert_eq!(known.items.trainings[0].enrol_until, Some(date(2026, 12, 10)));
    let unknown = of("");
    assert_eq!(unknown.items.trainings[0].enrol_until, None);
    let beside = RemarkKind::Beside("开班前".to_owned());
    assert!(unknown.report.remarks.iter().any(|remark| remark.remark == beside));
}

/// With nothing above there is nothing to be as.
#[test]
fn a_cell_that_is_as_none_is_named() {
    let imported = csv(&[&["岗位名称", "单位名称", "工作地点"], &["焊工", "测试甲厂", "同上"]]);
    assert_eq!(imported.items.postings[0].place, None);
    let named = RemarkKind::LeftOut("同上".to_owned());
    let remark = imported.report.remarks.iter().find(|remark| remark.remark == named);
    assert_eq!(remark.map(|remark| remark.column.as_str()), Some("工作地点"));
}

/// Openings for men and for women are openings; wages at first and later are two.
#[test]
fn heads_below_a_head_say_which_part_a_column_is() {
    let imported = table(
        &[
            &["岗位名称", "单位名称", "招聘人数", "", "薪酬待遇", ""],
            &["", "", "男", "女", "试用期", "转正后"],
            &["焊工", "测试甲厂", "3", "2", "4000元/月", "5000元/月"],
            &["缝纫工", "测试乙厂", "", "4", "3000元/月", "3500元/月"],
        ],
        &["A1:A2", "B1:B2", "C1:D1", "E1:F1"],
    );
    assert_eq!(
        told(&imported),
        [("焊工", "测试甲厂", Some(5), None), ("缝纫工", "测试乙厂", Some(4), None)]
    );
    let wages = imported.items.postings.iter().map(|posting| (wage(posting), &posting.benefits[0]));
    let month = WagePeriod::Month;
    assert_eq!(
        wages.collect::<Vec<_>>(),
        [
            ((5_000, 5_000, month), &"试用期工资：4000元/月".to_owned()),
            ((3_500, 3_500, month), &"试用期工资：3000元/月".to_owned()),
        ]
    );
    // A number for women alone is a condition.
    let forbidden: Vec<_> =
        imported.report.discriminating.iter().map(|d| (d.place.row, d.words.as_str())).collect();
    assert_eq!(forbidden, [(4, "女：4")]);
    assert_eq!(untaken(&imported), []);
    let flat = csv(&[
        &[
            "岗位名称",
            "单位名称",
            "招聘人数（男）",
            "招聘人数（女）",
            "总人数",
            "试用期工资",
            "工资",
        ],
        &["焊工", "测试甲厂", "3", "2", "6", "4000", "5000"],
    ]);
    assert_eq!(told(&flat), [("焊工", "测试甲厂", Some(6), None)]);
    assert_eq!(flat.report.discriminating, []);
}

/// What is paid for is told by the name of the column.
#[test]
fn the_name_of_a_wage_says_what_it_is_for() {
    for (name, value, right) in [
        ("日薪", "200", (200, 200, WagePeriod::Day)),
        ("时薪（元）", "20", (20, 20, WagePeriod::Hour)),
        ("年薪（万元）", "6-12", (5_000, 10_000, WagePeriod::Month)),
        ("年收入", "60000", (5_000, 5_000, WagePeriod::Month)),
    ] {
        let imported = csv(&[&["岗位名称", "单位名称", name], &["焊工", "测试甲厂", value]]);
        assert_eq!(wage(&imported.items.postings[0]), right, "{name}");
    }
}

#[test]
fn who_to_call_may_stand_in_one_cell_with_the_number() {
    for (name, cell, contact, phone) in [
        ("联系人及电话", "测试员 0830-8990001", Some("测试员"), "0830-8990001"),
        ("联系人、联系电话", "测经理：0830-8990001", Some("测经理"), "0830-8990001"),
        ("联系电话", "0830-8990001（测女士）", Some("测女士"), "0830-8990001"),
        ("联系电话", "0830-8990001（工作日）", None, "0830-8990001（工作日）"),
    ] {
        let imported = csv(&[&["岗位名称", "单位名称", name], &["焊工", "测试甲厂", cell]]);
        let posting = &imported.items.postings[0];
        let said = (posting.contact.as_deref(), posting.phone.as_deref());
        assert_eq!(said, (contact, Some(phone)), "{name}");
        assert_eq!(untaken(&imported), []);
    }
}

/// A title that asks for nothing but a sex is not shown as it stands.
#[test]
fn a_title_without_its_sex_names_the_work_or_is_refused() {
    let head: &[&str] = &["岗位名称", "单位名称", "职业"];
    let rows: &[&[&str]] = &[
        head,
        &["女工", "测试甲厂", "缝纫工"],
        &["女工20名", "测试乙厂", ""],
        &["女服务员", "测试丙店", ""],
        &["女", "测试丁店", ""],
    ];
    let imported = csv(rows);
    let titles: Vec<_> = imported.items.postings.iter().map(|p| p.title.as_str()).collect();
    assert_eq!(titles, ["缝纫工", "工人", "服务员"]);
    let refused: Vec<_> =
        imported.report.refused.iter().map(|r| (r.place.row, r.reason.code())).collect();
    assert_eq!(refused, [(5, "only_forbidden")]);
}

#[test]
fn rows_that_lack_something_are_named() {
    let head: &[&str] =
        &["岗位名称", "单位名称", "招聘人数", "招聘条件", "工作内容", "工作地点", "工资"];
    let imported = csv(&[
        head,
        &["焊工", "测试甲厂", "3", "会焊", "焊接", "泸县", "5000"],
        &["电工", "测试甲厂", "", "会电", "接线", "泸县", "5000"],
        &["钳工", "测试甲厂", "", "会钳", "装配", "泸县", "5000"],
        &["车工", "测试甲厂", "2", "会车", "", "泸县", "5000"],
    ]);
    assert_eq!(imported.report.incomplete, 3);
    let lines: Vec<_> = imported.report.lines().map(|line| line.words(Length::Whole)).collect();
    assert!(lines.contains(&"第 3–4 行：缺招聘人数，显示“未提供”".to_owned()), "{lines:?}");
    assert!(lines.contains(&"第 5 行：缺工作内容，显示“未提供”".to_owned()), "{lines:?}");
}

/// A month in a column of last days is no month in which it begins; a third of one is no day of a fair.
#[test]
fn months_are_ends_where_a_column_says_so_and_no_days_of_fairs() {
    let imported = csv(&[&["岗位名称", "单位名称", "截止日期"], &["焊工", "测试甲厂", "2026.12"]]);
    assert_eq!(imported.items.postings[0].closes, Some(date(2026, 12, 31)));
    let begins = |remark: &Remark| matches!(remark.remark, RemarkKind::Begins(_));
    assert!(!imported.report.remarks.iter().any(begins));
    let fair = csv(&[&["招聘会名称", "举办日期", "举办地点"], &["测试专场", "12月下旬", "泸县"]]);
    assert_eq!(fair.report.refused[0].reason.code(), "no_day");
}

/// Rows that nobody sees in the sheet are taken, and named.
#[test]
fn rows_that_a_filter_hides_are_named() {
    let mut page = sheet(
        "一",
        &[
            &["岗位名称", "单位名称"],
            &["焊工", "测试甲厂"],
            &["电工", "测试甲厂"],
            &["钳工", "测试甲厂"],
            &["车工", "测试甲厂"],
        ],
        &[],
    );
    for row in [3, 4] {
        let tag = format!(r#"<row r="{row}""#);
        page.body = page.body.replace(&tag, &format!(r#"{tag} hidden="1""#));
    }
    let report = read(&workbook(&[page])).expect("read").report;
    assert_eq!(report.accepted, 4);
    let lines: Vec<_> = report.lines().map(|line| line.words(Length::Whole)).collect();
    let right = "表“一”第 3–4 行：在表里是隐藏的（筛选过，或者隐藏了），也导入";
    assert!(lines.iter().any(|line| line == right), "{lines:?}");
    let text = old::Value::Text;
    let records = old::records(&[
        &[text("岗位名称"), text("单位名称")],
        &[text("焊工"), text("测试甲厂")],
        &[text("电工"), text("测试甲厂")],
    ]);
    let old = old::compound(old::hiding(records, 2));
    let report = read(&old).expect("read").report;
    assert_eq!(report.hidden[0].rows, [3]);
}

/// Whoever wants nobody any more is not shown, and what is no number is said to be none.
#[test]
fn work_that_is_gone_and_numbers_that_are_none_are_told() {
    let imported = csv(&[
        &["岗位名称", "单位名称", "招聘人数", "联系电话", "备注"],
        &["焊工", "测试甲厂", "2", "0830-8990001", "包吃住（已招满）"],
        &["电工（停招）", "测试甲厂", "2", "0830-8990001", ""],
        &["钳工", "测试甲厂", "已招满", "0830-8990001", ""],
        &["车工", "测试甲厂", "2", "1380000111", "招满为止"],
        &["铣工", "测试甲厂", "2", "12333", "已招满 2 人，还差 1 人"],
        &["刨工", "测试甲厂", "2", "测试员 1380000111", "年龄：已满 18 周岁"],
    ]);
    let refused = &imported.report.refused;
    let refused = refused.iter().map(|r| (r.place.row, r.column.as_str(), r.reason.code()));
    let right = [(2, "备注", "filled"), (3, "岗位名称", "filled"), (4, "招聘人数", "filled")];
    assert_eq!(refused.collect::<Vec<_>>(), right);
    let [lathe, mill, _] = imported.items.postings.as_slice() else { panic!("three are left") };
    assert_eq!(lathe.phone.as_deref(), Some("1380000111"));
    assert_eq!(mill.conditions.as_deref(), Some("已招满 2 人，还差 1 人"));
    let remarks = imported.report.remarks.iter().map(|r| (r.place.row, r.remark.code()));
    let of_numbers: Vec<_> = remarks.filter(|(_, code)| *code == "not_a_number").collect();
    assert_eq!(of_numbers, [(5, "not_a_number"), (7, "not_a_number")]);

    let fairs = csv(&[
        &["招聘会名称", "举办日期", "举办地点", "咨询电话"],
        &["测试专场（已取消）", "2026-12-05", "泸县", "0830-8990001"],
        &["测试专场", "2026-12-06", "泸县", "1380000111"],
    ]);
    assert_eq!(fairs.report.refused[0].reason.code(), "filled");
    assert_eq!(fairs.report.remarks[0].remark.code(), "not_a_number");
}
