//! The recorder: writes the audit, on its own thread, in the order in which things happened.
//! Whoever wants something recorded does not wait, unless it must be on the disk before the next
//! step.
//!
//! Keeps no state but what waits. A row that cannot be written is reported to the county and in
//! the log; residents are served all the same, and the county keeps its own record of every query.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::Context;
use kiosk_base::{
    clock::{self, Clock},
    domain::Stop,
    wire::v1::{AuditHead, AuditVerdict},
};
use tokio::sync::oneshot;

use super::{Outlet, health::Health, ledger::SharedLedger};
use crate::{
    audit::{self, Countersigned, Entry, Kind, former_key},
    link::Client,
    visit::Event,
};

/// Most rows that wait: minutes of a disk that does not answer.
const QUEUE: usize = 1_024;

/// So long a row is tried again whose ledger another process keeps locked: an office's own tool, as a
/// rule, since imports do not.
const BUSY_LIMIT: Duration = Duration::from_secs(60);

/// A heartbeat waits this long for the head of the chain.
const HEAD_LIMIT: Duration = Duration::from_secs(2);

/// The way to the recorder. Cheap to clone; the thread ends with the last of them, after everything
/// that was noted is written.
#[derive(Clone)]
pub(super) struct Recorder {
    requests: mpsc::SyncSender<Request>,
    clock: Clock,
    health: Health,
    /// Whether something was not recorded since the last row: the next one says so first.
    missed: Arc<AtomicBool>,
}

enum Request {
    Append(Entry, oneshot::Sender<()>),
    Head(oneshot::Sender<Option<AuditHead>>),
    Keep(Countersigned),
}

impl Recorder {
    /// Starts the thread, and records that the kiosk has begun. An alarm of which the staff have
    /// not taken note stands again.
    pub(super) fn start(
        ledger: SharedLedger,
        clock: Clock,
        health: Health,
        outlet: Outlet,
    ) -> anyhow::Result<(Self, JoinHandle<()>)> {
        let unkeyed = former_key::destroy(ledger.directory())
            .inspect_err(|error| tracing::error!("audit: {error}"));
        // Rows that can be read by who has the disk are not what was meant.
        let keyed = unkeyed.as_ref().err().map(|error| error.stop);
        health.audit_is(keyed);
        let (requests, received) = mpsc::sync_channel(QUEUE);
        let missed = Arc::new(AtomicBool::new(false));
        let work = {
            let (clock, health, missed) = (clock.clone(), health.clone(), missed.clone());
            move || {
                remember_alarm(&ledger, &clock, &health, &outlet);
                Work { ledger, clock, health, keyed, missed }.until_the_end(&received);
            }
        };
        let thread = thread::Builder::new()
            .name("recorder".into())
            .spawn(work)
            .context("审计线程启动不了，请重新启动")?;
        let recorder = Self { requests, clock, health, missed };
        recorder.note(Kind::Began, None);
        if unkeyed == Ok(true) {
            recorder.note(Kind::Unkeyed, None);
        }
        Ok((recorder, thread))
    }

    /// Records something. What is given back comes when it is on the disk, or cannot be put there.
    pub(super) fn note(&self, kind: Kind, stop: Option<Stop>) -> oneshot::Receiver<()> {
        let (done, written) = oneshot::channel();
        let entry = Entry { at: self.clock.now(), kind, stop };
        if self.requests.try_send(Request::Append(entry, done)).is_err() {
            tracing::error!("audit: {} is not recorded, too much waits", kind.as_str());
            self.health.audit_is(Some(Stop::StoreBusy));
            self.missed.store(true, Ordering::Release);
        }
        written
    }

    /// The head of the chain, with everything that was noted before.
    pub(super) async fn head(&self) -> Option<AuditHead> {
        let (answer, head) = oneshot::channel();
        self.requests.try_send(Request::Head(answer)).ok()?;
        // A disk that hangs is no reason for the county to think that the line is down.
        tokio::time::timeout(HEAD_LIMIT, head).await.ok()?.ok().flatten()
    }

