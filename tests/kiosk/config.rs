//! Mistakes in the settings: each is refused with its file and line and with what would be right.
//! Beside it what `kiosk check` and `kiosk staff` make of a directory, as processes.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use jiff::civil::date;
use kiosk_base::domain::Fen;
use kiosk_devices::card::{Baud, Port, Profile, UsbId, profile::Presence};
use renshe_kiosk::{
    config::Settings, insurance::retirement::Rules, staff::StaffSettings, visit::machine::Office,
};
use tempfile::TempDir;

mod files;
mod ledger;
mod questions;
mod staff;

/// A copy of the shipped `kiosk.toml` with one town, to make mistakes in.
struct Config {
    directory: TempDir,
}

impl Config {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config/kiosk.toml");
        fs::copy(shipped, directory.path().join("kiosk.toml")).expect("it is shipped");
        let config = Self { directory };
        config.write(
            "divisions/luxian.toml",
            "[[division]]\ncode = \"510521100\"\nname = \"福集镇\"\nvalid_from = \"2000-01-01\"\n",
        );
        config
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it has a directory")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    }

    /// Replaces the line of `kiosk.toml` that begins with `key` and returns its number.
    fn replace(&self, key: &str, line: &str) -> usize {
        let text = fs::read_to_string(self.path("kiosk.toml")).expect("it is there");
        let number = text.lines().position(|l| l.starts_with(key)).expect("the key is there");
        let lines: Vec<_> =
            text.lines().enumerate().map(|(i, l)| if i == number { line } else { l }).collect();
        self.write("kiosk.toml", &lines.join("\n"));
        number + 1
    }

    fn load(&self) -> Result<Settings, String> {
        Settings::load(self.directory.path(), &self.path("data")).map_err(|e| e.to_string())
    }

    fn error(&self) -> String {
        self.load().expect_err("there is a mistake in it")
    }
}

#[test]
fn the_shipped_settings_are_right_and_paths_begin_where_they_should() {
    let config = Config::new();
    let settings = config.load().expect("the shipped file is right");
    assert_eq!(settings.office.town, "福集镇");
    assert_eq!(settings.office.division.as_str(), "510521100");
    assert_eq!(settings.link.certificate, config.path("link/kiosk.pem"));
    assert_eq!(settings.listings.database, config.path("data/listings.db"));
    assert_eq!(settings.staff, StaffSettings::in_dir(&config.path("data")));
    assert_eq!(settings.reader.profile.poll.as_millis(), 300);
    assert_eq!(settings.visit.idle.as_secs(), 60);
    assert!(settings.guides.is_empty() && settings.boards.is_empty());
}

#[test]
fn the_shipped_directory_is_right_as_a_whole() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config");
    let settings = Settings::load(&shipped, Path::new("data")).expect("what is shipped is right");
    let day = jiff::civil::date(2026, 11, 23);
    let division = &settings.office.division;
    assert_eq!(settings.directory.name(division, day), Some(settings.office.town.as_str()));
    assert_eq!(settings.directory.towns(&division.county(), day).count(), 20);
    assert!(!settings.guides.is_empty() && !settings.boards.is_empty());
    assert_eq!(settings.questions.len(), 5, "one for each occasion");
}

#[test]
fn guides_and_boards_show_the_office_of_the_settings() {
    let config = Config::new();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config");
    for directory in ["guides", "boards"] {
        for file in fs::read_dir(shipped.join(directory)).expect("it is shipped") {
            let file = file.expect("a file");
            let name = format!("{directory}/{}", file.file_name().display());
            config.write(&name, &fs::read_to_string(file.path()).expect("text"));
        }
    }
    let others = [
        ("name", "测试镇"),
        ("office", "便民中心"),
        ("county", "测试县"),
        ("phone", "0830-1111111"),
        ("supervision", "0830-2222222"),
        ("hotline", "0830-3333333"),
        ("jobs_window", "甲窗口"),
        ("insurance_window", "乙窗口"),
        ("rights_window", "丙窗口"),
    ];
    let before = config.load().expect("right");
    for (key, value) in others {
        config.replace(key, &format!("{key} = \"{value}\""));
    }
    let mut settings = config.load().expect("right");
    let mut texts = String::new();
    for guide in &mut settings.guides {
        assert_eq!(guide.phone, "0830-1111111", "{}", guide.id);
        guide.texts_mut().for_each(|(_, text)| texts.extend([text.as_str(), "\n"]));
    }
    for board in &mut settings.boards {
        assert_eq!(board.phone, "0830-1111111", "{}", board.id);
        assert_eq!(board.supervision, "0830-2222222", "{}", board.id);
        board.texts_mut().for_each(|(_, text)| texts.extend([text.as_str(), "\n"]));
    }
    assert!(!texts.contains(['{', '}']), "{texts}");
    for (key, value) in others.into_iter().filter(|(key, _)| *key != "county") {
        assert!(texts.contains(value), "{key} is shown somewhere");
    }
    let Office { town, name, phone, supervision, jobs_window, .. } = &before.office;
    for old in [town, name, phone, supervision, jobs_window] {
        assert!(!texts.contains(old), "{old} is another town's: {texts}");
    }
}

