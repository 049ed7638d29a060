//! Tables in the shapes that official ones have. The rule: nothing of a row disappears without a
//! word that names the row and the column.

use jiff::civil::date;
use kiosk_base::{
    domain::{Posting, Wage, posting::WagePeriod},
    import::{
        self, ImportError, Imported, Known, Options,
        report::{Aside, Kept, RemarkKind, Why},
    },
    wire::Collection,
};

use super::{
    TODAY,
    workbook::{
        old::{self, Value},
        sheet, workbook, workbook_with,
    },
};

fn options() -> Options {
    let shipped = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config");
    kiosk_base::config::imports::options(&shipped, TODAY).expect("the shipped files are right")
}

pub(super) fn read(bytes: &[u8]) -> Result<Imported, ImportError> {
    import::read(bytes, &options(), &Known::default())
}

pub(super) fn table(rows: &[&[&str]], merged: &[&str]) -> Imported {
    read(&workbook(&[sheet("一", rows, merged)])).expect("read")
}

pub(super) fn csv(rows: &[&[&str]]) -> Imported {
    let lines: Vec<_> = rows.iter().map(|row| row.join(",")).collect();
    read(lines.join("\n").as_bytes()).expect("read")
}

/// What postings say: title, employer, openings, schooling.
pub(super) fn told(imported: &Imported) -> Vec<(&str, &str, Option<u32>, Option<&str>)> {
    let postings = imported.items.postings.iter();
    postings
        .map(|posting| {
            let (title, employer) = (posting.title.as_str(), posting.employer.as_str());
            (title, employer, posting.openings, posting.education.as_deref())
        })
        .collect()
}

/// Row, kind and words of what was left out.
fn left_out(imported: &Imported) -> Vec<(usize, Aside, &str)> {
    let rows = imported.report.left_out.iter();
    rows.map(|row| (row.place.row, row.kind, row.words.as_str())).collect()
}

/// Column, why, rows and example of what was not taken.
pub(super) fn untaken(imported: &Imported) -> Vec<(&str, Why, usize, &str)> {
    let columns = imported.report.untaken.iter();
    columns.map(|c| (c.column.as_str(), c.why, c.rows, c.example.as_str())).collect()
}

/// Low and high of a wage in yuan.
pub(super) fn wage(posting: &Posting) -> (i64, i64, WagePeriod) {
    match posting.wage {
        Some(Wage::Range { min, max, per }) => (min.0 / 100, max.0 / 100, per),
        ref other => panic!("{other:?}"),
    }
}

const GROUPED: [&[&str]; 9] = [
    &["某县2026年度公开招聘岗位一览表"],
    &["序号", "招聘单位", "招聘岗位", "", "", "招聘条件", "", "", "", "工资待遇", "联系电话"],
    &["", "", "岗位名称", "岗位代码", "招聘人数", "学历", "专业", "年龄", "其他", "", ""],
    &[
        "1",
        "测试甲镇卫生院",
        "护理",
        "B001",
        "3",
        "大专及以上",
        "护理学",
        "35周岁以下",
        "有护士执业证",
        "3500-4500元/月",
        "0000-1234567",
    ],
    &[
        "",
        "",
        "检验",
        "B002",
        "1",
        "本科及以上",
        "医学检验技术",
        "30周岁以下",
        "",
        "4000-5000元/月",
        "0000-1234567",
    ],
    &[
        "2",
        "测试乙镇中心小学",
        "食堂厨师",
        "B003",
        "2",
        "初中及以上",
        "不限",
        "50周岁以下",
        "有健康证",
        "2800元/月",
        "0000-7654321",
    ],
    &["合计", "", "", "", "6"],
    &["序号", "招聘单位", "招聘岗位", "", "", "招聘条件", "", "", "", "工资待遇", "联系电话"],
    &["填表人：测试员", "", "", "审核：测试员", "", "", "", "2026年11月20日"],
];

