//! `kiosk card …`: the installer's and the tester's way to a reader.

use kiosk_devices::card::Baud;

use super::Places;

pub(super) mod read;
pub(super) mod simulate;

/// Commands of `kiosk card`.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// 读一张证件并显示内容，不另外要求就打码显示
    Read(read::Args),
    /// 在伪终端上模拟一台读卡器。先打印要打开的端口，再从输入接受命令，每行一条：
    /// `lay N`、`lay`、`lift`、`unplug`、`replug`、`quit`
    Simulate(simulate::Args),
}

pub(crate) fn run(places: &Places, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Read(args) => read::run(places, args),
        Command::Simulate(args) => simulate::run(args),
    }
}

/// The rates a reader can be set to, or `probe`.
fn rate() -> impl clap::builder::TypedValueParser<Value = Baud> {
    use clap::builder::{PossibleValuesParser, TypedValueParser};
    PossibleValuesParser::new(["115200", "57600", "38400", "19200", "9600", "probe"])
        .map(|rate| rate.parse().map_or(Baud::Probe, Baud::Fixed))
}

/// The rates a reader can be set to.
fn baud() -> impl clap::builder::TypedValueParser<Value = u32> {
    use clap::builder::{PossibleValuesParser, TypedValueParser};
    PossibleValuesParser::new(["115200", "57600", "38400", "19200", "9600"])
        .map(|rate| rate.parse().expect("one of five numbers"))
}
