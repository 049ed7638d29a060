//! Search and feed over 100,000 generated postings.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use jiff::{Timestamp, civil::Date, civil::date};
use kiosk_base::{
    domain::{
        DivisionCode, EmploymentForm, Fen, OccupationClass, Posting, PostingId, Wage,
        posting::WagePeriod,
    },
    wire::{Collection, FEED_PAGE_ITEMS, FeedBody, FeedItem, FeedPage, v1},
};
use renshe_kiosk::listings::{Cache, Home, Query, Reader, cache, feed, terms};
use rusqlite::{Connection, params};

use crate::{Row, spread, time};

pub(crate) const POSTINGS: usize = 100_000;
/// Readers that are made anew, so that what one remembers does not help the next.
const ROUNDS: usize = 10;
pub(crate) const TODAY: Date = date(2026, 11, 23);

/// What people type, key by key.
pub(crate) const TYPED: &[&str] = &[
    "电焊工",
    "保安",
    "普工",
    "服务员",
    "缝纫工",
    "驾驶员",
    "包吃住",
    "有限公司",
    "福集 普工",
    "养老护理",
    "夜班",
    "叉车",
    "dhg",
    "ba",
    "pg",
    "fwy",
    "frg",
    "jsy",
    "cc",
    "skcc",
    "ylhl",
    "bjy",
    "gs",
    "zpg",
    "dianhangong",
    "baoan",
    "pugong",
    "fuwuyuan",
    "jiazheng",
    "chache",
    "yanglao",
    "5000",
    "c1",
];

pub(crate) fn rows() -> Vec<Row> {
    let postings: Vec<Posting> = (0..POSTINGS).map(generate).collect();
    let pages = pages(&postings);

    let directory = tempfile::tempdir().expect("a temporary directory");
    let mut written = Cache::open(directory.path()).expect("a new cache");
    let begun = Instant::now();
    for (since, page) in &pages {
        feed::apply(&mut written, Collection::Postings, *since, page, Timestamp::UNIX_EPOCH)
            .expect("stored");
    }
    let applied = begun.elapsed();
    let bare = bare_insert(&postings);
    let begun = Instant::now();
    written.pack().expect("packed");
    let packed = begun.elapsed();
    drop(written);

    let begun = Instant::now();
    let written = Cache::open(directory.path()).expect("the cache");
    let opened = begun.elapsed();

    let bytes = std::fs::metadata(directory.path().join(cache::FILE)).expect("the file").len();
    let text: usize = postings.iter().map(|p| v1::to_json(p).len()).sum();
    let beyond = (bytes as f64 - text as f64) / POSTINGS as f64;
    let ratio = bare.as_secs_f64() / applied.as_secs_f64();

    let home = DivisionCode::parse("510521100").ok().map(Home::alone);
    let (mut load, mut keys, mut next_pages) = (vec![], vec![], vec![]);
    for _ in 0..ROUNDS {
        // As the desk does: it opens a reader, reads what is new, and answers.
        let begun = Instant::now();
        let mut reader = written.reader().expect("a reader");
        reader.follow(TODAY, home.as_ref()).expect("read");
        load.push(begun.elapsed());
        type_all(&mut reader, &mut keys, &mut next_pages);
    }
    let mut like = like(directory.path());

    let row = |what: &str, budget: &str, measured: String, how: &str| Row {
        what: what.into(),
        budget: budget.into(),
        measured,
        how: how.into(),
    };
    let mut rows = vec![
        row(
            "search in 100,000 postings, per key press",
            "≤ 10 ms p99",
            spread(&mut keys),
            "33 words typed key by key, 10 fresh readers that know the columns and no term",
        ),
        row(
            "the same words by LIKE '%…%'",
            "",
            spread(&mut like),
            "count and newest 20, Han words only",
        ),
        row("next page of a result", "", spread(&mut next_pages), "rows 21–40 of each answer"),
        row(
            "a reader opened, all columns read",
            "",
            spread(&mut load),
            "what the desk does before the first question",
        ),
        row(
            "full feed of 100,000 postings into the cache, without the line",
            "≥ 0.5 × bare bulk insert",
            format!(
                "{ratio:.2} × ({:.1} s against {:.1} s)",
                applied.as_secs_f64(),
                bare.as_secs_f64()
            ),
            "100 pages applied; the same rows, and their terms into a full-text table of SQLite's own, \
             inserted in one transaction",
        ),
        row("index packed after a full feed", "", spread(&mut [packed]), "once"),
        row(
            "cache opened and checked",
            "",
            spread(&mut [opened]),
            "100,000 postings, file in the page cache",
        ),
        row(
            "listings.db beyond the postings' JSON",
            "≤ 1.5 kB a posting",
            format!("{beyond:.0} bytes a posting"),
            "file size after packing",
        ),
    ];
    rows.extend(crate::feed::rows());
    rows
}

