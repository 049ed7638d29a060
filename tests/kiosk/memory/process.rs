//! The memory of another process, through `/proc`.

use std::{
    env,
    fs::{self, File},
    io::{self, Write},
    os::unix::{fs::FileExt, process::CommandExt},
    path::Path,
    process::{Child, Command, Stdio},
};

use memchr::memmem::Finder;

/// Some bytes that may lie somewhere.
pub struct Mark {
    what: String,
    finder: Finder<'static>,
}

impl Mark {
    /// `text` as files and the screen have it, as cards and some systems have it, and as printers do.
    pub fn in_every_encoding(text: &str) -> Vec<Self> {
        let utf16 = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let (gbk, _, strange) = encoding_rs::GBK.encode(text);
        assert!(!strange, "{text} can be printed");
        let forms = [("UTF-8", text.as_bytes().to_vec()), ("UTF-16", utf16), ("GBK", gbk.to_vec())];
        // Digits are the same in UTF-8 and GBK.
        let count = if text.is_ascii() { 2 } else { 3 };
        let mark = |(name, bytes): (&str, Vec<u8>)| Self {
            what: format!("{text} in {name}"),
            finder: Finder::new(&bytes).into_owned(),
        };
        forms.into_iter().take(count).map(mark).collect()
    }
}

/// A running process.
pub struct Process {
    id: u32,
    memory: File,
}

/// A part of its address space.
struct Region {
    begins: u64,
    ends: u64,
    name: String,
}

impl Process {
    pub fn new(id: u32) -> Self {
        Self { id, memory: File::open(format!("/proc/{id}/mem")).expect("it may be read") }
    }

    /// What of `marks` lies where in memory that the process has written to.
    pub fn find(&self, marks: &[Mark]) -> Vec<String> {
        let (mut found, mut read) = (Vec::new(), 0);
        for Region { begins, ends, name } in self.regions() {
            let size = usize::try_from(ends - begins).expect("it was mapped");
            let mut bytes = vec![0; size];
            // It may have been given back since.
            let Ok(count) = self.memory.read_at(&mut bytes, begins) else { continue };
            read += count;
            for mark in marks {
                let places = mark.finder.find_iter(&bytes[..count]);
                found.extend(places.map(|at| {
                    let around = &bytes[at.saturating_sub(24)..(at + 48).min(count)];
                    let around = String::from_utf8_lossy(around);
                    format!("{} at {:x} {name}: {around:?}", mark.what, begins + at as u64)
                }));
            }
        }
        assert!(read > 1 << 20, "its memory was read: {read} bytes");
        found
    }

    /// What can be written, and what no file is behind.
    fn regions(&self) -> Vec<Region> {
        let maps = fs::read_to_string(format!("/proc/{}/maps", self.id)).expect("it runs");
        let region = |line: &str| {
            let mut words = line.split_ascii_whitespace();
            let (begins, ends) = words.next()?.split_once('-')?;
            let (rights, name) = (words.next()?, words.nth(3).unwrap_or("nameless"));
            let kept = rights.starts_with('r') && (rights.contains('w') || !name.starts_with('/'));
            let number = |digits| u64::from_str_radix(digits, 16).ok();
            let (begins, ends) = (number(begins)?, number(ends)?);
            kept.then(|| Region { begins, ends, name: name.to_owned() })
        };
        maps.lines().filter_map(region).collect()
    }
}

/// A program that runs and has nothing to do, a simulated printer; killed when dropped.
pub struct Idle(Child);

impl Idle {
    /// The program at `path`, as `user` or as whoever runs this. It has closed itself when this
    /// returns: its first line comes after that.
    pub fn start(path: &Path, user: Option<u32>) -> Self {
        let mut command = Command::new(path);
        command.args(["printer", "simulate"]).current_dir("/");
        if let Some(user) = user {
            command.uid(user).gid(user);
        }
        // It ends with its input.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("it starts");
        let mut line = String::new();
        let said = child.stdout.as_mut().expect("piped");
        io::BufRead::read_line(&mut io::BufReader::new(said), &mut line).expect("text");
        assert!(!line.is_empty(), "it says where the printer is");
        Self(child)
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Idle {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Whether a process that forbids it can be read all the same. If not, says so; `.ci/run` demands it.
pub fn may_be_read() -> bool {
    let other = Idle::start(Path::new(env!("CARGO_BIN_EXE_kiosk")), None);
    let opened = File::open(format!("/proc/{}/mem", other.id()));
    let demanded = env::var_os("KIOSK_MEMORY").is_some_and(|value| value == "required");
    assert!(opened.is_ok() || !demanded, "the programs' memory may not be read: {opened:?}");
    if let Err(error) = &opened {
        // Past what the test runner keeps to itself.
        let said =
            writeln!(io::stderr(), "not tried: the programs' memory may not be read: {error}");
        said.expect("there is a place for it");
    }
    opened.is_ok()
}
