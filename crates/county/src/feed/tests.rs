//! The feed by itself, without a line.

use jiff::civil::date;
use kiosk_base::{
    domain::{DivisionCode, Posting, PostingId},
    wire::{FeedPage, v1},
};

use super::*;
use crate::{Targets, Towns};

fn ask(since: u64, limit: usize) -> Ask {
    let audience = Audience::default();
    Ask { collection: Collection::Postings, since, limit, snapshot: None, audience }
}

fn of_town(town: &str, since: u64) -> Ask {
    let town = DivisionCode::parse(town).expect("a code");
    Ask { audience: Audience::of(Some(&town)), ..ask(since, 500) }
}

fn fetch(feed: &Feed, ask: &Ask) -> FeedPage {
    let page = feed.answer(ask, None, false).expect("an answer").page.expect("a page");
    assert!(!page.compressed);
    let page = FeedPage::read(&page.body).expect("a page's JSON");
    assert_eq!(page.fault(ask.collection, Some(ask.since)), None);
    page
}

fn posting(id: &str, title: &str) -> Posting {
    Posting::new(PostingId::parse(id).expect("an id"), title, "测试厂", date(2026, 11, 1), "测试")
}

fn summary(page: &FeedPage) -> Vec<(u64, &str, bool)> {
    page.items.iter().map(|i| (i.seq, i.id.as_str(), i.body.is_some())).collect()
}

#[test]
fn a_second_set_moves_only_what_changed() {
    let home = tempfile::tempdir().expect("a directory");
    let feed = Feed::open(home.path()).expect("opened");
    let publish = |items| feed.publish(Listings::Postings(items)).expect("published");
    let page = |since, limit| fetch(&feed, &ask(since, limit));

    publish(vec![posting("a", "焊工"), posting("b", "厨工"), posting("c", "保洁")]);
    let first = page(0, 2);
    assert_eq!(summary(&first), [(1, "a", true), (2, "b", true)]);
    assert_eq!((first.next, first.head), (2, 3));

    let done = publish(vec![posting("a", "焊工"), posting("b", "厨师"), posting("d", "司机")]);
    assert_eq!(done, Published { changed: 2, removed: 1, unchanged: 1 });
    assert_eq!(summary(&page(3, 500)), [(4, "b", true), (5, "d", true), (6, "c", false)]);
    assert_eq!(
        publish(vec![posting("a", "焊工"), posting("b", "厨师"), posting("d", "司机")]),
        Published { changed: 0, removed: 0, unchanged: 3 }
    );

    publish(vec![posting("c", "保洁")]);
    let all = page(0, 500);
    let back = all.items.iter().find(|i| i.id == "c").expect("back again");
    assert!(back.body.is_some());
    assert_eq!(all.next, all.head);
    let end = page(all.head, 500);
    assert_eq!((end.items.len(), end.next, end.head), (0, all.head, all.head));
}

#[test]
fn the_epoch_lives_as_long_as_the_database() {
    let (one, two) = (tempfile::tempdir().expect("dir"), tempfile::tempdir().expect("dir"));
    let epoch = |home: &tempfile::TempDir| {
        let feed = Feed::open(home.path()).expect("opened");
        fetch(&feed, &ask(0, 1)).epoch
    };
    assert_eq!(epoch(&one), epoch(&one));
    assert_ne!(epoch(&one), epoch(&two));
}

#[test]
fn a_bad_set_changes_nothing() {
    let home = tempfile::tempdir().expect("a directory");
    let feed = Feed::open(home.path()).expect("opened");
    let publish = |items| feed.publish(Listings::Postings(items));
    publish(vec![posting("a", "焊工")]).expect("published");
    assert!(publish(vec![posting("b", "甲"), posting("b", "乙")]).is_err());
    assert!(publish(vec![posting("b", &"长".repeat(ITEM_BYTES))]).is_err());
    let page = fetch(&feed, &ask(0, 500));
    assert_eq!(summary(&page), [(1, "a", true)]);
}

#[test]
fn a_page_of_long_items_ends_before_it_is_too_large() {
    let home = tempfile::tempdir().expect("a directory");
    let feed = Feed::open(home.path()).expect("opened");
    let long = "长".repeat(20_000);
    let items = (0..100).map(|i| posting(&format!("p{i}"), &long)).collect();
    feed.publish(Listings::Postings(items)).expect("published");
    let page = fetch(&feed, &ask(0, 500));
    assert!(!page.items.is_empty() && page.items.len() < 100);
    assert_eq!(page.next, page.items.last().expect("some").seq);
}

#[test]
fn the_pages_json_is_that_of_its_type() {
    let home = tempfile::tempdir().expect("a directory");
    let feed = Feed::open(home.path()).expect("opened");
    feed.publish(Listings::Postings(vec![posting("a", "焊\"工")])).expect("published");
    feed.publish(Listings::Postings(vec![posting("b", "厨工")])).expect("published");
    let page = feed.answer(&ask(1, 500), None, false).expect("an answer").page.expect("a page");
    let parsed: v1::FeedPage = serde_json::from_slice(&page.body).expect("JSON");
    assert_eq!(parsed.items.len(), 2);
    assert_eq!(page.body, serde_json::to_string(&parsed).expect("JSON"));
    let packed = feed.answer(&ask(1, 500), None, true).expect("an answer").page;
    let packed = packed.filter(|page| page.compressed).expect("compressed");
    let whole = zstd::bulk::decompress(&packed.body, page.body.len()).expect("zstd");
    assert_eq!(whole, page.body);
}

