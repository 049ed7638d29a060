//! What is counted of the queries for accounts: which reads were asked about, how often each kiosk
//! has asked today and failed, and how often each person was asked about.
//!
//! A failed query counts against the kiosk alone, and of the same number and name only the first ones:
//! the card of one person who is not insured does not close a hall, however often it is laid. Against
//! a person counts what was asked with the right name, and no kiosk can use up more than four fifths of
//! a person's queries, or lock a PIN elsewhere than with itself: so nobody is locked out everywhere by
//! one kiosk.
//!
//! State: in memory, written behind into `county.db`, read from there at the start. Persons stand there
//! under a pseudonym; its key lies in a file of its own, is made anew every day, and the old one is
//! overwritten: who has the disk can try numbers against this day's rows, and against no other's.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use aws_lc_rs::hmac;
use jiff::{SignedDuration, Timestamp, civil::Date};
use kiosk_base::{
    clock::Clock,
    domain::{
        HolderNumber,
        hex::{hex, unhex},
    },
    store::secret,
};
use rusqlite::{Connection, params};
use zeroize::Zeroizing;

use super::{
    CountyError,
    accounts::QueryRules,
    alarms::{AlarmKind, raise},
    core::CoreQuery,
    keeper::{Keeper, Kept},
};

/// Reads remembered at once: 325 kiosks at 60 queries a minute ask 80,000 in four minutes.
const READS: usize = 100_000;
/// People counted in one day: more than a county has visitors.
const PEOPLE: usize = 500_000;
/// Wrong query PINs a day of one person at one kiosk; at all kiosks together twice as many.
const WRONG_PINS: u32 = 6;
/// Failed queries a day under one number and name that count against a kiosk. After these it is known
/// there that nobody is so called.
const SAME_FAILURES: u32 = 3;

/// The counts.
pub(super) struct Counts {
    rules: QueryRules,
    clock: Clock,
    keeper: Keeper,
    key_file: PathBuf,
    reads: Mutex<Reads>,
    today: Mutex<Today>,
    /// What was counted since it was last handed to the keeper: the rows of one query together.
    rows: Mutex<Vec<Row>>,
}

/// A row that changes, as it is now.
enum Row {
    Read { id: String, until: i64, swept: Option<i64> },
    Kiosk { kiosk: Arc<str>, day: Date, queries: u32, failures: u32, outside: u32 },
    Person { person: Person, kiosk: Arc<str>, day: Date, count: OfPerson },
}

/// What is counted of one day.
struct Today {
    day: Date,
    key: hmac::Key,
    kiosks: HashMap<Arc<str>, OfKiosk>,
    people: HashMap<Person, Vec<(Arc<str>, OfPerson)>>,
}

/// A person's pseudonym of the day; or that of a number and a name under which nobody was found, of
/// which the queries are those that failed.
type Person = [u8; 16];

#[derive(Debug, Clone, Default)]
struct OfKiosk {
    queries: u32,
    failures: u32,
    outside: u32,
    hour: i8,
    in_hour: u32,
    raised: HashSet<AlarmKind>,
}

#[derive(Debug, Clone, Copy, Default)]
struct OfPerson {
    queries: u32,
    wrong_pins: u32,
}

impl Counts {
    /// With what was counted before, as far as it is of today.
    pub(super) fn open(
        rules: QueryRules,
        clock: Clock,
        connection: &Connection,
        keeper: Keeper,
        directory: &Path,
    ) -> Result<Self, CountyError> {
        let (now, day) = (clock.now(), clock.today());
        let mut reads = Reads::new(rules.window, now);
        reads.load(connection, now)?;
        let key_file = directory.join("counts.key");
        let today = match read_key(&key_file, day) {
            Some(key) => Today::load(connection, day, key)?,
            None => begin(day, &key_file, &keeper),
        };
        let (reads, today) = (Mutex::new(reads), Mutex::new(today));
        Ok(Self { rules, clock, keeper, key_file, reads, today, rows: Mutex::default() })
    }

    /// Takes note of a read, if it may be asked about.
    pub(super) fn take_read(&self, id: &str, at: Timestamp) -> Result<(), Stale> {
        let now = self.clock.now();
        // Capital letters are no other id.
        let id = id.to_ascii_lowercase();
        let mut reads = lock(&self.reads);
        let swept = reads.sweep <= now;
        let until = reads.take(&id, at, now)?.as_second();
        // Where several seconds are one, the later ends.
        let (until, now) = (until.saturating_add(1), now.as_second());
        self.note(Row::Read { id, until, swept: swept.then_some(now) });
        Ok(())
    }

