//! `kiosk run`.

use super::Places;

/// Arguments of `kiosk run`.
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_places: &Places, _args: Args) -> anyhow::Result<()> {
    anyhow::bail!("not built yet")
}
