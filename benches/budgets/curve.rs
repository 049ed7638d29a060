//! Search, filters and memory as the number of postings grows, each size in a process of its own.

use std::{
    env, fs,
    io::{Read, Write},
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use flate2::read::GzDecoder;
use jiff::Timestamp;
use renshe_kiosk::{
    config::Settings,
    domain::{
        DivisionCode, Education, Fen, Posting,
        wire::{Collection, FEED_PAGE_ITEMS, FeedBody, FeedItem, FeedPage},
    },
    listings::{
        Cache, Facet, Filters, Home, Near, Query, Reader, Tile, cache, feed,
        import::{self, Known, Options, mapping::Expired},
    },
};

use crate::{
    Row,
    listings::{TODAY, TYPED, generate},
    row, spread,
};

/// The argument that makes this program the child in which one size is measured.
pub(crate) const CHILD: &str = "--curve-child";

const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];
/// Readers that are made anew, so that what one remembers does not help the next.
const ROUNDS: usize = 5;

pub(crate) fn rows() -> Vec<Row> {
    let generated = SIZES.into_iter().flat_map(|size| {
        let name = format!("{size} postings");
        measured(&name, size == 100_000, size, generate)
    });
    // Real texts are longer and their words more unlike than any that are made up.
    let real = real_set().map(|postings| {
        let name = format!("{} real postings", postings.len());
        measured(&name, false, postings.len(), |number| postings[number].clone())
    });
    generated.chain(real.into_iter().flatten()).collect()
}

/// The real set, where it is there; as if all of it could be applied for.
fn real_set() -> Option<Vec<Posting>> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let packed = fs::read(project.join("../shared/data/bench/jobs_2024-10_2025-03.csv.gz")).ok()?;
    let mut table = Vec::new();
    GzDecoder::new(packed.as_slice()).read_to_end(&mut table).expect("gzip");
    let options = Options {
        expired: Some(Expired::Keep),
        ..Settings::imports(&project.join("kiosk-config"), TODAY).expect("right")
    };
    let imported = import::read(&table, &options, &Known::default()).expect("read");
    let open = |posting| Posting { closes: None, ..posting };
    Some(imported.items.postings.into_iter().map(open).collect())
}

fn measured(
    name: &str,
    budgeted: bool,
    size: usize,
    posting: impl Fn(usize) -> Posting,
) -> Vec<Row> {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let begun = Instant::now();
    fill(directory.path(), size, posting);
    let filled = begun.elapsed();
    let bytes = fs::metadata(directory.path().join(cache::FILE)).expect("the file").len();
    let output = Command::new(env::current_exe().expect("this program"))
        .arg(CHILD)
        .arg(directory.path())
        .stderr(Stdio::inherit())
        .output()
        .expect("measured");
    let output = String::from_utf8(output.stdout).expect("text");
    let lines: Vec<&str> = output.lines().collect();
    let [keys, facets, pages, memory] = lines[..] else { panic!("four figures: {output}") };
    let budget = |words| if budgeted { words } else { "" };
    let named = |what: &str| format!("{what}, {name}");
    vec![
        row(
            &named("search per key press"),
            budget("≤ 10 ms p99"),
            keys.into(),
            "33 words typed key by key, 5 fresh readers, first two letters worked out before",
        ),
        row(
            &named("all facets counted"),
            budget("≤ 20 ms p99"),
            facets.into(),
            "after each word, with no filter, with each of six, and with all of them",
        ),
        row(&named("next page"), budget("≤ 5 ms"), pages.into(), "rows 21–40 of each answer"),
        row(
            &named("memory of a reader"),
            "",
            memory.into(),
            "resident size of the process after all of the above, less that before opening",
        ),
        row(
            &named("file, and time to fill it"),
            "",
            format!("{} MB, {:.1} s", bytes >> 20, filled.as_secs_f64()),
            "as pages of a feed, packed",
        ),
    ]
}

/// What the child does with the cache named after [`CHILD`].
pub(crate) fn be_child() {
    let directory = env::args().skip_while(|argument| argument != CHILD).nth(1);
    let directory = directory.expect("the parent names a cache");
    let before = resident_kib();
    let (mut keys, mut facets, mut pages) = (vec![], vec![], vec![]);
    for _ in 0..ROUNDS {
        let mut reader = Reader::open(Path::new(&directory)).expect("a reader");
        reader.warm().expect("warmed");
        let home = DivisionCode::parse("510521100").ok().map(Home::alone);
        for word in TYPED {
            let mut query = Query { home: home.clone(), limit: 20, ..Query::default() };
            for character in word.chars() {
                query.words.push(character);
                let begun = Instant::now();
                reader.postings(&query, TODAY).expect("found");
                keys.push(begun.elapsed());
            }
            for filters in narrowed() {
                let begun = Instant::now();
                reader.facets(&Query { filters, ..query.clone() }, TODAY).expect("counted");
                facets.push(begun.elapsed());
            }
            query.offset = 20;
            let begun = Instant::now();
            reader.postings(&query, TODAY).expect("found");
            pages.push(begun.elapsed());
        }
    }
    let memory = resident_kib().saturating_sub(before);
    let mut out = std::io::stdout();
    let (keys, facets, pages) = (spread(&mut keys), spread(&mut facets), spread(&mut pages));
    writeln!(out, "{keys}\n{facets}\n{pages}\n{:.1} MB", memory as f64 / 1024.0)
        .expect("the parent reads");
}

/// No filter, each by itself, and all.
fn narrowed() -> Vec<Filters> {
    let all = Filters {
        within: None,
        near: Some(Near::County),
        wage_from: Some(Fen::from_yuan(3_000)),
        tile: Tile::all().next(),
        education: Some(Education::High),
        form: None,
        meals: true,
        lodging: false,
    };
    let alone = Facet::ALL.map(|kept| {
        let others = Facet::ALL.into_iter().filter(|facet| *facet != kept);
        others.fold(all.clone(), |filters, facet| filters.without(facet))
    });
    [Filters::default(), all.clone()].into_iter().chain(alone).collect()
}

fn fill(directory: &Path, size: usize, posting: impl Fn(usize) -> Posting) {
    let mut cache = Cache::open(directory).expect("a new cache");
    let now = Timestamp::UNIX_EPOCH;
    for first in (0..size).step_by(FEED_PAGE_ITEMS) {
        let numbers = first..(first + FEED_PAGE_ITEMS).min(size);
        let next = numbers.end as u64;
        let items = numbers.map(|number| {
            let posting = posting(number);
            FeedItem {
                seq: number as u64 + 1,
                id: posting.id.as_str().to_owned(),
                body: Some(FeedBody::Posting(Box::new(posting))),
            }
        });
        let page =
            FeedPage { epoch: "bench".into(), items: items.collect(), next, head: size as u64 };
        feed::apply(&mut cache, Collection::Postings, first as u64, &page, now).expect("stored");
    }
    cache.pack().expect("packed");
}

/// Memory of this process that is in RAM, in KiB.
fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmRSS")).expect("a line of its own");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).expect("a number")
}