#[test]
fn a_header_in_two_rows_is_one() {
    let merged = ["A1:K1", "A2:A3", "B2:B3", "C2:E2", "F2:I2", "J2:J3", "K2:K3", "A4:A5", "B4:B5"];
    let imported = table(&GROUPED, &merged);
    let told_ones = told(&imported);
    assert_eq!(
        told_ones,
        [
            ("护理", "测试甲镇卫生院", Some(3), Some("大专及以上")),
            ("检验", "测试甲镇卫生院", Some(1), Some("本科及以上")),
            ("食堂厨师", "测试乙镇中心小学", Some(2), Some("初中及以上")),
        ]
    );
    let [nurse, lab, cook] = imported.items.postings.as_slice() else { panic!("three") };
    assert_eq!(nurse.id.as_str(), "clerk:B001");
    assert_eq!(nurse.conditions.as_deref(), Some("35周岁以下\n专业：护理学\n有护士执业证"));
    assert_eq!(lab.conditions.as_deref(), Some("30周岁以下\n专业：医学检验技术"));
    assert_eq!(cook.conditions.as_deref(), Some("50周岁以下\n专业：不限\n有健康证"));
    assert_eq!(wage(nurse), (3_500, 4_500, WagePeriod::Month));
    assert_eq!(nurse.phone.as_deref(), Some("0000-1234567"));
    assert_eq!(
        left_out(&imported),
        [
            (1, Aside::Above, "某县2026年度公开招聘岗位一览表"),
            (7, Aside::Total, "合计 | 6"),
            (8, Aside::Header, "序号 | 招聘单位 | 招聘岗位 | 招聘条件 | 工资待遇 | 联系电话"),
            (9, Aside::Signature, "填表人：测试员 | 审核：测试员 | 2026年11月20日"),
        ]
    );
    assert_eq!(untaken(&imported), [("序号", Why::PassedOver, 3, "1")]);
    assert_eq!(imported.report.read, 3);

    // The same as text, where nothing is merged: the rows below say it again.
    let mut rows = GROUPED.to_vec();
    rows[4] = &[
        "",
        "测试甲镇卫生院",
        "检验",
        "B002",
        "1",
        "本科及以上",
        "医学检验技术",
        "30周岁以下",
        "",
        "4000-5000元/月",
        "0000-1234567",
    ];
    assert_eq!(csv(&rows).items, imported.items);
}

#[test]
fn a_header_in_three_rows_is_one() {
    let rows: [&[&str]; 6] = [
        &["招聘岗位表"],
        &["用人单位", "岗位情况", "", "", "", "", "备注"],
        &["", "岗位名称", "需求人数", "工资待遇（元/月）", "", "学历要求", ""],
        &["", "", "", "最低", "最高", "", ""],
        &["1", "2", "3", "4", "5", "6", "7"],
        &["测试厂", "焊工", "3", "4500", "6000", "初中", "有证优先"],
    ];
    let merged = ["A1:G1", "A2:A4", "B2:F2", "B3:B4", "C3:C4", "D3:E3", "F3:F4", "G2:G4"];
    let imported = table(&rows, &merged);
    assert_eq!(told(&imported), [("焊工", "测试厂", Some(3), Some("初中"))]);
    let [welder] = imported.items.postings.as_slice() else { panic!("one") };
    assert_eq!(wage(welder), (4_500, 6_000, WagePeriod::Month));
    assert_eq!(welder.conditions.as_deref(), Some("有证优先"));
    assert_eq!(left_out(&imported)[1], (5, Aside::Numbering, "1 | 2 | 3 | 4 | 5 | 6 | 7"));
}

