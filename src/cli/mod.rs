//! The command line of `kiosk`: parse, run, map errors to exit codes ([`kiosk_base::cli`]). Thin: a
//! file a command, and what a command does lives in the room it is about.

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use kiosk_base::cli::{self, BadConfiguration, exit_code, stay_private};
use kiosk_devices::card::Profile;

use crate::config::Settings;

mod card;
mod check;
mod demo;
mod listings;
mod printer;
mod run;
mod staff;

/// 人社自助查询终端：终端程序、演示，以及安装人员用的工具
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
    /// 设置所在的目录
    #[arg(long, value_name = "目录", global = true, default_value = "kiosk-config")]
    pub(crate) config: PathBuf,
    /// 数据库所在的目录
    #[arg(long, value_name = "目录", global = true, default_value = "kiosk-data")]
    pub(crate) data: PathBuf,
}

#[derive(Subcommand)]
enum KioskCommand {
    /// 运行终端，正式使用
    Run(run::Args),
    /// 演示：全部在本机上，内含县级服务和模拟的读卡器
    Demo(demo::Args),
    /// 读证件，或模拟一台读卡器
    #[command(subcommand)]
    Card(card::Command),
    /// 试小票打印机，或模拟一台
    #[command(subcommand)]
    Printer(printer::Command),
    /// 导入、查找或更新岗位和培训信息
    #[command(subcommand)]
    Listings(listings::Command),
    /// 工作人员的管理密码和身份证
    #[command(subcommand)]
    Staff(staff::Command),
    /// 检查本机是否可以使用
    Check(check::Args),
}

/// Everything that can be said to `kiosk`.
pub fn command() -> clap::Command {
    cli::command::<Kiosk>()
}

/// Runs `kiosk` with the process's arguments.
pub fn kiosk() -> ExitCode {
    let Kiosk { places, command } = cli::parse();
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

/// Starts the log.
fn log() {
    cli::log(LOGGED);
}

/// Calls `end` once when the process is asked to end (SIGINT, SIGTERM). Who asks again means it: what
/// hangs ends with the process.
fn end_with(end: impl FnOnce() + Send + 'static) -> anyhow::Result<()> {
    use signal_hook::{consts, iterator::Signals};
    let mut signals = Signals::new([consts::SIGINT, consts::SIGTERM])?;
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        let mut asked = signals.forever();
        if asked.next().is_some() {
            end();
        }
        if asked.next().is_some() {
            std::process::exit(1);
        }
    })?;
    Ok(())
}
