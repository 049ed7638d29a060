//! Databases of former versions, as their programs left them: each opens in today's program, and nothing
//! of it is lost. They lie in `tests/kiosk/yesterday/NAME-SCHEMA.db.zst`, one for every schema that was
//! in use, all with the same invented content: [`make`]. One that is there is never made anew.
//!
//! What is not from the program itself: `listings-2`, `listings-5` and `ledger-2` were made of the files of
//! later schemas, by the migrations of their time.

use std::{fs, path::Path};

use jiff::{Timestamp, civil::date};
use kiosk_base::{
    domain::{PostingId, Stop},
    store::{Ledger, StoreError},
    wire::{
        Collection, FeedBody, FeedItem, FeedPage,
        v1::{self, AuditHead},
    },
};
use renshe_kiosk::{
    audit::{self, Countersigned, Entry, Kind, Sound},
    listings::{
        Cache, Query,
        feed::apply,
        town::{self, Mark},
    },
};
use rusqlite::Connection;
use serde_json::{Value, json};

const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kiosk/yesterday");
const NAMES: [&str; 2] = ["ledger", "listings"];
/// Far more than any of them has.
const BYTES_MAX: usize = 16 << 20;

fn now() -> Timestamp {
    Timestamp::from_second(1_795_000_000).expect("in range")
}

fn posting(id: &str, title: &str) -> Value {
    json!({"type": "posting", "value": {
        "id": id, "title": title, "class": "trades", "employer": "测试厂", "form": {"other": "灵活"},
        "wage": {"range": {"min": 550_000, "max": 750_000, "per": "month"}}, "division": "510599100",
        "published": "2026-11-01", "source": "测试"
    }})
}

fn training(id: &str) -> Value {
    json!({"type": "training", "value": {
        "id": id, "title": "测试班", "institution": "测试学校", "occupation": "电工",
        "enrol_from": "2026-11-01", "enrol_until": "2026-12-30", "place": "测试镇", "content": "电工",
        "published": "2026-11-01", "source": "测试"
    }})
}

fn fair(id: &str) -> Value {
    json!({"type": "fair", "value": {
        "id": id, "title": "测试招聘会", "date": "2026-12-10", "place": "测试镇", "published": "2026-11-01",
        "source": "测试"
    }})
}

fn body(value: Value) -> FeedBody {
    v1::from_json(&value.to_string()).expect("an item")
}

/// What lies in every file.
fn make(directory: &Path) -> Result<(), StoreError> {
    let mut ledger = Ledger::open(directory)?;
    let own = [posting("own-p", "测试焊工"), training("own-t"), fair("own-f")].map(body);
    town::import(&mut ledger, own, now())?;
    let id = |id| PostingId::parse(id).expect("an id");
    town::mark(&mut ledger, &id("own-p"), "测试焊工", Some(Mark::Pinned), now())?;
    town::mark(&mut ledger, &id("county-2"), "测试厨师", Some(Mark::Hidden), now())?;
    let (asked, answered) = (Kind::Asked, Kind::Answered);
    for (kind, stop) in [
        (Kind::Began, None),
        (asked, None),
        (answered, None),
        (asked, None),
        (answered, Some(Stop::LinkTimeout)),
    ] {
        let head = audit::append(&mut ledger, &Entry { at: now(), kind, stop })?;
        if head.sequence == 4 {
            audit::keep(&mut ledger, directory, &countersigned(head))?;
        }
    }
    let mut cache = Cache::open(directory)?;
    for (collection, items) in [
        (
            Collection::Postings,
            vec![
                posting("county-1", "测试焊工"),
                posting("county-2", "测试厨师"),
                posting("county-3", "测试"),
            ],
        ),
        (Collection::Trainings, vec![training("county-t")]),
        (Collection::Fairs, vec![fair("county-f")]),
    ] {
        let items: Vec<_> = (1..)
            .zip(items.into_iter().map(body))
            .map(|(seq, body)| FeedItem {
                seq,
                id: body.id().as_str().to_owned(),
                body: Some(body),
            })
            .collect();
        let head = items.len() as u64;
        let page = FeedPage { epoch: "one".into(), items, next: head, head, left_out: Vec::new() };
        apply(&mut cache, collection, 0, &page, now()).expect("stored");
    }
    cache.follow(&ledger)?;
    Ok(())
}

