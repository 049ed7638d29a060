//! `kiosk check`.

use super::Places;

/// Arguments of `kiosk check`.
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_places: &Places, _args: Args) -> anyhow::Result<()> {
    anyhow::bail!("not built yet")
}
