//! `cargo bench --bench budgets [-- SECTION…]`: one table of the budgets of the design: what is
//! allowed, what was measured, and how.

use std::{
    io::{self, Write},
    time::{Duration, Instant},
};

mod curve;
mod feed;
mod import;
mod insurance;
mod kiosk;
mod listings;
mod queries;
mod reader;
mod rival;
mod siege;
mod touch;

/// What is measured is measured as the programs are: memory is overwritten when it is freed.
#[global_allocator]
static ALLOCATOR: kiosk_memory::Overwriting = kiosk_memory::Overwriting::new();

/// One line of the table.
pub(crate) struct Row {
    /// What is measured.
    pub(crate) what: String,
    /// What is allowed; empty for a figure that only explains another.
    pub(crate) budget: String,
    /// What came out.
    pub(crate) measured: String,
    /// How it was measured.
    pub(crate) how: String,
}

/// A part of the table by the name that selects it on the command line.
type Section = (&'static str, fn() -> Vec<Row>);

const SECTIONS: &[Section] = &[
    ("touch", touch::rows),
    ("kiosk", kiosk::rows),
    ("reader", reader::rows),
    ("listings", listings::rows),
    ("import", import::rows),
    ("county", feed::scenario),
    ("insurance", insurance::rows),
    ("queries", queries::rows),
    ("curve", curve::rows),
    ("siege", siege::rows),
];

fn main() -> io::Result<()> {
    if std::env::args().any(|argument| argument == kiosk::CHILD) {
        kiosk::be_child();
        return Ok(());
    }
    if std::env::args().any(|argument| argument == import::CHILD) {
        import::be_child();
        return Ok(());
    }
    if std::env::args().any(|argument| argument == curve::CHILD) {
        curve::be_child();
        return Ok(());
    }
    if std::env::args().any(|argument| argument == insurance::CHILD) {
        insurance::be_child();
        return Ok(());
    }
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let mut out = io::stdout().lock();
    writeln!(out, "| what | budget | measured | how |\n| --- | --- | --- | --- |")?;
    for (name, rows) in SECTIONS {
        if !wanted.is_empty() && !wanted.iter().any(|w| w == name) {
            continue;
        }
        for row in rows() {
            writeln!(out, "| {} | {} | {} | {} |", row.what, row.budget, row.measured, row.how)?;
        }
        out.flush()?;
    }
    Ok(())
}

/// A line of the table.
pub(crate) fn row(what: &str, budget: &str, measured: String, how: &str) -> Row {
    Row { what: what.into(), budget: budget.into(), measured, how: how.into() }
}

/// Times some work.
pub(crate) fn time<T>(times: &mut Vec<Duration>, work: impl FnOnce() -> T) {
    let begun = Instant::now();
    std::hint::black_box(work());
    times.push(begun.elapsed());
}

/// A percentile of some times.
pub(crate) fn percentile(times: &mut [Duration], hundredth: usize) -> Duration {
    times.sort_unstable();
    let index = (times.len() * hundredth / 100).min(times.len().saturating_sub(1));
    times.get(index).copied().unwrap_or_default()
}

/// The median, the 95th and the 99th percentile of some times, and the longest, in words.
pub(crate) fn spread(times: &mut [Duration]) -> String {
    let ms = |time: Duration| format!("{:.2}", time.as_secs_f64() * 1e3);
    let figures = [50, 95, 99, 100].map(|hundredth| ms(percentile(times, hundredth)));
    let [p50, p95, p99, max] = figures;
    format!("p50 {p50} ms, p95 {p95} ms, p99 {p99} ms, max {max} ms")
}
