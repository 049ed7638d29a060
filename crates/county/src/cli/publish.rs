//! `county publish` and `county put-back`: what is published, and for whom.

use std::{
    collections::HashMap,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Context;
use kiosk_base::{
    cli::{
        BadConfiguration,
        import::{self, Kind},
    },
    clock::Clock,
    config::imports,
    import::{
        FILE_BYTES_MAX, Imported, Items, Known, Scope,
        report::{Aside, Dropped, Kept, LeftOut, Place, Report},
    },
    wire::Collection,
};

use super::{Places, say};
use crate::{
    Feed, Listings, Targets, Towns,
    content::Content,
    feed::{Change, Comparison, Published, Terms},
    settings::CountySettings,
};

/// Arguments of `county publish`.
#[derive(clap::Args)]
pub(crate) struct Publish {
    /// 文件里是什么
    #[arg(value_name = "类别")]
    collection: Kind,
    #[command(flatten)]
    import: import::Args,
    /// 合起来是一整套：{"as_of": "2026-11-20", "items": […]}，或者 CSV、Excel、其他系统的 JSON、
    /// JobPosting JSON-LD。第一种里，只发给几个镇的条目写在旁边：
    /// "towns": {"编号": ["510521100"]}；表格里则有一列
    #[arg(value_name = "文件", required = true)]
    files: Vec<PathBuf>,
    /// 只发给这些镇的终端：用于文件没有写明乡镇的所有条目；几个代码用逗号分隔
    #[arg(long, value_name = "代码", value_delimiter = ',')]
    towns: Vec<String>,
    /// 这一套里没有的都撤回，不论多少，哪怕是全部
    #[arg(long)]
    withdraw: bool,
}

/// Arguments of `county put-back`.
#[derive(clap::Args)]
pub(crate) struct PutBack {
    /// 恢复什么
    #[arg(value_name = "类别")]
    collection: Kind,
    /// 只说明会发生什么
    #[arg(long)]
    dry_run: bool,
    /// 上一套里没有的都撤回，不论多少，哪怕是全部
    #[arg(long)]
    withdraw: bool,
    /// 输出一个 JSON 对象
    #[arg(long)]
    json: bool,
}

/// A set on its way, and what became of the rows of each file.
struct Set {
    listings: Listings,
    targets: Targets,
    reports: Vec<Report>,
}

pub(super) fn publish(places: &Places, arguments: &Publish) -> anyhow::Result<()> {
    let site = places.site()?;
    let collection = Collection::from(arguments.collection);
    let percent = withdraw_percent(places)?;
    let others = match arguments.towns.as_slice() {
        [] => None,
        towns => Some(Towns::parse(towns.iter().map(String::as_str))?),
    };
    let set = match arguments.files.as_slice() {
        // Files in the county's own form are published whole or not at all.
        [file] if arguments.import.is_plain() && is_own(file)? => {
            let Content { listings, mut targets, .. } = Content::read(collection, file)?;
            targets.others = others;
            Set { listings, targets, reports: Vec::new() }
        }
        files => import_all(places, arguments, files, collection, others)?,
    };
    if set.targets.names_towns() {
        let divisions = places.directory()?;
        set.targets.check(&divisions, Clock::System.today()).context("没有发布")?;
    }
    let Set { listings, targets, reports } = set;
    let json = arguments.import.json;
    let for_some = targets.by_id.len();
    if !json {
        let mut out = std::io::stdout().lock();
        for (file, report) in arguments.files.iter().zip(&reports) {
            writeln!(out, "{}：", file.display())?;
            import::print(&mut out, report)?;
        }
    }
    let feed = Feed::open(site.directory())?;
    if arguments.import.dry_run {
        let would = feed.compare(listings, &targets)?;
        told(collection, &would, Done::Nothing, json.then_some(&*reports))?;
        if json {
            return Ok(());
        }
        say(&match &targets.others {
            Some(_) => format!("按文件里写的乡镇发布 {for_some} 条，其余发给 --towns 写的乡镇"),
            None => format!("只发给部分乡镇的 {for_some} 条，其余发给全县"),
        })?;
        if is_unusable(&reports) {
            say(&format!("这样不能发布：{NO_ROW}"))?;
        } else if !arguments.withdraw && would.withdraws_more_than(percent) {
            say(&needs_withdraw(percent))?;
        }
        return Ok(());
    }
    let files: Vec<_> = arguments.files.iter().map(|file| file.display().to_string()).collect();
    let terms = Terms {
        withdraw_percent: (!arguments.withdraw).then_some(percent),
        source: &files.join(", "),
    };
    let done = feed.publish_on(listings, &targets, terms)?;
    told(collection, &done, Done::Published, json.then_some(&*reports))
}

pub(super) fn put_back(places: &Places, arguments: &PutBack) -> anyhow::Result<()> {
    let site = places.site()?;
    let collection = Collection::from(arguments.collection);
    let feed = Feed::open(site.directory())?;
    let percent = withdraw_percent(places)?;
    let (comparison, done) = match arguments.dry_run {
        true => (feed.compare_before(collection)?, Done::Nothing),
        false => {
            let percent = (!arguments.withdraw).then_some(percent);
            (feed.put_back(collection, percent)?, Done::Published)
        }
    };
    told(collection, &comparison, done, arguments.json.then_some(&[]))?;
    match done == Done::Nothing && !arguments.json && !arguments.withdraw {
        true if comparison.withdraws_more_than(percent) => say(&needs_withdraw(percent)),
        _ => Ok(()),
    }
}

/// Why tables without a sound row are refused whatever is said.
const NO_ROW: &str = "没有一行能用";

fn needs_withdraw(percent: u8) -> String {
    format!("要这样做请写 --withdraw：会撤回的超过 {percent} %，或是全部")
}

/// Whether tables have rows and none of them was accepted. One that has none but its header is an empty
/// set, which somebody may want.
fn is_unusable(reports: &[Report]) -> bool {
    // A row that lacks most of what a row has is taken for a heading.
    let is_row = |row: &LeftOut| matches!(row.kind, Aside::Heading | Aside::Total);
    let has_rows = |report: &Report| report.read > 0 || report.left_out.iter().any(is_row);
    reports.iter().any(has_rows) && reports.iter().all(|report| report.accepted == 0)
}

/// What came of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Done {
    /// It was a dry run.
    Nothing,
    Published,
}

