//! What disks do: damage, no more room, no more writing.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use jiff::Timestamp;
use kiosk_base::{
    clock::Clock,
    domain::{Posting, Stop},
    store::Ledger,
    wire::{Collection, FeedBody, FeedPage},
};
use renshe_kiosk::listings::{self, Cache, Query, Reader, cache, feed, town};

use super::{TODAY, cache_of, fill, ids, item, posting};

fn described(count: u32) -> Vec<Posting> {
    let with = |i| {
        let mut posting = posting(&format!("p-{i:04}"), "普工");
        posting.duties = Some(format!("在{i}号车间装配零件，").repeat(20));
        posting
    };
    (0..count).map(with).collect()
}

/// Keeps postings as the town's own.
fn keep(ledger: &mut Ledger, postings: Vec<Posting>) {
    let items = postings.into_iter().map(|p| FeedBody::Posting(Box::new(p)));
    town::import(ledger, items, Timestamp::UNIX_EPOCH).expect("kept");
}

fn aside(directory: &Path) -> Vec<String> {
    let names = fs::read_dir(directory).expect("list");
    let names = names.map(|entry| entry.expect("entry").file_name().into_string().expect("utf-8"));
    names.filter(|name| name.contains(".damaged-")).collect()
}

#[test]
fn a_damaged_cache_is_set_aside_and_fetched_anew() {
    let (directory, cache) = cache_of(described(200));
    drop(cache);
    let path = directory.path().join(cache::FILE);
    let whole = fs::read(&path).expect("the database");
    let mut flipped = whole.clone();
    for page in flipped.chunks_mut(4096).skip(1).step_by(3) {
        page[..100].fill(0x5A);
    }
    let damages: [&[u8]; 4] = [b"", b"<html>", &whole[..whole.len() / 2 + 77], &flipped];
    for (count, damage) in (1..).zip(damages) {
        fs::write(&path, damage).expect("write");
        let mut cache = Cache::open(directory.path()).expect("a new cache");
        let kept = cache.set_aside().expect("the damage is reported").to_owned();
        assert_eq!(fs::read(kept).expect("kept"), damage);
        assert_eq!(aside(directory.path()).len(), Ord::min(count, 3));
        assert_eq!(cache.cursor(Collection::Postings).expect("cursor").next, 0);
        assert_eq!(ids(&mut cache.reader().expect("a reader"), ""), [""; 0]);
        fill(&mut cache, "one", described(200));
        assert_eq!(ids(&mut cache.reader().expect("a reader"), "装配").len(), 200);
        drop(cache);
        assert_eq!(Cache::open(directory.path()).expect("sound").set_aside(), None);
    }
}

/// Fetches 60 postings into `cache` from a county that has nothing else.
fn refresh(cache: &mut Cache) -> Result<listings::Refreshed, Stop> {
    let fetch = async |collection, since| {
        let (epoch, items) = match collection {
            Collection::Postings => ("one", described(60)),
            Collection::Trainings | Collection::Fairs => ("t", Vec::new()),
        };
        let head = items.len() as u64;
        let items = (1..).zip(items).map(|(seq, posting)| item(seq, posting));
        let items = items.filter(|item| item.seq > since).collect();
        Ok(FeedPage { epoch: epoch.into(), items, next: head, head, left_out: Vec::new() })
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(feed::refresh_from(fetch, cache, &Clock::System, |_| {}))
}

/// Changes the file in a way that leaves its structure sound, so the check at the start passes.
fn spoil(directory: &Path, sql: &str) {
    let vandal = rusqlite::Connection::open(directory.join(cache::FILE)).expect("open");
    vandal.execute(sql, []).expect("spoil");
}

#[test]
fn a_damage_that_a_reader_meets_is_cured_by_rebuilding() {
    let (directory, mut cache) = cache_of(described(50));
    let mut reader = cache.reader().expect("a reader");
    spoil(directory.path(), "DELETE FROM block");
    let query = Query { words: "装配".into(), limit: 5, ..Query::default() };
    assert_eq!(reader.postings(&query, TODAY).expect_err("damaged").stop, Stop::StoreDamaged);

    cache.rebuild().expect("an empty cache");
    assert!(cache.set_aside().is_some_and(Path::exists));
    reader.reopen().expect("the new file");
    assert_eq!(ids(&mut reader, ""), [""; 0]);
    assert_eq!(refresh(&mut cache).map(|r| (r.changed, r.rebuilt)), Ok((60, false)));
    assert_eq!(ids(&mut reader, "装配").len(), 60);
}

#[test]
fn pieces_of_the_index_that_are_lost_or_cut_are_a_damage() {
    for sql in [
        "DELETE FROM segment_chunk",
        "UPDATE segment_chunk SET data = substr(data, 1, 64)",
        "UPDATE segment_chunk SET data = CAST(data || x'00' AS BLOB)",
        "UPDATE segment_chunk SET id = 9223372036854775807",
        "DELETE FROM segment_ids",
        "DELETE FROM block",
    ] {
        let (directory, cache) = cache_of(described(50));
        spoil(directory.path(), sql);
        let mut reader = cache.reader().expect("a reader");
        let found = reader.postings(&Query { limit: 5, ..Query::default() }, TODAY);
        assert_eq!(found.expect_err(sql).stop, Stop::StoreDamaged, "{sql}");
    }
}

#[test]
fn a_damage_that_a_refresh_meets_is_cured_by_itself() {
    let (directory, mut cache) = cache_of(described(50));
    spoil(directory.path(), "DELETE FROM collection WHERE name = 'trainings'");
    let refreshed = refresh(&mut cache).expect("cured");
    assert!(refreshed.rebuilt);
    assert!(cache.set_aside().is_some_and(Path::exists));
    assert_eq!(ids(&mut cache.reader().expect("a reader"), "装配").len(), 60);
}

#[test]
fn a_full_disk_keeps_the_old_listings_and_says_so() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let mut cache = Cache::open_limited(directory.path(), 512 << 10).expect("a small cache");
    fill(&mut cache, "one", described(20));
    let mut reader = cache.reader().expect("a reader");
    let mut since = 20;
    let stop = loop {
        assert!(since < 100_000, "the disk never fills");
        let page = FeedPage {
            epoch: "one".into(),
            items: (1..=100)
                .map(|i| {
                    let mut posting = described(1).remove(0);
                    posting.id = super::posting(&format!("more-{}", since + i), "").id;
                    item(since + i, posting)
                })
                .collect(),
            next: since + 100,
            head: 1_000_000,
            left_out: Vec::new(),
        };
        match feed::apply(&mut cache, Collection::Postings, since, &page, Timestamp::UNIX_EPOCH) {
            Ok(_) => since += 100,
            Err(stop) => break stop,
        }
    };
    assert_eq!(stop, Stop::StoreFull);
    // Nothing of the page that did not fit is there, and the cursor stands before it.
    assert_eq!(cache.cursor(Collection::Postings).expect("cursor").next, since);
    let all = Query { limit: 1, ..Query::default() };
    assert_eq!(reader.postings(&all, TODAY).expect("found").total as u64, since);
    let elsewhere = tempfile::tempdir().expect("a directory");
    let mut ledger = Ledger::open(elsewhere.path()).expect("a ledger");
    keep(&mut ledger, described(500));
    assert_eq!(cache.follow(&ledger).expect_err("full").stop, Stop::StoreFull);
    assert_eq!(reader.postings(&all, TODAY).expect("found").total as u64, since);

    // With room again it goes on.
    drop(cache);
    let mut cache = Cache::open(directory.path()).expect("open");
    assert_eq!(cache.set_aside(), None);
    let page = FeedPage {
        epoch: "one".into(),
        items: vec![item(since + 1, posting("last", "厨师"))],
        next: since + 1,
        head: since + 1,
        left_out: Vec::new(),
    };
    feed::apply(&mut cache, Collection::Postings, since, &page, Timestamp::UNIX_EPOCH)
        .expect("stored");
    assert_eq!(ids(&mut reader, "厨师"), ["last"]);
}

