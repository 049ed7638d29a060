//! A reader that is a USB device: the driver over a simulated bus, packet by packet. The crate that
//! speaks to a real bus is not under test here; this machine may have none.

use std::{fs, path::Path, process::Command, time::Duration};

use kiosk_base::domain::Stop;
use kiosk_devices::card::{
    Port, Profile, ReaderEvent, ReaderSettings, ReaderStatus,
    usb::{Pipes, UsbWays},
};
use kiosk_stage::simulator::{
    Fault, Options, SimulatedReader, UsbFault, UsbShape,
    reader::{FIND, READ_APPENDED_ADDRESS, READ_BASE, SELECT, STATUS},
};

use super::{A, B, Watched, card};

fn shapes() -> [UsbShape; 3] {
    [UsbShape::one_pair(), UsbShape::two_pairs(), UsbShape::reports()]
}

fn simulator(shape: UsbShape) -> SimulatedReader {
    let options = Options { usb: Some(shape), ..Options::default() };
    SimulatedReader::start(options).expect("no port is needed")
}

/// A card laid, read and lifted.
fn visit(simulator: &SimulatedReader, watched: &Watched, name: &str, number: &str) {
    simulator.lay(card(name));
    watched.expect(&ReaderEvent::CardFound);
    watched.expect_read(number);
    simulator.lift();
    watched.expect(&ReaderEvent::CardRemoved);
}

#[test]
fn a_card_is_read_through_every_kind_of_pipes() {
    for shape in shapes() {
        let simulator = simulator(shape);
        let watched = Watched::start_with(simulator.settings());
        watched.expect_ready();
        for (name, number) in [("base_A", A), ("base_B", B)] {
            visit(&simulator, &watched, name, number);
        }
    }
}

#[test]
fn pipes_that_nobody_named_are_found() {
    for shape in [UsbShape::one_pair(), UsbShape::two_pairs()] {
        let simulator = simulator(shape);
        let settings = ReaderSettings { profile: Profile::SIMULATOR, ..simulator.settings() };
        assert_eq!(settings.profile.usb.pipes, Pipes::Probe);
        let watched = Watched::start_with(settings);
        watched.expect_ready();
        visit(&simulator, &watched, "base_A", A);
    }
}

/// Packets say nothing about where an answer begins or ends.
#[test]
fn answers_come_whole_however_they_are_packed() {
    for shape in shapes() {
        for fault in [
            UsbFault::ShortPackets(1),
            UsbFault::ShortPackets(7),
            UsbFault::ShortPackets(63),
            UsbFault::EmptyPackets,
            UsbFault::OnePipe,
        ] {
            if shape.ways.padded && matches!(fault, UsbFault::ShortPackets(_)) {
                // A report is full by its nature.
                continue;
            }
            let simulator = simulator(shape.clone());
            simulator.plan_usb(fault);
            let watched = Watched::start_with(simulator.settings());
            watched.expect_ready();
            visit(&simulator, &watched, "base_A", A);
            visit(&simulator, &watched, "base_B", B);
        }
    }
}

#[test]
fn a_halted_pipe_is_set_going_again() {
    for (shape, endpoints) in [
        (UsbShape::one_pair(), vec![0x02, 0x81]),
        (UsbShape::two_pairs(), vec![0x02, 0x06, 0x81, 0x85]),
        (UsbShape::reports(), vec![0x81]),
    ] {
        let simulator = simulator(shape);
        let watched = Watched::start_with(simulator.settings());
        watched.expect_ready();
        for endpoint in endpoints {
            simulator.plan_usb(UsbFault::Halt(endpoint));
            visit(&simulator, &watched, "base_A", A);
        }
    }
}

#[test]
fn requests_that_are_not_taken_are_a_silent_reader() {
    let simulator = simulator(UsbShape::two_pairs());
    let watched = Watched::start_with(simulator.settings());
    watched.expect_ready();
    // Once may be chance.
    simulator.plan_usb(UsbFault::Refuse(1));
    visit(&simulator, &watched, "base_A", A);
    simulator.plan_usb(UsbFault::Refuse(3));
    watched.expect_status(ReaderStatus::Down(Stop::ReaderSilent));
    watched.expect_ready();
    visit(&simulator, &watched, "base_B", B);
}

