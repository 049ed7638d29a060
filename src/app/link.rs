//! The line to the county: questions about accounts, and a heartbeat that tells whether it is up.

use std::{
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use kiosk_base::{
    clock::Clock,
    domain::{
        Account, DocumentFacts, HolderNumber, Sensitive, Stop,
        account::{HistoryPage, HistoryRest},
        hex::hex,
    },
    wire::{AccountQuery, v1::Heartbeat},
};
use kiosk_devices::card::SamId;
use tokio::{runtime::Runtime, sync::Notify, task::AbortHandle};

use super::{MaybeClient, Outlet, health::Health, keeper, recorder::Recorder};
use crate::{
    link::Client,
    visit::{Event, LinkStatus},
};

/// Pause between heartbeats while the line is up, and while it is down.
const BEAT_UP: Duration = Duration::from_secs(60);
const BEAT_DOWN: Duration = Duration::from_secs(5);

/// The county, and what is kept of talking to it. Cheap to clone.
#[derive(Clone)]
pub(super) struct County {
    pub(super) client: MaybeClient,
    pub(super) health: Health,
    pub(super) clock: Clock,
    pub(super) recorder: Recorder,
    /// Held while a heartbeat is under way.
    pub(super) alone: Arc<tokio::sync::Mutex<()>>,
}

/// Whose account is asked for, and by which document.
pub(super) struct Asked {
    /// The module that read the document.
    pub(super) module: Option<SamId>,
    pub(super) document: DocumentFacts,
    pub(super) number: HolderNumber,
    pub(super) name: Sensitive<String>,
    pub(super) english_name: Option<Sensitive<String>>,
    pub(super) pin: Option<Sensitive<String>>,
}

impl County {
    /// Asks for one account. Dropping the future drops the request.
    pub(super) async fn ask(&self, asked: Asked) -> Result<Box<Account>, Stop> {
        let client = self.client.as_ref().map_err(|stop| *stop)?;
        let Asked { module, document, number, name, english_name, pin } = asked;
        let mut query = AccountQuery {
            read_id: read_id(),
            read_at: self.clock.now(),
            sam_id: module.map(|module| module.to_string()),
            document,
            number,
            name,
            english_name,
            pin,
        };
        let mut answer = client.account(&query).await;
        if answer.as_ref().is_err_and(|error| error.stop == Stop::QueryStale) {
            // This machine's clock may be wrong, and the county not have been heard since it
            // started; or the reader is a new one. A heartbeat mends both.
            self.beat(client).await;
            (query.read_id, query.read_at) = (read_id(), self.clock.now());
            answer = client.account(&query).await;
        }
        match answer {
            Ok(account) => Ok(Box::new(account)),
            Err(error) => {
                tracing::warn!("account: {error}");
                Err(error.stop)
            }
        }
    }

    /// One heartbeat; its answer says what time it is, and whether the audit is as the county knows
    /// it.
    async fn beat(&self, client: &Client) -> LinkStatus {
        let Self { health, clock, recorder, alone, .. } = self;
        // Two that overtook each other would look like a chain that goes backwards.
        let _alone = alone.lock().await;
        let head = recorder.head().await;
        let heartbeat = Heartbeat {
            audit: head.clone(),
            feed_keys: client.feed_key_ids(),
            ..health.heartbeat(clock.today())
        };
        let asked = Instant::now();
        match client.heartbeat(&heartbeat).await {
            Ok(reply) => {
                clock.learn(reply.now, asked.elapsed());
                if let Some((head, verdict)) = head.zip(reply.audit) {
                    recorder.judged(client, head, verdict);
                }
                LinkStatus::Up
            }
            Err(error) => {
                tracing::warn!("heartbeat: {error}");
                if matches!(error.stop, Stop::LinkClientRefused | Stop::LinkOwnExpired) {
                    // There may be another certificate by now: the next heartbeat shows it.
                    if let Err(error) = client.reload_identity() {
                        tracing::warn!("{error}");
                    }
                }
                LinkStatus::Down(error.stop)
            }
        }
    }
}

/// Asks for the next rows of a history. Dropping the future drops the request.
pub(super) async fn ask_history(
    client: MaybeClient,
    rest: HistoryRest,
) -> Result<Box<HistoryPage>, Stop> {
    match client?.history(&rest).await {
        Ok(page) => Ok(Box::new(page)),
        Err(error) => {
            tracing::warn!("history: {error}");
            Err(error.stop)
        }
    }
}

/// What an answer says about the line: a word about a person comes over a line that is up.
pub(super) fn status_of(answer: &Result<Box<Account>, Stop>) -> Option<LinkStatus> {
    match answer {
        Ok(_) => Some(LinkStatus::Up),
        Err(
            Stop::PersonUnknown
            | Stop::PersonMismatch
            | Stop::PersonLimit
            | Stop::QueryStale
            | Stop::KioskLimit
            | Stop::CoreAbsent
            | Stop::QueryPinNeeded
            | Stop::QueryPinWrong
            | Stop::QueryPinUnset
            | Stop::QueryPinLocked,
        ) => Some(LinkStatus::Up),
        // Whether the line is down or an account makes no sense, the next heartbeat says.
        Err(Stop::LinkBusy | Stop::LinkNonsense | Stop::LinkServerError) => None,
        Err(stop) => Some(LinkStatus::Down(*stop)),
    }
}

/// 128 random bits as 32 hex digits.
fn read_id() -> String {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system has a source of randomness");
    hex(&bytes)
}

/// Beats until it is aborted, and at once when `now` is notified. When the line comes up, the keeper of
/// the listings is told.
pub(super) fn keep_in_touch(
    runtime: &Runtime,
    county: County,
    outlet: Outlet,
    keeper: Arc<mpsc::SyncSender<keeper::Task>>,
    now: Arc<Notify>,
) -> AbortHandle {
    let beating = runtime.spawn(async move {
        let mut up = false;
        loop {
            let status = match &county.client {
                Err(stop) => LinkStatus::Down(*stop),
                Ok(client) => county.beat(client).await,
            };
            let now_up = status == LinkStatus::Up;
            if now_up && !up {
                let _ = keeper.try_send(keeper::Task::LineIsUp);
            }
            up = now_up;
            if !outlet.deliver(Event::Link(status)).await {
                return;
            }
            let pause = if now_up { BEAT_UP } else { BEAT_DOWN };
            let _ = tokio::time::timeout(pause, now.notified()).await;
        }
    });
    beating.abort_handle()
}