/// Says how the set differs from what was published; as JSON where the reports of its files come.
fn told(
    collection: Collection,
    comparison: &Comparison,
    done: Done,
    reports: Option<&[Report]>,
) -> anyhow::Result<()> {
    if let Some(reports) = reports {
        let Published { changed, removed, unchanged } = comparison.summary();
        let counts = serde_json::json!({
            "changed": changed, "removed": removed, "unchanged": unchanged
        });
        let published = (done == Done::Published).then_some(counts);
        let all = serde_json::json!({
            "files": reports, "published": published, "difference": comparison
        });
        return say(&all.to_string());
    }
    let Comparison { new, changed, withdrawn, unchanged } = comparison;
    let mut out = std::io::stdout().lock();
    let tense = match done {
        Done::Nothing => "只是试一试，什么都没有发布；发布的话会是：\n",
        Done::Published => "",
    };
    writeln!(
        out,
        "{tense}{}：新增 {}，变更 {}，撤回 {}，未变 {unchanged}",
        collection.as_str(),
        new.len(),
        changed.len(),
        withdrawn.len()
    )?;
    let line = |change: &Change| format!("{}：{}", change.id, change.title);
    // Done is done; what is gone is worth a second look even then.
    if done == Done::Nothing {
        import::some(&mut out, "新增", new.iter().map(line))?;
        import::some(&mut out, "变更", changed.iter().map(line))?;
    }
    import::some(&mut out, "撤回", withdrawn.iter().map(line))?;
    if done == Done::Published && !withdrawn.is_empty() {
        writeln!(out, "用 `county put-back {}` 可以恢复上一套", collection.as_str())?;
    }
    out.flush()?;
    Ok(())
}

/// How much may be withdrawn without being said; the settings need not be there.
fn withdraw_percent(places: &Places) -> anyhow::Result<u8> {
    // One that was mistyped is not the same as none.
    if !places.config.is_dir() && places.config != Path::new("kiosk-config") {
        let none = format!("没有设置目录 {}；请用 --config 写对", places.config.display());
        return Err(BadConfiguration(none).into());
    }
    let path = places.config.join("county.toml");
    let settings = match path.exists() {
        true => CountySettings::read(&path).map_err(|error| BadConfiguration(error.to_string()))?,
        false => CountySettings::default(),
    };
    Ok(settings.withdraw_percent)
}