#[test]
fn a_setting_that_is_left_out_keeps_its_default() {
    let config = Config::new();
    let whole = config.load().expect("right");
    config.write("kiosk.toml", "[screen]\nwidth_px = 1920\nheight_px = 1080\n");
    let settings = config.load().expect("right");
    assert_eq!(settings.office, whole.office);
    assert_eq!(settings.visit, whole.visit);
    assert!(whole.screen.portrait() && !settings.screen.portrait());
}

#[test]
fn each_wrong_value_names_its_line_and_what_would_be_right() {
    for (key, line, right) in [
        ("division", "division = \"510521999\"", "510521100 福集镇"),
        ("division", "division = \"泸县\"", "9 位"),
        ("name", "name = \"\"", "1 到 12 个字"),
        ("phone", "phone = \"问窗口\"", "电话号码"),
        ("jobs_window", "jobs_window = \"a\\nb\"", "只写一行"),
        ("diagonal_inch", "diagonal_inch = 215", "10 到 65"),
        ("diagonal_inch", "diagonal_inch = 10.1", "至少要 11 英寸"),
        ("diagonal_inch", "diagonal_inch = nan", "10 到 65"),
        ("width_px", "width_px = -1080", "600 到 7680"),
        ("port", "port = \"ttyUSB0\"", "/dev/ttyUSB0"),
        ("baud", "baud = 115201", "115200、57600、38400、19200 或 9600"),
        ("baud", "baud = 4295082496", "自动找就写 0"),
        ("port", "port = \"usb\"", "usb_vendor 和 usb_product"),
        ("usb_vendor", "usb_vendor = \"1a8g\"", "四位十六进制数"),
        ("usb_vendor", "usb_vendor = \"1a86\"", "请补上 usb_product"),
        ("usb_product", "usb_product = \"7523\"", "请补上 usb_vendor"),
        ("usb_serial", "usb_serial = \"A1\"", "请补上 usb_vendor 和 usb_product"),
        ("profile", "profile = \"../kiosk\"", "readers/ 里一个文件的名字"),
        ("profile", "profile = \"acme\"", "把 readers/unknown.toml 复制"),
        ("side", "side = \"behind\"", "\"left\"（左边）"),
        ("distance_cm", "distance_cm = 300", "0 到 200"),
        ("distance_cm", "distance_cm = 20", "写明在哪一边"),
        ("contact", "contact = \"a\\nb\"", "只写一行"),
        ("url", "url = \"http://10.0.0.1\"", "https://county.example:8443"),
        ("key", "key = \"\"", "PEM 文件"),
        ("refresh_every", "refresh_every_minutes = 0", "1 到 1440"),
        ("sticks", "sticks = \"media\"", "如 /media"),
        ("sticks", "sticks = \"/\"", "如 /media"),
        ("neighbours", "neighbours = [\"510521100\"]", "不写本镇"),
        ("neighbours", "neighbours = [\"510521\"]", "9 位"),
        ("idle_seconds", "idle_seconds = 5", "15 到 600"),
        ("expired_document", "expired_document = \"ask\"", "\"flag\"（照办并提示）或 \"refuse\""),
        ("notice", "notice = \"never\"", "\"confirm\" 或 \"show\""),
        ("back", "back = [\"Down\"]", "请只留一处"),
        ("size", "size = [\"大\"]", "按键的名字"),
        ("previous", "previous = [\"Uparrow\"]", "按键的名字"),
        ("bell", "bell = \"https://10.0.0.2/call\"", "http://主机:端口/路径"),
    ] {
        let config = Config::new();
        let number = config.replace(key, line);
        let error = config.error();
        let place = format!("{} 第 {number} 行第 ", config.path("kiosk.toml").display());
        assert!(error.starts_with(&place), "{line}: {error}");
        assert!(error.contains(right), "{line}: {error}");
        assert!(!error.contains('\n'), "one sentence: {error}");
    }
}

