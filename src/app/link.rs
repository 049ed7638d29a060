//! The line to the county: questions about accounts, and a heartbeat that tells whether it is up.

use std::{
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use tokio::{runtime::Runtime, sync::Notify};

use super::{MaybeClient, Outlet, health::Health, keeper};
use crate::{
    clock::Clock,
    domain::{Account, HolderNumber, Sensitive, Stop, account::HistoryRest, wire},
    link::Client,
    visit::{Event, LinkStatus},
};

/// Pause between heartbeats while the line is up, and while it is down.
const BEAT_UP: Duration = Duration::from_secs(60);
const BEAT_DOWN: Duration = Duration::from_secs(5);

/// Asks for one account. Dropping the future drops the request.
pub(super) async fn ask(
    client: MaybeClient,
    number: HolderNumber,
    name: Sensitive<String>,
    english_name: Option<Sensitive<String>>,
) -> Result<Box<Account>, Stop> {
    let query = wire::AccountQuery { read_id: read_id(), number, name, english_name };
    match client?.account(&query).await {
        Ok(account) => Ok(Box::new(account)),
        Err(error) => {
            tracing::warn!("account: {error}");
            Err(error.stop)
        }
    }
}

/// Asks for the next rows of a history. Dropping the future drops the request.
pub(super) async fn ask_history(
    client: MaybeClient,
    rest: HistoryRest,
) -> Result<Box<wire::HistoryPage>, Stop> {
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
        Ok(_) | Err(Stop::PersonUnknown | Stop::PersonMismatch) => Some(LinkStatus::Up),
        Err(Stop::LinkBusy) => None,
        Err(stop) => Some(LinkStatus::Down(*stop)),
    }
}

/// 128 random bits as 32 hex digits.
fn read_id() -> String {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system has a source of randomness");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Beats until the runtime ends, and at once when `now` is notified. When the line comes up, the
/// keeper of the listings is told.
pub(super) fn keep_in_touch(
    runtime: &Runtime,
    client: MaybeClient,
    health: Health,
    clock: Clock,
    outlet: Outlet,
    keeper: mpsc::SyncSender<keeper::Order>,
    now: Arc<Notify>,
) {
    runtime.spawn(async move {
        let mut up = false;
        loop {
            let status = match &client {
                Err(stop) => LinkStatus::Down(*stop),
                Ok(client) => beat(client, &health, &clock).await,
            };
            let now_up = status == LinkStatus::Up;
            if now_up && !up {
                let _ = keeper.try_send(keeper::Order::LineIsUp);
            }
            up = now_up;
            // The channel to the window may be full: never let that stop the runtime.
            let outlet = outlet.clone();
            let sent = tokio::task::spawn_blocking(move || outlet.send(Event::Link(status)));
            if sent.await.is_err() {
                return;
            }
            let pause = if now_up { BEAT_UP } else { BEAT_DOWN };
            let _ = tokio::time::timeout(pause, now.notified()).await;
        }
    });
}

/// One heartbeat; its answer says what time it is.
async fn beat(client: &Client, health: &Health, clock: &Clock) -> LinkStatus {
    let asked = Instant::now();
    match client.heartbeat(&health.heartbeat()).await {
        Ok(reply) => {
            clock.learn(reply.now, asked.elapsed());
            LinkStatus::Up
        }
        Err(error) => {
            tracing::warn!("heartbeat: {error}");
            LinkStatus::Down(error.stop)
        }
    }
}
