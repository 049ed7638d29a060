//! A town's own postings, and the commands.

use std::{path::Path, process::Command};

use jiff::Timestamp;
use kiosk_base::{
    domain::{PostingId, Stop},
    import::{Format, Options},
    store::Ledger,
    wire::{Collection, FeedBody},
};
use renshe_kiosk::listings::{self, Cache, ImportError, ImportFailure, Mark, Query, Report, town};
use serde_json::{Value, json};

use super::{TODAY, cache_of, fill, ids, posting};

fn file(rows: &[Value]) -> Vec<u8> {
    serde_json::to_vec(&json!({ "as_of": "2026-11-23", "items": rows })).expect("JSON")
}

fn row(id: &str, title: &str) -> Value {
    json!({
        "id": id, "title": title, "employer": "测试单位", "published": "2026-11-01", "source": "测试"
    })
}

/// A ledger beside the cache.
fn ledger(directory: &tempfile::TempDir) -> Ledger {
    Ledger::open(directory.path()).expect("a ledger")
}

/// What a file in the project's own form needs.
fn own() -> Options {
    Options { format: Some(Format::Own), ..Options::default() }
}

/// Imports a file in the project's own form, and lets the cache follow.
fn import(ledger: &mut Ledger, cache: &mut Cache, json: &[u8]) -> Result<Report, ImportFailure> {
    import_with(ledger, cache, json, &own())
}

fn import_with(
    ledger: &mut Ledger,
    cache: &mut Cache,
    bytes: &[u8],
    options: &Options,
) -> Result<Report, ImportFailure> {
    let report = listings::import(ledger, cache, bytes, options, Timestamp::UNIX_EPOCH)?;
    cache.follow(ledger).expect("followed");
    Ok(report)
}

#[test]
fn the_report_accounts_for_every_row() {
    let (directory, mut cache) = cache_of(vec![posting("county-1", "电焊工")]);
    let mut wrong = row("w", "瓦工");
    wrong["openings"] = json!("三个");
    let mut complete = row("c", "裁缝");
    for (column, value) in [
        ("openings", json!(2)),
        ("conditions", json!("会踩缝纫机")),
        ("duties", json!("做衣服")),
        ("place", json!("福集镇")),
        ("wage", json!("negotiable")),
    ] {
        complete[column] = value;
    }
    let rows =
        [row("a", "木工"), row("a", "木工"), row("county-1", "焊工"), wrong, complete, json!([])];
    let mut ledger = ledger(&directory);
    let report = import(&mut ledger, &mut cache, &file(&rows)).expect("imported");
    assert_eq!((report.read, report.accepted), (6, 2));
    assert_eq!((report.incomplete, report.duplicates), (1, 2));
    let refused: Vec<_> = report.refused.iter().map(|r| (r.place.row, r.column.as_str())).collect();
    assert_eq!(refused, [(4, "openings"), (6, "")]);

    let mut reader = cache.reader().expect("a reader");
    assert_eq!(ids(&mut reader, ""), ["a", "c", "county-1"]);
    // Imported again it is the same; the list alone will do.
    let again = serde_json::to_vec(&[row("a", "木匠")]).expect("JSON");
    assert_eq!(import(&mut ledger, &mut cache, &again).expect("imported").accepted, 1);
    assert_eq!(ids(&mut reader, "木匠"), ["a"]);
    assert_eq!(ids(&mut reader, "木工"), [""; 0]);
}

#[test]
fn what_a_town_imported_stays_when_the_county_begins_anew() {
    let (directory, mut cache) = cache_of(vec![posting("county-1", "电焊工")]);
    let mut ledger = ledger(&directory);
    import(&mut ledger, &mut cache, &file(&[row("own", "木工"), row("shared", "漆工")]))
        .expect("imported");
    let next = kiosk_base::wire::FeedPage {
        epoch: "two".into(),
        items: Vec::new(),
        next: 0,
        head: 0,
        left_out: Vec::new(),
    };
    let now = Timestamp::UNIX_EPOCH;
    let applied = listings::feed::apply(&mut cache, Collection::Postings, 1, &next, now);
    applied.expect("noted");
    fill(&mut cache, "two", vec![posting("county-2", "瓦工"), posting("shared", "油漆工")]);
    cache.follow(&ledger).expect("followed");
    let mut reader = cache.reader().expect("a reader");
    assert_eq!(ids(&mut reader, ""), ["county-2", "own", "shared"]);
    // The county's word stands before the town's own.
    assert_eq!(ids(&mut reader, "油漆"), ["shared"]);
    // Thrown away and fetched anew, the cache has the town's own again.
    cache.rebuild().expect("a new cache");
    cache.follow(&ledger).expect("followed");
    let mut reader = cache.reader().expect("a reader");
    assert_eq!(ids(&mut reader, ""), ["own", "shared"]);
    town::forget(&mut ledger, Collection::Postings, now).expect("forgotten");
    cache.follow(&ledger).expect("followed");
    assert_eq!(ids(&mut reader, ""), [""; 0]);
}