#[test]
fn a_reader_is_named_by_path_by_usb_identity_or_by_both() {
    let reader = |lines: &str| {
        let config = Config::new();
        config.write("kiosk.toml", &format!("[reader]\n{lines}\n"));
        config.load().expect("right").reader
    };
    let id = UsbId { vendor: 0x1A86, product: 0x7523, serial: Some("A1".into()) };
    let usb = "usb_vendor = \"1a86\"\nusb_product = \"7523\"\nusb_serial = \"A1\"\n";
    assert_eq!(reader("").port, Port::At("/dev/ttyUSB0".into(), None));
    assert_eq!(reader(&format!("{usb}port = \"usb\"")).port, Port::Usb(id.clone()));
    assert_eq!(reader(usb).port, Port::At("/dev/ttyUSB0".into(), Some(id)));
    assert_eq!(reader("baud = 0").baud, Baud::Probe);
    assert_eq!(reader("baud = 9600").baud, Baud::Fixed(9600));
}

#[test]
fn a_reader_that_is_a_usb_device_is_named_by_it() {
    let config = Config::new();
    let with = |lines: &str| config.write("kiosk.toml", &format!("[reader]\n{lines}\n"));
    config.write("readers/acme.toml", "usb_ids = [\"0400:c35a\"]\n");
    with("port = \"usb:0400:C35A\"\nusb_serial = \"A1\"\nprofile = \"acme\"");
    let id = UsbId { vendor: 0x0400, product: 0xC35A, serial: Some("A1".into()) };
    assert_eq!(config.load().expect("right").reader.port, Port::Direct(id));
    for (lines, line, right) in [
        ("port = \"usb:0400\"", 2, "usb:0400:c35a"),
        ("port = \"usb:0400:c35a:1\"", 2, "usb:0400:c35a"),
        ("port = \"usb:0400:c35a\"\nusb_vendor = \"0400\"", 3, "已经写了设备"),
        ("port = \"usb:0400:c35a\"\nusb_product = \"c35a\"", 3, "已经写了设备"),
        ("port = \"usb:0400:c35a\"\nusb_serial = \"\\n\"", 3, "只写一行"),
        ("port = \"usb:1234:5678\"\nprofile = \"acme\"", 2, "这个型号文件是给 usb:0400:c35a"),
        ("port = \"usb-0400\"", 2, "读卡器本身是 USB 设备"),
    ] {
        with(lines);
        let error = config.error();
        let place = format!("{} 第 {line} 行第 ", config.path("kiosk.toml").display());
        assert!(error.starts_with(&place), "{lines}: {error}");
        assert!(error.contains(right) && !error.contains('\n'), "{lines}: {error}");
    }
}

/// A build that cannot speak PC/SC says so at start, and not when somebody stands there with a
/// card.
#[test]
fn a_slot_is_watched_where_the_build_can_and_refused_where_it_cannot() {
    let config = Config::new();
    assert!(config.load().expect("right").contact.is_none());
    for name in ["any", "ACS ACR39U ICC Reader 00 00"] {
        let number = config.replace("contact", &format!("contact = \"{name}\""));
        let loaded = config.load();
        assert_eq!(loaded.is_ok(), cfg!(feature = "pcsc"), "{:?}", loaded.err());
        match loaded {
            Ok(settings) => assert_eq!(settings.contact.expect("a slot").name, name),
            Err(error) => {
                assert!(error.contains(&format!("第 {number} 行")), "{error}");
                assert!(error.contains("--features pcsc") && !error.contains('\n'), "{error}");
            }
        }
    }
}

