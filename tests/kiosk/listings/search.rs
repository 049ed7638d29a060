//! What a resident finds.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{
    Timestamp,
    civil::{Date, date},
};
use kiosk_base::{
    domain::{Education, Fen, JobFair, Posting, PostingId, Wage, posting::WagePeriod},
    wire::{FeedBody, FeedItem, FeedPage, v1},
};
use renshe_kiosk::listings::{Applied, Cache, Facet, Filters, Form, Home, Near, Query, Tile, feed};

use super::{TODAY, cache_of, code, ids, posting, training};

fn demo() -> Vec<Posting> {
    #[derive(serde::Deserialize)]
    struct File {
        items: Vec<v1::Posting>,
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/kiosk-config/demo/postings.json");
    let text = std::fs::read_to_string(path).expect("the demo postings");
    let file: File = serde_json::from_str(&text).expect("they are postings");
    file.items.into_iter().map(Into::into).collect()
}

/// Takes a whole collection as one page of the feed.
fn take<const COUNT: usize>(cache: &mut Cache, bodies: [FeedBody; COUNT]) {
    let collection = bodies[0].collection();
    let items = (1..).zip(bodies).map(|(seq, body)| FeedItem {
        seq,
        id: body.id().as_str().to_owned(),
        body: Some(body),
    });
    let (items, head) = (items.collect(), COUNT as u64);
    let page = FeedPage { epoch: "one".into(), items, next: head, head, left_out: Vec::new() };
    let applied = feed::apply(cache, collection, 0, &page, Timestamp::UNIX_EPOCH).expect("stored");
    assert_eq!(applied, Applied::Complete);
}

#[test]
fn words_initials_and_pinyin_find_the_same_posting() {
    let (_directory, cache) = cache_of(vec![
        posting("welder", "电焊工"),
        posting("cook", "厨师"),
        posting("driver", "Ｃ１驾驶员"),
    ]);
    let mut reader = cache.reader().expect("a reader");
    for words in [
        "电焊工",
        "电焊",
        "焊工",
        "焊",
        "dhg",
        "d",
        "dh",
        "hg",
        "dianhangong",
        "dianh",
        "hangong",
        "DHG",
    ] {
        assert_eq!(ids(&mut reader, words), ["welder"], "{words}");
    }
    for words in ["c1", "C1驾驶", "驾驶 c1", "jsy", "jiashi"] {
        assert_eq!(ids(&mut reader, words), ["driver"], "{words}");
    }
    for words in ["电工焊", "ghd", "xyz", "电焊 厨师"] {
        assert_eq!(ids(&mut reader, words), [""; 0], "{words}");
    }
}

#[test]
fn every_reading_of_a_polyphone_finds() {
    let (_directory, cache) = cache_of(vec![
        posting("city", "重庆火锅店员"),
        posting("head", "厂长"),
        posting("bank", "银行保安"),
    ]);
    let mut reader = cache.reader().expect("a reader");
    for words in ["cqhg", "zqhg", "chongqing", "zhongqing", "chongqinghuoguo"] {
        assert_eq!(ids(&mut reader, words), ["city"], "{words}");
    }
    for words in ["cz", "cc", "changzhang", "changchang"] {
        assert_eq!(ids(&mut reader, words), ["head"], "{words}");
    }
    for words in ["yh", "yinhang", "yx", "yinxing"] {
        assert_eq!(ids(&mut reader, words), ["bank"], "{words}");
    }
    // Some type the whole beginning of a sound.
    assert_eq!(ids(&mut reader, "chzh"), ["head"]);
}

#[test]
fn what_stands_in_any_part_of_a_posting_is_found() {
    let mut full = posting("full", "普工");
    full.occupation = Some("装配工".into());
    full.employer = "泸县玉龙机械有限公司".into();
    full.place = Some("福集镇工业路".into());
    full.conditions = Some("会看图纸".into());
    full.duties = Some("组装减速机".into());
    full.hours = Some("白班".into());
    full.benefits = vec!["包吃住".into()];
    full.wage = Some(Wage::Range {
        min: Fen::from_yuan(4_500),
        max: Fen::from_yuan(6_000),
        per: WagePeriod::Month,
    });
    let (_directory, cache) = cache_of(vec![full, posting("other", "保洁员")]);
    let mut reader = cache.reader().expect("a reader");
    for words in [
        "装配",
        "玉龙",
        "有限公司",
        "工业路",
        "图纸",
        "减速机",
        "白班",
        "包吃住",
        "4500",
        "6000",
        "zpg",
        "yljx",
    ] {
        assert_eq!(ids(&mut reader, words), ["full"], "{words}");
    }
    // Nobody means the legal form by `gs`.
    assert_eq!(ids(&mut reader, "gs"), [""; 0]);
}

#[test]
fn hostile_questions_find_nothing_and_break_nothing() {
    let (_directory, cache) = cache_of(vec![posting("welder", "电焊工"), posting("cook", "厨师")]);
    let mut reader = cache.reader().expect("a reader");
    let long = "x' OR '1'='1".repeat(1_000);
    for words in [
        "%",
        "*",
        "\"",
        "'",
        "电%厨",
        "terms:电焊",
        "NEAR(电 焊)",
        "电焊 NOT 厨师",
        "^电焊 zz",
        "'; DROP TABLE posting; --",
        "\0",
        "\u{202E}",
        "(((",
        "-",
        "{a b}: c",
        long.as_str(),
    ] {
        assert_eq!(ids(&mut reader, words), [""; 0], "{words:?}");
    }
    // Signs around a word are as if they were not typed.
    for words in ["\"电焊工\"", "电焊工*", "%电焊工%", "电焊\u{200B}工", "\0电焊工\0"]
    {
        assert_eq!(ids(&mut reader, words), ["welder"], "{words:?}");
    }
    assert_eq!(ids(&mut reader, &"焊工".repeat(5_000)), [""; 0]);
    assert_eq!(ids(&mut reader, " \u{3000}").len(), 2);
}

#[test]
fn nothing_early_and_nothing_closed_is_shown() {
    let with = |id, published, closes| {
        let mut posting = posting(id, "普工");
        (posting.published, posting.closes) = (published, closes);
        posting
    };
    let (_directory, cache) = cache_of(vec![
        with("open", date(2026, 11, 1), None),
        with("today", TODAY, Some(TODAY)),
        with("closed", date(2026, 11, 1), Some(date(2026, 11, 22))),
        with("early", date(2026, 11, 24), None),
    ]);
    let mut reader = cache.reader().expect("a reader");
    assert_eq!(ids(&mut reader, ""), ["today", "open"]);
    assert_eq!(ids(&mut reader, "普工"), ["today", "open"]);
    assert_eq!(reader.counts(TODAY).expect("counts").postings, 2);
    // Tomorrow it is another set, without any change in the cache.
    let tomorrow = TODAY.tomorrow().expect("a day");
    let found = reader.postings(&Query { limit: 9, ..Query::default() }, tomorrow).expect("found");
    assert_eq!(found.rows.iter().map(|p| p.id.as_str()).collect::<Vec<_>>(), ["early", "open"]);
}

#[test]
fn the_best_match_stands_first_then_the_nearest_then_the_newest() {
    let with = |id, title, division: &str, day| {
        let mut posting = posting(id, title);
        posting.division = Some(code(division));
        posting.published = date(2026, 11, day);
        posting
    };
    let mut described = with("described", "普工", "510521100", 20);
    described.duties = Some("给电工当帮手".into());
    let (_directory, cache) = cache_of(vec![
        described,
        with("within-title", "水电工", "510521100", 20),
        with("far", "电工", "440300", 20),
        with("city", "电工", "510504001", 20),
        with("county", "电工", "510521101", 20),
        with("neighbour", "电工", "510521103", 3),
        with("county-only", "电工", "510521", 19),
        with("home-old", "电工", "510521100", 1),
        with("home-b", "电工", "510521100008", 2),
        with("home-a", "电工", "510521100", 2),
    ]);
    let mut reader = cache.reader().expect("a reader");
    let mut query = Query {
        words: "电工".into(),
        home: Some(Home { town: code("510521100"), neighbours: vec![code("510521103")] }),
        limit: 200,
        ..Query::default()
    };
    let found = reader.postings(&query, TODAY).expect("found");
    let order: Vec<_> = found.rows.iter().map(|p| p.id.as_str().to_owned()).collect();
    let expected = [
        "home-a",
        "home-b",
        "home-old",
        "neighbour",
        "county",
        "county-only",
        "city",
        "far",
        "within-title",
        "described",
    ];
    assert_eq!(order, expected);

    // Pages of any size put together give the same list.
    for size in 1..=expected.len() {
        let mut pages = Vec::new();
        for offset in (0..12).step_by(size) {
            query.offset = offset;
            query.limit = size;
            let page = reader.postings(&query, TODAY).expect("a page");
            assert_eq!(page.total, expected.len());
            pages.extend(page.rows.into_iter().map(|p| String::from(p.id)));
        }
        assert_eq!(pages, expected, "{size} a page");
    }
}

#[test]
fn filters_keep_town_county_and_wage() {
    let with = |id, division: Option<&str>, wage: Option<(i64, WagePeriod)>| {
        let mut posting = posting(id, "普工");
        posting.division = division.map(code);
        posting.wage = wage.map(|(yuan, per)| {
            let fen = Fen::from_yuan(yuan);
            Wage::Range { min: fen, max: fen, per }
        });
        posting
    };
    let (_directory, cache) = cache_of(vec![
        with("town", Some("510521100"), Some((4_000, WagePeriod::Month))),
        with("village", Some("510521100005"), Some((200, WagePeriod::Day))),
        with("county", Some("510521"), Some((20, WagePeriod::Hour))),
        with("next-county", Some("510522100"), Some((5_000, WagePeriod::Piece))),
        with("unknown", None, None),
    ]);
    let mut reader = cache.reader().expect("a reader");
    let mut find = |within: Option<&str>, wage_from: Option<i64>| {
        let filters = Filters {
            within: within.map(code),
            wage_from: wage_from.map(Fen::from_yuan),
            ..Filters::default()
        };
        let query = Query { filters, limit: 200, ..Query::default() };
        let found = reader.postings(&query, TODAY).expect("found").rows;
        found.into_iter().map(|p| String::from(p.id)).collect::<BTreeSet<_>>()
    };
    let set = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(find(Some("510521100"), None), set(&["town", "village"]));
    assert_eq!(find(Some("510521"), None), set(&["town", "village", "county"]));
    // 200 a day are 4,350 a month, 20 an hour 3,480.
    assert_eq!(find(None, Some(4_100)), set(&["village"]));
    assert_eq!(find(None, Some(3_400)), set(&["town", "village", "county"]));
    let towns = reader.town_counts(TODAY).expect("counts");
    let expected =
        BTreeMap::from([(code("510521100"), 2), (code("510521"), 1), (code("510522100"), 1)]);
    assert_eq!(towns, expected);
}

#[test]
fn every_choice_finds_as_many_as_it_says() {
    let (_directory, cache) = cache_of(demo());
    let mut reader = cache.reader().expect("a reader");
    let home = Home { town: code("510521100"), neighbours: vec![code("510521001")] };
    let base = Query { home: Some(home), limit: 0, ..Query::default() };
    let education = |mine| Filters { education: Some(mine), ..Filters::default() };
    let wages = |yuan| Filters { wage_from: Some(Fen::from_yuan(yuan)), ..Filters::default() };
    let narrowed = [
        Filters::default(),
        wages(4_000),
        education(Education::Middle),
        Filters { near: Some(Near::County), meals: true, ..Filters::default() },
        Filters { tile: Some(Tile::all().next().expect("a tile")), ..wages(3_000) },
        Filters { form: Some(Form::Temporary), lodging: true, ..education(Education::High) },
    ];
    for (words, filters) in
        ["", "包吃住", "pg"].into_iter().flat_map(|words| narrowed.iter().map(move |f| (words, f)))
    {
        let query = Query { words: words.into(), filters: filters.clone(), ..base.clone() };
        let facets = reader.facets(&query, TODAY).expect("counted");
        let mut finds = |filters: Filters| {
            let query = Query { filters, ..query.clone() };
            reader.postings(&query, TODAY).expect("found").total
        };
        assert_eq!(facets.total, finds(filters.clone()));
        for (facet, count) in &facets.any {
            assert_eq!(*count, finds(filters.without(*facet)), "{facet:?}");
        }
        let without = |facet| filters.without(facet);
        for tile in Tile::all() {
            let found = finds(Filters { tile: Some(tile), ..without(Facet::Tile) });
            assert_eq!(facets.tiles.get(&tile).copied().unwrap_or(0), found, "{tile:?}");
        }
        for (least, count) in &facets.wages {
            let found = finds(Filters { wage_from: Some(*least), ..without(Facet::Wage) });
            assert_eq!(*count, found, "{least:?}");
        }
        for (mine, count) in &facets.education {
            let found = finds(Filters { education: Some(*mine), ..without(Facet::Education) });
            assert_eq!(*count, found, "{mine:?}");
        }
        for form in Form::ALL {
            let found = finds(Filters { form: Some(form), ..without(Facet::Form) });
            assert_eq!(facets.forms.get(&form).copied().unwrap_or(0), found, "{form:?}");
        }
        let board = |meals, lodging| Filters { meals, lodging, ..without(Facet::Board) };
        assert_eq!(facets.meals, finds(board(true, false)));
        assert_eq!(facets.lodging, finds(board(false, true)));
        assert_eq!(facets.board, finds(board(true, true)));
        for (near, count) in &facets.near {
            let found = finds(Filters { near: Some(*near), ..without(Facet::Place) });
            assert_eq!(*count, found, "{near:?}");
        }
        for (town, count) in &facets.towns {
            let found = finds(Filters { within: Some(town.clone()), ..without(Facet::Place) });
            // A county holds its towns, too.
            let inside: u64 =
                facets.towns.iter().filter(|(at, _)| at.lies_in(town)).map(|(_, n)| n).sum();
            assert!(inside as usize == found && *count <= inside, "{town}");
        }
    }
}

#[test]
fn where_nothing_is_found_the_nearest_gives_up_as_little_as_it_must() {
    let mut near = posting("near", "电焊工");
    near.division = Some(code("510521101"));
    near.wage = Some(Wage::Range {
        min: Fen::from_yuan(4_000),
        max: Fen::from_yuan(5_000),
        per: WagePeriod::Month,
    });
    let (_directory, cache) = cache_of(vec![near, posting("cook", "厨师")]);
    let mut reader = cache.reader().expect("a reader");
    let mut nearest = |words: &str, filters: Filters| {
        let home = Some(Home::alone(code("510521100")));
        let query = Query { words: words.into(), filters, home, limit: 10, ..Query::default() };
        let found = reader.postings(&query, TODAY).expect("found");
        assert_eq!(found.total, 0);
        let nearest = found.nearest.expect("something is open");
        // What is offered is there.
        let again = reader.postings(&nearest.query, TODAY).expect("found");
        assert_eq!(again.total, nearest.total);
        assert!(again.nearest.is_none());
        (nearest.query.words.clone(), nearest.without.clone(), nearest.other_words)
    };
    let town = || Filters { near: Some(Near::Town), ..Filters::default() };
    let paid = |filters| Filters { wage_from: Some(Fen::from_yuan(6_000)), ..filters };
    assert_eq!(nearest("dhg", town()), ("dhg".into(), vec![Facet::Place], false));
    assert_eq!(nearest("dhg", paid(Filters::default())).1, [Facet::Wage]);
    assert_eq!(nearest("dhg", paid(town())).1, [Facet::Wage, Facet::Place]);
    assert_eq!(nearest("电焊工厂长", Filters::default()), ("电焊工".into(), vec![], true));
    // Words that mean nothing lead to everything.
    assert_eq!(nearest("xyz", Filters::default()), (String::new(), vec![], true));
    let (_directory, empty) = cache_of(Vec::new());
    let found = empty.reader().expect("a reader").postings(&Query::default(), TODAY);
    assert_eq!(found.expect("found").nearest, None);
}

#[test]
fn fairs_are_found_by_month_and_kept_until_they_are_over() {
    let fair = |id: &str, first: Date, last: Option<Date>| JobFair {
        id: PostingId::parse(id).expect("an id"),
        title: "测试招聘会".into(),
        date: first,
        ends: last,
        hours: None,
        place: "测试广场".into(),
        division: None,
        organiser: None,
        employers: Vec::new(),
        content: None,
        phone: None,
        published: date(2026, 11, 1),
        source: "测试".into(),
    };
    let directory = tempfile::tempdir().expect("a directory");
    let mut cache = Cache::open(directory.path()).expect("a cache");
    let long = fair("long", date(2026, 11, 30), Some(date(2026, 12, 1)));
    let secret = JobFair { published: date(2026, 12, 1), ..fair("early", date(2026, 12, 3), None) };
    let fairs = [
        fair("over", date(2026, 11, 2), None),
        long,
        fair("next", date(2026, 12, 5), None),
        secret,
    ];
    take(&mut cache, fairs.map(|fair| FeedBody::Fair(Box::new(fair))));
    let mut reader = cache.reader().expect("a reader");
    let month = |first: Date| {
        let found = reader.fairs(first, first.last_of_month(), TODAY).expect("found");
        found.into_iter().map(|fair| String::from(fair.id)).collect::<Vec<_>>()
    };
    assert_eq!(month(date(2026, 11, 1)), ["over", "long"]);
    assert_eq!(month(date(2026, 12, 1)), ["long", "next"], "one is not to be shown yet");
    assert_eq!(month(date(2027, 1, 1)), [""; 0]);
    assert_eq!(reader.counts(TODAY).expect("counts").fairs, 2);
}

#[test]
fn the_demo_postings_are_found_by_every_pair_of_characters_in_them() {
    let postings = demo();
    let (_directory, cache) = cache_of(postings.clone());
    let mut reader = cache.reader().expect("a reader");
    let open: Vec<_> = postings.iter().filter(|p| p.open_on(TODAY)).collect();
    assert!(open.len() >= 100, "the demo data have run out");
    let counts = reader.counts(TODAY).expect("counts");
    assert_eq!(counts.postings, open.len());

    let searched = |p: &Posting| {
        let optional = [&p.occupation, &p.place, &p.conditions, &p.education, &p.duties, &p.hours];
        let texts = [&p.title, &p.employer].into_iter().chain(optional.into_iter().flatten());
        texts.chain(&p.benefits).cloned().collect::<Vec<_>>().join("\n")
    };
    let is_han = |c: &char| ('\u{4E00}'..='\u{9FFF}').contains(c);
    let mut pairs = BTreeSet::new();
    for posting in &open {
        let title: Vec<char> = posting.title.chars().collect();
        pairs.extend(title.windows(2).filter(|w| w.iter().all(is_han)).map(String::from_iter));
    }
    assert!(pairs.len() > 50);
    for pair in pairs {
        let expected = open.iter().filter(|p| searched(p).contains(&pair)).count();
        let query = Query { words: pair.clone(), limit: 1, ..Query::default() };
        assert_eq!(reader.postings(&query, TODAY).expect("found").total, expected, "{pair}");
    }
    // A title finds its posting, and so do its words in any order.
    for wanted in &open {
        let query = Query { words: wanted.title.clone(), limit: 200, ..Query::default() };
        let found = reader.postings(&query, TODAY).expect("found").rows;
        assert!(found.iter().any(|p| p.id == wanted.id), "{}", wanted.title);
        assert_eq!(reader.posting(&wanted.id).expect("read").as_ref(), Some(*wanted));
    }
}

#[test]
fn training_notices_come_with_the_nearest_deadline_first() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let mut cache = Cache::open(directory.path()).expect("a new cache");
    let mut early = training("early", date(2026, 12, 31));
    early.published = date(2026, 12, 1);
    let notices = [
        training("late", date(2026, 12, 20)),
        training("soon", TODAY),
        training("over", date(2026, 11, 22)),
        early,
    ];
    take(&mut cache, notices.clone().map(|notice| FeedBody::Training(Box::new(notice))));

    let mut reader = cache.reader().expect("a reader");
    let page = reader.trainings(0, 10, TODAY).expect("a page");
    assert_eq!(page.total, 2);
    assert_eq!(page.rows.iter().map(|n| n.id.as_str()).collect::<Vec<_>>(), ["soon", "late"]);
    assert_eq!(reader.trainings(1, 10, TODAY).expect("a page").rows, [notices[0].clone()]);
    assert_eq!(reader.counts(TODAY).expect("counts").trainings, 2);
    let over = &notices[2];
    assert_eq!(reader.training(&over.id).expect("read").as_ref(), Some(over));
}
