//! `county …`: serve, enrol, publish.

use std::{
    io::Write,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};

use super::{BadConfiguration, import, listings::Kind};
use crate::{
    clock::Clock,
    county::{
        Authority, County, CountyError, Demonstration, Feed, FeedKey, Listings, Server,
        ServerSettings, Targets, Towns,
        authority::kiosk_name,
        content::Content,
        core::NoCore,
        demonstration::{self, DemonstrationSettings},
        settings::CountySettings,
        signing,
    },
    domain::{DivisionCode, wire::Collection},
    listings::{
        self,
        import::{FILE_BYTES_MAX, Imported, Items, Known, report::Report},
    },
};

/// Commands of `county`.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// The county service.
    Serve(Serve),
    /// Key and certificate for a kiosk, from the county's authority.
    Enrol(Enrol),
    /// Make files the published set of postings, trainings or fairs.
    Publish(Publish),
    /// Let the audit chain of a kiosk begin anew, after its disk was lost or replaced.
    ForgetAudit {
        /// The kiosk's name, as it was enrolled.
        name: String,
    },
    /// Change the key that signs the listings, in two steps.
    #[command(subcommand)]
    FeedKey(KeyStep),
}

/// Where the service's settings are read, and where it keeps its authority and its database.
#[derive(clap::Args)]
pub(crate) struct Places {
    /// Directory of the settings: `county.toml`, and for --demo `demo/`.
    #[arg(long, global = true, default_value = "kiosk-config")]
    config: PathBuf,
    /// Directory of the authority's certificate and key and of the database.
    #[arg(long, global = true, default_value = "county-data")]
    data: PathBuf,
}

/// Arguments of `county serve`.
#[derive(clap::Args)]
pub(crate) struct Serve {
    /// Where to listen, instead of the setting: `0.0.0.0:8443`.
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// Invented residents and listings; a kiosk's certificate and key are left in the data
    /// directory.
    #[arg(long)]
    demo: bool,
}

/// Arguments of `county enrol`.
#[derive(clap::Args)]
pub(crate) struct Enrol {
    /// The kiosk's name, as the county's log will call it: letters, digits and . _ -
    name: String,
    /// The town (nine digits) or village (twelve) in which it stands: it gets the listings for that
    /// town. Without it, those for the whole county only.
    #[arg(long, value_parser = division)]
    division: Option<DivisionCode>,
    /// Where to write NAME.pem, NAME.key, ca.pem and feed.pub.
    #[arg(long, default_value = ".")]
    out: PathBuf,
}

/// Arguments of `county publish`.
#[derive(clap::Args)]
pub(crate) struct Publish {
    /// What the files hold.
    collection: Kind,
    #[command(flatten)]
    import: import::Args,
    /// Together the whole set: {"as_of": "2026-11-20", "items": […]}, or CSV, Excel, JSON of other
    /// systems, JobPosting JSON-LD. In the first, items for some towns only are named beside them:
    /// "towns": {"ID": ["510521100"]}.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// For the kiosks of these towns only: all items for which a file names no towns.
    #[arg(long, value_delimiter = ',')]
    towns: Vec<String>,
}

/// Steps of a change of keys.
#[derive(Clone, Copy, clap::Subcommand)]
pub(crate) enum KeyStep {
    /// Make the next key and add it to feed.pub, which is then carried to every kiosk.
    Announce,
    /// Sign with the announced key, once every kiosk has the new feed.pub; restart the service
    /// then.
    Switch,
}

pub(crate) fn run(places: &Places, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve(arguments) => serve(places, &arguments),
        Command::Enrol(arguments) => enrol(places, &arguments),
        Command::Publish(arguments) => publish(places, &arguments),
        Command::ForgetAudit { name } => forget_audit(places, &name),
        Command::FeedKey(step) => feed_key(places, step),
    }
}

fn division(text: &str) -> Result<DivisionCode, String> {
    let code = DivisionCode::parse(text).ok().filter(|code| code.town().is_some());
    code.ok_or_else(|| "a town has nine digits, a village twelve".to_owned())
}

fn serve(places: &Places, arguments: &Serve) -> anyhow::Result<()> {
    let settings = settings(places, arguments)?;
    log_to_stderr();
    super::stay_out_of_swap();
    let runtime = crate::county::runtime(None).context("the runtime could not be started")?;
    runtime.block_on(async {
        // Caught from the start, so that a signal during the first second drains as well.
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let (server, line) =
            if arguments.demo { demo(places, &settings)? } else { real(places, &settings)? };
        say(&line)?;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("ending: requests under way are finished");
        server.shutdown().await;
        Ok(())
    })
}

