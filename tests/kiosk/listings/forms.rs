//! Files as clerks and other systems keep them, and files that no list should be made of.

use jiff::civil::date;
use kiosk_base::{
    domain::{EmploymentForm, Fen, OccupationClass, Wage, posting::WagePeriod},
    import::{
        self, ImportError, Imported, Known, Options,
        condition::Ground,
        mapping::{Expired, Incomplete},
        report::Taken,
    },
    wire::Collection,
};
use serde_json::json;

use super::{
    TODAY,
    workbook::{
        Sheet,
        old::{self, Value},
        packed, row, workbook,
    },
};

fn options() -> Options {
    let shipped = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config");
    kiosk_base::config::imports::options(&shipped, TODAY).expect("the shipped files are right")
}

fn read_with(bytes: &[u8], change: impl FnOnce(&mut Options)) -> Result<Imported, ImportError> {
    let mut options = options();
    change(&mut options);
    import::read(bytes, &options, &Known::default())
}

fn read(bytes: &[u8]) -> Imported {
    read_with(bytes, |_| {}).expect("read")
}

/// (row, column, code) of what was refused.
fn refused(imported: &Imported) -> Vec<(usize, &str, &str)> {
    let refused = imported.report.refused.iter();
    refused.map(|r| (r.place.row, r.column.as_str(), r.reason.code())).collect()
}

/// (row, code) of the remarks.
fn remarks(imported: &Imported) -> Vec<(usize, &str)> {
    imported.report.remarks.iter().map(|r| (r.place.row, r.remark.code())).collect()
}

const CLERK: &str = "\
泸县招聘信息登记表（2026年11月）,,,,,,,,,,,,
序号,招聘岗位,单位名称,招聘人数,性别,学历要求,工资（元/月）,要求,工作内容,工作地点,食宿,发布时间,截止日期
1,电焊工,泸县测试机械厂,招3人,男,初中,4500-6000,\"18-55岁，有焊工证，限男性\",焊接钢结构,福集镇工业路1号,包吃住,2026/11/1,2026年12月31日
2,保洁员,测试物业,若干,不限,不限,2500以上,<p>能吃苦</p>&nbsp;,打扫<br>清运,泸县嘉明镇,否,11月2日,
3,,测试餐饮,2,女,21,面议,不限,端菜,泸州市龙马潭区,看情况,2026-11-03,
4,厨师,测试餐饮,2,女,21,面议,不限,炒菜,泸州市龙马潭区,看情况,2026-11-03,长期有效
5,普工,测试电子,5,,,150-200,无,装配,泸县,,2026-11-04,2026-11-05

4,厨 师,测试餐饮,2,女,21,面议,不限,炒菜,泸州市龙马潭区,看情况,2026-11-03,长期有效
";

#[test]
fn a_clerks_table_is_understood() {
    let imported = read_with(CLERK.as_bytes(), |options| {
        let clerk = options.mappings.iter_mut().find(|m| m.name == "clerk").expect("shipped");
        clerk.dates.year = Some(2026);
    })
    .expect("read");
    let report = &imported.report;
    assert_eq!((report.format, report.mapping.as_deref()), ("csv", Some("clerk")));
    assert_eq!(
        (report.read, report.accepted, report.duplicates, report.expired, report.incomplete),
        (6, 3, 1, 1, 1)
    );
    assert_eq!(refused(&imported), [(5, "招聘岗位", "missing")]);

    let [welder, cleaner, cook] = imported.items.postings.as_slice() else { panic!("three") };
    assert_eq!(welder.class, Some(OccupationClass::Trades));
    assert_eq!(welder.openings, Some(3));
    assert_eq!(welder.conditions.as_deref(), Some("18-55岁，有焊工证"));
    let month = |min, max| Wage::Range {
        min: Fen::from_yuan(min),
        max: Fen::from_yuan(max),
        per: WagePeriod::Month,
    };
    assert_eq!(welder.wage, Some(month(4_500, 6_000)));
    assert_eq!(welder.division.as_ref().map(|d| d.as_str()), Some("510521100"));
    assert_eq!((welder.meals, welder.lodging), (Some(true), Some(true)));
    assert_eq!((welder.published, welder.closes), (date(2026, 11, 1), Some(date(2026, 12, 31))));
    assert!(welder.missing().is_empty());

    assert_eq!(cleaner.wage, Some(month(2_500, 2_500)));
    assert_eq!(cleaner.benefits, ["2500以上"]);
    assert_eq!(cleaner.conditions.as_deref(), Some("能吃苦"));
    assert_eq!(cleaner.duties.as_deref(), Some("打扫\n清运"));
    assert_eq!(cleaner.published, date(2026, 11, 2));
    assert_eq!(cleaner.meals, Some(false));
    assert_eq!(cleaner.missing(), ["招聘人数"]);

    assert_eq!(cook.education.as_deref(), Some("代码 21"));
    assert_eq!(cook.wage, Some(Wage::Negotiable));
    assert_eq!((cook.closes, cook.division.as_ref()), (None, None));

    assert_eq!(report.unmapped[0].code, "21");
    let grounds: Vec<_> =
        report.discriminating.iter().map(|d| (d.place.row, d.ground, d.words.as_str())).collect();
    assert_eq!(
        grounds,
        [
            (3, Ground::Sex, "限男性"),
            (3, Ground::Sex, "男"),
            (6, Ground::Sex, "女"),
            (9, Ground::Sex, "女"),
        ]
    );
    // The row that is over has a wage that would be a day's.
    assert_eq!(
        remarks(&imported),
        [(4, "number"), (6, "choice"), (7, "wage_unlikely"), (7, "over"), (9, "choice")]
    );
    // The same again is the same: ids are made of what is said.
    let again = read_with(CLERK.as_bytes(), |options| {
        let clerk = options.mappings.iter_mut().find(|m| m.name == "clerk").expect("shipped");
        clerk.dates.year = Some(2026);
    });
    assert_eq!(again.expect("read"), imported);
}