    /// Counts a query of `kiosk`, if it may put another today.
    pub(super) fn may_ask(&self, kiosk: &Arc<str>) -> bool {
        let wall = self.clock.wall();
        let pattern = self.rules.pattern;
        let mut today = self.today();
        let day = today.day;
        let of = today.kiosks.entry(kiosk.clone()).or_default();
        if of.queries >= self.rules.per_kiosk_per_day
            || of.failures >= self.rules.failures_per_kiosk_per_day
        {
            let OfKiosk { queries, failures, .. } = *of;
            let detail = format!("当天查了 {queries} 次，失败 {failures} 次：当天不再答复");
            self.alarm(kiosk, of, AlarmKind::BudgetSpent, detail);
            return false;
        }
        of.queries += 1;
        if of.hour != wall.hour() {
            (of.hour, of.in_hour) = (wall.hour(), 0);
        }
        of.in_hour += 1;
        if of.in_hour > pattern.per_hour {
            let detail = format!("一小时内查询超过 {} 次", pattern.per_hour);
            self.alarm(kiosk, of, AlarmKind::ManyQueries, detail);
        }
        if pattern.is_closed(wall.hour()) {
            of.outside += 1;
            if of.outside > pattern.outside_per_day {
                let detail = format!("大厅关门时查询 {} 次", of.outside);
                self.alarm(kiosk, of, AlarmKind::OutsideHours, detail);
            }
        }
        self.keep_kiosk(kiosk, day, of);
        true
    }

    /// Takes back that a query of `kiosk` was counted: the person's own limit was spent, and how often
    /// that person comes is not the hall's.
    pub(super) fn give_back(&self, kiosk: &Arc<str>) {
        let mut today = self.today();
        let day = today.day;
        let of = today.kiosks.entry(kiosk.clone()).or_default();
        of.queries = of.queries.saturating_sub(1);
        self.keep_kiosk(kiosk, day, of);
    }

    /// Whether so many queries of `kiosk` under this number and name have failed today that the core
    /// system need not be asked.
    pub(super) fn is_nobody(&self, kiosk: &Arc<str>, query: &CoreQuery) -> bool {
        let today = self.today();
        let counts = today.people.get(&today.named(query));
        let (_, own) = sums(counts.map(Vec::as_slice).unwrap_or_default(), kiosk);
        own.queries >= SAME_FAILURES
    }

    /// Counts a query of `kiosk` under whose number and name nobody was found.
    pub(super) fn found_nobody(&self, kiosk: &Arc<str>, query: &CoreQuery) {
        self.person(
            kiosk,
            |today| today.named(query),
            |_, own| {
                own.queries = own.queries.saturating_add(1);
                true
            },
        );
        self.failed(kiosk);
    }

    /// Counts a query of `kiosk` that failed: nobody of that number and name, or a wrong PIN.
    fn failed(&self, kiosk: &Arc<str>) {
        let mut today = self.today();
        let day = today.day;
        let of = today.kiosks.entry(kiosk.clone()).or_default();
        of.failures = of.failures.saturating_add(1);
        if of.failures > self.rules.pattern.failures_per_day {
            let detail = format!("{} 次查询失败（共 {} 次）", of.failures, of.queries);
            self.alarm(kiosk, of, AlarmKind::ManyFailures, detail);
        }
        self.keep_kiosk(kiosk, day, of);
    }

    /// Counts a query about a person whose name was right, if there may be another today.
    pub(super) fn may_be_asked_about(&self, kiosk: &Arc<str>, number: &HolderNumber) -> bool {
        let limit = self.rules.per_person_per_day;
        self.person(
            kiosk,
            |today| today.person(number),
            |all, own| {
                let may = all.queries < limit && own.queries < limit - limit / 5;
                own.queries = own.queries.saturating_add(u32::from(may));
                may
            },
        )
    }

    /// Whether a PIN of the person may be tried at `kiosk`.
    pub(super) fn may_guess(&self, kiosk: &Arc<str>, number: &HolderNumber) -> bool {
        let today = self.today();
        let counts = today.people.get(&today.person(number));
        let (all, own) = sums(counts.map(Vec::as_slice).unwrap_or_default(), kiosk);
        own.wrong_pins < WRONG_PINS && all.wrong_pins < 2 * WRONG_PINS
    }

    /// Counts a wrong PIN of the person, against the kiosk as well.
    pub(super) fn guessed(&self, kiosk: &Arc<str>, number: &HolderNumber) {
        self.person(
            kiosk,
            |today| today.person(number),
            |_, own| {
                own.wrong_pins = own.wrong_pins.saturating_add(1);
                true
            },
        );
        self.failed(kiosk);
    }

    /// What was counted until now, on its way to the disk.
    pub(super) fn kept(&self) -> Kept {
        // Held until they are in the queue, so that nobody believes kept what another is handing
        // over.
        let mut noted = lock(&self.rows);
        let rows = std::mem::take(&mut *noted);
        self.keeper.keep(move |connection| rows.iter().try_for_each(|row| row.write(connection)))
    }