    /// What the county says to `head`.
    pub(super) fn judged(&self, client: &Client, head: AuditHead, verdict: AuditVerdict) {
        match verdict {
            AuditVerdict::Countersigned { signature } => {
                if !client.is_countersigned(&head, &signature) {
                    // Which keys this kiosk knows is reported with the listings.
                    tracing::warn!("audit: the county's signature is of a key unknown here");
                    return;
                }
                self.health.county_took_head();
                let countersigned = Countersigned { kiosk: client.name(), head, signature };
                if self.requests.try_send(Request::Keep(countersigned)).is_err() {
                    tracing::warn!("audit: too much waits, a signature is not kept");
                }
            }
            AuditVerdict::Refused { code } => {
                tracing::error!("audit: the county does not know row {}: {code:?}", head.sequence);
                self.health.audit_is(Some(Stop::AuditBroken));
            }
            AuditVerdict::Unknown => {
                tracing::warn!(
                    "audit: what the county says of row {} is unknown here",
                    head.sequence
                );
            }
        }
    }
}

/// What the thread works with.
struct Work {
    ledger: SharedLedger,
    clock: Clock,
    health: Health,
    /// Why the key of former rows could not be destroyed.
    keyed: Option<Stop>,
    missed: Arc<AtomicBool>,
}

impl Work {
    fn until_the_end(self, requests: &mpsc::Receiver<Request>) {
        while let Ok(request) = requests.recv() {
            match request {
                Request::Append(entry, done) => self.append(&entry, done),
                Request::Head(answer) => {
                    let head = self.ledger.with(|ledger| audit::head(ledger.read()));
                    let head = head.and_then(|head| {
                        head.map_err(|error| tracing::error!("audit: {error}")).ok().flatten()
                    });
                    let _ = answer.send(head);
                }
                Request::Keep(countersigned) => {
                    let directory = self.ledger.directory();
                    let keep = |ledger: &mut _| audit::keep(ledger, directory, &countersigned);
                    if let Some(Err(error)) = self.ledger.with(keep) {
                        tracing::error!("audit: the county's signature is not kept: {error}");
                    }
                }
            }
        }
    }

    /// Appends a row, and before it the one that says that something is missing, if so. Nobody
    /// waits longer for a ledger that is locked than one attempt takes.
    fn append(&self, entry: &Entry, done: oneshot::Sender<()>) {
        let (mut done, begun) = (Some(done), Instant::now());
        let mut missed = self.missed.swap(false, Ordering::AcqRel);
        let failed = loop {
            let failed = self.attempt(entry, &mut missed);
            self.health.audit_is(failed.or(self.keyed));
            done.take().map(|done| done.send(()));
            if failed != Some(Stop::StoreBusy) || begun.elapsed() > BUSY_LIMIT {
                break failed;
            }
        };
        if failed.is_some() {
            self.missed.store(true, Ordering::Release);
        }
    }

    /// Appends a row; gives why it could not be.
    fn attempt(&self, entry: &Entry, missed: &mut bool) -> Option<Stop> {
        let gap = Entry { at: self.clock.now(), kind: Kind::Missed, stop: None };
        let appended = self.ledger.with(|ledger| {
            if std::mem::take(missed) {
                audit::append(ledger, &gap).inspect_err(|_| *missed = true)?;
            }
            audit::append(ledger, entry)
        });
        match appended {
            Some(Ok(_)) => None,
            Some(Err(error)) => {
                tracing::error!("audit: {} is not recorded: {error}", entry.kind.as_str());
                Some(error.stop)
            }
            None => Some(Stop::StoreReadOnly),
        }
    }
}

/// An alarm of today of which the staff have not taken note stands again after a restart.
fn remember_alarm(ledger: &SharedLedger, clock: &Clock, health: &Health, outlet: &Outlet) {
    let standing = ledger.with(|ledger| audit::standing_alarm(ledger.read()));
    if let Some(Err(error)) = &standing {
        tracing::error!("audit: {error}");
    }
    let Some(Ok(Some(at))) = standing else { return };
    let at = clock::wall(at).datetime();
    // A clock that is behind will be put right, and whoever looks then sees whether the day is over.
    if at.date() >= clock.today() {
        health.alarm_is(Some(at.date()));
        outlet.send(Event::Alarm(at));
    }
}
