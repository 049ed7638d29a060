//! Days, months, amounts and sentences in the language of the page. Chinese is the source; what stands in
//! English is in `ui/lang/en/LC_MESSAGES/kiosk-ui.po`, one file for the pages and for the sentences that are
//! made here.
//!
//! State: the catalogue, read once, and which language the pages of a thread speak, as the toolkit has it:
//! a page is drawn by one thread.

use std::{cell::Cell, collections::HashMap, sync::LazyLock};

use jiff::civil::Date;
use kiosk_base::domain::{Stop, YearMonth};

use crate::visit::Language;

/// The English catalogue.
pub(super) const ENGLISH: &str = include_str!("../../ui/lang/en/LC_MESSAGES/kiosk-ui.po");

static CATALOGUE: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let entries = entries(ENGLISH).into_iter();
    entries.filter(|entry| entry.context.is_empty()).map(|e| (e.source, e.words)).collect()
});

/// An entry of a catalogue.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// What tells it from another of the same source.
    pub(super) context: String,
    pub(super) source: String,
    pub(super) words: String,
    /// Those for another number than one, where it is told apart.
    pub(super) plural: String,
}

/// The entries of a catalogue in the form of gettext, but for its head.
pub(super) fn entries(catalogue: &str) -> Vec<Entry> {
    enum Part {
        Context,
        Source,
        Words,
        Plural,
    }
    let mut entries = vec![Entry::default()];
    let mut part = Part::Source;
    for line in catalogue.lines() {
        let line = line.trim();
        let (keyword, text) = line.split_once('"').unwrap_or((line, ""));
        part = match keyword.trim() {
            "" if line.starts_with('"') => part,
            "msgctxt" => Part::Context,
            "msgid" => Part::Source,
            "msgstr" | "msgstr[0]" => Part::Words,
            "msgstr[1]" => Part::Plural,
            // A remark; and in Chinese one and many are the same.
            _ => continue,
        };
        let is_new = entries.last().is_some_and(|entry| !entry.words.is_empty());
        if is_new && matches!(part, Part::Context | Part::Source) {
            entries.push(Entry::default());
        }
        let Some(entry) = entries.last_mut() else { continue };
        let slot = match part {
            Part::Context => &mut entry.context,
            Part::Source => &mut entry.source,
            Part::Words => &mut entry.words,
            Part::Plural => &mut entry.plural,
        };
        let text = text.strip_suffix('"').unwrap_or(text);
        slot.push_str(&text.replace("\\n", "\n").replace("\\\"", "\"").replace("\\\\", "\\"));
    }
    entries.retain(|entry| !entry.source.is_empty());
    entries
}

/// Short names of the months.
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn month_name(month: i8) -> &'static str {
    usize::try_from(month - 1).ok().and_then(|at| MONTHS.get(at)).copied().unwrap_or_default()
}

thread_local! {
    static LANGUAGE: Cell<Language> = const { Cell::new(Language::Chinese) };
}

/// From now on the pages of this thread speak `language`.
pub(super) fn select(language: Language) {
    if LANGUAGE.replace(language) == language {
        return;
    }
    let name = match language {
        Language::Chinese => "",
        Language::English => "en",
    };
    // The language was bundled when the pages were built.
    if let Err(error) = slint::select_bundled_translation(name) {
        tracing::error!(%error, "the pages' language");
    }
}

fn is_english() -> bool {
    LANGUAGE.get() == Language::English
}

/// A sentence in the page's language.
pub(super) fn say(chinese: &str) -> &str {
    match is_english() {
        true => CATALOGUE.get(chinese).map_or(chinese, String::as_str),
        false => chinese,
    }
}

/// The same with what stands for each `{}`.
pub(super) fn fill(chinese: &str, values: &[&str]) -> String {
    let mut words = say(chinese).to_owned();
    for value in values {
        words = words.replacen("{}", value, 1);
    }
    words
}

/// The title of a stop, and what the resident is to do, with the window to go to.
pub(super) fn stop(stop: Stop, window: &str) -> (&'static str, String) {
    let entry = stop.entry();
    match is_english() {
        true => (say(entry.title), say(entry.resident).replace("{window}", &self::window(window))),
        false => (entry.title, entry.sentence(window)),
    }
}

