//! Profiles of readers, `readers/*.toml`: one make a file, named in `kiosk.toml` as
//! `reader.profile`. Keeps no state.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::{
    check::Checker,
    fault::ConfigError,
    file::{text, unplaced},
    profiles::Kept,
};
use crate::card::{
    Profile,
    profile::{Limits, Presence},
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
    appended_address: bool,
    rf_bytes: Spanned<i64>,
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
            appended_address: unknown.appended_address,
            rf_bytes: unplaced(0),
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
            let right = "it asks for the appended address: write appended_address = true, or take \
                         \"find\" or \"time\"";
            return Err(checker.wrong("presence", &typed.presence, right));
        }
        "session" => Presence::Session,
        "find" => Presence::Find,
        "time" => Presence::Time,
        _ => {
            let right = "it must be \"probe\", \"session\", \"find\" or \"time\"";
            return Err(checker.wrong("presence", &typed.presence, right));
        }
    };
    let rf_bytes = match typed.rf_bytes.get_ref() {
        0 => None,
        _ => match checker.within("rf_bytes", &typed.rf_bytes, 24..=255) {
            Ok(most) => u8::try_from(most).ok(),
            Err(_) => {
                let right = "it must be from 24 to 255, or 0 to leave the module as it is";
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
        appended_address: typed.appended_address,
        rf_bytes,
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
    fn the_shipped_profile_explains_every_key_with_its_default() {
        explains_every_key::<Profile>(&shipped());
    }
}