#[test]
fn a_town_shows_first_what_it_pins_and_not_what_it_hides() {
    let postings = ["a", "b", "c", "d"].map(|id| posting(id, "电焊工")).to_vec();
    let (directory, mut cache) = cache_of(postings);
    let mut ledger = ledger(&directory);
    let mut reader = cache.reader().expect("a reader");
    let id = |id: &str| PostingId::parse(id).expect("an id");
    let now = Timestamp::UNIX_EPOCH;
    let mut mark = |ledger: &mut Ledger, name: &str, mark| {
        town::mark(ledger, &id(name), "电焊工", mark, now).expect("marked");
        cache.follow(ledger).expect("followed");
        ids(&mut reader, "dhg")
    };
    assert_eq!(mark(&mut ledger, "c", Some(Mark::Pinned)), ["c", "a", "b", "d"]);
    assert_eq!(mark(&mut ledger, "b", Some(Mark::Hidden)), ["c", "a", "d"]);
    // A mark may name what is not there, and be changed into the other.
    assert_eq!(mark(&mut ledger, "gone", Some(Mark::Pinned)), ["c", "a", "d"]);
    assert_eq!(mark(&mut ledger, "c", Some(Mark::Hidden)), ["a", "d"]);
    assert_eq!(mark(&mut ledger, "b", None), ["a", "b", "d"]);
    drop(cache);
    // The marks survive the cache.
    std::fs::remove_file(directory.path().join("listings.db")).expect("removed");
    let mut cache = Cache::open(directory.path()).expect("a new cache");
    fill(&mut cache, "two", ["a", "c"].map(|id| posting(id, "电焊工")).to_vec());
    cache.follow(&ledger).expect("followed");
    let mut reader = cache.reader().expect("a reader");
    assert_eq!(ids(&mut reader, "dhg"), ["a"]);
    assert_eq!(reader.counts(TODAY).expect("counts").postings, 1);
    let facets = reader.facets(&Query::default(), TODAY).expect("counted");
    assert_eq!(facets.total, 1);
    let marks = town::marks(ledger.read()).expect("marks");
    assert_eq!(marks.iter().filter(|marked| marked.mark == Mark::Hidden).count(), 1);
}

#[test]
fn files_that_are_no_list_are_refused_whole() {
    let (directory, mut cache) = cache_of(vec![posting("county-1", "电焊工")]);
    let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    let mut ledger = ledger(&directory);
    for bad in [&b""[..], b"{", b"<html>", b"7", b"{\"items\": 7}", b"[{\"a\": \xFF}]", &deep] {
        assert!(matches!(
            import(&mut ledger, &mut cache, bad),
            Err(ImportFailure::File(ImportError::Syntax(_)))
        ));
    }
    assert_eq!(ids(&mut cache.reader().expect("a reader"), ""), ["county-1"]);
}

#[test]
fn nothing_is_half_imported() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let mut cache = Cache::open_limited(directory.path(), 256 << 10).expect("a small cache");
    let rows: Vec<_> = (0..3_000).map(|i| row(&format!("r-{i}"), "装配线上的普通工人")).collect();
    let mut ledger = Ledger::open(directory.path()).expect("a ledger");
    let now = Timestamp::UNIX_EPOCH;
    listings::import(&mut ledger, &cache, &file(&rows), &own(), now).expect("kept");
    assert_eq!(cache.follow(&ledger).expect_err("full").stop, Stop::StoreFull);
    assert_eq!(ids(&mut cache.reader().expect("a reader"), ""), [""; 0]);
    // With room again the cache takes over all that was kept.
    drop(cache);
    let mut cache = Cache::open(directory.path()).expect("a roomy cache");
    cache.follow(&ledger).expect("followed");
    assert_eq!(cache.status().expect("status")[0].rows, 3_000);
}

/// How many rows of the town's own the ledger has, counting or not.
fn kept(ledger: &Ledger) -> i64 {
    let sql = "SELECT count(*) FROM own_row";
    ledger.read().query_row(sql, [], |row| row.get(0)).expect("counted")
}

