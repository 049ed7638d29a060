//! `county …`.

/// Commands of `county`.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Placeholder.
    Nothing,
}

pub(crate) fn run(_command: Command) -> anyhow::Result<()> {
    anyhow::bail!("not built yet")
}
