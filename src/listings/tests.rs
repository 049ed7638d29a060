//! What the index finds, counts and orders, against going through all postings one by one; after
//! pages of the feed, withdrawals, own imports, marks, new lives of the feed, packing, opening anew.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{
    Timestamp,
    civil::{Date, date},
};
use kiosk_base::{
    domain::{
        DivisionCode, Education, EmploymentForm, Fen, OccupationClass, Posting, PostingId, Wage,
        posting::WagePeriod,
    },
    store::Ledger,
    wire::{Collection, FeedBody, FeedItem, FeedPage},
};
use proptest::prelude::*;
use tempfile::TempDir;

use super::{
    Applied, Cache, Facets, Filters, Form, Home, Mark, Near, Query, Reader, Tile, feed,
    terms::{self, Ask},
    town,
};

const TODAY: Date = date(2026, 11, 23);
const IDS: usize = 40;
const TITLES: [&str; 8] =
    ["电焊工", "焊工（电焊）", "普工", "水电工", "重庆火锅店员", "C1驾驶员", "女工", "普工夜班"];
const EMPLOYERS: [&str; 4] = ["泸县玉龙机械有限公司", "吕记餐馆", "长江酒业", "ABC电子厂"];
const PLACES: [&str; 4] = ["泸县福集镇工业路", "宜宾市筠连县", "东莞市长安镇", "泸县嘉明镇"];
const TOWNS: [&str; 7] =
    ["510521100", "510521101", "510521", "510504001", "441900", "510521100008", "110000"];
const WORDS: [&str; 22] = [
    "",
    "电",
    "电焊",
    "电焊工",
    "dhg",
    "d",
    "dianh",
    "dianhangong",
    "pg",
    "普工",
    "c1",
    "cq",
    "chongqing",
    "nv",
    "lu",
    "jl",
    "fuji",
    "xyz",
    "%",
    "yl 普工",
    "4500",
    "普工 夜",
];

fn code(digits: &str) -> DivisionCode {
    DivisionCode::parse(digits).expect("a code")
}

/// A posting that `seed` decides.
fn made(id: usize, seed: u64) -> Posting {
    let pick = |at: u32, of: usize| (seed >> at) as usize % of;
    let forms = [
        None,
        Some(EmploymentForm::FullTime),
        Some(EmploymentForm::Dispatched),
        Some(EmploymentForm::Other("灵活".into())),
    ];
    let per = [WagePeriod::Month, WagePeriod::Day, WagePeriod::Hour, WagePeriod::Piece];
    let amounts = [20, 200, 3_000, 4_500, 8_000];
    let least = Fen::from_yuan(amounts[pick(3, 5)]);
    let range = Wage::Range { min: least, max: least, per: per[pick(6, 4)] };
    let said = |at| [None, Some(true), Some(false)][pick(at, 3)];
    Posting {
        occupation: (pick(9, 2) == 0).then(|| "焊工".to_owned()),
        class: [None, Some(OccupationClass::Trades), Some(OccupationClass::Security)][pick(11, 3)],
        education: [None, Some("不限"), Some("初中"), Some("大专")][pick(14, 4)].map(str::to_owned),
        form: forms[pick(17, 4)].clone(),
        meals: said(20),
        lodging: said(23),
        duties: (pick(26, 2) == 0).then(|| "给电工当帮手".to_owned()),
        place: (pick(28, 3) > 0).then(|| PLACES[pick(30, 4)].to_owned()),
        division: (pick(33, 5) > 0).then(|| code(TOWNS[pick(36, 7)])),
        wage: [None, Some(Wage::Negotiable), Some(range), Some(range)][pick(40, 4)],
        closes: (pick(43, 3) == 0).then(|| date(2026, 11, 20 + pick(45, 8) as i8)),
        ..Posting::new(
            PostingId::parse(&format!("p{id}")).expect("an id"),
            TITLES[pick(49, 8)],
            EMPLOYERS[pick(52, 4)],
            date(2026, 11, 18 + pick(55, 7) as i8),
            "测试",
        )
    }
}