    fn note(&self, row: Row) {
        lock(&self.rows).push(row);
    }

    /// Changes the count of the person at `kiosk`, who knows also what all kiosks have together;
    /// false when more people came than can be counted.
    fn person(
        &self,
        kiosk: &Arc<str>,
        pseudonym: impl FnOnce(&Today) -> Person,
        change: impl FnOnce(OfPerson, &mut OfPerson) -> bool,
    ) -> bool {
        let mut today = self.today();
        let (day, person) = (today.day, pseudonym(&today));
        if today.people.len() >= PEOPLE && !today.people.contains_key(&person) {
            return false;
        }
        let counts = today.people.entry(person).or_default();
        let (all, mut own) = sums(counts, kiosk);
        let outcome = change(all, &mut own);
        match counts.iter_mut().find(|(name, _)| name == kiosk) {
            Some((_, count)) => *count = own,
            None => counts.push((kiosk.clone(), own)),
        }
        self.note(Row::Person { person, kiosk: kiosk.clone(), day, count: own });
        outcome
    }

    fn alarm(&self, kiosk: &str, of: &mut OfKiosk, kind: AlarmKind, detail: String) {
        if of.raised.insert(kind) {
            raise(&self.keeper, kiosk, kind, &self.clock.wall(), detail);
        }
    }

    fn keep_kiosk(&self, kiosk: &Arc<str>, day: Date, of: &OfKiosk) {
        let OfKiosk { queries, failures, outside, .. } = *of;
        self.note(Row::Kiosk { kiosk: kiosk.clone(), day, queries, failures, outside });
    }

    /// The counts of today; those of another day are gone.
    fn today(&self) -> MutexGuard<'_, Today> {
        let day = self.clock.today();
        let mut today = lock(&self.today);
        if today.day != day {
            // What waits to be written is another day's as well; what is with the keeper already, it
            // writes before it deletes.
            lock(&self.rows).retain(|row| matches!(row, Row::Read { .. }));
            *today = begin(day, &self.key_file, &self.keeper);
        }
        today
    }
}

impl Row {
    fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        match self {
            Self::Read { id, until, swept } => {
                if let Some(now) = swept {
                    connection.execute("DELETE FROM used_read WHERE until < ?1", [now])?;
                }
                let sql = "INSERT OR REPLACE INTO used_read VALUES (?1, ?2)";
                connection.prepare_cached(sql)?.execute(params![id, until])
            }
            Self::Kiosk { kiosk, day, queries, failures, outside } => {
                let sql = "INSERT OR REPLACE INTO kiosk_day VALUES (?1, ?2, ?3, ?4, ?5)";
                let row = params![&**kiosk, day.to_string(), queries, failures, outside];
                connection.prepare_cached(sql)?.execute(row)
            }
            Self::Person { person, kiosk, day, count } => {
                let sql = "INSERT OR REPLACE INTO person_day VALUES (?1, ?2, ?3, ?4, ?5)";
                let OfPerson { queries, wrong_pins } = count;
                let row = params![person, &**kiosk, day.to_string(), queries, wrong_pins];
                connection.prepare_cached(sql)?.execute(row)
            }
        }
        .map(drop)
    }
}

impl Today {
    fn load(connection: &Connection, day: Date, key: hmac::Key) -> rusqlite::Result<Self> {
        let mut today = Self { day, key, kiosks: HashMap::new(), people: HashMap::new() };
        let mut rows = connection
            .prepare("SELECT person, kiosk, queries, wrong_pins FROM person_day WHERE day = ?1")?;
        let mut rows = rows.query([day.to_string()])?;
        while let Some(row) = rows.next()? {
            let count = OfPerson { queries: row.get(2)?, wrong_pins: row.get(3)? };
            let kiosk: Arc<str> = row.get::<_, String>(1)?.into();
            today.people.entry(row.get(0)?).or_default().push((kiosk, count));
        }
        let mut rows = connection
            .prepare("SELECT kiosk, queries, failures, outside FROM kiosk_day WHERE day = ?1")?;
        let mut rows = rows.query([day.to_string()])?;
        while let Some(row) = rows.next()? {
            let (queries, failures, outside) = (row.get(1)?, row.get(2)?, row.get(3)?);
            let of = OfKiosk { queries, failures, outside, ..OfKiosk::default() };
            today.kiosks.insert(row.get::<_, String>(0)?.into(), of);
        }
        Ok(today)
    }

    fn person(&self, number: &HolderNumber) -> Person {
        self.pseudonym(&[number.expose()])
    }

