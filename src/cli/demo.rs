//! `kiosk demo`.

use super::Places;

/// Arguments of `kiosk demo`.
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_places: &Places, _args: Args) -> anyhow::Result<()> {
    anyhow::bail!("not built yet")
}
