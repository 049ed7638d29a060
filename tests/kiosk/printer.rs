//! The slip printer: the driver and the simulated printer on a real pseudo-terminal, with all that
//! goes wrong at a counter; and the commands of an installer.

use std::{
    sync::mpsc::{self, Receiver},
    time::{Duration, Instant},
};

use kiosk_base::domain::Stop;
use kiosk_devices::printer::{
    Item, Job, Paper, Port, Printer, PrinterEvent, PrinterSettings, PrinterStatus, Profile, Slip,
    profile::{Confirm, Discard, Limits},
};
use kiosk_stage::simulator::{PrinterFault, PrinterOptions, SimulatedPrinter};

use crate::support::GUARD;

mod commands;

/// Whose slip it is.
const A: &str = "测试甲的小票";
const B: &str = "测试乙的小票";
/// Lines that go through before a driver's first slip: what may hang from the printer is cut off.
const FED: usize = 2;

/// Waits until something is true.
fn wait_for(what: &str, mut is_true: impl FnMut() -> bool) {
    let deadline = Instant::now() + GUARD;
    while !is_true() {
        assert!(Instant::now() < deadline, "waited in vain for: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn simulator() -> SimulatedPrinter {
    SimulatedPrinter::start(PrinterOptions::default()).expect("a pseudo-terminal")
}

/// A printer that is looked at more often than at a counter.
fn settings(simulator: &SimulatedPrinter) -> PrinterSettings {
    let settings = PrinterSettings::simulated(simulator.port(), Paper::Mm58);
    let profile = Profile {
        poll: Duration::from_millis(40),
        reopen: Duration::from_millis(20),
        limits: Limits { confirm: Duration::from_millis(1_500), ..Limits::USUAL },
        ..settings.profile
    };
    PrinterSettings { profile, ..settings }
}

/// Twelve lines under a heading of one, with `whose` in each.
fn slip(whose: &str) -> Slip {
    let mut slip = Slip::new();
    slip.push(Item::Heading("不作证明".to_owned()));
    for number in 1..=12 {
        slip.push(Item::Row { label: whose.to_owned(), value: format!("{number}.00 元") });
    }
    slip
}

/// What is on that slip.
fn text(whose: &str) -> String {
    let mut text = "不作证明\n".to_owned();
    for number in 1..=12 {
        let value = format!("{number}.00 元");
        // A column a byte in GBK: the value ends at the right edge.
        let taken = 12 + value.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
        text.push_str(&format!("{whose}{}{value}\n", " ".repeat(32 - taken)));
    }
    text
}

/// The driver, and what it says.
struct Driver {
    printer: Printer,
    events: Receiver<PrinterEvent>,
    jobs: u64,
}

impl Driver {
    fn start(settings: PrinterSettings) -> Self {
        let (events, received) = mpsc::channel();
        let printer = Printer::start(settings, move |event| {
            // The test may be over before the driver.
            let _ = events.send(event);
        });
        Self { printer, events: received, jobs: 0 }
    }

    fn print(&mut self, slip: Slip) {
        self.jobs += 1;
        self.printer.print(Job(self.jobs), slip);
    }

    fn next(&self) -> PrinterEvent {
        self.events.recv_timeout(GUARD).expect("the driver says something")
    }

    /// The end of the last job.
    fn outcome(&self) -> Result<(), Stop> {
        loop {
            if let PrinterEvent::Done { job, outcome } = self.next() {
                assert_eq!(job, Job(self.jobs));
                return outcome;
            }
        }
    }

    fn until(&self, status: PrinterStatus) {
        while self.next() != PrinterEvent::Status(status) {}
    }

    fn print_and_wait(&mut self, whose: &str) -> Result<(), Stop> {
        self.print(slip(whose));
        self.outcome()
    }
}

const READY: PrinterStatus = PrinterStatus::Ready { low_paper: false };

/// The texts of all pieces of paper, cut off or not.
fn everything(simulator: &SimulatedPrinter) -> Vec<String> {
    let mut slips = simulator.slips();
    slips.push(simulator.hanging());
    slips.iter().map(|slip| slip.text().trim().to_owned()).collect()
}

#[test]
fn a_slip_comes_out_as_it_was_written_and_is_confirmed() {
    for confirm in [Confirm::Sensor, Confirm::ProcessId] {
        let simulator = simulator();
        let mut settings = settings(&simulator);
        settings.profile.confirm = confirm;
        let mut driver = Driver::start(settings);
        assert_eq!(driver.print_and_wait(A), Ok(()), "{confirm:?}");
        // Confirmed is what is on the paper and cut off, not what was sent.
        let slips = simulator.slips();
        assert_eq!(slips.len(), 1, "{confirm:?}");
        assert_eq!(slips[0].text().trim_end(), text(A).trim_end(), "{confirm:?}");
        assert!(slips[0].lines[0].glyphs.iter().all(|glyph| glyph.wide && glyph.high));
        assert_eq!(simulator.unknown(), 0);
        assert!(simulator.hanging().is_blank());
    }
}

/// Of such a printer nobody knows when the slip is out, only that it does not complain.
#[test]
fn a_printer_that_tells_its_status_alone_prints_too_and_confirms_nothing() {
    let simulator = SimulatedPrinter::start(PrinterOptions {
        line_time: Duration::ZERO,
        ..PrinterOptions::default()
    })
    .expect("a pseudo-terminal");
    let mut settings = settings(&simulator);
    settings.profile.confirm = Confirm::Status;
    let mut driver = Driver::start(settings);
    assert_eq!(driver.print_and_wait(A), Err(Stop::PrinterUnconfirmed));
    wait_for("it is out", || simulator.slips().len() == 1);
    assert_eq!(simulator.slips()[0].text().trim_end(), text(A).trim_end());
}

#[test]
fn a_printer_on_usb_has_no_line_rate() {
    let simulator = simulator();
    let mut settings = settings(&simulator);
    settings.port = Port::Device(simulator.port().to_owned());
    let mut driver = Driver::start(settings);
    assert_eq!(driver.print_and_wait(A), Ok(()));
    assert_eq!(simulator.slips()[0].text().trim_end(), text(A).trim_end());
    simulator.plan(PrinterFault::PaperEndsAfter(0));
    assert_eq!(driver.print_and_wait(B), Err(Stop::PrinterPaperOut));
    drop(simulator);
    driver.until(PrinterStatus::Down(Stop::PrinterAbsent));
}

#[test]
fn a_printer_that_cannot_print_is_sent_nothing() {
    for (fault, stop) in [
        (PrinterFault::PaperEndsAfter(0), Stop::PrinterPaperOut),
        (PrinterFault::OpensAfter(0), Stop::PrinterCoverOpen),
        (PrinterFault::FailsAfter(0), Stop::PrinterError),
        (PrinterFault::OfflineAfter(0), Stop::PrinterOffline),
        (PrinterFault::ButtonAfter(0), Stop::PrinterOffline),
        (PrinterFault::SilentAfter(0), Stop::PrinterSilent),
    ] {
        let simulator = simulator();
        let mut driver = Driver::start(settings(&simulator));
        driver.until(READY);
        simulator.plan(fault);
        assert_eq!(driver.print_and_wait(A), Err(stop));
        simulator.mend();
        driver.until(READY);
        assert_eq!(driver.print_and_wait(B), Ok(()), "{fault:?}");
        let all = everything(&simulator).concat();
        assert!(all.contains(B) && !all.contains(A), "{fault:?}: {all}");
    }
}

/// No answer says which question it answers.
#[test]
fn answers_that_come_one_late_do_not_change_what_is_wrong() {
    for (fault, stop) in [
        (PrinterFault::PaperEndsAfter(0), Stop::PrinterPaperOut),
        (PrinterFault::OpensAfter(0), Stop::PrinterCoverOpen),
        (PrinterFault::FailsAfter(0), Stop::PrinterError),
        (PrinterFault::OfflineAfter(0), Stop::PrinterOffline),
        (PrinterFault::ButtonAfter(0), Stop::PrinterOffline),
        (PrinterFault::PaperEndsAfter(FED + 5), Stop::PrinterPaperOut),
        (PrinterFault::OpensAfter(FED + 5), Stop::PrinterCoverOpen),
    ] {
        let simulator = simulator();
        simulator.plan(PrinterFault::AnswersOneLate);
        let mut driver = Driver::start(settings(&simulator));
        driver.until(READY);
        simulator.plan(fault);
        assert_eq!(driver.print_and_wait(A), Err(stop), "{fault:?}");
        simulator.mend();
        simulator.plan(PrinterFault::AnswersOneLate);
        driver.until(READY);
        assert_eq!(driver.print_and_wait(B), Ok(()), "{fault:?}");
        let all = everything(&simulator);
        let last = all.iter().rfind(|slip| !slip.is_empty()).expect("a slip");
        assert_eq!(last, text(B).trim_end(), "{fault:?}");
    }
}

/// Whatever happens in the middle of a slip: it is dropped, what is on the paper of it is cut off,
/// and the next slip is whole and alone on its paper.
#[test]
fn what_fails_in_the_middle_leaves_nothing_for_the_next() {
    for (fault, stop) in [
        (PrinterFault::PaperEndsAfter(FED + 5), Stop::PrinterPaperOut),
        (PrinterFault::OpensAfter(FED + 5), Stop::PrinterCoverOpen),
        (PrinterFault::FailsAfter(FED + 5), Stop::PrinterError),
        (PrinterFault::OfflineAfter(FED + 5), Stop::PrinterOffline),
        (PrinterFault::ButtonAfter(FED + 5), Stop::PrinterOffline),
        (PrinterFault::SilentAfter(200), Stop::PrinterUnconfirmed),
    ] {
        let simulator = simulator();
        let mut driver = Driver::start(settings(&simulator));
        driver.until(READY);
        simulator.plan(fault);
        assert_eq!(driver.print_and_wait(A), Err(stop), "{fault:?}");
        simulator.mend();
        driver.until(READY);
        let printed = everything(&simulator).concat();
        assert_eq!(driver.print_and_wait(B), Ok(()), "{fault:?}");
        let all = everything(&simulator);
        assert_eq!(all.concat().matches(A).count(), printed.matches(A).count(), "{fault:?}");
        let last = all.iter().rfind(|slip| !slip.is_empty()).expect("a slip");
        assert_eq!(last, text(B).trim_end(), "{fault:?}");
        if !matches!(fault, PrinterFault::SilentAfter(_)) {
            // The heading and four lines, or a line more that was under the head.
            let lines = printed.matches(A).count();
            assert!((4..=5).contains(&lines), "{fault:?}: {lines}");
        }
    }
}

#[test]
fn a_slip_whose_printer_was_unplugged_is_not_finished_when_it_is_back() {
    // In the middle of a line, at its end, and when everything has been sent but the question.
    for after in [150, 220, 330, 441] {
        let link = tempfile::tempdir().expect("a directory");
        let options =
            PrinterOptions { link: Some(link.path().join("printer")), ..Default::default() };
        let mut simulator = SimulatedPrinter::start(options).expect("a pseudo-terminal");
        let mut driver = Driver::start(settings(&simulator));
        driver.until(READY);
        simulator.plan(PrinterFault::UnpluggedAfter(after));
        let outcome = driver.print_and_wait(A);
        assert!(
            matches!(outcome, Err(Stop::PrinterAbsent | Stop::PrinterUnconfirmed)),
            "{after}: {outcome:?}"
        );
        // Without a printer there is none, at once.
        assert_eq!(driver.print_and_wait(A), Err(Stop::PrinterAbsent));
        // The printer, which has its own power, prints the lines it has whole.
        wait_for("it has worked off what it had", || everything(&simulator).concat().contains(A));
        simulator.unplug();
        let printed = everything(&simulator).concat();
        simulator.replug().expect("a pseudo-terminal");
        driver.until(READY);
        assert_eq!(driver.print_and_wait(B), Ok(()), "{after}");
        let all = everything(&simulator);
        assert_eq!(all.concat().matches(A).count(), printed.matches(A).count(), "{after}");
        let last = all.iter().rfind(|slip| !slip.is_empty()).expect("a slip");
        assert_eq!(last, text(B).trim_end(), "{after}");
    }
}

/// A printer with power of its own may hold a slip of a kiosk that ended in the middle of it.
#[test]
fn what_was_left_by_a_kiosk_that_ended_is_thrown_away() {
    let simulator = simulator();
    let first = Driver::start(settings(&simulator));
    first.until(READY);
    simulator.plan(PrinterFault::OpensAfter(FED + 3));
    first.printer.print(Job(1), slip(A));
    wait_for("the cover opens in the middle", || {
        everything(&simulator).concat().matches(A).count() >= 2
    });
    drop(first);
    simulator.mend();
    let mut driver = Driver::start(settings(&simulator));
    driver.until(READY);
    let printed = everything(&simulator).concat().matches(A).count();
    assert_eq!(driver.print_and_wait(B), Ok(()));
    let all = everything(&simulator);
    assert_eq!(all.concat().matches(A).count(), printed);
    // What hung from the printer is cut off before.
    assert_eq!(all.iter().rfind(|slip| !slip.is_empty()).expect("one"), text(B).trim_end());
}

#[test]
fn a_cancelled_slip_is_dropped_and_nothing_is_said_about_it() {
    let simulator = SimulatedPrinter::start(PrinterOptions {
        line_time: Duration::from_millis(120),
        ..PrinterOptions::default()
    })
    .expect("a pseudo-terminal");
    let mut driver = Driver::start(settings(&simulator));
    driver.until(READY);
    driver.print(slip(A));
    wait_for("it is printing", || everything(&simulator).concat().contains(A));
    driver.printer.cancel();
    // The next end that is told is that of the next slip.
    assert_eq!(driver.print_and_wait(B), Ok(()));
    let all = everything(&simulator);
    let of_a = all.concat().matches(A).count();
    assert!((1..12).contains(&of_a), "{of_a}");
    assert_eq!(all.iter().rfind(|slip| !slip.is_empty()).expect("one"), text(B).trim_end());
}

/// A printer that knows no way to throw anything away is sent little at a time: little can come
/// out of it when paper is put in.
#[test]
fn a_printer_that_cannot_clear_holds_little() {
    let simulator =
        SimulatedPrinter::start(PrinterOptions { clears: false, ..PrinterOptions::default() })
            .expect("a pseudo-terminal");
    // Whatever its profile believes of it.
    for discard in [Discard::Reset, Discard::Recover, Discard::Clear] {
        let mut settings = settings(&simulator);
        settings.profile.discard = discard;
        let mut driver = Driver::start(settings);
        driver.until(READY);
        let before = everything(&simulator).concat().matches(A).count();
        simulator.plan(PrinterFault::PaperEndsAfter(FED + 6));
        assert_eq!(driver.print_and_wait(A), Err(Stop::PrinterPaperOut));
        let failed = everything(&simulator).concat().matches(A).count();
        assert!(failed > before, "{discard:?}: some of it was printed");
        simulator.mend();
        driver.until(READY);
        assert_eq!(driver.print_and_wait(B), Ok(()));
        let all = everything(&simulator);
        let after = all.concat().matches(A).count();
        // At most one piece of the failed slip, of two lines.
        assert!((failed..=failed + 1).contains(&after), "{discard:?}: {failed} {after}");
        assert_eq!(all.iter().rfind(|slip| !slip.is_empty()).expect("one"), text(B).trim_end());
    }
}

#[test]
fn another_program_at_the_port_is_said() {
    let simulator = simulator();
    let held = Driver::start(settings(&simulator));
    held.until(READY);
    let mut driver = Driver::start(settings(&simulator));
    driver.until(PrinterStatus::Down(Stop::PrinterBusy));
    assert_eq!(driver.print_and_wait(A), Err(Stop::PrinterBusy));
}
