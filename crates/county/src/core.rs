//! The core system (金保): where accounts really live, behind a trait. An adapter to a province's
//! system implements [`CoreSystem`]; the demonstration has an invented one
//! ([`invented`](super::invented)). Keeps no state.

use std::{future::Future, pin::Pin};

use kiosk_base::domain::{
    Account, DocumentFacts, HolderNumber, Sensitive,
    account::{HistoryOf, HistoryRows},
};

/// What a core system is asked: the facts of a document that lies on a kiosk's reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoreQuery {
    /// The document's number.
    pub number: HolderNumber,
    /// The document's name, in Chinese characters where it has them.
    pub name: Sensitive<String>,
    /// The name in Latin letters, of a foreigner's document. A core system may hold either.
    pub english_name: Option<Sensitive<String>>,
    /// What the document says about itself.
    pub document: DocumentFacts,
}

/// A core system's word about a query PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinVerdict {
    /// It is the person's.
    Right,
    /// It is not.
    Wrong,
    /// The person has none, or the core system knows none of anybody.
    NoneKnown,
}

/// Why a core system gave no account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CoreError {
    /// It knows no such person.
    #[error("the core system has no such person")]
    NotFound,
    /// The name does not belong to the number.
    #[error("the name does not belong to the number")]
    IdentityMismatch,
    /// It does not answer; the text is for the log and says nothing about a person.
    #[error("the core system does not answer: {0}")]
    Unavailable(String),
}

/// An answer that is being waited for. Dropping it gives up the query.
pub type CoreAnswer<'a> = Pin<Box<dyn Future<Output = Result<Account, CoreError>> + Send + 'a>>;

/// Rows of a history that are being waited for.
pub type CoreRows<'a> = Pin<Box<dyn Future<Output = Result<HistoryRows, CoreError>> + Send + 'a>>;
/// A word about a PIN that is being waited for.
pub type PinAnswer<'a> = Pin<Box<dyn Future<Output = Result<PinVerdict, CoreError>> + Send + 'a>>;

/// A core system.
pub trait CoreSystem: Send + Sync {
    /// Whether there is one at all. Without one nobody is asked for anything.
    fn is_connected(&self) -> bool {
        true
    }

    /// The account of the person, if number and name belong together. Of a long history the newest
    /// [`HISTORY_PAGE`](kiosk_base::domain::account::HISTORY_PAGE) rows and the count of all are enough;
    /// what is more than that does not leave the county with the account.
    fn account<'a>(&'a self, query: &'a CoreQuery) -> CoreAnswer<'a>;

    /// At most `limit` rows of a history of the account, from the row `from` on (the newest is 0).
    /// A core system that can fetch a part of a history does so here; one that cannot leaves this
    /// as it is, and its `account` brings histories whole.
    fn history<'a>(
        &'a self,
        query: &'a CoreQuery,
        of: HistoryOf,
        from: u32,
        limit: usize,
    ) -> CoreRows<'a> {
        let account = self.account(query);
        Box::pin(async move {
            let rows = account.await?.history(of).ok_or(CoreError::NotFound)?;
            Ok(rows.part(usize::try_from(from).unwrap_or(usize::MAX), limit))
        })
    }

    /// Whether `pin` is the query PIN of the person, if number and name belong together: a wrong
    /// PIN counts against the person, so it must not be one under a wrong name. Asked only where
    /// the county's policy is to ask for one. A core system that knows no PINs leaves this as it is.
    fn check_pin<'a>(
        &'a self,
        _query: &'a CoreQuery,
        _pin: &'a Sensitive<String>,
    ) -> PinAnswer<'a> {
        Box::pin(async { Ok(PinVerdict::NoneKnown) })
    }
}

/// Stands where no core system is connected yet: listings are served, queries are not.
#[derive(Debug, Clone, Copy)]
pub struct NoCore;

impl CoreSystem for NoCore {
    fn is_connected(&self) -> bool {
        false
    }

    fn account<'a>(&'a self, _query: &'a CoreQuery) -> CoreAnswer<'a> {
        Box::pin(async { Err(CoreError::Unavailable("no core system is connected".into())) })
    }
}