/// The town's own items as `ids`, one after the other and slowly.
fn slowly(ids: std::ops::Range<usize>) -> impl Iterator<Item = FeedBody> {
    ids.map(|i| {
        std::thread::sleep(std::time::Duration::from_millis(1));
        FeedBody::Posting(Box::new(posting(&format!("slow-{i}"), "焊工")))
    })
}

#[test]
fn others_write_into_the_ledger_while_an_import_comes_in() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut ledger = Ledger::open(directory.path()).expect("a ledger");
    let mut beside = ledger.beside().expect("another connection");
    let importing = std::thread::spawn(move || {
        town::import(&mut beside, slowly(0..400), Timestamp::UNIX_EPOCH).expect("imported");
    });
    let id = PostingId::parse("a").expect("an id");
    let (mut marked, mut seen) = (0, 0);
    while !importing.is_finished() {
        town::mark(&mut ledger, &id, "焊工", Some(Mark::Pinned), Timestamp::UNIX_EPOCH)
            .expect("marked");
        let mut shown = 0;
        let count = |_| {
            shown += 1;
            Ok(())
        };
        town::each_own(ledger.read(), count).expect("read");
        // All or nothing, at every moment.
        assert!(shown == 0 || shown == 400, "{shown}");
        marked += i32::from(shown == 0);
        seen = shown.max(seen);
    }
    importing.join().expect("imported");
    assert!(marked > 5, "marked {marked} times meanwhile");
}

#[test]
fn an_import_that_is_cut_off_leaves_what_was_there() {
    let (directory, mut cache) = cache_of(Vec::new());
    let mut ledger = ledger(&directory);
    import(&mut ledger, &mut cache, &file(&[row("slow-1", "木工"), row("own", "漆工")]))
        .expect("imported");
    let cut_off = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let items = slowly(0..100)
            .chain(std::iter::from_fn(|| -> Option<FeedBody> { panic!("the power is gone") }));
        town::import(&mut ledger, items, Timestamp::UNIX_EPOCH)
    }));
    cut_off.expect_err("cut off");
    drop(ledger);
    let mut ledger = Ledger::open(directory.path()).expect("whole");
    assert!(kept(&ledger) > 2, "some of it had come in");
    cache.follow(&ledger).expect("followed");
    let mut reader = cache.reader().expect("a reader");
    assert_eq!(ids(&mut reader, ""), ["own", "slow-1"]);
    assert_eq!(ids(&mut reader, "木工"), ["slow-1"]);
    town::clean_up(&mut ledger).expect("cleaned up");
    assert_eq!(kept(&ledger), 2);
    // Neither does a page of the feed find it, nor the next import.
    town::import(&mut ledger, slowly(1..3), Timestamp::UNIX_EPOCH).expect("imported");
    cache.follow(&ledger).expect("followed");
    assert_eq!(ids(&mut reader, ""), ["own", "slow-1", "slow-2"]);
    assert_eq!(ids(&mut reader, "木工"), [""; 0]);
    assert_eq!(kept(&ledger), 3);
}

#[test]
fn imports_that_come_at_once_come_one_after_the_other() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("data");
    let children: Vec<_> = (0..6)
        .map(|n| {
            let rows: Vec<_> = (0..300).map(|i| row(&format!("r{n}-{i}"), "装配工")).collect();
            let path = directory.path().join(format!("{n}.json"));
            std::fs::write(&path, file(&rows)).expect("written");
            let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_kiosk"));
            let config = concat!(env!("CARGO_MANIFEST_DIR"), "/kiosk-config");
            command.args(["--config", config, "--data"]).arg(&data);
            command.args(["listings", "import"]).arg(path);
            command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
            command.spawn().expect("it runs")
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let mut cache = Cache::open(&data).expect("a cache");
    let ledger = Ledger::open(&data).expect("a ledger");
    cache.follow(&ledger).expect("followed");
    assert_eq!(cache.status().expect("status")[0].rows, 1_800);
}

#[test]
fn the_commands_import_and_search() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let rows = directory.path().join("rows.json");
    std::fs::write(&rows, file(&[row("a", "电焊工"), row("b", "厨师"), json!({})])).expect("write");
    let data = directory.path().join("data");

    let before = kiosk(&data, &["search", "dhg"]);
    assert_eq!(before.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&before.stderr).contains("kiosk listings refresh"));

    let rows = rows.to_str().expect("utf-8");
    let report = answer(&kiosk(&data, &["import", "--format", "json", rows, "--json"]));
    assert_eq!(report["read"], 3);
    assert_eq!(report["accepted"], 2);
    assert_eq!(report["refused"][0]["row"], 3);
    assert_eq!(report["refused"][0]["reason"], "没有填，这行不能用");

    let found = answer(&kiosk(&data, &["search", "dhg", "--json"]));
    assert_eq!(found["total"], 1);
    assert!(found["took_us"].is_u64());
    assert_eq!(found["results"][0]["id"], "a");
    assert_eq!(found["results"][0]["published"], "2026-11-01");
    let all = answer(&kiosk(&data, &["search", "--json", "--limit", "1"]));
    assert_eq!((&all["total"], all["results"].as_array().map(Vec::len)), (&json!(2), Some(1)));

    let lost = kiosk(&data, &["import", "--format", "json", "no-such-file"]);
    assert_eq!(lost.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&lost.stderr).contains("no-such-file"));
    assert_eq!(kiosk(&data, &["import", "--format", "xml", rows]).status.code(), Some(2));
}

