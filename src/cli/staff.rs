//! `kiosk staff …`.

use super::Places;

/// Commands of `kiosk staff`.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Placeholder.
    Nothing,
}

pub(crate) fn run(_places: &Places, _command: Command) -> anyhow::Result<()> {
    anyhow::bail!("not built yet")
}
