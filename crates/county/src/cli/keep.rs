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
            "数据库已丢失，新的不知道吊销过哪些终端：吊销过的证书又都有效，要对每一个重新运行 \
             `county revoke`。用 `county restore` 可以从备份找回吊销记录。这不能撤销。",
            yes,
        )?;
    }
    let site = Site::init(&places.data)?;
    say(&format!(
        "县已经建在 {}；请用 `county enrol` 登记终端，并用 `county backup` 做备份，放在只有您能读的地方",
        site.directory().display()
    ))
}

pub(super) fn backup(places: &Places, out: &Path) -> anyhow::Result<()> {
    let site = places.site()?;
    backup::backup(&Feed::open(site.directory())?, out)?;
    say(&format!(
        "{} 的县已经备份到 {}，里面有密钥；请放在只有您能读的地方",
        site.directory().display(),
        out.display()
    ))
}

pub(super) fn restore(places: &Places, from: &Path, yes: bool) -> anyhow::Result<()> {
    backup::check(from, &places.data)?;
    confirm(
        &format!(
            "备份以后发布到 {} 的信息都会撤回，每台终端都要重新取全部信息。这不能撤销。",
            places.data.display()
        ),
        yes,
    )?;
    let Restored { backed_up_at, kept_database, keys } = backup::restore(from, &places.data)?;
    let when = backed_up_at.map(|at| clock::wall(at).strftime("%Y-%m-%d %H:%M").to_string());
    let mut line = format!("信息已恢复到{}", when.as_deref().unwrap_or("备份时"));
    line.push_str(match kept_database {
        true => "；终端的登记没有变",
        false => {
            "；终端的登记也恢复到那时：备份以后吊销过的要再吊销一次；备份以后发的证书县里不认识，\
             会拒绝，请重新登记那几台终端"
        }
    });
    if !keys.is_empty() {
        line.push_str(&format!("；原来缺少、已经恢复的有 {}", keys.join("、")));
    }
    say(&line)
}

pub(super) fn audit(places: &Places, json: bool) -> anyhow::Result<()> {
    let site = places.site()?;
    let deeds = Feed::open(site.directory())?.deeds()?;
    if json {
        say(&serde_json::to_string(&deeds)?)?;
    }
    let Deeds { rows, broken_at, lost } = deeds;
    let mut out = std::io::stdout().lock();
    for row in rows.iter().filter(|_| !json) {
        let at = clock::wall(row.at).strftime("%Y-%m-%d %H:%M:%S");
        let detail = if row.detail.is_empty() { "" } else { "：" };
        let words = row.deed_in_words();
        writeln!(out, "{} {at} {} {words}{detail}{}", row.sequence, row.who, row.detail)?;
    }
    out.flush()?;
    match (broken_at, lost) {
        (None, None) => Ok(()),
        (Some(row), _) => bail!("第 {row} 行和写入时不一样：有人改过 county.db"),
        (None, Some(lost)) => {
            bail!("{lost}：有人改过县的文件，或者放回了旧的 county.db")
        }
    }
}