#[test]
fn a_clerk_fills_in_a_table_and_sees_what_would_happen() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let data = directory.path().join("data");
    let table = directory.path().join("table.csv");
    let table = table.to_str().expect("utf-8");
    assert!(kiosk(&data, &["template", table]).status.success());
    // It may be filled in already.
    assert_eq!(kiosk(&data, &["template", table]).status.code(), Some(1));

    let filled = std::fs::read_to_string(table).expect("readable");
    let (head, example) = filled.trim_end().split_once("\r\n").expect("two lines");
    let welder = example.replace("电焊工（示例，请删除本行）", "氩弧焊工");
    let bad = welder.replace("2027-12-31", "过年前");
    std::fs::write(table, format!("{head}\r\n{welder}\r\n{bad}\r\n{welder}\r\n")).expect("written");

    let dry = answer(&kiosk(&data, &["import", "--dry-run", table, "--json"]));
    assert_eq!((&dry["read"], &dry["accepted"]), (&json!(3), &json!(1)));
    assert_eq!((&dry["duplicates"], &dry["incomplete"]), (&json!(1), &json!(0)));
    assert_eq!(dry["refused"][0]["row"], 3);
    assert_eq!(dry["refused"][0]["column"], "截止日期");
    assert!(dry["refused"][0]["reason"].as_str().is_some_and(|r| r.contains("过年前")), "{dry}");
    assert_eq!((&dry["mapping"], &dry["encoding"]), (&json!("clerk"), &json!("UTF-8")));
    assert!(!data.exists(), "a dry run leaves nothing");

    let done = kiosk(&data, &["import", table]);
    let words = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(words.contains("读了 3 行：采用 1 行"), "{words}");
    assert!(words.contains("第 3 行“截止日期”"), "{words}");
    let found = answer(&kiosk(&data, &["search", "氩弧", "--json"]));
    assert_eq!(found["results"][0]["wage_min_fen"], 450_000);
    // Again, it replaces itself.
    let again = answer(&kiosk(&data, &["import", table, "--json"]));
    assert_eq!(again["accepted"], 1);
    assert_eq!(answer(&kiosk(&data, &["search", "--json"]))["total"], 1);

    let wrong = kiosk(&data, &["import", "--mapping", "no-such", table]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("clerk"));
}

#[test]
fn trainings_and_fairs_are_shown_beside_the_feed() {
    let (directory, mut cache) = cache_of(vec![posting("county-1", "电焊工")]);
    let mut ledger = ledger(&directory);
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config");
    let options = kiosk_base::config::imports::options(&shipped, TODAY).expect("right");
    let mut import = |collection| {
        let table = kiosk_base::import::template::csv(collection);
        let table = table.replace("（示例，请删除本行）", "");
        import_with(&mut ledger, &mut cache, table.as_bytes(), &options).expect("imported").accepted
    };
    assert_eq!((import(Collection::Trainings), import(Collection::Fairs)), (1, 1));
    assert_eq!(import(Collection::Trainings), 1, "again it replaces itself");
    let rows: Vec<_> = cache.status().expect("read").iter().map(|status| status.rows).collect();
    assert_eq!(rows, [1, 1, 1]);

    // What the county publishes under another id is not shown twice.
    let mut same = posting("county-2", "砌筑工");
    same.place = Some("福集镇".to_owned());
    fill(&mut cache, "two", vec![same]);
    let table = "岗位,单位,地点\n砌筑工,阿欧,福集镇\n砌筑工,阿欧,嘉明镇\n";
    let report =
        import_with(&mut ledger, &mut cache, table.as_bytes(), &options).expect("imported");
    assert_eq!((report.duplicates, report.accepted), (1, 1));
}

fn kiosk(data: &Path, arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_kiosk"))
        .arg("--data")
        .arg(data)
        .arg("listings")
        .args(arguments)
        .output()
        .expect("the kiosk runs")
}

fn answer(output: &std::process::Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}
