//! Replays what fuzzing found, through the functions that the fuzzer calls (`tests/fuzz`).

#[path = "../fuzz/entries.rs"]
mod entries;

use std::{collections::BTreeSet, fs, panic, path::Path};

#[test]
fn the_kept_corpus_makes_nothing_panic() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
    let mut panicked = Vec::new();
    let mut directories = BTreeSet::new();
    for (name, entry) in entries::ENTRIES {
        let directory = corpus.join(name);
        let mut files = 0;
        for file in fs::read_dir(&directory).expect("every target has a corpus") {
            let path = file.expect("readable").path();
            let data = fs::read(&path).expect("readable");
            if panic::catch_unwind(|| entry(&data)).is_err() {
                panicked.push(path);
            }
            files += 1;
        }
        assert!(files >= 4, "{files} files for {name}");
        directories.insert(name.to_owned());
    }
    assert!(panicked.is_empty(), "{panicked:?}");
    let there = fs::read_dir(&corpus)
        .expect("the corpus")
        .map(|entry| entry.expect("readable").file_name().into_string().expect("plain names"));
    assert_eq!(there.collect::<BTreeSet<_>>(), directories, "every corpus has a target");
}

/// The seeds reach the end of their parsers: a corpus of which nothing is accepted tests little.
#[test]
fn the_seeds_are_read() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
    for seed in ["base_A", "base_B", "base_R", "base_J", "base_I", "base_Y"] {
        let data = fs::read(corpus.join("document").join(seed)).expect("a seed");
        assert!(kiosk_devices::card::document::parse(&data).is_ok(), "{seed}");
    }
    let data = fs::read(corpus.join("sam_id/vector")).expect("a seed");
    assert!(kiosk_devices::card::sam_id::SamId::parse(&data).is_some());
}
