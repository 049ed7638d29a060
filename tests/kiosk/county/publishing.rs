//! What `county publish` withdraws, puts back, and for which towns.

use std::path::Path;

use kiosk_base::{
    domain::DivisionCode,
    wire::{Audience, Collection, v1},
};
use kiosk_county::{Feed, feed::Ask};

use super::{at, county, json};

/// Writes a set in the county's own form.
fn set(home: &Path, file: &str, items: &[(&str, &str)], towns: &str) {
    let items: Vec<_> = items
        .iter()
        .map(|(id, title)| {
            format!(
                r#"{{"id":"{id}","title":"{title}","employer":"测试厂","published":"2026-11-01","source":"测试"}}"#
            )
        })
        .collect();
    let text = format!(r#"{{"as_of":"2026-11-20","items":[{}]{towns}}}"#, items.join(","));
    std::fs::write(home.join(file), text).expect("written");
}

/// The titles that a kiosk of `town` gets.
fn titles(home: &Path, town: &str) -> Vec<String> {
    let feed = Feed::open(&home.join("data")).expect("opened");
    let town = DivisionCode::parse(town).ok();
    let ask = Ask {
        collection: Collection::Postings,
        since: 0,
        limit: 1_000,
        snapshot: None,
        audience: Audience::of(town.as_ref()),
    };
    let page = feed.answer(&ask, None, false).expect("an answer").page.expect("a page");
    let page: v1::FeedPage = serde_json::from_slice(&page.body).expect("JSON");
    let title = |body: serde_json::Value| body["value"]["title"].as_str().map(str::to_owned);
    let bodies = page.items.iter().filter_map(|item| serde_json::to_value(&item.body).ok());
    let mut titles: Vec<_> = bodies.filter_map(title).collect();
    titles.sort_unstable();
    titles
}

#[test]
fn what_a_set_withdraws_is_said_and_asked_for_and_can_be_put_back() {
    let home = county();
    let home = home.path();
    let ten: Vec<_> = (0..10).map(|i| (format!("p{i}"), format!("普工{i}"))).collect();
    let ten: Vec<_> = ten.iter().map(|(id, title)| (id.as_str(), title.as_str())).collect();
    set(home, "set.json", &ten, "");
    assert_eq!(at(home, "publish postings set.json").0, Some(0));

    // Eight of ten: a fifth may go without a word.
    set(home, "set.json", &ten[..8], "");
    let (code, said) = at(home, "publish postings set.json");
    assert!(code == Some(0) && said.contains("撤回 2"), "{said}");
    assert!(said.contains("p8：普工8") && said.contains("county put-back postings"), "{said}");

    let mut five = ten[..5].to_vec();
    five[0].1 = "焊工";
    five.push(("new", "电工"));
    set(home, "set.json", &five, "");
    let (code, said) = at(home, "publish postings set.json");
    assert!(
        code == Some(1) && said.contains("会撤回 3 条") && said.contains("--withdraw"),
        "{said}"
    );
    assert_eq!(titles(home, "510599100").len(), 8, "nothing happened");
    let (code, said) = at(home, "publish postings set.json --dry-run");
    assert!(code == Some(0), "{said}");
    for line in [
        "新增 1，变更 1，撤回 3，未变 4",
        "new：电工",
        "p0：焊工",
        "p7：普工7",
        "要这样做请写 --withdraw",
        "只发给部分乡镇的 0 条",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    std::fs::write(home.join("bad.csv"), "岗位,单位\n,测试厂\n").expect("written");
    let (code, said) = at(home, "publish postings bad.csv --dry-run");
    assert!(code == Some(0) && said.contains("这样不能发布：没有一行能用"), "{said}");
    let (code, said) = at(home, "publish postings bad.csv --withdraw");
    assert!(code == Some(1) && said.contains("没有一行能用"), "{said}");
    std::fs::write(home.join("empty.csv"), "岗位,单位\n").expect("written");
    let (code, said) = at(home, "publish postings empty.csv");
    assert!(code == Some(1) && said.contains("--withdraw"), "{said}");
    assert_eq!(titles(home, "510599100").len(), 8, "nothing happened");
    assert_eq!(at(home, "publish postings set.json --withdraw").0, Some(0));
    assert_eq!(titles(home, "510599100"), ["普工1", "普工2", "普工3", "普工4", "焊工", "电工"]);

    // Publishing the same again is no change: the set before is still the one before.
    assert_eq!(at(home, "publish postings set.json").0, Some(0));
    let dry = json(home, "put-back postings --dry-run --json");
    assert_eq!(dry["published"], serde_json::Value::Null);
    let (code, said) = at(home, "put-back postings");
    assert!(code == Some(0) && said.contains("新增 3，变更 1，撤回 1"), "{said}");
    assert_eq!(titles(home, "510599100"), (0..8).map(|i| format!("普工{i}")).collect::<Vec<_>>());
    // The later one again: that withdraws three of eight, which is asked for like any other.
    let (code, said) = at(home, "put-back postings");
    assert!(code == Some(1) && said.contains("会撤回 3 条"), "{said}");
    assert_eq!(at(home, "put-back postings --withdraw").0, Some(0));
    assert_eq!(titles(home, "510599100").len(), 6);

    set(home, "set.json", &[], "");
    let (code, said) = at(home, "publish postings set.json");
    assert!(code == Some(1) && said.contains("会撤回 6 条"), "{said}");
    // A table that has nothing but its header is an empty set as well.
    assert_eq!(at(home, "publish postings empty.csv --withdraw").0, Some(0));
    assert_eq!(titles(home, "510599100"), [""; 0]);
    let (code, said) = at(home, "put-back trainings");
    assert!(code == Some(1) && said.contains("没有存下更早的"), "{said}");

    // The share is a setting.
    std::fs::write(home.join("config/county.toml"), "withdraw_percent = 100\n").expect("written");
    set(home, "set.json", &ten, "");
    assert_eq!(at(home, "publish postings set.json").0, Some(0));
    set(home, "set.json", &ten[..1], "");
    assert_eq!(at(home, "publish postings set.json").0, Some(0));
}

#[test]
fn towns_survive_every_way_into_the_feed() {
    let home = county();
    let home = home.path();
    let (one, two, three) = ("510599100", "510599101", "510599102");
    let towns = format!(r#","towns":{{"a":["{one}"]}}"#);
    set(home, "own.json", &[("a", "焊工"), ("b", "厨工")], &towns);
    let table = "岗位,单位,工作地点,适用乡镇\n\
                 漆工,测试甲厂,测试县,测试乙镇、测试丙\n\
                 瓦工,测试甲厂,测试县,510599100\n\
                 木工,测试甲厂,测试县,全县\n\
                 钳工,测试甲厂,测试县,\n\
                 车工,测试甲厂,测试县,测试丁镇\n";
    std::fs::write(home.join("table.csv"), table).expect("written");

    // A table together with the county's own form.
    let done = json(home, "publish postings table.csv own.json --json");
    let refused = &done["files"][0]["refused"];
    assert_eq!((&refused[0]["column"], &refused[0]["code"]), (&"适用乡镇".into(), &"town".into()));
    assert!(refused[0]["reason"].as_str().is_some_and(|why| why.contains("测试丁镇")), "{refused}");
    assert_eq!(titles(home, one), ["厨工", "木工", "焊工", "瓦工", "钳工"]);
    assert_eq!(titles(home, two), ["厨工", "木工", "漆工", "钳工"]);
    assert_eq!(titles(home, three), ["厨工", "木工", "漆工", "钳工"]);

    // --towns is for those of which the files say nothing.
    let (code, said) = at(home, &format!("publish postings table.csv own.json --towns {three}"));
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(titles(home, one), ["木工", "焊工", "瓦工"]);
    assert_eq!(titles(home, two), ["木工", "漆工"]);
    assert_eq!(titles(home, three), ["厨工", "木工", "漆工", "钳工"]);

    // Put back, they are for those they were for.
    assert_eq!(at(home, "put-back postings").0, Some(0));
    assert_eq!(titles(home, one), ["厨工", "木工", "焊工", "瓦工", "钳工"]);
}

#[test]
fn towns_that_are_not_understood_publish_nothing() {
    let home = county();
    let home = home.path();
    std::fs::write(home.join("table.csv"), "岗位,单位,工作地点\n漆工,测试甲厂,测试县\n")
        .expect("written");
    let items = [("a", "焊工"), ("b", "厨工")];
    for (towns, said) in [
        (r#","towns":{"a":"510599100"}"#, "towns 里 a 的乡镇写得不对：类型不对，要写列表"),
        (r#","towns":{"a":["510599100"],"c":["510599101"]}"#, "towns 里写了 c，但"),
    ] {
        set(home, "own.json", &items, towns);
        for files in
            ["own.json", "own.json table.csv", "table.csv own.json", "own.json --format json"]
        {
            let (code, words) = at(home, &format!("publish postings {files}"));
            assert!(code == Some(1) && words.contains(said), "{files}: {words}");
        }
        // However deep the list lies.
        let text = std::fs::read_to_string(home.join("own.json")).expect("there");
        std::fs::write(home.join("own.json"), format!(r#"{{"data":{text}}}"#)).expect("written");
        let (code, words) = at(home, "publish postings own.json table.csv");
        assert!(code == Some(1) && words.contains(said), "{words}");
    }
    assert_eq!(titles(home, "510599100"), [""; 0]);
}

#[test]
fn what_stands_in_two_files_is_for_the_towns_of_both() {
    let home = county();
    let home = home.path();
    let row = |towns: &str| {
        format!("岗位,单位,工作地点,工资,适用乡镇\n漆工,测试甲厂,测试县,200元/天,{towns}\n")
    };
    let publish = |towns: [&str; 2]| {
        for (file, towns) in ["a.csv", "b.csv"].into_iter().zip(towns) {
            std::fs::write(home.join(file), row(towns)).expect("written");
        }
        let done = json(home, "publish postings a.csv b.csv --json");
        assert_eq!(done["files"][1]["duplicates"], 1, "{done}");
        ["510599100", "510599101", "510599102"].map(|town| titles(home, town).len())
    };
    assert_eq!(publish(["测试甲镇", "测试乙镇"]), [1, 1, 0]);
    assert_eq!(publish(["测试甲镇", "测试甲镇"]), [1, 0, 0]);
    assert_eq!(publish(["测试甲镇", ""]), [1, 1, 1]);
}

#[test]
fn a_kiosk_takes_nothing_that_is_for_other_towns() {
    let home = county();
    let home = home.path();
    let table = "岗位,单位,工作地点,适用乡镇\n\
                 漆工,测试甲厂,测试县,福集镇\n瓦工,测试甲厂,测试县,嘉明镇\n木工,测试甲厂,测试县,\n";
    std::fs::write(home.join("table.csv"), table).expect("written");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config");
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_kiosk"))
        .current_dir(home)
        .args(["listings", "import", "table.csv", "--json", "--data", "kiosk-data", "--config"])
        .arg(shipped)
        .output()
        .expect("it runs");
    let done: serde_json::Value = serde_json::from_slice(&done.stdout).expect("one object");
    assert_eq!((&done["accepted"], &done["refused"][0]["code"]), (&2.into(), &"elsewhere".into()));
    assert_eq!(done["refused"][0]["row"], 3);
}