/// Runs `work` as a user who may not write where only root and the owner may. When the tests run
/// as root, permissions would stop nothing; the file-system identity is this one thread's.
fn without_rights(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::spawn(|| {
        nix::unistd::setfsuid(nix::unistd::Uid::from_raw(65_534));
        work();
    });
    thread.join().expect("the work is done");
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("permissions");
}

#[test]
fn a_read_only_disk_still_shows_the_listings() {
    let (directory, cache) = cache_of(described(20));
    drop(cache);
    let path = directory.path().to_owned();
    for entry in fs::read_dir(&path).expect("list") {
        set_mode(&entry.expect("entry").path(), 0o444);
    }
    set_mode(&path, 0o555);
    without_rights(move || {
        assert!(fs::write(path.join("probe"), b"x").is_err(), "the disk must be read-only");
        let mut cache = Cache::open(&path).expect("readable");
        assert_eq!(cache.read_only(), Some(Stop::StoreReadOnly));
        assert_eq!(cache.set_aside(), None);
        assert_eq!(ids(&mut cache.reader().expect("a reader"), "装配").len(), 20);
        assert_eq!(ids(&mut Reader::open(&path).expect("a reader"), "pg").len(), 20);
        assert_eq!(cache.status().expect("status")[0].rows, 20);
        assert_eq!(Ledger::open(&path).expect_err("none can be made").stop, Stop::StoreReadOnly);
        assert_eq!(cache.pack().expect_err("read-only").stop, Stop::StoreReadOnly);
    });
    // The disk is back: the same kiosk writes again.
    set_mode(directory.path(), 0o755);
    set_mode(&directory.path().join(cache::FILE), 0o644);
    let mut cache = Cache::open(directory.path()).expect("writable");
    assert_eq!(cache.read_only(), None);
    let mut ledger = Ledger::open(directory.path()).expect("a ledger");
    keep(&mut ledger, vec![posting("own", "裁缝")]);
    cache.follow(&ledger).expect("stored");
    assert_eq!(ids(&mut cache.reader().expect("a reader"), "裁缝"), ["own"]);
}

#[test]
fn a_read_only_disk_without_a_cache_is_an_error_and_not_an_empty_list() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    set_mode(directory.path(), 0o555);
    let path = directory.path().to_owned();
    without_rights(move || {
        assert_eq!(Cache::open(&path).expect_err("nothing").stop, Stop::StoreReadOnly);
        assert_eq!(
            Cache::open(&path.join("deeper")).expect_err("nothing").stop,
            Stop::StoreReadOnly
        );
        assert_eq!(Reader::open(&path).expect_err("nothing").stop, Stop::StoreReadOnly);
    });
    set_mode(directory.path(), 0o755);
}
