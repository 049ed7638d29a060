//! What the staff's pages ask for: the PIN is checked and the machine looked at by workers that may
//! take their time.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use rusqlite::Connection;
use tokio::runtime::Handle;

use super::{MaybeClient, Outlet, health::Health, recorder::Recorder};
use crate::{
    audit::{self, Broken, Kind, Sound},
    clock::Clock,
    config::Settings,
    domain::{Sensitive, Stop},
    link::{FeedKeys, LinkError, LinkSettings},
    listings::town,
    staff::{
        pin::PinLock,
        readiness::{Probes, ReadinessSettings, check_all, file_words},
    },
    store::{self, Ledger, StoreError},
    visit::{Event, Ticket, staff::CheckRow},
};

/// The font is part of the program: it can be named, it cannot be missing.
pub(crate) const FONT: &str = "程序内带 Noto Sans SC（常规、粗体）";

/// Whether every page of the ledger is one, and what the town keeps in it can be read.
fn is_whole(ledger: &Connection) -> Result<(), StoreError> {
    store::examine(ledger)?;
    town::each_own(ledger, |_| Ok(()))?;
    town::marks(ledger).map(drop)
}

/// Examines the ledger in `data` and verifies the audit chain in it, with the county's keys as
/// `link` names them, and says what was found.
///
/// # Errors
/// The stop, and what is wrong in words for the staff.
pub(crate) fn audited(data: &Path, link: &LinkSettings) -> Result<String, (Stop, String)> {
    if !data.join("ledger.db").exists() && !data.join(audit::witness::FILE).exists() {
        return Ok("还没有审计记录，第一次运行时自动建立".to_owned());
    }
    let unreadable = |error: StoreError| match error.stop {
        Stop::StoreDamaged => {
            (Stop::LedgerDamaged, format!("本机账本 ledger.db 损坏（{}）", error.detail))
        }
        stop => (stop, Broken::Unreadable(error).to_string()),
    };
    let ledger = Ledger::read_only(data).map_err(unreadable)?;
    is_whole(&ledger).map_err(unreadable)?;
    let keys =
        FeedKeys::read(&link.feed_key).map_err(|fault| (Stop::ConfigWrong, file_words(&fault)))?;
    let is_signed = |message: &[u8], signature: &[u8]| keys.signed(message, signature);
    match audit::verify(&ledger, data, &is_signed) {
        Ok(Sound { rows, countersigned: Some(row) }) => {
            Ok(format!("审计记录完整，共 {rows} 条，县中心已签到第 {row} 条"))
        }
        Ok(Sound { rows, countersigned: None }) => {
            Ok(format!("审计记录完整，共 {rows} 条，县中心还没有签过"))
        }
        Err(Broken::Unreadable(error)) => Err(unreadable(error)),
        Err(broken) => Err((Stop::AuditBroken, broken.to_string())),
    }
}

/// The staff's office.
pub(super) struct Office {
    lock: Arc<Mutex<PinLock>>,
    readiness: ReadinessSettings,
    clock: Clock,
    client: MaybeClient,
    health: Health,
    recorder: Recorder,
    runtime: Handle,
}

impl Office {
    pub(super) fn new(
        settings: &Settings,
        clock: Clock,
        client: MaybeClient,
        health: Health,
        recorder: Recorder,
        runtime: Handle,
    ) -> Self {
        let lock = PinLock::open(settings.staff.clone(), Instant::now());
        let readiness = settings.readiness(FONT);
        Self {
            lock: Arc::new(Mutex::new(lock)),
            readiness,
            clock,
            client,
            health,
            recorder,
            runtime,
        }
    }

    /// Checks a PIN: argon2 takes its time on purpose.
    pub(super) fn check_pin(&self, ticket: Ticket, pin: Sensitive<String>, outlet: &Outlet) {
        let (lock, outlet, recorder) = (self.lock.clone(), outlet.clone(), self.recorder.clone());
        self.runtime.spawn_blocking(move || {
            let mut lock = lock.lock().unwrap_or_else(PoisonError::into_inner);
            let answer = lock
                .check(pin.expose(), Instant::now())
                .map_err(|refusal| (refusal.stop(), refusal.wait_seconds()));
            match &answer {
                Ok(()) => recorder.note(Kind::StaffEntered, None, None),
                Err((stop, _)) => recorder.note(Kind::StaffRefused, None, Some(*stop)),
            };
            outlet.send(Event::Pin { ticket, answer });
        });
    }

    /// Makes the readiness report.
    pub(super) fn check_machine(&self, ticket: Ticket, outlet: &Outlet) {
        let (readiness, clock) = (self.readiness.clone(), self.clock.clone());
        let health = self.health.clone();
        let (client, runtime, outlet) = (self.client.clone(), self.runtime.clone(), outlet.clone());
        self.runtime.spawn_blocking(move || {
            let county = || {
                let error = |stop| LinkError { stop, detail: "no client".into() };
                let client = client.clone().map_err(error)?;
                runtime.block_on(client.heartbeat(&health.heartbeat(clock.today())))
            };
            let reader = || health.reader();
            let slot = || health.slot();
            let printer = || health.printer();
            let audit = || match health.audit_is_refused() {
                // Here the chain may be whole: an older one, or another.
                true => Err((Stop::AuditBroken, "县中心不认本机的审计记录".to_owned())),
                false => audited(&readiness.data, &readiness.link),
            };
            let probes = Probes {
                county: Some(&county),
                reader: Some(&reader),
                slot: Some(&slot),
                printer: Some(&printer),
                audit: Some(&audit),
                ..Probes::default()
            };
            let report = check_all(&readiness, probes, clock.machine());
            let rows = report
                .checks
                .into_iter()
                .map(|check| CheckRow {
                    name: check.name.to_owned(),
                    ok: check.ok,
                    code: check.code.map(|stop| stop.code().to_owned()).unwrap_or_default(),
                    message: format!("{}：{}", check.title(), check.message),
                })
                .collect();
            outlet.send(Event::Readiness { ticket, rows });
        });
    }
}
