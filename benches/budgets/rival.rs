//! The line to beat: `tantivy` over the same rows, asked the same words. It gets what it is good at,
//! pairs of Han characters and whole other words in one field, without what it does not do: no
//! single characters, no pinyin, no nearness, no filters; twenty addresses by score and the count,
//! and no texts.

use std::{path::Path, time::Duration};

use kiosk_base::domain::{Posting, Wage};
use tantivy::{
    Index, IndexReader, IndexWriter, ReloadPolicy, TantivyDocument, Term,
    collector::{Count, TopDocs},
    query::{BooleanQuery, Occur, Query, TermQuery},
    schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions},
};

use crate::{curve::resident_kib, listings::TYPED, time};

/// Memory that the writer may take.
const WRITER_BYTES: usize = 200_000_000;

/// Fills an index in `directory`, merged into one segment.
pub(crate) fn fill(directory: &Path, size: usize, posting: impl Fn(usize) -> Posting) {
    let mut schema = Schema::builder();
    // Frequencies are what its score needs at the least.
    let indexing = TextFieldIndexing::default()
        .set_tokenizer("whitespace")
        .set_index_option(IndexRecordOption::WithFreqs);
    let text = schema.add_text_field("text", TextOptions::default().set_indexing_options(indexing));
    let index = Index::create_in_dir(directory, schema.build()).expect("an index");
    let mut writer: IndexWriter = index.writer_with_num_threads(1, WRITER_BYTES).expect("a writer");
    for number in 0..size {
        let mut document = TantivyDocument::default();
        document.add_text(text, tokens(&all_text(&posting(number))).join(" "));
        writer.add_document(document).expect("added");
    }
    writer.commit().expect("committed");
    let segments = index.searchable_segment_ids().expect("segments");
    if segments.len() > 1 {
        writer.merge(&segments).wait().expect("merged");
    }
    writer.wait_merging_threads().expect("ended");
}

/// Types every word key by key. Gives the memory of the process while the reader is there.
pub(crate) fn type_all(directory: &Path, keys: &mut Vec<Duration>) -> u64 {
    let index = Index::open_in_dir(directory).expect("the index");
    let reader: IndexReader =
        index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().expect("a reader");
    let text = index.schema().get_field("text").expect("the field");
    for word in TYPED {
        let mut typed = String::new();
        for character in word.chars() {
            typed.push(character);
            time(keys, || {
                let query = query(text, &typed);
                let found = (TopDocs::with_limit(20).order_by_score(), Count);
                reader.searcher().search(&query, &found).expect("found")
            });
        }
    }
    resident_kib()
}

fn query(field: Field, typed: &str) -> BooleanQuery {
    let term = |token: String| {
        let term = Term::from_field_text(field, &token);
        let query: Box<dyn Query> = Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs));
        (Occur::Must, query)
    };
    BooleanQuery::new(tokens(typed).into_iter().map(term).collect())
}

/// The words of a posting that ours finds, too.
fn all_text(posting: &Posting) -> String {
    let mut parts = vec![posting.title.as_str(), posting.employer.as_str()];
    let optional = [
        &posting.occupation,
        &posting.place,
        &posting.conditions,
        &posting.education,
        &posting.duties,
        &posting.hours,
    ];
    parts.extend(optional.into_iter().flatten().map(String::as_str));
    parts.extend(posting.benefits.iter().map(String::as_str));
    let mut text = parts.join("\n");
    if let Some(Wage::Range { min, max, .. }) = posting.wage {
        text.push_str(&format!("\n{} {}", min.0 / 100, max.0 / 100));
    }
    text
}

/// Pairs of Han characters that stand beside each other, and other words whole and small.
fn tokens(text: &str) -> Vec<String> {
    let han = |c: char| ('\u{3400}'..='\u{9FFF}').contains(&c) || c >= '\u{20000}';
    let mut tokens = Vec::new();
    for stretch in text.split(|c: char| !c.is_alphanumeric()) {
        let characters: Vec<char> = stretch.chars().collect();
        for run in characters.chunk_by(|one, two| han(*one) == han(*two)) {
            match run {
                [one] => tokens.push(one.to_string()),
                [first, ..] if han(*first) => {
                    tokens.extend(run.windows(2).map(|pair| pair.iter().collect::<String>()));
                }
                _ => tokens.push(run.iter().collect::<String>().to_lowercase()),
            }
        }
    }
    tokens
}
