//! Search, filters and memory as the number of postings grows, each size in a process of its own,
//! beside the line to beat over the same rows and words.

use std::{
    env, fs,
    io::{Read, Write},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use flate2::read::GzDecoder;
use jiff::Timestamp;
use kiosk_base::{
    domain::{DivisionCode, Education, Fen, Posting},
    import::{self, Known, Options, mapping::Expired},
    wire::{Collection, FEED_PAGE_ITEMS, FeedBody, FeedItem, FeedPage},
};
use renshe_kiosk::listings::{Cache, Facet, Filters, Home, Near, Query, Reader, Tile, cache, feed};

use crate::{
    Row,
    listings::{TODAY, TYPED, generate},
    percentile, rival, row, spread, time,
};

/// The argument that makes this program the child in which one size is measured; the next says
/// which, the one after that where.
pub(crate) const CHILD: &str = "--curve-child";
const OURS: &str = "ours";
const RIVAL: &str = "rival";

/// Sizes, unless the environment's `POSTINGS` says another.
const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];
/// Readers that are made anew, so that what one remembers does not help the next.
const ROUNDS: usize = 5;
/// Processes of each, in turn, of which the median counts.
const PROCESSES: usize = 3;

pub(crate) fn rows() -> Vec<Row> {
    let wanted = env::var("POSTINGS").ok().and_then(|size| size.parse().ok());
    let sizes = wanted.map_or_else(|| SIZES.to_vec(), |size| vec![size]);
    let generated = sizes.into_iter().flat_map(|size| {
        let name = format!("{size} postings");
        measured(&name, size, generate)
    });
    // Real texts are longer and their words more unlike than any that are made up.
    let real = real_set().into_iter().flat_map(|postings| {
        let of = |number: usize| {
            let posting = postings[number % postings.len()].clone();
            let again = number / postings.len();
            let id = format!("{}.{again}", posting.id.as_str());
            Posting { id: kiosk_base::domain::PostingId::parse(&id).expect("an id"), ..posting }
        };
        let once = postings.len();
        let mut rows = measured(&format!("{once} real postings"), once, of);
        if wanted.is_none() {
            let size = 100_000;
            rows.extend(measured(&format!("{size} real postings, repeated"), size, of));
        }
        rows
    });
    generated.chain(real).collect()
}

/// The real set, where it is there; as if all of it could be applied for.
fn real_set() -> Option<Vec<Posting>> {
    let project = &Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let packed = fs::read(project.join("../shared/data/bench/jobs_2024-10_2025-03.csv.gz")).ok()?;
    let mut table = Vec::new();
    GzDecoder::new(packed.as_slice()).read_to_end(&mut table).expect("gzip");
    let options = Options {
        expired: Some(Expired::Keep),
        ..kiosk_base::config::imports::options(&project.join("kiosk-config"), TODAY).expect("right")
    };
    let imported = import::read(&table, &options, &Known::default()).expect("read");
    let open = |posting| Posting { closes: None, ..posting };
    Some(imported.items.postings.into_iter().map(open).collect())
}

/// What a child measured.
struct Measured {
    keys: Times,
    facets: Times,
    pages: Times,
    /// Of each key press the median of its rounds.
    usual: Times,
    kib: u64,
}

/// Times in words, and the 99th percentile.
#[derive(Clone)]
struct Times {
    words: String,
    p99: Duration,
}

