//! `county init`, `backup`, `restore` and `audit`: the county as a whole. Keeps no state.

use std::{io::Write, path::Path};

use anyhow::bail;
use kiosk_base::clock;

use super::{Places, confirm::confirm, say};
use crate::{
    Feed, Site,
    backup::{self, Restored},
    deeds::Deeds,
};

pub(super) fn init(places: &Places, yes: bool) -> anyhow::Result<()> {
    if Site::forgets(&places.data) {
        confirm(
            "The database is lost, and a new one knows of no revocation: every certificate that was \
             revoked counts again, until `county revoke` is run for each anew. `county restore` brings \
             back what a backup has of them.",
            yes,
        )?;
    }
    let site = Site::init(&places.data)?;
    say(&format!(
        "a county is made in {}; enrol its kiosks with `county enrol`, and keep what `county backup` \
         makes where only you can read it",
        site.directory().display()
    ))
}

pub(super) fn backup(places: &Places, out: &Path) -> anyhow::Result<()> {
    let site = places.site()?;
    backup::backup(&Feed::open(site.directory())?, out)?;
    say(&format!(
        "the county of {} is in {}, with its keys: keep it where only you can read it",
        site.directory().display(),
        out.display()
    ))
}

pub(super) fn restore(places: &Places, from: &Path, yes: bool) -> anyhow::Result<()> {
    confirm(
        &format!(
            "What was published into {} since the backup is taken back, and every kiosk fetches all \
             listings again.",
            places.data.display()
        ),
        yes,
    )?;
    let Restored { backed_up_at, kept_database, keys } = backup::restore(from, &places.data)?;
    let when = backed_up_at.map(|at| clock::wall(at).strftime("%Y-%m-%d %H:%M").to_string());
    let mut line = format!("the listings are those of {}", when.as_deref().unwrap_or("the backup"));
    line.push_str(match kept_database {
        true => "; what the county knows of its kiosks was kept",
        false => {
            "; so is what the county knows of its kiosks: look through `county kiosks` and the \
             service's log, since what was decided after the backup is forgotten"
        }
    });
    if !keys.is_empty() {
        line.push_str(&format!("; missing and restored: {}", keys.join(", ")));
    }
    say(&line)
}

pub(super) fn audit(places: &Places, json: bool) -> anyhow::Result<()> {
    let site = places.site()?;
    let deeds = Feed::open(site.directory())?.deeds()?;
    if json {
        return say(&serde_json::to_string(&deeds)?);
    }
    let Deeds { rows, broken_at, lost } = deeds;
    let mut out = std::io::stdout().lock();
    for row in rows {
        let at = clock::wall(row.at).strftime("%Y-%m-%d %H:%M:%S");
        writeln!(out, "{} {at} {} {}: {}", row.sequence, row.who, row.deed, row.detail)?;
    }
    out.flush()?;
    match (broken_at, lost) {
        (None, None) => Ok(()),
        (Some(row), _) => bail!("row {row} is not what was written: somebody changed county.db"),
        (None, Some(lost)) => {
            bail!("{lost}: somebody changed the county's files, or put an older county.db there")
        }
    }
}