fn settings(places: &Places, arguments: &Serve) -> anyhow::Result<CountySettings> {
    let path = places.config.join("county.toml");
    let mut settings = match CountySettings::read(&path) {
        Ok(settings) => settings,
        Err(CountyError::File { .. }) if arguments.demo && !path.exists() => {
            CountySettings::default()
        }
        Err(error @ CountyError::File { .. }) => {
            let hint = "put county.toml there, name another directory with --config, or use --demo";
            return Err(BadConfiguration(format!("{error}; {hint}")).into());
        }
        Err(error) => return Err(BadConfiguration(error.to_string()).into()),
    };
    settings.listen = arguments.listen.unwrap_or(settings.listen);
    Ok(settings)
}

fn demo(places: &Places, settings: &CountySettings) -> anyhow::Result<(Server, String)> {
    let started = Demonstration::start(
        &tokio::runtime::Handle::current(),
        &DemonstrationSettings {
            content: places.config.join("demo"),
            data: places.data.clone(),
            listen: settings.listen,
            hosts: settings.hosts.clone(),
            clock: Clock::System,
            queries: settings.queries(),
        },
    )?;
    let line = format!(
        "demonstration county at {}, for clients: {}, {}, {}, {}",
        started.url,
        started.authority.display(),
        started.certificate.display(),
        started.key.display(),
        started.feed_key.display()
    );
    Ok((started.server, line))
}

fn real(places: &Places, settings: &CountySettings) -> anyhow::Result<(Server, String)> {
    let data = &places.data;
    let authority = Authority::open_or_create(data)?;
    let hosts = demonstration::all_hosts(settings.listen, &settings.hosts);
    let county = County {
        core: Arc::new(NoCore),
        feed: Feed::open(data)?,
        clock: Clock::System,
        queries: settings.queries(),
    };
    let server_settings = ServerSettings {
        listen: settings.listen,
        authority: authority.certificate().to_owned(),
        credentials: authority.issue_server(&hosts)?,
    };
    let server = Server::start(&tokio::runtime::Handle::current(), &server_settings, county)?;
    let line = format!(
        "county at {}, authority {}; no core system is connected: listings are served, \
         insurance queries are answered as unavailable",
        demonstration::url(server.address()),
        data.join("ca.pem").display()
    );
    Ok((server, line))
}

fn enrol(places: &Places, arguments: &Enrol) -> anyhow::Result<()> {
    let name = kiosk_name(&arguments.name)?;
    let out = &arguments.out;
    let authority = Authority::open_or_create(&places.data)?;
    std::fs::create_dir_all(out).with_context(|| format!("{} cannot be made", out.display()))?;
    let (certificate, key) = (out.join(format!("{name}.pem")), out.join(format!("{name}.key")));
    for path in [&certificate, &key] {
        anyhow::ensure!(
            !path.exists(),
            "{} is there already and is not overwritten; choose another name or --out",
            path.display()
        );
    }
    let root = place_authority(&authority, out)?;
    let feed_key = place_feed_key(&places.data, out)?;
    authority.issue_kiosk(name, arguments.division.as_ref())?.write(&certificate, &key)?;
    say(&format!(
        "{name} may now talk to the county: take {}, {}, {} and {} to the kiosk and name them under [link]",
        root.display(),
        certificate.display(),
        key.display(),
        feed_key.display()
    ))
}

/// Leaves the public keys of the feed beside the kiosk's. An older file is replaced: the county
/// knows best which keys it signs with.
fn place_feed_key(data: &Path, out: &Path) -> anyhow::Result<PathBuf> {
    FeedKey::open_or_create(data)?;
    let (here, there) = (signing::public_path(data), signing::public_path(out));
    let keys = std::fs::read(&here).with_context(|| format!("{} is gone", here.display()))?;
    if std::fs::read(&there).ok().as_ref() != Some(&keys) {
        std::fs::write(&there, keys)
            .with_context(|| format!("{} cannot be written", there.display()))?;
    }
    Ok(there)
}

fn feed_key(places: &Places, step: KeyStep) -> anyhow::Result<()> {
    let public = signing::public_path(&places.data);
    match step {
        KeyStep::Announce => {
            FeedKey::announce(&places.data).context("is a key announced already?")?;
            say(&format!(
                "the next key is announced: take {} to every kiosk, then run `feed-key switch`",
                public.display()
            ))
        }
        KeyStep::Switch => {
            FeedKey::switch(&places.data).context("announce a key first")?;
            say("the announced key signs from the next start of the service on")
        }
    }
}

