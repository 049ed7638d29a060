//! How text becomes index terms, and how typed words become a question about terms. No state.
//!
//! The index holds exact terms. What a resident may type is turned into terms when a posting is
//! stored, so that a key press costs a few exact look-ups.
//!
//! | text | terms |
//! | --- | --- |
//! | `电焊工` | `电` `焊` `工` `电焊` `焊工` |
//! | `C1驾照` | `c` `c1` `驾` `照` `驾照` |
//! | its initials | `d` `h` `g` `dh` `hg` `dhg` |
//! | its pinyin | `di` `dia` `dian` … `gong` `dian·han` `han·gong` |
//!
//! The title, the occupation, the employer and the place have initials and pinyin; the texts have not.
//! What stands for ü in typed letters (`lü`, `lyu` as passports have it) becomes `lv`; `lu` is a
//! reading of its own.
//!
//! Longer words are asked for as all their pairs (letters: triples). That finds a few postings more
//! than a phrase would, `焊工（电焊）` for `电焊工`, which a resident rather welcomes. Of each term
//! the index knows whether it stands in the title, since a match there counts for more.
//!
//! Only letters, digits and Han characters of what is typed survive.

use hashbrown::HashMap;
use kiosk_base::domain::{Posting, Wage};

use super::pinyin;

/// Rises when the same text gives other terms than before, or a posting other facts to filter by:
/// what is stored is then indexed anew.
const RULES: i64 = 3;
/// Whether a text is the title.
const IN_TITLE: bool = true;
const ELSEWHERE: bool = false;
/// Before the first character or initial of the title.
const START: &str = "§";
/// Between the syllables of a pair.
const JOIN: &str = "·";
/// Longest beginning of a Latin word or a number that is indexed.
const PREFIX_MAX: usize = 12;
/// Characters of a question that are read; the rest is ignored.
const QUESTION_CHARS_MAX: usize = 64;
/// Words of a question that are read.
const QUESTION_WORDS_MAX: usize = 8;
/// Endings of employers' names that say nothing, kept out of the pinyin terms: otherwise `gs`
/// would find every company.
const LEGAL_FORMS: [&str; 5] = ["有限责任公司", "股份有限公司", "有限公司", "分公司", "公司"];

/// By which rules terms are made: another number, other terms.
pub(super) fn rules() -> i64 {
    RULES << 32 | i64::from(pinyin::rules())
}

/// Hands every term of a posting to `take`, and whether it stands in the title. Some come twice,
/// which costs less than finding out; those of the title come first. `sounds` is kept from posting to
/// posting.
pub fn each(sounds: &mut Sounds, posting: &Posting, take: impl FnMut(&str, bool)) {
    let mut terms = Terms { take, term: String::new(), sounds };
    let employer = &posting.employer;
    let head = [posting.occupation.as_deref(), Some(employer), posting.place.as_deref()];
    let body = [&posting.conditions, &posting.education, &posting.duties, &posting.hours];

    terms.text(&posting.title, IN_TITLE, true);
    terms.pinyin(&posting.title, IN_TITLE);
    terms.start(&posting.title);
    for text in head.into_iter().flatten().chain(posting.benefits.iter().map(String::as_str)) {
        terms.text(text, ELSEWHERE, true);
    }
    for text in body.into_iter().flatten() {
        terms.text(text, ELSEWHERE, false);
    }
    if let Some(Wage::Range { min, max, .. }) = posting.wage {
        terms.word(&(min.0 / 100).to_string(), ELSEWHERE);
        terms.word(&(max.0 / 100).to_string(), ELSEWHERE);
    }
    let known_as = LEGAL_FORMS.iter().find_map(|form| employer.strip_suffix(form));
    terms.pinyin(posting.occupation.as_deref().unwrap_or_default(), ELSEWHERE);
    terms.pinyin(known_as.unwrap_or(employer), ELSEWHERE);
    terms.pinyin(posting.place.as_deref().unwrap_or_default(), ELSEWHERE);
}

