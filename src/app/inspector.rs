//! Looks at the whole machine from within the running kiosk, which holds its devices: for the staff's
//! page, and for `kiosk check` beside it, which asks through a socket in the data directory. Keeps no
//! state.

use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::PermissionsExt,
    path::Path,
};

use kiosk_base::{clock::Clock, domain::Stop, wire::Collection};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{UnixListener, UnixStream},
    runtime::Handle,
    task::spawn_blocking,
};

use super::{MaybeClient, health::Health, staff::audited};
use crate::{
    link::LinkError,
    staff::readiness::{COUNTY_LIMIT, Probes, ReadinessSettings, Report, ReportJson, check_all},
};

/// Name of the socket in the data directory.
const SOCKET: &str = "check.sock";
/// Most bytes of a report.
const REPORT_BYTES: u64 = 256 * 1024;

/// Looks at the machine.
#[derive(Clone)]
pub(super) struct Inspector {
    pub(super) readiness: ReadinessSettings,
    pub(super) clock: Clock,
    pub(super) client: MaybeClient,
    pub(super) health: Health,
    pub(super) runtime: Handle,
}

impl Inspector {
    /// The report. Takes up to the limits of the questions it asks.
    pub(super) fn report(&self) -> Report {
        let Self { readiness, clock, client, health, runtime } = self;
        let client = || {
            let error = |stop| LinkError { stop, detail: "no client".into() };
            client.clone().map_err(error)
        };
        let county = || runtime.block_on(client()?.time());
        let feed = || runtime.block_on(client()?.feed_page(Collection::Fairs, 0)).map(drop);
        let reader = || health.reader();
        let slot = || health.slot();
        let printer = || health.printer();
        let audit = || match health.audit_is_refused() {
            // Here the chain may be whole: an older one, or another.
            true => Err((Stop::AuditBroken, "县中心不认本机的审计记录".to_owned())),
            false => audited(&readiness.data, &readiness.link),
        };
        let probes = Probes {
            county: Some(&county),
            feed: Some(&feed),
            reader: Some(&reader),
            slot: Some(&slot),
            printer: Some(&printer),
            audit: Some(&audit),
            ..Probes::default()
        };
        check_all(readiness, probes, clock.machine())
    }

    /// Answers whoever asks through the socket, one after the other, for as long as the kiosk runs.
    /// Without the socket the kiosk serves all the same.
    pub(super) fn receive(self) {
        let path = self.readiness.data.join(SOCKET);
        let runtime = self.runtime.clone();
        runtime.spawn(async move {
            let listener = match listen(&path) {
                Ok(listener) => listener,
                Err(error) => return tracing::warn!("{}: {error}", path.display()),
            };
            while let Ok((asker, _)) = listener.accept().await {
                if let Err(error) = self.answer(asker).await {
                    tracing::debug!("{SOCKET}: {error}");
                }
            }
        });
    }

    async fn answer(&self, mut asker: UnixStream) -> io::Result<()> {
        let inspector = self.clone();
        let report = spawn_blocking(move || inspector.report()).await.map_err(io::Error::other)?;
        let report = serde_json::to_vec(&report.json())?;
        // Who does not read goes without.
        tokio::time::timeout(COUNTY_LIMIT, asker.write_all(&report)).await?
    }
}

/// The socket, for the owner alone. One that a kiosk has left behind is taken away.
fn listen(path: &Path) -> io::Result<UnixListener> {
    match std::os::unix::net::UnixStream::connect(path) {
        Ok(_) => return Err(io::Error::other("another kiosk uses this data directory")),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path)?,
        Err(_) => {}
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// The report of the kiosk that runs on `data`; `None` when none does.
///
/// # Errors
/// When one does and its answer does not come or is none.
pub(crate) async fn ask_running(data: &Path) -> io::Result<Option<ReportJson>> {
    let Ok(running) = UnixStream::connect(data.join(SOCKET)).await else { return Ok(None) };
    let mut report = Vec::new();
    running.take(REPORT_BYTES).read_to_end(&mut report).await?;
    Ok(Some(serde_json::from_slice(&report)?))
}

/// Whether the kiosk that runs with `data` was started before `file` was last changed: it reads its settings
/// once. Its socket is as old as it.
pub(crate) fn is_older_than(data: &Path, file: &Path) -> bool {
    let changed = |path: &Path| std::fs::metadata(path).and_then(|facts| facts.modified()).ok();
    let (started, changed) = (changed(&data.join(SOCKET)), changed(file));
    started.zip(changed).is_some_and(|(started, changed)| started < changed)
}
