//! How each kiosk was heard last: what its heartbeat said, and up to which number it has the
//! listings, which its questions for the feed say.
//!
//! State: in memory what was heard since the service started; in `county.db` the table
//! `kiosk_heard`, written behind the answers when something changed and otherwise twice a minute at
//! the most.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use kiosk_base::{
    domain::Stop,
    wire::{Collection, v1::Heartbeat},
};
use rusqlite::{Connection, params};
use serde::Serialize;

use super::{CountyError, Feed, keeper::Keeper, serve::Kiosk};

/// What did not change is written again after this time.
const KEPT_AGAIN: Duration = Duration::from_secs(30);
/// Kiosks of which memory is kept; a county has 325.
const KIOSKS: usize = 10_000;

/// How a kiosk was heard last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Heard {
    /// Its name in the certificate.
    #[serde(skip)]
    pub kiosk: String,
    /// When, in whole seconds of the county's time.
    pub at: Timestamp,
    /// The town in its certificate.
    #[serde(skip)]
    pub town: Option<String>,
    /// Version of its software.
    pub version: String,
    /// Whether its reader works.
    pub reader_ready: bool,
    /// Stop codes that held.
    pub stops: Vec<String>,
    /// Which keys of the feed it believes.
    pub feed_keys: Vec<String>,
    /// Up to which number it had each collection when it asked last.
    pub feed: BTreeMap<String, u64>,
    /// How many of each collection it has, as it says.
    pub rows: BTreeMap<String, u64>,
}

/// What the running service has heard.
pub(super) struct Listening {
    by_kiosk: Mutex<HashMap<Arc<str>, Known>>,
    keeper: Keeper,
}

#[derive(Debug, Default)]
struct Known {
    feed: BTreeMap<String, u64>,
    kept: Option<(Instant, Heard)>,
}

impl Listening {
    /// What is heard is written by `keeper`.
    pub(super) fn new(keeper: Keeper) -> Self {
        Self { by_kiosk: Mutex::default(), keeper }
    }

    /// A kiosk asked for what comes after `since`: so far it has the collection.
    pub(super) fn asked(&self, kiosk: &Kiosk, collection: Collection, since: u64) {
        self.with(kiosk, |known| known.feed.insert(collection.as_str().to_owned(), since));
    }

    /// A heartbeat came. It is kept if it is time, and nobody waits for that.
    pub(super) fn beat(&self, kiosk: &Kiosk, heartbeat: &Heartbeat, now: Timestamp) {
        if let Some(heard) = self.news(kiosk, heartbeat, now) {
            drop(self.keeper.keep(move |connection| keep(connection, &heard)));
        }
    }

    /// What is to be kept of a heartbeat, if anything.
    fn news(&self, kiosk: &Kiosk, heartbeat: &Heartbeat, now: Timestamp) -> Option<Heard> {
        let Heartbeat { version, reader_ready, stops, feed_keys, rows, .. } = heartbeat;
        let town = Some(kiosk.audience.as_str()).filter(|town| *town != "-");
        self.with(kiosk, |known| {
            let heard = Heard {
                kiosk: kiosk.name.to_string(),
                at: Timestamp::from_second(now.as_second()).unwrap_or(now),
                town: town.map(str::to_owned),
                version: version.clone(),
                reader_ready: *reader_ready,
                stops: stops.clone(),
                feed_keys: feed_keys.clone(),
                feed: known.feed.clone(),
                rows: rows.clone(),
            };
            let same = |kept: &Heard| Heard { at: heard.at, ..kept.clone() } == heard;
            if let Some((at, kept)) = &known.kept
                && at.elapsed() < KEPT_AGAIN
                && same(kept)
            {
                return None;
            }
            if heard.refuses_the_feed()
                && known.kept.as_ref().is_none_or(|(_, kept)| !kept.refuses_the_feed())
            {
                tracing::error!(
                    kiosk = %kiosk.name, ?stops, keys = ?feed_keys,
                    "this kiosk refuses the listings it was sent"
                );
            }
            known.kept = Some((Instant::now(), heard.clone()));
            Some(heard)
        })
    }

    fn with<T>(&self, kiosk: &Kiosk, act: impl FnOnce(&mut Known) -> T) -> T {
        let mut all = self.by_kiosk.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KIOSKS && !all.contains_key(&kiosk.name) {
            // They are heard again within a minute.
            all.clear();
        }
        act(all.entry(kiosk.name.clone()).or_default())
    }
}

impl Heard {
    /// Whether it says that it does not believe, or not understand, the pages it was sent.
    pub fn refuses_the_feed(&self) -> bool {
        let refusals = [Stop::FeedForged.code(), Stop::FeedDisorder.code()];
        self.stops.iter().any(|stop| refusals.contains(&stop.as_str()))
    }

