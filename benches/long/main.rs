//! `cargo bench --bench long -- import|kill|power [COUNT]`: runs that take minutes, by hand: what a
//! bad day does to the data, against the real programs. Each prints what it found and ends with 1 when
//! something is not as it must be.
//!
//! * `import [ROWS]` (199,000): a file is imported beside somebody who writes rows of the audit and
//!   somebody who writes into the listings; the longest that either waited.
//! * `kill [ROUNDS]` (1,000): import, kiosk and county are killed at random moments (SIGKILL), one
//!   third of the rounds each; what was acknowledged before is looked for after each.
//! * `power [CUTS]` (200): a file system is cut off at a random moment under load, and what its disk
//!   holds then is mounted anew. Needs root and loop devices.
//!
//! With `cargo bench` the programs are optimised, as installed; `cargo test --bench long` builds
//! them as the tests do.

use std::{
    io::{self, Write},
    process::ExitCode,
};

mod import;
mod kill;
mod power;
mod town;

fn main() -> ExitCode {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let count = arguments.get(1).and_then(|count| count.parse().ok());
    match arguments.first().map(String::as_str) {
        Some("import") => import::run(count.unwrap_or(199_000)),
        Some("kill") => kill::run(count.unwrap_or(1_000)),
        Some("power") => power::run(count.unwrap_or(200)),
        Some(town::CHILD) => town::be_child(&arguments[1]),
        _ => {
            say("which run? import [ROWS], kill [ROUNDS] or power [CUTS]");
            ExitCode::SUCCESS
        }
    }
}

/// A line of what was found.
pub(crate) fn say(line: &str) {
    let mut out = io::stdout().lock();
    // Who closed the pipe does not want to know.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Numbers that differ from run to run, told at the start so that one can be had again.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new() -> Self {
        let now = jiff::Timestamp::now().as_nanosecond();
        let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or((now as u64) | 1);
        say(&format!("SEED={seed}"));
        Self(seed)
    }

    /// A number below `sides` (xorshift64).
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides.max(1)
    }
}