fn countersigned(head: AuditHead) -> Countersigned {
    Countersigned { kiosk: "hall".into(), head, signature: "0".repeat(128) }
}

/// The schema of a file, and what it holds besides when it is packed as small as can be.
fn schema(path: &Path) -> u32 {
    let connection = Connection::open(path).expect("opened");
    connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)").expect("packed");
    connection.pragma_query_value(None, "user_version", |row| row.get(0)).expect("a number")
}

/// Puts the file of a schema into `directory`.
fn unpack(name: &str, schema: u32, directory: &Path) {
    let packed = fs::read(format!("{DIRECTORY}/{name}-{schema}.db.zst")).expect("a file");
    let file = zstd::bulk::decompress(&packed, BYTES_MAX).expect("unpacked");
    fs::write(directory.join(format!("{name}.db")), file).expect("written");
}

/// The schemas of which there is a file.
fn schemas(name: &str) -> Vec<u32> {
    let files = fs::read_dir(DIRECTORY).expect("the directory").filter_map(|file| {
        let file = file.ok()?.file_name().into_string().ok()?;
        file.strip_prefix(name)?.strip_prefix('-')?.strip_suffix(".db.zst")?.parse().ok()
    });
    let mut schemas: Vec<u32> = files.collect();
    schemas.sort_unstable();
    schemas
}

/// `BLESS=1` adds what is missing, and fails all the same.
#[test]
fn todays_files_are_kept_for_tomorrow() {
    let home = tempfile::tempdir().expect("a directory");
    make(home.path()).expect("made");
    for name in NAMES {
        let path = home.path().join(format!("{name}.db"));
        let schema = schema(&path);
        if schemas(name).contains(&schema) {
            continue;
        }
        if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
            let packed = zstd::bulk::compress(&fs::read(&path).expect("read"), 19).expect("packed");
            fs::write(format!("{DIRECTORY}/{name}-{schema}.db.zst"), packed).expect("written");
        }
        panic!("no {name}.db of schema {schema} is kept; BLESS=1 cargo test yesterday adds it");
    }
}

#[test]
fn a_ledger_of_yesterday_opens_and_nothing_is_lost() {
    let schemas = schemas("ledger");
    assert!(schemas.len() > 1, "{schemas:?}");
    for schema in schemas {
        let home = tempfile::tempdir().expect("a directory");
        unpack("ledger", schema, home.path());
        let mut ledger = Ledger::open(home.path()).expect("opened");
        assert_eq!(ledger.set_aside(), None, "{schema}");
        ledger.write().expect("it can be written");

        let mut own = Vec::new();
        let keep = |item: FeedBody| {
            own.push(item);
            Ok(())
        };
        town::each_own(ledger.read(), keep).expect("each is read");
        let all = [fair("own-f"), posting("own-p", "测试焊工"), training("own-t")].map(body);
        assert_eq!(own, all, "{schema}");
        let marks = town::marks(ledger.read()).expect("read");
        let marks: Vec<_> =
            marks.iter().map(|m| (m.id.as_str(), m.mark, m.title.as_str())).collect();
        let expected =
            [("county-2", Mark::Hidden, "测试厨师"), ("own-p", Mark::Pinned, "测试焊工")];
        assert_eq!(marks, expected, "{schema}");

        let hash = "SELECT hash FROM audit_countersigned WHERE sequence = 4";
        let hash = ledger.read().query_row(hash, [], |row| row.get(0)).expect("countersigned");
        let witness = countersigned(AuditHead { sequence: 4, hash });
        let witness = serde_json::to_vec(&witness).expect("plain data");
        fs::write(home.path().join("audit-head"), witness).expect("written");
        let sound = audit::verify(ledger.read(), home.path(), &|_, _| true).expect("whole");
        assert_eq!(sound, Sound { rows: 5, countersigned: Some(4) }, "{schema}");
        let entry = Entry { at: now(), kind: Kind::Began, stop: None };
        assert_eq!(audit::append(&mut ledger, &entry).expect("it goes on").sequence, 6);
    }
}

