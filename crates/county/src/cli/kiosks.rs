//! `county kiosks`: every kiosk that was enrolled or ever heard, and what gave alarm on the last day
//! that had any. Keeps no state.

use std::{collections::BTreeMap, io::Write};

use jiff::Timestamp;
use kiosk_base::{
    clock::{self, Clock},
    domain::{Directory, DivisionCode},
    wire::Collection,
};
use serde::Serialize;

use super::{Places, say};
use crate::{
    Feed, Register,
    alarms::AlarmKind,
    heard::Heard,
    register::{Alarm, Enrolled},
    signing::KeyIds,
};

/// A kiosk in the list.
#[derive(Default, Serialize)]
struct Row {
    name: String,
    town: Option<String>,
    town_name: Option<String>,
    /// When its certificate runs out; absent for one that was enrolled before that was kept.
    certificate_ends: Option<Timestamp>,
    /// Since when it is refused.
    revoked: Option<String>,
    /// Absent while it was never heard.
    heard: Option<Heard>,
    /// Whether it believes the key that signs; absent when it does not say.
    believes_key: Option<bool>,
}

pub(super) fn kiosks(places: &Places, json: bool) -> anyhow::Result<()> {
    let site = places.site()?;
    let feed = Feed::open(site.directory())?;
    let key = KeyIds::read(site.directory())?.present;
    // Names of towns are a comfort; without them there are their codes.
    let directory = places.directory().unwrap_or_default();
    let register = Register::open(site.directory())?;
    let rows = rows(register.enrolled()?, feed.heard()?, &key, &directory);
    let alarms = register.alarms(1)?;
    if json {
        let all = serde_json::json!({ "feed_key": key, "kiosks": rows, "alarms": alarms });
        return say(&all.to_string());
    }
    let mut out = std::io::stdout().lock();
    for row in &rows {
        writeln!(out, "{}", words(row))?;
    }
    for Alarm { kiosk, day, kind, detail, .. } in &alarms {
        writeln!(
            out,
            "告警 {day} {kiosk}：{}：{}",
            AlarmKind::in_words(kind),
            detail.escape_debug()
        )?;
    }
    writeln!(out, "共 {} 台终端；信息用密钥 {key} 签名", rows.len())?;
    Ok(out.flush()?)
}

/// Those that are enrolled and those that were heard, by name.
fn rows(enrolled: Vec<Enrolled>, heard: Vec<Heard>, key: &str, directory: &Directory) -> Vec<Row> {
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for Enrolled { kiosk, ends, revoked, division } in enrolled {
        let row = Row { certificate_ends: ends, revoked, town: division, ..Row::default() };
        rows.insert(kiosk, row);
    }
    for heard in heard {
        let row = rows.entry(heard.kiosk.clone()).or_default();
        row.town.clone_from(&heard.town);
        row.believes_key = heard.believes(key);
        row.heard = Some(heard);
    }
    let today = Clock::System.today();
    let named = |town: &Option<String>| {
        let code = DivisionCode::parse(town.as_ref()?).ok()?;
        directory.name(&code, today).map(str::to_owned)
    };
    rows.into_iter().map(|(name, row)| Row { name, town_name: named(&row.town), ..row }).collect()
}

fn words(row: &Row) -> String {
    let Row { name, town, town_name, certificate_ends, revoked, heard, believes_key } = row;
    let minute = |at: Timestamp| clock::wall(at).strftime("%Y-%m-%d %H:%M").to_string();
    let certificate = match (revoked, certificate_ends) {
        (Some(since), _) => {
            format!("已吊销，自 {}", since.parse().map_or(since.clone(), minute))
        }
        (None, Some(ends)) => format!("证书有效到 {}", minute(*ends)),
        (None, None) => "证书的期限没有记录".to_owned(),
    };
    let town = match (town, town_name) {
        (Some(code), Some(name)) => format!("{name} {code}"),
        (Some(code), None) => code.clone(),
        (None, _) => "未写乡镇".to_owned(),
    };
    let Some(heard) = heard else {
        return format!("{name}：{town}；{certificate}；从未收到心跳");
    };
    let Heard { at, version, reader_ready, stops, feed, rows, .. } = heard;
    let reader = if *reader_ready { "读卡器正常" } else { "读卡器不正常" };
    let stops = if stops.is_empty() { "没有停机码".to_owned() } else { stops.join(" ") };
    let key = match believes_key {
        Some(true) => "认这个密钥",
        Some(false) => "不认这个密钥",
        None => "没有说认哪些密钥",
    };
    // Versions and stops come from outside.
    let (version, stops) = (version.escape_debug(), stops.escape_debug());
    format!(
        "{name}：{town}；{certificate}；最近心跳 {}，版本 {version}，{reader}，{stops}；{}；{}；{key}",
        minute(*at),
        counts(rows),
        numbers(feed)
    )
}

/// How many listings a kiosk has.
fn counts(rows: &BTreeMap<String, u64>) -> String {
    let count = |(collection, name): (Collection, &str)| {
        Some(format!("{name} {}", rows.get(collection.as_str())?))
    };
    let names = Collection::ALL.into_iter().zip(["岗位", "培训", "招聘会"]);
    let counts: Vec<String> = names.filter_map(count).collect();
    match counts.is_empty() {
        true => "没有说有多少信息".to_owned(),
        false => format!("终端上有{}", counts.join("、")),
    }
}

/// Up to which number of the feed it has them.
fn numbers(feed: &BTreeMap<String, u64>) -> String {
    match feed.is_empty() {
        true => "还没有取过信息".to_owned(),
        false => {
            let asked = feed.iter().map(|(name, to)| format!("{name} {to}"));
            format!("上次来取时已取到 {}", asked.collect::<Vec<_>>().join("、"))
        }
    }
}
