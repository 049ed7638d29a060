//! Whether this machine is ready to serve: one report for `kiosk check` and the staff page. Keeps
//! no state; every look is taken anew.
//!
//! What belongs to other rooms comes in as [`Probes`]: how to ask the reader and the county, what
//! the screen says about its font. So this room needs neither of them, and a test can answer in
//! their place.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use kiosk_base::{
    clock::{Holds, Wrong, judge, wall},
    domain::{DivisionCode, Stop},
};
use serde::{Deserialize, Serialize};

use crate::link::{LinkError, LinkSettings};

mod certificates;
mod machine;

pub use certificates::words as file_words;

/// A live question to the county is given up after this time.
pub const COUNTY_LIMIT: Duration = Duration::from_secs(8);

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The link cannot be tried without its files.
const NOT_ASKED: &str = "没有询问县级服务：证书一项里说的文件要先改正";

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was looked at: a stable English word for programs.
    pub name: &'static str,
    /// Whether it is fit for service.
    pub ok: bool,
    /// The row of the failure-code book, when it is not.
    pub code: Option<Stop>,
    /// What was found, in Chinese, without personal data; what to do about it stands in the book.
    pub message: String,
}

/// The whole report, in the order in which an installer goes about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Whether every check is ok.
    pub ready: bool,
    /// The checks.
    pub checks: Vec<Check>,
}

/// The report as other programs read it, and as a running kiosk tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportJson {
    /// Whether every check is ok.
    pub ready: bool,
    /// The checks.
    pub checks: Vec<CheckJson>,
}

/// A line of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckJson {
    /// What was looked at.
    pub name: String,
    /// Whether it is fit for service.
    pub ok: bool,
    /// The stop's code, when it is not.
    pub code: Option<String>,
    /// What was found.
    pub message: String,
}

/// What is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadinessSettings {
    /// The settings file that was read without a mistake.
    pub config: PathBuf,
    /// What in it is another town's, each in words.
    pub foreign: Vec<String>,
    /// Where the kiosk stands.
    pub division: DivisionCode,
    /// The hash of the staff's PIN.
    pub pin: PathBuf,
    /// Under which USB sticks are mounted.
    pub sticks: PathBuf,
    /// Directory of databases and staff files.
    pub data: PathBuf,
    /// The listings cache.
    pub listings: PathBuf,
    /// The reader as the settings name it.
    pub reader: String,
    /// Path of its serial port at the moment or its place on a bus, or why there is none.
    pub reader_port: Result<String, Stop>,
    /// The slot for social-security cards as the settings name it, where there is one.
    pub slot: Option<String>,
    /// The port of the slip printer, where there is one.
    pub printer: Option<String>,
    /// Where the county is, and the files of the link.
    pub link: LinkSettings,
    /// The screen in words: `21.5 英寸，1080×1920，竖屏`.
    pub screen: String,
    /// The font in words. The pages carry it inside, so it can only be named.
    pub font: String,
}

/// How to ask what only another room can. `None` leaves a question out.
#[derive(Default, Clone, Copy)]
pub struct Probes<'a> {
    /// Asks the reader for its security module's number, or takes the driver's word for it.
    pub reader: Option<&'a dyn Fn() -> Result<String, Stop>>,
    /// Asks the slot, where there is one, or takes its watcher's word for it.
    pub slot: Option<&'a dyn Fn() -> Result<String, Stop>>,
    /// Asks the printer, where there is one, or takes its driver's word for it.
    pub printer: Option<&'a dyn Fn() -> Result<String, Stop>>,
    /// Opens the listings cache for reading, checks it and says what it holds. Without this the
    /// file is opened here. Not asked while there is no file.
    pub listings: Option<&'a dyn Fn() -> Result<String, Stop>>,
    /// Verifies the audit chain and says how long it is, or which stop it is and what is wrong.
    pub audit: Option<&'a dyn Fn() -> Result<String, (Stop, String)>>,
    /// Asks the county for its time and waits for the answer, at most [`COUNTY_LIMIT`].
    pub county: Option<&'a dyn Fn() -> Result<Timestamp, LinkError>>,
    /// Fetches something that the county has signed, and looks whether it is signed by the key that
    /// this kiosk holds. Not asked while the county does not answer.
    pub feed: Option<&'a dyn Fn() -> Result<(), LinkError>>,
}