fn forget_audit(places: &Places, name: &str) -> anyhow::Result<()> {
    let name = kiosk_name(name)?;
    anyhow::ensure!(
        Feed::open(&places.data)?.forget_head(name)?,
        "no audit chain of {name} is known; is --data right?"
    );
    tracing::warn!(kiosk = name, "its audit chain may begin anew");
    say(&format!(
        "{name} may begin a new audit chain: remove its file audit-head, once you know why the old one is gone"
    ))
}

/// Leaves the authority's certificate beside the kiosk's. One that is there must be the same.
fn place_authority(authority: &Authority, out: &Path) -> anyhow::Result<PathBuf> {
    let path = out.join("ca.pem");
    if !path.exists() {
        std::fs::write(&path, authority.certificate())
            .with_context(|| format!("{} cannot be written", path.display()))?;
    } else if std::fs::read_to_string(&path).ok().as_deref() != Some(authority.certificate()) {
        anyhow::bail!("{} belongs to another authority; choose another --out", path.display());
    }
    Ok(path)
}

fn publish(places: &Places, arguments: &Publish) -> anyhow::Result<()> {
    let collection = Collection::from(arguments.collection);
    let mut targets = Targets::default();
    let (listings, reports) = match arguments.files.as_slice() {
        // Files in the county's own form are published whole or not at all.
        [file] if arguments.import.is_default() && is_own(file)? => {
            let content = Content::read(collection, file)?;
            targets = content.targets;
            (content.listings, Vec::new())
        }
        files => import_all(places, arguments, files, collection)?,
    };
    let json = arguments.import.json;
    if !json {
        let mut out = std::io::stdout().lock();
        for (file, report) in arguments.files.iter().zip(&reports) {
            writeln!(out, "{}:", file.display())?;
            import::print(&mut out, report)?;
        }
    }
    if arguments.import.dry_run {
        return match json {
            true => say(&serde_json::json!({ "files": reports, "published": null }).to_string()),
            false => say("dry run, nothing is published"),
        };
    }
    if !arguments.towns.is_empty() {
        targets.others = Some(Towns::parse(arguments.towns.iter().map(String::as_str))?);
    }
    let done = Feed::open(&places.data)?.publish_to(listings, &targets)?;
    if json {
        let published = serde_json::json!({
            "changed": done.changed, "removed": done.removed, "unchanged": done.unchanged
        });
        return say(&serde_json::json!({ "files": reports, "published": published }).to_string());
    }
    say(&format!(
        "{}: {} new or changed, {} removed, {} unchanged",
        collection.as_str(),
        done.changed,
        done.removed,
        done.unchanged
    ))
}

/// Whether a file is the county's own envelope.
fn is_own(file: &Path) -> anyhow::Result<bool> {
    let length =
        std::fs::metadata(file).with_context(|| format!("cannot read {}", file.display()))?.len();
    if length > FILE_BYTES_MAX {
        // Only the county's own form may be so large.
        return Ok(true);
    }
    let content = import::read(file)?;
    let has = |word: &[u8]| content.windows(word.len()).any(|part| part == word);
    Ok(content.trim_ascii_start().starts_with(b"{") && has(b"\"as_of\"") && has(b"\"items\""))
}

/// The rows of all files together: what is in an earlier one is a duplicate in the next.
fn import_all(
    places: &Places,
    arguments: &Publish,
    files: &[PathBuf],
    collection: Collection,
) -> anyhow::Result<(Listings, Vec<Report>)> {
    let options = arguments.import.options(&places.config, Some(collection))?;
    let mut known = Known::default();
    let mut all = Items::default();
    let mut reports = Vec::new();
    for file in files {
        let content = import::read(file)?;
        let imported = listings::import::read(&content, &options, &known)
            .with_context(|| format!("nothing was published: {}", file.display()))?;
        known.add_file(&file.display().to_string(), &imported);
        let Imported { mut items, report, .. } = imported;
        all.postings.append(&mut items.postings);
        all.trainings.append(&mut items.trainings);
        all.fairs.append(&mut items.fairs);
        reports.push(report);
    }
    let listings = match collection {
        Collection::Postings => Listings::Postings(all.postings),
        Collection::Trainings => Listings::Trainings(all.trainings),
        Collection::Fairs => Listings::Fairs(all.fairs),
    };
    // What is published is the whole set: none at all would take everything from every kiosk.
    let accepted: usize = reports.iter().map(|report| report.accepted).sum();
    anyhow::ensure!(
        accepted > 0 || arguments.import.dry_run,
        "nothing was published: no row was accepted; --dry-run says why"
    );
    Ok((listings, reports))
}

/// One line on stdout, flushed: other programs wait for it.
fn say(line: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()?;
    Ok(())
}

/// The service's log, on stderr; `RUST_LOG` chooses how much. A program that has set up a log of
/// its own keeps it.
fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let _ =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}