/// Types every word key by key and turns one page after each word.
fn type_all(reader: &mut Reader, keys: &mut Vec<Duration>, next_pages: &mut Vec<Duration>) {
    for word in TYPED {
        let mut query = Query {
            home: DivisionCode::parse("510521100").ok().map(Home::alone),
            limit: 20,
            ..Query::default()
        };
        for character in word.chars() {
            query.words.push(character);
            time(keys, || reader.postings(&query, TODAY).expect("found"));
        }
        query.offset = 20;
        time(next_pages, || reader.postings(&query, TODAY).expect("found"));
    }
}

/// The Han words again, the way that needs no index.
fn like(directory: &Path) -> Vec<Duration> {
    let connection = Connection::open(directory.join(cache::FILE)).expect("open");
    let mut times = vec![];
    for word in TYPED.iter().filter(|word| !word.is_ascii()) {
        let mut typed = String::new();
        for character in word.chars() {
            typed.push(character);
            let pattern = format!("%{}%", typed.replace(' ', "%"));
            time(&mut times, || {
                let count: i64 = connection
                    .prepare_cached("SELECT count(*) FROM posting WHERE body LIKE ?1")
                    .and_then(|mut s| s.query_row([&pattern], |row| row.get(0)))
                    .expect("counted");
                let sql = "SELECT body FROM posting WHERE body LIKE ?1
                           ORDER BY doc DESC LIMIT 20";
                let mut statement = connection.prepare_cached(sql).expect("prepared");
                let rows = statement.query_map([&pattern], |row| row.get::<_, String>(0));
                (count, rows.expect("found").count())
            });
        }
    }
    times
}

/// The same rows and terms into tables of SQLite's own with nothing around it: no pages, no checks,
/// JSON and terms made before. The terms go into a full-text table without positions, which was
/// the cache's own index once, so that the figure is the same yardstick as ever.
pub(crate) fn bare_insert(postings: &[Posting]) -> Duration {
    let directory = tempfile::tempdir().expect("a temporary directory");
    drop(Cache::open(directory.path()).expect("the schema"));
    let mut connection = Connection::open(directory.path().join(cache::FILE)).expect("open");
    connection.pragma_update(None, "synchronous", "NORMAL").expect("set");
    connection
        .execute_batch(
            "CREATE TABLE row (
                 doc INTEGER PRIMARY KEY, generation INTEGER NOT NULL, id TEXT NOT NULL,
                 published INTEGER NOT NULL, closes INTEGER, town INTEGER NOT NULL, wage INTEGER,
                 body TEXT NOT NULL, UNIQUE (generation, id)) STRICT;
             CREATE INDEX row_facts ON row (published DESC, id, doc, generation, closes, town, wage);
             CREATE VIRTUAL TABLE row_term USING fts5(
                 terms, content='', contentless_delete=1, detail=none, tokenize='ascii');",
        )
        .expect("tables");
    let mut sounds = terms::Sounds::default();
    let mut terms = |posting: &Posting| {
        let mut all = String::new();
        terms::each(&mut sounds, posting, |term, in_title| {
            // Those of the title once more, as another term.
            for mark in if in_title { &["", "¶"][..] } else { &[""] } {
                all.extend([mark, term, " "]);
            }
        });
        all
    };
    let rows: Vec<_> = postings.iter().map(|p| (p, v1::to_json(p), terms(p))).collect();
    let begun = Instant::now();
    let transaction = connection.transaction().expect("begun");
    {
        let mut row = transaction
            .prepare(
                "INSERT INTO row (generation, id, published, closes, town, wage, body)
                 VALUES (1, ?1, 20261101, NULL, 510521100, 450000, ?2)",
            )
            .expect("prepared");
        let mut term = transaction
            .prepare("INSERT INTO row_term (rowid, terms) VALUES (?1, ?2)")
            .expect("prepared");
        for (posting, body, terms) in &rows {
            row.execute(params![posting.id.as_str(), body]).expect("inserted");
            term.execute(params![transaction.last_insert_rowid(), terms]).expect("inserted");
        }
    }
    transaction.commit().expect("committed");
    begun.elapsed()
}

