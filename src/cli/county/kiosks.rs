//! `county kiosks`: every kiosk that was ever heard. Keeps no state.

use std::{collections::BTreeMap, io::Write};

use serde::Serialize;

use super::{Places, say};
use crate::{
    clock::{self, Clock},
    county::{Feed, heard::Heard, signing::KeyIds},
    domain::{Directory, DivisionCode},
};

/// A kiosk in the list.
#[derive(Serialize)]
struct Row {
    name: String,
    town: Option<String>,
    town_name: Option<String>,
    heard: Heard,
    /// Whether it believes the key that signs; absent when it does not say.
    believes_key: Option<bool>,
}

pub(super) fn kiosks(places: &Places, json: bool) -> anyhow::Result<()> {
    let site = places.site()?;
    let feed = Feed::open(site.directory())?;
    let key = KeyIds::read(site.directory())?.present;
    // Names of towns are a comfort; without them there are their codes.
    let directory = places.directory().unwrap_or_default();
    let rows: Vec<_> =
        feed.heard()?.into_iter().map(|heard| row(heard, &key, &directory)).collect();
    if json {
        return say(&serde_json::json!({ "feed_key": key, "kiosks": rows }).to_string());
    }
    let mut out = std::io::stdout().lock();
    for row in &rows {
        writeln!(out, "{}", words(row))?;
    }
    writeln!(out, "{} kiosks; the listings are signed with {key}", rows.len())?;
    Ok(out.flush()?)
}

fn row(heard: Heard, key: &str, directory: &Directory) -> Row {
    let town = heard.town.clone();
    let code = town.as_ref().and_then(|town| DivisionCode::parse(town).ok());
    let name =
        code.and_then(|code| directory.name(&code, Clock::System.today()).map(str::to_owned));
    Row {
        name: heard.kiosk.clone(),
        town,
        town_name: name,
        believes_key: heard.believes(key),
        heard,
    }
}

fn words(row: &Row) -> String {
    let Row { name, town, town_name, heard, believes_key } = row;
    let Heard { at, version, reader_ready, stops, feed, .. } = heard;
    let town = match (town, town_name) {
        (Some(code), Some(name)) => format!("{name} {code}"),
        (Some(code), None) => code.clone(),
        (None, _) => "no town".to_owned(),
    };
    let heard = clock::wall(*at).strftime("%Y-%m-%d %H:%M");
    let reader = if *reader_ready { "reader ready" } else { "reader not ready" };
    let stops = if stops.is_empty() { "no stops".to_owned() } else { stops.join(" ") };
    let key = match believes_key {
        Some(true) => "believes the key",
        Some(false) => "does NOT believe the key",
        None => "does not say which keys it believes",
    };
    // A version comes from outside.
    let version = version.escape_debug();
    format!(
        "{name}: {town}; heard {heard}, version {version}, {reader}, {stops}; has {}; {key}",
        numbers(feed)
    )
}

fn numbers(feed: &BTreeMap<String, u64>) -> String {
    match feed.is_empty() {
        true => "no listings".to_owned(),
        false => {
            feed.iter().map(|(name, to)| format!("{name} {to}")).collect::<Vec<_>>().join(", ")
        }
    }
}
