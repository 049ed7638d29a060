//! `kiosk listings …`.

use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::Context;
use kiosk_base::{
    cli::import::{self, Kind},
    clock::Clock,
    domain::{Posting, Stop, Wage, posting::WagePeriod},
    import::{Known, Options, read_packed, template},
    store::Ledger,
    wire::Collection,
};
use serde_json::json;

use super::Places;
use crate::{
    link::{Client, LinkSettings},
    listings::{self, Cache, Query, Reader, cache},
};

/// Commands of `kiosk listings`.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// 把文件里的岗位、培训信息或招聘会放进本机缓存：CSV、Excel、其他系统的 JSON、
    /// JobPosting JSON-LD，或本项目自己的 JSON
    Import {
        #[command(flatten)]
        args: import::Args,
        /// 要导入的文件
        #[arg(value_name = "文件")]
        file: PathBuf,
    },
    /// 写一个供填写的表格，导入命令和 Excel 都认识
    Template {
        /// 要写的 CSV 文件
        #[arg(value_name = "文件")]
        file: PathBuf,
        /// 表格用来填什么
        #[arg(long, value_name = "类别", default_value = "postings")]
        collection: Kind,
    },
    /// 屏幕上会找到什么
    Search {
        /// 词、拼音首字母（`dhg`）、拼音（`dianhan`），不写则列出全部
        #[arg(value_name = "词")]
        words: Vec<String>,
        /// 最多列出多少条
        #[arg(long, value_name = "条数", default_value_t = 20)]
        limit: usize,
        /// 输出一个 JSON 对象
        #[arg(long)]
        json: bool,
    },
    /// 取来县中心上次以后发布的内容
    Refresh,
}

pub(crate) fn run(places: &Places, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Import { args, file } => import(places, &file, &args),
        Command::Template { file, collection } => template(&file, collection.into()),
        Command::Search { words, limit, json } => {
            search(&places.data, words.join(" "), limit, json)
        }
        Command::Refresh => refresh(&places.settings()?.link, &places.data),
    }
}

fn import(places: &Places, file: &Path, args: &import::Args) -> anyhow::Result<()> {
    let content = import::read(file)?;
    // Settings that cannot be read are the kiosk's trouble; the file may be taken all the same.
    let town = places.settings().ok().and_then(|settings| settings.office.division.town());
    let options = Options { town, ..args.options(&places.config, None)? };
    let refused = || format!("{} 没有导入", file.display());
    let report = if args.dry_run {
        // A cache that is not there yet knows nothing, and is not made for this.
        let known = match places.data.join(cache::FILE).exists() {
            true => Cache::open(&places.data).and_then(|cache| cache.known()).map_err(in_words)?,
            false => Known::default(),
        };
        read_packed(&content, &options, &known).with_context(refused)?.1
    } else {
        let mut cache = Cache::open(&places.data).map_err(in_words)?;
        let mut ledger = Ledger::open(&places.data).map_err(in_words)?;
        let now = Clock::System.now();
        let report =
            listings::import(&mut ledger, &cache, &content, &options, now).with_context(refused)?;
        cache
            .follow(&ledger)
            .map_err(in_words)
            .context("已经存好，但还没有显示：终端下次启动时会显示")?;
        report
    };
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string(&report)?)?;
        return Ok(());
    }
    if args.dry_run {
        writeln!(out, "只是试一试，什么都没有存")?;
    }
    Ok(import::print(&mut out, &report)?)
}

/// Writes a table to fill in. A file that is there is not overwritten: it may be filled in already.
fn template(file: &Path, collection: Collection) -> anyhow::Result<()> {
    let mut new = File::create_new(file).with_context(|| match file.exists() {
        true => format!("已经有 {} 了，请换一个名字", file.display()),
        false => format!("建不了 {}", file.display()),
    })?;
    new.write_all(template::csv(collection).as_bytes())?;
    Ok(())
}

