//! Nothing of a resident stays in the memory of the programs as they are shipped: `kiosk run` on a
//! display through visits of different people, `county serve` through three answers. Marks are
//! looked for in the process itself, byte by byte; each search first finds them where they should be.
//!
//! It needs a display server and the right to read another process' memory although that process has
//! forbidden it: root with `CAP_SYS_PTRACE`. Where that is missing the tests say so and pass; with
//! `KIOSK_MEMORY=required` they fail.

mod people;
mod process;

use std::{
    fs,
    path::Path,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use kiosk_base::clock::Clock;
use kiosk_county::invented::{Person, Population};
use kiosk_stage::simulator::{CardImage, residents};
use people::{PEOPLE, Planted};
use process::{Mark, Process};
use renshe_kiosk::{screen::headless::Role, visit::fit::TextSize};
use tempfile::TempDir;

use crate::{
    displays::{
        picture::Picture,
        servers::{self, Server, there},
    },
    support::{
        GUARD, Served, guarded,
        kiosk::{Hall, Kiosk, config, copy, shipped},
        now, query,
    },
};

/// Within this time nothing is left.
const GONE_WITHIN: Duration = Duration::from_secs(5);
/// The screen's size.
const SIZE: (u32, u32) = (1080, 1920);
/// What may differ between the screen and the headless window: time and date, also those in an account,
/// and the seconds that are left.
const ALIKE: f64 = 0.01;

#[test]
fn the_kiosk_forgets_three_residents_in_turn() {
    if !there(&["Xvfb", "xdotool", "xwd"]) || !process::may_be_read() {
        return;
    }
    let content = content();
    // A town hall around the program, and another around a window that knows where the buttons are.
    // The program has the machine's time, and believes no county that is days away from it. The window has it
    // as well: what an account says goes with the month.
    let hall = || Hall::with_content(content.path().join("demo")).with_printer().at_present();
    let town = hall();
    let config = config(content.path(), &town);
    let mut twin = Twin::new(hall());
    let server = Server::xvfb(SIZE.0, SIZE.1);
    let program = servers::Kiosk::start(&server, config.path(), &["run"]);
    let process = Process::new(program.id());
    twin.wait_for("nobody", &server);
    let mut marks = Vec::new();
    for (number, person) in PEOPLE.iter().enumerate() {
        marks.extend(marks_about(person));
        assert_eq!(process.find(&marks_about(person)), [] as [String; 0], "{}", person.file);
        visit(person, &town, &mut twin, &server, &process);
        // A page, and the account.
        let papers = town.printer.slips();
        assert_eq!(papers.len(), 2 * (number + 1));
        for paper in papers.iter().rev().take(2) {
            let paper = paper.text();
            assert!(paper.contains(person.name), "{paper}");
        }

        town.reader.lift();
        let lifted = Instant::now();
        twin.kiosk.lift();
        is_gone(&process, &marks, lifted, person.file);
        twin.wait_for("nobody again", &server);
    }

    // And one whose months come in pages, over a connection that the visit keeps.
    let veteran = veterans().remove(0);
    let account = veteran.account(Clock::System.today(), Clock::System.now());
    marks.extend(people::marks_of(&account));
    town.reader.lay(CardImage::of(&veteran.document()).expect("a card"));
    twin.kiosk.lay_card(&veteran.document());
    twin.kiosk.see("显示");
    twin.wait_for("the long account", &server);
    twin.press(&server, "显示");
    twin.kiosk.see(account.name.expose());
    twin.wait_for("the long account, uncovered", &server);
    // By keys all of the page is on one list, with its words.
    for _ in 0..4 {
        twin.down(&server);
    }
    twin.wait_for("the long account, by keys", &server);
    assert!(twin.kiosk.app.state().focus.as_ref().is_some_and(|focus| focus.at() > 0));
    assert!(process.find(&marks).len() > 1, "the marks are where they should be");
    town.reader.lift();
    is_gone(&process, &marks, Instant::now(), "the veteran");
    program.stop();
}

/// Everything that is about `person` alone, with what the rules make of it.
fn marks_about(person: &Planted) -> Vec<Mark> {
    [person.marks(), Mark::in_every_encoding(&aged(person))].into_iter().flatten().collect()
}

/// The month in which `person` is old enough for the residents' pension, as its page writes it. No
/// content of a kiosk speaks of these months.
fn aged(person: &Planted) -> String {
    let number = |from: usize, to: usize| person.number[from..to].parse::<u32>().expect("digits");
    format!("{}年{}月", number(6, 10) + 60, number(10, 12))
}

/// Lays the card, looks at the account uncovered, and prints it.
fn visit(person: &Planted, town: &Hall, twin: &mut Twin, server: &Server, process: &Process) {
    let card = town.document(person.file);
    town.reader.lay(CardImage::of(&card).expect("a card"));
    twin.kiosk.lay(person.file);
    twin.kiosk.see(person.balance);
    twin.wait_for("the account", server);
    twin.press(server, "显示");
    twin.kiosk.see(person.name);
    twin.wait_for("the account, uncovered", server);
    let found = process.find(&person.marks());
    for mark in [person.name, person.number, person.street, person.balance] {
        let is_about = |found: &String| found.starts_with(&format!("{mark} in UTF-8"));
        assert!(found.iter().any(is_about), "{mark} is where it should be: {found:?}");
    }
    twin.press(server, "更多");
    twin.kiosk.see("失业金");
    twin.wait_for("all there is to see", server);
    twin.press(server, "失业金");
    twin.kiosk.see(person.benefit);
    twin.wait_for("the benefit", server);
    twin.press(server, "返回");
    twin.wait_for("all there is to see, once more", server);
    twin.press(server, "什么时候退休");
    let aged = aged(person);
    twin.kiosk.see(&aged);
    twin.wait_for("when a pension may be drawn", server);
    let found = process.find(&Mark::in_every_encoding(&aged));
    let is_about = |found: &String| found.starts_with(&format!("{aged} in UTF-8"));
    assert!(found.iter().any(is_about), "{aged} is where it should be: {found:?}");
    // What is on that page is on paper, too.
    let printed = town.printer.slips().len();
    twin.press(server, "打印");
    twin.kiosk.see("打好了");
    let deadline = Instant::now() + GUARD;
    while town.printer.slips().len() == printed {
        assert!(Instant::now() < deadline, "the page is not printed");
        thread::sleep(Duration::from_millis(50));
    }
    twin.wait_for("the page is printed", server);
    for page in ["when a pension may be drawn, again", "all there is to see", "the account again"] {
        twin.press(server, "返回");
        twin.wait_for(page, server);
    }
    twin.press(server, "打印");
    twin.kiosk.see("打好了");
    twin.wait_for("the slip is printed", server);
}

#[tokio::test]
async fn the_county_forgets_whom_it_answered_about() {
    if !process::may_be_read() {
        return;
    }
    let content = content();
    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("data");
    let mut command = Served::demo(content.path(), &data, "127.0.0.1:0");
    let county = Served::start(command.env_remove("RUST_LOG").stderr(Stdio::null()));
    let process = Process::new(county.pid());
    // An invented county has the people of its files in memory, as no other county has anybody.
    let held = process.find(&PEOPLE[0].marks());
    assert!(!held.is_empty(), "the search finds what is there");
    let mut marks = Vec::new();
    for person in veterans() {
        let client = county.client(&data, "kiosk");
        let query = now(query(person.number.expose(), person.name.expose()));
        let account = guarded(client.account(&query)).await.expect("an answer");
        // A cursor stays out there, which stands for the person for minutes.
        let rest = account.histories().find_map(|of| account.rest(of)).expect("a long history");
        let page = guarded(client.history(&rest)).await.expect("a page");
        assert!(page.more.is_some());
        let answered = Instant::now();
        drop(client);
        marks.extend(people::marks_of(&account));
        is_gone(&process, &marks, answered, "the county");
    }
}

/// What the files in `/proc` about a process belong to says whether it may be read: to its user, or, if
/// it has forbidden that, to root.
#[test]
fn other_programs_of_the_user_may_not_read_it() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    /// Nobody, in every Linux.
    const NOBODY: u32 = 65_534;
    let home = tempfile::tempdir().expect("a directory");
    let mut path = Path::new(env!("CARGO_BIN_EXE_kiosk")).to_owned();
    let root = nix::unistd::geteuid().is_root();
    if root {
        // Where nobody may go.
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).expect("ours");
        path = home.path().join("kiosk");
        fs::copy(env!("CARGO_BIN_EXE_kiosk"), &path).expect("copied");
    }
    let kiosk = process::Idle::start(&path, root.then_some(NOBODY));
    let of_kiosk =
        |file: &str| fs::metadata(format!("/proc/{}/{file}", kiosk.id())).expect("there");
    let status = fs::read_to_string(format!("/proc/{}/status", kiosk.id())).expect("readable");
    let user = if root { NOBODY } else { nix::unistd::geteuid().as_raw() };
    assert!(status.contains(&format!("Uid:\t{user}\t")), "{status}");
    assert_eq!((of_kiosk("mem").uid(), of_kiosk("environ").uid()), (0, 0));
}

