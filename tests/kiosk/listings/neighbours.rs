//! What stands beside, above and below the rows of a table, and belongs to them or to another: a second
//! table, a heading, a line about who made it.

use jiff::civil::date;
use kiosk_base::{
    domain::posting::WagePeriod,
    import::report::{Aside, Length, RemarkKind},
};

use super::shapes::{csv, table, told, untaken, wage};

/// Classes beside postings are none of theirs, and named.
#[test]
fn a_table_of_another_kind_beside_is_not_taken_for_more_columns() {
    let imported = csv(&[
        &["单位名称", "岗位名称", "电话", "", "培训班名称", "培训内容", "报名截止"],
        &["测试甲厂", "普工", "0830-8990001", "", "测试班", "焊接", "2026-12-20"],
        &["测试甲厂", "保洁", "0830-8990001", "", "测试班", "焊接", "2026-11-01"],
    ]);
    let closes: Vec<_> = imported.items.postings.iter().map(|posting| posting.closes).collect();
    assert_eq!(closes, [None, None], "{:?}", imported.report);
    let columns: Vec<_> = untaken(&imported).iter().map(|column| column.0).collect();
    assert_eq!(columns, ["培训班名称", "培训内容", "报名截止"]);
}

/// So are classes below them.
#[test]
fn a_table_of_another_kind_below_is_left_out_and_named() {
    let imported = csv(&[
        &["岗位名称", "单位名称", "招聘人数", "工资", "联系电话"],
        &["焊工", "测试甲厂", "2", "5000", "0830-8990001"],
        &["培训班名称", "培训机构", "工种", "培训内容", "报名截止"],
        &["测试班", "测试学校", "焊工", "焊接", "2026-12-20"],
        &["岗位名称", "单位名称", "招聘人数", "工资", "联系电话"],
        &["电工", "测试乙厂", "3", "4000", "0830-8990002"],
    ]);
    assert_eq!(
        told(&imported),
        [("焊工", "测试甲厂", Some(2), None), ("电工", "测试乙厂", Some(3), None)]
    );
    let others: Vec<_> =
        imported.report.left_out.iter().filter(|r| r.kind == Aside::Other).collect();
    assert_eq!(others.iter().map(|row| row.place.row).collect::<Vec<_>>(), [3, 4]);
}

/// A wage is what its own column says it is for.
#[test]
fn the_unit_of_one_column_is_not_that_of_another() {
    let imported = csv(&[
        &["岗位名称", "单位名称", "试用期工资", "转正工资", "年薪"],
        &["焊工", "测试甲厂", "3000", "4000", "5万"],
    ]);
    assert_eq!(wage(&imported.items.postings[0]), (4_000, 4_000, WagePeriod::Month));
    let imported = csv(&[
        &["岗位名称", "单位名称", "月薪", "年薪（万元）"],
        &["焊工", "测试甲厂", "4000", "5"],
    ]);
    assert_eq!(wage(&imported.items.postings[0]), (4_000, 4_000, WagePeriod::Month));
    let ranged = csv(&[
        &["岗位名称", "单位名称", "最低工资", "最高工资"],
        &["焊工", "测试甲厂", "4-6K", ""],
    ]);
    assert_eq!(wage(&ranged.items.postings[0]), (4_000, 6_000, WagePeriod::Month));
}

/// What a line below the heading of an employer says is that employer's.
#[test]
fn a_line_below_the_heading_of_an_employer_says_more_of_it() {
    let imported = table(
        &[
            &["岗位名称", "人数", "工资"],
            &["测试电子有限公司"],
            &["联系人：测试员 电话：0830-8990001"],
            &["操作工", "50", "4500"],
            &["测试食品有限公司（联系人：测试一 0830-8990002）"],
            &["包装工", "5", "4000"],
        ],
        &[],
    );
    let rows = imported.items.postings.iter().map(|posting| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        (posting.employer.clone(), text(&posting.contact), text(&posting.phone))
    });
    let row = |employer: &str, contact: &str, phone: &str| {
        (employer.to_owned(), contact.to_owned(), phone.to_owned())
    };
    assert_eq!(
        rows.collect::<Vec<_>>(),
        [
            row("测试电子有限公司", "测试员", "0830-8990001"),
            row("测试食品有限公司", "测试一", "0830-8990002"),
        ]
    );
}

