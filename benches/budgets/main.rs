//! `cargo bench --bench budgets [-- SECTION…]`: one table of the budgets of the design: what is
//! allowed, what was measured, and how.

use std::io::{self, Write};

use kiosk_budgets::{Row, percentile, row, spread, time};

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
