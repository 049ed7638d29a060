//! Third-party sets with the faults of the world, read in place where they are. Nothing of them
//! stands here but numbers.

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use jiff::civil::date;
use kiosk_base::{
    domain::{Posting, Wage},
    import::{self, ImportError, Imported, Known, Options, mapping::Expired},
};

/// Where the sets lie; `None` on machines that have none.
fn sets() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    folder.is_dir().then_some(folder)
}

fn read(path: &Path, mapping: Option<&str>) -> Result<Imported, ImportError> {
    let mut bytes = std::fs::read(path).expect("readable");
    if path.extension().is_some_and(|extension| extension == "gz") {
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(bytes.as_slice()).read_to_end(&mut unpacked).expect("gzip");
        bytes = unpacked;
    }
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config");
    let options = Options {
        mapping: mapping.map(str::to_owned),
        expired: Some(Expired::Keep),
        ..kiosk_base::config::imports::options(&shipped, date(2026, 11, 24)).expect("right")
    };
    import::read(&bytes, &options, &Known::default())
}

/// (read, accepted, duplicates, refused).
fn counts(imported: &Imported) -> (usize, usize, usize, usize) {
    let report = &imported.report;
    assert_eq!(
        report.read,
        report.accepted + report.duplicates + report.expired + report.refused.len()
    );
    (report.read, report.accepted, report.duplicates, report.refused.len())
}

/// The wage of a posting in yuan.
fn yuan(posting: &Posting) -> (i64, i64) {
    match posting.wage {
        Some(Wage::Range { min, max, .. }) => (min.0 / 100, max.0 / 100),
        _ => panic!("no range"),
    }
}

#[test]
fn the_real_sets_are_read_to_the_last_row() {
    let Some(sets) = sets() else { return };
    let set = |name: &str, mapping| read(&sets.join("import").join(name), mapping).expect(name);

    let list = set("51job_list_2022.csv", None);
    let other = set("51job_list_2022.made-gb18030.csv", None);
    assert_eq!(list.items, other.items);
    assert_eq!(counts(&list), counts(&other));
    assert_eq!(counts(&list).0, 13_783);
    assert_eq!(yuan(&list.items.postings[0]), (10_000, 15_000));

    let boss = set("boss_list_2022.csv", None);
    assert_eq!((counts(&boss).0, counts(&boss).3), (13_880, 2));
    assert_eq!(yuan(&boss.items.postings[0]), (4_000, 5_000));
    let detail = set("boss_python_2022.csv", None);
    assert_eq!(yuan(&detail.items.postings[0]), (12_000, 18_000));
    // 1-3年本科.
    assert_eq!(detail.items.postings[0].experience.as_deref(), Some("1-3年"));
    assert_eq!(detail.items.postings[0].education.as_deref(), Some("本科"));

    let described = set("51job_guangzhou_python_noheader.csv", Some("51job-detail"));
    assert_eq!(counts(&described).0, 3_590);
    let first = &described.items.postings[0];
    assert_eq!((first.published, first.openings), (date(2018, 8, 30), Some(1)));
    assert_eq!(yuan(first), (8_000, 13_000));

    let lines = set("zhilian_shenzhen.jsonl", None);
    // Eleven have a stroke for a title.
    assert_eq!((counts(&lines).0, counts(&lines).3), (3_000, 561));
    assert_eq!(yuan(&lines.items.postings[0]), (6_001, 8_000));

    let gbk = set("job_txt_original.gbk.txt", Some("51job-text"));
    assert_eq!(gbk.items, set("job_txt.utf8.txt", Some("51job-text")).items);
    assert_eq!(counts(&gbk).0, 50);
}

#[test]
fn the_large_set_is_read_to_the_last_row() {
    let Some(sets) = sets() else { return };
    let imported = read(&sets.join("bench/jobs_2024-10_2025-03.csv.gz"), None).expect("read");
    assert_eq!(counts(&imported).0, 39_539);
    assert_eq!(yuan(&imported.items.postings[0]), (15_000, 30_000));
    assert_eq!(imported.items.postings[0].published, date(2024, 10, 9));
    // Markup, what exports leave, and marks that nobody sees.
    let markup = ["<br", "&nbsp;", "_x000d_", "\u{200B}", "\u{2028}", "\u{A0}"];
    for posting in &imported.items.postings {
        let duties = posting.duties.as_deref().unwrap_or_default();
        assert!(!markup.iter().any(|mark| duties.contains(mark)), "{}", posting.id.as_str());
    }
}

#[test]
fn the_linked_pages_are_read_or_refused() {
    let Some(sets) = sets() else { return };
    let mut seen = Vec::new();
    let mut files: Vec<_> = std::fs::read_dir(sets.join("jsonld"))
        .expect("readable")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|e| e != "md"))
        .collect();
    files.sort();
    for file in files {
        let imported = read(&file, None).expect("read");
        seen.push((imported.report.accepted, imported.report.refused.len()));
    }
    // 07 has an employer without a name, 10 none, 12 is broken.
    let right = [
        (1, 0),
        (1, 0),
        (1, 0),
        (1, 0),
        (1, 0),
        (1, 0),
        (0, 1),
        (1, 0),
        (1, 0),
        (0, 1),
        (1, 0),
        (0, 1),
    ];
    assert_eq!(seen, right);
}

#[test]
fn notices_in_free_text_are_not_taken_for_a_table() {
    let Some(sets) = sets() else { return };
    for name in ["notices_rewritten.jsonl", "hrss_news_original.jsonl"] {
        let error = read(&sets.join("notices").join(name), None).expect_err("free text");
        assert!(matches!(error, ImportError::Unrecognised { .. }), "{error}");
    }
}