#[test]
fn a_profile_is_read_from_its_file_and_refused_with_its_line() {
    let config = Config::new();
    config.replace("profile", "profile = \"acme\"");
    let path = config.path("readers/acme.toml");
    config.write("readers/acme.toml", "presence = \"time\"\nrf_bytes = 80\npoll_ms = 500\n");
    let profile = config.load().expect("right").reader.profile;
    assert_eq!(profile.presence, Presence::Time);
    assert_eq!((profile.rf_bytes, profile.poll.as_millis()), (Some(80), 500));
    assert_eq!(profile.limits, Profile::UNKNOWN.limits);
    for (line, right) in [
        ("poll_ms = 10", "40 到 5000"),
        ("poll_ms = \"300\"", "正确的写法如 `poll_ms = 300`"),
        ("presence = \"guess\"", "\"probe\"、\"session\"、\"find\" 或 \"time\""),
        ("presence = \"session\"\nappended_address = false", "appended_address = true"),
        ("rf_bytes = 23", "24 到 255，或写 0"),
        ("rf_bytes = -1", "24 到 255，或写 0"),
        ("find_limit_ms = 5", "200 到 20000"),
        ("title = \"\"", "1 到 40 个字"),
        ("pol_ms = 300", "不认识 `pol_ms`"),
    ] {
        config.write("readers/acme.toml", &format!("# a comment\n{line}\n"));
        let error = config.error();
        assert!(error.starts_with(&format!("{} 第 2 行第 ", path.display())), "{error}");
        assert!(error.contains(right), "{line}: {error}");
        assert!(!error.contains('\n'), "one sentence: {error}");
    }
}

#[test]
fn each_wrong_type_names_its_line_and_a_right_one() {
    for (key, line, right) in [
        ("baud", "baud = \"fast\"", "要写整数；正确的写法如 `baud = 115200`"),
        ("profile", "profile = 1", "正确的写法如 `profile = \"unknown\"`"),
        ("fullscreen", "fullscreen = 1", "要写 true 或 false；正确的写法如 `fullscreen = true`"),
        ("diagonal_inch", "diagonal_inch = \"21.5\"", "正确的写法如 `diagonal_inch = 21.5`"),
        ("hotline", "hotline = 12333", "正确的写法如 `hotline = \"12333\"`"),
        ("port", "port = /dev/ttyUSB0", "正确的写法如 `port = \"/dev/ttyUSB0\"`"),
    ] {
        let config = Config::new();
        let number = config.replace(key, line);
        let error = config.error();
        assert!(error.contains(&format!("kiosk.toml 第 {number} 行")), "{line}: {error}");
        assert!(error.contains(right), "{line}: {error}");
        assert!(!error.contains('\n'), "one sentence: {error}");
    }
}

#[test]
fn an_unknown_key_names_the_known_ones() {
    let config = Config::new();
    let number = config.replace("baud", "bauds = 115200");
    let error = config.error();
    assert!(error.contains(&format!("第 {number} 行第 1 列：不认识 `bauds`")), "{error}");
    assert!(error.contains("`baud`") && error.contains("`profile`"), "{error}");

    let config = Config::new();
    let number = config.replace("[visit]", "[vist]");
    let error = config.error();
    assert!(error.contains(&format!("第 {number} 行")), "{error}");
    assert!(error.contains("不认识 `vist`") && error.contains("`visit`"), "{error}");
}

#[test]
fn a_file_that_is_missing_or_unfit_is_named() {
    let config = Config::new();
    fs::remove_file(config.path("kiosk.toml")).expect("it is there");
    let error = config.error();
    assert!(error.starts_with(&config.path("kiosk.toml").display().to_string()), "{error}");
    assert!(error.contains("--config"), "{error}");

    let config = Config::new();
    fs::write(config.path("kiosk.toml"), [0xB8, 0xA3, 0xBC, 0xAF]).expect("it can be written");
    assert!(config.error().contains("请另存为 UTF-8 编码"));

    let config = Config::new();
    config.write("kiosk.toml", &"#".repeat((1 << 20) + 1));
    assert!(config.error().contains("最大 1 MiB"));

    let config = Config::new();
    fs::remove_dir_all(config.path("divisions")).expect("it is there");
    let error = config.error();
    assert!(error.contains("divisions：读不出来"), "{error}");
}

