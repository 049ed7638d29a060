//! `kiosk card …`.

use std::{
    io::{self, BufRead, Read, Write},
    path::{Path, PathBuf},
    sync::mpsc::{self, RecvTimeoutError, Sender},
    time::Duration,
};

use anyhow::Context;
use serde_json::{Value, json};
use zeroize::{Zeroize, Zeroizing};

use super::Places;
use crate::{
    card::{self, ReadError, ReaderSettings},
    domain::{
        Document, ResidentIdCard, Stop,
        document::{Sex, Validity},
        sensitive::mask_name,
    },
    simulator::{CardImage, Options, SimulatedReader, residents},
};

/// Commands of `kiosk card`.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Read one document and print it, masked unless told otherwise.
    Read(ReadArgs),
    /// Play a reader on a pseudo-terminal. Prints the port to open; takes `lay N`, `lay`, `lift`,
    /// `unplug`, `replug` and `quit`, a line each, on its input.
    Simulate(SimulateArgs),
}

#[derive(clap::Args)]
pub(crate) struct ReadArgs {
    /// The serial port of the reader.
    #[arg(long)]
    port: String,
    /// Line rate of the reader.
    #[arg(long, default_value_t = 115_200, value_parser = baud())]
    baud: u32,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Print everything in full.
    #[arg(long)]
    unmasked: bool,
    /// How long to wait for a card.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
}

#[derive(clap::Args)]
pub(crate) struct SimulateArgs {
    /// A document to lay: an invented resident (TOML), or a whole "read base" answer (.hex). May
    /// be given several times; the first is laid at once.
    #[arg(long = "document", value_name = "FILE")]
    documents: Vec<PathBuf>,
    /// A name for the port that stays the same when the reader is unplugged and plugged in.
    #[arg(long, value_name = "PATH")]
    link: Option<PathBuf>,
    /// Line rate.
    #[arg(long, default_value_t = 115_200, value_parser = baud())]
    baud: u32,
}

/// The rates a reader can be set to.
fn baud() -> impl clap::builder::TypedValueParser<Value = u32> {
    use clap::builder::{PossibleValuesParser, TypedValueParser};
    PossibleValuesParser::new(["115200", "57600", "38400", "19200", "9600"])
        .map(|rate| rate.parse().expect("one of five numbers"))
}

pub(crate) fn run(_places: &Places, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Read(args) => read(args),
        Command::Simulate(args) => simulate(args),
    }
}

fn read(args: ReadArgs) -> anyhow::Result<()> {
    let poll = Duration::from_millis(100);
    let settings = ReaderSettings { port: args.port, baud: args.baud, poll };
    let document = card::read_document(settings, Duration::from_secs(args.timeout))
        .map_err(|error| told(error, args.timeout))?;
    let mut fields = fields(&document, args.unmasked);
    let text = Zeroizing::new(match args.json {
        true => format!("{fields}\n"),
        false => lines(&fields),
    });
    wipe(&mut fields);
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}

/// One sentence for the person at the machine, with the stop code first.
fn told(error: ReadError, seconds: u64) -> anyhow::Error {
    match error {
        ReadError::Stop(stop) => {
            let entry = stop.entry();
            anyhow::anyhow!("{} {}：{}", entry.code, entry.staff, entry.remedy)
        }
        ReadError::NoCard => {
            let entry = Stop::CardUnsteady.entry();
            anyhow::anyhow!("{} {seconds} 秒内没有读到证件：{}", entry.code, entry.remedy)
        }
    }
}

