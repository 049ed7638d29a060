//! Fetching: in pieces, interrupted, begun again, and pages that break the rules.

use std::cell::RefCell;

use jiff::Timestamp;
use kiosk_base::{
    clock::Clock,
    domain::{Posting, Stop},
    wire::{Collection, FeedItem, FeedPage},
};
use renshe_kiosk::{
    link::LinkError,
    listings::{Applied, Cache, Progress, Refreshed, feed},
};

use super::{cache_of, fill, ids, item, posting, tombstone};

/// A county that publishes `items` in pages of `size`, and whose line breaks after `pages` pages.
struct County {
    epoch: &'static str,
    items: Vec<FeedItem>,
    size: usize,
    pages: RefCell<usize>,
    asked: RefCell<Vec<u64>>,
}

impl County {
    fn new(epoch: &'static str, postings: Vec<Posting>) -> Self {
        let items = (1..).zip(postings).map(|(seq, posting)| item(seq, posting)).collect();
        Self { epoch, items, size: 10, pages: RefCell::new(1_000), asked: RefCell::default() }
    }

    fn page(&self, collection: Collection, since: u64) -> Result<FeedPage, LinkError> {
        if collection != Collection::Postings {
            return Ok(FeedPage {
                epoch: "t".into(),
                items: Vec::new(),
                next: since,
                head: since,
                left_out: Vec::new(),
            });
        }
        self.asked.borrow_mut().push(since);
        if *self.pages.borrow() == 0 {
            return Err(LinkError { stop: Stop::LinkDown, detail: "cut".into() });
        }
        *self.pages.borrow_mut() -= 1;
        let head = self.items.last().map_or(0, |item| item.seq);
        let after = self.items.iter().filter(|item| item.seq > since);
        let items: Vec<_> = after.take(self.size).cloned().collect();
        let next = items.last().map_or(since.min(head), |item| item.seq);
        Ok(FeedPage { epoch: self.epoch.into(), items, next, head, left_out: Vec::new() })
    }

    fn refresh(
        &self,
        cache: &mut Cache,
        progress: impl FnMut(Progress),
    ) -> Result<Refreshed, Stop> {
        let fetch = async |collection, since| self.page(collection, since);
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let clock = Clock::Fixed(Timestamp::from_second(1_795_000_000).expect("in range"));
        runtime.block_on(feed::refresh_from(fetch, cache, &clock, progress))
    }
}

fn numbered(count: u32) -> Vec<Posting> {
    (0..count).map(|i| posting(&format!("p-{i:04}"), "普工")).collect()
}

#[test]
fn a_refresh_that_was_cut_goes_on_where_it_was() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let county = County::new("one", numbered(95));
    for cut_after in [3, 0, 4] {
        let mut cache = Cache::open(directory.path()).expect("open");
        *county.pages.borrow_mut() = cut_after;
        assert_eq!(county.refresh(&mut cache, |_| {}), Err(Stop::LinkDown));
    }
    let mut cache = Cache::open(directory.path()).expect("open");
    assert_eq!(cache.status().expect("status")[0].rows, 70);
    assert_eq!(cache.status().expect("status")[0].refreshed_at, None);

    *county.pages.borrow_mut() = 1_000;
    let mut steps = Vec::new();
    let refreshed = county.refresh(&mut cache, |p| steps.push((p.collection, p.done, p.total)));
    assert_eq!(refreshed, Ok(Refreshed { changed: 25, rebuilt: false }));
    let expected = [
        (Collection::Postings, 10, 25),
        (Collection::Postings, 20, 25),
        (Collection::Postings, 25, 25),
        (Collection::Trainings, 0, 0),
        (Collection::Fairs, 0, 0),
    ];
    assert_eq!(steps, expected);
    assert_eq!(
        *county.asked.borrow(),
        [0, 10, 20, 30, 30, 30, 40, 50, 60, 70, 70, 80, 90],
        "no page is fetched twice"
    );
    let status = cache.status().expect("status");
    assert_eq!(status[0].rows, 95);
    assert_eq!(status[0].refreshed_at.map(|t| t.as_second()), Some(1_795_000_000));
    assert_eq!(ids(&mut cache.reader().expect("a reader"), "普工").len(), 95);
}

