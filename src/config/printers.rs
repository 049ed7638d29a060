//! The slip printer of `kiosk.toml`, and profiles of printers, `printers/*.toml`: one make a file,
//! named in `kiosk.toml` as `printer.profile`. Keeps no state.

use std::{path::Path, time::Duration};

use kiosk_base::config::ConfigError;
use kiosk_devices::printer::{
    Paper, Port, PrinterSettings, Profile,
    profile::{Confirm, Cut, Discard, Enlarge, Limits, Queries},
};
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::{
    check::{BAUD_RATES, Checker},
    file::{self, text, unplaced},
    profiles::Kept,
};

/// A profile as a person types it. What is left out has the default of an unknown printer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ProfileFile {
    title: Spanned<String>,
    confirm: Spanned<String>,
    discard: Spanned<String>,
    enlarge: bool,
    cut: Spanned<String>,
    feed_lines: Spanned<i64>,
    status: Spanned<Vec<i64>>,
    piece_bytes: Spanned<i64>,
    poll_ms: Spanned<i64>,
    reopen_ms: Spanned<i64>,
    answer_limit_ms: Spanned<i64>,
    piece_limit_ms: Spanned<i64>,
    confirm_limit_ms: Spanned<i64>,
    line_ms: Spanned<i64>,
}

impl Default for ProfileFile {
    fn default() -> Self {
        let unknown = Profile::UNKNOWN;
        let ms = |time: Duration| unplaced(time.as_millis() as i64);
        Self {
            title: text("任何小票打印机"),
            confirm: text("sensor"),
            discard: text("clear"),
            enlarge: true,
            cut: text("partial"),
            feed_lines: unplaced(unknown.feed_lines.into()),
            status: unplaced(unknown.queries.numbers()),
            piece_bytes: unplaced(unknown.piece_bytes as i64),
            poll_ms: ms(unknown.poll),
            reopen_ms: ms(unknown.reopen),
            answer_limit_ms: ms(unknown.limits.answer),
            piece_limit_ms: ms(unknown.limits.piece),
            confirm_limit_ms: ms(unknown.limits.confirm),
            line_ms: ms(unknown.limits.line),
        }
    }
}

impl Checker<'_> {
    /// The printer, if one is named.
    pub(super) fn printer(
        &self,
        typed: &file::Printer,
    ) -> Result<Option<PrinterSettings>, ConfigError> {
        let path = typed.port.get_ref().as_str();
        let baud = u32::try_from(*typed.baud.get_ref()).ok();
        let Some(baud) = baud.filter(|rate| BAUD_RATES.contains(rate)) else {
            let right = "请写 115200、57600、38400、19200 或 9600";
            return Err(self.wrong("printer.baud", &typed.baud, right));
        };
        let paper = match typed.paper_mm.get_ref() {
            58 => Paper::Mm58,
            80 => Paper::Mm80,
            _ => {
                let right = "请写纸卷的宽度 58 或 80";
                return Err(self.wrong("printer.paper_mm", &typed.paper_mm, right));
            }
        };
        let profile = self.profile("printer", &typed.profile)?;
        if path.is_empty() {
            return Ok(None);
        }
        if !path.starts_with('/') || path.len() > 255 || path.chars().any(char::is_control) {
            let right =
                "请写打印机设备的完整路径，如 /dev/usb/lp0 或 /dev/ttyUSB1；没有打印机写 \"\"";
            return Err(self.wrong("printer.port", &typed.port, right));
        }
        let port = match is_printer_device(Path::new(path)) {
            true => Port::Device(path.into()),
            false => Port::Serial { path: path.into(), baud },
        };
        Ok(Some(PrinterSettings { port, paper, profile }))
    }
}

