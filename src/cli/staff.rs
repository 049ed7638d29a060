//! `kiosk staff …`: the PIN and the staff's ID cards. Secrets are asked for without echo, or read
//! from stdin when that is no terminal; they are never arguments, which others could see.

use std::{
    io::{BufRead, IsTerminal, Read, Write},
    time::Duration,
};

use anyhow::Context;
use kiosk_base::domain::HolderNumber;
use kiosk_devices::card;
use zeroize::Zeroizing;

use super::{Places, card::read::told};
use crate::staff::{Pin, StaffCards, StaffSettings, pin};

/// How long a card that is to be read may take to be laid.
const READ_LIMIT: Duration = Duration::from_secs(30);

/// Commands of `kiosk staff`.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// 设置管理密码（要输入两次）；锁定也随之解除
    Pin,
    /// 放上就要求输入管理密码的身份证
    #[command(subcommand)]
    Card(CardCommand),
}

/// Commands of `kiosk staff card`.
#[derive(clap::Subcommand)]
pub(crate) enum CardCommand {
    /// 把一张身份证加入名单；要输入号码，或者读卡
    Add {
        /// 号码不用输入，从本机读卡器上的身份证读取。这时终端程序本身不能在运行
        #[arg(long)]
        read: bool,
    },
    /// 把一张身份证移出名单；要输入号码
    Remove,
    /// 名单上有多少张身份证
    Count,
}

pub(crate) fn run(places: &Places, command: Command) -> anyhow::Result<()> {
    // Staff access must be mendable on a machine whose kiosk.toml is not: only the data directory
    // is needed.
    let settings = StaffSettings::in_dir(&places.data);
    match command {
        Command::Pin => set_pin(&settings),
        Command::Card(CardCommand::Add { read: true }) => {
            let reader = places.settings()?.reader;
            let document = card::read_document(reader, READ_LIMIT)
                .map_err(|error| told(error, READ_LIMIT.as_secs()))?;
            add(&mut StaffCards::load(settings)?, &document.number())
        }
        Command::Card(command) => card(settings, command),
    }
}

fn set_pin(settings: &StaffSettings) -> anyhow::Result<()> {
    let first = secret("新的管理密码（6 到 12 位数字）：")?;
    let pin = Pin::parse(&first)?;
    let second = secret("再输一次：")?;
    anyhow::ensure!(*first == *second, "两次输入的不一样，没有改动；请再试一次");
    pin::set(settings, &pin).with_context(|| format!("写不了 {}", settings.pin.display()))?;
    say("管理密码已经设好。")
}

fn card(settings: StaffSettings, command: CardCommand) -> anyhow::Result<()> {
    let mut cards = StaffCards::load(settings)?;
    let number = || -> anyhow::Result<HolderNumber> {
        let typed = secret("工作人员的身份证号码：")?;
        Ok(HolderNumber::parse(&typed)?)
    };
    match command {
        CardCommand::Add { .. } => add(&mut cards, &number()?),
        CardCommand::Remove => {
            let gone = cards.remove(&number()?)?;
            say(if gone {
                "这张卡已从名单里去掉。"
            } else {
                "这张卡不在名单里。"
            })
        }
        CardCommand::Count => say(&cards.len().to_string()),
    }
}

fn add(cards: &mut StaffCards, number: &HolderNumber) -> anyhow::Result<()> {
    let new = cards.add(number)?;
    say(if new { "这张卡已加入名单。" } else { "这张卡早已在名单里。" })
}

fn say(line: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout().lock(), "{line}")?;
    Ok(())
}

/// Asks on the terminal without echo, or reads a line from stdin.
fn secret(question: &str) -> anyhow::Result<Zeroizing<String>> {
    /// No secret of these commands is longer.
    const BYTES_MAX: u64 = 64;

    if std::io::stdin().is_terminal() {
        return Ok(Zeroizing::new(rpassword::prompt_password(question)?));
    }
    let mut line = Zeroizing::new(String::with_capacity(BYTES_MAX as usize));
    std::io::stdin().lock().take(BYTES_MAX).read_line(&mut line)?;
    anyhow::ensure!(!line.is_empty(), "标准输入已经结束；请一行写一个回答");
    let length = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(length);
    Ok(line)
}
