//! `kiosk check`: the readiness report of this machine. Where the kiosk runs, it is asked for what it
//! holds: reader and printer answer to one at a time.

use std::{io::Write, sync::mpsc, time::Duration};

use anyhow::Context;
use kiosk_base::{clock::Clock, domain::Stop, wire::Collection};
use kiosk_devices::{
    card::{ContactReader, Reader, ReaderEvent, ReaderStatus},
    printer::{Printer, PrinterEvent, PrinterStatus},
};
use tokio::{runtime::Runtime, time::timeout};

use super::Places;
use crate::{
    app::{self, FONT, printer_words},
    config::Settings,
    link::{Client, LinkError},
    staff::readiness::{COUNTY_LIMIT, Check, Probes, Report, check_all},
};

/// Arguments of `kiosk check`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// 输出一个 JSON 对象，不输出文字
    #[arg(long)]
    json: bool,
}

/// How long the reader may take to say that it is well.
const READER_LIMIT: Duration = Duration::from_secs(6);
/// The same for the printer.
const PRINTER_LIMIT: Duration = Duration::from_secs(6);
/// How long a running kiosk may take for its own report: it asks the county twice.
const RUNNING_LIMIT: Duration = Duration::from_secs(80);

pub(crate) fn run(places: &Places, args: Args) -> anyhow::Result<()> {
    let settings = match places.settings() {
        Ok(settings) => settings,
        Err(error) => {
            // A program that reads the report learns of a wrong file in the same form.
            if args.json {
                let check = Check::failed("config", Stop::ConfigWrong, error.to_string());
                write_json(&Report { ready: false, checks: vec![check] })?;
            }
            return Err(error.into());
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let readiness = settings.readiness(FONT);
    let running = runtime
        .block_on(async { timeout(RUNNING_LIMIT, app::ask_running(&readiness.data)).await })
        .unwrap_or_else(|late| Err(late.into()))
        .context("正在运行的终端没有应答；请重新启动它，再检查一次")?;
    let report = match running {
        Some(running) => {
            let mut report = check_all(&readiness, Probes::default(), Clock::System.now());
            report.told_by(&running);
            if app::is_older_than(&readiness.data, &readiness.config) {
                report.settings_are_newer(&readiness.config);
            }
            report
        }
        None => looked_at(&settings, &runtime),
    };
    if args.json {
        write_json(&report)?;
    } else {
        write_text(&report)?;
    }
    let failed = report.checks.iter().filter(|check| !check.ok).count();
    anyhow::ensure!(
        report.ready,
        "还不能使用：{} 项检查里有 {failed} 项不正常；请照报告里写的办法处理",
        report.checks.len()
    );
    Ok(())
}

/// The report where no kiosk runs: devices and county are asked from here.
fn looked_at(settings: &Settings, runtime: &Runtime) -> Report {
    let county = || asked(settings, runtime, async |client| client.time().await);
    let feed = || {
        asked(settings, runtime, async |client| {
            client.feed_page(Collection::Fairs, 0).await.map(drop)
        })
    };
    let reader = || reader(settings);
    let slot = || slot(settings);
    let printer = || printer(settings);
    let readiness = settings.readiness(FONT);
    let audit = || app::audited(&readiness.data, &settings.link);
    let probes = Probes {
        audit: Some(&audit),
        county: Some(&county),
        feed: Some(&feed),
        reader: Some(&reader),
        slot: Some(&slot),
        printer: Some(&printer),
        ..Probes::default()
    };
    check_all(&readiness, probes, Clock::System.now())
}

/// Opens the reader and waits until it is ready, or says why it is not.
fn reader(settings: &Settings) -> Result<String, Stop> {
    let start = |sink| Reader::start(settings.reader.clone(), sink);
    ready(start).map(|()| "读卡器应答正常".to_owned())
}

/// As [`reader`], for the slot.
fn slot(settings: &Settings) -> Result<String, Stop> {
    let slot = settings.contact.as_ref().ok_or(Stop::ReaderAbsent)?;
    ready(|sink| ContactReader::start(slot, sink)).map(|()| "卡槽应答正常".to_owned())
}

/// Opens the printer and waits until it says how it is.
fn printer(settings: &Settings) -> Result<String, Stop> {
    let settings = settings.printer.clone().ok_or(Stop::PrinterAbsent)?;
    let (status, statuses) = mpsc::channel();
    let _printer = Printer::start(settings, move |event| {
        // After the last word nobody listens any more.
        let _ = status.send(event);
    });
    let deadline = std::time::Instant::now() + PRINTER_LIMIT;
    while let Some(left) = deadline.checked_duration_since(std::time::Instant::now()) {
        match statuses.recv_timeout(left) {
            Ok(PrinterEvent::Status(PrinterStatus::Ready { low_paper })) => {
                return Ok(printer_words(low_paper).to_owned());
            }
            Ok(PrinterEvent::Status(PrinterStatus::Down(stop))) => return Err(stop),
            Ok(_) => {}
            Err(_) => break,
        }
    }
    Err(Stop::PrinterSilent)
}

/// Waits until the device is ready whose thread `start` starts.
fn ready<R>(start: impl FnOnce(Box<dyn FnMut(ReaderEvent) + Send>) -> R) -> Result<(), Stop> {
    let (status, statuses) = mpsc::sync_channel(16);
    let _device = start(Box::new(move |event| {
        if let ReaderEvent::Status(now) = event {
            let _ = status.try_send(now);
        }
    }));
    let deadline = std::time::Instant::now() + READER_LIMIT;
    let mut last = Stop::ReaderSilent;
    while let Some(left) = deadline.checked_duration_since(std::time::Instant::now()) {
        match statuses.recv_timeout(left) {
            Ok(ReaderStatus::Ready) => return Ok(()),
            Ok(ReaderStatus::Down(stop)) => last = stop,
            Ok(ReaderStatus::Starting) => {}
            Err(_) => break,
        }
    }
    Err(last)
}

/// Asks the county once, within its limit.
fn asked<T>(
    settings: &Settings,
    runtime: &Runtime,
    ask: impl AsyncFnOnce(&Client) -> Result<T, LinkError>,
) -> Result<T, LinkError> {
    let client = Client::new(&settings.link)?;
    runtime.block_on(async {
        timeout(COUNTY_LIMIT, ask(&client)).await.unwrap_or_else(|_| {
            Err(LinkError { stop: Stop::LinkTimeout, detail: "no answer".into() })
        })
    })
}

fn write_json(report: &Report) -> anyhow::Result<()> {
    writeln!(std::io::stdout().lock(), "{}", serde_json::to_string(&report.json())?)?;
    Ok(())
}

/// A line a check, and under one that failed what to do.
fn write_text(report: &Report) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    for check in &report.checks {
        let word = if check.ok { "✓ 正常  " } else { "✗ 不正常" };
        writeln!(out, "{word} {}：{}", check.title(), check.message)?;
        if let Some(stop) = check.code {
            writeln!(out, "         {}：{}", stop.code(), stop.entry().remedy)?;
        }
    }
    let verdict = if report.ready { "可以使用" } else { "还不能使用" };
    writeln!(out, "{verdict}")?;
    Ok(())
}