#[test]
fn changes_and_tombstones_are_applied_in_order() {
    let (_directory, mut cache) =
        cache_of(vec![posting("a", "电焊工"), posting("b", "厨师"), posting("c", "保安")]);
    let mut reader = cache.reader().expect("a reader");
    assert_eq!(ids(&mut reader, "厨师"), ["b"]);
    let page = FeedPage {
        epoch: "one".into(),
        items: vec![
            item(4, posting("a", "钳工")),
            tombstone(5, "b"),
            item(6, posting("d", "油漆工")),
            tombstone(7, "d"),
            tombstone(8, "never-seen"),
            tombstone(9, "c"),
            item(10, posting("c", "保洁员")),
        ],
        next: 10,
        head: 10,
        left_out: Vec::new(),
    };
    let applied = feed::apply(&mut cache, Collection::Postings, 3, &page, Timestamp::UNIX_EPOCH);
    assert_eq!(applied, Ok(Applied::Complete));
    // The reader that was there before sees the change, and nothing of what is gone.
    assert_eq!(ids(&mut reader, ""), ["a", "c"]);
    for (words, found) in [("钳工", &["a"][..]), ("保洁", &["c"])] {
        assert_eq!(ids(&mut reader, words), found, "{words}");
    }
    for words in ["电焊", "厨师", "油漆", "保安", "cs"] {
        assert_eq!(ids(&mut reader, words), [""; 0], "{words}");
    }
    assert_eq!(cache.status().expect("status")[0].rows, 2);
}

#[test]
fn a_new_life_of_the_feed_replaces_the_old_one_when_it_is_complete() {
    let (_directory, mut cache) = cache_of(numbered(30));
    let mut reader = cache.reader().expect("a reader");
    let new: Vec<_> = (0..25).map(|i| posting(&format!("p-{i:04}"), "保安")).collect();
    let county = County::new("two", new);
    *county.pages.borrow_mut() = 3;
    assert_eq!(county.refresh(&mut cache, |_| {}), Err(Stop::LinkDown));
    // One page told of the new life, two are stored; the old listings are still shown.
    assert_eq!(*county.asked.borrow(), [30, 0, 10, 20]);
    assert_eq!(ids(&mut reader, "普工").len(), 30);
    assert_eq!(ids(&mut reader, "保安").len(), 0);
    assert_eq!(cache.status().expect("status")[0].rows, 30);

    *county.pages.borrow_mut() = 1_000;
    assert_eq!(county.refresh(&mut cache, |_| {}).map(|r| r.changed), Ok(5));
    assert_eq!(ids(&mut reader, "普工").len(), 0);
    assert_eq!(ids(&mut reader, "保安").len(), 25);
    assert_eq!(cache.status().expect("status")[0].rows, 25);
}

#[test]
fn a_life_that_ends_half_fetched_leaves_nothing_behind() {
    let (_directory, mut cache) = cache_of(numbered(30));
    let broken = County::new("two", (0..25).map(|i| posting(&format!("b-{i}"), "瓦工")).collect());
    *broken.pages.borrow_mut() = 2;
    assert_eq!(broken.refresh(&mut cache, |_| {}), Err(Stop::LinkDown));
    let county = County::new("three", vec![posting("only", "木工")]);
    assert_eq!(county.refresh(&mut cache, |_| {}).map(|r| r.changed), Ok(1));
    let mut reader = cache.reader().expect("a reader");
    assert_eq!(ids(&mut reader, ""), ["only"]);
    assert_eq!(ids(&mut reader, "瓦工"), [""; 0]);
    assert_eq!(reader.posting(&posting("b-1", "瓦工").id), Ok(None));
}

