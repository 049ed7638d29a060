//! Which security modules each kiosk has announced. A query names the module that read the document,
//! and it must be one of these: so a query that claims a reader which the kiosk does not have is
//! refused, and a reader that was changed is seen here before it is used. Only for a social security
//! card, which no module reads, a kiosk that has announced any may name none.
//!
//! A kiosk that has never announced any, since its software is older, announces with its first
//! query. A new module goes on at once: the office that changed it wants to work; that it was
//! changed stands in the log and among the alarms.
//!
//! State: the modules, in memory and in `county.db`.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{Zoned, civil::Date};
use rusqlite::Connection;

use super::{
    alarms::{AlarmKind, raise},
    keeper::Keeper,
};

/// Modules of one kiosk that are remembered; the oldest is forgotten.
const REMEMBERED: usize = 16;
/// New modules of one kiosk in a day; more are not taken.
const NEW_PER_DAY: usize = 4;

/// The modules of all kiosks.
pub(super) struct Readers {
    keeper: Keeper,
    by_kiosk: Mutex<HashMap<Arc<str>, Own>>,
}

/// The modules of one kiosk.
#[derive(Default)]
struct Own {
    /// In the order in which they were announced, with the day.
    modules: Vec<(String, Date)>,
    /// The day on which it last announced more than are taken.
    too_many: Option<Date>,
}

impl Own {
    fn has(&self, module: &str) -> bool {
        self.modules.iter().any(|(id, _)| id == module)
    }
}

impl Readers {
    /// With what `connection` holds.
    pub(super) fn load(connection: &Connection, keeper: Keeper) -> rusqlite::Result<Self> {
        let mut by_kiosk = HashMap::<Arc<str>, Own>::new();
        let mut rows = connection
            .prepare("SELECT kiosk, module, since FROM kiosk_module ORDER BY since, rowid")?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            let (kiosk, day): (String, String) = (row.get(0)?, row.get(2)?);
            let day = day.parse().unwrap_or(Date::MIN);
            let own = by_kiosk.entry(kiosk.into()).or_default();
            own.modules.push((row.get(1)?, day));
        }
        Ok(Self { keeper, by_kiosk: Mutex::new(by_kiosk) })
    }

    /// Takes note of the modules that `kiosk` has.
    pub(super) fn announce(&self, kiosk: &Arc<str>, modules: &[String], now: &Zoned) {
        for module in modules {
            self.announce_one(kiosk, module, now);
        }
    }

    /// Whether `kiosk` has announced any module.
    pub(super) fn knows_any(&self, kiosk: &Arc<str>) -> bool {
        self.by_kiosk.lock().unwrap_or_else(PoisonError::into_inner).contains_key(kiosk)
    }

    /// Whether `kiosk` has announced `module`.
    pub(super) fn knows(&self, kiosk: &Arc<str>, module: &str, now: &Zoned) -> bool {
        let has_any = {
            let all = self.by_kiosk.lock().unwrap_or_else(PoisonError::into_inner);
            match all.get(kiosk) {
                Some(own) if own.has(module) => return true,
                own => own.is_some(),
            }
        };
        if has_any {
            return false;
        }
        self.announce_one(kiosk, module, now);
        true
    }

    fn announce_one(&self, kiosk: &Arc<str>, module: &str, now: &Zoned) {
        let mut all = self.by_kiosk.lock().unwrap_or_else(PoisonError::into_inner);
        // As nearly always.
        if all.get(kiosk).is_some_and(|own| own.has(module)) {
            return;
        }
        let theirs = all.iter().find(|(other, own)| *other != kiosk && own.has(module));
        let theirs = theirs.map(|(other, _)| other.clone());
        let today = now.date();
        let Own { modules: own, too_many } = all.entry(kiosk.clone()).or_default();
        let alarm = |kind, detail: String| raise(&self.keeper, kiosk, kind, now, detail);
        if own.iter().filter(|(_, day)| *day == today).count() >= NEW_PER_DAY {
            if too_many.replace(today) != Some(today) {
                alarm(AlarmKind::ManyReaders, format!("没有采用模块 {module}"));
            }
            return;
        }
        match own.last() {
            None => tracing::info!(%kiosk, module, "first module announced"),
            Some((last, _)) => {
                alarm(AlarmKind::NewReader, format!("模块从 {last} 换成 {module}"));
            }
        }
        if let Some(other) = theirs {
            alarm(AlarmKind::ReaderOfAnother, format!("模块 {module} 是 {other} 用过的"));
        }
        let gone = (own.len() == REMEMBERED).then(|| own.remove(0).0);
        own.push((module.to_owned(), today));
        let (kiosk, module) = (kiosk.to_string(), module.to_owned());
        drop(self.keeper.keep(move |connection| {
            let delete = "DELETE FROM kiosk_module WHERE kiosk = ?1 AND module = ?2";
            connection.execute(delete, (&kiosk, gone))?;
            let insert = "INSERT OR IGNORE INTO kiosk_module VALUES (?1, ?2, ?3)";
            connection.execute(insert, [&kiosk, &module, &today.to_string()]).map(drop)
        }));
    }
}

#[cfg(test)]
mod tests {
    use kiosk_base::clock::Clock;

    use super::*;
    use crate::database;

    #[tokio::test]
    async fn a_reader_is_announced_once_and_a_new_one_is_seen() {
        let home = tempfile::tempdir().expect("a directory");
        let connection = database::open(home.path()).expect("opened");
        let keeper = Keeper::start(home.path()).expect("started");
        let readers = Readers::load(&connection, keeper.clone()).expect("loaded");
        let now = Clock::Fixed("2026-11-20T01:00:00Z".parse().expect("a moment")).wall();
        let (hall, other): (Arc<str>, Arc<str>) = ("hall".into(), "other".into());
        let ids: Vec<String> = (0..6).map(|n| format!("05.03-{n}")).collect();

        assert!(readers.knows(&hall, &ids[0], &now), "its first query announces");
        assert!(!readers.knows(&hall, &ids[1], &now), "no other one then");
        readers.announce(&hall, &ids[..2], &now);
        assert!(readers.knows(&hall, &ids[1], &now) && readers.knows(&hall, &ids[0], &now));
        readers.announce(&hall, &ids[2..], &now);
        assert!(readers.knows(&hall, &ids[3], &now) && !readers.knows(&hall, &ids[4], &now));
        readers.announce(&other, &ids[..1], &now);
        keeper.keep(|_| Ok(())).written().await;

        let mut kinds = connection
            .prepare("SELECT kiosk || ' ' || kind FROM kiosk_alarm ORDER BY 1")
            .expect("a table");
        let kinds: Result<Vec<String>, _> =
            kinds.query_map([], |row| row.get(0)).expect("rows").collect();
        assert_eq!(
            kinds.expect("texts"),
            ["hall many_readers", "hall new_reader", "other reader_of_another"]
        );
        // Those that are not taken come with every heartbeat, and give alarm once a day.
        connection.execute("DELETE FROM kiosk_alarm", []).expect("deleted");
        readers.announce(&hall, &ids, &now);
        keeper.keep(|_| Ok(())).written().await;
        let raised = "SELECT count(*) FROM kiosk_alarm";
        let raised: i64 = connection.query_row(raised, [], |row| row.get(0)).expect("a count");
        assert_eq!(raised, 0);
        let again = Readers::load(&connection, keeper).expect("loaded");
        assert!(again.knows(&hall, &ids[3], &now) && !again.knows(&hall, &ids[4], &now));
    }
}
