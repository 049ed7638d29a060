//! Command line of `county`.

use std::process::ExitCode;

use kiosk_memory::Overwriting;

/// What was said about people is overwritten when it is freed, whoever copied it.
#[global_allocator]
static ALLOCATOR: Overwriting = Overwriting::new();

fn main() -> ExitCode {
    kiosk_county::cli::county()
}
