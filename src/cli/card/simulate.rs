//! `kiosk card simulate`: a reader on a pseudo-terminal, with cards laid by commands on the input.

use std::{
    io::{self, BufRead, Read, Write},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::AtomicBool,
        mpsc::{self, RecvTimeoutError, Sender},
    },
    time::Duration,
};

use anyhow::Context;
use kiosk_base::cli::in_words;
use kiosk_county::invented::Population;
use kiosk_stage::simulator::{
    CardImage, Options, Script, SimulatedReader, residents, script::Step,
};

/// Arguments of `kiosk card simulate`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// 要放的证件：虚构的居民（TOML），或整个的读卡应答（.hex）。可以写几次；第一张立即放上
    #[arg(long = "document", value_name = "文件")]
    documents: Vec<PathBuf>,
    /// 演示用的县生成的居民，编号 0 至 1999；排在各个证件之后。可以写几次
    #[arg(long = "generated", value_name = "编号")]
    generated: Vec<u32>,
    /// 端口的另一个名称，读卡器拔下再插上也不变
    #[arg(long, value_name = "路径")]
    link: Option<PathBuf>,
    /// 波特率
    #[arg(long, value_name = "波特率", default_value_t = 115_200, value_parser = super::baud())]
    baud: u32,
    /// 演一种故障：见 kiosk-config/demo/faults/。每一步都在标准错误上说明；同时仍然接受命令。
    /// 不写 --document 时，放它自己的证件
    #[arg(long, value_name = "文件")]
    script: Option<PathBuf>,
    /// 读过的卡，拿走之前不再找到
    #[arg(long)]
    read_once: bool,
    /// 找到过的卡，拿走之前不再找到
    #[arg(long)]
    finds_once: bool,
    /// 找卡和选卡的应答里没有卡的芯片号码
    #[arg(long)]
    bare: bool,
    /// 询问过一次追加住址之后，与卡的会话就结束
    #[arg(long)]
    drops_session: bool,
}

/// What reaches the simulated reader from outside.
enum Input {
    Line(String),
    End,
    Quit,
}

pub(crate) fn run(args: Args) -> anyhow::Result<()> {
    let script = args.script.as_deref().map(Script::load).transpose()?;
    let documents = match &script {
        Some(script) if args.documents.is_empty() && args.generated.is_empty() => &script.documents,
        _ => &args.documents,
    };
    let mut documents = documents.iter().map(|path| image(path)).collect::<Result<Vec<_>, _>>()?;
    let population = Population::default();
    for number in args.generated {
        documents.push(generated(&population, number)?);
    }
    let options = Options {
        baud: args.baud,
        link: args.link,
        read_once: args.read_once,
        finds_once: args.finds_once,
        drops_session: args.drops_session,
        bare: args.bare,
        usb: None,
    };
    let (input, received) = mpsc::channel();
    // Before the port exists, so that no signal can leave a link behind.
    on_signals(input.clone())?;
    let reader = SimulatedReader::start(options).context("模拟读卡器启动不了")?;
    let reader = Arc::new(Mutex::new(reader));
    let mut table = Table { reader, documents, next: 0, turning: false };
    table.print_port()?;
    let scripted = script.is_some();
    match script {
        Some(script) => table.play(script),
        None => table.lay(1)?,
    }
    std::thread::spawn(move || forward_input(&input));
    loop {
        let order = match table.turning {
            true => received.recv_timeout(TURN),
            false => received.recv().map_err(RecvTimeoutError::from),
        };
        match order {
            Ok(Input::Quit) | Err(RecvTimeoutError::Disconnected) => return Ok(()),
            Ok(Input::End) => table.turning = !scripted && table.documents.len() > 1,
            Ok(Input::Line(line)) => match table.obey(&line) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) => writeln!(io::stderr().lock(), "{}", in_words(&error))?,
            },
            Err(RecvTimeoutError::Timeout) => table.turn(),
        }
    }
}

fn generated(population: &Population, number: u32) -> anyhow::Result<CardImage> {
    let last = population.count().saturating_sub(1);
    let person = population.person(number);
    let person = person.with_context(|| format!("--generated 请写 0 到 {last}"))?;
    CardImage::of(&person.document()).context("这个姓名太长，卡上写不下")
}

/// Without anybody to give commands, how long a card lies after it was read, and how long the reader
/// then stays empty.
const TURN: Duration = Duration::from_secs(2);
/// Longest line on the input.
const MAX_LINE: u64 = 200;

