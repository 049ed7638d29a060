//! Command line of `kiosk`.

use std::process::ExitCode;

fn main() -> ExitCode {
    renshe_kiosk::cli::kiosk()
}