/// Looks at everything. Takes up to the limits of the probes; not for the screen's thread.
pub fn check_all(settings: &ReadinessSettings, probes: Probes<'_>, now: Timestamp) -> Report {
    let certificates = certificates::check(&settings.link, &settings.division, now);
    // Without its files the link cannot even be tried; but whether they have run out is the
    // county's to say, since this machine's clock may be wrong.
    let is_fit =
        matches!(certificates.code, None | Some(Stop::LinkServerExpired | Stop::LinkOwnExpired));
    let answer = probes.county.filter(|_| is_fit).map(|ask| ask());
    let county_time = answer.as_ref().and_then(|answer| answer.as_ref().ok()).copied();
    let (stored, holds) = (machine::last_stored(&settings.listings), settings.link.holds());
    // The county knows the day, unless its clock is the wrong one.
    let believed =
        county_time.filter(|county| judge(now, *county, stored, &holds) != Some(Wrong::County));
    let certificates = believed
        .map_or(certificates, |now| certificates::check(&settings.link, &settings.division, now));
    let mut checks = vec![
        config(settings),
        database(&settings.listings, probes),
        machine::disk(&settings.data),
        clock(now, county_time, stored, &holds),
        reader(&settings.reader, &settings.reader_port, probes),
    ];
    checks.splice(2..2, probes.audit.map(|look| audit(look())));
    checks.extend(settings.slot.as_ref().map(|name| slot(name, probes)));
    checks.extend(settings.printer.as_ref().map(|port| printer(port, probes)));
    let line = match is_fit {
        true => link(&settings.link, answer),
        false => Check::failed("link", Stop::ConfigWrong, NOT_ASKED),
    };
    checks.extend([line, certificates]);
    checks.extend(probes.feed.filter(|_| county_time.is_some()).map(|look| feed(look())));
    checks.extend([
        pin(&settings.pin),
        sticks(&settings.sticks),
        Check::ok("font", settings.font.clone()),
        Check::ok("screen", settings.screen.clone()),
    ]);
    Report { ready: checks.iter().all(|check| check.ok), checks }
}

// === impl Check ===

impl Check {
    /// Fit for service.
    pub fn ok(name: &'static str, message: impl Into<String>) -> Self {
        Self { name, ok: true, code: None, message: message.into() }
    }

    /// Not fit for service.
    pub fn failed(name: &'static str, code: Stop, message: impl Into<String>) -> Self {
        Self { name, ok: false, code: Some(code), message: message.into() }
    }

    /// As it is told to other programs.
    pub fn json(&self) -> CheckJson {
        CheckJson {
            name: self.name.to_owned(),
            ok: self.ok,
            code: self.code.map(|stop| stop.code().to_owned()),
            message: self.message.clone(),
        }
    }

    /// The check's name for people.
    pub fn title(&self) -> &'static str {
        match self.name {
            "config" => "设置",
            "database" => "数据库",
            "audit" => "审计记录",
            "disk" => "磁盘",
            "clock" => "时钟",
            "reader" => "读卡器",
            "slot" => "社保卡卡槽",
            "printer" => "打印机",
            "link" => "线路",
            "certificates" => "证书",
            "feed" => "信息签名",
            "pin" => "管理密码",
            "sticks" => "U盘",
            "font" => "字体",
            "screen" => "屏幕",
            other => other,
        }
    }
}

fn config(settings: &ReadinessSettings) -> Check {
    let file = settings.config.display();
    if settings.foreign.is_empty() {
        return Check::ok("config", format!("设置文件正确：{file}"));
    }
    let message = format!("{}，请改成本镇的：{file}", settings.foreign.join("；"));
    Check::failed("config", Stop::ConfigWrong, message)
}

fn feed(found: Result<(), LinkError>) -> Check {
    match found {
        Ok(()) => Check::ok("feed", "县中心发布的信息，签名核对正确"),
        Err(LinkError { stop, .. }) => Check::failed("feed", stop, stop.entry().staff),
    }
}

fn pin(path: &Path) -> Check {
    match fs::metadata(path) {
        Ok(facts) if facts.len() > 0 => Check::ok("pin", "已经设置"),
        _ => Check::failed("pin", Stop::PinUnset, Stop::PinUnset.entry().staff),
    }
}

fn sticks(path: &Path) -> Check {
    let shown = path.display();
    match fs::read_dir(path) {
        Ok(_) => Check::ok("sticks", format!("插上的U盘在 {shown} 下找")),
        Err(error) => {
            let message = format!("listings.sticks 不能用（{}）：{shown}", why(&error));
            Check::failed("sticks", Stop::ConfigWrong, message)
        }
    }
}

fn database(path: &Path, probes: Probes<'_>) -> Check {
    if !path.exists() {
        return Check::ok("database", "信息缓存还没有建立，第一次更新时自动建立");
    }
    let found = match probes.listings {
        Some(look) => look(),
        None => machine::quick_check(path),
    };
    match found {
        Ok(found) => Check::ok("database", found),
        Err(stop) => Check::failed("database", stop, stop.entry().staff),
    }
}

fn audit(found: Result<String, (Stop, String)>) -> Check {
    match found {
        Ok(found) => Check::ok("audit", found),
        Err((stop, found)) => Check::failed("audit", stop, found),
    }
}

