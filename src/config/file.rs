//! `kiosk.toml` as a person types it: every setting with its default, nothing checked but the
//! types. `kiosk-config/kiosk.toml` documents the same settings; a test holds the two together.

use kiosk_base::config::{ConfigError, fault::Source};
use serde::{Deserialize, Serialize};
use toml::Spanned;

/// The whole file. What is left out has its default; what is not known is refused.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct KioskFile {
    pub(super) town: Town,
    pub(super) screen: Screen,
    pub(super) reader: Reader,
    pub(super) printer: Printer,
    pub(super) link: Link,
    pub(super) listings: Listings,
    pub(super) visit: Visit,
    pub(super) keys: Keys,
    pub(super) help: Help,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Town {
    pub(super) division: Spanned<String>,
    pub(super) neighbours: Vec<Spanned<String>>,
    pub(super) name: Spanned<String>,
    pub(super) office: Spanned<String>,
    pub(super) county: Spanned<String>,
    pub(super) phone: Spanned<String>,
    pub(super) supervision: Spanned<String>,
    pub(super) hotline: Spanned<String>,
    pub(super) jobs_window: Spanned<String>,
    pub(super) insurance_window: Spanned<String>,
    pub(super) rights_window: Spanned<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Screen {
    pub(super) diagonal_inch: Spanned<f64>,
    pub(super) width_px: Spanned<i64>,
    pub(super) height_px: Spanned<i64>,
    pub(super) bottom_mm: Spanned<i64>,
    pub(super) fullscreen: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Reader {
    pub(super) port: Spanned<String>,
    pub(super) usb_vendor: Spanned<String>,
    pub(super) usb_product: Spanned<String>,
    pub(super) usb_serial: Spanned<String>,
    pub(super) baud: Spanned<i64>,
    pub(super) profile: Spanned<String>,
    pub(super) side: Spanned<String>,
    pub(super) distance_cm: Spanned<i64>,
    pub(super) contact: Spanned<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Printer {
    pub(super) port: Spanned<String>,
    pub(super) baud: Spanned<i64>,
    pub(super) profile: Spanned<String>,
    pub(super) paper_mm: Spanned<i64>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Link {
    pub(super) url: Spanned<String>,
    pub(super) authority: Spanned<String>,
    pub(super) certificate: Spanned<String>,
    pub(super) key: Spanned<String>,
    pub(super) feed_key: Spanned<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Listings {
    pub(super) refresh_every_minutes: Spanned<i64>,
    pub(super) sticks: Spanned<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Visit {
    pub(super) idle_seconds: Spanned<i64>,
    pub(super) warning_seconds: Spanned<i64>,
    pub(super) show_seconds: Spanned<i64>,
    pub(super) expired_document: Spanned<String>,
    pub(super) notice: Spanned<String>,
}

/// Which keys of a keyboard, a tactile pad or of switches do what.
#[derive(Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Keys {
    pub(super) next: Vec<Spanned<String>>,
    pub(super) previous: Vec<Spanned<String>>,
    pub(super) next_control: Vec<Spanned<String>>,
    pub(super) previous_control: Vec<Spanned<String>>,
    pub(super) select: Vec<Spanned<String>>,
    pub(super) back: Vec<Spanned<String>>,
    pub(super) help: Vec<Spanned<String>>,
    pub(super) size: Vec<Spanned<String>>,
}

/// Calling the staff.
#[derive(Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Help {
    pub(super) bell: Spanned<String>,
    pub(super) who: Spanned<String>,
}

impl KioskFile {
    /// Reads the file's text.
    ///
    /// # Errors
    /// For what is no TOML, has an unknown key or a value of another type.
    pub(super) fn parse(source: &Source) -> Result<Self, ConfigError> {
        toml::from_str(&source.text).map_err(|error| source.unreadable(&error, default_value))
    }
}

impl Default for Keys {
    fn default() -> Self {
        let keys = |names: &[&str]| names.iter().map(|name| text(name)).collect();
        Self {
            next: keys(&["Down"]),
            previous: keys(&["Up"]),
            next_control: keys(&["Right", "Tab"]),
            previous_control: keys(&["Left", "Backtab"]),
            select: keys(&["Enter", "Space"]),
            back: keys(&["Escape", "Backspace"]),
            help: keys(&["F1"]),
            size: keys(&["F2"]),
        }
    }
}

impl Default for Help {
    fn default() -> Self {
        Self { bell: text(""), who: text("工作人员") }
    }
}

impl Default for Town {
    fn default() -> Self {
        Self {
            division: text("510521100"),
            neighbours: Vec::new(),
            name: text("福集镇"),
            office: text("劳动就业和社会保障服务中心"),
            county: text("泸县"),
            phone: text("0830-8999100"),
            supervision: text("0830-8999333"),
            hotline: text("12333"),
            jobs_window: text("1 号窗口"),
            insurance_window: text("2 号窗口"),
            rights_window: text("3 号窗口"),
        }
    }
}

impl Default for Screen {
    fn default() -> Self {
        Self {
            diagonal_inch: unplaced(21.5),
            width_px: unplaced(1080),
            height_px: unplaced(1920),
            bottom_mm: unplaced(0),
            fullscreen: true,
        }
    }
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            port: text("/dev/ttyUSB0"),
            usb_vendor: text(""),
            usb_product: text(""),
            usb_serial: text(""),
            baud: unplaced(115_200),
            profile: text("unknown"),
            side: text(""),
            distance_cm: unplaced(0),
            contact: text(""),
        }
    }
}

impl Default for Printer {
    fn default() -> Self {
        Self {
            port: text(""),
            baud: unplaced(9_600),
            profile: text("unknown"),
            paper_mm: unplaced(58),
        }
    }
}

impl Default for Link {
    fn default() -> Self {
        Self {
            url: text("https://localhost:8443"),
            authority: text("link/ca.pem"),
            certificate: text("link/kiosk.pem"),
            key: text("link/kiosk.key"),
            feed_key: text("link/feed.pub"),
        }
    }
}

impl Default for Listings {
    fn default() -> Self {
        Self { refresh_every_minutes: unplaced(15), sticks: text("/media") }
    }
}

impl Default for Visit {
    fn default() -> Self {
        Self {
            idle_seconds: unplaced(60),
            warning_seconds: unplaced(20),
            show_seconds: unplaced(30),
            expired_document: text("flag"),
            notice: text("confirm"),
        }
    }
}

pub(super) fn text(value: &str) -> Spanned<String> {
    unplaced(value.to_owned())
}

pub(super) fn unplaced<T>(value: T) -> Spanned<T> {
    Spanned::new(0..0, value)
}

/// The default of `section.key`, as one would type it.
fn default_value(section: &str, key: &str) -> Option<String> {
    let defaults = toml::Table::try_from(KioskFile::default()).ok()?;
    Some(defaults.get(section)?.get(key)?.to_string())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn shipped() -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config/kiosk.toml");
        std::fs::read_to_string(path).expect("the repository ships the file")
    }

    #[test]
    fn the_shipped_file_names_every_setting_with_its_default() {
        let shipped: toml::Table = shipped().parse().expect("the shipped file is TOML");
        let defaults = toml::Table::try_from(KioskFile::default()).expect("defaults are TOML");
        assert_eq!(shipped, defaults);
    }

    #[test]
    fn the_shipped_file_explains_every_setting() {
        let text = shipped();
        let mut previous = "";
        for line in text.lines() {
            if line.split_once('=').is_some_and(|_| !line.starts_with('#')) {
                assert!(previous.starts_with("# "), "no comment above `{line}`");
            }
            previous = line;
        }
    }
}
