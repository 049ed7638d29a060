//! The rules of the house that the compiler does not hold: who may call whom, who may print, and
//! that pages made from code are up to date.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The rooms of one crate, and for each the rooms it may name. A room that is missing may name none.
struct House {
    /// Where its sources lie.
    sources: &'static str,
    edges: &'static [(&'static str, &'static [&'static str])],
    /// Those that know every room: composition root and command line.
    free: &'static [&'static str],
}

const KIOSK: House = House {
    sources: "src",
    edges: &[
        ("screen", &["visit"]),
        ("visit", &["listings", "insurance"]),
        ("listings", &["link"]),
        ("staff", &["link"]),
        // Turns a file into the plain settings of each room.
        ("config", &["visit", "insurance", "staff", "link"]),
    ],
    free: &["app", "cli"],
};

/// Which rooms of the kiosk may name another crate, beside those that know everything. Its own pages it
/// has through `screen` alone ([`only_the_screen_names_the_toolkit`]).
const CRATES: [(&str, &[&str]); 4] = [
    ("kiosk_county", &[]),
    ("kiosk_stage", &[]),
    // Settings of devices, and what they say.
    ("kiosk_devices", &["config", "visit"]),
    ("kiosk_typeface", &["screen"]),
];

const BASE: House = House {
    sources: "crates/base/src",
    edges: &[
        ("cli", &["config", "import", "clock", "wire"]),
        ("config", &["import", "domain", "strict"]),
        ("import", &["wire", "domain", "strict"]),
        ("store", &["domain"]),
        ("strict", &["domain"]),
        ("wire", &["domain"]),
    ],
    free: &[],
};

const DEVICES: House = House { sources: "crates/devices/src", edges: &[], free: &[] };

#[test]
fn calls_go_one_way() {
    for house in [KIOSK, BASE, DEVICES] {
        let sources = sources(house.sources);
        let rooms = rooms(&sources);
        assert!(rooms.len() > 1, "{rooms:?}");
        let wrong = sources.iter().flat_map(|source| wrong_calls(&house, source, &rooms));
        let wrong: Vec<_> = wrong.collect();
        assert!(wrong.is_empty(), "against the rules of the house:\n{}", wrong.join("\n"));
        // A permission that nobody uses is one too many.
        for (room, allowed) in house.edges {
            let of_room = sources.iter().filter(|source| source.room() == *room);
            let named: Vec<_> = of_room.flat_map(|source| mentions(source, &rooms)).collect();
            for other in *allowed {
                let is_used = named.iter().any(|(_, name)| name == other);
                assert!(is_used, "{room} never names {other}: take the permission away");
            }
        }
    }
}

#[test]
fn county_stage_and_devices_are_named_where_they_are_put_together() {
    let sources = sources(KIOSK.sources);
    for (name, rooms) in CRATES {
        let may = |room| KIOSK.free.contains(&room) || rooms.contains(&room);
        let wrong = sources.iter().filter(|source| !may(source.room()));
        let wrong: Vec<String> = wrong.flat_map(|source| words(source, name)).collect();
        assert!(wrong.is_empty(), "{name} is not for:\n{}", wrong.join("\n"));
        let used =
            |room: &&str| sources.iter().any(|s| s.room() == *room && !words(s, name).is_empty());
        assert!(rooms.iter().all(used), "{name}: a permission nobody uses");
    }
}

#[test]
fn only_the_screen_names_the_toolkit() {
    let sources = sources(KIOSK.sources);
    let wrong: Vec<_> = sources.iter().flat_map(toolkit_outside_the_screen).collect();
    assert!(wrong.is_empty(), "only src/screen may name it:\n{}", wrong.join("\n"));
}

#[test]
fn only_the_command_line_prints() {
    let mut all = sources(KIOSK.sources);
    for part in ["base", "county", "devices", "memory", "stage"] {
        all.extend(sources(&format!("crates/{part}/src")));
    }
    // It tells cargo how the program is linked.
    all.retain(|source| source.path != Path::new("src/build.rs"));
    let wrong: Vec<_> = all.iter().flat_map(prints_outside_cli).collect();
    assert!(wrong.is_empty(), "only the rooms called cli may print:\n{}", wrong.join("\n"));
}