/// Fills a cache in `directory` with the 100,000 postings, as a feed would.
pub(crate) fn fill(directory: &Path) {
    let postings: Vec<Posting> = (0..POSTINGS).map(generate).collect();
    let mut cache = Cache::open(directory).expect("a cache");
    let now = Timestamp::now();
    for (since, page) in pages(&postings) {
        feed::apply(&mut cache, Collection::Postings, since, &page, now).expect("applied");
    }
    cache.pack().expect("packed");
}

/// Writes the postings as a county takes them.
pub(crate) fn write_content(path: &Path) {
    let items: Vec<v1::Posting> = (0..POSTINGS).map(|n| generate(n).into()).collect();
    let content = serde_json::json!({ "as_of": TODAY, "items": items });
    let file = std::fs::File::create(path).expect("a file");
    serde_json::to_writer(std::io::BufWriter::new(file), &content).expect("written");
}

/// The postings as the pages of a feed, each with the position before it.
fn pages(postings: &[Posting]) -> Vec<(u64, FeedPage)> {
    let mut since = 0;
    let page = |postings: &[Posting]| {
        let items = (since + 1..).zip(postings).map(|(seq, posting)| FeedItem {
            seq,
            id: posting.id.as_str().to_owned(),
            body: Some(FeedBody::Posting(Box::new(posting.clone()))),
        });
        let items: Vec<_> = items.collect();
        let (from, next) = (since, since + items.len() as u64);
        since = next;
        (
            from,
            FeedPage {
                epoch: "bench".into(),
                items,
                next,
                head: POSTINGS as u64,
                left_out: Vec::new(),
            },
        )
    };
    postings.chunks(FEED_PAGE_ITEMS).map(page).collect()
}

