//! `kiosk printer …`: the installer's and the tester's way to a slip printer.

use std::{
    fs,
    io::{self, BufRead, Read, Write},
    path::PathBuf,
    sync::mpsc::{self, Sender},
    time::Duration,
};

use anyhow::Context;
use kiosk_base::{cli::in_words, clock::Clock, qr::Code};
use kiosk_devices::printer::{Item, Paper, Slip, print_once};
use kiosk_stage::simulator::{PrinterFault, PrinterOptions, SimulatedPrinter};

use super::Places;

/// Commands of `kiosk printer`.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// 用设置的打印机打一张没有个人信息的小票，并说明打印机是否确认打完
    Test(TestArgs),
    /// 在伪终端上模拟一台打印机。先打印要打开的端口，再从输入接受命令，每行一条：
    /// `paper-out [行数]`、`open [行数]`、`fail [行数]`、`offline [行数]`（不说明原因）、
    /// `button [行数]`（按住走纸键）、`late`（状态应答到下一次询问才来）、`silent [字节数]`、
    /// `cut [字节数]`、`mend`、`unplug`、`replug`、`quit`
    Simulate(SimulateArgs),
}

/// Arguments of `kiosk printer test`.
#[derive(clap::Args)]
pub(crate) struct TestArgs {
    /// 最多等多少秒，1 至 120
    #[arg(long, value_name = "秒数", default_value_t = 30)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=120))]
    timeout: u64,
}

/// Arguments of `kiosk printer simulate`.
#[derive(clap::Args)]
pub(crate) struct SimulateArgs {
    /// 端口的另一个名称，打印机拔下再插上也不变
    #[arg(long, value_name = "路径")]
    link: Option<PathBuf>,
    /// 每张小票以图片和文字存到哪里
    #[arg(long, value_name = "目录")]
    out: Option<PathBuf>,
    /// 纸卷的宽度，单位毫米
    #[arg(long, value_name = "毫米", default_value = "58", value_parser = ["58", "80"])]
    paper_mm: String,
    /// 它不认识 `DLE DC4 8`，许多型号就是这样
    #[arg(long)]
    cannot_clear: bool,
}

pub(crate) fn run(places: &Places, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Test(args) => test(places, args),
        Command::Simulate(args) => simulate(args),
    }
}

fn test(places: &Places, args: TestArgs) -> anyhow::Result<()> {
    let settings = places.settings()?;
    super::log();
    let printer = settings.printer.context(
        "还没有设置打印机：请在 kiosk.toml 的 printer.port 写上它的设备，如 /dev/usb/lp0",
    )?;
    let port = printer.port.words();
    let slip = test_slip(&settings.office.town, printer.paper);
    match print_once(printer, slip, Duration::from_secs(args.timeout)) {
        Ok(()) => {
            writeln!(io::stdout().lock(), "打印机确认小票已经打出：{port}")?;
            Ok(())
        }
        Err(stop) => {
            let entry = stop.entry();
            anyhow::bail!("{} {}：{port}。{}", entry.code, entry.staff, entry.remedy)
        }
    }
}

/// What an installer looks at: sizes, edges, the cut, a character that GBK lacks, and a code.
fn test_slip(town: &str, paper: Paper) -> Slip {
    let now = kiosk_base::clock::wall(Clock::System.now()).strftime("%Y-%m-%d %H:%M").to_string();
    let row = |label: &str, value: &str| Item::Row { label: label.into(), value: value.into() };
    let mut slip = Slip::new();
    slip.push(Item::Heading("打印机试打".into()));
    slip.push(Item::Centred(town.into()));
    slip.push(Item::Rule);
    slip.push(row("时间", &now));
    slip.push(row("每行列数", &paper.columns().to_string()));
    slip.push(row("金额靠右", "1,234,567.89 元"));
    slip.push(row("打不出的字用方块代替", "𬭛"));
    slip.push(Item::Rule);
    slip.push(Item::Note(
        "这张小票上没有任何人的信息。横线应当从左边到右边，切口应当在字的下面。".into(),
    ));
    if let Some(code) = Code::of("打印机试打：二维码读得出来") {
        slip.push(Item::Note("用手机扫下面的二维码，应当读出“打印机试打”。".into()));
        slip.push(Item::Code(code));
    }
    slip
}

/// What reaches the simulated printer from outside.
enum Input {
    Line(String),
    Quit,
}

/// Longest line on the input.
const MAX_LINE: u64 = 200;

fn simulate(args: SimulateArgs) -> anyhow::Result<()> {
    super::log();
    let paper = if args.paper_mm == "80" { Paper::Mm80 } else { Paper::Mm58 };
    if let Some(out) = &args.out {
        fs::create_dir_all(out).with_context(|| format!("建不了目录 {}", out.display()))?;
    }
    let options = PrinterOptions {
        link: args.link,
        clears: !args.cannot_clear,
        out: args.out.map(|out| (out, paper.columns())),
        ..PrinterOptions::default()
    };
    let (input, received) = mpsc::channel();
    // Before the port exists, so that no signal can leave a link behind.
    let quit = input.clone();
    super::end_with(move || {
        // Nobody listens when the end has come already.
        let _ = quit.send(Input::Quit);
    })?;
    let mut printer = SimulatedPrinter::start(options).context("模拟打印机启动不了")?;
    print_port(&printer)?;
    std::thread::spawn(move || forward_input(&input));
    while let Ok(Input::Line(line)) = received.recv() {
        match obey(&mut printer, &line) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => writeln!(io::stderr().lock(), "{}", in_words(&error))?,
        }
    }
    Ok(())
}

/// Carries out a line of input; says whether to go on.
fn obey(printer: &mut SimulatedPrinter, line: &str) -> anyhow::Result<bool> {
    let words: Vec<_> = line.split_whitespace().collect();
    let [order, rest @ ..] = words.as_slice() else { return Ok(true) };
    let after = match rest {
        [] => 0,
        [number] => number.parse().with_context(|| format!("“{number}”不是数字"))?,
        _ => anyhow::bail!("最多写一个数字"),
    };
    match *order {
        "paper-out" => printer.plan(PrinterFault::PaperEndsAfter(after)),
        "open" => printer.plan(PrinterFault::OpensAfter(after)),
        "fail" => printer.plan(PrinterFault::FailsAfter(after)),
        "offline" => printer.plan(PrinterFault::OfflineAfter(after)),
        "button" => printer.plan(PrinterFault::ButtonAfter(after)),
        "late" => printer.plan(PrinterFault::AnswersOneLate),
        "silent" => printer.plan(PrinterFault::SilentAfter(after)),
        "cut" => printer.plan(PrinterFault::UnpluggedAfter(after)),
        "mend" => printer.mend(),
        "unplug" => printer.unplug(),
        "replug" => {
            printer.replug().context("打印机没能重新接上")?;
            print_port(printer)?;
        }
        "quit" => return Ok(false),
        _ => anyhow::bail!(
            "可以写：paper-out、open、fail、offline、button、late、silent、cut、mend、unplug、\
             replug、quit"
        ),
    }
    Ok(true)
}

fn print_port(printer: &SimulatedPrinter) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", printer.port().display())?;
    out.flush()
}

/// Passes the input on. Without any the printer stays until it is ended.
fn forward_input(commands: &Sender<Input>) {
    let mut input = io::stdin().lock();
    loop {
        let mut line = String::new();
        match input.by_ref().take(MAX_LINE).read_line(&mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) if commands.send(Input::Line(line)).is_err() => return,
            Ok(_) => {}
        }
    }
}