/// A type of the domain is no part of a message. None has a schema, so the compiler lets none into a type of
/// the wire whose schema is derived; here stands what it does not see.
#[test]
fn messages_are_made_of_types_of_the_wire() {
    let sources = sources(BASE.sources);
    let outside = sources.iter().filter(|source| source.room() != "wire");
    let wrong: Vec<_> = outside.flat_map(|source| words(source, "utoipa")).collect();
    assert!(wrong.is_empty(), "schemas are for the wire alone:\n{}", wrong.join("\n"));
    let version = |source: &&Source| source.path.starts_with("crates/base/src/wire/v1");
    let wrong: Vec<_> = sources.iter().filter(version).flat_map(nouns_in_messages).collect();
    assert!(wrong.is_empty(), "nouns of the domain in a message:\n{}", wrong.join("\n"));
}

/// The rules above must be able to fail: each finds a planted breach and passes what is right.
#[test]
fn planted_breaches_are_found() {
    let rooms: Vec<String> =
        ["staff", "link", "visit", "listings", "screen", "app"].map(str::to_owned).to_vec();
    let source = |path: &str, text: &str| Source { path: path.into(), code: code(text) };
    let calls = |path: &str, text: &str| wrong_calls(&KIOSK, &source(path, text), &rooms);

    assert_eq!(
        calls("src/staff/pin.rs", "\nuse crate::visit::State;"),
        ["src/staff/pin.rs:2: staff names visit: use crate::visit::State;"]
    );
    let grouped = "use crate::{\n    listings::{Stop, visit},\n    link::Client,\n    screen,\n};";
    assert_eq!(
        calls("src/visit/mod.rs", grouped),
        [
            "src/visit/mod.rs:3: visit names link: link::Client,",
            "src/visit/mod.rs:4: visit names screen: screen,"
        ]
    );
    assert_eq!(calls("src/link/mod.rs", "fn f() { crate::staff::read() }").len(), 1);
    assert_eq!(calls("src/insurance/mod.rs", "use super::link;").len(), 1);
    assert_eq!(calls("src/insurance/door.rs", "use super::super::link;").len(), 1);
    assert_eq!(calls("src/main.rs", "renshe_kiosk::visit::step();").len(), 1);
    for (path, text) in [
        (
            "src/staff/mod.rs",
            "// crate::visit is elsewhere\n/* crate::visit */ use crate::link::Client;",
        ),
        ("src/staff/mod.rs", "#[cfg(test)]\nmod tests {\n use crate::visit::State;\n}"),
        ("src/staff/mod.rs", "pub(crate) use crate::staff::pin;"),
        ("src/app.rs", "use crate::{visit, screen, staff};"),
        ("src/cli/run.rs", "use crate::app;"),
    ] {
        assert!(calls(path, text).is_empty(), "{path}: {text}");
    }

    let toolkit = |path, text| toolkit_outside_the_screen(&source(path, text)).len();
    assert_eq!(toolkit("src/app.rs", "slint::run_event_loop();"), 1);
    assert_eq!(toolkit("src/visit/mod.rs", "use kiosk_ui::Window;"), 1);
    assert_eq!(toolkit("src/app.rs", "i_slint_backend_testing::init();"), 1);
    assert_eq!(toolkit("src/screen/mod.rs", "use slint::Model;"), 0);
    assert_eq!(toolkit("src/app.rs", "// slint::run\nlet translint = 1;"), 0);

    let nouns = |text| nouns_in_messages(&source("crates/base/src/wire/v1/fair.rs", text)).len();
    for text in [
        "use crate::domain::{self, Fen};",
        "use crate::{\n    domain::{Fen, Sensitive},\n    wire,\n};",
        "use crate::domain::Fen;",
        "pub struct A {\n    pub wage: Option<domain::Fen>,\n}",
        "pub enum A {\n    Posting(Box<domain::Posting>),\n}",
    ] {
        assert_eq!(nouns(text), 1, "{text}");
    }
    for text in [
        "use crate::{\n    domain::{self, Sensitive},\n    wire,\n};",
        "use crate::domain;\nboth_ways!(A, domain::A, {\n    one: b;\n});",
        "match wage {\n    domain::Wage::Negotiable => Self::Negotiable,\n}",
    ] {
        assert_eq!(nouns(text), 0, "{text}");
    }

    let prints = |path, text| prints_outside_cli(&source(path, text)).len();
    for text in ["println!(\"a\");", "eprintln!()", "print!(\"a\")", "eprint!()", "dbg!(a)"] {
        assert_eq!(prints("src/app.rs", text), 1, "{text}");
        assert_eq!(prints("src/cli/mod.rs", text), 0, "{text}");
    }
    assert_eq!(prints("src/app.rs", "blueprint!(); // println!()"), 0);
}

