//! The command line of `county`: the commands, the service, and a kiosk's identity. Thin: parse, run, map
//! errors to exit codes. State: none of its own; every
//! command but `init` and a demonstration refuses a directory that holds no county.

use std::{
    io::Write,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context;
use clap::Parser;
use kiosk_base::{
    cli::{self, BadConfiguration, exit_code, stay_out_of_swap, stay_private},
    clock::Clock,
    domain::DivisionCode,
    store::secret,
};
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    Authority, County, CountyError, Demonstration, Feed, Register, Server, ServerSettings, Site,
    authority::kiosk_name,
    core::NoCore,
    demonstration::{self, DemonstrationSettings},
    settings::CountySettings,
    signing,
};

mod confirm;
mod keep;
mod keys;
mod kiosks;
mod publish;

/// 县级服务：服务本身，以及它签发的证书
#[derive(Parser)]
#[command(name = "county", version)]
struct Program {
    #[command(flatten)]
    places: Places,
    #[command(subcommand)]
    command: Command,
}

/// Everything that can be said to `county`.
pub fn command() -> clap::Command {
    cli::command::<Program>()
}

/// Runs `county` with the process's arguments.
pub fn county() -> ExitCode {
    let Program { places, command } = cli::parse();
    stay_private();
    exit_code(run(&places, command))
}

/// Commands of `county`.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// 建立一个县：签发机构、信息签名密钥、数据库
    Init {
        /// 数据库丢失后重新建立时不询问；新数据库不知道任何吊销
        #[arg(long)]
        yes: bool,
    },
    /// 运行县级服务
    Serve(Serve),
    /// 登记一台终端：由县级签发机构给它密钥和证书
    Enrol(Enrol),
    /// 从下一次请求起拒绝一台终端的证书：被盗、遗失或停用
    Revoke {
        /// 终端登记时的名称
        #[arg(value_name = "名称")]
        name: String,
        /// 不询问
        #[arg(long)]
        yes: bool,
        /// 县中心不知道的名称也可以
        #[arg(long)]
        unknown: bool,
    },
    /// 把文件里的岗位、培训信息或招聘会作为一整套发布
    Publish(publish::Publish),
    /// 恢复上一次变更之前发布的那一套
    PutBack(publish::PutBack),
    /// 每台终端在哪里、最近一次心跳怎样、显示什么
    Kiosks {
        /// 输出一个 JSON 对象
        #[arg(long)]
        json: bool,
    },
    /// 终端的磁盘丢失或更换之后，让它的审计记录从头开始
    ForgetAudit {
        /// 终端登记时的名称
        #[arg(value_name = "名称")]
        name: String,
        /// 不询问
        #[arg(long)]
        yes: bool,
    },
    /// 分步更换信息签名密钥
    #[command(subcommand)]
    FeedKey(keys::Step),
    /// 用这些命令做过什么、何时、由谁
    Audit {
        /// 输出一个 JSON 对象
        #[arg(long)]
        json: bool,
    },
    /// 备份整个县，服务运行时也可以
    Backup {
        /// 要建立的目录。里面有县中心的各个密钥：要和密钥一样妥善保管
        #[arg(value_name = "目录")]
        out: PathBuf,
    },
    /// 恢复备份时发布的内容，以及县中心丢失的一切
    Restore {
        /// `county backup` 建立的目录
        #[arg(value_name = "目录")]
        from: PathBuf,
        /// 不询问
        #[arg(long)]
        yes: bool,
    },
}

/// Where the service's settings are read, and where it keeps its authority and its database.
#[derive(clap::Args)]
pub(crate) struct Places {
    /// 设置所在的目录：`county.toml`，--demo 时还有 `demo/`
    #[arg(long, value_name = "目录", global = true, default_value = "kiosk-config")]
    config: PathBuf,
    /// 签发机构的证书和密钥以及数据库所在的目录
    #[arg(long, value_name = "目录", global = true, default_value = "county-data")]
    data: PathBuf,
}

/// Arguments of `county serve`.
#[derive(clap::Args)]
pub(crate) struct Serve {
    /// 监听地址，代替设置里的：`0.0.0.0:8443`
    #[arg(long, value_name = "地址")]
    listen: Option<SocketAddr>,
    /// 居民和信息全部虚构；一台终端的证书和密钥放在数据目录里
    #[arg(long)]
    demo: bool,
}

/// Arguments of `county enrol`.
#[derive(clap::Args)]
pub(crate) struct Enrol {
    /// 终端的名称，县中心的日志这样称呼它：字母、数字和 . _ -
    #[arg(value_name = "名称")]
    name: String,
    /// 终端所在的镇（9 位代码）或村（12 位代码）：它接收发给那个镇和全县的信息
    #[arg(long, value_name = "代码", value_parser = division)]
    division: DivisionCode,
    /// 把 名称.pem、名称.key、ca.pem 和 feed.pub 写到哪里
    #[arg(long, value_name = "目录", default_value = ".")]
    out: PathBuf,
}

