//! `county feed-key …`: the change of the key that signs the listings, and which kiosks are ready
//! for it. Keeps no state.

use std::{collections::BTreeMap, path::Path};

use anyhow::ensure;
use jiff::{SignedDuration, Timestamp};
use kiosk_base::clock;

use super::{Places, confirm::confirm, say};
use crate::{
    Feed, FeedKey, Register,
    deeds::Deed,
    heard::Heard,
    register::Enrolled,
    signing::{self, KeyIds},
};

/// What was heard longer ago says nothing of which keys a kiosk believes today.
const HEARD_LATELY: SignedDuration = SignedDuration::from_hours(24);

/// Steps of a change of keys.
#[derive(Clone, Copy, clap::Subcommand)]
pub(crate) enum Step {
    /// 生成下一个密钥，把它的公钥加入 feed.pub，再把这个文件送到每台终端。终端运行中就会
    /// 采用新的文件
    Announce,
    /// 现在用哪个密钥签名，哪些终端信任哪些密钥
    Show,
    /// 改用预告的密钥签名，要在每台终端都有了新的 feed.pub 之后；然后重新启动服务。
    /// 原来的密钥保留
    Switch {
        /// 即使有终端会因此拒绝信息
        #[arg(long)]
        yes: bool,
    },
    /// 重新用原来的密钥签名；然后重新启动服务
    TakeBack,
    /// 收回预告的密钥：它不再能换上
    Withdraw,
    /// 忘掉原来的密钥，要在每台终端都信任现在的密钥之后
    Drop {
        /// 不询问
        #[arg(long)]
        yes: bool,
    },
}

pub(super) fn step(places: &Places, step: Step) -> anyhow::Result<()> {
    let site = places.site()?;
    let data = site.directory();
    let feed = Feed::open(data)?;
    let keys = KeyIds::read(data)?;
    match step {
        Step::Announce => announce(&feed, data, &keys),
        Step::Show => show(&feed, data, &keys),
        Step::Switch { yes } => switch(&feed, data, &keys, yes),
        Step::TakeBack => take_back(&feed, data, &keys),
        Step::Withdraw => withdraw(&feed, data, &keys),
        Step::Drop { yes } => drop_former(&feed, data, &keys, yes),
    }
}

fn announce(feed: &Feed, data: &Path, keys: &KeyIds) -> anyhow::Result<()> {
    ensure!(
        keys.next.is_none(),
        "已经预告了一个密钥；下一步是 `county feed-key switch`，不要它就用 `county feed-key withdraw`"
    );
    let former = "还留着上一个密钥；请先用 `county feed-key drop` 去掉它";
    ensure!(keys.former.is_none(), "{former}");
    feed.record(Deed::KeyAnnounced, "", |_| FeedKey::announce(data))?;
    say(&format!(
        "下一个密钥已经预告：请把 {} 带到每台终端，终端不用重启就会采用；\
         用 `county feed-key show` 看哪些已有，再运行 `county feed-key switch`",
        signing::public_path(data).display()
    ))
}

fn switch(feed: &Feed, data: &Path, keys: &KeyIds, yes: bool) -> anyhow::Result<()> {
    let Some(next) = &keys.next else {
        anyhow::bail!("还没有预告密钥；第一步是 `county feed-key announce`")
    };
    ensure!(keys.former.is_none(), "请先用 `county feed-key drop` 去掉上一个密钥");
    let ready = Readiness::read(feed, data, next)?;
    if !ready.is_complete() {
        confirm(
            &format!(
                "{}换密钥以后，没有准备好的终端会拒收信息，直到 `county feed-key take-back`。",
                ready.words()
            ),
            yes,
        )?;
    }
    feed.record(Deed::KeySwitched, &ready.words(), |_| FeedKey::switch(data))?;
    say(&format!(
        "{}服务下次启动起用新密钥签名：请重新启动服务。上一个密钥还留着；\
         `county feed-key take-back` 重新用它签名，`county feed-key drop` 去掉它。",
        ready.words()
    ))
}

fn take_back(feed: &Feed, data: &Path, keys: &KeyIds) -> anyhow::Result<()> {
    ensure!(keys.former.is_some(), "没有留着上一个密钥");
    ensure!(
        keys.next.is_none(),
        "已经预告了另一个密钥；请先换成它，或用 `county feed-key withdraw` 收回"
    );
    feed.record(Deed::KeyTakenBack, "", |_| FeedKey::take_back(data))?;
    say("服务下次启动起又用上一个密钥签名：请重新启动服务")
}

fn withdraw(feed: &Feed, data: &Path, keys: &KeyIds) -> anyhow::Result<()> {
    ensure!(keys.next.is_some(), "没有预告密钥");
    feed.record(Deed::KeyWithdrawn, "", |_| FeedKey::withdraw(data))?;
    say(&format!(
        "预告的密钥已经收回：已经拿到它的终端，请把 {} 再带去一次",
        signing::public_path(data).display()
    ))
}

fn drop_former(feed: &Feed, data: &Path, keys: &KeyIds, yes: bool) -> anyhow::Result<()> {
    ensure!(keys.former.is_some(), "没有留着上一个密钥");
    let ready = Readiness::read(feed, data, &keys.present)?;
    confirm(
        &format!(
            "{}换密钥以后服务要先重新启动过，不然终端会拒收信息。上一个密钥不能再签名，这不能撤销。",
            ready.words()
        ),
        yes,
    )?;
    feed.record(Deed::KeyDropped, &ready.words(), |_| FeedKey::drop_former(data))?;
    say(&format!(
        "上一个密钥已经去掉：请把 {} 带到每台终端，使它不再认别的密钥",
        signing::public_path(data).display()
    ))
}

