//! Asking before what cannot be undone, or not at once. Keeps no state.

use std::io::{IsTerminal, Write};

use anyhow::{bail, ensure};

/// Says what will be, and goes on if somebody at the terminal types yes, or said --yes before.
///
/// # Errors
/// When nobody did.
pub(super) fn confirm(what: &str, yes: bool) -> anyhow::Result<()> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        bail!("{what}确实要做就写 --yes");
    }
    let mut out = std::io::stderr().lock();
    write!(out, "{what}要继续请输入 yes：")?;
    out.flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    ensure!(answer.trim() == "yes", "什么都没有做");
    Ok(())
}
