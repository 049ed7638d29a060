use jiff::ToSpan;
use kiosk_base::domain::{DocumentFacts, DocumentKind};
use tempfile::TempDir;

use super::*;
use crate::{Feed, alarms::HallPattern, database, register::Register};

fn noon() -> Timestamp {
    "2026-11-23T04:00:00Z".parse().expect("a moment")
}

fn after(seconds: i64) -> Timestamp {
    noon().checked_add(seconds.seconds()).expect("a time")
}

fn id(n: usize) -> String {
    format!("{n:032x}")
}

fn reads(began: Timestamp) -> Reads {
    Reads::new(Duration::from_secs(120), began)
}

#[test]
fn a_read_is_answered_once_and_only_near_its_time() {
    let mut reads = reads(after(-3_600));
    let mut take = |n, at, now| reads.take(&id(n), at, now).map(drop);
    assert_eq!(take(0xa, noon(), noon()), Ok(()));
    assert_eq!(take(0xa, noon(), noon()), Err(Stale::Replayed));
    assert_eq!(take(0xa, noon(), after(120)), Err(Stale::Replayed));
    assert_eq!(take(0xa, noon(), after(121)), Err(Stale::OutOfWindow));
    assert_eq!(take(2, after(120), noon()), Ok(()), "its clock is fast");
    assert_eq!(take(3, after(121), noon()), Err(Stale::OutOfWindow));
    // It must be remembered for as long as it could be answered.
    assert_eq!(take(2, after(120), after(240)), Err(Stale::Replayed));
    assert_eq!(take(4, after(400), after(400)), Ok(()));
    assert_eq!(reads.until.len(), 1, "what cannot be answered is forgotten");
}

#[test]
fn what_was_read_before_the_service_began_may_have_been_answered_before() {
    let mut reads = reads(noon());
    assert_eq!(reads.take(&id(1), after(-1), noon()), Err(Stale::OutOfWindow));
    assert!(reads.take(&id(1), noon(), noon()).is_ok());
}

#[test]
fn more_reads_than_can_be_remembered_are_not_answered() {
    let mut reads = reads(noon());
    for n in 0..READS {
        assert!(reads.take(&id(n), noon(), noon()).is_ok());
    }
    assert_eq!(reads.take(&id(READS), noon(), noon()), Err(Stale::Full));
    assert!(reads.take(&id(READS), after(121), after(121)).is_ok());
}

/// A county's counts, which can be opened again as after a restart.
struct County(TempDir);

impl County {
    fn new() -> Self {
        let home = tempfile::tempdir().expect("a directory");
        drop(Feed::open(home.path()).expect("made"));
        Self(home)
    }

    fn open(&self, rules: QueryRules, now: Timestamp) -> Counts {
        let connection = database::open(self.0.path()).expect("opened");
        let keeper = Keeper::start(self.0.path()).expect("started");
        Counts::open(rules, Clock::Fixed(now), &connection, keeper, self.0.path()).expect("loaded")
    }

    fn alarms(&self) -> Vec<(String, String)> {
        let register = Register::open(self.0.path()).expect("opened");
        let alarms = register.alarms(7).expect("read");
        alarms.into_iter().map(|alarm| (alarm.kiosk, alarm.kind)).collect()
    }
}

fn names() -> (Arc<str>, Arc<str>) {
    ("hall".into(), "other".into())
}

fn people() -> (HolderNumber, HolderNumber) {
    let number = |text| HolderNumber::parse(text).expect("valid");
    (number("510599198507150012"), number("51059919610320058X"))
}

#[tokio::test]
async fn no_kiosk_uses_up_a_persons_day_or_locks_a_pin_elsewhere() {
    let county = County::new();
    let counts = county.open(QueryRules { per_person_per_day: 10, ..Default::default() }, noon());
    let ((hall, other), (one, two)) = (names(), people());
    let asked = |kiosk| (0..20).filter(|_| counts.may_be_asked_about(kiosk, &one)).count();
    assert_eq!((asked(&hall), asked(&other)), (8, 2));
    assert!(counts.may_be_asked_about(&hall, &two), "another person");
    for _ in 0..WRONG_PINS {
        assert!(counts.may_guess(&hall, &one));
        counts.guessed(&hall, &one);
    }
    assert!(!counts.may_guess(&hall, &one) && counts.may_guess(&other, &one));
    for _ in 0..WRONG_PINS {
        counts.guessed(&other, &one);
    }
    assert!(!counts.may_guess(&"third".into(), &one), "enough is enough");
    assert!(counts.may_guess(&hall, &two));
}

#[tokio::test]
async fn a_kiosk_has_so_many_queries_and_failures_a_day() {
    let county = County::new();
    let rules =
        QueryRules { per_kiosk_per_day: 3, failures_per_kiosk_per_day: 2, ..QueryRules::default() };
    let counts = county.open(rules.clone(), noon());
    let (hall, other) = names();
    assert_eq!((0..9).filter(|_| counts.may_ask(&hall)).count(), 3);
    assert!(counts.may_ask(&other), "each kiosk has its own");
    counts.failed(&other);
    counts.failed(&other);
    assert!(!counts.may_ask(&other));
    counts.kept().written().await;
    let budget = |kiosk: &str| (kiosk.to_owned(), "budget_spent".to_owned());
    assert_eq!(county.alarms(), [budget("hall"), budget("other")], "once each");
    let tomorrow = county.open(rules, after(86_400));
    assert!(tomorrow.may_ask(&hall) && tomorrow.may_ask(&other));
}

