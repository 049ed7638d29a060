//! The readiness report as a whole, and the staff's secrets: as processes.

use renshe_kiosk::staff::{PinLock, StaffSettings};

use super::{Config, kiosk};

#[test]
fn a_machine_that_is_not_ready_says_what_is_missing() {
    let config = Config::new();
    config.replace("port", "port = \"/nonexistent/reader\"");
    config.replace("sticks", "sticks = \"/nonexistent/sticks\"");
    let output = kiosk(&config, &["check", "--json"], "");
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one object");
    assert_eq!(report["ready"], false);
    let checks = report["checks"].as_array().expect("a list");
    let names: Vec<_> = checks.iter().map(|check| check["name"].as_str()).collect();
    assert_eq!(
        names,
        [
            "config",
            "database",
            "audit",
            "disk",
            "clock",
            "reader",
            "link",
            "certificates",
            "pin",
            "sticks",
            "font",
            "screen"
        ]
        .map(Some)
    );
    let check = |name: &str| checks.iter().find(|check| check["name"] == name).expect("listed");
    for (name, code) in [
        // The telephones are still those of the shipped file.
        ("config", "C01"),
        ("reader", "R01"),
        ("certificates", "C01"),
        ("link", "C01"),
        ("pin", "P05"),
        ("sticks", "C01"),
    ] {
        assert_eq!(check(name)["ok"], false, "{name}");
        assert_eq!(check(name)["code"], code, "{name}");
    }
    for name in ["database", "audit", "clock", "font", "screen"] {
        assert_eq!(check(name)["ok"], true, "{name}");
        assert!(check(name)["code"].is_null(), "{name}");
    }
    let words = |name: &str| check(name)["message"].as_str().expect("words").to_owned();
    for key in ["town.phone 还是", "town.supervision 还是"] {
        assert!(words("config").contains(key), "{}", words("config"));
    }
    assert!(words("sticks").contains("/nonexistent/sticks"), "{}", words("sticks"));

    // An office that has done its part.
    config.replace("phone", "phone = \"0830-1111111\"");
    config.replace("supervision", "supervision = \"0830-2222222\"");
    config.replace("sticks", &format!("sticks = \"{}\"", config.directory.path().display()));
    kiosk(&config, &["staff", "pin"], "804713\n804713\n");
    let output = kiosk(&config, &["check", "--json"], "");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one object");
    let checks = report["checks"].as_array().expect("a list");
    for name in ["config", "pin", "sticks"] {
        let check = checks.iter().find(|check| check["name"] == name).expect("listed");
        assert_eq!(check["ok"], true, "{check}");
    }

    let output = kiosk(&config, &["check"], "");
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(text.contains("✗ 不正常 读卡器：") && text.contains("R01：检查读卡器的电源"), "{text}");
    assert!(text.contains("✓ 正常") && text.contains("还不能使用"), "{text}");
}

#[test]
fn a_pin_is_set_from_two_equal_lines() {
    let config = Config::new();
    for (input, word) in [
        ("804713\n804714\n", "两次输入的不一样"),
        ("123456\n123456\n", "顺着数"),
        ("804713\n", "标准输入已经结束"),
    ] {
        let output = kiosk(&config, &["staff", "pin"], input);
        assert_eq!(output.status.code(), Some(1));
        let sentence = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(sentence.contains(word) && !sentence.contains("8047"), "{sentence}");
        assert!(!config.path("data/staff-pin").exists());
    }
    let output = kiosk(&config, &["staff", "pin"], "804713\n804713\n");
    assert_eq!(output.status.code(), Some(0));
    let now = std::time::Instant::now();
    let mut lock = PinLock::open(StaffSettings::in_dir(&config.path("data")), now);
    assert_eq!(lock.check("804713", now), Ok(()));
}

#[test]
fn staff_cards_are_added_and_removed_without_a_trace_of_the_number() {
    let config = Config::new();
    let number = "510599198507150012";
    for (arguments, input, answer) in [
        (["staff", "card", "count"], "", "0\n"),
        (["staff", "card", "add"], number, "这张卡已加入名单。\n"),
        (["staff", "card", "add"], number, "这张卡早已在名单里。\n"),
        (["staff", "card", "count"], "", "1\n"),
        (["staff", "card", "remove"], number, "这张卡已从名单里去掉。\n"),
        (["staff", "card", "remove"], number, "这张卡不在名单里。\n"),
    ] {
        let output = kiosk(&config, &arguments, &format!("{input}\n"));
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert_eq!(String::from_utf8(output.stdout).expect("UTF-8"), answer, "{arguments:?}");
    }
    let wrong = kiosk(&config, &["staff", "card", "add"], "510599198507150013\n");
    assert_eq!(wrong.status.code(), Some(1));
    assert!(!String::from_utf8(wrong.stderr).expect("UTF-8").contains("5105991985"));
}
