//! The desk: finds postings and notices for the present visit, on its own thread with its own
//! connection to the cache.

use std::{
    cell::Cell,
    mem::discriminant,
    sync::{Weak, mpsc},
    thread::{self, JoinHandle},
};

use anyhow::Context;
use jiff::civil::Date;
use kiosk_base::{clock::Clock, domain::Stop, store::StoreError};

use super::{Outlet, keeper};
use crate::{
    config::ListingsSettings,
    listings::{Home, Query, Reader, Results, Trainings},
    visit::{Event, VisitTicket},
};

/// Most questions that wait.
pub(super) const QUEUE: usize = 64;

/// What the desk is told.
pub(super) enum Ask {
    /// Find something.
    About(Question),
    /// The cache was made anew: look at the new file.
    Reopen,
    /// The cache has changed: read what is new, now that nobody waits for it.
    Follow,
}

/// What is to be found.
pub(super) enum Question {
    Postings { ticket: VisitTicket, query: Query },
    Facets { ticket: VisitTicket, query: Query },
    Trainings { ticket: VisitTicket, offset: usize, limit: usize },
    Fairs { ticket: VisitTicket, month: Date },
}

/// Starts the thread. It tells the `keeper` of a damage. What searches from `home` need is read before anybody asks.
pub(super) fn start(
    settings: &ListingsSettings,
    home: Home,
    clock: Clock,
    outlet: Outlet,
    asks: mpsc::Receiver<Ask>,
    keeper: Weak<mpsc::SyncSender<keeper::Task>>,
) -> anyhow::Result<JoinHandle<()>> {
    let directory = settings.database.parent().map(ToOwned::to_owned).unwrap_or_default();
    let work = move || {
        let open = || Reader::open(&directory).map_err(|error| warn(&error)).ok();
        // There may be no cache yet, or one that is being indexed anew: the keeper says when it has
        // done what it can. A question that comes before waits until then.
        let mut reader = Reader::open(&directory).ok();
        let mut ready = reader.is_some();
        // Whether the keeper knows already that this file is damaged.
        let told = Cell::new(false);
        let failed = |error: StoreError| {
            warn(&error);
            if error.stop == Stop::StoreDamaged && !told.get() {
                let keeper = keeper.upgrade();
                told.set(keeper.is_some_and(|k| k.try_send(keeper::Task::Damaged).is_ok()));
            }
        };
        let follow = |reader: Option<&mut Reader>| {
            if let Some(Err(error)) = reader.map(|reader| reader.follow(clock.today(), Some(&home)))
            {
                failed(error);
            }
        };
        follow(reader.as_mut());
        // While one types, only the last question of a kind matters; news of a new file always do.
        let mut last: Vec<Question> = Vec::new();
        while let Ok(ask) = asks.recv() {
            let mut news = false;
            for ask in std::iter::once(ask).chain(asks.try_iter()) {
                match ask {
                    Ask::Reopen => {
                        (reader, news, ready) = (open(), true, true);
                        told.set(false);
                    }
                    Ask::Follow => news = true,
                    Ask::About(question) => {
                        last.retain(|earlier| discriminant(earlier) != discriminant(&question));
                        last.push(question);
                    }
                }
            }
            if !ready {
                continue;
            }
            for question in last.drain(..) {
                if reader.is_none() {
                    reader = open();
                }
                let event = answer(reader.as_mut(), question, &clock, &failed);
                outlet.send(event);
            }
            if news {
                follow(reader.as_mut());
            }
        }
    };
    thread::Builder::new().name("desk".into()).spawn(work).context("查询线程启动不了，请重新启动")
}

fn warn(error: &StoreError) {
    tracing::warn!("desk: {error}");
}

/// The answer. A cache that cannot be read has nothing to offer.
fn answer(
    reader: Option<&mut Reader>,
    question: Question,
    clock: &Clock,
    failed: &impl Fn(StoreError),
) -> Event {
    let today = clock.today();
    match question {
        Question::Trainings { ticket, offset, limit } => {
            let found = reader.map(|reader| reader.trainings(offset, limit, today));
            let results = found.and_then(|found| found.map_err(failed).ok());
            let results = results.unwrap_or_else(|| Trainings { total: 0, rows: Vec::new() });
            Event::Trainings { ticket, offset, results }
        }
        Question::Facets { ticket, query } => {
            let counted = reader.map(|reader| reader.facets(&query, today));
            let facets = counted.and_then(|counted| counted.map_err(failed).ok());
            Event::Facets { ticket, query, facets: Box::new(facets.unwrap_or_default()) }
        }
        Question::Fairs { ticket, month } => {
            let found = reader.map(|reader| reader.fairs(month, month.last_of_month(), today));
            let fairs = found.and_then(|found| found.map_err(failed).ok());
            Event::Fairs { ticket, month, fairs: fairs.unwrap_or_default() }
        }
        Question::Postings { ticket, query } => {
            let found = reader.map(|reader| reader.postings(&query, today));
            let results = found.and_then(|found| found.map_err(failed).ok());
            let results = results.unwrap_or_else(|| Results {
                total: 0,
                rows: Vec::new(),
                nearest: None,
                took: std::time::Duration::ZERO,
            });
            Event::Postings { ticket, query, results }
        }
    }
}