#[tokio::test]
async fn what_is_not_as_in_a_hall_gives_alarm() {
    let pattern =
        HallPattern { per_hour: 5, failures_per_day: 3, outside_per_day: 2, opens: 8, closes: 18 };
    let rules = QueryRules { pattern, ..QueryRules::default() };
    let (hall, other) = names();
    let kinds = async |queries: usize, failures: usize, now| {
        let county = County::new();
        let counts = county.open(rules.clone(), now);
        for _ in 0..queries {
            assert!(counts.may_ask(&hall) && counts.may_ask(&other));
        }
        for _ in 0..failures {
            counts.failed(&hall);
        }
        counts.kept().written().await;
        county
            .alarms()
            .into_iter()
            .map(|(kiosk, kind)| format!("{kiosk} {kind}"))
            .collect::<Vec<_>>()
    };
    assert!(kinds(5, 3, noon()).await.is_empty(), "a hall's day");
    assert_eq!(kinds(6, 0, noon()).await, ["hall many_queries", "other many_queries"]);
    assert_eq!(kinds(5, 4, noon()).await, ["hall many_failures"]);
    // Eight in the evening.
    let evening = after(8 * 3_600);
    assert!(kinds(2, 0, evening).await.is_empty());
    assert_eq!(kinds(3, 0, evening).await, ["hall outside_hours", "other outside_hours"]);
}

#[tokio::test]
async fn counts_outlive_the_service_and_not_the_day() {
    let county = County::new();
    let rules = QueryRules { per_person_per_day: 5, per_kiosk_per_day: 7, ..Default::default() };
    let ((hall, _), (one, two)) = (names(), people());
    let counts = county.open(rules.clone(), noon());
    assert_eq!(counts.take_read(&id(0xab), after(60)), Ok(()));
    assert!((0..3).all(|_| counts.may_ask(&hall) && counts.may_be_asked_about(&hall, &one)));
    (0..WRONG_PINS).for_each(|_| counts.guessed(&hall, &two));
    counts.kept().written().await;
    drop(counts);

    let counts = county.open(rules.clone(), after(30));
    let again = id(0xab).to_uppercase();
    assert_eq!(counts.take_read(&again, after(60)), Err(Stale::Replayed));
    assert_eq!(counts.take_read(&id(0xac), after(60)), Ok(()));
    assert_eq!((0..9).filter(|_| counts.may_ask(&hall)).count(), 4);
    assert_eq!((0..9).filter(|_| counts.may_be_asked_about(&hall, &one)).count(), 1);
    assert!(!counts.may_guess(&hall, &two) && counts.may_guess(&hall, &one));
    counts.kept().written().await;
    drop(counts);

    // Without the key of the day the rows are nobody's.
    let key = |county: &County| std::fs::read(county.0.path().join("counts.key")).expect("a key");
    let of_today = key(&county);
    let counts = county.open(rules, after(86_400));
    assert!(counts.may_guess(&hall, &two) && counts.may_ask(&hall));
    assert_ne!(key(&county), of_today);
    counts.kept().written().await;
    let rows: i64 = database::open(county.0.path())
        .expect("opened")
        .query_row("SELECT count(*) FROM person_day", [], |row| row.get(0))
        .expect("a table");
    assert_eq!(rows, 0, "yesterday's are gone");
}

#[tokio::test]
async fn what_waits_to_be_written_at_midnight_is_not_of_the_new_day() {
    let county = County::new();
    let ((hall, other), (one, _)) = (names(), people());
    let mut counts = county.open(QueryRules::default(), noon());
    assert!(counts.may_ask(&other) && counts.may_be_asked_about(&hall, &one));
    counts.clock = Clock::Fixed(after(86_400));
    assert!(counts.may_ask(&hall));
    assert!(counts.may_be_asked_about(&hall, &one));
    counts.kept().written().await;
    let connection = database::open(county.0.path()).expect("opened");
    for table in ["kiosk_day", "person_day"] {
        let sql = format!("SELECT kiosk || ' ' || day FROM {table}");
        let mut rows = connection.prepare(&sql).expect("a table");
        let rows: Result<Vec<String>, _> =
            rows.query_map([], |row| row.get(0)).expect("rows").collect();
        assert_eq!(rows.expect("texts"), ["hall 2026-11-24"], "{table}");
    }
}

#[tokio::test]
async fn of_one_number_and_name_three_failures_count() {
    let county = County::new();
    let rules = QueryRules { failures_per_kiosk_per_day: 4, ..QueryRules::default() };
    let (hall, other) = names();
    let query = |name: &str| CoreQuery {
        number: people().0,
        name: name.into(),
        english_name: None,
        document: DocumentFacts {
            kind: DocumentKind::ResidentIdCard,
            valid_until: None,
            issue_count: None,
        },
    };
    let counts = county.open(rules.clone(), noon());
    let of_one = || {
        (0..9).filter(|_| {
            let asks = !counts.is_nobody(&hall, &query("测试丁"));
            if asks {
                counts.found_nobody(&hall, &query("测试丁"));
            }
            asks
        })
    };
    assert_eq!(of_one().count(), 3);
    assert!(counts.may_ask(&hall) && !counts.is_nobody(&other, &query("测试丁")));
    assert!(!counts.is_nobody(&hall, &query("测试甲")), "the person's own name");
    counts.kept().written().await;
    drop(counts);
    let counts = county.open(rules.clone(), after(30));
    assert!(counts.is_nobody(&hall, &query("测试丁")), "also after a restart");
    counts.found_nobody(&hall, &query("测试甲"));
    assert!(!counts.may_ask(&hall), "four have failed");
    drop(counts);
    assert!(!county.open(rules, after(86_400)).is_nobody(&hall, &query("测试丁")));
}
