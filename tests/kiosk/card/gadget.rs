//! A real bus: a gadget of this machine's kernel plays a reader, and the driver speaks to it through
//! the system, as to any USB device.
//!
//! It needs root and a kernel that has a bus without hardware: `modprobe dummy_hcd`, `modprobe
//! usb_f_fs`, configfs mounted. Elsewhere the test says so and has nothing to hold. The gadget is a
//! process of its own: it is pulled out by ending it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufRead, Read, Write},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use kiosk_base::domain::Stop;
use kiosk_devices::card::{ReaderEvent, ReaderSettings, ReaderStatus};

use super::{A, Watched, responder::answer_of_a_well_reader, vector};

/// The bus without hardware.
const CONTROLLER: &str = "dummy_udc.0";
/// Where gadgets are made.
const GADGETS: &str = "/sys/kernel/config/usb_gadget";
/// Tells the process that plays the gadget where its endpoints are, and how many pairs.
const ENDPOINTS: &str = "KIOSK_TEST_GADGET";
const PAIRS: &str = "KIOSK_TEST_GADGET_PAIRS";

/// A gadget that is plugged in. Dropping it pulls it out.
struct Gadget {
    tree: PathBuf,
    endpoints: tempfile::TempDir,
    player: Child,
}

impl Gadget {
    fn plug(pairs: usize) -> io::Result<Self> {
        let tree = Path::new(GADGETS).join("kiosk-test");
        let endpoints = tempfile::tempdir()?;
        for directory in ["strings/0x409", "configs/c.1", "functions/ffs.kiosk-test"] {
            fs::create_dir_all(tree.join(directory))?;
        }
        // Nobody's, so that no reader that is plugged in is meant.
        fs::write(tree.join("idVendor"), "0xffff")?;
        fs::write(tree.join("idProduct"), "0xfffd")?;
        fs::write(tree.join("strings/0x409/serialnumber"), "A1")?;
        symlink(tree.join("functions/ffs.kiosk-test"), tree.join("configs/c.1/reader"))?;
        run("mount", &["-t", "functionfs", "kiosk-test", &words(endpoints.path())])?;
        let mut player = Command::new(std::env::current_exe()?)
            .args(["card::gadget::played_alone", "--exact", "--ignored", "--nocapture"])
            .env(ENDPOINTS, endpoints.path())
            .env(PAIRS, pairs.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        // It says when the kernel knows its endpoints; before that it cannot be plugged in.
        let said = player.stdout.as_mut().expect("piped");
        let known = io::BufReader::new(said).lines().map_while(Result::ok);
        assert!(known.into_iter().any(|line| line.ends_with("endpoints are known")));
        fs::write(tree.join("UDC"), CONTROLLER)?;
        Ok(Self { tree, endpoints, player })
    }

    fn order(&mut self, line: &str) {
        writeln!(self.player.stdin.as_ref().expect("piped"), "{line}").expect("it listens");
        std::thread::sleep(Duration::from_millis(100));
    }
}

impl Drop for Gadget {
    fn drop(&mut self) {
        // What of it is gone already needs no undoing.
        let _ = self.player.kill();
        let _ = self.player.wait();
        let _ = run("umount", &[&words(self.endpoints.path())]);
        let _ = fs::write(self.tree.join("UDC"), "\n");
        let _ = fs::remove_file(self.tree.join("configs/c.1/reader"));
        for directory in ["configs/c.1", "functions/ffs.kiosk-test", "strings/0x409", ""] {
            let _ = fs::remove_dir(self.tree.join(directory));
        }
    }
}

fn words(path: &Path) -> String {
    path.to_str().expect("a plain path").to_owned()
}

fn run(program: &str, arguments: &[&str]) -> io::Result<()> {
    let status = Command::new(program).args(arguments).status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("{program}: {status}"))) }
}

#[test]
fn a_reader_on_a_real_bus_is_read_pulled_out_and_read_again() {
    if !Path::new("/sys/class/udc").join(CONTROLLER).exists() || !Path::new(GADGETS).exists() {
        let said = "no USB bus without hardware here: `modprobe dummy_hcd usb_f_fs`, as root";
        writeln!(io::stderr().lock(), "{said}").expect("stderr is open");
        return;
    }
    for pairs in [1, 2] {
        let mut gadget = Gadget::plug(pairs).expect("a gadget can be made here");
        let settings = ReaderSettings {
            port: "usb:ffff:fffd".parse().expect("a device"),
            ..ReaderSettings::simulated("")
        };
        let watched = Watched::start_with(settings.clone());
        while watched.next() != ReaderEvent::Status(ReaderStatus::Ready) {}
        let visit = |gadget: &mut Gadget, orders: &[&str]| {
            orders.iter().for_each(|order| gadget.order(order));
            watched.expect(&ReaderEvent::CardFound);
            watched.expect_read(A);
        };
        visit(&mut gadget, &["lay"]);
        Watched::start_with(settings).expect_status(ReaderStatus::Down(Stop::ReaderBusy));
        gadget.order("lift");
        watched.expect(&ReaderEvent::CardRemoved);
        // The pipe is halted when the text is asked for, and is set going again.
        visit(&mut gadget, &["halt", "lay"]);
        drop(gadget);
        watched.expect(&ReaderEvent::CardRemoved);
        watched.expect_status(ReaderStatus::Down(Stop::ReaderAbsent));
        let mut gadget = Gadget::plug(pairs).expect("a gadget can be made here");
        watched.expect_ready();
        visit(&mut gadget, &["lay"]);
    }
}