/// What the law forbids is looked for in every column that is shown as a condition.
#[test]
fn what_the_law_forbids_is_found_in_any_column_of_conditions() {
    let text = "岗位,单位,年龄要求,学历要求,工作经验,招聘条件\n\
                保安,测试厂,\"50岁以下，男性优先\",\"初中，限男性\",\"一年，男士优先\",\"能吃苦，只招男性\"\n";
    let imported = read(text.as_bytes());
    let [guard] = imported.items.postings.as_slice() else { panic!("one posting") };
    assert_eq!(guard.conditions.as_deref(), Some("50岁以下\n能吃苦"));
    assert_eq!(
        (guard.education.as_deref(), guard.experience.as_deref()),
        (Some("初中"), Some("一年"))
    );
    let columns: Vec<_> =
        imported.report.discriminating.iter().map(|found| found.column.as_str()).collect();
    assert_eq!(columns, ["学历要求", "工作经验", "招聘条件", "年龄要求"]);
}

#[test]
fn policies_refuse_or_keep() {
    let text = "岗位,单位,截止日期\n焊工,测试厂,2026-11-01\n瓦工,测试厂,2026-12-01\n";
    let imported = read(text.as_bytes());
    assert_eq!((imported.report.expired, imported.report.accepted), (1, 1));
    let kept = read_with(text.as_bytes(), |o| o.expired = Some(Expired::Keep)).expect("read");
    assert_eq!((kept.report.expired, kept.report.accepted), (0, 2));
    let strict =
        read_with(text.as_bytes(), |o| o.incomplete = Some(Incomplete::Refuse)).expect("read");
    assert_eq!(refused(&strict), [(3, "", "incomplete")]);
    assert!(strict.report.refused[0].reason.to_string().contains("招聘人数"));
}

#[test]
fn encodings_make_no_difference() {
    let (gb, _, _) = encoding_rs::GB18030.encode(CLERK);
    let utf16: Vec<u8> = "\u{FEFF}"
        .chars()
        .chain(CLERK.replace(',', "\t").chars())
        .collect::<String>()
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let with_crlf = CLERK.replace('\n', "\r\n");
    let right = read(CLERK.as_bytes());
    for bytes in
        [gb.as_ref(), with_crlf.as_bytes(), [b"\xEF\xBB\xBF", CLERK.as_bytes()].concat().as_slice()]
    {
        let imported = read(bytes);
        assert_eq!(imported.items, right.items);
        assert_eq!(refused(&imported), refused(&right));
    }
    // A quoted comma is a tab there; what is compared holds none.
    let tabs = read(&utf16);
    assert_eq!(tabs.report.read, right.report.read);
    assert_eq!(tabs.items.postings[1], right.items.postings[1]);
}