/// The cache, and what it ought to show.
struct Both {
    home: TempDir,
    cache: Cache,
    reader: Reader,
    ledger: Ledger,
    epoch: usize,
    seq: u64,
    county: BTreeMap<String, Posting>,
    own: BTreeMap<String, Posting>,
    marks: BTreeMap<String, Mark>,
}

#[derive(Debug, Clone)]
enum Step {
    /// A page of the feed: postings to put, ids to withdraw.
    Page(Vec<(usize, u64)>, Vec<usize>),
    /// A new life of the feed.
    Life(Vec<(usize, u64)>),
    Import(Vec<(usize, u64)>),
    ForgetOwn,
    Mark(usize, Option<bool>),
    Pack,
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let postings = |most| proptest::collection::vec((0..IDS, any::<u64>()), 0..most);
    let ids = proptest::collection::vec(0..IDS, 0..4);
    let step = prop_oneof![
        8 => (postings(12), ids).prop_map(|(put, gone)| Step::Page(put, gone)),
        1 => postings(30).prop_map(Step::Life),
        1 => postings(8).prop_map(Step::Import),
        1 => Just(Step::ForgetOwn),
        2 => (0..IDS, any::<Option<bool>>()).prop_map(|(id, pinned)| Step::Mark(id, pinned)),
        1 => Just(Step::Pack),
        1 => Just(Step::Reopen),
    ];
    proptest::collection::vec(step, 1..14)
}

impl Both {
    fn new() -> Self {
        let home = tempfile::tempdir().expect("a directory");
        let cache = Cache::open(home.path()).expect("a cache");
        let reader = cache.reader().expect("a reader");
        let ledger = Ledger::open(home.path()).expect("a ledger");
        let (county, own, marks) = Default::default();
        Self { home, cache, reader, ledger, epoch: 0, seq: 0, county, own, marks }
    }

