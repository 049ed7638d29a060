//! What the measurements of the budgets are written down with.

use std::time::{Duration, Instant};

/// One line of the table.
pub struct Row {
    /// What is measured.
    pub what: String,
    /// What is allowed; empty for a figure that only explains another.
    pub budget: String,
    /// What came out.
    pub measured: String,
    /// How it was measured.
    pub how: String,
}

/// A line of the table.
pub fn row(what: &str, budget: &str, measured: String, how: &str) -> Row {
    Row { what: what.into(), budget: budget.into(), measured, how: how.into() }
}

/// Times some work.
pub fn time<T>(times: &mut Vec<Duration>, work: impl FnOnce() -> T) {
    let begun = Instant::now();
    std::hint::black_box(work());
    times.push(begun.elapsed());
}

/// A percentile of some times.
pub fn percentile(times: &mut [Duration], hundredth: usize) -> Duration {
    times.sort_unstable();
    let index = (times.len() * hundredth / 100).min(times.len().saturating_sub(1));
    times.get(index).copied().unwrap_or_default()
}

/// The median, the 95th and the 99th percentile of some times, and the longest, in words.
pub fn spread(times: &mut [Duration]) -> String {
    let ms = |time: Duration| format!("{:.2}", time.as_secs_f64() * 1e3);
    let figures = [50, 95, 99, 100].map(|hundredth| ms(percentile(times, hundredth)));
    let [p50, p95, p99, max] = figures;
    format!("p50 {p50} ms, p95 {p95} ms, p99 {p99} ms, max {max} ms")
}