/// Waits until no mark is left in the process, as long as that may take.
fn is_gone(process: &Process, marks: &[Mark], since: Instant, who: &str) {
    loop {
        let found = process.find(marks);
        if found.is_empty() {
            return;
        }
        assert!(since.elapsed() < GONE_WITHIN, "{who}: still there: {found:#?}");
        thread::sleep(Duration::from_millis(100));
    }
}

/// People who have worked so long that their months come in many pages.
fn veterans() -> Vec<Person> {
    let population = Population::default();
    let everybody = (0..population.count()).filter_map(|index| population.person(index));
    let today = jiff::Zoned::now().date();
    let long = everybody.filter(|person| {
        let account = person.account(today, jiff::Timestamp::now());
        account.participations.iter().any(|kind| kind.months.rows.len() > 300)
    });
    long.take(3).collect()
}

/// The shipped settings and content with the planted people among the residents.
fn content() -> TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    copy(&shipped(), directory.path());
    for person in &PEOPLE {
        let path = directory.path().join("demo/residents").join(person.file).with_extension("toml");
        fs::write(&path, person.resident()).expect("written");
        residents::load_file(&path).expect("a resident");
    }
    directory
}

/// A kiosk in a headless window of the screen's size, which goes through the same visits.
struct Twin {
    kiosk: Kiosk,
    scale: f32,
}