/// `now` is what this machine says; `stored` is when listings were last stored here.
fn clock(
    now: Timestamp,
    county: Option<Timestamp>,
    stored: Option<Timestamp>,
    holds: &Holds,
) -> Check {
    const YEAR: SignedDuration = SignedDuration::from_hours(366 * 24);
    let minute = |moment| wall(moment).strftime("%Y-%m-%d %H:%M").to_string();
    let shown = format!("本机时钟 {}", minute(now));
    let failed = |stop, message| Check::failed("clock", stop, message);
    if let Some(county) = county {
        let apart = format!(
            "{shown}，县中心 {}，相差 {} 秒",
            minute(county),
            now.duration_since(county).as_secs()
        );
        return match judge(now, county, stored, holds) {
            None => Check::ok("clock", apart),
            Some(Wrong::Machine) => {
                failed(Stop::ClockWrong, format!("{apart}：看来是本机时钟不对"))
            }
            Some(Wrong::County) => {
                failed(Stop::CountyClockWrong, format!("{apart}：看来是县中心时钟不对"))
            }
        };
    }
    if wall(now).date() < machine::EARLIEST_DAY || now < *holds.start() {
        return failed(Stop::ClockWrong, format!("{shown}，早于本软件或本机证书的日期"));
    }
    if let Some(stored) = stored.filter(|stored| now.duration_since(*stored) < -DAY) {
        let message = format!("{shown}，早于上次更新信息的时间 {}", minute(stored));
        return failed(Stop::ClockWrong, message);
    }
    if now.duration_since(*holds.end()) > YEAR {
        let message = format!("{shown}，比本机证书的到期日 {} 晚一年以上", minute(*holds.end()));
        return failed(Stop::ClockWrong, message);
    }
    Check::ok("clock", format!("{shown}，没有和县中心核对"))
}

fn reader(named: &str, port: &Result<String, Stop>, probes: Probes<'_>) -> Check {
    let port = match port {
        Ok(port) => port.as_str(),
        Err(stop) => {
            return Check::failed("reader", *stop, format!("{}：{named}", stop.entry().staff));
        }
    };
    // Of a device without a path, opening says whether it may be opened.
    let path = Path::new(port);
    let found = if path.is_absolute() { machine::port(path) } else { Ok(()) };
    if let Err(stop) = found {
        return Check::failed("reader", stop, format!("{}：{port}", stop.entry().staff));
    }
    match probes.reader.map(|ask| ask()) {
        None => Check::ok("reader", format!("端口 {port} 可以打开，没有询问读卡器")),
        Some(Ok(answer)) => Check::ok("reader", format!("端口 {port}，{answer}")),
        Some(Err(stop)) => Check::failed("reader", stop, format!("{}：{port}", stop.entry().staff)),
    }
}

fn slot(name: &str, probes: Probes<'_>) -> Check {
    match probes.slot.map(|ask| ask()) {
        None => Check::ok("slot", format!("没有询问卡槽：{name}")),
        Some(Ok(answer)) => Check::ok("slot", format!("{answer}：{name}")),
        Some(Err(stop)) => Check::failed("slot", stop, format!("{}：{name}", stop.entry().staff)),
    }
}

fn printer(port: &str, probes: Probes<'_>) -> Check {
    match probes.printer.map(|ask| ask()) {
        None => Check::ok("printer", format!("没有询问打印机：{port}")),
        Some(Ok(answer)) => Check::ok("printer", format!("{answer}：{port}")),
        Some(Err(stop)) => {
            Check::failed("printer", stop, format!("{}：{port}", stop.entry().staff))
        }
    }
}

fn link(settings: &LinkSettings, answer: Option<Result<Timestamp, LinkError>>) -> Check {
    let url = &settings.url;
    match answer {
        None => Check::ok("link", format!("没有询问县级服务：{url}")),
        Some(Ok(_)) => Check::ok("link", format!("县级服务应答正常：{url}")),
        Some(Err(LinkError { stop, .. })) => {
            Check::failed("link", stop, format!("{}：{url}", stop.entry().staff))
        }
    }
}

impl Report {
    /// As it is told to other programs.
    pub fn json(&self) -> ReportJson {
        ReportJson { ready: self.ready, checks: self.checks.iter().map(Check::json).collect() }
    }

    /// Says that the settings were changed while a kiosk runs: of devices and line it tells what it has,
    /// and not what is in the file.
    pub fn settings_are_newer(&mut self, file: &Path) {
        let message = format!(
            "{} 在运行中的终端启动以后改过，读卡器、打印机和线路还是原来的设置；请重新启动终端，再检查一次",
            file.display()
        );
        let check = Check::failed("config", Stop::ConfigWrong, message);
        match self.checks.iter_mut().find(|check| check.name == "config") {
            Some(asked) => *asked = check,
            None => self.checks.push(check),
        }
        self.ready = false;
    }