#[test]
fn the_national_board_is_read_from_its_list_and_its_page() {
    let list = json!([
        {"acb200": "9001", "aca112": "焊工", "aca111": "6-18-02-04", "aab004": "测试厂", "acb241": 4000,
         "acb242": 6000, "acb22a": "<p>焊接</p>", "acb202": "泸县", "acb246": "0", "aac011": "70",
         "s_aae395": "2026-11-01", "s_aae398": "2026-12-01"},
        {"acb200": "9002", "aca112": "会计", "aab004": "测试公司", "acb241": 0, "acb242": 0,
         "aac011": "33", "s_aae395": 1_762_000_000_000_u64},
        {"acb200": "9003", "aca112": "", "aab004": "测试公司"},
    ]);
    let imported = read(list.to_string().as_bytes());
    assert_eq!(imported.report.mapping.as_deref(), Some("cjobs"));
    assert_eq!(refused(&imported), [(3, "aca112", "missing")]);
    let [welder, clerk] = imported.items.postings.as_slice() else { panic!("two") };
    assert_eq!(welder.id.as_str(), "cjobs:9001");
    assert_eq!(welder.education.as_deref(), Some("初中"));
    assert_eq!(welder.experience.as_deref(), Some("不限"));
    assert_eq!(welder.class, Some(OccupationClass::Trades));
    assert_eq!(clerk.wage, Some(Wage::Negotiable));
    assert_eq!(clerk.education.as_deref(), Some("代码 33"));
    assert_eq!(clerk.published, date(2025, 11, 1));

    let value = list.to_string().replace('"', "&quot;");
    let page = format!("<html><input type=hidden id='findjoblist' value=\"{value}\"></html>");
    assert_eq!(read(page.as_bytes()).items, imported.items);
}

#[test]
fn linked_data_is_read_from_pages() {
    let page = r#"<html><script type="application/ld+json">{"@graph": [{"@type": "WebSite"}, {
        "@type": "JobPosting", "title": "焊工", "datePosted": "2026-11-01", "validThrough": "2026-12-01T00:00",
        "description": "<p>焊接</p><script>alert(1)<\/script>", "identifier": {"value": "J-1"},
        "hiringOrganization": {"name": "测试厂"}, "employmentType": "PART_TIME",
        "jobLocation": {"address": {"addressRegion": "四川", "addressLocality": "泸县"}},
        "baseSalary": {"currency": "CNY", "value": {"minValue": 4000, "maxValue": 6000, "unitText": "MONTH"}},
        "totalJobOpenings": 2, "qualifications": ["会焊接", "守时"]}]}</script>
        <script type="application/ld+json">{"@type": "JobPosting", "title": "x" "y"}</script></html>"#;
    let imported = read(page.as_bytes());
    assert_eq!((imported.report.format, imported.report.read), ("jsonld", 2));
    assert_eq!(refused(&imported), [(2, "", "form")]);
    let [posting] = imported.items.postings.as_slice() else { panic!("one") };
    assert_eq!(posting.duties.as_deref(), Some("焊接"));
    assert_eq!(posting.form, Some(EmploymentForm::PartTime));
    assert_eq!(posting.conditions.as_deref(), Some("会焊接\n守时"));
    assert!(posting.missing().is_empty());
    let error = read_with(b"<html><p>x</p></html>", |_| {}).expect_err("none");
    assert!(matches!(error, ImportError::PageWithoutPostings));
}