struct Table {
    reader: Arc<Mutex<SimulatedReader>>,
    documents: Vec<CardImage>,
    /// The document whose turn is next, counted from 0.
    next: usize,
    /// No commands will come: documents are laid in turn, each after the one before was read.
    turning: bool,
}

impl Table {
    /// Lays document `number`, counted from 1.
    fn lay(&mut self, number: usize) -> anyhow::Result<()> {
        let Some(card) = number.checked_sub(1).and_then(|index| self.documents.get(index)) else {
            anyhow::ensure!(number == 1, "没有第 {number} 个证件");
            return Ok(());
        };
        self.reader().lay(card.clone());
        self.next = number;
        Ok(())
    }

    /// Carries out a line of input; says whether to go on.
    fn obey(&mut self, line: &str) -> anyhow::Result<bool> {
        match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            [] => {}
            ["lay"] => self.lay(self.next % self.documents.len().max(1) + 1)?,
            ["lay", number] => {
                self.lay(number.parse().with_context(|| format!("“{number}”不是数字"))?)?;
            }
            ["lift"] => self.reader().lift(),
            ["unplug"] => self.reader().unplug(),
            ["replug"] => {
                self.reader().replug().context("读卡器没能重新接上")?;
                self.print_port()?;
            }
            ["quit"] => return Ok(false),
            _ => anyhow::bail!("可以写：lay、lay N、lift、unplug、replug、quit"),
        }
        Ok(true)
    }

    /// One turn: a card that was read is lifted, and the next one laid.
    fn turn(&mut self) {
        let reader = lock(&self.reader);
        if reader.was_read() && self.next < self.documents.len() {
            reader.lift();
        } else if !reader.has_card()
            && let Some(card) = self.documents.get(self.next)
        {
            reader.lay(card.clone());
            self.next += 1;
        }
    }

    /// Plays `script` beside the input, once.
    fn play(&self, script: Script) {
        let (reader, documents) = (Arc::clone(&self.reader), self.documents.clone());
        std::thread::spawn(move || {
            let say = |line: std::fmt::Arguments<'_>| {
                // Whoever closed stderr does not want to know.
                let _ = writeln!(io::stderr().lock(), "{line}");
            };
            say(format_args!("{}：{}", script.title, script.expect.join("、")));
            let mut tell = |number: usize, step: &Step| {
                say(format_args!("{number}/{}: {step:?}", script.steps.len()));
            };
            match script.play(&reader, &documents, &AtomicBool::new(false), &mut tell) {
                Ok(()) => say(format_args!("全部做完")),
                Err(error) => say(format_args!("{error}")),
            }
        });
    }

    fn print_port(&self) -> io::Result<()> {
        let port = self.reader().port().display().to_string();
        let mut out = io::stdout().lock();
        writeln!(out, "{port}")?;
        out.flush()
    }

    fn reader(&self) -> MutexGuard<'_, SimulatedReader> {
        lock(&self.reader)
    }
}

fn lock(reader: &Mutex<SimulatedReader>) -> MutexGuard<'_, SimulatedReader> {
    // The reader is whole between any two of its methods.
    reader.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn image(path: &Path) -> anyhow::Result<CardImage> {
    let refused = || format!("{} 不能当证件放上去", path.display());
    if path.extension().is_some_and(|extension| extension == "hex") {
        let mut text = String::new();
        // A vector has 2,590 digits; more than three times that is none.
        std::fs::File::open(path)
            .and_then(|file| file.take(8192).read_to_string(&mut text))
            .with_context(refused)?;
        return CardImage::from_hex(&text).with_context(refused);
    }
    let resident = residents::load_file(path)?;
    CardImage::of(&resident.card).with_context(refused)
}

fn on_signals(input: Sender<Input>) -> io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
    std::thread::spawn(move || {
        if signals.forever().next().is_some() {
            // Nobody listens when the end has come already.
            let _ = input.send(Input::Quit);
        }
    });
    Ok(())
}

fn forward_input(commands: &Sender<Input>) {
    let mut input = io::stdin().lock();
    loop {
        let mut line = String::new();
        let order = match input.by_ref().take(MAX_LINE).read_line(&mut line) {
            Ok(0) | Err(_) => Input::End,
            Ok(_) => Input::Line(line),
        };
        let ended = matches!(order, Input::End);
        if commands.send(order).is_err() || ended {
            return;
        }
    }
}
