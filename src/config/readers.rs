//! Profiles of readers, `readers/*.toml`: one make a file, named in `kiosk.toml` as
//! `reader.profile`. Keeps no state.

use std::{ops::RangeInclusive, time::Duration};

use kiosk_base::config::ConfigError;
use kiosk_devices::card::{
    Profile, UsbId,
    profile::{Finds, Limits, Presence},
    usb::{Pipes, Transfer, UsbIds, UsbWays},
};
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::{
    check::Checker,
    file::{text, unplaced},
    profiles::Kept,
};

/// A profile as a person types it. What is left out has the default of an unknown reader.
#[derive(Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ProfileFile {
    title: Spanned<String>,
    poll_ms: Spanned<i64>,
    presence: Spanned<String>,
    presence_poll_ms: Spanned<i64>,
    hold_seconds: Spanned<i64>,
    finds: Spanned<String>,
    appended_address: bool,
    rf_bytes: Spanned<i64>,
    usb_ids: Spanned<Vec<String>>,
    usb_interface: Spanned<i64>,
    usb_transfer: Spanned<String>,
    usb_out: Spanned<Vec<i64>>,
    usb_in: Spanned<Vec<i64>>,
    usb_packet_bytes: Spanned<i64>,
    usb_padded: Spanned<bool>,
    open_settle_ms: Spanned<i64>,
    reset_settle_ms: Spanned<i64>,
    reopen_ms: Spanned<i64>,
    status_limit_ms: Spanned<i64>,
    reset_limit_ms: Spanned<i64>,
    find_limit_ms: Spanned<i64>,
    select_limit_ms: Spanned<i64>,
    read_limit_ms: Spanned<i64>,
    address_limit_ms: Spanned<i64>,
    gap_ms: Spanned<i64>,
}

impl Default for ProfileFile {
    fn default() -> Self {
        let unknown = Profile::UNKNOWN;
        let ms = |time: Duration| unplaced(time.as_millis() as i64);
        Self {
            title: text("任何读卡器"),
            poll_ms: ms(unknown.poll),
            presence: text("probe"),
            presence_poll_ms: ms(unknown.presence_poll),
            hold_seconds: unplaced(unknown.hold.as_secs() as i64),
            finds: text("probe"),
            appended_address: unknown.appended_address,
            rf_bytes: unplaced(0),
            usb_ids: unplaced(Vec::new()),
            usb_interface: unplaced(unknown.usb.interface.into()),
            usb_transfer: text("bulk"),
            usb_out: unplaced(Vec::new()),
            usb_in: unplaced(Vec::new()),
            usb_packet_bytes: unplaced(0),
            usb_padded: unplaced(unknown.usb.padded),
            open_settle_ms: ms(unknown.open_settle),
            reset_settle_ms: ms(unknown.reset_settle),
            reopen_ms: ms(unknown.reopen),
            status_limit_ms: ms(unknown.limits.status),
            reset_limit_ms: ms(unknown.limits.reset),
            find_limit_ms: ms(unknown.limits.find),
            select_limit_ms: ms(unknown.limits.select),
            read_limit_ms: ms(unknown.limits.read),
            address_limit_ms: ms(unknown.limits.address),
            gap_ms: ms(unknown.limits.gap),
        }
    }
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
    let limit = |name, value: &Spanned<i64>| ms(name, value, 200..=20_000);
    checker.words("title", &typed.title, 40)?;
    let presence = match typed.presence.get_ref().as_str() {
        "probe" => Presence::Probe,
        "session" if !typed.appended_address => {
            let right = "它要读追加住址：请写 appended_address = true，或改用 \"find\" 或 \"time\"";
            return Err(checker.wrong("presence", &typed.presence, right));
        }
        "session" => Presence::Session,
        "find" => Presence::Find,
        "time" => Presence::Time,
        _ => {
            let right = "请写 \"probe\"、\"session\"、\"find\" 或 \"time\"";
            return Err(checker.wrong("presence", &typed.presence, right));
        }
    };
    let finds = match typed.finds.get_ref().as_str() {
        "probe" => Finds::Probe,
        "again" => Finds::Again,
        "once" if presence == Presence::Find => {
            let right = "只能找到一次的证件不能用 presence = \"find\" 查看：\
                         那里请写 \"session\"、\"time\" 或 \"probe\"";
            return Err(checker.wrong("finds", &typed.finds, right));
        }
        "once" => Finds::Once,
        _ => {
            let right = "请写 \"probe\"、\"again\" 或 \"once\"";
            return Err(checker.wrong("finds", &typed.finds, right));
        }
    };
    let rf_bytes = match typed.rf_bytes.get_ref() {
        0 => None,
        _ => match checker.within("rf_bytes", &typed.rf_bytes, 24..=255) {
            Ok(most) => u8::try_from(most).ok(),
            Err(_) => {
                let right = "请写 24 到 255，或写 0 不改模块的设置";
                return Err(checker.wrong("rf_bytes", &typed.rf_bytes, right));
            }
        },
    };
    let hold = checker.within("hold_seconds", &typed.hold_seconds, 5..=600)?;
    Ok(Profile {
        poll: ms("poll_ms", &typed.poll_ms, 40..=5_000)?,
        presence,
        presence_poll: ms("presence_poll_ms", &typed.presence_poll_ms, 100..=2_000)?,
        hold: Duration::from_secs(hold.into()),
        finds,
        appended_address: typed.appended_address,
        rf_bytes,
        usb: usb_ways(checker, typed)?,
        open_settle: ms("open_settle_ms", &typed.open_settle_ms, 0..=5_000)?,
        reset_settle: ms("reset_settle_ms", &typed.reset_settle_ms, 100..=10_000)?,
        reopen: ms("reopen_ms", &typed.reopen_ms, 20..=2_000)?,
        limits: Limits {
            status: limit("status_limit_ms", &typed.status_limit_ms)?,
            reset: limit("reset_limit_ms", &typed.reset_limit_ms)?,
            find: limit("find_limit_ms", &typed.find_limit_ms)?,
            select: limit("select_limit_ms", &typed.select_limit_ms)?,
            read: limit("read_limit_ms", &typed.read_limit_ms)?,
            address: limit("address_limit_ms", &typed.address_limit_ms)?,
            gap: ms("gap_ms", &typed.gap_ms, 20..=2_000)?,
        },
    })
}