    /// Whether it believes pages that the key of this id has signed; `None` for an older version,
    /// which does not say.
    pub fn believes(&self, key: &str) -> Option<bool> {
        let keys = &self.feed_keys;
        (!keys.is_empty()).then(|| keys.iter().any(|known| known == key))
    }
}

/// Writes how a kiosk was heard. One that has not asked for listings since the service started has
/// what it had.
fn keep(connection: &Connection, heard: &Heard) -> rusqlite::Result<()> {
    let Heard { kiosk, at, town, version, reader_ready, stops, feed_keys, feed, rows } = heard;
    let numbers = |of: &BTreeMap<String, u64>| serde_json::to_string(of).unwrap_or_default();
    let (feed, rows) = (numbers(feed), numbers(rows));
    let (stops, feed_keys) = (stops.join(" "), feed_keys.join(" "));
    connection
        .prepare_cached(
            "INSERT INTO kiosk_heard
                 (kiosk, at, division, version, reader_ready, stops, feed_keys, feed, rows)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (kiosk) DO UPDATE SET at = ?2, division = ?3, version = ?4,
             reader_ready = ?5, stops = ?6, feed_keys = ?7, rows = ?9,
             feed = CASE WHEN ?8 = '{}' THEN feed ELSE ?8 END",
        )?
        .execute(params![
            kiosk,
            at.as_second(),
            town,
            version,
            reader_ready,
            stops,
            feed_keys,
            feed,
            rows
        ])
        .map(drop)
}

impl Feed {
    /// How every kiosk was heard last, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub fn heard(&self) -> Result<Vec<Heard>, CountyError> {
        let connection = self.lock();
        let mut select = connection.prepare(
            "SELECT kiosk, at, division, version, reader_ready, stops, feed_keys, feed, rows
             FROM kiosk_heard ORDER BY kiosk",
        )?;
        let words = |text: String| text.split_whitespace().map(str::to_owned).collect();
        let numbers = |text: String| serde_json::from_str(&text).unwrap_or_default();
        let rows = select.query_map([], |row| {
            Ok(Heard {
                kiosk: row.get(0)?,
                at: Timestamp::from_second(row.get(1)?).unwrap_or(Timestamp::UNIX_EPOCH),
                town: row.get(2)?,
                version: row.get(3)?,
                reader_ready: row.get(4)?,
                stops: words(row.get(5)?),
                feed_keys: words(row.get(6)?),
                feed: numbers(row.get(7)?),
                rows: numbers(row.get(8)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use kiosk_base::{domain::DivisionCode, wire::Audience};

    use super::*;

    #[tokio::test]
    async fn what_changed_is_kept_at_once_and_the_rest_now_and_then() {
        let home = tempfile::tempdir().expect("a directory");
        let feed = Feed::open(home.path()).expect("opened");
        let keeper = Keeper::start(home.path()).expect("started");
        let town = DivisionCode::parse("510599100").expect("a town");
        let audience = Arc::new(Audience::of(Some(&town)));
        let kiosk = Kiosk { audience, ..Kiosk::of_test("one") };
        let beat = |stops: &[&str]| Heartbeat {
            version: "0.1.0".into(),
            uptime_s: 1,
            reader_ready: true,
            stops: stops.iter().map(|&stop| stop.to_owned()).collect(),
            feed_keys: vec!["0011223344556677".into()],
            ..Heartbeat::default()
        };
        let now: Timestamp = "2026-11-29T01:00:00Z".parse().expect("a moment");
        let listening = Listening::new(keeper.clone());
        let first = listening.news(&kiosk, &beat(&[]), now).expect("heard for the first time");
        assert_eq!(listening.news(&kiosk, &beat(&[]), now), None);
        listening.asked(&kiosk, Collection::Postings, 7);
        let second = listening.news(&kiosk, &beat(&[]), now).expect("it has more");
        let third = listening.news(&kiosk, &beat(&["L12"]), now).expect("it has a stop");
        assert!(third.refuses_the_feed() && !second.refuses_the_feed());
        assert_eq!(first.believes("0011223344556677"), Some(true));
        assert_eq!(Heard { feed_keys: Vec::new(), ..first.clone() }.believes("x"), None);
        let kept = async |heard: &Heard| {
            let heard = heard.clone();
            keeper.keep(move |connection| keep(connection, &heard)).written().await;
            feed.heard().expect("read")
        };
        for heard in [&first, &second, &third] {
            assert_eq!(kept(heard).await, std::slice::from_ref(heard));
        }
        // After a restart a kiosk has what it had until it asks again.
        assert_eq!(kept(&first).await, [Heard { feed: third.feed, ..first }]);
        listening.beat(&kiosk, &beat(&["R01"]), now);
        keeper.keep(|_| Ok(())).written().await;
        assert_eq!(feed.heard().expect("read")[0].stops, ["R01"]);
    }
}
