//! What the county and the office write for the pages: divisions, guides, boards. Files of one
//! directory are taken in the order of their names.

use std::{collections::BTreeMap, fs, ops::Range, path::Path};

use serde::{Deserialize, de::DeserializeOwned};
use toml::Spanned;

use super::fault::{ConfigError, Source};
use crate::{
    domain::{
        Board, Division, Guide,
        guide::{self, Window},
    },
    insurance::policy::Region,
    visit::machine::Office,
};

/// Largest file of settings that is read.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Most files in one directory of settings.
const FILES_MAX: usize = 200;

/// Reads a file of settings.
///
/// # Errors
/// When it is missing, unreadable, too large or no UTF-8.
pub(super) fn read(path: &Path) -> Result<Source, ConfigError> {
    let cannot = |error: std::io::Error| {
        let right = match error.kind() {
            std::io::ErrorKind::NotFound => {
                "copy it from the shipped kiosk-config, or name its directory with --config"
            }
            std::io::ErrorKind::InvalidData => "save it as UTF-8",
            _ => "make it readable for the user who runs the kiosk",
        };
        ConfigError::whole(path, format!("cannot be read ({error})"), right)
    };
    let length = fs::metadata(path).map_err(cannot)?.len();
    if length > FILE_BYTES_MAX {
        let right = "settings are at most 1 MiB; is it the right file?";
        return Err(ConfigError::whole(path, format!("has {length} bytes"), right));
    }
    Ok(Source { path: path.to_owned(), text: fs::read_to_string(path).map_err(cannot)? })
}

/// All divisions of `divisions/*.toml`. At least one is needed: the town must be among them.
///
/// # Errors
/// The first mistake, with its place.
pub(super) fn divisions(directory: &Path) -> Result<Vec<Division>, ConfigError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        division: Vec<Spanned<Division>>,
    }

    let mut all = Vec::new();
    for source in sources(directory)? {
        let file: File = parse(&source)?;
        for entry in file.division {
            let span = entry.span();
            let division = entry.into_inner();
            if division.name.trim().is_empty() {
                let right = "give the division its name, such as name = \"福集镇\"";
                return Err(source.wrong(span, "this division's name is empty", right));
            }
            if division.valid_until.is_some_and(|last| last < division.valid_from) {
                let wrong = format!("{} ends before it begins", division.code);
                return Err(source.wrong(span, wrong, "valid_until must not be before valid_from"));
            }
            if all.iter().any(|other: &Division| overlap(other, &division)) {
                let wrong = format!("{} has two names at one time", division.code);
                let right = "remove one, or give the older one a valid_until";
                return Err(source.wrong(span, wrong, right));
            }
            all.push(division);
        }
    }
    if all.is_empty() {
        let right = "copy divisions/ from the shipped kiosk-config";
        return Err(ConfigError::whole(directory, "holds no division", right));
    }
    Ok(all)
}

/// Whether one code would have both names on some day.
fn overlap(one: &Division, other: &Division) -> bool {
    let begins_within = |inner: &Division, outer: &Division| {
        outer.valid_from <= inner.valid_from
            && outer.valid_until.is_none_or(|last| inner.valid_from <= last)
    };
    one.code == other.code && (begins_within(one, other) || begins_within(other, one))
}

/// The guides of `guides/*.toml` as `office` shows them, one a file; none when there is no such
/// directory.
///
/// # Errors
/// The first mistake, with its place.
pub(super) fn guides(directory: &Path, office: &Office) -> Result<Vec<Guide>, ConfigError> {
    let empty = |guide: &Guide| {
        if guide.title.trim().is_empty() {
            Some("title")
        } else {
            no_words(&guide.steps).then_some("steps")
        }
    };
    one_a_file(
        directory,
        |guide: &Guide| &guide.id,
        empty,
        |source, guide| {
            let window = guide.window;
            fill(source, guide.texts_mut(), |name| office_says(office, Some(window), name))
        },
    )
}

/// The boards of `boards/*.toml` as `office` shows them, one a file; none when there is no such
/// directory.
///
/// # Errors
/// The first mistake, with its place.
pub(super) fn boards(directory: &Path, office: &Office) -> Result<Vec<Board>, ConfigError> {
    let empty = |board: &Board| {
        if board.title.trim().is_empty() {
            Some("title")
        } else {
            no_words(&board.paragraphs).then_some("paragraphs")
        }
    };
    one_a_file(
        directory,
        |board: &Board| &board.id,
        empty,
        |source, board| fill(source, board.texts_mut(), |name| office_says(office, None, name)),
    )
}