/// How the bytes of a USB device are carried.
fn usb_ways(checker: &Checker<'_>, typed: &ProfileFile) -> Result<UsbWays, ConfigError> {
    let ids: Option<Vec<_>> = typed.usb_ids.get_ref().iter().map(|id| UsbId::parse(id)).collect();
    let ids = ids.map(|ids| ids.iter().map(|id| (id.vendor, id.product)).collect::<Vec<_>>());
    let Some(ids) = ids.and_then(|ids| UsbIds::of(&ids)) else {
        let right =
            format!("最多写 {} 个设备，照 `lsusb` 显示的写，如 [\"0400:c35a\"]", UsbIds::MOST);
        return Err(checker.wrong("usb_ids", &typed.usb_ids, &right));
    };
    let transfer = match typed.usb_transfer.get_ref().as_str() {
        "bulk" => Transfer::Bulk,
        "interrupt" => Transfer::Interrupt,
        _ => {
            let right = "请写 \"bulk\" 或 \"interrupt\"";
            return Err(checker.wrong("usb_transfer", &typed.usb_transfer, right));
        }
    };
    let interface = checker.within("usb_interface", &typed.usb_interface, 0..=31)?;
    let pipes = usb_pipes(checker, typed, transfer)?;
    let padded = *typed.usb_padded.get_ref();
    if padded && matches!(pipes, Pipes::Two { .. }) {
        let right = "定长报文只用一对端点：请写 false，或在 usb_out 和 usb_in 里各写一个端点";
        return Err(checker.wrong("usb_padded", &typed.usb_padded, right));
    }
    let packet = match typed.usb_packet_bytes.get_ref() {
        0 => None,
        _ => match checker.within("usb_packet_bytes", &typed.usb_packet_bytes, 8..=1_024) {
            Ok(bytes) => u16::try_from(bytes).ok(),
            Err(_) => {
                let right = "请写 8 到 1024，或写 0 按端点自己的大小";
                return Err(checker.wrong("usb_packet_bytes", &typed.usb_packet_bytes, right));
            }
        },
    };
    let interface = u8::try_from(interface).unwrap_or_default();
    Ok(UsbWays { ids, interface, transfer, pipes, packet, padded })
}

