//! The listings as the kiosk keeps them: fetched in pieces, interrupted, damaged, searched.

mod clerk;
mod disk;
mod feed;
mod forms;
mod import;
mod neighbours;
mod pinyin;
mod real_sets;
mod search;
mod shapes;
mod values;
mod workbook;

use jiff::civil::{Date, date};
use kiosk_base::{
    domain::{DivisionCode, Posting, PostingId, TrainingNotice},
    wire::{Collection, FeedBody, FeedItem, FeedPage},
};
use renshe_kiosk::listings::{self, Applied, Cache, Query, Reader};

const TODAY: Date = date(2026, 11, 23);

/// A posting with nothing but what it must have.
fn posting(id: &str, title: &str) -> Posting {
    // The employer begins with no sound that a test looks for.
    Posting::new(PostingId::parse(id).expect("an id"), title, "阿欧", date(2026, 11, 1), "测试")
}

fn training(id: &str, enrol_until: Date) -> TrainingNotice {
    TrainingNotice {
        id: PostingId::parse(id).expect("an id"),
        title: "电工初级班".to_owned(),
        institution: "测试学校".to_owned(),
        occupation: "电工".to_owned(),
        level: None,
        class_hours: None,
        for_whom: None,
        cost: None,
        enrol_from: date(2026, 11, 1),
        enrol_until: Some(enrol_until),
        starts: None,
        ends: None,
        place: "测试路1号".to_owned(),
        division: None,
        seats: None,
        content: "学电工".to_owned(),
        contact: None,
        phone: None,
        published: date(2026, 11, 1),
        source: "测试".to_owned(),
    }
}

fn code(digits: &str) -> DivisionCode {
    DivisionCode::parse(digits).expect("a division code")
}

fn item(seq: u64, posting: Posting) -> FeedItem {
    let id = posting.id.as_str().to_owned();
    FeedItem { seq, id, body: Some(FeedBody::Posting(Box::new(posting))) }
}

fn tombstone(seq: u64, id: &str) -> FeedItem {
    FeedItem { seq, id: id.to_owned(), body: None }
}

/// Puts postings into the cache as one life of the feed, in pages.
fn fill(cache: &mut Cache, epoch: &str, postings: Vec<Posting>) {
    let head = postings.len() as u64;
    let items: Vec<_> = (1..).zip(postings).map(|(seq, posting)| item(seq, posting)).collect();
    let mut since = 0;
    for items in items.chunks(100) {
        let next = since + items.len() as u64;
        let page = FeedPage {
            epoch: epoch.to_owned(),
            items: items.to_vec(),
            next,
            head,
            left_out: Vec::new(),
        };
        let now = jiff::Timestamp::from_second(1_795_000_000).expect("in range");
        let applied =
            listings::feed::apply(cache, Collection::Postings, since, &page, now).expect("stored");
        assert_eq!(applied, if next == head { Applied::Complete } else { Applied::More });
        since = next;
    }
}

fn cache_of(postings: Vec<Posting>) -> (tempfile::TempDir, Cache) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let mut cache = Cache::open(directory.path()).expect("a new cache");
    fill(&mut cache, "one", postings);
    (directory, cache)
}

/// The ids that a search brings, best first.
fn ids(reader: &mut Reader, words: &str) -> Vec<String> {
    let query = Query { words: words.to_owned(), limit: 200, ..Query::default() };
    let found = reader.postings(&query, TODAY).expect("an answer");
    assert!(found.total >= found.rows.len());
    found.rows.into_iter().map(|posting| posting.id.into()).collect()
}

#[test]
fn a_reader_and_the_writer_can_each_live_on_a_thread_of_their_own() {
    let (_directory, cache) = cache_of(vec![posting("a", "电焊工")]);
    let mut reader = cache.reader().expect("a reader");
    let found = std::thread::spawn(move || ids(&mut reader, "dhg")).join().expect("found");
    let rows = std::thread::spawn(move || cache.status().expect("status")[0].rows);
    assert_eq!((found.as_slice(), rows.join().expect("counted")), (&["a".to_owned()][..], 1));
}