#[test]
fn trainings_and_fairs_are_imported() {
    let trainings = "bhb45a,ahb401,aca112,ahb506,ahb507,bhb452,bhb453,bhb454\n\
                     7,测试学校,电工,120课时,初级,20261101,20261210,20261230\n\
                     8,测试学校,焊工,很多,初级,20261101,20260101,20261230\n\
                     9,测试学校,,1,,20261101,20261201,20261230\n";
    let imported = read(trainings.as_bytes());
    assert_eq!(imported.report.collection, Some(Collection::Trainings));
    assert_eq!(
        refused(&imported),
        [(3, "bhb453", "ends_before_beginning"), (4, "aca112", "missing")]
    );
    let [notice] = imported.items.trainings.as_slice() else { panic!("one") };
    assert_eq!(notice.id.as_str(), "lemis-trainings:7");
    assert_eq!(
        (notice.enrol_from, notice.enrol_until),
        (date(2026, 11, 1), Some(date(2026, 12, 10)))
    );
    assert_eq!((notice.starts, notice.class_hours), (Some(date(2026, 12, 10)), Some(120)));

    let fairs = "招聘会名称,举办日期,举办地点,参会单位,招聘岗位,招聘人数\n\
                 春风行动,2027-02-20,泸县福集镇广场,测试一厂,焊工,3\n\
                 春风行动,2027-02-20,泸县福集镇广场,测试二厂,普工,20人\n\
                 春风行动,2027-02-20,泸县福集镇广场,测试二厂,普工,20人\n\
                 夏日,2026-06-01,泸县,测试三厂,,\n";
    let imported = read(fairs.as_bytes());
    let report = &imported.report;
    assert_eq!((report.accepted, report.duplicates, report.expired), (2, 1, 1));
    let [fair] = imported.items.fairs.as_slice() else { panic!("one") };
    let employers: Vec<_> = fair.employers.iter().map(|e| (e.name.as_str(), e.openings)).collect();
    assert_eq!(employers, [("测试一厂", Some(3)), ("测试二厂", Some(20))]);
    assert_eq!(fair.division.as_ref().map(|d| d.as_str()), Some("510521100"));
}

#[test]
fn every_template_is_what_the_mappings_know() {
    for collection in Collection::ALL {
        let template = import::template::csv(collection);
        assert!(template.starts_with('\u{FEFF}'));
        assert!(!encoding_rs::GBK.encode(&template[3..]).2, "GBK has all its characters");
        // As it stands it is no item.
        let imported = read(template.as_bytes());
        assert_eq!((imported.report.accepted, imported.report.left_out.len()), (0, 1));
        let filled = template.replace("（示例，请删除本行）", "");
        let imported = read(filled.as_bytes());
        let report = &imported.report;
        assert_eq!((report.collection, report.read), (Some(collection), 1), "{collection:?}");
        assert!(report.untaken.is_empty(), "{report:?}");
        assert_eq!((report.accepted, report.incomplete), (1, 0), "{report:?}");
        assert!(report.remarks.is_empty() && report.unmapped.is_empty(), "{report:?}");
        assert!(report.discriminating.is_empty(), "{report:?}");
    }
}

#[test]
fn workbooks_are_read_as_people_see_them() {
    let head = row(2, &["岗位", "单位", "人数", "工资", "截止日期"]);
    let rows = [
        row(1, &["二〇二六年招聘表"]),
        head.clone(),
        row(
            3,
            &[
                "焊工",
                "测试厂",
                "=t=\"n\"><f>1+2</f><v>3</v>",
                "4500-6000",
                "=s=\"1\"><v>46387</v>",
            ],
        ),
        row(4, &["瓦工", "", "", "200元/天", "=><v>46388</v>"]),
        row(5, &["漆工", "", "=t=\"e\"><f>1/0</f><v>#DIV/0!</v>", "", "2026-13-01"]),
        row(6, &["木工", "别的厂", "2", "=><v>5000</v>", ""]),
        row(8, &["岗位", "单位", "人数", "工资", "截止日期"]),
    ];
    let body = format!(
        "<sheetData>{}</sheetData><mergeCells><mergeCell ref=\"A1:E1\"/><mergeCell ref=\"B3:B5\"/><mergeCell ref=\"C3:C4\"/></mergeCells>",
        rows.concat()
    );
    let hidden = format!("<sheetData>{head}{}</sheetData>", row(3, &["密", "厂", "1", "", ""]));
    let empty = "<sheetData></sheetData>".to_owned();
    let sheets = [
        Sheet { name: "岗位", state: "visible", body },
        Sheet { name: "旧", state: "hidden", body: hidden },
        Sheet { name: "说明", state: "visible", body: empty },
    ];
    let imported = read(&workbook(&sheets));
    let report = &imported.report;
    assert_eq!((report.format, report.read, report.accepted), ("xlsx", 4, 3));
    let sheets: Vec<_> = report.sheets.iter().map(|s| (s.name.as_str(), s.taken)).collect();
    assert_eq!(
        sheets,
        [("旧", Taken::Hidden), ("岗位", Taken::Read), ("说明", Taken::Unrecognised)]
    );
    assert_eq!(refused(&imported), [(5, "截止日期", "date")]);
    assert_eq!(report.refused[0].place.sheet.as_deref(), Some("岗位"));
    let [welder, mason, joiner] = imported.items.postings.as_slice() else { panic!("three") };
    assert_eq!((welder.openings, welder.closes), (Some(3), Some(date(2026, 12, 31))));
    assert_eq!((mason.employer.as_str(), mason.closes), ("测试厂", Some(date(2027, 1, 1))));
    // One number over two rows: nobody says for which.
    assert_eq!(mason.openings, None);
    assert_eq!(
        joiner.wage,
        Some(Wage::Range {
            min: Fen::from_yuan(5_000),
            max: Fen::from_yuan(5_000),
            per: WagePeriod::Month
        })
    );
    let codes: Vec<_> = remarks(&imported).into_iter().filter(|r| r.1 != "undated").collect();
    assert_eq!(codes, [(4, "merged"), (5, "formula")]);
}

