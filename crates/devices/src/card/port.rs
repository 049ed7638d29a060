//! Where the reader is: a path, whatever port a USB device of known identity has at the moment, or
//! that device itself.
//!
//! Linux numbers serial ports in the order in which they appear, so a reader that was re-plugged
//! may be found under another name, and another device under the reader's. The identity stands
//! beside the port in `/sys/class/tty/NAME/device`, some directories up, and needs no library.
//! Keeps no state.

use std::{
    fs, io,
    path::{Path, PathBuf},
    str::FromStr,
};

use kiosk_base::domain::Stop;

/// Which port to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Port {
    /// The port at this path, and no other. With an identity only when that device is behind it.
    At(PathBuf, Option<UsbId>),
    /// The port of this device, wherever it is.
    Usb(UsbId),
    /// This device itself, which has no serial port.
    Direct(UsbId),
}

impl Port {
    /// The port in words, for a report: never more than the installer typed.
    pub fn words(&self) -> String {
        match self {
            Self::At(path, _) => path.display().to_string(),
            Self::Usb(id) => format!("USB {:04x}:{:04x}", id.vendor, id.product),
            Self::Direct(id) => format!("usb:{:04x}:{:04x}", id.vendor, id.product),
        }
    }
}

/// What a port must look like to be none of the known kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("usb: 后面是 `lsusb` 显示的厂商号和产品号，例如 usb:0400:c35a")]
pub struct NoPort;

impl FromStr for Port {
    type Err = NoPort;

    /// `usb:VVVV:PPPP` is a USB device itself, anything else a path.
    fn from_str(text: &str) -> Result<Self, NoPort> {
        match text.strip_prefix("usb:") {
            None => Ok(Self::At(text.into(), None)),
            Some(id) => UsbId::parse(id).map(Self::Direct).ok_or(NoPort),
        }
    }
}

/// Identity of a USB device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsbId {
    /// `idVendor`.
    pub vendor: u16,
    /// `idProduct`.
    pub product: u16,
    /// The serial number; `None` takes any.
    pub serial: Option<String>,
}

impl UsbId {
    /// `VVVV:PPPP`, four hexadecimal digits each; any serial number.
    pub fn parse(text: &str) -> Option<Self> {
        let number = |digits: &str| {
            let plain = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            plain.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
        };
        let (vendor, product) = text.split_once(':')?;
        Some(Self { vendor: number(vendor)?, product: number(product)?, serial: None })
    }
}

/// Where the system keeps its ports. Another one than the real one is for tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortTree {
    /// `/sys/class/tty`.
    pub class: PathBuf,
    /// `/dev`.
    pub devices: PathBuf,
}

impl Default for PortTree {
    fn default() -> Self {
        Self { class: "/sys/class/tty".into(), devices: "/dev".into() }
    }
}

/// Most ports that are looked at.
const PORTS_MAX: usize = 1024;
/// Longest chain of links behind a path, and most directories between a port and its device.
const STEPS_MAX: usize = 10;

/// The path to open at this moment.
///
/// # Errors
/// [`Stop::ReaderAbsent`] when there is none, [`Stop::ReaderForeign`] when another device is there
/// or several fit: opening the wrong one would speak to it. A device without a port has no path.
pub fn resolve(port: &Port, tree: &PortTree) -> Result<PathBuf, Stop> {
    match port {
        Port::At(path, None) => Ok(path.clone()),
        Port::Direct(_) => Err(Stop::ReaderAbsent),
        Port::At(path, Some(id)) => {
            fs::metadata(path).map_err(|error| match error.kind() {
                io::ErrorKind::PermissionDenied => Stop::ReaderForbidden,
                _ => Stop::ReaderAbsent,
            })?;
            match name(path, tree).is_some_and(|name| belongs(tree, &name, id)) {
                true => Ok(path.clone()),
                false => Err(Stop::ReaderForeign),
            }
        }
        Port::Usb(id) => {
            let mut names = names(tree);
            names.retain(|name| belongs(tree, name, id));
            match names.as_slice() {
                [] => Err(Stop::ReaderAbsent),
                [name] => Ok(tree.devices.join(name)),
                several => {
                    tracing::warn!("reader: {} ports have its identity", several.len());
                    Err(Stop::ReaderForeign)
                }
            }
        }
    }
}