/// Whether the kernel's driver for USB printers makes this device, which has no line rate.
fn is_printer_device(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let number = name.strip_prefix("lp").or_else(|| name.strip_prefix("usblp"));
    number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

impl Kept for Profile {
    type File = ProfileFile;

    const OF_UNKNOWN: Self = Self::UNKNOWN;

    fn check(checker: &Checker<'_>, typed: &ProfileFile) -> Result<Self, ConfigError> {
        check(checker, typed)
    }
}

fn check(checker: &Checker<'_>, typed: &ProfileFile) -> Result<Profile, ConfigError> {
    let ms = |name, value: &Spanned<i64>, range| {
        checker.within(name, value, range).map(|number| Duration::from_millis(number.into()))
    };
    checker.words("title", &typed.title, 40)?;
    let confirm = match typed.confirm.get_ref().as_str() {
        "sensor" => Confirm::Sensor,
        "process-id" => Confirm::ProcessId,
        "status" => Confirm::Status,
        _ => {
            let right = "请写 \"sensor\"、\"process-id\" 或 \"status\"";
            return Err(checker.wrong("confirm", &typed.confirm, right));
        }
    };
    let discard = match typed.discard.get_ref().as_str() {
        "clear" => Discard::Clear,
        "recover" => Discard::Recover,
        "reset" => Discard::Reset,
        _ => {
            let right = "请写 \"clear\"、\"recover\" 或 \"reset\"";
            return Err(checker.wrong("discard", &typed.discard, right));
        }
    };
    let cut = match typed.cut.get_ref().as_str() {
        "partial" => Cut::Partial,
        "full" => Cut::Full,
        "none" => Cut::None,
        _ => {
            let right = "请写 \"partial\"、\"full\" 或 \"none\"";
            return Err(checker.wrong("cut", &typed.cut, right));
        }
    };
    let Some(queries) = Queries::of(typed.status.get_ref()) else {
        let right = "请从 1、2、3、4 号查询里至少写一个，每个只写一次";
        return Err(checker.wrong("status", &typed.status, right));
    };
    let feed = checker.within("feed_lines", &typed.feed_lines, 0..=20)?;
    let piece = checker.within("piece_bytes", &typed.piece_bytes, 16..=4_096)?;
    Ok(Profile {
        confirm,
        discard,
        enlarge: if typed.enlarge { Enlarge::Both } else { Enlarge::None },
        cut,
        feed_lines: u8::try_from(feed).expect("it is at most 20"),
        queries,
        piece_bytes: usize::try_from(piece).expect("it is at most 4,096"),
        poll: ms("poll_ms", &typed.poll_ms, 100..=60_000)?,
        reopen: ms("reopen_ms", &typed.reopen_ms, 20..=2_000)?,
        limits: Limits {
            answer: ms("answer_limit_ms", &typed.answer_limit_ms, 50..=5_000)?,
            piece: ms("piece_limit_ms", &typed.piece_limit_ms, 200..=20_000)?,
            confirm: ms("confirm_limit_ms", &typed.confirm_limit_ms, 500..=60_000)?,
            line: ms("line_ms", &typed.line_ms, 10..=1_000)?,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::profiles::{self, tests::explains_every_key};

    fn profile(directory: &Path, name: &str) -> Result<Profile, ConfigError> {
        profiles::read(directory, name)
    }

    fn shipped() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config/printers")
    }

    #[test]
    fn the_shipped_profile_is_the_built_in_one() {
        assert_eq!(profile(&shipped(), "unknown"), Ok(Profile::UNKNOWN));
        assert_eq!(profile(Path::new("/nonexistent"), "unknown"), Ok(Profile::UNKNOWN));
        let simple = profile(&shipped(), "simple").expect("it is shipped");
        assert_eq!((simple.confirm, simple.cut), (Confirm::Status, Cut::None));
    }

    #[test]
    fn the_shipped_profile_explains_every_key_with_its_default() {
        explains_every_key::<Profile>(&shipped());
    }

    #[test]
    fn a_device_without_a_line_rate_is_known_by_its_name() {
        for device in ["/dev/usb/lp0", "/dev/lp1", "/dev/usblp2"] {
            assert!(is_printer_device(Path::new(device)), "{device}");
        }
        for serial in ["/dev/ttyUSB1", "/dev/serial/by-id/usb-lp", "/dev/lpx", "/"] {
            assert!(!is_printer_device(Path::new(serial)), "{serial}");
        }
    }
}