#[test]
fn tables_side_by_side_are_both_read() {
    let apart: [&[&str]; 5] = [
        &["春风行动岗位"],
        &["单位", "岗位", "人数", "", "单位", "岗位", "人数"],
        &["测试甲厂", "焊工", "3", "", "测试丙厂", "瓦工", "5"],
        &["测试乙厂", "车工", "2", "", "合计", "", "10"],
        &["测试丁厂", "漆工", "多名"],
    ];
    let close: Vec<Vec<&str>> = apart
        .iter()
        .map(|row| {
            row.iter().enumerate().filter(|(at, _)| *at != 3).map(|(_, word)| *word).collect()
        })
        .collect();
    let close: Vec<&[&str]> = close.iter().map(Vec::as_slice).collect();
    for (rows, merged) in [(&apart[..], "A1:G1"), (&close, "A1:F1")] {
        let imported = table(rows, &[merged]);
        assert_eq!(
            told(&imported),
            [
                ("焊工", "测试甲厂", Some(3), None),
                ("瓦工", "测试丙厂", Some(5), None),
                ("车工", "测试乙厂", Some(2), None),
                ("漆工", "测试丁厂", None, None),
            ]
        );
        assert_eq!(left_out(&imported)[1], (4, Aside::Total, "合计 | 10"));
        assert_eq!(imported.report.left_out[1].place.table, Some(2));
        assert_eq!(imported.report.read, 4);
    }
}

#[test]
fn tables_below_each_other_are_both_read() {
    let rows: [&[&str]; 10] = [
        &["一、工业企业"],
        &["", "", "", "单位：人、元"],
        &["单位", "岗位", "人数", "工资"],
        &["测试甲厂", "焊工", "3", "5000"],
        &["合计", "", "3"],
        &["二、服务企业"],
        &["序号", "企业名称", "招聘职位", "学历要求", "联系电话"],
        &["1", "测试乙酒店", "厨师", "不限", "0830-0000001"],
        &["2", "测试丙超市", "收银员", "高中", "0830-0000002"],
        &["3", "合计会计师事务所", "会计", "本科", "0830-0000003"],
    ];
    for imported in [table(&rows, &[]), csv(&rows)] {
        let titles: Vec<_> = told(&imported).iter().map(|told| (told.0, told.1)).collect();
        assert_eq!(
            titles,
            [
                ("焊工", "测试甲厂"),
                ("厨师", "测试乙酒店"),
                ("收银员", "测试丙超市"),
                ("会计", "合计会计师事务所"),
            ]
        );
        let rows: Vec<_> = left_out(&imported).iter().map(|row| row.0).collect();
        assert_eq!(rows, [1, 2, 5, 6]);
    }
}

#[test]
fn employers_stand_in_headings() {
    let rows: [&[&str]; 9] = [
        &["春风行动岗位信息"],
        &["工种", "人数", "工资待遇", "要求", "联系电话"],
        &["一、测试甲电子有限公司（地址：泸县福集镇）"],
        &["装配工", "20", "4500-6000元/月", "18-45岁", "0000-1112222"],
        &["质检", "3", "4000元/月", "高中", "0000-1112222"],
        &["二、测试乙鞋业有限公司"],
        &["针车工", "15", "5000-8000元/月", "熟手", "0000-3334444"],
        &["三、其他"],
        &["以上岗位均长期有效。"],
    ];
    let imported = table(&rows, &["A1:E1", "A3:E3", "A6:E6", "A8:E8", "A9:E9"]);
    assert_eq!(
        told(&imported),
        [
            ("装配工", "测试甲电子有限公司", Some(20), None),
            ("质检", "测试甲电子有限公司", Some(3), None),
            ("针车工", "测试乙鞋业有限公司", Some(15), None),
        ]
    );
    let places: Vec<_> = imported.items.postings.iter().map(|p| p.place.as_deref()).collect();
    assert_eq!(places, [Some("泸县福集镇"), Some("泸县福集镇"), None]);
    assert_eq!(left_out(&imported).iter().map(|row| row.0).collect::<Vec<_>>(), [1, 8, 9]);
    // As text nothing is merged.
    assert_eq!(csv(&rows).items, imported.items);
}

