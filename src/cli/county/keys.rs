//! `county feed-key …`: the change of the key that signs the listings, and which kiosks are ready
//! for it. Keeps no state.

use std::path::Path;

use anyhow::ensure;

use super::{Places, confirm::confirm, say};
use crate::county::{
    Feed, FeedKey,
    deeds::Deed,
    heard::Heard,
    signing::{self, KeyIds},
};

/// Steps of a change of keys.
#[derive(Clone, Copy, clap::Subcommand)]
pub(crate) enum Step {
    /// Make the next key and add it to feed.pub, which is then carried to every kiosk. A kiosk takes
    /// the new file while it runs.
    Announce,
    /// Which key signs, and which kiosks believe which.
    Show,
    /// Sign with the announced key, once every kiosk has the new feed.pub; restart the service
    /// then. The former key is kept.
    Switch {
        /// Even if kiosks would refuse the listings then.
        #[arg(long)]
        yes: bool,
    },
    /// Sign with the former key again; restart the service then.
    TakeBack,
    /// Forget the former key, once every kiosk believes the present one.
    Drop {
        /// Do not ask.
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
        Step::Show => show(&feed, &keys),
        Step::Switch { yes } => switch(&feed, data, &keys, yes),
        Step::TakeBack => take_back(&feed, data, &keys),
        Step::Drop { yes } => drop_former(&feed, data, &keys, yes),
    }
}

fn announce(feed: &Feed, data: &Path, keys: &KeyIds) -> anyhow::Result<()> {
    ensure!(keys.next.is_none(), "a key is announced already: `county feed-key switch` is next");
    let former = "the former key is still kept: `county feed-key drop` forgets it first";
    ensure!(keys.former.is_none(), "{former}");
    feed.record(Deed::KeyAnnounced, "", |_| FeedKey::announce(data))?;
    say(&format!(
        "the next key is announced: take {} to every kiosk, which takes it while it runs; `county \
         feed-key show` says which have it, then run `county feed-key switch`",
        signing::public_path(data).display()
    ))
}

fn switch(feed: &Feed, data: &Path, keys: &KeyIds, yes: bool) -> anyhow::Result<()> {
    let Some(next) = &keys.next else {
        anyhow::bail!("no key is announced: `county feed-key announce` is the first step")
    };
    ensure!(keys.former.is_none(), "drop the former key first: `county feed-key drop`");
    let ready = Readiness::of(feed, next)?;
    if !ready.is_complete() {
        confirm(
            &format!(
                "{} After the switch those that are not ready refuse the listings.",
                ready.words()
            ),
            yes,
        )?;
    }
    feed.record(Deed::KeySwitched, &ready.words(), |_| FeedKey::switch(data))?;
    say(&format!(
        "{} The announced key signs from the next start of the service on: restart it. The former key \
         is kept; `county feed-key take-back` signs with it again, `county feed-key drop` forgets it.",
        ready.words()
    ))
}

fn take_back(feed: &Feed, data: &Path, keys: &KeyIds) -> anyhow::Result<()> {
    ensure!(keys.former.is_some(), "no former key is kept");
    ensure!(keys.next.is_none(), "another key is announced; switch to it first");
    feed.record(Deed::KeyTakenBack, "", |_| FeedKey::take_back(data))?;
    say("the former key signs again from the next start of the service on: restart it")
}

fn drop_former(feed: &Feed, data: &Path, keys: &KeyIds, yes: bool) -> anyhow::Result<()> {
    ensure!(keys.former.is_some(), "no former key is kept");
    let ready = Readiness::of(feed, &keys.present)?;
    confirm(&format!("{} The former key cannot sign again.", ready.words()), yes)?;
    feed.record(Deed::KeyDropped, &ready.words(), |_| FeedKey::drop_former(data))?;
    say(&format!(
        "the former key is forgotten: take {} to every kiosk, so that it believes no other",
        signing::public_path(data).display()
    ))
}

fn show(feed: &Feed, keys: &KeyIds) -> anyhow::Result<()> {
    let mut lines = vec![format!("signs: {}", keys.present)];
    lines.extend(keys.former.iter().map(|key| format!("former, kept: {key}")));
    lines.extend(keys.next.iter().map(|key| format!("announced: {key}")));
    let wanted = keys.next.as_ref().unwrap_or(&keys.present);
    lines.push(Readiness::of(feed, wanted)?.words());
    say(&lines.join("\n"))
}

/// Which kiosks believe pages that a key has signed.
struct Readiness {
    ready: Vec<String>,
    not: Vec<String>,
    /// Of an older version, which does not say.
    unknown: Vec<String>,
}

impl Readiness {
    fn of(feed: &Feed, key: &str) -> anyhow::Result<Self> {
        let mut readiness = Self { ready: Vec::new(), not: Vec::new(), unknown: Vec::new() };
        for heard in feed.heard()? {
            let believes = heard.believes(key);
            let Heard { kiosk, at, .. } = heard;
            match believes {
                Some(true) => readiness.ready.push(kiosk),
                Some(false) => readiness.not.push(format!("{kiosk} (heard {at})")),
                None => readiness.unknown.push(format!("{kiosk} (heard {at})")),
            }
        }
        Ok(readiness)
    }

    fn is_complete(&self) -> bool {
        self.not.is_empty() && self.unknown.is_empty()
    }

    fn words(&self) -> String {
        let Self { ready, not, unknown } = self;
        let named = |kiosks: &[String]| match kiosks {
            [] => String::new(),
            kiosks => format!(": {}", kiosks.join(", ")),
        };
        let mut words = format!("{} ready{}", ready.len(), named(ready));
        words.push_str(&format!("; {} not{}", not.len(), named(not)));
        if !unknown.is_empty() {
            words.push_str(&format!("; {} do not say{}", unknown.len(), named(unknown)));
        }
        words + "."
    }
}
