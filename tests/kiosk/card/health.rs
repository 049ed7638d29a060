//! Readers that vanish, babble, fall silent or are held by others, and their return.

use std::{fs, os::unix::fs::symlink, path::Path, process::Command, time::Duration};

use kiosk_base::domain::Stop;
use kiosk_devices::card::{
    ReaderEvent, ReaderSettings, ReaderStatus,
    port::{Port, PortTree, UsbId},
};
use kiosk_stage::simulator::{
    Fault, Options, SimulatedReader,
    reader::{FIND, STATUS},
};

use super::{A, B, Watched, card, simulator};

#[test]
fn a_reader_reported_unfit_is_down_until_it_is_well() {
    let simulator = simulator();
    simulator.plan(STATUS, Fault::Status(0x66), 1);
    let watched = Watched::start(simulator.port());
    watched.expect_status(ReaderStatus::Down(Stop::ReaderNotAuthorised));
    watched.expect_ready();
}

#[test]
fn noise_without_end_is_down_and_ends_with_it() {
    let mut simulator = simulator();
    let watched = Watched::start(simulator.port());
    watched.expect_ready();
    let babble: Vec<u8> = (0..300_000_u32).map(|i| ((i * 7919) >> 3) as u8).collect();
    simulator.plan(FIND, Fault::NoiseBefore(babble), 1);
    watched.expect_status(ReaderStatus::Down(Stop::ReaderNoise));
    simulator.unplug();
    simulator.lay(card("base_A"));
    drop(watched);
    simulator.replug().expect("a pseudo-terminal");
    let watched = Watched::start(simulator.port());
    watched.expect_ready();
    watched.expect(&ReaderEvent::CardFound);
    watched.expect_read(A);
}

#[test]
fn a_reader_that_is_pulled_out_in_the_middle_ends_the_visit() {
    let directory = tempfile::tempdir().expect("a directory");
    let link = directory.path().join("reader");
    let options = Options { link: Some(link.clone()), ..Options::default() };
    let mut simulator = SimulatedReader::start(options).expect("a pseudo-terminal");
    let watched = Watched::start(&link);
    watched.expect_ready();
    simulator.lay(card("base_A"));
    watched.expect(&ReaderEvent::CardFound);
    watched.expect_read(A);
    simulator.unplug();
    assert!(!link.is_symlink());
    watched.expect(&ReaderEvent::CardRemoved);
    watched.expect_status(ReaderStatus::Down(Stop::ReaderAbsent));
    simulator.lay(card("base_B"));
    simulator.replug().expect("a pseudo-terminal");
    watched.expect_ready();
    watched.expect(&ReaderEvent::CardFound);
    watched.expect_read(B);
}

#[test]
fn a_port_held_by_another_program_is_told_and_taken_when_free() {
    let simulator = simulator();
    let port = simulator.port().to_str().expect("a plain path");
    let other = serialport::new(port, 115_200).open_native().expect("the port is free");
    let watched = Watched::start(simulator.port());
    watched.expect_status(ReaderStatus::Down(Stop::ReaderBusy));
    drop(other);
    watched.expect_ready();
}

#[test]
fn a_thousand_times_unplugged_leaves_no_descriptor_and_no_thread_behind() {
    // In a process of its own: other tests open files and start threads meanwhile.
    let output = Command::new(std::env::current_exe().expect("this program"))
        .args(["card::health::unplugging_alone", "--exact", "--ignored", "--nocapture"])
        .output()
        .expect("this program runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "run by the test above, alone in its process"]
fn unplugging_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    let link = directory.path().join("reader");
    let options = Options { link: Some(link.clone()), ..Options::default() };
    let mut simulator = SimulatedReader::start(options).expect("a pseudo-terminal");
    let mut settings = ReaderSettings::simulated(&link);
    // A thousand times the usual pause would take long.
    settings.profile.reopen = Duration::from_millis(5);
    let watched = Watched::start_with(settings);
    watched.expect_ready();
    let count = |what: &str| fs::read_dir(format!("/proc/self/{what}")).expect("Linux").count();
    let before = (count("fd"), count("task"));
    for _ in 0..1000 {
        simulator.unplug();
        watched.expect_status(ReaderStatus::Down(Stop::ReaderAbsent));
        simulator.replug().expect("a pseudo-terminal");
        watched.expect_ready();
    }
    assert_eq!((count("fd"), count("task")), before);
    drop(watched);
    drop(simulator);
    // Three of the line (both ends, the wake's two) and two threads are given back.
    assert!(count("fd") < before.0);
    assert_eq!(count("task"), before.1 - 2);
}

/// Ports as the system shows them, made of files.
struct Ports {
    root: tempfile::TempDir,
}

impl Ports {
    fn tree(&self) -> PortTree {
        let (class, devices) = (self.root.path().join("class"), self.root.path().join("dev"));
        PortTree { class, devices }
    }

    /// The port `name` of a USB device, behind which `line` is.
    fn plug(&self, name: &str, vendor: &str, product: &str, line: &Path) {
        let PortTree { class, devices } = self.tree();
        let device = self.root.path().join("usb").join(name);
        let port = device.join("interface");
        for directory in [&class.join(name), &devices, &port] {
            fs::create_dir_all(directory).expect("writable");
        }
        fs::write(device.join("idVendor"), vendor).expect("writable");
        fs::write(device.join("idProduct"), product).expect("writable");
        symlink(&port, class.join(name).join("device")).expect("writable");
        symlink(line, devices.join(name)).expect("writable");
    }

    fn pull(&self, name: &str) {
        let PortTree { class, devices } = self.tree();
        fs::remove_file(devices.join(name)).expect("it is there");
        fs::remove_dir_all(class.join(name)).expect("it is there");
        fs::remove_dir_all(self.root.path().join("usb").join(name)).expect("it is there");
    }
}

#[test]
fn a_reader_is_found_under_another_name_and_a_stranger_under_its_own_is_not_opened() {
    let ports = Ports { root: tempfile::tempdir().expect("a directory") };
    let mut reader = simulator();
    ports.plug("ttyUSB0", "1a86", "7523", reader.port());
    let id = UsbId { vendor: 0x1A86, product: 0x7523, serial: None };
    let settings = ReaderSettings {
        port: Port::Usb(id),
        tree: ports.tree(),
        ..ReaderSettings::simulated(reader.port())
    };
    let watched = Watched::start_with(settings);
    watched.expect_ready();
    reader.unplug();
    ports.pull("ttyUSB0");
    watched.expect_status(ReaderStatus::Down(Stop::ReaderAbsent));
    // Another device takes its name; it would even answer.
    let stranger = simulator();
    stranger.lay(card("base_B"));
    ports.plug("ttyUSB0", "067b", "2303", stranger.port());
    reader.replug().expect("a pseudo-terminal");
    reader.lay(card("base_A"));
    ports.plug("ttyUSB1", "1a86", "7523", reader.port());
    watched.expect_ready();
    watched.expect(&ReaderEvent::CardFound);
    watched.expect_read(A);
    assert_eq!((stranger.asked(STATUS), stranger.asked(FIND)), (0, 0));
}
