//! What the staff's pages ask for: the PIN is checked and the machine looked at by workers that may
//! take their time.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use kiosk_base::{
    clock::Clock,
    domain::{Sensitive, Stop},
    store::{self, Ledger, StoreError},
};
use rusqlite::Connection;
use tokio::runtime::Handle;

use super::{MaybeClient, Outlet, health::Health, inspector::Inspector, recorder::Recorder};
use crate::{
    audit::{self, Broken, Kind, Sound},
    config::Settings,
    link::{FeedKeys, LinkSettings},
    listings::town,
    staff::{pin::PinLock, readiness::file_words},
    visit::{Event, VisitTicket, staff::CheckRow},
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
    inspector: Inspector,
    recorder: Recorder,
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
        let inspector = Inspector { readiness, clock, client, health, runtime };
        inspector.clone().receive();
        Self { lock: Arc::new(Mutex::new(lock)), inspector, recorder }
    }

    /// Checks a PIN: argon2 takes its time on purpose.
    pub(super) fn check_pin(&self, ticket: VisitTicket, pin: Sensitive<String>, outlet: &Outlet) {
        let (lock, outlet, recorder) = (self.lock.clone(), outlet.clone(), self.recorder.clone());
        self.inspector.runtime.spawn_blocking(move || {
            let mut lock = lock.lock().unwrap_or_else(PoisonError::into_inner);
            let answer = lock
                .check(pin.expose(), Instant::now())
                .map_err(|refusal| (refusal.stop(), refusal.wait_seconds()));
            match &answer {
                Ok(()) => recorder.note(Kind::StaffEntered, None),
                Err((stop, _)) => recorder.note(Kind::StaffRefused, Some(*stop)),
            };
            outlet.send(Event::Pin { ticket, answer });
        });
    }

    /// Makes the readiness report.
    pub(super) fn check_machine(&self, ticket: VisitTicket, outlet: &Outlet) {
        let (inspector, outlet) = (self.inspector.clone(), outlet.clone());
        self.inspector.runtime.spawn_blocking(move || {
            let report = inspector.report();
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