    /// Takes over what a running kiosk says of the devices that it holds and of the line that it
    /// keeps: it knows, and they answer to one at a time.
    pub fn told_by(&mut self, running: &ReportJson) {
        for told in &running.checks {
            let Some(name) = HELD.into_iter().find(|name| *name == told.name) else { continue };
            let code = told.code.as_deref().and_then(Stop::of_code);
            let message = format!("{}（运行中的程序说）", told.message);
            let check = Check { name, ok: told.ok, code, message };
            match self.checks.iter_mut().find(|check| check.name == name) {
                Some(asked) => *asked = check,
                None => self.checks.push(check),
            }
        }
        self.ready = self.checks.iter().all(|check| check.ok);
    }
}

/// What a running kiosk knows better.
const HELD: [&str; 7] = ["audit", "clock", "reader", "slot", "printer", "link", "feed"];

/// Words for a file that cannot be read, without the path.
fn why(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "没有这个文件",
        io::ErrorKind::PermissionDenied => "没有权限读",
        _ => "读不出来",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-23T01:00:00Z".parse().expect("a time")
    }

    #[test]
    fn a_clock_is_judged_by_the_county_and_without_it_by_what_is_known_here() {
        let days = |n: i64| now() + SignedDuration::from_hours(24 * n);
        let holds = days(-20)..=days(345);
        let code = |machine, county, stored| clock(machine, county, stored, &holds).code;
        assert_eq!(code(now(), None, None), None);
        assert_eq!(code(now(), Some(now()), None), None);
        let hour = now() + SignedDuration::from_hours(1);
        assert_eq!(code(now(), Some(hour), None), Some(Stop::ClockWrong));
        assert_eq!(code(hour, Some(now()), None), Some(Stop::ClockWrong));
        // Whose clock it is, is said, and nobody changes a battery for another's fault.
        let stored = Some(days(-1));
        assert_eq!(code(now(), Some(days(200)), stored), Some(Stop::CountyClockWrong));
        assert_eq!(code(now(), Some(days(-200)), stored), Some(Stop::CountyClockWrong));
        assert_eq!(code(days(200), Some(now()), stored), Some(Stop::ClockWrong));
        assert_eq!(code(Timestamp::UNIX_EPOCH, Some(now()), stored), Some(Stop::ClockWrong));
        let check = clock(now(), Some(days(200)), stored, &holds);
        assert!(check.message.contains("2026-11-23") && check.message.contains("2027-06-11"));
        // Without the county: a dead battery, a clock behind what is stored, the year 2069.
        assert_eq!(code(Timestamp::UNIX_EPOCH, None, None), Some(Stop::ClockWrong));
        assert_eq!(code(days(-3), None, stored), Some(Stop::ClockWrong));
        let far = "2069-01-01T00:00:00Z".parse().expect("a time");
        assert_eq!(code(far, None, stored), Some(Stop::ClockWrong));
        assert_eq!(code(days(400), None, stored), None, "a certificate may have run out");
    }

    #[test]
    fn the_reader_is_asked_only_when_its_port_is_there() {
        let asked = || -> Result<String, Stop> { panic!("there is nobody to ask") };
        let probes = Probes { reader: Some(&asked), ..Probes::default() };
        let at = |port: &str, probes| reader(port, &Ok(port.to_owned()), probes);
        assert_eq!(at("/nonexistent/port", probes).code, Some(Stop::ReaderAbsent));
        let foreign = reader("USB 1a86:7523", &Err(Stop::ReaderForeign), probes);
        assert_eq!(foreign.code, Some(Stop::ReaderForeign));
        assert!(foreign.message.contains("1a86"));
        let silent = || Err(Stop::ReaderSilent);
        let probes = Probes { reader: Some(&silent), ..Probes::default() };
        assert_eq!(at("/dev/null", probes).code, Some(Stop::ReaderSilent));
        let good = || Ok("SAM 05.01".to_owned());
        let probes = Probes { reader: Some(&good), ..Probes::default() };
        assert!(at("/dev/null", probes).message.contains("SAM 05.01"));
    }

    #[test]
    fn a_link_that_fails_says_which_way() {
        let settings = LinkSettings {
            url: "https://county.example:8443".into(),
            authority: PathBuf::new(),
            certificate: PathBuf::new(),
            key: PathBuf::new(),
            feed_key: PathBuf::new(),
        };
        let wrong = LinkError { stop: Stop::LinkWrongName, detail: "for the log".into() };
        let check = link(&settings, Some(Err(wrong)));
        assert_eq!(check.code, Some(Stop::LinkWrongName));
        assert!(check.message.contains("county.example"));
        assert!(link(&settings, Some(Ok(now()))).ok);
    }
}