/// `BLESS=1` writes the page anew, and fails all the same: a blessing is looked at and committed.
#[test]
fn stop_codes_are_documented_as_they_are() {
    documented("docs/stop-codes.md", &kiosk_base::domain::failure::markdown());
}

#[test]
fn the_reader_handbook_says_what_table_and_profile_say() {
    let profile = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config/readers/unknown.toml");
    let profile = fs::read_to_string(profile).expect("it is shipped");
    documented("docs/reader-handbook.md", &kiosk_devices::card::handbook::markdown(&profile));
}

/// Fails unless the rendered page stands in the repository. `BLESS=1` writes it, and fails too.
fn documented(file: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let written = fs::read_to_string(&path).unwrap_or_default();
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") && written != page {
        fs::create_dir_all(path.parent().expect("it lies in docs")).expect("docs can be made");
        fs::write(&path, page).expect("the page can be written");
        panic!("{file} was written anew; look at it and run the test again");
    }
    assert!(written == page, "{file} is not as its source; run with BLESS=1");
}

/// A source file without comments and unit tests. Lines keep their numbers.
struct Source {
    /// From the repository's root.
    path: PathBuf,
    code: String,
}

impl Source {
    /// `link` for `src/link.rs` and everything in `src/link/`; `main` for the program.
    fn room(&self) -> &str {
        let part = self.within().next().expect("it lies in src").as_os_str();
        let part = part.to_str().expect("names are ASCII");
        part.strip_suffix(".rs").unwrap_or(part)
    }

    /// What of its path lies in `src`.
    fn within(&self) -> impl Iterator<Item = std::path::Component<'_>> {
        self.path.components().skip_while(|part| part.as_os_str() != "src").skip(1)
    }

    /// Path, number and text of the line at `offset`.
    fn line(&self, offset: usize) -> (String, &str) {
        let number = self.code[..offset].matches('\n').count();
        let text = self.code.lines().nth(number).unwrap_or_default().trim();
        (format!("{}:{}", self.path.display(), number + 1), text)
    }
}

fn sources(under: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    let mut directories = vec![root.join(under)];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).expect("src can be read") {
            let path = entry.expect("src can be read").path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("sources are UTF-8");
                let path = path.strip_prefix(root).expect("it lies in the repository").to_owned();
                sources.push(Source { path, code: code(&text) });
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

fn rooms(sources: &[Source]) -> Vec<String> {
    let mut rooms: Vec<_> = sources.iter().map(|source| source.room().to_owned()).collect();
    rooms.retain(|room| !["lib", "main"].contains(&room.as_str()));
    rooms.dedup();
    rooms
}

/// Blanks out comments, the inside of texts, and the unit tests at the end, which may use anything.
fn code(text: &str) -> String {
    let text = match text.find("#[cfg(test)]\nmod ") {
        Some(at) => &text[..at],
        None => text,
    };
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |at| at + 2)
        } else if c == '"' {
            end_of_text(rest)
        } else if rest.starts_with("'\"'") {
            3
        } else {
            code.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        code.extend(rest[..skipped].chars().filter(|c| *c == '\n'));
        rest = &rest[skipped..];
    }
    code
}