    fn page(&mut self, put: &[(usize, u64)], gone: &[usize], complete: bool) {
        let since = self.seq;
        let bodies = put.iter().map(|(id, seed)| Ok(made(*id, *seed)));
        let bodies = bodies.chain(gone.iter().map(|id| Err(format!("p{id}"))));
        let items: Vec<FeedItem> = (since + 1..)
            .zip(bodies)
            .map(|(seq, body)| match body {
                Ok(posting) => FeedItem {
                    seq,
                    id: posting.id.as_str().to_owned(),
                    body: Some(FeedBody::Posting(Box::new(posting))),
                },
                Err(id) => FeedItem { seq, id, body: None },
            })
            .collect();
        self.seq += items.len() as u64;
        let head = self.seq + u64::from(!complete);
        let epoch = format!("life{}", self.epoch);
        let page = FeedPage { epoch, items, next: self.seq, head, left_out: Vec::new() };
        let now = Timestamp::UNIX_EPOCH;
        let mut applied = feed::apply(&mut self.cache, Collection::Postings, since, &page, now);
        if applied == Ok(Applied::AskAgain) {
            applied = feed::apply(&mut self.cache, Collection::Postings, since, &page, now);
        }
        let expected = if complete { Applied::Complete } else { Applied::More };
        assert_eq!(applied, Ok(expected));
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Page(put, gone) => {
                self.page(put, gone, true);
                for (id, seed) in put {
                    self.county.insert(format!("p{id}"), made(*id, *seed));
                }
                gone.iter().for_each(|id| drop(self.county.remove(&format!("p{id}"))));
            }
            Step::Life(put) => {
                (self.epoch, self.seq) = (self.epoch + 1, 0);
                let (first, rest) = put.split_at(put.len() / 2);
                // The first life of all is shown while it comes in.
                let before = std::mem::take(&mut self.county);
                let fresh = self.cache.cursor(Collection::Postings).expect("read").epoch.is_none();
                if !first.is_empty() {
                    self.page(first, &[], false);
                    if !fresh {
                        self.county = before;
                        self.follow();
                        self.compare(&["", "d", "普工"]);
                        self.county.clear();
                    }
                }
                self.page(rest, &[], true);
                for (id, seed) in put {
                    self.county.insert(format!("p{id}"), made(*id, *seed));
                }
            }
            Step::Import(put) => {
                let items: BTreeMap<_, _> =
                    put.iter().map(|(id, seed)| (format!("p{id}"), made(*id, *seed))).collect();
                self.own.extend(items.clone());
                let bodies = items.into_values().map(|p| FeedBody::Posting(Box::new(p)));
                town::import(&mut self.ledger, bodies, Timestamp::UNIX_EPOCH).expect("kept");
            }
            Step::ForgetOwn => {
                self.own.clear();
                town::forget(&mut self.ledger, Collection::Postings, Timestamp::UNIX_EPOCH)
                    .expect("forgotten");
            }
            Step::Mark(id, pinned) => {
                let id = format!("p{id}");
                let mark = pinned.map(|pinned| if pinned { Mark::Pinned } else { Mark::Hidden });
                let parsed = PostingId::parse(&id).expect("an id");
                let now = Timestamp::UNIX_EPOCH;
                town::mark(&mut self.ledger, &parsed, "题", mark, now).expect("marked");
                match mark {
                    Some(mark) => self.marks.insert(id, mark),
                    None => self.marks.remove(&id),
                };
            }
            Step::Pack => self.cache.pack().expect("packed"),
            Step::Reopen => self.cache = Cache::open(self.home.path()).expect("opened"),
        }
        self.follow();
    }

    fn follow(&mut self) {
        self.cache.follow(&self.ledger).expect("followed");
    }

    /// What is shown, in order, whatever is asked for.
    fn shown(&self) -> Vec<&Posting> {
        let own = self.own.iter().filter(|(id, _)| !self.county.contains_key(*id));
        self.county
            .iter()
            .chain(own)
            .filter(|(id, _)| self.marks.get(*id) != Some(&Mark::Hidden))
            .map(|(_, posting)| posting)
            .filter(|posting| posting.open_on(TODAY))
            .collect()
    }

    fn found(&self, query: &Query) -> Vec<&Posting> {
        let mut found: Vec<_> = self
            .shown()
            .into_iter()
            .filter(|posting| passes(posting, &query.filters, query.home.as_ref()))
            .filter_map(|posting| Some((quality(posting, &query.words)?, posting)))
            .collect();
        found.sort_by_key(|(quality, posting)| {
            let pinned = self.marks.get(posting.id.as_str()) == Some(&Mark::Pinned);
            let place = (*quality, query.home.as_ref().map(|home| band(posting, home)));
            (
                !pinned,
                if pinned { (0, None) } else { place },
                std::cmp::Reverse(posting.published),
                posting.id.as_str(),
            )
        });
        found.into_iter().map(|(_, posting)| posting).collect()
    }

    fn compare(&mut self, words: &[&str]) {
        let home = Home { town: code("510521100"), neighbours: vec![code("510521101")] };
        for words in words {
            for home in [None, Some(home.clone())] {
                for filters in filters() {
                    let query = Query {
                        words: (*words).to_owned(),
                        filters,
                        home: home.clone(),
                        offset: 0,
                        limit: 200,
                    };
                    self.compare_one(&query);
                    if home.is_some() {
                        let facets = self.reader.facets(&query, TODAY).expect("counted");
                        assert_eq!(facets.total, self.found(&query).len(), "{query:?}");
                        self.compare_facets(&query, &facets);
                    }
                }
            }
        }
        assert_eq!(self.reader.counts(TODAY).expect("counted").postings, self.shown().len());
    }

    fn compare_one(&mut self, query: &Query) {
        let expected: Vec<Posting> = self.found(query).into_iter().cloned().collect();
        for (offset, limit) in [(0, 200), (1, 2), (3, 5), (7, 200)] {
            let page = Query { offset, limit, ..query.clone() };
            let found = self.reader.postings(&page, TODAY).expect("a page");
            assert_eq!(found.total, expected.len(), "{page:?}");
            let part = expected.iter().skip(offset).take(limit);
            assert!(found.rows.iter().eq(part), "{page:?}: another order or other texts");
        }
    }

    fn compare_facets(&self, query: &Query, facets: &Facets) {
        use super::Facet;
        let count = |change: &dyn Fn(&mut Filters), facet| {
            let mut filters = query.filters.without(facet);
            change(&mut filters);
            self.found(&Query { filters, ..query.clone() }).len()
        };
        for facet in Facet::ALL {
            assert_eq!(facets.any[&facet], count(&|_| {}, facet), "{facet:?} {query:?}");
        }
        for tile in Tile::all() {
            let found = facets.tiles.get(&tile).copied().unwrap_or(0);
            assert_eq!(found, count(&|f| f.tile = Some(tile), Facet::Tile));
        }
        for (least, found) in &facets.wages {
            assert_eq!(*found, count(&|f| f.wage_from = Some(*least), Facet::Wage));
        }
        for (mine, found) in &facets.education {
            assert_eq!(*found, count(&|f| f.education = Some(*mine), Facet::Education));
        }
        for form in Form::ALL {
            let found = facets.forms.get(&form).copied().unwrap_or(0);
            assert_eq!(found, count(&|f| f.form = Some(form), Facet::Form));
        }
        let board =
            |meals, lodging| count(&|f| (f.meals, f.lodging) = (meals, lodging), Facet::Board);
        let expected = (board(true, false), board(false, true), board(true, true));
        assert_eq!((facets.meals, facets.lodging, facets.board), expected);
        for (near, found) in &facets.near {
            assert_eq!(*found, count(&|f| f.near = Some(*near), Facet::Place));
        }
        let mut towns = BTreeMap::<DivisionCode, u64>::new();
        let filters = query.filters.without(Facet::Place);
        for posting in self.found(&Query { filters, ..query.clone() }) {
            let Some(division) = &posting.division else { continue };
            let digits = division.as_str();
            *towns.entry(code(&digits[..digits.len().min(9)])).or_default() += 1;
        }
        assert_eq!(facets.towns, towns, "{query:?}");
    }
}