fn measured(name: &str, size: usize, posting: impl Fn(usize) -> Posting) -> Vec<Row> {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let beside = tempfile::tempdir().expect("a temporary directory");
    let begun = Instant::now();
    fill(directory.path(), size, &posting);
    let filled = begun.elapsed();
    let begun = Instant::now();
    rival::fill(beside.path(), size, &posting);
    let rival_filled = begun.elapsed();
    let bytes = fs::metadata(directory.path().join(cache::FILE)).expect("the file").len();
    let (mut ours, mut rivals) = (Vec::new(), Vec::new());
    for _ in 0..PROCESSES {
        ours.push(child(OURS, directory.path()));
        rivals.push(child(RIVAL, beside.path()));
    }
    let keys = median(&mut ours, |m| m.keys.p99).keys.clone();
    let rival_keys = median(&mut rivals, |m| m.keys.p99).keys.clone();
    let usual = median(&mut ours, |m| m.usual.p99).usual.clone();
    let rival_usual = median(&mut rivals, |m| m.usual.p99).usual.clone();
    let facets = median(&mut ours, |m| m.facets.p99).facets.clone();
    let pages = median(&mut ours, |m| m.pages.p99).pages.clone();
    let kib = median(&mut ours, |m| m.kib).kib;
    let rival_kib = median(&mut rivals, |m| m.kib).kib;
    let budget = |of: &dyn Fn(usize) -> Option<&'static str>| of(size).unwrap_or_default();
    let search = budget(&|size| match size {
        100_000 => Some("≤ 10 ms p99"),
        1_000_000 => Some("≤ 14 ms p99"),
        _ => None,
    });
    let counted = budget(&|size| (size <= 1_000_000).then_some("≤ 10 ms p99"));
    let beaten = budget(&|size| (size >= 100_000).then_some("≤ 1.00 ×"));
    let named = |what: &str| format!("{what}, {name}");
    let mb = |kib: u64| kib as f64 / 1024.0;
    vec![
        row(
            &named("search per key press"),
            search,
            keys.words.clone(),
            "33 words typed key by key, 20 texts and the count; 5 fresh readers that know the columns and \
             no term, in 3 processes, the median of their p99",
        ),
        row(
            &named("the same by tantivy"),
            "",
            rival_keys.words.clone(),
            "pairs of Han characters, 20 addresses and the count; in turn with ours",
        ),
        row(
            &named("p99 of ours against tantivy's"),
            beaten,
            format!("{:.2} ×", keys.p99.as_secs_f64() / rival_keys.p99.as_secs_f64()),
            "of the two lines above",
        ),
        row(
            &named("the same, of each key press the median of 5"),
            beaten,
            format!(
                "{:.2} × ({} against {})",
                usual.p99.as_secs_f64() / rival_usual.p99.as_secs_f64(),
                usual.words,
                rival_usual.words
            ),
            "so that what else runs on the machine falls out",
        ),
        row(
            &named("all facets counted"),
            counted,
            facets.words,
            "after each word, with no filter, with each of six, and with all of them",
        ),
        row(&named("next page"), "≤ 5 ms", pages.words, "rows 21–40 of each answer"),
        row(
            &named("memory of a reader"),
            "≤ tantivy's",
            format!("{:.1} MB against {:.1} MB", mb(kib), mb(rival_kib)),
            "resident size of the process after all of the above, the reader still there, mapped files of \
             the index with it and the program itself not, less that before opening",
        ),
        row(
            &named("file, and time to fill it"),
            "",
            format!("{} MB, {:.1} s", bytes >> 20, filled.as_secs_f64()),
            &format!(
                "as pages of a feed, packed; tantivy without texts: {} MB, {:.1} s",
                size_of(beside.path()) >> 20,
                rival_filled.as_secs_f64()
            ),
        ),
    ]
}

fn median<T, K: Ord>(all: &mut [T], by: impl Fn(&T) -> K) -> &T {
    all.sort_by_key(by);
    &all[all.len() / 2]
}

/// Bytes of the files in a directory.
fn size_of(directory: &Path) -> u64 {
    let files = fs::read_dir(directory).expect("a directory").flatten();
    files.filter_map(|file| file.metadata().ok()).map(|metadata| metadata.len()).sum()
}

fn child(which: &str, directory: &Path) -> Measured {
    let output = Command::new(env::current_exe().expect("this program"))
        .args([CHILD, which])
        .arg(directory)
        .stderr(Stdio::inherit())
        .output()
        .expect("measured");
    let output = String::from_utf8(output.stdout).expect("text");
    let mut lines = output.lines().map(|line| line.split_once('|').expect("two figures"));
    let mut times = || {
        let (nanos, words) = lines.next().expect("a line");
        let p99 = Duration::from_nanos(nanos.parse().expect("a number"));
        Times { words: words.to_owned(), p99 }
    };
    let (keys, facets, pages, usual) = (times(), times(), times(), times());
    let kib = lines.next().and_then(|(kib, _)| kib.parse().ok()).expect("a number");
    Measured { keys, facets, pages, usual, kib }
}