/// What a stand-in in a guide of `window` or on a board stands for.
fn office_says<'a>(office: &'a Office, window: Option<Window>, name: &str) -> Option<&'a str> {
    let text = match (name, window) {
        ("town", _) => &office.town,
        ("county", _) => &office.county,
        ("office", _) => &office.name,
        ("phone", _) => &office.phone,
        ("supervision", _) => &office.supervision,
        ("hotline", _) => &office.hotline,
        ("jobs_window", _) | ("window", Some(Window::Jobs)) => &office.jobs_window,
        ("insurance_window", _) | ("window", Some(Window::Insurance)) => &office.insurance_window,
        ("rights_window", _) | ("window", Some(Window::Rights)) => &office.rights_window,
        _ => return None,
    };
    Some(text)
}

/// Puts in what the settings say.
fn fill<'a, 'b>(
    source: &Source,
    texts: impl Iterator<Item = (&'static str, &'a mut String)>,
    value: impl Fn(&str) -> Option<&'b str>,
) -> Result<(), ConfigError> {
    for (field, text) in texts {
        if let Some(unknown) = guide::stand_ins(text).find(|name| value(name).is_none()) {
            let wrong = format!("{{{unknown}}} in {field} stands for nothing");
            let right = "{town}, {county}, {office}, {phone}, {supervision}, {hotline}, \
                         {jobs_window}, {insurance_window}, {rights_window} are put in from \
                         kiosk.toml, in guides {window}, too";
            return Err(source.wrong(span_of(source, field), wrong, right));
        }
        *text = guide::fill(text, &value);
    }
    Ok(())
}

/// The figures of every region in `policy/*.toml`. A kiosk without any estimates nothing.
///
/// # Errors
/// The first mistake, with its place.
pub(super) fn policies(directory: &Path) -> Result<Vec<Region>, ConfigError> {
    if !directory.exists() {
        return Ok(Vec::new());
    }
    let mut regions: Vec<Region> = Vec::new();
    for source in sources(directory)? {
        let region: Region = parse(&source)?;
        if let Some(wrong) = region.mistake() {
            let right = "amounts and years are above 0, and nothing ends before it begins";
            return Err(source.wrong(span_of(&source, wrong), wrong.to_owned(), right));
        }
        if regions.iter().any(|other| other.code == region.code) {
            let wrong = format!("{} has a file already", region.code);
            return Err(source.wrong(span_of(&source, "code"), wrong, "keep one of the files"));
        }
        regions.push(region);
    }
    Ok(regions)
}

fn no_words(lines: &[String]) -> bool {
    lines.is_empty() || lines.iter().any(|line| line.trim().is_empty())
}

/// Reads files that hold one item each, whose `id` is the file's name. `empty` names a field that
/// must have words and has none; `fill` puts in what the files do not say themselves.
fn one_a_file<T: DeserializeOwned>(
    directory: &Path,
    id: impl Fn(&T) -> &str,
    empty: impl Fn(&T) -> Option<&'static str>,
    fill: impl Fn(&Source, &mut T) -> Result<(), ConfigError>,
) -> Result<Vec<T>, ConfigError> {
    if !directory.exists() {
        return Ok(Vec::new());
    }
    let mut items = Vec::new();
    for source in sources(directory)? {
        let mut item: T = parse(&source)?;
        let stem = source.path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if id(&item) != stem {
            let right = format!("write id = \"{stem}\" or rename the file");
            let wrong = format!("the id {:?} is not the file's name", id(&item));
            return Err(source.wrong(span_of(&source, "id"), wrong, right));
        }
        if let Some(field) = empty(&item) {
            let wrong = format!("{field} has no words, or an empty line");
            return Err(source.wrong(
                span_of(&source, field),
                wrong,
                "write it, or remove the file",
            ));
        }
        fill(&source, &mut item)?;
        items.push(item);
    }
    Ok(items)
}

/// The `.toml` files of `directory`, read, in the order of their names.
pub(super) fn sources(directory: &Path) -> Result<Vec<Source>, ConfigError> {
    let cannot = |error: std::io::Error| {
        let wrong = format!("cannot be read ({error})");
        ConfigError::whole(directory, wrong, "copy it from the shipped kiosk-config")
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    if paths.len() > FILES_MAX {
        let wrong = format!("holds {} files", paths.len());
        let right = format!("leave at most {FILES_MAX} there");
        return Err(ConfigError::whole(directory, wrong, right));
    }
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

pub(super) fn parse<T: DeserializeOwned>(source: &Source) -> Result<T, ConfigError> {
    toml::from_str(&source.text).map_err(|error| source.unreadable(&error, |_, _| None))
}

/// Where the value of a top-level `key` stands.
pub(super) fn span_of(source: &Source, key: &str) -> Range<usize> {
    let table: BTreeMap<String, Spanned<toml::Value>> =
        toml::from_str(&source.text).unwrap_or_default();
    table.get(key).map_or(0..0, Spanned::span)
}
