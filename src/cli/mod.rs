//! The command lines of `kiosk` and `county`: parse, run, map errors to exit codes. Thin: a file a
//! command, and what a command does lives in the room it is about.
//!
//! Exit codes: 0 done, 1 failed, 2 wrong usage (clap's), 64 bad configuration. An error is one
//! sentence on stderr that says what to do.

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::{card::Profile, config::Settings};

mod card;
mod check;
mod county;
mod demo;
mod import;
mod listings;
mod printer;
mod run;
mod staff;

/// 人社自助查询终端: the kiosk, its demonstration, and the installer's tools.
#[derive(Parser)]
#[command(name = "kiosk", version)]
struct Kiosk {
    #[command(flatten)]
    places: Places,
    #[command(subcommand)]
    command: KioskCommand,
}

/// Where settings are read and databases live.
#[derive(clap::Args)]
pub(crate) struct Places {
    /// Directory of the settings.
    #[arg(long, global = true, default_value = "kiosk-config")]
    pub(crate) config: PathBuf,
    /// Directory of the databases.
    #[arg(long, global = true, default_value = "kiosk-data")]
    pub(crate) data: PathBuf,
}

#[derive(Subcommand)]
enum KioskCommand {
    /// The kiosk, as installed.
    Run(run::Args),
    /// Everything on this machine: county inside, simulated reader.
    Demo(demo::Args),
    /// Read a document, or simulate a reader.
    #[command(subcommand)]
    Card(card::Command),
    /// Try the slip printer, or simulate one.
    #[command(subcommand)]
    Printer(printer::Command),
    /// Import, search or refresh job postings and training notices.
    #[command(subcommand)]
    Listings(listings::Command),
    /// Staff access.
    #[command(subcommand)]
    Staff(staff::Command),
    /// Readiness report of this machine.
    Check(check::Args),
}

/// 县级服务: the county service and its certificates.
#[derive(Parser)]
#[command(name = "county", version)]
struct County {
    #[command(flatten)]
    places: county::Places,
    #[command(subcommand)]
    command: county::Command,
}

/// Runs `kiosk` with the process's arguments.
pub fn kiosk() -> ExitCode {
    let Kiosk { places, command } = Kiosk::parse();
    stay_private();
    exit_code(match command {
        KioskCommand::Run(args) => run::run(&places, args),
        KioskCommand::Demo(args) => demo::run(&places, args),
        KioskCommand::Card(command) => card::run(&places, command),
        KioskCommand::Printer(command) => printer::run(&places, command),
        KioskCommand::Listings(command) => listings::run(&places, command),
        KioskCommand::Staff(command) => staff::run(&places, command),
        KioskCommand::Check(args) => check::run(&places, args),
    })
}

/// Runs `county` with the process's arguments.
pub fn county() -> ExitCode {
    let County { places, command } = County::parse();
    stay_private();
    exit_code(county::run(&places, command))
}

/// What is in memory is about a person: a crash must not put it on the disk, and no other program is
/// to read it.
fn stay_private() {
    if let Err(error) = kiosk_memory::stay_private() {
        tracing::warn!("memory can be dumped: {error}");
    }
}

/// The same for swapping, in programs that stay. Called once the log is there.
pub(crate) fn stay_out_of_swap() {
    if !kiosk_memory::stay_out_of_swap() {
        tracing::warn!("memory can be swapped out; set LimitMEMLOCK=infinity, or swapoff");
    }
}

impl Places {
    /// The profile of a make of reader.
    ///
    /// # Errors
    /// The first mistake; maps to exit code 64.
    pub(crate) fn profile(&self, name: &str) -> Result<Profile, BadConfiguration> {
        Settings::reader_profile(&self.config, name)
            .map_err(|error| BadConfiguration(error.to_string()))
    }

    /// The settings, checked.
    ///
    /// # Errors
    /// The first mistake; maps to exit code 64.
    pub(crate) fn settings(&self) -> Result<Settings, BadConfiguration> {
        Settings::load(&self.config, &self.data)
            .map_err(|error| BadConfiguration(error.to_string()))
    }
}

/// What the log holds: nothing of the toolkit about displays that are odd and yet work, nor of one that
/// went away, of which `run` makes a sentence.
const LOGGED: &str = "warn,winit=error,winit::platform_impl::linux::wayland::event_loop=off";

/// Starts the log: one line an event on stderr, without personal data. `RUST_LOG` chooses more.
fn log() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(LOGGED));
    // A second call finds the log started already.
    let _ =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

/// Calls `end` once when the process is asked to end (SIGINT, SIGTERM).
fn end_with(end: impl FnOnce() + Send + 'static) -> anyhow::Result<()> {
    use signal_hook::{consts, iterator::Signals};
    let mut signals = Signals::new([consts::SIGINT, consts::SIGTERM])?;
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        if signals.forever().next().is_some() {
            end();
        }
    })?;
    Ok(())
}

/// A configuration that cannot be used. Maps to exit code 64.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadConfiguration(pub String);

#[expect(clippy::print_stderr, reason = "the one place where a command's error reaches a person")]
fn exit_code(result: anyhow::Result<()>) -> ExitCode {
    let Err(error) = result else { return ExitCode::SUCCESS };
    // A reader that closed the pipe (`| head`) is no failure worth a word.
    let pipe_closed = |e: &std::io::Error| e.kind() == std::io::ErrorKind::BrokenPipe;
    if error.chain().filter_map(|e| e.downcast_ref()).any(pipe_closed) {
        return ExitCode::SUCCESS;
    }
    eprintln!("{error:#}");
    match error.downcast_ref::<BadConfiguration>() {
        Some(_) => ExitCode::from(64),
        None => ExitCode::FAILURE,
    }
}
