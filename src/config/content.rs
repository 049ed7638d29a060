//! What the county and the office write for the pages: guides, boards, policies. Files of one
//! directory are taken in the order of their names.

use std::path::Path;

use kiosk_base::{
    config::{
        ConfigError,
        fault::Source,
        files::{parse, read, sources, span_of},
    },
    domain::{
        Board, Guide,
        guide::{self, Online, Window},
    },
};
use serde::de::DeserializeOwned;

use reqwest::Url;

use crate::{
    insurance::{policy::Region, retirement::Rules},
    visit::machine::Office,
};

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
            if let Some(field) = guide.online.as_ref().and_then(mistaken) {
                let right = "网址以 https:// 开头，不超过 200 个字符；source 写明是谁公布的";
                let wrong = format!("online 里的 {field} 不对");
                return Err(source.wrong(span_of(source, "online"), wrong, right));
            }
            fill(source, guide.texts_mut(), |name| office_says(office, Some(window), name))
        },
    )
}

/// What is wrong with the page on which something can be done.
fn mistaken(online: &Online) -> Option<&'static str> {
    const LONGEST: usize = 200;
    let address = Url::parse(&online.url).ok().filter(|url| url.scheme() == "https");
    let sound = address.is_some_and(|url| url.has_host()) && online.url.len() <= LONGEST;
    match (sound, online.source.trim().is_empty()) {
        (false, _) => Some("url"),
        (true, true) => Some("source"),
        (true, false) => None,
    }
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
            let wrong = format!("{field} 里的 {{{unknown}}} 没有对应的内容");
            let right = "能用的有 {town}、{county}、{office}、{phone}、{supervision}、{hotline}、\
                         {jobs_window}、{insurance_window}、{rights_window}，都取自 kiosk.toml；\
                         办事指南里还有 {window}";
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
            let right = "金额和年数要大于 0，终止不能早于起始";
            return Err(source.wrong(span_of(&source, wrong), format!("{wrong} 不对"), right));
        }
        if regions.iter().any(|other| other.code == region.code) {
            let wrong = format!("{} 已经有一个文件", region.code);
            return Err(source.wrong(span_of(&source, "code"), wrong, "请只留一个"));
        }
        regions.push(region);
    }
    Ok(regions)
}

/// The rules on retirement in the file at `path`; none where there is no such file.
///
/// # Errors
/// The first mistake, with its place.
pub(super) fn retirement(path: &Path) -> Result<Rules, ConfigError> {
    // A file that is there and cannot be looked at is told by `read`.
    if matches!(path.try_exists(), Ok(false)) && !path.is_symlink() {
        return Ok(Rules::default());
    }
    let source = read(path)?;
    let rules: Rules = parse(&source)?;
    match rules.mistake() {
        None => Ok(rules),
        Some(wrong) => {
            let right = "每条规则要有出处，终止晚于起始，并且只写一次";
            Err(source.wrong(span_of(&source, wrong), format!("{wrong} 不对"), right))
        }
    }
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
        named(&source, id(&item))?;
        if let Some(field) = empty(&item) {
            let wrong = format!("{field} 没有内容，或者有空行");
            return Err(source.wrong(span_of(&source, field), wrong, "请写上，或者删掉这个文件"));
        }
        fill(&source, &mut item)?;
        items.push(item);
    }
    Ok(items)
}

/// What a file holds has the file's name.
pub(super) fn named(source: &Source, id: &str) -> Result<(), ConfigError> {
    let stem = source.path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if id == stem {
        return Ok(());
    }
    let right = format!("请写 id = \"{stem}\"，或者给文件改名");
    Err(source.wrong(span_of(source, "id"), format!("id {id:?} 和文件名不一样"), right))
}