#[test]
fn a_spoilt_answer_is_read_again_without_a_word() {
    let faults = [
        Fault::NoiseBefore(vec![0, 0xFF, 0x41, 0x41, 0xAA, 0xAA, 0xAA, 0x96]),
        Fault::NoiseWithin { at: 700, bytes: vec![0xAA, 0xAA, 0xAA, 0x96, 0x69, 0, 4] },
        Fault::Flip { at: 20, flip: 1 },
        Fault::Flip { at: 9, flip: 0xFF },
        Fault::Cut(5),
        Fault::Cut(900),
        Fault::Length(0xFFFF),
        Fault::Length(4096),
        Fault::Length(0),
        Fault::Twice,
        Fault::Status(0x41),
        Fault::Late(Duration::from_millis(400)),
        Fault::Slow(Duration::from_millis(50)),
        Fault::Silence,
    ];
    for shape in shapes() {
        let simulator = simulator(shape.clone());
        let watched = Watched::start_with(simulator.settings());
        watched.expect_ready();
        for fault in faults.clone() {
            simulator.plan(READ_BASE, fault, 1);
            visit(&simulator, &watched, "base_A", A);
        }
    }
}

#[test]
fn a_late_or_doubled_answer_answers_no_other_request() {
    let late = Fault::Late(Duration::from_millis(1200));
    let faults = [
        (FIND, Fault::Twice),
        (SELECT, Fault::Twice),
        (READ_APPENDED_ADDRESS, Fault::Twice),
        (FIND, late.clone()),
        (SELECT, late),
        (SELECT, Fault::Silence),
    ];
    for shape in shapes() {
        let simulator = simulator(shape);
        let watched = Watched::start_with(simulator.settings());
        watched.expect_ready();
        let cards = [("base_A", A), ("base_B", B)].into_iter().cycle();
        for ((command, fault), (name, number)) in faults.clone().into_iter().zip(cards) {
            simulator.plan(command, fault, 1);
            visit(&simulator, &watched, name, number);
        }
    }
}

#[test]
fn a_reader_pulled_out_in_the_middle_of_an_answer_ends_the_visit() {
    for shape in shapes() {
        // After the first packet of a search, and in the middle of a text of some twenty packets.
        for packets in [1, 3, 9, 15] {
            let mut simulator = simulator(shape.clone());
            let watched = Watched::start_with(simulator.settings());
            watched.expect_ready();
            simulator.plan_usb(UsbFault::PullAfter(packets));
            simulator.lay(card("base_A"));
            loop {
                match watched.next() {
                    ReaderEvent::Status(ReaderStatus::Down(Stop::ReaderAbsent)) => break,
                    ReaderEvent::CardFound | ReaderEvent::CardRemoved => {}
                    other => panic!("{packets}: {other:?}"),
                }
            }
            simulator.lay(card("base_B"));
            simulator.replug().expect("no port is needed");
            watched.expect_ready();
            watched.expect(&ReaderEvent::CardFound);
            watched.expect_read(B);
        }
    }
}

#[test]
fn unplugged_and_plugged_in_again_it_is_the_same_reader() {
    let mut simulator = simulator(UsbShape::two_pairs());
    let watched = Watched::start_with(simulator.settings());
    watched.expect_ready();
    for (name, number) in [("base_A", A), ("base_B", B)] {
        simulator.lay(card(name));
        watched.expect(&ReaderEvent::CardFound);
        watched.expect_read(number);
        simulator.unplug();
        watched.expect(&ReaderEvent::CardRemoved);
        watched.expect_status(ReaderStatus::Down(Stop::ReaderAbsent));
        simulator.lift();
        simulator.replug().expect("no port is needed");
        watched.expect_ready();
    }
}

#[test]
fn a_reader_that_somebody_has_is_taken_when_it_is_free() {
    let simulator = simulator(UsbShape::one_pair());
    let other = Watched::start_with(simulator.settings());
    other.expect_ready();
    let watched = Watched::start_with(simulator.settings());
    watched.expect_status(ReaderStatus::Down(Stop::ReaderBusy));
    drop(other);
    watched.expect_ready();
}