impl Places {
    /// The county that is there.
    ///
    /// # Errors
    /// When there is none.
    fn site(&self) -> Result<Site, CountyError> {
        Site::open(&self.data)
    }
}

pub(crate) fn run(places: &Places, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Init { yes } => keep::init(places, yes),
        Command::Serve(arguments) => serve(places, &arguments),
        Command::Enrol(arguments) => enrol(places, &arguments),
        Command::Revoke { name, yes, unknown } => revoke(places, &name, yes, unknown),
        Command::Publish(arguments) => publish::publish(places, &arguments),
        Command::PutBack(arguments) => publish::put_back(places, &arguments),
        Command::Kiosks { json } => kiosks::kiosks(places, json),
        Command::ForgetAudit { name, yes } => forget_audit(places, &name, yes),
        Command::FeedKey(step) => keys::step(places, step),
        Command::Audit { json } => keep::audit(places, json),
        Command::Backup { out } => keep::backup(places, &out),
        Command::Restore { from, yes } => keep::restore(places, &from, yes),
    }
}

fn division(text: &str) -> Result<DivisionCode, String> {
    let code = DivisionCode::parse(text).ok().filter(|code| code.town().is_some());
    code.ok_or_else(|| "乡镇代码是九位，村代码是十二位".to_owned())
}

fn serve(places: &Places, arguments: &Serve) -> anyhow::Result<()> {
    let settings = settings(places, arguments)?;
    cli::log("info");
    stay_out_of_swap();
    let runtime = crate::runtime(None).context("程序启动不了，请重新启动")?;
    runtime.block_on(async {
        // Caught from the start, so that a signal during the first second drains as well.
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let (server, line, _site) =
            if arguments.demo { demo(places, &settings)? } else { real(places, &settings)? };
        say(&line)?;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("ending: requests under way are finished");
        server.shutdown().await;
        Ok(())
    })
}

fn settings(places: &Places, arguments: &Serve) -> anyhow::Result<CountySettings> {
    let path = places.config.join("county.toml");
    let mut settings = match CountySettings::read(&path) {
        Ok(settings) => settings,
        Err(CountyError::File { .. }) if arguments.demo && !path.exists() => {
            CountySettings::default()
        }
        Err(error @ CountyError::File { .. }) => {
            let hint = "请把 county.toml 放在那里，或用 --config 写别的目录，或用 --demo";
            return Err(BadConfiguration(format!("{error}；{hint}")).into());
        }
        Err(error) => return Err(BadConfiguration(error.to_string()).into()),
    };
    settings.listen = arguments.listen.unwrap_or(settings.listen);
    Ok(settings)
}

fn demo(places: &Places, settings: &CountySettings) -> anyhow::Result<(Server, String, Site)> {
    let started = Demonstration::start(
        &tokio::runtime::Handle::current(),
        &DemonstrationSettings {
            content: places.config.join("demo"),
            data: places.data.clone(),
            listen: settings.listen,
            hosts: settings.hosts.clone(),
            clock: Clock::System,
            queries: settings.queries(),
        },
    )?;
    let line = format!(
        "演示用的县级服务在 {} 运行，给终端用的文件：{}、{}、{}、{}",
        started.url,
        started.authority.display(),
        started.certificate.display(),
        started.key.display(),
        started.feed_key.display()
    );
    Ok((started.server, line, places.site()?))
}

fn real(places: &Places, settings: &CountySettings) -> anyhow::Result<(Server, String, Site)> {
    let site = places.site()?;
    let data = site.directory();
    let authority = Authority::open(data)?;
    let feed = Feed::open(data)?;
    anyhow::ensure!(
        !feed.is_demonstration()?,
        "{} 里发布的是演示用的假信息；请写 --demo，或用 --data 换一个目录",
        data.display()
    );
    let hosts = demonstration::all_hosts(settings.listen, &settings.hosts);
    let county =
        County { core: Arc::new(NoCore), feed, clock: Clock::System, queries: settings.queries() };
    let server_settings = ServerSettings {
        listen: settings.listen,
        authority: authority.certificate().to_owned(),
        credentials: authority.issue_server(&hosts)?,
        limits: settings.limits(),
    };
    let server = Server::start(&tokio::runtime::Handle::current(), &server_settings, county)?;
    let line = format!(
        "县级服务在 {} 运行，签发机构 {}；没有连接核心系统：发布信息，社保查询答复为不能办",
        demonstration::url(server.address()),
        data.join("ca.pem").display()
    );
    Ok((server, line, site))
}