/// What the gadget is told.
#[derive(Default)]
struct Orders {
    lies: bool,
    halt: bool,
}

#[test]
#[ignore = "run by the test above, as a process that can be ended"]
fn played_alone() {
    let endpoints = PathBuf::from(std::env::var_os(ENDPOINTS).expect("run by the test above"));
    let pairs = std::env::var(PAIRS).expect("run by the test above").parse().expect("a number");
    let open = |name: &str| {
        let opened = OpenOptions::new().read(true).write(true).open(endpoints.join(name));
        opened.expect("functionfs has it")
    };
    let mut control = open("ep0");
    control.write_all(&descriptors(pairs)).expect("taken");
    control.write_all(&strings()).expect("taken");
    let pipes: Vec<(File, File)> = (0..pairs)
        .map(|pair| (open(&format!("ep{}", 2 * pair + 1)), open(&format!("ep{}", 2 * pair + 2))))
        .collect();
    writeln!(io::stdout().lock(), "endpoints are known").expect("stdout is open");
    let orders = Arc::new(Mutex::new(Orders::default()));
    let told = Arc::clone(&orders);
    // Plugged, configured, set up: nothing follows from what the kernel tells.
    std::thread::spawn(move || while control.read(&mut [0; 48]).is_ok() {});
    std::thread::spawn(move || play(&pipes, &told));
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        let mut orders = orders.lock().expect("no panic");
        match line.as_str() {
            "lay" => orders.lies = true,
            "lift" => orders.lies = false,
            _ => orders.halt = true,
        }
    }
}

/// Answers requests as long as there are any.
fn play(pipes: &[(File, File)], orders: &Mutex<Orders>) {
    let names = ["req_status", "req_samid", "req_find", "req_select", "req_base", "req_newaddr"];
    let requests = names.map(|name| (name, vector(name)));
    loop {
        let mut heard = Vec::new();
        for (out, _) in pipes {
            let mut packet = [0; 512];
            // Before a host has come there is nobody to hear.
            let count = (&*out).read(&mut packet).unwrap_or_default();
            heard.extend_from_slice(&packet[..count]);
        }
        let Some((name, _)) = requests.iter().find(|(_, bytes)| *bytes == heard) else {
            std::thread::sleep(Duration::from_millis(10));
            continue;
        };
        let orders = &mut *orders.lock().expect("no panic");
        let last = &pipes[pipes.len() - 1].1;
        if *name == "req_base" && std::mem::take(&mut orders.halt) {
            // Reading where only writing is meant halts the endpoint.
            let _ = (&*last).read(&mut [0; 512]);
            continue;
        }
        let absent = [0xAA, 0xAA, 0xAA, 0x96, 0x69, 0, 4, 0, 0, 0x80, 0x84];
        let well = ["req_status", "req_samid"].contains(name);
        let answer = match orders.lies || well {
            true => answer_of_a_well_reader(name, "base_A", false).expect("it answers").0,
            false => absent.to_vec(),
        };
        let head = if pipes.len() == 2 { 7 } else { 0 };
        // Whoever pulled the plug does not hear the answer.
        let _ = (&pipes[0].1).write(&answer[..head]).and_then(|_| (&*last).write(&answer[head..]));
    }
}

/// One interface of the vendor's own class, for full and for high speed, with so many pairs of bulk
/// endpoints.
fn descriptors(pairs: u8) -> Vec<u8> {
    let addresses = (0..pairs).flat_map(|pair| [pair + 1, 0x80 | (pair + 1)]);
    let of_speed = |packet: u16| {
        let mut bytes = vec![9, 4, 0, 0, 2 * pairs, 0xFF, 0, 0, 1];
        for address in addresses.clone() {
            bytes.extend([7, 5, address, 2]);
            bytes.extend(packet.to_le_bytes());
            bytes.push(0);
        }
        bytes
    };
    let (full, high) = (of_speed(64), of_speed(512));
    let count = 1 + 2 * u32::from(pairs);
    let length = u32::try_from(20 + full.len() + high.len()).expect("a few bytes");
    // Version 2 of the layout, full and high speed.
    let head = [3, length, 3, count, count].map(u32::to_le_bytes).concat();
    [head, full, high].concat()
}

/// The interface's name, in American English.
fn strings() -> Vec<u8> {
    let name = b"reader\0";
    let length = u32::try_from(16 + 2 + name.len()).expect("a few bytes");
    let head = [2, length, 1, 1].map(u32::to_le_bytes).concat();
    [head, vec![0x09, 0x04], name.to_vec()].concat()
}