    /// The pseudonym of a number together with the names on its document.
    fn named(&self, query: &CoreQuery) -> Person {
        let CoreQuery { number, name, english_name, .. } = query;
        let english_name = english_name.as_ref().map_or("", |name| name.expose().as_str());
        self.pseudonym(&[number.expose(), name.expose(), english_name])
    }

    fn pseudonym(&self, parts: &[&str]) -> Person {
        let mut whole = hmac::Context::with_key(&self.key);
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                // In no number; so one part alone is never several.
                whole.update(b"\n");
            }
            whole.update(part.as_bytes());
        }
        whole.sign().as_ref()[..16].try_into().expect("32 bytes")
    }
}

/// A day on which nothing was counted yet: with a key of its own, and nothing of other days left.
fn begin(day: Date, key_file: &Path, keeper: &Keeper) -> Today {
    let mut bytes = Zeroizing::new([0; 32]);
    aws_lc_rs::rand::fill(&mut *bytes).expect("the system has a source of randomness");
    let text = Zeroizing::new(format!("{day} {}", hex(&*bytes)));
    if let Err(error) = secret::replace(key_file, text.as_bytes()) {
        tracing::error!(%error, "counts.key: today's counts will not outlive a restart");
    }
    drop(keeper.keep(move |connection| {
        for table in ["person_day", "kiosk_day"] {
            let delete = format!("DELETE FROM {table} WHERE day <> ?1");
            connection.execute(&delete, [day.to_string()])?;
        }
        Ok(())
    }));
    let key = hmac::Key::new(hmac::HMAC_SHA256, &*bytes);
    Today { day, key, kiosks: HashMap::new(), people: HashMap::new() }
}

/// The key in `file`, if it is of `day`.
fn read_key(file: &Path, day: Date) -> Option<hmac::Key> {
    let text = Zeroizing::new(std::fs::read_to_string(file).ok()?);
    let (of, key) = text.split_once(' ')?;
    let key = Zeroizing::new(unhex(key)?);
    let is_whole = of.parse::<Date>().is_ok_and(|of| of == day) && key.len() == 32;
    is_whole.then(|| hmac::Key::new(hmac::HMAC_SHA256, &key))
}

/// Of a person: at all kiosks together, and at `kiosk`.
fn sums(counts: &[(Arc<str>, OfPerson)], kiosk: &Arc<str>) -> (OfPerson, OfPerson) {
    let mut all = OfPerson::default();
    let mut own = OfPerson::default();
    for (name, count) in counts {
        all.queries = all.queries.saturating_add(count.queries);
        all.wrong_pins = all.wrong_pins.saturating_add(count.wrong_pins);
        if name == kiosk {
            own = *count;
        }
    }
    (all, own)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every change above is a single assignment or insertion: what a panic leaves is whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The reads that were asked about, each until its time has left the window.
struct Reads {
    window: SignedDuration,
    /// What was read before this process began may have been answered by one that lost its memory.
    began: Timestamp,
    /// Until when each must be remembered.
    until: HashMap<String, Timestamp>,
    /// When those that need not be remembered any more are next dropped.
    sweep: Timestamp,
}

/// Why a read is not answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stale {
    Replayed,
    OutOfWindow,
    Full,
}

impl Reads {
    fn new(window: Duration, began: Timestamp) -> Self {
        let window = SignedDuration::try_from(window).unwrap_or(SignedDuration::MAX);
        Self { window, began, until: HashMap::new(), sweep: began }
    }

    /// Those of the process before, as far as they can still be asked about.
    fn load(&mut self, connection: &Connection, now: Timestamp) -> rusqlite::Result<()> {
        let mut rows = connection.prepare("SELECT id, until FROM used_read WHERE until >= ?1")?;
        let mut rows = rows.query([now.as_second()])?;
        while let Some(row) = rows.next()? {
            let until = Timestamp::from_second(row.get(1)?).unwrap_or(Timestamp::MAX);
            self.until.insert(row.get(0)?, until);
        }
        Ok(())
    }

    /// Takes note of a read at `now`, if it may be answered; says until when it is remembered.
    fn take(&mut self, id: &str, at: Timestamp, now: Timestamp) -> Result<Timestamp, Stale> {
        if at < self.began || now.duration_since(at).abs() > self.window {
            return Err(Stale::OutOfWindow);
        }
        if now >= self.sweep || self.until.len() >= READS {
            self.until.retain(|_, until| *until >= now);
            self.sweep = now.saturating_add(self.window).unwrap_or(Timestamp::MAX);
        }
        if self.until.contains_key(id) {
            return Err(Stale::Replayed);
        }
        if self.until.len() >= READS {
            return Err(Stale::Full);
        }
        let until = at.saturating_add(self.window).unwrap_or(Timestamp::MAX);
        self.until.insert(id.to_owned(), until);
        Ok(until)
    }
}

#[cfg(test)]
mod tests;