#[test]
fn a_refresh_without_news_changes_nothing() {
    let county = County::new("one", numbered(12));
    let directory = tempfile::tempdir().expect("a temporary directory");
    let mut cache = Cache::open(directory.path()).expect("open");
    assert_eq!(county.refresh(&mut cache, |_| {}).map(|r| r.changed), Ok(12));
    assert_eq!(county.refresh(&mut cache, |_| {}).map(|r| r.changed), Ok(0));
    assert_eq!(ids(&mut cache.reader().expect("a reader"), "").len(), 12);
}

#[test]
fn pages_that_break_the_rules_are_refused_whole() {
    let (_directory, mut cache) = cache_of(numbered(3));
    let page = |items, next, head| FeedPage {
        epoch: "one".into(),
        items,
        next,
        head,
        left_out: Vec::new(),
    };
    let other_id = FeedItem { id: "other".into(), ..item(4, posting("a", "钳工")) };
    let bad_id = FeedItem { id: "a b".into(), ..tombstone(4, "x") };
    let broken = [
        page(vec![item(3, posting("a", "钳工"))], 4, 4),
        page(vec![item(5, posting("a", "钳工")), item(4, posting("b", "钳工"))], 5, 5),
        page(vec![item(4, posting("a", "钳工")), item(4, posting("b", "钳工"))], 4, 4),
        page(vec![item(9, posting("a", "钳工"))], 4, 9),
        page(vec![item(4, posting("a", "钳工"))], 4, 3),
        page(vec![item(2, posting("a", "钳工"))], 2, 2),
        page(Vec::new(), 1, 2),
        page(Vec::new(), 3, 9),
        page(vec![other_id], 4, 4),
        page(vec![bad_id], 4, 4),
        page((4..1_005).map(|seq| tombstone(seq, "x")).collect(), 1_004, 1_004),
        page(vec![item(4, posting("a", "钳工"))], u64::MAX, u64::MAX),
        FeedPage { epoch: String::new(), ..page(Vec::new(), 3, 3) },
        FeedPage { epoch: "x".repeat(65), ..page(Vec::new(), 3, 3) },
    ];
    for page in broken {
        let applied =
            feed::apply(&mut cache, Collection::Postings, 3, &page, Timestamp::UNIX_EPOCH);
        assert_eq!(applied, Err(Stop::FeedDisorder), "{page:?}");
    }
    // The first page of another life keeps the same rules.
    for known in [None, Some(page(Vec::new(), 0, 0))] {
        let (_directory, mut cache) = cache_of(Vec::new());
        if let Some(page) = known {
            feed::apply(&mut cache, Collection::Postings, 0, &page, Timestamp::UNIX_EPOCH)
                .expect("an empty feed");
        }
        for page in [page(vec![item(0, posting("a", "钳工"))], 1, 1), page(Vec::new(), 2, 1)] {
            let page = FeedPage { epoch: "new".into(), ..page };
            let applied =
                feed::apply(&mut cache, Collection::Postings, 0, &page, Timestamp::UNIX_EPOCH);
            assert_eq!(applied, Err(Stop::FeedDisorder), "{page:?}");
        }
    }
    let sound = page(vec![item(4, posting("a", "钳工"))], 4, 4);
    let as_training =
        feed::apply(&mut cache, Collection::Trainings, 3, &sound, Timestamp::UNIX_EPOCH);
    assert_eq!(as_training, Err(Stop::FeedDisorder));
    assert_eq!(cache.cursor(Collection::Postings).expect("cursor").next, 3);
    assert_eq!(ids(&mut cache.reader().expect("a reader"), "").len(), 3);
}

