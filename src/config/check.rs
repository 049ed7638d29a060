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

use super::{LEAST_SIZE, ListingsSettings, ScreenSettings, Settings, file};
use reqwest::Url;

use crate::{
    insurance::{Policy, retirement::Rules},
    link::{Bell, LinkSettings},
    staff::StaffSettings,
    visit::{
        fit::TextSize,
        focus::{Key, Keys},
        machine::{ExpiredDocument, Notice, Office, Plate, Side, VisitSettings},
    },
};

/// Line rates that readers of this kind are built for.
pub(super) const BAUD_RATES: [u32; 5] = card::driver::RATES;

/// What the checks need to know.
pub(super) struct Checker<'a> {
    pub(super) source: &'a Source,
    pub(super) config_dir: &'a Path,
    pub(super) data_dir: &'a Path,
    pub(super) divisions: &'a [Division],
}

impl Checker<'_> {
    /// Checks every setting. Directory, guides, boards and questions are left empty for the caller.
    pub(super) fn settings(&self, typed: file::KioskFile) -> Result<Settings, ConfigError> {
        let bell = self.bell(&typed.help)?;
        Ok(Settings {
            office: self.office(&typed.town)?,
            screen: self.screen(&typed.screen)?,
            reader: self.reader(&typed.reader)?,
            contact: self.slot(&typed.reader.contact)?,
            printer: self.printer(&typed.printer)?,
            link: self.link(&typed.link)?,
            listings: self.listings(&typed.listings)?,
            visit: self.visit(&typed, bell.is_some())?,
            bell,
            staff: StaffSettings::in_dir(self.data_dir),
            config_file: self.source.path.clone(),
            data_dir: self.data_dir.to_owned(),
            directory: Directory::default(),
            guides: Vec::new(),
            boards: Vec::new(),
            questions: Vec::new(),
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
                "请写 10 到 65，照屏幕标签上的英寸数写",
            ));
        }
        let settings = ScreenSettings {
            diagonal_inch: diagonal_inch as f32,
            width_px: self.within("screen.width_px", &typed.width_px, 600..=7_680)?,
            height_px: self.within("screen.height_px", &typed.height_px, 600..=7_680)?,
            fullscreen: typed.fullscreen,
            bottom_mm: self.within("screen.bottom_mm", &typed.bottom_mm, 0..=1_500)?,
            strip: 0.0,
        };
        if settings.relative_size(TextSize::Standard) < LEAST_SIZE {
            let what = format!(
                "{diagonal_inch} 英寸、{} × {} 像素的屏幕太小，放不下页面",
                settings.width_px, settings.height_px
            );
            let span = [typed.diagonal_inch.span(), typed.width_px.span(), typed.height_px.span()]
                .into_iter()
                .find(|span| *span != (0..0))
                .unwrap_or(0..0);
            let right = "至少要 11 英寸，短边不小于长边的一半";
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
                    "请写 115200、57600、38400、19200 或 9600，自动找就写 0",
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
                let right = "请照 `lsusb` 显示的写上 usb_vendor 和 usb_product，或者写串口的路径";
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
                "请写串口的完整路径，如 /dev/ttyUSB0，或写 \"usb\"；\
                 读卡器本身是 USB 设备的写 \"usb:0400:c35a\" 这样",
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
                let right = "reader.port 已经写了设备，这里请写 \"\"";
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
            "这个型号文件是给 {} 用的；请换一个，或复制一份，把这个设备写进 usb_ids",
            known.join("、")
        );
        Err(self.wrong("reader.port", &typed.port, &right))
    }

    /// The serial number that a device must have, if one was typed.
    fn usb_serial(&self, typed: &file::Reader) -> Result<Option<String>, ConfigError> {
        let serial = typed.usb_serial.get_ref().as_str();
        if serial.len() > 126 || serial.chars().any(char::is_control) {
            let right = "请写设备的序列号，只写一行；不限就写 \"\"";
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
                    let right = "请照 `lsusb` 显示的写四位十六进制数，或写 \"\"";
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
                let right = "usb_vendor 和 usb_product 要一起写：请补上 usb_product";
                Err(self.wrong("reader.usb_vendor", &typed.usb_vendor, right))
            }
            (None, Some(_)) => {
                let right = "usb_vendor 和 usb_product 要一起写：请补上 usb_vendor";
                Err(self.wrong("reader.usb_product", &typed.usb_product, right))
            }
            (None, None) => {
                let right = "只有序列号认不出设备：请补上 usb_vendor 和 usb_product";
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
                "请写 https:// 加县中心的主机名和端口，后面不写别的，如 https://county.example:8443",
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
            let right = "请写 U 盘出现在哪个目录下，要完整路径，如 /media";
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

    /// `rings` says whether the office has a bell.
    fn visit(&self, file: &file::KioskFile, rings: bool) -> Result<VisitSettings, ConfigError> {
        let typed = &file.visit;
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
                        "请写 \"flag\"（照办并提示）或 \"refuse\"（不办）",
                    ));
                }
            },
            notice: match typed.notice.get_ref().as_str() {
                "confirm" => Notice::Confirm,
                "show" => Notice::Show,
                _ => {
                    let right = "请写 \"confirm\" 或 \"show\"";
                    return Err(self.wrong("visit.notice", &typed.notice, right));
                }
            },
            plate: self.plate(&file.reader)?,
            keys: self.keys(&file.keys)?,
            who_comes: rings.then(|| self.words("help.who", &file.help.who, 10)).transpose()?,
        })
    }

    /// Where the office is called; nowhere if nothing is written.
    fn bell(&self, typed: &file::Help) -> Result<Option<Url>, ConfigError> {
        if typed.bell.get_ref().is_empty() {
            return Ok(None);
        }
        let right = "请写 http://主机:端口/路径，或者写 \"\"（没有）";
        let address = Bell::address(typed.bell.get_ref());
        address.map(Some).ok_or_else(|| self.wrong("help.bell", &typed.bell, right))
    }

    fn keys(&self, typed: &file::Keys) -> Result<Keys, ConfigError> {
        let does = [
            ("keys.next", &typed.next, Key::Next),
            ("keys.previous", &typed.previous, Key::Previous),
            ("keys.next_control", &typed.next_control, Key::NextControl),
            ("keys.previous_control", &typed.previous_control, Key::PreviousControl),
            ("keys.select", &typed.select, Key::Select),
            ("keys.back", &typed.back, Key::Back),
            ("keys.help", &typed.help, Key::Help),
            ("keys.size", &typed.size, Key::Size),
        ];
        let mut keys = Keys::default();
        for (setting, names, key) in does {
            for name in names {
                let Some(character) = Keys::named(name.get_ref()) else {
                    let right =
                        "请写按键的名字，如 \"Down\"、\"Enter\"、\"F1\"，或者键上的一个字符";
                    return Err(self.wrong(setting, name, right));
                };
                if !keys.add(character, key) {
                    return Err(self.wrong(setting, name, "这个键上面已经写过，请只留一处"));
                }
            }
        }
        let moves = [("keys.next", &typed.next), ("keys.next_control", &typed.next_control)];
        let moves = moves.iter().find_map(|(setting, names)| Some((setting, names.first()?)));
        if let Some((setting, name)) = moves.filter(|_| !keys.has(Key::Select)) {
            let right = "能移动就要能按下，请在 select 里写一个键";
            return Err(self.wrong(setting, name, right));
        }
        Ok(keys)
    }

    fn plate(&self, typed: &file::Reader) -> Result<Option<Plate>, ConfigError> {
        let cm = self.within("reader.distance_cm", &typed.distance_cm, 0..=200)?;
        let side = match typed.side.get_ref().as_str() {
            "" if cm == 0 => return Ok(None),
            "" => {
                let right = "请在 side 里写明在哪一边，或者写 0";
                return Err(self.wrong("reader.distance_cm", &typed.distance_cm, right));
            }
            "left" => Side::Left,
            "right" => Side::Right,
            "below" => Side::Below,
            _ => {
                let right = "请写 \"left\"（左边）、\"right\"（右边）、\"below\"（下面）或 \"\"";
                return Err(self.wrong("reader.side", &typed.side, right));
            }
        };
        Ok(Some(Plate { side, cm }))
    }

    /// The towns beside the own one: each once, and not the own one.
    fn neighbours(&self, typed: &file::Town) -> Result<Vec<DivisionCode>, ConfigError> {
        let mut neighbours: Vec<DivisionCode> = Vec::new();
        for code in &typed.neighbours {
            let division = self.division("town.neighbours", code)?;
            let own = typed.division.get_ref().starts_with(division.as_str());
            if own || neighbours.contains(&division) {
                let right = "邻近的乡镇每个只写一次，不写本镇";
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
            let right = "请写乡镇的 9 位代码或村的 12 位代码，如 510521100";
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
            let right =
                format!("divisions/ 里没有这个乡镇；请从那里选一个代码（{} 等）", known.join("、"));
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
            let right = format!("请写 1 到 {most} 个字，只写一行");
            return Err(self.wrong(name, typed, &right));
        }
        Ok(text.to_owned())
    }

    fn phone(&self, name: &str, typed: &Spanned<String>) -> Result<String, ConfigError> {
        let text = typed.get_ref().trim();
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let good = text.bytes().all(|b| b.is_ascii_digit() || b"- ".contains(&b));
        if !good || !(3..=16).contains(&digits) || text.len() > 20 {
            let right = "请写 3 到 16 位的电话号码，如 12333";
            return Err(self.wrong(name, typed, right));
        }
        Ok(text.to_owned())
    }

    /// A path; a relative one begins at the config directory.
    fn path(&self, name: &str, typed: &Spanned<String>) -> Result<PathBuf, ConfigError> {
        let text = typed.get_ref();
        if text.trim().is_empty() || text.len() > 255 || text.chars().any(char::is_control) {
            let right = "请写 PEM 文件的路径，从设置目录算起";
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
            let right = format!("请写 {} 到 {}", range.start(), range.end());
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
        self.source.wrong(typed.span(), format!("{name} 写的是 {:?}", typed.get_ref()), right)
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