#[test]
fn mistakes_in_divisions_guides_and_boards_name_their_line() {
    let division = "[[division]]\ncode = \"510521100\"\nname = \"福集镇\"\n";
    let guide = "title = \"失业登记\"\nwindow = \"jobs\"\nfor_whom = \"失业的人\"\nbring = []\n\
                 time_limit = \"当场\"\nfee = \"不收费\"\nplace = \"窗口\"\nphone = \"12333\"\n";
    let board = "title = \"职责\"\nphone = \"12333\"\nsupervision = \"12333\"\n";
    for (name, text, line, right) in [
        (
            "divisions/a.toml",
            format!("{division}valid_from = \"2000-13-01\"\n"),
            4,
            "请和随附的文件对照",
        ),
        (
            "divisions/a.toml",
            "\n[[division]]\ncode = \"5105\"\nname = \"泸县\"\nvalid_from = \"2000-01-01\"\n"
                .into(),
            3,
            "6 位、9 位或 12 位",
        ),
        (
            "divisions/a.toml",
            format!("{division}valid_from = \"2000-01-01\"\nvalid_until = \"1999-01-01\"\n"),
            1,
            "不能早于 valid_from",
        ),
        (
            "divisions/a.toml",
            format!("{division}valid_from = \"2000-01-01\"\nvalid_to = \"2001-01-01\"\n"),
            5,
            "`valid_until`",
        ),
        (
            // The town stands in luxian.toml already, without an end.
            "divisions/z.toml",
            format!("{division}valid_from = \"2020-01-01\"\n"),
            1,
            "给旧的写上 valid_until",
        ),
        (
            "guides/a.toml",
            format!("id = \"b\"\nsteps = [\"一\"]\n{guide}"),
            1,
            "请写 id = \"a\"，或者给文件改名",
        ),
        ("guides/a.toml", format!("id = \"a\"\nsteps = [\"一\", \" \"]\n{guide}"), 2, "请写上"),
        (
            "guides/a.toml",
            format!("id = \"a\"\nsteps = [\"一\"]\n{}", guide.replace("jobs", "work")),
            4,
            "`jobs`、`insurance`",
        ),
        ("boards/a.toml", format!("id = \"a\"\nparagraphs = []\n{board}"), 2, "请写上"),
        (
            "guides/a.toml",
            format!("id = \"a\"\nsteps = [\"到 {{fenster}}\"]\n{guide}"),
            2,
            "{jobs_window}",
        ),
        (
            "guides/a.toml",
            format!(
                "id = \"a\"\nsteps = [\"一\"]\n{guide}online = {{ url = \"http://a.example\", \
                 checked = \"2026-11-30\", source = \"县社保局公告\" }}\n"
            ),
            11,
            "以 https:// 开头",
        ),
        // A board belongs to no window.
        (
            "boards/a.toml",
            format!("id = \"a\"\nparagraphs = [\"到 {{window}}\"]\n{board}"),
            2,
            "{rights_window}",
        ),
        ("boards/a.toml", format!("id = \"a\"\nparagraphs = \"一\"\n{board}"), 2, "要写列表"),
    ] {
        let config = Config::new();
        config.write(name, &text);
        let error = config.error();
        let place = format!("{} 第 {line} 行第 ", config.path(name).display());
        assert!(error.starts_with(&place), "{text}: {error}");
        assert!(error.contains(right), "{text}: {error}");
        assert!(!error.contains('\n'), "one sentence: {error}");
    }
}

#[test]
fn figures_of_the_pension_are_data_and_refused_with_their_line() {
    let config = Config::new();
    let directory = config.path("policy");
    std::fs::create_dir_all(&directory).expect("a directory");
    let load = || Settings::load(&config.path(""), &config.path("data"));
    assert_eq!(load().expect("none is needed").policy.basic(date(2026, 11, 24)), None);
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config/policy/national.toml");
    std::fs::copy(&shipped, directory.join("national.toml")).expect("copied");
    let policy = load().expect("the shipped file is right").policy;
    let today = date(2026, 11, 24);
    assert_eq!(policy.basic(today).map(|basic| basic.value), Some(Fen(14_300)));
    assert_eq!(policy.months(60, today).map(|months| months.value), Some(139));
    assert_eq!(policy.months(65, today).map(|months| months.value), Some(101));
    assert_eq!(policy.months(71, today), None, "nothing is said of it");
    assert!(policy.tiers(today).is_sorted_by_key(|tier| tier.yearly));
    let text = std::fs::read_to_string(&shipped).expect("read");
    for (from, to, named) in [
        ("value = 14300", "value = 0", "basic"),
        ("months = 139", "months = 0", "months"),
        ("years = 15 }", "years = 0 }", "drawing"),
        ("yearly = 10000 }", "yearly = 10000, subsidy = -1 }", "tiers"),
    ] {
        let wrong = text.replacen(from, to, 1);
        assert_ne!(wrong, text, "{from}");
        std::fs::write(directory.join("national.toml"), wrong).expect("written");
        let error = load().expect_err("refused").to_string();
        assert!(error.contains("national.toml 第 ") && error.contains(named), "{error}");
    }
}