/// What a window of the office is called: 2 号窗口 is window 2; other names stay.
pub(super) fn window(name: &str) -> String {
    let number = name.strip_suffix("号窗口").map(str::trim).filter(|number| {
        is_english() && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    number.map_or_else(|| name.to_owned(), |number| format!("window {number}"))
}

/// `2026年11月23日`, `23 Nov 2026`.
pub(super) fn day(date: Date) -> String {
    match is_english() {
        true => format!("{} {} {}", date.day(), month_name(date.month()), date.year()),
        false => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
    }
}

/// `11月23日`, `23 Nov`.
pub(super) fn month_day(date: Date) -> String {
    match is_english() {
        true => format!("{} {}", date.day(), month_name(date.month())),
        false => format!("{}月{}日", date.month(), date.day()),
    }
}

/// `12月5日–6日`, `12月30日–1月2日`; `5–6 Dec`, `30 Dec–2 Jan`.
pub(super) fn days(first: Date, last: Date) -> String {
    // The month is said once.
    let in_one = first.first_of_month() == last.first_of_month();
    match is_english() {
        true if in_one => format!("{}–{}", first.day(), month_day(last)),
        false if in_one => format!("{}–{}日", month_day(first), last.day()),
        _ => format!("{}–{}", month_day(first), month_day(last)),
    }
}

/// The month of a day over its sheet: `2026 年 9 月`, `Sep 2026`.
pub(super) fn month_of(day: Date) -> String {
    match is_english() {
        true => format!("{} {}", month_name(day.month()), day.year()),
        false => format!("{} 年 {} 月", day.year(), day.month()),
    }
}

/// `9月`, `Sep`: a month of any year, from 1.
pub(super) fn month_alone(month: i8) -> String {
    match is_english() {
        true => month_name(month).to_owned(),
        false => format!("{month}月"),
    }
}

/// `9月`, `1–6月`, `Jan–Jun`: months of one year, first and last.
pub(super) fn months((first, last): (i8, i8)) -> String {
    match is_english() {
        _ if first == last => month_alone(first),
        true => format!("{}–{}", month_name(first), month_name(last)),
        false => format!("{first}–{last}月"),
    }
}

/// `2026年9月`, `Sep 2026`.
pub(super) fn month(month: YearMonth) -> String {
    match is_english() {
        true => format!("{} {}", month_name(month.month()), month.year()),
        false => format!("{}年{}月", month.year(), month.month()),
    }
}

/// `2026.9.15`, where there is little room; in English with the month's name, as everywhere.
pub(super) fn short_day(date: Date) -> String {
    match is_english() {
        true => day(date),
        false => format!("{}.{}.{}", date.year(), date.month(), date.day()),
    }
}

/// Several things, one after the other.
pub(super) fn list(things: &[String]) -> String {
    things.join(if is_english() { ", " } else { "、" })
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use jiff::civil::date;
    use kiosk_base::domain::failure::BOOK;

    use super::*;

    #[test]
    fn days_and_windows_are_said_as_people_say_them() {
        assert_eq!(days(date(2026, 12, 5), date(2026, 12, 6)), "12月5日–6日");
        assert_eq!(window("2 号窗口"), "2 号窗口");
        LANGUAGE.set(Language::English);
        assert_eq!(day(date(2026, 11, 3)), "3 Nov 2026");
        assert_eq!(days(date(2026, 12, 5), date(2026, 12, 6)), "5–6 Dec");
        assert_eq!(days(date(2026, 12, 30), date(2027, 1, 2)), "30 Dec–2 Jan");
        assert_eq!(window("2 号窗口"), "window 2");
        assert_eq!(window("社保窗口"), "社保窗口");
    }

    /// Context and source of everything that the pages say: `@tr("…")`, `@tr("year" => "…")`.
    fn of_pages(directory: &Path, found: &mut BTreeSet<(String, String)>) {
        for entry in fs::read_dir(directory).expect("readable").flatten() {
            let path = entry.path();
            if path.is_dir() {
                of_pages(&path, found);
            } else if path.extension().is_some_and(|kind| kind == "slint") {
                let text = fs::read_to_string(&path).expect("a text");
                for call in text.split("@tr(").skip(1) {
                    let (first, rest) = literal(call).expect("begins with its words");
                    let rest = rest.trim_start();
                    match rest.strip_prefix("=>").and_then(literal) {
                        Some((source, _)) => drop(found.insert((first, source))),
                        None => drop(found.insert((String::new(), first))),
                    }
                }
            }
        }
    }

    /// The literal with which `text` begins, and what follows.
    fn literal(text: &str) -> Option<(String, &str)> {
        let text = text.trim_start().strip_prefix('"')?;
        let mut is_escaped = false;
        let end = text.find(|c| {
            let ends = c == '"' && !is_escaped;
            is_escaped = c == '\\' && !is_escaped;
            ends
        })?;
        let words = text[..end].replace("\\n", "\n").replace("\\\"", "\"");
        Some((words, &text[end + 1..]))
    }

    #[test]
    fn the_catalogue_has_all_words_and_no_others() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut sources = BTreeSet::new();
        of_pages(&root.join("ui"), &mut sources);
        for entry in fs::read_dir(root.join("src/screen")).expect("readable").flatten() {
            if entry.file_name() == "words.rs" {
                continue;
            }
            let text = fs::read_to_string(entry.path()).expect("a text");
            let calls = ["words::say(", "words::fill("];
            let calls = calls.iter().flat_map(|call| text.split(call).skip(1));
            sources.extend(calls.filter_map(literal).map(|(words, _)| (String::new(), words)));
        }
        let stops = BOOK.iter().flat_map(|entry| [entry.title, entry.resident]);
        let stops = stops.filter(|words| !words.is_empty());
        sources.extend(stops.map(|words| (String::new(), words.to_owned())));
        let entries = entries(ENGLISH);
        let there: BTreeSet<_> =
            entries.iter().map(|e| (e.context.clone(), e.source.clone())).collect();
        let missing: Vec<_> = sources.difference(&there).collect();
        let unused: Vec<_> = there.difference(&sources).collect();
        assert!(missing.is_empty() && unused.is_empty(), "missing {missing:?}, unused {unused:?}");
        assert_eq!(there.len(), entries.len(), "each once");
        for Entry { source, words, plural, .. } in &entries {
            let places = |text: &str| text.matches('{').count();
            assert!(!words.trim().is_empty(), "{source}");
            assert_eq!(places(source), places(words), "{source}");
            if source.contains("{n}") {
                assert_eq!(places(source), places(plural), "{source}");
            }
        }
    }

    #[test]
    fn every_stop_that_residents_see_has_its_words_in_both_languages() {
        LANGUAGE.set(Language::English);
        for entry in BOOK.iter().filter(|entry| !entry.title.is_empty()) {
            let (title, sentence) = stop(entry.stop, "2 号窗口");
            assert!(title.is_ascii() && sentence.is_ascii(), "{}: {title}", entry.code);
            let names_window = entry.resident.contains("{window}");
            assert_eq!(sentence.contains("window 2"), names_window, "{}: {sentence}", entry.code);
        }
    }
}