/// The document as other programs get it. What it does not carry is left out.
fn fields(document: &Document, unmasked: bool) -> Value {
    let Document::ResidentIdCard(card) = document;
    let shown = |masked: fn(&ResidentIdCard) -> String, full: fn(&ResidentIdCard) -> String| {
        if unmasked { full(card) } else { masked(card) }
    };
    let mut fields = json!({
        "kind": "resident_id_card",
        "name": shown(|c| mask_name(c.name.expose()), |c| c.name.expose().clone()),
        "number": shown(|c| c.number.masked(), |c| c.number.expose().to_owned()),
        "sex": match card.sex {
            Sex::Unknown => "unknown",
            Sex::Male => "male",
            Sex::Female => "female",
            Sex::NotStated => "not_stated",
        },
        "ethnic_group": match card.ethnic_group.name() {
            Some(name) => name.to_owned(),
            None => format!("{:02}", card.ethnic_group.0),
        },
        "birth_date": shown(
            |c| format!("{:04}-＊＊-＊＊", c.birth_date.expose().year),
            |c| {
                let date = c.birth_date.expose();
                format!("{:04}-{:02}-{:02}", date.year, date.month, date.day)
            },
        ),
        "address": shown(|c| mask_address(c.address.expose()), |c| c.address.expose().clone()),
        "issuing_authority": card.issuing_authority.expose(),
        "valid_from": card.valid_from.to_string(),
        "long_term": card.valid_until == Validity::LongTerm,
    });
    if let Some(address) = &card.appended_address {
        let address = address.expose();
        fields["appended_address"] =
            if unmasked { address.clone() } else { mask_address(address) }.into();
    }
    if let Validity::Until(date) = card.valid_until {
        fields["valid_until"] = date.to_string().into();
    }
    fields
}

/// The address up to the county or district, as far as it names one.
fn mask_address(address: &str) -> String {
    let known = address.find(['县', '区']).map_or("", |at| &address[..at + '县'.len_utf8()]);
    format!("{known}＊＊＊＊")
}

/// `fields` for a person: a line each.
fn lines(fields: &Value) -> String {
    const LABELS: [(&str, &str); 11] = [
        ("name", "姓名"),
        ("sex", "性别"),
        ("ethnic_group", "民族"),
        ("birth_date", "出生"),
        ("address", "住址"),
        ("appended_address", "最新住址"),
        ("number", "公民身份号码"),
        ("issuing_authority", "签发机关"),
        ("valid_from", "有效期起"),
        ("valid_until", "有效期止"),
        ("long_term", "长期有效"),
    ];
    // Room for every line at once, so that growing leaves no copies.
    let mut text = String::with_capacity(2048);
    for (field, label) in LABELS {
        let value = match &fields[field] {
            Value::String(value) => match value.as_str() {
                "male" => "男",
                "female" => "女",
                "unknown" => "未知",
                "not_stated" => "未说明",
                value => value,
            },
            Value::Bool(true) => "是",
            _ => continue,
        };
        text.extend([label, "：", value, "\n"]);
    }
    text
}

fn wipe(fields: &mut Value) {
    for value in fields.as_object_mut().into_iter().flat_map(serde_json::Map::values_mut) {
        if let Value::String(text) = value {
            text.zeroize();
        }
    }
}

/// What reaches the simulated reader from outside.
enum Order {
    Line(String),
    InputEnded,
    Quit,
}

fn simulate(args: SimulateArgs) -> anyhow::Result<()> {
    let documents = args.documents.iter().map(|path| image(path)).collect::<Result<Vec<_>, _>>()?;
    let options = Options { baud: args.baud, link: args.link, ..Options::default() };
    let (orders, received) = mpsc::channel();
    // Before the port exists, so that no signal can leave a link behind.
    on_signals(orders.clone())?;
    let reader = SimulatedReader::start(options).context("the simulated reader cannot start")?;
    let mut table = Table { reader, documents, next: 0, turning: false };
    table.lay(1)?;
    table.print_port()?;
    std::thread::spawn(move || forward_input(&orders));
    loop {
        let order = match table.turning {
            true => received.recv_timeout(TURN),
            false => received.recv().map_err(RecvTimeoutError::from),
        };
        match order {
            Ok(Order::Quit) | Err(RecvTimeoutError::Disconnected) => return Ok(()),
            Ok(Order::InputEnded) => table.turning = table.documents.len() > 1,
            Ok(Order::Line(line)) => match table.obey(&line) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) => writeln!(io::stderr().lock(), "{error:#}")?,
            },
            Err(RecvTimeoutError::Timeout) => table.turn(),
        }
    }
}

/// Without anybody to give orders, how long a card lies after it was read, and how long the reader
/// then stays empty.
const TURN: Duration = Duration::from_secs(2);
/// Longest line on the input.
const MAX_LINE: u64 = 200;

struct Table {
    reader: SimulatedReader,
    documents: Vec<CardImage>,
    /// The document whose turn is next, counted from 0.
    next: usize,
    /// No orders will come: documents are laid in turn, each after the one before was read.
    turning: bool,
}