/// A question about terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ask {
    /// Postings with this term.
    Term(String),
    /// Postings with a term that begins so.
    Beginning(String),
    /// Postings that every part finds.
    All(Vec<Ask>),
    /// Postings that some part finds.
    Any(Vec<Ask>),
}

/// One typed word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// What a posting must hold, anywhere or in its title.
    pub(super) ask: Ask,
    /// The term of titles that begin with its first character.
    pub(super) start: String,
}

/// Reads a question. Words are separated by anything that is neither letter, digit nor Han
/// character, and where Han and other writing meet. `None` when something was typed but none of it
/// can be looked for; an empty list when nothing was typed.
pub(super) fn question(typed: &str) -> Option<Vec<Word>> {
    let typed: String = typed.chars().take(QUESTION_CHARS_MAX).collect();
    // The same letter in two pieces.
    let typed = typed.replace("u\u{308}", "ü").replace("U\u{308}", "ü");
    let words: Vec<_> = runs(&typed).take(QUESTION_WORDS_MAX).map(|run| word(&run)).collect();
    (!words.is_empty() || typed.chars().all(char::is_whitespace)).then_some(words)
}

fn word(run: &str) -> Word {
    let ask = if run.starts_with(is_han) { han(run) } else { latin(run) };
    let start = run.chars().next().map_or(String::new(), |first| format!("{START}{first}"));
    Word { ask, start }
}

fn han(run: &str) -> Ask {
    let characters: Vec<char> = run.chars().collect();
    match characters.as_slice() {
        [_] => Ask::Term(run.to_owned()),
        pairs => {
            Ask::All(pairs.windows(2).map(|pair| Ask::Term(String::from_iter(pair))).collect())
        }
    }
}

/// Letters and digits can be the beginning of a word, initials, or pinyin in full.
fn latin(run: &str) -> Ask {
    let mut ways = vec![Ask::Term(run.chars().take(PREFIX_MAX).collect())];
    if run.is_ascii() && run.bytes().any(|b| b.is_ascii_alphabetic()) {
        ways.extend(initials(run));
        // Some type 中 as `zh` where its initial is `z`. Alone, `zh` is the beginning of a syllable.
        let short = run.replace("zh", "z").replace("ch", "c").replace("sh", "s");
        if short != run && short.len() > 1 {
            ways.extend(initials(&short));
            ways.push(Ask::Term(short));
        }
    }
    if run.len() > 1 && run.bytes().all(|b| b.is_ascii_lowercase()) {
        ways.extend(pinyin::parses(run).iter().map(full_pinyin));
        // Passports spell ü as `yu`.
        let plain = run.replace("lyu", "lv").replace("nyu", "nv");
        if plain != run {
            ways.extend(pinyin::parses(&plain).iter().map(full_pinyin));
        }
    }
    if ways.len() == 1 { ways.remove(0) } else { Ask::Any(ways) }
}

/// Up to three initials are a term of their own, which the beginning of a word asks for already.
fn initials(run: &str) -> Option<Ask> {
    let triples = run.as_bytes().windows(3);
    let term = |triple: &[u8]| Ask::Term(triple.iter().map(|&b| char::from(b)).collect());
    (run.len() > 3).then(|| Ask::All(triples.map(term).collect()))
}

fn full_pinyin(parse: &pinyin::Parse<'_>) -> Ask {
    let Some(last) = parse.whole.last() else { return Ask::Term(parse.tail.to_owned()) };
    let mut parts: Vec<_> = parse.whole.windows(2).map(|p| Ask::Term(join(p[0], p[1]))).collect();
    parts.push(Ask::Beginning(join(last, parse.tail)));
    Ask::All(parts)
}

fn join(one: &str, two: &str) -> String {
    format!("{one}{JOIN}{two}")
}

/// Full-width forms become plain ones, capitals small, ü the v that keyboards have for it.
fn fold(character: char) -> char {
    match character {
        'ü' | 'Ü' | 'ǖ' | 'ǘ' | 'ǚ' | 'ǜ' => 'v',
        '\u{FF01}'..='\u{FF5E}' => {
            char::from_u32(u32::from(character) - 0xFEE0).unwrap_or(character).to_ascii_lowercase()
        }
        han if is_han(han) => han,
        // A letter whose small form is several characters stays as it is, on both sides alike.
        other => {
            let mut small = other.to_lowercase();
            small.next().filter(|_| small.next().is_none()).unwrap_or(other)
        }
    }
}