#[test]
fn forms_say_the_employer_once() {
    let form = |employer: &'static str, title: &'static str| -> Vec<Vec<&'static str>> {
        vec![
            vec!["企业用工需求登记表"],
            vec!["单位名称", employer, "联系人", "测试员"],
            vec!["单位地址：泸县福集镇", "", "联系电话", "0000-1234567"],
            vec!["岗位", "人数", "工资", "要求"],
            vec![title, "2", "6000-8000", "有证"],
            vec!["普工", "10", "4500", "18-50岁"],
        ]
    };
    let rows = [form("测试甲厂", "焊工"), form("测试乙厂", "车工")].concat();
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    for imported in [table(&rows, &[]), csv(&rows)] {
        assert_eq!(
            told(&imported),
            [
                ("焊工", "测试甲厂", Some(2), None),
                ("普工", "测试甲厂", Some(10), None),
                ("车工", "测试乙厂", Some(2), None),
                ("普工", "测试乙厂", Some(10), None),
            ]
        );
        for posting in &imported.items.postings {
            assert_eq!(posting.contact.as_deref(), Some("测试员"));
            assert_eq!(posting.phone.as_deref(), Some("0000-1234567"));
            assert_eq!(posting.place.as_deref(), Some("泸县福集镇"));
        }
        let rows: Vec<_> = left_out(&imported).iter().map(|row| (row.0, row.2)).collect();
        assert_eq!(rows, [(1, "企业用工需求登记表"), (7, "企业用工需求登记表")]);
    }
}

#[test]
fn a_refusal_says_which_column_is_missing() {
    let lacking =
        |rows: &[&[&str]]| match read(&workbook(&[sheet("一", rows, &[])])).expect_err("refused") {
            ImportError::Lacking(lacking) => lacking,
            other => panic!("{other}"),
        };
    let postings =
        lacking(&[&["序号", "岗位名称", "招聘人数", "学历"], &["1", "焊工", "3", "初中"]]);
    assert_eq!(postings.missing, ["招聘单位"]);
    assert_eq!(postings.known, ["岗位名称", "招聘人数", "学历"]);
    let words = ImportError::Lacking(postings).to_string();
    assert!(words.contains("招聘单位") && words.contains("岗位名称、招聘人数、学历"), "{words}");
    let fairs = lacking(&[
        &["招聘会名称", "举办地点", "主办单位", "参会单位"],
        &["春风行动", "福集镇文化广场", "测试局", "测试厂"],
    ]);
    assert_eq!(fairs.missing, ["举办日期"]);
    // Of a sheet among others, too.
    let good: [&[&str]; 2] = [&["单位", "岗位"], &["测试厂", "焊工"]];
    let bad: [&[&str]; 2] = [&["岗位", "人数", "工资"], &["焊工", "3", "5000"]];
    let imported = read(&workbook(&[sheet("一", &good, &[]), sheet("二", &bad, &[])]));
    let sheets = imported.expect("read").report.sheets;
    assert_eq!(
        sheets[1].lacking.as_ref().map(|l| l.missing.clone()),
        Some(vec!["招聘单位".into()])
    );
}