#[test]
fn rules_on_retirement_are_data_and_refused_with_their_line() {
    let config = Config::new();
    let load = || Settings::load(&config.path(""), &config.path("data"));
    assert_eq!(load().expect("none is needed").retirement, Rules::default());
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config/retirement.toml");
    let text = std::fs::read_to_string(&shipped).expect("read");
    std::fs::write(config.path("retirement.toml"), &text).expect("written");
    assert_ne!(load().expect("the shipped file is right").retirement, Rules::default());
    for (from, to, named) in [
        ("new_age = 756", "new_age = 719", "ages"),
        ("births_per_step = 2", "birth_per_step = 2", "birth_per_step"),
    ] {
        let wrong = text.replacen(from, to, 1);
        assert_ne!(wrong, text, "{from}");
        std::fs::write(config.path("retirement.toml"), wrong).expect("written");
        let error = load().expect_err("refused").to_string();
        assert!(error.contains("retirement.toml 第 ") && error.contains(named), "{error}");
    }
}

/// The page of the estimate has no room for its sources: they stand on a board of their own.
#[test]
fn every_source_of_a_figure_is_on_the_board_about_the_estimate() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config");
    let settings = Settings::load(&shipped, Path::new("kiosk-data")).expect("good settings");
    let board = settings.boards.iter().find(|board| board.id == "pension-estimate");
    let said = board.expect("the board").paragraphs.concat();
    let mut sources = 0;
    for file in fs::read_dir(shipped.join("policy")).expect("policies") {
        let text = fs::read_to_string(file.expect("a file").path()).expect("text");
        for source in text.lines().filter_map(|line| line.strip_prefix("source = ")) {
            assert!(said.contains(source.trim_matches('"')), "{source}");
            sources += 1;
        }
    }
    assert!(sources > 20, "{sources}");
}

#[test]
fn guides_and_boards_come_in_the_order_of_their_files() {
    let config = Config::new();
    for id in ["b", "a"] {
        let text = format!(
            "id = \"{id}\"\ntitle = \"职责\"\nparagraphs = [\"一\"]\nphone = \"1\"\nsupervision = \"1\"\n"
        );
        config.write(&format!("boards/{id}.toml"), &text);
    }
    let boards = config.load().expect("right").boards;
    assert_eq!(boards.iter().map(|board| board.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
}

/// Runs `kiosk` with this configuration and `input` on stdin.
fn kiosk(config: &Config, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kiosk"))
        .args(arguments)
        .args(["--config".as_ref(), config.directory.path().as_os_str()])
        .args(["--data".as_ref(), config.path("data").as_os_str()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("kiosk runs");
    let mut stdin = child.stdin.take().expect("it was asked for");
    // A command that asks nothing may have ended already.
    if let Err(error) = stdin.write_all(input.as_bytes()) {
        assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
    }
    drop(stdin);
    child.wait_with_output().expect("kiosk ends")
}

#[test]
fn a_bad_configuration_ends_with_64_and_one_sentence() {
    let config = Config::new();
    let number = config.replace("baud", "baud = 1");
    let output = kiosk(&config, &["check"], "");
    assert_eq!(output.status.code(), Some(64));
    assert!(output.stdout.is_empty());
    let sentence = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(sentence.lines().count(), 1, "{sentence}");
    assert!(sentence.contains(&format!("kiosk.toml 第 {number} 行")), "{sentence}");

    let output = kiosk(&config, &["check", "--json"], "");
    assert_eq!(output.status.code(), Some(64));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one object");
    assert_eq!(report["ready"], false);
    assert_eq!(report["checks"][0]["name"], "config");
    assert_eq!(report["checks"][0]["code"], "C01");
}