fn filters() -> Vec<Filters> {
    let wage = |yuan| Filters { wage_from: Some(Fen::from_yuan(yuan)), ..Filters::default() };
    vec![
        Filters::default(),
        wage(4_000),
        wage(4_321),
        Filters { within: Some(code("510521")), meals: true, ..Filters::default() },
        Filters { within: Some(code("510521100")), ..Filters::default() },
        Filters {
            near: Some(Near::County),
            tile: Some(Tile::Other),
            education: Some(Education::Middle),
            ..Filters::default()
        },
        Filters { form: Some(Form::FullTime), lodging: true, ..wage(2_000) },
    ]
}

fn band(posting: &Posting, home: &Home) -> usize {
    let Some(division) = &posting.division else { return 4 };
    let town = |code: &DivisionCode| code.as_str().chars().take(9).collect::<String>();
    let (mine, theirs) = (town(&home.town), town(division));
    match () {
        () if mine == theirs => 0,
        () if home.neighbours.iter().any(|near| town(near) == theirs) => 1,
        () if mine[..6] == theirs[..6] => 2,
        () if mine[..4] == theirs[..4] => 3,
        () => 4,
    }
}

fn passes(posting: &Posting, filters: &Filters, home: Option<&Home>) -> bool {
    let pay = match posting.wage {
        Some(Wage::Range { min: Fen(fen), per, .. }) => match per {
            WagePeriod::Month => fen,
            WagePeriod::Day => fen * 2_175 / 100,
            WagePeriod::Hour => fen * 174,
            WagePeriod::Piece | WagePeriod::Code(_) => 0,
        },
        _ => 0,
    };
    let asked = posting.education.as_deref().and_then(Education::asked_for);
    let form = posting.form.as_ref().and_then(|form| match form {
        EmploymentForm::FullTime => Some(Form::FullTime),
        EmploymentForm::PartTime => Some(Form::PartTime),
        EmploymentForm::Temporary => Some(Form::Temporary),
        EmploymentForm::Intern => Some(Form::Intern),
        EmploymentForm::Dispatched => Some(Form::Dispatched),
        EmploymentForm::Other(_) | EmploymentForm::Code(_) => None,
    });
    let division = posting.division.as_ref();
    let within = |wanted: &DivisionCode| division.is_some_and(|code| code.lies_in(wanted));
    let near = |near: Near| home.is_none_or(|home| band(posting, home) <= near as usize);
    filters.within.as_ref().is_none_or(within)
        && filters.near.is_none_or(near)
        && filters.wage_from.is_none_or(|least| pay >= least.0)
        && filters.tile.is_none_or(|tile| posting.class.map_or(Tile::Other, Tile::Class) == tile)
        && filters.education.is_none_or(|mine| asked.is_none_or(|asked| asked <= mine))
        && filters.form.is_none_or(|wanted| form == Some(wanted))
        && (!filters.meals || posting.meals == Some(true))
        && (!filters.lodging || posting.lodging == Some(true))
}