#[test]
fn a_kiosk_that_begins_is_told_nothing_of_what_is_gone() {
    let home = tempfile::tempdir().expect("a directory");
    let feed = Feed::open(home.path()).expect("opened");
    let publish = |items| feed.publish(Listings::Postings(items)).expect("published");
    publish(vec![posting("a", "焊工"), posting("b", "厨工"), posting("c", "保洁")]);
    publish(vec![posting("c", "保洁"), posting("d", "司机")]);
    // c 3, d 4, a gone 5, b gone 6
    let first = fetch(&feed, &ask(0, 1));
    assert_eq!((summary(&first).as_slice(), first.next, first.head), (&[(3, "c", true)][..], 3, 6));
    publish(vec![posting("d", "司机")]);
    let goes_on = Ask { snapshot: Some(first.head), ..ask(3, 500) };
    let second = fetch(&feed, &goes_on);
    assert_eq!(summary(&second), [(4, "d", true), (7, "c", false)], "c was shown a moment ago");
    let old = fetch(&feed, &ask(3, 500));
    assert_eq!(summary(&old).len(), 4, "who was here before is told of a and b");
}

#[test]
fn an_item_for_some_towns_is_seen_there_and_gone_elsewhere() {
    let (one, two, three) = ("510599100", "510599101", "510599102");
    let home = tempfile::tempdir().expect("a directory");
    let feed = Feed::open(home.path()).expect("opened");
    let publish = |towns: &[&str], others: Option<&str>| {
        let mut targets = Targets::default();
        if !towns.is_empty() {
            let towns = Towns::parse(towns.iter().copied()).expect("towns");
            targets.by_id.insert("a".into(), towns);
        }
        targets.others = others.map(|town| Towns::parse([town]).expect("a town"));
        let items = vec![posting("a", "焊工"), posting("b", "厨工")];
        feed.publish_to(Listings::Postings(items), &targets).expect("published")
    };
    let seen = |town, since| -> Vec<_> {
        let page = fetch(&feed, &of_town(town, since));
        assert_eq!(page.next, page.head);
        page.items.into_iter().map(|i| (i.seq, i.id, i.body.is_some())).collect()
    };
    let a = |seq, there| (seq, "a".to_owned(), there);

    publish(&[one, two], None);
    assert_eq!(seen(one, 0).len(), 2);
    assert_eq!(seen("510599100201", 0).len(), 2, "a village of that town");
    assert_eq!(seen(three, 0), [(2, "b".to_owned(), true)]);
    assert_eq!(fetch(&feed, &ask(0, 500)).items.len(), 1, "a kiosk without a division");
    assert_eq!(publish(&[one, two], None).unchanged, 2);

    // Taken from the second town: a tombstone there, nothing where it never was.
    assert_eq!(publish(&[one], None).changed, 1);
    assert_eq!(seen(one, 2), [a(3, true)]);
    assert_eq!(seen(two, 2), [a(3, false)]);
    assert_eq!(seen(three, 2), []);
    assert_eq!(seen(two, 0), [(2, "b".to_owned(), true)]);

    // For all, then for one: now everybody may have it.
    publish(&[], None);
    assert_eq!(seen(three, 3), [a(4, true)]);
    publish(&[one], None);
    assert_eq!(seen(three, 4), [a(5, false)]);
    // Gone: the same.
    feed.publish(Listings::Postings(vec![posting("b", "厨工")])).expect("published");
    for town in [one, two, three] {
        assert_eq!(seen(town, 5), [a(6, false)]);
    }
    // For those that nothing else is said about.
    publish(&[one], Some(two));
    assert_eq!(seen(two, 6), [a(7, false), (8, "b".to_owned(), true)]);
    let mut stray = Targets::default();
    stray.by_id.insert("x".into(), Towns::parse([one]).expect("a town"));
    let items = Listings::Postings(vec![posting("a", "焊工")]);
    assert!(feed.publish_to(items, &stray).is_err());
}

#[test]
fn pages_without_towns_are_made_once_for_all_towns() {
    let home = tempfile::tempdir().expect("a directory");
    let feed = Feed::open(home.path()).expect("opened");
    let items = (0..30).map(|i| posting(&format!("p{i}"), "焊工")).collect();
    let mut targets = Targets::default();
    targets.by_id.insert("p29".into(), Towns::parse(["510599100"]).expect("a town"));
    feed.publish_to(Listings::Postings(items), &targets).expect("published");
    let body = |town, since| {
        let ask = Ask { limit: 10, ..of_town(town, since) };
        let answer = feed.answer(&ask, None, true).expect("an answer");
        (answer.page.expect("a page").body.as_ptr(), answer.signature)
    };
    let (one, two) = ("510599100", "510599101");
    assert_eq!(body(one, 0).0, body(two, 0).0, "the same bytes in memory");
    assert_ne!(body(one, 0).1, body(two, 0).1, "signed for each");
    assert_eq!(body(one, 20).0, body(one, 20).0);
    assert_ne!(body(one, 20).0, body(two, 20).0);
}

#[test]
fn who_has_everything_is_told_so_until_something_changes() {
    let home = tempfile::tempdir().expect("a directory");
    let feed = Feed::open(home.path()).expect("opened");
    feed.publish(Listings::Postings(vec![posting("a", "焊工")])).expect("published");
    let first = feed.answer(&ask(1, 500), None, true).expect("an answer");
    assert!(first.page.is_some());
    let again = feed.answer(&ask(1, 500), Some(&first.etag), true).expect("an answer");
    assert!(again.page.is_none() && again.etag == first.etag);
    assert_ne!(again.signature, first.signature);
    let elsewhere = feed.answer(&of_town("510599100", 1), Some(&first.etag), true);
    assert!(elsewhere.expect("an answer").page.is_some());
    feed.publish(Listings::Postings(vec![posting("b", "焊工")])).expect("published");
    let news = feed.answer(&ask(1, 500), Some(&first.etag), true).expect("an answer");
    assert!(news.page.is_some());
}
