//! The county service (县级服务): what every kiosk talks to.
//!
//! Publishes the listings feed, answers insurance queries through an adapter to the core system,
//! takes heartbeats. Serves TLS 1.3 only, to kiosks whose certificate its own authority issued.
//! Runs as `county serve`, or inside a kiosk's process for a demonstration: the same code.
//!
//! ```text
//! serve (accept, places, TLS) → gate (certificates, rate limiter) → api (routes, problems)
//!   → accounts → core     the core system behind a trait
//!              → counts   what was asked today, behind it keeper, which writes
//!              → readers, alarms
//!   → feed                what is published, in SQLite
//!     carried             its pages, compressed and signed
//! register                which certificate counts for which kiosk
//! heard                   how each kiosk was heard last
//! site, backup, deeds     the county's directory, its copies, what was done at the command line
//! ```
//!
//! State: the database of what is published, of the kiosks' certificates, readers, alarms and audit
//! heads, of how they were heard last, of what was done at the command line, and of what was counted
//! today; in memory the same counts, the pages asked for lately, and for some minutes, sealed, who may
//! read on in which long history; and on disk the certificate authority, the keys that sign pages, and
//! the key of the day under which persons are counted. Nothing else about a resident is stored, and
//! nothing is logged.

use std::{io, net::SocketAddr, path::PathBuf};

pub mod accounts;
pub mod alarms;
pub mod api;
pub mod authority;
pub mod backup;
pub mod carried;
pub mod cli;
pub mod content;
pub mod core;
mod counts;
mod database;
pub mod deeds;
pub mod demonstration;
pub mod feed;
mod gate;
mod heads;
pub mod heard;
pub mod histories;
pub mod invented;
mod keeper;
mod log_limiter;
mod places;
mod rate_limiter;
mod readers;
pub mod register;
mod sealed;
pub mod serve;
pub mod settings;
mod shift;
pub mod signing;
pub mod site;
pub mod target;
mod tls;
mod worded;

pub use accounts::{PinPolicy, QueryRules};
pub use alarms::HallPattern;
pub use api::County;
pub use authority::{Authority, Credentials};
pub use demonstration::Demonstration;
pub use feed::{Feed, Listings};
pub use register::Register;
pub use serve::{Limits, Server, ServerSettings};
pub use signing::FeedKey;
pub use site::Site;
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
    builder
        .enable_all()
        .thread_name("county")
        .on_thread_park(kiosk_memory::wipe_service_stack)
        .build()
}

/// Why the county service cannot do what it was started for. None of them quotes a resident.
#[derive(Debug, thiserror::Error)]
pub enum CountyError {
    /// A file cannot be read or written.
    #[error("{}：{source}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is there but its content cannot be used.
    #[error("{}：{detail}", .path.display())]
    Content {
        /// Which.
        path: PathBuf,
        /// What is wrong and what would be right.
        detail: String,
    },
    /// A certificate or key cannot be made or used.
    #[error("证书：{0}")]
    Certificate(String),
    /// The address cannot be listened on.
    #[error("不能监听 {address}：{source}；请用 --listen 换一个地址")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The database failed.
    #[error("county.db：{0}")]
    Database(#[from] rusqlite::Error),
    /// The database cannot be used.
    #[error("county.db：{}（{}）", .0.stop.entry().staff, .0.detail)]
    Store(#[from] kiosk_base::store::StoreError),
    /// A kiosk cannot be enrolled or revoked.
    #[error("{0}")]
    Register(String),
    /// What is to be published breaks a limit.
    #[error("{0}")]
    Listings(String),
    /// A set would withdraw more than may be without being said.
    #[error(
        "没有发布：已发布的 {collection} 有 {published} 条，这一套有 {set} 条，会撤回 {withdrawn} 条，\
         超过 {percent} %；请用 --dry-run 看是哪些，确实要撤就写 --withdraw"
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