/// Whether a file is the county's own envelope.
fn is_own(file: &Path) -> anyhow::Result<bool> {
    let length =
        std::fs::metadata(file).with_context(|| format!("读不出 {}", file.display()))?.len();
    if length > FILE_BYTES_MAX {
        // Only the county's own form may be so large.
        return Ok(true);
    }
    let content = import::read(file)?;
    let has = |word: &[u8]| content.windows(word.len()).any(|part| part == word);
    Ok(content.trim_ascii_start().starts_with(b"{") && has(b"\"as_of\"") && has(b"\"items\""))
}

/// The rows of all files together: what is in an earlier one is a duplicate in the next.
fn import_all(
    places: &Places,
    arguments: &Publish,
    files: &[PathBuf],
    collection: Collection,
    others: Option<Towns>,
) -> anyhow::Result<Set> {
    let options = arguments.import.options(&places.config, Some(collection))?;
    let mut known = Known::default();
    let mut all = Items::default();
    let mut reports = Vec::new();
    let mut reach = Reach::new(others);
    for file in files {
        let content = import::read(file)?;
        let imported = kiosk_base::import::read(&content, &options, &known)
            .with_context(|| format!("没有发布，{}", file.display()))?;
        let name = file.display().to_string();
        known.add_file(&name, &imported);
        reach.add(&name, &imported)?;
        let Imported { mut items, report, .. } = imported;
        all.postings.append(&mut items.postings);
        all.trainings.append(&mut items.trainings);
        all.fairs.append(&mut items.fairs);
        reports.push(report);
    }
    let listings = match collection {
        Collection::Postings => Listings::Postings(all.postings),
        Collection::Trainings => Listings::Trainings(all.trainings),
        Collection::Fairs => Listings::Fairs(all.fairs),
    };
    // What is published is the whole set: none at all would take everything from every kiosk.
    anyhow::ensure!(
        !is_unusable(&reports) || arguments.import.dry_run,
        "没有发布：{NO_ROW}；用 --dry-run 看读到了什么"
    );
    Ok(Set { listings, targets: reach.targets(), reports })
}

/// For whom the items of several files are. What stands in two files is for the towns of both.
struct Reach {
    /// For whom those are of which nothing is said.
    others: Option<Towns>,
    /// By where it stands.
    at: HashMap<(String, Place), usize>,
    /// The id of each item, and its towns; `None` for the whole county.
    items: Vec<(String, Option<Towns>)>,
}

impl Reach {
    fn new(others: Option<Towns>) -> Self {
        Self { others, at: HashMap::new(), items: Vec::new() }
    }

    fn add(&mut self, file: &str, imported: &Imported) -> anyhow::Result<()> {
        let Imported { places, scopes, report, .. } = imported;
        for ((id, place), scope) in imported.items.ids().zip(places).zip(scopes) {
            let towns = self.towns(scope)?;
            self.at.insert((file.to_owned(), place.clone()), self.items.len());
            self.items.push((id.as_str().to_owned(), towns));
        }
        for Dropped { kept, scope, .. } in &report.dropped {
            let kept = match kept {
                Kept::Row(place) => (file.to_owned(), place.clone()),
                Kept::File { file, place } => (file.clone(), place.clone()),
                Kept::County { .. } | Kept::Town { .. } => continue,
            };
            let (towns, at) = (self.towns(scope)?, self.at.get(&kept));
            if let Some((_, own)) = at.and_then(|at| self.items.get_mut(*at)) {
                *own = own.take().zip(towns).map(|(own, more)| own.and(&more));
            }
        }
        Ok(())
    }

    fn towns(&self, scope: &Scope) -> anyhow::Result<Option<Towns>> {
        Ok(match scope {
            Scope::Unsaid => self.others.clone(),
            Scope::County => None,
            Scope::Towns(towns) => Some(Towns::parse(towns.iter().map(|town| town.as_str()))?),
        })
    }

    fn targets(self) -> Targets {
        let mut targets = Targets { others: self.others, ..Targets::default() };
        for (id, towns) in self.items {
            match towns {
                Some(towns) => drop(targets.by_id.insert(id, towns)),
                None if targets.others.is_some() => drop(targets.whole_county.insert(id)),
                None => {}
            }
        }
        targets
    }
}

impl Places {
    /// The divisions that the settings know.
    pub(super) fn directory(&self) -> anyhow::Result<kiosk_base::domain::Directory> {
        let options = imports::options(&self.config, Clock::System.today())
            .map_err(|error| BadConfiguration(error.to_string()))?;
        Ok(options.directory)
    }
}