/// Who made the table stands above it, and is neither a head nor whom to call.
#[test]
fn a_line_about_who_made_the_table_is_no_head_and_its_number_nobodys() {
    let imported = table(
        &[
            &["测试镇招聘岗位表"],
            &["填报单位：测试所 联系电话：0830-8999111 截止时间：2026年12月15日"],
            &["单位名称", "岗位名称", "招聘人数", "", "工资"],
            &["", "", "男", "女", ""],
            &["测试甲厂", "焊工", "3", "2", "5000"],
        ],
        &["A3:A4", "B3:B4", "C3:D3", "E3:E4"],
    );
    assert_eq!(told(&imported), [("焊工", "测试甲厂", Some(5), None)]);
    let posting = &imported.items.postings[0];
    assert_eq!((posting.closes, posting.phone.as_deref()), (Some(date(2026, 12, 15)), None));
    let above: Vec<_> = imported.report.left_out.iter().map(|row| row.words.as_str()).collect();
    assert_eq!(above, ["测试镇招聘岗位表", "填报单位：测试所 | 联系电话：0830-8999111"]);
}

#[test]
fn a_title_asks_for_no_sex_however_it_is_written() {
    for (title, right) in [
        ("男技工（限男）", "技工"),
        ("服务员/女", "服务员"),
        ("男性普工", "普工"),
        ("女士内衣导购", "女士内衣导购"),
        ("男、女装导购", "男、女装导购"),
    ] {
        let imported = csv(&[&["岗位名称", "单位名称"], &[title, "测试甲厂"]]);
        assert_eq!(imported.items.postings[0].title, right, "{title}");
    }
    // The column is named in which the words stand.
    let joined = csv(&[
        &["岗位名称", "单位名称", "专业", "其他要求"],
        &["焊工", "测试甲厂", "电气", "限男性，会开车"],
    ]);
    assert_eq!(joined.report.discriminating[0].column, "其他要求");
}

#[test]
fn hours_are_hours_in_whatever_column_they_stand() {
    for (days, hours, right) in [
        (["举办日期", "2026-12-20"], ["举办时间", "9:00-12:00"], "9:00-12:00"),
        (["日期", "2026-12-20"], ["时间", "0.375"], "9:00"),
    ] {
        let imported = csv(&[
            &["招聘会名称", days[0], hours[0], "举办地点"],
            &["测试专场", days[1], hours[1], "泸县"],
        ]);
        assert_eq!(imported.items.fairs[0].hours.as_deref(), Some(right));
        assert_eq!(untaken(&imported), []);
    }
}

#[test]
fn figures_are_figures_in_full_width_and_words_that_say_nothing_are_none() {
    let imported = csv(&[
        &["岗位名称", "单位名称", "招聘人数", "年龄", "备注", "联系电话"],
        &["焊工", "测试甲厂", "５人", "18-45", "无", "０８３０－８９９０００１"],
    ]);
    let posting = &imported.items.postings[0];
    assert_eq!((posting.openings, posting.phone.as_deref()), (Some(5), Some("0830-8990001")));
    assert_eq!(posting.conditions.as_deref(), Some("年龄：18-45"));
    let wide = csv(&[&["岗位名称", "单位名称", "人\u{3000}数"], &["焊工", "测试甲厂", "若干"]]);
    let lines: Vec<_> = wide.report.lines().map(|line| line.words(Length::Whole)).collect();
    assert!(lines.iter().any(|line| line.contains("“人\u{3000}数”：“若干”不是数字")), "{lines:?}");
    let said = |remark: &RemarkKind| matches!(remark, RemarkKind::Number(_));
    assert_eq!(wide.report.remarks.iter().filter(|remark| said(&remark.remark)).count(), 1);
}