/// What the child does with what stands after [`CHILD`].
pub(crate) fn be_child() {
    let mut arguments = env::args().skip_while(|argument| argument != CHILD).skip(1);
    let which = arguments.next().expect("the parent says which");
    let directory = arguments.next().expect("the parent names a directory");
    let directory = Path::new(&directory);
    let before = resident_kib();
    let (mut keys, mut facets, mut pages) = (vec![], vec![], vec![]);
    let mut kib = 0;
    for _ in 0..ROUNDS {
        let with_a_reader = match which.as_str() {
            RIVAL => rival::type_all(directory, &mut keys),
            _ => type_all(directory, &mut keys, &mut facets, &mut pages),
        };
        kib = with_a_reader.saturating_sub(before);
    }
    let mut usual = usual(&keys);
    let mut out = std::io::stdout();
    for times in [&mut keys, &mut facets, &mut pages] {
        let words = spread(times);
        writeln!(out, "{}|{words}", percentile(times, 99).as_nanos()).expect("the parent reads");
    }
    writeln!(out, "{}|{}", percentile(&mut usual, 99).as_nanos(), spread(&mut usual))
        .expect("the parent reads");
    writeln!(out, "{kib}|").expect("the parent reads");
}

/// Of each key press the median of the rounds: what other programs on the machine do falls out.
fn usual(keys: &[Duration]) -> Vec<Duration> {
    let of_a_round = keys.len() / ROUNDS;
    let of_key = |key| {
        let mut times: Vec<Duration> = (0..ROUNDS).map(|r| keys[r * of_a_round + key]).collect();
        percentile(&mut times, 50)
    };
    (0..of_a_round).map(of_key).collect()
}

/// What the desk does: it opens a reader, reads what is new, and answers. Gives the memory of the
/// process while the reader is there.
fn type_all(
    directory: &Path,
    keys: &mut Vec<Duration>,
    facets: &mut Vec<Duration>,
    pages: &mut Vec<Duration>,
) -> u64 {
    let mut reader = Reader::open(directory).expect("a reader");
    let home = DivisionCode::parse("510521100").ok().map(Home::alone);
    reader.follow(TODAY, home.as_ref()).expect("read");
    for word in TYPED {
        let mut query = Query { home: home.clone(), limit: 20, ..Query::default() };
        for character in word.chars() {
            query.words.push(character);
            time(keys, || reader.postings(&query, TODAY).expect("found"));
        }
        for filters in narrowed() {
            let query = Query { filters, ..query.clone() };
            time(facets, || reader.facets(&query, TODAY).expect("counted"));
        }
        query.offset = 20;
        time(pages, || reader.postings(&query, TODAY).expect("found"));
    }
    resident_kib()
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
        let page = FeedPage {
            epoch: "bench".into(),
            items: items.collect(),
            next,
            head: size as u64,
            left_out: Vec::new(),
        };
        feed::apply(&mut cache, Collection::Postings, first as u64, &page, now).expect("stored");
    }
    cache.pack().expect("packed");
}

/// Memory of this process that is in RAM, in KiB, files of an index that it has mapped among it, but
/// not the program itself: how much of that has been run so far says nothing of a reader.
pub(crate) fn resident_kib() -> u64 {
    let program = env::current_exe().expect("this program");
    let is_program = |path: &str| Path::new(path) == program || path.contains(".so");
    let mut counted = true;
    let mut kib = 0;
    for line in fs::read_to_string("/proc/self/smaps").expect("Linux").lines() {
        match line.strip_prefix("Rss:") {
            Some(size) if counted => {
                let size = size.trim().trim_end_matches(" kB");
                kib += size.parse::<u64>().expect("a number");
            }
            // The head of a mapping begins with its addresses.
            None if line.starts_with(|c: char| c.is_ascii_digit() || c.is_ascii_lowercase()) => {
                counted = !line.split_whitespace().nth(5).is_some_and(is_program);
            }
            _ => {}
        }
    }
    kib
}