impl Twin {
    fn new(hall: Hall) -> Self {
        let mut kiosk = Kiosk::open(hall);
        let glass = kiosk.hall.settings.screen.with_pixels(SIZE.0, SIZE.1);
        let scales = glass.scales();
        let room = kiosk.app.screen().show_scaled(SIZE.0, SIZE.1, scales).expect("shown");
        kiosk.app.resize(room);
        Self { kiosk, scale: scales.at(TextSize::Standard, false).factor }
    }

    /// Waits until the screen shows what this window shows.
    fn wait_for(&mut self, what: &str, screen: &Server) {
        let deadline = Instant::now() + GUARD;
        loop {
            self.kiosk.app.pump();
            let picture = self.kiosk.app.screen().picture().expect("drawn");
            let pixels = picture.as_slice().iter().map(|pixel| [pixel.r, pixel.g, pixel.b]);
            let right = Picture::new(SIZE, pixels.collect());
            let seen = screen.picture();
            let unlike = seen.unlike(&right);
            if unlike < ALIKE {
                return;
            }
            if Instant::now() > deadline {
                let directory = std::env::temp_dir();
                seen.write(&directory.join("memory-seen.png"));
                right.write(&directory.join("memory-right.png"));
                panic!("{what}: {unlike:.3} differs; see {}/memory-*.png", directory.display());
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Presses ↓ on the screen and here.
    fn down(&mut self, screen: &Server) {
        screen.key("Down");
        self.kiosk.app.screen().key('\u{F701}');
        self.kiosk.app.pump();
    }

    /// Presses a button on the screen and here.
    fn press(&mut self, screen: &Server, label: &str) {
        let elements = self.kiosk.app.screen().elements();
        let button = elements.iter().find(|e| e.role == Role::Button && e.label.starts_with(label));
        let button = button.unwrap_or_else(|| panic!("no button {label}"));
        let (x, y) = (button.x + button.width / 2.0, button.y + button.height / 2.0);
        screen.click((x * self.scale) as u32, (y * self.scale) as u32);
        self.kiosk.press(label);
    }
}