fn show(feed: &Feed, data: &Path, keys: &KeyIds) -> anyhow::Result<()> {
    let mut lines = vec![format!("签名用：{}", keys.present)];
    lines.extend(keys.former.iter().map(|key| format!("上一个，还留着：{key}")));
    lines.extend(keys.next.iter().map(|key| format!("已预告：{key}")));
    let wanted = keys.next.as_ref().unwrap_or(&keys.present);
    lines.push(Readiness::read(feed, data, wanted)?.words());
    say(&lines.join("\n"))
}

/// Which kiosks believe pages that a key has signed.
struct Readiness {
    ready: Vec<String>,
    not: Vec<String>,
    /// Not heard lately, or of an older version, which does not say.
    unknown: Vec<String>,
}

impl Readiness {
    fn read(feed: &Feed, data: &Path, key: &str) -> anyhow::Result<Self> {
        let enrolled = Register::open(data)?.enrolled()?;
        Ok(Self::of(enrolled, feed.heard()?, key, Timestamp::now()))
    }

    /// Of all that were enrolled or ever heard, but for those that are refused.
    fn of(enrolled: Vec<Enrolled>, heard: Vec<Heard>, key: &str, now: Timestamp) -> Self {
        let mut readiness = Self { ready: Vec::new(), not: Vec::new(), unknown: Vec::new() };
        let mut heard: BTreeMap<String, Option<Heard>> =
            heard.into_iter().map(|heard| (heard.kiosk.clone(), Some(heard))).collect();
        for Enrolled { kiosk, revoked, .. } in enrolled {
            match revoked {
                Some(_) => drop(heard.remove(&kiosk)),
                None => drop(heard.entry(kiosk).or_default()),
            }
        }
        for (kiosk, heard) in heard {
            let Some(heard) = heard else {
                readiness.unknown.push(format!("{kiosk}（从未收到心跳）"));
                continue;
            };
            let is_late = now.duration_since(heard.at) > HEARD_LATELY;
            let named = format!("{kiosk}（最近心跳 {}）", minute(heard.at));
            match heard.believes(key).filter(|_| !is_late) {
                Some(true) => readiness.ready.push(kiosk),
                Some(false) => readiness.not.push(named),
                None => readiness.unknown.push(named),
            }
        }
        readiness
    }

    fn is_complete(&self) -> bool {
        self.not.is_empty() && self.unknown.is_empty()
    }

    fn words(&self) -> String {
        let Self { ready, not, unknown } = self;
        let named = |kiosks: &[String]| match kiosks {
            [] => String::new(),
            kiosks => format!("：{}", kiosks.join("、")),
        };
        let mut words = format!("{} 台已准备好{}", ready.len(), named(ready));
        words.push_str(&format!("；{} 台没有{}", not.len(), named(not)));
        if !unknown.is_empty() {
            words.push_str(&format!("；{} 台不清楚{}", unknown.len(), named(unknown)));
        }
        words + "。"
    }
}

/// A moment on the town's wall clock.
fn minute(at: Timestamp) -> String {
    clock::wall(at).strftime("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_was_heard_today_is_ready_and_who_is_refused_is_nobody() {
        let now: Timestamp = "2026-11-29T08:00:00Z".parse().expect("a moment");
        let heard = |kiosk: &str, hours: i64, keys: &[&str]| Heard {
            kiosk: kiosk.to_owned(),
            at: now - SignedDuration::from_hours(hours),
            town: None,
            version: "0.1.0".into(),
            reader_ready: true,
            stops: Vec::new(),
            feed_keys: keys.iter().map(|&key| key.to_owned()).collect(),
            feed: BTreeMap::new(),
            rows: BTreeMap::new(),
        };
        let enrolled = |kiosk: &str, revoked: Option<&str>| Enrolled {
            kiosk: kiosk.to_owned(),
            ends: None,
            revoked: revoked.map(str::to_owned),
            division: None,
        };
        assert!(Readiness::of(Vec::new(), Vec::new(), "new", now).is_complete());
        let ready = || heard("ready", 23, &["old", "new"]);
        assert!(
            Readiness::of(vec![enrolled("ready", None)], vec![ready()], "new", now).is_complete()
        );
        // One that was never heard is nobody of whom it is known.
        let silent = Readiness::of(vec![enrolled("silent", None)], vec![ready()], "new", now);
        assert!(!silent.is_complete());
        assert_eq!(
            silent.words(),
            "1 台已准备好：ready；0 台没有；1 台不清楚：silent（从未收到心跳）。"
        );

        let all = Readiness::of(
            vec![enrolled("gone", Some("2026-11-01")), enrolled("late", None)],
            vec![ready(), heard("gone", 1, &["old"]), heard("late", 25, &["new"])],
            "new",
            now,
        );
        assert_eq!((all.ready.len(), all.not.len(), all.unknown.len()), (1, 0, 1));
        assert!(all.words().contains("late（最近心跳 2026-11-28 15:00）"), "{}", all.words());
        let other = vec![heard("behind", 1, &["old"]), heard("older", 1, &[])];
        let other = Readiness::of(Vec::new(), other, "new", now);
        assert_eq!((other.ready.len(), other.not.len(), other.unknown.len()), (0, 1, 1));
    }
}