/// The endpoints, as many to the reader as from it.
fn usb_pipes(
    checker: &Checker<'_>,
    typed: &ProfileFile,
    transfer: Transfer,
) -> Result<Pipes, ConfigError> {
    let addresses = |name: &str, typed: &Spanned<Vec<i64>>, right_ones: &[RangeInclusive<i64>]| {
        let numbers = typed.get_ref();
        let right = numbers.iter().all(|one| right_ones.iter().any(|range| range.contains(one)));
        let twice = matches!(numbers.as_slice(), [one, other] if one == other);
        if !right || twice || numbers.len() > 2 {
            let right = format!(
                "请写一个或两个不同的端点地址，照 `lsusb -v` 显示的写，如 [{:#04x}]；自动找就写 []",
                right_ones[0].start()
            );
            return Err(checker.wrong(name, typed, &right));
        }
        Ok(numbers.iter().filter_map(|number| u8::try_from(*number).ok()).collect::<Vec<_>>())
    };
    let control = if transfer == Transfer::Interrupt { 0..=0 } else { 0x01..=0x0F };
    let out = addresses("usb_out", &typed.usb_out, &[0x01..=0x0F, control])?;
    let into = addresses("usb_in", &typed.usb_in, &[0x81..=0x8F])?;
    match (out.as_slice(), into.as_slice()) {
        ([], []) => Ok(Pipes::Probe),
        ([out], [into]) => Ok(Pipes::One { out: *out, into: *into }),
        ([a, b], [c, d]) if *a != 0 && *b != 0 => Ok(Pipes::Two { out: [*a, *b], into: [*c, *d] }),
        _ => {
            let right = "usb_out 和 usb_in 要各写一个端点，或各写两个，或都不写";
            Err(checker.wrong("usb_in", &typed.usb_in, right))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::profiles::{self, tests::explains_every_key};

    fn profile(directory: &Path, name: &str) -> Result<Profile, ConfigError> {
        profiles::read(directory, name)
    }

    fn shipped() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config/readers")
    }

    #[test]
    fn the_shipped_profiles_are_the_built_in_ones() {
        assert_eq!(profile(&shipped(), "unknown"), Ok(Profile::UNKNOWN));
        assert_eq!(profile(&shipped(), "simulator"), Ok(Profile::SIMULATOR));
        assert_eq!(profile(Path::new("/nonexistent"), "unknown"), Ok(Profile::UNKNOWN));
    }

    #[test]
    fn the_profiles_of_usb_readers_name_their_pipes() {
        let ways = |name| profile(&shipped(), name).expect("it is shipped").usb;
        let two = Pipes::Two { out: [0x02, 0x06], into: [0x81, 0x85] };
        assert_eq!(ways("usb-two-pairs").pipes, two);
        assert_eq!(ways("usb-one-pair").pipes, Pipes::One { out: 0x02, into: 0x81 });
        for name in ["usb-two-pairs", "usb-one-pair"] {
            let ids: Vec<_> = ways(name).ids.iter().collect();
            assert_eq!(ids, [(0x0400, 0xC35A)], "{name}");
        }
        assert_eq!(ways("unknown"), UsbWays::UNKNOWN);
    }

    #[test]
    fn a_wrong_pipe_is_told_with_what_would_be_right() {
        let directory = tempfile::tempdir().expect("a directory");
        let refusal = |text: &str| {
            std::fs::write(directory.path().join("odd.toml"), text).expect("writable");
            profile(directory.path(), "odd").err().map(|error| error.to_string())
        };
        for (text, told) in [
            ("usb_ids = [\"0400\"]", "照 `lsusb` 显示的写"),
            ("usb_transfer = \"control\"", "\"bulk\" 或 \"interrupt\""),
            ("usb_out = [0x02]", "各写一个端点，或各写两个"),
            ("usb_out = [0x81]\nusb_in = [0x81]", "如 [0x01]"),
            ("usb_out = [0x02, 0x02]\nusb_in = [0x81, 0x85]", "两个不同的端点地址"),
            ("usb_out = [0]\nusb_in = [0x81]", "如 [0x01]"),
            ("usb_in = [0x02]\nusb_out = [0x02]", "如 [0x81]"),
            ("usb_packet_bytes = 7", "8 到 1024"),
            ("usb_interface = 32", "0 到 31"),
            (
                "usb_padded = true\nusb_out = [0x02, 0x06]\nusb_in = [0x81, 0x85]",
                "定长报文只用一对端点",
            ),
            ("finds = \"once\"\npresence = \"find\"", "只能找到一次"),
        ] {
            let error = refusal(text).unwrap_or_else(|| panic!("{text} is taken"));
            assert!(error.contains(told), "{text}: {error}");
        }
        let hid = "usb_transfer = \"interrupt\"\nusb_out = [0]\nusb_in = [0x81]\nusb_padded = true";
        assert_eq!(refusal(hid), None);
    }

    #[test]
    fn the_shipped_profile_explains_every_key_with_its_default() {
        explains_every_key::<Profile>(&shipped());
    }
}