#[test]
fn another_number_is_another_job() {
    let rows: [&[&str]; 6] = [
        &["岗位编号", "单位名称", "岗位名称", "招聘人数", "学历", "招聘条件", "工作地点"],
        &["B101", "测试甲镇卫生院", "专业技术岗", "2", "本科及以上", "临床医学", "测试县"],
        &[
            "B102",
            "测试甲镇卫生院",
            "专业技术岗",
            "1",
            "大专及以上",
            "护理学，有护士执业证",
            "测试县",
        ],
        &["B103", "测试甲镇卫生院", "专业技术岗", "3", "大专及以上", "医学检验技术", "测试县"],
        &["B104", "测试乙镇中学", "教师", "1", "本科及以上", "数学", "测试县"],
        &["B105", "测试乙镇中学", "教师", "1", "本科及以上", "英语", "测试县"],
    ];
    let openings = |imported: &Imported| {
        let openings = imported.items.postings.iter().filter_map(|posting| posting.openings);
        (imported.report.accepted, openings.sum::<u32>(), imported.report.duplicates)
    };
    assert_eq!(openings(&table(&rows, &[])), (5, 8, 0));
    // Nor are they the same without their numbers.
    let bare: Vec<&[&str]> = rows.iter().map(|row| &row[1..]).collect();
    let imported = table(&bare, &[]);
    assert_eq!(openings(&imported), (5, 8, 0));
    let mut ids: Vec<_> =
        imported.items.postings.iter().map(|posting| posting.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 5);
    // What is really the same is named with the row that is kept.
    let again: Vec<&[&str]> = bare.iter().copied().chain([bare[2]]).collect();
    let imported = table(&again, &[]);
    assert_eq!(openings(&imported), (5, 8, 1));
    let dropped = &imported.report.dropped[0];
    assert_eq!(dropped.place.row, 7);
    assert!(matches!(&dropped.kept, Kept::Row(place) if place.row == 3), "{dropped:?}");
    // A number that begins anew in each unit is none.
    let anew: Vec<Vec<&str>> = rows
        .iter()
        .enumerate()
        .map(|(at, row)| {
            let number = ["岗位编号", "1", "2", "3", "1", "2"][at];
            std::iter::once(number).chain(row[1..].iter().copied()).collect()
        })
        .collect();
    let anew: Vec<&[&str]> = anew.iter().map(Vec::as_slice).collect();
    let imported = table(&anew, &[]);
    assert_eq!(openings(&imported), (5, 8, 0));
    assert_eq!(imported.report.remarked["differs"], 2);
}

#[test]
fn every_column_that_is_not_taken_is_named() {
    let rows: [&[&str]; 3] = [
        &["序号", "单位", "岗位", "笔试科目", "", "联系电话", "手机", "工资"],
        &["1", "测试厂", "焊工", "综合知识", "甲", "0830-0000000", "13800001111", "5000"],
        &["2", "测试厂", "车工", "综合知识", "", "", "13800002222", "5000"],
    ];
    let imported = table(&rows, &[]);
    assert_eq!(
        untaken(&imported),
        [
            ("笔试科目", Why::Unknown, 2, "综合知识"),
            ("E列", Why::Unknown, 1, "甲"),
            ("序号", Why::PassedOver, 2, "1"),
            ("手机", Why::AnotherCounts, 1, "13800001111"),
        ]
    );
    assert_eq!(imported.items.postings[1].phone.as_deref(), Some("13800002222"));
    let list = serde_json::json!([{"acb200": "1", "aca112": "焊工", "aab004": "测试厂",
        "zzz001": "甲", "zzz002": {"a": {"b": 1}}, "zzz003": [{"c": 2}]}]);
    let imported = read(list.to_string().as_bytes()).expect("read");
    let columns: Vec<_> = untaken(&imported).iter().map(|c| c.0.to_owned()).collect();
    assert_eq!(columns, ["zzz001", "zzz002.a[…]", "zzz003[…]"]);
}