#[test]
fn a_kiosk_that_is_ahead_of_its_county_begins_anew() {
    let (_directory, mut cache) = cache_of(numbered(30));
    let mut reader = cache.reader().expect("a reader");
    // The county's database was put back: the same epoch, and only the first twenty of it.
    let county = County::new("one", numbered(20));
    *county.pages.borrow_mut() = 2;
    assert_eq!(county.refresh(&mut cache, |_| {}), Err(Stop::LinkDown));
    assert_eq!(*county.asked.borrow(), [30, 0, 10]);
    assert_eq!(ids(&mut reader, "").len(), 30, "what was there is shown until the rest comes");
    *county.pages.borrow_mut() = 1_000;
    assert!(county.refresh(&mut cache, |_| {}).is_ok());
    assert_eq!(ids(&mut reader, "").len(), 20);
    assert_eq!(county.refresh(&mut cache, |_| {}).map(|r| r.changed), Ok(0));
}

#[test]
fn a_feed_that_never_comes_to_an_end_is_left() {
    // Each answer belongs to another life.
    let lives = RefCell::new(0);
    let fetch = async |_, _| {
        *lives.borrow_mut() += 1;
        let epoch = format!("life {}", lives.borrow());
        Ok(FeedPage {
            epoch,
            items: vec![item(1, posting("a", "钳工"))],
            next: 1,
            head: 9,
            left_out: Vec::new(),
        })
    };
    let (_directory, mut cache) = cache_of(numbered(3));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let refreshed = runtime.block_on(feed::refresh_from(fetch, &mut cache, &Clock::System, |_| {}));
    assert_eq!(refreshed, Err(Stop::FeedDisorder));
    assert!(*lives.borrow() < 10);
    assert_eq!(ids(&mut cache.reader().expect("a reader"), "普工").len(), 3);
}

#[test]
fn two_lives_that_are_both_fetched_whole_follow_each_other() {
    let (_directory, mut cache) = cache_of(numbered(3));
    fill_again(&mut cache, "two", "瓦工");
    fill_again(&mut cache, "three", "木工");
    let mut reader = cache.reader().expect("a reader");
    assert_eq!(ids(&mut reader, "木工"), ["x"]);
    assert_eq!(ids(&mut reader, ""), ["x"]);
}

fn fill_again(cache: &mut Cache, epoch: &str, title: &str) {
    let page =
        FeedPage { epoch: epoch.into(), items: Vec::new(), next: 0, head: 0, left_out: Vec::new() };
    let since = cache.cursor(Collection::Postings).expect("cursor").next;
    let applied = feed::apply(cache, Collection::Postings, since, &page, Timestamp::UNIX_EPOCH);
    assert_eq!(applied, Ok(Applied::AskAgain));
    fill(cache, epoch, vec![posting("x", title)]);
}

#[test]
fn what_was_left_out_is_fetched_by_another_program() {
    let (directory, mut cache) = cache_of(vec![posting("a", "电焊工"), posting("b", "厨师")]);
    let page = FeedPage {
        epoch: "one".into(),
        items: vec![tombstone(3, "b")],
        next: 3,
        head: 3,
        left_out: vec!["b".into()],
    };
    let applied = feed::apply(&mut cache, Collection::Postings, 2, &page, Timestamp::UNIX_EPOCH);
    assert_eq!(applied, Ok(Applied::Complete));
    drop(cache);
    let open = || {
        let cache = Cache::open(directory.path()).expect("open");
        let next = cache.cursor(Collection::Postings).expect("a cursor").next;
        (cache, next)
    };
    assert_eq!(open().1, 3, "this program would not understand it now either");
    let file = rusqlite::Connection::open(directory.path().join("listings.db")).expect("open");
    let another = "UPDATE collection SET understood = 1 WHERE understood IS NOT NULL";
    assert_eq!(file.execute(another, []).expect("changed"), 1);
    drop(file);
    let (mut cache, next) = open();
    assert_eq!((next, ids(&mut cache.reader().expect("a reader"), "")), (0, vec!["a".to_owned()]));
    fill(&mut cache, "one", vec![posting("a", "电焊工"), posting("c", "厨师")]);
    assert_eq!(ids(&mut cache.reader().expect("a reader"), ""), ["a", "c"]);
    drop(cache);
    assert_eq!(open().1, 2, "once is enough");
}