fn enrol(places: &Places, arguments: &Enrol) -> anyhow::Result<()> {
    let name = kiosk_name(&arguments.name)?;
    let out = &arguments.out;
    let site = places.site()?;
    // What a kiosk is given is this county's: authority and key of the feed.
    drop(Feed::open(site.directory())?);
    let authority = Authority::open(site.directory())?;
    let division = &arguments.division;
    anyhow::ensure!(
        places.directory()?.is_place(division, Clock::System.today()),
        "{} 里没有 {division} 这个乡镇或村；登记了也收不到信息，请改正",
        places.config.join("divisions").display()
    );
    std::fs::create_dir_all(out).with_context(|| format!("建不了目录 {}", out.display()))?;
    let (certificate, key) = (out.join(format!("{name}.pem")), out.join(format!("{name}.key")));
    for path in [&certificate, &key] {
        anyhow::ensure!(
            !path.exists(),
            "{} 已经有了，不会覆盖；请换名字或换 --out",
            path.display()
        );
    }
    let root = place_authority(&authority, out)?;
    let feed_key = place_feed_key(site.directory(), out)?;
    let mut written = false;
    let enrolled = Register::open(site.directory())?.enrol(name, || {
        let credentials = authority.issue_kiosk(name, Some(division))?;
        credentials.write(&certificate, &key)?;
        written = true;
        Ok(credentials)
    });
    if enrolled.is_err() && written {
        // A certificate of which the register knows nothing must not be carried to a kiosk.
        for file in [&key, &certificate] {
            secret::destroy(file)
                .with_context(|| format!("{} 没有登记，不能用；请删掉它", file.display()))?;
        }
    }
    enrolled?;
    say(&format!(
        "{name} 已经登记：请把 {}、{}、{} 和 {} 带到终端，写在 [link] 下面",
        root.display(),
        certificate.display(),
        key.display(),
        feed_key.display()
    ))
}

/// Leaves the public keys of the feed beside the kiosk's. An older file is replaced: the county
/// knows best which keys it signs with.
fn place_feed_key(data: &Path, out: &Path) -> anyhow::Result<PathBuf> {
    let (here, there) = (signing::public_path(data), signing::public_path(out));
    let keys = std::fs::read(&here).with_context(|| format!("{} 没有了", here.display()))?;
    if std::fs::read(&there).ok().as_ref() != Some(&keys) {
        std::fs::write(&there, keys).with_context(|| format!("写不了 {}", there.display()))?;
    }
    Ok(there)
}

fn forget_audit(places: &Places, name: &str, yes: bool) -> anyhow::Result<()> {
    let name = kiosk_name(name)?;
    let site = places.site()?;
    let feed = Feed::open(site.directory())?;
    confirm::confirm(
        &format!("不管 {name} 原来的审计记录是什么，县里都不会再发现它不见了。这不能撤销。"),
        yes,
    )?;
    anyhow::ensure!(feed.forget_head(name)?, "没有 {name} 的审计记录；请看看名字对不对");
    say(&format!("{name} 可以重新开始审计记录：查清原来的为什么没了，再删掉它的 audit-head 文件"))
}

fn revoke(places: &Places, name: &str, yes: bool, may_be_unknown: bool) -> anyhow::Result<()> {
    let name = kiosk_name(name)?;
    let site = places.site()?;
    let register = Register::open(site.directory())?;
    let already = format!("{name} 早已吊销");
    anyhow::ensure!(register.is_revocable(name, may_be_unknown)?, already.clone());
    confirm::confirm(
        &format!("{name} 从下一次请求起被拒绝，要把新证书带到终端才能再用。这不能撤销。"),
        yes,
    )?;
    anyhow::ensure!(register.revoke(name, may_be_unknown)?, already);
    tracing::warn!(kiosk = name, "its certificate is revoked");
    say(&format!(
        "{name} 从下一次请求起被拒绝；用 `county enrol {name} --division 代码` 可以给这个名字新证书"
    ))
}

/// Leaves the authority's certificate beside the kiosk's. One that is there must be the same.
fn place_authority(authority: &Authority, out: &Path) -> anyhow::Result<PathBuf> {
    let path = out.join("ca.pem");
    if !path.exists() {
        std::fs::write(&path, authority.certificate())
            .with_context(|| format!("写不了 {}", path.display()))?;
    } else if std::fs::read_to_string(&path).ok().as_deref() != Some(authority.certificate()) {
        anyhow::bail!("{} 是另一个签发机构的；请换 --out", path.display());
    }
    Ok(path)
}

/// One line on stdout, flushed: other programs wait for it.
fn say(line: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()?;
    Ok(())
}
