//! What the command lines of both programs have in common: their Chinese words ([`parse`]), exit codes,
//! the log, memory that stays private, and how an import is asked for ([`import`]).
//!
//! Exit codes: 0 done, 1 failed, 2 wrong usage, 64 bad configuration. An error is one
//! sentence on stderr that says what to do.

use std::process::ExitCode;

pub mod import;
mod usage;

pub use usage::{command, parse};

/// Starts the log: one line an event on stderr, without personal data. `RUST_LOG` chooses more than
/// `logged`.
pub fn log(logged: &str) {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(logged));
    // A second call finds the log started already.
    let _ =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

/// What is in memory is about a person: a crash must not put it on the disk, and no other program is
/// to read it.
pub fn stay_private() {
    if let Err(error) = kiosk_memory::stay_private() {
        tracing::warn!("memory can be dumped: {error}");
    }
}

/// The same for swapping, in programs that stay. Called once the log is there.
pub fn stay_out_of_swap() {
    if !kiosk_memory::stay_out_of_swap() {
        tracing::warn!("memory can be swapped out; set LimitMEMLOCK=infinity, or swapoff");
    }
}

/// A configuration that cannot be used. Maps to exit code 64.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadConfiguration(pub String);

/// An error with what it comes from, as one sentence that says nothing twice.
pub fn in_words(error: &anyhow::Error) -> String {
    let mut words = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !words.contains(&cause) {
            words.push('：');
            words.push_str(&cause);
        }
    }
    plain(words)
}

/// What the system says in the words of its own, in ours.
fn plain(mut words: String) -> String {
    const SAID: [(i32, &str); 13] = [
        (1, "系统不允许"),
        (2, "没有这个文件或目录"),
        (5, "磁盘或设备读写出错"),
        (13, "没有权限"),
        (17, "已经有同名的文件或目录"),
        (20, "路径里有一段不是目录"),
        (21, "这是目录，不是文件"),
        (28, "磁盘满了"),
        (30, "磁盘是只读的"),
        (98, "这个地址和端口已经有程序在用"),
        (99, "本机没有这个地址"),
        (110, "等了太久没有回答"),
        (111, "连不上，那里没有程序在等"),
    ];
    if words.contains("(os error ") {
        for (code, ours) in SAID {
            words = words.replace(&std::io::Error::from_raw_os_error(code).to_string(), ours);
        }
    }
    words
}

/// What the process ends with. An error is told on stderr.
#[expect(clippy::print_stderr, reason = "the one place where a command's error reaches a person")]
pub fn exit_code(result: anyhow::Result<()>) -> ExitCode {
    let Err(error) = result else { return ExitCode::SUCCESS };
    // A reader that closed the pipe (`| head`) is no failure worth a word.
    let pipe_closed = |e: &std::io::Error| e.kind() == std::io::ErrorKind::BrokenPipe;
    if error.chain().filter_map(|e| e.downcast_ref()).any(pipe_closed) {
        return ExitCode::SUCCESS;
    }
    eprintln!("{}", in_words(&error));
    match error.downcast_ref::<BadConfiguration>() {
        Some(_) => ExitCode::from(64),
        None => ExitCode::FAILURE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_sentence_that_says_nothing_twice() {
        let error = anyhow::anyhow!("甲").context("乙：甲").context("丙");
        assert_eq!(in_words(&error), "丙：乙：甲");
        let error =
            anyhow::Error::from(std::io::Error::from_raw_os_error(2)).context("读不出 a.csv");
        assert_eq!(in_words(&error), "读不出 a.csv：没有这个文件或目录");
    }
}