fn search(data: &Path, words: String, limit: usize, json: bool) -> anyhow::Result<()> {
    let mut reader = Reader::open(data).map_err(|error| match error.stop {
        Stop::StoreReadOnly => anyhow::anyhow!(
            "{} 里还没有信息；请先用 `kiosk listings refresh` 取一次",
            data.display()
        ),
        _ => in_words(error),
    })?;
    let query = Query { words, limit, ..Query::default() };
    let found = reader.postings(&query, Clock::System.today()).map_err(in_words)?;
    let mut out = io::stdout().lock();
    if json {
        let results: Vec<_> = found.rows.iter().map(as_json).collect();
        let took_us = u64::try_from(found.took.as_micros()).unwrap_or(u64::MAX);
        let answer = json!({ "total": found.total, "took_us": took_us, "results": results });
        writeln!(out, "{answer}")?;
        return Ok(());
    }
    writeln!(out, "{} 个岗位，用时 {:.1} 毫秒", found.total, found.took.as_secs_f64() * 1e3)?;
    for posting in &found.rows {
        let place = posting.place.as_deref().unwrap_or("未提供");
        let Posting { title, employer, .. } = posting;
        writeln!(out, "{title}\t{}\t{employer}\t{place}", wage_in_words(posting))?;
    }
    Ok(())
}

fn as_json(posting: &Posting) -> serde_json::Value {
    let (min, max, period) = match posting.wage {
        Some(Wage::Range { min, max, per }) => (Some(min), Some(max), Some(json!(per.as_str()))),
        Some(Wage::Negotiable) => (None, None, Some(json!("negotiable"))),
        Some(Wage::Code(code)) => (None, None, Some(json!(code))),
        None => (None, None, None),
    };
    json!({
        "id": posting.id.as_str(),
        "title": posting.title,
        "employer": posting.employer,
        "place": posting.place,
        "wage_min_fen": min,
        "wage_max_fen": max,
        "wage_period": period,
        "openings": posting.openings,
        "education": posting.education,
        "published": posting.published,
        "closes": posting.closes,
    })
}

fn wage_in_words(posting: &Posting) -> String {
    match posting.wage {
        None => "未提供".to_owned(),
        Some(Wage::Negotiable) => "面议".to_owned(),
        Some(Wage::Code(code)) => format!("代码 {code}"),
        Some(Wage::Range { min, max, per }) => {
            let amount = match min == max {
                true => min.short(),
                false => format!("{}-{}", min.short(), max.short()),
            };
            match per {
                WagePeriod::Month => format!("{amount}元/月"),
                WagePeriod::Day => format!("{amount}元/天"),
                WagePeriod::Hour => format!("{amount}元/小时"),
                WagePeriod::Piece => format!("{amount}元/件"),
                WagePeriod::Code(code) => format!("{amount}元（代码 {code}）"),
            }
        }
    }
}

/// Fetches into the cache in `data` what changed at the county of `settings`.
pub(crate) fn refresh(settings: &LinkSettings, data: &Path) -> anyhow::Result<()> {
    let client = Client::new(settings).map_err(|error| stopped(error.stop, &error.detail))?;
    let mut cache = Cache::open(data).map_err(in_words)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // What is fetched is stamped with the county's time: this machine's clock may be wrong.
    let clock = Clock::System.learning(settings.holds());
    let status = cache.status().map_err(in_words)?;
    if let Some(last) = status.iter().filter_map(|status| status.refreshed_at).max() {
        clock.stored_at(last);
    }
    let refreshed = async {
        let asked = Instant::now();
        if let Ok(now) = client.time().await {
            clock.learn(now, asked.elapsed());
        }
        listings::refresh(&client, &mut cache, &clock, |_| {}).await
    };
    let refreshed = runtime.block_on(refreshed).map_err(|stop| {
        let entry = stop.entry();
        anyhow::anyhow!("{} {}：{}", entry.code, entry.staff, entry.remedy)
    })?;
    let mut out = io::stdout().lock();
    for status in cache.status().map_err(in_words)? {
        let name = match status.collection {
            Collection::Postings => "岗位",
            Collection::Trainings => "培训",
            Collection::Fairs => "招聘会",
        };
        writeln!(out, "{name} {} 条", status.rows)?;
    }
    writeln!(out, "取到 {} 处变动", refreshed.changed)?;
    Ok(())
}

/// What the failure-code book says about a store's error, and its detail.
fn in_words(error: kiosk_base::store::StoreError) -> anyhow::Error {
    stopped(error.stop, &error.detail)
}

/// What the failure-code book says about a stop, and its detail.
fn stopped(stop: Stop, detail: &str) -> anyhow::Error {
    let entry = stop.entry();
    anyhow::anyhow!("{} {}：{}（{detail}）", entry.code, entry.staff, entry.remedy)
}
