//! What the staff's pages ask for: the PIN is checked and the machine looked at by workers that may
//! take their time.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use tokio::runtime::Handle;

use super::{MaybeClient, Outlet, health::Health};
use crate::{
    clock::Clock,
    config::Settings,
    domain::Sensitive,
    link::LinkError,
    staff::{
        pin::PinLock,
        readiness::{Probes, ReadinessSettings, check_all},
    },
    visit::{Event, Ticket, staff::CheckRow},
};

/// The font is part of the program: it can be named, it cannot be missing.
pub(crate) const FONT: &str = "程序内带 Noto Sans SC（常规、粗体）";

/// The staff's office.
pub(super) struct Office {
    lock: Arc<Mutex<PinLock>>,
    readiness: ReadinessSettings,
    clock: Clock,
    client: MaybeClient,
    health: Health,
    runtime: Handle,
}

impl Office {
    pub(super) fn new(
        settings: &Settings,
        clock: Clock,
        client: MaybeClient,
        health: Health,
        runtime: Handle,
    ) -> Self {
        let lock = PinLock::open(settings.staff.clone(), Instant::now());
        let readiness = settings.readiness(FONT);
        Self { lock: Arc::new(Mutex::new(lock)), readiness, clock, client, health, runtime }
    }

    /// Checks a PIN: argon2 takes its time on purpose.
    pub(super) fn check_pin(&self, ticket: Ticket, pin: Sensitive<String>, outlet: &Outlet) {
        let (lock, outlet) = (self.lock.clone(), outlet.clone());
        self.runtime.spawn_blocking(move || {
            let mut lock = lock.lock().unwrap_or_else(PoisonError::into_inner);
            let answer = lock
                .check(pin.expose(), Instant::now())
                .map_err(|refusal| (refusal.stop(), refusal.wait_seconds()));
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
                runtime.block_on(client.heartbeat(&health.heartbeat()))
            };
            let reader = || health.reader();
            let slot = || health.slot();
            let printer = || health.printer();
            let probes = Probes {
                county: Some(&county),
                reader: Some(&reader),
                slot: Some(&slot),
                printer: Some(&printer),
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
