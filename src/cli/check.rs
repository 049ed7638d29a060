//! `kiosk check`: the readiness report of this machine.

use std::{io::Write, sync::mpsc, time::Duration};

use super::Places;
use crate::{
    app::{self, FONT, printer_words},
    card::{ContactReader, Reader, ReaderEvent, ReaderStatus},
    clock::Clock,
    config::Settings,
    domain::{Stop, wire},
    link::{Client, LinkError},
    printer::{Printer, PrinterEvent, PrinterStatus},
    staff::readiness::{Check, HEARTBEAT_LIMIT, Probes, Report, check_all},
};

/// Arguments of `kiosk check`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// One JSON object instead of text.
    #[arg(long)]
    json: bool,
}

/// The report as other programs read it.
#[derive(serde::Serialize)]
struct Json<'a> {
    ready: bool,
    checks: Vec<JsonCheck<'a>>,
}

#[derive(serde::Serialize)]
struct JsonCheck<'a> {
    name: &'a str,
    ok: bool,
    code: Option<&'a str>,
    message: &'a str,
}

/// How long the reader may take to say that it is well.
const READER_LIMIT: Duration = Duration::from_secs(6);
/// The same for the printer.
const PRINTER_LIMIT: Duration = Duration::from_secs(6);

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
    let county = || heartbeat(&settings);
    let reader = || reader(&settings);
    let slot = || slot(&settings);
    let printer = || printer(&settings);
    let audit = || audited(&settings);
    let probes = Probes {
        audit: Some(&audit),
        county: Some(&county),
        reader: Some(&reader),
        slot: Some(&slot),
        printer: Some(&printer),
        ..Probes::default()
    };
    let report = check_all(&settings.readiness(FONT), probes, Clock::System.now());
    if args.json {
        write_json(&report)?;
    } else {
        write_text(&report)?;
    }
    let failed = report.checks.iter().filter(|check| !check.ok).count();
    anyhow::ensure!(
        report.ready,
        "not ready: {failed} of {} checks failed; follow the remedies in the report",
        report.checks.len()
    );
    Ok(())
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

/// The audit chain as a whole, read beside a running kiosk.
fn audited(settings: &Settings) -> Result<String, (Stop, String)> {
    app::audited(&settings.readiness(FONT).data, &settings.link)
}

/// Asks the county once, within its limit.
fn heartbeat(settings: &Settings) -> Result<wire::HeartbeatReply, LinkError> {
    let error = |stop, detail: String| LinkError { stop, detail };
    let client = Client::new(&settings.link)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|cause| error(Stop::LinkDown, cause.to_string()))?;
    let question = wire::Heartbeat {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        uptime_s: 0,
        reader_ready: false,
        rows: std::collections::BTreeMap::new(),
        stops: Vec::new(),
        modules: Vec::new(),
        // The running kiosk tells its head; from here it could come late and look like an old one.
        audit: None,
        feed_keys: client.feed_key_ids(),
    };
    runtime.block_on(async {
        tokio::time::timeout(HEARTBEAT_LIMIT, client.heartbeat(&question))
            .await
            .unwrap_or_else(|_| Err(error(Stop::LinkTimeout, "no answer to a heartbeat".into())))
    })
}

fn write_json(report: &Report) -> anyhow::Result<()> {
    let checks = report.checks.iter().map(|check| JsonCheck {
        name: check.name,
        ok: check.ok,
        code: check.code.map(Stop::code),
        message: &check.message,
    });
    let json = Json { ready: report.ready, checks: checks.collect() };
    writeln!(std::io::stdout().lock(), "{}", serde_json::to_string(&json)?)?;
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