/// Runs of Han characters, and runs of other letters and digits.
fn runs(text: &str) -> impl Iterator<Item = String> {
    let mut characters = text.chars().map(fold).peekable();
    std::iter::from_fn(move || {
        while characters.next_if(|c| !is_word(*c)).is_some() {}
        let han = is_han(*characters.peek()?);
        let mut run = String::new();
        while let Some(c) = characters.next_if(|c| is_word(*c) && is_han(*c) == han) {
            run.push(c);
        }
        Some(run)
    })
}

fn is_word(character: char) -> bool {
    is_han(character) || character.is_alphanumeric()
}

fn is_han(character: char) -> bool {
    matches!(character, '〇' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Hands over terms as they are found.
struct Terms<'a, F> {
    take: F,
    /// The term at hand, kept for its memory.
    term: String,
    sounds: &'a mut Sounds,
}

impl<F: FnMut(&str, bool)> Terms<'_, F> {
    /// Pairs of Han characters, beginnings of words, and with `single` also each Han character.
    fn text(&mut self, text: &str, in_title: bool, single: bool) {
        for run in runs(text) {
            if !run.starts_with(is_han) {
                self.word(&run, in_title);
                continue;
            }
            let mut rest = run.as_str();
            let mut second = rest.chars().skip(1);
            while let Some(first) = rest.chars().next() {
                let after = first.len_utf8();
                if single {
                    (self.take)(&rest[..after], in_title);
                }
                if let Some(second) = second.next() {
                    (self.take)(&rest[..after + second.len_utf8()], in_title);
                }
                rest = &rest[after..];
            }
        }
    }

    fn word(&mut self, word: &str, in_title: bool) {
        for (start, character) in word.char_indices().take(PREFIX_MAX) {
            (self.take)(&word[..start + character.len_utf8()], in_title);
        }
    }

    /// What the title begins with, which is no term of the title.
    fn start(&mut self, title: &str) {
        let Some(first) = title.chars().map(fold).find(|c| is_word(*c)) else { return };
        let Self { take, term, sounds } = self;
        let mut push = |what: &str| {
            term.clear();
            term.extend([START, what]);
            take(term, ELSEWHERE);
        };
        push(first.encode_utf8(&mut [0; 4]));
        sounds.of(first).initials.iter().for_each(|sound| push(sound));
    }

    /// One to three initials in a row, beginnings of syllables, and pairs of them, in every
    /// reading.
    fn pinyin(&mut self, text: &str, in_title: bool) {
        let Self { take, term, sounds } = self;
        let mut push = |parts: &[&str]| {
            term.clear();
            term.extend(parts.iter().copied());
            take(term, in_title);
        };
        for stretch in text.split(|c| !is_word(fold(c))) {
            stretch.chars().map(fold).for_each(|c| {
                sounds.of(c);
            });
            let spoken: Vec<&Spoken> =
                stretch.chars().filter_map(|c| sounds.known(fold(c))).collect();
            for at in 0..spoken.len() {
                pinyin_from(&spoken[at..], &mut push);
            }
        }
    }
}

fn pinyin_from(spoken: &[&Spoken], push: &mut impl FnMut(&[&str])) {
    let [first, rest @ ..] = spoken else { return };
    for one in &first.readings {
        // One letter is an initial, below.
        for end in 2..=one.len() {
            push(&[&one[..end]]);
        }
        for two in rest.first().iter().flat_map(|second| &second.readings) {
            push(&[one, JOIN, two]);
        }
    }
    for one in &first.initials {
        push(&[one]);
        for two in rest.first().iter().flat_map(|second| &second.initials) {
            push(&[one, two]);
            for three in rest.get(1).iter().flat_map(|third| &third.initials) {
                push(&[one, two, three]);
            }
        }
    }
}

/// How the characters met so far are spoken: to look that up takes longer than all else.
#[derive(Default)]
pub struct Sounds(HashMap<char, Spoken>);