/// Length of the text literal at the start of `rest`. Raw texts with `#` around a quote are read
/// as two literals, which blanks too little and never too much.
fn end_of_text(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn wrong_calls(house: &House, source: &Source, rooms: &[String]) -> Vec<String> {
    let own = source.room();
    if house.free.contains(&own) || own == "lib" {
        return Vec::new();
    }
    let allowed: &[&str] = match own {
        // The program only hands over to the command line.
        "main" => &["cli"],
        _ => house.edges.iter().find(|(room, _)| *room == own).map_or(&[], |(_, allowed)| allowed),
    };
    mentions(source, rooms)
        .into_iter()
        .filter(|(_, room)| room != own && !allowed.contains(&room.as_str()))
        .map(|(offset, room)| {
            let (place, text) = source.line(offset);
            format!("{place}: {own} names {room}: {text}")
        })
        .collect()
}

/// Every place where a path from the crate's root names a room, in the order of the file.
fn mentions(source: &Source, rooms: &[String]) -> Vec<(usize, String)> {
    let code = &source.code;
    let depth = source.within().count();
    let is_root =
        depth == 1 || depth == 2 && source.path.file_name().is_some_and(|name| name == "mod.rs");
    let mut found = Vec::new();
    for prefix in ["crate::", "renshe_kiosk::", "super::super::", "super::"] {
        // One `super` leaves a room only from the room's own root file.
        if prefix == "super::" && !is_root {
            continue;
        }
        for (at, _) in code.match_indices(prefix) {
            if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let start = at + prefix.len();
            found.extend(
                heads(&code[start..])
                    .into_iter()
                    .map(|(offset, name)| (start + offset, name.to_owned()))
                    .filter(|(_, name)| rooms.contains(name)),
            );
        }
    }
    found.sort();
    found
}

/// The first names of a path or of a group of paths: `a` of `a::b`, `a` and `c` of `{a::b, c}`.
fn heads(path: &str) -> Vec<(usize, &str)> {
    let Some(group) = path.strip_prefix('{') else {
        return vec![(0, identifier(path))];
    };
    let mut heads = Vec::new();
    let mut depth = 0;
    let mut at_start = true;
    for (offset, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => at_start = true,
            _ if c.is_whitespace() => {}
            _ if at_start && depth == 0 => {
                heads.push((offset + 1, identifier(&group[offset..])));
                at_start = false;
            }
            _ => {}
        }
    }
    heads
}

fn identifier(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
}

fn toolkit_outside_the_screen(source: &Source) -> Vec<String> {
    if source.room() == "screen" {
        return Vec::new();
    }
    let mut wrong = Vec::new();
    for name in ["slint", "kiosk_ui", "i_slint_backend_testing"] {
        wrong.extend(words(source, name));
    }
    wrong
}

/// Where a version of the wire takes a noun of the domain by its bare name, which then could be a field's,
/// and fields and variants that have one. How a text is kept in memory, and what every enum of codes keeps
/// of those it does not know, is no noun.
fn nouns_in_messages(source: &Source) -> Vec<String> {
    let code = &source.code;
    let mut wrong = Vec::new();
    for (at, name) in code.match_indices("domain::") {
        let start = at + name.len();
        let is_imported = code[..at].rsplit(';').next().is_some_and(|before| {
            let before = before.trim_start();
            before.starts_with("use crate::") && !before.contains('}')
        });
        let (place, line) = source.line(at);
        let is_field = line.ends_with(',') && !line.contains("=>");
        let names = heads(&code[start..]).into_iter().map(|(_, name)| name);
        let mut bare = names.filter(|name| !["self", "Sensitive", "Code", "code"].contains(name));
        let is_wrong = if is_imported { bare.next().is_some() } else { is_field };
        if is_wrong {
            wrong.push(format!("{place}: {line}"));
        }
    }
    wrong
}

fn prints_outside_cli(source: &Source) -> Vec<String> {
    if source.room() == "cli" {
        return Vec::new();
    }
    let mut wrong = Vec::new();
    for name in ["println!", "eprintln!", "print!", "eprint!", "dbg!"] {
        wrong.extend(words(source, name));
    }
    wrong
}

/// The lines in which `word` stands by itself.
fn words(source: &Source, word: &str) -> Vec<String> {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let code = &source.code;
    code.match_indices(word)
        .filter(|(at, _)| {
            !code[..*at].ends_with(part) && !code[at + word.len()..].starts_with(part)
        })
        .map(|(at, _)| {
            let (place, text) = source.line(at);
            format!("{place}: {text}")
        })
        .collect()
}