#[test]
fn old_workbooks_are_read() {
    use Value::{Number, Text};
    let rows: [&[Value<'_>]; 3] = [
        &[Text("岗位"), Text("单位"), Text("人数"), Text("截止日期")],
        &[Text("焊工"), Text("测试厂"), Number(3.0), Number(46_387.0)],
        &[Text("瓦工"), Text(""), Number(1.0), Text("")],
    ];
    let file = old::compound(old::records(&rows));
    let imported = read(&file);
    assert_eq!((imported.report.format, imported.report.accepted), ("xls", 1));
    assert_eq!(refused(&imported), [(3, "单位", "missing")]);
    let posting = &imported.items.postings[0];
    assert_eq!((posting.openings, posting.closes), (Some(3), Some(date(2026, 12, 31))));

    // A chain of sectors that runs in a circle.
    let mut circle = file.clone();
    circle[512 + 4..512 + 8].copy_from_slice(&1_u32.to_le_bytes());
    assert!(matches!(read_with(&circle, |_| {}), Err(ImportError::Workbook(_))));
    // Two cells that span more than can be held.
    let wide: Vec<Value<'_>> = (0..60).map(|_| Text("x")).collect();
    let mut stream = old::records(&[&wide]);
    let at = stream.windows(4).rposition(|w| w == [0x04, 0x02, 11, 0]).expect("a cell");
    stream[at + 4..at + 8].copy_from_slice(&[0xFF, 0xFF, 0xFF, 0x00]);
    let bomb = old::compound(stream);
    assert!(matches!(read_with(&bomb, |_| {}), Err(ImportError::Bomb)));
}

#[test]
fn a_packed_bomb_is_not_opened() {
    let zeros = vec![b' '; 200 << 20];
    let bomb = packed(
        [("xl/workbook.xml", b"<workbook/>".as_slice()), ("xl/sharedStrings.xml", &zeros)]
            .into_iter(),
    );
    assert!(bomb.len() < 1 << 20, "{}", bomb.len());
    assert!(matches!(read_with(&bomb, |_| {}), Err(ImportError::Bomb)));
    // The same with headers that say it were ten bytes: the local one and that of the directory.
    let mut lying = bomb;
    let size = u32::try_from(zeros.len()).expect("small").to_le_bytes();
    let mut changed = 0;
    for at in 0..lying.len() - 4 {
        if lying[at..at + 4] == size {
            lying[at..at + 4].copy_from_slice(&10_u32.to_le_bytes());
            changed += 1;
        }
    }
    assert!(changed >= 1, "the size stands in a header");
    let error = read_with(&lying, |_| {}).expect_err("refused");
    assert!(matches!(error, ImportError::Bomb | ImportError::Workbook(_)), "{error}");
    let many: Vec<_> = (0..3_000).map(|i| format!("f{i}")).collect();
    let many = packed(many.iter().map(|name| (name.as_str(), b"x".as_slice())));
    assert!(matches!(read_with(&many, |_| {}), Err(ImportError::Bomb)));
}

#[test]
fn what_no_list_should_be_made_of_is_refused_in_words() {
    let wide = (0..10_000).map(|i| format!("列{i}")).collect::<Vec<_>>().join(",");
    let sound = workbook(&[Sheet { name: "一", state: "visible", body: "<sheetData/>".into() }]);
    let zip = packed([("readme.txt", b"x".as_slice())].into_iter());
    for (what, bytes, words) in [
        ("many columns", wide.as_bytes(), "10000 列"),
        (
            "a picture",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\0\0\0\x02\0\x08\x06\0\0\0".as_slice(),
            "不是 UTF-8",
        ),
        ("a document", b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n1 0 obj\n".as_slice(), "认不出表头"),
        ("nothing", b" \r\n".as_slice(), "是空的"),
        ("half a workbook", &sound[..sound.len() / 2], "打不开"),
        ("another packed file", &zip, "不是 Excel 工作簿"),
        ("an empty sheet", &sound, "认不出表头"),
        ("half a list", b"[{\"acb200\": 1}, {".as_slice(), "读不出来"),
        ("another table", "姓名,身份\n测试,甲\n".as_bytes(), "姓名, 身份"),
    ] {
        let error = read_with(bytes, |_| {}).expect_err(what).to_string();
        assert!(error.contains(words), "{what}: {error}");
    }
    let error = read_with(b"a", |o| o.mapping = Some("none".into())).expect_err("no mapping");
    assert!(error.to_string().contains("clerk"), "{error}");
}

#[test]
fn a_bad_row_costs_no_other() {
    let mut text = "岗位,单位,工作内容\n焊工,测试厂,焊接\n".to_owned();
    text += &format!("瓦工,测试厂,{}\n", "长".repeat(10 << 20 >> 1));
    text += "漆工,测试厂,\"没有结尾\n";
    for i in 0..400 {
        text += &format!("木工{i},测试厂,做\n");
    }
    text += "裁缝,测试厂,\u{FFFD}缝\n车\u{FFFD}工,测试厂,车\n钳工,测试厂,钳,多,余\n";
    let imported = read(text.as_bytes());
    assert_eq!(
        refused(&imported),
        [
            (3, "工作内容", "too_long"),
            (4, "", "open_quote"),
            (406, "岗位", "damaged"),
            (407, "", "too_many_values"),
        ]
    );
    assert_eq!((imported.report.read, imported.report.accepted), (406, 402));
    assert_eq!(imported.items.postings[401].duties.as_deref(), Some("缝"));
    let (all, kept) = (imported.report.remarked["damaged"], imported.report.remarked["undated"]);
    assert_eq!((all, kept), (1, 402));
}

#[test]
fn a_quotation_mark_open_to_the_end_takes_no_row_with_it() {
    let imported =
        read("岗位,单位,工作内容\n焊工,测试厂,\"焊接\n瓦工,测试厂,砌\n漆工,测试厂,漆\n".as_bytes());
    assert_eq!(refused(&imported), [(2, "", "open_quote")]);
    assert_eq!((imported.report.read, imported.report.accepted), (3, 2));
    // Such a file was cut off.
    let imported = read("岗位,单位,工作内容\n焊工,测试厂,焊\n瓦工,测试厂,\"砌".as_bytes());
    assert_eq!(refused(&imported), [(3, "", "open_quote")]);
    assert_eq!(imported.report.accepted, 1);
}

#[test]
fn a_row_of_many_megabytes_is_not_held() {
    let long = "岗".repeat(17 << 20 >> 1);
    let error = read_with(long.as_bytes(), |_| {}).expect_err("one line");
    assert!(matches!(error, ImportError::LongRow(1)), "{error}");
    let text = format!("岗位,单位\n{long},测试厂\n焊工,测试厂\n");
    let imported = read(text.as_bytes());
    assert_eq!(refused(&imported), [(2, "", "too_long")]);
    assert_eq!((imported.report.read, imported.report.accepted), (2, 1));
}

#[test]
fn what_takes_much_more_memory_than_it_is_long_is_refused_with_what_to_do() {
    let rows = "{\"岗位\": \"焊工\", \"单位\": \"测试厂\"},".repeat(300_000);
    let json = format!("[{}{{}}]", rows);
    let page = format!("<html><table>{}", "<tr><td>焊工</td></tr>".repeat(600_000));
    let foreign = encoding_rs::GB18030.encode(&"焊工,测试厂\n".repeat(4_000_000)).0.into_owned();
    for (bytes, words) in
        [(json.as_bytes(), "10 MB"), (page.as_bytes(), "CSV"), (foreign.as_slice(), "40 MB")]
    {
        let error = read_with(bytes, |_| {}).expect_err("too large");
        assert!(matches!(error, ImportError::TooLarge { .. }), "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn too_many_rows_are_refused_whole() {
    let mut text = "岗位,单位\n".to_owned();
    for i in 0..=import::ROWS_MAX {
        text += &format!("焊工{i},厂\n");
    }
    let error = read_with(text.as_bytes(), |_| {}).expect_err("too many");
    assert!(matches!(error, ImportError::TooManyRows));
}
