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
//! State: the database of what is published, of the kiosks' audit heads and how they were heard last,
//! and of what was done at the command line; in memory what is kept of the queries, the pages asked for lately, and for some minutes who may read on in which long
//! history; and on disk the certificate authority and the key that signs pages. Nothing about a
//! resident is stored or logged.

use std::{io, net::SocketAddr, path::PathBuf};

pub mod accounts;
pub mod api;
pub mod authority;
pub mod backup;
pub mod carried;
pub mod content;
pub mod core;
mod database;
pub mod deeds;
pub mod demonstration;
pub mod feed;
mod heads;
pub mod heard;
pub mod histories;
pub mod invented;
mod pace;
mod schema;
pub mod serve;
pub mod settings;
mod shift;
pub mod signing;
pub mod site;
pub mod target;
mod tls;

pub use accounts::{PinPolicy, QueryRules};
pub use api::County;
pub use authority::{Authority, Credentials};
pub use demonstration::Demonstration;
pub use feed::{Feed, Listings};
pub use serve::{Server, ServerSettings};
pub use signing::FeedKey;
pub use site::Site;
pub use target::{Targets, Towns};

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
    /// A set would withdraw more than may be without being said.
    #[error(
        "nothing was published: of {published} published {collection} this set of {set} withdraws \
         {withdrawn}, more than {percent} %; see which with --dry-run, and say --withdraw if it is \
         meant"
    )]
    Withdraws {
        /// Of which collection.
        collection: &'static str,
        /// How many would be.
        withdrawn: usize,
        /// Of how many.
        published: usize,
        /// How many there would be.
        set: usize,
        /// The setting.
        percent: u8,
    },
    /// A directory is not what a county needs.
    #[error("{0}")]
    Site(String),
}

impl CountyError {
    /// Names the file an I/O error is about.
    fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
