//! From what was typed to what can be used. Every refusal names the setting, its value, its place
//! and what would be right.

use std::{
    ops::RangeInclusive,
    path::{Path, PathBuf},
    time::Duration,
};

use kiosk_base::{
    config::{ConfigError, fault::Source},
    domain::{Directory, Division, DivisionCode},
};
use kiosk_devices::card::{
    self, Baud, Port, PortTree, Profile, ReaderSettings, UsbBus, UsbId, port::NoPort,
};
use toml::Spanned;

use super::{ListingsSettings, ScreenSettings, Settings, file};
use crate::{
    insurance::{Policy, retirement::Rules},
    link::LinkSettings,
    staff::StaffSettings,
    visit::machine::{ExpiredDocument, Notice, Office, VisitSettings},
};

/// Line rates that readers of this kind are built for.
pub(super) const BAUD_RATES: [u32; 5] = card::driver::RATES;

/// How much smaller than they should be pages may be drawn: words are still 4.8 mm high (section
/// 402.4 of the US accessibility rules). An 11-inch screen is just above.
const LEAST_SIZE: f32 = 0.66;

/// What the checks need to know.
pub(super) struct Checker<'a> {
    pub(super) source: &'a Source,
    pub(super) config_dir: &'a Path,
    pub(super) data_dir: &'a Path,
    pub(super) divisions: &'a [Division],
}