impl Table {
    /// Lays document `number`, counted from 1.
    fn lay(&mut self, number: usize) -> anyhow::Result<()> {
        let Some(card) = number.checked_sub(1).and_then(|index| self.documents.get(index)) else {
            anyhow::ensure!(number == 1, "there is no document {number}");
            return Ok(());
        };
        self.reader.lay(card.clone());
        self.next = number;
        Ok(())
    }

    /// Carries out a line of input; says whether to go on.
    fn obey(&mut self, line: &str) -> anyhow::Result<bool> {
        match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            [] => {}
            ["lay"] => self.lay(self.next % self.documents.len().max(1) + 1)?,
            ["lay", number] => {
                self.lay(number.parse().with_context(|| format!("`{number}` is no number"))?)?;
            }
            ["lift"] => self.reader.lift(),
            ["unplug"] => self.reader.unplug(),
            ["replug"] => {
                self.reader.replug().context("the reader cannot be plugged in again")?;
                self.print_port()?;
            }
            ["quit"] => return Ok(false),
            _ => anyhow::bail!("known are: lay, lay N, lift, unplug, replug, quit"),
        }
        Ok(true)
    }

    /// One turn: a card that was read is lifted, and the next one laid.
    fn turn(&mut self) {
        if self.reader.was_read() && self.next < self.documents.len() {
            self.reader.lift();
        } else if !self.reader.has_card()
            && let Some(card) = self.documents.get(self.next)
        {
            self.reader.lay(card.clone());
            self.next += 1;
        }
    }

    fn print_port(&self) -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "{}", self.reader.port().display())?;
        out.flush()
    }
}

fn image(path: &Path) -> anyhow::Result<CardImage> {
    let refused = || format!("{} cannot be laid", path.display());
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

fn on_signals(orders: Sender<Order>) -> io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
    std::thread::spawn(move || {
        if signals.forever().next().is_some() {
            // Nobody listens when the end has come already.
            let _ = orders.send(Order::Quit);
        }
    });
    Ok(())
}

fn forward_input(orders: &Sender<Order>) {
    let mut input = io::stdin().lock();
    loop {
        let mut line = String::new();
        let order = match input.by_ref().take(MAX_LINE).read_line(&mut line) {
            Ok(0) | Err(_) => Order::InputEnded,
            Ok(_) => Order::Line(line),
        };
        let ended = matches!(order, Order::InputEnded);
        if orders.send(order).is_err() || ended {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::domain::{CitizenId, Sensitive, document::EthnicGroup};

    fn person(valid_until: Validity) -> Document {
        Document::ResidentIdCard(ResidentIdCard {
            name: "测试·阿依古丽".into(),
            sex: Sex::Female,
            ethnic_group: EthnicGroup(5),
            birth_date: Sensitive::new(date(1961, 3, 20).into()),
            address: "四川省泸县玉蟾街道测试社区第九村民小组".into(),
            appended_address: Some("四川省泸县嘉明镇测试新址9号".into()),
            number: CitizenId::parse("51059919610320058X").expect("valid"),
            issuing_authority: "泸县公安局".into(),
            valid_from: date(2012, 6, 1),
            valid_until,
        })
    }

    #[test]
    fn the_masked_form_hides_who_it_is() {
        let document = person(Validity::LongTerm);
        let (masked, full) = (fields(&document, false), fields(&document, true));
        for mark in ["阿依古丽", "-03-20", "玉蟾", "嘉明", "51059919"] {
            assert!(full.to_string().contains(mark), "{mark}");
            assert!(!masked.to_string().contains(mark), "{mark}");
            assert!(!lines(&masked).contains(mark), "{mark}");
        }
    }

    #[test]
    fn what_the_card_does_not_carry_is_left_out() {
        let long = fields(&person(Validity::LongTerm), true);
        assert_eq!((&long["long_term"], long.get("valid_until")), (&json!(true), None));
        let dated = fields(&person(Validity::Until(date(2032, 6, 1))), true);
        assert_eq!(dated["long_term"], json!(false));
        assert_eq!(dated["valid_until"], json!("2032-06-01"));
        assert!(lines(&dated).contains("最新住址：四川省泸县嘉明镇测试新址9号\n"));
    }
}