/// The names of all ports.
fn names(tree: &PortTree) -> Vec<String> {
    let Ok(entries) = fs::read_dir(&tree.class) else { return Vec::new() };
    let mut names: Vec<_> = entries
        .take(PORTS_MAX)
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

/// The name under which the system knows the port at `path`, which may be a link
/// (`/dev/serial/by-id/…`).
fn name(path: &Path, tree: &PortTree) -> Option<String> {
    let mut path = path.to_owned();
    for _ in 0..STEPS_MAX {
        let name = path.file_name()?.to_str()?;
        if tree.class.join(name).symlink_metadata().is_ok() {
            return Some(name.to_owned());
        }
        let target = fs::read_link(&path).ok()?;
        path = path.parent()?.join(target);
    }
    None
}

/// Whether the port `name` is one of the device `id`.
fn belongs(tree: &PortTree, name: &str, id: &UsbId) -> bool {
    let Ok(device) = fs::canonicalize(tree.class.join(name).join("device")) else { return false };
    // The port belongs to an interface, the interface to the device.
    let Some(device) =
        device.ancestors().take(STEPS_MAX).find(|directory| directory.join("idVendor").is_file())
    else {
        return false;
    };
    let read = |file: &str| {
        let text = fs::read_to_string(device.join(file)).ok()?;
        Some(text.trim().to_owned())
    };
    let number = |file: &str| u16::from_str_radix(&read(file)?, 16).ok();
    number("idVendor") == Some(id.vendor)
        && number("idProduct") == Some(id.product)
        && (id.serial.is_none() || read("serial") == id.serial)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A tree as the system has it, with ports of USB devices.
    fn tree(ports: &[(&str, &str, &str, Option<&str>)]) -> (tempfile::TempDir, PortTree) {
        let root = tempfile::tempdir().expect("a directory");
        let tree =
            PortTree { class: root.path().join("class/tty"), devices: root.path().join("dev") };
        fs::create_dir_all(&tree.class).expect("writable");
        fs::create_dir_all(&tree.devices).expect("writable");
        for (i, (name, vendor, product, serial)) in ports.iter().enumerate() {
            let device = root.path().join(format!("devices/pci0/usb1/1-{i}"));
            let port = device.join(format!("1-{i}:1.0")).join(name);
            fs::create_dir_all(port.join("tty").join(name)).expect("writable");
            fs::write(device.join("idVendor"), format!("{vendor}\n")).expect("writable");
            fs::write(device.join("idProduct"), format!("{product}\n")).expect("writable");
            if let Some(serial) = serial {
                fs::write(device.join("serial"), format!("{serial}\n")).expect("writable");
            }
            symlink(&port, port.join("tty").join(name).join("device")).expect("writable");
            symlink(port.join("tty").join(name), tree.class.join(name)).expect("writable");
            fs::write(tree.devices.join(name), "").expect("writable");
        }
        // A port that is no USB device's.
        fs::create_dir(tree.class.join("ttyS0")).expect("writable");
        (root, tree)
    }

    fn id(serial: Option<&str>) -> UsbId {
        UsbId { vendor: 0x1A86, product: 0x7523, serial: serial.map(str::to_owned) }
    }

    #[test]
    fn a_device_is_found_under_whatever_name_it_has() {
        let (_root, tree) = tree(&[
            ("ttyUSB0", "067b", "2303", None),
            ("ttyUSB1", "1a86", "7523", Some("A1")),
            ("ttyUSB2", "1a86", "7523", Some("B2")),
        ]);
        let found = |serial| resolve(&Port::Usb(id(serial)), &tree);
        assert_eq!(found(Some("B2")), Ok(tree.devices.join("ttyUSB2")));
        assert_eq!(found(Some("C3")), Err(Stop::ReaderAbsent));
        // Either could be the reader: neither is spoken to.
        assert_eq!(found(None), Err(Stop::ReaderForeign));
    }

    #[test]
    fn another_device_under_the_readers_name_is_not_opened() {
        let (root, tree) =
            tree(&[("ttyUSB0", "067b", "2303", None), ("ttyUSB1", "1a86", "7523", None)]);
        let at = |path: PathBuf| resolve(&Port::At(path, Some(id(None))), &tree);
        assert_eq!(at(tree.devices.join("ttyUSB0")), Err(Stop::ReaderForeign));
        assert_eq!(at(tree.devices.join("ttyUSB1")), Ok(tree.devices.join("ttyUSB1")));
        assert_eq!(at(tree.devices.join("ttyUSB9")), Err(Stop::ReaderAbsent));
        // Behind a stable name, too.
        let stable = root.path().join("by-id");
        symlink("dev/ttyUSB1", &stable).expect("writable");
        assert_eq!(at(stable.clone()), Ok(stable.clone()));
        fs::remove_file(&stable).expect("it is there");
        symlink("dev/ttyUSB0", &stable).expect("writable");
        assert_eq!(at(stable), Err(Stop::ReaderForeign));
        let plain = root.path().join("ttyS0");
        fs::write(&plain, "").expect("writable");
        assert_eq!(at(plain), Err(Stop::ReaderForeign));
    }

    #[test]
    fn a_port_is_a_path_or_a_device() {
        let direct = UsbId { vendor: 0x0400, product: 0xC35A, serial: None };
        for text in ["usb:0400:c35a", "usb:0400:C35A"] {
            assert_eq!(text.parse(), Ok(Port::Direct(direct.clone())));
        }
        assert_eq!(Port::Direct(direct).words(), "usb:0400:c35a");
        assert_eq!("/dev/ttyUSB0".parse(), Ok(Port::At("/dev/ttyUSB0".into(), None)));
        for wrong in ["usb:", "usb:0400", "usb:400:c35a", "usb:0400:c35a:1", "usb:+400:c35a"] {
            assert_eq!(wrong.parse::<Port>(), Err(NoPort), "{wrong}");
        }
    }

    #[test]
    fn a_system_without_ports_has_no_reader() {
        let tree = PortTree { class: "/nonexistent".into(), devices: "/dev".into() };
        assert_eq!(resolve(&Port::Usb(id(None)), &tree), Err(Stop::ReaderAbsent));
        let anywhere = Port::At("/nonexistent/port".into(), None);
        assert_eq!(resolve(&anywhere, &tree), Ok("/nonexistent/port".into()));
    }
}