impl Checker<'_> {
    /// Checks every setting. Directory, guides and boards are left empty for the caller.
    pub(super) fn settings(&self, typed: file::KioskFile) -> Result<Settings, ConfigError> {
        Ok(Settings {
            office: self.office(&typed.town)?,
            screen: self.screen(&typed.screen)?,
            reader: self.reader(&typed.reader)?,
            contact: self.slot(&typed.reader.contact)?,
            printer: self.printer(&typed.printer)?,
            link: self.link(&typed.link)?,
            listings: self.listings(&typed.listings)?,
            visit: self.visit(&typed.visit)?,
            staff: StaffSettings::in_dir(self.data_dir),
            config_file: self.source.path.clone(),
            data_dir: self.data_dir.to_owned(),
            directory: Directory::default(),
            guides: Vec::new(),
            boards: Vec::new(),
            policy: Policy::default(),
            retirement: Rules::default(),
        })
    }

    fn office(&self, typed: &file::Town) -> Result<Office, ConfigError> {
        Ok(Office {
            division: self.division("town.division", &typed.division)?,
            neighbours: self.neighbours(typed)?,
            town: self.words("town.name", &typed.name, 12)?,
            county: self.words("town.county", &typed.county, 12)?,
            name: self.words("town.office", &typed.office, 24)?,
            phone: self.phone("town.phone", &typed.phone)?,
            supervision: self.phone("town.supervision", &typed.supervision)?,
            hotline: self.phone("town.hotline", &typed.hotline)?,
            jobs_window: self.words("town.jobs_window", &typed.jobs_window, 16)?,
            insurance_window: self.words("town.insurance_window", &typed.insurance_window, 16)?,
            rights_window: self.words("town.rights_window", &typed.rights_window, 16)?,
        })
    }

    fn screen(&self, typed: &file::Screen) -> Result<ScreenSettings, ConfigError> {
        let diagonal_inch = *typed.diagonal_inch.get_ref();
        if !(10.0..=65.0).contains(&diagonal_inch) {
            return Err(self.wrong(
                "screen.diagonal_inch",
                &typed.diagonal_inch,
                "it must be from 10 to 65, as written on the screen's label",
            ));
        }
        let settings = ScreenSettings {
            diagonal_inch: diagonal_inch as f32,
            width_px: self.within("screen.width_px", &typed.width_px, 600..=7_680)?,
            height_px: self.within("screen.height_px", &typed.height_px, 600..=7_680)?,
            fullscreen: typed.fullscreen,
            strip: 0.0,
        };
        if settings.relative_size(false) < LEAST_SIZE {
            let what = format!(
                "a screen of {diagonal_inch} inches with {} × {} pixels is too small for the pages",
                settings.width_px, settings.height_px
            );
            let span = [typed.diagonal_inch.span(), typed.width_px.span(), typed.height_px.span()]
                .into_iter()
                .find(|span| *span != (0..0))
                .unwrap_or(0..0);
            let right = "at least 11 inches are needed, with neither side less than half the other";
            return Err(self.source.wrong(span, what, right));
        }
        Ok(settings)
    }

    fn reader(&self, typed: &file::Reader) -> Result<ReaderSettings, ConfigError> {
        let port = match self.usb_device(typed)? {
            Some(id) => Port::Direct(id),
            None => self.serial_port(typed)?,
        };
        let baud = match u32::try_from(*typed.baud.get_ref()) {
            Ok(0) => Baud::Probe,
            Ok(rate) if BAUD_RATES.contains(&rate) => Baud::Fixed(rate),
            _ => {
                return Err(self.wrong(
                    "reader.baud",
                    &typed.baud,
                    "it must be one of 115200, 57600, 38400, 19200 and 9600, or 0 to find it out",
                ));
            }
        };
        let profile = self.profile("reader", &typed.profile)?;
        self.made_for(&profile, &port, typed)?;
        let (tree, bus) = (PortTree::default(), UsbBus::default());
        Ok(ReaderSettings { port, baud, profile, tree, bus })
    }

    /// The serial port: a path, or that of a device.
    fn serial_port(&self, typed: &file::Reader) -> Result<Port, ConfigError> {
        let id = self.usb_id(typed)?;
        match (typed.port.get_ref().as_str(), id) {
            ("usb", Some(id)) => Ok(Port::Usb(id)),
            ("usb", None) => {
                let right = "name the device with usb_vendor and usb_product, as `lsusb` shows \
                             them, or write the port's path";
                Err(self.wrong("reader.port", &typed.port, right))
            }
            (path, id)
                if path.starts_with('/')
                    && path.len() <= 255
                    && !path.chars().any(char::is_control) =>
            {
                Ok(Port::At(path.into(), id))
            }
            _ => Err(self.wrong(
                "reader.port",
                &typed.port,
                "it must be the full path of the serial port, such as /dev/ttyUSB0, or \"usb\", or \
                 \"usb:0400:c35a\" for a reader that is a USB device itself",
            )),
        }
    }

    /// The device of `usb:VVVV:PPPP`, if that was typed.
    fn usb_device(&self, typed: &file::Reader) -> Result<Option<UsbId>, ConfigError> {
        if !typed.port.get_ref().starts_with("usb:") {
            return Ok(None);
        }
        let Ok(Port::Direct(id)) = typed.port.get_ref().parse() else {
            return Err(self.wrong("reader.port", &typed.port, &NoPort.to_string()));
        };
        for (name, twice) in
            [("reader.usb_vendor", &typed.usb_vendor), ("reader.usb_product", &typed.usb_product)]
        {
            if !twice.get_ref().is_empty() {
                let right = "reader.port names the device already: write \"\" here";
                return Err(self.wrong(name, twice, right));
            }
        }
        let serial = self.usb_serial(typed)?;
        Ok(Some(UsbId { serial, ..id }))
    }

    /// A profile that names devices is for those alone: nobody speaks to a keyboard by mistake.
    fn made_for(
        &self,
        profile: &Profile,
        port: &Port,
        typed: &file::Reader,
    ) -> Result<(), ConfigError> {
        let Port::Direct(id) = port else { return Ok(()) };
        if profile.usb.ids.allow(id) {
            return Ok(());
        }
        let known: Vec<_> =
            profile.usb.ids.iter().map(|(v, p)| format!("usb:{v:04x}:{p:04x}")).collect();
        let right = format!(
            "that profile is for {}; take another one, or copy it and write this device into its \
             usb_ids",
            known.join(", ")
        );
        Err(self.wrong("reader.port", &typed.port, &right))
    }

    /// The serial number that a device must have, if one was typed.
    fn usb_serial(&self, typed: &file::Reader) -> Result<Option<String>, ConfigError> {
        let serial = typed.usb_serial.get_ref().as_str();
        if serial.len() > 126 || serial.chars().any(char::is_control) {
            let right = "it must be the serial number on one line, or \"\" for any";
            return Err(self.wrong("reader.usb_serial", &typed.usb_serial, right));
        }
        Ok((!serial.is_empty()).then(|| serial.to_owned()))
    }

    /// The identity of the reader's USB device, if one was typed.
    fn usb_id(&self, typed: &file::Reader) -> Result<Option<UsbId>, ConfigError> {
        let number = |name, typed: &Spanned<String>| match typed.get_ref().as_str() {
            "" => Ok(None),
            text => match u16::from_str_radix(text, 16) {
                Ok(number) if text.len() == 4 => Ok(Some(number)),
                _ => {
                    let right =
                        "it must be four hexadecimal digits, as `lsusb` shows them, or \"\"";
                    Err(self.wrong(name, typed, right))
                }
            },
        };
        let vendor = number("reader.usb_vendor", &typed.usb_vendor)?;
        let product = number("reader.usb_product", &typed.usb_product)?;
        let serial = self.usb_serial(typed)?;
        match (vendor, product) {
            (Some(vendor), Some(product)) => Ok(Some(UsbId { vendor, product, serial })),
            (None, None) if serial.is_none() => Ok(None),
            (Some(_), None) => {
                let right = "usb_vendor and usb_product go together: write the product, too";
                Err(self.wrong("reader.usb_vendor", &typed.usb_vendor, right))
            }
            (None, Some(_)) => {
                let right = "usb_vendor and usb_product go together: write the vendor, too";
                Err(self.wrong("reader.usb_product", &typed.usb_product, right))
            }
            (None, None) => {
                let right = "a serial number alone names no device: write vendor and product, too";
                Err(self.wrong("reader.usb_serial", &typed.usb_serial, right))
            }
        }
    }

    fn link(&self, typed: &file::Link) -> Result<LinkSettings, ConfigError> {
        let url = typed.url.get_ref();
        if !is_origin(url) {
            return Err(self.wrong(
                "link.url",
                &typed.url,
                "it must be https:// with the county's host name and port and nothing after them, \
                 such as https://county.example:8443",
            ));
        }
        Ok(LinkSettings {
            url: url.trim_end_matches('/').to_owned(),
            authority: self.path("link.authority", &typed.authority)?,
            certificate: self.path("link.certificate", &typed.certificate)?,
            key: self.path("link.key", &typed.key)?,
            feed_key: self.path("link.feed_key", &typed.feed_key)?,
        })
    }

    /// An absolute path, and not the root: all of the machine is not to be looked through.
    fn sticks(&self, typed: &Spanned<String>) -> Result<PathBuf, ConfigError> {
        let path = Path::new(typed.get_ref().trim());
        if !path.is_absolute() || path.parent().is_none() {
            let right = "it must be the full path of the directory under which USB sticks appear, \
                         such as /media";
            return Err(self.wrong("listings.sticks", typed, right));
        }
        Ok(path.to_owned())
    }

    fn listings(&self, typed: &file::Listings) -> Result<ListingsSettings, ConfigError> {
        let minutes =
            self.within("listings.refresh_every_minutes", &typed.refresh_every_minutes, 1..=1_440)?;
        Ok(ListingsSettings {
            database: self.data_dir.join("listings.db"),
            refresh_every: Duration::from_secs(u64::from(minutes) * 60),
            sticks: self.sticks(&typed.sticks)?,
        })
    }

    fn visit(&self, typed: &file::Visit) -> Result<VisitSettings, ConfigError> {
        let seconds = |name, value, range| -> Result<Duration, ConfigError> {
            Ok(Duration::from_secs(self.within(name, value, range)?.into()))
        };
        Ok(VisitSettings {
            idle: seconds("visit.idle_seconds", &typed.idle_seconds, 15..=600)?,
            warning: seconds("visit.warning_seconds", &typed.warning_seconds, 5..=120)?,
            show: seconds("visit.show_seconds", &typed.show_seconds, 5..=120)?,
            expired_document: match typed.expired_document.get_ref().as_str() {
                "flag" => ExpiredDocument::Flag,
                "refuse" => ExpiredDocument::Refuse,
                _ => {
                    return Err(self.wrong(
                        "visit.expired_document",
                        &typed.expired_document,
                        "it must be \"flag\" (serve and say so) or \"refuse\"",
                    ));
                }
            },
            notice: match typed.notice.get_ref().as_str() {
                "confirm" => Notice::Confirm,
                "show" => Notice::Show,
                _ => {
                    let right = "it must be \"confirm\" or \"show\"";
                    return Err(self.wrong("visit.notice", &typed.notice, right));
                }
            },
        })
    }

    /// The towns beside the own one: each once, and not the own one.
    fn neighbours(&self, typed: &file::Town) -> Result<Vec<DivisionCode>, ConfigError> {
        let mut neighbours: Vec<DivisionCode> = Vec::new();
        for code in &typed.neighbours {
            let division = self.division("town.neighbours", code)?;
            let own = typed.division.get_ref().starts_with(division.as_str());
            if own || neighbours.contains(&division) {
                let right = "name each town beside the own one once, and not the own one";
                return Err(self.wrong("town.neighbours", code, right));
            }
            neighbours.push(division);
        }
        Ok(neighbours)
    }

    fn division(&self, name: &str, typed: &Spanned<String>) -> Result<DivisionCode, ConfigError> {
        let text = typed.get_ref();
        let code = DivisionCode::parse(text).ok().filter(|code| code.as_str().len() > 6);
        let Some(code) = code else {
            let right = "it must be the 9 digits of a town or the 12 of a village, \
                         such as 510521100";
            return Err(self.wrong(name, typed, right));
        };
        let town = &code.as_str()[..9];
        if !self.divisions.iter().any(|division| division.code.as_str() == town) {
            let known: Vec<_> = self
                .divisions
                .iter()
                .filter(|division| division.code.as_str().len() == 9)
                .take(3)
                .map(|division| format!("{} {}", division.code, division.name))
                .collect();
            let right = format!(
                "no file in divisions/ knows this town; take a code from there ({}, …)",
                known.join(", ")
            );
            return Err(self.wrong(name, typed, &right));
        }
        Ok(code)
    }

    /// Words for a page: something to read, on one line, no longer than `most` characters.
    pub(super) fn words(
        &self,
        name: &str,
        typed: &Spanned<String>,
        most: usize,
    ) -> Result<String, ConfigError> {
        let text = typed.get_ref().trim();
        let good =
            (1..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if !good {
            let right = format!("it must be 1 to {most} characters on one line");
            return Err(self.wrong(name, typed, &right));
        }
        Ok(text.to_owned())
    }

    fn phone(&self, name: &str, typed: &Spanned<String>) -> Result<String, ConfigError> {
        let text = typed.get_ref().trim();
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let good = text.bytes().all(|b| b.is_ascii_digit() || b"- ".contains(&b));
        if !good || !(3..=16).contains(&digits) || text.len() > 20 {
            let right = "it must be a telephone number of 3 to 16 digits, such as 12333";
            return Err(self.wrong(name, typed, right));
        }
        Ok(text.to_owned())
    }

    /// A path; a relative one begins at the config directory.
    fn path(&self, name: &str, typed: &Spanned<String>) -> Result<PathBuf, ConfigError> {
        let text = typed.get_ref();
        if text.trim().is_empty() || text.len() > 255 || text.chars().any(char::is_control) {
            let right = "it must be the path of a PEM file, relative to the config directory";
            return Err(self.wrong(name, typed, right));
        }
        Ok(self.config_dir.join(text))
    }

    pub(super) fn within(
        &self,
        name: &str,
        typed: &Spanned<i64>,
        range: RangeInclusive<u32>,
    ) -> Result<u32, ConfigError> {
        let number = u32::try_from(*typed.get_ref()).ok().filter(|n| range.contains(n));
        number.ok_or_else(|| {
            let right = format!("it must be from {} to {}", range.start(), range.end());
            self.wrong(name, typed, &right)
        })
    }

    pub(super) fn wrong<T: std::fmt::Debug>(
        &self,
        name: &str,
        typed: &Spanned<T>,
        right: &str,
    ) -> ConfigError {
        // Debug puts quotes around a text and keeps it on one line.
        self.source.wrong(typed.span(), format!("{name} is {:?}", typed.get_ref()), right)
    }
}

/// Whether `text` is `https://host[:port]`, with at most a slash behind it.
fn is_origin(text: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(text) else { return false };
    url.scheme() == "https"
        && url.has_host()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && url.port() != Some(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_host_and_nothing_more() {
        for good in ["https://localhost:8443", "https://10.1.2.3", "https://xian.example/"] {
            assert!(is_origin(good), "{good}");
        }
        for bad in [
            "http://localhost:8443",
            "localhost:8443",
            "https://",
            "https://a@b",
            "https://a/v1",
            "https://a:0",
            "https://a/?q",
            "",
        ] {
            assert!(!is_origin(bad), "{bad}");
        }
    }
}
