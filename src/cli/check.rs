//! `kiosk check`: the readiness report of this machine.

use std::io::Write;

use super::Places;
use crate::{
    clock::Clock,
    config::Settings,
    domain::{Stop, wire},
    link::{Client, LinkError},
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

/// The font is part of the program: it can be named, it cannot be missing.
const FONT: &str = "程序内带 Noto Sans SC（常规、粗体）";

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
    let probes = Probes { county: Some(&county), ..Probes::default() };
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