#[test]
fn a_figure_counts_as_it_is_shown() {
    let formats = [
        r#"0"元/年""#,
        r#"0"元/天""#,
        r#"0.0"万""#,
        r##"#,##0" 元/月""##,
        r#"0!.0,"万元""#,
        "0000-0000000",
        r#"0"人""#,
    ];
    let cell = |style: usize, value: &str| format!("=s=\"{}\"><v>{value}</v>", style + 2);
    let texts: Vec<Vec<String>> = [
        (cell(0, "60000"), cell(5, "8301234567")),
        (cell(1, "200"), "=><v>13800001111</v>".to_owned()),
        (cell(2, "0.6"), "1.3800001111E10".to_owned()),
        (cell(3, "4500"), "1.38E+10".to_owned()),
        (cell(4, "65000"), "######".to_owned()),
        ("=><v>5000</v>".to_owned(), "13800001111.0".to_owned()),
    ]
    .into_iter()
    .enumerate()
    .map(|(at, (wage, phone))| {
        vec!["测试厂".to_owned(), format!("工{at}"), cell(6, "3"), wage, phone]
    })
    .collect();
    let texts: Vec<Vec<&str>> =
        texts.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
    let head: &[&str] = &["单位", "岗位", "人数", "工资", "电话"];
    let rows: Vec<&[&str]> = std::iter::once(head).chain(texts.iter().map(Vec::as_slice)).collect();
    let imported = read(&workbook_with(&[sheet("一", &rows, &[])], &formats, "/")).expect("read");
    let wages: Vec<_> = imported.items.postings.iter().map(wage).collect();
    let (month, day) = (WagePeriod::Month, WagePeriod::Day);
    assert_eq!(
        wages,
        [
            (5_000, 5_000, month),
            (200, 200, day),
            (6_000, 6_000, month),
            (4_500, 4_500, month),
            (65_000, 65_000, month),
            (5_000, 5_000, month),
        ]
    );
    let phones: Vec<_> = imported.items.postings.iter().map(|p| p.phone.as_deref()).collect();
    let mobile = Some("13800001111");
    assert_eq!(phones, [Some("0830-1234567"), mobile, mobile, None, None, mobile]);
    assert!(imported.items.postings.iter().all(|posting| posting.openings == Some(3)));
    let remarks = imported.report.remarks.iter();
    let remarks: Vec<_> = remarks
        .map(|r| (r.place.row, r.column.as_str(), r.remark.code()))
        .filter(|r| !matches!(r.2, "undated" | "no_phone"))
        .collect();
    assert_eq!(remarks, [(5, "电话", "rounded"), (6, "电话", "narrow")]);

    // Old workbooks have formats, too.
    let rows: Vec<Vec<Value<'_>>> = vec![
        ["单位", "岗位", "人数", "工资", "电话"].map(Value::Text).into(),
        vec![
            Value::Text("测试厂"),
            Value::Text("焊工"),
            Value::Shown(3.0, 6),
            Value::Shown(60_000.0, 0),
            Value::Shown(8_301_234_567.0, 5),
        ],
        vec![
            Value::Text("测试厂"),
            Value::Text("车工"),
            Value::Number(3.0),
            Value::Shown(200.0, 1),
            Value::Number(13_800_001_111.0),
        ],
    ];
    let rows: Vec<&[Value<'_>]> = rows.iter().map(Vec::as_slice).collect();
    let imported = read(&old::compound(old::records_with(&rows, &formats))).expect("read");
    let [welder, turner] = imported.items.postings.as_slice() else { panic!("two") };
    assert_eq!((wage(welder), welder.openings), ((5_000, 5_000, month), Some(3)));
    assert_eq!((wage(turner), welder.phone.as_deref()), ((200, 200, day), Some("0830-1234567")));
    assert_eq!(turner.phone.as_deref(), mobile);
}

#[test]
fn folders_may_be_parted_by_the_other_stroke() {
    let rows: [&[&str]; 2] = [&["单位", "岗位"], &["测试厂", "焊工"]];
    let bytes = workbook_with(&[sheet("一", &rows, &[])], &[], "\\");
    assert_eq!(told(&read(&bytes).expect("read")), [("焊工", "测试厂", None, None)]);
}

