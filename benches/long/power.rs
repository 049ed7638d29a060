//! Power cuts. An ext4 file system in an image is under load: imports, and rows of the audit. At a
//! random moment everybody is stopped, and the image is copied as it is: what the file system has not
//! handed to its disk by then is not in it, as after a cut. (Stopped, so that the copy is of one
//! moment: it is read twice, until both are the same.) The copy is mounted, which replays the file
//! system's journal, and must hold whatever was acknowledged; the next round goes on with it.
//!
//! What this does not show: a disk that loses or reorders what it has said to have written.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{
    Dice, say,
    town::{self, Writer, recorded, shown},
};

const IMAGE_BYTES: u64 = 96 << 20;

pub(crate) fn run(cuts: u64) -> ExitCode {
    if !nix::unistd::geteuid().is_root() {
        say("power cuts need root: file systems are mounted");
        return ExitCode::FAILURE;
    }
    let home = tempfile::tempdir().expect("a directory");
    let files = town::lists(home.path());
    let mut disk = Disk::new(home.path());
    let mut dice = Dice::new();
    let (mut there, mut under_way, mut rows) = (None, 0, 0);
    let mut faults = Vec::new();
    for cut in 0..cuts {
        let data = disk.place.join("data");
        fs::create_dir_all(&data).expect("made");
        let writer = Writer::start(&data);
        let list = (cut % 2) as usize;
        let mut command = town::kiosk();
        command.arg("--data").arg(&data).args(["listings", "import"]).arg(&files[list]);
        let mut import = command.spawn().expect("it runs");
        std::thread::sleep(Duration::from_micros(dice.roll(1_200_000)));
        stop(&writer.process);
        stop(&import);
        let ended = import.try_wait().expect("asked");
        let copied = disk.copy();
        let last = writer.kill();
        let _ = import.kill();
        let _ = import.wait();
        under_way += u64::from(ended.is_none());
        if !copied {
            faults.push(format!("cut {cut}: the image never came to rest"));
        }
        disk.cut();
        let data = disk.place.join("data");
        let found = match last {
            None if !data.join("ledger.db").exists() => Ok(None),
            _ => recorded(&data, last.as_ref()).and_then(|count| {
                rows = count;
                shown(&data)
            }),
        };
        match (ended.map(|status| status.success()), found) {
            (_, Err(fault)) => faults.push(format!("cut {cut}: {fault}")),
            (Some(true), Ok(found)) if found != Some(list) => {
                faults.push(format!("cut {cut}: imported and not there"));
            }
            (None, Ok(found)) if found != there && found != Some(list) => {
                faults.push(format!("cut {cut}: neither before nor after"));
            }
            (Some(false), _) => faults.push(format!("cut {cut}: the import was refused")),
            (_, Ok(found)) => there = found,
        }
    }
    say(&format!(
        "{cuts} cuts, {under_way} with an import under way; the audit has {rows} rows; {} faults",
        faults.len()
    ));
    faults.iter().for_each(|fault| say(&format!("  {fault}")));
    ExitCode::from(u8::from(!faults.is_empty()))
}

fn stop(process: &Child) {
    let id = i32::try_from(process.id()).expect("a process");
    // One that has ended stands still.
    let _ = kill(Pid::from_raw(id), Signal::SIGSTOP);
}

/// A file system in an image, mounted.
struct Disk {
    image: PathBuf,
    copy: PathBuf,
    place: PathBuf,
}

impl Disk {
    fn new(home: &Path) -> Self {
        let disk = Self {
            image: home.join("disk.img"),
            copy: home.join("copy.img"),
            place: home.join("disk"),
        };
        fs::create_dir_all(&disk.place).expect("made");
        let image = fs::File::create(&disk.image).and_then(|file| file.set_len(IMAGE_BYTES));
        image.expect("room for the image");
        must(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(&disk.image));
        disk.mount();
        disk
    }

    fn mount(&self) {
        must(Command::new("mount").args(["-o", "loop"]).args([&self.image, &self.place]));
    }

    /// Copies the image as it is at one moment; says whether there was one.
    fn copy(&self) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(30) {
            let first = fs::read(&self.image).expect("read");
            if fs::read(&self.image).expect("read") == first {
                fs::write(&self.copy, first).expect("written");
                return true;
            }
        }
        false
    }

    /// The power is gone and comes back: what was copied counts.
    fn cut(&mut self) {
        must(Command::new("umount").arg(&self.place));
        fs::rename(&self.copy, &self.image).expect("in its place");
        self.mount();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _: io::Result<_> = Command::new("umount").arg(&self.place).status();
    }
}

fn must(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}");
}
