//! Display servers as they are installed, each a process with a directory of its own that ends with
//! the test. None of them needs a screen.

use std::{
    env,
    ffi::OsString,
    fs,
    io::{self, BufRead, BufReader, Write},
    os::unix::{fs::chown, net::UnixStream, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;
use x11rb::{
    connection::Connection,
    protocol::xproto::{AtomEnum, ConnectionExt},
};

use super::picture::Picture;
use crate::support::kiosk::wait_until;

/// Whether all `programs` are installed. If not, says so; `.ci/run` demands them.
pub fn there(programs: &[&str]) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let has = |program: &&str| env::split_paths(&path).any(|dir| dir.join(program).is_file());
    let missing: Vec<_> = programs.iter().filter(|program| !has(program)).collect();
    let demanded = env::var_os("KIOSK_DISPLAYS").is_some_and(|value| value == "required");
    assert!(missing.is_empty() || !demanded, "not installed: {missing:?}");
    if !missing.is_empty() {
        // Past what the test runner keeps to itself.
        let said = writeln!(io::stderr(), "not tried, because not installed: {missing:?}");
        said.expect("there is a place for it");
    }
    missing.is_empty()
}

/// A running display server.
pub struct Server {
    child: Child,
    kind: Kind,
    _home: TempDir,
}

/// A window manager; it ends with this.
pub struct Manager(Child);

impl Drop for Manager {
    fn drop(&mut self) {
        self.0.kill().and_then(|()| self.0.wait()).expect("it runs and ends");
    }
}

enum Kind {
    /// The display's name, such as `:7`.
    X(String),
    /// The directory of the socket and its name.
    Wayland(PathBuf, &'static str),
}

/// Nobody, in every Linux: `cage` does not run as root.
const NOBODY: u32 = 65_534;

impl Server {
    /// An X server whose screen is a piece of memory.
    pub fn xvfb(width: u32, height: u32) -> Self {
        let screen = format!("{width}x{height}x24+32");
        let mut command = Command::new("Xvfb");
        command.args(["-screen", "0", &screen]);
        Self::x(command)
    }

    /// An X server in a window of another, whose screen can be changed with [`xrandr`](Self::xrandr).
    pub fn xephyr(host: &Self) -> Self {
        let mut command = Command::new("Xephyr");
        command.args(["-screen", "1600x1200"]);
        host.lend(&mut command);
        Self::x(command)
    }

    fn x(mut command: Command) -> Self {
        command.args(["-ac", "-noreset", "-nolisten", "tcp", "-displayfd", "1"]);
        let mut child = quiet(&mut command).stdout(Stdio::piped()).spawn().expect("it starts");
        // It says its number when it takes clients.
        let mut number = String::new();
        let said = child.stdout.take().expect("piped");
        BufReader::new(said).read_line(&mut number).expect("a number");
        let kind = Kind::X(format!(":{}", number.trim()));
        Self { child, kind, _home: tempfile::tempdir().expect("a directory") }
    }

    /// `cage` without a screen (1280 × 720), or in a window of an X server. `arguments` may turn the
    /// picture.
    pub fn cage(host: Option<&Self>, arguments: &[&str]) -> Self {
        let home = tempfile::tempdir().expect("a directory");
        let mut command = Command::new("cage");
        // Its own client does nothing; the kiosk comes as another one.
        command.args(arguments).args(["--", "sleep", "600"]);
        command.env("WLR_RENDERER", "pixman").env("WLR_LIBINPUT_NO_DEVICES", "1");
        command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
        match host {
            Some(host) => {
                host.lend(&mut command);
                command.env("WLR_BACKENDS", "x11");
            }
            None => {
                command.env("WLR_BACKENDS", "headless");
            }
        }
        if nix::unistd::geteuid().is_root() {
            chown(home.path(), Some(NOBODY), Some(NOBODY)).expect("it is ours");
            command.uid(NOBODY).gid(NOBODY);
        }
        Self::wayland(command, home, "wayland-0")
    }

    /// weston with its kiosk shell in a window of an X server: its own headless screen cannot be
    /// photographed (release 10 gives black).
    pub fn weston(host: &Self, width: u32, height: u32) -> Self {
        let home = tempfile::tempdir().expect("a directory");
        let mut command = Command::new("weston");
        command.args(["--backend=x11-backend.so", "--use-pixman", "--shell=kiosk-shell.so"]);
        command.args([format!("--width={width}"), format!("--height={height}")]);
        command.args(["--socket=screen", "--no-config"]);
        host.lend(&mut command);
        Self::wayland(command, home, "screen")
    }

    fn wayland(mut command: Command, home: TempDir, socket: &'static str) -> Self {
        command.env("XDG_RUNTIME_DIR", home.path());
        let child = quiet(&mut command).stdout(Stdio::null()).spawn().expect("it starts");
        let path = home.path().join(socket);
        wait_until("the compositor takes clients", || UnixStream::connect(&path).is_ok());
        Self { child, kind: Kind::Wayland(home.path().to_owned(), socket), _home: home }
    }

    /// Lets `command` show its windows here.
    pub fn lend(&self, command: &mut Command) {
        for (name, value) in self.environment() {
            command.env(name, value);
        }
    }

    fn environment(&self) -> Vec<(&'static str, OsString)> {
        match &self.kind {
            Kind::X(display) => {
                vec![("DISPLAY", display.into()), ("WAYLAND_DISPLAY", OsString::new())]
            }
            Kind::Wayland(directory, socket) => vec![
                ("DISPLAY", OsString::new()),
                ("XDG_RUNTIME_DIR", directory.into()),
                ("WAYLAND_DISPLAY", socket.into()),
            ],
        }
    }

    /// Runs a client of this server to its end.
    pub fn run(&self, program: &str, arguments: &[&str]) -> Vec<u8> {
        let mut command = Command::new(program);
        self.lend(command.args(arguments));
        let output = command.output().expect("it is installed");
        assert!(output.status.success(), "{program} {arguments:?}: {output:?}");
        output.stdout
    }

    /// What the screen shows.
    pub fn picture(&self) -> Picture {
        match &self.kind {
            Kind::X(_) => Picture::of_xwd(&self.run("xwd", &["-root", "-silent"])),
            Kind::Wayland(..) => Picture::of_ppm(&self.run("grim", &["-t", "ppm", "-"])),
        }
    }

    /// Clicks somewhere on the screen.
    pub fn click(&self, x: u32, y: u32) {
        self.run("xdotool", &["mousemove", &x.to_string(), &y.to_string(), "click", "1"]);
    }

    /// Presses a key, by its name in X.
    pub fn key(&self, name: &str) {
        self.run("xdotool", &["key", name]);
    }

    /// Gives the one window that fills the screen's corner another size.
    pub fn resize_window(&self, width: u32, height: u32) {
        let found = self.run("xdotool", &["mousemove", "9", "9", "getmouselocation", "--shell"]);
        let found = String::from_utf8(found).expect("text");
        let window = found.lines().find_map(|line| line.strip_prefix("WINDOW=")).expect("one");
        let (width, height) = (width.to_string(), height.to_string());
        self.run("xdotool", &["windowsize", "--sync", window, &width, &height]);
    }

    /// Gives the screen another resolution.
    pub fn xrandr(&self, width: u32, height: u32) {
        // It complains of a colour table that this server lacks, and changes all the same.
        self.run("xrandr", &["-s", &format!("{width}x{height}")]);
    }

    /// Starts a window manager and waits until it says `what`: `_NET_SUPPORTING_WM_CHECK` that it is
    /// there, `_NET_CLIENT_LIST` that it has windows.
    pub fn manager(&self, what: &str) -> Manager {
        let Kind::X(display) = &self.kind else { panic!("only X has one") };
        let mut command = Command::new("openbox");
        self.lend(&mut command);
        let manager = Manager(command.spawn().expect("it is installed"));
        let (connection, screen) = x11rb::connect(Some(display)).expect("it answers");
        let root = connection.setup().roots[screen].root;
        let name = connection.intern_atom(false, what.as_bytes()).expect("asked");
        let name = name.reply().expect("an atom").atom;
        wait_until(what, || {
            let said = connection.get_property(false, root, name, AtomEnum::WINDOW, 0, 1);
            said.expect("asked").reply().expect("answered").value_len > 0
        });
        manager
    }

    /// Tells it to end, and waits.
    pub fn end(&mut self) {
        ask_to_end(&self.child);
        wait_until("the server ends", || self.child.try_wait().expect("a child").is_some());
    }

    /// Makes an end of it.
    pub fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ask_to_end(child: &Child) {
    let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(told.expect("kill runs").success());
}

fn quiet(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null()).stderr(Stdio::null())
}

/// A kiosk that runs as a program of its own.
pub struct Kiosk {
    child: Child,
    home: TempDir,
}

impl Kiosk {
    /// Starts `kiosk` with the settings in `config` on `server`.
    pub fn start(server: &Server, config: &Path, arguments: &[&str]) -> Self {
        let home = tempfile::tempdir().expect("a directory");
        let said = fs::File::create(home.path().join("said")).expect("a file");
        let mut command = Command::new(env!("CARGO_BIN_EXE_kiosk"));
        command.arg("--config").arg(config).arg("--data").arg(home.path().join("data"));
        command.args(arguments).env_remove("RUST_LOG").current_dir(home.path());
        server.lend(&mut command);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(said).spawn();
        Self { child: child.expect("it starts"), home }
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, within the time that a test has, and everything that it said.
    pub fn ended(&mut self) -> (Option<i32>, String) {
        let mut status = None;
        wait_until("the kiosk ends", || {
            status = self.child.try_wait().expect("a child");
            status.is_some()
        });
        let said = fs::read_to_string(self.home.path().join("said")).expect("text");
        (status.expect("ended").code(), said)
    }

    /// Asks it to end, and looks how it does.
    pub fn stop(mut self) {
        ask_to_end(&self.child);
        let (code, said) = self.ended();
        assert_eq!(code, Some(0), "{said}");
    }
}

impl Drop for Kiosk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