#[test]
fn a_cache_of_yesterday_opens_and_nothing_is_lost() {
    let schemas = schemas("listings");
    assert!(schemas.len() > 2, "{schemas:?}");
    for schema in schemas {
        let home = tempfile::tempdir().expect("a directory");
        unpack("listings", schema, home.path());
        let cache = Cache::open(home.path()).expect("opened");
        assert_eq!((cache.set_aside(), cache.read_only()), (None, None), "{schema}");
        for (collection, next) in Collection::ALL.into_iter().zip([3, 1, 1]) {
            let cursor = cache.cursor(collection).expect("a cursor");
            assert_eq!((cursor.epoch.as_deref(), cursor.next), (Some("one"), next), "{schema}");
        }
        let rows = cache.status().expect("status").into_iter().map(|status| status.rows);
        assert_eq!(rows.collect::<Vec<_>>(), [4, 2, 2], "{schema}");

        let today = date(2026, 11, 20);
        let mut reader = cache.reader().expect("a reader");
        let query = Query { words: "焊工".into(), limit: 9, ..Query::default() };
        let found = reader.postings(&query, today).expect("found");
        let ids: Vec<_> = found.rows.iter().map(|posting| posting.id.as_str()).collect();
        // The pinned one first.
        assert_eq!(ids, ["own-p", "county-1"], "{schema}");
        let fairs = reader.fairs(date(2026, 12, 1), date(2026, 12, 31), today).expect("found");
        assert_eq!(fairs.len(), 2, "{schema}");
        assert_eq!(reader.counts(today).expect("counted").trainings, 2, "{schema}");
    }
}

/// Schema 6 noted the version that had left something out.
#[test]
fn what_a_program_of_yesterday_left_out_is_fetched_again() {
    let home = tempfile::tempdir().expect("a directory");
    unpack("listings", 6, home.path());
    let file = Connection::open(home.path().join("listings.db")).expect("opened");
    let noted = "UPDATE collection SET left_out_by = '0.1.0' WHERE name = 'postings'";
    assert_eq!(file.execute(noted, []).expect("noted"), 1);
    drop(file);
    let cache = Cache::open(home.path()).expect("opened");
    let next = |collection| cache.cursor(collection).expect("a cursor").next;
    assert_eq!(Collection::ALL.map(next), [0, 1, 1]);
    // What is shown stays meanwhile.
    assert_eq!(cache.status().expect("status")[0].rows, 4);
}

#[test]
fn a_file_of_tomorrow_is_refused_and_left_as_it_is() {
    for name in NAMES {
        let home = tempfile::tempdir().expect("a directory");
        unpack(name, *schemas(name).last().expect("one is kept"), home.path());
        let path = home.path().join(format!("{name}.db"));
        let connection = Connection::open(&path).expect("opened");
        let newer = "PRAGMA user_version = 1000; PRAGMA wal_checkpoint(TRUNCATE)";
        connection.execute_batch(newer).expect("marked");
        drop(connection);
        let before = fs::read(&path).expect("read");
        let error = match name {
            "ledger" => Ledger::open(home.path()).expect_err("newer"),
            _ => Cache::open(home.path()).expect_err("newer"),
        };
        assert_eq!(error.stop, Stop::StoreNewer, "{name}");
        assert_eq!(error.to_string().lines().count(), 1, "{error}");
        assert!(fs::read(&path).expect("read") == before, "{name} is as it was");
        let files = fs::read_dir(home.path()).expect("the directory").flatten();
        let files: Vec<_> = files.map(|file| file.file_name()).collect();
        assert!(!files.iter().any(|file| file.to_string_lossy().contains("damaged")), "{files:?}");
    }
}