/// A posting as a county town has them, always the same for the same number.
pub(crate) fn generate(number: usize) -> Posting {
    const TITLES: &[(&str, &str)] = &[
        ("电焊工", "焊工"),
        ("保安", "保安员"),
        ("普工", "装配工"),
        ("餐厅服务员", "餐饮服务员"),
        ("缝纫工", "缝制工"),
        ("货车驾驶员", "道路货运驾驶员"),
        ("养老护理员", "养老护理员"),
        ("叉车司机", "叉车司机"),
        ("数控车床操作工", "车工"),
        ("家政服务员", "家政服务员"),
        ("保洁员", "保洁员"),
        ("厨师", "中式烹调师"),
        ("收银员", "收银员"),
        ("质检员", "质检员"),
        ("仓库管理员", "仓储管理员"),
        ("酿酒工", "白酒酿造工"),
        ("包装工", "包装工"),
        ("泥瓦工", "砌筑工"),
        ("水电工", "电工"),
        ("营业员", "营业员"),
        ("快递员", "快递员"),
        ("文员", "行政办事员"),
        ("育婴师", "育婴员"),
        ("机械维修工", "机修钳工"),
    ];
    const MANNERS: &[&str] =
        &["", "（急招）", "（包吃住）", "（夜班）", "（长白班）", "学徒", "组长", "（可日结）"];
    const NAMES: &[&str] = &[
        "玉龙", "恒昌", "福泉", "锦程", "川南", "龙脑", "九曲", "长江", "金桥", "合力", "兴旺",
        "瑞丰",
    ];
    const FIRST: &[&str] =
        &["天", "宏", "顺", "永", "德", "华", "新", "东", "康", "泰", "和", "盛"];
    const KINDS: &[&str] = &[
        "机械有限公司",
        "酒业有限公司",
        "电子科技有限公司",
        "物业服务有限公司",
        "餐饮管理有限公司",
        "建筑劳务有限公司",
        "服装厂",
        "物流有限公司",
        "养老服务中心",
        "超市",
    ];
    const TOWNS: &[(&str, &str)] = &[
        ("510521100", "泸县福集镇"),
        ("510521101", "泸县嘉明镇"),
        ("510521102", "泸县喻寺镇"),
        ("510521106", "泸县兆雅镇"),
        ("510504001", "龙马潭区红星街道"),
        ("510502003", "江阳区南城街道"),
        ("510503100", "纳溪区大渡口镇"),
        ("440306001", "深圳市宝安区"),
        ("441900", "东莞市长安镇"),
        ("500112001", "重庆市渝北区"),
        ("330282001", "慈溪市浒山街道"),
        ("510104020", "成都市锦江区"),
    ];
    const DUTIES: &[&str] = &[
        "按图纸装配零件，做好自检和交接班记录",
        "负责厂区巡逻和来访登记，夜间每小时巡查一次",
        "点餐传菜，收拾桌面，保持店面清洁",
        "操作设备加工零件，每班清理铁屑和保养机床",
        "照顾老人起居，按时喂药，陪同散步",
        "装车卸货，核对单据，跑周边县区线路",
        "原料搬运、上甑、摊晾，看管窖池温度",
        "打扫办公区和走廊，清运垃圾，更换用品",
        "焊接钢结构件，打磨焊缝，遵守动火规定",
        "接待顾客，介绍商品，收银对账",
    ];
    const CONDITIONS: &[&str] = &[
        "18至55岁，身体健康",
        "有两年以上经验，持证上岗",
        "初中以上文化，能吃苦",
        "会用电脑，普通话流利",
        "持C1以上驾照，三年驾龄",
        "能适应两班倒",
        "不限，有师傅带",
    ];
    const BENEFITS: &[&str] =
        &["包吃住", "五险", "包午餐", "月休四天", "有班车", "年终奖", "高温补贴"];

    let mut state = (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5DEE_CE66;
    let mut below = |limit: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % limit
    };
    let (title, occupation) = TITLES[below(TITLES.len())];
    let (division, place) = TOWNS[below(TOWNS.len())];
    let name = format!("{}{}{}", NAMES[below(12)], FIRST[below(12)], FIRST[below(12)]);
    let least = 24 + below(60) as i64;
    let id = PostingId::parse(&format!("bench-{number:06}")).expect("an id");
    let title = format!("{title}{}", MANNERS[below(MANNERS.len())]);
    let employer = format!("{}{name}{}", &place[..6], KINDS[below(KINDS.len())]);
    let published = date(2026, 1 + below(11) as i8, 1 + below(22) as i8);
    Posting {
        occupation: Some(occupation.to_owned()),
        class: Some(OccupationClass::KNOWN[below(12)]),
        openings: Some(1 + below(30) as u32),
        conditions: Some(format!("{}；{}", CONDITIONS[below(7)], CONDITIONS[below(7)])),
        education: Some(["不限", "初中", "高中", "大专"][below(4)].to_owned()),
        form: [None, Some(EmploymentForm::FullTime), Some(EmploymentForm::Temporary)][below(3)]
            .clone(),
        meals: [None, Some(true), Some(false)][below(3)],
        lodging: [None, Some(true), Some(false)][below(3)],
        duties: Some(format!("{}；{}。", DUTIES[below(10)], DUTIES[below(10)])),
        place: Some(format!("{place}工业路{}号", 1 + below(300))),
        division: DivisionCode::parse(division).ok(),
        wage: Some(Wage::Range {
            min: Fen::from_yuan(least * 100),
            max: Fen::from_yuan(least * 100 + 1_500),
            per: WagePeriod::Month,
        }),
        benefits: vec![BENEFITS[below(7)].to_owned(), BENEFITS[below(7)].to_owned()],
        hours: Some("8:00–18:00，每周休一天".to_owned()),
        contact: Some("人事部".to_owned()),
        phone: Some(format!("0830-{:07}", below(9_999_999))),
        closes: (below(4) > 0).then(|| date(2026, 12, 1 + below(28) as i8)),
        ..Posting::new(id, title, employer, published, "生成")
    }
}