#[test]
fn pages_and_xml_that_are_called_workbooks_are_read() {
    let page = "<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><head><meta charset=gb2312></head>\
        <body><table border=1><tr><td colspan=4>招聘表</td></tr><tr><td rowspan=2>单位<td colspan=2>岗位<td rowspan=2>电话\
        <tr><td>岗位名称<td>招聘人数<tr><td rowspan=2>测试厂<td>焊工<td>3<td x:num=\"13800001111\">1.38E+10\
        <tr><td>车工<td>2<td>0830-0000000</table></body></html>";
    let book = r#"<?xml version="1.0" encoding="gb2312"?>
        <ss:Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><ss:Worksheet ss:Name="岗位"><ss:Table>
        <ss:Row><ss:Cell ss:MergeDown="1"><ss:Data ss:Type="String">单位</ss:Data></ss:Cell><ss:Cell ss:MergeAcross="1"><ss:Data ss:Type="String">岗位</ss:Data></ss:Cell><ss:Cell ss:MergeDown="1"><ss:Data ss:Type="String">电话</ss:Data></ss:Cell></ss:Row>
        <ss:Row><ss:Cell ss:Index="2"><ss:Data ss:Type="String">岗位名称</ss:Data></ss:Cell><ss:Cell><ss:Data ss:Type="String">招聘人数</ss:Data></ss:Cell></ss:Row>
        <ss:Row><ss:Cell ss:MergeDown="1"><ss:Data ss:Type="String">测试厂</ss:Data></ss:Cell><ss:Cell><ss:Data ss:Type="String">焊工</ss:Data></ss:Cell><ss:Cell><ss:Data ss:Type="Number">3</ss:Data></ss:Cell><ss:Cell><ss:Data ss:Type="Number">1.3800001111E10</ss:Data></ss:Cell></ss:Row>
        <ss:Row><ss:Cell ss:Index="2"><ss:Data ss:Type="String">车工</ss:Data></ss:Cell><ss:Cell><ss:Data ss:Type="Number">2</ss:Data></ss:Cell><ss:Cell><ss:Data ss:Type="String">0830-0000000</ss:Data></ss:Cell></ss:Row>
        </ss:Table></ss:Worksheet></ss:Workbook>"#;
    for (format, content) in [("html", page), ("xml", book)] {
        let (gbk, _, _) = encoding_rs::GBK.encode(content);
        for bytes in [content.as_bytes(), &gbk] {
            let imported = read(bytes).expect(format);
            assert_eq!(imported.report.format, format);
            assert_eq!(
                told(&imported),
                [("焊工", "测试厂", Some(3), None), ("车工", "测试厂", Some(2), None)]
            );
            let phones: Vec<_> =
                imported.items.postings.iter().map(|p| p.phone.as_deref()).collect();
            assert_eq!(phones, [Some("13800001111"), Some("0830-0000000")]);
        }
    }
    let archive = read(b"MIME-Version: 1.0\r\nX: y\r\n").expect_err("refused").to_string();
    assert!(archive.contains("MHTML"), "{archive}");
}

#[test]
fn rows_that_are_over_are_named() {
    let rows: [&[&str]; 2] = [&["单位", "岗位", "截止日期"], &["测试厂", "焊工", "2026-11-01"]];
    let imported = table(&rows, &[]);
    let over =
        imported.report.remarks.iter().find(|r| r.remark == RemarkKind::Over(date(2026, 11, 1)));
    let over = over.expect("named");
    assert_eq!((over.place.row, over.column.as_str()), (2, "截止日期"));
    assert_eq!(imported.report.expired, 1);
}

/// The small inputs that went wrong once, where they lie beside the project.
#[test]
fn inputs_that_went_wrong_are_right() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases");
    if !folder.is_dir() {
        return;
    }
    let read =
        |name: &str| read(&std::fs::read(folder.join(name)).expect("readable")).expect("read");
    let grouped = read("a1-two-row-header.xlsx");
    let openings: Vec<_> = told(&grouped).iter().map(|t| (t.2, t.3.map(str::to_owned))).collect();
    assert_eq!(
        openings,
        [(3, "大专及以上"), (1, "本科及以上"), (2, "初中及以上")]
            .map(|(count, words)| (Some(count), Some(words.to_owned())))
    );
    let headings = read("a10-employer-heading-rows.xlsx");
    let employers: Vec<_> = told(&headings).iter().map(|told| told.1).collect();
    assert_eq!(employers, ["测试甲电子有限公司", "测试甲电子有限公司", "测试乙鞋业有限公司"]);
    let form = read("a18-form.xlsx");
    assert_eq!(
        told(&form),
        [("焊工", "测试甲厂", Some(2), None), ("普工", "测试甲厂", Some(10), None)]
    );
    let numbers = read("a19-same-title-other-number.xlsx");
    let sum: u32 = numbers.items.postings.iter().filter_map(|posting| posting.openings).sum();
    assert_eq!((numbers.report.accepted, sum, numbers.report.duplicates), (5, 8, 0));
    assert_eq!(numbers.report.collection, Some(Collection::Postings));
}
