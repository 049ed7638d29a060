//! The change of the feed key, with a kiosk that runs all the while; and what the county knows of
//! its kiosks.

use std::path::Path;

use kiosk_base::{
    domain::Stop,
    wire::{Collection, v1::Heartbeat},
};
use renshe_kiosk::link::Client;

use super::{
    at, county, json,
    restore::{service, stop},
};
use crate::support::guarded;

async fn beat(client: &Client, stops: &[&str]) {
    let heartbeat = Heartbeat {
        version: "0.1.0\nforged".into(),
        uptime_s: 60,
        reader_ready: true,
        stops: stops.iter().map(|&stop| stop.to_owned()).collect(),
        modules: vec!["05.03-1".into(), "05.03-2".into()],
        feed_keys: client.feed_key_ids(),
        ..Heartbeat::default()
    };
    guarded(client.heartbeat(&heartbeat)).await.expect("an answer");
}

/// Waits until `county ARGUMENTS` says `words`: what was heard is written behind the answer.
fn says(home: &Path, arguments: &str, words: &str) -> String {
    let mut said = String::new();
    for _ in 0..200 {
        said = at(home, arguments).1;
        if said.contains(words) {
            return said;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("{arguments} never says {words:?}: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_kiosk_takes_the_new_keys_and_the_county_knows_who_has_them() {
    let home = county();
    let home = home.path();
    let set = r#"{"as_of":"2026-11-20","items":[{"id":"a","title":"普工","employer":"测试厂","published":"2026-11-01","source":"测试"}]}"#;
    std::fs::write(home.join("set.json"), set).expect("written");
    assert_eq!(at(home, "publish postings set.json").0, Some(0));
    assert_eq!(at(home, "enrol hall --division 510599100 --out out").0, Some(0));
    let serving = service(home, "127.0.0.1:0");
    let kiosk = serving.client(&home.join("out"), "hall");
    let page = async |since| guarded(kiosk.feed_page(Collection::Postings, since)).await;
    assert_eq!(page(0).await.expect("a page").items.len(), 1);
    assert_eq!(page(1).await.expect("a page").items.len(), 0);
    beat(&kiosk, &["R01"]).await;
    says(home, "feed-key show", "1 台已准备好：hall");

    let said = says(home, "kiosks", "hall：");
    for words in [
        "测试甲镇 510599100",
        "版本 0.1.0\\nforged",
        "R01",
        "postings 1",
        "；认这个密钥",
        "证书有效到",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let list = json(home, "kiosks --json");
    let row = &list["kiosks"][0];
    assert_eq!((&row["name"], &row["town"]), (&"hall".into(), &"510599100".into()));
    assert_eq!(
        (&row["heard"]["feed"]["postings"], &row["believes_key"]),
        (&1.into(), &true.into())
    );

    assert!(row["certificate_ends"].is_string() && row["revoked"].is_null(), "{row}");
    assert_eq!(at(home, "enrol spare --division 510599100 --out out").0, Some(0));
    // Who was never heard may not know the key that comes.
    let said = at(home, "feed-key show").1;
    assert!(
        said.contains("1 台已准备好：hall；0 台没有；1 台不清楚：spare（从未收到心跳）"),
        "{said}"
    );
    assert_eq!(at(home, "revoke spare --yes").0, Some(0));
    says(home, "feed-key show", "1 台已准备好：hall；0 台没有。");
    let said = at(home, "kiosks").1;
    assert!(
        said.contains("spare：测试甲镇 510599100；已吊销，自") && said.contains("从未收到心跳"),
        "{said}"
    );

    // The second reader of one kiosk is worth a look.
    let said = says(home, "kiosks", "告警 ");
    assert!(said.contains(" hall：换了读卡器：模块从 05.03-1 换成 05.03-2"), "{said}");
    let alarm = &json(home, "kiosks --json")["alarms"][0];
    assert_eq!((&alarm["kiosk"], &alarm["kind"]), (&"hall".into(), &"new_reader".into()));

    // The next key is announced; the kiosk has the old file still.
    assert_eq!(at(home, "feed-key announce").0, Some(0));
    beat(&kiosk, &[]).await;
    says(home, "feed-key show", "0 台已准备好；1 台没有：hall");
    let (code, said) = at(home, "feed-key switch");
    assert!(code == Some(1) && said.contains("1 台没有：hall") && said.contains("--yes"), "{said}");

    // Its file is replaced while it runs: broken first, then whole.
    std::fs::write(home.join("out/feed.pub"), "-----BEGIN PUBLIC KEY-----\n").expect("half");
    beat(&kiosk, &[]).await;
    assert_eq!(page(0).await.expect("the keys before are kept").items.len(), 1);
    std::fs::copy(home.join("data/feed.pub"), home.join("out/feed.pub")).expect("carried over");
    beat(&kiosk, &[]).await;
    says(home, "feed-key show", "1 台已准备好：hall");
    let (code, said) = at(home, "feed-key switch");
    assert!(code == Some(0) && said.contains("1 台已准备好"), "{said}");
    let address = stop(serving);
    let serving = service(home, &address);
    assert_eq!(page(0).await.expect("signed with the new key").items.len(), 1);
    let dropped = std::fs::read_to_string(home.join("data/feed.pub")).expect("there");
    assert_eq!(at(home, "feed-key drop --yes").0, Some(0));
    let kept = std::fs::read_to_string(home.join("data/feed.pub")).expect("there");
    assert!(dropped.matches("BEGIN").count() == 2 && kept.matches("BEGIN").count() == 1);

    // A kiosk that knows only a former key is not said to be served well.
    let stranger = home.join("stranger");
    kiosk_county::FeedKey::open_or_create(&make(&stranger)).expect("a key");
    std::fs::copy(stranger.join("feed.pub"), home.join("out/feed.pub")).expect("a wrong file");
    beat(&kiosk, &[]).await;
    let refused = page(0).await.expect_err("refused");
    assert_eq!(refused.stop, Stop::FeedForged);
    beat(&kiosk, &["L12"]).await;
    says(home, "kiosks", "不认这个密钥");
    stop(serving);
    let log = std::fs::read_to_string(home.join("log")).expect("a log");
    assert!(log.contains("refuses the listings"), "{log}");
    assert!(!log.contains("feed=\"postings\" since=0 next=1 outcome=\"ok\""), "{log}");
}

fn make(directory: &Path) -> std::path::PathBuf {
    std::fs::create_dir(directory).expect("made");
    directory.to_owned()
}