/// 0 where the title begins with the first word, 1 where all stand in it, 2 elsewhere.
fn quality(posting: &Posting, words: &str) -> Option<usize> {
    let (mut anywhere, mut in_title) = (BTreeSet::new(), BTreeSet::new());
    terms::each(&mut terms::Sounds::default(), posting, |term, title| {
        anywhere.insert(term.to_owned());
        if title {
            in_title.insert(term.to_owned());
        }
    });
    let words = terms::question(words)?;
    if !words.iter().all(|word| holds(&anywhere, &word.ask)) {
        return None;
    }
    let Some(first) = words.first() else { return Some(0) };
    let titled = words.iter().all(|word| holds(&in_title, &word.ask));
    Some(match () {
        () if titled && anywhere.contains(&first.start) => 0,
        () if titled => 1,
        () => 2,
    })
}

fn holds(terms: &BTreeSet<String>, ask: &Ask) -> bool {
    match ask {
        Ask::Term(term) => terms.contains(term),
        Ask::Beginning(start) => terms.iter().any(|term| term.starts_with(start.as_str())),
        Ask::All(parts) => parts.iter().all(|part| holds(terms, part)),
        Ask::Any(parts) => parts.iter().any(|part| holds(terms, part)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]
    #[test]
    fn the_index_finds_what_going_through_all_postings_finds(
        steps in steps(),
        words in proptest::sample::subsequence(&WORDS[..], 4),
    ) {
        let mut both = Both::new();
        for step in &steps {
            both.take(step);
            for words in &words {
                both.compare_one(&Query { words: (*words).to_owned(), limit: 9, ..Query::default() });
            }
        }
        // The same reader, which has seen the states before, and a new one.
        both.compare(&words[..2]);
        both.reader = both.cache.reader().expect("a reader");
        both.compare(&words[2..]);
    }
}

#[test]
fn many_segments_are_merged_and_find_the_same() {
    let mut both = Both::new();
    let mut seed = 1_u64;
    let mut next = || {
        seed = seed.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
        seed ^ (seed >> 29)
    };
    // More pages than are merged at once.
    for page in 0..10 {
        let put: Vec<_> = (0..50).map(|at| (page * 40 + at, next())).collect();
        let gone: Vec<_> = (0..8).map(|at| page * 20 + at * 3).collect();
        both.take(&Step::Page(put, gone));
    }
    let few = super::index::sizes(both.cache.connection(), 1).expect("read").len();
    assert!(few < 8, "{few} segments");
    both.compare(&["d", "电焊工"]);
    both.take(&Step::Pack);
    let packed = super::index::sizes(both.cache.connection(), 1).expect("read");
    assert_eq!(packed.len(), 1);
    assert_eq!(packed[0].1, both.county.len());
    let gone: i64 = both
        .cache
        .connection()
        .query_row("SELECT count(*) FROM gone", [], |row| row.get(0))
        .expect("counted");
    assert_eq!(gone, 0);
    both.compare(&["", "lu"]);
}

#[test]
fn an_index_of_other_rules_is_made_anew_when_the_cache_is_opened() {
    let mut both = Both::new();
    both.take(&Step::Page(
        (0..30).map(|id| (id, (id as u64).wrapping_mul(0x1234_5678_9ABC_DEF1))).collect(),
        vec![],
    ));
    both.cache.connection().execute("UPDATE indexed SET rules = 7", []).expect("changed");
    // Answers of another index would be wrong, so there are none until it is made.
    assert!(both.cache.reader().is_err());
    both.take(&Step::Reopen);
    both.compare(&["", "电焊", "lu"]);
    both.reader = both.cache.reader().expect("a reader");
    both.compare(&["", "电焊", "lu"]);
}
