//! Command line of `county`.

use std::process::ExitCode;

fn main() -> ExitCode {
    renshe_kiosk::cli::county()
}
