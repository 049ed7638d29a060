//! The county service (县级服务): what every kiosk talks to.
//!
//! Publishes the listings feed, answers insurance queries through an adapter to the core system,
//! takes heartbeats. Serves TLS 1.3 only, to kiosks whose certificate its own authority issued.
//! Runs as `county serve`, or inside a kiosk's process for a demonstration: the same code.
//!
//! ```text
//! serve (accept, TLS, limits) → api (routes, problems) → accounts → core   the core system behind
//! a trait
//!                                                      → feed    what is published, in SQLite
//!                                                        carried its pages, compressed and signed
//! ```
//!
//! State: the database of what is published and of the kiosks' audit heads, in memory what is kept
//! of the queries, the pages asked for lately, and for some minutes, sealed, who may read on in which
//! long history; and on disk the certificate authority and the key that signs pages. Nothing about a
//! resident is stored or logged.

use std::{io, net::SocketAddr, path::PathBuf};

pub mod accounts;
pub mod api;
pub mod authority;
pub mod carried;
pub mod content;
pub mod core;
mod database;
pub mod demonstration;
pub mod feed;
mod heads;
pub mod histories;
pub mod invented;
mod pace;
mod schema;
mod sealed;
pub mod serve;
pub mod settings;
mod shift;
pub mod signing;
pub mod target;
mod tls;

pub use accounts::{PinPolicy, QueryRules};
pub use api::County;
pub use authority::{Authority, Credentials};
pub use demonstration::Demonstration;
pub use feed::{Feed, Listings};
pub use serve::{Server, ServerSettings};
pub use signing::FeedKey;
pub use target::{Targets, Towns};

/// The threads on which the service runs, `threads` of them or as many as the machine has cores.
/// Answers about people are made on their stacks; before they wait there is nothing left of that.
///
/// # Errors
/// When the system has no threads to give.
pub fn runtime(threads: Option<usize>) -> io::Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if let Some(threads) = threads {
        builder.worker_threads(threads);
    }
    builder.enable_all().thread_name("county").on_thread_park(kiosk_memory::wipe_stack).build()
}

/// Why the county service cannot do what it was started for. None of them quotes a resident.
#[derive(Debug, thiserror::Error)]
pub enum CountyError {
    /// A file cannot be read or written.
    #[error("{}: {source}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is there but its content cannot be used.
    #[error("{}: {detail}", .path.display())]
    Content {
        /// Which.
        path: PathBuf,
        /// What is wrong and what would be right.
        detail: String,
    },
    /// A certificate or key cannot be made or used.
    #[error("certificates: {0}")]
    Certificate(String),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}; choose another with --listen")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The database failed.
    #[error("county.db: {0}")]
    Database(#[from] rusqlite::Error),
    /// The database cannot be used.
    #[error("county.db: {}: {}", .0.stop.entry().staff, .0.detail)]
    Store(#[from] crate::store::StoreError),
    /// What is to be published breaks a limit.
    #[error("{0}")]
    Listings(String),
}

impl CountyError {
    /// Names the file an I/O error is about.
    fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