#[test]
fn what_the_profile_does_not_fit_is_not_spoken_to() {
    let simulator = simulator(UsbShape::one_pair());
    let mut odd = simulator.settings();
    odd.profile.usb.pipes = Pipes::Two { out: [0x02, 0x06], into: [0x81, 0x85] };
    let mut elsewhere = simulator.settings();
    elsewhere.profile.usb.interface = 1;
    let mut foreign = simulator.settings();
    foreign.profile.usb.ids = kiosk_devices::card::usb::UsbIds::of(&[(1, 2)]).expect("one");
    for settings in [odd, elsewhere, foreign] {
        let watched = Watched::start_with(settings);
        watched.expect_status(ReaderStatus::Down(Stop::ReaderPipes));
    }
    assert_eq!((simulator.asked(STATUS), simulator.asked(FIND)), (0, 0));
    // No such device.
    let mut absent = simulator.settings();
    absent.port = "usb:1234:5678".parse().expect("a device");
    Watched::start_with(absent).expect_status(ReaderStatus::Down(Stop::ReaderAbsent));
}

/// One that answers, and not as a reader.
#[test]
fn babble_without_end_is_down_and_ends_with_it() {
    let mut simulator = simulator(UsbShape::one_pair());
    let watched = Watched::start_with(simulator.settings());
    watched.expect_ready();
    let babble: Vec<u8> = (0..300_000_u32).map(|i| ((i * 7919) >> 3) as u8).collect();
    simulator.plan(FIND, Fault::NoiseBefore(babble), 1);
    watched.expect_status(ReaderStatus::Down(Stop::ReaderNoise));
    simulator.unplug();
    simulator.lay(card("base_A"));
    drop(watched);
    simulator.replug().expect("no port is needed");
    let watched = Watched::start_with(simulator.settings());
    watched.expect_ready();
    watched.expect(&ReaderEvent::CardFound);
    watched.expect_read(A);
}

#[test]
fn a_thousand_times_unplugged_leaves_no_thread_behind() {
    let mut simulator = simulator(UsbShape::two_pairs());
    let mut settings = simulator.settings();
    settings.profile.reopen = Duration::from_millis(5);
    let watched = Watched::start_with(settings);
    watched.expect_ready();
    for _ in 0..1000 {
        simulator.unplug();
        watched.expect_status(ReaderStatus::Down(Stop::ReaderAbsent));
        simulator.replug().expect("no port is needed");
        watched.expect_ready();
    }
    visit(&simulator, &watched, "base_A", A);
}

/// `kiosk card read` and `kiosk check` on a machine that has no such device.
#[test]
fn the_commands_know_readers_on_usb() {
    let kiosk = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_kiosk")).args(arguments).output();
        let output = output.expect("kiosk runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned(), said)
    };
    let (code, _, said) = kiosk(&["card", "read", "--port", "usb:ffff:fffe", "--timeout", "1"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.starts_with("R01 ") && said.lines().count() == 1, "{said}");
    let (code, _, said) = kiosk(&["card", "read", "--port", "usb:0400"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("usb:0400:c35a"), "{said}");

    let directory = tempfile::tempdir().expect("a directory");
    let config = directory.path().join("config");
    crate::support::kiosk::copy(&crate::support::kiosk::shipped(), &config);
    let settings = config.join("kiosk.toml");
    let text = fs::read_to_string(&settings).expect("readable");
    let port = "port = \"usb:ffff:fffe\"";
    fs::write(&settings, text.replace("port = \"/dev/ttyUSB0\"", port)).expect("writable");
    let place = |path: &Path| path.to_str().expect("plain").to_owned();
    let (config, data) = (place(&config), place(directory.path()));
    let (_, report, _) = kiosk(&["--config", &config, "--data", &data, "check", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&report).expect("one object");
    let checks = report["checks"].as_array().expect("a list");
    let reader = checks.iter().find(|check| check["name"] == "reader").expect("it is looked at");
    assert_eq!(reader["code"], "R01", "{reader}");
    assert!(reader["message"].as_str().is_some_and(|words| words.contains("usb:ffff:fffe")));
}

#[test]
fn a_simulated_device_is_named_as_a_port() {
    let simulator = simulator(UsbShape::one_pair());
    assert_eq!(simulator.settings().port, "usb:0400:c35a".parse::<Port>().expect("a device"));
    assert_eq!(simulator.settings().place().as_deref(), Ok("USB 1-1"));
    assert_ne!(simulator.settings().profile.usb, UsbWays::UNKNOWN);
}