impl Sounds {
    fn of(&mut self, character: char) -> &Spoken {
        self.0.entry(character).or_insert_with(|| Spoken::of(character))
    }

    fn known(&self, character: char) -> Option<&Spoken> {
        self.0.get(&character)
    }
}

/// How a character is spoken. A letter or digit is its own initial.
struct Spoken {
    readings: Vec<&'static str>,
    /// With what it may begin, each once.
    initials: Vec<Box<str>>,
}

impl Spoken {
    fn of(character: char) -> Self {
        let readings = pinyin::readings(character).to_vec();
        let mut initials: Vec<Box<str>> = Vec::new();
        for letter in readings.iter().map(|reading| &reading[..1]) {
            if initials.iter().all(|known| **known != *letter) {
                initials.push(letter.into());
            }
        }
        if readings.is_empty() && !is_han(character) {
            initials.push(character.to_string().into());
        }
        Self { readings, initials }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        let take = |term: &str, _: bool| found.push(term.to_owned());
        let mut terms = Terms { take, term: String::new(), sounds: &mut Sounds::default() };
        terms.text(text, ELSEWHERE, true);
        terms.pinyin(text, ELSEWHERE);
        let mut terms = found;
        terms.sort_unstable();
        terms.dedup();
        terms
    }

    #[test]
    fn a_title_gives_the_terms_of_the_table() {
        let mut expected = vec![
            "电",
            "焊",
            "工",
            "电焊",
            "焊工",
            "d",
            "h",
            "g",
            "dh",
            "hg",
            "dhg",
            "di",
            "dia",
            "dian",
            "ha",
            "han",
            "go",
            "gon",
            "gong",
            "dian·han",
            "han·gong",
        ];
        expected.sort_unstable();
        assert_eq!(of("电焊工"), expected);
    }

    #[test]
    fn every_reading_of_a_polyphone_is_a_term() {
        for term in ["cq", "zq", "chong·qing", "zhong·qing"] {
            assert!(of("重庆").contains(&term.to_owned()), "{term}");
        }
    }

    #[test]
    fn full_width_letters_and_capitals_are_plain() {
        let terms = of("Ｃ１驾照");
        for term in ["c", "c1", "驾照", "c1j", "jz"] {
            assert!(terms.contains(&term.to_owned()), "{term} in {terms:?}");
        }
        // Words do not run on over a gap.
        assert!(!of("普工（夜班）").contains(&"工夜".to_owned()));
        assert!(!of("普工（夜班）").contains(&"gy".to_owned()));
    }

    #[test]
    fn a_question_holds_letters_digits_and_han_characters_alone() {
        fn walk(ask: &Ask, seen: &mut Vec<String>) {
            match ask {
                Ask::Term(term) | Ask::Beginning(term) => seen.push(term.clone()),
                Ask::All(parts) | Ask::Any(parts) => parts.iter().for_each(|p| walk(p, seen)),
            }
        }
        let hostile = "\"电\" OR * NEAR(焊 工) ^x' -- %_\0\u{202E}; :{}()+title:a AND NOT ﷺ";
        let words = question(hostile).expect("it holds words");
        let mut seen = Vec::new();
        for word in &words {
            walk(&word.ask, &mut seen);
        }
        assert!(seen.len() > 5);
        let plain = |c: char| is_word(c) || JOIN.contains(c);
        assert!(seen.iter().all(|term| term.chars().all(plain)), "{seen:?}");
    }

    #[test]
    fn a_question_without_words_is_told_from_an_empty_one() {
        assert_eq!(question("  \u{3000}"), Some(Vec::new()));
        assert_eq!(question("%"), None);
        assert_eq!(question("'\"*"), None);
        assert_eq!(question(&"电".repeat(10_000)).expect("words").len(), 1);
        assert_eq!(question(&"a ".repeat(10_000)).expect("words").len(), QUESTION_WORDS_MAX);
    }

    #[test]
    fn han_and_letters_that_meet_are_two_words() {
        assert_eq!(question("福集dhg").expect("words"), question("福集 dhg").expect("words"));
    }
}
