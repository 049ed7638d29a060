//! The terms of postings that become a segment. Millions are taken, most of them again and again: each is
//! kept once, in one piece of memory with all others.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// Terms, and for each the postings that hold it.
#[derive(Default)]
pub(super) struct Vocabulary {
    hasher: DefaultHashBuilder,
    /// Terms by what they say.
    known: HashTable<u32>,
    /// What all terms say, one behind the other.
    text: String,
    /// For each term, where it ends in `text`, and its latest posting in `held`.
    terms: Vec<(u32, u32)>,
    /// A term, and a posting that holds it: twice the number, and one more when it stands in the title.
    held: Vec<(u32, u32)>,
}

impl Vocabulary {
    /// The posting `number` holds `term`. Postings come one after the other.
    pub(super) fn take(&mut self, term: &str, number: u32, in_title: bool) {
        let entry = number << 1 | u32::from(in_title);
        let Self { hasher, known, text, terms, held } = self;
        let hash = hasher.hash_one(term);
        let says = |at: u32| said(text, terms, at);
        if let Some(&at) = known.find(hash, |&at| says(at) == term) {
            let latest = &mut held[terms[at as usize].1 as usize].1;
            if *latest >> 1 == number {
                *latest |= entry;
            } else {
                terms[at as usize].1 = held.len() as u32;
                held.push((at, entry));
            }
            return;
        }
        let at = terms.len() as u32;
        text.push_str(term);
        terms.push((text.len() as u32, held.len() as u32));
        held.push((at, entry));
        known.insert_unique(hash, at, |&at| hasher.hash_one(said(text, terms, at)));
    }

    /// Hands every term to `take`, in the order of their bytes, with the postings that hold it, as they
    /// came.
    pub(super) fn drain<E>(
        self,
        mut take: impl FnMut(&str, &mut [u32]) -> Result<(), E>,
    ) -> Result<(), E> {
        let Self { text, terms, held, .. } = self;
        // Where the postings of each term begin, by how many those before it have.
        let mut begins = vec![0_u32; terms.len() + 1];
        held.iter().for_each(|(at, _)| begins[*at as usize + 1] += 1);
        let mut sum = 0;
        for begin in &mut begins {
            sum += *begin;
            *begin = sum;
        }
        let mut by_term = vec![0_u32; held.len()];
        let mut next = begins.clone();
        for (at, entry) in held {
            by_term[next[at as usize] as usize] = entry;
            next[at as usize] += 1;
        }
        // Most terms differ in their first bytes, which lie beside their number, not all over the memory.
        let key = |at: u32| (first_bytes(said(&text, &terms, at)), at);
        let mut order: Vec<(u64, u32)> = (0..terms.len() as u32).map(key).collect();
        order.sort_unstable_by(|(one, at), (other, against)| {
            one.cmp(other).then_with(|| said(&text, &terms, *at).cmp(said(&text, &terms, *against)))
        });
        for (_, at) in order {
            let (begin, end) = (begins[at as usize] as usize, begins[at as usize + 1] as usize);
            take(said(&text, &terms, at), &mut by_term[begin..end])?;
        }
        Ok(())
    }
}

fn said<'a>(text: &'a str, terms: &[(u32, u32)], at: u32) -> &'a str {
    let begin = at.checked_sub(1).map_or(0, |before| terms[before as usize].0);
    &text[begin as usize..terms[at as usize].0 as usize]
}

/// The first eight bytes, in the order of texts; a shorter text comes before those that go on.
fn first_bytes(text: &str) -> u64 {
    let mut first = [0; 8];
    text.bytes().zip(&mut first).for_each(|(byte, place)| *place = byte);
    u64::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drained(vocabulary: Vocabulary) -> Vec<(String, Vec<u32>)> {
        let mut all = Vec::new();
        let taken: Result<(), ()> = vocabulary.drain(|term, held| {
            all.push((term.to_owned(), held.to_vec()));
            Ok(())
        });
        assert_eq!(taken, Ok(()));
        all
    }

    #[test]
    fn each_term_comes_once_with_all_that_hold_it() {
        let mut vocabulary = Vocabulary::default();
        for (term, number, in_title) in [
            ("焊工", 0, false),
            ("d", 0, true),
            ("焊工", 0, true),
            ("焊", 2, false),
            ("d", 3, false),
            ("d", 3, false),
            ("焊工", 7, false),
            ("焊工焊工二", 1, false),
            ("焊工焊工一", 1, false),
        ] {
            vocabulary.take(term, number, in_title);
        }
        let held = |term: &str, held: &[u32]| (term.to_owned(), held.to_vec());
        let all = [
            held("d", &[1, 6]),
            held("焊", &[4]),
            held("焊工", &[1, 14]),
            held("焊工焊工一", &[2]),
            held("焊工焊工二", &[2]),
        ];
        assert_eq!(drained(vocabulary), all);
        assert_eq!(drained(Vocabulary::default()), []);
    }

    #[test]
    fn many_terms_are_kept_apart() {
        let mut vocabulary = Vocabulary::default();
        for number in 0..300 {
            for term in 0..number % 50 {
                vocabulary.take(&format!("{term:02}"), number, false);
            }
        }
        let all = drained(vocabulary);
        assert_eq!(all.len(), 49);
        for (at, (term, held)) in all.iter().enumerate() {
            assert_eq!(*term, format!("{at:02}"));
            let right = (0..300).filter(|number| number % 50 > at as u32).map(|number| number << 1);
            assert_eq!(*held, right.collect::<Vec<_>>(), "{term}");
        }
    }
}
