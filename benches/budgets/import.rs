//! Imports in a process that does nothing else: 100,000 rows of CSV, and a workbook in the shape of a
//! province's civil-service list: the time, and the memory.

use std::{
    fmt::Write as _,
    io::Write as _,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use jiff::civil::date;
use kiosk_base::{
    import::{self, Known, Options},
    store::Ledger,
};
use renshe_kiosk::listings::{self, Cache};

use crate::{Row, row};

const ROWS: usize = 100_000;
/// Rows of the civil-service list.
const POSTS: usize = 9_344;
/// Asks this program to import the file named behind it, and to print what that took.
pub(crate) const CHILD: &str = "--import-child";

pub(crate) fn rows() -> Vec<Row> {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("rows.csv");
    std::fs::write(&file, table()).expect("written");
    let bytes = std::fs::metadata(&file).expect("the file").len();
    let stored = child(&file, "store", ROWS);
    let read = child(&file, "read", ROWS);
    let posts = directory.path().join("posts.xlsx");
    std::fs::write(&posts, civil_service()).expect("written");
    let mut times: Vec<_> = (0..5).map(|_| child(&posts, "store", POSTS)).collect();
    times.sort_unstable();
    let sheet = times[times.len() / 2];
    let only_read = child(&posts, "read", POSTS);
    let how = format!(
        "a clerk's table of {:.0} MB in a process of its own; VmHWM",
        bytes as f64 / f64::from(1 << 20)
    );
    let words = |(took, memory): (Duration, u64)| {
        format!("{:.1} s, {} MB", took.as_secs_f64(), memory >> 10)
    };
    vec![
        row(
            "100,000 rows of CSV imported, kept and shown",
            "≤ 10 s, ≤ 200 MB",
            words(stored),
            &how,
        ),
        row("the same, a dry run", "", words(read), "nothing is stored"),
        row(
            "9,344 posts of a civil-service list (.xlsx) imported, kept and shown",
            "≤ 1 s",
            words(sheet),
            "26 columns, a header in two rows, groups merged; the median of five processes",
        ),
        row("the same, a dry run", "", words(only_read), "nothing is stored"),
    ]
}

/// Imports the file of the arguments; prints milliseconds and the most memory in KiB.
pub(crate) fn be_child() {
    let arguments: Vec<String> = std::env::args().skip_while(|a| a != CHILD).collect();
    let [_, file, what, rows] = arguments.as_slice() else { panic!("a file, what to do, rows") };
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../kiosk-config");
    let options: Options =
        kiosk_base::config::imports::options(&config, date(2026, 11, 24)).expect("right");
    let begun = Instant::now();
    let bytes = std::fs::read(file).expect("readable");
    let accepted = if what == "store" {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut cache = Cache::open(directory.path()).expect("a cache");
        let mut ledger = Ledger::open(directory.path()).expect("a ledger");
        let now = jiff::Timestamp::UNIX_EPOCH;
        let report = listings::import(&mut ledger, &cache, &bytes, &options, now);
        cache.follow(&ledger).expect("followed");
        report.expect("imported").accepted
    } else {
        import::read_packed(&bytes, &options, &Known::default()).expect("read").1.accepted
    };
    let took = begun.elapsed().as_millis();
    assert_eq!(accepted.to_string(), *rows);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.and_then(|text| text.split_whitespace().next()).unwrap_or("0");
    writeln!(std::io::stdout(), "{took} {peak}").expect("the parent reads");
}

fn child(file: &Path, what: &str, rows: usize) -> (Duration, u64) {
    let output = Command::new(std::env::current_exe().expect("this program"))
        .arg(CHILD)
        .arg(file)
        .arg(what)
        .arg(rows.to_string())
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    let (took, memory) = text.trim().split_once(' ').expect("two numbers");
    (Duration::from_millis(took.parse().expect("ms")), memory.parse().expect("KiB"))
}

/// A table as a clerk keeps it, every row another.
fn table() -> String {
    let mut table =
        "岗位名称,招聘单位,招聘人数,工资,招聘条件,学历,工作内容,工作地点,食宿,福利,联系人,联系电话,发布日期,截止日期\n"
            .to_owned();
    for i in 0..ROWS {
        let titles = ["电焊工", "保洁员", "普工", "厨师", "货车司机", "营业员"];
        let (title, town) = (titles[i % 6], ["福集镇", "嘉明镇", "喻寺镇", "得胜镇"][i % 4]);
        let wage = ["4500-6000元/月", "200元/天", "0.5-0.8万", "面议", "3千以上"][i % 5];
        writeln!(
            table,
            "{title},泸县测试{i}号厂,招{}人,{wage},\"18-55岁，身体健康，能吃苦耐劳，服从安排\",初中,             按图纸装配零件；做好自检和交接班记录；下班前打扫工位,泸县{town}工业路{i}号,包吃住,             \"五险，月休四天，有班车\",人事部,0830-{i:07},2026-11-{:02},2026年12月{}日",
            i % 30 + 1,
            i % 24 + 1,
            i % 28 + 1,
        )
        .expect("a text takes everything");
    }
    table
}

/// A province's list of posts as a spreadsheet program writes it: texts in a table of their own, a
/// title, heads of groups above heads of columns, and what official lists have of remarks.
fn civil_service() -> Vec<u8> {
    let mut texts = Texts::default();
    let mut sheet = String::new();
    let groups = [
        (0, "序号"),
        (1, "招录机关"),
        (4, "招录职位"),
        (11, "报考资格条件"),
        (21, "考试安排"),
        (24, "联系电话"),
        (25, "备注"),
    ];
    let heads = [
        "",
        "招录单位",
        "单位代码",
        "机构层级",
        "职位名称",
        "职位代码",
        "职位类别",
        "职位简介",
        "工作地点",
        "招录人数",
        "面试比例",
        "学历",
        "学位",
        "专业",
        "年龄",
        "政治面貌",
        "基层工作最低年限",
        "招录对象",
        "资格证书",
        "身体条件",
        "其他",
        "笔试科目",
        "专业科目",
        "面试形式",
        "",
        "",
    ];
    let title = [(0, "测试省2026年度考试录用公务员职位表")];
    texts.row(&mut sheet, 1, title.into_iter());
    texts.row(&mut sheet, 2, groups.into_iter());
    texts.row(&mut sheet, 3, heads.into_iter().enumerate());
    for i in 0..POSTS {
        let unit = format!("测试市第{}区（县）人力资源和社会保障部门", i / 12);
        let code = format!("{:08}", 51_000_000 + i / 12);
        let post = format!("{:012}", 510_000_000_000_u64 + i as u64);
        let duties = format!(
            "从事综合管理、文稿起草、信息统计和窗口服务等工作，需要经常下乡和加班（{}）",
            i % 900
        );
        let major = format!(
            "法学类、公共管理类、汉语言文学、计算机科学与技术等相关专业（目录第{}页）",
            i % 700
        );
        let number = (i + 1).to_string();
        let openings = (i % 3 + 1).to_string();
        let phone = format!("0800-{:07}", i / 12);
        let row = [
            number.as_str(),
            &unit,
            &code,
            ["县级及以下", "市级"][i % 2],
            ["综合管理职位", "行政执法职位", "窗口服务职位"][i % 3],
            &post,
            "县级机关",
            &duties,
            "测试市",
            &openings,
            "1:3",
            ["本科及以上", "大专及以上", "研究生"][i % 3],
            ["学士及以上", "不限"][i % 2],
            &major,
            "18周岁以上、35周岁以下",
            ["中共党员", "不限"][i % 2],
            "无限制",
            "不限",
            "取得法律职业资格证书",
            "矫正视力达标",
            "最低服务年限五年（含试用期）",
            "行政职业能力测验、申论",
            "无",
            "结构化面试",
            &phone,
            "试用期一年",
        ];
        texts.row(&mut sheet, i + 4, row.into_iter().enumerate());
    }
    let merged = "A1:Z1 A2:A3 B2:D2 E2:K2 L2:U2 V2:X2 Y2:Y3 Z2:Z3";
    let merged: String = merged.split(' ').map(|at| format!("<mergeCell ref=\"{at}\"/>")).collect();
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>")
    };
    let relations = |all: String| {
        format!("<Relationships xmlns=\"{PACKAGE}/relationships\">{all}</Relationships>")
    };
    let files = [
        ("[Content_Types].xml", format!("<Types xmlns=\"{PACKAGE}/content-types\"/>")),
        ("_rels/.rels", relations(relation("r1", "officeDocument", "xl/workbook.xml"))),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>\
                 <sheet name=\"职位表\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            relations(
                relation("r1", "worksheet", "worksheets/sheet1.xml")
                    + &relation("r2", "sharedStrings", "sharedStrings.xml"),
            ),
        ),
        ("xl/sharedStrings.xml", format!("<sst xmlns=\"{MAIN}\">{}</sst>", texts.table)),
        (
            "xl/worksheets/sheet1.xml",
            format!(
                "<worksheet xmlns=\"{MAIN}\"><sheetData>{sheet}</sheetData>\
                 <mergeCells>{merged}</mergeCells></worksheet>"
            ),
        ),
    ];
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("begun");
        zip.write_all(content.as_bytes()).expect("written");
    }
    zip.finish().expect("finished").into_inner()
}

/// The texts of a workbook, each once.
#[derive(Default)]
struct Texts {
    known: std::collections::HashMap<String, usize>,
    table: String,
}

impl Texts {
    fn row<'t>(
        &mut self,
        sheet: &mut String,
        number: usize,
        cells: impl Iterator<Item = (usize, &'t str)>,
    ) {
        write!(sheet, "<row r=\"{number}\">").expect("a text takes everything");
        for (column, text) in cells.filter(|(_, text)| !text.is_empty()) {
            let next = self.known.len();
            let at = *self.known.entry(text.to_owned()).or_insert_with(|| {
                write!(self.table, "<si><t>{text}</t></si>").expect("a text takes everything");
                next
            });
            let letter = char::from(b'A' + u8::try_from(column).expect("26 columns"));
            write!(sheet, "<c r=\"{letter}{number}\" t=\"s\"><v>{at}</v></c>")
                .expect("a text takes everything");
        }
        sheet.push_str("</row>");
    }
}
